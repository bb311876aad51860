"""Decisions: read from lists and files, written back, checked, and what they come to."""

import csv
import datetime as dt
import tempfile
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import xrefgraph as xg
from tests import linking_reference
from xrefgraph.decision_files import COLUMNS
from xrefgraph.verdicts import verdicts

SECRET = "secret-value-of-a-person"  # noqa: S105  (an identifier)

texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=6).filter(str.strip)
values = st.one_of(
    texts, st.integers(), st.sampled_from(["a;b", 'a"b', "a,b", "a\r\nb", "'a", " a "])
)
identifiers = st.tuples(texts, values)
remarks = {
    "reason": st.none() | texts,
    "name": st.none() | texts,
    "author": st.none() | texts,
    "date": st.none() | st.dates() | st.just("2026-05-17T12:00:00+02:00"),
}
decisions = st.one_of(
    st.builds(xg.Decision, st.just("block"), identifier=identifiers, **remarks),
    st.builds(
        xg.Decision,
        st.just("detach"),
        identifier=identifiers,
        events=st.lists(values, min_size=1, max_size=3),
        **remarks,
    ),
    st.builds(xg.Decision, st.sampled_from(["link", "separate"]), a=identifiers, b=identifiers, **remarks),
)  # fmt: skip


@given(st.lists(decisions, max_size=4), st.sampled_from([".toml", ".csv"]))
def test_decisions_come_back_from_a_file(
    tmp_path_factory: pytest.TempPathFactory, some: list[xg.Decision], ending: str
) -> None:
    path = tmp_path_factory.getbasetemp() / f"decisions{ending}"
    xg.write_decisions(path, some)
    again = xg.read_decisions(path)
    assert again == tuple(some)
    before = path.read_bytes()
    xg.write_decisions(path, again)
    assert path.read_bytes() == before


@given(
    st.lists(decisions, max_size=3),
    st.lists(decisions, max_size=3),
    st.sampled_from([".toml", ".csv"]),
)
def test_what_is_added_to_a_file_and_taken_out_again_leaves_it_as_it_was(
    before: list[xg.Decision], more: list[xg.Decision], ending: str
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"decisions{ending}"
        xg.add_decisions(path, before)
        first = xg.read_decisions(path)
        added = xg.add_decisions(path, more)
        assert len(xg.read_decisions(path)) == len(first) + added
        assert xg.add_decisions(path, more) == 0
        new = xg.read_decisions(path)[len(first) :]
        assert xg.remove_decisions(path, new) == added
        assert xg.read_decisions(path) == first


def test_a_decision_is_taken_out_whatever_its_reason_and_in_whatever_order_its_pair_is(
    tmp_path: Path,
) -> None:
    path = tmp_path / "decisions.toml"
    xg.add_decisions(
        path, [{"action": "link", "a": ["x", 1], "b": ["x", 2], "reason": "one person"}]
    )
    assert xg.add_decisions(path, [{"action": "link", "a": ["x", 2], "b": ["x", 1]}]) == 0
    assert xg.remove_decisions(path, [{"action": "separate", "a": ["x", 1], "b": ["x", 2]}]) == 0
    assert xg.remove_decisions(path, [{"action": "link", "a": ["x", 2], "b": ["x", 1]}]) == 1
    assert xg.read_decisions(path) == ()
    with pytest.raises(xg.StoreError, match="no file"):
        xg.remove_decisions(tmp_path / "other.toml", [])


@given(st.lists(decisions, max_size=3))
def test_decisions_come_back_from_the_toml_of_their_schema(some: list[xg.Decision]) -> None:
    names = list(dict.fromkeys(kind for one in some for kind, _ in one.identifiers)) or ["a"]
    kinds = [name for name in names if ":" not in name]
    some = [one for one in some if all(kind in kinds for kind, _ in one.identifiers)]
    schema = xg.Schema(kinds or ["a"], decisions=some)
    again = xg.Schema.from_dict(tomllib.loads(schema.to_toml()))
    assert again == schema
    assert again.decisions == tuple(some)


def test_a_file_of_decisions_is_looked_for_beside_the_file_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "conf").mkdir()
    config = tmp_path / "conf" / "xref.toml"
    xg.write_decisions(
        tmp_path / "conf" / "mine.csv",
        [{"action": "link", "a": ["cookie", 1], "b": ["cookie", 2], "date": dt.date(2026, 5, 17)}],
    )
    config.write_text('decisions = "mine.csv"\n[[type]]\nname = "cookie"\n')
    (one,) = xg.Schema.from_toml(config).decisions
    assert (one.a, one.b, one.date) == (("cookie", "1"), ("cookie", "2"), "2026-05-17")
    assert one.origin == "Decision 1 of mine.csv"
    inline = '[[decision]]\naction = "block"\nidentifier = ["cookie", 3]\ndate = 2026-05-17\n'
    config.write_text(f'[[type]]\nname = "cookie"\n{inline}')
    (one,) = xg.Schema.from_toml(config).decisions
    assert (one.identifier, one.date) == (("cookie", "3"), "2026-05-17")
    assert one.origin == "Decision 1 of xref.toml"
    assert xg.Schema(["cookie"], decisions=tmp_path / "conf" / "mine.csv").decisions
    for text, part in (
        (f'decisions = "mine.csv"\n[[type]]\nname = "cookie"\n{inline}', "has both"),
        ('[[type]]\nname = "cookie"\n[[decisions]]\naction = "block"', r"\[\[decision\]\]"),
    ):
        config.write_text(text)
        with pytest.raises(xg.SchemaError, match=part):
            xg.Schema.from_toml(config)


