"""What the questions of inspection cost, beside the build of the same graph.

For example: python -m tests.benchmarks.questions --events 10_000_000

The graph holds realistic events, and in it one profile of 100,000 events and identifiers: two people of many devices and
cookies, whom a kiosk joins. The policy is `keep`, so both are one profile; `why_not` is asked of the same under `isolate`.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb

import xrefgraph as xg
from tests.benchmarks.__main__ import events_file, number

TYPES = ("db_id", "email", "cookie", "device")
#: Each of the two people has so many events, and 6,000 cookies, 2,500 devices and 40 addresses.
EVENTS_OF_A_PERSON = 48_000
HALVES = ("db_id:900000001", "db_id:900000002")


def write_joined(path: Path) -> None:
    """Write the events of two people of many identifiers, and of a kiosk that both used twice."""
    person = "900000001 + n % 2"
    with duckdb.connect() as connection:
        connection.execute(
            f"""copy (select 1000000000 + n as event_id, timestamp '2026-01-01' + n * interval 90 second as time,
            case when n % 50 < 2 then {person} end as db_id,
            case when n % 6 < 2 or n % 50 < 2 then 'm' || ({person}) || '-' || (hash(n) % 40) || '@example.org' end as email,
            case when n % 3 > 0 then 'c' || ({person}) || '-' || (hash(n, 1) % 6000) end as cookie,
            case when n % 3 = 0 or n % 8 < 2 then 'd' || ({person}) || '-' || (hash(n, 2) % 2500) end as device
            from range({2 * EVENTS_OF_A_PERSON}) t(n)
            union all select 1000000000 - 1 - n, timestamp '2026-02-21' + n * interval 1 hour, null,
            'm' || (900000001 + n % 2) || '-' || n % 2 || '@example.org', null, 'kiosk-77' from range(4) t(n))
            to '{path}' (format parquet)"""
        )


def clock(ask: Callable[[], Any], runs: int) -> tuple[float, Any]:
    """Give the median time of some runs, after a first one, and what was answered."""
    answer = ask()
    seconds = []
    for _ in range(runs):
        began = time.perf_counter()
        answer = ask()
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds), answer


def main() -> None:
    """Build the graph, ask, and print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=number, default=1_000_000)
    parser.add_argument("--runs", type=number, default=3)
    parser.add_argument(
        "--data", type=Path, default=Path(tempfile.gettempdir()) / "xrefgraph-benchmarks"
    )
    options = parser.parse_args()
    options.data.mkdir(parents=True, exist_ok=True)
    visits = events_file(options.data, options.events)
    with tempfile.TemporaryDirectory(dir=options.data) as folder:
        joined = Path(folder) / "joined.parquet"
        write_joined(joined)
        sources = [
            xg.Source(path, identifiers=list(TYPES), event_id="event_id", time="time")
            for path in (visits, joined)
        ]
        built, took = {}, {}
        for policy in ("keep", "isolate"):
            began = time.perf_counter()
            schema = xg.Schema(TYPES, anchor="db_id", conflicts=policy)
            built[policy] = xg.build(sources, schema, database=Path(folder) / f"{policy}.xref")
            took[policy] = time.perf_counter() - began
        build = took["keep"]
        graph, apart = built["keep"], built["isolate"]
        profile = graph.profile(HALVES[0])
        print(f"Of {graph.counts['events']:,} events; the build into a file took {build:.1f} s.")
        print(
            f"The profile has {len(profile.events):,} events and {len(profile.identifiers):,} identifiers.\n"
        )
        print("| question | seconds | of the build | said |")
        print("|---|---:|---:|---|")
        kiosk = "device:kiosk-77"
        questions: dict[str, Callable[[], Any]] = {
            "`why`": lambda: xg.why(graph, *HALVES),
            "`paths`": lambda: xg.paths(graph, *HALVES),
            "`separate`": lambda: xg.separate(graph, *HALVES),
            "`blast_radius`": lambda: xg.blast_radius(graph, kiosk),
            "`how`": lambda: xg.how(graph, HALVES[0]),
            "`why_not`": lambda: xg.why_not(apart, *HALVES),
            "`ambiguities`, 20 closely": lambda: xg.ambiguities(apart),
            "`health`": lambda: xg.health(graph),
            "`suspects`": lambda: xg.suspects(graph),
        }
        for name, ask in questions.items():
            seconds, answer = clock(ask, options.runs)
            said = answer.summary.replace("|", "/")
            short = said if len(said) <= 90 else f"{said[:89]}…"
            print(f"| {name} | {seconds:.2f} | {seconds / build:.0%} | {short} |", flush=True)
        for one in built.values():
            one.close()


if __name__ == "__main__":
    main()
