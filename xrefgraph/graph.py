"""XrefGraph: what people hold in their hand; ``build`` and ``open``."""

from __future__ import annotations

import logging
import time as clock
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from xrefgraph.assign import assign_rows
from xrefgraph.building import Building
from xrefgraph.database import Database
from xrefgraph.decisions import Decision
from xrefgraph.duplicates import check_choice
from xrefgraph.errors import SchemaError, StoreError, UnknownError, counted, did_you_mean, listing
from xrefgraph.events import StagedSource
from xrefgraph.export import check_format, nested_dict, write_tables
from xrefgraph.files import beside, check_graph, check_replaceable, replace, save_store
from xrefgraph.glance import graph_html
from xrefgraph.lookup import (
    Profile,
    asked_identifier,
    cut_rows,
    event_rows,
    find_event,
    find_profile,
    link_rows,
    read_profile,
)
from xrefgraph.networks import bipartite_graph
from xrefgraph.restored import stage_stored, take_store
from xrefgraph.schema import Schema
from xrefgraph.shorthand import declared
from xrefgraph.sources import Source
from xrefgraph.stages import Options, link_sources, link_staged
from xrefgraph.store import Store, read_meta, stored_counts, views
from xrefgraph.tables import Table
from xrefgraph.verdicts import verdicts

if TYPE_CHECKING:
    import networkx as nx

log = logging.getLogger(__name__)

TABLES = ("events", "identifiers", "profiles", "cuts", "rejected")


