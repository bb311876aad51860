"""What is measured is what a slow count finds; each alarm rings from its threshold on; two people on one row are seen."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import fields, replace
from itertools import combinations, combinations_with_replacement, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import xrefgraph as xg
from tests.test_reference import colliding
from tests.test_stored_tables import built, policies, with_refused
from tests.worlds import numbered, rows
from xrefgraph.inspection.measures import links as links_module
from xrefgraph.inspection.measures import two_people as two_people_module
from xrefgraph.inspection.measures.alarms import percent
from xrefgraph.inspection.measures.sizes import MOST_PERIODS, PERIODS, Distribution, distribution

Row = dict[str, Any]


def carried_of(graph: xg.XrefGraph) -> dict[tuple[str, str], set[tuple[str, str]]]:
    """What each event that links something carries: its links, kept or cut by the policy, and not those that a decision detached."""
    detached = {
        ((c["source"], c["event_id"]), (c["type"], c["value"]))
        for c in graph.cuts
        if c["rule"] == "detach"
    }
    found: dict[tuple[str, str], set[tuple[str, str]]] = defaultdict(set)
    for a, b in graph.to_networkx(cuts=True).edges:
        event, one = (a, b) if isinstance(a, xg.EventNode) else (b, a)
        key, identifier = (event.source, event.event_id), (one.type, one.value)
        if (key, identifier) not in detached:
            found[key].add(identifier)
    return found


def check_distribution(found: Distribution, counts: Sequence[int]) -> None:
    assert (found.count, found.total) == (len(counts), sum(counts))
    ordered = sorted(counts)
    for share, value in found.quantiles:
        assert sum(one <= value for one in ordered) >= share * len(ordered)
        assert sum(one < value for one in ordered) <= share * len(ordered)
        assert value in ordered
    assert bool(found.quantiles) == bool(found.histogram) == bool(ordered)
    edges = [edge for edge, _ in found.histogram]
    assert edges == [edge for edge in (0, *(1 << n for n in range(40))) if edge in edges]
    for n, (edge, count) in enumerate(found.histogram):
        after = edges[n + 1] if n + 1 < len(edges) else max(1, 2 * edge)
        assert count == sum(edge <= one < after for one in ordered)
    assert sum(count for _, count in found.histogram) == len(ordered)


@given(st.lists(st.integers(0, 70) | st.integers(0, 10**9)))
def test_a_distribution_has_all_that_it_is_of(counts: list[int]) -> None:
    found = distribution(np.array(counts, np.int64))
    check_distribution(found, counts)
    assert found.most == max(counts, default=0)


@given(policies, st.integers(1, 3), st.data())
def test_each_type_is_measured_as_a_slow_count_does(
    policy: str, handful: int, data: st.DataObject
) -> None:
    with built(with_refused(data.draw(colliding(policy)))) as graph:
        found = xg.health(graph, xg.Thresholds(handful=handful))
        identifiers, profiles = graph.identifiers.rows(), graph.profiles.rows()
        carried, kinds = carried_of(graph), graph.schema.ranked
        # Of one that changed hands the table counts owner by owner, and leaves out what was cut.
        with graph.rebuild(replace(graph.schema, conflicts="keep")) as plain:
            on_events = Counter(
                {(row["type"], row["value"]): row["events"] for row in plain.identifiers.rows()}
            )
    owners: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in identifiers:
        if row["status"] != "refused":
            owners[row["type"], row["value"]].add(row["profile_id"])
    size = {one["profile_id"]: one["identifiers"] for one in profiles}
    meets: dict[tuple[str, str], set[Any]] = defaultdict(set)
    for several in carried.values():
        for one in several:
            meets[one] |= several - {one}
    assert found.identifiers == len(owners)
    for kind, of_type in zip(kinds, found.types, strict=True):
        own = sorted(one for one in owners if one[0] == kind.name)
        having = [{one for one in several if one[0] == kind.name} for several in carried.values()]
        having = [some for some in having if some]
        often = sorted(own, key=lambda one: (-on_events[one], one))[:handful]
        assert (of_type.type, of_type.unique) == (kind.name, kind.unique)
        assert (of_type.identifiers, of_type.carried) == (len(own), len(having))
        assert of_type.once == sum(all(on_events[one] == 1 for one in some) for some in having)
        assert of_type.frequent == sum(bool(some & set(often)) for some in having)
        assert of_type.frequent_meet == pytest.approx(
            sum(len(meets[one]) for one in often) / max(1, len(often))
        )
        lonely = [one for one in own if not meets[one] and all(size[p] == 1 for p in owners[one])]
        assert of_type.alone == len(lonely)
        check_distribution(of_type.events, [on_events[one] for one in own])
        check_distribution(of_type.meets, [len(meets[one]) for one in own])
        busy = sorted(own, key=lambda one: (-len(meets[one]), one))[:5]
        assert [(one.value, one.meets, one.events) for one in of_type.busiest] == [
            (one[1], len(meets[one]), on_events[one]) for one in busy
        ]
        if kind.limit is not None:
            (limit,) = [one for one in found.over_limit if one.type == kind.name]
            held = Counter(p for one in own for p in owners[one])
            assert (limit.limit, limit.profiles) == (
                kind.limit,
                sum(n > kind.limit for n in held.values()),
            )
            if limit.profiles:
                assert limit.values == max(held.values()) == held[str(limit.largest)]


@given(policies, st.data())
def test_the_whole_is_measured_as_a_slow_count_does(policy: str, data: st.DataObject) -> None:
    with built(with_refused(data.draw(colliding(policy)))) as graph:
        found = xg.health(graph)
        events, profiles = graph.events.rows(), graph.profiles.rows()
        rejected, carried, kinds = graph.rejected.rows(), carried_of(graph), graph.schema.ranked

    assert found.events == len(events)
    assert found.statuses == {
        **dict.fromkeys(found.statuses, 0),
        **Counter(e["status"] for e in events),
    }
    assert found.profiles == len(profiles)
    check_distribution(found.by_events, [one["events"] for one in profiles])
    check_distribution(found.by_identifiers, [one["identifiers"] for one in profiles])
    large = sorted(profiles, key=lambda p: (-p["events"], -p["identifiers"], profiles.index(p)))[:5]
    assert [(one.profile_id, one.events, one.identifiers) for one in found.largest] == [
        (one["profile_id"], one["events"], one["identifiers"]) for one in large
    ]

    together = [
        sum(
            len({one for one in several if one[0] == a}) > 1
            if a == b
            else {a, b} <= {one[0] for one in several}
            for several in carried.values()
        )
        for a, b in combinations_with_replacement([kind.name for kind in kinds], 2)
    ]
    assert [one.events for one in found.meetings] == together
    assert all(
        (one.sets > 0) == (one.events > 0) and one.sets <= one.events for one in found.meetings
    )
    told = Counter((r["type"], r["reason"]) for r in rejected)
    assert {(r.type, r.reason): r.values for r in found.refused} == told
    for r in found.refused:
        assert r.events == sum(
            x["events"] for x in rejected if (x["type"], x["reason"]) == (r.type, r.reason)
        )


@given(policies, st.data())
def test_the_order_of_the_rows_changes_nothing(policy: str, data: st.DataObject) -> None:
    case = with_refused(data.draw(colliding(policy)))
    for number, event in enumerate(case["events"]):
        event["time"] = number
    shuffled = {**case, "events": data.draw(st.permutations(case["events"]))}
    with built(case) as one, built(shuffled) as other:
        assert xg.health(one) == xg.health(other)


@given(rows, st.data())
def test_growth_counts_what_is_first_seen_in_each_period(
    events: list[Row], data: st.DataObject
) -> None:
    span = data.draw(st.sampled_from([3600, 86400 * 30, 86400 * 3000, 86400 * 365 * 900]))
    first = dt.datetime(1999, 12, 30, 23, 59, tzinfo=dt.UTC)
    seconds = st.integers(0, span).map(lambda n: first + dt.timedelta(seconds=n))
    timed = [{**event, "at": data.draw(st.none() | seconds)} for event in numbered(events)]
    source = xg.Source(timed, identifiers=["db_id", "cookie", "email"], event_id="id", time="at")
    with xg.build(source, xg.Schema(["db_id", "cookie", "email"], conflicts="keep")) as graph:
        growth = xg.health(graph).growth
        given_times = [e["time"] for e in graph.events if e["time"] is not None]
        seen = {
            "events": given_times,
            "identifiers": [
                i["first_seen"]
                for i in graph.identifiers
                if i["first_seen"] and i["status"] != "refused"
            ],
            "profiles": [p["first_seen"] for p in graph.profiles if p["first_seen"]],
        }
    if not given_times:
        assert growth is None
        return
    assert growth is not None
    assert growth.untimed == len(timed) - len(given_times)
    starts = [row.start for row in growth.rows]
    assert 1 <= len(starts) <= MOST_PERIODS
    assert starts == sorted(set(starts))
    assert starts[0] <= min(given_times)
    gaps = {(b - a).days for a, b in pairwise(starts)}
    most = {
        "minute": 0,
        "hour": 0,
        "day": 1,
        "week": 7,
        "month": 31,
        "quarter": 92,
        "year": 366,
        "decade": 3653,
        "century": 36525,
    }
    assert max(gaps, default=0) <= most[growth.period]
    for name, times in seen.items():
        within = [
            sum(a <= t < b for t in times)
            for a, b in zip(
                starts, [*starts[1:], starts[-1] + dt.timedelta(days=40_000)], strict=True
            )
        ]
        assert [getattr(row, name) for row in growth.rows] == within
        assert sum(within) == len(times)


@pytest.mark.parametrize(
    ("last", "period"),
    [
        (dt.timedelta(0), "minute"),
        (dt.timedelta(minutes=99), "minute"),
        (dt.timedelta(minutes=100), "hour"),
        (dt.timedelta(days=99), "day"),
        (dt.timedelta(days=120), "week"),
        (dt.timedelta(days=365 * 3), "month"),
        (dt.timedelta(days=365 * 20), "quarter"),
        (dt.timedelta(days=365 * 60), "year"),
        (dt.timedelta(days=365 * 500), "decade"),
        (dt.timedelta(days=365 * 2000), "century"),
    ],
)
def test_the_shortest_period_is_taken_of_which_a_hundred_are_enough(
    last: dt.timedelta, period: str
) -> None:
    first = dt.datetime(2001, 1, 1, tzinfo=dt.UTC)
    with xg.build(
        [{"c": "a", "at": first}, {"c": "b", "at": first + last}], identifiers=["c"], time="at"
    ) as graph:
        growth = xg.health(graph).growth
    assert growth is not None
    assert growth.period == period
    assert len(growth.rows) <= MOST_PERIODS or period == PERIODS[-1]


# --------------------------------------------------------------------------------- whom one meets


@given(
    st.lists(st.sets(st.integers(0, 25), min_size=1, max_size=8), max_size=30),
    st.integers(2, 9),
    st.integers(1, 60),
)
def test_whom_an_identifier_meets_is_counted_block_by_block_and_bounded_where_events_are_wide(
    carried: list[set[int]], wide: int, block: int
) -> None:
    events = [{"c": [f"v{n:02}" for n in some]} for some in carried]
    meets: dict[int, set[int]] = defaultdict(set)
    alike = {frozenset(some) for some in carried}
    for some in alike:
        for one in some:
            meets[one] |= some - {one}
    with (
        xg.build(xg.Source(events, identifiers=["c"]), xg.Schema(["c"])) as graph,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(links_module, "PAIRS", block)
        patch.setattr(links_module, "WIDE", wide)
        found, number = links_module.others_met(links_module.read_links(graph.store))
        exact = dict(zip(sorted(meets), found.tolist(), strict=True)) if meets else {}
    assert number == sum(len(some) > wide for some in alike)
    for one, count in exact.items():
        inside = [some for some in alike if one in some]
        apart = [some for some in inside if len(some) > wide]
        narrow = set().union(*(some for some in inside if len(some) <= wide)) - {one}
        assert count == len(narrow) + sum(len(some) - 1 for some in apart)
        assert count >= len(meets[one])
        if not apart or len(inside) == 1:
            assert count == len(meets[one])


# ------------------------------------------------------------------------------------------- alarms


def health_of(
    events: Sequence[Row], *types: Any, at: xg.Thresholds | None = None, **options: Any
) -> xg.Health:
    schema = xg.Schema(types, **{"conflicts": "keep", **options})
    with xg.build(xg.Source(list(events), identifiers=schema.names, name="rows"), schema) as graph:
        return xg.health(graph, at)


def names(found: xg.Health) -> list[str]:
    return [one.name for one in found.alarms]


def people(count: int, events: int = 3) -> list[Row]:
    """Plain data: each person has a number, a cookie of their own, and a few events."""
    return [{"db_id": f"u{n}", "cookie": f"c{n}"} for n in range(count) for _ in range(events)]


def test_plain_data_raises_no_alarm() -> None:
    found = health_of(people(200), "db_id", "cookie", anchor="db_id")
    assert found.alarms == ()
    assert (
        found.summary
        == "600 events and 400 identifiers in 200 profiles; 100 % of the events have an anchor. No alarm."
    )
    assert found.thresholds == xg.Thresholds()


def test_tiny_graphs_raise_no_alarm_about_shares() -> None:
    for count in range(1, 12):
        found = health_of(people(count), "db_id", "cookie", anchor="db_id")
        assert found.alarms == ()
        assert health_of(people(count, events=100), "db_id", "cookie", anchor="db_id").alarms == ()


def test_an_identifier_that_meets_more_than_a_thousand_others_is_an_alarm() -> None:
    few, many = (
        health_of(
            [{"cookie": f"c{n}", "device": "kiosk"} for n in range(count)], "cookie", "device"
        )
        for count in (1000, 1001)
    )
    assert "links" not in names(few)
    (alarm,) = [one for one in many.alarms if one.name == "links"]
    assert (alarm.where, alarm.measured, alarm.threshold) == ("device", 1001, 1000)
    assert alarm.what.startswith("device kiosk meets 1,001 other identifiers, on 1,001 events")


def test_singletons_of_a_type_are_an_alarm_over_a_share_and_from_a_number_on() -> None:
    lonely = [{"cookie": f"x{n}"} for n in range(90)]
    found = health_of([*people(200), *lonely], "db_id", "cookie", anchor="db_id")
    assert [(a.name, a.where, a.measured) for a in found.alarms] == [
        ("singletons", "cookie", 90 / 290)
    ]
    assert "31 % of the identifiers of the type cookie (90 of 290)" in found.alarms[0].what
    assert names(health_of([*people(220), *lonely], "db_id", "cookie")) == []
    assert names(health_of([*people(9), *lonely], "db_id", "cookie")) == []
    assert (
        names(
            health_of([*people(200), *lonely], "db_id", "cookie", at=xg.Thresholds(singletons=0.4))
        )
        == []
    )


def test_one_profile_of_a_large_share_is_an_alarm_by_the_number_of_profiles() -> None:
    many = [*people(1500, events=2), *({"db_id": "u0", "cookie": "c0"} for _ in range(40))]
    found = health_of(many, "db_id", "cookie")
    assert [(a.name, a.where) for a in found.alarms] == [("largest_profile", "db_id:u0")]
    assert found.alarms[0].threshold == 0.01
    few = [*people(100, events=2), *({"db_id": "u0", "cookie": f"x{n % 10}"} for n in range(40))]
    (alarm,) = health_of(few, "db_id", "cookie").alarms
    assert (alarm.measured, alarm.threshold) == (42 / 240, 0.1)
    assert names(health_of(few[:-20], "db_id", "cookie")) == []
    busy = [*people(100, events=2), *({"db_id": "u0", "cookie": "c0"} for _ in range(40))]
    assert names(health_of(busy, "db_id", "cookie")) == []  # two identifiers are no crowd
    whole = [{"db_id": f"u{n}", "cookie": "all"} for n in range(150)]
    (alarm,) = [
        one for one in health_of(whole, "db_id", "cookie").alarms if one.name == "largest_profile"
    ]
    assert (alarm.measured, alarm.threshold) == (1, 0.5)


def test_a_type_with_a_value_for_each_event_is_an_alarm_unless_it_is_unique() -> None:
    events = [{**row, "request": f"r{n}"} for n, row in enumerate(people(100))]
    (alarm,) = health_of(events, "db_id", "cookie", "request", anchor="db_id").alarms
    assert (alarm.name, alarm.where, alarm.measured) == ("one_per_event", "request", 1.0)
    unique = xg.IdentifierType("request", unique=True)
    assert "one_per_event" not in names(
        health_of(events, "db_id", "cookie", unique, anchor="db_id")
    )
    again = [{**row, "request": f"r{n % 280}"} for n, row in enumerate(people(100))]
    assert "one_per_event" not in names(health_of(again, "db_id", "cookie", "request"))


def test_a_type_with_one_value_for_all_is_an_alarm() -> None:
    events = [{**row, "country": ("at", "de")[n % 2]} for n, row in enumerate(people(200))]
    found = health_of(events, "db_id", "cookie", "country", anchor="db_id", conflicts="isolate")
    (alarm,) = [one for one in found.alarms if one.name == "one_for_all"]
    assert (alarm.where, alarm.measured) == ("country", 1.0)
    assert "carry the same 2 values" in alarm.what
    # Ten people with their cookies are ten people.
    assert names(health_of(people(10, events=50), "db_id", "cookie")) == []


def test_types_that_never_meet_are_an_alarm() -> None:
    devices = [{"device": f"d{n}", "ad_id": f"a{n}"} for n in range(150) for _ in range(2)]
    found = health_of(
        [*people(150), *devices], "db_id", "cookie", "device", "ad_id", anchor="db_id"
    )
    assert [(a.name, a.where) for a in found.alarms] == [("never_meet", "device and ad_id")]
    assert (
        found.alarms[0].what
        == "No event carries device, ad_id together with db_id, cookie: no profile can hold both."
    )
    met = health_of(
        [*people(150), *devices, {"device": "d0", "cookie": "c0"}],
        "db_id",
        "cookie",
        "device",
        "ad_id",
    )
    assert "never_meet" not in names(met)
    alone = health_of(
        [*people(150), *({"ip": f"i{n}"} for n in range(150))], "db_id", "cookie", "ip"
    )
    assert [(a.name, a.where) for a in alone.alarms] == [
        ("never_meet", "ip"),
        ("one_per_event", "ip"),
    ]


def test_no_anchor_and_no_identifier_of_a_type_are_alarms() -> None:
    events = [{"db_id": "null", "cookie": f"c{n}", "email": "null"} for n in range(150)]
    found = health_of(events, "db_id", "email", "cookie", anchor="db_id")
    assert names(found)[:2] == ["no_anchor", "no_identifiers"]
    assert found.summary.startswith(
        "150 events and 150 identifiers in 150 profiles; 0 % of the events have an anchor. No event carries any db_id"
    )
    assert [(a.where, a.measured) for a in found.alarms if a.name == "refused"] == [
        ("db_id", 1.0),
        ("email", 1.0),
    ]


def test_what_is_refused_is_an_alarm_over_a_share() -> None:
    events = [
        {"db_id": f"u{n}", "email": "x" if n % 2 else f"u{n}@example.org"} for n in range(200)
    ]
    email = xg.IdentifierType("email", normalize="email")
    found = health_of(events, "db_id", email)
    (alarm,) = [one for one in found.alarms if one.name == "refused"]
    assert (alarm.where, alarm.measured) == ("email", 0.5)
    assert "mostly as 'not_accepted' (100 events)" in alarm.what
    assert "refused" not in names(health_of(events, "db_id", email, at=xg.Thresholds(refused=0.5)))


def test_conflicts_and_profiles_over_a_limit_are_alarms() -> None:
    shared = [{"db_id": f"u{n}", "cookie": f"t{n // 2}"} for n in range(200)]
    found = health_of(shared, "db_id", xg.IdentifierType("cookie"), anchor="db_id")
    assert [(a.name, a.measured) for a in found.alarms] == [("ambiguous", 1.0)]
    assert "ambiguous" not in names(
        health_of(shared, "db_id", "cookie", anchor="db_id", conflicts="isolate")
    )
    several = [{"user": f"u{n % 100}", "cookie": f"c{n}"} for n in range(300)]
    found = health_of(several, "user", xg.IdentifierType("cookie", limit=2))
    (alarm,) = [one for one in found.alarms if one.name == "over_limit"]
    assert (alarm.where, alarm.measured) == ("cookie", 1.0)
    assert [(one.limit, one.profiles, one.largest, one.values) for one in found.over_limit] == [
        (2, 100, "user:u0", 3)
    ]


def test_an_empty_graph_is_no_alarm() -> None:
    with xg.build(
        xg.Source([], identifiers=["db_id", "c"]), xg.Schema(["db_id", "c"], anchor="db_id")
    ) as graph:
        found = xg.health(graph)
    assert (found.summary, found.alarms, found.growth, found.anchored) == (
        "The graph has no events.",
        (),
        None,
        0.0,
    )
    assert json.loads(json.dumps(found.to_dict()))["events"] == 0
    nothing = health_of([{"c": None}, {"c": "null"}], "c")
    assert names(nothing) == ["no_identifiers"]


@pytest.mark.parametrize(
    "bad",
    [
        {"links": 0},
        {"links": 1.5},
        {"singletons": 2},
        {"largest": "x"},
        {"minimum": True},
        {"for_all": -0.1},
    ],
)
def test_a_threshold_that_is_none_is_an_error(bad: dict[str, Any]) -> None:
    with pytest.raises(xg.SchemaError, match=f"The threshold {next(iter(bad))} is a"):
        xg.Thresholds(**bad)


def test_thresholds_are_thresholds() -> None:
    with (
        xg.build([{"c": "a"}], identifiers=["c"]) as graph,
        pytest.raises(xg.SchemaError, match="is a Thresholds"),
    ):
        xg.health(graph, {"links": 5})  # type: ignore[arg-type]
    assert {one.name for one in fields(xg.Thresholds)} >= {
        "links",
        "singletons",
        "largest",
        "minimum",
    }


@given(st.floats(0, 1))
def test_a_share_is_written_so_that_it_is_told_apart_from_nothing_and_from_all(
    share: float,
) -> None:
    text = percent(share)
    assert (text == "0 %") == (share == 0)
    assert (text == "100 %") == (share == 1)
    assert float(text.removesuffix(" %")) / 100 == pytest.approx(share, abs=0.005)


# -------------------------------------------------------------------- two people on one row


def two_people(
    events: Sequence[Row], *types: Any, anchor: str | None = None
) -> list[tuple[str, str, str]]:
    """Where the alarm rings: the source, the sentence, and the advice."""
    found = health_of(events, *types, anchor=anchor)
    return [(one.where, one.what, one.advice) for one in found.alarms if one.name == "two_people"]


def messages(
    number: int, count: int, types: Sequence[str], team: int = 0, alone: float = 0.0
) -> list[Row]:
    """Rows about two people each, who are any two of all, or of a team; some about one."""
    drawn = np.random.default_rng(7)
    found = []
    for _ in range(number):
        a = drawn.integers(count)
        b = a // team * team + drawn.integers(team) if team else drawn.integers(count)
        b = a if drawn.random() < alone else b
        found.append({kind: [f"{kind}-{a}", f"{kind}-{b}"] for kind in types})
    return found


WRONG: dict[str, tuple[list[Row], list[Any], str | None, str]] = {
    "sender and receiver": (messages(500, 30, ["email"]), ["email"], None, "30 groups"),
    "many senders and receivers": (messages(5000, 1000, ["email"]), ["email"], None, "groups of identifiers"),
    "with name and email": (messages(4000, 500, ["name", "email"], alone=0.6), ["name", "email"], None, "name and of email"),
    "in teams": (messages(5000, 600, ["email"], team=12), ["email"], None, "12 groups"),
    "five agents and their customers": (
        [{"email": [f"agent-{n % 5}", f"customer-{(n * 7919) % 501}"]} for n in range(3000)],
        ["email"],
        None,
        "groups of identifiers",
    ),
    "with user ids": (messages(1000, 100, ["db_id"], alone=0.3), ["db_id"], "db_id", "A person has one db_id"),
    "of people who are known elsewhere": (
        messages(1000, 300, ["email"]) + [{"db_id": f"u{n}", "email": f"email-{n}"} for n in range(300)],
        ["db_id", "email"],
        "db_id",
        "people with a different db_id",
    ),
    "always the same two, of people who are known elsewhere": (
        [{"email": [f"email-{n}", f"email-{n + 1}"]} for n in range(0, 300, 2)]
        + [{"db_id": f"u{n}", "email": f"email-{n}"} for n in range(300)],
        ["db_id", "email"],
        "db_id",
        "people with a different db_id",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_two_people_on_one_row_are_an_alarm(name: str) -> None:
    events, types, anchor, says = WRONG[name]
    ((source, what, advice),) = two_people(events, *types, anchor=anchor)
    assert source == "rows"
    assert what.startswith("In rows, ")
    assert says in what
    assert advice.startswith("Feed such a row as two events")


@pytest.mark.parametrize("name", WRONG)
def test_the_order_of_the_rows_changes_nothing_about_two_people(name: str) -> None:
    events, types, anchor, _ = WRONG[name]
    order = np.random.default_rng(3).permutation(len(events))
    shuffled = [events[n] for n in order]
    assert two_people(shuffled, *types, anchor=anchor) == two_people(events, *types, anchor=anchor)


def own(draw: np.random.Generator, kind: str, count: int) -> list[list[str]]:
    """A few values of one type for each person."""
    return [[f"{kind}-{n}-{k}" for k in range(draw.integers(1, 6))] for n in range(count)]


def right() -> dict[str, tuple[list[Row], list[str]]]:
    """Rows about one person each, ``who``, of whom several values of one type are known."""
    draw = np.random.default_rng(7)
    cookies, emails, phones = (own(draw, kind, 400) for kind in ("cookie", "email", "phone"))
    together = [
        {"who": n, "cookie": some}
        for n, some in enumerate(cookies)
        for _ in range(draw.integers(1, 10))
    ]
    some_of_them = [
        {"who": n, "cookie": draw.permutation(some)[: draw.integers(1, 4)].tolist()}
        for n, some in enumerate(cookies)
        for _ in range(draw.integers(1, 31))
    ]
    rotating = [
        {"who": n, "cookie": [f"a{n}", f"b{n}-{week}"][draw.random() > 0.8 :]}
        for n in range(200)
        for week in range(draw.choice([1, 3, 10, 52]))
        for _ in range(3)
    ]
    chain: list[Row] = []
    for n in range(200):
        a = b = 0
        for _ in range(draw.choice([2, 5, 10, 60])):
            chain.append({"who": n, "cookie": [f"a{n}-{a}", f"b{n}-{b}"]})
            a, b = (a + 1, b) if draw.random() < 0.5 else (a, b + 1)
    customers: list[Row] = [
        {"who": n, "email": e, "phone": p}
        for n, (e, p) in enumerate(zip(emails, phones, strict=True))
    ]
    orders = [
        {
            "who": row["who"],
            "email": str(draw.choice(row["email"])),
            "phone": str(draw.choice(row["phone"])),
        }
        for row in customers
        for _ in range(draw.integers(0, 7))
    ]
    office = [
        {**row, "email": [*row["email"], "office@example.org"]} if draw.random() < 0.4 else row
        for row in customers
    ]
    mistakes = [{"email": [emails[n][0] for n in draw.integers(0, 400, 2)]} for _ in range(25)]
    return {
        "all cookies of a person on each event": (together, ["cookie"]),
        "some cookies of a person on each event": (some_of_them, ["cookie"]),
        "a lasting cookie and one that is new each week": (rotating, ["cookie"]),
        "two cookies that are new in turn": (chain, ["cookie"]),
        "all that is known of a customer, and orders": (customers + orders, ["email", "phone"]),
        "an address of the office on many": (office + orders, ["email", "phone"]),
        "a few rows that are wrong": (customers + orders + mistakes, ["email", "phone"]),
        "one value on each event": (people(300), ["cookie"]),
    }


RIGHT = right()


@pytest.mark.parametrize("name", RIGHT)
@pytest.mark.parametrize("logged_in", [0.0, 0.15, 1.0])
def test_several_values_of_one_person_are_no_alarm(name: str, logged_in: float) -> None:
    events, types = RIGHT[name]
    draw = np.random.default_rng(1)
    known = [
        {**row, "db_id": f"u{row['who']}" if "who" in row and draw.random() < logged_in else None}
        for row in events
    ]
    if logged_in:
        assert two_people(known, "db_id", *types, anchor="db_id") == []
    else:
        assert two_people(events, *types) == []


def test_of_several_sources_only_the_wrong_one_is_named() -> None:
    schema = xg.Schema(["db_id", "email"], conflicts="keep")
    sources = [
        xg.Source(messages(400, 40, ["email"]), identifiers=["email"], name="mail"),
        xg.Source(
            [{"db_id": f"u{n}", "email": [f"email-{n}", f"old-{n}"]} for n in range(40)] * 5,
            identifiers=["db_id", "email"],
            name="users",
        ),
    ]
    with xg.build(sources, schema) as graph:
        assert [one.where for one in xg.health(graph).alarms if one.name == "two_people"] == [
            "mail"
        ]
        assert "two_people" in names(xg.health(graph.rebuild(replace(schema, conflicts="isolate"))))
        assert "two_people" not in names(xg.health(graph, xg.Thresholds(people=100)))


def test_a_source_without_two_values_of_a_type_costs_no_search(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        two_people_module, "_groups", lambda *_: pytest.fail("nothing is to be searched")
    )
    assert two_people(people(50), "db_id", "cookie") == []


@pytest.mark.parametrize("name", ["networkx", "ipython"])
@pytest.mark.parametrize("types", [("name", "email"), ("name",), ("email",)])
def test_author_and_committer_of_git_logs_on_one_row_are_an_alarm_and_a_signature_a_row_is_none(
    shared_data: Path, name: str, types: tuple[str, ...]
) -> None:
    path = shared_data / "git_signatures" / f"{name}.csv.gz"
    schema = xg.Schema(types, conflicts="keep")
    signed = xg.Source(path, identifiers={kind: f"{kind}_h" for kind in types}, event_id="event_id")
    with xg.build(signed, schema) as graph:
        assert "two_people" not in names(xg.health(graph))
    commits: dict[str, Row] = defaultdict(dict)
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in csv.DictReader(file):
            for kind in types:
                commits[line["commit"]][f"{line['role']}_{kind}"] = line[f"{kind}_h"]
    columns = {kind: [f"author_{kind}", f"committer_{kind}"] for kind in types}
    with xg.build(
        xg.Source(list(commits.values()), identifiers=columns, name="commits"), schema
    ) as graph:
        found = xg.health(graph)
    assert names(found)[0] == "two_people"
    assert found.alarms[0].where == "commits"
    assert " and of ".join(types) in found.alarms[0].what
    differ = sum(
        any(one[f"author_{kind}"] != one[f"committer_{kind}"] for kind in types)
        for one in commits.values()
    )
    assert found.alarms[0].measured == pytest.approx(differ / len(commits), rel=0.02)
    apart = [
        xg.Source(
            list(commits.values()),
            identifiers={kind: f"{role}_{kind}" for kind in types},
            name=role,
        )
        for role in ("author", "committer")
    ]
    with xg.build(apart, schema) as graph:  # as the advice says
        assert "two_people" not in names(xg.health(graph))


# --------------------------------------------------------------------------------------- the answer


def test_the_answer_is_data_and_a_table_and_safe_to_show(tmp_path: Path) -> None:
    events = [
        {"cookie": f"c{n}", "device": "<script>alert(1)</script>", "at": dt.date(2026, 3, 1)}
        for n in range(1200)
    ]
    with xg.build(events, identifiers=["cookie", "device"], time="at") as graph:
        found = xg.health(graph)
        graph.save(tmp_path / "graph.xref")
    with xg.open(tmp_path / "graph.xref", read_only=True) as graph:
        assert xg.health(graph) == found
    data = json.loads(json.dumps(found.to_dict()))
    assert data["growth"]["rows"][0] == {
        "start": "2026-03-01T00:00:00",
        "events": 1200,
        "identifiers": 1201,
        "profiles": 1,
    }
    assert data["types"][1]["meets"]["histogram"] == [[1024, 1]]
    assert data["alarms"][0]["threshold"] == 0.5
    frame = found.to_frame()
    assert list(frame.columns) == ["what", "where", "measured", "threshold", "says", "advice"]
    assert list(frame["what"][: len(found.alarms)]) == names(found)
    assert len({tuple(row) for row in found.rows()}) == 1
    assert "<script>" not in found._repr_html_()
    assert repr(found).startswith("<Health: 1,200 events")


def test_pairs_of_types_are_the_upper_triangle_of_a_matrix() -> None:
    found = health_of(people(5), "db_id", "cookie", "email")
    pairs = [(one.type_a, one.type_b) for one in found.meetings]
    assert pairs == list(combinations_with_replacement(["db_id", "cookie", "email"], 2))
    assert {(one.type_a, one.type_b): (one.events, one.sets) for one in found.meetings}[
        "db_id", "cookie"
    ] == (15, 5)
    assert set(combinations(["db_id", "cookie", "email"], 2)) < set(pairs)


def test_growth_over_all_years_that_there_are_begins_with_the_first() -> None:
    rows = [{"id": n, "cookie": "x", "at": at} for n, at in enumerate(["0001-01-01", "9999-12-31"])]
    with xg.build(
        xg.Source(rows, identifiers=["cookie"], event_id="id", time="at"), xg.Schema(["cookie"])
    ) as graph:
        growth = xg.health(graph).growth
    assert growth is not None
    assert (growth.period, growth.rows[0].start.year, len(growth.rows)) == ("century", 1, 100)
    assert sum(row.events for row in growth.rows) == 2
