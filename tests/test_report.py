"""The report: one page for a whole graph, that holds together whatever is in it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import xrefgraph as xg
from tests import worlds
from tests.test_masking import TOKENS, telling
from xrefgraph.inspection.report import LARGEST, report_html

TYPES = ["db_id", "email", "device"]

#: Texts that would do something, were they not shown as text.
HOSTILE = (
    "</script><script>alert(1)</script>",
    '"><img src=x onerror="alert(1)">',
    "\u202etxt.exe\u2066",
    "line\nbreak\u2028\u2029",
    "☕ 👩\u200d👩",
    "$x^2$ & 'quotes' \"double\"",
    "x" * 10_000,
    "\x00\x07null",
)

VOID = {"meta", "br", "link", "img", "input", "hr"}


class Page(HTMLParser):
    """Reads a page, and sees that each tag is closed in its turn."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.said: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] not in ("script", "style"):
            self.said.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.said).split())


def kiosk(
    values: tuple[str, str] = ("ann@example.org", "bob@example.org"), **options: Any
) -> xg.XrefGraph:
    one, other = values
    rows = [
        {"id": "e1", "at": "2026-01-01", "db_id": "U1", "email": one},
        {"id": "e2", "at": "2026-01-02", "db_id": "U2", "email": other},
        {"id": "e3", "at": "2026-01-03", "email": one, "device": "kiosk-77"},
        {"id": "e4", "at": "2026-01-04", "email": other, "device": "kiosk-77"},
        {"id": "e5", "at": "2026-01-05", "email": "unknown"},
    ]
    schema = xg.Schema(TYPES, anchor="db_id", conflicts="keep", **options)
    return xg.build(
        xg.Source(rows, identifiers=TYPES, event_id="id", time="at", name="visits"), schema
    )


def test_the_report_says_what_is_wrong_by_what_and_what_may_be_decided(tmp_path: Path) -> None:
    with kiosk() as graph:
        written = xg.report(graph, tmp_path / "report.html", mask=None, title="Our shop")
    assert written == tmp_path / "report.html"
    page = Page(written.read_text("utf-8"))
    for said in (
        "Our shop",
        "5 events and 5 identifiers in 1 profile",
        "db_id U1 and U2 hang together, by device kiosk-77",
        "1 conflict with 4 events at stake",
        "every path between the two passes it",
        "What may be decided",
        "settles it",
        "Policy: keep ; the anchor is db_id",
        "No decision is in force.",
        "email junk 1 1",
        "Values are shown as they are",
    ):
        assert said in page.text, said


def test_a_report_is_masked_unless_it_is_told_otherwise(tmp_path: Path) -> None:
    decisions = [
        {"action": "block", "identifier": ["device", "printer-9"], "reason": "Ann Lee's printer"}
    ]
    with kiosk(decisions=decisions) as graph:
        text = xg.report(graph, tmp_path / "report.html").read_text("utf-8")
        hashed = xg.report(graph, tmp_path / "hash.html", mask="hash").read_text("utf-8")
    for page in (text, hashed):
        assert not re.search(r"ann@|bob@|kiosk-77|printer|Ann Lee|\bU[12]\b", page)
    assert "Values are masked: of long ones" in text
    assert "Values are masked: a keyed hash" in hashed
    assert "device ki…77" in Page(text).text


@given(
    worlds.rows,
    st.sampled_from(["partial", "hash"]),
    st.sampled_from(["keep", "isolate", "over_time"]),
)
def test_no_value_is_anywhere_in_a_masked_report(
    rows: list[dict[str, Any]], mask: str, policy: str
) -> None:
    events = [{key: telling(cell) for key, cell in row.items()} for row in rows]
    decisions = [{"action": "block", "identifier": ["email", TOKENS["a"]], "reason": TOKENS["9"]}]
    schema = xg.Schema(list(worlds.TYPES), anchor="db_id", conflicts=policy, decisions=decisions)
    with xg.build(xg.Source(events, identifiers=list(worlds.TYPES)), schema) as graph:
        text = report_html(graph, mask=mask)
    assert "qxzqxz" not in text
    Page(text)


