"""Cases of the conformance files as arrays, and what policies make of them as the reference says it.

No test, but what the tests of policies are made of.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import strategies as st

from tests import linking_reference as reference
from xrefgraph.linking.components import raw_profiles
from xrefgraph.linking.conflicts import find_conflicts
from xrefgraph.linking.evidence import NO_TIME, Evidence, Partition, Rules, TimedPartition
from xrefgraph.linking.policies import REGISTRY

Identifier = tuple[str, str]
#: In the order of the alphabet, by which the reference sorts separated pairs; by the rules it is by rank.
TYPES = ("db_id", "email", "mobile", "visitor")


@dataclass(frozen=True)
class World:
    """A case, ready for the policies: the raw profiles in conflict as arrays, the others as they are."""

    case: dict[str, Any]
    rules: Rules
    evidence: Evidence
    names: list[Identifier]  # of the identifiers in conflict
    events: list[Any]  # those in conflict, in the order of events
    detached: list[dict[str, Any]]
    calm: list[tuple[set[Identifier], list[Any]]]  # raw profiles without a conflict
    said: Any  # the rules of the reference

    def run(self, **options: Any) -> Partition:
        rule = REGISTRY[self.case["policy"]["name"]]
        given = {k: v for k, v in self.case["policy"].items() if k != "name"}
        return rule.function(self.evidence, self.rules, **{**rule.options, **given, **options})


def translate(case: dict[str, Any]) -> World:
    said = reference.Rules(case)
    events, _, _, detached = reference.clean(case, said)
    events = sorted((e for e in events if e.ids), key=lambda e: (e.when, e.position))
    ids = {i for e in events for i in e.ids} | {c["identifier"] for c in detached}
    said.links = [p for p in said.links if set(p) <= ids]
    # A pair that is separated and yet linked is an error of the schema; the reference looks past it.
    said.separated = [p for p in said.separated if set(p) <= ids and not said.same_group(*p)]
    names = sorted(ids, key=said.key)
    number = {name: n for n, name in enumerate(names)}
    group = np.array([number[min(said.group(i), key=said.key)] for i in names], np.int32)
    joins = [(number[min(e.ids, key=said.key)], number[i]) for e in events for i in e.ids]
    joins += [(n, n) for n in range(len(names))]
    joins += [(int(g), n) for n, g in enumerate(group)]
    ends = np.array(joins, np.int32).reshape(-1, 2)
    profile_of, profiles = raw_profiles(ends[:, 0], ends[:, 1], len(names))
    everything = np.arange(len(names))
    conflict = find_conflicts(
        profile_of, len(profiles), rules_of(said, names, number, everything, group)
    )
    local = np.flatnonzero(conflict[profile_of])
    in_conflict = {names[n] for n in local}
    calm = []
    for profile in np.flatnonzero(~conflict):
        held = {names[n] for n in np.flatnonzero(profile_of == profile)}
        calm.append((held, [e for e in events if e.ids <= held]))
    inside = [e for e in events if e.ids <= in_conflict]
    local_names = [names[n] for n in local]
    local_number = {name: n for n, name in enumerate(local_names)}
    return World(
        case,
        rules_of(said, local_names, local_number, local, group),
        evidence_of(inside, local_number, profile_of[local]),
        local_names,
        inside,
        detached,
        calm,
        said,
    )


def rules_of(
    said: Any,
    names: list[Identifier],
    number: dict[Identifier, int],
    kept: Any,
    group: Any,
) -> Rules:
    ranks = [said.rank[kind] for kind, _ in names]
    local_group = np.searchsorted(kept, group[kept]).astype(np.int32)
    pairs = [(number[a], number[b]) for a, b in said.separated if a in number and b in number]
    top = said.anchor or next((t for t in said.types if t in said.unique), None)
    return Rules(
        bounds=tuple(int(b) for b in np.searchsorted(ranks, range(len(said.types) + 1))),
        unique=tuple(said.rank[t] for t in said.types if t in said.unique),
        limits={said.rank[t]: most for t, most in said.limit.items() if t not in said.unique},
        top=None if top is None else said.rank[top],
        separated=np.array(sorted(pairs), np.int32).reshape(-1, 2),
        group=local_group if (local_group != np.arange(len(names))).any() else None,
    )


def evidence_of(events: list[Any], number: dict[Identifier, int], raw_of: Any) -> Evidence:
    carried = [tuple(sorted(number[i] for i in e.ids)) for e in events]
    sets = sorted(set(carried), key=hash)  # in no order that means anything
    set_number = {one: n for n, one in enumerate(sets)}
    return Evidence(
        raw_of=raw_of,
        set_start=np.cumsum([0, *map(len, sets)]),
        set_identifier=np.array([i for one in sets for i in one], np.int32),
        set_events=np.array([carried.count(one) for one in sets], np.int64),
        event_set=np.array([set_number[one] for one in carried], np.int32),
        event_time=np.array([NO_TIME if e.time is None else e.time for e in events], np.int64),
    )


@dataclass(frozen=True)
class Answer:
    """In the form of the reference; `apart` has the two values of each policy's cut."""

    profiles: list[dict[str, Any]]
    cuts: list[list[str]]
    apart: dict[tuple[Any, Identifier], tuple[Identifier | None, Identifier | None]]


