"""Repeats the measurements, in rounds: each round runs everybody once, so noise hits all alike.

This is the parent of the measured processes. Nothing here imports numpy, DuckDB or a contestant:
the system counts the memory of a parent in the peak of its children (see ``processes``).
"""

from __future__ import annotations

import os
import random
import statistics
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.benchmarks.processes import Facts, Outcome, run_alone


@dataclass(frozen=True)
class Entry:
    """One contestant with one file of events.

    Attributes
    ----------
    contestant : str
        Its name in ``contestants``.
    shape : str
        The name of the kind of events in ``events``.
    path : Path
        The file.
    """

    contestant: str
    shape: str
    path: Path


@dataclass
class Score:
    """What an entry has shown so far: by round, the seconds, those of all cores, and MB."""

    seconds: dict[int, float] = field(default_factory=dict)
    cpu: dict[int, float] = field(default_factory=dict)
    memory: dict[int, float] = field(default_factory=dict)
    found: Facts = field(default_factory=dict)
    failure: str = ""

    @property
    def median(self) -> float:
        """The median of the seconds."""
        return statistics.median(self.seconds.values())

    @property
    def spread(self) -> tuple[float, float]:
        """The fastest and the slowest, in seconds."""
        return min(self.seconds.values()), max(self.seconds.values())

    @property
    def peak(self) -> float:
        """The most memory of all runs, in MB."""
        return max(self.memory.values())

    def times(self, other: Score) -> float:
        """How many times as long as the other it takes: the median over the rounds of both."""
        shared = self.seconds.keys() & other.seconds.keys()
        return statistics.median(self.seconds[each] / other.seconds[each] for each in shared)

    def longer(self, other: Score) -> float:
        """How many seconds longer than the other it takes: the median over the rounds of both."""
        shared = self.seconds.keys() & other.seconds.keys()
        return statistics.median(self.seconds[each] - other.seconds[each] for each in shared)


def race(
    entries: Sequence[Entry], runs: int, *, patience: float, timeout: float
) -> Mapping[str, Score]:
    """Let each entry run so many times.

    Parameters
    ----------
    entries : sequence of Entry
        Of different contestants.
    runs : int
        How many rounds.
    patience : float
        An entry that has taken so many seconds in all is not run again.
    timeout : float
        A run of so many seconds is ended, and its contestant does not run again.

    Returns
    -------
    mapping
        From contestant to score, in the order of the entries.
    """
    scores = {entry.contestant: Score() for entry in entries}
    for number in range(runs):
        order = list(entries)
        # Nobody shall always come after the same neighbour.
        random.Random(number).shuffle(order)
        for entry in order:
            score = scores[entry.contestant]
            if score.failure or sum(score.seconds.values()) > patience:
                continue
            run_once(entry, number, score, timeout)
    return scores


def run_once(entry: Entry, number: int, score: Score, timeout: float) -> None:
    """Run an entry, and add what it shows to its score."""
    with tempfile.TemporaryDirectory(prefix="results-", dir=entry.path.parent) as folder:
        # What others wrote shall be on the disk before, and not during this run.
        os.sync()
        outcome = run_alone(
            "run",
            {
                "contestant": entry.contestant,
                "shape": entry.shape,
                "path": str(entry.path),
                "folder": folder,
            },
            timeout=timeout,
        )
        events = entry.path.stem.rpartition("-")[0]
        tell(f"{events}, {entry.contestant}, run {number + 1}", outcome)
        if outcome.failure:
            score.failure = outcome.failure
            return
        score.seconds[number] = outcome.facts["seconds"]
        score.cpu[number] = outcome.facts["cpu"]
        score.memory[number] = outcome.memory
        if not score.found:
            score.found = run_alone("compare_by", {"folder": folder}).facts


def repeat(task: str, runs: int, arguments: Facts | None = None) -> list[Facts]:
    """Run a task so many times; fewer if it fails."""
    results: list[Facts] = []
    for number in range(runs):
        outcome = run_alone(task, arguments)
        tell(f"{task}, run {number + 1}", outcome)
        if outcome.failure:
            break
        results.append(outcome.facts)
    return results


def tell(what: str, outcome: Outcome) -> None:
    """Say on the standard error how a run went, for those who wait."""
    result = outcome.failure or f"{outcome.facts['seconds']:.2f} s, {outcome.memory:.0f} MB"
    print(f"{what}: {result}", file=sys.stderr, flush=True)


def made_once(path: Path, shape: str, events: int) -> Path:
    """Return the path of a file of events, which is made if no earlier run has."""
    if not path.exists():
        print(f"making {path.name}", file=sys.stderr, flush=True)
        outcome = run_alone("make", {"shape": shape, "events": events, "path": str(path)})
        if outcome.failure:
            raise RuntimeError(f"{path.name} could not be made: {outcome.failure}")
    return path
