"""Seeded events in Parquet files: realistic ones, and the awkward shapes.

The realistic ones look like the log of a web shop: few registrations and logins carry the anchor
(``db_id``) and sometimes an email; most events are visits of a cookie, often with a device; a few
people visit all the time (a Pareto tail), and a few devices are shared by strangers. 10 million
events have about 3.46 million identifiers in 2.7 million distinct identifier sets, and 1.51 million
profiles.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import duckdb
import numpy as np
from numpy.typing import NDArray

ANCHOR = "db_id"
EPOCH = 1_767_225_600  # 2026-01-01, in seconds
DAY = 86_400
SHARE_OF_SHARED = 0.00002
SHARED_DEVICES = 20
NONE = -1  # in the integer columns below: this event does not carry one

Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Shape:
    """Events of one kind, and which columns of their file hold identifiers.

    Attributes
    ----------
    name : str
        What the tables call it.
    make : callable
        Writes that many events to that path.
    events : int
        How many make the shape awkward; 0 for as many as asked for.
    identifiers : mapping of str to str
        Type to column, strongest first, without the anchor.
    """

    name: str
    make: Callable[[Path, int], None]
    events: int = 0
    identifiers: Mapping[str, str] = field(
        default_factory=lambda: {name: name for name in ("email", "cookie", "device")}
    )


def write_integer_ids(path: Path, events: int) -> None:
    """Write realistic events whose ids are integers."""
    write_visits(path, events, "event_no + 1000000")


def write_text_ids(path: Path, events: int) -> None:
    """Write the same events with ids that are text without an order."""
    write_visits(path, events, "'evt-' || substr(md5('e' || event_no), 1, 16)")


def write_visits(path: Path, events: int, event_id: str, seed: int = 7) -> None:
    """Write realistic events to a Parquet file.

    Parameters
    ----------
    path : Path
        The file.
    events : int
        How many.
    event_id : str
        SQL that makes an id of ``event_no``.
    seed : int
        The same seed makes the same events.
    """
    random = np.random.default_rng(seed)
    registered = int(events * 0.060)
    people = registered + int(events * 0.073)
    is_registered = np.arange(people) < registered

    # How many cookies and devices a person has; registered people come back with more of them.
    cookies = 1 + random.poisson(0.18, people)
    cookies[is_registered] += random.poisson(0.45, registered)
    devices = (random.random(people) < 0.55).astype(np.int64)
    devices[is_registered] += random.random(registered) < 0.25

    # Visits have a long tail: most people come once or twice, a few all the time.
    ends = np.cumsum(random.pareto(1.3, people) + 0.3)
    person = np.searchsorted(ends, random.random(events) * ends[-1]).astype(np.int64)
    person = np.minimum(person, people - 1)
    kind = random.random(events)

    # Everybody has one event at least, which for the registered is their registration.
    slots = random.permutation(events)[: min(people, events // 2)]
    person[slots] = np.arange(len(slots))
    kind[slots] = np.where(is_registered[: len(slots)], 0.0, 1.0)

    cookie = one_of_theirs(random, person, cookies)
    device = one_of_theirs(random, person, np.maximum(devices, 1))
    has_device = (devices[person] > 0) & (random.random(events) < 0.45)
    is_login = is_registered[person] & (kind < 0.10)
    has_email = is_login & (kind < 0.04)

    is_shared = random.random(events) < SHARE_OF_SHARED
    device[is_shared] = device.max() + 1 + random.integers(0, SHARED_DEVICES, is_shared.sum())
    has_device |= is_shared
    # Some browsers take no cookies; each event keeps something to be known by.
    has_cookie = (random.random(events) >= 0.02) | ~(is_login | has_device)

    numbers = {
        "event_no": np.arange(events),
        "second": np.sort(random.integers(0, 90 * DAY, events)),
        "db_id": where(is_login, person),
        "email": where(has_email, person),
        "cookie": where(has_cookie, cookie),
        "device": where(has_device, device),
    }
    write(
        path,
        numbers,
        """case when db_id >= 0 then db_id + 100000 end as db_id,
        case when email >= 0 then 'user' || email || '@example.org' end as email,
        case when cookie >= 0 then 'c' || substr(md5('c' || cookie), 1, 10) end as cookie,
        case when device >= 0 then 'd' || substr(md5('d' || device), 1, 9) end as device""",
        event_id,
    )


def one_of_theirs(random: np.random.Generator, person: Integers, owned: Integers) -> Integers:
    """For each event, one of the things that its person owns; no two people own the same."""
    first = np.cumsum(owned) - owned
    return first[person] + (random.random(len(person)) * owned[person]).astype(np.int64)


def where(carried: Flags, number: Integers) -> Integers:
    """Return the numbers of those events that carry one, and ``NONE`` for the others."""
    return np.where(carried, number, NONE)


def one_a_second(events: int) -> dict[str, Integers]:
    """Return the numbers of so many events, one a second."""
    return {"event_no": np.arange(events), "second": np.arange(events)}


def write_chain(path: Path, events: int) -> None:
    """Write cookie 0, device 0, cookie 1, device 1, ..., each pair of neighbours on one event.

    One profile of ``events + 1`` identifiers, as far apart as they can be: a search that goes
    step by step takes as many rounds.
    """
    number = np.arange(events)
    write(
        path,
        one_a_second(events) | {"left_half": (number + 1) // 2, "right_half": number // 2},
        """case when event_no = 0 then 1 end as db_id,
        'c' || left_half as cookie, 'd' || right_half as device""",
    )


def write_hub(path: Path, events: int) -> None:
    """Write one cookie on all events, each with a device of its own."""
    write(
        path,
        one_a_second(events),
        """case when event_no = 0 then 1 end as db_id,
        'everybody' as cookie, 'd' || event_no as device""",
    )


def write_strangers(path: Path, events: int) -> None:
    """Write as many profiles as events: each cookie is seen once, a tenth with an anchor."""
    write(
        path,
        one_a_second(events),
        """case when event_no % 10 = 0 then event_no + 1 end as db_id,
        'c' || event_no as cookie, null::varchar as device""",
    )


def write_crowded(path: Path, events: int) -> None:
    """Write 50 cookies on each event, as a list; every fifth event shares one with the next."""
    write(
        path,
        one_a_second(events),
        """case when event_no % 10 = 0 then event_no + 1 end as db_id,
        list_transform(range(50), lambda i: 'c' || (event_no * 50 + i
            + case when event_no % 5 = 0 and i = 49 then 1 else 0 end)) as cookies""",
    )


def write(
    path: Path,
    numbers: Mapping[str, Integers],
    identifiers: str,
    event_id: str = "event_no + 1",
) -> None:
    """Write what SQL makes of columns of integers, and move it to its place when it is whole.

    Files are kept between runs, so that half of one must never be found there. ``numbers`` holds
    ``event_no`` and ``second`` beside what ``identifiers`` needs.
    """
    unfinished = path.with_suffix(".unfinished")
    with duckdb.connect() as connection:
        connection.register("numbers", dict(numbers))
        connection.execute(
            f"copy (select {event_id} as event_id,"
            f" make_timestamp(({EPOCH} + second) * 1000000) as time, {identifiers}"
            f" from numbers) to '{unfinished}' (format parquet)"
        )
    unfinished.replace(path)


PAIR = MappingProxyType({"cookie": "cookie", "device": "device"})

REALISTIC = Shape("integer ids", write_integer_ids)
TEXT_IDS = Shape("text ids", write_text_ids)
AWKWARD = (
    Shape("a chain of 400,000 identifiers", write_chain, 399_999, PAIR),
    Shape("one identifier on a million events", write_hub, 1_000_000, PAIR),
    Shape("a million profiles of one event", write_strangers, 1_000_000, PAIR),
    Shape("50 identifiers on one event", write_crowded, 20_000, {"cookie": "cookies"}),
)
SHAPES = {shape.name: shape for shape in (REALISTIC, TEXT_IDS, *AWKWARD)}
