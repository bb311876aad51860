"""What parts two identifiers or events, and what that costs: the answer of :func:`xrefgraph.separate`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from xrefgraph.decisions import Decision
from xrefgraph.errors import counted
from xrefgraph.inspection.answers import Answer, sentence, series
from xrefgraph.inspection.evidence.evidence_path import Node
from xrefgraph.inspection.subjects import name_of
from xrefgraph.inspection.what_if.consequences import Consequences
from xrefgraph.networks import EventNode, IdentifierNode

#: So many parts of a removal are tried one by one, whether it does without them.
TRIED = 24

GRAINS = ("values", "links", "events")


@dataclass(frozen=True)
class Removal:
    """Something that parts two identifiers or events when it is removed.

    Parameters
    ----------
    grain : {"values", "links", "events"}
        Whether values are blocked everywhere, or detached from single events, or events are set aside.
    identifiers : tuple of IdentifierNode
        The values that are blocked, or detached.
    events : tuple of EventNode
        The events that the values are detached from, or that are set aside; a hundred at most.
    events_in_all : int
        How many these are; for values, the events that carry one of them.
    weight : float
        The events times the trust of the type.
    decisions : tuple of Decision
        What does it: ``block``, or ``detach``. For events, everything is detached from them.
    cost : Consequences
        What would become of the profiles, the anchors and the events, also of other people's.
    is_minimal : bool
        Whether it was seen that no part of it would do.
    """

    grain: str
    identifiers: tuple[IdentifierNode, ...]
    events: tuple[EventNode, ...]
    events_in_all: int
    weight: float
    decisions: tuple[Decision, ...] = field(repr=False)
    cost: Consequences
    is_minimal: bool

    @property
    def text(self) -> str:
        """What is to be done, as a part of a sentence: ``block device kiosk-77 (4 events)``."""
        names = series([name_of(one) for one in self.identifiers[:3]])
        if len(self.identifiers) > 3:
            names = f"{counted(len(self.identifiers), 'identifier')}, such as {names}"
        events = counted(self.events_in_all, "event")
        if self.grain == "values":
            return f"block {names} ({events})"
        if self.grain == "links":
            return f"detach {names} from {_named(self.events, self.events_in_all)}"
        return f"set aside {_named(self.events, self.events_in_all)}"

    def to_row(self) -> dict[str, Any]:
        """Give it as a row of a table."""
        return {
            "remove": self.grain,
            "what": self.text,
            "weight": self.weight,
            "profiles": len(self.cost.pieces) + self.cost.pieces_left_off,
            "events changing hands": self.cost.events_changing_hands,
            "left anonymous": self.cost.events_left_anonymous,
            "without a profile": self.cost.events_left_without_identifier,
            "other profiles touched": max(
                0, len(self.cost.profiles) + self.cost.profiles_left_off - 1
            ),
        }


def _named(events: Sequence[EventNode], count: int) -> str:
    if count == 1 and events:
        return name_of(events[0])
    return counted(count, "event")


@dataclass(frozen=True)
class Articulation:
    """An identifier that every path between the two passes.

    Parameters
    ----------
    identifier : IdentifierNode
    events : int
        How many events carry it.
    weight : float
        These, times the trust of its type.
    potential : float
        Where it stands between the two: 0 at the first, 1 at the second, 0.5 in the middle. The probability that a random walk
        over events reaches the second one first.
    before, after : int
        How many events still hang together with the first, and with the second, when it is gone.
    """

    identifier: IdentifierNode
    events: int
    weight: float
    potential: float
    before: int
    after: int


@dataclass(frozen=True, repr=False)
class Separation(Answer):
    """How two identifiers or events are parted; made by :func:`separate`.

    Parameters
    ----------
    a, b : IdentifierNode or EventNode
        The two. Of a profile of several anchors, the first two that met.
    linked : bool
        Whether they are in one profile now.
    options : tuple of Removal
        The lightest set of values, of links and of events, as far as there is one; lightest first, where a value weighs half, since it
        joins two sides.
    impossible : dict of str to str
        Why there is none of a kind.
    articulations : tuple of Articulation
        The identifiers that every path passes, those first that hold most together with least. A hundred at most.
    articulations_in_all : int
        How many these are.
    pairs : tuple of (Node, Node, Removal)
        Of a profile of more than two anchors: what parts each from those that it met, in the order in which they met. ``options``
        has all of it together then.
    pairs_left_off : int
        How many more pairs would have to be parted.
    """

    a: Node
    b: Node
    linked: bool
    options: tuple[Removal, ...] = ()
    impossible: dict[str, str] = field(default_factory=dict)
    articulations: tuple[Articulation, ...] = ()
    articulations_in_all: int = 0
    pairs: tuple[tuple[Node, Node, Removal], ...] = ()
    pairs_left_off: int = 0
    _said: str = field(default="", repr=False)

    @property
    def best(self) -> Removal | None:
        """The first of the options."""
        return self.options[0] if self.options else None

    @property
    def summary(self) -> str:
        """What to remove, and what it costs."""
        if self._said:
            return self._said
        one, other = name_of(self.a), name_of(self.b)
        best = self.best
        if best is None:
            told = "; ".join(dict.fromkeys(self.impossible.values()))
            return sentence(f"{one} and {other} cannot be parted: {told}.")
        if self.pairs:
            of = counted(len(self.pairs), "pair")
            parted = f"{of} of anchors, in the order in which they met"
            if len(self.pairs) == 1:
                parted = series([name_of(node) for node in self.pairs[0][:2]])
            more = ""
            if self.pairs_left_off:
                stay = "stays" if self.pairs_left_off == 1 else "stay"
                more = f" {counted(self.pairs_left_off, 'more pair')} of anchors {stay} together."
            return f"To part {parted}, {best.text}.{_costs(best.cost)}{more}"
        text = f"to part {one} and {other}, {best.text}.{_costs(best.cost)}"
        others = [option.text for option in self.options[1:]]
        if others:
            text += f" Or {', or '.join(others)}."
        return text[:1].upper() + text[1:]

    def rows(self) -> list[dict[str, Any]]:
        """Give the options."""
        return [option.to_row() for option in self.options]

    @property
    def columns(self) -> Sequence[str]:
        """The names of the columns of the options."""
        return (
            "remove",
            "what",
            "weight",
            "profiles",
            "events changing hands",
            "left anonymous",
            "without a profile",
            "other profiles touched",
        )


def _costs(cost: Consequences) -> str:
    pieces = len(cost.pieces) + cost.pieces_left_off
    sizes = [one.events for one in cost.pieces[:3]]
    told = f" That gives {counted(pieces, 'profile')}"
    if pieces == len(sizes) > 1:
        each = len(set(sizes)) == 1
        told += (
            f" of {counted(sizes[0], 'event')} each"
            if each
            else f" of {series([f'{one:,}' for one in sizes])} events"
        )
    for number, text in (
        (cost.events_left_anonymous, "left anonymous"),
        (cost.events_left_without_identifier, "left without a profile"),
    ):
        if number:
            told += f"; {counted(number, 'event')} {'is' if number == 1 else 'are'} {text}"
    return f"{told}."
