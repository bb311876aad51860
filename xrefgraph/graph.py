"""XrefGraph: what people hold in their hand; ``build`` and ``open``."""

from __future__ import annotations

import logging
import time as clock
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from xrefgraph.assign import assign_rows
from xrefgraph.building import Building
from xrefgraph.database import Database, literal
from xrefgraph.duplicates import check_choice, have_repeats, settle_repeats
from xrefgraph.errors import SchemaError, StoreError, UnknownError, counted, did_you_mean, listing
from xrefgraph.events import StagedSource, stage
from xrefgraph.export import beside, check_format, nested_dict, write_tables
from xrefgraph.identifiers import number_identifiers
from xrefgraph.lookup import Profile, event_rows, find_event, find_profile, link_rows
from xrefgraph.networks import bipartite_graph
from xrefgraph.profiles import STATUSES, link
from xrefgraph.schema import IdentifierType, Schema, Source
from xrefgraph.store import read_meta, views
from xrefgraph.tables import Table

if TYPE_CHECKING:
    import networkx as nx

log = logging.getLogger(__name__)

TABLES = ("events", "identifiers", "profiles", "rejected")


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
    ) -> None:
        self._database = database
        self._schema = schema
        self._sources = sources
        self._kept = kept
        self._building = building
        self._counts: dict[str, int] | None = None
        self.repeated_rows = repeated

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
    def rejected(self) -> Table:
        """Every value that links nothing, as it came in, with the reason and an event for example."""
        return self._table("rejected")

    def _table(self, name: str) -> Table:
        return Table(self._database, self._query(name), name)

    def _query(self, name: str, *, ordered: bool = True) -> str:
        """The query of a table, after making what it needs."""
        if self._building is not None:
            if name == "events":
                return self._building.events_query(ordered=ordered)
            getattr(self._building, {"rejected": "rejected"}.get(name, "summary"))()
        return views(self._schema, self._sources, self._kept, ordered=ordered)[name]

    def sql(self, query: str) -> Table:
        """Ask in SQL, of the tables ``events``, ``identifiers``, ``profiles`` and ``rejected``.

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
        for name in TABLES:
            if name in query.lower():
                self._database.run(f"CREATE OR REPLACE TEMP VIEW {name} AS {self._query(name)}")
        self._database.columns(f"SELECT * FROM ({query})")
        return Table(self._database, query, "query")

    # ----------------------------------------------------------------------------------- questions

    def profile(
        self,
        profile: str | None = None,
        /,
        *,
        at: Any = None,  # noqa: ARG002  (nothing changes hands yet)
        **identifier: Any,
    ) -> Profile:
        """Find the profile of an identifier.

        Parameters
        ----------
        profile : str
            An identifier as ``"type:value"``. A profile's id is one.
        at : optional
            A time. It matters only where an identifier changes hands, which no policy of this version allows.
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
        kind, value = self._asked(profile, identifier)
        return find_profile(
            self._database, self._schema, self._sources, kind, value, self._query("events")
        )

    def _asked(self, text: str | None, identifier: Mapping[str, Any]) -> tuple[str, Any]:
        if (text is None) == (not identifier) or len(identifier) > 1:
            raise SchemaError("Ask for one identifier: profile('db_id:123') or profile(db_id=123).")
        if text is None:
            return next(iter(identifier.items()))
        kind, colon, value = text.partition(":")
        if not colon:
            raise SchemaError(
                "An identifier is written 'type:value', such as 'db_id:123'; this one has no colon."
            )
        return kind, value

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
        if source is not None and source not in names:
            raise UnknownError(
                f"There is no source {source!r}. There are: {listing(names)}.{did_you_mean(source, names)}"
            )
        kind, value = find_event(self._database, self._schema, names, event_id, source)
        return find_profile(
            self._database, self._schema, self._sources, kind, value, self._query("events")
        )

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

    def to_networkx(self, cuts: bool = False) -> nx.Graph[Any]:  # noqa: ARG002, FBT001, FBT002  (`keep` cuts nothing)
        """Give everything as one bipartite ``networkx.Graph``; its components are the profiles.

        Events that link nothing are not in it: they have no profile.

        Parameters
        ----------
        cuts : bool
            Whether cut links are in it too, marked. The policy ``keep`` cuts none.
        """
        self._settle()
        return bipartite_graph(
            event_rows(self._database, self._sources), link_rows(self._database, self._schema)
        )

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
        _check_replaceable(Path(path))
        with beside(Path(path)) as temporary:
            file = temporary / "graph"
            self._database.run(f"ATTACH {literal(str(file))} AS saved")
            try:
                self._database.run("CREATE SCHEMA saved.store")
                for (name,) in self._database.rows(
                    "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'store' AND database_name = current_database()"
                ):
                    self._database.run(
                        f"CREATE TABLE saved.store.{name} AS SELECT * FROM store.{name}"
                    )
            finally:
                self._database.run("DETACH saved")
            _replace(file, Path(path))
        return Path(path)

    # ---------------------------------------------------------------------------------------- rest

    def _settle(self) -> None:
        self._database.connection  # noqa: B018  (says that the graph is closed, if it is)
        if self._building is not None:
            self._building.settle()
            self._building = None

    def _report_rejected(self) -> None:
        """Say in one line of the log what was refused, if anything."""
        if self._building is not None:
            refused = self._building.refused()
            if refused:
                log.info(
                    "refused: %s", ", ".join(f"{count:,} {reason}" for reason, count in refused)
                )

    @property
    def counts(self) -> dict[str, int]:
        """How many ``events``, ``identifiers`` and ``profiles`` there are, and events of each status."""
        if self._counts is None:
            if self._building is not None:
                self._counts = self._building.counts()
            else:
                by_status = dict(
                    self._database.rows(
                        "SELECT status, sum(events)::BIGINT FROM store.eventset GROUP BY status"
                    )
                )
                self._counts = {name: int(by_status.get(n, 0)) for n, name in enumerate(STATUSES)}
                self._counts["events"] = sum(self._counts.values())
                self._counts["identifiers"] = self._database.row(
                    "SELECT count(*) FROM store.member WHERE profile IS NOT NULL"
                )[0]
                self._counts["profiles"] = self._database.row("SELECT count(*) FROM store.profile")[
                    0
                ]
        return self._counts

    def __repr__(self) -> str:
        if self._database.closed:
            return "<XrefGraph: closed>"
        n = self.counts
        return (
            f"<XrefGraph: {counted(n['events'], 'event')}, {counted(n['identifiers'], 'identifier')},"
            f" {counted(n['profiles'], 'profile')}, {counted(n['anchored'], 'event')} anchored, {n['ambiguous']:,} ambiguous>"
        )

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
    schema, listed = _declared(sources, schema, anchor, identifiers, event_id, time)
    keep = [keep_columns] if isinstance(keep_columns, str) else list(keep_columns)
    how = _How(keep, on_duplicate, progress)
    if database is None:
        return _build(Database(memory_limit=memory_limit, threads=threads), schema, listed, how)
    _check_replaceable(Path(database))
    with beside(Path(database)) as temporary:
        file = temporary / "graph"
        with _build(
            Database(file, memory_limit=memory_limit, threads=threads), schema, listed, how
        ) as graph:
            graph._settle()  # noqa: SLF001  (the same file)
        _replace(file, Path(database))
    reopened = open(database, schema=schema)
    reopened.repeated_rows = graph.repeated_rows
    return reopened


