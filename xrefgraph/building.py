"""A graph in memory whose tables are made when they are first needed.

In steps: values; members and profiles; what was rejected; and last the events themselves, which until then
are read from their source, and find their labels there (:mod:`xrefgraph.labelling`).
"""

from __future__ import annotations

import logging
import time
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from xrefgraph.database import Database
from xrefgraph.events import Staged
from xrefgraph.identifiers import Incidence, Ints, Sets, all_sets, set_keys
from xrefgraph.labelling import Lookup, lookup_by_set, lookup_by_value
from xrefgraph.profiles import STATUSES, Labels, Statuses, label_sets
from xrefgraph.schema import Schema
from xrefgraph.store import events_view, write_meta

log = logging.getLogger(__name__)


class Building:
    """A graph in memory, before all of its tables are made.

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
        self._incidence, self._labels = incidence, labels
        self._done: set[str] = set()
        self._lookup: Lookup | None = None
        database.run("CREATE SCHEMA store")
        write_meta(database, schema, staged)

    @property
    def in_place(self) -> bool:
        """Whether events are read from a source where it is."""
        return self._staged.in_place

    @property
    def settled(self) -> bool:
        """Whether every table is made, and no source is needed any more."""
        return "events" in self._done

    @cached_property
    def _sets(self) -> Sets:
        return all_sets(self._database, self._incidence)

    @cached_property
    def _keys(self) -> tuple[str, npt.NDArray[np.uint64]]:
        return set_keys(self._database, self._incidence)

    @cached_property
    def _set_labels(self) -> tuple[Ints, Statuses]:
        return label_sets(self._labels, self._sets)

    def counts(self) -> dict[str, int]:
        """How many events of each status, events, identifiers and profiles there are."""
        status = self._set_labels[1]
        by_status = np.bincount(status, self._sets.events, len(STATUSES)).astype(int)
        counts = {name: int(count) for name, count in zip(STATUSES, by_status, strict=True)}
        return counts | {
            "events": int(self._sets.events.sum()),
            "identifiers": int((self._labels.profile_of >= 0).sum()),
            "profiles": len(self._labels.strongest),
        }

    def refused(self) -> list[tuple[str, int]]:
        """How many distinct values were refused, by reason, and how many events contradict themselves."""
        if self._incidence.plain:
            return []
        counts = self._database.rows(
            "SELECT reason, count(*) FROM value WHERE reason IS NOT NULL GROUP BY reason ORDER BY reason"
        )
        odd = self.counts()["contradictory"]
        return counts + ([("contradictory events", odd)] if odd else [])

    def events_query(self, *, ordered: bool) -> str:
        """Give the query of the events table, read from the sources.

        Raises
        ------
        SourceChangedError
            When a source that is read in place changed.
        """
        self._staged.check_files()
        if self._lookup is None and self._incidence.plain:
            self._lookup = lookup_by_value(self._database, self._schema, self._labels)
        if self._lookup is None:
            self._lookup = lookup_by_set(
                self._database,
                self._schema,
                self._keys,
                self._labels,
                self._sets.strongest,
                self._set_labels,
            )
        return events_view(
            self._staged.sources,
            self._staged.kept,
            self._lookup.columns,
            f"staged e LEFT JOIN {self._lookup.join}",
            ordered=ordered,
        )

    # ---------------------------------------------------------------------------------- the tables

    def values(self) -> None:
        """Make ``store.value``, and ``naming``: how each profile is named, and what it is."""
        if "values" in self._done:
            return
        labels = self._labels
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
        if "summary" in self._done:
            return
        self.values()
        sets, labels, database = self._sets, self._labels, self._database
        columns = database.arrays(
            f"SELECT {_micros_sql('first_seen')} AS first, {_micros_sql('last_seen')} AS last FROM sets"
        )
        times = columns["first"], columns["last"]
        held = np.flatnonzero(labels.profile_of >= 0).astype(np.int32)
        held = held[np.argsort(labels.profile_of[held], kind="stable")]
        set_profile = self._set_labels[0]
        some = np.flatnonzero(set_profile >= 0)
        of_identifiers = _seen(
            sets.link_identifier, sets.link_set, sets, times, len(labels.profile_of)
        )
        of_profiles = _seen(set_profile[some], some, sets, times, len(labels.strongest))
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
        return not self._incidence.plain and bool(
            self._database.row("SELECT count(*) FROM store.value WHERE reason IS NOT NULL")[0]
        )

    def rejected(self) -> None:
        """Make ``store.rejected``: what links nothing, with an event for example."""
        if "rejected" in self._done:
            return
        self.values()
        database = self._database
        database.run(
            "CREATE TABLE store.rejected (no INTEGER, reason VARCHAR, events BIGINT, source SMALLINT, event_id VARCHAR)"
        )
        odd = np.flatnonzero(self._sets.contradictory)
        if self._has_refused() or len(odd):
            self._staged.check_files()
            with database.registered(set_number=odd) as lent:
                database.run(
                    "CREATE TEMP TABLE out AS SELECT set_number, no, reason FROM set_value JOIN store.value USING (no)"
                    " WHERE reason IS NOT NULL UNION ALL SELECT set_number, no, 'contradictory' FROM"
                    f" (SELECT *, count(DISTINCT identifier) OVER (PARTITION BY set_number, type) AS values FROM {lent}"
                    "  JOIN set_value USING (set_number) JOIN store.value USING (no) WHERE identifier IS NOT NULL)"
                    f" WHERE values > 1 AND type IN ({self._unique_ranks()})"
                )
            key = self._keys[0]
            database.run(
                "INSERT INTO store.rejected SELECT no, reason, count(*), arg_min(source, (source, position)),"
                " arg_min(event_id::VARCHAR, (source, position)) FROM"
                f" (SELECT source, position, event_id, {key} AS key FROM staged"
                f"   SEMI JOIN (SELECT {key} AS key FROM sets WHERE rowid IN (SELECT set_number FROM out)) k"
                f"  ON {key} = k.key) e"
                f" JOIN (SELECT {key} AS key, no, reason FROM sets JOIN out ON sets.rowid = out.set_number) USING (key)"
                " GROUP BY no, reason ORDER BY no, reason"
            )
            database.run("DROP TABLE out")
        self._done.add("rejected")

    def _unique_ranks(self) -> str:
        ranks = [str(rank) for rank, kind in enumerate(self._schema.ranked) if kind.unique]
        return ", ".join(ranks) or "NULL"

    def settle(self) -> None:
        """Make every table, and let the sources go. Afterwards nothing here is of use."""
        began = time.perf_counter()
        self._staged.check_files()
        self.summary()
        self.rejected()
        database, strongest = self._database, self._sets.strongest
        set_profile, status = self._set_labels
        key, keys = self._keys
        # Sets without a profile come last; the key makes the order one that no thread decides.
        profile = np.where(set_profile < 0, np.iinfo(np.int32).max, set_profile)
        order = np.lexsort((keys, strongest, profile)).astype(np.int32)
        number = np.empty(len(order), np.int32)
        number[order] = np.arange(len(order), dtype=np.int32)
        with database.registered(
            number=np.arange(len(order), dtype=np.int32),
            profile=set_profile[order],
            via=np.where(set_profile < 0, -1, strongest)[order],
            status=status[order],
            events=self._sets.events[order],
        ) as lent:
            database.run(
                "CREATE TABLE store.eventset AS SELECT number AS set_number, CASE WHEN profile >= 0 THEN profile END AS profile,"
                f" CASE WHEN via >= 0 THEN via END AS via, status, events FROM {lent} ORDER BY number"
            )
        self._store_links(number)
        kept = "".join(f", kept_{n}" for n in range(len(self._staged.kept)))
        with database.registered(key=keys, number=number) as lent:
            database.run(
                f"CREATE TABLE store.event AS SELECT n.number AS set_number, source, position, event_id, time{kept} FROM"
                f" (SELECT source, position, event_id, time{kept}, {key} AS key FROM staged) e"
                f" JOIN (SELECT * FROM {lent}) n ON e.key = n.key ORDER BY n.number, source, position"
            )
        self._done.add("events")
        _drop_temporary(database)
        log.info("stored in %.1f s", time.perf_counter() - began)

    def _store_links(self, number: Ints) -> None:
        links = {"set_number": self._sets.link_set, "no": self._sets.link_identifier}
        if not self._incidence.plain:
            links = self._database.arrays("SELECT set_number, no FROM set_value")
        with self._database.registered(
            set_number=number[links["set_number"]], no=links["no"]
        ) as lent:
            self._database.run(
                f"CREATE TABLE store.link AS SELECT * FROM {lent} ORDER BY set_number, no"
            )


#: No time at all, in microseconds.
_NEVER = np.iinfo(np.int64).min


def _micros_sql(time: str) -> str:
    return f"coalesce(epoch_us({time}), {_NEVER + 1} - 1)"


def _instant_sql(micros: str) -> str:
    return f"CASE WHEN {micros} > {_NEVER + 1} THEN make_timestamp({micros}) END"


def _seen(groups: Any, of: Any, sets: Sets, times: tuple[Any, Any], count: int) -> dict[str, Any]:
    """The events, and the first and last time, of each group of sets: set ``of[n]`` is in ``groups[n]``."""
    first, last = np.full(count, np.iinfo(np.int64).max), np.full(count, _NEVER)
    timed = times[0][of] != _NEVER
    np.minimum.at(first, groups[timed], times[0][of[timed]])
    np.maximum.at(last, groups[timed], times[1][of[timed]])
    first[last == _NEVER] = _NEVER
    events = np.bincount(groups, sets.events[of], count).astype(np.int64)
    return {"events": events, "first": first, "last": last}


def _drop_temporary(database: Database) -> None:
    for kind in ("view", "table"):
        names = database.rows(
            f"SELECT {kind}_name FROM duckdb_{kind}s() WHERE temporary AND NOT internal"
        )
        for (name,) in names:
            if name not in ("events", "identifiers", "profiles", "rejected"):
                database.run(f"DROP {kind} IF EXISTS temp.{name}")
