"""Why are two one profile, on one sheet: the sentence, the path, the matrix, and when it came to be."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from xrefgraph.errors import SchemaError, XrefGraphError
from xrefgraph.graph import XrefGraph
from xrefgraph.inspection.draw.barrier import plot_why_not, why_not_height
from xrefgraph.inspection.draw.canvas import bare, sheet
from xrefgraph.inspection.draw.layout.arranging import scene_within
from xrefgraph.inspection.draw.layout.masking import hidden_by, masked_scene
from xrefgraph.inspection.draw.layout.scene import Scene
from xrefgraph.inspection.draw.layout.subject import drawn_of
from xrefgraph.inspection.draw.layout.words import sizes_of, suspected, title_of
from xrefgraph.inspection.draw.matrix import plot_matrix
from xrefgraph.inspection.draw.matrix_frame import size_of
from xrefgraph.inspection.draw.paragraphs import Paragraph, height_of, write_paragraphs
from xrefgraph.inspection.draw.path import path_height, plot_path
from xrefgraph.inspection.draw.styles import QUIET
from xrefgraph.inspection.draw.timeline import plot_timeline
from xrefgraph.inspection.masking import masked
from xrefgraph.inspection.subjects import Asked, find_subject
from xrefgraph.inspection.why import Why, why, why_between
from xrefgraph.inspection.why_not import WhyNot, why_not, why_not_between
from xrefgraph.networks import IdentifierNode

#: In points: the edge, what is between two parts, and how wide a sheet is at least and at most.
EDGE, BETWEEN, LEAST, MOST = 12.0, 8.0, 760.0, 1040.0

#: So many profiles on the way between two are drawn with them.
ON_WAY = 20


def plot_why(
    asked: Any, a: Asked | None = None, b: Asked | None = None, *, mask: str | None = None
) -> Figure:
    """Draw why two identifiers or events are one profile, on one sheet.

    Parameters
    ----------
    asked : Why, Profile, Ambiguity, or XrefGraph
        An answer of :func:`xrefgraph.why`; a profile or a conflict with two owners or more, of whom those are asked about that met
        first; or a graph, with the two.
    a, b : str, (type, value), IdentifierNode or EventNode, optional
        With a graph: the two.
    mask : {"partial", "hash"}, optional
        How values are masked.

    Returns
    -------
    Figure
        From above: the question, its answer in a sentence and the facts; the path, with what is weakest in orange; the linking matrix;
        and the swim lanes. Where the two are not one profile, what keeps them apart stands in the place of the path.

    Raises
    ------
    XrefGraphError
        When there are no two to ask about.

    Notes
    -----
    Cost: that of :func:`xrefgraph.why`, and of what the profile holds; what is drawn does not grow with it.

    Examples
    --------
    >>> import xrefgraph as xg
    >>> rows = [{"id": n, "db_id": n, "device": "kiosk"} for n in (1, 2)]
    >>> schema = xg.Schema(["db_id", "device"], anchor="db_id", conflicts="keep")
    >>> graph = xg.build(xg.Source(rows, identifiers=schema.names, event_id="id", name="visits"), schema)
    >>> figure = plot_why(graph, "db_id:1", "db_id:2")
    >>> [ax.get_label() for ax in figure.axes]
    ['words', 'path', 'matrix', 'lanes']
    """
    told = _told(asked, a, b)
    scene, answer = told.scene, told.answer
    if mask is not None:
        scene = masked_scene(scene, hidden_by(mask, scene.drawn.store))
    wide, high = size_of(scene, own=False)
    width = min(max(wide, LEAST), MOST)
    words = _words(scene, answer, mask)
    heights = [
        height_of(words, width - 2 * EDGE) + 6,
        _path_height(answer, width, mask),
        high,
        lanes_height(scene),
    ]
    figure = sheet(width / 72, (sum(heights) + BETWEEN * 3 + EDGE) / 72)
    above, strip, matrix, lanes = stacked(figure, heights, ("words", "path", "matrix", "lanes"))
    bare(above, width, heights[0])
    write_paragraphs(above, words, EDGE, 4, width - 2 * EDGE, heights[0])
    if isinstance(answer, WhyNot):
        plot_why_not(answer, ax=strip, mask=mask)
    elif answer.path is not None:
        plot_path(answer, ax=strip, mask=mask)
    else:
        strip.set_axis_off()
    plot_matrix(scene, ax=matrix)
    plot_timeline(scene, ax=lanes)
    return figure


def stacked(figure: Figure, heights: list[float], names: tuple[str, ...]) -> list[Axes]:
    """Put axes so high, in points, under each other over the whole width of a figure, each with a name."""
    total = figure.get_figheight() * 72
    y = total - EDGE / 2
    found = []
    for height, name in zip(heights, names, strict=True):
        y -= height
        found.append(figure.add_axes((0.0, y / total, 1.0, height / total), label=name))
        y -= BETWEEN
    return found


def lanes_height(scene: Scene) -> float:
    """How high the swim lanes of a scene are, in points."""
    meetings = min(max(len(scene.owners) - 1, 1), 6)
    return 100.0 + 11.0 * meetings + 13.0 * min(len(scene.rows), 40)


@dataclass(frozen=True)
class _Told:
    """What is drawn: the profile, and the answer for two of it."""

    scene: Scene
    answer: Why | WhyNot


def _told(asked: Any, a: Any, b: Any) -> _Told:
    if isinstance(asked, XrefGraph):
        if a is None or b is None:
            raise SchemaError("With a graph, name the two: plot_why(graph, a, b).")
        asked = why(asked, a, b) if _linked(asked, a, b) else why_not(asked, a, b)
    elif a is not None or b is not None:
        raise SchemaError(
            f"Only with a graph the two are named, not with a {type(asked).__name__}."
        )
    if isinstance(asked, Why) and not asked.linked:
        asked = why_not_between(asked.origin.store, *asked.origin.subjects)
    if isinstance(asked, WhyNot):
        return _Told(scene_within(_with_what_lies_between(asked)), asked)
    if isinstance(asked, Why):
        return _Told(scene_within(asked), asked)
    drawn = drawn_of(asked)
    scene = scene_within(drawn)
    if len(scene.owners) < 2:
        raise XrefGraphError(
            f"This {type(asked).__name__} is of one person, as far as is known, so there is no pair to ask about: "
            "name two, as plot_why(graph, a, b), or draw it with plot_profile."
        )
    pair = scene.suspicions[0].pair if scene.suspicions else (scene.owners[0], scene.owners[1])
    one, other = (find_subject(drawn.store, scene.rows[row].node) for row in sorted(pair))  # type: ignore[arg-type]
    same = one.profile is not None and one.profile == other.profile
    answer = (why_between if same else why_not_between)(drawn.store, one, other)
    return _Told(scene, answer)


def _with_what_lies_between(asked: WhyNot) -> WhyNot:
    """The same answer, about the profiles on the way from one to the other, too: at most so many of them."""
    if asked.path is None:
        return asked
    store, subjects = asked.origin.store, asked.origin.subjects
    stops = {
        stop.profile_id: IdentifierNode(stop.node.type, stop.node.value, stop.profile_id)
        for stop in asked.path.stops
        if isinstance(stop.node, IdentifierNode)
    }
    on_way = [find_subject(store, node) for node in list(stops.values())[:ON_WAY]]
    numbers = {one.profile for one in (*subjects, *on_way) if one.profile is not None}
    return replace(asked).asked_of(store, *subjects, profiles=tuple(sorted(numbers)))


def _linked(graph: XrefGraph, a: Any, b: Any) -> bool:
    one, other = (find_subject(graph.store, each) for each in (a, b))
    return one.profile is not None and one.profile == other.profile


def _words(scene: Scene, answer: Why | WhyNot, mask: str | None) -> list[Paragraph]:
    """The question, the answer, and the facts."""
    said = [Paragraph(title_of(scene), 14, "bold", gid="title", space=4)]
    told = masked(answer, hidden_by(mask, scene.drawn.store))
    said.append(Paragraph(told.summary, 9, gid="summary"))
    facts = f"{sizes_of(scene)}."
    # Of two, the sentence has said what joins them.
    if len(scene.owners) > 2 or isinstance(answer, WhyNot):
        facts = " ".join([facts, *suspected(scene)])
    said.append(Paragraph(facts, 8.5, colour=QUIET, gid="facts"))
    return said


def _path_height(answer: Why | WhyNot, width: float, mask: str | None) -> float:
    if isinstance(answer, WhyNot):
        return why_not_height(answer, width, mask)
    return path_height(answer, width, mask) if answer.path is not None else 1.0
