"""What must always hold of the policies on arrays, and of partitions that somebody else made."""

import pickle
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests import linking_reference as reference
from tests.linking_cases import (
    World,
    answer,
    by_content,
    colliding_cases,
    kept_components,
    translate,
)
from xrefgraph.linking import spread
from xrefgraph.linking.evidence import Evidence, Partition, Rules
from xrefgraph.linking.partition import PartitionError, from_cuts, from_partition
from xrefgraph.linking.policies import REGISTRY

SPLITTING = ("isolate", "first_claim", "last_touch", "strongest", "over_time")
BY_PARTS = SPLITTING[:-1]


def parts_of(partition: Partition) -> set[frozenset[int]]:
    return {
        frozenset(np.flatnonzero(partition.part_of == part).tolist())
        for part in partition.part_of.tolist()
    }


@pytest.mark.parametrize("name", SPLITTING)
@given(st.data())
def test_the_order_of_rows_changes_nothing_or_nothing_when_times_are_distinct(
    name: str, data: st.DataObject
) -> None:
    case = data.draw(colliding_cases(name))
    if name not in {"isolate", "strongest"}:  # these do not look at times at all
        for n, event in enumerate(case["events"]):
            event["time"] = n
    shuffled = {**case, "events": data.draw(st.permutations(case["events"]))}
    one, other = translate(case), translate(shuffled)
    first, second = answer(one, one.run()), answer(other, other.run())
    assert first.profiles == second.profiles
    assert first.cuts == second.cuts
    assert {(e.name, i): pair for (e, i), pair in first.apart.items()} == {
        (e.name, i): pair for (e, i), pair in second.apart.items()
    }


@pytest.mark.parametrize("name", SPLITTING)
@given(st.data())
def test_people_who_share_nothing_change_nothing_for_each_other(
    name: str, data: st.DataObject
) -> None:
    case = data.draw(colliding_cases(name))
    case["decisions"] = []
    twins = [
        {**event, "event_id": event["event_id"] + "'"}
        | {"identifiers": [[kind, value + "'"] for kind, value in event["identifiers"]]}
        for event in case["events"]
    ]
    alone, both = translate(case), translate({**case, "events": case["events"] + twins})
    few, all_ = answer(alone, alone.run()), answer(both, both.run())
    mine = [p for p in all_.profiles if not p["id"].endswith("'")]
    assert by_content(mine) == by_content(few.profiles)
    assert [cut for cut in all_.cuts if not cut[0].endswith("'")] == few.cuts
    assert {(e.name, i): p for (e, i), p in all_.apart.items() if not e.name.endswith("'")} == {
        (e.name, i): p for (e, i), p in few.apart.items()
    }


@pytest.mark.parametrize("name", SPLITTING)
@given(st.data())
def test_no_part_holds_two_values_of_a_unique_type_and_an_anchor_keeps_its_events(
    name: str, data: st.DataObject
) -> None:
    world = translate(data.draw(colliding_cases(name)))
    found = answer(world, world.run())
    for profile in found.profiles:
        held = {tuple(i) for i in profile["identifiers"]}
        assert world.said.breach(held, limits=name not in {"isolate", "over_time"}) is None
        for event in world.events:
            anchors = [i for i in event.ids if i[0] == world.said.anchor]
            if event.name in profile["events"] and anchors:
                assert set(anchors) <= held
    assert not any(i[0] == world.said.anchor for _, i in found.apart)


@pytest.mark.parametrize("name", BY_PARTS)
@given(st.data())
def test_the_kept_links_hold_each_part_together(name: str, data: st.DataObject) -> None:
    world = translate(data.draw(colliding_cases(name)))
    partition = world.run()
    assert parts_of(partition) == kept_components(world, partition)
    assert (partition.part_of == [min(p) for p in map(set_of(partition), partition.part_of)]).all()
    assert partition.contested[partition.cuts.identifier].all()


def set_of(partition: Partition) -> Any:
    return lambda part: np.flatnonzero(partition.part_of == part).tolist()