class XrefGraph:
    """Events and identifiers, linked into profiles.

    Made by :func:`build` or :func:`open`. It is a DuckDB database, in memory or in a file. In memory, the
    first question about a single profile sorts the events, once, which takes seconds at ten million; large
    Parquet files are read where they are until then. One thread at a time.

    Examples
    --------
    >>> import xrefgraph as xg
    >>> with xg.build([{"db_id": 123, "cookie": "x"}, {"cookie": "x", "event_id": 1}],
    ...               anchor="db_id", identifiers=["cookie"], event_id="event_id") as graph:
    ...     graph
    <XrefGraph: 2 events, 2 identifiers, 1 profile, 2 events anchored, 0 ambiguous>
    """

    def __init__(
        self,
        database: Database,
        schema: Schema,
        sources: list[StagedSource],
        kept: tuple[str, ...],
        *,
        building: Building | None = None,
        repeated: int = 0,
        idle: tuple[Decision, ...] = (),
    ) -> None:
        self._database = database
        self._schema = schema
        self._sources = sources
        self._kept = kept
        self._building = building
        self._counts: dict[str, int] | None = None
        self.repeated_rows = repeated
        self.idle_decisions = idle

    @property
    def store(self) -> Store:
        """The tables behind the public ones, all of them made. For the rest of the package: they may change."""
        self._settle()
        return Store(self._database, self._schema, tuple(self._sources), self._kept)

    # ------------------------------------------------------------------------------------ tables

    @property
    def schema(self) -> Schema:
        """The schema that the graph was built by."""
        return self._schema

    @property
    def events(self) -> Table:
        """Every event with its profile, in input order; see the reference for the columns."""
        return self._table("events")

    @property
    def identifiers(self) -> Table:
        """Every identifier with its profile: the crosswalk, strongest type first, then by value."""
        return self._table("identifiers")

    @property
    def profiles(self) -> Table:
        """Every profile, in the order of the identifiers that name them."""
        return self._table("profiles")

    @property
    def cuts(self) -> Table:
        """Every link that was cut, in input order: by which rule, why, and what it keeps apart."""
        return self._table("cuts")

    @property
    def rejected(self) -> Table:
        """Every value that links nothing, as it came in, with the reason and an event for example."""
        return self._table("rejected")

    def _table(self, name: str) -> Table:
        self._query(name)  # says at once what is wrong, and makes what it needs
        return Table(self._database, lambda: self._query(name), name)

    def _query(self, name: str, *, ordered: bool = True) -> str:
        """The query of a table, after making what it needs."""
        if self._building is not None:
            if name == "events":
                return self._building.events_query(ordered=ordered)
            steps = {"rejected": self._building.rejected, "cuts": self._building.cuts}
            steps.get(name, self._building.summary)()
        return views(self._schema, self._sources, self._kept, ordered=ordered)[name]

    def sql(self, query: str) -> Table:
        """Ask in SQL, of the tables ``events``, ``identifiers``, ``profiles``, ``cuts`` and ``rejected``.

        Parameters
        ----------
        query : str
            A ``SELECT`` in DuckDB's dialect.

        Returns
        -------
        Table
            Lazy.
        """
        self._database.connection  # noqa: B018  (says that the graph is closed, if it is)

        def prepared() -> str:
            for name in TABLES:
                if name in query.lower():
                    self._database.run(f"CREATE OR REPLACE TEMP VIEW {name} AS {self._query(name)}")
            return query

        self._database.columns(f"SELECT * FROM ({prepared()})")
        return Table(self._database, prepared, "query")

    # ----------------------------------------------------------------------------------- questions

    def profile(
        self,
        profile: str | None = None,
        /,
        *,
        at: Any = None,
        **identifier: Any,
    ) -> Profile:
        """Find the profile of an identifier.

        Parameters
        ----------
        profile : str
            An identifier as ``"type:value"``. A profile's id is one.
        at : datetime, date or str, optional
            A time. Under the policy ``over_time`` an identifier may change hands: whose it was then, and not today.
        **identifier
            The same as a keyword: ``profile(db_id=123)``.

        Returns
        -------
        Profile

        Raises
        ------
        UnknownError
            When no profile has it.
        """
        self._settle()
        kind, value = asked_identifier(profile, identifier)
        return self._read_profile(find_profile(self._database, self._schema, kind, value, at))

    def _read_profile(self, number: int) -> Profile:
        return read_profile(
            self._database, self._schema, self._sources, number, self._query("events")
        )

    def profile_of_event(self, event_id: Any, source: str | None = None) -> Profile:
        """Find the profile of an event.

        Parameters
        ----------
        event_id : object
            The id of the event.
        source : str, optional
            The name of its source; needed where two sources have the same id.

        Raises
        ------
        UnknownError
            When there is no such event, several have the id, or it has no profile.
        """
        self._settle()
        names = [one.name for one in self._sources]
        return self._read_profile(find_event(self._database, names, event_id, source))

    def assign(
        self,
        data: Any,
        *,
        identifiers: Mapping[str, str | Sequence[str]] | Sequence[str] | None = None,
    ) -> Table:
        """Say whose rows these are, without adding them.

        A row belongs to the profile that its identifiers are known in. If it carries an anchor itself, that
        decides. If its identifiers are known in several profiles, it belongs to the strongest of them; and if
        these are several people, it has no anchor: nobody is given somebody else's event.

        Parameters
        ----------
        data : path, list of dict, frame, ..., or Source
            The rows: whatever a source may be.
        identifiers : mapping or sequence of str, optional
            From identifier type to column. Without it, the columns that are named like a type.

        Returns
        -------
        Table
            The same rows in the same order, with ``profile_id`` and ``anchor``, both null where nobody is known.
        """
        if self._building is not None:
            self._building.values()
        naming = "store.profile" if self._building is None else "naming"
        return assign_rows(self._database, self._schema, naming, data, identifiers)

    def to_dict(self, events: str = "ids") -> dict[str, Any]:
        """Give ``{anchor type: {anchor value: {identifier type: {identifier value: [events]}}}}``.

        Listed are the events that do not carry the anchor themselves, each once, under its strongest
        identifier, in input order. Ambiguous and anonymous events are not in it.

        Parameters
        ----------
        events : {"ids", "keys", "records"}
            What stands for an event: its id, (source, id), or its row as a dict. Anchors and ids come back as
            they came in: 123, not "123".

        Raises
        ------
        SchemaError
            When the schema has no anchor.
        """
        return nested_dict(
            self._database, self._query("events"), self._sources, self._schema.anchor, events
        )

    def to_networkx(self, cuts: bool = False) -> nx.Graph[Any]:  # noqa: FBT001, FBT002  (a fixed public name)
        """Give everything as one bipartite ``networkx.Graph``; its components are the profiles.

        Events that link nothing are not in it: they have no profile. ``link`` decisions join identifiers without an
        event; they are no edges, so what only they hold together is several components.

        Parameters
        ----------
        cuts : bool
            Whether the links that were cut are in it too, as edges with ``cut=True``.
        """
        self._settle()
        return bipartite_graph(
            event_rows(self._database, self._sources),
            link_rows(self._database, self._schema),
            cut_rows(self._database, self._schema, self._sources) if cuts else (),
        )

    def rebuild(self, schema: Schema, *, in_place: bool = False) -> XrefGraph:
        """Apply changed rules, without reading the sources again.

        Parameters
        ----------
        schema : Schema
            The rules: other decisions, another policy, other normalisers, ranks or limits. Its types are types of this
            graph; some may be left out.
        in_place : bool
            Whether this graph is changed, in its file if it has one, instead of a new one being made.

        Returns
        -------
        XrefGraph
            A new graph, in memory, or this one. A new one lives on when this one is closed, and keeps its file open.

        Raises
        ------
        SchemaError
            When the schema has a type that this graph has not, or decisions that contradict each other. Nothing is
            changed then.

        Examples
        --------
        >>> import xrefgraph as xg
        >>> rows = [{"db_id": 1, "cookie": "x"}, {"db_id": 2, "cookie": "x"}, {"cookie": "x"}]
        >>> graph = xg.build(rows, xg.Schema(["db_id", "cookie"], anchor="db_id", conflicts="keep"))
        >>> graph.rebuild(xg.Schema(["db_id", "cookie"], anchor="db_id", conflicts="isolate"))
        <XrefGraph: 3 events, 3 identifiers, 3 profiles, 2 events anchored, 0 ambiguous>
        """
        if not isinstance(schema, Schema):
            raise SchemaError(
                f"A graph is rebuilt by a Schema, not by {type(schema).__name__}: rebuild(xg.Schema([...]))."
            )
        self._settle()
        if in_place and self._database.read_only:
            raise StoreError("The graph was opened for reading only: open it again to change it.")
        database, catalog = self._database.beside()
        try:
            staged = stage_stored(
                database, catalog, self._schema, schema, self._sources, self._kept
            )
            building = link_staged(database, schema, staged, verdicts(schema))
            graph = XrefGraph(
                database,
                schema,
                list(staged.sources),
                self._kept,
                building=building,
                repeated=self.repeated_rows,
                idle=building.idle,
            )
            if not in_place:
                return graph
            graph._settle()
            take_store(database, catalog)
        except BaseException:
            database.close()
            raise
        self._schema, self._counts, self.idle_decisions = schema, None, building.idle
        self._database.generation += 1
        graph.close()
        return self

    # --------------------------------------------------------------------------------------- files

    def write(
        self,
        folder: str | Path,
        format: str = "parquet",
        *,
        tables: Sequence[str] = TABLES,
        in_order: bool | None = None,
    ) -> list[Path]:
        """Write a file a table.

        Parameters
        ----------
        folder : path
            Made if it is not there. A reader sees each file whole, or not at all.
        format : {"parquet", "csv", "json"}
            The format. ``json`` is a JSON object a line.
        tables : sequence of str
            Which tables.
        in_order : bool, optional
            Whether the rows of ``events`` stand in input order, so that the same input gives the same bytes.
            They do, unless their source is a large Parquet file that is read in place: sorting ten million
            events takes a gigabyte more, and is done there only for ``in_order=True``.

        Returns
        -------
        list of Path
            The files.
        """
        check_format(format)
        for name in tables:
            if name not in TABLES:
                raise UnknownError(
                    f"There is no table {name!r}. There are: {listing(TABLES)}.{did_you_mean(str(name), TABLES)}"
                )
        began = clock.perf_counter()
        in_place = self._building is not None and self._building.in_place
        ordered = not in_place if in_order is None else in_order
        queries = {name: self._query(name, ordered=ordered) for name in tables}
        paths = write_tables(self._database, queries, folder, format)
        log.info("wrote %s in %.1f s", counted(len(paths), "table"), clock.perf_counter() - began)
        return paths

    def save(self, path: str | Path) -> Path:
        """Write the whole graph into one file, which :func:`open` reads back.

        Raises
        ------
        StoreError
            When it cannot be written. What was there before is still there.
        """
        self._settle()
        save_store(self._database, Path(path))
        return Path(path)

    # ---------------------------------------------------------------------------------------- rest

    def _settle(self) -> None:
        self._database.connection  # noqa: B018  (says that the graph is closed, if it is)
        if self._building is not None:
            self._building.settle()
            self._building = None

    @property
    def counts(self) -> dict[str, int]:
        """How many ``events``, ``identifiers``, ``profiles`` and ``cuts`` there are, and events of each status."""
        if self._counts is None:
            building = self._building
            self._counts = stored_counts(self._database) if building is None else building.counts()
        return self._counts

    def __repr__(self) -> str:
        if self._database.closed:
            return "<XrefGraph: closed>"
        n = self.counts
        return (
            f"<XrefGraph: {counted(n['events'], 'event')}, {counted(n['identifiers'], 'identifier')},"
            f" {counted(n['profiles'], 'profile')}, {counted(n['anchored'], 'event')} anchored, {n['ambiguous']:,} ambiguous>"
        )

    def _repr_html_(self) -> str:
        if self._database.closed:
            return "<p>This graph is closed: build it, or open its file, again.</p>"
        return graph_html(repr(self), self.counts, self._by_type(), self._schema)

    def _by_type(self) -> dict[str, tuple[int, int, int]]:
        """How many identifiers, refused values and cut links there are of each type."""
        # Under `over_time` an identifier stands in a row for each of its owners.
        one = "count(DISTINCT value)" if self._schema.policy.name == "over_time" else "count(*)"
        asked = (
            ("identifiers", one, "WHERE profile_id IS NOT NULL"),
            ("rejected", "count(*)", ""),
            ("cuts", "count(*)", ""),
        )
        found = {name: [0, 0, 0] for name in self._schema.names}
        for place, (table, count, where) in enumerate(asked):
            query = self._query(table, ordered=False)
            rows = self._database.rows(f"SELECT type, {count} FROM ({query}) {where} GROUP BY type")
            for name, number in rows:
                found[name][place] = number
        return {name: (held, refused, cut) for name, (held, refused, cut) in found.items()}

    def close(self) -> None:
        """Close the graph and free what it holds. A second time does nothing."""
        self._building = None
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


