"""``xrefgraph compare``: what is different between two results."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from xrefgraph.cli.options import Debug, UsageError, Verbose, take
from xrefgraph.cli.printing import busy, new_console, print_grid
from xrefgraph.inspection import compare as compare_results
from xrefgraph.inspection.changes.comparison import CHANGES, Example, example_text

#: So many causes are printed.
CAUSES = 20

RESULTS = "a folder that `resolve --out` wrote, or a file of `resolve --database`."


def compare(
    *,
    # Required, but said so below: the oldest typer that is allowed would let them be missing.
    before: Annotated[
        Path | None, typer.Argument(help=f"The older results: {RESULTS}", show_default=False)
    ] = None,
    after: Annotated[
        Path | None, typer.Argument(help=f"The newer results: {RESULTS}", show_default=False)
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print everything as JSON, with more examples.")
    ] = False,
    debug: Debug = False,
    verbose: Verbose = False,
) -> None:
    """Print what became of profiles, events, identifiers and anchors between two results."""
    take(debug=debug, verbose=verbose)
    if before is None or after is None:
        raise UsageError("Which ones? xrefgraph compare BEFORE AFTER, such as: compare old new")
    with busy("comparing"):
        found = compare_results(before, after)
    if as_json:
        sys.stdout.write(json.dumps(found.to_dict(), ensure_ascii=False) + "\n")
        return
    rows = []
    for what, names in CHANGES.items():
        for name in names:
            change = getattr(found, what)[name]
            if change.before or change.after:
                examples = _shown(change.examples)
                rows.append((what, name, f"{change.before:,}", f"{change.after:,}", examples))
    console = new_console()
    console.print(Text(found.summary))
    if rows:
        print_grid(console, ("", "", "before", "after", "such as"), rows, "What became of them")
    if found.causes:
        causes = [(one.change, f"{one.groups:,}", str(one)) for one in found.causes[:CAUSES]]
        print_grid(console, ("", "groups", "because of"), causes, "Why")
        if len(found.causes) > CAUSES:
            console.print(f"+{len(found.causes) - CAUSES:,} more causes (--json has them)")


def _shown(examples: tuple[Example, ...]) -> str:
    """One example: a table with more is no table."""
    return example_text(examples[0]) if examples else ""
