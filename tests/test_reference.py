"""The slow reading of the rules, and the conformance cases, agree with the fast one under `keep`."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import xrefgraph as xg
from tests import linking_reference

REASONS = {
    "blank": "blank",
    "denied value": "denied",
    "denied pattern": "pattern",
    "not accepted": "not_accepted",
    "junk": "junk",
}


def build_case(case: dict[str, Any]) -> xg.XrefGraph:
    """A case in the form of the conformance files, built."""
    kinds = []
    for table in case["schema"]["types"]:
        options = {key: value for key, value in table.items() if key != "type"}
        kinds.append(
            xg.IdentifierType(
                table["type"], deny_defaults=case["schema"].get("deny_defaults", False), **options
            )
        )
    schema = xg.Schema(kinds, anchor=case["schema"].get("anchor"), conflicts="keep")
    rows = []
    for event in case["events"]:
        row: dict[str, Any] = {"the id": event.get("event_id"), "the time": event.get("time")}
        for kind, value in event["identifiers"]:
            row.setdefault(kind, []).append(value)
        rows.append(row)
    return xg.build(
        xg.Source(rows, identifiers=schema.names, event_id="the id", time="the time"),
        schema,
        on_duplicate="merge",
    )


def answer(graph: xg.XrefGraph) -> dict[str, Any]:
    events: dict[str, list[str]] = {}
    identifiers: dict[str, list[list[str]]] = {}
    for row in graph.events.rows():
        if row["profile_id"] is not None:
            events.setdefault(row["profile_id"], []).extend(
                [] if row["event_id"].startswith("#") else [row["event_id"]]
            )
    for row in graph.identifiers.rows():
        if row["profile_id"] is not None:
            identifiers.setdefault(row["profile_id"], []).append([row["type"], row["value"]])
    assert events.keys() == identifiers.keys()
    return {
        "profiles": sorted(
            (name, sorted(identifiers[name]), sorted(events[name])) for name in identifiers
        ),
        "contradictory": sorted(
            row["event_id"] for row in graph.events.rows() if row["status"] == "contradictory"
        ),
        "rejected": {
            (row["type"], row["value"], row["reason"]): row["events"]
            for row in graph.rejected.rows()
            if row["reason"] != "contradictory"
        },
    }


def expected(case: dict[str, Any]) -> dict[str, Any]:
    found = linking_reference.run(case)
    refused = {
        (name, kind, text, REASONS[reason]) for name, kind, text, reason in found["reject_details"]
    }
    return {
        "profiles": sorted(
            (one["id"], one["identifiers"], one["events"]) for one in found["profiles"]
        ),
        "contradictory": found["contradictory"],
        "rejected": dict(Counter(one[1:] for one in refused)),
    }


def cases() -> list[Any]:
    found = []
    for path in sorted(Path(__file__).with_name("conformance").glob("*.json")):
        for case in json.loads(path.read_text(encoding="utf-8")):
            later = case.get("decisions") or any(
                kind.get("shared_with") for kind in case["schema"]["types"]
            )
            if case["policy"]["name"] == "keep" and not later:
                found.append(pytest.param(case, id=case["id"]))
    return found


@pytest.mark.parametrize("case", cases())
def test_a_conformance_case_has_the_answer_that_is_written_down(case: dict[str, Any]) -> None:
    with build_case(case) as graph:
        found = answer(graph)
    want = case["expect"]
    profiles = sorted(
        (sorted(one["identifiers"]), sorted(one["events"])) for one in want["profiles"]
    )
    assert sorted((identifiers, events) for _, identifiers, events in found["profiles"]) == profiles
    if "contradictory" in want:
        assert found["contradictory"] == sorted(want["contradictory"])
    if "rejected" in want:
        assert {one[:2] for one in found["rejected"]} == {
            (kind, linking_reference.canonical(value)) for _, kind, value in want["rejected"]
        }


values = st.one_of(
    st.sampled_from(
        [
            "a",
            "A",
            " a ",
            "b",
            "B1",
            "1",
            "01",
            "0",
            "null",
            "NULL ",
            "unknown",
            "x@y",
            "X@Y ",
            "",
            " ",
            "a b",
            "--",
        ]
    ),
    st.integers(-2, 3),
    st.sampled_from([1.0, 2.5, -0.0, 1e3, float("nan")]),
    st.booleans(),
    st.none(),
)


@st.composite
def random_cases(draw: st.DrawFn) -> dict[str, Any]:
    kinds = []
    for name in ("db_id", "email", "cookie")[: draw(st.integers(1, 3))]:
        kind: dict[str, Any] = {"type": name}
        if draw(st.booleans()):
            kind["unique"] = True
        steps = draw(
            st.lists(st.sampled_from(["strip", "lower", "digits"]), max_size=2, unique=True)
        )
        if steps:
            kind["normalize"] = steps
        if draw(st.integers(0, 3)) == 0:
            kind["deny"] = draw(
                st.lists(st.sampled_from(["a", "A", "1", 1, "b", "x@y"]), max_size=2)
            )
        if draw(st.integers(0, 3)) == 0:
            kind["deny_patterns"] = draw(
                st.lists(st.sampled_from(["^a", "B", r"\d$", "@"]), max_size=2)
            )
        if draw(st.integers(0, 3)) == 0:
            kind["accept"] = draw(st.sampled_from(["[a-z]+", "[0-9]+", ".*", "a|b"]))
        kinds.append(kind)
    pairs = st.tuples(st.sampled_from([kind["type"] for kind in kinds]), values)
    event = st.fixed_dictionaries(
        {
            "event_id": st.sampled_from(["e1", "e2", "e3", "e4", 5, 5.0, "6"]),
            "identifiers": st.lists(pairs, max_size=4),
        },
        optional={"time": st.integers(0, 5)},
    )
    return {
        "schema": {
            "anchor": draw(st.sampled_from(["db_id", None])),
            "types": kinds,
            "deny_defaults": draw(st.booleans()),
        },
        "policy": {"name": "keep"},
        "events": draw(st.lists(event, max_size=8)),
    }


@given(random_cases())
def test_random_cases_have_the_answer_of_the_reference(case: dict[str, Any]) -> None:
    with build_case(case) as graph:
        assert answer(graph) == expected(case)
