"""Whether a graph as a whole is as it should be: sizes, degrees, what never meets, what grew; and alarms."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from typing import Any

from xrefgraph.errors import SchemaError, counted
from xrefgraph.graph import XrefGraph
from xrefgraph.inspection.answers import Answer
from xrefgraph.inspection.measures.alarms import Alarm, Thresholds, find_alarms, percent
from xrefgraph.inspection.measures.links import read_links
from xrefgraph.inspection.measures.sizes import Measures, measure
from xrefgraph.inspection.measures.two_people import find_two_people
from xrefgraph.inspection.subjects import asked_store

log = logging.getLogger(__name__)


@dataclass(frozen=True, repr=False)
class Health(Measures, Answer):
    """How a graph is as a whole; made by :func:`health`.

    Parameters
    ----------
    anchor : str or None
        The type that is the anchor.
    events, identifiers, profiles : int
        How many there are: identifiers that are in a profile.
    sets : int
        How many sets of alike events: those that carry the same and are in one profile.
    statuses : mapping of str to int
        How many events of each status: ``anchored``, ``anonymous``, ``ambiguous``, ``contradictory``, ``no_identifier``.
    by_events, by_identifiers : Distribution
        How large the profiles are.
    largest : tuple of LargeProfile
        The profiles with most events, at most five.
    types : tuple of TypeMeasures
        What there is of each identifier type, strongest first.
    meetings : tuple of TypePair
        In how many events each type stands together with each other, also where it is none; and of each type, how many carry
        several values of it. The upper triangle of a matrix, row by row. Without events that contradict themselves.
    over_limit : tuple of OverLimit
        For each type with a limit: the profiles that hold more.
    refused : tuple of Refused
        What was refused, over-shared and blocked, by type and reason.
    growth : Growth or None
        How it grew; None where no event has a time.
    wide_sets : int
        How many sets of alike events carry more than 100 identifiers. What stands in one of these and in other sets may have met
        fewer than ``types`` says.
    alarms : tuple of Alarm
        What is out of the ordinary, the most serious first.
    thresholds : Thresholds
        At which that was judged.
    """

    alarms: tuple[Alarm, ...]
    thresholds: Thresholds

    @property
    def anchored(self) -> float:
        """The share of the events whose profile has an anchor; 0 where there are none."""
        return self.statuses["anchored"] / self.events if self.events else 0.0

    @property
    def summary(self) -> str:
        """How large the graph is, and the most serious alarm."""
        if not self.events:
            return "The graph has no events."
        size = f"{counted(self.events, 'event')} and {counted(self.identifiers, 'identifier')} in {counted(self.profiles, 'profile')}"
        if self.anchor is not None:
            size += f"; {percent(self.anchored)} of the events have an anchor"
        if not self.alarms:
            return f"{size}. No alarm."
        others = ", ".join(dict.fromkeys(one.name for one in self.alarms[1:]))
        rest = f" {counted(len(self.alarms) - 1, 'more alarm')}: {others}." if others else ""
        return f"{size}. {self.alarms[0].what}{rest}"

    def rows(self) -> list[dict[str, Any]]:
        """Give the alarms, and below them the measures, as a table: what, where, measured, threshold, says, advice."""
        alarms = [
            _row(one.name, one.where, one.measured, one.threshold, one.what, one.advice)
            for one in self.alarms
        ]
        measures = [
            _row("events", "", self.events),
            _row("identifiers", "", self.identifiers),
            _row("profiles", "", self.profiles),
            *(_row(f"{name} events", "", number) for name, number in self.statuses.items()),
            _row("events of a profile, median", "", self.by_events.median),
            _row("events of a profile, most", "", self.by_events.most),
            _row("identifiers of a profile, median", "", self.by_identifiers.median),
            _row("identifiers of a profile, most", "", self.by_identifiers.most),
        ]
        for one in self.types:
            measures += [
                _row("identifiers of the type", one.type, one.identifiers),
                _row("events that carry one", one.type, one.carried),
                _row("never joined to anything", one.type, one.alone),
                _row("events of one, median", one.type, one.events.median),
                _row("events of one, most", one.type, one.events.most),
                _row("others that one meets, median", one.type, one.meets.median),
                _row("others that one meets, most", one.type, one.meets.most),
            ]
        measures += [
            _row(f"refused values, {one.reason}", one.type, one.values) for one in self.refused
        ]
        measures += [
            _row("profiles over the limit", one.type, one.profiles, one.limit)
            for one in self.over_limit
        ]
        return alarms + measures


def _row(
    what: str,
    where: str,
    measured: float | None,
    threshold: float | None = None,
    says: str | None = None,
    advice: str | None = None,
) -> dict[str, Any]:
    return {
        "what": what,
        "where": where,
        "measured": measured,
        "threshold": threshold,
        "says": says,
        "advice": advice,
    }


def health(graph: XrefGraph, thresholds: Thresholds | None = None) -> Health:
    """Say how a graph is as a whole, and what is out of the ordinary.

    Parameters
    ----------
    graph : XrefGraph
        It is not changed.
    thresholds : Thresholds, optional
        From where on something is an alarm.

    Returns
    -------
    Health

    Raises
    ------
    SchemaError
        When ``thresholds`` is something else.

    Notes
    -----
    The alarms, the most serious first; each says what was measured, at which threshold, where, and what to do:

    =================== ======================================================================================
    name                says
    =================== ======================================================================================
    ``two_people``      the rows of a source look as if each were about two people (author and committer, sender
                        and receiver), fed as one event: see ``xrefgraph.inspection.measures.two_people``
    ``no_anchor``       no event carries an anchor that links
    ``no_identifiers``  no event carries a value of a type that links
    ``never_meet``      types that no event carries together, not even through others: no profile can hold both
    ``largest_profile`` one profile has a large share of all events
    ``ambiguous``       many events are in profiles of two people
    ``contradictory``   many events carry two values of a unique type
    ``links``           an identifier meets more others than one person has
    ``one_for_all``     a handful of values of a type stand on nearly all events that carry it
    ``one_per_event``   nearly each event has a value of a type that no other has
    ``singletons``      many identifiers of a type were never joined to anything
    ``refused``         many values of a type were refused
    ``over_limit``      many profiles hold more values of a type than its limit
    =================== ======================================================================================

    Nothing here knows the truth: an alarm is a place to look at.

    Cost: a scan of all tables, and sorting; what an identifier meets costs the identifiers of its events. A fraction of the time
    of the build.

    Examples
    --------
    >>> import xrefgraph as xg
    >>> rows = [{"db_id": n, "cookie": "kiosk"} for n in range(1, 201)]
    >>> found = xg.health(xg.build(rows, anchor="db_id", identifiers=["cookie"]), xg.Thresholds(links=100))
    >>> print(found.summary)
    200 events and 201 identifiers in 201 profiles; 100 % of the events have an anchor. cookie kiosk meets 200 other
    identifiers, on 200 events: more than one person has. 1 more alarm: one_for_all.
    >>> [(one.name, one.where, one.measured) for one in found.alarms]
    [('links', 'cookie', 200.0), ('one_for_all', 'cookie', 1.0)]
    >>> found.types[1].meets.histogram
    ((128, 1),)
    """
    at = Thresholds() if thresholds is None else thresholds
    if not isinstance(at, Thresholds):
        raise SchemaError(
            f"thresholds is a Thresholds, such as Thresholds(links=500), not {type(at).__name__}."
        )
    began = time.perf_counter()
    store = asked_store(graph)
    links = read_links(store)
    found = measure(store, links, at.handful)
    people = find_two_people(store, links, at.two_people, at.people)
    alarms = find_alarms(found, people, at)
    log.info("health in %.1f s: %s", time.perf_counter() - began, counted(len(alarms), "alarm"))
    return Health(**vars(found), alarms=alarms, thresholds=at)
