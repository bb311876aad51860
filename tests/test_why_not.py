"""Why two are not one profile: networkx says the same of every way, and each reason is told where it applies."""

from __future__ import annotations

import itertools
import json
from collections import defaultdict
from typing import Any

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

import xrefgraph as xg
from tests.test_reference import colliding
from tests.test_stored_tables import built, policies, with_refused
from xrefgraph.inspection.barriers import crossing, ways
from xrefgraph.inspection.why_not import CROSSED
from xrefgraph.policy import POLICIES
from xrefgraph.verdicts import verdicts

# ------------------------------------------------------------------------------------------ the oracle


def raw_evidence(graph: xg.XrefGraph) -> nx.Graph[Any]:
    """Events and identifiers, each of these once for each owner; the weight of an edge is 1 where it crosses a cut."""
    found: nx.Graph[Any] = nx.Graph()
    owners: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in graph.identifiers.rows():
        if row["profile_id"] is not None:
            owners[row["type"], row["value"]].add(row["profile_id"])
    home = {
        xg.EventNode(row["source"], row["event_id"]): row["profile_id"]
        for row in graph.events.rows()
        if row["profile_id"] is not None
    }
    found.add_nodes_from((*name, owner) for name, some in owners.items() for owner in some)
    found.add_nodes_from(home)
    for one, other in graph.to_networkx().edges:
        event, node = (one, other) if isinstance(one, xg.EventNode) else (other, one)
        found.add_edge(event, (node.type, node.value, home[event]), weight=0)
    for row in graph.cuts.rows():
        event = xg.EventNode(row["source"], row["event_id"])
        if event in home:
            for owner in owners[row["type"], row["value"]]:
                found.add_edge(event, (row["type"], row["value"], owner), weight=1)
    for name, some in owners.items():
        for one, other in itertools.combinations(sorted(some), 2):
            found.add_edge((*name, one), (*name, other), weight=1)
    for a, b in verdicts(graph.schema).linked:
        for owner in owners[a] & owners[b]:
            found.add_edge((*a, owner), (*b, owner), weight=0)
    return found


def subjects(graph: xg.XrefGraph) -> list[Any]:
    """Every identifier and every event of a graph, an identifier of several owners as each of theirs."""
    found: list[Any] = []
    for row in graph.identifiers.rows():
        node = xg.IdentifierNode(row["type"], row["value"], row["profile_id"])
        if node not in found:
            found.append(node)
    return found + [xg.EventNode(row["source"], row["event_id"]) for row in graph.events.rows()]


def check_path(graph: xg.XrefGraph, found: xg.WhyNot, evidence: nx.Graph[Any]) -> None:
    """The way is one in the evidence, no other crosses fewer cuts, and the tables say what it says."""
    ends: list[Any] = [
        one.node if one.is_event else (one.node.type, one.node.value, one.profile_id)  # type: ignore[union-attr]
        for one in (found.a, found.b)
    ]
    connected = nx.has_path(evidence, *ends)
    assert (found.path is not None) == connected
    if found.path is None:
        return
    path = found.path
    crossed, fewest = len(list(path.crossings)), nx.dijkstra_path_length(evidence, *ends)
    assert crossed >= fewest > 0
    assert crossed == fewest or not path.is_fewest
    assert len(path.hops) == len(path.stops) - 1
    cuts = {
        (row["source"], row["event_id"], row["type"], row["value"], row["rule"] == "detach"): row
        for row in graph.cuts.rows()
    }
    homes = {(row["source"], row["event_id"]): row["profile_id"] for row in graph.events.rows()}
    for one, hop, other in zip(path.stops, path.hops, path.stops[1:], strict=False):
        event, named = (one, other) if isinstance(one.node, xg.EventNode) else (other, one)
        if hop.kind in ("linked", "changed_hands"):
            nodes = [(*_pair(stop.node), stop.profile_id) for stop in (one, other)]
            assert evidence.edges[nodes[0], nodes[1]]["weight"] == int(hop.kind == "changed_hands")
            continue
        assert isinstance(event.node, xg.EventNode)
        key = (event.node.source, event.node.event_id, *_pair(named.node))
        assert homes[key[:2]] == event.profile_id
        if hop.kind == "kept":
            node = (*_pair(named.node), event.profile_id)
            assert event.profile_id == named.profile_id
            assert evidence.edges[event.node, node]["weight"] == 0
        else:
            row = cuts[*key, hop.kind == "detached"]
            assert (hop.rule, hop.reason) == (row["rule"], row["reason"])
            apart = [
                xg.IdentifierNode(row[f"type_{side}"], row[f"value_{side}"])
                for side in "ab"
                if row[f"type_{side}"] is not None
            ]
            assert list(hop.apart) == apart
            if hop.kind == "detached" or hop.reason == "a decision keeps them apart":
                assert hop.decision is not None
    assert [path.stops[0].profile_id, path.stops[-1].profile_id] == [
        found.a.profile_id,
        found.b.profile_id,
    ]
    for stop, subject in ((path.stops[0], found.a), (path.stops[-1], found.b)):
        assert _bare(stop.node) == _bare(subject.node)


