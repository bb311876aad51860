"""The way from one profile into another, put into words: events and identifiers, and what leads from each to the next."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from xrefgraph.decisions import Decision
from xrefgraph.errors import listing
from xrefgraph.inspection.barriers.crossing import (
    MOST_READ,
    Weave,
    held_identifiers,
    neighbours,
    woven,
)
from xrefgraph.inspection.evidence.collapse import read_collapsed
from xrefgraph.inspection.subjects import Subject, name_of, profile_ids
from xrefgraph.lookup import named_values
from xrefgraph.networks import EventNode, IdentifierNode
from xrefgraph.store import Store
from xrefgraph.verdicts import Verdicts, verdicts

#: Of a longer way than this only what is so near to its ends and its crossings is listed.
MOST_STOPS, NEAR = 1_000, 10


@dataclass(frozen=True)
class Stop:
    """An identifier or an event on the way.

    Parameters
    ----------
    node : IdentifierNode or EventNode
        What it is; of alike events the oldest.
    profile_id : str
        The profile that it is in; of an identifier that changed hands, the one in which the way passes it.
    events : int
        How many events carry the identifier; how many events carry just what this one does.
    time : datetime or None
        When the event was.
    contested : bool
        Whether the policy found that two people reach the identifier, or cut a link of it.
    """

    node: IdentifierNode | EventNode
    profile_id: str
    events: int
    time: dt.datetime | None = None
    contested: bool = False

    @property
    def name(self) -> str:
        """What it is called in a sentence."""
        return name_of(self.node)


@dataclass(frozen=True)
class Hop:
    """What leads from one stop to the next.

    Parameters
    ----------
    kind : str
        ``kept``: the event carries the identifier. ``linked``: a decision links the two identifiers. ``cut``: the event carries
        it, and the policy cut this link. ``detached``: a decision did. ``changed_hands``: it is the same identifier, of another
        owner. ``left_out``: there are more stops between these two, which are not listed.
    rule : str or None
        What cut it, as in the table ``cuts``.
    reason : str or None
        Why, as there; of an identifier that changed hands, when it was whose.
    apart : tuple of IdentifierNode
        What the cut keeps apart: on the event's side, and on the identifier's. Empty where nothing is named.
    decision : dict or None
        The decision behind it.
    left_out : int
        How many stops are not listed.
    """

    kind: str
    rule: str | None = None
    reason: str | None = None
    apart: tuple[IdentifierNode, ...] = ()
    decision: dict[str, Any] | None = None
    left_out: int = 0

    @property
    def is_crossing(self) -> bool:
        """Whether it leads from one profile into another."""
        return self.kind in ("cut", "detached", "changed_hands")


@dataclass(frozen=True)
class Route:
    """The way from one to the other.

    Parameters
    ----------
    stops : tuple of Stop
        Events and identifiers in turn, but where a decision links two identifiers, or one changed hands.
    hops : tuple of Hop
        What leads from each stop to the next: one less than there are stops.
    is_fewest : bool
        Whether it is known that no way crosses fewer cuts. It is, but where `over_time` left profiles in pieces, and all that
        hangs together is more than 500,000 identifiers.
    """

    stops: tuple[Stop, ...]
    hops: tuple[Hop, ...]
    is_fewest: bool = True

    @property
    def crossings(self) -> Iterator[tuple[Stop, Hop, Stop]]:
        """The hops that lead from one profile into another, with their two stops."""
        for n, hop in enumerate(self.hops):
            if hop.is_crossing:
                yield self.stops[n], hop, self.stops[n + 1]


def find_crossing(store: Store, a: Subject, b: Subject) -> Route | None:
    """Find the way from one to the other that crosses the fewest cuts; of these, the shortest.

    Parameters
    ----------
    store : Store
        The graph.
    a, b : Subject
        An identifier or an event each, of different profiles.

    Returns
    -------
    Route or None
        None where the raw evidence does not connect the two, or one of them is in no profile.

    Notes
    -----
    Cost: a scan of what all sets carry, where something is contested or detached at all; then Dijkstra's algorithm on the
    profiles on the way.
    """
    if a.profile is None or b.profile is None:
        return None
    near = neighbours(store)
    fewest, profiles = near.between(store, a.profile, b.profile)
    if not len(profiles):
        return None
    weave = woven(store, read_collapsed(store, profiles), (a, b))
    nodes = weave.way(a, b)
    is_fewest = weave.crossed(nodes) == fewest
    if not is_fewest:
        # Under `over_time` a profile may be in pieces, between which no link leads: then all that hangs together is read.
        everything = near.reached(a.profile)
        if not nodes or held_identifiers(store, everything) <= MOST_READ:
            weave = woven(store, read_collapsed(store, everything), (a, b))
            nodes, is_fewest = weave.way(a, b), True
    return _told(store, weave, nodes, (a, b), is_fewest=is_fewest) if nodes else None


# ------------------------------------------------------------------------------------------- in words


@dataclass(frozen=True)
class _Item:
    """A stop while it is put into words: its node, and what led to it."""

    node: int
    hop: str


def _items(weave: Weave, nodes: Sequence[int]) -> list[_Item]:
    """Name the stops of a way, and what leads to each of them."""
    found = [_Item(nodes[0], "")]

    def lost(event: int, node: int) -> str:
        return "detached" if (event, weave.identifier(node)) in weave.detached else "cut"

    for before, node in itertools.pairwise(nodes):
        if node >= weave.hubs:
            continue
        last = found[-1].node
        events = weave.is_event(last), weave.is_event(node)
        if before >= weave.hubs and all(events):
            # Both lost the identifier that lies between them, and no owner of it is passed.
            found += [_Item(before, lost(last, before)), _Item(node, lost(node, before))]
        elif before >= weave.hubs and not any(events):
            found.append(_Item(node, "changed_hands"))
        elif not any(events):
            found.append(_Item(node, "linked"))
        elif before >= weave.hubs or weave.crosses(before, node):
            found.append(_Item(node, lost(*((last, node) if events[0] else (node, last)))))
        else:
            found.append(_Item(node, "kept"))
    return found


def _told(
    store: Store,
    weave: Weave,
    nodes: Sequence[int],
    subjects: tuple[Subject, Subject],
    *,
    is_fewest: bool,
) -> Route:
    items = _items(weave, nodes)
    listed = _listed(items)
    stops = _stops(store, weave, [items[n] for n in listed], subjects)
    lost = _lost(store, weave, items, listed, stops)
    hops = []
    for turn in range(1, len(listed)):
        n = listed[turn]
        if n - listed[turn - 1] > 1:
            hops.append(Hop("left_out", left_out=n - listed[turn - 1] - 1))
        elif turn in lost:
            hops.append(lost[turn])
        else:
            pair = stops[turn - 1], stops[turn]
            hops.append(_hop(store, items[n].hop, pair, weave, items[n].node))
    return Route(tuple(stops), tuple(hops), is_fewest)


def _listed(items: Sequence[_Item]) -> list[int]:
    """The stops that are listed: all, or those near the ends and the crossings."""
    if len(items) <= MOST_STOPS:
        return list(range(len(items)))
    crossed = [
        n for n, item in enumerate(items) if item.hop in ("cut", "detached", "changed_hands")
    ]
    near = {m for n in (0, len(items) - 1, *crossed) for m in range(n - NEAR, n + NEAR + 1)}
    return sorted(near & set(range(len(items))))


def _stops(
    store: Store, weave: Weave, items: Sequence[_Item], subjects: tuple[Subject, Subject]
) -> list[Stop]:
    found, database = weave.found, store.database
    profiles = [weave.profile(item.node) for item in items]
    ids = profile_ids(store, profiles)
    events = _events(store, weave, items, subjects)
    numbers = [
        int(found.identifier[weave.identifier(item.node)])
        for item in items
        if not weave.is_event(item.node)
    ]
    texts = named_values(database, store.schema, numbers)
    with database.registered(no=np.array(sorted(set(numbers)), np.int32)) as lent:
        members = {
            (no, profile): (count, status)
            for no, profile, count, status in database.rows(
                f"SELECT no, profile, events, status FROM store.member SEMI JOIN {lent} USING (no)"
            )
        }
    stops = []
    for n, (item, profile) in enumerate(zip(items, profiles, strict=True)):
        if n in events:
            node, time = events[n]
            alike = int(found.events[weave.group(item.node)])
            stops.append(Stop(node, ids[profile], alike, time))
            continue
        number = int(found.identifier[weave.identifier(item.node)])
        count, status = members[number, profile]
        stops.append(
            Stop(IdentifierNode(*texts[number]), ids[profile], int(count), contested=status == 2)
        )
    return stops


def _events(
    store: Store, weave: Weave, items: Sequence[_Item], subjects: tuple[Subject, Subject]
) -> dict[int, tuple[EventNode, dt.datetime | None]]:
    """The event and the time of each stop that is one: the one that was asked for, else the oldest of those that are alike."""
    rows = [n for n, item in enumerate(items) if weave.is_event(item.node)]
    if not rows:
        return {}
    found = weave.found
    places: dict[int, tuple[int, int, int]] = {}
    for n in rows:
        node, group = items[n].node, weave.group(items[n].node)
        if node < weave.apart:
            places[n] = (
                int(found.oldest_set[group]),
                int(found.oldest_source[group]),
                int(found.oldest_position[group]),
            )
        else:
            places[n] = _oldest(store, int(weave.sets[node - weave.apart]))
    for n, subject in ((0, subjects[0]), (len(items) - 1, subjects[1])):
        if subject.set_number is not None:
            places[n] = (subject.set_number, int(subject.source or 0), int(subject.position or 0))
    columns = np.array([places[n] for n in rows], np.int64)
    low, high = int(columns[:, 0].min()), int(columns[:, 0].max())
    with store.database.registered(
        n=np.array(rows), source=columns[:, 1], position=columns[:, 2]
    ) as lent:
        named = store.database.rows(
            f"SELECT l.n, e.source, e.event_id::VARCHAR, e.time FROM (SELECT * FROM store.event WHERE set_number BETWEEN {low} AND {high}) e"
            f" JOIN {lent} l ON e.position = l.position AND e.source = l.source"
        )
    names = store.source_names
    return {n: (EventNode(names[source], event_id), time) for n, source, event_id, time in named}


def _oldest(store: Store, set_number: int) -> tuple[int, int, int]:
    """The set, the source and the position of the oldest event of a set."""
    source, position = store.database.row(
        f"SELECT source, position FROM store.event WHERE set_number = {set_number}"
        " ORDER BY time NULLS FIRST, source, position LIMIT 1"
    )
    return set_number, int(source), int(position)


def _lost(
    store: Store,
    weave: Weave,
    items: Sequence[_Item],
    listed: Sequence[int],
    stops: Sequence[Stop],
) -> dict[int, Hop]:
    """What the table ``cuts`` says of each link on the way that is lost, by the turn of its second stop."""
    decided = verdicts(store.schema)
    found = {}
    for turn, n in enumerate(listed):
        if items[n].hop not in ("cut", "detached"):
            continue
        before, after = (stops[turn - 1], items[n - 1]), (stops[turn], items[n])
        if isinstance(after[0].node, EventNode):
            before, after = after, before
        event, one, place = before[0].node, after[0].node, after[1].node
        if not isinstance(event, EventNode) or not isinstance(one, IdentifierNode):
            continue  # a link has an event and an identifier at its ends
        number = int(weave.found.identifier[weave.identifier(place)])
        sign = "=" if items[n].hop == "detached" else "<>"
        rule, reason, a, b = store.database.row(
            f"SELECT rule, reason, a, b FROM store.cut WHERE no = {number} AND source = {store.source_names.index(event.source)}"
            f" AND event_id = $1 AND rule {sign} 'detach'",
            [event.event_id],
        )
        texts = named_values(store.database, store.schema, [m for m in (a, b) if m is not None])
        apart = tuple(IdentifierNode(*texts[m]) for m in (a, b) if m is not None)
        decision = (
            decided.detached.get(((one.type, one.value), event.event_id))
            if items[n].hop == "detached"
            else separation(decided, apart)
        )
        found[turn] = Hop(
            items[n].hop, rule, reason, apart, None if decision is None else decision.to_dict()
        )
    return found


def separation(decided: Verdicts, apart: Sequence[IdentifierNode]) -> Decision | None:
    """Give the decision that keeps two identifiers apart; None where there is none."""
    if len(apart) != 2:
        return None
    a, b = ((one.type, one.value) for one in apart)
    return decided.separated.get((a, b)) or decided.separated.get((b, a))


def _hop(store: Store, kind: str, pair: tuple[Stop, Stop], weave: Weave, node: int) -> Hop:
    """A hop that is no link that was lost."""
    one, other = pair
    if (
        isinstance(one.node, IdentifierNode)
        and isinstance(other.node, IdentifierNode)
        and kind == "linked"
    ):
        a, b = ((n.type, n.value) for n in (one.node, other.node))
        linked = verdicts(store.schema).linked
        decision = linked.get((a, b)) or linked[b, a]
        return Hop(kind, reason=decision.reason, decision=decision.to_dict())
    if kind == "changed_hands":
        number = int(weave.found.identifier[weave.identifier(node)])
        told = [owned_when(store, number, stop.profile_id) for stop in pair]
        return Hop(kind, store.schema.policy.name, "; ".join(told))
    return Hop(kind)


def owned_when(store: Store, number: int, profile_id: str) -> str:
    """Say when an identifier that changed hands was a profile's: ``db_id:1's until 2026-03-01 10:00``."""
    rows = store.database.rows(
        f"SELECT o.profile, o.valid_from, o.valid_to FROM store.owned o WHERE o.no = {number} ORDER BY 2 NULLS FIRST, 3 NULLS LAST"
    )
    names = profile_ids(store, [profile for profile, *_ in rows])
    spans_of = [(since, until) for profile, since, until in rows if names[profile] == profile_id]
    return f"{profile_id}'s {listing([_span(since, until) for since, until in spans_of], 3)}"


def _span(since: dt.datetime | None, until: dt.datetime | None) -> str:
    if since is None and until is None:
        return "without a time"
    if since == until:
        return f"at {since:%Y-%m-%d %H:%M}, as others at this moment"
    parts = [
        "" if since is None else f"from {since:%Y-%m-%d %H:%M}",
        "" if until is None else f"until {until:%Y-%m-%d %H:%M}",
    ]
    return " ".join(part for part in parts if part)
