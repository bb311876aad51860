"""What a source is: files, rows, frames, streams or relations, each as something that DuckDB can scan."""

from __future__ import annotations

import bz2
import csv
import datetime as dt
import glob
import gzip
import itertools
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from xrefgraph.database import Database, literal, quoted
from xrefgraph.errors import SourceError, StoreError, XrefGraphError, listing
from xrefgraph.hygiene import canonical, kind_of
from xrefgraph.sources import Source

_ENDINGS = {"csv": "csv", "tsv": "csv", "txt": "csv", "parquet": "parquet", "pq": "parquet"}
_ENDINGS |= {"json": "json", "jsonl": "json", "ndjson": "json"}


@dataclass(frozen=True)
class Reader:
    """A source, ready to be scanned.

    ``scan`` goes behind FROM; ``columns`` maps each column to its DuckDB type. ``position`` is the SQL of the
    number of a row, where the scan knows it. ``kinds`` and ``exceptions`` say what ids and anchors were read
    from, where the type of the column does not.
    """

    name: str
    label: str
    scan: str
    columns: dict[str, str]
    files: tuple[str, ...] = ()
    position: str | None = None
    rows: int | None = None
    optional_columns: bool = False
    kinds: dict[str, str] = field(default_factory=dict)
    exceptions: dict[str, dict[str, str]] = field(default_factory=dict)

    def every_column(self) -> str:
        """Give the SQL of all columns, as their users know them."""
        return (
            ", ".join(quoted(name) for name, kind in self.columns.items() if kind) or "1 AS nothing"
        )


def open_reader(
    database: Database, name: str, lent: str, source: Source, keep_columns: Sequence[str]
) -> Reader:
    """Open a source, whatever it is.

    Raises
    ------
    SourceError
        When it cannot be read.
    StoreError
        When a file is missing, or is a folder.
    """
    data = source.data
    if isinstance(data, str | Path):
        return _files(database, name, str(data))
    if isinstance(data, Mapping):
        raise SourceError(
            f"The source {name!r} is one dict. Give a list of dicts, one for each event.",
            source=name,
        )
    if hasattr(data, "write_parquet") and hasattr(
        data, "sqltype" if hasattr(data, "sqltype") else "alias"
    ):
        return _relation(database, name, lent, data)
    module = type(data).__module__.partition(".")[0]
    if module == "pandas":
        return _pandas(database, name, lent, data, source, keep_columns)
    if module in ("polars", "pyarrow") or hasattr(data, "__arrow_c_stream__"):
        return _arrow(database, name, lent, data)
    if isinstance(data, Iterable):
        return _rows(database, name, lent, data, source, keep_columns)
    raise SourceError(
        f"The source {name!r} is a {type(data).__name__}, which cannot be read. A source is a path, a glob, a list of"
        " dicts, a pandas or polars frame, an Arrow table or stream, or a DuckDB relation.",
        source=name,
    )


# ----------------------------------------------------------------------------------------- files


def _files(database: Database, name: str, path: str) -> Reader:
    files = (
        sorted(glob.glob(path, recursive=True))  # noqa: PTH207  (the pattern may be absolute)
        if re.search(r"[*?\[]", path) and not Path(path).exists()
        else [path]
    )
    label = Path(path).name or path
    if not files:
        raise StoreError(f"No file matches {path!r}.", path=path)
    for one in files:
        if Path(one).is_dir():
            raise StoreError(
                f"{one!r} is a folder. Name the file, or a glob such as {str(Path(one, '*.parquet'))!r}.",
                path=one,
            )
        if not Path(one).exists():
            near = (
                listing(sorted(p.name for p in Path(one).parent.glob("*.*"))[:5])
                if Path(one).parent.is_dir()
                else ""
            )
            raise StoreError(
                f"There is no file {one!r}.{f' Its folder holds: {near}.' if near else ''}",
                path=one,
            )
    endings = re.sub(r"\.(gz|zst|bz2)$", "", files[0].lower()).rpartition(".")[2]
    if endings not in _ENDINGS:
        raise SourceError(
            f"{label} has an ending that says nothing of its form. Known are: {listing(sorted(_ENDINGS))}.",
            source=name,
        )
    paths = "[" + ", ".join(literal(one) for one in files) + "]"
    form = _ENDINGS[endings]
    try:
        if form == "parquet":
            return _parquet(database, name, label, files, paths)
        return (
            _csv(database, name, label, files, paths)
            if form == "csv"
            else _json(database, name, label, files, paths)
        )
    except SourceError as error:
        raise SourceError(f"{label}: {error}", source=name) from None
    except XrefGraphError:
        # DuckDB says of a damaged file in many ways that it is.
        raise SourceError(
            f"{label} is not a {form} file that can be read: it is damaged, or of another form.",
            source=name,
        ) from None