@dataclass(frozen=True)
class _How:
    """The options of a build that only its stages look at."""

    keep: list[str]
    on_duplicate: str
    progress: bool


def _build(database: Database, schema: Schema, sources: list[Source], how: _How) -> XrefGraph:
    began = clock.perf_counter()
    try:
        with _Steps(4, shown=how.progress) as step:
            step("read")
            staged = stage(database, sources, schema, how.keep)
            step("check ids")
            repeated = 0
            if have_repeats(database, staged):
                staged, repeated = settle_repeats(database, staged, schema, how.on_duplicate)
            step("group")
            incidence = number_identifiers(database, staged, schema)
            step("link")
            labels = link(incidence, schema)
            staged.check_files()
        building = Building(database, schema, staged, incidence, labels)
        log.info(
            "built from %s in %.1f s", counted(staged.rows, "row"), clock.perf_counter() - began
        )
        graph = XrefGraph(
            database,
            schema,
            list(staged.sources),
            staged.kept,
            building=building,
            repeated=repeated,
        )
        graph._report_rejected()  # noqa: SLF001  (the same file)
    except BaseException:
        database.close()
        raise
    return graph


class _Steps:
    """A progress bar over the stages of a build, where somebody wants to see one."""

    def __init__(self, steps: int, *, shown: bool) -> None:
        self._bar: Any = None
        if shown:
            from tqdm.auto import tqdm  # noqa: PLC0415  (it takes its time to look for a notebook)

            self._bar = tqdm(total=steps, leave=False)

    def __enter__(self) -> Self:
        return self

    def __call__(self, name: str) -> None:
        if self._bar is not None:
            self._bar.update(0 if self._bar.desc == "" else 1)
            self._bar.set_description(name)

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()


