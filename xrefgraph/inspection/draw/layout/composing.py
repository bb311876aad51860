"""How a profile becomes a scene: who stands where, what is put together, and what is suspected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from xrefgraph.inspection.cuts.culprits import blame
from xrefgraph.inspection.draw.layout.folding import (
    Folded,
    Whole,
    fold,
    kept_apart,
    shown_columns,
    spans_of,
)
from xrefgraph.inspection.draw.layout.scene import Column, Row, Scene, Suspicion
from xrefgraph.inspection.draw.layout.sides import Floats, Sides, sides_of
from xrefgraph.inspection.draw.layout.subject import Drawn, drawn_of
from xrefgraph.inspection.evidence.bottlenecks import type_trust
from xrefgraph.inspection.evidence.collapse import Collapsed, instant
from xrefgraph.inspection.evidence.evidence_path import nodes_of
from xrefgraph.inspection.evidence.meetings import merge_order
from xrefgraph.inspection.evidence.routes import (
    identifiers_of,
    nodes_between,
    other_routes,
    separators,
    steps_of,
)
from xrefgraph.inspection.subjects import profile_ids

#: So many rows are drawn one by one, and so many columns; so many identifiers of each side are kept when the others are folded.
ROWS, COLUMNS, USED = 60, 60, 6
#: So many pairs of owners are looked at for what joins them, and so many ways between them are kept, of a pair.
PAIRS, WAYS = 8, 3


def scene_of(asked: Any, *, rows: int = ROWS, columns: int = COLUMNS, used: int = USED) -> Scene:
    """Prepare a profile, or what an answer is about, to be drawn.

    Parameters
    ----------
    asked : Profile, an answer about profiles, or Drawn
        What is drawn. A scene is given back as it is.
    rows : int
        If there are no more identifiers than these, each has a row. Else those are kept that matter: owners, what is suspected of
        joining them, what lies on the three shortest ways between two of them, and the most used of each side; the others stand in
        one row for each side and type.
    columns : int
        How many groups of alike events are drawn: those of suspects and of the shortest ways first, then the largest; none of the
        rows is left empty while there is room.
    used : int
        How many of the most used identifiers of each side are kept.

    Returns
    -------
    Scene

    Notes
    -----
    Cost: what the profile holds; a sparse solve for each owner, and a largest flow for each pair of owners that met.
    """
    if isinstance(asked, Scene):
        return asked
    drawn = asked if isinstance(asked, Drawn) else drawn_of(asked)
    found = drawn.linked
    sides = sides_of(found, drawn.owners)
    met = merge_order(found, drawn.owners) if len(drawn.owners) > 1 else []
    blamed = [_suspected(drawn, found, pair) for pair in met[:PAIRS]]
    ways = _ways(found, met[:PAIRS])
    needed = {*drawn.owners, *ways, *(place for one in blamed for place in one.places)}
    folded = fold(drawn.found, sides, kept_apart(found, sides, needed, rows, used))
    suspected = _Blame(blamed, ways, len(met) - len(blamed))
    return _composed(drawn, sides, folded, suspected, columns)


@dataclass(frozen=True)
class _Suspected:
    """What joins a pair of owners: identifiers by their places, or groups."""

    pair: tuple[int, int]
    places: list[int]
    groups: list[int]
    every_route: bool


@dataclass(frozen=True)
class _Blame:
    """All that is suspected, what lies on the shortest ways, and how many pairs of owners were not looked at."""

    pairs: list[_Suspected]
    ways: set[int]
    left_off: int


def _suspected(drawn: Drawn, found: Collapsed, pair: tuple[int, int]) -> _Suspected:
    blamed = blame(found, pair, type_trust(drawn.store.schema))
    if blamed.places:
        return _Suspected(pair, blamed.places, [], blamed.every_route)
    # No value lies between the two: events carry both, or all ways pass one event.
    steps = steps_of(found)
    passed = separators(found, steps, nodes_between(steps, *pair))
    groups = [one.place for one in passed if one.kind == "group"]
    return _Suspected(pair, [], groups[:1], bool(groups))


def _ways(found: Collapsed, met: Sequence[tuple[int, int]]) -> set[int]:
    """The identifiers on the shortest ways between owners: three ways of the first pair, one of others."""
    on: set[int] = set()
    for n, pair in enumerate(met):
        if n:
            steps = steps_of(found)
            on.update(identifiers_of(steps, nodes_between(steps, *pair)))
        else:
            routes, _ = other_routes(found, *pair, WAYS)
            on.update(place for route in routes for place in route)
    return on


# ---------------------------------------------------------------------------------------- put together


def _composed(drawn: Drawn, sides: Sides, folded: Folded, blame: _Blame, most: int) -> Scene:
    found = drawn.found
    events = np.bincount(folded.column, found.events, folded.columns).astype(np.int64)
    culprits = {int(folded.row[place]) for one in blame.pairs for place in one.places}
    guilty = {int(folded.column[group]) for one in blame.pairs for group in one.groups}
    row_order = _in_order(_row_orders(found, sides, folded), folded, sides, found)
    place_of_row = np.empty(folded.rows, np.int64)
    place_of_row[row_order] = np.arange(folded.rows)
    needed = np.zeros(folded.columns, bool)
    needed[folded.of_link[np.isin(folded.link, sorted(culprits))]] = True
    needed[sorted(guilty)] = True
    shown = np.flatnonzero(shown_columns(folded, events, needed, most))
    shown = shown[_columns_in_order(found, sides, folded, place_of_row)[shown].argsort()]
    place_of_column = np.full(folded.columns, -1, np.int64)
    place_of_column[shown] = np.arange(len(shown))
    hidden = place_of_column < 0
    decided = place_of_row[folded.row[found.decided]].reshape(-1, 2)
    ids = profile_ids(drawn.store, drawn.profiles)
    schema = drawn.store.schema
    return Scene(
        tuple(ids[one] for one in drawn.profiles),
        tuple(schema.names),
        schema.anchor,
        _rows(
            drawn, sides, folded, row_order, (culprits, {int(folded.row[n]) for n in blame.ways})
        ),
        _columns(found, sides, folded, (shown, place_of_row), guilty),
        tuple(int(place_of_row[folded.row[place]]) for place in sides.owners),
        drawn.owner_count,
        tuple(_suspicion(one, folded, place_of_row, place_of_column) for one in blame.pairs),
        tuple(sorted({(min(a, b), max(a, b)) for a, b in decided.tolist() if a != b})),
        int(found.events.sum()),
        int(np.count_nonzero(found.rank >= 0)),
        int(np.count_nonzero(found.events)),
        int(folded.count[folded.of_row < 0].sum()),
        int(hidden.sum()),
        int(events[hidden].sum()),
        blame.left_off,
        drawn,
        place_of_column[folded.column],
    )


def _suspicion(
    one: _Suspected, folded: Folded, place_of_row: Whole, place_of_column: Whole
) -> Suspicion:
    a, b = (int(place_of_row[folded.row[place]]) for place in one.pair)
    return Suspicion(
        (a, b),
        tuple(int(place_of_row[folded.row[place]]) for place in one.places),
        tuple(int(place_of_column[folded.column[group]]) for group in one.groups),
        one.every_route,
    )


def _columns_in_order(found: Collapsed, sides: Sides, folded: Folded, place_of_row: Whole) -> Whole:
    """The turn of each column: by where its events stand, then by the rows that it carries."""
    events = np.bincount(folded.column, found.events, folded.columns)
    orders = _column_orders(found, sides, folded, events)
    rows = np.bincount(folded.of_link, place_of_row[folded.link], folded.columns)
    middle = rows / np.maximum(np.diff(folded.start), 1)
    turn = np.empty(folded.columns, np.int64)
    turn[np.lexsort((np.arange(folded.columns), middle, orders.round(6)))] = np.arange(
        folded.columns
    )
    return turn


def _row_orders(found: Collapsed, sides: Sides, folded: Folded) -> Floats:
    """Where each row stands: the mean of what it stands for."""
    order = sides.order[: found.identifiers]
    return np.bincount(folded.row, order, folded.rows) / folded.count


def _column_orders(found: Collapsed, sides: Sides, folded: Folded, events: Any) -> Floats:
    order = sides.order[found.identifiers :]
    total = np.bincount(folded.column, order * found.events, folded.columns)
    mean: Floats = total / np.maximum(events, 1)
    return mean


def _in_order(orders: Floats, folded: Folded, sides: Sides, found: Collapsed) -> Whole:
    """The rows in the order in which they are drawn: the first owner at the very top, the last at the very bottom."""
    edge = np.zeros(folded.rows)
    if sides.owners:
        edge[folded.row[sides.owners[0]]] = -1
        edge[folded.row[sides.owners[-1]]] = 1
    first = np.full(folded.rows, np.iinfo(np.int64).max)
    np.minimum.at(first, folded.row[found.link], found.order[found.link_group])
    several = folded.of_row < 0
    # What stands for several comes after the others of its place at the top, and before them at the bottom.
    aside = np.where(several, np.where(orders > 0.5, -1, 1), 0)
    found_order: Whole = np.lexsort(
        (np.arange(folded.rows), first, aside, orders.round(6), edge)
    ).astype(np.int32)
    return found_order


def _rows(
    drawn: Drawn,
    sides: Sides,
    folded: Folded,
    order: Whole,
    marked: tuple[set[int], set[int]],
) -> tuple[Row, ...]:
    """All rows, in their order; marked are culprits, and what lies on the shortest ways."""
    culprits, routes = marked
    found, schema = drawn.found, drawn.store.schema
    own = [int(place) for place in folded.of_row if place >= 0]
    nodes = dict(zip(own, nodes_of(drawn.store, found, own, drawn.ends), strict=True))
    some = np.full(folded.rows, -1, np.int64)
    some[folded.row[::-1]] = np.arange(found.identifiers)[::-1]  # one that stands for its row
    group = found.link_group
    first, last = spans_of(
        found.first[group], found.last[group], folded.row[found.link], folded.rows
    )
    carried = np.bincount(folded.row, found.carried, folded.rows).astype(np.int64)
    orders = _row_orders(found, sides, folded)
    ambiguity = np.bincount(folded.row, sides.ambiguity[: found.identifiers], folded.rows)
    rows = []
    for row in order.tolist():
        place = int(some[row])
        rank = int(found.rank[place])
        owner = int(sides.owner[place])
        alone = folded.of_row[row] >= 0
        rows.append(
            Row(
                nodes[place] if alone else None,
                schema.names[rank] if rank >= 0 else "event",
                rank,
                int(folded.count[row]),
                int(carried[row]),
                owner if owner >= 0 else None,
                round(float(orders[row]), 6),
                round(float(ambiguity[row] / folded.count[row]), 6),
                is_owner=place in sides.owners and bool(alone),
                is_anchor=rank >= 0 and schema.names[rank] == schema.anchor and bool(alone),
                is_culprit=row in culprits,
                on_route=row in routes,
                first=instant(int(first[row])),
                last=instant(int(last[row])),
                number=int(found.identifier[place]) if alone and rank >= 0 else -1,
            )
        )
    return tuple(rows)


def _columns(
    found: Collapsed,
    sides: Sides,
    folded: Folded,
    places: tuple[Whole, Whole],
    guilty: set[int],
) -> tuple[Column, ...]:
    """The columns that are shown, in their order, with where their rows stand."""
    shown, place_of_row = places
    first, last = spans_of(found.first, found.last, folded.column, folded.columns)
    events = np.bincount(folded.column, found.events, folded.columns).astype(np.int64)
    groups = np.bincount(folded.column, found.events > 0, folded.columns).astype(np.int64)
    orders = _column_orders(found, sides, folded, events)
    some = np.full(folded.columns, -1, np.int64)
    some[folded.column[::-1]] = np.arange(found.groups)[::-1]
    columns = []
    for column in shown.tolist():
        span = slice(folded.start[column], folded.start[column + 1])
        rows = place_of_row[folded.link[span]]
        owner = int(sides.owner[found.identifiers + some[column]])
        columns.append(
            Column(
                tuple(sorted(rows.tolist())),
                tuple(sorted(rows[~folded.kept[span]].tolist())),
                int(events[column]),
                int(groups[column]),
                owner if owner >= 0 else None,
                round(float(orders[column]), 6),
                instant(int(first[column])),
                instant(int(last[column])),
                column in guilty,
            )
        )
    return tuple(columns)
