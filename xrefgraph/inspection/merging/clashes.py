"""How many a part of a profile held when, and when it came to hold what may not share a profile. Arrays in, arrays out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from xrefgraph.inspection.evidence.collapse import Collapsed, Ints, Longs
from xrefgraph.inspection.merging.replay import START, Replay


@dataclass(frozen=True)
class Tally:
    """Things that came into parts: how many a part held at any moment.

    Parameters
    ----------
    total : int64[parts]
        How many each part held at its end.
    begun : int64[parts]
        How many were in what it was made of.
    order : int64[things]
        The things, by the part that they came into, and then by the moment.
    key : int64[things]
        Part and moment of each of these, in one number.
    span : int
        The part counts so much in a key.
    """

    total: Longs
    begun: Longs
    order: Longs
    key: Longs
    span: int

    def before(self, part: Ints | Longs, moment: Longs) -> Longs:
        """Give how many a part held just before a moment, which is one of its own."""
        part = part.astype(np.int64)
        came = np.searchsorted(self.key, part * self.span + moment - START)
        return self.begun[part] + came - np.searchsorted(self.key, part * self.span)

    def at(self, part: Ints | Longs, moment: Longs) -> tuple[Longs, Longs]:
        """Give where in ``order`` those stand that came into a part at a moment: from, and up to."""
        key = part.astype(np.int64) * self.span + moment - START
        return np.searchsorted(self.key, key), np.searchsorted(self.key, key + 1)


def tally(tree: Replay, parts: Ints, moments: Longs) -> Tally:
    """Count things by the part that each came into, and the moment at which it did."""
    own = tree.own(parts)
    total = tree.totals(own)
    span = 2 * len(tree.event_group) - START + 2
    key = parts.astype(np.int64) * span + moments - START
    order = np.argsort(key, kind="stable")
    return Tally(total, total - own, order, key[order], span)


@dataclass(frozen=True)
class Clashes:
    """When a part came to hold what may not share a profile: by moment, and then by part. One row each.

    Parameters
    ----------
    moment : int64[clashes]
    part : int32[clashes]
        Which part, after it happened.
    why : int32[clashes]
        The rank of the unique type, or the number of ranks plus the row of the pair that a decision keeps apart.
    """

    moment: Longs
    part: Ints
    why: Ints


def find_clashes(
    tree: Replay, found: Collapsed, unique: Sequence[int], pairs: Ints, ranks: int
) -> Clashes:
    """Find each event and decision that brought together what may not share a profile.

    Parameters
    ----------
    tree : Replay
        The profile.
    found : Collapsed
        The same.
    unique : sequence of int
        The ranks of the unique types.
    pairs : int32[pairs, 2]
        Identifiers that a decision keeps apart.
    ranks : int
        How many types there are.
    """
    rows: list[tuple[Longs, Ints, Ints]] = []
    for rank in unique:
        values = np.flatnonzero(found.rank == rank)
        if len(values) > 1:
            moment, part = _of_type(tree, values)
            rows.append((moment, part, np.full(len(part), rank, np.int32)))
    for row, (a, b) in enumerate(pairs.tolist()):
        met = tree.meeting(a, b)
        if met is not None:
            rows.append(
                (np.array(met[:1]), np.array(met[1:], np.int32), np.array([ranks + row], np.int32))
            )
    if not rows:
        nothing = np.empty(0, np.int32)
        return Clashes(nothing.astype(np.int64), nothing, nothing)
    moment, part, why = (np.concatenate(column) for column in zip(*rows, strict=True))
    order = np.lexsort((why, part, moment))
    moment, part, why = moment[order], part[order], why[order]
    once = np.ones(len(moment), bool)
    once[1:] = (moment[1:] != moment[:-1]) | (part[1:] != part[:-1])
    return Clashes(moment[once], part[once], why[once])


def _of_type(tree: Replay, values: Longs) -> tuple[Longs, Ints]:
    """When values of one unique type came together, and in which part."""
    part, moment = tree.part_of_identifier[values], tree.first[values]
    held = tally(tree, part, moment)
    # Where parts meet: two or more of those that hold one, or that come with the event itself.
    sides = np.zeros(tree.parts + 1, np.int64)
    np.add.at(sides, tree.into[(held.total > 0) & (tree.into >= 0)], 1)
    np.add.at(sides, part[moment == tree.made[part]], 1)
    met = np.flatnonzero(sides >= 2)
    # Within a part: one that comes where there is one already.
    late = np.flatnonzero(moment > tree.made[part])
    late = late[held.before(part[late], moment[late]) >= 1]
    return (
        np.concatenate([tree.made[met], moment[late]]),
        np.concatenate([met.astype(np.int32), part[late]]),
    )
