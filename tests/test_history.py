"""How a profile came together: networkx, to which the events are added one by one, says the same; and what people read."""

from __future__ import annotations

import datetime as dt
import itertools
import json
from collections.abc import Iterator
from typing import Any

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

import xrefgraph as xg
from tests.test_reference import colliding
from tests.test_stored_tables import built, policies, with_refused
from xrefgraph.inspection.merging import lanes, retelling
from xrefgraph.inspection.merging.merges import Merge
from xrefgraph.verdicts import verdicts

Pair = tuple[str, str]
Tables = tuple[list[dict[str, Any]], list[dict[str, Any]], "nx.Graph[Any]"]

EPOCH = dt.datetime(1970, 1, 1)  # noqa: DTZ001  (as in all tables)


# ------------------------------------------------------------------------------------------ the oracle


class Slow:
    """A profile, replayed by networkx: its components are counted after each event."""

    def __init__(self, graph: xg.XrefGraph, tables: Tables, profile_id: str) -> None:
        self.schema, decided = graph.schema, verdicts(graph.schema)
        self.linked, self.separated = list(decided.linked), list(decided.separated)
        identifiers, events, whole = tables
        self.identifiers = {
            (row["type"], row["value"]) for row in identifiers if row["profile_id"] == profile_id
        }
        rows = [row for row in events if row["profile_id"] == profile_id]
        order = sorted(
            range(len(rows)),
            key=lambda n: (rows[n]["time"] is not None, rows[n]["time"] or EPOCH, n),
        )
        self.events = [xg.EventNode(rows[n]["source"], rows[n]["event_id"]) for n in order]
        self.times = [rows[n]["time"] for n in order]
        self.carried = [{(one.type, one.value) for one in whole[event]} for event in self.events]
        self.now: nx.Graph[Any] = nx.Graph()
        self.steps: list[dict[str, Any]] = []
        held = set().union(*self.carried) if self.carried else set()
        self.now.add_nodes_from(self.identifiers - held)
        self.decide(0)
        for place, (event, carried) in enumerate(zip(self.events, self.carried, strict=True), 1):
            self.add(place, event, carried)
            self.decide(place)
        self.pieces = nx.number_connected_components(self.now)

    def sides(self, of: set[Pair]) -> list[set[Any]]:
        return [set(part) for part in nx.connected_components(self.now) if part & of]

    def add(self, place: int, event: xg.EventNode, carried: set[Pair]) -> None:
        sides, new = self.sides(carried), carried - set(self.now)
        conflict = self.conflict([*sides, *({one} for one in sorted(new))])
        self.now.add_edges_from((event, one) for one in carried)
        if len(sides) > 1 or conflict:
            self.note(place, event, sides, new, conflict)

    def decide(self, place: int) -> None:
        for a, b in self.linked:
            if a in self.now and b in self.now and not nx.has_path(self.now, a, b):
                sides = self.sides({a, b})
                conflict = self.conflict(sides)
                self.now.add_edge(a, b)
                self.note(place, None, sides, set(), conflict)

    def conflict(self, sides: list[set[Any]]) -> str | None:
        for kind in self.schema.ranked:
            holding = [side for side in sides if any(one[0] == kind.name for one in pairs(side))]
            if kind.unique and len(holding) > 1:
                return f"two values of {kind.name}"
        for one, other in itertools.permutations(sides, 2):
            if any(a in one and b in other for a, b in self.separated):
                return "a decision keeps them apart"
        return None

    def note(
        self,
        place: int,
        event: xg.EventNode | None,
        sides: list[set[Any]],
        new: set[Pair],
        conflict: str | None,
    ) -> None:
        out = nx.node_connected_component(self.now, event or next(iter(pairs(sides[0]))))
        self.steps.append(
            {
                "place": place,
                "event": event,
                "sides": sorted(self.size(side) for side in sides),
                "brought": len(new),
                "after": (len(list(pairs(out))), len(out) - len(list(pairs(out)))),
                "conflict": conflict,
            }
        )

    def size(self, side: set[Any]) -> tuple[int, int, int]:
        unique = [kind.name for kind in self.schema.ranked if kind.unique]
        top = self.schema.anchor or (unique[0] if unique else None)
        held = list(pairs(side))
        return len(held), len(side) - len(held), sum(kind == top for kind, _ in held)


def pairs(nodes: set[Any]) -> Iterator[Pair]:
    return (one for one in nodes if isinstance(one, tuple))


