"""Identifiers and events as nodes: near each other as they are near in the graph, owners left and right."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from xrefgraph.inspection.draw.canvas import (
    axes_for,
    bare,
    inches,
    shown_text,
    text_width,
    write,
)
from xrefgraph.inspection.draw.layout.arranging import fitted, scene_within
from xrefgraph.inspection.draw.layout.composing import COLUMNS, ROWS
from xrefgraph.inspection.draw.layout.masking import hidden_by, masked_scene
from xrefgraph.inspection.draw.layout.placement import placed_labels
from xrefgraph.inspection.draw.layout.stress import node_positions
from xrefgraph.inspection.draw.legend import draw_head, draw_types, foot_lines
from xrefgraph.inspection.draw.node_frame import EDGE, LEAST_SCALE, TEXT, Frame, framed, size_of
from xrefgraph.inspection.draw.styles import (
    CULPRIT,
    INK,
    QUIET,
    WHITE,
    glyphs,
    look_of_row,
    mixed,
    side_colour,
    text_on,
)


def plot_graph(
    asked: Any,
    *,
    ax: Axes | None = None,
    most_rows: int = ROWS,
    most_columns: int = COLUMNS,
    mask: str | None = None,
    legend: bool = True,
    node_kws: Mapping[str, Any] | None = None,
    event_kws: Mapping[str, Any] | None = None,
) -> Axes:
    """Draw a profile as nodes and links.

    Parameters
    ----------
    asked : Profile, an answer about profiles, or Scene
        What is drawn.
    ax : Axes, optional
        Where; without it, a figure of the right size is made.
    most_rows, most_columns : int
        A profile of more identifiers is folded; of more groups of alike events the rest is counted.
    mask : {"partial", "hash"}, optional
        How values are masked.
    legend : bool
        Whether the types are named below, where there is room.
    node_kws, event_kws : dict, optional
        For ``Axes.scatter``: of the identifiers, and of the events.

    Returns
    -------
    Axes

    Notes
    -----
    A square is an identifier, with the letter of its type; a black hexagon the anchor, with a yellow rim; a round a group of alike
    events, larger and with a number where there are several. What is suspected has a thick orange rim, and orange links. A dashed
    link was cut, or, without an event, made by a decision. Positions are those of
    :func:`~xrefgraph.inspection.draw.layout.stress.node_positions`. Labels that would cover something are left off, and counted.

    Examples
    --------
    >>> import xrefgraph as xg
    >>> graph = xg.build([{"db_id": 1, "cookie": "x"}, {"cookie": "x"}], anchor="db_id", identifiers=["cookie"])
    >>> ax = plot_graph(graph.profile(cookie="x"))
    >>> [text.get_text() for text in ax.texts if str(text.get_gid()).startswith("row:")]
    ['1', 'x']
    """
    scene = scene_within(asked, most_rows, most_columns)
    if mask is not None:
        scene = masked_scene(scene, hidden_by(mask, scene.drawn.store))
    own = ax is None
    positions = node_positions(scene)
    wide, high = size_of(scene, positions, legend=legend)
    ax = axes_for(ax, wide / 72, high / 72)
    width, height = (72 * side for side in inches(ax))
    bare(ax, width, height)
    left_off = 0
    room = max(int(width * height / 1600), 3)
    if not own and len(positions) > room:
        # A node needs room, and so does its label.
        scene, left_off = fitted(scene, max(room // 2, 2), max(room // 2, 1))
        positions = node_positions(scene)
    frame = framed(scene, positions, (width, height), own=own, legend=legend, left_off=left_off)
    _links(ax, frame)
    _events(ax, frame, dict(event_kws or {}))
    _identifiers(ax, frame, dict(node_kws or {}))
    dropped = _labels(ax, frame)
    _words(ax, frame, dropped)
    return ax


# ----------------------------------------------------------------------------------------------- drawing


def _links(ax: Axes, frame: Frame) -> None:
    scene, places = frame.scene, frame.places
    culprits, rows = set(scene.culprits), len(scene.rows)
    quiet, weak, cut = [], [], []
    for n, column in enumerate(scene.columns):
        for row in column.rows:
            span = [tuple(places[row]), tuple(places[rows + n])]
            if row in column.cut:
                cut.append(span)
            elif row in culprits or column.is_culprit:
                weak.append(span)
            else:
                quiet.append(span)
    decided = [[tuple(places[a]), tuple(places[b])] for a, b in scene.decided]
    for spans, colour, thick, style, gid in (
        (quiet, "#BDBDBD", 1.0, "solid", "links"),
        (cut, QUIET, 1.2, (0, (2, 2)), "cut"),
        (decided, INK, 1.5, (0, (4, 2)), "decision"),
        (weak, CULPRIT, 2.6, "solid", "culprit-link"),
    ):
        if spans:
            lines = LineCollection(
                spans, colors=colour, linewidths=thick, linestyles=[style], zorder=1, gid=gid
            )
            ax.add_collection(lines, autolim=False)
    if cut:
        middle = np.array(cut).mean(axis=1)
        _scattered(
            ax,
            middle,
            {
                "s": 34,
                "marker": "X",
                "c": INK,
                "edgecolors": WHITE,
                "linewidths": 0.7,
                "zorder": 1.5,
                "gid": "crosses",
            },
        )


def _scattered(ax: Axes, xy: Any, options: Mapping[str, Any]) -> None:
    """Scatter without changing the limits of the axes."""
    limits = ax.get_xlim(), ax.get_ylim()
    ax.scatter(xy[:, 0], xy[:, 1], **options)
    ax.set_xlim(limits[0])
    ax.set_ylim(limits[1])


def _events(ax: Axes, frame: Frame, event_kws: dict[str, Any]) -> None:
    scene = frame.scene
    rows = len(scene.rows)
    if not scene.columns:
        return
    culprits = set(scene.culprits)
    guilty = [one.is_culprit or bool(culprits.intersection(one.rows)) for one in scene.columns]
    sides = [
        CULPRIT if bad else side_colour(one.owner, one.order, len(scene.owners))
        for one, bad in zip(scene.columns, guilty, strict=True)
    ]
    options: dict[str, Any] = {
        "s": (2 * frame.radii[rows:]) ** 2,
        "c": [
            side if one.events <= 1 else WHITE
            for one, side in zip(scene.columns, sides, strict=True)
        ],
        "edgecolors": sides,
        "linewidths": [2.4 if one.is_culprit else 1.4 for one in scene.columns],
        "zorder": 2,
        "gid": "events",
    }
    _scattered(ax, frame.places[rows:], options | event_kws)
    for n, one in enumerate(scene.columns):
        if one.events > 1 and frame.scale >= LEAST_SCALE:
            x, y = frame.places[rows + n]
            write(
                ax,
                x,
                y,
                f"×{one.events:,}",
                size=6 * frame.scale,
                ha="center",
                va="center",
                zorder=2.5,
                gid=f"column:{n}",
            )


def _identifiers(ax: Axes, frame: Frame, node_kws: dict[str, Any]) -> None:
    """A square for each identifier, in one collection for each shape; the letter of the type on it."""
    scene, size = frame.scene, frame.radii
    letters = glyphs(scene.types, scene.anchor)
    for gid, marker, wanted in (
        ("identifiers", "s", lambda row: not row.is_anchor),
        ("anchor", "h", lambda row: row.is_anchor),
    ):
        some = [n for n, row in enumerate(scene.rows) if wanted(row) and not row.is_culprit]
        bad = [n for n, row in enumerate(scene.rows) if wanted(row) and row.is_culprit]
        for part, name in ((some, gid), (bad, "culprit")):
            if not part:
                continue
            looks = [look_of_row(scene.rows[n], scene) for n in part]
            faces = [
                look.face if scene.rows[n].node is not None else mixed(look.face, WHITE, 0.65)
                for n, look in zip(part, looks, strict=True)
            ]
            rims = [
                look.rim if look.rim_width else face
                for look, face in zip(looks, faces, strict=True)
            ]
            options: dict[str, Any] = {
                "s": [(2 * size[n] * (1.1 if marker == "h" else 1.0)) ** 2 for n in part],
                "marker": marker,
                "c": faces,
                "edgecolors": rims,
                "linewidths": [max(look.rim_width, 0.8) * 1.15 for look in looks],
                "zorder": 3,
                "gid": name,
            }
            _scattered(ax, frame.places[part], options | node_kws)
            for n, face in zip(part, faces, strict=True):
                x, y = frame.places[n]
                write(
                    ax,
                    x,
                    y,
                    letters.get(scene.rows[n].kind, "e"),
                    size=(7.0 if scene.rows[n].is_anchor else 8.0) * frame.scale,
                    weight="bold",
                    colour=text_on(face),
                    ha="center",
                    va="center",
                    zorder=3.5,
                    gid="glyph",
                )


def _labels(ax: Axes, frame: Frame) -> int:
    """Write the values beside their nodes, those that matter most first; returns how many had no room."""
    scene = frame.scene

    def need(n: int) -> tuple[Any, ...]:
        row = scene.rows[n]
        return (
            not row.is_culprit,
            not row.is_owner,
            not row.is_anchor,
            not row.on_route,
            -row.events,
            n,
        )

    order = sorted(range(len(scene.rows)), key=need)
    texts = [shown_text(scene.rows[n].text, 24) for n in order]
    size = TEXT * max(frame.scale, 0.75)
    weights = [
        "bold" if scene.rows[n].is_culprit or scene.rows[n].is_owner else "normal" for n in order
    ]
    # Some room is left around them, since a screen draws letters on whole pixels.
    sizes = [
        (text_width(text, size, weight) * 1.04 + 2, size * 1.25)
        for text, weight in zip(texts, weights, strict=True)
    ]
    needed = sum(scene.rows[n].is_culprit or scene.rows[n].is_owner for n in order)
    boxes = placed_labels(
        frame.places, frame.radii, sizes, order, _spans(frame), frame.room, needed=needed
    )
    for n, text, weight, box in zip(order, texts, weights, boxes, strict=True):
        if box is None:
            continue
        write(
            ax,
            (box.left + box.right) / 2,
            (box.bottom + box.top) / 2,
            text,
            size=size,
            weight=weight,
            colour=_DARK if scene.rows[n].is_culprit else INK,
            ha="center",
            va="center",
            zorder=4,
            gid=f"row:{n}",
        )
    return sum(box is None for box in boxes)


#: Vermillion that is dark enough for words.
_DARK = "#9A4300"


def _spans(frame: Frame) -> Any:
    """All links, as lines from place to place."""
    rows, places = len(frame.scene.rows), frame.places
    lines = [
        (places[row], places[rows + n])
        for n, column in enumerate(frame.scene.columns)
        for row in column.rows
    ]
    return np.array(lines, float).reshape(-1, 2, 2)


def _words(ax: Axes, frame: Frame, dropped: int) -> None:
    """The title, the legend, and what is not drawn."""
    draw_head(ax, frame.title, EDGE, 14)
    room = frame.width - 2 * EDGE, frame.height
    lines = foot_lines(frame.scene, frame.left_off, room, dropped)
    for n, line in enumerate(reversed(lines)):
        write(
            ax,
            frame.width - EDGE / 2,
            frame.height - 7 - 9.5 * n,
            line,
            size=7,
            colour=QUIET,
            ha="right",
            gid="more",
        )
    if frame.legend:
        said = ["round: events, ×n alike ones"]
        if any(one.cut for one in frame.scene.columns):
            said.append("cross: link that was cut")
        if frame.scene.decided:
            said.append("dashed: joined by a decision")
        y = frame.height - 12 - 9.5 * len(lines)
        draw_types(ax, frame.scene, (EDGE, y, frame.width - EDGE), said)
