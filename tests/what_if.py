"""Random worlds with rules of every kind, and what a rebuild of them gives. No test, but what tests of what-ifs are made of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import strategies as st

import xrefgraph as xg
from tests.worlds import times

TYPES = ("db_id", "email", "cookie")

#: Few values, so that events meet.
VALUES = {"db_id": ("1", "2", "3"), "email": ("a", "B", "b"), "cookie": ("x", "y", "z", "'\"")}


def cut_all(conflict: Any) -> list[Any]:
    """A policy of somebody's own: each event keeps its strongest identifier and nothing else."""
    strongest: dict[Any, Any] = {}
    for event, node in conflict.links:
        strongest.setdefault(event, node)
    return [(event, node) for event, node in conflict.links if strongest[event] != node]


POLICIES = (
    "keep",
    "isolate",
    "first_claim",
    "last_touch",
    xg.Policy("last_touch", newest_event_first=True),
    "strongest",
    "over_time",
    xg.Policy("over_time", claim_back=False),
    xg.Policy("over_time", claim_back="1000 days"),
    cut_all,
)


def policy_name(policy: Any) -> str:
    """The name of a policy in the name of a test, the same in every process."""
    return str(getattr(policy, "__name__", policy))


@dataclass(frozen=True)
class World:
    """Events in two sources, and the rules that they are linked by."""

    first: list[dict[str, Any]]
    second: list[dict[str, Any]]
    schema: xg.Schema

    def build(self) -> xg.XrefGraph:
        """Link them."""
        return built(self.first, self.second, self.schema)

    def without(self, events: Iterable[tuple[str, str]]) -> xg.XrefGraph:
        """Link those that are left when some are gone."""
        gone = set(events)
        left = [
            [event for event in some if (name, str(event["id"])) not in gone]
            for name, some in (("first", self.first), ("second", self.second))
        ]
        return built(left[0], left[1], self.schema)


def built(
    first: list[dict[str, Any]], second: list[dict[str, Any]], schema: xg.Schema
) -> xg.XrefGraph:
    """Link the events of two sources."""
    sources = [
        xg.Source(some, identifiers=TYPES, event_id="id", time="at", name=name)
        for name, some in (("first", first), ("second", second))
    ]
    return xg.build(sources, schema)


@st.composite
def events(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Events with an id, perhaps a time, and one to three identifiers."""
    rows = draw(
        st.lists(
            st.fixed_dictionaries(
                {"at": times},
                optional={
                    kind: st.sampled_from(values)
                    | st.lists(st.sampled_from(values), max_size=2)
                    | st.just(" ")
                    for kind, values in VALUES.items()
                },
            ),
            max_size=9,
        )
    )
    return [{**row, "id": number} for number, row in enumerate(rows)]


identifiers = st.sampled_from([(kind, value) for kind, some in VALUES.items() for value in some])


@st.composite
def decisions(draw: st.DrawFn, action: str | None = None) -> dict[str, Any]:
    """One decision of any kind."""
    match action or draw(st.sampled_from(["block", "detach", "link", "separate"])):
        case "block":
            return {"action": "block", "identifier": draw(identifiers)}
        case "detach":
            some = draw(st.lists(st.integers(0, 8), min_size=1, max_size=3))
            return {"action": "detach", "identifier": draw(identifiers), "events": some}
        case name:
            a, b = draw(st.lists(identifiers, min_size=2, max_size=2, unique_by=normal))
            return {"action": name, "a": a, "b": b}


def normal(one: tuple[str, str]) -> tuple[str, str]:
    """An identifier as it is read: emails are in lower case."""
    return (one[0], one[1].lower()) if one[0] == "email" else one


@st.composite
def worlds(draw: st.DrawFn, policy: Any = None, *, shared: bool = True) -> World:
    """Some events and rules."""
    limit = draw(st.sampled_from([None, 1, 2]))
    email = xg.IdentifierType(
        "email",
        normalize="lower",
        unique=draw(st.booleans()),
        deny=draw(st.sampled_from([(), ("b",)])),
    )
    sharing = {"email": 2} if shared and draw(st.booleans()) else {}
    cookie = xg.IdentifierType("cookie", limit=limit, shared_with=sharing)
    anchor = draw(st.sampled_from(["db_id", "db_id", None]))
    schema = xg.Schema(
        ["db_id", email, cookie],
        anchor=anchor,
        conflicts=draw(st.sampled_from(POLICIES)) if policy is None else policy,
        decisions=draw(st.lists(decisions(), max_size=2)),
    )
    return World(draw(events()), draw(events()), schema)


def decided(schema: xg.Schema, *more: Mapping[str, Any]) -> xg.Schema:
    """The same rules with more decisions."""
    return replace(schema, decisions=(*schema.decisions, *xg.read_decisions(list(more))))


Told = dict[str, Any]


def told(graph: xg.XrefGraph) -> Told:
    """Who is who, by the public tables."""
    owners: dict[tuple[str, str], set[tuple[str | None, str]]] = defaultdict(set)
    for one in graph.identifiers.rows():
        owners[one["type"], one["value"]].add((one["profile_id"], one["status"]))
    return {
        "events": {
            (one["source"], one["event_id"]): (one["profile_id"], one["anchor"], one["status"])
            for one in graph.events.rows()
        },
        "identifiers": dict(owners),
        "profiles": {
            one["profile_id"]: (
                one["anchor"],
                one["events"],
                one["identifiers"],
                one["ambiguous"],
                one["over_limit"],
            )
            for one in graph.profiles.rows()
        },
        "cuts": sum(one["rule"] != "detach" for one in graph.cuts.rows()),
    }
