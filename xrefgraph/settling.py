"""Raw profiles -> profiles: those in conflict are handed to the policy, all others stay as they are.

What the policy sees is numbered anew, without the identifiers and sets of the profiles that nothing is wrong
with, so its cost follows the conflicts and not the input.
"""

from __future__ import annotations

import datetime as dt
import logging
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from xrefgraph.database import Database
from xrefgraph.events import Staged
from xrefgraph.identifiers import Flags, Incidence, Ints, Longs, lone_links, set_keys
from xrefgraph.linking.components import raw_profiles
from xrefgraph.linking.conflicts import find_conflicts
from xrefgraph.linking.decisions import groups
from xrefgraph.linking.evidence import (
    NO_TIME,
    Cuts,
    Evidence,
    Partition,
    Rules,
    TimedPartition,
    distinct,
)
from xrefgraph.linking.policies import REGISTRY
from xrefgraph.own_policy import Conflicts, own_partition
from xrefgraph.restrictions import Restrictions
from xrefgraph.schema import Schema

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Keys:
    """Single events: int16[events] the source, int64[events] the position in it."""

    source: Ints
    position: Longs


@dataclass(frozen=True)
class Moved:
    """Events that belong to another profile than that of their strongest identifier: their set, and the profile."""

    events: Keys
    of_set: Ints
    profile: Ints


@dataclass(frozen=True)
class EventGroups:
    """The events of some sets, group by group of those that are of one set and in one profile.

    Parameters
    ----------
    of_set, profile : int32[groups]
        No two groups are equal in both.
    events : int64[groups]
        How many events.
    first, last : int64[groups]
        Their first and last time in microseconds, ``NO_TIME`` for none.
    """

    of_set: Ints
    profile: Ints
    events: Longs
    first: Longs
    last: Longs


@dataclass(frozen=True)
class Owned:
    """Who owned an identifier, and when: see :class:`xrefgraph.linking.evidence.Intervals`."""

    identifier: Ints
    profile: Ints
    valid_from: Longs
    valid_to: Longs


@dataclass(frozen=True)
class Settled:
    """The profiles, after conflicts were settled.

    Parameters
    ----------
    profile_of : int32[values]
        The profile of each identifier, -1 for none; of one that changed hands its last owner. Profiles are numbered
        by the identifier that names them.
    names : int32[profiles]
        The identifier that names a profile: the strongest of its own.
    ambiguous : bool[profiles]
        Whether a profile holds two values of a unique type, or a separated pair.
    contested : bool[values]
        Whether the policy cut a link of an identifier, or found it contested.
    cuts : Cuts
        The links that the policy cut. ``at`` is a set, or a place in ``cut_events``.
    chosen : bool[cuts]
        Whether no rule asks for a cut, and a function of the user's own chose it: what it keeps apart is the
        strongest identifier of the event and the one that was cut.
    cut_events : Keys, optional
        The events of the cuts, where they are of single events.
    moved : Moved, optional
    owned : Owned, optional
    groups : EventGroups, optional
        All sets in conflict, where the events of one set may be in several profiles.
    """

    profile_of: Ints
    names: Ints
    ambiguous: Flags
    contested: Flags
    cuts: Cuts
    chosen: Flags
    cut_events: Keys | None = None
    moved: Moved | None = None
    owned: Owned | None = None
    groups: EventGroups | None = None


def settle_conflicts(
    database: Database,
    staged: Staged,
    incidence: Incidence,
    schema: Schema,
    restrictions: Restrictions,
) -> Settled:
    """Find the raw profiles, and settle those in conflict by the policy of the schema.

    Parameters
    ----------
    database : Database
        With the tables ``sets`` and ``value`` and the view ``staged``.
    staged : Staged
        What is in the view.
    incidence : Incidence
        The links that are left after steps 1 to 4 of the rules.
    schema : Schema
        Its types and its policy.
    restrictions : Restrictions
        What people decided.

    Returns
    -------
    Settled

    Raises
    ------
    XrefGraphError
        When a policy of the user's own raises, or gives what is no partition.
    """
    rules = _rules(incidence.bounds, schema, restrictions)
    one, other = incidence.link_strongest, incidence.link_identifier
    if len(restrictions.linked):
        one = np.concatenate([one, restrictions.linked[:, 0]])
        other = np.concatenate([other, restrictions.linked[:, 1]])
    raw, names = raw_profiles(one, other, incidence.bounds[-1], incidence.held)
    none = np.empty(0, np.int32)
    settled = Settled(
        raw,
        names,
        np.zeros(0, bool),
        np.zeros(len(raw), bool),
        Cuts(none, none, none, none),
        np.zeros(0, bool),
    )
    conflicts = find_conflicts(raw, len(names), rules)
    if schema.policy.name != "keep" and conflicts.any():
        log.info("conflicts: %s of %s raw profiles", f"{conflicts.sum():,}", f"{len(names):,}")
        inside = (raw >= 0) & conflicts[raw]
        settled = _Conflicts(database, staged, incidence, schema, raw, inside).settle(rules, names)
    # A breach that a `link` ordered counts here: who reads the profile sees both values.
    plain = Rules(rules.bounds, rules.unique, separated=rules.separated)
    ambiguous = find_conflicts(settled.profile_of, len(settled.names), plain, limits=False)
    return replace(settled, ambiguous=ambiguous)


