"""Questions to a graph, and to two of them. One file a question."""

from xrefgraph.inspection.ambiguities import Ambiguities, Ambiguity, ambiguities
from xrefgraph.inspection.barriers.near import NearMiss
from xrefgraph.inspection.barriers.refusals import Reason
from xrefgraph.inspection.barriers.ways import Route
from xrefgraph.inspection.blast_radius import BlastRadius, blast_radius
from xrefgraph.inspection.changes.comparison import Cause, Change, Comparison, Example
from xrefgraph.inspection.compare import compare
from xrefgraph.inspection.cuts.culprits import Culprit, Fix
from xrefgraph.inspection.cuts.separation import Articulation, Removal, Separation
from xrefgraph.inspection.evaluate import Evaluation, MixedProfile, Score, SpreadPerson, evaluate
from xrefgraph.inspection.evidence.evidence_path import Path, Step
from xrefgraph.inspection.health import Health, health
from xrefgraph.inspection.history import History, how
from xrefgraph.inspection.measures.alarms import Alarm, Thresholds
from xrefgraph.inspection.measures.sizes import (
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
from xrefgraph.inspection.merging.merges import Merge
from xrefgraph.inspection.paths import Paths, paths
from xrefgraph.inspection.policies import compare_policies
from xrefgraph.inspection.report import report
from xrefgraph.inspection.separate import separate
from xrefgraph.inspection.stability import Moved, Round, Stability, check_stability
from xrefgraph.inspection.suspects import Clue, Suspect, Suspects, suspects
from xrefgraph.inspection.viewer.view import View, view
from xrefgraph.inspection.why import Meeting, WeakLink, Why, why
from xrefgraph.inspection.why_not import WhyNot, why_not

__all__ = [
    "Alarm",
    "Ambiguities",
    "Ambiguity",
    "Articulation",
    "BlastRadius",
    "BusyIdentifier",
    "Cause",
    "Change",
    "Clue",
    "Comparison",
    "Culprit",
    "Distribution",
    "Evaluation",
    "Example",
    "Fix",
    "Growth",
    "Health",
    "History",
    "LargeProfile",
    "Meeting",
    "Merge",
    "MixedProfile",
    "Moved",
    "NearMiss",
    "OverLimit",
    "Path",
    "Paths",
    "Period",
    "Reason",
    "Refused",
    "Removal",
    "Round",
    "Route",
    "Score",
    "Separation",
    "SpreadPerson",
    "Stability",
    "Step",
    "Suspect",
    "Suspects",
    "Thresholds",
    "TypeMeasures",
    "TypePair",
    "View",
    "WeakLink",
    "Why",
    "WhyNot",
    "ambiguities",
    "blast_radius",
    "check_stability",
    "compare",
    "compare_policies",
    "evaluate",
    "health",
    "how",
    "paths",
    "report",
    "separate",
    "suspects",
    "view",
    "why",
    "why_not",
]
