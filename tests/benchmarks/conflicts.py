"""How long the policies take on arrays: many small conflicts, one large one, and a long chain.

    python -m tests.benchmarks.conflicts [SHAPE ...]

Seeded arrays, no files: what is measured is `xrefgraph.linking` alone. `many` is the part in conflict of ten million
events with 1.5 million profiles, at 0.1, 1 and 10 percent of the profiles.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from functools import partial

import numpy as np
import numpy.typing as npt

from xrefgraph.linking.conflicts import find_conflicts
from xrefgraph.linking.evidence import Evidence, Rules
from xrefgraph.linking.policies import REGISTRY

Integers = npt.NDArray[np.int64]
PROFILES = 1_500_000
SECONDS = 90 * 86_400
World = tuple[Evidence, Rules]


def make(
    columns: list[Integers], profile: Integers, events: int, random: np.random.Generator
) -> World:
    """Make the evidence of sets, given as one column of values a type, -1 for none.

    The first type is unique, the second holds three values at most; `events` are spread over the sets, each of
    which has one at least.
    """
    bounds, numbers = [0], []
    for column in columns:
        known, number = np.unique(column, return_inverse=True)
        missing = int(len(known) > 0 and known[0] < 0)
        numbers.append(np.where(column < 0, -1, number - missing + bounds[-1]))
        bounds.append(bounds[-1] + len(known) - missing)
    table = np.stack(numbers, axis=1).astype(np.int32)
    table = np.unique(table, axis=0)
    carried = table >= 0
    sets = len(table)
    raw_of = np.zeros(bounds[-1], np.int32)
    if profile.any():
        for column, number in zip(columns, numbers, strict=True):
            raw_of[number[column >= 0]] = profile[column >= 0]
    event_set = np.concatenate([np.arange(sets), random.integers(0, sets, max(events - sets, 0))])
    random.shuffle(event_set)
    evidence = Evidence(
        raw_of,
        np.concatenate([[0], np.cumsum(carried.sum(axis=1))]),
        table[carried],
        np.bincount(event_set, minlength=sets),
        event_set=event_set.astype(np.int32),
        event_time=np.sort(random.integers(0, SECONDS, len(event_set))) * 1_000_000,
    )
    return evidence, Rules(tuple(bounds), unique=(0,), limits={1: 3}, top=0)


def many(share: float) -> World:
    """Make that share of the profiles a conflict of two people, who have met on one device."""
    random = np.random.default_rng(7)
    people = 2 * int(PROFILES * share)
    person = np.repeat(np.arange(people), 4)
    number = np.tile(np.arange(4), people)
    cookie = person * 2 + (number > 1)
    own_device = np.where(number % 2, person, -1)
    # The last set of each is that of the device that they share.
    device = np.where(number == 3, people + person // 2, own_device)
    columns = [
        np.where(number % 3 == 0, person, -1),  # db_id: at registration, and on the shared device
        np.where(number == 0, person, -1),  # email
        np.where(number < 3, cookie, -1),
        device,
    ]
    return make(columns, person // 2, int(people * 10_000_000 / PROFILES), random)


def kiosk() -> World:
    """Make one conflict of a million links: a device on which 50,000 people log in, ten cookies each."""
    random = np.random.default_rng(7)
    person = np.repeat(np.arange(50_000), 10)
    cookie = np.arange(500_000)
    is_login = random.random(500_000) < 0.3
    columns = [
        np.where(is_login, person, -1),
        np.full(500_000, -1),
        cookie,
        np.where(random.random(500_000) < 0.7, 0, 1 + person),
    ]
    return make(columns, np.zeros(500_000, np.int64), 1_000_000, random)


def chain() -> World:
    """Make two owners at the ends of a chain of 400,000 identifiers."""
    random = np.random.default_rng(7)
    number = np.arange(400_000)
    cookie, device = (number + 1) // 2, number // 2
    db_id = np.concatenate([[0], np.full(len(number) - 2, -1), [1]])
    columns = [db_id, np.full(len(number), -1), cookie, device]
    return make(columns, np.zeros(len(number), np.int64), len(number), random)


SHAPES: dict[str, Callable[[], World]] = {
    "0.1 %": partial(many, 0.001),
    "1 %": partial(many, 0.01),
    "10 %": partial(many, 0.1),
    "kiosk": kiosk,
    "chain": chain,
}


def everything() -> tuple[npt.NDArray[np.int32], Rules]:
    """Make the profiles of 3.4 million identifiers, for the search for conflicts."""
    random = np.random.default_rng(7)
    profile_of = random.integers(0, PROFILES, 3_400_000).astype(np.int32)
    return profile_of, Rules(
        (0, 600_000, 800_000, 2_600_000, 3_400_000), unique=(0,), limits={1: 3}
    )


def main(names: list[str]) -> None:
    """Print the seconds of every policy on each shape."""
    profile_of, rules = everything()
    began = time.perf_counter()
    found = find_conflicts(profile_of, PROFILES, rules)
    print(f"find_conflicts: {time.perf_counter() - began:.3f} s, {found.sum():,} found")
    for name in names or SHAPES:
        evidence, rules = SHAPES[name]()
        event_set, _ = evidence.events()
        print(
            f"{name}: {len(event_set):,} events, {len(evidence.set_events):,} sets, "
            f"{len(evidence.set_identifier):,} links, {evidence.identifiers:,} identifiers"
        )
        for policy, rule in REGISTRY.items():
            began = time.perf_counter()
            partition = rule.function(evidence, rules)
            seconds = time.perf_counter() - began
            parts = len(np.unique(partition.part_of))
            print(f"  {policy:12} {seconds:6.2f} s  {parts:,} parts, {len(partition.cuts):,} cuts")


if __name__ == "__main__":
    main(sys.argv[1:])
