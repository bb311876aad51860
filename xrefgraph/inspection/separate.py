"""How two identifiers or events are parted: the lightest sets of values, links or events to remove, and what each would cost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from xrefgraph.graph import XrefGraph
from xrefgraph.inspection.answers import sentence
from xrefgraph.inspection.cuts.removals import Removed, keep_only, removed_by
from xrefgraph.inspection.cuts.separation import GRAINS, Articulation, Removal, Separation
from xrefgraph.inspection.evidence.bottlenecks import (
    Cut,
    Floats,
    firmness,
    identifier_weights,
    lightest_events,
    lightest_links,
    lightest_values,
    thinnest,
    type_trust,
)
from xrefgraph.inspection.evidence.collapse import Collapsed, read_collapsed
from xrefgraph.inspection.evidence.ends import as_ends
from xrefgraph.inspection.evidence.evidence_path import nodes_of
from xrefgraph.inspection.evidence.meetings import merge_order
from xrefgraph.inspection.evidence.owners import owners_of
from xrefgraph.inspection.evidence.potential import potentials
from xrefgraph.inspection.evidence.routes import Separator, nodes_between, separators, steps_of
from xrefgraph.inspection.subjects import (
    Asked,
    Subject,
    asked_number,
    asked_store,
    find_subject,
    name_of,
)
from xrefgraph.inspection.what_if.consequences import Consequences, consequences
from xrefgraph.inspection.what_if.resettle import Piece, Resettled, around, read_piece, resettle
from xrefgraph.networks import IdentifierNode
from xrefgraph.store import Store

#: So many parts of a removal are tried one by one, whether it does without them.
TRIED = 24


def separate(
    graph: XrefGraph, a: Asked, b: Asked | None = None, *, most: int = 10, at: Any = None
) -> Separation:
    """Say what has to be removed to part two identifiers or events, and what that would cost.

    Parameters
    ----------
    graph : XrefGraph
        The graph. It is not changed.
    a, b : str, (type, value), IdentifierNode or EventNode
        The two. Without the second, the anchors of the profile of the first (without an anchor, its values of the strongest unique type)
        are parted: two and two, in the order in which they met.
    most : int
        How many profiles are listed in the cost of each option, and how many pairs of anchors are parted, at most.
    at : datetime, date or str, optional
        As in :func:`why`.

    Returns
    -------
    Separation
        The lightest set of values to block, of links to detach, and of events to set aside. Each is the smallest of its kind by events
        times ``trust`` of the type (an event by its most trusted type), parts the two, and would not do so without any of its parts. Each has
        its decisions, ready to be written into a file.

    Raises
    ------
    UnknownError, SchemaError
        When one of them does not occur, or is none.

    Notes
    -----
    Minimum cuts between the two in the bipartite graph of the profile, by maximum flow. What an option does is then seen by settling the
    raw profile again with its decisions, by the policy of the graph. Where the policy would let the two come together again by links that it
    cuts now, these count too. Cost: some tenths of a second for a profile of 100,000 events and identifiers.

    Examples
    --------
    >>> import xrefgraph as xg
    >>> rows = [{"id": 1, "db_id": 1, "mail": "ann@example.org"}, {"id": 2, "mail": "ann@example.org", "device": "kiosk"},
    ...         {"id": 3, "db_id": 2, "mail": "bob@example.org"}, {"id": 4, "mail": "bob@example.org", "device": "kiosk"}]
    >>> schema = xg.Schema(["db_id", xg.IdentifierType("mail", trust=3), "device"], anchor="db_id", conflicts="keep")
    >>> found = xg.separate(xg.build(rows, schema, event_id="id"), "db_id:1", "db_id:2")
    >>> print(found.summary)
    To part db_id 1 and db_id 2, block device kiosk (2 events). That gives 2 profiles of 2 events each. Or detach
    device kiosk from event 2 of source_1, or set aside event 2 of source_1.
    >>> found.articulations[0].identifier.value, found.articulations[0].potential
    ('kiosk', 0.5)
    >>> found.options[0].decisions[0].action
    'block'
    """
    asked_number("most", most)
    store = asked_store(graph)
    one = find_subject(store, a, at)
    if b is None:
        return _several(store, one, most).asked_of(store, one)
    other = find_subject(store, b, at)
    return _two(store, one, other, most).asked_of(store, one, other)


def _two(store: Store, one: Subject, other: Subject, most: int) -> Separation:
    linked = one.profile is not None and one.profile == other.profile
    if one.is_same(other) or not linked or one.profile is None:
        return Separation(one.node, other.node, linked, _said=_nothing(one, other))
    ends = (one, other)
    found, (from_, to) = as_ends(store, read_collapsed(store, [one.profile]), ends)
    piece = read_piece(store, around(store, [one.profile]))
    options, impossible = [], {}
    for grain in GRAINS:
        option = _option(store, piece, found, ends, (from_, to), (grain, most))
        if isinstance(option, str):
            impossible[grain] = option
        else:
            options.append(option)
    listed, count = _articulations(store, found, ends, (from_, to))
    return Separation(
        one.node,
        other.node,
        linked,
        tuple(sorted(options, key=_burden)),
        impossible,
        listed,
        count,
    )


def _burden(option: Removal) -> tuple[float, int]:
    """What an option weighs beside those of other kinds: a value half, since it joins two sides, and is carried by events of both."""
    weight = option.weight / 2 if option.grain == "values" else option.weight
    return weight, GRAINS.index(option.grain)


def _nothing(one: Subject, other: Subject) -> str:
    if one.is_same(other):
        return sentence(f"{one.name} was asked for twice, and cannot be parted from itself.")
    if one.profile is None or other.profile is None:
        loose = one if one.profile is None else other
        return sentence(f"{loose.name} is in no profile, so there is nothing to part.")
    return sentence(
        f"{one.name} and {other.name} are in two profiles already: {one.profile_id} and {other.profile_id}."
    )


# ---------------------------------------------------------------------------------------- the options

_LIGHTEST: dict[str, Callable[..., Cut | None]] = {
    "values": lightest_values,
    "links": lightest_links,
    "events": lightest_events,
}


def _option(
    store: Store,
    piece: Piece,
    found: Collapsed,
    ends: tuple[Subject, Subject],
    places: tuple[int, int],
    how: tuple[str, int],
) -> Removal | str:
    """The lightest removal of a kind, or why there is none; with so many profiles in its cost."""
    grain, most = how
    trust = type_trust(store.schema)
    cut = _lightest(found, places, grain, trust)
    if cut is None:
        return _why_none(found, places, grain)
    reason = f"to part {ends[0].name} and {ends[1].name}"
    removed = removed_by(store, found, cut, ends, reason)
    settled = resettle(piece, decisions=removed.decisions)
    if not _parted(settled, ends):
        # The policy lets them come together by links that it cuts now: these are parted too.
        whole = read_collapsed(store, piece.profiles)
        raw, raw_places = as_ends(store, whole, ends)
        raw = replace(raw, kept=raw.events[raw.link_group] > 0)
        cut = _lightest(raw, (raw_places[0], raw_places[1]), grain, trust)
        if cut is None:
            return _why_none(raw, (raw_places[0], raw_places[1]), grain)
        found, removed = raw, removed_by(store, raw, cut, ends, reason)
        settled = resettle(piece, decisions=removed.decisions)
    minimal = store.schema.policy.name == "keep" or len(piece.profiles) == 1
    if not minimal:
        removed, settled, minimal = _shrunk(piece, ends, removed, settled)
    return Removal(
        grain,
        removed.identifiers,
        removed.events[:100],
        removed.events_in_all,
        removed.weight,
        removed.decisions,
        Consequences(**consequences(settled, most)),
        minimal,
    )


def _lightest(found: Collapsed, places: tuple[int, int], grain: str, trust: Floats) -> Cut | None:
    """The lightest cut of a kind; of several as light the one at what is suspected, and not the one next to the first of the two."""
    cut = _LIGHTEST[grain](found, *places, trust)
    if cut is None:
        return None
    steps = steps_of(found)
    passed = [
        one
        for one in separators(found, steps, nodes_between(steps, *places))
        if one.kind == "identifier"
    ]
    most, several = thinnest(found, places, passed, trust)
    suspected = several.tolist() if most is None else [most.place]
    there = _LIGHTEST[grain](found, *places, trust, of=suspected) if suspected else None
    return there if there is not None and there.weight <= cut.weight * (1 + 1e-9) else cut


def _why_none(found: Collapsed, places: tuple[int, int], grain: str) -> str:
    pair = {tuple(sorted(one)) for one in found.decided.tolist()}
    if tuple(sorted(places)) in pair:
        return "a decision links them; take it out"
    if grain == "values":
        return "events carry both, so no value lies between them"
    if any(found.rank[place] < 0 for place in places) and grain == "events":
        return "one is an event itself, and the other is carried by it"
    return "decisions link what lies between them; take them out"


def _shrunk(
    piece: Piece, ends: tuple[Subject, Subject], removed: Removed, settled: Resettled
) -> tuple[Removed, Resettled, bool]:
    """Leave out what the removal does without: under a policy that settles conflicts, less may do."""
    parts = list(range(len(removed.parts)))
    if len(parts) > TRIED:
        return removed, settled, False
    for part in sorted(parts, key=lambda n: -removed.parts[n].weight):
        less = keep_only(removed, [n for n in parts if n != part])
        again = resettle(piece, decisions=less.decisions)
        if less.parts and _parted(again, ends):
            parts.remove(part)
            settled = again
    return keep_only(removed, parts), settled, True


def _parted(settled: Resettled, ends: tuple[Subject, Subject]) -> bool:
    """Whether no profile would hold both."""
    one, other = (_profiles_after(settled, end) for end in ends)
    return not one & other


def _profiles_after(settled: Resettled, end: Subject) -> set[int]:
    if not end.is_event:
        return set(settled.after.profiles_of(int(end.number or 0)).tolist())
    piece = settled.piece
    here = (piece.event_source == end.source) & (piece.event_position == end.position)
    return set(settled.after.event_profile[here].tolist()) - {-1}


def _articulations(
    store: Store, found: Collapsed, ends: tuple[Subject, Subject], places: tuple[int, int]
) -> tuple[tuple[Articulation, ...], int]:
    steps = steps_of(found)
    nodes = nodes_between(steps, *places)
    if not nodes:
        return (), 0
    trust = type_trust(store.schema)
    weights = identifier_weights(found, trust)
    passed: list[Separator] = [
        one for one in separators(found, steps, nodes) if one.kind == "identifier"
    ]
    passed.sort(key=lambda one: (*firmness(found, one, weights, trust)[:-1], one.place))
    shown = passed[:100]
    if not shown:
        return (), 0
    potential = potentials(found, places)[:, 1]
    named = nodes_of(store, found, [one.place for one in shown], ends)
    listed = [
        Articulation(
            node,
            int(found.carried[one.place]),
            float(weights[one.place]),
            round(float(potential[one.place]), 6),
            one.before,
            one.after,
        )
        for one, node in zip(shown, named, strict=True)
        if isinstance(node, IdentifierNode)
    ]
    return tuple(listed), len(passed)


# ---------------------------------------------------------------------------------------- several anchors


def _several(store: Store, one: Subject, most: int) -> Separation:
    """Part all anchors of a profile: those that met first, first."""
    if one.profile is None:
        return Separation(
            one.node,
            one.node,
            linked=False,
            _said=sentence(f"{one.name} is in no profile, so there is nothing to part."),
        )
    found = read_collapsed(store, [one.profile])
    owners = owners_of(store, found)
    if len(owners) < 2:
        said = f"the profile {one.profile_id} holds {'one anchor' if len(owners) else 'no anchor'}, so there is nothing to part."
        return Separation(one.node, one.node, linked=True, _said=sentence(said))
    if len(owners) == 2:
        first_owner, second_owner = (
            Subject(node, one.profile_id, number=int(found.identifier[place]), profile=one.profile)
            for node, place in zip(nodes_of(store, found, owners), owners, strict=True)
        )
        return _two(store, first_owner, second_owner, most)
    piece = read_piece(store, around(store, [one.profile]))
    trust = type_trust(store.schema)
    parts, pairs, left = [], [], found
    met = merge_order(found, owners)
    for a, b in met[:most]:
        cut = _lightest(left, (a, b), "values", trust) or _lightest(left, (a, b), "links", trust)
        if cut is None:
            continue
        nodes = nodes_of(store, found, [a, b])
        reason = f"to part {name_of(nodes[0])} and {name_of(nodes[1])}"
        removed = removed_by(store, left, cut, (), reason)
        settled = resettle(piece, decisions=removed.decisions)
        grain = "values" if len(cut.identifiers) else "links"
        pairs.append((nodes[0], nodes[1], _removal(grain, removed, settled, most)))
        parts.append(removed)
        left = _without(left, cut)
    every = tuple(dict.fromkeys(decision for removed in parts for decision in removed.decisions))
    settled = resettle(piece, decisions=every)
    first = nodes_of(store, found, list(met[0]))
    together = Removal(
        "values" if all(pair[2].grain == "values" for pair in pairs) else "links",
        tuple(dict.fromkeys(node for removed in parts for node in removed.identifiers)),
        tuple(dict.fromkeys(node for removed in parts for node in removed.events))[:100],
        sum(removed.events_in_all for removed in parts),
        sum(removed.weight for removed in parts),
        every,
        Consequences(**consequences(settled, most)),
        is_minimal=len(pairs) == 1,
    )
    return Separation(
        first[0],
        first[1],
        linked=True,
        options=(together,) if pairs else (),
        impossible={} if pairs else {"values": "decisions link them; take them out"},
        pairs=tuple(pairs),
        pairs_left_off=max(0, len(met) - most),
    )


def _removal(grain: str, removed: Removed, settled: Resettled, most: int) -> Removal:
    return Removal(
        grain,
        removed.identifiers,
        removed.events[:100],
        removed.events_in_all,
        removed.weight,
        removed.decisions,
        Consequences(**consequences(settled, most)),
        is_minimal=True,
    )


def _without(found: Collapsed, cut: Cut) -> Collapsed:
    """A profile without the links of a cut."""
    gone = np.isin(found.link, cut.identifiers)
    for group, identifier in zip(cut.groups.tolist(), cut.linked.tolist(), strict=False):
        gone |= (found.link_group == group) & (found.link == identifier)
    decided = ~np.isin(found.decided, cut.identifiers).any(axis=1)
    return replace(found, kept=found.kept & ~gone, decided=found.decided[decided])