def answer(world: World, partition: Partition) -> Answer:
    names, events = world.names, world.events
    holds: dict[int, set[Identifier]] = defaultdict(set)
    first: dict[int, Identifier] = {}
    for n, part in enumerate(partition.part_of.tolist()):
        holds[part].add(names[n])
    own: dict[int, list[Any]] = defaultdict(list)
    event_set, _ = world.evidence.events()
    if isinstance(partition, TimedPartition):
        home = partition.event_part
        rows = zip(partition.owned.identifier.tolist(), partition.owned.part.tolist(), strict=True)
        for n, part in rows:
            holds[part].add(names[n])
    else:
        home = partition.part_of[world.evidence.strongest[event_set]]
    for event, part in zip(events, home.tolist(), strict=True):
        own[part].append(event)
    for part in holds:
        first[part] = names[part]
    profiles = [
        {
            "id": ":".join(world.said.strongest(held)),
            "identifiers": sorted(list(i) for i in held),
            "events": sorted(e.name for e in carriers if e.name is not None),
        }
        for held, carriers in world.calm
    ] + [
        {
            "id": ":".join(first[part]),
            "identifiers": sorted(list(i) for i in held),
            "events": sorted(e.name for e in own[part] if e.name is not None),
        }
        for part, held in holds.items()
    ]
    profiles.sort(key=lambda p: (p["identifiers"], p["events"]))
    apart = {}
    cuts = partition.cuts
    for at, n, a, b in zip(cuts.at, cuts.identifier, cuts.a, cuts.b, strict=True):
        timed = isinstance(partition, TimedPartition)
        for event in (
            [events[at]] if timed else [events[k] for k in np.flatnonzero(event_set == at)]
        ):
            apart[event, names[n]] = (
                names[a] if a >= 0 else None,
                names[b] if b >= 0 else None,
            )
    links = [[e.name, *i] for e, i in apart] + [
        [c["event"], *c["identifier"]] for c in world.detached
    ]
    return Answer(profiles, sorted(one for one in links if one[0] is not None), apart)


def conformance_cases(*policies: str) -> list[dict[str, Any]]:
    folder = Path(__file__).with_name("conformance")
    cases = [
        case
        for path in sorted(folder.glob("*.json"))
        for case in json.loads(path.read_text("utf-8"))
    ]
    return [case for case in cases if case["policy"]["name"] in policies]


def by_content(profiles: list[dict[str, Any]]) -> list[Any]:
    return sorted((sorted(map(list, p["identifiers"])), sorted(p["events"])) for p in profiles)


@st.composite
def colliding_cases(draw: st.DrawFn, policy: str, options: Any = None) -> dict[str, Any]:
    """Small cases in which people collide: few values, some types unique, some limited, decisions."""
    count = draw(st.integers(2, 4))
    kinds: list[dict[str, Any]] = []
    for name in TYPES[:count]:
        kind: dict[str, Any] = {"type": name}
        what = draw(st.integers(0, 5))
        if (not kinds and what) or what == 1:
            kind["unique"] = True
        elif what == 2:
            kind["limit"] = draw(st.integers(1, 3))
        kinds.append(kind)
    values = st.sampled_from([str(n) for n in range(draw(st.integers(2, 4)))])
    pairs = st.tuples(st.sampled_from([kind["type"] for kind in kinds]), values)
    # Few events contradict themselves when a type is drawn once at most.
    carried = st.one_of(
        st.lists(pairs, min_size=2, max_size=4, unique_by=lambda pair: pair[0]),
        st.lists(pairs, min_size=1, max_size=4, unique=True),
    )
    times = draw(st.sampled_from([st.none(), st.integers(0, 5), st.none() | st.integers(0, 5)]))
    loose = draw(st.lists(st.tuples(carried, times), min_size=4, max_size=12))
    again = draw(st.lists(st.tuples(st.sampled_from([c for c, _ in loose]), times), max_size=5))
    rows = draw(st.permutations(loose + again)) if again else loose
    events = [
        {"event_id": f"e{n}", "identifiers": [list(one) for one in ids]}
        | ({} if time is None else {"time": time})
        for n, (ids, time) in enumerate(rows)
    ]
    decisions: list[dict[str, Any]] = []
    for _ in range(draw(st.sampled_from([0, 0, 1, 2, 3]))):
        action = draw(st.sampled_from(["link", "separate", "separate", "block", "detach"]))
        if action in {"link", "separate"}:
            decisions.append({"action": action, "a": draw(pairs), "b": draw(pairs)})
        else:
            decisions.append({"action": action, "identifier": draw(pairs)})
        if action == "detach":
            named = st.sampled_from([e["event_id"] for e in events])
            decisions[-1]["events"] = draw(st.lists(named, max_size=3))
    return {
        "schema": {
            "anchor": "db_id" if kinds[0].get("unique") and draw(st.booleans()) else None,
            "types": kinds,
        },
        "policy": {"name": policy, **(draw(options) if options is not None else {})},
        "decisions": decisions,
        "events": events,
    }


def kept_components(world: World, partition: Partition) -> set[frozenset[int]]:
    """The parts, by what the kept links and the `link` decisions hold together (law 6)."""
    evidence = world.evidence
    cut = set(zip(partition.cuts.at.tolist(), partition.cuts.identifier.tolist(), strict=True))
    pairs = [
        (int(evidence.strongest[s]), i)
        for s, i in zip(evidence.link_set.tolist(), evidence.set_identifier.tolist(), strict=True)
        if (s, i) not in cut
    ]
    if world.rules.group is not None:
        pairs += [(int(g), n) for n, g in enumerate(world.rules.group)]
    return {frozenset(part) for part in reference.components(range(evidence.identifiers), pairs)}
