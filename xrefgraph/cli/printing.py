"""How things look in a terminal, in a pipe and in a file."""

from __future__ import annotations

import contextlib
import datetime as dt
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

from xrefgraph.errors import counted
from xrefgraph.graph import XrefGraph


def new_console(*, stderr: bool = False) -> Console:
    """Open the terminal, or what stands in its place."""
    stream = sys.stderr if stderr else sys.stdout
    # Into a pipe or a file, lines are as wide as they are readable.
    return Console(
        stderr=stderr, markup=False, highlight=False, width=None if stream.isatty() else 120
    )


@contextlib.contextmanager
def busy(what: str) -> Iterator[None]:
    """Say on stderr what takes its time, while a person is looking."""
    with Console(stderr=True).status(what) if sys.stderr.isatty() else contextlib.nullcontext():
        yield


def printable(value: Any, most: int = 80) -> str:
    """A value for a terminal: what is no printable character is escaped, and long text loses its middle."""
    if isinstance(value, dt.datetime):
        return value.isoformat(" ", "seconds")
    text = "" if value is None else str(value)
    if len(text) > most:
        text = f"{text[: most // 2]}…{text[-most // 2 + 1 :]}"
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def print_head(console: Console, text: str) -> None:
    """Print a title."""
    console.print()
    console.print(Text(text, style="bold"))


def print_grid(
    console: Console, names: Sequence[str], rows: Sequence[Sequence[Any]], title: str | None = None
) -> None:
    """Print rows under the names of their columns."""
    grid = Grid(box=None, header_style="dim", pad_edge=False, padding=(0, 2, 0, 0))
    for name in names:
        grid.add_column(name, overflow="fold")
    for row in rows:
        grid.add_row(*(Text(printable(cell)) for cell in row))
    if title is not None:
        print_head(console, title)
    console.print(grid)


def print_more(console: Console, more: int, noun: str) -> None:
    """Say how many are not shown."""
    if more > 0:
        console.print(f"+{more:,} more {noun if more == 1 else noun + 's'} (--limit shows more)")


def print_summary(console: Console, graph: XrefGraph) -> None:
    """Print what became of the events of a graph."""
    n = graph.counts
    parts = [f"{n['anchored']:,} anchored"] if graph.schema.anchor else []
    parts += [
        f"{n[status]:,} {status.replace('no_', 'without ')}"
        for status in ("ambiguous", "anonymous", "contradictory", "no_identifier")
        if n[status] or status == "ambiguous"
    ]
    lines = {
        "events": f"{n['events']:,} ({', '.join(parts)})",
        "identifiers": f"{n['identifiers']:,}",
        "profiles": f"{n['profiles']:,}",
    }
    if n["cuts"]:
        lines["cut links"] = f"{n['cuts']:,} (policy {graph.schema.policy.name})"
    if graph.schema.decisions:
        decided = len(graph.schema.decisions)
        lines["decisions"] = f"{decided:,}"
        if graph.idle_decisions:
            first = graph.idle_decisions[0].origin
            lines["decisions"] += (
                f", of which {len(graph.idle_decisions):,} do nothing or not all that they say, since what they name"
                f" does not occur (the first is {first[:1].lower() + first[1:]})"
            )
    if graph.repeated_rows:
        lines["repeated rows"] = f"{graph.repeated_rows:,} (counted once)"
    refused = graph.sql(
        "SELECT reason, count(*) AS n, sum(events)::BIGINT AS events FROM rejected"
        " GROUP BY reason ORDER BY n DESC, reason"
    )
    lines["refused values"] = (
        ", ".join(
            f"{row['n']:,} {row['reason']} (in {counted(row['events'], 'event')})"
            for row in refused.rows()
        )
        or "none"
    )
    for name, text in lines.items():
        console.print(Text(f"{name:<16}{text}"), soft_wrap=True)
