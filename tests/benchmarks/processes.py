"""Each measurement in a process of its own: what one leaves behind must not help another.

``python -m tests.benchmarks.processes TASK ARGUMENTS`` is the child: it imports what the task
needs, runs it, and prints its facts as JSON in its last line. ``run_alone`` is the parent.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]

# The facts of a run: seconds, counts, names of modules.
Facts = Mapping[str, Any]


@dataclass(frozen=True)
class Outcome:
    """What came of one process.

    Attributes
    ----------
    facts : mapping
        What the task returned, ``seconds`` among it; empty when it failed.
    memory : float
        The most that the process held at once, in MB, imports included.
    failure : str
        The last line of its error, "" when it ended well.
    """

    facts: Facts = field(default_factory=dict)
    memory: float = 0.0
    failure: str = ""


def run_alone(
    task: str, arguments: Facts | None = None, *, timeout: float | None = None
) -> Outcome:
    """Run a task of ``tasks`` in a new process, and wait for it.

    Parameters
    ----------
    task : str
        Its name.
    arguments : mapping, optional
        What it is called with, as JSON knows it.
    timeout : float, optional
        After so many seconds it is ended, and counts as failed.
    """
    with tempfile.TemporaryFile("w+") as errors:
        child = subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.processes", task, json.dumps(arguments or {})],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
        ended_by_us = threading.Event()

        def end() -> None:
            ended_by_us.set()
            child.kill()

        timer = threading.Timer(timeout, end) if timeout else None
        if timer:
            timer.start()
        try:
            assert child.stdout is not None  # for the type checker: it was asked for above
            with child.stdout:
                printed = child.stdout.read()
            # Not `child.wait()`: only this says how much memory this one child held, in kB (bytes
            # on macOS). The system counts the parent before the start too: keep it small.
            _, status, usage = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
        except BaseException:
            child.kill()
            raise
        finally:
            if timer:
                timer.cancel()
        memory = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6
        if ended_by_us.is_set():
            return Outcome(memory=memory, failure=f"not done after {timeout:.0f} s")
        if child.returncode != 0:
            errors.seek(0)
            said = errors.read().strip().splitlines()
            reason = said[-1] if said else f"ended with {child.returncode}"
            return Outcome(memory=memory, failure=reason)
        return Outcome(facts=json.loads(printed.splitlines()[-1]), memory=memory)


def main() -> None:
    """Run one task and print its facts."""
    # Imported here only: DuckDB and numpy in the parent would be counted for every child.
    from tests.benchmarks.tasks import TASKS  # noqa: PLC0415

    _, task, arguments = sys.argv
    print(json.dumps(TASKS[task](**json.loads(arguments))))


if __name__ == "__main__":
    main()
