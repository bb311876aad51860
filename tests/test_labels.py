"""Values as text in drawings, masks, colours: hostile ones stand there and do nothing."""

import itertools
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

import xrefgraph as xg
from tests.worlds import build_basic
from xrefgraph.inspection.draw.layout.labels import printable, shortened
from xrefgraph.inspection.draw.layout.masking import MASKS, hidden_by, partly
from xrefgraph.inspection.draw.styles import (
    ANCHOR,
    BAND,
    CULPRIT,
    CULPRIT_BAND,
    CULPRIT_TEXT,
    SIDES,
    TYPES,
    WHITE,
    glyphs,
    luminance,
    mixed,
    side_colour,
    text_on,
    type_colours,
)

HOSTILE = "</script>\"'\u202e\u2028\n\x00\U0001f600$x^2$"


@given(st.text())
def test_a_printable_text_has_nothing_that_changes_the_look_of_others(text: str) -> None:
    shown = printable(text)
    assert shown.isprintable()
    # Control, format, surrogate and private characters, and separators other than the space, are written out.
    assert not {unicodedata.category(one) for one in shown if one != " "} & {
        "Cc", "Cf", "Cs", "Co", "Zl", "Zp", "Zs",
    }  # fmt: skip
    if text.isprintable():
        assert shown == text


def test_what_is_written_out_can_be_read() -> None:
    assert printable(HOSTILE) == r"""</script>"'\u202e\u2028\n\u0000😀$x^2$"""
    assert printable("a\u00a0b") == "a b"


@given(st.text(), st.integers(3, 60))
def test_a_shortened_text_keeps_its_ends(text: str, most: int) -> None:
    short = shortened(text, most)
    if len(text) <= most:
        assert short == text
    else:
        front = (most - 1) // 2
        assert len(short) == most
        assert short[:front] == text[:front]
        assert short[front] == "…"
        assert text.endswith(short[front + 1 :])


@given(st.text(min_size=1))
def test_a_partly_masked_value_shows_at_most_half_of_it(value: str) -> None:
    shown = partly(value).replace("…", "", 1)
    assert len(shown) <= len(value) / 2
    assert "…" in partly(value)


def test_hashes_are_the_same_in_one_graph_and_others_in_another() -> None:
    with (
        build_basic() as one,
        build_basic() as again,
        xg.build(
            [{"db_id": 1, "cookie": "nice_page_visitor"}], anchor="db_id", identifiers=["cookie"]
        ) as other,
    ):
        first, second, third = (hidden_by("hash", graph.store) for graph in (one, again, other))
        assert first("nice_page_visitor") == second("nice_page_visitor")
        assert first("nice_page_visitor") != third("nice_page_visitor")
        assert first("a") != first("b")
        assert len(first("x")) == 8
        assert hidden_by(None, one.store)("x") == "x"
        with pytest.raises(xg.SchemaError, match=r"'partial', 'hash' or None.*Did you mean 'hash'"):
            hidden_by("hashed", one.store)
        assert MASKS == ("partial", "hash")


# ------------------------------------------------------------------------------------------- colours

#: What somebody without green cones sees (Machado, Oliveira and Fernandes, 2009, at full severity), in linear RGB.
DEUTERANOPIA = (
    (0.367322, 0.860646, -0.227968),
    (0.280085, 0.672501, 0.047413),
    (-0.011820, 0.042940, 0.968881),
)


def linear(colour: str) -> list[float]:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    return [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]


def seen(colour: str) -> list[float]:
    r, g, b = linear(colour)
    return [x * r + y * g + z * b for x, y, z in DEUTERANOPIA]


def contrast(one: str, other: str) -> float:
    light, dark = sorted([luminance(one), luminance(other)], reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_text_on_every_label_reads_well() -> None:
    for colour in (*TYPES, ANCHOR, CULPRIT):
        assert contrast(colour, text_on(colour)) >= 4.5, colour
    for behind in (WHITE, BAND, CULPRIT_BAND):
        assert contrast(CULPRIT_TEXT, behind) >= 4.5, behind


def test_an_anchor_is_told_from_every_type_in_grey() -> None:
    for colour in TYPES:
        assert contrast(ANCHOR, colour) >= 3


def test_vermillion_is_no_type_and_no_side() -> None:
    assert CULPRIT not in TYPES
    assert CULPRIT not in SIDES
    for colour in TYPES[:6]:
        distance = (
            sum((x - y) ** 2 for x, y in zip(seen(CULPRIT), seen(colour), strict=True)) ** 0.5
        )
        assert distance > 0.05, colour


def test_two_sides_are_told_apart_in_deuteranopia_and_each_from_the_middle() -> None:
    first, last = side_colour(0, 0.0, 2), side_colour(1, 1.0, 2)
    middle = side_colour(0, 0.5, 2)
    for one, other in itertools.combinations([first, last, middle], 2):
        distance = sum((x - y) ** 2 for x, y in zip(seen(one), seen(other), strict=True)) ** 0.5
        assert distance > 0.15


def test_types_have_their_colour_by_the_schema_and_a_letter_of_their_own() -> None:
    types = ["db_id", "email", "device", "card", "cookie", "customer", "c"]
    letters = glyphs(types, "db_id")
    assert letters["db_id"] == "ID"
    assert len(set(letters.values())) == len(types)
    assert type_colours(types, "db_id")["db_id"] == ANCHOR
    assert list(type_colours(types[:4], "db_id").values()) == [*TYPES[:3], ANCHOR]
    assert mixed("#000000", "#FFFFFF", 0.25) == "#404040"
