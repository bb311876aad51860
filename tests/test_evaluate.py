"""Profiles beside the truth: pairs and B-cubed counted slowly, known values of real data, and every form of a truth."""

from __future__ import annotations

import csv
import gzip
import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Sequence
from fractions import Fraction
from itertools import combinations
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import xrefgraph as xg
from tests.test_reference import colliding
from tests.test_stored_tables import built, policies, with_refused
from tests.worlds import numbered, rows

SCHEMA = xg.Schema(["db_id", "cookie", "email"], anchor="db_id", conflicts="keep")
persons = st.sampled_from(["ann", "bob", "O'Neil <b>", "Ä"])

#: What is judged: the profile of each (None for none), and the person.
Judged = Sequence[tuple[Hashable | None, str]]


def slowly(judged: Judged) -> dict[str, Any]:
    """Pairs one by one, and B-cubed by its definition, in fractions."""
    items = [
        ((n,) if profile is None else profile, person) for n, (profile, person) in enumerate(judged)
    ]
    counts: Counter[str] = Counter()
    for (p, a), (q, b) in combinations(items, 2):
        counts[
            {(True, True): "right", (True, False): "wrong", (False, True): "missed"}.get(
                (p == q, a == b), "other"
            )
        ] += 1
    right, wrong, missed = (counts[name] for name in ("right", "wrong", "missed"))
    precision = recall = Fraction(0)
    for p, a in items:
        both = sum(other == (p, a) for other in items)
        precision += Fraction(both, sum(q == p for q, _ in items))
        recall += Fraction(both, sum(b == a for _, b in items))
    precision, recall = precision / max(len(items), 1), recall / max(len(items), 1)
    of_profile, of_person = defaultdict(set), defaultdict(set)
    for p, a in items:
        of_profile[p].add(a)
        of_person[a].add(p)
    return {
        "judged": len(items),
        "pairs": (right, wrong, missed),
        "pairwise": [
            Fraction(top, bottom) if bottom else None
            for top, bottom in (
                (right, right + wrong),
                (right, right + missed),
                (2 * right, 2 * right + wrong + missed),
            )
        ],
        "bcubed": [precision, recall, 2 * precision * recall / (precision + recall)]
        if items
        else [None] * 3,
        "alone": sum(profile is None for profile, _ in judged),
        "mixed": sum(len(found) > 1 for found in of_profile.values()),
        "spread": sum(len(found) > 1 for found in of_person.values()),
        "persons": len(of_person),
        "profiles": len({profile for profile, _ in judged if profile is not None}),
    }


def told(found: xg.Evaluation) -> dict[str, Any]:
    return {
        "judged": found.judged,
        "pairs": (found.right_pairs, found.wrong_pairs, found.missed_pairs),
        "pairwise": parts(found.pairwise),
        "bcubed": parts(found.bcubed),
        "alone": found.without_profile,
        "mixed": found.mixed_profiles,
        "spread": found.spread_persons,
        "persons": found.persons,
        "profiles": found.profiles,
    }


def parts(score: Any) -> list[Any]:
    return [
        None if one is None else pytest.approx(one, abs=1e-12)
        for one in (score.precision, score.recall, score.f1)
    ]


@given(policies, st.data())
def test_events_are_judged_as_a_slow_count_judges_them(policy: str, data: st.DataObject) -> None:
    case = with_refused(data.draw(colliding(policy)))
    with built(case) as graph:
        events = graph.events.rows()
        truth = {
            event["event_id"]: person
            for event in events
            if (person := data.draw(st.none() | persons)) is not None
        }
        found = xg.evaluate(graph, truth)
    judged = [(e["profile_id"], truth[e["event_id"]]) for e in events if e["event_id"] in truth]
    assert slowly(judged) == told(found)
    assert found.not_judged == len(events) - len(truth)
    assert (found.unknown, found.unknown_examples) == (0, ())


