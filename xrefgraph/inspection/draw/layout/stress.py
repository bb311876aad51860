"""Where the nodes of a node-link drawing stand: near each other as they are near in the graph."""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph
from scipy.spatial.distance import cdist

from xrefgraph.inspection.draw.layout.folding import Whole
from xrefgraph.inspection.draw.layout.scene import Scene
from xrefgraph.inspection.draw.layout.sides import Floats

#: So many times all nodes are moved at most, and they stand when the stress falls by less than this share.
ROUNDS, STILL = 120, 1e-4


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
    links = sparse.coo_array((np.ones(len(u)), (u, v)), shape=(size, size)).tocsr()
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
    values, vectors = np.linalg.eigh(centred)
    top = vectors[:, -2:][:, ::-1]
    # The sign of an eigenvector is nobody's choice, so we choose: its largest entry is positive.
    largest = top[np.abs(top).round(9).argmax(axis=0), np.arange(top.shape[1])]
    top = top * np.sign(np.where(largest == 0, 1, largest))
    plane = top * np.sqrt(np.maximum(values[-2:][::-1], 0))
    if plane.shape[1] < 2:
        plane = np.column_stack([plane, np.zeros((len(plane), 2 - plane.shape[1]))])
    # What would lie on one spot is drawn apart a little, each in a direction of its own.
    turn = np.arange(len(plane)) * 2.399963  # the golden angle
    spread: Floats = plane + 0.05 * np.column_stack([np.cos(turn), np.sin(turn)])
    return spread


def _settled(hops: Floats, places: Floats) -> Floats:
    """Move all nodes until the distances are as near to the hops as they come."""
    with np.errstate(divide="ignore"):
        weight = np.where(hops > 0, hops**-2.0, 0.0)
    total = weight.sum(axis=1)
    wanted = weight * hops
    laplacian = np.diag(total) - weight
    inverse = np.linalg.inv(laplacian + 1.0 / len(hops))
    before = np.inf
    for _ in range(ROUNDS):
        between = cdist(places, places)
        stress = float((weight * (between - hops) ** 2).sum()) / 2
        if before - stress <= STILL * before < np.inf:
            break
        before = stress
        ratio = np.divide(wanted, between, out=np.zeros_like(wanted), where=between > 1e-9)
        towards = np.diag(ratio.sum(axis=1)) - ratio
        places = inverse @ (towards @ places)
    return places


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
