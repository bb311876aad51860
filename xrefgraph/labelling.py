"""How the events of a graph in memory find their labels, while they are still in their sources.

One join is enough: all identifiers of an event share its profile, but for those that were cut from it. Where each
column holds one value, an event looks up its strongest identifier, which it has at hand, and finds it only where
its profile is named by another: two million events in ten look up a table of a few hundred thousand rows, and the
others label themselves. Values that are refused, set aside or normalised are few, and replaced by what they stand
for before. Where a column holds several values, or a decision detaches some, an event looks up its whole set.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from xrefgraph.database import Database
from xrefgraph.identifiers import Incidence, Ints
from xrefgraph.profiles import ANCHORED, ANONYMOUS, NO_IDENTIFIER, STATUSES, Labels, Statuses
from xrefgraph.schema import Schema
from xrefgraph.store import choice, profile_id_sql

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Lookup:
    """How an event finds its labels.

    Parameters
    ----------
    columns : str
        The SQL of profile_id, anchor, status, via_type and via_value, of ``e``, the event, and of the join.
    tables : str
        What is behind ``FROM``: the events as ``e``, joined with their labels.
    """

    columns: str
    tables: str


def lookup_by_value(
    database: Database, schema: Schema, incidence: Incidence, labels: Labels
) -> Lookup | None:
    """Let events find their labels by the hash of their strongest identifier: where no column holds several values.

    Returns
    -------
    Lookup or None
        None if two identifiers have one hash.
    """
    ranks = range(incidence.types)
    leads = _leading(database, incidence)
    leading = np.flatnonzero(leads).astype(np.int32)
    profile = labels.profile_of[leading]
    by_another = (labels.strongest[profile] != leading) | labels.ambiguous[profile]
    profile = profile[by_another]
    name = labels.strongest[profile]
    _name_values(database, "named", name, len(leads))
    with database.registered(
        no=leading[by_another], name=name, status=labels.status[profile]
    ) as lent:
        database.run(
            f"CREATE TEMP TABLE label AS SELECT {_hash_sql('v.type', 'v.text')} AS hash, n.type AS type, n.text AS text, status"
            f" FROM value v JOIN {lent} l ON v.no = l.no JOIN named n ON l.name = n.no"
        )
    database.run("DROP TABLE named")
    if not _hashes_differ(database, incidence.bounds, leads):
        log.debug("two values have one hash; events are labelled by their sets")
        database.run("DROP TABLE label")
        return None
    rank = (
        "CASE " + " ".join(f"WHEN e.raw_{n} IS NOT NULL THEN {n}::UTINYINT" for n in ranks) + " END"
    )
    via = f"coalesce({', '.join(f'e.raw_{n}' for n in ranks)})"
    anchored = ANCHORED if schema.anchor is not None else ANONYMOUS
    tables = (
        f"{_read_events(database, incidence)} LEFT JOIN label l ON {_hash_sql(rank, via)} = l.hash"
    )
    found, known = {n: f"l.{n}" for n in ("type", "text", "status")}, "l.hash IS NOT NULL"
    if _move_events(database, labels):
        tables += " LEFT JOIN moved m ON e.position = m.position AND e.source = m.source"
        found = {n: f"coalesce(m.{n}, l.{n})" for n in found}
        known = f"(m.position IS NOT NULL OR {known})"
    status = (
        f"CASE WHEN {known} THEN {found['status']} WHEN e.raw_0 IS NOT NULL THEN {anchored}"
        f" WHEN {via} IS NOT NULL THEN {ANONYMOUS} ELSE {NO_IDENTIFIER} END"
    )
    kind, text = f"coalesce({found['type']}, {rank})", f"coalesce({found['text']}, {via})"
    columns = (
        f"{profile_id_sql(kind, text, schema)} AS profile_id,"
        f" CASE {status} WHEN {ANCHORED} THEN {text} END AS anchor, {choice(status, STATUSES)} AS status,"
        f" {choice(rank, schema.names)} AS via_type, {via} AS via_value"
    )
    return Lookup(columns, tables)


def _leading(database: Database, incidence: Incidence) -> npt.NDArray[np.bool_]:
    """Which identifiers are the strongest of some set."""
    leads = np.zeros(incidence.bounds[-1], bool)
    for rank in range(incidence.types):
        alone = database.arrays(f"SELECT alone FROM value_{rank}")["alone"].astype(bool)
        identifier = incidence.stands_for[np.flatnonzero(alone) + incidence.bounds[rank]]
        leads[identifier[identifier >= 0]] = True
    leads[incidence.link_strongest] = True
    return leads


def _hashes_differ(
    database: Database, bounds: tuple[int, ...], leads: npt.NDArray[np.bool_]
) -> bool:
    """Whether no identifier has the hash of another one in the table ``label``: it is 64 bits wide, but we look."""
    found = 0
    for rank in range(len(bounds) - 1):
        with database.registered(leads=leads[bounds[rank] : bounds[rank + 1]]) as lent:
            found += database.row(
                f"SELECT count(*) FROM (SELECT {_hash_sql(f'{rank}::UTINYINT', 'text')} AS hash FROM"
                f" (SELECT * FROM value_{rank} POSITIONAL JOIN {lent}) WHERE leads) SEMI JOIN label USING (hash)"
            )[0]
    return bool(found == database.row("SELECT count(DISTINCT hash) FROM label")[0])


def _hash_sql(rank: str, text: str) -> str:
    return f"hash({rank}, {text})"


def _read_events(database: Database, incidence: Incidence) -> str:
    """The events as ``e``, with each value replaced by what it stands for; null where it is refused or set aside."""
    touched = incidence.touched
    rank_of = np.searchsorted(incidence.bounds, touched, side="right") - 1
    replaced, joins = [], []
    for rank in np.unique(rank_of).tolist():
        some = touched[rank_of == rank]
        with database.registered(no=some, identifier=incidence.stands_for[some]) as lent:
            database.run(
                f"CREATE TEMP TABLE touched_{rank} AS SELECT v.text AS raw, n.text AS text FROM"
                f" (SELECT v.text, l.identifier FROM value v JOIN {lent} l ON v.no = l.no) v LEFT JOIN value n ON v.identifier = n.no"
            )
        replaced.append(
            f"CASE WHEN t{rank}.raw IS NULL THEN raw_{rank} ELSE t{rank}.text END AS raw_{rank}"
        )
        joins.append(f" LEFT JOIN touched_{rank} t{rank} ON raw_{rank} = t{rank}.raw")
    if not replaced:
        return "staged e"
    return f"(SELECT s.* REPLACE ({', '.join(replaced)}) FROM staged s{''.join(joins)}) e"


def _move_events(database: Database, labels: Labels) -> bool:
    """Make ``moved``, the labels of single events; say whether there are any."""
    moved = labels.settled.moved
    if moved is None or not len(moved.profile):
        return False
    name = labels.strongest[moved.profile]
    _name_values(database, "moved_to", name, len(labels.profile_of))
    with database.registered(
        source=moved.events.source,
        position=moved.events.position,
        name=name,
        status=labels.status[moved.profile],
    ) as lent:
        database.run(
            "CREATE TEMP TABLE moved AS SELECT l.source, l.position, n.type AS type, n.text AS text, status"
            f" FROM {lent} l JOIN moved_to n ON l.name = n.no"
        )
    database.run("DROP TABLE moved_to")
    return True


def lookup_by_set(
    database: Database,
    schema: Schema,
    set_keys: tuple[str, npt.NDArray[np.uint64]],
    labels: Labels,
    strongest: Ints,
    set_labels: tuple[Ints, Statuses],
) -> Lookup:
    """Let events find their labels by the key of their set: of any input.

    Parameters
    ----------
    database, schema, labels
        What the stages of the build gave.
    set_keys : (str, uint64[sets])
        What :func:`xrefgraph.identifiers.set_keys` gives.
    strongest : int32[sets]
        The strongest identifier of each set.
    set_labels : (int32[sets], uint8[sets])
        The profile of each set, and the status of its events.
    """
    (key, keys), (profile, status) = set_keys, set_labels
    some = profile >= 0
    name, via = np.full(len(some), -1, np.int32), np.full(len(some), -1, np.int32)
    name[some] = labels.strongest[profile[some]]
    via[some] = strongest[some]
    _name_values(database, "named", np.concatenate([name, via]), len(labels.profile_of))
    with database.registered(key=keys, name=name, via=via, status=status) as lent:
        database.run(f"CREATE TEMP TABLE labelled AS SELECT * FROM {lent}")
    # A view: the texts are put together while the events look them up, and never stand anywhere twice.
    database.run(
        f"CREATE TEMP VIEW label AS SELECT key, n.type AS type, n.text AS text, status, {choice('v.type', schema.names)} AS via_type,"
        " v.text AS via_value FROM labelled s LEFT JOIN named n ON s.name = n.no LEFT JOIN named v ON s.via = v.no"
    )
    tables = f"staged e LEFT JOIN label l ON {key} = l.key"
    found = {n: f"l.{n}" for n in ("type", "text", "status")}
    if _move_events(database, labels):
        tables += " LEFT JOIN moved m ON e.position = m.position AND e.source = m.source"
        found = {n: f"coalesce(m.{n}, l.{n})" for n in found}
    columns = (
        f"{profile_id_sql(found['type'], found['text'], schema)} AS profile_id,"
        f" CASE WHEN {found['status']} = {ANCHORED} THEN {found['text']} END AS anchor,"
        f" {choice(found['status'], STATUSES)} AS status, l.via_type, l.via_value"
    )
    return Lookup(columns, tables)


def _name_values(database: Database, table: str, numbers: Ints, values: int) -> None:
    """Make a table of type and text of some values. Negative numbers are none."""
    wanted = np.zeros(values, bool)
    wanted[numbers[numbers >= 0]] = True
    with database.registered(no=np.flatnonzero(wanted).astype(np.int32)) as lent:
        database.run(
            f"CREATE TEMP TABLE {table} AS SELECT no, type, text FROM value SEMI JOIN {lent} USING (no)"
        )
