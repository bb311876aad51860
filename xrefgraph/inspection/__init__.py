"""Questions to a graph, and to two of them. One file a question."""

from xrefgraph.inspection.compare import compare
from xrefgraph.inspection.comparison import Change, Comparison, Example
from xrefgraph.inspection.history import History, how
from xrefgraph.inspection.policies import compare_policies

__all__ = ["Change", "Comparison", "Example", "History", "compare", "compare_policies", "how"]
