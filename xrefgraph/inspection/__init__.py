"""Questions to a graph, and to two of them. One file a question."""

from xrefgraph.inspection.ambiguities import Ambiguities, Ambiguity, ambiguities
from xrefgraph.inspection.blast_radius import BlastRadius, blast_radius
from xrefgraph.inspection.compare import compare
from xrefgraph.inspection.comparison import Cause, Change, Comparison, Example
from xrefgraph.inspection.culprits import Culprit, Fix
from xrefgraph.inspection.evidence_path import Path, Step
from xrefgraph.inspection.history import History, how
from xrefgraph.inspection.merges import Merge
from xrefgraph.inspection.near import NearMiss
from xrefgraph.inspection.paths import Paths, paths
from xrefgraph.inspection.policies import compare_policies
from xrefgraph.inspection.refusals import Reason
from xrefgraph.inspection.separate import separate
from xrefgraph.inspection.separation import Articulation, Removal, Separation
from xrefgraph.inspection.ways import Route
from xrefgraph.inspection.why import Meeting, WeakLink, Why, why
from xrefgraph.inspection.why_not import WhyNot, why_not

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
    "History",
    "Meeting",
    "Merge",
    "NearMiss",
    "Path",
    "Paths",
    "Reason",
    "Removal",
    "Route",
    "Separation",
    "Step",
    "WeakLink",
    "Why",
    "WhyNot",
    "ambiguities",
    "blast_radius",
    "compare",
    "compare_policies",
    "how",
    "paths",
    "separate",
    "why",
    "why_not",
]
