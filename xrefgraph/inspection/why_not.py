"""Why are these two not one profile? What keeps them apart, and what is near."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from xrefgraph.errors import counted
from xrefgraph.graph import XrefGraph
from xrefgraph.inspection.answers import Answer
from xrefgraph.inspection.barriers.between import Between, cutter, unlinked
from xrefgraph.inspection.barriers.near import NearMiss
from xrefgraph.inspection.barriers.refusals import Reason, beginning, why_nothing
from xrefgraph.inspection.barriers.ways import Hop, Route, Stop, find_crossing
from xrefgraph.inspection.subjects import Asked, Subject, asked_store, find_subject, name_of
from xrefgraph.networks import EventNode, IdentifierNode
from xrefgraph.store import Store

#: What the rows of an answer have.
COLUMNS = ("kind", "sentence", "source", "event_id", "type", "value", "advice")


@dataclass(frozen=True, repr=False)
class WhyNot(Answer):
    """Why two are not one profile; made by :func:`why_not`, which has the list of reasons.

    Parameters
    ----------
    linked : bool
        Whether they are in one profile.
    a, b : Subject
        What was asked for: the node, and the profile that it is in.
    reasons : tuple of Reason
        Those that explain most first.
    near : tuple of NearMiss
        Identifiers of the two profiles that are nearly the same, the most telling first; at most fifty.
    near_count : int
        How many there are.
    not_compared : mapping of str to int
        What was left out when near misses were looked for: ``values``, ``long``, ``pairs`` and ``numbered``.
    path : Route or None
        The way from one to the other in the raw evidence that crosses the fewest cuts; None where there is none.
    """

    linked: bool
    a: Subject
    b: Subject
    reasons: tuple[Reason, ...]
    near: tuple[NearMiss, ...] = ()
    near_count: int = 0
    not_compared: Mapping[str, int] = field(default_factory=dict)
    path: Route | None = None

    @property
    def summary(self) -> str:
        """The main reason, in one or two sentences."""
        main = self.reasons[0]
        if self.path is not None and main.kind in CROSSED:
            return f"{_two(self.a, self.b)}: {_way(self.path, (self.a, self.b))}."
        if main.kind in ("no_shared_value", "near_miss"):
            nothing = f"{_two(self.a, self.b)}, and no chain of events leads from one to the other."
            return f"{nothing} {main.sentence}" if main.kind == "near_miss" else nothing
        if main.kind in ("same", "linked"):
            return main.sentence
        if None in (self.a.profile_id, self.b.profile_id):
            more = [one.sentence for one in self.reasons if one.kind == "carried"]
            return " ".join([main.sentence, *more])
        return f"{_two(self.a, self.b)}. {main.sentence}"

    @property
    def columns(self) -> Sequence[str]:
        """The names of the columns of :meth:`to_frame`."""
        return COLUMNS

    def rows(self) -> list[dict[str, Any]]:
        """Give the reasons, and behind them the near misses."""
        rows = []
        for reason in self.reasons:
            row = dict.fromkeys(COLUMNS) | {"kind": reason.kind, "sentence": reason.sentence}
            if reason.event is not None:
                row |= {"source": reason.event.source, "event_id": reason.event.event_id}
            if reason.identifier is not None:
                row |= {"type": reason.identifier.type, "value": reason.identifier.value}
            rows.append(row)
        for one in self.near:
            row = dict.fromkeys(COLUMNS) | {"kind": one.kind, "sentence": one.sentence}
            rows.append(row | {"type": one.a.type, "value": one.a.value, "advice": one.advice})
        return rows


#: The kinds of reasons that are a place on the way from one to the other.
CROSSED = ("cut", "detached", "changed_hands")


def why_not(graph: XrefGraph, a: Asked, b: Asked, *, at: Any = None) -> WhyNot:
    """Say why two identifiers, or events, are not in one profile.

    Parameters
    ----------
    graph : XrefGraph
        The graph.
    a, b : str, (type, value), IdentifierNode or EventNode
        An identifier or an event each. Under `over_time` an identifier is its last owner's, an ``IdentifierNode`` with an
        owner that owner's.
    at : datetime, date or str, optional
        Under `over_time`: the owner at this time.

    Returns
    -------
    WhyNot
        Its reasons, those that explain most first:

        ========================  =====================================================================================
        ``same``                  they are one and the same
        ``linked``                they are in one profile: see :func:`xrefgraph.why`
        ``refused``               one of them is refused, with the reason of ``rejected``
        ``over_shared``           one is set aside, since it meets too many values of another type
        ``blocked``               a decision blocks one of them
        ``contradictory``         one is an event that contradicts itself, or carried by such events alone
        ``no_identifier``         one is an event that carries nothing that links
        ``not_owned``             under `over_time`: one was nobody's, or not this owner's
        ``carried``               and events carry both all the same
        ``separated``             a decision keeps apart what they hold
        ``other_time``            the identifier was in the other profile at another time
        ``cut``                   the policy cut a link on the way from one to the other: ``path``
        ``detached``              a decision did
        ``changed_hands``         an identifier on the way changed hands
        ``shared``                events of both carry an identifier, and some of these links were cut
        ``shared_refused``        events of both carry a value that links nothing
        ``linking_nothing``       events that link nothing carry identifiers of both
        ``near_miss``             they hold identifiers that are nearly the same
        ``no_shared_value``       no chain of events leads from one to the other
        ``would_collide``         both hold a value of a unique type: whatever they share, they are two
        ========================  =====================================================================================

    Raises
    ------
    UnknownError
        When one of them does not occur.

    Notes
    -----
    Cost: what the two profiles hold, those on the way between them, and a few scans of what all sets carry.

    Examples
    --------
    >>> import xrefgraph as xg
    >>> rows = [
    ...     {"id": "e1", "db_id": 1, "cookie": "tablet"},
    ...     {"id": "e2", "db_id": 2, "cookie": "tablet"},
    ...     {"id": "e3", "db_id": 3, "email": "Max@example.org"},
    ...     {"id": "e4", "cookie": "phone", "email": "max@example.org"},
    ... ]
    >>> types = ["db_id", "email", "cookie"]
    >>> graph = xg.build(
    ...     xg.Source(rows, identifiers=types, event_id="id", name="visits"), xg.Schema(types, anchor="db_id")
    ... )
    >>> print(xg.why_not(graph, "db_id:1", "db_id:2").summary)
    db_id 1 and db_id 2 are two profiles: cookie tablet leads from one to the other, and isolate cut it at event e1 of visits
    and at event e2 of visits (two values of db_id).
    >>> print(xg.why_not(graph, "db_id:3", "cookie:phone").summary)
    db_id 3 and cookie phone (profile email:max@example.org) are two profiles, and no chain of events leads from one to the
    other. email Max@example.org and email max@example.org are equal but for capitals. normalize='lower' on email would make
    them one; a link decision joins these two alone.
    """
    store = asked_store(graph)
    return why_not_between(store, find_subject(store, a, at), find_subject(store, b, at))


def why_not_between(store: Store, one: Subject, other: Subject) -> WhyNot:
    """Say why two that were found are not in one profile: see :func:`why_not`."""
    return _answered(store, one, other).asked_of(store, one, other)


def _answered(store: Store, one: Subject, other: Subject) -> WhyNot:
    if one.is_same(other):
        reasons = (_same(one), *why_nothing(store, one))
        return WhyNot(linked=one.profile_id is not None, a=one, b=other, reasons=reasons)
    if one.profile_id is not None and one.profile_id == other.profile_id:
        sentence = f"{beginning(one.node)} and {name_of(other.node)} are in one profile, {one.profile_id}: `why` has the evidence."
        return WhyNot(linked=True, a=one, b=other, reasons=(Reason("linked", sentence),))
    if one.profile is None or other.profile is None:
        return WhyNot(linked=False, a=one, b=other, reasons=tuple(unlinked(store, one, other)))
    return _two_profiles(store, one, other)


def _same(one: Subject) -> Reason:
    where = f", in profile {one.profile_id}" if one.profile_id is not None else ""
    what = "event" if one.is_event else "identifier"
    return Reason("same", f"{beginning(one.node)} was asked for twice: it is one {what}{where}.")


def _two_profiles(store: Store, a: Subject, b: Subject) -> WhyNot:
    """Collect the reasons why two are in two profiles."""
    pair = Between(store, a, b)
    path = find_crossing(store, a, b)
    near = pair.near()
    direct, others = pair.separated()
    apart = [*pair.other_time(), *(_crossed(path) if path is not None else ())]
    indirect = [*pair.shared(), *pair.linking_nothing(), *pair.shared_refused()]
    reasons = [*direct, *apart, *others, *indirect]
    if near.found:
        reasons.append(_near_miss(near.found, near.count))
    if path is None and not indirect:
        reasons.append(pair.nothing_shared())
    return WhyNot(
        linked=False,
        a=a,
        b=b,
        reasons=(*reasons, *pair.collisions()),
        near=near.found,
        near_count=near.count,
        not_compared=near.left_out,
        path=path,
    )


# ------------------------------------------------------------------------------------------- words


def _two(a: Subject, b: Subject) -> str:
    return f"{_placed(a, beginning(a.node))} and {_placed(b, name_of(b.node))} are two profiles"


def _placed(subject: Subject, name: str) -> str:
    """A name, with the profile that it is in, where this is named by something else."""
    node = subject.node
    own = isinstance(node, IdentifierNode) and f"{node.type}:{node.value}" == subject.profile_id
    return name if own else f"{name} (profile {subject.profile_id})"


def _way(path: Route, subjects: tuple[Subject, Subject]) -> str:
    """The way from one to the other in half a sentence."""
    crossings = list(path.crossings)
    first = crossings[0]
    one = _ends(first)[1]
    if len({_ends(crossing)[1].node for crossing in crossings}) > 1:
        return f"the way from one to the other crosses {counted(len(crossings), 'cut')}, of which the first is that {_said(first)}"
    if one.node in [_bare(subject) for subject in subjects]:
        return ", and ".join(_said(crossing) for crossing in crossings)
    through = f"{one.name} leads from one to the other"
    if first[1].kind == "changed_hands":
        return f"{through}, and it changed hands{_why(first[1])}"
    if any(_cause(crossing) != _cause(first) for crossing in crossings):
        return f"{through}, and {', and '.join(_said(crossing) for crossing in crossings)}"
    verb = "detached" if first[1].kind == "detached" else "cut"
    at = " and ".join(f"at {_ends(crossing)[0].name}" for crossing in crossings)
    return f"{through}, and {_cutter(first[1])} {verb} it {at}{_why(first[1])}"


def _bare(subject: Subject) -> IdentifierNode | EventNode:
    """What was asked for, whoever owns it."""
    node = subject.node
    return node if isinstance(node, EventNode) else IdentifierNode(node.type, node.value)


def _ends(crossing: tuple[Stop, Hop, Stop]) -> tuple[Stop, Stop]:
    """The event and the identifier of a crossing; where one changed hands, the identifier twice."""
    one, _, other = crossing
    return (one, other) if isinstance(one.node, EventNode) else (other, one)


def _cause(crossing: tuple[Stop, Hop, Stop]) -> tuple[str, str | None]:
    return crossing[1].kind, crossing[1].reason


def _cutter(hop: Hop) -> str:
    return "a decision" if hop.kind == "detached" else cutter(str(hop.rule))


def _why(hop: Hop) -> str:
    return f" ({hop.reason})" if hop.reason else ""


def _said(crossing: tuple[Stop, Hop, Stop], *, dated: bool = False) -> str:
    """A crossing as a clause: ``isolate cut cookie x from event 1 of visits (two values of db_id)``."""
    hop = crossing[1]
    event, one = _ends(crossing)
    if hop.kind == "changed_hands":
        return f"{one.name} changed hands{_why(hop)}"
    verb = "detached" if hop.kind == "detached" else "cut"
    when = f" on {event.time:%Y-%m-%d %H:%M}" if dated and event.time is not None else ""
    return f"{_cutter(hop)} {verb} {one.name} from {event.name}{when}{_why(hop)}"


def _crossed(path: Route) -> Iterator[Reason]:
    """Each place on the way where it crosses from one profile into another."""
    for crossing in path.crossings:
        hop = crossing[1]
        event, one = _ends(crossing)
        said = _said(crossing, dated=True)
        if said.startswith(("a decision", "the function")):
            said = said[0].upper() + said[1:]
        sides = " and ".join(name_of(node) for node in hop.apart)
        yield Reason(
            hop.kind,
            f"{said}: it keeps {sides} apart." if sides else f"{said}.",
            one.node if isinstance(one.node, IdentifierNode) else None,
            event.node if isinstance(event.node, EventNode) else None,
            hop.decision,
            {
                "rule": hop.rule,
                "reason": hop.reason,
                "apart": list(hop.apart),
                "contested": one.contested,
            },
        )


def _near_miss(found: Sequence[NearMiss], count: int) -> Reason:
    first = found[0]
    more = (
        f" There {'is' if count == 2 else 'are'} {counted(count - 1, 'more near miss', 'more near misses')}."
        if count > 1
        else ""
    )
    return Reason(
        "near_miss", f"{first.sentence} {first.advice}{more}", first.a, facts={"count": count}
    )
