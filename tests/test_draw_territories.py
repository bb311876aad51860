"""Territories and the river of merges: the numbers are those of the graph, the culprit is marked, and all can be read."""

import os
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

import xrefgraph as xg
from tests.drawings import marked, outside, overlapping, shown, svg_of
from tests.drawn_cases import CASES, graph_of
from tests.test_scene import over_merged
from tests.worlds import TYPES, numbered, rows
from xrefgraph.errors import SchemaError
from xrefgraph.inspection.draw.layout.composing import scene_of
from xrefgraph.inspection.draw.layout.replaying import retrace
from xrefgraph.inspection.draw.layout.river import river_of
from xrefgraph.inspection.draw.layout.subject import drawn_of
from xrefgraph.inspection.draw.layout.territories import territories_of

PLOTS = ("plot_territories", "plot_merges")
SIZES = [(4.0, 3.0), (7.0, 5.0), (12.0, 4.0)]


def drawn(plot: str, asked: Any, size: tuple[float, float] | None = None, **options: Any) -> Figure:
    """A figure of its own, or one with an axes of such a size in inches, in which all can be read."""
    draw = getattr(xg, plot)
    if size is None:
        figure = draw(asked, **options).figure
    else:
        figure = plt.figure(figsize=size)
        draw(asked, ax=figure.add_axes((0.05, 0.05, 0.9, 0.9)), **options)
    assert isinstance(figure, Figure)
    assert overlapping(figure) == []
    assert outside(figure) == []
    plt.close(figure)
    return figure


@pytest.mark.parametrize("plot", PLOTS)
@pytest.mark.parametrize("name", CASES)
def test_all_can_be_read_whatever_the_room(plot: str, name: str) -> None:
    graph, asked = CASES[name]()
    for size in (None, *SIZES):
        drawn(plot, graph.profile(asked), size)


@given(rows, st.sampled_from(SIZES), st.sampled_from(PLOTS))
def test_any_small_world_can_be_read(
    events: list[dict[str, Any]], size: tuple[float, float], plot: str
) -> None:
    schema = xg.Schema(TYPES, anchor="db_id", conflicts="keep")
    graph = xg.build(xg.Source(numbered(events), identifiers=list(TYPES), event_id="id"), schema)
    for profile in graph.profiles.rows()[:2]:
        drawn(plot, graph.profile(profile["profile_id"]), size)


# ---------------------------------------------------------------------------------------- territories


def test_each_owner_has_what_blocking_the_culprit_leaves_with_it() -> None:
    with over_merged(events=80, people=3) as graph:
        found = territories_of(scene_of(graph.profile(db_id="U1")))
        (culprit,) = [one for one in found.borders if one.is_culprit]
        assert culprit.node == xg.IdentifierNode("device", "kiosk")
        assert culprit.every_route
        blocked = {"action": "block", "identifier": ["device", "kiosk"]}
        schema = xg.Schema(
            graph.schema.names, anchor="db_id", conflicts="keep", decisions=[blocked]
        )
        with graph.rebuild(schema) as after:
            for one in found.territories:
                alone = after.profile(db_id=one.node.value)  # type: ignore[union-attr]
                assert one.events == len(alone.events)
                assert sum(count for _, count in one.counts) == len(alone.identifiers) - 1
        carried = [reach.events for reach in culprit.reaches]
        assert carried == [2, 2, 2]


@given(rows)
def test_no_event_is_in_two_territories_and_none_is_lost(events: list[dict[str, Any]]) -> None:
    schema = xg.Schema(TYPES, anchor="db_id", conflicts="keep")
    with xg.build(numbered(events), schema, event_id="id") as graph:
        for one in graph.profiles.rows():
            found = territories_of(scene_of(graph.profile(one["profile_id"])))
            if found.is_table:
                continue
            own = sum(each.events for each in found.territories) + found.nobody_events
            between = sum(each.events for each in found.borders if each.kind == "event")
            assert own <= one["events"] <= own + between


def test_the_discs_name_owners_counts_and_what_lies_between() -> None:
    with over_merged(events=80) as graph:
        figure = drawn("plot_territories", graph.profile(db_id="U1"))
        assert len(marked(figure, "anchor")) == 2
        assert {"U1", "U2"} < set(shown(figure))
        assert len(marked(figure, "culprit")) == 1
        assert any("kiosk" in text for text in shown(figure))
        assert shown(figure, "reach") == ["2 events", "2 events"]
        found = territories_of(scene_of(graph.profile(db_id="U1")))
        assert shown(figure, "events") == [f"{one.events:,} events" for one in found.territories]


def test_more_than_eight_owners_are_a_table_largest_first() -> None:
    made = [{"db_id": f"U{n:02d}", "cookie": "shared"} for n in range(30) for _ in range(n + 1)]
    with graph_of(made) as graph:
        found = territories_of(scene_of(graph.profile("db_id:U00")))
        assert found.is_table
        assert [one.events for one in found.territories] == list(range(30, 10, -1))
        assert found.left_out == "20 of 30 owners, those that most events carry"
        figure = drawn("plot_territories", graph.profile("db_id:U00"))
        assert len(marked(figure, "anchor")) == 20
        names = [text for text in shown(figure) if text.startswith("U")]
        assert names[:2] == ["U29", "U28"]
        assert any("20 of 30 owners" in text for text in shown(figure, "more"))


