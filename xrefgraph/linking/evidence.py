"""What the policies are given, and what they give back: identifiers, sets and events as integers.

Identifiers are numbered so that the smaller number is the stronger identifier: by the rank of its type,
then by its text. Events that carry the same identifiers are one *set*. What a set joins is a star: its
strongest identifier with each of its others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Integer = TypeVar("Integer", np.int32, np.int64)

#: The time of an event that has none, and the open end of an interval.
NO_TIME = np.iinfo(np.int64).min


def no_pairs() -> Ints:
    """Give an empty list of pairs."""
    return np.empty((0, 2), np.int32)


@dataclass(frozen=True)
class Rules:
    """What the schema and the decisions say, in numbers of identifiers.

    Attributes
    ----------
    bounds : tuple of int
        The identifiers of rank r are ``bounds[r] <= i < bounds[r + 1]``.
    unique : tuple of int
        The ranks of which a profile holds one value at most; the anchor's is among them.
    limits : mapping of int to int
        Rank to how many values a profile holds at most; of unique ranks nothing stands here.
    top : int, optional
        The rank whose values make a profile anchored under ``over_time``: the anchor's, else that of the
        strongest unique type.
    separated : int32[pairs, 2]
        Identifiers that may not share a profile, the smaller one first, in ascending order.
    group : int32[identifiers], optional
        For each identifier the smallest one that `link` decisions make one with it; None where nobody
        linked anything. Linked identifiers move as one, and count as one value.

    Raises
    ------
    ValueError
        If two identifiers are separated, and yet linked.

    Examples
    --------
    Three identifiers of rank 0, which is unique, and four of rank 1:

    >>> rules = Rules((0, 3, 7), unique=(0,), top=0)
    >>> rules.rank(np.array([2, 3])).tolist()
    [0, 1]
    """

    bounds: tuple[int, ...]
    unique: tuple[int, ...] = ()
    limits: Mapping[int, int] = field(default_factory=dict)
    top: int | None = None
    separated: Ints = field(default_factory=no_pairs)
    group: Ints | None = None

    def __post_init__(self) -> None:
        """Refuse what no policy can fulfil."""
        one, other = self.nodes(self.separated).T
        if (one == other).any():
            raise ValueError(
                f"{(one == other).sum():,} pairs of identifiers are separated by one decision and linked by "
                "others. Take one of these decisions out."
            )

    def rank(self, identifier: Ints) -> Longs:
        """Give the rank of the type of each identifier."""
        return np.searchsorted(self.bounds, identifier, side="right") - 1

    def nodes(self, identifier: Ints) -> Ints:
        """Give for each identifier the one that stands for all that are linked with it."""
        return identifier if self.group is None else self.group[identifier]

    def values(self, rank: int) -> Ints:
        """Give the identifiers of a rank, of linked ones only the smallest: they count as one value."""
        found = np.arange(self.bounds[rank], self.bounds[rank + 1], dtype=np.int32)
        if self.group is None:
            return found
        # Only what is linked has to be sorted, and that is little.
        linked = self.nodes(found) != found
        is_head = np.zeros(len(self.group), bool)
        is_head[self.group[found[linked]]] = True
        linked |= is_head[found]
        _, first = np.unique(self.nodes(found[linked]), return_index=True)
        return np.sort(np.concatenate([found[~linked], found[linked][first]]))

    def most(self, *, limits: bool = True) -> Iterator[tuple[int, int]]:
        """Give each rank that is counted, strongest first, and how many values a profile may hold."""
        for rank in range(len(self.bounds) - 1):
            if rank in self.unique:
                yield rank, 1
            elif limits and rank in self.limits:
                yield rank, self.limits[rank]


@dataclass(frozen=True)
class Evidence:
    """The raw profiles in conflict: their identifiers, the sets that carry them, and perhaps the events.

    Attributes
    ----------
    raw_of : int32[identifiers]
        The raw profile of each identifier: any labels from 0 on; memory follows the largest.
    set_start : int64[sets + 1]
    set_identifier : int32[links]
        Set s carries ``set_identifier[set_start[s]:set_start[s + 1]]``: one or more, ascending.
    set_events : int64[sets]
        How many events each set has.
    set_oldest, set_newest : int64[sets], optional
        The numbers of the oldest and the newest event of each set. Any numbers that ascend in the order of
        events do. `first_claim` needs the first, `last_touch` the second.
    set_newest_time : int64[sets], optional
        The time of the newest event of each set, in microseconds, or ``NO_TIME``.
    event_set : int32[events], optional
    event_time : int64[events], optional
        The set of each event, and its time in microseconds or ``NO_TIME``, in the order of events, oldest first.
        Only `over_time` needs them; where they are given, the three arrays above need not be.
    """

    raw_of: Ints
    set_start: Longs
    set_identifier: Ints
    set_events: Longs
    set_oldest: Longs | None = None
    set_newest: Longs | None = None
    set_newest_time: Longs | None = None
    event_set: Ints | None = None
    event_time: Longs | None = None

    @property
    def identifiers(self) -> int:
        """How many identifiers there are."""
        return len(self.raw_of)

    @property
    def strongest(self) -> Ints:
        """The strongest identifier of each set: int32[sets]."""
        return self.set_identifier[self.set_start[:-1]]

    @property
    def link_set(self) -> Ints:
        """The set of each link: int32[links]."""
        sets = np.arange(len(self.set_start) - 1, dtype=np.int32)
        return np.repeat(sets, np.diff(self.set_start))

    def joins(self) -> tuple[Ints, Ints, Ints]:
        """Give the joins: their set, its strongest identifier, and the other one. In order of sets."""
        is_join = np.ones(len(self.set_identifier), bool)
        is_join[self.set_start[:-1]] = False
        sets = self.link_set[is_join]
        return sets, self.strongest[sets], self.set_identifier[is_join]

    def oldest(self) -> Longs:
        """Give the number of the oldest event of each set."""
        return self.first_events() if self.set_oldest is None else self.set_oldest

    def first_events(self) -> Longs:
        """Give the place of the oldest event of each set."""
        event_set, _ = self.events()
        found = np.empty(len(self.set_events), np.int64)
        found[event_set[::-1]] = np.arange(len(event_set))[::-1]
        return found

    def newest(self) -> tuple[Longs, Longs]:
        """Give the number and the time of the newest event of each set."""
        if self.set_newest is not None and self.set_newest_time is not None:
            return self.set_newest, self.set_newest_time
        event_set, event_time = self.events()
        found = np.empty(len(self.set_events), np.int64)
        found[event_set] = np.arange(len(event_set))
        return found, event_time[found]

    def events(self) -> tuple[Ints, Longs]:
        """Give the set and the time of each event."""
        if self.event_set is None or self.event_time is None:
            raise ValueError("This policy looks at the order of events, and got none.")
        return self.event_set, self.event_time


@dataclass(frozen=True)
class Cuts:
    """Links that a policy cut, ordered by `at`, then by identifier.

    Attributes
    ----------
    at : int32[cuts]
        The set whose link is cut, for all its events. Under `over_time`: the event.
    identifier : int32[cuts]
        The other end of the link.
    a, b : int32[cuts]
        The two values that the cut keeps apart, `a` on the event's side, `b` on the identifier's, as far as this
        can be said: a contested identifier stands on neither side. -1 where nothing is known to be kept apart.
    """

    at: Ints
    identifier: Ints
    a: Ints
    b: Ints

    def __len__(self) -> int:
        """How many links are cut."""
        return len(self.at)


@dataclass(frozen=True)
class Partition:
    """What a policy made of the raw profiles.

    Attributes
    ----------
    part_of : int32[identifiers]
        The smallest identifier of the part that an identifier is in. Each part is a profile; a set (and
        each of its events) belongs to the part of its strongest identifier.
    contested : bool[identifiers]
        Whether the policy cut a link of it, or found it contested.
    cuts : Cuts
        The links between a set and an identifier of another part.
    """

    part_of: Ints
    contested: Flags
    cuts: Cuts


@dataclass(frozen=True)
class Intervals:
    """Who owned an identifier, and when: one row an interval, by identifier and then by time.

    Attributes
    ----------
    identifier, part : int32[intervals]
        Whose it was. A part that holds no owner (an anonymous one) comes before all claims.
    valid_from, valid_to : int64[intervals]
        Microseconds, ``[valid_from, valid_to)``; ``NO_TIME`` where open, and where the claim has no time.
    """

    identifier: Ints
    part: Ints
    valid_from: Longs
    valid_to: Longs


@dataclass(frozen=True)
class TimedPartition(Partition):
    """What `over_time` made of the raw profiles: its cuts, and where events belong, are a matter of each event.

    Attributes
    ----------
    event_part : int32[events]
        The part that each event goes to.
    owned : Intervals
        Every part that a claimed identifier was in. In `part_of` stands the last of them.
    """

    event_part: Ints
    owned: Intervals


def spans(start: Longs | Ints, rows: Ints | Longs) -> tuple[Longs, Longs]:
    """Give the positions of all members of some rows, and for each its place in `rows`.

    Examples
    --------
    >>> spans(np.array([0, 2, 2, 5]), np.array([2, 0]))
    (array([2, 3, 4, 0, 1]), array([0, 0, 0, 1, 1]))
    """
    begin = start[rows].astype(np.int64)
    counts = start[rows + 1] - begin
    place = np.repeat(np.arange(len(rows)), counts)
    before = np.cumsum(counts) - counts
    return np.arange(len(place)) + (begin - before)[place], place


def smallest_members(label: Ints | Longs) -> Ints:
    """Give each member the smallest one that has the same label.

    Examples
    --------
    >>> smallest_members(np.array([7, 3, 7]))
    array([0, 1, 0], dtype=int32)
    """
    if not len(label):
        return np.empty(0, np.int32)
    smallest = np.empty(int(label.max()) + 1, np.int32)
    # Of several that are assigned to one place the last one stays.
    smallest[label[::-1]] = np.arange(len(label), dtype=np.int32)[::-1]
    return smallest[label]


def recency(number: Longs, time: Longs) -> Longs:
    """Give ascending numbers to events, equal ones to those of one explicit time.

    Examples
    --------
    >>> recency(np.array([0, 1, 2, 3]), np.array([NO_TIME, NO_TIME, 60, 60]))
    array([0, 1, 2, 2])
    """
    if not len(time):
        return np.empty(0, np.int64)
    tie = np.where(time == NO_TIME, number, 0)
    order = np.lexsort((tie, time))
    is_newer = np.diff(time[order]) != 0
    is_newer |= np.diff(tie[order]) != 0
    found = np.empty(len(time), np.int64)
    found[order] = np.concatenate([[0], np.cumsum(is_newer)])
    return found


def distinct(number: npt.NDArray[Integer]) -> npt.NDArray[Integer]:
    """Give the distinct numbers, ascending.

    `np.unique` does it by hashing, which takes ten times as long as sorting where most are distinct.

    Examples
    --------
    >>> distinct(np.array([7, 3, 7]))
    array([3, 7])
    """
    ascending: npt.NDArray[Integer] = np.sort(number)
    is_new = np.ones(len(ascending), bool)
    is_new[1:] = ascending[1:] != ascending[:-1]
    return ascending[is_new]


def among(number: Longs, known: Longs) -> Flags:
    """Say which numbers are among those that are known, which ascend.

    Examples
    --------
    >>> among(np.array([7, 3, 9]), np.array([3, 7]))
    array([ True,  True, False])
    """
    if not len(known):
        return np.zeros(len(number), bool)
    found: Flags = known[np.minimum(np.searchsorted(known, number), len(known) - 1)] == number
    return found
