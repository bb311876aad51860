"""Questions to a graph, and to two of them. One file a question."""

from xrefgraph.inspection.alarms import Alarm, Thresholds
from xrefgraph.inspection.ambiguities import Ambiguities, Ambiguity, ambiguities
from xrefgraph.inspection.blast_radius import BlastRadius, blast_radius
from xrefgraph.inspection.compare import compare
from xrefgraph.inspection.comparison import Cause, Change, Comparison, Example
from xrefgraph.inspection.culprits import Culprit, Fix
from xrefgraph.inspection.evaluate import Evaluation, MixedProfile, Score, SpreadPerson, evaluate
from xrefgraph.inspection.evidence_path import Path, Step
from xrefgraph.inspection.health import Health, health
from xrefgraph.inspection.measures import (
    BusyIdentifier,
    Distribution,
    Growth,
    LargeProfile,
    OverLimit,
    Period,
    Refused,
    TypeMeasures,
    TypePair,
)
from xrefgraph.inspection.paths import Paths, paths
from xrefgraph.inspection.policies import compare_policies
from xrefgraph.inspection.separate import separate
from xrefgraph.inspection.separation import Articulation, Removal, Separation
from xrefgraph.inspection.stability import Moved, Round, Stability, check_stability
from xrefgraph.inspection.why import Meeting, WeakLink, Why, why

__all__ = [
    "Alarm",
    "Ambiguities",
    "Ambiguity",
    "Articulation",
    "BlastRadius",
    "BusyIdentifier",
    "Cause",
    "Change",
    "Comparison",
    "Culprit",
    "Distribution",
    "Evaluation",
    "Example",
    "Fix",
    "Growth",
    "Health",
    "LargeProfile",
    "Meeting",
    "MixedProfile",
    "Moved",
    "OverLimit",
    "Path",
    "Paths",
    "Period",
    "Refused",
    "Removal",
    "Round",
    "Score",
    "Separation",
    "SpreadPerson",
    "Stability",
    "Step",
    "Thresholds",
    "TypeMeasures",
    "TypePair",
    "WeakLink",
    "Why",
    "ambiguities",
    "blast_radius",
    "check_stability",
    "compare",
    "compare_policies",
    "evaluate",
    "health",
    "paths",
    "separate",
    "why",
]
