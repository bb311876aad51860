"""A profile as it is drawn: nothing is lost, the culprit is marked, and the order tells the sides apart."""

import copy
import subprocess
import sys
from typing import Any

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import xrefgraph as xg
from tests.worlds import TYPES, numbered, rows
from xrefgraph.errors import GraphClosedError, SchemaError, XrefGraphError
from xrefgraph.inspection.draw.layout.composing import scene_of
from xrefgraph.inspection.draw.layout.scene import Scene
from xrefgraph.inspection.draw.layout.sides import in_line, sides_of
from xrefgraph.inspection.draw.layout.stress import node_positions
from xrefgraph.inspection.draw.layout.subject import drawn_of

KINDS = ["db_id", "email", "phone", "device", "cookie"]


def over_merged(
    events: int = 60, people: int = 2, kiosk: int = 2, cookies: int = 20
) -> xg.XrefGraph:
    """People who are one profile only because all of them used one kiosk."""
    made: list[dict[str, Any]] = []
    random = np.random.default_rng(7)
    for person in range(people):
        name = "abcdefghi"[person]
        own = {
            "db_id": [f"U{person + 1}"],
            "email": [f"{name}@work.example.org", f"{name}@example.org"],
            "phone": [f"555-01{person:02d}"],
            "device": [f"device-{name}{n}" for n in range(4)],
            "cookie": [f"ck-{name}{n:02d}" for n in range(cookies)],
        }
        # Each of them hangs together, whatever chance makes of the rest.
        made += [
            {kind: value, "email": own["email"][1]}
            for kind, values in own.items()
            for value in values
            if kind != "email"
        ]
        made.append({"db_id": f"U{person + 1}", "email": own["email"][0]})
        for _ in range(events):
            some = random.choice(KINDS, size=2, replace=False)
            made.append({kind: str(random.choice(own[kind])) for kind in some})
        made += [{"device": "kiosk", "email": f"{name}@example.org"}] * kiosk
    for number, event in enumerate(made):
        event = made[number] = dict(event)  # noqa: PLW2901  (a copy, since some are one dict)
        event |= {"id": f"e{number}", "at": f"2026-03-{1 + number % 28:02d} 08:00"}
    schema = xg.Schema(KINDS, anchor="db_id", conflicts="keep")
    source = xg.Source(made, identifiers=KINDS, event_id="id", time="at", name="visits")
    return xg.build(source, schema)


def texts(scene: Scene) -> list[str]:
    return [row.text for row in scene.rows]


# ------------------------------------------------------------------------------------ nothing is lost


@given(
    rows, st.sampled_from(["keep", "isolate", "over_time"]), st.integers(1, 4), st.integers(1, 4)
)
def test_every_identifier_and_event_is_in_a_row_and_a_column_or_counted(
    events: list[dict[str, Any]], policy: str, most: int, columns: int
) -> None:
    schema = xg.Schema(TYPES, anchor="db_id", conflicts=policy)
    with xg.build(numbered(events), schema, event_id="id") as graph:
        for one in graph.profiles.rows():
            profile = graph.profile(one["profile_id"])
            for scene in (scene_of(profile), scene_of(profile, rows=most, columns=columns, used=1)):
                assert (
                    sum(row.count for row in scene.rows) == scene.identifiers == one["identifiers"]
                )
                drawn = sum(column.events for column in scene.columns)
                assert drawn + scene.hidden_events == scene.events == one["events"]
                assert len(scene.columns) <= max(columns, 60)
                assert scene.folded == sum(row.count for row in scene.rows if row.node is None)
                # One that would stand for itself alone has its own row.
                assert all(row.count > 1 for row in scene.rows if row.node is None)
                assert all(row.node is not None for row in scene.rows if row.is_owner)


