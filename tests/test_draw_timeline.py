"""Swim lanes: what they show, that it can be read, and that nothing is left out without a word."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

import xrefgraph as xg
from tests.drawings import marked, outside, overlapping, shown
from tests.drawn_cases import CASES, graph_of, two_people
from tests.test_scene import over_merged
from tests.worlds import TYPES, numbered, rows
from xrefgraph.errors import SchemaError
from xrefgraph.inspection.draw.layout.composing import scene_of
from xrefgraph.inspection.draw.layout.lanes import thinned, timeline_of
from xrefgraph.inspection.draw.styles import CULPRIT

SIZES = ((9.0, 6.0), (5.0, 3.5), (3.0, 2.0), (1.2, 1.0))


@pytest.fixture(autouse=True)
def _figures() -> Iterator[None]:
    mpl.use("Agg")
    yield
    plt.close("all")


def drawn(asked: Any, size: tuple[float, float] | None = None, **options: Any) -> Figure:
    """A figure of its own, or one with an axes of such a size in inches, in which all can be read."""
    if size is None:
        figure = xg.inspection.draw.plot_timeline(asked, **options).figure
    else:
        figure = plt.figure(figsize=size)
        ax = figure.add_axes((0.05, 0.05, 0.9, 0.9))
        xg.inspection.draw.plot_timeline(asked, ax=ax, **options)
    assert isinstance(figure, Figure)
    assert overlapping(figure) == []
    assert outside(figure) == []
    return figure


@pytest.fixture(scope="module")
def people() -> xg.XrefGraph:
    return over_merged(events=150, people=2)


@pytest.mark.parametrize("name", CASES)
def test_all_can_be_read_whatever_the_room(name: str) -> None:
    graph, asked = CASES[name]()
    for size in (None, *SIZES):
        drawn(graph.profile(asked), size)


@given(rows, st.sampled_from(SIZES))
def test_any_small_world_can_be_read(
    events: list[dict[str, Any]], size: tuple[float, float]
) -> None:
    schema = xg.Schema(TYPES, anchor="db_id", conflicts="keep")
    graph = xg.build(xg.Source(numbered(events), identifiers=list(TYPES), event_id="id"), schema)
    for profile in graph.profiles.rows()[:2]:
        drawn(graph.profile(profile["profile_id"]), size)
    plt.close("all")


def test_the_merge_is_told_with_its_event_both_owners_and_what_each_had(
    people: xg.XrefGraph,
) -> None:
    figure = drawn(people.profile("db_id:U1"))
    step = xg.how(people, "db_id:U1").became_ambiguous
    assert step is not None
    assert step.event is not None
    (words,) = shown(figure, "meeting")
    by_owner = {side.anchors[0].value: side.events for side in step.sides}
    assert words == (
        f"MERGE at {step.event.event_id}: U1 + U2, {by_owner['U1']} + {by_owner['U2']} events"
    )


def test_the_suspect_is_the_thickest_lane_and_has_its_colour(people: xg.XrefGraph) -> None:
    scene = scene_of(people.profile("db_id:U1"))
    figure = drawn(scene)
    lanes = [one for one in figure.findobj() if str(one.get_gid() or "").startswith("lane:")]
    widths = {one.get_gid(): float(mpl.artist.getp(one, "linewidths")[0]) for one in lanes}
    (culprit,) = scene.culprits
    assert widths[f"lane:{culprit}"] > 2 * max(
        width for gid, width in widths.items() if gid != f"lane:{culprit}"
    )
    (lane,) = marked(figure, f"lane:{culprit}")
    assert mpl.colors.to_hex(lane.get_colors()[0]).upper() == CULPRIT
    assert len(marked(figure, "culprit")) == 1
    assert len(marked(figure, "anchor")) == 2


def test_lanes_stand_in_the_order_of_the_matrix(people: xg.XrefGraph) -> None:
    scene = scene_of(people.profile("db_id:U1"))
    ax = xg.inspection.draw.plot_timeline(scene)
    texts = [
        one for one in ax.texts if any(one.get_text().endswith(row.text) for row in scene.rows)
    ]
    by_height = [one.get_text() for one in sorted(texts, key=lambda one: one.get_position()[1])]
    assert [text.split(" ", 1)[1] for text in by_height] == [row.text for row in scene.rows]


def test_events_stand_where_their_times_are(people: xg.XrefGraph) -> None:
    timeline = timeline_of(scene_of(people.profile("db_id:U1")))
    times = [one.time for one in timeline.strokes]
    assert times == sorted(times, key=lambda one: one or 0)
    expected = {one["event_id"]: one["time"] for one in people.events.rows()}
    micros = sorted(
        int((time - dt.datetime(1970, 1, 1)) / dt.timedelta(microseconds=1))  # noqa: DTZ001
        for time in expected.values()
    )
    assert times == micros


def test_of_many_events_those_of_suspects_and_meetings_stay_and_the_rest_is_counted(
    people: xg.XrefGraph,
) -> None:
    scene = scene_of(people.profile("db_id:U1"))
    every = timeline_of(scene, most_events=10_000)
    some = timeline_of(scene, most_events=40)
    assert len(some.strokes) == 40
    suspects = {one.place for one in every.strokes if one.is_culprit}
    meetings = {one.place for one in every.strokes if one.is_meeting}
    assert suspects | meetings <= {one.place for one in some.strokes}
    assert f"40 of {len(every.strokes)} events drawn" in some.left_out
    assert "drawn" not in every.left_out
    figure = drawn(scene, most_events=40)
    assert any(f"40 of {len(every.strokes)} events drawn" in text for text in shown(figure, "more"))


def test_suspects_on_nearly_all_events_leave_room_for_others() -> None:
    events = [
        {
            "db_id": f"U{n % 2}",
            "device": "everywhere" if n % 5 else None,
            "cookie": f"c{n % 2}-{n % 7}",
            "at": f"2026-03-01 {n // 60:02d}:{n % 60:02d}",
        }
        for n in range(600)
    ]
    timeline = timeline_of(scene_of(graph_of(events).profile("db_id:U1")), most_events=100)
    assert len(timeline.strokes) == 100
    assert 40 <= sum(one.is_culprit for one in timeline.strokes) <= 60


@given(st.lists(st.integers(0, 3), max_size=60), st.integers(1, 40))
def test_thinning_keeps_the_heavy_and_as_many_as_there_is_room_for(
    weights: list[int], most: int
) -> None:
    weight = np.array(weights, np.int64)
    places = thinned(weight, most)
    assert len(places) == min(most, len(weights)) == len(set(places.tolist()))
    assert places.tolist() == sorted(places.tolist())
    left = np.setdiff1d(np.arange(len(weights)), places)
    if len(left):
        assert weight[places].min() >= weight[left].max()


def test_a_window_shows_what_lies_in_it_and_counts_what_does_not(people: xg.XrefGraph) -> None:
    scene = scene_of(people.profile("db_id:U1"))
    window = ("2026-03-05", dt.date(2026, 3, 9))
    timeline = timeline_of(scene, window=window)
    inside = [
        one
        for one in people.events.rows()
        if dt.datetime(2026, 3, 5) <= one["time"] <= dt.datetime(2026, 3, 9)  # noqa: DTZ001
    ]
    assert timeline.events == len(inside) == len(timeline.strokes)
    assert f"{scene.events - len(inside)} events outside of this window" in timeline.left_out
    drawn(scene, window=window)
    nothing = timeline_of(scene, window=("1999-01-01", "1999-01-02"))
    assert f"none of the {scene.events} events is in this window" in nothing.left_out
    drawn(scene, window=("1999-01-01", "1999-01-02"))
    assert timeline_of(scene, window=(None, "2026-03-09")).events > timeline.events


@pytest.mark.parametrize(
    "window", ["2026-03-01", ("2026-03-01",), ("x", None), (1, 2), ("2026-03-02", "2026-03-01")]
)
def test_a_window_that_is_none_is_an_error(window: Any, people: xg.XrefGraph) -> None:
    with pytest.raises(SchemaError, match="window"):
        xg.inspection.draw.plot_timeline(people.profile("db_id:U1"), window=window)


def test_without_times_and_with_equal_ones_the_order_is_drawn_and_said() -> None:
    graph, asked = CASES["no times"]()
    figure = drawn(graph.profile(asked))
    assert shown(figure, "date") == []
    assert any("no event has a time" in text for text in shown(figure, "more"))
    graph, asked = CASES["all times equal"]()
    assert any(
        "all events are of 1 Mar 2026 08:00" in text
        for text in shown(drawn(graph.profile(asked)), "more")
    )


def test_events_without_a_time_stand_in_a_strip_before_all_others() -> None:
    graph, asked = CASES["some without a time"]()
    figure = drawn(graph.profile(asked))
    assert shown(figure, "no time") == ["no time"]
    assert any("8 events without a time at the left" in text for text in shown(figure, "more"))
    (dots,) = marked(figure, "dots")
    timeline = timeline_of(scene_of(graph.profile(asked)))
    xs = [x for x, _ in dots.get_offsets().tolist()]
    untimed = sum(len(one.lanes) for one in timeline.strokes if one.time is None)
    assert max(xs[:untimed]) < min(xs[untimed:])


@pytest.mark.parametrize(
    "policy", ["keep", "isolate", "first_claim", "last_touch", "strongest", "over_time"]
)
def test_it_can_be_drawn_under_each_policy(policy: str) -> None:
    graph = graph_of(two_people(lambda n: f"2026-03-{1 + n:02d}"), policy=policy)
    for profile in graph.profiles.rows():
        drawn(graph.profile(profile["profile_id"]))


def test_what_was_cut_is_hollow() -> None:
    graph = graph_of(two_people(lambda n: f"2026-03-{1 + n:02d}"), policy="isolate")
    scene = scene_of(xg.why_not(graph, "db_id:U1", "db_id:U2"))
    if not any(one.cut for one in timeline_of(scene).strokes):
        scene = scene_of(xg.why_not(graph, "db_id:U1", "device:kiosk"))
    timeline = timeline_of(scene)
    assert any(one.cut for one in timeline.strokes)
    (dots,) = marked(drawn(scene), "dots")
    white = (dots.get_facecolors()[:, :3] == 1).all(axis=1).sum()
    assert white == sum(len(one.cut) for one in timeline.strokes)


def test_answers_about_two_have_these_as_owners(people: xg.XrefGraph) -> None:
    why = xg.why(people, "cookie:ck-a00", "cookie:ck-b00")
    (words,) = shown(drawn(why), "meeting")
    assert "ck-a00 + ck-b00" in words
    drawn(xg.why(people, xg.EventNode("visits", "e0"), "db_id:U2"))


def test_an_axes_from_elsewhere_keeps_what_it_had(people: xg.XrefGraph) -> None:
    before = dict(mpl.rcParams)
    figure, (left, right) = plt.subplots(1, 2, figsize=(12, 5))
    left.set_title("mine")
    place, size = left.get_position().bounds, figure.get_size_inches().tolist()
    (line,) = left.plot([0, 1], [0, 1])
    assert xg.inspection.draw.plot_timeline(people.profile("db_id:U1"), ax=left) is left
    assert left.get_title() == "mine"
    assert line in left.lines
    assert left.get_position().bounds == place
    assert figure.get_size_inches().tolist() == size
    assert right.has_data() is False
    assert dict(mpl.rcParams) == before
    with pytest.raises(SchemaError, match="ax is an axes"):
        xg.inspection.draw.plot_timeline(people.profile("db_id:U1"), ax="left")  # type: ignore[arg-type]


def test_masked_values_are_nowhere(people: xg.XrefGraph) -> None:
    figure = drawn(people.profile("db_id:U1"), mask="hash")
    text = " ".join(shown(figure))
    for value in ("kiosk", "example.org", "ck-", "U1", "555"):
        assert value not in text


SVG = """
import io, matplotlib
matplotlib.use("svg"); matplotlib.rcParams["svg.hashsalt"] = "x"
import xrefgraph as xg, hashlib
from tests.test_scene import over_merged
graph = over_merged(people=4)
for plot in ("plot_timeline", "plot_merges", "plot_territories"):
    out = io.BytesIO()
    ax = getattr(xg.inspection.draw, plot)(graph.profile("db_id:U1"))
    ax.figure.savefig(out, format="svg", metadata={"Date": None})
    print(plot, hashlib.sha256(out.getvalue()).hexdigest())
"""


def test_drawings_of_time_are_the_same_bytes_whatever_the_hash_seed() -> None:
    made = [
        subprocess.run(
            [sys.executable, "-c", SVG],
            capture_output=True,
            text=True,
            check=True,
            env=os.environ | {"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    ]
    assert made[0] == made[1]
    assert made[0].count("plot_") == 3
