"""Drawings as text that stands in a page: SVG, the same bytes for the same drawing."""

from __future__ import annotations

import html
import io
import re

import matplotlib as mpl
from matplotlib.figure import Figure

from xrefgraph.inspection.draw.blocks import drawn
from xrefgraph.inspection.draw.health import growth_block, sizes_block
from xrefgraph.inspection.health import Health

#: How wide the pictures of a report are, in points: beside each other on a wide screen, below each other on a narrow one.
WIDTH = 330.0


def health_pictures(found: Health) -> list[str]:
    """Give the sizes of the profiles and the growth of a graph as two SVG texts; none of a graph without events."""
    if not found.events:
        return []
    return [
        svg_of(drawn(sizes_block(found, WIDTH)), "sizes", "Sizes of profiles"),
        svg_of(drawn(growth_block(found.growth, WIDTH)), "growth", "Growth by time"),
    ]


def svg_of(figure: Figure, name: str, label: str) -> str:
    """Give a figure as an SVG element for a page.

    Parameters
    ----------
    figure : Figure
        It is drawn without a date in it, and its texts stay texts.
    name : str
        What stands in front of each id in it: of several in one page each has its own.
    label : str
        What it is called by who reads it out.
    """
    written = io.StringIO()
    with mpl.rc_context({"svg.hashsalt": name, "svg.fonttype": "none"}):
        figure.savefig(written, format="svg", metadata={"Date": None, "Creator": None})
    text = written.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", text, count=1)
    text = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", text, count=1)
    text = re.sub(r'(\bid="|url\(#|href="#)', rf"\1{name}-", text)
    return text.replace("<svg", f'<svg role="img" aria-label="{html.escape(label)}"', 1).strip()
