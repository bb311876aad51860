"""What every question does with what is no question: one clear error, and never a traceback from inside."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import xrefgraph as xg

TYPES = ["db_id", "email", "cookie"]
ROWS: list[dict[str, Any]] = [
    {"id": "e1", "at": "2026-01-01", "db_id": 1, "cookie": "secret"},
    {"id": "e2", "at": "2026-01-02", "cookie": "secret"},
    {"id": "e3", "at": "2026-01-03", "db_id": 2, "cookie": "secret"},
    {"id": "e4"},
]

Question = Callable[[Any, Any], Any]

#: Each question with one thing that is asked for.
ABOUT: dict[str, Question] = {
    "why": lambda graph, one: xg.why(graph, one, "db_id:1"),
    "why the other": lambda graph, one: xg.why(graph, "db_id:1", one),
    "why_not": lambda graph, one: xg.why_not(graph, one, "db_id:1"),
    "paths": lambda graph, one: xg.paths(graph, one, "db_id:1"),
    "paths avoiding": lambda graph, one: xg.paths(graph, "db_id:1", "db_id:2", avoid=[one]),
    "how": xg.how,
    "separate": lambda graph, one: xg.separate(graph, one, "db_id:1"),
    "separate all": xg.separate,
    "blast_radius": xg.blast_radius,
}

#: Each question of a whole graph.
WHOLE: dict[str, Callable[[Any], Any]] = {
    "ambiguities": xg.ambiguities,
    "health": xg.health,
    "evaluate": lambda graph: xg.evaluate(graph, {"e1": "ann"}),
    "check_stability": lambda graph: xg.check_stability(graph, 1),
    "compare": lambda graph: xg.compare(graph, graph),
}


def built(policy: str = "keep", rows: list[dict[str, Any]] = ROWS) -> xg.XrefGraph:
    source = xg.Source(rows, identifiers=TYPES, event_id="id", time="at", name="visits")
    return xg.build(source, xg.Schema(TYPES, anchor="db_id", conflicts=policy))


@pytest.fixture
def graph() -> Iterator[xg.XrefGraph]:
    with built() as one:
        yield one


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("question", ABOUT)
@pytest.mark.parametrize(
    "odd",
    [
        None,
        5,
        "",
        "cookie",
        "nope:secret",
        ("cookie", ["secret"]),
        ("cookie", {"secret": 1}),
        ("cookie", "secret\ud800"),
        ("cookie", b"secret\xff"),
        (None, "secret"),
        (["cookie"], "secret"),
        xg.IdentifierNode(None, "secret"),  # type: ignore[arg-type]
        xg.IdentifierNode("cookie", "secret" * 2_000),
        xg.EventNode("visits", "secret\ud800"),
        xg.EventNode("visits", ["secret"]),  # type: ignore[arg-type]
        xg.EventNode(5, "e1"),  # type: ignore[arg-type]
        np.array([1, 2]),
    ],
    ids=lambda odd: repr(odd)[:50].encode("ascii", "backslashreplace").decode(),
)
def test_what_is_no_identifier_and_no_event_is_an_error_that_shows_no_value(
    graph: xg.XrefGraph, question: str, odd: Any
) -> None:
    with pytest.raises((xg.SchemaError, xg.UnknownError)) as caught:
        ABOUT[question](graph, odd)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("question", [*ABOUT, *WHOLE])
def test_what_is_no_graph_is_told_so(question: str) -> None:
    odd: Any
    for odd in (None, 5, {}):
        with pytest.raises(xg.XrefGraphError, match=r"XrefGraph|is a graph"):
            _ = ABOUT[question](odd, "db_id:1") if question in ABOUT else WHOLE[question](odd)


@pytest.mark.parametrize("question", [*ABOUT, *WHOLE])
def test_a_graph_that_was_closed_is_told_so(question: str) -> None:
    graph = built()
    graph.close()
    with pytest.raises(xg.GraphClosedError):
        _ = ABOUT[question](graph, "db_id:2") if question in ABOUT else WHOLE[question](graph)


#: Each question with a number of something.
NUMBERS: dict[str, Question] = {
    "separate": lambda graph, odd: xg.separate(graph, "db_id:1", "db_id:2", most=odd),
    "blast_radius": lambda graph, odd: xg.blast_radius(graph, "cookie:secret", most=odd),
    "ambiguities": lambda graph, odd: xg.ambiguities(graph, most=odd),
    "paths": lambda graph, odd: xg.paths(graph, "db_id:1", "db_id:2", k=odd),
    "evaluate": lambda graph, odd: xg.evaluate(graph, {"e1": "ann"}, examples=odd),
    "check_stability": xg.check_stability,
    "check_stability from": lambda graph, odd: xg.check_stability(graph, 1, seed=odd),
}


@pytest.mark.parametrize("question", NUMBERS)
@pytest.mark.parametrize("odd", [-1, 1.5, True, "3", None, [1]])
def test_a_number_that_is_none_is_an_error(graph: xg.XrefGraph, question: str, odd: Any) -> None:
    with pytest.raises(xg.SchemaError, match=r"is a whole number from [01] on"):
        NUMBERS[question](graph, odd)


@pytest.mark.parametrize("odd", [5, None, 1.5])
def test_what_cannot_be_avoided_is_an_error(graph: xg.XrefGraph, odd: Any) -> None:
    with pytest.raises(xg.SchemaError, match="avoid is a list"):
        xg.paths(graph, "db_id:1", "db_id:2", avoid=odd)


@pytest.mark.parametrize("odd", [{"by": ["events"]}, {"by": {}}, {"columns": 5}, {"columns": ()}])
def test_odd_ways_to_read_a_truth_are_errors(graph: xg.XrefGraph, odd: Any) -> None:
    with pytest.raises(xg.SchemaError):
        xg.evaluate(graph, [{"event_id": "e1", "person": "ann"}], **odd)
    with pytest.raises(xg.UnknownError):
        xg.evaluate(graph, "x" * 10_000)


@pytest.mark.parametrize("policy", ["keep", "isolate", "last_touch", "over_time"])
def test_an_owner_that_is_named_makes_no_other_identifier(policy: str) -> None:
    with built(policy) as graph:
        owner = graph.profile(cookie="secret").id
        named = xg.IdentifierNode("cookie", "secret", owner)
        for ask in (xg.why, xg.why_not, xg.paths, xg.separate):
            assert "asked for twice" in ask(graph, "cookie:secret", named).summary
        with pytest.raises(xg.SchemaError, match="cannot be avoided"):
            xg.paths(graph, "cookie:secret", f"{owner}", avoid=[named])


def test_what_is_avoided_twice_is_named_once(graph: xg.XrefGraph) -> None:
    found = xg.paths(graph, "db_id:1", "db_id:2", avoid=["cookie:secret", ("cookie", "secret")])
    assert found.summary == "Without cookie secret, no path leads from db_id 1 to db_id 2."


def test_contested_events_without_anything_ambiguous_or_anonymous_are_counted() -> None:
    """All have an anchor, and the cookie was two people's: what is at stake is counted all the same."""
    with built("over_time", ROWS[:3]) as graph:
        found = xg.ambiguities(graph)
        assert (found.in_all, found.at_stake) == (1, 3)


