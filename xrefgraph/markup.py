"""Text and tables for a notebook: static, escaped, short whatever the values are, readable on light and on dark."""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

#: So many bytes of HTML a representation has at most: notebooks are mailed, and compared.
LARGEST = 20_000
#: So many bytes of them its table may take, and its sentence.
TABLE, SENTENCE = 12_000, 4_000
#: So many rows and columns of a table are shown, and so many characters of a cell and of a sentence.
ROWS, COLUMNS, CELL, TOLD = 25, 16, 60, 1_000

#: How the status of events looks: told by colour and by the words beside it. Neither is near black or white.
STATUSES = {
    "anchored": "#3a6fbf",
    "anonymous": "#9aa0a6",
    "ambiguous": "#d55e00",
    "contradictory": "#a5487a",
    "no_identifier": "#c9b458",
}

#: Characters that are shown by themselves though they are neither letters nor signs.
_PLAIN = {" "}


def printable(text: str) -> str:
    r"""Give a text in which each character that has no look of its own is written out.

    Line breaks, control characters, marks of direction and of no width would change the look of what is around them.

    Examples
    --------
    >>> printable("a\nb\u202ec")
    'a\\nb\\u202ec'
    >>> printable("né ☕")
    'né ☕'
    """
    if text.isprintable():
        return text
    return "".join(one if one in _PLAIN or one.isprintable() else _written(one) for one in text)


def _written(character: str) -> str:
    known = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}
    code = ord(character)
    if character in known:
        return known[character]
    if unicodedata.category(character) == "Zs":
        return " "
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def shortened(text: str, most: int = 28) -> str:
    """Shorten a text in its middle: what tells values apart is at their ends.

    Examples
    --------
    >>> shortened("anna.maria.schmidt@mail.example.org", 20)
    'anna.mari…xample.org'
    """
    if len(text) <= most:
        return text
    front = max((most - 1) // 2, 1)
    back = most - 1 - front
    return f"{text[:front]}…{text[len(text) - back :] if back else ''}"


def one_line(text: str, most: int = TOLD) -> str:
    """Give a text as one line that is not long."""
    return printable(shortened(text, most))


def shown(value: Any, most: int = CELL) -> str:
    """Give a value for a page: escaped, shortened in the middle where it is long; nothing for None.

    Examples
    --------
    >>> shown("<b>"), shown(None), shown("x" * 100, 5)
    ('&lt;b&gt;', '', 'xx…xx')
    """
    return "" if value is None else html.escape(one_line(str(value), most))


def told(text: str, tag: str = "p") -> str:
    """Give a sentence as a paragraph, never more than :data:`SENTENCE` bytes of it."""
    most = TOLD
    while size(said := shown(text, most)) > SENTENCE:
        most //= 2
    return f"<{tag}>{said}</{tag}>"


def size(text: str) -> int:
    """Give how many bytes a text takes in a page."""
    return len(text.encode("utf-8", "surrogatepass"))


def grid(
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    count: int,
    *,
    room: int = TABLE,
    cell: int = CELL,
    caption: str = "",
) -> str:
    """Give a table, as far as there is room; what is not shown is counted.

    Parameters
    ----------
    columns : sequence of str
        The head.
    rows : iterable of sequence
        The first rows; numbers stand at the right.
    count : int
        How many there are in all.
    room : int
        How many bytes it may take.
    cell : int
        How many characters of a value are shown.
    caption : str
        What stands above it; escaped here.
    """
    heads = "".join(
        f'<th style="text-align:left">{shown(name, 30)}</th>' for name in columns[:COLUMNS]
    )
    above = f"<caption>{shown(caption, 200)}</caption>" if caption else ""
    left = room - size(heads) - size(above) - 300
    lines: list[str] = []
    for row in rows:
        line = f"<tr>{''.join(_cell(value, cell) for value in list(row)[:COLUMNS])}</tr>"
        left -= size(line)
        if left < 0 or len(lines) == ROWS:
            break
        lines.append(line)
    more = [
        f"+{number:,} more {noun if number == 1 else f'{noun}s'}"
        for number, noun in ((count - len(lines), "row"), (len(columns) - COLUMNS, "column"))
        if number > 0
    ]
    rest = f"<p>{', '.join(more)}</p>" if more else ""
    return f"<table>{above}<thead><tr>{heads}</tr></thead><tbody>{''.join(lines)}</tbody></table>{rest}"


def _cell(value: Any, most: int) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return f'<td style="text-align:right">{value:,}</td>'
    return f"<td>{shown(value, most)}</td>"


def status_bar(counts: Mapping[str, int]) -> str:
    """Give how many events there are of each status, as a bar and in words."""
    total = sum(counts.get(name, 0) for name in STATUSES)
    if not total:
        return ""
    there = [(name, colour, counts[name]) for name, colour in STATUSES.items() if counts.get(name)]
    parts = "".join(
        f'<div style="width:{100 * count / total:.2f}%;background:{colour}"></div>'
        for _, colour, count in there
    )
    words = " ".join(
        f'<span style="white-space:nowrap;margin-right:1em"><span style="color:{colour}">&#9632;</span> {name.replace("_", " ")} {count:,}</span>'
        for name, colour, count in there
    )
    return (
        '<div style="display:flex;height:12px;max-width:480px;border-radius:3px;overflow:hidden;margin:4px 0">'
        f"{parts}</div><p>{words}</p>"
    )
