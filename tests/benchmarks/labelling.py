"""What the contestants other than xrefgraph share: DuckDB around a search for components.

A DuckDB connection of ``open_events`` has the view ``events``. ``connect_identifiers`` adds the
tables ``identifiers`` (code, type, value; codes in order of strength) and ``edges`` (strongest,
other). ``label_codes`` or ``label_names`` add ``labels`` (identifier, profile_id, anchor, status),
which ``write_events`` joins to the events by their strongest identifier: one join is enough, since
all identifiers of an event share its profile.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
from numpy.typing import NDArray

from tests.benchmarks.events import ANCHOR

Codes = NDArray[np.int64]


@dataclass(frozen=True)
class Columns:
    """The columns of identifiers, and SQL for the strongest identifier of a row.

    Attributes
    ----------
    raw : mapping of str to str
        Type to column, strongest first, the anchor included.
    lists : frozenset of str
        The types whose columns hold lists.
    """

    raw: Mapping[str, str]
    lists: frozenset[str] = frozenset()

    def value(self, name: str) -> str:
        """Return SQL for the value of a type as text, of a list the smallest."""
        if name in self.lists:
            return f"list_min({self.raw[name]})"
        return f"{self.raw[name]}::varchar"

    def name_of(self, name: str) -> str:
        """Return SQL for ``type:value``."""
        return f"'{name}:' || {self.value(name)}"

    def _strongest(self, branch: Mapping[str, str]) -> str:
        branches = (f"when {self.raw[name]} is not null then {sql}" for name, sql in branch.items())
        return f"case {' '.join(branches)} end"

    def strongest_name(self) -> str:
        """Return SQL for ``type:value`` of the strongest identifier of a row."""
        return self._strongest({name: self.name_of(name) for name in self.raw})

    def strongest_type(self) -> str:
        """Return SQL for the type of the strongest identifier of a row."""
        return self._strongest({name: f"'{name}'" for name in self.raw})

    def strongest_value(self) -> str:
        """Return SQL for the value of the strongest identifier of a row, as text."""
        return self._strongest({name: self.value(name) for name in self.raw})


def plain_columns(path: Path, identifiers: Mapping[str, str]) -> Columns:
    """Return the columns of identifiers of a file, the anchor first."""
    raw = {ANCHOR: ANCHOR, **identifiers}
    with duckdb.connect() as connection:
        described = connection.execute(f"describe from read_parquet('{path}')").fetchall()
    lists = {column for column, column_type, *_ in described if column_type.endswith("[]")}
    return Columns(raw, frozenset(name for name, column in raw.items() if column in lists))


def open_events(path: Path) -> duckdb.DuckDBPyConnection:
    """Return a database in memory in which ``events`` is the file."""
    connection = duckdb.connect()
    # Nobody asked for the order of the rows, and keeping it costs time and memory.
    connection.execute("set preserve_insertion_order = false")
    connection.execute(f"create view events as from read_parquet('{path}')")
    return connection


def check_event_ids(connection: duckdb.DuckDBPyConnection) -> None:
    """Make sure that no event id occurs twice, as xrefgraph does."""
    (repeated,) = connection.execute(
        "select count(*) - count(distinct event_id) from events"
    ).fetchall()[0]
    if repeated:
        raise ValueError(f"{repeated} event ids occur more than once")


def connect_identifiers(
    connection: duckdb.DuckDBPyConnection, columns: Columns, *, fetch: bool = True
) -> tuple[Codes, int]:
    """Give each identifier a code, and find the pairs that some event joins.

    Each event joins its strongest identifier with each of its others. Events with the same
    identifiers are alike, so they are grouped first.

    Returns
    -------
    edges : array of shape (pairs, 2)
        The strongest identifier and the other, each pair once; empty when not fetched.
    identifiers : int
        How many there are. Their codes are 0, 1, ..., strongest first.
    """
    sets = ", ".join(columns.raw.values())
    connection.execute(f"create temp table sets as select distinct {sets} from events")
    each_type = " union all ".join(
        f"select distinct {rank} as rank, '{name}' as type, {columns.value(name)} as value"
        f" from sets where {column} is not null"
        for rank, (name, column) in enumerate(columns.raw.items())
    )
    connection.execute(
        "create temp table identifiers as select"
        " (row_number() over (order by rank, value) - 1)::integer as code, type, value"
        f" from ({each_type})"
    )
    code = {name: f"{name}_code" for name in columns.raw}
    joined = " ".join(
        f"left join (select code as {code[name]}, value from identifiers where type = '{name}')"
        f" as {name}_codes on {columns.value(name)} = {name}_codes.value"
        for name in columns.raw
    )
    connection.execute(
        f"create temp table codes as select {', '.join(code.values())} from sets {joined}"
    )
    connection.execute("drop table sets")
    strongest = f"coalesce({', '.join(code.values())})"
    pairs = " union all ".join(
        f"select {strongest} as strongest, {column} as other from codes where {column} > strongest"
        for column in list(code.values())[1:]
    )
    connection.execute(f"create temp table edges as select distinct * from ({pairs})")
    connection.execute("drop table codes")
    ((count,),) = connection.execute("select count(*) from identifiers").fetchall()
    if not fetch:
        return np.empty((0, 2), np.int64), count
    edges = connection.execute("select strongest, other from edges").fetchnumpy()
    return np.column_stack([edges["strongest"], edges["other"]]).astype(np.int64), count


def label_codes(connection: duckdb.DuckDBPyConnection, label: Codes | None = None) -> None:
    """Make ``labels`` of the smallest code of each identifier's component.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        With the table ``identifiers``.
    label : array of shape (identifiers,), optional
        The smallest code of the component of each code; by default the table ``label``
        (code, label) is there already.

    Notes
    -----
    An identifier alone in its component names its own profile, and is left out.
    """
    if label is not None:
        code = np.arange(len(label))
        joined = label != code
        joined[label[joined]] = True
        connection.register("label", {"code": code[joined], "label": label[joined]})
    connection.execute(
        f"""create temp table labels as
        with anchors as (
            select label, count(*) as anchors from label join identifiers using (code)
            where type = '{ANCHOR}' group by label)
        select member.type || ':' || member.value as identifier,
            owner.type || ':' || owner.value as profile_id,
            case when anchors = 1 then owner.value end as anchor,
            case when anchors is null then 'anonymous' when anchors = 1 then 'anchored'
                else 'ambiguous' end as status
        from label join identifiers as member using (code)
        join identifiers as owner on label.label = owner.code
        left join anchors on label.label = anchors.label"""
    )


def label_names(
    connection: duckdb.DuckDBPyConnection, columns: Columns, components: Iterable[list[str]]
) -> None:
    """Make ``labels`` of components whose identifiers are texts ``type:value``."""
    rank = {name: position for position, name in enumerate(columns.raw)}
    identifier: list[str] = []
    profile_id: list[str] = []
    anchors: list[int] = []
    for component in components:
        if len(component) == 1:
            continue
        split = [
            (rank[name], value) for name, _, value in (node.partition(":") for node in component)
        ]
        position, value = min(split)
        identifier += component
        profile_id += [f"{[*rank][position]}:{value}"] * len(component)
        anchors += [sum(position == 0 for position, _ in split)] * len(component)
    connection.register(
        "named",
        {
            "identifier": np.array(identifier, dtype=object),
            "profile_id": np.array(profile_id, dtype=object),
            "anchors": np.array(anchors),
        },
    )
    connection.execute(
        f"""create temp table labels as select identifier, profile_id,
        case when anchors = 1 then profile_id[{len(ANCHOR) + 2}:] end as anchor,
        case anchors when 0 then 'anonymous' when 1 then 'anchored' else 'ambiguous' end as status
        from named"""
    )


def write_events(
    connection: duckdb.DuckDBPyConnection, columns: Columns, source: str, folder: Path
) -> None:
    """Write the eight columns, each event under the profile of its strongest identifier."""
    connection.execute(
        f"""copy (select '{source}' as source, event_id::varchar as event_id, time,
        coalesce(profile_id, strongest) as profile_id,
        case when status is null then {ANCHOR}::varchar else anchor end as anchor,
        coalesce(status, case when {ANCHOR} is null then 'anonymous' else 'anchored' end) as status,
        {columns.strongest_type()} as via_type, {columns.strongest_value()} as via_value
        from (select *, {columns.strongest_name()} as strongest from events)
        left join labels on strongest = labels.identifier)
        to '{folder / "events.parquet"}' (format parquet)"""
    )
