"""The conflict policies by name: what becomes of a raw profile that holds two people.

Each takes the evidence of the raw profiles in conflict, and gives a partition of their identifiers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from xrefgraph.linking.evidence import Cuts, Evidence, Partition, Rules, smallest_members
from xrefgraph.linking.isolate import isolate
from xrefgraph.linking.over_time import over_time
from xrefgraph.linking.unions import first_claim, last_touch, strongest


def keep(evidence: Evidence, rules: Rules) -> Partition:  # noqa: ARG001 (a policy takes both)
    """Split nothing: a profile in conflict stays whole, and is ambiguous."""
    none = np.empty(0, np.int32)
    return Partition(
        smallest_members(evidence.raw_of),
        np.zeros(evidence.identifiers, bool),
        Cuts(none, none, none, none),
    )


@dataclass(frozen=True)
class PolicyRule:
    """A policy, and what it asks for.

    Attributes
    ----------
    function : callable
        ``function(evidence, rules, **options)`` gives a `Partition`.
    needs : {"sets", "oldest", "newest", "events"}
        What the evidence must hold beside the sets and how many events each has: the number of the oldest event of
        each set, number and time of its newest, or the set and time of all events.
    options : mapping of str to value
        The options, with their defaults.
    """

    function: Callable[..., Partition]
    needs: Literal["sets", "oldest", "newest", "events"] = "sets"
    options: Mapping[str, bool] = field(default_factory=dict)


#: The policies by name.
REGISTRY: Mapping[str, PolicyRule] = {
    "keep": PolicyRule(keep),
    "isolate": PolicyRule(isolate),
    "first_claim": PolicyRule(first_claim, "oldest"),
    "last_touch": PolicyRule(last_touch, "newest", {"newest_event_first": False}),
    "strongest": PolicyRule(strongest),
    "over_time": PolicyRule(over_time, "events", {"claim_back": True}),
}
