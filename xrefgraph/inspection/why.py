"""Why are two identifiers or events one profile? The evidence path, how firm it is, and where it is weak."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from xrefgraph.errors import SchemaError, counted
from xrefgraph.graph import XrefGraph
from xrefgraph.inspection.answers import Answer
from xrefgraph.inspection.bottlenecks import (
    identifier_weights,
    independent_routes,
    lightest_values,
    type_trust,
)
from xrefgraph.inspection.collapse import Collapsed, instant, oldest_events, read_collapsed
from xrefgraph.inspection.evidence_path import Node, Path, Step, evidence_path, nodes_of
from xrefgraph.inspection.looks import look_of
from xrefgraph.inspection.routes import (
    Separators,
    as_ends,
    first_met,
    identifiers_of,
    nodes_between,
    other_routes,
    separators,
    steps_of,
)
from xrefgraph.inspection.subjects import Asked, Subject, find_subject, name_of
from xrefgraph.networks import EventNode, IdentifierNode
from xrefgraph.store import Store

#: So many of what all routes pass are listed.
LISTED = 100


@dataclass(frozen=True)
class WeakLink:
    """Where a path would break first.

    Parameters
    ----------
    node : IdentifierNode, EventNode or None
        The identifier, or the single event; None for a decision, and where several alike events join two neighbours.
    steps : tuple of int
        The steps of the path that depend on it, by their place.
    events : int
        How many events it stands for.
    every_route : bool
        Whether every route between the two passes it.
    reasons : tuple of str
        Why it is weak, in words.
    """

    node: Node | None
    steps: tuple[int, ...]
    events: int
    every_route: bool
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Meeting:
    """The event by which two came into one profile.

    Parameters
    ----------
    event : EventNode
        The first event after which a way leads from one to the other, in the order of events.
    time : datetime or None
        When it was.
    """

    event: EventNode
    time: dt.datetime | None


@dataclass(frozen=True)
class Why(Answer):
    """Why two identifiers or events are one profile; made by :func:`why`.

    Parameters
    ----------
    a, b : IdentifierNode or EventNode
        The two.
    linked : bool
        Whether they are in one profile.
    profiles : (str or None, str or None)
        The profile of each.
    path : Path or None
        The shortest path of evidence; None where there is none.
    independent_paths : int
        How many paths have no other identifier, no event and no decision in common: as many must be taken away to part the two. 1 is
        fragile. 0 where there is no path.
    weakest : WeakLink or None
        Where the path would break first.
    first_met : Meeting or None
        When the two came into one profile; None where a decision alone holds them together.
    match_key : str
        The types of the identifiers on the path with a plus, unique types of which the profile holds several values with a
        minus: ``+cookie +email -db_id``. A path of one step names the types of its ends.
    passed : tuple of IdentifierNode or EventNode
        What every path passes, from one to the other: identifiers, and single events. A hundred at most.
    passed_in_all : int
        How many these are.
    """

    a: Node
    b: Node
    linked: bool
    profiles: tuple[str | None, str | None]
    path: Path | None = None
    independent_paths: int = 0
    weakest: WeakLink | None = None
    first_met: Meeting | None = None
    match_key: str = ""
    passed: tuple[Node, ...] = ()
    passed_in_all: int = 0
    _unlinked: str = ""

    @property
    def summary(self) -> str:
        """Why they are one profile, in one or two sentences."""
        if self._unlinked:
            return self._unlinked
        one, other = name_of(self.a), name_of(self.b)
        if self.path is None:
            return f"{_upper(one)} and {other} are one profile, but no link that is left leads from one to the other."
        text = f"{_upper(one)} and {other} are one profile because {self._because(self.path)}"
        if self.first_met is not None and self.path.steps[0].kind != "carries":
            text += f"; {_met(self.first_met)}"
        return f"{text}. {self._firmness(self.path)}"

    def _because(self, path: Path) -> str:
        weak = self.weakest
        if path.length == 1:
            return _stand_together(path.steps[0])
        if weak is not None and isinstance(weak.node, IdentifierNode) and len(weak.steps) == 2:
            before, after = (path.steps[n] for n in weak.steps)
            return f"{name_of(weak.node)} occurs {_occurs(before, weak.node)} and {_occurs(after, weak.node)}"
        if weak is not None and isinstance(weak.node, EventNode):
            step = path.steps[weak.steps[0]]
            return f"{name_of(weak.node)} carries both {name_of(step.a)} and {name_of(step.b)}"
        if path.length <= 4:
            middle = [name_of(node) for node in path.nodes[1:-1]]
            return f"{_series(middle)} {'lead' if len(middle) > 1 else 'leads'} from one to the other"
        return f"{counted(path.length, 'step')} lead from one to the other: {path.text}"

    def _firmness(self, path: Path) -> str:
        if self.independent_paths > 1:
            return f"There are {self.independent_paths:,} independent paths."
        weak = self.weakest
        if weak is None or not weak.every_route:
            return "It is the only path."
        extra = [one for one in weak.reasons if one not in (EVERY_PATH, SINGLE)]
        more = f" ({'; '.join(extra)})" if extra else ""
        if path.length > 2 and weak.node is not None:
            return f"Every path passes {name_of(weak.node)}{more}."
        return f"It is the only path{more}."

    def rows(self) -> list[dict[str, Any]]:
        """Give the steps of the path."""
        return [] if self.path is None else [step.to_row() for step in self.path.steps]

    @property
    def columns(self) -> Sequence[str]:
        """The names of the columns of the steps."""
        return STEP_COLUMNS

    def to_dict(self) -> dict[str, Any]:
        """Give everything as plain dicts, lists, numbers and texts, as JSON has them."""
        found = super().to_dict()
        found.pop("_unlinked")
        return found


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
        without = f"Without {_series([name_of(node) for node in self.avoided])}, " if self.avoided else ""
        if not self.paths:
            return _upper(f"{without}no path leads from {one} to {other}.")
        shown = _series([counted(path.length, "step") for path in self.paths])
        noun = "path" if len(self.paths) == 1 else "paths"
        rest = "" if self.complete else " There may be others as short."
        return _upper(f"{without}{len(self.paths)} {noun} from {one} to {other}, of {shown}: {self.paths[0].text}.{rest}")

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


STEP_COLUMNS = ("from", "to", "by", "events", "sources", "first", "last", "such as")


def why(graph: XrefGraph, a: Asked, b: Asked, *, at: Any = None) -> Why:
    """Say why two identifiers or events are in one profile.

    Parameters
    ----------
    graph : XrefGraph
        The graph.
    a, b : str, (type, value), IdentifierNode or EventNode
        ``"cookie:x"``, ``("cookie", "x")``, or an event.
    at : datetime, date or str, optional
        Under `over_time` an identifier may change hands: whose it was then, and not today.

    Returns
    -------
    Why
        Its ``linked`` says whether they are; if not, :func:`why_not` says why not.

    Raises
    ------
    UnknownError, SchemaError
        When one of them does not occur, or is none.

    Notes
    -----
    The path is a shortest one over the events and decisions that hold the profile together; of several the one whose
    thinnest step has the most alike events. How many paths are independent is the largest flow between the two (Menger). The
    weakest link is the lightest of what all paths pass, by events times ``trust`` of the type; an identifier weighs half, since
    it joins two sides. Where no single one is passed by all, it is what of the lightest cut lies on the path.
    Cost: what the profile holds; under a second for 100,000 events and identifiers.

    Examples
    --------
    >>> import xrefgraph as xg
    >>> graph = xg.build(
    ...     [{"db_id": 1, "mail": "ann@example.org"}, {"mail": "ann@example.org", "cookie": "x"}, {"cookie": "x"}],
    ...     anchor="db_id", identifiers=["mail", "cookie"])
    >>> found = xg.why(graph, "db_id:1", "cookie:x")
    >>> print(found.summary)
    Db_id 1 and cookie x are one profile because mail ann@example.org occurs with db_id 1 (1 event) and with cookie x
    (1 event); first joined by event #2 of source_1. It is the only path.
    >>> found.match_key, found.independent_paths
    ('+mail', 1)
    """
    store = graph.store
    ends = (find_subject(store, a, at), find_subject(store, b, at))
    one, other = ends
    ids = (one.profile_id, other.profile_id)
    linked = one.profile is not None and one.profile == other.profile
    if one.node == other.node or not linked or one.profile is None:
        return Why(one.node, other.node, linked, ids, _unlinked=_not_two(one, other))
    found, (from_, to) = as_ends(store, read_collapsed(store, [one.profile]), ends)
    steps = steps_of(found)
    nodes = nodes_between(steps, from_, to)
    if not nodes:
        return Why(one.node, other.node, linked, ids)
    route = identifiers_of(steps, nodes)
    path = evidence_path(store, found, route, ends)
    passed = separators(found, steps, nodes)
    met = first_met(found, from_, to)
    singles = [group for group in passed.groups if found.events[group] == 1]
    in_order = [n for n in nodes if n in set(passed.identifiers) | {g + found.identifiers for g in singles}]
    return Why(
        one.node,
        other.node,
        linked,
        ids,
        path,
        independent_routes(found, from_, to),
        _weakest(store, found, route, passed, path, ends),
        None if met is None else _meeting(store, found, met),
        _match_key(store, found, route),
        tuple(_passed_nodes(store, found, in_order[:LISTED], ends)),
        len(in_order),
    )


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
    3 paths from db_id 1 to cookie y, of 2 steps, 2 steps and 3 steps: db_id 1 - mail ann@example.org (1 event) - cookie y (1 event).
    >>> print(xg.paths(graph, "db_id:1", "cookie:y", avoid=["cookie:x", "mail:ann@example.org"]).summary)
    Without cookie x and mail ann@example.org, no path leads from db_id 1 to cookie y.
    """
    if type(k) is not int or k < 1:
        raise SchemaError(f"k is a whole number from 1 on, not {k!r}.")
    store = graph.store
    ends = (find_subject(store, a, at), find_subject(store, b, at))
    one, other = ends
    avoided = [find_subject(store, each, at) for each in _listed(avoid)]
    nodes = tuple(each.node for each in avoided)
    if {one.node, other.node} & set(nodes):
        raise SchemaError("What a path leads from or to cannot be avoided.")
    if one.profile is None or one.profile != other.profile or one.node == other.node:
        return Paths(one.node, other.node, (), nodes)
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
    )