def _bare(node: Any) -> Any:
    return _pair(node) if isinstance(node, xg.IdentifierNode) else node


def _pair(node: Any) -> tuple[str, str]:
    return node.type, node.value


@given(policies, st.data())
def test_the_answer_is_right_for_any_two_of_any_graph(policy: str, data: st.DataObject) -> None:
    with built(with_refused(data.draw(colliding(policy)))) as graph:
        everything = subjects(graph)
        evidence = raw_evidence(graph)
        events = {xg.EventNode(r["source"], r["event_id"]) for r in graph.events.rows()}
        values = {(r["type"], r["value"]) for r in graph.identifiers.rows()}
        raw = values | {(r["type"], r["value"]) for r in graph.rejected.rows()}
        pairs = st.tuples(st.sampled_from(everything), st.sampled_from(everything))
        for a, b in data.draw(st.lists(pairs, min_size=1, max_size=6)):
            found = xg.why_not(graph, a, b)
            one, other = found.a.profile_id, found.b.profile_id
            assert found.linked == (one is not None and one == other)
            assert (found.reasons[0].kind in ("same", "linked")) == (found.linked or a == b)
            json.dumps(found.to_dict())
            assert found.summary.endswith(".")
            for reason in found.reasons:
                assert reason.sentence.endswith(".")
                assert reason.event is None or reason.event in events
                assert reason.identifier is None or _pair(reason.identifier) in raw
            for row in found.rows():
                assert list(row) == list(found.columns)
            if found.linked or None in (one, other):
                assert found.path is None
            else:
                check_path(graph, found, evidence)
            kinds = [reason.kind for reason in found.reasons]
            crossed = [] if found.path is None else [hop.kind for _, hop, _ in found.path.crossings]
            assert [kind for kind in kinds if kind in CROSSED] == crossed


splitting = st.sampled_from([*sorted(set(POLICIES) - {"keep"}), "over_time"])


def apart_in_one(evidence: nx.Graph[Any], homes: dict[Any, str]) -> list[tuple[Any, Any]]:
    """The pairs of events and identifiers that the raw evidence connects, and that are in two profiles."""
    pairs = []
    for part in nx.connected_components(evidence):
        nodes = sorted(part, key=str)
        home = {node: homes[node] if node in homes else node[2] for node in nodes}
        pairs += [
            pair for pair in itertools.combinations(nodes, 2) if len({home[n] for n in pair}) > 1
        ]
    return pairs


@pytest.mark.parametrize("most_read", [crossing.MOST_READ, 0])
@given(splitting, st.data())
def test_the_way_crosses_the_fewest_cuts(most_read: int, policy: str, data: st.DataObject) -> None:
    with (
        pytest.MonkeyPatch.context() as patch,
        built(data.draw(colliding(policy))) as graph,
    ):
        patch.setattr(crossing, "MOST_READ", most_read)
        patch.setattr(ways, "MOST_READ", most_read)
        evidence = raw_evidence(graph)
        homes = {
            xg.EventNode(r["source"], r["event_id"]): r["profile_id"] for r in graph.events.rows()
        }
        pairs = apart_in_one(evidence, homes)
        if pairs:
            for pair in data.draw(st.lists(st.sampled_from(pairs), min_size=1, max_size=4)):
                a, b = (n if isinstance(n, xg.EventNode) else xg.IdentifierNode(*n) for n in pair)
                found = xg.why_not(graph, a, b)
                assert found.path is not None
                assert found.path.is_fewest or most_read == 0
                check_path(graph, found, evidence)


