"""The same work done in different ways: from a file of events to the profile of each of them.

Every contestant reads a Parquet file, makes sure that no event id occurs twice, finds the
connected components, and writes ``events.parquet`` with the eight columns of xrefgraph's table
``events``. All but the floor (which links nothing) and pygrouper (which looks one step far) must
write the same rows; ``rounds`` compares them. All read, join and write with DuckDB. The functions
for that are in ``labelling``; what is here is how each one finds who belongs together.

The graph libraries are tried in two ways. Handed the graph as it is, networkx gets one node per
event and one per identifier. Helped, it gets what Splink, python-igraph and rustworkx get here too:
integers for identifiers, and one edge per distinct pair that some event joins, both made by DuckDB.
This help is a large part of what xrefgraph is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from itertools import chain
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from tests.benchmarks.events import ANCHOR
from tests.benchmarks.labelling import (
    Codes,
    Columns,
    check_event_ids,
    connect_identifiers,
    label_codes,
    label_names,
    open_events,
    plain_columns,
    write_events,
)

HUNDRED_THOUSAND, MILLION, TEN_MILLION = 100_000, 1_000_000, 10_000_000

Work = Callable[[Path, Path, Mapping[str, str]], None]


@dataclass(frozen=True)
class Contestant:
    """One way to do the work.

    Attributes
    ----------
    name : str
        What the tables call it.
    work : callable
        From the file of events and a folder for ``events.parquet``, by the columns of the
        identifiers (type to column, without the anchor).
    modules : tuple of str
        What to import before the clock starts.
    largest : int
        The largest number of events at which it is tried; more take too long or too much memory.
    links : bool
        Whether its rows must be those of xrefgraph.
    text_ids : bool
        Whether it is given events whose ids are text.
    """

    name: str
    work: Work
    modules: tuple[str, ...]
    largest: int = TEN_MILLION
    links: bool = True
    text_ids: bool = False


def floor(path: Path, folder: Path, identifiers: Mapping[str, str]) -> None:
    """Do in DuckDB the least that any way must do, and link nothing.

    The file is grouped by its identifier columns, its distinct event ids are counted, and a
    Parquet file of the same eight columns is written straight from the input, without a join.
    """
    columns = plain_columns(path, identifiers)
    with duckdb.connect() as connection:
        connection.execute(
            f"create temp table groups as select {', '.join(columns.raw.values())},"
            " count(*) as events, min(time) as first_seen, max(time) as last_seen"
            f" from read_parquet('{path}') group by all"
        )
        connection.execute("drop table groups")
        connection.execute(
            f"select count(distinct event_id) from read_parquet('{path}')"
        ).fetchall()
        connection.execute(
            f"""copy (select '{path.stem}' as source, event_id::varchar as event_id, time,
            {columns.strongest_name()} as profile_id, {ANCHOR}::varchar as anchor,
            case when {ANCHOR} is not null then 'anchored' else 'anonymous' end as status,
            {columns.strongest_type()} as via_type, {columns.strongest_value()} as via_value
            from read_parquet('{path}')) to '{folder / "events.parquet"}' (format parquet)"""
        )


def xrefgraph(
    path: Path, folder: Path, identifiers: Mapping[str, str], memory_limit: str | None = None
) -> None:
    """Build the graph and write its table of events."""
    graph = build_graph(path, identifiers, memory_limit)
    graph.write(folder, format="parquet", tables=("events",))
    graph.close()


def build_graph(
    path: Path,
    identifiers: Mapping[str, str],
    memory_limit: str | None = None,
    conflicts: str = "keep",
) -> Any:
    """Build the graph of one of the files of ``events``."""
    xg: Any = import_module("xrefgraph")
    columns = {ANCHOR: ANCHOR, **identifiers}
    # What the others do too: connected components, in which two people may come together.
    schema = xg.Schema(list(columns), anchor=ANCHOR, conflicts=conflicts)
    source = xg.Source(str(path), identifiers=columns, event_id="event_id", time="time")
    return xg.build(source, schema, memory_limit=memory_limit)


def xrefgraph_in_500_mb(path: Path, folder: Path, identifiers: Mapping[str, str]) -> None:
    """Do the same while DuckDB may hold 500 MB and puts the rest on disk."""
    xrefgraph(path, folder, identifiers, memory_limit="500MB")


def networkx(path: Path, folder: Path, identifiers: Mapping[str, str]) -> None:
    """Make the bipartite graph as it is: a node per event, a node per identifier."""
    library: Any = import_module("networkx")
    with open_events(path) as connection:
        check_event_ids(connection)
        columns = plain_columns(path, identifiers)
        graph = library.Graph()
        for name in columns.raw:
            links = connection.execute(
                f"select row_no, {columns.name_of(name)} as identifier from"
                " (select row_number() over () as row_no, * from events)"
                f" where {columns.raw[name]} is not null"
            ).fetchnumpy()
            graph.add_edges_from(
                zip(links["row_no"].tolist(), links["identifier"].tolist(), strict=True)
            )
        components = (
            [node for node in component if isinstance(node, str)]
            for component in library.connected_components(graph)
        )
        label_names(connection, columns, components)
        write_events(connection, columns, path.stem, folder)


def networkx_helped(path: Path, folder: Path, identifiers: Mapping[str, str]) -> None:
    """Find the components of DuckDB's edges between identifiers."""
    library: Any = import_module("networkx")

    def components(edges: Codes, _: int) -> list[set[int]]:
        graph = library.Graph()
        graph.add_edges_from(edges.tolist())
        return list(library.connected_components(graph))

    link_by_components(path, folder, identifiers, components)


