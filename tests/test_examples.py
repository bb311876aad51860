"""The canned failures are what their stories say, and their remedies put them right."""

import csv
import re
import shutil
from dataclasses import replace
from importlib import resources
from pathlib import Path

import pytest

import xrefgraph as xg
from xrefgraph.schema import Schema

#: The values that join different people, the owners whom they join, and the event that first did it, as the stories say.
SAID = {
    "shared_device": (
        {"device:kiosk-77"},
        ["U1001", "U1002", "U1003"],
        ("kiosk_log", "k-008"),
    ),
    "recycled_phone": ({"phone:555-0142"}, ["U2001", "U2002"], ("accounts", "a-05")),
    "placeholder_value": (
        {"email:noemail@example.org"},
        ["U3001", "U3002", "U3003", "U3004", "U3005"],
        ("till_receipts", "r-4227"),
    ),
    "household": (
        {"card:card-4417", "phone:555-0155", "device:tv-lounge"},
        ["U4001", "U4002"],
        ("plays", "27"),
    ),
}
every_case = pytest.mark.parametrize("name", SAID)


def read_truth(case: xg.examples.Case) -> list[dict[str, str]]:
    with case.truth.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def key(node: xg.IdentifierNode) -> str:
    return f"{node.type}:{node.value}"


def test_the_cases_have_the_names_that_are_promised() -> None:
    assert set(xg.examples.names()) == set(SAID)
    assert list(xg.examples.names()) == sorted(SAID)


def test_a_name_that_is_not_there_is_told_with_the_nearest_that_is() -> None:
    with pytest.raises(xg.UnknownError, match="Did you mean 'household'"):
        xg.examples.load("houshold")
    for name in ("", "..", "__pycache__", 7):
        with pytest.raises(xg.UnknownError, match="There are: household"):
            xg.examples.load(name)  # type: ignore[arg-type]  # what people type


@every_case
def test_a_case_is_spread_into_build(name: str) -> None:
    case = xg.examples.load(name)
    assert case.name == name
    with xg.build(*case) as spread, case.build() as built:
        assert repr(spread) == repr(built)
        assert spread.events.rows() == built.events.rows()


@every_case
def test_a_case_is_small_and_each_event_has_an_id_a_time_and_an_identifier(name: str) -> None:
    case = xg.examples.load(name)
    assert len(case.sources) >= 3
    columns = [set(sum(source.columns.values(), ())) for source in case.sources]
    assert len({frozenset(one) for one in columns}) == len(columns), "each names its own columns"
    with case.build() as graph:
        events = graph.events.rows()
        assert 40 <= len(events) <= 150
        assert not graph.rejected.rows()
        for event in events:
            assert event["profile_id"] is not None, event
            assert event["time"] is not None, event
            assert not event["event_id"].startswith("#"), event
        times = [event["time"] for event in events]
        assert (max(times) - min(times)).days > 42


@every_case
def test_the_truth_knows_each_event_by_its_id_or_says_that_nobody_can(name: str) -> None:
    case = xg.examples.load(name)
    rows = read_truth(case)
    with case.build() as graph:
        known = {(event["source"], event["event_id"]) for event in graph.events}
    assert {(row["source"], row["event_id"]) for row in rows} == known
    assert len(rows) == len(known)


@every_case
def test_it_is_over_merged_and_nothing_else_is_wrong(name: str) -> None:
    case = xg.examples.load(name)
    _, owners, _ = SAID[name]
    with case.build() as graph:
        found = xg.evaluate(graph, case.truth)
        assert found.wrong_pairs > 100
        assert found.missed_pairs == 0
        assert found.unknown == 0
        assert found.mixed_profiles == 1
        assert found.mixed[0].persons == len(owners)
        (conflict,) = xg.ambiguities(graph)
        assert [owner.value for owner in conflict.owners] == owners


@every_case
def test_the_culprit_is_named_by_every_question_that_asks_for_it(name: str) -> None:
    culprits, owners, event = SAID[name]
    case = xg.examples.load(name)
    with case.build() as graph:
        (conflict,) = xg.ambiguities(graph)
        assert {key(one.node) for one in conflict.culprits} == culprits
        suspects = xg.suspects(graph)
        assert {key(one.node) for one in suspects if one.score >= suspects.threshold} == culprits
        anchor = case.schema.anchor
        first, second = f"{anchor}:{owners[0]}", f"{anchor}:{owners[1]}"
        (blocked,) = [
            one for one in xg.separate(graph, first, second).options if one.grain == "values"
        ]
        assert {":".join(one.identifier or ()) for one in blocked.decisions} == culprits
        why = xg.why(graph, first, second)
        assert any(culprit.partition(":")[2] in why.summary for culprit in culprits)
        assert why.weakest is not None
        assert isinstance(why.weakest.node, xg.IdentifierNode)
        assert key(why.weakest.node) in culprits
        assert why.independent_paths == len(culprits)
        became = xg.how(graph, first).became_ambiguous
        assert became is not None
        assert became.event == xg.EventNode(*event)
        assert f" {event[1]})" in case.story, "the story names the event"


