"""Colours and marks: the same type looks the same in every drawing, and nothing is told by hue alone.

The colours of types are those of Okabe and Ito (Color universal design, 2008), in the order of the schema. Vermillion is for
what is suspected, and for nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xrefgraph.inspection.draw.layout.scene import Row, Scene

#: What is suspected, and the band behind it.
CULPRIT, CULPRIT_BAND = "#D55E00", "#FDE3D3"
#: Words about what is suspected: the same, dark enough to be read on white.
CULPRIT_TEXT = "#A84300"
#: The anchor, and the rim around it.
ANCHOR, ANCHOR_RIM = "#000000", "#FFD400"
#: Text, quieter text, lines, and the band behind every second row.
INK, QUIET, LINE, BAND = "#1A1A1A", "#595959", "#C4C4C4", "#F4F4F4"
#: Between two owners: the first, the middle, the last.
FIRST, MIDDLE, LAST = "#2C5AA0", "#E6E6E6", "#B35806"
#: The sides of more than two owners.
SIDES = (FIRST, LAST, "#1B7837", "#762A83", "#7F6A00", "#00708C", "#8C2D5B", "#444444")
#: The types after the anchor, strongest first: blue, orange, green, pink, sky, yellow, then greys.
TYPES = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#F0E442", "#6E6E6E", "#B0B0B0")
#: What stands for an event that somebody asked for.
EVENT = "#FFFFFF"
WHITE = "#FFFFFF"


@dataclass(frozen=True)
class Look:
    """How an identifier looks.

    Parameters
    ----------
    glyph : str
        One or two letters that tell its type.
    face, text : str
        The colour of its label, and of the text on it.
    rim : str
        The colour around it; the same as its face where nothing is to be marked.
    rim_width : float
        In points.
    bold : bool
        Whether its text is bold.
    """

    glyph: str
    face: str
    text: str
    rim: str
    rim_width: float
    bold: bool


def glyphs(types: Sequence[str], anchor: str | None) -> dict[str, str]:
    """Give each type a letter of its own: its first one that no stronger type has; the anchor has ``ID``.

    Examples
    --------
    >>> glyphs(["db_id", "email", "card", "cookie"], "db_id")
    {'db_id': 'ID', 'email': 'E', 'card': 'C', 'cookie': 'O'}
    """
    found: dict[str, str] = {}
    for number, name in enumerate(types):
        if name == anchor:
            found[name] = "ID"
            continue
        letters = [one.upper() for one in name if one.isascii() and one.isalnum()]
        free = [one for one in letters if one not in found.values()]
        found[name] = free[0] if free else str(number)
    return found


def type_colours(types: Sequence[str], anchor: str | None) -> dict[str, str]:
    """Give each type its colour, by its place in the schema."""
    others = [name for name in types if name != anchor]
    found = {name: TYPES[n % len(TYPES)] for n, name in enumerate(others)}
    if anchor is not None:
        found[anchor] = ANCHOR
    return found


def look_of_row(row: Row, scene: Scene) -> Look:
    """Say how a row looks: by its type, and whether it is an owner, or suspected."""
    face = type_colours(scene.types, scene.anchor).get(row.kind, EVENT)
    glyph = glyphs(scene.types, scene.anchor).get(row.kind, "")
    rim, width = (CULPRIT, 2.4) if row.is_culprit else (face, 0.0)
    if not row.is_culprit and (row.is_anchor or row.is_owner):
        rim, width = ANCHOR_RIM, 2.0
    if row.rank < 0 and not row.is_culprit:
        rim, width = INK, 1.0
    return Look(glyph, face, text_on(face), rim, width, row.is_culprit or row.is_owner)


def text_on(colour: str) -> str:
    """Give the colour of text that reads best on another one: black or white."""
    behind = luminance(colour) + 0.05
    return INK if behind / (luminance(INK) + 0.05) > 1.05 / behind else WHITE


def luminance(colour: str) -> float:
    """Give the relative luminance of a colour ``#RRGGBB``, from 0 for black to 1 for white (WCAG 2, 2008).

    Examples
    --------
    >>> luminance("#000000"), round(luminance("#FFFFFF"), 6)
    (0.0, 1.0)
    """
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def side_colour(owner: int | None, order: float, owners: int) -> str:
    """Give the colour of a side.

    Parameters
    ----------
    owner : int or None
        Whose it is; None where there are no two owners.
    order : float
        Where it stands between the first owner (0) and the last (1).
    owners : int
        How many owners there are. Of two, the colour runs from blue over grey to brown; of more, each has its own.

    Examples
    --------
    >>> side_colour(0, 0.0, 2), side_colour(1, 1.0, 2), side_colour(None, 0.5, 0)
    ('#2C5AA0', '#B35806', '#8A8A8A')
    """
    if owner is None:
        return "#8A8A8A"
    if owners != 2:
        return SIDES[owner % len(SIDES)]
    # Nearly all of a side is its colour; only what is really between the two turns grey.
    distance = min(abs(order - 0.5) * 2, 1.0) ** 0.5
    return mixed(MIDDLE, FIRST if order < 0.5 else LAST, 0.25 + 0.75 * distance)


def mixed(one: str, other: str, share: float) -> str:
    """Mix two colours: so much of the other one.

    Examples
    --------
    >>> mixed("#000000", "#FFFFFF", 0.5)
    '#808080'
    """
    a = [int(one[n : n + 2], 16) for n in (1, 3, 5)]
    b = [int(other[n : n + 2], 16) for n in (1, 3, 5)]
    return "#" + "".join(f"{round(x + (y - x) * share):02X}" for x, y in zip(a, b, strict=True))
