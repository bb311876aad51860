"""``xrefgraph report``: one page for a whole graph."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from xrefgraph import inspection
from xrefgraph.cli.options import Debug, UsageError, Verbose, take
from xrefgraph.cli.printing import busy, new_console, printable
from xrefgraph.errors import did_you_mean
from xrefgraph.graph import open as open_graph
from xrefgraph.inspection.draw.layout.masking import MASKS


def report(
    *,
    # Required, but said so below: the oldest typer that is allowed would let it be missing.
    graph: Annotated[
        Path | None,
        typer.Argument(metavar="GRAPH", help="A file of `resolve --database`.", show_default=False),
    ] = None,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The file to write, in a folder that is there.")
    ] = Path("report.html"),
    mask: Annotated[
        str, typer.Option(help="How values are masked: partial, hash, or none to show them.")
    ] = "partial",
    most: Annotated[
        int, typer.Option(min=0, help="How many of the worst conflicts can be opened in it.")
    ] = 10,
    title: Annotated[str | None, typer.Option(help="What stands on top of it.")] = None,
    debug: Debug = False,
    verbose: Verbose = False,
) -> None:
    """Write one page for a whole graph: its health, its conflicts, its suspects."""
    take(debug=debug, verbose=verbose)
    if graph is None:
        raise UsageError(
            "Of which graph? xrefgraph report GRAPH, such as: report people.xref -o report.html"
        )
    if mask not in (*MASKS, "none"):
        raise UsageError(
            f"--mask is partial, hash or none, not {mask!r}.{did_you_mean(mask, (*MASKS, 'none'))}"
        )
    with open_graph(graph, read_only=True) as opened, busy("writing"):
        chosen = None if mask == "none" else mask
        written = inspection.report(opened, output, mask=chosen, most=most, title=title)
    told = "values are shown" if chosen is None else f"values are masked ({chosen})"
    new_console().print(
        Text(f"wrote {printable(str(written), most=4_000)}; {told}"), soft_wrap=True
    )
