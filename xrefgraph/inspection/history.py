"""How did this profile come together? Its events replayed in order of time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from xrefgraph.errors import counted, listing
from xrefgraph.graph import XrefGraph
from xrefgraph.inspection.answers import Answer
from xrefgraph.inspection.barriers.refusals import why_nothing
from xrefgraph.inspection.evidence.collapse import read_collapsed
from xrefgraph.inspection.merging.merges import Bar, Lane, Merge, Part, Side, Sight
from xrefgraph.inspection.merging.replay import read_order, replayed
from xrefgraph.inspection.merging.retelling import retell
from xrefgraph.inspection.subjects import Asked, asked_store, find_subject, name_of
from xrefgraph.lookup import Profile
from xrefgraph.networks import IdentifierNode

#: What the rows of a history have.
COLUMNS = (
    *("step", "what", "time", "source", "event_id", "by", "sides", "anchors"),
    *("identifiers", "events", "conflict"),
)


@dataclass(frozen=True, repr=False)
class History(Answer):
    """How a profile came together; made by :func:`how`, which says what a step is.

    Parameters
    ----------
    profile_id : str or None
        The profile; None where what was asked for is in none.
    identifiers, events : int
        How many it holds.
    is_ambiguous : bool
        Whether it holds two values of a unique type, or a pair that a decision keeps apart.
    steps : tuple of Merge
        In order. At most 10,000: where there are more, those that make a conflict, and then those whose second largest side
        is the largest.
    step_count, merge_count : int
        How many steps there are, listed or not; and of how many of them two or more parts met.
    beginnings : int
        How many parts began on their own.
    became_ambiguous : Merge or None
        The first step that makes a conflict.
    parts : tuple of Part
        All parts, by their numbers; where there are more than 20,000, those that the listed steps name, and those that are there
        now.
    part_count : int
        How many there ever were.
    pieces : int
        How many parts are there now. One, but under `over_time`, where an identifier may be an owner's without any event of
        this owner's that carries it.
    sights : tuple of Sight
        The first sights of the anchors, in order, at most 10,000; in a schema without an anchor, of the values of the strongest
        unique type.
    anchor_count : int
        How many anchors there are.
    lanes : tuple of Lane
        Identifiers in the order in which they were seen, at most 500: anchors, then what the weightiest steps name, then others.
    bars : tuple of Bar
        Events in groups of alike ones, in the order of the oldest of each, at most 500: those of the weightiest steps, then others.
    lanes_left_off, bars_left_off : int
        How many more there are.
    nothing : str or None
        A sentence that says why what was asked for is in no profile.
    """

    profile_id: str | None
    identifiers: int = 0
    events: int = 0
    is_ambiguous: bool = False
    steps: tuple[Merge, ...] = ()
    step_count: int = 0
    merge_count: int = 0
    beginnings: int = 0
    became_ambiguous: Merge | None = None
    parts: tuple[Part, ...] = ()
    part_count: int = 0
    pieces: int = 0
    sights: tuple[Sight, ...] = ()
    anchor_count: int = 0
    lanes: tuple[Lane, ...] = ()
    bars: tuple[Bar, ...] = ()
    lanes_left_off: int = 0
    bars_left_off: int = 0
    nothing: str | None = None

    @property
    def steps_left_off(self) -> int:
        """How many steps are not listed."""
        return self.step_count - len(self.steps)

    @property
    def summary(self) -> str:
        """How it came together, in a few plain sentences."""
        if self.nothing is not None:
            return self.nothing
        return " ".join(_told(self))

    @property
    def columns(self) -> Sequence[str]:
        """The names of the columns of :meth:`to_frame`."""
        return COLUMNS

    def rows(self) -> list[dict[str, Any]]:
        """Give the first event, the first sights of the anchors, and the steps, in order of time."""
        rows: list[tuple[int, int, dict[str, Any]]] = []
        if self.parts and self.parts[0].event is not None:
            first = self.parts[0]
            rows.append((0, 0, _row("first event", first.event, first.time)))
        for sight in self.sights:
            row = _row("first sight", sight.event, sight.time)
            row["anchors"] = name_of(sight.identifier)
            rows.append((sight.place, 1, row))
        rows += [(step.place, 2, _step_row(step)) for step in self.steps]
        # The sort is stable: several decisions after one event stand in their order.
        return [row for *_, row in sorted(rows, key=lambda one: one[:2])]


def how(graph: XrefGraph, profile: Asked | Profile, *, at: Any = None) -> History:
    """Say how a profile came together: which events joined its parts, and when it became ambiguous.

    Its events are taken in their order: by time, and then by input; one without a time is older than all others. An event
    whose identifiers are all new begins a *part*. One that carries identifiers of several parts makes them one, and this is a
    *step*. So is an event that brings a new identifier to a part that it does not go with: a second value of a unique type, or
    the other half of a pair that a decision keeps apart. Two identifiers that a decision links are joined as soon as both have
    been seen, with no event of their own. What events and identifiers are in the profile is taken from the graph as it is: links
    that were cut join nothing.

    Parameters
    ----------
    graph : XrefGraph
        The graph.
    profile : str, (type, value), Profile, IdentifierNode or EventNode
        The profile; or an identifier or an event of it.
    at : datetime, date or str, optional
        Under `over_time`: the profile that had the identifier then, and not the one that has it today.

    Returns
    -------
    History
        Where what was asked for is in no profile, the summary says why.

    Raises
    ------
    UnknownError
        When it does not occur.

    Notes
    -----
    Cost: sorting the events of the profile, and its links.

    Examples
    --------
    >>> import xrefgraph as xg
    >>> rows = [
    ...     {"id": "e1", "at": "2026-03-01 08:00", "db_id": 1, "cookie": "tablet"},
    ...     {"id": "e2", "at": "2026-03-02 09:00", "db_id": 2, "cookie": "phone"},
    ...     {"id": "e3", "at": "2026-03-03 10:00", "cookie": ["phone", "tablet"]},
    ... ]
    >>> schema = xg.Schema(["db_id", "cookie"], anchor="db_id", conflicts="keep")
    >>> graph = xg.build(xg.Source(rows, identifiers=["db_id", "cookie"], event_id="id", time="at", name="visits"), schema)
    >>> found = xg.how(graph, "db_id:1")
    >>> print(found.summary)
    db_id:1 (3 events, 4 identifiers) grew from 2 beginnings in 1 merge. It became ambiguous at event e3 of visits
    (2026-03-03 10:00), which joined a part of 1 event and 2 identifiers with db_id 1, by cookie tablet, and a part of
    1 event and 2 identifiers with db_id 2, by cookie phone: two values of db_id.
    >>> [(side.events, side.met[0].value) for side in found.steps[0].sides]
    [(1, 'tablet'), (1, 'phone')]
    """
    store = asked_store(graph)
    asked: Asked = profile if not isinstance(profile, Profile) else _as_node(profile)
    subject = find_subject(store, asked, at)
    if subject.profile is None:
        reasons = why_nothing(store, subject)
        nothing = " ".join(reason.sentence for reason in reasons)
        return History(None, nothing=nothing).asked_of(store, subject)
    found = read_collapsed(store, [subject.profile])
    tree = replayed(found, read_order(store, found))
    (is_ambiguous,) = store.database.row(
        f"SELECT ambiguous FROM store.profile WHERE profile = {subject.profile}"
    )
    return History(
        subject.profile_id,
        found.identifiers,
        int(found.events.sum()),
        bool(is_ambiguous),
        **vars(retell(store, found, tree)),
    ).asked_of(store, subject, profiles=(subject.profile,))


def _as_node(profile: Profile) -> IdentifierNode:
    """What a profile is named by, as its own: under `over_time` this may be another's by now."""
    kind, _, value = profile.id.partition(":")
    return IdentifierNode(kind, value, profile.id)


