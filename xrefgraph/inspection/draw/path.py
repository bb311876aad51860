"""The way from one identifier to another as a strip: what carries what, when, and where it is weak."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from matplotlib.axes import Axes

from xrefgraph.errors import SchemaError, XrefGraphError, counted
from xrefgraph.inspection.draw.canvas import (
    axes_for,
    bare,
    cut_to,
    drawable,
    inches,
    wrapped,
    write,
)
from xrefgraph.inspection.draw.layout.masking import hidden_by, partly
from xrefgraph.inspection.draw.layout.strip import Bead, beads_of
from xrefgraph.inspection.draw.strip import (
    Strip,
    Types,
    draw_strip,
    laid_out,
    natural_width,
    within,
)
from xrefgraph.inspection.draw.styles import INK, QUIET
from xrefgraph.inspection.evidence.evidence_path import Path
from xrefgraph.inspection.masking import masked
from xrefgraph.inspection.paths import Paths
from xrefgraph.inspection.subjects import asked_number
from xrefgraph.inspection.why import WeakLink, Why

#: So many paths are stacked at most, and so many steps of each are drawn.
STACKED, STEPS = 8, 24
EDGE = 12.0


def plot_path(
    asked: Why | Paths | Path,
    *,
    ax: Axes | None = None,
    mask: str | None = None,
    most: int = STACKED,
) -> Axes:
    """Draw the way from one identifier to another; several ways one under the other.

    Parameters
    ----------
    asked : Why, Paths or Path
        What is drawn. Of a Why, what is weakest is marked, with the reason under it. A Path by itself knows no schema, so
        its labels are white.
    ax : Axes, optional
        Where; without it, a figure of the right size is made. A long way goes on in the next line; where there is no room for it,
        steps in its middle are left off, and counted.
    mask : {"partial", "hash"}, optional
        How values are masked.
    most : int
        How many ways are drawn at most; of more it is said how many there are.

    Returns
    -------
    Axes

    Raises
    ------
    XrefGraphError
        When no path leads from one to the other.
    SchemaError
        When it is none of these, or a Path by itself is to be masked by a hash.

    Notes
    -----
    A label is an identifier, with its type above. A round between two is how many events carry both, with their dates and their
    source below. A dashed link is one that a decision made.

    Examples
    --------
    >>> import xrefgraph as xg
    >>> rows = [{"db_id": 1, "mail": "a@example.org"}, {"mail": "a@example.org", "cookie": "x"}]
    >>> graph = xg.build(rows, anchor="db_id", identifiers=["mail", "cookie"])
    >>> ax = plot_path(xg.why(graph, "db_id:1", "cookie:x"))
    >>> [text.get_text() for text in ax.texts if text.get_gid() == "reason"]
    ['weakest link: every path passes it']
    """
    asked_number("most", most, 1)
    strips, types, heads = _prepared(asked, mask, most)
    laid: list[Strip] = []
    own = ax is None
    if own:
        width = max(natural_width(beads) for beads in strips) + 2 * EDGE
        width = min(max(width, 420.0), 1000.0)
        laid = [laid_out(beads, width - 2 * EDGE) for beads in strips]
        height = sum(one.height for one in laid) + _heads(heads, width) + 2 * EDGE - 4
        ax = axes_for(None, width / 72, height / 72)
    else:
        ax = axes_for(ax, 0, 0)
    width, height = (72 * side for side in inches(ax))
    bare(ax, width, height)
    if not own:
        laid, heads = _fitting(asked, mask, most, (width, height), heads)
    y = EDGE / 2
    for n, strip in enumerate(laid):
        if heads and heads[n]:
            for line in wrapped(drawable(heads[n]), width - 2 * EDGE, 8.5, "bold"):
                write(ax, EDGE, y + 8, line, size=8.5, weight="bold", colour=INK, gid="head")
                y += 12
        y += 4
        draw_strip(ax, strip, EDGE, y, width - 2 * EDGE, types)
        y += strip.height
    left = heads[len(laid) :]
    if left and left[0]:
        more = cut_to(left[0], (width - 2 * EDGE) * 0.94, 7)
        write(ax, width - EDGE, height - 6, more, size=7, colour=QUIET, ha="right", gid="more")
    return ax


def path_height(asked: Why, width: float, mask: str | None = None) -> float:
    """Say how high the strip of an answer is on axes so wide, in points."""
    strips, _, _ = _prepared(asked, mask, 1)
    return laid_out(strips[0], width - 2 * EDGE).height + EDGE + 6


def _heads(heads: Sequence[str], width: float) -> float:
    return sum(
        12.0 * len(wrapped(drawable(one), width - 2 * EDGE, 8.5, "bold")) + 4
        for one in heads
        if one
    )


@dataclass(frozen=True)
class _Told:
    """Paths with what is weak on them."""

    paths: tuple[Path, ...]
    types: Types
    weakest: WeakLink | None
    avoided: str


def _told(asked: Any, mask: str | None) -> _Told:
    if isinstance(asked, Path):
        if mask == "hash":
            raise SchemaError(
                "A Path by itself knows no graph, so nothing makes the key of a hash. Draw the answer that it comes from."
            )
        hide = partly if mask == "partial" else str
        if mask not in (None, "partial"):
            raise SchemaError(f"mask is 'partial' or None for a Path by itself, not {mask!r}.")
        return _Told((masked(asked, hide),), Types(), None, "")
    if not isinstance(asked, Why | Paths):
        raise SchemaError(
            f"What is drawn is an answer of xg.why or xg.paths, or one path of it, not a {type(asked).__name__}."
        )
    store = asked.origin.store
    types = Types(tuple(store.schema.names), store.schema.anchor)
    answer: Why | Paths = masked(asked, hidden_by(mask, store))
    if isinstance(answer, Paths):
        avoided = f"{counted(len(answer.avoided), 'thing')} avoided" if answer.avoided else ""
        return _Told(answer.paths, types, None, avoided)
    paths = () if answer.path is None else (answer.path,)
    return _Told(paths, types, answer.weakest, "")


def _prepared(
    asked: Any, mask: str | None, most: int, steps: int = STEPS
) -> tuple[list[list[Bead]], Types, list[str]]:
    """The strips, the types, and what stands above each of them; at the end, how many paths are not drawn."""
    told = _told(asked, mask)
    if not told.paths:
        raise XrefGraphError(
            f"This {type(asked).__name__} has no path, so there is nothing to draw; xg.why_not says what keeps two apart."
        )
    weak = told.weakest
    strips = [
        beads_of(
            path,
            weak_steps=() if weak is None else weak.steps,
            weak_node=None if weak is None else weak.node,
            words=words_of(weak),
            most=steps,
        )
        for path in told.paths[:most]
    ]
    heads = [""] * len(strips)
    if len(told.paths) > 1 or told.avoided:
        heads = [_head(n, path) for n, path in enumerate(told.paths[:most], 1)]
        if told.avoided:
            heads[0] = f"{heads[0]} ({told.avoided})"
    more = len(told.paths) - len(strips)
    heads.append(f"+{counted(more, 'more path')} not drawn" if more else "")
    return strips, told.types, heads


def _head(number: int, path: Path) -> str:
    return f"Path {number}: {counted(path.length, 'step')}"


def words_of(weak: WeakLink | None) -> str:
    """Say why a link is weak."""
    if weak is None:
        return ""
    return f"weakest link: {'; '.join(weak.reasons)}" if weak.reasons else "weakest link"


def _fitting(
    asked: Any, mask: str | None, most: int, room: tuple[float, float], heads: list[str]
) -> tuple[list[Strip], list[str]]:
    """Lay out as much as the given axes have room for: first smaller, then with fewer steps, then fewer paths."""
    width, height = room
    paths = max(len(heads) - 1, 1)
    laid: list[Strip] = []
    while True:
        for steps, size, characters, below in FITS:
            strips, _, heads = _prepared(asked, mask, min(most, paths), steps)
            strips = [with_lines(beads, below) for beads in strips]
            laid = [laid_out(beads, width - 2 * EDGE, size, characters) for beads in strips]
            needed = sum(one.height for one in laid) + _heads(heads, width) + EDGE
            if needed <= height:
                return laid, heads
        if paths == 1:
            kept, left_off = within(laid[0], height - _heads(heads, width) - EDGE - 8)
            more = f"+{counted(left_off, 'more line')} not drawn" if left_off else ""
            return [kept], [*heads[:1], heads[-1] or more]
        paths -= 1


def with_lines(beads: Sequence[Bead], below: int) -> list[Bead]:
    """Give beads with no more lines under them than these; with -1 nothing at all is said there."""
    if below < 0:
        return [replace(one, below=(), words="", link_words="") for one in beads]
    return [replace(one, below=one.below[:below]) for one in beads]


#: What is tried where there is little room: so many steps, text so large, so many characters of a value, and lines below;
#: with -1 not even the reason is said.
FITS = (
    (STEPS, 8.5, 28, 2),
    (12, 7.5, 22, 2),
    (12, 7.5, 22, 1),
    (12, 7.0, 16, 0),
    (8, 7.0, 14, 1),
    (8, 6.5, 12, 0),
    (5, 6.5, 12, 0),
    (3, 6.5, 10, 0),
    (2, 6.0, 8, 0),
    (2, 5.0, 6, 0),
    (1, 5.0, 6, -1),
)