@given(policies, st.data())
def test_identifiers_are_judged_as_a_slow_count_judges_them(
    policy: str, data: st.DataObject
) -> None:
    case = with_refused(data.draw(colliding(policy)))
    with built(case) as graph:
        linked = {(i["type"], i["value"]) for i in graph.identifiers if i["status"] != "refused"}
        every = sorted({(i["type"], i["value"]) for i in graph.identifiers})
        truth = {
            one: person for one in every if (person := data.draw(st.none() | persons)) is not None
        }
        found = xg.evaluate(graph, truth, by="identifiers")
        profile = {
            one: graph.profile(**{one[0]: one[1]}).id if one in linked else None for one in truth
        }
    assert slowly([(profile[one], person) for one, person in truth.items()]) == told(found)
    assert found.not_judged == len(linked - truth.keys())


@given(rows, st.data())
def test_every_form_of_a_truth_says_the_same(
    events: list[dict[str, Any]], data: st.DataObject
) -> None:
    people = [data.draw(st.none() | persons) for _ in events]
    given_rows = [
        {**event, "who": who} for event, who in zip(numbered(events), people, strict=True)
    ]
    table = [{"event_id": n, "person": who} for n, who in enumerate(people, 1)]
    source = xg.Source(
        given_rows, identifiers=["db_id", "cookie", "email"], event_id="id", name="s"
    )
    keep = ["who"] if given_rows else []
    with xg.build(source, SCHEMA, keep_columns=keep) as graph:
        found = xg.evaluate(graph, table)
        truths: list[Any] = [
            dict(enumerate(people, 1)),
            {("s", n): who for n, who in enumerate(people, 1)},
            {xg.EventNode("s", str(n)): who for n, who in enumerate(people, 1)},
            [{**row, "source": "s"} for row in table],
            pd.DataFrame(table, columns=["event_id", "person"]),
            pl.DataFrame(table, schema={"event_id": pl.Int64, "person": pl.String}),
            pa.table(
                {
                    "event_id": pa.array(range(1, len(people) + 1), pa.int64()),
                    "person": pa.array(people, pa.string()),
                }
            ),
            *keep,
        ]
        for truth in truths:
            assert xg.evaluate(graph, truth) == found


def test_files_are_truths_and_their_columns_may_have_other_names(tmp_path: Path) -> None:
    events = [{"id": "007", "cookie": "a"}, {"id": "8", "cookie": "a"}, {"id": "9", "cookie": "b"}]
    table = [
        {"RECORD": "007", "CLUSTER": 1},
        {"RECORD": "8", "CLUSTER": 2},
        {"RECORD": "9", "CLUSTER": 2},
    ]
    frame = pd.DataFrame(table)
    frame.to_csv(tmp_path / "truth.csv", index=False)
    frame.to_parquet(tmp_path / "truth.parquet")
    frame.to_json(tmp_path / "truth.jsonl", orient="records", lines=True)
    names = {"event_id": "RECORD", "person": "CLUSTER"}
    with xg.build(events, identifiers=["cookie"], event_id="id") as graph:
        for name in ("truth.csv", "truth.parquet", "truth.jsonl"):
            found = xg.evaluate(graph, tmp_path / name, columns=names)
            assert (found.right_pairs, found.wrong_pairs, found.missed_pairs) == (0, 1, 1)
            assert found == xg.evaluate(graph, str(tmp_path / name), columns=names)
            assert found.mixed[0].largest == (("1", 1), ("2", 1))


def test_an_event_without_a_profile_stands_alone() -> None:
    events = [{"id": 1, "cookie": "a"}, {"id": 2}, {"id": 3}]
    with xg.build(events, identifiers=["cookie"], event_id="id") as graph:
        found = xg.evaluate(graph, {1: "ann", 2: "ann", 3: "bob"})
    assert (found.without_profile, found.persons, found.profiles) == (2, 2, 1)
    assert (found.right_pairs, found.wrong_pairs, found.missed_pairs) == (0, 0, 1)
    assert parts(xg.inspection.Score(1, 2 / 3, 0.8)) == [
        found.bcubed.precision,
        found.bcubed.recall,
        found.bcubed.f1,
    ]
    (ann,) = found.spread
    assert (ann.person, ann.profiles, ann.without_profile, ann.missed_pairs) == ("ann", 1, 1, 1)


