"""Draw the picture of the README, `why.svg`, beside this file."""

from pathlib import Path

import matplotlib as mpl

import xrefgraph as xg


def draw(path: Path) -> None:
    """Draw why the kiosk made one person of two, so that the same versions give the same bytes."""
    with (
        mpl.rc_context({"svg.hashsalt": "xrefgraph"}),
        xg.examples.load("shared_device").build() as graph,
    ):
        figure = xg.why(graph, "customer_id:U1001", "customer_id:U1002").plot()
        figure.savefig(path, metadata={"Date": None})


if __name__ == "__main__":
    mpl.use("agg")
    draw(Path(__file__).with_name("why.svg"))
