"""Where nodes stand in a picture of this size: as large as fits, and none on another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xrefgraph.inspection.draw.canvas import text_width
from xrefgraph.inspection.draw.layout.placement import Box, apart
from xrefgraph.inspection.draw.layout.scene import Scene
from xrefgraph.inspection.draw.layout.sides import Floats
from xrefgraph.inspection.draw.legend import STEP, foot_lines, head_lines

#: In points: the edge of the picture, half an identifier's square, the size of labels.
EDGE, HALF, TEXT = 12.0, 7.0, 7.5
#: Smaller rounds have no number on them.
LEAST_SCALE = 0.7


@dataclass(frozen=True)
class Frame:
    """Where everything stands, in points from the upper left corner."""

    scene: Scene
    width: float
    height: float
    places: Floats
    radii: Floats
    scale: float
    title: tuple[tuple[str, bool], ...]
    legend: bool
    room: Box
    left_off: int


def size_of(scene: Scene, positions: Floats, *, legend: bool) -> tuple[float, float]:
    """How large a figure of its own is, in points: nodes that are neighbours stand 40 points apart, if that is not too large."""
    spread = np.ptp(positions, axis=0) if len(positions) else np.zeros(2)
    width = min(max(44 * float(spread[0]) + 190, 400.0), 900.0)
    height = min(max(44 * float(spread[1]) + 70, 110.0), 620.0)
    return width, height + _above(scene, width) + _below(
        scene, (width, 10_000.0), legend=legend, left_off=0
    )


def _above(scene: Scene, width: float) -> float:
    return 14 + STEP * len(head_lines(scene, width - 2 * EDGE))


def _below(scene: Scene, size: tuple[float, float], *, legend: bool, left_off: int) -> float:
    # As if no label had room: then the words are longest.
    lines = foot_lines(scene, left_off, (size[0] - 2 * EDGE, size[1]), len(scene.rows))
    return 4 + 9.5 * len(lines) + 20.0 * legend


def framed(
    scene: Scene,
    positions: Floats,
    size: tuple[float, float],
    *,
    own: bool,
    legend: bool,
    left_off: int,
) -> Frame:
    """Choose where everything stands in a picture so large, in points."""
    width, height = size
    legend = legend and (own or height > 200)
    top = _above(scene, width) if own else 6.0
    bottom = height - _below(scene, size, legend=legend, left_off=left_off)
    # Labels stand beside the nodes, so these keep away from the edges.
    aside = min(70.0, width / 6)
    scale = min(max(min(width, height) / 240, 0.45), 1.0)
    radii = _radii(scene) * scale
    inner = Box(aside, top + 14 * scale, width - aside, bottom - 14 * scale)
    places = _stretched(positions, inner)
    places = apart(places, radii, 3.0)
    places = _stretched_if_outside(places, inner)
    return Frame(
        scene,
        width,
        height,
        places,
        radii,
        scale,
        tuple(head_lines(scene, width - 2 * EDGE)) if own else (),
        legend,
        Box(2.0, top, width - 2.0, bottom),
        left_off,
    )


def _stretched(positions: Floats, room: Box) -> Floats:
    """Positions in the middle of the room, as large as fits; height and width by the same factor."""
    low, high = positions.min(axis=0), positions.max(axis=0)
    spread = high - low
    wide, tall = max(room.right - room.left, 1.0), max(room.top - room.bottom, 1.0)
    factor = min(
        wide / spread[0] if spread[0] > 1e-9 else 80.0,
        tall / spread[1] if spread[1] > 1e-9 else 80.0,
        80.0,
    )
    middle = np.array([(room.left + room.right) / 2, (room.bottom + room.top) / 2])
    found: Floats = (positions - (low + high) / 2) * np.array([factor, -factor]) + middle
    return found


def _stretched_if_outside(places: Floats, room: Box) -> Floats:
    """Move what was pushed over the edges back, each direction by itself."""
    found = places.copy()
    for axis, (least, most) in enumerate(((room.left, room.right), (room.bottom, room.top))):
        low, high = found[:, axis].min(), found[:, axis].max()
        if high - low > max(most - least, 0):
            found[:, axis] = least + (found[:, axis] - low) * (most - least) / (high - low)
        elif low < least:
            found[:, axis] += least - low
        elif high > most:
            found[:, axis] -= high - most
    return found


def _radii(scene: Scene) -> Floats:
    """Half the width of each node in points: identifiers first."""
    rows = [
        HALF + 2.0 if row.is_owner or row.is_anchor or row.is_culprit else HALF
        for row in scene.rows
    ]
    columns = [
        3.4
        if one.events <= 1
        else max(min(5.2 + 1.1 * np.log2(one.events), 11.0), _number(one.events))
        for one in scene.columns
    ]
    return np.array([*rows, *columns], float)


def _number(events: int) -> float:
    """Half the room that a number in a round needs."""
    return text_width(f"×{events:,}", 6) / 2 + 1.5