def test_the_worst_come_first_and_what_is_not_named_is_counted() -> None:
    events = [
        {"id": f"{n}-{k}", "cookie": f"c{n}", "who": f"p{k}"}
        for n in range(4)
        for k in range(n + 5)
    ]
    with xg.build(events, identifiers=["cookie"], event_id="id", keep_columns=["who"]) as graph:
        found = xg.evaluate(graph, "who", examples=2)
        assert (found.mixed_profiles, [one.profile_id for one in found.mixed]) == (
            4,
            ["cookie:c3", "cookie:c2"],
        )
        first = found.mixed[0]
        assert (first.judged, first.persons, first.wrong_pairs) == (8, 8, 28)
        assert (first.largest, first.left_off) == (tuple((f"p{k}", 1) for k in range(5)), 3)
        assert [one.person for one in found.spread] == ["p0", "p1"]
        assert (found.spread[0].profiles, found.spread[0].missed_pairs, found.spread_persons) == (
            4,
            6,
            7,
        )
        assert found.spread[0].largest == tuple((f"cookie:c{n}", 1) for n in range(4))
        assert xg.evaluate(graph, "who", examples=0).mixed == ()
    page = found._repr_html_()
    assert "Profiles that hold several persons: 2 of 4" in page
    assert "Persons that are spread over several profiles: 2 of 7" in page


def test_large_counts_are_exact() -> None:
    """100,000 events of one person in one profile are 4,999,950,000 pairs."""
    frame = pd.DataFrame({"cookie": "a", "who": "ann"}, index=range(100_000))
    with xg.build(frame, identifiers=["cookie"], keep_columns=["who"]) as graph:
        found = xg.evaluate(graph, "who")
    assert found.right_pairs == 4_999_950_000
    assert (found.pairwise.f1, found.bcubed.f1) == (1, 1)
    assert found.summary == (
        "Of 100,000 events of 1 person, 100.0 % of the pairs that are together are one person (precision), and 100.0 % of the pairs"
        " that are one person are together (recall): F1 1.0000. No profile holds several persons, and no person is spread over"
        " several profiles."
    )


def test_what_the_graph_has_not_is_told_and_no_error() -> None:
    with xg.build([{"id": 1, "cookie": "a"}], identifiers=["cookie"], event_id="id") as graph:
        found = xg.evaluate(
            graph, {1: "ann", 2: "ann", ("elsewhere", 1): "bob", "x": "ann", "": "ann"}
        )
        assert (found.judged, found.unknown) == (1, 4)
        assert found.unknown_examples[:2] == (xg.EventNode("", "2"), xg.EventNode("elsewhere", "1"))
        assert found.summary.endswith(
            "4 rows of the truth are about events that the graph does not have."
        )
        found = xg.evaluate(
            graph, {"cookie:a": "ann", "cookie:b": "ann", "mail:a": "ann"}, by="identifiers"
        )
        assert (found.judged, found.unknown) == (1, 2)
        assert found.unknown_examples == (
            xg.IdentifierNode("cookie", "b"),
            xg.IdentifierNode("mail", "a"),
        )
        nothing = xg.evaluate(graph, {2: "ann"})
        assert nothing.summary.startswith(
            "Nothing can be judged: the truth knows the person of no event"
        )
        assert nothing.bcubed.f1 is nothing.pairwise.f1 is None
        assert xg.evaluate(graph, {}).judged == xg.evaluate(graph, []).judged == 0
        assert xg.evaluate(graph, {1: None}).judged == 0


