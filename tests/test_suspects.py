"""The identifiers that most likely join different people."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import xrefgraph as xg
from tests.worlds import TYPES, numbered, rows, values_of
from xrefgraph.errors import SchemaError
from xrefgraph.inspection.suspects import reasons
from xrefgraph.inspection.suspicion.scores import KINDS, PRIOR, score_identifiers

POLICIES = ["keep", "isolate", "first_claim", "last_touch", "strongest", "over_time"]


def people(count: int = 60, events: int = 4) -> list[dict[str, Any]]:
    """Each with a card, an address and one or two telephones, and nothing of anybody else."""
    return [
        {
            "card": f"k{n}",
            "email": f"m{n}@example.org",
            "phone": f"555-01{n:02}" if event % 4 or n % 5 else f"555-02{n:02}",
        }
        for n in range(count)
        for event in range(events)
    ]


def suspects_of(events: list[dict[str, Any]], **options: Any) -> xg.Suspects:
    with xg.build(
        events, xg.Schema(["card", "email", "phone"]), time=options.pop("time", None)
    ) as graph:
        return xg.suspects(graph, **options)


def told(suspect: xg.Suspect) -> dict[str, str]:
    return {one.kind: one.text for one in suspect.reasons}


# --------------------------------------------------------------------------------------- what is found


def test_people_who_share_nothing_are_not_suspected() -> None:
    found = suspects_of(people())
    assert found.above == 0
    assert max((one.score for one in found), default=0) < 0.05


def test_a_telephone_that_many_gave_is_the_worst_and_says_why() -> None:
    shared = [{"card": f"k{n}", "phone": "555-0199"} for n in range(8)]
    found = suspects_of(people() + shared)
    worst = found[0]
    assert (worst.type, worst.value) == ("phone", "555-0199")
    assert worst.score > 0.9
    assert found.above == 1
    assert worst.events == worst.groups == worst.meets["card"] == 8
    assert (
        told(worst)["meets"]
        == "meets 8 values of card in 8 events, where 98 % of the values of phone meet one"
    )
    assert told(worst)["groups"] == "its 8 events fall into 8 groups that share no other identifier"
    assert told(worst)["part"].startswith(
        "even without what is more suspicious, it is in a part with "
    )
    assert found.summary == (
        f"1 of 193 identifiers most likely joins different people (a score of 0.5 or more). The worst: {worst.text}."
    )


def test_somebody_with_many_telephones_in_many_years_is_less_suspicious_than_one_of_a_week() -> (
    None
):
    def with_phones(events: int) -> float:
        many = [{"email": "old@example.org", "phone": f"555-03{n % 6:02}"} for n in range(events)]
        found = suspects_of(people() + many)
        return next(one.score for one in found if one.value == "old@example.org")

    assert with_phones(600) < with_phones(6)


def test_spelling_makes_nobody_suspicious() -> None:
    names = ["Ann Lee", "LEE, Ann", "ann  lee", "Ann Lee.", "Ann-Lee"]
    other = ["Ann Lee", "Bob Ray", "Cid Fox", "Dan Orr", "Eve Poe"]
    events = [{"name": f"person {n}", "phone": f"555-01{n:02}"} for n in range(50)] * 2
    for spelled, more in ((names, False), (other, True)):
        with xg.build(
            events + [{"name": name, "phone": "555-0188"} for name in spelled],
            identifiers=["name", "phone"],
        ) as graph:
            found = xg.suspects(graph)
        assert ("555-0188" in [one.value for one in found if one.score > 0.1]) == more


def test_a_placeholder_and_a_shared_mailbox_are_called_so() -> None:
    events = [{"card": f"k{n}", "phone": "123-4567"} for n in range(4)]
    events += [{"card": f"k{n}", "email": "info@shop.example.org"} for n in range(10, 14)]
    events += [{"card": f"k{n}", "phone": "555-0298"} for n in range(20, 24)]
    found = suspects_of(people() + events)
    scores = {one.value: one.score for one in found}
    assert scores["123-4567"] > scores["555-0298"] > 0.2
    looks = {one.value: told(one).get("look") for one in found}
    assert looks["123-4567"] == "looks like a placeholder"
    assert looks["info@shop.example.org"] == "looks like a shared mailbox"
    assert looks["555-0298"] is None


def test_a_mailbox_on_many_events_is_listed_though_it_meets_nobody() -> None:
    found = suspects_of(people() + [{"email": "info@shop.example.org"}] * 100)
    worst = found[0]
    assert worst.value == "info@shop.example.org"
    assert worst.score < 0.5  # it may be one person's shop
    assert (
        told(worst)["events"]
        == "100 events carry it, where half of the values of email have 4 or less"
    )
    assert worst.groups == 0


def test_a_burst_of_new_cards_within_one_hour_is_told() -> None:
    start = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
    usual = [
        row | {"at": start + dt.timedelta(days=n % 9, hours=n)} for n, row in enumerate(people())
    ]
    burst = [
        {"card": f"x{n}", "phone": "555-0199", "at": start + dt.timedelta(days=2, minutes=n)}
        for n in range(37)
    ]
    worst = suspects_of(usual + burst, time="at")[0]
    assert worst.value == "555-0199"
    assert told(worst)["burst"] == "37 new values of card within one hour"


def test_a_single_event_that_joins_two_halves_is_found() -> None:
    def half(name: str) -> list[dict[str, Any]]:
        return [
            {"email": f"{name}-{n % 5}@example.org", "phone": f"{name}-{n % 4}"} for n in range(500)
        ]

    found = suspects_of(
        [*people(), *half("a"), *half("b"), {"email": "a-1@example.org", "phone": "b-2"}]
    )
    # Both are on this event; the telephone, which meets one address more than all others, is the more suspicious of the two.
    assert found[0].value == "b-2"
    assert (
        told(found[0])["bridge"]
        == "a single event joins 501 and 500 events, by nothing but this value"
    )
    assert found.above == 1


def test_the_kiosk_between_two_users_is_found_whatever_the_policy() -> None:
    events = [
        {"db_id": 1001, "email": "a@example.org"},
        {"db_id": 1002, "email": "b@example.org"},
        {"device": "kiosk-77", "email": "a@example.org"},
        {"device": "kiosk-77", "email": "b@example.org"},
    ]
    for policy in POLICIES:
        schema = xg.Schema(["db_id", "email", "device"], anchor="db_id", conflicts=policy)
        with xg.build(events, schema) as graph:
            found = xg.suspects(graph)
        assert (found[0].value, found.above) == ("kiosk-77", 1)
        assert found[0].anchors == 2
        assert (
            told(found[0])["meets"]
            == "brings 2 values of db_id together, of which a person has one"
        )
        assert found[0].profile_id is not None


def test_contested_identifiers_of_a_conflict_are_above_the_threshold() -> None:
    events = [{"db_id": n, "cookie": f"c{n}"} for n in range(50)] * 3
    events += [{"db_id": n, "cookie": "tablet"} for n in (1, 2)]
    schema = xg.Schema(["db_id", "cookie"], anchor="db_id", conflicts="isolate")
    with xg.build(events, schema) as graph:
        contested = {
            row["value"] for row in graph.identifiers.filter("status = 'contested'").rows()
        }
        found = xg.suspects(graph)
    assert contested == {one.value for one in found if one.score >= 0.5} == {"tablet"}


# ------------------------------------------------------------------------------------- what must hold


@given(rows, st.sampled_from(POLICIES))
def test_what_a_policy_has_cut_is_suspected_as_if_it_had_not(
    events: list[dict[str, Any]], policy: str
) -> None:
    def scored(conflicts: str) -> list[tuple[Any, ...]]:
        schema = xg.Schema(list(TYPES), anchor="db_id", conflicts=conflicts)
        with xg.build(numbered(events), schema, event_id="id") as graph:
            found = xg.suspects(graph)
        return [
            (one.type, one.value, one.score, one.reasons, one.events, one.meets) for one in found
        ]

    assert scored(policy) == scored("keep")


@given(rows, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_changes_nothing(events: list[dict[str, Any]], random: Any) -> None:
    shuffled = list(events)
    random.shuffle(shuffled)

    def answer(events: list[dict[str, Any]]) -> dict[str, Any]:
        with xg.build(numbered(events), xg.Schema(list(TYPES)), event_id="id") as graph:
            return xg.suspects(graph).to_dict()

    assert answer(shuffled) == answer(events)


@given(rows, st.sampled_from(["db_id", None]))
def test_everything_that_is_cited_is_in_the_input(
    events: list[dict[str, Any]], anchor: str | None
) -> None:
    with xg.build(numbered(events), xg.Schema(list(TYPES), anchor=anchor), event_id="id") as graph:
        found = xg.suspects(graph)
        contradictory = {
            row["event_id"] for row in graph.events.filter("status = 'contradictory'").rows()
        }
    told = [event for event in numbered(events) if str(event["id"]) not in contradictory]
    carried = [
        {(kind, value) for kind in TYPES for value in values_of(event.get(kind))} for event in told
    ]
    assert found.scored == len(set().union(*carried))
    assert len(found) == found.suspected
    for one in found:
        mine = [each for each in carried if (one.type, one.value) in each]
        assert one.events == len(mine)
        assert one.reasons
        assert 0 < one.score < 1
        assert one.groups <= len({frozenset(each) for each in mine})
        for kind, count in one.meets.items():
            met = {other for each in mine for other in each if other[0] == kind}
            assert 0 < count <= len(met)
        assert (one.anchors is None) == (anchor is None)
    scores = [one.score for one in found]
    assert scores == sorted(scores, reverse=True)


@given(rows)
def test_the_weights_make_the_score_and_only_what_joins_something_has_one(
    events: list[dict[str, Any]],
) -> None:
    schema = xg.Schema(list(TYPES), anchor="db_id")
    with xg.build(numbered(events), schema, event_id="id") as graph:
        scores = score_identifiers(graph.store)
        told = {number: reasons(graph.store, scores, number) for number in range(scores.scored + 3)}
    assert (np.diff(scores.identifier) > 0).all()
    assert scores.weights.shape == (len(scores.identifier), len(KINDS))
    assert (scores.weights >= 0).all()
    decades = np.log10(scores.score / (1 - scores.score))
    assert np.allclose(decades, scores.weights.sum(axis=1) - PRIOR)
    assert np.array_equal(scores.of(scores.identifier), scores.score)
    suspected = set(scores.identifier.tolist())
    for number, why in told.items():
        assert bool(why) == (number in suspected)
        assert (scores.of([number])[0] > 0) == (number in suspected)
    assert not (scores.reach.parts[scores.place] == 1)[scores.weights[:, 1] > 0].any()


@given(rows)
def test_blocking_what_is_suspected_leaves_none_of_it(events: list[dict[str, Any]]) -> None:
    schema = xg.Schema(list(TYPES), anchor="db_id", conflicts="keep")
    with xg.build(numbered(events), schema, event_id="id") as graph:
        found = xg.suspects(graph, threshold=0.01)
        decisions = found.decisions()
        assert len(decisions) == found.above
        assert [one.identifier for one in decisions] == [
            (one.type, one.value) for one in found if one.score >= 0.01
        ]
        blocked = xg.Schema(list(TYPES), anchor="db_id", conflicts="keep", decisions=decisions)
        with graph.rebuild(blocked) as after:
            left = {(one.type, one.value) for one in xg.suspects(after)}
    assert not left & {one.identifier for one in decisions}


def test_what_decisions_say_is_heeded() -> None:
    shared = [{"card": f"k{n}", "phone": "555-0199"} for n in range(8)]
    events = numbered(people() + shared)
    detach = {"action": "detach", "identifier": ["phone", "555-0199"], "events": list(range(241, 248)), "reason": "typed in"}  # fmt: skip
    link = [
        {"action": "link", "a": ["card", "k0"], "b": ["card", f"k{n}"], "reason": "one household"}
        for n in range(1, 8)
    ]
    for decisions, suspicious in (((), True), ([detach], False), (link, False)):
        schema = xg.Schema(["card", "email", "phone"], decisions=decisions)
        with xg.build(events, schema, event_id="id") as graph:
            scores = {one.value: one.score for one in xg.suspects(graph)}
        assert (scores.get("555-0199", 0) > 0.5) == suspicious


def test_several_sources_are_one_graph() -> None:
    shared = [{"kund": f"k{n}", "tel": "555-0199"} for n in range(8)]
    sources = [
        xg.Source(people(), identifiers=["card", "email", "phone"], name="ours"),
        xg.Source(shared, identifiers={"card": "kund", "phone": "tel"}, name="theirs"),
    ]
    with xg.build(sources, xg.Schema(["card", "email", "phone"])) as graph:
        assert xg.suspects(graph)[0].value == "555-0199"


# ------------------------------------------------------------------------------------------- the answer


def test_the_worst_are_listed_and_all_are_counted() -> None:
    shared = [
        {"card": f"k{n + 10 * m}", "phone": f"555-019{m}"} for m in range(5) for n in range(6)
    ]
    every = suspects_of(people() + shared, limit=None)
    few = suspects_of(people() + shared, limit=2)
    assert few.suspects == every.suspects[:2]
    assert (few.above, few.suspected, few.left_off) == (
        every.above,
        every.suspected,
        every.suspected - 2,
    )
    assert (
        f" Of {every.suspected:,} that anything speaks against, the worst 2 are listed. "
        in few.summary
    )
    assert len(few.decisions()) == 2
    assert len(every.decisions()) == every.above == 5


def test_the_threshold_says_who_is_put_up_to_be_blocked() -> None:
    shared = [{"card": f"k{n}", "phone": "555-0199"} for n in range(8)]
    assert suspects_of(people() + shared, threshold=1).above == 0
    everybody = suspects_of(people() + shared, threshold=0)
    assert everybody.above == everybody.suspected == len(everybody.decisions())


@pytest.mark.parametrize(
    "options",
    [{"threshold": 2}, {"threshold": -0.1}, {"threshold": "high"}, {"threshold": True}, {"limit": 0}, {"limit": -1}, {"limit": True}, {"limit": 2.5}],
)  # fmt: skip
def test_bad_options_are_told(options: dict[str, Any]) -> None:
    with pytest.raises(SchemaError, match=next(iter(options))):
        suspects_of(people(2), **options)


@pytest.mark.parametrize(
    "events", [[], [{"card": None}], [{"card": "k1"}], [{"card": "k1", "phone": "p"}] * 3]
)
def test_a_graph_without_anything_suspicious_says_so(events: list[dict[str, Any]]) -> None:
    found = suspects_of(events or [{"card": None}])
    assert len(found) == 0
    assert found.summary.startswith("Nothing speaks against any identifier; ")
    assert found.decisions() == ()
    assert found.to_dict()["suspects"] == []
    assert "<table" not in found._repr_html_()
    assert list(pytest.importorskip("pandas").DataFrame(found.rows())) == []


def test_the_answer_is_data_a_table_and_a_page() -> None:
    hostile = "<script>alert('x')</script> \"'; DROP TABLE x; --"
    shared = [{"card": f"k{n}", "phone": hostile} for n in range(8)]
    found = suspects_of(people() + shared)
    assert found[0].value == hostile
    whole = json.loads(json.dumps(found.to_dict()))
    assert whole["suspects"][0]["value"] == hostile
    assert whole["suspects"][0]["reasons"][0].keys() == {"kind", "text", "weight"}
    assert whole["above"] == 1
    frame = found.to_frame()
    assert list(frame.columns[:3]) == ["type", "value", "score"]
    assert len(frame) == len(found)
    assert "<script>" not in found._repr_html_()
    assert found[0].node == xg.IdentifierNode("phone", hostile)


def test_a_graph_in_a_file_that_may_only_be_read_is_scored(tmp_path: Path) -> None:
    shared = [{"card": f"k{n}", "phone": "555-0199"} for n in range(8)]
    with xg.build(people() + shared, xg.Schema(["card", "email", "phone"])) as graph:
        graph.save(tmp_path / "people.xref")
        told = xg.suspects(graph).to_dict()
    with xg.open(tmp_path / "people.xref", read_only=True) as graph:
        assert xg.suspects(graph).to_dict() == told


# -------------------------------------------------------------------------------------------- real data


def test_the_shared_mailbox_of_a_real_git_log_is_the_worst(shared_data: Path) -> None:
    golden = json.loads((shared_data / "golden.json").read_text(encoding="utf-8"))
    ((_, shared),) = golden["git_signatures/networkx"]["shared_identifiers"]
    columns = {"name": "name_h", "email": "email_h"}
    source = xg.Source(shared_data / "git_signatures/networkx.csv.gz", identifiers=columns)
    for order in (["name", "email"], ["email", "name"]):
        with xg.build(source, xg.Schema(order, conflicts="keep")) as graph:
            assert xg.suspects(graph)[0].value == shared


def test_most_offices_that_changed_hands_are_among_the_first(shared_data: Path) -> None:
    pandas = pytest.importorskip("pandas")
    terms = pandas.read_csv(shared_data / "congress/terms.csv", dtype=str)
    columns = ["phone", "fax", "office", "address", "url", "contact_form", "rss_url"]
    persons = pandas.concat(
        [
            terms[[name, "bioguide"]].rename(columns={name: "value"}).assign(type=name)
            for name in columns
        ]
    ).dropna()
    holders = persons.groupby(["type", "value"]).bioguide.nunique()
    shared = set(holders[holders > 1].index)
    with xg.build(terms, xg.Schema(columns, conflicts="keep")) as graph:
        found = xg.suspects(graph)
    first = {(one.type, one.value) for one in found.suspects[: len(shared)]}
    assert len(shared) == 405
    assert len(first & shared) > 0.9 * len(shared)
