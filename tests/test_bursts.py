"""Many met for the first time within one hour."""

import datetime as dt
from typing import Any

import numpy as np

import xrefgraph as xg
from xrefgraph.inspection.suspicion.bursts import Bursts, find_bursts
from xrefgraph.inspection.suspicion.raw_graph import RawGraph, read_raw_graph
from xrefgraph.inspection.suspicion.reach import read_reach
from xrefgraph.lookup import named_values

START = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)


def at(hours: float) -> dt.datetime:
    return START + dt.timedelta(hours=hours)


def bursts(rows: list[dict[str, Any]]) -> dict[str, tuple[int, float]]:
    """How many new values, and how many decades that is, by the value of the identifier."""
    with xg.build(rows, identifiers=["account", "device"], time="at") as graph:
        raw: RawGraph = read_raw_graph(graph.store)
        found: Bursts = find_bursts(
            graph.store,
            raw,
            read_reach(graph.store, raw),
            np.arange(raw.identifiers, dtype=np.int32),
        )
        names = named_values(graph.store.database, graph.store.schema, raw.number.tolist())
    return {
        names[int(raw.number[place])][1]: (int(found.values[n]), float(found.decades[n]))
        for n, place in enumerate(found.identifier)
    }


def usual(devices: int = 10, accounts: int = 4) -> list[dict[str, Any]]:
    """Devices that meet an account a day."""
    return [
        {"at": at(24 * n + one), "account": f"u{one}-{n}", "device": f"d{one}"}
        for one in range(devices)
        for n in range(accounts)
    ]


def test_thirty_seven_new_accounts_within_one_hour_are_a_burst() -> None:
    rows = usual() + [
        {"at": at(50 + n / 40), "account": f"x{n}", "device": "farm"} for n in range(37)
    ]
    assert bursts(rows) == {"farm": (37, 1.0)}


def test_accounts_that_come_back_are_not_new() -> None:
    rows = usual() + [
        {"at": at(hour + n / 10), "account": f"x{n}", "device": "family"}
        for hour in (0, 24, 48)
        for n in range(2)
    ]
    assert bursts(rows) == {}


def test_an_hour_begins_at_any_minute_and_ends_sixty_later() -> None:
    minutes = [0, 59, 60, 60, 60, 120, 121]
    rows = usual() + [
        {"at": at(48.5 + minute / 60), "account": f"x{n}", "device": "farm"}
        for n, minute in enumerate(minutes)
    ]
    found = bursts(rows)
    assert found.keys() == {"farm"}
    assert found["farm"][0] == 5  # from minute 0 or 60 on


def test_a_list_that_was_loaded_at_one_time_makes_no_burst() -> None:
    rows = [
        {"at": at(0), "account": f"u{one}-{n}", "device": f"d{one}"}
        for one in range(10)
        for n in range(8)
    ]
    assert bursts([*rows, {"at": at(100), "account": "late", "device": "late"}]) == {}


def test_events_of_one_day_or_of_no_time_have_no_burst() -> None:
    burst = [{"at": at(n / 40), "account": f"x{n}", "device": "farm"} for n in range(37)]
    assert bursts(burst) == {}
    assert bursts([{**row, "at": None} for row in [*usual(), *burst]]) == {}
