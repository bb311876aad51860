"""Discs with words in them: none of these crosses the rim."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes

from xrefgraph.errors import counted
from xrefgraph.inspection.draw.canvas import label, label_width, shown_text, text_width, write
from xrefgraph.inspection.draw.layout.labels import plural
from xrefgraph.inspection.draw.layout.meeting_names import value_of
from xrefgraph.inspection.draw.layout.territories import Territory
from xrefgraph.inspection.draw.styles import ANCHOR, ANCHOR_RIM, INK, QUIET, WHITE

#: The sizes of text that are tried, the largest first.
SIZES = (9.5, 8.0, 7.0, 6.0)


@dataclass(frozen=True)
class Disc:
    """A territory as a disc, placed: all in points."""

    territory: Territory
    x: float
    y: float
    radius: float
    colour: str

    def rim(self, x: float, y: float) -> tuple[float, float]:
        """Give where a line that comes from a place meets the rim, on the side that faces the place."""
        angle = math.atan2(y - self.y, x - self.x)
        towards = 0.0 if x > self.x else math.pi
        turn = (angle - towards + math.pi) % (2 * math.pi) - math.pi
        angle = towards + max(-0.9, min(turn, 0.9))
        return self.x + self.radius * math.cos(angle), self.y + self.radius * math.sin(angle)


def write_in(ax: Axes, disc: Disc) -> None:
    """Write what is in a disc."""
    for one in words_in(disc):
        x, y = disc.x, disc.y + one.y
        if one.gid == "anchor":
            label(
                ax,
                x,
                y,
                one.text,
                face=ANCHOR,
                colour=WHITE,
                rim=ANCHOR_RIM,
                rim_width=1.8,
                size=one.size,
                weight="bold",
                gid="anchor",
            )
            continue
        first = one.gid == "events"
        write(
            ax,
            x,
            y,
            one.text,
            size=one.size,
            colour=INK if first else QUIET,
            weight="bold" if first else "normal",
            ha="center",
            zorder=4,
            gid=one.gid,
        )


@dataclass(frozen=True)
class _Line:
    """A line of words in a disc; ``y`` from its middle."""

    text: str
    y: float
    size: float
    gid: str


def words_in(disc: Disc) -> list[_Line]:
    """The words in a disc: none of them crosses its rim."""
    owner = disc.territory.node
    for size in SIZES:
        items = [count_words(name, n) for name, n in disc.territory.counts]
        for most in range(len(items), -1, -1):
            some = items[:most]
            if most < len(items):
                some.append(f"+{counted(len(items) - most, 'type')}")
            lines = _packed(disc, owner, some, size)
            if lines is not None:
                return lines
            if most and size != SIZES[-1]:
                break  # first smaller text, and only then fewer types
    return _least(disc)


def count_words(name: str, number: int) -> str:
    """Count the identifiers of a type: ``2 emails``."""
    return f"{number:,} {shown_text(name if number == 1 else plural(name), 18)}"


def _packed(disc: Disc, owner: Any, items: Sequence[str], size: float) -> list[_Line] | None:
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
            lines.append(_Line(name, y, size + 0.5, "anchor"))
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


def _chord(disc: Disc, y: float, half: float) -> float:
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


def _least(disc: Disc) -> list[_Line]:
    """What a very small disc holds: its owner, or nothing."""
    for size in (6.0, 5.0):
        if disc.territory.node is not None:
            name = _fitting(value_of(disc.territory.node), _chord(disc, 0, size * 0.95), size)
            if name is not None:
                return [_Line(name, 0.0, size, "anchor")]
    return []
