"""The classic mistake of modelling: two people on one row (author and committer, sender and receiver), fed as one event.

No truth is needed to see it. Events that carry two values of one type are set aside, and all others say who is who without
them. If it is one person who has both values, then either nothing is known of them elsewhere, or they come together in a
small circle: that of what this person has. If it is two, then each has a life without the other, with other partners, and
the circle has no end: one event after the other, everybody becomes one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xrefgraph.inspection.measures.links import Flags, Ints, Links, Longs
from xrefgraph.linking.components import smallest_connected
from xrefgraph.linking.evidence import distinct, spans
from xrefgraph.store import Store


@dataclass(frozen=True)
class TwoPeople:
    """A source whose events look as if each were about two people.

    Parameters
    ----------
    source : str
        Its name.
    types : tuple of str
        The types of which its events carry two or more values, as two people do.
    events : int
        How many of its events do.
    of_events : int
        How many events it has.
    evidence : {"unique", "apart", "joined"}
        How it shows: the events carry two values of a unique type; the other events know their values as people with different
        values of a unique type; or only these events join many groups that all others keep apart.
    unique : str or None
        The unique type, of the first two.
    groups : int
        Of the last: how many groups of identifiers, that all other events keep apart, the largest of their circles joins.
    """

    source: str
    types: tuple[str, ...]
    events: int
    of_events: int
    evidence: str
    unique: str | None = None
    groups: int = 0

    @property
    def share(self) -> float:
        """The share of its events."""
        return self.events / self.of_events


@dataclass(frozen=True)
class _Circle:
    """What the events of one source do that have several values of one type.

    Parameters
    ----------
    apart, known : int
        How many events bring together two people of different values of a unique type; and how many have two values of which
        the other events know such a value at all.
    joined, asked : int
        How many events are in a circle that is too large for one person, of how many: those without the busiest group.
    groups : int
        How many groups the largest circle joins, with it.
    """

    apart: int
    known: int
    joined: int
    asked: int
    groups: int


def find_two_people(store: Store, links: Links, share: float, people: int) -> list[TwoPeople]:
    """Find the sources whose events look as if each were about two people.

    Parameters
    ----------
    store, links : Store, Links
        The graph.
    share : float
        Only sources of which this share of the events carries two values or more of one type, and 2 x ``people`` events.
    people : int
        A circle of so many groups is too large for one person.

    Returns
    -------
    list of TwoPeople
        At most one a source.

    Notes
    -----
    A *group* is what hangs together by the events that carry at most one value of each type. Events of the source that carry
    several values of the type, in different groups, join these. A join counts where each of the two groups is somebody
    without the other: of several identifiers, or joined with a third one as well. Either of two is evidence, where it holds
    for half of the events in question:

    - *apart*: of the events of which two values are in groups with a value of a unique type, these are different;
    - *joined*: the events are in circles around ``people`` groups or more whose joins count, of which no single event joins more
      than half, and which are no mere chain: there are as many joins as groups, or ``people`` groups of several identifiers. This
      has to hold without the events of the busiest group, which may be a value that everybody shares. But not if most circles have
      exactly one value of a unique type: then each is a person, who has much.

    And events that carry two values of a unique type themselves say so (*unique*).

    Nothing where no event carries two values of a type. Else the cost is that of searching components of the whole graph,
    and of a pass over the events.
    """
    several = links.several
    if not len(several):
        return []
    names = store.source_names
    of_set, rank = (several // links.types).astype(np.int32), several % links.types
    sets = distinct(of_set)
    with store.database.registered(set_number=sets) as lent:
        rows = store.database.arrays(
            f"SELECT source, set_number, count(*) AS events FROM store.event SEMI JOIN {lent} USING (set_number)"
            " GROUP BY ALL ORDER BY source, set_number"
        )
    sizes = dict(store.database.rows("SELECT source, count(*) FROM store.event GROUP BY source"))
    groups = _groups(store, links, sets)
    start = np.append(np.searchsorted(of_set, sets), len(of_set))
    found = []
    for source in distinct(rows["source"]).tolist():
        low, high = np.searchsorted(rows["source"], [source, source + 1])
        events = rows["events"][low:high].astype(np.int64)
        position, place = spans(start, np.searchsorted(sets, rows["set_number"][low:high]))
        own = _Several(of_set[position], rank[position], events[place])
        least = max(share * sizes[source], 2 * people)
        told = _of_source(store, links, own, groups, least=least, people=people)
        if told is not None:
            evidence, ranks, joins = told
            kinds = tuple(store.schema.names[r] for r in ranks)
            unique = {"unique": kinds[0], "apart": store.schema.names[groups.top]}.get(evidence)
            mine = distinct(place[np.isin(own.rank, ranks)])
            total = int(events[mine].sum())
            found.append(
                TwoPeople(names[source], kinds, total, sizes[source], evidence, unique, joins)
            )
    return found


@dataclass(frozen=True)
class _Several:
    """The sets of one source that have several values of a type: one entry a set and type, ascending.

    Parameters
    ----------
    of_set : int32[entries]
    rank : int64[entries]
    events : int64[entries]
        How many events of the source the set has.
    """

    of_set: Ints
    rank: Longs
    events: Longs


def _of_source(
    store: Store, links: Links, own: _Several, groups: _Groups, *, least: float, people: int
) -> tuple[str, list[int], int] | None:
    """What shows of one source: the evidence, the ranks of the types, and how many groups the largest circle joins."""
    torn = [
        r
        for r, kind in enumerate(store.schema.ranked)
        if kind.unique and own.events[own.rank == r].sum() >= least
    ]
    if torn:
        return "unique", torn, 0
    apart, joined, most = [], [], 0
    for r in distinct(own.rank).tolist():
        entries = (own.rank == r) & ~links.contradictory[own.of_set]
        sets, events = own.of_set[entries], own.events[entries]
        if events.sum() < least:
            continue
        circle = _circle(links, sets, r, events, groups, people)
        if circle.apart >= least and 2 * circle.apart >= circle.known:
            apart.append(r)
        elif circle.joined >= 2 * people and 2 * circle.joined >= circle.asked:
            joined.append(r)
            most = max(most, circle.groups)
    if apart:
        return "apart", sorted(apart + joined), 0
    return ("joined", joined, most) if joined else None


# -------------------------------------------------------------------------------------------- groups


@dataclass(frozen=True)
class _Groups:
    """What hangs together by the events that carry at most one value of each type.

    Parameters
    ----------
    of : int32[values]
        The smallest identifier of the group of each.
    size : int64[values]
        How many identifiers the group of that name has.
    top : int
        The rank of the strongest unique type; -1 where there is none.
    value : int32[values]
        Its value in the group of that name: -1 where it has none, -2 where it has several.
    """

    of: Ints
    size: Longs
    top: int
    value: Ints


def _groups(store: Store, links: Links, without: Ints) -> _Groups:
    holds = ~links.contradictory
    holds[without] = False
    place = np.flatnonzero(holds[links.set_of])
    head = links.identifier[links.start[links.set_of[place]]]
    group = smallest_connected(head, links.identifier[place], len(links.profile_of))
    top = next((r for r, kind in enumerate(store.schema.ranked) if kind.unique), -1)
    value = np.full(len(group), -1, np.int32)
    if top >= 0:
        of_top = np.arange(links.bounds[top], links.bounds[top + 1], dtype=np.int32)
        value[group[of_top]] = of_top
        value[np.bincount(group[of_top], minlength=len(group)) > 1] = -2
    return _Groups(group, np.bincount(group, minlength=len(group)), top, value)


def _circle(
    links: Links, sets: Ints, rank: int, events: Longs, groups: _Groups, people: int
) -> _Circle:
    """Look at the events of some sets, which have several values of a type."""
    position, place = spans(links.start, sets)
    own = links.rank[position] == rank
    name = groups.of[links.identifier[position[own]]]
    known = np.bincount(place[own][groups.value[name] >= 0], minlength=len(sets)) > 1
    # Each set with each of its groups, once.
    pairs = distinct(place[own].astype(np.int64) << 32 | name)
    at, name = pairs >> 32, (pairs & 0x7FFFFFFF).astype(np.int32)
    apart = np.bincount(at[groups.value[name] >= 0], minlength=len(sets)) > 1
    width = np.bincount(at, minlength=len(sets))

    at, name = at[width[at] > 1], name[width[at] > 1]
    node = distinct(name)
    number = np.searchsorted(node, name).astype(np.int32)
    left = np.ones(len(sets), bool)
    if len(
        node
    ):  # a value that everybody shares makes a circle, too: it has to hold without the busiest group
        left[at[number == np.bincount(number, events[at]).argmax()]] = False
    rest = left[at]
    joins = _Joins(at[rest], *_star(at[rest], number[rest]))
    circle, large = joins.crowds(groups.size[node], width, people)
    if groups.top >= 0:
        large &= ~_are_persons(links, sets, joins, circle, large=large, groups=groups, node=node)
    joined = distinct(joins.at[large[circle[joins.one]]])
    everything = smallest_connected(*_star(at, number), len(node))
    size = np.bincount(everything, minlength=len(node))
    return _Circle(
        int(events[apart].sum()),
        int(events[known].sum()),
        int(events[joined].sum()),
        int(events[left].sum()),
        int(size[everything[large]].max(initial=0)),
    )


def _star(at: Longs, number: Ints) -> tuple[Ints, Ints]:
    """Give the first of each set with each of it: a star, with its head as a loop."""
    return number[np.searchsorted(at, at)], number


@dataclass(frozen=True)
class _Joins:
    """Which groups some sets join: a star a set, from its first group to each of its groups.

    Parameters
    ----------
    at : int64[rays]
        The set, ascending.
    one, other : int32[rays]
        The first group, and each: loops do no harm.
    """

    at: Longs
    one: Ints
    other: Ints

    def crowds(self, size: Longs, width: Longs, people: int) -> tuple[Ints, Flags]:
        """Say which groups are in a circle that is too large for one person.

        Parameters
        ----------
        size : int64[groups]
            How many identifiers each has.
        width : int64[sets]
            How many groups each set joins.
        people : int
            See :func:`find_two_people`.

        Returns
        -------
        int32[groups], bool[groups]
            The smallest group of the circle of each, and whether it is too large.
        """
        count = len(size)
        is_join = self.one != self.other
        met = _once(self.one[is_join], self.other[is_join])
        somebody = (np.bincount(np.concatenate(met), minlength=count) > 1) | (size > 1)
        counts = is_join & somebody[self.one] & somebody[self.other]
        one, other = self.one[counts], self.other[counts]
        core = smallest_connected(one, other, count)
        inside = distinct(np.concatenate([one, other]))
        groups = np.bincount(core[inside], minlength=count)
        widest = np.zeros(count, np.int64)
        np.maximum.at(widest, core[one], width[self.at[counts]])
        # What one person has may follow one another in a long chain; people meet again, or are somebody each.
        joins = np.bincount(core[_once(one, other)[0]], minlength=count)
        whole = np.bincount(core[inside[size[inside] > 1]], minlength=count)
        crowd = (groups >= people) & (2 * widest <= groups)
        crowd &= (joins >= groups) | (whole >= people)
        # Around this core, all that the events join.
        circle = smallest_connected(self.one, self.other, count)
        large = np.zeros(count, bool)
        large[circle[crowd]] = True
        return circle, large[circle]


def _once(one: Ints, other: Ints) -> tuple[Ints, Ints]:
    """Give each pair once."""
    pairs = distinct(one.astype(np.int64) << 32 | other)
    return (pairs >> 32).astype(np.int32), (pairs & 0x7FFFFFFF).astype(np.int32)


def _are_persons(
    links: Links,
    sets: Ints,
    joins: _Joins,
    circle: Ints,
    *,
    large: Flags,
    groups: _Groups,
    node: Ints,
) -> Flags:
    """Say of each group whether it is in a circle that is a person after all: bool[groups].

    They are, all of them, if more of the large circles have exactly one value of the unique type than several: and more than two.
    """
    of_set = np.full(len(sets), -1, np.int32)
    of_set[joins.at] = circle[joins.one]
    position, place = spans(links.start, sets)
    carried = (links.rank[position] == groups.top) & (of_set[place] >= 0)
    value = groups.value[node]
    held = _once(
        np.concatenate([circle[value >= 0], of_set[place[carried]]]),
        np.concatenate([value[value >= 0], links.identifier[position[carried]]]),
    )
    number = np.bincount(held[0], minlength=len(node))
    np.add.at(number, circle[value == -2], 2)
    names = distinct(circle[large])
    one, more = (number[names] == 1).sum(), (number[names] > 1).sum()
    return np.full(len(node), one > max(2, more))
