"""The history of a profile told step by step: from the arrays of a replay to what people and drawings read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from xrefgraph.decisions import Identifier
from xrefgraph.inspection.evidence.collapse import (
    Collapsed,
    Flags,
    Ints,
    Longs,
    instant,
    oldest_events,
)
from xrefgraph.inspection.merging.clashes import Tally, find_clashes, tally
from xrefgraph.inspection.merging.lanes import bar_groups, bars_of, lane_places, lanes_of
from xrefgraph.inspection.merging.merges import Merge, Part, Retold, Side, Sight
from xrefgraph.inspection.merging.replay import Replay, smallest_values
from xrefgraph.linking.evidence import spans
from xrefgraph.lookup import named_values
from xrefgraph.networks import EventNode, IdentifierNode
from xrefgraph.store import Store
from xrefgraph.verdicts import verdicts

#: So many steps and first sights of anchors are listed at most, and so many parts.
MOST_STEPS, MOST_PARTS = 10_000, 20_000

#: So many sides of one step, and so many identifiers of one kind on one side.
MOST_SIDES, MOST_NAMED = 20, 5

Places = tuple[int, ...]


def retell(store: Store, found: Collapsed, tree: Replay) -> Retold:
    """Tell the steps by which a profile came together, and the parts that they made.

    Parameters
    ----------
    store : Store
        The graph.
    found : Collapsed
        The profile.
    tree : Replay
        The same, replayed.

    Notes
    -----
    Cost: linear in the profile; what is listed is written out in Python.
    """
    return _Telling(store, found, tree).told()


@dataclass(frozen=True)
class _Steps:
    """The steps, by moment and then by part.

    Parameters
    ----------
    number : int64[steps]
        Counted from 1; those that are not chosen have theirs, too.
    moment : int64[steps]
    part : int64[steps]
        The part that came out.
    why : int64[steps]
        What clashes, as in :class:`xrefgraph.inspection.clashes.Clashes`; -1 where nothing does.
    is_merge : bool[steps]
        Whether parts met; else something new came to one that it does not go with.
    """

    number: Longs
    moment: Longs
    part: Longs
    why: Longs
    is_merge: Flags

    def chosen(self, rows: Longs) -> _Steps:
        return _Steps(*(column[rows] for column in vars(self).values()))


@dataclass(frozen=True)
class _Said:
    """What is told of one step, in places of identifiers."""

    number: int
    moment: int
    part: int
    why: int
    group: int
    decision: int
    sides: tuple[int, ...]
    left_off: int
    met: dict[int, tuple[Places, int]]
    brought: Places
    brought_count: int

    @property
    def named(self) -> list[int]:
        """The identifiers that are named."""
        return [*self.brought, *(place for some, _ in self.met.values() for place in some)]


class _Telling:
    """A profile while its history is put into words."""

    def __init__(self, store: Store, found: Collapsed, tree: Replay) -> None:
        self.store, self.found, self.tree = store, found, tree
        schema = store.schema
        self.unique = [rank for rank, kind in enumerate(schema.ranked) if kind.unique]
        #: The rank of the anchors, or of what stands for them.
        self.top = schema.rank(schema.anchor) if schema.anchor else min(self.unique, default=-1)
        self.identifiers = tally(tree, tree.part_of_identifier, tree.first)
        places = 2 * np.arange(len(tree.event_group), dtype=np.int64)
        self.events = tally(tree, tree.part_of_event, places)
        self.anchor_places = np.flatnonzero(found.rank == self.top)
        self.anchors = self._tallied(self.top)
        self.decided = verdicts(schema)
        self.separated = places_of(store, found, self.decided.separated)
        self._earliest: dict[int, dict[int, Places]] = {}
        #: What went into each part: the parts by this, and where those of each begin.
        self.by_into = np.argsort(tree.into, kind="stable")
        self.begin = np.searchsorted(tree.into[self.by_into], np.arange(tree.parts + 1))

    def _tallied(self, rank: int) -> Tally:
        places = np.flatnonzero(self.found.rank == rank)
        return tally(self.tree, self.tree.part_of_identifier[places], self.tree.first[places])

    def told(self) -> Retold:
        """Tell it all."""
        found, tree = self.found, self.tree
        steps, chosen, weight = self._steps()
        said = list(self._collected(chosen))
        first_clash = next((one.number for one in said if one.why >= 0), None)
        part_rows = self._listed_parts(said)
        sights = self.anchor_places[
            np.lexsort((self.anchor_places, tree.first[self.anchor_places]))
        ][:MOST_STEPS]
        by_weight = [
            said[n] for n in np.argsort(-weight[chosen.number - 1], kind="stable").tolist()
        ]
        lanes = lane_places(found, tree, self.anchor_places, [one.named for one in by_weight])
        bars = bar_groups(tree, [one.group for one in by_weight if one.group >= 0])
        made = {one.group: one.number for one in said if one.group >= 0}

        names = self._names(said, part_rows, sights, lanes)
        events = self._events(said, part_rows, sights, bars)
        merges = tuple(self._merge(one, names, events) for one in said)
        is_merge = steps.is_merge
        step_of = np.full(tree.parts, 0, np.int64)
        step_of[steps.part[is_merge]] = steps.number[is_merge]
        return Retold(
            steps=merges,
            step_count=len(steps.number),
            merge_count=int(is_merge.sum()),
            became_ambiguous=next((one for one in merges if one.number == first_clash), None),
            parts=tuple(self._part(n, step_of, names, events) for n in part_rows.tolist()),
            part_count=tree.parts,
            beginnings=tree.seeds,
            pieces=int((tree.into < 0).sum()),
            sights=tuple(self._sight(n, names, events) for n in sights.tolist()),
            anchor_count=len(self.anchor_places),
            lanes=tuple(lanes_of(found, tree, lanes, names)),
            lanes_left_off=found.identifiers - len(lanes),
            bars=tuple(bars_of(found, bars, lanes, made, events)),
            bars_left_off=found.groups - len(bars),
        )

    # ------------------------------------------------------------------------------ which steps

    def _steps(self) -> tuple[_Steps, _Steps, Longs]:
        """All steps, those that are listed, and how much each weighs."""
        tree = self.tree
        ranks = len(self.store.schema.names)
        clashes = find_clashes(tree, self.found, self.unique, self.separated, ranks)
        merged = np.arange(tree.seeds, tree.parts)
        at_merge = (clashes.part >= tree.seeds) & (clashes.moment == tree.made[clashes.part])
        why = np.full(tree.parts, -1, np.int64)
        why[clashes.part[at_merge]] = clashes.why[at_merge]
        moment = np.concatenate([tree.made[merged], clashes.moment[~at_merge]])
        part = np.concatenate([merged, clashes.part[~at_merge]]).astype(np.int64)
        reason = np.concatenate([why[merged], clashes.why[~at_merge]]).astype(np.int64)
        is_merge = np.arange(len(part)) < len(merged)
        order = np.lexsort((part, moment))
        number = np.arange(1, len(order) + 1)
        steps = _Steps(number, moment[order], part[order], reason[order], is_merge[order])
        weight = np.where(steps.is_merge, self._second_largest()[steps.part], 0)
        # Whatever clashes weighs more than all that does not.
        weight += np.where(steps.why >= 0, 1 + weight.max(initial=0), 0)
        heaviest = np.sort(np.argsort(-weight, kind="stable")[:MOST_STEPS])
        return steps, steps.chosen(heaviest), weight

    def _second_largest(self) -> Longs:
        """The size, in events and identifiers, of the second largest of what each part was made of."""
        size = self.events.total + self.identifiers.total
        order = np.lexsort((size, self.tree.into))
        into = self.tree.into[order]
        found = np.zeros(self.tree.parts, np.int64)
        second = np.flatnonzero((into[:-1] == into[1:]) & (into[1:] >= 0))
        # Ascending in size, so the last one that stays is the one before the largest.
        found[into[second]] = size[order][second]
        return found

    def _listed_parts(self, said: Sequence[_Said]) -> Longs:
        tree = self.tree
        if tree.parts <= MOST_PARTS:
            return np.arange(tree.parts)
        named = {part for one in said for part in (one.part, *one.sides)}
        return np.array(sorted(named | set(np.flatnonzero(tree.into < 0)[:MOST_PARTS].tolist())))

    # ------------------------------------------------------------------------------ what is told of each

    def _collected(self, steps: _Steps) -> Iterator[_Said]:
        """Find of each step what met, by what, and what is new."""
        tree = self.tree
        decision = np.where(steps.is_merge, tree.decision[steps.part], -1)
        of_event = decision < 0
        # What an event did is told of the oldest of those that are alike: no later one finds anything to join.
        group = np.full(len(decision), -1, np.int64)
        group[of_event] = tree.event_group[steps.moment[of_event] // 2]
        met = self._met(steps, group, decision)
        low, high = self.identifiers.at(steps.part, steps.moment)
        for n, is_merge in enumerate(steps.is_merge.tolist()):
            part, why = int(steps.part[n]), int(steps.why[n])
            sides = self._sides(part) if is_merge else [part]
            if not is_merge and steps.moment[n] == tree.made[part]:
                sides = []  # it began with what clashes
            brought = self.identifiers.order[low[n] : high[n]]
            if len(brought) > 1:
                brought = brought[np.lexsort((brought, ~self._clashes(brought, why)))]
            yield _Said(
                number=int(steps.number[n]),
                moment=int(steps.moment[n]),
                part=part,
                why=why,
                group=int(group[n]),
                decision=int(decision[n]),
                sides=tuple(sides[:MOST_SIDES]),
                left_off=max(0, len(sides) - MOST_SIDES),
                met=met.get(n, {}),
                brought=tuple(brought[:MOST_NAMED].tolist()),
                brought_count=len(brought),
            )

    def _sides(self, part: int) -> list[int]:
        """What a part was made of, the largest first."""
        sides = self.by_into[self.begin[part] : self.begin[part + 1]]
        size = self.events.total[sides] + self.identifiers.total[sides]
        found: list[int] = sides[np.lexsort((sides, -size))].tolist()
        return found

    def _met(
        self, steps: _Steps, group: Longs, decision: Longs
    ) -> dict[int, dict[int, tuple[Places, int]]]:
        """For each step and each part that it reached: by which identifiers, the first of them and how many."""
        tree, found = self.tree, self.found
        rows = np.flatnonzero(group >= 0)
        position, place = spans(found.start, group[rows])
        kept = found.kept[position]
        link, row = found.link[position][kept], rows[place[kept]]
        pairs = np.flatnonzero(decision >= 0)
        link = np.concatenate([link, found.decided[decision[pairs]].ravel()])
        row = np.concatenate([row, np.repeat(pairs, 2)])
        known = tree.first[link] < steps.moment[row]
        link, row = link[known], row[known]
        # Of parts that met, the one of these; else the part itself.
        limit = steps.part[row] + ~steps.is_merge[row]
        part = tree.part_below(tree.seed[link], limit)
        order = np.lexsort((link, part, row))
        link, part, row = link[order], part[order], row[order]
        starts = np.flatnonzero(np.append(True, (row[1:] != row[:-1]) | (part[1:] != part[:-1])))
        met: dict[int, dict[int, tuple[Places, int]]] = {}
        if not len(link):
            return met
        for begin, end in zip(starts.tolist(), [*starts[1:].tolist(), len(link)], strict=True):
            some = tuple(link[begin : min(end, begin + MOST_NAMED)].tolist())
            met.setdefault(int(row[begin]), {})[int(part[begin])] = (some, end - begin)
        return met

    def _clashes(self, places: Longs, why: int) -> Flags:
        """Which identifiers are of those that may not come together."""
        ranks = len(self.store.schema.names)
        if why >= ranks:
            return np.isin(places, self.separated[why - ranks])
        found: Flags = self.found.rank[places] == why
        return found

    def _earliest_of(self, rank: int) -> dict[int, Places]:
        """The values of a type that each part saw first."""
        if rank not in self._earliest:
            values = np.flatnonzero(self.found.rank == rank)
            values = values[np.lexsort((values, self.tree.first[values]))]
            parts = self.tree.part_of_identifier[values]
            turns = np.arange(len(values), dtype=np.int32)
            smallest = smallest_values(self.tree, parts, turns, MOST_NAMED)
            self._earliest[rank] = {
                part: tuple(values[list(some)].tolist()) for part, some in smallest.items()
            }
        return self._earliest[rank]

    def _anchors_of(self, part: int, moment: int | None = None) -> Places:
        """The anchors that a part saw first, up to a moment."""
        return self._until(self._earliest_of(self.top).get(part, ()), moment)

    def _until(self, places: Places, moment: int | None) -> Places:
        return places if moment is None else tuple(n for n in places if self.tree.first[n] < moment)

    def _held(self, one: _Said, side: int) -> Places:
        """What a side held of what may not come together."""
        ranks = len(self.store.schema.names)
        if one.why < 0:
            return ()
        if one.why < ranks:
            return self._until(self._earliest_of(one.why).get(side, ()), one.moment)
        pair = self.separated[one.why - ranks]
        limit = one.part + int(side == one.part)
        parts = self.tree.part_below(self.tree.seed[pair], np.array([limit, limit]))
        known = self.tree.first[pair] < one.moment
        return tuple(pair[(parts == side) & known].tolist())

    # ------------------------------------------------------------------------------ names

    def _names(
        self, said: Sequence[_Said], parts: Longs, sights: Longs, lanes: Longs
    ) -> dict[int, IdentifierNode]:
        """The names of all identifiers that are told of."""
        wanted = {*sights.tolist(), *lanes.tolist()}
        for one in said:
            wanted.update(one.named)
            for side in one.sides:
                wanted.update(self._anchors_of(side), self._held(one, side))
        for part in parts.tolist():
            wanted.update(self._anchors_of(part))
        places = sorted(wanted)
        numbers = self.found.identifier[places].tolist()
        texts = named_values(self.store.database, self.store.schema, numbers)
        return {
            place: IdentifierNode(*texts[no]) for place, no in zip(places, numbers, strict=True)
        }

    def _events(
        self, said: Sequence[_Said], parts: Longs, sights: Longs, bars: Longs
    ) -> dict[int, EventNode]:
        """The oldest event of each group that is told of."""
        tree = self.tree
        wanted = {one.group for one in said} | set(bars.tolist())
        wanted.update(tree.group[parts].tolist(), self._group_at(tree.first[sights]).tolist())
        groups = sorted(wanted - {-1})
        return dict(zip(groups, oldest_events(self.store, self.found, groups), strict=True))

    def _group_at(self, moment: Longs) -> Longs:
        """The group of the event at a moment; -1 before all events."""
        found = np.full(len(moment), -1, np.int64)
        found[moment >= 0] = self.tree.event_group[moment[moment >= 0] // 2]
        return found

    # ------------------------------------------------------------------------------ nouns

    def _merge(
        self, one: _Said, names: dict[int, IdentifierNode], events: dict[int, EventNode]
    ) -> Merge:
        found, part, moment = self.found, np.array([one.part]), np.array([one.moment])
        group = int(self._group_at(moment)[0])
        own = part[:0] if one.group < 0 else part[:1]
        before = (self.identifiers.before(part, moment), self.events.before(part, moment))
        return Merge(
            number=one.number,
            place=_place(one.moment),
            event=events.get(one.group),
            time=None if group < 0 else instant(int(found.oldest[group])),
            alike=0 if one.group < 0 else int(found.events[one.group]),
            sides=tuple(self._side(one, side, names) for side in one.sides),
            sides_left_off=one.left_off,
            into=one.part,
            brought=tuple(names[n] for n in one.brought),
            brought_count=one.brought_count,
            identifiers=int(before[0][0]) + one.brought_count,
            events=int(before[1][0]) + len(own),
            conflict=self._conflict(one.why),
            decision=self._decision(one, names),
        )

    def _conflict(self, why: int) -> str | None:
        names = self.store.schema.names
        if why < 0:
            return None
        return f"two values of {names[why]}" if why < len(names) else "a decision keeps them apart"

    def _decision(self, one: _Said, names: dict[int, IdentifierNode]) -> dict[str, Any] | None:
        if one.decision < 0:
            return None
        # Both are named, since the step is met by them.
        nodes = [names[n] for n in self.found.decided[one.decision].tolist()]
        a, b = ((node.type, node.value) for node in nodes)
        taken = self.decided.linked.get((a, b)) or self.decided.linked[b, a]
        return taken.to_dict()

    def _side(self, one: _Said, side: int, names: dict[int, IdentifierNode]) -> Side:
        # What met had its whole size; where a part only grew, it is what it had before.
        grew = one.part == side
        part, moment = np.array([side]), np.array([one.moment])
        sizes = [
            int(count.before(part, moment)[0] if grew else count.total[side])
            for count in (self.identifiers, self.events, self.anchors)
        ]
        places, count = one.met.get(side, ((), 0))
        return Side(
            part=side,
            identifiers=sizes[0],
            events=sizes[1],
            anchors=tuple(names[n] for n in self._anchors_of(side, one.moment)),
            anchor_count=sizes[2],
            met=tuple(names[n] for n in places),
            met_count=count,
            held=tuple(names[n] for n in self._held(one, side)),
        )

    def _part(
        self,
        part: int,
        step_of: Longs,
        names: dict[int, IdentifierNode],
        events: dict[int, EventNode],
    ) -> Part:
        tree = self.tree
        group = int(self._group_at(tree.made[[part]])[0])
        into = int(tree.into[part])
        return Part(
            number=part,
            event=events.get(int(tree.group[part])),
            time=None if group < 0 else instant(int(self.found.oldest[group])),
            identifiers=int(self.identifiers.total[part]),
            events=int(self.events.total[part]),
            anchors=tuple(names[n] for n in self._anchors_of(part)),
            anchor_count=int(self.anchors.total[part]),
            into=None if into < 0 else into,
            made_by=int(step_of[part]) or None,
            ended_by=None if into < 0 else int(step_of[into]),
        )

    def _sight(
        self, place: int, names: dict[int, IdentifierNode], events: dict[int, EventNode]
    ) -> Sight:
        moment = self.tree.first[[place]]
        group = int(self._group_at(moment)[0])
        return Sight(
            names[place],
            events.get(group),
            None if group < 0 else instant(int(self.found.oldest[group])),
            _place(int(moment[0])),
            int(self.tree.part_of_identifier[place]),
        )


def _place(moment: int) -> int:
    """Which event a moment is at, counted from 1; 0 before all of them."""
    return 0 if moment < 0 else moment // 2 + 1


def places_of(
    store: Store, found: Collapsed, pairs: Iterable[tuple[Identifier, Identifier]]
) -> Ints:
    """Give the places of both identifiers of some pairs: int32[pairs, 2]. Pairs of which one is not there are left out."""
    wanted = list(pairs)
    names = sorted({name for pair in wanted for name in pair})
    if not names:
        return np.empty((0, 2), np.int32)
    with store.database.registered(
        type=np.array([store.schema.rank(kind) for kind, _ in names], np.int32),
        text=np.array([text for _, text in names], dtype=object),
    ) as lent:
        rows = store.database.rows(
            "SELECT v.type, v.text, v.identifier FROM store.value v"
            f" JOIN (SELECT type, text::VARCHAR AS text FROM {lent}) l ON v.text = l.text AND v.type = l.type"
            " WHERE v.identifier IS NOT NULL"
        )
    kinds = store.schema.names
    place: dict[Identifier, int] = {}
    for rank, text, number in rows:
        at = int(np.searchsorted(found.identifier, number))
        if at < found.identifiers and found.identifier[at] == number:
            place[kinds[rank], text] = at
    there = [(place[a], place[b]) for a, b in wanted if a in place and b in place]
    return np.array(there, np.int32).reshape(-1, 2)
