"""How a profile came together: its events one after the other, as a tree of parts. Arrays in, arrays out.

A *part* is what hung together at some time. It begins with an event all of whose identifiers are new, or where several
parts met, and it ends where it meets others. Parts are numbered: first those that began with an event, in the order in
which they did, then those that came out of a meeting, in order. So the number of a part is larger than the numbers of
those that went into it.

A *moment* is ``2 * n`` for event n in the order of events, and ``2 * n + 1`` for what a decision does right after it: it
joins two identifiers as soon as both have been seen. An identifier that no event of the profile carries, since only a
decision holds it there, has been there from the start.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from xrefgraph.inspection.evidence.collapse import Collapsed, Ints, Longs
from xrefgraph.linking.evidence import NO_TIME
from xrefgraph.store import Store

#: The moment before all events.
START = -2

#: Later than all moments.
_NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Replay:
    """The tree of the parts of a profile.

    Parameters
    ----------
    seeds : int
        How many parts began with an event, or from the start. The parts from this number on came out of a meeting.
    seed : int32[identifiers]
        The part that an identifier would be in if nothing had ever met: one below ``seeds``.
    first : int64[identifiers]
        The moment at which each was first seen.
    group_seed : int32[groups]
        The part, below ``seeds``, that the events of each group would be in.
    event_group : int32[events]
        The group of each event, in the order of events.
    clock : int64[groups]
        Which event the oldest of each group is.
    into : int32[parts]
        The part that each part went into; -1 for one that is still there.
    made : int64[parts]
        The moment at which each part began.
    group : int32[parts]
        The group whose oldest event began the part; -1 where it was a decision, or there from the start.
    decision : int32[parts]
        The row of ``Collapsed.decided`` that began the part; -1 where it was none.
    """

    seeds: int
    seed: Ints
    first: Longs
    group_seed: Ints
    event_group: Ints
    clock: Longs
    into: Ints
    made: Longs
    group: Ints
    decision: Ints

    @property
    def parts(self) -> int:
        """How many parts there ever were."""
        return len(self.into)

    @cached_property
    def part_of_identifier(self) -> Ints:
        """The part that each identifier came into: int32[identifiers]."""
        return self.part_at(self.seed, self.first)

    @cached_property
    def part_of_event(self) -> Ints:
        """The part that each event came into: int32[events]."""
        moments = 2 * np.arange(len(self.event_group), dtype=np.int64)
        return self.part_at(self.group_seed[self.event_group], moments)

    @cached_property
    def _above(self) -> list[Ints]:
        """The part that is 1, 2, 4, ... steps up from each; behind the last one stands what there is none of."""
        none = np.int32(self.parts)
        up = np.append(np.where(self.into < 0, none, self.into), none).astype(np.int32)
        found = [up]
        while (up < none).any():
            up = up[up]
            found.append(up)
        return found

    def part_at(self, seed: Ints, moment: Longs) -> Ints:
        """Give the part that something of a seed is in at a moment, with what happens then.

        Parameters
        ----------
        seed : int32[n]
            A part that is there at this moment, or was before.
        moment : int64[n]
            The moment.

        Notes
        -----
        Cost: linear in what is asked for, times the logarithm of the depth of the tree.
        """
        part = seed.astype(np.int32)
        made = np.append(self.made, _NEVER)
        # Most are asked for before their seed meets any other part: these need no search.
        moved = np.flatnonzero(made[self._above[0][part]] <= moment)
        here, when = part[moved], moment[moved]
        for up in reversed(self._above):
            above = up[here]
            here = np.where(made[above] <= when, above, here)
        part[moved] = here
        return part

    def part_below(self, seed: Ints, limit: Ints | Longs) -> Ints:
        """Give the part below a limit that something of a seed went into last: of a part's number, what it came into it with."""
        part = seed.astype(np.int32)
        for up in reversed(self._above):
            above = up[part]
            part = np.where(above < limit, above, part)
        return part

    def totals(self, own: Longs) -> Longs:
        """Give the sum over each part and all that went into it.

        Parameters
        ----------
        own : int64[parts]
            What came into a part itself.
        """
        # A part comes behind all that went into it. A tree may be a chain, which numpy would take level by level.
        found: list[int] = own.tolist()
        for part, into in enumerate(self.into.tolist()):
            if into >= 0:
                found[into] += found[part]
        return np.array(found, np.int64)

    def own(self, parts: Ints) -> Longs:
        """Count how many of some things came into each part itself, by the part that each came into."""
        return np.bincount(parts, minlength=self.parts).astype(np.int64)

    def meeting(self, a: int, b: int) -> tuple[int, int] | None:
        """Give the moment at which two identifiers came into one part, and this part; None if they never did."""
        one, other = int(self.seed[a]), int(self.seed[b])
        while one != other:
            one, other = sorted((one, other))
            one = int(self.into[one])
            if one < 0:
                return None
        moment = max(int(self.made[one]), int(self.first[a]), int(self.first[b]))
        part = self.part_at(np.array([one], np.int32), np.array([moment], np.int64))
        return moment, int(part[0])


