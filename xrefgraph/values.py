"""Each distinct value read once: what it is after normalising, or why it is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from xrefgraph.database import Database
from xrefgraph.errors import XrefGraphError
from xrefgraph.hygiene import (
    blank_sql,
    denied_values,
    junk_sql,
    normalize,
    normalize_sql,
    plain_sql,
    refusal,
    refusal_sql,
    suspicious_sql,
)
from xrefgraph.schema import IdentifierType


def stand_for_themselves(database: Database, texts: str, kind: IdentifierType) -> bool:
    """Whether every value of a type is an identifier as it stands.

    That is so where the type has no rule of its own, and no value is blank or junk.

    Parameters
    ----------
    database : Database
        Where the texts are.
    texts : str
        A table, or a query in brackets, with a column ``text``.
    kind : IdentifierType
        Their type.
    """
    if kind.normalizers or kind.deny or kind.deny_patterns or kind.accept is not None:
        return False
    odd = blank_sql("text")
    if kind.deny_defaults:
        odd = f"({odd} OR {junk_sql('text')} OR NOT {plain_sql('text', kind)})"
    # Two steps, since DuckDB would evaluate the costly condition on all texts.
    database.run(
        f"CREATE OR REPLACE TEMP TABLE suspicious AS SELECT text FROM {texts} WHERE {suspicious_sql('text')}"
    )
    found = database.row(f"SELECT count(*) FROM suspicious WHERE {odd}")[0]
    database.run("DROP TABLE suspicious")
    return not found


def read_values(
    database: Database,
    distinct: str,
    kind: IdentifierType,
    table: str,
    place: Callable[[str], str] = lambda _: "",
) -> bool:
    """Read each distinct raw value once: what it is after normalising, or why it is refused.

    Parameters
    ----------
    database : Database
        Where the table is made.
    distinct : str
        A query that gives a column ``raw`` of distinct texts.
    kind : IdentifierType
        Their type.
    table : str
        The table to make: ``raw``, ``text`` (null where the value is absent or refused), ``reason``.
    place : callable
        Says for an error where a raw value first stands.

    Returns
    -------
    bool
        Whether every value is an identifier as it stands. Then the table has the column ``raw`` only.

    Raises
    ------
    XrefGraphError
        When a normaliser of the user raises.
    """
    database.run(f"CREATE OR REPLACE TEMP TABLE {table} AS {distinct}")
    if stand_for_themselves(database, f"(SELECT raw AS text FROM {table})", kind):
        return True
    steps = [step for step in kind.normalizers if not callable(step)]
    denied = denied_values(kind)
    with _Denied(database, denied) as denied_sql:
        plain, text = plain_sql("raw", kind), normalize_sql("raw", steps)
        reason = refusal_sql("text", kind, steps, denied_sql)
        database.run(
            f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT raw, CASE WHEN reason IS NULL THEN text END AS text, reason, plain FROM ("
            f" SELECT *, CASE WHEN plain AND NOT {blank_sql('raw')} THEN {reason} END AS reason FROM ("
            f" SELECT raw, {plain} AS plain, CASE WHEN {plain} AND NOT {blank_sql('raw')} THEN {text} END AS text FROM {table}))"
        )
    for raws in _batches(
        database, f"SELECT raw FROM {table} WHERE NOT plain AND NOT {blank_sql('raw')}"
    ):
        texts, reasons = zip(*(_read(raw, kind, denied, place) for raw in raws), strict=True)
        columns = {"raw": raws, "new_text": texts, "new_reason": reasons}
        with database.registered(
            **{name: np.array(values, dtype=object) for name, values in columns.items()}
        ) as lent:
            database.run(
                f"UPDATE {table} SET text = lent.new_text::VARCHAR, reason = lent.new_reason::VARCHAR FROM {lent} lent"
                f" WHERE {table}.raw = lent.raw::VARCHAR"
            )
    database.run(f"ALTER TABLE {table} DROP COLUMN plain")
    return False


def _read(
    raw: str, kind: IdentifierType, denied: frozenset[str], place: Callable[[str], str]
) -> tuple[str | None, str | None]:
    try:
        text, reason = normalize(raw, kind.normalizers)
    except Exception as error:  # noqa: BLE001  (whatever a function of the user raises; its text may quote the value)
        raise XrefGraphError(
            f"The normaliser of the type {kind.name!r} raised {type(error).__name__} on a value of {len(raw)} characters{place(raw)}."
            " Make it return None for values that it cannot read.",
            type=kind.name,
            value=raw,
        ) from None
    reason = reason or refusal(text, kind, denied)
    return (None, reason) if reason else (text, None)


def _batches(database: Database, query: str, size: int = 200_000) -> Iterator[list[str]]:
    rows = [row[0] for row in database.rows(query)]
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


class _Denied:
    """The denied values, lent to SQL."""

    def __init__(self, database: Database, values: frozenset[str]) -> None:
        self._database, self._values = database, sorted(values)

    def __enter__(self) -> str:
        self._database.run("CREATE OR REPLACE TEMP TABLE denied_values (value VARCHAR)")
        if self._values:
            with self._database.registered(value=np.array(self._values, dtype=object)) as lent:
                self._database.run(f"INSERT INTO denied_values SELECT value::VARCHAR FROM {lent}")
        return "SELECT value FROM denied_values"

    def __exit__(self, *_: object) -> None:
        self._database.run("DROP TABLE denied_values")
