"""Two results compared: the laws, a slow reading of the definition, and what people are shown."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

import xrefgraph as xg
from tests import linking_reference
from tests.worlds import BASIC, build_basic, numbered, profiles_of, rows
from xrefgraph.inspection.answers import Answer
from xrefgraph.inspection.changes.comparison import CHANGES, Change, Comparison, Example
from xrefgraph.policy import POLICIES

#: A result: for each event its profile (or None) and its anchor (or None), for each identifier its owners.
Events = dict[tuple[str, str], tuple[str | None, str | None]]
Identifiers = dict[tuple[str, str], frozenset[str]]
Result = tuple[Events, Identifiers]


def write(result: Result, folder: Path, rename: Mapping[str, str] | None = None) -> Path:
    """The tables of a result, as far as they are compared, in the order of the dicts."""
    folder.mkdir(parents=True, exist_ok=True)

    def called(profile: str | None) -> str | None:
        return None if profile is None else (rename or {}).get(profile, profile)

    events, identifiers = result
    lines = {
        "events": [
            {
                "source": source,
                "event_id": event_id,
                "profile_id": called(profile),
                "anchor": anchor,
            }
            for (source, event_id), (profile, anchor) in events.items()
        ],
        "identifiers": [
            {"type": kind, "value": value, "profile_id": called(owner)}
            for (kind, value), owners in identifiers.items()
            for owner in owners or [None]
        ],
    }
    for name, table in lines.items():
        (folder / f"{name}.json").write_text("".join(json.dumps(row) + "\n" for row in table))
    return folder


keys = st.tuples(st.sampled_from(["s", "t"]), st.sampled_from([str(n) for n in range(8)]))
identifier_keys = st.tuples(st.sampled_from(["a", "b"]), st.sampled_from("uvwxyz"))
profiles = st.sampled_from(["P", "Q", "R", "S"])


@st.composite
def results(draw: st.DrawFn, most_owners: int = 2) -> Result:
    """Any tables: the definition does not ask whether a policy could have made them."""
    anchor_of = {name: draw(st.sampled_from([None, "1", "2"])) for name in "PQRS"}
    of_events = draw(st.dictionaries(keys, st.none() | profiles, max_size=12))
    identifiers = draw(
        st.dictionaries(identifier_keys, st.frozensets(profiles, max_size=most_owners), max_size=8)
    )
    events = {
        key: (name, None if name is None else anchor_of[name]) for key, name in of_events.items()
    }
    return events, identifiers


def counts(found: Comparison) -> dict[str, dict[str, tuple[int, int]]]:
    return {
        what: {name: (change.before, change.after) for name, change in getattr(found, what).items()}
        for what in CHANGES
    }


def members(result: Result) -> dict[str, set[Any]]:
    found: dict[str, set[Any]] = {}
    for key, (profile, _) in result[0].items():
        if profile is not None:
            found.setdefault(profile, set()).add(("event", key))
    for key, owners in result[1].items():
        for owner in owners:
            found.setdefault(owner, set()).add(("identifier", key))
    return found


def alone(held: Mapping[str, set[Any]]) -> dict[str, set[Any]]:
    """The members that are in no other profile."""
    often = Counter(member for of_one in held.values() for member in of_one)
    return {name: {one for one in of_one if often[one] == 1} for name, of_one in held.items()}


Counts = dict[str, dict[str, tuple[int, int]]]


def by_definition(before: Result, after: Result) -> Counts:
    """What the docstring of ``compare`` says, read slowly."""
    found: Counts = {what: dict.fromkeys(names, (0, 0)) for what, names in CHANGES.items()}
    held = members(before), members(after)
    own = alone(held[0]), alone(held[1])
    common = {(p, q): shared for p in held[0] for q in held[1] if (shared := own[0][p] & own[1][q])}
    graph: nx.Graph[Any] = nx.Graph()
    graph.add_nodes_from((n, name) for n, side in enumerate(held) for name in side)
    graph.add_edges_from(((0, p), (1, q)) for p, q in common)
    for group in nx.connected_components(graph):
        count(found, "profiles", change_of(group, held), *sides_of(group))
    twin = twins(common, before, after)
    for what, n in (("events", 0), ("identifiers", 1)):
        for key in {**before[n], **after[n]}:
            if key not in after[n]:
                count(found, what, "removed", 1, 0)
            elif key not in before[n]:
                count(found, what, "added", 0, 1)
            else:
                was, now = owners(before[n][key]), owners(after[n][key])
                stayed = {twin.get(name) for name in was} == now and len(was) == len(now)
                count(found, what, "stayed" if stayed else "moved", 1, 1)
    for key in before[0].keys() & after[0].keys():
        match before[0][key][1], after[0][key][1]:
            case None, None:
                pass
            case None, _:
                count(found, "anchors", "gained", 0, 1)
            case _, None:
                count(found, "anchors", "lost", 1, 0)
            case one, other:
                count(found, "anchors", "kept" if one == other else "replaced", 1, 1)
    return found


def count(found: Counts, what: str, change: str, before: int, after: int) -> None:
    so_far = found[what][change]
    found[what][change] = so_far[0] + before, so_far[1] + after


def sides_of(group: set[Any]) -> tuple[int, int]:
    return sum(side == 0 for side, _ in group), sum(side == 1 for side, _ in group)


def change_of(group: set[Any], held: tuple[dict[str, set[Any]], dict[str, set[Any]]]) -> str:
    match sides_of(group):
        case 1, 1:
            one, other = (held[side][name] for side, name in group)
            return "unchanged" if one == other else "changed"
        case _, 0:
            return "retired"
        case 0, _:
            return "created"
        case 1, _:
            return "split"
        case _, 1:
            return "merged"
    return "reshaped"


def twins(
    common: Mapping[tuple[str, str], set[Any]], before: Result, after: Result
) -> dict[str, str]:
    """The profiles that are each other's largest overlap."""

    def place(pair: tuple[str, str]) -> tuple[Any, ...]:
        events = sorted(key for kind, key in common[pair] if kind == "event")
        identifiers = sorted(key for kind, key in common[pair] if kind == "identifier")
        kept = sum(before[0][key][1] == after[0][key][1] is not None for key in events)
        nothing = [("~", "~")]
        return -len(common[pair]), -kept, (identifiers or nothing)[0], (events or nothing)[0]

    def best(side: int, name: str) -> tuple[str, str]:
        return min((pair for pair in common if pair[side] == name), key=place)

    return {p: q for p, q in common if (p, q) == best(0, p) == best(1, q)}


