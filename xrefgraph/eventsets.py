"""Sets of alike events as they are stored: those of one set that are in one profile, and when they were seen.

The events of a set share a profile, but for the policy `over_time`, under which each may be in another.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from xrefgraph.database import Database
from xrefgraph.events import Staged
from xrefgraph.identifiers import Ints, Longs, Sets
from xrefgraph.linking.evidence import NO_TIME, spans
from xrefgraph.profiles import Labels, Statuses
from xrefgraph.settling import Moved, Owned


@dataclass(frozen=True)
class EventSets:
    """Alike events in one profile.

    Parameters
    ----------
    of_set : int32[groups]
        The row in the table ``sets``, ascending.
    profile : int32[groups]
        Their profile, -1 for none.
    status : uint8[groups]
        Their status.
    events : int64[groups]
        How many they are.
    first, last : int64[groups]
        Their first and last time in microseconds, ``NO_TIME`` for none.
    start : int64[sets + 1]
        Where the groups of each set begin.
    """

    of_set: Ints
    profile: Ints
    status: Statuses
    events: Longs
    first: Longs
    last: Longs
    start: Longs


def event_sets(
    database: Database, labels: Labels, sets: Sets, set_labels: tuple[Ints, Statuses]
) -> EventSets:
    """Give the sets with the profile of each, those apart whose events are in several profiles."""
    columns = database.arrays(
        f"SELECT {_micros_sql('first_seen')} AS first, {_micros_sql('last_seen')} AS last FROM sets"
    )
    profile, status = set_labels
    parts: list[npt.NDArray[Any]] = [
        np.arange(len(profile), dtype=np.int32),
        profile,
        status,
        sets.events,
        columns["first"],
        columns["last"],
    ]
    groups = labels.settled.groups
    if groups is not None:
        rest = np.ones(len(profile), bool)
        rest[groups.of_set] = False
        more: list[npt.NDArray[Any]] = [
            groups.of_set,
            groups.profile,
            labels.status[groups.profile],
            groups.events,
            groups.first,
            groups.last,
        ]
        parts = [np.concatenate([a[rest], b]) for a, b in zip(parts, more, strict=True)]
        order = np.lexsort((parts[1], parts[0]))
        parts = [part[order] for part in parts]
    start = np.searchsorted(parts[0], np.arange(len(profile) + 1))
    of_set, profile, status, events, first, last = parts
    return EventSets(of_set, profile, status, events, first, last, start)


def _micros_sql(time: str) -> str:
    return f"coalesce(epoch_us({time}), {NO_TIME + 1} - 1)"


def instant_sql(micros: str) -> str:
    """Give the SQL of a time, of microseconds in which ``NO_TIME`` is none."""
    return f"CASE WHEN {micros} > {NO_TIME + 1} THEN make_timestamp({micros}) END"


# ------------------------------------------------------------------------------------- when seen


def seen_by_identifier(sets: Sets, groups: EventSets, identifiers: int) -> dict[str, Longs]:
    """Give the events, and the first and last time, of each identifier: of all events that carry it."""
    position, place = spans(groups.start, sets.link_set)
    return _seen(sets.link_identifier[place], position, groups, identifiers)


def seen_by_profile(groups: EventSets, profiles: int) -> dict[str, Longs]:
    """Give the events, and the first and last time, of each profile."""
    some = np.flatnonzero(groups.profile >= 0)
    return _seen(groups.profile[some], some, groups, profiles)


def seen_by_owner(
    sets: Sets, groups: EventSets, owned: Owned, identifier: Ints, profile: Ints
) -> dict[str, tuple[Longs, Longs]]:
    """Give the same of identifiers that changed hands, each with the events of one owner.

    Parameters
    ----------
    identifier, profile : int32[members]
        Who is in which profile, by profile and then by identifier.

    Returns
    -------
    dict of str to (int64[n], int64[n])
        The places of these identifiers among the members, and what was counted.
    """
    changed = np.zeros(int(identifier.max(initial=0)) + 1, bool)
    changed[owned.identifier] = True
    links = np.flatnonzero(sets.link_identifier < len(changed))
    links = links[changed[sets.link_identifier[links]]]
    position, place = spans(groups.start, sets.link_set[links])
    carried = sets.link_identifier[links][place]
    members = profile.astype(np.int64) << 32 | identifier
    wanted = groups.profile[position].astype(np.int64) << 32 | carried
    found = np.searchsorted(members, wanted)
    found = np.minimum(found, len(members) - 1)
    there = np.flatnonzero(members[found] == wanted)
    seen = _seen(found[there], position[there], groups, len(members))
    some = np.flatnonzero(changed[identifier])
    return {name: (some, column[some]) for name, column in seen.items()}


def _seen(
    of: npt.NDArray[np.integer], position: npt.NDArray[np.integer], groups: EventSets, count: int
) -> dict[str, Longs]:
    """The events, and the first and last time, of several groups each: group ``position[n]`` counts for ``of[n]``."""
    never = np.iinfo(np.int64).max
    first, last = np.full(count, never), np.full(count, NO_TIME)
    timed = groups.first[position] != NO_TIME
    np.minimum.at(first, of[timed], groups.first[position[timed]])
    np.maximum.at(last, of[timed], groups.last[position[timed]])
    first[last == NO_TIME] = NO_TIME
    events = np.bincount(of, groups.events[position], count).astype(np.int64)
    return {"events": events, "first": first, "last": last}


# --------------------------------------------------------------------------------- what is stored


def store_events(
    database: Database,
    staged: Staged,
    sets: Sets,
    groups: EventSets,
    set_keys: tuple[str, npt.NDArray[np.uint64]],
    moved: Moved | None,
) -> None:
    """Make ``store.eventset``, ``store.link`` and ``store.event``, each in the order of profiles."""
    key, keys = set_keys
    # Sets without a profile come last; the key makes the order one that no thread decides.
    last = np.where(groups.profile < 0, np.iinfo(np.int32).max, groups.profile)
    strongest = sets.strongest[groups.of_set]
    order = np.lexsort((keys[groups.of_set], strongest, last)).astype(np.int32)
    number = np.empty(len(order), np.int32)
    number[order] = np.arange(len(order), dtype=np.int32)
    with database.registered(
        number=np.arange(len(order), dtype=np.int32),
        profile=groups.profile[order],
        via=np.where(groups.profile < 0, -1, strongest)[order],
        status=groups.status[order],
        events=groups.events[order],
    ) as lent:
        database.run(
            "CREATE TABLE store.eventset AS SELECT number AS set_number, CASE WHEN profile >= 0 THEN profile END AS profile,"
            f" CASE WHEN via >= 0 THEN via END AS via, status, events FROM {lent} ORDER BY number"
        )
    position, place = spans(groups.start, sets.raw_set)
    with database.registered(
        set_number=number[position], no=sets.raw_value[place], detached=sets.raw_detached[place]
    ) as lent:
        database.run(f"CREATE TABLE store.link AS SELECT * FROM {lent} ORDER BY set_number, no")
    _store_event(database, staged, groups, number, (key, keys), moved)


def _store_event(
    database: Database,
    staged: Staged,
    groups: EventSets,
    number: Ints,
    set_keys: tuple[str, npt.NDArray[np.uint64]],
    moved: Moved | None,
) -> None:
    key, keys = set_keys
    # Of a set whose events are in several profiles, the moved ones say their group; the others are in what is left.
    rest = np.full(len(keys), -1, np.int32)
    if moved is not None and len(moved.profile):
        # A sum, and no bits: a set without a profile, -1, comes before its next one, and the keys stay ascending.
        group_keys = (groups.of_set.astype(np.int64) << 32) + groups.profile
        own = (moved.of_set.astype(np.int64) << 32) + moved.profile
        place = np.searchsorted(group_keys, own)
        is_moved = np.zeros(len(number), bool)
        is_moved[place] = True
        rest[groups.of_set[~is_moved]] = number[~is_moved]
        with database.registered(
            source=moved.events.source, position=moved.events.position, number=number[place]
        ) as lent:
            database.run(f"CREATE TEMP TABLE moved_event AS SELECT * FROM {lent}")
        joined = " LEFT JOIN moved_event m ON e.position = m.position AND e.source = m.source"
        found = "coalesce(m.number, n.number)"
    else:
        rest[groups.of_set] = number
        joined, found = "", "n.number"
    kept = "".join(f", e.kept_{n}" for n in range(len(staged.kept)))
    with database.registered(key=keys, number=rest) as lent:
        database.run(
            f"CREATE TABLE store.event AS SELECT {found} AS set_number, e.source, e.position, e.event_id, e.time{kept} FROM"
            f" (SELECT *, {key} AS key FROM staged) e"
            f" JOIN (SELECT * FROM {lent}) n ON e.key = n.key{joined} ORDER BY {found}, e.source, e.position"
        )
