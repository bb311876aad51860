"""The tables of a graph: in memory or in a file, one DuckDB database in one format.

``store.value``     every text that came in or was made of one: type, text, what it stands for, its profile
``store.member``    the identifiers of each profile, with their events and times; sorted by profile
``store.profile``   the profiles, numbered by their strongest identifier
``store.eventset``  the sets of alike events, numbered in the order of profiles
``store.link``      what the events of a set carry, as it came in; sorted by set
``store.event``     the events, sorted by set
``store.source``, ``store.meta``

Sorted storage does what indexes do, at half the size: all rows of a profile lie side by side, and DuckDB
skips the blocks that hold others.

A graph in memory fills them in steps, each when it is first needed: labels of events (``facts``), values,
members and profiles, and last the events themselves, which until then are read from their source.
"""

from __future__ import annotations

import json
import logging
import time
from typing import Any

import numpy as np

from xrefgraph.database import Database, literal
from xrefgraph.errors import GraphClosedError, StoreError
from xrefgraph.events import Staged, StagedSource
from xrefgraph.identifiers import Incidence
from xrefgraph.profiles import ANCHORED, CONTRADICTORY, STATUSES, Labels
from xrefgraph.schema import Schema

log = logging.getLogger(__name__)

#: The version of the format of a file. A newer one is refused.
FORMAT = 1


def enum(names: list[str] | tuple[str, ...]) -> str:
    """Give the SQL of an enumeration type."""
    return (
        f"ENUM({', '.join(literal(name) for name in dict.fromkeys(names))})" if names else "VARCHAR"
    )


def choice(number: str, names: tuple[str, ...] | list[str]) -> str:
    """Give the SQL of the name that a number stands for, as an enumeration."""
    kind = enum(names)
    cases = " ".join(f"WHEN {n} THEN {literal(name)}::{kind}" for n, name in enumerate(names))
    return f"CASE {number} {cases} END" if names else "NULL::VARCHAR"


def profile_id_sql(value: str, schema: Schema) -> str:
    """Give the SQL of ``type:value`` for a row of ``store.value``."""
    names = " ".join(f"WHEN {n} THEN {literal(name + ':')}" for n, name in enumerate(schema.names))
    return f"CASE {value}.type {names} END || {value}.text"


