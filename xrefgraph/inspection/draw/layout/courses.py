"""Which parts of a profile are one stream: where parts meet, one of them flows on, and the others end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from xrefgraph.inspection.draw.layout.replaying import Retraced
from xrefgraph.inspection.evidence.collapse import Longs

#: What has no owner is drawn if it holds this share of all events, when it joins.
SUBSTANTIAL = 0.02


@dataclass(frozen=True)
class Course:
    """Which parts are one stream.

    Parameters
    ----------
    stream : int64[parts]
        The stream of each part.
    head : int64[streams]
        The last part of each.
    """

    stream: Longs
    head: Longs


def course_of(traced: Retraced) -> Course:
    """Let each part flow on as one of those that went into it."""
    tree = traced.tree
    into = tree.into.astype(np.int64)
    below = np.flatnonzero(into >= 0)
    order = below[
        np.lexsort((-below, traced.events.total[below], traced.owned.total[below] > 0, into[below]))
    ]
    last = np.ones(len(order), bool)
    last[:-1] = into[order][1:] != into[order][:-1]
    flows_on = np.zeros(tree.parts, bool)
    flows_on[order[last]] = True
    head = np.flatnonzero(~flows_on)
    stream = np.full(tree.parts, -1, np.int64)
    stream[head] = np.arange(len(head))
    # A part comes before the one that it went into.
    found, target, on = stream.tolist(), into.tolist(), flows_on.tolist()
    for part in reversed(range(tree.parts)):
        if on[part]:
            found[part] = found[target[part]]
    return Course(np.array(found, np.int64), head.astype(np.int64))


def chosen_streams(traced: Retraced, course: Course, most: int) -> list[int]:
    """The streams that are drawn."""
    events, owned = traced.events.total[course.head], traced.owned.total[course.head] > 0
    ends = traced.tree.into[course.head] < 0
    substantial = events >= max(SUBSTANTIAL * len(traced.time), 2)
    order = np.lexsort((np.arange(len(events)), -events, ~owned, ~ends))
    worth = order[(owned | substantial | ends)[order]]
    chosen: set[int] = set()
    for one in worth.tolist():
        # Where a stream is drawn, so is the one that it joined.
        line, above = {one}, one
        while (into := int(traced.tree.into[course.head[above]])) >= 0:
            above = int(course.stream[into])
            line.add(above)
        if len(chosen | line) <= max(most, 1):
            chosen |= line
        if len(chosen) >= most:
            break
    return sorted(chosen)


def in_flowing_order(traced: Retraced, course: Course, chosen: list[int]) -> list[int]:
    """The streams that are drawn, each followed by those that joined it, the earliest first."""
    tree = traced.tree
    joined: dict[int, list[int]] = {one: [] for one in chosen}
    tops: list[int] = []
    for one in chosen:
        into = int(tree.into[course.head[one]])
        (tops if into < 0 else joined[int(course.stream[into])]).append(one)

    def moment(one: int) -> tuple[int, int]:
        return int(tree.made[tree.into[course.head[one]]]), one

    order: list[int] = []
    waiting = sorted(tops, key=lambda one: (-int(traced.events.total[course.head[one]]), one))[::-1]
    while waiting:
        one = waiting.pop()
        order.append(one)
        waiting += sorted(joined[one], key=moment)[::-1]
    return order


@dataclass(frozen=True)
class Smaller:
    """What has no stream of its own, by the stream that it joined.

    Parameters
    ----------
    joined, owned : dict of int to int
        How many parts joined each stream that is drawn, and how many of these had an owner.
    apart : int
        How many parts never joined any.
    """

    joined: dict[int, int]
    owned: dict[int, int]
    apart: int


def smaller_parts(traced: Retraced, course: Course, order: Sequence[int]) -> Smaller:
    """Count what has no stream of its own, where these streams are drawn."""
    into = traced.tree.into[course.head]
    target = np.where(into >= 0, course.stream[np.maximum(into, 0)], -1)
    drawn = np.zeros(len(course.head), bool)
    drawn[list(order)] = True
    small = ~drawn & (target >= 0)
    small[small] = drawn[target[small]]
    with_owner = small & (traced.owned.total[course.head] > 0)
    counts = [np.bincount(target[some], minlength=len(drawn)) for some in (small, with_owner)]
    joined, owned = ({one: int(count[one]) for one in order} for count in counts)
    return Smaller(joined, owned, int(np.count_nonzero(~drawn & (target < 0))))
