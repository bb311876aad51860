"""Routes between identifiers: networkx is the oracle."""

import itertools
from collections.abc import Iterator
from typing import Any

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

import xrefgraph as xg
from xrefgraph.inspection.evidence.collapse import Collapsed, oldest_events, read_collapsed
from xrefgraph.inspection.evidence.ends import as_ends
from xrefgraph.inspection.evidence.meetings import first_met
from xrefgraph.inspection.evidence.routes import (
    identifiers_of,
    nodes_between,
    other_routes,
    separators,
    steps_of,
)
from xrefgraph.inspection.subjects import find_subject
from xrefgraph.lookup import named_values

LINK = {"action": "link", "a": ["x", "v0"], "b": ["x", "v1"]}

worlds = st.tuples(
    st.lists(
        st.lists(st.sampled_from([f"v{n}" for n in range(8)]), min_size=1, max_size=3, unique=True),
        min_size=1,
        max_size=11,
    ),
    st.booleans(),
)


def profiles(
    world: tuple[list[list[str]], bool],
) -> Iterator[tuple[xg.XrefGraph, Collapsed, Any, list[Any]]]:
    """Each profile of a world as arrays, as a networkx graph with an edge for the decision, and the nodes of its identifiers."""
    events, linked = world
    rows = [{"id": n, "x": values} for n, values in enumerate(events)]
    schema = xg.Schema(["x"], conflicts="keep", decisions=[LINK] if linked else [])
    with xg.build(rows, schema, event_id="id") as graph:
        plain = graph.to_networkx()
        ends = [xg.IdentifierNode("x", value) for value in ("v0", "v1")]
        if linked and all(end in plain for end in ends):
            plain.add_edge(*ends)
        for number in range(len(graph.profiles)):
            found = read_collapsed(graph.store, [number])
            named = named_values(graph.store.database, graph.schema, found.identifier.tolist())
            nodes = [xg.IdentifierNode(*named[n]) for n in found.identifier.tolist()]
            yield graph, found, plain, nodes


def pairs(found: Collapsed) -> Iterator[tuple[int, int]]:
    return itertools.permutations(range(found.identifiers), 2)


def is_identifier(node: Any) -> bool:
    return isinstance(node, xg.IdentifierNode)


@given(worlds)
def test_the_shortest_route_is_as_short_as_that_of_networkx(world: Any) -> None:
    def length(u: Any, v: Any, _: Any) -> int:
        return 2 if is_identifier(u) and is_identifier(v) else 1

    for _, found, plain, nodes in profiles(world):
        steps = steps_of(found)
        for a, b in pairs(found):
            route = identifiers_of(steps, nodes_between(steps, a, b))
            want = nx.shortest_path_length(plain, nodes[a], nodes[b], weight=length)
            assert 2 * (len(route) - 1) == want
            assert (route[0], route[-1]) == (a, b)


@given(worlds)
def test_separators_are_the_articulation_points_between_the_two_and_know_what_is_on_both_sides(
    world: Any,
) -> None:
    for _, found, plain, nodes in profiles(world):
        steps = steps_of(found)
        alike = [
            [
                event
                for event in plain
                if not is_identifier(event)
                and set(plain[event])
                == {nodes[n] for n in found.link[found.start[g] : found.start[g + 1]]}
            ]
            for g in range(found.groups)
        ]
        for a, b in pairs(found):
            told = separators(found, steps, nodes_between(steps, a, b))
            want = set()
            for place in range(found.identifiers):
                if place not in (a, b) and not connected(plain, [nodes[place]], nodes[a], nodes[b]):
                    want.add(("identifier", place))
            want |= {
                ("group", g)
                for g in range(found.groups)
                if not connected(plain, alike[g], nodes[a], nodes[b])
            }
            assert {(one.kind, one.place) for one in told if one.kind != "decision"} == want
            for one in told:
                left = plain.copy()
                if one.kind == "decision":
                    left.remove_edge(*(xg.IdentifierNode("x", value) for value in ("v0", "v1")))
                else:
                    left.remove_nodes_from(
                        [nodes[one.place]] if one.kind == "identifier" else alike[one.place]
                    )
                sides = [
                    sum(
                        not is_identifier(node)
                        for node in nx.node_connected_component(left, nodes[end])
                    )
                    for end in (a, b)
                ]
                assert [one.before, one.after] == sides
            bridge = [tuple(xg.IdentifierNode("x", v) for v in ("v0", "v1"))]
            apart = plain.has_edge(*bridge[0]) and not connected(
                plain, [], nodes[a], nodes[b], bridge
            )
            assert any(one.kind == "decision" for one in told) == apart


