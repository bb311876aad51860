"""Questions to a graph, and to two of them. One file a question."""

from xrefgraph.inspection.blast_radius import BlastRadius, blast_radius
from xrefgraph.inspection.compare import compare
from xrefgraph.inspection.comparison import Cause, Change, Comparison, Example
from xrefgraph.inspection.policies import compare_policies

__all__ = [
    "BlastRadius",
    "Cause",
    "Change",
    "Comparison",
    "Example",
    "blast_radius",
    "compare",
    "compare_policies",
]
