"""The founding question in bulk: whose these rows are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from xrefgraph.columns import raw_columns, shown_sql
from xrefgraph.database import Database, quoted
from xrefgraph.errors import SchemaError, SourceError, listing
from xrefgraph.readers import Reader, open_reader
from xrefgraph.schema import Schema
from xrefgraph.sources import Source
from xrefgraph.store import profile_id_sql
from xrefgraph.tables import Table
from xrefgraph.values import read_values


def assign_rows(
    database: Database,
    schema: Schema,
    naming: str,
    data: Any,
    identifiers: Mapping[str, str | Sequence[str]] | Sequence[str] | None,
) -> Table:
    """Give rows with the profile and the anchor of each; see :meth:`XrefGraph.assign`.

    ``naming`` is a table that says how each profile is named, and whether it is anchored or ambiguous.

    Cost: linear in the rows, and one pass over the values of the graph for each identifier type.
    """
    run = f"assigned_{database.next_number()}"
    source = (
        data if isinstance(data, Source) else Source(data, identifiers=identifiers or schema.names)
    )
    optional = identifiers is None and not isinstance(data, Source)
    every = [str(column) for column in getattr(source.data, "columns", ())]
    if isinstance(source.data, list):
        every = list(dict.fromkeys(str(key) for row in source.data for key in row))
    reader = open_reader(database, "the rows", f"{run}_lent", source, every)
    mapped = _mapped(reader, source, schema, optional=optional)
    database.run(f"CREATE TEMP TABLE {run} AS SELECT {reader.every_column()} FROM {reader.scan}")
    database.run(
        f"CREATE TEMP TABLE {run}_known (row_number BIGINT, rank UTINYINT, no INTEGER, profile INTEGER)"
    )
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
    own = "rank = 0" if schema.anchor is not None else "false"
    # Its own anchor decides, known or not; else the strongest profile, which has the smallest number, unless
    # there are several people: then the profile of its strongest identifier, and no anchor.
    database.run(
        f"CREATE TEMP TABLE {run}_profiles AS SELECT row_number,"
        " CASE WHEN own > 0 THEN CASE WHEN own = 1 THEN own_profile END WHEN low < high THEN of_strongest ELSE lowest END AS profile,"
        " CASE WHEN own > 0 THEN own = 1 ELSE low = high AND NOT doubtful END AS certain"
        f" FROM (SELECT row_number, count(*) FILTER ({own}) AS own, max(k.profile) FILTER ({own}) AS own_profile,"
        " min(k.profile) AS lowest, min(k.profile) FILTER (anchored) AS low, max(k.profile) FILTER (anchored) AS high,"
        " bool_or(ambiguous) AS doubtful, arg_min(k.profile, no) AS of_strongest"
        f" FROM {run}_known k LEFT JOIN {naming} a ON k.profile = a.profile GROUP BY row_number)"
    )
    labels = (
        f"SELECT a.profile, {profile_id_sql('v.type', 'v.text', schema)} AS profile_id,"
        f" CASE WHEN a.anchored AND NOT a.ambiguous THEN v.text END AS anchor FROM store.value v"
        f" JOIN (SELECT * FROM {naming} WHERE profile IN (SELECT profile FROM {run}_profiles)) a ON v.no = a.name"
    )
    database.run(
        f"CREATE TEMP TABLE {run}_answer AS SELECT p.row_number, l.profile_id, CASE WHEN p.certain THEN l.anchor END AS anchor"
        f" FROM {run}_profiles p JOIN ({labels}) l ON p.profile = l.profile"
    )
    for table in ("known", "cells", "read", "profiles"):
        database.run(f"DROP TABLE IF EXISTS {run}_{table}")
    others = [
        name
        for name in database.columns(f"SELECT * FROM {run}")
        if name not in ("profile_id", "anchor")
    ]
    kinds = reader.columns
    shown = "".join(
        f"{shown_sql('r.' + quoted(name), kinds.get(name, ''))} AS {quoted(name)}, "
        for name in others
    )
    return Table(
        database,
        f"SELECT {shown}a.profile_id, a.anchor FROM {run} r LEFT JOIN {run}_answer a ON r.rowid = a.row_number ORDER BY r.rowid",
        "assigned",
    )


def _mapped(
    reader: Reader, source: Source, schema: Schema, *, optional: bool
) -> dict[str, list[str]]:
    """The columns of each type that are there."""
    found: dict[str, list[str]] = {}
    for kind, columns in source.columns.items():
        schema.rank(kind)
        present = [column for column in columns if column in reader.columns]
        if len(present) < len(columns) and not optional and not reader.optional_columns:
            missing = next(column for column in columns if column not in reader.columns)
            raise SourceError(
                f"{reader.label} has no column {missing!r}. Its columns are: {listing(reader.columns)}."
            )
        if present:
            found[kind] = present
    if not found and not reader.optional_columns:
        raise SchemaError(
            f"No column of {reader.label} is named like an identifier type ({listing(schema.names)}). Its columns are:"
            f" {listing(reader.columns)}. Say which is which: assign(data, identifiers={{'cookie': 'cookie_id'}})."
        )
    return found