def rustworkx(path: Path, folder: Path, identifiers: Mapping[str, str]) -> None:
    """Find the components of DuckDB's edges between identifiers."""
    library: Any = import_module("rustworkx")

    def components(edges: Codes, _: int) -> list[set[int]]:
        # The identifiers that nothing joins need no node: rustworkx numbers nodes without gaps,
        # and each node is an object.
        nodes, ends = np.unique(edges, return_inverse=True)
        graph = library.PyGraph(node_count_hint=len(nodes), edge_count_hint=len(edges))
        graph.add_nodes_from(nodes.tolist())
        graph.add_edges_from_no_data([*map(tuple, ends.reshape(-1, 2).tolist())])
        return [
            set(nodes[np.fromiter(component, np.int64, len(component))].tolist())
            for component in library.connected_components(graph)
        ]

    link_by_components(path, folder, identifiers, components)


def igraph(path: Path, folder: Path, identifiers: Mapping[str, str]) -> None:
    """Find the components of DuckDB's edges between identifiers."""
    library: Any = import_module("igraph")

    def membership(edges: Codes, identifiers_in_all: int) -> Codes:
        graph = library.Graph(n=identifiers_in_all, edges=edges)
        return np.asarray(graph.connected_components().membership, dtype=np.int64)

    with open_events(path) as connection:
        check_event_ids(connection)
        columns = plain_columns(path, identifiers)
        edges, count = connect_identifiers(connection, columns)
        label_codes(connection, smallest_of_each(membership(edges, count)))
        write_events(connection, columns, path.stem, folder)


def link_by_components(
    path: Path,
    folder: Path,
    identifiers: Mapping[str, str],
    find: Callable[[Codes, int], list[set[int]]],
) -> None:
    """Do the whole work around a library that returns components as sets of integers."""
    with open_events(path) as connection:
        check_event_ids(connection)
        columns = plain_columns(path, identifiers)
        edges, count = connect_identifiers(connection, columns)
        components = find(edges, count)
        sizes = np.fromiter(map(len, components), np.int64, len(components))
        members = np.fromiter(chain.from_iterable(components), np.int64, sizes.sum())
        smallest = np.fromiter(map(min, components), np.int64, len(components))
        label = np.arange(count)
        label[members] = np.repeat(smallest, sizes)
        label_codes(connection, label)
        write_events(connection, columns, path.stem, folder)


def smallest_of_each(component: Codes) -> Codes:
    """For each identifier the smallest code of its component, which is the strongest there."""
    smallest = np.full(component.max(initial=-1) + 1, len(component))
    np.minimum.at(smallest, component, np.arange(len(component)))
    return smallest[component]


