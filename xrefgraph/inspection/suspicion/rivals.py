"""How many values of a unique type an identifier would bring together, if what is less suspicious holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from xrefgraph.inspection.suspicion.oversize import LEVELS
from xrefgraph.inspection.suspicion.raw_graph import RawGraph
from xrefgraph.inspection.suspicion.reach import Reach
from xrefgraph.linking.components import smallest_connected
from xrefgraph.linking.evidence import distinct

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


def count_rivals(
    raw: RawGraph, reach: Reach, evidence: Floats, unique: Sequence[int]
) -> tuple[Ints, Floats]:
    """Count for each identifier the values of each unique type that it alone brings together.

    Only raw profiles that hold several values of a unique type are looked at. In each, these values are let in first, then all other
    identifiers, from the least suspicious to the most, and the stronger type first; each joins what it is with on an event. One that
    would join parts that have a value of the same unique type each is not let in: these values are its rivals. So a kiosk is found that
    meets no two user ids itself, but the addresses of two users.

    Parameters
    ----------
    raw : RawGraph
        What the events say.
    reach : Reach
        How far each identifier reaches.
    evidence : float64[identifiers]
        How suspicious each is otherwise, in decades.
    unique : sequence of int
        The ranks of the unique types.

    Returns
    -------
    rivals : int32[identifiers, types]
        1 or 0 where there is no rivalry. Of its own type the identifier is one itself.
    lead : float64[identifiers, types]
        How much more events hold it to the first of these than to the second, in decades: 2 where 100 stand against one, which is
        a slip rather than two people.

    Notes
    -----
    Cost: the components of the graph, and a pass over the conflicts for each level of evidence and each type.
    """
    found = np.zeros((raw.identifiers, raw.types), np.int32, order="F")
    lead = np.zeros((raw.identifiers, raw.types), order="F")
    inside = _in_conflict(raw, reach, unique)
    node = np.flatnonzero(inside).astype(np.int32)
    if not len(node):
        return found, lead
    number = np.cumsum(inside, dtype=np.int32) - 1
    link = np.flatnonzero(inside[raw.link])
    one, of_set = number[raw.link[link]], raw.link_set[link]
    events = raw.events[of_set]
    of_set = np.searchsorted(distinct(of_set), of_set).astype(np.int32)
    rank, count = raw.rank[node], len(node)
    # What a decision links is one person from the beginning.
    part = smallest_connected(np.arange(count, dtype=np.int32), number[reach.same[node]], count)
    let_in = np.zeros(count, bool)
    base = np.full(int(of_set.max()) + 1, -1, np.int32)
    for turn in _turns(raw, reach, evidence, unique, node):
        now = np.zeros(count, bool)
        now[turn] = True
        mine = np.flatnonzero(now[one])
        known = mine[base[of_set[mine]] >= 0]
        ties = _ties(one[known], part[base[of_set[known]]], events[known])
        ties = ties.away_from(part)
        refused = np.zeros(count, bool)
        for kind in unique:
            holds = np.zeros(count, bool)
            holds[part[let_in & (rank == kind)]] = True
            own = turn[rank[turn] == kind]
            rival = ties.among(holds).with_own(own, raw.carried[node[own]])
            several = np.bincount(rival.one, minlength=count)
            found[node[turn], kind] = several[turn]
            lead[node[turn], kind] = rival.lead(count)[turn]
            refused[turn[several[turn] > 1]] = True
        let_in[turn] = ~refused[turn]
        mine = mine[~refused[one[mine]]]
        first = mine[base[of_set[mine]] < 0][::-1]
        base[of_set[first]] = one[first]
        a, b = part[base[of_set[mine]]], part[one[mine]]
        part = smallest_connected(a, b, count)[part]
    return found, lead


@dataclass(frozen=True)
class _Ties:
    """How many events hold an identifier to a part: one row a pair."""

    one: Ints
    part: Ints
    events: Longs

    def among(self, holds: Flags) -> _Ties:
        """Those to some parts."""
        some = holds[self.part]
        return _Ties(self.one[some], self.part[some], self.events[some])

    def away_from(self, part: Ints) -> _Ties:
        """Those to other parts than that of the identifier itself."""
        some = self.part != part[self.one]
        return _Ties(self.one[some], self.part[some], self.events[some])

    def with_own(self, own: Ints, events: Longs) -> _Ties:
        """These, and those of identifiers that are a value themselves, with all their events."""
        return _Ties(
            np.concatenate([self.one, own]),
            np.concatenate([self.part, np.full(len(own), -1, np.int32)]),
            np.concatenate([self.events, events]),
        )

    def lead(self, count: int) -> Floats:
        """By how many decades the first part of each identifier leads the second; 0 where there is no second."""
        found = np.zeros(count)
        order = np.lexsort((self.part, -self.events, self.one))
        one, events = self.one[order], self.events[order]
        first = np.ones(len(one), bool)
        first[1:] = one[1:] != one[:-1]
        second = np.flatnonzero(first[:-1] & ~first[1:]) + 1
        found[one[second]] = np.log10(events[second - 1] / events[second])
        return found


def _ties(one: Ints, part: Ints, events: Longs) -> _Ties:
    """Put the ties between the same two together."""
    key = one.astype(np.int64) << 32 | part
    keys = distinct(key)
    total = np.bincount(np.searchsorted(keys, key), events, len(keys)).astype(np.int64)
    return _Ties((keys >> 32).astype(np.int32), (keys & 0x7FFFFFFF).astype(np.int32), total)


def _in_conflict(raw: RawGraph, reach: Reach, unique: Sequence[int]) -> Flags:
    """Say which identifiers are in a raw profile that holds several values of a unique type: bool[identifiers]."""
    first = raw.link[raw.start[:-1]]
    itself = np.arange(raw.identifiers, dtype=np.int32)
    root = smallest_connected(
        np.concatenate([first[raw.link_set], itself]),
        np.concatenate([raw.link, reach.same]),
        raw.identifiers,
    )
    several = np.zeros(raw.identifiers, bool)
    for rank in unique:
        values = np.arange(*raw.bounds[rank : rank + 2])
        values = values[reach.same[values] == values]
        several |= np.bincount(root[values], minlength=raw.identifiers) > 1
    found: Flags = several[root]
    return found


def _turns(
    raw: RawGraph, reach: Reach, evidence: Floats, unique: Sequence[int], node: Ints
) -> Iterator[Ints]:
    """Give those that are let in at a time: from the least suspicious to the most, and the stronger type first.

    Values of unique types come first: they say who is who. Then comes what has one group of events, as it joins no parts that would
    not hang together without it.
    """
    against, rank = evidence[node], raw.rank[node]
    level = np.searchsorted(LEVELS, against) + 2
    level[(against <= 0) & (reach.parts[node] < 2)] = 1
    level[np.isin(rank, unique)] = 0
    key = np.where(level == 1, raw.types, level * raw.types + rank)
    for turn in distinct(key):
        yield np.flatnonzero(key == turn).astype(np.int32)
