"""Lanes, rivers and territories for eyes that see no colour, or no green: what matters differs in more than its hue."""

from __future__ import annotations

from typing import Any

import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

import xrefgraph as xg
from tests.drawings import DEUTERANOPIA, GREY, contrast, marked, seen_through
from tests.test_scene import over_merged

EYES = pytest.mark.parametrize("eyes", [GREY, DEUTERANOPIA], ids=["grey", "deuteranopia"])


@pytest.fixture(scope="module")
def people() -> xg.XrefGraph:
    return over_merged(events=40, people=2)


def figure_of(ax: Any) -> Figure:
    figure = ax.figure
    assert isinstance(figure, Figure)
    plt.close(figure)
    return figure


@EYES
def test_water_of_one_owner_and_of_several_differ_in_light_and_in_hatching(
    people: xg.XrefGraph, eyes: Any
) -> None:
    figure = figure_of(xg.plot_merges(people.profile("db_id:U1")))
    water: dict[str, Any] = {
        str(one.get_gid()).rsplit(":", 1)[1]: one
        for one in figure.findobj()
        if str(one.get_gid() or "").startswith("stream:")
    }
    one, several = water["one"], water["several"]
    colours = [to_hex(each.get_facecolor()[0]) for each in (one, several)]
    assert contrast(*(seen_through(colour, eyes) for colour in colours)) > 1.8
    assert one.get_hatch() is None
    assert several.get_hatch()


@EYES
def test_the_suspect_and_the_owners_stand_out_of_the_lanes(people: xg.XrefGraph, eyes: Any) -> None:
    figure = figure_of(xg.plot_timeline(people.profile("db_id:U1")))
    (culprit,) = marked(figure, "culprit")
    # Its rim is there to be seen, whatever its hue.
    rim = seen_through(to_hex(culprit.get_edgecolor()), eyes)
    assert contrast(rim, (1, 1, 1)) > 3
    assert culprit.get_linewidth() > 2
    for anchor in marked(figure, "anchor"):
        face, edge = (to_hex(one) for one in (anchor.get_facecolor(), anchor.get_edgecolor()))
        assert contrast(seen_through(face, eyes), seen_through(edge, eyes)) > 4.5


@EYES
def test_words_about_a_merge_can_be_read_on_white(people: xg.XrefGraph, eyes: Any) -> None:
    for plot, gid in ((xg.plot_timeline, "meeting"), (xg.plot_merges, "merge")):
        texts = marked(figure_of(plot(people.profile("db_id:U1"))), gid)
        assert any("event" in text.get_text() for text in texts)
        told = [one for one in texts if one.get_fontweight() == "bold"]
        assert told
        for text in told:
            assert contrast(seen_through(to_hex(text.get_color()), eyes), (1, 1, 1)) > 3


@EYES
def test_the_border_that_is_suspected_has_a_rim_and_says_so(
    people: xg.XrefGraph, eyes: Any
) -> None:
    figure = figure_of(xg.plot_territories(people.profile("db_id:U1")))
    (culprit,) = marked(figure, "culprit")
    assert culprit.get_linewidth() > 2
    assert contrast(seen_through(to_hex(culprit.get_edgecolor()), eyes), (1, 1, 1)) > 3
    assert [one.get_text() for one in marked(figure, "kind")] == ["device: every way passes it"]
