"""The command line: what it prints and writes, and how it fails."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

import xrefgraph as xg
from xrefgraph import cli

BASIC = (
    "db_id,cookie,event_id\n123,nice_page_visitor,\n,nice_page_visitor,1\n,nice_page_visitor,2\n"
)
SHORT = ("--anchor", "db_id", "--identifier", "cookie", "--event-id", "event_id")
CONFIG = """
anchor = "db_id"

[[type]]
name = "db_id"

[[type]]
name = "cookie"

[[source]]
path = "users.csv"
identifiers = { db_id = "id", cookie = "partner_cookie" }

[[source]]
path = "visits.jsonl"
event_id = "visit"
identifiers = { cookie = "visitor" }
"""


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("events.csv").write_text(BASIC)
    Path("xref.toml").write_text(CONFIG)
    Path("users.csv").write_text("id,partner_cookie\n123,nice_page_visitor\n7,tablet\n8,tablet\n")
    Path("visits.jsonl").write_text(
        '{"visit": 1, "visitor": "nice_page_visitor"}\n{"visit": 2, "visitor": "nice_page_visitor"}\n'
        '{"visit": 3, "visitor": "tablet"}\n{"visit": 4, "visitor": "undefined"}\n'
    )
    return tmp_path


@pytest.fixture
def run(capsys):
    def run(*arguments):
        with pytest.raises(SystemExit) as left:
            cli.main([str(one) for one in arguments])
        printed = capsys.readouterr()
        return left.value.code, printed.out, printed.err

    return run


@pytest.fixture
def succeed(run):
    def succeed(*arguments):
        code, out, err = run(*arguments)
        assert (code, err) == (0, "")
        return out

    return succeed


def test_the_basic_case_from_csv_word_for_word(run):
    code, out, err = run("resolve", "events.csv", *SHORT, "--dict")
    assert code == 0
    assert json.loads(out) == {"db_id": {"123": {"cookie": {"nice_page_visitor": [1, 2]}}}}
    assert "3 (3 anchored, 0 ambiguous)" in err


def test_the_basic_case_from_two_sources_with_different_column_names(run):
    code, out, _ = run("resolve", "--config", "xref.toml", "--dict")
    assert code == 0
    assert json.loads(out) == {"db_id": {"123": {"cookie": {"nice_page_visitor": [1, 2]}}}}


def test_the_summary_says_what_became_of_the_events(succeed):
    out = succeed("resolve", "--config", "xref.toml", "--out", "results")
    assert "7 (5 anchored, 0 ambiguous, 1 anonymous, 1 without identifier)" in out
    assert "1 junk (in 1 event)" in out
    assert "results" in out


def test_the_summary_says_what_was_cut_and_which_decisions_do_nothing(succeed):
    xg.write_decisions(
        "decisions.csv",
        [
            {"action": "block", "identifier": ["cookie", "nobody's"]},
            {"action": "detach", "identifier": ["cookie", "nice_page_visitor"], "events": [1]},
        ],
    )
    out = succeed("resolve", "--config", "xref.toml", "--decisions", "decisions.csv")
    assert "cut links       3 (policy isolate)" in out
    assert "decisions       2, of which 1 do nothing" in out
    assert "(the first is decision 1 of decisions.csv)" in out


def test_repeated_rows_are_told(succeed):
    Path("events.csv").write_text(BASIC + ",nice_page_visitor,2\n")
    assert "1 (counted once)" in succeed("resolve", "events.csv", *SHORT)


def test_files_on_the_command_line_replace_those_of_the_config(run):
    Path("new").mkdir()
    Path("new/visits.jsonl").write_text('{"visit": 9, "visitor": "nice_page_visitor"}\n')
    _, out, _ = run("resolve", "new/visits.jsonl", "--config", "xref.toml", "--dict")
    assert json.loads(out) == {"db_id": {"123": {"cookie": {"nice_page_visitor": [9]}}}}


@pytest.mark.parametrize("form", ["parquet", "csv", "json"])
def test_results_are_written_as_files_and_shown_from_them(succeed, form):
    succeed("resolve", "--config", "xref.toml", "--out", "results", "--format", form)
    names = ["cuts", "events", "identifiers", "profiles", "rejected"]
    assert sorted(path.name for path in Path("results").iterdir()) == [
        f"{name}.{form}" for name in names
    ]
    rows = duckdb.execute(
        f"SELECT event_id, anchor FROM 'results/events.{form}' WHERE source = 'visits'"
    )
    assert [str(row[1]) for row in rows.fetchall()] == ["123", "123", "None", "None"]
    out = succeed("show", "results", "cookie:nice_page_visitor")
    assert "profile  db_id:123" in out
    assert "anchored" in out
    assert "3 events" in out
    assert "status   anonymous" in succeed("show", "results", "cookie:tablet")


def test_a_graph_in_a_file_shows_the_same_as_results_in_a_folder(succeed):
    succeed("resolve", "--config", "xref.toml", "--out", "results", "--database", "people.xref")
    for identifier in ("db_id:123", "cookie:tablet"):
        assert succeed("show", "people.xref", identifier) == succeed("show", "results", identifier)
    with xg.open("people.xref") as graph:
        assert graph.profile(db_id=123).anchor == "123"


def test_leading_zeros_survive_the_results(succeed):
    Path("events.csv").write_text("db_id,cookie\n007,a\n008,b\n")
    for form in ("csv", "json", "parquet"):
        succeed(
            "resolve",
            "events.csv",
            "--anchor",
            "db_id",
            "--identifier",
            "cookie",
            "--out",
            form,
            "--format",
            form,
        )
        assert "profile  db_id:007" in succeed("show", form, "db_id:007")


def test_show_says_how_much_it_left_out(succeed):
    succeed("resolve", "events.csv", *SHORT, "--out", "results")
    out = succeed("show", "results", "db_id:123", "--limit", "1")
    assert "+1 more identifier " in out
    assert "+2 more events " in out


def test_values_cannot_command_the_terminal(succeed):
    Path("events.csv").write_text("db_id,cookie\n1,\x1b[31mred[bold]\n")
    succeed(
        "resolve", "events.csv", "--anchor", "db_id", "--identifier", "cookie", "--out", "results"
    )
    out = succeed("show", "results", "db_id:1")
    assert "\x1b" not in out
    assert "\\x1b[31mred[bold]" in out


@pytest.fixture
def schema_of(run, monkeypatch):
    """The schema that `resolve` would build with."""

    def schema_of(*arguments):
        built = []

        def build(_, schema, **__):
            built.append(schema)
            raise xg.XrefGraphError("enough")

        monkeypatch.setattr("xrefgraph.cli.resolve.build", build)
        assert run("resolve", *arguments)[0] == 1
        return built[0]

    return schema_of


WITH_RULES = f"""
decisions = "old.toml"
{CONFIG}
[conflicts]
policy = "over_time"
claim_back = "30 days"
"""
BLOCK = '[[decision]]\naction = "block"\nidentifier = ["cookie", "tablet"]\n'


@pytest.mark.parametrize("file", ["mine.toml", "mine.csv"])
def test_policy_and_decisions_of_the_command_line_replace_those_of_the_config(schema_of, file):
    Path("xref.toml").write_text(WITH_RULES)
    Path("old.toml").write_text(BLOCK.replace("tablet", "old"))
    xg.write_decisions(file, [{"action": "block", "identifier": ["cookie", "tablet"]}])
    config = ("--config", "xref.toml")
    assert schema_of(*config).policy == xg.Policy("over_time", claim_back="30 days")
    assert schema_of(*config).decisions[0].identifier == ("cookie", "old")
    schema = schema_of(*config, "--conflicts", "last_touch")
    assert schema.policy == xg.Policy("last_touch")
    assert schema.decisions[0].identifier == ("cookie", "old")
    schema = schema_of(*config, "--decisions", file)
    assert schema.policy.name == "over_time"
    assert [one.identifier for one in schema.decisions] == [("cookie", "tablet")]
    schema = schema_of(*config, "--decisions", file, "--conflicts", "keep")
    assert (schema.policy.name, len(schema.decisions)) == ("keep", 1)


def test_policy_and_decisions_go_without_a_config(schema_of):
    Path("mine.toml").write_text(BLOCK)
    schema = schema_of("events.csv", *SHORT, "--conflicts", "strongest", "--decisions", "mine.toml")
    assert schema.policy == xg.Policy("strongest")
    assert [one.identifier for one in schema.decisions] == [("cookie", "tablet")]
    assert schema.names == ("db_id", "cookie")


def test_results_are_not_written_over_the_decisions(run, folder):
    file = folder / "rejected.csv"
    xg.write_decisions(file, [{"action": "block", "identifier": ["cookie", "tablet"]}])
    before = file.read_bytes()
    out = ("--out", ".", "--format", "csv")
    code, _, err = run("resolve", "--config", "xref.toml", "--decisions", file, *out)
    assert code == 2
    assert "is an input" in err
    assert file.read_bytes() == before


def test_an_error_in_the_decisions_tells_no_value(run):
    Path("mine.toml").write_text(BLOCK.replace('"cookie"', '"cokie"').replace("tablet", "secret"))
    code, _, err = run("resolve", "events.csv", *SHORT, "--decisions", "mine.toml")
    assert code == 1
    assert "Did you mean 'cookie'?" in err
    assert "secret" not in err


def test_two_results_are_compared(succeed):
    succeed("resolve", "--config", "xref.toml", "--out", "old", "--database", "old.xref")
    Path("users.csv").write_text("id,partner_cookie\n123,nice_page_visitor\n7,tablet\n")
    succeed("resolve", "--config", "xref.toml", "--out", "new", "--format", "csv")
    out = succeed("compare", "old", "new")
    assert out.startswith(
        "4 profiles before, 2 after: 1 unchanged, 2 merged into 1, 1 retired. Of the 6 events in"
    )
    lines = [line.split() for line in out.splitlines()]
    assert ["events", "removed", "1", "0", "users:#3:", "db_id:8", "->", "nobody"] in lines
    assert ["anchors", "gained", "0", "1", "visits:3:", "nobody", "->", "7"] in lines
    assert succeed("compare", "old.xref", "new") == out
    found = json.loads(succeed("compare", "old.xref", "new", "--json"))
    assert found == xg.compare("old", "new").to_dict()
    assert "1 unchanged" in found["summary"]


def test_results_that_are_the_same_compare_as_such(succeed):
    succeed("resolve", "--config", "xref.toml", "--out", "results", "--database", "people.xref")
    out = succeed("compare", "results", "people.xref")
    assert out.startswith("4 profiles before, 4 after: 4 unchanged.")
    for name in ("changed ", "moved ", "replaced"):
        assert f" {name}" not in out.split("What became")[1]


def test_columns_are_carried_along(succeed):
    Path("visits.jsonl").write_text(
        '{"visit": 1, "visitor": "nice_page_visitor", "page": "/tents"}\n'
    )
    succeed("resolve", "--config", "xref.toml", "--keep-column", "page", "--out", "results")
    pages = duckdb.execute(
        "SELECT page FROM 'results/events.parquet' WHERE source = 'visits'"
    ).fetchall()
    assert pages == [("/tents",)]


def test_the_demo_explains_itself(succeed):
    out = succeed("demo", "--copy", "try")
    for part in ("visits.jsonl", "anchor", "contested", "isolate", "'ck-office': [5]", "undefined"):
        assert part in out
    succeed("resolve", "--config", "try/xref.toml", "--out", "try/results")
    assert "bob@example.org" in succeed("show", "try/results", "db_id:102")


def test_the_version_is_printed(succeed):
    assert succeed("--version") == f"xrefgraph {xg.__version__}\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ["resolve"],
        ["resolve", "events.csv"],
        ["resolve", "events.csv", "users.csv", *SHORT],
        ["resolve", "events.csv", "--anchor", "db_id", "--conflicts", "isolated"],
        ["resolve", "--config", "xref.toml", "--anchor", "db_id"],
        ["resolve", "events.csv", *SHORT, "--format", "xml"],
        ["resolve", "events.csv", *SHORT, "--threads", "0"],
        ["resolve", "events.csv", *SHORT, "--nonsense"],
        ["resolve", "events.csv", "--identifier", "cookie", "--dict"],
        ["resolve", "events.csv", *SHORT, "--out", ".", "--format", "csv"],
        ["resolve", "events.csv", *SHORT, "--database", "events.csv"],
        ["show", "results", "123"],
        ["show", "results"],
        ["compare"],
        ["compare", "results"],
        ["resolve", "--config", "xref.toml", "--conflicts", "isolated"],
        ["nonsense"],
    ],
)
def test_wrong_usage_is_one_line_and_exit_code_2(run, arguments):
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    assert Path("events.csv").read_text() == BASIC


@pytest.mark.parametrize(
    "arguments",
    [
        ["resolve", "missing.csv", *SHORT],
        ["resolve", "events.csv", "--anchor", "db", "--out", "results"],
        ["resolve", "--config", "missing.toml"],
        ["resolve", "events.csv", "--config", "xref.toml"],
        ["resolve", "events.csv", *SHORT, "--memory-limit", "much"],
        ["resolve", "events.csv", *SHORT, "--database", "visits.jsonl"],
        ["resolve", "events.csv", *SHORT, "--out", "visits.jsonl"],
        ["show", "missing", "db_id:1"],
        ["show", ".", "db_id:1"],
        ["show", "events.csv", "db_id:1"],
        ["compare", "missing", "."],
        ["compare", ".", "events.csv"],
        ["resolve", "events.csv", *SHORT, "--decisions", "missing.toml"],
        ["resolve", "--config", "xref.toml", "--decisions", "missing.csv"],
        ["resolve", "events.csv", *SHORT, "--decisions", "events.csv"],
        ["resolve", "events.csv", *SHORT, "--decisions", "visits.jsonl"],
    ],
)
def test_a_failure_is_one_line_and_exit_code_1(run, folder, arguments):
    before = {path: path.read_bytes() for path in folder.iterdir()}
    code, out, err = run(*arguments)
    assert (code, out) == (1, "")
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def test_errors_do_not_tell_values(run, succeed):
    succeed("resolve", "--config", "xref.toml", "--out", "results", "--database", "people.xref")
    for place in ("results", "people.xref"):
        for identifier in (
            "cookie:secret@example.org",
            "cookie:undefined",
            "cokie:secret@example.org",
        ):
            code, _, err = run("show", place, identifier)
            assert code == 1
            assert "secret" not in err
            assert "undefined" not in err


def test_the_traceback_is_shown_on_request_only(run):
    for arguments in (
        ["--debug", "resolve", "no.csv", *SHORT],
        ["resolve", "no.csv", *SHORT, "--debug"],
    ):
        code, _, err = run(*arguments)
        assert code == 1
        assert "Traceback" in err
        assert err.splitlines()[-1].startswith("error: ")
    assert "Traceback" not in run("resolve", "no.csv", *SHORT)[2]


def test_an_error_nobody_thought_of_is_one_line_too(run, monkeypatch):
    def fail(*_, **__):
        raise RuntimeError("secret")

    monkeypatch.setattr("xrefgraph.cli.resolve.build", fail)
    code, _, err = run("resolve", "events.csv", *SHORT)
    assert (code, err.count("\n")) == (1, 1)
    assert "secret" not in err


def environment():
    return {**os.environ, "PYTHONPATH": str(Path(xg.__file__).parents[1])}


def program(*arguments, **options):
    command = [sys.executable, "-m", "xrefgraph", *arguments]
    return subprocess.Popen(
        command,
        env=environment(),
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        **options,
    )


def test_it_runs_as_a_program_and_logs_on_request():
    process = program("-v", "resolve", "events.csv", *SHORT, "--out", "results")
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0
    assert "3 anchored" in out
    assert "xrefgraph.graph: built from 3 rows" in err


def test_a_reader_that_goes_away_is_no_error():
    process = program("demo")
    process.stdout.close()
    assert "Traceback" not in process.stderr.read()
    process.stderr.close()
    process.wait(timeout=120)


def test_ctrl_c_leaves_nothing_half_written(folder):
    columns = "i AS event_id, hash(i) % 2000000 AS a, hash(i + 1) % 2000000 AS b"
    with duckdb.connect() as connection:
        connection.execute("SET enable_progress_bar = false").fetchall()
        connection.execute(
            f"COPY (SELECT {columns} FROM range(3000000) r(i)) TO 'many.parquet'"
        ).fetchall()
    before = {path.name for path in folder.iterdir()}
    types = ("--identifier", "a", "--identifier", "b")
    process = program("resolve", "many.parquet", *types, "--database", "people.xref")
    while {path.name for path in folder.iterdir()} == before and process.poll() is None:
        time.sleep(0.05)  # it begins with a folder beside the place of the result
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 130
    assert err == "error: interrupted.\n"
    assert {path.name for path in folder.iterdir()} == before


def test_importing_the_package_loads_nothing_heavy():
    code = (
        "import sys, xrefgraph; heavy = ('typer', 'rich', 'pandas', 'matplotlib', 'polars', 'pyarrow', 'tqdm');"
        " print([name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment()
    )
    assert done.stdout.strip() == "[]"


def test_compare_says_why(succeed):
    succeed("resolve", "--config", "xref.toml", "--database", "a.xref")
    xg.write_decisions(
        "decisions.toml",
        [{"action": "link", "a": ["db_id", 7], "b": ["db_id", 8], "reason": "one"}],
    )
    succeed(
        "resolve", "--config", "xref.toml", "--decisions", "decisions.toml", "--database", "b.xref"
    )
    out = succeed("compare", "a.xref", "b.xref")
    assert "Why" in out
    assert "link of db_id 7 and db_id 8, 'one'" in out
