"""The result as a dict, as files, and as a networkx graph."""

import datetime as dt
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import networkx as nx
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pygrouper import Event, Uid, crg

import xrefgraph as xg
from tests.worlds import BASIC, BASIC_ANSWER, build_basic, listing

Rows = list[dict[str, Any]]


def test_the_basic_case_word_for_word(tmp_path: Path) -> None:
    with build_basic() as graph:
        assert graph.to_dict() == BASIC_ANSWER
    (tmp_path / "events.csv").write_text(
        "db_id,cookie,event_id\n123,nice_page_visitor,\n,nice_page_visitor,1\n,nice_page_visitor,2\n"
    )
    with xg.build(
        tmp_path / "events.csv", anchor="db_id", identifiers=["cookie"], event_id="event_id"
    ) as graph:
        assert graph.to_dict() == BASIC_ANSWER
    users = xg.Source(
        [{"id": 123, "c": "nice_page_visitor"}],
        identifiers={"db_id": "id", "cookie": "c"},
        name="users",
    )
    visits = xg.Source(
        [{"visitor": "nice_page_visitor", "n": n} for n in (1, 2)],
        identifiers={"cookie": "visitor"},
        event_id="n",
        name="visits",
    )
    with xg.build([users, visits], xg.Schema(["db_id", "cookie"], anchor="db_id")) as graph:
        assert graph.to_dict() == BASIC_ANSWER
        assert graph.to_dict(events="keys") == {
            "db_id": {123: {"cookie": {"nice_page_visitor": [("visits", 1), ("visits", 2)]}}}
        }


def test_records_are_the_rows_of_events() -> None:
    with build_basic(time=None) as graph:
        records = graph.to_dict(events="records")["db_id"][123]["cookie"]["nice_page_visitor"]
        rows = graph.events.rows()[1:]
    assert [{**row, "event_id": int(row["event_id"]), "anchor": 123} for row in rows] == records


@pytest.mark.parametrize(
    ("value", "comes_back"),
    [
        (123, 123),
        ("123", "123"),
        ("007", "007"),
        (123.0, 123),
        (1.5, 1.5),
        ("x", "x"),
        (True, True),
        (-5, -5),
        (10**30, 10**30),
        ("1e3", "1e3"),
    ],
    ids=repr,
)
def test_an_anchor_and_an_id_come_back_as_they_came_in(value: Any, comes_back: Any) -> None:
    rows = [{"db_id": value, "cookie": "a"}, {"cookie": "a", "id": value}]
    schema = xg.Schema([xg.IdentifierType("db_id", deny_defaults=False), "cookie"], anchor="db_id")
    with xg.build(xg.Source(rows, identifiers=schema.names, event_id="id"), schema) as graph:
        answer = graph.to_dict()
    assert answer == {"db_id": {comes_back: {"cookie": {"a": [comes_back]}}}}
    found = next(iter(answer["db_id"]))
    assert type(found) is type(comes_back)
    assert type(answer["db_id"][found]["cookie"]["a"][0]) is type(comes_back)


@pytest.mark.parametrize("order", [(123, "123"), ("123", 123)])
def test_an_anchor_seen_in_two_forms_comes_back_as_the_first(order: tuple[Any, Any]) -> None:
    rows: Rows = [
        {"db_id": order[0], "cookie": "a"},
        {"db_id": order[1], "cookie": "b"},
        {"cookie": "a", "id": 1},
        {"cookie": "b", "id": "x"},
    ]
    apart = [
        xg.Source(rows[n : n + 1], identifiers=["db_id", "cookie"], event_id="id") for n in (0, 1)
    ]
    apart.append(xg.Source(rows[2:], identifiers=["cookie"], event_id="id"))
    for sources in (rows, apart):
        options: Any = {"identifiers": ["cookie"], "event_id": "id"} if sources is rows else {}
        with xg.build(sources, anchor="db_id", **options) as graph:
            answer = graph.to_dict()
        assert answer == {"db_id": {order[0]: {"cookie": {"a": [1], "b": ["x"]}}}}


def test_a_csv_column_is_of_integers_only_where_all_are(tmp_path: Path) -> None:
    path = tmp_path / "it.csv"
    for column, expected in (
        (("1", "20"), (1, 20)),
        (("01", "20"), ("01", "20")),
        (("1", "x"), ("1", "x")),
        (("+1", "2"), ("+1", "2")),
    ):
        path.write_text(f"db_id,cookie,id\n{column[0]},a,8\n{column[1]},b,9\n,a,10\n,b,11\n")
        with xg.build(path, anchor="db_id", identifiers=["cookie"], event_id="id") as graph:
            assert graph.to_dict() == {
                "db_id": {
                    expected[0]: {"cookie": {"a": [10]}},
                    expected[1]: {"cookie": {"b": [11]}},
                }
            }


