"""Words and bars on a sheet, one block below the other: each knows its size before it is drawn, so nothing can overlap."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from xrefgraph.inspection.draw.canvas import (
    POINTS,
    axes_for,
    bare,
    drawable,
    inches,
    sheet,
    text_width,
    wrapped,
    write,
)
from xrefgraph.inspection.draw.layout.labels import printable, shortened
from xrefgraph.inspection.draw.styles import CULPRIT, INK, LINE, QUIET

#: The space around a sheet, between two blocks, and between two things side by side, in points.
MARGIN, GAP, GUTTER = 16.0, 10.0, 18.0
#: A line of text is so many times as high as its letters.
LEADING = 1.38
#: Renderers that fit letters to pixels make a line a little wider than it measures: so much is left for it.
SLACK = 1.05
#: Longer words are shortened, and so are longer texts.
WORD, LONGEST = 60, 1_500
#: How much smaller letters get, step by step, where there is little room.
SCALES = (1.0, 0.85, 0.72, 0.6, 0.5, 0.4, 0.32, 0.25, 0.18, 0.12, 0.08)


@dataclass(frozen=True)
class Paper:
    """An axes to draw on, in points from its upper left corner, and how much smaller than it says all is drawn.

    Parameters
    ----------
    ax : Axes
    scale : float
        1, or less where there is little room.
    """

    ax: Axes
    scale: float

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = 8.0,
        colour: str = INK,
        weight: str = "normal",
        ha: str = "left",
        gid: str | None = None,
    ) -> None:
        """Write a line; y is its middle."""
        write(
            self.ax,
            x,
            y,
            text,
            size=size * self.scale,
            colour=colour,
            weight=weight,
            ha=ha,
            zorder=5,
            gid=gid,
        )

    def box(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        face: str,
        *,
        rim: str | None = None,
        hatch: str | None = None,
        gid: str | None = None,
    ) -> None:
        """Draw a rectangle; x and y are its upper left corner."""
        box = Rectangle(
            (x, y),
            width,
            height,
            facecolor=face,
            edgecolor=face if rim is None else rim,
            linewidth=0.0 if rim is None else 0.8 * self.scale,
            hatch=hatch,
            zorder=3,
            gid=gid,
        )
        self.ax.add_patch(box)


@dataclass(frozen=True)
class Block:
    """Something of a known size that is drawn at a place.

    Parameters
    ----------
    width, height : float
        In points.
    draw : callable
        Draws it on a paper, with its upper left corner at x and y.
    """

    width: float
    height: float
    draw: Callable[[Paper, float, float], None]


def wide(text: str, size: float, weight: str = "normal") -> float:
    """Give how much room a line takes at most, in points."""
    return text_width(text, size, weight) * SLACK


def lines_of(text: str, width: float, size: float, weight: str = "normal") -> list[str]:
    """Break a text into lines that have room in a width; long values in it are shortened in their middle."""
    brief = re.sub(rf"\S{{{WORD + 1},}}", lambda hit: shortened(hit.group(), WORD), text)
    return wrapped(drawable(printable(shortened(brief, LONGEST))), width / SLACK, size, weight)


def stacked(blocks: Sequence[Block], gap: float = GAP) -> Block:
    """Put blocks below each other."""

    def draw(paper: Paper, x: float, y: float) -> None:
        for block in blocks:
            block.draw(paper, x, y)
            y += block.height + gap

    height = sum(block.height for block in blocks) + gap * max(0, len(blocks) - 1)
    return Block(max((block.width for block in blocks), default=0.0), height, draw)


def beside(blocks: Sequence[Block], gap: float = GUTTER) -> Block:
    """Put blocks beside each other, their upper edges in line."""

    def draw(paper: Paper, x: float, y: float) -> None:
        for block in blocks:
            block.draw(paper, x, y)
            x += block.width + gap

    width = sum(block.width for block in blocks) + gap * max(0, len(blocks) - 1)
    return Block(width, max((block.height for block in blocks), default=0.0), draw)


def paragraph(
    text: str,
    width: float,
    *,
    size: float = 8.5,
    colour: str = INK,
    weight: str = "normal",
    gid: str | None = None,
) -> Block:
    """Break a text into lines of a width."""
    lines = lines_of(text, width, size, weight)
    step = size * LEADING

    def draw(paper: Paper, x: float, y: float) -> None:
        for n, line in enumerate(lines):
            paper.text(
                x, y + (n + 0.5) * step, line, size=size, colour=colour, weight=weight, gid=gid
            )

    return Block(width, step * len(lines), draw)


def heading(text: str, width: float, more: str = "") -> Block:
    """Give a bold line, with a word to it behind or below."""
    head = paragraph(text, width, size=9.5, weight="bold")
    if not more:
        return head
    return stacked([head, paragraph(more, width, size=7.5, colour=QUIET)], 0.0)


def fitting(text: str, width: float, size: float, weight: str = "normal") -> str:
    """Shorten a text in its middle until it is no wider than so many points."""
    most = 60
    shown = drawable(printable(shortened(text, most)))
    while most > 1 and wide(shown, size, weight) > width:
        most = min(most - 1, math.floor(len(shown) * width / wide(shown, size, weight)))
        shown = drawable(printable(shortened(text, max(most, 1))))
    return shown


@dataclass(frozen=True)
class Part:
    """A part of a bar.

    Parameters
    ----------
    value : float
        How long it is, in the unit of all bars.
    face : str
        Its colour.
    rim, hatch : str or None
        What tells it apart without its colour.
    gid : str or None
    """

    value: float
    face: str
    rim: str | None = None
    hatch: str | None = None
    gid: str | None = None


@dataclass(frozen=True)
class Bar:
    """A horizontal bar.

    Parameters
    ----------
    label : str
        At its left.
    parts : tuple of Part
        One after the other.
    text : str
        At its right.
    below : tuple of str
        Lines below it.
    strong : bool
        Whether its label is bold.
    """

    label: str
    parts: tuple[Part, ...]
    text: str
    below: tuple[str, ...] = ()
    strong: bool = False


def bars(
    rows: Sequence[Bar],
    width: float,
    *,
    longest: float = 0.0,
    size: float = 8.0,
    label_share: float = 0.34,
    gid: str = "bar",
) -> Block:
    """Draw bars below each other: labels, bars that begin at one line, and what they say.

    Parameters
    ----------
    rows : sequence of Bar
    width : float
        Of all, in points.
    longest : float
        The value of a bar of full length; by itself the largest.
    size : float
        Of the letters.
    label_share : float
        How much of the width the labels have at most.
    gid : str
        What the bars are called: ``bar:0`` and so on.
    """
    weights = ["bold" if row.strong else "normal" for row in rows]
    room = width * label_share
    labels = [
        fitting(row.label, room, size, weight) for row, weight in zip(rows, weights, strict=True)
    ]
    widest = max(
        (wide(one, size, weight) for one, weight in zip(labels, weights, strict=True)),
        default=0.0,
    )
    start = min(widest, room) + 6
    texts = [fitting(row.text, (width - start) * 0.6, size) for row in rows]
    long = width - start - max((wide(one, size) for one in texts), default=0.0) - 8
    most = longest or max((sum(part.value for part in row.parts) for row in rows), default=0.0)
    unit = max(long, 4.0) / most if most else 0.0
    step, small = size * 1.75, size * 0.88
    below = [
        [line for text in row.below for line in lines_of(text, width - start, small)]
        for row in rows
    ]
    heights = [step + len(lines) * small * LEADING + (3 if lines else 0) for lines in below]

    def draw(paper: Paper, x: float, y: float) -> None:
        for n, row in enumerate(rows):
            middle = y + step / 2
            paper.text(
                x + start - 6,
                middle,
                labels[n],
                size=size,
                weight=weights[n],
                ha="right",
                gid=f"{gid}:{n}:label",
            )
            at = x + start
            for part in row.parts:
                long = part.value * unit
                paper.box(
                    at, middle - step * 0.36, long, step * 0.72, part.face,
                    rim=part.rim, hatch=part.hatch, gid=part.gid or f"{gid}:{n}",
                )  # fmt: skip
                at += long
            paper.text(at + 4, middle, texts[n], size=size, gid=f"{gid}:{n}:text")
            for place, line in enumerate(below[n]):
                paper.text(
                    x + start,
                    y + step + (place + 0.5) * small * LEADING,
                    line,
                    size=small,
                    colour=QUIET,
                )
            y += heights[n]

    return Block(width, sum(heights), draw)


def legend(parts: Sequence[tuple[Part, str]], width: float, size: float = 8.0) -> Block:
    """Say what colours and hatches stand for, in as many lines as it takes."""
    square, step = size, size * 1.6
    places: list[tuple[float, int]] = []
    at, line = 0.0, 0
    texts = [fitting(text, width - square - 4, size) for _, text in parts]
    for text in texts:
        needed = square + 4 + wide(text, size)
        if at and at + needed > width:
            at, line = 0.0, line + 1
        places.append((at, line))
        at += needed + 14

    def draw(paper: Paper, x: float, y: float) -> None:
        for (part, _), text, (at, line) in zip(parts, texts, places, strict=True):
            middle = y + (line + 0.5) * step
            paper.box(
                x + at,
                middle - square / 2,
                square,
                square,
                part.face,
                rim=part.rim or LINE,
                hatch=part.hatch,
            )
            paper.text(x + at + square + 4, middle, text, size=size)

    return Block(width, (line + 1) * step if parts else 0.0, draw)


def flagged(number: str, block: Block, size: float = 8.5) -> Block:
    """Put a number on a vermillion square at the left of a block."""
    square = size * 1.7

    def draw(paper: Paper, x: float, y: float) -> None:
        paper.box(x, y, square, square, CULPRIT, gid="alarm")
        paper.text(
            x + square / 2,
            y + square / 2,
            number,
            size=size,
            colour="#FFFFFF",
            weight="bold",
            ha="center",
        )
        block.draw(paper, x + square + 8, y)

    return Block(block.width + square + 8, max(block.height, square), draw)


def drawn(block: Block) -> Figure:
    """Draw a block on a figure of its own, which a notebook shows once."""
    width, height = block.width + 2 * MARGIN, block.height + 2 * MARGIN
    figure = sheet(width / POINTS, height / POINTS)
    ax = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    bare(ax, width, height)
    block.draw(Paper(ax, 1.0), MARGIN, MARGIN)
    return figure


def drawn_in(make: Callable[[float, int], Block], ax: Axes | None, width: float, rows: int) -> Axes:
    """Draw rows on an axes of their own, or on a given one: as many of them, and as large, as there is room for.

    Parameters
    ----------
    make : callable
        Gives the block of a width in points that shows at most so many rows, and counts the others.
    ax : Axes or None
        None: a figure of the size that all takes.
    width : float
        Of a figure of its own, in points.
    rows : int
        How many rows there are at most.
    """
    if ax is None:
        block = make(width, rows)
        across, high = block.width + 2 * MARGIN, block.height + 2 * MARGIN
        ax = axes_for(None, across / POINTS, high / POINTS)
        bare(ax, across, high)
        block.draw(Paper(ax, 1.0), MARGIN, MARGIN)
        return ax
    across, high = (POINTS * one for one in inches(axes_for(ax, 0, 0)))
    for scale in SCALES:
        left = rows
        while left:
            block = make((across - 4) / scale, left)
            if block.height <= (high - 4) / scale or (scale == SCALES[-1] and left == 1):
                bare(ax, across / scale, high / scale)
                block.draw(Paper(ax, scale), 2 / scale, 2 / scale)
                return ax
            if scale > 0.6 and left <= 3:
                break  # rather smaller letters than next to no rows
            left = left * 2 // 3
    return ax