@given(policies, st.data())
def test_the_order_of_rows_changes_nothing_when_times_are_distinct(
    policy: str, data: st.DataObject
) -> None:
    case = with_refused(data.draw(colliding(policy)))
    for number, event in enumerate(case["events"]):
        event["time"] = number
    shuffled = {**case, "events": data.draw(st.permutations(case["events"]))}
    with built(case) as one, built(shuffled) as other:
        everything = subjects(one)
        for _ in range(4):
            a, b = (data.draw(st.sampled_from(everything)) for _ in "ab")
            before, after = xg.why_not(one, a, b), xg.why_not(other, a, b)
            assert [r.kind for r in before.reasons] == [r.kind for r in after.reasons]
            assert before.path == after.path
            assert before.near == after.near


# ------------------------------------------------------------------------------------- the examples

KINDS = ("db_id", "email", "phone", "cookie")


def visits(*rows: dict[str, Any], types: Any = KINDS, **options: Any) -> xg.XrefGraph:
    source = xg.Source(
        [{"id": f"e{n}", "at": None, **row} for n, row in enumerate(rows, 1)],
        identifiers=[kind for kind in KINDS if any(kind in row for row in rows)],
        event_id="id",
        time="at",
        name="visits",
    )
    kinds = [
        kind
        for kind in types
        if (kind if isinstance(kind, str) else kind.name) in source.identifiers
    ]
    return xg.build(source, xg.Schema(kinds, **{"anchor": "db_id", **options}))


def event(n: int) -> xg.EventNode:
    return xg.EventNode("visits", f"e{n}")


TABLET: tuple[dict[str, Any], ...] = (
    {"db_id": 1, "cookie": "tablet", "at": "2026-03-01 08:00"},
    {"cookie": "tablet", "at": "2026-03-01 09:00"},
    {"db_id": 2, "cookie": "tablet", "at": "2026-03-01 10:00"},
)


def test_two_who_share_a_device_are_kept_apart_by_isolate_at_both_ends() -> None:
    found = xg.why_not(visits(*TABLET), "db_id:1", "db_id:2")
    assert found.summary == (
        "db_id 1 and db_id 2 are two profiles: cookie tablet leads from one to the other, and isolate cut it at"
        " event e1 of visits and at event e3 of visits (two values of db_id)."
    )
    assert [r.kind for r in found.reasons] == ["cut", "cut", "shared", "would_collide"]
    cut = found.reasons[0]
    assert cut.sentence == (
        "isolate cut cookie tablet from event e1 of visits on 2026-03-01 08:00 (two values of db_id):"
        " it keeps db_id 1 and db_id 2 apart."
    )
    assert (cut.event, cut.identifier) == (event(1), xg.IdentifierNode("cookie", "tablet"))
    assert cut.facts["contested"]
    assert found.path is not None
    assert [stop.name for stop in found.path.stops] == [
        *("db_id 1", "event e1 of visits", "cookie tablet", "event e3 of visits", "db_id 2"),
    ]
    assert [hop.kind for hop in found.path.hops] == ["kept", "cut", "cut", "kept"]
    assert found.reasons[-1].sentence == (
        "db_id:1 holds db_id 1 and db_id:2 holds db_id 2, and db_id is unique: whatever they share, isolate keeps them two."
    )


def test_what_is_asked_for_itself_is_what_was_cut() -> None:
    found = xg.why_not(visits(*TABLET), "cookie:tablet", event(3))
    assert found.summary == (
        "cookie tablet and event e3 of visits (profile db_id:2) are two profiles:"
        " isolate cut cookie tablet from event e3 of visits (two values of db_id)."
    )


def test_the_first_who_claimed_it_has_it_and_the_second_lost_it_once() -> None:
    found = xg.why_not(visits(*TABLET, conflicts="first_claim"), "db_id:1", "db_id:2")
    assert found.summary == (
        "db_id 1 and db_id 2 are two profiles: cookie tablet leads from one to the other, and first_claim cut it at"
        " event e3 of visits (two values of db_id)."
    )


def test_a_device_that_changed_hands_says_when() -> None:
    graph = visits(*TABLET, conflicts="over_time")
    found = xg.why_not(graph, "db_id:1", "cookie:tablet")
    assert [r.kind for r in found.reasons] == [
        "other_time",
        "changed_hands",
        "shared",
        "would_collide",
    ]
    assert found.summary == (
        "db_id 1 and cookie tablet (profile db_id:2) are two profiles. cookie tablet changed hands: it was"
        " db_id:2's from 2026-03-01 10:00; it was db_id:1's from 2026-03-01 08:00 until 2026-03-01 10:00."
    )
    between = xg.why_not(graph, "db_id:1", "db_id:2")
    assert between.summary == (
        "db_id 1 and db_id 2 are two profiles: cookie tablet leads from one to the other, and it changed hands"
        " (db_id:1's from 2026-03-01 08:00 until 2026-03-01 10:00; db_id:2's from 2026-03-01 10:00)."
    )


