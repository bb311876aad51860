"""More owners than a picture has room for: a table of them."""

from __future__ import annotations

from dataclasses import replace

from matplotlib.axes import Axes

from xrefgraph.errors import counted
from xrefgraph.inspection.draw.canvas import (
    cut_to,
    label,
    label_width,
    noted,
    shown_text,
    text_width,
    write,
)
from xrefgraph.inspection.draw.discs import count_words
from xrefgraph.inspection.draw.layout.labels import plural
from xrefgraph.inspection.draw.layout.meeting_names import value_of
from xrefgraph.inspection.draw.layout.territories import Border, Territories
from xrefgraph.inspection.draw.styles import (
    ANCHOR,
    ANCHOR_RIM,
    BAND,
    CULPRIT,
    LINE,
    QUIET,
    WHITE,
    glyphs,
    text_on,
    type_colours,
)

#: The size of text, and of small text, in points.
SIZE, SMALL = 8.0, 7.0


def draw_table(ax: Axes, found: Territories, width: float, height: float) -> None:
    """Owners as the rows of a table: how many events carry each, as bars too, and what these carry besides."""
    said = noted(found.left_out, width - 8, max(1, int(height / 70)), SMALL)
    top = 4.0
    for border in found.borders if height > 120 else ():
        _draw_suspect(ax, found, border, top + 8, width)
        top += 18
    room = height - top - len(said) * (SMALL + 2.2) - 26
    many = max(1, min(len(found.territories), int(room / 11)))
    if many < len(found.territories):
        more = found.owners_left_off + len(found.territories) - many
        found = replace(found, territories=found.territories[:many], owners_left_off=more)
        said = noted(found.left_out, width - 8, max(1, int(height / 70)), SMALL)
    pitch = min(16.0, room / many)
    size = min(SIZE, pitch - 4.5)
    names = [shown_text(value_of(one.node), 24) if one.node else "" for one in found.territories]
    first = max(label_width(name, size, "bold") for name in names) + 10
    largest = max(one.events for one in found.territories) or 1
    bar = min(160.0, max(width * 0.2, 30.0))
    write(ax, 6, top + 6, found.territories[0].kind, size=SMALL, colour=QUIET)
    carried = "events that carry it"
    if text_width(carried, SMALL) < min(
        bar + text_width(f"{largest:,}", size) + 4, width - first - 8
    ):
        write(ax, first + 6, top + 6, carried, size=SMALL, colour=QUIET)
    after = first + bar + 12 + text_width(f"{largest:,}", size)
    beside = "what these carry besides"
    if after + text_width(beside, SMALL) < width:
        write(ax, after + 8, top + 6, beside, size=SMALL, colour=QUIET)
    for n, (one, name) in enumerate(zip(found.territories, names, strict=True)):
        y = top + 16 + pitch * (n + 0.5)
        if n % 2:
            ax.fill_between(
                [0, width], y - pitch / 2, y + pitch / 2, color=BAND, linewidth=0, zorder=0
            )
        label(
            ax,
            6,
            y,
            name,
            face=ANCHOR,
            colour=WHITE,
            rim=ANCHOR_RIM,
            rim_width=1.4,
            size=size,
            weight="bold",
            ha="left",
            pad=1.6,
            gid="anchor",
        )
        long = bar * one.events / largest
        ax.fill_between([first + 6, first + 6 + long], y - 3.5, y + 3.5, color=LINE, linewidth=0)
        write(ax, first + 10 + long, y, f"{one.events:,}", size=size, gid="events")
        words: list[str] = []
        for item in (count_words(*count) for count in one.counts):
            if after + 8 + text_width("   ".join([*words, item]), size) > width - 4:
                break
            words.append(item)
        write(ax, after + 8, y, "   ".join(words), size=size, colour=QUIET, gid="counts")
    y = top + 16 + pitch * many + 8
    for line in said:
        write(ax, 4, y, line, size=SMALL, colour=QUIET, gid="more")
        y += SMALL + 2.2


def _draw_suspect(ax: Axes, found: Territories, border: Border, y: float, width: float) -> None:
    """What is suspected, above the table, in words."""
    scene = found.scene
    face = type_colours(scene.types, scene.anchor).get(border.kind, WHITE)
    sign = glyphs(scene.types, scene.anchor).get(border.kind, "")
    _, wide = label(
        ax,
        6,
        y,
        f"{sign} {shown_text(value_of(border.node), 24)}".strip(),
        face=face,
        colour=text_on(face),
        rim=CULPRIT,
        rim_width=2.4,
        size=SIZE,
        weight="bold",
        ha="left",
        gid="culprit",
    )
    owners = len(found.territories) + found.owners_left_off
    passed = "every way passes it; " if border.every_route else "suspected; "
    text = (
        f"{border.kind}: {passed}{counted(border.events, 'event')}"
        f" with {border.beside:,} of {owners:,} {plural(found.territories[0].kind)}"
    )
    room = width - wide - 18
    write(ax, 6 + wide + 6, y, cut_to(text, room, SMALL), size=SMALL, colour=CULPRIT, gid="kind")
