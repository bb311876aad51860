"""The application decides where the log goes; values are in no line of it."""

import logging
import subprocess
import sys
from pathlib import Path

import pytest

import xrefgraph as xg

ROWS = [
    {"db_id": 1, "cookie": "secret-a", "id": 1, "at": 5},
    {"db_id": 1, "cookie": "secret-a", "id": 1, "at": 5},
    {"cookie": "secret-a", "id": 2},
    {"cookie": "unknown", "id": 3},
    {"db_id": ["secret-1", "secret-2"], "cookie": "secret-b", "id": 4},
]
OPTIONS = {"anchor": "db_id", "identifiers": ["cookie"], "event_id": "id", "time": "at"}
SCRIPT = f"""
import logging, sys
import xrefgraph as xg
assert logging.getLogger().handlers == []
graph = xg.build({ROWS!r}, **{OPTIONS!r})
graph.events.rows(), graph.profile(db_id=1), graph.to_dict(), graph.write("out"), graph.save("g.xref"), graph.assign([{{"cookie": "secret-a"}}]).rows()
xg.open("g.xref").close()
assert logging.getLogger().handlers == []
own = [logging.getLogger(name) for name in logging.root.manager.loggerDict if name.startswith("xrefgraph")]
assert [type(one).__name__ for logger in own for one in logger.handlers] == ["NullHandler"], own
assert all(logger.level == logging.NOTSET and logger.propagate for logger in own)
"""  # noqa: E501


def test_nothing_is_printed_and_no_handler_or_level_is_set(tmp_path: Path) -> None:
    environment = {"PYTHONPATH": str(Path(xg.__file__).parents[1])}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_each_stage_says_one_line_with_counts_and_no_value(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.DEBUG, "xrefgraph"), xg.build(ROWS, **OPTIONS) as graph:  # type: ignore[arg-type]
        graph.profile(db_id=1)
    lines = [record.getMessage() for record in caplog.records if record.levelno >= logging.INFO]
    for part in (
        "read source_1: 5 rows",
        "1 repeated row",
        "grouped: ",
        "linked: ",
        "built from ",
        "refused: 1 junk",
        "1 contradictory event",
    ):
        assert sum(part in line for line in lines) == 1, part
    assert "secret" not in caplog.text
    assert all(record.name.startswith("xrefgraph") for record in caplog.records)


def test_a_key_that_no_row_of_dicts_has_is_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    with xg.build([{"cookie": "a"}], identifiers=["cookie", "emial"]):
        pass
    assert [
        (record.levelname, "no column 'emial'" in record.getMessage()) for record in caplog.records
    ] == [("WARNING", True)]
