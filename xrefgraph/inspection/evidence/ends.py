"""The two ends of a question as identifiers of a profile: an event gets an identifier of its own, which nothing but it carries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from xrefgraph.inspection.evidence.collapse import Collapsed, micros
from xrefgraph.inspection.subjects import Subject
from xrefgraph.linking.evidence import NO_TIME
from xrefgraph.store import Store

Floats = npt.NDArray[np.float64]

#: The number of what stands for an event; larger than that of any identifier.
EVENT_NUMBER = 2**31 - 1


def as_ends(
    store: Store, found: Collapsed, subjects: Sequence[Subject]
) -> tuple[Collapsed, list[int]]:
    """Give the profile in which each of some subjects is an identifier, and their places.

    An event is taken out of its group, and a new identifier is put on it.
    """
    events = [one for one in subjects if one.is_event]
    group_of = {
        one: int(found.set_group[np.searchsorted(found.sets, int(one.set_number or 0))])
        for one in events
    }
    for one in events:
        found = _with_event(found, group_of[one], one)
    for group in sorted(set(group_of.values())):
        taken = [one for one in events if group_of[one] == group]
        found = _without(store, found, group, taken)
    first = found.identifiers - len(events)
    numbers = {one: first + n for n, one in enumerate(events)}
    return found, [
        numbers[one] if one.is_event else found.place(int(one.number or 0)) for one in subjects
    ]


def _without(store: Store, found: Collapsed, group: int, taken: Sequence[Subject]) -> Collapsed:
    """The profile without some events of a group."""
    events, oldest = found.events.copy(), found.oldest.copy()
    sets, source = found.oldest_set.copy(), found.oldest_source.copy()
    position = found.oldest_position.copy()
    events[group] -= len(taken)
    if not events[group]:
        # Nothing is left of it: its links hold nothing any more.
        kept = found.kept.copy()
        kept[found.start[group] : found.start[group + 1]] = False
        return replace(found, events=events, kept=kept)
    mine = found.sets[found.set_group == group]
    keys = ", ".join(f"({one.source}, {one.position})" for one in taken)
    with store.database.registered(set_number=mine) as lent:
        ((rest,),) = store.database.rows(
            f"SELECT min({{'time': coalesce(epoch_us(time), {NO_TIME + 1} - 1), 'source': source, 'position': position, 'of': set_number}})"
            f" FROM store.event SEMI JOIN {lent} USING (set_number)"
            f" WHERE set_number BETWEEN {mine.min()} AND {mine.max()} AND (source, position) NOT IN ({keys})"
        )
    oldest[group], sets[group] = rest["time"], rest["of"]
    source[group], position[group] = rest["source"], rest["position"]
    return replace(
        found,
        events=events,
        oldest=oldest,
        oldest_set=sets,
        oldest_source=source,
        oldest_position=position,
    )


def _with_event(found: Collapsed, group: int, event: Subject) -> Collapsed:
    """The profile with a new group of one event, which carries what another group carries, and a new identifier."""
    own = slice(found.start[group], found.start[group + 1])
    when = micros(event.time)

    def more(values: Any, one: Any) -> Any:
        return np.concatenate([values, np.array([one], values.dtype)])

    return replace(
        found,
        identifier=more(found.identifier, EVENT_NUMBER),
        rank=more(found.rank, -1),
        profile_of=more(found.profile_of, found.profile[group]),
        start=more(found.start, found.start[-1] + own.stop - own.start + 1),
        link=more(np.concatenate([found.link, found.link[own]]), found.identifiers),
        kept=np.concatenate([found.kept, found.kept[own], [True]]),
        events=more(found.events, 1),
        profile=more(found.profile, found.profile[group]),
        first=more(found.first, when),
        last=more(found.last, when),
        oldest=more(found.oldest, when),
        oldest_set=more(found.oldest_set, event.set_number),
        oldest_source=more(found.oldest_source, event.source),
        oldest_position=more(found.oldest_position, event.position),
    )
