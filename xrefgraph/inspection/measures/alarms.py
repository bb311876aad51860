"""What is out of the ordinary in a graph as a whole, at thresholds that are stated."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields

import numpy as np

from xrefgraph.errors import SchemaError, counted, listing
from xrefgraph.inspection.measures.sizes import Measures, TypeMeasures
from xrefgraph.inspection.measures.two_people import TwoPeople
from xrefgraph.linking.components import smallest_connected

#: Reasons for which a value is refused by a rule of hygiene, and not by somebody's decision or by what it meets.
BY_HYGIENE = ("blank", "denied", "pattern", "not_accepted", "junk")

#: A profile holds too much from so many times the mean on, where there are few profiles; but half of all is always too much.
TIMES_THE_MEAN, TOO_MUCH = 10, 0.5


@dataclass(frozen=True)
class Thresholds:
    """From where on something is an alarm; what it takes is more than the number, unless it says "from".

    Parameters
    ----------
    links : int
        Identifiers that another one meets.
    singletons : float
        The share of the identifiers of a type that were never joined to anything.
    largest : float
        The share of all events that one profile has. Where this is less than ten times the mean, as in a graph of fewer than 1,000
        profiles: ten times the mean, or half of all events if that is less; and only of a profile of more than ``people`` identifiers.
    per_event : float
        The share of the events with a type whose values of it stand on no other event. Unique types are excepted: they name
        somebody where they join nothing.
    for_all : float
        The share of the events with a type that carry one of its few most frequent values; where these meet more than ``minimum``
        others each, in the mean.
    handful : int
        How few these are.
    refused : float
        The share of the values of a type, weighed by events, that hygiene refused.
    conflicts : float
        The share of all events that are ambiguous or contradict themselves.
    over_limit : float
        The share of all profiles that hold more values of a type than its limit.
    two_people : float
        The share of the events of a source that carry two values of one type as two people do: from it on.
    people : int
        From how many groups on a circle that such events join is too large for one person; and twice as many such events.
    minimum : int
        Shares are judged from so many events, or identifiers of a type, or profiles, on: among fewer they say nothing.

    Raises
    ------
    SchemaError
        When a share is not between 0 and 1, or a number not from 1 on.

    Examples
    --------
    >>> Thresholds(links=50).links
    50
    """

    links: int = 1000
    singletons: float = 0.30
    largest: float = 0.01
    per_event: float = 0.95
    for_all: float = 0.90
    handful: int = 10
    refused: float = 0.30
    conflicts: float = 0.01
    over_limit: float = 0.01
    two_people: float = 0.01
    people: int = 10
    minimum: int = 100

    def __post_init__(self) -> None:
        for one in fields(self):
            value = getattr(self, one.name)
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            if one.type == "int" and (type(value) is not int or value < 1):
                raise SchemaError(
                    f"The threshold {one.name} is a whole number from 1 on, not {value!r}."
                )
            if one.type == "float" and not (is_number and 0 <= value <= 1):
                raise SchemaError(
                    f"The threshold {one.name} is a share between 0 and 1, not {value!r}."
                )


@dataclass(frozen=True)
class Alarm:
    """Something that is out of the ordinary.

    Parameters
    ----------
    name : str
        Which alarm: see :func:`health`.
    where : str
        What it is about: the name of a source, of a type or of types, the id of a profile; nothing where it is the graph.
    measured, threshold : float or None
        What was found, and what is allowed; None where there is nothing to measure.
    what : str
        A sentence that says it.
    advice : str
        A sentence that says what to do.
    """

    name: str
    where: str
    measured: float | None
    threshold: float | None
    what: str
    advice: str


def percent(share: float) -> str:
    """Write a share for people: the more digits, the nearer it is to nothing or to all.

    Examples
    --------
    >>> percent(0.304), percent(0.004), percent(0.9995), percent(1.0), percent(0.0)
    ('30 %', '0.4 %', '99.95 %', '100 %', '0 %')
    """
    rest = min(share, 1 - share)
    if rest <= 0:
        return f"{100 * share:.0f} %"
    digits = max(0, -1 - math.floor(math.log10(rest)))
    text = f"{100 * share:.{digits}f}"
    return f"{text.rstrip('0').rstrip('.') if digits else text} %"


def find_alarms(found: Measures, people: Sequence[TwoPeople], at: Thresholds) -> tuple[Alarm, ...]:
    """Give the alarms, the most serious first.

    Parameters
    ----------
    found : Measures
        What there is of everything.
    people : sequence of TwoPeople
        The sources whose rows look as if each were about two people.
    at : Thresholds
        From where on something is an alarm.
    """
    if not found.events:
        return ()
    alarms = [
        *(_two_people(one, at) for one in people),
        *_anchors(found),
        *_strangers(found),
        *_largest(found, at),
        *_conflicts(found, at),
        *(_links(one, at) for one in found.types if one.meets.most > at.links),
        *_for_all(found, at),
        *_per_event(found, at),
        *_singletons(found, at),
        *_refused(found, at),
        *_over_limit(found, at),
    ]
    return tuple(alarms)


def _two_people(found: TwoPeople, at: Thresholds) -> Alarm:
    types = " and of ".join(found.types)
    how = {
        "unique": f"A person has one {found.unique}, so these events contradict themselves and link nothing.",
        "apart": f"Other events know these values as people with a different {found.unique} each.",
        "joined": f"Only these events join {found.groups:,} groups of identifiers that all other events keep apart: everybody becomes one.",
    }[found.evidence]
    return Alarm(
        "two_people",
        found.source,
        found.share,
        at.two_people,
        f"In {found.source}, {percent(found.share)} of the events ({found.events:,} of {found.of_events:,}) carry two values or more of {types}, as"
        f" if each row were about two people (author and committer, sender and receiver). {how}",
        "Feed such a row as two events, one a person: as two sources of the same rows, each with the columns of one of the two.",
    )


def _anchors(found: Measures) -> Iterator[Alarm]:
    for one in found.types:
        if one.type == found.anchor and not one.identifiers:
            yield Alarm(
                "no_anchor",
                one.type,
                0.0,
                None,
                f"No event carries any {one.type} that links, which is the anchor: no profile is a person that you know.",
                f"Feed the events that carry {one.type} (registrations, logins), or look into graph.rejected if they are fed.",
            )
        elif not one.identifiers:
            yield Alarm(
                "no_identifiers",
                one.type,
                0.0,
                None,
                f"No event carries any {one.type} that links.",
                "See whether its column is the right one, and whether its values are refused: graph.rejected says so.",
            )


def _strangers(found: Measures) -> Iterator[Alarm]:
    """Types that no event brings together, not even through others: no profile can ever hold both."""
    names = [one.type for one in found.types if one.identifiers]
    place = {name: n for n, name in enumerate(names)}
    met = [(place[one.type_a], place[one.type_b]) for one in found.meetings if one.events]
    ends = np.array(met, np.int32).reshape(-1, 2)
    island = smallest_connected(ends[:, 0], ends[:, 1], len(names))
    # The largest island, of several the first, is the land.
    land = max(range(len(names)), key=lambda n: ((island == island[n]).sum(), -n), default=0)
    for head in sorted(set(island.tolist()) - {int(island[land])} if names else ()):
        own = [name for name, one in zip(names, island, strict=True) if one == head]
        others = [name for name, one in zip(names, island, strict=True) if one != head]
        yield Alarm(
            "never_meet",
            " and ".join(own),
            0.0,
            None,
            f"No event carries {listing(own)} together with {listing(others)}: no profile can hold both.",
            "Feed the events that carry both (a login, a registration), or see whether a column is mapped to the wrong type.",
        )


def _largest(found: Measures, at: Thresholds) -> Iterator[Alarm]:
    if found.events < at.minimum or not found.largest:
        return
    one = found.largest[0]
    share = one.events / found.events
    by_mean = min(TIMES_THE_MEAN / found.profiles, TOO_MUCH)
    limit = max(at.largest, by_mean)
    if share > limit and (by_mean <= at.largest or one.identifiers > at.people):
        yield Alarm(
            "largest_profile",
            one.profile_id,
            share,
            limit,
            f"One profile, {one.profile_id}, has {percent(share)} of all events ({one.events:,}), and {counted(one.identifiers, 'identifier')}.",
            "See whether it is one person: xg.suspects(graph) says which identifiers may join several, xg.how(graph, ...) how it came to be.",
        )


def _conflicts(found: Measures, at: Thresholds) -> Iterator[Alarm]:
    if found.events < at.minimum:
        return
    for status, name, what, advice in (
        (
            "ambiguous",
            "ambiguous",
            "belong to profiles that hold two people, and have no anchor",
            "Go through xg.ambiguities(graph), or choose a policy that settles conflicts, such as `isolate`.",
        ),
        (
            "contradictory",
            "contradictory",
            "carry two values of a unique type, and link nothing",
            "See graph.rejected for the types. If a row is about two people, feed it as two events.",
        ),
    ):
        share = found.statuses[status] / found.events
        if share > at.conflicts:
            yield Alarm(
                name,
                "",
                share,
                at.conflicts,
                f"{percent(share)} of all events ({found.statuses[status]:,}) {what}.",
                advice,
            )


def _links(one: TypeMeasures, at: Thresholds) -> Alarm:
    busy = one.busiest[0]
    return Alarm(
        "links",
        one.type,
        float(busy.meets),
        float(at.links),
        f"{one.type} {busy.value} meets {busy.meets:,} other identifiers, on {counted(busy.events, 'event')}: more than one person has.",
        f"See what would be without it, xg.blast_radius(graph, {(one.type, busy.value)!r}); block it, or set such values aside"
        f" with shared_with of {one.type!r}.",
    )


def _for_all(found: Measures, at: Thresholds) -> Iterator[Alarm]:
    for one in found.types:
        share = one.frequent / max(1, one.carried)
        if one.carried >= at.minimum and share > at.for_all and one.frequent_meet > at.minimum:
            few = counted(min(at.handful, one.identifiers), "value")
            yield Alarm(
                "one_for_all",
                one.type,
                share,
                at.for_all,
                f"{percent(share)} of the events that carry {one.type} carry the same {few}, and each of these meets"
                f" {one.frequent_meet:,.0f} other identifiers in the mean: it behaves like one for all.",
                "It tells kinds of people apart, and not people (a country, a product, a default): leave it out.",
            )


def _per_event(found: Measures, at: Thresholds) -> Iterator[Alarm]:
    for one in found.types:
        share = one.once / max(1, one.carried)
        if not one.unique and one.carried >= at.minimum and share > at.per_event:
            yield Alarm(
                "one_per_event",
                one.type,
                share,
                at.per_event,
                f"{percent(share)} of the events that carry {one.type} have one that no other event has: it joins next to nothing.",
                "If it names the event (a request, a moment), leave it out. If each person has it on one event, it does no harm.",
            )


def _singletons(found: Measures, at: Thresholds) -> Iterator[Alarm]:
    met = {name for one in found.meetings if one.events for name in (one.type_a, one.type_b)}
    for one in found.types:
        share = one.alone / max(1, one.identifiers)
        # Of a type that never meets any, that is another alarm; and with one type there is nothing to join.
        if one.identifiers >= at.minimum and share > at.singletons and one.type in met:
            yield Alarm(
                "singletons",
                one.type,
                share,
                at.singletons,
                f"{percent(share)} of the identifiers of the type {one.type} ({one.alone:,} of {one.identifiers:,}) were never joined to anything.",
                "See whether the events that would join them are missing, or whether it is written otherwise in another source"
                " (normalize= of its type).",
            )


def _refused(found: Measures, at: Thresholds) -> Iterator[Alarm]:
    for one in found.types:
        by_reason = [r for r in found.refused if r.type == one.type and r.reason in BY_HYGIENE]
        events = sum(r.events for r in by_reason)
        share = events / max(1, events + one.carried)
        if events + one.carried >= at.minimum and share > at.refused:
            worst = max(by_reason, key=lambda r: r.events)
            yield Alarm(
                "refused",
                one.type,
                share,
                at.refused,
                f"{percent(share)} of the {one.type} values that came in, counted by events, were refused, mostly as {worst.reason!r}"
                f" ({counted(worst.events, 'event')}).",
                "See graph.rejected for them; see whether accept, deny and normalize of the type say what they should.",
            )


def _over_limit(found: Measures, at: Thresholds) -> Iterator[Alarm]:
    for one in found.over_limit:
        share = one.profiles / max(1, found.profiles)
        if found.profiles >= at.minimum and share > at.over_limit:
            yield Alarm(
                "over_limit",
                one.type,
                share,
                at.over_limit,
                f"{percent(share)} of all profiles ({one.profiles:,}) hold more than {one.limit} values of {one.type}; {one.largest} holds"
                f" {one.values:,}.",
                "See whether the limit is too low, or a value is shared: xg.suspects(graph).",
            )
