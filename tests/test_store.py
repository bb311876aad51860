"""The file of a graph: everything is read back; what is no graph is refused."""

from pathlib import Path

import duckdb
import pytest

import xrefgraph as xg
from tests.worlds import BASIC_ANSWER, all_tables, build_basic, listing

ROWS = [
    {"db_id": 1, "email": "A@x.org", "id": 1, "at": 5, "page": "p"},
    {"email": "a@x.org", "id": 2},
    {"email": "null", "id": 3},
    {"db_id": [7, 8], "email": "b@x.org", "id": 4},
    {"db_id": "007", "id": None},
]
SCHEMA = xg.Schema(
    ["db_id", xg.IdentifierType("email", normalize="email", limit=3, deny=["z@x.org"])],
    anchor="db_id",
)
SOURCE = xg.Source(ROWS, identifiers=SCHEMA.names, event_id="id", time="at", name="it")


def test_a_file_is_read_back_with_everything_in_it(tmp_path: Path) -> None:
    with xg.build(SOURCE, SCHEMA, keep_columns=["page"]) as graph:
        tables, answer, shown = all_tables(graph), graph.to_dict(), repr(graph)
        assert graph.save(tmp_path / "saved.xref") == tmp_path / "saved.xref"
        assert all_tables(graph) == tables
    with xg.build(SOURCE, SCHEMA, keep_columns=["page"], database=tmp_path / "built.xref") as graph:
        assert all_tables(graph) == tables
    for name in ("saved.xref", "built.xref"):
        for read_only in (False, True):
            with xg.open(tmp_path / name, read_only=read_only) as graph:
                assert (all_tables(graph), graph.to_dict(), repr(graph)) == (tables, answer, shown)
                assert graph.schema == SCHEMA
                assert graph.profile(email="A@X.org").id == "db_id:1"
                assert graph.sql("SELECT count(*) AS n FROM events").rows() == [{"n": 5}]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["built.xref", "saved.xref"]


def test_a_schema_with_functions_must_be_given_again(tmp_path: Path) -> None:
    schema = xg.Schema([xg.IdentifierType("cookie", normalize=str.upper)])
    with xg.build([{"cookie": "a"}], schema) as graph:
        graph.save(tmp_path / "g.xref")
    with pytest.raises(xg.StoreError, match="functions"):
        xg.open(tmp_path / "g.xref")
    with xg.open(tmp_path / "g.xref", schema=schema) as graph:
        assert graph.profile(cookie="a").id == "cookie:A"


def test_a_schema_that_is_not_the_one_of_the_file_is_refused(tmp_path: Path) -> None:
    unknown = {"action": "block", "identifier": ["email", "nobody@example.org"]}
    schema = xg.Schema(SCHEMA.types, anchor="db_id", decisions=[unknown])
    with xg.build(SOURCE, schema) as graph:
        assert len(graph.idle_decisions) == 1
        graph.save(tmp_path / "g.xref")
    for other in (
        SCHEMA,
        xg.Schema(["db_id"], anchor="db_id", decisions=[]),
        xg.Schema(["db_id", "cookie"], anchor="db_id"),
        xg.Schema(["email", "db_id"], anchor="email", decisions=[unknown]),
        {"anchor": "db_id"},
    ):
        with pytest.raises(xg.StoreError, match=r"not the one of .* db_id, email.*rebuild"):
            xg.open(tmp_path / "g.xref", schema=other)  # type: ignore[arg-type]
    with xg.open(tmp_path / "g.xref", schema=schema) as graph:
        assert graph.idle_decisions == schema.decisions


def test_a_graph_lives_on_when_those_it_was_rebuilt_from_are_closed(tmp_path: Path) -> None:
    with xg.build(SOURCE, SCHEMA) as graph:
        graph.save(tmp_path / "g.xref")
        wanted = all_tables(graph)
    for read_only in (True, False):
        first = xg.open(tmp_path / "g.xref", read_only=read_only)
        second = first.rebuild(SCHEMA)
        third = second.rebuild(SCHEMA)
        first.close()
        second.close()
        assert all_tables(third) == wanted
        third.profile(db_id=1)
        third.save(tmp_path / "h.xref")
        third.rebuild(SCHEMA, in_place=True)
        assert all_tables(third) == wanted
        third.close()
        with xg.open(tmp_path / "h.xref") as graph:
            assert all_tables(graph) == wanted


