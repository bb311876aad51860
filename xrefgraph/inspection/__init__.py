"""Questions to a graph, and to two of them. One file a question."""

from xrefgraph.inspection.ambiguities import Ambiguities, Ambiguity, ambiguities
from xrefgraph.inspection.blast_radius import BlastRadius, blast_radius
from xrefgraph.inspection.compare import compare
from xrefgraph.inspection.comparison import Cause, Change, Comparison, Example
from xrefgraph.inspection.culprits import Culprit, Fix
from xrefgraph.inspection.evidence_path import Path, Step
from xrefgraph.inspection.paths import Paths, paths
from xrefgraph.inspection.policies import compare_policies
from xrefgraph.inspection.separate import separate
from xrefgraph.inspection.separation import Articulation, Removal, Separation
from xrefgraph.inspection.why import Meeting, WeakLink, Why, why

__all__ = [
    "Ambiguities",
    "Ambiguity",
    "Articulation",
    "BlastRadius",
    "Cause",
    "Change",
    "Comparison",
    "Culprit",
    "Example",
    "Fix",
    "Meeting",
    "Path",
    "Paths",
    "Removal",
    "Separation",
    "Step",
    "WeakLink",
    "Why",
    "ambiguities",
    "blast_radius",
    "compare",
    "compare_policies",
    "paths",
    "separate",
    "why",
]