def as_slow(step: Merge) -> dict[str, Any]:
    return {
        "place": step.place,
        "event": step.event,
        "sides": sorted((one.identifiers, one.events, one.anchor_count) for one in step.sides),
        "brought": step.brought_count,
        "after": (step.identifiers, step.events),
        "conflict": step.conflict,
    }


def histories(graph: xg.XrefGraph) -> Iterator[tuple[xg.History, Slow]]:
    """Each profile of a graph, both ways."""
    tables = graph.identifiers.rows(), graph.events.rows(), graph.to_networkx()
    for row in graph.profiles.rows():
        kind, _, value = row["profile_id"].partition(":")
        found = xg.how(graph, xg.IdentifierNode(kind, value, row["profile_id"]))
        if found.profile_id != row["profile_id"]:
            # Under over_time a profile may be named by an identifier that somebody else has by now.
            continue
        yield found, Slow(graph, tables, row["profile_id"])


def check_replay(found: xg.History, slow: Slow) -> None:
    parts = {part.number: part for part in found.parts}
    assert sorted(parts) == list(range(found.part_count))
    alive = {n for n in parts if parts[n].made_by is None}
    assert len(alive) == found.beginnings
    for number, step in enumerate(found.steps, 1):
        assert step.number == number
        if len(step.sides) > 1:
            gone = {side.part for side in step.sides}
            assert gone <= alive
            alive = alive - gone | {step.into}
            assert parts[step.into].made_by == number
            assert {parts[n].ended_by for n in gone} == {number}
            assert {parts[n].into for n in gone} == {step.into}
            assert {n for n, part in parts.items() if part.into == step.into} == gone
            for side in step.sides:
                own = parts[side.part]
                assert (side.identifiers, side.events) == (own.identifiers, own.events)
                assert side.anchor_count == own.anchor_count
        else:
            assert [side.part for side in step.sides] in ([], [step.into])
            assert step.into in alive
        size = sum(side.identifiers for side in step.sides) + step.brought_count
        assert step.identifiers == size
        events = sum(side.events for side in step.sides) + (step.event is not None)
        assert step.events == events
    assert {n for n, part in parts.items() if part.into is None} == alive
    assert len(alive) == found.pieces
    assert sum(parts[n].identifiers for n in alive) == found.identifiers
    assert sum(parts[n].events for n in alive) == found.events
    assert [step.place for step in found.steps] == sorted(step.place for step in found.steps)
    for step in found.steps:
        assert step.event is None or step.event == slow.events[step.place - 1]
        assert step.time == (slow.times[step.place - 1] if step.place else None)


def check_told(graph: xg.XrefGraph, found: xg.History, slow: Slow) -> None:
    unique = [kind.name for kind in graph.schema.ranked if kind.unique]
    json.dumps(found.to_dict())
    assert found._repr_html_()
    assert found.summary.endswith(".")
    for row in found.rows():
        assert list(row) == list(found.columns)
    sets = [frozenset(carried) for carried in slow.carried]
    for step in found.steps:
        new = {(one.type, one.value) for one in step.brought}
        assert len(new) == min(step.brought_count, retelling.MOST_NAMED)
        if step.event is not None:
            carried = slow.carried[slow.events.index(step.event)]
            assert step.alike == sets.count(frozenset(carried))
            met = {(one.type, one.value) for side in step.sides for one in side.met}
            assert met | new == carried
            assert len(met) + len(new) == len(carried)
        else:
            assert step.decision is not None
            assert step.decision["action"] == "link"
            both = {tuple(step.decision["a"]), tuple(step.decision["b"])}
            assert {(s.met[0].type, s.met[0].value) for s in step.sides} == both
        for side in step.sides:
            assert side.met_count == len(side.met) > 0
            if step.conflict and step.conflict.startswith("two values of "):
                kind = step.conflict.removeprefix("two values of ")
                assert all(one.type == kind for one in side.held)
                assert (
                    side.held
                    or any(kind == one.type for one in step.brought)
                    or (sum(bool(one.held) for one in step.sides) > 1)
                )
    seen = {place.identifier: place.place for place in found.sights}
    top = graph.schema.anchor or (unique[0] if unique else None)
    anchors = {xg.IdentifierNode(*one) for one in slow.identifiers if one[0] == top}
    assert set(seen) == anchors
    assert len(anchors) == found.anchor_count
    for one, place in seen.items():
        first = [(one.type, one.value) in carried for carried in slow.carried]
        assert place == (first.index(True) + 1 if True in first else 0)


