"""Paths as strips, what keeps two apart, and why on one sheet: what they show, and that it can be read."""

import datetime as dt
import itertools
from collections.abc import Iterator
from typing import Any

import matplotlib as mpl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

import xrefgraph as xg
from tests.drawings import boxes_of, marked, outside, overlapping, shown
from tests.test_draw_links import HOSTILE, figure_of, readable
from tests.test_scene import over_merged
from tests.worlds import TYPES, numbered, rows
from xrefgraph.errors import SchemaError, XrefGraphError
from xrefgraph.inspection.draw.barrier import plot_why_not
from xrefgraph.inspection.draw.layout.strip import beads_of, lines_of, places_on, shown_places
from xrefgraph.inspection.draw.layout.words import span_text
from xrefgraph.inspection.draw.styles import CULPRIT
from xrefgraph.policy import POLICIES


@pytest.fixture(autouse=True)
def _figures() -> Iterator[None]:
    mpl.use("Agg")
    yield
    plt.close("all")


def chain(length: int) -> xg.XrefGraph:
    """An anchor, and cookies that events join one by one."""
    made: list[dict[str, Any]] = [{"id": "z", "db_id": 1, "cookie": "c0", "at": "2026-01-01"}]
    made += [
        {"id": f"e{n}", "cookie": [f"c{n}", f"c{n + 1}"], "at": f"2026-02-{1 + n % 28:02d}"}
        for n in range(length)
    ]
    schema = xg.Schema(["db_id", "cookie"], anchor="db_id")
    source = xg.Source(made, identifiers=schema.names, event_id="id", time="at", name="steps")
    return xg.build(source, schema)


def tablet(policy: str = "isolate") -> xg.XrefGraph:
    """Two people who used one tablet, one after the other."""
    made = [
        {"id": "e1", "db_id": 1, "cookie": "tablet", "at": "2026-03-01"},
        {"id": "e2", "db_id": 2, "cookie": "tablet", "at": "2026-03-02"},
        {"id": "e3", "db_id": 3, "email": "Max@example.org"},
        {"id": "e4", "cookie": "phone", "email": "max@example.org"},
    ]
    schema = xg.Schema(["db_id", "email", "cookie"], anchor="db_id", conflicts=policy)
    source = xg.Source(made, identifiers=schema.names, event_id="id", time="at", name="visits")
    return xg.build(source, schema)


# ------------------------------------------------------------------------------------------------ paths


def test_a_path_is_drawn_with_its_dates_and_its_weakest_link() -> None:
    with over_merged(60) as graph:
        answer = xg.why(graph, "db_id:U1", "db_id:U2")
        figure = readable(xg.plot_path(answer))
        assert answer.path is not None
        assert answer.weakest is not None
        beads = [one for one in boxes_of(figure) if one.gid.startswith("bead:")]
        assert [one.text for one in beads] == [
            getattr(node, "value", "") for node in answer.path.nodes
        ]
        said = {one.text for one in boxes_of(figure)}
        for step in answer.path.steps:
            assert f"×{step.events}" in said
            assert span_text(step.first, step.last) in said
            assert set(step.sources) <= said
        assert (
            " ".join(shown(figure, "reason"))
            == f"weakest link: {'; '.join(answer.weakest.reasons)}"
        )
        (rim,) = marked(figure, "culprit")
        assert mpl.colors.to_hex(rim.get_edgecolor()).upper() == CULPRIT
        (orange,) = marked(figure, "culprit-link")
        assert len(orange.get_segments()) == 2 * len(answer.weakest.steps)
        # What is said of the culprit stands under it.
        (kiosk,) = [one for one in beads if one.text == "kiosk"]
        reasons = [one for one in boxes_of(figure) if one.gid == "reason"]
        assert all(one.top < kiosk.bottom for one in reasons)
        assert all(abs(one.left + one.right - kiosk.left - kiosk.right) < 8 for one in reasons)


def test_other_ways_are_stacked() -> None:
    with over_merged(60) as graph:
        answer = xg.paths(graph, "db_id:U1", "db_id:U2", k=4)
        figure = readable(answer.plot())
        assert shown(figure, "head") == [
            f"Path {n}: {path.length} steps" for n, path in enumerate(answer.paths, 1)
        ]
        figure = readable(xg.plot_path(answer, most=2))
        assert len(shown(figure, "head")) == 2
        assert shown(figure, "more") == ["+2 more paths not drawn"]


