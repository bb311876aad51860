"""How near each identifier of a profile is to each of its anchors: the harmonic function of the graph."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse import linalg

from xrefgraph.inspection.evidence.collapse import Collapsed
from xrefgraph.linking.components import smallest_connected
from xrefgraph.linking.evidence import distinct

Floats = npt.NDArray[np.float64]

#: A graph with fewer independent cycles than these is solved by elimination at once.
_DIRECT = 2_000


def potentials(found: Collapsed, anchors: Sequence[int]) -> Floats:
    """Say for each identifier how near it is to each of some others.

    Parameters
    ----------
    found : Collapsed
        The profile.
    anchors : sequence of int
        Two identifiers or more.

    Returns
    -------
    float64[identifiers + groups, anchors]
        The probability that a walk from it, which at each turn takes any of the events that carry an identifier, and then any
        identifier that this event carries, reaches an anchor first before the others. Each row sums to 1; of what hangs together
        with none of them, each is not a number.

    Notes
    -----
    The harmonic function of the graph (Doyle and Snell, Random walks and electric networks, 1984; as labels of two anchors: Zhu,
    Ghahramani and Lafferty, 2003), by one sparse solve per anchor but one. Alike events are parallel, so a group conducts as many times
    as it has events. What hangs on a single place has the potential of that place.
    """
    size = found.identifiers + found.groups
    links = np.flatnonzero(found.kept)
    u = np.concatenate([found.link[links], found.decided[:, 0]]).astype(np.int64)
    v = np.concatenate([found.link_group[links] + found.identifiers, found.decided[:, 1]]).astype(
        np.int64
    )
    conducts = np.concatenate(
        [found.events[found.link_group[links]], np.ones(len(found.decided))]
    ).astype(float)
    part = smallest_connected(u.astype(np.int32), v.astype(np.int32), size)
    reached = np.zeros(size, bool)
    reached[part[list(anchors)]] = True
    inside = reached[part]
    found_potential = np.full((size, len(anchors)), np.nan)
    fixed = np.zeros(size, bool)
    fixed[list(anchors)] = True
    # Loose ends first: each takes what the only place that it hangs on has, in the opposite order.
    alive = inside[u]
    u, v, conducts = u[alive], v[alive], conducts[alive]
    hung: list[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]] = []
    for _ in range(64):
        degree = np.bincount(u, minlength=size) + np.bincount(v, minlength=size)
        loose = (degree == 1) & ~fixed
        # Of two loose ends that hang on each other neither is an anchor: that is no part that is reached.
        at_u, at_v = loose[u], loose[v] & ~loose[u]
        if not (at_u | at_v).any():
            break
        hung.append((np.concatenate([u[at_u], v[at_v]]), np.concatenate([v[at_u], u[at_v]])))
        stay = ~(at_u | at_v)
        u, v, conducts = u[stay], v[stay], conducts[stay]
    nodes = distinct(np.concatenate([u, v, np.asarray(anchors, np.int64)]))
    inner = nodes[~fixed[nodes]]
    local = np.full(size, -1, np.int64)
    local[inner] = np.arange(len(inner))
    found_potential[list(anchors)] = np.eye(len(anchors))
    if len(inner):
        # They sum to 1, so the last one is what is left.
        some = _solve(found_potential[:, :-1], local, (u, v, conducts), len(inner))
        found_potential[inner] = np.column_stack([some, np.clip(1 - some.sum(axis=1), 0.0, 1.0)])
    for ends, places in reversed(hung):
        found_potential[ends] = found_potential[places]
    return found_potential


def _solve(known: Floats, local: Any, edges: tuple[Any, Any, Any], count: int) -> Floats:
    """The potentials of the inner nodes: each the mean of its neighbours', as much as they conduct."""
    u, v, conducts = edges
    both = (local[u] >= 0) & (local[v] >= 0)
    a, b = local[u[both]], local[v[both]]
    diagonal = np.zeros(count)
    right = np.zeros((count, known.shape[1]))
    for one, other in ((u, v), (v, u)):
        mine = local[one] >= 0
        np.add.at(diagonal, local[one[mine]], conducts[mine])
        edge = mine & (local[other] < 0)
        np.add.at(right, local[one[edge]], conducts[edge, None] * known[other[edge]])
    rows = np.concatenate([a, b, np.arange(count)])
    columns = np.concatenate([b, a, np.arange(count)])
    values = np.concatenate([-conducts[both], -conducts[both], diagonal])
    laplacian = sparse.csc_matrix((values, (rows, columns)), shape=(count, count))
    # What is nearly a tree leaves an elimination nothing to fill, however long it is.
    cycles = len(u) - count
    solved = None if cycles < _DIRECT else _by_gradients(laplacian, right)
    if solved is None:
        solved = linalg.splu(
            laplacian,
            permc_spec="MMD_AT_PLUS_A",
            diag_pivot_thresh=0.0,
            options={"SymmetricMode": True},
        ).solve(right)
    clipped: Floats = np.clip(np.asarray(solved, float).reshape(count, -1), 0.0, 1.0)
    return clipped


def _by_gradients(laplacian: Any, right: Floats) -> Floats | None:
    """Solve by conjugate gradients; None where they do not arrive soon.

    They arrive soon where everything is near everything, which is where an elimination fills the memory; along a chain they do
    not, and there the elimination is cheap.
    """
    matrix = laplacian.tocsr()
    scaling = sparse.diags(1.0 / matrix.diagonal())
    columns = []
    for column in right.T:
        solved, missed = linalg.cg(matrix, column, rtol=1e-10, maxiter=400, M=scaling)
        if missed:
            return None
        columns.append(solved)
    return np.column_stack(columns)
