"""What a cause is called, and why a value links nothing on one side of a comparison."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from xrefgraph.decisions import Identifier
from xrefgraph.graph import XrefGraph
from xrefgraph.hygiene import denied_values, normalize, refusal
from xrefgraph.policy import Policy
from xrefgraph.schema import Schema
from xrefgraph.verdicts import Verdicts, verdicts

#: What a cause is called: where it came apart (True), and where it came together.
WORDS: dict[str, dict[bool, str]] = {
    "block": {True: "block of {type} {value}", False: "block of {type} {value} that is gone"},
    "detach": {True: "detach of {type} {value}", False: "detach of {type} {value} that is gone"},
    "link": {True: "link of {a} and {b} that is gone", False: "link of {a} and {b}"},
    "separate": {
        True: "separation of {a} and {b}",
        False: "separation of {a} and {b} that is gone",
    },
    "over_shared": {
        True: "{type} values that too many share",
        False: "{type} values that too many shared",
    },
    "refused": {
        True: "{type} values that are refused ({reason})",
        False: "{type} values that were refused ({reason})",
    },
    "type": {True: "the type {type} that is left out", False: "the type {type} that is new"},
    "read": dict.fromkeys((True, False), "{type} values that are read otherwise"),
    "data": dict.fromkeys((True, False), "events that carry other values"),
    "events": {True: "events that are gone", False: "events that are new"},
    "contradictory": {
        True: "events that contradict themselves",
        False: "events that contradicted themselves",
    },
    "hands": {True: "{type} values that change hands", False: "{type} values that changed hands"},
}

#: The columns of a cut that say why.
CUT = "c.rule, c.reason, c.type_a, c.value_a, c.type_b, c.value_b"

#: The reason of a cut between two that a decision keeps apart.
KEPT_APART = "a decision keeps them apart"


def cut_facts(
    row: tuple[Any, ...],
    graphs: tuple[XrefGraph, XrefGraph] | None,
    name: Identifier,
    event_id: str,
    *,
    apart: bool,
) -> dict[str, Any]:
    """What a row of the cuts says, as a cause."""
    rule, reason, type_a, value_a, type_b, value_b = row
    pair = tuple((kind, value) for kind, value in ((type_a, value_a), (type_b, value_b)) if kind)
    between = tuple(":".join(one) for one in pair)
    facts: dict[str, Any] = {"between": between, "rule": rule, "reason": reason}
    decided: Verdicts | None = None if graphs is None else verdicts(graphs[1].schema)
    if rule == "detach":
        decision = None if decided is None else decided.detached.get((name, event_id))
        what = WORDS["detach"][apart].format(type=name[0], value=name[1])
        return facts | {"kind": "detach", "what": what, "decision": decision}
    if reason == KEPT_APART and len(pair) == 2:
        a, b = pair if decided is None or pair in decided.separated else pair[::-1]
        decision = None if decided is None else decided.separated.get((a, b))
        what = WORDS["separate"][apart].format(a=" ".join(a), b=" ".join(b))
        return facts | {"kind": "separate", "what": what, "decision": decision}
    said = f": {reason}" if reason else ""
    policies = [] if graphs is None else [graph.schema.policy for graph in graphs]
    if policies and policies[0] != policies[1]:
        after, before = policies[::-1] if apart else policies
        told = f"{_policy_text(after)} instead of {_policy_text(before)}{said}"
    else:
        told = f"{rule}{said}" if apart else f"{rule} no longer cuts{said}"
    return facts | {"kind": "cut", "what": told}


def _policy_text(policy: Policy) -> str:
    options = (
        ", ".join(f"{key}={value}" for key, value in policy.to_dict().items() if key != "policy")
        if policy.function is None
        else ""
    )
    return f"{policy.name} ({options})" if options else str(policy.name)


class Reasons:
    """Why values that link on the one side link nothing on the other."""

    def __init__(self, graphs: tuple[XrefGraph, XrefGraph], apart: bool) -> None:  # noqa: FBT001  (which of two)
        self._one, self._other, self._apart = graphs[0].schema, graphs[1].schema, apart
        self._store, self._decided = graphs[1].store, verdicts(graphs[1].schema)
        self._known: dict[Identifier, str | None] = {}

    def look_up(self, names: Iterable[Identifier]) -> None:
        """Read what the other graph says of some values."""
        wanted = sorted(one for one in names if one[0] in self._other.names)
        columns: dict[str, npt.NDArray[Any]] = {
            "n": np.arange(len(wanted)),
            "type": np.array([self._other.rank(kind) for kind, _ in wanted], np.uint8),
            "text": np.array([text for _, text in wanted], dtype=object),
        }
        if not wanted:
            return
        with self._store.database.registered(**columns) as lent:
            rows = self._store.database.rows(
                "SELECT l.n, v.reason, v.identifier = v.no FROM store.value v JOIN"
                f" (SELECT n, type, text::VARCHAR AS text FROM {lent}) l ON v.text = l.text AND v.type = l.type"
            )
        for n, reason, itself in rows:
            self._known[wanted[n]] = reason or ("itself" if itself else "read")

    def of(self, name: Identifier) -> dict[str, Any] | None:
        """Say why one links nothing; None where that is no cause of its own."""
        kind = name[0]
        if kind not in self._other.names:
            return self._facts("type", name)
        reason = self._known.get(name) or self._refusal(self._other, name)
        if reason == "itself":
            # It occurs, but only in events that contradict themselves, or from which it is detached: these say so.
            return None
        if reason == "blocked":
            decision = self._decided.blocked.get(name)
            return self._facts("block", name) | {
                "decision": decision,
                "reason": None if decision is None else decision.reason,
            }
        if reason == "over_shared":
            return self._facts("over_shared", name)
        if reason in ("denied", "pattern", "not_accepted", "junk", "blank"):
            return self._facts("refused", name, reason)
        return self._facts("read", name) if reason == "read" else self.other_value(name)

    def other_value(self, name: Identifier) -> dict[str, Any]:
        """Say why an event does not carry a value on the other side: it is read otherwise there, or it is another event."""
        one, other = (
            schema.ranked[schema.rank(name[0])].normalizers if name[0] in schema.names else None
            for schema in (self._one, self._other)
        )
        return self._facts("data" if one == other else "read", name)

    def _facts(self, kind: str, name: Identifier, reason: str | None = None) -> dict[str, Any]:
        what = WORDS[kind][self._apart].format(type=name[0], value=name[1], reason=reason)
        return {"kind": kind, "what": what, "reason": reason}

    @staticmethod
    def _refusal(schema: Schema, name: Identifier) -> str | None:
        kind = schema.ranked[schema.rank(name[0])]
        text, reason = normalize(name[1], kind.normalizers)
        return reason or refusal(text, kind, denied_values(kind))