def read_order(store: Store, found: Collapsed) -> Ints:
    """Give the group of each event of one profile, in the order of events: by time, then by input; without a time first.

    Notes
    -----
    Cost: sorting the events of the profile.
    """
    if not len(found.sets):
        return np.empty(0, np.int32)
    sets = store.database.arrays(
        f"SELECT set_number FROM store.event WHERE set_number BETWEEN {found.sets[0]} AND {found.sets[-1]}"
        f" ORDER BY coalesce(epoch_us(time), {NO_TIME + 1} - 1), source, position"
    )["set_number"]
    return found.set_group[np.searchsorted(found.sets, sets)]


def replayed(found: Collapsed, event_group: Ints) -> Replay:
    """Add the events of a profile one by one, and say which parts met when.

    Parameters
    ----------
    found : Collapsed
        The profile. Links that were cut are looked past.
    event_group : int32[events]
        What :func:`read_order` gives.

    Returns
    -------
    Replay

    Notes
    -----
    An identifier that comes with known ones goes where these are, so only the parts that begin on their own have to be
    followed. Of everything that joins two of these, a minimum spanning forest, with the moment as the length, has all
    that is needed: it connects at each moment what all of it connects (Gower and Ross, *Minimum spanning trees and single
    linkage cluster analysis*, 1969). Cost: sorting the links, and a step in Python for each part that meets another.
    """
    kept = found.kept
    group, link = found.link_group[kept], found.link[kept]
    clock = np.full(found.groups, -1, np.int64)
    clock[event_group[::-1]] = np.arange(len(event_group))[::-1]
    age = clock[group]
    unseen = len(event_group)
    first = np.full(found.identifiers, unseen, np.int64)
    np.minimum.at(first, link, age)
    held = np.flatnonzero(first < unseen)
    known = age > first[link]

    # In each group one stands for all: the smallest that was known before, else the smallest. Of several values that are
    # assigned to one place the last one stays.
    head = np.full(found.groups, -1, np.int32)
    for rows in (slice(None), known):
        head[group[rows][::-1]] = link[rows][::-1]
    root = np.arange(found.identifiers, dtype=np.int32)
    root[held] = head[event_group[first[held]]]
    while True:
        above = root[root]
        if np.array_equal(above, root):
            break
        root = above
    first = np.where(first < unseen, 2 * first, START)
    roots = np.flatnonzero(root == np.arange(found.identifiers))
    roots = roots[np.lexsort((roots, first[roots]))]
    number = np.empty(found.identifiers, np.int32)
    number[roots] = np.arange(len(roots), dtype=np.int32)
    seed = number[root]

    begun = Replay(
        len(roots),
        seed,
        first,
        seed[head] if found.identifiers else head,
        event_group,
        clock,
        np.full(len(roots), -1, np.int32),
        first[roots],
        np.where(first[roots] >= 0, _at(event_group, first[roots] // 2), -1).astype(np.int32),
        np.full(len(roots), -1, np.int32),
    )
    return _grown(begun, _joins(found, begun, group[known], link[known], age[known], head))


def _at(values: Ints, rows: Longs) -> Ints:
    """The values at some rows; anything where there is no such row."""
    return values[rows] if len(values) else np.full(len(rows), -1, np.int32)


@dataclass(frozen=True)
class _Joins:
    """What joins two seeds first: a forest, in order. Those of one ``turn`` are one event or one decision."""

    a: Ints
    b: Ints
    turn: Ints
    moment: Longs
    group: Ints
    decision: Ints


def _joins(
    found: Collapsed, begun: Replay, group: Ints, link: Ints, age: Longs, head: Ints
) -> _Joins:
    """Find what joins two seeds: events that carry identifiers of both that were known before, and decisions."""
    seed, decided = begun.seed, found.decided
    rows = np.flatnonzero(seed[head[group]] != seed[link])
    moments = begun.first[decided].max(axis=1, initial=START) + 1
    pairs = np.flatnonzero(seed[decided[:, 0]] != seed[decided[:, 1]])
    a = np.concatenate([seed[head[group[rows]]], seed[decided[pairs, 0]]])
    b = np.concatenate([seed[link[rows]], seed[decided[pairs, 1]]])
    moment = np.concatenate([2 * age[rows], moments[pairs]])
    of_group = np.concatenate([group[rows], np.full(len(pairs), -1, np.int32)])
    decision = np.concatenate([np.full(len(rows), -1), pairs]).astype(np.int32)

    order = np.lexsort((np.maximum(a, b), np.minimum(a, b), decision, moment))
    a, b, decision = a[order], b[order], decision[order]
    moment, of_group = moment[order], of_group[order]
    starts = np.ones(len(a), bool)
    starts[1:] = (moment[1:] != moment[:-1]) | (decision[1:] != decision[:-1])
    turn = np.cumsum(starts)
    pair = np.minimum(a, b).astype(np.int64) * begun.seeds + np.maximum(a, b)
    # The first of each pair: the sort is stable, and stands in the order of turns.
    by_pair = np.argsort(pair, kind="stable")
    is_first = np.ones(len(by_pair), bool)
    is_first[1:] = pair[by_pair][1:] != pair[by_pair][:-1]
    once = by_pair[is_first]
    matrix = sparse.csr_array(
        (turn[once].astype(float), (np.minimum(a, b)[once], np.maximum(a, b)[once])),
        shape=(begun.seeds, begun.seeds),
    )
    forest = csgraph.minimum_spanning_tree(matrix).tocoo()
    turns = forest.data.astype(np.int64)
    order = np.lexsort((forest.col, forest.row, turns))
    of_turn = np.flatnonzero(starts)[turns[order] - 1]
    return _Joins(
        forest.row[order].astype(np.int32),
        forest.col[order].astype(np.int32),
        turns[order].astype(np.int32),
        moment[of_turn],
        of_group[of_turn],
        decision[of_turn],
    )


def _grown(begun: Replay, joins: _Joins) -> Replay:
    """Let the seeds meet."""
    into = begun.into.tolist()
    top = list(range(begun.seeds))
    made_by: list[int] = []
    last = 0
    for row, (a, b, turn) in enumerate(
        zip(joins.a.tolist(), joins.b.tolist(), joins.turn.tolist(), strict=True)
    ):
        one, other = _top(top, a), _top(top, b)
        if turn != last:
            last = turn
            made_by.append(row)
            new = len(top)
            top.append(new)
            into.append(-1)
        else:
            # Everything else that this event joins: one of the two came out of it already.
            new = len(top) - 1
        for part in (one, other):
            if part != new:
                top[part] = into[part] = new
    rows = np.array(made_by, np.int64)
    return replace(
        begun,
        into=np.array(into, np.int32),
        made=np.concatenate([begun.made, joins.moment[rows]]),
        group=np.concatenate([begun.group, joins.group[rows]]),
        decision=np.concatenate([begun.decision, joins.decision[rows]]),
    )


def _top(top: list[int], part: int) -> int:
    """The part that a part is in by now; the way there is shortened."""
    while top[part] != part:
        top[part] = part = top[top[part]]
    return part


def smallest_values(
    tree: Replay, parts: Ints, values: Ints, most: int
) -> dict[int, tuple[int, ...]]:
    """Give the smallest values of each part, those of what went into it among them.

    Parameters
    ----------
    tree : Replay
        The tree.
    parts : int32[values]
        The part that each value came into.
    values : int32[values]
        Numbers.
    most : int
        How many of each part.

    Returns
    -------
    dict of int to tuple of int
        Ascending; parts that hold none are left out.
    """
    found: dict[int, tuple[int, ...]] = {}
    order = np.lexsort((values, parts))
    for part, value in zip(parts[order].tolist(), values[order].tolist(), strict=True):
        held = found.get(part, ())
        if len(held) < most:
            found[part] = (*held, value)
    for part in _upwards(tree, found):
        into = int(tree.into[part])
        found[into] = tuple(sorted((*found.get(into, ()), *found[part])))[:most]
    return found


def _upwards(tree: Replay, found: dict[int, tuple[int, ...]]) -> Iterable[int]:
    """Each part that holds something and goes into another, before this other; ``found`` grows meanwhile."""
    holds = np.zeros(tree.parts, bool)
    holds[list(found)] = True
    for part, into in enumerate(tree.into.tolist()):
        if holds[part] and into >= 0:
            holds[into] = True
            yield part
