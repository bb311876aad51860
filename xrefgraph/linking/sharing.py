"""Which identifiers are shared by too many: step 3 of the rules."""

from __future__ import annotations

import numpy as np

from xrefgraph.linking.evidence import Flags, Ints, distinct, spans


def over_shared(
    link_set: Ints,
    link_identifier: Ints,
    bounds: tuple[int, ...],
    limits: dict[tuple[int, int], int],
) -> Flags:
    """Say which identifiers meet more values of another type than they may.

    Parameters
    ----------
    link_set, link_identifier : int32[links]
        Which set of events carries which identifier, in any order.
    bounds : tuple of int
        Where the numbers of each type begin, by rank, and the number of all identifiers.
    limits : dict of (int, int) to int
        ``{(2, 0): 1}``: an identifier of rank 2 may stand in events together with one of rank 0.

    Returns
    -------
    bool[identifiers]
        All limits are judged on the same links.

    Notes
    -----
    Cost: sorts the pairs of identifiers that meet, for each limit.

    Examples
    --------
    Identifiers 0 and 1 are people; 2 is a cookie that stands in events of both:

    >>> links = np.array([0, 0, 1, 1], np.int32), np.array([0, 2, 1, 2], np.int32)
    >>> over_shared(*links, (0, 2, 3), {(1, 0): 1})
    array([False, False,  True])
    """
    found = np.zeros(bounds[-1], bool)
    for (rank, other), most in limits.items():
        mine = _of_rank(link_identifier, bounds, rank)
        theirs = _of_rank(link_identifier, bounds, other)
        theirs = theirs[np.argsort(link_set[theirs], kind="stable")]
        sets = int(link_set.max()) + 1 if len(link_set) else 0
        start = np.zeros(sets + 1, np.int64)
        np.cumsum(np.bincount(link_set[theirs], minlength=sets), out=start[1:])
        position, place = spans(start, link_set[mine])
        met = link_identifier[mine][place].astype(np.int64) << 32
        met |= link_identifier[theirs[position]]
        pairs = distinct(met)
        number = np.bincount(pairs >> 32, minlength=bounds[-1])
        found |= number > most
    return found


def _of_rank(identifier: Ints, bounds: tuple[int, ...], rank: int) -> Ints:
    """The places of the identifiers of one type."""
    places = np.flatnonzero((identifier >= bounds[rank]) & (identifier < bounds[rank + 1]))
    return places.astype(np.int32, copy=False)
