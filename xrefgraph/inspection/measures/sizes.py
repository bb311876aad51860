"""What there is of everything in a graph: sizes, degrees, who meets whom, what was refused, and how it grew."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np

from xrefgraph.inspection.measures.links import Links, Longs, others_met, types_met
from xrefgraph.inspection.subjects import profile_ids
from xrefgraph.linking.evidence import distinct
from xrefgraph.lookup import named_values
from xrefgraph.profiles import STATUSES
from xrefgraph.store import Store, stored_counts

#: The shares of which a distribution has the quantiles.
QUANTILES = (0.0, 0.25, 0.5, 0.75, 0.9, 0.99, 1.0)

#: How many of the largest profiles, and of the busiest identifiers of a type, are named.
NAMED = 5

#: The periods of growth. The first is taken of which not more than so many cover the whole time.
PERIODS, MOST_PERIODS = (
    ("minute", "hour", "day", "week", "month", "quarter", "year", "decade", "century"),
    100,
)

#: The first century began in a year that Python does not have.
EARLIEST = "TIMESTAMP '0001-01-01'"


@dataclass(frozen=True)
class Distribution:
    """How a count is spread over many things.

    Parameters
    ----------
    count : int
        How many things.
    total : int
        The sum of their counts.
    quantiles : tuple of (float, int)
        ``(0.5, 3)``: half of them have at most 3. A quantile is the count of one of them. Empty where there are none.
    histogram : tuple of (int, int)
        ``(8, 20)``: twenty of them have from 8 up to below the next edge. The edges are 0, 1, 2, 4, 8, ..., from the smallest
        that is needed to the largest.
    """

    count: int
    total: int
    quantiles: tuple[tuple[float, int], ...]
    histogram: tuple[tuple[int, int], ...]

    @property
    def most(self) -> int:
        """The largest count; 0 where there are none."""
        return self.quantiles[-1][1] if self.quantiles else 0

    @property
    def median(self) -> int:
        """The count that half of them have at most; 0 where there are none."""
        return dict(self.quantiles).get(0.5, 0)


def distribution(counts: Longs) -> Distribution:
    """Give the distribution of some counts, none below 0.

    Examples
    --------
    >>> distribution(np.array([1, 1, 1, 5])).histogram
    ((1, 3), (2, 0), (4, 1))
    """
    if not len(counts):
        return Distribution(0, 0, (), ())
    values = np.quantile(counts, QUANTILES, method="inverted_cdf")
    edges = np.concatenate([[0], 1 << np.arange(int(values[-1]).bit_length())])
    bins = np.bincount(np.searchsorted(edges, counts, side="right") - 1, minlength=len(edges))
    first = int(np.flatnonzero(bins)[0])
    return Distribution(
        len(counts),
        int(counts.sum()),
        tuple((share, int(value)) for share, value in zip(QUANTILES, values, strict=True)),
        tuple((int(edge), int(n)) for edge, n in zip(edges[first:], bins[first:], strict=True)),
    )


@dataclass(frozen=True)
class LargeProfile:
    """One of the largest profiles.

    Parameters
    ----------
    profile_id : str
        The profile.
    events, identifiers : int
        How many it has.
    """

    profile_id: str
    events: int
    identifiers: int


@dataclass(frozen=True)
class BusyIdentifier:
    """One of the identifiers that meet most others.

    Parameters
    ----------
    value : str
        The identifier.
    meets : int
        How many others it stands with on an event.
    events : int
        How many events carry it.
    """

    value: str
    meets: int
    events: int


@dataclass(frozen=True)
class TypeMeasures:
    """What there is of one identifier type.

    Parameters
    ----------
    type : str
        Its name.
    unique : bool
        Whether a profile has at most one of them.
    identifiers : int
        How many identifiers of it are in a profile.
    carried : int
        How many events carry one; without events that contradict themselves, as in all that follows but ``events``.
    once : int
        How many of these carry only values that no other event carries.
    frequent : int
        How many carry one of the few most frequent values; how few is ``handful`` of :class:`Thresholds`.
    frequent_meet : float
        How many others these few meet, in the mean.
    alone : int
        How many identifiers were never joined to anything: they meet no other one, and no decision links them.
    events : Distribution
        How many events carry an identifier, as in ``graph.identifiers``.
    meets : Distribution
        How many other identifiers it meets: stands with on an event.
    busiest : tuple of BusyIdentifier
        Those that meet most, at most five.
    """

    type: str
    unique: bool
    identifiers: int
    carried: int
    once: int
    frequent: int
    frequent_meet: float
    alone: int
    events: Distribution
    meets: Distribution
    busiest: tuple[BusyIdentifier, ...]


@dataclass(frozen=True)
class TypePair:
    """In how many events two types stand together.

    Parameters
    ----------
    type_a, type_b : str
        The stronger type first. Both are one where it is about several values of one type.
    events, sets : int
        How many events, and how many sets of alike events.
    """

    type_a: str
    type_b: str
    events: int
    sets: int


@dataclass(frozen=True)
class OverLimit:
    """The profiles that hold more values of a type than its limit.

    Parameters
    ----------
    type : str
        The type.
    limit : int
        Its limit.
    profiles : int
        How many hold more.
    largest : str or None
        The profile that holds most.
    values : int
        How many values that one holds.
    """

    type: str
    limit: int
    profiles: int
    largest: str | None
    values: int


@dataclass(frozen=True)
class Refused:
    """Values of a type that link nothing, for one reason.

    Parameters
    ----------
    type, reason : str
        As in the table ``rejected``.
    values : int
        How many different ones, as they came in.
    events : int
        How many events carry them; one that carries two counts twice.
    """

    type: str
    reason: str
    values: int
    events: int


@dataclass(frozen=True)
class Period:
    """What came in a period of time.

    Parameters
    ----------
    start : datetime
        Its beginning, in UTC without a zone.
    events : int
        The events of this time.
    identifiers, profiles : int
        How many are seen for the first time: of an identifier that is in a profile, and of a profile as it is now, the first event.
    """

    start: dt.datetime
    events: int
    identifiers: int
    profiles: int


@dataclass(frozen=True)
class Growth:
    """How the graph grew.

    Parameters
    ----------
    period : str
        How long a period is: from ``minute`` to ``century``, the shortest of which a hundred are enough. Weeks begin on Monday.
    rows : tuple of Period
        One after the other, without a gap.
    untimed : int
        How many events have no time.
    """

    period: str
    rows: tuple[Period, ...]
    untimed: int


@dataclass(frozen=True, repr=False)
class Measures:
    """What there is of everything; the fields are explained at :class:`Health`."""

    anchor: str | None
    events: int
    identifiers: int
    profiles: int
    sets: int
    statuses: Mapping[str, int]
    by_events: Distribution
    by_identifiers: Distribution
    largest: tuple[LargeProfile, ...]
    types: tuple[TypeMeasures, ...]
    meetings: tuple[TypePair, ...]
    over_limit: tuple[OverLimit, ...]
    refused: tuple[Refused, ...]
    growth: Growth | None
    wide_sets: int


def measure(store: Store, links: Links, handful: int) -> Measures:
    """Measure a graph.

    Parameters
    ----------
    store, links : Store, Links
        The graph.
    handful : int
        How many of the most frequent values of a type are looked at together.
    """
    counts = stored_counts(store.database)
    profiles = store.database.arrays(
        "SELECT events::BIGINT AS events, identifiers::BIGINT AS identifiers FROM store.profile ORDER BY profile"
    )
    meets, wide = others_met(links)
    events, sets = types_met(links)
    return Measures(
        anchor=store.schema.anchor,
        events=counts["events"],
        identifiers=counts["identifiers"],
        profiles=counts["profiles"],
        sets=len(links.events),
        statuses={name: counts[name] for name in STATUSES},
        by_events=distribution(profiles["events"]),
        by_identifiers=distribution(profiles["identifiers"]),
        largest=_largest(store),
        types=_types(store, links, meets, profiles["identifiers"], handful),
        meetings=_meetings(store, links, events, sets),
        over_limit=_over_limit(store),
        refused=_refused(store),
        growth=_growth(store),
        wide_sets=wide,
    )


def _largest(store: Store) -> tuple[LargeProfile, ...]:
    rows = store.database.rows(
        f"SELECT profile, events, identifiers FROM store.profile ORDER BY events DESC, identifiers DESC, profile LIMIT {NAMED}"
    )
    names = profile_ids(store, [row[0] for row in rows])
    return tuple(LargeProfile(names[number], *sizes) for number, *sizes in rows)


# --------------------------------------------------------------------------------------------- types


def _types(
    store: Store, links: Links, meets: Longs, size: Longs, handful: int
) -> tuple[TypeMeasures, ...]:
    # A decision may have linked what never met: then it is not alone in its profile.
    alone = (meets == 0) & (links.profile_of >= 0)
    alone[alone] = size[links.profile_of[alone]] == 1
    found = []
    for rank, kind in enumerate(store.schema.ranked):
        low, high = links.bounds[rank : rank + 2]
        own = np.flatnonzero(links.profile_of[low:high] >= 0) + low
        place = links.of_type(rank)
        of_set, identifier = links.set_of[place], links.identifier[place]
        many = links.carried[identifier] > 1
        often = own[np.lexsort((own, -links.carried[own]))[:handful]]
        carried, shared, frequent = (
            int(links.events[distinct(of_set[some])].sum())
            for some in (np.ones(len(place), bool), many, np.isin(identifier, often))
        )
        busiest = own[np.lexsort((own, -meets[own]))[:NAMED]].tolist()
        texts = named_values(store.database, store.schema, busiest)
        found.append(
            TypeMeasures(
                kind.name,
                kind.unique,
                len(own),
                carried,
                carried - shared,
                frequent,
                float(meets[often].mean()) if len(often) else 0.0,
                int(alone[low:high].sum()),
                distribution(links.carried[own]),
                distribution(meets[own]),
                tuple(
                    BusyIdentifier(texts[no][1], int(meets[no]), int(links.carried[no]))
                    for no in busiest
                ),
            )
        )
    return tuple(found)


def _meetings(store: Store, links: Links, events: Longs, sets: Longs) -> tuple[TypePair, ...]:
    events, sets = events.copy(), sets.copy()
    of_set, rank = links.several // links.types, links.several % links.types
    linking = ~links.contradictory[of_set]
    for matrix, weights in ((events, links.events[of_set]), (sets, np.ones(len(of_set)))):
        several = np.bincount(rank[linking], weights[linking], links.types)
        np.fill_diagonal(matrix, several.astype(np.int64))
    names = store.schema.names
    return tuple(
        TypePair(names[a], names[b], int(events[a, b]), int(sets[a, b]))
        for a, b in combinations_with_replacement(range(links.types), 2)
    )


# ------------------------------------------------------------------------------- limits and refusals


def _over_limit(store: Store) -> tuple[OverLimit, ...]:
    found = []
    for rank, kind in enumerate(store.schema.ranked):
        if kind.limit is None:
            continue
        rows = store.database.rows(
            "SELECT m.profile, count(*) AS values, count(*) OVER () FROM store.member m"
            f" JOIN (SELECT no FROM store.value WHERE type = {rank}) v USING (no) WHERE m.profile IS NOT NULL"
            f" GROUP BY m.profile HAVING count(*) > {kind.limit} ORDER BY values DESC, m.profile LIMIT 1"
        )
        name, values, profiles = None, 0, 0
        if rows:
            number, values, profiles = rows[0]
            name = profile_ids(store, [number])[number]
        found.append(OverLimit(kind.name, kind.limit, profiles, name, values))
    return tuple(found)


def _refused(store: Store) -> tuple[Refused, ...]:
    rows = store.database.rows(
        "SELECT v.type, r.reason, count(*), sum(r.events)::BIGINT FROM store.rejected r JOIN store.value v USING (no)"
        " GROUP BY ALL ORDER BY v.type, r.reason"
    )
    return tuple(Refused(store.schema.names[rank], *rest) for rank, *rest in rows)


# -------------------------------------------------------------------------------------------- growth


def _growth(store: Store) -> Growth | None:
    database = store.database
    first, last, untimed = database.row(
        "SELECT min(time) FILTER (isfinite(time)), max(time) FILTER (isfinite(time)), count(*) - count(time) FROM store.event"
    )
    if first is None:
        return None
    period = next(
        one
        for one in PERIODS
        if one == PERIODS[-1] or _count(store, one, first, last) <= MOST_PERIODS
    )
    seen = {
        "events": "SELECT time FROM store.event",
        "identifiers": "SELECT min(first_seen) AS time FROM store.member WHERE profile IS NOT NULL GROUP BY no",
        "profiles": "SELECT first_seen AS time FROM store.profile",
    }
    counts = {
        name: dict(
            database.rows(
                f"SELECT greatest(date_trunc('{period}', time)::TIMESTAMP, {EARLIEST}), count(*) FROM ({query}) WHERE isfinite(time) GROUP BY ALL"
            )
        )
        for name, query in seen.items()
    }
    starts = database.rows(
        f"SELECT greatest(start, {EARLIEST}) FROM"
        f" generate_series(date_trunc('{period}', $1::TIMESTAMP), $2::TIMESTAMP, INTERVAL 1 {period}) periods(start)",
        [first, last],
    )
    rows = (Period(start, *(counts[name].get(start, 0) for name in seen)) for (start,) in starts)
    return Growth(period, tuple(rows), untimed)


def _count(store: Store, period: str, first: dt.datetime, last: dt.datetime) -> int:
    count: int = store.database.row(
        f"SELECT date_diff('{period}', $1::TIMESTAMP, $2::TIMESTAMP) + 1", [first, last]
    )[0]
    return count
