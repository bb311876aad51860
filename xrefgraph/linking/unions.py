"""The policies that join step by step, and refuse what would breach a rule.

`first_claim`, `last_touch` and `strongest` are one algorithm, a union-find with a constraint (as in Kruskal's for
spanning trees): they differ in the order in which they look at the joins.
"""

from __future__ import annotations

import numpy as np

from xrefgraph.linking.counters import count_values
from xrefgraph.linking.evidence import Evidence, Ints, Partition, Rules, recency
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
