"""From one profile into another in the raw evidence: the way that crosses the fewest cuts.

What is crossed is a link that the policy cut, a link that a decision detached, or an identifier that changed hands: it is one
node for each of its owners, and from one owner's to another's is a crossing, too. The search goes from profile to profile first, and
only the profiles on a shortest way are read.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from xrefgraph.inspection.evidence.collapse import Collapsed, Flags, Ints, Longs
from xrefgraph.inspection.subjects import Subject
from xrefgraph.linking.evidence import among, distinct, spans
from xrefgraph.store import Store

#: Its types say nothing of sparse arrays.
_dijkstra: Any = csgraph.dijkstra

#: Where all shortest ways together pass more identifiers than this, a single one is followed.
MOST_READ = 500_000

#: The larger of several groups of alike events is looked for on so many steps of a way.
_LOOKED_FOR = 2_000


# ------------------------------------------------------------------------------ from profile to profile


@dataclass(frozen=True)
class Neighbours:
    """Which profile can be entered from which, over one identifier.

    Parameters
    ----------
    profile : int32[profiles]
        The numbers of the profiles that have neighbours, ascending.
    matrix : csr_array
        Lengths. Nodes are these profiles, and behind them two for each identifier that leads from one to another: see :func:`_hubs`.
    owner : int32[identifiers]
        A profile that has this identifier, by its place.
    """

    profile: Ints
    matrix: sparse.csr_array
    owner: Ints

    @property
    def big(self) -> float:
        """The length of a crossing: longer than any way without one."""
        return float(self.matrix.shape[0] + 1)

    def place(self, profile: int) -> int:
        """Give the place of a profile; -1 where it has no neighbours."""
        place = int(np.searchsorted(self.profile, profile))
        known = place < len(self.profile) and self.profile[place] == profile
        return place if known else -1

    def between(self, store: Store, a: int, b: int) -> tuple[int, Ints]:
        """Give how many cuts have to be crossed, and the profiles to be read; none where there is no way."""
        begin, end = self.place(a), self.place(b)
        if min(begin, end) < 0:
            return 0, self.profile[:0]
        there, before = _dijkstra(self.matrix, indices=begin, return_predecessors=True)
        if not np.isfinite(there[end]):
            return 0, self.profile[:0]
        back = _dijkstra(self.matrix.T.tocsr(), indices=end)
        fewest = int(there[end] // self.big)
        count = len(self.profile)
        crossed = sum(np.floor(away[:count] / self.big) for away in (there, back))
        profiles = self.profile[crossed == fewest]
        if held_identifiers(store, profiles) > MOST_READ:
            profiles = self._along(before, begin, end)
        return fewest, profiles

    def _along(self, before: Ints, begin: int, end: int) -> Ints:
        """The profiles on one way, with an owner of each identifier that it passes."""
        nodes = [end]
        while nodes[-1] != begin:
            nodes.append(int(before[nodes[-1]]))
        count = len(self.profile)
        places = [
            node if node < count else int(self.owner[(node - count) % len(self.owner)])
            for node in nodes
        ]
        return self.profile[distinct(np.array(places, np.int32))]

    def reached(self, a: int) -> Ints:
        """Give the profiles that are connected with one that has neighbours."""
        _, label = csgraph.connected_components(self.matrix, directed=False)
        found: Ints = self.profile[label[: len(self.profile)] == label[self.place(a)]]
        return found


def neighbours(store: Store) -> Neighbours:
    """Find which profiles are next to each other: where an event of one carries an identifier of another.

    Notes
    -----
    Cost: a scan of what all sets carry, where something is contested or detached, else nothing. Each step hands on the few numbers
    that are looked for, so that no large table stands at the right of a join.
    """
    nothing = np.empty(0, np.int32)
    parts = [
        _numbers(store, "SELECT no FROM store.member WHERE status = 2 AND profile IS NOT NULL"),
        _numbers(store, "SELECT no FROM store.owned"),
        detached_links(store)[1],
    ]
    number = distinct(np.concatenate(parts))
    if not len(number):
        return Neighbours(nothing, sparse.csr_array((0, 0)), nothing)
    database = store.database
    with database.registered(no=number) as lent:
        own = database.arrays(
            f"SELECT no, profile FROM store.member SEMI JOIN {lent} USING (no) WHERE profile IS NOT NULL"
        )
    with database.registered(identifier=number) as lent:
        values = database.arrays(
            f"SELECT no, identifier FROM store.value SEMI JOIN {lent} USING (identifier) ORDER BY no"
        )
    with database.registered(no=values["no"]) as lent:
        links = database.arrays(
            f"SELECT set_number, no FROM store.link SEMI JOIN {lent} USING (no)"
        )
    with database.registered(set_number=distinct(links["set_number"])) as lent:
        sets = database.arrays(
            "SELECT set_number, coalesce(profile, -1)::INTEGER AS profile FROM store.eventset"
            f" SEMI JOIN {lent} USING (set_number) ORDER BY set_number"
        )
    carried = values["identifier"][np.searchsorted(values["no"], links["no"])]
    home = sets["profile"][np.searchsorted(sets["set_number"], links["set_number"])]
    # An identifier and a profile in one number: it has it, or an event of it carries it.
    owned: Longs = distinct(own["no"].astype(np.int64) << 32 | own["profile"].astype(np.int64))
    met: Longs = distinct(
        carried[home >= 0].astype(np.int64) << 32 | home[home >= 0].astype(np.int64)
    )
    lost = met[~among(met, owned)]
    profile = distinct(np.concatenate([owned, lost]) & 0xFFFFFFFF).astype(np.int32)
    (own_place, own_key), (lost_place, lost_key) = (
        (np.searchsorted(profile, pair & 0xFFFFFFFF), np.searchsorted(number, pair >> 32))
        for pair in (owned, lost)
    )
    owner = np.zeros(len(number), np.int32)
    owner[own_key[::-1]] = own_place[::-1]
    ends = _hubs(own_place, own_key, lost_place, lost_key, len(profile), len(number))
    return Neighbours(profile, _matrix(*ends, len(profile) + 2 * len(number)), owner)


def _numbers(store: Store, query: str) -> Ints:
    found: Ints = store.database.arrays(query)["no"].astype(np.int32)
    return found


def detached_links(store: Store) -> tuple[Ints, Ints]:
    """Give the links that decisions detached: the set, and the number of the identifier. By set, and then by number."""
    nothing = np.empty(0, np.int32)
    if not any(one.action == "detach" for one in store.schema.decisions):
        return nothing, nothing
    rows = store.database.arrays(
        "SELECT DISTINCT l.set_number, v.identifier AS no FROM store.value v"
        " JOIN (SELECT set_number, no FROM store.link WHERE detached) l USING (no)"
        " WHERE v.identifier IS NOT NULL ORDER BY 1, 2"
    )
    return rows["set_number"].astype(np.int32), rows["no"].astype(np.int32)


def _hubs(
    own: Ints | Longs,
    own_key: Longs,
    cut: Ints | Longs,
    cut_key: Longs,
    first: int,
    keys: int,
) -> tuple[Longs, Longs, Flags]:
    """Connect whoever has an identifier with whoever has lost it: from, to, and whether it is a crossing.

    From an owner to another one, and between an owner and one who lost it, is one crossing; between two who lost it, two. So there
    are two nodes for each identifier, of which the first is entered over a crossing, and left to an owner without one; the second
    is entered from an owner, and left over a crossing. Nothing is quadratic in the owners.
    """
    hub, away = first + own_key, first + keys + own_key
    lost, other = first + cut_key, first + keys + cut_key
    parts: list[tuple[Ints | Longs, Ints | Longs, bool]] = [
        (own, hub, True),
        (hub, own, False),
        (own, away, False),
        (cut, lost, True),
        (lost, cut, True),
        (other, cut, True),
    ]
    return (
        np.concatenate([a for a, _, _ in parts]).astype(np.int64),
        np.concatenate([b for _, b, _ in parts]).astype(np.int64),
        np.concatenate([np.full(len(a), crosses) for a, _, crosses in parts]),
    )


def _matrix(a: Longs, b: Longs, crosses: Flags, size: int) -> sparse.csr_array:
    """Make the lengths of edges a matrix: a crossing is longer than all that crosses nothing."""
    length = np.where(crosses, size + 1.0, 1.0)
    # Older versions of scipy search no matrix whose indices are wider.
    ends = a.astype(np.int32), b.astype(np.int32)
    return sparse.csr_array((length, ends), shape=(size, size))


def held_identifiers(store: Store, profiles: Ints) -> int:
    """Count the identifiers of some profiles."""
    with store.database.registered(profile=profiles) as lent:
        total = store.database.row(
            f"SELECT coalesce(sum(identifiers), 0) FROM store.profile SEMI JOIN {lent} USING (profile)"
        )[0]
    return int(total)


# ------------------------------------------------------------------------------ within the profiles


@dataclass(frozen=True)
class Weave:
    """What the profiles on the way hold, as a matrix of lengths.

    Nodes are, one behind the other: the identifiers of ``found``; its groups; the sets of which something is detached, as
    groups of their own; an identifier that changed hands once more for each of its owners; and two for each of these identifiers,
    as :func:`_hubs` says.
    """

    found: Collapsed
    matrix: sparse.csr_array
    sets: Ints
    set_group: Ints
    owned: Longs
    several: Ints
    detached: frozenset[tuple[int, int]]

    @property
    def groups(self) -> int:
        """The first node that is a group."""
        return self.found.identifiers

    @property
    def apart(self) -> int:
        """The first node that is a set of which something is detached."""
        return self.groups + self.found.groups

    @property
    def owners(self) -> int:
        """The first node that is an identifier as one of its owners has it."""
        return self.apart + len(self.sets)

    @property
    def hubs(self) -> int:
        """The first of the nodes between owners."""
        return self.owners + len(self.owned)

    @property
    def big(self) -> float:
        """The length of a crossing: longer than any way without one."""
        return float(self.matrix.shape[0] + 1)

    def node(self, subject: Subject) -> int:
        """Where an identifier or an event is."""
        if subject.set_number is not None:
            row = int(np.searchsorted(self.sets, subject.set_number))
            if row < len(self.sets) and self.sets[row] == subject.set_number:
                return self.apart + row
            row = int(np.searchsorted(self.found.sets, subject.set_number))
            return self.groups + int(self.found.set_group[row])
        place = self.found.place(int(subject.number or 0))
        return self.of_owner(place, int(subject.profile or 0))

    def of_owner(self, place: int, profile: int) -> int:
        """Where an identifier is, as it is a profile's."""
        key = place << 32 | profile
        row = int(np.searchsorted(self.owned, key))
        is_one = row < len(self.owned) and self.owned[row] == key
        return self.owners + row if is_one else place

    def is_event(self, node: int) -> bool:
        """Whether a node is an event, or several alike ones."""
        return self.groups <= node < self.owners

    def identifier(self, node: int) -> int:
        """The place of the identifier that a node stands for."""
        if node < self.groups:
            return node
        if node < self.hubs:
            return int(self.owned[node - self.owners] >> 32)
        return int(self.several[(node - self.hubs) % len(self.several)])

    def group(self, node: int) -> int:
        """The group of what is an event."""
        return node - self.groups if node < self.apart else int(self.set_group[node - self.apart])

    def profile(self, node: int) -> int:
        """The profile that a node is in."""
        if self.is_event(node):
            return int(self.found.profile[self.group(node)])
        if self.owners <= node < self.hubs:
            return int(self.owned[node - self.owners] & 0xFFFFFFFF)
        return int(self.found.profile_of[self.identifier(node)])

    def way(self, a: Subject, b: Subject) -> list[int]:
        """The shortest way from one to the other: nodes; empty where there is none.

        Of several as short, the one that goes over the larger groups of alike events, from the beginning.
        """
        begin, end = self.node(a), self.node(b)
        distance, after = _dijkstra(self.matrix.T.tocsr(), indices=end, return_predecessors=True)
        if not np.isfinite(distance[begin]):
            return []
        found, matrix = self.found, self.matrix
        width = np.full(matrix.shape[0], np.inf)
        width[self.groups : self.apart] = found.events
        width[self.apart : self.owners] = 0
        nodes = [begin]
        while nodes[-1] != end:
            here = nodes[-1]
            if len(nodes) > _LOOKED_FOR:
                # Nobody will look at each place of so long a way.
                nodes.append(int(after[here]))
                continue
            span = slice(matrix.indptr[here], matrix.indptr[here + 1])
            near = matrix.indices[span]
            near = near[distance[near] + matrix.data[span] == distance[here]]
            nodes.append(int(near[width[near] == width[near].max()].min()))
        return nodes

    def crossed(self, nodes: Sequence[int]) -> int:
        """How many cuts a way crosses."""
        return sum(self.crosses(a, b) for a, b in itertools.pairwise(nodes))

    def crosses(self, a: int, b: int) -> bool:
        """Whether an edge is a crossing."""
        span = slice(self.matrix.indptr[a], self.matrix.indptr[a + 1])
        at = np.flatnonzero(self.matrix.indices[span] == b)
        return bool(len(at)) and float(self.matrix.data[span][at[0]]) >= self.big


