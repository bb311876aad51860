"""The one door to DuckDB: its errors, which quote values, and what it spills."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import xrefgraph as xg
from xrefgraph.database import Database, literal, quoted

SECRET = "Secret_of_a_person"  # noqa: S105  (an identifier)

#: Words that DuckDB's own messages are known by: a value may hold them too.
KNOWN = (
    *("No space left", "magic bytes", "parquet file", "Could not write file", "utf8", "unicode"),
    *(
        "CSV Error on Line: 1",
        "Invalid unicode",
        "to INT32",
        "to type",
        "it's",
        '"',
        "`",
        ": ",
        "\n",
    ),
)

#: Ways in which DuckDB comes to quote a value in an error. ``{}`` is the value, as SQL.
QUOTING = (
    "SELECT error({})",
    "SELECT {}::INTEGER",
    "SELECT CAST({} AS STRUCT(a INTEGER))",
    "SELECT ({} || x)::UUID FROM (VALUES ('')) t(x)",
    "SELECT strptime({}, '%Y')",
    "SELECT json_extract({}, '$.a')",
    "SELECT regexp_matches(x, {} || '(') FROM (VALUES ('')) t(x)",
    "SELECT date_trunc({}, now())",
)


@given(
    st.sampled_from(QUOTING),
    st.lists(st.sampled_from((SECRET, *KNOWN)), min_size=1, max_size=3),
)
def test_an_error_of_duckdb_never_tells_a_value(query: str, parts: list[str]) -> None:
    value = " ".join([*parts, SECRET])
    database = Database(threads=1)
    try:
        with pytest.raises(xg.XrefGraphError) as caught:
            database.rows(query.format(literal(value)))
    finally:
        database.close()
    assert SECRET not in str(caught.value)
    assert "\n" not in str(caught.value)


@given(st.lists(st.sampled_from((SECRET, *KNOWN)), min_size=1, max_size=3))
def test_an_error_about_a_query_tells_no_name_in_quotes(parts: list[str]) -> None:
    name = " ".join([*parts, SECRET])
    database = Database(threads=1)
    try:
        with pytest.raises(xg.XrefGraphError) as caught:
            database.rows(f"SELECT {quoted(name)} FROM (SELECT 1 AS a)")
    finally:
        database.close()
    assert SECRET not in str(caught.value)


def test_an_error_says_its_kind_and_keeps_duckdbs_own_words_apart() -> None:
    database = Database()
    try:
        with pytest.raises(xg.XrefGraphError) as caught:
            database.rows("SELECT cokie FROM (SELECT 1 AS cookie)")
        assert str(caught.value).startswith("DuckDB: BinderException: Referenced column …")
        assert "cokie" in caught.value.detail
        with pytest.raises(xg.XrefGraphError, match=r"DuckDB: InvalidInputException\. ") as caught:
            database.rows("SELECT error('words of its own')")
        assert "words of its own" in caught.value.detail
        with pytest.raises(xg.XrefGraphError, match=r"^A value cannot be converted to INT32\.$"):
            database.rows("SELECT 'to TWO'::INTEGER")
    finally:
        database.close()


def test_what_does_not_fit_into_memory_is_spilled_and_removed_afterwards() -> None:
    fill = "CREATE TEMP TABLE filled AS SELECT md5(i::VARCHAR) AS v FROM range(2000000) t(i)"
    database = Database(memory_limit="60MB", threads=1)
    spill = database.spill_folder
    try:
        database.run("SET max_temp_directory_size = '0KB'")
        with pytest.raises(xg.StoreError, match="memory"):  # it does not fit
            database.run(fill)
        database.run("SET max_temp_directory_size = '1GB'")
        database.run(fill)
        assert sum(path.stat().st_size for path in spill.rglob("*")) > 10_000_000
        assert database.row("SELECT count(v) FROM filled") == (2_000_000,)
    finally:
        database.close()
    assert not spill.exists()
