"""The same rows give the same tables, whatever they come in."""

import datetime as dt
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

import xrefgraph as xg
from tests.worlds import all_tables

Rows = list[dict[str, Any]]
COLUMNS = ("id", "db_id", "cookie", "email", "at", "page")
ROWS: Rows = [
    {
        "id": "1",
        "db_id": "007",
        "cookie": "a",
        "email": "X@y.org",
        "at": "2024-01-02T03:04:05",
        "page": "home",
    },
    {"id": "2", "db_id": None, "cookie": "a", "email": None, "at": None, "page": 'say "hi", you'},
    {
        "id": "3",
        "db_id": "8",
        "cookie": "b,;|\t'",
        "email": "ä@ö.ü",
        "at": "2024-01-03",
        "page": None,
    },
    {
        "id": "4",
        "db_id": None,
        "cookie": "unknown",
        "email": None,
        "at": "1704164645",
        "page": None,
    },
    {"id": None, "db_id": None, "cookie": "two\nlines", "email": "ä@ö.ü", "at": None, "page": None},
    {"id": "6", "db_id": None, "cookie": None, "email": None, "at": None, "page": None},
]


def table(rows: Rows) -> pa.Table:
    return pa.table(
        {name: pa.array([row.get(name) for row in rows], pa.string()) for name in COLUMNS}
    )


def as_dicts(rows: Rows, _: Path) -> Any:
    return rows


def as_csv(rows: Rows, folder: Path) -> Any:
    pyarrow.csv.write_csv(table(rows), folder / "it.csv")
    return folder / "it.csv"


def as_csv_of_semicolons(rows: Rows, folder: Path) -> Any:
    pyarrow.csv.write_csv(table(rows), folder / "it.csv", pyarrow.csv.WriteOptions(delimiter=";"))
    return str(folder / "*.csv")


def as_json_lines(rows: Rows, folder: Path) -> Any:
    (folder / "it.jsonl").write_text(
        "".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8"
    )
    return folder / "it.jsonl"


def as_parquet(rows: Rows, folder: Path) -> Any:
    pq.write_table(table(rows), folder / "it.parquet")
    return folder / "it.parquet"


def as_two_parquet_files(rows: Rows, folder: Path) -> Any:
    pq.write_table(table(rows[:2]), folder / "a.parquet")
    pq.write_table(table(rows[2:]), folder / "b.parquet")
    return str(folder / "*.parquet")


def as_pandas(rows: Rows, _: Path) -> Any:
    return pd.DataFrame(rows, columns=COLUMNS, index=range(10, 10 + len(rows)))


def as_pandas_objects(rows: Rows, _: Path) -> Any:
    return pd.DataFrame(rows, columns=COLUMNS, dtype=object)


def as_polars(rows: Rows, _: Path) -> Any:
    return pl.DataFrame(rows, schema=dict.fromkeys(COLUMNS, pl.String))


def as_lazy_polars(rows: Rows, folder: Path) -> Any:
    return as_polars(rows, folder).lazy()


def as_arrow(rows: Rows, _: Path) -> Any:
    return table(rows)


def as_arrow_stream(rows: Rows, _: Path) -> Any:
    return pa.RecordBatchReader.from_batches(
        table(rows).schema, table(rows).to_batches(max_chunksize=2)
    )


# An old DuckDB closes a connection that nobody holds, though a relation of it lives on.
HELD: list[duckdb.DuckDBPyConnection] = []


def as_relation(rows: Rows, _: Path) -> Any:
    connection = duckdb.connect()
    HELD.append(connection)
    connection.register("it", table(rows))
    connection.execute("CREATE TABLE kept AS FROM it")
    return connection.table("kept")


KINDS: list[Callable[[Rows, Path], Any]] = [
    as_csv,
    as_csv_of_semicolons,
    as_json_lines,
    as_parquet,
    as_two_parquet_files,
    as_pandas,
    as_pandas_objects,
    as_polars,
    as_lazy_polars,
    as_arrow,
    as_arrow_stream,
    as_relation,
]
SCHEMA = xg.Schema(
    ["db_id", xg.IdentifierType("email", normalize="email"), "cookie"], anchor="db_id"
)


def tables(data: Any) -> Any:
    source = xg.Source(data, identifiers=SCHEMA.names, event_id="id", time="at", name="it")
    with xg.build(source, SCHEMA, keep_columns=["page"]) as graph:
        return all_tables(graph)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_source_gives_the_tables_of_dicts(
    kind: Callable[[Rows, Path], Any], tmp_path: Path
) -> None:
    assert tables(kind(ROWS, tmp_path)) == tables(ROWS)


# A CSV file cannot tell an empty text from nothing, nor hold a NUL or a bare carriage return as DuckDB reads it.
words = st.one_of(
    st.none(),
    st.sampled_from(
        ["a", "b", "007", "7", "1e3", "2024-01-02", "true", "NULL", '"', "'", ",", "a;b", "#1"]
    ),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=5).filter(
        lambda text: text.strip()
    ),
)


@given(
    st.sampled_from(KINDS),
    st.lists(
        st.fixed_dictionaries({"db_id": words, "cookie": words, "email": words}),
        min_size=1,
        max_size=6,
    ),
)
def test_any_text_is_the_same_from_every_kind_of_source(
    kind: Callable[[Rows, Path], Any], some: Rows
) -> None:
    rows = [{**dict.fromkeys(COLUMNS), **row, "id": str(n)} for n, row in enumerate(some)]
    with tempfile.TemporaryDirectory() as folder:
        assert tables(kind(rows, Path(folder))) == tables(rows)


