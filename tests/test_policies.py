"""The policies on arrays agree with the slow reading of the rules, and keep the laws."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import linking_reference as reference
from tests.linking_cases import answer, by_content, colliding_cases, conformance_cases, translate

NAMES = ("keep", "isolate", "first_claim", "last_touch", "strongest")
OPTIONS = {"last_touch": st.fixed_dictionaries({}, optional={"newest_event_first": st.booleans()})}


@pytest.mark.parametrize("case", conformance_cases(*NAMES), ids=lambda case: str(case["id"]))
def test_a_conformance_case_has_the_answer_that_is_written_down(case: dict[str, Any]) -> None:
    world = translate(case)
    found = answer(world, world.run())
    assert by_content(found.profiles) == by_content(case["expect"]["profiles"])
    if "cuts" in case["expect"]:
        assert found.cuts == sorted(case["expect"]["cuts"])


@pytest.mark.parametrize("name", NAMES)
@given(st.data())
def test_random_cases_have_the_answer_of_the_reference(name: str, data: st.DataObject) -> None:
    case = data.draw(colliding_cases(name, OPTIONS.get(name)))
    world = translate(case)
    found, expected = answer(world, world.run()), reference.run(case)
    assert found.profiles == expected["profiles"]
    assert found.cuts == expected["cuts"]
