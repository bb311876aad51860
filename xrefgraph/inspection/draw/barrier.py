"""What keeps two apart: the way from one to the other with the place where it was cut, or the two side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch

from xrefgraph.errors import SchemaError, counted
from xrefgraph.inspection.barriers.near import NearMiss
from xrefgraph.inspection.draw.canvas import axes_for, bare, inches, write
from xrefgraph.inspection.draw.layout.contents import contents_of
from xrefgraph.inspection.draw.layout.crossing_strip import beads_of_route
from xrefgraph.inspection.draw.layout.labels import printable, shortened
from xrefgraph.inspection.draw.layout.masking import Hide, hidden_by, masked_node
from xrefgraph.inspection.draw.layout.words import LONG
from xrefgraph.inspection.draw.paragraphs import Paragraph, height_of, write_paragraphs
from xrefgraph.inspection.draw.path import FITS, STEPS, with_lines
from xrefgraph.inspection.draw.strip import (
    Strip,
    Types,
    draw_strip,
    laid_out,
    natural_width,
    within,
)
from xrefgraph.inspection.draw.styles import LINE, QUIET, WHITE
from xrefgraph.inspection.subjects import Subject, name_of
from xrefgraph.inspection.why_not import CROSSED, WhyNot

#: In points: the edge, what is between the two frames; so many reasons and near misses are told.
EDGE, BETWEEN, TOLD = 12.0, 90.0, 4


def plot_why_not(asked: WhyNot, *, ax: Axes | None = None, mask: str | None = None) -> Axes:
    """Draw what keeps two identifiers or events apart.

    Parameters
    ----------
    asked : WhyNot
        The answer of :func:`xrefgraph.why_not`.
    ax : Axes, optional
        Where; without it, a figure of the right size is made.
    mask : {"partial", "hash"}, optional
        How values are masked. What people and policies wrote as a reason is left out then, since it may name a value.

    Returns
    -------
    Axes

    Notes
    -----
    Where a way leads from one to the other, it is a strip: a pale band is a profile, a cross the place where the way was cut, with the
    rule below. Where none does, the two profiles stand side by side, with what each holds. Below are other reasons, and identifiers that are
    nearly the same.

    Examples
    --------
    >>> import xrefgraph as xg
    >>> rows = [{"db_id": 1, "cookie": "tablet"}, {"db_id": 2, "cookie": "tablet"}]
    >>> graph = xg.build(rows, anchor="db_id", identifiers=["cookie"])
    >>> ax = plot_why_not(xg.why_not(graph, "db_id:1", "db_id:2"))
    >>> " ".join(text.get_text() for text in ax.texts if text.get_gid() == "cut-reason")
    'cut by isolate (two values of db_id): keeps db_id 1 and db_id 2 apart cut by isolate (two values of db_id): keeps db_id 2 and db_id 1 apart'
    """
    if not isinstance(asked, WhyNot):
        raise SchemaError(
            f"What is drawn is an answer of xg.why_not, not a {type(asked).__name__}."
        )
    store = asked.origin.store
    told = _Told(asked, store, hidden_by(mask, store), masked=mask is not None)
    own = ax is None
    head, foot = told.head(), told.foot()
    width = 760.0
    if asked.path is not None:
        width = min(max(natural_width(told.beads()) + 2 * EDGE, 620.0), 1000.0)
    room = width - 2 * EDGE
    height = height_of(head, room) + height_of(foot, room) + told.height(room) + 3 * EDGE + 8
    ax = axes_for(ax, width / 72, height / 72)
    width, height = (72 * side for side in inches(ax))
    bare(ax, width, height)
    room, y = width - 2 * EDGE, EDGE / 2
    if own:
        y = write_paragraphs(ax, head, EDGE, y, room, height) + EDGE
    y = told.draw(ax, y, room, height - EDGE / 2)
    if foot and height - y > 24:
        write_paragraphs(ax, foot, EDGE, y + 4, room, height - 4)
    return ax


def why_not_height(asked: WhyNot, width: float, mask: str | None = None) -> float:
    """Say how high the drawing is on axes so wide, without its title, in points."""
    store = asked.origin.store
    told = _Told(asked, store, hidden_by(mask, store), masked=mask is not None)
    room = width - 2 * EDGE
    return told.height(room) + height_of(told.foot(), room) + 2 * EDGE + 8


@dataclass(frozen=True)
class _Told:
    """What is told of an answer, masked as it was asked for."""

    asked: WhyNot
    store: Any
    hide: Hide
    masked: bool

    def name(self, subject: Subject) -> str:
        """What was asked for, in a sentence."""
        return printable(shortened(name_of(masked_node(subject.node, self.hide)), LONG))

    def head(self) -> list[Paragraph]:
        """The title, and the answer in a sentence."""
        one, other = self.name(self.asked.a), self.name(self.asked.b)
        title = f"Why are {one} and {other} not one profile?"
        if self.asked.linked:
            title = f"{one} and {other} are one profile"
        elif self.asked.a.is_same(self.asked.b):
            title = f"{one} was asked for twice"
        said = [] if self.masked else [Paragraph(self.asked.summary, colour=QUIET, gid="facts")]
        return [Paragraph(title, 11, "bold", gid="title"), *said]

    def foot(self) -> list[Paragraph]:
        """Other reasons, and what is nearly the same, a line each."""
        drawn = CROSSED if self.asked.path is not None else ("no_shared_value",)
        others = [one for one in self.asked.reasons if one.kind not in (*drawn, "near_miss")]
        said = [
            Paragraph(
                _KINDS.get(one.kind, one.kind) if self.masked else one.sentence, 8, gid="reason"
            )
            for one in others[:TOLD]
        ]
        if len(others) > TOLD:
            said.append(_more(len(others) - TOLD, "more reason"))
        near = self.asked.near[:TOLD]
        said += [Paragraph(f"Nearly the same: {self.near(one)}", 8, gid="near") for one in near]
        if self.asked.near_count > len(near):
            more = self.asked.near_count - len(near)
            said.append(_more(more, "more near miss", "more near misses"))
        return said

    def near(self, one: NearMiss) -> str:
        """A near miss in words."""
        if not self.masked:
            return f"{one.sentence} {one.advice}"
        names = [name_of(masked_node(node, self.hide)) for node in (one.a, one.b)]
        return f"{names[0]} and {names[1]} ({one.kind.replace('_', ' ')})"

    # ---------------------------------------------------------------- in the middle

    def beads(self, most: int = STEPS) -> Any:
        """The way as a strip."""
        path = self.asked.path
        return [] if path is None else beads_of_route(path, self.hide, most, masked=self.masked)

    def height(self, room: float) -> float:
        """How high the middle is, in points."""
        if self.asked.path is not None:
            return laid_out(self.beads(), room).height
        side = (room - BETWEEN) / 2
        return max(height_of(one, side - 16) for one in self.sides()) + 16

    def draw(self, ax: Axes, y: float, room: float, bottom: float) -> float:
        """Draw the middle, and say where it ends."""
        if self.asked.path is None:
            return self._beside(ax, y, room, bottom)
        types = Types(tuple(self.store.schema.names), self.store.schema.anchor)
        strip, left_off = within(self._fitting(room, bottom - y), bottom - y - 10)
        draw_strip(ax, strip, EDGE, y, room, types)
        if left_off:
            said = f"+{counted(left_off, 'more line')} not drawn"
            write(ax, EDGE + room, bottom - 4, said, size=7, colour=QUIET, ha="right", gid="more")
        return y + strip.height

    def _fitting(self, room: float, high: float) -> Strip:
        laid: list[Strip] = []
        for most, size, characters, below in FITS:
            beads = with_lines(self.beads(most), below)
            laid.append(laid_out(beads, room, size, characters))
            if laid[-1].height <= high:
                break
        return laid[-1]

    def sides(self) -> tuple[list[Paragraph], list[Paragraph]]:
        """What each of the two holds, a line for each type."""
        return self._side(self.asked.a), self._side(self.asked.b)

    def _side(self, subject: Subject) -> list[Paragraph]:
        if subject.profile is None:
            return [
                Paragraph(self.name(subject), 9, "bold"),
                Paragraph(
                    f"in no profile ({(subject.reason or 'it links nothing').replace('_', ' ')})"
                ),
            ]
        held = contents_of(self.store, subject.profile, self.hide)
        return [
            Paragraph(f"Profile {shortened(held.profile_id, 40)}", 9, "bold"),
            Paragraph(held.sizes, 8, colour=QUIET),
            *(Paragraph(f"{name}: {values}", 8) for name, values in held.kinds),
        ]

    def _beside(self, ax: Axes, y: float, room: float, bottom: float) -> float:
        """Draw the two profiles side by side, with what is between them: nothing."""
        between = min(BETWEEN, room / 5)
        side = (room - between) / 2
        sides = self.sides()
        height = min(max(height_of(one, side - 16) for one in sides) + 16, bottom - y)
        for n, paragraphs in enumerate(sides):
            x = EDGE + n * (side + between)
            box = FancyBboxPatch(
                (x, y),
                side,
                height,
                boxstyle="round,pad=0,rounding_size=4",
                facecolor=WHITE,
                edgecolor=LINE,
                linewidth=1.2,
                gid="profile",
            )
            ax.add_patch(box)
            write_paragraphs(ax, paragraphs, x + 8, y + 4, side - 16, y + height - 4)
        middle = EDGE + room / 2
        if not self.asked.linked and between > 60:
            said = "nothing shared" if self._apart() else "not linked"
            write(
                ax,
                middle,
                y + height / 2,
                said,
                size=8,
                weight="bold",
                ha="center",
                gid="cut-reason",
            )
        return y + height

    def _apart(self) -> bool:
        return any(one.kind == "no_shared_value" for one in self.asked.reasons)


def _more(count: int, noun: str, plural: str | None = None) -> Paragraph:
    return Paragraph(f"+{counted(count, noun, plural)} not drawn", 7, colour=QUIET, gid="more")


#: What each reason is, without a value in it.
_KINDS = {
    "same": "They are one and the same.",
    "linked": "They are in one profile.",
    "refused": "One of them is refused.",
    "over_shared": "One of them is set aside, since it meets too many values of another type.",
    "blocked": "A decision blocks one of them.",
    "contradictory": "One is carried by events alone that contradict themselves, or is such an event.",
    "no_identifier": "One is an event that carries nothing that links.",
    "not_owned": "One was nobody's at that time, or not this owner's.",
    "carried": "Events carry both all the same.",
    "separated": "A decision keeps apart what they hold.",
    "other_time": "The identifier was in the other profile at another time.",
    "cut": "The policy cut a link on the way from one to the other.",
    "detached": "A decision detached a link on the way from one to the other.",
    "changed_hands": "An identifier on the way changed hands.",
    "shared": "Events of both carry an identifier, and some of these links were cut.",
    "shared_refused": "Events of both carry a value that links nothing.",
    "linking_nothing": "Events that link nothing carry identifiers of both.",
    "no_shared_value": "No chain of events leads from one to the other.",
    "would_collide": "Both hold a value of a unique type: whatever they share, they are two.",
}
