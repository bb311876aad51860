"""Claims: who may call a contested identifier his own, and from when on.

An anchored profile claims a contested identifier wherever an event carries both. Claims are found set by set, and only
then spread over the events of each set.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xrefgraph.linking.counters import count_values
from xrefgraph.linking.evidence import (
    NO_TIME,
    Evidence,
    Flags,
    Intervals,
    Ints,
    Longs,
    Rules,
    among,
    distinct,
    recency,
    spans,
)
from xrefgraph.linking.isolate import Isolation


@dataclass(frozen=True)
class Ground:
    """Who can claim, and what can be claimed.

    Attributes
    ----------
    part_of : int32[identifiers]
        The parts that `isolate` made.
    node_of : int32[identifiers]
        The smallest identifier linked with each: claims are made on all that are linked at once.
    outside : bool[identifiers]
        Whether an identifier is in no anchored part.
    claimable : bool[identifiers]
        Whether it is contested besides.
    age : int64[events]
        Ascending in the order of events; equal for events of one explicit time.
    """

    part_of: Ints
    node_of: Ints
    outside: Flags
    claimable: Flags
    age: Longs


@dataclass(frozen=True)
class Claims:
    """All claims that were made.

    Attributes
    ----------
    node, age, part, time : int[claims]
        Which identifier, when (as a number in the order of events), by which part (of several at one time the
        smallest), and the time of it. By identifier, then by age.
    member : int64[pairs]
        Ascending, one number for each identifier and each part that ever claimed it: see `member_key`.
    member_age, member_time : int64[pairs]
        When that was for the first time.
    """

    node: Ints
    age: Longs
    part: Ints
    time: Longs
    member: Longs
    member_age: Longs
    member_time: Longs

    def holds(self, node: Ints, part: Ints, size: int) -> Flags:
        """Say whether a part ever claimed an identifier."""
        return among(member_key(node, part, size), self.member)


def member_key(node: Ints, part: Ints, size: int) -> Longs:
    """Give one number to an identifier and a part, of `size` identifiers in all."""
    return node.astype(np.int64) * size + part


def survey(evidence: Evidence, rules: Rules, isolation: Isolation) -> Ground:
    """See who can claim what."""
    _, event_time = evidence.events()
    part_of = isolation.part_of
    outside = np.ones(len(part_of), bool)
    if rules.top is not None:
        is_loose = outside.copy()
        is_loose[part_of[slice(*rules.bounds[rules.top : rules.top + 2])]] = False
        outside = is_loose[part_of]
    everything = np.arange(len(part_of), dtype=np.int32)
    return Ground(
        part_of,
        rules.nodes(everything),
        outside,
        outside & isolation.contested,
        recency(np.arange(len(event_time)), event_time),
    )


def find_claims(evidence: Evidence, rules: Rules, ground: Ground) -> Claims:
    """Find all claims.

    Notes
    -----
    Whether a part may claim an identifier is decided by the first attempt: if it was refused, then later ones
    are too, as the claimant only holds more by then.

    Cost: sorting the claims, of which each event has one for each anchored part and each contested identifier that it
    carries; plain Python for those on identifiers that can breach a rule.
    """
    size = evidence.identifiers
    sets, node, part = attempts(evidence, ground)
    allowed = decide(evidence, rules, ground, sets, node, part)
    sets, node, part = sets[allowed], node[allowed], part[allowed]
    event_set, event_time = evidence.events()
    by_set = np.argsort(event_set, kind="stable")
    start = np.concatenate(
        [[0], np.cumsum(np.bincount(event_set, minlength=len(evidence.set_events)))]
    )
    position, place = spans(start, sets)
    event = by_set[position]
    node, part, age, time = node[place], part[place], ground.age[event], event_time[event]
    order = np.lexsort((part, age, node))
    node, part, age, time = node[order], part[order], age[order], time[order]
    member, first = np.unique(member_key(node, part, size), return_index=True)
    at_once = np.zeros(len(node), bool)
    at_once[1:] = (np.diff(node) == 0) & (np.diff(age) == 0)
    one = ~at_once
    return Claims(node[one], age[one], part[one], time[one], member, age[first], time[first])


def attempts(evidence: Evidence, ground: Ground) -> tuple[Ints, Ints, Ints]:
    """Find which sets carry what can be claimed, together with an identifier of an anchored part."""
    size = evidence.identifiers
    link_set, identifier = evidence.link_set, evidence.set_identifier
    wanted = ground.claimable[identifier]
    wish = distinct(member_key(link_set[wanted], ground.node_of[identifier[wanted]], size))
    held = ~ground.outside[identifier]
    holder = distinct(member_key(link_set[held], ground.part_of[identifier[held]], size))
    sets = wish // size
    start = np.searchsorted(holder, np.arange(len(evidence.set_events) + 1) * size)
    position, place = spans(start, sets)
    return (
        sets[place].astype(np.int32),
        (wish[place] % size).astype(np.int32),
        (holder[position] % size).astype(np.int32),
    )


def decide(
    evidence: Evidence, rules: Rules, ground: Ground, sets: Ints, node: Ints, part: Ints
) -> Flags:
    """Say which attempts succeed: those after which no part holds what may not be together."""
    allowed = np.ones(len(sets), bool)
    counters = count_values(evidence, rules, limits=False)
    weight, room, full = counters.weight, counters.room, counters.full
    counted = np.fromiter(map(bool, weight), bool, len(weight))
    doubtful = np.flatnonzero(counted[node])
    if not len(doubtful):
        return allowed
    holds = dict.fromkeys(part[doubtful].tolist(), 0)
    for one in np.flatnonzero(counted).tolist():
        home = int(ground.part_of[one])
        if home in holds:
            holds[home] += weight[one]
    set_age = ground.age[evidence.first_events()]
    start = evidence.set_start
    carried = {
        s: tuple(evidence.set_identifier[start[s] : start[s + 1]].tolist())
        for s in np.unique(sets[doubtful]).tolist()
    }
    # Of attempts at one time, those of the strongest identifiers come first.
    queue = sorted(
        (age, carried[s], claimed, claimant, k)
        for age, s, claimed, claimant, k in zip(
            set_age[sets[doubtful]].tolist(),
            sets[doubtful].tolist(),
            node[doubtful].tolist(),
            part[doubtful].tolist(),
            doubtful.tolist(),
            strict=True,
        )
    )
    decided: dict[tuple[int, int], bool] = {}
    for _, _, claimed, claimant, k in queue:
        pair = claimed, claimant
        if pair not in decided:
            total = holds[claimant] + weight[claimed]
            decided[pair] = not (total + room) & full
            if decided[pair]:
                holds[claimant] = total
        allowed[k] = decided[pair]
    return allowed


def find_intervals(
    claims: Claims, ground: Ground, gained: Flags, stays: Flags, home: Ints
) -> Intervals:
    """Find who owned each claimed identifier, and when.

    Parameters
    ----------
    claims : Claims
        The claims.
    ground : Ground
        The parts.
    gained : bool[identifiers]
        Whether the first claimant of an identifier got events before the first claim.
    stays : bool[identifiers]
        Whether an event of it stays in the anonymous part.
    home : int32[identifiers]
        That part.

    Returns
    -------
    Intervals
        Consecutive claims of one owner are one interval. A part that was no owner at any time, since a smaller one
        claimed each time that it did, has an empty interval at its first claim. The anonymous part comes first, and
        ends with the first claim.
    """
    size = len(ground.part_of)
    new_node = np.diff(claims.node, prepend=-1) != 0
    begins = np.flatnonzero(new_node | (np.diff(claims.part, prepend=-1) != 0))
    node, part, time = claims.node[begins], claims.part[begins], claims.time[begins]
    is_first = new_node[begins]
    until = np.full(len(begins), NO_TIME, np.int64)
    followed = np.flatnonzero(~is_first) - 1
    until[followed] = time[followed + 1]
    since = np.where(is_first & gained[node], NO_TIME, time)
    left = is_first & stays[node]
    owners = distinct(member_key(node, part, size))
    never = ~among(claims.member, owners)
    moment = claims.member_time[never]
    parts = [
        (
            node[left],
            home[node[left]],
            np.full(left.sum(), -1),
            np.full(left.sum(), NO_TIME),
            time[left],
        ),
        (node, part, claims.age[begins], since, until),
        (
            claims.member[never] // size,
            claims.member[never] % size,
            claims.member_age[never],
            moment,
            moment,
        ),
    ]
    node, part, age, since, until = (np.concatenate(column) for column in zip(*parts, strict=True))
    # All that is linked with an identifier shares its fate.
    by_node = np.argsort(ground.node_of, kind="stable")
    start = np.searchsorted(ground.node_of[by_node], np.arange(size + 1))
    position, place = spans(start, node)
    identifier = by_node[position]
    # An interval comes before an empty one of the same moment: the sort is stable.
    order = np.lexsort((age[place], identifier))
    identifier, place = identifier[order], place[order]
    rows = np.stack([identifier, part[place], since[place], until[place]], axis=1)
    if (claims.time == NO_TIME).any():
        # Without times, intervals of one owner cannot be told apart.
        rows = rows[np.sort(np.unique(rows, axis=0, return_index=True)[1])]
    return Intervals(
        rows[:, 0].astype(np.int32), rows[:, 1].astype(np.int32), rows[:, 2], rows[:, 3]
    )
