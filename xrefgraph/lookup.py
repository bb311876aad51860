"""One profile: found by key, and looked at closely."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from xrefgraph.database import Database, literal
from xrefgraph.drawings import Drawable, Origin
from xrefgraph.errors import (
    GraphClosedError,
    SchemaError,
    UnknownError,
    counted,
    did_you_mean,
    listing,
)
from xrefgraph.events import StagedSource
from xrefgraph.export import nested_dict
from xrefgraph.hygiene import canonical, denied_values, normalize, refusal
from xrefgraph.networks import (
    CutRow,
    EventNode,
    EventRow,
    IdentifierNode,
    LinkRow,
    bipartite_graph,
)
from xrefgraph.schema import Schema
from xrefgraph.store import Store, profile_id_sql

if TYPE_CHECKING:
    import networkx as nx


@dataclass(frozen=True)
class Profile(Drawable):
    """One person, as far as is known: the events and identifiers that hang together.

    Parameters
    ----------
    id : str
        The strongest identifier of its own, as ``type:value``.
    anchors : tuple of str
        The anchors that it holds: one, none, or, where it is ambiguous, perhaps several.
    is_ambiguous : bool
        Whether it holds two values of a unique type, or a pair that a decision keeps apart.
    identifiers : tuple of (type, value)
        Strongest first.
    """

    id: str
    anchors: tuple[str, ...]
    is_ambiguous: bool
    identifiers: tuple[tuple[str, str], ...]
    _number: int = field(repr=False)
    _database: Database = field(repr=False, compare=False)
    _schema: Schema = field(repr=False, compare=False)
    _sources: tuple[StagedSource, ...] = field(repr=False, compare=False)
    _events_query: str = field(repr=False, compare=False)
    _generation: int = field(repr=False, compare=False)

    @property
    def _live(self) -> Database:
        """The database, while the numbers of its profiles are those that this one was read by."""
        if self._database.generation != self._generation:
            raise GraphClosedError(
                "This profile was read before its graph was rebuilt in place. Ask the graph for it again."
            )
        return self._database

    @property
    def origin(self) -> Origin:
        """The graph that it is of, and its number in it, for what draws it."""
        store = Store(self._live, self._schema, self._sources, ())
        return Origin(store, self._generation, profiles=(self._number,))

    @property
    def anchor(self) -> str | None:
        """The anchor, as text; None where there is none, or the profile is ambiguous."""
        return self.anchors[0] if self.anchors and not self.is_ambiguous else None

    @cached_property
    def _range(self) -> tuple[int, int]:
        first, last = self._live.row(
            f"SELECT min(set_number), max(set_number) FROM store.eventset WHERE profile = {self._number}"
        )
        return (0, -1) if first is None else (first, last)

    @cached_property
    def _event_rows(self) -> list[EventRow]:
        return event_rows(self._live, self._sources, self._range)

    @property
    def events(self) -> tuple[EventNode, ...]:
        """The events, in input order."""
        return tuple(EventNode(source, event_id) for source, event_id, _, _ in self._event_rows)

    @cached_property
    def graph(self) -> nx.Graph[Any]:
        """The bipartite ``networkx.Graph`` of the profile: see :class:`EventNode` and :class:`IdentifierNode`."""
        return bipartite_graph(self._event_rows, link_rows(self._live, self._schema, self._number))

    def to_dict(self, events: str = "ids") -> dict[str, Any]:
        """Give the part of ``graph.to_dict()`` that is about this profile.

        Parameters
        ----------
        events : {"ids", "keys", "records"}
            As in :meth:`XrefGraph.to_dict`.
        """
        mine = f"SELECT * FROM ({self._events_query}) WHERE profile_id = {literal(self.id)}"
        return nested_dict(self._live, mine, self._sources, self._schema.anchor, events)

    def _repr_html_(self) -> str:
        import html  # noqa: PLC0415

        shown = "".join(
            f"<tr><td>{html.escape(kind)}</td><td>{html.escape(value[:200])}</td></tr>"
            for kind, value in self.identifiers[:50]
        )
        more = f"<p>+{len(self.identifiers) - 50:,} more</p>" if len(self.identifiers) > 50 else ""
        state = "ambiguous" if self.is_ambiguous else "anchored" if self.anchors else "anonymous"
        return f"<p><b>{html.escape(self.id[:200])}</b>, {state}, {counted(len(self._event_rows), 'event')}</p><table>{shown}</table>{more}"


def named_values(
    database: Database, schema: Schema, numbers: Iterable[int]
) -> dict[int, tuple[str, str]]:
    """Give type and text of some values, by their numbers."""
    wanted = sorted(set(numbers))
    if not wanted:
        return {}
    # The numbers rise along the table, so blocks outside their range are skipped.
    query = f"SELECT no, type, text FROM store.value WHERE no BETWEEN {wanted[0]} AND {wanted[-1]}"
    if len(wanted) < 1000:
        rows = database.rows(f"{query} AND no IN ({', '.join(map(str, wanted))})")
    else:
        with database.registered(no=np.array(wanted, np.int32)) as lent:
            rows = database.rows(
                f"SELECT no, type, text FROM ({query}) SEMI JOIN {lent} USING (no)"
            )
    return {no: (schema.names[rank], text) for no, rank, text in rows}


def asked_text(value: Any) -> str | None:
    """Give the text of a value that somebody asks for; None where it is blank.

    Raises
    ------
    SchemaError
        When it is not one value, or no text.
    """
    try:
        return canonical(value)
    except TypeError:
        raise SchemaError(f"Ask for one value, not for a {type(value).__name__}.") from None
    except UnicodeError:
        raise SchemaError(
            "The value that is asked for is no UTF-8 text, so no event carries it."
        ) from None


def value_number(database: Database, schema: Schema, kind: str, value: Any) -> int | None:
    """Find the number of an identifier; None where nothing links it."""
    rank = schema.rank(kind)
    text = asked_text(value)
    if text is None:
        return None
    declared = schema.ranked[rank]
    # As it stands first: the id of a profile is in its normal form already.
    normal, reason = normalize(text, declared.normalizers)
    candidates = [text] + (
        [normal] if not reason and not refusal(normal, declared, denied_values(declared)) else []
    )
    for one in candidates:
        # The number rises with type and text, so the blocks of the table tell what they hold.
        rows = database.rows(
            f"SELECT identifier FROM store.value WHERE type = {rank} AND text = $1", [one]
        )
        if rows and rows[0][0] is not None:
            return int(rows[0][0])
    return None


def owner_of(database: Database, number: int, at: Any = None) -> int | None:
    """Find the profile of an identifier: the last owner's, or the owner's at a time; None for nobody's."""
    if at is None:
        profile = database.row(f"SELECT profile FROM store.value WHERE no = {number}")[0]
        return None if profile is None else int(profile)
    when = moment(at)
    owned = database.rows(f"SELECT 1 FROM store.owned WHERE no = {number} LIMIT 1")
    if not owned:
        return owner_of(database, number)
    rows = database.rows(
        f"SELECT profile FROM store.owned WHERE no = {number} AND coalesce(valid_from <= $1, true) AND coalesce(valid_to > $1, true)"
        " ORDER BY valid_from DESC NULLS LAST LIMIT 1",
        [when],
    )
    return int(rows[0][0]) if rows else None


