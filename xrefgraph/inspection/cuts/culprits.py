"""What is suspected of joining two people, with the evidence on both sides, and the decisions that would settle it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from xrefgraph.decision_files import add_decisions, remove_decisions
from xrefgraph.decisions import Decision
from xrefgraph.inspection.cuts.removals import removed_by
from xrefgraph.inspection.evidence.bottlenecks import (
    Floats,
    lightest_links,
    thinnest,
    type_trust,
)
from xrefgraph.inspection.evidence.collapse import (
    Collapsed,
    Ints,
)
from xrefgraph.inspection.evidence.evidence_path import Step, evidence_path, nodes_of
from xrefgraph.inspection.evidence.looks import look_of
from xrefgraph.inspection.evidence.meetings import merge_order
from xrefgraph.inspection.evidence.routes import identifiers_of, nodes_between, separators, steps_of
from xrefgraph.inspection.what_if.consequences import Consequences, consequences
from xrefgraph.inspection.what_if.resettle import read_piece, resettle
from xrefgraph.networks import IdentifierNode
from xrefgraph.store import Store
from xrefgraph.verdicts import verdicts

#: So many profiles and owners are named of each conflict, so many pairs of owners looked at, and so many values shown that join a pair.
NAMED, PAIRS, SHOWN = 10, 3, 3


@dataclass(frozen=True)
class Culprit:
    """What is suspected to join two people.

    Parameters
    ----------
    node : IdentifierNode
        The value.
    events : int
        How many events carry it.
    between : (IdentifierNode, IdentifierNode)
        The two owners whom it joins.
    sides : tuple of Step
        The evidence on the side of either owner: with which identifier it occurs there, in how many events, and five of them.
    every_route : bool
        Whether every path between the two passes it; else it is one of the values of the lightest cut.
    reasons : tuple of str
        Why it is suspected, in words.
    place : int
        Where it stands in the profile, for what looks further.
    """

    node: IdentifierNode
    events: int
    between: tuple[IdentifierNode, IdentifierNode]
    sides: tuple[Step, ...]
    every_route: bool
    reasons: tuple[str, ...]
    place: int = field(repr=False, compare=False)


@dataclass(frozen=True)
class Fix:
    """Decisions that would settle a conflict.

    Parameters
    ----------
    action : {"block", "detach", "separate", "link"}
        ``block`` the culprit everywhere; ``detach`` it from the events that join the two; ``separate`` the two owners; or ``link`` them, if they are
        one person.
    decisions : tuple of Decision
        What is written into the file of decisions.
    cost : Consequences
        What a rebuild with these decisions would change.
    """

    action: str
    decisions: tuple[Decision, ...]
    cost: Consequences

    def write(self, path: str | Path) -> int:
        """Add it to a file of decisions; how many are new is given. It is carried out by the next build or rebuild with this file."""
        return add_decisions(path, self.decisions)

    def undo(self, path: str | Path) -> int:
        """Take it out of a file of decisions; how many were in it is given."""
        return remove_decisions(path, self.decisions)


def named(store: Store, found: Collapsed, places: Iterable[int]) -> list[IdentifierNode]:
    """Give some identifiers of a profile as nodes."""
    return [
        node for node in nodes_of(store, found, list(places)) if isinstance(node, IdentifierNode)
    ]


def settled_by(
    store: Store, found: Collapsed, members: Ints, owners: Sequence[int], most: int
) -> tuple[tuple[Culprit, ...], tuple[Fix, ...]]:
    """What is suspected, and what may be decided."""
    if len(owners) < 2:
        return (), ()
    met = merge_order(found, owners)[:PAIRS]
    if not met:
        return (), ()
    trust = type_trust(store.schema)
    blamed = [blame(found, pair, trust) for pair in met]
    culprits: dict[int, Culprit] = {}
    for one in blamed:
        for culprit in _culprits(store, found, one, [n for n in one.places if n not in culprits]):
            culprits[culprit.place] = culprit
    piece = read_piece(store, members.tolist())
    fixes = [
        Fix(
            action,
            decisions,
            Consequences(**consequences(resettle(piece, decisions=decisions), most)),
        )
        for action, decisions in _decisions(store, found, blamed[0], trust)
    ]
    return tuple(culprits.values()), tuple(fixes)


@dataclass(frozen=True)
class Blamed:
    """What most likely joins two owners wrongly.

    Parameters
    ----------
    pair : (int, int)
        The places of the two.
    places : list of int
        One place that all routes pass; or those of the lightest cut, on the shortest route first.
    every_route : bool
        Whether it is one that all routes pass.
    route : list of int
        The shortest route from one to the other.
    """

    pair: tuple[int, int]
    places: list[int]
    every_route: bool
    route: list[int]


def blame(found: Collapsed, pair: tuple[int, int], trust: Floats) -> Blamed:
    """Say what most likely joins two owners wrongly: see :func:`thinnest`."""
    steps = steps_of(found)
    nodes = nodes_between(steps, *pair)
    route = identifiers_of(steps, nodes)
    passed = [one for one in separators(found, steps, nodes) if one.kind == "identifier"]
    best, several = thinnest(found, pair, passed, trust)
    if best is not None:
        return Blamed(pair, [best.place], every_route=True, route=route)
    # Those on the shortest route first.
    cut = sorted(several.tolist(), key=lambda place: (place not in route, place))
    return Blamed(pair, cut, every_route=False, route=route)


def _culprits(
    store: Store, found: Collapsed, blamed: Blamed, places: Sequence[int]
) -> list[Culprit]:
    """Some of what is blamed, with the evidence on both sides."""
    some = []
    for place in places[:SHOWN]:
        on_route = place in blamed.route
        route = blamed.route if on_route else _route_through(found, blamed.pair, place)
        if route is not None:
            some.append(_culprit(store, found, route, place, len(blamed.places)))
    return some


def _route_through(found: Collapsed, pair: tuple[int, int], place: int) -> list[int] | None:
    """A way from one owner to the other that passes an identifier."""
    first = steps_of(found, without=[pair[1]])
    there = identifiers_of(first, nodes_between(first, pair[0], place))
    rest = steps_of(found, without=there[:-1])
    back = identifiers_of(rest, nodes_between(rest, place, pair[1]))
    return [*there, *back[1:]] if there and back else None


def _culprit(
    store: Store, found: Collapsed, route: Sequence[int], place: int, blamed: int
) -> Culprit:
    at = list(route).index(place)
    path = evidence_path(store, found, route[at - 1 : at + 2], ())
    node, one, other = named(store, found, [place, route[0], route[-1]])
    look = look_of(node.type, node.value)
    told = (
        "every path between the two passes it"
        if blamed == 1
        else f"one of the {blamed:,} values of the lightest cut between the two"
    )
    return Culprit(
        node,
        int(found.carried[place]),
        (one, other),
        path.steps,
        blamed == 1,
        (told, look) if look else (told,),
        place,
    )


def _decisions(
    store: Store, found: Collapsed, blamed: Blamed, trust: Floats
) -> list[tuple[str, tuple[Decision, ...]]]:
    """The decisions that may be taken on a pair of owners."""
    pair = blamed.pair
    a, b = ((node.type, node.value) for node in named(store, found, pair))
    fixes: list[tuple[str, tuple[Decision, ...]]] = []
    reason = f"joins {':'.join(a)} and {':'.join(b)}"
    if blamed.places:
        block = [
            Decision("block", identifier=(node.type, node.value), reason=reason)
            for node in named(store, found, blamed.places)
        ]
        fixes.append(("block", tuple(block)))
    cut = lightest_links(found, *pair, trust, of=blamed.places) if blamed.places else None
    cut = cut or lightest_links(found, *pair, trust)
    if cut is not None:
        fixes.append(("detach", removed_by(store, found, cut, (), reason).decisions))
    fixes.append(("separate", (Decision("separate", a=a, b=b, reason="two people"),)))
    if not any(set(one) == {a, b} for one in verdicts(store.schema).separated):
        fixes.append(("link", (Decision("link", a=a, b=b, reason="one person"),)))
    return fixes
