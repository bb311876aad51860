"""The page in a real browser, from disk, with the network cut: what it does is asserted on what stands in it."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

import xrefgraph as xg
from tests.browsers import complaints, opened, requests, size
from tests.pages import HOSTILE, awkward, built, crowd, two_people, two_ways
from xrefgraph.inspection.viewer.contents import NODES

Open = Callable[..., Any]

KEYS = {
    "left": "\ue012",
    "up": "\ue013",
    "right": "\ue014",
    "down": "\ue015",
    "enter": "\ue007",
    "home": "\ue011",
    "tab": "\ue004",
}


class Page:
    """A page that is open: what stands in it, and what may be done."""

    def __init__(self, browser: Any) -> None:
        self.browser = browser

    def run(self, script: str, *given: Any) -> Any:
        return self.browser.execute_script(script, *given)

    def all(self, css: str) -> list[Any]:
        return list(self.browser.find_elements("css selector", css))

    def one(self, css: str) -> Any:
        return self.browser.find_element("css selector", css)

    def text(self, css: str) -> str:
        return str(self.run("return document.querySelector(arguments[0])?.textContent ?? ''", css))

    def texts(self, css: str) -> list[str]:
        found = "return [...document.querySelectorAll(arguments[0])].map(one => one.textContent)"
        return list(self.run(found, css))

    @property
    def data(self) -> Any:
        return json.loads(self.run("return document.getElementById('data').textContent"))

    def row(self, value: str) -> int:
        return next(n for n, row in enumerate(self.data["rows"]) if row["value"] == value)

    def node(self, value: str) -> Any:
        return self.one(f".xg-node[data-n='{self.row(value)}']")

    def shown(self) -> list[int]:
        found = "return [...document.querySelectorAll('.xg-node:not(.xg-off)')].map(one => one.dataset.n)"
        return [int(one) for one in self.run(found)]

    def search(self, text: str) -> None:
        self.one(".xg-search").clear()
        self.run(
            "const s = document.querySelector('.xg-search'); s.value = arguments[0]; s.dispatchEvent(new Event('input'))",
            text,
        )

    def slide(self, step: int) -> None:
        self.run(
            "const s = document.querySelector('.xg-slider'); s.value = arguments[0]; s.dispatchEvent(new Event('input'))",
            step,
        )

    def pieces(self) -> list[tuple[int, int]]:
        found = self.run(
            "return window.xrefgraph.pieces().list.flatMap(one => Array(one.alike).fill([one.events, one.identifiers]))"
        )
        return sorted((events, identifiers) for events, identifiers in found)


@pytest.fixture
def page(browser: Any, tmp_path: Path) -> Iterator[Open]:
    """Open the page of something; afterwards nothing was asked for, and nothing complained."""

    def open_page(asked: Any, *, width: int = 1280, dark: bool = False, **options: Any) -> Page:
        size(browser, width, dark=dark)
        path = xg.view(asked, **options).to_html(tmp_path / "page.html")
        opened(browser, path)
        assert requests(browser) == [path.as_uri()]
        assert complaints(browser) == []
        return Page(browser)

    yield open_page
    assert complaints(browser) == []
    assert requests(browser) == []


@pytest.fixture(scope="module")
def kiosk() -> xg.XrefGraph:
    return two_people()


def test_the_culprit_is_what_is_seen_first(page: Open, kiosk: xg.XrefGraph) -> None:
    found = page(kiosk.profile(db_id="U1001"))
    assert found.texts(".xg-answer")[0] == "This profile holds 2 db_ids: U1001 and U1002."
    assert "because device kiosk-77 occurs with" in found.texts(".xg-answer")[1]
    assert found.text(".xg-chosen .xg-value") == "kiosk-77"
    assert "xg-culprit" in found.node("kiosk-77").get_attribute("class")
    assert "suspected" in found.node("kiosk-77").get_attribute("aria-label")
    assert found.texts(".xg-weak td:first-child") == ["weakest", "weakest"]
    assert found.texts(".xg-label.xg-culprit") == ["kiosk-77"]
    assert {"U1001", "U1002"} <= set(found.texts(".xg-label")) | {found.text(".xg-lane")}
    # The first things from above: the sentence, what joins them, the evidence, what if; below when, and the way.
    tops = found.run(
        "return ['.xg-answer', '.xg-joins', '.xg-chosen', '.xg-whatif', '.xg-time', '.xg-paths']"
        ".map(one => document.querySelector(one).getBoundingClientRect().top)"
    )
    assert tops[:4] == sorted(tops[:4])
    assert tops[4] < tops[5]


def test_nothing_is_reached_even_when_a_script_asks_for_it(
    browser: Any, page: Open, kiosk: xg.XrefGraph
) -> None:
    found = page(kiosk.profile(db_id="U1001"))
    refused = browser.execute_async_script(
        "const done = arguments[0]; const image = new Image();"
        "image.onerror = () => fetch('https://example.org/').then(() => done(false), () => done(true));"
        "image.onload = () => done(false); image.src = 'https://example.org/x.png'; document.body.append(image);"
    )
    assert refused
    assert found.run("return document.querySelector('img') !== null")
    assert any(
        "violates the following Content Security Policy" in one for one in complaints(browser)
    )
    requests(browser)  # the log has what was refused, too


def test_search_highlights_counts_and_jumps(page: Open, kiosk: xg.XrefGraph) -> None:
    found = page(kiosk.profile(db_id="U1001"))
    rows = found.data["rows"]
    known = {n for n, row in enumerate(rows) if "ck-a1" in row["value"]}
    found.search("CK-A1")
    hits = {int(one.get_attribute("data-n")) for one in found.all(".xg-node.xg-hit")}
    assert hits == known
    assert found.text(".xg-hits").startswith(f"{len(known)} identifiers")
    assert len(found.all(".xg-node.xg-dim")) == len(rows) + len(found.data["columns"]) - len(known)
    seen = []
    for turn in range(1, len(known) + 1):
        found.one(".xg-search").send_keys(KEYS["enter"])
        assert found.text(".xg-hits").startswith(f"hit {turn} of {len(known)}")
        seen.append(found.text(".xg-chosen .xg-value"))
    assert sorted(seen) == sorted(rows[n]["value"] for n in known)
    found.search("e402")
    assert found.text(".xg-hits").startswith("1 event group")
    found.search("nothing like it")
    assert found.text(".xg-hits") == "no hit"
    found.search("")
    assert not found.all(".xg-hit, .xg-dim")


def test_a_type_that_is_filtered_out_is_not_drawn(page: Open, kiosk: xg.XrefGraph) -> None:
    found = page(kiosk.profile(db_id="U1001"))
    data = found.data
    cookie = [one["name"] for one in data["types"]].index("cookie")
    edges = found.one(".xg-edge-plain").get_attribute("d").count("M")
    found.one("input[data-type='cookie']").click()
    left = {n for n, row in enumerate(data["rows"]) if row["type"] != cookie}
    groups = {
        len(data["rows"]) + n for n, one in enumerate(data["columns"]) if left & set(one["rows"])
    }
    assert set(found.shown()) == left | groups
    assert found.one(".xg-edge-plain").get_attribute("d").count("M") < edges
    assert not any(text.startswith("ck-") for text in found.texts(".xg-label"))
    found.one("input[data-type='cookie']").click()
    assert len(found.shown()) == len(data["rows"]) + len(data["columns"])


def test_the_slider_replays_the_events_and_says_how_many(page: Open, kiosk: xg.XrefGraph) -> None:
    profile = kiosk.profile(db_id="U1001")
    found = page(profile)
    times = [kiosk.profile(db_id="U1001").graph.nodes[one]["time"] for one in profile.events]
    data = found.data
    assert found.text(".xg-until") == "all 404 events"
    for step in (0, 40, 84, 85, 120):
        found.slide(step)
        label = data["time"]["labels"][step]
        known = sum(f"{one:%Y-%m-%d %H:%M}" <= label for one in times)
        joined = "joined by then" if step >= 85 else "not joined yet"
        assert found.text(".xg-until") == f"until {label}: {known} of 404 events; {joined}"
        rows = {n for n, row in enumerate(data["rows"]) if row["first"] <= label}
        assert {n for n in found.shown() if n < len(data["rows"])} == rows
    found.slide(len(data["time"]["labels"]) - 1)
    assert len(found.shown()) == len(data["rows"]) + len(data["columns"])


def test_a_click_on_a_node_shows_its_evidence(page: Open, kiosk: xg.XrefGraph) -> None:
    found = page(kiosk.profile(db_id="U1001"))
    data = found.data
    found.node("555-0100").click()
    row = data["rows"][found.row("555-0100")]
    assert found.text(".xg-chosen h2").endswith("phone")
    assert found.text(".xg-chosen .xg-value") == "555-0100"
    facts = dict(zip(found.texts(".xg-chosen dt"), found.texts(".xg-chosen dd"), strict=True))
    assert facts["carried by"].startswith(f"{row['events']} events")
    assert facts["seen"] == f"{row['first']} to {row['last']}"
    assert facts["sources"] == "visits"
    assert facts["elsewhere"] == "no other profile carries it"
    assert found.texts(".xg-chosen tbody tr td:first-child") == [one[1] for one in row["oldest"]]
    # What it is linked to can be gone to, and back.
    link = found.one(".xg-chosen .xg-links .xg-link")
    target = int(link.get_attribute("data-n"))
    link.click()
    group = data["columns"][target - len(data["rows"])]
    assert found.text(".xg-chosen h2").startswith(f"{group['events']} event")
    assert (
        sorted(
            int(one.get_attribute("data-n")) for one in found.all(".xg-chosen .xg-links .xg-link")
        )
        == group["rows"]
    )
    assert len(found.all(".xg-node.xg-selected")) == 1


def test_every_node_is_reached_by_keyboard_and_the_focus_is_seen(browser: Any, page: Open) -> None:
    with two_ways() as graph:
        found = page(graph.profile(db_id="A"))
        found.one(".xg-search").send_keys(KEYS["tab"])
        for _ in range(20):
            if found.run("return document.activeElement.classList.contains('xg-node')"):
                break
            browser.switch_to.active_element.send_keys(KEYS["tab"])
        start = found.run("return Number(document.activeElement.dataset.n)")
        count = len(found.data["rows"]) + len(found.data["columns"])
        assert found.run("return document.querySelectorAll('.xg-node[tabindex=\"0\"]').length") == 1
        seen = {start}
        for _ in range(count - 1):
            browser.switch_to.active_element.send_keys("n")
            seen.add(found.run("return Number(document.activeElement.dataset.n)"))
        assert seen == set(range(count))
        assert (
            found.run("return getComputedStyle(document.querySelector('.xg-focus')).visibility")
            == "visible"
        )
        assert all(one.get_attribute("aria-label") for one in found.all(".xg-node"))
        browser.switch_to.active_element.send_keys(KEYS["home"], KEYS["enter"])
        here = found.run("return Number(document.activeElement.dataset.n)")
        assert found.text(".xg-chosen .xg-value") == found.data["rows"][here]["value"]
        before = found.run("return document.activeElement.getBoundingClientRect().x")
        browser.switch_to.active_element.send_keys(KEYS["right"])
        assert found.run("return document.activeElement.getBoundingClientRect().x") > before
        browser.switch_to.active_element.send_keys("b")
        chosen = found.run("return Number(document.activeElement.dataset.n)")
        expected = [chosen] if chosen < len(found.data["rows"]) else []
        assert found.run("return [...window.xrefgraph.state.blocked]") == expected


def test_blocking_says_what_would_hang_together_and_unblocking_takes_it_back(
    page: Open, kiosk: xg.XrefGraph
) -> None:
    found = page(kiosk.profile(db_id="U1001"))
    assert found.pieces() == [(404, 107)]
    found.one(".xg-try").click()
    assert found.pieces() == [(202, 52), (202, 54)]
    assert found.text(".xg-result") == "Without device kiosk-77: 2 pieces."
    assert found.texts(".xg-pieces li") == [
        "A202 events, 52 identifiers db_id U1001",
        "B202 events, 54 identifiers db_id U1002",
    ]
    assert found.text(".xg-parted") == "U1001 and U1002 are parted."
    assert "no other profile carries it" in found.text(".xg-blocked-list")
    assert "xg-blocked" in found.node("kiosk-77").get_attribute("class")
    fills = found.run(
        "return [...new Set([...document.querySelectorAll('.xg-events .xg-shape')].map(one => one.style.fill))]"
    )
    assert len(fills) == 2
    assert {"A", "B"} == set(found.texts(".xg-events .xg-glyph"))
    found.one(".xg-unblock").click()
    assert found.pieces() == [(404, 107)]
    assert not found.all(".xg-blocked, .xg-result")


def test_where_there_are_other_ways_one_block_is_not_enough(page: Open) -> None:
    with two_ways() as graph:
        found = page(graph.profile(db_id="A"))
        found.node("k").click()
        found.one(".xg-block").click()
        assert found.text(".xg-not-enough").startswith(
            "Blocking device k alone is not enough: A and B still hang together by phone p, cookie c and phone q."
        )
        found.one(".xg-not-enough .xg-link").click()
        assert found.text(".xg-parted") == "A and B are parted."


def test_the_pieces_are_those_of_a_rebuild(page: Open) -> None:
    """Under `keep` a profile is what hangs together, so a rebuild with the blocks is the truth."""
    chance = random.Random(5)  # noqa: S311  (no secret)
    kinds = ["email", "phone", "cookie", "device"]
    rows = [
        {"id": f"e{n}", "at": "2026-03-01"}
        | {kind: f"{kind}{chance.randrange(5)}" for kind in chance.sample(kinds, 2)}
        for n in range(12)
    ]
    with built(rows) as graph:
        all_profiles = [graph.profile(one["profile_id"]) for one in graph.profiles.rows()]
        profile = max(all_profiles, key=lambda one: len(one.events))
        found = page(profile)
        data = found.data
        values = [(data["types"][row["type"]]["name"], row["value"]) for row in data["rows"]]
        mine = {one.event_id for one in profile.events}
        several = [tuple(chance.sample(range(len(values)), 3)) for _ in range(10)]
        for some in [*combinations(range(len(values)), 1), *several]:
            found.run("window.xrefgraph.setBlocked(arguments[0])", list(some))
            decisions = [{"action": "block", "identifier": list(values[n])} for n in some]
            with built([row for row in rows if row["id"] in mine], decisions=decisions) as other:
                known = sorted((one["events"], one["identifiers"]) for one in other.profiles.rows())
                left = sum(one["profile_id"] is None for one in other.events.rows())
            assert found.pieces() == known
            assert found.run("return window.xrefgraph.pieces().left") == left


def test_blocked_values_are_copied_out_as_decisions_that_can_be_read(
    page: Open, tmp_path: Path
) -> None:
    with awkward()["hostile"]() as graph:
        found = page(graph.profile(db_id="A"))
        rows = [n for n, row in enumerate(found.data["rows"])]
        found.run("window.xrefgraph.block(arguments[0])", rows)
        text = found.run("return document.querySelector('.xg-toml').value")
        (tmp_path / "decisions.toml").write_text(text, encoding="utf-8", newline="")
        read = xg.read_decisions(tmp_path / "decisions.toml")
        types = [one["name"] for one in found.data["types"]]
        assert [one.identifier for one in read] == [
            (types[row["type"]], row["value"]) for row in found.data["rows"]
        ]
        assert {one.action for one in read} == {"block"}
        found.one(".xg-copy").click()
        marked = found.run(
            "const t = document.querySelector('.xg-toml'); return t.selectionEnd - t.selectionStart"
        )
        assert marked == found.run("return document.querySelector('.xg-toml').value.length")
        assert found.text(".xg-copy + span").strip() in ("copied", "selected: copy it with Ctrl+C")


@pytest.mark.parametrize("mask", ["partial", "hash"])
def test_a_masked_page_says_so_and_gives_no_decisions(
    page: Open, kiosk: xg.XrefGraph, mask: str
) -> None:
    found = page(kiosk.profile(db_id="U1001"), mask=mask)
    assert found.text(".xg-mask").startswith("Values are masked")
    assert "kiosk-77" not in found.run("return document.documentElement.outerHTML")
    found.one(".xg-try").click()
    assert found.text(".xg-note") == "Decisions need the unmasked page: the values here are masked."
    assert not found.all(".xg-toml")
    assert len(found.pieces()) == 2


def test_hostile_values_are_text(page: Open) -> None:
    with awkward()["hostile"]() as graph:
        found = page(graph.profile(db_id="A"))
        for n, row in enumerate(found.data["rows"]):
            found.run("window.xrefgraph.select(arguments[0])", n)
            assert found.text(".xg-chosen .xg-value") == row.get("shown", row["value"])
        found.run("window.xrefgraph.block(arguments[0])", list(range(5)))
        found.search("<img")
        assert found.text(".xg-hits").startswith("2 identifiers")
        assert found.run("return window.hacked") is None
        assert (
            found.run(
                "return document.querySelectorAll('main img, main script, main [onerror], main [onload]').length"
            )
            == 0
        )
        assert found.run("return document.documentElement.scrollWidth <= innerWidth")
        assert set(HOSTILE) & {row["value"] for row in found.data["rows"]}


@pytest.mark.parametrize("name", [name for name in sorted(awkward()) if name != "hostile"])
def test_awkward_profiles_are_shown(page: Open, name: str) -> None:
    with awkward()[name]() as graph:
        for one in graph.profiles.rows()[:2]:
            found = page(graph.profile(one["profile_id"]))
            assert len(found.shown()) == len(found.data["rows"]) + len(found.data["columns"])
            assert found.texts(".xg-until, .xg-time p")


def overlaps(boxes: list[dict[str, float]]) -> list[tuple[Any, Any]]:
    return [
        (a["text"], b["text"])
        for a, b in combinations(boxes, 2)
        if min(a["right"], b["right"]) - max(a["left"], b["left"]) > 1
        and min(a["bottom"], b["bottom"]) - max(a["top"], b["top"]) > 4
    ]


BOXES = (
    "return [...document.querySelectorAll(arguments[0])].filter(one => one.getBoundingClientRect().width > 0).map(one => {"
    " const {left, right, top, bottom} = one.getBoundingClientRect(); return {left, right, top, bottom, text: one.textContent}; })"
)


@pytest.mark.parametrize("width", [400, 1280])
def test_labels_touch_nothing_and_there_are_more_of_them_when_zoomed_in(
    page: Open, width: int
) -> None:
    with crowd(120) as graph:
        found = page(graph.profile(db_id="U1001"), width=width)
        frame = found.run(
            "const {left, right, top, bottom} = document.querySelector('.xg-graph').getBoundingClientRect(); return [left, right, top, bottom]"
        )
        rows = [row["value"] for row in found.data["rows"]]
        few = found.texts(".xg-label")
        assert few
        for turn in range(4):
            labels = found.run(BOXES, ".xg-label")
            assert overlaps(labels) == []
            squares = [
                box | {"text": "node"}
                for box in found.run(BOXES, ".xg-node.xg-identifier, .xg-node.xg-anchor")
            ]
            assert not [
                one
                for one in overlaps([*labels, *squares])
                if "node" in one and one != ("node", "node")
            ]
            assert all(
                frame[0] - 1 <= box["left"] and box["right"] <= frame[1] + 1 for box in labels
            )
            if turn == 0:
                shown = int(found.text(".xg-words span:nth-child(2)").split()[0])
                assert shown == len(labels) < len(rows)
            found.one("[aria-label='Zoom in']").click()
        # Of what is in view, more has a label than before.
        total = found.run("return document.querySelectorAll('.xg-label').length")
        inside = found.run(
            "const [count, width, height] = arguments; let n = 0;"
            "for (let r = 0; r < count; r++) { const [x, y] = window.xrefgraph.screen(r); n += x > 0 && y > 0 && x < width && y < height; }"
            "return n",
            len(rows),
            frame[1] - frame[0],
            frame[3] - frame[2],
        )
        assert total / inside > len(few) / len(rows)


def test_zoom_and_pan_by_button_key_and_pointer(
    browser: Any, page: Open, kiosk: xg.XrefGraph
) -> None:
    from selenium.webdriver import ActionChains  # noqa: PLC0415

    found = page(kiosk.profile(db_id="U1001"))
    where = "return window.xrefgraph.screen(0)"
    start = found.run(where)
    found.one("[aria-label='Zoom in']").click()
    near = found.run(where)
    assert near != start
    found.one("[aria-label='Show everything']").click()
    assert found.run(where) == pytest.approx(start)
    ActionChains(browser).move_to_element_with_offset(
        found.one(".xg-graph"), 0, 200
    ).click_and_hold().move_by_offset(60, 30).release().perform()
    moved = found.run(where)
    assert moved == pytest.approx([start[0] + 60, start[1] + 30], abs=2)
    found.run("window.xrefgraph.fit()")
    found.run("document.querySelector('.xg-node[tabindex=\"0\"]').focus()")
    browser.switch_to.active_element.send_keys("+")
    assert found.run(where) != pytest.approx(start)
    browser.switch_to.active_element.send_keys("0")
    assert found.run(where) == pytest.approx(start)


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [400, 1280])
def test_narrow_and_wide_light_and_dark(
    page: Open, kiosk: xg.XrefGraph, width: int, dark: bool
) -> None:
    found = page(kiosk.profile(db_id="U1001"), width=width, dark=dark)
    assert found.run("return document.documentElement.scrollWidth") <= width
    graph, panel = found.run(
        "return ['.xg-stage', '.xg-panel'].map(one => document.querySelector(one).getBoundingClientRect())"
        ".map(({left, right, top, bottom}) => ({left, right, top, bottom}))"
    )
    if width < 700:
        assert panel["top"] >= graph["bottom"]
    else:
        assert panel["left"] >= graph["right"]
        assert panel["top"] == pytest.approx(graph["top"], abs=2)
    ground, ink, quiet = found.run(
        "const [page, quiet] = ['.xg', '.xg-quiet'].map(one => getComputedStyle(document.querySelector(one)));"
        "return [page.backgroundColor, page.color, quiet.color]"
    )
    assert (shade(ground) < 0.1) is dark
    for colour in (ink, quiet):
        light, deep = sorted((shade(ground), shade(colour)), reverse=True)
        assert (light + 0.05) / (deep + 0.05) > 4.5  # WCAG 2, AA


def shade(colour: str) -> float:
    from xrefgraph.inspection.draw.styles import luminance  # noqa: PLC0415

    parts = [int(one) for one in colour[colour.index("(") + 1 : -1].split(",")[:3]]
    return luminance("#" + "".join(f"{one:02X}" for one in parts))


def test_a_page_of_1500_nodes_is_there_in_a_second_and_repaints_at_once(page: Open) -> None:
    with crowd(1150, cookies=600) as graph:
        found = page(graph.profile(db_id="U1001"))
        count = len(found.data["rows"]) + len(found.data["columns"])
        assert 1300 < count <= NODES
        # What is asked for is one second and a fifth of one; a machine that does other things besides may take a while longer.
        found.browser.implicitly_wait(0)
        mount = found.run("return window.xrefgraph.timings.mount")
        assert mount < 2000
        worst = 0.0
        for turn in range(5):
            found.run("window.xrefgraph.zoom(arguments[0])", 1.5 if turn % 2 else 0.7)
            worst = max(worst, found.run("return window.xrefgraph.timings.repaint"))
            found.slide(20 * turn)
            worst = max(worst, found.run("return window.xrefgraph.timings.repaint"))
        assert worst < 400


def test_two_profiles_are_drawn_with_what_was_cut_between_them(page: Open) -> None:
    with two_people(conflicts="isolate") as graph:
        found = page(xg.why_not(graph, "db_id:U1001", "db_id:U1002"))
        assert found.one(".xg-edge-cut").get_attribute("d").count("M") >= 2
        assert (
            found.run(
                "return getComputedStyle(document.querySelector('.xg-edge-cut')).strokeDasharray"
            )
            != "none"
        )
        assert "cut by the policy" in found.text(".xg-paths")
        assert found.text(".xg-pair") == "U1001 and U1002 would be joined by"


def test_a_notebook_shows_the_page_and_the_text_where_frames_are_taken_out(
    browser: Any, tmp_path: Path, kiosk: xg.XrefGraph
) -> None:
    """What nbconvert makes of a notebook with a view in it, opened with the network cut."""
    nbconvert = pytest.importorskip("nbconvert")
    nbformat = pytest.importorskip("nbformat")
    profile = kiosk.profile(db_id="U1001")
    view = xg.view(profile)
    shown: list[tuple[Any, str]] = [
        (view, "view"),
        (profile, "profile"),
        (xg.why(kiosk, "db_id:U1001", "db_id:U1002"), "why"),
    ]
    cells = []
    for one, name in shown:
        cell = nbformat.v4.new_code_cell(name)
        data = {"text/plain": repr(one), "text/html": one._repr_html_()}
        cell.outputs = [nbformat.v4.new_output("execute_result", data, execution_count=1)]
        cells.append(cell)
    notebook = nbformat.v4.new_notebook(cells=cells)
    exporter = nbconvert.HTMLExporter()
    html, _ = exporter.from_notebook_node(notebook)
    path = tmp_path / "notebook.html"
    path.write_text(html, encoding="utf-8")
    size(browser, 1280)
    opened(browser, path)
    (frame,) = browser.find_elements("css selector", "iframe")
    assert frame.get_attribute("sandbox") == "allow-scripts"
    text = browser.execute_script(
        "return getComputedStyle(document.querySelector('iframe').previousElementSibling).display"
    )
    assert text == "none"
    browser.switch_to.frame(frame)
    inside = Page(browser)
    assert inside.text(".xg-chosen .xg-value") == "kiosk-77"
    inside.one(".xg-try").click()
    assert inside.text(".xg-parted") == "U1001 and U1002 are parted."
    inside.one(".xg-copy").click()
    browser.switch_to.default_content()
    assert view._repr_html_().index("Every path passes device kiosk-77") < view._repr_html_().index(
        "<iframe"
    )


def test_the_widget_runs_the_same_script(browser: Any, tmp_path: Path, kiosk: xg.XrefGraph) -> None:
    """The module of the widget with a model as anywidget hands one over."""
    pytest.importorskip("anywidget")
    widget = xg.view(kiosk.profile(db_id="U1001")).widget()
    page_ = json.dumps(widget.page).replace("<", "\\u003c")
    module = str(widget._esm).replace("export default {", "const bridge = {")
    path = tmp_path / "widget.html"
    path.write_text(
        f"<!doctype html><meta charset=utf-8><style>{widget._css}</style><div id=el></div><script type=module>{module}\n"
        f"const state = {{page: {page_}, selected: -1, blocked: []}}, listeners = {{}};"
        "window.model = {get: n => state[n], set: (n, v) => { state[n] = v; }, save_changes() { window.saved = {...state}; },"
        " on: (n, f) => { listeners[n] = f; }, off: n => { delete listeners[n]; },"
        " told: (n, v) => { state[n] = v; listeners['change:' + n](); }, listeners};"
        "window.end = bridge.render({model: window.model, el: document.getElementById('el')});</script>",
        encoding="utf-8",
    )
    size(browser, 1280)
    opened(browser, path)
    assert complaints(browser) == []
    found = Page(browser)
    row = next(
        n for n, one in enumerate(json.loads(widget.page)["rows"]) if one["value"] == "kiosk-77"
    )
    found.one(".xg-try").click()
    assert found.run("return window.saved.blocked") == [row]
    found.run("window.model.told('blocked', [])")
    assert not found.all(".xg-result")
    found.run("window.model.told('selected', 0)")
    assert found.text(".xg-chosen .xg-value") == "U1001"
    found.run("window.end()")
    assert (
        found.run(
            "return Object.keys(window.model.listeners).length + document.querySelectorAll('.xg-node').length"
        )
        == 0
    )
    assert complaints(browser) == []
