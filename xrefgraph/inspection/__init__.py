"""Questions to a graph, and to two of them. One file a question."""

from xrefgraph.inspection.ambiguities import Ambiguities, Ambiguity, Culprit, Fix, ambiguities
from xrefgraph.inspection.blast_radius import BlastRadius, blast_radius
from xrefgraph.inspection.compare import compare
from xrefgraph.inspection.comparison import Change, Comparison, Example
from xrefgraph.inspection.evidence_path import Path, Step
from xrefgraph.inspection.paths import Paths, paths
from xrefgraph.inspection.policies import compare_policies
from xrefgraph.inspection.separate import Articulation, Removal, Separation, separate
from xrefgraph.inspection.suspects import Reason, Suspect, Suspects, suspects
from xrefgraph.inspection.why import Meeting, WeakLink, Why, why

__all__ = [
    "Ambiguities",
    "Ambiguity",
    "Articulation",
    "BlastRadius",
    "Change",
    "Comparison",
    "Culprit",
    "Example",
    "Fix",
    "Meeting",
    "Path",
    "Paths",
    "Reason",
    "Removal",
    "Separation",
    "Step",
    "Suspect",
    "Suspects",
    "WeakLink",
    "Why",
    "ambiguities",
    "blast_radius",
    "compare",
    "compare_policies",
    "paths",
    "separate",
    "suspects",
    "why",
]
