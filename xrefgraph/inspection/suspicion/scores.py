"""How suspicious each identifier is: the evidence that it joins different people, weighed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from xrefgraph.inspection.evidence.looks import look_sql
from xrefgraph.inspection.suspicion.bridging import Bridging, find_bridging
from xrefgraph.inspection.suspicion.bursts import Bursts, find_bursts
from xrefgraph.inspection.suspicion.oversize import Oversize, measure_oversize
from xrefgraph.inspection.suspicion.raw_graph import RawGraph, read_raw_graph
from xrefgraph.inspection.suspicion.reach import Reach, read_reach, surprise, usual_rates
from xrefgraph.inspection.suspicion.rivals import count_rivals
from xrefgraph.store import Store

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

#: One identifier in 1,000 joins different people, before anything is known of it: minus so many decades.
PRIOR = 3.0
#: A person's types tell the same thing several times over, and persons differ more than the urn allows: a third of the surprise counts.
TEMPER = 3.0
#: Values of a unique type were declared to be one person each: every further one that it brings in makes the odds a thousand times as high.
DECLARED = 3.0
#: More decades than these say no more of a bridge.
MOST = 8.0
#: The look of a placeholder makes the odds ten times as high.
LOOK = 1.0
#: Ten times as many events as usual for its type are many; of more than thirty times as many, no more is said.
MANY, MOST_EVENTS = 1.0, 1.5
#: How a value looks, and when it met whom, is looked at where the score would be a hundredth or more.
CLOSER = -2.0

#: The kinds of evidence, in the order of the columns of :attr:`Scores.weights`.
KINDS = ("meets", "groups", "bridge", "part", "look", "events", "burst")


@dataclass(frozen=True)
class Scores:
    """How suspicious identifiers are: one row for each that joins anything unusual. The score of all others is 0.

    Parameters
    ----------
    identifier : int32[rows]
        Their numbers in ``store.value``, ascending: strongest first.
    score : float64[rows]
        From 0 to 1: the chance that it joins different people, as far as the graph tells.
    scored : int
        How many identifiers were looked at: all that link anything.
    place : int32[rows]
        Their places in the raw graph.
    weights : float64[rows, 7]
        What each of the :data:`KINDS` of evidence adds to the logarithm of the odds, in decades. With minus the :data:`PRIOR` they sum up
        to it.
    meeting : float64[rows, types]
        The first column for each type, by its rank: the largest counts.
    rivals : int32[rows, types]
        How many values of each unique type it brings together.
    looks : mapping of int to str
        Place to how the value looks, where it looks like nobody's own.
    raw, reach, oversize, bridging, bursts
        What the weights are made of.
    """

    identifier: Ints
    score: Floats
    scored: int
    place: Ints = field(repr=False)
    weights: Floats = field(repr=False)
    meeting: Floats = field(repr=False)
    rivals: Ints = field(repr=False)
    looks: Mapping[int, str] = field(repr=False)
    raw: RawGraph = field(repr=False)
    reach: Reach = field(repr=False)
    oversize: Oversize = field(repr=False)
    bridging: Bridging = field(repr=False)
    bursts: Bursts = field(repr=False)

    @property
    def decades(self) -> Floats:
        """The logarithm of the odds of each row, to base 10: 0 is a score of one half."""
        found: Floats = self.weights.sum(axis=1) - PRIOR
        return found

    def of(self, numbers: npt.ArrayLike) -> Floats:
        """Give the scores of some identifiers, by their numbers in ``store.value``: float64[numbers]."""
        wanted = np.asarray(numbers, np.int64)
        if not len(self.identifier):
            return np.zeros(wanted.shape)
        row = np.minimum(np.searchsorted(self.identifier, wanted), len(self.identifier) - 1)
        return np.where(self.identifier[row] == wanted, self.score[row], 0.0)


def score_identifiers(store: Store) -> Scores:
    """Score all identifiers of a graph by the evidence that they join different people.

    Parameters
    ----------
    store : Store
        The graph. Its policy does not matter: what counts is what the events say.

    Returns
    -------
    Scores

    Notes
    -----
    The odds that an identifier joins different people are 1 in 1,000 at first, and multiplied by what speaks for it (``log10`` of the odds is a sum):

    - ``meets``: how surprising it is that one person has so many values of a stronger type, in so many events; of the type of which it is most. Where
      it brings several values of a unique type together, that is no matter of surprise: they were declared to be different people;
    - ``groups``: how surprising it is that its events fall into so many groups that share no other identifier;
    - ``bridge``: how surprising it is that nothing else holds two well-tied halves together;
    - ``part``: how many times as large as usual the part is in which it is, when nothing more suspicious holds anything together; no more than
      the surprise of the three above;
    - ``look``: whether it looks like a placeholder, a shared mailbox or a default;
    - ``events``: of what looks so, how many times as many events as usual for its type carry it;
    - ``burst``: how many it met for the first time within one hour, above what is usual.

    What is surprising is measured by the graph itself, by the sides that :func:`~xrefgraph.inspection.suspicion.reach.usual_rate` and
    :func:`~xrefgraph.inspection.suspicion.bridging.find_bridging` say. Cost: linear in sets, links and identifiers, but for sorting.
    """
    raw = read_raw_graph(store)
    reach = read_reach(store, raw)
    meeting, groups = _surprises(store, raw, reach)
    # The types that one person's other types tell of are not counted again: the most telling one is.
    spread = meeting.max(axis=1, initial=0) + groups
    unique = [rank for rank, kind in enumerate(store.schema.ranked) if kind.unique]
    rivals, lead = count_rivals(raw, reach, spread, unique)
    for rank in unique:
        rivals[:, rank] = np.maximum(
            rivals[:, rank], np.where(reach.several, reach.meets[:, rank], 0)
        )
        declared = DECLARED * (rivals[:, rank] - 1) - lead[:, rank]
        meeting[:, rank] = TEMPER * np.maximum(declared, 0)
    spread = meeting.max(axis=1, initial=0) + groups
    bridging = find_bridging(raw, spread)
    evidence = spread.copy()
    evidence[bridging.identifier] += np.minimum(bridging.surprise, MOST)
    oversize = measure_oversize(raw, evidence)

    many = _many_events(raw)
    place = np.flatnonzero((evidence > 0) | (many >= MANY)).astype(np.int32)
    weights = np.zeros((len(place), len(KINDS)))
    weights[:, 0] = meeting[place].max(axis=1) / TEMPER
    weights[:, 1] = groups[place] / TEMPER
    weights[:, 2] = (evidence - spread)[place] / TEMPER
    # A part that is too large accuses nobody of whom nothing else is unusual.
    weights[np.searchsorted(place, oversize.identifier), 3] = np.minimum(
        np.log10(np.maximum(oversize.times, 1)), evidence[oversize.identifier]
    )
    suspected = evidence[place] > 0
    close = suspected & (weights.sum(axis=1) - PRIOR >= CLOSER)
    looks = _looks(store, raw, place[close | (many[place] >= MANY)])
    looked = np.searchsorted(place, np.array(list(looks), np.int64))
    weights[looked, 4] = LOOK
    weights[looked, 5] = np.minimum(many[place[looked]], MOST_EVENTS)
    bursts = find_bursts(store, raw, reach, place[close])
    weights[np.searchsorted(place, bursts.identifier), 6] = bursts.decades

    suspected[looked] = True
    place, weights = place[suspected], weights[suspected]
    odds = 10.0 ** np.minimum(weights.sum(axis=1) - PRIOR, 300)
    return Scores(
        raw.number[place],
        odds / (1 + odds),
        raw.identifiers,
        place,
        weights,
        meeting[place] / TEMPER,
        rivals[place],
        looks,
        raw,
        reach,
        oversize,
        bridging,
        bursts,
    )


def _surprises(store: Store, raw: RawGraph, reach: Reach) -> tuple[Floats, Floats]:
    """Give how surprising it is what each identifier meets, by type, and into how many groups it falls, in decades."""
    meeting = np.zeros((raw.identifiers, raw.types), order="F")
    groups = np.zeros(raw.identifiers)
    norms = usual_rates(raw, reach)
    for rank, kind in enumerate(store.schema.ranked):
        first, end = raw.bounds[rank : rank + 2]
        for others, weaker in ((slice(0, first), False), (slice(end, None), True)):
            meets, events = reach.meets[others, rank], reach.events[others, rank]
            # A value of a stronger type tells people apart; of weaker ones a person may have many.
            if weaker and not kind.unique:
                meeting[others, rank] = surprise(meets, events, norms.meets[rank])
            groups[others] += surprise(reach.groups[others, rank], events, norms.groups[rank])
    # Several values on the events of one set are the word of these events that they are one person's.
    meeting[~reach.several] = 0
    return meeting, groups


def usual_events(raw: RawGraph) -> Floats:
    """Give how many events half of the identifiers of a type have, or less: float64[types]."""
    kinds = [raw.carried[slice(*raw.bounds[rank : rank + 2])] for rank in range(raw.types)]
    return np.array([float(np.median(carried)) if len(carried) else 1.0 for carried in kinds])


def _many_events(raw: RawGraph) -> Floats:
    """Give how many times as many events as usual for its type each identifier has, in decades."""
    return np.maximum(np.log10(raw.carried / usual_events(raw)[raw.rank]), 0)


def _looks(store: Store, raw: RawGraph, places: Ints) -> dict[int, str]:
    """Say how some values look: place to words, where there is anything to say."""
    if not len(places):
        return {}
    looks = " ".join(
        f"WHEN {rank} THEN {look_sql(name, 'text')}" for rank, name in enumerate(store.schema.names)
    )
    with store.database.registered(no=raw.number[places], place=places) as lent:
        return dict(
            store.database.rows(
                f"SELECT place, look FROM (SELECT place, CASE type {looks} END AS look FROM (SELECT l.place, v.type, v.text"
                f" FROM store.value v JOIN {lent} l USING (no))) WHERE look IS NOT NULL ORDER BY place"
            )
        )
