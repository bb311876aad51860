"""Near misses: a look at each pair by the definitions says the same."""

from __future__ import annotations

import random
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xrefgraph.inspection.barriers import near
from xrefgraph.inspection.barriers.near import Value, near_misses
from xrefgraph.schema import IdentifierType, Schema

SCHEMA = Schema(["db_id", "email", "phone"], anchor="db_id")


def folded(text: str) -> str:
    return "".join(text.split()).casefold()


def letters(text: str) -> str:
    return "".join(c for c in folded(text) if c.isalnum())


def national(text: str) -> str:
    if not text or set(text) - set("0123456789 +()./-") or text[0] not in "+(0123456789":
        return ""
    digits = "".join(c for c in text if c in "0123456789").lstrip("0")
    return digits if 7 <= len(digits) <= 15 else ""


def mailbox(text: str) -> tuple[str, str] | None:
    name, at, domain = folded(text).rpartition("@")
    name = name.split("+")[0].replace(".", "")
    return (name, domain) if at and name else None


def distance(a: str, b: str) -> int:
    """The optimal string alignment distance, by the textbook."""
    rows = [
        [max(i, j) if not i or not j else 0 for j in range(len(b) + 1)] for i in range(len(a) + 1)
    ]
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            best = min(
                rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + (a[i - 1] != b[j - 1])
            )
            if i > 1 and j > 1 and a[i - 1] == b[j - 2] and a[i - 2] == b[j - 1]:
                best = min(best, rows[i - 2][j - 2] + 1)
            rows[i][j] = best
    return rows[-1][-1]


def by_definition(a: Value, b: Value) -> str | None:
    same = a.rank == b.rank
    if same and folded(a.text) == folded(b.text):
        return "case_or_spaces"
    if same and letters(a.text) == letters(b.text) and len(letters(a.text)) >= 3:
        return "punctuation"
    short, long = sorted((national(a.text), national(b.text)), key=len)
    if same and a.rank and short and long.endswith(short) and len(long) - len(short) <= 4:
        return "country_code"
    if same and mailbox(a.text) is not None and mailbox(a.text) == mailbox(b.text):
        return "mail"
    if not same and folded(a.text) == folded(b.text) and len(folded(a.text)) >= 4:
        return "other_type"
    numbers = any(folded(one.text).isdecimal() for one in (a, b))
    if same and min(len(folded(a.text)), len(folded(b.text))) >= 4 and (a.rank or not numbers):
        return "one_edit" if distance(folded(a.text), folded(b.text)) == 1 else None
    return None


texts = st.one_of(
    st.text(st.sampled_from("aAbé -"), min_size=1, max_size=7),
    st.text(st.sampled_from("ab.+@"), min_size=3, max_size=8),
    st.builds(
        "{}{}".format,
        st.sampled_from(["", "+49", "0049", "0", "+1 ", "("]),
        st.sampled_from(["30 5550100", "305550100", "30/5550-100", "30.5550101"]),
    ),
)
sides = st.lists(
    st.builds(Value, st.integers(0, 2), texts, st.integers(1, 3)), max_size=8, unique_by=lambda v: (v.rank, v.text)
)  # fmt: skip


@given(sides, sides)
def test_what_is_near_is_what_a_look_at_each_pair_finds(
    mine: list[Value], theirs: list[Value]
) -> None:
    found = near_misses(SCHEMA, mine, theirs)
    common = {(v.rank, v.text) for v in mine} & {(v.rank, v.text) for v in theirs}
    expected = {
        (SCHEMA.names[a.rank], a.text, SCHEMA.names[b.rank], b.text): kind
        for a in mine
        for b in theirs
        if not {(a.rank, a.text), (b.rank, b.text)} & common and (kind := by_definition(a, b))
    }
    got = {(one.a.type, one.a.value, one.b.type, one.b.value): one.kind for one in found.found}
    numbered = {pair for pair, kind in expected.items() if kind == "one_edit" and pair not in got}
    assert {pair: kind for pair, kind in expected.items() if pair not in numbered} == got
    assert len(numbered) == found.left_out.get("numbered", 0)
    assert all(one in "0123456789" for pair in numbered for one in set(pair[1]) ^ set(pair[3]))
    assert found.count == len(got)
    assert set(found.left_out) <= {"numbered"}
    ranks = [near.KINDS.index(one.kind) for one in found.found]
    assert ranks == sorted(ranks)


@given(sides, sides)
def test_the_advice_is_right(mine: list[Value], theirs: list[Value]) -> None:
    from xrefgraph.hygiene import normalize  # noqa: PLC0415  (the example speaks of nothing else)

    for one in near_misses(SCHEMA, mine, theirs).found:
        assert one.decision["a"] == [one.a.type, one.a.value]
        assert one.decision["b"] == [one.b.type, one.b.value]
        if one.normalize is not None:
            kind = IdentifierType(one.a.type, normalize=one.normalize)
            read = [normalize(side.value, kind.normalizers) for side in (one.a, one.b)]
            assert read[0] == read[1]
            assert read[0][1] is None
            assert repr(one.normalize) in one.advice


