"""What is drawn, event by event: when each was, which parts met at it, and at which of them two owners came together."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from xrefgraph.inspection.draw.layout.subject import Drawn
from xrefgraph.inspection.evidence.collapse import Collapsed, Flags, Ints, Longs
from xrefgraph.inspection.evidence.owners import owners_of
from xrefgraph.inspection.merging.clashes import Tally, tally
from xrefgraph.inspection.merging.replay import Replay, replayed
from xrefgraph.linking.evidence import NO_TIME
from xrefgraph.store import Store

#: So many identifiers are named on each side of a meeting, and so many owners.
NAMED = 2


@dataclass(frozen=True)
class MetSide:
    """One of the parts that met, as it was just before.

    Parameters
    ----------
    part : int
        Its number; -1 where it is only an owner that was seen for the first time.
    owners : tuple of int
        The places of the owners that it held, two at most.
    owner_count, events : int
        How many owners it held, and how many events.
    met : tuple of int
        The places of the identifiers by which it was reached, strongest first, two at most.
    """

    part: int
    owners: tuple[int, ...]
    owner_count: int
    events: int
    met: tuple[int, ...]


@dataclass(frozen=True)
class Meeting:
    """An event or a decision at which parts became one, or at which an owner came into a part.

    Parameters
    ----------
    moment : int
        When: see :mod:`xrefgraph.inspection.merging.replay`.
    part : int
        The part that came out.
    group : int
        The group of the event; -1 where it was a decision.
    decided : tuple of int
        The places of the two identifiers that the decision links; else none.
    sides : tuple of MetSide
        What met: those with an owner first, by their first owner, and then the largest first.
    """

    moment: int
    part: int
    group: int
    decided: tuple[int, ...]
    sides: tuple[MetSide, ...]

    @property
    def place(self) -> int:
        """Which event it was at, from 0; of a decision, the one before it; -1 before all events."""
        return self.moment // 2


@dataclass(frozen=True)
class Retraced:
    """A profile, or several, event by event.

    Parameters
    ----------
    drawn : Drawn
        The profiles.
    tree : Replay
        Their events in order, as a tree of parts. Links that were cut join nothing.
    time : int64[events]
        The time of each in microseconds, ``NO_TIME`` where it has none: these come first.
    owners : int64[owners]
        The places of all owners.
    """

    drawn: Drawn
    tree: Replay
    time: Longs
    owners: Longs = field(repr=False)

    @property
    def found(self) -> Collapsed:
        """The profiles as arrays."""
        return self.drawn.found

    @property
    def untimed(self) -> int:
        """How many events have no time."""
        return int(np.count_nonzero(self.time == NO_TIME))

    @cached_property
    def events(self) -> Tally:
        """How many events each part held when."""
        places = 2 * np.arange(len(self.tree.event_group), dtype=np.int64)
        return tally(self.tree, self.tree.part_of_event, places)

    @cached_property
    def owned(self) -> Tally:
        """How many owners each part held when."""
        tree = self.tree
        return tally(tree, tree.part_of_identifier[self.owners], tree.first[self.owners])

    @cached_property
    def is_merge(self) -> Flags:
        """Of each event, whether parts met at it."""
        found = np.zeros(len(self.time), bool)
        made = self.tree.made[self.tree.seeds :]
        found[made[made >= 0] // 2] = True
        return found

    def where_owners_met(self) -> tuple[Longs, Longs]:
        """Give the moments at which two owners came together, in order, and the parts that came out."""
        tree, held = self.tree, self.owned
        part, moment = tree.part_of_identifier[self.owners], tree.first[self.owners]
        # Where parts meet: two or more of those that hold one, or that come with the event itself.
        sides = np.zeros(tree.parts + 1, np.int64)
        np.add.at(sides, tree.into[(held.total > 0) & (tree.into >= 0)], 1)
        np.add.at(sides, part[moment == tree.made[part]], 1)
        met = np.flatnonzero(sides >= 2)
        # Within a part: one that comes where there is one already.
        late = np.flatnonzero(moment > tree.made[part])
        late = late[held.before(part[late], moment[late]) >= 1]
        moments = np.concatenate([tree.made[met], moment[late]])
        parts = np.concatenate([met, part[late]]).astype(np.int64)
        order = np.lexsort((parts, moments))
        moments, parts = moments[order], parts[order]
        once = np.ones(len(order), bool)
        once[1:] = (moments[1:] != moments[:-1]) | (parts[1:] != parts[:-1])
        return moments[once], parts[once]

    @cached_property
    def below(self) -> tuple[Longs, Longs]:
        """What went into each part: the parts by this, and where those of each begin."""
        by_into = np.argsort(self.tree.into, kind="stable")
        begin = np.searchsorted(self.tree.into[by_into], np.arange(self.tree.parts + 1))
        return by_into, begin

    def meeting(self, moment: int, part: int, only: tuple[int, ...] = ()) -> Meeting:
        """Tell what met at a moment and became a part; or what came into it, where it was there before.

        Parameters
        ----------
        moment, part : int
            When, and the part that came out.
        only : tuple of int
            Of parts that met, tell these; without, tell all.
        """
        tree = self.tree
        merged = part >= tree.seeds and int(tree.made[part]) == moment
        decision = int(tree.decision[part]) if merged else -1
        group = -1 if decision >= 0 or moment < 0 else int(tree.event_group[moment // 2])
        decided = () if decision < 0 else tuple(self.found.decided[decision].tolist())
        carried = (
            np.array(decided, np.int64)
            if group < 0
            else self.found.link[self._links(group)].astype(np.int64)
        )
        known = carried[tree.first[carried] < moment] if decision < 0 else carried
        if merged:
            by_into, begin = self.below
            parts = list(only) or by_into[begin[part] : begin[part + 1]].tolist()
            reached = tree.part_below(tree.seed[known], np.full(len(known), part))
            events = [int(self.events.total[one]) for one in parts]
            owned = [int(self.owned.total[one]) for one in parts]
        else:
            # A part that began with the event itself held nothing before.
            parts = [] if int(tree.made[part]) == moment else [part]
            reached = np.full(len(known), part)
            here = np.array(parts, np.int64), np.full(len(parts), moment)
            events, owned = self.events.before(*here).tolist(), self.owned.before(*here).tolist()
        sides = [
            MetSide(
                one,
                self._owners_in(one, moment, part) if owned[n] else (),
                owned[n],
                events[n],
                tuple(known[reached == one][:NAMED].tolist()),
            )
            for n, one in enumerate(parts)
        ]
        low, high = self.owned.at(np.array([part]), np.array([moment]))
        brought = np.sort(self.owners[self.owned.order[int(low[0]) : int(high[0])]])
        sides += [MetSide(-1, (one,), 1, 0, (one,)) for one in brought.tolist()]
        sides.sort(key=lambda one: (not one.owner_count, one.owners, -one.events, one.part))
        return Meeting(moment, part, group, decided, tuple(sides))

    def _links(self, group: int) -> Longs:
        """The links of a group that hold."""
        span = np.arange(self.found.start[group], self.found.start[group + 1])
        return span[self.found.kept[span]]

    def _owners_in(self, side: int, moment: int, part: int) -> tuple[int, ...]:
        """The owners of a side that were seen first, up to a moment."""
        tree = self.tree
        mine = self._by_sight
        mine = mine[tree.first[mine] < moment]
        limit = np.full(len(mine), part + int(side == part))
        return tuple(mine[tree.part_below(tree.seed[mine], limit) == side][:NAMED].tolist())

    @cached_property
    def _by_sight(self) -> Longs:
        return self.owners[np.lexsort((self.owners, self.tree.first[self.owners]))]

    def time_at(self, place: int) -> int:
        """The time of an event by its place, in microseconds; ``NO_TIME`` for none, or before all events."""
        return int(self.time[place]) if place >= 0 else NO_TIME


def retrace(drawn: Drawn) -> Retraced:
    """Put the events of what is drawn into their order, and replay how their identifiers came together.

    Notes
    -----
    Cost: sorting the events of the profiles, and their links.
    """
    group, time = _read_events(drawn.store, drawn)
    owners = drawn.owners if drawn.ends else owners_of(drawn.store, drawn.found)
    tree = replayed(drawn.found, group)
    return Retraced(drawn, tree, time, np.array(sorted(owners), np.int64))


def _read_events(store: Store, drawn: Drawn) -> tuple[Ints, Longs]:
    """The group and the time of each event, in order: by time, then by input; without a time first."""
    found = drawn.found
    if not len(found.sets):
        return np.empty(0, np.int32), np.empty(0, np.int64)
    events = [one for one in drawn.ends if one.is_event]
    where = f"WHERE set_number BETWEEN {found.sets[0]} AND {found.sets[-1]}"
    columns = f"set_number, coalesce(epoch_us(time), {NO_TIME + 1} - 1) AS time"
    if events:
        columns += ", source, position"
    with store.database.registered(set_number=found.sets) as lent:
        rows = store.database.arrays(
            f"SELECT {columns} FROM (SELECT * FROM store.event {where}) e SEMI JOIN {lent} l USING (set_number)"
            f" ORDER BY coalesce(epoch_us(time), {NO_TIME + 1} - 1), source, position"
        )
    group = found.set_group[np.searchsorted(found.sets, rows["set_number"])].astype(np.int32)
    # An event that was asked for is a group of its own, behind all others.
    for n, one in enumerate(events):
        taken = (rows["source"] == one.source) & (rows["position"] == one.position)
        group[taken] = found.groups - len(events) + n
    return group, rows["time"].astype(np.int64)
