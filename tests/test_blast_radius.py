"""What blocking a value would do: as it does when it is done."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import xrefgraph as xg
from tests.what_if import POLICIES, Told, World, decided, policy_name, told, worlds
from xrefgraph.errors import SchemaError, UnknownError
from xrefgraph.inspection.blast_radius import REASONS
from xrefgraph.inspection.what_if.consequences import Part, Shift
from xrefgraph.verdicts import verdicts


def really(before: Told, after: Told) -> dict[str, Any]:
    """What is different between the tables of a graph and those of a rebuild, read slowly."""
    events = [(before["events"][key], row) for key, row in after["events"].items()]
    flows: dict[tuple[str, str], int] = Counter()
    for was, now in events:
        if was[0] is not None and now[0] is not None:
            flows[was[0], now[0]] += 1
    for key, owners in before["identifiers"].items():
        others = after["identifiers"].get(key, set())
        if len(owners) == len(others) == 1:
            ((p, _),), ((q, _),) = owners, others
            if p is not None and q is not None:
                flows[p, q] += 1
    became, came_from = defaultdict(set), defaultdict(set)
    for p, q in flows:
        became[p].add(q)
        came_from[q].add(p)
    return {
        "profiles": changed(before, after, became, flows),
        "pieces": changed(after, before, came_from, {(q, p): n for (p, q), n in flows.items()}),
        "profiles_split": sum(len(some) > 1 for some in became.values()),
        "profiles_merged": sum(len(some) > 1 for some in came_from.values()),
        "events_changing_hands": sum(was[:2] != now[:2] for was, now in events),
        "events_gaining_anchor": sum(was[1] is None and now[1] is not None for was, now in events),
        "events_losing_anchor": sum(was[1] is not None and now[1] is None for was, now in events),
        "events_replacing_anchor": sum(
            None not in (was[1], now[1]) and was[1] != now[1] for was, now in events
        ),
        "events_left_anonymous": sum(
            now[2] == "anonymous" and was[2] in ("anchored", "ambiguous") for was, now in events
        ),
        "events_left_without_identifier": sum(
            was[0] is not None and now[0] is None for was, now in events
        ),
    }


def changed(
    one: Told, other: Told, others: dict[str, set[str]], flows: dict[tuple[str, str], int]
) -> list[tuple[Any, ...]]:
    """The profiles of one side that are not on the other as they are, largest first."""
    held, there = members(one), members(other)
    found = []
    for name, (anchor, events, identifiers, ambiguous, _) in one["profiles"].items():
        if name in other["profiles"] and held[name] == there[name]:
            was = other["profiles"][name]
            if (anchor, ambiguous) == (was[0], was[3]):
                continue
        status = "ambiguous" if ambiguous else "anonymous" if anchor is None else "anchored"
        ranked = sorted(others[name], key=lambda q: (-flows[name, q], sort_key(q)))
        found.append(
            (-events, -identifiers, sort_key(name), name, status, events, identifiers, ranked)
        )
    return [row[3:] for row in sorted(found)]


def sort_key(name: str) -> tuple[int, str]:
    kind, _, value = name.partition(":")
    return ("db_id", "email", "cookie").index(kind), value


def members(side: Told) -> dict[str, set[Any]]:
    found: dict[str, set[Any]] = defaultdict(set)
    for key, (profile, _, _) in side["events"].items():
        found[profile].add(("event", key))
    for key, owners in side["identifiers"].items():
        for profile, _ in owners:
            found[profile].add(("identifier", key))
    return found


def listed(parts: tuple[Part, ...]) -> list[tuple[Any, ...]]:
    return [
        (one.profile_id, one.status, one.events, one.identifiers, list(one.others)) for one in parts
    ]


def built(world: World) -> xg.XrefGraph:
    try:
        verdicts(world.schema)
    except SchemaError:
        assume(False)
    return world.build()


@pytest.mark.parametrize("policy", POLICIES, ids=policy_name)
@given(st.data())
def test_it_says_what_happens_when_the_value_is_blocked_and_the_graph_rebuilt(
    policy: Any, data: st.DataObject
) -> None:
    world = data.draw(worlds(policy))
    with built(world) as graph:
        known = [(row["type"], row["value"]) for row in graph.identifiers.rows()]
        assume(known)
        kind, value = data.draw(st.sampled_from(known))
        found = xg.blast_radius(graph, (kind, value), most=1000)
        block = {"action": "block", "identifier": [kind, value]}
        before = told(graph)
        with graph.rebuild(decided(graph.schema, block)) as after:
            now = told(after)
            expected = really(before, now)
            carried = carriers(graph, found)
        assert listed(found.profiles) == expected.pop("profiles")
        assert listed(found.pieces) == expected.pop("pieces")
        assert expected == {name: getattr(found, name) for name in expected}
        check_conflicts(found, before, now)
        assert found.events == carried
        owners = before["identifiers"].get((kind, value), set())
        if found.reason is None:
            assert set(found.holders) == {name for name, _ in owners}
        else:
            assert not any(name for name, _ in owners)
            assert "changes nothing" in found.summary
        assert json.loads(json.dumps(found.to_dict()))["summary"] == found.summary


def carriers(graph: xg.XrefGraph, found: xg.BlastRadius) -> int:
    """How many events of profiles carry the value, where it links."""
    if found.reason is not None:
        return 0
    (row,) = graph.store.database.rows(
        "SELECT count(*) FROM store.event SEMI JOIN (SELECT set_number FROM store.link JOIN store.value USING (no)"
        " JOIN store.value n ON value.identifier = n.no WHERE NOT detached AND n.text = $1"
        f" AND n.type = {graph.schema.rank(found.identifier.type)}) USING (set_number)"
        " SEMI JOIN (SELECT set_number FROM store.eventset WHERE profile IS NOT NULL) USING (set_number)",
        [found.identifier.value],
    )
    return int(row[0])


def check_conflicts(found: xg.BlastRadius, before: Told, after: Told) -> None:
    """What is counted is of the raw profile alone, so only the differences can be compared."""

    def difference(shift: Shift) -> int:
        return shift.after - shift.before

    def ambiguous(side: Told) -> int:
        return sum(row[3] for row in side["profiles"].values())

    def contested(side: Told) -> int:
        return sum(
            any(status == "contested" for _, status in owners)
            for owners in side["identifiers"].values()
        )

    assert difference(found.ambiguous_profiles) == ambiguous(after) - ambiguous(before)
    assert difference(found.contested_identifiers) == contested(after) - contested(before)
    assert difference(found.cuts) == after["cuts"] - before["cuts"]


KIOSK = [
    *({"db_id": "U1001", "email": f"a{n}@example.org"} for n in range(2)),
    *({"email": "a0@example.org", "device": "tablet"} for _ in range(5)),
    {"email": "a0@example.org", "device": "kiosk-77"},
    {"db_id": "U1002", "email": "b@example.org"},
    {"email": "b@example.org", "device": "kiosk-77"},
    *({"device": "kiosk-77"} for _ in range(4)),
]


def kiosk(policy: str = "keep", **more: Any) -> xg.XrefGraph:
    schema = xg.Schema(["db_id", "email", "device"], anchor="db_id", conflicts=policy, **more)
    return xg.build(KIOSK, schema)


def test_the_classic_case_is_said_in_a_sentence() -> None:
    with kiosk() as graph:
        found = xg.blast_radius(graph, "device:kiosk-77")
    assert found.summary == (
        "Blocking device kiosk-77 splits db_id:U1001 into 2 profiles of 8 and 2 events; 10 events gain an anchor;"
        " 4 events are left without any identifier. The conflict is solved."
    )
    assert [part.profile_id for part in found.pieces] == ["db_id:U1001", "db_id:U1002"]
    assert found.profiles[0].anchors == ("U1001", "U1002")
    assert (found.events, found.holders) == (6, ("db_id:U1001",))
    assert found.to_frame()["events"].tolist() == [8, 2]
    assert found.rows()[1]["from"] == "db_id:U1001"
    assert "<td>db_id:U1002</td>" in found._repr_html_()


def test_a_contested_value_that_is_set_apart_leaves_nothing_of_its_profile() -> None:
    with kiosk("isolate") as graph:
        found = xg.blast_radius(graph, ("device", "kiosk-77"))
    assert found.summary == (
        "Blocking device kiosk-77 leaves nothing of device:kiosk-77; 4 events are left without any identifier."
        " The conflict is solved."
    )
    assert found.rows() == []
    assert next(iter(found.to_frame().columns)) == "profile_id"
    assert found.contested_identifiers == Shift(1, 0)


def test_a_value_that_joins_nothing_splits_nothing() -> None:
    with kiosk() as graph:
        summary = xg.blast_radius(graph, "device:tablet").summary
    assert summary == (
        "Blocking device tablet splits no profile; no event changes hands. A conflict is left: 1 ambiguous profile."
    )


def test_who_ever_had_a_device_is_touched() -> None:
    rows = [{"db_id": n, "device": "tablet", "at": f"2026-03-0{n}"} for n in range(1, 8)]
    schema = xg.Schema(["db_id", "device"], anchor="db_id", conflicts="over_time")
    with xg.build(rows, schema, time="at") as graph:
        found = xg.blast_radius(graph, "device:tablet", most=3)
    assert found.holders == ("db_id:1", "db_id:2", "db_id:3")
    assert (found.holders_left_off, found.profiles_left_off, found.pieces_left_off) == (4, 4, 4)
    assert found.profiles_split == found.events_changing_hands == 0


@pytest.mark.parametrize(
    ("value", "reason"),
    [("Unknown", "junk"), ("office", "denied"), ("shared", "over_shared"), ("old", "blocked")],
)
def test_a_value_that_links_nothing_changes_nothing(value: str, reason: str) -> None:
    rows = [
        {"db_id": n, "device": device}
        for n in (1, 2)
        for device in ("Unknown", "office", "shared", "old")
    ]
    device = xg.IdentifierType("device", deny=["office"], shared_with={"db_id": 1})
    rows = [row for row in rows if row["device"] != "old" or row["db_id"] == 1]
    block = {"action": "block", "identifier": ["device", "old"]}
    schema = xg.Schema(["db_id", device], anchor="db_id", decisions=[block])
    with xg.build(rows, schema) as graph:
        found = xg.blast_radius(graph, ("device", value))
    assert found.reason == reason
    assert (
        found.summary
        == f"Blocking device {value} changes nothing: it links nothing already, as {REASONS[reason]}."
    )
    assert (found.profiles, found.pieces, found.rows()) == ((), (), [])


def test_a_value_of_contradictory_events_alone_changes_nothing() -> None:
    with xg.build([{"db_id": [1, 2]}, {"db_id": 3}], anchor="db_id", identifiers=[]) as graph:
        found = xg.blast_radius(graph, "db_id:1")
    assert found.reason == "contradictory"
    assert found.summary.endswith("as it occurs only in events that contradict themselves.")


def test_what_does_not_occur_and_what_is_no_identifier_is_an_error_in_words() -> None:
    with kiosk() as graph:
        with pytest.raises(UnknownError, match="No event carries this device"):
            xg.blast_radius(graph, "device:kiosk-78")
        with pytest.raises(SchemaError, match="this is an event"):
            xg.blast_radius(graph, xg.EventNode("source_1", "#1"))


def test_blocking_a_user_id_may_give_its_events_to_the_other_person() -> None:
    with kiosk("isolate") as graph:
        found = xg.blast_radius(graph, "db_id:U1002")
    assert found.summary == (
        "Blocking db_id U1002, a user id itself, merges 3 profiles into db_id:U1001; 2 events get another anchor;"
        " 4 events gain an anchor. The conflict is solved."
    )
    assert found.events_changing_hands == 6
    assert found.rows() == [
        {
            "profile_id": "db_id:U1001",
            "anchors": "U1001",
            "status": "anchored",
            "events": 14,
            "identifiers": 6,
            "from": "db_id:U1001, device:kiosk-77, db_id:U1002",
        }
    ]


def test_a_linked_pair_falls_away_with_the_value_that_is_blocked(tmp_path: Path) -> None:
    link = {"action": "link", "a": ["email", "b@example.org"], "b": ["email", "a1@example.org"]}
    with kiosk("isolate", decisions=[link]) as graph:
        path = graph.save(tmp_path / "graph.xref")
    with xg.open(path, read_only=True) as graph:
        found = xg.blast_radius(graph, "email:b@example.org")
        block = {"action": "block", "identifier": ["email", "b@example.org"]}
        with graph.rebuild(decided(graph.schema, block)) as after:
            expected = really(told(graph), told(after))
    assert found.events_changing_hands == expected["events_changing_hands"]
    assert listed(found.pieces) == expected["pieces"]
