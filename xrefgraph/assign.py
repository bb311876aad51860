"""The founding question in bulk: whose rows are these?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from xrefgraph.database import Database, quoted
from xrefgraph.errors import SchemaError, SourceError, listing
from xrefgraph.events import raw_columns
from xrefgraph.identifiers import read_values
from xrefgraph.readers import Reader, open_reader
from xrefgraph.schema import Schema, Source
from xrefgraph.store import profile_id_sql
from xrefgraph.tables import Table


def assign_rows(
    database: Database, schema: Schema, data: Any, identifiers: Mapping[str, str | Sequence[str]] | Sequence[str] | None
) -> Table:
    """Give rows with the profile and the anchor of each; see :meth:`XrefGraph.assign`.

    Cost: linear in the rows, and one pass over the values of the graph for each identifier type.
    """
    run = f"assigned_{database.next_number()}"
    source = data if isinstance(data, Source) else Source(data, identifiers=identifiers or schema.names)
    optional = identifiers is None and not isinstance(data, Source)
    every = sorted({str(key) for row in data for key in row}) if isinstance(data, list) else []
    reader = open_reader(database, "the rows", f"{run}_lent", source, every)
    mapped = _mapped(reader, source, schema, optional=optional)
    database.run(f"CREATE TEMP TABLE {run} AS SELECT {reader.every_column()} FROM {reader.scan}")
    database.run(f"CREATE TEMP TABLE {run}_known (row_number BIGINT, rank UTINYINT, no INTEGER, profile INTEGER)")
    for rank, kind in enumerate(schema.ranked):
        if kind.name not in mapped:
            continue
        raws, several = raw_columns(reader, mapped[kind.name])
        cell = f"unnest({raws})" if several else raws
        database.run(
            f"CREATE OR REPLACE TEMP TABLE {run}_cells AS SELECT rowid AS row_number, {cell} AS raw FROM {run}"
        )
        distinct = f"SELECT DISTINCT raw FROM {run}_cells WHERE raw IS NOT NULL"
        plain = read_values(database, distinct, kind, f"{run}_read")
        text = "raw" if plain else "text"
        # The values of the graph pass by; the few of the rows are what is hashed.
        database.run(
            f"INSERT INTO {run}_known SELECT c.row_number, {rank}, r.no, r.profile FROM {run}_cells c JOIN"
            f" (SELECT d.raw, v.identifier AS no, v.profile FROM {run}_read d LEFT JOIN"
            f"  (SELECT v.* FROM store.value v SEMI JOIN {run}_read d ON v.text = d.{text} WHERE v.type = {rank}) v"
            f"  ON v.text = d.{text} WHERE d.{text} IS NOT NULL) r ON c.raw = r.raw"
        )
    anchored = "SELECT min(no) AS anchor_no, profile, count(*) AS anchors FROM store.value WHERE"
    own = "rank = 0" if schema.anchor is not None else "false"
    unique = (
        f"{anchored} type = 0 AND profile IN (SELECT profile FROM {run}_known) GROUP BY profile"
        if schema.anchor is not None
        else "SELECT NULL::INTEGER AS anchor_no, NULL::INTEGER AS profile, 0 AS anchors"
    )
    database.run(
        f"CREATE TEMP TABLE {run}_profiles AS SELECT row_number,"
        # Its own anchor decides, known or not; else the strongest profile, which is the smallest number.
        f" CASE WHEN bool_or({own}) THEN CASE WHEN count(DISTINCT no) FILTER ({own}) = count(*) FILTER ({own}) AND count(*) FILTER ({own}) = 1"
        f" THEN max(k.profile) FILTER ({own}) END"
        "  WHEN count(DISTINCT k.profile) FILTER (anchors > 0) > 1 THEN arg_min(k.profile, no) ELSE min(k.profile) END AS profile,"
        f" CASE WHEN bool_or({own}) THEN max(anchor_no) FILTER ({own} AND anchors = 1)"
        "  WHEN count(DISTINCT k.profile) FILTER (anchors > 0) = 1 AND max(anchors) = 1 THEN max(anchor_no) END AS anchor_no"
        f" FROM {run}_known k LEFT JOIN ({unique}) a ON k.profile = a.profile GROUP BY row_number"
    )
    names = f"SELECT profile, min(no) AS no FROM store.value WHERE profile IN (SELECT profile FROM {run}_profiles) GROUP BY profile"
    labels = (
        f"SELECT v.no, v.profile, v.text, {profile_id_sql('v', schema)} AS profile_id FROM store.value v WHERE no IN"
        f" (SELECT no FROM ({names}) UNION SELECT anchor_no FROM {run}_profiles)"
    )
    database.run(
        f"CREATE TEMP TABLE {run}_answer AS WITH names AS ({names}), labels AS ({labels}) SELECT p.row_number, l.profile_id,"
        f" a.text AS anchor FROM {run}_profiles p LEFT JOIN names n ON p.profile = n.profile LEFT JOIN labels l ON n.no = l.no"
        " LEFT JOIN labels a ON p.anchor_no = a.no"
    )
    for table in ("known", "cells", "read", "profiles"):
        database.run(f"DROP TABLE IF EXISTS {run}_{table}")
    others = [name for name in database.columns(f"SELECT * FROM {run}") if name not in ("profile_id", "anchor")]
    shown = "".join(f"r.{quoted(name)}, " for name in others)
    return Table(
        database,
        f"SELECT {shown}a.profile_id, a.anchor FROM {run} r LEFT JOIN {run}_answer a ON r.rowid = a.row_number ORDER BY r.rowid",
        "assigned",
    )


def _mapped(reader: Reader, source: Source, schema: Schema, *, optional: bool) -> dict[str, list[str]]:
    """The columns of each type that are there."""
    found: dict[str, list[str]] = {}
    for kind, columns in source.columns.items():
        schema.rank(kind)
        present = [column for column in columns if column in reader.columns]
        if len(present) < len(columns) and not optional and not reader.optional_columns:
            missing = next(column for column in columns if column not in reader.columns)
            raise SourceError(f"{reader.label} has no column {missing!r}. Its columns are: {listing(reader.columns)}.")
        if present:
            found[kind] = present
    if not found and not reader.optional_columns:
        raise SchemaError(
            f"No column of {reader.label} is named like an identifier type ({listing(schema.names)}). Its columns are:"
            f" {listing(reader.columns)}. Say which is which: assign(data, identifiers={{'cookie': 'cookie_id'}})."
        )
    return found
