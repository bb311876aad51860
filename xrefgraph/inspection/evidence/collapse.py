"""Profiles as arrays: their identifiers, their events in groups of alike ones, and the links between them.

Everything that explains a profile works on this. Alike events (those that carry the same identifiers) are one group
with a count, so a profile of a million events is as small as what its events say.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from xrefgraph.database import Arrays
from xrefgraph.linking.components import smallest_connected
from xrefgraph.linking.evidence import NO_TIME, among, distinct
from xrefgraph.networks import EventNode
from xrefgraph.store import Store
from xrefgraph.verdicts import verdicts

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Collapsed:
    """One or several profiles as a bipartite graph of identifiers and groups of alike events.

    Parameters
    ----------
    identifier : int32[identifiers]
        The numbers of the identifiers in ``store.value``, ascending: strongest first. Everything below names an
        identifier by its place here.
    rank : int32[identifiers]
        The rank of the type of each.
    profile_of : int32[identifiers]
        The number of the profile of each.
    start : int64[groups + 1]
        Group g carries ``link[start[g]:start[g + 1]]``.
    link : int32[links]
        Identifiers, ascending within a group.
    kept : bool[links]
        Whether the link holds. One that does not leads from the profile of the events into another one: the policy cut it.
    events : int64[groups]
        How many events a group has.
    profile : int32[groups]
        The number of the profile of its events.
    first, last : int64[groups]
        The first and the last time of its events in microseconds, ``NO_TIME`` where none has a time.
    oldest : int64[groups]
        The time of its oldest event: by time, then by input; an event without a time, ``NO_TIME``, is older than all others.
    oldest_set : int32[groups]
        The set of this event in ``store.eventset``.
    oldest_source, oldest_position : int16[groups], int64[groups]
        Where it stands.
    decided : int32[pairs, 2]
        Identifiers that a decision links.
    sets, set_group : int32[sets]
        The sets in ``store.eventset`` whose events are in the groups, ascending, and the group of each.
    """

    identifier: Ints
    rank: Ints
    profile_of: Ints
    start: Longs
    link: Ints
    kept: Flags
    events: Longs
    profile: Ints
    first: Longs
    last: Longs
    oldest: Longs
    oldest_set: Ints
    oldest_source: Ints
    oldest_position: Longs
    decided: Ints
    sets: Ints
    set_group: Ints

    @property
    def identifiers(self) -> int:
        """How many identifiers there are."""
        return len(self.identifier)

    @property
    def groups(self) -> int:
        """How many groups of alike events there are."""
        return len(self.events)

    @cached_property
    def link_group(self) -> Ints:
        """The group of each link: int32[links]."""
        return np.repeat(np.arange(self.groups, dtype=np.int32), np.diff(self.start))

    @cached_property
    def carried(self) -> Longs:
        """How many events carry each identifier by a link that holds: int64[identifiers]."""
        links = self.kept
        weights = self.events[self.link_group[links]]
        return np.bincount(self.link[links], weights, self.identifiers).astype(np.int64)

    @cached_property
    def order(self) -> Longs:
        """The place of each group in the order of events, by its oldest event: int64[groups]."""
        found = np.empty(self.groups, np.int64)
        by_age = np.lexsort((self.oldest_position, self.oldest_source, self.oldest))
        found[by_age] = np.arange(self.groups)
        return found

    def place(self, number: int) -> int:
        """Give the place of an identifier, by its number in ``store.value``.

        Raises
        ------
        KeyError
            When it is not here.
        """
        found = int(np.searchsorted(self.identifier, number))
        if found == len(self.identifier) or self.identifier[found] != number:
            raise KeyError(number)
        return found


def decided_heads(found: Collapsed) -> Ints:
    """Give each identifier the strongest one that decisions link with it: int32[identifiers]."""
    return smallest_connected(found.decided[:, 0], found.decided[:, 1], found.identifiers)


def read_collapsed(store: Store, profiles: Iterable[int]) -> Collapsed:
    """Read some profiles, with the links that the policy cut between them.

    Parameters
    ----------
    store : Store
        The graph.
    profiles : iterable of int
        Their numbers.

    Returns
    -------
    Collapsed
        Links that a decision detached, and identifiers that link nothing, are not in it.

    Notes
    -----
    Cost: what these profiles hold; of more than a few profiles, a scan of all sets and links besides.
    """
    wanted = np.array(sorted(set(profiles)), np.int32)
    sets, cells, members = _rows(store, wanted)
    member = members["no"].astype(np.int64) << 32 | members["profile"]
    order = np.argsort(member)
    member = member[order]
    number = distinct(members["no"])
    # An identifier that changed hands is in several: here it stands once, in the last that was read.
    profile_of = np.empty(len(number), np.int32)
    profile_of[np.searchsorted(number, members["no"][order])] = members["profile"][order]

    known = among(cells["no"].astype(np.int64), number.astype(np.int64))
    of_set = np.searchsorted(sets["set_number"], cells["set_number"][known])
    identifier = np.searchsorted(number, cells["no"][known]).astype(np.int32)
    key = cells["no"][known].astype(np.int64) << 32 | sets["profile"][of_set]
    pairs = distinct(of_set.astype(np.int64) << 32 | identifier)
    kept = np.zeros(len(pairs), bool)
    kept[np.searchsorted(pairs, of_set.astype(np.int64) << 32 | identifier)] = among(key, member)
    link_set, link = (pairs >> 32).astype(np.int64), (pairs & 0x7FFFFFFF).astype(np.int32)
    start = np.searchsorted(link_set, np.arange(len(sets["set_number"]) + 1))
    bounds = _bounds(store)
    found = Collapsed(
        number,
        (np.searchsorted(bounds, number, side="right") - 1).astype(np.int32),
        profile_of,
        start.astype(np.int64),
        link,
        kept,
        sets["events"].astype(np.int64),
        sets["profile"],
        sets["first"],
        sets["last"],
        sets["oldest"],
        sets["set_number"],
        sets["source"],
        sets["position"],
        _decided(store, number),
        sets["set_number"],
        np.arange(len(sets["set_number"]), dtype=np.int32),
    )
    return _together(found, alike(found))


def _rows(store: Store, wanted: Ints) -> tuple[Arrays, Arrays, Arrays]:
    """The sets of some profiles with their first event, what they carry, and the members."""
    database, never = store.database, f"({NO_TIME + 1} - 1)"
    with database.registered(profile=wanted) as lent:
        few = len(wanted) <= 8
        ranges = (
            database.rows(
                f"SELECT min(set_number), max(set_number) FROM store.eventset WHERE profile IN ({', '.join(map(str, wanted))})"
                " GROUP BY profile"
            )
            if few
            else []
        )
        # The sets of a profile lie side by side: of a few profiles, whole blocks are skipped.
        where = (
            " OR ".join(["false", *(f"set_number BETWEEN {a} AND {b}" for a, b in ranges)])
            if few
            else "true"
        )
        mine = f"(SELECT set_number, profile, events FROM store.eventset SEMI JOIN {lent} USING (profile) WHERE {where})"
        sets = database.arrays(
            f"SELECT s.set_number, s.profile, s.events, e.first, e.last,"
            " e.oldest.time AS oldest, e.oldest.source AS source, e.oldest.position AS position"
            f" FROM {mine} s JOIN (SELECT set_number, coalesce(min(time) FILTER (time > {never}), {never}) AS first, max(time) AS last,"
            "  min({'time': time, 'source': source, 'position': position}) AS oldest FROM"
            f"  (SELECT set_number, coalesce(epoch_us(time), {never}) AS time, source, position FROM store.event SEMI JOIN {mine} USING (set_number)"
            f"   WHERE {where}) GROUP BY set_number) e USING (set_number) ORDER BY set_number"
        )
        cells = database.arrays(
            f"SELECT l.set_number, l.no FROM (SELECT * FROM store.link WHERE ({where}) AND NOT detached) l"
            f" SEMI JOIN {mine} USING (set_number)"
        )
        members = database.arrays(
            f"SELECT no, profile FROM store.member SEMI JOIN {lent} USING (profile) ORDER BY no"
        )
    return sets, _as_identifiers(store, cells), members


def _as_identifiers(store: Store, cells: Arrays) -> Arrays:
    """The identifiers that values in cells stand for; without those that link nothing."""
    known = distinct(cells["no"])
    # The few values that are looked for stand at the right of the join, and not the table of all.
    with store.database.registered(no=known) as lent:
        stands_for = store.database.arrays(
            "SELECT coalesce(identifier, -1)::INTEGER AS identifier FROM store.value"
            f" SEMI JOIN {lent} USING (no) ORDER BY no"
        )["identifier"]
    number = stands_for[np.searchsorted(known, cells["no"])]
    linking = number >= 0
    return {"set_number": cells["set_number"][linking], "no": number[linking]}


def _bounds(store: Store) -> Longs:
    """Where the numbers of each type begin."""
    rows = store.database.rows("SELECT type, min(no) FROM store.value GROUP BY type ORDER BY type")
    first = dict(rows)
    found, after = [], int(store.database.row("SELECT count(*) FROM store.value")[0])
    for rank in reversed(range(len(store.schema.names))):
        after = int(first.get(rank, after))
        found.append(after)
    return np.array(found[::-1], np.int64)


def _decided(store: Store, numbers: Ints) -> Ints:
    """The pairs of places that a decision links."""
    linked = list(verdicts(store.schema).linked) if store.schema.decisions else []
    pairs = []
    for a, b in linked:
        rows = [
            store.database.rows(
                f"SELECT identifier FROM store.value WHERE type = {store.schema.rank(kind)} AND text = $1",
                [text],
            )
            for kind, text in (a, b)
        ]
        found = [row[0][0] for row in rows if row and row[0][0] is not None]
        place = np.searchsorted(numbers, found)
        if len(found) == 2 and (place < len(numbers)).all() and (numbers[place] == found).all():
            pairs.append(place)
    return np.array(pairs, np.int32).reshape(-1, 2)


def alike(found: Collapsed) -> Ints:
    """Give each group the smallest one that has the same profile and the same links, kept and cut: int32[groups]."""
    smallest = np.arange(found.groups, dtype=np.int32)
    sizes = np.diff(found.start)
    # A link that is kept is another one than a link that is cut.
    coded = found.link.astype(np.int64) * 2 + found.kept
    for size in distinct(sizes):
        groups = np.flatnonzero(sizes == size)
        carried = coded[found.start[groups][:, None] + np.arange(size)]
        keys = np.column_stack([found.profile[groups], carried])
        order = np.lexsort(keys.T[::-1])
        new = np.ones(len(groups), bool)
        new[1:] = (keys[order][1:] != keys[order][:-1]).any(axis=1)
        heads = np.flatnonzero(new)
        # The sort is stable, so the first of those that are alike is the smallest.
        smallest[groups[order]] = groups[order[heads]][np.cumsum(new) - 1]
    return smallest


def _together(found: Collapsed, smallest: Ints) -> Collapsed:
    """Put the groups of one label together."""
    heads = distinct(smallest)
    if len(heads) == found.groups:
        return found
    place = np.searchsorted(heads, smallest)
    first, last = np.full(len(heads), np.iinfo(np.int64).max), np.full(len(heads), NO_TIME)
    timed = found.first != NO_TIME
    np.minimum.at(first, place[timed], found.first[timed])
    np.maximum.at(last, place[timed], found.last[timed])
    first[last == NO_TIME] = NO_TIME
    oldest = np.empty(len(heads), np.int64)
    by_age = np.lexsort((found.oldest_position, found.oldest_source, found.oldest))[::-1]
    oldest[place[by_age]] = by_age
    sizes = np.diff(found.start)[heads]
    start = np.concatenate([[0], np.cumsum(sizes)])
    rows = np.repeat(found.start[heads] - start[:-1], sizes) + np.arange(start[-1])
    return replace(
        found,
        start=start.astype(np.int64),
        link=found.link[rows],
        kept=found.kept[rows],
        events=np.bincount(place, found.events, len(heads)).astype(np.int64),
        profile=found.profile[heads],
        first=first,
        last=last,
        oldest=found.oldest[oldest],
        oldest_set=found.oldest_set[oldest],
        oldest_source=found.oldest_source[oldest],
        oldest_position=found.oldest_position[oldest],
        set_group=place.astype(np.int32)[found.set_group],
    )


def oldest_events(store: Store, found: Collapsed, groups: Sequence[int] | Ints) -> list[EventNode]:
    """Give the oldest event of some groups, in their order."""
    groups = np.asarray(groups, np.int64)
    if not len(groups):
        return []
    sets = found.oldest_set[groups]
    with store.database.registered(
        n=np.arange(len(groups)),
        source=found.oldest_source[groups],
        position=found.oldest_position[groups],
    ) as lent:
        rows = store.database.rows(
            f"SELECT l.n, e.source, e.event_id::VARCHAR FROM (SELECT * FROM store.event WHERE set_number BETWEEN {sets.min()} AND {sets.max()}) e"
            f" JOIN {lent} l ON e.position = l.position AND e.source = l.source ORDER BY l.n"
        )
    names = store.source_names
    return [EventNode(names[source], event_id) for _, source, event_id in rows]


def instant(micros: int) -> dt.datetime | None:
    """Give a time of microseconds; None for ``NO_TIME``."""
    if micros == NO_TIME:
        return None
    return dt.datetime(1970, 1, 1) + dt.timedelta(microseconds=int(micros))  # noqa: DTZ001  (UTC, as in the tables)


def micros(time: dt.datetime | None) -> int:
    """Give a time in microseconds; ``NO_TIME`` for none."""
    if time is None:
        return NO_TIME
    return (time - dt.datetime(1970, 1, 1)) // dt.timedelta(microseconds=1)  # noqa: DTZ001  (UTC, as in the tables)


def raw_profiles(store: Store) -> Ints:
    """Give each profile the smallest one that the policy parted from it, directly or through others: int32[profiles].

    Profiles that are connected by links that were cut are one raw profile.

    Notes
    -----
    All owners of an identifier, and all events that carry it, are of one raw profile: so the first owner stands for all of them.

    Cost: a scan of all links where something was cut, else nothing.
    """
    database = store.database
    count = int(database.row("SELECT count(*) FROM store.profile")[0])
    owners = database.arrays(
        "SELECT no, profile FROM store.member WHERE status = 2 AND profile IS NOT NULL ORDER BY no, profile"
    )
    if not len(owners["no"]):
        return np.arange(count, dtype=np.int32)
    contested = distinct(owners["no"])
    # Each step hands on the few numbers that are looked for, so that no large table stands at the right of a join.
    with database.registered(identifier=contested) as lent:
        values = database.arrays(
            f"SELECT no, identifier FROM store.value SEMI JOIN {lent} USING (identifier) ORDER BY no"
        )
    with database.registered(no=values["no"]) as lent:
        links = database.arrays(
            f"SELECT set_number, no FROM store.link SEMI JOIN {lent} USING (no) WHERE NOT detached"
        )
    with database.registered(set_number=distinct(links["set_number"])) as lent:
        sets = database.arrays(
            "SELECT set_number, coalesce(profile, -1)::INTEGER AS profile FROM store.eventset"
            f" SEMI JOIN {lent} USING (set_number) ORDER BY set_number"
        )
    first = owners["profile"][np.searchsorted(owners["no"], contested)]
    carried = values["identifier"][np.searchsorted(values["no"], links["no"])]
    ends = [
        (owners["profile"], first[np.searchsorted(contested, owners["no"])]),
        (
            sets["profile"][np.searchsorted(sets["set_number"], links["set_number"])],
            first[np.searchsorted(contested, carried)],
        ),
    ]
    a, b = (np.concatenate(some).astype(np.int32) for some in zip(*ends, strict=True))
    return smallest_connected(a[a >= 0], b[a >= 0], count)