@pytest.mark.parametrize("length", [1, 2, 9, 23, 24, 60])
def test_a_long_path_goes_on_in_the_next_line_and_its_middle_is_counted(length: int) -> None:
    with chain(length) as graph:
        answer = xg.why(graph, "db_id:1", f"cookie:c{length}")
        figure = readable(xg.plot_path(answer))
        said = shown(figure, "more")
        gaps = sum(int(text.split()[0].replace(",", "")) for text in said if "step" in text)
        drawn = {one.text for one in boxes_of(figure) if one.gid.startswith("bead:")}
        assert "c0" in drawn
        assert f"c{length}" in drawn
        assert bool(gaps) == (length + 1 > 24)
        assert answer.weakest is not None
        assert marked(figure, "culprit") or length == 1


def test_events_as_ends_and_decisions_stand_on_a_path() -> None:
    made = [
        {"id": "a", "db_id": 1, "cookie": "x"},
        {"id": "b", "cookie": "y", "email": "b@example.org"},
    ]
    link = xg.Decision("link", a=("cookie", "x"), b=("cookie", "y"), reason="the same laptop")
    schema = xg.Schema(["db_id", "email", "cookie"], anchor="db_id", decisions=[link])
    source = xg.Source(made, identifiers=schema.names, event_id="id", name="visits")
    with xg.build(source, schema) as graph:
        answer = xg.why(graph, xg.EventNode("visits", "a"), "email:b@example.org")
        figure = readable(xg.plot_path(answer))
        said = {one.text for one in boxes_of(figure)}
        assert {"a", "event", "decision", "the same laptop"} <= said
        for drawn in (xg.plot_matrix(answer), xg.plot_graph(answer), xg.plot_why(answer)):
            readable(drawn)
        masked = {one.text for one in boxes_of(figure_of(xg.plot_path(answer, mask="partial")))}
        assert "the same laptop" not in masked


def test_a_path_by_itself_is_drawn_too() -> None:
    with over_merged(20) as graph:
        answer = xg.why(graph, "db_id:U1", "db_id:U2")
        assert answer.path is not None
        figure = readable(xg.plot_path(answer.path))
        assert "kiosk" in {one.text for one in boxes_of(figure)}
        assert not marked(figure, "culprit")
        said = " ".join(
            one.text for one in boxes_of(figure_of(xg.plot_path(answer.path, mask="partial")))
        )
        assert "kiosk" not in said
        with pytest.raises(SchemaError, match="key of a hash"):
            xg.plot_path(answer.path, mask="hash")
        with pytest.raises(SchemaError, match="not a Profile"):
            xg.plot_path(graph.profile(db_id="U1"))  # type: ignore[arg-type]


@given(rows, st.data())
def test_whatever_the_world_a_path_can_be_read(
    events: list[dict[str, Any]], data: st.DataObject
) -> None:
    schema = xg.Schema(TYPES, conflicts="keep")
    with xg.build(numbered(events), schema, event_id="id") as graph:
        names = [(one["type"], one["value"]) for one in graph.identifiers.rows()]
        if len(names) < 2:
            return
        a, b = (data.draw(st.sampled_from(names)) for _ in range(2))
        answer = xg.why(graph, a, b)
        if answer.path is None:
            with pytest.raises(XrefGraphError, match="no path"):
                xg.plot_path(answer)
            return
        readable(xg.plot_path(answer))
        readable(xg.plot_path(xg.paths(graph, a, b)))
        plt.close("all")


@pytest.mark.parametrize("size", [(1.5, 1.0), (3.0, 1.5), (4.0, 3.0), (12.0, 1.0), (12.0, 5.0)])
@pytest.mark.parametrize("length", [3, 40])
def test_a_path_fits_a_given_axes(size: tuple[float, float], length: int) -> None:
    with chain(length) as graph:
        answer = xg.why(graph, "db_id:1", f"cookie:c{length}")
        several = xg.paths(graph, "db_id:1", f"cookie:c{length}")
        for asked in (answer, several):
            figure, ax = plt.subplots(figsize=size)
            assert xg.plot_path(asked, ax=ax) is ax
            assert overlapping(figure) == []
            assert outside(figure) == []


# ------------------------------------------------------------------------------------------ kept apart


@pytest.mark.parametrize("policy", sorted(POLICIES))
def test_where_the_way_was_cut_and_by_which_rule_is_drawn(policy: str) -> None:
    with tablet(policy) as graph:
        answer = xg.why_not(graph, "db_id:1", "db_id:2")
        figure = readable(plot_why_not(answer))
        if answer.linked:
            assert policy == "keep"
            return
        assert answer.path is not None
        crossings = list(answer.path.crossings)
        (crosses,) = marked(figure, "cut")
        assert len(crosses.get_offsets()) == len(crossings)
        said = " ".join(shown(figure, "cut-reason"))
        assert ("changed hands" in said) or (f"cut by {policy}" in said)
        assert {stop.profile_id for stop in answer.path.stops} == {
            one for one in shown(figure, "profile") if one.startswith(("db_id:", "cookie:"))
        }


