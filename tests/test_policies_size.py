"""Large conflicts take seconds: nothing is quadratic, and nothing recurses."""

import time
from dataclasses import replace

import numpy as np
import pytest

from tests.benchmarks.conflicts import SHAPES, World, make
from xrefgraph.linking.policies import REGISTRY

#: Seconds of the processor, several times what they take where nothing else runs.
ENOUGH = {"kiosk": 10, "chain": 10, "crowd": 10, "pairs": 20}


def crowd() -> World:
    """One event carries 60,000 cookies, and 60,000 people have one of them each."""
    people = 60_000
    evidence, rules = make(
        [np.arange(people), np.full(people, -1), np.arange(people)],
        np.zeros(people, np.int64),
        people,
        np.random.default_rng(7),
    )
    event_set, event_time = evidence.events()
    cookies = np.arange(rules.bounds[2], rules.bounds[3], dtype=np.int32)
    return replace(
        evidence,
        set_start=np.append(evidence.set_start, evidence.set_start[-1] + len(cookies)),
        set_identifier=np.concatenate([evidence.set_identifier, cookies]),
        set_events=np.append(evidence.set_events, 1),
        event_set=np.append(event_set, people).astype(np.int32),
        event_time=np.append(event_time, event_time[-1] + 1),
    ), rules


def pairs() -> World:
    """The kiosk; of its cookies 30 pairs are separated."""
    evidence, rules = SHAPES["kiosk"]()
    cookies = np.random.default_rng(7).choice(
        np.arange(*rules.bounds[2:4], dtype=np.int32), 60, replace=False
    )
    separated = np.sort(cookies.reshape(-1, 2), axis=1)
    return evidence, replace(rules, separated=separated[np.argsort(separated[:, 0])])


WORLDS = {"kiosk": SHAPES["kiosk"], "chain": SHAPES["chain"], "crowd": crowd, "pairs": pairs}


@pytest.mark.parametrize("shape", WORLDS)
def test_one_large_conflict_takes_seconds(shape: str) -> None:
    evidence, rules = WORLDS[shape]()
    for name, rule in REGISTRY.items():
        began = time.process_time()
        partition = rule.function(evidence, rules)
        seconds = time.process_time() - began
        print(shape, name, round(seconds, 2))  # noqa: T201 (shown where the test fails)
        assert len(partition.cuts) or name == "keep"
        assert seconds < ENOUGH[shape], name