@pytest.mark.parametrize(
    ("kind", "a", "b", "normalize"),
    [
        ("case_or_spaces", "Max@example.org", "max@example.org", "lower"),
        ("case_or_spaces", "max@example.org ", "max@example.org", "strip"),
        ("case_or_spaces", "Ann Lee", "annlee", ["alnum", "lower"]),
        ("punctuation", "555-0100", "555 0100", "phone"),
        ("punctuation", "ab-12", "ab12", "alnum"),
        ("country_code", "+49 30 5550100", "030/5550100", None),
        ("country_code", "+1 (555) 5550100", "555-5550100", None),
        ("mail", "m.ax+news@example.org", "max@example.org", None),
        ("one_edit", "jon.smith@example.org", "john.smith@example.org", None),
        ("one_edit", "jonh@example.org", "john@example.org", None),
        ("one_edit", "555-0100", "555-0101", None),
    ],
)
def test_each_kind_has_its_advice(kind: str, a: str, b: str, normalize: Any) -> None:
    (one,) = near_misses(SCHEMA, [Value(2, a, 1)], [Value(2, b, 1)]).found
    assert (one.kind, one.normalize) == (kind, normalize)


def test_a_value_of_another_type_is_near_and_ids_that_follow_each_other_are_not() -> None:
    found = near_misses(
        SCHEMA,
        [Value(0, "1001", 1), Value(0, "U1001", 1), Value(1, "9f86d081", 5)],
        [Value(0, "1002", 1), Value(0, "U1002", 1), Value(2, "9F86D081", 5)],
    )
    (one,) = found.found
    assert (one.kind, one.a.type, one.b.type) == ("other_type", "email", "phone")
    assert found.left_out == {"numbered": 1}
    assert one.advice.startswith("If email and phone are the same thing, declare them as one type;")


def test_numbered_values_are_no_typing_errors_where_there_are_many() -> None:
    mine = [Value(1, f"user{n}@example.org", 1) for n in range(0, 40, 2)]
    theirs = [Value(1, f"user{n}@example.org", 1) for n in range(1, 40, 2)]
    found = near_misses(
        SCHEMA, [*mine, Value(1, "kim@example.org", 1)], [*theirs, Value(1, "kin@example.org", 1)]
    )
    assert [one.a.value for one in found.found] == ["kim@example.org"]
    assert found.left_out["numbered"] > 40


def test_what_a_type_normalises_already_is_part_of_the_advice() -> None:
    schema = Schema([IdentifierType("email", normalize=["strip", str.title])])
    (one,) = near_misses(schema, [Value(0, "A@B", 1)], [Value(0, "a@b", 1)]).found
    assert one.normalize == ["strip", "title", "lower"]


def test_what_would_be_refused_is_no_advice() -> None:
    schema = Schema([IdentifierType("cookie", deny=["abcd"])])
    (one,) = near_misses(schema, [Value(0, "ABCD", 1)], [Value(0, "AbCd", 1)]).found
    assert one.normalize is None
    assert one.advice.startswith(
        "A function of your own as normalize on cookie, which writes both alike"
    )


def test_what_is_not_compared_or_not_listed_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    mine = [Value(1, f"A{n}bcd", 1) for n in range(9)]
    theirs = [Value(1, f"a{n}bcd", 1) for n in range(9)]
    monkeypatch.setattr(near, "MOST_LISTED", 3)
    found = near_misses(SCHEMA, mine, theirs)
    assert (len(found.found), found.count) == (3, 9)
    monkeypatch.setattr(near, "MOST_VALUES", 4)
    monkeypatch.setattr(near, "MOST_LENGTH", 5)
    monkeypatch.setattr(near, "MOST_PAIRS", 2)
    found = near_misses(SCHEMA, [*mine, Value(1, "x" * 6, 1)], [Value(1, "y" * 6, 1), *theirs])
    assert found.left_out["values"] == 12
    assert found.left_out["long"] == 1
    assert found.left_out["pairs"] > 0
    assert found.count == 2


def test_a_hundred_thousand_values_of_each_side_take_seconds() -> None:
    spell = random.Random(1)  # noqa: S311  (made-up values)

    def side() -> list[Value]:
        return [
            *(Value(1, f"{spell.getrandbits(60):x}@example.org", 1) for _ in range(50_000)),
            *(Value(2, f"+49{spell.randrange(10**9)}", 1) for _ in range(50_000)),
        ]

    mine, theirs = side(), side()
    theirs[7] = Value(1, mine[70].text.upper(), 1)
    began = time.process_time()
    found = near_misses(SCHEMA, mine, theirs)
    assert time.process_time() - began < 20
    assert found.found[0].a.value == mine[70].text
