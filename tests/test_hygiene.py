"""One reading of a value, whether SQL or Python reads it."""

import datetime as dt
import decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import xrefgraph as xg
from xrefgraph.database import Database
from xrefgraph.hygiene import (
    JUNK,
    blank_sql,
    canonical,
    canonical_sql,
    denied_values,
    is_junk,
    junk_sql,
    normalize,
    refusal,
    strip_sql,
)
from xrefgraph.values import read_values

ODD = "ſKßẞﬀﬁﬆİıΣςǅ\u00a0\u2003\u1680\u200b\ufeff٣²ⅷéÅ😀\u0085\x1c\x1f\0\x7f\r\n\t\v"  # noqa: RUF001
texts = st.lists(
    st.one_of(
        st.text(st.characters(max_codepoint=127), max_size=8),
        st.text(st.one_of(st.sampled_from(ODD), st.sampled_from("aAzZ09 -+@._")), max_size=6),
        st.text(max_size=6),
        st.builds(
            lambda a, word, b: a + word + b,
            st.sampled_from(["", " ", "\t"]),
            st.sampled_from([*sorted(JUNK), "NULL", "NoReply@x.y", "DEVNULL@", "00-00"]),
            st.sampled_from(["", " ", "x"]),
        ),
    ),
    min_size=1,
    max_size=30,
    unique=True,
)
KINDS = {
    "as it is": xg.IdentifierType("t"),
    "without junk": xg.IdentifierType("t", deny_defaults=False),
    **{
        step: xg.IdentifierType("t", normalize=step)
        for step in ("strip", "lower", "digits", "alnum", "email", "phone")
    },
    "several steps": xg.IdentifierType(
        "t", normalize=["strip", "lower", "alnum"], deny_defaults=False
    ),
    "email first": xg.IdentifierType("t", normalize=["email", "digits"]),
    "denied": xg.IdentifierType("t", normalize="lower", deny=["A", "é", "Σ", 0, 12.0, "x\0y"]),
    "patterns": xg.IdentifierType(
        "t", deny_patterns=["^a", r"\d$", r"\s", "é"], deny_defaults=False
    ),
    "accepted": xg.IdentifierType("t", accept=r"[\w@. -]*"),
    "a dot": xg.IdentifierType("t", accept=".*", deny_defaults=False),
    "a function": xg.IdentifierType("t", normalize=[lambda text: text[::-1] or None, "strip"]),
}


@pytest.fixture(scope="module")
def database() -> Any:
    with_sql = Database()
    yield with_sql
    with_sql.close()


def lend(database: Database, values: list[str]) -> None:
    database.connection.register("some_texts", pa.table({"raw": pa.array(values, pa.string())}))


@pytest.mark.parametrize("name", KINDS)
@given(some=texts)
@example(some=["ſ", "NULL", "\0", "İ", "K", "TEﬆ", "00\x1c", "noreply@"])  # noqa: RUF001
def test_sql_and_python_read_a_value_alike(name: str, some: list[str], database: Database) -> None:
    kind = KINDS[name]
    lend(database, some)
    plain = read_values(database, "SELECT raw FROM some_texts", kind, "read_0")
    columns = "raw, raw, NULL" if plain else "raw, text, reason"
    found = {
        raw: (text, reason) for raw, text, reason in database.rows(f"SELECT {columns} FROM read_0")
    }
    assert found.keys() == set(some)
    denied = denied_values(kind)
    for raw in some:
        if canonical(raw) is None:
            assert plain is False
            assert found[raw] == (None, None)
            continue
        text, reason = normalize(raw, kind.normalizers)
        reason = reason or refusal(text, kind, denied)
        assert found[raw] == ((None, reason) if reason else (text, None)), raw


@given(some=texts)
def test_sql_and_python_agree_on_white_space_and_junk(some: list[str], database: Database) -> None:
    lend(database, some)
    rows = database.rows(
        f"SELECT raw, {strip_sql('raw')}, {blank_sql('raw')}, {junk_sql('raw')} FROM some_texts"
    )
    for raw, stripped, blank, junk in rows:
        assert stripped == raw.strip()
        assert blank == (raw != "" and not raw.strip()) or raw == ""
        if raw.isascii() and raw.strip():
            assert junk == is_junk(raw), raw


def read(database: Database, values: list[Any], kind: pa.DataType) -> list[str | None]:
    database.connection.register("some_cells", pa.table({"cell": pa.array(values, kind)}))
    column = database.columns("SELECT cell FROM some_cells")["cell"]
    return [
        row[0] for row in database.rows(f"SELECT {canonical_sql('cell', column)} FROM some_cells")
    ]


