"""Profiles that are looked at on pages: over-merged ones, large ones and awkward ones. No test, but what tests are made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import xrefgraph as xg

#: Values that would do something if they were not text.
HOSTILE = (
    "</script><script>window.hacked = 1</script>",
    '<img src=x onerror="window.hacked = 2">',
    "\" onload='window.hacked = 3' &amp;",
    "\u202egnp.exe",
    "\U0001f600" * 5,
    "x" * 10_000,
    "line\nbreak\r\tand a tab",
    "$x^2$ ${window.hacked = 4}",
    "\x01\x7f",
    "\u2028paragraph",
    "\u05e9\u05dc\u05d5\u05dd",
    "__proto__",
)

TYPES = ("db_id", "email", "phone", "device", "card", "cookie")


def built(
    rows: Sequence[dict[str, Any]],
    types: Sequence[str] = TYPES,
    *,
    timed: bool = True,
    **options: Any,
) -> xg.XrefGraph:
    """A graph of events that have ids and, if they do, times."""
    options = {"anchor": "db_id", "conflicts": "keep"} | options
    schema = xg.Schema(list(types), **options)
    source = xg.Source(
        list(rows),
        identifiers=schema.names,
        event_id="id",
        time="at" if timed else None,
        name="visits",
    )
    return xg.build(source, schema)


def crowd(events: int, people: int = 2, cookies: int = 60, **options: Any) -> xg.XrefGraph:
    """People with so many events each, who meet at a kiosk."""
    random = np.random.default_rng(7)
    rows: list[dict[str, Any]] = []
    for p in range(people):
        c = "abcdefgh"[p]
        values = {
            "db_id": [f"U100{p + 1}"],
            "email": [f"{c}@work.example.org", f"{c}.smith@example.org"],
            "phone": [f"555-010{p}"],
            "device": [f"dev-{c}{i}" for i in range(6)],
            "card": [f"**{1926 + p * 464}"],
            "cookie": [f"ck-{c}{i:02d}" for i in range(cookies)],
        }
        for _ in range(events):
            kinds = random.choice(TYPES, size=2, replace=False)
            day, hour = 1 + int(random.integers(28)), int(random.integers(24))
            rows.append(
                {"id": f"e{len(rows)}", "at": f"2026-03-{day:02d} {hour:02d}:00"}
                | {str(kind): str(random.choice(values[str(kind)])) for kind in kinds}
            )
        rows += [
            {
                "id": f"e{len(rows) + k}",
                "at": f"2026-03-{14 + 2 * p + k} 00:00",
                "device": "kiosk-77",
                "email": f"{c}.smith@example.org",
            }
            for k in range(2)
        ]
    return built(rows, **options)


def two_people(**options: Any) -> xg.XrefGraph:
    """Two people who meet at a kiosk, 404 events."""
    return crowd(200, **options)


def two_ways() -> xg.XrefGraph:
    """Two people whom two ways join that have nothing in common."""
    pairs = [
        ("db_id:A", "email:a"), ("email:a", "device:k"), ("device:k", "email:b"), ("email:b", "db_id:B"),
        ("db_id:A", "phone:p"), ("phone:p", "cookie:c"), ("cookie:c", "phone:q"), ("phone:q", "db_id:B"),
    ]  # fmt: skip
    return built(
        [
            {"id": f"e{n}", "at": f"2026-03-{n + 1:02d}", **dict(one.split(":") for one in pair)}
            for n, pair in enumerate(pairs)
        ]
    )


def awkward() -> dict[str, Callable[[], xg.XrefGraph]]:
    """Profiles of all odd kinds, by name."""

    def hostile() -> xg.XrefGraph:
        rows: list[dict[str, Any]] = [
            {
                "id": f"e{n} {value[:40]}",
                "at": f"2026-03-{n + 1:02d}",
                "db_id": "A",
                "email": value,
                "device": HOSTILE[n - 1],
            }
            for n, value in enumerate(HOSTILE)
        ]
        return built(
            [*rows, {"id": "last", "at": "2026-04-01", "db_id": "B", "device": HOSTILE[0]}]
        )

    nine = [
        {"id": f"e{n}", "at": f"2026-03-{n + 1:02d}", "db_id": f"U{n}", "device": "kiosk"}
        for n in range(9)
    ]
    few = [{"id": "e1", "cookie": "a", "email": "m"}, {"id": "e2", "cookie": "a", "device": "d"}]
    at = {"at": "2026-03-01"}
    return {
        "hostile": hostile,
        "one node": lambda: built([{"id": "e1", "cookie": "only"}], timed=False),
        "no anchor": lambda: built(few, timed=False),
        "no anchor in the schema": lambda: built(few, TYPES[1:], timed=False, anchor=None),
        "nine anchors": lambda: built(nine),
        "no times": lambda: built([{"db_id": "A", **row} for row in few], timed=False),
        "all times equal": lambda: built([row | at for row in few]),
        "some times": lambda: built([few[0] | at, few[1] | {"at": None}]),
        "far times": lambda: built(
            [few[0] | {"at": "0001-01-01"}, few[1] | {"at": "9999-12-31 23:59:59.999999"}]
        ),
        "two at once": lambda: built([{"id": "e1", "db_id": ["A", "B"], "cookie": "c"} | at]),
    }