def _rules(bounds: tuple[int, ...], schema: Schema, restrictions: Restrictions) -> Rules:
    unique = tuple(rank for rank, kind in enumerate(schema.ranked) if kind.unique)
    top = 0 if schema.anchor is not None else next(iter(unique), None)
    limits = {
        rank: kind.limit
        for rank, kind in enumerate(schema.ranked)
        if kind.limit is not None and not kind.unique
    }
    group = groups(restrictions.linked, bounds[-1])
    return Rules(bounds, unique, limits, top, restrictions.separated, group)


class _Conflicts:
    """The raw profiles in conflict, numbered by themselves."""

    def __init__(
        self,
        database: Database,
        staged: Staged,
        incidence: Incidence,
        schema: Schema,
        raw: Ints,
        inside: Flags,
    ) -> None:
        self._database, self._incidence, self._schema = database, incidence, schema
        self._raw, self._sources = raw, [one.name for one in staged.sources]
        self._identifiers = np.flatnonzero(inside).astype(np.int32)
        self._needs = (
            "sets" if schema.policy.function is not None else REGISTRY[schema.policy.name].needs
        )
        link_set, link_identifier = incidence.link_set, incidence.link_identifier
        if self._needs == "events" or schema.policy.function is not None:
            # Events with one identifier join nothing, but they change hands too.
            sets, identifiers = lone_links(database, incidence, inside)
            link_set = np.concatenate([link_set, sets])
            link_identifier = np.concatenate([link_identifier, identifiers])
        links = np.flatnonzero(inside[link_identifier])
        keys = link_set[links].astype(np.int64) << 32 | link_identifier[links]
        keys.sort()
        of_set = (keys >> 32).astype(np.int32)
        self._sets = distinct(of_set)
        self._start = np.concatenate([np.searchsorted(of_set, self._sets), [len(of_set)]])
        self._carried = self._local((keys & 0x7FFFFFFF).astype(np.int32))

    def _local(self, identifiers: Ints) -> Ints:
        return np.searchsorted(self._identifiers, identifiers).astype(np.int32)

    def _local_rules(self, rules: Rules) -> Rules:
        bounds = tuple(np.searchsorted(self._identifiers, rules.bounds).tolist())
        inside = np.isin(rules.separated, self._identifiers).all(axis=1)
        group = None if rules.group is None else self._local(rules.group[self._identifiers])
        return Rules(
            bounds,
            rules.unique,
            rules.limits,
            rules.top,
            self._local(rules.separated[inside]),
            group,
        )

    def settle(self, rules: Rules, names: Ints) -> Settled:
        """Run the policy, and number all profiles again."""
        rules = self._local_rules(rules)
        events: Keys | None = None
        parts: dict[str, Any] = {}
        if self._needs != "sets":
            parts, events = self._events()
        every = self._database.arrays("SELECT events FROM sets")["events"]
        evidence = Evidence(
            self._raw[self._identifiers],
            self._start.astype(np.int64),
            self._carried,
            every[self._sets].astype(np.int64),
            **parts,
        )
        policy = self._schema.policy
        if policy.function is not None:
            partition: Partition = own_partition(
                self._database,
                self._incidence,
                self._schema,
                Conflicts(evidence, rules, self._identifiers, self._sets, self._sources),
            )
        else:
            options = dict(policy.options)
            if isinstance(options.get("claim_back"), dt.timedelta):
                options["claim_back"] = options["claim_back"] // dt.timedelta(microseconds=1)
            partition = REGISTRY[policy.name].function(evidence, rules, **options)
        return self._numbered(partition, names, events)

    def _numbered(self, partition: Partition, names: Ints, events: Keys | None) -> Settled:
        incidence = self._incidence
        # The name of the profile of each identifier, in numbers of all identifiers.
        named = np.full(len(self._raw), -1, np.int32)
        some = self._raw >= 0
        named[some] = names[self._raw[some]]
        named[self._identifiers] = self._identifiers[partition.part_of]
        is_name = np.zeros(len(named), bool)
        is_name[named[named >= 0]] = True
        if isinstance(partition, TimedPartition):
            # A part may have lost all of its identifiers, and still hold events.
            is_name[self._identifiers[partition.event_part]] = True
            is_name[self._identifiers[partition.owned.part]] = True
        number = np.cumsum(is_name, dtype=np.int32) - np.int32(1)
        profile_of = np.where(incidence.held, number[named], np.int32(-1))
        contested = np.zeros(len(named), bool)
        contested[self._identifiers[partition.contested]] = True
        timed = isinstance(partition, TimedPartition)
        a, b = self._outer(partition.cuts.a), self._outer(partition.cuts.b)
        cut = self._identifiers[partition.cuts.identifier]
        chosen = a < 0
        if not timed:
            strongest = self._identifiers[self._carried[self._start[partition.cuts.at]]]
            a, b = np.where(chosen, strongest, a), np.where(chosen, cut, b)
        cuts = Cuts(partition.cuts.at if timed else self._sets[partition.cuts.at], cut, a, b)
        found = np.flatnonzero(is_name).astype(np.int32)
        ambiguous = np.zeros(0, bool)
        if not isinstance(partition, TimedPartition) or events is None:
            return Settled(profile_of, found, ambiguous, contested, cuts, chosen)
        strongest = self._identifiers[self._carried[self._start[:-1]]]
        by_set = profile_of[strongest][self._event_set]
        profile = number[self._identifiers[partition.event_part]]
        of_set = self._sets[self._event_set]
        away = np.flatnonzero(profile != by_set)
        return Settled(
            profile_of,
            found,
            ambiguous,
            contested,
            cuts,
            chosen,
            Keys(events.source[cuts.at], events.position[cuts.at]),
            Moved(Keys(events.source[away], events.position[away]), of_set[away], profile[away]),
            self._owned(partition, number),
            _grouped(of_set, profile, self._event_time),
        )

    def _outer(self, identifiers: Ints) -> Ints:
        return np.where(identifiers >= 0, self._identifiers[identifiers], np.int32(-1))

    def _owned(self, partition: TimedPartition, number: Ints) -> Owned:
        return Owned(
            self._identifiers[partition.owned.identifier],
            number[self._identifiers[partition.owned.part]],
            partition.owned.valid_from,
            partition.owned.valid_to,
        )

    def _events(self) -> tuple[dict[str, Any], Keys | None]:
        """What the policy needs to know of events, in the order of events: by time, then as they came in."""
        key, keys = set_keys(self._database, self._incidence)
        with self._database.registered(
            key=keys[self._sets], place=np.arange(len(self._sets), dtype=np.int32)
        ) as lent:
            rows = self._database.arrays(
                f"SELECT l.place, coalesce(epoch_us(e.time), {NO_TIME + 1} - 1) AS time, e.source, e.position FROM"
                f" (SELECT {key} AS key, time, source, position FROM staged) e JOIN (SELECT * FROM {lent}) l ON e.key = l.key"
            )
        place, time = rows["place"], rows["time"]
        came = rows["source"].astype(np.int64) << 48 | rows["position"]
        if self._needs == "events":
            order = np.lexsort((came, time))
            self._event_set, self._event_time = place[order], time[order]
            return {"event_set": place[order], "event_time": time[order]}, Keys(
                rows["source"][order], rows["position"][order]
            )
        if self._needs == "oldest":
            first_time, first = _extreme(place, time, came, len(self._sets), newest=False)
            return {"set_oldest": _places(first_time, first)}, None
        last_time, last = _extreme(place, time, came, len(self._sets), newest=True)
        return {"set_newest": _places(last_time, last), "set_newest_time": last_time}, None


