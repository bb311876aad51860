"""What a notebook shows of everything: static, escaped, small, readable on light and on dark, with a line of text beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import xrefgraph as xg
from tests.test_report import HOSTILE, TYPES, Page
from xrefgraph.markup import LARGEST, grid, printable, shortened, shown, size, told

#: Texts that are long and grow when they are escaped.
LONG = ("'\"" * 5_000, "\U0001f469" * 10_000, "\u202e" * 10_000, "<b>" * 4_000, "a\n" * 5_000)


def checked(html: str) -> Page:
    """See that it is small, whole, static, and says nothing of black and white."""
    assert size(html) < LARGEST
    page = Page(html)
    tags = {tag for tag, _ in page.tags}
    allowed = {
        "p",
        "b",
        "table",
        "caption",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "div",
        "span",
        "code",
        "ul",
        "li",
    }
    assert tags <= allowed, tags - allowed
    for tag, given_ in page.tags:
        assert set(given_) <= {"style"}, (tag, given_)
        style = (given_.get("style") or "").lower()
        assert not re.search(
            r"url|expression|#fff\b|#ffffff|#000\b|#000000|black|white\b(?!-)",
            style.replace("white-space", ""),
        )
    assert not re.search("[\u202e\u2066\u2028\u2029\x00\x07]", html)
    return page


def world(value: str, policy: str = "keep") -> xg.XrefGraph:
    """Two people and what joins them, all of it under names that are asked for."""
    rows: list[dict[str, Any]] = []
    for n in range(30):
        person = n % 2
        rows.append(
            {
                "id": f"{value}{n}",
                "db_id": f"{value}{person}",
                "email": f"{person}{value}{n}",
                "device": f"{value}-",
            }
        )
    return xg.build(
        xg.Source(rows, identifiers=TYPES, event_id="id", name="visits"),
        xg.Schema(TYPES, anchor="db_id", conflicts=policy),
    )


def everything(graph: xg.XrefGraph, value: str) -> Iterator[Any]:
    """Every object that has a representation."""
    a, b, device = ("db_id", f"{value}0"), ("db_id", f"{value}1"), ("device", f"{value}-")
    yield graph
    for name in ("events", "identifiers", "profiles", "cuts", "rejected"):
        yield getattr(graph, name)
    yield graph.profile(db_id=f"{value}0")
    for ask in (xg.why, xg.why_not, xg.paths, xg.separate):
        yield ask(graph, a, b)
    yield xg.how(graph, a)
    yield xg.blast_radius(graph, device)
    found = xg.ambiguities(graph)
    yield found
    yield from found
    yield xg.suspects(graph)
    yield xg.health(graph, xg.Thresholds(links=1, minimum=1, people=1, largest=0.0))
    yield xg.check_stability(graph, 2)
    persons = {f"{value}{n}": f"{value}{n % 3}" for n in range(30)}
    yield xg.evaluate(graph, persons)
    decisions = [{"action": "block", "identifier": list(device), "reason": value}]
    with graph.rebuild(xg.Schema(TYPES, anchor="db_id", decisions=decisions)) as other:
        yield xg.compare(graph, other)


@pytest.mark.parametrize("policy", ["keep", "isolate"])
@pytest.mark.parametrize("value", [*HOSTILE, *LONG], ids=range(len(HOSTILE) + len(LONG)))
def test_whatever_the_values_are_they_show_as_text_and_it_stays_small(
    value: str, policy: str
) -> None:
    with world(value, policy) as graph:
        for one in everything(graph, value):
            checked(one._repr_html_())
            line = repr(one)
            assert line.splitlines() == [line], type(one)
            assert len(line) < 16_000
            assert printable(line) == line


def test_a_graph_says_how_large_it_is_and_what_to_ask() -> None:
    with world("U") as graph:
        page = checked(graph._repr_html_())
    for said in (
        "XrefGraph: 30 events, 33 identifiers, 1 profile",
        "ambiguous 30",
        "db_id (anchor)",
        "xg.ambiguities(graph)",
    ):
        assert said in page.text
    assert re.search(r"email 30 0 0", page.text)


@pytest.mark.filterwarnings("ignore")
def test_a_graph_counts_what_was_refused_and_cut_by_type() -> None:
    rows = [
        {"db_id": 1, "device": "x", "email": "unknown"},
        {"db_id": 2, "device": "x", "email": "n/a"},
    ]
    with xg.build(rows, anchor="db_id", identifiers=["email", "device"]) as graph:
        page = checked(graph._repr_html_())
        assert "email 0 2 0" in page.text
        assert re.search(r"device 1 0 [12]", page.text)
        empty = xg.build([], xg.Schema(TYPES, anchor="db_id"))
        assert "0 events" in checked(empty._repr_html_()).text


def test_of_a_graph_that_is_closed_it_says_so() -> None:
    graph = world("U")
    table, profile = graph.events, graph.profile(db_id="U0")
    graph.close()
    assert "This graph is closed" in checked(graph._repr_html_()).text
    assert "the graph is closed" in checked(table._repr_html_()).text
    assert "Its graph is closed since" in checked(profile._repr_html_()).text
    assert repr(graph) == "<XrefGraph: closed>"
    assert repr(table) == "<Table events>"
    assert repr(profile) == "<Profile db_id:U0: 33 identifiers, ambiguous>"


def test_of_a_graph_that_was_rebuilt_in_place_a_profile_says_so() -> None:
    with world("U") as graph:
        profile = graph.profile(db_id="U0")
        graph.rebuild(xg.Schema(TYPES, anchor="db_id"), in_place=True)
        assert "was rebuilt in place" in checked(profile._repr_html_()).text


def test_a_table_reads_as_many_rows_as_it_shows() -> None:
    rows = [{"id": n, "email": f"{n % 400}@example.org"} for n in range(1_000)]
    with xg.build(rows, identifiers=["email"], event_id="id") as graph:
        table = graph.events
        asked: list[str] = []
        database = table._database  # what is asked of it
        read = database.rows

        def rows_of(query: str, *given: Any) -> Any:
            found = read(query, *given)
            asked.append(query)
            assert len(found) <= 25
            return found

        database.rows = rows_of  # type: ignore[method-assign, assignment]
        page = checked(table._repr_html_())
        assert asked
    assert "events: 1,000 rows" in page.text
    assert "+975 more rows" in page.text
    assert "0@example.org" in page.text


def test_of_a_table_of_many_columns_the_others_are_counted() -> None:
    with xg.build([{"email": "a"}], identifiers=["email"]) as graph:
        wide = graph.sql(f"SELECT {', '.join(f'{n} AS column_{n}' for n in range(500))}")
        assert "+484 more columns" in checked(wide._repr_html_()).text


@pytest.mark.parametrize("name", xg.examples.names())
def test_a_case_tells_its_story(name: str) -> None:
    case = xg.examples.load(name)
    page = checked(case._repr_html_())
    assert case.title in page.text
    assert " ".join(case.story.split()[:5]) in page.text
    assert f'xg.examples.load("{name}").build()' in page.text
    assert repr(case).splitlines() == [repr(case)]


@given(st.text(max_size=200), st.integers(1, 50))
def test_a_text_that_is_shown_is_never_longer_than_asked_for_before_it_is_written_out(
    text: str, most: int
) -> None:
    assert len(shortened(text, most)) <= max(most, 2)
    assert printable(printable(text)) == printable(text)
    assert not re.search(r"[<>\"']", shown(text, most))


@given(st.lists(st.lists(st.text(max_size=80), min_size=3, max_size=3), max_size=60), st.text())
def test_a_grid_has_room_for_what_it_shows_and_counts_the_rest(
    rows: list[list[str]], sentence: str
) -> None:
    html = grid(["a", "b", "c"], rows, len(rows), room=2_000)
    page = Page(html + told(sentence))
    assert size(html) < 2_300
    inside = sum(tag == "tr" for tag, _ in page.tags) - 1
    assert (f"+{len(rows) - inside:,} more row" in html) == (inside < len(rows))
