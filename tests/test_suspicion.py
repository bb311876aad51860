"""The identifiers that most likely join different people, found in worlds of which the truth is known."""

import json
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import xrefgraph as xg
from xrefgraph.policy import POLICIES

TYPES = ("email", "phone", "cookie")


def people(number: int, seed: int = 1) -> list[dict[str, Any]]:
    """People with an address, a phone and one to three cookies each, some events a cookie."""
    lot = random.Random(seed)  # noqa: S311  (worlds, no secrets)
    events = []
    for n in range(number):
        for cookie in range(lot.randint(1, 3)):
            for _ in range(lot.randint(1, 3)):
                event = {"cookie": f"c{n}-{cookie}"}
                if lot.random() < 0.6:
                    event["email"] = f"p{n}@example.org"
                if lot.random() < 0.4:
                    event["phone"] = f"555-01{n:04}"
                events.append(event)
            events.append({"cookie": f"c{n}-{cookie}", "email": f"p{n}@example.org"})
    return events


def joined(kind: str, number: int) -> tuple[list[dict[str, Any]], tuple[str, str]]:
    """People, and something that some of them share."""
    events = people(number)
    if kind == "kiosk":
        more = [{"email": f"p{n}@example.org", "cookie": "kiosk"} for n in range(12)]
        return events + more, ("cookie", "kiosk")
    if kind == "recycled phone":
        more = [
            {"email": f"p{n}@example.org", "phone": "555-0199"} for n in (3, 4, 5) for _ in range(3)
        ]
        return events + more, ("phone", "555-0199")
    more = [{"email": f"p{n}@example.org", "phone": "0000000001"} for n in range(20)]
    return events + more, ("phone", "0000000001")


@pytest.mark.parametrize("kind", ["kiosk", "recycled phone", "placeholder"])
def test_what_people_share_comes_first_and_says_why(kind: str) -> None:
    events, culprit = joined(kind, 150)
    with xg.build(events, xg.Schema(TYPES, conflicts="keep")) as graph:
        found = xg.suspects(graph)
        assert (found[0].type, found[0].value) == culprit
        assert found[0].reasons
        assert [one.score for one in found.suspects] == sorted(
            (one.score for one in found.suspects), reverse=True
        )
        assert all(0 <= one.score <= 1 for one in found.suspects)
        json.dumps(found.to_dict())
        assert culprit[1] in found.summary


def test_what_is_blocked_by_its_decisions_parts_the_people_again() -> None:
    events, culprit = joined("kiosk", 150)
    schema = xg.Schema(TYPES, conflicts="keep")
    with xg.build(people(150), schema) as apart, xg.build(events, schema) as graph:
        found = xg.suspects(graph)
        assert [one.identifier for one in found.decisions()] == [culprit]
        with graph.rebuild(replace(schema, decisions=found.decisions())) as after:
            assert after.counts["profiles"] == apart.counts["profiles"]


def test_a_single_event_that_joins_two_large_halves_is_found() -> None:
    def half(letter: str) -> Iterator[dict[str, Any]]:
        lot = random.Random(letter)  # noqa: S311  (a world)
        for _ in range(80):
            event = {"cookie": f"{letter}{lot.randrange(4)}"}
            if lot.random() < 0.6:
                event["email"] = f"{letter}{lot.randrange(2)}@example.org"
            if lot.random() < 0.5:
                event["phone"] = f"555-{letter}{lot.randrange(2)}"
            yield event

    slip = {"id": "slip", "email": "a0@example.org", "phone": "555-b0"}
    events = [*half("a"), *half("b"), *people(150), slip]
    with xg.build(events, xg.Schema(TYPES, conflicts="keep"), event_id="id") as graph:
        worst = xg.suspects(graph)[0]
        assert worst.value in ("a0@example.org", "555-b0")
        assert "a single event joins 80 and 81 events" in worst.reasons[0].text


@pytest.mark.parametrize("policy", sorted(POLICIES))
def test_the_policy_and_the_order_of_the_rows_change_nothing(policy: str) -> None:
    events, _ = joined("kiosk", 60)
    schema = xg.Schema(["email", "phone", "cookie"], conflicts="keep")
    shuffled = random.Random(5).sample(events, len(events))  # noqa: S311  (a world)
    with (
        xg.build(events, schema) as graph,
        xg.build(shuffled, replace(schema, conflicts=policy)) as other,
    ):
        one, two = (
            [(s.type, s.value, round(s.score, 9), s.events) for s in xg.suspects(each).suspects]
            for each in (graph, other)
        )
        assert one == two


def test_what_is_not_listed_is_counted_and_wrong_options_are_refused(tmp_path: Path) -> None:
    events, _ = joined("placeholder", 60)
    with xg.build(events, xg.Schema(TYPES), database=tmp_path / "graph.xref") as graph:
        every = xg.suspects(graph)
        first = xg.suspects(graph, limit=1)
        assert len(first) == 1
        assert first.left_off == every.suspected - 1
        for wrong in (-0.1, 1.5, "x", True):
            with pytest.raises(xg.SchemaError):
                xg.suspects(graph, threshold=wrong)  # type: ignore[arg-type]
        for wrong in (-1, "x", True):
            with pytest.raises(xg.SchemaError):
                xg.suspects(graph, limit=wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "events", [[], [{"cookie": "a"}], [{"cookie": "a", "email": "b@example.org"}] * 3]
)
def test_where_nothing_is_shared_nobody_is_suspected(events: list[dict[str, Any]]) -> None:
    with xg.build(events, xg.Schema(TYPES)) as graph:
        found = xg.suspects(graph)
        assert found.above == 0
        assert found.decisions() == ()
        assert found.summary
        found.to_frame()
