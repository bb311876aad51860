"""What hangs together in a profile whatever is blocked: so that a page can say exactly what blocking would leave."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from xrefgraph.inspection.draw.layout.scene import Scene


@dataclass(frozen=True)
class Lump:
    """Events, and identifiers that are not drawn one by one, that hang together without those that are.

    Parameters
    ----------
    rows : tuple of int
        The rows, each of a single identifier, that they hang together with.
    alike : int
        How many such lumps there are.
    events, identifiers, anchors : int
        What all of them hold.
    """

    rows: tuple[int, ...]
    alike: int
    events: int
    identifiers: int
    anchors: int


@dataclass(frozen=True)
class Lumps:
    """A profile put together into what no block can part.

    Parameters
    ----------
    lumps : tuple of Lump
        By their rows. Pieces of the profile without some values are what hangs together of the other rows and of these.
    joined : tuple of (int, int)
        Rows that a decision links.
    of_row : dict of int to tuple of int
        Of a row that stands for several identifiers, the lumps in which these are.
    of_column : tuple of tuple of int
        Of each column, the lumps in which its events are.
    """

    lumps: tuple[Lump, ...]
    joined: tuple[tuple[int, int], ...]
    of_row: dict[int, tuple[int, ...]]
    of_column: tuple[tuple[int, ...], ...]


def lumps_of(scene: Scene) -> Lumps:
    """Put a profile together so that only what is drawn by itself can be taken away.

    Parameters
    ----------
    scene : Scene
        Only links that hold count, as they do for profiles.

    Notes
    -----
    The connected components of the profile without the identifiers that have a row of their own; alike ones, which hang together
    with the same rows, are one lump with a count. Cost: a search for components, and sorting the links.
    """
    found = scene.drawn.found
    size = found.identifiers + found.groups
    row = np.asarray(scene.row_of_identifier)
    own = np.array([one.node is not None for one in scene.rows], bool)[row]
    link, group = found.link[found.kept], found.link_group[found.kept] + found.identifiers
    pairs = found.decided
    both = ~own[pairs].any(axis=1)
    u = np.concatenate([link[~own[link]], pairs[both, 0]])
    v = np.concatenate([group[~own[link]], pairs[both, 1]])
    matrix = sparse.coo_array((np.ones(len(u)), (u, v)), shape=(size, size))
    _, part = csgraph.connected_components(matrix, directed=False)
    # What each part hangs together with: rows by links, and by decisions.
    mixed = pairs[own[pairs].sum(axis=1) == 1]
    single = np.where(own[mixed[:, 0]], mixed[:, 0], mixed[:, 1])
    rest = mixed.sum(axis=1) - single
    touching = np.concatenate([part[group[own[link]]], part[rest]]).astype(np.int64)
    touched = np.concatenate([row[link[own[link]]], row[single]]).astype(np.int64)
    keys = np.unique(touching * (len(scene.rows) + 1) + touched)
    rows_of = _lists(
        keys // (len(scene.rows) + 1), keys % (len(scene.rows) + 1), int(part.max(initial=-1)) + 1
    )

    there = np.concatenate([~own, found.events > 0])
    real = np.unique(part[there])
    events = np.bincount(part[found.identifiers :], found.events, len(rows_of))
    held = np.bincount(part[: found.identifiers][~own], minlength=len(rows_of))
    ranks = found.rank[~own]
    anchor = -2 if scene.anchor is None else scene.types.index(scene.anchor)
    anchors = np.bincount(part[: found.identifiers][~own], ranks == anchor, len(rows_of))
    alike: dict[tuple[tuple[int, ...], bool, bool], list[int]] = {}
    for one in real.tolist():
        key = (rows_of[one], bool(held[one]), bool(anchors[one]))
        alike.setdefault(key, []).append(one)
    lumps, lump_of = [], np.full(len(rows_of), -1, np.int64)
    for n, key in enumerate(sorted(alike)):
        members = alike[key]
        lump_of[members] = n
        lumps.append(
            Lump(
                key[0],
                len(members),
                int(events[members].sum()),
                int(held[members].sum()),
                int(anchors[members].sum()),
            )
        )
    decided = np.sort(row[pairs[own[pairs].all(axis=1)]], axis=1)
    return Lumps(
        tuple(lumps),
        tuple(sorted({(a, b) for a, b in decided.tolist() if a != b})),
        _of_rows(scene, row, own, lump_of[part[: found.identifiers]]),
        _of_columns(scene, lump_of[part[found.identifiers :]]),
    )


def _of_rows(
    scene: Scene, row: np.ndarray, own: np.ndarray, lump: np.ndarray
) -> dict[int, tuple[int, ...]]:
    lists = _lists(*_distinct_pairs(row[~own], lump[~own]), len(scene.rows))
    return {n: lists[n] for n, one in enumerate(scene.rows) if one.node is None}


def _of_columns(scene: Scene, lump: np.ndarray) -> tuple[tuple[int, ...], ...]:
    column = np.asarray(scene.column_of_group)
    drawn = (column >= 0) & (lump >= 0)
    return tuple(_lists(*_distinct_pairs(column[drawn], lump[drawn]), len(scene.columns)))


def _distinct_pairs(one: np.ndarray, other: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    width = int(other.max(initial=0)) + 1
    keys = np.unique(one.astype(np.int64) * width + other)
    return keys // width, keys % width


def _lists(key: np.ndarray, value: np.ndarray, count: int) -> list[tuple[int, ...]]:
    """The values of each key; both are sorted."""
    bounds = np.searchsorted(key, np.arange(count + 1)).tolist()
    values = value.tolist()
    return [tuple(values[a:b]) for a, b in pairwise(bounds)]