def test_a_spreadsheet_may_leave_out_columns_and_order_them(tmp_path: Path) -> None:
    path = tmp_path / "decisions.csv"
    path.write_text(
        "\ufeffaction,reason,type,value,events\r\nblock,shared,email,office@example.org,\r\n,,,,\r\n"
        'detach,lent,cookie,x,"1;""a;b"";3"\r\n',
        encoding="utf-8",
        newline="",
    )
    block, detach = xg.read_decisions(path)
    assert (block.identifier, block.reason) == (("email", "office@example.org"), "shared")
    assert (detach.identifier, detach.events) == (("cookie", "x"), ("1", "a;b", "3"))


@pytest.mark.parametrize("ending", [".toml", ".csv"])
def test_a_decision_may_be_about_many_events(ending: str, tmp_path: Path) -> None:
    limit = csv.field_size_limit()
    some = [xg.Decision("detach", identifier=("a", "1"), events=tuple(map(str, range(50_000))))]
    path = xg.write_decisions(tmp_path / f"decisions{ending}", some)
    assert xg.read_decisions(path) == tuple(some)
    assert csv.field_size_limit() == limit


ONE = {"identifier": ["cookie", SECRET]}
TWO = {"a": ["cookie", SECRET], "b": ["cookie", "x"]}


