"""Questions to a graph, and to two of them. One file a question."""

from xrefgraph.inspection.compare import compare
from xrefgraph.inspection.comparison import Change, Comparison, Example
from xrefgraph.inspection.evaluate import (
    Evaluation,
    MixedProfile,
    Score,
    SpreadPerson,
    evaluate,
)
from xrefgraph.inspection.policies import compare_policies
from xrefgraph.inspection.stability import Moved, Round, Stability, check_stability

__all__ = [
    "Change",
    "Comparison",
    "Evaluation",
    "Example",
    "MixedProfile",
    "Moved",
    "Round",
    "Score",
    "SpreadPerson",
    "Stability",
    "check_stability",
    "compare",
    "compare_policies",
    "evaluate",
]
