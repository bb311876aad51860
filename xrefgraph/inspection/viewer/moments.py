"""When the events of a scene were: the steps of a slider, how many events of each column fall into them, and where owners met."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np

from xrefgraph.inspection.draw.layout.scene import Scene
from xrefgraph.inspection.evidence.collapse import instant, micros, oldest_events
from xrefgraph.inspection.evidence.meetings import first_met
from xrefgraph.linking.evidence import NO_TIME
from xrefgraph.networks import EventNode

#: A slider has so many steps at most: where there are no more moments, each is one; else the time is divided evenly.
STEPS = 160


@dataclass(frozen=True)
class Meeting:
    """The event that first connected two owners.

    Parameters
    ----------
    rows : (int, int)
        The rows of the two.
    event : EventNode
        The event.
    time : datetime or None
        When it was.
    step : int
        The step in which it falls; -1 where it has no time.
    """

    rows: tuple[int, int]
    event: EventNode
    time: dt.datetime | None
    step: int


@dataclass(frozen=True)
class Moments:
    """The times of a scene in steps.

    Parameters
    ----------
    labels : tuple of str
        Until when each step goes.
    places : tuple of float
        Where it ends on the line of time, from 0 to 1.
    begins, ends : str
        The first and the last moment; empty where no event has a time.
    of_column : tuple of tuple of int
        Of each column: step, events, step, events, ...
    first_of_row : tuple of int
        The step in which each row is first seen; -1 where it has an event without a time, or none with one.
    of_owner : tuple of tuple of int
        Events in each step, of each owner, and at last of nobody.
    untimed : tuple of int
        Events without a time, of each owner, and at last of nobody.
    meetings : tuple of Meeting
        When owners met, in the order of the suspicions.
    """

    labels: tuple[str, ...]
    places: tuple[float, ...]
    begins: str
    ends: str
    of_column: tuple[tuple[int, ...], ...]
    first_of_row: tuple[int, ...]
    of_owner: tuple[tuple[int, ...], ...]
    untimed: tuple[int, ...]
    meetings: tuple[Meeting, ...]


def moments_of(scene: Scene) -> Moments:
    """Divide the time of a scene into steps, and count its events in them.

    Notes
    -----
    Cost: one look at the events of the profile, and a minimum spanning tree for each pair of owners that met.
    """
    found = scene.drawn.found
    timed = found.first != NO_TIME
    low = int(found.first[timed].min()) if timed.any() else 0
    high = int(found.last[timed].max()) if timed.any() else 0
    edges, exact = _edges(scene, low, high)
    group, step, count = _counted(scene, edges)
    column = np.asarray(scene.column_of_group)[group]
    owners = len(scene.owners)
    owner = np.asarray(scene.owner_of_group)[group]
    owner = np.where(owner < 0, owners, owner)
    lanes = np.zeros((owners + 1, len(edges) + 1), np.int64)
    np.add.at(lanes, (owner, step + 1), count)
    drawn = (column >= 0) & (step >= 0)
    span = max(high - low, 1)
    return Moments(
        tuple(_label(edge, high - low, exact=exact) for edge in edges.tolist()),
        tuple(round((edge - low) / span, 5) for edge in edges.tolist()),
        _label(low, high - low, exact=True) if len(edges) else "",
        _label(high, high - low, exact=True) if len(edges) else "",
        _of_columns(column[drawn], step[drawn], count[drawn], len(scene.columns)),
        tuple(
            -1 if one.first is None else int(np.searchsorted(edges, micros(one.first)))
            for one in scene.rows
        ),
        tuple(tuple(lane[1:]) for lane in lanes.tolist()),
        tuple(lanes[:, 0].tolist()),
        tuple(_meetings(scene, edges)),
    )


def _edges(scene: Scene, low: int, high: int) -> tuple[np.ndarray, bool]:
    """The last microsecond of each step, and whether each step is one moment."""
    drawn = scene.drawn
    with drawn.store.database.registered(set_number=drawn.found.sets) as lent:
        rows = drawn.store.database.rows(
            "SELECT DISTINCT epoch_us(time) FROM (SELECT time, set_number FROM store.event"
            f" WHERE set_number BETWEEN {_bounds(drawn.found.sets)}) SEMI JOIN {lent} USING (set_number)"
            f" WHERE time IS NOT NULL LIMIT {STEPS + 1}"
        )
    if len(rows) <= STEPS:
        return np.array(sorted(row[0] for row in rows), np.int64), True
    width = -(-(high - low + 1) // STEPS)
    edges = low + width * np.arange(1, STEPS + 1, dtype=np.int64) - 1
    used = edges[: int(np.searchsorted(edges, high)) + 1]
    used[-1] = high
    return used, False


def _counted(scene: Scene, edges: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """How many events each group has in each step, -1 for those without a time."""
    drawn = scene.drawn
    found = drawn.found
    events = [one for one in drawn.ends if one.is_event]
    gone = ", ".join(f"({one.source}, {one.position})" for one in events)
    without = f" AND (source, position) NOT IN ({gone})" if gone else ""
    group_of = found.set_group
    with drawn.store.database.registered(set_number=found.sets, the_group=group_of) as lent:
        few = drawn.store.database.arrays(
            "SELECT the_group, coalesce(epoch_us(time), -9223372036854775807 - 1) AS micros, count(*) AS events FROM"
            f" (SELECT * FROM store.event WHERE set_number BETWEEN {_bounds(found.sets)}{without}) JOIN {lent} USING (set_number)"
            " GROUP BY the_group, micros ORDER BY the_group, micros"
        )
    group = few["the_group"].astype(np.int64)
    at, count = few["micros"].astype(np.int64), few["events"].astype(np.int64)
    if events:
        own = np.arange(found.groups - len(events), found.groups)
        group = np.concatenate([group, own])
        at = np.concatenate([at, np.array([micros(one.time) for one in events], np.int64)])
        count = np.concatenate([count, np.ones(len(events), np.int64)])
    step = np.where(at == NO_TIME, -1, np.searchsorted(edges, at))
    return group, step, count


def _of_columns(
    column: np.ndarray, step: np.ndarray, count: np.ndarray, columns: int
) -> tuple[tuple[int, ...], ...]:
    width = int(step.max(initial=0)) + 1
    keys, place = np.unique(column.astype(np.int64) * width + step, return_inverse=True)
    total = np.bincount(place.ravel(), count, len(keys)).astype(np.int64)
    parts: list[list[int]] = [[] for _ in range(columns)]
    for key, events in zip(keys.tolist(), total.tolist(), strict=True):
        parts[key // width] += [key % width, events]
    return tuple(map(tuple, parts))


def _meetings(scene: Scene, edges: np.ndarray) -> list[Meeting]:
    found = scene.drawn.found
    row = np.asarray(scene.row_of_identifier)
    place = {int(row[one]): one for one in scene.drawn.owners}
    told = []
    for one in scene.suspicions:
        a, b = (place[n] for n in one.pair)
        group = first_met(found, a, b)
        if group is None:
            continue
        (event,) = oldest_events(scene.drawn.store, found, [group])
        at = int(found.oldest[group])
        step = -1 if at == NO_TIME else int(np.searchsorted(edges, at))
        told.append(Meeting(one.pair, event, instant(at), step))
    return told


def _bounds(sets: Any) -> str:
    return f"{sets.min()} AND {sets.max()}" if len(sets) else "0 AND -1"


def _label(at: int, span: int, *, exact: bool) -> str:
    """A moment: to the minute, and nearer only where all of the time is near."""
    time = instant(at)
    if time is None:
        return ""
    day = 86_400_000_000
    if span > 400 * day and not exact:
        return time.strftime("%Y-%m-%d")
    return told_time(time) if exact else time.isoformat(" ", "minutes")


def told_time(time: dt.datetime | None) -> str:
    """A time as it is read: to the minute, with seconds only where there are some."""
    if time is None:
        return ""
    if time.microsecond:
        return time.isoformat(" ", "microseconds")
    return time.isoformat(" ", "seconds" if time.second else "minutes")
