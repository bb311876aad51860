"""The page as text: one file that needs nothing else, no network and no other script."""

from __future__ import annotations

import html
import json
from functools import cache
from importlib import resources
from typing import Any

from xrefgraph.inspection.viewer.contents import NODES, contents_of

#: What the page may do: run the script that stands in it, and nothing that comes from elsewhere.
POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'"

#: The script: what needs nothing comes first.
SCRIPTS = ("pieces.js", "labels.js", "timeline.js", "viewer.js")
#: What is behind the page where it is a page of its own.
_GROUND = "body { margin: 0; background: #fff } @media (prefers-color-scheme: dark) { body { background: #16181b } }"


def page_html(asked: Any, *, mask: Any = None, nodes: int = NODES) -> str:
    r"""Give the page on which a profile or an answer is looked at, as HTML.

    Parameters
    ----------
    asked : Profile, or an answer about profiles
        What the page is about.
    mask : {"partial", "hash"} or None
        How values are hidden; no hidden value is anywhere in the page.
    nodes : int
        How many nodes are drawn at most.

    Returns
    -------
    str
        The same bytes for the same input. It holds the script and the style, and loads nothing.

    Examples
    --------
    >>> import xrefgraph as xg
    >>> graph = xg.build([{"db_id": 1, "mail": "</script>"}], anchor="db_id", identifiers=["mail"])
    >>> page = page_html(graph.profile(db_id=1))
    >>> page.count("</script>"), r"\u003c/script>" in page
    (2, True)
    """
    return page_of(contents_of(asked, mask=mask, nodes=nodes))


def page_of(contents: dict[str, Any]) -> str:
    """Put what a page shows into the page."""
    said = "".join(f"<p>{html.escape(one)}</p>" for one in contents["sentences"])
    title = html.escape(f"{contents['title']} - xrefgraph")
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{title}</title>\n<style>{_GROUND}\n{style_text()}</style></head>\n"
        f'<body><main id="page"><h1>{html.escape(contents["title"])}</h1><p>{html.escape(contents["size"])}</p>{said}'
        "<noscript><p>The graph needs the script in this page, which does not run here.</p></noscript></main>\n"
        f'<script type="application/json" id="data">{json_text(contents)}</script>\n'
        f"<script>{script_text()}\nwindow.xrefgraph = mountXrefgraph(document.getElementById('page'),"
        " JSON.parse(document.getElementById('data').textContent));</script></body></html>\n"
    )


def json_text(contents: Any) -> str:
    r"""Give JSON that may stand inside a script of a page: nothing in it ends the script, or a line of it.

    Examples
    --------
    >>> print(json_text({"a": "</script>\u2028"}))
    {"a":"\u003c/script>\u2028"}
    """
    text = json.dumps(contents, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def script_text() -> str:
    """Give the script of the page: plain files, one after the other."""
    return "\n".join(_file(name) for name in SCRIPTS)


def style_text() -> str:
    """Give the style of the page."""
    return _file("viewer.css")


@cache
def _file(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text("utf-8")
