"""Swim lanes: when did it go wrong? A lane for each identifier, and each event as a stroke that joins its lanes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

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
from xrefgraph.inspection.draw.layout.composing import scene_of
from xrefgraph.inspection.draw.layout.lanes import EVENTS, MEETINGS, Timeline, timeline_of
from xrefgraph.inspection.draw.layout.masking import hidden_by, masked_scene
from xrefgraph.inspection.draw.layout.meeting_names import NamedMeeting
from xrefgraph.inspection.draw.layout.replaying import retrace
from xrefgraph.inspection.draw.layout.scene import Row, Scene
from xrefgraph.inspection.draw.layout.ticks import written
from xrefgraph.inspection.draw.styles import (
    CULPRIT,
    CULPRIT_BAND,
    INK,
    QUIET,
    WHITE,
    Look,
    glyphs,
    look_of_row,
    side_colour,
)
from xrefgraph.inspection.evidence.collapse import micros

#: The size of text, the height of a lane at most and at least, and of a line of words, in points.
SIZE, SMALL = 7.5, 6.8
PITCH, LEAST_PITCH = 15.0, 10.5
LINE = 11.0
#: Of more events of suspects than these the strokes are thin.
MANY = 60


def plot_timeline(
    asked: Any,
    *,
    ax: Axes | None = None,
    window: Any = None,
    most_events: int = EVENTS,
    mask: Any = None,
    event_kws: Mapping[str, Any] | None = None,
    lane_kws: Mapping[str, Any] | None = None,
) -> Axes:
    """Draw a profile along time, to see when it went wrong.

    Each identifier is a lane, from its first event to its last, in the order of the linking matrix. Each event is a stroke that joins
    the lanes that it carries, in the colour of its side. What is suspected of joining two owners is thick and vermillion. A dashed
    line says where two owners met, and how many events each side had by then; a small triangle is a merge of parts that were not of two
    owners. Events without a time stand in a strip at the left; without two different times the events stand in their order.

    Parameters
    ----------
    asked : Profile, an answer about profiles, or Scene
        What is drawn.
    ax : matplotlib.axes.Axes, optional
        Where; else a new figure is made. Lanes for which there is no room are left out, and counted.
    window : (start, end), optional
        Only what lies between two times: each a datetime, a date, a text in ISO 8601, or None for no limit.
    most_events : int
        How many events are drawn at most. Those at which owners met and those of suspects are kept, the others are thinned out evenly.
    mask : {"partial", "hash"}, optional
        How values are masked.
    event_kws, lane_kws : dict, optional
        Options of :class:`matplotlib.collections.LineCollection` for the strokes of events, and for the lanes.

    Returns
    -------
    Axes

    Notes
    -----
    Cost: sorting the events of the profile, and its links; what is drawn does not grow with it.

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
    >>> ax = plot_timeline(graph.profile("db_id:1"))
    >>> [text.get_text() for text in ax.texts if text.get_gid() == "meeting"]
    ['MERGE at e3: 1 + 2, 1 + 1 events']
    """
    scene = scene_of(asked)
    if mask is not None:
        scene = masked_scene(scene, hidden_by(mask, scene.drawn.store))
    ax = axes_for(ax, 9.4, _wanted(scene) / 72)
    width, height = (one * 72 for one in inches(ax))
    bare(ax, width, height)
    # Of words and lanes, the lanes come first where there is little room.
    most_meetings = max(1, min(MEETINGS, int(height / 4 / LINE)))
    prepared = partial(
        timeline_of,
        scene,
        window=window,
        most_events=most_events,
        most_meetings=most_meetings,
        traced=retrace(scene.drawn),
    )
    page = _Page(ax, width, height, prepared())
    if page.room < len(page.rows):
        page = _Page(ax, width, height, prepared(most_lanes=page.room))
    page.draw(dict(event_kws or {}), dict(lane_kws or {}))
    return ax


def _wanted(scene: Scene) -> float:
    """The height of a figure for so many lanes, in points."""
    meetings = min(max(len(scene.owners) - 1, 1), MEETINGS)
    return 24 + meetings * LINE + len(scene.rows) * 14.0 + axis.HEIGHT + 34


@dataclass(frozen=True)
class _Words:
    """Words about where owners met, placed: their left edge, their line from above, and where their event is."""

    text: str
    left: float
    level: int
    x: float


class _Page:
    """A timeline while it is drawn: all places are points from the upper left corner."""

    def __init__(self, ax: Axes, width: float, height: float, timeline: Timeline) -> None:
        self.ax, self.width, self.height, self.timeline = ax, width, height, timeline
        self.rows = timeline.rows
        self.signs = glyphs(timeline.scene.types, timeline.scene.anchor)
        self.names, self.label_room = self._labels()
        self.left = self.label_room + 8
        self.right = max(width - 12, self.left + 20)
        self.dates = axis.dates_between(
            self.left + 6,
            self.right - 4,
            (timeline.start, timeline.end),
            timeline.untimed,
            timeline.places,
        )
        self.date_height = axis.height_within(height)
        self.said = noted(self._below(), width - 8, max(1, int(height / 70)), SMALL)
        self.words = self._placed()
        levels = max((one.level for one in self.words), default=-1) + 1
        self.top = 6 + levels * LINE + 10
        self.bottom = height - self.date_height - len(self.said) * (SMALL + 2.2) - 5
        #: How many lanes there is room for.
        self.room = max(1, int((self.bottom - self.top) / LEAST_PITCH))
        self.pitch = min(PITCH, (self.bottom - self.top) / max(len(self.rows), 1))
        self.axis = self.top + self.pitch * len(self.rows)

    # ------------------------------------------------------------------------------ what there is room for

    def _labels(self) -> tuple[list[str], float]:
        """The text of each label, and the room that they take: a third of the width at most, if they can be that short."""
        names: list[str] = []
        room = 0.0
        for letters in (28, 22, 16, 12, 8, 5):
            names = [self._name(row, letters) for row in self.rows]
            widths = [
                label_width(name, SIZE, "bold" if self._look(row).bold else "normal", 1.6)
                for name, row in zip(names, self.rows, strict=True)
            ]
            room = max(widths, default=0.0)
            if room <= self.width * 0.34:
                break
        return names, room + 4

    def _look(self, row: Row) -> Look:
        return look_of_row(row, self.timeline.scene)

    def _name(self, row: Row, most: int) -> str:
        text = shown_text(row.text, most if row.node is not None else max(most, 18))
        return f"{self.signs.get(row.kind, '')} {text}".strip()

    def _below(self) -> str:
        """The words below the axis: what is drawn, and what is not."""
        timeline, said = self.timeline, []
        if timeline.start is not None and timeline.in_order:
            said.append(
                f"all {'events that have a time' if timeline.untimed else 'events'} are of {written(timeline.start)}: left to right in their order"
            )
        elif timeline.start is None and timeline.events:
            said.append("no event has a time: left to right in their order")
        elif timeline.untimed:
            said.append(
                f"{counted(timeline.untimed, 'event')} without a time at the left, in their order"
            )
        if timeline.merge_count:
            shown, every = len(timeline.merges), counted(timeline.merge_count, "merge")
            largest = f"the largest {shown:,} of " if shown < timeline.merge_count else ""
            said.append(f"▼ {largest}{every} without two owners")
        if timeline.left_out:
            said.append(timeline.left_out)
        return "; ".join(said)

    def _x(self, place: int, time: int | None) -> float:
        return self.dates.x(max(place, 0), time)

    def _placed(self) -> list[_Words]:
        """Place the words about meetings: each over its line, on the highest level on which it touches none."""
        taken: list[list[tuple[float, float]]] = []
        found = []
        for one in self.timeline.meetings:
            x = self._x(one.place, None if one.time is None else micros(one.time))
            text = self._fitted(one)
            width = text_width(text, SIZE, "bold") + 4
            left = min(max(x - width / 2, 2.0), self.width - width - 2)
            level = 0
            while level < len(taken) and any(
                left < b + 6 and left + width > a - 6 for a, b in taken[level]
            ):
                level += 1
            if level == len(taken):
                taken.append([])
            taken[level].append((left, left + width))
            found.append(_Words(text, left, level, x))
        return found

    def _fitted(self, meeting: NamedMeeting) -> str:
        """The longest words about a meeting for which there is room."""
        for letters in (28, 20, 14, 10, 6):
            text = meeting.told(partial(shown_text, most=letters))
            if text_width(text, SIZE, "bold") <= self.width - 8:
                return text
        return cut_to(meeting.told(partial(shown_text, most=6)), self.width - 8, SIZE, "bold")

    def _y(self, lane: int) -> float:
        return self.top + (lane + 0.5) * self.pitch

    # ------------------------------------------------------------------------------ what is drawn

    def draw(self, event_kws: dict[str, Any], lane_kws: dict[str, Any]) -> None:
        """Draw it all."""
        axis.draw_dates(self.ax, self.dates, self.top, self.axis, self.date_height, SIZE)
        self._bands()
        self._lanes(lane_kws)
        self._strokes(event_kws)
        self._merges()
        self._told()
        y = self.axis + self.date_height + 3
        for line in self.said:
            write(self.ax, 4, y + 2, line, size=SMALL, colour=QUIET, gid="more")
            y += SMALL + 2.2

    def _bands(self) -> None:
        for n, row in enumerate(self.rows):
            if row.is_culprit:
                self.ax.fill_between(
                    [0, self.width],
                    self._y(n) - self.pitch / 2,
                    self._y(n) + self.pitch / 2,
                    color=CULPRIT_BAND,
                    linewidth=0,
                    zorder=0,
                )

    def _lanes(self, options: dict[str, Any]) -> None:
        ends = self._ends()
        for n, row in enumerate(self.rows):
            look = self._look(row)
            size = min(SIZE, self.pitch - 4.5)
            label(
                self.ax,
                self.label_room,
                self._y(n),
                self.names[n],
                face=look.face,
                colour=look.text,
                rim=look.rim,
                rim_width=look.rim_width,
                size=size,
                weight="bold" if look.bold else "normal",
                ha="right",
                pad=1.6,
                gid=_gid(row, n),
            )
            if n not in ends:
                continue
            self.ax.add_collection(
                LineCollection(
                    [[(ends[n][0], self._y(n)), (ends[n][1], self._y(n))]],
                    **{
                        "colors": [CULPRIT if row.is_culprit else look.face],
                        "linewidths": [3.6 if row.is_culprit else 1.1],
                        "alpha": 1.0 if row.is_culprit else 0.75,
                        "capstyle": "round",
                        "zorder": 2.5 if row.is_culprit else 1.5,
                        "gid": f"lane:{n}",
                        **options,
                    },
                ),
                autolim=False,
            )

    def _ends(self) -> dict[int, tuple[float, float]]:
        """Where each lane begins and ends: at its first and its last event, drawn or not."""
        found: dict[int, tuple[float, float]] = {}
        for stroke in self.timeline.strokes:
            x = self._x(stroke.place, stroke.time)
            for lane in stroke.lanes:
                low, high = found.get(lane, (x, x))
                found[lane] = (min(low, x), max(high, x))
        if self.dates.start is None or self.dates.end is None:
            return found
        for n, row in enumerate(self.rows):
            if row.first is None or row.last is None:
                continue
            first, last = micros(row.first), micros(row.last)
            if first > self.dates.end or last < self.dates.start:
                continue
            low, high = self._x(0, first), self._x(0, last)
            known = found.get(n, (low, high))
            found[n] = (min(low, known[0]), max(high, known[1]))
        return found

    def _strokes(self, options: dict[str, Any]) -> None:
        scene = self.timeline.scene
        owners = len(scene.owners)
        plain = [one for one in self.timeline.strokes if not (one.is_meeting or one.is_culprit)]
        marked = [one for one in self.timeline.strokes if one.is_meeting or one.is_culprit]
        bold = 1.8 if len(marked) <= MANY else 0.9
        for strokes, gid, width, zorder in (
            (plain, "events", 0.9, 2.0),
            (marked, "culprit events", bold, 3.0),
        ):
            lines, colours, widths = [], [], []
            for one in strokes:
                if len(one.lanes) < 2:
                    continue
                x = self._x(one.place, one.time)
                lines.append([(x, self._y(one.lanes[0])), (x, self._y(one.lanes[-1]))])
                colours.append(
                    CULPRIT
                    if one.is_culprit or one.is_meeting
                    else side_colour(one.owner, one.order, owners)
                )
                widths.append(2.6 if one.is_meeting else width)
            if lines:
                self.ax.add_collection(
                    LineCollection(
                        lines,
                        **{
                            "colors": colours,
                            "linewidths": widths,
                            "alpha": 1.0 if strokes is marked else 0.75,
                            "zorder": zorder,
                            "gid": gid,
                            **options,
                        },
                    ),
                    autolim=False,
                )
        self._dots()

    def _dots(self) -> None:
        faces = [self._look(row).face for row in self.rows]
        x, y, face, rim = [], [], [], []
        for one in self.timeline.strokes:
            for lane in one.lanes:
                x.append(self._x(one.place, one.time))
                y.append(self._y(lane))
                colour = CULPRIT if self.rows[lane].is_culprit else faces[lane]
                face.append(WHITE if lane in one.cut else colour)
                rim.append(colour)
        if x:
            size = min(3.4, self.pitch * 0.3)
            self.ax.scatter(
                x, y, s=size**2, c=face, edgecolors=rim, linewidths=0.7, zorder=4, gid="dots"
            )

    def _merges(self) -> None:
        """Small triangles above; of those that would lie upon each other, one."""
        seen: set[int] = set()
        xs = []
        for place, time in self.timeline.merges:
            x = self._x(place, time)
            if round(x / 2) not in seen:
                seen.add(round(x / 2))
                xs.append(x)
        if xs:
            self.ax.scatter(
                xs,
                [self.top - 4] * len(xs),
                marker="v",
                s=13,
                c=INK,
                linewidths=0,
                zorder=4,
                gid="merges",
            )

    def _told(self) -> None:
        for one in self.words:
            y = 8 + one.level * LINE
            self.ax.add_collection(
                LineCollection(
                    [[(one.x, y + 4), (one.x, self.axis)]],
                    colors=[CULPRIT],
                    linewidths=[1.1],
                    linestyles=[(0, (4, 2.5))],
                    zorder=2.2,
                    gid="meeting line",
                ),
                autolim=False,
            )
            write(
                self.ax,
                one.left + 2,
                y,
                one.text,
                size=SIZE,
                colour=CULPRIT,
                weight="bold",
                zorder=6,
                gid="meeting",
                bbox={"facecolor": WHITE, "edgecolor": "none", "pad": 0.8},
            )


def _gid(row: Row, n: int) -> str:
    if row.is_culprit:
        return "culprit"
    return "anchor" if row.is_owner or row.is_anchor else f"row:{n}"