def moment(at: Any) -> dt.datetime:
    """Read a time that somebody asks for: a datetime, a date, or ISO 8601 text; UTC where it has no zone.

    Raises
    ------
    SchemaError
        When it is none of these.
    """
    if isinstance(at, str):
        try:
            at = dt.datetime.fromisoformat(at)
        except ValueError:
            raise SchemaError(
                "at is a time such as '2026-03-01T12:00:00'; this text is none."
            ) from None
    if isinstance(at, dt.date) and not isinstance(at, dt.datetime):
        at = dt.datetime(at.year, at.month, at.day, tzinfo=dt.UTC)
    if not isinstance(at, dt.datetime):
        raise SchemaError(
            f"at is a datetime, a date, or a text in ISO 8601, not {type(at).__name__}."
        )
    if at.tzinfo is None:
        return at
    try:
        return at.astimezone(dt.UTC).replace(tzinfo=None)
    except OverflowError:
        raise SchemaError("at is a time of the years 1 to 9999 in UTC; this one is none.") from None


def asked_identifier(text: str | None, identifier: Mapping[str, Any]) -> tuple[str, Any]:
    """Give type and value of an identifier that is asked for as ``"type:value"`` or as a keyword."""
    if (text is None) == (not identifier) or len(identifier) > 1:
        raise SchemaError("Ask for one identifier: profile('db_id:123') or profile(db_id=123).")
    if text is None:
        return next(iter(identifier.items()))
    kind, colon, value = text.partition(":")
    if not colon:
        raise SchemaError(
            "An identifier is written 'type:value', such as 'db_id:123'; this one has no colon."
        )
    return kind, value


