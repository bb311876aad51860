"""What conflicts cost: the same events under each policy, beside `keep`, which settles none.

The realistic events get more of them: logins of one person with the cookie of another, for a share of
all profiles. And two conflicts that are one each: a kiosk that 50,000 people used, and a chain of
400,000 identifiers with a person at either end.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from tests.benchmarks.contestants import Contestant
from tests.benchmarks.events import ANCHOR, PAIR, Shape, one_a_second, write, write_integer_ids

#: Of ten events of the realistic kind, how many profiles there are.
PROFILES_PER_EVENT = 0.151
PEOPLE_AT_THE_KIOSK = 50_000
VISITS_AT_THE_KIOSK = 10


def write_conflicts(path: Path, events: int, share: float) -> None:
    """Write realistic events, and for a share of the profiles a login of somebody else with their cookie."""
    write_integer_ids(path, events)
    wanted = int(events * PROFILES_PER_EVENT * share)
    unfinished = path.with_suffix(".unfinished")
    with duckdb.connect() as connection:
        connection.execute(
            f"""copy (from read_parquet('{path}') union all by name
            select {events} + 2000000 + row_number() over (order by {ANCHOR}) as event_id,
            first_seen + interval 1 hour as time, {ANCHOR} + 1 as {ANCHOR}, cookie
            from (select {ANCHOR}, arg_min(cookie, event_id) as cookie, min(time) as first_seen
                from read_parquet('{path}') where cookie is not null and {ANCHOR} % 2 = 0
                group by {ANCHOR} order by {ANCHOR} limit {wanted}))
            to '{unfinished}' (format parquet)"""
        )
    unfinished.replace(path)


def write_kiosk(path: Path, events: int) -> None:
    """Write visits at one device, each with a cookie of its own; the first one of a person is a login."""
    number = np.arange(events)
    write(
        path,
        one_a_second(events) | {"visit": number % VISITS_AT_THE_KIOSK},
        """case when visit = 0 then event_no + 1 end as db_id,
        'c' || event_no as cookie, 'kiosk' as device""",
    )


def write_two_ends(path: Path, events: int) -> None:
    """Write a chain of cookies and devices, with a person at either end."""
    number = np.arange(events)
    write(
        path,
        one_a_second(events) | {"left_half": (number + 1) // 2, "right_half": number // 2},
        f"""case when event_no in (0, {events - 1}) then event_no + 1 end as db_id,
        'c' || left_half as cookie, 'd' || right_half as device""",
    )


def settle(
    path: Path,
    folder: Path,
    identifiers: Mapping[str, str],
    *,
    conflicts: str,
    limit: int | None = None,
    shared_with: Mapping[str, int] | None = None,
) -> None:
    """Build the graph under a policy, and write its table of events."""
    xg: Any = import_module("xrefgraph")
    options: dict[str, dict[str, Any]] = {
        "cookie": {"shared_with": shared_with or {}},
        "device": {"limit": limit},
    }
    kinds = [xg.IdentifierType(name, **options.get(name, {})) for name in (ANCHOR, *identifiers)]
    schema = xg.Schema(kinds, anchor=ANCHOR, conflicts=conflicts)
    columns = {ANCHOR: ANCHOR, **identifiers}
    source = xg.Source(str(path), identifiers=columns, event_id="event_id", time="time")
    with xg.build(source, schema) as graph:
        graph.write(folder, tables=("events",))


def entrant(name: str, **options: Any) -> Contestant:
    """A policy as a contestant."""
    return Contestant(name, partial(settle, **options), ("xrefgraph",), links=False)


POLICIES = (
    entrant("keep", conflicts="keep"),
    entrant("keep, shared_with", conflicts="keep", shared_with={ANCHOR: 1}),
    entrant("isolate", conflicts="isolate"),
    entrant("first_claim", conflicts="first_claim", limit=10),
    entrant("last_touch", conflicts="last_touch", limit=10),
    entrant("strongest", conflicts="strongest", limit=10),
    entrant("over_time", conflicts="over_time", limit=10),
)

SHARES = {f"{percent} % of all profiles in conflict": percent / 100 for percent in (0.1, 1, 10)}
KIOSK, CHAIN = "one kiosk of 50,000 people", "two people at the ends of a chain"
CONFLICTS = (
    *(Shape(name, partial(write_conflicts, share=share)) for name, share in SHARES.items()),
    Shape(KIOSK, write_kiosk, PEOPLE_AT_THE_KIOSK * VISITS_AT_THE_KIOSK, PAIR),
    Shape(CHAIN, write_two_ends, 399_999, PAIR),
)
