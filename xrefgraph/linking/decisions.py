"""What people decided, on arrays: links that are cut, identifiers that are one."""

from __future__ import annotations

import numpy as np

from xrefgraph.linking.components import smallest_connected
from xrefgraph.linking.evidence import Flags, Ints, Longs, among


def link_keys(sets: Ints, identifiers: Ints) -> Longs:
    """Give one number to a link of a set and an identifier.

    Examples
    --------
    >>> link_keys(np.array([1], np.int32), np.array([5], np.int32)) - 2**32
    array([5])
    """
    keys: Longs = sets.astype(np.int64) << 32 | identifiers
    return keys


def remaining(link_set: Ints, link_identifier: Ints, aside: Flags, detached: Longs) -> Flags:
    """Say which links are left when identifiers are set aside, and single links detached.

    Parameters
    ----------
    link_set, link_identifier : int32[links]
        The links.
    aside : bool[identifiers]
        Identifiers that link nothing.
    detached : int64[cuts]
        Links that are cut, as :func:`link_keys` numbers them, ascending.

    Returns
    -------
    bool[links]
    """
    kept: Flags = ~aside[link_identifier]
    if len(detached):
        kept &= ~among(link_keys(link_set, link_identifier), detached)
    return kept


def groups(pairs: Ints, identifiers: int) -> Ints | None:
    """Give each identifier the smallest one that decisions link with it.

    Parameters
    ----------
    pairs : int32[decisions, 2]
        Identifiers that are one.
    identifiers : int
        How many there are.

    Returns
    -------
    int32[identifiers] or None
        None where nothing is linked.

    Examples
    --------
    >>> groups(np.array([[1, 3]], np.int32), 4)
    array([0, 1, 2, 1], dtype=int32)
    """
    if not len(pairs):
        return None
    return smallest_connected(pairs[:, 0], pairs[:, 1], identifiers)