def _parquet(database: Database, name: str, label: str, files: list[str], paths: str) -> Reader:
    union = ", union_by_name = true" if len(files) > 1 else ""
    columns = database.columns(f"SELECT * FROM read_parquet({paths}{union})")
    counts = dict(database.rows(f"SELECT file_name, num_rows FROM parquet_file_metadata({paths})"))
    starts = list(itertools.accumulate((int(counts[one]) for one in files), initial=0))
    position = "file_row_number"
    if len(files) > 1:
        begins = " ".join(
            f"WHEN {literal(one)} THEN {start}" for one, start in zip(files, starts, strict=False)
        )
        position = f"(CASE filename {begins} END + file_row_number)"
    scan = f"read_parquet({paths}, file_row_number = true{union}{', filename = true' if len(files) > 1 else ''})"
    return Reader(name, label, scan, columns, tuple(files), position, starts[-1])


def _csv(database: Database, name: str, label: str, files: list[str], paths: str) -> Reader:
    if all(Path(one).stat().st_size == 0 for one in files):
        raise SourceError("the file is empty; it has not even a header.")
    header = _header(files[0])
    # Sniffing types would read 007 as 7: everything is text. The header is what it is, never guessed.
    separator = _separator(header)
    options = (
        f"all_varchar = true, header = true, delim = {literal(separator)}, quote = '\"', escape = '\"', auto_detect = false,"
        f" max_line_size = 67108864, buffer_size = 134217728, columns = {{COLUMNS}}"
    )
    names = _split_header(header, separator)
    twice = sorted({one for one in names if names.count(one) > 1})
    if twice:
        raise SourceError(
            f"the header has the column {twice[0]!r} more than once. Rename one of them."
        )
    struct = "{" + ", ".join(f"{literal(one)}: 'VARCHAR'" for one in names) + "}"
    scan = f"read_csv({paths}, {options.replace('{COLUMNS}', struct)})"
    columns = database.columns(f"SELECT * FROM {scan}")
    return Reader(name, label, scan, columns, tuple(files), kinds=dict.fromkeys(columns, "infer"))


def _header(path: str) -> str:
    opener: Any = {"gz": gzip.open, "bz2": bz2.open}.get(path.rpartition(".")[2], open)
    try:
        with opener(path, "rt", encoding="utf-8-sig", newline="") as file:
            text = str(file.readline(64_000_000))
            # A quoted name may hold line breaks.
            while text.count('"') % 2 and len(text) < 64_000_000:
                more = file.readline(64_000_000)
                if not more:
                    raise SourceError("a quote in the header is never closed.")
                text += more
    except UnicodeDecodeError:
        raise SourceError("the header is not UTF-8 text. Convert the file to UTF-8.") from None
    except (OSError, EOFError):
        raise SourceError("the file is damaged: it cannot be decompressed.") from None
    return text.rstrip("\r\n")


def _separator(header: str) -> str:
    bare = re.sub(r'"[^"]*"', "", header)
    return max(",;\t|", key=lambda c: (bare.count(c), c == ","))


def _split_header(header: str, separator: str) -> list[str]:
    names = next(csv.reader([header.replace("\0", "")], delimiter=separator), [])
    return [name or f"column{n}" for n, name in enumerate(names)]