def test_values_of_the_truth_are_normalised_like_those_of_the_graph() -> None:
    schema = xg.Schema(
        [
            xg.IdentifierType("email", normalize="email"),
            xg.IdentifierType("n", normalize=lambda text: text[::-1]),
        ]
    )
    events = [
        {"email": "Ann@example.org", "n": "ab"},
        {"email": "bob@example.org"},
        {"email": "nobody"},
    ]
    with xg.build(events, schema) as graph:
        truth = {
            "email:ANN@example.org ": "ann",
            ("n", "ab"): "ann",
            "email:bob@example.org": "bob",
            "email:nobody": "bob",
        }
        found = xg.evaluate(graph, truth, by="identifiers")
        assert (found.judged, found.without_profile, found.unknown) == (4, 1, 0)
        assert (found.right_pairs, found.wrong_pairs, found.missed_pairs) == (1, 0, 1)
        with pytest.raises(
            xg.SourceError,
            match=re.escape(
                "1 identifier has two persons in the truth (first: an identifier of the type email, rows 1 and 2)"
            ),
        ):
            xg.evaluate(
                graph,
                {"email:ann@example.org": "ann", "email:ANN@example.org": "bob"},
                by="identifiers",
            )


def test_an_identifier_that_changed_hands_counts_for_its_last_owner() -> None:
    events = [
        {"at": "2026-03-01", "db_id": "ann", "cookie": "tablet"},
        {"at": "2026-03-02", "db_id": "bob", "cookie": "tablet"},
    ]
    schema = xg.Schema(["db_id", "cookie"], anchor="db_id", conflicts="over_time")
    with xg.build(events, schema, time="at") as graph:
        truth = {"db_id:ann": "Ann", "db_id:bob": "Bob", "cookie:tablet": "Bob"}
        assert xg.evaluate(graph, truth, by="identifiers").pairwise.f1 == 1


def test_two_persons_for_one_event_are_an_error_that_says_where() -> None:
    hidden = "Ann Hidden"
    with xg.build(
        [{"id": n, "cookie": "a"} for n in range(5)], identifiers=["cookie"], event_id="id"
    ) as graph:
        table = [{"event_id": n % 4, "person": hidden if n < 6 else "bob"} for n in range(8)]
        with pytest.raises(xg.SourceError) as caught:
            xg.evaluate(graph, table)
        assert str(caught.value).startswith(
            "2 events have two persons in the truth (first: event '2' of 'source_1', rows 3 and 7). Each is one person"
        )
        assert (caught.value.count, caught.value.rows) == (2, (3, 7))
        assert hidden not in str(caught.value)
        same = [{"event_id": 1, "person": "ann"}] * 3
        assert xg.evaluate(graph, same).judged == 1


def test_an_id_of_two_sources_needs_the_source() -> None:
    sources = [
        xg.Source(
            [{"id": n, "cookie": "a"} for n in ids],
            identifiers=["cookie"],
            event_id="id",
            name=name,
        )
        for name, ids in (("visits", [1, 2]), ("orders", [2, 3]))
    ]
    with xg.build(sources, xg.Schema(["cookie"])) as graph:
        assert xg.evaluate(graph, {1: "ann", 3: "bob"}).wrong_pairs == 1
        with pytest.raises(
            xg.UnknownError, match=r"1 row of the truth is about an event id .* row 2, 2 sources"
        ):
            xg.evaluate(graph, {1: "ann", 2: "bob"})
        found = xg.evaluate(
            graph, {("visits", 2): "ann", ("orders", 2): "bob", ("orders", 1): "bob"}
        )
        assert (found.judged, found.unknown) == (2, 1)


