"""The common SQL for shared cookies gives people's own events away; no policy here does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

import xrefgraph as xg
from tests import linking_reference
from xrefgraph.policy import POLICIES

LATEST_USER = """
    SELECT id, last_value(db_id IGNORE NULLS) OVER (
        PARTITION BY cookie ORDER BY seen ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
    ) AS latest_user
    FROM events ORDER BY id
"""

Rows = list[dict[str, Any]]

ANN, SOMEBODY, BOB = (
    {"id": 1, "seen": 8, "db_id": "101", "cookie": "tablet"},
    {"id": 2, "seen": 12, "db_id": None, "cookie": "tablet"},
    {"id": 3, "seen": 18, "db_id": "102", "cookie": "tablet"},
)


def latest_user(events: Sequence[Mapping[str, Any]]) -> dict[int, str | None]:
    """The user that the SQL gives each event."""
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE events (id INTEGER, seen INTEGER, db_id VARCHAR, cookie VARCHAR)"
        ).fetchall()
        for event in events:
            values = [event[name] for name in ("id", "seen", "db_id", "cookie")]
            connection.execute("INSERT INTO events VALUES (?, ?, ?, ?)", values).fetchall()
        return dict(connection.execute(LATEST_USER).fetchall())


def schema_of(policy: str) -> xg.Schema:
    return xg.Schema(["db_id", "cookie"], anchor="db_id", conflicts=policy)


def by_reference(events: Rows, policy: str) -> dict[int, set[str]]:
    """The users in the profile of each event, by the slow reading of the rules."""
    case = {
        "schema": {"anchor": "db_id", "types": [{"type": "db_id"}, {"type": "cookie"}]},
        "policy": {"name": policy},
        "events": [
            {
                "event_id": event["id"],
                "time": event["seen"],
                "identifiers": [[kind, event[kind]] for kind in ("db_id", "cookie")],
            }
            for event in events
        ],
    }
    return {
        int(event): {value for kind, value in profile["identifiers"] if kind == "db_id"}
        for profile in linking_reference.run(case)["profiles"]
        for event in profile["events"]
    }


def by_engine(events: Rows, policy: str) -> dict[int, set[str]]:
    """The same by the package."""
    rows = [{**event, "seen": event["seen"] * 60} for event in events]
    with xg.build(rows, schema_of(policy), event_id="id", time="seen") as graph:
        users: dict[str, set[str]] = {}
        for one in graph.identifiers:
            if one["type"] == "db_id":
                users.setdefault(one["profile_id"], set()).add(one["value"])
        return {
            int(event["event_id"]): users.get(event["profile_id"], set()) for event in graph.events
        }


ANSWERS = [pytest.param(by_reference, policy, id=f"reference-{policy}") for policy in POLICIES]
ANSWERS += [pytest.param(by_engine, policy, id=f"engine-{policy}") for policy in POLICIES]

users = st.none() | st.sampled_from(["1", "2", "3"])


@st.composite
def sign_ins(draw: st.DrawFn) -> Rows:
    """Events with a cookie each, some of them with a user, at times of their own."""
    some = draw(st.lists(st.tuples(users, st.sampled_from("abc")), max_size=10))
    times = draw(st.permutations(range(1, len(some) + 1)))
    return [
        {"id": n, "seen": at, "db_id": user, "cookie": cookie}
        for n, (at, (user, cookie)) in enumerate(zip(times, some, strict=True), 1)
    ]


def test_the_latest_user_of_the_cookie_gets_the_sign_in_of_another() -> None:
    assert latest_user([ANN, SOMEBODY, BOB]) == {1: "102", 2: "102", 3: "102"}
    assert ANN["db_id"] == "101"


@pytest.mark.parametrize(("answer", "policy"), ANSWERS)
@given(events=sign_ins())
def test_an_event_with_its_own_anchor_stays_there(answer: Any, policy: str, events: Rows) -> None:
    found = answer(events, policy)
    for event in events:
        if event["db_id"] is not None:
            assert event["db_id"] in found[event["id"]]
            assert policy == "keep" or found[event["id"]] == {event["db_id"]}


@pytest.mark.parametrize(
    "answer",
    [one.values[0] for one in ANSWERS if one.values[1] == "last_touch"],
)
@given(events=sign_ins())
def test_last_touch_says_the_same_of_all_other_events(answer: Any, events: Rows) -> None:
    found, theirs = answer(events, "last_touch"), latest_user(events)
    for event in events:
        if event["db_id"] is None:
            user = theirs[event["id"]]
            assert found[event["id"]] == (set() if user is None else {user})
