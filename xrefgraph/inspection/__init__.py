"""Questions to a graph, and to two of them. One file a question."""

from xrefgraph.inspection.blast_radius import BlastRadius, blast_radius
from xrefgraph.inspection.compare import compare
from xrefgraph.inspection.comparison import Change, Comparison, Example
from xrefgraph.inspection.evidence_path import Path, Step
from xrefgraph.inspection.history import History, how
from xrefgraph.inspection.paths import Paths, paths
from xrefgraph.inspection.policies import compare_policies
from xrefgraph.inspection.separate import Articulation, Removal, Separation, separate
from xrefgraph.inspection.why import Meeting, WeakLink, Why, why
from xrefgraph.inspection.why_not import WhyNot, why_not

__all__ = [
    "Articulation",
    "BlastRadius",
    "Change",
    "Comparison",
    "Example",
    "History",
    "Meeting",
    "Path",
    "Paths",
    "Removal",
    "Separation",
    "Step",
    "WeakLink",
    "Why",
    "WhyNot",
    "blast_radius",
    "compare",
    "compare_policies",
    "how",
    "paths",
    "separate",
    "why",
    "why_not",
]
