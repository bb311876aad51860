"""`over_time` agrees with the slow reading of the rules, and its intervals with the text."""

from collections import defaultdict
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import linking_reference as reference
from tests.linking_cases import (
    Identifier,
    World,
    answer,
    by_content,
    colliding_cases,
    conformance_cases,
    translate,
)
from xrefgraph.linking.evidence import NO_TIME, TimedPartition

OPTIONS = st.fixed_dictionaries(
    {}, optional={"claim_back": st.one_of(st.booleans(), st.integers(0, 4))}
)
Row = tuple[Identifier, Identifier, int | None, int | None]


def run(world: World) -> TimedPartition:
    found = world.run()
    assert isinstance(found, TimedPartition)
    return found


@pytest.mark.parametrize("case", conformance_cases("over_time"), ids=lambda case: str(case["id"]))
def test_a_conformance_case_has_the_answer_that_is_written_down(case: dict[str, Any]) -> None:
    world = translate(case)
    found = answer(world, run(world))
    assert by_content(found.profiles) == by_content(case["expect"]["profiles"])
    if "cuts" in case["expect"]:
        assert found.cuts == sorted(case["expect"]["cuts"])


def split_by_kept_links(found: dict[str, Any]) -> list[Any]:
    """The profiles of the reference, but that what nobody claimed is what kept links hold (law 6)."""
    events = {e.name: e for e in found["graph"]["events"]}
    said = found["graph"]["rules"]
    profiles = []
    for profile in found["profiles"]:
        held = {tuple(i) for i in profile["identifiers"]}
        own = [events[name] for name in profile["events"]]
        pairs = [(said.strongest(e.ids & held), i) for e in own for i in e.ids & held]
        parts = reference.components(held, pairs + said.links)
        kind, _, value = profile["id"].partition(":")
        top = said.anchor or next((t for t in said.types if t in said.unique), None)
        if any(i[0] == top for i in held):
            parts = [held]
        for part in parts:
            name = (kind, value) if (kind, value) in part else said.strongest(part)
            carriers = sorted(e.name for e in own if e.ids & part)
            profiles.append((":".join(name), sorted(map(list, part)), carriers))
    return sorted(profiles)


@given(colliding_cases("over_time", OPTIONS))
def test_random_cases_without_links_have_the_answer_of_the_reference(case: dict[str, Any]) -> None:
    case["decisions"] = [one for one in case["decisions"] if one["action"] != "link"]
    world = translate(case)
    found, expected = answer(world, run(world)), reference.run(case)
    assert sorted(
        (p["id"], p["identifiers"], p["events"]) for p in found.profiles
    ) == split_by_kept_links(expected)
    assert found.cuts == expected["cuts"]


