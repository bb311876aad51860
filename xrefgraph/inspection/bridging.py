"""Which identifiers alone hold two well-tied halves together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from xrefgraph.inspection.raw_graph import RawGraph
from xrefgraph.inspection.structure import find_blocks
from xrefgraph.linking.evidence import distinct

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Hashes = npt.NDArray[np.uint64]

#: Sets of more identifiers than this are not looked through for the sets that they contain.
LARGE = 5


@dataclass(frozen=True)
class Bridging:
    """The identifiers without which halves fall apart that are well tied in themselves: one row an identifier.

    Parameters
    ----------
    identifier : int32[bridging]
        Places in the raw graph, ascending.
    surprise : float64[bridging]
        How surprising it is, in decades, that nothing else holds the halves together, if all is one person.
    large, small : int64[bridging]
        How many events the two largest pieces have that fall apart.
    ties : int64[bridging]
        How many events hold the smaller one of these to the identifier.
    """

    identifier: Ints
    surprise: Floats
    large: Longs
    small: Longs
    ties: Longs


def find_bridging(raw: RawGraph, evidence: Floats) -> Bridging:
    """Find the identifiers that alone hold well-tied halves together, be it by a single event.

    A half is tied together by its sets: each of m identifiers offers m - 1 ties. As many as it has identifiers, but for one, are needed to hold it
    together. Each further one could have led into the other half if both were one person, and with the chance of the other's share of all ties. So
    a half with c further ties, and a share s of all, is a surprise of c log10(1 / s). All pieces but the largest are summed up.

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
    weights = np.zeros((blocks.nodes, 4))
    weights[: core.identifiers, 0] = 1
    weights[: core.identifiers, 3] = core.hanging
    weights[core.identifiers :, 1] = core.sizes - 1
    weights[core.identifiers :, 3] = core.events
    pieces = blocks.pieces(weights)
    mine = pieces.node < core.identifiers
    node, block, sums = pieces.node[mine], pieces.block[mine], pieces.sums[mine]
    key = node.astype(np.int64) << 32 | block

    if not len(key):
        return _nothing()
    # What ties an identifier to each of its pieces: its own sets there, which are no ties of the piece itself.
    tie = np.searchsorted(key, blocks.a.astype(np.int64) << 32 | blocks.block)
    tie = np.minimum(tie, len(key) - 1)
    here = key[tie] == (blocks.a.astype(np.int64) << 32 | blocks.block)
    edge_set = blocks.b[here] - core.identifiers
    tie = tie[here]
    own = np.bincount(tie, core.sizes[edge_set] - 1, len(key))
    events = np.bincount(tie, core.events[edge_set], len(key))
    suspicious = evidence[core.node]
    most = np.zeros(core.sets)
    np.maximum.at(most, core.of_set, suspicious[core.link])
    blamed = np.zeros(len(key), bool)
    blamed[tie[most[edge_set] <= suspicious[blocks.a[here]] + 1]] = True

    node, sums, own, events = node[blamed], sums[blamed], own[blamed], events[blamed]
    further = np.maximum(sums[:, 1] - own - (sums[:, 0] - 1), 0)
    largest = _first_of_each(node, np.lexsort((-sums[:, 1], node)))
    total = np.bincount(node, sums[:, 1], core.identifiers)[node]
    decades = further * np.log10(total / np.maximum(sums[:, 1], 1))
    decades[largest] = 0
    found = np.bincount(node, decades, core.identifiers)
    # Less than one decade is no evidence.
    bridging = found[node[largest]] >= 1
    second = _first_of_each(node, np.lexsort((-decades, node)))[bridging]
    largest = largest[bridging]
    return Bridging(
        core.node[node[largest]],
        found[node[largest]],
        sums[largest, 3].astype(np.int64),
        sums[second, 3].astype(np.int64),
        events[second].astype(np.int64),
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
    """The part of the graph in which halves can be well tied: what stands in one set only hangs on the rest.

    ``node`` has the identifiers by their place in the raw graph; ``link`` and ``of_set`` name identifiers and sets by their
    place here. ``events`` counts those of a set, and of smaller sets in it; ``hanging`` those that carry nothing else of the core than
    one identifier.
    """

    node: Ints
    hanging: Longs
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
    keep = np.ones(len(raw.link), bool)
    for _ in range(3):
        # An identifier of one set, and a set of one identifier, are leaves.
        links = np.flatnonzero(keep)
        joined = _counts(raw.link_set[links], raw.sets)[raw.link_set[links]] > 1
        company = links[joined]
        keep[links[~joined]] = False
        keep[company[_counts(raw.link[company], raw.identifiers)[raw.link[company]] < 2]] = False
    links = np.flatnonzero(keep)
    links = links[_counts(raw.link_set[links], raw.sets)[raw.link_set[links]] > 1]
    node = distinct(raw.link[links])
    inside = np.zeros(raw.identifiers, bool)
    inside[node] = True
    place = np.cumsum(inside) - 1
    hanging = np.zeros(len(node), np.int64)
    some = distinct(raw.link_set[links])
    in_core = np.zeros(raw.sets, bool)
    in_core[some] = True
    lone = np.flatnonzero(inside[raw.link] & ~in_core[raw.link_set])
    np.add.at(hanging, place[raw.link[lone]], raw.events[raw.link_set[lone]])
    of_set = np.searchsorted(some, raw.link_set[links]).astype(np.int32)
    sizes = _counts(of_set, len(some)).astype(np.int64)
    start = np.append(0, np.cumsum(sizes))
    holder = _contained(raw.link[links], start, sizes)
    events = np.bincount(holder, raw.events[some], len(some)).astype(np.int64)
    whole = holder == np.arange(len(some))
    kept = whole[of_set]
    number = np.cumsum(whole) - 1
    return _Core(
        node,
        hanging,
        place[raw.link[links]].astype(np.int32)[kept],
        number[of_set[kept]].astype(np.int32),
        sizes[whole],
        events[whole],
    )


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
