"""A graph in memory whose tables are made when they are first needed.

In steps: values; members and profiles; what was rejected; and last the events themselves, which until then
are read from their source, and find their labels there (:mod:`xrefgraph.labelling`).
"""

from __future__ import annotations

import logging
import time
from functools import cached_property

import numpy as np
import numpy.typing as npt

from xrefgraph.cutting import store_cuts
from xrefgraph.database import Database
from xrefgraph.decisions import Decision
from xrefgraph.events import Staged
from xrefgraph.eventsets import (
    EventSets,
    event_sets,
    instant_sql,
    seen_by_identifier,
    seen_by_owner,
    seen_by_profile,
    store_events,
)
from xrefgraph.identifiers import Incidence, Ints, Sets, all_sets, set_keys
from xrefgraph.labelling import Lookup, lookup_by_set, lookup_by_value
from xrefgraph.profiles import STATUSES, Labels, Statuses, label_sets, memberships
from xrefgraph.restrictions import Restrictions
from xrefgraph.schema import Schema
from xrefgraph.settling import Owned
from xrefgraph.store import events_view, write_meta

log = logging.getLogger(__name__)


class Building:
    """A graph in memory, before all of its tables are made.

    Parameters
    ----------
    database, schema, staged, incidence, restrictions, labels
        What the stages of the build gave.
    """

    def __init__(
        self,
        database: Database,
        schema: Schema,
        staged: Staged,
        incidence: Incidence,
        restrictions: Restrictions,
        labels: Labels,
    ) -> None:
        self._database, self._schema, self._staged = database, schema, staged
        self._incidence, self._restrictions, self._labels = incidence, restrictions, labels
        self._done: set[str] = set()
        self._lookup: Lookup | None = None
        database.run("CREATE SCHEMA store")
        write_meta(database, schema, staged, restrictions.idle)

    @property
    def idle(self) -> tuple[Decision, ...]:
        """Decisions that do nothing, or not all that they say."""
        return self._restrictions.idle

    @property
    def in_place(self) -> bool:
        """Whether events are read from a source where it is."""
        return self._staged.in_place

    @cached_property
    def _sets(self) -> Sets:
        return all_sets(self._database, self._incidence)

    @cached_property
    def _keys(self) -> tuple[str, npt.NDArray[np.uint64]]:
        return set_keys(self._database, self._incidence)

    @cached_property
    def _set_labels(self) -> tuple[Ints, Statuses]:
        return label_sets(self._labels, self._sets)

    @cached_property
    def _groups(self) -> EventSets:
        return event_sets(self._database, self._labels, self._sets, self._set_labels)

    def counts(self) -> dict[str, int]:
        """How many events of each status, events, identifiers and profiles there are, and links that were cut."""
        groups = self._groups
        by_status = np.bincount(groups.status, groups.events, len(STATUSES)).astype(int)
        counts = {name: int(count) for name, count in zip(STATUSES, by_status, strict=True)}
        cuts, single = self._labels.settled.cuts, self._labels.settled.cut_events is not None
        cut = len(cuts) if single else int(self._sets.events[cuts.at].sum())
        detached = self._sets.events[(self._restrictions.detached >> 32).astype(np.int64)]
        return counts | {
            "events": int(groups.events.sum()),
            "identifiers": int((self._labels.profile_of >= 0).sum()),
            "profiles": len(self._labels.strongest),
            "cuts": cut + int(detached.sum()),
        }

    def refused(self) -> list[tuple[str, int]]:
        """How many distinct values were refused, by reason, and how many events contradict themselves."""
        counts = []
        if len(self._incidence.touched):
            counts = self._database.rows(
                "SELECT reason, count(*) FROM value WHERE reason IS NOT NULL GROUP BY reason ORDER BY reason"
            )
        odd = len(self._incidence.contradictory) and self.counts()["contradictory"]
        return counts + ([("contradictory events", odd)] if odd else [])

    def events_query(self, *, ordered: bool) -> str:
        """Give the query of the events table, read from the sources.

        Raises
        ------
        SourceChangedError
            When a source that is read in place changed.
        """
        self._staged.check_files()
        if self._lookup is None and not self._incidence.several and not self._staged.detached:
            self._lookup = lookup_by_value(
                self._database, self._schema, self._incidence, self._labels
            )
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
            self._lookup.tables,
            ordered=ordered,
        )

    # ---------------------------------------------------------------------------------- the tables

    def values(self) -> None:
        """Make ``store.value``, and ``naming``: how each profile is named, and what it is."""
        if "values" in self._done:
            return
        labels, database = self._labels, self._database
        with database.registered(
            profile=labels.profile_of,
            stands_for=self._incidence.stands_for,
            aside=self._set_aside(),
        ) as lent:
            database.run(
                "CREATE TABLE store.value AS SELECT no, type, text, CASE WHEN stands_for >= 0 THEN stands_for END AS identifier,"
                " CASE aside WHEN 1 THEN 'over_shared' WHEN 2 THEN 'blocked' ELSE reason END AS reason,"
                f" CASE WHEN profile >= 0 THEN profile END AS profile FROM (SELECT * FROM value ORDER BY no) POSITIONAL JOIN {lent}"
            )
        with database.registered(
            profile=np.arange(len(labels.strongest), dtype=np.int32),
            name=labels.strongest,
            anchored=labels.anchored,
            ambiguous=labels.ambiguous,
        ) as lent:
            database.run(f"CREATE TEMP TABLE naming AS SELECT * FROM {lent}")
        self._done.add("values")

    def _set_aside(self) -> npt.NDArray[np.uint8]:
        """For each value: 1 if what it stands for is shared by too many, 2 if it is blocked, else 0."""
        of_identifier = np.zeros(self._incidence.bounds[-1] + 1, np.uint8)
        of_identifier[self._restrictions.aside["over_shared"]] = 1
        of_identifier[self._restrictions.aside["blocked"]] = 2
        if not of_identifier.any():
            return of_identifier[:-1]
        stood_for = self._database.arrays(
            "SELECT coalesce(identifier, -1)::INTEGER AS identifier FROM value ORDER BY no"
        )["identifier"]
        return of_identifier[stood_for]

    def summary(self) -> None:
        """Make ``store.member``, ``store.owned`` and ``store.profile``."""
        if "summary" in self._done:
            return
        self.values()
        labels, database, groups = self._labels, self._database, self._groups
        identifier, profile = memberships(labels.settled)
        seen = seen_by_identifier(self._sets, groups, len(labels.profile_of))
        members = {name: column[identifier] for name, column in seen.items()}
        if labels.settled.owned is not None:
            of_owned = seen_by_owner(self._sets, groups, labels.settled.owned, identifier, profile)
            for name, (place, column) in of_owned.items():
                members[name][place] = column
        with database.registered(
            profile=profile,
            no=identifier,
            contested=labels.settled.contested[identifier],
            **members,
        ) as lent:
            database.run(
                f"CREATE TABLE store.member AS SELECT profile, no, events, {instant_sql('first')} AS first_seen,"
                f" {instant_sql('last')} AS last_seen, CASE WHEN contested THEN 2 ELSE 0 END::UTINYINT AS status FROM {lent}"
            )
        # What nothing links: values of events that contradict themselves, and refused values.
        loose = np.flatnonzero((labels.profile_of < 0) & (seen["events"] > 0))
        with database.registered(
            no=loose, **{name: column[loose] for name, column in seen.items()}
        ) as lent:
            database.run(
                f"INSERT INTO store.member SELECT NULL, no, events, {instant_sql('first')}, {instant_sql('last')}, 1 FROM {lent}"
            )
        if self._has_refused():
            self._raw_cells()
            database.run(
                "INSERT INTO store.member SELECT NULL, no, sum(events)::BIGINT, min(first_seen), max(last_seen), 1 FROM set_value"
                " JOIN sets ON set_value.set_number = sets.rowid JOIN store.value USING (no)"
                " WHERE reason IS NOT NULL AND reason <> 'blank' GROUP BY no ORDER BY no"
            )
        self._store_owned()
        with database.registered(
            profile=np.arange(len(labels.strongest), dtype=np.int32),
            name=labels.strongest,
            anchored=labels.anchored,
            ambiguous=labels.ambiguous,
            over_limit=labels.over_limit,
            identifiers=np.bincount(profile, minlength=len(labels.strongest)),
            **seen_by_profile(groups, len(labels.strongest)),
        ) as lent:
            database.run(
                "CREATE TABLE store.profile AS SELECT profile, name, anchored, ambiguous, over_limit, events, identifiers,"
                f" {instant_sql('first')} AS first_seen, {instant_sql('last')} AS last_seen FROM {lent}"
            )
        self._done.add("summary")

    def _store_owned(self) -> None:
        owned = self._labels.settled.owned
        nothing = np.empty(0, np.int32)
        if owned is None:
            owned = Owned(nothing, nothing, nothing.astype(np.int64), nothing.astype(np.int64))
        with self._database.registered(
            no=owned.identifier,
            profile=owned.profile,
            since=owned.valid_from,
            until=owned.valid_to,
        ) as lent:
            self._database.run(
                f"CREATE TABLE store.owned AS SELECT no, profile, {instant_sql('since')} AS valid_from,"
                f" {instant_sql('until')} AS valid_to FROM {lent}"
            )

    def _has_refused(self) -> bool:
        return bool(len(self._incidence.touched)) and bool(
            self._database.row("SELECT count(*) FROM store.value WHERE reason IS NOT NULL")[0]
        )

    def _raw_cells(self) -> None:
        """Make ``set_value``: what the events of a set carry, as it came in."""
        if "cells" not in self._done:
            with self._database.registered(
                set_number=self._sets.raw_set, no=self._sets.raw_value
            ) as lent:
                self._database.run(f"CREATE TEMP TABLE set_value AS SELECT * FROM {lent}")
            self._done.add("cells")

    def rejected(self) -> None:
        """Make ``store.rejected``: what links nothing, with an event for example."""
        if "rejected" in self._done:
            return
        self.values()
        database = self._database
        database.run(
            "CREATE TABLE store.rejected (no INTEGER, reason VARCHAR, events BIGINT, source SMALLINT, event_id VARCHAR)"
        )
        odd = self._incidence.contradictory
        if self._has_refused() or len(odd):
            self._staged.check_files()
            self._raw_cells()
            with database.registered(set_number=odd) as lent:
                # Over-shared and blocked values are judged by the events that do not contradict themselves.
                database.run(
                    "CREATE TEMP TABLE out AS SELECT set_number, no, reason FROM set_value JOIN store.value USING (no)"
                    f" WHERE reason IS NOT NULL AND NOT (reason IN ('over_shared', 'blocked') AND set_number IN (SELECT set_number FROM {lent}))"
                    " UNION ALL SELECT set_number, no, 'contradictory' FROM"
                    f" (SELECT *, count(DISTINCT v.identifier) OVER (PARTITION BY set_number, v.type) AS values FROM {lent}"
                    "  JOIN set_value USING (set_number) JOIN value v USING (no) WHERE v.identifier IS NOT NULL)"
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

    def cuts(self) -> None:
        """Make ``store.cut``: what the policy and decisions cut."""
        if "cuts" in self._done:
            return
        self.values()
        settled, detached = self._labels.settled, self._restrictions.detached
        of_sets = len(detached) or (settled.cut_events is None and len(settled.cuts))
        if of_sets or len(settled.cuts):
            self._staged.check_files()
        store_cuts(
            self._database,
            self._schema,
            settled,
            self._restrictions,
            self._incidence.bounds,
            self._keys if of_sets else None,
        )
        self._done.add("cuts")

    def settle(self) -> None:
        """Make every table, and let the sources go. Afterwards nothing here is of use."""
        began = time.perf_counter()
        self._staged.check_files()
        self.summary()
        self.rejected()
        self.cuts()
        store_events(
            self._database,
            self._staged,
            self._sets,
            self._groups,
            self._keys,
            self._labels.settled.moved,
        )
        _drop_temporary(self._database)
        log.info("stored in %.1f s", time.perf_counter() - began)


def _drop_temporary(database: Database) -> None:
    for kind in ("view", "table"):
        names = database.rows(
            f"SELECT {kind}_name FROM duckdb_{kind}s() WHERE temporary AND NOT internal"
        )
        for (name,) in names:
            if name not in ("events", "identifiers", "profiles", "cuts", "rejected"):
                database.run(f"DROP {kind} IF EXISTS temp.{name}")
