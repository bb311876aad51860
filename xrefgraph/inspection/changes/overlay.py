"""Two results laid over each other: which profiles have members in common."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from xrefgraph.database import Database
from xrefgraph.errors import StoreError, XrefGraphError
from xrefgraph.export import write_tables
from xrefgraph.graph import XrefGraph
from xrefgraph.graph import open as open_graph
from xrefgraph.linking.components import smallest_connected
from xrefgraph.results import results_format, scan_results

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

SIDES = ("before", "after")

#: The columns that are read of each table; the others (times, counts) say nothing of who is with whom.
READ = {
    "events": ("source", "event_id", "profile_id", "anchor"),
    "identifiers": ("type", "value", "profile_id"),
}

#: What is read besides where it is there, since it tells why.
READ_IF_THERE = {
    "cuts": (
        "source",
        "event_id",
        "type",
        "value",
        "rule",
        "reason",
        "type_a",
        "value_a",
        "type_b",
        "value_b",
    ),
}


@dataclass(frozen=True)
class Side:
    """One of the two results.

    Parameters
    ----------
    name : {"before", "after"}
        How its tables begin in the database of the comparison.
    graph : XrefGraph or None
        None where it is a folder, which holds neither links nor rules.
    has_cuts : bool
        Whether there is a table of cuts.
    """

    name: str
    graph: XrefGraph | None
    has_cuts: bool


# ------------------------------------------------------------------------------------------- reading


def read_side(database: Database, side: str, given: Any, opened: contextlib.ExitStack) -> Side:
    """Make the views ``before_events`` and so on. A graph in a file stays open until the end."""
    if not isinstance(given, XrefGraph | str | Path):
        raise XrefGraphError(
            f"{side} is a graph, a folder of results or a file of a graph, not {type(given).__name__}."
        )
    graph = given if isinstance(given, XrefGraph) else None
    if not isinstance(given, XrefGraph) and not Path(given).is_dir():
        graph = opened.enter_context(open_graph(given, read_only=True))
    folder = Path(given) if not isinstance(given, XrefGraph) else database.spill_folder / side
    tables = READ | READ_IF_THERE
    if graph is not None:
        folder = database.spill_folder / side
        tables |= {"events": (*READ["events"], "status")}
        _write(graph, folder, tables)
    form = results_format(folder)
    for name, columns in tables.items():
        if name in READ or (folder / f"{name}.{form}").is_file():
            rows = scan_results(folder / f"{name}.{form}", columns)
            database.run(f"CREATE VIEW {side}_{name} AS SELECT {', '.join(columns)} FROM {rows}")
    return Side(side, graph, (folder / f"cuts.{form}").is_file())


def _write(graph: XrefGraph, folder: Path, tables: Mapping[str, Sequence[str]]) -> None:
    # One database does not see the tables of another; and sorting is for people, who do not look at this.
    queries = {
        name: f"SELECT {', '.join(columns)} FROM ({graph._query(name, ordered=False)})"  # noqa: SLF001  (see above)
        for name, columns in tables.items()
    }
    write_tables(graph._database, queries, folder, "parquet")  # noqa: SLF001  (the one that has these tables)


def lay_over(database: Database) -> None:
    """Lay one side over the other.

    ``event``        how many events went from profile p to profile q, with the first of them
    ``identifier``   each identifier with the number of its owners, and one of these, on both sides
    ``before_owner`` and ``after_owner``: each identifier with each of its owners
    ``before_profile`` and ``after_profile``: the profiles, numbered, with the number of their members
    """
    database.run(
        "CREATE TABLE event AS SELECT source, p, q, before, after, answer, min(event_id) AS event_id, count(*) AS events,"
        " min(anchor_p) AS anchor_p, min(anchor_q) AS anchor_q FROM (SELECT source, event_id, b.profile_id AS p,"
        "  a.profile_id AS q, b.anchor AS anchor_p, a.anchor AS anchor_q, b.here IS NOT NULL AS before,"
        "  a.here IS NOT NULL AS after, CASE WHEN b.here IS NULL OR a.here IS NULL THEN NULL"
        "  WHEN b.anchor = a.anchor THEN 'kept' WHEN b.anchor IS NULL AND a.anchor IS NULL THEN NULL"
        "  WHEN a.anchor IS NULL THEN 'lost' WHEN b.anchor IS NULL THEN 'gained' ELSE 'replaced' END AS answer"
        "  FROM (SELECT *, true AS here FROM before_events) b FULL JOIN"
        "  (SELECT *, true AS here FROM after_events) a USING (source, event_id)) GROUP BY ALL"
    )
    for side in SIDES:
        _check_repeats(database, side)
        database.run(
            f"CREATE TABLE {side}_owner AS SELECT DISTINCT type, value, profile_id FROM {side}_identifiers"
        )
    database.run(
        "CREATE TABLE identifier AS SELECT type, value, b.owners AS owners_p, a.owners AS owners_q,"
        " b.profile_id AS p, a.profile_id AS q FROM"
        + " FULL JOIN ".join(
            " (SELECT type, value, count(profile_id) AS owners, min(profile_id) AS profile_id"
            f" FROM {side}_owner GROUP BY type, value) {side[0]}"
            for side in SIDES
        )
        + " USING (type, value)"
    )
    for side, profile in zip(SIDES, "pq", strict=True):
        database.run(
            f"CREATE TABLE {side}_profile AS SELECT (row_number() OVER () - 1)::INTEGER AS no, id, sum(events)::BIGINT AS events,"
            f" sum(identifiers)::BIGINT AS identifiers FROM (SELECT {profile} AS id, events, 0 AS identifiers FROM event"
            f" UNION ALL SELECT profile_id, 0, 1 FROM {side}_owner) WHERE id IS NOT NULL GROUP BY id"
        )


def _check_repeats(database: Database, side: str) -> None:
    rows, joined = database.row(
        f"SELECT (SELECT count(*) FROM {side}_events), (SELECT coalesce(sum(events), 0) FROM event WHERE {side})"
    )
    if rows != joined:
        raise StoreError(
            f"An event stands in the results several times, on at least one side ({rows:,} rows {side},"
            f" {joined:,} after they were laid over the others). Were two results written into one file?",
            side=side,
        )


# ---------------------------------------------------------------------------------------- the overlaps


@dataclass(frozen=True)
class Overlaps:
    """Which profiles have members in common, by their numbers; one row a pair.

    Parameters
    ----------
    p, q : int[pairs]
        The profile before and the profile after, in the order that settles ties.
    events, identifiers : int[pairs]
        How many events and identifiers they have in common that are in no other profile.
    sizes : (int, int)
        How many profiles there are on both sides.
    """

    p: Ints
    q: Ints
    events: Ints
    identifiers: Ints
    sizes: tuple[int, int]

    @property
    def groups(self) -> tuple[Ints, Ints]:
        """The group of each profile before, and of each after: the components of the overlaps."""
        total = sum(self.sizes)
        ends = self.p.astype(np.int32), (self.q + self.sizes[0]).astype(np.int32)
        label = smallest_connected(*ends, total).astype(np.int64)
        return label[: self.sizes[0]], label[self.sizes[0] :]

    @property
    def corresponding(self) -> Flags:
        """Which pairs are each other's largest overlap."""
        order = np.argsort(-(self.events + self.identifiers), kind="stable")
        largest = np.ones(len(self.p), bool)
        for profile in (self.p, self.q):
            first = np.zeros(len(self.p), bool)
            first[order[np.unique(profile[order], return_index=True)[1]]] = True
            largest &= first
        return largest


