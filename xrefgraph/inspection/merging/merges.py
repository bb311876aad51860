"""What a history is told in: steps, the parts that they made, first sights of anchors; lanes and bars for a drawing."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from xrefgraph.networks import EventNode, IdentifierNode


@dataclass(frozen=True)
class Side:
    """One of the parts that met, as it was just before.

    Parameters
    ----------
    part : int
        Its number.
    identifiers, events : int
        How many it held.
    anchors : tuple of IdentifierNode
        The anchors that it held, first seen first, at most five; in a schema without an anchor, the values of the strongest
        unique type.
    anchor_count : int
        How many these are.
    met : tuple of IdentifierNode
        The identifiers by which it was reached, strongest first, at most five: those that the event carries, or that the
        decision links.
    met_count : int
        How many these are.
    held : tuple of IdentifierNode
        Where the step makes a conflict: what this side held of what may not come together, at most five.
    """

    part: int
    identifiers: int
    events: int
    anchors: tuple[IdentifierNode, ...]
    anchor_count: int
    met: tuple[IdentifierNode, ...]
    met_count: int
    held: tuple[IdentifierNode, ...] = ()


@dataclass(frozen=True)
class Merge:
    """A step: an event or a decision by which parts became one, or by which one came to hold what may not share a profile.

    Parameters
    ----------
    number : int
        Which step it is, counted from 1 over all steps of the profile, those that are not listed among them.
    place : int
        Which event of the profile it is, counted from 1 in the order of events; of a decision, the event that brought the
        second identifier, and 0 where no event carries either.
    event : EventNode or None
        The event; None where it was a decision.
    time : datetime or None
        When; None where the event has no time. Of a decision, the time of the event that brought the second identifier.
    alike : int
        How many events carry exactly the same identifiers, this one among them; 0 where it was a decision.
    sides : tuple of Side
        What met, the largest first, at most twenty. A single one where the event brought something to one part that does not
        go with what this part held; none where a profile began in conflict.
    sides_left_off : int
        How many more sides there were.
    into : int
        The number of the part that came out. Where a single side met nothing but new identifiers, it is this side.
    brought : tuple of IdentifierNode
        The identifiers that were seen here for the first time, at most five.
    brought_count : int
        How many these are.
    identifiers, events : int
        How many the part held right after.
    conflict : str or None
        What came together that may not: ``two values of db_id``, or ``a decision keeps them apart``.
    decision : dict or None
        The ``link`` decision.
    """

    number: int
    place: int
    event: EventNode | None
    time: dt.datetime | None
    alike: int
    sides: tuple[Side, ...]
    sides_left_off: int
    into: int
    brought: tuple[IdentifierNode, ...]
    brought_count: int
    identifiers: int
    events: int
    conflict: str | None = None
    decision: dict[str, Any] | None = None


@dataclass(frozen=True)
class Part:
    """A part of the profile: what hung together for a while.

    Parameters
    ----------
    number : int
        Its number: first those that began with an event of their own, in this order, then those that came out of a step.
    event : EventNode or None
        The event that it began with; None where it was a decision, or no event carries it.
    time : datetime or None
        When it began.
    identifiers, events : int
        How many it held at its end.
    anchors : tuple of IdentifierNode
        Its anchors at its end, as in :class:`Side`.
    anchor_count : int
        How many these are.
    into : int or None
        The number of the part that it went into; None where it is there now.
    made_by, ended_by : int or None
        The number of the step that it came out of, and of the one by which it became a part of another; None where there
        is no such step.
    """

    number: int
    event: EventNode | None
    time: dt.datetime | None
    identifiers: int
    events: int
    anchors: tuple[IdentifierNode, ...]
    anchor_count: int
    into: int | None
    made_by: int | None
    ended_by: int | None


@dataclass(frozen=True)
class Sight:
    """The first sight of an anchor.

    Parameters
    ----------
    identifier : IdentifierNode
        The anchor.
    event : EventNode or None
        The first event that carries it; None where none does.
    time : datetime or None
        When.
    place : int
        Which event of the profile it is, counted from 1; 0 for none.
    part : int
        The number of the part that it came into.
    """

    identifier: IdentifierNode
    event: EventNode | None
    time: dt.datetime | None
    place: int
    part: int


@dataclass(frozen=True)
class Lane:
    """An identifier as a lane of a drawing.

    Parameters
    ----------
    identifier : IdentifierNode
        The identifier.
    part : int
        The number of the part that it came into.
    first, last : datetime or None
        The times of the first and the last event that has one.
    events : int
        How many events of the profile carry it.
    """

    identifier: IdentifierNode
    part: int
    first: dt.datetime | None
    last: dt.datetime | None
    events: int


@dataclass(frozen=True)
class Bar:
    """Alike events as a bar of a drawing, which joins lanes.

    Parameters
    ----------
    event : EventNode
        The oldest of them.
    time, last : datetime or None
        Its time, and the time of the last of them.
    events : int
        How many they are.
    lanes : tuple of int
        The places, in ``History.lanes``, of what they carry.
    step : int or None
        The number of the step that the oldest of them made, if it is listed.
    """

    event: EventNode
    time: dt.datetime | None
    last: dt.datetime | None
    events: int
    lanes: tuple[int, ...]
    step: int | None


@dataclass(frozen=True)
class Retold:
    """What there is to tell of a profile: see :class:`xrefgraph.inspection.history.History`."""

    steps: tuple[Merge, ...]
    step_count: int
    merge_count: int
    became_ambiguous: Merge | None
    parts: tuple[Part, ...]
    part_count: int
    beginnings: int
    pieces: int
    sights: tuple[Sight, ...]
    anchor_count: int
    lanes: tuple[Lane, ...]
    lanes_left_off: int
    bars: tuple[Bar, ...]
    bars_left_off: int
