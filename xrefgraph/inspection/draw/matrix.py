"""The linking matrix: a row for each identifier, a column for each group of alike events; where two people touch, the culprit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.patches import Rectangle

from xrefgraph.inspection.draw.canvas import (
    axes_for,
    bare,
    drawable,
    inches,
    label,
    text_width,
    write,
)
from xrefgraph.inspection.draw.layout.arranging import reordered, scene_within
from xrefgraph.inspection.draw.layout.composing import COLUMNS, ROWS, scene_of
from xrefgraph.inspection.draw.layout.masking import hidden_by, masked_scene
from xrefgraph.inspection.draw.layout.scene import Column, Scene
from xrefgraph.inspection.draw.layout.words import reasons_of
from xrefgraph.inspection.draw.legend import SPARE, draw_head, draw_types
from xrefgraph.inspection.draw.matrix_frame import (
    COUNT,
    EDGE,
    Frame,
    aside,
    counts,
    framed,
    label_text,
    look_of,
    pad_of,
    size_of,
)
from xrefgraph.inspection.draw.styles import (
    ANCHOR_RIM,
    BAND,
    CULPRIT,
    CULPRIT_BAND,
    INK,
    QUIET,
    SIDES,
    WHITE,
    mixed,
    side_colour,
    type_colours,
)


def plot_matrix(
    asked: Any,
    *,
    ax: Axes | None = None,
    order: str = "potential",
    most_rows: int = ROWS,
    most_columns: int = COLUMNS,
    mask: str | None = None,
    legend: bool = True,
    node_kws: Mapping[str, Any] | None = None,
    event_kws: Mapping[str, Any] | None = None,
) -> Axes:
    """Draw which events carry which identifiers, so that people who are one profile by mistake are two blocks.

    Parameters
    ----------
    asked : Profile, an answer about profiles, or Scene
        What is drawn.
    ax : Axes, optional
        Where; without it, a figure of the right size is made. What there is no room for is left off, and counted in words.
    order : {"potential", "type", "time"}
        The order of rows and columns: from owner to owner, by type, or by time of first sight.
    most_rows, most_columns : int
        A profile of more identifiers is folded; of more groups of alike events the rest is counted. See
        :func:`~xrefgraph.inspection.draw.layout.composing.scene_of`.
    mask : {"partial", "hash"}, optional
        How values are masked.
    legend : bool
        Whether the types are named below, where there is room.
    node_kws, event_kws : dict, optional
        For matplotlib: of the dots (as for ``Axes.scatter``), and of the bars (as for ``LineCollection``).

    Returns
    -------
    Axes

    Notes
    -----
    A row is an identifier, with its label at the left. A column is a group of events that carry the same identifiers: a dot for each of them,
    joined by a bar in the colour of the side, and how many events they are on top, where they are several. Rows and columns stand in the
    order of the anchor potential, so the row where two blocks touch is what joins them: it has an orange band and rim, its events orange bars.
    A link that was cut is dashed, with a cross at its end. What a decision links is joined by a dashed bracket.

    Examples
    --------
    >>> import xrefgraph as xg
    >>> rows = [{"db_id": 1, "cookie": "x"}, {"db_id": 2, "cookie": "x"}]
    >>> graph = xg.build(rows, xg.Schema(["db_id", "cookie"], anchor="db_id", conflicts="keep"))
    >>> ax = plot_matrix(graph.profile(cookie="x"))
    >>> [text.get_text() for text in ax.texts if text.get_gid() == "title"]
    ['Why are 1 and 2 one profile?', '2 events, 3 identifiers, 2 db_ids. Every way between them passes cookie x (2 of 2 events).']
    """
    scene = scene_within(asked, most_rows, most_columns)
    if mask is not None:
        scene = masked_scene(scene, hidden_by(mask, scene.drawn.store))
    scene = reordered(scene, order)
    own = ax is None
    wide, high = size_of(scene, own=own, legend=legend)
    ax = axes_for(ax, wide / 72, high / 72)
    width, height = (72 * side for side in inches(ax))
    bare(ax, width, height)
    frame = framed(scene, width, height, own=own, legend=legend)
    if len(scene.rows) > frame.rows:
        # What there is no room for is folded, so that it still is somewhere.
        smaller = scene_of(scene.drawn, rows=frame.rows, columns=most_columns, used=1)
        if len(smaller.rows) < len(scene.rows):
            smaller = reordered(masked_scene(smaller, scene.hide), order)
            frame = framed(smaller, width, height, own=own, legend=legend)
    _drawn(ax, frame, dict(node_kws or {}), dict(event_kws or {}))
    return ax


# ----------------------------------------------------------------------------------------------- drawing


def _drawn(ax: Axes, frame: Frame, node_kws: dict[str, Any], event_kws: dict[str, Any]) -> None:
    draw_head(ax, frame.title, EDGE, EDGE / 2 + 8)
    _bands(ax, frame)
    _labelled(ax, frame)
    _decisions(ax, frame)
    _sides(ax, frame)
    _bars(ax, frame, event_kws)
    _dots(ax, frame, node_kws)
    _numbers(ax, frame)
    _reasons(ax, frame)
    for n, line in enumerate(reversed(frame.foot)):
        y = frame.height - EDGE / 2 - 5 - 11 * n
        write(
            ax,
            frame.width - EDGE,
            y,
            line,
            size=7,
            colour=QUIET,
            ha="right",
            gid="more",
        )
    if frame.legend:
        _types(ax, frame)


def _bands(ax: Axes, frame: Frame) -> None:
    """A band behind every second row, and an orange one behind what is suspected."""
    left, right = frame.left - 4, frame.width - EDGE / 2

    def box(row: int) -> list[tuple[float, float]]:
        y, half = frame.y(row), frame.row / 2
        return [(left, y - half), (right, y - half), (right, y + half), (left, y + half)]

    scene = frame.scene
    even = [box(n) for n in range(1, len(scene.rows), 2) if not scene.rows[n].is_culprit]
    ax.add_collection(
        PolyCollection(even, facecolors=BAND, edgecolors="none", zorder=0.5), autolim=False
    )
    for row in scene.culprits:
        band = PolyCollection(
            [box(row)], facecolors=CULPRIT_BAND, edgecolors="none", zorder=0.6, gid="culprit-band"
        )
        ax.add_collection(band, autolim=False)
    bottom = frame.top + frame.row * len(scene.rows)
    for n, column in enumerate(scene.columns):
        if column.is_culprit:
            x, half = frame.x(n), frame.pitch / 2
            ax.add_patch(
                Rectangle(
                    (x - half, frame.top - 3),
                    2 * half,
                    bottom - frame.top + 6,
                    facecolor=CULPRIT_BAND,
                    edgecolor=CULPRIT,
                    linewidth=1.2,
                    zorder=0.7,
                    gid="culprit",
                )
            )


def _labelled(ax: Axes, frame: Frame) -> None:
    scene = frame.scene
    right = frame.left - aside(scene) - 6
    for n, row in enumerate(scene.rows):
        look = look_of(row, scene)
        mark = "culprit" if row.is_culprit else "anchor" if row.is_anchor else f"row:{n}"
        text, _ = label(
            ax,
            right,
            frame.y(n),
            label_text(row, scene, frame.characters),
            face=look.face,
            colour=look.text,
            rim=look.rim,
            rim_width=look.rim_width * frame.size / 8,
            size=frame.size,
            weight="bold" if look.bold else "normal",
            ha="right",
            pad=pad_of(frame.size),
            gid=mark,
        )
        text.set_gid(f"row:{n}")


def _decisions(ax: Axes, frame: Frame) -> None:
    """A dashed bracket for each pair of rows that a decision links."""
    left = frame.left - aside(frame.scene) - 6
    lines = []
    for n, (a, b) in enumerate(frame.scene.decided):
        out = left + 2 + 6.0 * (n % 4 + 1) - 2
        ya, yb = frame.y(a), frame.y(b)
        lines.append([(left + 1, ya), (out, ya), (out, yb), (left + 1, yb)])
    if lines:
        dashed = LineCollection(
            lines, colors=INK, linewidths=1.2, linestyles=[(0, (3, 2))], zorder=3, gid="decision"
        )
        ax.add_collection(dashed, autolim=False)


def _sides(ax: Axes, frame: Frame) -> None:
    """Where there are more than two owners: a strip with the number of each, so that no colour need be told from another."""
    scene = frame.scene
    if len(scene.owners) <= 2:
        return
    # What is suspected is nobody's.
    owners = [None if row.is_culprit else row.owner for row in scene.rows]
    begin = 0
    x = frame.left - 14
    for n in range(1, len(owners) + 1):
        if n < len(owners) and owners[n] == owners[begin]:
            continue
        owner = owners[begin]
        if owner is not None:
            y, height = frame.top + begin * frame.row, (n - begin) * frame.row
            face = SIDES[owner % len(SIDES)]
            ax.add_patch(
                Rectangle(
                    (x, y + 0.8),
                    8,
                    height - 1.6,
                    facecolor=face,
                    edgecolor="none",
                    zorder=3,
                    gid="side",
                )
            )
            write(
                ax,
                x + 4,
                y + height / 2,
                str(owner + 1),
                size=min(6.5, frame.row * 0.6),
                colour=WHITE,
                weight="bold",
                ha="center",
                zorder=4,
            )
        begin = n


def _colour(column: Column, scene: Scene) -> str:
    return side_colour(column.owner, column.order, len(scene.owners))


def _guilty(scene: Scene) -> list[bool]:
    """Which columns are those of what is suspected."""
    culprits = set(scene.culprits)
    return [one.is_culprit or bool(culprits.intersection(one.rows)) for one in scene.columns]


def _bars(ax: Axes, frame: Frame, event_kws: dict[str, Any]) -> None:
    scene = frame.scene
    lines, colours, widths, dashed = [], [], [], []
    thick = min(2.4, frame.pitch * 0.2)
    guilty = _guilty(scene)
    for n, column in enumerate(scene.columns):
        if not column.rows:
            continue
        x, kept = frame.x(n), [row for row in column.rows if row not in column.cut]
        span = kept or list(column.rows[:1])
        lines.append([(x, frame.y(span[0])), (x, frame.y(span[-1]))])
        colours.append(CULPRIT if guilty[n] else _colour(column, scene))
        widths.append(thick * 1.4 if guilty[n] else thick)
        dashed += [
            [(x, frame.y(end)), (x, frame.y(row))]
            for row in column.cut
            for end in (min(span, key=lambda one: (abs(one - row), one)),)
            if row < span[0] or row > span[-1]
        ]
    options: dict[str, Any] = {
        "colors": colours,
        "linewidths": widths,
        "zorder": 2,
        "capstyle": "butt",
    }
    ax.add_collection(LineCollection(lines, **(options | event_kws)), autolim=False)
    if dashed:
        cut = LineCollection(
            dashed, colors=QUIET, linewidths=1.1, linestyles=[(0, (2, 2))], zorder=2, gid="cut"
        )
        ax.add_collection(cut, autolim=False)


def _dots(ax: Axes, frame: Frame, node_kws: dict[str, Any]) -> None:
    """A dot for each link; one of a row for several is pale with a rim, one that was cut is a cross."""
    scene = frame.scene
    colours = type_colours(scene.types, scene.anchor)
    across = min(6.0, frame.pitch * 0.62, frame.row * 0.6)
    places, faces, rims, thick, crosses = [], [], [], [], []
    for n, column in enumerate(scene.columns):
        for row in column.rows:
            if row in column.cut:
                crosses.append((frame.x(n), frame.y(row)))
                continue
            one = scene.rows[row]
            face = colours.get(one.kind, WHITE)
            places.append((frame.x(n), frame.y(row)))
            faces.append(face if one.node is not None else mixed(face, WHITE, 0.65))
            rims.append(CULPRIT if one.is_culprit else ANCHOR_RIM if one.is_anchor else face)
            thick.append(1.4 if one.is_culprit else 0.9)
            if one.rank < 0:
                rims[-1] = INK
    xy = np.array(places, float).reshape(-1, 2)
    options: dict[str, Any] = {
        "s": across**2,
        "c": faces,
        "edgecolors": rims,
        "linewidths": np.array(thick) * across / 6,
        "zorder": 3,
        "gid": "links",
    }
    if len(xy):
        _left_alone(ax, xy, options | node_kws)
    if crosses:
        xy = np.array(crosses, float)
        wide = {"s": (across * 1.3) ** 2, "marker": "X", "c": INK, "edgecolors": WHITE}
        _left_alone(ax, xy, wide | {"linewidths": 0.7, "zorder": 3.2, "gid": "crosses"})


def _left_alone(ax: Axes, xy: Any, options: dict[str, Any]) -> None:
    """Scatter without changing the limits of the axes."""
    limits = ax.get_xlim(), ax.get_ylim()
    ax.scatter(xy[:, 0], xy[:, 1], **options)
    ax.set_xlim(limits[0])
    ax.set_ylim(limits[1])


def _numbers(ax: Axes, frame: Frame) -> None:
    """How many events each column has, where they are several."""
    scene = frame.scene
    if not frame.numbers:
        return
    texts = counts(scene)
    flat = all(text_width(text, COUNT) <= frame.pitch - 0.5 for text in texts)
    guilty = _guilty(scene)
    for n, text in enumerate(texts):
        if text:
            write(
                ax,
                frame.x(n),
                frame.top - 3,
                text,
                size=COUNT,
                colour=_DARK if guilty[n] else QUIET,
                weight="bold" if guilty[n] else "normal",
                ha="center",
                va="bottom",
                rotation=0 if flat else 90,
                gid=f"column:{n}",
            )


def _reasons(ax: Axes, frame: Frame) -> None:
    """Beside what is suspected, in the longest free stretch of its row, why."""
    scene = frame.scene
    for row in scene.culprits:
        left, right, at_left = _free_stretch(frame, row)
        size = min(8.0, frame.size)
        room = (right - left - 8) * SPARE
        said = [drawable(one) for one in (*reasons_of(scene, row), "suspected")]
        text = next((one for one in said if text_width(one, size, "bold") <= room), "")
        if not text:
            continue
        write(
            ax,
            left + 4 if at_left else right - 4,
            frame.y(row),
            text,
            size=size,
            colour=_DARK,
            weight="bold",
            ha="left" if at_left else "right",
            zorder=4,
            gid="reason",
        )


def _free_stretch(frame: Frame, row: int) -> tuple[float, float, bool]:
    """The longest stretch of a row that no column crosses, from left to right, and whether words begin at its left."""
    columns = frame.scene.columns
    taken = [bool(one.rows) and one.rows[0] <= row <= one.rows[-1] for one in columns]
    stretches = []
    begin = 0
    for n in range(len(taken) + 1):
        if n == len(taken) or taken[n]:
            left, right = frame.left + begin * frame.pitch, frame.left + n * frame.pitch
            at_end = n == len(taken)
            right = frame.width - EDGE if at_end else right
            # Words stand next to the events that they are about.
            stretches.append((right - left, left, right, at_end or begin > 0))
            begin = n + 1
    _, left, right, at_left = max(stretches, key=lambda one: (one[0], -one[1]))
    return left, right, at_left


#: Words on the orange band: vermillion that is dark enough to be read.
_DARK = "#9A4300"


def _types(ax: Axes, frame: Frame) -> None:
    """What the letters and the marks stand for."""
    scene = frame.scene
    said = ["×n: alike events"] if any(one.events != 1 for one in scene.columns) else []
    if any(one.cut for one in scene.columns):
        said.append("cross: link that was cut")
    if scene.decided:
        said.append("dashed bracket: joined by a decision")
    y = frame.height - EDGE / 2 - 11 * len(frame.foot) - 9
    draw_types(ax, scene, (EDGE, y, frame.width - EDGE), said)
