"""A river: how a profile came together. A stream for each part that was something by itself, as thick as it is large."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.patches import Rectangle

from xrefgraph.errors import counted
from xrefgraph.inspection.draw import dates as axis
from xrefgraph.inspection.draw.canvas import (
    axes_for,
    bare,
    cut_to,
    inches,
    label,
    label_width,
    noted,
    shown_text,
    text_width,
    write,
)
from xrefgraph.inspection.draw.layout.labels import plural
from xrefgraph.inspection.draw.layout.masking import hidden_by
from xrefgraph.inspection.draw.layout.meeting_names import NamedMeeting, named_shortly, value_of
from xrefgraph.inspection.draw.layout.replaying import retrace
from xrefgraph.inspection.draw.layout.river import STREAMS, River, Stream, river_of
from xrefgraph.inspection.draw.layout.scene import Scene
from xrefgraph.inspection.draw.layout.subject import drawn_of
from xrefgraph.inspection.draw.layout.ticks import written
from xrefgraph.inspection.draw.styles import (
    ANCHOR,
    ANCHOR_RIM,
    CULPRIT,
    FIRST,
    INK,
    QUIET,
    WHITE,
    mixed,
)
from xrefgraph.inspection.evidence.collapse import micros

#: The size of names, of words and of small text; the height of a line with a name, and of one with words, in points.
SIZE, WORDS, SMALL = 8.0, 7.5, 7.0
NAME, STEP = 14.0, 10.5
#: Between streams, and how thick one is at most and at least.
GAP, THICK, THIN = 9.0, 74.0, 2.4
#: So far a stream flows on behind the last event.
TAIL = 12.0
#: Without an owner, with one, with two or more: the colour, and what is drawn over it.
COLOURS = ("#C9C9C9", FIRST, mixed(CULPRIT, WHITE, 0.3))
HATCHES = (None, None, "////")


def plot_merges(
    asked: Any,
    *,
    ax: Axes | None = None,
    most_streams: int = STREAMS,
    mask: Any = None,
    stream_kws: Mapping[str, Any] | None = None,
) -> Axes:
    """Draw how a profile came together: which parts grew by themselves, and what joined them when.

    Each part that had an owner, or many events, is a stream along time, as thick as it holds events: grey without an owner, blue with one,
    orange and hatched with two or more. Where one joins another, words say by which event and which identifiers, and how many events both had.

    Parameters
    ----------
    asked : Profile, History, another answer about profiles, or Scene
        What is drawn.
    ax : matplotlib.axes.Axes, optional
        Where; else a new figure is made. With less room there are fewer streams, and those left off are counted.
    most_streams : int
        How many streams are drawn at most: the largest ones with an owner first. What joins a stream without one of its own is counted.
    mask : {"partial", "hash"}, optional
        How values are masked.
    stream_kws : dict, optional
        Options of :meth:`matplotlib.axes.Axes.fill_between` for the streams.

    Returns
    -------
    Axes

    Notes
    -----
    Cost: sorting the events of the profile, and its links.

    Examples
    --------
    >>> import xrefgraph as xg
    >>> rows = [
    ...     {"id": "e1", "at": "2026-03-01 08:00", "db_id": 1, "cookie": "tablet"},
    ...     {"id": "e2", "at": "2026-03-02 09:00", "db_id": 2, "cookie": "phone"},
    ...     {"id": "e3", "at": "2026-03-03 10:00", "cookie": ["phone", "tablet"]},
    ... ]
    >>> schema = xg.Schema(["db_id", "cookie"], anchor="db_id", conflicts="keep")
    >>> graph = xg.build(xg.Source(rows, identifiers=["db_id", "cookie"], event_id="id", time="at", name="visits"), schema)
    >>> ax = plot_merges(xg.how(graph, "db_id:1"))
    >>> [text.get_text() for text in ax.texts if text.get_gid() == "merge"]
    ['3 Mar 2026 10:00, event e3: cookie tablet + cookie phone, 1 + 1 events']
    """
    drawn = asked.drawn if isinstance(asked, Scene) else drawn_of(asked)
    hide = asked.hide if isinstance(asked, Scene) else str
    if mask is not None:
        hide = hidden_by(mask, drawn.store)
    traced = retrace(drawn)
    river = river_of(traced, hide, most_streams)
    ax = axes_for(ax, 9.4, _wanted(river) / 72)
    width, height = (one * 72 for one in inches(ax))
    bare(ax, width, height)
    page = _Page(ax, width, height, river)
    while page.spare < 0 and len(river.streams) > 1:
        river = river_of(traced, hide, len(river.streams) - 1)
        page = _Page(ax, width, height, river)
    page.draw(dict(stream_kws or {}))
    return ax


def _wanted(river: River) -> float:
    """The height of a figure, in points."""
    largest = max((one.events for one in river.streams), default=1) or 1
    thick = sum(max(THICK * one.events / largest, THIN) for one in river.streams)
    lines = sum(_lines(one) for one in river.streams)
    return 12 + thick + len(river.streams) * (NAME + GAP) + lines * STEP + axis.HEIGHT + 52


def _lines(stream: Stream) -> int:
    """How many lines of words stand below a stream."""
    return len(stream.arrivals) + (stream.joined is not None)


@dataclass(frozen=True)
class _Bed:
    """Where a stream flows: the middle of its height, and where its words begin below it."""

    top: float
    middle: float
    words: float


class _Page:
    """A river while it is drawn: all places are points from the upper left corner."""

    def __init__(self, ax: Axes, width: float, height: float, river: River) -> None:
        self.ax, self.width, self.height, self.river = ax, width, height, river
        self.dates = axis.dates_between(
            8.0, width - 12.0 - TAIL, (river.start, river.end), river.untimed, river.events
        )
        self.date_height = axis.height_within(height)
        self.said = noted(self._below(), width - 8, max(1, int(height / 70)), SMALL)
        #: Whether there is room for words on the colours.
        self.keyed = height >= 120
        self.axis = height - self.date_height - (len(self.said) + self.keyed) * (SMALL + 3) - 6
        streams = river.streams
        lines = sum(_lines(one) for one in streams)
        fixed = 6 + len(streams) * (NAME + GAP) + lines * STEP
        #: What room there is for the water itself; less than nothing where there are too many streams.
        self.spare = self.axis - fixed - len(streams) * THIN
        largest = sum(one.events for one in streams) or 1
        self.scale = max(self.spare, 0.0) / largest
        most = max((one.events for one in streams), default=1) or 1
        self.scale = min(self.scale, THICK * 1.6 / most)
        #: Where there is too little room for a single stream, no words stand below it.
        self.worded = self.spare >= 0
        self.beds = self._beds()

    def _thick(self, events: int) -> float:
        return THIN + self.scale * events

    def _beds(self) -> list[_Bed]:
        beds = []
        y = 4.0
        for one in self.river.streams:
            middle = y + NAME + self._thick(one.events) / 2
            words = middle + self._thick(one.events) / 2 + STEP * 0.62
            beds.append(_Bed(y, middle, words))
            y = middle + self._thick(one.events) / 2 + self.worded * _lines(one) * STEP + GAP
        return beds

    def _below(self) -> str:
        river, said = self.river, []
        if not river.events:
            said.append("no event: nothing had to be joined")
        elif river.start is None:
            said.append("no event has a time: left to right in their order")
        elif river.in_order:
            which = "events that have a time" if river.untimed else "events"
            said.append(f"all {which} are of {written(river.start)}: left to right in their order")
        elif river.untimed:
            said.append(
                f"{counted(river.untimed, 'event')} without a time at the left, in their order"
            )
        if river.left_out:
            said.append(river.left_out)
        return "; ".join(said)

    # ------------------------------------------------------------------------------ what is drawn

    def draw(self, options: dict[str, Any]) -> None:
        """Draw it all."""
        axis.draw_dates(self.ax, self.dates, 2.0, self.axis, self.date_height, SMALL + 0.5)
        for n, stream in enumerate(self.river.streams):
            self._water(n, stream, options)
        for n, stream in enumerate(self.river.streams):
            self._name(n, stream)
            if self.worded:
                self._told(n, stream)
        if self.keyed:
            self._key()
        y = self.axis + self.date_height + (SMALL + 3) * self.keyed + 5
        for line in self.said:
            write(self.ax, 4, y, line, size=SMALL, colour=QUIET, gid="more")
            y += SMALL + 3

    def _water(self, n: int, stream: Stream, options: dict[str, Any]) -> None:
        bed = self.beds[n]
        points = stream.points
        if not points:
            return
        xs = [self.dates.x(max(one.place, 0), one.time) for one in points]
        end = self._end(stream)
        kinds = [min(one.owners, 2) for one in points]
        begin = 0
        while begin < len(points):
            stop = begin
            while stop < len(points) and kinds[stop] == kinds[begin]:
                stop += 1
            x = [*xs[begin:stop], xs[stop] if stop < len(points) else max(end, xs[-1])]
            thick = [self._thick(one.events) for one in points[begin:stop]]
            thick.append(thick[-1])
            colour = COLOURS[kinds[begin]]
            self.ax.fill_between(
                x,
                [bed.middle - one / 2 for one in thick],
                [bed.middle + one / 2 for one in thick],
                **{
                    "step": "post",
                    "facecolor": colour,
                    "edgecolor": mixed(colour, WHITE, 0.45) if kinds[begin] == 2 else colour,
                    "hatch": HATCHES[kinds[begin]],
                    "linewidth": 0.4,
                    "zorder": 2,
                    "gid": f"stream:{n}:{('none', 'one', 'several')[kinds[begin]]}",
                    **options,
                },
            )
            begin = stop

    def _end(self, stream: Stream) -> float:
        joined = stream.joined
        if joined is None:
            # What it has come to is seen even where it did at the last event.
            return self.dates.right + TAIL
        return self._x(joined.place, joined.time)

    def _x(self, place: int, time: Any) -> float:
        return self.dates.x(max(place, 0), None if time is None else micros(time))

    def _name(self, n: int, stream: Stream) -> None:
        """The owner of a stream, and what it came to, above it."""
        bed = self.beds[n]
        begin = stream.points[0] if stream.points else None
        x = 2.0 if begin is None else self.dates.x(max(begin.place, 0), begin.time)
        name = self._owner(stream)
        wide = label_width(name, SIZE, "bold", 1.6) if name else 0.0
        words = self._size(stream)
        room = wide + 5 + text_width(words, SMALL)
        x = max(2.0, min(x, self.width - room - 4))
        y = bed.top + NAME / 2 - 1
        if name:
            label(
                self.ax,
                x,
                y,
                name,
                face=ANCHOR,
                colour=WHITE,
                rim=ANCHOR_RIM,
                rim_width=1.4,
                size=SIZE,
                weight="bold",
                ha="left",
                pad=1.6,
                gid="anchor",
            )
        write(
            self.ax,
            x + wide + 4,
            y,
            cut_to(words, self.width - x - wide - 8, SMALL),
            size=SMALL,
            colour=QUIET,
            zorder=5,
            gid="size",
            bbox={"facecolor": WHITE, "edgecolor": "none", "pad": 0.4},
        )

    def _owner(self, stream: Stream) -> str:
        """The owner that a stream is named after, as long as there is room; nothing where there is none."""
        if stream.owners:
            for letters in (24, 16, 10, 6, 3):
                name = shown_text(value_of(stream.owners[0]), letters)
                if label_width(name, SIZE, "bold", 1.6) <= self.width - 6:
                    return name
        return ""

    def _size(self, stream: Stream) -> str:
        """What a stream came to: ``534 events when it joined; +3 smaller parts joined``."""
        anchor = self.river.anchor
        size = counted(stream.events, "event")
        said = [size if stream.joined is None else f"{size} when it joined"]
        if not stream.owner_count:
            said[0] = f"no {anchor}: {said[0]}"
        elif stream.owner_count > 1:
            said[0] += f" with {stream.owner_count:,} {plural(anchor)}"
        if stream.smaller:
            said.append(f"+{counted(stream.smaller, 'smaller part')} joined")
        if stream.arrivals_left_off:
            said.append(f"+{counted(stream.arrivals_left_off, 'more meeting')} of {plural(anchor)}")
        return "; ".join(said)

    def _told(self, n: int, stream: Stream) -> None:
        """Where it joined, and what was brought to it: lines of words below, each ending at its event if there is room."""
        bed = self.beds[n]
        y = bed.words
        for one in stream.arrivals:
            self._arrival(one, bed, y)
            y += STEP
        joined = stream.joined
        if joined is None:
            return
        x = self._x(joined.place, joined.time)
        other = self.beds[joined.stream]
        colour = CULPRIT if joined.of_owners else "#6E6E6E"
        self.ax.add_collection(
            LineCollection(
                [[(x, bed.middle), (x, other.middle)]],
                colors=[colour],
                linewidths=[2.0 if joined.of_owners else 1.2],
                zorder=2.5,
                gid="culprit" if joined.of_owners else "joining",
            ),
            autolim=False,
        )
        self._dot(x, other.middle, colour)
        text = self._fitted(lambda show: f"{written(joined.time)}, {joined.told(show)}")
        self._words(x, y, text, CULPRIT if joined.of_owners else QUIET)

    def _arrival(self, one: NamedMeeting, bed: _Bed, y: float) -> None:
        x = self._x(one.place, one.time)
        self._dot(x, bed.middle, CULPRIT)
        text = self._fitted(partial(_arrived, one))
        self._words(x, y, text, CULPRIT)

    def _dot(self, x: float, y: float, colour: str) -> None:
        self.ax.scatter([x], [y], s=22, c=WHITE, edgecolors=colour, linewidths=1.4, zorder=4)

    def _fitted(self, told: Callable[[Callable[[str], str]], str]) -> str:
        """The longest words for which there is room."""
        for letters in (28, 20, 14, 10, 6):
            text = told(partial(shown_text, most=letters))
            if text_width(text, WORDS, "bold") <= self.width - 8:
                return text
        return cut_to(told(partial(shown_text, most=6)), self.width - 8, WORDS, "bold")

    def _words(self, x: float, y: float, text: str, colour: str) -> None:
        weight = "bold" if colour == CULPRIT else "normal"
        wide = text_width(text, WORDS, weight)
        write(
            self.ax,
            max(3.0, min(x - wide + 2, self.width - wide - 3)),
            y,
            text,
            size=WORDS,
            weight=weight,
            colour=colour,
            zorder=5,
            gid="merge",
            bbox={"facecolor": WHITE, "edgecolor": "none", "pad": 0.5},
        )

    def _key(self) -> None:
        """What the colours say."""
        anchor = self.river.anchor
        seen = {min(one.owners, 2) for stream in self.river.streams for one in stream.points}
        x, y = 4.0, self.axis + self.date_height + 4
        for kind, words in enumerate(
            (f"no {anchor}", f"one {anchor}", f"two {plural(anchor)} or more")
        ):
            wide = 14 + text_width(words, SMALL) + 14
            if kind not in seen or x + wide > self.width:
                continue
            self.ax.add_patch(
                Rectangle(
                    (x, y - 3.5),
                    10,
                    7,
                    facecolor=COLOURS[kind],
                    edgecolor=mixed(COLOURS[kind], WHITE, 0.45) if kind == 2 else COLOURS[kind],
                    hatch=HATCHES[kind],
                    linewidth=0.4,
                    gid="key",
                )
            )
            write(self.ax, x + 14, y, words, size=SMALL, colour=INK, gid="key")
            x += wide
        words = "thickness: events"
        if x + text_width(words, SMALL) < self.width:
            write(self.ax, x, y, words, size=SMALL, colour=QUIET, gid="key")


def _arrived(one: NamedMeeting, show: Callable[[str], str]) -> str:
    """Say which owners met, and by what: ``3 Nov 2025 09:12, MERGE at a5: U1 + U2, 35 + 0 events, by phone 555-0142``."""
    by = [named_shortly(node, show) for node in one.by[:2]]
    told = f"{written(one.time)}, {one.told(show)}"
    return f"{told}, by {' + '.join(by)}" if by else told
