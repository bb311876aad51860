"""One profile: found by key, and looked at closely."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from xrefgraph.database import Database, literal
from xrefgraph.errors import SchemaError, UnknownError, counted, did_you_mean, listing
from xrefgraph.events import StagedSource
from xrefgraph.export import nested_dict
from xrefgraph.hygiene import canonical, denied_values, normalize, refusal
from xrefgraph.networks import EventNode, EventRow, LinkRow, bipartite_graph
from xrefgraph.schema import Schema

if TYPE_CHECKING:
    import networkx as nx


@dataclass(frozen=True)
class Profile:
    """Who the events and identifiers of one connected component belong to.

    Parameters
    ----------
    id : str
        The strongest identifier, as ``type:value``.
    anchors : tuple of str
        The anchors that it holds: one, none, or, where it is ambiguous, perhaps several.
    is_ambiguous : bool
        Whether it holds two values of a unique type.
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

    @property
    def anchor(self) -> str | None:
        """The anchor, as text; None where there is none, or the profile is ambiguous."""
        return self.anchors[0] if self.anchors and not self.is_ambiguous else None

    @cached_property
    def _range(self) -> tuple[int, int]:
        first, last = self._database.row(
            f"SELECT min(set_number), max(set_number) FROM store.eventset WHERE profile = {self._number}"
        )
        return (0, -1) if first is None else (first, last)

    @cached_property
    def _event_rows(self) -> list[EventRow]:
        return event_rows(self._database, self._sources, self._range)

    @property
    def events(self) -> tuple[EventNode, ...]:
        """The events, in input order."""
        return tuple(EventNode(source, event_id) for source, event_id, _, _ in self._event_rows)

    @cached_property
    def graph(self) -> nx.Graph[Any]:
        """The bipartite ``networkx.Graph`` of the profile: see :class:`EventNode` and :class:`IdentifierNode`."""
        return bipartite_graph(
            self._event_rows, link_rows(self._database, self._schema, self._range)
        )

    def to_dict(self, events: str = "ids") -> dict[str, Any]:
        """Give the part of ``graph.to_dict()`` that is about this profile.

        Parameters
        ----------
        events : {"ids", "keys", "records"}
            As in :meth:`XrefGraph.to_dict`.
        """
        mine = f"SELECT * FROM ({self._events_query}) WHERE profile_id = {literal(self.id)}"
        return nested_dict(self._database, mine, self._sources, self._schema.anchor, events)

    def _repr_html_(self) -> str:
        import html  # noqa: PLC0415

        shown = "".join(
            f"<tr><td>{html.escape(kind)}</td><td>{html.escape(value[:200])}</td></tr>"
            for kind, value in self.identifiers[:50]
        )
        more = f"<p>+{len(self.identifiers) - 50:,} more</p>" if len(self.identifiers) > 50 else ""
        state = "ambiguous" if self.is_ambiguous else "anchored" if self.anchors else "anonymous"
        return f"<p><b>{html.escape(self.id[:200])}</b>, {state}, {counted(len(self._event_rows), 'event')}</p><table>{shown}</table>{more}"


def value_number(
    database: Database, schema: Schema, kind: str, value: Any
) -> tuple[int, int] | None:
    """Find the number of an identifier and of its profile; None where no profile has it."""
    rank = schema.rank(kind)
    text = canonical(value)
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
            f"SELECT no, identifier FROM store.value WHERE type = {rank} AND text = $1", [one]
        )
        if rows and rows[0][1] is not None:
            number = rows[0][1]
            profile = database.row(f"SELECT profile FROM store.value WHERE no = {number}")[0]
            return None if profile is None else (number, profile)
    return None


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