def test_links_that_the_policy_cut_are_between_the_territories() -> None:
    made = [{"db_id": f"U{n}", "cookie": "tablet"} for n in (1, 2, 2)]
    with graph_of(made, policy="isolate") as graph:
        (conflict,) = xg.ambiguities(graph)
        found = territories_of(scene_of(conflict))
        (border,) = [one for one in found.borders if one.node.type == "cookie"]  # type: ignore[union-attr]
        assert [(reach.events, reach.cut) for reach in border.reaches] == [(0, 1), (0, 2)]


# --------------------------------------------------------------------------------------------- the river


def river(profile: Any, **options: Any) -> Any:
    return river_of(retrace(drawn_of(profile)), **options)


@given(rows)
def test_a_river_has_every_event_and_flows_into_one(events: list[dict[str, Any]]) -> None:
    schema = xg.Schema(TYPES, anchor="db_id", conflicts="keep")
    with xg.build(numbered(events), schema, event_id="id") as graph:
        for one in graph.profiles.rows():
            found = river(graph.profile(one["profile_id"]))
            assert found.events == one["events"]
            assert found.streams
            ends = [stream for stream in found.streams if stream.joined is None]
            assert len(ends) == 1
            assert ends[0].events == one["events"]
            for stream in found.streams:
                sizes = [point.events for point in stream.points]
                assert sizes == sorted(sizes)
                assert sizes[-1] == stream.events
            own = len(found.streams) + sum(stream.smaller for stream in found.streams)
            assert own == found.parts


def test_the_merge_of_two_owners_has_its_event_its_values_and_its_sizes() -> None:
    with over_merged(events=80) as graph:
        profile = graph.profile(db_id="U1")
        step = xg.how(graph, "db_id:U1").became_ambiguous
        assert step is not None
        assert step.event is not None
        (joined,) = [
            stream.joined
            for stream in river(profile).streams
            if stream.joined and stream.joined.of_owners
        ]
        assert joined.event == step.event
        assert sorted([joined.own.events, joined.other.events]) == sorted(
            side.events for side in step.sides
        )
        figure = drawn("plot_merges", profile)
        (words,) = shown(figure, "merge")
        assert step.event.event_id in words
        assert "kiosk" in words
        assert marked(figure, "culprit")


def test_small_parts_are_counted_in_words() -> None:
    with over_merged(events=80, cookies=60) as graph:
        found = river(graph.profile(db_id="U1"), most=2)
        assert len(found.streams) == 2
        smaller = sum(one.smaller for one in found.streams)
        assert smaller == found.parts - 2 > 0
        assert f"{smaller} smaller parts that joined are not drawn" in found.left_out


def test_without_times_the_order_of_events_is_drawn_and_said() -> None:
    graph, asked = CASES["no times"]()
    figure = drawn("plot_merges", graph.profile(asked))
    assert any("order" in text for text in shown(figure))


# ------------------------------------------------------------------------------------------- both


@pytest.mark.parametrize("plot", PLOTS)
def test_an_axes_from_elsewhere_is_left_as_it_was_but_for_the_drawing(plot: str) -> None:
    with over_merged(events=20) as graph:
        figure, (left, right) = plt.subplots(1, 2, figsize=(9, 4))
        left.set_title("mine")
        before = dict(plt.rcParams)
        place = left.get_position().bounds
        assert getattr(xg, plot)(graph.profile(db_id="U1"), ax=left) is left
        assert left.get_title() == "mine"
        assert left.get_position().bounds == place
        assert figure.get_size_inches().tolist() == [9, 4]
        assert right.has_data() is False
        assert dict(plt.rcParams) == before
        plt.close(figure)
        with pytest.raises(SchemaError, match="ax is an axes"):
            getattr(xg, plot)(graph.profile(db_id="U1"), ax="left")


@pytest.mark.parametrize("plot", PLOTS)
@pytest.mark.parametrize("mask", ["partial", "hash"])
def test_masked_values_are_nowhere(plot: str, mask: str) -> None:
    with over_merged(events=40) as graph:
        profile = graph.profile(db_id="U1")
        text = svg_of(drawn(plot, profile, mask=mask)) + " ".join(
            shown(drawn(plot, profile, mask=mask))
        )
        for kind, value in profile.identifiers:
            assert kind == "db_id" or value not in text


SVG = """
import matplotlib
matplotlib.use("agg")
matplotlib.rcParams["svg.hashsalt"] = "x"
import xrefgraph as xg
from tests.drawings import svg_of
from tests.test_scene import over_merged
profile = over_merged(80, 3).profile(db_id="U1")
for plot in (xg.plot_territories, xg.plot_merges):
    print(svg_of(plot(profile).figure))
"""


def test_the_same_profile_gives_the_same_svg_whatever_the_hash_seed() -> None:
    said = {
        subprocess.run(
            [sys.executable, "-c", SVG],
            capture_output=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(said) == 1
    assert said.pop().count(b"</svg>") == 2
