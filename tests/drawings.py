"""What a figure shows, as boxes: whether texts cover each other, and whether one leaves the figure. No test, but what tests are made of."""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

#: So much may two boxes lie over each other, in pixels of a figure of 100 dots an inch: what a screen adds to a letter.
SLACK = 1.5


@dataclass(frozen=True)
class Shown:
    """A text in a figure: its box in pixels from the lower left corner of the figure."""

    text: str
    gid: str
    left: float
    bottom: float
    right: float
    top: float

    def covers(self, other: Shown, slack: float = SLACK) -> bool:
        """Whether the two boxes lie over each other by more than so many pixels, in both directions."""
        across = min(self.right, other.right) - max(self.left, other.left)
        upright = min(self.top, other.top) - max(self.bottom, other.bottom)
        return across > slack and upright > slack


def renderer_of(figure: Figure) -> Any:
    """Draw a figure, and give what it was drawn with."""
    canvas = figure.canvas
    if not isinstance(canvas, FigureCanvasAgg):
        canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return canvas.get_renderer()


def texts_of(figure: Figure) -> Iterator[Text]:
    """All texts that are seen and not empty, in the order in which they were made."""
    for one in figure.findobj(Text):
        assert isinstance(one, Text)
        if one.get_visible() and one.get_text().strip():
            axes = one.axes
            if axes is None or axes.get_visible():
                yield one


def boxes_of(figure: Figure) -> list[Shown]:
    """Give the box of each text of a figure; those of an axis that is switched off are not seen."""
    renderer = renderer_of(figure)
    hidden = {
        text
        for ax in figure.axes
        if not ax.axison
        for axis in (ax.xaxis, ax.yaxis)
        for text in axis.findobj(Text)
    }
    found = []
    for one in texts_of(figure):
        if one in hidden:
            continue
        box = one.get_window_extent(renderer)
        found.append(
            Shown(one.get_text(), str(one.get_gid() or ""), box.x0, box.y0, box.x1, box.y1)
        )
    return found


def overlapping(figure: Figure, slack: float = SLACK) -> list[tuple[str, str]]:
    """Give each two texts that cover each other."""
    pairs = itertools.combinations(boxes_of(figure), 2)
    return [(one.text, other.text) for one, other in pairs if one.covers(other, slack)]


def outside(figure: Figure, slack: float = SLACK) -> list[str]:
    """Give each text that leaves its figure."""
    width, height = figure.bbox.width, figure.bbox.height
    return [
        one.text
        for one in boxes_of(figure)
        if one.left < -slack
        or one.bottom < -slack
        or one.right > width + slack
        or one.top > height + slack
    ]


def shown(figure: Figure, gid: str = "") -> list[str]:
    """Give the texts of a figure that have this gid, or one that begins so, in the order in which they were made."""
    return [one.get_text() for one in texts_of(figure) if str(one.get_gid() or "").startswith(gid)]


def marked(figure: Figure, gid: str) -> list[Any]:
    """Give everything in a figure that has this gid."""
    return [one for one in figure.findobj() if one.get_gid() == gid]


def svg_of(figure: Figure) -> str:
    """Give a figure as SVG, with nothing in it that differs from day to day."""
    out = io.BytesIO()
    figure.savefig(out, format="svg", metadata={"Date": None})
    return out.getvalue().decode()


#: What somebody sees who lacks the cones for green (Machado, Oliveira and Fernandes, 2009, severity 1), and who sees no colour at all.
DEUTERANOPIA = np.array(
    [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ]
)
GREY = np.tile([0.2126, 0.7152, 0.0722], (3, 1))


def seen_through(colour: str, eyes: Any) -> tuple[float, float, float]:
    """Give a colour ``#RRGGBB`` as such eyes see it, in linear light from 0 to 1."""
    parts = np.array([int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)])
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    red, green, blue = np.clip(np.asarray(eyes) @ linear, 0, 1).tolist()
    return red, green, blue


def contrast(one: Sequence[float], other: Sequence[float]) -> float:
    """Give the contrast of two colours in linear light (WCAG 2): 1 for none, 21 for black on white."""
    a, b = (0.2126 * r + 0.7152 * g + 0.0722 * b for r, g, b in (one, other))
    return (max(a, b) + 0.05) / (min(a, b) + 0.05)