def test_where_nothing_is_shared_the_two_stand_side_by_side_with_what_is_near() -> None:
    with tablet() as graph:
        answer = xg.why_not(graph, "db_id:3", "cookie:phone")
        figure = readable(answer.plot())
        said = [one.text for one in boxes_of(figure)]
        assert "Profile db_id:3" in said
        assert "email: Max@example.org" in said
        assert "email: max@example.org" in said
        assert shown(figure, "cut-reason") == ["nothing shared"]
        assert any(text.startswith("Nearly the same:") for text in shown(figure, "near"))
        for mask in ("partial", "hash"):
            masked = " ".join(
                one.text for one in boxes_of(readable(plot_why_not(answer, mask=mask)))
            )
            assert "example.org" not in masked
            assert "tablet" not in masked
            assert "Nearly the same" in masked
        cut = xg.why_not(graph, "db_id:1", "db_id:2")
        masked = " ".join(one.text for one in boxes_of(readable(plot_why_not(cut, mask="hash"))))
        assert "tablet" not in masked
        assert "cut by isolate" in masked


def test_what_is_in_no_profile_says_why() -> None:
    made = [{"id": 1, "db_id": 1, "email": "a@example.org"}, {"id": 2, "db_id": 2}]
    blocked = xg.Decision("block", identifier=("email", "a@example.org"))
    schema = xg.Schema(["db_id", "email"], anchor="db_id", decisions=[blocked])
    with xg.build(
        xg.Source(made, identifiers=schema.names, event_id="id", name="s"), schema
    ) as graph:
        for a, b in (
            ("db_id:2", "email:a@example.org"),
            ("db_id:1", "db_id:1"),
            ("db_id:1", "db_id:2"),
        ):
            figure = readable(plot_why_not(xg.why_not(graph, a, b)))
            assert boxes_of(figure)
        said = [
            one.text
            for one in boxes_of(
                figure_of(plot_why_not(xg.why_not(graph, "db_id:2", "email:a@example.org")))
            )
        ]
        assert "in no profile (blocked)" in said


@pytest.mark.parametrize("size", [(2.5, 1.5), (5.0, 3.0), (10.0, 2.0)])
def test_what_keeps_two_apart_fits_a_given_axes(size: tuple[float, float]) -> None:
    with tablet() as graph:
        for a, b in (("db_id:1", "db_id:2"), ("db_id:3", "cookie:phone")):
            figure, ax = plt.subplots(figsize=size)
            assert plot_why_not(xg.why_not(graph, a, b), ax=ax) is ax
            assert overlapping(figure) == []
            assert outside(figure) == []


# ------------------------------------------------------------------------------------------ on one sheet


def test_why_is_a_sheet_of_words_path_matrix_and_lanes() -> None:
    with over_merged(120, cookies=40) as graph:
        answer = xg.why(graph, "db_id:U1", "db_id:U2")
        drawn = [
            xg.plot_why(answer),
            answer.plot(),
            xg.plot_why(graph, "db_id:U1", "db_id:U2"),
            xg.plot_why(graph.profile(db_id="U1")),
            xg.plot_why(xg.ambiguities(graph)[0]),
        ]
        for figure in drawn:
            assert isinstance(figure, Figure)
            readable(figure)
            assert [ax.get_label() for ax in figure.axes] == ["words", "path", "matrix", "lanes"]
            (title,) = shown(figure, "title")
            assert title == "Why are U1 and U2 one profile?"
            assert " ".join(shown(figure, "summary")) == answer.summary
            assert len(marked(figure, "culprit-band")) >= 1
        # None of them is shown once more at the end of a cell.
        assert plt.get_fignums() == []


def test_of_two_who_are_kept_apart_the_sheet_says_what_cut_them() -> None:
    with tablet() as graph:
        for figure in (
            xg.plot_why(xg.ambiguities(graph)[0]),
            xg.plot_why(graph, "db_id:1", "db_id:2"),
            xg.plot_why(xg.why(graph, "db_id:1", "db_id:2")),
        ):
            readable(figure)
            assert shown(figure, "title") == [
                "What do 1 and 2 share, and where are they kept apart?"
            ]
            assert "cut by isolate" in " ".join(shown(figure, "cut-reason"))
            assert marked(figure, "crosses")


