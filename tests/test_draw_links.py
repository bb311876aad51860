"""The linking matrix, nodes and links, and a profile as it reads best: what they show, and that it can be read."""

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import matplotlib as mpl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

import xrefgraph as xg
from tests.drawings import (
    DEUTERANOPIA,
    GREY,
    boxes_of,
    contrast,
    marked,
    outside,
    overlapping,
    seen_through,
    shown,
)
from tests.test_scene import over_merged
from tests.worlds import TYPES, numbered, rows
from xrefgraph.errors import SchemaError
from xrefgraph.inspection.draw.layout.arranging import fitted, reordered, scene_within
from xrefgraph.inspection.draw.layout.composing import scene_of
from xrefgraph.inspection.draw.styles import (
    ANCHOR,
    ANCHOR_RIM,
    CULPRIT,
    FIRST,
    LAST,
    SIDES,
)
from xrefgraph.inspection.draw.styles import (
    TYPES as TYPE_COLOURS,
)

HOSTILE = (
    "</script><script>alert(1)</script>",
    '" onerror="alert(1)',
    "$x^2$ and $",
    "a\nb\tc\rd",
    "\u202egnp.exe",
    "☕🧑‍💻 né 漢字",
    "w" * 10_000,
    "\x01\x7f\u200b\u2028",
    "%s {0} \\frac",
)
PLOTS = (xg.plot_matrix, xg.plot_graph, xg.plot_profile)


@pytest.fixture(autouse=True)
def _figures() -> Iterator[None]:
    mpl.use("Agg")
    yield
    plt.close("all")


def figure_of(drawn: Any) -> Figure:
    if isinstance(drawn, Figure):
        return drawn
    figure = drawn.figure
    assert isinstance(figure, Figure)
    return figure


def readable(drawn: Any) -> Figure:
    """A figure in which no text covers another, and none leaves it."""
    figure = figure_of(drawn)
    assert overlapping(figure) == []
    assert outside(figure) == []
    return figure


def hostile() -> xg.XrefGraph:
    made = [
        {"id": n, "db_id": 1 + n % 2, "name": [value, HOSTILE[(n + 1) % len(HOSTILE)]]}
        for n, value in enumerate(HOSTILE)
    ]
    schema = xg.Schema(["db_id", "name"], anchor="db_id", conflicts="keep")
    return xg.build(xg.Source(made, identifiers=schema.names, event_id="id", name="$a$"), schema)


# ------------------------------------------------------------------------------------------ what is shown


def test_the_rows_of_a_matrix_are_those_of_the_scene_in_their_order() -> None:
    with over_merged(30, cookies=4) as graph:
        profile = graph.profile(db_id="U1")
        scene = scene_of(profile)
        figure = readable(xg.plot_matrix(profile))
        boxes = [one for one in boxes_of(figure) if one.gid.startswith("row:")]
        assert [one.text.split(" ", 1)[1] for one in boxes] == [row.text for row in scene.rows]
        heights = [one.top for one in boxes]
        assert heights == sorted(heights, reverse=True)
        # Each link is a dot.
        (dots,) = marked(figure, "links")
        assert len(dots.get_offsets()) == sum(len(one.rows) for one in scene.columns)
        numbers = [f"×{one.events}" for one in scene.columns if one.events > 1]
        assert shown(figure, "column:") == numbers


@pytest.mark.parametrize("plot", [xg.plot_matrix, xg.plot_graph])
@pytest.mark.parametrize("people", [2, 4])
def test_the_culprit_is_marked_and_named(plot: Any, people: int) -> None:
    with over_merged(80, people) as graph:
        figure = readable(plot(graph.profile(db_id="U1")))
        marks = marked(figure, "culprit")
        rims = [one.get_edgecolor() for one in marks if not isinstance(one, mpl.text.Text)]
        assert rims
        assert all(
            mpl.colors.to_hex(rim[0] if len(rim) == 1 else rim).upper() == CULPRIT for rim in rims
        )
        title = shown(figure, "title")
        assert title[0].startswith("Why are U1")
        assert any("passes device kiosk" in line for line in title)
        if plot is xg.plot_matrix:
            (band,) = marked(figure, "culprit-band")
            (row,) = [one for one in boxes_of(figure) if one.text == "D kiosk"]
            middle = (row.bottom + row.top) / 2
            corners = band.get_transform().transform(band.get_paths()[0].vertices)
            assert corners[:, 1].min() < middle < corners[:, 1].max()
            assert any("every way passes it" in text for text in shown(figure, "reason"))