def find_overlaps(database: Database) -> Overlaps:
    """Find the overlaps, and make ``corresponding``: the profiles p and q that correspond."""
    # A sum of counts would be a HUGEINT, which numpy has not.
    found = database.arrays(
        "SELECT b.no AS p, a.no AS q, o.events, o.identifiers FROM (SELECT p, q, sum(events)::BIGINT AS events,"
        " sum(identifiers)::BIGINT AS identifiers, sum(kept) AS kept, min(identifier) AS identifier, min(event) AS event FROM"
        " (SELECT p, q, events, 0 AS identifiers, CASE WHEN answer = 'kept' THEN events ELSE 0 END AS kept,"
        "  NULL AS identifier, row(source, event_id) AS event FROM event WHERE p IS NOT NULL AND q IS NOT NULL"
        "  UNION ALL SELECT p, q, 0, 1, 0, type || ':' || value, NULL FROM identifier WHERE owners_p = 1 AND owners_q = 1)"
        " GROUP BY p, q) o JOIN before_profile b ON o.p = b.id JOIN after_profile a ON o.q = a.id"
        " ORDER BY o.kept DESC, o.identifier NULLS LAST, o.event"
    )
    sizes = database.row(
        "SELECT (SELECT count(*) FROM before_profile), (SELECT count(*) FROM after_profile)"
    )
    p, q, events, identifiers = (
        found[name].astype(np.int64) for name in ("p", "q", "events", "identifiers")
    )
    overlaps = Overlaps(p, q, events, identifiers, (sizes[0], sizes[1]))
    mutual = overlaps.corresponding
    with database.registered(p=p[mutual], q=q[mutual]) as lent:
        database.run(
            f"CREATE TABLE corresponding AS SELECT b.id AS p, a.id AS q FROM {lent} c"
            " JOIN before_profile b ON c.p = b.no JOIN after_profile a ON c.q = a.no"
        )
    # Of identifiers with several owners: those owners before of which the corresponding one is an owner after.
    several = "SELECT type, value FROM identifier WHERE owners_p > 0 AND owners_q > 0 AND (owners_p > 1 OR owners_q > 1)"
    database.run(
        "CREATE TABLE kept_owner AS SELECT b.type, b.value, c.p FROM before_owner b"
        f" SEMI JOIN ({several}) s USING (type, value) JOIN corresponding c ON b.profile_id = c.p"
        " JOIN after_owner a ON b.type = a.type AND b.value = a.value AND c.q = a.profile_id"
    )
    return overlaps
