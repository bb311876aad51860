"""What a child process can be asked to do; all arguments and facts are what JSON knows."""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import duckdb

from tests.benchmarks.contestants import CONTESTANTS, build_graph
from tests.benchmarks.events import AWKWARD, REALISTIC, SHAPES, Shape
from tests.benchmarks.policies import CONFLICTS, POLICIES
from tests.benchmarks.processes import Facts

PROFILES = 200  # how many profiles are looked up
EVERY_SHAPE = SHAPES | {shape.name: shape for shape in CONFLICTS}
HEAVY = ("matplotlib", "pandas", "polars", "pyarrow")  # what `import xrefgraph` should not load


def make(shape: str, events: int, path: str) -> Facts:
    """Make a file of events."""
    EVERY_SHAPE[shape].make(Path(path), events)
    return {}


def field() -> Facts:
    """Say who the contestants are, and which shapes are awkward."""
    return {
        "contestants": [
            {
                "name": each.name,
                "largest": each.largest,
                "links": each.links,
                "text_ids": each.text_ids,
            }
            for each in CONTESTANTS
        ],
        "policies": [each.name for each in POLICIES],
        "awkward": shape_facts(AWKWARD),
        "conflicts": shape_facts(CONFLICTS),
    }


def shape_facts(shapes: Sequence[Shape]) -> list[Facts]:
    """Say what the shapes are."""
    return [
        {"name": each.name, "events": each.events, "columns": [*each.identifiers.values()]}
        for each in shapes
    ]


def describe(path: str, columns: list[str]) -> Facts:
    """Count the events, the distinct sets of identifiers, and the distinct identifiers."""
    source = f"read_parquet('{path}')"
    with duckdb.connect() as connection:
        types = {
            name: kind
            for name, kind, *_ in connection.execute(f"describe from {source}").fetchall()
        }
        values = [
            f"unnest({column})" if types[column].endswith("[]") else column for column in columns
        ]
        counts = [
            f"(select count(distinct value) from (select {value} as value from {source}))"
            for value in values
        ]
        ((events, sets, identifiers),) = connection.execute(
            f"select (select count(*) from {source}),"
            f" (select count(*) from (select distinct {', '.join(columns)} from {source})),"
            f" {' + '.join(counts)}"
        ).fetchall()
    return {"events": events, "sets": sets, "identifiers": identifiers}


def run(contestant: str, shape: str, path: str, folder: str) -> Facts:
    """Let one contestant do the whole work, and leave ``events.parquet`` in the folder."""
    chosen = next(each for each in (*CONTESTANTS, *POLICIES) if each.name == contestant)
    for module in chosen.modules:
        import_module(module)
    start, start_of_work = time.perf_counter(), time.process_time()
    chosen.work(Path(path), Path(folder), EVERY_SHAPE[shape].identifiers)
    return {
        "seconds": time.perf_counter() - start,
        "cpu": time.process_time() - start_of_work,  # of all threads
    }


def compare_by(folder: str) -> Facts:
    """Return what two contestants that agree have in common: counts, and a sum over all rows."""
    result = Path(folder) / "events.parquet"
    with duckdb.connect() as connection:
        ((events, profiles, anchored, rows),) = connection.execute(
            "select count(*), count(distinct profile_id), count(anchor),"
            # Some write ENUMs, some write text; a hash is of the one or of the other.
            " sum(hash(event_id::varchar, time, profile_id::varchar, anchor::varchar,"
            " status::varchar, via_type::varchar, via_value::varchar)::hugeint)::varchar"
            f" from read_parquet('{result}')"
        ).fetchall()
    return {"events": events, "profiles": profiles, "anchored": anchored, "rows": rows}


def assign(path: str, rows: int) -> Facts:
    """Ask a graph of all events for the profiles of a partner's rows, which carry no anchor.

    Every twentieth row carries a cookie that the graph has never seen.
    """
    import_module("xrefgraph")
    import_module("pandas")
    graph = build_graph(Path(path), REALISTIC.identifiers)
    with tempfile.TemporaryDirectory(dir=Path(path).parent) as folder:
        partner = Path(folder) / "partner.parquet"
        with duckdb.connect() as connection:
            connection.execute(
                "copy (select row_number() over () as visit, device,"
                " case when event_id % 20 = 0 then 'x' || event_id else cookie end as cookie"
                f" from read_parquet('{path}') where db_id is null limit {rows})"
                f" to '{partner}' (format parquet)"
            )
        start = time.perf_counter()
        frame = graph.assign(str(partner)).df()
        seconds = time.perf_counter() - start
    graph.close()
    return {
        "seconds": seconds,
        "rows": len(frame),
        "anchored": int(frame["anchor"].notna().sum()),
    }


def look_up(path: str) -> Facts:
    """Look up some people and some cookies in a graph of all events."""
    import_module("xrefgraph")
    with duckdb.connect() as connection:
        keys = [
            f"{name}:{value}"
            for name in ("db_id", "cookie")
            for (value,) in connection.execute(
                f"select distinct {name} from read_parquet('{path}') where {name} is not null"
                f" order by hash({name}) limit {PROFILES // 2 + 1}"
            ).fetchall()
        ]
    first, *others = keys[: PROFILES + 1]
    graph = build_graph(Path(path), REALISTIC.identifiers)
    latencies = []
    for key in (first, *others):
        start = time.perf_counter()
        graph.profile(key)
        latencies.append(time.perf_counter() - start)
    graph.close()
    return {
        "first": latencies[0],
        "median": statistics.median(latencies[1:]),
        "slowest": max(latencies[1:]),
        "seconds": sum(latencies),
    }


def load() -> Facts:
    """Import xrefgraph in a process that has imported nothing else, as this one has."""
    program = (
        "import sys, time; start = time.perf_counter(); import xrefgraph;"
        " print(time.perf_counter() - start, *sys.modules)"
    )
    printed = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout
    seconds, *modules = printed.split()
    return {"seconds": float(seconds), "heavy": [name for name in HEAVY if name in modules]}


def machine(packages: list[str]) -> Facts:
    """Return what the numbers depend on; nothing that names the machine or its folders."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    versions: dict[str, Any] = {"python": platform.python_version()}
    for package in packages:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            continue
    return {
        "cores": len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count(),
        "memory": memory,
        "load": os.getloadavg()[0],
        "system": f"{platform.system()} {platform.machine()}",
        "versions": versions,
    }


TASKS: dict[str, Callable[..., Facts]] = {
    task.__name__: task
    for task in (make, field, describe, run, compare_by, assign, look_up, load, machine)
}
