"""Why profiles came apart or together between two results: the rule, the event or the decision.

What came together is what came apart when the two sides are swapped, so there is one search. On the side where a profile is whole,
its links are read: from event to identifier, as far as they hold. On the other side each event and each identifier is in some profile, or in
none any more. What links two profiles of the other side is a cause: an event that is not there, a value that links
nothing there, or a link that is cut there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from xrefgraph.database import Database
from xrefgraph.decisions import Identifier
from xrefgraph.graph import XrefGraph
from xrefgraph.inspection.changes.bonds import (
    GONE,
    HANDED,
    NOBODY,
    SEVERAL,
    Flags,
    Ints,
    Nodes,
    Whole,
    elsewhere,
    read_whole,
)
from xrefgraph.inspection.changes.comparison import CHANGES, Cause
from xrefgraph.inspection.changes.overlay import Side
from xrefgraph.inspection.changes.reasons import CUT, WORDS, Reasons, cut_facts
from xrefgraph.linking.components import smallest_connected
from xrefgraph.linking.evidence import distinct
from xrefgraph.verdicts import verdicts

#: So many events and identifiers are looked at, on both sides together: of groups with several profiles on one side, and of the others.
#: The smallest groups come first; those that go beyond are only counted.
MEMBERS = 1_000_000

#: What came apart, and what came together. Where there are several on one side, a cause links two of them.
APART, TOGETHER = (
    ("split", "reshaped", "changed", "retired"),
    ("merged", "reshaped", "changed", "created"),
)


@dataclass(frozen=True)
class Told:
    """A cause of one group.

    Parameters
    ----------
    label, change : int, str
        The group, and what became of it.
    cause : Cause
        Counted once.
    """

    label: int
    cause: Cause


def find_causes(database: Database, sides: tuple[Side, Side]) -> list[Told]:
    """Find why the groups of profiles in the table ``small_group`` are not what they were.

    Parameters
    ----------
    database : Database
        Of the comparison.
    sides : (Side, Side)
        Before and after.

    Notes
    -----
    Of each group the same cause is told once, with its first event for example. Two folders, or a graph and a folder, tell only of links
    that were cut. Cost: that of the groups, of which :data:`MEMBERS` says how many are looked at, and a look at the events of both sides.
    """
    several = ", ".join(str(CHANGES["profiles"].index(change)) for change in SEVERAL)
    database.run(
        "CREATE TABLE asked AS SELECT label FROM (SELECT label, sum(size) OVER"
        f" (PARTITION BY kind IN ({several}) ORDER BY size, p NULLS LAST, q NULLS LAST) AS so_far FROM small_group) WHERE so_far <= {MEMBERS}"
    )
    found: list[Told] = []
    before, after = sides
    for one, other, changes in ((before, after, APART), (after, before, TOGETHER)):
        kinds = ", ".join(str(CHANGES["profiles"].index(change)) for change in changes)
        groups = database.rows(
            f"SELECT g.id, g.label, g.kind FROM {one.name}_group g SEMI JOIN asked USING (label) WHERE kind IN ({kinds}) ORDER BY id"
        )
        if not groups:
            continue
        if one.graph is not None and other.graph is not None:
            whole = read_whole(one.graph.store, groups)
            found += _by_links(
                database, (one.graph, other.graph), other, whole, apart=one is before
            )
        elif other.has_cuts:
            found += _by_cuts(database, one, other, changes, apart=one is before)
    return found


def _by_links(
    database: Database,
    graphs: tuple[XrefGraph, XrefGraph],
    other: Side,
    whole: Whole,
    *,
    apart: bool,
) -> list[Told]:
    """Find what links two profiles of the other side."""
    event_place, odd, identifier_place = elsewhere(database, other.name, whole)
    nodes = Nodes.of(whole, event_place, odd, identifier_place)
    search = _Search(database, graphs, other, whole, nodes, apart=apart)
    return search.run()


@dataclass(frozen=True)
class _Search:
    """The search for causes in one direction."""

    database: Database
    graphs: tuple[XrefGraph, XrefGraph]
    other: Side
    whole: Whole
    nodes: Nodes
    apart: bool

    def run(self) -> list[Told]:
        """Give the causes, group by group."""
        nodes = self.nodes
        lost = nodes.place < 0
        edge_a = np.concatenate([nodes.a, nodes.linked[:, 0]])
        edge_b = np.concatenate([nodes.b, nodes.linked[:, 1]])
        inside = lost[edge_a] & lost[edge_b]
        part = smallest_connected(
            edge_a[inside].astype(np.int32), edge_b[inside].astype(np.int32), len(lost)
        ).astype(np.int64)
        touching = lost[edge_a] ^ lost[edge_b]
        at, beside = (
            np.where(lost[edge_a], edge_a, edge_b)[touching],
            np.where(lost[edge_a], edge_b, edge_a)[touching],
        )
        # In how many profiles of the other side what is lost has a neighbour; and each node of it by itself.
        touched = _distinct_counts(part[at], nodes.place[beside], len(lost))
        own = _distinct_counts(at, nodes.place[beside], len(lost))
        # What became of one profile has a cause wherever something is lost; an identifier that has several owners is not.
        enough = np.where(self.whole.several[nodes.profile] | (nodes.place == HANDED), 2, 0)
        causing = lost & (touched[part] >= enough)
        found = self._of_events(causing, own)
        found += self._of_identifiers(causing)
        # Links that are cut there, between what is in two profiles, or at an event that they leave in none.
        crossing = ~lost[nodes.a] & ~lost[nodes.b] & (nodes.place[nodes.a] != nodes.place[nodes.b])
        bare = causing[nodes.a] & (nodes.place[nodes.a] == NOBODY) & ~lost[nodes.b]
        bare &= ~np.append(nodes.odd, np.zeros(len(lost) - nodes.events, bool))[nodes.a]
        found += self._of_links(np.flatnonzero(crossing | bare))
        found += self._of_decisions(lost)
        return found

    def _told(self, node: int, **facts: Any) -> Told:
        profile = int(self.nodes.profile[node])
        change = self.whole.change[profile]
        return Told(int(self.whole.label[profile]), Cause(change=change, groups=1, **facts))

    def _of_events(self, causing: Flags, own: Ints) -> list[Told]:
        """Events that are not there on the other side, or contradict themselves there: of each profile the first that links two."""
        nodes, whole = self.nodes, self.whole
        found = []
        for kind, is_kind in (
            ("events", nodes.place[: nodes.events] == GONE),
            ("contradictory", nodes.odd),
        ):
            some = np.flatnonzero(causing[: nodes.events] & is_kind)
            # The first of those that link two by themselves, else the first.
            order = some[
                np.lexsort(
                    (whole.event_order[nodes.first[some]], own[some] < 2, nodes.profile[some])
                )
            ]
            heads = order[_is_first(nodes.profile[order])]
            for node in heads.tolist():
                joined = self._joined(node)
                what = WORDS[kind][self.apart]
                found.append(
                    self._told(
                        node,
                        kind=kind,
                        what=what,
                        event=whole.event_key[nodes.first[node]],
                        between=joined,
                    )
                )
        return found

    @cached_property
    def _reasons(self) -> Reasons:
        return Reasons(self.graphs, self.apart)

    @cached_property
    def _by_event(self) -> tuple[Ints, Ints]:
        """The identifier nodes that each event node carries, strongest first, and where those of each begin."""
        nodes = self.nodes
        order = np.lexsort((nodes.b, nodes.a))
        return nodes.b[order], np.searchsorted(nodes.a[order], np.arange(nodes.events + 1))

    def _joined(self, node: int) -> tuple[str, ...]:
        """The strongest identifiers of an event that are in two profiles of the other side; else the strongest two."""
        carried, start = self._by_event
        # Nodes of one profile stand in the order of their identifiers.
        mine = carried[start[node] : start[node + 1]].tolist()
        places: dict[int, int] = {}
        for one in mine:
            places.setdefault(int(self.nodes.place[one]), one)
        apart = [one for place, one in places.items() if place >= 0]
        return tuple(":".join(self._name(one)) for one in (apart if len(apart) > 1 else mine)[:2])

    def _identifier(self, node: int) -> int:
        return int(self.nodes.identifier[node - self.nodes.events])

    def _name(self, node: int) -> Identifier:
        return self.whole.names[self._identifier(node)]

    def _of_identifiers(self, causing: Flags) -> list[Told]:
        """Values that link nothing on the other side, or changed hands there; not those that went along with all their events."""
        nodes, whole = self.nodes, self.whole
        there = np.zeros(len(nodes.place), bool)
        there[nodes.b[nodes.place[nodes.a] != GONE]] = True
        some = np.flatnonzero(causing & there)
        some = some[some >= nodes.events]
        if not len(some):
            return []
        first = np.full(len(nodes.place), len(whole.event_key), np.int64)
        np.minimum.at(first, nodes.b, nodes.first[nodes.a])
        reasons = self._reasons
        reasons.look_up({self._name(node) for node in some.tolist()})
        found = []
        for node in some.tolist():
            name = self._name(node)
            if nodes.place[node] == HANDED:
                facts: dict[str, Any] = {
                    "kind": "hands",
                    "what": WORDS["hands"][self.apart].format(type=name[0]),
                }
            else:
                told = reasons.of(name)
                if told is None:
                    continue
                facts = told
            event = whole.event_key[first[node]]
            found.append(self._told(node, **facts, identifier=name, event=event))
        return found

    def _of_links(self, edges: Ints) -> list[Told]:
        """Links that do not hold on the other side."""
        if not len(edges):
            return []
        nodes, whole = self.nodes, self.whole
        # All events of a node lose the link, and the first of them speaks for all.
        keys = [whole.event_key[first] for first in nodes.first[nodes.a[edges]].tolist()]
        names = [self._name(node) for node in nodes.b[edges].tolist()]
        columns = {
            "n": np.arange(len(edges)),
            **{
                column: np.array([row[place] for row in rows], dtype=object)
                for rows, pair in ((keys, ("source", "event_id")), (names, ("type", "value")))
                for place, column in enumerate(pair)
            },
        }
        with self.database.registered(**columns) as lent:
            rows = self.database.rows(
                f"SELECT l.n, {CUT} FROM {self.other.name}_cuts c JOIN (SELECT n, source::VARCHAR AS source,"
                f" event_id::VARCHAR AS event_id, type::VARCHAR AS type, value::VARCHAR AS value FROM {lent}) l"
                " USING (source, event_id, type, value) ORDER BY l.n, c.rule"
            )
        cut = {row[0]: row[1:] for row in reversed(rows)}
        found = []
        for n, node in enumerate(nodes.a[edges].tolist()):
            facts = (
                cut_facts(cut[n], self.graphs, names[n], keys[n][1], apart=self.apart)
                if n in cut
                else self._reasons.other_value(names[n])
            )
            found.append(self._told(node, **facts, identifier=names[n], event=keys[n]))
        return found

    def _of_decisions(self, lost: Flags) -> list[Told]:
        """Pairs that a decision links on the one side alone."""
        nodes = self.nodes
        one, other = (verdicts(graph.schema).linked for graph in self.graphs)
        found = []
        for a, b in nodes.linked.tolist():
            names = self._name(a), self._name(b)
            pair = names if names in one else names[::-1]
            if pair in other or (not lost[[a, b]].any() and nodes.place[a] == nodes.place[b]):
                continue
            between = tuple(":".join(name) for name in pair)
            words = [" ".join(name) for name in pair]
            what = WORDS["link"][self.apart].format(a=words[0], b=words[1])
            found.append(
                self._told(a, kind="link", what=what, between=between, decision=one.get(pair))
            )
        return found


def _distinct_counts(of: Ints, place: Ints, count: int) -> Ints:
    """How many distinct places each has."""
    pairs = distinct(of.astype(np.int64) << 32 | place)
    return np.bincount(pairs >> 32, minlength=count)


def _is_first(label: Ints) -> Flags:
    new = np.ones(len(label), bool)
    new[1:] = label[1:] != label[:-1]
    return new


# -------------------------------------------------------------------------------- without the links


def _by_cuts(
    database: Database, one: Side, other: Side, changes: Sequence[str], *, apart: bool
) -> list[Told]:
    """Find the links that are cut on the other side, between an event and an identifier that are in one profile here."""
    kinds = ", ".join(str(CHANGES["profiles"].index(change)) for change in changes)
    mine, theirs = ("p", "q") if one.name == "before" else ("q", "p")
    rows = database.rows(
        f"SELECT g.label, g.kind, c.source, c.event_id, c.type, c.value, {CUT} FROM {other.name}_cuts c"
        f" JOIN {one.name}_events e USING (source, event_id)"
        f" JOIN {other.name}_events f ON f.source = c.source AND f.event_id = c.event_id"
        f" JOIN identifier i ON i.type = c.type AND i.value = c.value"
        f" JOIN {one.name}_group g ON g.id = e.profile_id SEMI JOIN asked a ON a.label = g.label"
        f" WHERE g.kind IN ({kinds}) AND i.owners_p = 1 AND i.owners_q = 1 AND i.{mine} = e.profile_id"
        f" AND i.{theirs} IS DISTINCT FROM f.profile_id ORDER BY ALL"
    )
    names = CHANGES["profiles"]
    return [
        Told(
            label,
            Cause(
                change=names[kind],
                groups=1,
                identifier=(type_, value),
                event=(source, event_id),
                **cut_facts(tuple(row), None, (type_, value), event_id, apart=apart),
            ),
        )
        for label, kind, source, event_id, type_, value, *row in rows
    ]
