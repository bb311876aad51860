"""A policy of the user's own: a function that is shown one conflict at a time, as a networkx graph."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from xrefgraph.database import Database
from xrefgraph.errors import XrefGraphError, counted
from xrefgraph.identifiers import Incidence, Ints, set_keys
from xrefgraph.linking.evidence import Evidence, Partition, Rules
from xrefgraph.linking.partition import PartitionError, from_partition, joined
from xrefgraph.networks import EventNode, EventRow, IdentifierNode, LinkRow, bipartite_graph
from xrefgraph.schema import Schema

if TYPE_CHECKING:
    import networkx as nx

Link = tuple[EventNode, IdentifierNode]


@dataclass(frozen=True)
class Conflict:
    """A raw profile that holds two people, as a policy of your own gets to see it.

    The policy returns either a partition of the identifiers (a list of lists or sets, in which each identifier
    stands once) or a list of links to cut, as (event, identifier).

    Parameters
    ----------
    profile : str
        The strongest identifier, as ``type:value``.
    values : tuple of IdentifierNode
        The identifiers that may not share a profile, strongest first: the values of a unique type of which there
        are two or more, those of a type of which there are more than its limit, and separated pairs.
    identifiers : tuple of IdentifierNode
        All identifiers, strongest first.
    events : tuple of EventNode
        All events, in input order.
    links : tuple of (EventNode, IdentifierNode)
        Which event carries which identifier, in the order of events, strongest identifier first.
    """

    profile: str
    values: tuple[IdentifierNode, ...]
    identifiers: tuple[IdentifierNode, ...]
    events: tuple[EventNode, ...]
    links: tuple[Link, ...]
    _events: list[EventRow] = field(repr=False, compare=False)
    _carried: list[LinkRow] = field(repr=False, compare=False)

    @cached_property
    def graph(self) -> nx.Graph[Any]:
        """The same as a bipartite ``networkx.Graph``: see :class:`EventNode` and :class:`IdentifierNode`."""
        return bipartite_graph(self._events, self._carried)


@dataclass(frozen=True)
class Conflicts:
    """All raw profiles in conflict, and what is known of them beside their arrays.

    Parameters
    ----------
    evidence, rules
        The arrays.
    identifiers : int32[identifiers]
        The number of each identifier in the table ``value``.
    sets : int32[sets]
        The row of each set in the table ``sets``.
    sources : sequence of str
        The names of the sources.
    """

    evidence: Evidence
    rules: Rules
    identifiers: Ints
    sets: Ints
    sources: Sequence[str]


def own_partition(
    database: Database, incidence: Incidence, schema: Schema, conflicts: Conflicts
) -> Partition:
    """Ask the user's function about each conflict, and check what it says.

    Raises
    ------
    XrefGraphError
        When it raises, or gives neither a partition nor links to cut: names the type of the identifier that names
        the profile, and has its id as the attribute ``profile``.
    """
    function = schema.policy.function
    if function is None:
        raise XrefGraphError("The policy of the schema has a name, and is no function.")
    evidence = conflicts.evidence
    nodes = _nodes(database, schema, conflicts.identifiers)
    event_rows = _event_rows(database, incidence, conflicts)
    label = np.full(evidence.identifiers, -1, np.int64)
    cut = np.zeros(len(evidence.set_identifier), bool)
    by_cuts = np.zeros(evidence.identifiers, bool)
    place = {node: number for number, node in enumerate(nodes)}
    for members, sets in _raw_profiles(evidence):
        conflict = _conflict(conflicts, nodes, members, sets, event_rows)
        answer = _ask(function, conflict)
        if all(_is_link(one) for one in answer):  # an empty list cuts nothing
            cut[_cut_links(evidence, conflict, sets, event_rows, place, answer)] = True
            by_cuts[members] = True
        else:
            _partition(conflict, members, place, answer, label)
    label = np.where(by_cuts, joined(evidence, conflicts.rules, ~cut), label)
    # Parts of different profiles may have one label: they are told apart by the profile.
    _, parts = np.unique(
        np.stack([evidence.raw_of.astype(np.int64), label]), axis=1, return_inverse=True
    )
    try:
        return from_partition(evidence, conflicts.rules, parts.ravel())
    except PartitionError as error:
        first = nodes[int(np.flatnonzero(evidence.raw_of == error.profile)[0])]
        raise _refusal(
            f"{first.type}:{first.value}", first.type, str(error).partition(": ")[2]
        ) from None


def _nodes(database: Database, schema: Schema, identifiers: Ints) -> list[IdentifierNode]:
    with database.registered(no=identifiers) as lent:
        rows = database.rows(
            f"SELECT type, text FROM value SEMI JOIN {lent} USING (no) ORDER BY no"
        )
    return [IdentifierNode(schema.names[rank], text) for rank, text in rows]


def _event_rows(
    database: Database, incidence: Incidence, conflicts: Conflicts
) -> dict[int, list[tuple[tuple[int, int], EventRow]]]:
    """The events of each set, with what their order is read from."""
    key, keys = set_keys(database, incidence)
    with database.registered(
        key=keys[conflicts.sets], place=np.arange(len(conflicts.sets), dtype=np.int32)
    ) as lent:
        rows = database.rows(
            "SELECT l.place, e.source, e.position, e.event_id::VARCHAR, e.time FROM"
            f" (SELECT {key} AS key, source, position, event_id, time FROM staged) e JOIN (SELECT * FROM {lent}) l ON e.key = l.key"
            " ORDER BY e.source, e.position"
        )
    found: dict[int, list[tuple[tuple[int, int], EventRow]]] = {}
    for number, source, position, event_id, time in rows:
        event = (conflicts.sources[source], event_id, time, number)
        found.setdefault(number, []).append(((source, position), event))
    return found


def _raw_profiles(evidence: Evidence) -> Iterable[tuple[list[int], list[int]]]:
    """The identifiers and the sets of each raw profile, those with the strongest identifier first."""
    members: dict[int, list[int]] = {}
    sets: dict[int, list[int]] = {}
    for identifier, raw in enumerate(evidence.raw_of.tolist()):
        members.setdefault(raw, []).append(identifier)
    for number, raw in enumerate(evidence.raw_of[evidence.strongest].tolist()):
        sets.setdefault(raw, []).append(number)
    for raw, identifiers in members.items():
        yield identifiers, sets.get(raw, [])


def _conflict(
    conflicts: Conflicts,
    nodes: list[IdentifierNode],
    members: list[int],
    sets: list[int],
    event_rows: dict[int, list[tuple[tuple[int, int], EventRow]]],
) -> Conflict:
    start, carried = conflicts.evidence.set_start, conflicts.evidence.set_identifier
    of_set = {
        number: [nodes[n] for n in carried[start[number] : start[number + 1]].tolist()]
        for number in sets
    }
    ordered = sorted(row for number in sets for row in event_rows.get(number, []))
    rows = [row for _, row in ordered]
    return Conflict(
        f"{nodes[members[0]].type}:{nodes[members[0]].value}",
        tuple(nodes[n] for n in _values_in_conflict(conflicts.rules, members)),
        tuple(nodes[n] for n in members),
        tuple(EventNode(source, event_id) for source, event_id, _, _ in rows),
        tuple((EventNode(row[0], row[1]), node) for row in rows for node in of_set[row[3]]),
        rows,
        [(number, node) for number, some in of_set.items() for node in some],
    )


def _values_in_conflict(rules: Rules, members: list[int]) -> list[int]:
    inside, found = set(members), set()
    for rank, most in rules.most():
        values = [n for n in members if rules.bounds[rank] <= n < rules.bounds[rank + 1]]
        if len(set(rules.nodes(np.array(values, np.int32)).tolist())) > most:
            found |= set(values)
    for a, b in rules.separated.tolist():
        if a in inside and b in inside:
            found |= {a, b}
    return sorted(found)


def _ask(function: Callable[[Any], Any], conflict: Conflict) -> list[Any]:
    kind = conflict.identifiers[0].type
    try:
        given = function(conflict)
        if isinstance(given, Iterable) and not isinstance(given, str | bytes):
            # Parts are read to their end here: a generator may fail, and can be read but once.
            return [
                list(one) if isinstance(one, Iterable) and not _is_whole(one) else one
                for one in given
            ]
    except Exception as error:
        raise _refusal(conflict.profile, kind, f"it raised {type(error).__name__}.") from error
    raise _refusal(conflict.profile, kind, f"{_WHAT[:-1]}, but {type(given).__name__}.")


def _is_whole(one: Any) -> bool:
    return isinstance(one, str | bytes) or _is_link(one)


def _is_link(one: Any) -> bool:
    return isinstance(one, tuple) and len(one) == 2 and isinstance(one[0], EventNode)


def _cut_links(
    evidence: Evidence,
    conflict: Conflict,
    sets: list[int],
    event_rows: dict[int, list[tuple[tuple[int, int], EventRow]]],
    place: dict[IdentifierNode, int],
    answer: list[Any],
) -> list[int]:
    """The links of sets that are cut at every event of the set: another event would hold them all the same."""
    kind = conflict.identifiers[0].type
    wanted = {(_event(event), _node(node)) for event, node in answer}
    known = set(conflict.links)
    missing = len(wanted - known)
    if missing:
        raise _refusal(
            conflict.profile, kind, f"it cuts {counted(missing, 'link')} that the profile has not."
        )
    strongest: dict[EventNode, IdentifierNode] = {}
    for event, node in conflict.links:
        strongest.setdefault(event, node)
    if any(strongest[event] == node for event, node in wanted):
        raise _refusal(
            conflict.profile,
            kind,
            "it cuts an event from its strongest identifier, by which it belongs to its profile. Cut its other links.",
        )
    nodes = list(place)
    found = []
    for number in sets:
        events = [EventNode(row[0], row[1]) for _, row in event_rows.get(number, [])]
        for link in range(int(evidence.set_start[number]), int(evidence.set_start[number + 1])):
            node = nodes[int(evidence.set_identifier[link])]
            if all((event, node) in wanted for event in events):
                found.append(link)
    return found


def _partition(
    conflict: Conflict,
    members: list[int],
    place: dict[IdentifierNode, int],
    answer: list[Any],
    label: np.ndarray[tuple[int, ...], np.dtype[np.int64]],
) -> None:
    """Write the part of each identifier into ``label``."""
    kind = conflict.identifiers[0].type
    inside = set(conflict.identifiers)
    seen: set[IdentifierNode] = set()
    for number, part in enumerate(answer):
        if not isinstance(part, list):
            raise _refusal(conflict.profile, kind, _WHAT)
        for one in part:
            node = _node(one)
            if node not in inside or node in seen:
                what = "that it was not asked about" if node not in inside else "twice"
                raise _refusal(conflict.profile, kind, f"it puts an identifier {what} in a part.")
            seen.add(node)
            label[place[node]] = number
    lost = len(members) - len(seen)
    if lost:
        raise _refusal(
            conflict.profile,
            kind,
            f"it loses {lost:,} of {counted(len(members), 'identifier')}: each belongs to one part.",
        )


_WHAT = "it gives neither a partition of the identifiers (a list of lists) nor links to cut (a list of (event, identifier))."


def _event(one: EventNode) -> EventNode:
    named = isinstance(one.source, str) and isinstance(one.event_id, str)
    return one if named else EventNode("", "")  # no event has no source: it is refused as unknown


def _node(one: Any) -> IdentifierNode:
    if isinstance(one, IdentifierNode):
        # The name of an owner is of a graph under `over_time`; and what is no text may not even be hashed.
        return _node((one.type, one.value))
    if isinstance(one, tuple) and len(one) == 2 and all(isinstance(part, str) for part in one):
        return IdentifierNode(*one)
    return IdentifierNode("", "")  # no identifier has no name: it is refused as unknown


def _refusal(profile: str, kind: str, why: str) -> XrefGraphError:
    return XrefGraphError(
        f"The conflict policy failed on a profile that is named by a {kind} (its id is the attribute `profile` of"
        f" this error): {why}",
        profile=profile,
    )
