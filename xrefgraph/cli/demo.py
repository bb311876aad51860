"""``xrefgraph demo``: the main job explained, on data that comes with the package."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

import xrefgraph
from xrefgraph.cli.options import Debug, Verbose, take
from xrefgraph.cli.printing import new_console, print_grid, print_head, print_summary
from xrefgraph.errors import StoreError
from xrefgraph.graph import build
from xrefgraph.schema import Schema
from xrefgraph.sources import Source

EXAMPLES = Path(xrefgraph.__file__).parent / "examples"


def demo(
    *,
    copy: Annotated[
        Path | None, typer.Option(help="Also put the files of the demo into this folder.")
    ] = None,
    debug: Debug = False,
    verbose: Verbose = False,
) -> None:
    """Link the visits that a partner reports to your users, on data that comes with the package."""
    take(debug=debug, verbose=verbose)
    console = new_console()
    users, visits, config = (EXAMPLES / name for name in ("users.csv", "visits.jsonl", "xref.toml"))
    if copy is not None:
        _copy_examples((users, visits, config), copy)
    with build(Source.from_toml(config), Schema.from_toml(config), keep_columns=["page"]) as graph:
        print_head(console, "1. Your users: what they gave when they logged in (users.csv)")
        names, *lines = [line.split(",") for line in users.read_text(encoding="utf-8").splitlines()]
        print_grid(console, names, lines)
        print_head(console, "2. What a partner reports: visits, without your db_id (visits.jsonl)")
        events = [json.loads(line) for line in visits.read_text(encoding="utf-8").splitlines()]
        columns = ("visit", "visitor", "mail", "page")
        print_grid(
            console, columns, [[event.get(column) for column in columns] for event in events]
        )
        print_head(console, "3. What you declare: which columns are which identifiers (xref.toml)")
        console.print(Text(config.read_text(encoding="utf-8").strip(), style="dim"))
        print_head(console, "4. Whose visits are they?")
        rows = graph.events.filter("source = 'visits'").rows()
        contested = set(graph.identifiers.filter("status = 'contested'")["value"])
        print_grid(
            console,
            ("visit", "page", "db_id", "because"),
            [
                (row["event_id"], row["page"], row["anchor"], _because(row, contested))
                for row in rows
            ],
        )
        console.print(
            "Visit 5 carries only the cookie ck-office; visit 4 had it together with the mail of user 102."
        )
        print_head(console, "5. The same as a Python dict: graph.to_dict()")
        console.print(Text(_pretty(graph.to_dict())))
        print_head(console, "6. What was refused, since it names nobody: graph.rejected")
        print_grid(
            console,
            ("type", "value", "reason", "events"),
            [
                (row["type"], row["value"], row["reason"], row["events"])
                for row in graph.rejected.rows()
            ],
        )
        print_head(console, "7. What was cut, since two users share it: graph.cuts")
        shown = ("type", "value", "rule", "reason", "value_a", "value_b")
        print_grid(console, shown, [[row[name] for name in shown] for row in graph.cuts.rows()])
        print_head(console, "In short")
        print_summary(console, graph)
    where = copy or Path("try")
    steps = [] if copy else [f"xrefgraph demo --copy {where}"]
    steps += [f"xrefgraph resolve --config {where}/xref.toml --out {where}/results"]
    steps += [f"xrefgraph show {where}/results db_id:102"]
    print_head(console, "Try it yourself")
    for step in steps:
        console.print(Text(step), soft_wrap=True)


def _because(row: dict[str, Any], contested: set[str]) -> str:
    if row["via_value"] in contested:
        return f"contested: its {row['via_type']} leads to several users, so nobody gets it"
    match row["status"]:
        case "anchored":
            return f"its {row['via_type']} leads to this user, and to no other"
        case "no_identifier":
            return "no identifier is left of it (see 6)"
        case _:
            return f"anonymous: nobody is known by its {row['via_type']}"


def _pretty(result: dict[str, Any]) -> str:
    """The dict, a line for each person."""
    ((anchor, people),) = result.items()
    lines = ",\n".join(f"    {person!r}: {found!r}" for person, found in people.items())
    return f"{{{anchor!r}: {{\n{lines},\n}}}}"


def _copy_examples(files: Sequence[Path], folder: Path) -> None:
    for file in files:
        if (folder / file.name).exists():
            raise StoreError(
                f"{str(folder / file.name)!r} exists already; it is left alone. Name another folder."
            )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for file in files:
            shutil.copyfile(file, folder / file.name)
    except OSError as error:
        raise StoreError(
            f"{str(folder)!r} cannot be written: {error.strerror}.", path=str(folder)
        ) from None
