"""How a graph is as a whole, on one sheet: what is out of the ordinary first, the measures below it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from matplotlib.figure import Figure

from xrefgraph.errors import counted
from xrefgraph.inspection.draw.asking import answer_to_draw
from xrefgraph.inspection.draw.blocks import (
    GUTTER,
    Bar,
    Block,
    Paper,
    Part,
    bars,
    beside,
    drawn,
    fitting,
    flagged,
    heading,
    legend,
    paragraph,
    stacked,
)
from xrefgraph.inspection.draw.styles import (
    CULPRIT,
    CULPRIT_BAND,
    FIRST,
    INK,
    LINE,
    MIDDLE,
    QUIET,
    WHITE,
    glyphs,
    text_on,
    type_colours,
)
from xrefgraph.inspection.health import Health, health
from xrefgraph.inspection.measures.alarms import Alarm, percent
from xrefgraph.inspection.measures.sizes import Distribution, Growth, TypeMeasures

#: How wide the sheet is, in points; and so many alarms, types and reasons of a refusal are shown one by one.
WIDTH, ALARMS, TYPES, REASONS = 740.0, 12, 20, 3

#: How the status of events looks: told by colour, rim and hatch.
STATUSES = {
    "anchored": Part(0, FIRST),
    "anonymous": Part(0, MIDDLE, rim=LINE),
    "ambiguous": Part(0, CULPRIT_BAND, rim=CULPRIT, hatch="////"),
    "contradictory": Part(0, WHITE, rim=CULPRIT, hatch="xxxx"),
    "no_identifier": Part(0, WHITE, rim=LINE),
}


def plot_health(asked: Any, *, mask: Any = None, width: float = WIDTH) -> Figure:
    """Draw how a graph is as a whole, on one sheet that is read from top to bottom.

    Parameters
    ----------
    asked : Health or XrefGraph
        What :func:`xrefgraph.health` gives; or a graph, which is asked then.
    mask : {"partial", "hash"}, optional
        How values are masked; for ``hash``, a graph is needed.
    width : float
        How wide the sheet is, in points.

    Returns
    -------
    Figure
        The status of the events as one bar; the alarms in words, the most serious first, with what to do; then how large the profiles are, how
        the graph grew, and of each type how many identifiers there are, how many were never joined to anything, how
        many others one meets, and what was refused. What is not shown is counted.

    Raises
    ------
    SchemaError
        When it is neither.

    Examples
    --------
    >>> import xrefgraph as xg
    >>> graph = xg.build([{"db_id": 1, "cookie": "x"}, {"cookie": "x"}], anchor="db_id", identifiers=["cookie"])
    >>> figure = xg.plot_health(graph)
    >>> figure.axes[0].texts[0].get_text()
    'Health'
    """
    return drawn(health_block(answer_to_draw(asked, Health, mask, health), width))


def health_block(found: Health, width: float = WIDTH) -> Block:
    """Lay out the sheet."""
    parts = [
        stacked(
            [
                paragraph("Health", width, size=14, weight="bold"),
                paragraph(_size(found), width, size=10),
            ],
            2,
        )
    ]
    if found.events:
        parts += [_statuses(found, width), _alarms(found, width)]
        half = (width - GUTTER) / 2
        growth = growth_block(found.growth, half)
        parts.append(beside([sizes_block(found, half), growth], GUTTER))
        parts.append(_types(found, width))
        if found.largest:
            parts.append(_largest(found, width))
    return stacked(parts, 16)


def _size(found: Health) -> str:
    if not found.events:
        return "The graph has no events."
    said = f"{counted(found.events, 'event')} and {counted(found.identifiers, 'identifier')} in {counted(found.profiles, 'profile')}"
    if found.anchor is not None:
        return f"{said}; {percent(found.anchored)} of the events have an anchor ({found.anchor})."
    return f"{said}; there is no anchor in the schema."


def _statuses(found: Health, width: float) -> Block:
    shown = [
        (
            Part(number, look.face, look.rim, look.hatch, f"status:{name}"),
            f"{name.replace('_', ' ')} {number:,} ({percent(number / found.events)})",
        )
        for name, look in STATUSES.items()
        if (number := found.statuses[name])
    ]
    return stacked([_one_bar([part for part, _ in shown], width), legend(shown, width)], 4)


def _one_bar(parts: Sequence[Part], width: float) -> Block:
    total = sum(part.value for part in parts)

    def draw(paper: Paper, x: float, y: float) -> None:
        for part in parts:
            wide = width * part.value / total
            paper.box(x, y, wide, 16, part.face, rim=part.rim, hatch=part.hatch, gid=part.gid)
            x += wide

    return Block(width, 16, draw)


def _alarms(found: Health, width: float) -> Block:
    if not found.alarms:
        return paragraph("No alarm.", width, size=10, weight="bold", gid="alarms")
    count = counted(len(found.alarms), "alarm")
    blocks = [heading(f"{count}, the most serious first", width)]
    blocks += [_alarm(n, one, width) for n, one in enumerate(found.alarms[:ALARMS], 1)]
    if found.alarms[ALARMS:]:
        more = ", ".join(dict.fromkeys(one.name for one in found.alarms[ALARMS:]))
        blocks.append(
            paragraph(
                f"+{counted(len(found.alarms) - ALARMS, 'more alarm')}: {more}",
                width,
                colour=QUIET,
                gid="more",
            )
        )
    return stacked(blocks, 8)


def _alarm(number: int, one: Alarm, width: float) -> Block:
    inner = width - 24
    return flagged(
        str(number),
        stacked(
            [
                paragraph(
                    one.what,
                    inner,
                    size=9,
                    weight="bold" if number == 1 else "normal",
                    gid=f"alarm:{number}",
                ),
                paragraph(one.advice, inner, size=8, colour=QUIET),
            ],
            1,
        ),
    )


def sizes_block(found: Health, width: float) -> Block:
    """How many profiles there are of each size: bars by powers of two."""
    rows = [
        Bar(_span(edge), (Part(_log(number), FIRST),), f"{number:,}")
        for edge, number in found.by_events.histogram
    ]
    said = (
        f"how many profiles have so many events; half have at most {found.by_events.median:,}, the largest {found.by_events.most:,}."
        " The length is logarithmic."
    )
    return stacked([heading("Sizes of profiles", width, said), bars(rows, width, gid="size")], 6)


def _log(number: float) -> float:
    return math.log2(1 + number)


def _span(edge: int) -> str:
    """The counts of a step of a histogram: ``8 to 15``."""
    return f"{edge:,}" if edge < 2 else f"{edge:,} to {2 * edge - 1:,}"


def growth_block(growth: Growth | None, width: float) -> Block:
    """How the graph grew: events, new identifiers and new profiles, by time."""
    if growth is None:
        return heading("Growth by time", width, "no event has a time")
    untimed = f"; {counted(growth.untimed, 'event')} without a time" if growth.untimed else ""
    said = f"what came in each {growth.period}, and what was seen for the first time{untimed}"
    charts = [
        _columns(
            [getattr(row, name) for row in growth.rows],
            f"{told}, at most {{most}} a {growth.period}",
            width,
        )
        for name, told in (
            ("events", "events"),
            ("identifiers", "new identifiers"),
            ("profiles", "new profiles"),
        )
    ]
    form = "%Y-%m-%d %H:%M" if growth.period in ("minute", "hour") else "%Y-%m-%d"
    first, last = (growth.rows[n].start.strftime(form) for n in (0, -1))
    ends = _ends(first, last if len(growth.rows) > 1 else "", width)
    return stacked([heading("Growth by time", width, said), *charts, ends], 6)


def _ends(left: str, right: str, width: float) -> Block:
    def draw(paper: Paper, x: float, y: float) -> None:
        paper.text(x, y + 5, left, size=7.5, colour=QUIET)
        paper.text(x + width, y + 5, right, size=7.5, colour=QUIET, ha="right")

    return Block(width, 10, draw)


def _columns(numbers: Sequence[int], said: str, width: float, height: float = 30.0) -> Block:
    """Small columns side by side, with a word above them."""
    most = max(numbers)
    step = width / len(numbers)
    gap = 1.0 if step > 4 else 0.0

    def draw(paper: Paper, x: float, y: float) -> None:
        paper.text(x, y + 5, said.format(most=f"{most:,}"), size=7.5)
        for n, number in enumerate(numbers):
            high = height * number / most if most else 0.0
            if number:
                high = max(high, 0.8)
            paper.box(x + n * step, y + 12 + height - high, step - gap, high, FIRST)
        paper.box(x, y + 12 + height, width, 0.7, LINE)

    return Block(width, height + 13, draw)


# ------------------------------------------------------------------------------------------- by type


def _types(found: Health, width: float) -> Block:
    shown = found.types[:TYPES]
    names = [one.type for one in found.types]
    looks = type_colours(names, found.anchor), glyphs(names, found.anchor)
    alarms = {
        one.type: [str(n) for n, alarm in enumerate(found.alarms, 1) if alarm.where == one.type]
        for one in shown
    }
    rows = [_type_row(found, one, looks, alarms[one.type], width) for one in shown]
    more = len(found.types) - len(shown)
    rest = (
        [paragraph(f"+{counted(more, 'more type')}", width, colour=QUIET, gid="more")]
        if more
        else []
    )
    said = "how many identifiers there are, how many were never joined to anything, how many others one meets, and what was refused"
    return stacked([heading("By type, strongest first", width, said), *rows, *rest], 7)


def _type_row(
    found: Health,
    one: TypeMeasures,
    looks: tuple[dict[str, str], dict[str, str]],
    alarms: list[str],
    width: float,
) -> Block:
    face, glyph = looks[0][one.type], looks[1][one.type]
    shares = (0.21, 0.22, 0.33, 0.24)
    places = [sum(shares[:n]) * width for n in range(4)]
    wide = [share * width - 12 for share in shares]
    alone = one.alone / one.identifiers if one.identifiers else 0.0
    name = fitting(one.type, wide[0] - 26, 9, "bold")
    lines = [
        f"{counted(one.identifiers, 'identifier')}",
        f"{percent(alone)} never joined" if one.identifiers else "",
        _meets(one),
        _refused(found, one.type),
    ]
    small = [fitting(text, wide[n], 7.5) for n, text in enumerate(lines)]
    marks = fitting(f"alarm {', '.join(alarms)}", wide[3], 8, "bold") if alarms else ""

    def draw(paper: Paper, x: float, y: float) -> None:
        paper.box(x, y + 1, 20, 13, face, gid=f"type:{one.type}")
        paper.text(x + 10, y + 7.5, glyph, size=8, colour=text_on(face), weight="bold", ha="center")
        paper.text(x + 26, y + 7.5, name, size=9, weight="bold")
        _share(paper, x + places[1], y + 3, wide[1], alone, shown=bool(one.identifiers))
        _histogram(paper, x + places[2], y, wide[2], one.meets)
        for n, text in enumerate(small):
            paper.text(x + places[n], y + 22, text, size=7.5, colour=INK if n < 3 else QUIET)
        if marks:
            paper.text(
                x + places[3], y + 7.5, marks, size=8, colour=CULPRIT, weight="bold", gid="culprit"
            )

    return Block(width, 29, draw)


def _share(paper: Paper, x: float, y: float, width: float, share: float, *, shown: bool) -> None:
    """A bar as long as the share that was never joined, in a frame for all."""
    if shown:
        paper.box(x, y, width, 9, WHITE, rim=LINE)
        if share:
            paper.box(x, y, width * share, 9, FIRST)


def _histogram(paper: Paper, x: float, y: float, width: float, found: Distribution) -> None:
    """How many identifiers meet so many others: columns by powers of two, logarithmic."""
    if not found.histogram:
        return
    step = min(width / len(found.histogram), 16.0)
    top = max(_log(number) for _, number in found.histogram) or 1.0
    for n, (_, number) in enumerate(found.histogram):
        high = 14 * _log(number) / top
        paper.box(x + n * step, y + 15 - high, step - 1, high, FIRST)


def _meets(one: TypeMeasures) -> str:
    if not one.identifiers:
        return ""
    return f"meets {one.meets.median:,} (median), {counted(one.meets.most, 'other')} at most"


def _refused(found: Health, kind: str) -> str:
    rows = sorted(
        (one for one in found.refused if one.type == kind),
        key=lambda one: (-one.values, one.reason),
    )
    if not rows:
        return "none refused"
    said = [f"{one.values:,} {one.reason.replace('_', ' ')}" for one in rows[:REASONS]]
    more = sum(one.values for one in rows[REASONS:])
    return ", ".join([*said, *([f"{more:,} other"] if more else [])])


def _largest(found: Health, width: float) -> Block:
    rows = [
        Bar(
            one.profile_id,
            (Part(one.events, FIRST),),
            f"{counted(one.events, 'event')}, {counted(one.identifiers, 'identifier')}",
        )
        for one in found.largest
    ]
    more = found.profiles - len(rows)
    said = f"+{counted(more, 'smaller profile')}" if more else "all of them"
    return stacked(
        [
            heading("The largest profiles", width, said),
            bars(rows, width, longest=found.events, gid="largest"),
        ],
        6,
    )
