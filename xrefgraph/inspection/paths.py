"""Which ways lead from one identifier or event to another, and which would if some things were not there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from xrefgraph.errors import SchemaError, counted
from xrefgraph.graph import XrefGraph
from xrefgraph.inspection.answers import Answer, sentence, series
from xrefgraph.inspection.evidence.collapse import Collapsed, read_collapsed
from xrefgraph.inspection.evidence.ends import as_ends
from xrefgraph.inspection.evidence.evidence_path import STEP_COLUMNS, Node, Path, evidence_path
from xrefgraph.inspection.evidence.routes import other_routes
from xrefgraph.inspection.subjects import Asked, asked_number, asked_store, find_subject, name_of
from xrefgraph.networks import EventNode, IdentifierNode


@dataclass(frozen=True)
class Paths(Answer):
    """The shortest paths between two identifiers or events; made by :func:`paths`.

    Parameters
    ----------
    a, b : IdentifierNode or EventNode
        The two.
    paths : tuple of Path
        Shortest first.
    avoided : tuple of IdentifierNode or EventNode
        What no path passes, as it was asked for.
    complete : bool
        Whether all was searched. False where other paths may be as short as the last ones: there were too many places to look at.
    """

    a: Node
    b: Node
    paths: tuple[Path, ...]
    avoided: tuple[Node, ...] = ()
    complete: bool = True

    @property
    def summary(self) -> str:
        """How many paths there are, and the shortest."""
        one, other = name_of(self.a), name_of(self.b)
        without = (
            f"Without {series([name_of(node) for node in self.avoided])}, " if self.avoided else ""
        )
        if self.a == self.b:
            return f"{sentence(one)} was asked for twice: a path leads from one to another."
        if not self.paths:
            return sentence(f"{without}no path leads from {one} to {other}.")
        least, most = self.paths[0].length, self.paths[-1].length
        shown = counted(most, "step") if least == most else f"{least:,} to {most:,} steps"
        each = " each" if least == most and len(self.paths) > 1 else ""
        rest = "" if self.complete else " There may be others as short."
        return sentence(
            f"{without}{counted(len(self.paths), 'path')} from {one} to {other}, of {shown}{each}: {self.paths[0].text}.{rest}"
        )

    def rows(self) -> list[dict[str, Any]]:
        """Give the steps of all paths, with the number of the path."""
        return [
            {"path": number, **step.to_row()}
            for number, path in enumerate(self.paths, 1)
            for step in path.steps
        ]

    @property
    def columns(self) -> Sequence[str]:
        """The names of the columns of the steps."""
        return ("path", *STEP_COLUMNS)


def paths(
    graph: XrefGraph,
    a: Asked,
    b: Asked,
    k: int = 3,
    avoid: Iterable[Asked] = (),
    *,
    at: Any = None,
) -> Paths:
    """Give the shortest paths of evidence between two identifiers or events.

    Parameters
    ----------
    graph : XrefGraph
        The graph.
    a, b : str, (type, value), IdentifierNode or EventNode
        The two.
    k : int
        How many paths at most.
    avoid : iterable of the same
        What no path may pass: what if these were not there?
    at : datetime, date or str, optional
        As in :func:`why`.

    Returns
    -------
    Paths
        Shortest first. Two paths differ in at least one identifier. None where the two are in two profiles.

    Raises
    ------
    UnknownError, SchemaError
        When something that is asked for does not occur, ``k`` is no number from 1 on, or one of the two is to be avoided.

    Notes
    -----
    Yen's algorithm (1971) on identifiers. Cost: a search of the profile for each place where another path may branch off.

    Examples
    --------
    >>> import xrefgraph as xg
    >>> rows = [{"db_id": 1, "cookie": "x", "mail": "ann@example.org"}, {"mail": "ann@example.org", "cookie": "y"}, {"cookie": ["x", "y"]}]
    >>> graph = xg.build(rows, anchor="db_id", identifiers=["mail", "cookie"])
    >>> print(xg.paths(graph, "db_id:1", "cookie:y").summary)
    3 paths from db_id 1 to cookie y, of 2 to 3 steps: db_id 1 - mail ann@example.org (1 event) - cookie y (1 event).
    >>> print(xg.paths(graph, "db_id:1", "cookie:y", avoid=["cookie:x", "mail:ann@example.org"]).summary)
    Without cookie x and mail ann@example.org, no path leads from db_id 1 to cookie y.
    """
    asked_number("k", k, 1)
    store = asked_store(graph)
    ends = (find_subject(store, a, at), find_subject(store, b, at))
    one, other = ends
    avoided = [find_subject(store, each, at) for each in _listed(avoid)]
    nodes = tuple(dict.fromkeys(each.node for each in avoided))
    if any(each.is_same(end) for each in avoided for end in ends):
        raise SchemaError("What a path leads from or to cannot be avoided.")
    if one.is_same(other):
        return Paths(one.node, one.node, (), nodes).asked_of(store, *ends)
    if one.profile is None or one.profile != other.profile:
        return Paths(one.node, other.node, (), nodes).asked_of(store, *ends)
    here = [each for each in avoided if each.profile == one.profile]
    events = [each for each in here if each.is_event]
    found, places = as_ends(store, read_collapsed(store, [one.profile]), (*ends, *here))
    # An event that is avoided stands in a group of its own: a path that may not pass its identifier may not pass the group.
    found = _without_events(found, places[2:], len(events))
    routes, complete = other_routes(found, places[0], places[1], k, avoid=places[2:])
    every = (*ends, *here)
    return Paths(
        one.node,
        other.node,
        tuple(evidence_path(store, found, route, every) for route in routes),
        nodes,
        complete,
    ).asked_of(store, *ends)


def _listed(avoid: Iterable[Asked]) -> list[Asked]:
    if isinstance(avoid, str | EventNode | IdentifierNode):
        return [avoid]
    if not isinstance(avoid, Iterable):
        raise SchemaError(
            f"avoid is a list of identifiers and events, not a {type(avoid).__name__}."
        )
    return list(avoid)


def _without_events(found: Collapsed, places: Sequence[int], events: int) -> Collapsed:
    """The profile in which the groups of events that are avoided hold nothing."""
    if not events:
        return found
    gone = np.zeros(found.identifiers, bool)
    gone[[place for place in places if found.rank[place] < 0]] = True
    groups = found.link_group[gone[found.link]]
    kept = found.kept & ~np.isin(found.link_group, groups)
    return replace(found, kept=kept)
