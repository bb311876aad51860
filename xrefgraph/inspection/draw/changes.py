"""What became of the profiles: those that split and merged between two results, and the pieces after a block."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes

from xrefgraph.errors import counted
from xrefgraph.inspection.blast_radius import BlastRadius
from xrefgraph.inspection.changes.comparison import Cause, Comparison, Example
from xrefgraph.inspection.draw.asking import answer_to_draw
from xrefgraph.inspection.draw.blocks import (
    Block,
    Part,
    drawn_in,
    heading,
    legend,
    paragraph,
    stacked,
)
from xrefgraph.inspection.draw.flows import Box, flows
from xrefgraph.inspection.draw.styles import (
    ANCHOR,
    CULPRIT,
    CULPRIT_BAND,
    FIRST,
    LAST,
    LINE,
    MIDDLE,
    QUIET,
    WHITE,
)
from xrefgraph.inspection.what_if.consequences import Part as Piece

#: How wide a drawing of its own is, in points; and how many groups of profiles it has.
WIDTH, MOST = 620.0, 10

#: The changes of profiles in the order in which they are drawn, and how they are said.
DRAWN = {
    "split": "{before} split into {after}",
    "merged": "{before} merged into {after}",
    "reshaped": "{before} reshaped into {after}",
}

#: How the other changes look in the bar: by colour, rim and hatch.
LOOKS = {
    "unchanged": Part(0, MIDDLE, rim=LINE),
    "changed": Part(0, "#B9C7DE"),
    "split": Part(0, LAST, rim=WHITE, hatch="////"),
    "merged": Part(0, FIRST, rim=WHITE, hatch="\\\\\\\\"),
    "reshaped": Part(0, "#762A83", rim=WHITE, hatch="xxxx"),
    "retired": Part(0, WHITE, rim=ANCHOR),
    "created": Part(0, WHITE, rim=LINE, hatch="...."),
}


def plot_comparison(
    asked: Any, *, ax: Axes | None = None, mask: Any = None, most: int = MOST
) -> Axes:
    """Draw which profiles split and merged: before at the left, after at the right, and why in words.

    Parameters
    ----------
    asked : Comparison
        What :func:`xrefgraph.compare` gives.
    ax : Axes, optional
        Where to draw. Smaller and with fewer groups where there is little room.
    mask : {"partial"}, optional
        How values are masked.
    most : int
        How many groups of profiles are drawn at most; the others are counted.

    Returns
    -------
    Axes
        On top how many profiles there are of each change, and what it means for events and anchors; below it the examples that the comparison
        names, splits first.

    Examples
    --------
    >>> import xrefgraph as xg
    >>> rows = [{"db_id": 1, "mail": "a"}, {"mail": "a", "device": "kiosk"}, {"db_id": 2, "mail": "b"}, {"mail": "b", "device": "kiosk"}]
    >>> types = ["db_id", "mail", "device"]
    >>> before = xg.build(rows, xg.Schema(types, anchor="db_id", conflicts="keep"))
    >>> block = {"action": "block", "identifier": ["device", "kiosk"]}
    >>> ax = xg.plot_comparison(xg.compare(before, before.rebuild(xg.Schema(types, anchor="db_id", decisions=[block]))))
    >>> [text.get_text() for text in ax.texts if text.get_gid() == "after:text"]
    ['db_id:1', 'db_id:2']
    """
    found = answer_to_draw(asked, Comparison, mask)
    return drawn_in(lambda width, rows: _compared(found, width, rows), ax, WIDTH, max(1, most))


def _compared(found: Comparison, width: float, most: int) -> Block:
    before = sum(one.before for one in found.profiles.values())
    after = sum(one.after for one in found.profiles.values())
    parts = [
        heading(f"{counted(before, 'profile')} before, {after:,} after", width),
        legend(_counts(found), width),
    ]
    moved = _moves(found)
    if moved:
        parts.append(paragraph(moved, width, size=8.5))
    examples = [(name, one) for name in DRAWN for one in found.profiles[name].examples]
    for name, one in examples[:most]:
        parts.append(_group(name, one, width))
    rest = _left(found, examples[:most])
    if rest:
        parts.append(paragraph(rest, width, size=8, colour=QUIET, gid="more"))
    return stacked(parts, 9)


def _counts(found: Comparison) -> list[tuple[Part, str]]:
    said = []
    for name, look in LOOKS.items():
        one = found.profiles[name]
        if one.before or one.after:
            several = DRAWN.get(name)
            text = (
                several.format(before=f"{one.before:,}", after=f"{one.after:,}")
                if several
                else f"{one.before or one.after:,} {name}"
            )
            said.append((look, text))
    return said


def _moves(found: Comparison) -> str:
    parts = []
    for name, told in (
        ("moved", "moved to another profile"),
        ("removed", "are gone"),
        ("added", "are new"),
    ):
        one = found.events[name]
        number = max(one.before, one.after)
        if number:
            parts.append(
                f"{counted(number, 'event')} {told if number > 1 else told.replace('are', 'is')}"
            )
    for name, told in (
        ("gained", "gained an anchor"),
        ("lost", "lost the anchor"),
        ("replaced", "got another anchor"),
    ):
        one = found.anchors[name]
        number = max(one.before, one.after)
        if number:
            parts.append(f"{counted(number, 'event')} {told}")
    return "; ".join(parts)


def _group(name: str, one: Example, width: float) -> Block:
    left = [Box(text, "", WHITE, ANCHOR, "before") for text in one.before]
    right = [Box(text, "", WHITE, ANCHOR, "after") for text in one.after]
    links = [(i, j) for i in range(len(left)) for j in range(len(right))]
    told = _why(one.causes)
    more = f" (+{one.left_off:,} more profiles)" if one.left_off else ""
    said = f"{name}{more}{f': {told}' if told else ': no cause is told'}"
    return stacked(
        [
            paragraph(said, width, size=8.5, gid=f"why:{name}"),
            flows(left, right, links, width, band=LOOKS[name].face),
        ],
        3,
    )


def _why(causes: Sequence[Cause]) -> str:
    return "; ".join(str(one) for one in causes[:3]) + (
        f"; +{counted(len(causes) - 3, 'other cause')}" if causes[3:] else ""
    )


def _left(found: Comparison, drawn: Sequence[tuple[str, Example]]) -> str:
    """How many profiles of each change are in no drawn group; of a drawn one, the group says it."""
    parts = []
    for name in DRAWN:
        own = [one for change, one in drawn if change == name]
        here = found.profiles[name]
        # A split is one profile before, and a merge is one after.
        before = here.before - (
            len(own) if name == "split" else sum(len(one.before) for one in own)
        )
        after = here.after - (len(own) if name == "merged" else sum(len(one.after) for one in own))
        left = {"split": before, "merged": after}.get(name, min(before, after))
        if left > 0:
            parts.append(
                f"+{left:,} more that {'was' if left == 1 else 'were'} {name}"
                if name == "split"
                else f"+{counted(left, 'more profile')} that {'is' if left == 1 else 'are'} {name}"
            )
    return f"{'; '.join(parts)}, not drawn" if parts else ""


# ------------------------------------------------------------------------------------ after a block


def plot_blast_radius(
    asked: Any, *, ax: Axes | None = None, mask: Any = None, most: int = MOST
) -> Axes:
    """Draw what would become of the profiles if a value were blocked: what there is at the left, the pieces at the right.

    Parameters
    ----------
    asked : BlastRadius
        What :func:`xrefgraph.blast_radius` gives.
    ax : Axes, optional
        Where to draw. Smaller and with fewer profiles where there is little room.
    mask : {"partial", "hash"}, optional
        How values are masked.
    most : int
        How many profiles of each side are drawn at most; the others are counted.

    Returns
    -------
    Axes

    Examples
    --------
    >>> import xrefgraph as xg
    >>> rows = [{"db_id": 1, "mail": "a"}, {"mail": "a", "device": "kiosk"}, {"db_id": 2, "mail": "b"}, {"mail": "b", "device": "kiosk"}]
    >>> schema = xg.Schema(["db_id", "mail", "device"], anchor="db_id", conflicts="keep")
    >>> ax = xg.blast_radius(xg.build(rows, schema), "device:kiosk").plot()
    >>> [text.get_text() for text in ax.texts if text.get_gid() == "piece:text"][:2]
    ['db_id:1', '2 events, anchor 1']
    """
    found = answer_to_draw(asked, BlastRadius, mask)
    return drawn_in(lambda width, rows: _blasted(found, width, rows), ax, WIDTH, max(1, most))


def _blasted(found: BlastRadius, width: float, most: int) -> Block:
    parts = [paragraph(found.summary, width, size=9.5)]
    left, right = found.profiles[:most], found.pieces[:most]
    if not left and not right:
        return stacked(parts)
    places = {one.profile_id: n for n, one in enumerate(left)}
    turned = {one.profile_id: n for n, one in enumerate(right)}
    links = {
        (places[name], j) for j, one in enumerate(right) for name in one.others if name in places
    }
    links |= {
        (i, turned[name]) for i, one in enumerate(left) for name in one.others if name in turned
    }
    boxes = [
        [_box(one, gid) for one in side] for side, gid in ((left, "profile"), (right, "piece"))
    ]
    looks = [
        (Part(0, face, rim=rim), text)
        for face, rim, text, status in (
            (WHITE, ANCHOR, "one anchor", "anchored"),
            (CULPRIT_BAND, CULPRIT, "several people", "ambiguous"),
            (MIDDLE, LINE, "no anchor", "anonymous"),
        )
        if any(one.status == status for one in (*left, *right))
    ]
    parts += [
        legend([(Part(0, "#9DB4D8"), "now (left), and what it would be (right)"), *looks], width),
        flows(boxes[0], boxes[1], sorted(links), width),
    ]
    moves = _events(found)
    if moves:
        parts.append(paragraph(moves, width, size=8.5))
    rest = _not_drawn(found, len(left), len(right))
    if rest:
        parts.append(paragraph(rest, width, size=8, colour=QUIET, gid="more"))
    return stacked(parts, 8)


def _box(one: Piece, gid: str) -> Box:
    face, rim = {
        "anchored": (WHITE, ANCHOR),
        "ambiguous": (CULPRIT_BAND, CULPRIT),
    }.get(one.status, (MIDDLE, LINE))
    return Box(one.profile_id, f"{counted(one.events, 'event')}, {_anchors(one)}", face, rim, gid)


def _anchors(one: Piece) -> str:
    count = len(one.anchors) + one.anchors_left_off
    if not count:
        return "no anchor"
    if count == 1:
        return f"anchor {one.anchors[0]}"
    named = ", ".join(one.anchors[:2])
    return f"{count:,} anchors: {named}{', ...' if count > 2 else ''}"


def _events(found: BlastRadius) -> str:
    said = [
        f"{counted(number, 'event')} {told}"
        for number, told in (
            (found.events_changing_hands, "change hands"),
            (found.events_gaining_anchor, "gain an anchor"),
            (found.events_losing_anchor, "lose the anchor"),
            (found.events_replacing_anchor, "get another anchor"),
            (found.events_left_anonymous, "left anonymous"),
            (found.events_left_without_identifier, "left without any identifier"),
        )
        if number
    ]
    return "; ".join(said)


def _not_drawn(found: BlastRadius, left: int, right: int) -> str:
    more = len(found.profiles) + found.profiles_left_off - left
    pieces = len(found.pieces) + found.pieces_left_off - right
    parts = [f"+{counted(more, 'more profile')} of now"] if more else []
    parts += [f"+{counted(pieces, 'more piece')}"] if pieces else []
    return f"{', '.join(parts)} not drawn" if parts else ""
