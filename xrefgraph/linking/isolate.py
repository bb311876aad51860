"""`isolate`: the owners spread over what is theirs alone, and what two of them reach is set apart.

All raw profiles are worked on at once. A pass splits every piece that has two or more owners, and passes
follow until no piece has. In a pass the owners spread in rounds (see `spread`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xrefgraph.linking.components import smallest_connected
from xrefgraph.linking.conflicts import cut_links
from xrefgraph.linking.evidence import (
    Cuts,
    Evidence,
    Flags,
    Ints,
    Partition,
    Rules,
    smallest_members,
)
from xrefgraph.linking.spread import Territory, spread


@dataclass(frozen=True)
class Isolation:
    """What `isolate` found.

    Attributes
    ----------
    part_of : int32[identifiers]
        The smallest identifier of the part of each.
    rivals : int32[identifiers, 2]
        The strongest and the weakest owner who contested an identifier first, -1 where nobody did.
    link_a, link_b : int32[links]
        For the link of a set and an identifier of another part: whom the cut keeps apart.
    """

    part_of: Ints
    rivals: Ints
    link_a: Ints
    link_b: Ints

    @property
    def contested(self) -> Flags:
        """Whether two owners reached an identifier at once: bool[identifiers]."""
        return self.rivals[:, 0] >= 0


def isolate(evidence: Evidence, rules: Rules) -> Partition:
    """Give each owner what is theirs alone, and set apart what two owners share.

    Parameters
    ----------
    evidence : Evidence
        Without events.
    rules : Rules
        What may not share a profile. Limits are not enforced.

    Returns
    -------
    Partition
        The parts.

    Notes
    -----
    Cost: linear in links for each pass. There are at most as many passes as unique types, and one more for each
    separated pair in one raw profile.

    Examples
    --------
    Two people, 0 and 1, used the device 3; the cookie 2 is that of 0 alone:

    >>> evidence = Evidence(np.zeros(4, np.int32), np.array([0, 3, 5]),
    ...     np.array([0, 2, 3, 1, 3], np.int32), np.ones(2, np.int64))
    >>> isolate(evidence, Rules((0, 2, 3, 4), unique=(0,))).part_of
    array([0, 1, 0, 3], dtype=int32)
    """
    found = find_territories(evidence, rules)
    cut = np.flatnonzero(cut_links(evidence, found.part_of))
    identifier = evidence.set_identifier[cut]
    contested = found.contested
    contested[identifier] = True
    cuts = Cuts(evidence.link_set[cut], identifier, found.link_a[cut], found.link_b[cut])
    return Partition(found.part_of, contested, cuts)


def find_territories(evidence: Evidence, rules: Rules) -> Isolation:
    """Split every piece that has several owners, until none has."""
    size = evidence.identifiers
    everything = np.arange(size, dtype=np.int32)
    node_of = rules.nodes(everything)
    link_set, link_node = evidence.link_set, rules.nodes(evidence.set_identifier)
    hub = rules.nodes(evidence.strongest)
    rivals = np.full((size, 2), -1, np.int32)
    apart = np.full((2, len(link_set)), -1, np.int32)
    # Pieces bear the number of one of their members, and stand at the node of each group.
    piece = smallest_members(evidence.raw_of)
    pairs = rules.separated
    values = [rules.values(rank) for rank, _ in rules.most(limits=False)]
    links = np.arange(len(link_set))
    while True:
        owners = find_owners(piece, node_of, pairs, values)
        if not len(owners):
            break
        is_live = np.zeros(size, bool)
        is_live[piece[node_of[owners]]] = True
        live = is_live[piece]
        # What is in a piece with one owner now is never split again.
        links = links[live[link_node[links]]]
        pairs = pairs[live[node_of[pairs[:, 0]]] & live[node_of[pairs[:, 1]]]]
        values = [one[live[node_of[one]]] for one in values]
        found = spread(piece, owners, node_of[owners], link_set[links], link_node[links], hub)
        contested = np.flatnonzero(live & (found.owner < 0) & (found.lowest < found.highest))
        new = contested[rivals[contested, 0] < 0]
        rivals[new, 0], rivals[new, 1] = found.lowest[new], found.highest[new]
        # Joins inside a piece: some now lead from one owner to another, or to what is contested.
        one, other = hub[link_set[links]], link_node[links]
        inside = piece[one] == piece[other]
        joins, one, other = links[inside], one[inside], other[inside]
        parted = found.owner[one] != found.owner[other]
        apart[0, joins[parted]] = side(found, one[parted], other[parted])
        apart[1, joins[parted]] = side(found, other[parted], one[parted])
        free = ~parted & (found.owner[one] < 0)
        piece = next_pieces(piece, found, live, node_of, one[free], other[free])
    part_of = smallest_members(piece[node_of])
    return Isolation(part_of, rivals[node_of], apart[0], apart[1])


def find_owners(piece: Ints, node_of: Ints, pairs: Ints, values: list[Ints]) -> Ints:
    """Find who owns each piece in which two or more identifiers may not be together.

    They are the two of its smallest separated pair; without one, the values of its strongest unique type that
    has several there.
    """
    has_owners = np.zeros(len(piece), bool)
    together = pairs[piece[node_of[pairs[:, 0]]] == piece[node_of[pairs[:, 1]]]]
    split, first = np.unique(piece[node_of[together[:, 0]]], return_index=True)
    has_owners[split] = True
    owners = [together[first].ravel()]
    for one in values:
        there = piece[node_of[one]]
        several = np.bincount(there, minlength=len(piece)) > 1
        owners.append(one[(several & ~has_owners)[there]])
        has_owners |= several
    return np.concatenate(owners)


def side(found: Territory, one: Ints, other: Ints) -> Ints:
    """Say who stands on the side of `one` where a pass parted it from `other`.

    Its owner; if it is contested, one of its rivals who does not own `other`.
    """
    lowest = found.lowest[one]
    rival = np.where(lowest != found.owner[other], lowest, found.highest[one])
    return np.where(found.owner[one] >= 0, found.owner[one], rival)


def next_pieces(
    piece: Ints, found: Territory, live: Flags, node_of: Ints, one: Ints, other: Ints
) -> Ints:
    """Number the pieces after a pass: one for each owner, and what the free joins hold of the rest."""
    after = piece.copy()
    owned = found.owner >= 0
    after[owned] = node_of[found.owner[owned]]
    rest = np.flatnonzero(live & ~owned).astype(np.int32)
    place = np.empty(len(piece), np.int32)
    place[rest] = np.arange(len(rest), dtype=np.int32)
    after[rest] = rest[smallest_connected(place[one], place[other], len(rest))]
    return after
