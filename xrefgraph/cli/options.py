"""What every command understands, and what the program has to know of it when something fails."""

from __future__ import annotations

import logging
import sys
from enum import StrEnum
from typing import Annotated

import typer


class UsageError(Exception):
    """What was typed does not go together."""


class Format(StrEnum):
    """The formats of result files."""

    parquet = "parquet"
    csv = "csv"
    json = "json"


Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Show the log, on stderr.")]

#: Which of the two were given to the command that runs.
asked: set[str] = set()


def take(*, debug: bool, verbose: bool) -> None:
    """Do as ``--debug`` and ``--verbose`` say, which stand before or after the command."""
    if debug:
        asked.add("debug")
    if verbose and "verbose" not in asked:
        asked.add("verbose")
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(logging.Formatter("%(asctime)s %(name)s: %(message)s", "%H:%M:%S"))
        logging.getLogger("xrefgraph").addHandler(handler)
        logging.getLogger("xrefgraph").setLevel(logging.INFO)