class Building:
    """A graph in memory whose tables are made when they are first needed.

    Parameters
    ----------
    database, schema, staged, incidence, labels
        What the stages of the build gave.
    """

    def __init__(
        self,
        database: Database,
        schema: Schema,
        staged: Staged,
        incidence: Incidence,
        labels: Labels,
    ) -> None:
        self._database, self._schema, self._staged = database, schema, staged
        self._incidence: Incidence | None = incidence
        self._labels: Labels | None = labels
        self._done: set[str] = set()
        database.run("CREATE SCHEMA store")
        write_meta(database, schema, staged)

    @property
    def settled(self) -> bool:
        """Whether every table is made, and no source is needed any more."""
        return self._labels is None

    def _parts(self) -> tuple[Incidence, Labels]:
        if self._incidence is None or self._labels is None:
            raise GraphClosedError(
                "The graph has let its sources go."
            )  # nothing asks it after settle()
        return self._incidence, self._labels

    @property
    def staged(self) -> Staged:
        """The sources, as they were staged."""
        return self._staged

    def counts(self) -> dict[str, int]:
        """How many events of each status, events, identifiers and profiles there are."""
        incidence, labels = self._parts()
        by_status = np.bincount(labels.set_status, incidence.events, len(STATUSES)).astype(int)
        counts = {name: int(count) for name, count in zip(STATUSES, by_status, strict=True)}
        return counts | {
            "events": int(incidence.events.sum()),
            "identifiers": int((labels.profile_of >= 0).sum()),
            "profiles": len(labels.strongest),
        }

    def refused(self) -> list[tuple[str, int]]:
        """How many distinct values were refused, by reason, and how many events contradict themselves."""
        counts = self._database.rows(
            "SELECT reason, count(*) FROM value WHERE reason IS NOT NULL GROUP BY reason ORDER BY reason"
        )
        odd = self.counts()["contradictory"]
        return counts + ([("contradictory events", odd)] if odd else [])

    def facts(self) -> None:
        """Make ``facts``: what each set of events has of its profile, found by the key of the set."""
        if "facts" in self._done or self.settled:
            return
        incidence, labels = self._parts()
        some = labels.set_profile >= 0
        name = np.full(len(some), -1, np.int32)
        name[some] = labels.strongest[labels.set_profile[some]]
        via = np.where(some, incidence.strongest, -1).astype(np.int32)
        # Most sets are named by their own strongest identifier, whose text is at hand; texts are joined for the rest.
        at_hand = self._via_at_hand()
        wanted = np.zeros(incidence.bounds[-1], bool)
        wanted[name[some & (name != via)] if at_hand else name[some]] = True
        if not at_hand:
            wanted[via[via >= 0]] = True
        with self._database.registered(no=np.flatnonzero(wanted).astype(np.int32)) as lent:
            self._database.run(
                f"CREATE TEMP TABLE named AS SELECT no, type, text FROM value SEMI JOIN {lent} USING (no)"
            )
        bounds = np.array(incidence.bounds[1:])
        rank = np.searchsorted(bounds, via, side="right").astype(np.int8)
        via_text = "s.via_value" if at_hand else "v.text"
        same = "s.name = s.via" if at_hand else "false"
        via_value = {
            "type": choice("s.rank", self._schema.names),
            "text": f"CASE WHEN s.via >= 0 THEN {via_text} END",
        }
        joins = f"LEFT JOIN named n ON CASE WHEN {same} THEN NULL ELSE s.name END = n.no"
        if not at_hand:
            joins += " LEFT JOIN named v ON s.via = v.no"
        text = f"CASE WHEN {same} THEN {via_text} ELSE n.text END"
        prefixes = " ".join(
            f"WHEN {n} THEN {literal(kind + ':')}" for n, kind in enumerate(self._schema.names)
        )
        with self._database.registered(
            name=name, via=via, rank=rank, status=labels.set_status
        ) as lent:
            self._database.run(
                f"CREATE TEMP TABLE labelled AS SELECT * FROM (SELECT key, via_value FROM sets) POSITIONAL JOIN {lent}"
            )
        # A view: the texts are put together while the events look them up, and never stand anywhere twice.
        self._database.run(
            "CREATE TEMP VIEW facts AS SELECT key,"
            f" CASE CASE WHEN {same} THEN s.rank ELSE n.type END {prefixes} END || {text} AS profile_id,"
            f" CASE WHEN status = {ANCHORED} THEN {text} END AS anchor,"
            f" {choice('status', STATUSES)} AS status, CASE WHEN s.via >= 0 THEN {via_value['type']} END AS via_type,"
            f" {via_value['text']} AS via_value FROM labelled s {joins}"
        )
        self._done.add("facts")

    def _via_at_hand(self) -> bool:
        """Whether ``sets`` holds the text of the strongest identifier of each set."""
        incidence, _ = self._parts()
        found: int = self._database.row("SELECT count(via_value) FROM sets")[0]
        return found == int((incidence.strongest >= 0).sum())

    def values(self) -> None:
        """Make ``store.value``, and ``naming``: how each profile is named, and what it is."""
        if "values" in self._done or self.settled:
            return
        _, labels = self._parts()
        with self._database.registered(profile=labels.profile_of) as lent:
            self._database.run(
                "CREATE TABLE store.value AS SELECT no, type, text, identifier, reason, CASE WHEN profile >= 0 THEN profile END"
                f" AS profile FROM (SELECT * FROM value ORDER BY no) POSITIONAL JOIN {lent}"
            )
        with self._database.registered(
            profile=np.arange(len(labels.strongest), dtype=np.int32),
            name=labels.strongest,
            anchored=labels.anchored,
            ambiguous=labels.ambiguous,
        ) as lent:
            self._database.run(f"CREATE TEMP TABLE naming AS SELECT * FROM {lent}")
        self._done.add("values")

    def summary(self) -> None:
        """Make ``store.member`` and ``store.profile``."""
        if "summary" in self._done or self.settled:
            return
        self.values()
        incidence, labels = self._parts()
        database = self._database
        columns = database.arrays(
            f"SELECT {_micros_sql('first_seen')} AS first, {_micros_sql('last_seen')} AS last FROM sets"
        )
        times = columns["first"], columns["last"]
        held = np.flatnonzero(labels.profile_of >= 0).astype(np.int32)
        held = held[np.argsort(labels.profile_of[held], kind="stable")]
        some = np.flatnonzero(labels.set_profile >= 0)
        of_identifiers = _seen(
            incidence.link_identifier, incidence.link_set, incidence, times, incidence.bounds[-1]
        )
        of_profiles = _seen(labels.set_profile[some], some, incidence, times, len(labels.strongest))
        with database.registered(
            profile=labels.profile_of[held],
            no=held,
            **{name: column[held] for name, column in of_identifiers.items()},
        ) as lent:
            database.run(
                f"CREATE TABLE store.member AS SELECT profile, no, events, {_instant_sql('first')} AS first_seen,"
                f" {_instant_sql('last')} AS last_seen, 0::UTINYINT AS status FROM {lent}"
            )
        # What nothing links: values of events that contradict themselves, and refused values.
        loose = np.flatnonzero((labels.profile_of < 0) & (of_identifiers["events"] > 0))
        with database.registered(
            no=loose, **{name: column[loose] for name, column in of_identifiers.items()}
        ) as lent:
            database.run(
                f"INSERT INTO store.member SELECT NULL, no, events, {_instant_sql('first')}, {_instant_sql('last')}, 1 FROM {lent}"
            )
        if self._has_refused():
            database.run(
                "INSERT INTO store.member SELECT NULL, no, sum(events)::BIGINT, min(first_seen), max(last_seen), 1 FROM set_value"
                " JOIN sets ON set_value.set_number = sets.rowid JOIN store.value USING (no)"
                " WHERE reason IS NOT NULL AND reason <> 'blank' GROUP BY no ORDER BY no"
            )
        identifiers = np.bincount(labels.profile_of[held], minlength=len(labels.strongest))
        with database.registered(
            profile=np.arange(len(labels.strongest), dtype=np.int32),
            name=labels.strongest,
            anchored=labels.anchored,
            ambiguous=labels.ambiguous,
            over_limit=labels.over_limit,
            identifiers=identifiers,
            **of_profiles,
        ) as lent:
            database.run(
                "CREATE TABLE store.profile AS SELECT profile, name, anchored, ambiguous, over_limit, events, identifiers,"
                f" {_instant_sql('first')} AS first_seen, {_instant_sql('last')} AS last_seen FROM {lent}"
            )
        self._done.add("summary")

    def _has_refused(self) -> bool:
        return bool(
            self._database.row("SELECT count(*) FROM store.value WHERE reason IS NOT NULL")[0]
        )

    def rejected(self) -> None:
        """Make ``store.rejected``: what links nothing, with an event for example."""
        if "rejected" in self._done or self.settled:
            return
        self.values()
        incidence, labels = self._parts()
        database = self._database
        database.run(
            "CREATE TABLE store.rejected (no INTEGER, reason VARCHAR, events BIGINT, source SMALLINT, event_id VARCHAR)"
        )
        refused, odd = self._has_refused(), labels.set_status == CONTRADICTORY
        if refused or odd.any():
            self._staged.check_files()
            with database.registered(set_number=np.flatnonzero(odd)) as lent:
                database.run(
                    "CREATE TEMP TABLE out AS SELECT set_number, no, reason FROM set_value JOIN store.value USING (no)"
                    " WHERE reason IS NOT NULL UNION ALL SELECT set_number, no, 'contradictory' FROM"
                    f" (SELECT *, count(DISTINCT identifier) OVER (PARTITION BY set_number, type) AS values FROM {lent}"
                    "  JOIN set_value USING (set_number) JOIN store.value USING (no) WHERE identifier IS NOT NULL)"
                    f" WHERE values > 1 AND type IN ({self._unique_ranks()})"
                )
            database.run(
                "INSERT INTO store.rejected SELECT no, reason, count(*), arg_min(source, (source, position)),"
                " arg_min(event_id::VARCHAR, (source, position)) FROM"
                f" (SELECT source, position, event_id, {incidence.key} AS key FROM staged"
                "   SEMI JOIN (SELECT key FROM sets WHERE rowid IN (SELECT set_number FROM out)) k"
                f"  ON {incidence.key} = k.key) e"
                " JOIN (SELECT key, no, reason FROM sets JOIN out ON sets.rowid = out.set_number) USING (key)"
                " GROUP BY no, reason ORDER BY no, reason"
            )
            database.run("DROP TABLE out")
        self._done.add("rejected")

    def _unique_ranks(self) -> str:
        ranks = [str(rank) for rank, kind in enumerate(self._schema.ranked) if kind.unique]
        return ", ".join(ranks) or "NULL"

    def settle(self) -> None:
        """Make every table, and let the sources go."""
        if self.settled:
            return
        began = time.perf_counter()
        self._staged.check_files()
        self.summary()
        self.rejected()
        incidence, labels = self._parts()
        database = self._database
        keys = database.arrays("SELECT key FROM sets")["key"]
        # Sets without a profile come last; the key makes the order one that no thread decides.
        profile = np.where(labels.set_profile < 0, np.iinfo(np.int32).max, labels.set_profile)
        order = np.lexsort((keys, incidence.strongest, profile)).astype(np.int32)
        number = np.empty(len(order), np.int32)
        number[order] = np.arange(len(order), dtype=np.int32)
        with database.registered(
            number=np.arange(len(order), dtype=np.int32),
            profile=labels.set_profile[order],
            via=np.where(labels.set_profile < 0, -1, incidence.strongest)[order],
            status=labels.set_status[order],
            events=incidence.events[order],
        ) as lent:
            database.run(
                "CREATE TABLE store.eventset AS SELECT number AS set_number, CASE WHEN profile >= 0 THEN profile END AS profile,"
                f" CASE WHEN via >= 0 THEN via END AS via, status, events FROM {lent} ORDER BY number"
            )
        self._store_links(incidence, number)
        kept = "".join(f", kept_{n}" for n in range(len(self._staged.kept)))
        with database.registered(key=keys, number=number) as lent:
            database.run(
                f"CREATE TABLE store.event AS SELECT n.number AS set_number, source, position, event_id, time{kept} FROM"
                f" (SELECT source, position, event_id, time{kept}, {incidence.key} AS key FROM staged) e"
                f" JOIN (SELECT * FROM {lent}) n ON e.key = n.key ORDER BY n.number, source, position"
            )
        self._incidence = self._labels = None
        _drop_temporary(database)
        log.info("stored in %.1f s", time.perf_counter() - began)

    def _store_links(self, incidence: Incidence, number: Any) -> None:
        database = self._database
        raw = {"set_number": incidence.link_set, "no": incidence.link_identifier}
        if database.rows("SELECT 1 FROM duckdb_tables() WHERE table_name = 'set_value'"):
            raw = database.arrays("SELECT set_number, no FROM set_value")
        with database.registered(set_number=number[raw["set_number"]], no=raw["no"]) as lent:
            database.run(f"CREATE TABLE store.link AS SELECT * FROM {lent} ORDER BY set_number, no")