def woven(store: Store, found: Collapsed, subjects: Sequence[Subject]) -> Weave:
    """Connect what the profiles on the way hold."""
    detached = _detached(store, found)
    count = found.identifiers
    sets = distinct(detached[0])
    set_group = found.set_group[np.searchsorted(found.sets, sets)]
    # A set of which something is detached stands beside its group, which holds others alike in all that is not detached.
    position, place = spans(found.start, set_group)
    node = np.concatenate([found.link_group + count, count + found.groups + place])
    link = np.concatenate([found.link, found.link[position]])
    kept = np.concatenate([found.kept, found.kept[position]])
    profile = np.concatenate([found.profile[found.link_group], found.profile[set_group][place]])
    taken = count + found.groups + np.searchsorted(sets, detached[0])
    lost_node = np.concatenate([node[~kept], taken])
    lost = np.concatenate([link[~kept], detached[1]])
    node, link, profile = node[kept], link[kept], profile[kept]

    # One that changed hands is kept by events of others than the one it stands for; or is asked for as another's.
    asked = [
        (place, one.profile)
        for one in subjects
        if one.number is not None and one.profile is not None
        for place in [found.place(one.number)]
        if found.profile_of[place] != one.profile
    ]
    changed = profile != found.profile_of[link]
    several = distinct(
        np.concatenate([link[changed], np.array([place for place, _ in asked], link.dtype)])
    )
    is_several = np.zeros(count, bool)
    is_several[several] = True
    of_one = is_several[link]
    key = link.astype(np.int64) << 32 | profile
    owned = distinct(
        np.concatenate(
            [
                key[of_one],
                several.astype(np.int64) << 32 | found.profile_of[several],
                np.array([place << 32 | owner for place, owner in asked], np.int64),
            ]
        )
    )
    owners = count + found.groups + len(sets)
    end = np.where(of_one, owners + np.searchsorted(owned, key), link)
    weave = Weave(
        found,
        sparse.csr_array((0, 0)),
        sets,
        set_group,
        owned,
        several.astype(np.int32),
        frozenset(zip(taken.tolist(), detached[1].tolist(), strict=True)),
    )
    simple = ~is_several[lost]
    linked = _linked(found, owned, is_several, owners)
    a, b, crosses = _hubs(
        owners + np.arange(len(owned)),
        np.searchsorted(several, owned >> 32),
        lost_node[~simple],
        np.searchsorted(several, lost[~simple]),
        weave.hubs,
        len(several),
    )
    both = [(node, end, False), (lost_node[simple], lost[simple], True), (*linked, False)]
    ends_a = np.concatenate([a, *(x for one, other, _ in both for x in (one, other))])
    ends_b = np.concatenate([b, *(x for one, other, _ in both for x in (other, one))])
    flags = [np.full(2 * len(one), is_crossing) for one, _, is_crossing in both]
    matrix = _matrix(
        ends_a, ends_b, np.concatenate([crosses, *flags]), weave.hubs + 2 * len(several)
    )
    return replace(weave, matrix=matrix)


