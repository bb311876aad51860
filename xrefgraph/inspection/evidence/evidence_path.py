"""A route between two identifiers or events as evidence: step by step, with the events that say so."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from xrefgraph.errors import counted
from xrefgraph.inspection.evidence.collapse import Collapsed
from xrefgraph.inspection.evidence.ends import EVENT_NUMBER
from xrefgraph.inspection.evidence.routes import step_groups
from xrefgraph.inspection.subjects import Subject, name_of
from xrefgraph.linking.evidence import NO_TIME, distinct
from xrefgraph.lookup import named_values
from xrefgraph.networks import EventNode, IdentifierNode
from xrefgraph.store import Store
from xrefgraph.verdicts import verdicts

Node = IdentifierNode | EventNode

#: How many events are named for each step, and how many steps of a very long path are told: half of them from each end.
NAMED, TOLD = 5, 1_000


@dataclass(frozen=True)
class Step:
    """How two neighbours on a path are joined.

    Parameters
    ----------
    a, b : IdentifierNode or EventNode
        The two neighbours. An event stands only at an end of a path.
    kind : {"events", "carries", "decision"}
        Events carry both; or one of the two is an event that carries the other; or a decision links them.
    events : int
        How many events carry both.
    sources : tuple of str
        The sources of these events.
    first, last : datetime or None
        Their first and last time.
    examples : tuple of EventNode
        The oldest of them, five at most.
    reason : str or None
        What stands in the decision.
    """

    a: Node
    b: Node
    kind: str
    events: int
    sources: tuple[str, ...] = ()
    first: dt.datetime | None = None
    last: dt.datetime | None = None
    examples: tuple[EventNode, ...] = ()
    reason: str | None = None

    def to_row(self) -> dict[str, Any]:
        """Give it as a row of a table."""
        return {
            "from": name_of(self.a),
            "to": name_of(self.b),
            "by": self.kind,
            "events": self.events,
            "sources": self.sources,
            "first": self.first,
            "last": self.last,
            "such as": [f"{one.source}:{one.event_id}" for one in self.examples],
        }


@dataclass(frozen=True)
class Path:
    """A way from one identifier or event to another, over identifiers that events carry together.

    Parameters
    ----------
    steps : tuple of Step
        In order; of a path of more than a thousand steps the first and the last five hundred.
    length : int
        How many steps the path has.
    """

    steps: tuple[Step, ...]
    length: int

    @property
    def nodes(self) -> tuple[Node, ...]:
        """The identifiers, and events at its ends, that the told steps lead over, in order."""
        if not self.steps:
            return ()
        found: list[Node] = [self.steps[0].a]
        for step in self.steps:
            if found[-1] != step.a:
                found.append(step.a)
            found.append(step.b)
        return tuple(found)

    @property
    def left_out(self) -> int:
        """How many steps in its middle are not told."""
        return self.length - len(self.steps)

    def step(self, place: int) -> Step | None:
        """Give a step by its place on the whole path; None where it is not told."""
        if place < TOLD // 2 or not self.left_out:
            return self.steps[place]
        told = place - self.left_out
        return self.steps[told] if told >= TOLD // 2 else None

    @property
    def text(self) -> str:
        """The path as a line: ``db_id 1 - cookie x (3 events) - ...``."""
        parts = [name_of(step.a) for step in self.steps[:1]]
        parts += [f"{name_of(step.b)} ({_by(step)})" for step in self.steps[:6]]
        more = self.length - min(len(self.steps), 6)
        return " - ".join(parts) + (f" - and {counted(more, 'more step')}" if more else "")


#: What :meth:`Step.to_row` gives.
STEP_COLUMNS = ("from", "to", "by", "events", "sources", "first", "last", "such as")


def _by(step: Step) -> str:
    return "by a decision" if step.kind == "decision" else counted(step.events, "event")


def nodes_of(
    store: Store, found: Collapsed, places: Sequence[int], ends: Sequence[Subject] = ()
) -> list[Node]:
    """Give the nodes of some identifiers of a profile; one that stands for an event is that event.

    Parameters
    ----------
    store, found
        The graph and the profile.
    places : sequence of int
        Places of identifiers.
    ends : sequence of Subject
        What was asked for: the events among it, in the order in which they were put at the end of the identifiers.
    """
    numbers = found.identifier[list(places)].tolist()
    named = named_values(store.database, store.schema, [n for n in numbers if n != EVENT_NUMBER])
    events = [one.node for one in ends if one.is_event]
    first_event = found.identifiers - len(events)
    return [
        events[place - first_event] if number == EVENT_NUMBER else IdentifierNode(*named[number])
        for place, number in zip(places, numbers, strict=True)
    ]


def evidence_path(
    store: Store, found: Collapsed, route: Sequence[int], ends: Sequence[Subject]
) -> Path:
    """Give the evidence for a route.

    Parameters
    ----------
    store : Store
        The graph.
    found : Collapsed
        The profile.
    route : sequence of int
        Places of identifiers.
    ends : sequence of Subject
        What was asked for.

    Notes
    -----
    Cost: one look at the events of the steps.
    """
    steps = len(route) - 1
    told = list(range(steps))
    if steps > TOLD:
        told = told[: TOLD // 2] + told[-TOLD // 2 :]
    group, step = step_groups(found, route)
    wanted = np.isin(step, told)
    facts = _facts(store, found, group[wanted], step[wanted])
    places = sorted({route[n] for n in told} | {route[n + 1] for n in told})
    node = dict(zip(places, nodes_of(store, found, places, ends), strict=True))
    return Path(
        tuple(_step(store, node[route[n]], node[route[n + 1]], facts.get(n), ends) for n in told),
        steps,
    )


def _facts(store: Store, found: Collapsed, group: Any, step: Any) -> dict[int, tuple[Any, ...]]:
    """The events of each step: how many, first and last time, sources, the oldest."""
    order = np.argsort(found.set_group, kind="stable")
    ordered = found.set_group[order]
    low, high = np.searchsorted(ordered, group), np.searchsorted(ordered, group, side="right")
    count = high - low
    begin = np.repeat(low - (np.cumsum(count) - count), count)
    sets = found.sets[order[begin + np.arange(count.sum())]]
    of_step = np.repeat(step, count)
    if not len(sets):
        return {}
    pairs = distinct(sets.astype(np.int64) << 32 | of_step)
    with store.database.registered(
        set_number=(pairs >> 32).astype(np.int32), step=(pairs & 0x7FFFFFFF).astype(np.int32)
    ) as lent:
        rows = store.database.rows(
            "SELECT step, count(*), min(time), max(time), list_sort(list(DISTINCT source)),"
            f" min({{'time': coalesce(epoch_us(time), {NO_TIME + 1} - 1), 'source': source, 'position': position, 'id': event_id::VARCHAR}}, {NAMED})"
            f" FROM (SELECT * FROM store.event WHERE set_number BETWEEN {sets.min()} AND {sets.max()}) e JOIN {lent} l USING (set_number)"
            " GROUP BY step"
        )
    names = store.source_names
    facts: dict[int, tuple[Any, ...]] = {}
    for n, events, first, last, sources, oldest in rows:
        facts[n] = (
            events,
            tuple(names[one] for one in sources),
            first,
            last,
            tuple(EventNode(names[one["source"]], one["id"]) for one in oldest),
        )
    return facts


def _step(
    store: Store,
    a: Node,
    b: Node,
    facts: tuple[Any, ...] | None,
    ends: Sequence[Subject],
) -> Step:
    event = next((one for one in ends if one.is_event and one.node in (a, b)), None)
    if event is not None and isinstance(event.node, EventNode):
        here = event.node
        return Step(a, b, "carries", 1, (here.source,), event.time, event.time, (here,))
    if facts:
        return Step(a, b, "events", *facts)
    return Step(a, b, "decision", 0, reason=_decided(store, a, b))


def _decided(store: Store, a: Node, b: Node) -> str | None:
    """What stands in the decision that links two identifiers."""
    pair = {(one.type, one.value) for one in (a, b) if isinstance(one, IdentifierNode)}
    for linked, decision in verdicts(store.schema).linked.items():
        if set(linked) == pair:
            return decision.reason
    return None
