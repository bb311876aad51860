"""What becomes of what: boxes at the left, boxes at the right, and bands between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.patches import PathPatch
from matplotlib.path import Path

from xrefgraph.inspection.draw.blocks import LEADING, Block, Paper, fitting
from xrefgraph.inspection.draw.styles import INK, QUIET

#: The space between two boxes, and inside of one, in points.
BETWEEN, PAD = 5.0, 4.0


@dataclass(frozen=True)
class Box:
    """A box with a name and a line below it.

    Parameters
    ----------
    name, text : str
        The name, bold; and what there is to say, which may be empty.
    face, rim : str
        Its colours.
    gid : str
    """

    name: str
    text: str
    face: str
    rim: str
    gid: str


def flows(
    left: Sequence[Box],
    right: Sequence[Box],
    links: Sequence[tuple[int, int]],
    width: float,
    *,
    box_share: float = 0.36,
    band: str = "#9DB4D8",
    size: float = 8.0,
) -> Block:
    """Draw what becomes of what.

    Parameters
    ----------
    left, right : sequence of Box
        What was, and what is; from top to bottom.
    links : sequence of (int, int)
        Places in both: what of the one is in the other.
    width : float
        Of all, in points.
    box_share : float
        How much of it the boxes of one side have.
    band : str
        The colour of the bands.
    size : float
        Of the letters.
    """
    box = width * box_share
    sides = [[_lines(one, box - 2 * PAD, size) for one in side] for side in (left, right)]
    heights = [[_height(lines, size) for lines in side] for side in sides]
    totals = [sum(side) + BETWEEN * max(0, len(side) - 1) for side in heights]
    height = max(*totals, 0.0)
    tops = []
    for side, total in zip(heights, totals, strict=True):
        at, found = (height - total) / 2, []
        for one in side:
            found.append(at)
            at += one + BETWEEN
        tops.append(found)
    edges = _edges(tops, heights, sorted(set(links)))

    def draw(paper: Paper, x: float, y: float) -> None:
        for (one, two), (three, four) in edges:
            _band(paper, (x + box, x + width - box), (y + one, y + two, y + three, y + four), band)
        for side, (boxes, start) in enumerate(((left, x), (right, x + width - box))):
            for n, shown in enumerate(boxes):
                top = y + tops[side][n]
                paper.box(
                    start, top, box, heights[side][n], shown.face, rim=shown.rim, gid=shown.gid
                )
                for line, text in enumerate(sides[side][n]):
                    paper.text(
                        start + PAD,
                        top + PAD + (line + 0.5) * size * LEADING,
                        text,
                        size=size if line == 0 else size * 0.9,
                        weight="bold" if line == 0 else "normal",
                        colour=INK if line == 0 else QUIET,
                        gid=f"{shown.gid}:text",
                    )

    return Block(width, height, draw)


def _lines(one: Box, width: float, size: float) -> list[str]:
    name = fitting(one.name, width, size, "bold")
    return [name, fitting(one.text, width, size * 0.9)] if one.text else [name]


def _height(lines: Sequence[str], size: float) -> float:
    return 2 * PAD + len(lines) * size * LEADING


def _edges(
    tops: Sequence[Sequence[float]],
    heights: Sequence[Sequence[float]],
    links: Sequence[tuple[int, int]],
) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    """Where each band begins and ends: the links of a box share its height evenly, in the order of the other side."""
    found = []
    for link in links:
        ends = []
        for side in (0, 1):
            own = [one for one in links if one[side] == link[side]]
            own.sort(key=lambda one: one[1 - side])
            top, high = tops[side][link[side]], heights[side][link[side]]
            place = own.index(link)
            ends.append((top + high * place / len(own), top + high * (place + 1) / len(own)))
        found.append((ends[0], ends[1]))
    return found


def _band(
    paper: Paper, x: tuple[float, float], y: tuple[float, float, float, float], colour: str
) -> None:
    (a, b), middle = x, sum(x) / 2
    top, bottom, far_top, far_bottom = y
    path = Path(
        [
            (a, top), (middle, top), (middle, far_top), (b, far_top),
            (b, far_bottom), (middle, far_bottom), (middle, bottom), (a, bottom), (a, top),
        ],
        [
            Path.MOVETO, Path.CURVE4, Path.CURVE4, Path.CURVE4,
            Path.LINETO, Path.CURVE4, Path.CURVE4, Path.CURVE4, Path.CLOSEPOLY,
        ],
    )  # fmt: skip
    paper.ax.add_patch(
        PathPatch(path, facecolor=colour, edgecolor="none", alpha=0.55, zorder=2, gid="band")
    )
