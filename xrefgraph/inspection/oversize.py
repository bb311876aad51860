"""In how large a part an identifier would be, if nothing more suspicious held anything together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from xrefgraph.inspection.raw_graph import RawGraph
from xrefgraph.linking.components import smallest_connected
from xrefgraph.linking.evidence import distinct

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

#: Identifiers are let in level by level: up to these decades of evidence, and last all others.
LEVELS = (0, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 12, 20)


@dataclass(frozen=True)
class Oversize:
    """How much larger than usual the part of an identifier is.

    Parameters
    ----------
    times : float64[identifiers]
        How many times as many values of a type it holds as half of the parts do: of the type of which this is most.
    rank : int32[identifiers]
        The rank of this type.
    values : int64[identifiers]
        How many values of it the part holds.
    usual : float64[types]
        How many half of the parts hold that hold any.
    """

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
    level = np.searchsorted(LEVELS, evidence).astype(np.int32)
    a, b, step = _edges(raw, level)
    first = step == 0
    root = smallest_connected(a[first], b[first], raw.identifiers)
    # What is let in later counts from then on.
    early = np.flatnonzero(level == 0)
    flat = root[early].astype(np.int64) * raw.types + raw.rank[early]
    counted = np.bincount(flat, minlength=raw.identifiers * raw.types).reshape(-1, raw.types)
    usual = np.array([_median(column[column > 0]) for column in counted.T])

    times, rank = np.empty(raw.identifiers), np.empty(raw.identifiers, np.int32)
    values = np.empty(raw.identifiers, np.int64)

    def measure(some: Ints, held: Longs) -> None:
        share = held / usual
        rank[some] = np.argmax(share, axis=1)
        times[some] = share[np.arange(len(some)), rank[some]]
        values[some] = held[np.arange(len(some)), rank[some]]

    measure(early.astype(np.int32), counted[root[early]])
    # From here on only what changes: the parts that have an edge of a higher level.
    late = ~first
    a, b, step = root[a[late]], root[b[late]], step[late]
    news = np.flatnonzero(level > 0).astype(np.int32)
    nodes = distinct(np.concatenate([a, b, root[news]]))
    held = counted[nodes]
    a, b = (np.searchsorted(nodes, end).astype(np.int32) for end in (a, b))
    mine = np.searchsorted(nodes, root[news])
    part = np.arange(len(nodes), dtype=np.int32)
    for number in range(1, len(LEVELS) + 1):
        now = step == number
        come = news[level[news] == number]
        if not len(come):
            continue
        part = smallest_connected(part[a[now]], part[b[now]], len(nodes))[part]
        place = mine[level[news] == number]
        np.add.at(held, (place, raw.rank[come]), 1)
        together = np.zeros_like(held)
        np.add.at(together, part, held)
        measure(come, together[part[place]])
    return Oversize(times, rank, values, usual)


def _edges(raw: RawGraph, level: Ints) -> tuple[Ints, Ints, Ints]:
    """Give edges that hold the sets together, each with the level from which on it does.

    The identifiers of a set are a path from the least suspicious to the most, so that those up to any level are connected.
    """
    key = raw.link_set.astype(np.int64) << 32 | level[raw.link]
    order = np.argsort(key, kind="stable") if level.any() else np.arange(len(key))
    link, of_set = raw.link[order], raw.link_set[order]
    inside = np.flatnonzero(of_set[1:] == of_set[:-1])
    return link[inside], link[inside + 1], level[link[inside + 1]]


def _median(numbers: Longs) -> float:
    return float(np.median(numbers)) if len(numbers) else 1.0