def test_hostile_values_are_text_on_every_sheet() -> None:
    made = [
        {
            "id": f"{n}\u202e$x$",
            "db_id": 1 + n % 2,
            "name": [value, HOSTILE[(n + 1) % len(HOSTILE)]],
        }
        for n, value in enumerate(HOSTILE)
    ]
    schema = xg.Schema(["db_id", "name"], anchor="db_id", conflicts="keep")
    with xg.build(
        xg.Source(made, identifiers=schema.names, event_id="id", name="$a$"), schema
    ) as graph:
        answer = xg.why(graph, ("name", HOSTILE[0]), ("name", HOSTILE[6]))
        for drawn in (xg.plot_path(answer), xg.plot_why(answer)):
            figure = readable(drawn)
            said = " ".join(one.text for one in boxes_of(figure))
            assert not any(ord(one) < 32 or one in "\u202e\u200b\u2028" for one in said)
            assert "w" * 200 not in said


@pytest.mark.parametrize("mask", ["partial", "hash"])
def test_no_masked_value_is_on_the_sheet(mask: str) -> None:
    with over_merged(60) as graph:
        figure = readable(xg.plot_why(graph, "db_id:U1", "db_id:U2", mask=mask))
        said = " ".join(one.text for one in boxes_of(figure))
        for value in ("kiosk", "example.org", "555-", "device-", "U1", "U2"):
            assert value not in said


def test_whom_to_ask_about_must_be_clear() -> None:
    with over_merged(5) as graph, chain(3) as one:
        with pytest.raises(SchemaError, match="name the two"):
            xg.plot_why(graph)
        with pytest.raises(SchemaError, match="Only with a graph"):
            xg.plot_why(graph.profile(db_id="U1"), "db_id:U1", "db_id:U2")
        with pytest.raises(XrefGraphError, match="one person"):
            xg.plot_why(one.profile(db_id="1"))


# ------------------------------------------------------------------------------------------------- data


@given(st.integers(0, 60), st.sets(st.integers(0, 59), max_size=3), st.integers(1, 30))
def test_what_is_needed_of_a_long_way_is_shown_and_both_ends(
    length: int, needed: set[int], most: int
) -> None:
    found = shown_places(length, needed, most)
    assert found == sorted(set(found))
    assert {n for n in needed if n < length} <= set(found)
    assert len(found) <= max(most, len(needed))
    if length and most > len(needed) + 1:
        assert {0, length - 1} <= set(found)


@given(
    st.lists(st.tuples(st.floats(5, 60), st.booleans()), min_size=1, max_size=30),
    st.floats(60, 300),
)
def test_lines_hold_every_bead_and_go_on_where_the_last_one_ended(
    beads: list[tuple[float, bool]], room: float
) -> None:
    widths, breaks = [one for one, _ in beads], [one for _, one in beads]
    lines = lines_of(widths, breaks, room)
    assert list(dict.fromkeys(n for line in lines for n in line)) == list(range(len(beads)))
    for line, after in itertools.pairwise(lines):
        assert line[-1] == after[0]
        assert breaks[line[-1]]
        assert len(line) > 1
    for line in lines:
        # A line that is too wide could not have been broken.
        if sum(widths[n] for n in line) > room:
            assert not any(breaks[n] for n in line[1:-1])


@given(st.lists(st.floats(5, 60), min_size=1, max_size=20), st.floats(50, 900))
def test_beads_stand_side_by_side(widths: list[float], room: float) -> None:
    places = places_on(widths, room)
    for n in range(len(widths) - 1):
        assert places[n + 1] - places[n] >= (widths[n] + widths[n + 1]) / 2 - 1e-6
    if sum(widths) <= room:
        assert places[0] - widths[0] / 2 >= -1e-6
        assert places[-1] + widths[-1] / 2 <= room + 1e-6


def test_every_step_of_a_path_is_a_bead_or_in_a_gap() -> None:
    with chain(40) as graph:
        answer = xg.why(graph, "db_id:1", "cookie:c40")
        assert answer.path is not None
        for most in (1, 2, 5, 12, 100):
            beads = beads_of(answer.path, weak_steps=(20, 21), most=most)
            events = sum(one.shape == "events" for one in beads)
            gaps = sum(int(one.text.split()[0]) for one in beads if one.shape == "gap")
            assert events + gaps == answer.path.length
            assert sum(one.weak_link for one in beads if one.shape == "events") == 2


@pytest.mark.parametrize(
    ("first", "last", "wanted"),
    [
        ("2026-03-14", "2026-03-14", "14 Mar 2026"),
        ("2026-03-14", "2026-03-16", "14–16 Mar 2026"),
        ("2026-03-30", "2026-04-02", "30 Mar – 2 Apr 2026"),
        ("2025-12-31", "2026-01-01", "31 Dec 2025 – 1 Jan 2026"),
    ],
)
def test_a_span_is_said_shortly(first: str, last: str, wanted: str) -> None:
    begin, end = (dt.datetime.fromisoformat(one) for one in (first, last))
    assert span_text(begin, end) == wanted
    assert span_text(None, None) == ""
