"""Events find the same labels by their strongest value as by their whole set."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import xrefgraph as xg
from tests.worlds import TYPES, VALUES, components, numbered, profiles_of
from xrefgraph import building, labelling

SCHEMAS = st.builds(
    lambda anchored, unique: xg.Schema(
        [
            "db_id",
            *(xg.IdentifierType(name, unique=name in unique) for name in TYPES if name != "db_id"),
        ],
        anchor="db_id" if anchored else None,
        conflicts="keep",
    ),
    st.booleans(),
    st.sets(st.sampled_from(TYPES)),
)

#: One value a column, and none that is refused: what every value stands for is itself.
PLAIN = st.lists(
    st.fixed_dictionaries({}, optional=dict.fromkeys(TYPES, st.sampled_from(VALUES))), max_size=12
)


def events_of(events: list[dict[str, Any]], schema: xg.Schema) -> list[dict[str, Any]]:
    given_events = xg.Source(numbered(events), identifiers=TYPES, event_id="id", name="it")
    with xg.build(given_events, schema) as graph:
        assert profiles_of(graph) == components(
            numbered(events), [one.name for one in schema.ranked if one.unique]
        )
        return graph.events.rows()


@given(PLAIN, SCHEMAS)
def test_both_ways_give_the_same_labels(events: list[dict[str, Any]], schema: xg.Schema) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(building, "lookup_by_set", None)
        by_value = events_of(events, schema)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(building, "lookup_by_value", lambda *_: None)
        assert events_of(events, schema) == by_value


def test_values_with_one_hash_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    events = [{"db_id": "1", "cookie": "x"}, {"cookie": "x"}, {"cookie": "y"}, {"email": "e"}]
    schema = xg.Schema(TYPES, anchor="db_id")
    expected = events_of(events, schema)
    monkeypatch.setattr(labelling, "_hash_sql", lambda rank, text: f"hash({rank} - {rank})")  # noqa: ARG005
    assert events_of(events, schema) == expected
