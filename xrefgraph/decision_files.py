"""Decisions in lists, in TOML and in CSV files: read, written, added to, and taken out again."""

from __future__ import annotations

import contextlib
import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace as changed
from pathlib import Path
from typing import Any

from xrefgraph.configuration import check_keys, read_toml, write_toml
from xrefgraph.decisions import ACTIONS, REMARKS, Decision, inside
from xrefgraph.errors import SchemaError, StoreError, listing
from xrefgraph.files import beside, replace

#: The columns of a CSV file: ``identifier`` and ``a`` are in the first pair.
COLUMNS = ("action", "type", "value", "type_b", "value_b", "events", *REMARKS)


# ------------------------------------------------------------------------------------------- reading


def read_decisions(given: Any, where: str = "the schema") -> tuple[Decision, ...]:
    """Read decisions, in their order.

    Parameters
    ----------
    given : path, or a list of Decision or dict
        A file that ends in ``.toml`` (``[[decision]]`` tables) or ``.csv`` (columns such as ``action``, ``type`` and ``value``, of which
        only those that are used have to be there), or the decisions themselves.
    where : str
        What the list stands in, for errors.

    Returns
    -------
    tuple of Decision

    Raises
    ------
    SchemaError
        When a decision cannot be one. It is named by its number and its file, never by a value.
    StoreError
        When there is no such file.

    Examples
    --------
    >>> (one,) = read_decisions([{"action": "separate", "a": ["db_id", 1], "b": ["db_id", 2]}])
    >>> one.a, one.b
    (('db_id', '1'), ('db_id', '2'))
    """
    if given is None:
        return ()
    if isinstance(given, str | Path):
        path = Path(given)
        tables = _read_file(path)
        where = path.name
    elif isinstance(given, Mapping) or not isinstance(given, Iterable):
        raise SchemaError(
            f"The decisions are a file or a list of dicts, not {type(given).__name__}."
        )
    else:
        tables = list(given)
    return tuple(
        _decision(table, f"Decision {number} of {where}") for number, table in enumerate(tables, 1)
    )


def _decision(table: Any, origin: str) -> Decision:
    if isinstance(table, Decision):
        return table if table.origin != "A decision" else _decision(table.to_dict(), origin)
    if not isinstance(table, Mapping):
        raise SchemaError(f"{origin} is a dict, not {type(table).__name__}.")
    check_keys(table, ("action", "identifier", "a", "b", "events", *REMARKS), inside(origin))
    if "action" not in table:
        raise SchemaError(f"{origin} has no action. There are: {listing(ACTIONS)}.")
    return Decision(**table, origin=origin)


def _read_file(path: Path) -> list[Any]:
    match path.suffix.lower():
        case ".toml":
            data = read_toml(path)
            check_keys(data, ("decision",), path.name)
            tables = data.get("decision", [])
            if not isinstance(tables, list):
                raise SchemaError(f"The decisions of {path.name} are written as [[decision]].")
            return tables
        case ".csv":
            return _read_csv(path)
        case _:
            raise SchemaError(
                f"{path.name} cannot hold decisions: a file of them ends in .toml or .csv."
            )


def _read_csv(path: Path) -> list[dict[str, Any]]:
    try:
        # Spreadsheets put a mark in front of UTF-8, and keep line breaks within cells.
        with path.open(encoding="utf-8-sig", newline="") as file, _long_cells():
            rows = list(csv.reader(file, strict=True))
    except FileNotFoundError:
        raise StoreError(f"There is no file {str(path)!r}.", path=str(path)) from None
    except OSError as error:
        raise StoreError(
            f"{str(path)!r} cannot be read: {error.strerror}.", path=str(path)
        ) from None
    except (csv.Error, UnicodeDecodeError) as error:
        raise SchemaError(
            f"{path.name} is not a CSV file in UTF-8 ({type(error).__name__})."
        ) from None
    if not rows:
        raise SchemaError(f"{path.name} has no header. Its columns are: {listing(COLUMNS)}.")
    header, *body = rows
    check_keys(dict.fromkeys(header), COLUMNS, path.name)
    if len(set(header)) < len(header):
        raise SchemaError(f"A column of {path.name} is there twice.")
    tables = []
    for number, row in enumerate((row for row in body if any(row)), 1):
        if len(row) != len(header):
            raise SchemaError(
                f"Decision {number} of {path.name} has {len(row)} cells, and there are {len(header)} columns."
            )
        tables.append(_of_row(dict(zip(header, row, strict=True)), path.name, number))
    return tables


@contextlib.contextmanager
def _long_cells() -> Iterator[None]:
    """Let a cell be as long as it is, while this reads: a decision may be about many events."""
    before = csv.field_size_limit(2**31 - 1)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _of_row(row: Mapping[str, str], where: str, number: int) -> dict[str, Any]:
    """A row of a CSV file as a table; what belongs to no action is left in, for the error."""
    action = row.get("action", "")
    table: dict[str, Any] = {"action": action}
    first = "a" if "a" in ACTIONS.get(action, ()) else "identifier"
    for part, kind, value in ((first, "type", "value"), ("b", "type_b", "value_b")):
        if row.get(kind) or row.get(value):
            table[part] = (row.get(kind, ""), row.get(value, ""))
    if row.get("events"):
        try:
            with _long_cells():
                cell = io.StringIO(row["events"], newline="")
                (ids,) = csv.reader(cell, delimiter=";", strict=True)
        except (csv.Error, ValueError):
            raise SchemaError(
                f"The events of decision {number} of {where} are ids with a semicolon between them."
            ) from None
        table["events"] = ids
    return table | {part: row[part] for part in REMARKS if row.get(part)}