def _grouped(of_set: Ints, profile: Ints, time: Longs) -> EventGroups:
    """Group events by set and profile."""
    keys = of_set.astype(np.int64) << 32 | profile
    groups = distinct(keys)
    place = np.searchsorted(groups, keys)
    never = np.iinfo(np.int64).max
    first, last = np.full(len(groups), never), np.full(len(groups), NO_TIME)
    timed = time != NO_TIME
    np.minimum.at(first, place[timed], time[timed])
    np.maximum.at(last, place[timed], time[timed])
    first[first == never] = NO_TIME
    return EventGroups(
        (groups >> 32).astype(np.int32),
        (groups & 0x7FFFFFFF).astype(np.int32),
        np.bincount(place, minlength=len(groups)).astype(np.int64),
        first,
        last,
    )


def _extreme(
    place: Ints, time: Longs, came: Longs, sets: int, *, newest: bool
) -> tuple[Longs, Longs]:
    """Time and key of the oldest or the newest event of each set."""
    best, bound = (
        (np.maximum, np.iinfo(np.int64).min)
        if newest
        else (
            np.minimum,
            np.iinfo(np.int64).max,
        )
    )
    times = np.full(sets, bound, np.int64)
    best.at(times, place, time)
    there = np.flatnonzero(time == times[place])
    keys = np.full(sets, bound, np.int64)
    best.at(keys, place[there], came[there])
    return times, keys


def _places(time: Longs, came: Longs) -> Longs:
    """Ascending numbers in the order of events."""
    found = np.empty(len(time), np.int64)
    found[np.lexsort((came, time))] = np.arange(len(time))
    return found
