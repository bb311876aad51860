"""Too little memory, a full disk, Ctrl-C, and people who wait: nothing is lost, and nothing half-written."""

import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import duckdb
import pytest

import xrefgraph as xg
from tests.worlds import build_basic, listing
from xrefgraph.database import Database

ROOT = Path(__file__).resolve().parents[1]


def many(path: Path, rows: int) -> Path:
    """Write a file of many events and almost as many long identifiers."""
    columns = f"i AS event_id, (i * 7919) % {rows // 3 + 1} AS db_id, md5((i % {rows // 2 + 1})::VARCHAR) AS cookie"
    with duckdb.connect() as connection:
        connection.execute("SET enable_progress_bar = false").fetchall()
        connection.execute(
            f"COPY (SELECT {columns} FROM range({rows}) t(i)) TO '{path}'"
        ).fetchall()
    return path


# ------------------------------------------------------------------------------------------- memory


def test_what_does_not_fit_into_memory_is_spilled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = many(tmp_path / "events.parquet", 600_000)
    spill = tmp_path / "spill"
    spill.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(spill))
    options: dict[str, Any] = {
        "anchor": "db_id",
        "identifiers": ["cookie"],
        "event_id": "event_id",
        "threads": 1,
    }
    with xg.build(path, **options) as graph:
        counts = dict(graph.counts)
    with xg.build(path, **options, memory_limit="130MB") as graph:
        assert graph.counts == counts
        assert len(graph.sql("SELECT * FROM events")) == 600_000
    assert list(spill.iterdir()) == []

    configure = Database._configure

    def without_room(self: Database, *limits: Any) -> None:
        configure(self, *limits)
        self.run("SET max_temp_directory_size = '0KB'")

    # It did spill: without room to spill to, the same build ends.
    monkeypatch.setattr(Database, "_configure", without_room)
    with pytest.raises(xg.StoreError, match="memory"):
        xg.build(path, **options, memory_limit="130MB")
    assert list(spill.iterdir()) == []


# --------------------------------------------------------------------------------------------- disk


def limited(code: str, folder: Path, size: int) -> subprocess.CompletedProcess[str]:
    """Run Python where no file may become larger."""

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # as Python does: a write fails instead
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    environment = os.environ | {"PYTHONPATH": str(ROOT), "TMPDIR": str(folder.parent)}
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
        preexec_fn=limit,
    )


FULL = """
import pickle, xrefgraph as xg
rows = [{"db_id": n, "cookie": "secret-value-of-a-person" + str(n * 7919)} for n in range(60_000)]
graph = None
try:
    %s
except xg.StoreError as error:
    assert isinstance(error, OSError)
    assert "secret" not in str(error), error
    pickle.loads(pickle.dumps(error))
    print("StoreError:", error)
"""


@pytest.mark.parametrize(
    "action",
    [
        "xg.build(rows, anchor='db_id', identifiers=['cookie']).write('out')",
        "xg.build(rows, anchor='db_id', identifiers=['cookie']).write('out', 'csv')",
        "xg.build(rows, anchor='db_id', identifiers=['cookie']).save('graph.xref')",
        "xg.build(rows, anchor='db_id', identifiers=['cookie'], database='graph.xref')",
    ],
)
def test_a_full_disk_leaves_what_was_there(action: str, tmp_path: Path) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    with build_basic() as graph:
        graph.write(folder / "out")
        graph.save(folder / "graph.xref")
    before = listing(folder)
    done = limited(FULL % action, folder, 600_000)
    assert done.stdout.startswith("StoreError:"), done.stdout + done.stderr
    assert listing(folder) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["work"]  # no spilled folder is left


# ------------------------------------------------------------------------------------------- Ctrl-C


INTERRUPTED = """
import xrefgraph as xg
{before}
print("ready", flush=True)
{action}
print("finished", flush=True)
"""
BUILD = "xg.build('../events.parquet', anchor='db_id', identifiers=['cookie'], event_id='event_id'"


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return many(tmp_path_factory.mktemp("interrupted") / "events.parquet", 2_000_000)


@pytest.mark.parametrize(
    ("before", "action"),
    [
        ("", BUILD + ", database='graph.xref')"),
        (f"graph = {BUILD})", "graph.write('out', 'csv', in_order=True)"),
        (f"graph = {BUILD})", "graph.save('graph.xref')"),
    ],
    ids=["build", "write", "save"],
)
def test_ctrl_c_leaves_what_was_there(
    before: str, action: str, events: Path, tmp_path: Path
) -> None:
    folder, spill = events.parent / f"work-{action[:12]}", tmp_path / "spill"
    folder.mkdir()
    spill.mkdir()
    with build_basic() as graph:
        graph.write(folder / "out", "csv")
        graph.save(folder / "graph.xref")
    there = listing(folder)
    with subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED.format(before=before, action=action)],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT), "TMPDIR": str(spill)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        # It begins with a folder beside the place of the result, and with a file in it.
        while process.poll() is None and not list(folder.glob(".*/*")):
            time.sleep(0.01)
        time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert out == "", "this machine is too fast for this test: give it more events"
    assert process.returncode == -signal.SIGINT
    assert err.rstrip().endswith("KeyboardInterrupt")
    assert listing(folder) == there
    assert list(spill.iterdir()) == []


# ----------------------------------------------------------------------------------------- progress


def test_progress_is_shown_on_stderr_only_where_it_is_asked_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with build_basic():
        pass
    assert capsys.readouterr() == ("", "")
    with build_basic(progress=True):
        pass
    shown = capsys.readouterr()
    assert shown.out == ""
    for step in ("read", "check ids", "group", "link"):
        assert step in shown.err
    assert "4/4" in shown.err
