"""Queues, changes and scores as drawings: what they show, in the room that they have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import pyplot as plt

import xrefgraph as xg
from tests.drawings import outside, overlapping, renderer_of
from tests.test_draw_health import said, shop, texts_with
from tests.test_report import HOSTILE, TYPES
from tests.test_reprs import LONG, world
from xrefgraph.inspection.draw import queues, styles
from xrefgraph.inspection.draw.changes import plot_blast_radius
from xrefgraph.inspection.draw.queues import plot_ambiguities, plot_suspects
from xrefgraph.inspection.draw.scores import plot_evaluation, plot_stability

mpl.use("agg")


def compared(graph: xg.XrefGraph) -> xg.Comparison:
    decision = {"action": "block", "identifier": ["device", "kiosk"], "reason": "a kiosk"}
    with (
        graph.rebuild(xg.Schema(TYPES, anchor="db_id", conflicts="keep")) as before,
        graph.rebuild(xg.Schema(TYPES, anchor="db_id", decisions=[decision])) as after,
    ):
        return xg.compare(before, after)


def evaluated(graph: xg.XrefGraph) -> xg.Evaluation:
    return xg.evaluate(graph, {str(n): f"person {n % 100}" for n in range(240)})


DRAWN: dict[str, Callable[..., Any]] = {
    "health": xg.plot_health,
    "ambiguities": plot_ambiguities,
    "suspects": plot_suspects,
    "comparison": lambda graph, **options: xg.plot_comparison(compared(graph), **options),
    "blast radius": lambda graph, **options: xg.blast_radius(graph, "device:kiosk").plot(**options),
    "evaluation": lambda graph, **options: evaluated(graph).plot(**options),
    "stability": lambda graph, **options: xg.check_stability(graph, 3).plot(**options),
}
#: Those that are drawn on an axes.
ON_AXES = [name for name in DRAWN if name != "health"]


@pytest.mark.parametrize("policy", ["keep", "isolate", "last_touch"])
@pytest.mark.parametrize("name", ON_AXES)
def test_nothing_overlaps_or_leaves_the_figure(name: str, policy: str) -> None:
    with shop(policy) as graph:
        ax = DRAWN[name](graph)
    assert overlapping(ax.figure) == []
    assert outside(ax.figure) == []
    plt.close("all")


@pytest.mark.parametrize("size", [(10, 8), (4, 3), (2.5, 1.5), (1, 0.8)])
@pytest.mark.parametrize("name", ON_AXES)
def test_a_given_axes_is_filled_and_the_rest_of_its_figure_is_left_alone(
    name: str, size: tuple[float, float]
) -> None:
    figure, (left, right) = plt.subplots(1, 2, figsize=size)
    right.set_title("mine")
    right.plot([1, 2], [3, 4])
    left.set_title("yours", fontsize=4)
    before = (right.get_xlim(), right.get_position().bounds, left.get_position().bounds)
    looks = dict(mpl.rcParams)
    with shop() as graph:
        assert DRAWN[name](graph, ax=left) is left
    assert (right.get_xlim(), right.get_position().bounds, left.get_position().bounds) == before
    assert dict(mpl.rcParams) == looks
    assert tuple(figure.get_size_inches()) == size
    assert left.get_title() == "yours"
    renderer = renderer_of(figure)
    room = left.get_window_extent(renderer)
    inside = [one.get_window_extent(renderer) for one in left.texts if one.get_text().strip()]
    assert inside
    # Letters of a pixel are drawn wider than they are.
    slack = 2 if room.width > 60 else 8
    for one in inside:
        assert one.x0 >= room.x0 - slack
        assert one.x1 <= room.x1 + slack
    plt.close(figure)


def test_the_worst_conflict_stands_on_top_with_its_culprit() -> None:
    with shop() as graph:
        found = xg.ambiguities(graph)
        ax = found.plot()
    (label,) = texts_with(ax.figure, "conflict:0:label")
    assert label.startswith("db_id 40 and 80")
    assert "device kiosk" in said(ax.figure)
    bars = [one for one in ax.patches if one.get_gid() == "conflict:0"]
    assert mpl.colors.to_hex(bars[0].get_facecolor()).upper() == styles.CULPRIT


def test_bars_are_as_long_as_what_is_at_stake_and_the_rest_is_counted() -> None:
    rows: list[dict[str, Any]] = []
    for n in range(1, 31):
        rows += [{"db_id": f"{n}-{k}", "device": f"kiosk{n}"} for k in range(1, 2 + n)]
    with xg.build(rows, xg.Schema(TYPES, anchor="db_id", conflicts="keep")) as graph:
        found = xg.ambiguities(graph, limit=25)
        ax = found.plot(most=10)
    lengths = [one.get_width() for one in ax.patches if str(one.get_gid()).startswith("conflict:")]
    assert len(lengths) == 10
    stakes = np.array([one.at_stake for one in found.conflicts[:10]])
    assert np.allclose(np.array(lengths) / lengths[0], stakes / stakes[0])
    assert "+20 more conflicts" in said(ax.figure)
    plt.close("all")


def test_the_bar_of_a_suspect_is_its_score_divided_by_its_reasons() -> None:
    with shop() as graph:
        found = xg.suspects(graph)
        ax = found.plot()
    first = found[0]
    parts = [one.get_width() for one in ax.patches if one.get_gid() == "suspect:0"]
    weights = np.array([one.weight for one in first.reasons if one.weight > 0])
    assert np.allclose(np.array(parts) / sum(parts), weights / weights.sum())
    assert texts_with(ax.figure, "suspect:0:label") == [f"{first.type} {first.value}"]
    assert first.reasons[0].text.split(",")[0] in said(ax.figure)
    assert "more identifier" not in said(ax.figure)
    plt.close("all")


def test_each_kind_of_clue_has_a_look_of_its_own_also_in_grey() -> None:
    kinds = ("meets", "groups", "bridge", "part", "look", "events", "burst")
    assert set(queues.CLUES) == set(kinds)
    assert len({queues.CLUES[kind][2] for kind in kinds}) == len(kinds)


def test_a_comparison_draws_before_and_after_and_why() -> None:
    with shop("keep") as graph:
        found = compared(graph)
        ax = xg.plot_comparison(found)
    (example,) = found.profiles["split"].examples
    assert texts_with(ax.figure, "before:text") == list(example.before)
    assert texts_with(ax.figure, "after:text") == list(example.after)
    bands = [one for one in ax.patches if one.get_gid() == "band"]
    assert len(bands) == len(example.before) * len(example.after)
    assert "split: block of device kiosk, 'a kiosk'" in " ".join(texts_with(ax.figure, "why:split"))
    assert "gained an anchor" in said(ax.figure)
    plt.close("all")


def test_of_a_comparison_the_groups_that_are_not_drawn_are_counted() -> None:
    rows: list[dict[str, Any]] = []
    for n in range(1, 10):
        rows += [{"db_id": f"{n}-{k}", "device": f"kiosk{n}"} for k in (1, 2)]
    with (
        xg.build(rows, xg.Schema(TYPES, anchor="db_id", conflicts="keep")) as before,
        before.rebuild(xg.Schema(TYPES, anchor="db_id")) as after,
    ):
        found = xg.compare(before, after)
        ax = xg.plot_comparison(found, most=2)
        back = xg.plot_comparison(xg.compare(after, before), most=2)
    assert len(texts_with(ax.figure, "before:text")) == 2
    assert "+7 more that were split, not drawn" in said(ax.figure)
    assert "+7 more profiles that are merged, not drawn" in said(back.figure)
    for one in (ax, back):
        drawn: Any = one.figure
        assert overlapping(drawn) == []
    plt.close("all")


def test_a_comparison_of_a_graph_with_itself_is_drawn() -> None:
    with shop() as graph:
        ax = xg.plot_comparison(xg.compare(graph, graph))
    assert "unchanged" in said(ax.figure)
    plt.close("all")


def test_the_pieces_after_a_block_are_drawn_with_their_anchors() -> None:
    with shop("keep") as graph:
        found = xg.blast_radius(graph, "device:kiosk")
        ax = plot_blast_radius(found, most=1)
    assert texts_with(ax.figure, "profile:text")[0] == found.profiles[0].profile_id
    pieces = texts_with(ax.figure, "piece:text")
    assert pieces[0] == found.pieces[0].profile_id
    assert pieces[1] == f"{found.pieces[0].events} events, anchor {found.pieces[0].anchors[0]}"
    assert "gain an anchor" in said(ax.figure)
    more = len(found.pieces) + found.pieces_left_off - 1
    assert f"+{more} more piece" in said(ax.figure)
    plt.close("all")


def test_what_links_nothing_already_is_said() -> None:
    with xg.build([{"db_id": 1, "email": "n/a"}], anchor="db_id", identifiers=["email"]) as graph:
        ax = xg.blast_radius(graph, "email:n/a").plot()
    assert "changes nothing" in said(ax.figure)
    plt.close("all")


def test_scores_are_drawn_as_they_are_and_the_worst_are_named() -> None:
    with shop() as graph:
        found = evaluated(graph)
        ax = found.plot()
    shown = [texts_with(ax.figure, f"pairwise:{n}:text")[0] for n in range(3)]
    assert shown == [
        f"{one:.4f}" for one in (found.pairwise.precision, found.pairwise.recall, found.pairwise.f1)
    ]
    assert "Persons that are spread over several profiles" in said(ax.figure)
    assert found.spread[0].person in said(ax.figure)
    assert found.spread[0].person not in said(found.plot(mask="partial").figure)
    plt.close("all")


def test_a_score_that_there_is_none_of_is_said() -> None:
    with xg.build([{"id": "1", "email": "a"}], identifiers=["email"], event_id="id") as graph:
        assert "there is none" in said(xg.evaluate(graph, {"1": "ann"}).plot().figure)
        assert "Nothing can be judged" in said(xg.evaluate(graph, {"2": "ann"}).plot().figure)
    plt.close("all")


def test_rounds_that_move_something_are_drawn_worst_first() -> None:
    rows = [{"id": n, "db_id": n % 7, "email": f"{n % 5}@example.org"} for n in range(60)]
    with xg.build(
        xg.Source(rows, identifiers=TYPES, event_id="id"),
        xg.Schema(TYPES, anchor="db_id", conflicts="last_touch"),
    ) as graph:
        found = xg.check_stability(graph, 6)
        ax = plot_stability(found, most=2)
    moving = sorted(
        (one for one in found.rounds if not one.stable),
        key=lambda one: -one.events - one.identifiers,
    )
    assert texts_with(ax.figure, "culprit:0:label")[0].startswith(f"seed {moving[0].seed}")
    if len(moving) > 2:
        assert f"+{len(moving) - 2} more round" in said(ax.figure)
    plt.close("all")


@pytest.mark.parametrize("value", [*HOSTILE, *LONG], ids=range(len(HOSTILE) + len(LONG)))
def test_hostile_values_are_text_and_have_room(value: str) -> None:
    with world(value) as graph:
        persons = {f"{value}{n}": f"{value}{n % 3}" for n in range(30)}
        drawn = [
            xg.ambiguities(graph).plot(),
            xg.suspects(graph).plot(),
            xg.blast_radius(graph, ("device", f"{value}-")).plot(),
            xg.evaluate(graph, persons).plot(),
        ]
        with graph.rebuild(xg.Schema(TYPES, anchor="db_id")) as other:
            drawn.append(xg.compare(graph, other).plot())
    for ax in drawn:
        assert overlapping(ax.figure) == []
        assert outside(ax.figure) == []
    plt.close("all")


@pytest.mark.parametrize(
    "name", [name for name in ON_AXES if name not in ("evaluation", "comparison")]
)
def test_masked_no_value_is_drawn(name: str) -> None:
    with shop() as graph:
        for mask in ("partial", "hash"):
            if mask == "hash" and name == "stability":
                continue  # it knows no graph
            text = said(DRAWN[name](graph, mask=mask).figure)
            assert "kiosk" not in text
            assert "@example.org" not in text
    plt.close("all")


@pytest.mark.parametrize(
    "draw",
    [
        plot_ambiguities,
        plot_suspects,
        plot_blast_radius,
        plot_evaluation,
        plot_stability,
        xg.plot_comparison,
    ],
)
def test_what_cannot_be_drawn_is_one_clear_error(draw: Callable[..., Any]) -> None:
    odd: Any
    for odd in (None, 5, {}):
        with pytest.raises(xg.SchemaError, match=r"What is drawn here is an? "):
            draw(odd)
    with shop() as graph, pytest.raises(xg.SchemaError, match="ax is an axes of matplotlib"):
        xg.ambiguities(graph).plot(ax=5)


def test_an_empty_queue_says_so() -> None:
    with xg.build([{"db_id": 1}], anchor="db_id", identifiers=["email"]) as graph:
        assert "There is no conflict" in said(plot_ambiguities(graph).figure)
        assert "Nothing speaks against" in said(plot_suspects(graph).figure)
    plt.close("all")


@pytest.mark.parametrize("dpi", [72, 90, 100, 150, 200])
@pytest.mark.parametrize("name", ["household", "shared_device"])
def test_no_line_leaves_the_figure_whatever_the_resolution(name: str, dpi: int) -> None:
    with xg.examples.load(name).build() as graph:
        for one in (xg.suspects(graph), xg.ambiguities(graph), xg.ambiguities(graph)[0]):
            figure = getattr(one.plot(), "figure", None) or one.plot()
            figure.set_dpi(dpi)
            assert outside(figure, slack=1) == []
            plt.close("all")
