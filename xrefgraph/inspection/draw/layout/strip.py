"""A way as a strip: beads on lines, each line so long as there is room."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from xrefgraph.inspection.draw.layout.words import span_text
from xrefgraph.inspection.evidence.evidence_path import Node, Path, Step
from xrefgraph.networks import EventNode


@dataclass(frozen=True)
class Bead:
    """Something on a strip, with what stands around it, and what leads to it.

    Parameters
    ----------
    shape : {"value", "event", "events", "decision", "gap"}
        An identifier; a single event that was asked for or that the way passes; alike events; a decision; steps that are not drawn.
    text : str
        What stands on it.
    above : str
        Its type.
    below : tuple of str
        Lines under it: when it was, and where it came from.
    link : {"kept", "cut", "decided", "changed", ""}
        What leads to it from the bead before; nothing for the first one.
    weak, weak_link : bool
        Whether it is what is suspected, and whether the link to it is.
    words : str
        Why, in words.
    end : bool
        Whether it was asked for.
    link_words : str
        What is to be said of the link to it.
    owner : str
        Whose it is, where the strip leads through several profiles.
    """

    shape: str
    text: str
    above: str = ""
    below: tuple[str, ...] = ()
    link: str = "kept"
    weak: bool = False
    weak_link: bool = False
    words: str = ""
    end: bool = field(default=False, kw_only=True)
    link_words: str = field(default="", kw_only=True)
    owner: str = field(default="", kw_only=True)


def beads_of(
    path: Path,
    *,
    weak_steps: Collection[int] = (),
    weak_node: Node | None = None,
    words: str = "",
    most: int = 24,
) -> list[Bead]:
    """Put a path on a strip.

    Parameters
    ----------
    path : Path
        The path.
    weak_steps : collection of int
        The steps that depend on what is weakest.
    weak_node : IdentifierNode, EventNode or None
        What is weakest, if it is a node.
    words : str
        Why.
    most : int
        Of more steps than these the ends and the weakest place are drawn, and between them how many are not.
    """
    told_steps = [n for n in weak_steps if path.step(n) is not None] if path.steps else []
    shown = shown_places(path.length, told_steps, most)
    beads: list[Bead] = []
    at_node = weak_node is not None and any(weak_node == one for one in path.nodes)
    told = words
    last = -1
    for n in shown:
        step = path.step(n)
        if step is None:
            continue
        if not beads or n > last + 1:
            gap = n - last - 1
            if gap:
                beads.append(_gap(gap, first=not beads))
            weak = at_node and step.a == weak_node
            beads.append(
                _node(
                    step.a, link="" if not beads else "kept", weak=weak, words=told if weak else ""
                )
            )
            told = "" if weak else told
        weak_step = n in weak_steps
        middle = _middle(step, weak=weak_step and not at_node, words=told, weak_link=weak_step)
        if middle is not None:
            told = "" if middle.words else told
            beads.append(middle)
        weak = at_node and step.b == weak_node
        link = "decided" if step.kind == "decision" else "kept"
        beads.append(
            _node(step.b, link=link, weak=weak, weak_link=weak_step, words=told if weak else "")
        )
        told = "" if weak else told
        last = n
    if path.length > last + 1:
        beads.append(_gap(path.length - last - 1))
    for n in (0, -1):
        if beads and beads[n].shape in ("value", "event"):
            beads[n] = replace(beads[n], end=True)
    return beads


def shown_places(length: int, needed: Collection[int], most: int) -> list[int]:
    """Choose what of a long way is drawn: what is needed, and from both ends as much as there is room for.

    Examples
    --------
    >>> shown_places(9, {4}, 3)
    [0, 4, 8]
    """
    if length <= most:
        return list(range(length))
    kept = {n for n in needed if 0 <= n < length}
    left, right = 0, length - 1
    while len(kept) < most and left <= right:
        kept.add(left)
        if len(kept) < most:
            kept.add(right)
        left, right = left + 1, right - 1
    return sorted(kept)


def _gap(count: int, *, first: bool = False) -> Bead:
    text = "1 more step" if count == 1 else f"{count:,} more steps"
    return Bead("gap", text, link="" if first else "kept")


def _node(node: Node, *, link: str, weak: bool, weak_link: bool = False, words: str = "") -> Bead:
    if isinstance(node, EventNode):
        return Bead("event", node.event_id, "event", (node.source,), link, weak, weak_link, words)
    return Bead("value", node.value, node.type, (), link, weak, weak_link, words)


def _middle(step: Step, *, weak: bool, words: str, weak_link: bool) -> Bead | None:
    """What joins two neighbours; nothing where one of them is an event that carries the other."""
    words = words if weak else ""
    if step.kind == "carries":
        return None
    if step.kind == "decision":
        why = (step.reason,) if step.reason else ()
        return Bead("decision", "decision", "", why, "decided", weak, weak_link, words)
    below = tuple(one for one in (span_text(step.first, step.last), _sources(step)) if one)
    return Bead("events", f"×{step.events:,}", "", below, "kept", weak, weak_link, words)


def _sources(step: Step) -> str:
    if not step.sources:
        return ""
    more = len(step.sources) - 1
    return step.sources[0] + (f" and {more} more" if more else "")


def lines_of(widths: Sequence[float], breaks: Sequence[bool], room: float) -> list[list[int]]:
    """Break a strip into lines.

    Parameters
    ----------
    widths : sequence of float
        How wide each bead is, with the least link before it.
    breaks : sequence of bool
        Where a line may end: the bead is then drawn once more at the beginning of the next line.
    room : float
        How wide a line may be; one that cannot be broken may be wider.

    Returns
    -------
    list of list of int
        The beads of each line. The last bead of a line is the first one of the next.

    Examples
    --------
    >>> lines_of([10, 5, 10, 5, 10], [True, False, True, False, True], 26)
    [[0, 1, 2], [2, 3, 4]]
    """
    lines: list[list[int]] = []
    line: list[int] = []
    last = 0  # the last bead at which this line may end
    for n, width in enumerate(widths):
        if line and sum(widths[one] for one in line) + width > room and last > line[0]:
            ended = line.index(last)
            lines.append(line[: ended + 1])
            line = line[ended:]
        line.append(n)
        if breaks[n]:
            last = n
    return [*lines, line] if line else lines


def places_on(widths: Sequence[float], room: float, most_link: float = 64.0) -> list[float]:
    """Give the middle of each bead on a line: links of one length, as long as the room allows; the line stands in the middle of it.

    Examples
    --------
    >>> places_on([20, 10, 20], 90)
    [10.0, 45.0, 80.0]
    """
    links = max(len(widths) - 1, 1)
    link = min(max((room - sum(widths)) / links, 0.0), most_link)
    total = sum(widths) + link * (len(widths) - 1)
    x = max((room - total) / 2, 0.0)
    found = []
    for width in widths:
        found.append(x + width / 2)
        x += width + link
    return found
