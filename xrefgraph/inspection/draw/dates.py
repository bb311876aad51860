"""An axis of time: where an event stands between left and right, and the dates below."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from xrefgraph.inspection.draw.canvas import text_width, write
from xrefgraph.inspection.draw.layout.ticks import Tick, date_ticks
from xrefgraph.inspection.draw.styles import BAND, INK, LINE, QUIET

#: A strip for events without a time takes this share of the room, and so many points at least and at most.
STRIP, STRIP_LEAST, STRIP_MOST = 0.12, 34.0, 90.0
#: The height of the axis with its two lines of text, in points; and with one, where there is little room.
HEIGHT, LOW = 26.0, 16.0


@dataclass(frozen=True)
class Dates:
    """Where events stand between left and right.

    Parameters
    ----------
    left, right : float
        The room, in points.
    strip : float
        Where the strip of events without a time ends; ``left`` where there is none.
    start, end : int or None
        What stands at the left and at the right of the rest, in microseconds; None where the events stand in their order.
    untimed, places : int
        How many events have no time, and how many there are.
    """

    left: float
    right: float
    strip: float
    start: int | None
    end: int | None
    untimed: int
    places: int

    def x(self, place: int, time: int | None) -> float:
        """Give where an event stands, by its place in the order of all, and its time."""
        if self.start is None or self.end is None:
            return _between(self.left, self.right, place + 0.5, self.places)
        if time is None:
            return _between(self.left, self.strip - 6, place + 0.5, self.untimed)
        begin = self.strip + 4 if self.strip > self.left else self.left
        return _between(begin, self.right, time - self.start, self.end - self.start)


def _between(left: float, right: float, part: float, whole: float) -> float:
    return left + (right - left) * (min(max(part / whole, 0.0), 1.0) if whole else 0.5)


def dates_between(
    left: float,
    right: float,
    times: tuple[int | None, int | None],
    untimed: int,
    places: int,
) -> Dates:
    """Lay an axis out.

    Parameters
    ----------
    left, right : float
        The room, in points.
    times : (int, int) or (None, None)
        The first and the last time, in microseconds. Where they are equal or None, the events stand in their order.
    untimed, places : int
        How many events have no time, and how many there are.
    """
    start, end = times
    if start is None or end is None or start == end:
        return Dates(left, right, left, None, None, untimed, places)
    strip = left
    if untimed:
        strip += min(max((right - left) * STRIP, STRIP_LEAST), STRIP_MOST, (right - left) / 2)
    return Dates(left, right, strip, start, end, untimed, places)


def height_within(room: float) -> float:
    """Give the height that the axis takes in a picture that is so high."""
    return HEIGHT if room >= 120 else LOW


def draw_dates(
    ax: Axes, dates: Dates, top: float, bottom: float, height: float, size: float = 7.5
) -> None:
    """Draw the axis at ``bottom``, with thin lines up to ``top``, and the strip of events without a time."""
    ax.add_collection(
        LineCollection(
            [[(dates.left, bottom), (dates.right, bottom)]], colors=[INK], linewidths=0.8, zorder=1
        ),
        autolim=False,
    )
    if dates.start is None or dates.end is None:
        return
    if dates.strip > dates.left:
        ax.fill_between(
            [dates.left, dates.strip - 2], top, bottom, color=BAND, linewidth=0, zorder=0.1
        )
        if dates.strip - dates.left > text_width("no time", size):
            middle = (dates.left + dates.strip - 2) / 2
            write(
                ax,
                middle,
                bottom + 9,
                "no time",
                size=size,
                colour=QUIET,
                ha="center",
                gid="no time",
            )
    ticks = _fitting(dates, size)
    lines = [[(dates.x(0, one.time), top), (dates.x(0, one.time), bottom + 3)] for one in ticks]
    ax.add_collection(
        LineCollection(lines, colors=[LINE], linewidths=0.5, zorder=0.2), autolim=False
    )
    _write_row(ax, [(dates.x(0, one.time), one.text) for one in ticks], bottom + 9, size, INK)
    if height >= HEIGHT:
        named = [(dates.x(0, one.time), one.context) for one in ticks if one.context]
        _write_row(ax, named, bottom + 19, size, QUIET)


def _write_row(
    ax: Axes, texts: Sequence[tuple[float, str]], y: float, size: float, colour: str
) -> None:
    """Write texts in a row: none leaves the picture, and those that would touch the one before are left out."""
    width = ax.get_xlim()[1]
    end = -math.inf
    for x, text in texts:
        half = text_width(text, size) / 2
        middle = max(half + 1, min(x, width - half - 1))
        if middle - half > end + 4 and 2 * half + 2 <= width:
            write(ax, middle, y, text, size=size, colour=colour, ha="center", gid="date")
            end = middle + half


def _fitting(dates: Dates, size: float) -> list[Tick]:
    """The marks whose texts do not touch."""
    assert dates.start is not None and dates.end is not None  # noqa: S101, PT018  (asked by the caller)
    room = dates.right - dates.x(0, dates.start)
    most = max(int(room / 34), 1)
    while most > 1:
        ticks = date_ticks(dates.start, dates.end, most)
        apart = [dates.x(0, b.time) - dates.x(0, a.time) for a, b in pairwise(ticks)]
        texts = max((text_width(one.text, size) for one in ticks), default=0.0)
        if all(one >= texts + 8 for one in apart) and ticks:
            return ticks
        most -= 1
    return date_ticks(dates.start, dates.end, 1)
