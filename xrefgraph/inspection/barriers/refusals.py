"""Why does an identifier, or an event, link nothing? What ``rejected`` says, and the facts behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from xrefgraph.decisions import Decision
from xrefgraph.errors import counted, listing
from xrefgraph.hygiene import normalize
from xrefgraph.inspection.evidence.collapse import Ints
from xrefgraph.inspection.subjects import Subject, name_of
from xrefgraph.networks import EventNode, IdentifierNode
from xrefgraph.store import Store
from xrefgraph.verdicts import verdicts

#: What each reason to refuse a value says of it, in a sentence.
REFUSED: Mapping[str, str] = {
    "blank": "blank once it is normalised",
    "denied": "a value that its type denies",
    "pattern": "a value in which a pattern that its type denies is found",
    "not_accepted": "not what its type accepts",
    "junk": "a placeholder that names nobody (junk)",
    "over_shared": "set aside as over-shared",
    "blocked": "blocked by a decision",
    "contradictory": "carried by events alone that contradict themselves",
}

#: The reasons why a value is set aside that is none the worse for itself.
ASIDE = ("over_shared", "blocked")

#: So many identifiers of an event are named at most.
MOST_NAMED = 10


@dataclass(frozen=True)
class Reason:
    """One reason why two are not one profile, or why something is in none.

    Parameters
    ----------
    kind : str
        What kind of reason it is: :func:`xrefgraph.why_not` has the list.
    sentence : str
        The reason in words.
    identifier : IdentifierNode or None
        The identifier that it is about.
    event : EventNode or None
        The event that it is about, or one for example.
    decision : dict or None
        The decision of a person behind it.
    facts : mapping of str to object
        The rest of what is known, by name.
    """

    kind: str
    sentence: str
    identifier: IdentifierNode | None = None
    event: EventNode | None = None
    decision: dict[str, Any] | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


def why_nothing(store: Store, subject: Subject) -> tuple[Reason, ...]:
    """Say why an identifier or an event is in no profile; nothing where it is in one.

    Notes
    -----
    Cost: for an identifier that is over-shared, or carried by contradictory events alone, a scan of what all sets carry.
    """
    if subject.profile_id is not None:
        return ()
    if isinstance(subject.node, EventNode):
        return (_of_event(store, subject, subject.node),)
    return (_of_identifier(store, subject, subject.node),)


# ------------------------------------------------------------------------------------------- events


def _of_event(store: Store, subject: Subject, node: EventNode) -> Reason:
    if subject.reason == "contradictory":
        kind, values = contradiction(store, int(subject.set_number or 0))
        return Reason(
            "contradictory",
            f"{beginning(subject.node)} contradicts itself: it carries {several_values(kind, values)}, and so links nothing.",
            event=node,
            facts={"type": kind, "values": values},
        )
    cells = store.database.rows(
        "SELECT v.type, v.text, coalesce(i.text, v.text), v.reason, l.detached FROM"
        f" (SELECT no, detached FROM store.link WHERE set_number = {subject.set_number}) l"
        " JOIN store.value v USING (no) LEFT JOIN store.value i ON v.identifier = i.no ORDER BY v.no"
    )
    if not cells:
        return Reason(
            "no_identifier", f"{beginning(subject.node)} carries no identifier.", event=node
        )
    detached = verdicts(store.schema).detached
    told, carried, decision = [], [], None
    for rank, raw, text, reason, is_detached in cells:
        kind = store.schema.names[rank]
        taken = detached.get(((kind, text), node.event_id)) if is_detached else None
        decision = decision or (None if taken is None else taken.to_dict())
        carried.append(
            {"type": kind, "value": raw, "reason": "detached" if is_detached else reason}
        )
        why = f"detached from it by a decision{remarks(taken)}" if is_detached else REFUSED[reason]
        told.append(f"{kind} {raw} is {why}")
    return Reason(
        "no_identifier",
        f"{beginning(subject.node)} carries nothing that links: {listing(told, MOST_NAMED)}.",
        event=node,
        decision=decision,
        facts={"carried": carried},
    )


def contradiction(store: Store, set_number: int) -> tuple[str, list[str]]:
    """Give the strongest unique type of which a set carries several values, and these.

    It is judged before anything is set aside.
    """
    values: dict[int, list[str]] = {}
    rows = store.database.rows(
        "SELECT DISTINCT v.type, coalesce(i.text, v.text), i.no IS NULL FROM"
        f" (SELECT no FROM store.link WHERE set_number = {set_number}) l JOIN store.value v USING (no)"
        f" LEFT JOIN store.value i ON v.identifier = i.no WHERE i.no IS NOT NULL OR v.reason IN {ASIDE} ORDER BY ALL"
    )
    for rank, text, is_aside in rows:
        kind = store.schema.ranked[rank]
        read = normalize(text, kind.normalizers)[0] if is_aside else text
        if kind.unique and read not in values.setdefault(rank, []):
            values[rank].append(read)
    rank = min(rank for rank, several in values.items() if len(several) > 1)
    return store.schema.names[rank], sorted(values[rank])


def several_values(kind: str, values: list[str]) -> str:
    """Say which values of a type there are: ``2 values of db_id (1, 2)``."""
    return f"{counted(len(values), 'value')} of {kind} ({listing(values, MOST_NAMED)})"


# -------------------------------------------------------------------------------------- identifiers


def _of_identifier(store: Store, subject: Subject, node: IdentifierNode) -> Reason:
    if subject.reason == "not_owned":
        said = f"never in the profile {node.owner}" if node.owner else "nobody's at that time"
        return Reason("not_owned", f"{beginning(node)} was {said}.", identifier=node)
    if subject.reason not in ("contradictory", *ASIDE):
        return _refused(store, node)
    sets = sets_carrying(store, spellings(store, subject))
    if subject.reason == "contradictory":
        return _contradictory(store, node, sets)
    events, example = _carried(store, sets, contradictory=False)
    facts: dict[str, Any] = {"events": events}
    carried = f"{carry(events)} it{such_as(example)}"
    if subject.reason == "blocked":
        decision = verdicts(store.schema).blocked.get((node.type, _normal(store, node)))
        return Reason(
            "blocked",
            f"{beginning(node)} is blocked by a decision{remarks(decision)}; {carried}.",
            node,
            example,
            None if decision is None else decision.to_dict(),
            facts,
        )
    limits = store.schema.ranked[store.schema.rank(node.type)].shared_with
    met = {other: _met(store, sets, other) for other in limits}
    over = {other: count for other, count in met.items() if count > limits[other]}
    told = " and ".join(
        f"{counted(count, 'value')} of {other}, where its limit is {limits[other]:,}"
        for other, count in over.items()
    )
    return Reason(
        "over_shared",
        f"{beginning(node)} is set aside as over-shared: it stands in events together with {told}; {carried}.",
        node,
        example,
        facts=facts | {"met": over, "limits": {other: limits[other] for other in over}},
    )


def _refused(store: Store, node: IdentifierNode) -> Reason:
    reason, events, source, event_id = store.database.row(
        "SELECT r.reason, r.events, r.source, r.event_id FROM store.rejected r JOIN"
        f" (SELECT no FROM store.value WHERE type = {store.schema.rank(node.type)} AND text = $1) v USING (no)"
        " WHERE r.reason <> 'contradictory' ORDER BY r.events DESC, r.reason",
        [node.value],
    )
    example = EventNode(store.source_names[source], event_id)
    return Reason(
        "refused",
        f"{beginning(node)} is {REFUSED[reason]}; {carry(events)} it{such_as(example)}.",
        node,
        example,
        facts={"reason": reason, "events": events},
    )


def _contradictory(store: Store, node: IdentifierNode, sets: Ints) -> Reason:
    events, example = _carried(store, sets, contradictory=True)
    kind, values = store.schema.names[0], list[str]()
    if example is not None:
        number = first_set(store, sets)
        kind, values = contradiction(store, number)
    return Reason(
        "contradictory",
        f"{beginning(node)} is carried by {counted(events, 'event')} that contradict"
        f"{'s itself' if events == 1 else ' themselves'}, and by no other: {_at(example)} {several_values(kind, values)}.",
        node,
        example,
        facts={"events": events, "type": kind, "values": values},
    )


def _at(example: EventNode | None) -> str:
    return "" if example is None else f"{name_of(example)} carries"


def spellings(store: Store, subject: Subject) -> Ints:
    """Give the numbers in ``store.value`` of all that an identifier came in as; ascending.

    Notes
    -----
    Cost: a scan of the values. Of a value that is set aside each other one of its type is normalised, where the type has
    normalisers.
    """
    node = subject.node
    if isinstance(node, EventNode):
        return np.empty(0, np.int32)
    rank = store.schema.rank(node.type)
    if subject.number is not None:
        where = f"identifier = {subject.number}"
    elif subject.reason in ASIDE:
        where = f"type = {rank} AND reason = '{subject.reason}'"
    else:
        where = f"type = {rank} AND reason IS NOT NULL AND identifier IS NULL AND text = $1"
    rows = store.database.rows(
        f"SELECT no, text FROM store.value WHERE {where} ORDER BY no",
        [node.value] if "$1" in where else None,
    )
    if subject.number is None and subject.reason in ASIDE:
        wanted, steps = _normal(store, node), store.schema.ranked[rank].normalizers
        rows = [row for row in rows if normalize(row[1], steps)[0] == wanted]
    return np.array([row[0] for row in rows], np.int32)


def _normal(store: Store, node: IdentifierNode) -> str:
    """What a value is read as."""
    return normalize(node.value, store.schema.ranked[store.schema.rank(node.type)].normalizers)[0]


def sets_carrying(store: Store, numbers: Ints) -> Ints:
    """Give the sets whose events carry one of some values, detached or not; ascending.

    Notes
    -----
    Cost: a scan of what all sets carry.
    """
    with store.database.registered(no=numbers) as lent:
        found: Ints = store.database.arrays(
            f"SELECT DISTINCT set_number FROM store.link SEMI JOIN {lent} USING (no) ORDER BY set_number"
        )["set_number"].astype(np.int32)
    return found


def first_set(store: Store, sets: Ints) -> int:
    """Give which of some sets has the first event in input order."""
    with store.database.registered(set_number=sets) as lent:
        return int(
            store.database.row(
                f"SELECT arg_min(set_number, (source, position)) FROM store.event SEMI JOIN {lent} USING (set_number)"
            )[0]
        )


def _carried(store: Store, sets: Ints, *, contradictory: bool) -> tuple[int, EventNode | None]:
    """How many events some sets have, of those that contradict themselves or of the others, and the first in input order."""
    if not len(sets):
        return 0, None
    sign = "=" if contradictory else "<>"
    with store.database.registered(set_number=sets) as lent:
        events, source, event_id = store.database.row(
            "SELECT count(*), arg_min(source, (source, position)), arg_min(event_id::VARCHAR, (source, position)) FROM"
            f" store.event SEMI JOIN (SELECT set_number FROM store.eventset SEMI JOIN {lent} USING (set_number)"
            f" WHERE status {sign} 3) s USING (set_number)"
        )
    return events, EventNode(store.source_names[source], event_id) if events else None


def _met(store: Store, sets: Ints, other: str) -> int:
    """How many values of a type stand in some sets, those left out that contradict themselves.

    They count before anything is set aside, so those that are set aside themselves count, too.
    """
    kind = store.schema.ranked[store.schema.rank(other)]
    with store.database.registered(set_number=sets) as lent:
        rows = store.database.rows(
            "SELECT DISTINCT v.identifier, CASE WHEN v.identifier IS NULL THEN v.text END FROM"
            " (SELECT DISTINCT no FROM store.link SEMI JOIN"
            f"  (SELECT set_number FROM store.eventset SEMI JOIN {lent} USING (set_number) WHERE status <> 3) s"
            f"  USING (set_number)) l JOIN store.value v USING (no) WHERE v.type = {store.schema.rank(other)}"
            f" AND (v.identifier IS NOT NULL OR v.reason IN {ASIDE})"
        )
    return len({no if text is None else normalize(text, kind.normalizers)[0] for no, text in rows})


# -------------------------------------------------------------------------------------------- words


def remarks(decision: Decision | None) -> str:
    """Say in brackets what stands in a decision beside what it decides: ``" (a kiosk; Ann, 2026-03-01)"``."""
    if decision is None:
        return ""
    who = ", ".join(part for part in (decision.author, decision.date) if part)
    told = "; ".join(part for part in (decision.reason or decision.name, who) if part)
    return f" ({told})" if told else ""


def such_as(example: EventNode | None) -> str:
    """Name an event for example, behind what it is an example of."""
    return "" if example is None else f", such as {name_of(example)}"


def carry(events: int) -> str:
    """Say how many events carry something: ``1 event carries``, ``2 events carry``."""
    return f"{counted(events, 'event')} {'carries' if events == 1 else 'carry'}"


def beginning(node: IdentifierNode | EventNode) -> str:
    """Name an identifier or an event at the beginning of a sentence: ``Event 17 of visits``; a type stays as it is written."""
    name = name_of(node)
    return f"E{name[1:]}" if isinstance(node, EventNode) else name
