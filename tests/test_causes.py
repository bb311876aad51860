"""Why profiles came apart or together: every cause is there, and every change between graphs has one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

import xrefgraph as xg
from tests.what_if import POLICIES, World, decided, decisions, events, worlds
from xrefgraph.errors import SchemaError
from xrefgraph.inspection.comparison import Cause
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
