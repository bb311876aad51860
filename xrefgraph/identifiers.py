"""Identifiers: values numbered; alike events grouped into sets; the incidence.

Events that carry exactly the same raw identifiers are one *set*. Only sets travel from here on: ten million
events are some three million sets, and every value is read once, not once an event. The incidence (set,
identifier), two integer arrays, is the graph.

Values are numbered in the order of the rules, strongest type first and then by text, so the smaller number
is the stronger identifier, whatever the order of the rows.

Where each column holds one value, a set of one identifier joins nothing: linking needs only the sets of two or
more. The others get their links when tables are made that list them.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from xrefgraph.database import Database, literal
from xrefgraph.errors import XrefGraphError, counted
from xrefgraph.events import Staged
from xrefgraph.linking.decisions import link_keys
from xrefgraph.linking.evidence import among
from xrefgraph.schema import Schema
from xrefgraph.values import read_values, stand_for_themselves

log = logging.getLogger(__name__)

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Incidence:
    """Which set of events carries which identifier: what linking needs of the bipartite graph, as arrays.

    Parameters
    ----------
    link_set, link_identifier : int32[links]
        One entry a link, in no order that matters: the row of the set in the table ``sets``, and the
        identifier. Links of contradictory sets are not among them, nor, where no column holds several values,
        those of sets with one value.
    link_strongest : int32[links]
        The strongest identifier of the set.
    held : bool[values]
        Which values are an identifier that some event may hold.
    stands_for : int32[values]
        The identifier that a value is read as; -1 where it is refused.
    contradictory : int32[sets in question]
        The sets that carry two values of a unique type, ascending.
    bounds : tuple of int
        Where the numbers of each type begin, by rank, and the number of all values.
    several : frozenset of int
        The ranks of the types whose columns hold several values.
    detached : int64[links in question]
        Links that a decision cut, as :func:`xrefgraph.linking.decisions.link_keys` numbers them, ascending. They
        are not among the links.
    """

    link_set: Ints
    link_identifier: Ints
    link_strongest: Ints
    held: Flags
    stands_for: Ints
    contradictory: Ints
    bounds: tuple[int, ...]
    several: frozenset[int]
    detached: Longs

    @property
    def types(self) -> int:
        """How many types there are."""
        return len(self.bounds) - 1

    @property
    def touched(self) -> Ints:
        """The values that do not stand for themselves, ascending."""
        values = np.arange(len(self.stands_for), dtype=np.int32)
        return np.flatnonzero(self.stands_for != values).astype(np.int32)


@dataclass(frozen=True)
class Sets:
    """All sets of alike events, with all their links.

    Parameters
    ----------
    raw_set, raw_value : int32[cells]
        What the events of a set carry, as it came in: the set, and the value.
    raw_detached : bool[cells]
        Whether a decision detached it.
    link_set, link_identifier : int32[links]
        As in :class:`Incidence`, of all sets.
    strongest : int32[sets]
        The strongest identifier of a set, -1 for a set that carries none.
    contradictory : bool[sets]
        Whether a set carries two values of a unique type.
    events : int64[sets]
        How many events a set stands for.
    """

    raw_set: Ints
    raw_value: Ints
    raw_detached: Flags
    link_set: Ints
    link_identifier: Ints
    strongest: Ints
    contradictory: Flags
    events: Longs


def number_identifiers(database: Database, staged: Staged, schema: Schema) -> Incidence:
    """Group alike events into sets, number the values, and give the incidence.

    Makes two tables. ``sets`` (raw_0, raw_1, ..., events, first_seen, last_seen): a set by its row number.
    ``value`` (no, type, text, identifier, reason): each text that came in or that a value was normalised to,
    numbered by type and text; ``identifier`` is the number of what it stands for, null where it is refused.

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
    its values by joins on text.
    """
    columns = ", ".join(
        [f"raw_{rank}" for rank in range(len(schema.names))]
        + (["detached"] if staged.detached else [])
    )
    database.run(
        f"CREATE TEMP TABLE sets AS SELECT {columns}, count(*)::BIGINT AS events,"
        f" min(time) AS first_seen, max(time) AS last_seen FROM staged GROUP BY {columns}"
    )
    bounds, stands_for = _number_values(database, staged, schema)
    log.info(
        "grouped: %s, %s",
        counted(database.row("SELECT count(*) FROM sets")[0], "set"),
        counted(bounds[-1], "value"),
    )
    contradictory = np.empty(0, np.int32)
    if staged.several:
        raw = _raw_links(database, bounds, staged.several)
        link_set, link_identifier = _read_links(*raw, stands_for, staged.several)
        sets = len(_events_of_sets(database))
        contradictory = _contradictory(link_set, link_identifier, bounds, schema, sets)
        linking = ~among(link_set.astype(np.int64), contradictory.astype(np.int64))
        link_set, link_identifier = link_set[linking], link_identifier[linking]
        held = np.zeros(bounds[-1], bool)
        held[link_identifier] = True
    else:
        values = " + ".join(f"(raw_{rank} IS NOT NULL)::INTEGER" for rank in range(len(bounds) - 1))
        raw = _raw_links(database, bounds, staged.several, f"{values} > 1")
        link_set, link_identifier = _read_links(*raw, stands_for, staged.several)
        held = np.zeros(bounds[-1], bool)
        held[stands_for[stands_for >= 0]] = True
    return Incidence(
        link_set,
        link_identifier,
        strongest_of(link_set, link_identifier),
        held,
        stands_for,
        contradictory,
        bounds,
        staged.several,
        np.empty(0, np.int64),
    )


def all_sets(database: Database, incidence: Incidence) -> Sets:
    """Give all sets with all their links, for the tables that list them.

    Cost: a join of the sets with their values.
    """
    raw = _raw_links(database, incidence.bounds, incidence.several)
    link_set, link_identifier = _read_links(*raw, incidence.stands_for, incidence.several)
    cell = link_keys(raw[0], incidence.stands_for[raw[1]])
    if len(incidence.detached):
        kept = ~among(link_keys(link_set, link_identifier), incidence.detached)
        link_set, link_identifier = link_set[kept], link_identifier[kept]
    events = _events_of_sets(database)
    strongest = np.full(len(events), -1, np.int32)
    strongest[link_set] = strongest_of(link_set, link_identifier)
    contradictory = np.zeros(len(events), bool)
    contradictory[incidence.contradictory] = True
    return Sets(
        *raw,
        among(cell, incidence.detached),
        link_set,
        link_identifier,
        strongest,
        contradictory,
        events,
    )


def lone_links(database: Database, incidence: Incidence, inside: Flags) -> tuple[Ints, Ints]:
    """Give the links of those sets of one value that :class:`Incidence` leaves out, of some identifiers.

    Parameters
    ----------
    database : Database
        With the tables ``sets`` and ``value``.
    incidence : Incidence
        All other links.
    inside : bool[identifiers]
        Which identifiers are wanted.

    Returns
    -------
    (int32[links], int32[links])
        Sets and identifiers, in no order that matters. Where a column holds several values, none is left out.

    Notes
    -----
    Cost: for each type a look at all sets, which few of them outlive.
    """
    nothing = np.empty(0, np.int32)
    parts = [(nothing, nothing)]
    for rank in range(incidence.types) if not incidence.several else ():
        low, high = incidence.bounds[rank : rank + 2]
        identifier = incidence.stands_for[low:high]
        values = np.flatnonzero((identifier >= 0) & inside[identifier]).astype(np.int32)
        others = "".join(f" AND raw_{n} IS NULL" for n in range(incidence.types) if n != rank)
        with database.registered(no=values, identifier=identifier[values]) as lent:
            found = database.arrays(
                f"SELECT s.set_number, v.identifier FROM (SELECT rowid::INTEGER AS set_number, raw_{rank} AS text FROM sets"
                f" WHERE raw_{rank} IS NOT NULL{others}) s JOIN (SELECT text, l.identifier FROM value_{rank} v JOIN {lent} l"
                " ON v.rowid = l.no WHERE alone) v USING (text)"
            )
        parts.append((found["set_number"], found["identifier"]))
    sets, identifiers = (np.concatenate(part) for part in zip(*parts, strict=True))
    kept = ~among(link_keys(sets, identifiers), incidence.detached)
    return sets[kept], identifiers[kept]


def detached_sets(database: Database, incidence: Incidence) -> tuple[Ints, Ints, dict[int, int]]:
    """Give the links of the sets of which a decision detaches something, and the number of the event of each set.

    Links of contradictory sets are not among them.
    """
    rows = database.rows("SELECT rowid, detached FROM sets WHERE detached IS NOT NULL")
    raw = _raw_links(database, incidence.bounds, incidence.several, "detached IS NOT NULL")
    link_set, link_identifier = _read_links(*raw, incidence.stands_for, incidence.several)
    linking = ~np.isin(link_set, incidence.contradictory)
    return link_set[linking], link_identifier[linking], dict(rows)


def strongest_of(link_set: Ints, link_identifier: Ints) -> Ints:
    """Give for each link the strongest identifier of its set: int32[links]."""
    if not len(link_set):
        return np.empty(0, np.int32)
    smallest = np.full(int(link_set.max()) + 1, np.iinfo(np.int32).max, np.int32)
    np.minimum.at(smallest, link_set, link_identifier)
    return smallest[link_set]


# ---------------------------------------------------------------------------------- sets of events


def set_keys(database: Database, incidence: Incidence) -> tuple[str, npt.NDArray[np.uint64]]:
    """Give what events and sets find each other by: a 64-bit hash of what they carry.

    Returns
    -------
    key : str
        The SQL of the key, of an event or of a set.
    keys : uint64[sets]
        The key of each set. All are different: if two sets have one hash, another salt is taken.
    """
    for salt in ("", "salt", "another salt", "a third salt"):
        key = _key_sql(incidence.types, incidence.several, salt)
        if "detached" in database.columns("SELECT * FROM sets"):
            key = f"hash(coalesce(detached, -1), {key})"
        keys = database.arrays(f"SELECT {key} AS key FROM sets")["key"]
        ordered = np.sort(keys)
        if not (ordered[1:] == ordered[:-1]).any():
            return key, keys
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


def _events_of_sets(database: Database) -> Longs:
    return database.arrays("SELECT events FROM sets")["events"].astype(np.int64, copy=False)


# ------------------------------------------------------------------------------------------ values


def _number_values(
    database: Database, staged: Staged, schema: Schema
) -> tuple[tuple[int, ...], Ints]:
    """Make the tables ``value_r`` and ``value``; give the bounds, and what each value stands for.

    The row number of a value in ``value_r`` is its number within the type; ``alone`` says whether some set
    carries nothing else.
    """
    bounds, untouched, parts = [0], True, []
    ranks = range(len(schema.names))
    for rank, kind in enumerate(schema.ranked):
        if rank in staged.several:
            texts = f"SELECT DISTINCT unnest(raw_{rank}) AS text, false AS alone FROM sets"
        else:
            others = " AND ".join(["true", *(f"raw_{n} IS NULL" for n in ranks if n != rank)])
            texts = f"SELECT raw_{rank} AS text, bool_or({others}) AS alone FROM sets WHERE raw_{rank} IS NOT NULL GROUP BY raw_{rank}"
        database.run(f"CREATE TEMP TABLE value_{rank} AS {texts} ORDER BY text")
        no = f"(rowid + {bounds[-1]})::INTEGER"
        if stand_for_themselves(database, f"value_{rank}", kind):
            parts.append(
                f"SELECT {no} AS no, {rank}::UTINYINT AS type, text, {no} AS identifier, NULL::VARCHAR AS reason FROM value_{rank}"
            )
        else:
            untouched = False
            place = partial(_first_place, database, staged, rank)
            read_values(
                database, f"SELECT text AS raw FROM value_{rank}", kind, f"read_{rank}", place
            )
            database.run(
                f"CREATE OR REPLACE TEMP TABLE value_{rank} AS SELECT text, bool_or(alone) AS alone FROM (SELECT text, alone FROM value_{rank}"
                f" UNION ALL SELECT text, false FROM read_{rank} WHERE text IS NOT NULL) GROUP BY text ORDER BY text"
            )
            numbered = f"(SELECT {no} AS no, text FROM value_{rank})"
            parts.append(
                f"SELECT v.no, {rank}::UTINYINT AS type, v.text, CASE WHEN r.raw IS NULL THEN v.no ELSE w.no END AS identifier, r.reason"
                f" FROM {numbered} v LEFT JOIN read_{rank} r ON v.text = r.raw LEFT JOIN {numbered} w ON w.text = r.text"
            )
        bounds.append(bounds[-1] + int(database.row(f"SELECT count(*) FROM value_{rank}")[0]))
    database.run(f"CREATE TEMP VIEW value AS {' UNION ALL '.join(parts)}")
    if untouched:
        return tuple(bounds), np.arange(bounds[-1], dtype=np.int32)
    database.run("CREATE TEMP TABLE read_value AS SELECT * FROM value ORDER BY no")
    database.run("CREATE OR REPLACE TEMP VIEW value AS SELECT * FROM read_value")
    stands_for = database.arrays(
        "SELECT coalesce(identifier, -1)::INTEGER AS identifier FROM read_value ORDER BY no"
    )["identifier"]
    return tuple(bounds), stands_for


def _first_place(database: Database, staged: Staged, rank: int, raw: str) -> str:
    """Where a raw value first stands."""
    here = f"list_contains(raw_{rank}, $1)" if rank in staged.several else f"raw_{rank} = $1"
    source, position, event_id = database.row(
        f"SELECT source, position, event_id::VARCHAR FROM staged WHERE {here} ORDER BY source, position LIMIT 1",
        [raw],
    )
    return (
        f" (first in row {position + 1:,} of {staged.sources[source].name!r}, event {event_id!r})"
    )


# ------------------------------------------------------------------------------------------- links


def _raw_links(
    database: Database, bounds: tuple[int, ...], several: frozenset[int], where: str = "true"
) -> tuple[Ints, Ints]:
    """What some sets carry, as it came in: sets and values."""
    ranks = [rank for rank in range(len(bounds) - 1) if rank not in several]
    codes = "".join(
        f", coalesce(value_{rank}.rowid + {bounds[rank]}, -1)::INTEGER AS code_{rank}"
        for rank in ranks
    )
    joins = " ".join(f"LEFT JOIN value_{rank} ON raw_{rank} = value_{rank}.text" for rank in ranks)
    # A join of DuckDB keeps no order, so each row says which set it is of.
    columns = database.arrays(
        f"SELECT s.rowid::INTEGER AS set_number{codes} FROM (SELECT rowid, * FROM sets WHERE {where}) s {joins}"
    )
    numbers = columns["set_number"]
    parts: list[tuple[Ints, Ints]] = [(np.empty(0, np.int32), np.empty(0, np.int32))]
    for rank in ranks:
        code = columns.pop(f"code_{rank}")
        carry = np.flatnonzero(code >= 0)
        parts.append((numbers[carry], code[carry]))
    for rank in sorted(several):
        more = database.arrays(
            f"SELECT set_number, (v.rowid + {bounds[rank]})::INTEGER AS no FROM"
            f" (SELECT rowid::INTEGER AS set_number, unnest(raw_{rank}) AS text FROM sets WHERE {where}) s JOIN value_{rank} v USING (text)"
        )
        parts.append((more["set_number"], more["no"]))
    sets, values = (np.concatenate(part) for part in zip(*parts, strict=True))
    return sets, values


def _read_links(
    raw_set: Ints, raw_value: Ints, stands_for: Ints, several: frozenset[int]
) -> tuple[Ints, Ints]:
    """The links of sets with identifiers, of what they carry as it came in."""
    identifier = stands_for[raw_value]
    kept = identifier >= 0
    if not several:
        return (raw_set, identifier) if kept.all() else (raw_set[kept], identifier[kept])
    # Two spellings of one identifier on one event are one link.
    pairs = raw_set[kept].astype(np.int64) << 32 | identifier[kept]
    pairs.sort()
    is_new = np.ones(len(pairs), bool)
    is_new[1:] = pairs[1:] != pairs[:-1]
    pairs = pairs[is_new]
    return (pairs >> 32).astype(np.int32), (pairs & 0x7FFFFFFF).astype(np.int32)


def _contradictory(
    link_set: Ints, link_identifier: Ints, bounds: tuple[int, ...], schema: Schema, sets: int
) -> Ints:
    """Which sets carry two values of a unique type."""
    found = np.zeros(sets, bool)
    for rank, kind in enumerate(schema.ranked):
        if kind.unique:
            own = link_set[(link_identifier >= bounds[rank]) & (link_identifier < bounds[rank + 1])]
            found |= np.bincount(own, minlength=sets) > 1
    return np.flatnonzero(found).astype(np.int32)
