"""Small random worlds of events, and what networkx makes of them. No test, but what tests are made of."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import networkx as nx
from hypothesis import strategies as st

import xrefgraph as xg

TYPES = ("db_id", "cookie", "email")

#: Few values, so that events meet; "10" sorts before "9", and "Ä" after all of ASCII.
VALUES = ("9", "10", "a", "b b", "Ä", "'\"", "x:y")

texts = st.sampled_from(VALUES)
cells = st.one_of(st.none(), texts, st.lists(texts, max_size=3), st.sampled_from(["", " "]))
rows = st.lists(st.fixed_dictionaries({}, optional=dict.fromkeys(TYPES, cells)), max_size=12)
times = st.one_of(st.none(), st.datetimes(dt.datetime(2020, 1, 1), dt.datetime(2030, 1, 1)))  # noqa: DTZ001


def numbered(events: Sequence[Mapping[str, Any]], start: int = 1) -> list[dict[str, Any]]:
    """The events, each with an id."""
    return [{**event, "id": number} for number, event in enumerate(events, start)]


def values_of(cell: Any) -> list[str]:
    """The values in a cell of a dict."""
    return [
        one
        for one in (cell if isinstance(cell, list) else [cell])
        if one is not None and one.strip()
    ]


def components(
    events: Iterable[Mapping[str, Any]], unique: Sequence[str] = ()
) -> set[frozenset[Any]]:
    """The profiles by networkx, as sets of events' ids (integers) and identifiers (pairs)."""
    graph: nx.Graph[Any] = nx.Graph()
    for event in events:
        carried = {(kind, value) for kind in TYPES for value in values_of(event.get(kind))}
        if any(len([one for one in carried if one[0] == kind]) > 1 for kind in unique):
            continue
        graph.add_edges_from((int(event["id"]), one) for one in carried)
    return {frozenset(component) for component in nx.connected_components(graph)}


def profiles_of(graph: xg.XrefGraph) -> set[frozenset[Any]]:
    """The same of the tables of a graph."""
    found: dict[str, set[Any]] = defaultdict(set)
    for event in graph.events.rows():
        if event["profile_id"] is not None:
            found[event["profile_id"]].add(int(event["event_id"]))
    for one in graph.identifiers.rows():
        if one["profile_id"] is not None:
            found[one["profile_id"]].add((one["type"], one["value"]))
    return {frozenset(members) for members in found.values()}


def all_tables(graph: xg.XrefGraph) -> dict[str, list[dict[str, Any]]]:
    """Every table of a graph, as dicts."""
    return {
        name: getattr(graph, name).rows()
        for name in ("events", "identifiers", "profiles", "cuts", "rejected")
    }


def listing(folder: Path) -> list[str]:
    """Everything in a folder, with sizes: the same before and after where nothing was written."""
    return sorted(
        f"{path.relative_to(folder)} {path.stat().st_size if path.is_file() else 'folder'}"
        for path in folder.rglob("*")
    )


BASIC = [
    {"db_id": 123, "cookie": "nice_page_visitor"},
    {"cookie": "nice_page_visitor", "event_id": 1},
    {"cookie": "nice_page_visitor", "event_id": 2},
]
BASIC_ANSWER = {"db_id": {123: {"cookie": {"nice_page_visitor": [1, 2]}}}}


def build_basic(**options: Any) -> xg.XrefGraph:
    """The basic case."""
    return xg.build(BASIC, anchor="db_id", identifiers=["cookie"], event_id="event_id", **options)
