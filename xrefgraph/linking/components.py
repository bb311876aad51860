"""Incidence -> raw profiles: the connected components of events and identifiers."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Ints = npt.NDArray[np.int32]


def raw_profiles(link_set: Ints, link_identifier: Ints, identifiers: int) -> tuple[Ints, Ints]:
    """Give each identifier the raw profile that it belongs to.

    A raw profile is a connected component of the bipartite graph of sets of events and identifiers. The sets
    need not be nodes: a star from the first identifier of a set to its others connects the same.

    Parameters
    ----------
    link_set, link_identifier : int32[links]
        The links, sorted by set and then by identifier.
    identifiers : int
        How many identifiers there are: their numbers are below it.

    Returns
    -------
    profile_of : int32[identifiers]
        The raw profile of each identifier, -1 for one that no link holds.
    strongest : int32[profiles]
        The smallest identifier of each raw profile. It is increasing: profiles are numbered by it.

    Notes
    -----
    Cost: linear in links and identifiers. The components are those of ``scipy.sparse.csgraph``.

    Examples
    --------
    >>> sets, identifiers = np.array([0, 0, 1], np.int32), np.array([0, 2, 3], np.int32)
    >>> raw_profiles(sets, identifiers, 5)
    (array([ 0, -1,  0,  1, -1], dtype=int32), array([0, 3], dtype=int32))
    """
    first = np.ones(len(link_set), bool)
    first[1:] = link_set[1:] != link_set[:-1]
    hub = (
        link_identifier[np.flatnonzero(first)[np.cumsum(first) - 1]]
        if len(link_set)
        else link_identifier
    )
    rays = ~first
    graph = coo_array(
        (np.ones(int(rays.sum()), np.int8), (hub[rays], link_identifier[rays])),
        shape=(identifiers, identifiers),
    )
    count, label = connected_components(graph, directed=False)
    held = np.zeros(identifiers, bool)
    held[link_identifier] = True
    # Identifiers are visited from the last to the first, so the smallest one of a component names it.
    smallest = np.full(count, -1, np.int32)
    holders = np.flatnonzero(held)[::-1].astype(np.int32)
    smallest[label[holders]] = holders
    names = np.zeros(identifiers, bool)
    names[smallest[smallest >= 0]] = True
    number = (np.cumsum(names) - 1).astype(np.int32)
    profile_of = np.where(held, number[smallest[label]], -1).astype(np.int32)
    return profile_of, np.flatnonzero(names).astype(np.int32)
