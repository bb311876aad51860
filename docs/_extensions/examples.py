"""Examples as they look on a page: without the empty line at their end, which doctest needs to see where an output stops."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docutils import nodes

if TYPE_CHECKING:
    from sphinx.application import Sphinx


def trim(_app: Sphinx, page: nodes.document) -> None:
    """Take away the empty lines at the end of each block of text that stands as it is."""
    for block in page.findall(nodes.literal_block):
        text = block.astext().rstrip("\n")
        if block.rawsource == block.astext():  # nothing in it is marked up
            block[:] = [nodes.Text(text)]
            block.rawsource = text


def setup(app: Sphinx) -> dict[str, bool]:
    """Hook it in."""
    app.connect("doctree-read", trim)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
