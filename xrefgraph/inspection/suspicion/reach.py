"""How far an identifier reaches, and how surprising that is: whom it meets, and into how many groups its events fall."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import digamma

from xrefgraph.inspection.suspicion.raw_graph import RawGraph, alike
from xrefgraph.linking.components import smallest_connected
from xrefgraph.linking.evidence import distinct, spans
from xrefgraph.store import Store

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

#: Of a set that carries more identifiers than this, each meets the strongest of them only.
CROWD = 64


@dataclass(frozen=True)
class Reach:
    """How far identifiers reach: rows are identifiers, columns the types that they meet.

    Parameters
    ----------
    events : int64[identifiers, types]
        How many of the events that carry the identifier carry one of the type too.
    meets : int32[identifiers, types]
        How many different values of the type these carry; alike ones count once.
    groups : int32[identifiers, types]
        How many groups of events these are: events are of one group where they share another identifier.
    parts : int32[identifiers]
        How many groups of events there are in all that carry anything else.
    several : bool[identifiers]
        Whether two sets or more carry it, one of them at least with others: all others join nothing.
    same : int32[identifiers]
        The one that stands for each of those that are alike.
    """

    events: Longs
    meets: Ints
    groups: Ints
    parts: Ints
    several: Flags
    same: Ints


@dataclass(frozen=True)
class Meetings:
    """Whom the identifiers of some links meet: one event carries both.

    Parameters
    ----------
    link : int64[links]
        The links.
    identifier, other : int32[pairs]
        Who meets whom, ascending. Of others that are alike the first stands for all.
    sets : int32[pairs]
        How many sets carry both.
    occurrence, pair : int64[occurrences]
        Each time that one does: which of the links it is, and the number of the pair.
    """

    link: Longs
    identifier: Ints
    other: Ints
    sets: Ints
    occurrence: Longs
    pair: Longs


def read_reach(store: Store, raw: RawGraph) -> Reach:
    """Find out how far each identifier reaches.

    Parameters
    ----------
    store : Store
        The graph.
    raw : RawGraph
        What its events say.

    Notes
    -----
    Cost: the pairs of identifiers that sets carry are sorted once; of a set of more than 64, only those with the strongest 64. Where an
    identifier meets several values of a type, their spelling is compared, and what meets alike ones is looked at once more.
    """
    several = several_sets(raw)
    shape = (raw.identifiers, raw.types)
    events = np.empty(shape, np.int64, order="F")
    for rank in range(raw.types):
        weights = np.where(raw.type_counts[:, rank] > 0, raw.events, 0)[raw.link_set]
        events[:, rank] = np.bincount(raw.link, weights, raw.identifiers)
    meets, groups = (np.zeros(shape, np.int32, order="F") for _ in range(2))
    parts = np.zeros(raw.identifiers, np.int32)
    _count_single_sets(raw, ~several, meets, groups, parts)
    met = meetings(raw, None, several)
    _count_meetings(raw, met, meets, groups, parts)
    same = alike(store, raw, _of_several(raw, met, meets))
    again = np.zeros(raw.identifiers, bool)
    again[met.identifier[same[met.other] != met.other]] = True
    if again.any():
        meets[again] = groups[again] = 0
        parts[again] = 0
        _count_meetings(raw, meetings(raw, same, again), meets, groups, parts)
    return Reach(events, meets, groups, parts, several, same)


def several_sets(raw: RawGraph) -> Flags:
    """Say which identifiers two sets or more carry, one of them at least with others: bool[identifiers]. All others join nothing."""
    company = raw.link[raw.sizes[raw.link_set] > 1]
    carried = np.bincount(raw.link, minlength=raw.identifiers)
    return (carried > 1) & (np.bincount(company, minlength=raw.identifiers) > 0)


def _count_single_sets(
    raw: RawGraph, single: Flags, meets: Ints, groups: Ints, parts: Ints
) -> None:
    """Count what identifiers meet that one set carries: what stands there, in one group."""
    link = np.flatnonzero(single[raw.link] & (raw.sizes[raw.link_set] > 1))
    one, of_set = raw.link[link], raw.link_set[link]
    for rank in range(raw.types):
        there = raw.type_counts[of_set, rank] - (raw.rank[one] == rank)
        meets[one, rank] = there
        groups[one, rank] = there > 0
    parts[one] = 1


def _of_several(raw: RawGraph, met: Meetings, meets: Ints) -> Flags:
    """Which identifiers are one of several of their type that some identifier meets: bool[identifiers]."""
    found = np.zeros(raw.identifiers, bool)
    found[met.other[meets[met.identifier, raw.rank[met.other]] > 1]] = True
    return found


def _count_meetings(raw: RawGraph, met: Meetings, meets: Ints, groups: Ints, parts: Ints) -> None:
    """Count whom the identifiers of some links meet, and in how many groups: into the three arrays."""
    link = met.link
    met_rank = raw.rank[met.other]
    for rank in range(raw.types):
        meets[:, rank] += _counts(met.identifier[met_rank == rank], raw.identifiers)
    # Two sets that carry an identifier are of one group where they carry one more in common.
    ties = met.sets[met.pair] > 1
    a, b = met.occurrence[ties].astype(np.int32), (met.pair[ties] + len(link)).astype(np.int32)
    group = smallest_connected(a, b, len(link) + len(met.sets))[: len(link)]
    owner, of_set = raw.link[link], raw.link_set[link]
    parts += _counts(owner[group == np.arange(len(link))], raw.identifiers)
    for rank in range(raw.types):
        seen = np.zeros(len(link), bool)
        seen[group[raw.type_counts[of_set, rank] > 0]] = True
        groups[:, rank] += _counts(owner[seen], raw.identifiers)


def meetings(raw: RawGraph, same: Ints | None, among: Flags) -> Meetings:
    """Find out whom some identifiers meet.

    Parameters
    ----------
    raw : RawGraph
        What the events say.
    same : int32[identifiers], optional
        The one that stands for each of those that are alike.
    among : bool[identifiers]
        Who is asked for.
    """
    link = np.flatnonzero(among[raw.link] & (raw.sizes[raw.link_set] > 1))
    of_set, other, start = raw.link_set[link], raw.link, raw.start
    if same is not None:
        # Identifiers that are alike stand once in a set.
        sets = distinct(of_set)
        cells, place = spans(raw.start, sets)
        keys = distinct(place << 32 | same[raw.link[cells]])
        other = (keys & 0x7FFFFFFF).astype(np.int32)
        start = np.append(0, np.cumsum(np.bincount(keys >> 32, minlength=len(sets))))
        of_set = np.searchsorted(sets, of_set).astype(np.int32)
    begin = start[of_set]
    count = np.minimum(start[of_set + 1] - begin, CROWD)
    place = np.repeat(np.arange(len(link)), count)
    cell = np.arange(len(place)) + np.repeat(begin - (np.cumsum(count) - count), count)
    one, other = raw.link[link][place], other[cell]
    apart = other != (one if same is None else same[one])
    place, key = place[apart], one[apart].astype(np.int64) << 32 | other[apart]
    order = np.argsort(key)
    key = key[order]
    new = np.ones(len(key), bool)
    new[1:] = key[1:] != key[:-1]
    first = np.flatnonzero(new)
    return Meetings(
        link,
        (key[first] >> 32).astype(np.int32),
        (key[first] & 0x7FFFFFFF).astype(np.int32),
        np.diff(first, append=len(key)).astype(np.int32),
        place[order],
        np.cumsum(new) - 1,
    )


def _counts(of: npt.NDArray[np.integer], count: int) -> Ints:
    return np.bincount(of, minlength=count).astype(np.int32)


# ----------------------------------------------------------------------------------- what is usual


@dataclass(frozen=True)
class Rates:
    """What is usual: for each type the rate of :func:`usual_rate`, of the values that others meet and of the groups these are in.

    Parameters
    ----------
    meets, groups : tuple of float
        By rank.
    """

    meets: tuple[float, ...]
    groups: tuple[float, ...]


def usual_rates(raw: RawGraph, reach: Reach) -> Rates:
    """Find out what is usual in a graph: of each type, how readily identifiers of all other types meet one more value."""
    rates: dict[str, list[float]] = {"meets": [], "groups": []}
    for rank in range(raw.types):
        first, end = raw.bounds[rank : rank + 2]
        events = np.concatenate([reach.events[:first, rank], reach.events[end:, rank]])
        for name, values in (("meets", reach.meets), ("groups", reach.groups)):
            met = np.concatenate([values[:first, rank], values[end:, rank]])
            rates[name].append(usual_rate(met, events))
    return Rates(tuple(rates["meets"]), tuple(rates["groups"]))


def usual_rate(values: Ints, events: Longs) -> float:
    """Give the rate at which one more event brings one more value, as it is with most identifiers.

    The urn of Ewens (*The sampling theory of selectively neutral alleles*, 1972): after i events, the next brings a new value with the chance
    theta / (theta + i). So n events bring about theta H(n - 1) values beside the first, H being the harmonic numbers. Persons differ in theta; if
    it is spread exponentially, k more values come with the chance q ** k, q = m / (1 + m), m = theta H(n - 1).

    Parameters
    ----------
    values : int32[identifiers]
        How many different values each meets.
    events : int64[identifiers]
        In how many events.

    Returns
    -------
    float
        The theta that fits best how many of them meet more than one value. How many more these meet does not count, so that
        the few that people share do not spoil what is usual. Ten identifiers that were seen twice, one of them with two values, are
        supposed beside those that are given.

    Examples
    --------
    >>> round(usual_rate(np.array([1] * 980 + [9] * 10), np.array([2] * 990)), 3)
    0.011
    """
    seen = (values > 0) & (events > 1)
    n = events[seen]
    # Large numbers are put together where they differ by three per cent: the harmonic numbers differ by less.
    code = np.where(n <= 256, n, 256 + np.round(32 * np.log(np.maximum(n, 1) / 256))).astype(
        np.int64
    )
    count = np.bincount(code, minlength=3).astype(float)
    count[2] += 10
    more = float((values[seen] > 1).sum()) + 1
    codes = np.flatnonzero(count)
    mean = _harmonic(np.where(codes <= 256, codes, 256 * np.exp((codes - 256) / 32)))
    low, high = -30.0, 30.0
    for _ in range(60):
        middle = (low + high) / 2
        expected = np.exp(middle) * mean
        low, high = (
            (middle, high)
            if (count[codes] * expected / (1 + expected)).sum() < more
            else (low, middle)
        )
    return float(np.exp((low + high) / 2))


def surprise(values: Ints, events: Longs, rate: float) -> Floats:
    """Give how surprising it is that one person has so many values in so many events: decades, so that 2 is a chance of 1 in 100.

    Parameters
    ----------
    values, events : int[identifiers]
        As for :func:`usual_rate`, which gives the rate too.
    rate : float
        What is usual.

    Examples
    --------
    >>> surprise(np.array([1, 2, 9]), np.array([500, 2, 100]), 0.05).round(1).tolist()
    [0.0, 1.3, 5.5]
    """
    found = np.zeros(len(values))
    several = np.flatnonzero((values > 1) & (events > 1))
    expected = rate * _harmonic(events[several])
    found[several] = (values[several] - 1) * np.log10(1 + 1 / expected)
    return found


def _harmonic(n: npt.NDArray[Any]) -> Floats:
    """The harmonic number before n: 1 + 1/2 + ... + 1/(n - 1)."""
    found: Floats = digamma(np.asarray(n, np.float64)) + np.euler_gamma
    return found