def test_a_way_over_other_people_says_how_many_cuts_it_crosses() -> None:
    graph = visits(
        {"db_id": 1, "cookie": "x"},
        {"db_id": 2, "cookie": ["x", "y"]},
        {"db_id": 3, "cookie": "y"},
    )
    found = xg.why_not(graph, "db_id:1", "db_id:3")
    assert found.path is not None
    assert len(list(found.path.crossings)) == 4
    assert found.summary == (
        "db_id 1 and db_id 3 are two profiles: the way from one to the other crosses 4 cuts, of which the first is that"
        " isolate cut cookie x from event e1 of visits (two values of db_id)."
    )


def test_a_decision_that_detaches_is_named_with_its_reason() -> None:
    detach = {
        "action": "detach",
        "identifier": ["cookie", "kiosk"],
        "events": ["e1"],
        "reason": "a kiosk in a shop",
        "author": "Kim",
    }
    graph = visits({"db_id": 1, "cookie": "kiosk"}, {"cookie": "kiosk"}, decisions=[detach])
    found = xg.why_not(graph, "db_id:1", "cookie:kiosk")
    assert found.summary == (
        "db_id 1 and cookie kiosk are two profiles: a decision detached cookie kiosk from event e1 of visits (a kiosk in a shop)."
    )
    assert found.reasons[0].kind == "detached"
    assert found.reasons[0].decision == detach


def test_a_detached_event_is_told_of_and_not_one_that_is_otherwise_like_it() -> None:
    rows: list[dict[str, Any]] = [
        {"db_id": 1, "cookie": ["x", "k"]},
        {"db_id": 1, "cookie": "x"},
        {"cookie": "k"},
    ]
    detach = {"action": "detach", "identifier": ["cookie", "k"], "events": ["e1"]}
    found = xg.why_not(visits(*rows, decisions=[detach]), event(2), "cookie:k")
    assert found.path is not None
    assert [stop.node for stop in found.path.stops if isinstance(stop.node, xg.EventNode)] == [
        *(event(2), event(1)),
    ]


def test_a_pair_that_a_decision_keeps_apart_comes_first() -> None:
    separate = {
        "action": "separate",
        "a": ["db_id", 1],
        "b": ["email", "b@example.org"],
        "reason": "two brothers",
    }
    graph = visits(
        {"db_id": 1, "cookie": "x"}, {"email": "b@example.org", "cookie": "x"}, decisions=[separate]
    )
    found = xg.why_not(graph, "db_id:1", "email:b@example.org")
    assert found.summary == (
        "db_id 1 and email b@example.org are two profiles. A decision keeps db_id 1 and email b@example.org apart (two brothers)."
    )
    assert found.reasons[0].kind == "separated"
    assert (found.reasons[0].decision or {})["reason"] == "two brothers"
    crossed = next(r for r in found.reasons if r.kind == "cut")
    assert (crossed.decision or {})["reason"] == "two brothers"
    # Of others of the two profiles it comes behind the way.
    around = xg.why_not(graph, "db_id:1", event(2))
    assert [r.kind for r in around.reasons][:3] == ["cut", "cut", "separated"]


OVER_SHARED = (
    "phone 555-0100 is set aside as over-shared: it stands in events together with 2 values of db_id,"
    " where its limit is 1; 2 events carry it"
)


