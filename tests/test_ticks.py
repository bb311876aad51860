"""Marks of an axis of time: at even times, never too many, in words that do not follow the machine's language."""

import datetime as dt
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xrefgraph.inspection.draw.layout.ticks import DAY, HOUR, STEPS, date_ticks, written
from xrefgraph.inspection.evidence.collapse import micros

moments = st.datetimes(dt.datetime(1, 1, 1), dt.datetime(9999, 12, 31)).map(micros)  # noqa: DTZ001


@given(moments, moments, st.integers(1, 30))
def test_there_are_never_too_many_and_all_lie_inside(one: int, other: int, most: int) -> None:
    start, end = sorted((one, other))
    ticks = date_ticks(start, end, most)
    assert len(ticks) <= most
    assert all(start <= tick.time <= end for tick in ticks)
    assert all(a.time < b.time for a, b in pairwise(ticks))


@given(moments, st.sampled_from(STEPS), st.integers(3, 20))
def test_up_to_two_weeks_they_stand_at_even_distances(start: int, step: int, many: int) -> None:
    end = start + step * many
    if end > micros(dt.datetime(9999, 12, 31)):  # noqa: DTZ001
        return
    ticks = date_ticks(start, end, many + 1)
    assert len({b.time - a.time for a, b in pairwise(ticks)}) <= 1
    assert len(ticks) >= many - 1


@pytest.mark.parametrize(
    ("span", "texts"),
    [
        (5 * HOUR, ["00:00", "01:00", "02:00", "03:00", "04:00", "05:00"]),
        (4 * DAY, ["1 Mar", "2 Mar", "3 Mar", "4 Mar", "5 Mar"]),
        (150 * DAY, ["Mar", "Apr", "May", "Jun", "Jul"]),
        (1500 * DAY, ["2027", "2028", "2029", "2030"]),
    ],
)
def test_hours_days_months_and_years_are_named_as_such(span: int, texts: list[str]) -> None:
    start = micros(dt.datetime(2026, 3, 1))  # noqa: DTZ001
    assert [tick.text for tick in date_ticks(start, start + span, 6)] == texts


def test_the_year_or_the_day_stands_below_where_it_is_new() -> None:
    start = micros(dt.datetime(2025, 12, 30))  # noqa: DTZ001
    ticks = date_ticks(start, start + 4 * DAY, 6)
    assert [tick.context for tick in ticks] == ["2025", "", "2026", "", ""]
    hours = date_ticks(start, start + DAY, 6)
    assert hours[0].context == "30 Dec 2025"


def test_an_instant_is_told_with_seconds_only_where_it_has_some() -> None:
    assert written(dt.datetime(2026, 3, 1, 8, 5)) == "1 Mar 2026 08:05"  # noqa: DTZ001
    assert written(dt.datetime(2026, 3, 1, 8, 5, 9)) == "1 Mar 2026 08:05:09"  # noqa: DTZ001
