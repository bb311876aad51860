"""What a question is about: an identifier or an event, found in the graph."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from xrefgraph.errors import SchemaError, UnknownError, listing
from xrefgraph.graph import XrefGraph
from xrefgraph.hygiene import canonical, normalize
from xrefgraph.lookup import asked_identifier, asked_text, locate_event, owner_of, value_number
from xrefgraph.networks import EventNode, IdentifierNode
from xrefgraph.store import Store, profile_id_sql

#: What an identifier or an event may be asked for by.
Asked = str | tuple[str, Any] | IdentifierNode | EventNode


@dataclass(frozen=True)
class Subject:
    """An identifier or an event that a question is about, as it is in the graph.

    Parameters
    ----------
    node : IdentifierNode or EventNode
        What it is, as text.
    profile_id : str or None
        The profile that it is in; None where it links nothing.
    reason : str or None
        Why it links nothing: a reason of the table ``rejected``; of an event its status.
    number : int or None
        The number of the identifier in ``store.value``; None of an event, and of a refused value.
    profile : int or None
        The number of its profile.
    set_number : int or None
        Of an event: its set.
    source, position : int or None
        Of an event: where it stands.
    time : datetime or None
        Of an event: when it was, if it has a time.
    """

    node: IdentifierNode | EventNode
    profile_id: str | None
    reason: str | None = None
    number: int | None = field(default=None, repr=False)
    profile: int | None = field(default=None, repr=False)
    set_number: int | None = field(default=None, repr=False)
    source: int | None = field(default=None, repr=False)
    position: int | None = field(default=None, repr=False)
    time: dt.datetime | None = field(default=None, repr=False)

    @property
    def is_event(self) -> bool:
        """Whether it is an event."""
        return isinstance(self.node, EventNode)

    def is_same(self, other: Subject) -> bool:
        """Whether both are one event, or one identifier of one owner, whether the owner was named or not."""
        if self.number is None or self.number != other.number:
            return self.node == other.node
        return self.profile == other.profile

    @property
    def name(self) -> str:
        """What it is called in a sentence: ``cookie x``, or ``event 17 of visits``."""
        return name_of(self.node)


def name_of(node: IdentifierNode | EventNode) -> str:
    """Name an identifier or an event in a sentence: ``cookie x``, or ``event 17 of visits``."""
    if isinstance(node, EventNode):
        return f"event {node.event_id} of {node.source}"
    return f"{node.type} {node.value}"


def asked_store(graph: XrefGraph) -> Store:
    """Give the tables of the graph that is asked.

    Raises
    ------
    SchemaError
        When it is no graph.
    GraphClosedError
        When it was closed.
    """
    if not isinstance(graph, XrefGraph):
        raise SchemaError(
            f"A question is asked of an XrefGraph, which xg.build and xg.open give, not of a {type(graph).__name__}."
        )
    return graph.store


def asked_number(name: str, number: Any, least: int = 0) -> int:
    """Check how many somebody asks for.

    Raises
    ------
    SchemaError
        When it is no whole number, or too small.
    """
    if type(number) is not int or number < least:
        raise SchemaError(f"{name} is a whole number from {least} on, not {number!r}.")
    return number


def find_subject(store: Store, asked: Asked | Subject, at: Any = None) -> Subject:
    """Find the identifier or the event that somebody asks for.

    Parameters
    ----------
    store : Store
        The graph.
    asked : str, (type, value), IdentifierNode or EventNode
        ``"cookie:x"``, ``("cookie", "x")`` or an event. An identifier node with an owner is what this owner had of it.
    at : datetime, date or str, optional
        Under `over_time`: the profile that had the identifier then, and not the one that has it today.

    Raises
    ------
    UnknownError
        When it does not occur. What is near stands in the message, where it is the same value written otherwise.
    SchemaError
        When it is neither.
    """
    if isinstance(asked, Subject):
        return asked
    if isinstance(asked, EventNode):
        return _find_event(store, asked)
    if isinstance(asked, IdentifierNode):
        return _find_identifier(store, asked.type, asked.value, at, asked.owner)
    if isinstance(asked, str):
        kind, value = asked_identifier(asked, {})
        return _find_identifier(store, kind, value, at)
    if isinstance(asked, tuple | list) and len(asked) == 2:
        return _find_identifier(store, str(asked[0]), asked[1], at)
    raise SchemaError(
        "Ask for an identifier as 'type:value' or (type, value), and for an event as EventNode(source, event_id);"
        f" this is {type(asked).__name__}."
    )


def _find_event(store: Store, node: EventNode) -> Subject:
    database = store.database
    names = store.source_names
    source, position, set_number = locate_event(database, names, node.event_id, node.source)
    profile, status = database.row(
        f"SELECT profile, status FROM store.eventset WHERE set_number = {set_number}"
    )
    ((time,),) = database.rows(
        f"SELECT time FROM store.event WHERE set_number = {set_number} AND source = {source} AND position = {position}"
    )
    return Subject(
        EventNode(names[source], str(canonical(node.event_id))),
        None if profile is None else profile_ids(store, [profile])[profile],
        None if profile is not None else ("contradictory" if status == 3 else "no_identifier"),
        profile=profile,
        set_number=set_number,
        source=source,
        position=position,
        time=time,
    )


def _find_identifier(
    store: Store, kind: str, value: Any, at: Any, owner: str | None = None
) -> Subject:
    database, schema = store.database, store.schema
    rank = schema.rank(kind)
    number = value_number(database, schema, kind, value)
    if number is None:
        return _find_refused(store, rank, value)
    ((text, reason),) = database.rows(f"SELECT text, reason FROM store.value WHERE no = {number}")
    asked = owner is None
    profile = owner_of(database, number, at) if asked else _owned_by(store, number, str(owner))
    if profile is None and reason is None:
        reason = "contradictory" if at is None and owner is None else "not_owned"
    name = None if profile is None else profile_ids(store, [profile])[profile]
    return Subject(
        IdentifierNode(kind, text, owner),
        name,
        reason if profile is None else None,
        number=number,
        profile=profile,
    )


def _owned_by(store: Store, number: int, owner: str) -> int | None:
    rows = store.database.rows(f"SELECT profile FROM store.member WHERE no = {number}")
    named = profile_ids(store, [row[0] for row in rows if row[0] is not None])
    return next((profile for profile, name in named.items() if name == owner), None)


def _find_refused(store: Store, rank: int, value: Any) -> Subject:
    """Find a value that links nothing, by what came in; say what is near where there is no such value."""
    database, kind = store.database, store.schema.ranked[rank]
    text = asked_text(value)
    rows = []
    if text is not None:
        rows = database.rows(
            f"SELECT text, reason FROM store.value WHERE type = {rank} AND text = $1 AND reason IS NOT NULL",
            [text],
        )
    if rows:
        return Subject(IdentifierNode(kind.name, rows[0][0]), None, rows[0][1])
    raise UnknownError(
        f"No event carries this {kind.name}.{_near(store, rank, text)}",
        type=kind.name,
        value=str(value),
    )


def _near(store: Store, rank: int, text: str | None) -> str:
    """What somebody may have meant: the same text of another type, or in another spelling."""
    if not text or not text.strip():
        return " The value is blank."
    database, schema = store.database, store.schema
    others = database.rows(
        f"SELECT DISTINCT type FROM store.value WHERE text = $1 AND type <> {rank} ORDER BY type",
        [text],
    )
    if others:
        names = [schema.names[row[0]] for row in others]
        return f" It occurs as {listing(names)}: did you mean {names[0] + ':…'!r}?"
    spelled = database.rows(
        f"SELECT text FROM store.value WHERE type = {rank} AND lower(trim(text)) = lower(trim($1)) ORDER BY text LIMIT 1",
        [text],
    )
    if spelled:
        return " It occurs with other capitals or spaces. Did you mean that?"
    normal = normalize(text, ("alnum",))[0]
    if normal:
        near = database.rows(
            f"SELECT 1 FROM store.value WHERE type = {rank} AND length(text) BETWEEN {len(text) - 1} AND {len(text) + 1}"
            " AND damerau_levenshtein(text, $1) = 1 LIMIT 1",
            [text],
        )
        if near:
            return " One that differs in a single character occurs. Did you mean that?"
    return " It may be spelled in another way: see graph.identifiers."


def profile_ids(store: Store, profiles: Iterable[int]) -> dict[int, str]:
    """Give the ids of some profiles, by their numbers."""
    wanted = np.array(sorted(set(profiles)), np.int32)
    if not len(wanted):
        return {}
    with store.database.registered(profile=wanted) as lent:
        rows = store.database.rows(
            f"SELECT p.profile, {profile_id_sql('n.type', 'n.text', store.schema)} FROM store.value n"
            f" JOIN (SELECT profile, name FROM store.profile SEMI JOIN {lent} USING (profile)) p"
            " ON n.no = p.name ORDER BY p.profile"
        )
    return {int(profile): name for profile, name in rows}