@pytest.mark.parametrize("value", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_values_show_as_text(value: str) -> None:
    decisions = [{"action": "block", "identifier": ["device", value], "reason": value}]
    with kiosk((value, f"{value}2"), decisions=decisions) as graph:
        text = report_html(graph, mask=None, title=value)
    page = Page(text)
    tags = [tag for tag, _ in page.tags]
    # The title is in <title> and <h1>; nothing but our own scripts, and no attribute that acts.
    assert "img" not in tags
    assert not any(name.startswith("on") for _, given in page.tags for name in given)
    assert tags.count("script") == 1 + 1 + 1  # the report's, the shell, the data of the one case
    shown = re.sub("<script.*?</script>", "", text, flags=re.DOTALL)
    assert not re.search("[\u202e\u2066\u2028\u2029\x00\x07]", shown)
    assert len(text) < 400_000


def test_what_is_embedded_is_the_page_that_the_viewer_gives() -> None:
    with kiosk() as graph:
        text = report_html(graph, mask=None)
        whole = xg.view(xg.ambiguities(graph)[0], nodes=400).html()
    (own,) = re.findall(r'id="page-1">(.*?)</script>', text, re.DOTALL)
    (shell,) = re.findall(r'id="shell">(.*?)</script>', text, re.DOTALL)
    parts, common = json.loads(own), json.loads(shell)
    data = json.dumps(parts["data"], ensure_ascii=False, separators=(",", ":"))
    data = data.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    made = common["style"].join(parts["before"]) + data + common["script"].join(parts["after"])
    assert made == whole


def test_the_page_may_load_nothing_and_runs_only_what_stands_in_it() -> None:
    with kiosk() as graph:
        text = report_html(graph)
    page = Page(text)
    policies = [
        given["content"]
        for tag, given in page.tags
        if tag == "meta" and given.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policies == ["default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'"]
    assert not [given for _, given in page.tags if {"src", "action", "srcset"} & given.keys()]
    links = [given["href"] for tag, given in page.tags if tag == "a"]
    assert links
    assert all(str(one).startswith("#") for one in links)
    assert "allow-same-origin" not in text
    names = [given["id"] for _, given in page.tags if "id" in given]
    assert len(names) == len(set(names))
    assert {str(one)[1:] for one in links} <= set(map(str, names))


EMPTY: dict[str, tuple[list[dict[str, Any]], str | None]] = {
    "no events": ([], "db_id"),
    "no anchor": ([{"email": "a", "device": "b"}] * 3, None),
    "no identifiers": ([{"other": 1}], "db_id"),
    "one event": ([{"db_id": 1}], "db_id"),
    "contradictory": ([{"db_id": ["1", "2"]}], "db_id"),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("case", EMPTY)
def test_a_graph_with_next_to_nothing_in_it_has_a_report(case: str) -> None:
    rows, anchor = EMPTY[case]
    with xg.build(xg.Source(rows, identifiers=TYPES), xg.Schema(TYPES, anchor=anchor)) as graph:
        page = Page(report_html(graph))
    assert "There is no conflict" in page.text
    assert ("there is no anchor" in page.text) == (anchor is None)


def test_a_report_that_would_get_too_large_leaves_the_last_graphs_out_and_says_so() -> None:
    rows: list[dict[str, Any]] = []
    for n in range(12):
        rows += [
            {"db_id": f"{n}-{k}", "device": f"kiosk{n}", "email": f"{n}-{k}@example.org"}
            for k in range(4)
        ]
    with xg.build(rows, xg.Schema(TYPES, anchor="db_id", conflicts="keep")) as graph:
        whole = report_html(graph, most=12)
        assert whole.count('<details class="case"') == 12
        assert len(whole.encode()) < LARGEST
        for largest in (150_000, 125_000):
            text = report_html(graph, most=12, largest=largest)
            assert len(text.encode()) < largest
            page = Page(text)
            shown = text.count('type="application/json" id="page-')
            assert shown < 12
            assert (
                "which would make the report too large" in page.text
                or "cannot be opened here" in page.text
            )
            cases = text.count('<details class="case"')
            if cases < 12:
                assert f"+{12 - cases} more conflict" in page.text
        few = Page(report_html(graph, most=3))
    assert "+9 more conflicts" in few.text


def test_the_same_graph_gives_the_same_bytes_whatever_the_hash_seed(tmp_path: Path) -> None:
    script = (
        "import sys, xrefgraph as xg\n"
        "graph = xg.examples.load('shared_device').build()\n"
        "xg.report(graph, sys.argv[1])\n"
    )
    written = []
    for seed in ("1", "2"):
        path = tmp_path / f"{seed}.html"
        subprocess.run(
            [sys.executable, "-c", script, str(path)],
            env=os.environ | {"PYTHONHASHSEED": seed, "MPLBACKEND": "agg"},
            check=True,
        )
        written.append(path.read_bytes())
    assert written[0] == written[1]


def test_what_cannot_be_written_is_one_clear_error_and_leaves_what_was_there(
    tmp_path: Path,
) -> None:
    with kiosk() as graph:
        with pytest.raises(xg.StoreError, match="there is no folder"):
            xg.report(graph, tmp_path / "nowhere" / "report.html")
        assert not (tmp_path / "nowhere").exists()
        with pytest.raises(xg.StoreError, match="is a folder; a report is one file"):
            xg.report(graph, tmp_path)
        old = tmp_path / "old.html"
        old.write_text("what was there")
        with pytest.raises(xg.SchemaError, match="mask is 'partial', 'hash' or None"):
            xg.report(graph, old, mask="partly")
        for most in (-1, 1.5, True, "3", None):
            with pytest.raises(xg.SchemaError, match="most is a whole number"):
                xg.report(graph, old, most=most)  # type: ignore[arg-type]
        with pytest.raises(xg.SchemaError, match="title is text"):
            xg.report(graph, old, title=5)  # type: ignore[arg-type]
        assert old.read_text() == "what was there"
        xg.report(graph, old)
        assert "<!doctype html>" in old.read_text("utf-8")
    assert worlds.listing(tmp_path) == [f"old.html {old.stat().st_size}"]
    with pytest.raises(xg.GraphClosedError):
        xg.report(graph, old)
    with pytest.raises(xg.SchemaError, match="XrefGraph"):
        xg.report(None, old)  # type: ignore[arg-type]


@pytest.mark.skipif(
    os.name == "nt" or os.geteuid() == 0, reason="to this user nothing is read-only"
)
def test_a_folder_that_is_read_only_is_one_clear_error(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with kiosk() as graph, pytest.raises(xg.StoreError, match="cannot be written"):
            xg.report(graph, tmp_path / "report.html")
    finally:
        tmp_path.chmod(0o700)


def test_a_disk_that_is_full_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = tmp_path / "report.html"
    old.write_text("what was there")

    def full(*_: Any) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with kiosk() as graph, pytest.raises(xg.StoreError, match="No space left on device"):
        xg.report(graph, old)
    assert old.read_text() == "what was there"
    assert len(list(tmp_path.iterdir())) == 1
