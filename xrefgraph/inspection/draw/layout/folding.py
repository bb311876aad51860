"""What of a large profile is drawn by itself, and what is put together into rows such as "54 other cookies"."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from xrefgraph.inspection.draw.layout.sides import Sides
from xrefgraph.inspection.evidence.collapse import Collapsed, Flags, alike
from xrefgraph.linking.evidence import NO_TIME, distinct

#: Places and counts of any width.
Whole = npt.NDArray[np.integer[Any]]


@dataclass(frozen=True)
class Folded:
    """A profile with its identifiers put together into rows, and its groups into columns.

    Parameters
    ----------
    row : int32[identifiers]
        The row of each identifier.
    of_row : int32[rows]
        The identifier that a row is; -1 where it stands for several.
    count : int64[rows]
        For how many identifiers it stands.
    column : int32[groups]
        The column of each group.
    start, link, kept
        The rows of each column, as in :class:`Collapsed`: column c holds ``link[start[c]:start[c + 1]]``.
    """

    row: Whole
    of_row: Whole
    count: Whole
    column: Whole
    start: Whole
    link: Whole
    kept: Flags

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self.of_row)

    @cached_property
    def of_link(self) -> Whole:
        """The column of each link."""
        return np.repeat(np.arange(self.columns), np.diff(self.start))

    @property
    def columns(self) -> int:
        """How many columns there are."""
        return len(self.start) - 1


def kept_apart(
    found: Collapsed, sides: Sides, needed: Iterable[int], most: int, used: int
) -> Flags:
    """Say which identifiers get a row of their own: bool[identifiers].

    Parameters
    ----------
    found, sides
        The profile, and whose each identifier is.
    needed : iterable of int
        Those that must have one: owners, culprits, what lies on the shortest routes.
    most : int
        If there are no more identifiers than these, all have one.
    used : int
        Else so many of each side, those that most events carry.
    """
    alone = np.zeros(found.identifiers, bool)
    if found.identifiers <= most:
        return ~alone
    alone[list(needed)] = True
    others = np.flatnonzero(~alone)
    side = sides.owner[: found.identifiers][others]
    order = np.lexsort((others, -found.carried[others], side))
    others, side = others[order], side[order]
    first = np.searchsorted(side, side)  # where its side begins
    alone[others[np.arange(len(others)) - first < used]] = True
    # A row that stands for a single one is this one.
    rest = np.flatnonzero(~alone)
    key = _side_and_type(found, sides, rest)
    single = np.bincount(key, minlength=1)[key] == 1
    alone[rest[single]] = True
    return alone


def fold(found: Collapsed, sides: Sides, alone: Flags) -> Folded:
    """Put identifiers that are not drawn alone together by side and type, and groups that are alike then into columns.

    Notes
    -----
    Cost: sorting the links.
    """
    own = np.flatnonzero(alone).astype(np.int32)
    rest = np.flatnonzero(~alone)
    key = _side_and_type(found, sides, rest)
    keys = distinct(key.astype(np.int64))
    row = np.empty(found.identifiers, np.int32)
    row[own] = np.arange(len(own))
    row[rest] = len(own) + np.searchsorted(keys, key)
    count = np.bincount(row, minlength=len(own) + len(keys))
    of_row = np.full(len(count), -1, np.int32)
    of_row[: len(own)] = own
    # Of a row and a group one link is enough; it holds if one of them does.
    pairs = found.link_group.astype(np.int64) * len(count) + row[found.link]
    order = np.lexsort((~found.kept, pairs))
    first = np.ones(len(order), bool)
    first[1:] = pairs[order][1:] != pairs[order][:-1]
    chosen = order[first]
    link, kept = row[found.link[chosen]], found.kept[chosen]
    start = np.searchsorted(found.link_group[chosen], np.arange(found.groups + 1))
    small = replace(found, start=start.astype(np.int64), link=link, kept=kept)
    heads_of = alike(small)
    heads = distinct(heads_of)
    sizes = np.diff(start)[heads]
    begin = np.concatenate([[0], np.cumsum(sizes)])
    places = np.repeat(start[heads] - begin[:-1], sizes) + np.arange(begin[-1])
    return Folded(
        row,
        of_row,
        count,
        np.searchsorted(heads, heads_of).astype(np.int32),
        begin.astype(np.int32),
        link[places],
        kept[places],
    )


def _side_and_type(found: Collapsed, sides: Sides, places: Whole) -> Whole:
    types = int(found.rank.max(initial=0)) + 2
    key: Whole = (sides.owner[: found.identifiers][places] + 1) * types + found.rank[places] + 1
    return key


def spans_of(first: Whole, last: Whole, place: Whole, count: int) -> tuple[Whole, Whole]:
    """Give the first and the last time at each of some places in microseconds; ``NO_TIME`` where there is none.

    Parameters
    ----------
    first, last : int64[spans]
        When each of some spans begins and ends; ``NO_TIME`` for one without a time.
    place : int[spans]
        Where it belongs.
    count : int
        How many places there are.
    """
    begin, end = np.full(count, np.iinfo(np.int64).max), np.full(count, NO_TIME)
    timed = first != NO_TIME
    np.minimum.at(begin, place[timed], first[timed])
    np.maximum.at(end, place[timed], last[timed])
    begin[end == NO_TIME] = NO_TIME
    return begin, end


def shown_columns(folded: Folded, events: Whole, first: Flags, most: int) -> Flags:
    """Say which columns are drawn: bool[columns].

    Parameters
    ----------
    folded : Folded
        The profile.
    events : int64[columns]
        How many events each has.
    first : bool[columns]
        Those that must be seen: what culprits and the shortest routes are carried by.
    most : int
        How many are drawn.

    Notes
    -----
    First come those, then for each row the one with the most events, so that no row is empty, then the largest.
    """
    if folded.columns <= most:
        return np.ones(folded.columns, bool)
    of_link = folded.of_link
    order = np.lexsort((of_link, -events[of_link], folded.link))
    rows = folded.link[order]
    largest = np.zeros(folded.columns, bool)
    new = np.ones(len(rows), bool)
    new[1:] = rows[1:] != rows[:-1]
    largest[of_link[order[new]]] = True
    by_need = np.lexsort((np.arange(folded.columns), -events, ~largest, ~first))
    shown = np.zeros(folded.columns, bool)
    shown[by_need[:most]] = True
    return shown
