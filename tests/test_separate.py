"""What parts two: it does, no part of it would, and it costs what it says."""

import itertools
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import xrefgraph as xg
from tests.test_why import event, kiosk
from tests.worlds import TYPES, rows, times
from xrefgraph.policy import POLICIES


def rebuilt(graph: xg.XrefGraph, decisions: Any) -> xg.XrefGraph:
    return graph.rebuild(replace(graph.schema, decisions=[*graph.schema.decisions, *decisions]))


def together(graph: xg.XrefGraph, a: Any, b: Any) -> bool:
    """Whether a profile holds both, as the tables say it."""
    held = []
    for one in (a, b):
        if isinstance(one, xg.EventNode):
            found = {row["profile_id"] for row in graph.events if row["event_id"] == one.event_id}
        else:
            found = {
                row["profile_id"] for row in graph.identifiers if (row["type"], row["value"]) == one
            }
        held.append(found - {None})
    return bool(held[0] & held[1])


@given(
    rows, st.sampled_from(sorted(POLICIES)), st.booleans(), st.lists(times, max_size=12), st.data()
)
def test_a_removal_parts_the_two_when_it_is_decided_and_no_part_of_it_does(
    events: Any, policy: str, linked: bool, moments: Any, data: st.DataObject
) -> None:
    events = [
        {**one, "id": n, "at": moments[n] if n < len(moments) else None}
        for n, one in enumerate(events)
    ]
    link = {"action": "link", "a": ["cookie", "a"], "b": ["email", "10"]}
    schema = xg.Schema(
        [
            xg.IdentifierType("db_id"),
            xg.IdentifierType("cookie", trust=0.5),
            xg.IdentifierType("email", trust=3),
        ],
        anchor="db_id",
        conflicts=policy,
        decisions=[link] if linked else [],
    )
    assert schema.names == TYPES
    with xg.build(events, schema, event_id="id", time="at") as graph:
        groups: dict[str, list[Any]] = {}
        for row in graph.events:
            groups.setdefault(row["profile_id"], []).append(event(row["event_id"]))
        for row in graph.identifiers:
            groups.setdefault(row["profile_id"], []).append((row["type"], row["value"]))
        groups.pop(None, None)  # type: ignore[call-overload]
        several = [group for name, group in sorted(groups.items()) if len(group) > 1]
        if not several:
            return
        group = data.draw(st.sampled_from(several))
        a, b = data.draw(st.sampled_from(group)), data.draw(st.sampled_from(group))
        if a == b or not xg.why(graph, a, b).linked:
            return
        found = xg.separate(graph, a, b)
        json.dumps(found.to_dict())
        assert len(found.options) + len(found.impossible) == 3
        for option in found.options:
            with rebuilt(graph, option.decisions) as after:
                assert not together(after, a, b)
                assert_costs(graph, after, option)
            if not option.is_minimal or len(option.decisions) > 4:
                continue
            for less in parts_of(option):
                with rebuilt(graph, less) as after:
                    assert together(after, a, b)


def parts_of(option: Any) -> list[list[xg.Decision]]:
    """What is left of a removal without one value, one value's links, or one event."""
    if option.grain != "events":
        return [
            list(some)
            for some in itertools.combinations(option.decisions, len(option.decisions) - 1)
        ]
    found = []
    for gone in option.events:
        left = [
            replace(one, events=tuple(event for event in one.events if event != gone.event_id))
            for one in option.decisions
            if one.events != (gone.event_id,)
        ]
        found.append(left)
    return found


def assert_costs(before: xg.XrefGraph, after: xg.XrefGraph, option: Any) -> None:
    """What is said of events agrees with what really happens to them."""
    was = {row["event_id"]: row for row in before.events}
    now = {row["event_id"]: row for row in after.events}
    moved = sum(
        (was[key]["profile_id"], was[key]["anchor"]) != (now[key]["profile_id"], now[key]["anchor"])
        for key in was
    )
    assert option.cost.events_changing_hands == moved
    lost = sum(was[key]["profile_id"] is not None and now[key]["profile_id"] is None for key in was)
    assert option.cost.events_left_without_identifier == lost
    anonymous = sum(
        was[key]["status"] != "anonymous" and now[key]["status"] == "anonymous" for key in was
    )
    assert option.cost.events_left_anonymous == anonymous


