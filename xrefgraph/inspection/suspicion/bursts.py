"""Which identifiers met many others for the first time within one hour."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from xrefgraph.inspection.suspicion.raw_graph import RawGraph
from xrefgraph.inspection.suspicion.reach import Reach, meetings
from xrefgraph.linking.evidence import NO_TIME, distinct
from xrefgraph.store import Store

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

HOUR, DAY = 3_600, 86_400  # in seconds
#: So many new values of a type within one hour are a burst at least.
FEW = 3
#: So many others of its type tell what is usual.
ENOUGH = 5


@dataclass(frozen=True)
class Bursts:
    """The identifiers with a burst: one row each, by place.

    Parameters
    ----------
    identifier : int32[bursts]
        Places in the raw graph, ascending.
    values : int32[bursts]
        How many values of one type it met for the first time within one hour: of the type of which this is most.
    rank : int32[bursts]
        The rank of this type.
    decades : float64[bursts]
        How far that is above twice what others of its type meet so, 1 at most.
    """

    identifier: Ints
    values: Ints
    rank: Ints
    decades: Floats


def find_bursts(store: Store, raw: RawGraph, reach: Reach, wanted: Ints) -> Bursts:
    """Find the bursts of some identifiers.

    Parameters
    ----------
    store : Store
        The graph.
    raw : RawGraph
        What its events say.
    reach : Reach
        How far each identifier reaches.
    wanted : int32[some]
        Places of those to look at. What meets fewer than three values of each type has no burst.

    Notes
    -----
    A list that was loaded at one time makes a burst of everything. So where five others of its type are looked at, twice what half of
    them meet within one hour is usual, else two; and where all events lie within one day, there is no burst. Cost: a look at the
    times of the events of these identifiers.
    """
    among = np.zeros(raw.identifiers, bool)
    if _more_than_a_day(store):
        among[wanted[(reach.meets[wanted] >= FEW).any(axis=1)]] = True
    met = meetings(raw, reach.same, among)
    of_set = raw.link_set[met.link]
    when = _first_times(store, raw, distinct(of_set))[of_set[met.occurrence]]
    first = np.full(len(met.sets), np.iinfo(np.int64).max)
    timed = when != NO_TIME
    np.minimum.at(first, met.pair[timed], when[timed])
    known = np.flatnonzero(first != np.iinfo(np.int64).max)
    one, rank, first = met.identifier[known], raw.rank[met.other[known]], first[known]
    group = one.astype(np.int64) * raw.types + rank
    order = np.lexsort((first, group))
    group, first = group[order], first[order]
    within = _within_an_hour(group, first)
    # Of each identifier the type with most, the strongest of several.
    order = np.lexsort((group, -within, group // raw.types))
    head = np.ones(len(order), bool)
    head[1:] = (group // raw.types)[order][1:] != (group // raw.types)[order][:-1]
    best = order[head]
    identifier, rank = (group[best] // raw.types).astype(np.int32), (group[best] % raw.types)
    usual = np.ones(raw.types)
    for kind in range(raw.types):
        here = raw.rank[identifier] == kind
        if here.sum() > ENOUGH:
            usual[kind] = np.median(within[best][here])
    decades = np.log10(within[best] / (2 * usual[raw.rank[identifier]]))
    burst = (within[best] >= FEW) & (decades > 0)
    return Bursts(
        identifier[burst],
        within[best][burst].astype(np.int32),
        rank[burst].astype(np.int32),
        np.minimum(decades[burst], 1.0),
    )


def _within_an_hour(group: Longs, when: Longs) -> Longs:
    """Give for each time how many of its group lie in the hour that begins with it; sorted by group and time."""
    if not len(group):
        return np.empty(0, np.int64)
    start = np.flatnonzero(np.diff(group, prepend=group[0] - 1))
    size = np.diff(start, append=len(group))
    # Groups are laid one behind the other on one line, further apart than an hour.
    span = when - np.repeat(when[start], size)
    length = np.maximum.reduceat(span, start) + 2 * HOUR
    line = span + np.repeat(np.cumsum(length) - length, size)
    found: Longs = np.searchsorted(line, line + HOUR, side="right") - np.arange(len(group))
    return found


def _more_than_a_day(store: Store) -> bool:
    """Whether the events lie on more than one day."""
    (seconds,) = store.database.row(
        "SELECT epoch(max(last_seen)) - epoch(min(first_seen)) FROM store.profile"
    )
    return seconds is not None and seconds > DAY


def _first_times(store: Store, raw: RawGraph, sets: Ints) -> Longs:
    """Give the first time of the events of some sets, in seconds; ``NO_TIME`` for none, and for all other sets: int64[sets]."""
    found = np.full(raw.sets, NO_TIME)
    with store.database.registered(set_number=raw.set_number[sets]) as lent:
        rows = store.database.arrays(
            "SELECT set_number, epoch(min(time))::BIGINT AS first FROM store.event"
            f" SEMI JOIN {lent} USING (set_number) WHERE time IS NOT NULL GROUP BY set_number"
        )
    found[np.searchsorted(raw.set_number, rows["set_number"])] = rows["first"]
    return found
