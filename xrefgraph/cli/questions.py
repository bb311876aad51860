"""The questions of :mod:`xrefgraph.inspection` in a shell: an answer in words, its facts in a table, or all of it as JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from xrefgraph import inspection
from xrefgraph.cli.options import Debug, UsageError, Verbose, take
from xrefgraph.cli.printing import busy, new_console, print_grid, printable
from xrefgraph.errors import StoreError, counted
from xrefgraph.graph import XrefGraph
from xrefgraph.graph import open as open_graph
from xrefgraph.inspection.answers import Answer, cell_text
from xrefgraph.networks import EventNode

# Required arguments are said to be so below: the oldest typer that is allowed would let them be missing.
Graph = Annotated[
    Path | None,
    typer.Argument(metavar="GRAPH", help="A file of `resolve --database`.", show_default=False),
]
One = Annotated[
    str | None,
    typer.Argument(
        metavar="A",
        help="An identifier, such as db_id:1, or an event, as @source:id.",
        show_default=False,
    ),
]
Other = Annotated[str | None, typer.Argument(metavar="B", help="Another one.", show_default=False)]
At = Annotated[str | None, typer.Option(help="A time, under the policy over_time.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print everything as JSON.")]
Limit = Annotated[int, typer.Option(min=0, help="How many rows to print.")]


def why(
    *,
    graph: Graph = None,
    a: One = None,
    b: Other = None,
    at: At = None,
    as_json: AsJson = False,
    limit: Limit = 20,
    debug: Debug = False,
    verbose: Verbose = False,
) -> None:
    """Say why two identifiers or events are one profile."""
    take(debug=debug, verbose=verbose)
    _needs("why GRAPH A B, such as: why people.xref db_id:1 cookie:x", graph, a, b)
    _tell(
        graph,
        lambda one: inspection.why(one, _asked(one, a), _asked(one, b), at=at),
        as_json,
        limit,
    )


def why_not(
    *,
    graph: Graph = None,
    a: One = None,
    b: Other = None,
    at: At = None,
    as_json: AsJson = False,
    limit: Limit = 20,
    debug: Debug = False,
    verbose: Verbose = False,
) -> None:
    """Say why two identifiers or events are not one profile."""
    take(debug=debug, verbose=verbose)
    _needs("why-not GRAPH A B, such as: why-not people.xref db_id:1 db_id:2", graph, a, b)
    _tell(
        graph,
        lambda one: inspection.why_not(one, _asked(one, a), _asked(one, b), at=at),
        as_json,
        limit,
    )


def separate(
    *,
    graph: Graph = None,
    a: One = None,
    b: Other = None,
    as_json: AsJson = False,
    limit: Limit = 20,
    debug: Debug = False,
    verbose: Verbose = False,
) -> None:
    """Say what to remove to part two identifiers, or all anchors of a profile, and what it costs."""
    take(debug=debug, verbose=verbose)
    _needs("separate GRAPH A [B], such as: separate people.xref db_id:1 db_id:2", graph, a)
    _tell(
        graph,
        lambda one: inspection.separate(one, _asked(one, a), None if b is None else _asked(one, b)),
        as_json,
        limit,
    )


def blast_radius(
    *,
    graph: Graph = None,
    identifier: One = None,
    as_json: AsJson = False,
    limit: Limit = 20,
    debug: Debug = False,
    verbose: Verbose = False,
) -> None:
    """Say what would happen if a value were blocked."""
    take(debug=debug, verbose=verbose)
    _needs(
        "blast-radius GRAPH A, such as: blast-radius people.xref device:kiosk", graph, identifier
    )
    _tell(graph, lambda one: inspection.blast_radius(one, _asked(one, identifier)), as_json, limit)


def ambiguities(
    *,
    graph: Graph = None,
    decide: Annotated[
        str | None,
        typer.Option(
            metavar="N:ACTION",
            help="Write a fix of conflict N (1 is the worst) into --decisions: block, detach, separate or link.",
        ),
    ] = None,
    decisions: Annotated[
        Path | None, typer.Option(help="The TOML or CSV file of decisions that --decide changes.")
    ] = None,
    undo: Annotated[
        bool, typer.Option("--undo", help="Take the fix out of --decisions again.")
    ] = False,
    as_json: AsJson = False,
    limit: Limit = 20,
    debug: Debug = False,
    verbose: Verbose = False,
) -> None:
    """List the conflicts, worst first, and what may be decided."""
    take(debug=debug, verbose=verbose)
    _needs("ambiguities GRAPH, such as: ambiguities people.xref", graph)
    if (decide is None) != (decisions is None) or (undo and decide is None):
        raise UsageError(
            "--decide N:ACTION and --decisions FILE go together, and --undo with both."
        )
    if decide is None:
        _tell(graph, lambda one: inspection.ambiguities(one, limit=limit), as_json, limit)
        return
    number, colon, action = decide.partition(":")
    if not (colon and number.isdecimal() and int(number)):
        raise UsageError("--decide takes the number of a conflict and an action, such as 1:block.")
    with _opened(graph) as opened:
        found = inspection.ambiguities(opened, limit=int(number))
    if len(found) < int(number):
        # No summary: it shows values, and an error may end up in a log.
        raise UsageError(
            f"There is no conflict {number}: there {'is' if found.in_all == 1 else 'are'} {found.in_all:,}."
        )
    fix = found[int(number) - 1].fix(action)
    changed = fix.undo(str(decisions)) if undo else fix.write(str(decisions))
    said = f"{counted(changed, 'decision')} {'taken out of' if undo else 'added to'} {decisions}"
    new_console().print(Text(f"{said}. Resolve with --decisions to carry it out."), soft_wrap=True)


def suspects(
    *,
    graph: Graph = None,
    as_json: AsJson = False,
    limit: Limit = 20,
    debug: Debug = False,
    verbose: Verbose = False,
) -> None:
    """List the identifiers that most likely join different people."""
    take(debug=debug, verbose=verbose)
    _needs("suspects GRAPH, such as: suspects people.xref", graph)
    _tell(graph, inspection.suspects, as_json, limit)


def health(
    *,
    graph: Graph = None,
    as_json: AsJson = False,
    limit: Limit = 20,
    debug: Debug = False,
    verbose: Verbose = False,
) -> None:
    """Say how the graph is, and what looks wrong."""
    take(debug=debug, verbose=verbose)
    _needs("health GRAPH, such as: health people.xref", graph)
    _tell(graph, inspection.health, as_json, limit)


#: The commands, by name.
COMMANDS: dict[str, Callable[..., None]] = {
    "why": why,
    "why-not": why_not,
    "separate": separate,
    "blast-radius": blast_radius,
    "ambiguities": ambiguities,
    "suspects": suspects,
    "health": health,
}


def _needs(usage: str, *arguments: Any) -> None:
    if any(one is None for one in arguments):
        raise UsageError(f"Which one? xrefgraph {usage}")


def _opened(path: Path | None) -> XrefGraph:
    if path is not None and path.is_dir():
        raise StoreError(
            f"{str(path)!r} is a folder of results, which holds no links: this asks a graph in a file, which"
            " `resolve --database FILE` writes."
        )
    return open_graph(str(path), read_only=True)


def _asked(graph: XrefGraph, text: str | None) -> Any:
    """What is asked for: an identifier, or an event as ``@source:id``; a type may begin with an @ too."""
    given = str(text)
    kind = given.partition(":")[0]
    if given.startswith("@") and kind not in graph.schema.names:
        source, _, event_id = given[1:].partition(":")
        return EventNode(source, event_id)
    return given


def _tell(
    path: Path | None,
    question: Callable[[XrefGraph], Answer],
    as_json: bool,  # noqa: FBT001  (as typer hands it over)
    limit: int,
) -> None:
    with _opened(path) as graph, busy("looking"):
        answer = question(graph)
    if as_json:
        sys.stdout.write(json.dumps(answer.to_dict(), ensure_ascii=False) + "\n")
        return
    console = new_console()
    console.print(Text(printable(answer.summary, most=10_000)), soft_wrap=True)
    rows = answer.rows()
    if rows and limit:
        names: Sequence[str] = list(rows[0])
        console.print()
        print_grid(
            console, names, [[cell_text(row[name]) for name in names] for row in rows[:limit]]
        )
    if len(rows) > limit:
        console.print(f"+{len(rows) - limit:,} more rows (--limit shows more)")
