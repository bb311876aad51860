"""Profiles that are awkward to draw. No test, but what tests are made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import xrefgraph as xg
from tests.test_scene import over_merged

KINDS = ("db_id", "email", "device", "cookie")

HOSTILE = (
    "</script><script>alert(1)</script>",
    '" onerror="alert(1)',
    "$x^2$ and $",
    "a\nb\tc\rd",
    "\u202egnp.exe",
    "☕🧑‍💻 né 漢字",
    "w" * 10_000,
    "\x01\x7f\u200b\u2028",
    "%s {0} \\frac",
)


def graph_of(
    events: Sequence[dict[str, Any]],
    *,
    time: bool = True,
    policy: Any = "keep",
    decisions: Sequence[dict[str, Any]] = (),
    anchor: str | None = "db_id",
) -> xg.XrefGraph:
    """A graph of some events, numbered e0, e1, ...; ``at`` is their time."""
    numbered = [{"id": f"e{n}", **event} for n, event in enumerate(events)]
    schema = xg.Schema(KINDS, anchor=anchor, conflicts=policy, decisions=decisions)
    return xg.build(
        xg.Source(
            numbered,
            identifiers=list(KINDS),
            event_id="id",
            time="at" if time else None,
            name="visits",
        ),
        schema,
    )


def two_people(at: Callable[[int], Any]) -> list[dict[str, Any]]:
    """Two people of a few events, and a kiosk that both used; ``at(n)`` is the time of event n."""
    made: list[dict[str, Any]] = []
    for person in ("1", "2"):
        for n in range(5):
            made.append({"db_id": f"U{person}", "email": f"{person}@example.org"})
            made.append({"email": f"{person}@example.org", "cookie": f"ck-{person}{n}"})
        made.append({"email": f"{person}@example.org", "device": "kiosk"})
    return [{**event, "at": at(n)} for n, event in enumerate(made)]


def _day(n: int) -> str:
    return f"2026-03-{1 + n % 28:02d} 08:00"


def _nine() -> xg.XrefGraph:
    return over_merged(events=4, people=9, kiosk=2, cookies=3)


def _hostile() -> xg.XrefGraph:
    made: list[dict[str, Any]] = []
    for n, value in enumerate(HOSTILE):
        made += [
            {"db_id": value, "cookie": f"c{n}", "at": _day(n)},
            {"email": value, "cookie": f"c{n}", "at": _day(n + 9)},
            {"email": value, "device": value, "at": _day(n + 12)},
        ]
    made += [{"device": value, "cookie": "all", "at": _day(20)} for value in HOSTILE[:2]]
    return graph_of(made)


def _decided() -> xg.XrefGraph:
    linked = {"action": "link", "a": ["cookie", "ck-10"], "b": ["cookie", "ck-20"]}
    return graph_of(
        [event for event in two_people(_day) if "device" not in event], decisions=[linked]
    )


def _without_events() -> xg.XrefGraph:
    linked = {"action": "link", "a": ["cookie", "x"], "b": ["cookie", "y"]}
    detached = [
        {"action": "detach", "identifier": ["cookie", value], "events": [f"e{n}"]}
        for n, value in enumerate("xy")
    ]
    made = [{"cookie": value, "at": _day(1)} for value in "xy"]
    return graph_of(made, decisions=[linked, *detached], anchor=None)


def _half_timed(n: int) -> str | None:
    return None if n % 3 == 0 else _day(n)


#: What makes each, and what is asked for in it.
CASES: dict[str, Callable[[], tuple[xg.XrefGraph, str]]] = {
    "one node": lambda: (graph_of([{"cookie": "x", "at": _day(1)}]), "cookie:x"),
    "one person": lambda: (graph_of(two_people(_day)[:10]), "db_id:U1"),
    "no anchor": lambda: (
        graph_of([{**one, "db_id": None} for one in two_people(_day)]),
        "device:kiosk",
    ),
    "no anchor in the schema": lambda: (graph_of(two_people(_day), anchor=None), "device:kiosk"),
    "two people": lambda: (graph_of(two_people(_day)), "db_id:U1"),
    "four people": lambda: (over_merged(people=4), "db_id:U1"),
    "eight people": lambda: (over_merged(people=8, events=20), "db_id:U1"),
    "nine people": lambda: (_nine(), "db_id:U1"),
    "no times": lambda: (graph_of(two_people(_day), time=False), "db_id:U1"),
    "all times equal": lambda: (graph_of(two_people(lambda _: "2026-03-01 08:00")), "db_id:U1"),
    "some without a time": lambda: (graph_of(two_people(_half_timed)), "db_id:U1"),
    "some equal, some without": lambda: (
        graph_of(two_people(lambda n: None if n % 3 else "2026-03-01 08:00")),
        "db_id:U1",
    ),
    "microseconds": lambda: (
        graph_of(two_people(lambda n: f"2026-03-01 08:00:00.{n:06d}")),
        "db_id:U1",
    ),
    "centuries": lambda: (graph_of(two_people(lambda n: f"{200 * n + 1:04d}-01-01")), "db_id:U1"),
    "both on one event": lambda: (
        graph_of(
            [{"db_id": f"U{n}", "cookie": "x", "at": _day(n)} for n in (1, 2)]
            + [{"db_id": "U1", "device": "d", "at": _day(3)}]
        ),
        "cookie:x",
    ),
    "hostile": lambda: (_hostile(), "cookie:all"),
    "linked by a decision": lambda: (_decided(), "db_id:U1"),
    "no events": lambda: (_without_events(), "cookie:x"),
}
