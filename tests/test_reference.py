"""The slow reading of the rules, and the conformance cases, agree with what is built."""

import datetime as dt
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import xrefgraph as xg
from tests import linking_reference
from tests.linking_cases import answer as array_answer
from tests.linking_cases import colliding_cases, translate
from xrefgraph.hygiene import normalize
from xrefgraph.policy import POLICIES

ASIDE = ("over_shared", "blocked")
REASONS = {
    "blank": "blank",
    "denied value": "denied",
    "denied pattern": "pattern",
    "not accepted": "not_accepted",
    "junk": "junk",
    "over-shared": "over_shared",
    "blocked": "blocked",
}


def schema_of(case: dict[str, Any]) -> xg.Schema:
    """The schema of a case in the form of the conformance files."""
    kinds = []
    for table in case["schema"]["types"]:
        options = {key: value for key, value in table.items() if key != "type"}
        kinds.append(
            xg.IdentifierType(
                table["type"], deny_defaults=case["schema"].get("deny_defaults", False), **options
            )
        )
    policy = dict(case["policy"])
    return xg.Schema(
        kinds,
        anchor=case["schema"].get("anchor"),
        conflicts=xg.Policy(policy.pop("name"), **policy),
        decisions=case.get("decisions") or (),
    )


def rows_of(case: dict[str, Any], schema: xg.Schema) -> xg.Source:
    rows = []
    for event in case["events"]:
        row: dict[str, Any] = {"the id": event.get("event_id"), "the time": event.get("time")}
        for kind, value in event["identifiers"]:
            row.setdefault(kind, []).append(value)
        # One value alone, so that columns of lists and of single values are both tried.
        rows.append({k: v[0] if isinstance(v, list) and len(v) == 1 else v for k, v in row.items()})
    return xg.Source(rows, identifiers=schema.names, event_id="the id", time="the time", name="it")


def build_case(case: dict[str, Any]) -> xg.XrefGraph:
    """A case in the form of the conformance files, built."""
    schema = schema_of(case)
    return xg.build(rows_of(case, schema), schema, on_duplicate="merge")


def as_read(kind: str, value: str, schema: xg.Schema) -> str:
    """The reference says of what is set aside how it was read, and the table how it came in."""
    return str(normalize(value, schema.ranked[schema.rank(kind)].normalizers)[0])


def answer(graph: xg.XrefGraph) -> dict[str, Any]:
    events: dict[str, list[str]] = {row["profile_id"]: [] for row in graph.profiles.rows()}
    identifiers: dict[str, list[list[str]]] = {name: [] for name in events}
    for row in graph.events.rows():
        if row["profile_id"] is not None and not row["event_id"].startswith("#"):
            events[row["profile_id"]].append(row["event_id"])
    for row in graph.identifiers.rows():
        if row["profile_id"] is not None:
            pair = [row["type"], row["value"]]
            if pair not in identifiers[row["profile_id"]]:
                identifiers[row["profile_id"]].append(pair)
    return {
        "profiles": sorted(
            (name, sorted(identifiers[name]), sorted(events[name])) for name in identifiers
        ),
        "cuts": sorted(
            [row["event_id"], row["type"], row["value"]]
            for row in graph.cuts.rows()
            if not row["event_id"].startswith("#")
        ),
        "contradictory": sorted(
            row["event_id"] for row in graph.events.rows() if row["status"] == "contradictory"
        ),
        "rejected": {
            (row["type"], row["value"], row["reason"]): row["events"]
            for row in graph.rejected.rows()
            if row["reason"] not in ("contradictory", *ASIDE)
        },
        "aside": {
            (row["type"], as_read(row["type"], row["value"], graph.schema), row["reason"])
            for row in graph.rejected.rows()
            if row["reason"] in ASIDE
        },
    }


def expected(case: dict[str, Any]) -> dict[str, Any]:
    found = linking_reference.run(case)
    refused = {
        (name, kind, text, REASONS[reason]) for name, kind, text, reason in found["reject_details"]
    }
    if case["policy"]["name"] == "over_time":
        # The reference leaves in one anonymous profile what nothing joins any more: the arrays do not,
        # and are compared with a reading of the text of their own in test_policies_over_time.
        world = translate(case)
        said = array_answer(world, world.run())
        profiles, cuts = said.profiles, said.cuts
    else:
        profiles, cuts = found["profiles"], found["cuts"]
    return {
        "profiles": sorted((one["id"], one["identifiers"], one["events"]) for one in profiles),
        "cuts": cuts,
        "contradictory": found["contradictory"],
        "rejected": dict(Counter(one[1:] for one in refused if one[3] not in ASIDE)),
        "aside": {one[1:] for one in refused if one[3] in ASIDE},
    }


def cases() -> list[Any]:
    return [
        pytest.param(case, id=case["id"])
        for path in sorted(Path(__file__).with_name("conformance").glob("*.json"))
        for case in json.loads(path.read_text(encoding="utf-8"))
    ]