@given(rows)
def test_what_is_not_folded_has_the_links_of_the_graph(events: list[dict[str, Any]]) -> None:
    schema = xg.Schema(TYPES, conflicts="keep")
    with xg.build(numbered(events), schema, event_id="id") as graph:
        for one in graph.profiles.rows():
            profile = graph.profile(one["profile_id"])
            scene = scene_of(profile)
            wanted: dict[frozenset[Any], int] = {}
            for event in profile.events:
                carried = frozenset(profile.graph[event])
                wanted[carried] = wanted.get(carried, 0) + 1
            found = {
                frozenset(scene.rows[row].node for row in column.rows): column.events
                for column in scene.columns
            }
            assert found == wanted


def test_links_that_the_policy_cut_are_marked() -> None:
    made = [
        {"id": 1, "db_id": 1, "cookie": "tablet"},
        {"id": 2, "db_id": 2, "cookie": "tablet"},
    ]
    with xg.build(made, anchor="db_id", identifiers=["cookie"], event_id="id") as graph:
        (conflict,) = xg.ambiguities(graph)
        scene = scene_of(conflict)
        assert texts(scene) == ["1", "tablet", "2"]
        assert [column.cut for column in scene.columns] == [(1,), (1,)]
        assert set(scene.profile_ids) == {"db_id:1", "db_id:2", "cookie:tablet"}


# ----------------------------------------------------------------------------- what is suspected, and order


@pytest.mark.parametrize(("events", "people"), [(60, 2), (300, 2), (100, 4)])
def test_the_kiosk_is_what_is_suspected_and_lies_between_the_people(
    events: int, people: int
) -> None:
    with over_merged(events, people) as graph:
        scene = scene_of(graph.profile(db_id="U1"))
        assert [scene.rows[row].text for row in scene.culprits] == ["kiosk"]
        assert all(one.every_route for one in scene.suspicions)
        assert len(scene.suspicions) == people - 1
        assert sorted(scene.rows[row].text for row in scene.owners) == [
            f"U{n + 1}" for n in range(people)
        ]
        assert scene.owners[0] == 0
        assert scene.owners[-1] == len(scene.rows) - 1
        # Those above it are other people than those below.
        kiosk = scene.culprits[0]
        above = {row.owner for row in scene.rows[:kiosk]}
        below = {row.owner for row in scene.rows[kiosk + 1 :]}
        assert not above & below
        assert above | below == set(range(people))
        # Each event of the kiosk is drawn, whatever else had no room.
        drawn = sum(column.events for column in scene.columns if kiosk in column.rows)
        assert drawn == 2 * people


def test_a_large_profile_is_folded_and_says_so() -> None:
    with over_merged(400, cookies=80) as graph:
        scene = scene_of(graph.profile(db_id="U1"))
        assert len(scene.rows) < 30 < scene.identifiers
        assert len(scene.columns) <= 60
        several = [row.text for row in scene.rows if row.node is None]
        assert any(text.endswith("other cookies") for text in several)
        assert f"{scene.identifiers} identifiers shown as {len(scene.rows)} rows" in scene.folding
        assert f"{scene.hidden_columns} more event groups" in scene.folding
        assert not {row for column in scene.columns for row in column.rows} ^ set(
            range(len(scene.rows))
        ), "a row is empty"


def test_the_two_that_were_asked_for_are_the_owners() -> None:
    with over_merged() as graph:
        scene = scene_of(xg.why(graph, "cookie:ck-a01", "cookie:ck-b01"))
        assert [scene.rows[row].text for row in scene.owners] == ["ck-a01", "ck-b01"]
        event = xg.EventNode("visits", "e3")
        scene = scene_of(xg.why(graph, event, "db_id:U2"))
        assert scene.rows[scene.owners[0]].node == event
        assert scene.rows[scene.owners[0]].kind == "event"
        assert "kiosk" in [scene.rows[row].text for row in scene.culprits]


def test_an_event_that_carries_both_is_suspected_itself() -> None:
    made = [
        {"id": "e1", "db_id": 1, "cookie": "x"},
        {"id": "both", "cookie": ["x", "y"]},
        {"id": "e2", "db_id": 2, "cookie": "y"},
        *({"id": f"x{n}", "cookie": "x", "db_id": 1} for n in range(5)),
    ]
    schema = xg.Schema(["db_id", "cookie"], anchor="db_id", conflicts="keep")
    with xg.build(made, schema, event_id="id") as graph:
        scene = scene_of(xg.why(graph, "cookie:x", "cookie:y"))
        (guilty,) = [column for column in scene.columns if column.is_culprit]
        assert guilty.events == 1
        assert [scene.rows[row].text for row in guilty.rows] == ["x", "y"]


