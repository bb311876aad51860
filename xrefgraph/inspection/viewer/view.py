"""The page as an object: shown in a notebook, or written to a file."""

from __future__ import annotations

import html
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from xrefgraph.errors import SchemaError
from xrefgraph.files import check_folder, save_text
from xrefgraph.inspection.draw.layout.subject import drawn_of
from xrefgraph.inspection.viewer.contents import NODES, checked, contents_of
from xrefgraph.inspection.viewer.page import page_of
from xrefgraph.inspection.viewer.widget import widget

#: Stands for "as the view has it".
_SAME: Any = object()


@dataclass(frozen=True, repr=False)
class View:
    """A page on which a profile is looked at; made by :func:`view`.

    In a notebook the last line of a cell shows it. Where scripts may not run, it is a few sentences.

    Parameters
    ----------
    asked : Profile, or an answer about profiles
        What it is about.
    mask : {"partial", "hash"} or None
        How values are hidden.
    height : int
        In a notebook, in pixels.
    nodes : int
        How many nodes are drawn at most.
    """

    asked: Any = field(repr=False)
    mask: str | None = None
    height: int = 640
    nodes: int = NODES

    def html(self, mask: Any = _SAME) -> str:
        """Give the page as text.

        Parameters
        ----------
        mask : {"partial", "hash"} or None
            How values are hidden; as the view has it unless it is given.
        """
        return page_of(self.contents(mask))

    def contents(self, mask: Any = _SAME) -> dict[str, Any]:
        """Give what the page shows, as plain lists, texts and numbers."""
        chosen = self.mask if mask is _SAME else mask
        return contents_of(self.asked, mask=chosen, nodes=self.nodes)

    def to_html(self, path: str | Path, *, mask: Any = _SAME) -> Path:
        """Write the page to a file, in the place of what was there.

        Parameters
        ----------
        path : path
            The file. A reader sees it whole, or not at all.
        mask : {"partial", "hash"} or None
            How values are hidden; as the view has it unless it is given.

        Returns
        -------
        Path

        Raises
        ------
        StoreError
            When it cannot be written: there is no such folder, it is read-only, or the path is a folder.
        SchemaError
            When there is no such mask.
        """
        check_folder(path, "a page")  # before the work, and not after it
        return save_text(self.html(mask), path, "a page")

    def widget(self) -> Any:
        """Give the same page as a widget, which tells Python what was selected and blocked (extra ``widget``).

        Returns
        -------
        anywidget.AnyWidget
            See :func:`xrefgraph.inspection.viewer.widget.widget`.

        Raises
        ------
        XrefGraphError
            When anywidget is not installed.
        """
        return widget(self.asked, mask=self.mask, nodes=self.nodes)

    def __repr__(self) -> str:
        masked = f", masked ({self.mask})" if self.mask else ""
        return f"<View of a {type(self.asked).__name__}{masked}>"

    def _repr_html_(self) -> str:
        contents = self.contents()
        said = "".join(f"<p>{html.escape(one)}</p>" for one in contents["sentences"])
        # A notebook that is not trusted takes out the frame and the style, and leaves the text.
        return (
            f'<div style="display:none"><p><b>{html.escape(contents["title"])}</b>: {html.escape(contents["size"])}.</p>{said}'
            "<p>Trust this notebook, or run the cell again, to see the graph.</p></div>"
            f'<iframe srcdoc="{html.escape(page_of(contents))}" sandbox="allow-scripts" title="{html.escape(contents["title"])}"'
            f' style="width:100%;height:{self.height}px;box-sizing:border-box;border:1px solid #c4c4c4;border-radius:6px"></iframe>'
        )


def view(asked: Any, *, mask: Any = None, height: int = 640, nodes: int = NODES) -> View:
    """Make a page on which a profile can be looked at closely.

    One page that needs nothing else, no network and no installation: pan and zoom, filter, search, replay the time, look at the evidence of each
    node, and see at once what would hang together without a value. Blocked values can be copied out as decisions.

    Parameters
    ----------
    asked : Profile, or an answer about profiles
        Such as ``graph.profile("db_id:1")``, or what :func:`why`, :func:`paths`, :func:`separate`, :func:`how`, :func:`why_not` give.
    mask : {"partial", "hash"} or None
        Show only the ends of values, or keyed hashes instead of them. The page says which.
    height : int
        How high it is in a notebook, in pixels.
    nodes : int
        How many nodes are drawn at most. Of a larger profile, about 450 are: owners, what is suspected, the shortest ways, what is used most; the
        page says how much is put together, and how much is not drawn.

    Returns
    -------
    View
        Shown by a notebook; ``view.to_html(path)`` writes it to a file. Nothing is written unless that is asked for.

    Raises
    ------
    SchemaError
        When it is nothing that has a page, or there is no such mask.
    XrefGraphError
        When it is about no profile.

    Examples
    --------
    >>> import xrefgraph as xg
    >>> graph = xg.build([{"db_id": 1, "mail": "ann@example.org"}], anchor="db_id", identifiers=["mail"])
    >>> page = xg.view(graph.profile(db_id=1))
    >>> page
    <View of a Profile>
    >>> page.to_html("ann.html", mask="partial").name
    'ann.html'
    """
    if type(height) is not int or height < 100:
        raise SchemaError(f"height is a number of pixels from 100 on, not {height!r}.")
    checked(mask, nodes)
    drawn_of(asked)
    return View(asked, mask, height, nodes)
