"""The networkx graph of one profile, or of all: bipartite, events at 0 and identifiers at 1."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import networkx as nx


@dataclass(frozen=True, order=True)
class EventNode:
    """An event as a node: its source and its id, as text.

    Examples
    --------
    >>> EventNode("visits", "17") == EventNode("visits", "17")
    True
    """

    source: str
    event_id: str


@dataclass(frozen=True, order=True)
class IdentifierNode:
    """An identifier as a node: its type and value; with an owner where it has several.

    Examples
    --------
    >>> IdentifierNode("cookie", "x") == EventNode("cookie", "x")
    False
    """

    type: str
    value: str
    owner: str | None = None


#: An event: source, id, time, and the number of its set.
EventRow = tuple[str, str, dt.datetime | None, int]
#: A link: the number of a set, and an identifier.
LinkRow = tuple[int, IdentifierNode]
#: A link that was cut: source and id of the event, and the identifier.
CutRow = tuple[str, str, IdentifierNode]


def bipartite_graph(
    events: Iterable[EventRow], links: Iterable[LinkRow], cuts: Iterable[CutRow] = ()
) -> nx.Graph[Any]:
    """Build the bipartite graph of events and identifiers.

    Parameters
    ----------
    events : iterable of (source, event_id, time, set number)
        The events, in the order in which they become nodes.
    links : iterable of (set number, identifier)
        What the events of each set carry.
    cuts : iterable of (source, event_id, identifier)
        Links that were cut. Both ends are there.

    Returns
    -------
    networkx.Graph
        Nodes are :class:`EventNode` (``bipartite=0``, ``time``) and :class:`IdentifierNode` (``bipartite=1``,
        ``type``, ``value``); edges have ``cut``: False, or True for links
        that were cut.
    """
    import networkx as nx  # noqa: PLC0415  (a fifth of a second, for those who ask for a graph)

    carried: dict[int, list[IdentifierNode]] = {}
    for number, identifier in links:
        carried.setdefault(number, []).append(identifier)
    graph: nx.Graph[Any] = nx.Graph()
    for source, event_id, time, number in events:
        event = EventNode(source, event_id)
        graph.add_node(event, bipartite=0, time=time)
        for identifier in carried.get(number, ()):
            graph.add_node(identifier, bipartite=1, type=identifier.type, value=identifier.value)
            graph.add_edge(event, identifier, cut=False)
    for source, event_id, identifier in cuts:
        graph.add_node(identifier, bipartite=1, type=identifier.type, value=identifier.value)
        graph.add_edge(EventNode(source, event_id), identifier, cut=True)
    return graph
