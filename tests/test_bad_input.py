"""Bad input: a clear error or a reported outcome, and nothing half-written."""

import pickle
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

import xrefgraph as xg
from tests.worlds import listing
from xrefgraph import events as events_module

SECRET = "secret-value-of-a-person"  # noqa: S105  (an identifier)


@pytest.fixture(autouse=True)
def _spill_folder_of_its_own(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever else runs on this machine spills somewhere else."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path_factory.mktemp("spill")))


def build(path: Path, **options: Any) -> xg.XrefGraph:
    """Build a database beside the file, from it."""
    defaults: dict[str, Any] = {
        "anchor": "db_id",
        "identifiers": ["cookie"],
        "database": path.parent / "graph.xref",
    }
    return xg.build(path, **(defaults | options))


def refused(path: Path, kind: type[Exception], *parts: str, **options: Any) -> xg.XrefGraphError:
    """See that a file is refused with an error that says these parts, and that nothing is written."""
    before = listing(path.parent)
    with pytest.raises(kind) as caught:
        build(path, **options)
    error = caught.value
    assert isinstance(error, xg.XrefGraphError)
    for part in parts:
        assert part in str(error)
    assert SECRET not in str(error)
    assert "\n" not in str(error)
    again = pickle.loads(pickle.dumps(error))  # noqa: S301
    assert (type(again), str(again), again.facts) == (type(error), str(error), error.facts)
    assert listing(path.parent) == before
    assert not list(Path(tempfile.gettempdir()).glob("xrefgraph-*"))
    return error


def written(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def parquet(path: Path, query: str) -> Path:
    duckdb.sql(f"COPY ({query}) TO '{path}' (FORMAT parquet)")
    return path


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_an_empty_file_is_an_error_or_no_events(ending: str, tmp_path: Path) -> None:
    path = written(tmp_path, f"events.{ending}", "")
    error = refused(path, xg.SourceError, f"events.{ending}")
    assert error.source == "events"


def test_a_header_alone_is_a_graph_without_events(tmp_path: Path) -> None:
    with build(written(tmp_path, "events.csv", "db_id,cookie\n")) as graph:
        assert (
            len(graph.events)
            == len(graph.identifiers)
            == len(graph.profiles)
            == len(graph.rejected)
            == 0
        )
        assert graph.to_dict() == {"db_id": {}}
        assert graph.to_networkx().number_of_nodes() == 0
        assert graph.assign([{"cookie": "a"}]).rows() == [
            {"cookie": "a", "profile_id": None, "anchor": None}
        ]
        graph.write(tmp_path / "out")


@pytest.mark.parametrize(
    "name", ["events.csv", "events.parquet", "events.jsonl", "*.csv", "nowhere/events.csv"]
)
def test_a_missing_file_is_named(name: str, tmp_path: Path) -> None:
    refused(tmp_path / name, xg.StoreError, name)
    refused(tmp_path / name, OSError)


def test_a_missing_column_offers_the_nearest(tmp_path: Path) -> None:
    path = written(tmp_path, "events.csv", f"db_id,cookie,event_id\n1,{SECRET},2\n")
    error = refused(path, xg.SourceError, identifiers=["cookie_id"])
    assert (
        str(error)
        == "events.csv has no column 'cookie_id'. Its columns are: db_id, cookie, event_id. Did you mean 'cookie'?"
    )
    assert (error.source, error.column) == ("events", "cookie_id")
    refused(path, xg.SourceError, "'evnt_id'", "Did you mean 'event_id'?", event_id="evnt_id")
    refused(path, xg.SourceError, "'when'", time="when")
    refused(path, xg.SourceError, "'page'", "keep_columns", keep_columns=["page"])


@pytest.mark.parametrize("row", [f"1,{SECRET},3", "1", f'1,"{SECRET}'])
def test_ragged_rows_of_csv_are_an_error_with_their_line(row: str, tmp_path: Path) -> None:
    path = written(tmp_path, "events.csv", f"db_id,cookie\n1,a\n{row}\n2,{SECRET}\n")
    refused(path, xg.SourceError, "events.csv", "line")


@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_bytes_that_are_not_utf8_are_an_error(ending: str, tmp_path: Path) -> None:
    line = (
        b'{"db_id": "1", "cookie": "caf\xe9"}\n'
        if ending == "jsonl"
        else b"db_id,cookie\n1,caf\xe9\n"
    )
    refused(
        written(tmp_path, f"events.{ending}", line), xg.SourceError, f"events.{ending}", "UTF-8"
    )


def test_bytes_and_surrogates_in_dicts_are_an_error_with_their_row() -> None:
    for value in (b"caf\xe9", "\ud800"):
        with pytest.raises(xg.SourceError, match=r"Row 2 of 'source_1'.*UTF-8"):
            xg.build([{"cookie": "a"}, {"cookie": value}], identifiers=["cookie"])


def test_a_nul_byte_is_a_character_like_others(tmp_path: Path) -> None:
    schema = xg.Schema(["db_id", "cookie"], anchor="db_id")
    rows = [{"db_id": "1", "cookie": "a\0b"}, {"cookie": "a\0b", "id": 1}, {"cookie": "a", "id": 2}]
    with xg.build(xg.Source(rows, identifiers=schema.names, event_id="id"), schema) as graph:
        assert graph.to_dict() == {"db_id": {"1": {"cookie": {"a\0b": [1]}}}}
        assert graph.profile(cookie="a\0b").id == "db_id:1"
        assert graph.profile("cookie:a\0b").to_dict() == graph.to_dict()
        assert graph.assign([{"cookie": "a\0b"}])["anchor"] == ["1"]
        graph.save(tmp_path / "g.xref")
        for form in ("csv", "json", "parquet"):
            graph.write(tmp_path / form, form)
    with xg.open(tmp_path / "g.xref") as graph:
        assert graph.profile(cookie="a\0b").anchor == "1"


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet", "dicts"])
def test_a_value_of_ten_megabytes_is_a_value(ending: str, tmp_path: Path) -> None:
    long = "x" * 10_000_000
    data: Any = tmp_path / f"events.{ending}"
    if ending == "csv":
        data.write_text(f"db_id,cookie\n1,{long}\n,{long}\n")
    elif ending == "jsonl":
        data.write_text(f'{{"db_id": "1", "cookie": "{long}"}}\n{{"cookie": "{long}"}}\n')
    elif ending == "parquet":
        parquet(data, "SELECT unnest(['1', NULL]) AS db_id, repeat('x', 10000000) AS cookie")
    else:
        data = [{"db_id": "1", "cookie": long}, {"cookie": long}]
    with xg.build(data, anchor="db_id", identifiers=["cookie"]) as graph:
        assert graph.events["profile_id"] == ["db_id:1", "db_id:1"]
        assert graph.profile(cookie=long).id == "db_id:1"


def test_ten_thousand_columns_are_read(tmp_path: Path) -> None:
    names = ["db_id", "cookie", *(f"c{n}" for n in range(9_998))]
    path = written(
        tmp_path,
        "events.csv",
        ",".join(names) + "\n1,a" + ",x" * 9_998 + "\n,a" + "," * 9_998 + "\n",
    )
    with build(path) as graph:
        assert graph.events["anchor"] == ["1", "1"]
    error = refused(
        written(tmp_path, "other.csv", path.read_bytes()),
        xg.SourceError,
        "and 9,980 more",
        identifiers=["kooky"],
    )
    assert len(str(error)) < 1000


def test_duplicate_column_names_are_an_error(tmp_path: Path) -> None:
    import pandas as pd  # noqa: PLC0415
    import pyarrow as pa  # noqa: PLC0415

    refused(
        written(tmp_path, "events.csv", "db_id,cookie,cookie\n1,a,b\n"),
        xg.SourceError,
        "'cookie'",
        "more than once",
    )
    frame = pd.DataFrame([["1", "a", "b"]], columns=["db_id", "cookie", "cookie"])
    table = pa.table([pa.array(["1"])] * 3, names=["db_id", "cookie", "cookie"])
    for data in (frame, table):
        with pytest.raises(xg.SourceError, match="'cookie' more than once"):
            xg.build(data, anchor="db_id", identifiers=["cookie"])


def test_schemas_that_contradict_themselves_are_errors() -> None:
    source = xg.Source([{"cookie": "a"}], identifiers={"cookie": "cookie"})
    with pytest.raises(xg.SchemaError, match="'email' has no column in any source"):
        xg.build(source, xg.Schema(["cookie", "email"]))
    with pytest.raises(xg.SchemaError, match="'cookie' is declared twice"):
        xg.Schema(["cookie", "cookie"])
    with pytest.raises(
        xg.SchemaError, match=r"'db_i' is not among the types.*Did you mean 'db_id'"
    ):
        xg.Schema(["db_id", "cookie"], anchor="db_i")
    with pytest.raises(xg.SchemaError, match="comes first"):
        xg.Schema(["cookie", "db_id"], anchor="db_id")
    with pytest.raises(ValueError, match=r"does not declare.*Did you mean 'cookie'"):
        xg.build(xg.Source([{"c": "a"}], identifiers={"cooky": "c"}), xg.Schema(["cookie"]))


def test_mixed_types_in_a_column_are_read_value_by_value(tmp_path: Path) -> None:
    import pandas as pd  # noqa: PLC0415

    mixed = [123, 123.0, "123", "0123", None, float("nan"), True, ["x", 123]]
    expected = ["db:123", "db:123", "db:123", "db:0123", None, None, "db:true", "db:123"]
    schema = xg.Schema([xg.IdentifierType("db", deny_defaults=False), "other"], anchor="db")
    rows = [{"db": value, "other": None} for value in mixed]
    for data in (rows, pd.DataFrame({"db": pd.Series(mixed, dtype=object), "other": None})):
        with xg.build(data, xg.Schema([xg.IdentifierType("db", deny_defaults=False)])) as graph:
            assert graph.events["profile_id"] == expected
    path = written(
        tmp_path,
        "events.jsonl",
        '{"db": 123}\n{"db": "123"}\n{"db": 123.0}\n{"db": [123, "x"]}\n{"db": null}\n{"db": true}\n{"db": "0123"}\n',
    )
    with xg.build(path, xg.Schema([xg.IdentifierType("db", deny_defaults=False)])) as graph:
        assert graph.events["profile_id"] == [
            "db:123",
            "db:123",
            "db:123",
            "db:123",
            None,
            "db:true",
            "db:0123",
        ]
    assert schema.names == ("db", "other")
    for odd in ({"a": 1}, [{"a": 1}]):
        with pytest.raises(xg.SourceError, match="Row 1"):
            xg.build([{"db": odd}], identifiers=["db"])


@pytest.mark.parametrize("part", [0.5, 0.99])
def test_parquet_that_was_cut_is_an_error(part: float, tmp_path: Path) -> None:
    path = parquet(
        tmp_path / "events.parquet",
        f"SELECT i AS db_id, '{SECRET}' || i AS cookie FROM range(10000) t(i)",
    )
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * part)])
    refused(path, xg.SourceError, "events.parquet", "damaged")
    path.write_bytes(b"PAR1" + bytes(range(256)) * 20 + whole[len(whole) // 2 :])
    refused(path, xg.SourceError, "events.parquet", "damaged")


@pytest.mark.parametrize("ending", ["csv.gz", "jsonl.gz"])
def test_a_compressed_file_that_was_cut_is_an_error(ending: str, tmp_path: Path) -> None:
    import gzip  # noqa: PLC0415

    lines = [
        f'{{"db_id": "{n}", "cookie": "{n * 7919 % 10007}"}}'
        if "json" in ending
        else f"{n},{n * 7919 % 10007}"
        for n in range(5000)
    ]
    text = "\n".join((["db_id,cookie"] if "csv" in ending else []) + lines) + "\n"
    whole = gzip.compress(text.encode())
    refused(
        written(tmp_path, f"events.{ending}", whole[: len(whole) // 2]),
        xg.XrefGraphError,
        f"events.{ending}",
    )


@pytest.mark.parametrize("name", ["events", "events.csv", "events.parquet"])
def test_a_folder_instead_of_a_file_is_an_error(name: str, tmp_path: Path) -> None:
    (tmp_path / name).mkdir()
    refused(tmp_path / name, xg.StoreError, "is a folder", "*.parquet")


def test_a_file_of_another_form_is_an_error(tmp_path: Path) -> None:
    refused(
        written(tmp_path, "events.parquet", f"db_id,cookie\n1,{SECRET}\n"),
        xg.SourceError,
        "events.parquet",
    )
    refused(
        written(tmp_path, "events.jsonl", f"db_id,cookie\n1,{SECRET}\n"),
        xg.SourceError,
        "events.jsonl",
    )
    refused(written(tmp_path, "events.xlsx", "PK"), xg.SourceError, "ending")


@pytest.mark.parametrize(
    "data",
    [123, None, {"cookie": "a"}, [1, 2], [["a"]], object()],
    ids=["number", "nothing", "one dict", "numbers", "lists", "object"],
)
def test_what_is_no_source_is_refused(data: Any) -> None:
    with pytest.raises(xg.XrefGraphError):
        xg.build(data, identifiers=["cookie"])


def test_two_sources_of_one_name_are_an_error() -> None:
    source = xg.Source([{"cookie": "a"}], identifiers=["cookie"], name="visits")
    with pytest.raises(xg.SchemaError, match="named 'visits'"):
        xg.build([source, source], identifiers=["cookie"])


def test_rows_without_a_word_are_never_lost() -> None:
    with xg.build(
        [{}, {"cookie": None}, {"page": 1}, {"cookie": "null"}], identifiers=["cookie"]
    ) as graph:
        assert graph.events["status"] == ["no_identifier"] * 4
        assert len(graph.profiles) == 0
        assert [(row["value"], row["reason"], row["events"]) for row in graph.rejected.rows()] == [
            ("null", "junk", 1)
        ]


# ----------------------------------------------------------------------------- sources that change


def in_place(monkeypatch: pytest.MonkeyPatch, folder: Path) -> Path:
    monkeypatch.setattr(events_module, "ROWS_IN_PLACE", 0)
    return parquet(
        folder / "events.parquet",
        "SELECT i AS event_id, i % 10 AS db_id, 'c' || i AS cookie FROM range(1, 100) t(i)",
    )


@pytest.mark.parametrize(
    "ask",
    [
        lambda g: g.events.rows(),
        lambda g: g.to_dict(),
        lambda g: g.profile(db_id=1),
        lambda g: g.write("out"),
        lambda g: g.save("g.xref"),
    ],
    ids=["events", "to_dict", "profile", "write", "save"],
)
@pytest.mark.parametrize("change", ["rewritten", "gone"])
def test_a_source_that_changed_after_it_was_read_is_never_read_silently(
    ask: Callable[[xg.XrefGraph], Any], change: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = in_place(monkeypatch, tmp_path)
    with xg.build(path, anchor="db_id", identifiers=["cookie"], event_id="event_id") as graph:
        if change == "gone":
            path.unlink()
        else:
            parquet(path, "SELECT 1 AS event_id, 2 AS db_id, 'x' AS cookie")
        before = listing(tmp_path)
        with pytest.raises(xg.SourceChangedError, match=r"events\.parquet changed"):
            ask(graph)
        assert listing(tmp_path) == before


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_source_that_changes_while_it_is_read_is_an_error(
    ending: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = (
        in_place(monkeypatch, tmp_path)
        if ending == "parquet"
        else written(tmp_path, "events.csv", "event_id,db_id,cookie\n1,1,a\n")
    )
    real = events_module.fingerprint
    seen: list[str] = []

    def changing(name: str) -> tuple[str, int, int]:
        seen.append(name)
        found = real(name)
        return found if len(seen) == 1 else (found[0], found[1] + 1, found[2])

    monkeypatch.setattr(events_module, "fingerprint", changing)
    with pytest.raises(xg.SourceChangedError, match="changed"):
        xg.build(path, anchor="db_id", identifiers=["cookie"], event_id="event_id")
    seen.clear()
    with pytest.raises(xg.SourceChangedError):
        xg.build(
            path,
            anchor="db_id",
            identifiers=["cookie"],
            event_id="event_id",
            database=tmp_path / "graph.xref",
        )
    assert [p.name for p in tmp_path.iterdir()] == [path.name]
