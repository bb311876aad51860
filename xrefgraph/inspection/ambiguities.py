"""The queue: which conflicts there are, what is suspected of each, and the decisions that would settle it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from xrefgraph.database import Arrays
from xrefgraph.drawings import Drawable
from xrefgraph.errors import SchemaError, UnknownError, counted, did_you_mean, listing
from xrefgraph.graph import XrefGraph
from xrefgraph.inspection.answers import Answer, sentence, series
from xrefgraph.inspection.cuts.culprits import NAMED, Culprit, Fix, named, settled_by
from xrefgraph.inspection.evidence.collapse import (
    Collapsed,
    Ints,
    Longs,
    decided_heads,
    raw_profiles,
    read_collapsed,
)
from xrefgraph.inspection.evidence.evidence_path import Step
from xrefgraph.inspection.subjects import asked_number, asked_store, name_of, profile_ids
from xrefgraph.inspection.what_if.pieces import numbered_pairs, pairs_inside
from xrefgraph.networks import IdentifierNode
from xrefgraph.store import Store
from xrefgraph.verdicts import verdicts


@dataclass(frozen=True)
class Ambiguity(Drawable):
    """One conflict: two people, or more, whom the evidence takes for one.

    Parameters
    ----------
    kind : {"two people", "separated", "over limit"}
        Two values of a unique type; a pair that a decision keeps apart; or more values of a type than its limit.
    type : str or None
        The type of which there are too many values.
    owners : tuple of IdentifierNode
        These values, or the pair; ten at most.
    owners_in_all : int
        How many there are.
    profiles : tuple of str
        The profiles that it is about: one that is ambiguous, or those that the policy parted; ten at most, largest first.
    profiles_in_all : int
        How many there are.
    events : int
        How many events these have.
    at_stake : int
        The events whose owner depends on it: those that are ambiguous, those that were left to nobody, and those that carry a
        contested identifier.
    culprits : tuple of Culprit
        What is suspected, the most likely first: of the first three pairs of owners that met, and three of each at most. All values of a cut
        are in the fix ``block``.
    fixes : tuple of Fix
        What may be decided.
    """

    kind: str
    type: str | None
    owners: tuple[IdentifierNode, ...]
    owners_in_all: int
    profiles: tuple[str, ...]
    profiles_in_all: int
    events: int
    at_stake: int
    culprits: tuple[Culprit, ...]
    fixes: tuple[Fix, ...]

    @property
    def culprit(self) -> IdentifierNode | None:
        """The most likely culprit."""
        return self.culprits[0].node if self.culprits else None

    @property
    def text(self) -> str:
        """The conflict in a sentence."""
        values = [one.value for one in self.owners[:2]]
        more = [counted(self.owners_in_all - 2, "other")] if self.owners_in_all > 2 else []
        kind = self.type or (self.owners[0].type if self.owners else "")
        if self.kind == "over limit":
            said = f"{self.owners_in_all:,} values of {kind} are more than its limit"
        elif self.kind == "separated":
            said = f"{series([name_of(one) for one in self.owners[:2]])} are separated by a decision, and hang together"
        else:
            said = f"{kind} {series([*values, *more])} hang together"
        at = counted(self.at_stake, "event")
        found = self.culprits[:1]
        if not found:
            return f"{said}; {at} at stake"
        sides = series(
            [
                f"{counted(step.events, 'event')} with {name_of(_far(step, found[0].node))}"
                for step in found[0].sides
            ]
        )
        return f"{said}, by {name_of(found[0].node)} ({sides}); {at} at stake"

    def fix(self, action: str) -> Fix:
        """Give one of the fixes by its action."""
        for one in self.fixes:
            if one.action == action:
                return one
        actions = [one.action for one in self.fixes]
        raise UnknownError(
            f"This conflict has no fix {action!r}. There are: {listing(actions) or 'none'}.{did_you_mean(str(action), actions)}"
        )


def _far(step: Step, node: IdentifierNode) -> Any:
    return step.b if step.a == node else step.a


@dataclass(frozen=True)
class Ambiguities(Answer):
    """The conflicts of a graph, worst first; made by :func:`ambiguities`.

    Parameters
    ----------
    conflicts : tuple of Ambiguity
        Those with the most events at stake first.
    in_all : int
        How many there are.
    at_stake : int
        How many events are at stake in all of them.
    """

    conflicts: tuple[Ambiguity, ...]
    in_all: int
    at_stake: int

    @property
    def left_off(self) -> int:
        """How many conflicts are not listed."""
        return self.in_all - len(self.conflicts)

    @property
    def summary(self) -> str:
        """How many conflicts there are, and the worst."""
        if not self.in_all:
            return "There is no conflict: no profile holds two people, and no link was cut."
        head = f"{counted(self.in_all, 'conflict')} with {counted(self.at_stake, 'event')} at stake"
        if not self.conflicts:
            return f"{head}."
        more = f" {self.left_off:,} more are not listed." if self.left_off else ""
        return sentence(f"{head}. The worst: {self.conflicts[0].text}.{more}")

    def rows(self) -> list[dict[str, Any]]:
        """Give a row a conflict."""
        return [
            {
                "at stake": one.at_stake,
                "events": one.events,
                "kind": one.kind,
                "owners": [name_of(owner) for owner in one.owners],
                "owners in all": one.owners_in_all,
                "profiles": one.profiles_in_all,
                "culprit": None if one.culprit is None else name_of(one.culprit),
                "reasons": list(one.culprits[0].reasons) if one.culprits else [],
                "fixes": [fix.action for fix in one.fixes],
            }
            for one in self.conflicts
        ]

    @property
    def columns(self) -> Sequence[str]:
        """The names of the columns of :meth:`to_frame`."""
        return (
            "at stake",
            "events",
            "kind",
            "owners",
            "owners in all",
            "profiles",
            "culprit",
            "reasons",
            "fixes",
        )

    def __len__(self) -> int:
        return len(self.conflicts)

    def __iter__(self) -> Any:
        return iter(self.conflicts)

    def __getitem__(self, number: int) -> Ambiguity:
        return self.conflicts[number]


def ambiguities(graph: XrefGraph, *, limit: int | None = 20, most: int = 3) -> Ambiguities:
    """Give the conflicts of a graph, worst first, each with what is suspected and what may be decided.

    Parameters
    ----------
    graph : XrefGraph
        The graph.
    limit : int, optional
        How many conflicts are looked at closely; all are counted. None looks at all.
    most : int
        How many profiles are listed in the cost of a fix.

    Returns
    -------
    Ambiguities

    Raises
    ------
    SchemaError
        When the limit is no number from 0 on.

    Notes
    -----
    A conflict is a raw profile (what hangs together by events and decisions, whatever the policy cut) that holds two values of a unique
    type, a separated pair, or more values of a type than its limit. The culprit joins two of the owners, in the order in which they met:
    of what every path between them passes, that which holds most together with least; where no single one is passed by all,
    the values of the lightest cut. Cost: a scan of the links of what is contested, and for each conflict that is listed what :func:`separate` costs.

    Examples
    --------
    >>> import xrefgraph as xg
    >>> rows = [{"db_id": 1, "mail": "ann@example.org"}, {"mail": "ann@example.org", "device": "kiosk"},
    ...         {"db_id": 2, "mail": "bob@example.org"}, {"mail": "bob@example.org", "device": "kiosk"}]
    >>> graph = xg.build(rows, anchor="db_id", identifiers=["mail", "device"])
    >>> found = xg.ambiguities(graph)
    >>> print(found.summary)
    1 conflict with 2 events at stake. The worst: db_id 1 and 2 hang together, by device kiosk (1 event with mail ann@example.org and 1 event
    with mail bob@example.org); 2 events at stake.
    >>> found[0].fix("block").write("decisions.toml")
    1
    >>> xg.ambiguities(graph.rebuild(xg.Schema(["db_id", "mail", "device"], anchor="db_id", decisions="decisions.toml"))).in_all
    0
    >>> found[0].fix("block").undo("decisions.toml")
    1
    """
    if limit is not None and (type(limit) is not int or limit < 0):
        raise SchemaError(f"limit is a whole number from 0 on, or None for all, not {limit!r}.")
    asked_number("most", most)
    store = asked_store(graph)
    queue = _queue(store)
    order = np.lexsort((queue["first"], -queue["events"], -queue["at_stake"]))
    shown = order if limit is None else order[:limit]
    conflicts = [
        _closely(
            store, queue["members"][n], int(queue["at_stake"][n]), int(queue["events"][n]), most
        )
        for n in shown.tolist()
    ]
    return Ambiguities(tuple(conflicts), len(order), int(queue["at_stake"].sum()))


# ------------------------------------------------------------------------------------------ the queue


def _queue(store: Store) -> dict[str, Any]:
    """All conflicts: the profiles of each, their events, how many are at stake, and the first of the profiles."""
    database = store.database
    profiles = database.arrays(
        "SELECT profile, anchored, ambiguous, over_limit, events FROM store.profile ORDER BY profile"
    )
    label = raw_profiles(store)
    count = len(label)
    several = np.bincount(label, minlength=count) > 1 if count else np.zeros(0, bool)
    conflict = several.copy()
    odd = profiles["ambiguous"] | profiles["over_limit"]
    conflict[label[odd]] = True
    heads = np.flatnonzero(conflict)
    stake = _at_stake(store, profiles, label)
    order = np.argsort(label, kind="stable").astype(np.int32)
    start = np.searchsorted(label[order], heads)
    end = np.searchsorted(label[order], heads, side="right")
    events = (
        np.bincount(label, profiles["events"], count).astype(np.int64)
        if count
        else np.zeros(0, np.int64)
    )
    return {
        "first": heads,
        "members": [order[a:b] for a, b in zip(start.tolist(), end.tolist(), strict=True)],
        "events": events[heads],
        "at_stake": np.minimum(stake[heads], events[heads]),
    }


def _at_stake(store: Store, profiles: Arrays, label: Ints) -> Longs:
    """The events whose owner depends on a conflict, of each raw profile, by the profile that names it: int64[profiles]."""
    count = len(label)
    anonymous = ~profiles["anchored"] if store.schema.anchor is not None else np.zeros(count, bool)
    # What is over its limit is in nobody's way.
    loose = profiles["ambiguous"] | anonymous
    stake = np.bincount(label[loose], profiles["events"][loose], minlength=count)
    contested = "SELECT DISTINCT no FROM store.member WHERE status = 2 AND profile IS NOT NULL"
    cut = store.database.arrays(
        "SELECT s.profile, sum(s.events)::BIGINT AS events FROM store.eventset s SEMI JOIN (SELECT l.set_number FROM"
        " (SELECT set_number, no FROM store.link WHERE NOT detached) l SEMI JOIN (SELECT v.no FROM store.value v"
        f"  SEMI JOIN ({contested}) k ON v.identifier = k.no) c USING (no)) l USING (set_number)"
        " WHERE s.profile IS NOT NULL GROUP BY s.profile"
    )
    firm = ~loose[cut["profile"]]
    # Of nothing at all, bincount gives integers, and floats otherwise: they are added, not put in.
    stake = stake + np.bincount(label[cut["profile"][firm]], cut["events"][firm], minlength=count)
    return stake.astype(np.int64)


# ---------------------------------------------------------------------------------------- one conflict


def _closely(store: Store, members: Ints, at_stake: int, events: int, most: int) -> Ambiguity:
    found = read_collapsed(store, members.tolist())
    # The evidence is what events say, also where the policy has cut it.
    found = replace(found, kept=np.ones(len(found.link), bool))
    kind, rank, owners = _owners(store, found)
    ids = profile_ids(store, members[:NAMED].tolist())
    return Ambiguity(
        kind,
        None if rank is None else store.schema.names[rank],
        tuple(named(store, found, owners[:NAMED])),
        len(owners),
        tuple(ids.values()),
        len(members),
        events,
        at_stake,
        *settled_by(store, found, members, owners, most),
    ).asked_of(store, profiles=tuple(members.tolist()))


def _owners(store: Store, found: Collapsed) -> tuple[str, int | None, list[int]]:
    """What kind of conflict it is, the type of which there are too many values, and the places of these values."""
    for a, b in _separated(store, found):
        return "separated", None, [a, b]
    linked = decided_heads(found)
    for rank, kind in enumerate(store.schema.ranked):
        places = np.flatnonzero(found.rank == rank)
        # Values that a decision links count as one.
        heads = places[linked[places] == places]
        if kind.unique and len(heads) > 1:
            return "two people", rank, heads.tolist()
    for rank, kind in enumerate(store.schema.ranked):
        places = np.flatnonzero(found.rank == rank)
        if kind.limit is not None and len(places) > kind.limit:
            return "over limit", rank, places.tolist()
    for rank, kind in enumerate(store.schema.ranked):
        places = np.flatnonzero(found.rank == rank)
        if kind.unique and len(places) > 1:
            return "two people", rank, places.tolist()
    return "two people", None, []


def _separated(store: Store, found: Collapsed) -> list[tuple[int, int]]:
    """The places of the pairs that a decision keeps apart, the smallest first."""
    decided = verdicts(store.schema).separated if store.schema.decisions else {}
    pairs = pairs_inside(found.identifier, numbered_pairs(store, decided))
    return [(found.place(a), found.place(b)) for a, b in pairs.tolist()]
