"""Times: instants in UTC, whatever they were written as."""

from __future__ import annotations

from xrefgraph.errors import SourceError
from xrefgraph.hygiene import blank_sql

# Seconds, milliseconds, microseconds and nanoseconds since 1970 are told apart by size, value by value:
# 1e11 seconds is the year 5138, 1e11 milliseconds 1973.
_UNITS = (
    ("seconds", 1e11, "* 1000000"),
    ("milliseconds", 1e14, "* 1000"),
    ("microseconds", 1e17, ""),
)


def time_sql(column: str, kind: str) -> str | None:
    """Give the SQL that reads a column as a TIMESTAMP in UTC; null where it cannot.

    Parameters
    ----------
    column : str
        An SQL expression.
    kind : str
        Its DuckDB type.

    Returns
    -------
    str or None
        None where a column of this type holds no times.
    """
    if kind in ("DATE", "NULL", '"NULL"') or kind.startswith("TIMESTAMP"):
        # Infinite dates are no instants.
        return f"CASE WHEN isfinite(({column})::TIMESTAMP) THEN ({column})::TIMESTAMP END"
    if kind.endswith(("INT", "INTEGER")):
        return _epoch_sql(f"({column})::HUGEINT", "//")
    if kind in ("FLOAT", "DOUBLE") or kind.startswith("DECIMAL"):
        return _epoch_sql(f"({column})::DOUBLE", "/")
    if kind == "JSON":
        return time_sql(f"({column} ->> '$')", "VARCHAR")
    if kind != "VARCHAR":
        return None
    number = f"TRY_CAST({column} AS DOUBLE)"
    # The cast alone would round '1704164645.5'.
    whole = f"CASE WHEN regexp_full_match({column}, '\\s*[+-]?[0-9]+\\s*') THEN TRY_CAST({column} AS BIGINT) END"
    # '2024' or '20240101' are numbers of seconds, not years and days: nobody writes times so, and DuckDB
    # does not read them; of ISO 8601's other forms the basic one is mended into the extended one.
    basic = r"^\s*(\d{4})(\d{2})(\d{2})[T ](\d{2}):?(\d{2}):?(\d{2})(.*)$"
    extended = f"regexp_replace({column}, '{basic}', '\\1-\\2-\\3T\\4:\\5:\\6\\7')"
    instant = f"TRY_CAST({extended} AS TIMESTAMPTZ)"
    return (
        f"CASE WHEN {whole} IS NOT NULL THEN {_epoch_sql(f'{whole}::HUGEINT', '//')}"
        f" WHEN {number} IS NOT NULL THEN {_epoch_sql(number, '/')}"
        f" WHEN isfinite({instant}) THEN {instant}::TIMESTAMP END"
    )


def _epoch_sql(number: str, divide: str) -> str:
    cases = " ".join(
        f"WHEN abs({number}) < {most} THEN {number} {factor}" for _, most, factor in _UNITS
    )
    micros = f"CASE {cases} WHEN abs({number}) < 1e20 THEN {number} {divide} 1000 END"
    if divide == "/":
        micros = f"round(CASE WHEN isfinite({number}) THEN {micros} END)"
    return f"make_timestamp(TRY_CAST({micros} AS BIGINT))"


def unit_sql(column: str, kind: str) -> str | None:
    """Give the SQL of the unit in which a number counts since 1970, or None for columns of no numbers."""
    if kind == "VARCHAR":
        number = f"TRY_CAST({column} AS DOUBLE)"
    elif kind == "JSON":
        number = f"TRY_CAST(({column} ->> '$') AS DOUBLE)"
    elif (
        kind.endswith(("INT", "INTEGER"))
        or kind in ("FLOAT", "DOUBLE")
        or kind.startswith("DECIMAL")
    ):
        number = f"({column})::DOUBLE"
    else:
        return None
    cases = " ".join(f"WHEN abs({number}) < {most} THEN '{unit}'" for unit, most, _ in _UNITS)
    return f"CASE WHEN {number} IS NULL OR isnan({number}) THEN NULL {cases} ELSE 'nanoseconds' END"


def given_sql(column: str, kind: str) -> str:
    """Give the SQL condition that a cell holds something that must be a time."""
    if kind == "VARCHAR":
        return f"({column} IS NOT NULL AND NOT {blank_sql(column)})"
    if kind == "JSON":
        return f"({column} IS NOT NULL AND json_type({column}) <> 'NULL' AND NOT {blank_sql(f'({column} ->> chr(36))')})"
    if kind in ("FLOAT", "DOUBLE"):
        return f"({column} IS NOT NULL AND NOT isnan({column}))"
    return f"({column} IS NOT NULL)"


def unreadable(label: str, source: str, column: str, row: int, count: int) -> SourceError:
    """Make the error for times that cannot be read."""
    return SourceError(
        f"{count:,} of the times in the column {column!r} of {label} cannot be read (first: row {row + 1:,})."
        " A time is a timestamp, a date, ISO 8601 text, or seconds or milliseconds since 1970. Mend it, or leave"
        " it blank.",
        source=source,
        column=column,
        row=row + 1,
        count=count,
    )