def _listed(avoid: Iterable[Asked]) -> list[Asked]:
    if isinstance(avoid, str | EventNode | IdentifierNode):
        return [avoid]
    return list(avoid)


def _without_events(found: Collapsed, places: Sequence[int], events: int) -> Collapsed:
    """The profile in which the groups of events that are avoided hold nothing."""
    from dataclasses import replace  # noqa: PLC0415

    if not events:
        return found
    gone = np.zeros(found.identifiers, bool)
    gone[[place for place in places if found.rank[place] < 0]] = True
    groups = found.link_group[gone[found.link]]
    kept = found.kept & ~np.isin(found.link_group, groups)
    return replace(found, kept=kept)


# ------------------------------------------------------------------------------------------- the parts

EVERY_PATH, SINGLE = "every path passes it", "a single event"


def _weakest(
    store: Store,
    found: Collapsed,
    route: Sequence[int],
    passed: Separators,
    path: Path,
    ends: Sequence[Subject],
) -> WeakLink | None:
    trust = type_trust(store.schema)
    weights = identifier_weights(found, trust)
    # Candidates: how heavy, which kind, which one. Of equals the identifier, and of these the weaker type.
    light: list[tuple[float, int, int]] = [(weights[n] / 2, 0, -n) for n in passed.identifiers]
    carried = found.link_group
    for group in passed.groups:
        if found.rank[found.link[carried == group]].min() >= 0:
            best = trust[found.rank[found.link[carried == group]]].max()
            light.append((float(found.events[group] * best), 1, group))
    place = {node: n for n, node in enumerate(route)}
    for one, _other in passed.decisions:
        light.append((0.5, 2, place[one]))
    if light:
        _, kind, which = min(light)
        if kind == 0:
            return _weak_identifier(store, found, -which, place, ends, every_route=True)
        if kind == 1:
            return _weak_group(store, found, which, route, path)
        return WeakLink(None, (which,), 0, True, (EVERY_PATH, "a decision, and no event, says so"))
    if path.length > 1:
        cut = lightest_values(found, route[0], route[-1], trust)
        if cut is not None:
            on = [n for n in route if n in set(cut.identifiers.tolist())]
            lightest = min(on, key=lambda n: (weights[n], -n))
            weak = _weak_identifier(store, found, lightest, place, ends, every_route=False)
            others = len(cut.identifiers) - 1
            told = f"with {counted(others, 'other')} it is the lightest cut between the two"
            return WeakLink(weak.node, weak.steps, weak.events, False, (told, *weak.reasons))
    thin = min(range(len(path.steps)), key=lambda n: (path.steps[n].events, n))
    step = path.steps[thin]
    return WeakLink(None, (thin,), step.events, False, (f"{counted(step.events, 'event')} carry both",))


