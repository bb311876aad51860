"""Two profiles side by side: what keeps them apart, what events of both carry, what is near, and what they hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from xrefgraph.errors import counted, listing
from xrefgraph.hygiene import normalize
from xrefgraph.inspection.barriers.near import MOST_VALUES, NearMisses, Value, near_misses
from xrefgraph.inspection.barriers.refusals import (
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
from xrefgraph.inspection.barriers.ways import owned_when
from xrefgraph.inspection.evidence.collapse import Ints
from xrefgraph.inspection.subjects import Subject, find_subject, name_of
from xrefgraph.linking.evidence import distinct
from xrefgraph.lookup import named_values
from xrefgraph.networks import EventNode, IdentifierNode
from xrefgraph.profiles import STATUSES
from xrefgraph.store import Store
from xrefgraph.verdicts import verdicts

#: So many values that both carry are told of, of each kind.
MOST_SHARED = 5


class Between:
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
                else f"whatever they share, {cutter(policy)} keeps them two"
            )
            yield Reason(
                "would_collide",
                f"{self.names[0]} holds {kind} {values[0]} and {self.names[1]} holds {kind} {values[1]}, and {kind} is unique: {then}.",
                facts={"type": kind, "values": values},
            )


def cutter(policy: str) -> str:
    """Name a policy as the one who cuts: by its name, or as the function that it is."""
    return "the function" if policy == "callable" else policy


# ---------------------------------------------------------------------------- who is in no profile


def unlinked(store: Store, a: Subject, b: Subject) -> Iterator[Reason]:
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
