"""The health of a graph on one sheet: what it shows, and that nothing lies over anything else."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from typing import Any

import matplotlib as mpl
import pytest
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

import xrefgraph as xg
from tests.drawings import boxes_of, outside, overlapping
from tests.test_report import EMPTY, HOSTILE, TYPES
from tests.test_reprs import world

mpl.use("agg")


def shop(policy: str = "isolate") -> xg.XrefGraph:
    """A shop with a kiosk, a country and a form that is filled in with nothing."""
    rows: list[dict[str, Any]] = []
    for n in range(240):
        row: dict[str, Any] = {
            "id": n,
            "at": f"2026-0{1 + n % 6}-{1 + n % 28:02}",
            "db_id": n % 120,
            "email": f"{n % 120}@example.org" if n % 3 else "n/a",
            "device": "kiosk" if n % 40 == 0 else f"d{n % 120}",
        }
        rows.append(row)
    source = xg.Source(rows, identifiers=TYPES, event_id="id", time="at", name="visits")
    return xg.build(source, xg.Schema(TYPES, anchor="db_id", conflicts=policy))


def said(figure: Any) -> str:
    return " ".join(" ".join(one.text for one in boxes_of(figure)).split())


def texts_with(figure: Any, gid: str) -> list[str]:
    return [one.text for one in boxes_of(figure) if one.gid == gid]


@pytest.mark.parametrize(
    "policy", ["keep", "isolate", "strongest", "first_claim", "last_touch", "over_time"]
)
def test_all_is_said_and_nothing_overlaps_or_leaves_the_sheet(policy: str) -> None:
    with shop(policy) as graph:
        found = xg.health(graph, xg.Thresholds(links=3, refused=0.1))
        figure = found.plot()
    assert overlapping(figure) == []
    assert outside(figure) == []
    text = said(figure)
    for number, alarm in enumerate(found.alarms, 1):
        shown = " ".join(texts_with(figure, f"alarm:{number}"))
        assert shown == alarm.what
        assert alarm.advice in text
    for part in (
        f"{found.events:,} events and {found.identifiers:,} identifiers",
        "Sizes of profiles",
        "Growth by time",
        "By type, strongest first",
        "junk",
    ):
        assert part in text
    marked = [one for one in boxes_of(figure) if one.gid == "culprit"]
    assert len(marked) == len({one.where for one in found.alarms} & set(TYPES))


def test_the_alarms_stand_above_the_measures_the_most_serious_first() -> None:
    with shop() as graph:
        figure = xg.plot_health(xg.health(graph, xg.Thresholds(links=3, refused=0.1)))
    tops = {one.gid: one.top for one in boxes_of(figure)}
    alarms = [tops[f"alarm:{n}"] for n in range(1, 3)]
    assert alarms == sorted(alarms, reverse=True)
    assert min(alarms) > tops["size:0:label"]


def test_the_bar_of_statuses_is_divided_as_the_events_are() -> None:
    with shop("keep") as graph:
        found = xg.health(graph)
        figure = found.plot()
    bars = {
        one.get_gid(): one.get_width()
        for one in figure.axes[0].patches
        if str(one.get_gid()).startswith("status:")
    }
    total = sum(bars.values())
    there = {name: count for name, count in found.statuses.items() if count}
    assert {f"status:{name}" for name in there} == set(bars)
    for name, count in there.items():
        assert bars[f"status:{name}"] / total == pytest.approx(count / found.events)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("case", EMPTY)
def test_a_graph_with_next_to_nothing_in_it_is_drawn(case: str) -> None:
    rows, anchor = EMPTY[case]
    with xg.build(xg.Source(rows, identifiers=TYPES), xg.Schema(TYPES, anchor=anchor)) as graph:
        figure = xg.plot_health(graph)
    assert overlapping(figure) == []
    assert outside(figure) == []
    if rows:
        assert "no event has a time" in said(figure)


@pytest.mark.parametrize("value", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_values_are_text_and_have_room(value: str) -> None:
    with world(value) as graph:
        figure = xg.health(graph, xg.Thresholds(links=1, minimum=1, people=1, largest=0.0)).plot()
    assert overlapping(figure) == []
    assert outside(figure) == []


def test_more_alarms_than_there_is_room_for_are_counted() -> None:
    types = [f"type{n}" for n in range(30)]
    rows = [{name: f"{name}-{n}" for name in types} for n in range(3)]
    with xg.build(rows, identifiers=types) as graph:
        found = xg.health(graph, xg.Thresholds(links=1, minimum=1))
        figure = found.plot()
    assert len(found.alarms) > 12
    assert f"+{len(found.alarms) - 12} more alarms" in said(figure)
    assert "+10 more types" in said(figure)
    assert overlapping(figure) == []


def test_masked_no_value_is_in_it() -> None:
    with shop() as graph:
        thresholds = xg.Thresholds(links=3)
        assert "kiosk" in said(xg.health(graph, thresholds).plot())
        assert "kiosk" not in said(xg.health(graph, thresholds).plot(mask="partial"))
        assert "@example.org" not in said(xg.plot_health(graph, mask="hash"))
        with pytest.raises(xg.SchemaError, match="give the graph instead"):
            xg.health(graph).plot(mask="hash")
        with pytest.raises(xg.SchemaError, match="mask is 'partial'"):
            xg.health(graph).plot(mask="part")


def test_what_is_no_health_is_an_error() -> None:
    with pytest.raises(
        xg.SchemaError, match="What is drawn here is a Health, or a graph, not an int"
    ):
        xg.plot_health(5)


def test_it_is_a_figure_that_a_notebook_shows_once() -> None:
    with shop() as graph:
        figure = xg.plot_health(graph)
    assert isinstance(figure, Figure)
    assert getattr(figure, "number", None) not in plt.get_fignums()


SCRIPT = """
import io, sys
import matplotlib as mpl
mpl.use("agg"); mpl.rcParams["svg.hashsalt"] = "x"
import xrefgraph as xg
from tests.test_draw_health import shop
from tests.test_draw_queues import DRAWN
graph = shop()
for name, draw in DRAWN.items():
    out = io.BytesIO()
    made = draw(graph)
    getattr(made, "figure", made).savefig(out, format="svg", metadata={"Date": None})
    sys.stdout.buffer.write(out.getvalue())
"""


def test_the_same_graph_gives_the_same_bytes_whatever_the_hash_seed() -> None:
    made = [
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            env=os.environ | {"PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert made[0] == made[1]
    assert made[0].count(b"<svg") >= 6
    assert io.BytesIO(made[0]).read(5) == b"<?xml"
