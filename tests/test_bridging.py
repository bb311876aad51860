"""What alone holds two halves together, be it by a single event."""

from typing import Any

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import xrefgraph as xg
from xrefgraph.inspection.suspicion.bridging import Bridging, find_bridging
from xrefgraph.inspection.suspicion.raw_graph import RawGraph, read_raw_graph
from xrefgraph.lookup import named_values

Named = dict[tuple[str, str], dict[str, float]]


def bridging(
    rows: list[dict[str, Any]], evidence: dict[tuple[str, str], float] | None = None
) -> Named:
    """The identifiers that alone hold halves together, by name."""
    with xg.build(rows, xg.Schema(["email", "cookie", "device"])) as graph:
        raw = read_raw_graph(graph.store)
        names = named_values(graph.store.database, graph.store.schema, raw.number.tolist())
        given_ = [(evidence or {}).get(names[number], 0.0) for number in raw.number.tolist()]
        found = find_bridging(raw, np.array(given_))
    fields = ("surprise", "large", "small", "ties")
    return {
        names[int(raw.number[place])]: {field: getattr(found, field)[n] for field in fields}
        for n, place in enumerate(found.identifier)
    }


def half(name: str, events: int, seed: int, mail: bool = True) -> list[dict[str, Any]]:
    """Events of one person: four devices and six cookies, each used with each."""
    chance = np.random.default_rng(seed)
    rows: list[dict[str, Any]] = []
    for n in range(events):
        row = {
            "cookie": f"{name}-c{chance.integers(6)}",
            "device": f"{name}-d{chance.integers(4)}",
        }
        if mail and n % 5 == 0:
            row["email"] = f"{name}@example.org"
        rows.append(row)
    return rows


@given(st.integers(60, 200), st.integers(60, 200), st.integers(0, 9), st.randoms())
def test_a_single_event_that_joins_two_large_halves_is_found(
    left: int,
    right: int,
    seed: int,
    order: Any,
) -> None:
    bridge = {"cookie": "a-c0", "device": "b-d0"}
    rows = [*half("a", left, seed), *half("b", right, seed + 1), bridge]
    order.shuffle(rows)
    found = bridging(rows)
    # Which of the two is the stranger on this event, nobody knows.
    assert found
    assert found.keys() <= {("cookie", "a-c0"), ("device", "b-d0")}
    for facts in found.values():
        assert facts["ties"] == 1
        assert {facts["large"], facts["small"]} <= {left, left + 1, right, right + 1}
        assert facts["surprise"] >= np.log10(min(left, right))


def test_halves_that_two_events_of_other_identifiers_join_have_no_bridge() -> None:
    rows = [
        *half("a", 200, 1),
        *half("b", 200, 2),
        {"cookie": "a-c0", "device": "b-d0"},
        {"cookie": "b-c1", "device": "a-d1"},
    ]
    assert bridging(rows) == {}


def test_a_person_with_a_telephone_and_a_laptop_is_no_bridge() -> None:
    rows: list[dict[str, Any]] = []
    for n in range(100):
        device = ("laptop", "phone")[n % 2]
        rows.append({"cookie": f"c-{device}", "device": device})
        if n % 10 < 2:
            rows[-1]["email"] = "ann@example.org"
    assert bridging(rows) == {}


def test_halves_without_a_person_in_them_count_only_where_they_are_well_tied() -> None:
    # Two of everything: a cycle in each half, and no more.
    def small(name: str) -> list[dict[str, Any]]:
        return [
            {"cookie": f"{name}-c{n % 2}", "device": f"{name}-d{n // 2 % 2}"} for n in range(200)
        ]

    bridge = [{"cookie": "a-c0", "device": "b-d0"}]
    assert bridging([*small("a"), *small("b"), *bridge]) == {}
    well = bridging([*half("a", 200, 1, mail=False), *half("b", 200, 2, mail=False), *bridge])
    assert well.keys() == {("cookie", "a-c0"), ("device", "b-d0")}


def test_who_used_a_kiosk_is_not_blamed_for_it() -> None:
    rows = [row for n in range(4) for row in half(f"p{n}", 60, n)]
    rows += [{"cookie": f"p{n}-c0", "device": "kiosk"} for n in range(4)]
    assert bridging(rows).keys() > {("device", "kiosk")}
    assert bridging(rows, {("device", "kiosk"): 3.0}).keys() == {("device", "kiosk")}


def brute(raw: RawGraph, place: int) -> list[tuple[int, int]]:
    """How many events each piece has without an identifier, and how many of these hold it to the identifier."""
    graph: nx.Graph[Any] = nx.Graph()
    for number in range(raw.sets):
        carried = raw.link[raw.start[number] : raw.start[number + 1]].tolist()
        graph.add_edges_from((("set", number), one) for one in carried)
    home = nx.node_connected_component(graph, place)
    mine = set(graph[place])
    graph.remove_node(place)
    pieces = []
    for part in nx.connected_components(graph.subgraph(home - {place})):
        sets = {one for one in part if isinstance(one, tuple)}
        if sets != part:
            events = sum(int(raw.events[number]) for _, number in sets)
            pieces.append((events, sum(int(raw.events[number]) for _, number in sets & mine)))
    return pieces


@given(st.integers(0, 10_000))
def test_the_halves_have_as_many_events_as_networkx_finds_in_them(seed: int) -> None:
    chance = np.random.default_rng(seed)
    rows = [*half("a", 60, seed), *half("b", 40, seed + 1)]
    rows += [{"cookie": f"a-c{chance.integers(6)}", "device": "b-d1"}] * int(chance.integers(1, 4))
    rows += [{"cookie": "a-c0", "email": f"{n}@example.org"} for n in range(chance.integers(3))]
    with xg.build(rows, xg.Schema(["email", "cookie", "device"])) as graph:
        raw = read_raw_graph(graph.store)
        found = find_bridging(raw, np.zeros(raw.identifiers))
    assert len(found.identifier)
    for n, place in enumerate(found.identifier.tolist()):
        pieces = brute(raw, place)
        events = [one for one, _ in pieces]
        assert found.large[n] in events
        assert found.small[n] in events
        assert found.ties[n] in [tie for _, tie in pieces]


@pytest.mark.parametrize("rows", [[], [{"cookie": "x"}], [{"cookie": "x", "device": "y"}] * 3])
def test_where_nothing_can_fall_apart_there_is_no_bridge(rows: list[dict[str, Any]]) -> None:
    with xg.build(rows or [{"email": None}], xg.Schema(["email", "cookie", "device"])) as graph:
        raw = read_raw_graph(graph.store)
        found = find_bridging(raw, np.zeros(raw.identifiers))
    assert isinstance(found, Bridging)
    assert len(found.identifier) == 0