def _detached(store: Store, found: Collapsed) -> tuple[Ints, Ints]:
    """The links that decisions detached, within some profiles: the set, and the place of the identifier."""
    sets, numbers = detached_links(store)
    here = among(sets.astype(np.int64), found.sets.astype(np.int64))
    here &= among(numbers.astype(np.int64), found.identifier.astype(np.int64))
    place = np.searchsorted(found.identifier, numbers[here])
    return sets[here], place.astype(np.int32)


def _linked(found: Collapsed, owned: Longs, is_several: Flags, owners: int) -> tuple[Longs, Longs]:
    """The nodes of identifiers that decisions link: as they are one profile's, where they changed hands."""

    def of(place: int) -> dict[int, int]:
        if not is_several[place]:
            return {int(found.profile_of[place]): place}
        low, high = np.searchsorted(owned, [place << 32, (place + 1) << 32])
        return {int(owned[n] & 0xFFFFFFFF): owners + n for n in range(low, high)}

    pairs = set()
    for a, b in found.decided.tolist():
        one, other = of(a), of(b)
        pairs |= {(one[profile], other[profile]) for profile in one.keys() & other.keys()}
    ends = np.array(sorted(pairs), np.int64).reshape(-1, 2)
    return ends[:, 0], ends[:, 1]