def owners(cell: Any) -> set[str]:
    if isinstance(cell, frozenset):
        return set(cell)
    return set() if cell[0] is None else {cell[0]}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("results")


# ------------------------------------------------------------------------------------------ the laws


@given(results(), results())
def test_it_counts_what_the_definition_says(folder: Path, before: Result, after: Result) -> None:
    found = xg.compare(write(before, folder / "b"), write(after, folder / "a"))
    assert counts(found) == by_definition(before, after)


@given(results(), results())
def test_swapping_the_sides_swaps_split_and_merged(
    folder: Path, before: Result, after: Result
) -> None:
    b, a = write(before, folder / "b"), write(after, folder / "a")
    other = {
        "split": "merged",
        "retired": "created",
        "removed": "added",
        "gained": "lost",
    }
    other |= {value: key for key, value in other.items()}

    def swapped(example: Example) -> Example:
        return replace(example, before=example.after, after=example.before)

    there, back = xg.compare(b, a), xg.compare(a, b)
    for what, names in CHANGES.items():
        for name in names:
            one = getattr(there, what)[name]
            two: Change = getattr(back, what)[other.get(name, name)]
            assert (one.before, one.after) == (two.after, two.before)
            if what == "events":
                assert one.examples == tuple(map(swapped, two.examples))


@given(results(), results())
def test_the_counts_add_up(folder: Path, before: Result, after: Result) -> None:
    found = xg.compare(write(before, folder / "b"), write(after, folder / "a"))
    for side, result in (("before", before), ("after", after)):
        sums = {
            what: sum(getattr(change, side) for change in getattr(found, what).values())
            for what in CHANGES
        }
        assert sums["profiles"] == len(members(result))
        assert sums["events"] == len(result[0])
        assert sums["identifiers"] == len(result[1])
    both = found.events["stayed"].before + found.events["moved"].before
    assert sum(max(one.before, one.after) for one in found.anchors.values()) <= both


