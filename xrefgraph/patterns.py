"""Regular expressions that Python and DuckDB read alike."""

from __future__ import annotations

import re
import warnings
from functools import lru_cache
from typing import Any

import duckdb

from xrefgraph.errors import SchemaError


def check_pattern(pattern: Any, where: str) -> None:
    """See that a pattern keeps to the common ground of Python's ``re`` and RE2, which DuckDB uses.

    Parameters
    ----------
    pattern : str
        A regular expression.
    where : str
        Where it stands, for the error.

    Raises
    ------
    SchemaError
        With the reason, when it cannot be used.
    """
    if not isinstance(pattern, str):
        raise SchemaError(f"A pattern in {where} is text, not {type(pattern).__name__}.")
    reason = _pattern_fault(pattern)
    if reason:
        raise SchemaError(f"The pattern {pattern!r} in {where} cannot be used: {reason}.")


@lru_cache(maxsize=256)
def _pattern_fault(pattern: str) -> str | None:
    """Why a pattern is outside the common ground of Python's ``re`` and RE2, or None."""
    try:
        with warnings.catch_warnings():
            # Python warns of [[:alpha:]] and the like, which RE2 reads in another way.
            warnings.simplefilter("error", FutureWarning)
            re.compile(pattern)
    except (re.error, FutureWarning, OverflowError, RecursionError) as error:
        return f"it is not a regular expression that Python and RE2 read alike ({error})"
    if re.search(r"(?<!\\)\{,\d", pattern):
        return "'{,n}' means other things in Python and in RE2; write '{0,n}'"
    try:
        duckdb.connect().execute("SELECT regexp_matches('', $1)", [pattern]).fetchall()
    except duckdb.Error as error:
        reason = str(error).split(": ", 1)[-1].splitlines()[0]
        return f"RE2, which knows no look-around and no back-references, refuses it ({reason})"
    return None
