"""See that the built pages load nothing from the network: they are read from a disk, too."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx

#: What a browser fetches by itself. A link that somebody clicks is none.
LOADED = re.compile(
    r"""<(?:script|img|iframe|source|video|audio|embed)\b[^>]*?\s(?:src|srcset)=["']?(?:https?:)?//[^"'\s>]*"""
    r"""|<link\b(?=[^>]*\brel=["']?(?:stylesheet|preload|icon|preconnect))[^>]*?\shref=["']?(?:https?:)?//[^"'\s>]*"""
    r"""|@import\s+(?:url\()?["']?(?:https?:)?//[^"'\s)]*""",
    re.IGNORECASE,
)


def check_pages(app: Sphinx, error: Exception | None) -> None:
    """Look into every page and every stylesheet that was built."""
    if error is not None or app.builder.format != "html":
        return
    folder = Path(app.outdir)
    found = [
        f"{path.relative_to(folder)}: {load[0]}"
        for path in sorted((*folder.rglob("*.html"), *folder.rglob("*.css")))
        for load in LOADED.finditer(path.read_text(encoding="utf-8"))
    ]
    if found:
        raise RuntimeError(
            f"{len(found)} things would come from the network: {'; '.join(found[:5])}."
        )


def setup(app: Sphinx) -> dict[str, bool]:
    """Hook it in."""
    app.connect("build-finished", check_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
