"""A profile, drawn as it reads best: nodes and links, the linking matrix, or territories above it."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from xrefgraph.inspection.draw.canvas import bare, sheet
from xrefgraph.inspection.draw.layout.arranging import scene_within
from xrefgraph.inspection.draw.layout.composing import ROWS
from xrefgraph.inspection.draw.layout.masking import hidden_by, masked_scene
from xrefgraph.inspection.draw.layout.scene import Scene
from xrefgraph.inspection.draw.layout.words import facts_of, title_of
from xrefgraph.inspection.draw.matrix import plot_matrix
from xrefgraph.inspection.draw.matrix_frame import size_of
from xrefgraph.inspection.draw.node_link import plot_graph
from xrefgraph.inspection.draw.paragraphs import Paragraph, height_of, write_paragraphs
from xrefgraph.inspection.draw.styles import QUIET
from xrefgraph.inspection.draw.territories import plot_territories
from xrefgraph.inspection.draw.why import BETWEEN, EDGE, LEAST, MOST, stacked


def plot_profile(
    asked: Any, *, ax: Axes | None = None, most: int = ROWS, mask: str | None = None
) -> Axes | Figure:
    """Draw a profile as it reads best.

    Parameters
    ----------
    asked : Profile, an answer about profiles (Ambiguity, History, Why, ...), or Scene
        What is drawn.
    ax : Axes, optional
        Where; on given axes there is room for one drawing, so of a large profile it is the folded matrix.
    most : int
        A profile of more identifiers is large.
    mask : {"partial", "hash"}, optional
        How values are masked.

    Returns
    -------
    Axes or Figure
        ===========================  ======================================================================
        up to 60 identifiers, with
        one owner or none            nodes and links: :func:`plot_graph`
        two owners or more           the linking matrix: :func:`plot_matrix`
        more identifiers             a Figure: territories (:func:`plot_territories`) above a folded matrix; of
                                     one owner or none, the folded matrix alone
        ===========================  ======================================================================

    Examples
    --------
    >>> import xrefgraph as xg
    >>> graph = xg.build([{"db_id": 1, "cookie": "x"}], anchor="db_id", identifiers=["cookie"])
    >>> ax = plot_profile(graph.profile(cookie="x"))
    >>> [text.get_text() for text in ax.texts if text.get_gid() == "title"]
    ['Profile db_id:1', '1 event, 2 identifiers.']
    """
    scene = scene_within(asked, most)
    if mask is not None:
        scene = masked_scene(scene, hidden_by(mask, scene.drawn.store))
    large = scene.identifiers > most
    if len(scene.owners) < 2:
        return plot_matrix(scene, ax=ax, order="type") if large else plot_graph(scene, ax=ax)
    if ax is not None or not large:
        return plot_matrix(scene, ax=ax)
    return _large(scene)


def _large(scene: Scene) -> Figure:
    """Territories above the folded matrix."""
    wide, high = size_of(scene, own=False)
    width = min(max(wide, LEAST), MOST)
    words = [
        Paragraph(title_of(scene), 14, "bold", gid="title", space=4),
        Paragraph(facts_of(scene), 9, colour=QUIET, gid="facts"),
    ]
    heights = [height_of(words, width - 2 * EDGE) + 6, _discs(scene), high]
    figure = sheet(width / 72, (sum(heights) + 2 * BETWEEN + EDGE) / 72)
    above, discs, matrix = stacked(figure, heights, ("words", "territories", "matrix"))
    bare(above, width, heights[0])
    write_paragraphs(above, words, EDGE, 4, width - 2 * EDGE, heights[0])
    plot_territories(scene, ax=discs)
    plot_matrix(scene, ax=matrix)
    return figure


def _discs(scene: Scene) -> float:
    """How high the territories are, in points; of more than eight owners they are a table."""
    if scene.owner_count > 8:
        return 70.0 + 16.0 * min(scene.owner_count, 30)
    return 190.0 * ((len(scene.owners) + 1) // 2) + 40
