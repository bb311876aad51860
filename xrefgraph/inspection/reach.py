"""How far an identifier reaches, and how surprising that is: whom it meets, and into how many groups its events fall."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import digamma

from xrefgraph.inspection.raw_graph import RawGraph, alike
from xrefgraph.linking.components import smallest_connected
from xrefgraph.linking.evidence import distinct
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
    same : int32[identifiers]
        The one that stands for each of those that are alike.
    """

    events: Longs
    meets: Ints
    groups: Ints
    parts: Ints
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
        Each time that one does: the link of the identifier, and the number of the pair.
    """

    link: Longs
    identifier: Ints
    other: Ints
    sets: Ints
    occurrence: Longs
    pair: Longs


def several_sets(raw: RawGraph) -> Flags:
    """Say which identifiers two sets or more carry, one of them at least with others: bool[identifiers]. All others join nothing."""
    company = raw.link[raw.sizes[raw.link_set] > 1]
    carried = np.bincount(raw.link, minlength=raw.identifiers)
    return (carried > 1) & (np.bincount(company, minlength=raw.identifiers) > 0)


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
    has = _has_type(raw)
    events = np.empty((raw.identifiers, raw.types), np.int64)
    for rank in range(raw.types):
        weights = np.where(has[:, rank], raw.events, 0)[raw.link_set]
        events[:, rank] = np.bincount(raw.link, weights, raw.identifiers)
    meets, groups = _of_single_sets(raw, ~several)
    parts = (groups.sum(axis=1) > 0).astype(np.int32)

    itself = np.arange(raw.identifiers, dtype=np.int32)
    met = meetings(raw, itself, several)
    _count_meetings(raw, met, has, meets, groups, parts)
    same = alike(store, raw, _of_several(raw, met, meets))
    touched = np.zeros(raw.identifiers, bool)
    touched[met.identifier[same[met.other] != met.other]] = True
    if touched.any():
        again = several & touched
        meets[again] = groups[again] = 0
        parts[again] = 0
        _count_meetings(raw, meetings(raw, same, again), has, meets, groups, parts)
    return Reach(events, meets, groups, parts, same)


def _of_single_sets(raw: RawGraph, single: Flags) -> tuple[Ints, Ints]:
    """What identifiers meet that one set carries: what stands there, in one group."""
    meets, groups = (np.zeros((raw.identifiers, raw.types), np.int32) for _ in range(2))
    link = np.flatnonzero(single[raw.link] & (raw.sizes[raw.link_set] > 1))
    for rank in range(raw.types):
        there = _counts(raw.link_set[raw.link_rank == rank], raw.sets)[raw.link_set[link]]
        there -= raw.link_rank[link] == rank
        meets[raw.link[link], rank] = there
        groups[raw.link[link], rank] = there > 0
    return meets, groups


def _of_several(raw: RawGraph, met: Meetings, meets: Ints) -> Flags:
    """Which identifiers are one of several of their type that some identifier meets: bool[identifiers]."""
    found = np.zeros(raw.identifiers, bool)
    found[met.other[meets[met.identifier, raw.rank[met.other]] > 1]] = True
    return found


def _count_meetings(
    raw: RawGraph, met: Meetings, has: Flags, meets: Ints, groups: Ints, parts: Ints
) -> None:
    """Count whom the identifiers of some links meet, and in how many groups: into the three arrays."""
    link = met.link
    for rank in range(raw.types):
        here = raw.rank[met.other] == rank
        meets[:, rank] += _counts(met.identifier[here], raw.identifiers)
    # Two sets that carry an identifier are of one group where they carry one more in common.
    ties = met.sets[met.pair] > 1
    node = np.full(len(raw.link), -1, np.int32)
    node[link] = np.arange(len(link), dtype=np.int32)
    a, b = node[met.occurrence[ties]], (met.pair[ties] + len(link)).astype(np.int32)
    group = smallest_connected(a, b, len(link) + len(met.sets))[: len(link)]
    owner = raw.link[link]
    parts += _counts(owner[group == np.arange(len(link))], raw.identifiers)
    for rank in range(raw.types):
        seen = np.zeros(len(link), bool)
        seen[group[has[raw.link_set[link], rank]]] = True
        groups[:, rank] += _counts(owner[seen], raw.identifiers)


def meetings(raw: RawGraph, same: Ints, among: Flags) -> Meetings:
    """Find out whom some identifiers meet."""
    link = np.flatnonzero(among[raw.link] & (raw.sizes[raw.link_set] > 1))
    # Identifiers that are alike stand once in a set.
    keys = distinct(raw.link_set.astype(np.int64) << 32 | same[raw.link])
    start = np.searchsorted(keys >> 32, np.arange(raw.sets + 1))
    begin = start[raw.link_set[link]]
    count = np.minimum(start[raw.link_set[link] + 1] - begin, CROWD)
    place = np.repeat(np.arange(len(link)), count)
    offset = np.arange(len(place)) - np.repeat(np.cumsum(count) - count, count)
    one, other = raw.link[link][place], (keys[begin[place] + offset] & 0x7FFFFFFF).astype(np.int32)
    apart = other != same[one]
    place, key = place[apart], one[apart].astype(np.int64) << 32 | other[apart]
    order = np.argsort(key, kind="stable")
    key = key[order]
    new = np.ones(len(key), bool)
    new[1:] = key[1:] != key[:-1]
    first = np.flatnonzero(new)
    return Meetings(
        link,
        (key[first] >> 32).astype(np.int32),
        (key[first] & 0x7FFFFFFF).astype(np.int32),
        np.diff(first, append=len(key)).astype(np.int32),
        link[place[order]],
        np.cumsum(new) - 1,
    )


def _has_type(raw: RawGraph) -> Flags:
    """Say which types each set carries: bool[sets, types]."""
    found = np.zeros((raw.sets, raw.types), bool)
    found[raw.link_set, raw.link_rank] = True
    return found


def _counts(of: npt.NDArray[np.integer], count: int) -> Ints:
    return np.bincount(of, minlength=count).astype(np.int32)


# ----------------------------------------------------------------------------------- what is usual


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
    expected = rate * _harmonic(np.maximum(events, 2))
    decades = (values - 1) * np.log10(1 + 1 / expected)
    return np.where((values > 1) & (events > 1), decades, 0.0)


def _harmonic(n: npt.NDArray[Any]) -> Floats:
    """The harmonic number before n: 1 + 1/2 + ... + 1/(n - 1)."""
    found: Floats = digamma(np.asarray(n, np.float64)) + np.euler_gamma
    return found
