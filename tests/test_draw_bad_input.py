"""What every drawing, the page and the report do with what they cannot show: one clear error, and never a traceback from inside."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from matplotlib import pyplot as plt

import xrefgraph as xg
from xrefgraph.errors import XrefGraphError
from xrefgraph.inspection.draw import PLOTS

ENDS = ("customer_id:U1001", "customer_id:U1002")


@pytest.fixture(scope="module")
def graph() -> Iterator[xg.XrefGraph]:
    with xg.examples.load("shared_device").build() as one:
        yield one


@pytest.fixture(scope="module")
def things(graph: xg.XrefGraph) -> dict[str, Any]:
    """Whatever somebody may hand over."""
    with xg.examples.load("household").build() as closed:
        gone = {
            "closed": closed,
            "closed profile": closed.profile(member_id="U4001"),
            "closed why": xg.why(closed, "member_id:U4001", "member_id:U4002"),
        }
    return gone | {
        "none": None,
        "text": "db_id:1",
        "list": [1],
        "graph": graph,
        "profile": graph.profile(ENDS[0]),
        "why": xg.why(graph, *ENDS),
        "why of one": xg.why(graph, ENDS[0], ENDS[0]),
        "why not of one profile": xg.why_not(graph, *ENDS),
        "paths": xg.paths(graph, *ENDS),
        "path": xg.why(graph, *ENDS).path,
        "history": xg.how(graph, ENDS[0]),
        "health": xg.health(graph),
        "ambiguities": xg.ambiguities(graph),
        "ambiguity": xg.ambiguities(graph)[0],
        "comparison": xg.compare(graph, graph),
    }


#: What each draws.
WANTED = {"plot_health": "health", "plot_comparison": "comparison", "plot_path": "why"}


@pytest.mark.parametrize("name", PLOTS)
def test_a_drawing_draws_what_it_is_given_or_says_what_it_draws(
    name: str, things: dict[str, Any]
) -> None:
    drawn = set()
    for what, thing in things.items():
        try:
            getattr(xg, name)(thing)
            drawn.add(what)
        except XrefGraphError as error:
            assert len(str(error)) > 15, what  # noqa: PT017  (either is right, and this is what an error must be)
        plt.close("all")
    assert WANTED.get(name, "profile") in drawn
    # Of a way the facts are enough, also when the graph is closed.
    gone = {"closed", "closed profile"} | ({"closed why"} if name != "plot_path" else set())
    assert not drawn & {"none", "text", "list", *gone}


@pytest.mark.parametrize("name", PLOTS)
def test_an_option_or_an_axes_that_cannot_be_is_said(name: str, things: dict[str, Any]) -> None:
    draw, thing = getattr(xg, name), things[WANTED.get(name, "profile")]
    for mask in ("typo", 3):
        with pytest.raises(XrefGraphError, match="mask is"):
            draw(thing, mask=mask)
    if name not in {"plot_health", "plot_why"}:  # these are a sheet
        deep = plt.figure().add_subplot(projection="3d")
        for ax in ("left", plt.figure(), deep):
            with pytest.raises(XrefGraphError, match="ax "):
                draw(thing, ax=ax)
        figure, tiny = plt.subplots(figsize=(0.3, 0.2))
        draw(thing, ax=tiny)
        figure.canvas.draw()
    plt.close("all")


def test_the_page_and_the_report_of_what_has_none(things: dict[str, Any], tmp_path: Path) -> None:
    for what in ("none", "text", "list", "closed", "closed profile", "closed why", "health"):
        with pytest.raises(XrefGraphError):
            xg.view(things[what]).html()
        if what != "closed":
            with pytest.raises(XrefGraphError):
                xg.report(things[what], tmp_path / "report.html")
    with pytest.raises(XrefGraphError):
        xg.report(things["closed"], tmp_path / "report.html")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("path", [None, 3, "", "no/such/folder/page.html", "x" * 300, "."])
def test_a_file_that_cannot_be_written_is_one_clear_error(
    path: Any, things: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(xg.StoreError):
        xg.view(things["profile"]).to_html(path)
    with pytest.raises(xg.StoreError):
        xg.report(things["graph"], path)
    assert list(tmp_path.iterdir()) == []


def test_how_many_ways_are_drawn_is_a_number(things: dict[str, Any]) -> None:
    with pytest.raises(xg.SchemaError, match="most is a whole number from 1 on"):
        xg.plot_path(things["why"], most=-1)
