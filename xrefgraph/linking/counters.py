"""How many values of each type a part holds, in one integer: whether two parts may be one is a sum and a comparison."""

from __future__ import annotations

from dataclasses import dataclass

from xrefgraph.linking.evidence import Evidence, Rules


@dataclass(frozen=True)
class Counters:
    """How many values of each counted type an identifier stands for, packed into one integer.

    Each type has a field of some bits, wide enough for twice its limit; so has each separated pair, as a type of
    its own with two values, of which a part holds one. Parts have no value in common, so the counters of two
    parts can be added, and one comparison says whether any field is too large.

    Attributes
    ----------
    weight : list of int
        The counters of each identifier that stands for itself and all that are linked with it.
    room : int
        What, added to counters, carries into the highest bit of each field that is too large.
    full : int
        These highest bits.
    """

    weight: list[int]
    room: int
    full: int


def count_values(evidence: Evidence, rules: Rules, *, limits: bool = True) -> Counters:
    """Count the values of each single identifier.

    Examples
    --------
    Two values of a unique type, and a cookie:

    >>> import numpy as np
    >>> evidence = Evidence(np.zeros(3, np.int32), np.array([0, 2, 4]),
    ...     np.array([0, 2, 1, 2], np.int32), np.ones(2, np.int64))
    >>> counters = count_values(evidence, Rules((0, 2, 3), unique=(0,)))
    >>> [bool(counters.weight[0] + other + counters.room & counters.full) for other in counters.weight[1:]]
    [True, False]
    """
    weight = [0] * evidence.identifiers
    shift = room = full = 0
    for rank, most in rules.most(limits=limits):
        values = rules.nodes(rules.values(rank)).tolist()
        if len(values) <= most:
            continue
        bits = most.bit_length()
        for node in values:
            weight[node] += 1 << shift
        room |= ((1 << bits) - 1 - most) << shift
        full |= 1 << (shift + bits)
        shift += bits + 1
    # Pairs of different raw profiles never meet: they can share their fields.
    raw = evidence.raw_of[rules.separated[:, 0]]
    same = raw == evidence.raw_of[rules.separated[:, 1]]
    used: dict[int, int] = {}
    for profile, pair in zip(
        raw[same].tolist(), rules.nodes(rules.separated[same]).tolist(), strict=True
    ):
        field = used.get(profile, shift)
        used[profile] = field + 2
        for node in pair:
            weight[node] += 1 << field
        full |= 2 << field
    return Counters(weight, room, full)
