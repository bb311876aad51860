"""What of a profile is whose, and what lies at the borders: discs, and the identifiers between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xrefgraph.errors import counted
from xrefgraph.inspection.draw.layout.masking import masked_node
from xrefgraph.inspection.draw.layout.scene import Scene
from xrefgraph.inspection.evidence.collapse import Collapsed, Flags, Ints, Longs, oldest_events
from xrefgraph.inspection.evidence.evidence_path import Node, nodes_of
from xrefgraph.inspection.evidence.owners import owners_of
from xrefgraph.linking.components import smallest_connected

#: So many identifiers at the borders are named, and so many owners are in a table.
BORDERS, TABLE = 12, 20
#: So many suspects are named above a table.
TABLE_SUSPECTS = 3


@dataclass(frozen=True)
class Territory:
    """What is an owner's.

    Parameters
    ----------
    node : Node or None
        The owner; None where there is none.
    kind : str
        The name of its type.
    events : int
        How many events are its own; in a table, how many carry it.
    counts : tuple of (str, int)
        How many identifiers of each type are its own, the owner left out; strongest first.
    """

    node: Node | None
    kind: str
    events: int
    counts: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Reach:
    """How far something at the border reaches into a territory.

    Parameters
    ----------
    territory : int
        Its place in ``Territories.territories``.
    events, cut : int
        How many events of it carry the identifier, and how many more did before the policy cut them.
    """

    territory: int
    events: int
    cut: int


@dataclass(frozen=True)
class Border:
    """What lies between territories: an identifier, or alike events that carry what several owners have.

    Parameters
    ----------
    node : Node
        The identifier; of events, the oldest of them.
    kind : str
        The name of the type; ``event`` for events.
    rank : int
        The rank of the type; -1 for events.
    events : int
        How many events carry it; of events, how many they are.
    is_culprit, every_route : bool
        Whether it is suspected of joining owners, and whether every way between two of them passes it.
    reaches : tuple of Reach
        In the order of the territories.
    linked : tuple of Node
        What a decision links it with, beyond a border.
    shared : tuple of (Node, int)
        Other borders with which it is on events that are no one's, and how many these are.
    beside : int
        Above a table: how many owners are on its events.
    """

    node: Node
    kind: str
    rank: int
    events: int
    is_culprit: bool
    every_route: bool
    reaches: tuple[Reach, ...]
    linked: tuple[Node, ...]
    shared: tuple[tuple[Node, int], ...] = ()
    beside: int = 0


@dataclass(frozen=True)
class Territories:
    """A profile as territories.

    Parameters
    ----------
    scene : Scene
        What is drawn.
    territories : tuple of Territory
        In the order of ``scene.owners``; one for all where there are fewer than two owners. Of more than eight owners, a table: those that most
        events carry, twenty at most.
    is_table : bool
        Whether it is a table.
    owners_left_off : int
        How many owners are not in it.
    borders : tuple of Border
        Suspects first, then what most events carry on its smaller sides.
    borders_left_off : int
        How many more identifiers lie on two sides.
    nobody_events, nobody_identifiers : int
        How many are no one's, since only what is suspected holds them.
    """

    scene: Scene
    territories: tuple[Territory, ...]
    is_table: bool = False
    owners_left_off: int = 0
    borders: tuple[Border, ...] = ()
    borders_left_off: int = 0
    nobody_events: int = 0
    nobody_identifiers: int = 0

    @property
    def left_out(self) -> str:
        """What is not drawn, in words; empty where everything is."""
        said = []
        if self.is_table:
            shown = len(self.territories)
            said.append(
                f"{shown:,} of {shown + self.owners_left_off:,} owners, those that most events carry"
                if self.owners_left_off
                else f"{counted(shown, 'owner')}: too many for a picture"
            )
        if self.borders_left_off:
            said.append(
                f"{counted(self.borders_left_off, 'more identifier')} on two sides not drawn"
            )
        if self.nobody_events:
            stay = "stays" if self.nobody_events == 1 else "stay"
            said.append(f"{counted(self.nobody_events, 'event')} {stay} with the suspects alone")
        return "; ".join(said)


def territories_of(scene: Scene, most: int = BORDERS) -> Territories:
    """Divide a profile between its owners.

    Parameters
    ----------
    scene : Scene
        What is drawn.
    most : int
        How many identifiers at the borders are named.

    Notes
    -----
    What hangs together with one owner only when the suspects are taken away is this owner's: so the numbers are those of the profiles that
    blocking them gives. Where several still hang together, each identifier is the nearest owner's, by their potentials. Cost: what the
    profile holds.
    """
    found = scene.drawn.linked
    if scene.owner_count > len(scene.owners) > 1:
        return _table(scene)
    if len(scene.owners) < 2:
        return Territories(scene, (_only(scene),))
    suspects, guilty = _suspects(scene)
    own = _own(scene, found, suspects, guilty)
    identifiers, groups = own[: found.identifiers], own[found.identifiers :]
    count = len(scene.owners)
    types = len(scene.types)
    events = np.bincount(groups[groups >= 0], found.events[groups >= 0], count).astype(np.int64)
    mine = (identifiers >= 0) & ~suspects & (found.rank >= 0)
    mine[list(scene.sides.owners)] = False
    table = np.bincount(
        identifiers[mine].astype(np.int64) * types + found.rank[mine], minlength=count * types
    ).reshape(count, types)
    territories = tuple(
        Territory(
            scene.rows[row].node,
            scene.rows[row].kind,
            int(events[n]),
            tuple((scene.types[k], int(table[n, k])) for k in range(types) if table[n, k]),
        )
        for n, row in enumerate(scene.owners)
    )
    borders, left_off = _borders(scene, groups, suspects, most)
    alone = (identifiers < 0) & ~suspects & (found.rank >= 0)
    loose = (groups < 0) & ~guilty
    return Territories(
        scene,
        territories,
        borders=tuple(borders),
        borders_left_off=left_off,
        nobody_events=int(found.events[loose].sum()),
        nobody_identifiers=int(np.count_nonzero(alone)),
    )


def _suspects(scene: Scene) -> tuple[Flags, Flags]:
    """Which identifiers are suspected, and which groups: bool[identifiers], bool[groups]."""
    found = scene.drawn.found
    culprit = np.array([row.is_culprit for row in scene.rows], bool)
    columns = sorted({column for one in scene.suspicions for column in one.columns})
    suspects = culprit[scene.row_of_identifier] if found.identifiers else np.zeros(0, bool)
    # An owner itself is never taken away.
    suspects[list(scene.sides.owners)] = False
    return suspects, np.isin(scene.column_of_group, columns)


def _own(scene: Scene, found: Collapsed, suspects: Flags, guilty: Flags) -> Ints:
    """Whose each identifier and each group is, by the place of the owner; -1 for no one's: int32[identifiers + groups]."""
    size = found.identifiers + found.groups
    links = found.kept & ~suspects[found.link] & ~guilty[found.link_group]
    pairs = (
        found.decided[~suspects[found.decided].any(axis=1)] if len(found.decided) else found.decided
    )
    part = smallest_connected(
        np.concatenate([found.link[links], pairs[:, 0]]).astype(np.int32),
        np.concatenate([found.link_group[links] + found.identifiers, pairs[:, 1]]).astype(np.int32),
        size,
    )
    owner_parts = part[list(scene.sides.owners)]
    owners_in = np.bincount(owner_parts, minlength=size)
    one = np.full(size, -1, np.int32)
    one[owner_parts] = np.arange(len(owner_parts))
    return np.where(
        owners_in[part] > 1, scene.sides.owner, np.where(owners_in[part] == 1, one[part], -1)
    ).astype(np.int32)