#: No time at all, in microseconds.
_NEVER = np.iinfo(np.int64).min


def _micros_sql(time: str) -> str:
    return f"coalesce(epoch_us({time}), {_NEVER + 1} - 1)"


def _instant_sql(micros: str) -> str:
    return f"CASE WHEN {micros} > {_NEVER + 1} THEN make_timestamp({micros}) END"


def _seen(
    groups: Any, of: Any, incidence: Incidence, times: tuple[Any, Any], count: int
) -> dict[str, Any]:
    """The events, and the first and last time, of each group of sets: set ``of[n]`` is in ``groups[n]``."""
    first, last = np.full(count, np.iinfo(np.int64).max), np.full(count, _NEVER)
    timed = times[0][of] != _NEVER
    np.minimum.at(first, groups[timed], times[0][of[timed]])
    np.maximum.at(last, groups[timed], times[1][of[timed]])
    first[last == _NEVER] = _NEVER
    events = np.bincount(groups, incidence.events[of], count).astype(np.int64)
    return {"events": events, "first": first, "last": last}


def _drop_temporary(database: Database) -> None:
    for kind in ("view", "table"):
        names = database.rows(
            f"SELECT {kind}_name FROM duckdb_{kind}s() WHERE temporary AND NOT internal"
        )
        for (name,) in names:
            if name not in ("events", "identifiers", "profiles", "rejected"):
                database.run(f"DROP {kind} IF EXISTS temp.{name}")


