"""What every question gives back: a sentence, the facts as data, and how they look."""

from __future__ import annotations

import datetime as dt
import html
import math
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from xrefgraph.drawings import Drawable
from xrefgraph.tables import cell_html, require

if TYPE_CHECKING:
    import pandas

#: A page shows so many rows of an answer, and so many characters of HTML, at most.
SHOWN_ROWS, SHOWN_SIZE = 25, 16_000


class Answer(Drawable):
    """What a question gives back.

    Subclasses are frozen dataclasses: the fields are the facts, ``summary`` says them in a sentence or two, and
    :meth:`rows` puts what there are several of into a table. Values of identifiers are in all of them: whoever asks
    why two identifiers are linked wants to see them.
    """

    @property
    def summary(self) -> str:
        """The answer in one or two plain sentences."""
        raise TypeError(f"{type(self).__name__} has no summary")

    def rows(self) -> list[dict[str, Any]]:
        """Give the facts as the rows of a table, each with the same keys."""
        raise TypeError(f"{type(self).__name__} has no rows")

    def to_dict(self) -> dict[str, Any]:
        """Give everything as plain dicts, lists, numbers and texts, as JSON has them."""
        found: dict[str, Any] = {"summary": self.summary}
        for field in fields(self):  # type: ignore[arg-type]  # each answer is a dataclass
            if field.repr:
                found[field.name] = plain(getattr(self, field.name))
        return found

    def to_frame(self) -> pandas.DataFrame:
        """Give the rows as a pandas frame (extra ``pandas``)."""
        require("pandas")
        import pandas

        rows = [{name: cell_text(value) for name, value in row.items()} for row in self.rows()]
        return pandas.DataFrame(rows, columns=list(self.columns))

    @property
    def columns(self) -> Sequence[str]:
        """The names of the columns of :meth:`to_frame`."""
        rows = self.rows()
        return list(rows[0]) if rows else []

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.summary}>"

    def __str__(self) -> str:
        return self.summary

    def _repr_html_(self) -> str:
        return html_table(self.summary, self.rows())


def series(parts: Sequence[str]) -> str:
    """Put parts of a sentence into a row.

    Examples
    --------
    >>> series(["a", "b", "c"])
    'a, b and c'
    """
    return ", ".join(parts[:-1]) + (" and " if len(parts) > 1 else "") + "".join(parts[-1:])


def sentence(text: str) -> str:
    """Begin a sentence with a capital; but the name of a type stays as it is."""
    known = text.startswith(("event ", "without ", "no ", "a ", "the "))
    return text[:1].upper() + text[1:] if known else text


def html_table(caption: str, rows: Sequence[Mapping[str, Any]]) -> str:
    """Give a sentence and rows as HTML: static, escaped, and never long. What is not shown is counted."""
    parts: list[str] = []
    size = 0
    for row in rows[:SHOWN_ROWS]:
        cells = "".join(f"<td>{cell_html(cell_text(value))}</td>" for value in row.values())
        size += len(cells)
        if size > SHOWN_SIZE:
            break
        parts.append(f"<tr>{cells}</tr>")
    told = html.escape(caption if len(caption) <= 1000 else f"{caption[:999]}…")
    if not rows:
        return f"<p>{told}</p>"
    head = "".join(f"<th>{cell_html(str(name))}</th>" for name in rows[0])
    more = f"<p>+{len(rows) - len(parts):,} more rows</p>" if len(rows) > len(parts) else ""
    return f"<p>{told}</p><table><thead><tr>{head}</tr></thead><tbody>{''.join(parts)}</tbody></table>{more}"


def cell_text(value: Any) -> Any:
    """Give a fact as one cell of a table: several are put into a line of text."""
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {cell_text(one)}" for key, one in value.items())
    if isinstance(value, tuple | list | set | frozenset):
        return ", ".join(str(cell_text(one)) for one in value)
    if is_dataclass(value):
        return str(value)
    return value


def plain(value: Any) -> Any:
    """Give a value as JSON has it: dicts, lists, numbers, texts, None.

    Examples
    --------
    >>> plain({"at": dt.datetime(2026, 3, 1), "of": (1, np.int64(2)), "share": float("nan")})
    {'at': '2026-03-01T00:00:00', 'of': [1, 2], 'share': None}
    """
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, dt.timedelta):
        return value.total_seconds()
    to_dict = getattr(value, "to_dict", None)
    if callable(to_dict):
        return plain(to_dict())
    if is_dataclass(value):
        parts = {one.name: getattr(value, one.name) for one in fields(value) if one.repr}
        return {name: plain(part) for name, part in parts.items()}
    if isinstance(value, Mapping):
        return {
            str(key) if not isinstance(key, tuple) else ":".join(map(str, key)): plain(one)
            for key, one in value.items()
        }
    if isinstance(value, set | frozenset):
        return [plain(one) for one in sorted(value, key=str)]
    return [plain(one) for one in value]
