"""Two sets of identifiers are never taken for one."""

import pytest

import xrefgraph as xg
from tests.worlds import profiles_of
from xrefgraph import identifiers


def test_the_same_value_in_different_columns_of_lists_is_not_the_same_set() -> None:
    some = [
        {"id": 1, "a": ["9", "8"], "b": ["x", "y"]},
        {"id": 2, "a": ["9"]},
        {"id": 3, "b": ["9"]},
        {"id": 4, "b": [], "a": None},
    ]
    with xg.build(some, identifiers=["a", "b"], event_id="id") as graph:
        assert profiles_of(graph) == {
            frozenset({1, 2, ("a", "8"), ("a", "9"), ("b", "x"), ("b", "y")}),
            frozenset({3, ("b", "9")}),
        }


def test_sets_with_one_hash_are_told_apart_by_a_salt(monkeypatch: pytest.MonkeyPatch) -> None:
    real = identifiers._key_sql
    monkeypatch.setattr(
        identifiers,
        "_key_sql",
        lambda types, several, salt: real(types, several, salt) if salt else "hash(1)",
    )
    with xg.build(
        [{"id": 1, "a": "x"}, {"id": 2, "a": "y"}], identifiers=["a"], event_id="id"
    ) as graph:
        assert profiles_of(graph) == {frozenset({1, ("a", "x")}), frozenset({2, ("a", "y")})}
        assert len(graph.events) == 2
