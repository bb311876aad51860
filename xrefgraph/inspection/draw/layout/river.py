"""How a profile came together, as a river: the parts that were something by themselves, how they grew, and where they joined."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from xrefgraph.errors import counted
from xrefgraph.inspection.draw.layout.courses import (
    Course,
    Smaller,
    chosen_streams,
    course_of,
    in_flowing_order,
    smaller_parts,
)
from xrefgraph.inspection.draw.layout.folding import Whole
from xrefgraph.inspection.draw.layout.lanes import thinned
from xrefgraph.inspection.draw.layout.masking import masked_id, masked_node
from xrefgraph.inspection.draw.layout.meeting_names import (
    NamedMeeting,
    NamedSide,
    named_meetings,
    named_shortly,
    value_of,
)
from xrefgraph.inspection.draw.layout.replaying import Meeting, Retraced
from xrefgraph.inspection.evidence.collapse import Longs
from xrefgraph.inspection.evidence.evidence_path import Node, nodes_of
from xrefgraph.inspection.subjects import profile_ids
from xrefgraph.linking.evidence import NO_TIME

#: So many streams are drawn, so many points of each, and so many owners that came to one are told.
STREAMS, POINTS, ARRIVALS = 12, 240, 2


@dataclass(frozen=True)
class Point:
    """How large a stream is from an event on.

    Parameters
    ----------
    place : int
        Which event, from 0; -1 before all.
    time : int or None
        When, in microseconds.
    events, owners : int
        How many it holds.
    """

    place: int
    time: int | None
    events: int
    owners: int


@dataclass(frozen=True)
class Joining:
    """Where a stream became a part of another one.

    Parameters
    ----------
    stream : int
        The other one: a place in ``River.streams``.
    place : int
        Which event it was at; of a decision, the one before it.
    time : datetime or None
        When that was.
    event : EventNode or None
        The event; None where it was a decision.
    other, own : NamedSide
        The other one and this one, as they were just before.
    """

    stream: int
    place: int
    time: dt.datetime | None
    event: Node | None
    other: NamedSide
    own: NamedSide

    @property
    def of_owners(self) -> bool:
        """Whether both had an owner."""
        return bool(self.other.owner_count and self.own.owner_count)

    def told(self, show: Callable[[str], str] = str) -> str:
        """Say what brought the two together: ``event e402: device kiosk-77 + email b@example.org, 534 + 658 events``."""
        by = [named_shortly(node, show) for side in (self.other, self.own) for node in side.met[:1]]
        by = list(dict.fromkeys(by))
        who = "a decision" if self.event is None else f"event {show(value_of(self.event))}"
        what = f": {' + '.join(by)}" if by else ""
        return f"{who}{what}, {self.other.events:,} + {self.own.events:,} events"


@dataclass(frozen=True)
class Stream:
    """A part of a profile, from its beginning to where it joined a larger one, or to the end.

    Parameters
    ----------
    owners : tuple of Node
        The owners that it saw first, two at most: its own ones before those of what joined it.
    owner_count, events : int
        How many owners and events it held at its end.
    points : tuple of Point
        How it grew, in order: 240 at most, those among them at which it got its first and its second owner.
    joined : Joining or None
        Where it joined another one.
    arrivals : tuple of NamedMeeting
        Where an event brought an owner, or a smaller part with one, to where there was one: the first two.
    arrivals_left_off : int
        How many more there are.
    smaller, smaller_owned : int
        How many smaller parts joined it that have no stream of their own, and how many of these had an owner.
    """

    owners: tuple[Node, ...]
    owner_count: int
    events: int
    points: tuple[Point, ...]
    joined: Joining | None
    arrivals: tuple[NamedMeeting, ...]
    arrivals_left_off: int
    smaller: int
    smaller_owned: int


@dataclass(frozen=True)
class River:
    """A profile, or several, as streams.

    Parameters
    ----------
    profile_ids : tuple of str
        The profiles.
    anchor : str
        What the owners are called.
    streams : tuple of Stream
        In the order in which they are drawn: each is followed by those that joined it, the earliest first.
    events : int
        How many there are.
    parts : int
        How many parts ever began.
    apart_left_off : int
        How many parts that never joined have no stream.
    start, end : int or None
        The first and the last time, in microseconds.
    untimed : int
        How many events have no time: these come first.
    """

    profile_ids: tuple[str, ...]
    anchor: str
    streams: tuple[Stream, ...]
    events: int
    parts: int
    apart_left_off: int
    start: int | None
    end: int | None
    untimed: int

    @property
    def in_order(self) -> bool:
        """Whether there are no two times, so that only the order of the events can be drawn."""
        return self.start is None or self.start == self.end

    @property
    def left_out(self) -> str:
        """What is not drawn by itself, in words; empty where everything is."""
        said = []
        smaller = sum(one.smaller for one in self.streams)
        owned = sum(one.smaller_owned for one in self.streams)
        if smaller:
            of_these = f", {owned:,} of them with {_a(self.anchor)}" if owned else ""
            are = "is" if smaller == 1 else "are"
            said.append(f"{counted(smaller, 'smaller part')} that joined {are} not drawn{of_these}")
        if self.apart_left_off:
            said.append(f"{counted(self.apart_left_off, 'more part')} apart not drawn")
        return "; ".join(said)


def _a(word: str) -> str:
    return f"{'an' if word[:1].lower() in 'aeiou' else 'a'} {word}"


def river_of(traced: Retraced, hide: Callable[[str], str] = str, most: int = STREAMS) -> River:
    """Tell how a profile came together, as streams.

    Parameters
    ----------
    traced : Retraced
        The profiles, event by event.
    hide : function
        Masks values.
    most : int
        How many streams are drawn: those with an owner first, and then what held many events when it joined, the largest first.

    Notes
    -----
    Where parts meet, the one with an owner flows on, and of these, or of others, the one with the most events. Cost: sorting the events
    of the profile, and its links; a step in Python for each part.
    """
    drawn = traced.drawn
    course = course_of(traced)
    order = in_flowing_order(traced, course, chosen_streams(traced, course, most))
    smaller = smaller_parts(traced, course, order)
    ids = profile_ids(drawn.store, drawn.profiles)
    timed = traced.time[traced.time != NO_TIME]
    return River(
        tuple(masked_id(ids[one], hide) for one in drawn.profiles),
        _anchor(traced),
        tuple(_streams(traced, course, order, smaller, hide)),
        len(traced.time),
        traced.tree.seeds,
        smaller.apart,
        int(timed[0]) if len(timed) else None,
        int(timed[-1]) if len(timed) else None,
        traced.untimed,
    )


def _anchor(traced: Retraced) -> str:
    schema = traced.drawn.store.schema
    if traced.drawn.ends:
        return "end"
    if len(traced.owners):
        return schema.names[int(traced.found.rank[traced.owners[0]])]
    return schema.anchor or "anchor"


# ------------------------------------------------------------------------------------ what is told of each


def _streams(
    traced: Retraced,
    course: Course,
    order: list[int],
    smaller: Smaller,
    hide: Callable[[str], str],
) -> Iterator[Stream]:
    """All streams, in their order."""
    place = {one: n for n, one in enumerate(order)}
    joins = {one: _joins(traced, int(course.head[one])) for one in order}
    arrivals, left_off = _arrivals(traced, course, order, joins)
    meetings = [one for one in joins.values() if one is not None]
    meetings += [one for some in arrivals.values() for one in some]
    told = named_meetings(traced, meetings, hide)
    # The same may be told of several streams that joined at it, so they are known by their turn.
    named = {id(one): telling for one, telling in zip(meetings, told, strict=True)}
    owners = _owners(traced, course, order, hide)
    grown = _points(traced, course, order)
    for one in order:
        head, meeting = int(course.head[one]), joins[one]
        yield Stream(
            owners[one],
            int(traced.owned.total[head]),
            int(traced.events.total[head]),
            grown[one],
            None
            if meeting is None
            else _joining(named[id(meeting)], head, place[int(course.stream[meeting.part])]),
            tuple(named[id(each)] for each in arrivals[one]),
            left_off[one],
            smaller.joined[one],
            smaller.owned[one],
        )


def _joining(told: NamedMeeting, head: int, stream: int) -> Joining:
    """Where a stream joined another one, from what is told of the two."""
    sides = [side for side in told.sides if side.part >= 0]
    (own,) = (side for side in sides if side.part == head)
    (other,) = (side for side in sides if side.part != head)
    return Joining(stream, told.place, told.time, told.event, other, own)


def _joins(traced: Retraced, head: int) -> Meeting | None:
    """Where a stream joined another one: what it was then, and what the other was."""
    tree = traced.tree
    into = int(tree.into[head])
    if into < 0:
        return None
    by_into, begin = traced.below
    parts = by_into[begin[into] : begin[into + 1]]
    size, owned = traced.events.total[parts], traced.owned.total[parts] > 0
    heir = int(parts[np.lexsort((-parts, size, owned))[-1]])
    return traced.meeting(int(tree.made[into]), into, only=(heir, head))


def _arrivals(
    traced: Retraced, course: Course, order: list[int], joins: dict[int, Meeting | None]
) -> tuple[dict[int, list[Meeting]], dict[int, int]]:
    """Where owners met without a stream that joined, by the stream that they are in; and how many more there are of each."""
    found: dict[int, list[Meeting]] = {one: [] for one in order}
    left_off = dict.fromkeys(order, 0)
    told = {
        (one.moment, one.part)
        for one in joins.values()
        if one is not None and all(side.owner_count for side in one.sides)
    }
    moments, parts = traced.where_owners_met()
    for moment, part in zip(moments.tolist(), parts.tolist(), strict=True):
        one = int(course.stream[part])
        if one not in found or (moment, part) in told:
            continue
        if len(found[one]) < ARRIVALS:
            found[one].append(traced.meeting(moment, part))
        else:
            left_off[one] += 1
    return found, left_off


def _owners(
    traced: Retraced, course: Course, order: list[int], hide: Callable[[str], str]
) -> dict[int, tuple[Node, ...]]:
    """The owners that came into each stream first, two at most: its own ones before those of what joined it."""
    tree, drawn = traced.tree, traced.drawn
    by_sight = traced.owners[np.lexsort((traced.owners, tree.first[traced.owners]))]
    own = course.stream[tree.part_of_identifier[by_sight]]
    places: dict[int, list[int]] = {}
    for one in order:
        head = np.full(len(by_sight), int(course.head[one]))
        held = tree.part_below(tree.seed[by_sight], head + 1) == head
        mine = by_sight[held][np.argsort(own[held] != one, kind="stable")]
        places[one] = mine[:2].tolist()
    wanted = sorted({place for some in places.values() for place in some})
    nodes = nodes_of(drawn.store, drawn.found, wanted, drawn.ends)
    named = {place: masked_node(node, hide) for place, node in zip(wanted, nodes, strict=True)}
    return {one: tuple(named[place] for place in some) for one, some in places.items()}


def _points(traced: Retraced, course: Course, order: list[int]) -> dict[int, tuple[Point, ...]]:
    """How each stream grew: by its own events, and by what joined it."""
    tree = traced.tree
    into = tree.into[course.head]
    joins = np.flatnonzero(into >= 0)
    own = course.stream[tree.part_of_event] if len(traced.time) else np.empty(0, np.int64)
    stream = np.concatenate(
        [own, course.stream[into[joins]], course.stream[tree.part_of_identifier[traced.owners]]]
    )
    moment = np.concatenate(
        [
            2 * np.arange(len(own), dtype=np.int64),
            tree.made[into[joins]],
            tree.first[traced.owners],
        ]
    )
    none = np.zeros(len(traced.owners), np.int64)
    events = np.concatenate(
        [np.ones(len(own), np.int64), traced.events.total[course.head[joins]], none]
    )
    owners = np.concatenate(
        [
            np.zeros(len(own), np.int64),
            traced.owned.total[course.head[joins]],
            none + 1,
        ]
    )
    found = {}
    turn = np.lexsort((moment, stream))
    low = np.searchsorted(stream[turn], order)
    high = np.searchsorted(stream[turn], order, side="right")
    for one, begin, end in zip(order, low.tolist(), high.tolist(), strict=True):
        rows = turn[begin:end]
        found[one] = _thin_points(traced, moment[rows] // 2, events[rows], owners[rows])
    return found


def _thin_points(traced: Retraced, place: Longs, events: Longs, owners: Longs) -> tuple[Point, ...]:
    size, held = events.cumsum(), owners.cumsum()
    # What happens at one event is one point.
    last = np.ones(len(place), bool)
    last[:-1] = place[1:] != place[:-1]
    place, size, held = place[last], size[last], held[last]
    kind = np.minimum(held, 2)
    step = np.diff(size, prepend=0)
    weight: Whole = np.zeros(len(place), np.int64)
    weight[np.argsort(-step, kind="stable")[: POINTS // 4]] = 1
    weight[np.diff(kind, prepend=-1) != 0] = 2
    weight[-1:] = 2
    some = thinned(weight, POINTS)
    return tuple(
        Point(n, None if time == NO_TIME else time, many, own)
        for n, time, many, own in zip(
            place[some].tolist(),
            [traced.time_at(n) for n in place[some].tolist()],
            size[some].tolist(),
            held[some].tolist(),
            strict=True,
        )
    )
