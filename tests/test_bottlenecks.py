"""Where a profile is thin: against brute force, networkx and dense linear algebra."""

import itertools
from typing import Any

import networkx as nx
import numpy as np
from hypothesis import given

import xrefgraph as xg
from tests.test_routes import pairs, profiles, worlds
from xrefgraph.inspection.evidence.bottlenecks import (
    identifier_weights,
    independent_routes,
    lightest_events,
    lightest_links,
    lightest_values,
)
from xrefgraph.inspection.evidence.collapse import Collapsed, read_collapsed
from xrefgraph.inspection.evidence.potential import potentials

TRUST = np.array([2.5])


def connected(
    found: Collapsed, a: int, b: int, values: Any = (), groups: Any = (), links: Any = ()
) -> bool:
    plain: Any = nx.Graph()
    plain.add_nodes_from([a, b])
    for value, group in zip(found.link.tolist(), found.link_group.tolist(), strict=True):
        if value not in values and group not in groups and (group, value) not in links:
            plain.add_edge(value, ("group", group))
    plain.add_edges_from(pair for pair in found.decided.tolist() if not set(pair) & set(values))
    return bool(nx.has_path(plain, a, b))


@given(worlds)
def test_the_lightest_cuts_part_the_two_no_part_of_them_does_and_nothing_is_lighter(
    world: Any,
) -> None:
    for _, found, _, _ in profiles(world):
        weights = identifier_weights(found, TRUST)
        for a, b in pairs(found):
            inner = [n for n in range(found.identifiers) if n not in (a, b)]
            ways = [
                sum(weights[list(some)])
                for size in range(len(inner) + 1)
                for some in itertools.combinations(inner, size)
                if not connected(found, a, b, values=some)
            ]
            cut = lightest_values(found, a, b, TRUST)
            assert (cut is None) == (not ways)
            if cut is not None:
                some = set(cut.identifiers.tolist())
                assert cut.weight == min(ways)
                assert not connected(found, a, b, values=some)
                assert all(connected(found, a, b, values=some - {one}) for one in some)
            events, links = (find(found, a, b, TRUST) for find in (lightest_events, lightest_links))
            assert (events is None) == (links is None)
            if events is None or links is None:
                continue
            groups = set(events.groups.tolist())
            assert not connected(found, a, b, groups=groups)
            assert all(connected(found, a, b, groups=groups - {one}) for one in groups)
            single = set(zip(links.groups.tolist(), links.linked.tolist(), strict=True))
            assert not connected(found, a, b, links=single)
            assert all(connected(found, a, b, links=single - {one}) for one in single)
            # To remove an event is to remove all its links, and to block a value is that too.
            assert links.weight <= (np.inf if cut is None else cut.weight)


@given(worlds)
def test_as_many_routes_are_independent_as_must_be_taken_away_to_part_the_two(world: Any) -> None:
    for _, found, plain, nodes in profiles(world):
        inner = plain.copy()
        for u, v in [(u, v) for u, v in plain.edges if {u, v} <= set(nodes)]:
            inner.remove_edge(u, v)
            inner.add_edges_from([(u, "decision"), ("decision", v)])
        for a, b in pairs(found):
            assert independent_routes(found, a, b) == nx.node_connectivity(
                inner, nodes[a], nodes[b]
            )


@given(worlds)
def test_the_potential_is_the_probability_that_a_walk_ends_at_an_anchor(world: Any) -> None:
    for _, found, _, _ in profiles(world):
        plain: Any = nx.Graph()
        plain.add_nodes_from(range(found.identifiers))
        for value, group in zip(found.link.tolist(), found.link_group.tolist(), strict=True):
            plain.add_edge(value, found.identifiers + group, weight=float(found.events[group]))
        plain.add_edges_from(found.decided.tolist(), weight=1.0)
        nodes = sorted(plain)
        laplacian = nx.laplacian_matrix(plain, nodelist=nodes).toarray()
        for a, b in itertools.islice(pairs(found), 6):
            inner = [n for n in nodes if n not in (a, b)]
            got = potentials(found, [a, b])
            if inner:
                want = np.linalg.solve(laplacian[np.ix_(inner, inner)], -laplacian[inner, b])
                np.testing.assert_allclose(got[inner, 1], want, atol=1e-8)
            np.testing.assert_allclose(got.sum(axis=1), 1.0)
            assert got[a].tolist() == [1.0, 0.0]


def test_what_hangs_together_with_no_anchor_has_no_potential() -> None:
    rows = [{"x": ["a", "b"]}, {"x": ["c", "d"]}]
    with xg.build(rows, identifiers=["x"]) as graph:
        found = read_collapsed(graph.store, [0, 1])
        got = potentials(found, [0, 1])
        assert np.isnan(got[[2, 3]]).all()
        assert not np.isnan(got[[0, 1]]).any()


def test_a_cut_weighs_values_by_their_events_and_not_by_their_number() -> None:
    # One e-mail with many events, or two cookies with one event each on both sides.
    rows = [{"x": ["a", "mail"]}] * 50 + [{"x": ["b", "mail"]}] * 50
    with xg.build(rows, identifiers=["x"]) as graph:
        found = read_collapsed(graph.store, [0])
        cut = lightest_values(found, 0, 1, np.ones(1))
        assert cut is not None
        assert cut.identifiers.tolist() == [2]
        assert cut.weight == 100


def test_a_large_knot_is_solved_and_agrees_with_its_own_equations() -> None:
    random = np.random.default_rng(0)
    ends = random.integers(0, 4_000, (12_000, 2))
    rows = [{"x": [f"{a:04}", f"{b:04}"]} for a, b in ends.tolist() if a != b]
    rows += [{"x": [f"{n:04}", f"{n + 1:04}"]} for n in range(3_999)]
    with xg.build(rows, identifiers=["x"]) as graph:
        found = read_collapsed(graph.store, [0])
        got = potentials(found, [0, found.identifiers - 1])[:, 1]
        weight = found.events[found.link_group].astype(float)
        group = np.bincount(found.link_group, weight * got[found.link], found.groups)
        total = np.bincount(found.link_group, weight, found.groups)
        np.testing.assert_allclose(got[found.identifiers :], group / total, atol=1e-6)
