"""``xrefgraph resolve``: link the events of files into profiles, and write them."""

from __future__ import annotations

import glob
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from xrefgraph.cli.options import Debug, Format, UsageError, Verbose, take
from xrefgraph.cli.printing import busy, new_console, print_summary
from xrefgraph.errors import SchemaError, StoreError, listing
from xrefgraph.files import is_graph
from xrefgraph.graph import TABLES, build
from xrefgraph.policy import POLICIES
from xrefgraph.schema import Schema
from xrefgraph.sources import Source


class OnDuplicate(StrEnum):
    """What to do with one event id and different identifiers."""

    error = "error"
    first = "first"
    last = "last"
    merge = "merge"


def resolve(
    *,
    files: Annotated[
        list[str] | None,
        typer.Argument(
            help="CSV, JSON lines or Parquet. With --config they replace the paths of the sources of"
            " the same name.",
            show_default=False,
        ),
    ] = None,
    config: Annotated[
        Path | None, typer.Option(help="A TOML file with the identifier types and the sources.")
    ] = None,
    anchor: Annotated[str | None, typer.Option(help="The column of your own user id.")] = None,
    identifier: Annotated[
        list[str] | None,
        typer.Option(help="Another column of identifiers, strongest first; repeat it."),
    ] = None,
    event_id: Annotated[str | None, typer.Option(help="The column of the event id.")] = None,
    time: Annotated[str | None, typer.Option(help="The column of the time.")] = None,
    conflicts: Annotated[
        str | None,
        typer.Option(
            help=f"The conflict policy: {listing(POLICIES)}. It replaces that of --config.",
            show_default=False,
        ),
    ] = None,
    decisions: Annotated[
        Path | None,
        typer.Option(
            help="A TOML or CSV file of what people decided. It replaces those of --config.",
            show_default=False,
        ),
    ] = None,
    on_duplicate: Annotated[
        OnDuplicate, typer.Option(help="What to do with one event id and different identifiers.")
    ] = OnDuplicate.error,
    keep_column: Annotated[
        list[str] | None, typer.Option(help="A column to carry into events; repeat it.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="The folder of the results, a file a table.")
    ] = None,
    format: Annotated[Format, typer.Option(help="The format of the results.")] = Format.parquet,
    database: Annotated[Path | None, typer.Option(help="Keep the graph in this file.")] = None,
    as_dict: Annotated[
        bool,
        typer.Option(
            "--dict", help="Print {anchor type: {anchor: {type: {value: [events]}}}} as JSON."
        ),
    ] = False,
    memory_limit: Annotated[
        str | None, typer.Option(help="What DuckDB may hold in memory, such as 500MB.")
    ] = None,
    threads: Annotated[
        int | None, typer.Option(min=1, help="How many threads DuckDB uses.")
    ] = None,
    debug: Debug = False,
    verbose: Verbose = False,
) -> None:
    """Link the events of one or several sources into profiles."""
    take(debug=debug, verbose=verbose)
    given = list(files or [])
    if config is not None:
        short: dict[str, Any] = {
            "--anchor": anchor,
            "--identifier": identifier,
            "--event-id": event_id,
            "--time": time,
        }
        for name, value in short.items():
            if value:
                raise UsageError(f"{name} and --config do not go together: the file says it.")
        schema, sources = _configured(config, given)
    else:
        schema, sources = _declared(given, anchor, identifier or [], event_id, time)
    schema = _settled(schema, conflicts, decisions)
    if as_dict and schema.anchor is None:
        raise UsageError(
            "--dict lists events under their anchor, and there is none: give --anchor, or `anchor` in the TOML file."
        )
    _check_targets(sources, (config, decisions), out, format, database)
    graph = build(
        sources,
        schema,
        database=database,
        keep_columns=keep_column or [],
        on_duplicate=on_duplicate.value,
        memory_limit=memory_limit,
        threads=threads,
        progress=sys.stderr.isatty(),
    )
    with graph:
        if out is not None:
            with busy("writing"):
                graph.write(out, format.value)
        if as_dict:
            sys.stdout.write(json.dumps(graph.to_dict(), ensure_ascii=False) + "\n")
        summary = new_console(stderr=as_dict)
        print_summary(summary, graph)
        for what, where in (("tables", out), ("graph", database)):
            if where is not None:
                summary.print(Text(f"{what:<16}{where}"), soft_wrap=True)
        if out is None and database is None and not as_dict:
            summary.print("Nothing was written: give --out FOLDER, --database FILE, or --dict.")


def _configured(config: Path, files: Sequence[str]) -> tuple[Schema, list[Source]]:
    schema = Schema.from_toml(config)
    sources = Source.from_toml(config, replace_paths=files)
    if not sources:
        raise SchemaError(
            f"{config.name} has no [[source]]: add one for each file, with its `path` and `identifiers`."
        )
    return schema, sources


def _declared(
    files: Sequence[str],
    anchor: str | None,
    identifiers: Sequence[str],
    event_id: str | None,
    time: str | None,
) -> tuple[Schema, list[Source]]:
    if not files:
        raise UsageError(
            "Which file? xrefgraph resolve events.csv --anchor db_id --identifier cookie"
        )
    if len(files) > 1:
        raise UsageError(
            f"{len(files)} files need --config, a TOML file that says which columns are what in each; a glob of alike"
            " files goes in quotes."
        )
    names = list(dict.fromkeys([*([anchor] if anchor else []), *identifiers]))
    if not names:
        raise UsageError(
            "Say which columns are identifiers, with --anchor and --identifier, or give --config."
        )
    try:
        schema = Schema(names, anchor=anchor)
    except SchemaError as error:
        raise UsageError(str(error)) from None
    return schema, [Source(files[0], identifiers=names, event_id=event_id, time=time)]


def _settled(schema: Schema, conflicts: str | None, decisions: Path | None) -> Schema:
    """The schema with the policy and the decisions of the command line, where these are given."""
    if conflicts is not None:
        try:
            schema = replace(schema, conflicts=conflicts)
        except SchemaError as error:
            raise UsageError(str(error)) from None
    # What is wrong with a file is no wrong usage.
    return schema if decisions is None else replace(schema, decisions=decisions)


def _check_targets(
    sources: Sequence[Source],
    others: Sequence[Path | None],
    out: Path | None,
    form: Format,
    database: Path | None,
) -> None:
    """See that no result takes the place of an input, or of somebody's other file."""
    paths = [str(source.data) for source in sources]
    paths += [one for path in paths for one in glob.glob(path)]  # noqa: PTH207  (an absolute pattern, perhaps)
    inputs = {Path(path).resolve() for path in paths}
    inputs |= {path.resolve() for path in others if path is not None}
    targets = [out / f"{name}.{form.value}" for name in TABLES] if out is not None else []
    for target in [*targets, *([database] if database is not None else [])]:
        if target.resolve() in inputs:
            raise UsageError(
                f"{str(target)!r} is an input, and would be written over. Write somewhere else."
            )
    if database is not None and database.is_file() and not is_graph(database):
        raise StoreError(
            f"{str(database)!r} exists and is no graph; it is left alone. Write somewhere else."
        )
