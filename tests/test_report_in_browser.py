"""The report in a real browser, from disk, with the network cut."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import xrefgraph as xg
from tests.browsers import chromium, complaints, opened, requests, size
from tests.test_report import HOSTILE, kiosk


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as one:
        yield one


def width(browser: Any) -> tuple[int, int]:
    found = "const page = document.documentElement; return [page.scrollWidth, page.clientWidth]"
    scrolled, seen = browser.execute_script(found)
    return int(scrolled), int(seen)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("across", [1280, 400])
def test_a_case_opens_in_place_and_nothing_is_asked_of_the_network(
    browser: Any, tmp_path: Path, across: int, dark: bool
) -> None:
    with xg.examples.load("shared_device").build() as graph:
        path = xg.report(graph, tmp_path / "report.html", mask=None)
    size(browser, across, dark=dark)
    opened(browser, path)
    assert browser.find_elements("tag name", "iframe") == []
    scrolled, seen = width(browser)
    assert scrolled <= seen
    # By keyboard: what is summed up takes the focus, and opens.
    browser.find_element("css selector", "#case-1 summary").send_keys("\ue007")
    browser.implicitly_wait(10)
    frame = browser.find_element("css selector", "#case-1 iframe")
    assert frame.get_attribute("sandbox") == "allow-scripts"
    browser.switch_to.frame(frame)
    assert "kiosk-77" in browser.find_element("css selector", "svg").get_attribute("outerHTML")
    browser.switch_to.default_content()
    browser.implicitly_wait(0)
    ink, ground = browser.execute_script(
        "const found = getComputedStyle(document.body); return [found.color, found.backgroundColor]"
    )
    levels = [sum(map(int, one[4:-1].split(","))) for one in (ink, ground)]
    assert (levels[0] > levels[1]) == dark
    assert abs(levels[0] - levels[1]) > 400
    assert width(browser)[0] <= seen
    assert complaints(browser) == []
    assert [
        one for one in requests(browser) if not one.startswith(("file:", "data:", "about:"))
    ] == []


def test_a_link_in_the_queue_opens_its_case(browser: Any, tmp_path: Path) -> None:
    with kiosk() as graph:
        path = xg.report(graph, tmp_path / "report.html")
    size(browser, 1280)
    opened(browser, path)
    browser.find_element("css selector", 'a[href="#case-1"]').click()
    browser.implicitly_wait(10)
    assert browser.find_element("css selector", "#case-1[open] iframe")
    browser.implicitly_wait(0)


@pytest.mark.parametrize("value", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_values_do_nothing(browser: Any, tmp_path: Path, value: str) -> None:
    with kiosk((value, f"{value}2")) as graph:
        path = xg.report(graph, tmp_path / "report.html", mask=None, title=value)
    size(browser, 400)
    opened(browser, path)
    browser.execute_script("document.getElementById('case-1').open = true")
    browser.implicitly_wait(10)
    browser.switch_to.frame(browser.find_element("css selector", "#case-1 iframe"))
    assert browser.find_element("css selector", "svg")
    browser.implicitly_wait(0)
    assert browser.find_elements("css selector", "img") == []
    browser.switch_to.default_content()
    scrolled, seen = width(browser)
    assert scrolled <= seen
    assert complaints(browser) == []
