"""In how large a part an identifier is, when nothing more suspicious holds anything together."""

from typing import Any

import networkx as nx
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import xrefgraph as xg
from tests.worlds import TYPES, numbered, rows
from xrefgraph.inspection.suspicion.oversize import LEVELS, measure_oversize
from xrefgraph.inspection.suspicion.raw_graph import RawGraph, read_raw_graph

evidence = st.lists(st.sampled_from([0.0, 0.0, 0.1, 0.3, 0.7, 1.1, 2.2, 4.4, 30.0]), min_size=21, max_size=21)  # fmt: skip


def part_of(raw: RawGraph, place: int, level: np.ndarray) -> set[int]:
    """The part of an identifier among those that are no more suspicious."""
    graph: nx.Graph[Any] = nx.Graph()
    graph.add_node(place)
    for number in range(raw.sets):
        carried = raw.link[raw.start[number] : raw.start[number + 1]].tolist()
        graph.add_edges_from(
            (("set", number), one) for one in carried if level[one] <= level[place]
        )
    return {one for one in nx.node_connected_component(graph, place) if not isinstance(one, tuple)}


@given(rows, evidence)
def test_the_part_is_the_component_of_what_is_no_more_suspicious(
    events: list[dict[str, Any]], decades: list[float]
) -> None:
    with xg.build(numbered(events), xg.Schema(list(TYPES)), event_id="id") as graph:
        raw = read_raw_graph(graph.store)
    against = np.array(decades[: raw.identifiers])
    found = measure_oversize(raw, against)
    level = np.searchsorted(LEVELS, against)
    assert found.identifier.tolist() == np.flatnonzero(against > 0).tolist()

    innocent = [place for place in range(raw.identifiers) if level[place] == 0]
    parts = {frozenset(part_of(raw, place, level)) for place in innocent}
    for rank in range(raw.types):
        sizes = [size for part in parts if (size := sum(raw.rank[one] == rank for one in part))]
        assert found.usual[rank] == (np.median(sizes) if sizes else 1)
    for n, place in enumerate(found.identifier.tolist()):
        part = part_of(raw, place, level)
        held = [sum(raw.rank[one] == rank for one in part) for rank in range(raw.types)]
        assert found.values[n] == held[found.rank[n]]
        assert np.isclose(found.times[n], max(held / found.usual))


def test_the_giant_that_a_kiosk_makes_does_not_count_against_a_telephone_in_it() -> None:
    people = range(100)
    rows = [{"card": f"k{n}", "phone": f"p{n // 2}"} for n in people]
    rows += [{"card": f"k{n}", "device": "kiosk"} for n in people]
    with xg.build(rows, identifiers=["card", "phone", "device"]) as graph:
        raw = read_raw_graph(graph.store)
    against = np.where(raw.rank == 1, 1.0, np.where(raw.rank == 2, 9.0, 0.0))
    found = measure_oversize(raw, against)
    assert found.values.tolist() == [2] * 50 + [100]
    assert found.usual.tolist() == [1, 1, 1]