def test_a_single_event_that_joins_two_people_is_marked_as_a_column() -> None:
    made = [
        {"id": "a", "db_id": 1, "cookie": "x"},
        {"id": "b", "db_id": 2, "cookie": "y"},
        {"id": "c", "db_id": [1, 2]},
    ]
    schema = xg.Schema([xg.IdentifierType("db_id", unique=False), "cookie"], conflicts="keep")
    with xg.build(
        xg.Source(made, identifiers=schema.names, event_id="id", name="s"), schema
    ) as graph:
        answer = xg.why(graph, "db_id:1", "db_id:2")
        figure = readable(xg.plot_matrix(answer))
        (column,) = marked(figure, "culprit")
        assert mpl.colors.to_hex(column.get_edgecolor()).upper() == CULPRIT
        (event,) = [one for one in scene_of(answer).columns if one.is_culprit]
        assert event.events == 1


def test_what_is_folded_and_what_is_not_drawn_is_said() -> None:
    with over_merged(300, cookies=60) as graph:
        profile = graph.profile(db_id="U1")
        for drawn in (xg.plot_matrix(profile), xg.plot_graph(profile), xg.plot_profile(profile)):
            figure = readable(drawn)
            said = " ".join(shown(figure, "more"))
            scene = scene_within(profile)
            assert f"{scene.identifiers} identifiers shown as {len(scene.rows)} rows" in said
            assert f"+{scene.hidden_columns} more event group" in said


def test_links_that_were_cut_are_crosses_and_decisions_dashed_brackets() -> None:
    made = [
        {"id": 1, "db_id": 1, "cookie": "tablet"},
        {"id": 2, "db_id": 2, "cookie": "tablet"},
        {"id": 3, "db_id": 2, "cookie": "phone"},
        {"id": 4, "cookie": "other"},
    ]
    link = xg.Decision("link", a=("cookie", "phone"), b=("cookie", "other"))
    schema = xg.Schema(["db_id", "cookie"], anchor="db_id", decisions=[link])
    with xg.build(
        xg.Source(made, identifiers=schema.names, event_id="id", name="s"), schema
    ) as graph:
        (conflict,) = xg.ambiguities(graph)
        for plot in (xg.plot_matrix, xg.plot_graph):
            figure = readable(plot(conflict))
            (crosses,) = marked(figure, "crosses")
            assert len(crosses.get_offsets()) == 2
            assert any("cross" in text for text in shown(figure, "legend"))
            (dashed,) = marked(figure, "decision")
            assert len(dashed.get_segments()) == 1


@given(rows, st.sampled_from(["keep", "isolate", "first_claim", "over_time"]))
def test_whatever_the_world_no_text_covers_another(
    events: list[dict[str, Any]], policy: str
) -> None:
    schema = xg.Schema(TYPES, anchor="db_id", conflicts=policy)
    with xg.build(numbered(events), schema, event_id="id") as graph:
        for one in graph.profiles.rows()[:2]:
            for plot in PLOTS:
                readable(plot(graph.profile(one["profile_id"])))
        plt.close("all")


# ------------------------------------------------------------------------------------------ awkward input


@pytest.mark.parametrize("plot", PLOTS)
def test_hostile_values_are_shown_as_text(plot: Any) -> None:
    with hostile() as graph:
        figure = readable(plot(graph.profile(db_id="1")))
        said = " ".join(one.text for one in boxes_of(figure))
        assert "$x^2$ and $" in said
        assert "script>" in said
        assert "\\u202e" in said
        assert not any(ord(one) < 32 or one in "\u202e\u200b\u2028" for one in said)
        assert max(len(one.text) for one in boxes_of(figure)) < 400
        assert "w" * 100 not in said


