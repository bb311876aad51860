"""Whom an identifier brings together, if what is less suspicious holds."""

import itertools
from typing import Any

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import xrefgraph as xg
from tests.worlds import TYPES, numbered, rows
from xrefgraph.inspection.suspicion.oversize import LEVELS
from xrefgraph.inspection.suspicion.raw_graph import RawGraph, read_raw_graph
from xrefgraph.inspection.suspicion.reach import Reach, read_reach
from xrefgraph.inspection.suspicion.rivals import count_rivals
from xrefgraph.lookup import named_values

TIERS = ("db_id", "email", "cookie", "device")


def rivals(
    events: list[dict[str, Any]],
    evidence: dict[tuple[str, str], float] | None = None,
    **options: Any,
) -> dict[tuple[str, str], tuple[int, float]]:
    """How many user ids each identifier brings together, where there are several, and by how much the first leads."""
    with xg.build(events, xg.Schema(list(TIERS), anchor="db_id", **options)) as graph:
        raw = read_raw_graph(graph.store)
        names = named_values(graph.store.database, graph.store.schema, raw.number.tolist())
        against = np.array([(evidence or {}).get(names[no], 0.0) for no in raw.number.tolist()])
        found, lead = count_rivals(raw, read_reach(graph.store, raw), against, [0])
    return {
        names[int(raw.number[place])]: (int(found[place, 0]), round(float(lead[place, 0]), 2))
        for place in np.flatnonzero(found[:, 0] > 1)
    }


SMITHS: list[dict[str, Any]] = [
    {"db_id": 1001, "email": "a@example.org"},
    {"db_id": 1002, "email": "b@example.org"},
    {"device": "kiosk-77", "email": "a@example.org"},
    {"device": "kiosk-77", "email": "b@example.org"},
]


def test_a_kiosk_that_meets_no_user_id_brings_two_together() -> None:
    assert rivals(SMITHS) == {("device", "kiosk-77"): (2, 0.0)}


def test_the_more_suspicious_of_two_values_on_the_way_is_blamed() -> None:
    # Either could be the one that is not let in; what else speaks against the address decides.
    assert rivals(SMITHS, {("email", "b@example.org"): 1.0}) == {
        ("email", "b@example.org"): (2, 0.0)
    }


def test_who_is_not_let_in_makes_no_giant_of_which_others_are_accused() -> None:
    family: list[dict[str, Any]] = [{"db_id": n, "email": f"{n}@example.org"} for n in range(1, 5)]
    shared = [{"device": "tv", "email": f"{n}@example.org"} for n in range(1, 5)]
    two = [{"device": "tablet", "email": f"{n}@example.org"} for n in (1, 2)]
    assert rivals(family + shared + two) == {
        ("device", "tv"): (4, 0.0),
        ("device", "tablet"): (2, 0.0),
    }


def test_a_slip_is_told_by_how_many_events_stand_against_it() -> None:
    slip: list[dict[str, Any]] = [{"db_id": 1, "cookie": "c"}] * 100 + [{"db_id": 2, "cookie": "c"}]
    assert rivals(slip) == {("cookie", "c"): (2, 2.0)}


def test_user_ids_say_who_is_who_and_are_not_accused_of_the_cookie_between_them() -> None:
    events: list[dict[str, Any]] = [{"db_id": 1, "cookie": "c"}, {"db_id": 2, "cookie": "c"}]
    events += [{"db_id": 2, "device": f"d{n}"} for n in range(9)]
    assert rivals(events, {("db_id", "2"): 5.0}).keys() == {("cookie", "c")}


def test_what_a_decision_links_is_one_person() -> None:
    link = {"action": "link", "a": ["db_id", 1001], "b": ["db_id", 1002], "reason": "one person"}
    assert rivals(SMITHS, decisions=[link]) == {}


def test_what_a_decision_blocks_brings_nobody_together() -> None:
    block = {"action": "block", "identifier": ["device", "kiosk-77"], "reason": "a kiosk"}
    assert rivals(SMITHS, decisions=[block]) == {}


@pytest.mark.parametrize("events", [[], [{"cookie": "x"}], [{"db_id": 1, "cookie": "x"}] * 2])
def test_where_there_is_no_conflict_there_are_no_rivals(events: list[dict[str, Any]]) -> None:
    assert rivals(events or [{"db_id": None}]) == {}


def by_hand(raw: RawGraph, reach: Reach, against: np.ndarray) -> dict[int, int]:
    """The same with networkx, one turn after the other."""

    def turn(place: int) -> tuple[int, int]:
        if raw.rank[place] == 0:
            return (0, 0)
        if against[place] <= 0 and reach.parts[place] < 2:
            return (1, 0)
        return (2 + int(np.searchsorted(LEVELS, against[place])), int(raw.rank[place]))

    sets = [set(raw.link[a:b].tolist()) for a, b in itertools.pairwise(raw.start.tolist())]
    graph: nx.Graph[Any] = nx.Graph()
    graph.add_edges_from(enumerate(reach.same.tolist()))
    let_in: set[int] = set()
    found: dict[int, int] = {}
    for now in sorted({turn(place) for place in range(raw.identifiers)}):
        mine = [place for place in range(raw.identifiers) if turn(place) == now]
        for place in mine:
            touched = {
                frozenset(nx.node_connected_component(graph, other))
                for each in sets
                if place in each
                for other in each & let_in
            }
            rivals = [part for part in touched if place not in part and any(raw.rank[one] == 0 and one in let_in for one in part)]  # fmt: skip
            found[place] = len(rivals) + (raw.rank[place] == 0)
        let_in |= {place for place in mine if found[place] < 2}
        for each in sets:
            graph.add_edges_from(itertools.pairwise(sorted(each & let_in)))
    return {place: count for place, count in found.items() if count > 1}


evidence = st.lists(st.sampled_from([0.0, 0.0, 0.4, 1.3, 9.0]), min_size=21, max_size=21)


@given(rows, evidence)
def test_rivals_are_those_that_one_finds_by_hand(
    events: list[dict[str, Any]], decades: list[float]
) -> None:
    schema = xg.Schema(list(TYPES), anchor="db_id", conflicts="keep")
    with xg.build(numbered(events), schema, event_id="id") as graph:
        raw = read_raw_graph(graph.store)
        reach = read_reach(graph.store, raw)
    against = np.array(decades[: raw.identifiers])
    found, lead = count_rivals(raw, reach, against, [0])
    assert {
        int(place): int(found[place, 0]) for place in np.flatnonzero(found[:, 0] > 1)
    } == by_hand(raw, reach, against)
    assert (lead >= 0).all()
    assert (lead[found < 2] == 0).all()