def test_a_path_of_many_thousand_steps_is_explained() -> None:
    """The thinnest place lies in the middle, which is not told step by step."""
    size = 800
    rows = [{"email": f"m{n}", "cookie": f"c{n}"} for n in range(size)]
    rows += [{"email": f"m{n}", "cookie": f"c{n + 1}"} for n in range(size)]
    with xg.build(rows, xg.Schema(TYPES)) as graph:
        found = xg.why(graph, "cookie:c0", f"cookie:c{size}")
        assert found.path is not None
        assert (found.path.length, len(found.path.steps)) == (2 * size, 1_000)
        assert found.weakest is not None
        assert [found.path.step(place) for place in found.weakest.steps] == [None, None]
        assert (found.weakest.before, found.weakest.after) == (size, size)
        assert "1,600 steps lead from one to the other" in found.summary
        assert f"Every path passes cookie c{size // 2}" in found.summary
        assert found.path.step(2 * size - 1) == found.path.steps[-1]
        json.dumps(found.to_dict())


def test_two_anchors_of_a_profile_are_parted_as_the_two_are(graph: xg.XrefGraph) -> None:
    both, each = xg.separate(graph, "cookie:secret"), xg.separate(graph, "db_id:1", "db_id:2")
    assert both.to_dict() == each.to_dict()
    assert len(both.options) == 3
