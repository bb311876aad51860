"""Runs the benchmarks and prints them in Markdown.

For example: python -m tests.benchmarks --events 10_000_000 --runs 5 --only floor,xrefgraph
"""

from __future__ import annotations

import argparse
import re
import shlex
import sys
import tempfile
import zlib
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.goals import HUNDRED_THOUSAND, MILLION, TEN_MILLION, Measured
from tests.benchmarks.processes import Facts, run_alone
from tests.benchmarks.report import check_markers, markdown, write_between_markers
from tests.benchmarks.rounds import Entry, made_once, race, repeat

# Stands in the names of the files of events, so that another generator makes other files.
GENERATOR = zlib.crc32(Path(__file__).with_name("events.py").read_bytes())
EXTRAS = ("lookups", "import", "shapes", "policies")  # what can be chosen beside the contestants
PACKAGES = (
    "duckdb",
    "numpy",
    "scipy",
    "splink",
    "igraph",
    "rustworkx",
    "networkx",
    "pygrouper",
)


def main() -> None:
    """Measure what was asked for, and print it."""
    field = ask("field")
    known = field["contestants"]
    options = read_options(known)
    if options.write:
        check_markers(options.write)
    options.data.mkdir(parents=True, exist_ok=True)
    measured = Measured(command(), ask("machine", {"packages": PACKAGES}))
    measured.alike = {each["name"] for each in known if each["links"] and not each["text_ids"]}
    chosen = [each for each in known if wanted(each["name"], options.only)]
    for events in sizes(options.events):
        run_race(measured, options, events, chosen)
    if "lookups" in options.only:
        path = str(events_file(options.data, options.events))
        measured.lookups[options.events] = {
            "assign": repeat("assign", options.runs, {"path": path, "rows": options.events // 10}),
            "look_up": repeat("look_up", options.runs, {"path": path}),
        }
    if "import" in options.only:
        measured.imports = repeat("load", options.runs)
    if "shapes" in options.only:
        for shape in field["awkward"]:
            run_shape(measured, options, shape)
    if "policies" in options.only:
        for shape in field["conflicts"]:
            run_conflicts(measured, options, shape, field["policies"])
    text = markdown(measured)
    print(text)
    if options.write:
        write_between_markers(options.write, text)


def read_options(known: Sequence[Facts]) -> argparse.Namespace:
    """Read the command line."""
    families = dict.fromkeys(family(each["name"]) for each in known)
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--events", type=number, default=MILLION, help="of the largest race")
    parser.add_argument("--runs", type=number, default=5, help="rounds of each race")
    parser.add_argument(
        "--only",
        type=lambda text: [word.strip() for word in text.split(",")],
        default=[*families, *EXTRAS],
        help=f"of {', '.join([*families, *EXTRAS])}; 'xrefgraph (text ids)' is one of a family",
    )
    parser.add_argument(
        "--data",
        type=Path,
        default=Path(tempfile.gettempdir()) / "xrefgraph-benchmarks",
        help="the folder in which the files of events are kept",
    )
    parser.add_argument(
        "--patience",
        type=float,
        default=200,
        help="a contestant that took so many seconds in one race runs no further rounds",
    )
    parser.add_argument("--timeout", type=float, default=900, help="seconds, for a single run")
    parser.add_argument(
        "--write", type=Path, help="put the table between the markers of this Markdown file"
    )
    options = parser.parse_args()
    names = {each["name"] for each in known}
    unknown = set(options.only) - names - families.keys() - set(EXTRAS)
    if unknown:
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    if options.events < 10 or options.runs < 1:
        parser.error("at least 10 events and one run")
    return options


def number(text: str) -> int:
    """Read a whole number, with underscores if that is easier to read."""
    return int(text)


def family(name: str) -> str:
    """Return ``xrefgraph`` for ``xrefgraph (text ids)``."""
    return name.partition(" (")[0]


def wanted(name: str, only: Sequence[str]) -> bool:
    """Whether a contestant or its family was asked for."""
    return name in only or family(name) in only


def command() -> str:
    """Return how this was started, without the folder of the data."""
    shown = argparse.ArgumentParser(add_help=False)
    shown.add_argument("--data")
    shown.add_argument("--write")
    _, rest = shown.parse_known_args()
    return shlex.join(["python", "-m", "tests.benchmarks", *rest])


def sizes(events: int) -> list[int]:
    """Return the sizes of the races: powers of ten on the way, and the one asked for."""
    steps = (HUNDRED_THOUSAND, MILLION, TEN_MILLION)
    return [*(step for step in steps if step < events), events]


def events_file(data: Path, events: int, shape: str = "integer ids") -> Path:
    """Return a file of events, by default of realistic ones."""
    name = re.sub(r"[^a-z0-9]+", "-", shape)
    return made_once(data / f"{name}-{events}-{GENERATOR:08x}.parquet", shape, events)


def run_race(
    measured: Measured, options: argparse.Namespace, events: int, chosen: Sequence[Facts]
) -> None:
    """Let all who can take so many events run side by side."""
    shapes = {False: "integer ids", True: "text ids"}
    entries = [
        Entry(
            each["name"],
            shapes[each["text_ids"]],
            events_file(options.data, events, shapes[each["text_ids"]]),
        )
        for each in chosen
        if events <= each["largest"]
    ]
    if not entries:
        return
    path = events_file(options.data, events)
    columns = ["db_id", "email", "cookie", "device"]
    measured.inputs[events] = ask("describe", {"path": str(path), "columns": columns})
    measured.races[events] = race(
        entries, options.runs, patience=options.patience, timeout=options.timeout
    )


def run_shape(measured: Measured, options: argparse.Namespace, shape: Facts) -> None:
    """Let the floor and xrefgraph run on events of an awkward shape."""
    name, events = shape["name"], shape["events"]
    path = events_file(options.data, events, name)
    columns = ["db_id", *shape["columns"]]
    scores = race(
        [Entry(contestant, name, path) for contestant in ("floor", "xrefgraph")],
        options.runs,
        patience=options.patience,
        timeout=options.timeout,
    )
    measured.shapes[name] = ask("describe", {"path": str(path), "columns": columns}), scores


def run_conflicts(
    measured: Measured, options: argparse.Namespace, shape: Facts, policies: Sequence[str]
) -> None:
    """Let every policy run on events of which some are in conflict."""
    name, events = shape["name"], shape["events"] or options.events
    path = events_file(options.data, events, name)
    entries = [Entry(policy, name, path) for policy in policies]
    measured.conflicts[name] = race(
        entries, options.runs, patience=options.patience, timeout=options.timeout
    )


def ask(task: str, arguments: Facts | None = None) -> Facts:
    """Run a task that has to succeed."""
    outcome = run_alone(task, arguments)
    if outcome.failure:
        sys.exit(f"{task}: {outcome.failure}")
    return outcome.facts


if __name__ == "__main__":
    main()