@pytest.mark.parametrize("plot", PLOTS)
@pytest.mark.parametrize(
    "made",
    [
        [{"cookie": "x"}],
        [{"db_id": 1}],
        [{"cookie": "x", "email": "a@example.org"}] * 3,
        [{"db_id": n, "cookie": "all"} for n in range(1, 10)],
        [{"db_id": n, "cookie": "all", "at": "2026-03-01"} for n in range(1, 4)],
        [{"db_id": n, "cookie": [f"c{n}", f"c{n + 1}"], "at": None} for n in range(1, 40)],
    ],
    ids=["one node", "one anchor", "no anchor", "nine anchors", "all times equal", "a chain of 39"],
)
def test_awkward_profiles_are_drawn(plot: Any, made: list[dict[str, Any]]) -> None:
    made = [{"id": n, "at": None, **one} for n, one in enumerate(made)]
    schema = xg.Schema(["db_id", "email", "cookie"], anchor="db_id", conflicts="keep")
    source = xg.Source(made, identifiers=schema.names, event_id="id", time="at", name="s")
    with xg.build(source, schema) as graph:
        profile = graph.profile(graph.profiles.rows()[0]["profile_id"])
        for order in ("potential", "type", "time"):
            if plot is xg.plot_matrix:
                readable(plot(profile, order=order))
        figure = readable(plot(profile))
        assert boxes_of(figure)


@pytest.mark.parametrize("plot", PLOTS)
@pytest.mark.parametrize("size", [(1.5, 1.0), (3.0, 2.0), (4.0, 6.0), (12.0, 2.0), (12.0, 9.0)])
def test_a_given_axes_is_filled_and_left_as_it_was(plot: Any, size: tuple[float, float]) -> None:
    with over_merged(200, 3, cookies=40) as graph:
        figure, (above, ax) = plt.subplots(2, 1, figsize=(size[0], size[1] * 2))
        ax.set_title("mine")
        before = dict(mpl.rcParams)
        place = ax.get_position().bounds
        assert plot(graph.profile(db_id="U1"), ax=ax) is ax
        assert ax.get_title() == "mine"
        assert ax.get_position().bounds == place
        assert tuple(figure.get_size_inches()) == (size[0], size[1] * 2)
        assert dict(mpl.rcParams) == before
        assert above.axison
        above.set_axis_off()
        ax.set_title("")
        readable(ax)
        box = ax.get_window_extent()
        for one in boxes_of(figure):
            assert box.x0 - 2 <= one.left
            assert one.right <= box.x1 + 2
        # Whatever is left off, the culprit is there.
        assert (
            any("kiosk" in one.text or "k…" in one.text for one in boxes_of(figure)) or size[0] < 2
        )


def test_what_there_is_no_room_for_is_counted() -> None:
    with over_merged(200, 3, cookies=40) as graph:
        profile = graph.profile(db_id="U1")
        figure, ax = plt.subplots(figsize=(5, 2.6))
        xg.plot_matrix(profile, ax=ax, legend=False)
        rows_drawn = len([one for one in boxes_of(figure) if one.gid.startswith("row:")])
        said = " ".join(shown(figure, "more"))
        assert rows_drawn < len(scene_of(profile).rows)
        left_off = scene_of(profile).identifiers - sum(
            1 for text in shown(figure, "row:") if "other" not in text
        )
        assert said.startswith("+")
        assert said.endswith("events not drawn")
        assert 0 < int(said[1:].split(" ", maxsplit=1)[0]) <= left_off


@pytest.mark.parametrize("plot", PLOTS)
@pytest.mark.parametrize("mask", ["partial", "hash"])
def test_no_masked_value_is_in_a_drawing(plot: Any, mask: str) -> None:
    with over_merged(40, cookies=60) as graph:
        figure = readable(plot(graph.profile(db_id="U1"), mask=mask))
        said = " ".join(one.text for one in boxes_of(figure))
        assert "example.org" not in said
        assert "kiosk" not in said
        assert "device-" not in said
        assert "device" in said