def check_drawn(found: xg.History, slow: Slow) -> None:
    drawn = [(one.identifier.type, one.identifier.value) for one in found.lanes]
    assert sorted(drawn) == sorted(slow.identifiers)
    for lane, name in zip(found.lanes, drawn, strict=True):
        of = [n for n, carried in enumerate(slow.carried) if name in carried]
        times = [slow.times[n] for n in of if slow.times[n] is not None]
        assert lane.events == len(of)
        assert (lane.first, lane.last) == (
            min(times, default=None),
            max(times, default=None),
        )
    assert sum(bar.events for bar in found.bars) == found.events
    listed = {step.event: step.number for step in found.steps if step.event}
    for bar in found.bars:
        carried = slow.carried[slow.events.index(bar.event)]
        assert {drawn[n] for n in bar.lanes} == carried
        assert bar.step == listed.get(bar.event)
    places = [slow.events.index(bar.event) for bar in found.bars]
    assert places == sorted(places)


@given(policies, st.data())
def test_a_history_is_what_networkx_counts_when_events_are_added_one_by_one(
    policy: str, data: st.DataObject
) -> None:
    with built(with_refused(data.draw(colliding(policy)))) as graph:
        ambiguous = {row["profile_id"]: row["ambiguous"] for row in graph.profiles.rows()}
        seen = 0
        for found, slow in histories(graph):
            seen += 1
            assert [as_slow(step) for step in found.steps] == slow.steps
            assert found.pieces == slow.pieces
            assert (found.identifiers, found.events) == (len(slow.identifiers), len(slow.events))
            first = next((step for step in found.steps if step.conflict), None)
            assert found.became_ambiguous == first
            assert found.is_ambiguous == ambiguous[found.profile_id or ""] == (first is not None)
            check_replay(found, slow)
            check_told(graph, found, slow)
            check_drawn(found, slow)
        assert seen or not ambiguous


@given(policies, st.data())
def test_the_order_of_rows_changes_nothing_when_times_are_distinct(
    policy: str, data: st.DataObject
) -> None:
    case = with_refused(data.draw(colliding(policy)))
    for number, event in enumerate(case["events"]):
        event["time"] = number
    shuffled = {**case, "events": data.draw(st.permutations(case["events"]))}
    with built(case) as one, built(shuffled) as other:
        for row in one.profiles.rows():
            kind, _, value = row["profile_id"].partition(":")
            node = xg.IdentifierNode(kind, value, row["profile_id"])
            assert xg.how(one, node).to_dict() == xg.how(other, node).to_dict()


# --------------------------------------------------------------------------------- what people read


def visits(*rows: dict[str, Any], **options: Any) -> xg.XrefGraph:
    kinds = ["db_id", "email", "cookie"]
    source = xg.Source(
        [{"id": f"e{n}", **row} for n, row in enumerate(rows, 1)],
        identifiers=kinds,
        event_id="id",
        time="at",
        name="visits",
    )
    return xg.build(source, xg.Schema(kinds, anchor="db_id", **options))


def test_a_profile_that_grew_from_one_event_has_no_steps() -> None:
    graph = visits(
        {"at": "2026-03-01 08:00", "db_id": 1, "cookie": "x"},
        {"at": "2026-03-01 09:00", "cookie": "x"},
    )
    found = xg.how(graph, "db_id:1")
    assert found.steps == ()
    assert found.summary == (
        "db_id:1 (2 events, 2 identifiers) grew from event e1 of visits (2026-03-01 08:00):"
        " no event joined what had begun apart."
    )
    assert [row["what"] for row in found.rows()] == ["first event", "first sight"]


def test_a_second_anchor_makes_a_profile_ambiguous_without_any_parts_that_meet() -> None:
    graph = visits(
        {"at": "2026-03-01 08:00", "db_id": 1, "cookie": "x"},
        {"at": "2026-03-02 08:00", "cookie": "x"},
        {"at": "2026-03-03 08:00", "db_id": 2, "cookie": "x"},
        conflicts="keep",
    )
    found = xg.how(graph, graph.profile("cookie:x"))
    (step,) = found.steps
    assert found.became_ambiguous == step
    assert (step.event, step.brought) == (
        xg.EventNode("visits", "e3"),
        (xg.IdentifierNode("db_id", "2"),),
    )
    assert [side.held for side in step.sides] == [(xg.IdentifierNode("db_id", "1"),)]
    assert found.summary == (
        "db_id:1 (3 events, 3 identifiers) grew from event e1 of visits (2026-03-01 08:00): no event joined"
        " what had begun apart. It became ambiguous at event e3 of visits (2026-03-03 08:00), which brought"
        " db_id 2 to a part of 2 events and 2 identifiers with db_id 1, by cookie x: two values of db_id."
    )
    assert [row["what"] for row in found.rows()] == [
        *("first event", "first sight", "first sight", "conflict"),
    ]


