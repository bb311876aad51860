"""Which profiles are in conflict, and which two values keep two parts apart."""

from __future__ import annotations

import numpy as np

from xrefgraph.linking.evidence import Evidence, Flags, Ints, Longs, Rules


def find_conflicts(profile_of: Ints, profiles: int, rules: Rules, *, limits: bool = True) -> Flags:
    """Say which profiles hold two people.

    Parameters
    ----------
    profile_of : int32[identifiers]
        The profile of each identifier, -1 for one that has none.
    profiles : int
        How many profiles there are.
    rules : Rules
        What may not be in one profile. Linked identifiers count as one value.
    limits : bool
        Whether more values of a limited type than its limit are a conflict.

    Returns
    -------
    bool[profiles]
        Whether a profile holds two values of a unique type, more than ``limit`` values of a limited one, or two
        identifiers that a decision keeps apart.

    Notes
    -----
    Cost: linear in identifiers and profiles.

    Examples
    --------
    Identifiers 0 to 2 are of a unique type, and 1 and 2 share a profile:

    >>> find_conflicts(np.array([0, 1, 1, 0]), 2, Rules((0, 3, 4), unique=(0,)))
    array([False,  True])
    """
    found = np.zeros(profiles, bool)
    for rank, most in rules.most(limits=limits):
        profile = profile_of[rules.values(rank)]
        found |= np.bincount(profile[profile >= 0], minlength=profiles) > most
    one, other = profile_of[rules.separated].T
    found[one[(one == other) & (one >= 0)]] = True
    return found


def kept_apart(part_of: Ints, mine: Ints, theirs: Ints, rules: Rules) -> tuple[Ints, Ints]:
    """Say for pairs of parts which two identifiers may not come together.

    Parameters
    ----------
    part_of : int32[identifiers]
        The part of each identifier, named after one of them.
    mine, theirs : int32[pairs]
        The two parts of each pair.
    rules : Rules
        What may not be in one part.

    Returns
    -------
    int32[pairs], int32[pairs]
        An identifier of each side, -1 where the two parts may be one. It is the smallest pair that a decision
        separates; else, of the strongest type of which they would hold too many values, the strongest of each side.

    Notes
    -----
    Cost: linear in identifiers and pairs, for each type that is counted.
    """
    a, b = np.full(len(mine), -1, np.int32), np.full(len(mine), -1, np.int32)
    if not len(mine):
        return a, b
    # From the weakest reason to the strongest: the last one stays.
    for rank, most in reversed(list(rules.most())):
        values = rules.values(rank)
        part = part_of[values]
        number = np.bincount(part, minlength=len(part_of))
        first = np.empty(len(part_of), np.int32)
        first[part[::-1]] = values[::-1]
        breach = (number[mine] > 0) & (number[theirs] > 0) & (number[mine] + number[theirs] > most)
        a[breach], b[breach] = first[mine[breach]], first[theirs[breach]]
    if len(rules.separated):
        name = pair_keys(part_of[rules.separated[:, 0]], part_of[rules.separated[:, 1]], part_of)
        known, smallest = np.unique(name, return_index=True)
        wanted = pair_keys(mine, theirs, part_of)
        place = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
        breach = (known[place] == wanted) & (mine != theirs)
        pairs = rules.separated[smallest[place[breach]]]
        turned = part_of[pairs[:, 0]] != mine[breach]
        pairs[turned] = pairs[turned, ::-1]
        a[breach], b[breach] = pairs.T
    return a, b


def pair_keys(one: Ints, other: Ints, part_of: Ints) -> Longs:
    """Give one number to a pair of parts, whichever comes first."""
    lower, higher = np.minimum(one, other), np.maximum(one, other)
    return lower.astype(np.int64) * len(part_of) + higher


def cut_links(evidence: Evidence, part_of: Ints) -> Flags:
    """Say which links lead to another part than that of their set: bool[links]."""
    home = part_of[evidence.strongest]
    away: Flags = part_of[evidence.set_identifier] != np.repeat(home, np.diff(evidence.set_start))
    return away
