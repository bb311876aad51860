"""Times are instants in UTC, whatever they were written as; what cannot be read is an error with its row."""

import datetime as dt
import logging
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import xrefgraph as xg


def utc(*parts: int) -> dt.datetime:
    # Tables hold instants in UTC, without a zone.
    return dt.datetime(*parts)  # type: ignore[arg-type]  # noqa: DTZ001


def times_of(data: Any) -> list[dt.datetime | None]:
    with xg.build(data, identifiers=["cookie"], time="at") as graph:
        return graph.events["time"]


FORMS: list[tuple[Any, dt.datetime | None]] = [
    ("2024-01-02T03:04:05", utc(2024, 1, 2, 3, 4, 5)),
    ("2024-01-02 03:04:05.25", utc(2024, 1, 2, 3, 4, 5, 250000)),
    ("2024-01-02T03:04:05Z", utc(2024, 1, 2, 3, 4, 5)),
    ("2024-01-02T03:04:05+02:00", utc(2024, 1, 2, 1, 4, 5)),
    ("2024-01-02T03:04:05-0530", utc(2024, 1, 2, 8, 34, 5)),
    ("20240102T030405Z", utc(2024, 1, 2, 3, 4, 5)),
    ("2024-01-02T03:04", utc(2024, 1, 2, 3, 4)),
    ("2024-01-02", utc(2024, 1, 2)),
    ("1704164645", utc(2024, 1, 2, 3, 4, 5)),
    ("1704164645000", utc(2024, 1, 2, 3, 4, 5)),
    ("1704164645.5", utc(2024, 1, 2, 3, 4, 5, 500000)),
    (1704164645, utc(2024, 1, 2, 3, 4, 5)),
    (1704164645123, utc(2024, 1, 2, 3, 4, 5, 123000)),
    (1704164645123456, utc(2024, 1, 2, 3, 4, 5, 123456)),
    (1704164645123456789, utc(2024, 1, 2, 3, 4, 5, 123456)),
    (1704164645.5, utc(2024, 1, 2, 3, 4, 5, 500000)),
    (-1, utc(1969, 12, 31, 23, 59, 59)),
    (0, utc(1970, 1, 1)),
    (dt.date(2024, 1, 2), utc(2024, 1, 2)),
    (utc(2024, 1, 2, 3), utc(2024, 1, 2, 3)),
    (dt.datetime(2024, 1, 2, 3, tzinfo=dt.timezone(dt.timedelta(hours=1))), utc(2024, 1, 2, 2)),
    (pd.Timestamp("2024-01-02 03:00"), utc(2024, 1, 2, 3)),
    (None, None),
    ("", None),
    ("  ", None),
    (float("nan"), None),
    (pd.NaT, None),
]


@pytest.mark.parametrize(
    ("value", "instant"), FORMS, ids=[f"{n}-{value}" for n, (value, _) in enumerate(FORMS)]
)
def test_a_time_in_any_form_is_an_instant_in_utc(value: Any, instant: dt.datetime | None) -> None:
    assert times_of([{"cookie": "a", "at": value}, {"cookie": "b"}]) == [instant, None]
    assert times_of(pd.DataFrame({"cookie": ["a"], "at": pd.Series([value], dtype=object)})) == [
        instant
    ]


def test_typed_columns_of_times_are_read() -> None:
    moment = utc(2024, 1, 2, 3, 4, 5)
    kinds = [
        pa.timestamp("s"),
        pa.timestamp("ms"),
        pa.timestamp("us"),
        pa.timestamp("ns"),
        pa.timestamp("us", "UTC"),
    ]
    for kind in kinds:
        given_times = [moment if kind.tz is None else moment.replace(tzinfo=dt.UTC), None]
        assert times_of(pa.table({"cookie": ["a", "b"], "at": pa.array(given_times, kind)})) == [
            moment,
            None,
        ]
    assert times_of(pa.table({"cookie": ["a"], "at": pa.array([dt.date(2024, 1, 2)])})) == [
        utc(2024, 1, 2)
    ]
    some: Any = ["2024-01-02 03:04:05", None]
    frame = pd.DataFrame({"cookie": ["a", "b"], "at": pd.to_datetime(some)})
    assert times_of(frame) == [moment, None]
    zoned = pd.to_datetime(["2024-01-02 04:04:05"]).tz_localize("Europe/Berlin")
    assert times_of(pd.DataFrame({"cookie": ["a"], "at": zoned})) == [moment]


@given(
    st.lists(st.datetimes(dt.datetime(1975, 1, 1), dt.datetime(2200, 1, 1)), min_size=1, max_size=5)  # noqa: DTZ001
)
def test_all_writings_of_a_time_are_one_instant(moments: list[dt.datetime]) -> None:
    def micros(moment: dt.datetime) -> int:
        return (moment - utc(1970, 1, 1)) // dt.timedelta(microseconds=1)

    rows = [
        {"cookie": "a", "at": at}
        for moment in moments
        for at in (
            moment,
            moment.isoformat(),
            moment.isoformat() + "Z",
            micros(moment),
            str(micros(moment)),
        )
    ]
    assert times_of(rows) == [moment for moment in moments for _ in range(5)]


def test_the_unit_of_numbers_is_told_by_size_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "xrefgraph"):
        times_of(
            [
                {"cookie": "a", "at": 1704164645},
                {"cookie": "a", "at": 1704164645},
                {"cookie": "a", "at": 1704164645000},
            ]
        )
    assert "source_1: 2 times read as seconds since 1970" in caplog.text
    assert "source_1: 1 time read as milliseconds since 1970" in caplog.text


@pytest.mark.parametrize(
    "value",
    ["yesterday", "2024-13-01", "2024-02-30", "1e400", "infinity", "12:30", "1" * 25, "True"],
)
def test_a_time_that_cannot_be_read_is_an_error_with_its_row(value: str) -> None:
    rows = [
        {"cookie": "a", "at": "2024-01-01"},
        {"cookie": "a"},
        {"cookie": "a", "at": value},
        {"cookie": "a", "at": value},
    ]
    with pytest.raises(xg.SourceError) as caught:
        times_of(rows)
    error = caught.value
    assert str(error).startswith(
        "2 of the times in the column 'at' of the source 'source_1' cannot be read (first: row 3)."
    )
    assert (error.source, error.column, error.row, error.count) == ("source_1", "at", 3, 2)
    assert value not in str(error).replace("timestamp", "")


def test_a_column_that_holds_no_times_is_an_error() -> None:
    with pytest.raises(xg.SourceError, match="no times"):
        times_of(pa.table({"cookie": ["a"], "at": pa.array([True])}))
    with pytest.raises(xg.SourceError, match="row 1"):
        times_of(pa.table({"cookie": ["a"], "at": pa.array([float("inf")])}))


def test_first_and_last_seen_are_the_times_of_the_events() -> None:
    rows = [{"cookie": "a", "at": day} for day in ("2024-01-02", None, "2024-01-05", "2024-01-03")]
    with xg.build(rows, identifiers=["cookie"], time="at") as graph:
        for table in (graph.identifiers, graph.profiles):
            assert (table[0]["first_seen"], table[0]["last_seen"]) == (
                utc(2024, 1, 2),
                utc(2024, 1, 5),
            )