# ------------------------------------------------------------------------------------------- writing


def write_decisions(path: str | Path, decisions: Iterable[Decision | Mapping[str, Any]]) -> Path:
    """Write decisions into a file, in the place of what was there.

    Parameters
    ----------
    path : path
        It ends in ``.toml`` or ``.csv``. A reader sees it whole, or not at all.
    decisions : iterable of Decision or dict
        What :func:`read_decisions` reads.

    Returns
    -------
    Path

    Raises
    ------
    SchemaError
        When one cannot be a decision, or the path ends in another way. Nothing is written then.
    StoreError
        When the file cannot be written. What was there before is still there.

    Examples
    --------
    >>> path = write_decisions("decisions.toml", [{"action": "block", "identifier": ["cookie", "x"], "reason": "shared"}])
    >>> print(path.read_text())
    [[decision]]
    action = "block"
    identifier = [
        "cookie",
        "x",
    ]
    reason = "shared"
    >>> read_decisions(path)[0].reason
    'shared'
    """
    target = Path(path)
    read = read_decisions(list(decisions), "the list")
    match target.suffix.lower():
        case ".toml":
            text = write_toml({"decision": [one.to_dict() for one in read]})
        case ".csv":
            text = _csv_text(read)
        case _:
            raise SchemaError(
                f"{target.name} cannot hold decisions: a file of them ends in .toml or .csv."
            )
    try:
        content = text.encode()
    except UnicodeEncodeError:
        raise SchemaError("A decision holds text that is not UTF-8.") from None
    if target.is_dir():
        raise StoreError(f"{str(path)!r} is a folder; decisions are one file.", path=str(path))
    with beside(target) as temporary:
        try:
            (temporary / "decisions").write_bytes(content)
        except OSError as error:
            raise StoreError(
                f"{str(path)!r} cannot be written: {error.strerror}.", path=str(path)
            ) from None
        replace(temporary / "decisions", target)
    return target


def _csv_text(decisions: Sequence[Decision]) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text)  # lines end as RFC 4180 has it; only then is a lone "\r" quoted
    writer.writerow(COLUMNS)
    for one in decisions:
        first = one.identifier or one.a or ("", "")
        second = one.b or ("", "")
        remarks = [getattr(one, part) or "" for part in REMARKS]
        writer.writerow([one.action, *first, *second, _cell_of(one.events), *remarks])
    return text.getvalue()


def _cell_of(events: Sequence[str]) -> str:
    cell = io.StringIO(newline="")
    if events:
        csv.writer(cell, delimiter=";").writerow(events)
    return cell.getvalue().removesuffix("\r\n")


# --------------------------------------------------------------------------------- changing a file


def add_decisions(path: str | Path, decisions: Iterable[Decision | Mapping[str, Any]]) -> int:
    """Add decisions to a file of them; make it if it is not there.

    Parameters
    ----------
    path : path
        A file that ends in ``.toml`` or ``.csv``. A reader sees the old one or the new one.
    decisions : iterable of Decision or dict
        What is added, at the end. What stands in it already, for whatever reason, is not added again.

    Returns
    -------
    int
        How many were added.

    Raises
    ------
    SchemaError, StoreError
        As :func:`read_decisions` and :func:`write_decisions`. The file is as it was then.

    Notes
    -----
    The file is written anew, so comments that stand in it are lost.

    Examples
    --------
    >>> block = {"action": "block", "identifier": ["device", "kiosk-77"], "reason": "a kiosk in a shop"}
    >>> add_decisions("decisions.csv", [block]), add_decisions("decisions.csv", [block])
    (1, 0)
    >>> remove_decisions("decisions.csv", [block])
    1
    """
    there = list(read_decisions(path)) if Path(path).exists() else []
    known = {_essence(one) for one in there}
    more = [
        one for one in read_decisions(list(decisions), "the list") if _essence(one) not in known
    ]
    more = list({_essence(one): one for one in more}.values())
    if more or not Path(path).exists():
        write_decisions(path, [*there, *more])
    return len(more)


def remove_decisions(path: str | Path, decisions: Iterable[Decision | Mapping[str, Any]]) -> int:
    """Take decisions out of a file of them: to undo them, rebuild without them.

    Parameters
    ----------
    path : path
        A file that ends in ``.toml`` or ``.csv``.
    decisions : iterable of Decision or dict
        What is taken out: those that say the same, whatever their reason, name, author and date.

    Returns
    -------
    int
        How many were taken out.

    Raises
    ------
    SchemaError, StoreError
        As :func:`read_decisions` and :func:`write_decisions`. The file is as it was then.
    """
    gone = {_essence(one) for one in read_decisions(list(decisions), "the list")}
    there = read_decisions(path)
    left = [one for one in there if _essence(one) not in gone]
    if len(left) < len(there):
        write_decisions(path, left)
    return len(there) - len(left)


def _essence(decision: Decision) -> Decision:
    """What a decision does, without who took it, when and why."""
    plain = changed(decision, reason=None, name=None, author=None, date=None)
    if plain.a is None or plain.b is None:
        return plain
    a, b = sorted((plain.a, plain.b))
    return changed(plain, a=a, b=b)