@pytest.mark.parametrize(
    ("table", "parts"),
    [
        ({}, ["Decision 2 of the schema has no action", "block, detach, link, separate"]),
        ({"action": "blok", **ONE}, ["Decision 2 of the schema", "Did you mean 'block'"]),
        ({"action": "block"}, ["has no 'identifier'"]),
        ({"action": "block", **ONE, "events": [1]}, ["names events"]),
        ({"action": "block", **TWO}, ["has no 'identifier'"]),
        ({"action": "detach", **ONE}, ["names no events"]),
        ({"action": "detach", **ONE, "events": []}, ["names no events"]),
        ({"action": "detach", **ONE, "events": "17"}, ["are a list of their ids"]),
        ({"action": "detach", **ONE, "events": [None]}, ["are ids"]),
        ({"action": "detach", **ONE, "events": [" "]}, ["are ids"]),
        ({"action": "link", "a": ["cookie", SECRET]}, ["has no 'b'"]),
        ({"action": "link", **TWO, **ONE}, ["has an 'identifier'"]),
        ({"action": "separate", **TWO, "events": [1]}, ["names events"]),
        ({"action": "block", "identifer": ["cookie", SECRET]}, ["Did you mean 'identifier'"]),
        ({"action": "block", "identifier": f"cookie:{SECRET}"}, ["is a type and a value"]),
        ({"action": "block", "identifier": ["cookie"]}, ["is a type and a value"]),
        ({"action": "block", "identifier": ["cookie", " "]}, ["is blank"]),
        ({"action": "block", "identifier": ["cookie", None]}, ["text or a whole number"]),
        ({"action": "block", "identifier": ["cookie", 1.5]}, ["text or a whole number"]),
        ({"action": "block", "identifier": ["cooky", SECRET]}, ["Did you mean 'cookie'"]),
        ({"action": "block", **ONE, "date": "yesterday"}, ["is a date"]),
        ({"action": "block", **ONE, "date": dt.time(1)}, ["is a date"]),
        ({"action": "block", **ONE, "reason": 7}, ["The reason of decision 2 of the schema"]),
        ("block", ["Decision 2 of the schema is a dict"]),
    ],
    ids=str,
)
def test_what_cannot_be_a_decision_is_named_by_its_number(table: Any, parts: list[str]) -> None:
    good = {"action": "block", "identifier": ["cookie", "y"]}
    with pytest.raises(xg.SchemaError) as caught:
        xg.Schema(["db_id", "cookie"], decisions=[good, table])
    for part in ("ecision 2 of the schema", *parts):
        assert part in str(caught.value)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "text", "part"),
    [
        ("d.toml", "[[decisions]]\n", "Did you mean 'decision'"),
        ("d.toml", "decision = 1\n", r"written as \[\[decision\]\]"),
        ("d.toml", "a = ", "not a TOML file"),
        ("d.toml", '[[decision]]\naction = "blok"\n', "Decision 1 of d.toml.*'block'"),
        ("d.csv", "", "no header"),
        ("d.csv", "action,valu\n", "Did you mean 'value'"),
        ("d.csv", "action,action\n", "twice"),
        ("d.csv", "action,type,value\nblock,cookie,x\nblock,cookie\n", "Decision 2 of d.csv has 2"),
        ("d.csv", "action,type,value,type_b\nblock,cookie,x,cookie\n", "has an 'b'"),
        ("d.csv", 'action,type,value\nblock,cookie,"x\n', "not a CSV file"),
        ("d.csv", "action,type,value,events\ndetach,cookie,x,\n", "names no events"),
        ("d.csv", 'action,type,value,events\ndetach,cookie,x,"""1"\n', "events of decision 1 of d"),
        ("d.json", "[]", r"ends in \.toml or \.csv"),
    ],
)
def test_a_file_that_holds_no_decisions_is_refused(
    name: str, text: str, part: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(xg.SchemaError, match=part):
        xg.read_decisions(tmp_path / name)


def test_a_missing_file_and_what_is_no_list_are_errors(tmp_path: Path) -> None:
    for name in ("none.csv", "none.toml"):
        with pytest.raises(xg.StoreError, match="no file"):
            xg.Schema(["a"], decisions=tmp_path / name)
    for given_instead in ({"action": "block"}, 7):
        with pytest.raises(xg.SchemaError, match="a file or a list"):
            xg.read_decisions(given_instead)


def test_what_cannot_be_written_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "decisions.csv"
    xg.write_decisions(path, [{"action": "block", "identifier": ["a", 1]}])
    before = path.read_bytes()
    assert before.decode().splitlines()[0] == ",".join(COLUMNS)
    for bad in ({"action": "blok"}, {"action": "block", "identifier": ["a", "\ud800"]}):
        with pytest.raises(xg.SchemaError):
            xg.write_decisions(path, [bad])
    with pytest.raises(xg.SchemaError, match="ends in"):
        xg.write_decisions(tmp_path / "decisions.txt", [])
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["decisions.csv"]


# ------------------------------------------------------------------------------------ what they come to

few = st.tuples(
    st.sampled_from(["db_id", "cookie", "email"]), st.sampled_from(["9", "10", " A", "a", "b"])
)
cases = st.lists(
    st.one_of(
        st.fixed_dictionaries({"action": st.just("block"), "identifier": few}),
        st.fixed_dictionaries(
            {"action": st.just("detach"), "identifier": few, "events": st.lists(st.integers(1, 3), min_size=1, max_size=2)}
        ),
        st.fixed_dictionaries({"action": st.sampled_from(["link", "separate"]), "a": few, "b": few}),
    ),
    max_size=6,
)  # fmt: skip


def schema_of(some: Any) -> xg.Schema:
    email = xg.IdentifierType("email", normalize=["strip", "lower"])
    return xg.Schema(["db_id", "cookie", email], anchor="db_id", decisions=some)


@given(cases)
def test_decisions_come_to_what_the_reference_says(some: list[dict[str, Any]]) -> None:
    rules = linking_reference.Rules(
        {
            "schema": {
                "anchor": "db_id",
                "types": [
                    {"type": "db_id"},
                    {"type": "cookie"},
                    {"type": "email", "normalize": ["strip", "lower"]},
                ],
            },
            "decisions": some,
        }
    )
    one_twice = any(
        "a" in table and rules.identifier(table["a"]) == rules.identifier(table["b"])
        for table in some
    )
    torn = any(rules.same_group(a, b) for a, b in rules.separated)
    try:
        found = verdicts(schema_of(some))
    except xg.SchemaError as error:
        assert one_twice or torn, error  # noqa: PT017  (whether it raises depends on the example)
        return
    assert not one_twice
    assert not torn
    assert set(found.blocked) == rules.blocked
    assert list(found.linked) == sorted(
        rules.links, key=lambda pair: (rules.key(pair[0]), rules.key(pair[1]))
    )
    assert set(found.separated) == set(rules.separated)
    assert set(found.detached) == {
        (one, event)
        for one, events in rules.detached.items()
        if one not in rules.blocked
        for event in events
    }


@given(cases, st.randoms())
def test_the_order_of_blocks_and_detachments_changes_nothing(
    some: list[dict[str, Any]], random: Any
) -> None:
    single = [table for table in some if "identifier" in table]
    shuffled = random.sample(single, len(single))
    a, b = verdicts(schema_of(single)), verdicts(schema_of(shuffled))
    assert list(a.blocked) == list(b.blocked)
    assert list(a.detached) == list(b.detached)


def pair(action: str, a: str, b: str) -> dict[str, Any]:
    return {"action": action, "a": ["cookie", a], "b": ["cookie", b]}


def test_a_pair_that_is_kept_apart_and_linked_through_others_is_an_error() -> None:
    some = [pair("link", "a", "b"), pair("separate", "a", "c"), pair("link", "c", "b")]
    with pytest.raises(xg.SchemaError) as caught:
        verdicts(schema_of(some))
    assert str(caught.value) == (
        "Decision 2 of the schema keeps two identifiers apart that others link: decision 1 of the schema,"
        " decision 3 of the schema. Take one of them out."
    )
    # A block takes the one in the middle away, and a later decision the link.
    block = {"action": "block", "identifier": ["cookie", "b"]}
    assert len(verdicts(schema_of([*some, block])).separated) == 1
    assert len(verdicts(schema_of([*some, pair("separate", "b", "c")])).separated) == 2
    assert not verdicts(schema_of([]))


def test_what_a_value_is_read_as_decides() -> None:
    with pytest.raises(xg.SchemaError, match="Decision 1 of the schema names one identifier twice"):
        verdicts(schema_of([{"action": "link", "a": ["email", "A@x"], "b": ["email", " a@x"]}]))
    digits = xg.IdentifierType("phone", normalize="digits")
    with pytest.raises(xg.SchemaError, match="The phone of decision 1 of the schema is blank"):
        verdicts(
            xg.Schema([digits], decisions=[{"action": "block", "identifier": ["phone", SECRET]}])
        )

    def fail(text: str) -> str:
        raise RuntimeError(text)

    mine = xg.IdentifierType("mine", normalize=fail)
    with pytest.raises(xg.SchemaError, match="'mine' failed on a value of decision 1") as caught:
        verdicts(xg.Schema([mine], decisions=[{"action": "block", "identifier": ["mine", SECRET]}]))
    assert SECRET not in str(caught.value)


def test_contradictions_are_told_before_anything_is_read(tmp_path: Path) -> None:
    schema = schema_of([pair("link", "a", "b"), pair("link", "b", "c"), pair("separate", "c", "a")])
    with pytest.raises(xg.SchemaError, match="Decision 3"):
        xg.build(tmp_path / "nowhere.csv", schema)
