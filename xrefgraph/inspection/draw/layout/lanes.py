"""What of a profile is drawn along time: which lanes, which events, and where owners met."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from xrefgraph.errors import SchemaError, counted
from xrefgraph.inspection.draw.layout.folding import Whole
from xrefgraph.inspection.draw.layout.meeting_names import NamedMeeting, named_meetings
from xrefgraph.inspection.draw.layout.replaying import Meeting, Retraced, retrace
from xrefgraph.inspection.draw.layout.scene import Row, Scene
from xrefgraph.inspection.draw.layout.ticks import written
from xrefgraph.inspection.evidence.collapse import Flags, Longs, micros
from xrefgraph.linking.evidence import NO_TIME
from xrefgraph.lookup import moment

#: So many events are drawn, so many of the meetings of owners are told, and so many other merges are marked.
EVENTS, MEETINGS, MERGES = 400, 6, 40
#: More lanes than these nobody can look at.
LANES = 120


@dataclass(frozen=True)
class Stroke:
    """An event as it is drawn: a stroke that joins lanes.

    Parameters
    ----------
    place : int
        Which event of the profile it is, from 0, in their order.
    time : int or None
        When, in microseconds since 1970 in UTC.
    lanes : tuple of int
        What it carries: places in ``Timeline.lanes``, ascending.
    cut : tuple of int
        Those of them from which the policy cut it.
    owner : int or None
        On whose side it is.
    order : float
        Where it stands between the first owner and the last.
    is_meeting, is_merge, is_culprit : bool
        Whether two owners met at it; whether parts met at it, without two owners; whether it carries what is suspected of
        joining owners, or is suspected itself.
    """

    place: int
    time: int | None
    lanes: tuple[int, ...]
    cut: tuple[int, ...]
    owner: int | None
    order: float
    is_meeting: bool = False
    is_merge: bool = False
    is_culprit: bool = False


@dataclass(frozen=True)
class Timeline:
    """A profile along time.

    Parameters
    ----------
    scene : Scene
        What is drawn.
    lanes : tuple of int
        The rows of the scene that are lanes, in its order.
    strokes : tuple of Stroke
        The events that are drawn, in order.
    meetings : tuple of NamedMeeting
        Where two owners met, in order; those of the smallest sides are left off where there are too many.
    meetings_left_off : int
        How many these are.
    merges : tuple of (int, int or None)
        Where parts met without two owners: the place and the time of such events, those with the largest sides.
    merge_count : int
        How many such events there are.
    events : int
        How many events the profile has, or as many as lie in the window.
    outside : int
        How many lie outside of the window.
    laneless : int
        How many of the events are not drawn because they carry nothing that has a lane.
    start, end : int or None
        When the drawing begins and ends, in microseconds; None where no event has a time.
    untimed : int
        How many of the events have no time: these come first.
    in_order : bool
        Whether there are no two times, so that only the order of the events can be drawn.
    places : int
        How many events the whole profile has.
    """

    scene: Scene
    lanes: tuple[int, ...]
    strokes: tuple[Stroke, ...]
    meetings: tuple[NamedMeeting, ...]
    meetings_left_off: int
    merges: tuple[tuple[int, int | None], ...]
    merge_count: int
    events: int
    outside: int
    laneless: int
    start: int | None
    end: int | None
    untimed: int
    in_order: bool
    places: int

    @property
    def rows(self) -> tuple[Row, ...]:
        """The lanes."""
        return tuple(self.scene.rows[row] for row in self.lanes)

    @property
    def left_out(self) -> str:
        """What is not drawn, in words; empty where everything is."""
        scene, said = self.scene, []
        if not self.events and self.outside:
            said.append(f"none of the {counted(self.outside, 'event')} is in this window")
        elif self.outside:
            said.append(f"{counted(self.outside, 'event')} outside of this window")
        thinned = self.events - len(self.strokes) - self.laneless
        if thinned:
            said.append(
                f"{len(self.strokes):,} of {counted(self.events, 'event')} drawn: {_first(self)}"
                " others thinned out evenly"
            )
        if self.laneless:
            said.append(f"{counted(self.laneless, 'event')} without a lane not drawn")
        if scene.folded:
            several = sum(row.node is None for row in scene.rows)
            said.append(
                f"{scene.folded:,} of {counted(scene.identifiers, 'identifier')} stand in {counted(several, 'lane')} for several"
            )
        if len(self.lanes) < len(scene.rows):
            said.append(f"{counted(len(scene.rows) - len(self.lanes), 'lane')} not drawn")
        if self.meetings_left_off:
            said.append(f"{counted(self.meetings_left_off, 'more meeting')} of owners not told")
        if scene.owner_count > len(scene.owners) > 1:
            said.append(
                f"{len(scene.owners)} of {scene.owner_count:,} owners have a side of their own"
            )
        return "; ".join(said)


def _first(timeline: Timeline) -> str:
    """Which events are drawn in any case."""
    first = ["where owners met"] if timeline.meetings else []
    if any(stroke.is_culprit for stroke in timeline.strokes):
        first.append("those of suspects")
    return f"{', '.join(first)} first;" if first else "the"


def timeline_of(
    scene: Scene,
    *,
    window: Any = None,
    most_events: int = EVENTS,
    most_lanes: int | None = None,
    most_meetings: int = MEETINGS,
    traced: Retraced | None = None,
) -> Timeline:
    """Put a scene along time.

    Parameters
    ----------
    scene : Scene
        What is drawn.
    window : (start, end), optional
        Only what lies between two times, both included; each a datetime, a date, text in ISO 8601, or None for no limit. The events
        are replayed from the first one all the same.
    most_events : int
        How many events are drawn at most. Of more, those at which owners met are kept, then those that carry what is suspected, if
        they are no more than half; then the first one of each lane and those at which parts met. The others are thinned out evenly.
    most_lanes : int, optional
        For how many lanes there is room: owners, suspects and what lies on the shortest ways are kept, then what most events carry.
    most_meetings : int
        How many meetings of owners are told.
    traced : Retraced, optional
        The same, event by event, where it is known already.

    Notes
    -----
    Cost: sorting the events of the profile, and its links.
    """
    traced = traced or retrace(scene.drawn)
    limits = window_of(window)
    inside = _inside(traced.time, limits)
    lanes = chosen_lanes(scene, min(most_lanes or LANES, LANES))
    lane_of: Whole = np.full(len(scene.rows), -1, np.int64)
    lane_of[list(lanes)] = np.arange(len(lanes))
    group = traced.tree.event_group
    has_lane = _with_lane(scene, lane_of)[group]
    meetings, left_off = told_meetings(traced, inside, most_meetings)
    met = np.zeros(len(group), bool)
    met[sorted({one.place for one in meetings if one.place >= 0})] = True
    merged = traced.is_merge & ~_owners_met_at(traced)
    guilty = _guilty(scene)[group]
    candidates = np.flatnonzero(inside & has_lane)
    marked = _heaviest(traced, merged & inside)
    seen = marked | _first_of_lanes(traced, scene, lane_of)
    kept = guilty & _thinned_flags(guilty & inside & has_lane, most_events // 2)
    weight = np.where(met, 3, np.where(kept, 2, np.where(seen, 1, 0)))[candidates]
    # The suspects' may be nearly all: then the others have half of the room.
    weight[(guilty & ~kept & ~met)[candidates]] = -1
    shown = candidates[thinned(weight, most_events)]
    times = traced.time[inside]
    timed = times[times != NO_TIME]
    start, end = _span(timed, limits)
    return Timeline(
        scene,
        lanes,
        tuple(_strokes(traced, scene, lane_of, shown, (met, marked, guilty))),
        named_meetings(traced, meetings, scene.hide),
        left_off,
        tuple(
            (place, _known(int(traced.time[place]))) for place in np.flatnonzero(marked).tolist()
        ),
        int(np.count_nonzero(merged & inside)),
        int(np.count_nonzero(inside)),
        int(np.count_nonzero(~inside)),
        int(np.count_nonzero(inside & ~has_lane)),
        start,
        end,
        int(np.count_nonzero(times == NO_TIME)),
        start is None or start == end,
        len(group),
    )


def window_of(window: Any) -> tuple[int | None, int | None]:
    """Give the two limits of a window in microseconds; None for no limit.

    Raises
    ------
    SchemaError
        When it is no pair of times, or ends before it begins.
    """
    if window is None:
        return None, None
    if isinstance(window, str) or not isinstance(window, Sequence) or len(window) != 2:
        raise SchemaError(
            "window is a pair of times, such as ('2026-03-01', '2026-03-08'); None is no limit."
        )
    try:
        start, end = (None if one is None else micros(moment(one)) for one in window)
    except SchemaError:
        raise SchemaError(
            "window is a pair of times: each a datetime, a date, a text in ISO 8601, or None."
        ) from None
    if start is not None and end is not None and end < start:
        raise SchemaError(f"This window ends ({written(end)}) before it begins ({written(start)}).")
    return start, end


def _inside(time: Longs, limits: tuple[int | None, int | None]) -> Flags:
    """Which events lie in the window: without a limit all, else those that have a time."""
    start, end = limits
    if start is None and end is None:
        return np.ones(len(time), bool)
    inside: Flags = time != NO_TIME
    if start is not None:
        inside &= time >= start
    if end is not None:
        inside &= time <= end
    return inside


def _span(timed: Longs, limits: tuple[int | None, int | None]) -> tuple[int | None, int | None]:
    """When the drawing begins and ends."""
    start, end = limits
    if not len(timed):
        return (start, end) if start is not None and end is not None else (None, None)
    first, last = int(timed.min()), int(timed.max())
    return first if start is None else start, last if end is None else end


def _known(time: int) -> int | None:
    return None if time == NO_TIME else time


def chosen_lanes(scene: Scene, most: int | None) -> tuple[int, ...]:
    """Give the rows that are lanes, in their order: those that matter, and then those that most events carry."""
    every = range(len(scene.rows))
    if most is None or len(scene.rows) <= most:
        return tuple(every)

    def turn(row: int) -> tuple[Any, ...]:
        one = scene.rows[row]
        return (not one.is_culprit, not one.is_owner, not one.on_route, -one.events, row)

    return tuple(sorted(sorted(every, key=turn)[: max(most, 1)]))


def _heaviest(traced: Retraced, merged: Flags) -> Flags:
    """Of some events at which parts met, those whose second side was the largest: bool[events]."""
    tree = traced.tree
    parts = np.arange(tree.seeds, tree.parts)
    parts = parts[tree.made[parts] >= 0]
    place = tree.made[parts] // 2
    parts, place = parts[merged[place]], place[merged[place]]
    second = second_sides(traced, np.arange(tree.parts))[parts]
    found = np.zeros(len(merged), bool)
    found[place[np.lexsort((place, -second))[:MERGES]]] = True
    return found


def _thinned_flags(some: Flags, most: int) -> Flags:
    """Of some events as many as there is room for, evenly: bool[events]."""
    found = np.zeros(len(some), bool)
    places = np.flatnonzero(some)
    found[places[thinned(np.zeros(len(places), np.int64), most)]] = True
    return found


def _first_of_lanes(traced: Retraced, scene: Scene, lane_of: Whole) -> Flags:
    """The first event of each lane: bool[events]."""
    found = traced.found
    lane = lane_of[scene.row_of_identifier[found.link]]
    place = traced.tree.clock[found.link_group]
    some = (lane >= 0) & (place >= 0)
    first = np.full(int(lane_of.max(initial=-1)) + 1, len(traced.time))
    np.minimum.at(first, lane[some], place[some])
    flags = np.zeros(len(traced.time) + 1, bool)
    flags[first] = True
    return flags[:-1]


def _with_lane(scene: Scene, lane_of: Whole) -> Flags:
    """Which groups carry something that has a lane: bool[groups]."""
    found = scene.drawn.found
    has = np.zeros(found.groups, bool)
    has[found.link_group[lane_of[scene.row_of_identifier[found.link]] >= 0]] = True
    return has


def _guilty(scene: Scene) -> Flags:
    """Which groups carry a suspect, or are suspected: bool[groups]."""
    found = scene.drawn.found
    suspect = np.array([row.is_culprit for row in scene.rows], bool)
    guilty = np.zeros(found.groups, bool)
    guilty[found.link_group[suspect[scene.row_of_identifier[found.link]]]] = True
    for one in scene.suspicions:
        guilty[np.isin(scene.column_of_group, one.columns)] = True
    return guilty


def _owners_met_at(traced: Retraced) -> Flags:
    """Of each event, whether two owners met at it: bool[events]."""
    found = np.zeros(len(traced.time), bool)
    moments, _ = traced.where_owners_met()
    found[moments[moments >= 0] // 2] = True
    return found


def told_meetings(traced: Retraced, inside: Flags, most: int) -> tuple[list[Meeting], int]:
    """Give where two owners met, in order, and how many more there are: the first one, and then those of the largest sides."""
    moments, parts = traced.where_owners_met()
    place = moments // 2
    # What was so before all events is told where the events begin.
    seen = (place < 0) & inside.all() if len(inside) else place < 0
    seen[place >= 0] = inside[place[place >= 0]]
    moments, parts = moments[seen], parts[seen]
    weight = _weights(traced, moments, parts)
    order = np.argsort(-weight, kind="stable")
    if len(order):
        order = np.concatenate([[0], order[order != 0]])
    chosen = np.sort(order[:most])
    found = [traced.meeting(int(moments[n]), int(parts[n])) for n in chosen.tolist()]
    return found, len(moments) - len(found)


def _weights(traced: Retraced, moments: Longs, parts: Longs) -> Longs:
    """How many events the second largest side with an owner had, at each meeting."""
    second = second_sides(traced, np.flatnonzero(traced.owned.total > 0))
    weights: Longs = np.where(traced.tree.made[parts] == moments, second[parts], 0)
    return weights


def second_sides(traced: Retraced, sides: Whole) -> Longs:
    """Give how many events the second largest of some sides of each part had: int64[parts]; 0 where there are no two."""
    tree, events = traced.tree, traced.events.total
    sides = sides[tree.into[sides] >= 0]
    order = sides[np.lexsort((events[sides], tree.into[sides]))]
    into = tree.into[order]
    second = np.zeros(tree.parts, np.int64)
    several = np.flatnonzero(into[:-1] == into[1:])
    # Ascending in size, so the last one that stays is the one before the largest.
    second[into[several]] = events[order][several]
    return second


def thinned(weight: Whole, most: int) -> Whole:
    """Choose things evenly: give the places of those that stay, ascending.

    Parameters
    ----------
    weight : int[things]
        In order. All of a larger weight come before those of a smaller one; of the first that do not all have room, every so many-th.
    most : int
        How many stay at most.

    Examples
    --------
    >>> thinned(np.array([0, 0, 1, 0, 0, 0, 0]), 4).tolist()
    [0, 2, 3, 6]
    """
    if len(weight) <= most:
        return np.arange(len(weight))
    kept: list[Whole] = []
    room = most
    for one in np.unique(weight)[::-1].tolist():
        places = np.flatnonzero(weight == one)
        if len(places) > room:
            places = places[np.linspace(0, len(places) - 1, room).round().astype(np.int64)]
        kept.append(places)
        room -= len(places)
        if not room:
            break
    return np.sort(np.concatenate(kept))


def _strokes(
    traced: Retraced,
    scene: Scene,
    lane_of: Whole,
    shown: Whole,
    marks: tuple[Flags, Flags, Flags],
) -> list[Stroke]:
    found, sides = traced.found, scene.sides
    met, merged, guilty = marks
    strokes = []
    for place in shown.tolist():
        group = int(traced.tree.event_group[place])
        span = slice(found.start[group], found.start[group + 1])
        lane, kept = lane_of[scene.row_of_identifier[found.link[span]]], found.kept[span]
        held = set(lane[kept].tolist()) - {-1}
        owner = int(sides.owner[found.identifiers + group])
        strokes.append(
            Stroke(
                place,
                _known(int(traced.time[place])),
                tuple(sorted(set(lane.tolist()) - {-1})),
                tuple(sorted(set(lane.tolist()) - {-1} - held)),
                owner if owner >= 0 else None,
                round(float(sides.order[found.identifiers + group]), 6),
                bool(met[place]),
                bool(merged[place]),
                bool(guilty[place]),
            )
        )
    return strokes
