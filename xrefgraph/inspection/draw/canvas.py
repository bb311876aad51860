"""What every drawing is made with: an axes of its own or a given one, and labels that are measured before they are placed."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import matplotlib.pyplot as plt
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import FancyBboxPatch
from matplotlib.textpath import text_to_path
from matplotlib.transforms import ScaledTranslation

from xrefgraph.errors import SchemaError
from xrefgraph.inspection.draw.layout.labels import printable, shortened

POINTS = 72.0
#: So much wider than its outlines a line of text may come out on a screen.
HINTING = 1.08


def axes_for(ax: Axes | None, width: float, height: float) -> Axes:
    """Give the axes to draw on: the one that was given, or the only one of a new figure, so large in inches.

    A new one fills its figure, and a notebook shows it at the end of the cell.

    Raises
    ------
    SchemaError
        When it is no axes of matplotlib.
    """
    if ax is None:
        figure = plt.figure(figsize=(width, height))
        return figure.add_axes((0.0, 0.0, 1.0, 1.0))
    if not isinstance(ax, Axes):
        raise SchemaError(
            f"ax is an axes of matplotlib, as plt.subplots() gives, not a {type(ax).__name__}."
        )
    if ax.name == "3d":
        raise SchemaError("ax has three dimensions; a drawing wants an axes of two.")
    return ax


def sheet(width: float, height: float) -> Figure:
    """Give a new figure for several drawings, so large in inches.

    It is shown by what a notebook does with the value of a cell, and not once more at its end; where figures have windows of their own,
    ``plt.show()`` shows it.
    """
    figure = plt.figure(figsize=(width, height))
    if figure.canvas.required_interactive_framework is None:
        plt.close(figure)
    return figure


def inches(ax: Axes) -> tuple[float, float]:
    """Give the width and the height of an axes in inches."""
    box = ax.get_window_extent()
    dpi = ax.figure.dpi
    return float(box.width / dpi), float(box.height / dpi)


def bare(ax: Axes, width: float, height: float) -> None:
    """Make an axes a sheet of paper on which places are points from the upper left corner; nothing is drawn by itself."""
    ax.set_xlim(0, width)
    ax.set_ylim(height, 0)
    ax.set_axis_off()


def shown_text(text: str, most: int = 28) -> str:
    """Give a value as it is drawn: shortened in the middle, without what does more than stand there or has no glyph."""
    return drawable(printable(shortened(text, most)))


def drawable(text: str) -> str:
    """Replace each character that the fonts in use have no glyph for by an empty box."""
    if text.isascii():
        return text
    known = _glyphs(tuple(plt.rcParams["font.family"]), tuple(plt.rcParams["font.sans-serif"]))
    return "".join(one if ord(one) in known else "\u25af" for one in text)


@lru_cache(maxsize=8)
def _glyphs(*_families: tuple[str, ...]) -> frozenset[int]:
    """The characters that the fonts in use have a glyph for; the families are there so that other ones are looked up anew."""
    path = font_manager.findfont(FontProperties())
    return frozenset(font_manager.get_font(path).get_charmap())


@lru_cache(maxsize=20_000)
def text_width(text: str, size: float, weight: str = "normal") -> float:
    """Give the width of a text in points; it needs no renderer, so it is the same wherever the drawing goes.

    Fitted to the pixels of a screen, letters are up to a twelfth wider than their outlines: there is room for that.
    """
    font = FontProperties(size=size, weight=weight)
    width, _, _ = text_to_path.get_text_width_height_descent(text, font, ismath=False)
    return float(width) * HINTING


def write(
    ax: Axes,
    x: float,
    y: float,
    text: str,
    *,
    size: float = 8.0,
    colour: str = "#1A1A1A",
    weight: str = "normal",
    ha: str = "left",
    va: str = "center_baseline",
    **options: Any,
) -> Any:
    """Write a text as it is, without mathematics in it, in data coordinates."""
    return ax.text(
        x,
        y,
        text,
        fontsize=size,
        color=colour,
        fontweight=weight,
        ha=ha,
        va=va,
        parse_math=False,
        **options,
    )


def label(
    ax: Axes,
    x: float,
    y: float,
    text: str,
    *,
    face: str,
    colour: str,
    rim: str,
    rim_width: float = 0.0,
    size: float = 8.0,
    weight: str = "normal",
    ha: str = "center",
    pad: float = 2.5,
    gid: str | None = None,
    zorder: float = 5.0,
) -> tuple[Any, float]:
    """Write a text on a coloured label with round corners, on axes of which a unit is a point: see :func:`bare`.

    Returns
    -------
    text, width
        The text, and the width of the label in points.
    """
    width = text_width(text, size, weight) + 2 * pad + 2
    height = size * 1.15 + 2 * pad - 1
    left = {"left": x, "center": x - width / 2, "right": x - width}[ha]
    box = FancyBboxPatch(
        (left, y - height / 2),
        width,
        height,
        boxstyle="round,pad=0,rounding_size=2.2",
        facecolor=face,
        edgecolor=rim if rim_width else face,
        linewidth=rim_width,
        zorder=zorder,
        gid=gid,
    )
    ax.add_patch(box)
    shown = write(
        ax,
        left + width / 2,
        y,
        text,
        size=size,
        colour=colour,
        weight=weight,
        ha="center",
        zorder=zorder + 0.1,
    )
    return shown, width


def label_width(text: str, size: float = 8.0, weight: str = "normal", pad: float = 2.5) -> float:
    """Give the width of such a label in points."""
    return text_width(text, size, weight) + 2 * pad + 2


def wrapped(text: str, width: float, size: float = 8.0, weight: str = "normal") -> list[str]:
    """Break a text into lines that are no wider than so many points; a word that is wider is broken too."""
    lines: list[str] = []
    line = ""
    for word in text.split(" "):
        longer = f"{line} {word}" if line else word
        if text_width(longer, size, weight) <= width:
            line = longer
            continue
        if line:
            lines.append(line)
        while text_width(word, size, weight) > width and len(word) > 1:
            room = max(1, math.floor(len(word) * width / text_width(word, size, weight)))
            lines.append(word[:room])
            word = word[room:]  # noqa: PLW2901  (what is left of it)
        line = word
    return [*lines, line] if line else lines


def cut_to(text: str, room: float, size: float, weight: str = "normal") -> str:
    """Shorten words at their end until they have room, in points."""
    if text_width(text, size, weight) <= room:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        fits = text_width(f"{text[:middle]}…", size, weight) <= room
        low, high = (middle, high) if fits else (low, middle - 1)
    return f"{text[:low].rstrip()}…" if low else ""


def noted(text: str, width: float, most: int, size: float) -> list[str]:
    """Break words into so many lines at most; where there are more, the last one ends in dots."""
    if not text or most < 1:
        return []
    lines = wrapped(text, width, size)
    if len(lines) <= most:
        return lines
    return [*lines[: most - 1], cut_to(" ".join(lines[most - 1 :]), width, size)]


def offset(ax: Axes, x: float, y: float) -> Any:
    """Give the transformation of data coordinates, shifted by so many points."""
    scale = ax.figure.dpi_scale_trans
    return ax.transData + ScaledTranslation(x / POINTS, y / POINTS, scale)
