"""What to look at, worst first: the conflicts of a graph, and the identifiers that most likely join different people."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes

from xrefgraph.errors import counted
from xrefgraph.inspection.ambiguities import Ambiguities, Ambiguity, ambiguities
from xrefgraph.inspection.answers import series
from xrefgraph.inspection.draw.asking import answer_to_draw
from xrefgraph.inspection.draw.blocks import (
    Bar,
    Block,
    Part,
    bars,
    drawn_in,
    heading,
    legend,
    paragraph,
    stacked,
)
from xrefgraph.inspection.draw.layout.labels import shortened
from xrefgraph.inspection.draw.styles import CULPRIT, QUIET, TYPES, WHITE
from xrefgraph.inspection.evidence.evidence_path import Node
from xrefgraph.inspection.subjects import name_of
from xrefgraph.inspection.suspects import Suspect, Suspects, suspects
from xrefgraph.networks import IdentifierNode

#: How wide a drawing of its own is, in points; and how many rows it has.
WIDTH, MOST = 640.0, 15

#: What a reason to suspect an identifier is about, and how it looks: by colour and hatch.
CLUES = {
    "meets": ("meets too many", TYPES[0], None),
    "groups": ("groups with nothing else in common", TYPES[1], "////"),
    "bridge": ("joins large parts", TYPES[2], "...."),
    "part": ("in a part that is too large", TYPES[3], "\\\\\\\\"),
    "look": ("looks like nobody's own", TYPES[5], "xxxx"),
    "events": ("too many events", TYPES[4], "----"),
    "burst": ("new values in a burst", TYPES[7], "++++"),
}


def plot_ambiguities(
    asked: Any, *, ax: Axes | None = None, mask: Any = None, most: int = MOST
) -> Axes:
    """Draw the queue of conflicts: a bar for each, as long as the events at stake, worst first.

    Parameters
    ----------
    asked : Ambiguities or XrefGraph
        What :func:`xrefgraph.ambiguities` gives; or a graph, which is asked then.
    ax : Axes, optional
        Where to draw. Smaller and with fewer rows where there is little room.
    mask : {"partial", "hash"}, optional
        How values are masked.
    most : int
        How many conflicts are drawn at most; the others are counted.

    Returns
    -------
    Axes

    Examples
    --------
    >>> import xrefgraph as xg
    >>> rows = [{"db_id": 1, "mail": "a"}, {"mail": "a", "device": "kiosk"}, {"db_id": 2, "mail": "b"}, {"mail": "b", "device": "kiosk"}]
    >>> graph = xg.build(rows, anchor="db_id", identifiers=["mail", "device"])
    >>> ax = xg.ambiguities(graph).plot()
    >>> [text.get_text() for text in ax.texts if text.get_gid() == "conflict:0:label"]
    ['db_id 1 and 2']
    """
    found = answer_to_draw(asked, Ambiguities, mask, ambiguities)
    return drawn_in(
        lambda width, rows: _queue(found, width, rows), ax, WIDTH, max(1, min(most, len(found)))
    )


def _queue(found: Ambiguities, width: float, most: int) -> Block:
    shown = found.conflicts[:most]
    head = f"{counted(found.in_all, 'conflict')}, {counted(found.at_stake, 'event')} at stake"
    if not shown:
        said = found.summary if not found.in_all else f"{head}; none is listed."
        return paragraph(said, width, size=10, weight="bold")
    rows = [
        Bar(
            _owners(one),
            (Part(one.at_stake, CULPRIT, gid=f"conflict:{n}"),),
            f"{counted(one.at_stake, 'event')}",
            (_blamed(one),),
            strong=n == 0,
        )
        for n, one in enumerate(shown)
    ]
    parts = [
        heading(
            head, width, "the length of a bar: the events whose owner depends on it; worst first"
        ),
        bars(rows, width, gid="conflict"),
    ]
    more = found.in_all - len(shown)
    if more:
        parts.append(_more(f"+{counted(more, 'more conflict')}", width))
    return stacked(parts, 8)


def _more(text: str, width: float) -> Block:
    return paragraph(text, width, size=8, colour=QUIET, gid="more")


def _short(node: Node) -> str:
    if isinstance(node, IdentifierNode):
        return f"{node.type} {shortened(node.value, 32)}"
    return shortened(name_of(node), 40)


def _owners(one: Ambiguity) -> str:
    kind = one.owners[0].type if one.owners else ""
    values = [shortened(owner.value, 16) for owner in one.owners[:2]]
    if len({owner.type for owner in one.owners[:2]}) > 1:
        values = [_short(owner) for owner in one.owners[:2]]
        kind = ""
    if one.owners_in_all > 2:
        values.append(counted(one.owners_in_all - 2, "other"))
    return f"{kind} {series(values)}".strip()


def _blamed(one: Ambiguity) -> str:
    if not one.culprits:
        return f"{one.kind}; no value is suspected"
    first = one.culprits[0]
    sides = [
        f"{counted(step.events, 'event')} with {_short(step.b if step.a == first.node else step.a)}"
        for step in first.sides
    ]
    more = len(one.culprits) - 1
    rest = f"; and {counted(more, 'more value')}" if more else ""
    why = "; ".join(first.reasons)
    return f"by {_short(first.node)}: {series(sides)}; {why}{rest}"


# ------------------------------------------------------------------------------------------- suspects


def plot_suspects(
    asked: Any, *, ax: Axes | None = None, mask: Any = None, most: int = MOST
) -> Axes:
    """Draw the identifiers that most likely join different people: a bar for each, as long as its score, worst first.

    Parameters
    ----------
    asked : Suspects or XrefGraph
        What :func:`xrefgraph.suspects` gives; or a graph, which is asked then.
    ax : Axes, optional
        Where to draw. Smaller and with fewer rows where there is little room.
    mask : {"partial", "hash"}, optional
        How values are masked.
    most : int
        How many are drawn at most; the others are counted.

    Returns
    -------
    Axes
        A bar is divided by the weights of its reasons, which stand below it in words.

    Examples
    --------
    >>> import xrefgraph as xg
    >>> rows = [{"card": f"c{n}", "phone": f"555-01{n:02}"} for n in range(20) for _ in range(2)]
    >>> rows += [{"card": f"c{n}", "phone": "555-0199"} for n in range(6)]
    >>> ax = xg.suspects(xg.build(rows, identifiers=["card", "phone"])).plot(most=1)
    >>> [text.get_text() for text in ax.texts if text.get_gid() == "suspect:0:label"]
    ['phone 555-0199']
    """
    found = answer_to_draw(asked, Suspects, mask, suspects)
    return drawn_in(
        lambda width, rows: _suspected(found, width, rows), ax, WIDTH, max(1, min(most, len(found)))
    )


def _suspected(found: Suspects, width: float, most: int) -> Block:
    shown = found.suspects[:most]
    if not shown:
        return paragraph(found.summary, width, size=10, weight="bold")
    above = f"{found.above:,}" if found.above else "none"
    head = f"Suspects: {above} of {counted(found.scored, 'identifier')} {'reaches' if found.above == 1 else 'reach'} a score of {found.threshold:g}"
    rows = [_suspect_bar(one, strong=one.score >= found.threshold) for one in shown]
    kinds = [
        kind for kind in CLUES if any(clue.kind == kind for one in shown for clue in one.reasons)
    ]
    marks = [(_part(kind, 0.0), CLUES[kind][0]) for kind in kinds]
    parts = [
        heading(
            head,
            width,
            "the length of a bar: the score, from 0 to 1, divided by the weights of the reasons",
        ),
        bars(rows, width, longest=1.0, gid="suspect"),
        legend(marks, width),
    ]
    more = found.suspected - len(shown)
    if more > 0:
        parts.append(
            _more(f"+{counted(more, 'more identifier')} that something speaks against", width)
        )
    return stacked(parts, 8)


def _part(kind: str, value: float) -> Part:
    _, face, hatch = CLUES[kind]
    return Part(value, face, rim=WHITE, hatch=hatch)


def _suspect_bar(one: Suspect, *, strong: bool) -> Bar:
    total = sum(clue.weight for clue in one.reasons if clue.weight > 0)
    parts = tuple(
        _part(clue.kind, one.score * clue.weight / total) for clue in one.reasons if clue.weight > 0
    )
    # Of those that are not suspected, one reason says why they are in the list.
    said = "; ".join(clue.text for clue in one.reasons[: None if strong else 1])
    mark = f"{one.score:.2f}" if one.score >= 0.01 else "under 0.01"
    return Bar(f"{one.type} {shortened(one.value, 24)}", parts, mark, (said,), strong=strong)
