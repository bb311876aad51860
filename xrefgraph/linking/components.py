"""Incidence -> raw profiles: the connected components of events and identifiers."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Ints = npt.NDArray[np.int32]


def raw_profiles(strongest: Ints, identifier: Ints, identifiers: int) -> tuple[Ints, Ints]:
    """Give each identifier the raw profile that it belongs to.

    A raw profile is a connected component of the bipartite graph of sets of events and identifiers. The sets
    need not be nodes: a star from the strongest identifier of a set to its others connects the same.

    Parameters
    ----------
    strongest, identifier : int32[links]
        For each link of a set and an identifier: the strongest identifier of the set, and the identifier.
    identifiers : int
        How many identifiers there are: their numbers are below it.

    Returns
    -------
    profile_of : int32[identifiers]
        The raw profile of each identifier, -1 for one that no link holds.
    names : int32[profiles]
        The smallest identifier of each raw profile. It is increasing: profiles are numbered by it.

    Notes
    -----
    Cost: linear in links and identifiers. The components are those of ``scipy.sparse.csgraph``.

    Examples
    --------
    >>> strongest, identifier = np.array([0, 0, 3], np.int32), np.array([0, 2, 3], np.int32)
    >>> raw_profiles(strongest, identifier, 5)
    (array([ 0, -1,  0,  1, -1], dtype=int32), array([0, 3], dtype=int32))
    """
    rays = np.flatnonzero(strongest != identifier)
    graph = coo_array(
        (np.ones(len(rays), np.int8), (strongest[rays], identifier[rays])),
        shape=(identifiers, identifiers),
    )
    count, label = connected_components(graph, directed=False)
    held = np.zeros(identifiers, bool)
    held[identifier] = True
    # Identifiers are visited from the last to the first, so the smallest one of a component names it.
    smallest = np.full(count, -1, np.int32)
    holders = np.flatnonzero(held)[::-1].astype(np.int32)
    smallest[label[holders]] = holders
    is_name = np.zeros(identifiers, bool)
    is_name[smallest[smallest >= 0]] = True
    number = np.cumsum(is_name, dtype=np.int32) - np.int32(1)
    profile_of = np.where(held, number[smallest[label]], np.int32(-1))
    return profile_of, np.flatnonzero(is_name).astype(np.int32)
