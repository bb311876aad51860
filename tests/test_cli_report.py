"""``xrefgraph report`` in a shell."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import xrefgraph as xg
from tests.test_why import KIOSK, RANKED
from xrefgraph import cli


@pytest.fixture
def graph(tmp_path: Path) -> Path:
    path = tmp_path / "people.xref"
    schema = xg.Schema(RANKED, anchor="db_id", conflicts="keep")
    xg.build(KIOSK, schema, event_id="id", time="at", database=path).close()
    return path


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Any:
    def run(*arguments: object) -> tuple[Any, str, str]:
        with pytest.raises(SystemExit) as left:
            cli.main([str(one) for one in arguments])
        printed = capsys.readouterr()
        return left.value.code, printed.out, printed.err

    return run


def test_the_report_is_written_masked_and_it_says_where(run: Any, graph: Path) -> None:
    out = graph.parent / "out.html"
    code, said, _ = run("report", graph, "-o", out)
    assert code == 0
    assert f"wrote {out}; values are masked (partial)" in said
    text = out.read_text("utf-8")
    assert "kiosk-77" not in text
    assert '<details class="case"' in text


def test_the_mask_can_be_chosen_and_how_many_are_opened(run: Any, graph: Path) -> None:
    out = graph.parent / "out.html"
    code, said, _ = run("report", graph, "-o", out, "--mask", "none", "--most", 0, "--title", "Us")
    assert code == 0
    assert "values are shown" in said
    text = out.read_text("utf-8")
    assert "<h1>Us</h1>" in text
    assert '<details class="case"' not in text
    assert run("report", graph, "-o", out, "--mask", "hash")[0] == 0
    assert "a keyed hash stands for each" in out.read_text("utf-8")


def test_wrong_usage_is_told_in_a_line(run: Any, graph: Path, tmp_path: Path) -> None:
    assert run("report")[0] == 2
    code, _, said = run("report", graph, "--mask", "partly", "-o", tmp_path / "x.html")
    assert (code, "Did you mean 'partial'" in said) == (2, True)
    code, _, said = run("report", tmp_path / "nothing", "-o", tmp_path / "x.html")
    assert (code, "There is no file" in said) == (1, True)
    code, _, said = run("report", graph, "-o", tmp_path / "no" / "x.html")
    assert (code, "there is no folder" in said) == (1, True)
    assert not (tmp_path / "x.html").exists()
