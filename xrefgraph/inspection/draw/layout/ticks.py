"""Where the marks of an axis of time stand, and what is written at them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from xrefgraph.inspection.evidence.collapse import instant, micros

SECOND = 1_000_000
MINUTE, HOUR, DAY = 60 * SECOND, 3_600 * SECOND, 86_400 * SECOND
#: The steps between marks that people read easily, up to fourteen days, in microseconds; then months, and then years.
STEPS = (
    *(unit * n for unit in (1, 10, 100, 1_000, 10_000, 100_000) for n in (1, 2, 5)),
    *(SECOND * n for n in (1, 2, 5, 10, 15, 30)),
    *(MINUTE * n for n in (1, 2, 5, 10, 15, 30)),
    *(HOUR * n for n in (1, 2, 3, 6, 12)),
    *(DAY * n for n in (1, 2, 7, 14)),
)
MONTHS = (1, 2, 3, 6, *(12 * n for n in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000)))
#: Names that do not follow the language of the machine.
NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
#: As many days as a month has on average.
_MONTH = 30.436875 * DAY
#: The first Monday of the calendar: steps of weeks begin on it.
_MONDAY = micros(dt.datetime(1970, 1, 5))  # noqa: DTZ001  (UTC, as in the tables)


@dataclass(frozen=True)
class Tick:
    """A mark of an axis of time.

    Parameters
    ----------
    time : int
        In microseconds.
    text : str
        What is written at it.
    context : str
        What is written below: the day or the year that it is of, where this is new; else empty.
    """

    time: int
    text: str
    context: str


def date_ticks(start: int, end: int, most: int) -> list[Tick]:
    """Give the marks between two instants, in microseconds; both count.

    Parameters
    ----------
    start, end : int
        The two instants.
    most : int
        How many marks there is room for; the smallest step is taken that needs no more.

    Examples
    --------
    >>> day = dt.datetime(2026, 3, 1)
    >>> ticks = date_ticks(micros(day), micros(day + dt.timedelta(days=28)), 6)
    >>> [(tick.text, tick.context) for tick in ticks]
    [('2 Mar', '2026'), ('9 Mar', ''), ('16 Mar', ''), ('23 Mar', '')]
    >>> [tick.text for tick in date_ticks(micros(day), micros(day + dt.timedelta(hours=5)), 6)]
    ['00:00', '01:00', '02:00', '03:00', '04:00', '05:00']
    """
    span = max(end - start, 0)
    for step in STEPS:
        if span <= step * most:
            times = list(_multiples(start, end, step))
            if len(times) <= most:
                return _written(times, step)
    for months in MONTHS:
        if span <= months * _MONTH * most:
            times = list(_months(start, end, months))
            if len(times) <= most:
                return _written(times, round(months * _MONTH))
    return []


def _multiples(start: int, end: int, step: int) -> Iterator[int]:
    origin = _MONDAY if step % (7 * DAY) == 0 else 0
    first = origin - (origin - start) // step * step
    yield from range(first, end + 1, step)


def _months(start: int, end: int, step: int) -> Iterator[int]:
    begin, stop = instant(start), instant(end)
    if begin is None or stop is None:
        return
    first = -(-(begin.year * 12 + begin.month - 1) // step) * step
    for number in range(max(first, 12), min(stop.year * 12 + stop.month, 120_000), step):
        time = micros(dt.datetime(number // 12, number % 12 + 1, 1))  # noqa: DTZ001  (UTC, as in the tables)
        if start <= time <= end:
            yield time


def _written(times: list[int], step: int) -> list[Tick]:
    ticks, before = [], ""
    for time in times:
        text, context = _text(time, step)
        ticks.append(Tick(time, text, context if context != before else ""))
        before = context
    return ticks


def _text(time: int, step: int) -> tuple[str, str]:
    when = instant(time)
    if when is None:
        return "", ""
    day = f"{when.day} {NAMES[when.month - 1]}"
    if step >= 360 * DAY:
        return f"{when.year}", ""
    if step >= 28 * DAY:
        return NAMES[when.month - 1], f"{when.year}"
    if step >= DAY:
        return day, f"{when.year}"
    day = f"{day} {when.year}"
    if step >= MINUTE:
        return f"{when:%H:%M}", day
    if step >= SECOND:
        return f"{when:%H:%M:%S}", day
    digits = 6 if step < 1_000 else 3
    return f"{when:%H:%M:%S}.{f'{when.microsecond:06}'[:digits]}", day


def written(time: int | dt.datetime | None) -> str:
    """Give an instant as it is told in a drawing, in UTC: ``14 Mar 2026 08:00``.

    Examples
    --------
    >>> written(dt.datetime(2026, 3, 14, 8)), written(None)
    ('14 Mar 2026 08:00', 'no time')
    """
    when = instant(time) if isinstance(time, int) else time
    if when is None:
        return "no time"
    second = f"{when:%H:%M:%S}" if when.second else f"{when:%H:%M}"
    return f"{when.day} {NAMES[when.month - 1]} {when.year} {second}"