def test_the_largest_merge_is_told_of_a_profile_that_is_one_person() -> None:
    graph = visits(
        {"at": "2026-03-01", "db_id": 1, "cookie": "x"},
        {"at": "2026-03-02", "email": "ann@example.org"},
        {"at": "2026-03-03", "cookie": "y"},
        {"at": "2026-03-04", "email": "ann@example.org", "cookie": ["x", "y"]},
    )
    found = xg.how(graph, ("db_id", 1))
    assert found.beginnings == 3
    assert [len(step.sides) for step in found.steps] == [3]
    assert found.summary == (
        "db_id:1 (4 events, 4 identifiers) grew from 3 beginnings in 1 merge. The largest merge was made at event e4 of"
        " visits (2026-03-04 00:00), which joined a part of 1 event and 2 identifiers with db_id 1, by cookie x,"
        " a part of 1 event and 1 identifier, by email ann@example.org, and a part of 1 event and 1 identifier, by cookie y."
    )


def test_a_decision_joins_as_soon_as_both_have_been_seen() -> None:
    link = {
        "action": "link",
        "a": ["cookie", "x"],
        "b": ["cookie", "y"],
        "reason": "one phone, two browsers",
    }
    graph = visits(
        {"at": "2026-03-01", "cookie": "x"},
        {"at": "2026-03-02", "cookie": "y", "db_id": 1},
        {"at": "2026-03-03", "cookie": "y"},
        decisions=[link],
    )
    found = xg.how(graph, "cookie:x")
    (step,) = found.steps
    assert (step.event, step.place, step.time) == (None, 2, dt.datetime(2026, 3, 2))  # noqa: DTZ001
    assert (step.identifiers, step.events, step.decision) == (3, 2, link)
    assert "was made by a decision (one phone, two browsers), which joined" in found.summary
    assert found.rows()[-1]["what"] == "decision"


def test_events_without_a_time_are_the_oldest() -> None:
    graph = visits(
        {"at": "2026-03-01", "cookie": "x"},
        {"at": None, "cookie": ["x", "y"]},
        {"at": "2026-02-01", "cookie": "y"},
    )
    found = xg.how(graph, "cookie:x")
    assert found.beginnings == 1
    assert found.parts[0].event == xg.EventNode("visits", "e2")
    assert "grew from event e2 of visits: no event" in found.summary


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("cookie:unknown", "cookie unknown is a placeholder that names nobody (junk)"),
        (xg.EventNode("visits", "e2"), "Event e2 of visits carries nothing that links"),
        (xg.EventNode("visits", "e3"), "Event e3 of visits contradicts itself"),
        ("cookie:z", "cookie z is blocked by a decision (a kiosk)"),
        ("email:kim@example.org", "email kim@example.org (0 events, 1 identifier) has no events")
    ],
)  # fmt: skip
def test_what_links_nothing_has_a_history_of_one_sentence(asked: Any, said: str) -> None:
    decisions = [
        {"action": "block", "identifier": ["cookie", "z"], "reason": "a kiosk"},
        {"action": "detach", "identifier": ["email", "kim@example.org"], "events": ["e4"]},
    ]
    graph = visits(
        {"at": "2026-03-01", "db_id": 1, "cookie": "z"},
        {"at": "2026-03-01", "cookie": "unknown"},
        {"at": "2026-03-01", "cookie": "y", "db_id": [1, 2]},
        {"at": "2026-03-01", "cookie": "k", "email": "kim@example.org"},
        decisions=decisions,
    )
    found = xg.how(graph, asked)
    assert found.summary.replace("email:kim", "email kim").startswith(said)
    assert (found.steps, found.rows()) == ((), [])
    assert list(found.to_frame().columns) == list(found.columns)
    json.dumps(found.to_dict())


def test_an_identifier_that_does_not_occur_is_an_error() -> None:
    graph = visits({"at": None, "cookie": "x"})
    with pytest.raises(xg.UnknownError, match="No event carries this cookie"):
        xg.how(graph, "cookie:y")


