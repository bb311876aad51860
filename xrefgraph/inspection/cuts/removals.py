"""From a cut to what a person can do: which values to block, which links to detach, and the decisions that do it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from xrefgraph.decisions import Decision
from xrefgraph.inspection.evidence.bottlenecks import Cut, identifier_weights, type_trust
from xrefgraph.inspection.evidence.collapse import Collapsed
from xrefgraph.inspection.evidence.evidence_path import nodes_of
from xrefgraph.inspection.subjects import Subject
from xrefgraph.linking.evidence import distinct
from xrefgraph.networks import EventNode, IdentifierNode
from xrefgraph.store import Store


@dataclass(frozen=True)
class Part:
    """One of the things that a cut removes.

    Parameters
    ----------
    identifiers : tuple of IdentifierNode
        The value that is blocked or detached; of events that are set aside all that they carry.
    events : tuple of EventNode
        The events that it is detached from; none where it is blocked.
    weight : float
        Its events times trust.
    """

    identifiers: tuple[IdentifierNode, ...]
    events: tuple[EventNode, ...]
    weight: float


@dataclass(frozen=True)
class Removed:
    """What a cut removes, in full.

    Parameters
    ----------
    parts : tuple of Part
        One by one.
    carried : int
        Of values: how many events carry one of them.
    reason : str
        What stands in the decisions.
    """

    parts: tuple[Part, ...]
    carried: int
    reason: str

    @property
    def identifiers(self) -> tuple[IdentifierNode, ...]:
        """The identifiers, each once."""
        return tuple(dict.fromkeys(one for part in self.parts for one in part.identifiers))

    @property
    def events(self) -> tuple[EventNode, ...]:
        """The events that something is detached from, each once."""
        return tuple(dict.fromkeys(one for part in self.parts for one in part.events))

    @property
    def events_in_all(self) -> int:
        """How many events it is about."""
        return len(self.events) or self.carried

    @property
    def weight(self) -> float:
        """The weight of all parts."""
        return float(sum(part.weight for part in self.parts))

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """What does it: a ``block`` for each value, or a ``detach`` for each value with its events."""
        detached: dict[IdentifierNode, dict[str, None]] = {}
        found = []
        for part in self.parts:
            for one in part.identifiers:
                if part.events:
                    ids = dict.fromkeys(event.event_id for event in part.events)
                    detached.setdefault(one, {}).update(ids)
                else:
                    pair = (one.type, one.value)
                    found.append(Decision("block", identifier=pair, reason=self.reason))
        found += [
            Decision(
                "detach", identifier=(one.type, one.value), events=tuple(ids), reason=self.reason
            )
            for one, ids in detached.items()
        ]
        return tuple(found)


def keep_only(removed: Removed, places: Sequence[int]) -> Removed:
    """Give a removal with some of its parts."""
    return Removed(tuple(removed.parts[n] for n in places), removed.carried, removed.reason)


def removed_by(
    store: Store, found: Collapsed, cut: Cut, ends: Sequence[Subject], reason: str = ""
) -> Removed:
    """Say what a cut removes.

    Parameters
    ----------
    store, found
        The graph and the profile.
    cut : Cut
        Values, links, or groups of events.
    ends : sequence of Subject
        What the cut is between: events among it stand for themselves.
    reason : str
        What is to stand in the decisions.

    Notes
    -----
    Cost: a look at the events that links are detached from.
    """
    trust = type_trust(store.schema)
    if len(cut.identifiers):
        weights = identifier_weights(found, trust)
        nodes = _identifiers(store, found, cut.identifiers.tolist(), ends)
        parts = [
            Part((node,), (), float(weights[place]))
            for place, node in zip(cut.identifiers.tolist(), nodes, strict=True)
        ]
        touched = found.kept & np.isin(found.link, cut.identifiers)
        events = found.events[distinct(found.link_group[touched])].sum()
        return Removed(tuple(parts), int(events), reason)
    groups = cut.groups.tolist()
    events = _events(store, found, groups, ends)
    if len(cut.linked):
        nodes = _identifiers(store, found, cut.linked.tolist(), ends)
        parts = [
            Part((node,), of, float(found.events[group] * trust[found.rank[place]]))
            for group, place, node, of in zip(
                groups, cut.linked.tolist(), nodes, events, strict=True
            )
        ]
        return Removed(tuple(parts), 0, reason)
    parts = []
    for group, of in zip(groups, events, strict=True):
        carried = found.link[found.start[group] : found.start[group + 1]]
        weight = float(found.events[group] * trust[found.rank[carried]].max())
        nodes = _identifiers(store, found, carried.tolist(), ends)
        parts.append(Part(tuple(nodes), of, weight))
    return Removed(tuple(parts), 0, reason)


def _identifiers(
    store: Store, found: Collapsed, places: Sequence[int], ends: Sequence[Subject]
) -> list[IdentifierNode]:
    nodes = nodes_of(store, found, places, ends)
    return [node for node in nodes if isinstance(node, IdentifierNode)]


def _events(
    store: Store, found: Collapsed, groups: Sequence[int], ends: Sequence[Subject]
) -> list[tuple[EventNode, ...]]:
    """The events of some groups, in input order; one that was asked for stands in a group of its own."""
    asked = [one for one in ends if one.is_event and isinstance(one.node, EventNode)]
    own = {found.groups - len(asked) + n: one.node for n, one in enumerate(asked)}
    mine = set(own.values())
    place = np.full(found.groups, -1, np.int64)
    place[list(groups)] = np.arange(len(groups))
    of_set = place[found.set_group]
    sets = found.sets[of_set >= 0]
    listed: list[list[EventNode]] = [[] for _ in groups]
    if len(sets):
        with store.database.registered(set_number=sets, place=of_set[of_set >= 0]) as lent:
            rows = store.database.rows(
                "SELECT l.place, e.source, e.event_id::VARCHAR FROM"
                f" (SELECT * FROM store.event WHERE set_number BETWEEN {sets.min()} AND {sets.max()}) e"
                f" JOIN {lent} l USING (set_number) ORDER BY e.source, e.position"
            )
        names = store.source_names
        for n, source, event_id in rows:
            node = EventNode(names[source], event_id)
            if node not in mine:
                listed[n].append(node)
    for n, group in enumerate(groups):
        alone = own.get(group)
        if isinstance(alone, EventNode):
            listed[n].append(alone)
    return [tuple(one) for one in listed]
