"""A strip of beads, drawn: what leads from one identifier to another, and what is said about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.patches import FancyBboxPatch

from xrefgraph.inspection.draw.canvas import (
    drawable,
    label,
    label_width,
    shown_text,
    text_width,
    wrapped,
    write,
)
from xrefgraph.inspection.draw.layout.strip import Bead, lines_of, places_on
from xrefgraph.inspection.draw.styles import (
    ANCHOR_RIM,
    CULPRIT,
    EVENT,
    INK,
    QUIET,
    SIDES,
    WHITE,
    mixed,
    text_on,
    type_colours,
)

#: The least length of a link in points, how wide words under a bead may be, and the distance of lines of text.
LEAST_LINK, WORDS, STEP = 9.0, 170.0, 9.5
#: Vermillion that is dark enough for words.
DARK = "#9A4300"


@dataclass(frozen=True)
class Types:
    """The types of a schema, strongest first, and the one of the anchor; none where no schema is known."""

    names: tuple[str, ...] = ()
    anchor: str | None = None


@dataclass(frozen=True)
class Strip:
    """A strip that is laid out.

    Parameters
    ----------
    beads : sequence of Bead
        What is on it.
    lines : list of list of int
        The beads of each line.
    tops : list of float
        Where each line begins, in points below the top of the strip.
    middles : list of float
        How far below its beginning the beads of each line stand.
    height : float
        Of all lines.
    size : float
        Of the text.
    characters : int
        So many characters of a value are drawn.
    """

    beads: Sequence[Bead]
    lines: list[list[int]]
    tops: list[float]
    middles: list[float]
    height: float
    size: float
    characters: int


def laid_out(beads: Sequence[Bead], width: float, size: float = 8.5, characters: int = 28) -> Strip:
    """Lay beads out in lines so wide, in points."""
    widths = _widths(beads, size, characters)
    breaks = [one.shape in ("value", "event") for one in beads]
    needed = [
        w + (_least_link(one) if n else 0.0)
        for n, (w, one) in enumerate(zip(widths, beads, strict=True))
    ]
    lines = lines_of(needed, breaks, width)
    tops, middles, y = [], [], 0.0
    for line in lines:
        some = [beads[n] for n in line]
        above = size * 0.9 + STEP * (
            any(one.above for one in some) + any(one.owner for one in some)
        )
        below = size * 0.9 + STEP * max((len(_below(one)) for one in some), default=0)
        said = _said(beads, line, _centres(widths, line, width), width, size)
        below += max((len(words) for _, words, _ in said), default=0) * STEP + 4 * bool(said)
        tops.append(y)
        middles.append(above)
        y += above + below + 8
    return Strip(beads, lines, tops, middles, y, size, characters)


def within(strip: Strip, height: float) -> tuple[Strip, int]:
    """Leave off lines for which there is no room, those without what is marked first; says how many."""
    lines = list(range(len(strip.lines)))

    def need(n: int) -> tuple[bool, int]:
        some = [strip.beads[bead] for bead in strip.lines[n]]
        return not any(one.weak or one.weak_link or one.link == "cut" for one in some), n

    heights = [
        after - top for top, after in zip(strip.tops, [*strip.tops[1:], strip.height], strict=True)
    ]
    while len(lines) > 1 and sum(heights[n] for n in lines) > height:
        lines.remove(max(lines, key=need))
    tops = [sum(heights[n] for n in lines[:k]) for k in range(len(lines))]
    kept = replace(
        strip,
        lines=[strip.lines[n] for n in lines],
        tops=tops,
        middles=[strip.middles[n] for n in lines],
        height=sum(heights[n] for n in lines),
    )
    return kept, len(strip.lines) - len(lines)


def natural_width(beads: Sequence[Bead], size: float = 8.5, characters: int = 28) -> float:
    """Give how wide a strip of one line likes to be, in points."""
    links = [max(40.0, _least_link(one)) for one in beads[1:]]
    return sum(_widths(beads, size, characters)) + sum(links)


def draw_strip(ax: Axes, strip: Strip, x: float, y: float, width: float, types: Types) -> None:
    """Draw a strip on axes of which a unit is a point, from its upper left corner on."""
    widths = _widths(strip.beads, strip.size, strip.characters)
    for line, top, middle in zip(strip.lines, strip.tops, strip.middles, strict=True):
        centres = [x + place for place in _centres(widths, line, width)]
        at = y + top + middle
        _bands(ax, strip, line, centres, at, widths)
        _links(ax, strip, line, centres, at, widths)
        for n, centre in zip(line, centres, strict=True):
            _bead(
                ax, strip, n, centre, at, types, again=n == line[0] and line is not strip.lines[0]
            )
        below = at + strip.size * 0.9 + 4
        below += STEP * max((len(_below(strip.beads[n])) for n in line), default=0)
        _words(ax, strip, line, [one - x for one in centres], (x, below, width))


def _centres(widths: Sequence[float], line: Sequence[int], width: float) -> list[float]:
    return places_on([widths[n] for n in line], width)


def _below(bead: Bead) -> list[str]:
    return [shown_text(one, 26) for one in bead.below]


def _least_link(bead: Bead) -> float:
    return LEAST_LINK * (3 if bead.link == "cut" else 2 if bead.link_words else 1)


def _widths(beads: Sequence[Bead], size: float, characters: int) -> list[float]:
    """How wide each bead is; one that stands alone for a profile has room for its name."""
    found = []
    for n, one in enumerate(beads):
        width = _width(one, size, characters)
        near = {other.owner for other in (*beads[max(n - 1, 0) : n], *beads[n + 1 : n + 2])}
        if one.owner and one.owner not in near:
            width = max(width, text_width(shown_text(one.owner, 24), size - 2) + 2)
        found.append(width)
    return found


def _width(bead: Bead, size: float, characters: int) -> float:
    """How wide a bead is with all that stands above and below it."""
    text = _text(bead, characters)
    weight = "bold" if _bold(bead) else "normal"
    around = [text_width(shown_text(bead.above, 22), size - 1.5)]
    around += [text_width(one, size - 2) + 4 for one in _below(bead)]
    own = text_width(text, size - 1) + 9 if bead.shape in ("events", "decision", "gap") else 0.0
    if not own:
        own = label_width(text, size, weight)
    return max(own, *around, 16.0)


def _text(bead: Bead, characters: int) -> str:
    """What stands on a bead: values are shortened, and what we say ourselves is not."""
    return shown_text(bead.text, characters) if bead.shape in ("value", "event") else bead.text


def _bold(bead: Bead) -> bool:
    return bead.weak or bead.end


# --------------------------------------------------------------------------------------------- parts


def _links(
    ax: Axes,
    strip: Strip,
    line: Sequence[int],
    centres: Sequence[float],
    y: float,
    widths: Sequence[float],
) -> None:
    kept, weak, dashed, crosses = [], [], [], []
    for place in range(1, len(line)):
        bead = strip.beads[line[place]]
        span = [(centres[place - 1], y), (centres[place], y)]
        if bead.weak_link:
            weak.append((span, bead.link == "decided"))
        elif bead.link in ("cut", "decided", "changed"):
            dashed.append(span)
        elif bead.link:
            kept.append(span)
        if bead.link in ("cut", "changed"):
            crosses.append(_middle_of(line, centres, widths, place))
    for spans, colour, thick, style, gid in (
        (kept, "#9A9A9A", 2.0, "solid", "link"),
        ([one for one, by_hand in weak if not by_hand], CULPRIT, 3.0, "solid", "culprit-link"),
        ([one for one, by_hand in weak if by_hand], CULPRIT, 3.0, (0, (3, 1.5)), "culprit-link"),
        (dashed, QUIET, 1.4, (0, (3, 2)), "dashed-link"),
    ):
        if spans:
            drawn = LineCollection(
                spans, colors=colour, linewidths=thick, linestyles=[style], zorder=1, gid=gid
            )
            ax.add_collection(drawn, autolim=False)
    if crosses:
        limits = ax.get_xlim(), ax.get_ylim()
        xs = np.array(crosses)
        ax.scatter(
            xs,
            np.full(len(xs), y),
            s=110,
            marker="X",
            c=INK,
            edgecolors=WHITE,
            linewidths=1.2,
            zorder=6,
            gid="cut",
        )
        ax.set_xlim(limits[0])
        ax.set_ylim(limits[1])


def _bands(
    ax: Axes,
    strip: Strip,
    line: Sequence[int],
    centres: Sequence[float],
    y: float,
    widths: Sequence[float],
) -> None:
    """A pale band behind what is in one profile, with its id above."""
    owners = [strip.beads[n].owner for n in line]
    below = STEP * max((len(_below(strip.beads[n])) for n in line), default=0)
    every = list(dict.fromkeys(one.owner for one in strip.beads if one.owner))
    begin = 0
    for end in range(1, len(line) + 1):
        if end < len(line) and owners[end] == owners[begin]:
            continue
        if owners[begin]:
            left = centres[begin] - widths[line[begin]] / 2 - 3
            right = centres[end - 1] + widths[line[end - 1]] / 2 + 3
            top = y - strip.size * 0.9 - 1.5 * STEP - 1
            place = every.index(owners[begin])
            side = SIDES[place % len(SIDES)]
            box = FancyBboxPatch(
                (left, top),
                right - left,
                y + strip.size * 0.9 + below + 6 - top,
                boxstyle="round,pad=0,rounding_size=4",
                facecolor=mixed(side, WHITE, 0.9),
                edgecolor=mixed(side, WHITE, 0.4),
                linewidth=0.8,
                zorder=0.5,
                gid="profile",
            )
            ax.add_patch(box)
            most = 40
            while (
                most > 6
                and text_width(shown_text(owners[begin], most), strip.size - 2) > right - left
            ):
                most -= 1
            said = shown_text(owners[begin], most)
            write(
                ax,
                (left + right) / 2,
                top - STEP / 2,
                said,
                size=strip.size - 2,
                colour=INK,
                ha="center",
                gid="profile",
            )
        begin = end


def _middle_of(
    line: Sequence[int], centres: Sequence[float], widths: Sequence[float], place: int
) -> float:
    """The middle of what is seen of a link: between the edges of its two beads."""
    left = centres[place - 1] + widths[line[place - 1]] / 2
    right = centres[place] - widths[line[place]] / 2
    return (left + right) / 2


def _bead(ax: Axes, strip: Strip, n: int, x: float, y: float, types: Types, *, again: bool) -> None:
    bead, size = strip.beads[n], strip.size
    text = _text(bead, strip.characters)
    if bead.shape in ("value", "event"):
        face = type_colours(types.names, types.anchor).get(bead.above, EVENT)
        if bead.shape == "event":
            face = EVENT
        is_anchor = bead.above == types.anchor and bead.shape == "value"
        rim, thick = (CULPRIT, 2.6) if bead.weak else (ANCHOR_RIM, 2.2) if is_anchor else (INK, 1.0)
        if face != EVENT and not (bead.weak or is_anchor):
            thick = 0.0
        shown, _ = label(
            ax,
            x,
            y,
            text,
            face=face,
            colour=text_on(face),
            rim=rim,
            rim_width=thick,
            size=size,
            weight="bold" if _bold(bead) else "normal",
            gid="culprit" if bead.weak else "anchor" if is_anchor else None,
        )
        shown.set_gid(f"bead:{n}")
    elif bead.shape == "gap":
        pill(ax, x, y, text, rim=WHITE, size=size - 1, gid="more")
    else:
        rim = CULPRIT if bead.weak else INK
        gid = "culprit" if bead.weak else None
        pill(ax, x, y, text, rim=rim, size=size - 1, thick=2.2 if bead.weak else 0.9, gid=gid)
    top = y - size * 0.9 - 5
    if bead.above:
        said = shown_text(bead.above, 22)
        write(ax, x, top, said, size=size - 1.5, colour=QUIET, ha="center")
    if again:
        return
    for k, said in enumerate(_below(bead)):
        write(ax, x, y + size * 0.9 + 6 + STEP * k, said, size=size - 2, colour=QUIET, ha="center")


def pill(
    ax: Axes,
    x: float,
    y: float,
    text: str,
    *,
    rim: str,
    size: float,
    thick: float = 0.9,
    gid: str | None = None,
) -> None:
    """Write a text into a white round, as wide as it needs."""
    height = size + 5.5
    width = max(text_width(text, size) + 7, height)
    box = FancyBboxPatch(
        (x - width / 2, y - height / 2),
        width,
        height,
        boxstyle=f"round,pad=0,rounding_size={height / 2 - 0.01:.2f}",
        facecolor=WHITE,
        edgecolor=rim,
        linewidth=thick,
        zorder=4,
        gid=gid,
    )
    ax.add_patch(box)
    write(ax, x, y, text, size=size, ha="center", zorder=4.1, gid=gid)


def _said(
    beads: Sequence[Bead], line: Sequence[int], centres: Sequence[float], width: float, size: float
) -> list[tuple[float, list[str], bool]]:
    """What is said under a line: where, in which lines, and whether it is about what is weak."""
    spots: list[tuple[float, str, bool]] = []
    for place, n in enumerate(line):
        bead = beads[n]
        if bead.link_words and place:
            spots.append(((centres[place - 1] + centres[place]) / 2, bead.link_words, False))
        # What begins a line was said on the line before.
        if bead.words and (place or n == 0):
            spots.append((centres[place], bead.words, True))
    found = []
    for k, (x, text, weak) in enumerate(spots):
        left = spots[k - 1][0] if k else -width
        right = spots[k + 1][0] if k + 1 < len(spots) else 2 * width
        room = max(min(WORDS, x - left - 8, right - x - 8, width), 40.0)
        lines = wrapped(drawable(text), room, size - 1, "bold")
        widest = max(text_width(one, size - 1, "bold") for one in lines)
        found.append((min(max(x, widest / 2), max(width - widest / 2, widest / 2)), lines, weak))
    return found


def _words(
    ax: Axes,
    strip: Strip,
    line: Sequence[int],
    centres: Sequence[float],
    place: tuple[float, float, float],
) -> None:
    x, y, width = place
    for at, lines, weak in _said(strip.beads, line, centres, width, strip.size):
        for n, text in enumerate(lines):
            write(
                ax,
                x + at,
                y + 4 + STEP * (n + 0.5),
                text,
                size=strip.size - 1,
                weight="bold",
                colour=DARK if weak else INK,
                ha="center",
                gid="reason" if weak else "cut-reason",
            )
