"""A whole graph as arrays: who carries what, how much of it there is, and who meets whom."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy import sparse

from xrefgraph.linking.evidence import distinct
from xrefgraph.profiles import CONTRADICTORY
from xrefgraph.store import Store

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

#: What an event with more identifiers brings together is counted without looking whether it met elsewhere.
WIDE = 100

#: How many pairs of identifiers are looked at in one go: what bounds the memory.
PAIRS = 20_000_000


@dataclass(frozen=True)
class Links:
    """What the sets of alike events carry, over the whole graph.

    Parameters
    ----------
    start : int64[sets + 1]
        Set s carries ``identifier[start[s]:start[s + 1]]``, strongest first. Sets are numbered as in ``store.eventset``.
    identifier : int32[links]
        By their numbers in ``store.value``. Links that a decision detached, and values that link nothing, are not among them;
        those that the policy cut are.
    events : int64[sets]
        How many events a set has.
    contradictory : bool[sets]
        Whether they carry two values of a unique type, and so link nothing.
    bounds : int64[types + 1]
        Where the numbers of each type begin, by rank.
    profile_of : int32[values]
        The profile of each identifier, -1 of what is none.
    """

    start: Longs
    identifier: Ints
    events: Longs
    contradictory: Flags
    bounds: Longs
    profile_of: Ints

    @cached_property
    def set_of(self) -> Ints:
        """The set of each link: int32[links]."""
        return np.repeat(np.arange(len(self.events), dtype=np.int32), np.diff(self.start))

    @cached_property
    def rank(self) -> Longs:
        """The rank of the type of each link: int64[links]."""
        return np.searchsorted(self.bounds[1:], self.identifier, side="right").astype(np.int64)

    @cached_property
    def linking(self) -> Longs:
        """The links of the events that link something: int64[some]."""
        return np.flatnonzero(~self.contradictory[self.set_of])

    @property
    def types(self) -> int:
        """How many types there are."""
        return len(self.bounds) - 1

    @property
    def identifiers(self) -> Longs:
        """The identifiers that are in a profile, ascending."""
        return np.flatnonzero(self.profile_of >= 0)

    def of_type(self, rank: int) -> Longs:
        """The links of the events that link something, to identifiers of a type: int64[some]."""
        place: Longs = self.linking[self.rank[self.linking] == rank]
        return place

    @cached_property
    def carried(self) -> Longs:
        """How many events carry each identifier, contradictory ones too: int64[values]."""
        return np.bincount(self.identifier, self.events[self.set_of], len(self.profile_of)).astype(
            np.int64
        )

    @cached_property
    def several(self) -> Longs:
        """The pairs of a set and a type of which it has two values or more, as ``set * types + rank``, ascending: int64[pairs]."""
        keys = np.sort(self.set_of.astype(np.int64) * self.types + self.rank)
        return distinct(keys[1:][keys[1:] == keys[:-1]])


def read_links(store: Store) -> Links:
    """Read all links of a graph.

    Notes
    -----
    Cost: a scan of the sets, of the values and of the links.
    """
    database = store.database
    sets = database.arrays("SELECT events, status FROM store.eventset ORDER BY set_number")
    values = database.arrays(
        "SELECT type, coalesce(identifier, -1)::INTEGER AS identifier,"
        " CASE WHEN identifier = no THEN coalesce(profile, -1) ELSE -1 END::INTEGER AS profile FROM store.value ORDER BY no"
    )
    cells = database.arrays("SELECT set_number, no FROM store.link WHERE NOT detached")
    identifier = values["identifier"][cells["no"]]
    links = identifier >= 0
    keys = cells["set_number"][links].astype(np.int64) << 32 | identifier[links]
    if not (
        keys[1:] > keys[:-1]
    ).all():  # they stand in order, but for two spellings of one identifier
        keys = distinct(keys)
    return Links(
        np.searchsorted(keys, np.arange(len(sets["events"]) + 1) << 32),
        (keys & 0x7FFFFFFF).astype(np.int32),
        sets["events"].astype(np.int64),
        sets["status"] == CONTRADICTORY,
        np.searchsorted(values["type"], np.arange(len(store.schema.names) + 1)),
        values["profile"],
    )


def others_met(links: Links) -> tuple[Longs, int]:
    """Count how many other identifiers each one meets: stands with on an event.

    Parameters
    ----------
    links : Links
        Those of events that contradict themselves do not count.

    Returns
    -------
    int64[values]
        The number, 0 also of what is no identifier.
    int
        How many sets carry more than 100 identifiers. What stands in several sets counts those that it met in these without
        looking whether it met them elsewhere, so it may have met fewer.

    Notes
    -----
    Of an identifier that stands in one set, the others in it. Of all others the rows of the product of the incidence with its
    transpose, block by block, of which only the lengths are kept. Cost: links times the identifiers of their events, of which
    at most 100 are looked at.
    """
    place = links.linking
    size = np.bincount(links.set_of[place], minlength=len(links.events))
    place = place[size[links.set_of[place]] > 1]
    identifier, of_set = links.identifier[place], links.set_of[place]
    found = np.bincount(identifier, size[of_set] - 1, len(links.profile_of)).astype(np.int64)
    stands = np.bincount(identifier, minlength=len(found))
    wide = size[of_set] > WIDE
    again = distinct(identifier[(stands[identifier] > 1) & ~wide])
    if len(again):
        found[again] = np.bincount(identifier[wide], size[of_set[wide]] - 1, len(found))[again]
        # Rows are sets without their gaps, and columns identifiers.
        kept = of_set[~wide]
        rows = np.concatenate([[0], np.cumsum(kept[1:] != kept[:-1])]) if len(kept) else kept
        start = np.searchsorted(rows, np.arange(int(rows[-1]) + 2))
        of_sets = sparse.csr_array(
            (np.ones(len(kept), bool), identifier[~wide], start),
            shape=(len(start) - 1, len(found)),
        )
        of_identifiers = of_sets.T.tocsr()
        pairs = np.bincount(identifier[~wide], size[kept], len(found))[again]
        block = (np.cumsum(pairs) // PAIRS).astype(np.int64)
        for rows_of_block in np.split(again, np.flatnonzero(np.diff(block)) + 1):
            product = of_identifiers[rows_of_block] @ of_sets
            found[rows_of_block] += np.diff(product.indptr) - 1
    return found, int((size > WIDE).sum())


def types_met(links: Links) -> tuple[Longs, Longs]:
    """Count in how many events, and in how many sets of alike ones, each type stands together with each other.

    Returns
    -------
    int64[types, types], int64[types, types]
        Symmetric. In the diagonal: how many carry the type at all.
    """
    keys = distinct(links.rank[links.linking] * len(links.events) + links.set_of[links.linking])
    rank, of_set = np.divmod(keys, max(1, len(links.events)))
    start = np.searchsorted(rank, np.arange(links.types + 1))
    shape = (links.types, max(1, len(links.events)))
    ones = sparse.csr_array((np.ones(len(of_set), np.int64), of_set, start), shape=shape)
    weighed = sparse.csr_array((links.events[of_set], of_set, start), shape=shape)
    return (weighed @ ones.T).toarray(), (ones @ ones.T).toarray()