# ------------------------------------------------------------------------------------------- words


def _told(found: History) -> Iterator[str]:
    size = f"{counted(found.events, 'event')}, {counted(found.identifiers, 'identifier')}"
    if not found.events:
        yield f"{found.profile_id} ({size}) has no events: nothing had to be joined."
        return
    name = f"{found.profile_id} ({size})"
    if found.beginnings == 1:
        first = found.parts[0]
        yield f"{name} grew from {_event(first)}: no event joined what had begun apart."
    else:
        merges = counted(found.merge_count, "merge")
        yield f"{name} grew from {found.beginnings:,} beginnings in {merges}."
    clash = found.became_ambiguous
    heaviest = max(
        (step for step in found.steps if len(step.sides) > 1),
        key=lambda step: sorted(side.events + side.identifiers for side in step.sides)[-2],
        default=None,
    )
    if clash is not None:
        yield f"It became ambiguous {_when(clash)}, which {_what(clash)}: {clash.conflict}."
    elif heaviest is not None:
        yield f"The largest merge was made {_when(heaviest)}, which {_what(heaviest)}."
    if found.pieces > 1:
        yield (
            f"It is in {found.pieces:,} parts to this day: over_time counts to it what no event of its own carries."
        )
    if found.steps_left_off:
        yield f"{found.steps_left_off:,} of its {found.step_count:,} steps are not listed: the smallest."


