"""What became of profiles, events and identifiers: two results laid over each other."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from xrefgraph.database import Database
from xrefgraph.errors import StoreError, XrefGraphError
from xrefgraph.export import write_tables
from xrefgraph.graph import XrefGraph
from xrefgraph.graph import open as open_graph
from xrefgraph.inspection.comparison import CHANGES, Change, Comparison, Example
from xrefgraph.linking.components import smallest_connected
from xrefgraph.results import results_format, scan_results

log = logging.getLogger(__name__)

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

SIDES = ("before", "after")

#: The columns that are read of each table; the others (times, counts) say nothing of who is with whom.
READ = {
    "events": ("source", "event_id", "profile_id", "anchor"),
    "identifiers": ("type", "value", "profile_id"),
}

#: How many examples there are of each change, and how many profiles of each side in one.
EXAMPLES, NAMES = 5, 10


def compare(before: XrefGraph | str | Path, after: XrefGraph | str | Path) -> Comparison:
    """Say what is different between two results, before and after a change of rules or of data.

    Parameters
    ----------
    before, after : XrefGraph or path
        A graph, a graph in a file, or a folder that :meth:`XrefGraph.write` wrote, in any combination.

    Returns
    -------
    Comparison

    Raises
    ------
    StoreError
        When there is no such file or folder, it holds no results, or an event stands in it twice.

    Notes
    -----
    The *members* of a profile are its events, by (source, event_id), and its identifiers, by (type, value).
    Names of profiles, times, and the order of rows do not count. An event without an id of its own is known by
    the number of its row, so it is the same event only while its source is the same. An identifier that
    changes hands (policy ``over_time``) is a member of every profile that it belongs to at some time; it
    counts once as an identifier. When it belongs to whom does not count.

    A profile before and a profile after *overlap* if they have a member in common that is in no other
    profile. (An identifier of several owners does not tell which of them became which.) Profiles that hang
    together by overlaps, directly or through others, are a group, and each group is one of

    ========= ====== ===== ==============================================================
    change    before after
    ========= ====== ===== ==============================================================
    unchanged 1      1     with the same members
    changed   1      1     with members that are new, have gone, or had no profile
    split     1      more
    merged    more   1
    reshaped  more   more  so members went from some to others
    retired   1      0
    created   0      1
    ========= ====== ===== ==============================================================

    Two overlapping profiles *correspond* if each is the other's largest overlap, by the number of members; of
    several as large as this, the one with more events that keep their anchor, then the one with the smaller
    identifier, then the one with the smaller event. What is in a profile before and in the corresponding
    profile after has *stayed*; so has what is in no profile on both sides. Everything else that is on both
    sides has *moved*: it is with other people now. An identifier of several profiles has stayed if all
    of them correspond. So where a profile of 100 events loses one, that one has moved, and not the other 99.

    Cost: a join of the events, and one of the identifiers; linear but for that, also in the owners of an
    identifier. Graphs in memory are written to a temporary folder first.

    Examples
    --------
    >>> import xrefgraph as xg
    >>> rows = [{"db_id": 1, "cookie": "a", "mail": "ann@example.org"}, {"mail": "ann@example.org"}]
    >>> before = xg.build(rows, anchor="db_id", identifiers=["mail", "cookie"])
    >>> after = xg.build(rows, anchor="db_id", identifiers=["cookie"])
    >>> found = xg.compare(before, after)
    >>> print(found.summary)
    1 profile before, 1 after: 1 changed. Of the 2 events in both, 1 moved; of the 2 identifiers in both,
    none moved; 1 event lost its anchor.
    >>> found.events["moved"].examples
    (Example(key=('source_1', '#2'), before=('db_id:1',), after=(), left_off=0),)
    """
    began = time.perf_counter()
    database = Database()
    try:
        for side, given in zip(SIDES, (before, after), strict=True):
            _read(database, side, given)
        _overlay(database)
        overlaps = _overlaps(database)
        found = Comparison(
            profiles=_of_profiles(database, overlaps),
            events=_of_events(database),
            identifiers=_of_identifiers(database),
            anchors=_of_anchors(database),
        )
    finally:
        database.close()
    log.info("compared in %.1f s", time.perf_counter() - began)
    return found


# ------------------------------------------------------------------------------------------- reading


def _read(database: Database, side: str, given: Any) -> None:
    """Make the views ``before_events`` and so on."""
    if not isinstance(given, XrefGraph | str | Path):
        raise XrefGraphError(
            f"{side} is a graph, a folder of results or a file of a graph, not {type(given).__name__}."
        )
    folder = database.spill_folder / side
    if isinstance(given, XrefGraph):
        _write(given, folder)
    elif Path(given).is_dir():
        folder = Path(given)
    else:
        with open_graph(given, read_only=True) as graph:
            _write(graph, folder)
    form = results_format(folder)
    for name, columns in READ.items():
        rows = scan_results(folder / f"{name}.{form}", columns)
        database.run(f"CREATE VIEW {side}_{name} AS SELECT {', '.join(columns)} FROM {rows}")


def _write(graph: XrefGraph, folder: Path) -> None:
    # One database does not see the tables of another; and sorting is for people, who do not look at this.
    queries = {
        name: f"SELECT {', '.join(columns)} FROM ({graph._query(name, ordered=False)})"  # noqa: SLF001  (see above)
        for name, columns in READ.items()
    }
    write_tables(graph._database, queries, folder, "parquet")  # noqa: SLF001  (the one that has these tables)


def _overlay(database: Database) -> None:
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


def _overlaps(database: Database) -> Overlaps:
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


# ------------------------------------------------------------------------------------------- answers


def _of_profiles(database: Database, overlaps: Overlaps) -> dict[str, Change]:
    groups = overlaps.groups
    count = int(max(label.max(initial=-1) for label in groups)) + 1
    before, after = (np.bincount(label, minlength=count) for label in groups)
    names = CHANGES["profiles"]
    kind = np.select(
        [after == 0, before == 0, (before > 1) & (after > 1), before > 1, after > 1],
        [names.index(name) for name in ("retired", "created", "reshaped", "merged", "split")],
        names.index("changed"),
    )
    kind[groups[0][_same(database, overlaps, (before == 1) & (after == 1))]] = 0
    counts = [np.bincount(kind, side, len(names)).astype(int) for side in (before, after)]
    examples = _groups_for_example(database, groups, kind)
    return {
        name: Change(int(counts[0][n]), int(counts[1][n]), tuple(examples.get(n, ())))
        for n, name in enumerate(names)
    }


def _same(database: Database, overlaps: Overlaps, alone: Flags) -> Ints:
    """Give the profiles before that have one overlap, with a profile of exactly the same members."""
    members = [
        database.arrays(f"SELECT events, identifiers FROM {side}_profile ORDER BY no")
        for side in SIDES
    ]
    shared = database.arrays(
        "SELECT no, count(*) AS identifiers FROM kept_owner k JOIN before_profile b ON k.p = b.id GROUP BY no"
    )
    extra = np.zeros(overlaps.sizes[0], np.int64)
    extra[shared["no"]] = shared["identifiers"]
    p, q = overlaps.p, overlaps.q
    same = alone[overlaps.groups[0][p]]
    for name, common in (
        ("events", overlaps.events),
        ("identifiers", overlaps.identifiers + extra[p]),
    ):
        same &= (common == members[0][name][p]) & (common == members[1][name][q])
    return p[same]


class _Row(NamedTuple):
    """A row of what an example is made of: key, the profiles on both sides, and how many these are."""

    key: tuple[str, ...]
    before: Sequence[str]
    after: Sequence[str]
    left_off: int


def _groups_for_example(
    database: Database, groups: tuple[Ints, Ints], kind: Ints
) -> dict[int, list[Example]]:
    """Give the smallest groups of each kind that is a change: fewest profiles, then members, then by name."""
    for side, label in zip(SIDES, groups, strict=True):
        with database.registered(no=np.arange(len(label)), label=label, kind=kind[label]) as lent:
            database.run(
                f"CREATE TABLE {side}_group AS SELECT label, kind, '{side}' AS side, id, events + identifiers AS members"
                f" FROM {lent} g JOIN {side}_profile USING (no) WHERE kind > 0"
            )
    rows = database.rows(
        "WITH profile AS (FROM before_group UNION ALL FROM after_group), small AS (SELECT label, kind, count(*) AS profiles,"
        "  sum(members) AS size, min(id) FILTER (side = 'before') AS p, min(id) FILTER (side = 'after') AS q FROM profile"
        "  GROUP BY label, kind), chosen AS (SELECT *, row_number()"
        f"  OVER (PARTITION BY kind ORDER BY profiles, size, p NULLS LAST, q) AS place FROM small QUALIFY place <= {EXAMPLES})"
        f" SELECT any_value(c.kind), {_names('profile.id', 'before')}, {_names('profile.id', 'after')}, any_value(profiles)"
        " FROM chosen c JOIN profile USING (label) GROUP BY label ORDER BY any_value(c.kind), any_value(place)"
    )
    found: dict[int, list[Example]] = {}
    for number, p, q, profiles in rows:
        found.setdefault(number, []).append(_example((), p, q, profiles))
    return found


def _names(column: str, side: str) -> str:
    """Give the SQL of the first names of one side; min() of so many keeps no more than these."""
    return f"min({column}, {NAMES}) FILTER (side = '{side}')"


def _example(
    key: tuple[str, ...], before: Sequence[str] | None, after: Sequence[str] | None, total: int
) -> Example:
    p, q = tuple(before or ()), tuple(after or ())
    return Example(key, p, q, total - len(p) - len(q))


def _of_events(database: Database) -> dict[str, Change]:
    database.run(
        "CREATE VIEW event_change AS SELECT e.*, CASE WHEN NOT after THEN 'removed' WHEN NOT before THEN 'added'"
        " WHEN c.p IS NOT NULL OR (e.p IS NULL AND e.q IS NULL) THEN 'stayed' ELSE 'moved' END AS change"
        " FROM event e LEFT JOIN corresponding c ON e.p = c.p AND e.q = c.q"
    )
    counts = dict(
        database.rows("SELECT change, sum(events)::BIGINT FROM event_change GROUP BY change")
    )
    return {name: _events(database, "change", name, counts) for name in CHANGES["events"]}


def _of_anchors(database: Database) -> dict[str, Change]:
    counts = dict(database.rows("SELECT answer, sum(events)::BIGINT FROM event GROUP BY answer"))
    return {name: _events(database, "answer", name, counts) for name in CHANGES["anchors"]}


def _events(database: Database, column: str, name: str, counts: dict[str, int]) -> Change:
    """Count the events of a change; for example the first of a pair of profiles each, so that these differ."""
    rows: list[tuple[Any, ...]] = []
    if name not in ("stayed", "kept"):
        sides = "p, q" if column == "change" else "anchor_p, anchor_q"
        rows = database.rows(
            f"SELECT source, event_id, {sides} FROM event_change WHERE {column} = '{name}'"
            f" ORDER BY source, event_id LIMIT {EXAMPLES}"
        )
    examples = [Example((source, event_id), _one(p), _one(q)) for source, event_id, p, q in rows]
    return _change(name, counts.get(name, 0), examples)


def _one(name: str | None) -> tuple[str, ...]:
    return () if name is None else (name,)


def _change(name: str, count: int, examples: Sequence[Example]) -> Change:
    before = 0 if name in ("added", "gained") else count
    after = 0 if name in ("removed", "lost") else count
    return Change(before, after, tuple(examples))


def _of_identifiers(database: Database) -> dict[str, Change]:
    database.run(
        "CREATE VIEW identifier_change AS SELECT i.*, CASE WHEN owners_q IS NULL THEN 'removed' WHEN owners_p IS NULL"
        " THEN 'added' WHEN owners_p = 0 AND owners_q = 0 THEN 'stayed' WHEN owners_p = 1 AND owners_q = 1 THEN"
        " CASE WHEN c.p IS NULL THEN 'moved' ELSE 'stayed' END WHEN owners_p = owners_q AND owners_p = k.kept THEN 'stayed'"
        " ELSE 'moved' END AS change FROM identifier i LEFT JOIN corresponding c ON i.p = c.p AND i.q = c.q"
        " LEFT JOIN (SELECT type, value, count(*) AS kept FROM kept_owner GROUP BY type, value) k"
        " ON i.type = k.type AND i.value = k.value"
    )
    counts = dict(database.rows("SELECT change, count(*) FROM identifier_change GROUP BY change"))
    rows = database.rows(
        "WITH chosen AS (SELECT * FROM identifier_change WHERE change <> 'stayed' QUALIFY row_number()"
        f" OVER (PARTITION BY change ORDER BY type, value) <= {EXAMPLES}), owner AS (SELECT *, 'before' AS side FROM"
        " before_owner UNION ALL SELECT *, 'after' FROM after_owner)"
        f" SELECT c.change, c.type, c.value, {_names('o.profile_id', 'before')}, {_names('o.profile_id', 'after')},"
        " count(o.profile_id) FROM owner o RIGHT JOIN chosen c USING (type, value) GROUP BY ALL ORDER BY c.type, c.value"
    )
    examples: dict[str, list[Example]] = {}
    for change, kind, value, p, q, owners in rows:
        examples.setdefault(change, []).append(_example((kind, value), p, q, owners))
    return {
        name: _change(name, counts.get(name, 0), examples.get(name, ()))
        for name in CHANGES["identifiers"]
    }
