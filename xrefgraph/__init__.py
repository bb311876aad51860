"""Cross-reference events: which belong to whom, and why.

The line, which the files of this package follow::

    sources  ->  events  ->  identifiers  ->  linking  ->  profiles  ->  inspection

>>> import xrefgraph as xg
>>> graph = xg.build([{"db_id": 123, "cookie": "nice_page_visitor"},
...                   {"cookie": "nice_page_visitor", "event_id": 1},
...                   {"cookie": "nice_page_visitor", "event_id": 2}],
...                  anchor="db_id", identifiers=["cookie"], event_id="event_id")
>>> graph.to_dict()
{'db_id': {123: {'cookie': {'nice_page_visitor': [1, 2]}}}}
"""

import logging
from typing import TYPE_CHECKING, Any

from xrefgraph import examples
from xrefgraph.decision_files import (
    add_decisions,
    read_decisions,
    remove_decisions,
    write_decisions,
)
from xrefgraph.decisions import Decision
from xrefgraph.errors import (
    DuplicateEventError,
    GraphClosedError,
    SchemaError,
    SourceChangedError,
    SourceError,
    StoreError,
    UnknownError,
    XrefGraphError,
)
from xrefgraph.graph import XrefGraph, build, open
from xrefgraph.inspection import (
    Alarm,
    Ambiguities,
    Ambiguity,
    Articulation,
    BlastRadius,
    BusyIdentifier,
    Cause,
    Change,
    Clue,
    Comparison,
    Culprit,
    Distribution,
    Evaluation,
    Example,
    Fix,
    Growth,
    Health,
    History,
    LargeProfile,
    Meeting,
    Merge,
    MixedProfile,
    Moved,
    NearMiss,
    OverLimit,
    Path,
    Paths,
    Period,
    Reason,
    Refused,
    Removal,
    Round,
    Route,
    Score,
    Separation,
    SpreadPerson,
    Stability,
    Step,
    Suspect,
    Suspects,
    Thresholds,
    TypeMeasures,
    TypePair,
    WeakLink,
    Why,
    WhyNot,
    ambiguities,
    blast_radius,
    check_stability,
    compare,
    compare_policies,
    evaluate,
    health,
    how,
    paths,
    separate,
    suspects,
    why,
    why_not,
)
from xrefgraph.inspection import draw as _draw
from xrefgraph.lookup import Profile
from xrefgraph.networks import EventNode, IdentifierNode
from xrefgraph.own_policy import Conflict
from xrefgraph.policy import Policy
from xrefgraph.presets import preset
from xrefgraph.schema import IdentifierType, Schema
from xrefgraph.sources import Source
from xrefgraph.tables import Table

if TYPE_CHECKING:
    from xrefgraph.inspection.draw import (
        plot_comparison,
        plot_graph,
        plot_health,
        plot_matrix,
        plot_merges,
        plot_path,
        plot_profile,
        plot_territories,
        plot_timeline,
        plot_why,
    )

__version__ = "0.1.0.dev0"

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
    "Conflict",
    "Culprit",
    "Decision",
    "Distribution",
    "DuplicateEventError",
    "Evaluation",
    "EventNode",
    "Example",
    "Fix",
    "GraphClosedError",
    "Growth",
    "Health",
    "History",
    "IdentifierNode",
    "IdentifierType",
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
    "Policy",
    "Profile",
    "Reason",
    "Refused",
    "Removal",
    "Round",
    "Route",
    "Schema",
    "SchemaError",
    "Score",
    "Separation",
    "Source",
    "SourceChangedError",
    "SourceError",
    "SpreadPerson",
    "Stability",
    "Step",
    "StoreError",
    "Suspect",
    "Suspects",
    "Table",
    "Thresholds",
    "TypeMeasures",
    "TypePair",
    "UnknownError",
    "WeakLink",
    "Why",
    "WhyNot",
    "XrefGraph",
    "XrefGraphError",
    "add_decisions",
    "ambiguities",
    "blast_radius",
    "build",
    "check_stability",
    "compare",
    "compare_policies",
    "evaluate",
    "examples",
    "health",
    "how",
    "open",
    "paths",
    "plot_comparison",
    "plot_graph",
    "plot_health",
    "plot_matrix",
    "plot_merges",
    "plot_path",
    "plot_profile",
    "plot_territories",
    "plot_timeline",
    "plot_why",
    "preset",
    "read_decisions",
    "remove_decisions",
    "separate",
    "suspects",
    "why",
    "why_not",
    "write_decisions",
]

# The application decides where the log goes; without a word from it, nowhere.
logging.getLogger(__name__).addHandler(logging.NullHandler())


def __getattr__(name: str) -> Any:
    """Load a drawing when it is asked for: matplotlib takes longer than all the rest."""
    if name in _draw.PLOTS:
        return getattr(_draw, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