def _json(database: Database, name: str, label: str, files: list[str], paths: str) -> Reader:
    sniffed = database.columns(
        f"SELECT * FROM read_json({paths}, sample_size = -1, maximum_object_size = 67108864)"
    )
    # Each cell as JSON: sniffing types would read texts that look like dates as dates.
    struct = "{" + ", ".join(f"{literal(one)}: 'JSON'" for one in sniffed) + "}"
    scan = f"read_json({paths}, columns = {struct}, maximum_object_size = 67108864)"
    kinds = {}
    for column, kind in sniffed.items():
        numbers = kind.rstrip("[]").endswith(("INT", "INTEGER"))
        kinds[column] = (
            "integer"
            if numbers
            else "number"
            if kind == "DOUBLE"
            else "boolean"
            if kind == "BOOLEAN"
            else "text"
        )
    return Reader(name, label, scan, dict.fromkeys(sniffed, "JSON"), tuple(files), kinds=kinds)


# ---------------------------------------------------------------------------------- in memory


def _relation(database: Database, name: str, lent: str, relation: Any) -> Reader:
    # It belongs to another connection; a file between the two needs no Arrow and no memory.
    path = str(database.spill_folder / f"{lent}.parquet")
    relation.write_parquet(path)
    reader = _parquet(database, name, f"the relation {name!r}", [path], f"[{literal(path)}]")
    return Reader(name, reader.label, reader.scan, reader.columns, (), None, reader.rows)


def _arrow(database: Database, name: str, lent: str, data: Any) -> Reader:
    try:
        import pyarrow
    except ImportError:
        raise XrefGraphError(
            "Reading Arrow and polars data needs pyarrow: pip install 'xrefgraph[arrow]'."
        ) from None
    if hasattr(data, "collect") and not isinstance(data, pyarrow.Table):
        data = data.collect()  # a lazy polars frame
    if hasattr(data, "to_arrow"):
        data = data.to_arrow()  # a polars frame
    table = data if isinstance(data, pyarrow.Table | pyarrow.RecordBatchReader) else None
    if table is None and isinstance(data, pyarrow.RecordBatch):
        table = pyarrow.Table.from_batches([data])
    if table is None:
        # A stream is read once, as it comes.
        table = pyarrow.RecordBatchReader.from_stream(data)
    names = table.schema.names
    _no_doubles(name, names)
    database.connection.register(lent, table)
    return Reader(name, f"the source {name!r}", lent, database.columns(f"SELECT * FROM {lent}"))


@dataclass(frozen=True)
class _Column:
    """A column of Python values, read: its DuckDB type, its texts, and what they were read from."""

    type: str
    texts: list[str | None]
    kind: str
    exceptions: dict[str, str]


def _wanted(source: Source, keep_columns: Sequence[str]) -> set[str]:
    wanted = {column for several in source.columns.values() for column in several}
    return (
        wanted
        | {column for column in (source.event_id, source.time) if column is not None}
        | set(keep_columns)
    )


def _pandas(
    database: Database,
    name: str,
    lent: str,
    frame: Any,
    source: Source,
    keep_columns: Sequence[str],
) -> Reader:
    if not hasattr(frame, "columns"):
        raise SourceError(
            f"The source {name!r} is a pandas {type(frame).__name__}, not a frame.", source=name
        )
    names = [str(column) for column in frame.columns]
    _no_doubles(name, names)
    wanted = _wanted(source, keep_columns)
    # A column of Python objects may hold anything in each cell, so Python reads it. The others are DuckDB's.
    columns: dict[str, _Column] = {}
    typed = []
    for column, key in zip(frame.columns, names, strict=True):
        if key not in wanted:
            continue
        kind = str(frame[column].dtype)
        if kind.startswith(("int", "uint", "float", "bool", "datetime64")):
            typed.append(column)
        else:
            columns[key] = _python_column(
                name, key, frame[column].tolist(), time=key == source.time
            )
    wide = frame[typed].copy(deep=False)
    wide.columns = [str(column) for column in typed]
    return _lend(database, name, lent, columns, names=names, frame=wide, rows=len(frame))


