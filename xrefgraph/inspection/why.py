"""Why are two identifiers or events one profile? The evidence path, how firm it is, and where it is weak."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from xrefgraph.errors import counted
from xrefgraph.graph import XrefGraph
from xrefgraph.inspection.answers import Answer, sentence, series
from xrefgraph.inspection.evidence.bottlenecks import (
    identifier_weights,
    independent_routes,
    thinnest,
    type_trust,
)
from xrefgraph.inspection.evidence.collapse import Collapsed, instant, oldest_events, read_collapsed
from xrefgraph.inspection.evidence.ends import as_ends
from xrefgraph.inspection.evidence.evidence_path import (
    STEP_COLUMNS,
    Node,
    Path,
    Step,
    evidence_path,
    nodes_of,
)
from xrefgraph.inspection.evidence.looks import look_of
from xrefgraph.inspection.evidence.meetings import first_met
from xrefgraph.inspection.evidence.routes import (
    Separator,
    identifiers_of,
    nodes_between,
    separators,
    steps_of,
)
from xrefgraph.inspection.subjects import Asked, Subject, asked_store, find_subject, name_of
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
    before, after : int
        Where all do: how many events still hang together with either of the two when it is gone.
    reasons : tuple of str
        Why it is weak, in words.
    """

    node: Node | None
    steps: tuple[int, ...]
    events: int
    every_route: bool = field(kw_only=True)
    reasons: tuple[str, ...] = field(kw_only=True)
    before: int = 0
    after: int = 0


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
            return f"{sentence(one)} and {other} are one profile, but no link that is left leads from one to the other."
        text = f"{sentence(one)} and {other} are one profile because {self._because(self.path)}"
        if self.first_met is not None and self.path.steps[0].kind != "carries":
            text += f"; {_met(self.first_met)}"
        return f"{text}. {self._firmness(self.path)}"

    def _because(self, path: Path) -> str:
        weak = self.weakest
        if path.length == 1:
            return _stand_together(path.steps[0])
        # Of a very long path, what is in its middle is not told.
        told = () if weak is None else [step for n in weak.steps if (step := path.step(n))]
        if weak is not None and isinstance(weak.node, IdentifierNode) and len(told) == 2:
            before, after = told
            return f"{name_of(weak.node)} occurs {_occurs(before, weak.node)} and {_occurs(after, weak.node)}"
        if weak is not None and isinstance(weak.node, EventNode) and told:
            return (
                f"{name_of(weak.node)} carries both {name_of(told[0].a)} and {name_of(told[0].b)}"
            )
        if path.length <= 4:
            middle = [name_of(node) for node in path.nodes[1:-1]]
            return (
                f"{series(middle)} {'lead' if len(middle) > 1 else 'leads'} from one to the other"
            )
        return f"{counted(path.length, 'step')} lead from one to the other: {path.text}"

    def _firmness(self, path: Path) -> str:
        if self.independent_paths > 1:
            return f"There are {self.independent_paths:,} independent paths."
        weak = self.weakest
        if weak is None or not weak.every_route:
            return "It is the only path."
        extra = [one for one in weak.reasons if one not in (EVERY_PATH, SINGLE)]
        more = f" ({'; '.join(extra)})" if extra else ""
        where = "It is the only path"
        if path.length > 1 and weak.node is not None:
            where = f"Every path passes {name_of(weak.node)}"
        if not (weak.before and weak.after):
            return f"{where}{more}."
        stay = "stays" if weak.before == 1 else "stay"
        one = f"{counted(weak.before, 'event')} {stay} with {name_of(self.a)}"
        return f"{where}{more}; without it, {one} and {weak.after:,} with {name_of(self.b)}."

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
    weakest link is that of what all paths pass which joins most with least: it weighs events times ``trust`` of the type (an identifier
    half, since it joins two sides), for the events on its smaller side. Where no single one is passed by all, it is what
    of the lightest cut lies on the path.
    Cost: what the profile holds; under a second for 100,000 events and identifiers.

    Examples
    --------
    >>> import xrefgraph as xg
    >>> graph = xg.build(
    ...     [{"db_id": 1, "mail": "ann@example.org"}, {"mail": "ann@example.org", "cookie": "x"}, {"cookie": "x"}],
    ...     anchor="db_id", identifiers=["mail", "cookie"])
    >>> found = xg.why(graph, "db_id:1", "cookie:x")
    >>> print(found.summary)
    db_id 1 and cookie x are one profile because mail ann@example.org occurs with db_id 1 (1 event) and with cookie x
    (1 event); first joined by event #2 of source_1. Every path passes mail ann@example.org; without it, 1 event
    stays with db_id 1 and 2 with cookie x.
    >>> found.match_key, found.independent_paths
    ('+mail', 1)
    """
    store = asked_store(graph)
    ends = (find_subject(store, a, at), find_subject(store, b, at))
    return _answered(store, ends).asked_of(store, *ends)


def _answered(store: Store, ends: tuple[Subject, Subject]) -> Why:
    one, other = ends
    ids = (one.profile_id, other.profile_id)
    linked = one.profile is not None and one.profile == other.profile
    if one.is_same(other) or not linked or one.profile is None:
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
    asked = found.groups - sum(one.is_event for one in ends)
    in_order = [
        one
        for one in passed
        if one.kind == "identifier"
        or (one.kind == "group" and found.events[one.place] == 1 and one.place < asked)
    ]
    return Why(
        one.node,
        other.node,
        linked,
        ids,
        path,
        independent_routes(found, from_, to),
        _weakest(
            store,
            found,
            route,
            [one for one in passed if one.kind != "group" or one.place < asked],
            path,
            ends,
        ),
        None if met is None else _meeting(store, found, met),
        _match_key(store, found, route),
        tuple(_passed_nodes(store, found, in_order[:LISTED], ends)),
        len(in_order),
    )


# ------------------------------------------------------------------------------------------- the parts

EVERY_PATH, SINGLE = "every path passes it", "a single event"
LIGHTEST = "it is the lightest cut between the two"


def _weakest(
    store: Store,
    found: Collapsed,
    route: Sequence[int],
    passed: Sequence[Separator],
    path: Path,
    ends: Sequence[Subject],
) -> WeakLink | None:
    """The thinnest place of a path: much on both sides, and little that joins them."""
    trust = type_trust(store.schema)
    place = {node: n for n, node in enumerate(route)}
    most, several = thinnest(found, (route[0], route[-1]), passed, trust)
    if most is not None:
        weak = _weak(store, found, most, ends)
        return replace(weak, before=most.before, after=most.after)
    if len(several):
        weights = identifier_weights(found, trust)
        on_route = [n for n in route if n in set(several.tolist())]
        lightest = min(on_route, key=lambda n: (weights[n], -n))
        (node,) = nodes_of(store, found, [lightest], ends)
        at, events = place[lightest], int(found.carried[lightest])
        others = counted(len(several) - 1, "other")
        told = (
            f"with {others} it is the lightest cut between the two"
            if len(several) > 1
            else LIGHTEST
        )
        return WeakLink(
            node, (at - 1, at), events, every_route=False, reasons=(told, *_looks(node))
        )
    listed = [(step.events, n, step) for n in range(path.length) if (step := path.step(n))]
    _, thin, thinnest_step = min(listed, key=lambda one: one[:2])
    told = (
        "1 event carries" if thinnest_step.events == 1 else f"{thinnest_step.events:,} events carry"
    )
    return WeakLink(
        None, (thin,), thinnest_step.events, every_route=False, reasons=(f"{told} both",)
    )


def _weak(store: Store, found: Collapsed, one: Separator, ends: Sequence[Subject]) -> WeakLink:
    if one.kind == "identifier":
        (node,) = nodes_of(store, found, [one.place], ends)
        events = int(found.carried[one.place])
        reasons = (EVERY_PATH, *_looks(node))
        return WeakLink(node, (one.at, one.at + 1), events, every_route=True, reasons=reasons)
    if one.kind == "decision":
        return WeakLink(
            None,
            (one.at,),
            0,
            every_route=True,
            reasons=(EVERY_PATH, "a decision, and no event, says so"),
        )
    events = int(found.events[one.place])
    if events == 1:
        (event,) = oldest_events(store, found, [one.place])
        return WeakLink(event, (one.at,), 1, every_route=True, reasons=(EVERY_PATH, SINGLE))
    told = f"{counted(events, 'event')} that carry the same identifiers"
    return WeakLink(None, (one.at,), events, every_route=True, reasons=(EVERY_PATH, told))


def _looks(node: Node) -> tuple[str, ...]:
    look = look_of(node.type, node.value) if isinstance(node, IdentifierNode) else None
    return (look,) if look else ()


def _passed_nodes(
    store: Store, found: Collapsed, passed: Sequence[Separator], ends: Sequence[Subject]
) -> list[Node]:
    groups = [one.place for one in passed if one.kind == "group"]
    events = iter(oldest_events(store, found, groups))
    values = [one.place for one in passed if one.kind == "identifier"]
    named = iter(nodes_of(store, found, values, ends))
    return [next(events) if one.kind == "group" else next(named) for one in passed]


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
    return " ".join(
        [f"+{name}" for name in agree] + [f"-{names[rank]}" for rank in sorted(several)]
    )


# ------------------------------------------------------------------------------------------- in words


def _not_two(one: Subject, other: Subject) -> str:
    """What to say where there are no two things in one profile; nothing where there are."""
    if one.is_same(other):
        what = "event" if one.is_event else "identifier"
        where = (
            f", in the profile {one.profile_id}" if one.profile_id else ", and it is in no profile"
        )
        return f"{sentence(one.name)} was asked for twice: it is one {what}{where}."
    loose = [each for each in (one, other) if each.profile is None]
    if loose:
        told = " and ".join(f"{each.name} is in no profile ({_reason(each)})" for each in loose)
        return sentence(f"{told}, so the two are not linked.")
    return (
        f"{sentence(one.name)} and {other.name} are in two profiles, {one.profile_id} and {other.profile_id}:"
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
