"""Territories: whose is what, and which identifiers lie between the owners. For profiles that are too large for anything else."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.patches import Circle

from xrefgraph.errors import counted
from xrefgraph.inspection.draw.canvas import (
    axes_for,
    bare,
    inches,
    label,
    label_width,
    shown_text,
    text_width,
    wrapped,
    write,
)
from xrefgraph.inspection.draw.layout.composing import scene_of
from xrefgraph.inspection.draw.layout.labels import plural
from xrefgraph.inspection.draw.layout.masking import hidden_by, masked_scene
from xrefgraph.inspection.draw.layout.meeting_names import value_of
from xrefgraph.inspection.draw.layout.territories import (
    BORDERS,
    Border,
    Reach,
    Territories,
    Territory,
    territories_of,
)
from xrefgraph.inspection.draw.styles import (
    ANCHOR,
    ANCHOR_RIM,
    BAND,
    CULPRIT,
    INK,
    LINE,
    QUIET,
    WHITE,
    glyphs,
    mixed,
    side_colour,
    text_on,
    type_colours,
)

#: The size of text, of small text, and the height of a line of words, in points.
SIZE, SMALL, STEP = 8.0, 7.0, 10.0
#: The radius of a disc, at most and at least.
RADIUS, LEAST = 76.0, 30.0


def plot_territories(
    asked: Any,
    *,
    ax: Axes | None = None,
    mask: Any = None,
    disc_kws: Mapping[str, Any] | None = None,
    line_kws: Mapping[str, Any] | None = None,
) -> Axes:
    """Draw whose is what: a disc for each owner, and between them only the identifiers at the borders.

    A disc holds how many events and identifiers are its owner's alone. What is suspected of joining owners has a vermillion rim; a
    line says how many events on a side carry it, and is dashed where the policy cut them all. Of more than eight owners it is a table.

    Parameters
    ----------
    asked : Profile, an answer about profiles, or Scene
        What is drawn.
    ax : matplotlib.axes.Axes, optional
        Where; else a new figure is made. Borders for which there is no room are left out, and counted.
    mask : {"partial", "hash"}, optional
        How values are masked.
    disc_kws, line_kws : dict, optional
        Options of :class:`matplotlib.patches.Circle` for the discs, and of :class:`matplotlib.collections.LineCollection` for the lines.

    Returns
    -------
    Axes

    Notes
    -----
    The numbers in the discs are those of the profiles that blocking the suspects gives, where this parts the owners: see
    :func:`xrefgraph.inspection.draw.layout.territories.territories_of`. Cost: what the profile holds.

    Examples
    --------
    >>> import xrefgraph as xg
    >>> rows = [{"id": n, "db_id": n % 2, "email": f"{n % 2}@example.org"} for n in range(6)]
    >>> rows += [{"id": 6 + n, "email": f"{n}@example.org", "device": "kiosk"} for n in range(2)]
    >>> schema = xg.Schema(["db_id", "email", "device"], anchor="db_id", conflicts="keep")
    >>> graph = xg.build(xg.Source(rows, identifiers=schema.names, event_id="id", name="visits"), schema)
    >>> ax = plot_territories(graph.profile("db_id:1"))
    >>> [text.get_text() for text in ax.texts if text.get_gid() in ("events", "reach")]
    ['4 events', '4 events', '1 event', '1 event']
    """
    scene = scene_of(asked)
    if mask is not None:
        scene = masked_scene(scene, hidden_by(mask, scene.drawn.store))
    found = territories_of(scene)
    ax = axes_for(ax, *_wanted(found)) if ax is None else axes_for(ax, 0, 0)
    width, height = (one * 72 for one in inches(ax))
    bare(ax, width, height)
    if found.is_table:
        _draw_table(ax, found, width, height)
        return ax
    page = _Page(ax, width, height, found)
    if page.room < len(found.borders):
        found = territories_of(scene, page.room)
        page = _Page(ax, width, height, found)
    page.draw(dict(disc_kws or {}), dict(line_kws or {}))
    return ax


def _wanted(found: Territories) -> tuple[float, float]:
    """The width and the height of a figure, in inches."""
    if found.is_table:
        return 9.0, (len(found.territories) * 16.0 + 70) / 72
    if len(found.territories) == 1:
        return 4.6, 3.2
    a_side = math.ceil(len(found.territories) / 2)
    borders = sum(sum(_halves(one)) + 10 for one in found.borders)
    return 8.6, (max(a_side * 166.0, borders + 20) + 40) / 72


def _halves(border: Border) -> tuple[float, float]:
    """How far a border reaches above the middle of its label, and below it, in points."""
    beside = max(len(border.reaches), 1) * STEP / 2
    return max(beside, 9.0), max(beside, 9.0 + STEP * (1 + len(border.linked)))


@dataclass(frozen=True)
class _Disc:
    """A disc, placed."""

    territory: Territory
    x: float
    y: float
    radius: float
    colour: str


class _Page:
    """Territories while they are drawn: all places are points from the upper left corner."""

    def __init__(self, ax: Axes, width: float, height: float, found: Territories) -> None:
        self.ax, self.width, self.height, self.found = ax, width, height, found
        self.said = wrapped(self._words(), width - 8, SMALL)
        self.bottom = height - len(self.said) * (SMALL + 2.2) - 6
        self.discs = self._placed()
        #: How many borders there is room for.
        self.room = self._room()

    def _words(self) -> str:
        found, scene = self.found, self.found.scene
        if len(found.territories) > 1:
            return found.left_out
        if found.territories[0].node is None:
            said = f"no {scene.anchor or 'anchor'} in this profile: nobody's"
        else:
            said = f"one {found.territories[0].kind} only: all of it is one territory"
        return "; ".join(one for one in (said, found.left_out) if one)

    def _placed(self) -> list[_Disc]:
        """Discs in two columns, in their order down the left and then down the right."""
        found, owners = self.found, len(self.found.territories)
        if owners == 1:
            radius = min(self.width / 2, self.bottom / 2) - 6
            return [
                _Disc(
                    found.territories[0],
                    self.width / 2,
                    self.bottom / 2,
                    max(radius, 4.0),
                    "#8A8A8A",
                )
            ]
        left = (owners + 1) // 2
        largest = max(one.events for one in found.territories) or 1
        room = min(RADIUS, self.bottom / (2 * left) - 5, self.width * 0.16)
        discs = []
        for n, one in enumerate(found.territories):
            column, row = (0, n) if n < left else (1, n - left)
            many = left if column == 0 else owners - left
            radius = room * (0.8 + 0.2 * math.sqrt(one.events / largest))
            discs.append(
                _Disc(
                    one,
                    room + 6 if column == 0 else self.width - room - 6,
                    self.bottom * (row + 0.5) / many,
                    max(radius, 4.0),
                    side_colour(n, n / (owners - 1), owners),
                )
            )
        return discs

    def _room(self) -> int:
        """How many borders, the first ones, fit below each other."""
        used, many = 0.0, 0
        for one in self.found.borders:
            used += sum(_halves(one)) + 4
            if used > self.bottom:
                break
            many += 1
        return many

    # ------------------------------------------------------------------------------ what is drawn

    def draw(self, disc_kws: dict[str, Any], line_kws: dict[str, Any]) -> None:
        """Draw it all."""
        for n, disc in enumerate(self.discs):
            self._disc(n, disc, disc_kws)
        self._borders(line_kws)
        y = self.bottom + 6
        for line in self.said:
            write(self.ax, 4, y + 2, line, size=SMALL, colour=QUIET, gid="more")
            y += SMALL + 2.2

    def _disc(self, n: int, disc: _Disc, options: dict[str, Any]) -> None:
        self.ax.add_patch(
            Circle(
                (disc.x, disc.y),
                disc.radius,
                **{
                    "facecolor": mixed(disc.colour, WHITE, 0.86),
                    "edgecolor": disc.colour,
                    "linewidth": 1.6,
                    "zorder": 3,
                    "gid": f"territory:{n}",
                    **options,
                },
            )
        )
        lines = _inside(disc, self.found.scene.types)
        for one in lines:
            if one.is_owner:
                label(
                    self.ax,
                    disc.x,
                    disc.y + one.y,
                    one.text,
                    face=ANCHOR,
                    colour=WHITE,
                    rim=ANCHOR_RIM,
                    rim_width=1.8,
                    size=one.size,
                    weight="bold",
                    gid="anchor",
                )
            else:
                write(
                    self.ax,
                    disc.x,
                    disc.y + one.y,
                    one.text,
                    size=one.size,
                    colour=INK if one.gid == "events" else QUIET,
                    weight="bold" if one.gid == "events" else "normal",
                    ha="center",
                    zorder=4,
                    gid=one.gid,
                )

    def _borders(self, options: dict[str, Any]) -> None:
        borders = self.found.borders
        if not borders:
            return
        middle = self.width / 2
        inner = max(one.x + one.radius for one in self.discs if one.x < middle)
        gap = (self.width - 2 * inner) / 2
        names, words = self._fitted(gap)
        heights = [sum(_halves(one)) + 4 for one in borders]
        spare = max(self.bottom - sum(heights), 0.0) / (len(borders) + 1)
        spare = min(spare, 26.0)
        y = (self.bottom - sum(heights) - spare * (len(borders) - 1)) / 2
        order = sorted(range(len(borders)), key=lambda n: (self._mean(borders[n]), n))
        half = max(label_width(name, SIZE, "bold") for name in names) / 2 + 6
        told = max(text_width(_kind_words(one), SMALL - 0.5) for one in borders) / 2 + 4
        half = max(half, min(told, gap / 2))
        for n in order:
            self._border(
                borders[n], names[n], words, (middle, y + _halves(borders[n])[0], half), options
            )
            y += heights[n] + spare

    def _mean(self, border: Border) -> float:
        """How high the discs stand that it reaches."""
        ys = [self.discs[one.territory].y for one in border.reaches]
        return round(sum(ys) / len(ys), 3) if ys else 0.0

    def _fitted(self, gap: float) -> tuple[list[str], bool]:
        """The text of each border, and whether there is room for the word "events"."""
        signs = glyphs(self.found.scene.types, self.found.scene.anchor)
        for letters, words in (
            (26, True),
            (20, True),
            (16, True),
            (12, False),
            (8, False),
            (5, False),
        ):
            names = [_border_name(one, signs, letters) for one in self.found.borders]
            widest = max(label_width(name, SIZE, "bold") for name in names) / 2 + 12
            beside = max(
                (
                    text_width(_reach_words(reach, words), SMALL)
                    for one in self.found.borders
                    for reach in one.reaches
                ),
                default=0.0,
            )
            if widest + beside + 14 <= gap:
                return names, words
        return names, False

    def _border(
        self,
        border: Border,
        name: str,
        words: bool,
        place: tuple[float, float, float],
        options: dict[str, Any],
    ) -> None:
        middle, y, half = place
        scene = self.found.scene
        colours = type_colours(scene.types, scene.anchor)
        face = colours.get(border.kind, WHITE)
        label(
            self.ax,
            middle,
            y,
            name,
            face=face,
            colour=text_on(face),
            rim=CULPRIT if border.is_culprit else face if border.rank >= 0 else INK,
            rim_width=2.4 if border.is_culprit else 1.0 if border.rank < 0 else 0.0,
            size=SIZE,
            weight="bold" if border.is_culprit else "normal",
            gid="culprit" if border.is_culprit else "border",
        )
        own = label_width(name, SIZE, "bold" if border.is_culprit else "normal") / 2
        told = [_kind_words(border)]
        told += [
            f"a decision links it with {shown_text(value_of(one), 14)}" for one in border.linked
        ]
        for n, text in enumerate(told):
            write(
                self.ax,
                middle,
                y + 13 + n * STEP,
                _cut_to(text, 2 * half - 4, SMALL - 0.5),
                size=SMALL - 0.5,
                colour=CULPRIT if border.is_culprit and not n else QUIET,
                ha="center",
                gid="decision" if n else "kind",
            )
        for is_right in (False, True):
            reaches = sorted(
                (
                    one
                    for one in border.reaches
                    if (self.discs[one.territory].x > middle) == is_right
                ),
                key=lambda one: self.discs[one.territory].y,
            )
            sign = 1 if is_right else -1
            for n, reach in enumerate(reaches):
                level = y + (n - (len(reaches) - 1) / 2) * STEP
                text = _reach_words(reach, words)
                width = text_width(text, SMALL)
                near, far = middle + sign * half, middle + sign * (half + width + 6)
                disc = self.discs[reach.territory]
                self.ax.add_collection(
                    LineCollection(
                        [
                            [
                                (middle + sign * own, y),
                                (near, level),
                                (far, level),
                                _rim(disc, far, level),
                            ]
                        ],
                        **{
                            "colors": [CULPRIT if border.is_culprit else "#8A8A8A"],
                            "linewidths": [1.7 if border.is_culprit else 1.1],
                            "linestyles": ["solid" if reach.events else (0, (3, 2))],
                            "zorder": 2,
                            "gid": "line" if reach.events else "cut line",
                            **options,
                        },
                    ),
                    autolim=False,
                )
                write(
                    self.ax,
                    middle + sign * (half + 3),
                    level,
                    text,
                    size=SMALL,
                    colour=INK,
                    ha="left" if is_right else "right",
                    zorder=4,
                    gid="reach",
                    bbox={"facecolor": WHITE, "edgecolor": "none", "pad": 0.6},
                )


def _border_name(border: Border, signs: Mapping[str, str], most: int) -> str:
    text = shown_text(value_of(border.node), most)
    if border.rank >= 0:
        return f"{signs.get(border.kind, '')} {text}".strip()
    more = border.events - 1
    return f"event {text}" + (f" and {more:,} more" if more else "")


def _kind_words(border: Border) -> str:
    """What it is: ``device: every way passes it``."""
    if border.every_route:
        return f"{border.kind}: every way passes it"
    if border.rank < 0:
        return "carries them together"
    return f"{border.kind}: suspected" if border.is_culprit else border.kind


def _cut_to(text: str, room: float, size: float) -> str:
    """Shorten words at their end until they have room."""
    if text_width(text, size) <= room:
        return text
    while text and text_width(f"{text}…", size) > room:
        text = text[:-1]
    return f"{text.rstrip()}…" if text else ""


def _reach_words(reach: Reach, words: bool) -> str:
    """How many events: ``3 events``, ``3 cut``."""
    if not words:
        return f"{reach.events or reach.cut:,}" + ("" if reach.events else " cut")
    if not reach.events:
        return f"{counted(reach.cut, 'event')} cut"
    return counted(reach.events, "event") + (f", {reach.cut:,} cut" if reach.cut else "")


def _rim(disc: _Disc, x: float, y: float) -> tuple[float, float]:
    """Where a line that comes from a place meets the rim of a disc: on the side that faces the middle."""
    angle = math.atan2(y - disc.y, x - disc.x)
    towards = 0.0 if x > disc.x else math.pi
    turn = (angle - towards + math.pi) % (2 * math.pi) - math.pi
    angle = towards + max(-0.9, min(turn, 0.9))
    return disc.x + disc.radius * math.cos(angle), disc.y + disc.radius * math.sin(angle)


# ------------------------------------------------------------------------------------ words in a disc


@dataclass(frozen=True)
class _Line:
    """A line of words in a disc; ``y`` from its middle."""

    text: str
    y: float
    size: float
    gid: str
    is_owner: bool = False


def _inside(disc: _Disc, types: Sequence[str]) -> list[_Line]:
    """The words in a disc: none of them crosses its rim."""
    owner = disc.territory.node
    for size in (SIZE, SMALL, 6.0):
        items = [_count_words(name, n) for name, n in disc.territory.counts]
        for most in range(len(items), -1, -1):
            some = items[:most]
            if most < len(items):
                some.append(f"+{counted(len(items) - most, 'type')}")
            lines = _packed(disc, owner, some, size)
            if lines is not None:
                return lines
            if most and size != 6.0:
                break  # first smaller text, and only then fewer types
    return _least(disc)


def _count_words(name: str, number: int) -> str:
    return f"{number:,} {shown_text(name if number == 1 else plural(name), 18)}"


def _packed(disc: _Disc, owner: Any, items: Sequence[str], size: float) -> list[_Line] | None:
    """Put words into lines that fit; None where they do not."""
    step = size * 1.42
    for many in range(1, len(items) + 1) if items else (0,):
        total = many + 1 + (1.6 if owner is not None else 0.0)
        if total * step > 2 * disc.radius:
            return None
        top = -total * step / 2
        lines: list[_Line] = []
        if owner is not None:
            y = top + 0.8 * step
            name = _fitting(value_of(owner), _chord(disc, y, size * 0.95) - 2, size + 0.5)
            if name is None:
                return None
            lines.append(_Line(name, y, size + 0.5, "anchor", is_owner=True))
            top += 1.6 * step
        events = counted(disc.territory.events, "event")
        y = top + 0.5 * step
        if text_width(events, size, "bold") > _chord(disc, y, size * 0.6):
            return None
        lines.append(_Line(events, y, size, "events"))
        rows = _in_rows(
            items,
            many,
            [_chord(disc, top + (n + 1.5) * step, size * 0.6) for n in range(many)],
            size,
        )
        if rows is None:
            continue
        lines += [_Line(row, top + (n + 1.5) * step, size, "counts") for n, row in enumerate(rows)]
        return lines
    return None


def _in_rows(
    items: Sequence[str], many: int, rooms: Sequence[float], size: float
) -> list[str] | None:
    """Put words into so many rows, in their order, each as wide as there is room; None where they do not fit."""
    rows: list[str] = []
    for item in items:
        longer = f"{rows[-1]}   {item}" if rows else item
        if rows and text_width(longer, size) <= rooms[len(rows) - 1]:
            rows[-1] = longer
        elif len(rows) < many and text_width(item, size) <= rooms[len(rows)]:
            rows.append(item)
        else:
            return None
    return rows


def _chord(disc: _Disc, y: float, half: float) -> float:
    """How wide a line may be whose middle is at ``y``, and that is twice ``half`` high."""
    reach = abs(y) + half
    inside = (disc.radius - 2.5) ** 2 - reach**2
    return 2 * math.sqrt(inside) if inside > 0 else 0.0


def _fitting(value: str, room: float, size: float) -> str | None:
    for letters in (24, 20, 16, 13, 10, 8, 6, 5, 4, 3):
        name = shown_text(value, letters)
        if label_width(name, size, "bold") <= room:
            return name
    return None


def _least(disc: _Disc) -> list[_Line]:
    """What a very small disc holds: its owner, or nothing."""
    for size in (6.0, 5.0):
        if disc.territory.node is not None:
            name = _fitting(value_of(disc.territory.node), _chord(disc, 0, size * 0.95), size)
            if name is not None:
                return [_Line(name, 0.0, size, "anchor", is_owner=True)]
    return []


# ------------------------------------------------------------------------------------ many owners


def _draw_table(ax: Axes, found: Territories, width: float, height: float) -> None:
    """Owners as the rows of a table: how many events carry each, as bars too, and what these carry besides."""
    said = wrapped(found.left_out, width - 8, SMALL)
    room = height - len(said) * (SMALL + 2.2) - 30
    many = max(1, min(len(found.territories), int(room / 11)))
    if many < len(found.territories):
        more = found.owners_left_off + len(found.territories) - many
        found = Territories(found.scene, found.territories[:many], True, more, (), 0, 0, 0)
        said = wrapped(found.left_out, width - 8, SMALL)
    pitch = min(16.0, room / many)
    size = min(SIZE, pitch - 4.5)
    names = [shown_text(value_of(one.node), 24) if one.node else "" for one in found.territories]
    first = max(label_width(name, size, "bold") for name in names) + 10
    largest = max(one.events for one in found.territories) or 1
    bar = min(160.0, max(width * 0.2, 30.0))
    write(ax, 6, 10, found.territories[0].kind, size=SMALL, colour=QUIET)
    write(ax, first + 6, 10, "events that carry it", size=SMALL, colour=QUIET)
    after = first + bar + 12 + text_width(f"{largest:,}", size)
    beside = "what these carry besides"
    if after + text_width(beside, SMALL) < width:
        write(ax, after + 8, 10, beside, size=SMALL, colour=QUIET)
    for n, (one, name) in enumerate(zip(found.territories, names, strict=True)):
        y = 20 + pitch * (n + 0.5)
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
        for item in (_count_words(*count) for count in one.counts):
            if after + 8 + text_width("   ".join([*words, item]), size) > width - 4:
                break
            words.append(item)
        write(ax, after + 8, y, "   ".join(words), size=size, colour=QUIET, gid="counts")
    y = 20 + pitch * many + 8
    for line in said:
        write(ax, 4, y, line, size=SMALL, colour=QUIET, gid="more")
        y += SMALL + 2.2