def _weak_identifier(
    store: Store,
    found: Collapsed,
    which: int,
    place: dict[int, int],
    ends: Sequence[Subject],
    *,
    every_route: bool,
) -> WeakLink:
    (node,) = nodes_of(store, found, [which], ends)
    reasons = [EVERY_PATH] if every_route else []
    if isinstance(node, IdentifierNode):
        look = look_of(node.type, node.value)
        reasons += [look] if look else []
    at = place[which]
    return WeakLink(node, (at - 1, at), int(found.carried[which]), every_route, tuple(reasons))


def _weak_group(
    store: Store, found: Collapsed, group: int, route: Sequence[int], path: Path
) -> WeakLink:
    mine = set(found.link[found.start[group] : found.start[group + 1]].tolist())
    at = next(n for n in range(len(route) - 1) if {route[n], route[n + 1]} <= mine)
    events = int(found.events[group])
    if events == 1:
        (event,) = oldest_events(store, found, [group])
        return WeakLink(event, (at,), 1, True, (EVERY_PATH, SINGLE))
    told = f"{counted(events, 'event')} that carry the same identifiers"
    return WeakLink(None, (at,), events, True, (EVERY_PATH, told))


def _passed_nodes(
    store: Store, found: Collapsed, nodes: Sequence[int], ends: Sequence[Subject]
) -> list[Node]:
    size = found.identifiers
    events = iter(oldest_events(store, found, [n - size for n in nodes if n >= size]))
    named = iter(nodes_of(store, found, [n for n in nodes if n < size], ends))
    return [next(named) if n < size else next(events) for n in nodes]


