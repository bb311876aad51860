"""What a what-if comes to: which profiles change, what becomes of them, and of how many events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from xrefgraph.inspection.evidence.collapse import Flags, Ints, Longs
from xrefgraph.inspection.what_if.pieces import Settlement
from xrefgraph.inspection.what_if.resettle import Resettled
from xrefgraph.linking.evidence import among, distinct
from xrefgraph.lookup import named_values
from xrefgraph.profiles import ANCHORED, ANONYMOUS, STATUSES
from xrefgraph.store import Store

#: How many other profiles, and how many anchors, are named in a part at most.
NAMES = 5


@dataclass(frozen=True)
class Shift:
    """How many there are now, and how many there would be.

    Parameters
    ----------
    before, after : int
    """

    before: int
    after: int


@dataclass(frozen=True)
class Part:
    """A profile that changes: one of now, or one that would be.

    Parameters
    ----------
    profile_id : str
        Its id.
    anchors : tuple of str
        Its user ids: none, one, or several where it is ambiguous. At most five.
    anchors_left_off : int
        How many more it has.
    status : {"anchored", "anonymous", "ambiguous"}
        The status of its events.
    events, identifiers : int
        How many belong to it.
    others : tuple of str
        Of a profile of now: the ids of the profiles that its events and identifiers would be in. Of one that would be: those that
        they are in now. At most five, those that most of them are in first.
    others_left_off : int
        How many more there are.
    """

    profile_id: str
    anchors: tuple[str, ...]
    anchors_left_off: int
    status: str
    events: int
    identifiers: int
    others: tuple[str, ...]
    others_left_off: int

    def row(self) -> dict[str, Any]:
        """Give it as a row of a table."""
        more = f" (+{self.anchors_left_off:,} more)" if self.anchors_left_off else ""
        others = f" (+{self.others_left_off:,} more)" if self.others_left_off else ""
        return {
            "profile_id": self.profile_id,
            "anchors": ", ".join(self.anchors) + more,
            "status": self.status,
            "events": self.events,
            "identifiers": self.identifiers,
            "from": ", ".join(self.others) + others,
        }


@dataclass(frozen=True, kw_only=True)
class Consequences:
    """What would change, and what would not.

    Parameters
    ----------
    profiles : tuple of Part
        The profiles of now that would change: another status, or other events or identifiers. Largest first.
    profiles_left_off : int
        How many more there are.
    pieces : tuple of Part
        The profiles that would be, of those that are not as they are now. Largest first.
    pieces_left_off : int
        How many more there are.
    profiles_split, profiles_merged : int
        How many profiles of now would be in two or more; and how many that would be are of two or more of now.
    events_changing_hands : int
        Events that would be in a profile of another id, or have another anchor, or no longer have one.
    events_gaining_anchor, events_losing_anchor : int
        Events that have no anchor and would have one, and the other way round.
    events_replacing_anchor : int
        Events that have an anchor and would have another one: they would be somebody else's.
    events_left_anonymous : int
        Events in a profile with an anchor, or an ambiguous one, that would be in one without.
    events_left_without_identifier : int
        Events that would be in no profile any more.
    ambiguous_profiles, contested_identifiers, cuts : Shift
        The conflicts: profiles that hold two people, identifiers that two people reach, and links that the policy cuts. Of
        everything that hangs together with what is changed.
    """

    profiles: tuple[Part, ...]
    profiles_left_off: int
    pieces: tuple[Part, ...]
    pieces_left_off: int
    profiles_split: int
    profiles_merged: int
    events_changing_hands: int
    events_gaining_anchor: int
    events_losing_anchor: int
    events_replacing_anchor: int
    events_left_anonymous: int
    events_left_without_identifier: int
    ambiguous_profiles: Shift
    contested_identifiers: Shift
    cuts: Shift

    @property
    def conflict_solved(self) -> bool:
        """Whether there is a conflict now, and there would be none."""
        return self._conflict("before") and not self._conflict("after")

    @property
    def conflict_left(self) -> bool:
        """Whether there would be a conflict."""
        return self._conflict("after")

    def _conflict(self, side: str) -> bool:
        shifts = (self.ambiguous_profiles, self.contested_identifiers, self.cuts)
        return any(getattr(shift, side) for shift in shifts)


#: What nothing is changed by.
NOTHING: dict[str, Any] = {
    **dict.fromkeys(("profiles", "pieces"), ()),
    **dict.fromkeys(
        ("profiles_left_off", "pieces_left_off", "profiles_split", "profiles_merged"), 0
    ),
    **dict.fromkeys(("events_changing_hands", "events_gaining_anchor", "events_losing_anchor"), 0),
    **dict.fromkeys(("events_replacing_anchor", "events_left_anonymous"), 0),
    "events_left_without_identifier": 0,
    **dict.fromkeys(("ambiguous_profiles", "contested_identifiers", "cuts"), Shift(0, 0)),
}


def consequences(found: Resettled, most: int) -> dict[str, Any]:
    """Give the fields of :class:`Consequences`.

    Parameters
    ----------
    found : Resettled
        What would be.
    most : int
        How many profiles of each side are listed at most.

    Notes
    -----
    Cost: sorting the events and identifiers of the piece.
    """
    before, after = found.before, found.after
    overlap = overlaps(found)
    parts = [
        _listed(found, side, other, overlap, most, turned=turned)
        for side, other, turned in ((before, after, False), (after, before, True))
    ]
    left = ~found.removed
    was, now = before.event_status, after.event_status
    return {
        "profiles": parts[0][0],
        "profiles_left_off": parts[0][1],
        "pieces": parts[1][0],
        "pieces_left_off": parts[1][1],
        "profiles_split": _of_several(overlap.p),
        "profiles_merged": _of_several(overlap.q),
        "events_changing_hands": int(found.moved.sum()),
        "events_gaining_anchor": int(((was != ANCHORED) & (now == ANCHORED)).sum()),
        "events_losing_anchor": int((left & (was == ANCHORED) & (now != ANCHORED)).sum()),
        "events_replacing_anchor": int(
            ((was == ANCHORED) & (now == ANCHORED) & (before.event_name != after.event_name)).sum()
        ),
        "events_left_anonymous": int((left & (was != ANONYMOUS) & (now == ANONYMOUS)).sum()),
        "events_left_without_identifier": int((left & (after.event_profile < 0)).sum()),
        "ambiguous_profiles": Shift(int(before.ambiguous.sum()), int(after.ambiguous.sum())),
        "contested_identifiers": Shift(len(before.contested), len(after.contested)),
        "cuts": Shift(before.cuts, after.cuts),
    }


@dataclass(frozen=True)
class Overlaps:
    """How many events and identifiers each profile of now has in common with each that would be.

    Parameters
    ----------
    p, q : int64[pairs]
        The places of both profiles. By ``p``, then by ``q``.
    members : int64[pairs]
        How many. An identifier of several profiles, before or after, does not count: it does not tell which became which.
    """

    p: Longs
    q: Longs
    members: Longs


def overlaps(found: Resettled) -> Overlaps:
    """Lay the profiles of now over those that would be."""
    before, after = found.before, found.after
    both = (before.event_profile >= 0) & (after.event_profile >= 0)
    one, other = _alone(before), _alone(after)
    shared = one[0][among(one[0].astype(np.int64), other[0].astype(np.int64))]
    places = [side[1][np.searchsorted(side[0], shared)] for side in (one, other)]
    p = np.concatenate([before.event_profile[both], places[0]]).astype(np.int64)
    q = np.concatenate([after.event_profile[both], places[1]]).astype(np.int64)
    keys = np.sort(p << 32 | q)
    starts = (
        np.flatnonzero(np.append(True, keys[1:] != keys[:-1]))
        if len(keys)
        else np.empty(0, np.int64)
    )
    pairs = keys[starts]
    return Overlaps(pairs >> 32, pairs & 0x7FFFFFFF, np.diff(np.append(starts, len(keys))))


def _alone(side: Settlement) -> tuple[Ints, Ints]:
    """The identifiers of one profile each, ascending, and that profile."""
    order = np.argsort(side.member, kind="stable")
    member, profile = side.member[order], side.member_profile[order]
    again = member[1:] == member[:-1]
    alone = ~(np.append(again, False) | np.append(False, again))[: len(member)]
    return member[alone], profile[alone]


def _of_several(places: Longs) -> int:
    """How many places occur more than once."""
    return int((np.bincount(places) > 1).sum()) if len(places) else 0


def _changed(side: Settlement, other: Settlement) -> Flags:
    """Which profiles of a side are not on the other one as they are: bool[profiles]."""
    place = np.searchsorted(other.name, side.name)
    twin = np.append(other.name, np.int32(-1))[np.minimum(place, len(other.name))] == side.name
    twin[twin] = side.status[twin] == other.status[place[twin]]
    changed: Flags = ~twin
    # Events that went, or came; removed ones have gone.
    went = side.event_name != other.event_name
    mine = side.event_profile[went]
    changed[mine[mine >= 0]] = True
    keys, theirs = (
        one.name[one.member_profile].astype(np.int64) << 32 | one.member for one in (side, other)
    )
    gone = ~among(keys, np.sort(theirs))
    changed[side.member_profile[gone]] = True
    # What is new on the other side changes the profile of the same name here.
    new = ~among(theirs, np.sort(keys))
    grown = distinct(
        np.concatenate([other.name[other.member_profile[new]], other.event_name[went]])
    )
    return changed | among(side.name.astype(np.int64), grown.astype(np.int64))


def _listed(
    found: Resettled,
    side: Settlement,
    other: Settlement,
    overlap: Overlaps,
    most: int,
    *,
    turned: bool,
) -> tuple[tuple[Part, ...], int]:
    """The largest profiles of a side that are not on the other one as they are, and how many more there are."""
    changed = np.flatnonzero(_changed(side, other))
    order = np.lexsort((side.name[changed], -side.identifiers[changed], -side.events[changed]))
    shown = changed[order[:most]]
    mine, theirs = (overlap.q, overlap.p) if turned else (overlap.p, overlap.q)
    wanted: list[tuple[int, Ints, int, Ints, int]] = []
    for place in shown.tolist():
        pairs = np.flatnonzero(mine == place)
        best = pairs[np.lexsort((theirs[pairs], -overlap.members[pairs]))]
        anchors = _anchors(found, side, place)
        wanted.append(
            (
                place,
                other.name[theirs[best[:NAMES]]],
                len(best[NAMES:]),
                anchors[:NAMES],
                len(anchors[NAMES:]),
            )
        )
    numbers = {
        int(number)
        for place, others, _, anchors, _ in wanted
        for number in (side.name[place], *others, *anchors)
    }
    store: Store = found.piece.store
    texts = named_values(store.database, store.schema, numbers)
    parts = tuple(
        Part(
            ":".join(texts[int(side.name[place])]),
            tuple(texts[int(number)][1] for number in anchors),
            more_anchors,
            STATUSES[side.status[place]],
            int(side.events[place]),
            int(side.identifiers[place]),
            tuple(":".join(texts[int(number)]) for number in others),
            more_others,
        )
        for place, others, more_others, anchors, more_anchors in wanted
    )
    return parts, len(changed) - len(shown)


def _anchors(found: Resettled, side: Settlement, place: int) -> Ints:
    """The numbers of the anchors of a profile, ascending."""
    if not side.anchored[place]:
        return np.empty(0, np.int32)
    piece = found.piece
    start, end = np.searchsorted(side.member_profile, [place, place + 1])
    held: Ints = side.member[start:end]
    anchors: Ints = held[piece.rank[np.searchsorted(piece.identifier, held)] == 0]
    return anchors
