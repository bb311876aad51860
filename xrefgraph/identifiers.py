"""Identifiers: values numbered; alike events grouped into sets; the incidence.

Events that carry exactly the same raw identifiers are one *set*. Only sets travel from here on: ten million
events are some three million sets, and every value is read once, not once an event. The incidence (set,
identifier), two integer arrays, is the graph.

Values are numbered in the order of the rules, strongest type first and then by text, so the smaller number
is the stronger identifier, whatever the order of the rows.

Most input is *plain*: one value a column, and every value an identifier as it stands. Then each set of one
identifier is a value by itself, and linking needs only the sets of two or more. The others get their numbers
when the tables are made that list them.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from xrefgraph.database import Database, literal
from xrefgraph.errors import XrefGraphError, counted
from xrefgraph.events import Staged
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
        identifier. Links of contradictory sets are not among them, nor, of plain input, those of sets with
        one identifier.
    link_strongest : int32[links]
        The strongest identifier of the set.
    held : bool[values]
        Which values are an identifier that some link holds.
    contradictory : int32[sets in question]
        The sets that carry two values of a unique type.
    bounds : tuple of int
        Where the numbers of each type begin, by rank, and the number of all values.
    plain : bool
        Whether every value stands for itself, and no column holds several.
    several : frozenset of int
        The ranks of the types whose columns hold lists.
    sets : Sets, optional
        All sets, where they are known already.
    """

    link_set: Ints
    link_identifier: Ints
    link_strongest: Ints
    held: Flags
    contradictory: Ints
    bounds: tuple[int, ...]
    plain: bool
    several: frozenset[int]
    sets: Sets | None


@dataclass(frozen=True)
class Sets:
    """All sets of alike events, with all their links.

    Parameters
    ----------
    link_set, link_identifier : int32[links]
        As in :class:`Incidence`, of all sets.
    strongest : int32[sets]
        The strongest identifier of a set, -1 for a set that carries none.
    contradictory : bool[sets]
        Whether a set carries two values of a unique type.
    events : int64[sets]
        How many events a set stands for.
    """

    link_set: Ints
    link_identifier: Ints
    strongest: Ints
    contradictory: Flags
    events: Longs