def _meeting(store: Store, found: Collapsed, group: int) -> Meeting:
    (event,) = oldest_events(store, found, [group])
    return Meeting(event, instant(int(found.oldest[group])))


def _match_key(store: Store, found: Collapsed, route: Sequence[int]) -> str:
    names = store.schema.names
    inner = [int(found.rank[n]) for n in (route[1:-1] if len(route) > 2 else route)]
    several = {
        rank
        for rank, kind in enumerate(store.schema.ranked)
        if kind.unique and (found.rank == rank).sum() > 1
    }
    agree = sorted({names[rank] for rank in inner if rank >= 0 and rank not in several})
    return " ".join([f"+{name}" for name in agree] + [f"-{names[rank]}" for rank in sorted(several)])


# ------------------------------------------------------------------------------------------- in words


def _not_two(one: Subject, other: Subject) -> str:
    """What to say where there are no two things in one profile; nothing where there are."""
    if one.node == other.node:
        what = "event" if one.is_event else "identifier"
        where = f", in the profile {one.profile_id}" if one.profile_id else ", and it is in no profile"
        return f"{_upper(one.name)} was asked for twice: it is one {what}{where}."
    loose = [each for each in (one, other) if each.profile is None]
    if loose:
        told = " and ".join(f"{each.name} is in no profile ({_reason(each)})" for each in loose)
        return _upper(f"{told}, so the two are not linked.")
    return (
        f"{_upper(one.name)} and {other.name} are in two profiles, {one.profile_id} and {other.profile_id}:"
        " why_not says why."
    )


def _reason(subject: Subject) -> str:
    return {
        "no_identifier": "it carries no identifier that links",
        "contradictory": "contradictory",
        "over_shared": "over-shared",
        "not_accepted": "not accepted",
        "not_owned": "nobody's at that time",
    }.get(subject.reason or "", subject.reason or "it links nothing")


def _stand_together(step: Step) -> str:
    if step.kind == "decision":
        said = f" ({step.reason})" if step.reason else ""
        return f"a decision links them{said}"
    if step.kind == "carries":
        event, identifier = (step.a, step.b) if isinstance(step.a, EventNode) else (step.b, step.a)
        return f"{name_of(event)} carries {name_of(identifier)}"
    return f"they stand together in {counted(step.events, 'event')}"


def _occurs(step: Step, node: Node) -> str:
    other = step.b if step.a == node else step.a
    if step.kind == "decision":
        return f"with {name_of(other)} by a decision"
    if step.kind == "carries":
        return f"in {name_of(other)}"
    return f"with {name_of(other)} ({counted(step.events, 'event')})"


def _met(meeting: Meeting) -> str:
    when = f" on {meeting.time:%Y-%m-%d}" if meeting.time is not None else ""
    return f"first joined by {name_of(meeting.event)}{when}"


def _series(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