@pytest.mark.parametrize(
    ("truth", "options", "error", "says"),
    [
        (
            "wo",
            {},
            xg.UnknownError,
            "no column 'wo', and there is no such file. Carried along were: who.* Did you mean 'who'",
        ),
        ("who", {"by": "identifiers"}, xg.SchemaError, "by='events'"),
        ({1: "ann"}, {"by": "event"}, xg.SchemaError, "Did you mean 'events'"),
        ({1: "ann"}, {"columns": {"persn": "x"}}, xg.SchemaError, "Did you mean 'person'"),
        ({1: "ann"}, {"examples": -1}, xg.SchemaError, "examples is a whole number"),
        (
            [{"event_id": 1, "persn": "a"}],
            {},
            xg.SourceError,
            "no column 'person'.* Did you mean 'persn'",
        ),
        ([{"type": "cookie", "value": "a", "person": "x"}], {}, xg.SourceError, "by='identifiers'"),
        ([{"event_id": 1, "person": "x"}], {"by": "identifiers"}, xg.SourceError, "by='events'"),
        ([{"event_id": 1, "person": ["x", "y"]}], {}, xg.SourceError, "several values in 1 row"),
        (
            [{"event_id": 1, "person": "x", "s": 1}],
            {"columns": {"source": "src"}},
            xg.SourceError,
            "no column 'src'",
        ),
        ({("a", "b", "c"): "x"}, {}, xg.SchemaError, "is an id"),
        ({xg.IdentifierNode("cookie", "a"): "x"}, {}, xg.SchemaError, "by='identifiers'"),
        ({7: "x"}, {"by": "identifiers"}, xg.SchemaError, "'type:value'"),
        ({"cookie": "x"}, {"by": "identifiers"}, xg.SchemaError, "no colon"),
        ("missing.csv", {}, xg.StoreError, "no file"),
        (7, {}, xg.SourceError, "cannot be read"),
    ],
)
def test_a_truth_that_says_nothing_is_a_clear_error(
    truth: Any, options: dict[str, Any], error: type[Exception], says: str
) -> None:
    events = [{"id": 1, "cookie": "a", "who": "ann"}]
    with (
        xg.build(events, identifiers=["cookie"], event_id="id", keep_columns=["who"]) as graph,
        pytest.raises(error, match=says),
    ):
        xg.evaluate(graph, truth, **options)


def test_the_answer_is_data_and_a_table_and_safe_to_show(tmp_path: Path) -> None:
    events = [{"cookie": "<script>", "who": "<b>ann</b>"}, {"cookie": "<script>", "who": "bob"}]
    with xg.build(events, identifiers=["cookie"], keep_columns=["who"]) as graph:
        found = xg.evaluate(graph, "who")
        graph.save(tmp_path / "graph.xref")
    with xg.open(tmp_path / "graph.xref", read_only=True) as graph:
        assert xg.evaluate(graph, "who") == found
    data = json.loads(json.dumps(found.to_dict()))
    assert data["mixed"][0]["largest"] == [["<b>ann</b>", 1], ["bob", 1]]
    assert data["pairwise"] == {"precision": 0.0, "recall": None, "f1": 0.0}
    assert list(found.to_frame()["measure"]) == ["pairwise", "B-cubed"]
    assert "<script>" not in found._repr_html_()
    assert "&lt;b&gt;ann" in found._repr_html_()


# ------------------------------------------------------------------------------------------ real data


def plain(*names: str, **options: Callable[[str], str]) -> xg.Schema:
    """Plain components: no value refused, nothing split."""
    kinds = [
        xg.IdentifierType(name, deny_defaults=False, normalize=options.get(name)) for name in names
    ]
    return xg.Schema(kinds, conflicts="keep")


@pytest.mark.parametrize(
    ("columns", "ceiling", "f1"),
    [
        (["phone", "url"], False, 0.7565),
        (["phone", "url"], True, 0.7598),
        (["phone", "fax", "office", "address", "url", "contact_form", "rss_url"], False, 0.0064),
        (["phone", "fax", "office", "address", "url", "contact_form", "rss_url"], True, 0.7770),
    ],
)
def test_the_members_of_congress_by_term(
    shared_data: Path, columns: list[str], ceiling: bool, f1: float
) -> None:
    path = shared_data / "congress" / "terms.csv"
    schema = plain(*columns)
    if ceiling:
        with path.open(encoding="utf-8") as file:
            lines = list(csv.DictReader(file))
        schema = blocked(schema, lines, {name: name for name in columns}, "bioguide")
    with xg.build(xg.Source(path, identifiers=columns), schema, keep_columns=["bioguide"]) as graph:
        found = xg.evaluate(graph, "bioguide")
    assert round(found.pairwise.f1 or 0, 4) == f1
    assert (found.judged, found.persons) == (2792, 537)


