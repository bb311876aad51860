"""The same verbs in a shell: ``xrefgraph demo``, ``resolve`` and ``show``.

It is an application, so it prints, and it alone may say where the log goes. Exit codes: 0; 1 for a failure;
2 for wrong usage; 130 for Ctrl-C. An error is one line on stderr.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import glob
import json
import logging
import os
import shutil
import sys
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

import xrefgraph
from xrefgraph.database import Database, literal
from xrefgraph.errors import (
    SchemaError,
    StoreError,
    UnknownError,
    XrefGraphError,
    counted,
    did_you_mean,
    listing,
)
from xrefgraph.graph import TABLES, XrefGraph, build
from xrefgraph.graph import open as open_graph
from xrefgraph.schema import Policy, Schema, Source

EXAMPLES = Path(__file__).parent / "examples"
#: What a usage error of typer is, whichever version of click it comes from.
_TYPER_USAGE: Any = typer.BadParameter.__base__

app = typer.Typer(
    name="xrefgraph",
    help="Which events belong to whom: link the events of several sources into profiles.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


class UsageError(Exception):
    """What was typed does not go together."""


class Format(StrEnum):
    """The formats of result files."""

    parquet = "parquet"
    csv = "csv"
    json = "json"


class OnDuplicate(StrEnum):
    """What to do with one event id and different identifiers."""

    error = "error"
    first = "first"
    last = "last"
    merge = "merge"


Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Show the log, on stderr.")]

_asked: set[str] = set()  # what main() has to know of the options of a command


def _common(*, debug: bool, verbose: bool) -> None:
    if debug:
        _asked.add("debug")
    if verbose and "verbose" not in _asked:
        _asked.add("verbose")
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(logging.Formatter("%(asctime)s %(name)s: %(message)s", "%H:%M:%S"))
        logging.getLogger("xrefgraph").addHandler(handler)
        logging.getLogger("xrefgraph").setLevel(logging.INFO)


def _version(asked: bool) -> None:  # noqa: FBT001  (typer calls it with the value)
    if asked:
        sys.stdout.write(f"xrefgraph {xrefgraph.__version__}\n")
        raise typer.Exit


@app.callback()
def options(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
    debug: Debug = False,
    verbose: Verbose = False,
) -> None:
    """Which events belong to whom: link the events of several sources into profiles."""
    del version
    _common(debug=debug, verbose=verbose)


# -------------------------------------------------------------------------------------------- resolve


@app.command()
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
        str | None, typer.Option(help="The conflict policy: keep.", show_default=False)
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
    _common(debug=debug, verbose=verbose)
    given = list(files or [])
    if config is not None:
        short: dict[str, Any] = {
            "--anchor": anchor,
            "--identifier": identifier,
            "--event-id": event_id,
        }
        short |= {"--time": time, "--conflicts": conflicts}
        for name, value in short.items():
            if value:
                raise UsageError(f"{name} and --config do not go together: the file says it.")
        schema, sources = _configured(config, given)
    else:
        schema, sources = _declared(given, anchor, identifier or [], event_id, time, conflicts)
    if as_dict and schema.anchor is None:
        raise UsageError(
            "--dict lists events under their anchor, and there is none: give --anchor, or `anchor` in the TOML file."
        )
    _check_targets(sources, config, out, format, database)
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
            with _busy("writing"):
                graph.write(out, format.value)
        if as_dict:
            sys.stdout.write(json.dumps(graph.to_dict(), ensure_ascii=False) + "\n")
        summary = _console(stderr=as_dict)
        _print_summary(summary, graph)
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
    conflicts: str | None,
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
        schema = Schema(names, anchor=anchor, conflicts=Policy(conflicts or "keep"))
    except SchemaError as error:
        raise UsageError(str(error)) from None
    return schema, [Source(files[0], identifiers=names, event_id=event_id, time=time)]


def _check_targets(
    sources: Sequence[Source],
    config: Path | None,
    out: Path | None,
    form: Format,
    database: Path | None,
) -> None:
    """See that no result takes the place of an input, or of somebody's other file."""
    paths = [str(source.data) for source in sources]
    paths += [one for path in paths for one in glob.glob(path)]  # noqa: PTH207  (an absolute pattern, perhaps)
    inputs = {Path(path).resolve() for path in paths}
    if config is not None:
        inputs.add(config.resolve())
    targets = [out / f"{name}.{form.value}" for name in TABLES] if out is not None else []
    for target in [*targets, *([database] if database is not None else [])]:
        if target.resolve() in inputs:
            raise UsageError(
                f"{str(target)!r} is an input, and would be written over. Write somewhere else."
            )
    if database is not None and database.is_file() and not _is_database(database):
        raise StoreError(
            f"{str(database)!r} exists and is no graph; it is left alone. Write somewhere else."
        )


