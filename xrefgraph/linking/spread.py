"""Owners spread over the identifiers of their piece, in rounds, until nothing moves any more.

A *cell* is what one set carries of one piece: its members are neighbours of each other. Its *centre* is the strongest
identifier of the set, if it lies in that piece: the centre and another member can hand an owner on to each other.

A cell learns of its first owner, of an owned centre, and of its second owner, after which it has nothing new to tell.
So it is looked through three times at most, and all rounds together are linear in links. A round on arrays costs a
tenth of a millisecond however little there is to do; a long chain has as many rounds as links. So small rounds
are walked in plain Python, over the same arrays.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from scipy.sparse import csr_array

from xrefgraph.linking.evidence import Flags, Ints, distinct, spans

#: Rounds over fewer links than this are walked in plain Python.
FEW = 150
#: Larger than any identifier: nobody yet, as the lowest of the owners.
NOBODY = np.iinfo(np.int32).max


@dataclass(frozen=True)
class Territory:
    """Who owns what after a pass.

    Attributes
    ----------
    owner : int32[identifiers]
        The owner of each identifier, -1 for none.
    lowest, highest : int32[identifiers]
        The strongest and the weakest owner that the neighbours of an identifier had before it had one itself; two
        different ones contest it.
    """

    owner: Ints
    lowest: Ints
    highest: Ints


@dataclass(frozen=True)
class Spreading:
    """The cells, and how far owners have come: arrays that the rounds write into.

    `led` says whether the centre of a cell is owned, `offered` whether a join leads from an identifier to an owned one.
    """

    cell_start: Ints
    cell_node: Ints
    node_start: Ints
    node_cell: Ints
    centre: Ints
    owner: Ints
    lowest: Ints
    highest: Ints
    offered: Flags
    cell_lowest: Ints
    cell_highest: Ints
    led: Flags


def spread(
    piece: Ints, owners: Ints, owner_nodes: Ints, link_set: Ints, link_node: Ints, hub: Ints
) -> Territory:
    """Let the owners spread.

    Parameters
    ----------
    piece : int32[identifiers]
        The piece of each identifier.
    owners, owner_nodes : int32[owners]
        The owners, and where each begins: at the identifier that stands for all that are linked with it.
    link_set, link_node : int32[links]
        In order of sets: which identifiers each set carries.
    hub : int32[sets]
        The strongest identifier of each set.

    Returns
    -------
    Territory
        Who owns what.
    """
    state = start(piece, link_set, link_node, hub)
    state.owner[owner_nodes] = owners
    walk = Walk(state)
    moved = owner_nodes
    while len(moved):
        reach = int((state.node_start[moved + 1] - state.node_start[moved]).sum())
        moved = walk.rounds(moved) if reach < FEW else whole_round(state, moved)
    return Territory(state.owner, state.lowest, state.highest)


def start(piece: Ints, link_set: Ints, link_node: Ints, hub: Ints) -> Spreading:
    """Cut the sets into cells, with nobody in them yet."""
    size = len(piece)
    key = link_set.astype(np.int64) * size + piece[link_node]
    if (np.diff(key) < 0).any():
        order = np.argsort(key, kind="stable")
        key, link_set, link_node = key[order], link_set[order], link_node[order]
    begin = np.flatnonzero(np.diff(key, prepend=-1))
    counts = np.diff(begin, append=len(key))
    # A member alone has no neighbours.
    kept = np.repeat(counts > 1, counts)
    link_node = link_node[kept]
    cell_start = np.concatenate([[0], np.cumsum(counts[counts > 1])]).astype(np.int32)
    first = begin[counts > 1]
    cells = len(first)
    hubs = hub[link_set[first]]
    centre = np.where(piece[hubs] == key[first] % size, hubs, np.int32(-1))
    by_node = csr_array(
        (np.ones(len(link_node), np.int8), link_node, cell_start), shape=(cells, size)
    ).tocsc()
    return Spreading(
        cell_start,
        link_node,
        by_node.indptr.astype(np.int32),
        by_node.indices.astype(np.int32),
        centre,
        owner=np.full(size, -1, np.int32),
        lowest=np.full(size, NOBODY, np.int32),
        highest=np.full(size, -1, np.int32),
        offered=np.zeros(size, bool),
        cell_lowest=np.full(cells, NOBODY, np.int32),
        cell_highest=np.full(cells, -1, np.int32),
        led=np.zeros(cells, bool),
    )


def whole_round(state: Spreading, moved: Ints) -> Ints:
    """Go one round on arrays: from those that got an owner in the last one to those that get one now."""
    links, place = spans(state.node_start, moved)
    node, cells = moved[place], state.node_cell[links]
    open_ = state.cell_lowest[cells] >= state.cell_highest[cells]
    node, cells = node[open_], cells[open_]
    touched = distinct(cells)
    lowest, highest = state.cell_lowest[touched], state.cell_highest[touched]
    led = state.led[touched]
    np.minimum.at(state.cell_lowest, cells, state.owner[node])
    np.maximum.at(state.cell_highest, cells, state.owner[node])
    state.led[cells[state.centre[cells] == node]] = True
    news = (
        (lowest != state.cell_lowest[touched])
        | (highest != state.cell_highest[touched])
        | (led != state.led[touched])
    )
    touched = touched[news]
    members, place = spans(state.cell_start, touched)
    node, cells = state.cell_node[members], touched[place]
    free = state.owner[node] < 0
    node, cells = node[free], cells[free]
    np.minimum.at(state.lowest, node, state.cell_lowest[cells])
    np.maximum.at(state.highest, node, state.cell_highest[cells])
    state.offered[node[state.led[cells] | (state.centre[cells] == node)]] = True
    node = distinct(node)
    won: Ints = node[state.offered[node] & (state.lowest[node] == state.highest[node])]
    state.owner[won] = state.lowest[won]
    return won


class Walk:
    """The same rounds in plain Python, for as long as they are small."""

    def __init__(self, state: Spreading) -> None:
        # Views of the arrays, which give plain integers, and faster than arrays do.
        self.views = {one.name: memoryview(getattr(state, one.name)) for one in fields(state)}

    # One function, and no min and max: a call costs as much as all else that a round of a chain does.
    def rounds(self, moved: Ints) -> Ints:  # noqa: C901, PLR0912
        """Go rounds until there is nothing left to do, or too much for this way of doing it."""
        views = self.views
        cell_start, cell_node = views["cell_start"], views["cell_node"]
        node_start, node_cell = views["node_start"], views["node_cell"]
        centre, owner = views["centre"], views["owner"]
        lowest, highest, offered = views["lowest"], views["highest"], views["offered"]
        cell_lowest, cell_highest, led = views["cell_lowest"], views["cell_highest"], views["led"]
        now = moved.tolist()
        reach = 0
        while now and reach < FEW:
            touched = set()
            for node in now:
                name = owner[node]
                for link in range(node_start[node], node_start[node + 1]):
                    cell = node_cell[link]
                    low, high = cell_lowest[cell], cell_highest[cell]
                    if low < high and cell not in touched:
                        continue  # it told of two owners in an earlier round
                    if name < low:
                        cell_lowest[cell] = name
                        touched.add(cell)
                    if name > high:
                        cell_highest[cell] = name
                        touched.add(cell)
                    if centre[cell] == node and not led[cell]:
                        led[cell] = True
                        touched.add(cell)
            found = set()
            for cell in touched:
                low, high = cell_lowest[cell], cell_highest[cell]
                hub, is_led = centre[cell], led[cell]
                for link in range(cell_start[cell], cell_start[cell + 1]):
                    node = cell_node[link]
                    if owner[node] < 0:
                        if low < lowest[node]:  # noqa: PLR1730 (see above)
                            lowest[node] = low
                        if high > highest[node]:  # noqa: PLR1730 (see above)
                            highest[node] = high
                        if is_led or node == hub:
                            offered[node] = True
                        found.add(node)
            now = []
            reach = 0
            for node in found:
                if offered[node] and lowest[node] == highest[node]:
                    owner[node] = lowest[node]
                    now.append(node)
                    reach += node_start[node + 1] - node_start[node]
        return np.array(now, np.int32)
