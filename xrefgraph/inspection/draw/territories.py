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
    cut_to,
    inches,
    label,
    label_width,
    noted,
    shown_text,
    text_width,
    write,
)
from xrefgraph.inspection.draw.discs import Disc, write_in
from xrefgraph.inspection.draw.layout.composing import scene_of
from xrefgraph.inspection.draw.layout.masking import hidden_by, masked_scene
from xrefgraph.inspection.draw.layout.meeting_names import value_of
from xrefgraph.inspection.draw.layout.territories import (
    Border,
    Reach,
    Territories,
    territories_of,
)
from xrefgraph.inspection.draw.owner_table import draw_table
from xrefgraph.inspection.draw.styles import (
    CULPRIT,
    INK,
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
    >>> rows = [{"id": n, "db_id": n % 2 + 1, "email": f"{n % 2}@example.org"} for n in range(6)]
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
    ax = axes_for(ax, *_wanted(found))
    width, height = (one * 72 for one in inches(ax))
    bare(ax, width, height)
    if found.is_table:
        draw_table(ax, found, width, height)
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
        return 9.0, (len(found.territories) * 16.0 + len(found.borders) * 18.0 + 60) / 72
    if len(found.territories) == 1:
        return 4.6, 3.2
    a_side = math.ceil(len(found.territories) / 2)
    borders = sum(sum(_halves(one)) + 10 for one in found.borders)
    return 8.6, (max(a_side * 166.0, borders + 20) + 40) / 72


def _halves(border: Border) -> tuple[float, float]:
    """How far a border reaches above the middle of its label, and below it, in points."""
    beside = max(len(border.reaches), 1) * STEP / 2
    return max(beside, 9.0), max(beside, 9.0 + STEP * len(_told(border)))


@dataclass(frozen=True)
class _Texts:
    """What is written at each border: its name, and how far it reaches."""

    names: list[str]
    reaches: list[list[str]]


class _Page:
    """Territories while they are drawn: all places are points from the upper left corner."""

    def __init__(self, ax: Axes, width: float, height: float, found: Territories) -> None:
        self.ax, self.width, self.height, self.found = ax, width, height, found
        self.said = noted(self._words(), width - 8, max(1, int(height / 70)), SMALL)
        self.bottom = height - len(self.said) * (SMALL + 2.2) - 6
        self.discs = self._placed()
        #: How many borders there is room for.
        self.room = self._room()

    def _words(self) -> str:
        found, scene = self.found, self.found.scene
        if len(found.territories) > 1:
            return found.left_out
        if found.territories[0].node is None:
            said = (
                f"no {scene.anchor} in this profile: it is nobody's"
                if scene.anchor
                else "no type is an anchor, and none that is unique has several values: one territory"
            )
        else:
            said = f"one {found.territories[0].kind} only: all of it is one territory"
        return "; ".join(one for one in (said, found.left_out) if one)

    def _placed(self) -> list[Disc]:
        """Discs in two columns, in their order down the left and then down the right."""
        found, owners = self.found, len(self.found.territories)
        if owners == 1:
            radius = min(self.width / 2, self.bottom / 2) - 6
            return [
                Disc(
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
                Disc(
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

    def _disc(self, n: int, disc: Disc, options: dict[str, Any]) -> None:
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
        write_in(self.ax, disc)

    def _borders(self, options: dict[str, Any]) -> None:
        borders = self.found.borders
        if not borders:
            return
        middle = self.width / 2
        inner = max(one.x + one.radius for one in self.discs if one.x < middle)
        gap = (self.width - 2 * inner) / 2
        texts = self._fitted(gap)
        heights = [sum(_halves(one)) + 4 for one in borders]
        spare = max(self.bottom - sum(heights), 0.0) / (len(borders) + 1)
        spare = min(spare, 26.0)
        y = (self.bottom - sum(heights) - spare * (len(borders) - 1)) / 2
        half = max(label_width(name, SIZE, "bold") for name in texts.names) / 2 + 6
        told = [text_width(text, SMALL - 0.5) for one in borders for text in _told(one)]
        half = max(half, min(max(told) / 2 + 4, gap / 2))
        for n in sorted(range(len(borders)), key=lambda n: (self._mean(borders[n]), n)):
            level = y + _halves(borders[n])[0]
            own = self._name(borders[n], texts.names[n], level, half if half < gap else 0.0)
            self._reaches(borders[n], texts.reaches[n], (level, own, half), options)
            y += heights[n] + spare

    def _mean(self, border: Border) -> float:
        """How high the discs stand that it reaches."""
        ys = [self.discs[one.territory].y for one in border.reaches]
        return round(sum(ys) / len(ys), 3) if ys else 0.0

    def _fitted(self, gap: float) -> _Texts:
        """The longest texts of the borders for which there is room."""
        for letters, words in ((26, True), (20, True), (16, True), (12, False), (8, False)):
            texts = self._texts(letters, words=words)
            widest = max(label_width(name, SIZE, "bold") for name in texts.names) / 2 + 12
            beside = [text_width(one, SMALL) for some in texts.reaches for one in some]
            if widest + max(beside, default=0.0) + 14 <= gap:
                return texts
        return self._texts(5, words=False)

    def _texts(self, letters: int, *, words: bool) -> _Texts:
        signs = glyphs(self.found.scene.types, self.found.scene.anchor)
        return _Texts(
            [_border_name(one, signs, letters) for one in self.found.borders],
            [
                [_reach_words(reach, words=words) for reach in one.reaches]
                for one in self.found.borders
            ],
        )

    def _name(self, border: Border, name: str, y: float, half: float) -> float:
        """Write what a border is, with words below that are no wider than twice ``half``; give half the width of its label."""
        colours = type_colours(self.found.scene.types, self.found.scene.anchor)
        face = colours.get(border.kind, WHITE)
        marked = border.is_culprit
        _, width = label(
            self.ax,
            self.width / 2,
            y,
            name,
            face=face,
            colour=text_on(face),
            rim=CULPRIT if marked else face if border.rank >= 0 else INK,
            rim_width=2.4 if marked else 1.0 if border.rank < 0 else 0.0,
            size=SIZE,
            weight="bold" if marked else "normal",
            gid="culprit" if marked else "border",
        )
        for n, text in enumerate(_told(border) if half else ()):
            write(
                self.ax,
                self.width / 2,
                y + 13 + n * STEP,
                cut_to(text, 2 * half - 4, SMALL - 0.5),
                size=SMALL - 0.5,
                colour=CULPRIT if marked and not n else QUIET,
                ha="center",
                zorder=4,
                gid="beside" if n else "kind",
                bbox={"facecolor": WHITE, "edgecolor": "none", "pad": 0.4},
            )
        return width / 2

    def _reaches(
        self,
        border: Border,
        texts: Sequence[str],
        place: tuple[float, float, float],
        options: dict[str, Any],
    ) -> None:
        """Draw the lines from a border to the discs, each with its words beside the label."""
        y, own, half = place
        middle = self.width / 2
        for sign in (-1, 1):
            mine = [
                (self.discs[reach.territory], reach, text)
                for reach, text in zip(border.reaches, texts, strict=True)
                if (self.discs[reach.territory].x > middle) == (sign > 0)
            ]
            mine.sort(key=lambda one: one[0].y)
            for n, (disc, reach, text) in enumerate(mine):
                level = y + (n - (len(mine) - 1) / 2) * STEP
                near = middle + sign * half
                far = near + sign * (text_width(text, SMALL) + 6)
                line = [(middle + sign * own, y), (near, level), (far, level)]
                self.ax.add_collection(
                    LineCollection(
                        [[*line, disc.rim(far, level)]],
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
                    near + sign * 3,
                    level,
                    text,
                    size=SMALL,
                    ha="left" if sign > 0 else "right",
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


def _told(border: Border) -> list[str]:
    """The lines of words below a border: what it is, and what it is on events or in decisions with."""
    return [
        _kind_words(border),
        *(f"a decision links it with {shown_text(value_of(one), 14)}" for one in border.linked),
        *(
            f"{counted(events, 'event')} with {shown_text(value_of(one), 14)}"
            for one, events in border.shared
        ),
    ]


def _kind_words(border: Border) -> str:
    """What it is: ``device: every way passes it``."""
    if border.every_route:
        return f"{border.kind}: every way passes it"
    if border.rank < 0:
        return "carries them together"
    return f"{border.kind}: suspected" if border.is_culprit else border.kind


def _reach_words(reach: Reach, *, words: bool) -> str:
    """How many events: ``3 events``, ``3 cut``."""
    if not words:
        return f"{reach.events or reach.cut:,}" + ("" if reach.events else " cut")
    if not reach.events:
        return f"{counted(reach.cut, 'event')} cut"
    return counted(reach.events, "event") + (f", {reach.cut:,} cut" if reach.cut else "")
