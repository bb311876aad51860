"""See that each cell that draws has a picture: a drawing that is made and not shown would leave a gap that nobody is told of."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from docutils import nodes
from sphinx.util import logging

if TYPE_CHECKING:
    from sphinx.application import Sphinx

log = logging.getLogger(__name__)

#: What draws, at the beginning of a line. What is only defined there is indented.
DRAWS = re.compile(r"^(?!def |#)\S.*(\bplot_\w+\(|\.plot\(|\bdraw\().*", re.MULTILINE)


def check_cells(_app: Sphinx, page: nodes.document) -> None:
    """Look at each cell that was run, or that a notebook keeps."""
    for cell in page.findall(nodes.container):
        if "cell" not in cell["classes"]:
            continue
        code = "\n".join(block.astext() for block in cell.findall(nodes.literal_block))
        drawn = DRAWS.search(code)
        if drawn and not any(cell.findall(nodes.image)):
            log.warning("no picture comes of the cell with: %s", drawn[0], location=cell)


def setup(app: Sphinx) -> dict[str, bool]:
    """Hook it in."""
    app.connect("doctree-read", check_cells)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