def test_what_cannot_be_drawn_is_a_clear_error() -> None:
    with over_merged(5) as graph:
        profile = graph.profile(db_id="U1")
        with pytest.raises(SchemaError, match="order is"):
            xg.plot_matrix(profile, order="size")
        with pytest.raises(SchemaError, match="axes of matplotlib"):
            xg.plot_graph(profile, ax="here")  # type: ignore[arg-type]
        with pytest.raises(SchemaError, match="mask is"):
            xg.plot_profile(profile, mask="full")
        with pytest.raises(SchemaError, match="whole graph"):
            xg.plot_matrix(graph)


# --------------------------------------------------------------------------- which drawing, and in which order


def test_a_profile_is_drawn_as_it_reads_best() -> None:
    made = [{"db_id": 1, "cookie": f"c{n}"} for n in range(8)]
    with xg.build(made, anchor="db_id", identifiers=["cookie"]) as graph:
        assert marked(figure_of(xg.plot_profile(graph.profile(db_id="1"))), "glyph")
    made = [{"db_id": 1, "cookie": f"c{n}"} for n in range(80)]
    with xg.build(made, anchor="db_id", identifiers=["cookie"]) as graph:
        figure = figure_of(xg.plot_profile(graph.profile(db_id="1")))
        assert any("other cookies" in text for text in shown(figure, "row:"))
    with over_merged(20, cookies=4) as graph:
        ax = xg.plot_profile(graph.profile(db_id="U1"))
        assert marked(figure_of(ax), "culprit-band")
        assert not isinstance(ax, Figure)
    with over_merged(200, cookies=60) as graph:
        profile = graph.profile(db_id="U1")
        large = xg.plot_profile(profile)
        assert isinstance(large, Figure)
        assert [ax.get_label() for ax in large.axes] == ["words", "territories", "matrix"]
        assert isinstance(profile.plot(), Figure)
        (conflict,) = xg.ambiguities(graph)
        assert isinstance(conflict.plot(), Figure)
        assert isinstance(xg.how(graph, "db_id:U1").plot(), mpl.axes.Axes | Figure)


def test_rows_may_stand_by_type_or_by_time() -> None:
    with over_merged(30, cookies=4) as graph:
        scene = scene_of(graph.profile(db_id="U1"))
        by_type = reordered(scene, "type")
        ranks = [row.rank for row in by_type.rows]
        assert ranks == sorted(ranks)
        by_time = reordered(scene, "time")
        times = [row.first for row in by_time.rows]
        assert times == sorted(times)  # type: ignore[type-var]
        for other in (by_type, by_time):
            assert sorted(map(repr, other.rows)) == sorted(map(repr, scene.rows))
            carried = [
                sorted(other.rows[row].text for row in column.rows) for column in other.columns
            ]
            wanted = [
                sorted(scene.rows[row].text for row in column.rows) for column in scene.columns
            ]
            assert sorted(carried) == sorted(wanted)
            assert [other.rows[row].text for row in other.culprits] == ["kiosk"]
            # The groups of the profile are still those of the columns.
            for group, column in enumerate(scene.column_of_group.tolist()):
                if column >= 0:
                    there = other.columns[other.column_of_group[group]]
                    assert there.events == scene.columns[column].events


