"""What became of profiles, events and identifiers: two results laid over each other."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from xrefgraph.database import Database
from xrefgraph.graph import XrefGraph
from xrefgraph.inspection.changes.causes import Told, find_causes
from xrefgraph.inspection.changes.comparison import CHANGES, Cause, Change, Comparison, Example
from xrefgraph.inspection.changes.overlay import (
    SIDES,
    Flags,
    Ints,
    Overlaps,
    find_overlaps,
    lay_over,
    read_side,
)

log = logging.getLogger(__name__)

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

    Why: where both sides are graphs, or graphs in files, their links and their rules are known. In a group that split, each link that held
    before is looked at; one between what is in two profiles now is a cause, with what is said of it now: cut by a rule, detached by a
    decision, of a value that links nothing any more, or of an event that is gone. If what is lost hangs together, it is a cause when it
    links two of these profiles. What merged is what split when the sides are swapped. Folders hold no links, so with one of them
    only the causes are told that stand in the table ``cuts``. A group may have several causes. Groups are looked at in turn, the smallest
    first, as long as they have no more than a million events and identifiers together (those that split, merged or were reshaped, and
    again the others); of the rest ``not_told`` has the number.

    Cost: a join of the events, and one of the identifiers; linear but for that, also in the owners of an
    identifier. Graphs are written to a temporary folder first.

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
    with contextlib.ExitStack() as opened:
        opened.callback(database.close)
        sides = (
            read_side(database, "before", before, opened),
            read_side(database, "after", after, opened),
        )
        lay_over(database)
        overlaps = find_overlaps(database)
        kind = _group(database, overlaps)
        told = find_causes(database, sides)
        profiles = _of_profiles(database, overlaps, kind, told)
        found = Comparison(
            profiles=profiles,
            events=_of_events(database),
            identifiers=_of_identifiers(database),
            anchors=_of_anchors(database),
            causes=_together(told),
            not_told=_not_told(database, told),
        )
    log.info("compared in %.1f s", time.perf_counter() - began)
    return found


# ------------------------------------------------------------------------------------------- answers


def _group(database: Database, overlaps: Overlaps) -> Ints:
    """Say of each group what became of it, and make ``small_group``: those of a change, the smallest of each kind first.

    Also ``before_group`` and ``after_group``: the profiles of these groups.
    """
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
    for side, label in zip(SIDES, groups, strict=True):
        with database.registered(no=np.arange(len(label)), label=label, kind=kind[label]) as lent:
            database.run(
                f"CREATE TABLE {side}_group AS SELECT label, kind, '{side}' AS side, id, events + identifiers AS members"
                f" FROM {lent} g JOIN {side}_profile USING (no) WHERE kind > 0"
            )
    database.run(
        "CREATE TABLE small_group AS WITH profile AS (FROM before_group UNION ALL FROM after_group) SELECT *, row_number()"
        " OVER (PARTITION BY kind ORDER BY profiles, size, p NULLS LAST, q) AS place FROM (SELECT label, kind, count(*) AS profiles,"
        "  sum(members)::BIGINT AS size, min(id) FILTER (side = 'before') AS p, min(id) FILTER (side = 'after') AS q FROM profile"
        "  GROUP BY label, kind)"
    )
    return kind


def _of_profiles(
    database: Database, overlaps: Overlaps, kind: Ints, told: Sequence[Told]
) -> dict[str, Change]:
    names = CHANGES["profiles"]
    before, after = (np.bincount(label, minlength=len(kind)) for label in overlaps.groups)
    counts = [np.bincount(kind, side, len(names)).astype(int) for side in (before, after)]
    examples = _groups_for_example(database, told)
    return {
        name: Change(int(counts[0][n]), int(counts[1][n]), tuple(examples.get(n, ())))
        for n, name in enumerate(names)
    }


def _together(told: Sequence[Told]) -> tuple[Cause, ...]:
    """Count each cause once for all groups, with the smallest example."""
    labels: dict[tuple[str, str], set[int]] = {}
    causes: dict[tuple[str, str], Cause] = {}
    for one in told:
        key = one.cause.change, one.cause.what
        labels.setdefault(key, set()).add(one.label)
        causes[key] = min(causes.get(key, one.cause), one.cause, key=_place)
    counted = [replace(cause, groups=len(labels[key])) for key, cause in causes.items()]
    order = CHANGES["profiles"].index
    return tuple(sorted(counted, key=lambda one: (order(one.change), -one.groups, one.what)))


def _place(cause: Cause) -> tuple[Any, ...]:
    return cause.event or ("", ""), cause.identifier or ("", ""), cause.between


def _not_told(database: Database, told: Sequence[Told]) -> dict[str, int]:
    names = CHANGES["profiles"]
    known = {(one.cause.change, one.label) for one in told}
    groups = dict(database.rows("SELECT kind, count(*) FROM small_group GROUP BY kind"))
    rest = {
        name: groups.get(n, 0) - sum(change == name for change, _ in known)
        for n, name in enumerate(names)
    }
    return {name: number for name, number in rest.items() if number}


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


def _groups_for_example(database: Database, told: Sequence[Told]) -> dict[int, list[Example]]:
    """Give the smallest groups of each kind that is a change: fewest profiles, then members, then by name."""
    rows = database.rows(
        f"WITH profile AS (FROM before_group UNION ALL FROM after_group), chosen AS (FROM small_group WHERE place <= {EXAMPLES})"
        f" SELECT label, any_value(c.kind), {_names('profile.id', 'before')}, {_names('profile.id', 'after')}, any_value(profiles)"
        " FROM chosen c JOIN profile USING (label) GROUP BY label ORDER BY any_value(c.kind), any_value(place)"
    )
    causes: dict[int, dict[str, Cause]] = {row[0]: {} for row in rows}
    for one in sorted(told, key=lambda one: (one.cause.what, _place(one.cause))):
        if one.label in causes:
            causes[one.label].setdefault(one.cause.what, one.cause)
    found: dict[int, list[Example]] = {}
    for label, number, p, q, profiles in rows:
        example = replace(_example((), p, q, profiles), causes=tuple(causes[label].values()))
        found.setdefault(number, []).append(example)
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
