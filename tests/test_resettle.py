"""A piece of a graph, settled again under other decisions: as a rebuild of the whole would settle it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import xrefgraph as xg
from tests.what_if import POLICIES, Told, World, decided, decisions, policy_name, told, worlds
from xrefgraph.errors import SchemaError, XrefGraphError
from xrefgraph.inspection.what_if.resettle import (
    Piece,
    Resettled,
    Settlement,
    around,
    numbers_of,
    read_piece,
    resettle,
)
from xrefgraph.profiles import STATUSES
from xrefgraph.store import Store
from xrefgraph.verdicts import verdicts


def names(store: Store) -> dict[int, tuple[str, str]]:
    return {
        no: (kind, text)
        for no, kind, text in (
            (no, store.schema.names[rank], text)
            for no, rank, text in store.database.rows("SELECT no, type, text FROM store.value")
        )
    }


def with_settled(graph: xg.XrefGraph, found: Resettled, before: Told) -> Told:
    """What the tables would say, if the piece were settled so and the rest as it is."""
    store, piece, after = graph.store, found.piece, found.after
    named = names(store)
    ids = [":".join(named[no]) for no in after.name.tolist()]
    old = [":".join(named[no]) for no in found.before.name.tolist()]
    keys = {
        (source, position): (store.source_names[source], event_id)
        for source, position, event_id in store.database.rows(
            "SELECT source, position, event_id::VARCHAR FROM store.event"
        )
    }
    events = dict(before["events"])
    for source, position, profile, status, gone in zip(
        piece.event_source.tolist(),
        piece.event_position.tolist(),
        after.event_profile.tolist(),
        after.event_status.tolist(),
        found.removed.tolist(),
        strict=True,
    ):
        key = keys[source, position]
        if gone:
            del events[key]
            continue
        anchored = STATUSES[status] == "anchored"
        anchor = named[int(after.name[profile])][1] if anchored else None
        events[key] = (ids[profile] if profile >= 0 else None, anchor, STATUSES[status])
    identifiers = dict(before["identifiers"])
    contested = set(after.contested.tolist())
    for number in piece.identifier.tolist():
        owners = {
            (ids[profile], "contested" if number in contested else "linked")
            for profile in after.profiles_of(number).tolist()
        }
        identifiers[named[number]] = owners
    profiles = {name: row for name, row in before["profiles"].items() if name not in old}
    for place, name in enumerate(ids):
        row = (
            named[int(after.name[place])][1]
            if after.anchored[place] and not after.ambiguous[place]
            else None,
            int(after.events[place]),
            int(after.identifiers[place]),
            bool(after.ambiguous[place]),
            bool(after.over_limit[place]),
        )
        assert name not in profiles
        profiles[name] = row
    cuts = before["cuts"] - found.before.cuts + after.cuts
    return {"events": events, "identifiers": identifiers, "profiles": profiles, "cuts": cuts}


def held(one: Told) -> Told:
    """Without identifiers that link nothing: what is refused is listed as it came in."""
    linking = {
        key: owners
        for key, owners in one["identifiers"].items()
        if all(name is not None for name, _ in owners) and owners
    }
    return one | {"identifiers": linking}


def everything(graph: xg.XrefGraph) -> Piece:
    count = len(graph.profiles)
    return read_piece(graph.store, range(count))


def around_named(graph: xg.XrefGraph, decision: dict[str, Any]) -> Piece:
    """The raw profiles of what a decision names."""
    store = graph.store
    decided_on = verdicts(xg.Schema(graph.schema.types, decisions=[decision]))
    pairs = (*decided_on.linked, *decided_on.separated)
    named = {
        *decided_on.blocked,
        *(one for one, _ in decided_on.detached),
        *(one for pair in pairs for one in pair),
    }
    numbers = numbers_of(store, named).values()
    wanted = ", ".join(map(str, numbers)) or "NULL"
    profiles = store.database.rows(
        f"SELECT DISTINCT profile FROM store.member WHERE no IN ({wanted}) AND profile IS NOT NULL"
    )
    return read_piece(store, around(store, [row[0] for row in profiles]))


@pytest.mark.parametrize("policy", POLICIES, ids=policy_name)
@given(st.data())
def test_a_decision_does_to_its_raw_profiles_what_a_rebuild_of_the_whole_does(
    policy: Any, data: st.DataObject
) -> None:
    world = data.draw(worlds(policy))
    decision = data.draw(decisions())
    with built(world) as graph:
        before = told(graph)
        try:
            schema = decided(graph.schema, decision)
            verdicts(schema)
        except SchemaError:
            assume(False)
        found = resettle(around_named(graph, decision), decisions=[decision])
        with graph.rebuild(schema) as after:
            assert held(with_settled(graph, found, before)) == held(told(after))
        check_moved(graph, found, before)


def built(world: World) -> xg.XrefGraph:
    try:
        verdicts(world.schema)
    except SchemaError:
        assume(False)
    return world.build()


def check_moved(graph: xg.XrefGraph, found: Resettled, before: Told) -> None:
    after = with_settled(graph, found, before)
    moved = sum(before["events"][key][:2] != row[:2] for key, row in after["events"].items())
    assert moved == found.moved.sum()


@pytest.mark.parametrize("policy", POLICIES, ids=policy_name)
@given(st.data())
def test_a_piece_that_nothing_is_changed_in_is_settled_as_it_is(
    policy: Any, data: st.DataObject
) -> None:
    world = data.draw(worlds(policy))
    with built(world) as graph:
        piece = everything(graph)
        found = resettle(piece)
        same(found.after, piece.now)
        assert not found.moved.any()


def same(one: Settlement, other: Settlement) -> None:
    for name, value in vars(one).items():
        assert np.array_equal(value, getattr(other, name)), name


@pytest.mark.parametrize("policy", POLICIES, ids=policy_name)
@given(st.data())
def test_events_that_are_removed_leave_what_the_others_make(
    policy: Any, data: st.DataObject
) -> None:
    world = data.draw(worlds(policy, shared=False))
    with built(world) as graph:
        before = told(graph)
        piece = everything(graph)
        assume(len(piece.set_number))
        some = data.draw(st.lists(st.sampled_from(piece.set_number.tolist()), unique=True))
        found = resettle(piece, remove=some)
        keys = {
            (graph.store.source_names[source], event_id)
            for source, event_id in graph.store.database.rows(
                f"SELECT source, event_id::VARCHAR FROM store.event WHERE set_number IN ({', '.join(map(str, some)) or 'NULL'})"
            )
        }
        with world.without(keys) as after:
            assert held(with_settled(graph, found, before)) == held(told(after))


@pytest.mark.parametrize("policy", POLICIES, ids=policy_name)
@given(st.data())
def test_numbers_do_what_decisions_do(policy: Any, data: st.DataObject) -> None:
    world = data.draw(worlds(policy))
    with built(world) as graph:
        piece = everything(graph)
        assume(len(piece.identifier) > 1)
        named = names(graph.store)
        a, b = data.draw(
            st.lists(
                st.sampled_from(piece.identifier.tolist()), min_size=2, max_size=2, unique=True
            )
        )
        pair = {"a": named[a], "b": named[b]}
        one = resettle(piece, block=[a], separate=[(a, b)])
        other = resettle(piece, decisions=[{"action": "block", "identifier": named[a]}])
        same(one.after, other.after)
        for action in ("link", "separate"):
            try:
                other = resettle(piece, decisions=[{"action": action, **pair}])
            except SchemaError:
                continue
            mine = (
                resettle(piece, link=[(a, b)])
                if action == "link"
                else resettle(piece, separate=[(a, b)])
            )
            same(mine.after, other.after)
        at = data.draw(st.sampled_from(range(len(piece.link_set))))
        place, identifier = (
            int(piece.link_set[at]),
            int(piece.identifier[piece.link_identifier[at]]),
        )
        ids = {
            row[0]
            for row in graph.store.database.rows(
                f"SELECT event_id::VARCHAR FROM store.event WHERE set_number = {piece.set_number[place]}"
            )
        }
        elsewhere = graph.store.database.rows(
            f"SELECT event_id::VARCHAR FROM store.event WHERE set_number <> {piece.set_number[place]}"
        )
        if policy is not POLICIES[-1] and not ids & {row[0] for row in elsewhere}:
            detach = {"action": "detach", "identifier": named[identifier], "events": sorted(ids)}
            found = resettle(piece, detach=[(int(piece.set_number[place]), identifier)])
            same(found.after, resettle(piece, decisions=[detach]).after)


def test_a_piece_without_what_the_policy_parted_is_an_error() -> None:
    rows = [{"db_id": 1, "cookie": "x"}, {"db_id": 2, "cookie": "x"}, {"cookie": "x"}]
    with xg.build(rows, anchor="db_id", identifiers=["cookie"]) as graph:
        with pytest.raises(XrefGraphError, match=r"parted from others .* of 2 links 1 lead out"):
            read_piece(graph.store, [0])
        assert around(graph.store, [0]).tolist() == [0, 1, 2]


def test_two_raw_profiles_that_a_decision_links_are_settled_together() -> None:
    rows = [{"db_id": 1, "cookie": "x"}, {"cookie": "y"}, {"cookie": "y"}, {"cookie": "z"}]
    with xg.build(rows, anchor="db_id", identifiers=["cookie"]) as graph:
        piece = read_piece(graph.store, around(graph.store, [0, 1]))
        found = resettle(
            piece, decisions=[{"action": "link", "a": ["cookie", "x"], "b": ["cookie", "y"]}]
        )
        assert found.after.events.tolist() == [3]
        assert found.moved.tolist() == [False, True, True]


def test_an_empty_graph_has_a_piece_of_nothing() -> None:
    with xg.build([], anchor="db_id", identifiers=["cookie"]) as graph:
        found = resettle(read_piece(graph.store, []), block=[3], detach=[(0, 0)], remove=[1])
        assert len(found.after.name) == 0