def _borders(scene: Scene, groups: Ints, suspects: Flags, most: int) -> tuple[list[Border], int]:
    """What lies between territories, and how many more identifiers do."""
    drawn, found = scene.drawn, scene.drawn.linked
    count = len(scene.owners)
    side = groups[found.link_group].astype(np.int64)
    inside = side >= 0
    weights = found.events[found.link_group]
    held = drawn.found.kept
    key = found.link.astype(np.int64) * count + side
    size = found.identifiers * count
    kept = np.bincount(key[inside & held], weights[inside & held], size).reshape(-1, count)
    cut = np.bincount(key[inside & ~held], weights[inside & ~held], size).reshape(-1, count)
    total = np.sort(kept + cut, axis=1)
    second = total[:, -2].astype(np.int64)
    linked = _linked(found, side)
    candidates = np.flatnonzero(
        (second > 0) | suspects | np.isin(np.arange(found.identifiers), list(linked))
    )
    # An owner on another one's event is told by the event.
    candidates = candidates[~np.isin(candidates, list(scene.sides.owners))]
    order = np.lexsort((candidates, -second[candidates], ~suspects[candidates]))
    chosen = candidates[order[:most]]
    named = sorted(
        {*chosen.tolist(), *(other for n in chosen.tolist() for other in linked.get(n, ()))}
    )
    nodes = {
        place: masked_node(node, scene.hide)
        for place, node in zip(named, nodes_of(drawn.store, found, named, drawn.ends), strict=True)
    }
    passed = {row for one in scene.suspicions if one.every_route for row in one.rows}
    shared = _shared(found, groups, chosen)
    borders = [
        Border(
            nodes[place],
            scene.types[rank] if (rank := int(found.rank[place])) >= 0 else "event",
            rank,
            int((kept + cut)[place].sum()),
            bool(suspects[place]),
            int(scene.row_of_identifier[place]) in passed,
            tuple(
                Reach(n, int(kept[place, n]), int(cut[place, n]))
                for n in range(count)
                if kept[place, n] or cut[place, n]
            ),
            tuple(nodes[other] for other in linked.get(place, ())),
            tuple((nodes[other], events) for other, events in shared.get(place, ())),
        )
        for place in chosen.tolist()
    ]
    return [*_event_borders(scene), *borders], len(candidates) - len(chosen)


