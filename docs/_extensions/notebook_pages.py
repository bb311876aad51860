"""The notebooks as pages: copied beside the documents for the build, as they were run and with the pictures that they keep.

They lie in `notebooks/`, where people open them, and Sphinx reads only what lies in `docs/`. A copy works on every file system,
and a link out of one folder into the other is turned round on the way; in the files, links are as a code host wants them.
What introduces them there, their README, introduces them here too.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx

#: Links in a document to a notebook, and in a notebook to a document.
TO_NOTEBOOK = re.compile(r"\]\(((?:\.\./)*)\.\./notebooks/")
TO_DOCUMENT = re.compile(r"\]\(\.\./docs/")


def copy_notebooks(app: Sphinx) -> None:
    """Put today's notebooks in the place of those of the last build."""
    folder = Path(app.srcdir) / "notebooks"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    source = Path(app.srcdir).parent / "notebooks"
    notebooks = sorted(source.glob("*.ipynb"))
    for path in notebooks:
        shutil.copyfile(path, folder / path.name)
    text = (source / "README.md").read_text(encoding="utf-8")
    if notebooks:
        names = "\n".join(path.stem for path in notebooks)
        text += f"\n```{{toctree}}\n:hidden:\n\n{names}\n```\n"
    (folder / "index.md").write_text(text, encoding="utf-8")


def turn_links(_app: Sphinx, name: str, source: list[str]) -> None:
    """Make the links between the two folders lead to the copies."""
    if name.startswith("notebooks/"):
        source[0] = TO_DOCUMENT.sub("](../", source[0])
    else:
        text = TO_NOTEBOOK.sub(r"](\1notebooks/", source[0])
        source[0] = text.replace("notebooks/README.md)", "notebooks/index.md)")


def setup(app: Sphinx) -> dict[str, bool]:
    """Hook it in."""
    app.connect("builder-inited", copy_notebooks)
    app.connect("source-read", turn_links)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