instants = st.datetimes(dt.datetime(1, 1, 2), dt.datetime(9999, 12, 30))  # noqa: DTZ001
CELLS: dict[str, tuple[st.SearchStrategy[Any], pa.DataType]] = {
    "integers": (st.integers(-(2**63), 2**63 - 1), pa.int64()),
    "unsigned": (st.integers(0, 2**64 - 1), pa.uint64()),
    "doubles": (st.one_of(st.floats(), st.integers(-(2**70), 2**70).map(float)), pa.float64()),
    "decimals": (st.decimals(-(10**9), 10**9, places=5), pa.decimal128(20, 5)),
    "whole decimals": (st.integers(-(10**9), 10**9).map(decimal.Decimal), pa.decimal128(20, 0)),
    "booleans": (st.booleans(), pa.bool_()),
    "dates": (st.dates(), pa.date32()),
    "timestamps": (instants, pa.timestamp("us")),
    "instants": (instants.map(lambda one: one.replace(tzinfo=dt.UTC)), pa.timestamp("us", "UTC")),
    "times": (st.times(), pa.time64("us")),
    "texts": (st.text(max_size=5).filter(lambda text: text.strip()), pa.string()),
    "bytes": (
        st.text(min_size=1, max_size=5).filter(lambda text: text.strip()).map(str.encode),
        pa.binary(),
    ),
}


@pytest.mark.parametrize("name", CELLS)
@given(data=st.data())
def test_a_cell_has_one_text_in_sql_and_in_python(
    name: str, data: st.DataObject, database: Database
) -> None:
    strategy, kind = CELLS[name]
    values = data.draw(st.lists(st.one_of(st.none(), strategy), min_size=1, max_size=30))
    assert read(database, values, kind) == [canonical(value) for value in values]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (123, "123"),
        (123.0, "123"),
        ("123", "123"),
        ("123.0", "123.0"),
        ("0123", "0123"),
        (1e22, "10000000000000000000000"),
        (1e-7, "0.0000001"),
        (-0.0, "0"),
        (float("nan"), None),
        (None, None),
        ("", None),
        (" \t\u2003", None),
        (True, "true"),
        (decimal.Decimal("1.500"), "1.5"),
        (decimal.Decimal(100), "100"),
        (np.int32(7), "7"),
        (np.float64(7), "7"),
        pytest.param(np.datetime64("NaT", "ns"), None, id="NaT of nanoseconds"),
        (np.datetime64("2024-01-02", "ns"), "2024-01-02T00:00:00"),
        (b"x", "x"),
        (dt.date(2024, 1, 2), "2024-01-02"),
        (dt.datetime(2024, 1, 2, 3, 4, 5), "2024-01-02T03:04:05"),  # noqa: DTZ001
        (
            dt.datetime(2024, 1, 2, 3, tzinfo=dt.timezone(dt.timedelta(hours=1))),
            "2024-01-02T02:00:00+00:00",
        ),
    ],
    ids=repr,
)
def test_every_value_has_one_canonical_text(value: Any, text: str | None) -> None:
    assert canonical(value) == text


@pytest.mark.parametrize(
    ("step", "text", "normal"),
    [
        ("strip", " \u2003a b\t", "a b"),
        ("lower", "ÀB", "àb"),
        ("digits", "a1²٣2", "12"),
        ("alnum", "a-b_é 1", "abé1"),
        ("email", " Max@X.org", "max@x.org"),
        ("phone", "0049 30 1", "+49301"),
        ("phone", "+49-30", "+4930"),
        ("phone", "030/1", "0301"),
    ],
)
def test_a_normaliser_does_what_its_name_says(step: str, text: str, normal: str) -> None:
    assert normalize(text, [step]) == (normal, None)


@pytest.mark.parametrize("text", ["@", "a@", "@b", "a"])
def test_an_email_without_an_at_in_the_middle_is_refused(text: str) -> None:
    assert normalize(text, ["email"])[1] == "not_accepted"


@pytest.mark.parametrize(
    "text",
    [
        *sorted(JUNK),
        " Null ",
        "UNKNOWN",
        "0000-00",
        "noreply@example.org",
        "No-Reply@x",
        "devnull@",
    ],
)
def test_junk_is_refused_unless_it_is_switched_off(text: str) -> None:
    for data in ([{"t": text}],):
        with xg.build(data, identifiers=["t"]) as graph:
            assert [
                (row["type"], row["value"], row["reason"], row["events"])
                for row in graph.rejected.rows()
            ] == [("t", text, "junk", 1)]
        with xg.build(
            xg.Source(data, identifiers=["t"]),
            xg.Schema([xg.IdentifierType("t", deny_defaults=False)]),
        ) as graph:
            assert graph.events["profile_id"] == [f"t:{text}"]


def test_a_normaliser_that_raises_is_an_error_without_the_value() -> None:
    schema = xg.Schema([xg.IdentifierType("t", normalize=lambda text: str(int(text)))])
    with pytest.raises(
        xg.XrefGraphError,
        match=r"normaliser of the type 't' raised ValueError on a value of 6 characters \(first in row 2 of 'source_1', event 'e7'\)",
    ) as caught:
        xg.build([{"t": "1", "id": "e6"}, {"t": "secret", "id": "e7"}], schema, event_id="id")
    assert "secret" not in str(caught.value)
    assert caught.value.value == "secret"
