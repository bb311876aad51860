"""``xrefgraph show``: the profile of an identifier."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from xrefgraph.cli.options import Debug, UsageError, Verbose, take
from xrefgraph.cli.printing import new_console, print_grid, print_more, printable
from xrefgraph.cli.results import of_folder, of_graph
from xrefgraph.errors import counted, listing


def show(
    *,
    # Required, but said so below: the oldest typer that is allowed would let them be missing.
    results: Annotated[
        Path | None,
        typer.Argument(
            help="A folder that `resolve --out` wrote, or a file of `resolve --database`.",
            show_default=False,
        ),
    ] = None,
    profile: Annotated[
        str | None,
        typer.Argument(
            metavar="TYPE:VALUE",
            help="One of its identifiers, such as db_id:123.",
            show_default=False,
        ),
    ] = None,
    limit: Annotated[
        int, typer.Option(min=1, help="How many identifiers and events to print.")
    ] = 20,
    debug: Debug = False,
    verbose: Verbose = False,
) -> None:
    """Print the profile of an identifier."""
    take(debug=debug, verbose=verbose)
    if results is None or profile is None:
        raise UsageError(
            "Which one? xrefgraph show RESULTS TYPE:VALUE, such as: show results db_id:123"
        )
    kind, colon, value = profile.partition(":")
    if not (kind and colon and value):
        raise UsageError("An identifier is written TYPE:VALUE, such as db_id:123.")
    found = (
        of_folder(results, kind, value, limit)
        if results.is_dir()
        else of_graph(results, kind, value, limit)
    )
    status = "ambiguous" if found.ambiguous else "anchored" if found.anchors else "anonymous"
    console = new_console()
    console.print(Text(f"profile  {printable(found.id)}", style="bold"), soft_wrap=True)
    if found.anchors:
        anchors = listing([printable(one) for one in found.anchors], limit)
        why = "  (several, so its events belong to none of them)" if found.ambiguous else ""
        console.print(Text(f"anchor   {anchors}{why}"), soft_wrap=True)
    console.print(Text(f"status   {status}"))
    print_grid(
        console,
        ("type", "value"),
        found.identifiers[:limit],
        counted(len(found.identifiers), "identifier"),
    )
    print_more(console, len(found.identifiers) - limit, "identifier")
    print_grid(
        console, ("source", "event_id", "time"), found.events, counted(found.all_events, "event")
    )
    print_more(console, found.all_events - len(found.events), "event")
