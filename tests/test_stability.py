"""Graphs linked again in other orders: what is said to move is what really moves when the rows come so."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter, defaultdict
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import xrefgraph as xg
from tests.test_reference import colliding
from tests.test_stored_tables import built, policies, with_refused
from tests.worlds import all_tables, numbered, rows
from xrefgraph.inspection.orders import came_in, other_order
from xrefgraph.inspection.stability import UNORDERED, Moved

#: For each event its profile, and for each identifier its last profile and all of its owners.
Result = tuple[dict[Any, str | None], dict[Any, tuple[str | None, frozenset[str]]]]

SHARED = [
    {"db_id": "ann", "cookie": "tablet"},
    {"db_id": "bob", "cookie": "tablet"},
    {"cookie": "tablet"},
]
FIRST = xg.Schema(["db_id", "cookie"], anchor="db_id", conflicts="first_claim")


def came(graph: xg.XrefGraph, seed: int) -> tuple[tuple[int, int], ...]:
    """The events as they come in a round: source and position."""
    store = graph.store
    places = dict(
        store.database.rows("SELECT source, max(position) + 1 FROM store.event GROUP BY source")
    )
    return came_in(store.database, other_order(len(store.sources), places, seed)[0])


def moved_slowly(before: Result, after: Result) -> tuple[set[Any], set[Any], set[str]]:
    """Events, identifiers, and profiles before that moved, read slowly from the definition."""
    overlap: Counter[tuple[str | None, str | None]] = Counter()
    for key, p in before[0].items():
        overlap[p, after[0][key]] += 1
    for key, (p, _) in before[1].items():
        overlap[p, after[1][key][0]] += 1
    rest: list[tuple[str | None, str | None]] = [(p, q) for p, q in overlap if p and q]
    twin: dict[str | None, str | None] = {None: None}
    while rest:
        p, q = min(rest, key=lambda pair: (-overlap[pair], pair[0] != pair[1], pair))
        twin[p] = q
        rest = [pair for pair in rest if pair[0] != p and pair[1] != q]
    gone = "no profile matches it"
    back: dict[str | None, str | None] = {q: p for p, q in twin.items()}
    profiles: set[str | None] = set()
    events = {key for key, p in before[0].items() if twin.get(p, gone) != after[0][key]}
    for key in events:
        profiles |= {before[0][key], back.get(after[0][key])}
    identifiers = set()
    for key, (p, owners) in before[1].items():
        q, others = after[1][key]
        lost: set[str | None] = {o for o in owners if twin.get(o, gone) not in others}
        gained: set[str | None] = {o for o in others if back.get(o, gone) not in owners}
        if twin.get(p, gone) != q:
            lost, gained = lost | {p}, gained | {q}
        if lost or gained:
            identifiers.add(key)
            profiles |= lost | {back.get(o) for o in gained}
    return events, identifiers, {p for p in profiles if p is not None}


@given(policies, st.integers(0, 7), st.data())
def test_what_moves_is_what_moves_when_the_rows_really_come_so(
    policy: str, seed: int, data: st.DataObject
) -> None:
    case = with_refused(data.draw(colliding(policy)))
    with built(case) as graph:
        tables = all_tables(graph)
        before = last_of(graph)
        found = xg.check_stability(graph, 1, seed=seed)
        assert all_tables(graph) == tables
        events = [case["events"][position] for _, position in came(graph, seed)]
    (only,) = found.rounds
    with built({**case, "events": events}) as other:
        after = last_of(other)
    moved = moved_slowly(before, after)
    assert (only.events, only.identifiers, only.profiles) == tuple(map(len, moved))
    assert found.stable == only.stable == (before == after or not (moved[0] or moved[1]))
    assert (before == after) <= found.stable
    assert only.left_off == only.events + only.identifiers - len(only.examples)
    for one in only.examples:
        if isinstance(one.node, xg.EventNode):
            key = one.node.source, one.node.event_id
            assert key in moved[0]
            assert (one.before, one.after) == (tuple_of(before[0][key]), tuple_of(after[0][key]))
        else:
            key = one.node.type, one.node.value
            assert key in moved[1]
            assert (set(one.before), set(one.after)) == (
                set(before[1][key][1]),
                set(after[1][key][1]),
            )
            assert (one.before[-1], one.after[-1]) == (before[1][key][0], after[1][key][0])


def tuple_of(name: str | None) -> tuple[str, ...]:
    return () if name is None else (name,)


def last_of(graph: xg.XrefGraph) -> Result:
    """As :func:`result`, with the profile that `graph.profile` finds as the last one."""
    events = {(e["source"], e["event_id"]): e["profile_id"] for e in graph.events}
    owners: dict[Any, set[str]] = defaultdict(set)
    for one in graph.identifiers:
        if one["status"] != "refused":
            owners[one["type"], one["value"]].add(one["profile_id"])
    return events, {
        key: (graph.profile(**{key[0]: key[1]}).id, frozenset(found))
        for key, found in owners.items()
    }


@given(st.sampled_from([*UNORDERED, "last_touch", "first_claim", "over_time"]), st.data())
def test_what_the_rules_say_is_stable_is_stable(policy: str, data: st.DataObject) -> None:
    case = with_refused(data.draw(colliding(policy)))
    if policy not in UNORDERED:
        for number, event in enumerate(case["events"]):
            event["time"] = number
    with built(case) as graph:
        found = xg.check_stability(graph, 4, seed=data.draw(st.integers(0, 100)))
    assert found.stable
    assert [one for one in found.rounds if not one.stable or one.examples] == []
    assert "stable: in" in found.summary or "no other order" in found.summary


@given(st.integers(0, 40), st.lists(st.integers(1, 30), min_size=1, max_size=3))
def test_an_order_is_a_permutation_within_each_source_and_the_same_each_time(
    seed: int, sizes: list[int]
) -> None:
    sources = [
        xg.Source([{"c": str(n)} for n in range(size)], identifiers=["c"], name=f"s{number}")
        for number, size in enumerate(sizes)
    ]
    with xg.build(sources, xg.Schema(["c"])) as graph:
        order, batches = other_order(len(sizes), dict(enumerate(sizes)), seed)
        assert (order, batches) == other_order(len(sizes), dict(enumerate(sizes)), seed)
        assert sorted(order.sources) == list(range(len(sizes)))
        places = graph.store.database.rows(
            f"SELECT source, position, {order.position} FROM store.event e ORDER BY 1, 3"
        )
    for number, size in enumerate(sizes):
        own = [(position, place) for source, position, place in places if source == number]
        assert sorted(position for position, _ in own) == list(range(size))
        assert len({place for _, place in own}) == size
        if seed % 2:
            breaks = [b for (a, _), (b, _) in pairwise(own) if b != a + 1]
            assert len(breaks) <= 9
            assert bool(breaks) == (size > 1)  # the batches never come as they were
    assert (batches > 0) == bool(seed % 2)


def test_shuffles_reach_all_orders_of_a_few_rows() -> None:
    with xg.build([{"c": str(n)} for n in range(4)], xg.Schema(["c"])) as graph:
        orders = {
            tuple(
                graph.store.database.rows(
                    f"SELECT position FROM store.event e ORDER BY {other_order(1, {0: 4}, seed)[0].position}"
                )
            )
            for seed in range(0, 600, 2)
        }
    assert len(orders) == 24


def test_a_shared_device_without_times_is_unstable_and_the_summary_says_why() -> None:
    with xg.build(SHARED, FIRST) as graph:
        found = xg.check_stability(graph, 8)
        assert found == xg.check_stability(graph, 8)
        assert [one.seed for one in found.rounds] == list(range(8))
        assert [one.kind for one in found.rounds[:2]] == ["shuffle", "batches"]
        worst = next(one for one in found.rounds if not one.stable)
        assert xg.check_stability(graph, 1, seed=worst.seed).rounds == (worst,)
    assert not found.stable
    assert (found.untimed, found.tied) == (3, 0)
    assert worst.examples[0] == Moved(
        xg.EventNode("source_1", "#3"), ("db_id:ann",), ("db_id:bob",)
    )
    assert "`first_claim` goes by the order of events, and 3 of them have no time" in found.summary
    assert "choose `isolate`" in found.summary


def test_times_that_two_events_share_are_counted() -> None:
    at = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
    timed = [{**row, "at": at} for row in SHARED]
    with xg.build(timed, FIRST, time="at") as graph:
        found = xg.check_stability(graph, 8)
    assert (found.stable, found.untimed, found.tied) == (False, 0, 3)
    assert "3 share their time with another" in found.summary
    apart = [{**row, "at": at + dt.timedelta(hours=n)} for n, row in enumerate(SHARED)]
    with xg.build(apart, FIRST, time="at") as graph:
        found = xg.check_stability(graph, 8)
    assert (found.stable, found.untimed, found.tied) == (True, 0, 0)
    assert "each event has a time of its own" in found.summary


def test_an_identifier_that_changed_hands_moves_when_its_last_owner_is_another() -> None:
    with xg.build(
        SHARED, xg.Schema(["db_id", "cookie"], anchor="db_id", conflicts="over_time")
    ) as graph:
        moving = [one for one in xg.check_stability(graph, 8).rounds if not one.stable]
    assert moving
    (tablet,) = [one for one in moving[0].examples if isinstance(one.node, xg.IdentifierNode)]
    assert (tablet.before, tablet.after) == (("db_id:ann", "db_id:bob"), ("db_id:bob", "db_id:ann"))


def test_a_profile_that_only_lost_its_name_is_the_same() -> None:
    """Under first_claim the cookie 1 goes to whoever came first; what named the profile of the others is that cookie."""
    schema = xg.Schema(
        [xg.IdentifierType("cookie"), xg.IdentifierType("user", unique=True)],
        conflicts="first_claim",
    )
    events = [
        {"cookie": ["1", "5"], "user": "u"},
        *({"cookie": ["5"], "user": "u"} for _ in range(5)),
        {"cookie": ["1"], "user": "v"},
    ]
    with xg.build(events, schema) as graph:
        assert graph.profile(user="u").id == "cookie:1"
        moving = [one for one in xg.check_stability(graph, 20).rounds if not one.stable]
    assert moving
    for one in moving:  # the cookie 1 or the users, and the events that go by them; not all that is called after the cookie 1
        assert one.events <= 2
        assert one.identifiers <= 2


@given(rows, rows)
def test_several_sources_are_turned_and_each_event_is_still_itself(
    left: list[dict[str, Any]], right: list[dict[str, Any]]
) -> None:
    sources = [
        xg.Source(
            numbered(events), identifiers=["db_id", "cookie", "email"], event_id="id", name=name
        )
        for name, events in (("left", left), ("right", right))
    ]
    schema = xg.Schema(["db_id", "cookie", "email"], anchor="db_id")
    with xg.build(sources, schema) as graph:
        assert xg.check_stability(graph, 3).stable
        claimed = graph.rebuild(xg.Schema(schema.types, anchor="db_id", conflicts="first_claim"))
        found = xg.check_stability(claimed, 4)
        where = {(e["source"], e["event_id"]): e["profile_id"] for e in claimed.events}
    for one in found.rounds:
        for example in one.examples:
            if isinstance(example.node, xg.EventNode):
                key = example.node.source, example.node.event_id
                assert example.before == tuple_of(where[key])


def test_a_function_as_a_policy_sees_the_sources_that_it_knows() -> None:
    seen: set[str] = set()

    def first(conflict: xg.Conflict) -> Any:
        seen.update(event.source for event in conflict.events)
        owner = next(one for event, one in conflict.links if one.type == "db_id")
        mine = {owner, *(one for one in conflict.identifiers if one.type == "cookie")}
        return [mine, *({one} for one in conflict.identifiers if one not in mine)]

    sources = [
        xg.Source([row], identifiers=list(row), name=f"s{n}") for n, row in enumerate(SHARED)
    ]
    with xg.build(
        sources, xg.Schema(["db_id", "cookie"], anchor="db_id", conflicts=first)
    ) as graph:
        found = xg.check_stability(graph, 6)
    assert seen == {"s0", "s1", "s2"}
    assert not found.stable
    assert "a function, which may look at the order" in found.summary


@pytest.mark.parametrize(("events", "count"), [([], "0 events"), (SHARED[:1], "1 event")])
def test_there_is_no_other_order_of_one_event(events: list[Any], count: str) -> None:
    source = xg.Source(events, identifiers=["db_id", "cookie"])
    with xg.build(source, FIRST) as graph:
        found = xg.check_stability(graph)
    assert (found.stable, found.orders, found.rounds) == (True, 0, ())
    assert found.summary == f"The graph has {count}: there is no other order to try."


@pytest.mark.parametrize("bad", [{"n": 0}, {"n": 2.5}, {"n": True}, {"seed": -1}, {"seed": "x"}])
def test_what_is_no_number_of_rounds_is_an_error(bad: dict[str, Any]) -> None:
    with (
        xg.build(SHARED, FIRST) as graph,
        pytest.raises(xg.XrefGraphError, match="is a whole number from"),
    ):
        xg.check_stability(graph, **bad)


def test_the_answer_is_data_and_a_table_and_safe_to_show(tmp_path: Path) -> None:
    hostile = [{**row, "cookie": "<script>alert(1)</script>"} for row in SHARED]
    with xg.build(hostile, FIRST) as graph:
        graph.save(tmp_path / "graph.xref")
        before = xg.check_stability(graph, 4)
    with xg.open(tmp_path / "graph.xref", read_only=True) as graph:
        found = xg.check_stability(graph, 4)
    assert found == before
    told = json.loads(json.dumps(found.to_dict()))
    assert told["stable"] is False
    moving = next(one for one in told["rounds"] if one["events"])
    assert moving["examples"][0]["node"] == {"source": "source_1", "event_id": "#3"}
    assert list(found.to_frame()["seed"]) == [0, 1, 2, 3]
    assert "<script>" not in found._repr_html_()
    assert repr(found).startswith("<Stability: The graph is not stable")


def test_a_schema_with_functions_and_decisions_is_applied_in_each_round() -> None:
    schema = xg.Schema(
        ["db_id", xg.IdentifierType("cookie", normalize=str.upper)],
        anchor="db_id",
        conflicts="first_claim",
        decisions=[{"action": "detach", "identifier": ["cookie", "TABLET"], "events": ["#2"]}],
    )
    with xg.build(SHARED, schema) as graph:
        assert graph.counts["cuts"] == 1
        assert xg.check_stability(graph, 6).stable  # without the detach, it is not
