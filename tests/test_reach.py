"""How far identifiers reach: counted one by one, and how surprising that is."""

from collections.abc import Sequence
from typing import Any

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import xrefgraph as xg
from tests.worlds import TYPES, numbered, rows, values_of
from xrefgraph.inspection.suspicion.raw_graph import alike, read_raw_graph
from xrefgraph.inspection.suspicion.reach import read_reach, surprise, usual_rate
from xrefgraph.lookup import named_values

Identifier = tuple[str, str]


def spelled(one: Identifier) -> Identifier:
    """Of the values of the small worlds two are spelled alike."""
    return (one[0], "a") if one[1] == "Ä" else one


def carried(events: Sequence[dict[str, Any]]) -> list[frozenset[Identifier]]:
    every = [
        frozenset((kind, value) for kind in TYPES for value in values_of(event.get(kind)))
        for event in events
    ]
    return [one for one in every if one]


def built(events: Sequence[dict[str, Any]], **options: Any) -> xg.XrefGraph:
    return xg.build(numbered(events), xg.Schema(list(TYPES), **options), event_id="id")


def by_hand(sets: list[frozenset[Identifier]], one: Identifier) -> dict[str, Any]:
    """What an identifier meets, and its groups."""
    mine = {each for each in sets if one in each}
    company = [each for each in mine if len(each) > 1]
    several = len(mine) > 1 and bool(company)
    # What stands in one set meets what stands there, however it is spelled.
    name = spelled if several else lambda each: each
    groups: nx.Graph[Any] = nx.Graph()
    for each in company:
        groups.add_node(each)
        if several:
            groups.add_edges_from((each, name(other)) for other in each if name(other) != name(one))
    parts = [
        {each for each in part if isinstance(each, frozenset)}
        for part in nx.connected_components(groups)
    ]
    return {
        "events": [
            sum(one in each and any(kind == other[0] for other in each) for each in sets)
            for kind in TYPES
        ],
        "meets": [
            len({name(other) for each in mine for other in each if other[0] == kind} - {name(one)})
            for kind in TYPES
        ],
        "groups": [
            sum(
                any(other != one and other[0] == kind for each in part for other in each)
                for part in parts
            )
            for kind in TYPES
        ],
        "parts": len(parts),
        "several": several,
    }


@given(rows)
def test_meetings_and_groups_are_those_that_one_counts_by_hand(
    events: list[dict[str, Any]],
) -> None:
    sets = carried(events)
    with built(events, conflicts="keep") as graph:
        raw = read_raw_graph(graph.store)
        reach = read_reach(graph.store, raw)
        names = named_values(graph.store.database, graph.store.schema, raw.number.tolist())
    assert set(names.values()) == {one for each in sets for one in each}
    for place, number in enumerate(raw.number.tolist()):
        one = names[number]
        expected = by_hand(sets, one)
        own = TYPES.index(one[0])
        for field in ("events", "meets", "groups"):
            found = getattr(reach, field)[place].tolist()
            # Of its own type an event carries it, at least: that tells nothing, and is not asked for.
            del found[own], expected[field][own]
            assert found == expected[field], (field, one)
        # Where one event holds a value in two spellings, the number of parts depends on which of them is asked for.
        twice = any(
            spelled(b) == spelled(one) for each in sets if one in each for b in each - {one}
        )
        assert twice or reach.parts[place] == expected["parts"]
        assert reach.several[place] == expected["several"]
        assert raw.carried[place] == sum(one in each for each in sets)


@given(rows, st.sampled_from(["isolate", "first_claim", "last_touch", "strongest", "over_time"]))
def test_what_a_policy_cuts_is_still_said_by_the_events(
    events: list[dict[str, Any]], policy: str
) -> None:
    def told(conflicts: str) -> tuple[Any, ...]:
        schema = xg.Schema(list(TYPES), anchor="db_id", conflicts=conflicts)
        with xg.build(numbered(events), schema, event_id="id") as graph:
            raw = read_raw_graph(graph.store)
            reach = read_reach(graph.store, raw)
            fields = (reach.events, reach.meets, reach.groups, reach.parts, raw.carried)
            return (raw.number.tolist(), *(field.tolist() for field in fields))

    assert told(policy) == told("keep")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Ann Lee", "LEE, Ann", True),
        ("Ann Lee", "Ann B. Lee", False),
        ("http://www.shop.example.org/", "https://shop.example.org", True),
        ("http://shop.example.org/ann", "http://shop.example.org/bob", False),
        ("José", "jose", True),
        ("12 Main St.", "12 MAIN ST", True),
        ("555-0101", "5550101", False),
        ("10.0.0.1", "10.1.0.0", False),  # the order of figures tells
        ("-", "--", False),
        ("王伟", "王 伟", False),
        ("ABC", "abc", True),
    ],
)
def test_values_that_differ_in_spelling_only_are_alike(one: str, other: str, same: bool) -> None:
    events = [{"cookie": "x", "email": one}, {"cookie": "x", "email": other}]
    schema = xg.Schema([xg.IdentifierType("email", deny_defaults=False), "cookie"])
    with xg.build(events, schema) as graph:
        raw = read_raw_graph(graph.store)
        found = alike(graph.store, raw, np.ones(raw.identifiers, bool))
    assert (found[0] == found[1]) == same


