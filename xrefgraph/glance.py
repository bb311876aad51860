"""What a notebook shows of a whole graph: how large it is, the status of its events, its types, and what to ask next."""

from __future__ import annotations

from collections.abc import Mapping

from xrefgraph.markup import grid, shown, status_bar, told
from xrefgraph.schema import Schema


def graph_html(
    head: str,
    counts: Mapping[str, int],
    by_type: Mapping[str, tuple[int, int, int]],
    schema: Schema,
) -> str:
    """Give a graph as static HTML.

    Parameters
    ----------
    head : str
        Its line of text.
    counts : mapping of str to int
        As ``graph.counts``.
    by_type : mapping of str to (int, int, int)
        Of each type how many identifiers there are, refused values, and links that were cut.
    schema : Schema
    """
    rows = [(_name(name, schema), *numbers) for name, numbers in by_type.items()]
    table = grid(
        ("type", "identifiers", "refused values", "cut links"), rows, len(rows), room=8_000
    )
    return f"{told(head.strip('<>'))}{status_bar(counts)}{table}<p>Ask next: {_hint(counts, schema)}</p>"


def _name(name: str, schema: Schema) -> str:
    if name == schema.anchor:
        return f"{name} (anchor)"
    return f"{name} (unique)" if schema.ranked[schema.rank(name)].unique else name


def _hint(counts: Mapping[str, int], schema: Schema) -> str:
    """What is worth asking of such a graph."""
    asks = []
    if counts["ambiguous"] or counts["cuts"]:
        asks.append("<code>xg.ambiguities(graph)</code> for the conflicts, worst first")
    asks.append("<code>xg.health(graph)</code> for what is out of the ordinary")
    asks.append(
        f"<code>graph.profile(&quot;{shown(schema.names[0])}:...&quot;)</code> for one person"
    )
    return "; ".join(asks) + "."
