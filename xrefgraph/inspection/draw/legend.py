"""What is written around a drawing: its title and facts, what letters and colours stand for, and what is not drawn."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes

from xrefgraph.errors import counted
from xrefgraph.inspection.draw.canvas import (
    cut_to,
    drawable,
    label,
    label_width,
    shown_text,
    text_width,
    wrapped,
    write,
)
from xrefgraph.inspection.draw.layout.scene import Scene
from xrefgraph.inspection.draw.layout.words import facts_of, omitted, title_of
from xrefgraph.inspection.draw.styles import ANCHOR_RIM, INK, QUIET, glyphs, text_on, type_colours

#: A screen draws letters on whole pixels: a line may come out so much wider than it was measured.
SPARE = 0.94
#: In points: the text, and what is between two entries.
SMALL, GAP = 7.0, 12.0
#: The title, the facts under it, and from line to line.
TITLE, FACTS, STEP = 11.0, 8.5, 13.0


def draw_types(
    ax: Axes, scene: Scene, place: tuple[float, float, float], said: Sequence[str] = ()
) -> None:
    """Name the types that occur in a scene in one line, with their letters and colours.

    Parameters
    ----------
    ax : Axes
        On which a unit is a point.
    scene : Scene
        What is drawn.
    place : (float, float, float)
        Where the line begins, its middle, and where it ends at the latest. Of what has no room it is said how much there is.
    said : sequence of str
        What else is to be said, behind the types, where there is room.
    """
    x, y, end = place
    letters, colours = glyphs(scene.types, scene.anchor), type_colours(scene.types, scene.anchor)
    occur = {row.kind for row in scene.rows}
    there = [one for one in scene.types if one in occur]
    for n, kind in enumerate(there):
        name = shown_text(kind, 20)
        wide = label_width(letters[kind], SMALL - 0.5, pad=2.0)
        needed = wide + 3 + text_width(name, SMALL)
        rest = counted(len(there) - n, "more type")
        more = text_width(f"+{rest}", SMALL) + GAP if n + 1 < len(there) else 0.0
        if x + needed + more > end:
            if x + text_width(f"+{rest}", SMALL) <= end:
                write(ax, x, y, f"+{rest}", size=SMALL, colour=QUIET, gid="legend")
            return
        face = colours[kind]
        is_anchor = kind == scene.anchor
        label(
            ax,
            x,
            y,
            letters[kind],
            face=face,
            colour=text_on(face),
            rim=ANCHOR_RIM if is_anchor else face,
            rim_width=1.4 if is_anchor else 0.0,
            size=SMALL - 0.5,
            ha="left",
            pad=2.0,
            gid="legend",
        )
        write(ax, x + wide + 3, y, name, size=SMALL, colour=QUIET, gid="legend")
        x += needed + GAP
    for one in said:
        wide = text_width(one, SMALL)
        if x + wide > end:
            return
        write(ax, x, y, one, size=SMALL, colour=QUIET, gid="legend")
        x += wide + GAP


def foot_lines(
    scene: Scene, left_off: int, room: tuple[float, float], labels: int = 0
) -> list[str]:
    """Say in lines what is not drawn; where there is little room, in one.

    Parameters
    ----------
    scene : Scene
        As it is drawn.
    left_off, labels : int
        How many identifiers and labels have no room.
    room : (float, float)
        The width and the height of the drawing, in points.
    """
    width, height = room
    said, short = omitted(scene, left_off, labels)
    lines = wrapped(drawable(said), width * SPARE, SMALL) if said else []
    if len(lines) * 11.0 > height * 0.12 and len(lines) > 1:
        lines = [cut_to(drawable(short or said), width * SPARE, SMALL)]
    return lines


def head_lines(scene: Scene, width: float) -> list[tuple[str, bool]]:
    """Give the title and the facts in lines so wide, in points, and whether each is of the title."""
    title = wrapped(drawable(title_of(scene)), width * SPARE, TITLE, "bold")
    facts = wrapped(drawable(facts_of(scene)), width * SPARE, FACTS)
    return [*((one, True) for one in title), *((one, False) for one in facts)]


def draw_head(ax: Axes, lines: Sequence[tuple[str, bool]], x: float, y: float) -> None:
    """Write title and facts, the first line so far down."""
    for n, (line, is_title) in enumerate(lines):
        write(
            ax,
            x,
            y + STEP * n,
            line,
            size=TITLE if is_title else FACTS,
            weight="bold" if is_title else "normal",
            colour=INK if is_title else QUIET,
            gid="title",
        )