def test_made_ids_never_equal_given_ones() -> None:
    ids = [None, "#1", None, "#3", "", "#03", None, "#0"]
    with xg.build(
        [{"cookie": "a", "id": one} for one in ids], identifiers=["cookie"], event_id="id"
    ) as graph:
        found = graph.events["event_id"]
    assert found == ["#2", "#1", "#4", "#3", "#5", "#03", "#6", "#0"]


@given(
    st.lists(
        st.one_of(st.none(), st.integers(0, 9).map(lambda n: f"#{n}"), st.integers(1, 4)),
        max_size=9,
    )
)
def test_ids_that_are_made_are_the_next_free_numbers(ids: list[Any]) -> None:
    given_ids = [one for one in ids if one is not None]
    with xg.build(
        [{"cookie": "a", "id": one} for one in ids], identifiers=["cookie"], event_id="id"
    ) as graph:
        found = graph.events["event_id"]
    assert (
        len(found) == len(set(found)) == len(ids) - len(given_ids) + len(set(map(str, given_ids)))
    )
    assert {str(one) for one in given_ids} <= set(found)


def test_ambiguous_and_anonymous_events_are_not_listed() -> None:
    rows = [
        {"db_id": 1, "cookie": "a"},
        {"db_id": 2, "cookie": "a"},
        {"cookie": "a", "id": 1},
        {"cookie": "b", "id": 2},
        {"db_id": 3, "cookie": "c"},
        {"db_id": [4, 5], "cookie": "d"},
        {"cookie": "d", "id": 3},
    ]
    schema = xg.Schema(["db_id", "cookie"], anchor="db_id", conflicts="keep")
    with xg.build(xg.Source(rows, identifiers=schema.names, event_id="id"), schema) as graph:
        assert graph.to_dict() == {"db_id": {}}
        assert graph.events["status"] == ["ambiguous"] * 3 + [
            "anonymous",
            "anchored",
            "contradictory",
            "anonymous",
        ]
        assert [(r["type"], r["value"], r["reason"]) for r in graph.rejected.rows()] == [
            ("db_id", "4", "contradictory"),
            ("db_id", "5", "contradictory"),
        ]


def test_without_an_anchor_a_dict_is_a_clear_error() -> None:
    with (
        xg.build([{"cookie": "a"}], identifiers=["cookie"]) as graph,
        pytest.raises(xg.SchemaError, match="under their anchor"),
    ):
        graph.to_dict()
    with build_basic() as graph, pytest.raises(xg.SchemaError, match="Did you mean 'keys'"):
        graph.to_dict(events="key")


# ------------------------------------------------------------------------------------- pygrouper


@st.composite
def one_hop(draw: st.DrawFn) -> Rows:
    """People whose registrations carry all their values, and events that carry some of these."""
    rows: Rows = []
    for person in range(1, draw(st.integers(1, 4)) + 1):
        values = {
            kind: [f"{kind}-{person}-{n}" for n in range(draw(st.integers(1, 2)))]
            for kind in ("cookie", "device")
        }
        several = [
            {kind: draw(st.sampled_from(values[kind])) for kind in values}
            for _ in range(draw(st.integers(1, 3)))
        ]
        rows += [{"db_id": person, **one} for one in several]
        for one in draw(st.lists(st.sampled_from(several), max_size=4)):
            kinds = draw(st.sampled_from([["cookie"], ["device"], ["cookie", "device"]]))
            rows.append({kind: one[kind] for kind in kinds})
    rows = draw(st.permutations(rows))
    return [{**row, "id": n} for n, row in enumerate(rows, 1)]


@given(one_hop())
def test_the_dict_lists_what_pygrouper_lists(rows: Rows) -> None:
    glue, uids = Uid("db_id"), [Uid("cookie", 1), Uid("device", 2)]
    found = crg(
        [
            Event({key: value for key, value in row.items() if key != "id"}, row["id"])
            for row in rows
        ],
        uids,
        glue,
    )
    theirs: dict[Any, Any] = {}
    for anchor, of_type in found.items():
        for uid, of_value in of_type.items():
            for value, events in of_value.items():
                if events:
                    theirs.setdefault(anchor, {}).setdefault(uid.name, {})[value] = [
                        event.id for event in events
                    ]
    with xg.build(rows, anchor="db_id", identifiers=["cookie", "device"], event_id="id") as graph:
        assert graph.to_dict() == {"db_id": theirs}


# ----------------------------------------------------------------------------------------- files


