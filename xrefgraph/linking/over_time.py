"""`over_time`: what `isolate` sets apart goes from owner to owner, as the events say."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xrefgraph.linking.claims import Claims, Ground, find_claims, find_intervals, survey
from xrefgraph.linking.conflicts import cut_links
from xrefgraph.linking.evidence import (
    NO_TIME,
    Cuts,
    Evidence,
    Flags,
    Ints,
    Longs,
    Rules,
    TimedPartition,
    spans,
)
from xrefgraph.linking.isolate import Isolation, find_territories
from xrefgraph.linking.partition import joined


def over_time(evidence: Evidence, rules: Rules, *, claim_back: bool | int = True) -> TimedPartition:
    """Isolate, and then let each contested identifier belong to who claimed it last.

    Parameters
    ----------
    evidence : Evidence
        With all events.
    rules : Rules
        What may not share a profile; of `top` an anchored profile has a value.
    claim_back : bool or int
        Whether the first claimant gets the events before the first claim. An integer: those of so many
        microseconds before it, and only where both have a time.

    Returns
    -------
    TimedPartition
        The parts, the part of each event, the cuts, and who owned what and when.

    Notes
    -----
    What is left in the anonymous parts is what their events still hold together.

    Cost: as `isolate`; and sorting the claims, of which an event has one for each anchored part and each
    contested identifier that it carries.
    """
    isolation = find_territories(evidence, rules)
    ground = survey(evidence, rules, isolation)
    claims = find_claims(evidence, rules, ground)
    winner, decider = find_winners(evidence, ground, claims, claim_back=claim_back)
    home, stays = what_stays(evidence, rules, ground, winner)
    cuts, gained = find_cuts(evidence, isolation, ground, claims, Moves(winner, decider))
    contested = isolation.contested
    contested[cuts.identifier] = True
    # Claims stand in order of time: the last of an identifier is its owner now.
    owner = np.full(evidence.identifiers, -1, np.int32)
    owner[claims.node] = claims.part
    owner = owner[ground.node_of]
    strongest = evidence.strongest[evidence.events()[0]]
    return TimedPartition(
        part_of=np.where(owner >= 0, owner, home),
        contested=contested,
        cuts=cuts,
        event_part=np.where(winner >= 0, winner, home[strongest]),
        owned=find_intervals(claims, ground, gained, stays, home),
    )


@dataclass(frozen=True)
class Moves:
    """Where events go that nobody's own identifier holds.

    Attributes
    ----------
    winner : int32[events]
        The anchored part that the event goes to; -1 if it stays with its strongest identifier.
    decider : int32[sets]
        The strongest claimed identifier of a set that lies outside the anchored parts as a whole, else -1.
    """

    winner: Ints
    decider: Ints


def find_winners(
    evidence: Evidence, ground: Ground, claims: Claims, *, claim_back: bool | int
) -> tuple[Ints, Ints]:
    """Find for each event outside the anchored parts who has claimed it."""
    event_set, event_time = evidence.events()
    identifier = evidence.set_identifier
    winner = np.full(len(event_set), -1, np.int32)
    decider = np.full(len(evidence.set_events), -1, np.int32)
    if not len(claims.node):
        return winner, decider
    is_claimed = np.zeros(evidence.identifiers, bool)
    is_claimed[claims.node] = True
    links = np.flatnonzero(is_claimed[ground.node_of[identifier]])[::-1]
    decider[evidence.link_set[links]] = ground.node_of[identifier[links]]
    decider[evidence.link_set[~ground.outside[identifier]]] = -1

    event = np.flatnonzero(decider[event_set] >= 0)
    node, age, time = decider[event_set[event]], ground.age[event], event_time[event]
    ages = int(ground.age.max()) + 1
    key = claims.node * np.int64(ages) + claims.age
    latest = np.searchsorted(key, node * np.int64(ages) + age, side="right") - 1
    has_one = (latest >= 0) & (claims.node[latest] == node)
    first = np.searchsorted(claims.node, node)
    if isinstance(claim_back, bool):
        is_back = np.full(len(event), claim_back)
    else:
        timed = (time != NO_TIME) & (claims.time[first] != NO_TIME)
        is_back = timed & (claims.time[first] - np.where(timed, time, 0) <= claim_back)
    winner[event] = np.where(
        has_one, claims.part[latest], np.where(is_back, claims.part[first], np.int32(-1))
    )
    return winner, decider


def what_stays(
    evidence: Evidence, rules: Rules, ground: Ground, winner: Ints
) -> tuple[Ints, Flags]:
    """Find the anonymous parts that are left, and which identifiers an event holds there.

    Returns
    -------
    int32[identifiers]
        The part of each identifier as if nobody had claimed it.
    bool[identifiers]
        Whether an event that stays in an anonymous part carries it, or what is linked with it.
    """
    event_set, _ = evidence.events()
    link_set, identifier = evidence.link_set, evidence.set_identifier
    has_rest = np.zeros(len(evidence.set_events), bool)
    has_rest[event_set[winner < 0]] = True
    kept = has_rest[link_set] & ground.outside[identifier] & ~cut_links(evidence, ground.part_of)
    stays = np.zeros(evidence.identifiers, bool)
    stays[ground.node_of[identifier[kept]]] = True
    left = joined(evidence, rules, kept)
    return np.where(ground.outside, left, ground.part_of), stays[ground.node_of]


def find_cuts(
    evidence: Evidence, isolation: Isolation, ground: Ground, claims: Claims, moves: Moves
) -> tuple[Cuts, Flags]:
    """Find the links that each event loses, and which identifiers were claimed back.

    Returns
    -------
    Cuts
        By event and identifier.
    bool[identifiers]
        Whether the first claimant of an identifier got an event of it before the first claim.
    """
    size = evidence.identifiers
    event_set, _ = evidence.events()
    link_set, identifier = evidence.link_set, evidence.set_identifier
    node = ground.node_of[identifier]
    own = ground.part_of[evidence.strongest[link_set]]
    # What stays where its strongest identifier is loses what isolate cuts, but for what its part claimed.
    lost = np.flatnonzero(cut_links(evidence, ground.part_of) & ~claims.holds(node, own, size))
    start = np.searchsorted(link_set[lost], np.arange(len(evidence.set_events) + 1))
    position, place = spans(start, event_set)
    still = moves.winner[place] < 0
    event, link = place[still], lost[position[still]]
    # What moved keeps what its new part claimed.
    moved = np.flatnonzero(moves.winner >= 0)
    position, place = spans(evidence.set_start, event_set[moved])
    moved = moved[place]
    gone = ~claims.holds(node[position], moves.winner[moved], size)
    gained = claimed_back(ground, claims, node[position], moved, moves.winner)
    event = np.concatenate([event, moved[gone]])
    link = np.concatenate([link, position[gone]])
    order = np.lexsort((link, event))
    event, link = event[order], link[order]
    a, b = isolation.link_a[link], isolation.link_b[link]
    unnamed = np.flatnonzero(a < 0)
    a[unnamed], b[unnamed] = rivals_of(
        isolation,
        ground,
        moves.decider[event_set[event[unnamed]]],
        moves.winner[event[unnamed]],
        identifier[link[unnamed]],
    )
    return Cuts(event.astype(np.int32), identifier[link], a, b), gained


def claimed_back(ground: Ground, claims: Claims, node: Ints, event: Longs, winner: Ints) -> Flags:
    """Say which identifiers the first claimant has events of that are older than the first claim."""
    gained = np.zeros(len(ground.part_of), bool)
    if len(claims.node):
        first = np.minimum(np.searchsorted(claims.node, node), len(claims.node) - 1)
        back = (
            (claims.node[first] == node)
            & (claims.age[first] > ground.age[event])
            & (claims.part[first] == winner[event])
        )
        gained[node[back]] = True
    return gained


def rivals_of(
    isolation: Isolation, ground: Ground, decider: Ints, winner: Ints, identifier: Ints
) -> tuple[Ints, Ints]:
    """Name the two who contest what an event moved for: the one on the winner's side, and the one on the other."""
    lowest, highest = isolation.rivals[decider].T
    part_of = ground.part_of
    # A rival can lie in neither part: a later pass may have set it apart itself.
    as_it_is = (part_of[lowest] == winner) | (part_of[highest] == part_of[identifier])
    as_it_is &= part_of[highest] != winner
    return np.where(as_it_is, lowest, highest), np.where(as_it_is, highest, lowest)
