"""Words under each other: as many lines as there is room for, and how many there is none for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes

from xrefgraph.errors import counted
from xrefgraph.inspection.draw.canvas import cut_to, drawable, wrapped, write
from xrefgraph.inspection.draw.layout.labels import printable
from xrefgraph.inspection.draw.styles import INK, QUIET

#: A line is so much higher than its letters.
LEADING = 1.4


@dataclass(frozen=True)
class Paragraph:
    """A text that is wrapped.

    Parameters
    ----------
    text : str
        The text.
    size : float
        Of the letters, in points.
    weight, colour : str
        How it looks.
    gid : str
        What it is called in the drawing.
    space : float
        What is left free above it, in points.
    """

    text: str
    size: float = 8.5
    weight: str = "normal"
    colour: str = INK
    gid: str = "words"
    space: float = 2.0


def lines_in(one: Paragraph, width: float) -> list[str]:
    """Break a paragraph into lines so wide, in points."""
    # A screen draws letters on whole pixels, so a line may come out a little wider than it was measured.
    return wrapped(drawable(printable(one.text)), width * 0.94, one.size, one.weight)


def height_of(paragraphs: Sequence[Paragraph], width: float) -> float:
    """Say how high paragraphs are, in points."""
    return sum(one.space + len(lines_in(one, width)) * one.size * LEADING for one in paragraphs)


def write_paragraphs(
    ax: Axes, paragraphs: Sequence[Paragraph], x: float, y: float, width: float, bottom: float
) -> float:
    """Write paragraphs on axes of which a unit is a point.

    Parameters
    ----------
    ax : Axes
        Where.
    paragraphs : sequence of Paragraph
        What.
    x, y, width : float
        Their upper left corner, and how wide they are.
    bottom : float
        No line goes below it; if there are more, the last one says how many.

    Returns
    -------
    float
        Where the next thing may begin.
    """
    flat = []
    for one in paragraphs:
        for n, line in enumerate(lines_in(one, width)):
            flat.append((one, line, one.space if n == 0 else 0.0))
    heights = [space + one.size * LEADING for one, _, space in flat]
    shown = len(flat)
    if y + sum(heights) > bottom:
        note = 7.0 * LEADING
        while shown and y + sum(heights[:shown]) + note > bottom:
            shown -= 1
    for one, line, space in flat[:shown]:
        y += space + one.size * LEADING
        middle = y - one.size * LEADING / 2
        write(ax, x, middle, line, size=one.size, weight=one.weight, colour=one.colour, gid=one.gid)
    if shown < len(flat):
        most = 7.0
        said = cut_to(f"+{counted(len(flat) - shown, 'more line')} not drawn", width * 0.94, most)
        write(ax, x, min(y + 5, bottom - 4), said, size=most, colour=QUIET, gid="more")
        y += most * LEADING
    return y