@given(results(), results(), st.randoms(use_true_random=False))
def test_neither_the_order_of_rows_nor_the_names_of_profiles_matter(
    folder: Path, before: Result, after: Result, random: Any
) -> None:
    def shuffled(table: dict[Any, Any]) -> dict[Any, Any]:
        return dict(random.sample(list(table.items()), len(table)))

    one = xg.compare(write(before, folder / "b"), write(after, folder / "a"))
    mixed = [(shuffled(events), shuffled(identifiers)) for events, identifiers in (before, after)]
    again = xg.compare(write(mixed[0], folder / "b"), write(mixed[1], folder / "a"))
    assert again == one
    names = {"P": "db_id:9", "Q": "S", "R": "é", "S": "a'b"}
    renamed = xg.compare(write(before, folder / "b", names), write(after, folder / "a"))
    assert counts(renamed) == counts(one)


@given(rows)
def test_a_graph_compared_with_itself_is_unchanged(events: list[dict[str, Any]]) -> None:
    with xg.build(
        numbered(events), identifiers=["db_id", "cookie", "email"], event_id="id"
    ) as graph:
        found = xg.compare(graph, graph)
        assert found.is_same
        assert found.profiles["unchanged"] == Change(len(graph.profiles), len(graph.profiles))
        assert found.events["stayed"].before == len(graph.events)


@given(rows, rows)
def test_more_events_split_no_profile_and_move_no_event_out_of_one(
    first: list[dict[str, Any]], more: list[dict[str, Any]]
) -> None:
    schema = xg.Schema(["db_id", "cookie", "email"])
    every = numbered(first) + numbered(more, len(first) + 1)
    with (
        xg.build(numbered(first), schema, event_id="id") as before,
        xg.build(every, schema, event_id="id") as after,
    ):
        found = xg.compare(before, after)
        assert found.profiles["split"] == found.profiles["reshaped"] == Change(0, 0)
        assert found.profiles["retired"] == Change(0, 0)
        assert found.events["added"].after == len(more)
        assert len(profiles_of(after)) == sum(one.after for one in found.profiles.values())


@st.composite
def cases(draw: st.DrawFn) -> dict[str, Any]:
    """Events of people who share devices, for the slow reading of the rules of linking."""
    pair = st.tuples(st.sampled_from(["db_id", "email", "cookie"]), st.sampled_from("123"))
    events = draw(st.lists(st.lists(pair, max_size=3), max_size=8))
    return {
        "schema": {
            "anchor": "db_id",
            "types": [{"type": "db_id"}, {"type": "email", "unique": True}, {"type": "cookie"}],
        },
        "events": [
            {"event_id": f"e{n}", "time": draw(st.integers(0, 5)), "identifiers": carried}
            for n, carried in enumerate(events)
        ],
    }


def by_policy(case: dict[str, Any], policy: str) -> Result:
    """The result of a policy, with the anchor of each event that is in no doubt."""
    events: Events = {("s", event["event_id"]): (None, None) for event in case["events"]}
    owners_of: dict[tuple[str, str], set[str]] = {}
    for profile in linking_reference.run({**case, "policy": {"name": policy}})["profiles"]:
        anchors = [value for kind, value in profile["identifiers"] if kind == "db_id"]
        anchor = anchors[0] if len(anchors) == 1 else None
        events |= {("s", event): (profile["id"], anchor) for event in profile["events"]}
        for kind, value in profile["identifiers"]:
            owners_of.setdefault((kind, value), set()).add(profile["id"])
    return events, {key: frozenset(names) for key, names in owners_of.items()}


@given(st.sampled_from(sorted(POLICIES)), cases())
def test_a_policy_splits_what_keep_holds_together_and_is_the_same_as_itself(
    folder: Path, policy: str, case: dict[str, Any]
) -> None:
    kept = write(by_policy(case, "keep"), folder / "b")
    result = by_policy(case, policy)
    own = write(result, folder / "a")
    assert xg.compare(own, own).is_same
    found = xg.compare(kept, own)
    for change in ("changed", "merged", "reshaped", "retired", "created"):
        assert found.profiles[change] == Change(0, 0)
    assert found.events["removed"] == found.events["added"] == Change(0, 0)
    assert found.profiles["unchanged"].after + found.profiles["split"].after == len(members(result))


def test_an_identifier_that_two_people_own_in_turn_splits_nobody(tmp_path: Path) -> None:
    tablet = ("cookie", "tablet")
    before: Result = (
        {("s", "1"): ("A", "1"), ("s", "2"): ("B", "2")},
        {
            ("db_id", "1"): frozenset("A"),
            ("db_id", "2"): frozenset("B"),
            tablet: frozenset("A"),
        },
    )
    after: Result = (before[0], {**before[1], tablet: frozenset("AB")})
    found = xg.compare(write(before, tmp_path / "b"), write(after, tmp_path / "a"))
    assert found.profiles["unchanged"].before == 1
    assert found.profiles["changed"].before == 1
    assert found.events["moved"].before == 0
    assert found.identifiers["moved"].examples == (Example(tablet, ("A",), ("A", "B")),)


