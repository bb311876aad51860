"""Steps 3 and 4 of the rules: what is set aside before anything is linked, and what people decided."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from xrefgraph.database import Database
from xrefgraph.decisions import Decision, Identifier
from xrefgraph.errors import counted
from xrefgraph.events import Staged
from xrefgraph.identifiers import Incidence, Ints, Longs, detached_sets, strongest_of
from xrefgraph.linking.decisions import link_keys, remaining
from xrefgraph.linking.sharing import over_shared
from xrefgraph.schema import Schema
from xrefgraph.verdicts import Verdicts

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Restrictions:
    """What was set aside or decided, in numbers of identifiers.

    Parameters
    ----------
    aside : mapping of str to int32[identifiers]
        Identifiers that link nothing, by the reason: ``over_shared`` or ``blocked``. No identifier is in both.
    linked, separated : int32[pairs, 2]
        Decisions of people; the smaller number comes first.
    detached : int64[links]
        Links that decisions cut, as in :class:`Incidence`.
    reasons : tuple of (str or None)
        For each of these the reason that stands in the decision.
    idle : tuple of Decision
        Decisions that do nothing, or not all that they say, since what they name does not occur.
    """

    aside: dict[str, Ints]
    linked: Ints
    separated: Ints
    detached: Longs
    reasons: tuple[str | None, ...]
    idle: tuple[Decision, ...]


def mark_detached(database: Database, staged: Staged, verdicts: Verdicts) -> Staged:
    """Give the events of which a decision detaches an identifier a column ``detached``, so that they are sets of their own.

    Parameters
    ----------
    database : Database
        With the view ``staged``.
    staged : Staged
        What is in it.
    verdicts : Verdicts
        The decisions.
    """
    if not verdicts.detached:
        return staged
    events = _detached_events(verdicts)
    with database.registered(
        event_id=np.array(events, dtype=object), number=np.arange(len(events), dtype=np.int32)
    ) as lent:
        database.run(
            f"CREATE TEMP TABLE detached_event AS SELECT event_id::VARCHAR AS event_id, number FROM {lent}"
        )
    database.run("ALTER VIEW staged RENAME TO staged_whole")
    database.run(
        "CREATE TEMP VIEW staged AS SELECT e.*, d.number AS detached FROM staged_whole e"
        " LEFT JOIN detached_event d ON e.event_id::VARCHAR = d.event_id"
    )
    return replace(staged, detached=True)


def restrict(
    database: Database, incidence: Incidence, schema: Schema, verdicts: Verdicts
) -> tuple[Incidence, Restrictions]:
    """Set aside what is shared by too many, and carry out the decisions.

    Parameters
    ----------
    database : Database
        With the tables ``sets`` and ``value``.
    incidence : Incidence
        All links, but for those of contradictory events and refused values.
    schema : Schema
        The types.
    verdicts : Verdicts
        The decisions.

    Returns
    -------
    (Incidence, Restrictions)
        What is left of the links; nothing is done in place.
    """
    limits = {
        (rank, schema.rank(other)): most
        for rank, kind in enumerate(schema.ranked)
        for other, most in kind.shared_with.items()
    }
    shared = over_shared(incidence.link_set, incidence.link_identifier, incidence.bounds, limits)
    known = _numbers(database, schema, incidence, verdicts)
    blocked = np.array(sorted(known[one] for one in verdicts.blocked if one in known), np.int32)
    # What is shared by too many is set aside before anybody's decision: that is the reason that it has.
    blocked = blocked[~shared[blocked]]
    aside = shared.copy()
    aside[blocked] = True
    idle = [decision for one, decision in verdicts.blocked.items() if one not in known]

    detached, reasons, missed = _detached_links(database, incidence, verdicts, known, aside)
    idle += missed
    held = incidence.held & ~aside
    pairs = {}
    for name, wanted in (("linked", verdicts.linked), ("separated", verdicts.separated)):
        found = []
        for (a, b), decision in wanted.items():
            if a in known and b in known and held[known[a]] and held[known[b]]:
                found.append(sorted((known[a], known[b])))
            else:
                idle.append(decision)
        pairs[name] = np.array(sorted(found), np.int32).reshape(-1, 2)
    _report(idle, len(schema.decisions), int(shared.sum()))

    restrictions = Restrictions(
        {"over_shared": np.flatnonzero(shared).astype(np.int32), "blocked": blocked},
        pairs["linked"],
        pairs["separated"],
        detached,
        reasons,
        tuple(sorted(dict.fromkeys(idle), key=schema.decisions.index)),
    )
    if not aside.any() and not len(detached):
        return incidence, restrictions
    kept = remaining(incidence.link_set, incidence.link_identifier, aside, detached)
    link_set, link_identifier = incidence.link_set[kept], incidence.link_identifier[kept]
    stands_for = incidence.stands_for.copy()
    some = stands_for >= 0
    stands_for[some] = np.where(aside[stands_for[some]], np.int32(-1), stands_for[some])
    restricted = replace(
        incidence,
        link_set=link_set,
        link_identifier=link_identifier,
        link_strongest=strongest_of(link_set, link_identifier),
        held=held,
        stands_for=stands_for,
        detached=detached,
    )
    return restricted, restrictions


def _report(idle: list[Decision], decisions: int, shared: int) -> None:
    if shared:
        log.info("set aside: %s over-shared", counted(shared, "identifier"))
    if idle:
        log.warning(
            "%s of %s do nothing, or not all that they say: what they name does not occur (the first is %s)",
            f"{len(dict.fromkeys(idle)):,}",
            counted(decisions, "decision"),
            idle[0].origin,
        )


def _detached_events(verdicts: Verdicts) -> list[str]:
    return sorted({event for _, event in verdicts.detached})


def _detached_links(
    database: Database,
    incidence: Incidence,
    verdicts: Verdicts,
    known: dict[Identifier, int],
    aside: np.ndarray[tuple[int, ...], np.dtype[np.bool_]],
) -> tuple[Longs, tuple[str | None, ...], list[Decision]]:
    """The links that are cut, ascending, the reason of each, and decisions that find nothing to cut."""
    if not verdicts.detached:
        return np.empty(0, np.int64), (), []
    link_set, link_identifier, event_of = detached_sets(database, incidence)
    there: dict[tuple[int, int], list[int]] = {}
    for one_set, identifier in zip(link_set.tolist(), link_identifier.tolist(), strict=True):
        there.setdefault((event_of[one_set], identifier), []).append(one_set)
    number = {event: number for number, event in enumerate(_detached_events(verdicts))}
    cuts: dict[int, str | None] = {}
    idle = []
    for (one, event), decision in verdicts.detached.items():
        identifier = known.get(one, -1)
        sets = there.get((number[event], identifier), [])
        if not sets or aside[identifier]:
            idle.append(decision)
            continue
        keys = link_keys(np.array(sets, np.int32), np.array([identifier], np.int32))
        cuts |= dict.fromkeys(keys.tolist(), decision.reason)
    ordered = sorted(cuts)
    return np.array(ordered, np.int64), tuple(cuts[key] for key in ordered), idle


def _numbers(
    database: Database, schema: Schema, incidence: Incidence, verdicts: Verdicts
) -> dict[Identifier, int]:
    """The numbers of the identifiers that decisions name, of those that some event may hold."""
    named = _named(verdicts)
    if not named:
        return {}
    with database.registered(
        place=np.arange(len(named), dtype=np.int32),
        type=np.array([schema.rank(kind) for kind, _ in named], np.uint8),
        text=np.array([text for _, text in named], dtype=object),
    ) as lent:
        rows = database.rows(
            f"SELECT l.place, v.no FROM value v JOIN (SELECT place, type, text::VARCHAR AS text FROM {lent}) l"
            " ON v.text = l.text AND v.type = l.type WHERE v.identifier = v.no ORDER BY v.no"
        )
    return {named[place]: number for place, number in rows if incidence.held[number]}


def _named(verdicts: Verdicts) -> list[Identifier]:
    pairs: Iterable[Identifier] = (
        one for pairs in (verdicts.linked, verdicts.separated) for pair in pairs for one in pair
    )
    return sorted({*verdicts.blocked, *(one for one, _ in verdicts.detached), *pairs})