def number_identifiers(database: Database, staged: Staged, schema: Schema) -> Incidence:
    """Group alike events into sets, number the values, and give the incidence.

    Makes these tables. ``sets`` (raw_0, raw_1, ..., events, first_seen, last_seen): a set by its row number.
    ``value`` (no, type, text, identifier, reason): each text that came in or that a value was normalised to,
    numbered by type and text; ``identifier`` is the number of what it stands for, null where it is refused. And
    where the input is not plain, ``set_value`` (set_number, no): what the events of a set carry, as it came in.

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
    raws = ", ".join(f"raw_{rank}" for rank in range(len(schema.names)))
    database.run(
        f"CREATE TEMP TABLE sets AS SELECT {raws}, count(*)::BIGINT AS events,"
        f" min(time) AS first_seen, max(time) AS last_seen FROM staged GROUP BY {raws}"
    )
    bounds, untouched = _number_values(database, staged, schema)
    log.info(
        "grouped: %s, %s",
        counted(database.row("SELECT count(*) FROM sets")[0], "set"),
        counted(bounds[-1], "value"),
    )
    scalars = [rank for rank in range(len(schema.names)) if rank not in staged.several]
    if untouched and not staged.several:
        several = " + ".join(f"(raw_{rank} IS NOT NULL)::INTEGER" for rank in scalars)
        links = _links(database, scalars, bounds, f"{several} > 1")
        return Incidence(
            *links,
            held=np.ones(bounds[-1], bool),
            contradictory=np.empty(0, np.int32),
            bounds=bounds,
            plain=True,
            several=staged.several,
            sets=None,
        )
    return _whole_incidence(database, scalars, staged.several, bounds, schema)


def all_sets(database: Database, incidence: Incidence) -> Sets:
    """Give all sets with all their links, for the tables that list them.

    Cost: of plain input, one join of the sets of one identifier with their values.
    """
    if incidence.sets is not None:
        return incidence.sets
    scalars = range(len(incidence.bounds) - 1)
    events = _events_of_sets(database)
    link_set, link_identifier = incidence.link_set, incidence.link_identifier
    strongest = np.full(len(events), -1, np.int32)
    strongest[link_set] = incidence.link_strongest
    several = " + ".join(f"(raw_{rank} IS NOT NULL)::INTEGER" for rank in scalars)
    single = _links(database, scalars, incidence.bounds, f"{several} = 1")
    strongest[single[0]] = single[1]
    return Sets(
        np.concatenate([link_set, single[0]]),
        np.concatenate([link_identifier, single[1]]),
        strongest,
        np.zeros(len(events), bool),
        events,
    )


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
        key = _key_sql(len(incidence.bounds) - 1, incidence.several, salt)
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
) -> tuple[tuple[int, ...], bool]:
    """Make the tables ``value_r`` and ``value``; give the bounds, and whether every value stands for itself.

    The row number of a value in ``value_r`` is its number within the type; ``leads`` says whether it is the
    strongest value of some set, as it came in.
    """
    bounds, untouched, parts = [0], True, []
    for rank, kind in enumerate(schema.ranked):
        if rank in staged.several:
            texts = f"SELECT DISTINCT unnest(raw_{rank}) AS text, false AS leads FROM sets"
        else:
            weaker = " AND ".join(["true", *(f"raw_{n} IS NULL" for n in range(rank))])
            texts = f"SELECT raw_{rank} AS text, bool_or({weaker}) AS leads FROM sets WHERE raw_{rank} IS NOT NULL GROUP BY raw_{rank}"
        database.run(f"CREATE TEMP TABLE value_{rank} AS {texts} ORDER BY text")
        no = f"(rowid + {bounds[-1]})::INTEGER"
        if stand_for_themselves(database, f"value_{rank}", kind):
            parts.append(
                f"SELECT {no} AS no, {rank}::UTINYINT AS type, text, {no} AS identifier, NULL::VARCHAR AS reason FROM value_{rank}"
            )
        else:
            untouched = False
            read_values(database, f"SELECT text AS raw FROM value_{rank}", kind, f"read_{rank}")
            database.run(
                f"CREATE OR REPLACE TEMP TABLE value_{rank} AS SELECT text FROM (SELECT raw AS text FROM read_{rank}"
                f" UNION SELECT text FROM read_{rank} WHERE text IS NOT NULL) ORDER BY text"
            )
            numbered = f"(SELECT {no} AS no, text FROM value_{rank})"
            parts.append(
                f"SELECT v.no, {rank}::UTINYINT AS type, v.text, CASE WHEN r.raw IS NULL THEN v.no ELSE w.no END AS identifier, r.reason"
                f" FROM {numbered} v LEFT JOIN read_{rank} r ON v.text = r.raw LEFT JOIN {numbered} w ON w.text = r.text"
            )
        bounds.append(bounds[-1] + int(database.row(f"SELECT count(*) FROM value_{rank}")[0]))
    database.run(f"CREATE TEMP VIEW value AS {' UNION ALL '.join(parts)}")
    if not untouched:
        database.run("CREATE TEMP TABLE read_value AS SELECT * FROM value ORDER BY no")
        database.run("CREATE OR REPLACE TEMP VIEW value AS SELECT * FROM read_value")
    return tuple(bounds), untouched


# ------------------------------------------------------------------------------------------- links


def _links(
    database: Database, ranks: Sequence[int], bounds: tuple[int, ...], where: str
) -> tuple[Ints, Ints, Ints]:
    """The links of some sets with the values in columns of one value, and the first value of each set."""
    codes = ", ".join(
        f"coalesce(value_{rank}.rowid + {bounds[rank]}, -1)::INTEGER AS code_{rank}"
        for rank in ranks
    )
    joins = " ".join(f"LEFT JOIN value_{rank} ON raw_{rank} = value_{rank}.text" for rank in ranks)
    # A join of DuckDB keeps no order, so each row says which set it is of.
    columns = database.arrays(
        f"SELECT s.rowid::INTEGER AS set_number{', ' + codes if codes else ''}"
        f" FROM (SELECT rowid, * FROM sets WHERE {where}) s {joins}"
    )
    numbers = columns["set_number"]
    first = np.full(len(numbers), -1, np.int32)
    parts: list[tuple[Ints, Ints, Ints]] = [(np.empty(0, np.int32),) * 3]
    for rank in ranks:
        codes_of = columns.pop(f"code_{rank}")
        carry = np.flatnonzero(codes_of >= 0)
        some = codes_of[carry]
        first[carry] = np.where(first[carry] < 0, some, first[carry])
        parts.append((numbers[carry], some, first[carry]))
    link_set, link_value, strongest = (np.concatenate(part) for part in zip(*parts, strict=True))
    return link_set, link_value, strongest


def _whole_incidence(
    database: Database,
    scalars: Sequence[int],
    several: frozenset[int],
    bounds: tuple[int, ...],
    schema: Schema,
) -> Incidence:
    """The incidence where values are refused or normalised, or columns hold several: of all sets at once."""
    link_set, link_value, _ = _links(database, scalars, bounds, "true")
    for rank in sorted(several):
        more = database.arrays(
            f"SELECT set_number, (v.rowid + {bounds[rank]})::INTEGER AS no FROM"
            f" (SELECT rowid::INTEGER AS set_number, unnest(raw_{rank}) AS text FROM sets) s JOIN value_{rank} v USING (text)"
        )
        link_set = np.concatenate([link_set, more["set_number"]])
        link_value = np.concatenate([link_value, more["no"]])
    with database.registered(set_number=link_set, no=link_value) as lent:
        database.run(f"CREATE TEMP TABLE set_value AS SELECT * FROM {lent}")
    stands_for = database.arrays(
        "SELECT coalesce(identifier, -1)::INTEGER AS identifier FROM value ORDER BY no"
    )["identifier"]
    link_identifier = stands_for[link_value]
    kept = link_identifier >= 0
    # Two spellings of one identifier on one event are one link.
    pairs = np.unique(link_set[kept].astype(np.int64) << 32 | link_identifier[kept])
    link_set = (pairs >> 32).astype(np.int32)
    link_identifier = (pairs & 0x7FFFFFFF).astype(np.int32)
    events = _events_of_sets(database)
    none = np.int32(bounds[-1])
    strongest = np.full(len(events), none, np.int32)
    np.minimum.at(strongest, link_set, link_identifier)
    strongest[strongest == none] = -1
    contradictory = _contradictory(link_set, link_identifier, bounds, schema, len(events))
    linking = ~contradictory[link_set]
    held = np.zeros(bounds[-1], bool)
    held[link_identifier[linking]] = True
    return Incidence(
        link_set[linking],
        link_identifier[linking],
        strongest[link_set[linking]],
        held,
        np.flatnonzero(contradictory).astype(np.int32),
        bounds,
        plain=False,
        several=several,
        sets=Sets(link_set, link_identifier, strongest, contradictory, events),
    )


def _contradictory(
    link_set: Ints, link_identifier: Ints, bounds: tuple[int, ...], schema: Schema, sets: int
) -> Flags:
    """Which sets carry two values of a unique type."""
    found = np.zeros(sets, bool)
    for rank, kind in enumerate(schema.ranked):
        if kind.unique:
            own = link_set[(link_identifier >= bounds[rank]) & (link_identifier < bounds[rank + 1])]
            found |= np.bincount(own, minlength=sets) > 1
    return found