@pytest.mark.parametrize(
    ("value", "options", "kind", "said"),
    [
        ("unknown", {}, "refused", "phone unknown is a placeholder that names nobody (junk); 2 events carry it"),
        ("+1", {"deny": ["+1"]}, "refused", "phone +1 is a value that its type denies; 2 events carry it"),
        ("x9", {"deny_patterns": ["^x"]}, "refused", "phone x9 is a value in which a pattern that its type denies is found"),
        ("x9", {"accept": "[0-9]+"}, "refused", "phone x9 is not what its type accepts; 2 events carry it"),
        ("555-0100", {"shared_with": {"db_id": 1}}, "over_shared", OVER_SHARED),
    ],
)  # fmt: skip
def test_a_value_that_links_nothing_is_why_and_both_carry_it(
    value: str, options: dict[str, Any], kind: str, said: str
) -> None:
    types = ["db_id", xg.IdentifierType("phone", **options), "cookie"]
    graph = visits({"db_id": 1, "phone": value}, {"db_id": 2, "phone": value}, types=types)
    asked = xg.why_not(graph, f"phone:{value}", "db_id:1")
    assert [r.kind for r in asked.reasons] == [kind, "carried"]
    assert asked.summary.startswith(said)
    assert asked.summary.endswith(
        f"1 event carries both phone {value} and something of profile db_id:1, such as event e1 of visits."
    )
    between = xg.why_not(graph, "db_id:1", "db_id:2")
    assert [r.kind for r in between.reasons] == ["shared_refused", "would_collide"]
    reason = between.reasons[0]
    assert reason.identifier == xg.IdentifierNode("phone", value)
    assert reason.sentence.startswith(
        f"Events of both carry phone {value}, 1 event of db_id:1 and 1 of db_id:2. {said}"
    )
    assert (reason.facts["events_a"], reason.facts["events_b"]) == (1, 1)


def test_a_blocked_value_is_one_in_every_spelling() -> None:
    block = {
        "action": "block",
        "identifier": ["email", "Office@example.org"],
        "reason": "a shared mailbox",
    }
    types = ["db_id", xg.IdentifierType("email", normalize="email")]
    graph = visits(
        {"db_id": 1, "email": " office@example.org"},
        {"db_id": 2, "email": "OFFICE@example.org"},
        {"email": "office@example.org"},
        types=types,
        decisions=[block],
    )
    for spelled in ("office@example.org", "OFFICE@example.org"):
        (reason, _) = xg.why_not(graph, ("email", spelled), "db_id:2").reasons
        assert reason.kind == "blocked"
        assert reason.facts["events"] == 3
        assert reason.decision == {**block, "identifier": ["email", "Office@example.org"]}
    found = xg.why_not(graph, "db_id:1", "db_id:2")
    assert found.reasons[0].kind == "shared_refused"
    assert "is blocked by a decision (a shared mailbox); 3 events carry it" in found.summary


def test_over_shared_is_counted_as_it_was_judged() -> None:
    """Before anything is set aside, each value once in whichever spelling, without events that contradict themselves."""
    types = [
        "db_id",
        xg.IdentifierType("email", normalize="lower", shared_with={"phone": 2}),
        xg.IdentifierType("phone", normalize="digits", shared_with={"email": 1}),
    ]
    graph = visits(
        {"email": "A@example.org", "phone": "555-0101"},
        {"email": "a@example.org", "phone": "5550101"},
        {"email": "a@example.org", "phone": ["555-0102", "555-0103"]},
        {"email": ["b@example.org", "c@example.org"], "phone": "555-0102"},
        {"email": "a@example.org", "phone": "555-0104", "db_id": [1, 2]},
        types=types,
    )
    (reason, *_) = xg.why_not(graph, "email:a@example.org", "phone:5550102").reasons
    assert (reason.kind, reason.facts["met"], reason.facts["limits"]) == (
        *("over_shared", {"phone": 3}, {"phone": 2}),
    )
    assert reason.facts["events"] == 3


def test_an_event_that_contradicts_itself_carries_both_and_links_nothing() -> None:
    graph = visits(
        {"db_id": 1, "cookie": "x"}, {"db_id": 2, "cookie": "y"}, {"db_id": [1, 2], "cookie": "z"}
    )
    found = xg.why_not(graph, "cookie:x", "cookie:y")
    assert [r.kind for r in found.reasons] == ["linking_nothing", "would_collide"]
    assert found.reasons[0].sentence == (
        "1 event carries identifiers of both, and links nothing: event e3 of visits contradicts itself:"
        " it carries 2 values of db_id (1, 2)."
    )
    itself = xg.why_not(graph, event(3), "db_id:1")
    assert itself.summary == (
        "Event e3 of visits contradicts itself: it carries 2 values of db_id (1, 2), and so links nothing."
        " Event e3 of visits carries db_id 1 of profile db_id:1."
    )
    only = xg.why_not(graph, "cookie:z", event(3))
    assert only.reasons[0].sentence == (
        "cookie z is carried by 1 event that contradicts itself, and by no other: event e3 of visits carries"
        " 2 values of db_id (1, 2)."
    )