class Told:
    """The rules of `over_time`, one sentence after the other, over one raw profile; what is linked moves as one."""

    def __init__(self, world: World) -> None:
        said, events = world.said, world.events
        self.said, self.events = said, events
        self.back = world.case["policy"].get("claim_back", True)
        self.parts: list[set[Identifier]] = []
        self.contested: set[Identifier] = set()
        for raw in np.unique(world.evidence.raw_of):
            held = {world.names[n] for n in np.flatnonzero(world.evidence.raw_of == raw)}
            parts, apart = reference.isolate(held, [e for e in events if e.ids <= held], said, {})
            self.parts += parts
            self.contested |= apart.contested
        top = said.anchor or next((t for t in said.types if t in said.unique), None)
        self.anchored = [p for p in self.parts if any(i[0] == top for i in p)]
        self.anchored.sort(key=lambda p: said.key(said.strongest(p)))
        self.outside = {i for p in self.parts if p not in self.anchored for i in p}
        self.claims: dict[Identifier, list[tuple[Any, int | None, int]]] = defaultdict(list)
        self.claim()
        self.home = [self.home_of(e) for e in events]

    def group(self, i: Identifier) -> Any:
        return self.said.group(i) | {i}

    def claim(self) -> None:
        """Wherever an event carries it together with an identifier of P; the oldest claim is looked at first."""
        holds = [set(p) for p in self.anchored]
        for e in sorted(self.events, key=lambda e: (e.when, sorted(map(self.said.key, e.ids)))):
            heads = {
                self.said.strongest(self.group(i)) for i in e.ids & self.outside & self.contested
            }
            for i in sorted(heads, key=self.said.key):
                for n, part in enumerate(self.anchored):
                    after = holds[n] | self.group(i)
                    if e.ids & part and not self.said.breach(after, limits=False):
                        holds[n] = after
                        for one in self.group(i):
                            self.claims[one].append((e.when, e.time, n))

    def home_of(self, e: Any) -> int | None:
        """The number of the claimant that an event goes to; None: it stays with its strongest identifier."""
        claimed = [i for i in e.ids if i in self.claims]
        if not e.ids <= self.outside or not claimed:
            return None
        claims: Any = self.claims[self.said.strongest(claimed)]
        found: int | None = reference.claimant(claims, e, self.back)
        return found

    def rows(self) -> set[Row]:
        """The intervals of ownership."""
        rows = set()
        for i, claims in self.claims.items():
            times = sorted({when for when, _, _ in claims})
            owners = [min(n for at, _, n in claims if at == when) for when in times]
            when_is = {when: time for when, time, _ in claims}
            begins = [k for k in range(len(times)) if k == 0 or owners[k] != owners[k - 1]]
            ends = [*[when_is[times[k]] for k in begins[1:]], None]
            for k, end in zip(begins, ends, strict=True):
                since = when_is[times[k]]
                if k == 0 and any(
                    e.ids & self.group(i) and e.when < times[0] and home == owners[0]
                    for e, home in zip(self.events, self.home, strict=True)
                ):
                    since = None
                rows.add((i, self.said.strongest(self.anchored[owners[k]]), since, end))
            for n in {n for _, _, n in claims} - set(owners):
                when = min(at for at, _, who in claims if who == n)
                name = self.said.strongest(self.anchored[n])
                rows.add((i, name, when_is[when], when_is[when]))
            part = next(p for p in self.parts if i in p)
            own = [
                e
                for e, home in zip(self.events, self.home, strict=True)
                if home is None and self.said.strongest(e.ids) in part
            ]
            if any(e.ids & self.group(i) for e in own):
                pairs = [p for e in own for p in reference.pairs_of(e, self.said)]
                left = [q for q in reference.components(part, pairs + self.said.links) if i in q]
                rows.add((i, self.said.strongest(left[0]), None, when_is[times[0]]))
        return rows

    def cuts(self) -> set[tuple[str, Identifier]]:
        found = set()
        for e, home in zip(self.events, self.home, strict=True):
            own = next(p for p in self.parts if self.said.strongest(e.ids) in p)
            n = (
                home
                if home is not None
                else self.anchored.index(own)
                if own in self.anchored
                else None
            )
            for i in e.ids:
                kept = i in (own if n is None else self.anchored[n])
                kept |= any(claimant == n for _, _, claimant in self.claims.get(i, ()))
                if not kept:
                    found.add((e.name, i))
        return found


@given(colliding_cases("over_time", OPTIONS))
def test_intervals_homes_and_cuts_are_what_the_text_says(case: dict[str, Any]) -> None:
    world = translate(case)
    found, told = run(world), Told(world)
    names = world.names

    def time(number: int) -> int | None:
        return None if number == NO_TIME else number

    owned = found.owned
    rows = [
        (names[i], names[p], time(since), time(until))
        for i, p, since, until in zip(
            owned.identifier.tolist(),
            owned.part.tolist(),
            owned.valid_from.tolist(),
            owned.valid_to.tolist(),
            strict=True,
        )
    ]
    assert len(set(rows)) == len(rows)
    assert set(rows) == told.rows()
    assert {
        (world.events[e].name, names[i])
        for e, i in zip(found.cuts.at.tolist(), found.cuts.identifier.tolist(), strict=True)
    } == told.cuts()
    for e, home, part in zip(world.events, told.home, found.event_part.tolist(), strict=True):
        if home is not None:
            assert names[part] == world.said.strongest(told.anchored[home])
        elif world.said.strongest(e.ids) not in told.outside:
            assert part == found.part_of[names.index(world.said.strongest(e.ids))]


@given(colliding_cases("over_time", OPTIONS))
def test_at_every_moment_a_claimed_identifier_has_one_owner(case: dict[str, Any]) -> None:
    for event in case["events"]:
        event.setdefault("time", 0)
    world = translate(case)
    found = run(world)
    owned = found.owned
    for identifier in np.unique(owned.identifier):
        mine = np.flatnonzero(owned.identifier == identifier)
        part, since, until = owned.part[mine], owned.valid_from[mine], owned.valid_to[mine]
        first = since[since != NO_TIME].min(initial=10)
        for moment in range(6):
            owners = ((since == NO_TIME) | (since <= moment)) & (
                (until == NO_TIME) | (until > moment)
            )
            assert owners.sum() <= 1 or moment < first
        now = (until == NO_TIME) & (since != NO_TIME)
        assert (found.part_of[identifier] == part[now]).all()


@given(colliding_cases("over_time", OPTIONS))
def test_every_cut_names_two_values_that_may_not_be_together(case: dict[str, Any]) -> None:
    world = translate(case)
    found = run(world)
    for a, b in zip(found.cuts.a.tolist(), found.cuts.b.tolist(), strict=True):
        assert world.said.breach({world.names[a], world.names[b]}, limits=False)
