"""Which identifiers most likely join different people, without knowing the truth."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from xrefgraph.decisions import Decision
from xrefgraph.errors import SchemaError, counted
from xrefgraph.graph import XrefGraph
from xrefgraph.inspection.answers import Answer
from xrefgraph.inspection.subjects import name_of, profile_ids
from xrefgraph.inspection.suspicion.scores import KINDS, Scores, score_identifiers, usual_events
from xrefgraph.linking.evidence import distinct
from xrefgraph.lookup import named_values
from xrefgraph.networks import IdentifierNode
from xrefgraph.store import Store

__all__ = ["Clue", "Scores", "Suspect", "Suspects", "reasons", "score_identifiers", "suspects"]

#: Above this score an identifier more likely joins different people than not.
THRESHOLD = 0.5
#: Evidence that adds less than this to the logarithm of the odds is not worth a word, but for the weightiest.
WORTH_SAYING = 0.05


@dataclass(frozen=True)
class Clue:
    """One reason to suspect an identifier.

    Parameters
    ----------
    kind : {"meets", "groups", "bridge", "part", "look", "events", "burst"}
        What it is about.
    text : str
        In words, with its numbers.
    weight : float
        By how many decades it raises the odds: 1 makes them ten times as high.
    """

    kind: str
    text: str
    weight: float

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Suspect:
    """An identifier that may join different people.

    Parameters
    ----------
    type, value : str
        The identifier.
    score : float
        From 0 to 1: the chance that it joins different people, as far as the graph tells.
    reasons : tuple of Clue
        Why, the weightiest first.
    events : int
        How many events carry it.
    meets : mapping of str to int
        How many different values of each type these carry; alike spellings count once.
    groups : int
        How many groups these events fall into that share no other identifier.
    anchors : int or None
        How many anchors it meets, or brings together by what is less suspicious; None in a schema without one.
    profiles : int
        How many profiles these events are in.
    profile_id : str or None
        The profile that the identifier itself is in.
    """

    type: str
    value: str
    score: float
    reasons: tuple[Clue, ...]
    events: int
    meets: Mapping[str, int]
    groups: int
    anchors: int | None
    profiles: int
    profile_id: str | None

    @property
    def node(self) -> IdentifierNode:
        """The identifier."""
        return IdentifierNode(self.type, self.value)

    @property
    def text(self) -> str:
        """The suspect and the weightiest reasons, in words."""
        said = "; ".join(one.text for one in self.reasons[:2])
        score = f"{self.score:.2f}" if self.score >= 0.01 else "under 0.01"
        return f"{name_of(self.node)}, score {score}: {said}"


@dataclass(frozen=True, repr=False)
class Suspects(Answer):
    """The identifiers that most likely join different people, worst first; made by :func:`suspects`.

    Parameters
    ----------
    suspects : tuple of Suspect
        The worst ones, those below the threshold too: by score, then the stronger identifier first.
    threshold : float
        From this score on an identifier is put up to be blocked.
    above : int
        How many reach the threshold.
    suspected : int
        How many there are anything against.
    scored : int
        How many identifiers were looked at.
    """

    suspects: tuple[Suspect, ...]
    threshold: float
    above: int
    suspected: int
    scored: int

    def __len__(self) -> int:
        """How many are listed."""
        return len(self.suspects)

    def __iter__(self) -> Iterator[Suspect]:
        return iter(self.suspects)

    def __getitem__(self, place: int) -> Suspect:
        return self.suspects[place]

    @property
    def left_off(self) -> int:
        """How many there is something against that are not listed."""
        return self.suspected - len(self.suspects)

    @property
    def summary(self) -> str:
        """How many identifiers most likely join different people, and the worst of them."""
        looked = f"{counted(self.scored, 'identifier')} {'was' if self.scored == 1 else 'were'} looked at"
        if not self.suspected:
            return f"Nothing speaks against any identifier; {looked}."
        verb = "joins" if self.above == 1 else "join"
        found = f"{self.above:,}" if self.above else "None"
        said = f"{found} of {counted(self.scored, 'identifier')} most likely {verb} different people (a score of {self.threshold:g} or more)"
        left = (
            f" Of {self.suspected:,} that anything speaks against, the worst {len(self):,} are listed."
            if self.left_off
            else ""
        )
        return f"{said}.{left} The worst: {self.suspects[0].text}."

    def rows(self) -> list[dict[str, Any]]:
        """Give one row a suspect."""
        return [
            {
                "type": one.type,
                "value": one.value,
                "score": round(one.score, 4),
                "reasons": tuple(reason.text for reason in one.reasons),
                "events": one.events,
                "meets": one.meets,
                "groups": one.groups,
                "anchors": one.anchors,
                "profiles": one.profiles,
                "profile_id": one.profile_id,
            }
            for one in self.suspects
        ]

    def decisions(self) -> tuple[Decision, ...]:
        """Give a decision to block each of the listed suspects that reaches the threshold.

        Look at them before you add them to your decisions: a family's telephone is shared by people, and still finds the right family.
        """
        return tuple(
            Decision(
                "block",
                identifier=(one.type, one.value),
                reason=f"a suspect ({one.score:.2f}): {'; '.join(reason.text for reason in one.reasons)}",
            )
            for one in self.suspects
            if one.score >= self.threshold
        )


def suspects(
    graph: XrefGraph, *, threshold: float = THRESHOLD, limit: int | None = 1000
) -> Suspects:
    """Find the identifiers that most likely join different people, without knowing the truth.

    Parameters
    ----------
    graph : XrefGraph
        The graph. What its events say counts, whatever the policy has cut already.
    threshold : float
        From this score on an identifier is put up to be blocked.
    limit : int, optional
        How many are listed at most; all are counted. None lists all.

    Returns
    -------
    Suspects

    Raises
    ------
    SchemaError
        When the threshold is not between 0 and 1, or the limit no positive number.

    Notes
    -----
    How the score is made: see ``xrefgraph.inspection.suspicion.score_identifiers``, and ``docs/reference/inspection/suspects.md`` on how to
    read it. Cost: linear in the identifiers and the sets of alike events; ten million events take about half as long as their build.

    Examples
    --------
    Twenty people with a telephone and a card each, and one telephone that six of them gave:

    >>> import xrefgraph as xg
    >>> rows = [{"card": f"c{n}", "phone": f"555-01{n:02}"} for n in range(20) for _ in range(2)]
    >>> rows += [{"card": f"c{n}", "phone": "555-0199"} for n in range(6)]
    >>> with xg.build(rows, identifiers=["card", "phone"]) as graph:
    ...     found = suspects(graph)
    >>> print(found[0].value, round(found[0].score, 2))
    555-0199 0.86
    """
    if (
        isinstance(threshold, bool)
        or not isinstance(threshold, int | float)
        or not 0 <= threshold <= 1
    ):
        raise SchemaError(f"threshold is a score between 0 and 1, not {threshold!r}.")
    if limit is not None and (type(limit) is not int or limit < 1):
        raise SchemaError(f"limit is a whole number from 1 on, or None, not {limit!r}.")
    store = graph.store
    scores = score_identifiers(store)
    # By the odds, which still differ where the scores are all next to 1.
    order = np.lexsort((scores.identifier, -scores.decades.round(9)))[:limit]
    return Suspects(
        _suspects(store, scores, order),
        float(threshold),
        int((scores.score >= threshold).sum()),
        len(scores.identifier),
        scores.scored,
    )


def _suspects(store: Store, scores: Scores, rows: npt.NDArray[np.integer]) -> tuple[Suspect, ...]:
    """Make the suspects of some rows."""
    schema, reach, raw = store.schema, scores.reach, scores.raw
    numbers = scores.identifier[rows].tolist()
    named = named_values(store.database, schema, numbers)
    with store.database.registered(no=scores.identifier[rows]) as lent:
        own = dict(
            store.database.rows(
                f"SELECT no, profile FROM store.value SEMI JOIN {lent} USING (no) WHERE profile IS NOT NULL"
            )
        )
    ids = profile_ids(store, own.values())
    profiles = _profiles(scores, rows)
    share = _shares(scores)
    found = []
    for row, number, in_profiles in zip(rows.tolist(), numbers, profiles, strict=True):
        place = int(scores.place[row])
        meets = {
            name: int(reach.meets[place, rank])
            for rank, name in enumerate(schema.names)
            if rank != raw.rank[place] and reach.meets[place, rank]
        }
        kind, value = named[number]
        found.append(
            Suspect(
                kind,
                value,
                float(scores.score[row]),
                _reasons(store, scores, row, share),
                int(raw.carried[place]),
                meets,
                int(reach.parts[place]),
                None
                if schema.anchor is None
                else max(meets.get(schema.anchor, 0), int(scores.rivals[row, 0])),
                in_profiles,
                ids.get(own.get(number, -1)),
            )
        )
    return tuple(found)


def _profiles(scores: Scores, rows: npt.NDArray[np.integer]) -> list[int]:
    """Give how many profiles the events of some suspects are in."""
    raw = scores.raw
    row_of = np.full(raw.identifiers, -1)
    row_of[scores.place[rows]] = np.arange(len(rows))
    links = np.flatnonzero(row_of[raw.link] >= 0)
    key = row_of[raw.link[links]] << 32 | raw.profile[raw.link_set[links]]
    counts: list[int] = np.bincount(distinct(key) >> 32, minlength=len(rows)).tolist()
    return counts


def reasons(store: Store, scores: Scores, number: int) -> tuple[Clue, ...]:
    """Give the reasons against one identifier, by its number in ``store.value``; none where nothing speaks against it."""
    row = int(np.searchsorted(scores.identifier, number))
    if row == len(scores.identifier) or scores.identifier[row] != number:
        return ()
    return _reasons(store, scores, row, _shares(scores))


def _shares(scores: Scores) -> npt.NDArray[np.float64]:
    """Give for each type and each other type the share of those that meet one value, of those that meet any: float64[types, types]."""
    raw, reach = scores.raw, scores.reach
    found = np.ones((raw.types, raw.types))
    for rank in range(raw.types):
        mine = slice(*raw.bounds[rank : rank + 2])
        for other in range(raw.types):
            meets = reach.meets[mine, other]
            some = np.count_nonzero(meets)
            if some:
                found[rank, other] = np.count_nonzero(meets == 1) / some
    return found


def _reasons(
    store: Store, scores: Scores, row: int, share: npt.NDArray[np.float64]
) -> tuple[Clue, ...]:
    say = {
        "meets": _meets,
        "groups": _groups,
        "bridge": _bridge,
        "part": _part,
        "look": _look,
        "events": _events,
        "burst": _burst,
    }
    weights = scores.weights[row]
    worth = (weights >= WORTH_SAYING) | (weights == weights.max())
    found = [
        Clue(kind, say[kind](store, scores, row, share), float(weight))
        for kind, weight, said in zip(KINDS, weights, worth, strict=True)
        if said
    ]
    return tuple(sorted(found, key=lambda one: -one.weight))


def _meets(store: Store, scores: Scores, row: int, share: npt.NDArray[np.float64]) -> str:
    place = scores.place[row]
    rank = int(np.argmax(scores.meeting[row]))
    kind, mine = store.schema.ranked[rank], int(scores.raw.rank[place])
    if kind.unique:
        several = counted(int(scores.rivals[row, rank]), "value")
        return f"brings {several} of {kind.name} together, of which a person has one"
    met = f"meets {counted(int(scores.reach.meets[place, rank]), 'value')} of {kind.name}"
    events = counted(int(scores.reach.events[place, rank]), "event")
    usual = math.floor(share[mine, rank] * 100)
    return (
        f"{met} in {events}, where {usual} % of the values of {store.schema.names[mine]} meet one"
    )


def _groups(_: Store, scores: Scores, row: int, __: npt.NDArray[np.float64]) -> str:
    place = scores.place[row]
    parts, events = int(scores.reach.parts[place]), int(scores.raw.carried[place])
    return f"its {counted(events, 'event')} fall into {counted(parts, 'group')} that share no other identifier"


def _bridge(_: Store, scores: Scores, row: int, __: npt.NDArray[np.float64]) -> str:
    found = scores.bridging
    at = int(np.searchsorted(found.identifier, scores.place[row]))
    ties = int(found.ties[at])
    tie = "a single event joins" if ties == 1 else f"{ties:,} events join"
    return f"{tie} {int(found.large[at]):,} and {counted(int(found.small[at]), 'event')}, by nothing but this value"


def _part(store: Store, scores: Scores, row: int, __: npt.NDArray[np.float64]) -> str:
    found = scores.oversize
    at = int(np.searchsorted(found.identifier, scores.place[row]))
    rank = int(found.rank[at])
    held, usual = int(found.values[at]), found.usual[rank]
    return (
        f"even without what is more suspicious, it is in a part with {held:,} values of {store.schema.names[rank]},"
        f" where half of all parts have {usual:g}{' or less' if usual > 1 else ''}"
    )


def _look(_: Store, scores: Scores, row: int, __: npt.NDArray[np.float64]) -> str:
    return scores.looks[int(scores.place[row])]


def _events(store: Store, scores: Scores, row: int, __: npt.NDArray[np.float64]) -> str:
    place = scores.place[row]
    rank = scores.raw.rank[place]
    usual = usual_events(scores.raw)[rank]
    return (
        f"{counted(int(scores.raw.carried[place]), 'event')} carry it, where half of the values of {store.schema.names[rank]} have {usual:g}"
        f"{' or less' if usual > 1 else ''}"
    )


def _burst(store: Store, scores: Scores, row: int, __: npt.NDArray[np.float64]) -> str:
    found = scores.bursts
    at = int(np.searchsorted(found.identifier, scores.place[row]))
    return f"{int(found.values[at]):,} new values of {store.schema.names[found.rank[at]]} within one hour"
