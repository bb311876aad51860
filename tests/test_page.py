"""The page as data and as text: what it says holds, hides what it is to hide, and is the same every time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from itertools import combinations
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import xrefgraph as xg
from tests import worlds
from tests.pages import HOSTILE, awkward, built, crowd, two_people
from xrefgraph.errors import SchemaError, StoreError, XrefGraphError
from xrefgraph.inspection.draw.layout.composing import scene_of
from xrefgraph.inspection.draw.layout.stress import apart, node_positions
from xrefgraph.inspection.viewer import widget as module
from xrefgraph.inspection.viewer.contents import FOLDED, NODES, contents_of, page_scene
from xrefgraph.inspection.viewer.lumps import Lumps, lumps_of
from xrefgraph.inspection.viewer.page import json_text, page_html, script_text

POLICIES = ("keep", "isolate", "strongest", "first_claim", "last_touch", "over_time")


def world(rows: list[dict[str, Any]], policy: str = "keep", **options: Any) -> xg.XrefGraph:
    events = [
        {**row, "id": f"e{n}", "at": f"2026-03-{n % 27 + 1:02}"} for n, row in enumerate(rows)
    ]
    return built(events, worlds.TYPES, conflicts=policy, **options)


def profiles(graph: xg.XrefGraph) -> list[xg.Profile]:
    return [graph.profile(one["profile_id"]) for one in graph.profiles.rows()]


# ------------------------------------------------------------------------------------- what is left


def pieces(scene: Any, lumps: Lumps, blocked: set[int]) -> list[tuple[int, int]]:
    """Events and identifiers of each piece, as the page works them out."""
    graph: nx.Graph[Any] = nx.Graph()
    graph.add_nodes_from(
        n for n, row in enumerate(scene.rows) if row.node is not None and n not in blocked
    )
    loose = []
    for number, one in enumerate(lumps.lumps):
        free = [row for row in one.rows if row not in blocked]
        if free:
            graph.add_edges_from((("lump", number), row) for row in free)
        elif one.identifiers:
            loose.append((one.alike, one.events, one.identifiers))
    graph.add_edges_from(pair for pair in lumps.joined if not blocked & set(pair))
    found = []
    for part in nx.connected_components(graph):
        inside = [lumps.lumps[one[1]] for one in part if isinstance(one, tuple)]
        own = sum(not isinstance(one, tuple) and scene.rows[one].rank >= 0 for one in part)
        found.append(
            (sum(one.events for one in inside), own + sum(one.identifiers for one in inside))
        )
    for alike, events, identifiers in loose:
        found += [(0, 0)] * (alike - 1) + [(events, identifiers)]
    return sorted(found)


def truth(profile: xg.Profile, blocked: set[tuple[str, str]]) -> list[tuple[int, int]]:
    """The same by networkx: what hangs together without the nodes of these identifiers."""
    graph = profile.graph.copy()
    graph.remove_nodes_from(
        [
            node
            for node in profile.graph
            if isinstance(node, xg.IdentifierNode) and (node.type, node.value) in blocked
        ]
    )
    parts = []
    for part in nx.connected_components(graph):
        identifiers = sum(isinstance(one, xg.IdentifierNode) for one in part)
        if identifiers:
            parts.append((len(part) - identifiers, identifiers))
    return sorted(parts)


@given(worlds.rows, st.sampled_from([2, 6, 1000]), st.randoms(use_true_random=False))
def test_without_any_values_the_pieces_are_what_hangs_together_without_them(
    rows: list[dict[str, Any]], used: int, random: Any
) -> None:
    with world(rows) as graph:
        for profile in profiles(graph):
            scene = scene_of(profile, rows=0 if used < 1000 else 1000, columns=5, used=used)
            lumps = lumps_of(scene)
            own = [n for n, row in enumerate(scene.rows) if row.node is not None]
            for blocked in [
                (),
                *combinations(own[:4], 1),
                tuple(random.sample(own, len(own) // 2)),
            ]:
                values = {(scene.rows[n].kind, scene.rows[n].text) for n in blocked}
                found, known = pieces(scene, lumps, set(blocked)), truth(profile, values)
                # Of alike lumps that stand alone the events are told together.
                assert len(found) == len(known)
                assert (
                    np.sum(found or [(0, 0)], axis=0).tolist()
                    == np.sum(known or [(0, 0)], axis=0).tolist()
                )
                if used == 1000:
                    assert found == known


def test_a_decision_holds_two_together_in_the_page_too() -> None:
    rows = [{"db_id": "1", "cookie": "a"}, {"email": "x", "cookie": "b"}]
    decisions = [{"action": "link", "a": ["cookie", "a"], "b": ["cookie", "b"]}]
    with world(rows, decisions=decisions) as graph:
        scene = page_scene(graph.profile(db_id=1), NODES)
        lumps = lumps_of(scene)
        assert pieces(scene, lumps, set()) == [(2, 4)]
        b = next(n for n, row in enumerate(scene.rows) if row.text == "b")
        assert pieces(scene, lumps, {b}) == [(1, 1), (1, 2)]
        assert contents_of(graph.profile(db_id=1))["decided"]


def test_of_a_folded_profile_the_pieces_are_exact() -> None:
    with crowd(3000) as graph:
        profile = graph.profile(db_id="U1001")
        scene = page_scene(profile, 120)
        assert scene.folded > 0
        assert len(scene.rows) + len(scene.columns) <= 120
        lumps = lumps_of(scene)
        (culprit,) = scene.culprits
        values = {(scene.rows[culprit].kind, scene.rows[culprit].text)}
        assert pieces(scene, lumps, {culprit}) == truth(profile, values)


# -------------------------------------------------------------------------------------- what it says


@given(worlds.rows, st.sampled_from(POLICIES))
def test_whatever_the_events_are_the_page_counts_each_once(
    rows: list[dict[str, Any]], policy: str
) -> None:
    with world(rows, policy) as graph:
        for profile in profiles(graph):
            found = contents_of(profile)
            events, columns = len(profile.events), found["columns"]
            assert sum(one["events"] for one in columns) == events
            assert sum(map(sum, found["time"]["lanes"])) + sum(found["time"]["untimed"]) == events
            assert [sum(one["bins"][1::2]) for one in columns] == [one["events"] for one in columns]
            assert sum(one[2] for one in found["lumps"]) == events
            assert {(r["value"], found["types"][r["type"]]["name"]) for r in found["rows"]} == {
                (value, kind) for kind, value in profile.identifiers
            }
            json.loads(json_text(found))


@given(worlds.rows, st.sampled_from(POLICIES))
def test_the_five_oldest_events_of_each_node_are_those_that_carry_it(
    rows: list[dict[str, Any]], policy: str
) -> None:
    with world(rows, policy) as graph:
        for profile in profiles(graph):
            order = {one: n for n, one in enumerate(profile.events)}
            for row in contents_of(profile)["rows"]:
                node = next(
                    one
                    for one in profile.graph
                    if isinstance(one, xg.IdentifierNode)
                    and one.value == row["value"]
                    and one.type == worlds.TYPES[row["type"]]
                )
                near = profile.graph[node]
                known = sorted(near, key=lambda one: (profile.graph.nodes[one]["time"], order[one]))
                assert [one[1] for one in row["oldest"]] == [one.event_id for one in known[:5]]


@given(worlds.rows, st.sampled_from(POLICIES))
def test_how_many_other_profiles_carry_a_value_is_what_the_events_say(
    rows: list[dict[str, Any]], policy: str
) -> None:
    with world(rows, policy) as graph:
        carriers: dict[tuple[str, str], set[str]] = {}
        for event in graph.events.rows():
            if event["profile_id"] is not None:
                number = int(event["event_id"][1:])
                for kind in worlds.TYPES:
                    for value in worlds.values_of(rows[number].get(kind)):
                        carriers.setdefault((kind, value), set()).add(event["profile_id"])
        for one in graph.identifiers.rows():
            if one["profile_id"] is not None:
                carriers.setdefault((one["type"], one["value"]), set()).add(one["profile_id"])
        for profile in profiles(graph):
            for row in contents_of(profile)["rows"]:
                known = carriers[worlds.TYPES[row["type"]], row["value"]] - {profile.id}
                assert row["others"] == len(known)


def test_an_event_that_is_asked_for_is_a_node_and_is_counted_once() -> None:
    with two_people() as graph:
        first = graph.events.rows()[0]["event_id"]
        found = contents_of(xg.why(graph, xg.EventNode("visits", first), "db_id:U1002"))
        assert sum(one["events"] for one in found["columns"]) == len(
            graph.profile(db_id="U1001").events
        )
        assert min(one["events"] for one in found["columns"]) == 1
        (end,) = (row for row in found["rows"] if row["type"] < 0)
        assert end["value"] == first
        assert end["oldest"][0][1] == first


def test_the_sentence_comes_first_and_the_path_marks_the_weakest_place() -> None:
    with two_people() as graph:
        found = contents_of(graph.profile(db_id="U1001"))
        assert found["sentences"][0] == "This profile holds 2 db_ids: U1001 and U1002."
        assert found["sentences"][1] == xg.why(graph, "db_id:U1001", "db_id:U1002").summary
        (path,) = found["paths"]
        weak = [leg for leg in path["legs"] if leg["weak"]]
        assert {end["name"] for leg in weak for end in (leg["a"], leg["b"])} >= {"device kiosk-77"}
        (one,) = found["suspicions"]
        assert [found["rows"][n]["value"] for n in one["rows"]] == ["kiosk-77"]
        (met,) = found["time"]["meetings"]
        assert met["event"].split(" of ")[0] in {
            e[1] for n in one["rows"] for e in found["rows"][n]["oldest"]
        }


@pytest.mark.parametrize("ask", ["why", "paths", "separate", "why_not", "how", "ambiguities"])
def test_each_answer_about_profiles_has_a_page(ask: str) -> None:
    with two_people(conflicts="isolate" if ask == "why_not" else "keep") as graph:
        two = ("db_id:U1001", "db_id:U1002")
        if ask == "how":
            asked: Any = xg.how(graph, two[0])
        elif ask == "ambiguities":
            asked = next(iter(xg.ambiguities(graph)))
        else:
            asked = getattr(xg, ask)(graph, *two)
        found = contents_of(asked)
        assert found["sentences"][0] == getattr(asked, "summary", None) or asked.text
        if ask == "why_not":
            cut = [leg for leg in found["paths"][0]["legs"] if leg["cut"]]
            assert [leg["by"] for leg in cut] == ["cut by the policy"] * 2
            assert any(one["cut"] for one in found["columns"])
        assert xg.view(asked).html() == page_html(asked)


def test_what_is_folded_is_said_and_no_more_is_drawn_than_asked_for() -> None:
    with crowd(3000, people=4) as graph:
        profile = graph.profile(db_id="U1001")
        for nodes in (100, 300, NODES):
            found = contents_of(profile, nodes=nodes)
            assert len(found["rows"]) + len(found["columns"]) <= min(nodes, FOLDED)
            assert "not drawn" in found["folding"]
    with two_people() as graph:
        assert contents_of(graph.profile(db_id="U1001"))["folding"] == ""


def test_of_a_very_long_way_only_the_ends_are_drawn() -> None:
    length = 4000
    rows = [
        {"id": f"e{n}", "at": "2026-03-01", "cookie": [f"c{n}", f"c{n + 1}"]} for n in range(length)
    ]
    ends = [
        {"id": f"x{n}", "at": "2026-03-02", "db_id": f"U{n}", "cookie": f"c{n * length}"}
        for n in range(2)
    ]
    with built([*rows, *ends]) as graph:
        found = contents_of(graph.profile(db_id="U0"))
        assert len(found["rows"]) + len(found["columns"]) <= NODES
        assert sum(one[2] for one in found["lumps"]) == length + 2
        (path,) = found["paths"]
        assert path["left_out"] == length + 2 - len(path["legs"])


@pytest.mark.parametrize("name", sorted(awkward()))
def test_awkward_profiles_have_a_page(name: str) -> None:
    with awkward()[name]() as graph:
        for profile in profiles(graph):
            text = page_html(profile)
            assert text.count("</script>") == 2
            assert "NaN" not in text


# --------------------------------------------------------------------------------------- what it hides


TOKENS = {
    value: f"{'qxz' * 7}{chr(97 + n)}{chr(110 + n)}q" for n, value in enumerate(worlds.VALUES)
}


def telling(cell: Any) -> Any:
    return [telling(one) for one in cell] if isinstance(cell, list) else TOKENS.get(cell, cell)


@given(worlds.rows, st.sampled_from(POLICIES), st.sampled_from(["partial", "hash"]))
def test_no_value_stands_in_a_masked_page(
    rows: list[dict[str, Any]], policy: str, mask: str
) -> None:
    rows = [{kind: telling(cell) for kind, cell in row.items()} for row in rows]
    with world(rows, policy) as graph:
        names = [one.id for one in profiles(graph)]
        asked: list[Any] = [*profiles(graph), *xg.ambiguities(graph)]
        if len(names) > 1:
            asked.append(xg.why_not(graph, names[0], names[1]))
        some = [f"{kind}:{value}" for one in profiles(graph)[:1] for kind, value in one.identifiers]
        if len(some) > 1:
            asked += [ask(graph, some[0], some[-1]) for ask in (xg.why, xg.paths, xg.separate)]
            asked.append(xg.how(graph, some[0]))
        for one in asked:
            text = page_html(one, mask=mask) + (
                xg.view(one, mask=mask)._repr_html_() if one is asked[0] else ""
            )
            for token in TOKENS.values():
                assert token not in text


def test_the_page_says_how_values_are_masked_and_keeps_them_apart() -> None:
    with two_people() as graph:
        profile = graph.profile(db_id="U1001")
        for mask in ("partial", "hash", None):
            found = contents_of(profile, mask=mask)
            assert found["mask"] == mask
            values = [row["value"] for row in found["rows"]]
            assert len(set(values)) == len(values)


# --------------------------------------------------------------------------------- text, file, errors


def test_hostile_values_never_end_the_script_or_make_an_element() -> None:
    with awkward()["hostile"]() as graph:
        for profile in profiles(graph):
            text = page_html(profile)
            head, _, rest = text.partition('<script type="application/json" id="data">')
            data, _, script = rest.partition("</script>")
            assert "<" not in data
            assert "\u2028" not in data
            assert script.count("</script>") == 1
            assert "<img" not in head
            known = {row["value"] for row in json.loads(data)["rows"]}
            assert known & set(HOSTILE)
            shown = {row.get("shown", row["value"]) for row in json.loads(data)["rows"]}
            assert all(one.isprintable() for one in shown)


def test_the_policy_of_the_page_lets_nothing_in() -> None:
    with two_people() as graph:
        text = page_html(graph.profile(db_id="U1001"))
        assert (
            "content=\"default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'\""
            in text
        )
        frame = xg.view(graph.profile(db_id="U1001"))._repr_html_()
        assert 'sandbox="allow-scripts"' in frame
        assert "allow-same-origin" not in frame


def test_the_script_writes_text_only() -> None:
    for word in (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "fetch(",
        "XMLHttp",
        "http:",
        "localStorage",
        "import(",
    ):
        assert word not in script_text().replace('"http://www.w3.org/2000/svg"', "")


def test_the_same_page_has_the_same_bytes_whatever_the_hash_seed() -> None:
    code = (
        "from tests.pages import two_people, crowd\nimport hashlib, xrefgraph as xg\n"
        "for one in (two_people(), crowd(2500)):\n"
        "    print(hashlib.sha256(xg.view(one.profile(db_id='U1001')).html().encode()).hexdigest())"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(told) == 1


def test_a_view_is_shown_by_a_notebook_and_written_when_asked_for(tmp_path: Path) -> None:
    with two_people() as graph:
        page = xg.view(graph.profile(db_id="U1001"), height=500)
        assert repr(page) == "<View of a Profile>"
        assert "height:500px" in page._repr_html_()
        assert page._repr_html_().index("This profile holds 2 db_ids") < page._repr_html_().index(
            "<iframe"
        )
        before = worlds.listing(tmp_path)
        page._repr_html_()
        assert worlds.listing(tmp_path) == before
        target = page.to_html(tmp_path / "page.html")
        assert target.read_text(encoding="utf-8") == page.html()
        assert [one.name for one in tmp_path.iterdir()] == ["page.html"]
        page.to_html(target, mask="hash")
        assert "kiosk-77" not in target.read_text(encoding="utf-8")
        assert (
            repr(xg.view(graph.profile(db_id="U1001"), mask="hash"))
            == "<View of a Profile, masked (hash)>"
        )
        assert graph.profile(db_id="U1001").view().html() == page.html()


def test_a_page_that_cannot_be_written_leaves_what_was_there(tmp_path: Path) -> None:
    with two_people() as graph:
        page = xg.view(graph.profile(db_id="U1001"))
        with pytest.raises(StoreError, match="is a folder"):
            page.to_html(tmp_path)
        with pytest.raises(StoreError, match="there is no folder"):
            page.to_html(tmp_path / "nowhere" / "page.html")
        old = tmp_path / "page.html"
        old.write_text("old")
        with pytest.raises(SchemaError, match="Did you mean"):
            page.to_html(old, mask="partiel")
        assert old.read_text() == "old"
        assert [one.name for one in tmp_path.iterdir()] == ["page.html"]


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_a_clear_error(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with two_people() as graph, pytest.raises(StoreError, match="cannot be written"):
            xg.view(graph.profile(db_id="U1001")).to_html(tmp_path / "page.html")
    finally:
        tmp_path.chmod(0o700)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"mask": "all"}, "mask is"),
        ({"height": "tall"}, "height is"),
        ({"height": 10}, "height is"),
        ({"nodes": 50}, "nodes is"),
        ({"nodes": 2000}, "nodes is"),
    ],
)
def test_what_a_view_cannot_be_is_said_when_it_is_made(options: dict[str, Any], said: str) -> None:
    with two_people() as graph, pytest.raises(SchemaError, match=said):
        xg.view(graph.profile(db_id="U1001"), **options)


def test_what_has_no_page_is_an_error() -> None:
    with two_people() as graph:
        with pytest.raises(SchemaError):
            xg.view(graph)
        with pytest.raises(SchemaError):
            xg.view("db_id:U1001")
        with pytest.raises(XrefGraphError):
            xg.view(xg.health(graph))


# ------------------------------------------------------------------------------------------- places


def test_no_two_nodes_stand_on_one_spot_and_owners_lie_left_and_right() -> None:
    with two_people() as graph:
        scene = page_scene(graph.profile(db_id="U1001"), NODES)
        places = apart(node_positions(scene))
        distances = [np.hypot(*(a - b)) for a, b in combinations(places, 2)]
        assert min(distances) > 0.05
        left, right = (places[n] for n in scene.owners)
        assert left[0] < right[0]
        assert abs(left[1] - right[1]) < 0.5 * abs(left[0] - right[0])


def test_a_page_of_1500_nodes_takes_seconds() -> None:
    with crowd(1150, cookies=600) as graph:
        profile = graph.profile(db_id="U1001")
        begun = time.perf_counter()
        found = contents_of(profile)
        assert time.perf_counter() - begun < 20  # 3 seconds where nothing else runs
        assert 1200 < len(found["rows"]) + len(found["columns"]) <= NODES


# -------------------------------------------------------------------------------------------- widget


def test_the_widget_tells_what_is_selected_and_blocked() -> None:
    pytest.importorskip("anywidget")
    with two_people() as graph:
        view = xg.view(graph.profile(db_id="U1001"))
        widget = view.widget()
        found = json.loads(widget.page)
        assert found == json.loads(json_text(view.contents()))
        n = next(n for n, row in enumerate(found["rows"]) if row["value"] == "kiosk-77")
        widget.selected, widget.blocked = n, [n]
        assert widget.selected_node == xg.IdentifierNode("device", "kiosk-77")
        assert xg.read_decisions(widget.decisions) == (
            xg.Decision("block", identifier=("device", "kiosk-77")),
        )
        widget.selected = len(found["rows"])
        assert isinstance(widget.selected_node, xg.EventNode)
        fresh = view.widget()
        assert fresh.selected_node is None
        assert fresh.decisions == []
        masked = xg.view(graph.profile(db_id="U1001"), mask="hash").widget()
        with pytest.raises(XrefGraphError, match="mask=None"):
            masked.decisions  # noqa: B018  (asking is what raises)


def test_without_anywidget_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "anywidget", None)
    module._widget_class.cache_clear()
    with two_people() as graph, pytest.raises(XrefGraphError, match=r"xrefgraph\[widget\]"):
        xg.view(graph.profile(db_id="U1001")).widget()
    module._widget_class.cache_clear()
