"""How the events of a graph in memory find their labels, while they are still in their sources.

One join is enough: all identifiers of an event share its profile. Of plain input an event looks up its
strongest value, which it has at hand, and finds it only where its profile is named by another value: two
million events in ten look up a table of a few hundred thousand rows, and the others label themselves. Of
all other input (refused or normalised values, several values a column) it looks up its whole set.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from xrefgraph.database import Database
from xrefgraph.identifiers import Ints
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
    join : str
        The SQL of a table of labels and the condition on which it is joined.
    """

    columns: str
    join: str


def lookup_by_value(database: Database, schema: Schema, labels: Labels) -> Lookup | None:
    """Let events find their labels by the hash of their strongest value: of plain input.

    Returns
    -------
    Lookup or None
        None if two values have one hash.
    """
    ranks = range(len(schema.names))
    leads = np.concatenate(
        [database.arrays(f"SELECT leads FROM value_{rank}")["leads"] for rank in ranks]
        or [np.empty(0, bool)]
    ).astype(bool)
    name = labels.strongest[labels.profile_of]
    by_another = leads & (
        (name != np.arange(len(name), dtype=np.int32)) | labels.ambiguous[labels.profile_of]
    )
    wanted = np.flatnonzero(by_another).astype(np.int32)
    _name_profiles(database, name[wanted], len(name))
    with database.registered(
        no=wanted, name=name[wanted], status=labels.status[labels.profile_of[wanted]]
    ) as lent:
        database.run(
            f"CREATE TEMP TABLE label AS SELECT {_hash_sql('v.type', 'v.text')} AS hash, n.type AS type, n.text AS text, status"
            f" FROM value v JOIN {lent} l ON v.no = l.no JOIN named n ON l.name = n.no"
        )
    database.run("DROP TABLE named")
    # No other value may have the hash of one in the table. (The hash is 64 bits wide; but we look.)
    leading = " UNION ALL ".join(
        f"SELECT {_hash_sql(f'{rank}::UTINYINT', 'text')} AS hash FROM value_{rank} WHERE leads"
        for rank in ranks
    )
    if (
        database.row(f"SELECT count(*) FROM ({leading}) SEMI JOIN label USING (hash)")[0]
        > database.row("SELECT count(DISTINCT hash) FROM label")[0]
    ):
        log.debug("two values have one hash; events are labelled by their sets")
        database.run("DROP TABLE label")
        return None
    rank = (
        "CASE " + " ".join(f"WHEN e.raw_{n} IS NOT NULL THEN {n}::UTINYINT" for n in ranks) + " END"
    )
    via = f"coalesce({', '.join(f'e.raw_{n}' for n in ranks)})"
    own = ANCHORED if schema.anchor is not None else ANONYMOUS
    status = (
        f"CASE WHEN l.hash IS NOT NULL THEN l.status WHEN e.raw_0 IS NOT NULL THEN {own}"
        f" WHEN {via} IS NOT NULL THEN {ANONYMOUS} ELSE {NO_IDENTIFIER} END"
    )
    columns = (
        f"{profile_id_sql(f'coalesce(l.type, {rank})', f'coalesce(l.text, {via})', schema)} AS profile_id,"
        f" CASE {status} WHEN {ANCHORED} THEN coalesce(l.text, {via}) END AS anchor, {choice(status, STATUSES)} AS status,"
        f" {choice(rank, schema.names)} AS via_type, {via} AS via_value"
    )
    return Lookup(columns, f"label l ON {_hash_sql(rank, via)} = l.hash")


def _hash_sql(rank: str, text: str) -> str:
    return f"hash({rank}, {text})"


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
    _name_profiles(database, np.concatenate([name[some], via[some]]), len(labels.profile_of))
    with database.registered(key=keys, name=name, via=via, status=status) as lent:
        database.run(f"CREATE TEMP TABLE labelled AS SELECT * FROM {lent}")
    # A view: the texts are put together while the events look them up, and never stand anywhere twice.
    database.run(
        f"CREATE TEMP VIEW label AS SELECT key, {profile_id_sql('n.type', 'n.text', schema)} AS profile_id,"
        f" CASE WHEN status = {ANCHORED} THEN n.text END AS anchor, {choice('status', STATUSES)} AS status,"
        f" {choice('v.type', schema.names)} AS via_type, v.text AS via_value"
        " FROM labelled s LEFT JOIN named n ON s.name = n.no LEFT JOIN named v ON s.via = v.no"
    )
    columns = "l.profile_id, l.anchor, l.status, l.via_type, l.via_value"
    return Lookup(columns, f"label l ON {key} = l.key")


def _name_profiles(database: Database, numbers: Ints, values: int) -> None:
    """Make ``named``: type and text of some values."""
    wanted = np.zeros(values, bool)
    wanted[numbers] = True
    with database.registered(no=np.flatnonzero(wanted).astype(np.int32)) as lent:
        database.run(
            f"CREATE TEMP TABLE named AS SELECT no, type, text FROM value SEMI JOIN {lent} USING (no)"
        )