@pytest.mark.parametrize("name", BY_PARTS)
@given(st.data())
def test_every_cut_names_two_values_that_it_keeps_apart(name: str, data: st.DataObject) -> None:
    world = translate(data.draw(colliding_cases(name)))
    partition = world.run()
    expected = {
        (c["event"], c["identifier"]): set(c["apart"])
        for c in reference.run(world.case)["cut_details"]
        if c["apart"]
    }
    for (event, identifier), (a, b) in answer(world, partition).apart.items():
        assert a is not None
        assert b is not None
        mine = set_of(partition)(
            partition.part_of[world.names.index(min(event.ids, key=world.said.key))]
        )
        theirs = set_of(partition)(partition.part_of[world.names.index(identifier)])
        home, there = ({world.names[n] for n in held} for held in (mine, theirs))
        if {a, b} != expected[event.name, identifier]:
            # The reference names the two outermost of several values, whichever side they are on.
            assert world.said.breach(home | there) or a in home or b in there
            assert a[0] == b[0] or tuple(sorted((a, b))) in world.said.separated
        if name != "isolate":
            assert a in home


@given(colliding_cases("isolate"))
def test_rounds_on_arrays_and_in_plain_python_are_the_same(case: dict[str, Any]) -> None:
    world = translate(case)
    usual = spread.FEW
    found = []
    try:
        for few in (0, 3, 10**9):
            spread.FEW = few
            found.append(world.run())
    finally:
        spread.FEW = usual
    for other in found[1:]:
        same(found[0], other)


def same(one: Partition, other: Partition) -> None:
    assert (one.part_of == other.part_of).all()
    assert (one.contested == other.contested).all()
    for column in ("at", "identifier", "a", "b"):
        assert (getattr(one.cuts, column) == getattr(other.cuts, column)).all()


@pytest.mark.parametrize("name", ["first_claim", "last_touch"])
@given(st.data())
def test_the_oldest_and_newest_events_of_sets_are_enough(name: str, data: st.DataObject) -> None:
    world = translate(data.draw(colliding_cases(name)))
    whole = world.run()
    evidence = world.evidence
    number, time = evidence.newest()
    lean = replace(evidence, event_set=None, event_time=None)
    if REGISTRY[name].needs == "oldest":
        lean = replace(lean, set_oldest=evidence.oldest() * 10 + 3)
    else:
        lean = replace(lean, set_newest=number * 10 + 3, set_newest_time=time)
    same(whole, REGISTRY[name].function(lean, world.rules))


@pytest.mark.parametrize("name", ["keep", "isolate", "strongest"])
@given(st.data())
def test_some_policies_need_no_events(name: str, data: st.DataObject) -> None:
    world = translate(data.draw(colliding_cases(name)))
    lean = replace(world.evidence, event_set=None, event_time=None)
    assert REGISTRY[name].needs == "sets"
    same(world.run(), REGISTRY[name].function(lean, world.rules))


def test_a_policy_that_needs_events_says_so() -> None:
    for name in ("first_claim", "last_touch", "over_time"):
        with pytest.raises(ValueError, match="order of events"):
            REGISTRY[name].function(KIOSK, OWNERS)


@pytest.mark.parametrize("name", SPLITTING)
@given(st.data())
def test_no_policy_changes_what_it_is_given(name: str, data: st.DataObject) -> None:
    world = translate(data.draw(colliding_cases(name)))
    before = pickle.dumps((world.evidence, world.rules))
    world.run()
    assert pickle.dumps((world.evidence, world.rules)) == before


@pytest.mark.parametrize("name", SPLITTING)
def test_nothing_in_conflict_is_no_error(name: str) -> None:
    none = np.empty(0, np.int32)
    longs = np.empty(0, np.int64)
    nothing = Evidence(none, np.zeros(1, np.int64), none, longs, event_set=none, event_time=longs)
    found = REGISTRY[name].function(nothing, Rules((0, 0), unique=(0,), top=0))
    assert len(found.part_of) == len(found.cuts) == 0