def find_profile(database: Database, schema: Schema, kind: str, value: Any, at: Any = None) -> int:
    """Find the number of the profile that holds an identifier.

    Raises
    ------
    UnknownError
        When none does.
    """
    number = value_number(database, schema, kind, value)
    profile = None if number is None else owner_of(database, number, at)
    if profile is None:
        raise UnknownError(
            f"No profile has this {kind}{' at that time' if at is not None else ''}. It may not occur, be spelled in"
            " another way, or be refused: see graph.rejected.",
            type=kind,
            value=str(value),
        )
    return profile


def read_profile(
    database: Database,
    schema: Schema,
    sources: Sequence[StagedSource],
    number: int,
    events_query: str,
) -> Profile:
    """Read the profile of a number."""
    name, ambiguous = database.row(
        f"SELECT name, ambiguous FROM store.profile WHERE profile = {number}"
    )
    numbers = [
        row[0]
        for row in database.rows(
            f"SELECT no FROM store.member WHERE profile = {number} ORDER BY no"
        )
    ]
    text_of = named_values(database, schema, [name, *numbers])
    identifiers = tuple(text_of[no] for no in numbers)
    return Profile(
        ":".join(text_of[name]),
        tuple(text for kind, text in identifiers if kind == schema.anchor),
        ambiguous,
        identifiers,
        number,
        database,
        schema,
        tuple(sources),
        events_query,
        database.generation,
    )


def _is_bigint(text: str) -> bool:
    """Whether a text is an integer of 64 bits, as DuckDB reads one."""
    return re.fullmatch("-?[0-9]{1,19}", text) is not None and -(2**63) <= int(text) < 2**63


def locate_event(
    database: Database, sources: Sequence[str], event_id: Any, source: str | None
) -> tuple[int, int, int]:
    """Find an event: the number of its source, its position there, and the number of its set.

    Raises
    ------
    UnknownError
        When there is no such event, or several have the id.
    """
    if source is not None and source not in sources:
        raise UnknownError(
            f"There is no source {source!r}. There are: {listing(sources)}.{did_you_mean(source, sources)}"
        )
    # A list or a dict is no id, and a half of a surrogate pair no text.
    try:
        text = canonical(event_id)
    except (TypeError, UnicodeError):
        text = None
    kind = database.columns("SELECT event_id FROM store.event")["event_id"]
    rows: list[tuple[Any, ...]] = []
    if text is not None and (kind == "VARCHAR" or _is_bigint(text)):
        where = "" if source is None else f" AND source = {sources.index(source)}"
        rows = database.rows(
            f"SELECT source, position, set_number FROM store.event WHERE event_id = $1::{kind}{where} ORDER BY source",
            [text],
        )
    if not rows:
        raise UnknownError(
            "There is no event with this id" + (f" in {source!r}." if source else "."),
            event_id=event_id,
        )
    if len(rows) > 1:
        raise UnknownError(
            f"{len(rows)} sources have an event with this id: {listing(sources[row[0]] for row in rows)}. Say which, with source=.",
            event_id=event_id,
        )
    number, position, set_number = rows[0]
    return int(number), int(position), int(set_number)


