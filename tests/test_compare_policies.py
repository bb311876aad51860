"""What each policy makes of the same events: counted as a graph of its own would count it."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

import xrefgraph as xg
from tests.worlds import BASIC, numbered, rows
from xrefgraph.policy import POLICIES

SCHEMA = xg.Schema(["db_id", "cookie", "email"], anchor="db_id")


@given(rows)
def test_each_row_counts_what_the_graph_of_its_policy_has(events: list[dict[str, Any]]) -> None:
    found = xg.compare_policies(numbered(events), SCHEMA, list(POLICIES), event_id="id").rows()
    assert [row["policy"] for row in found] == list(POLICIES)
    for row in found:
        schema = replace(SCHEMA, conflicts=row["policy"])
        with xg.build(numbered(events), schema, event_id="id") as graph:
            statuses = [event["status"] for event in graph.events]
            for status in ("anchored", "ambiguous", "anonymous"):
                assert row[status] == statuses.count(status)
            assert row["profiles"] == len(graph.profiles)
            contested = {
                (one["type"], one["value"])
                for one in graph.identifiers
                if one["status"] == "contested"
            }
            assert row["contested"] == len(contested)
            if row["policy"] == "keep":
                assert (row["cuts"], row["contested"]) == (0, 0)


def test_the_policy_of_the_schema_does_not_count() -> None:
    schema = replace(SCHEMA, conflicts="isolate")
    (row,) = xg.compare_policies(BASIC, schema, ["keep"], event_id="event_id").rows()
    assert (row["policy"], row["profiles"], row["anchored"]) == ("keep", 1, 3)


@pytest.mark.parametrize(
    ("policies", "says"),
    [
        (["keep", "isolated"], "Did you mean 'isolate'"),
        (["keep", 7], "no conflict policy 7"),
        ([], "no policy to compare"),
        ("keep", "is a list"),
        (xg.Policy("keep"), "is a list"),
        (None, "is a list"),
    ],
)
def test_policies_are_checked_before_anything_is_read(policies: Any, says: str) -> None:
    with pytest.raises(xg.SchemaError, match=says):
        xg.compare_policies("there is no such file.csv", SCHEMA, policies)


def test_a_table_of_policies_outlives_their_graphs() -> None:
    table = xg.compare_policies(BASIC, SCHEMA, [xg.Policy("keep"), "keep"], event_id="event_id")
    assert table["policy"] == ["keep", "keep"]
    assert "<td>keep</td>" in table._repr_html_()