# ------------------------------------------------------------------------------ what the tables mean


def views(
    schema: Schema,
    sources: list[StagedSource],
    kept: tuple[str, ...],
    key: str | None,
    *,
    ordered: bool = True,
) -> dict[str, str]:
    """Give the query of each public table.

    Parameters
    ----------
    schema : Schema
        The types.
    sources : list of StagedSource
        The sources, in order.
    kept : tuple of str
        The kept columns.
    key : str, optional
        The SQL of the key of a set, while the events are still in their sources.
    ordered : bool
        Whether the events are sorted into input order. A join of DuckDB keeps none.
    """
    in_order = " ORDER BY e.source, e.position" if ordered else ""
    source = choice("e.source", [one.name for one in sources])
    keeps = "".join(f", e.kept_{n} AS {_quoted(name)}" for n, name in enumerate(kept))
    head = f"SELECT {source} AS source, e.event_id::VARCHAR AS event_id, e.time"
    facts = f"f.profile_id, f.anchor, f.status, f.via_type, f.via_value{keeps}"
    if key is not None:
        events = f"{head}, {facts} FROM staged e LEFT JOIN facts f ON {key} = f.key{in_order}"
    else:
        events = (
            f"{head}, {facts} FROM store.event e LEFT JOIN (SELECT s.set_number, {profile_id_sql('n', schema)} AS profile_id,"
            f" CASE WHEN s.status = {ANCHORED} THEN n.text END AS anchor, {choice('s.status', STATUSES)} AS status,"
            f" {choice('v.type', schema.names)} AS via_type, v.text AS via_value FROM store.eventset s"
            " LEFT JOIN store.profile p USING (profile) LEFT JOIN store.value n ON p.name = n.no"
            f" LEFT JOIN store.value v ON s.via = v.no) f USING (set_number){in_order}"
        )
    named = f"SELECT p.*, n.type, n.text, {profile_id_sql('n', schema)} AS profile_id FROM store.profile p JOIN store.value n ON p.name = n.no"
    status = choice("m.status", ("linked", "refused", "contested"))
    return {
        "events": events,
        "identifiers": (
            f"SELECT {choice('v.type', schema.names)} AS type, v.text AS value, p.profile_id, m.events, m.first_seen, m.last_seen,"
            f" {status} AS status, NULL::TIMESTAMP AS valid_from, NULL::TIMESTAMP AS valid_to FROM store.member m"
            f" JOIN store.value v USING (no) LEFT JOIN ({named}) p ON m.profile = p.profile ORDER BY v.no"
        ),
        "profiles": (
            "SELECT profile_id, CASE WHEN anchored AND NOT ambiguous THEN text END AS anchor, events, identifiers, first_seen,"
            f" last_seen, ambiguous, over_limit FROM ({named}) ORDER BY profile"
        ),
        "rejected": (
            f"SELECT {choice('v.type', schema.names)} AS type, v.text AS value, r.reason, r.events,"
            f" {choice('r.source', [one.name for one in sources])} AS example_source, r.event_id AS example_event_id"
            " FROM store.rejected r JOIN store.value v USING (no) ORDER BY v.no, r.reason"
        ),
    }


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


