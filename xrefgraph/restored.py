"""The events of a graph, staged again from its own tables: for other rules, without its sources."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from xrefgraph.database import Database
from xrefgraph.errors import SchemaError, did_you_mean, listing
from xrefgraph.events import Staged, StagedSource
from xrefgraph.schema import Schema


@dataclass(frozen=True)
class Order:
    """Another order of the events of a graph, as if they had come in so.

    Parameters
    ----------
    sources : tuple of int
        The numbers of the sources, in the order in which they come.
    position : str
        The SQL of the place of an event in its source, of ``e.source`` and ``e.position``: no two events of a source have one.
    """

    sources: tuple[int, ...]
    position: str


def stage_stored(
    database: Database,
    catalog: str,
    before: Schema,
    schema: Schema,
    sources: Sequence[StagedSource],
    kept: Sequence[str],
    *,
    order: Order | None = None,
) -> Staged:
    """Make the view ``staged`` of the events that another database holds.

    Parameters
    ----------
    database : Database
        Where the view is made; it can read the other one.
    catalog : str
        The name of the other one in SQL.
    before, schema : Schema
        The rules that it was built by, and those that are wanted.
    sources, kept
        Its sources and the columns that were carried along.
    order : Order, optional
        Another order of the events than the one that they came in. They carry along the number of the profile that they
        are in, as the only column: ``profile``.

    Returns
    -------
    Staged

    Raises
    ------
    SchemaError
        When a type is wanted that it has not.
    """
    for name in schema.names:
        if name not in before.names:
            raise SchemaError(
                f"The graph has no identifiers of the type {name!r}. It has: {listing(before.names)}."
                f"{did_you_mean(name, before.names)} A new type needs a new build from the sources."
            )
    ranks = range(len(schema.names))
    old = [before.rank(name) for name in schema.names]
    cells = f"{catalog}.store.link l JOIN {catalog}.store.value v USING (no)"
    many = {
        row[0]
        for row in database.rows(
            f"SELECT DISTINCT type FROM (SELECT set_number, v.type FROM {cells} GROUP BY ALL HAVING count(*) > 1)"
        )
    }
    several = frozenset(rank for rank in ranks if old[rank] in many)
    found = ", ".join(
        f"{'list(v.text ORDER BY v.no)' if rank in several else 'max(v.text)'} FILTER (v.type = {old[rank]}) AS raw_{rank}"
        for rank in ranks
    )
    database.run(
        f"CREATE TEMP TABLE carried AS SELECT set_number, {found} FROM {cells} GROUP BY set_number"
    )
    raws = ", ".join(f"c.raw_{rank}" for rank in ranks)
    place = "e.source, e.position"
    keeps = "".join(f", e.kept_{number}" for number in range(len(kept)))
    events = f"{catalog}.store.event e LEFT JOIN carried c USING (set_number)"
    if order is not None:
        numbers = " ".join(f"WHEN {old} THEN {new}" for new, old in enumerate(order.sources))
        place = f"(CASE e.source {numbers} END)::SMALLINT AS source, {order.position} AS position"
        keeps, kept = ", s.profile AS kept_0", ("profile",)
        events += f" JOIN {catalog}.store.eventset s USING (set_number)"
        sources = [sources[number] for number in order.sources]
    database.run(
        f"CREATE TEMP VIEW staged AS SELECT {place}, e.event_id, e.time{keeps}, {raws} FROM {events}"
    )
    integers = database.columns("SELECT event_id FROM staged")["event_id"] == "BIGINT"
    # What was read from a file where it is stands in the tables now.
    own = tuple(replace(source, files=()) for source in sources)
    return Staged(own, several, tuple(kept), integers)


def take_store(database: Database, catalog: str) -> None:
    """Put the tables of a graph in the place of those of another one, all or none."""
    names = [
        str(row[0])
        for row in database.rows(
            "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'store' AND database_name = current_database()"
        )
    ]
    database.run("BEGIN")
    try:
        for name in names:
            database.run(
                f"CREATE OR REPLACE TABLE {catalog}.store.{name} AS SELECT * FROM store.{name}"
            )
    except BaseException:
        database.run("ROLLBACK")
        raise
    database.run("COMMIT")