def test_what_is_not_listed_is_counted_and_conflicts_are_listed_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows: list[dict[str, Any]] = [{"at": None, "cookie": f"c{n}"} for n in range(8)]
    rows += [{"at": None, "db_id": 1, "cookie": "a"}, {"at": None, "cookie": "a"}]
    rows += [{"at": None, "cookie": ["a", f"c{n}"]} for n in range(8)]
    rows += [{"at": None, "db_id": 2, "cookie": "a"}, {"at": None, "db_id": 3, "cookie": "c7"}]
    graph = visits(*rows, conflicts="keep")
    whole = xg.how(graph, "db_id:1")
    assert (whole.step_count, whole.steps_left_off) == (10, 0)
    monkeypatch.setattr(retelling, "MOST_STEPS", 3)
    monkeypatch.setattr(retelling, "MOST_PARTS", 4)
    monkeypatch.setattr(lanes, "MOST_LANES", 5)
    found = xg.how(graph, "db_id:1")
    conflicts = [step for step in whole.steps if step.conflict]
    assert len(conflicts) == 2
    assert [step for step in found.steps if step.conflict] == conflicts
    assert (len(found.steps), found.steps_left_off, found.step_count) == (3, 7, 10)
    assert found.became_ambiguous == whole.became_ambiguous
    assert "7 of its 10 steps are not listed: the smallest." in found.summary
    numbers = {part.number for part in found.parts}
    assert numbers >= {side.part for step in found.steps for side in step.sides}
    assert set(found.parts) <= set(whole.parts)
    assert (len(found.lanes), found.lanes_left_off) == (5, whole.identifiers - 5)
    assert (len(found.bars), found.bars_left_off) == (5, len(whole.bars) - 5)
    anchors = {lane.identifier.value for lane in found.lanes if lane.identifier.type == "db_id"}
    assert anchors == {"1", "2", "3"}


def test_a_step_of_very_many_sides_says_how_many_are_not_listed() -> None:
    rows: list[dict[str, Any]] = [{"at": None, "cookie": f"c{n:02}"} for n in range(30)]
    graph = visits(*rows, {"at": None, "cookie": [f"c{n:02}" for n in range(30)]})
    (step,) = xg.how(graph, "cookie:c00").steps
    assert (len(step.sides), step.sides_left_off, step.identifiers) == (20, 10, 30)
    assert "and 27 more parts" in xg.how(graph, "cookie:c00").summary


def test_a_long_chain_that_is_joined_from_its_far_end_is_replayed() -> None:
    count = 2000
    rows: list[dict[str, Any]] = [{"at": None, "cookie": f"c{n:04}"} for n in range(count)]
    rows += [{"at": None, "cookie": [f"c{n:04}", f"c{n + 1:04}"]} for n in range(count - 1)]
    found = xg.how(visits(*rows), "cookie:c0000")
    assert (found.step_count, found.merge_count, found.pieces) == (count - 1, count - 1, 1)
    assert [step.events for step in found.steps] == list(range(3, 2 * count + 1, 2))
    assert [sorted(s.identifiers for s in step.sides) for step in found.steps] == [
        [1, n] for n in range(1, count)
    ]


def test_a_hostile_value_is_escaped() -> None:
    graph = visits(
        {"at": None, "db_id": "<script>alert(1)</script>", "cookie": "x"},
        {"at": None, "db_id": 2, "cookie": "x"},
        conflicts="keep",
    )
    found = xg.how(graph, "cookie:x")
    assert "<script>" in found.summary
    assert "<script>" not in found._repr_html_()


def test_an_empty_graph_has_no_profile_to_tell_of() -> None:
    graph = xg.build([], anchor="db_id", identifiers=["cookie"])
    with pytest.raises(xg.UnknownError):
        xg.how(graph, "db_id:1")


def test_the_history_of_a_claimed_identifier_is_told_of_each_owner() -> None:
    graph = visits(
        {"at": "2026-03-01", "db_id": 1, "cookie": "x"},
        {"at": "2026-03-02", "cookie": "x"},
        {"at": "2026-03-03", "db_id": 2, "cookie": "x"},
        conflicts="over_time",
    )
    assert xg.how(graph, "cookie:x").profile_id == "db_id:2"
    first = xg.how(graph, xg.IdentifierNode("cookie", "x", "db_id:1"))
    assert (first.profile_id, first.events) == ("db_id:1", 2)
    assert xg.how(graph, graph.profile(cookie="x", at="2026-03-01")).profile_id == "db_id:1"
    never = xg.how(graph, xg.IdentifierNode("cookie", "x", "db_id:7"))
    assert never.summary == "cookie x was never in the profile db_id:7."