# ----------------------------------------------------------------------------------------- the file


def write_meta(database: Database, schema: Schema, staged: Staged) -> None:
    """Write the format, the schema and the sources."""
    database.run("CREATE TABLE store.meta (key VARCHAR, value VARCHAR)")
    functions = [
        kind.name for kind in schema.ranked if any(callable(step) for step in kind.normalizers)
    ]
    described = None if functions else json.dumps(schema.to_dict())
    for key, value in {
        "format": str(FORMAT),
        "schema": described,
        "functions": json.dumps(functions),
        "kept": json.dumps(staged.kept),
    }.items():
        database.run("INSERT INTO store.meta VALUES ($1, $2)", [key, value])
    database.run(
        "CREATE TABLE store.source (source SMALLINT, name VARCHAR, rows BIGINT, id_kind VARCHAR, anchor_kind VARCHAR, exceptions VARCHAR)"
    )
    for number, one in enumerate(staged.sources):
        database.run(
            "INSERT INTO store.source VALUES ($1, $2, $3, $4, $5, $6)",
            [number, one.name, one.rows, one.id_kind, one.anchor_kind, json.dumps(one.exceptions)],
        )


def read_meta(
    database: Database, path: str, schema: Schema | None
) -> tuple[Schema, list[StagedSource], tuple[str, ...]]:
    """Read the schema, the sources and the kept columns of a file.

    Raises
    ------
    StoreError
        When the file is no graph, or of a newer format.
    """
    if not database.rows(
        "SELECT 1 FROM duckdb_tables() WHERE schema_name = 'store' AND table_name = 'meta'"
    ):
        raise StoreError(f"{path} is a DuckDB file, but no graph of xrefgraph.", path=path)
    meta = dict(database.rows("SELECT key, value FROM store.meta"))
    if int(meta["format"]) > FORMAT:
        raise StoreError(
            f"{path} is of format {meta['format']}, which is newer than {FORMAT}, the newest that this version reads."
            " Update xrefgraph.",
            path=path,
        )
    if schema is None:
        if meta["schema"] is None:
            raise StoreError(
                f"The schema of {path} holds functions, which no file can: give it, with open(path, schema=...).",
                path=path,
            )
        schema = Schema.from_dict(json.loads(meta["schema"]))
    rows = database.rows(
        "SELECT name, rows, id_kind, anchor_kind, exceptions FROM store.source ORDER BY source"
    )
    sources = [
        StagedSource(name, count, ids, anchors, json.loads(odd))
        for name, count, ids, anchors, odd in rows
    ]
    return schema, sources, tuple(json.loads(meta["kept"]))
