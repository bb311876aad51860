"""How right the profiles are, where somebody knows the true persons: precision, recall and F1, and where they are wrong."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from xrefgraph.database import Database
from xrefgraph.errors import counted
from xrefgraph.graph import XrefGraph
from xrefgraph.inspection.answers import Answer, html_table, sentence
from xrefgraph.inspection.subjects import asked_number, asked_store, profile_ids
from xrefgraph.inspection.truth import read_truth
from xrefgraph.networks import EventNode, IdentifierNode
from xrefgraph.store import Store

log = logging.getLogger(__name__)

#: How many persons of a profile, and profiles of a person, an example names.
NAMED = 5


@dataclass(frozen=True)
class Score:
    """How much of what was found is right, and how much of what is right was found: between 0 and 1.

    Parameters
    ----------
    precision, recall : float or None
        None where there is nothing that could be right: no pair at all.
    f1 : float or None
        Their harmonic mean.
    """

    precision: float | None
    recall: float | None
    f1: float | None


@dataclass(frozen=True)
class MixedProfile:
    """A profile that holds several true persons.

    Parameters
    ----------
    profile_id : str
        The profile.
    judged : int
        How many of its events (or identifiers) the truth knows.
    persons : int
        Of how many persons they are.
    wrong_pairs : int
        How many pairs of them are of different persons.
    largest : tuple of (str, int)
        The persons with most of them, and how many; at most five.
    left_off : int
        How many more persons.
    """

    profile_id: str
    judged: int
    persons: int
    wrong_pairs: int
    largest: tuple[tuple[str, int], ...]
    left_off: int


@dataclass(frozen=True)
class SpreadPerson:
    """A true person who is spread over several profiles.

    Parameters
    ----------
    person : str
        As the truth calls her.
    judged : int
        How many events (or identifiers) the truth knows of her.
    profiles : int
        In how many profiles they are.
    without_profile : int
        How many of them are in none.
    missed_pairs : int
        How many pairs of them are not together.
    largest : tuple of (str, int)
        The profiles with most of them, and how many; at most five.
    left_off : int
        How many more profiles.
    """

    person: str
    judged: int
    profiles: int
    without_profile: int
    missed_pairs: int
    largest: tuple[tuple[str, int], ...]
    left_off: int


@dataclass(frozen=True, repr=False)
class Evaluation(Answer):
    """How right the profiles are; made by :func:`evaluate`, which says what counts how.

    Parameters
    ----------
    by : {"events", "identifiers"}
        What is judged.
    judged : int
        How many of them have a person in the truth.
    not_judged : int
        How many of the graph have none. They count nowhere.
    without_profile : int
        How many of the judged ones are in no profile: each counts as a profile of its own.
    persons, profiles : int
        How many persons they are in truth, and in how many profiles they are.
    right_pairs, wrong_pairs, missed_pairs : int
        Pairs that are together and are one person (true positives), that are together and are not (false positives), and that
        are one person and not together (false negatives).
    pairwise : Score
        Of the pairs.
    bcubed : Score
        B-cubed: the mean over all judged of how much of its profile is its person, and how much of its person is its profile.
    mixed_profiles, spread_persons : int
        How many profiles hold several persons, and how many persons are not in one profile.
    mixed : tuple of MixedProfile
        The profiles with most wrong pairs.
    spread : tuple of SpreadPerson
        The persons with most missed pairs.
    unknown : int
        How many rows of the truth are about an event or an identifier that the graph has not.
    unknown_examples : tuple of EventNode or IdentifierNode
        The first of these, at most five.
    """

    by: str
    judged: int
    not_judged: int
    without_profile: int
    persons: int
    profiles: int
    right_pairs: int
    wrong_pairs: int
    missed_pairs: int
    pairwise: Score
    bcubed: Score
    mixed_profiles: int
    spread_persons: int
    mixed: tuple[MixedProfile, ...]
    spread: tuple[SpreadPerson, ...]
    unknown: int
    unknown_examples: tuple[EventNode | IdentifierNode, ...]

    @property
    def summary(self) -> str:
        """How many pairs are right and found, and how many profiles and persons are not as they are in truth."""
        noun = self.by.removesuffix("s")
        rest = ""
        if self.unknown:
            verb = "is" if self.unknown == 1 else "are"
            what = f"an {noun}" if self.unknown == 1 else self.by
            rest = f" {counted(self.unknown, 'row')} of the truth {verb} about {what} that the graph does not have."
        if not self.judged:
            return f"Nothing can be judged: the truth knows the person of no {noun} of the graph.{rest}"
        return (
            f"Of {counted(self.judged, noun)} of {counted(self.persons, 'person')}, {self._told()}"
            f" {sentence(_several(self.mixed_profiles, 'profile', 'holds', 'hold'))} several persons, and"
            f" {_several(self.spread_persons, 'person', 'is', 'are')} spread over several profiles.{rest}"
        )

    def _told(self) -> str:
        together, true = self.right_pairs + self.wrong_pairs, self.right_pairs + self.missed_pairs
        if not together and not true:
            return "no two are one person, and no two are together."
        parts = []
        if together:
            parts.append(
                f"{_share(self.pairwise.precision)} of the pairs that are together are one person (precision)"
            )
        else:
            parts.append("no two are together")
        if true:
            parts.append(
                f"{_share(self.pairwise.recall)} of the pairs that are one person are together (recall)"
            )
        else:
            parts.append("no two are one person")
        return f"{', and '.join(parts)}: F1 {self.pairwise.f1:.4f}."

    def rows(self) -> list[dict[str, Any]]:
        """Give the two scores as rows: ``measure``, ``precision``, ``recall``, ``f1``."""
        return [
            {"measure": name, "precision": one.precision, "recall": one.recall, "f1": one.f1}
            for name, one in (("pairwise", self.pairwise), ("B-cubed", self.bcubed))
        ]

    def _repr_html_(self) -> str:
        scores = [
            {
                name: f"{value:.4f}" if isinstance(value, float) else value
                for name, value in row.items()
            }
            for row in self.rows()
        ]
        parts = [html_table(self.summary, scores, 2_000)]
        for told, count, examples in (
            ("Profiles that hold several persons", self.mixed_profiles, self.mixed),
            ("Persons that are spread over several profiles", self.spread_persons, self.spread),
        ):
            if examples:
                parts.append(
                    html_table(
                        f"{told}: {len(examples):,} of {count:,}",
                        [vars(one) for one in examples],
                        5_000,
                    )
                )
        return "".join(parts)


def _share(share: float | None) -> str:
    return "none" if share is None else f"{100 * share:.1f} %"


def _several(number: int, noun: str, one: str, more: str) -> str:
    return f"{counted(number, noun) if number else f'no {noun}'} {more if number > 1 else one}"


def evaluate(
    graph: XrefGraph,
    truth: Any,
    *,
    by: str = "events",
    columns: Mapping[str, str] | None = None,
    examples: int = 10,
) -> Evaluation:
    """Say how right the profiles are, beside the true persons.

    Parameters
    ----------
    graph : XrefGraph
        It is not changed.
    truth : str, mapping, or rows
        Who is who in truth:

        - the name of a column that ``build(..., keep_columns=[...])`` carried along, which says whose an event is;
        - a mapping: from event to person, an event as its id, ``(source, id)`` or an :class:`EventNode`; or, for
          ``by="identifiers"``, from identifier to person, as ``"type:value"``, ``(type, value)`` or an :class:`IdentifierNode`;
        - rows, as whatever a source may be (a path, a list of dicts, a pandas or polars frame, an Arrow table, ...), with the columns
          ``event_id``, ``person`` and, where several sources have an id, ``source``; or ``type``, ``value`` and ``person``.

        Where the person is blank, nobody knows. Persons are compared as text.
    by : {"events", "identifiers"}
        What is judged.
    columns : mapping of str to str, optional
        How the columns of the rows are called, where they are called otherwise: ``{"person": "CLUSTER_ID"}``.
    examples : int
        How many of the worst profiles, and of the worst persons, are named.

    Returns
    -------
    Evaluation

    Raises
    ------
    SourceError
        When an event or an identifier has two persons in the truth, or a column is missing.
    UnknownError
        When there is no such column or file, or the truth names an id that several sources have without saying which.
    SchemaError
        When ``by``, ``columns`` or ``examples`` is none of the above.

    Notes
    -----
    Judged is what has a person in the truth; everything else counts nowhere. What is judged and in no profile (an event without an
    identifier, a refused value) counts as a profile of its own: it is together with nothing, so it costs recall if its person
    has more. An identifier that changed hands counts for its last owner. Values of the truth are normalised like those of the
    graph, so two spellings of an identifier are one.

    *Pairwise*, of all pairs of judged ones: precision is the share of the pairs in one profile that are one person, recall
    the share of the pairs of one person that are in one profile. Large profiles and persons weigh more, with their square.

    *B-cubed* (Bagga and Baldwin, *Entity-based cross-document coreferencing using the vector space model*, COLING-ACL 1998),
    the mean over all judged ones: precision is the share of its profile that is its person, recall the share of its person that is
    in its profile; both count itself.

    Cost: one pass over the events, or over the values, and what follows the pairs of a profile and a person. Pairs are counted by
    these, and never looked at one by one; the counts are exact.

    Examples
    --------
    >>> import xrefgraph as xg
    >>> rows = [{"id": 1, "cookie": "a", "who": "ann"}, {"id": 2, "cookie": "a", "who": "bob"}, {"id": 3, "cookie": "b", "who": "bob"}]
    >>> graph = xg.build(rows, identifiers=["cookie"], event_id="id", keep_columns=["who"])
    >>> found = xg.evaluate(graph, "who")
    >>> found.right_pairs, found.wrong_pairs, found.missed_pairs
    (0, 1, 1)
    >>> found.mixed[0].largest
    (('ann', 1), ('bob', 1))
    >>> xg.evaluate(graph, {1: "ann", 2: "ann", 3: "bob"}).pairwise
    Score(precision=1.0, recall=1.0, f1=1.0)
    >>> print(xg.evaluate(graph, {"cookie:a": "ann", "cookie:b": "ann"}, by="identifiers").summary)
    Of 2 identifiers of 1 person, no two are together, and 0.0 % of the pairs that are one person are together (recall):
    F1 0.0000. No profile holds several persons, and 1 person is spread over several profiles.
    """
    asked_number("examples", examples)
    began = time.perf_counter()
    store = asked_store(graph)
    database, catalog = store.database.beside()
    try:
        found = read_truth(store, database, catalog, truth, by, {} if columns is None else columns)
        n = _count(database)
        # A refused value of the truth is judged, and is none of the identifiers that the graph counts.
        of_graph = n.judged if by == "events" else n.judged - n.alone
        evaluation = Evaluation(
            by=by,
            judged=n.judged,
            not_judged=graph.counts[by] - of_graph,
            without_profile=n.alone,
            persons=n.persons,
            profiles=n.profiles,
            right_pairs=n.right,
            wrong_pairs=n.together - n.right,
            missed_pairs=n.true - n.right,
            pairwise=_score(n.right, n.together, n.true),
            bcubed=_bcubed(database, n.judged),
            mixed_profiles=n.mixed,
            spread_persons=n.spread,
            mixed=_mixed(store, database, examples),
            spread=_spread(store, database, examples),
            unknown=found.unknown,
            unknown_examples=found.unknown_examples,
        )
    finally:
        database.close()
    seconds = time.perf_counter() - began
    log.info("evaluated %s in %.1f s", counted(evaluation.judged, by.removesuffix("s")), seconds)
    return evaluation


# ------------------------------------------------------------------------------------------- counting


class _Counts(NamedTuple):
    judged: int
    alone: int
    persons: int
    profiles: int
    right: int
    together: int
    true: int
    mixed: int
    spread: int


def _pairs(number: str) -> str:
    """The SQL of the sum of the pairs that so many make: exact, however many they are."""
    return f"coalesce(sum({number}::HUGEINT * ({number} - 1) // 2), 0)"


def _count(database: Database) -> _Counts:
    """Make the contingency table and its margins, and count.

    ``cell``          how many are in a profile and of a person; the profile is null for those in none
    ``in_profile``    how many are in a profile, and of how many persons
    ``of_person``     how many are of a person, in how many profiles, how many in none
    """
    database.run(
        "CREATE TEMP TABLE cell AS SELECT profile, person, count(*) AS n FROM item GROUP BY ALL"
    )
    database.run(
        f"CREATE TEMP TABLE in_profile AS SELECT profile, sum(n)::BIGINT AS size, count(*) AS persons, {_pairs('n')} AS pairs"
        " FROM cell WHERE profile IS NOT NULL GROUP BY profile"
    )
    # Those in no profile are together with nothing: no pair of them is found.
    database.run(
        "CREATE TEMP TABLE of_person AS SELECT person, sum(n)::BIGINT AS size, count(profile) AS profiles,"
        " coalesce(sum(n) FILTER (profile IS NULL), 0)::BIGINT AS alone,"
        f" {_pairs('CASE WHEN profile IS NOT NULL THEN n ELSE 1 END')} AS pairs FROM cell GROUP BY person"
    )
    judged, alone, persons, true, spread = database.row(
        f"SELECT coalesce(sum(size), 0), coalesce(sum(alone), 0), count(*), {_pairs('size')}, count(*) FILTER (profiles + alone > 1)"
        " FROM of_person"
    )
    profiles, right, together, mixed = database.row(
        f"SELECT count(*), coalesce(sum(pairs), 0), {_pairs('size')}, count(*) FILTER (persons > 1) FROM in_profile"
    )
    return _Counts(
        *map(int, (judged, alone, persons, profiles, right, together, true, mixed, spread))
    )


def _score(right: int, together: int, true: int) -> Score:
    return Score(_ratio(right, together), _ratio(right, true), _ratio(2 * right, together + true))


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _bcubed(database: Database, judged: int) -> Score:
    if not judged:
        return Score(None, None, None)
    # Sums of integers by the size that they are divided by: one float each, in an order that no thread decides.
    of_profile = database.rows(
        "SELECT size, sum(n::HUGEINT * n) FROM cell JOIN in_profile USING (profile) GROUP BY size"
        " UNION ALL SELECT 1, coalesce(sum(n), 0) FROM cell WHERE profile IS NULL"
    )
    of_person = database.rows(
        "SELECT size, sum(CASE WHEN profile IS NULL THEN n ELSE n::HUGEINT * n END) FROM cell JOIN of_person USING (person)"
        " GROUP BY size"
    )
    precision, recall = (
        math.fsum(int(part) / int(size) for size, part in rows) / judged
        for rows in (of_profile, of_person)
    )
    return Score(precision, recall, 2 * precision * recall / (precision + recall))


# ------------------------------------------------------------------------------------------- examples


def _mixed(store: Store, database: Database, examples: int) -> tuple[MixedProfile, ...]:
    rows = database.rows(
        "WITH worst AS (SELECT *, size::HUGEINT * (size - 1) // 2 - pairs AS wrong FROM in_profile WHERE persons > 1"
        f" ORDER BY wrong DESC, profile LIMIT {examples})"
        " SELECT w.profile, any_value(w.size), any_value(w.persons), any_value(w.wrong),"
        f" list((c.person, c.n) ORDER BY c.n DESC, c.person)[:{NAMED}] FROM cell c JOIN worst w USING (profile)"
        " GROUP BY w.profile ORDER BY any_value(w.wrong) DESC, w.profile"
    )
    named = profile_ids(store, [row[0] for row in rows])
    return tuple(
        MixedProfile(
            named[profile], size, persons, int(wrong), tuple(largest), persons - len(largest)
        )
        for profile, size, persons, wrong, largest in rows
    )


def _spread(store: Store, database: Database, examples: int) -> tuple[SpreadPerson, ...]:
    rows = database.rows(
        "WITH worst AS (SELECT *, size::HUGEINT * (size - 1) // 2 - pairs AS missed FROM of_person WHERE profiles + alone > 1"
        f" ORDER BY missed DESC, person LIMIT {examples})"
        " SELECT w.person, any_value(w.size), any_value(w.profiles), any_value(w.alone), any_value(w.missed),"
        f" coalesce(list((c.profile, c.n) ORDER BY c.n DESC, c.profile) FILTER (c.profile IS NOT NULL), [])[:{NAMED}]"
        " FROM cell c JOIN worst w USING (person) GROUP BY w.person ORDER BY any_value(w.missed) DESC, w.person"
    )
    named = profile_ids(store, [profile for row in rows for profile, _ in row[5]])
    return tuple(
        SpreadPerson(
            person,
            size,
            profiles,
            alone,
            int(missed),
            tuple((named[profile], n) for profile, n in largest),
            profiles - len(largest),
        )
        for person, size, profiles, alone, missed, largest in rows
    )
