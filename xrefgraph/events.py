"""Sources -> one view of all events: the id, the time and the raw identifiers of each row.

A source is read by DuckDB wherever it can be. Large Parquet files stay where they are and are read again
when their events are asked for (and never silently if they changed); everything else is copied into the
database. Both give the same columns, so nothing behind this file knows the difference:

``source``, ``position`` (of the row in its source, from 0), ``event_id``, ``time`` (UTC), ``kept_0`` ...,
and for the identifier type of rank r, ``raw_r``: canonical text, or a sorted list of texts where a source
gives several values a row.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from xrefgraph.columns import StagedColumns, staged_columns, with_several
from xrefgraph.database import Database, literal, quoted
from xrefgraph.errors import (
    SchemaError,
    SourceChangedError,
    SourceError,
    StoreError,
    XrefGraphError,
    counted,
    did_you_mean,
    listing,
)
from xrefgraph.hygiene import kind_of_column
from xrefgraph.readers import Reader, open_reader
from xrefgraph.schema import Schema
from xrefgraph.sources import Source, source_name
from xrefgraph.times import given_sql, time_sql, unit_sql, unreadable

log = logging.getLogger(__name__)

#: From so many rows on, Parquet files are read where they are.
ROWS_IN_PLACE = 200_000


@dataclass(frozen=True)
class StagedSource:
    """What is known of one source after it was staged.

    ``files`` holds (path, size, time of change) of files that are read in place. ``id_kind`` and
    ``anchor_kind`` say what the text of ids and anchors was read from: see :func:`hygiene.native`; "infer"
    is a column of text in a CSV file, where only the values can tell.
    """

    name: str
    rows: int
    id_kind: str
    anchor_kind: str
    exceptions: dict[str, dict[str, str]] = field(default_factory=dict)
    files: tuple[tuple[str, int, int], ...] = ()


@dataclass(frozen=True)
class Staged:
    """All sources, staged: the view ``staged`` and what it holds.

    ``detached`` says whether the view has a column of this name, which tells events apart of which a decision
    detaches an identifier.
    """

    sources: tuple[StagedSource, ...]
    several: frozenset[int]
    kept: tuple[str, ...]
    integer_ids: bool
    detached: bool = False

    @property
    def rows(self) -> int:
        """The rows of all sources."""
        return sum(source.rows for source in self.sources)

    @property
    def in_place(self) -> bool:
        """Whether a source is read where it is."""
        return any(source.files for source in self.sources)

    def check_files(self) -> None:
        """See that the files that are read in place are still those that were read before.

        Raises
        ------
        SourceChangedError
            When one changed, or is gone.
        """
        for source in self.sources:
            for path, size, changed in source.files:
                if fingerprint(path) != (path, size, changed):
                    raise SourceChangedError(
                        f"{Path(path).name} changed, or went away, since the graph was built from it. A graph in"
                        " memory reads large Parquet files where they are: build it again, or build it with"
                        " database='graph.xref', which keeps its own copy.",
                        source=source.name,
                    )


def fingerprint(path: str) -> tuple[str, int, int]:
    """Path, size in bytes, and time of change in nanoseconds of a file (-1 where it is gone)."""
    try:
        status = Path(path).stat()
    except OSError:
        return path, -1, -1
    return path, status.st_size, status.st_mtime_ns


def named(sources: Sequence[Source]) -> list[tuple[str, Source]]:
    """Give each source its name.

    Raises
    ------
    SchemaError
        When two have the same one.
    """
    found: list[tuple[str, Source]] = []
    for number, source in enumerate(sources, 1):
        from_path = source_name(source.data) if isinstance(source.data, str | Path) else None
        name = source.name or from_path or f"source_{number}"
        if any(name == other for other, _ in found):
            raise SchemaError(
                f"Two sources are named {name!r}. Give them names: Source(..., name='visits')."
            )
        found.append((name, source))
    return found


def stage(
    database: Database,
    sources: Sequence[Source],
    schema: Schema,
    keep_columns: Sequence[str] = (),
) -> Staged:
    """Read all sources into the view ``staged``.

    Parameters
    ----------
    database : Database
        Where the view is made.
    sources : sequence of Source
        In the order that counts as the order of input.
    schema : Schema
        The types, which give the order of the raw columns.
    keep_columns : sequence of str
        Columns to carry along.

    Returns
    -------
    Staged

    Raises
    ------
    SchemaError
        When a source names an unknown type, or a type has no column anywhere.
    SourceError
        When a column is missing, or a value cannot be read.
    """
    pairs = named(sources)
    _check_types(pairs, schema)
    readers: list[Reader] = []
    for number, (name, source) in enumerate(pairs):
        readers.append(open_reader(database, name, f"frame_{number}", source, keep_columns))
        _check_columns(readers[-1], source)
    for column in keep_columns:
        if readers and not any(column in reader.columns for reader in readers):
            every = list(dict.fromkeys(name for reader in readers for name in reader.columns))
            raise SourceError(
                f"No source has the column {column!r} of keep_columns.{did_you_mean(column, every)}",
                column=column,
            )
    several = with_several(readers, pairs, schema)
    staged, selects, integers = [], [], True
    for number, (reader, (name, source)) in enumerate(zip(readers, pairs, strict=True)):
        columns = staged_columns(reader, source, schema, several, keep_columns)
        query, rows, integer, files = _stage_one(database, reader, number, source, columns)
        staged.append(StagedSource(name, rows, *_kinds(reader, source, schema), files))
        selects.append(query)
        integers = integers and integer
        log.info("read %s: %s", name, counted(rows, "row"))
    _union(database, selects, schema, several, len(keep_columns), integers=integers)
    return Staged(tuple(staged), several, tuple(keep_columns), integers)


def _kinds(
    reader: Reader, source: Source, schema: Schema
) -> tuple[str, str, dict[str, dict[str, str]]]:
    """What ids and anchors were read from, and which values were read from something else."""

    def kind(columns: Sequence[str]) -> str:
        found = [
            reader.kinds.get(c) or kind_of_column(reader.columns[c])
            for c in columns
            if c in reader.columns
        ]
        return found[0] if found else "text"

    ids = [source.event_id] if source.event_id else []
    anchors = source.columns.get(schema.anchor or "", ())
    odd = {
        role: {
            text: kind
            for column in columns
            for text, kind in reader.exceptions.get(column, {}).items()
        }
        for role, columns in (("event_id", ids), ("anchor", anchors))
    }
    return kind(ids), kind(anchors), {role: found for role, found in odd.items() if found}


def _union(
    database: Database,
    selects: Sequence[str],
    schema: Schema,
    several: frozenset[int],
    kept: int,
    *,
    integers: bool,
) -> None:
    """Make the view ``staged`` of the rows of all sources."""
    raws = [f"raw_{rank}" for rank in range(len(schema.names))]
    others = [*raws, *(f"kept_{n}" for n in range(kept))]
    if not selects:
        kinds = ["VARCHAR[]" if rank in several else "VARCHAR" for rank in range(len(raws))]
        nothing = ", ".join(f"NULL::{kind} AS {raw}" for raw, kind in zip(raws, kinds, strict=True))
        keeps = "".join(f", NULL::VARCHAR AS kept_{n}" for n in range(kept))
        selects = [
            f"SELECT 0 AS source, 0 AS position, '' AS event_id, NULL::TIMESTAMP AS time, {nothing}{keeps} WHERE false"
        ]
    event_id = "event_id" if integers else "event_id::VARCHAR AS event_id"
    parts = [
        f"SELECT source::SMALLINT AS source, position::BIGINT AS position, {event_id}, time, {', '.join(others)} FROM ({one})"
        for one in selects
    ]
    database.run(f"CREATE OR REPLACE TEMP VIEW staged AS {' UNION ALL '.join(parts)}")


def _check_types(pairs: Sequence[tuple[str, Source]], schema: Schema) -> None:
    mapped: set[str] = set()
    for name, source in pairs:
        for kind in source.columns:
            if kind not in schema.names:
                raise SchemaError(
                    f"The source {name!r} maps the identifier type {kind!r}, which the schema does not declare. It"
                    f" declares: {listing(schema.names)}.{did_you_mean(kind, schema.names)}",
                    source=name,
                )
            mapped.add(kind)
    for kind in schema.names:
        if pairs and kind not in mapped:
            raise SchemaError(
                f"The identifier type {kind!r} has no column in any source. Map it to one, or leave it out."
            )


def _check_columns(reader: Reader, source: Source) -> None:
    """Say which column is missing, unless the source is rows of dicts, where a missing key is absent."""
    wanted = [column for several in source.columns.values() for column in several]
    wanted += [column for column in (source.event_id, source.time) if column is not None]
    for column in wanted:
        if column in reader.columns:
            continue
        message = (
            f"{reader.label} has no column {column!r}. Its columns are: {listing(reader.columns)}."
            f"{did_you_mean(column, reader.columns)}"
        )
        if not reader.optional_columns:
            raise SourceError(message, source=reader.name, column=column)
        if reader.columns:
            log.warning("%s", message)


def _stage_one(
    database: Database,
    reader: Reader,
    number: int,
    source: Source,
    columns: StagedColumns,
) -> tuple[str, int, bool, tuple[tuple[str, int, int], ...]]:
    """Stage one source: the query that gives its rows, their number, whether its ids are integers, its files."""
    before = tuple(fingerprint(path) for path in reader.files)
    stays = reader.position is not None and int(reader.rows or 0) >= ROWS_IN_PLACE
    if stays and columns.event_id is not None:
        stays = _ids_in_statistics(database, reader, str(source.event_id)) or (
            database.row(f"SELECT count(*) - count({columns.event_id}) FROM {reader.scan}")[0] == 0
        )
    body = ", ".join([f"{columns.time} AS time", *columns.rest])
    if stays:
        _check_times(database, reader, source, f"{reader.scan}", str(reader.position))
        event_id = columns.event_id or f"'#' || ({reader.position} + 1)"
        query = f"SELECT {number} AS source, {reader.position} AS position, {event_id} AS event_id, {body} FROM {reader.scan}"
        return query, int(reader.rows or 0), columns.integer, before
    table = f"staged_{number}"
    given = ", ".join(
        f"{part} AS given_time"
        for part in ([quoted(source.time)] if source.time in reader.columns else [])
    )
    query = f"SELECT {columns.event_id or 'NULL::VARCHAR'} AS event_id, {body}{', ' + given if given else ''} FROM {reader.scan}"
    try:
        database.run(f"CREATE TEMP TABLE {table} AS {query}")
    except SourceError as error:
        raise SourceError(f"{reader.label}: {error}", source=reader.name) from None
    except XrefGraphError as error:
        # DuckDB says of a damaged file in many ways that it is.
        if reader.files and (isinstance(error, StoreError) or str(error).startswith("DuckDB:")):
            raise SourceError(
                f"{reader.label} is damaged, or went away while it was read.", source=reader.name
            ) from None
        raise
    if before != tuple(fingerprint(path) for path in reader.files):
        raise SourceChangedError(
            f"{reader.label} changed while it was read. Read it again.", source=reader.name
        )
    if given:
        _check_times(database, reader, source, table, "rowid", "given_time")
        database.run(f"ALTER TABLE {table} DROP COLUMN given_time")
    rows = int(database.row(f"SELECT count(*) FROM {table}")[0])
    integer = _make_ids(database, table, integer=columns.integer)
    return f"SELECT {number} AS source, rowid AS position, * FROM {table}", rows, integer, ()


def _ids_in_statistics(database: Database, reader: Reader, column: str) -> bool:
    """Whether the statistics of Parquet files tell that every row has an event id: no null, and no blank text.

    A text between "!" and "~" begins with a character that is seen, so it is not blank. Where the statistics
    are missing, or hold other text, they tell nothing.
    """
    files = ", ".join(literal(path) for path in reader.files)
    told = "coalesce(bool_and(stats_null_count = 0 AND (type NOT LIKE '%BYTE_ARRAY' OR (stats_min_value >= '!' AND stats_max_value <= '~'))), false)"
    return bool(
        database.row(
            f"SELECT {told} FROM parquet_metadata([{files}]) WHERE path_in_schema = {literal(column)}"
        )[0]
    )


def _check_times(
    database: Database,
    reader: Reader,
    source: Source,
    scan: str,
    position: str,
    column: str | None = None,
) -> None:
    """See that every time was read, and say in which unit numbers were."""
    if source.time not in reader.columns:
        return
    kind = reader.columns[source.time]
    cell = column or quoted(source.time)
    if not kind.startswith("TIMESTAMP") and kind != "DATE":
        bad = f"{given_sql(cell, kind)} AND ({time_sql(cell, kind)}) IS NULL"
        count, first = database.row(f"SELECT count(*), min({position}) FROM {scan} WHERE {bad}")
        if count:
            raise unreadable(reader.label, reader.name, source.time, first, count)
    unit = unit_sql(cell, kind)
    if unit is not None:
        for found, count in database.rows(
            f"SELECT {unit} AS unit, count(*) FROM {scan} GROUP BY unit ORDER BY unit"
        ):
            if found is not None:
                log.info("%s: %s read as %s since 1970", reader.name, counted(count, "time"), found)


def _make_ids(database: Database, table: str, *, integer: bool) -> bool:
    """Number the rows that have no event id; say whether all ids are integers afterwards."""
    missing = database.row(f"SELECT count(*) - count(event_id) FROM {table}")[0]
    if not missing:
        return integer
    if integer:
        database.run(f"ALTER TABLE {table} ALTER event_id TYPE VARCHAR")
    # A made id never equals a given one: numbers that are taken are passed over.
    taken = f"SELECT event_id[2:]::UBIGINT FROM {table} WHERE regexp_full_match(event_id, '#[1-9][0-9]{{0,17}}')"
    many = database.row(f"SELECT count(*) FROM ({taken})")[0]
    free = f"SELECT n, row_number() OVER (ORDER BY n) AS place FROM range(1, {missing + many + 1}) t(n) WHERE n NOT IN ({taken})"
    places = f"SELECT rowid AS id, row_number() OVER (ORDER BY rowid) AS place FROM {table} WHERE event_id IS NULL"
    database.run(
        f"UPDATE {table} SET event_id = '#' || made.n FROM (SELECT id, n FROM ({places}) JOIN ({free}) USING (place)) made"
        f" WHERE {table}.rowid = made.id"
    )
    return False
