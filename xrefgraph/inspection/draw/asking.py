"""An answer to be drawn: the one that was given, or that of the graph that was given; masked if it is to be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from xrefgraph.errors import SchemaError
from xrefgraph.graph import XrefGraph
from xrefgraph.inspection.draw.layout.masking import hidden_by
from xrefgraph.inspection.masking import masked

Answer = TypeVar("Answer")


def answer_to_draw(
    asked: Any,
    kind: type[Answer],
    mask: Any,
    ask: Callable[[XrefGraph], Answer] | None = None,
) -> Answer:
    """Give what is to be drawn.

    Parameters
    ----------
    asked : object
        An answer of the kind; or a graph, where there is a question to ask of it.
    kind : type
        What is drawn.
    mask : {"partial", "hash"} or None
        How values are masked. For ``hash`` the graph has to be known.
    ask : callable, optional
        The question.

    Raises
    ------
    SchemaError
        When it is neither; or when the graph is not known that the hash needs.
    """
    if isinstance(asked, XrefGraph) and ask is not None:
        return masked(ask(asked), hidden_by(mask, asked.store))
    if not isinstance(asked, kind):
        other = ", or a graph" if ask is not None else ""
        raise SchemaError(
            f"What is drawn here is {_article(kind.__name__)}{other}, not {_article(type(asked).__name__)}."
        )
    if mask is None:
        return asked
    origin = getattr(asked, "__dict__", {}).get("_origin")
    if mask == "hash" and origin is None:
        raise SchemaError(
            f"mask='hash' needs the values of the graph, which this {kind.__name__} does not know:"
            + (" give the graph instead." if ask is not None else " choose mask='partial'.")
        )
    return masked(asked, hidden_by(mask, origin.store if origin is not None else None))


def _article(name: str) -> str:
    return f"an {name}" if name[:1] in "AEIOaeio" else f"a {name}"
