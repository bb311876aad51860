"""Whether the order of the rows decides who is who: the same events, linked again in other orders."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from xrefgraph.database import Database
from xrefgraph.errors import counted
from xrefgraph.graph import XrefGraph
from xrefgraph.inspection.answers import Answer
from xrefgraph.inspection.orders import came_in, other_order
from xrefgraph.inspection.subjects import asked_number, asked_store, name_of
from xrefgraph.networks import EventNode, IdentifierNode
from xrefgraph.restored import Order, stage_stored
from xrefgraph.stages import link_staged
from xrefgraph.store import Store, profile_id_sql
from xrefgraph.verdicts import verdicts

log = logging.getLogger(__name__)

#: How many examples a round has of events, and as many of identifiers.
EXAMPLES = 5

#: Up to so many events, each round is checked to have an order that no other round had.
SMALL = 1000

#: The policies to which the order of the events says nothing; see the rules of linking.
UNORDERED = ("keep", "isolate", "strongest")


@dataclass(frozen=True)
class Moved:
    """An event or an identifier that is with other people when the rows come in another order.

    Parameters
    ----------
    node : EventNode or IdentifierNode
        What moved.
    before, after : tuple of str
        The profiles in the graph, and in the other order: one or none, and of an identifier that changed hands several.
    """

    node: EventNode | IdentifierNode
    before: tuple[str, ...]
    after: tuple[str, ...]

    def __str__(self) -> str:
        sides = (" and ".join(side) or "no profile" for side in (self.before, self.after))
        # The name of a profile goes to another one where the identifier that it is named after does.
        renamed = ", which is another profile now" if self.before == self.after else ""
        return f"{name_of(self.node)}: {' -> '.join(sides)}{renamed}"


@dataclass(frozen=True)
class Round:
    """What became of the graph in one other order.

    Parameters
    ----------
    seed : int
        ``check_stability(graph, 1, seed=...)`` with it does this round again.
    kind : {"shuffle", "batches"}
        Whether all rows of each source were shuffled, or cut into batches that came in another order. The sources came in
        another order either way.
    batches : int
        How many batches that were, over all sources; 0 of a shuffle.
    events, identifiers : int
        How many of them moved.
    profiles : int
        How many profiles of the graph lost or gained one of these.
    examples : tuple of Moved
        A few of them: the first events by source and id, and the first identifiers by type and value.
    left_off : int
        How many more moved.
    """

    seed: int
    kind: str
    batches: int
    events: int
    identifiers: int
    profiles: int
    examples: tuple[Moved, ...] = ()
    left_off: int = 0

    @property
    def stable(self) -> bool:
        """Whether nothing moved."""
        return self.events == self.identifiers == 0


@dataclass(frozen=True, repr=False)
class Stability(Answer):
    """Whether the order of the rows decides who is who; made by :func:`check_stability`.

    Parameters
    ----------
    stable : bool
        Whether no event and no identifier moved in any round.
    orders : int
        How many different orders were tried, other than the one that the rows came in. In a graph of a few events rounds may
        have the same one.
    events, identifiers, profiles : int
        How many the graph has.
    policy : str
        The policy of its schema: ``callable`` for a function.
    untimed : int
        How many events have no time.
    tied : int
        How many have a time that another event has too.
    rounds : tuple of Round
        One by one.
    """

    stable: bool
    orders: int
    events: int
    identifiers: int
    profiles: int
    policy: str
    untimed: int
    tied: int
    rounds: tuple[Round, ...]

    @property
    def summary(self) -> str:
        """Whether something moved, and why, or in how many orders nothing did."""
        if not self.orders:
            return f"The graph has {counted(self.events, 'event')}: there is no other order to try."
        tried = f"{counted(self.orders, 'other order')} of its {counted(self.events, 'event')}"
        if self.stable:
            return f"The graph is stable: in {tried} nothing moved. {self._why_stable()}"
        moving = [one for one in self.rounds if not one.stable]
        worst = max(moving, key=lambda one: (one.events + one.identifiers, -one.seed))
        moved = " and ".join(
            counted(number, noun)
            for number, noun in ((worst.events, "event"), (worst.identifiers, "identifier"))
            if number
        )
        return (
            f"The graph is not stable: in {len(moving):,} of {counted(len(self.rounds), 'round')}, with {tried}, something moved; at most"
            f" {moved}, of {counted(worst.profiles, 'profile')} (seed {worst.seed}). {self._why_unstable()}"
        )

    def _why_stable(self) -> str:
        if self.policy in UNORDERED:
            return f"The policy `{self.policy}` does not look at the order of events."
        if self.untimed or self.tied:
            return (
                f"{self._policy_goes_by_order()}, and {self._without_order()}: here it makes no difference, but other events"
                " may change that."
            )
        return f"{self._policy_goes_by_order()}, and each event has a time of its own."

    def _why_unstable(self) -> str:
        if self.policy in UNORDERED:
            return (
                f"The policy `{self.policy}` does not look at the order of events. If a type has a normaliser that is a function, see"
                " that it gives the same for the same value each time; if not, please report this."
            )
        if not (self.untimed or self.tied):
            return (
                f"{self._policy_goes_by_order()}, but each event has a time of its own. If the policy or a normaliser is a function, see"
                " that it gives the same each time; if not, please report this."
            )
        return (
            f"{self._policy_goes_by_order()}, and {self._without_order()}: among these the order of the rows decides. Give each"
            " event a time of its own, or choose `isolate`, which does not look at the order."
        )

    def _policy_goes_by_order(self) -> str:
        if self.policy == "callable":
            return "The policy is a function, which may look at the order of events"
        return f"The policy `{self.policy}` goes by the order of events"

    def _without_order(self) -> str:
        parts = []
        if self.untimed:
            parts.append(
                f"{self.untimed:,} of them {'has' if self.untimed == 1 else 'have'} no time"
            )
        if self.tied:
            parts.append(f"{self.tied:,} share their time with another")
        return " and ".join(parts)

    def rows(self) -> list[dict[str, Any]]:
        """Give a row a round, with the first example."""
        return [
            {
                "seed": one.seed,
                "kind": one.kind,
                "batches": one.batches,
                "events": one.events,
                "identifiers": one.identifiers,
                "profiles": one.profiles,
                "example": str(one.examples[0]) if one.examples else None,
            }
            for one in self.rounds
        ]


def check_stability(graph: XrefGraph, n: int = 20, *, seed: int = 0) -> Stability:
    """Link the events of a graph again in other orders of the rows, and say what moves.

    Parameters
    ----------
    graph : XrefGraph
        It is not changed.
    n : int
        How many rounds.
    seed : int
        The seed of the first round; the next ones have the next numbers. In rounds of an even seed all rows of each source are
        shuffled; in those of an odd one they are cut at random places into two to ten batches, which come in another order,
        each as it was. In both the sources come in another order.

    Returns
    -------
    Stability

    Raises
    ------
    SchemaError
        When ``n`` is no whole number from 1 on, or ``seed`` none from 0 on; or what a function of the schema raises.

    Notes
    -----
    Compared is who is with whom: each event and each identifier, of all of them, by joins. Profiles are matched by what they
    have in common, and not by their ids, since a profile that loses the identifier that named it gets another one: of all
    pairs of a profile of the graph and one of the other order, the pair with most events and identifiers in common is one, then
    of those that are left, and so on; of several the pair of one id first, then by ids. What is not in the matching profile
    has moved. Something moves exactly if some event or identifier is in a profile of another id. An identifier that changed
    hands moved if it has other owners, or another last one.

    The events are those that the graph holds: rows of one event id were settled when it was built, and an event without an id
    of its own keeps the one that it was given. The order of the rows is a permutation that is computed from the place of a row,
    and never written down: a Feistel network over the hash of DuckDB (Luby and Rackoff, *How to construct pseudorandom
    permutations from pseudorandom functions*, 1988). The same seed gives the same orders, as long as DuckDB hashes alike.

    Cost: each round is a rebuild and a comparison; nothing is held from one round to the next.

    Examples
    --------
    Ann and Bob use a tablet, and no event says when:

    >>> import xrefgraph as xg
    >>> rows = [{"db_id": "ann", "cookie": "tablet"}, {"db_id": "bob", "cookie": "tablet"}, {"cookie": "tablet"}]
    >>> graph = xg.build(rows, xg.Schema(["db_id", "cookie"], anchor="db_id", conflicts="first_claim"))
    >>> found = xg.check_stability(graph, 6)
    >>> found.stable
    False
    >>> moving = next(one for one in found.rounds if not one.stable)
    >>> str(moving.examples[0])
    'event #3 of source_1: db_id:ann -> db_id:bob'
    >>> print(xg.check_stability(graph.rebuild(xg.Schema(["db_id", "cookie"], anchor="db_id")), 12).summary)
    The graph is stable: in ... other orders of its 3 events nothing moved. The policy `isolate` does not look at the order
    of events.
    """
    asked_number("n", n, 1)
    asked_number("seed", seed)
    began = time.perf_counter()
    store = asked_store(graph)
    database = store.database
    places = dict(
        database.rows(
            "SELECT source, max(position) + 1 FROM store.event GROUP BY source ORDER BY source"
        )
    )
    untimed, tied = database.row(
        "SELECT coalesce(sum(events) FILTER (time IS NULL), 0)::BIGINT, coalesce(sum(events) FILTER (time IS NOT NULL AND events > 1), 0)::BIGINT"
        " FROM (SELECT time, count(*) AS events FROM store.event GROUP BY time)"
    )
    counts = graph.counts
    many = counts["events"] > 1
    rounds, tried = [], set()
    for number in range(seed, seed + n) if many else ():
        order, batches = other_order(len(store.sources), places, number)
        rounds.append(_round(store, order, number, batches))
        tried.add(came_in(database, order) if counts["events"] <= SMALL else number)
    if counts["events"] <= SMALL:
        same = Order(tuple(range(len(store.sources))), "e.position")
        tried.discard(came_in(database, same))
    found = Stability(
        stable=all(one.stable for one in rounds),
        orders=len(tried),
        events=counts["events"],
        identifiers=counts["identifiers"],
        profiles=counts["profiles"],
        policy=store.schema.policy.name,
        untimed=untimed,
        tied=tied,
        rounds=tuple(rounds),
    )
    log.info("checked %s in %.1f s", counted(len(rounds), "order"), time.perf_counter() - began)
    return found


# --------------------------------------------------------------------------------------------- rounds


def _round(store: Store, order: Order, seed: int, batches: int) -> Round:
    database, catalog = store.database.beside()
    try:
        _link_again(store, database, catalog, order)
        _match(database)
        kind = "batches" if seed % 2 else "shuffle"
        return _what_moved(store, database, seed, kind, batches)
    finally:
        database.close()


def _link_again(store: Store, database: Database, catalog: str, order: Order) -> None:
    """Link the events in another order, and lay the result over the graph.

    ``event``       the events with their profiles in the graph, p, and in the other order, q; a view
    ``identifier``  the identifiers with their (last) profiles p and q
    ``owner``       those that changed hands with each of their owners: ``side`` is p or q
    ``pair``        how many events and identifiers are in profile p of the graph and in profile q now
    """
    schema = store.schema
    staged = stage_stored(database, catalog, schema, schema, store.sources, store.kept, order=order)
    building = link_staged(database, schema, staged, verdicts(schema))
    building.summary()
    named = {
        "p": f"SELECT p.profile, {profile_id_sql('v.type', 'v.text', schema)} AS id FROM {catalog}.store.value v"
        f" JOIN {catalog}.store.profile p ON v.no = p.name",
        "q": f"SELECT p.profile, {profile_id_sql('v.type', 'v.text', schema)} AS id FROM store.value v"
        " JOIN store.profile p ON v.no = p.name",
    }
    for side, query in named.items():
        database.run(f"CREATE TEMP TABLE named_{side} AS {query}")
    events = building.events_query(ordered=False)
    database.run(
        "CREATE TEMP VIEW event AS SELECT e.source::VARCHAR AS source, e.event_id, n.id AS p, e.profile_id AS q"
        f" FROM ({events}) e LEFT JOIN named_p n USING (profile)"
    )
    database.run(
        "CREATE TEMP TABLE event_pair AS SELECT n.id AS p, e.q, e.events FROM"
        f" (SELECT profile, profile_id AS q, count(*) AS events FROM ({events}) GROUP BY ALL) e LEFT JOIN named_p n USING (profile)"
    )
    wheres = {"p": f"{catalog}.store", "q": "store"}
    sides = " FULL JOIN ".join(
        f"(SELECT type, text, n.id AS {side} FROM {where}.value v LEFT JOIN named_{side} n USING (profile) WHERE v.identifier = v.no) {side}"
        for side, where in wheres.items()
    )
    database.run(
        f"CREATE TEMP TABLE identifier AS SELECT type, text, p.p, q.q FROM {sides} USING (type, text)"
    )
    owners = " UNION ALL ".join(
        f"SELECT DISTINCT '{side}' AS side, v.type, v.text, o.id FROM {where}.value v"
        f" JOIN (SELECT o.no, n.id FROM named_{side} n JOIN {where}.owned o USING (profile)) o USING (no)"
        for side, where in wheres.items()
    )
    database.run(f"CREATE TEMP TABLE owner AS {owners}")
    database.run(
        "CREATE TEMP TABLE pair AS SELECT p, q, sum(events)::BIGINT AS events, sum(identifiers)::BIGINT AS identifiers FROM"
        " (SELECT p, q, events, 0 AS identifiers FROM event_pair UNION ALL SELECT p, q, 0, count(*) FROM identifier GROUP BY ALL)"
        " GROUP BY p, q"
    )


def _match(database: Database) -> None:
    """Make ``matched``: which profile q of the other order is profile p of the graph."""
    database.run(
        "CREATE TEMP TABLE met AS SELECT *, count(*) OVER (PARTITION BY p) = 1 AND count(*) OVER (PARTITION BY q) = 1 AS alone"
        " FROM pair WHERE p IS NOT NULL AND q IS NOT NULL"
    )
    database.run("CREATE TEMP TABLE matched AS SELECT p, q FROM met WHERE alone")
    # Only profiles that something left, or came to, are left: one pair after the other, since each takes both away.
    pairs = database.rows(
        "SELECT dense_rank() OVER (ORDER BY p), dense_rank() OVER (ORDER BY q), rowid FROM met WHERE NOT alone"
        " ORDER BY events + identifiers DESC, p <> q, p, q"
    )
    taken: tuple[set[int], set[int]] = set(), set()
    chosen = []
    for p, q, row in pairs:
        if p not in taken[0] and q not in taken[1]:
            taken[0].add(p)
            taken[1].add(q)
            chosen.append(row)
    with database.registered(row=np.array(chosen, np.int64)) as lent:
        database.run(
            f"INSERT INTO matched SELECT m.p, m.q FROM met m SEMI JOIN {lent} l ON m.rowid = l.row"
        )


def _what_moved(store: Store, database: Database, seed: int, kind: str, batches: int) -> Round:
    database.run(
        "CREATE TEMP TABLE apart AS SELECT p, q, events FROM pair WHERE NOT (p IS NULL AND q IS NULL)"
        " AND NOT EXISTS (SELECT 1 FROM matched m WHERE m.p = pair.p AND m.q = pair.q)"
    )
    # Each owner with the profile that matches it on the other side: one that is on one side only is another owner.
    for side, other in (("p", "q"), ("q", "p")):
        database.run(
            f"CREATE TEMP VIEW owner_{side} AS SELECT type, text, o.id AS {side}, m.{other} FROM owner o"
            f" LEFT JOIN matched m ON o.id = m.{side} WHERE o.side = '{side}'"
        )
    database.run(
        "CREATE TEMP TABLE other_owner AS SELECT type, text, p FROM owner_p ANTI JOIN owner_q USING (type, text, q)"
        " UNION ALL SELECT type, text, p FROM owner_q ANTI JOIN owner_p USING (type, text, p)"
    )
    database.run(
        "CREATE TEMP TABLE moved_identifier AS SELECT i.* FROM identifier i SEMI JOIN apart a"
        " ON i.p IS NOT DISTINCT FROM a.p AND i.q IS NOT DISTINCT FROM a.q"
        " UNION SELECT i.* FROM identifier i SEMI JOIN other_owner o ON i.type = o.type AND i.text = o.text"
    )
    profiles = database.row(
        "SELECT count(*) FROM (SELECT p FROM apart WHERE p IS NOT NULL UNION SELECT p FROM other_owner WHERE p IS NOT NULL"
        " UNION SELECT m.p FROM matched m SEMI JOIN apart a ON m.q = a.q)"
    )[0]
    events = database.row("SELECT coalesce(sum(events), 0)::BIGINT FROM apart")[0]
    identifiers = database.row("SELECT count(*) FROM moved_identifier")[0]
    examples = [*_events(database), *_identifiers(store, database)] if events + identifiers else []
    left_off = events + identifiers - len(examples)
    return Round(seed, kind, batches, events, identifiers, profiles, tuple(examples), left_off)


def _events(database: Database) -> list[Moved]:
    rows = database.rows(
        "SELECT e.source, e.event_id, e.p, e.q FROM event e SEMI JOIN apart a ON e.p IS NOT DISTINCT FROM a.p"
        f" AND e.q IS NOT DISTINCT FROM a.q ORDER BY e.source, e.event_id LIMIT {EXAMPLES}"
    )
    return [Moved(EventNode(source, event_id), _one(p), _one(q)) for source, event_id, p, q in rows]


def _identifiers(store: Store, database: Database) -> list[Moved]:
    rows = database.rows(
        "SELECT i.type, i.text, any_value(i.p), any_value(i.q), list(o.id ORDER BY o.id) FILTER (o.side = 'p'),"
        " list(o.id ORDER BY o.id) FILTER (o.side = 'q') FROM"
        f" (SELECT * FROM moved_identifier ORDER BY type, text LIMIT {EXAMPLES}) i LEFT JOIN owner o"
        " ON i.type = o.type AND i.text = o.text GROUP BY i.type, i.text ORDER BY i.type, i.text"
    )
    names = store.schema.names
    return [
        Moved(IdentifierNode(names[rank], text), _owners(p, before), _owners(q, after))
        for rank, text, p, q, before, after in rows
    ]


def _one(profile: str | None) -> tuple[str, ...]:
    return () if profile is None else (profile,)


def _owners(last: str | None, owners: Sequence[str] | None) -> tuple[str, ...]:
    """The profiles of an identifier: its owners, the last one at the end."""
    return (*(one for one in owners or () if one != last), *_one(last))
