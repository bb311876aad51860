"""Some raw profiles as arrays: what hangs together, and how it is settled. What the policy parted is together here.

It is what a what-if needs, and no more: see :mod:`xrefgraph.inspection.what_if.resettle`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from xrefgraph.decisions import Identifier
from xrefgraph.errors import XrefGraphError, counted
from xrefgraph.inspection.evidence.collapse import Flags, Ints, Longs, raw_profiles
from xrefgraph.linking.evidence import NO_TIME, among, distinct
from xrefgraph.profiles import AMBIGUOUS, ANCHORED, ANONYMOUS, NO_IDENTIFIER
from xrefgraph.store import Store
from xrefgraph.verdicts import verdicts

#: Pairs of numbers: identifiers of ``store.value``, or a set of ``store.eventset`` and an identifier.
Pairs = Iterable[tuple[int, int]] | npt.NDArray[np.integer]


@dataclass(frozen=True)
class Settlement:
    """Who is who among some identifiers and events: the profiles that were, or that would be.

    Parameters
    ----------
    name : int32[profiles]
        The number of the identifier in ``store.value`` that names a profile; ascending. Two profiles of one name have the
        same id.
    anchored, ambiguous, over_limit : bool[profiles]
        As in ``store.profile``.
    events, identifiers : int64[profiles]
        How many belong to it.
    member, member_profile : int32[members]
        The number of an identifier, and the place of a profile that it is in. By profile, then by identifier. One that changed
        hands is in several.
    event_profile : int32[events]
        The place of the profile of each event; -1 where it has none.
    contested : int32[some]
        The numbers of the identifiers that are contested, ascending.
    cuts : int
        How many links of events the policy cut.
    """

    name: Ints
    anchored: Flags
    ambiguous: Flags
    over_limit: Flags
    events: Longs
    identifiers: Longs
    member: Ints
    member_profile: Ints
    event_profile: Ints
    contested: Ints
    cuts: int

    @property
    def event_name(self) -> Ints:
        """The number of the identifier that names the profile of each event, -1 for none: int32[events]."""
        names: Ints = np.append(self.name, np.int32(-1))[self.event_profile]
        return names

    @property
    def status(self) -> npt.NDArray[np.uint8]:
        """The status of the events of each profile: uint8[profiles], an index of ``STATUSES``."""
        status = np.where(self.anchored, np.uint8(ANCHORED), np.uint8(ANONYMOUS))
        status[self.ambiguous] = AMBIGUOUS
        return status

    @property
    def event_status(self) -> npt.NDArray[np.uint8]:
        """The status of each event: uint8[events]."""
        return np.append(self.status, np.uint8(NO_IDENTIFIER))[self.event_profile]

    def profiles_of(self, number: int) -> Ints:
        """Give the places of the profiles that hold an identifier: none where it links nothing."""
        found: Ints = self.member_profile[self.member == number]
        return found


@dataclass(frozen=True)
class Piece:
    """Some raw profiles, read to be settled again under other decisions.

    Parameters
    ----------
    store : Store
        The graph.
    profiles : int32[profiles]
        The numbers of its profiles that are in it, ascending.
    identifier, rank : int32[identifiers]
        The identifiers by their numbers in ``store.value``, ascending, and the rank of the type of each.
    set_number : int32[sets]
        The sets in ``store.eventset``, ascending.
    link_set, link_identifier : int32[links]
        What the events of a set carry, kept or cut by the policy: the place of the set, and of the identifier. By set, then by identifier.
    event_set : int32[events]
        The place of the set of each event.
    event_source, event_position, event_time : int16[events], int64[events], int64[events]
        Where it stands, and when it was in microseconds, ``NO_TIME`` for never. By set, source, position.
    linked, separated : int32[pairs, 2]
        The pairs of numbers that decisions link, and that they keep apart.
    now : Settlement
        How it is settled as it stands.
    """

    store: Store
    profiles: Ints
    identifier: Ints
    rank: Ints
    set_number: Ints
    link_set: Ints
    link_identifier: Ints
    event_set: Ints
    event_source: Ints
    event_position: Longs
    event_time: Longs
    linked: Ints
    separated: Ints
    now: Settlement

    @property
    def nodes(self) -> int:
        """How many identifiers and sets of alike events there are."""
        return len(self.identifier) + len(self.set_number)


def around(store: Store, profiles: Iterable[int]) -> Ints:
    """Give the profiles of the raw profiles of some: those that the policy parted from them, and themselves. Ascending.

    A ``link`` joins the raw profiles of two identifiers, so a piece for it is around the profiles of both.
    """
    label = raw_profiles(store)
    is_wanted = np.zeros(len(label), bool)
    is_wanted[label[ascending(profiles)]] = True
    return np.flatnonzero(is_wanted[label]).astype(np.int32)


def read_piece(store: Store, profiles: Iterable[int]) -> Piece:
    """Read some raw profiles, so that they can be settled again.

    Parameters
    ----------
    store : Store
        The graph.
    profiles : iterable of int
        The numbers of all profiles of these raw profiles: see :func:`around`.

    Raises
    ------
    XrefGraphError
        When some of them are missing.

    Notes
    -----
    Cost: what these profiles hold. DuckDB passes over the blocks of the other ones.
    """
    database, never = store.database, f"({NO_TIME + 1} - 1)"
    wanted = np.array(sorted(set(profiles)), np.int32)
    with database.registered(profile=wanted) as lent:
        known = database.arrays(
            "SELECT profile, name, anchored, ambiguous, over_limit, events, identifiers FROM store.profile"
            f" SEMI JOIN {lent} USING (profile) ORDER BY profile"
        )
        members = database.arrays(
            f"SELECT no, profile, status FROM store.member SEMI JOIN {lent} USING (profile) ORDER BY profile, no"
        )
        sets = database.arrays(
            f"SELECT set_number, profile FROM store.eventset SEMI JOIN {lent} USING (profile) ORDER BY set_number"
        )
    with database.registered(set_number=sets["set_number"]) as lent:
        cells = database.arrays(
            f"SELECT set_number, no FROM store.link SEMI JOIN {lent} USING (set_number) WHERE NOT detached"
        )
        events = database.arrays(
            f"SELECT set_number, source, position, coalesce(epoch_us(time), {never}) AS time FROM store.event"
            f" SEMI JOIN {lent} USING (set_number) ORDER BY set_number, source, position"
        )
    identifier = distinct(members["no"])
    # The few distinct values stand at the right of a join, and not the table of all values.
    with database.registered(no=distinct(np.concatenate([cells["no"], identifier]))) as lent:
        values = database.arrays(
            f"SELECT no, type::INTEGER AS type, coalesce(identifier, -1)::INTEGER AS identifier FROM store.value"
            f" SEMI JOIN {lent} USING (no) ORDER BY no"
        )
    rank = values["type"][np.searchsorted(values["no"], identifier)]
    stands_for = values["identifier"][np.searchsorted(values["no"], cells["no"])]
    there = stands_for >= 0
    of_set = np.searchsorted(sets["set_number"], cells["set_number"][there])
    place = np.searchsorted(identifier, stands_for[there])
    missing = ~among(stands_for[there].astype(np.int64), identifier.astype(np.int64))
    if missing.any():
        raise XrefGraphError(
            "These profiles were parted from others by the policy, and have to be read together with them: of"
            f" {counted(len(missing), 'link')} {int(missing.sum()):,} lead out of them."
        )
    # Two spellings of one identifier on one event are one link.
    links = distinct(of_set.astype(np.int64) << 32 | place)
    event_set = np.searchsorted(sets["set_number"], events["set_number"]).astype(np.int32)
    set_profile = np.searchsorted(wanted, sets["profile"]).astype(np.int32)
    decided = verdicts(store.schema)
    now = Settlement(
        known["name"],
        known["anchored"],
        known["ambiguous"],
        known["over_limit"],
        known["events"].astype(np.int64),
        known["identifiers"].astype(np.int64),
        members["no"],
        np.searchsorted(wanted, members["profile"]).astype(np.int32),
        set_profile[event_set],
        distinct(members["no"][members["status"] == 2]),
        _policy_cuts(store, identifier),
    )
    return Piece(
        store,
        wanted,
        identifier,
        rank,
        sets["set_number"],
        (links >> 32).astype(np.int32),
        (links & 0x7FFFFFFF).astype(np.int32),
        event_set,
        events["source"],
        events["position"].astype(np.int64),
        events["time"].astype(np.int64),
        pairs_inside(identifier, numbered_pairs(store, decided.linked)),
        pairs_inside(identifier, numbered_pairs(store, decided.separated)),
        now,
    )


def _policy_cuts(store: Store, identifier: Ints) -> int:
    with store.database.registered(no=identifier) as lent:
        return int(
            store.database.row(
                f"SELECT count(*) FROM store.cut SEMI JOIN {lent} USING (no) WHERE rule <> 'detach'"
            )[0]
        )


def numbers_of(store: Store, named: Iterable[Identifier]) -> dict[Identifier, int]:
    """Give the numbers of identifiers that link something or could, by type and value in its normal form."""
    wanted = sorted(set(named))
    if not wanted:
        return {}
    with store.database.registered(
        place=np.arange(len(wanted), dtype=np.int32),
        type=np.array([store.schema.rank(kind) for kind, _ in wanted], np.uint8),
        text=np.array([text for _, text in wanted], dtype=object),
    ) as lent:
        rows = store.database.rows(
            f"SELECT l.place, v.no FROM store.value v JOIN (SELECT place, type, text::VARCHAR AS text FROM {lent}) l"
            " ON v.text = l.text AND v.type = l.type WHERE v.identifier = v.no ORDER BY l.place"
        )
    return {wanted[place]: int(number) for place, number in rows}


def numbered_pairs(store: Store, pairs: Iterable[tuple[Identifier, Identifier]]) -> Ints:
    """The pairs of which both are there, as numbers; the smaller first, ascending."""
    listed = list(pairs)
    number = numbers_of(store, (one for pair in listed for one in pair))
    return ordered_pairs((number[a], number[b]) for a, b in listed if a in number and b in number)


def ordered_pairs(pairs: Pairs) -> Ints:
    """Pairs with the smaller number first, ascending, each once."""
    found = sorted({(min(a, b), max(a, b)) for a, b in pairs})
    return np.array(found, np.int32).reshape(-1, 2)


def pairs_inside(identifier: Ints, pairs: Ints) -> Ints:
    """Give the pairs of which both are among some identifiers, which ascend."""
    known = among(pairs.ravel().astype(np.int64), identifier.astype(np.int64))
    return pairs[known.reshape(-1, 2).all(axis=1)]


def ascending(numbers: Iterable[int] | Ints) -> Longs:
    """Give some numbers ascending, each once: int64."""
    given = numbers if isinstance(numbers, np.ndarray) else np.array(list(numbers), np.int64)
    return distinct(given.astype(np.int64))