def _shared(
    found: Collapsed, groups: Ints, chosen: Longs
) -> dict[int, tuple[tuple[int, int], ...]]:
    """With which others each of some identifiers is on events that are no one's, and how many these are."""
    turn = np.full(found.identifiers, -1, np.int64)
    turn[chosen] = np.arange(len(chosen))
    rows = np.flatnonzero((turn[found.link] >= 0) & (groups[found.link_group] < 0))
    carried = np.zeros((found.groups if len(rows) else 0, len(chosen)))
    carried[found.link_group[rows], turn[found.link[rows]]] = 1
    together = (carried * found.events[: len(carried), None]).T @ carried
    return {
        int(place): tuple(
            (int(chosen[m]), int(together[n, m]))
            for m in range(len(chosen))
            if m != n and together[n, m]
        )
        for n, place in enumerate(chosen.tolist())
    }


def _linked(found: Collapsed, side: Longs) -> dict[int, tuple[int, ...]]:
    """What decisions link over a border: each identifier, and those that it is linked with."""
    if not len(found.decided):
        return {}
    whose = np.full(found.identifiers, -1, np.int64)
    whose[found.link] = side
    linked: dict[int, tuple[int, ...]] = {}
    for a, b in found.decided.tolist():
        if whose[a] != whose[b]:
            linked[a] = (*linked.get(a, ()), b)
            linked[b] = (*linked.get(b, ()), a)
    return linked


def _event_borders(scene: Scene) -> list[Border]:
    """Events as borders: those that are suspected, and those that carry several owners; alike ones together."""
    found, sides = scene.drawn.linked, scene.sides
    owner_of = np.zeros(found.identifiers, np.int64)
    owner_of[list(sides.owners)] = 1 << np.arange(len(sides.owners))
    carries = np.zeros(found.groups, np.int64)
    # Each owner stands on a group once, so the sum is the set of them.
    np.add.at(carries, found.link_group, owner_of[found.link])
    several = (carries & (carries - 1)) > 0
    _, guilty = _suspects(scene)
    borders = []
    key = np.where(several, carries, -1 - scene.column_of_group)
    for one in np.unique(key[(several | guilty) & (found.events > 0)]).tolist():
        groups = np.flatnonzero((key == one) & (several | guilty) & (found.events > 0))
        first = groups[found.order[groups].argmin()]
        (node,) = oldest_events(scene.drawn.store, found, [int(first)])
        whose = [n for n in range(len(sides.owners)) if one >> n & 1] if one > 0 else []
        if not whose:
            carried = found.link[np.isin(found.link_group, groups)]
            whose = sorted(set(sides.owner[carried].tolist()) - {-1})
        events = int(found.events[groups].sum())
        borders.append(
            Border(
                node,
                "event",
                -1,
                events,
                is_culprit=True,
                every_route=bool(guilty[groups].all()),
                reaches=tuple(Reach(n, events, 0) for n in whose),
                linked=(),
            )
        )
    return borders


def _only(scene: Scene) -> Territory:
    """The whole profile as one territory."""
    found = scene.drawn.found
    owner = next((row for row in scene.rows if row.is_anchor and row.node is not None), None)
    counts = np.bincount(found.rank[found.rank >= 0], minlength=len(scene.types))
    if owner is not None:
        counts[owner.rank] -= 1
    return Territory(
        None if owner is None else owner.node,
        "" if owner is None else owner.kind,
        scene.events,
        tuple((name, int(n)) for name, n in zip(scene.types, counts, strict=True) if n),
    )


def _table(scene: Scene) -> Territories:
    """The owners as a table: those that most events carry, with what these events carry besides."""
    drawn, found = scene.drawn, scene.drawn.found
    owners = np.array(owners_of(drawn.store, found), np.int64)
    order = np.lexsort((owners, -found.carried[owners]))
    shown = owners[order[:TABLE]].tolist()
    nodes = nodes_of(drawn.store, found, shown, drawn.ends)
    rows = []
    for place, node in zip(shown, nodes, strict=True):
        with_it = np.zeros(found.groups, bool)
        with_it[found.link_group[(found.link == place) & found.kept]] = True
        beside = np.zeros(found.identifiers, bool)
        beside[found.link[with_it[found.link_group] & found.kept]] = True
        beside[place] = False
        counts = np.bincount(found.rank[beside], minlength=len(scene.types))
        rows.append(
            Territory(
                masked_node(node, scene.hide),
                scene.types[int(found.rank[place])],
                int(found.carried[place]),
                tuple((name, int(n)) for name, n in zip(scene.types, counts, strict=True) if n),
            )
        )
    return Territories(scene, tuple(rows), is_table=True, owners_left_off=len(owners) - len(shown))
