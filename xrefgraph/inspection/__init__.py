"""Questions to a graph, and to two of them. One file a question."""

from xrefgraph.inspection.compare import compare
from xrefgraph.inspection.comparison import Change, Comparison, Example
from xrefgraph.inspection.history import History, how
from xrefgraph.inspection.policies import compare_policies
from xrefgraph.inspection.why_not import WhyNot, why_not

__all__ = [
    "Change",
    "Comparison",
    "Example",
    "History",
    "WhyNot",
    "compare",
    "compare_policies",
    "how",
    "why_not",
]
