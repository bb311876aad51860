"""Routes between two identifiers of a profile: the shortest, other ones, how many are independent, and what all of them pass.

Arrays in, arrays out. A node is the place of an identifier in a :class:`Collapsed`; of a route only the identifiers count,
since events that carry the same two identifiers are evidence for the same step. An event whose routes are asked for
becomes an identifier of its own: see :mod:`xrefgraph.inspection.evidence.ends`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse import csgraph

from xrefgraph.inspection.evidence.collapse import Collapsed, Flags, Ints, Longs
from xrefgraph.linking.components import smallest_connected
from xrefgraph.linking.evidence import distinct, spans

Floats = npt.NDArray[np.float64]

#: Its stubs know of lists of indices only.
_dijkstra: Any = csgraph.dijkstra

#: A route of more links is taken as it comes: which of several is the widest would cost a look at each of its places.
_LONG = 2_000


# ------------------------------------------------------------------------------------------ the shortest


@dataclass(frozen=True)
class Steps:
    """The graph of a profile as edges of both directions, ready to be searched.

    Parameters
    ----------
    matrix : csr_array
        Distances: 1 between an identifier and a group, 2 between identifiers that a decision links, so that
        each step from identifier to identifier is as long as any other.
    width : float64[nodes]
        How many events a node stands for; infinite for identifiers.
    """

    matrix: sparse.csr_array
    width: Floats


def steps_of(found: Collapsed, *, without: Iterable[int] = ()) -> Steps:
    """Make the graph of a profile ready for searches.

    Parameters
    ----------
    found : Collapsed
        The profile.
    without : iterable of int
        Identifiers that may not be used.
    """
    gone = np.zeros(found.identifiers, bool)
    gone[np.fromiter(without, np.int64)] = True
    links = found.kept & ~gone[found.link]
    pairs = found.decided[~gone[found.decided].any(axis=1)]
    a = np.concatenate([found.link[links], pairs[:, 0]])
    b = np.concatenate([found.link_group[links] + np.int32(found.identifiers), pairs[:, 1]])
    length = np.concatenate([np.ones(links.sum()), np.full(len(pairs), 2.0)])
    size = found.identifiers + found.groups
    ends = np.concatenate([a, b]), np.concatenate([b, a])
    matrix = sparse.csr_array((np.concatenate([length, length]), ends), shape=(size, size))
    # Two decisions on one pair would add up.
    matrix.data = np.minimum(matrix.data, 2.0)
    width = np.concatenate([np.full(found.identifiers, np.inf), found.events.astype(float)])
    return Steps(matrix, width)


def nodes_between(steps: Steps, a: int, b: int) -> list[int]:
    """Give the shortest route from one identifier to another as nodes, groups among them; empty where there is none.

    Of several as short, the one whose thinnest group of alike events is the largest; then the one with the
    stronger identifiers, from the beginning. Of a route of thousands of links, any is taken. Cost: a search from ``b``, and a pass
    over what is as near as ``a``.
    """
    return _nodes_on(steps.matrix, steps.width, a, b)


def _nodes_on(matrix: sparse.csr_array, width: Floats, a: int, b: int) -> list[int]:
    if a == b:
        return [a]
    distance, before = _dijkstra(matrix, indices=b, return_predecessors=True)
    if not np.isfinite(distance[a]):
        return []
    if distance[a] > _LONG:
        towards = before.tolist()
        route = [a]
        while route[-1] != b:
            route.append(towards[route[-1]])
        return route
    inside = distance <= distance[a]
    best = _widths(matrix, width, distance, inside, a, b)
    route = [a]
    while route[-1] != b:
        here = route[-1]
        span = slice(matrix.indptr[here], matrix.indptr[here + 1])
        near = matrix.indices[span]
        near = near[inside[near] & (distance[near] + matrix.data[span] == distance[here])]
        # The best that can still be had; of several the smallest number, so the stronger identifier.
        route.append(int(near[best[near] == best[near].max()].min()))
    return route


def _widths(
    matrix: sparse.csr_array, width: Floats, distance: Floats, inside: Flags, a: int, b: int
) -> Floats:
    """How wide the best of the shortest ways from each node to ``b`` is, as far as ``a`` is away: from the near ones to the far ones."""
    found = np.where(inside, 0.0, -1.0)
    found[b] = np.inf
    nodes = np.flatnonzero(inside)
    nodes = nodes[np.argsort(distance[nodes], kind="stable")]
    level = np.searchsorted(distance[nodes], np.arange(int(distance[a]) + 2))
    pointers = matrix.indptr.astype(np.int64)
    for d in range(1, int(distance[a]) + 1):
        here = nodes[level[d] : level[d + 1]]
        position, place = spans(pointers, here)
        near = matrix.indices[position]
        tight = inside[near] & (distance[near] + matrix.data[position] == d)
        best = np.zeros(len(here))
        np.maximum.at(best, place[tight], found[near[tight]])
        found[here] = np.minimum(best, width[here])
    return found


def identifiers_of(steps: Steps, nodes: Sequence[int]) -> list[int]:
    """Give the identifiers among some nodes."""
    return [n for n in nodes if not np.isfinite(steps.width[n])]


# --------------------------------------------------------------------------------------- other routes

#: No more searches are made than these for other routes.
SEARCHES = 500


def other_routes(
    found: Collapsed, a: int, b: int, k: int, *, avoid: Iterable[int] = ()
) -> tuple[list[list[int]], bool]:
    """Give the k shortest routes from one identifier to another that pass no identifier twice.

    Parameters
    ----------
    found : Collapsed
        The profile.
    a, b : int
        Two identifiers.
    k : int
        How many routes at most.
    avoid : iterable of int
        Identifiers that may not be used.

    Returns
    -------
    routes : list of list of int
        The identifiers of each; shortest first, then the stronger identifiers.
    searched : bool
        Whether all was searched: False where there may be other routes as short, since that would have taken more than
        ``SEARCHES`` searches.

    Notes
    -----
    Yen's algorithm (Finding the k shortest loopless paths in a network, 1971), on identifiers: two routes that differ
    in their events alone are one. Cost: a breadth-first search for each place where another route might branch off.
    """
    avoided = frozenset(avoid)
    steps = steps_of(found, without=avoided)
    first = identifiers_of(steps, nodes_between(steps, a, b))
    if not first:
        return [], True
    routes, waiting, searches = [first], set[tuple[int, ...]](), 0
    # Between its neighbours on the way, an identifier that is met with two others or fewer has no place to branch off.
    room = _room(found)
    while len(routes) < k:
        last, alike = routes[-1], routes
        passed = set(avoided)
        for turn, here in enumerate(last[:-1]):
            passed.add(here)
            # Those that have come the same way so far: what they take next is not taken once more.
            alike = [one for one in alike if turn < len(one) - 1 and one[turn] == here]
            if room[here] <= min(turn + 1, 2):
                continue
            taken = {one[turn + 1] for one in alike}
            near = _next_identifiers(steps, here).tolist()
            branches = [n for n in near if n not in passed and n not in taken]
            if not branches:
                continue
            searches += 1
            if searches > SEARCHES:
                return routes, False
            rest = _shortest_of(steps_of(found, without=passed), branches, b)
            if rest:
                waiting.add((*last[: turn + 1], *rest))
        waiting -= {tuple(route) for route in routes}
        if not waiting:
            break
        best = min(waiting, key=lambda route: (len(route), route))
        routes.append(list(best))
    return routes, True


def _room(found: Collapsed) -> Longs:
    """How many identifiers each one is met with, at most: int64[identifiers]."""
    links = np.flatnonzero(found.kept)
    others = np.diff(found.start)[found.link_group[links]] - 1
    met = np.bincount(found.link[links], others, found.identifiers).astype(np.int64)
    return met + np.bincount(found.decided.ravel(), minlength=found.identifiers)


def _next_identifiers(steps: Steps, a: int) -> Ints:
    """The identifiers that are one step from another one, ascending."""
    matrix = steps.matrix
    near = matrix.indices[matrix.indptr[a] : matrix.indptr[a + 1]]
    is_group = np.isfinite(steps.width[near])
    position, _ = spans(matrix.indptr.astype(np.int64), near[is_group])
    return distinct(np.concatenate([near[~is_group], matrix.indices[position]]).astype(np.int32))


def _shortest_of(steps: Steps, beginnings: Sequence[int], b: int) -> list[int]:
    """The shortest route to ``b`` from the best of some identifiers; empty where none leads there."""
    distance = _dijkstra(steps.matrix, indices=b)
    near = distance[list(beginnings)]
    if not np.isfinite(near).any():
        return []
    # Of several as near the strongest: they ascend.
    return identifiers_of(steps, nodes_between(steps, beginnings[int(near.argmin())], b))


# ------------------------------------------------------------------------------- what all routes pass


@dataclass(frozen=True)
class Separator:
    """Something that every route between two identifiers passes.

    Parameters
    ----------
    kind : {"identifier", "group", "decision"}
        An identifier, a group of alike events, or a decision that links two identifiers.
    place : int
        The identifier, or the group; of a decision the first of its two identifiers on the way.
    at : int
        The step of the route that leads to it; of a decision the step that it is.
    before, after : int
        How many events are left on the side of either end when it is gone.
    """

    kind: str
    place: int
    at: int
    before: int
    after: int


def separators(found: Collapsed, steps: Steps, nodes: Sequence[int]) -> list[Separator]:
    """Give what every route between the two ends of a route passes, on the way from one to the other.

    These are the articulation points between the two, without the ends, and the decisions that are bridges.

    Parameters
    ----------
    found : Collapsed
        The profile.
    steps : Steps
        The same, ready for searches.
    nodes : sequence of int
        A shortest route, with its groups: what :func:`nodes_between` gives.

    Notes
    -----
    What lies beside the route hangs on it at some places, and makes a way around all that is between the first and the last of
    them. A node of the route is passed by all routes if nothing makes a way around it. Cost: one search for connected
    components.
    """
    count, size = len(nodes), found.identifiers
    place = np.full(steps.matrix.shape[0], -1, np.int64)
    place[list(nodes)] = np.arange(count)
    edges = steps.matrix.tocoo()
    a, b = edges.row, edges.col
    once = a < b
    a, b = a[once], b[once]
    on_a, on_b = place[a] >= 0, place[b] >= 0
    beside = ~on_a & ~on_b
    part = smallest_connected(a[beside].astype(np.int32), b[beside].astype(np.int32), len(place))
    hanging = on_a != on_b
    of_part = part[np.where(on_a, b, a)[hanging]]
    at = np.where(on_a, place[a], place[b])[hanging]
    low, high = np.full(len(place), count), np.full(len(place), -1)
    np.minimum.at(low, of_part, at)
    np.maximum.at(high, of_part, at)
    around = np.flatnonzero(high > low)
    # A shortest route has no shortcut, so an edge between two of its nodes is a step of it.
    furthest = np.zeros(count, np.int64)
    np.maximum.at(furthest, low[around], high[around])
    reach = np.maximum.accumulate(furthest).tolist()
    events = _events_along(found, place, part, low, high, count)
    before = np.concatenate([[0], np.cumsum(events)]).tolist()
    kept: list[Separator] = []
    step = -1
    for n, node in enumerate(nodes[:-1]):
        step += node < size
        if n and reach[n - 1] <= n:
            kind, which = ("identifier", node) if node < size else ("group", node - size)
            sides = before[2 * n], before[-1] - before[2 * n + 1]
            kept.append(Separator(kind, which, step - (node < size), *sides))
        if reach[n] <= n and node < size and nodes[n + 1] < size:
            sides = before[2 * n + 1], before[-1] - before[2 * n + 2]
            kept.append(Separator("decision", node, step, *sides))
    return kept


def _events_along(
    found: Collapsed, place: Longs, part: Ints, low: Longs, high: Longs, count: int
) -> Longs:
    """How many events there are along a route: at node n in 2n, also what hangs on it alone; between it and later ones in 2n + 1."""
    groups = np.arange(found.groups) + found.identifiers
    on = place[groups] >= 0
    of = part[groups]
    where = np.where(on, 2 * place[groups], 2 * low[of] + (high[of] > low[of]))
    # What hangs on nothing of the route belongs to no side: it is of another piece, or stands for nothing any more.
    there = on | (high[of] >= 0)
    return np.bincount(where[there], found.events[there], 2 * count).astype(np.int64)


# ------------------------------------------------------------------------------------------- evidence


def step_groups(found: Collapsed, route: Sequence[int]) -> tuple[Ints, Ints]:
    """Give the groups of events that carry both identifiers of a step of a route, and the step: by step, then by group.

    Step n leads from ``route[n]`` to ``route[n + 1]``.
    """
    place = np.full(found.identifiers, -1, np.int64)
    place[list(route)] = np.arange(len(route))
    on = np.flatnonzero(found.kept & (place[found.link] >= 0))
    # On a shortest route an event carries two neighbours at most, but any route may be asked for.
    keys = distinct(found.link_group[on].astype(np.int64) * len(route) + place[found.link[on]])
    group, at = keys // len(route), keys % len(route)
    after = np.flatnonzero((group[1:] == group[:-1]) & (at[1:] == at[:-1] + 1))
    order = np.lexsort((group[after], at[after]))
    return group[after][order].astype(np.int32), at[after][order].astype(np.int32)
