"""Which identifiers alone hold two well-tied halves together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from xrefgraph.inspection.suspicion.raw_graph import RawGraph
from xrefgraph.inspection.suspicion.structure import find_blocks

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Hashes = npt.NDArray[np.uint64]

#: Sets of more identifiers than this are not looked through for the sets that they contain.
LARGE = 5
#: A half with more values of the strongest type is no person.
PERSON = 3


@dataclass(frozen=True)
class Bridging:
    """The identifiers without which halves fall apart that each look like a person, or are well tied: one row an identifier.

    Parameters
    ----------
    identifier : int32[bridging]
        Places in the raw graph, ascending.
    surprise : float64[bridging]
        How surprising it is, in decades, that nothing else holds the halves together, if all is one person.
    large, small : int64[bridging]
        How many events the two pieces have that this is about: the largest, and the one that speaks most against the identifier.
    ties : int64[bridging]
        How many events hold the one of these to the identifier that is held by fewer.
    """

    identifier: Ints
    surprise: Floats
    large: Longs
    small: Longs
    ties: Longs


def find_bridging(raw: RawGraph, evidence: Floats) -> Bridging:
    """Find the identifiers that alone hold two halves together, be it by a single event.

    What falls apart without an identifier speaks against it in two ways.

    1. A half is tied together by its sets: each of m identifiers offers m - 1 ties. As many as it has identifiers, but for one, are
       needed to hold it together. Each further one could have led into the other half if both were one person, with the chance of the
       other's share of all ties. So a half with c further ties and a share s of all is a surprise of c log10(1 / s). All halves but the
       largest are summed up.
    2. Where the largest half and another one both have a value of the strongest type, and no more than three, each looks like a
       person. Then it is a surprise of log10(n / k) that of the n events of the smaller one, or of the larger, no more than k hold them
       together. The most surprising half counts.

    Sets that are part of a larger set say nothing new, and do not count. An identifier is not blamed for a piece that it is tied to by others
    only that are ten times as suspicious: whoever used a kiosk is a cut node beside the kiosk.

    Parameters
    ----------
    raw : RawGraph
        What the events say.
    evidence : float64[identifiers]
        How suspicious each is otherwise, in decades.

    Notes
    -----
    Cost: linear, but for the sorting of sets by a hash.
    """
    core = _core(raw)
    if not len(core.node):
        return _nothing()
    blocks = find_blocks(core.of_set + core.identifiers, core.link, core.identifiers + core.sets)
    # Columns: identifiers, ties, events, and identifiers of the strongest type.
    weights = np.zeros((blocks.nodes, 4))
    weights[: core.identifiers, 0] = 1
    weights[core.identifiers :, 1] = core.sizes - 1
    weights[: core.identifiers, 2] = core.hanging
    weights[core.identifiers :, 2] = core.events
    weights[: core.identifiers, 3] = core.strongest
    pieces = blocks.pieces(weights)
    mine = pieces.node < core.identifiers
    node, block, sums = pieces.node[mine], pieces.block[mine], pieces.sums[mine]
    if not len(node):
        return _nothing()
    key = node.astype(np.int64) << 32 | block

    # What ties an identifier to each of its pieces: its own sets there, which are no ties of the piece itself.
    wanted = blocks.a.astype(np.int64) << 32 | blocks.block
    tie = np.minimum(np.searchsorted(key, wanted), len(key) - 1)
    here = key[tie] == wanted
    edge_set, tie = blocks.b[here] - core.identifiers, tie[here]
    own = np.bincount(tie, core.sizes[edge_set] - 1, len(key))
    events = np.bincount(tie, core.events[edge_set], len(key))
    suspicious = evidence[core.node]
    most = np.zeros(core.sets)
    np.maximum.at(most, core.of_set, suspicious[core.link])
    blamed = np.zeros(len(key), bool)
    blamed[tie[most[edge_set] <= suspicious[blocks.a[here]] + 1]] = True

    node, sums, own, events = node[blamed], sums[blamed], own[blamed], events[blamed]
    largest = _first_of_each(node, np.lexsort((-sums[:, 2], -sums[:, 1], node)))
    further = np.maximum(sums[:, 1] - own - (sums[:, 0] - 1), 0)
    total = np.bincount(node, sums[:, 1], core.identifiers)[node]
    tied = further * np.log10(total / np.maximum(sums[:, 1], 1))
    person = (sums[:, 3] > 0) & (sums[:, 3] <= PERSON)
    # The largest piece of the same identifier, and what the two have together.
    row = np.zeros(core.identifiers, np.int64)
    row[node[largest]] = largest
    other = row[node]
    few = np.maximum(np.minimum(events, events[other]), 1)
    lonely = np.log10(np.maximum(np.minimum(sums[:, 2], sums[other, 2]) / few, 1))
    lonely[~(person & person[other])] = 0
    tied[largest] = lonely[largest] = 0
    second = _first_of_each(node, np.lexsort((-(tied + lonely), node)))
    found = np.bincount(node, tied, core.identifiers)[node[second]] + lonely[second]
    # Less than one decade is no evidence.
    bridging = found >= 1
    largest, second = largest[bridging], second[bridging]
    return Bridging(
        core.node[node[largest]],
        found[bridging],
        sums[largest, 2].astype(np.int64),
        sums[second, 2].astype(np.int64),
        few[second].astype(np.int64),
    )


def _first_of_each(node: Ints, order: npt.NDArray[np.integer]) -> npt.NDArray[np.integer]:
    """Give the first row of each node, in an order by node."""
    first = np.ones(len(order), bool)
    first[1:] = node[order][1:] != node[order][:-1]
    return order[first]


def _nothing() -> Bridging:
    none = np.empty(0, np.int64)
    return Bridging(none.astype(np.int32), none.astype(np.float64), none, none, none)


@dataclass(frozen=True)
class _Core:
    """The part of the graph in which anything can fall apart: what stands in one set only hangs on the rest.

    ``node`` has the identifiers by their place in the raw graph; ``link`` and ``of_set`` name identifiers and sets by their
    place here. ``events`` counts those of a set, and of smaller sets in it; ``hanging`` those that carry nothing else of the core than
    one identifier; ``strongest`` is 1 for an identifier of the strongest type.
    """

    node: Ints
    hanging: Longs
    strongest: Longs
    link: Ints
    of_set: Ints
    sizes: Longs
    events: Longs

    @property
    def identifiers(self) -> int:
        return len(self.node)

    @property
    def sets(self) -> int:
        return len(self.sizes)


def _core(raw: RawGraph) -> _Core:
    # An identifier of one set, and then a set of one identifier, are leaves.
    several = _counts(raw.link, raw.identifiers) > 1
    links = np.flatnonzero(several[raw.link])
    company = _counts(raw.link_set[links], raw.sets) > 1
    links = links[company[raw.link_set[links]]]
    node, link = _numbered(raw.link[links], raw.identifiers)
    sets, of_set = _numbered(raw.link_set[links], raw.sets)
    hanging = np.zeros(raw.identifiers)
    lone = np.flatnonzero(several[raw.link] & ~company[raw.link_set])
    np.add.at(hanging, raw.link[lone], raw.events[raw.link_set[lone]])

    sizes = _counts(of_set, len(sets))
    holder = _contained(link, np.append(0, np.cumsum(sizes)), sizes)
    events = np.bincount(holder, raw.events[sets], len(sets)).astype(np.int64)
    # What is left: sets that are in no larger one, and have an identifier in common with another such set.
    left = np.flatnonzero((holder == np.arange(len(sets)))[of_set])
    shared = _counts(link[left], len(node)) > 1
    joined = np.zeros(len(sets), bool)
    joined[of_set[left][shared[link[left]]]] = True
    left = left[joined[of_set[left]]]
    inner, link = _numbered(link[left], len(node))
    outer, of_set = _numbered(of_set[left], len(sets))
    node = node[inner]
    return _Core(
        node,
        hanging[node].astype(np.int64),
        (raw.rank[node] == 0).astype(np.int64),
        link,
        of_set,
        sizes[outer],
        events[outer],
    )


def _numbered(number: Ints, count: int) -> tuple[Ints, Ints]:
    """Give the distinct numbers, ascending, and for each number its place among them."""
    there = np.zeros(count, bool)
    there[number] = True
    place = np.cumsum(there, dtype=np.int32) - 1
    return np.flatnonzero(there).astype(np.int32), place[number]


def _contained(link: Ints, start: Longs, sizes: Longs) -> Longs:
    """Give each set one that contains it and that no other contains: itself, for a set that says something new.

    A set is known by the sum of a hash of its members, modulo 2 ** 64, so the sum of a part of it is that of the set that is this part.
    """
    mark = _hashes(link)
    total = np.add.reduceat(mark, start[:-1]) if len(sizes) else mark
    order = np.lexsort((np.arange(len(sizes)), total))
    known = total[order]
    first = np.ones(len(known), bool)
    first[1:] = known[1:] != known[:-1]
    heads = order[first]
    holder = np.empty(len(sizes), np.int64)
    holder[order] = heads[np.cumsum(first) - 1]
    known = known[first]
    # Most parts of a set are no set: a table of a few bits of the hash says so at once.
    bits = np.uint64(2**24 - 1)
    maybe = np.zeros(2**24, bool)
    maybe[(known & bits).astype(np.int64)] = True
    for size in range(3, LARGE + 1):
        larger = np.flatnonzero((sizes == size) & (holder == np.arange(len(sizes))))
        members = mark[start[larger][:, None] + np.arange(size)]
        for chosen in range(3, 2**size - 1):
            columns = [n for n in range(size) if chosen >> n & 1]
            if len(columns) < 2:
                continue
            part = members[:, columns].sum(axis=1, dtype=np.uint64)
            likely = np.flatnonzero(maybe[(part & bits).astype(np.int64)])
            place = np.minimum(np.searchsorted(known, part[likely]), len(known) - 1)
            is_set = known[place] == part[likely]
            # Of several that contain it the first one stays: the last that is written.
            holder[heads[place[is_set]][::-1]] = larger[likely[is_set]][::-1]
    while True:
        further = holder[holder]
        if np.array_equal(further, holder):
            return holder
        holder = further


def _hashes(number: Ints) -> Hashes:
    """Spread numbers over 64 bits (the finalizer of splitmix64)."""
    found = (number.astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    found = (found ^ found >> np.uint64(30)) * np.uint64(0xBF58476D1CE4E5B9)
    found = (found ^ found >> np.uint64(27)) * np.uint64(0x94D049BB133111EB)
    return found ^ found >> np.uint64(31)


def _counts(of: npt.NDArray[np.integer], count: int) -> Longs:
    return np.bincount(of, minlength=count)
