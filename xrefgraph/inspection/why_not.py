"""Why are these two not one profile? What keeps them apart, and what is near."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from xrefgraph.errors import counted, listing
from xrefgraph.graph import XrefGraph
from xrefgraph.hygiene import normalize
from xrefgraph.inspection.answers import Answer
from xrefgraph.inspection.collapse import Ints
from xrefgraph.inspection.near import MOST_VALUES, NearMiss, NearMisses, Value, near_misses
from xrefgraph.inspection.refusals import (
    ASIDE,
    Reason,
    beginning,
    carry,
    contradiction,
    first_set,
    remarks,
    sets_carrying,
    several_values,
    spellings,
    such_as,
    why_nothing,
)
from xrefgraph.inspection.subjects import Asked, Subject, find_subject, name_of
from xrefgraph.inspection.ways import Hop, Route, Stop, find_crossing, owned_when
from xrefgraph.linking.evidence import distinct
from xrefgraph.lookup import named_values
from xrefgraph.networks import EventNode, IdentifierNode
from xrefgraph.profiles import STATUSES
from xrefgraph.store import Store
from xrefgraph.verdicts import verdicts

#: So many values that both carry are told of, of each kind.
MOST_SHARED = 5

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
        What was left out when near misses were looked for: see :class:`NearMisses`.
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
    store = graph.store
    one, other = find_subject(store, a, at), find_subject(store, b, at)
    if one.node == other.node:
        reasons = (_same(one), *why_nothing(store, one))
        return WhyNot(linked=one.profile_id is not None, a=one, b=other, reasons=reasons)
    if one.profile_id is not None and one.profile_id == other.profile_id:
        sentence = f"{beginning(one.node)} and {name_of(other.node)} are in one profile, {one.profile_id}: `why` has the evidence."
        return WhyNot(linked=True, a=one, b=other, reasons=(Reason("linked", sentence),))
    if one.profile is None or other.profile is None:
        return WhyNot(linked=False, a=one, b=other, reasons=tuple(_unlinked(store, one, other)))
    return _two_profiles(store, one, other)


def _same(one: Subject) -> Reason:
    where = f", in profile {one.profile_id}" if one.profile_id is not None else ""
    what = "event" if one.is_event else "identifier"
    return Reason("same", f"{beginning(one.node)} was asked for twice: it is one {what}{where}.")


def _two_profiles(store: Store, a: Subject, b: Subject) -> WhyNot:
    """Collect the reasons why two are in two profiles."""
    pair = _Pair(store, a, b)
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


class _Pair:
    """Two profiles, while it is asked what keeps them apart."""

    def __init__(self, store: Store, a: Subject, b: Subject) -> None:
        self.store, self.a, self.b = store, a, b
        self.database, self.schema = store.database, store.schema
        self.profiles = int(a.profile or 0), int(b.profile or 0)
        self.names = str(a.profile_id), str(b.profile_id)

    def _sets(self, side: int) -> str:
        """The SQL condition of the sets of a side, which lie side by side."""
        low, high = self.database.row(
            f"SELECT min(set_number), max(set_number) FROM store.eventset WHERE profile = {self.profiles[side]}"
        )
        return "false" if low is None else f"set_number BETWEEN {low} AND {high}"

    # ------------------------------------------------------------------ decisions, and other times

    def separated(self) -> tuple[list[Reason], list[Reason]]:
        """The decisions that keep apart what they hold: of the two that were asked for, and of others."""
        decided = verdicts(self.schema).separated
        names = sorted({name for pair in decided for name in pair})
        if not names:
            return [], []
        with self.database.registered(
            type=np.array([self.schema.rank(kind) for kind, _ in names], np.int32),
            text=np.array([text for _, text in names], dtype=object),
            n=np.arange(len(names)),
        ) as lent:
            rows = self.database.rows(
                f"SELECT l.n, m.profile FROM store.member m JOIN (SELECT v.identifier AS no, l.n FROM store.value v"
                f" JOIN (SELECT type, text::VARCHAR AS text, n FROM {lent}) l ON v.text = l.text AND v.type = l.type) l"
                f" ON m.no = l.no WHERE m.profile IN {self.profiles}"
            )
        held = {(names[n], profile) for n, profile in rows}
        mine, theirs = self.profiles
        asked = {
            (one.node.type, one.node.value)
            for one in (self.a, self.b)
            if isinstance(one.node, IdentifierNode)
        }
        found: tuple[list[Reason], list[Reason]] = ([], [])
        for (one, other), decision in decided.items():
            if {(one, mine), (other, theirs)} <= held or {(one, theirs), (other, mine)} <= held:
                sentence = f"A decision keeps {' '.join(one)} and {' '.join(other)} apart{remarks(decision)}."
                reason = Reason(
                    "separated", sentence, IdentifierNode(*one), decision=decision.to_dict()
                )
                found[asked != {one, other}].append(reason)
        return found

    def other_time(self) -> Iterator[Reason]:
        """Say when what was asked for was in the other profile."""
        for one, other in ((self.a, self.b), (self.b, self.a)):
            if one.number is None or not isinstance(one.node, IdentifierNode):
                continue
            if not self.database.rows(
                f"SELECT 1 FROM store.owned WHERE no = {one.number} AND profile = {other.profile}"
            ):
                continue
            told = [
                owned_when(self.store, one.number, str(name))
                for name in (one.profile_id, other.profile_id)
            ]
            yield Reason(
                "other_time",
                f"{name_of(one.node)} changed hands: it was {'; it was '.join(told)}.",
                one.node,
                facts={"owned": told},
            )

    # ------------------------------------------------------------------ what both carry

    def shared(self) -> Iterator[Reason]:
        """The identifiers that events of both carry."""
        sides = [
            "SELECT no, sum(events)::BIGINT AS events FROM (SELECT DISTINCT l.set_number, v.identifier AS no FROM store.value v JOIN"
            f" (SELECT set_number, no FROM store.link WHERE {where}) l USING (no) WHERE v.identifier IS NOT NULL)"
            f" JOIN (SELECT set_number, events FROM store.eventset WHERE {where}) s USING (set_number) GROUP BY no"
            for where in map(self._sets, (0, 1))
        ]
        rows = self.database.rows(
            f"SELECT a.no, a.events, b.events FROM ({sides[0]}) a JOIN ({sides[1]}) b USING (no)"
            " ORDER BY least(a.events, b.events) DESC, a.no"
        )
        texts = named_values(self.database, self.schema, [no for no, *_ in rows[:MOST_SHARED]])
        for no, mine, theirs in rows[:MOST_SHARED]:
            node = IdentifierNode(*texts[no])
            yield Reason(
                "shared",
                f"Events of both carry {name_of(node)}: {self._each(mine, theirs)}.",
                node,
                facts={"events_a": mine, "events_b": theirs, "more": len(rows) - MOST_SHARED}
                if len(rows) > MOST_SHARED
                else {"events_a": mine, "events_b": theirs},
            )

    def _each(self, mine: int, theirs: int) -> str:
        return f"{counted(mine, 'event')} of {self.names[0]} and {theirs:,} of {self.names[1]}"

    def shared_refused(self) -> Iterator[Reason]:
        """The values that link nothing, and that events of both carry."""
        sides = [self._refused(side) for side in (0, 1)]
        common = sorted(
            sides[0].keys() & sides[1].keys(),
            key=lambda key: (-min(sides[0][key][0], sides[1][key][0]), key),
        )
        for key in common[:MOST_SHARED]:
            (mine, value), (theirs, _) = sides[0][key], sides[1][key]
            subject = find_subject(self.store, value)
            (inner,) = why_nothing(self.store, subject)
            facts = {"events_a": mine, "events_b": theirs, **inner.facts}
            more = len(common) - MOST_SHARED
            yield Reason(
                "shared_refused",
                f"Events of both carry {' '.join(value)}, {self._each(mine, theirs)}. {inner.sentence}",
                IdentifierNode(*value),
                inner.event,
                inner.decision,
                facts | ({"more": more} if more > 0 else {}),
            )

    def _refused(self, side: int) -> dict[tuple[str, str], tuple[int, tuple[str, str]]]:
        """The values of a side that link nothing, by how they are read: the events, and one way to write it."""
        where = self._sets(side)
        rows = self.database.rows(
            "SELECT v.type, v.text, v.reason, sum(s.events)::BIGINT FROM"
            f" (SELECT no, type, text, reason FROM store.value WHERE reason IS NOT NULL AND reason <> 'blank') v"
            f" JOIN (SELECT set_number, no FROM store.link WHERE {where}) l USING (no)"
            f" JOIN (SELECT set_number, events FROM store.eventset WHERE {where}) s USING (set_number)"
            " GROUP BY ALL ORDER BY 1, 2"
        )
        found: dict[tuple[str, str], tuple[int, tuple[str, str]]] = {}
        for rank, text, reason, events in rows:
            kind = self.schema.ranked[rank]
            read = (
                normalize(text, kind.normalizers)[0] if reason in ASIDE else text.strip().casefold()
            )
            before, written = found.get((kind.name, read), (0, (kind.name, text)))
            found[kind.name, read] = before + int(events), written
        return found

    def linking_nothing(self) -> Iterator[Reason]:
        """Events that link nothing, and carry identifiers of both."""
        mine, theirs = self.profiles
        rows = self.database.arrays(
            "SELECT s.set_number FROM (SELECT l.set_number, m.profile FROM store.value v"
            "  JOIN (SELECT l.set_number, l.no FROM store.link l SEMI JOIN"
            "   (SELECT set_number FROM store.eventset WHERE profile IS NULL) s USING (set_number)) l USING (no)"
            f"  JOIN (SELECT no, profile FROM store.member WHERE profile IN {self.profiles}) m ON v.identifier = m.no) s"
            f" GROUP BY s.set_number HAVING bool_or(profile = {mine}) AND bool_or(profile = {theirs}) ORDER BY 1"
        )["set_number"]
        if not len(rows):
            return
        sets = rows.astype(np.int32)
        first = first_set(self.store, sets)
        events, example, status = _events_of(self.store, sets, first)
        told = f"{carry(events)} identifiers of both, and link{'s' if events == 1 else ''} nothing"
        if status == "contradictory":
            kind, values = contradiction(self.store, first)
            why = (
                f"{name_of(example)} contradicts itself: it carries {several_values(kind, values)}"
            )
            yield Reason(
                "linking_nothing",
                f"{told}: {why}.",
                event=example,
                facts={"events": events, "type": kind, "values": values},
            )
            return
        subject = find_subject(self.store, example)
        (inner,) = why_nothing(self.store, subject)
        yield Reason(
            "linking_nothing",
            f"{told}. {inner.sentence}",
            event=example,
            decision=inner.decision,
            facts={"events": events, **inner.facts},
        )

    # ------------------------------------------------------------------ what is near, and what is nowhere

    def near(self) -> NearMisses:
        """The identifiers of both that are nearly the same."""
        sides, beyond = [], 0
        for profile in self.profiles:
            rows = self.database.rows(
                "SELECT v.type, v.text, m.events FROM store.value v JOIN"
                f" (SELECT no, events FROM store.member WHERE profile = {profile} ORDER BY no LIMIT {MOST_VALUES}) m"
                " USING (no) ORDER BY v.no"
            )
            (held,) = self.database.row(
                f"SELECT identifiers FROM store.profile WHERE profile = {profile}"
            )
            beyond += held - len(rows)
            sides.append([Value(*row) for row in rows])
        found = near_misses(self.schema, *sides)
        left_out = Counter(found.left_out) + Counter({"values": beyond})
        return replace(found, left_out=dict(left_out))

    def nothing_shared(self) -> Reason:
        """Say what each of them holds."""
        held = [self._held(side) for side in (0, 1)]
        told = [
            f"{name} ({', '.join([counted(events, 'event'), *(counted(n, kind, kind) for kind, n in types.items())])})"
            for name, (events, types) in zip(self.names, held, strict=True)
        ]
        common = [kind for kind in held[0][1] if kind in held[1][1]]
        meet = (
            f"Both hold values of {listing(common)}"
            if common
            else "No type occurs in both, so only events that carry types of both can connect them"
        )
        return Reason(
            "no_shared_value",
            f"No chain of events leads from {told[0]} to {told[1]}. {meet}.",
            facts={
                "types_a": held[0][1],
                "types_b": held[1][1],
                "events_a": held[0][0],
                "events_b": held[1][0],
            },
        )

    def _held(self, side: int) -> tuple[int, dict[str, int]]:
        """How many events a side has, and how many values of each type."""
        rows = self.database.rows(
            "SELECT v.type, count(*) FROM store.value v JOIN"
            f" (SELECT no FROM store.member WHERE profile = {self.profiles[side]}) m USING (no) GROUP BY 1 ORDER BY 1"
        )
        (events,) = self.database.row(
            f"SELECT events FROM store.profile WHERE profile = {self.profiles[side]}"
        )
        return int(events), {self.schema.names[rank]: int(count) for rank, count in rows}

    def collisions(self) -> Iterator[Reason]:
        """The unique types of which both hold a value."""
        ranks = [rank for rank, kind in enumerate(self.schema.ranked) if kind.unique]
        if not ranks:
            return
        first = [
            dict(
                self.database.rows(
                    "SELECT v.type, arg_min(v.text, v.no) FROM store.value v JOIN"
                    f" (SELECT no FROM store.member WHERE profile = {profile}) m USING (no)"
                    f" WHERE v.type IN ({', '.join(map(str, ranks))}) GROUP BY 1"
                )
            )
            for profile in self.profiles
        ]
        for rank in ranks:
            values = [held.get(rank) for held in first]
            if None in values or values[0] == values[1]:
                continue
            kind, policy = self.schema.names[rank], self.schema.policy.name
            then = (
                "were they joined, the profile would be ambiguous"
                if policy == "keep"
                else f"whatever they share, {_by(policy)} keeps them two"
            )
            yield Reason(
                "would_collide",
                f"{self.names[0]} holds {kind} {values[0]} and {self.names[1]} holds {kind} {values[1]}, and {kind} is unique: {then}.",
                facts={"type": kind, "values": values},
            )


# ---------------------------------------------------------------------------- who is in no profile


def _unlinked(store: Store, a: Subject, b: Subject) -> Iterator[Reason]:
    """Say why one of them, or both, is in no profile, and what it has to do with the other all the same."""
    yield from why_nothing(store, a)
    yield from why_nothing(store, b)
    one, other = (a, b) if a.profile is None else (b, a)
    yield from _carried(store, one, other)


def _carried(store: Store, one: Subject, other: Subject) -> Iterator[Reason]:
    """Say which events carry both: what is in no profile, and the other one or something of its profile."""
    if one.is_event and other.is_event and other.profile is None:
        return
    sets = _sets_of(store, one)
    if other.profile is None:
        both = np.intersect1d(sets, _sets_of(store, other))
        named = [name_of(other.node)]
    else:
        both, named = _of_profile(store, sets, other.profile)
    if not len(both):
        return
    events, example, _ = _events_of(store, both.astype(np.int32), None)
    of = "" if other.profile is None else f" of profile {other.profile_id}"
    if one.is_event:
        sentence = f"{beginning(one.node)} carries {listing(named, MOST_SHARED)}{of}."
    elif other.is_event and other.profile is None:
        sentence = f"{beginning(other.node)} carries {name_of(one.node)}."
    else:
        with_it = named[0] if other.profile is None else f"something{of}"
        sentence = f"{carry(events)} both {name_of(one.node)} and {with_it}{such_as(example)}."
    yield Reason("carried", sentence, event=example, facts={"events": events})


def _of_profile(store: Store, sets: Ints, profile: int) -> tuple[Ints, list[str]]:
    """Of some sets those that are in a profile, or carry an identifier of it, and the names of these identifiers."""
    with store.database.registered(set_number=sets) as lent:
        cells = store.database.arrays(
            "SELECT l.set_number, v.identifier AS no FROM store.value v JOIN"
            f" (SELECT set_number, no FROM store.link SEMI JOIN {lent} USING (set_number)) l USING (no)"
            f" SEMI JOIN (SELECT no FROM store.member WHERE profile = {profile}) m ON v.identifier = m.no"
        )
        own = store.database.arrays(
            f"SELECT set_number FROM store.eventset SEMI JOIN {lent} USING (set_number) WHERE profile = {profile}"
        )["set_number"]
    numbers = distinct(cells["no"])[: MOST_SHARED + 1].tolist()
    texts = named_values(store.database, store.schema, numbers)
    both = distinct(np.concatenate([cells["set_number"], own]))
    return both, [" ".join(texts[no]) for no in numbers]


def _sets_of(store: Store, subject: Subject) -> Ints:
    """The sets in which a subject occurs."""
    if subject.set_number is not None:
        return np.array([subject.set_number], np.int32)
    return sets_carrying(store, spellings(store, subject))


def _events_of(store: Store, sets: Ints, first: int | None) -> tuple[int, EventNode, str]:
    """How many events some sets have, the first of them in input order, and its status."""
    chosen = first_set(store, sets) if first is None else first
    with store.database.registered(set_number=sets) as lent:
        (events,) = store.database.row(
            f"SELECT sum(events)::BIGINT FROM store.eventset SEMI JOIN {lent} USING (set_number)"
        )
    source, event_id = store.database.row(
        f"SELECT source, event_id::VARCHAR FROM store.event WHERE set_number = {chosen} ORDER BY source, position LIMIT 1"
    )
    (status,) = store.database.row(f"SELECT status FROM store.eventset WHERE set_number = {chosen}")
    return int(events), EventNode(store.source_names[source], event_id), STATUSES[status]


# ------------------------------------------------------------------------------------------- words


def _two(a: Subject, b: Subject) -> str:
    return f"{_placed(a, beginning(a.node))} and {_placed(b, name_of(b.node))} are two profiles"


def _placed(subject: Subject, name: str) -> str:
    """A name, with the profile that it is in, where this is named by something else."""
    node = subject.node
    own = isinstance(node, IdentifierNode) and f"{node.type}:{node.value}" == subject.profile_id
    return name if own else f"{name} (profile {subject.profile_id})"


def _by(policy: str) -> str:
    return "the function" if policy == "callable" else policy


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
    return "a decision" if hop.kind == "detached" else _by(str(hop.rule))


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
