"""What of a profile's history is drawn: identifiers as lanes, and alike events as bars that join them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from xrefgraph.inspection.evidence.collapse import Collapsed, Longs, instant
from xrefgraph.inspection.merging.merges import Bar, Lane
from xrefgraph.inspection.merging.replay import Replay
from xrefgraph.linking.evidence import NO_TIME
from xrefgraph.networks import EventNode, IdentifierNode

#: So many lanes are listed at most, and so many bars: nobody can look at more.
MOST_LANES = 500

_LAST = np.iinfo(np.int64).max


def lane_places(
    found: Collapsed, tree: Replay, anchors: Longs, named: Sequence[Sequence[int]]
) -> Longs:
    """Give the identifiers that are lanes, in the order of their first sight.

    Parameters
    ----------
    found, tree
        The profile, and how it came together.
    anchors : int64[anchors]
        The places of its anchors: these come first.
    named : sequence of sequence of int
        The places that each step names, the weightiest step first: these come next, and then the others.
    """
    turn = np.full(found.identifiers, _LAST)
    for n, places in enumerate(named[:MOST_LANES], 1):
        of = list(places)
        turn[of] = np.minimum(turn[of], n)
    turn[anchors] = 0
    by_sight = np.lexsort((np.arange(found.identifiers), tree.first))
    best = by_sight[np.argsort(turn[by_sight], kind="stable")[:MOST_LANES]]
    return best[np.lexsort((best, tree.first[best]))]


def bar_groups(tree: Replay, steps: Sequence[int]) -> Longs:
    """Give the groups that are bars, in the order of their oldest events.

    Parameters
    ----------
    tree : Replay
        How the profile came together.
    steps : sequence of int
        The groups that made a step, the weightiest first: these come first, and then the others.
    """
    turn = np.full(len(tree.clock), _LAST)
    turn[list(steps)] = np.arange(len(steps))
    best = np.lexsort((tree.clock, turn))[:MOST_LANES]
    return best[np.argsort(tree.clock[best])]


def lanes_of(
    found: Collapsed, tree: Replay, places: Longs, names: Mapping[int, IdentifierNode]
) -> Iterator[Lane]:
    """Give identifiers as lanes, in their order."""
    lane = _numbered(found, places)
    links = np.flatnonzero(found.kept & (lane[found.link] >= 0))
    of, group = lane[found.link[links]], found.link_group[links]
    first, last = np.full(len(places), _LAST), np.full(len(places), NO_TIME)
    timed = found.first[group] != NO_TIME
    np.minimum.at(first, of[timed], found.first[group[timed]])
    np.maximum.at(last, of[timed], found.last[group[timed]])
    first[last == NO_TIME] = NO_TIME
    for n, place in enumerate(places.tolist()):
        yield Lane(
            names[place],
            int(tree.part_of_identifier[place]),
            instant(int(first[n])),
            instant(int(last[n])),
            int(found.carried[place]),
        )


def bars_of(
    found: Collapsed,
    groups: Longs,
    places: Longs,
    steps: Mapping[int, int],
    events: Mapping[int, EventNode],
) -> Iterator[Bar]:
    """Give groups as bars, in their order.

    Parameters
    ----------
    found : Collapsed
        The profile.
    groups, places : int64[bars], int64[lanes]
        The groups, and the identifiers that are lanes.
    steps : mapping of int to int
        The number of the step that a group made.
    events : mapping of int to EventNode
        The oldest event of each group.
    """
    lane = _numbered(found, places)
    for group in groups.tolist():
        span = slice(found.start[group], found.start[group + 1])
        carried = found.link[span][found.kept[span]]
        yield Bar(
            events[group],
            instant(int(found.oldest[group])),
            instant(int(found.last[group])),
            int(found.events[group]),
            tuple(sorted(n for n in lane[carried].tolist() if n >= 0)),
            steps.get(group),
        )


def _numbered(found: Collapsed, places: Longs) -> Longs:
    """The lane of each identifier; -1 where it is none."""
    lane = np.full(found.identifiers, -1, np.int64)
    lane[places] = np.arange(len(places))
    return lane
