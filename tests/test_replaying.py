"""A profile event by event: where owners met is where networkx first finds a way between them."""

from typing import Any

import networkx as nx
from hypothesis import given

import xrefgraph as xg
from tests.drawn_cases import CASES
from tests.worlds import TYPES, numbered, rows, values_of
from xrefgraph.inspection.draw.layout.composing import scene_of
from xrefgraph.inspection.draw.layout.courses import (
    chosen_streams,
    course_of,
    in_flowing_order,
    smaller_parts,
)
from xrefgraph.inspection.draw.layout.meeting_names import named_meetings
from xrefgraph.inspection.draw.layout.replaying import Retraced, retrace
from xrefgraph.inspection.draw.layout.subject import drawn_of


def traced_of(name: str) -> Retraced:
    graph, asked = CASES[name]()
    return retrace(drawn_of(graph.profile(asked)))


def world(events: list[dict[str, Any]]) -> xg.XrefGraph:
    schema = xg.Schema(TYPES, anchor="db_id", conflicts="keep")
    return xg.build(xg.Source(numbered(events), identifiers=list(TYPES), event_id="id"), schema)


@given(rows)
def test_two_owners_meet_at_the_event_that_first_connects_them(
    events: list[dict[str, Any]],
) -> None:
    graph = world(events)
    for profile in graph.profiles.rows():
        traced = retrace(drawn_of(graph.profile(profile["profile_id"])))
        moments, _ = traced.where_owners_met()
        mine = {
            one["event_id"]
            for one in graph.events.rows()
            if one["profile_id"] == profile["profile_id"]
        }
        seen: nx.Graph[Any] = nx.Graph()
        expected = []
        place = 0
        for event in numbered(events):
            if str(event["id"]) not in mine:
                continue
            before = groups_of_owners(seen)
            carried = [(kind, value) for kind in TYPES for value in values_of(event.get(kind))]
            nx.add_path(seen, [carried[0], *carried])
            after = groups_of_owners(seen)
            # Two that were apart, or one of them unseen, are together now.
            if any(len(group) > 1 and group not in before for group in after):
                expected.append(place)
            place += 1
        assert sorted({moment // 2 for moment in moments.tolist()}) == expected


def groups_of_owners(graph: Any) -> set[frozenset[Any]]:
    parts = (
        frozenset(n for n in part if n[0] == "db_id") for part in nx.connected_components(graph)
    )
    return {part for part in parts if part}


@given(rows)
def test_the_sides_of_a_meeting_hold_all_events_before_it(events: list[dict[str, Any]]) -> None:
    graph = world(events)
    for profile in graph.profiles.rows():
        traced = retrace(drawn_of(graph.profile(profile["profile_id"])))
        told = xg.how(graph, graph.profile(profile["profile_id"]))
        by_place = {step.place - 1: step for step in told.steps if step.conflict}
        moments, parts = traced.where_owners_met()
        for moment, part in zip(moments.tolist(), parts.tolist(), strict=True):
            meeting = traced.meeting(moment, part)
            step = by_place[meeting.place]
            assert sum(side.events for side in meeting.sides) == step.events - 1
            owners = sum(side.owner_count for side in meeting.sides)
            assert owners >= 2


def test_a_meeting_is_told_with_the_event_both_sides_and_their_sizes() -> None:
    traced = traced_of("two people")
    (moment,), (part,) = (one.tolist() for one in traced.where_owners_met())
    (meeting,) = named_meetings(traced, [traced.meeting(moment, part)], str)
    assert meeting.told() == "MERGE at e21: U1 + U2, 11 + 10 events"
    assert [getattr(node, "value", "") for node in meeting.by] == ["kiosk", "2@example.org"]


def test_a_decision_that_joins_two_owners_is_told_as_one() -> None:
    traced = traced_of("linked by a decision")
    (moment,), (part,) = (one.tolist() for one in traced.where_owners_met())
    (meeting,) = named_meetings(traced, [traced.meeting(moment, part)], str)
    assert meeting.event is None
    assert meeting.told().startswith("MERGE by a decision: U1 + U2")


@given(rows)
def test_each_part_is_in_one_stream_and_what_is_not_drawn_is_counted(
    events: list[dict[str, Any]],
) -> None:
    graph = world(events)
    for profile in graph.profiles.rows():
        traced = retrace(drawn_of(graph.profile(profile["profile_id"])))
        course = course_of(traced)
        assert (course.stream >= 0).all()
        for most in (1, 2, 12):
            order = in_flowing_order(traced, course, chosen_streams(traced, course, most))
            assert 1 <= len(order) <= most
            assert len(set(order)) == len(order)
            smaller = smaller_parts(traced, course, order)
            into = traced.tree.into[course.head]
            direct = sum(
                1
                for n in range(len(course.head))
                if n not in order and into[n] >= 0 and course.stream[into[n]] in order
            )
            assert sum(smaller.joined.values()) == direct


def test_an_event_that_was_asked_for_is_drawn_once() -> None:
    graph, _ = CASES["two people"]()
    why = xg.why(graph, xg.EventNode("visits", "e0"), "db_id:U2")
    scene = scene_of(why)
    traced = retrace(scene.drawn)
    assert len(traced.time) == scene.events == 22
    moments, _ = traced.where_owners_met()
    assert len(moments) == 1