def _declared(
    sources: Any,
    schema: Schema | None,
    anchor: str | None,
    identifiers: Any,
    event_id: str | None,
    time: str | None,
) -> tuple[Schema, list[Source]]:
    """The schema and the sources, of what was given in short."""
    short = {"anchor": anchor, "identifiers": identifiers}
    if schema is not None and any(value is not None for value in short.values()):
        raise SchemaError("Give a schema, or anchor and identifiers, but not both.")
    several = _several(sources)
    if schema is None:
        mapping = _mapping(identifiers)
        if isinstance(sources, Source):
            mapping = mapping or {name: list(columns) for name, columns in sources.columns.items()}
        elif several and all(isinstance(one, Source) for one in sources):
            for one in sources:
                mapping = (
                    mapping | {name: name for name in one.columns if name not in mapping}
                    if identifiers is None
                    else mapping
                )
        names = ([anchor] if anchor else []) + [name for name in mapping if name != anchor]
        if not names:
            raise SchemaError(
                "Say which columns are identifiers: build(..., anchor='db_id', identifiers=['cookie'])."
            )
        schema = Schema([IdentifierType(name) for name in names], anchor=anchor)
        columns: Any = {anchor: anchor} | mapping if anchor else mapping
    else:
        if not isinstance(schema, Schema):
            raise SchemaError(f"schema is a Schema, not a {type(schema).__name__}.")
        columns = {name: name for name in schema.names}
    listed = []
    for one in sources if several else [sources]:
        if isinstance(one, Source):
            if event_id is not None or time is not None:
                raise SchemaError("A Source names its own columns: give it event_id and time.")
            listed.append(one)
        else:
            listed.append(Source(one, identifiers=columns, event_id=event_id, time=time))
    return schema, listed


def _several(sources: Any) -> bool:
    """Whether this is a list of sources, and not a list of rows."""
    if not isinstance(sources, list | tuple) or not sources:
        return False
    return not all(isinstance(one, Mapping) for one in sources)


def _mapping(identifiers: Any) -> dict[str, Any]:
    if identifiers is None:
        return {}
    if isinstance(identifiers, str):
        return {identifiers: identifiers}
    return (
        dict(identifiers)
        if isinstance(identifiers, Mapping)
        else {name: name for name in identifiers}
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
        When there is no such file, it is no graph, or it was written by a newer version.
    """
    if not Path(path).exists():
        near = sorted(map(str, Path(path).absolute().parent.glob(f"*{Path(path).suffix}")))[:50]
        raise StoreError(
            f"There is no file {str(path)!r}.{did_you_mean(str(path), near)}", path=str(path)
        )
    if Path(path).is_dir():
        raise StoreError(f"{str(path)!r} is a folder; a graph is one file.", path=str(path))
    if not _is_duckdb(Path(path)):
        raise StoreError(f"{str(path)!r} is no graph of xrefgraph.", path=str(path))
    database = Database(path, read_only=read_only)
    try:
        found, sources, kept = read_meta(database, str(path), schema)
    except BaseException:
        database.close()
        raise
    return XrefGraph(database, found, sources, kept)


def _check_replaceable(path: Path) -> None:
    """See that nothing but an earlier graph would be replaced."""
    if path.is_dir():
        raise StoreError(f"{str(path)!r} is a folder; a graph is one file.", path=str(path))
    if path.exists() and path.stat().st_size and not _is_duckdb(path):
        raise StoreError(
            f"{str(path)!r} is there, and is no graph: it is left as it is. Choose another name.",
            path=str(path),
        )


def _is_duckdb(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(12)[8:] == b"DUCK"


def _replace(file: Path, target: Path) -> None:
    try:
        file.replace(target)
    except OSError as error:
        raise StoreError(
            f"{str(target)!r} cannot be written: {error.strerror}.", path=str(target)
        ) from None