@given(colliding_cases("last_touch"))
def test_a_partition_of_a_policy_passes_as_somebody_elses(case: dict[str, Any]) -> None:
    world = translate(case)
    found = world.run()
    same(found, from_partition(world.evidence, world.rules, found.part_of * 3 + 1))
    same(found, from_cuts(world.evidence, world.rules, found.cuts.at, found.cuts.identifier))


@given(colliding_cases("isolate"), st.data())
def test_what_passes_keeps_the_laws(case: dict[str, Any], data: st.DataObject) -> None:
    world = translate(case)
    assume(world.names)
    label = data.draw(
        st.lists(st.integers(0, 3), min_size=len(world.names), max_size=len(world.names))
    )
    given_parts = {frozenset(n for n, other in enumerate(label) if other == one) for one in label}
    if breaks_a_law(world, given_parts):
        with pytest.raises(PartitionError) as caught:
            from_partition(world.evidence, world.rules, np.array(label))
        assert caught.value.profile in world.evidence.raw_of
    else:
        found = from_partition(world.evidence, world.rules, np.array(label))
        assert parts_of(found) == given_parts


def breaks_a_law(world: World, parts: set[frozenset[int]]) -> bool:
    number = {name: n for n, name in enumerate(world.names)}
    part_of = {n: part for part in parts for n in part}
    pairs = list(world.said.links)
    for event in world.events:
        strongest = world.said.strongest(event.ids)
        home = part_of[number[strongest]]
        pairs += [(strongest, i) for i in event.ids if number[i] in home]
    held = {frozenset(number[i] for i in p) for p in reference.components(world.names, pairs)}
    return held != parts or any(
        world.said.breach({world.names[n] for n in part}, limits=False) for part in parts
    )


#: Two owners, 0 and 1, and the device 2 that both used.
KIOSK = Evidence(
    np.zeros(3, np.int32),
    np.array([0, 2, 4]),
    np.array([0, 2, 1, 2], np.int32),
    np.ones(2, np.int64),
)
OWNERS = Rules((0, 2, 3), unique=(0,), top=0)


@pytest.mark.parametrize(
    ("label", "wrong"),
    [
        ([0, 1], "2 labels for 3 identifiers"),
        ([0, 1, -1], "Raw profile 0: .* in no part"),
        ([0, 0, 0], "Raw profile 0: .* two values of a unique type"),
    ],
)
def test_a_partition_that_breaks_a_law_is_refused(label: list[int], wrong: str) -> None:
    with pytest.raises(PartitionError, match=wrong) as caught:
        from_partition(KIOSK, OWNERS, np.array(label))
    again = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 (our own bytes)
    assert (str(again), again.profile) == (str(caught.value), caught.value.profile)


def test_linked_identifiers_may_not_be_put_in_two_parts() -> None:
    linked = replace(OWNERS, group=np.array([0, 1, 0], np.int32))
    with pytest.raises(PartitionError, match="a decision links in two parts"):
        from_partition(KIOSK, linked, np.array([0, 1, 2]))


def test_a_cut_that_takes_an_event_from_its_strongest_identifier_is_refused() -> None:
    with pytest.raises(PartitionError, match="from its strongest identifier"):
        from_cuts(KIOSK, OWNERS, np.array([0]), np.array([0]))


def test_a_cut_of_what_is_no_link_is_refused() -> None:
    with pytest.raises(PartitionError, match=r"1 of 2 links .* are no links \(first: number 1"):
        from_cuts(KIOSK, OWNERS, np.array([0, 0]), np.array([2, 1]))


def test_a_cut_names_what_it_keeps_apart() -> None:
    found = from_cuts(KIOSK, OWNERS, np.array([1]), np.array([2]))
    assert found.part_of.tolist() == [0, 1, 0]
    assert [getattr(found.cuts, c).tolist() for c in ("at", "identifier", "a", "b")] == [
        [1],
        [2],
        [1],
        [0],
    ]
