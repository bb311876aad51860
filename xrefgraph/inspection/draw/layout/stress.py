"""Where the nodes of a node-link drawing stand: near each other as they are near in the graph."""

from __future__ import annotations

import logging
import math

import numpy as np
from scipy import linalg, sparse
from scipy.sparse import csgraph
from scipy.sparse.linalg import ArpackNoConvergence, eigsh

from xrefgraph.inspection.draw.layout.folding import Whole
from xrefgraph.inspection.draw.layout.scene import Scene
from xrefgraph.inspection.draw.layout.sides import Floats

log = logging.getLogger(__name__)

#: So many times all nodes are moved at most, and they stand when the stress falls by less than this share.
ROUNDS, STILL = 120, 1e-4
#: Of no more nodes all eigenvectors are worked out.
FEW = 300

#: Neighbours stand no further apart than this, in the units of the room in which they are drawn.
LARGEST = 140.0


def node_positions(scene: Scene) -> Floats:
    """Give where each row and each column of a scene stands as a node.

    Parameters
    ----------
    scene : Scene
        The rows are the identifiers, and the columns the groups of events.

    Returns
    -------
    float64[rows + columns, 2]
        Neighbours are about 1 apart. The owners lie left and right, in the middle of the height; else the
        longest extent lies flat. What hangs together with nothing else stands beside the rest.

    Notes
    -----
    Stress majorization (Gansner, Koren and North, Graph drawing by stress majorization, 2004; SMACOF) on the numbers of hops,
    from a start by classical scaling (Torgerson, 1952): no random numbers, so the same scene always looks the same.
    Cost: a breadth-first search for each node, and some tens of products of square matrices of the number of nodes.
    """
    size = len(scene.rows) + len(scene.columns)
    u = [row for column in scene.columns for row in column.rows]
    v = [len(scene.rows) + n for n, column in enumerate(scene.columns) for _ in column.rows]
    u += [a for a, _ in scene.decided]
    v += [b for _, b in scene.decided]
    # Older scipy searches only what has indices of 32 bits.
    ends = (np.array(u, np.int32), np.array(v, np.int32))
    links = sparse.coo_array((np.ones(len(u)), ends), shape=(size, size)).tocsr()
    count, part = csgraph.connected_components(links, directed=False)
    places = np.zeros((size, 2))
    edge = 0.0
    # The largest part first: the others stand at its right.
    order = np.lexsort((np.arange(count), -np.bincount(part, minlength=count)))
    for one in order.tolist():
        nodes = np.flatnonzero(part == one)
        own = _turned(_placed(links[nodes][:, nodes]), nodes, scene)
        own[:, 0] += edge - own[:, 0].min()
        edge = own[:, 0].max() + 2.0
        places[nodes] = own
    return places


def _placed(links: sparse.csr_array) -> Floats:
    """Place what hangs together."""
    size = links.shape[0]
    if size == 1:
        return np.zeros((1, 2))
    hops = csgraph.shortest_path(links, directed=False, unweighted=True)
    return _settled(hops, _start(hops))


def _start(hops: Floats) -> Floats:
    """Classical scaling: the plane in which the distances are kept best."""
    squared = hops**2
    centred = -0.5 * (squared - squared.mean(0) - squared.mean(1)[:, None] + squared.mean())
    values, top = _largest(centred)
    # The sign of an eigenvector is nobody's choice, so we choose: its largest entry is positive.
    largest = top[np.abs(top).round(9).argmax(axis=0), np.arange(top.shape[1])]
    top = top * np.sign(np.where(largest == 0, 1, largest))
    plane = top * np.sqrt(np.maximum(values, 0))
    if plane.shape[1] < 2:
        plane = np.column_stack([plane, np.zeros((len(plane), 2 - plane.shape[1]))])
    # What would lie on one spot is drawn apart a little, each in a direction of its own.
    turn = np.arange(len(plane)) * 2.399963  # the golden angle
    spread: Floats = plane + 0.05 * np.column_stack([np.cos(turn), np.sin(turn)])
    return spread


def _largest(matrix: Floats) -> tuple[Floats, Floats]:
    """The two largest eigenvalues, the largest first, and their vectors; of few nodes there may be fewer."""
    size = len(matrix)
    if size > FEW:
        try:
            # Lanczos from a beginning of our own: the default one is random.
            values, vectors = eigsh(matrix, k=2, which="LA", v0=np.cos(np.arange(size)))
            order = np.argsort(-values)
            return values[order], vectors[:, order]
        except ArpackNoConvergence:
            log.debug("no eigenvectors of %d nodes by Lanczos: all are worked out", size)
    values, vectors = linalg.eigh(matrix, subset_by_index=(max(size - 2, 0), size - 1))
    return values[::-1], vectors[:, ::-1]


