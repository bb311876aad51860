"""The true persons that somebody knows, laid over the events or the identifiers of a graph."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xrefgraph.columns import raw_columns
from xrefgraph.database import Database, literal
from xrefgraph.errors import SchemaError, SourceError, UnknownError, counted, did_you_mean, listing
from xrefgraph.hygiene import blank_sql, canonical_sql
from xrefgraph.lookup import asked_identifier
from xrefgraph.networks import EventNode, IdentifierNode
from xrefgraph.readers import Reader, open_reader
from xrefgraph.sources import Source
from xrefgraph.store import Store, choice
from xrefgraph.values import read_values

#: What a row of the truth has, by what it is about: who somebody truly is, and of what. The last may be missing.
COLUMNS = {
    "events": ("person", "event_id", "source"),
    "identifiers": ("person", "value", "type"),
}

#: How many rows that the graph does not know are named.
NAMED = 5


@dataclass(frozen=True)
class Truth:
    """What is known of the truth, beside the table ``item``.

    Parameters
    ----------
    unknown : int
        How many rows are about an event or an identifier that the graph has not.
    unknown_examples : tuple of EventNode or IdentifierNode
        The first of them. The source of an event is blank where the row names none.
    """

    unknown: int
    unknown_examples: tuple[EventNode | IdentifierNode, ...] = ()


def read_truth(
    store: Store,
    database: Database,
    catalog: str,
    truth: Any,
    by: str,
    columns: Mapping[str, str],
) -> Truth:
    """Make the table ``item``: the profile (null for none) and the true person of each event, or identifier, that has one.

    Parameters
    ----------
    store : Store
        The graph.
    database, catalog : Database, str
        Where the table is made, and what the graph is called in its SQL.
    truth, by, columns
        As for :func:`xrefgraph.evaluate`.

    Returns
    -------
    Truth

    Raises
    ------
    SchemaError, SourceError, UnknownError
        When it cannot be read, or does not say who somebody is.
    """
    if not isinstance(by, str) or by not in COLUMNS:
        raise SchemaError(
            f"by is one of {listing(COLUMNS)}, not {by!r}.{did_you_mean(str(by), COLUMNS)}"
        )
    if not isinstance(columns, Mapping):
        raise SchemaError(
            f"columns is a mapping such as {{'person': 'CLUSTER_ID'}}, not a {type(columns).__name__}."
        )
    for name in columns:
        if name not in COLUMNS[by]:
            raise SchemaError(
                f"columns names {name!r}, and a truth by {by} has {listing(COLUMNS[by])}.{did_you_mean(str(name), COLUMNS[by])}"
            )
    if isinstance(truth, str) and truth in store.kept:
        if by != "events":
            raise SchemaError(
                f"The column {truth!r} says whose an event is: evaluate it with by='events'."
            )
        return _of_column(store, database, catalog, truth)
    if isinstance(truth, str) and not Path(truth).suffix and not _exists(truth):
        raise UnknownError(
            f"The graph has no column {truth!r}, and there is no such file. Carried along were: {listing(store.kept) or 'none'}"
            f" (see keep_columns of build).{did_you_mean(truth, store.kept)}"
        )
    if isinstance(truth, Mapping):
        keyed = _event_row if by == "events" else _identifier_row
        truth = [{**keyed(key), "person": person} for key, person in truth.items()]
        columns = {}
    _read_rows(database, truth, by, columns)
    found = (
        _match_events(store, database, catalog)
        if by == "events"
        else _match_identifiers(store, database, catalog)
    )
    _check_persons(store, database, by)
    return found


# ------------------------------------------------------------------------------------------- reading


def _exists(path: str) -> bool:
    try:
        return Path(path).exists()
    except OSError:  # too long for the name of a file
        return False


def _of_column(store: Store, database: Database, catalog: str, name: str) -> Truth:
    column = f"e.kept_{store.kept.index(name)}"
    kind = database.columns(f"SELECT * FROM {catalog}.store.event")[column[2:]]
    text = canonical_sql(column, kind)
    if text is None:
        raise SourceError(
            f"The column {name!r} holds {kind.split('(')[0]} values, which name no person.",
            column=name,
        )
    database.run(
        f"CREATE TEMP TABLE item AS SELECT s.profile, {_present(text)} AS person FROM {catalog}.store.event e"
        f" JOIN {catalog}.store.eventset s USING (set_number) WHERE {_present(text)} IS NOT NULL"
    )
    return Truth(0)


def _present(text: str) -> str:
    return f"CASE WHEN NOT ({blank_sql(text)}) THEN {text} END"


def _event_row(key: Any) -> dict[str, Any]:
    if isinstance(key, EventNode):
        return {"source": key.source, "event_id": key.event_id}
    if isinstance(key, tuple):
        if len(key) != 2:
            raise SchemaError("An event of the truth is an id, (source, id), or an EventNode.")
        return {"source": key[0], "event_id": key[1]}
    if isinstance(key, IdentifierNode):
        raise SchemaError("The truth is about identifiers: evaluate it with by='identifiers'.")
    return {"source": None, "event_id": key}


def _identifier_row(key: Any) -> dict[str, Any]:
    if isinstance(key, IdentifierNode):
        return {"type": key.type, "value": key.value}
    if isinstance(key, tuple) and len(key) == 2:
        return {"type": key[0], "value": key[1]}
    if isinstance(key, str):
        kind, value = asked_identifier(key, {})
        return {"type": kind, "value": value}
    raise SchemaError(
        "An identifier of the truth is 'type:value', (type, value), or an IdentifierNode."
    )


def _read_rows(database: Database, truth: Any, by: str, columns: Mapping[str, str]) -> None:
    """Make ``said``: person, of whom (``one``, the id or the value) and where (``place``, the source or the type); a row a row."""
    names = {name: columns.get(name, name) for name in COLUMNS[by]}
    reader = open_reader(database, "the truth", "truth_lent", Source(truth, identifiers=names), ())
    last = COLUMNS[by][2]
    parts = {}
    for name, column in names.items():
        if reader.columns.get(column):
            parts[name] = _cell(database, reader, column)
        elif (name == last and last == "source" and name not in columns) or not reader.columns:
            parts[name] = "NULL::VARCHAR"
        else:
            raise SourceError(_missing(reader, by, name, column), column=column)
    person, one, place = (_present(parts[name]) for name in COLUMNS[by])
    database.run(
        f"CREATE TEMP TABLE read_truth AS SELECT {person} AS person, {one} AS one, {place} AS place FROM {reader.scan}"
    )
    database.run(
        "CREATE TEMP TABLE said AS SELECT rowid AS number, person, one, place FROM read_truth WHERE person IS NOT NULL"
    )


def _cell(database: Database, reader: Reader, column: str) -> str:
    """The SQL of a column that has one value a row."""
    text, several = raw_columns(reader, [column])
    if not several:
        return text
    many = database.row(f"SELECT count(*) FROM {reader.scan} WHERE len({text}) > 1")[0]
    if many:
        raise SourceError(
            f"The column {column!r} of {reader.label} has several values in {counted(many, 'row')}. The truth says one thing a row.",
            column=column,
        )
    return f"({text})[1]"


def _missing(reader: Reader, by: str, name: str, column: str) -> str:
    other = next(key for key in COLUMNS if key != by)
    hint = ""
    if all(one in reader.columns for one in COLUMNS[other][:2]):
        hint = f" It has those of a truth by {other}: by={other!r}."
    else:
        hint = did_you_mean(column, reader.columns) or (
            f" Say which it is: columns={{{name!r}: ...}}."
        )
    return f"{reader.label} has no column {column!r}. Its columns are: {listing(reader.columns)}.{hint}"


# ------------------------------------------------------------------------------------------ matching


def _match_events(store: Store, database: Database, catalog: str) -> Truth:
    """Make ``matched``: which event each row is about."""
    names = store.source_names
    database.run(
        "CREATE TEMP TABLE matched AS SELECT s.number, s.person, e.source, e.position AS key, t.profile FROM"
        f" (SELECT source, position, set_number, event_id::VARCHAR AS event_id, {choice('source', names)}::VARCHAR AS name"
        f"  FROM {catalog}.store.event) e JOIN said s ON e.event_id = s.one AND e.name = coalesce(s.place, e.name)"
        f" JOIN {catalog}.store.eventset t USING (set_number)"
    )
    several = database.rows(
        "SELECT number, count(*) FROM matched GROUP BY number HAVING count(*) > 1 ORDER BY number"
    )
    if several:
        raise UnknownError(
            f"{counted(len(several), 'row')} of the truth {'is' if len(several) == 1 else 'are'} about an event id that several"
            f" sources have (first: row {several[0][0] + 1:,}, {several[0][1]} sources). Say which: with a column 'source', or"
            " keys (source, event_id).",
            count=len(several),
            row=several[0][0] + 1,
        )
    return Truth(*_unknown(database, "EventNode"))


def _match_identifiers(store: Store, database: Database, catalog: str) -> Truth:
    """Make ``matched``: which identifier each row is about, as it stands or as it is normalised."""
    database.run(
        "CREATE TEMP TABLE known (number BIGINT, person VARCHAR, source SMALLINT, key BIGINT, refused BOOLEAN)"
    )
    values = f"{catalog}.store.value"
    for rank, kind in enumerate(store.schema.ranked):
        database.run(
            "CREATE OR REPLACE TEMP TABLE own AS SELECT number, person, one FROM said"
            f" WHERE place = {literal(kind.name)} AND one IS NOT NULL"
        )
        if not database.row("SELECT count(*) FROM own")[0]:
            continue
        plain = read_values(database, "SELECT DISTINCT one AS raw FROM own", kind, "read_value")
        spelled = "SELECT raw, raw AS text, 0 AS turn FROM read_value"
        if not plain:
            spelled += " UNION ALL SELECT raw, text, 1 FROM read_value WHERE text IS NOT NULL"
        # As it stands first, like everywhere. What is refused is known, too.
        best = "(v.identifier IS NULL, t.turn)"
        database.run(
            f"INSERT INTO known SELECT o.number, o.person, 0, f.key, f.refused FROM own o JOIN"
            f" (SELECT t.raw, arg_min(coalesce(v.identifier, v.no), {best}) AS key, bool_and(v.identifier IS NULL) AS refused"
            f"  FROM (SELECT * FROM {values} WHERE type = {rank}) v JOIN ({spelled}) t USING (text) GROUP BY t.raw) f"
            " ON o.one = f.raw"
        )
    database.run(
        "CREATE TEMP TABLE matched AS SELECT k.number, k.person, k.source, k.key, CASE WHEN NOT k.refused THEN v.profile END AS profile"
        f" FROM {values} v JOIN known k ON v.no = k.key"
    )
    return Truth(*_unknown(database, "IdentifierNode"))


def _unknown(database: Database, kind: str) -> tuple[int, tuple[EventNode | IdentifierNode, ...]]:
    """How many rows are about nothing that the graph has, and the first of these."""
    database.run(
        "CREATE TEMP TABLE unknown AS SELECT s.* FROM said s ANTI JOIN matched m USING (number)"
    )
    count = database.row("SELECT count(*) FROM unknown")[0]
    rows = database.rows(
        f"SELECT coalesce(place, ''), coalesce(one, '') FROM unknown ORDER BY number LIMIT {NAMED}"
    )
    made = EventNode if kind == "EventNode" else IdentifierNode
    return count, tuple(made(place, one) for place, one in rows)


def _check_persons(store: Store, database: Database, by: str) -> None:
    """Make ``item``, after seeing that each event or identifier is one person."""
    count, first = database.row(
        "SELECT count(*), min(first) FROM (SELECT min(number) AS first FROM matched GROUP BY source, key HAVING count(DISTINCT person) > 1)"
    )
    if count:
        person, one, place, source = database.row(
            f"SELECT s.person, s.one, s.place, m.source FROM said s JOIN matched m USING (number) WHERE s.number = {first}"
        )
        second = database.row(
            f"SELECT min(number) FROM matched SEMI JOIN (SELECT source, key FROM matched WHERE number = {first}) f"
            " USING (source, key) WHERE person <> $1",
            [person],
        )[0]
        noun, which = "identifier", f"an identifier of the type {place}"
        if by == "events":
            noun, which = "event", f"event {one!r} of {store.source_names[source]!r}"
        raise SourceError(
            f"{counted(count, noun)} {'has' if count == 1 else 'have'} two persons in the truth (first: {which}, rows"
            f" {first + 1:,} and {second + 1:,}). Each is one person: correct the truth, or leave out what nobody knows.",
            count=count,
            rows=(first + 1, second + 1),
        )
    database.run(
        "CREATE TEMP TABLE item AS SELECT any_value(profile) AS profile, any_value(person) AS person FROM matched GROUP BY source, key"
    )