@every_case
def test_the_remedy_gives_the_true_people(name: str) -> None:
    case = xg.examples.load(name)
    with case.build() as graph, graph.rebuild(case.remedy) as after:
        found = xg.evaluate(after, case.truth)
        assert (found.wrong_pairs, found.missed_pairs, found.without_profile) == (0, 0, 0)
        assert found.pairwise.f1 == 1
        assert found.persons == found.profiles
        assert not after.idle_decisions
        assert xg.compare(graph, after).causes


@pytest.mark.parametrize("name", sorted(set(SAID) - {"recycled_phone"}))
def test_the_remedy_blocks_the_culprits_and_says_why(name: str) -> None:
    case = xg.examples.load(name)
    assert {":".join(one.identifier or ()) for one in case.remedy.decisions} == SAID[name][0]
    assert all(one.action == "block" and one.reason for one in case.remedy.decisions)
    assert replace(case.remedy, decisions=()) == case.schema
    with case.build() as graph:
        (conflict,) = xg.ambiguities(graph)
        with graph.rebuild(
            replace(case.schema, decisions=conflict.fix("block").decisions)
        ) as after:
            assert xg.evaluate(after, case.truth).pairwise.f1 == 1


def test_a_recycled_number_is_settled_by_time_and_by_nothing_else() -> None:
    case = xg.examples.load("recycled_phone")
    assert case.remedy.policy == xg.Policy("over_time")
    with case.build() as graph:
        block = [{"action": "block", "identifier": ["phone", "555-0142"]}]
        with graph.rebuild(replace(case.schema, decisions=block)) as after:
            found = xg.evaluate(after, case.truth)
            assert found.wrong_pairs == 0
            assert found.missed_pairs > 100, "calls of both are left to nobody"
        for policy in ("isolate", "first_claim", "last_touch", "strongest"):
            with graph.rebuild(replace(case.schema, conflicts=policy)) as after:
                found = xg.evaluate(after, case.truth)
                assert found.wrong_pairs > 0, policy
                assert found.missed_pairs > 0, policy
        with graph.rebuild(case.remedy) as after:
            june, december = (
                after.profile("phone:555-0142", at=at).anchor for at in ("2025-06-01", "2025-12-01")
            )
            assert (june, december) == ("U2001", "U2002")


def test_in_a_household_blocking_two_of_the_three_is_not_enough() -> None:
    case = xg.examples.load("household")
    for spared in case.remedy.decisions:
        decisions = [one for one in case.remedy.decisions if one is not spared]
        with xg.build(case.sources, replace(case.schema, decisions=decisions)) as graph:
            (conflict,) = xg.ambiguities(graph)
            assert conflict.culprit is not None
            assert (conflict.culprit.type, conflict.culprit.value) == spared.identifier


@every_case
def test_the_story_is_a_few_sentences_and_names_the_culprits(name: str) -> None:
    case = xg.examples.load(name)
    assert 3 <= len(re.findall(r"[.!?](?: |$)", case.story)) <= 6
    assert "\n" not in case.story
    assert "keep" in case.story
    assert case.title
    for culprit in SAID[name][0]:
        assert culprit.partition(":")[2] in case.story


@every_case
def test_nobody_real_is_in_it(name: str) -> None:
    for path in xg.examples.load(name).folder.iterdir():
        text = path.read_text(encoding="utf-8")
        assert set(re.findall(r"@([\w.-]+)", text)) <= {"example.org"}
        assert all(one.startswith("01") for one in re.findall(r"\b555-(\d+)", text))


@every_case
def test_the_files_are_part_of_the_package(name: str) -> None:
    inside = resources.files("xrefgraph") / "examples" / name
    there = {path.name for path in inside.iterdir()}
    case = xg.examples.load(name)
    needed = {Path(source.data).name for source in case.sources}
    assert there == needed | {"xref.toml", "remedy.toml", "story.md", "truth.csv"}


@every_case
def test_a_case_can_be_copied_and_resolved_by_its_file(name: str, tmp_path: Path) -> None:
    case = xg.examples.load(name)
    folder = Path(shutil.copytree(case.folder, tmp_path / "copy"))
    config = folder / "xref.toml"
    with (
        xg.build(xg.Source.from_toml(config), Schema.from_toml(config)) as copied,
        case.build() as graph,
    ):
        assert copied.events.rows() == graph.events.rows()
