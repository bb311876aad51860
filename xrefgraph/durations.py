"""Spans of time, as people write them: ``30 days``, ``12 hours``, ``PT12H``, seconds."""

from __future__ import annotations

import datetime as dt
import math
import re
from typing import Any

from xrefgraph.errors import SchemaError

_UNITS = ("weeks", "days", "hours", "minutes", "seconds")
_WORDS = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*(week|day|hour|minute|second)s?")
# Years and months have no fixed length, so they are not in it.
_ISO = re.compile(
    r"P(?=.)(?:([0-9]+)W)?(?:([0-9]+)D)?(?:T(?=.)(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]+(?:\.[0-9]{1,6})?)S)?)?"
)


def duration(given: Any, what: str) -> dt.timedelta:
    """Read a span of time.

    Parameters
    ----------
    given : timedelta, number or str
        A number is seconds. A text is one or several of weeks, days, hours, minutes and seconds, as
        ``"1 day 12 hours"``, or an ISO 8601 duration without years and months, as ``"P1DT12H"``.
    what : str
        What it is for, for the error.

    Raises
    ------
    SchemaError
        When it is none of these, is negative, or is longer than Python's calendar.

    Examples
    --------
    >>> duration("30 days", "claim_back"), duration("PT12H", "claim_back")
    (datetime.timedelta(days=30), datetime.timedelta(seconds=43200))
    """
    found: dt.timedelta | None = None
    try:
        if isinstance(given, dt.timedelta):
            found = given
        elif isinstance(given, int | float) and not isinstance(given, bool):
            found = dt.timedelta(seconds=given) if math.isfinite(given) else None
        elif isinstance(given, str):
            found = _parsed(given.strip())
    except OverflowError:
        found = None
    if found is None or found < dt.timedelta():
        raise SchemaError(
            f"{what} is a span of time such as '30 days', 'PT12H', a number of seconds or a timedelta, not {given!r}."
        )
    return found


def _parsed(text: str) -> dt.timedelta | None:
    iso = _ISO.fullmatch(text.upper())
    if iso:
        return _sum(zip(_UNITS, iso.groups(), strict=True))
    parts = _WORDS.findall(text.lower())
    # Nothing but these parts, and what stands between things that are listed.
    if not parts or re.sub(r"[\s,]|\band\b", "", _WORDS.sub("", text.lower())):
        return None
    return _sum((f"{unit}s", amount) for amount, unit in parts)


def _sum(parts: Any) -> dt.timedelta:
    spans = [dt.timedelta(**{unit: float(amount)}) for unit, amount in parts if amount]
    return sum(spans, dt.timedelta())


def duration_text(span: dt.timedelta) -> str:
    """Write a span of time as an ISO 8601 duration, which :func:`duration` reads back.

    Examples
    --------
    >>> duration_text(dt.timedelta(days=1, hours=12)), duration_text(dt.timedelta())
    ('P1DT12H', 'PT0S')
    """
    hours, rest = divmod(span.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    exact = f"{seconds}.{span.microseconds:06}".rstrip("0") if span.microseconds else f"{seconds}"
    day = f"{span.days}D" if span.days else ""
    time = f"{hours}H" if hours else ""
    time += f"{minutes}M" if minutes else ""
    time += f"{exact}S" if exact != "0" or not (day or time) else ""
    return f"P{day}{'T' + time if time else ''}"