def test_a_column_of_lists_carries_several_values(tmp_path: Path) -> None:
    rows: Rows = [
        {"id": 1, "cookie": ["a", "b"]},
        {"id": 2, "cookie": ["b", None, ""]},
        {"id": 3, "cookie": []},
        {"id": 4, "cookie": None},
    ]
    arrow = pa.table(
        {
            "id": [1, 2, 3, 4],
            "cookie": pa.array([row["cookie"] for row in rows], pa.list_(pa.string())),
        }
    )
    pq.write_table(arrow, tmp_path / "it.parquet")
    lines = tmp_path / "it.jsonl"
    lines.write_text("".join(json.dumps(row) + "\n" for row in rows))
    datas = [rows, arrow, tmp_path / "it.parquet", lines, pd.DataFrame(rows), pl.from_arrow(arrow)]
    for data in datas:
        with xg.build(
            xg.Source(data, identifiers=["cookie"], event_id="id", name="it"), xg.Schema(["cookie"])
        ) as graph:
            assert graph.events["profile_id"] == ["cookie:a", "cookie:a", None, None]
            assert graph.events["event_id"] == ["1", "2", "3", "4"]


def test_two_sources_name_their_columns_differently() -> None:
    users = xg.Source(
        [{"user": 123, "partner_cookie": "x"}],
        identifiers={"db_id": "user", "cookie": "partner_cookie"},
    )
    visits = xg.Source(
        [{"cid": "x", "n": 1}, {"cid": "x", "n": 2}], identifiers={"cookie": "cid"}, event_id="n"
    )
    with xg.build([users, visits], anchor="db_id") as graph:
        assert graph.to_dict() == {"db_id": {123: {"cookie": {"x": [1, 2]}}}}
        assert graph.events["source"] == ["source_1", "source_2", "source_2"]


def test_several_columns_are_several_values_of_one_type() -> None:
    source = xg.Source(
        [{"a": "x", "b": "y"}, {"a": "y", "b": None}], identifiers={"cookie": ["a", "b"]}
    )
    with xg.build(source, xg.Schema(["cookie"])) as graph:
        assert graph.events["profile_id"] == ["cookie:x", "cookie:x"]


def test_integers_of_any_column_are_integers(tmp_path: Path) -> None:
    pq.write_table(
        pa.table(
            {
                "db_id": pa.array([1, None], pa.int32()),
                "cookie": ["a", "a"],
                "id": pa.array([1, 2], pa.uint8()),
            }
        ),
        tmp_path / "it.parquet",
    )
    (tmp_path / "it.csv").write_text("db_id,cookie,id\n1,a,1\n,a,2\n")
    (tmp_path / "it.jsonl").write_text(
        '{"db_id": 1, "cookie": "a", "id": 1}\n{"cookie": "a", "id": 2}\n'
    )
    frame = pd.DataFrame({"db_id": [1, None], "cookie": ["a", "a"], "id": [1, 2]})
    assert frame["db_id"].dtype == float
    for data in (
        tmp_path / "it.parquet",
        tmp_path / "it.csv",
        tmp_path / "it.jsonl",
        frame,
        pl.from_pandas(frame),
    ):
        with xg.build(data, anchor="db_id", identifiers=["cookie"], event_id="id") as graph:
            answer = graph.to_dict()
            assert answer == {"db_id": {1: {"cookie": {"a": [2]}}}}
            assert [
                type(one) for one in (*answer["db_id"], *answer["db_id"][1]["cookie"]["a"])
            ] == [int, int]


@pytest.mark.parametrize("start", ["\ufeff", "", '"'])
def test_a_header_is_never_guessed(start: str, tmp_path: Path) -> None:
    name = 'db_id"' if start == '"' else "db_id"
    (tmp_path / "it.csv").write_text(
        f"{start}{name},1,event\r\n7,a,x\r\n,a,y\r\n", encoding="utf-8"
    )
    with xg.build(
        tmp_path / "it.csv", anchor="db_id", identifiers={"cookie": "1"}, event_id="event"
    ) as graph:
        assert graph.to_dict() == {"db_id": {7: {"cookie": {"a": ["y"]}}}}


def test_what_a_source_holds_is_left_as_it_was() -> None:
    rows = [{"db_id": 1, "cookie": ["b", "a"], "at": dt.date(2024, 1, 1)}]
    frame = pd.DataFrame({1: ["x"], "cookie": [1.0]})
    copies = json.dumps(rows, default=str), frame.copy()
    with xg.build(rows, identifiers=["cookie"], time="at"), xg.build(frame, identifiers=["cookie"]):
        assert json.dumps(rows, default=str) == copies[0]
        pd.testing.assert_frame_equal(frame, copies[1])


def test_a_column_that_is_missing_in_nearly_all_of_many_rows_is_read() -> None:
    rows = [{"cookie": "a"} for _ in range(5_000)]
    rows[1] = {"cookie": "a", "db_id": "x"}
    with xg.build(rows, anchor="db_id", identifiers=["cookie"]) as graph:
        assert graph.counts["anchored"] == 5_000