def _rows(
    database: Database,
    name: str,
    lent: str,
    data: Iterable[Any],
    source: Source,
    keep_columns: Sequence[str],
) -> Reader:
    rows = list(data)
    for n, row in enumerate(rows):
        if not isinstance(row, Mapping):
            raise SourceError(
                f"Row {n + 1:,} of {name!r} is a {type(row).__name__}, not a dict.",
                source=name,
                row=n + 1,
            )
    names = list(dict.fromkeys(key for row in rows for key in row if isinstance(key, str)))
    wanted = _wanted(source, keep_columns)
    columns = {
        key: _python_column(name, key, [row.get(key) for row in rows], time=key == source.time)
        for key in names
        if key in wanted
    }
    reader = _lend(database, name, lent, columns, names=names, frame=None, rows=len(rows))
    return replace(reader, optional_columns=True)


def _python_column(source: str, column: str, values: Sequence[Any], *, time: bool) -> _Column:
    """Read a column of Python values. Lists travel as JSON text, since arrays of objects hold no lists."""
    texts: list[str | None] = []
    kinds: dict[str, str] = {}
    containers = (list, tuple, set, frozenset, np.ndarray)
    several = any(isinstance(value, containers) for value in values)
    for n, value in enumerate(values):
        where = {"source": source, "column": column, "row": n + 1}
        try:
            if several:
                found = [
                    text
                    for text in map(canonical, value if isinstance(value, containers) else [value])
                    if text
                ]
                texts.append(json.dumps(sorted(found)) if found else None)
                continue
            text = canonical(value)
            if time and text is not None and isinstance(value, dt.date):
                text = value.isoformat()
        except UnicodeError:
            raise SourceError(
                f"Row {n + 1:,} of {source!r} has a value in {column!r} that is not UTF-8 text.",
                **where,
            ) from None
        except TypeError as error:
            raise SourceError(
                f"Row {n + 1:,} of {source!r} has a {error} in {column!r}, which is no identifier.",
                **where,
            ) from None
        texts.append(text)
        if text is not None:
            kinds.setdefault(text, kind_of(value))
    first = next(iter(kinds.values()), "text")
    odd = {text: kind for text, kind in kinds.items() if kind != first}
    small = first == "integer" and not odd and all(len(text) < 19 for text in kinds)
    return _Column("VARCHAR[]" if several else "BIGINT" if small else "VARCHAR", texts, first, odd)


def _lend(
    database: Database,
    name: str,
    lent: str,
    columns: Mapping[str, _Column],
    *,
    names: Sequence[str],
    frame: Any,
    rows: int,
) -> Reader:
    """Lend columns of text, and a frame of typed columns beside them, to DuckDB."""
    arrays = {
        f"c{n}": np.array(column.texts, dtype=object) for n, column in enumerate(columns.values())
    }
    arrays["row_number"] = np.arange(rows)
    database.connection.register(lent, arrays)
    casts = {"VARCHAR": "{}", "BIGINT": "{}::BIGINT", "VARCHAR[]": "from_json({}, '[\"VARCHAR\"]')"}
    parts = {
        key: casts[column.type].format(f"c{n}::VARCHAR")
        for n, (key, column) in enumerate(columns.items())
    }
    scan = lent
    if frame is not None and len(frame.columns):
        database.connection.register(f"{lent}_typed", frame)
        scan += f" POSITIONAL JOIN {lent}_typed"
        parts |= {key: f"{lent}_typed.{quoted(key)}" for key in frame.columns}
    scan = f"(SELECT {', '.join(f'{parts[key]} AS {quoted(key)}' for key in names if key in parts) or 'row_number'} FROM {scan})"
    types = database.columns(f"SELECT * FROM {scan}")
    return Reader(
        name,
        f"the source {name!r}",
        scan,
        {key: types[key] if key in parts else "" for key in names},
        rows=rows,
        kinds={key: column.kind for key, column in columns.items()},
        exceptions={key: column.exceptions for key, column in columns.items()},
    )


def _no_doubles(name: str, columns: Sequence[str]) -> None:
    for column in columns:
        if list(columns).count(column) > 1:
            raise SourceError(
                f"The source {name!r} has the column {column!r} more than once. Rename one of them.",
                source=name,
                column=column,
            )
