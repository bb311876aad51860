"""Cut nodes, bridges and blocks as arrays: what networkx says, at any size."""

import time
from typing import Any

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xrefgraph.inspection.suspicion.structure import find_blocks

nodes = st.integers(0, 11)
edges = st.lists(st.tuples(nodes, nodes).filter(lambda pair: pair[0] != pair[1]), max_size=20)


def ends(pairs: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    array = np.array(pairs, np.int32).reshape(-1, 2)
    return array[:, 0], array[:, 1]


def graph_of(pairs: list[tuple[int, int]], count: int) -> "nx.Graph[Any]":
    graph: nx.Graph[Any] = nx.Graph()
    graph.add_nodes_from(range(count))
    graph.add_edges_from(pairs)
    return graph


@given(edges, st.integers(12, 14))
def test_cut_nodes_and_bridges_are_those_of_networkx(
    pairs: list[tuple[int, int]], count: int
) -> None:
    blocks, graph = find_blocks(*ends(pairs), count), graph_of(pairs, count)
    assert set(np.flatnonzero(blocks.cut_nodes)) == set(nx.articulation_points(graph))
    bridges = {(int(blocks.a[n]), int(blocks.b[n])) for n in np.flatnonzero(blocks.bridges)}
    assert bridges == {(min(pair), max(pair)) for pair in nx.bridges(graph)}


@given(edges)
def test_two_edges_are_of_one_block_where_networkx_says_so(pairs: list[tuple[int, int]]) -> None:
    blocks = find_blocks(*ends(pairs), 12)
    found: dict[int, set[tuple[int, int]]] = {}
    for a, b, block in zip(blocks.a, blocks.b, blocks.block, strict=True):
        found.setdefault(int(block), set()).add((int(a), int(b)))
    expected = nx.biconnected_component_edges(graph_of(pairs, 12))
    assert {frozenset(block) for block in found.values()} == {
        frozenset((min(pair), max(pair)) for pair in block) for block in expected
    }


@given(edges, st.lists(st.integers(0, 50), min_size=24, max_size=24))
def test_pieces_weigh_what_is_left_in_each_component_without_the_node(
    pairs: list[tuple[int, int]], numbers: list[int]
) -> None:
    weights = np.array(numbers, float).reshape(12, 2)
    blocks, graph = find_blocks(*ends(pairs), 12), graph_of(pairs, 12)
    pieces = blocks.pieces(weights)
    found: dict[int, list[tuple[float, ...]]] = {}
    for node, sums in zip(pieces.node.tolist(), pieces.sums, strict=True):
        found.setdefault(node, []).append(tuple(sums))
    expected = {}
    for node in nx.articulation_points(graph):
        rest = graph.subgraph(nx.node_connected_component(graph, node) - {node})
        expected[node] = sorted(
            tuple(weights[sorted(part)].sum(axis=0)) for part in nx.connected_components(rest)
        )
    assert {node: sorted(sums) for node, sums in found.items()} == expected


@given(edges)
def test_an_edge_into_a_piece_is_of_the_block_that_names_it(pairs: list[tuple[int, int]]) -> None:
    blocks, graph = find_blocks(*ends(pairs), 12), graph_of(pairs, 12)
    pieces = blocks.pieces(np.eye(12))
    for node, block, inside in zip(pieces.node, pieces.block, pieces.sums, strict=True):
        of_block = {
            int(b if a == node else a)
            for a, b, own in zip(blocks.a, blocks.b, blocks.block, strict=True)
            if own == block and node in (a, b)
        }
        assert of_block == set(graph[int(node)]) & set(np.flatnonzero(inside))


@given(edges, st.randoms(use_true_random=False))
def test_the_order_of_the_edges_changes_nothing(pairs: list[tuple[int, int]], random: Any) -> None:
    turned = [pair[::-1] if random.random() < 0.5 else pair for pair in pairs + pairs[:3]]
    random.shuffle(turned)
    one, other = find_blocks(*ends(pairs), 12), find_blocks(*ends(turned), 12)
    assert np.array_equal(one.cut_nodes, other.cut_nodes)
    assert np.array_equal(one.bridges, other.bridges)


def test_no_edge_and_no_node_are_a_graph_too() -> None:
    assert not find_blocks(*ends([]), 3).cut_nodes.any()
    assert len(find_blocks(*ends([]), 0).cut_nodes) == 0


@pytest.mark.parametrize(
    ("name", "cut"), [("chain", 199_998), ("star", 1), ("ladder", 0), ("triangles", 1)]
)
def test_neither_depth_nor_breadth_takes_long(name: str, cut: int) -> None:
    count = 200_000
    every = np.arange(count - 1, dtype=np.int32)
    a, b = {
        "chain": (every, every + 1),
        "star": (np.zeros(count - 1, np.int32), every + 1),
        "ladder": (
            np.concatenate([every, every[:-1]]),
            np.concatenate([every + 1, every[:-1] + 2]),
        ),
        "triangles": (
            np.concatenate([np.zeros(count - 2, np.int32), every[1:-1:2]]),
            np.concatenate([every[1:], every[1:-1:2] + 1]),
        ),
    }[name]
    began = time.process_time()
    found = find_blocks(a, b, count).cut_nodes
    assert time.process_time() - began < 10  # seconds of the processor; it takes a fifth of one
    assert found.sum() == cut
