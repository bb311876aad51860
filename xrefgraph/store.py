"""The tables of a graph: in memory or in a file, one DuckDB database in one format.

``store.value``     every text that came in or was made of one: type, text, what it stands for, its profile
``store.member``    the identifiers of each profile, with their events and times; sorted by profile
``store.owned``     who owned an identifier that changed hands, and when
``store.profile``   the profiles, numbered by their strongest identifier
``store.eventset``  the sets of alike events, numbered in the order of profiles
``store.link``      what the events of a set carry, as it came in; sorted by set
``store.event``     the events, sorted by set
``store.cut``       links that were cut, by events
``store.rejected``  values that link nothing
``store.source``, ``store.meta``

Sorted storage does what indexes do, at half the size: all rows of a profile lie side by side, and DuckDB
skips the blocks that hold others.

They are made by :mod:`xrefgraph.building`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from xrefgraph.database import Database, literal, quoted
from xrefgraph.decisions import Decision
from xrefgraph.errors import StoreError, listing
from xrefgraph.events import Staged, StagedSource
from xrefgraph.profiles import ANCHORED, STATUSES
from xrefgraph.schema import Schema

#: The version of the format of a file. Another one is refused.
FORMAT = 2


@dataclass(frozen=True)
class Store:
    """The tables of a graph, once they are all made, and what they refer to by number.

    Parameters
    ----------
    database : Database
        With the tables above.
    schema : Schema
        Its types, by rank.
    sources : tuple of StagedSource
        By number.
    kept : tuple of str
        The columns that were carried along.
    """

    database: Database
    schema: Schema
    sources: tuple[StagedSource, ...]
    kept: tuple[str, ...]

    @property
    def source_names(self) -> list[str]:
        """The names of the sources, by number."""
        return [one.name for one in self.sources]


def enum(names: list[str] | tuple[str, ...]) -> str:
    """Give the SQL of an enumeration type."""
    return (
        f"ENUM({', '.join(literal(name) for name in dict.fromkeys(names))})" if names else "VARCHAR"
    )


def choice(number: str, names: tuple[str, ...] | list[str]) -> str:
    """Give the SQL of the name that a number stands for, as an enumeration."""
    kind = enum(names)
    cases = " ".join(f"WHEN {n} THEN {literal(name)}::{kind}" for n, name in enumerate(names))
    return f"CASE {number} {cases} END" if names else "NULL::VARCHAR"


def profile_id_sql(rank: str, text: str, schema: Schema) -> str:
    """Give the SQL of ``type:value``, of the rank of the type and the text of the value."""
    names = " ".join(f"WHEN {n} THEN {literal(name + ':')}" for n, name in enumerate(schema.names))
    return f"CASE {rank} {names} END || {text}"


# ------------------------------------------------------------------------------ what the tables mean


def events_view(
    sources: Sequence[StagedSource],
    kept: Sequence[str],
    labels: str,
    tables: str,
    *,
    ordered: bool = True,
) -> str:
    """Give the query of the events table.

    Parameters
    ----------
    sources : sequence of StagedSource
        The sources, in order.
    kept : sequence of str
        The kept columns.
    labels : str
        The SQL of profile_id, anchor, status, via_type and via_value.
    tables : str
        What is behind ``FROM``: the events as ``e``, joined with what labels them.
    ordered : bool
        Whether the events are sorted into input order. A join of DuckDB keeps none.
    """
    source = choice("e.source", [one.name for one in sources])
    keeps = "".join(f", e.kept_{n} AS {quoted(name)}" for n, name in enumerate(kept))
    query = f"SELECT {source} AS source, e.event_id::VARCHAR AS event_id, e.time, {labels}{keeps} FROM {tables}"
    return query + (" ORDER BY e.source, e.position" if ordered else "")


def views(
    schema: Schema, sources: Sequence[StagedSource], kept: Sequence[str], *, ordered: bool = True
) -> dict[str, str]:
    """Give the query of each public table; see :func:`events_view` for the arguments."""
    profile_id = profile_id_sql("n.type", "n.text", schema)
    labels = (
        f"SELECT s.set_number, {profile_id} AS profile_id,"
        f" CASE WHEN s.status = {ANCHORED} THEN n.text END AS anchor, {choice('s.status', STATUSES)} AS status,"
        f" {choice('v.type', schema.names)} AS via_type, v.text AS via_value FROM store.eventset s"
        " LEFT JOIN store.profile p USING (profile) LEFT JOIN store.value n ON p.name = n.no"
        " LEFT JOIN store.value v ON s.via = v.no"
    )
    named = f"SELECT p.*, n.type, n.text, {profile_id} AS profile_id FROM store.profile p JOIN store.value n ON p.name = n.no"
    status = choice("m.status", ("linked", "refused", "contested"))
    return {
        "events": events_view(
            sources,
            kept,
            "l.profile_id, l.anchor, l.status, l.via_type, l.via_value",
            f"store.event e LEFT JOIN ({labels}) l USING (set_number)",
            ordered=ordered,
        ),
        "identifiers": (
            f"SELECT {choice('v.type', schema.names)} AS type, v.text AS value, p.profile_id, m.events, m.first_seen, m.last_seen,"
            f" {status} AS status, o.valid_from, o.valid_to FROM store.member m"
            f" JOIN store.value v USING (no) LEFT JOIN ({named}) p ON m.profile = p.profile"
            " LEFT JOIN store.owned o ON m.no = o.no AND m.profile = o.profile"
            " ORDER BY v.no, o.valid_from NULLS FIRST, o.valid_to NULLS LAST, m.profile"
        ),
        "profiles": (
            "SELECT profile_id, CASE WHEN anchored AND NOT ambiguous THEN text END AS anchor, events, identifiers, first_seen,"
            f" last_seen, ambiguous, over_limit FROM ({named}) ORDER BY profile"
        ),
        "cuts": (
            f"SELECT {choice('c.source', [one.name for one in sources])} AS source, c.event_id,"
            f" {choice('v.type', schema.names)} AS type, v.text AS value, c.rule, c.reason,"
            f" {choice('a.type', schema.names)} AS type_a, a.text AS value_a, {choice('b.type', schema.names)} AS type_b, b.text AS value_b"
            " FROM store.cut c"
            " JOIN store.value v ON c.no = v.no LEFT JOIN store.value a ON c.a = a.no LEFT JOIN store.value b ON c.b = b.no"
            " ORDER BY c.source, c.position, c.no, c.rule"
        ),
        "rejected": (
            f"SELECT {choice('v.type', schema.names)} AS type, v.text AS value, r.reason, r.events,"
            f" {choice('r.source', [one.name for one in sources])} AS example_source, r.event_id AS example_event_id"
            " FROM store.rejected r JOIN store.value v USING (no) ORDER BY v.no, r.reason"
        ),
    }


def stored_counts(database: Database) -> dict[str, int]:
    """How many events of each status, events, identifiers and profiles there are, and links that were cut."""
    by_status = dict(
        database.rows("SELECT status, sum(events)::BIGINT FROM store.eventset GROUP BY status")
    )
    counts = {name: int(by_status.get(n, 0)) for n, name in enumerate(STATUSES)}
    identifiers, profiles, cuts = database.row(
        "SELECT (SELECT count(DISTINCT no) FROM store.member WHERE profile IS NOT NULL),"
        " (SELECT count(*) FROM store.profile),"
        " (SELECT count(*) FROM store.cut)"
    )
    return counts | {
        "events": sum(counts.values()),
        "identifiers": identifiers,
        "profiles": profiles,
        "cuts": cuts,
    }


# ----------------------------------------------------------------------------------------- the file


def write_meta(
    database: Database, schema: Schema, staged: Staged, idle: Sequence[Decision]
) -> None:
    """Write the format, the schema, the sources, and the decisions that do nothing."""
    database.run("CREATE TABLE store.meta (key VARCHAR, value VARCHAR)")
    functions = list(schema.functions)
    described = None if functions else json.dumps(schema.to_dict())
    for key, value in {
        "format": str(FORMAT),
        "schema": described,
        "functions": json.dumps(functions),
        "shape": json.dumps(_shape(schema)),
        "kept": json.dumps(staged.kept),
        "idle": json.dumps([schema.decisions.index(one) for one in idle]),
    }.items():
        database.run("INSERT INTO store.meta VALUES ($1, $2)", [key, value])
    database.run(
        "CREATE TABLE store.source (source SMALLINT, name VARCHAR, rows BIGINT, id_kind VARCHAR, anchor_kind VARCHAR, exceptions VARCHAR)"
    )
    for number, one in enumerate(staged.sources):
        database.run(
            "INSERT INTO store.source VALUES ($1, $2, $3, $4, $5, $6)",
            [number, one.name, one.rows, one.id_kind, one.anchor_kind, json.dumps(one.exceptions)],
        )


def _shape(schema: Schema) -> dict[str, Any]:
    """What the tables of a graph refer to by number or by name."""
    return {
        "types": list(schema.names),
        "anchor": schema.anchor,
        "decisions": len(schema.decisions),
    }


def read_meta(
    database: Database, path: str, schema: Schema | None
) -> tuple[Schema, list[StagedSource], tuple[str, ...], tuple[Decision, ...]]:
    """Read the schema, the sources, the kept columns, and the decisions that do nothing, of a file.

    Raises
    ------
    StoreError
        When the file is no graph, of a newer format, or of another schema than the one that is given.
    """
    if not database.rows(
        "SELECT 1 FROM duckdb_tables() WHERE schema_name = 'store' AND table_name = 'meta'"
    ):
        raise StoreError(f"{path} is a DuckDB file, but no graph of xrefgraph.", path=path)
    meta = dict(database.rows("SELECT key, value FROM store.meta"))
    if int(meta["format"]) > FORMAT:
        raise StoreError(
            f"{path} is of format {meta['format']}, which is newer than {FORMAT}, the newest that this version reads."
            " Update xrefgraph.",
            path=path,
        )
    if int(meta["format"]) < FORMAT:
        raise StoreError(
            f"{path} is of format {meta['format']}, from before the first release; this version reads {FORMAT}."
            " Build the graph again from its sources.",
            path=path,
        )
    if schema is None:
        if meta["schema"] is None:
            raise StoreError(
                f"The schema of {path} holds functions, which no file can: give it, with open(path, schema=...).",
                path=path,
            )
        schema = Schema.from_dict(json.loads(meta["schema"]))
    elif not isinstance(schema, Schema) or _shape(schema) != json.loads(meta["shape"]):
        raise StoreError(
            f"The schema that was given is not the one of {path}, which has the types"
            f" {listing(json.loads(meta['shape'])['types'])}: other types, another anchor, or other decisions."
            " Open it with its own, and apply other rules with rebuild(schema).",
            path=path,
        )
    rows = database.rows(
        "SELECT name, rows, id_kind, anchor_kind, exceptions FROM store.source ORDER BY source"
    )
    sources = [
        StagedSource(name, count, ids, anchors, json.loads(odd))
        for name, count, ids, anchors, odd in rows
    ]
    idle = tuple(schema.decisions[number] for number in json.loads(meta["idle"]))
    return schema, sources, tuple(json.loads(meta["kept"])), idle