@pytest.mark.parametrize("case", cases())
def test_a_conformance_case_has_the_answer_that_is_written_down(case: dict[str, Any]) -> None:
    with build_case(case) as graph:
        found = answer(graph)
    want = case["expect"]
    profiles = sorted(
        (sorted(map(list, one["identifiers"])), sorted(one["events"])) for one in want["profiles"]
    )
    assert sorted((identifiers, events) for _, identifiers, events in found["profiles"]) == profiles
    if "cuts" in want:
        assert found["cuts"] == sorted(want["cuts"])
    if "contradictory" in want:
        assert found["contradictory"] == sorted(want["contradictory"])
    if "rejected" in want:
        assert {one[:2] for one in {*found["rejected"], *found["aside"]}} == {
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
def unclean_cases(draw: st.DrawFn) -> dict[str, Any]:
    """Cases of values that are normalised and refused, under any policy."""
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
    several = draw(st.booleans())
    event = st.fixed_dictionaries(
        {
            "event_id": st.sampled_from(["e1", "e2", "e3", "e4", 5, 5.0, "6"])
            if several
            else st.uuids().map(str),
            "identifiers": st.lists(pairs, max_size=4)
            if several
            else st.lists(pairs, max_size=3, unique_by=lambda pair: pair[0]),
        },
        optional={"time": st.integers(0, 5)},
    )
    return with_sharing(
        draw,
        {
            "schema": {
                "anchor": draw(st.sampled_from(["db_id", None])),
                "types": kinds,
                "deny_defaults": draw(st.booleans()),
            },
            "policy": {"name": draw(st.sampled_from(sorted(set(POLICIES) - {"over_time"})))},
            "events": draw(st.lists(event, max_size=8)),
        },
    )


def with_sharing(draw: st.DrawFn, case: dict[str, Any]) -> dict[str, Any]:
    """The case, in which some types may be shared with few values of others."""
    names = [kind["type"] for kind in case["schema"]["types"]]
    for kind in case["schema"]["types"]:
        others = [name for name in names if name != kind["type"]]
        if others and draw(st.integers(0, 3)) == 0:
            kind["shared_with"] = {draw(st.sampled_from(others)): draw(st.integers(1, 2))}
    return case


@st.composite
def colliding(draw: st.DrawFn, policy: str) -> dict[str, Any]:
    options = {
        "last_touch": st.fixed_dictionaries({"newest_event_first": st.booleans()}),
        "over_time": st.fixed_dictionaries({"claim_back": st.booleans() | st.integers(1, 3)}),
    }.get(policy)
    case = with_sharing(draw, draw(colliding_cases(policy, options)))
    # What is no decision is refused when the schema is made; the reference looks past it.
    case["decisions"] = [
        one
        for one in case["decisions"]
        if one.get("events", True) and one.get("a", 1) != one.get("b", 2)
    ]
    if draw(st.booleans()):
        for event in case["events"]:
            event["identifiers"] = list(
                {kind: [kind, v] for kind, v in event["identifiers"]}.values()
            )
    return case


@given(unclean_cases())
def test_values_are_read_and_refused_as_the_reference_does(case: dict[str, Any]) -> None:
    with build_case(case) as graph:
        assert answer(graph) == expected(case)


@pytest.mark.parametrize("policy", sorted(POLICIES))
@given(st.data())
def test_conflicts_are_settled_as_the_reference_does(policy: str, data: st.DataObject) -> None:
    case = data.draw(colliding(policy))
    try:
        graph = build_case(case)
    except xg.SchemaError as error:
        assert "apart that others link" in str(error)  # noqa: PT017
        assume(False)
    # Microseconds are what the arrays count in.
    in_micros = json.loads(json.dumps(case))
    for event in in_micros["events"]:
        if "time" in event:
            event["time"] *= 1_000_000
    back = in_micros["policy"].get("claim_back")
    if back is not None and not isinstance(back, bool):
        in_micros["policy"]["claim_back"] = back * 1_000_000
    with graph:
        assert answer(graph) == expected(in_micros)


@given(st.data())
def test_a_rebuild_gives_what_a_build_gives(data: st.DataObject) -> None:
    case = data.draw(colliding("keep"))
    other = data.draw(st.sampled_from(sorted(POLICIES)))
    changed = {**case, "policy": {"name": other}}
    try:
        wanted = build_case(changed)
    except xg.SchemaError:
        assume(False)
    with wanted, build_case({**case, "decisions": []}) as before:
        first = answer(before)
        with before.rebuild(wanted.schema) as after:
            assert answer(after) == answer(wanted)
            assert after.counts == wanted.counts
            assert answer(before) == first
        before.rebuild(wanted.schema, in_place=True)
        assert answer(before) == answer(wanted)
        assert before.idle_decisions == wanted.idle_decisions


def test_times_are_instants() -> None:
    rows = [
        {"db_id": 1, "cookie": "x", "at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)},
        {"db_id": 2, "cookie": "x", "at": dt.datetime(2026, 2, 1, tzinfo=dt.UTC)},
    ]
    schema = xg.Schema(["db_id", "cookie"], anchor="db_id", conflicts="over_time")
    with xg.build(xg.Source(rows, identifiers=["db_id", "cookie"], time="at"), schema) as graph:
        assert graph.profile(cookie="x").id == "db_id:2"
        assert graph.profile(cookie="x", at="2026-01-15").id == "db_id:1"
        with pytest.raises(xg.UnknownError):
            graph.profile(cookie="x", at=dt.date(2025, 1, 1))
