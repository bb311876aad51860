"""On whose side each identifier and each event of a profile is, and in which order they are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse import csgraph

from xrefgraph.inspection.evidence.collapse import Collapsed, Ints
from xrefgraph.inspection.evidence.meetings import merge_order
from xrefgraph.inspection.evidence.potential import potentials

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Sides:
    """Where everything in a profile stands between its owners.

    Parameters
    ----------
    owners : tuple of int
        The places of the owners, so that those that met first are neighbours; none where there are fewer than two.
    owner : int32[identifiers + groups]
        Whose each is, by the number of the owner; -1 where there are no two owners, or none is reached.
    ambiguity : float64[identifiers + groups]
        0 where it is nearly an owner itself, 1 where it is as near to a second one: 1 - (largest - second potential).
    order : float64[identifiers + groups]
        Where it stands in the drawing, from 0 at the first owner to 1 at the last. With fewer than two owners, see :func:`sides_of`.
    """

    owners: tuple[int, ...]
    owner: Ints
    ambiguity: Floats
    order: Floats


def sides_of(found: Collapsed, owners: Sequence[int]) -> Sides:
    """Say on whose side each identifier and group of a profile is.

    Parameters
    ----------
    found : Collapsed
        The profile. All its links count, also those that were cut: pass one in which they hold.
    owners : sequence of int
        The places of those between whom it is divided.

    Notes
    -----
    By the harmonic potential of each owner (:func:`potentials`). What none reaches comes last. With one owner or none the order is the second
    eigenvector of the graph (Fiedler, 1973), which puts what hangs together loosely far apart; of more than 800 nodes it is
    the order of first sight. The cost is one sparse solve an owner.
    """
    size = found.identifiers + found.groups
    if len(owners) < 2:
        nobody = np.full(size, -1, np.int32)
        return Sides((), nobody, np.zeros(size), _along(found))
    line = in_line(found, owners)
    near = potentials(found, line)
    reached = ~np.isnan(near[:, 0])
    near = np.where(reached[:, None], near, 0.0)
    two = np.sort(near, axis=1)[:, -2:]
    # Where two are as near, the sum of many small errors must not decide.
    owner = np.where(reached, near.round(9).argmax(axis=1), -1).astype(np.int32)
    order = near @ (np.arange(len(line)) / (len(line) - 1))
    return Sides(
        tuple(line),
        owner,
        np.where(reached, (1 - (two[:, 1] - two[:, 0])).round(9), 0.0),
        np.where(reached, order.round(9), 2.0),
    )


def in_line(found: Collapsed, owners: Sequence[int]) -> list[int]:
    """Put owners into a line in which those that met first stand side by side; two stay as they are."""
    if len(owners) == 2:
        return list(owners)
    line = {one: [one] for one in owners}
    for a, b in merge_order(found, owners):
        joined = line[a] + line[b]
        for one in joined:
            line[one] = joined
    some: list[int] = []
    for one in sorted(owners):
        some += [each for each in line[one] if each not in some]
    return some


#: Of more nodes than these no eigenvector is sought.
_FEW = 800


def _along(found: Collapsed) -> Floats:
    """An order that puts near what hangs together closely, from 0 to 1."""
    size = found.identifiers + found.groups
    first = _first_sight(found)
    by_sight = np.empty(size)
    by_sight[np.lexsort((np.arange(size), first))] = np.arange(size) / max(size - 1, 1)
    if not 4 <= size <= _FEW:
        return by_sight
    links = np.flatnonzero(found.kept)
    u = np.concatenate([found.link[links], found.decided[:, 0]])
    v = np.concatenate([found.link_group[links] + found.identifiers, found.decided[:, 1]])
    weight = np.concatenate([found.events[found.link_group[links]], np.ones(len(found.decided))])
    # Older scipy searches only what has indices of 32 bits.
    ends = (u.astype(np.int32), v.astype(np.int32))
    matrix = sparse.coo_array((weight.astype(float), ends), shape=(size, size)).tocsr()
    matrix = matrix + matrix.T
    if csgraph.connected_components(matrix, directed=False)[0] > 1:
        return by_sight
    laplacian: Any = csgraph.laplacian(matrix, normed=True)
    _, vectors = np.linalg.eigh(laplacian.toarray())
    second = (vectors[:, 1] / np.sqrt(np.asarray(matrix.sum(axis=0)).ravel())).round(7)
    # An eigenvector may point either way: what was seen first comes first.
    oldest = int(by_sight.argmin())
    if second[oldest] > np.median(second):
        second = -second
    spread = float(np.ptp(second))
    return (second - second.min()) / spread if spread else by_sight


def _first_sight(found: Collapsed) -> Floats:
    """The place of the oldest event of each identifier and group: float64[identifiers + groups]."""
    first = np.full(found.identifiers, np.inf)
    np.minimum.at(first, found.link, found.order[found.link_group].astype(float))
    return np.concatenate([first, found.order.astype(float)])