def test_a_contradiction_is_of_values_that_were_set_aside_later_too() -> None:
    block = {"action": "block", "identifier": ["db_id", 1]}
    graph = visits(
        {"cookie": "x"}, {"cookie": "y"}, {"db_id": [1, 2], "cookie": ["x", "y"]}, decisions=[block]
    )
    found = xg.why_not(graph, "cookie:x", "cookie:y")
    assert found.reasons[0].facts["values"] == ["1", "2"]


def test_an_event_and_what_it_carries_in_vain() -> None:
    graph = visits({"cookie": "unknown", "phone": "555-0100"}, {"cookie": "unknown"}, anchor=None)
    assert xg.why_not(graph, "cookie:unknown", event(2)).reasons[-1].sentence == (
        "Event e2 of visits carries cookie unknown."
    )
    assert xg.why_not(graph, event(2), "phone:555-0100").reasons[-1].kind == "no_identifier"


def test_an_event_of_which_all_is_detached_is_told_of() -> None:
    decisions = [
        {"action": "detach", "identifier": ["cookie", name], "events": ["e1"], "reason": "a test"}
        for name in "xy"
    ]
    graph = visits(
        {"cookie": ["x", "y"]}, {"cookie": "x"}, {"cookie": "y"}, decisions=decisions, anchor=None
    )
    found = xg.why_not(graph, "cookie:x", "cookie:y")
    assert found.reasons[0].kind == "linking_nothing"
    assert found.reasons[0].sentence == (
        "1 event carries identifiers of both, and links nothing. Event e1 of visits carries nothing that links:"
        " cookie x is detached from it by a decision (a test), cookie y is detached from it by a decision (a test)."
    )


def test_an_event_without_identifiers_says_so() -> None:
    graph = visits({"cookie": "x"}, {"cookie": None}, {"cookie": "unknown"}, anchor=None)
    assert (
        xg.why_not(graph, event(2), "cookie:x").summary
        == "Event e2 of visits carries no identifier."
    )
    assert xg.why_not(graph, event(2), event(2)).summary == (
        "Event e2 of visits was asked for twice: it is one event."
    )
    assert xg.why_not(graph, event(3), event(2)).summary == (
        "Event e3 of visits carries nothing that links: cookie unknown is a placeholder that names nobody (junk)."
    )


def test_the_same_one_twice_and_two_of_one_profile_are_linked() -> None:
    graph = visits({"db_id": 1, "cookie": "x"}, {"cookie": "x"})
    twice = xg.why_not(graph, "cookie:x", ("cookie", "x"))
    assert (twice.linked, twice.summary) == (
        True,
        "cookie x was asked for twice: it is one identifier, in profile db_id:1.",
    )
    one = xg.why_not(graph, event(2), "db_id:1")
    assert (one.linked, one.path, one.near) == (True, None, ())
    assert (
        one.summary
        == "Event e2 of visits and db_id 1 are in one profile, db_id:1: `why` has the evidence."
    )


def test_what_has_nothing_in_common_says_what_each_holds_and_what_is_near() -> None:
    graph = visits(
        {"db_id": 1, "email": "Max@example.org", "phone": "+49 30 5550100"},
        {"email": "max@example.org", "phone": "030/5550100", "cookie": "c"},
    )
    found = xg.why_not(graph, "db_id:1", "cookie:c")
    assert [r.kind for r in found.reasons] == ["near_miss", "no_shared_value"]
    assert [one.kind for one in found.near] == ["case_or_spaces", "country_code"]
    assert found.summary == (
        "db_id 1 and cookie c (profile email:max@example.org) are two profiles, and no chain of events leads from one to the"
        " other. email Max@example.org and email max@example.org are equal but for capitals. normalize='lower' on email would"
        " make them one; a link decision joins these two alone. There is 1 more near miss."
    )
    assert found.reasons[1].sentence == (
        "No chain of events leads from db_id:1 (1 event, 1 db_id, 1 email, 1 phone) to email:max@example.org"
        " (1 event, 1 email, 1 phone, 1 cookie). Both hold values of email, phone."
    )
    # What is advised works.
    lower = xg.IdentifierType("email", normalize=found.near[0].normalize)
    schema = xg.Schema(["db_id", lower, "phone", "cookie"], anchor="db_id")
    assert xg.why_not(graph.rebuild(schema), "db_id:1", "cookie:c").linked
    link = xg.Schema(KINDS, anchor="db_id", decisions=[found.near[1].decision])
    assert xg.why_not(graph.rebuild(link), "db_id:1", "cookie:c").linked
    assert [row["kind"] for row in found.rows()] == [
        *("near_miss", "no_shared_value", "case_or_spaces", "country_code"),
    ]
    assert found.to_frame().shape == (4, len(found.columns))


