"""The policies that join step by step, and refuse what would breach a rule.

`first_claim`, `last_touch` and `strongest` are one algorithm, a union-find with a constraint (as in Kruskal's for
spanning trees): they differ in the order in which they look at the joins.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xrefgraph.linking.evidence import Evidence, Ints, Longs, Partition, Rules
from xrefgraph.linking.partition import make_partition


def first_claim(evidence: Evidence, rules: Rules) -> Partition:
    """Let each event, oldest first, claim what fits; from its first identifier that does not, drop the rest.

    Parameters
    ----------
    evidence : Evidence
        With `set_oldest`, or with events.
    rules : Rules
        What may not share a profile.

    Returns
    -------
    Partition
        The parts.

    Notes
    -----
    To drop the weakest identifier until the rest fits leaves the longest beginning that fits: a breach does not
    go away by adding more. Nor does it go away later, as profiles only grow; so the second event of a set
    changes nothing, and only the oldest one has to be looked at.

    Cost: sorting the links, then nearly linear in them.
    """
    sets, strongest, other = evidence.joins()
    order = np.argsort(evidence.oldest()[sets], kind="stable")
    label = constrained_union(evidence, rules, strongest[order], other[order], sets[order])
    return make_partition(evidence, rules, label)


def last_touch(evidence: Evidence, rules: Rules, *, newest_event_first: bool = False) -> Partition:
    """Make the joins of strong types first, of equal ones the newest.

    Parameters
    ----------
    evidence : Evidence
        With `set_newest` and `set_newest_time`, or with events.
    rules : Rules
        What may not share a profile.
    newest_event_first : bool
        Put the joins of the newest event of each raw profile before all others.

    Returns
    -------
    Partition
        The parts.

    Notes
    -----
    Events with the same explicit time are equally new. A join that several sets make is looked at with each
    of them: only the newest matters, since what was refused once stays refused.

    Cost: sorting the links, then nearly linear in them.
    """
    sets, strongest, other = evidence.joins()
    age = recency(*evidence.newest())[sets]
    late = np.ones(len(sets), bool)
    if newest_event_first and len(sets):
        raw = evidence.raw_of[strongest]
        newest = np.full(int(raw.max()) + 1, -1, np.int64)
        np.maximum.at(newest, raw, age)
        late = age != newest[raw]
    ranks = rules.rank(strongest) + rules.rank(other)
    order = np.lexsort((other, strongest, -age, ranks, late))
    label = constrained_union(evidence, rules, strongest[order], other[order])
    return make_partition(evidence, rules, label)


def strongest(evidence: Evidence, rules: Rules) -> Partition:
    """Make the joins of many events first, of equal ones those of strong types.

    Parameters
    ----------
    evidence : Evidence
        Without events.
    rules : Rules
        What may not share a profile.

    Returns
    -------
    Partition
        The parts.

    Notes
    -----
    Cost: sorting the links, then nearly linear in them.
    """
    sets, hub, other = evidence.joins()
    key = hub.astype(np.int64) * evidence.identifiers + other
    key, first, place = np.unique(key, return_index=True, return_inverse=True)
    hub, other = hub[first], other[first]
    events = np.bincount(place, weights=evidence.set_events[sets], minlength=len(key))
    # The joins are in order of their pair already, and the sort is stable.
    order = np.lexsort((rules.rank(hub) + rules.rank(other), -events))
    return make_partition(
        evidence, rules, constrained_union(evidence, rules, hub[order], other[order])
    )


def recency(number: Longs, time: Longs) -> Longs:
    """Give ascending numbers to events, equal ones to those of one explicit time.

    Examples
    --------
    >>> from xrefgraph.linking.evidence import NO_TIME
    >>> recency(np.array([0, 1, 2, 3]), np.array([NO_TIME, NO_TIME, 60, 60]))
    array([0, 1, 2, 2])
    """
    if not len(time):
        return np.empty(0, np.int64)
    tie = np.where(time == np.iinfo(np.int64).min, number, 0)
    order = np.lexsort((tie, time))
    is_newer = np.diff(time[order]) != 0
    is_newer |= np.diff(tie[order]) != 0
    found = np.empty(len(time), np.int64)
    found[order] = np.concatenate([[0], np.cumsum(is_newer)])
    return found


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


def constrained_union(
    evidence: Evidence, rules: Rules, one: Ints, other: Ints, batch: Ints | None = None
) -> Ints:
    """Join pairs in the given order, but for those whose union would breach a rule.

    Parameters
    ----------
    evidence : Evidence
        The identifiers and their raw profiles.
    rules : Rules
        What may not share a part, and what is linked from the start.
    one, other : int32[pairs]
        The two sides of each pair.
    batch : int32[pairs], optional
        After a refused pair the rest of its batch is skipped. Without it, nothing is.

    Returns
    -------
    int32[identifiers]
        An identifier of its part, the same for all.

    Notes
    -----
    Union-find with path halving (van Leeuwen and van der Weide, 1977). Cost: pairs times the logarithm of identifiers at
    most.
    """
    counters = count_values(evidence, rules)
    weight, room, full = counters.weight, counters.room, counters.full
    parent = list(range(evidence.identifiers))
    one, other = rules.nodes(one), rules.nodes(other)
    batches = range(len(one)) if batch is None else batch.tolist()
    refused = -1
    for left, right, step in zip(one.tolist(), other.tolist(), batches, strict=True):
        if step == refused:
            continue
        a, b = left, right
        while parent[a] != a:
            parent[a] = a = parent[parent[a]]
        while parent[b] != b:
            parent[b] = b = parent[parent[b]]
        if a == b:
            continue
        total = weight[a] + weight[b]
        if (total + room) & full:
            refused = step
        elif a < b:
            parent[b] = a
            weight[a] = total
        else:
            parent[a] = b
            weight[b] = total
    root = np.array(parent, np.int32)[rules.nodes(np.arange(len(parent), dtype=np.int32))]
    above = np.array(parent, np.int32)
    while (root != above[root]).any():
        root, above = above[root], above[above]
    return root
