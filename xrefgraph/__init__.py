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
    Ambiguities,
    Ambiguity,
    Articulation,
    BlastRadius,
    Change,
    Comparison,
    Culprit,
    Example,
    Fix,
    Meeting,
    Path,
    Paths,
    Reason,
    Removal,
    Separation,
    Step,
    Suspect,
    Suspects,
    WeakLink,
    Why,
    ambiguities,
    blast_radius,
    compare,
    compare_policies,
    paths,
    separate,
    suspects,
    why,
)
from xrefgraph.lookup import Profile
from xrefgraph.networks import EventNode, IdentifierNode
from xrefgraph.own_policy import Conflict
from xrefgraph.policy import Policy
from xrefgraph.presets import preset
from xrefgraph.schema import IdentifierType, Schema
from xrefgraph.sources import Source
from xrefgraph.tables import Table

__version__ = "0.1.0.dev0"

__all__ = [
    "Ambiguities",
    "Ambiguity",
    "Articulation",
    "BlastRadius",
    "Change",
    "Comparison",
    "Conflict",
    "Culprit",
    "Decision",
    "DuplicateEventError",
    "EventNode",
    "Example",
    "Fix",
    "GraphClosedError",
    "IdentifierNode",
    "IdentifierType",
    "Meeting",
    "Path",
    "Paths",
    "Policy",
    "Profile",
    "Reason",
    "Removal",
    "Schema",
    "SchemaError",
    "Separation",
    "Source",
    "SourceChangedError",
    "SourceError",
    "Step",
    "StoreError",
    "Suspect",
    "Suspects",
    "Table",
    "UnknownError",
    "WeakLink",
    "Why",
    "XrefGraph",
    "XrefGraphError",
    "add_decisions",
    "ambiguities",
    "blast_radius",
    "build",
    "compare",
    "compare_policies",
    "open",
    "paths",
    "preset",
    "read_decisions",
    "remove_decisions",
    "separate",
    "suspects",
    "why",
    "write_decisions",
]

# The application decides where the log goes; without a word from it, nowhere.
logging.getLogger(__name__).addHandler(logging.NullHandler())