@given(rows, st.integers(1, 6), st.integers(1, 6))
def test_what_is_left_off_is_counted_and_nothing_is_made_up(
    events: list[dict[str, Any]], most: int, columns: int
) -> None:
    schema = xg.Schema(TYPES, anchor="db_id", conflicts="keep")
    with xg.build(numbered(events), schema, event_id="id") as graph:
        for one in graph.profiles.rows():
            scene = scene_of(graph.profile(one["profile_id"]))
            small, left_off = fitted(scene, most, columns)
            assert sum(row.count for row in small.rows) + left_off == scene.identifiers
            assert len(small.rows) <= max(most, 2)
            assert len(small.columns) <= columns
            drawn = sum(column.events for column in small.columns)
            assert drawn + small.hidden_events == scene.events
            assert set(small.rows) <= set(scene.rows)
            for column in small.columns:
                assert set(column.cut) <= set(column.rows) <= set(range(len(small.rows)))
            for one_pair in small.suspicions:
                assert all(small.rows[row].is_owner for row in one_pair.pair)


# ----------------------------------------------------------------------------- the same bytes, and other eyes

SCRIPT = """
import io, sys
import matplotlib as mpl
mpl.use("Agg")
mpl.rcParams["svg.hashsalt"] = "x"
import xrefgraph as xg
from tests.test_scene import over_merged
with over_merged(120, 3, cookies=30) as graph:
    profile = graph.profile(db_id="U1")
    why = xg.why(graph, "db_id:U1", "db_id:U2")
    drawn = [xg.plot_matrix(profile), xg.plot_graph(profile), xg.plot_profile(profile), xg.plot_path(why), xg.plot_why(why)]
    for one in drawn:
        out = io.BytesIO()
        getattr(one, "figure", one).savefig(out, format="svg", metadata={"Date": None})
        sys.stdout.buffer.write(out.getvalue())
"""


def test_two_processes_draw_the_same_bytes_whatever_the_hash_seed() -> None:
    made = []
    for seed in ("1", "2"):
        env = {**os.environ, "PYTHONHASHSEED": seed}
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT], env=env, capture_output=True, check=True
        )
        made.append(done.stdout)
    assert made[0]
    assert made[0] == made[1]


@pytest.mark.parametrize("eyes", [DEUTERANOPIA, GREY], ids=["deuteranopia", "grey"])
def test_culprits_and_anchors_are_told_from_the_rest_without_hue(eyes: Any) -> None:
    # The rim of the anchor stands out from its label, and the culprit's rim is one that no other has but where it is a rim at all.
    assert contrast(seen_through(ANCHOR_RIM, eyes), seen_through(ANCHOR, eyes)) > 4.5
    with over_merged(60, cookies=4) as graph:
        figure = figure_of(xg.plot_matrix(graph.profile(db_id="U1")))
        widths: dict[str, set[float]] = {"culprit": set(), "anchor": set(), "row:": set()}
        for gid, found in widths.items():
            for one in figure.findobj(mpl.patches.FancyBboxPatch):
                if str(one.get_gid()).startswith(gid):
                    found.add(one.get_linewidth())
        assert min(widths["culprit"]) >= 2
        assert min(widths["anchor"]) >= 1.5
        assert max(widths["row:"]) == 0
        # The band of the culprit is as light as paper to such eyes, and its words are read on it.
        (band,) = marked(figure, "culprit-band")
        face = mpl.colors.to_hex(band.get_facecolor()[0])
        (words,) = [one for one in figure.findobj(mpl.text.Text) if one.get_gid() == "reason"]
        ink = mpl.colors.to_hex(words.get_color())
        assert contrast(seen_through(ink, eyes), seen_through(face, eyes)) > 4.5
        # Thick bars are those of the culprit.
        bars = [one for one in figure.findobj(mpl.collections.LineCollection) if not one.get_gid()]
        (lines,) = bars
        thick = list(lines.get_linewidth())  # type: ignore[arg-type]  # one for each bar
        scene = scene_of(graph.profile(db_id="U1"))
        guilty = [bool(set(scene.culprits) & set(one.rows)) for one in scene.columns]
        assert min(w for w, bad in zip(thick, guilty, strict=True) if bad) > max(
            w for w, bad in zip(thick, guilty, strict=True) if not bad
        )
    # The two sides are told from paper.
    for side in (FIRST, LAST):
        assert contrast(seen_through(side, eyes), (1, 1, 1)) > 3
    assert CULPRIT not in (*SIDES, *TYPE_COLOURS)
