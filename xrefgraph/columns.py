"""How the columns of a source are read: the SQL of ids, times and raw identifiers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from xrefgraph.database import quoted
from xrefgraph.errors import SourceError
from xrefgraph.hygiene import blank_sql, canonical_sql
from xrefgraph.readers import Reader
from xrefgraph.schema import Schema
from xrefgraph.sources import Source
from xrefgraph.times import time_sql


def with_several(
    readers: Sequence[Reader], pairs: Sequence[tuple[str, Source]], schema: Schema
) -> frozenset[int]:
    """Give the ranks of the types of which a row of some source has several values."""
    found = set()
    for reader, (_, source) in zip(readers, pairs, strict=True):
        for kind, columns in source.columns.items():
            present = [column for column in columns if column in reader.columns]
            if len(present) > 1 or any(_is_list(reader.columns[column]) for column in present):
                found.add(schema.rank(kind))
    return frozenset(found)


def _is_list(kind: str) -> bool:
    return kind.endswith("]") or kind == "JSON"


def _texts_sql(reader: Reader, column: str) -> tuple[str, bool]:
    """The SQL that reads an identifier column: as text, or as a list of texts."""
    kind, name = reader.columns[column], quoted(column)
    if kind == "JSON":
        # A cell of JSON lines may hold one value or a list, in one column.
        each = canonical_sql("each_one", "JSON")
        whole = f"CASE json_type({name}) WHEN 'ARRAY' THEN {name} -> '$[*]' ELSE [{name}] END"
        return f"list_transform({whole}, lambda each_one: {each})", True
    inner = re.sub(r"\[\d*\]$", "", kind)
    text = canonical_sql("each_one" if inner != kind else name, inner)
    if text is None or inner.endswith("]"):
        raise SourceError(
            f"The column {column!r} of {reader.label} holds {kind.split('(')[0]} values, which are no identifiers.",
            source=reader.name,
            column=column,
        )
    return (
        (f"list_transform({name}, lambda each_one: {text})", True)
        if inner != kind
        else (text, False)
    )


def shown_sql(column: str, kind: str) -> str:
    """Give the SQL of a column that is carried along: of JSON the text, without the quotes around it."""
    return f"({column} ->> '$')" if kind == "JSON" else column


def raw_columns(reader: Reader, columns: Sequence[str]) -> tuple[str, bool]:
    """Give the SQL of the raw identifiers of one type, and whether it is a list of texts."""
    several = len(columns) > 1 or any(_is_list(reader.columns[column]) for column in columns)
    return _raw_sql(reader, columns, several=several), several


def _raw_sql(reader: Reader, columns: Sequence[str], *, several: bool) -> str:
    """The SQL of the raw identifiers of one type."""
    found = [_texts_sql(reader, column) for column in columns if column in reader.columns]
    if not several:
        return found[0][0] if found else "NULL::VARCHAR"
    lists = [f"coalesce({text}, [])" if is_list else f"[{text}]" for text, is_list in found]
    if not lists:
        return "NULL::VARCHAR[]"
    every = lists[0] if len(lists) == 1 else f"list_concat({', '.join(lists)})"
    kept = f"list_filter({every}, lambda x: x IS NOT NULL AND NOT ({blank_sql('x')}))"
    return f"nullif(list_sort(list_distinct({kept})), [])"


@dataclass(frozen=True)
class StagedColumns:
    """The SQL of the staged columns of one source."""

    event_id: str | None
    integer: bool
    time: str
    rest: tuple[str, ...]


def staged_columns(
    reader: Reader,
    source: Source,
    schema: Schema,
    several: frozenset[int],
    keep_columns: Sequence[str],
) -> StagedColumns:
    """Give the SQL of all columns of a source that are staged.

    Raises
    ------
    SourceError
        When a column holds what is no id, no time, or no identifier.
    """
    event_id, integer = None, False
    if source.event_id in reader.columns:
        kind, name = reader.columns[source.event_id], quoted(source.event_id)
        integer = kind in (
            "TINYINT",
            "SMALLINT",
            "INTEGER",
            "BIGINT",
            "UTINYINT",
            "USMALLINT",
            "UINTEGER",
        )
        text = canonical_sql(name, kind)
        if text is None:
            raise SourceError(
                f"The column {source.event_id!r} of {reader.label} holds {kind} values, which are no ids."
            )
        event_id = (
            f"{name}::BIGINT"
            if integer
            else f"CASE WHEN {blank_sql(text)} THEN NULL ELSE {text} END"
        )
    time: str | None = "NULL::TIMESTAMP"
    if source.time in reader.columns:
        time = time_sql(quoted(source.time), reader.columns[source.time])
        if time is None:
            raise SourceError(
                f"The column {source.time!r} of {reader.label} holds {reader.columns[source.time]} values, which are no times."
            )
    rest = [
        f"{_raw_sql(reader, source.columns.get(kind, ()), several=rank in several)} AS raw_{rank}"
        for rank, kind in enumerate(schema.names)
    ]
    rest += [
        f"{shown_sql(quoted(column), reader.columns[column]) if column in reader.columns else 'NULL'} AS kept_{n}"
        for n, column in enumerate(keep_columns)
    ]
    return StagedColumns(event_id, integer, str(time), tuple(rest))
