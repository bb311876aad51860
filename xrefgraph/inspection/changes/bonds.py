"""What holds profiles together in one result, and where it is in another: as nodes and edges.

Profiles are read from the side of a comparison on which they are whole, with the links that hold. On the other side each event and each
identifier is in some profile, or in none any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from xrefgraph.database import Database
from xrefgraph.decisions import Identifier
from xrefgraph.inspection.changes.comparison import CHANGES
from xrefgraph.inspection.what_if.pieces import numbered_pairs, numbers_of
from xrefgraph.linking.evidence import NO_TIME, among, distinct
from xrefgraph.lookup import named_values
from xrefgraph.store import Store
from xrefgraph.verdicts import verdicts

Ints = npt.NDArray[np.integer]
Flags = npt.NDArray[np.bool_]

#: What became of profiles where there are several of them on one side.
SEVERAL = ("split", "merged", "reshaped")

#: Where an event or identifier is on the other side, if in no profile: not there at all, there, or with several owners.
GONE, NOBODY, HANDED = -1, -2, -3


@dataclass(frozen=True)
class Whole:
    """Some profiles of the side on which they are whole.

    Parameters
    ----------
    label, several : int64[profiles], bool[profiles]
        The group of each, and whether the other side has several of it.
    change : tuple of str
        What became of each.
    set_profile : int64[sets]
        The place of the profile of each set.
    link_set, link_identifier : int64[links]
        The links that hold: the place of the set, and of the identifier.
    identifier : int64[identifiers]
        Their numbers, ascending.
    names : list of (str, str)
        Type and value of each.
    event_set, event_order : int64[events]
        The set of each event, and its place in the order of events.
    event_key : list of (str, str)
        Source and id of each.
    linked : int64[pairs, 2]
        The places of identifiers that a decision links.
    """

    label: Ints
    several: Flags
    change: tuple[str, ...]
    set_profile: Ints
    link_set: Ints
    link_identifier: Ints
    identifier: Ints
    names: list[Identifier]
    event_set: Ints
    event_order: Ints
    event_key: list[tuple[str, str]]
    linked: Ints


def read_whole(store: Store, groups: Sequence[tuple[str, int, int]]) -> Whole:
    """Read some profiles, with the links that hold.

    Parameters
    ----------
    store : Store
        The graph on whose side they are whole.
    groups : sequence of (str, int, int)
        The id of each profile, its group, and what became of it, as a place in ``CHANGES["profiles"]``.
    """
    database = store.database
    ids = {tuple(profile_id.split(":", 1)): (label, kind) for profile_id, label, kind in groups}
    named = numbers_of(store, ids)  # type: ignore[arg-type]  # a name is a type and a value
    by_name = {number: ids[one] for one, number in named.items()}
    with database.registered(name=np.array(sorted(by_name), np.int32)) as lent:
        known = database.rows(
            f"SELECT profile, name FROM store.profile SEMI JOIN {lent} USING (name) ORDER BY profile"
        )
    profile = np.array([row[0] for row in known], np.int64)
    with database.registered(profile=profile.astype(np.int32)) as lent:
        sets = database.arrays(
            f"SELECT set_number, profile FROM store.eventset SEMI JOIN {lent} USING (profile) ORDER BY set_number"
        )
        members = database.arrays(
            f"SELECT no, profile FROM store.member SEMI JOIN {lent} USING (profile)"
        )
    with database.registered(set_number=sets["set_number"]) as lent:
        cells = database.arrays(
            f"SELECT set_number, no FROM store.link SEMI JOIN {lent} USING (set_number) WHERE NOT detached"
        )
        events = database.arrays(
            f"SELECT set_number, source, position, coalesce(epoch_us(time), {NO_TIME + 1} - 1) AS time, event_id::VARCHAR AS event_id"
            f" FROM store.event SEMI JOIN {lent} USING (set_number)"
        )
    with database.registered(no=distinct(cells["no"])) as lent:
        values = database.arrays(
            f"SELECT no, coalesce(identifier, -1)::INTEGER AS identifier FROM store.value SEMI JOIN {lent} USING (no) ORDER BY no"
        )
    number = values["identifier"][np.searchsorted(values["no"], cells["no"])].astype(np.int64)
    of_set = np.searchsorted(sets["set_number"], cells["set_number"])
    held = np.sort(members["no"].astype(np.int64) << 32 | members["profile"])
    kept = (number >= 0) & among(number << 32 | sets["profile"][of_set], held)
    links = distinct(of_set[kept].astype(np.int64) << 32 | number[kept])
    identifier = distinct(members["no"].astype(np.int64))
    texts = named_values(database, store.schema, identifier.tolist())
    order = np.lexsort((events["position"], events["source"], events["time"]))
    names = store.source_names
    kinds = CHANGES["profiles"]
    pairs = numbered_pairs(store, verdicts(store.schema).linked).astype(np.int64)
    pairs = pairs[among(pairs.ravel(), identifier).reshape(-1, 2).all(axis=1)]
    changes = tuple(kinds[by_name[row[1]][1]] for row in known)
    return Whole(
        np.array([by_name[row[1]][0] for row in known], np.int64),
        np.array([change in SEVERAL for change in changes], bool),
        changes,
        np.searchsorted(profile, sets["profile"]),
        links >> 32,
        np.searchsorted(identifier, links & 0x7FFFFFFF),
        identifier,
        [texts[one] for one in identifier.tolist()],
        np.searchsorted(sets["set_number"], events["set_number"][order]),
        np.arange(len(order)),
        list(
            zip(
                (names[source] for source in events["source"][order].tolist()),
                events["event_id"][order].tolist(),
                strict=True,
            )
        ),
        np.searchsorted(identifier, pairs),
    )


def elsewhere(database: Database, other: str, whole: Whole) -> tuple[Ints, Flags, Ints]:
    """Where the events and the identifiers are on the other side.

    Returns
    -------
    event_place : int64[events]
        A number for each profile, or ``GONE`` or ``NOBODY``.
    odd : bool[events]
        Whether an event contradicts itself there.
    identifier_place : int64[identifiers]
        The same numbers; ``HANDED`` for one of several owners.
    """
    columns = {
        "n": np.arange(len(whole.event_key)),
        "source": np.array([source for source, _ in whole.event_key], dtype=object),
        "event_id": np.array([event_id for _, event_id in whole.event_key], dtype=object),
    }
    with database.registered(**columns) as lent:
        rows = database.rows(
            f"SELECT l.n, o.profile_id, o.status = 'contradictory' FROM {other}_events o JOIN"
            f" (SELECT n, source::VARCHAR AS source, event_id::VARCHAR AS event_id FROM {lent}) l USING (source, event_id)"
        )
    profiles: dict[str | None, int] = {None: NOBODY}
    event_place = np.full(len(whole.event_key), GONE, np.int64)
    odd = np.zeros(len(whole.event_key), bool)
    for n, profile, contradicts in rows:
        event_place[n] = profiles.setdefault(profile, len(profiles))
        odd[n] = contradicts
    columns = {
        "n": np.arange(len(whole.names)),
        "type": np.array([kind for kind, _ in whole.names], dtype=object),
        "value": np.array([value for _, value in whole.names], dtype=object),
    }
    identifier_place = np.full(len(whole.names), GONE, np.int64)
    with database.registered(**columns) as lent:
        for n, owners, profile in database.rows(
            f"SELECT l.n, count(o.profile_id), min(o.profile_id) FROM {other}_owner o JOIN"
            f" (SELECT n, type::VARCHAR AS type, value::VARCHAR AS value FROM {lent}) l USING (type, value) GROUP BY l.n"
        ):
            place = profiles.setdefault(profile, len(profiles))
            identifier_place[n] = HANDED if owners > 1 else place
    return event_place, odd, identifier_place


@dataclass(frozen=True)
class Nodes:
    """Events that are alike on both sides, and identifiers, as nodes: events come first.

    Parameters
    ----------
    place : int64[nodes]
        Where a node is on the other side.
    profile : int64[nodes]
        Its profile, where it is whole.
    first : int64[event nodes]
        The first event of each.
    odd : bool[event nodes]
        Whether they contradict themselves on the other side.
    identifier : int64[identifier nodes]
        The place of each identifier.
    a, b : int64[edges]
        The links that hold: an event node, and an identifier node.
    linked : int64[pairs, 2]
        Identifier nodes that a decision links.
    """

    place: Ints
    profile: Ints
    first: Ints
    odd: Flags
    identifier: Ints
    a: Ints
    b: Ints
    linked: Ints

    @classmethod
    def of(cls, whole: Whole, event_place: Ints, odd: Flags, identifier_place: Ints) -> Nodes:
        """Put events of one set that are in one place together."""
        # Events of one set and of one place; events stand in their order, so the first of each is the oldest.
        key = np.stack([whole.event_set, event_place, odd.astype(np.int64)])
        group, first = np.unique(key, axis=1, return_index=True)
        start = np.searchsorted(group[0], np.arange(len(whole.set_profile) + 1))
        sizes = np.diff(start)[whole.link_set]
        link = np.repeat(np.arange(len(whole.link_set)), sizes)
        within = np.arange(len(link)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        a = start[whole.link_set[link]] + within
        # An identifier of several owners is one node in the profile of each.
        owner = whole.set_profile[whole.link_set]
        own = owner.astype(np.int64) << 32 | whole.link_identifier
        known = distinct(own)
        b = np.searchsorted(known, own)[link] + len(first)
        pairs = []
        by_identifier = np.argsort(known & 0x7FFFFFFF, kind="stable")
        ordered = (known & 0x7FFFFFFF)[by_identifier]
        for one, two in whole.linked.tolist():
            low, high = np.searchsorted(ordered, [one, one + 1])
            for n in by_identifier[low:high].tolist():
                twin = (known[n] >> 32 << 32) | two
                m = int(np.searchsorted(known, twin))
                if m < len(known) and known[m] == twin:
                    pairs.append((n + len(first), m + len(first)))
        identifier = known & 0x7FFFFFFF
        return cls(
            np.concatenate([group[1], identifier_place[identifier]]),
            np.concatenate([whole.set_profile[group[0]], known >> 32]),
            first,
            group[2].astype(bool),
            identifier,
            a,
            b,
            np.array(pairs, np.int64).reshape(-1, 2),
        )

    @property
    def events(self) -> int:
        """How many of the nodes are events."""
        return len(self.first)
