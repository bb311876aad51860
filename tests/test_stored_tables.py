"""All tables are the same whatever was asked before, stored or not, and wherever the events are read."""

import tempfile
from pathlib import Path
from typing import Any

import networkx as nx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import xrefgraph as xg
from tests.test_reference import colliding, rows_of, schema_of
from tests.worlds import all_tables
from xrefgraph import events as events_module
from xrefgraph.policy import POLICIES

#: Twice over_time: it alone moves single events.
policies = st.sampled_from([*sorted(POLICIES), "over_time"])


def with_refused(case: dict[str, Any]) -> dict[str, Any]:
    """The case with events of which nothing is left, or not all."""
    names = [kind["type"] for kind in case["schema"]["types"]]
    odd = [[[names[0], "null"]], [[names[-1], " "]], [[names[0], "n/a"], [names[-1], "1"]], []]
    more = [{"event_id": f"r{n}", "identifiers": some} for n, some in enumerate(odd)]
    schema = {**case["schema"], "deny_defaults": True}
    return {**case, "schema": schema, "events": case["events"] + more}


def built(case: dict[str, Any], source: xg.Source | None = None) -> xg.XrefGraph:
    """The graph of a case, if it can have one."""
    schema = schema_of(case)
    try:
        return xg.build(source or rows_of(case, schema), schema, on_duplicate="merge")
    except xg.SchemaError as error:
        assert "apart that others link" in str(error)  # noqa: PT017
        assume(False)
        raise


@given(policies, st.data())
def test_all_tables_are_the_same_before_and_after_they_are_stored(
    policy: str, data: st.DataObject
) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        built(with_refused(data.draw(colliding(policy)))) as graph,
    ):
        before, counts, answer = all_tables(graph), graph.counts, told(graph)
        held = {name: getattr(graph, name) for name in before}
        graph.save(Path(folder, "graph.xref"))
        assert all_tables(graph) == before
        assert {name: table.rows() for name, table in held.items()} == before
        with (
            xg.open(Path(folder, "graph.xref"), read_only=data.draw(st.booleans())) as opened,
            opened.rebuild(graph.schema) as again,
        ):
            for other in (opened, again):
                assert all_tables(other) == before
                assert (other.counts, told(other)) == (counts, answer)
                assert other.idle_decisions == graph.idle_decisions


def told(graph: xg.XrefGraph) -> Any:
    return graph.to_dict() if graph.schema.anchor else None


@given(policies, st.data())
def test_the_tables_say_of_one_profile_what_the_profile_says(
    policy: str, data: st.DataObject
) -> None:
    with built(with_refused(data.draw(colliding(policy)))) as graph:
        tables = all_tables(graph)
        whole, marked = graph.to_networkx(), graph.to_networkx(cuts=True)
        by_component = {frozenset(part) for part in nx.connected_components(whole)}
        linked = any(one.action == "link" for one in graph.schema.decisions)
        for row in tables["profiles"]:
            profile = graph.profile(row["profile_id"]) if row["identifiers"] else None
            events = {
                xg.EventNode(e["source"], e["event_id"])
                for e in tables["events"]
                if e["profile_id"] == row["profile_id"]
            }
            held = [
                (i["type"], i["value"])
                for i in tables["identifiers"]
                if i["profile_id"] == row["profile_id"]
            ]
            assert (row["events"], row["identifiers"]) == (len(events), len(set(held)))
            if profile is None or profile.id != row["profile_id"]:
                assert policy == "over_time"
                continue
            assert set(profile.events) == events
            assert list(profile.identifiers) == list(dict.fromkeys(held))
            assert (profile.anchor, profile.is_ambiguous) == (row["anchor"], row["ambiguous"])
            if not linked and events:
                assert frozenset(profile.graph) in by_component
        cut = [one for one in marked.edges if marked.edges[one]["cut"]]
        assert len(cut) == len(tables["cuts"]) == graph.counts["cuts"]
        assert marked.number_of_edges() == whole.number_of_edges() + len(cut)


@given(policies, st.data())
def test_a_file_that_is_read_where_it_is_gives_the_same_tables(
    policy: str, data: st.DataObject
) -> None:
    case = with_refused(data.draw(colliding(policy)))
    names = [kind["type"] for kind in case["schema"]["types"]]
    columns = {
        name: pa.array(
            [
                [v for k, v in e["identifiers"] if k == name] or None
                for e in case["events"]
            ],
            pa.list_(pa.string()),
        )
        for name in names
    }  # fmt: skip
    if all(len({k for k, _ in e["identifiers"]}) == len(e["identifiers"]) for e in case["events"]):
        columns = {
            name: pa.array([v and v[0] for v in column.to_pylist()], pa.string())
            for name, column in columns.items()
        }
    columns["the id"] = pa.array([e["event_id"] for e in case["events"]])
    columns["the time"] = pa.array([e.get("time") for e in case["events"]], pa.int64())
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(events_module, "ROWS_IN_PLACE", 0)
        path = Path(folder, "it.parquet")
        pq.write_table(pa.table(columns), path)
        source = xg.Source(path, identifiers=names, event_id="the id", time="the time", name="it")
        with built(case) as one, built(case, source) as other:
            assert other._building is not None
            assert other._building.in_place
            assert all_tables(one) == all_tables(other)
            assert one.counts == other.counts
            other.rebuild(other.schema, in_place=True)
            assert all_tables(one) == all_tables(other)
            assert one.counts == other.counts


def test_events_that_changed_hands_are_stored_with_their_owner_beside_events_of_nobody() -> None:
    rows: list[dict[str, Any]] = []
    for n in range(40):
        cookie = {"cookie": [f"x{n}"]}
        rows += [{"db_id": "a", **cookie}, cookie, {"db_id": "b", **cookie}, cookie]
        rows.append({"cookie": ["null"] * n})
    schema = xg.Schema(["db_id", "cookie"], anchor="db_id", conflicts="over_time")
    with xg.build(rows, schema) as graph:
        before = all_tables(graph)
        owners = ["db_id:a", "db_id:a", "db_id:b", "db_id:b", None]
        assert [row["profile_id"] for row in before["events"]] == owners * 40
        graph.profile(db_id="a")
        assert all_tables(graph) == before


def test_a_table_that_was_taken_before_the_events_were_stored_is_still_one() -> None:
    graph = xg.build(
        [{"db_id": 1, "cookie": "x"}, {"db_id": 2, "cookie": "x"}],
        xg.Schema(["db_id", "cookie"], anchor="db_id"),
    )
    with graph:
        events, asked = (
            graph.events,
            graph.sql("SELECT count(DISTINCT profile_id) AS n FROM events"),
        )
        filtered = events.filter("anchor IS NOT NULL")
        before = events.rows(), asked.rows(), filtered.rows()
        graph.profile(db_id=1)
        assert (events.rows(), asked.rows(), filtered.rows()) == before
        graph.rebuild(
            xg.Schema(["db_id", "cookie"], anchor="db_id", conflicts="keep"), in_place=True
        )
        assert (asked.rows(), len(filtered)) == ([{"n": 1}], 0)