# ------------------------------------------------------------------------------------ build and open


def build(
    sources: Any,
    schema: Schema | None = None,
    *,
    anchor: str | None = None,
    identifiers: Mapping[str, str | Sequence[str]] | Sequence[str] | None = None,
    event_id: str | None = None,
    time: str | None = None,
    database: str | Path | None = None,
    keep_columns: Sequence[str] = (),
    on_duplicate: str = "error",
    memory_limit: str | None = None,
    threads: int | None = None,
    progress: bool = False,
) -> XrefGraph:
    """Link the events of one or several sources into profiles.

    Parameters
    ----------
    sources : Source, list of Source, or what a source may be
        One source or several, in the order that counts as the order of input.
    schema : Schema, optional
        The identifier types, strongest first. Without it, ``anchor`` and ``identifiers`` make one.
    anchor : str, optional
        The type that is your own id; it comes first.
    identifiers : sequence of str, or mapping from type to column
        The identifier types, strongest first, after the anchor.
    event_id, time : str, optional
        The columns of the id and of the time of an event.
    database : path, optional
        Keep the graph in this file, in the place of an earlier graph. Without it, in memory.
    keep_columns : sequence of str
        Columns to carry into the events table.
    on_duplicate : {"error", "first", "last", "merge"}
        What to do when rows with one event id carry different identifiers.
    memory_limit : str, optional
        What DuckDB may hold in memory, such as "500MB"; the rest spills to disk.
    threads : int, optional
        How many threads DuckDB uses.
    progress : bool
        Whether to show a progress bar.

    Returns
    -------
    XrefGraph

    Raises
    ------
    SchemaError, SourceError, DuplicateEventError, StoreError
        Before anything is written.

    Notes
    -----
    Cost: linear in events. At ten million events with four columns of identifiers, seconds.

    Examples
    --------
    >>> events = [{"db_id": 123, "cookie": "nice_page_visitor"},
    ...           {"cookie": "nice_page_visitor", "event_id": 1},
    ...           {"cookie": "nice_page_visitor", "event_id": 2}]
    >>> build(events, anchor="db_id", identifiers=["cookie"], event_id="event_id").to_dict()
    {'db_id': {123: {'cookie': {'nice_page_visitor': [1, 2]}}}}
    """
    check_choice(on_duplicate)
    schema, listed = declared(sources, schema, anchor, identifiers, event_id, time)
    keep = [keep_columns] if isinstance(keep_columns, str) else list(keep_columns)
    how = Options(keep, on_duplicate, progress)
    if database is None:
        return _build(Database(memory_limit=memory_limit, threads=threads), schema, listed, how)
    check_replaceable(Path(database))
    with beside(Path(database)) as temporary:
        file = temporary / "graph"
        with _build(
            Database(file, memory_limit=memory_limit, threads=threads), schema, listed, how
        ) as graph:
            graph._settle()  # noqa: SLF001  (the same file)
        replace(file, Path(database))
    reopened = open(database, schema=schema)
    reopened.repeated_rows = graph.repeated_rows
    return reopened