def connected(plain: Any, without: list[Any], a: Any, b: Any, edges: Any = ()) -> bool:
    left = plain.copy()
    left.remove_nodes_from(without)
    left.remove_edges_from(edges)
    return bool(nx.has_path(left, a, b))


@given(worlds)
def test_the_first_meeting_is_the_event_after_which_a_way_leads_from_one_to_the_other(
    world: Any,
) -> None:
    for graph, found, plain, nodes in profiles(world):
        events = sorted(
            (node for node in plain if not is_identifier(node)), key=lambda e: int(e.event_id)
        )
        for a, b in pairs(found):
            grown: Any = nx.Graph()
            grown.add_nodes_from(nodes)
            grown.add_edges_from(
                (u, v) for u, v in plain.edges if is_identifier(u) and is_identifier(v)
            )
            want = None
            if not nx.has_path(grown, nodes[a], nodes[b]):
                for event in events:
                    grown.add_edges_from((event, one) for one in plain[event])
                    if nx.has_path(grown, nodes[a], nodes[b]):
                        want = event
                        break
            met = first_met(found, a, b)
            assert (None if met is None else oldest_events(graph.store, found, [met])[0]) == want


@given(worlds, st.integers(1, 5), st.sets(st.integers(0, 7), max_size=2))
def test_other_routes_are_the_shortest_simple_paths_over_identifiers(
    world: Any, k: int, avoid: set[int]
) -> None:
    for _, found, plain, nodes in profiles(world):
        over: Any = nx.Graph()
        over.add_nodes_from(range(found.identifiers))
        place = {node: n for n, node in enumerate(nodes)}
        for node in plain:
            if not is_identifier(node):
                over.add_edges_from(
                    itertools.combinations([place[n] for n in plain[node] if n in place], 2)
                )
        over.add_edges_from(
            (place[u], place[v]) for u, v in plain.edges if u in place and v in place
        )
        for a, b in itertools.combinations(range(found.identifiers), 2):
            left = over.copy()
            left.remove_nodes_from(avoid - {a, b})
            routes, complete = other_routes(
                found, a, b, k, avoid=[n for n in avoid - {a, b} if n < found.identifiers]
            )
            lengths = sorted(len(path) for path in nx.all_simple_paths(left, a, b))
            assert [len(route) for route in routes] == lengths[:k]
            assert len({tuple(route) for route in routes}) == len(routes)
            assert all(nx.is_path(left, route) for route in routes)
            assert complete


def test_an_event_is_taken_out_of_its_group_and_what_is_left_is_as_old_as_its_next_event() -> None:
    rows = [{"id": n, "at": f"2026-01-0{n}", "x": ["a", "b"]} for n in (1, 2, 3)]
    with xg.build(rows, identifiers=["x"], event_id="id", time="at") as graph:
        first = find_subject(graph.store, xg.EventNode("source_1", "1"))
        found, (place,) = as_ends(graph.store, read_collapsed(graph.store, [0]), [first])
        assert found.events.tolist() == [2, 1]
        assert found.rank[place] == -1
        assert [one.event_id for one in oldest_events(graph.store, found, [0, 1])] == ["2", "1"]


@pytest.mark.parametrize("size", [5_000])
def test_a_long_chain_is_walked_from_end_to_end(size: int) -> None:
    rows = [{"x": [f"v{n:05}", f"v{n + 1:05}"]} for n in range(size)]
    with xg.build(rows, identifiers=["x"]) as graph:
        found = read_collapsed(graph.store, [0])
        steps = steps_of(found)
        nodes = nodes_between(steps, 0, size)
        assert identifiers_of(steps, nodes) == list(range(size + 1))
        told = separators(found, steps, nodes)
        assert len(told) == 2 * size - 1
        assert other_routes(found, 0, size, 3) == ([list(range(size + 1))], True)
