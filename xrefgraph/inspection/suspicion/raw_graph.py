"""The whole graph as its events say it, in arrays: which sets of alike events carry which identifiers, before any policy cuts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from xrefgraph.linking.components import smallest_connected
from xrefgraph.linking.evidence import distinct
from xrefgraph.lookup import value_number
from xrefgraph.store import Store
from xrefgraph.verdicts import verdicts

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

#: Words of an address on the web that tell nobody apart, and what a word is, in a regular expression of DuckDB.
SCHEMES, WORD = r"\b(https?|www)\b", r"[\p{L}\p{N}]+"


@dataclass(frozen=True)
class RawGraph:
    """Sets of alike events and the identifiers that they carry.

    Parameters
    ----------
    number : int32[identifiers]
        The numbers of the identifiers in ``store.value``, ascending: strongest first. Everything below names an identifier by
        its place here.
    rank : int32[identifiers]
        The rank of the type of each.
    types : int
        How many types there are.
    set_number : int32[sets]
        The numbers of the sets in ``store.eventset``, ascending.
    profile : int32[sets]
        The profile of their events.
    events : int64[sets]
        How many events a set stands for.
    start : int64[sets + 1]
        Set s carries ``link[start[s]:start[s + 1]]``: one identifier or more.
    link : int32[links]
        Identifiers, ascending within a set.
    """

    number: Ints
    rank: Ints
    types: int
    set_number: Ints
    profile: Ints
    events: Longs
    start: Longs
    link: Ints

    @property
    def identifiers(self) -> int:
        """How many identifiers there are."""
        return len(self.number)

    @property
    def sets(self) -> int:
        """How many sets there are."""
        return len(self.events)

    @cached_property
    def sizes(self) -> Longs:
        """How many identifiers each set carries: int64[sets]."""
        return np.diff(self.start)

    @cached_property
    def link_set(self) -> Ints:
        """The set of each link: int32[links]."""
        return np.repeat(np.arange(self.sets, dtype=np.int32), self.sizes)

    @cached_property
    def link_rank(self) -> Ints:
        """The rank of the type of the identifier of each link: int32[links]."""
        return self.rank[self.link]

    @cached_property
    def bounds(self) -> list[int]:
        """Where the identifiers of each type begin, and where the last ones end."""
        return [int(place) for place in np.searchsorted(self.rank, np.arange(self.types + 1))]

    @cached_property
    def type_counts(self) -> Ints:
        """How many identifiers of each type each set carries: int32[sets, types]."""
        found = np.empty((self.sets, self.types), np.int32, order="F")
        for rank in range(self.types):
            found[:, rank] = np.bincount(self.link_set[self.link_rank == rank], minlength=self.sets)
        return found

    @cached_property
    def carried(self) -> Longs:
        """How many events carry each identifier: int64[identifiers]."""
        weights = self.events[self.link_set]
        return np.bincount(self.link, weights, self.identifiers).astype(np.int64)


def read_raw_graph(store: Store) -> RawGraph:
    """Read what the events of a graph say.

    Parameters
    ----------
    store : Store
        The graph.

    Returns
    -------
    RawGraph
        Links that the policy cut are in it. What links nothing is not: refused, over-shared and blocked values, links that a decision
        detached, and events that contradict themselves.

    Notes
    -----
    Cost: a scan of the sets, the links and the values.
    """
    database = store.database
    values = database.arrays(
        "SELECT type, coalesce(identifier, -1)::INTEGER AS identifier, profile IS NOT NULL AS linked FROM store.value ORDER BY no"
    )
    sets = database.arrays(
        "SELECT set_number, profile, events FROM store.eventset WHERE profile IS NOT NULL ORDER BY set_number"
    )
    cells = database.arrays("SELECT set_number, no FROM store.link WHERE NOT detached")
    linked = np.append(values["linked"], False)
    identifier = values["identifier"][cells["no"]]
    inside = np.zeros(int(sets["set_number"].max(initial=-1)) + 2, bool)
    inside[sets["set_number"]] = True
    held = linked[identifier] & inside[np.minimum(cells["set_number"], len(inside) - 1)]
    keys = cells["set_number"][held].astype(np.int64) << 32 | identifier[held]
    if not (keys[1:] > keys[:-1]).all():
        keys = distinct(keys)
    carried = (keys & 0x7FFFFFFF).astype(np.int32)
    used = np.zeros(len(linked), bool)
    used[carried] = True
    number = np.flatnonzero(used).astype(np.int32)
    place = np.cumsum(used, dtype=np.int32) - 1
    of_set = (keys >> 32).astype(np.int32)
    some = distinct(of_set)
    start = np.append(np.searchsorted(of_set, some), len(of_set))
    row = np.searchsorted(sets["set_number"], some)
    return RawGraph(
        number,
        values["type"][number].astype(np.int32),
        len(store.schema.names),
        some,
        sets["profile"][row],
        sets["events"][row].astype(np.int64),
        start.astype(np.int64),
        place[carried],
    )


def alike(store: Store, raw: RawGraph, wanted: Flags) -> Ints:
    """Give each identifier the strongest one that says the same of a person: int32[identifiers].

    Two identifiers of one type that differ in spelling only (capitals, accents, punctuation, the order of words, and
    ``http://www.`` before an address) tell nobody apart; nor do two that a decision links.

    Parameters
    ----------
    store : Store
        The graph.
    raw : RawGraph
        What its events say.
    wanted : bool[identifiers]
        Whose spelling is looked at. All others are alike to nothing.

    Notes
    -----
    Cost: the words of each wanted text are put in order, in SQL.
    """
    places = np.flatnonzero(wanted).astype(np.int32)
    heads = places
    if len(places):
        # A text of one plain word is its own key. Of figures the order tells, and of a text without any word everything.
        words = f"regexp_extract_all(regexp_replace(strip_accents(lower(text)), '{SCHEMES}', ' ', 'g'), '{WORD}')"
        with store.database.registered(no=raw.number[places]) as lent:
            found = store.database.arrays(
                "SELECT no, hash(CASE WHEN regexp_full_match(text, '[a-z0-9]+') THEN [text]"
                f" WHEN NOT regexp_matches(text, '{WORD}') THEN [text, ''] WHEN NOT regexp_matches(text, '\\p{{L}}') THEN {words}"
                f" ELSE list_sort(list_distinct({words})) END) AS key FROM store.value SEMI JOIN {lent} USING (no)"
            )
        places = np.searchsorted(raw.number, found["no"]).astype(np.int32)
        order = np.lexsort((places, found["key"], raw.rank[places]))
        places, key = places[order], found["key"][order]
        new = np.ones(len(places), bool)
        new[1:] = (key[1:] != key[:-1]) | (raw.rank[places[1:]] != raw.rank[places[:-1]])
        heads = places[new][np.cumsum(new) - 1]
    linked = np.array(_linked(store, raw), np.int32).reshape(-1, 2)
    return smallest_connected(
        np.concatenate([places, linked[:, 0]]),
        np.concatenate([heads, linked[:, 1]]),
        raw.identifiers,
    )


def _linked(store: Store, raw: RawGraph) -> list[tuple[int, int]]:
    """The pairs of places that a decision links."""
    place_of = {}
    pairs = list(verdicts(store.schema).linked) if store.schema.decisions else []
    for kind, text in (one for pair in pairs for one in pair):
        number = value_number(store.database, store.schema, kind, text)
        place = raw.identifiers if number is None else int(np.searchsorted(raw.number, number))
        if place < raw.identifiers and raw.number[place] == number:
            place_of[kind, text] = place
    return [(place_of[a], place_of[b]) for a, b in pairs if a in place_of and b in place_of]