def _is_database(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(12)[8:] == b"DUCK"
    except OSError as error:
        raise StoreError(
            f"{str(path)!r} cannot be read: {error.strerror}.", path=str(path)
        ) from None


def _print_summary(console: Console, graph: XrefGraph) -> None:
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


# ----------------------------------------------------------------------------------------------- show


@dataclass(frozen=True)
class _Shown:
    """A profile as it is printed: with the first of its events."""

    id: str
    anchors: tuple[str, ...]
    ambiguous: bool
    identifiers: list[tuple[str, str]]
    events: list[tuple[Any, ...]]
    all_events: int


@app.command()
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
    _common(debug=debug, verbose=verbose)
    if results is None or profile is None:
        raise UsageError(
            "Which one? xrefgraph show RESULTS TYPE:VALUE, such as: show results db_id:123"
        )
    kind, colon, value = profile.partition(":")
    if not (kind and colon and value):
        raise UsageError("An identifier is written TYPE:VALUE, such as db_id:123.")
    found = (
        _of_folder(results, kind, value, limit)
        if results.is_dir()
        else _of_graph(results, kind, value, limit)
    )
    status = "ambiguous" if found.ambiguous else "anchored" if found.anchors else "anonymous"
    console = _console()
    console.print(Text(f"profile  {_printable(found.id)}", style="bold"), soft_wrap=True)
    if found.anchors:
        anchors = listing([_printable(one) for one in found.anchors], limit)
        why = "  (several, so its events belong to none of them)" if found.ambiguous else ""
        console.print(Text(f"anchor   {anchors}{why}"), soft_wrap=True)
    console.print(Text(f"status   {status}"))
    _print_grid(
        console,
        ("type", "value"),
        found.identifiers[:limit],
        counted(len(found.identifiers), "identifier"),
    )
    _print_more(console, len(found.identifiers) - limit, "identifier")
    _print_grid(
        console, ("source", "event_id", "time"), found.events, counted(found.all_events, "event")
    )
    _print_more(console, found.all_events - len(found.events), "event")


def _of_graph(path: Path, kind: str, value: str, limit: int) -> _Shown:
    with open_graph(path, read_only=True) as graph:
        profile = graph.profile(f"{kind}:{value}")
        # The graph has the times; it holds the links as well, which is why it is not asked for huge profiles.
        nodes = profile.graph.nodes if len(profile.events) < 100_000 else {}
        events = [
            (event.source, event.event_id, nodes[event]["time"] if event in nodes else None)
            for event in profile.events[:limit]
        ]
        return _Shown(
            profile.id,
            profile.anchors,
            profile.is_ambiguous,
            list(profile.identifiers),
            events,
            len(profile.events),
        )


#: The columns that are read of each table of a results folder. All are text: a file must not make a number of "007".
_READ = {
    "identifiers": ("type", "value", "profile_id", "status"),
    "profiles": ("profile_id", "anchor", "events", "ambiguous"),
    "events": ("source", "event_id", "time", "profile_id"),
}


def _of_folder(folder: Path, kind: str, value: str, limit: int) -> _Shown:
    formats = [form.value for form in Format if (folder / f"identifiers.{form.value}").is_file()]
    if not formats:
        raise StoreError(
            f"{str(folder)!r} holds no results: there is no identifiers.parquet, .csv or .json in it.",
            path=str(folder),
        )
    newest = max(formats, key=lambda form: (folder / f"identifiers.{form}").stat().st_mtime)
    database = Database()
    try:
        tables = {
            name: _scan(folder / f"{name}.{newest}", columns) for name, columns in _READ.items()
        }
        rows = database.rows(
            f"SELECT profile_id FROM {tables['identifiers']} WHERE type = $1 AND value = $2"
            " ORDER BY profile_id NULLS LAST",
            [kind, value],
        )
        if not rows or rows[0][0] is None:
            _say_unknown(database, tables["identifiers"], kind, refused=bool(rows), folder=folder)
        profile_id = rows[0][0]

        def of_profile(columns: str, table: str, most: str = "") -> list[tuple[Any, ...]]:
            query = f"SELECT {columns} FROM {tables[table]} WHERE profile_id = $1 {most}"
            return database.rows(query, [profile_id])

        identifiers = of_profile("type, value", "identifiers")
        ((count, ambiguous),) = of_profile("events, ambiguous", "profiles")
        events = of_profile("source, event_id, time", "events", f"LIMIT {limit}")
        # A profile with an anchor is named after it, which tells the type of the anchor.
        anchored = database.rows(
            f"SELECT profile_id FROM {tables['profiles']} WHERE anchor IS NOT NULL LIMIT 1"
        )
    finally:
        database.close()
    anchor = anchored[0][0].partition(":")[0] if anchored else None
    anchors = tuple(text for name, text in identifiers if name == anchor)
    return _Shown(
        profile_id,
        anchors,
        ambiguous == "true",
        [(k, v) for k, v in identifiers],
        events,
        int(count),
    )


def _scan(path: Path, columns: Sequence[str]) -> str:
    if not path.is_file():
        raise StoreError(
            f"{str(path.parent)!r} has no {path.name}, which belongs to the results.",
            path=str(path),
        )
    file = literal(glob.escape(str(path)))
    if path.suffix == ".csv":
        form = "all_varchar = true, header = true, delim = ',', quote = '\"', escape = '\"', max_line_size = 100000000"
        return f"read_csv({file}, {form})"
    if path.suffix == ".json":
        typed = ", ".join(f"{name}: 'VARCHAR'" for name in columns)
        form = (
            f"format = 'newline_delimited', columns = {{{typed}}}, maximum_object_size = 100000000"
        )
        return f"read_json({file}, {form})"
    return f"(SELECT {', '.join(f'{name}::VARCHAR AS {name}' for name in columns)} FROM read_parquet({file}))"


def _say_unknown(
    database: Database, identifiers: str, kind: str, *, refused: bool, folder: Path
) -> NoReturn:
    if refused:
        raise UnknownError(
            f"This {kind} links nothing: it was refused, or stands in contradictory events only."
            " See the table rejected."
        )
    types = [
        row[0] for row in database.rows(f"SELECT DISTINCT type FROM {identifiers} ORDER BY type")
    ]
    if kind not in types:
        raise UnknownError(
            f"{str(folder)!r} has no identifier type {kind!r}. It has: {listing(types) or 'none'}."
            f"{did_you_mean(kind, types)}"
        )
    raise UnknownError(
        f"No profile in {str(folder)!r} has this {kind}. It may not occur, or be spelled in another way."
    )


# ----------------------------------------------------------------------------------------------- demo


@app.command()
def demo(
    *,
    copy: Annotated[
        Path | None, typer.Option(help="Also put the files of the demo into this folder.")
    ] = None,
    debug: Debug = False,
    verbose: Verbose = False,
) -> None:
    """Link the visits that a partner reports to your users, on data that comes with the package."""
    _common(debug=debug, verbose=verbose)
    console = _console()
    users, visits, config = (EXAMPLES / name for name in ("users.csv", "visits.jsonl", "xref.toml"))
    if copy is not None:
        _copy_examples((users, visits, config), copy)
    with build(Source.from_toml(config), Schema.from_toml(config), keep_columns=["page"]) as graph:
        _head(console, "1. Your users: what they gave when they logged in (users.csv)")
        names, *lines = [line.split(",") for line in users.read_text(encoding="utf-8").splitlines()]
        _print_grid(console, names, lines)
        _head(console, "2. What a partner reports: visits, without your db_id (visits.jsonl)")
        events = [json.loads(line) for line in visits.read_text(encoding="utf-8").splitlines()]
        columns = ("visit", "visitor", "mail", "page")
        _print_grid(
            console, columns, [[event.get(column) for column in columns] for event in events]
        )
        _head(console, "3. What you declare: which columns are which identifiers (xref.toml)")
        console.print(Text(config.read_text(encoding="utf-8").strip(), style="dim"))
        _head(console, "4. Whose visits are they?")
        rows = graph.events.filter("source = 'visits'").rows()
        _print_grid(
            console,
            ("visit", "page", "db_id", "because"),
            [(row["event_id"], row["page"], row["anchor"], _because(row)) for row in rows],
        )
        console.print(
            "Visit 5 carries only the cookie ck-office; visit 4 had it together with the mail of user 102."
        )
        _head(console, "5. The same as a Python dict: graph.to_dict()")
        console.print(Text(_pretty(graph.to_dict())))
        _head(console, "6. What was refused, since it names nobody: graph.rejected")
        _print_grid(
            console,
            ("type", "value", "reason", "events"),
            [
                (row["type"], row["value"], row["reason"], row["events"])
                for row in graph.rejected.rows()
            ],
        )
        _head(console, "In short")
        _print_summary(console, graph)
    where = copy or Path("try")
    steps = [] if copy else [f"xrefgraph demo --copy {where}"]
    steps += [f"xrefgraph resolve --config {where}/xref.toml --out {where}/results"]
    steps += [f"xrefgraph show {where}/results db_id:102"]
    _head(console, "Try it yourself")
    for step in steps:
        console.print(Text(step), soft_wrap=True)


def _because(row: dict[str, Any]) -> str:
    match row["status"]:
        case "anchored":
            return f"its {row['via_type']} leads to this user, and to no other"
        case "ambiguous":
            return f"ambiguous: its {row['via_type']} leads to several users, so nobody gets it"
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


# ------------------------------------------------------------------------------------------- printing


def _console(*, stderr: bool = False) -> Console:
    stream = sys.stderr if stderr else sys.stdout
    # Into a pipe or a file, lines are as wide as they are readable.
    return Console(
        stderr=stderr, markup=False, highlight=False, width=None if stream.isatty() else 120
    )


@contextlib.contextmanager
def _busy(what: str) -> Iterator[None]:
    """Say on stderr what takes its time, while a person is looking."""
    with Console(stderr=True).status(what) if sys.stderr.isatty() else contextlib.nullcontext():
        yield


def _printable(value: Any, most: int = 80) -> str:
    """A value for a terminal: what is no printable character is escaped, and long text loses its middle."""
    if isinstance(value, dt.datetime):
        return value.isoformat(" ", "seconds")
    text = "" if value is None else str(value)
    if len(text) > most:
        text = f"{text[: most // 2]}…{text[-most // 2 + 1 :]}"
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def _head(console: Console, text: str) -> None:
    console.print()
    console.print(Text(text, style="bold"))


def _print_grid(
    console: Console, names: Sequence[str], rows: Sequence[Sequence[Any]], title: str | None = None
) -> None:
    grid = Grid(box=None, header_style="dim", pad_edge=False, padding=(0, 2, 0, 0))
    for name in names:
        grid.add_column(name, overflow="fold")
    for row in rows:
        grid.add_row(*(Text(_printable(cell)) for cell in row))
    if title is not None:
        _head(console, title)
    console.print(grid)


def _print_more(console: Console, more: int, noun: str) -> None:
    if more > 0:
        console.print(f"+{more:,} more {noun if more == 1 else noun + 's'} (--limit shows more)")


# ----------------------------------------------------------------------------------------------- main


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and leave with its exit code.

    Parameters
    ----------
    arguments : sequence of str, optional
        Without it, those of the process.
    """
    _asked.clear()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(
                errors="backslashreplace"
            )  # a value that the terminal has no letters for
    sys.exit(_run(arguments))


def _run(arguments: Sequence[str] | None) -> int:
    try:
        command = typer.main.get_command(app)
        given = None if arguments is None else list(arguments)
        code = command.main(args=given, prog_name="xrefgraph", standalone_mode=False)
        sys.stdout.flush()
        return _fail("interrupted.", 130) if code == 130 else code if isinstance(code, int) else 0
    except (KeyboardInterrupt, typer.Abort):
        return _fail("interrupted.", 130)
    except BrokenPipeError:
        # Whoever was reading has gone, as in `xrefgraph show ... | head`; nothing more can be told.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except UsageError as error:
        return _fail(str(error), 2)
    except XrefGraphError as error:
        return _fail(str(error), 1)
    except MemoryError:
        return _fail("there is not enough memory. --memory-limit 500MB makes it spill to disk.", 1)
    except Exception as error:  # noqa: BLE001  (the last stop: its text may quote a value, so only its kind is said)
        if isinstance(error, _TYPER_USAGE):
            return _usage(error)
        return _fail(f"this should not happen ({type(error).__name__}). --debug shows where.", 1)


def _usage(error: Any) -> int:
    context = getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError" and context is not None:
        sys.stderr.write(f"{context.get_help()}\n")
        return 2
    command = context.command_path if context is not None else "xrefgraph"
    return _fail(f"{error.format_message()} ({command} --help says what there is)", 2)


def _fail(message: str, code: int) -> int:
    if "debug" in _asked and sys.exc_info()[0] is not None:
        traceback.print_exc()
    sys.stderr.write(f"error: {' '.join(message.split())}\n")
    return code


if __name__ == "__main__":
    main()