def test_a_device_of_a_hundred_thousand_owners_is_compared_in_a_moment(tmp_path: Path) -> None:
    people = [f"p{n}" for n in range(20_000)]
    result: Result = (
        {("s", name): (name, None) for name in people},
        {("cookie", "kiosk"): frozenset(people)},
    )
    folder = write(result, tmp_path / "b")
    found = xg.compare(folder, folder)  # pairs of owners would be 400 million
    assert found.is_same
    assert found.profiles["unchanged"].before == len(people)


def test_where_one_of_many_leaves_only_this_one_has_moved(tmp_path: Path) -> None:
    before: Result = ({("s", str(n)): ("P", None) for n in range(100)}, {})
    after: Result = ({**before[0], ("s", "7"): ("Q", None)}, {})
    found = xg.compare(write(before, tmp_path / "b"), write(after, tmp_path / "a"))
    assert counts(found)["profiles"]["split"] == (1, 2)
    assert found.events["moved"].examples == (Example(("s", "7"), ("P",), ("Q",)),)


# ---------------------------------------------------------------------------- what can be compared


@pytest.mark.parametrize("form", ["parquet", "csv", "json"])
def test_graphs_files_and_folders_compare_alike(form: str, tmp_path: Path) -> None:
    extra = [*BASIC, {"db_id": 7, "event_id": 3}]
    with (
        build_basic() as before,
        xg.build(extra, anchor="db_id", identifiers=["cookie"], event_id="event_id") as after,
    ):
        want = xg.compare(before, after)
        before.write(tmp_path / "b", form)
        after.save(tmp_path / "after.xref")
        assert xg.compare(tmp_path / "b", after) == want
        assert xg.compare(str(tmp_path / "b"), tmp_path / "after.xref") == want
    assert counts(want)["profiles"] == {
        **dict.fromkeys(CHANGES["profiles"], (0, 0)),
        "unchanged": (1, 1),
        "created": (0, 1),
    }


def test_leading_zeros_and_odd_values_survive_the_folders(tmp_path: Path) -> None:
    odd = [{"cookie": value, "id": n} for n, value in enumerate(["007", "7", "a,b", 'q"', "l\nf"])]
    with xg.build(odd, identifiers=["cookie"], event_id="id") as graph:
        for form in ("parquet", "csv", "json"):
            graph.write(tmp_path / form, form)
            assert xg.compare(graph, tmp_path / form).is_same


def test_comparing_leaves_the_graphs_as_they_are(tmp_path: Path) -> None:
    with build_basic(database=tmp_path / "people.xref") as graph:
        before = graph.events.rows(), graph.identifiers.rows()
        xg.compare(graph, graph)
        assert (graph.events.rows(), graph.identifiers.rows()) == before
    assert [path.name for path in tmp_path.iterdir()] == ["people.xref"]


def test_what_cannot_be_compared_is_a_clear_error(tmp_path: Path) -> None:
    with build_basic() as graph:
        with pytest.raises(xg.StoreError, match="no file"):
            xg.compare(graph, tmp_path / "missing")
        with pytest.raises(xg.StoreError, match="holds no results"):
            xg.compare(graph, tmp_path)
        with pytest.raises(xg.XrefGraphError, match=r"after is a graph.*not list"):
            xg.compare(graph, [])  # type: ignore[arg-type]
    with pytest.raises(xg.GraphClosedError):
        xg.compare(graph, graph)


def test_an_event_that_stands_there_twice_is_told(tmp_path: Path) -> None:
    folder = write(({("s", "1"): ("P", None)}, {("a", "u"): frozenset("P")}), tmp_path / "b")
    file = folder / "events.json"
    file.write_text(file.read_text() * 2)
    with pytest.raises(xg.StoreError, match="several times"):
        xg.compare(folder, folder)


# ------------------------------------------------------------------------------- what people are shown


