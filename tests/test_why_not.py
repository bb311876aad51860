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
from xrefgraph.inspection import crossing, ways
from xrefgraph.inspection.why_not import CROSSED
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
    ends = [
        one.node
        if one.is_event
        else (one.node.type, one.node.value, one.profile_id)  # type: ignore[union-attr]
        for one in (found.a, found.b)
    ]
    connected = nx.has_path(evidence, *ends)
    assert (found.path is not None) == connected
    if found.path is None:
        return
    path = found.path
    fewest = nx.dijkstra_path_length(evidence, *ends)
    assert path.is_fewest
    assert len(list(path.crossings)) == fewest
    assert fewest > 0
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
            assert evidence.edges[nodes]["weight"] == int(hop.kind == "changed_hands")
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
