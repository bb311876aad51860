"""Rows with one event id: repeats are counted once, contradictions are an error or a choice."""

import datetime as dt
import logging
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import xrefgraph as xg
from tests.worlds import all_tables, numbered, rows

Rows = list[dict[str, Any]]
OPTIONS: dict[str, Any] = {
    "anchor": "db_id",
    "identifiers": ["cookie"],
    "event_id": "id",
    "time": "at",
}
CLASH: Rows = [
    {"id": 1, "db_id": 7, "cookie": "a", "at": "2024-01-02"},
    {"id": 17, "cookie": "secret-b", "at": "2024-01-03"},
    {"id": 17, "cookie": "secret-c", "at": "2024-01-01"},
    {"id": 2, "cookie": "c"},
]


def cookies(graph: xg.XrefGraph) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for node, other in graph.to_networkx().edges:
        event, identifier = (node, other) if isinstance(node, xg.EventNode) else (other, node)
        if identifier.type == "cookie":
            found.setdefault(event.event_id, []).append(identifier.value)
    return {key: sorted(values) for key, values in found.items()}


@pytest.mark.parametrize("choice", ["error", "first", "last", "merge"])
def test_a_repeated_row_is_counted_once_and_reported(
    choice: str, caplog: pytest.LogCaptureFixture
) -> None:
    some = [
        {"id": 1, "db_id": 1, "cookie": "a"},
        {"id": 2, "cookie": "a"},
        {"id": 2, "cookie": "a"},
        {"id": 2, "cookie": "a"},
    ]
    with (
        caplog.at_level(logging.INFO, "xrefgraph"),
        xg.build(some, **(OPTIONS | {"time": None}), on_duplicate=choice) as graph,
    ):
        assert graph.to_dict() == {"db_id": {1: {"cookie": {"a": [2]}}}}
        assert graph.repeated_rows == 2
        assert len(graph.events) == 2
        assert graph.identifiers.filter("type = 'cookie'").rows()[0]["events"] == 2
    assert "2 repeated rows" in caplog.text


def test_a_repeat_is_compared_after_normalising_and_keeps_the_earliest_time() -> None:
    schema = xg.Schema([xg.IdentifierType("email", normalize="email")])
    some = [
        {"id": 1, "email": "A@b.org", "at": "2024-01-02"},
        {"id": 1, "email": " a@B.org ", "at": "2024-01-01"},
    ]
    with xg.build(
        xg.Source(some, identifiers=["email"], event_id="id", time="at"), schema
    ) as graph:
        assert [row["time"] for row in graph.events.rows()] == [dt.datetime(2024, 1, 1)]  # noqa: DTZ001


def test_other_identifiers_under_one_id_are_an_error_that_shows_the_first() -> None:
    with pytest.raises(xg.DuplicateEventError) as caught:
        xg.build(CLASH, **OPTIONS)
    error = caught.value
    assert str(error).startswith(
        "2 of 4 events of 'source_1' have an event_id that another event has too (first: '17', rows 2 and 3), with other identifiers."
    )
    assert (error.source, error.event_id, error.rows, error.count) == ("source_1", "17", (2, 3), 2)
    assert "secret" not in str(error) + repr(error)


def test_first_last_and_merge_choose_what_counts() -> None:
    answers = {}
    for choice in ("first", "last", "merge"):
        with xg.build(CLASH, **OPTIONS, on_duplicate=choice) as graph:
            answers[choice] = cookies(graph)["17"]
            assert len(graph.events) == 3
            assert graph.repeated_rows == 1
    assert answers == {
        "first": ["secret-b"],
        "last": ["secret-c"],
        "merge": ["secret-b", "secret-c"],
    }


def test_an_unknown_choice_is_refused() -> None:
    with pytest.raises(xg.SchemaError, match="Did you mean 'merge'"):
        xg.build(CLASH, **OPTIONS, on_duplicate="merg")


def test_one_id_in_two_sources_is_two_events() -> None:
    both = [
        xg.Source(CLASH[:1], identifiers=["db_id", "cookie"], event_id="id", name=name)
        for name in ("a", "b")
    ]
    with xg.build(both, anchor="db_id", identifiers=["db_id", "cookie"]) as graph:
        assert graph.repeated_rows == 0
        assert [(row["source"], row["event_id"]) for row in graph.events.rows()] == [
            ("a", "1"),
            ("b", "1"),
        ]


def test_a_missing_id_is_never_a_repeat() -> None:
    with xg.build(
        [{"cookie": "a"}, {"cookie": "a"}, {"cookie": "a", "id": None}],
        identifiers=["cookie"],
        event_id="id",
    ) as graph:
        assert graph.events["event_id"] == ["#1", "#2", "#3"]


@given(rows, st.data())
def test_repeating_rows_changes_nothing(some: Rows, data: st.DataObject) -> None:
    once = numbered(some)
    again = [row for row in once if data.draw(st.booleans())]
    tables, repeated = [], -1
    for events in (once, once + again):
        with xg.build(
            xg.Source(events, identifiers=["db_id", "cookie", "email"], event_id="id"),
            xg.Schema(["db_id", "cookie", "email"], anchor="db_id"),
        ) as graph:
            tables.append(all_tables(graph))
            repeated = graph.repeated_rows
    assert tables[0] == tables[1]
    assert repeated == len(again)