def test_a_graph_that_is_rebuilt_in_place_holds_one_copy(tmp_path: Path) -> None:
    with xg.build(SOURCE, SCHEMA, database=tmp_path / "g.xref") as graph:
        for _ in range(3):
            graph.rebuild(SCHEMA, in_place=True)
        held = graph._database.rows(
            "SELECT database_name FROM duckdb_databases() WHERE NOT internal"
        )
        assert held == [("g",)]


def test_a_graph_that_is_open_for_reading_can_be_saved(tmp_path: Path) -> None:
    with xg.build(SOURCE, SCHEMA) as graph:
        graph.save(tmp_path / "g.xref")
    with xg.open(tmp_path / "g.xref", read_only=True) as graph:
        graph.save(tmp_path / "h.xref")
        tables = all_tables(graph)
    with xg.open(tmp_path / "h.xref") as graph:
        assert all_tables(graph) == tables


def test_what_is_no_schema_rebuilds_nothing() -> None:
    with xg.build(SOURCE, SCHEMA) as graph, pytest.raises(xg.SchemaError, match="not by NoneType"):
        graph.rebuild(None)  # type: ignore[arg-type]


def test_what_is_no_graph_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.xref").write_text("db_id,cookie\n" * 9)
    (tmp_path / "empty.xref").write_text("")
    (tmp_path / "folder.xref").mkdir()
    duckdb.connect(str(tmp_path / "other.xref")).close()
    before = listing(tmp_path)
    for name, part in (
        ("text", "no graph"),
        ("empty", "no graph"),
        ("folder", "folder"),
        ("other", "no graph"),
        ("missing", "There is no file"),
    ):
        with pytest.raises(xg.StoreError, match=part):
            xg.open(tmp_path / f"{name}.xref")
    with pytest.raises(xg.StoreError, match="folder"):
        build_basic(database=tmp_path / "folder.xref")
    assert listing(tmp_path) == before


@pytest.mark.parametrize(
    ("number", "part"), [(999, "format 999.*Update xrefgraph"), (1, "format 1,.*Build the graph")]
)
def test_a_file_of_another_format_is_refused(number: int, part: str, tmp_path: Path) -> None:
    with build_basic() as graph:
        graph.save(tmp_path / "g.xref")
    with duckdb.connect(str(tmp_path / "g.xref")) as connection:
        connection.execute(f"UPDATE store.meta SET value = '{number}' WHERE key = 'format'")
    with pytest.raises(xg.StoreError, match=part):
        xg.open(tmp_path / "g.xref")


def test_a_file_that_was_cut_is_refused(tmp_path: Path) -> None:
    with build_basic() as graph:
        graph.save(tmp_path / "g.xref")
    whole = (tmp_path / "g.xref").read_bytes()
    (tmp_path / "g.xref").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(xg.XrefGraphError):  # noqa: SIM117  (opening or reading, whichever sees it)
        with xg.open(tmp_path / "g.xref") as graph:
            graph.events.rows()


def test_a_build_replaces_the_graph_that_was_there_only_when_it_is_done(tmp_path: Path) -> None:
    with build_basic(database=tmp_path / "g.xref"):
        pass
    with pytest.raises(xg.SourceError):
        xg.build([{"cookie": b"\xff"}], identifiers=["cookie"], database=tmp_path / "g.xref")
    with xg.open(tmp_path / "g.xref") as graph:
        assert graph.to_dict() == BASIC_ANSWER
    with xg.build([{"cookie": "b"}], identifiers=["cookie"], database=tmp_path / "g.xref") as graph:
        assert len(graph.events) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["g.xref"]


@pytest.mark.parametrize(
    "options", [{"memory_limit": "much"}, {"threads": 0}, {"threads": "two"}, {"on_duplicate": "x"}]
)
def test_odd_options_are_refused(options: dict[str, object], tmp_path: Path) -> None:
    with pytest.raises(xg.XrefGraphError):
        build_basic(**options, database=tmp_path / "g.xref")
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_no_file_can_have_is_one_clear_error() -> None:
    with pytest.raises(xg.StoreError, match="cannot be a file"):
        xg.open("x" * 300)
    with build_basic() as graph, pytest.raises(xg.StoreError, match="cannot be a file"):
        graph.save("x" * 300)