@pytest.mark.parametrize("form", ["parquet", "csv", "json"])
def test_written_files_hold_the_tables(form: str, tmp_path: Path) -> None:
    rows = [{**row, "at": f"2024-01-0{n}"} for n, row in enumerate(BASIC, 1)]
    with xg.build(
        rows, anchor="db_id", identifiers=["cookie"], event_id="event_id", time="at"
    ) as graph:
        paths = graph.write(tmp_path / "a" / "out", form)
        assert [path.name for path in paths] == [
            f"{name}.{form}" for name in ("events", "identifiers", "profiles", "cuts", "rejected")
        ]
        events = graph.events.rows()
    assert sorted(path.name for path in (tmp_path / "a").iterdir()) == ["out"]
    path = str(paths[0])
    read = (
        pd.read_parquet(path)
        if form == "parquet"
        else pd.read_csv(path)
        if form == "csv"
        else pd.read_json(path, lines=True)
    )
    assert list(read["profile_id"]) == [row["profile_id"] for row in events]
    assert list(read.columns) == list(events[0])
    assert list(pd.to_datetime(read["time"])) == [row["time"] for row in events]


def test_other_files_of_the_folder_are_left_alone_and_old_results_replaced(tmp_path: Path) -> None:
    (tmp_path / "events.csv").write_text("old")
    (tmp_path / "mine.txt").write_text("mine")
    with build_basic() as graph:
        graph.write(tmp_path, "csv", tables=["events"])
    assert (tmp_path / "mine.txt").read_text() == "mine"
    assert (tmp_path / "events.csv").read_text().startswith("source,event_id,time")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["events.csv", "mine.txt"]


def test_unknown_formats_and_tables_and_files_for_folders_are_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    before = listing(tmp_path)
    with build_basic() as graph:
        with pytest.raises(xg.XrefGraphError, match="Did you mean 'parquet'"):
            graph.write(tmp_path / "out", "parquets")
        with pytest.raises(xg.UnknownError, match="Did you mean 'events'"):
            graph.write(tmp_path / "out", tables=["event"])
        for folder in (tmp_path / "file", tmp_path / "file" / "out"):
            with pytest.raises(xg.StoreError, match="file"):
                graph.write(folder)
    assert listing(tmp_path) == before


SAME = """
import sys, xrefgraph as xg
rows = [{"db_id": n if n % 5 == 0 else None, "cookie": [f"c{n * 7 % 97}", f"c{n * 3 % 89}"], "email": f"E{n % 37}@x.org" if n % 3 else "null", "id": n, "at": n} for n in range(1, 3000)]
schema = xg.Schema(["db_id", xg.IdentifierType("email", normalize="email"), "cookie"], anchor="db_id")
graph = xg.build(xg.Source(rows, identifiers=schema.names, event_id="id", time="at"), schema, threads=int(sys.argv[1]))
for form in ("csv", "json", "parquet"):
    graph.write(form, form)
"""  # noqa: E501


def test_files_are_the_same_bytes_whatever_the_hash_seed_and_the_threads(tmp_path: Path) -> None:
    found = []
    for seed, threads in (("1", "1"), ("77", "2")):
        folder = tmp_path / seed
        folder.mkdir()
        environment = os.environ | {
            "PYTHONHASHSEED": seed,
            "PYTHONPATH": str(Path(xg.__file__).parents[1]),
        }
        subprocess.run(
            [sys.executable, "-c", SAME, threads],
            cwd=folder,
            env=environment,
            check=True,
            timeout=100,
        )
        found.append(
            {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.*")}
        )
    assert len(found[0]) == 15
    assert [name for name in found[0] if found[0][name] != found[1][name]] == []


# -------------------------------------------------------------------------------------- networkx


def test_networkx_gets_a_bipartite_graph_with_attributes() -> None:
    rows: Rows = [
        {"db_id": 1, "cookie": "a", "id": 5, "at": "2024-01-01"},
        {"cookie": "a", "id": 6},
        {"id": 7},
    ]
    with xg.build(
        xg.Source(rows, identifiers=["db_id", "cookie"], event_id="id", time="at", name="it"),
        anchor="db_id",
    ) as graph:
        found = graph.to_networkx()
        one = graph.profile(db_id=1).graph
    event, cookie = xg.EventNode("it", "5"), xg.IdentifierNode("cookie", "a")
    assert nx.bipartite.is_bipartite(found)
    assert found.nodes[event] == {"bipartite": 0, "time": dt.datetime(2024, 1, 1)}  # noqa: DTZ001
    assert found.nodes[cookie] == {"bipartite": 1, "type": "cookie", "value": "a"}
    assert found.edges[event, cookie] == {"cut": False}
    assert nx.utils.graphs_equal(found, one)
    assert list(found) == list(one)
    nodes: list[object] = [xg.EventNode("a", "b"), xg.IdentifierNode("a", "b")]
    assert nodes[0] != nodes[1]
