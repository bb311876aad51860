"""What the drawings cost, beside reading the profile that they show.

For example: python -m tests.benchmarks.drawings --nodes 500 5_000 100_000

The profile is two people of many devices and cookies, whom a kiosk joins under `keep`; four events in five link two of a person's
identifiers. Each drawing is made from the profile and saved as PNG, as a notebook does. Times come from one run on a machine that others
may use, so each is given as a ratio, too: to reading the same profile as arrays, which every drawing begins with, and to saving an
empty figure of the same size, which no drawing can do without.
"""

from __future__ import annotations

import argparse
import io
import statistics
import time
from collections.abc import Callable
from typing import Any

import matplotlib as mpl
import numpy as np

import xrefgraph as xg
from xrefgraph.drawings import DRAWINGS, reached
from xrefgraph.inspection.draw import PLOTS
from xrefgraph.inspection.draw.layout.composing import scene_of
from xrefgraph.inspection.evidence.collapse import read_collapsed

TYPES = ("db_id", "email", "phone", "device", "cookie")
#: What is drawn of a profile.
DRAWN = (
    "plot_matrix",
    "plot_graph",
    "plot_profile",
    "plot_timeline",
    "plot_territories",
    "plot_merges",
)


def joined(nodes: int) -> xg.XrefGraph:
    """Build a graph of one profile with so many events and identifiers."""
    random = np.random.default_rng(4)
    a_side = nodes // 2
    values = max(a_side // 4, 8)
    made: list[dict[str, Any]] = []
    for person in ("a", "b"):
        name = {"a": "U1", "b": "U2"}[person]
        kinds = {
            "email": [f"{person}{n}@example.org" for n in range(3)],
            "phone": [f"555-01{n:02d}{person}" for n in range(2)],
            "device": [f"device-{person}{n}" for n in range(values // 4)],
            "cookie": [f"cookie-{person}{n}" for n in range(values)],
        }
        first = len(made)
        for kind, some in kinds.items():
            made += [{kind: value, "email": kinds["email"][0]} for value in some if kind != "email"]
        made += [{"db_id": name, "email": value} for value in kinds["email"]]
        held = sum(map(len, kinds.values())) + 1
        names = list(kinds)
        while len(made) - first < a_side - held - 2:
            one, other = random.choice(4, size=2, replace=False).tolist()
            event = {
                names[n]: kinds[names[n]][int(random.integers(len(kinds[names[n]])))]
                for n in (one, other)
            }
            if len(made) % 25 == 0:
                event["db_id"] = name
            made.append(event)
        made += [{"device": "kiosk", "email": kinds["email"][1]}] * 2
    rows = [
        {"id": f"e{n}", "at": f"2026-{1 + n % 12:02d}-{1 + n % 28:02d} 08:{n % 60:02d}", **event}
        for n, event in enumerate(made)
    ]
    schema = xg.Schema(list(TYPES), anchor="db_id", conflicts="keep")
    return xg.build(
        xg.Source(rows, identifiers=TYPES, event_id="id", time="at", name="visits"), schema
    )


def clock(do: Callable[[], Any], runs: int) -> tuple[float, Any]:
    """Give the median time of some runs, after a first one, and what came of it."""
    found = do()
    seconds = []
    for _ in range(runs):
        began = time.perf_counter()
        found = do()
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds), found


def saved(drawn: Any) -> Any:
    """Save a drawing as a notebook does, and give its figure."""
    figure = getattr(drawn, "figure", drawn)
    figure.savefig(io.BytesIO(), format="png", dpi=100)
    mpl.pyplot.close("all")
    return figure


def empty(figure: Any) -> None:
    """Save an empty figure of the same size."""
    saved(mpl.pyplot.figure(figsize=figure.get_size_inches()))


def measured(graph: xg.XrefGraph, runs: int) -> list[tuple[str, float, float, float]]:
    """Give for each drawing its seconds, and how many times reading and an empty figure these are."""
    profile = graph.profile(db_id="U1")
    store, numbers = profile.origin.store, profile.origin.profiles
    reading, _ = clock(lambda: read_collapsed(store, numbers), runs)
    found = [("reading the profile", reading, 1.0, 0.0)]
    preparing, _ = clock(lambda: scene_of(profile), runs)
    found.append(("scene_of", preparing, preparing / reading, 0.0))

    def drawing(name: str, draw: Callable[[], Any]) -> None:
        seconds, figure = clock(lambda: saved(draw()), runs)
        blank, _ = clock(lambda: empty(figure), runs)
        found.append((name, seconds, seconds / reading, seconds / blank))

    for name in DRAWN:
        plot = reached(f"xrefgraph.inspection.draw.{PLOTS[name]}:{name}")
        drawing(name, lambda plot=plot: plot(profile))  # type: ignore[misc]
    drawing("plot_why(graph, a, b)", lambda: xg.plot_why(graph, "db_id:U1", "db_id:U2"))
    history = xg.how(graph, "db_id:U1")
    drawing("xg.how(...).plot()", lambda: reached(DRAWINGS["History"])(history))
    return found


def main() -> None:
    """Build, draw, and print a table in Markdown for each size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--nodes", type=lambda text: int(text.replace("_", "")), nargs="+", default=[500, 5_000]
    )
    parser.add_argument("--runs", type=int, default=3)
    asked = parser.parse_args()
    mpl.use("Agg")
    for nodes in asked.nodes:
        with joined(nodes) as graph:
            one = graph.profiles.rows()[0]
            size = one["events"] + one["identifiers"]
            print(
                f"\n{size:,} nodes: {one['events']:,} events, {one['identifiers']:,} identifiers\n"
            )
            print("| | seconds | times reading | times an empty figure |\n|---|---|---|---|")
            for name, seconds, read, blank in measured(graph, asked.runs):
                told = f"{blank:.1f}" if blank else ""
                print(f"| {name} | {seconds:.3f} | {read:.1f} | {told} |")


if __name__ == "__main__":
    main()