def _event(part: Part) -> str:
    return (
        "identifiers that a decision links"
        if part.event is None
        else name_of(part.event) + _at(part)
    )


def _at(one: Part | Merge) -> str:
    return "" if one.time is None else f" ({one.time:%Y-%m-%d %H:%M})"


def _when(step: Merge) -> str:
    if step.event is not None:
        return f"at {name_of(step.event)}{_at(step)}"
    return f"by a decision{_remarks(step)}"


def _remarks(step: Merge) -> str:
    reason = (step.decision or {}).get("reason")
    return f" ({reason})" if reason else ""


def _what(step: Merge) -> str:
    """What a step did: which parts it joined, or what it brought to a part."""
    sides = [_side(side) for side in step.sides[:3]]
    more = len(step.sides) + step.sides_left_off - len(sides)
    if more:
        sides.append(counted(more, "more part"))
    brought = listing([name_of(one) for one in step.brought], 3)
    if not sides:
        return f"brought {brought}"
    if len(step.sides) == 1:
        return f"brought {brought} to {sides[0]}"
    joined = f"joined {', '.join(sides[:-1])}, and {sides[-1]}"
    clashes = any(not side.held for side in step.sides) and step.conflict and step.brought
    return f"brought {brought} and {joined}" if clashes else joined


def _side(side: Side) -> str:
    """A part that met, by its size, what it held, and what it was met by."""
    held = side.held or side.anchors
    count = side.anchor_count if held == side.anchors else len(held)
    with_whom = f" with {listing([name_of(one) for one in held[:2]])}" if held else ""
    if held and count > 2:
        with_whom += f" and {count - 2:,} more"
    by = listing([name_of(one) for one in side.met[:2]])
    if side.met_count > 2:
        by += f" and {side.met_count - 2:,} more"
    size = f"{counted(side.events, 'event')} and {counted(side.identifiers, 'identifier')}"
    return f"a part of {size}{with_whom}, by {by}"


def _row(what: str, event: Any, time: Any) -> dict[str, Any]:
    row = dict.fromkeys(COLUMNS) | {"what": what, "time": time}
    if event is not None:
        row |= {"source": event.source, "event_id": event.event_id}
    return row


def _step_row(step: Merge) -> dict[str, Any]:
    kind = "decision" if step.event is None else "merge" if len(step.sides) > 1 else "conflict"
    met = [name_of(one) for side in step.sides for one in side.met]
    anchors = [name_of(one) for side in step.sides for one in side.anchors]
    return _row(kind, step.event, step.time) | {
        "step": step.number,
        "by": listing(met, 4) or None,
        "sides": listing([counted(side.events, "event") for side in step.sides], 4) or None,
        "anchors": listing(anchors, 4) or None,
        "identifiers": step.identifiers,
        "events": step.events,
        "conflict": step.conflict,
    }
