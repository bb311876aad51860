"""What is in conflict is what the reference calls a breach."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given

from tests import linking_reference as reference
from tests.linking_cases import colliding_cases, translate
from xrefgraph.linking.conflicts import find_conflicts, kept_apart
from xrefgraph.linking.evidence import Rules


@given(colliding_cases("keep"))
def test_a_raw_profile_is_in_conflict_where_the_reference_finds_a_breach(
    case: dict[str, Any],
) -> None:
    world = translate(case)
    for held, _ in world.calm:
        assert world.said.breach(held) is None
    for raw in np.unique(world.evidence.raw_of):
        held = {world.names[n] for n in np.flatnonzero(world.evidence.raw_of == raw)}
        assert world.said.breach(held) is not None
    assert {i for held, _ in world.calm for i in held} | set(world.names) == {
        tuple(i) for p in reference.run(case)["profiles"] for i in p["identifiers"]
    }


def test_limits_count_only_when_asked_for_and_what_has_no_profile_not_at_all() -> None:
    rules = Rules((0, 2, 6), unique=(0,), limits={1: 2})
    profile_of = np.array([0, -1, 0, 0, 0, -1], np.int32)
    assert find_conflicts(profile_of, 1, rules).tolist() == [True]
    assert find_conflicts(profile_of, 1, rules, limits=False).tolist() == [False]


def test_linked_values_count_as_one() -> None:
    profile_of = np.zeros(3, np.int32)
    rules = Rules((0, 3), unique=(0,), group=np.array([0, 1, 1], np.int32))
    assert rules.values(0).tolist() == [0, 1]
    assert find_conflicts(profile_of, 1, rules).tolist() == [True]
    alone = Rules((0, 3), unique=(0,), group=np.array([0, 0, 0], np.int32))
    assert find_conflicts(profile_of, 1, alone).tolist() == [False]


def test_a_separated_pair_names_itself_before_any_type_and_the_own_side_first() -> None:
    part_of = np.array([0, 1, 0, 1], np.int32)
    rules = Rules((0, 2, 4), unique=(0,), separated=np.array([[2, 3]], np.int32))
    a, b = kept_apart(part_of, np.array([1, 0], np.int32), np.array([0, 1], np.int32), rules)
    assert (a.tolist(), b.tolist()) == ([3, 2], [2, 3])


def test_a_pair_that_is_separated_and_linked_is_an_error() -> None:
    pair = np.array([[0, 1]], np.int32)
    with pytest.raises(ValueError, match="1 pairs of identifiers are separated"):
        Rules((0, 2), separated=pair, group=np.zeros(2, np.int32))