def test_many_anchors_have_no_side_each_and_it_is_said() -> None:
    made = [{"id": n, "db_id": n, "cookie": "shared"} for n in range(1, 10)]
    schema = xg.Schema(["db_id", "cookie"], anchor="db_id", conflicts="keep")
    with xg.build(made, schema, event_id="id") as graph:
        scene = scene_of(graph.profile(db_id=3))
        assert len(scene.owners) == 8
        assert scene.owner_count == 9
        assert "8 of 9 owners have a side of their own" in scene.folding
        assert sum(row.is_anchor for row in scene.rows) == 9


def test_without_two_owners_nobody_has_a_side_and_what_hangs_together_is_near() -> None:
    made = [
        {"id": f"{name}{n}", "cookie": [f"{name}{n}", f"{name}{(n + 1) % 4}"]}
        for name in "ab"
        for n in range(4)
    ]
    made.append({"id": "bridge", "cookie": ["a0", "b0"]})
    with xg.build(made, xg.Schema(["cookie"]), event_id="id") as graph:
        scene = scene_of(graph.profile(cookie="a1"))
        assert scene.owners == ()
        assert all(row.owner is None for row in scene.rows)
        halves = [text[0] for text in texts(scene)]
        assert halves in (list("aaaabbbb"), list("bbbbaaaa"))


@pytest.mark.parametrize(
    "made",
    [
        [{"id": 1, "cookie": "x"}],
        [{"id": 1, "db_id": 1}],
        [{"id": 1, "cookie": ["x", "y", "z"]}],
    ],
)
def test_a_tiny_profile_is_drawn_too(made: list[dict[str, Any]]) -> None:
    with xg.build(made, xg.Schema(["db_id", "cookie"], anchor="db_id"), event_id="id") as graph:
        scene = scene_of(graph.profile(graph.profiles["profile_id"][0]))
        assert scene.folding == ""
        assert np.isfinite(node_positions(scene)).all()


def test_owners_that_met_first_stand_side_by_side() -> None:
    pairs = [("1", "3"), ("2", "4"), ("3", "2")]
    made = [{"id": n, "db_id": one} for n, one in enumerate("1234")]
    made += [
        {"id": f"{a}{b}{one}", "db_id": one, "cookie": f"{a}-{b}"}
        for a, b in pairs
        for one in (a, b)
    ]
    schema = xg.Schema(["db_id", "cookie"], anchor="db_id", conflicts="keep")
    with xg.build(made, schema, event_id="id") as graph:
        drawn = drawn_of(graph.profile(db_id=1))
        assert in_line(drawn.found, drawn.owners) == [0, 2, 1, 3]
        sides = sides_of(drawn.linked, drawn.owners)
        assert sides.owners == (0, 2, 1, 3)
        # Their own values are theirs, and a value between two is as near to both.
        assert sides.owner[list(sides.owners)].tolist() == [0, 1, 2, 3]
        assert sides.ambiguity[list(sides.owners)].tolist() == [0, 0, 0, 0]
        assert sides.order[list(sides.owners)].round(6).tolist() == [0, 0.333333, 0.666667, 1]


# ------------------------------------------------------------------------------------------- positions


@given(rows)
def test_nodes_are_placed_apart_and_the_same_way_each_time(events: list[dict[str, Any]]) -> None:
    schema = xg.Schema(TYPES, anchor="db_id", conflicts="keep")
    with xg.build(numbered(events), schema, event_id="id") as graph:
        for one in graph.profiles.rows():
            scene = scene_of(graph.profile(one["profile_id"]))
            places = node_positions(scene)
            assert places.shape == (len(scene.rows) + len(scene.columns), 2)
            assert np.isfinite(places).all()
            assert (places == node_positions(scene)).all()
            if len(places) > 1:
                distance = np.linalg.norm(places[:, None] - places[None, :], axis=-1)
                assert distance[~np.eye(len(places), dtype=bool)].min() > 1e-3
            if len(scene.owners) > 1:
                first, last = places[scene.owners[0]], places[scene.owners[-1]]
                assert first[0] < last[0]
                assert abs(first[1] - last[1]) < 1e-6