def find_event(
    database: Database, sources: Sequence[str], event_id: Any, source: str | None
) -> int:
    """Find the number of the profile of an event.

    Raises
    ------
    UnknownError
        As :func:`locate_event`, and when the event has no profile.
    """
    *_, set_number = locate_event(database, sources, event_id, source)
    profile = database.row(f"SELECT profile FROM store.eventset WHERE set_number = {set_number}")[0]
    if profile is None:
        raise UnknownError(
            "This event has no profile: it carries no identifier that links.", event_id=event_id
        )
    return int(profile)


def event_rows(
    database: Database, sources: Sequence[StagedSource], sets: tuple[int, int] | None = None
) -> list[EventRow]:
    """Give the events that have a profile, in input order; of a range of sets, or all."""
    where = "SEMI JOIN (SELECT set_number FROM store.eventset WHERE profile IS NOT NULL) s USING (set_number)"
    if sets is not None:
        where = f"WHERE set_number BETWEEN {sets[0]} AND {sets[1]}"
    names = [one.name for one in sources]
    rows = database.rows(
        f"SELECT source, event_id::VARCHAR, time, set_number FROM store.event {where} ORDER BY source, position"
    )
    return [(names[source], event_id, time, number) for source, event_id, time, number in rows]


def link_rows(database: Database, schema: Schema, profile: int | None = None) -> list[LinkRow]:
    """Give the links that hold the profiles together, strongest identifier first; of one profile, or of all."""
    one = "" if profile is None else f" WHERE profile = {profile}"
    # What an event carries is linked where the identifier is in the profile of the event, and nobody detached it.
    rows = database.rows(
        "SELECT DISTINCT s.set_number, m.no, m.profile FROM"
        f" (SELECT set_number, profile FROM store.eventset{one}) s"
        f" JOIN store.link l USING (set_number) JOIN store.value v USING (no)"
        f" JOIN (SELECT no, profile FROM store.member{one}) m ON v.identifier = m.no AND s.profile = m.profile"
        " WHERE NOT l.detached ORDER BY 1, 2"
    )
    nodes = _nodes(database, schema, sorted({(no, number) for _, no, number in rows}))
    return [(number, nodes[no, owner]) for number, no, owner in rows]


def cut_rows(database: Database, schema: Schema, sources: Sequence[StagedSource]) -> list[CutRow]:
    """Give the links that were cut, each with the identifier as it is in its own profile (the last one's, if it changed hands)."""
    rows = database.rows(
        "SELECT c.source, c.event_id, v.no, v.profile FROM store.cut c JOIN store.value v USING (no)"
        " ORDER BY c.source, c.position, v.no"
    )
    nodes = _nodes(database, schema, sorted({(no, number) for *_, no, number in rows}))
    return [(sources[source].name, event_id, nodes[no, own]) for source, event_id, no, own in rows]


def _nodes(
    database: Database, schema: Schema, members: Sequence[tuple[int, int]]
) -> dict[tuple[int, int], IdentifierNode]:
    """The node of an identifier in a profile: with its owner, if it changed hands."""
    if not members:
        return {}
    texts = named_values(database, schema, [no for no, _ in members])
    owners = {
        (no, profile): owner
        for no, profile, owner in database.rows(
            f"SELECT m.no, m.profile, {profile_id_sql('v.type', 'v.text', schema)} FROM store.member m"
            " JOIN store.profile p USING (profile) JOIN store.value v ON p.name = v.no"
            " SEMI JOIN store.owned o ON m.no = o.no"
        )
    }
    return {pair: IdentifierNode(*texts[pair[0]], owners.get(pair)) for pair in members}