TRUSTING = [
    xg.IdentifierType("db_id"),
    xg.IdentifierType("email", trust=3),
    xg.IdentifierType("cookie"),
    xg.IdentifierType("device"),
]


def test_the_kiosk_is_blocked_where_people_trust_an_address_more() -> None:
    with (
        kiosk() as plain,
        plain.rebuild(xg.Schema(TRUSTING, anchor="db_id", conflicts="keep")) as graph,
    ):
        found = xg.separate(graph, "db_id:U1001", "db_id:U1002")
        by_kind = {option.grain: option for option in found.options}
        assert [one.value for one in by_kind["values"].identifiers] == ["kiosk-77"]
        assert by_kind["values"].weight == 4
        assert [one.identifier.value for one in found.articulations] == [
            "kiosk-77",
            "a.smith@example.org",
            "b.smith@example.org",
        ]
        assert [one.potential for one in found.articulations] == [0.5, 0.333333, 0.666667]
        assert by_kind["links"].decisions[0].action == "detach"
        assert "block device kiosk-77 (4 events)" in found.summary


@pytest.mark.parametrize(
    ("a", "b", "said"),
    [
        ("db_id:U1001", "db_id:U1001", "cannot be parted from itself"),
        ("db_id:U1001", "device:elsewhere", "in two profiles already"),
        ("db_id:U1001", "email:null", "email null is in no profile"),
        ("device:elsewhere", None, "holds no anchor"),
        (event("odd"), None, "is in no profile"),
        ("email:null", None, "is in no profile"),
    ],
)
def test_what_cannot_be_parted_is_said_in_words(a: Any, b: Any, said: str) -> None:
    with kiosk() as graph:
        found = xg.separate(graph, a, b)
        assert said in found.summary
        assert (found.best, found.rows()) == (None, [])
        assert "remove" in found.to_frame().columns


def test_two_that_one_event_carries_have_no_value_between_them() -> None:
    with kiosk() as graph:
        found = xg.separate(graph, "db_id:U1001", "email:a.smith@example.org")
        assert found.impossible == {"values": "events carry both, so no value lies between them"}
        assert {option.grain for option in found.options} == {"links", "events"}


def test_two_that_a_decision_links_are_parted_by_taking_it_out() -> None:
    link = {"action": "link", "a": ["device", "elsewhere"], "b": ["device", "kiosk-77"]}
    with kiosk(decisions=[link]) as graph:
        found = xg.separate(graph, "device:elsewhere", "device:kiosk-77")
        assert (
            found.summary
            == "device elsewhere and device kiosk-77 cannot be parted: a decision links them; take it out."
        )


def test_several_anchors_are_parted_in_the_order_in_which_they_met() -> None:
    people = [{"db_id": n, "email": f"p{n}@example.org"} for n in (1, 2, 3) for _ in range(3)]
    shared = [
        {"at": f"2026-01-0{day}", "email": f"p{n}@example.org", "device": device}
        for day, device, pair in ((5, "tablet", (2, 3)), (7, "kiosk", (1, 2)))
        for n in pair
    ]
    with xg.build(
        [*people, *shared], xg.Schema(RANKED, anchor="db_id", conflicts="keep"), time="at"
    ) as graph:
        found = xg.separate(graph, "db_id:1")
        assert [(a.value, b.value) for a, b, _ in found.pairs] == [("2", "3"), ("1", "2")]  # type: ignore[union-attr]
        assert [[one.value for one in part.identifiers] for *_, part in found.pairs] == [
            ["tablet"],
            ["kiosk"],
        ]
        with rebuilt(graph, found.options[0].decisions) as after:
            assert after.counts["ambiguous"] == 0
        first = xg.separate(graph, "db_id:1", most=1)
        assert (len(first.pairs), first.pairs_left_off) == (1, 1)
        assert "1 more pair of anchors stays together" in first.summary


RANKED = ["db_id", "email", "cookie", "device"]