def find_profile(
    database: Database,
    schema: Schema,
    sources: Sequence[StagedSource],
    kind: str,
    value: Any,
    events_query: str,
) -> Profile:
    """Find the profile that holds an identifier.

    Raises
    ------
    UnknownError
        When none does.
    """
    found = value_number(database, schema, kind, value)
    if found is None:
        raise UnknownError(
            f"No profile has this {kind}. It may not occur, be spelled in another way, or be refused: see"
            " graph.rejected.",
            type=kind,
            value=str(value),
        )
    number = found[1]
    ambiguous = database.row(f"SELECT ambiguous FROM store.profile WHERE profile = {number}")[0]
    numbers = [
        row[0]
        for row in database.rows(
            f"SELECT no FROM store.member WHERE profile = {number} ORDER BY no"
        )
    ]
    wanted = (
        f"no IN ({', '.join(map(str, numbers))})" if len(numbers) < 1000 else f"profile = {number}"
    )
    rows = database.rows(
        f"SELECT type, text FROM store.value WHERE no BETWEEN {numbers[0]} AND {numbers[-1]} AND {wanted}"
        " AND identifier = no ORDER BY no"
    )
    identifiers = tuple((schema.names[rank], text) for rank, text in rows)
    anchors = tuple(text for name, text in identifiers if name == schema.anchor)
    first = identifiers[0]
    return Profile(
        f"{first[0]}:{first[1]}",
        anchors,
        ambiguous,
        identifiers,
        number,
        database,
        schema,
        tuple(sources),
        events_query,
    )


def find_event(
    database: Database, schema: Schema, sources: Sequence[str], event_id: Any, source: str | None
) -> tuple[str, str]:
    """Find the strongest identifier of an event.

    Raises
    ------
    UnknownError
        When there is no such event, several have the id, or it has no profile.
    """
    if source is not None and source not in sources:
        raise UnknownError(
            f"There is no source {source!r}. There are: {listing(sources)}.{did_you_mean(source, sources)}"
        )
    text = canonical(event_id)
    kind = database.columns("SELECT event_id FROM store.event")["event_id"]
    rows: list[tuple[Any, ...]] = []
    if text is not None and (kind == "VARCHAR" or text.lstrip("-").isdigit()):
        where = "" if source is None else f" AND source = {sources.index(source)}"
        rows = database.rows(
            f"SELECT source, set_number FROM store.event WHERE event_id = $1::{kind}{where} ORDER BY source",
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
    via = database.rows(
        "SELECT v.type, v.text FROM (SELECT via FROM store.eventset WHERE set_number = $1 AND profile IS NOT NULL) s"
        " JOIN store.value v ON v.no = s.via",
        [rows[0][1]],
    )
    if not via:
        raise UnknownError(
            "This event has no profile: it carries no identifier that links.", event_id=event_id
        )
    return schema.names[via[0][0]], via[0][1]


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


def link_rows(
    database: Database, schema: Schema, sets: tuple[int, int] | None = None
) -> list[LinkRow]:
    """Give the links of the events that have a profile, strongest identifier first; of a range of sets, or all."""
    where = "" if sets is None else f" WHERE set_number BETWEEN {sets[0]} AND {sets[1]}"
    links = f"SELECT * FROM store.link{where}"
    raws = f"SELECT no, identifier FROM store.value{'' if sets is None else f' WHERE no IN (SELECT no FROM ({links}))'}"
    rows = database.rows(
        f"SELECT DISTINCT l.set_number, r.identifier FROM ({links}) l JOIN ({raws}) r USING (no)"
        " WHERE r.identifier IS NOT NULL ORDER BY 1, 2"
    )
    wanted = sorted({number for _, number in rows})
    if not wanted:
        return []
    some = f"no IN ({', '.join(map(str, wanted))})" if len(wanted) < 1000 else "identifier = no"
    texts = {
        number: (schema.names[rank], text)
        for number, rank, text in database.rows(
            f"SELECT no, type, text FROM store.value WHERE no BETWEEN {wanted[0]} AND {wanted[-1]} AND {some}"
        )
    }
    return [(number, *texts[no]) for number, no in rows]