def _build(
    database: Database, schema: Schema, sources: list[Source], options: Options
) -> XrefGraph:
    began = clock.perf_counter()
    try:
        built = link_sources(database, schema, sources, options)
        staged = built.staged
        log.info(
            "built from %s in %.1f s", counted(staged.rows, "row"), clock.perf_counter() - began
        )
        refused = built.building.refused()
        if refused:
            log.info("refused: %s", ", ".join(f"{count:,} {reason}" for reason, count in refused))
    except BaseException:
        database.close()
        raise
    return XrefGraph(
        database,
        schema,
        list(staged.sources),
        staged.kept,
        building=built.building,
        idle=built.building.idle,
        repeated=built.repeated,
    )


def open(path: str | Path, *, schema: Schema | None = None, read_only: bool = False) -> XrefGraph:
    """Open a graph in a file.

    Parameters
    ----------
    path : path
        What ``build(..., database=path)`` or ``save(path)`` wrote.
    schema : Schema, optional
        Needed where the schema holds functions, which no file can.
    read_only : bool
        Whether to open it for reading only.

    Returns
    -------
    XrefGraph

    Raises
    ------
    StoreError
        When there is no such file, it is no graph, it was written by a newer version, or the schema is another one.
    """
    check_graph(Path(path))
    database = Database(path, read_only=read_only)
    try:
        found, sources, kept, idle = read_meta(database, str(path), schema)
    except BaseException:
        database.close()
        raise
    return XrefGraph(database, found, sources, kept, idle=idle)