def blocked(
    schema: xg.Schema, lines: Sequence[dict[str, str]], columns: dict[str, str], person: str
) -> xg.Schema:
    """The schema with every identifier blocked that several true persons share."""
    owners = defaultdict(set)
    for line in lines:
        for kind, column in columns.items():
            if line[column].strip() and line[person]:
                owners[kind, line[column]].add(line[person])
    decisions = [
        {"action": "block", "identifier": list(one)}
        for one, found in owners.items()
        if len(found) > 1
    ]
    return xg.Schema(schema.types, conflicts="keep", decisions=decisions)


@pytest.mark.parametrize(
    ("name", "ceiling", "pairs", "f1"),
    [
        ("networkx", False, (33, 47, 2), 0.5739),
        ("networkx", True, (33, 0, 2), 0.9706),
        ("ipython", False, (193, 0, 81), 0.8266),
        ("ipython", True, (193, 0, 81), 0.8266),
    ],
)
def test_the_signatures_of_git_logs_each_counted_once(
    shared_data: Path, name: str, ceiling: bool, pairs: tuple[int, int, int], f1: float
) -> None:
    """(The note beside the data says 0.8226 of ipython: two digits are turned.)"""
    path = shared_data / "git_signatures" / f"{name}.csv.gz"
    columns = {"name": "name_h", "email": "email_h"}
    with gzip.open(path, "rt", encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    schema = plain("name", "email")
    if ceiling:
        schema = blocked(schema, lines, columns, "truth_person")
    once = {(line["name_h"], line["email_h"]): line for line in lines if line["truth_person"]}
    with xg.build(
        xg.Source(path, identifiers=columns, event_id="event_id"),
        schema,
        keep_columns=["truth_person"],
    ) as graph:
        found = xg.evaluate(
            graph, {line["event_id"]: line["truth_person"] for line in once.values()}
        )
        assert (found.right_pairs, found.wrong_pairs, found.missed_pairs) == pairs
        assert round(found.pairwise.f1 or 0, 4) == f1
        known = sum(line["truth_person"] != "" for line in lines)
        assert xg.evaluate(graph, "truth_person").judged == known


def test_the_records_of_senzing(shared_data: Path) -> None:
    folder = shared_data / "senzing_truthset"
    columns = {
        "email": "EMAIL_ADDRESS",
        "phone": "PHONE_NUMBER",
        "ssn": "SSN_NUMBER",
        "passport": "PASSPORT_NUMBER",
        "license": "DRIVERS_LICENSE_NUMBER",
        "national_id": "NATIONAL_ID_NUMBER",
        "tax_id": "TAX_ID_NUMBER",
        "lei": "LEI_NUMBER",
    }
    sources = []
    for name in ("customers", "reference", "watchlist"):
        header = (folder / f"{name}.csv").read_text(encoding="utf-8").splitlines()[0].split(",")
        mapped = {kind: column for kind, column in columns.items() if column in header}
        sources.append(
            xg.Source(
                folder / f"{name}.csv", identifiers=mapped, event_id="RECORD_ID", name=name.upper()
            )
        )

    def last_ten(text: str) -> str:
        return re.sub(r"\D", "", text)[-10:]

    def only(text: str) -> str:
        return re.sub(r"\W", "", text).lower()

    schema = plain(
        *columns,
        **{name: last_ten if name == "phone" else only for name in columns if name != "email"},
    )
    names = {"source": "DATA_SOURCE", "event_id": "RECORD_ID", "person": "CLUSTER_ID"}
    with xg.build(sources, schema) as graph:
        found = xg.evaluate(graph, folder / "actual_truthset_key.csv", columns=names)
        assert round(found.pairwise.f1 or 0, 4) == 0.2589
        assert (found.judged, found.not_judged, found.unknown, found.persons) == (159, 0, 0, 85)
        assert found.mixed[0].persons > 10
