"""The queue of conflicts: each once, worst first, with fixes that do what they say."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

import xrefgraph as xg
from tests.test_why import RANKED, kiosk
from tests.worlds import TYPES, numbered, rows
from xrefgraph.policy import POLICIES


@given(rows, st.sampled_from(sorted(POLICIES)), st.booleans())
def test_there_is_a_row_for_each_raw_profile_that_holds_two_people(
    events: Any, policy: str, separated: bool
) -> None:
    apart = {"action": "separate", "a": ["cookie", "a"], "b": ["email", "10"]}
    schema = xg.Schema(
        TYPES, anchor="db_id", conflicts=policy, decisions=[apart] if separated else []
    )
    with (
        xg.build(numbered(events), schema, event_id="id") as graph,
        graph.rebuild(replace(schema, conflicts="keep")) as raw,
    ):
        want = []
        plain = raw.to_networkx()
        for part in nx.connected_components(plain):
            held = {(one.type, one.value) for one in part if isinstance(one, xg.IdentifierNode)}
            owners = {value for kind, value in held if kind == "db_id"}
            pair = {("cookie", "a"), ("email", "10")} <= held
            if len(owners) > 1 or (separated and pair):
                said = {"a", "10"} if separated and pair else owners
                want.append((sum(isinstance(one, xg.EventNode) for one in part), sorted(said)))
        found = xg.ambiguities(graph, limit=None)
        assert sorted(
            (one.events, sorted(owner.value for owner in one.owners)) for one in found
        ) == sorted(want)
        assert found.in_all == len(want)
        stakes = [one.at_stake for one in found]
        assert stakes == sorted(stakes, reverse=True)
        assert all(0 <= one.at_stake <= one.events for one in found)
        json.dumps(found.to_dict())
        for one in found:
            for fix in one.fixes:
                again = replace(schema, decisions=[*schema.decisions, *fix.decisions])
                with graph.rebuild(again) as after:
                    was = {
                        row["event_id"]: (row["profile_id"], row["anchor"]) for row in graph.events
                    }
                    now = {
                        row["event_id"]: (row["profile_id"], row["anchor"]) for row in after.events
                    }
                    assert fix.cost.events_changing_hands == sum(
                        was[key] != now[key] for key in was
                    )
                    if fix.action in ("block", "detach"):
                        assert (
                            xg.ambiguities(after, limit=0).in_all
                            <= found.in_all + one.owners_in_all
                        )


@pytest.mark.parametrize("policy", sorted(POLICIES))
def test_the_kiosk_is_found_with_its_evidence_and_what_to_do(policy: str) -> None:
    with kiosk(policy) as graph:
        found = xg.ambiguities(graph)
        (one,) = found
        assert (one.kind, one.type, one.owners_in_all, one.events) == ("two people", "db_id", 2, 6)
        assert one.culprit == xg.IdentifierNode("device", "kiosk-77")
        (culprit,) = one.culprits
        assert [step.events for step in culprit.sides] == [2, 2]
        assert culprit.every_route
        assert [fix.action for fix in one.fixes] == ["block", "detach", "separate", "link"]
        assert one.fix("detach").decisions[0].identifier == ("device", "kiosk-77")
        assert "by device kiosk-77" in found.summary
        with pytest.raises(xg.UnknownError, match="Did you mean 'block'"):
            one.fix("blok")


def test_a_fix_is_written_into_a_file_carried_out_and_undone(tmp_path: Path) -> None:
    path = tmp_path / "decisions.csv"
    with kiosk() as graph:
        fix = xg.ambiguities(graph)[0].fix("block")
        assert fix.write(path) == 1
        assert fix.write(path) == 0
        with graph.rebuild(replace(graph.schema, decisions=path)) as fixed:
            assert xg.ambiguities(fixed).summary.startswith("There is no conflict")
            assert fixed.counts["anchored"] == 6 - fix.cost.events_left_without_identifier
        assert fix.undo(path) == 1
        with graph.rebuild(replace(graph.schema, decisions=path)) as undone:
            assert xg.ambiguities(undone).in_all == 1


def test_what_no_single_value_joins_is_told_by_the_lightest_cut() -> None:
    rows = [{"db_id": 1, "cookie": "a"}] * 5 + [{"db_id": 2, "cookie": "b"}] * 5
    shared = [{"cookie": [cookie, device]} for cookie in "ab" for device in ("tv", "phone")]
    with xg.build(
        [*rows, *shared], xg.Schema(["db_id", "cookie"], anchor="db_id", conflicts="keep")
    ) as graph:
        (one,) = xg.ambiguities(graph)
        assert {culprit.node.value for culprit in one.culprits} == {"tv", "phone"}
        assert not one.culprits[0].every_route
        assert len(one.fix("block").decisions) == 2
        assert one.fix("block").cost.ambiguous_profiles.after == 0


def test_more_values_than_a_limit_are_reported() -> None:
    schema = xg.Schema(["db_id", xg.IdentifierType("cookie", limit=2)], anchor="db_id")
    with xg.build([{"db_id": 1, "cookie": value} for value in "abc"], schema) as graph:
        (one,) = xg.ambiguities(graph)
        assert (one.kind, one.type, one.owners_in_all) == ("over limit", "cookie", 3)
        assert "3 values of cookie are more than its limit" in one.text


def test_what_is_not_listed_is_counted() -> None:
    rows = [{"db_id": 100 + n, "cookie": f"c{n // 2}"} for n in range(20)]
    with xg.build(rows, anchor="db_id", identifiers=["cookie"]) as graph:
        found = xg.ambiguities(graph, limit=3)
        assert (len(found), found.in_all, found.left_off) == (3, 10, 7)
        assert "7 more are not listed" in found.summary
        assert len(xg.ambiguities(graph, limit=None)) == 10
        for wrong in (-1, "3", True):
            with pytest.raises(xg.SchemaError, match="limit is a whole number"):
                xg.ambiguities(graph, limit=wrong)  # type: ignore[arg-type]


def test_a_graph_without_anchors_or_events_has_no_conflict() -> None:
    for events in ([], [{"cookie": "a"}]):
        with xg.build(events, xg.Schema(RANKED[1:])) as graph:
            found = xg.ambiguities(graph)
            assert (
                found.summary
                == "There is no conflict: no profile holds two people, and no link was cut."
            )
            assert found.rows() == []
            assert "at stake" in found.to_frame().columns
