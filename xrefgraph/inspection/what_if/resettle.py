"""What if: some raw profiles settled again under other decisions, as a rebuild of the whole graph would settle them.

The effect of a decision on single identifiers or events stays within their raw profile: everything that the policy parted
from each other. So it is enough to read that, and to run the same stage of linking on it. Steps 1 to 3 of the rules (what is
refused, contradictory, or shared by too many) are as they were: decisions come after them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from xrefgraph.database import Database
from xrefgraph.decision_files import read_decisions
from xrefgraph.decisions import Decision
from xrefgraph.events import Staged
from xrefgraph.eventsets import instant_sql
from xrefgraph.identifiers import Incidence, strongest_of
from xrefgraph.inspection.evidence.collapse import Flags, Ints, Longs
from xrefgraph.inspection.what_if.pieces import (
    Pairs,
    Piece,
    Settlement,
    around,
    ascending,
    numbered_pairs,
    numbers_of,
    ordered_pairs,
    pairs_inside,
    read_piece,
)
from xrefgraph.linking.evidence import among, distinct, spans
from xrefgraph.profiles import ANCHORED, Labels, memberships
from xrefgraph.profiles import link as link_sets
from xrefgraph.restrictions import Restrictions
from xrefgraph.verdicts import verdicts

__all__ = ["Piece", "Resettled", "Settlement", "around", "numbers_of", "read_piece", "resettle"]


@dataclass(frozen=True)
class Resettled:
    """Some raw profiles under other decisions, beside what they are now.

    Parameters
    ----------
    piece : Piece
        What was settled again.
    before, after : Settlement
        Of the same events, in the order of ``piece.event_set``. Events that are removed have no profile after.
    removed : bool[events]
        The events that are removed.
    blocked : int32[some]
        The numbers of the identifiers that link nothing after.
    """

    piece: Piece
    before: Settlement
    after: Settlement
    removed: Flags
    blocked: Ints

    @property
    def moved(self) -> Flags:
        """Which events change hands: they are there after, in a profile of another id, or with another anchor. bool[events]."""
        names = self.before.event_name != self.after.event_name
        # The anchor is what names an anchored profile, so the id and the status say both.
        one, other = self.before.event_status == ANCHORED, self.after.event_status == ANCHORED
        moved: Flags = ~self.removed & (names | (one != other))
        return moved

    def apart(self, a: int, b: int) -> bool:
        """Say whether no profile after holds both of two identifiers, by their numbers."""
        return not set(self.after.profiles_of(a).tolist()) & set(self.after.profiles_of(b).tolist())


def resettle(
    piece: Piece,
    *,
    decisions: Sequence[Decision | Mapping[str, Any]] = (),
    block: Iterable[int] | Ints = (),
    detach: Pairs = (),
    remove: Iterable[int] | Ints = (),
    link: Pairs = (),
    separate: Pairs = (),
) -> Resettled:
    """Settle some raw profiles again, exactly as a rebuild of the whole graph with these changes would.

    Parameters
    ----------
    piece : Piece
        What :func:`read_piece` read.
    decisions : sequence of Decision or dict, optional
        Taken beside those of the schema, and after them: a later ``link`` or ``separate`` of a pair replaces an earlier one. What they
        name outside the piece is left as it is.
    block : int32[some], optional
        Numbers of identifiers in ``store.value`` that are to link nothing.
    detach : pairs of int, optional
        (set in ``store.eventset``, identifier): links that are to go, at all events of the set.
    remove : int32[some], optional
        Sets in ``store.eventset`` whose events are to be gone.
    link, separate : pairs of int, optional
        Identifiers that are one, or that may not share a profile; as if they were decided last.

    Returns
    -------
    Resettled

    Raises
    ------
    SchemaError
        When the decisions contradict each other, or those of the schema.

    Notes
    -----
    What is refused, contradictory, or shared by too many stays so: decisions come after these. For events that are removed
    this is a choice: without them, a value might be shared by fewer.

    Cost: that of the policy on the piece.

    Examples
    --------
    >>> import xrefgraph as xg
    >>> rows = [{"db_id": 1, "cookie": "x"}, {"db_id": 2, "cookie": "x"}, {"cookie": "x"}]
    >>> graph = xg.build(rows, xg.Schema(["db_id", "cookie"], anchor="db_id", conflicts="keep"))
    >>> piece = read_piece(graph.store, around(graph.store, [0]))
    >>> found = resettle(piece, decisions=[{"action": "block", "identifier": ["cookie", "x"]}])
    >>> found.before.name.tolist(), found.after.name.tolist(), found.after.event_profile.tolist()
    ([0], [0, 1], [0, 1, -1])
    """
    change = _change(piece, decisions, block, detach, remove, (link, separate))
    events, incidence = _incidence(piece, change)
    # Nobody is linked with what no event carries.
    linked, separated = (
        pairs[incidence.held[pairs].all(axis=1)] for pairs in (change.linked, change.separated)
    )
    restrictions = Restrictions({}, linked, separated, np.empty(0, np.int64), (), ())
    database, catalog = piece.store.database.beside()
    try:
        staged = _lay_out(database, catalog, piece, change, events)
        labels = link_sets(database, staged, incidence, piece.store.schema, restrictions)
    finally:
        database.close()
    after = _settlement(piece, change, events, incidence, labels)
    return Resettled(piece, piece.now, after, change.removed, change.blocked)


@dataclass(frozen=True)
class _Change:
    """What is other than it was.

    Parameters
    ----------
    blocked : int32[some]
        Numbers of identifiers.
    origin : int64[sets]
        The place of the set in the piece that each set is, or is a part of.
    event_set : int32[events]
        The set of each event: events of which something is detached are sets of their own, behind the others.
    cut, cut_events : int64[links]
        Links of whole sets of the piece, and of sets, that go: ``set << 32 | identifier``, as places, ascending.
    removed : bool[events]
        The events that go.
    linked, separated : int32[pairs, 2]
        Places of identifiers.
    """

    blocked: Ints
    origin: Longs
    event_set: Ints
    cut: Longs
    cut_events: Longs
    removed: Flags
    linked: Ints
    separated: Ints


def _change(
    piece: Piece,
    decisions: Sequence[Decision | Mapping[str, Any]],
    block: Iterable[int] | Ints,
    detach: Pairs,
    remove: Iterable[int] | Ints,
    pairs: tuple[Pairs, Pairs],
) -> _Change:
    linked, separated = piece.linked, piece.separated
    blocked = ascending(block)
    of_events: dict[str, list[int]] = {}
    if decisions:
        schema = piece.store.schema
        taken = (*schema.decisions, *read_decisions(list(decisions), "the what-if"))
        decided = verdicts(replace(schema, decisions=taken))
        known = numbers_of(piece.store, [*decided.blocked, *(one for one, _ in decided.detached)])
        blocked = ascending([*blocked, *(known[one] for one in decided.blocked if one in known)])
        for one, event in decided.detached:
            of_events.setdefault(event, []).extend([known[one]] if one in known else [])
        linked = pairs_inside(piece.identifier, numbered_pairs(piece.store, decided.linked))
        separated = pairs_inside(piece.identifier, numbered_pairs(piece.store, decided.separated))
    linked, separated = _last_said(linked, separated, *pairs)
    blocked = blocked[among(blocked, piece.identifier.astype(np.int64))]
    cut = np.array(detach if isinstance(detach, np.ndarray) else list(detach), np.int64).reshape(
        -1, 2
    )
    cut = cut[
        among(cut[:, 0], piece.set_number.astype(np.int64))
        & among(cut[:, 1], piece.identifier.astype(np.int64))
    ]
    event_set, parts, cut_events = _own_sets(piece, of_events)
    of_set = np.zeros(len(piece.set_number), bool)
    of_set[_places(piece.set_number, ascending(remove))] = True
    return _Change(
        blocked.astype(np.int32),
        np.concatenate([np.arange(len(piece.set_number)), parts]),
        event_set,
        distinct(
            _keys(
                np.searchsorted(piece.set_number, cut[:, 0]),
                np.searchsorted(piece.identifier, cut[:, 1]),
            )
        ),
        cut_events,
        of_set[piece.event_set],
        *(
            np.searchsorted(piece.identifier, _alive(some, blocked)).astype(np.int32)
            for some in (linked, separated)
        ),
    )


def _keys(sets: Longs, identifiers: Ints | Longs) -> Longs:
    keys: Longs = sets.astype(np.int64) << 32 | identifiers
    return keys


def _places(known: Ints, wanted: Longs) -> Longs:
    """The places of those numbers that are there."""
    inside = among(wanted, known.astype(np.int64))
    return np.searchsorted(known, wanted[inside]).astype(np.int64)


def _alive(pairs: Ints, blocked: Longs) -> Ints:
    """The pairs of which none is blocked: that beats every other decision."""
    return pairs[~among(pairs.ravel().astype(np.int64), blocked).reshape(-1, 2).any(axis=1)]


def _last_said(linked: Ints, separated: Ints, link: Pairs, separate: Pairs) -> tuple[Ints, Ints]:
    """The pairs, after some were decided last."""
    one, other, more, less = (
        {(int(a), int(b)) for a, b in ordered_pairs(pairs)}
        for pairs in (linked, separated, link, separate)
    )
    return ordered_pairs((one - less) | more), ordered_pairs((other - more) | less)


def _own_sets(piece: Piece, of_events: Mapping[str, list[int]]) -> tuple[Ints, Longs, Longs]:
    """Make sets of their own of the events of which something is detached.

    Returns
    -------
    event_set : int32[events]
        The set of each event: the new ones come after the old ones.
    parts : int64[new sets]
        The place of the set that each was a part of.
    cut_events : int64[links]
        The links that are detached, ascending.
    """
    ids, count = sorted(of_events), len(piece.set_number)
    if not ids:
        return piece.event_set, np.empty(0, np.int64), np.empty(0, np.int64)
    with piece.store.database.registered(
        event_id=np.array(ids, dtype=object), number=np.arange(len(ids), dtype=np.int64)
    ) as lent:
        rows = piece.store.database.arrays(
            "SELECT e.source, e.position, l.number FROM store.event e"
            f" JOIN (SELECT event_id::VARCHAR AS event_id, number FROM {lent}) l ON e.event_id::VARCHAR = l.event_id"
        )
    # What one id names in two sources is alike if it carries the same.
    stands, wanted = (
        source.astype(np.int64) << 48 | position
        for source, position in (
            (piece.event_source, piece.event_position),
            (rows["source"], rows["position"]),
        )
    )
    by_place = np.argsort(stands)
    inside = among(wanted, stands[by_place])
    event = by_place[np.searchsorted(stands[by_place], wanted[inside])]
    keys = _keys(piece.event_set[event].astype(np.int64), rows["number"][inside])
    new = distinct(keys)
    event_set = piece.event_set.copy()
    event_set[event] = count + np.searchsorted(new, keys)
    gone = [np.empty(0, np.int64)]
    for place, number in enumerate((new & 0x7FFFFFFF).tolist(), count):
        identifiers = _places(piece.identifier, ascending(of_events[ids[number]]))
        gone.append(_keys(np.full(len(identifiers), place), identifiers))
    return event_set, new >> 32, np.concatenate(gone)


def _incidence(piece: Piece, change: _Change) -> tuple[Longs, Incidence]:
    """The events of each set, and the links that are left."""
    start = np.searchsorted(piece.link_set, np.arange(len(piece.set_number) + 1))
    row, link_set = spans(start, change.origin)
    link_identifier = piece.link_identifier[row]
    events = np.bincount(change.event_set[~change.removed], minlength=len(change.origin)).astype(
        np.int64
    )
    blocked = np.zeros(len(piece.identifier), bool)
    blocked[_places(piece.identifier, change.blocked.astype(np.int64))] = True
    there = events[link_set] > 0
    held = ~blocked & _carried(piece, change, link_identifier[there])
    kept = there & ~blocked[link_identifier]
    if len(change.cut):
        kept &= ~among(_keys(change.origin[link_set], link_identifier), change.cut)
    if len(change.cut_events):
        kept &= ~among(_keys(link_set, link_identifier), change.cut_events)
    of_set, link_identifier = link_set[kept].astype(np.int32), link_identifier[kept]
    bounds = np.searchsorted(piece.rank, np.arange(len(piece.store.schema.names) + 1))
    return events, Incidence(
        of_set,
        link_identifier,
        strongest_of(of_set, link_identifier),
        held,
        np.where(held, np.arange(len(held), dtype=np.int32), np.int32(-1)),
        np.empty(0, np.int32),
        tuple(bounds.tolist()),
        # All links are given, also those of sets of one identifier: as where a column holds several values.
        frozenset({0}),
        np.empty(0, np.int64),
    )


def _carried(piece: Piece, change: _Change, identifiers: Ints) -> Flags:
    """Which identifiers some event that is left carries, even where a decision detaches it."""
    if not change.removed.any():
        return np.ones(len(piece.identifier), bool)
    found = np.zeros(len(piece.identifier), bool)
    found[identifiers] = True
    if any(one.action == "detach" for one in piece.store.schema.decisions):
        gone = piece.set_number[distinct(piece.event_set[change.removed])]
        with piece.store.database.registered(set_number=gone) as lent:
            rest = piece.store.database.arrays(
                "SELECT DISTINCT v.identifier AS no FROM store.value v SEMI JOIN (SELECT no FROM store.link"
                f" ANTI JOIN {lent} USING (set_number) WHERE detached) l USING (no) WHERE v.identifier IS NOT NULL"
            )["no"]
        found[_places(piece.identifier, ascending(rest))] = True
    return found


def _lay_out(
    database: Database, catalog: str, piece: Piece, change: _Change, events: Longs
) -> Staged:
    """Make the tables that policies ask: ``sets``, ``staged``, and for a function ``value``.

    Of what an event carries they need only to know which events are alike: the number of the set says it.
    """
    ranks = range(1, len(piece.store.schema.names))
    nothing = "".join(f", NULL::VARCHAR AS raw_{rank}" for rank in ranks)
    with database.registered(place=np.arange(len(events)), events=events) as lent:
        database.run(
            f"CREATE TEMP TABLE sets AS SELECT [place::VARCHAR] AS raw_0{nothing}, events FROM {lent} ORDER BY place"
        )
    there = ~change.removed
    with database.registered(
        source=piece.event_source[there],
        position=piece.event_position[there],
        time=piece.event_time[there],
        place=change.event_set[there],
    ) as lent:
        database.run(
            f"CREATE TEMP TABLE staged AS SELECT source, position, {instant_sql('time')} AS time, [place::VARCHAR] AS raw_0{nothing} FROM {lent}"
        )
    if piece.store.schema.policy.function is not None:
        database.run("ALTER TABLE staged RENAME TO unnamed")
        database.run(
            "CREATE TEMP TABLE staged AS SELECT u.*, e.event_id FROM"
            f" (SELECT source, position, event_id FROM {catalog}.store.event SEMI JOIN unnamed USING (source, position)) e"
            " JOIN unnamed u ON e.position = u.position AND e.source = u.source"
        )
        with database.registered(
            no=piece.identifier, place=np.arange(len(piece.identifier))
        ) as lent:
            database.run(
                "CREATE TEMP TABLE value AS SELECT l.place AS no, v.type, v.text FROM"
                f" {catalog}.store.value v JOIN {lent} l ON v.no = l.no"
            )
    return Staged(piece.store.sources, frozenset({0}), (), integer_ids=False)


def _settlement(
    piece: Piece, change: _Change, events: Longs, incidence: Incidence, labels: Labels
) -> Settlement:
    """Who is who after."""
    settled = labels.settled
    strongest = np.full(len(events), -1, np.int32)
    strongest[incidence.link_set] = incidence.link_strongest
    of_set = np.where(strongest >= 0, labels.profile_of[strongest], np.int32(-1))
    event_profile = of_set[change.event_set]
    if settled.moved is not None and len(settled.moved.profile):
        stands, moved = (
            source.astype(np.int64) << 48 | position
            for source, position in (
                (piece.event_source, piece.event_position),
                (settled.moved.events.source, settled.moved.events.position),
            )
        )
        by_place = np.argsort(stands)
        event_profile[by_place[np.searchsorted(stands[by_place], moved)]] = settled.moved.profile
    event_profile[change.removed] = -1
    member, member_profile = memberships(settled)
    profiles = len(labels.strongest)
    cuts = settled.cuts.at
    return Settlement(
        piece.identifier[labels.strongest],
        labels.anchored,
        labels.ambiguous,
        labels.over_limit,
        np.bincount(event_profile[event_profile >= 0], minlength=profiles),
        np.bincount(member_profile, minlength=profiles),
        piece.identifier[member],
        member_profile,
        event_profile,
        piece.identifier[settled.contested],
        len(cuts) if settled.cut_events is not None else int(events[cuts].sum()),
    )
