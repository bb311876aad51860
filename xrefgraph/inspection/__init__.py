"""Questions to a graph, and to two of them. One file a question."""

from xrefgraph.inspection.alarms import Alarm, Thresholds
from xrefgraph.inspection.compare import compare
from xrefgraph.inspection.comparison import Change, Comparison, Example
from xrefgraph.inspection.evaluate import (
    Evaluation,
    MixedProfile,
    Score,
    SpreadPerson,
    evaluate,
)
from xrefgraph.inspection.health import Health, health
from xrefgraph.inspection.measures import (
    BusyIdentifier,
    Distribution,
    Growth,
    LargeProfile,
    Meeting,
    OverLimit,
    Period,
    Refused,
    TypeMeasures,
)
from xrefgraph.inspection.policies import compare_policies
from xrefgraph.inspection.stability import Moved, Round, Stability, check_stability

__all__ = [
    "Alarm",
    "BusyIdentifier",
    "Change",
    "Comparison",
    "Distribution",
    "Evaluation",
    "Example",
    "Growth",
    "Health",
    "LargeProfile",
    "Meeting",
    "MixedProfile",
    "Moved",
    "OverLimit",
    "Period",
    "Refused",
    "Round",
    "Score",
    "SpreadPerson",
    "Stability",
    "Thresholds",
    "TypeMeasures",
    "check_stability",
    "compare",
    "compare_policies",
    "evaluate",
    "health",
]
