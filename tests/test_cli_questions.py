"""The questions in a shell: in words, as a table, and as JSON."""

import json
from pathlib import Path
from typing import Any

import pytest

import xrefgraph as xg
from tests.test_why import KIOSK, RANKED
from xrefgraph import cli
from xrefgraph.cli.questions import COMMANDS


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


ASKED = [
    ("why", ("db_id:U1001", "db_id:U1002"), "because device kiosk-77 occurs with"),
    ("why", ("@source_1:e401", "@source_1:e402"), "Event e401 of source_1"),
    ("why-not", ("db_id:U1001", "device:elsewhere"), "elsewhere"),
    ("separate", ("db_id:U1001", "db_id:U1002"), "To part db_id U1001 and db_id U1002"),
    ("separate", ("db_id:U1001",), "To part db_id U1001 and db_id U1002"),
    ("blast-radius", ("device:kiosk-77",), "Blocking device kiosk-77 splits db_id:U1001"),
    ("ambiguities", (), "1 conflict with 6 events at stake"),
    ("suspects", (), "kiosk-77"),
    ("health", (), "events"),
]


@pytest.mark.parametrize(("command", "about", "said"), ASKED)
def test_a_question_is_answered_in_words_and_as_json(
    run: Any, graph: Path, command: str, about: tuple[str, ...], said: str
) -> None:
    code, out, err = run(command, graph, *about)
    assert (code, err) == (0, "")
    assert said in out
    code, out, err = run(command, graph, *about, "--json")
    assert (code, err) == (0, "")
    assert json.loads(out)["summary"]


def test_every_command_is_asked_here() -> None:
    assert {command for command, *_ in ASKED} == set(COMMANDS)


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_what_is_missing_is_said_with_an_example(run: Any, command: str) -> None:
    code, out, err = run(command)
    assert (code, out) == (2, "")
    assert err.startswith(f"error: Which one? xrefgraph {command} GRAPH")


def test_a_folder_of_results_is_no_graph_and_says_so(run: Any, graph: Path, tmp_path: Path) -> None:
    code, _, err = run("why", tmp_path, "db_id:1", "db_id:2")
    assert code == 1
    assert "resolve --database FILE" in err
    code, _, err = run("why", graph, "db_id:U1001", "device:kiosk-78")
    assert code == 1
    assert err == (
        "error: No event carries this device. One that differs in a single character occurs. Did you mean that?\n"
    )
    code, _, err = run("why", tmp_path / "none.xref", "db_id:1", "db_id:2")
    assert code == 1


def test_rows_that_are_not_printed_are_counted(run: Any, graph: Path) -> None:
    _, out, _ = run("why", graph, "db_id:U1001", "db_id:U1002", "--limit", 1)
    assert "+3 more rows (--limit shows more)" in out


def test_a_fix_is_written_and_taken_out_again(run: Any, graph: Path, tmp_path: Path) -> None:
    file = tmp_path / "decisions.toml"
    code, out, _ = run("ambiguities", graph, "--decide", "1:block", "--decisions", file)
    assert code == 0
    assert out.startswith("1 decision added to")
    assert xg.read_decisions(file)[0].identifier == ("device", "kiosk-77")
    code, out, _ = run("ambiguities", graph, "--decide", "1:block", "--decisions", file, "--undo")
    assert out.startswith("1 decision taken out of")
    assert xg.read_decisions(file) == ()


@pytest.mark.parametrize(
    "wrong",
    [
        ("--decide", "1:block"),
        ("--decisions", "x.toml"),
        ("--undo",),
        ("--decide", "block", "--decisions", "x.toml"),
        ("--decide", "0:block", "--decisions", "x.toml"),
        ("--decide", "2:block", "--decisions", "x.toml"),
    ],
)
def test_a_fix_that_cannot_be_is_wrong_usage(run: Any, graph: Path, wrong: tuple[str, ...]) -> None:
    code, out, err = run("ambiguities", graph, *wrong)
    assert (code, out) == (2, "")
    assert err.startswith("error: ")
    code, _, err = run("ambiguities", graph, "--decide", "1:blok", "--decisions", "x.toml")
    assert code == 1
    assert "Did you mean 'block'" in err


def test_hostile_text_does_not_reach_the_terminal(run: Any, tmp_path: Path) -> None:
    path = tmp_path / "odd.xref"
    xg.build([{"x": ["a\x1b[31m\u202e", "b"]}], identifiers=["x"], database=path).close()
    _, out, _ = run("why", path, "x:a\x1b[31m\u202e", "x:b")
    assert "\x1b" not in out
    assert "\u202e" not in out


def test_a_conflict_that_is_not_there_is_an_error_that_shows_no_value(
    run: Any, graph: Path, tmp_path: Path
) -> None:
    decisions = tmp_path / "decisions.toml"
    code, _, err = run("ambiguities", graph, "--decide", "9:block", "--decisions", decisions)
    assert (code, err) == (2, "error: There is no conflict 9: there is 1.\n")
    assert not decisions.exists()
