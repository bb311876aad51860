"""Nodes that do not cover each other, and labels that cover nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from xrefgraph.inspection.draw.layout.sides import Floats

#: So many times nodes that cover each other are pushed apart at most.
ROUNDS = 200


def apart(places: Floats, radii: Floats, gap: float = 2.0) -> Floats:
    """Push nodes apart that cover each other, and move the others as little as possible.

    Parameters
    ----------
    places : float64[nodes, 2]
        Where they stand.
    radii : float64[nodes]
        How large they are, in the same unit.
    gap : float
        What is to be between two.

    Returns
    -------
    float64[nodes, 2]
        Where they stand then. Of very many in little room some may still touch.

    Notes
    -----
    Each pair that is too near moves half of what is missing, as often as needed. Cost: all pairs, each time: it is for some hundreds.
    """
    found = places.astype(float).copy()
    size = len(found)
    if size < 2:
        return found
    least = radii[:, None] + radii[None, :] + gap
    turn = (
        np.arange(size) * 2.399963
    )  # the golden angle: two on one spot part in a direction of their own
    own = np.column_stack([np.cos(turn), np.sin(turn)])
    for _ in range(ROUNDS):
        between = found[:, None, :] - found[None, :, :]
        distance = np.hypot(between[..., 0], between[..., 1])
        missing = np.maximum(least - distance, 0.0)
        np.fill_diagonal(missing, 0.0)
        if missing.max() < 0.25:
            break
        same = distance < 1e-6
        direction = np.where(
            same[..., None],
            own[:, None, :] - own[None, :, :],
            between / np.where(same, 1.0, distance)[..., None],
        )
        found += 0.45 * (missing[..., None] * direction).sum(axis=1)
    return found


@dataclass(frozen=True)
class Box:
    """A rectangle: its left and right, and its lower and upper end."""

    left: float
    bottom: float
    right: float
    top: float


def placed_labels(
    places: Floats,
    radii: Floats,
    sizes: Sequence[tuple[float, float]],
    labelled: Sequence[int],
    lines: npt.NDArray[np.float64],
    room: Box,
    *,
    needed: int = 0,
) -> list[Box | None]:
    """Find a place for each label beside its node, where it covers no node and no other label.

    Parameters
    ----------
    places : float64[nodes, 2]
        Where the nodes stand.
    radii : float64[nodes]
        How large they are.
    sizes : sequence of (float, float)
        Width and height of each label, in the order of ``labelled``.
    labelled : sequence of int
        The nodes that have a label; those that matter most first.
    lines : float64[lines, 2, 2]
        The links: of several places the one with the fewest links under it is taken.
    room : Box
        No label may leave it.
    needed : int
        So many of the first labels may stand farther away, if there is no place at their node.

    Returns
    -------
    list of Box or None
        Where each label stands; None where there is no place for it.

    Notes
    -----
    Greedy, with eight places for each label (Christensen, Marks and Shieber, An empirical study of algorithms for point-feature
    label placement, 1995, call it the greedy baseline). Cost: labels times nodes and links.
    """
    nodes = np.column_stack([places - radii[:, None], places + radii[:, None]])
    taken: list[Box] = []
    found: list[Box | None] = []
    for n, (node, size) in enumerate(zip(labelled, sizes, strict=True)):
        x, y = places[node].tolist()
        chosen: Box | None = None
        for away in _AWAY if n < needed else _AWAY[:1]:
            spots = _around((x, y), float(radii[node]) + away, size)
            free = [one for one in spots if _inside(one, room) and not _covers(one, taken)]
            clear = [one for one in free if not _covers_any(one, nodes, node)]
            if clear:
                chosen = min(clear, key=lambda one: _crossed(one, lines))
                break
        found.append(chosen)
        if chosen is not None:
            taken.append(chosen)
    return found


#: How much farther away a label that is needed may stand, in points.
_AWAY = (0.0, 8.0, 18.0, 30.0, 45.0, 65.0, 90.0)


def _around(place: tuple[float, float], radius: float, size: tuple[float, float]) -> list[Box]:
    """The eight places: right, left, above, below, and the corners."""
    (x, y), (width, height) = place, size
    out, corner = radius + 2.0, radius + 1.0
    middles = (
        (x + out + width / 2, y),
        (x - out - width / 2, y),
        (x, y + out + height / 2),
        (x, y - out - height / 2),
        (x + corner + width / 2, y + corner + height / 2),
        (x + corner + width / 2, y - corner - height / 2),
        (x - corner - width / 2, y + corner + height / 2),
        (x - corner - width / 2, y - corner - height / 2),
    )
    return [Box(a - width / 2, b - height / 2, a + width / 2, b + height / 2) for a, b in middles]


def _inside(box: Box, room: Box) -> bool:
    return (
        box.left >= room.left
        and box.right <= room.right
        and box.bottom >= room.bottom
        and box.top <= room.top
    )


def _covers(box: Box, taken: Sequence[Box]) -> bool:
    return any(_cover(box, one) for one in taken)


def _cover(one: Box, other: Box) -> bool:
    return (
        one.left < other.right
        and other.left < one.right
        and one.bottom < other.top
        and other.bottom < one.top
    )


def _covers_any(box: Box, nodes: Floats, own: int) -> bool:
    hit = (
        (nodes[:, 0] < box.right)
        & (nodes[:, 2] > box.left)
        & (nodes[:, 1] < box.top)
        & (nodes[:, 3] > box.bottom)
    )
    hit[own] = False
    return bool(hit.any())


def _crossed(box: Box, lines: npt.NDArray[np.float64]) -> int:
    """How many lines pass a box (Liang and Barsky, 1984)."""
    if not len(lines):
        return 0
    start, way = lines[:, 0, :], lines[:, 1, :] - lines[:, 0, :]
    low, high = np.zeros(len(lines)), np.ones(len(lines))
    passes = np.ones(len(lines), bool)
    for axis, (least, most) in enumerate(((box.left, box.right), (box.bottom, box.top))):
        flat = np.abs(way[:, axis]) < 1e-12
        safe = np.where(flat, 1.0, way[:, axis])
        one, other = (least - start[:, axis]) / safe, (most - start[:, axis]) / safe
        passes &= ~flat | ((start[:, axis] >= least) & (start[:, axis] <= most))
        low = np.where(flat, low, np.maximum(low, np.minimum(one, other)))
        high = np.where(flat, high, np.minimum(high, np.maximum(one, other)))
    return int((passes & (low <= high)).sum())
