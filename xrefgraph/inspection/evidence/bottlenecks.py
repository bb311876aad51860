"""Where a profile is thin: the lightest cuts between two identifiers, how many routes are independent, and which side each is on.

Arrays in, arrays out; a node is the place of an identifier in a :class:`Collapsed`, as in :mod:`xrefgraph.inspection.evidence.routes`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse import csgraph

from xrefgraph.inspection.evidence.collapse import Collapsed, Flags, Ints
from xrefgraph.inspection.evidence.routes import Separator
from xrefgraph.linking.evidence import distinct
from xrefgraph.schema import Schema

Floats = npt.NDArray[np.float64]

#: Flows are 32-bit integers, so all weights together stay below this.
_MOST = 2**30


@dataclass(frozen=True)
class Cut:
    """What parts two identifiers when it is removed, and nothing less of it does.

    Parameters
    ----------
    identifiers : int32[some]
        Identifiers to block, where the cut is one of values.
    groups : int32[some]
        Groups whose events are to be removed, where it is one of events; the groups of the links, where it is one of links.
    linked : int32[some]
        The identifier of each of these links.
    weight : float
        Its weight: events times trust.
    """

    identifiers: Ints
    groups: Ints
    linked: Ints
    weight: float


_NONE = np.empty(0, np.int32)


@dataclass(frozen=True)
class _Between:
    """The part of a profile that lies between two identifiers: what hangs on one place is on no route between them."""

    group: Ints
    identifier: Ints
    decided: Ints


def _between(found: Collapsed, a: int, b: int) -> _Between:
    links = np.flatnonzero(found.kept)
    group, identifier = found.link_group[links], found.link[links]
    decided = found.decided
    is_end = np.zeros(found.identifiers, bool)
    is_end[[a, b]] = True
    # A few rounds of taking away loose ends leave little of most profiles; a chain is left as it is after these.
    for _ in range(12):
        carried = np.bincount(group, minlength=found.groups)[group] > 1
        degree = np.bincount(identifier, minlength=found.identifiers)
        degree += np.bincount(decided.ravel(), minlength=found.identifiers)
        held = carried & ((degree > 1) | is_end)[identifier]
        firm = ((degree > 1) | is_end)[decided].all(axis=1)
        if held.all() and firm.all():
            break
        group, identifier, decided = group[held], identifier[held], decided[firm]
    return _Between(group, identifier, decided)


def _flow(
    found: Collapsed, ends: tuple[int, int], inner: Floats, weights: Floats, decided: float
) -> tuple[float, Any, Any]:
    """The largest flow from one identifier to another.

    Parameters
    ----------
    ends : (int, int)
    inner : float64[identifiers + groups]
        What flows through each node at most; infinite for the two ends.
    weights : float64[links]
        What flows along each link that holds, either way.
    decided : float
        What flows between identifiers that a decision links.

    Returns
    -------
    flow, (in, out, capacity), reached
        Infinite if nothing finite parts the two. The edges of finite capacity as nodes of the network, where node n is entered at n
        and left at n + size; and which nodes of the network are reached before what is full.
    """
    a, b = ends
    between = _between(found, a, b)
    size = found.identifiers + found.groups
    nodes = distinct(
        np.concatenate(
            [
                between.identifier,
                between.group + np.int32(found.identifiers),
                between.decided.ravel(),
                [a, b],
            ]
        ).astype(np.int32)
    )
    local = np.full(size, -1, np.int32)
    local[nodes] = np.arange(len(nodes), dtype=np.int32)
    count = len(nodes)
    u = local[np.concatenate([between.identifier, between.decided[:, 0]])]
    v = local[np.concatenate([between.group + np.int32(found.identifiers), between.decided[:, 1]])]
    along = np.concatenate(
        [weights[_link_places(found, between)], np.full(len(between.decided), decided)]
    )
    through = inner[nodes]
    tail = np.concatenate([np.arange(count, dtype=np.int32), u + count, v + count])
    head = np.concatenate([np.arange(count, dtype=np.int32) + count, v, u])
    amount = np.concatenate([through, along, along])
    finite = np.isfinite(amount)
    total = float(amount[finite].sum())
    scale = (
        1.0
        if np.array_equal(amount[finite], np.round(amount[finite])) and total < _MOST
        else min(1e6, _MOST / max(total, 1e-9))
    )
    whole = np.full(len(amount), _MOST + 1, np.int64)
    whole[finite] = np.maximum(1, np.round(amount[finite] * scale))
    limit = int(min(_MOST, whole[finite].sum())) + 1
    capacity = np.minimum(whole, limit).astype(np.int32)
    network = sparse.csr_array((capacity, (tail, head)), shape=(2 * count, 2 * count))
    source, sink = int(local[a]) + count, int(local[b])
    result = csgraph.maximum_flow(network, source, sink)
    if result.flow_value >= limit:
        return np.inf, None, None
    residual: Any = network - result.flow
    residual.data = np.maximum(residual.data, 0)
    residual.eliminate_zeros()
    order = csgraph.breadth_first_order(residual, source, return_predecessors=False)
    reached = np.zeros(2 * size, bool)
    global_node = np.concatenate([nodes, nodes + size])
    reached[global_node[order]] = True
    edges = global_node[tail], global_node[head], amount
    return float(result.flow_value) / scale, edges, reached


def _link_places(found: Collapsed, between: _Between) -> Ints:
    """The places of the links that lie between."""
    key = found.link_group[found.kept].astype(np.int64) * found.identifiers + found.link[found.kept]
    wanted = between.group.astype(np.int64) * found.identifiers + between.identifier
    return np.flatnonzero(found.kept)[np.searchsorted(key, wanted)].astype(np.int32)


def _full(edges: Any, reached: Flags) -> npt.NDArray[np.int64]:
    """The edges that lead from what is reached to what is not: those of the cut."""
    tail, head, _ = edges
    return np.flatnonzero(reached[tail] & ~reached[head])


def independent_routes(found: Collapsed, a: int, b: int) -> int:
    """Say how many routes between two identifiers have no other identifier, no event and no decision in common.

    By Menger's theorem (Zur allgemeinen Kurventheorie, 1927), it is also the number of identifiers, events and decisions that one must
    take away to part the two: 1 is fragile.
    """
    inner = np.concatenate([np.ones(found.identifiers), _own_events(found).astype(float)])
    inner[[a, b]] = np.inf
    along = np.full(len(found.link), np.inf)
    # Of an event that is asked for, each link is a way of its own, also the one to the other end.
    along[
        ~np.isfinite(inner[found.identifiers + found.link_group]) & (found.rank[found.link] >= 0)
    ] = 1
    flow, _, _ = _flow(found, (a, b), inner, along, 1.0)
    return round(flow)


def _own_events(found: Collapsed) -> npt.NDArray[np.float64]:
    """How many events each group has; infinite for one that stands for an event that is asked for."""
    events = found.events.astype(float)
    asked = found.link_group[found.rank[found.link] < 0]
    events[asked] = np.inf
    return events


def identifier_weights(found: Collapsed, trust: Floats) -> Floats:
    """Give the weight of each identifier: the events that carry it, times the trust of its type."""
    return found.carried * _trust(found, trust)


def type_trust(schema: Schema) -> Floats:
    """Give how much one event weighs as evidence, by the rank of the type: float64[types]."""
    return np.array([kind.trust for kind in schema.ranked], float)


def _trust(found: Collapsed, trust: Floats) -> Floats:
    weights = np.where(found.rank >= 0, trust[found.rank], np.inf)
    return weights.astype(float)


def lightest_values(
    found: Collapsed, a: int, b: int, trust: Floats, *, of: Sequence[int] | None = None
) -> Cut | None:
    """Give the lightest set of identifiers that parts two others when it is blocked; None if one event carries both, or a decision links them.

    Parameters
    ----------
    found : Collapsed
        The profile.
    a, b : int
        Two identifiers.
    trust : float64[types]
        How much one event weighs, by the rank of the type.
    of : sequence of int, optional
        Only these are blocked; None is given where that does not part the two.

    Notes
    -----
    A minimum vertex cut, by the largest flow through nodes that are split in two (Ford and Fulkerson, Maximal flow through a network,
    1956; scipy's is Dinic's). It weighs an identifier by the events that carry it: a cut that counts identifiers blames whichever is rare.
    """
    weights = identifier_weights(found, trust)
    if of is not None:
        weights[~np.isin(np.arange(found.identifiers), of)] = np.inf
    inner = np.concatenate([weights, np.full(found.groups, np.inf)])
    inner[[a, b]] = np.inf
    flow, edges, reached = _flow(found, (a, b), inner, np.full(len(found.link), np.inf), np.inf)
    if not np.isfinite(flow):
        return None
    cut = edges[0][_full(edges, reached)].astype(np.int32)
    return Cut(np.sort(cut), _NONE, _NONE, float(inner[cut].sum()))


def lightest_events(
    found: Collapsed, a: int, b: int, trust: Floats, *, of: Sequence[int] | None = None
) -> Cut | None:
    """Give the lightest set of events, in groups of alike ones, that parts two identifiers; None if a decision links them, or one is an event.

    An event weighs as much as the most trusted of its types. With ``of``, only events that carry one of these identifiers are removed.
    """
    best = np.zeros(found.groups)
    np.maximum.at(best, found.link_group[found.kept], _trust(found, trust)[found.link[found.kept]])
    weights = np.maximum(_own_events(found) * best, 0)
    if of is not None:
        touched = found.link_group[np.isin(found.link, of)]
        weights[~np.isin(np.arange(found.groups), touched)] = np.inf
    inner = np.concatenate([np.full(found.identifiers, np.inf), weights])
    flow, edges, reached = _flow(found, (a, b), inner, np.full(len(found.link), np.inf), np.inf)
    if not np.isfinite(flow):
        return None
    cut = (edges[0][_full(edges, reached)] - found.identifiers).astype(np.int32)
    return Cut(_NONE, np.sort(cut), _NONE, float(weights[cut].sum()))


def lightest_links(
    found: Collapsed, a: int, b: int, trust: Floats, *, of: Sequence[int] | None = None
) -> Cut | None:
    """Give the lightest set of links, each of an identifier with a group of alike events, that parts two identifiers.

    None if a decision links them. With ``of``, only links of these identifiers are cut; None if that does not part the two.
    """
    inner = np.full(found.identifiers + found.groups, np.inf)
    weights = found.events[found.link_group] * _trust(found, trust)[found.link]
    if of is not None:
        weights[~np.isin(found.link, of)] = np.inf
    flow, edges, reached = _flow(found, (a, b), inner, weights, np.inf)
    if not np.isfinite(flow):
        return None
    size = found.identifiers + found.groups
    full = _full(edges, reached)
    tail, head = edges[0][full] % size, edges[1][full]
    identifier = np.minimum(tail, head).astype(np.int32)
    group = (np.maximum(tail, head) - found.identifiers).astype(np.int32)
    order = np.lexsort((group, identifier))
    return Cut(_NONE, group[order], identifier[order], float(edges[2][full].sum()))


def firmness(
    found: Collapsed, one: Separator, weights: Floats, trust: Floats
) -> tuple[float, float, int, int]:
    """How firmly something holds together what is on its two sides; for a sort, the least firm first."""
    if one.kind == "identifier":
        # It joins two sides, and is carried by events of both.
        weight = float(weights[one.place]) / 2
    elif one.kind == "group":
        carried = found.link[found.start[one.place] : found.start[one.place + 1]]
        ranks = found.rank[carried]
        weight = float(found.events[one.place] * trust[ranks[ranks >= 0]].max(initial=0))
    else:
        weight = 1.0
    # Of equals an identifier, since it can be blocked, and of these one of a weaker type.
    kinds = {"identifier": 0, "group": 1, "decision": 2}
    return weight / (min(one.before, one.after) + 0.5), weight, kinds[one.kind], -one.place


def thinnest(
    found: Collapsed, ends: tuple[int, int], passed: Sequence[Separator], trust: Floats
) -> tuple[Separator | None, Ints]:
    """Give what most likely joins wrongly what is on the two sides: one thing that all routes pass, or several values.

    Parameters
    ----------
    found : Collapsed
        The profile.
    ends : (int, int)
        Two identifiers.
    passed : sequence of Separator
        What all routes between them pass, as far as it may be blamed.
    trust : float64[types]
        How much one event weighs.

    Returns
    -------
    separator : Separator or None
        The one that holds most together with least: see :func:`firmness`.
    identifiers : int32[some]
        Where no single thing is passed by all, or several values together weigh less than it: the lightest cut of values. Else empty.
    """
    weights = identifier_weights(found, trust)
    best = min(passed, key=lambda one: firmness(found, one, weights, trust)) if passed else None
    if best is not None and best.kind != "identifier":
        return best, _NONE
    cut = lightest_values(found, *ends, trust)
    if cut is not None and (
        best is None or (len(cut.identifiers) > 1 and cut.weight < weights[best.place])
    ):
        return None, cut.identifiers
    return best, _NONE
