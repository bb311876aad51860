"""Why profiles came apart or together: every cause is there, and every change between graphs has one."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import xrefgraph as xg
from tests.what_if import POLICIES, World, decided, decisions, events, worlds
from xrefgraph.errors import SchemaError
from xrefgraph.inspection.answers import plain
from xrefgraph.inspection.changes import causes
from xrefgraph.inspection.changes.comparison import Cause
from xrefgraph.verdicts import verdicts


@st.composite
def pairs(draw: st.DrawFn) -> tuple[World, World]:
    """Two worlds that differ in rules, in decisions or in events."""
    one = draw(worlds())
    other = one
    kinds = st.sampled_from(["policy", "decide", "undo", "events", "rules"])
    for change in draw(st.lists(kinds, min_size=1, max_size=2, unique=True)):
        schema = other.schema
        match change:
            case "policy":
                schema = replace(schema, conflicts=draw(st.sampled_from(POLICIES)))
            case "decide":
                schema = decided(schema, draw(decisions()))
            case "undo":
                schema = replace(schema, decisions=())
            case "rules":
                schema = replace(schema, types=draw(worlds()).schema.types, anchor=None)
            case _:
                more = [{**row, "id": n + 100} for n, row in enumerate(draw(events()))]
                kept = [row for row in other.first if draw(st.booleans())]
                other = replace(other, first=kept, second=other.second + more)
        other = replace(other, schema=schema)
    return (one, other) if draw(st.booleans()) else (other, one)


@given(pairs())
def test_every_change_between_graphs_has_a_cause_and_every_cause_is_there(
    two: tuple[World, World],
) -> None:
    before_world, after_world = two
    try:
        verdicts(before_world.schema)
        verdicts(after_world.schema)
    except SchemaError:
        assume(False)
    with before_world.build() as before, after_world.build() as after:
        found = xg.compare(before, after)
        assert {
            name: n for name, n in found.not_told.items() if name in ("split", "merged", "reshaped")
        } == {}
        for name, change in found.profiles.items():
            for example in change.examples:
                for cause in example.causes:
                    assert cause.change == name
                    check(cause, before, after)


def check(cause: Cause, before: xg.XrefGraph, after: xg.XrefGraph) -> None:
    """See that what a cause says is so: on the one side, and not on the other."""
    gone = [not linking(graph, cause) for graph in (before, after)]
    match cause.kind:
        case "events":
            there = [cause.event in ids(graph) for graph in (before, after)]
            assert there in ([True, False], [False, True])
            assert there == [
                cause.what == "events that are gone",
                cause.what == "events that are new",
            ]
        case "block" | "over_shared" | "refused" | "type":
            assert gone.count(True) >= 1
        case "cut" | "detach" | "separate":
            rows = [
                cut
                for graph in (before, after)
                for cut in graph.cuts.rows()
                if names(cut) == (cause.event, cause.identifier)
            ]
            assert any(row["rule"] == cause.rule and row["reason"] == cause.reason for row in rows)
        case "link":
            assert cause.decision in (*before.schema.decisions, *after.schema.decisions)
            assert cause.decision is not None
    if cause.kind in ("block", "detach", "separate"):
        assert cause.decision in (*before.schema.decisions, *after.schema.decisions)
        assert cause.decision is not None
        assert cause.decision.action == cause.kind


def names(cut: dict[str, Any]) -> tuple[Any, ...]:
    return (cut["source"], cut["event_id"]), (cut["type"], cut["value"])


def ids(graph: xg.XrefGraph) -> set[Any]:
    return {(row["source"], row["event_id"]) for row in graph.events.rows()}


def linking(graph: xg.XrefGraph, cause: Cause) -> bool:
    """Whether the value of a cause is in a profile."""
    return any(
        (row["type"], row["value"]) == cause.identifier and row["profile_id"] is not None
        for row in graph.identifiers.rows()
    )


# ------------------------------------------------------------------------------------ one cause at a time

MAIL = xg.IdentifierType("mail", normalize="lower")
SCHEMA = xg.Schema(["db_id", MAIL, "device"], anchor="db_id")
KIOSK = [
    {"id": 1, "db_id": 1, "mail": "ann@example.org"},
    {"id": 2, "db_id": 2, "mail": "bob@example.org"},
    {"id": 3, "mail": "ann@example.org", "device": "kiosk"},
    {"id": 4, "mail": "bob@example.org", "device": "kiosk"},
    {"id": 5, "device": "kiosk"},
]
FAMILY = [
    {"id": 1, "mail": "ann@example.org", "device": "tv"},
    {"id": 2, "mail": "bob@example.org", "device": "tv"},
]
USUAL = ["db_id", "mail", "device"]


def built(rows: list[dict[str, Any]], **more: Any) -> xg.XrefGraph:
    schema = replace(SCHEMA, **more)
    source = xg.Source(rows, identifiers=list(schema.names), event_id="id", name="visits")
    return xg.build([source], schema)


def why(before: xg.XrefGraph, after: xg.XrefGraph) -> list[tuple[str, str, int]]:
    with before, after:
        found = xg.compare(before, after)
    assert json.loads(json.dumps(found.to_dict()))["causes"] == plain(found.causes)
    return [(one.change, one.what, one.groups) for one in found.causes]


def device(**rules: Any) -> dict[str, Any]:
    return {"types": ["db_id", "mail", xg.IdentifierType("device", **rules)]}


def decision(action: str, **facts: Any) -> dict[str, Any]:
    return {"decisions": [{"action": action, **facts}]}


TV = ["device", "tv"]
ANN, BOB = ["mail", "ann@example.org"], ["mail", "bob@example.org"]


@pytest.mark.parametrize(
    ("changed", "apart", "together"),
    [
        (decision("block", identifier=TV), "block of device tv", "block of device tv that is gone"),
        (
            decision("detach", identifier=TV, events=[2]),
            "detach of device tv",
            "detach of device tv that is gone",
        ),
        (
            decision("separate", a=BOB, b=ANN),
            "separation of mail ann@example.org and mail bob@example.org",
            "separation of mail ann@example.org and mail bob@example.org that is gone",
        ),
        (
            {"types": ["db_id", xg.IdentifierType("mail", unique=True), "device"]},
            "isolate: two values of mail",
            "isolate no longer cuts: two values of mail",
        ),
        (
            device(shared_with={"mail": 1}),
            "device values that too many share",
            "device values that too many shared",
        ),
        (
            device(deny=["tv"]),
            "device values that are refused (denied)",
            "device values that were refused (denied)",
        ),
        (
            device(normalize=lambda _: None),
            "device values that are refused (blank)",
            "device values that were refused (blank)",
        ),
        (
            {"types": ["db_id", "mail"]},
            "the type device that is left out",
            "the type device that is new",
        ),
    ],
)
def test_a_change_of_rules_is_told_both_ways(
    changed: dict[str, Any], apart: str, together: str
) -> None:
    rules = {"types": USUAL} | changed
    assert ("split", apart, 1) in why(built(FAMILY, types=USUAL), built(FAMILY, **rules))
    assert ("merged", together, 1) in why(built(FAMILY, **rules), built(FAMILY, types=USUAL))


def test_values_that_are_read_otherwise_are_told() -> None:
    rows = [{"id": 1, "mail": "ann@example.org"}, {"id": 2, "mail": "Ann@example.org"}]
    before, after = built(rows), built(rows, types=["db_id", "mail", "device"])
    assert ("split", "mail values that are read otherwise", 1) in why(before, after)


def test_the_policy_is_told_where_it_changed_and_its_reason_where_it_did_not() -> None:
    kept, isolated = built(KIOSK, conflicts="keep"), built(KIOSK)
    assert why(kept, isolated) == [("split", "isolate instead of keep: two values of db_id", 1)]
    # Without the second user id there was no conflict yet.
    start = [*KIOSK[:1], {"id": 2, "mail": "bob@example.org"}, *KIOSK[2:]]
    assert ("split", "isolate: two values of db_id", 1) in why(built(start), built(KIOSK))


def test_events_that_are_new_or_gone_are_told_with_the_first_that_joins_two() -> None:
    more = [
        {"id": 6, "mail": "eve@example.org", "device": "phone"},
        {"id": 7, "mail": "ann@example.org", "device": "tablet"},
        {"id": 8, "mail": "eve@example.org", "device": "tablet"},
    ]
    start = [KIOSK[0], more[0]]
    with built(start) as before, built([*start, *more[1:]]) as after:
        found = xg.compare(before, after)
        back = xg.compare(after, before)
    (cause,) = (one for one in found.causes if one.change == "merged")
    assert (cause.what, cause.event) == ("events that are new", ("visits", "7"))
    assert found.summary.endswith("Merged by events that are new (1).")
    assert found.profiles["merged"].examples[0].causes == (cause,)
    (cause,) = (one for one in back.causes if one.change == "split")
    assert cause.what == "events that are gone"


def test_an_event_that_joins_two_by_itself_says_what_it_joins() -> None:
    start = [KIOSK[0], {"id": 6, "device": "phone"}]
    joined = {"id": 7, "mail": "ann@example.org", "device": "phone"}
    with built(start) as before, built([*start, joined]) as after:
        (cause,) = xg.compare(before, after).causes
    assert cause.between == ("mail:ann@example.org", "device:phone")
    assert str(cause) == "events that are new (event 7 of visits)"


def test_a_decision_comes_with_its_reason() -> None:
    block = decision("block", identifier=TV, reason="the living room")
    with built(FAMILY) as before, built(FAMILY, **block) as after:
        (cause,) = xg.compare(before, after).causes
        (taken,) = after.schema.decisions
    assert (cause.kind, cause.identifier, cause.decision) == ("block", ("device", "tv"), taken)
    assert str(cause) == "block of device tv, 'the living room' (event 1 of visits)"
    assert plain(cause)["decision"]["reason"] == "the living room"


def test_a_link_of_people_is_a_cause() -> None:
    link = decision("link", a=["mail", "eve@example.org"], b=ANN)
    rows = [KIOSK[0], {"id": 6, "mail": "eve@example.org", "device": "phone"}]
    what = "link of mail ann@example.org and mail eve@example.org"
    assert why(built(rows), built(rows, **link)) == [("merged", what, 1)]
    assert why(built(rows, **link), built(rows)) == [("split", f"{what} that is gone", 1)]


def test_events_that_contradict_themselves_are_told() -> None:
    rows = [
        *FAMILY[:1],
        {"id": 3, "device": "tv", "mail": ["bob@example.org", "eve@example.org"]},
        {"id": 4, "mail": "bob@example.org"},
    ]
    unique = {"types": ["db_id", xg.IdentifierType("mail", unique=True), "device"]}
    told = why(built(rows, conflicts="keep"), built(rows, **unique, conflicts="keep"))
    assert told == [("split", "events that contradict themselves", 1)]


def test_who_shares_in_turn_is_told() -> None:
    rows = [{"id": n, "at": f"2026-03-0{n}", "db_id": n, "device": "tablet"} for n in (1, 2)]

    def by(policy: str) -> xg.XrefGraph:
        schema = xg.Schema(["db_id", "device"], anchor="db_id", conflicts=policy)
        return xg.build(rows, schema, event_id="id", time="at")

    assert why(by("keep"), by("over_time")) == [("split", "device values that change hands", 1)]


def test_values_that_changed_between_two_inputs_are_told() -> None:
    other = [FAMILY[0], {**FAMILY[1], "device": "phone"}]
    assert ("split", "events that carry other values", 1) in why(built(FAMILY), built(other))


def test_several_causes_of_one_split_are_all_told() -> None:
    rows = [
        *FAMILY,
        {"id": 3, "mail": "ann@example.org", "device": "car"},
        {"id": 4, "mail": "bob@example.org", "device": "car"},
    ]
    blocks = [{"action": "block", "identifier": ["device", name]} for name in ("tv", "car")]
    told = why(built(rows), built(rows, decisions=blocks))
    assert told == [("split", "block of device car", 1), ("split", "block of device tv", 1)]
    told = why(built(rows), built(rows[:3], decisions=blocks[:1]))
    assert told == [("split", "block of device tv", 1), ("split", "events that are gone", 1)]


def test_what_is_lost_but_linked_nothing_is_no_cause_of_a_split() -> None:
    rows = [*FAMILY, {"id": 3, "mail": "ann@example.org", "device": "leaf"}]
    blocks = [{"action": "block", "identifier": ["device", name]} for name in ("tv", "leaf")]
    assert why(built(rows), built(rows, decisions=blocks)) == [("split", "block of device tv", 1)]


# ---------------------------------------------------------------------------------- what cannot be told


def test_folders_say_of_how_many_no_cause_is_told(tmp_path: Path) -> None:
    block = decision("block", identifier=TV)
    with built(FAMILY) as before, built(FAMILY, **block) as after:
        whole = xg.compare(before, after)
        before.write(tmp_path / "before")
        after.write(tmp_path / "after", "csv")
        folders = xg.compare(tmp_path / "before", tmp_path / "after")
        assert xg.compare(before, tmp_path / "after").to_dict() == folders.to_dict()
        assert xg.compare(tmp_path / "before", after).to_dict() == folders.to_dict()
    assert folders == whole  # but for the causes
    assert (folders.causes, folders.not_told) == ((), {"split": 1})
    assert whole.not_told == {}
    assert whole.summary == f"{folders.summary} Split by block of device tv (1)."


def test_a_folder_tells_what_its_cuts_say(tmp_path: Path) -> None:
    with built(KIOSK, conflicts="keep") as before, built(KIOSK) as after:
        before.write(tmp_path / "before", "json")
        after.write(tmp_path / "after")
    there = xg.compare(tmp_path / "before", tmp_path / "after")
    back = xg.compare(tmp_path / "after", tmp_path / "before")
    told = [(one.change, one.what) for found in (there, back) for one in found.causes]
    reason = "two values of db_id"
    assert told == [
        ("split", f"isolate: {reason}"),
        ("merged", f"isolate no longer cuts: {reason}"),
    ]
    assert there.causes[0].between == ("db_id:1", "db_id:2")
    assert there.not_told == {}


def test_more_than_is_looked_at_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(causes, "MEMBERS", 3)
    with built(FAMILY) as before, built(FAMILY, types=["db_id", "mail"]) as after:
        found = xg.compare(before, after)
    assert found.causes == ()
    assert found.not_told == {"split": 1}


def test_the_summary_names_three_causes_and_counts_the_others() -> None:
    rows = [
        {"id": f"{name}{n}", "mail": f"{n}{name}@example.org", "device": name}
        for name in "abcd"
        for n in range(2)
    ]
    blocks = [{"action": "block", "identifier": ["device", name]} for name in "abcd"]
    with built(rows) as before, built(rows, decisions=blocks) as after:
        found = xg.compare(before, after)
    assert found.summary.endswith(
        "Split by block of device a (1), block of device b (1), block of device c (1), +1 other cause."
    )
    assert "<li>split (1): block of device d (event d0 of visits)</li>" in found._repr_html_()
    assert len(found.rows()) == len(found.to_frame())


def test_the_page_escapes_what_causes_hold() -> None:
    bad = "<script>alert(1)</script>"
    rows = [{**row, "device": bad} for row in FAMILY]
    block = decision("block", identifier=["device", bad], reason=bad * 1000)
    with built(rows) as before, built(rows, **block) as after:
        page = xg.compare(before, after)._repr_html_()
    assert "<script" not in page
    assert "block of device &lt;script&gt;" in page
    assert len(page) < 20_000
