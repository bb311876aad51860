"""What the decisions come to: each value in the form that it has in the graph, and what is left to be done.

Steps 1 and 4 of the rules of linking meet here. A later ``link`` or ``separate`` of a pair replaces the earlier one, a
``block`` beats everything else that is decided on its identifier, and several ``detach`` add up.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from xrefgraph.decisions import Decision, Identifier
from xrefgraph.errors import SchemaError, listing
from xrefgraph.hygiene import canonical, normalize
from xrefgraph.schema import IdentifierType, Schema

Pair = tuple[Identifier, Identifier]


@dataclass(frozen=True)
class Verdicts:
    """What is to be done, identifier by identifier. Values are canonical and normalised.

    Parameters
    ----------
    blocked : mapping of identifier to Decision
        What links nothing.
    detached : mapping of (identifier, event id) to Decision
        Which links are cut. Event ids are canonical text.
    linked, separated : mapping of pair to Decision
        What is one person, and what may not share a profile. Within a pair the stronger identifier comes
        first: by rank, then by value as text.

    Each is in the order of the identifiers, strongest first, whatever order the decisions were taken in.
    """

    blocked: Mapping[Identifier, Decision]
    detached: Mapping[tuple[Identifier, str], Decision]
    linked: Mapping[Pair, Decision]
    separated: Mapping[Pair, Decision]

    def __bool__(self) -> bool:
        return bool(self.blocked or self.detached or self.linked or self.separated)


def verdicts(schema: Schema) -> Verdicts:
    """Say what the decisions of a schema come to.

    Parameters
    ----------
    schema : Schema
        With its decisions.

    Returns
    -------
    Verdicts

    Raises
    ------
    SchemaError
        When a value is blank after its normalisers, a normaliser fails on it, the two identifiers of a pair are
        one, or a pair is kept apart that other decisions link. The error names the decisions, and no value.

    Notes
    -----
    Cost: linear in decisions, but for a walk over the links for each separated pair.

    Examples
    --------
    >>> schema = Schema([IdentifierType("email", normalize="email"), "cookie"],
    ...                 decisions=[{"action": "block", "identifier": ["email", " Office@example.org"]}])
    >>> list(verdicts(schema).blocked)
    [('email', 'office@example.org')]
    """
    kinds = {kind.name: kind for kind in schema.ranked}

    def strength(one: Identifier) -> tuple[int, str]:
        return schema.rank(one[0]), one[1]

    blocked: dict[Identifier, Decision] = {}
    detached: dict[tuple[Identifier, str], Decision] = {}
    pairs: dict[Pair, Decision] = {}
    for decision in schema.decisions:
        named = sorted(
            (_normalised(one, kinds[one[0]], decision) for one in decision.identifiers),
            key=strength,
        )
        if decision.action == "block":
            blocked[named[0]] = decision
        elif decision.action == "detach":
            detached |= {(named[0], event): decision for event in decision.events}
        elif named[0] == named[1]:
            raise SchemaError(
                f"{decision.origin} names one identifier twice, as it is read: a pair is of two."
            )
        else:
            pairs[named[0], named[1]] = decision

    alive = {
        (a, b): pairs[a, b]
        for a, b in sorted(pairs, key=lambda pair: (strength(pair[0]), strength(pair[1])))
        if a not in blocked and b not in blocked
    }
    found = Verdicts(
        {one: blocked[one] for one in sorted(blocked, key=strength)},
        {
            (one, event): detached[one, event]
            for one, event in sorted(detached, key=lambda cut: (strength(cut[0]), cut[1]))
            if one not in blocked
        },
        {pair: decision for pair, decision in alive.items() if decision.action == "link"},
        {pair: decision for pair, decision in alive.items() if decision.action == "separate"},
    )
    _check_apart(found)
    return found


def _normalised(one: Identifier, kind: IdentifierType, decision: Decision) -> Identifier:
    try:
        text = canonical(one[1])
        text = None if text is None else normalize(text, kind.normalizers)[0]
    except UnicodeError:
        raise SchemaError(f"A value of {_in_text(decision)} is not UTF-8 text.") from None
    except Exception as error:  # noqa: BLE001  (a function of the user may raise anything, and its text may quote the value)
        raise SchemaError(
            f"The normaliser of {kind.name!r} failed on a value of {_in_text(decision)}: {type(error).__name__}."
        ) from None
    if text is None or not text.strip():
        raise SchemaError(
            f"The {kind.name} of {_in_text(decision)} is blank once it is normalised."
        )
    return one[0], text


def _in_text(decision: Decision) -> str:
    return decision.origin[:1].lower() + decision.origin[1:]


def _check_apart(found: Verdicts) -> None:
    """See that nothing is kept apart that other decisions link."""
    linked: dict[Identifier, list[Identifier]] = {}
    for a, b in found.linked:
        linked.setdefault(a, []).append(b)
        linked.setdefault(b, []).append(a)
    for (a, b), decision in found.separated.items():
        came_from: dict[Identifier, Identifier | None] = {a: None}
        waiting = deque([a])
        while waiting and b not in came_from:
            here = waiting.popleft()
            for there in linked.get(here, []):
                if there not in came_from:
                    came_from[there] = here
                    waiting.append(there)
        if b in came_from:
            raise SchemaError(
                f"{decision.origin} keeps two identifiers apart that others link: {_way(found, came_from, b)}."
                " Take one of them out."
            )


def _way(
    found: Verdicts, came_from: Mapping[Identifier, Identifier | None], end: Identifier
) -> str:
    origins = []
    here, before = end, came_from[end]
    while before is not None:
        decision = found.linked.get((before, here)) or found.linked[here, before]
        origins.append(_in_text(decision))
        here, before = before, came_from[before]
    return listing(reversed(origins))