def test_the_summary_is_plain_and_has_no_values(tmp_path: Path) -> None:
    before: Result = (
        {("s", "1"): ("P", "1"), ("s", "2"): ("P", "1"), ("s", "3"): ("R", None)},
        {("a", "secret"): frozenset("P"), ("a", "v"): frozenset("R")},
    )
    after: Result = (
        {("s", "1"): ("P", "1"), ("s", "2"): ("Q", None)},
        {("a", "secret"): frozenset("P"), ("a", "w"): frozenset("Q")},
    )
    found = xg.compare(write(before, tmp_path / "b"), write(after, tmp_path / "a"))
    assert found.summary == (
        "2 profiles before, 2 after: 1 split into 2, 1 retired. Of the 2 events in both, 1 moved;"
        " of the 1 identifier in both, none moved; 1 event lost its anchor."
    )
    assert "secret" not in repr(found)


def test_events_of_renamed_sources_are_told_to_be_others(tmp_path: Path) -> None:
    one: Result = ({("old", "1"): ("P", None)}, {("a", "u"): frozenset("P")})
    two: Result = ({("new", "1"): ("P", None)}, {("a", "u"): frozenset("P")})
    summary = xg.compare(write(one, tmp_path / "b"), write(two, tmp_path / "a")).summary
    assert "no event is in both (they are told apart by source and id)" in summary.lower()


def test_results_without_any_rows_can_be_compared(tmp_path: Path) -> None:
    empty: Result = ({}, {})
    found = xg.compare(write(empty, tmp_path / "b"), write(empty, tmp_path / "a"))
    assert found.is_same
    assert found.summary == "0 profiles before, 0 after: nothing to compare. There are no events."


def test_it_is_a_dict_for_json_and_a_frame_for_pandas(tmp_path: Path) -> None:
    one: Result = ({("s", "1"): ("P", "1")}, {("a", "u"): frozenset("P")})
    two: Result = ({("s", "1"): (None, None)}, {("a", "u"): frozenset()})
    found = xg.compare(write(one, tmp_path / "b"), write(two, tmp_path / "a"))
    table = json.loads(json.dumps(found.to_dict()))
    assert table["summary"] == found.summary
    assert table["events"]["moved"]["examples"] == [
        {"source": "s", "event_id": "1", "before": ["P"], "after": [], "left_off": 0}
    ]
    assert table["anchors"]["lost"]["examples"][0]["before"] == ["1"]
    frame = found.to_frame()
    assert list(frame.columns) == ["what", "change", "before", "after"]
    assert {(row.what, row.change): (row.before, row.after) for row in frame.itertuples()} == {
        (what, name): pair for what, of in counts(found).items() for name, pair in of.items()
    }


def test_the_page_escapes_what_values_hold(tmp_path: Path) -> None:
    bad = "<script>alert(1)</script>"
    one: Result = ({("s", bad): ("P", None)}, {("a", bad): frozenset({bad})})
    two: Result = ({}, {})
    found = xg.compare(write(one, tmp_path / "b"), write(two, tmp_path / "a"))
    page = found._repr_html_()
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_an_identifier_of_nobody_is_an_example_too(tmp_path: Path) -> None:
    refused: Result = ({}, {("a", "unknown"): frozenset()})
    found = xg.compare(write(refused, tmp_path / "b"), write(({}, {}), tmp_path / "a"))
    assert found.identifiers["removed"] == Change(1, 0, (Example(("a", "unknown"), (), ()),))


def test_examples_are_few_and_the_smallest(tmp_path: Path) -> None:
    before: Result = ({("s", f"{n:02}"): (f"P{n:02}", None) for n in range(30)}, {})
    after: Result = (dict.fromkeys(before[0], ("one", None)), {})
    found = xg.compare(write(before, tmp_path / "b"), write(after, tmp_path / "a"))
    (example,) = found.profiles["merged"].examples
    assert example == Example((), tuple(f"P{n:02}" for n in range(10)), ("one",), 20)
    assert [one.key[1] for one in found.events["moved"].examples] == ["01", "02", "03", "04", "05"]
    split = xg.compare(tmp_path / "a", tmp_path / "b").profiles["split"]
    assert split.examples == (replace(example, before=("one",), after=example.before),)


def test_it_is_an_answer_like_all_others() -> None:
    with build_basic() as graph:
        found = xg.compare(graph, graph)
    assert isinstance(found, Answer)
    assert str(found) == found.summary
    assert repr(found) == f"<Comparison: {found.summary}>"
    assert [tuple(row) for row in found.rows()] == [tuple(found.columns)] * len(found.rows())
    assert found.to_dict()["not_told"] == {}