def test_what_is_far_in_the_graph_is_far_in_the_picture() -> None:
    with over_merged() as graph:
        scene = scene_of(graph.profile(db_id="U1"))
        places = node_positions(scene)
        links: nx.Graph[int] = nx.Graph(
            (row, len(scene.rows) + n)
            for n, column in enumerate(scene.columns)
            for row in column.rows
        )
        hops = dict(nx.all_pairs_shortest_path_length(links))
        count = len(places)
        wanted = [hops[a][b] for a in range(count) for b in range(a)]
        found = [
            float(np.linalg.norm(places[a] - places[b])) for a in range(count) for b in range(a)
        ]
        assert np.corrcoef(wanted, found)[0, 1] > 0.8
        kiosk = places[scene.culprits[0]]
        assert places[scene.owners[0]][0] < kiosk[0] < places[scene.owners[1]][0]


def test_what_hangs_together_with_nothing_else_stands_beside() -> None:
    made = [
        {"id": 1, "db_id": 1, "cookie": "x"},
        {"id": 2, "db_id": 2, "cookie": "y"},
    ]
    with xg.build(made, anchor="db_id", identifiers=["cookie"], event_id="id") as graph:
        scene = scene_of(xg.why_not(graph, "db_id:1", "db_id:2"))
        places = node_positions(scene)
        assert len(scene.profile_ids) == 2
        part = {column.rows: places[len(scene.rows) + n] for n, column in enumerate(scene.columns)}
        left, right = sorted(part, key=lambda one: part[one][0])
        assert max(places[row][0] for row in left) < min(places[row][0] for row in right)


# ------------------------------------------------------------------------------------------- bad input


def test_what_cannot_be_drawn_says_so() -> None:
    with over_merged(5) as graph:
        with pytest.raises(SchemaError, match=r"draw a profile, as graph\.profile"):
            scene_of(graph)
        with pytest.raises(SchemaError, match="not a str"):
            scene_of("db_id:U1")
        answer = xg.why(graph, "db_id:U1", "db_id:U2")
        profile = graph.profile(db_id="U1")
        graph.rebuild(graph.schema, in_place=True)
        for old in (answer, profile):
            with pytest.raises(GraphClosedError, match="rebuilt in place"):
                scene_of(old)
    nowhere = [{"id": 1, "db_id": 1, "cookie": "undefined"}]
    with (
        xg.build(nowhere, anchor="db_id", identifiers=["cookie"], event_id="id") as graph,
        pytest.raises(XrefGraphError, match="is about no profile"),
    ):
        scene_of(xg.how(graph, "cookie:undefined"))


def test_an_answer_that_was_copied_says_that_it_does_not_know_its_graph() -> None:
    with over_merged(5) as graph:
        answer = copy.copy(xg.why(graph, "db_id:U1", "db_id:U2"))
        assert answer.summary.startswith("db_id U1 and db_id U2 are one profile")
        with pytest.raises(XrefGraphError, match="Ask the graph again"):
            scene_of(answer)


SCENE = """
from tests.test_scene import over_merged
from xrefgraph.inspection.draw.layout.composing import scene_of
from xrefgraph.inspection.draw.layout.stress import node_positions
scene = scene_of(over_merged(300, 3).profile(db_id="U1"))
print(scene, node_positions(scene).tobytes().hex())
"""


def test_a_scene_is_the_same_whatever_the_hash_seed() -> None:
    said = {
        subprocess.run(
            [sys.executable, "-c", SCENE],
            capture_output=True,
            check=True,
            env={"PYTHONHASHSEED": seed, "PATH": "/usr/bin:/bin", "OMP_NUM_THREADS": "1"},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(said) == 1
    assert len(said.pop()) > 1000
