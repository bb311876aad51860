"""XrefGraph as people hold it: tables, questions, closing."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import xrefgraph as xg
from tests.worlds import BASIC, BASIC_ANSWER, build_basic


def test_the_representation_says_what_is_in_it() -> None:
    graph = build_basic()
    assert (
        repr(graph)
        == "<XrefGraph: 3 events, 2 identifiers, 1 profile, 3 events anchored, 0 ambiguous>"
    )
    graph.profile(db_id=123)
    assert (
        repr(graph)
        == "<XrefGraph: 3 events, 2 identifiers, 1 profile, 3 events anchored, 0 ambiguous>"
    )
    graph.close()
    assert repr(graph) == "<XrefGraph: closed>"


@pytest.mark.parametrize(
    "ask",
    [
        lambda g: g.events.rows(),
        lambda g: g.profiles.rows(),
        lambda g: len(g.identifiers),
        lambda g: g.rejected.df(),
        lambda g: g.profile(db_id=123),
        lambda g: g.profile_of_event(1),
        lambda g: g.assign([{"cookie": "a"}]),
        lambda g: g.to_dict(),
        lambda g: g.to_networkx(),
        lambda g: g.write("out"),
        lambda g: g.save("g.xref"),
        lambda g: g.sql("SELECT 1"),
    ],
    ids=[
        "events",
        "profiles",
        "identifiers",
        "rejected",
        "profile",
        "profile_of_event",
        "assign",
        "to_dict",
        "to_networkx",
        "write",
        "save",
        "sql",
    ],
)
def test_a_closed_graph_says_that_it_is_closed(
    ask: Callable[[xg.XrefGraph], Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with build_basic() as graph:
        table = graph.events
    graph.close()  # a second time does nothing
    with pytest.raises(xg.GraphClosedError, match="closed"):
        ask(graph)
    with pytest.raises(xg.GraphClosedError):
        table.rows()
    assert list(tmp_path.iterdir()) == []


def test_the_tables_have_the_columns_of_the_plan() -> None:
    with build_basic(keep_columns=[]) as graph:
        assert graph.events.columns == [
            "source",
            "event_id",
            "time",
            "profile_id",
            "anchor",
            "status",
            "via_type",
            "via_value",
        ]
        assert graph.identifiers.columns == [
            "type",
            "value",
            "profile_id",
            "events",
            "first_seen",
            "last_seen",
            "status",
            "valid_from",
            "valid_to",
        ]
        assert graph.profiles.columns == [
            "profile_id",
            "anchor",
            "events",
            "identifiers",
            "first_seen",
            "last_seen",
            "ambiguous",
            "over_limit",
        ]
        assert graph.rejected.columns == [
            "type",
            "value",
            "reason",
            "events",
            "example_source",
            "example_event_id",
        ]


def test_kept_columns_travel_with_the_events() -> None:
    rows = [{**row, "page": page} for row, page in zip(BASIC, ["a", None, "c"], strict=True)]
    with xg.build(
        rows, anchor="db_id", identifiers=["cookie"], event_id="event_id", keep_columns=["page"]
    ) as graph:
        assert graph.events["page"] == ["a", None, "c"]
        graph.profile(db_id=123)
        assert graph.events["page"] == ["a", None, "c"]


def test_a_table_comes_in_every_form() -> None:
    with build_basic() as graph:
        table = graph.events
        rows = table.rows()
        assert table.df().to_dict("records")[1]["profile_id"] == "db_id:123"
        assert (
            table.pl()["event_id"].to_list()
            == table.arrow()["event_id"].to_pylist()
            == ["#1", "1", "2"]
        )
        assert list(table) == rows
        assert (table[1], table["event_id"], len(table)) == (rows[1], ["#1", "1", "2"], 3)
        assert table.filter("event_id = '2'").rows() == rows[2:]
        assert "3 rows" in table._repr_html_()
        with pytest.raises(xg.UnknownError, match="Did you mean 'event_id'"):
            table["eventid"]
        with pytest.raises(xg.XrefGraphError):
            table.filter("no_such_column = 1")


def test_a_table_shows_no_html_of_its_values() -> None:
    with xg.build([{"cookie": "<script>alert(1)</script>"}], identifiers=["cookie"]) as graph:
        assert (
            "<script>"
            not in graph.identifiers._repr_html_()
            + graph.profile("cookie:<script>alert(1)</script>")._repr_html_()
        )


def test_sql_sees_the_tables() -> None:
    with build_basic() as graph:
        assert graph.sql(
            "SELECT count(*) AS n FROM events JOIN profiles USING (profile_id)"
        ).rows() == [{"n": 3}]
        graph.to_networkx()
        assert graph.sql(
            "SELECT status::VARCHAR AS s, count(*) AS n FROM EVENTS GROUP BY 1"
        ).rows() == [{"s": "anchored", "n": 3}]
        with pytest.raises(xg.XrefGraphError):
            graph.sql("SELECT * FROM nothing")


# ----------------------------------------------------------------------------------------- lookup


def test_a_profile_is_found_by_its_identifiers_and_events() -> None:
    rows = [*BASIC, {"cookie": "other", "event_id": 9}]
    with xg.build(rows, anchor="db_id", identifiers=["cookie"], event_id="event_id") as graph:
        found = graph.profile("db_id:123")
        for same in (
            graph.profile(db_id=123),
            graph.profile(db_id=123.0),
            graph.profile(cookie="nice_page_visitor"),
            graph.profile_of_event(1),
            graph.profile_of_event("2", source="source_1"),
            graph.profile_of_event("#1"),
        ):
            assert same == found
        assert (found.id, found.anchor, found.anchors, found.is_ambiguous) == (
            "db_id:123",
            "123",
            ("123",),
            False,
        )
        assert found.identifiers == (("db_id", "123"), ("cookie", "nice_page_visitor"))
        assert found.events == tuple(xg.EventNode("source_1", one) for one in ("#1", "1", "2"))
        assert found.to_dict() == BASIC_ANSWER
        assert "db_id:123" in found._repr_html_()
        assert graph.profile(cookie="other").anchor is None


def test_the_first_colon_splits_type_and_value() -> None:
    with xg.build([{"cookie": "abc:def"}], identifiers=["cookie"]) as graph:
        assert graph.profile("cookie:abc:def").id == "cookie:abc:def"


def test_a_value_is_looked_up_as_it_is_normalised() -> None:
    schema = xg.Schema([xg.IdentifierType("email", normalize="email")])
    with xg.build([{"email": " Max@X.org"}], schema) as graph:
        assert (
            graph.profile(email="MAX@x.ORG ").id
            == graph.profile("email:max@x.org").id
            == "email:max@x.org"
        )


def test_what_is_unknown_is_a_lookup_error_without_the_value() -> None:
    with build_basic() as graph:
        for ask in (
            lambda: graph.profile(cookie="secret"),
            lambda: graph.profile_of_event("secret"),
            lambda: graph.profile_of_event(77),
        ):
            with pytest.raises(LookupError) as caught:
                ask()
            assert "secret" not in str(caught.value)
        with pytest.raises(xg.SchemaError, match="Did you mean 'cookie'"):
            graph.profile(cooky="a")
        with pytest.raises(xg.UnknownError, match="Did you mean 'source_1'"):
            graph.profile_of_event(1, source="source1")
        for odd in ((), ("no colon",)):
            with pytest.raises(xg.SchemaError):
                graph.profile(*odd)


def test_an_id_of_two_sources_needs_its_source() -> None:
    sources = [
        xg.Source([{"cookie": name, "id": 1}], identifiers=["cookie"], event_id="id", name=name)
        for name in ("a", "b")
    ]
    with xg.build(sources, xg.Schema(["cookie"])) as graph:
        with pytest.raises(xg.UnknownError, match="a, b"):
            graph.profile_of_event(1)
        assert graph.profile_of_event(1, source="b").id == "cookie:b"


def test_an_event_that_links_nothing_has_no_profile() -> None:
    with xg.build([{"cookie": "null", "id": 1}], identifiers=["cookie"], event_id="id") as graph:
        with pytest.raises(xg.UnknownError, match="no profile"):
            graph.profile_of_event(1)
        with pytest.raises(xg.UnknownError):
            graph.profile(cookie="null")


# ----------------------------------------------------------------------------------------- assign

PEOPLE: list[dict[str, Any]] = [
    {"db_id": 1, "cookie": "a", "email": "A@x.org"},
    {"db_id": 2, "cookie": "b"},
    {"cookie": "c"},
    {"db_id": 3, "cookie": "shared"},
    {"db_id": 4, "cookie": "shared"},
]
ASKED: list[tuple[dict[str, Any], tuple[str | None, str | None]]] = [
    ({"cookie": "a"}, ("db_id:1", "1")),
    ({"cookie": "b", "email": "zzz@x.org"}, ("db_id:2", "2")),
    ({"cookie": "c"}, ("cookie:c", None)),
    ({"cookie": "nobody"}, (None, None)),
    ({"cookie": None, "email": " a@X.org "}, ("db_id:1", "1")),
    ({"cookie": "b", "email": "a@x.org"}, ("db_id:1", None)),
    ({"cookie": "shared"}, ("cookie:shared", None)),
    ({"cookie": "null"}, (None, None)),
    ({}, (None, None)),
    ({"db_id": 2, "cookie": "a"}, ("db_id:2", "2")),
    ({"db_id": 2}, ("db_id:2", "2")),
    ({"db_id": 99, "cookie": "a"}, (None, None)),
    ({"cookie": "c", "email": "a@x.org"}, ("db_id:1", "1")),
]
SCHEMA = xg.Schema(
    ["db_id", xg.IdentifierType("email", normalize="email"), "cookie"], anchor="db_id"
)


def assigned(graph: xg.XrefGraph, data: Any, **options: Any) -> list[tuple[str | None, str | None]]:
    return [(row["profile_id"], row["anchor"]) for row in graph.assign(data, **options).rows()]


def test_assign_says_whose_rows_these_are(tmp_path: Path) -> None:
    rows, expected = [one for one, _ in ASKED], [answer for _, answer in ASKED]
    with xg.build(PEOPLE, SCHEMA) as graph:
        for _ in range(2):
            assert assigned(graph, rows) == expected
            graph.to_networkx()
        columns = {kind: [row.get(kind) for row in rows] for kind in SCHEMA.names}
        assert assigned(graph, pd.DataFrame(columns)) == expected
        graph.save(tmp_path / "g.xref")
        assert len(graph.events) == len(PEOPLE)
    with xg.open(tmp_path / "g.xref", read_only=True) as graph:
        assert assigned(graph, rows) == expected
        with graph.rebuild(replace(SCHEMA, conflicts="keep")) as kept:
            assert assigned(kept, [{"cookie": "shared"}]) == [("db_id:3", None)]


def test_assign_gives_the_same_rows_in_the_same_order() -> None:
    frame = pd.DataFrame(
        {
            "n": range(1000),
            "visitor": [("a", "b", "zz")[n % 3] for n in range(1000)],
            "page": "home",
        }
    )
    with xg.build(PEOPLE, SCHEMA) as graph:
        found = graph.assign(frame, identifiers={"cookie": "visitor"}).df()
        assert list(found.columns) == ["n", "visitor", "page", "profile_id", "anchor"]
        assert list(found["n"]) == list(range(1000))
        assert list(found["anchor"].fillna("-")) == [("1", "2", "-")[n % 3] for n in range(1000)]
        dicts = [{"cookie": "a", "page": "x", "at": dt.date(2024, 1, 1)}]
        assert graph.assign(dicts).rows()[0]["page"] == "x"


def test_assign_without_a_known_column_is_an_error() -> None:
    with xg.build(PEOPLE, SCHEMA) as graph:
        with pytest.raises(xg.SchemaError, match="No column of"):
            graph.assign(pd.DataFrame({"page": ["x"]}))
        with pytest.raises(xg.SourceError, match="no column 'visitor'"):
            graph.assign(pd.DataFrame({"page": ["x"]}), identifiers={"cookie": "visitor"})
        with pytest.raises(xg.SchemaError, match="Did you mean 'cookie'"):
            graph.assign(pd.DataFrame({"page": ["x"]}), identifiers={"cooki": "page"})


@pytest.mark.parametrize(
    "odd",
    ["²", "٣", "--5", "-", "", "9" * 30, "1.0", [1], (1,), {"a": 1}, None, float("nan"), b"x"],
    ids=repr,
)
def test_what_is_no_id_of_an_event_is_unknown(odd: Any) -> None:
    with build_basic() as graph, pytest.raises(xg.UnknownError):
        graph.profile_of_event(odd)


def test_a_time_that_is_none_in_utc_is_refused() -> None:
    with build_basic() as graph, pytest.raises(xg.SchemaError, match="years 1 to 9999"):
        graph.profile(cookie="nice_page_visitor", at="0001-01-01T00:00:00+05:00")


def test_a_profile_of_before_a_rebuild_in_place_says_so() -> None:
    with xg.build(PEOPLE, SCHEMA) as graph:
        before = graph.profile(db_id=3)
        graph.rebuild(replace(SCHEMA, conflicts="keep"), in_place=True)
        for ask in (lambda: before.events, lambda: before.graph, before.to_dict):
            with pytest.raises(xg.GraphClosedError, match="Ask the graph for it again"):
                ask()
        assert len(graph.profile(db_id=3).events) == 2
