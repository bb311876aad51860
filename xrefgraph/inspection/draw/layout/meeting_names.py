"""What met, with names: the event, what was on each side of it, and how many events each side had."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from xrefgraph.errors import counted
from xrefgraph.inspection.draw.layout.masking import masked_node
from xrefgraph.inspection.draw.layout.replaying import Meeting, Retraced
from xrefgraph.inspection.evidence.collapse import instant, oldest_events
from xrefgraph.inspection.evidence.evidence_path import Node, nodes_of
from xrefgraph.networks import EventNode


@dataclass(frozen=True)
class NamedSide:
    """One of the parts that met; see :class:`MetSide`.

    Parameters
    ----------
    part : int
        Its number; -1 where it is only an owner that was seen for the first time.
    owners : tuple of Node
        Owners that it held, two at most.
    owner_count, events : int
        How many owners and events it held.
    met : tuple of Node
        By which identifiers it was reached, two at most.
    """

    part: int
    owners: tuple[Node, ...]
    owner_count: int
    events: int
    met: tuple[Node, ...]


@dataclass(frozen=True)
class NamedMeeting:
    """What met at an event or by a decision; see :class:`Meeting`.

    Parameters
    ----------
    place : int
        Which event it was at, from 0; of a decision, the one before it; -1 before all events.
    time : datetime or None
        When that was.
    part : int
        The number of the part that came out.
    event : EventNode or None
        The event; None where it was a decision.
    sides : tuple of NamedSide
        Those with an owner first, and then the largest first.
    """

    place: int
    time: dt.datetime | None
    part: int
    event: EventNode | None
    sides: tuple[NamedSide, ...]

    @property
    def owner_sides(self) -> tuple[NamedSide, ...]:
        """Those that held an owner."""
        return tuple(side for side in self.sides if side.owner_count)

    @property
    def by(self) -> tuple[Node, ...]:
        """By which identifiers the sides with an owner were reached, the owners themselves left out."""
        owners = {node for side in self.sides for node in side.owners}
        met = dict.fromkeys(node for side in self.owner_sides for node in side.met)
        return tuple(node for node in met if node not in owners)

    def told(self, show: Callable[[str], str] = str) -> str:
        """Say which owners met: ``MERGE at e402: U1001 + U1002, 113 + 94 events``.

        Parameters
        ----------
        show : function
            Gives what is shown for a value, or for the id of an event.
        """
        where = "by a decision" if self.event is None else f"at {show(self.event.event_id)}"
        sides = self.owner_sides
        names = [_owners(side, show) for side in sides[:3]]
        counts = [f"{side.events:,}" for side in sides[:3]]
        more = len(sides) - len(names)
        if more:
            names.append(f"{more:,} more")
            counts.append(f"{sum(side.events for side in sides[3:]):,}")
        if any(side.events for side in sides):
            size = f"{' + '.join(counts)} events"
        else:
            size = "on one event" if self.event is not None else "before all events"
        return f"MERGE {where}: {' + '.join(names)}, {size}"


def named_shortly(node: Node, show: Callable[[str], str]) -> str:
    """Name an identifier with its type: ``device kiosk-77``; or an event."""
    kind = "event" if isinstance(node, EventNode) else node.type
    return f"{kind} {show(value_of(node))}"


def _owners(side: NamedSide, show: Callable[[str], str]) -> str:
    named = show(value_of(side.owners[0])) if side.owners else counted(side.owner_count, "owner")
    more = side.owner_count - 1
    return f"{named} and {more:,} more" if side.owners and more else named


def value_of(node: Node) -> str:
    """The value of an identifier, or the id of an event."""
    return node.event_id if isinstance(node, EventNode) else node.value


def named_meetings(
    traced: Retraced, meetings: Sequence[Meeting], hide: Callable[[str], str]
) -> tuple[NamedMeeting, ...]:
    """Name what met, in the same order.

    Parameters
    ----------
    traced : Retraced
        The profiles.
    meetings : sequence of Meeting
        What met.
    hide : function
        Masks values.
    """
    drawn = traced.drawn
    places = sorted(
        {
            place
            for meeting in meetings
            for side in meeting.sides
            for place in (*side.owners, *side.met)
        }
    )
    nodes = nodes_of(drawn.store, drawn.found, places, drawn.ends)
    named = {place: masked_node(node, hide) for place, node in zip(places, nodes, strict=True)}
    groups = sorted({meeting.group for meeting in meetings if meeting.group >= 0})
    events = dict(zip(groups, oldest_events(drawn.store, drawn.found, groups), strict=True))
    return tuple(
        NamedMeeting(
            meeting.place,
            instant(traced.time_at(meeting.place)),
            meeting.part,
            events.get(meeting.group),
            tuple(
                NamedSide(
                    side.part,
                    tuple(named[place] for place in side.owners),
                    side.owner_count,
                    side.events,
                    tuple(named[place] for place in side.met),
                )
                for side in meeting.sides
            ),
        )
        for meeting in meetings
    )