def test_identifiers_that_a_decision_links_are_one() -> None:
    events = [{"db_id": 1, "cookie": "x"}, {"db_id": 2, "cookie": "x"}]
    linked = [{"action": "link", "a": ["db_id", 2], "b": ["db_id", 1], "reason": "one person"}]
    for decisions, meets in ((), 2), (linked, 1):
        schema = xg.Schema(["db_id", "cookie"], anchor="db_id", decisions=decisions)
        with xg.build(events, schema) as graph:
            raw = read_raw_graph(graph.store)
            assert read_reach(graph.store, raw).meets[-1, 0] == meets


def test_a_crowd_on_one_event_meets_its_strongest_only() -> None:
    crowd = [f"c{n:03}" for n in range(100)]
    events = [{"cookie": crowd, "email": "a"}, {"cookie": crowd[:2]}]
    with xg.build(events, xg.Schema(["cookie", "email"])) as graph:
        raw = read_raw_graph(graph.store)
        reach = read_reach(graph.store, raw)
    assert reach.meets[0].tolist() == [63, 0]  # and not the 36 weaker cookies, nor the address
    assert raw.carried[0] == 2


# ----------------------------------------------------------------------------------- what is usual


def drawn(rate: float, events: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Draw how many values persons have, from the urn of Ewens with rates that are spread exponentially."""
    values = np.ones(len(events), int)
    own = random.exponential(rate, len(events))
    for step in range(1, int(events.max())):
        more = (step < events) & (random.random(len(events)) < own / (own + step))
        values[more] += 1
    return values


@pytest.mark.parametrize("rate", [0.02, 0.1, 0.5])
def test_the_usual_rate_is_that_of_the_urn_it_was_drawn_from(rate: float) -> None:
    random = np.random.default_rng(1)
    events = random.integers(2, 30, 20_000)
    found = usual_rate(drawn(rate, events, random), events)
    assert rate / 1.5 < found < rate * 1.5


def test_a_few_hubs_do_not_spoil_what_is_usual() -> None:
    events = np.full(1000, 10)
    values = np.ones(1000, int)
    values[:20] = 2
    usual = usual_rate(values, events)
    values[:5] = 10_000
    assert usual_rate(values, events) == usual


def test_nothing_is_usual_where_nothing_was_seen() -> None:
    nothing = np.empty(0, int)
    assert 0 < usual_rate(nothing, nothing) < 1


@given(st.integers(2, 50), st.integers(2, 10_000), st.floats(0.001, 1))
def test_more_values_and_fewer_events_are_more_surprising(
    values: int, events: int, rate: float
) -> None:
    def decades(values: int, events: int, rate: float) -> float:
        return float(surprise(np.array([values]), np.array([events]), rate)[0])

    assert decades(values + 1, events, rate) > decades(values, events, rate) > 0
    assert decades(values, events, rate) > decades(values, events + 1, rate)
    assert decades(values, events, rate) > decades(values, events, rate * 2)


def test_one_value_or_one_event_is_no_surprise() -> None:
    assert surprise(np.array([1, 9]), np.array([900, 1]), 0.1).tolist() == [0, 0]


def test_a_value_that_everybody_uses_meets_everybody_in_as_many_groups() -> None:
    rows = [{"card": f"k{n}", "phone": f"p{n}"} for n in range(200)] * 3
    rows += [{"card": f"k{n}", "phone": "everybody"} for n in range(9)]
    with xg.build(rows, identifiers=["card", "phone"]) as graph:
        raw = read_raw_graph(graph.store)
        reach = read_reach(graph.store, raw)
        names = named_values(graph.store.database, graph.store.schema, raw.number.tolist())
    place = list(names.values()).index(("phone", "everybody"))
    assert reach.meets[place, 0] == reach.groups[place, 0] == reach.parts[place] == 9
    assert reach.events[place, 0] == 9
