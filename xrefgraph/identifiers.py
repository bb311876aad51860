"""Identifiers: values read, numbered and refused; alike events grouped into sets; the incidence.

Events that carry exactly the same raw identifiers are one *set*. Only sets travel from here on: ten million
events are some three million sets, and every value is read once, not once an event. The incidence (set,
identifier), two integer arrays, is the graph.

Values are numbered in the order of the rules, strongest type first and then by text, so the smaller number
is the stronger identifier, whatever the order of the rows.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from xrefgraph.database import Database, literal
from xrefgraph.errors import XrefGraphError, counted
from xrefgraph.events import Staged
from xrefgraph.hygiene import (
    blank_sql,
    denied_values,
    junk_sql,
    normalize,
    normalize_sql,
    plain_sql,
    refusal,
    refusal_sql,
    suspicious_sql,
)
from xrefgraph.schema import IdentifierType, Schema

log = logging.getLogger(__name__)

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Incidence:
    """Which set of events carries which identifier: the bipartite graph, as arrays.

    Parameters
    ----------
    link_set, link_identifier : int32[links]
        One entry a link, in no order that matters. Links of contradictory sets are among them.
    strongest : int32[sets]
        The strongest identifier of a set, -1 for a set that carries none.
    contradictory : bool[sets]
        Whether a set carries two values of a unique type.
    events : int64[sets]
        How many events a set stands for.
    bounds : tuple of int
        Where the numbers of each type begin, by rank, and the number of all values.
    key : str
        The SQL by which an event finds its set.
    """

    link_set: Ints
    link_identifier: Ints
    strongest: Ints
    contradictory: Flags
    events: Longs
    bounds: tuple[int, ...]
    key: str


# ------------------------------------------------------------------------------- reading of values


def read_values(database: Database, distinct: str, kind: IdentifierType, table: str) -> bool:
    """Read each distinct raw value once: what it is after normalising, or why it is refused.

    Parameters
    ----------
    database : Database
        Where the table is made.
    distinct : str
        A query that gives a column ``raw`` of distinct texts.
    kind : IdentifierType
        Their type.
    table : str
        The table to make: ``raw``, ``text`` (null where the value is absent or refused), ``reason``.

    Returns
    -------
    bool
        Whether every value is an identifier as it stands.

    Raises
    ------
    XrefGraphError
        When a normaliser of the user raises.
    """
    if _is_plain(database, distinct, kind, table):
        return True
    steps = [step for step in kind.normalizers if not callable(step)]
    denied = denied_values(kind)
    with _Denied(database, denied) as denied_sql:
        plain, text = plain_sql("raw", kind), normalize_sql("raw", steps)
        reason = refusal_sql("text", kind, steps, denied_sql)
        database.run(
            f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT raw, CASE WHEN reason IS NULL THEN text END AS text, reason, plain FROM ("
            f" SELECT *, CASE WHEN plain AND NOT {blank_sql('raw')} THEN {reason} END AS reason FROM ("
            f" SELECT raw, {plain} AS plain, CASE WHEN {plain} AND NOT {blank_sql('raw')} THEN {text} END AS text FROM ({distinct})))"
        )
    for raws in _batches(
        database, f"SELECT raw FROM {table} WHERE NOT plain AND NOT {blank_sql('raw')}"
    ):
        texts, reasons = zip(*(_read(raw, kind, denied) for raw in raws), strict=True)
        columns = {"raw": raws, "new_text": texts, "new_reason": reasons}
        with database.registered(
            **{name: np.array(values, dtype=object) for name, values in columns.items()}
        ) as lent:
            database.run(
                f"UPDATE {table} SET text = lent.new_text::VARCHAR, reason = lent.new_reason::VARCHAR FROM {lent} lent"
                f" WHERE {table}.raw = lent.raw::VARCHAR"
            )
    database.run(f"ALTER TABLE {table} DROP COLUMN plain")
    return False


def _is_plain(database: Database, distinct: str, kind: IdentifierType, table: str) -> bool:
    """Whether there is nothing to do for a type: no rule of its own, and no blank or junk among its values."""
    if kind.normalizers or kind.deny or kind.deny_patterns or kind.accept is not None:
        return False
    database.run(f"CREATE OR REPLACE TEMP TABLE {table} AS {distinct}")
    odd = blank_sql("raw")
    if kind.deny_defaults:
        odd = f"({odd} OR {junk_sql('raw')} OR NOT {plain_sql('raw', kind)})"
    database.run(
        f"CREATE OR REPLACE TEMP TABLE suspicious AS SELECT raw FROM {table} WHERE {suspicious_sql('raw')}"
    )
    found = database.row(f"SELECT count(*) FROM suspicious WHERE {odd}")[0]
    database.run("DROP TABLE suspicious")
    return not found


def _read(raw: str, kind: IdentifierType, denied: frozenset[str]) -> tuple[str | None, str | None]:
    try:
        text, reason = normalize(raw, kind.normalizers)
    except Exception as error:  # noqa: BLE001  (whatever a function of the user raises; its text may quote the value)
        raise XrefGraphError(
            f"The normaliser of the type {kind.name!r} raised {type(error).__name__} on a value of {len(raw)} characters."
            " Make it return None for values that it cannot read.",
            type=kind.name,
            value=raw,
        ) from None
    reason = reason or refusal(text, kind, denied)
    return (None, reason) if reason else (text, None)


def _batches(database: Database, query: str, size: int = 200_000) -> Iterator[list[str]]:
    rows = [row[0] for row in database.rows(query)]
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


class _Denied:
    """The denied values, lent to SQL."""

    def __init__(self, database: Database, values: frozenset[str]) -> None:
        self._database, self._values = database, sorted(values)

    def __enter__(self) -> str:
        self._database.run("CREATE OR REPLACE TEMP TABLE denied_values (value VARCHAR)")
        if self._values:
            with self._database.registered(value=np.array(self._values, dtype=object)) as lent:
                self._database.run(f"INSERT INTO denied_values SELECT value::VARCHAR FROM {lent}")
        return "SELECT value FROM denied_values"

    def __exit__(self, *_: object) -> None:
        self._database.run("DROP TABLE denied_values")


# ------------------------------------------------------------------------------ numbers and sets


def number_identifiers(database: Database, staged: Staged, schema: Schema) -> Incidence:
    """Group alike events into sets, number the values, and give the incidence.

    Makes two tables. ``value`` (no, type, text, identifier, reason): each text that came in or that a value
    was normalised to, numbered by type and text; ``identifier`` is the number of what it stands for, null where
    it is refused. ``sets`` (key, events, first_seen, last_seen): a set by its row number, with the 64-bit hash
    by which the events find it; ``set_value`` (set, no): what the events of a set carry, as it came in.

    Parameters
    ----------
    database : Database
        With the view ``staged``.
    staged : Staged
        What is in it.
    schema : Schema
        The types.

    Returns
    -------
    Incidence

    Notes
    -----
    Cost: one pass over the events, then what follows the number of sets and of distinct values. A set finds
    its values by joins on text, its events by the hash alone: two sets with one hash are found out, and
    another salt is taken.
    """
    key = _group(database, len(schema.names), staged.several)
    bounds, untouched = _number_values(database, staged, schema)
    scalars = [rank for rank in range(len(schema.names)) if rank not in staged.several]
    # Where every value stands for itself, the text of the strongest one is at hand.
    via = (
        f"coalesce({', '.join(f'raw_{rank}' for rank in scalars)})"
        if untouched and not staged.several
        else "NULL::VARCHAR"
    )
    codes = ", ".join(f"coalesce(value_{rank}.no, -1)::INTEGER AS code_{rank}" for rank in scalars)
    joins = " ".join(
        f"LEFT JOIN value_{rank} ON raw_{rank} = value_{rank}.text" for rank in scalars
    )
    # Made by the join itself: a join of DuckDB keeps no order, so only the row numbers of its result count.
    database.run(
        f"CREATE TEMP TABLE sets AS SELECT key, events, first_seen, last_seen, {via} AS via_value"
        f"{', ' + codes if codes else ''} FROM grouped {joins}"
    )
    columns = database.arrays(
        f"SELECT events{''.join(f', code_{rank}' for rank in scalars)} FROM sets"
    )
    link_set, link_value = _links(columns, scalars)
    for rank in sorted(staged.several):
        more = database.arrays(
            f"SELECT sets.rowid AS set_number, value_{rank}.no AS no FROM (SELECT key, unnest(raw_{rank}) AS text FROM grouped) g"
            f" JOIN sets USING (key) JOIN value_{rank} USING (text)"
        )
        link_set = np.concatenate([link_set, more["set_number"].astype(np.int32)])
        link_value = np.concatenate([link_value, more["no"].astype(np.int32)])
    with database.registered(set_number=link_set, no=link_value) as lent:
        if not untouched or staged.several:
            database.run(f"CREATE TEMP TABLE set_value AS SELECT * FROM {lent}")
    database.run("DROP TABLE grouped")
    return _incidence(
        database,
        link_set,
        link_value,
        columns["events"].astype(np.int64),
        bounds,
        key=key,
        schema=schema,
        untouched=untouched,
    )


def _group(database: Database, types: int, several: frozenset[int]) -> str:
    raws = ", ".join(f"raw_{rank}" for rank in range(types))
    for salt in ("", "salt", "another salt", "a third salt"):
        key = _key_sql(types, several, salt)
        database.run(
            f"CREATE OR REPLACE TEMP TABLE grouped AS SELECT {key} AS key, {raws}, count(*)::BIGINT AS events,"
            f" min(time) AS first_seen, max(time) AS last_seen FROM staged GROUP BY {raws}"
        )
        keys = database.arrays("SELECT key FROM grouped")["key"]
        keys.sort()
        if not (keys[1:] == keys[:-1]).any():
            return key
        log.debug("two sets have one hash; another salt is taken")
    raise XrefGraphError(
        "Two different sets of identifiers have one hash, whatever the salt. Please report this."
    )


def _key_sql(types: int, several: frozenset[int], salt: str) -> str:
    """The SQL of the 64-bit hash of a set."""
    parts = []
    for rank in range(types):
        raw = f"raw_{rank}"
        if rank in several:
            # DuckDB passes over a list that is null behind the first column, so each is hashed by itself.
            salted = f"list_transform({raw}, lambda one: one || {literal(salt)})" if salt else raw
            parts.append(f"hash({salted})")
        else:
            # Behind the columns a salt would change nothing: equal hashes stay equal when they are combined.
            parts.append(f"{raw} || {literal(salt)}" if salt else raw)
    return f"hash({', '.join(parts)})"


def _number_values(
    database: Database, staged: Staged, schema: Schema
) -> tuple[tuple[int, ...], bool]:
    """Make the tables ``value_r`` and ``value``; give the bounds, and whether every value stands for itself."""
    bounds, untouched, parts = [0], True, []
    for rank, kind in enumerate(schema.ranked):
        cell = f"unnest(raw_{rank})" if rank in staged.several else f"raw_{rank}"
        distinct = (
            f"SELECT DISTINCT raw FROM (SELECT {cell} AS raw FROM grouped) WHERE raw IS NOT NULL"
        )
        plain = read_values(database, distinct, kind, f"read_{rank}")
        texts = f"SELECT raw AS text FROM read_{rank}"
        if not plain:
            untouched = False
            texts += f" UNION SELECT text FROM read_{rank} WHERE text IS NOT NULL"
        database.run(
            f"CREATE TEMP TABLE value_{rank} AS SELECT (row_number() OVER (ORDER BY text) + {bounds[-1] - 1})::INTEGER AS no, text FROM ({texts})"
        )
        if plain:
            parts.append(
                f"SELECT no, {rank}::UTINYINT AS type, text, no AS identifier, NULL::VARCHAR AS reason FROM value_{rank}"
            )
        else:
            parts.append(
                f"SELECT v.no, {rank}::UTINYINT AS type, v.text, CASE WHEN r.raw IS NULL THEN v.no ELSE w.no END AS identifier, r.reason"
                f" FROM value_{rank} v LEFT JOIN read_{rank} r ON v.text = r.raw LEFT JOIN value_{rank} w ON w.text = r.text"
            )
        bounds.append(bounds[-1] + int(database.row(f"SELECT count(*) FROM value_{rank}")[0]))
    database.run(f"CREATE TEMP VIEW value AS {' UNION ALL '.join(parts)}")
    if not untouched:
        database.run("CREATE TEMP TABLE read_value AS SELECT * FROM value ORDER BY no")
        database.run("CREATE OR REPLACE TEMP VIEW value AS SELECT * FROM read_value")
    return tuple(bounds), untouched


def _links(columns: dict[str, npt.NDArray[Any]], scalars: list[int]) -> tuple[Ints, Ints]:
    """The links of all sets, type by type."""
    sets: list[Ints] = [np.empty(0, np.int32)]
    values: list[Ints] = [np.empty(0, np.int32)]
    for rank in scalars:
        codes = columns.pop(f"code_{rank}")
        sets.append(np.flatnonzero(codes >= 0).astype(np.int32))
        values.append(codes[sets[-1]])
    return np.concatenate(sets), np.concatenate(values)


def _incidence(
    database: Database,
    link_set: Ints,
    link_value: Ints,
    events: Longs,
    bounds: tuple[int, ...],
    *,
    key: str,
    schema: Schema,
    untouched: bool,
) -> Incidence:
    link_identifier = link_value
    if not untouched:
        stands_for = database.arrays(
            "SELECT coalesce(identifier, -1)::INTEGER AS identifier FROM read_value ORDER BY no"
        )["identifier"]
        link_identifier = stands_for[link_value]
        kept = link_identifier >= 0
        # Two spellings of one identifier on one event are one link.
        pairs = np.unique(link_set[kept].astype(np.int64) << 32 | link_identifier[kept])
        link_set, link_identifier = (
            (pairs >> 32).astype(np.int32),
            (pairs & 0x7FFFFFFF).astype(np.int32),
        )
    none = np.int32(bounds[-1])
    strongest = np.full(len(events), none, np.int32)
    np.minimum.at(strongest, link_set, link_identifier)
    strongest[strongest == none] = -1
    contradictory = np.zeros(len(events), bool)
    for rank, kind in enumerate(schema.ranked):
        if kind.unique:
            own = link_set[(link_identifier >= bounds[rank]) & (link_identifier < bounds[rank + 1])]
            contradictory |= np.bincount(own, minlength=len(events)) > 1
    log.info("grouped: %s, %s", counted(len(events), "set"), counted(bounds[-1], "value"))
    return Incidence(link_set, link_identifier, strongest, contradictory, events, bounds, key)
