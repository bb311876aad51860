"""What the letters and colours stand for: the types that occur, and in words the rest."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes

from xrefgraph.errors import counted
from xrefgraph.inspection.draw.canvas import label, label_width, shown_text, text_width, write
from xrefgraph.inspection.draw.layout.scene import Scene
from xrefgraph.inspection.draw.styles import ANCHOR_RIM, QUIET, glyphs, text_on, type_colours

#: In points: the text, and what is between two entries.
SMALL, GAP = 7.0, 12.0


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