def test_types_that_never_meet_are_said_to() -> None:
    graph = visits({"db_id": 1, "email": "a@example.org"}, {"phone": "555-0100", "cookie": "x"})
    found = xg.why_not(graph, "db_id:1", "cookie:x")
    assert found.reasons[0].sentence.endswith(
        "No type occurs in both, so only events that carry types of both can connect them."
    )


def test_a_function_that_parts_two_people_is_named() -> None:
    def by_hand(conflict: xg.Conflict) -> Any:
        assert conflict.events
        return [[("db_id", "1"), ("cookie", "tablet")], [("db_id", "2")]]

    found = xg.why_not(visits(*TABLET, conflicts=by_hand), "db_id:1", "db_id:2")
    assert found.summary.endswith(
        "cookie tablet leads from one to the other, and the function cut it at event e3 of visits (two values of db_id)."
    )
    assert found.reasons[0].sentence.startswith("The function cut cookie tablet")


def test_a_very_long_way_is_listed_near_its_ends_and_its_cuts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    chain = [{"cookie": [f"c{n:03}", f"c{n + 1:03}"]} for n in range(60)]
    graph = visits(
        {"db_id": 1, "cookie": "c000"},
        *chain,
        {"db_id": 2, "cookie": "c060"},
        conflicts="first_claim",
    )
    whole = xg.why_not(graph, "db_id:1", "db_id:2").path
    assert whole is not None
    monkeypatch.setattr(ways, "MOST_STOPS", 50)
    monkeypatch.setattr(ways, "NEAR", 4)
    found = xg.why_not(graph, "db_id:1", "db_id:2").path
    assert found is not None
    assert list(found.crossings) == list(whole.crossings)
    assert sum(hop.left_out for hop in found.hops) == len(whole.stops) - len(found.stops) > 0
    assert set(found.stops) <= set(whole.stops)


def test_a_kiosk_of_very_many_people_is_one_step() -> None:
    rows: list[dict[str, Any]] = [{"db_id": n, "cookie": "kiosk"} for n in range(2000)]
    for policy in ("isolate", "over_time"):
        found = xg.why_not(visits(*rows, conflicts=policy), "db_id:7", "db_id:1999")
        assert found.path is not None
        assert len(list(found.path.crossings)) == (2 if policy == "isolate" else 1)


def test_what_does_not_occur_is_an_error_and_no_kind_of_thing_is() -> None:
    graph = visits({"db_id": 1, "email": "a@example.org"})
    with pytest.raises(xg.UnknownError, match="other capitals"):
        xg.why_not(graph, "email:A@example.org", "db_id:1")
    with pytest.raises(xg.UnknownError, match="no event with this id"):
        xg.why_not(graph, "db_id:1", event(9))
    with pytest.raises(xg.SchemaError):
        xg.why_not(graph, "db_id:1", 7)  # type: ignore[arg-type]


def test_hostile_values_are_escaped() -> None:
    graph = visits({"db_id": "<b>", "cookie": "'x"}, {"db_id": '"--', "cookie": "'x"})
    found = xg.why_not(graph, ("db_id", "<b>"), ("db_id", '"--'))
    assert "db_id <b>" in found.summary
    assert "<b>" not in found._repr_html_()
    assert found.path is not None


def test_the_owner_at_a_time_is_asked_for_with_at() -> None:
    graph = visits(*TABLET, conflicts="over_time")
    assert xg.why_not(graph, "db_id:1", "cookie:tablet", at="2026-03-01 09:00").linked
    assert not xg.why_not(graph, "db_id:1", "cookie:tablet", at="2026-03-01 11:00").linked
    nobody = xg.why_not(graph, "db_id:1", "cookie:tablet", at="2026-03-01 07:00")
    assert (nobody.linked, nobody.reasons[0].kind) == (False, "not_owned")
    assert nobody.summary.startswith("cookie tablet was nobody's at that time.")
