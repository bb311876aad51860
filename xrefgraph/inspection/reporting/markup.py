"""Text and tables of a page: escaped, short, and with nothing in them that does more than stand there."""

from __future__ import annotations

import html
from collections.abc import Sequence

from xrefgraph.inspection.draw.layout.labels import printable, shortened

#: The columns of counts.
COUNTS = (
    "events",
    "identifiers",
    "values",
    "events that carry them",
    "profiles that change",
    "events that change hands",
    "left to nobody",
)

#: A value has so many characters at most, and a sentence.
VALUE, SENTENCE = 60, 700


def said(text: object, most: int = SENTENCE) -> str:
    r"""Give a text for a page: escaped, shortened in the middle where it is long, and with control characters written out.

    Examples
    --------
    >>> said("<b>\u202e"), said("x" * 100, 5)
    ('&lt;b&gt;\\u202e', 'xx…xx')
    """
    return html.escape(printable(shortened(str(text), most)))


def value(text: object) -> str:
    """Give a value for a page, apart from the direction of the text around it."""
    return f"<bdi>{said(text, VALUE)}</bdi>"


def number(count: float) -> str:
    """Give a number for a cell."""
    return f'<td class="n">{count:,}</td>'


def table(head: Sequence[str], rows: Sequence[str], caption: str) -> str:
    """Give a table of rows that are ready, in a box that scrolls where the page is narrow."""
    cells = "".join(
        f'<th scope="col"{" class=n" if one in COUNTS else ""}>{said(one)}</th>' for one in head
    )
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="{said(caption)}"><table><thead><tr>{cells}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def bar(parts: Sequence[tuple[float, str, str]], label: str) -> str:
    """Give a bar of parts: the share of each, its class, and what it says when it is pointed at."""
    inner = "".join(
        f'<span class="{kind}" style="width:{100 * share:.3f}%" title="{said(told)}"></span>'
        for share, kind, told in parts
        if share > 0
    )
    return f'<div class="bar" role="img" aria-label="{said(label)}">{inner}</div>'