def _settled(hops: Floats, places: Floats) -> Floats:
    """Move all nodes until the distances are as near to the hops as they come."""
    from scipy.spatial.distance import cdist  # noqa: PLC0415  (a tenth of a second, for those who draw)

    size = len(hops)
    with np.errstate(divide="ignore"):
        weight = np.where(hops > 0, hops**-2.0, 0.0)
    wanted = weight * hops
    factor = linalg.cho_factor(np.diag(weight.sum(axis=1)) - weight + 1.0 / size)
    # Of very many nodes the last bit of order is not seen, and each round takes longer.
    still = STILL * max(1.0, size / 150)
    before = np.inf
    least = float(np.vdot(wanted, hops))
    for _ in range(ROUNDS):
        between = cdist(places, places)
        stress = (least - 2 * float(np.vdot(wanted, between)) + _quadratic(weight, places)) / 2
        if before - stress <= still * before < np.inf:
            break
        before = stress
        between[between <= 1e-9] = np.inf
        ratio = np.divide(wanted, between, out=between)
        towards = ratio.sum(axis=1)[:, None] * places - ratio @ places
        places = linalg.cho_solve(factor, towards)
    return places


def _quadratic(weight: Floats, places: Floats) -> float:
    """The weighted sum of the squared distances, without the matrix of these."""
    squared = (places**2).sum(axis=1)
    return float(2 * (weight.sum(axis=1) @ squared - (places * (weight @ places)).sum()))


def _turned(places: Floats, nodes: Whole, scene: Scene) -> Floats:
    """Turn a part so that the first owner lies left and the last right, and mirror it so that what comes first is up."""
    places = places - places.mean(axis=0)
    if len(places) == 1:
        return places
    own = {int(node): n for n, node in enumerate(nodes)}
    owners = [own[row] for row in scene.owners if row in own]
    if len(owners) > 1:
        direction = places[owners[-1]] - places[owners[0]]
        middle = (places[owners[-1]] + places[owners[0]]) / 2
    else:
        _, _, axes = np.linalg.svd(places, full_matrices=False)
        direction, middle = axes[0], np.zeros(2)
        if float(places[0] @ direction) > 0:
            direction = -direction
    length = float(np.hypot(*direction))
    if length < 1e-9:
        return places
    c, s = direction / length
    turned: Floats = (places - middle) @ np.array([[c, -s], [s, c]])
    side = turned[:, 1].round(6)
    first = int(np.flatnonzero(side)[0]) if side.any() else 0
    if side[first] < 0:
        turned[:, 1] = -turned[:, 1]
    return turned


def apart(places: Floats, width: float = 900.0, height: float = 560.0) -> Floats:
    """Move nodes that lie on each other apart, as far as there is room.

    Parameters
    ----------
    places : float64[nodes, 2]
        Where they stand.
    width, height : float
        The room in which they will be drawn, in any unit.

    Returns
    -------
    float64[nodes, 2]
        In each of some rounds, two that are too near move apart along the line between them, each half of the way. How near is
        too near follows from the room that a node has. Cost: a search tree a round.
    """
    from scipy.spatial import cKDTree  # noqa: PLC0415  (as above)

    size = len(places)
    if size < 2:
        return places
    extent = np.maximum(np.ptp(places, axis=0), 1e-6)
    scale = min(width / extent[0], height / extent[1], LARGEST)
    least = min(0.62 * math.sqrt(width * height / size), 34.0) / scale
    moved = places.copy()
    for _ in range(40):
        pairs = cKDTree(moved).query_pairs(least, output_type="ndarray")
        if not len(pairs):
            break
        pairs = pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]
        between = moved[pairs[:, 0]] - moved[pairs[:, 1]]
        length = np.hypot(between[:, 0], between[:, 1])
        turn = pairs.sum(axis=1) * 2.399963  # those on one spot part in a direction of their own
        direction = np.where(
            (length > 1e-9)[:, None],
            between / np.maximum(length, 1e-9)[:, None],
            np.column_stack([np.cos(turn), np.sin(turn)]),
        )
        push = direction * ((least - length) / 2 * 0.8)[:, None]
        for axis in (0, 1):
            moved[:, axis] += np.bincount(pairs[:, 0], push[:, axis], size)
            moved[:, axis] -= np.bincount(pairs[:, 1], push[:, axis], size)
    return moved
