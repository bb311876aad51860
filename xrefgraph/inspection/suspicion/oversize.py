"""In how large a part an identifier would be, if nothing more suspicious held anything together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from xrefgraph.inspection.suspicion.raw_graph import RawGraph
from xrefgraph.linking.components import smallest_connected
from xrefgraph.linking.evidence import distinct

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

#: Identifiers are let in level by level: up to these decades of evidence, and last all others.
LEVELS = (0, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 12, 20)


@dataclass(frozen=True)
class Oversize:
    """How much larger than usual the part of an identifier is: one row for each with any evidence against it.

    Parameters
    ----------
    identifier : int32[rows]
        Places in the raw graph, ascending.
    times : float64[rows]
        How many times as many values of a type its part holds as half of the parts do: of the type of which this is most.
    rank : int32[rows]
        The rank of this type.
    values : int64[rows]
        How many values of it the part holds.
    usual : float64[types]
        How many half of the parts hold, or less, of those that hold any.
    """

    identifier: Ints
    times: Floats
    rank: Ints
    values: Longs
    usual: Floats


def measure_oversize(raw: RawGraph, evidence: Floats) -> Oversize:
    """Let the identifiers in from the least suspicious to the most, and look how large the part of each is at its turn.

    The graph of identifiers without any evidence falls into parts, most of which are one person or less. Each level of evidence joins some of
    these. Where a level makes a giant of them, its identifiers and all that follow are in a part that is no person; before,
    they are not, so the giant that a kiosk makes does not count against the family telephone in it.

    Parameters
    ----------
    raw : RawGraph
        What the events say.
    evidence : float64[identifiers]
        How suspicious each is, in decades; 0 for what joins nothing unusual.

    Notes
    -----
    Cost: the components of the graph once, and of what has any evidence once a level.
    """
    news = np.flatnonzero(evidence > 0).astype(np.int32)
    level = np.zeros(raw.identifiers, np.int8)
    level[news] = np.searchsorted(LEVELS, evidence[news])
    a, b, step = _edges(raw, level)
    early = step == 0
    root = smallest_connected(a[early], b[early], raw.identifiers)
    a, b, step = root[a[~early]], root[b[~early]], step[~early]
    # From here on only what changes: the parts that have an edge of a higher level.
    nodes = distinct(np.concatenate([a, b, root[news]]))
    held = np.empty((len(nodes), raw.types), np.int64)
    usual = np.ones(raw.types)
    for rank in range(raw.types):
        mine = slice(*raw.bounds[rank : rank + 2])
        # What is let in later counts from then on.
        sizes = np.bincount(root[mine][level[mine] == 0], minlength=raw.identifiers)
        held[:, rank] = sizes[nodes]
        usual[rank] = np.median(sizes[sizes > 0]) if sizes.any() else 1
    a, b = (np.searchsorted(nodes, end).astype(np.int32) for end in (a, b))
    node = np.searchsorted(nodes, root[news]).astype(np.int32)
    part = np.arange(len(nodes), dtype=np.int32)
    times, rank_of, values = (np.empty(len(news), kind) for kind in (float, np.int32, np.int64))
    for number in range(1, len(LEVELS) + 1):
        rows = np.flatnonzero(level[news] == number)
        if not len(rows):
            continue
        now = step == number
        part = smallest_connected(part[a[now]], part[b[now]], len(nodes))[part]
        np.add.at(held, (node[rows], raw.rank[news[rows]]), 1)
        together = np.column_stack([np.bincount(part, column, len(nodes)) for column in held.T])[
            part[node[rows]]
        ]
        share = together / usual
        rank_of[rows] = np.argmax(share, axis=1)
        times[rows] = share[np.arange(len(rows)), rank_of[rows]]
        values[rows] = together[np.arange(len(rows)), rank_of[rows]]
    return Oversize(news, times, rank_of, values, usual)


def _edges(raw: RawGraph, level: npt.NDArray[np.int8]) -> tuple[Ints, Ints, npt.NDArray[np.int8]]:
    """Give edges that hold the sets together, each with the level from which on it does.

    The identifiers of a set are a path from the least suspicious to the most, so that those up to any level are connected.
    """
    of_link = level[raw.link]
    mixed = np.zeros(raw.sets, bool)
    mixed[raw.link_set[of_link > 0]] = True
    moved = np.flatnonzero(mixed[raw.link_set])
    order = moved[
        np.argsort(raw.link_set[moved].astype(np.int64) << 8 | of_link[moved], kind="stable")
    ]
    link = raw.link.copy()
    link[moved] = raw.link[order]
    inside = np.flatnonzero(raw.link_set[1:] == raw.link_set[:-1])
    a, b = link[inside], link[inside + 1]
    return a, b, level[b]
