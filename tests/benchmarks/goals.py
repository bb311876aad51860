"""Everything that one run of the benchmarks found, and the bounds that xrefgraph is held to."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from tests.benchmarks.processes import Facts
from tests.benchmarks.rounds import Score

HUNDRED_THOUSAND, MILLION, TEN_MILLION = 100_000, 1_000_000, 10_000_000


@dataclass
class Measured:
    """All that one run of the benchmarks has found; what was not asked for is empty.

    Attributes
    ----------
    command : str
        How it was started.
    machine : Facts
        See ``tasks.machine``.
    inputs : dict
        From a number of events to what is in the file (``tasks.describe``).
    races : dict
        From a number of events to the scores by contestant.
    shapes : dict
        From the name of an awkward shape to its input and the scores by contestant.
    alike : set of str
        The contestants whose rows must be those of xrefgraph.
    lookups : dict
        From a number of events in the graph to the facts of each run of ``tasks.assign`` and
        ``tasks.look_up``, by the name of the task.
    imports : list of Facts
        See ``tasks.load``.
    conflicts : dict
        From the name of a kind of events with conflicts to the scores by policy.
    """

    command: str
    machine: Facts
    inputs: dict[int, Facts] = field(default_factory=dict)
    races: dict[int, Mapping[str, Score]] = field(default_factory=dict)
    alike: set[str] = field(default_factory=set)
    shapes: dict[str, tuple[Facts, Mapping[str, Score]]] = field(default_factory=dict)
    lookups: dict[int, Mapping[str, Sequence[Facts]]] = field(default_factory=dict)
    imports: list[Facts] = field(default_factory=list)
    conflicts: dict[str, Mapping[str, Score]] = field(default_factory=dict)


@dataclass(frozen=True)
class Goal:
    """A bound, and how to get its number out of what was measured.

    Attributes
    ----------
    what : str
        The bound in words.
    measure : callable
        The number; it raises KeyError when nobody tried to measure it, and ValueError (as the
        median of nothing does) when all who tried have failed.
    bound : float
        What it is compared with.
    unit : str
        Printed after the number.
    at_least : bool
        Whether the number must reach the bound instead of staying within it.
    """

    what: str
    measure: Callable[[Measured], float]
    bound: float
    unit: str = ""
    at_least: bool = False

    def row(self, measured: Measured) -> list[str] | None:
        """Return the goal, the number, and whether it holds; None when nobody tried."""
        try:
            number = self.measure(measured)
        except KeyError:
            return None
        except ValueError:
            return [self.what, "failed", "**no**"]
        holds = number >= self.bound if self.at_least else number <= self.bound
        digits = 0 if number >= 100 or number == round(number) else 2 if number < 10 else 1
        return [self.what, f"{number:,.{digits}f}{self.unit}", "yes" if holds else "**no**"]


def ratio(one: str, other: str, events: int) -> Callable[[Measured], float]:
    """How many times as long as the other the one takes."""
    return lambda measured: measured.races[events][one].times(measured.races[events][other])


def difference(one: str, other: str, events: int) -> Callable[[Measured], float]:
    """How many seconds longer than the other the one takes."""
    return lambda measured: measured.races[events][one].longer(measured.races[events][other])


def peak(contestant: str, events: int) -> Callable[[Measured], float]:
    """The most memory of all runs, in MB."""
    return lambda measured: measured.races[events][contestant].peak


def growth(small: int, large: int) -> Callable[[Measured], float]:
    """How many times as long an event takes when there are more of them."""

    def measure(measured: Measured) -> float:
        few, many = measured.races[small]["xrefgraph"], measured.races[large]["xrefgraph"]
        return many.times(few) * small / large

    return measure


def look_up(task: str, fact: str, scale: float = 1.0) -> Callable[[Measured], float]:
    """The median of a fact over all runs against a graph of 10 million events."""
    return lambda measured: middle(measured.lookups[TEN_MILLION][task], fact) * scale


def slower(shape: str, policies: Sequence[str]) -> Callable[[Measured], float]:
    """How many times as long as `keep` the slowest of some policies takes."""
    return lambda measured: max(
        measured.conflicts[shape][each].times(measured.conflicts[shape]["keep"])
        for each in policies
    )


def more(shape: str, policies: Sequence[str]) -> Callable[[Measured], float]:
    """How many seconds longer than `keep` the slowest of some policies takes."""
    return lambda measured: max(
        measured.conflicts[shape][each].longer(measured.conflicts[shape]["keep"])
        for each in policies
    )


def importing(measured: Measured) -> float:
    """The median of the seconds that the import takes."""
    if not measured.imports:
        raise KeyError("load")
    return middle(measured.imports, "seconds")


def unwanted(measured: Measured) -> float:
    """How many of matplotlib and pandas the import loads."""
    if not measured.imports:
        raise KeyError("load")
    heavy = {name for each in measured.imports for name in each["heavy"]}
    return len(heavy & {"matplotlib", "pandas"})


def middle(results: Sequence[Facts], fact: str) -> float:
    """The median of a fact over the runs of a task."""
    return statistics.median(float(each[fact]) for each in results)


KINDS_OF_POLICIES = {
    "`isolate`": ("isolate",),
    "the others, with limits,": ("first_claim", "last_touch", "strongest", "over_time"),
}

GOALS = (
    Goal(
        "10 million events: at most 1.3 times the floor (the aim is 1.15)",
        ratio("xrefgraph", "floor", TEN_MILLION),
        1.3,
    ),
    Goal("10 million: at most 1,200 MB", peak("xrefgraph", TEN_MILLION), 1200, " MB"),
    Goal(
        "10 million: text ids take at most 1 s more",
        difference("xrefgraph (text ids)", "xrefgraph", TEN_MILLION),
        1.0,
        " s",
    ),
    Goal(
        '10 million: with `memory_limit="500MB"` at most 1.5 times slower',
        ratio("xrefgraph (500MB)", "xrefgraph", TEN_MILLION),
        1.5,
    ),
    Goal(
        '10 million: with `memory_limit="500MB"` the whole process under 900 MB',
        peak("xrefgraph (500MB)", TEN_MILLION),
        900,
        " MB",
    ),
    Goal(
        "10 million: at least 2 times faster than Splink",
        ratio("splink", "xrefgraph", TEN_MILLION),
        2,
        at_least=True,
    ),
    Goal(
        "1 million: at least 12 times faster than networkx",
        ratio("networkx", "xrefgraph", MILLION),
        12,
        at_least=True,
    ),
    Goal(
        "100 thousand: at least 300 times faster than pygrouper",
        ratio("pygrouper", "xrefgraph", HUNDRED_THOUSAND),
        300,
        at_least=True,
    ),
    Goal(
        "time per event grows by at most 20 % from 1 to 10 million",
        growth(MILLION, TEN_MILLION),
        1.2,
    ),
    Goal(
        "`assign` of 1 million rows against 10 million events: under 3 s",
        look_up("assign", "seconds"),
        3,
        " s",
    ),
    Goal(
        "`profile` of a graph of 10 million events, after the first: under 50 ms",
        look_up("look_up", "median", 1000),
        50,
        " ms",
    ),
    *(
        Goal(
            f"{percent} % of all profiles in conflict: {what} at most {bound:g} times as long as `keep`",
            slower(f"{percent} % of all profiles in conflict", policies),
            bound,
        )
        for percent, *bounds in ((0.1, 1.15, 1.15), (1, 1.25, 1.35), (10, 1.6, 2.0))
        for (what, policies), bound in zip(KINDS_OF_POLICIES.items(), bounds, strict=True)
    ),
    *(
        Goal(
            f"{shape}: {what} at most {bound} s longer than `keep`",
            more(shape, policies),
            bound,
            " s",
        )
        for shape, *bounds in (
            ("one kiosk of 50,000 people", 1.5, 10),
            ("two people at the ends of a chain", 5, 5),
        )
        for (what, policies), bound in zip(KINDS_OF_POLICIES.items(), bounds, strict=True)
    ),
    Goal(
        "`shared_with` adds at most 10 % (1 % of all profiles in conflict)",
        slower("1 % of all profiles in conflict", ["keep, shared_with"]),
        1.1,
    ),
    Goal("`import xrefgraph`: under 0.5 s", importing, 0.5, " s"),
    Goal("`import xrefgraph` loads neither matplotlib nor pandas", unwanted, 0),
)
