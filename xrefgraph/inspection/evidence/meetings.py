"""When identifiers of a profile came together, and in which order."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse import csgraph

from xrefgraph.inspection.evidence.collapse import Collapsed

Floats = npt.NDArray[np.float64]


def _tree(found: Collapsed) -> sparse.csr_array:
    """The minimum spanning tree in which a link is as long as its group is young, from 2 on; a decision is 1 long."""
    size = found.identifiers + found.groups
    links = np.flatnonzero(found.kept)
    age = found.order[found.link_group[links]].astype(float) + 2.0
    ends_a = np.concatenate([found.link[links], found.decided[:, 0]])
    ends_b = np.concatenate([found.link_group[links] + found.identifiers, found.decided[:, 1]])
    length = np.concatenate([age, np.ones(len(found.decided))])
    matrix = sparse.csr_array((length, (ends_a, ends_b)), shape=(size, size))
    # Two decisions on one pair would add up.
    matrix.data = np.where(matrix.indices < found.identifiers, 1.0, matrix.data)
    tree: sparse.csr_array = csgraph.minimum_spanning_tree(matrix)
    return tree


def first_met(found: Collapsed, a: int, b: int) -> int | None:
    """Give the group whose oldest event first connected two identifiers; None if decisions alone connect them.

    Notes
    -----
    Of all ways between the two, the one whose youngest event is the oldest: it runs along a minimum spanning tree in which each
    link is as long as its group is young. Cost: sorting the links.
    """
    tree = _tree(found)
    _, before = csgraph.breadth_first_order(tree, a, directed=False, return_predecessors=True)
    towards = before.tolist()
    on_way, node = [], b
    while node != a:
        node = towards[node]
        if node < 0:
            return None
        if node >= found.identifiers:
            on_way.append(node - found.identifiers)
    return int(max(on_way, key=lambda group: found.order[group])) if on_way else None


def merge_order(found: Collapsed, places: Sequence[int]) -> list[tuple[int, int]]:
    """Give pairs of some identifiers in the order in which they came together: of both sides the strongest.

    Each pair joins what was apart until then, so there is one pair less than identifiers, if all hang together.
    """
    tree = _tree(found).tocoo()
    order = np.lexsort((tree.col, tree.row, tree.data))
    root = list(range(found.identifiers + found.groups))
    strongest = dict.fromkeys(root, -1)
    strongest.update({place: place for place in places})

    def top(node: int) -> int:
        while root[node] != node:
            root[node] = root[root[node]]
            node = root[node]
        return node

    met = []
    for u, v in zip(tree.row[order].tolist(), tree.col[order].tolist(), strict=True):
        one, other = top(u), top(v)
        a, b = strongest[one], strongest[other]
        root[other] = one
        if a >= 0 and b >= 0:
            met.append((min(a, b), max(a, b)))
            strongest[one] = min(a, b)
        else:
            strongest[one] = max(a, b)
    return met