def splink(path: Path, folder: Path, identifiers: Mapping[str, str]) -> None:
    """Cluster DuckDB's edges between identifiers, in the same database.

    Splink names a cluster by its smallest node; with integers in order of strength that is the
    strongest identifier already.
    """
    clustering: Any = import_module("splink.clustering")
    api: Any = import_module("splink").DuckDBAPI
    with open_events(path) as connection:
        check_event_ids(connection)
        columns = plain_columns(path, identifiers)
        connect_identifiers(connection, columns, fetch=False)
        clusters = clustering.cluster_pairwise_predictions_at_threshold(
            # Nodes without an edge would only be labelled with themselves.
            nodes=connection.sql(
                "select strongest as code from edges union select other from edges"
            ),
            edges=connection.table("edges"),
            db_api=api(connection),
            node_id_column_name="code",
            edge_id_column_name_left="strongest",
            edge_id_column_name_right="other",
        )
        connection.execute(
            "create temp table label as select code, cluster_id as label"
            f" from {clusters.physical_name}"
        )
        clusters.drop_table_from_database_and_remove_from_cache()
        label_codes(connection)
        write_events(connection, columns, path.stem, folder)


def pygrouper(path: Path, folder: Path, identifiers: Mapping[str, str]) -> None:
    """Group events under the anchor that stands beside one of their identifiers.

    It looks one step far: an event gets an anchor only if another event carries that anchor and
    one of its identifiers. What it leaves keeps its own strongest identifier.
    """
    library: Any = import_module("pygrouper")
    with open_events(path) as connection:
        check_event_ids(connection)
        columns = plain_columns(path, identifiers)
        names = list(columns.raw)
        rows = connection.execute(
            f"select event_id, {', '.join(columns.raw.values())} from events"
        ).fetchall()
        events = [
            library.Event(
                {
                    name: value
                    for name, value in zip(names, values, strict=True)
                    if value is not None
                },
                id=event_id,
            )
            for event_id, *values in rows
        ]
        uids = [library.Uid(name, priority) for priority, name in enumerate(names[1:])]
        grouped = library.crg(events, uids, library.Uid(ANCHOR))
        found = [
            (event.id, anchor)
            for anchor, by_type in grouped.items()
            for by_value in by_type.values()
            for members in by_value.values()
            for event in members
        ]
        write_grouped(connection, columns, path.stem, folder, found)


def write_grouped(
    connection: duckdb.DuckDBPyConnection,
    columns: Columns,
    source: str,
    folder: Path,
    found: list[tuple[Any, Any]],
) -> None:
    """Write the events, with the anchors that were found for some of them."""
    connection.register(
        "found",
        {
            "event_id": np.array([event_id for event_id, _ in found]),
            "grouped_anchor": np.array([str(anchor) for _, anchor in found], dtype=object),
        },
    )
    connection.execute(
        f"""copy (select '{source}' as source, event_id::varchar as event_id, time,
        coalesce('{ANCHOR}:' || grouped_anchor, {columns.strongest_name()}) as profile_id,
        coalesce({ANCHOR}::varchar, grouped_anchor) as anchor,
        case when anchor is null then 'anonymous' else 'anchored' end as status,
        {columns.strongest_type()} as via_type, {columns.strongest_value()} as via_value
        from events left join found using (event_id))
        to '{folder / "events.parquet"}' (format parquet)"""
    )


CONTESTANTS = (
    Contestant("floor", floor, (), links=False),
    Contestant("xrefgraph", xrefgraph, ("xrefgraph",)),
    Contestant("floor (text ids)", floor, (), links=False, text_ids=True),
    Contestant("xrefgraph (text ids)", xrefgraph, ("xrefgraph",), text_ids=True),
    Contestant("xrefgraph (500MB)", xrefgraph_in_500_mb, ("xrefgraph",)),
    Contestant("splink", splink, ("splink", "splink.clustering")),
    Contestant("python-igraph", igraph, ("igraph",)),
    Contestant("rustworkx", rustworkx, ("rustworkx",)),
    Contestant("networkx (helped)", networkx_helped, ("networkx",)),
    Contestant("networkx", networkx, ("networkx",), largest=MILLION),
    Contestant("pygrouper", pygrouper, ("pygrouper",), largest=HUNDRED_THOUSAND, links=False),
)
