"""What looks like nobody's own: the same in Python and in SQL."""

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xrefgraph.inspection.evidence.looks import (
    ADDRESSES,
    FILLERS,
    MACHINES,
    OFFICES,
    UNREAD,
    look_of,
    look_sql,
)

PLACEHOLDER, MAILBOX, DEFAULT = (
    "looks like a placeholder",
    "looks like a shared mailbox",
    "looks like a default",
)


@pytest.mark.parametrize(
    ("kind", "text", "look"),
    [
        ("phone", "0000000", PLACEHOLDER),
        ("phone", "999-99-9999", PLACEHOLDER),
        ("phone", "123456", PLACEHOLDER),
        ("phone", "987654321", PLACEHOLDER),
        ("device", "00000000-0000-0000-0000-000000000000", PLACEHOLDER),
        ("name", "n/a", PLACEHOLDER),
        ("name", "Unknown", PLACEHOLDER),
        ("name", "Your Name", PLACEHOLDER),
        ("name", "asdf", PLACEHOLDER),
        ("given_name", "Given name", PLACEHOLDER),  # what a form shows before it is filled in
        ("email", "test@shop.example.org", PLACEHOLDER),
        ("email", "devnull@localhost", PLACEHOLDER),
        ("email", "no-reply@example.org", PLACEHOLDER),
        ("email", "Info@shop.example.org", MAILBOX),
        ("email", "customer.service+ads@example.org", MAILBOX),
        ("email", "root@web3.example.org", DEFAULT),
        ("email", "ann@anns-laptop.local", DEFAULT),
        ("email", "ann@box.(none)", DEFAULT),
        ("name", "root", DEFAULT),
        ("ip", "127.0.0.1", DEFAULT),
    ],
)
def test_what_people_and_machines_write_where_they_say_nothing(
    kind: str, text: str, look: str
) -> None:
    assert look_of(kind, text) == look


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("email", "ann.lee@example.org"),
        ("email", "information.officer.lee@example.org"),
        ("email", "testarossa@example.org"),
        ("phone", "555-0112"),
        ("db_id", "123"),  # a small id is an id
        ("db_id", "1111"),
        ("db_id", "99"),
        ("name", "Ann Lee"),
        ("name", "Adm Root"),
        ("cookie", "c5d6764b072"),
        ("device", "kiosk-77"),
        ("name", "Ægir"),
        ("name", ""),
        ("name", "=?"),
    ],
)
def test_what_is_somebodys_own_looks_like_nothing(kind: str, text: str) -> None:
    assert look_of(kind, text) is None


words = st.sampled_from(sorted(FILLERS | OFFICES | UNREAD | MACHINES) + list(ADDRESSES))
bits = st.sampled_from(["@", "+", ".", "-", " ", "0", "11", "X", "\n", "\0", "'", "localhost", ".local", "(none)", "12345", "ABC"])  # fmt: skip
texts = st.lists(st.one_of(words, bits, st.text(max_size=3)), max_size=5).map("".join)


@given(
    st.lists(texts.filter(lambda text: not any("\ud800" <= one <= "\udfff" for one in text)), max_size=30),
    st.sampled_from(["email", "db_id", "Ä", "o'clock"]),
)  # fmt: skip
def test_sql_says_what_python_says(values: list[str], kind: str) -> None:
    with duckdb.connect() as connection:
        found = connection.execute(
            f"SELECT {look_sql(kind, 'text')} FROM (SELECT unnest($1::VARCHAR[]) AS text)", [values]
        ).fetchall()
    assert [row[0] for row in found] == [look_of(kind, text) for text in values]


def test_no_word_for_nothing_is_empty() -> None:
    # An empty one would make a placeholder of everything without a letter.
    assert "" not in FILLERS | OFFICES | UNREAD | MACHINES
