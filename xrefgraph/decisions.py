"""What people decided about single identifiers: read from a list, a TOML or a CSV file, and written into one.

What the decisions come to, with each value in the form that it has in the graph, is in :mod:`xrefgraph.verdicts`.
"""

from __future__ import annotations

import contextlib
import csv
import datetime as dt
import io
import numbers
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from xrefgraph.configuration import check_keys, read_toml, write_toml
from xrefgraph.errors import SchemaError, StoreError, did_you_mean, listing
from xrefgraph.files import beside, replace

#: What can be decided, and what each has to name.
ACTIONS: Mapping[str, tuple[str, ...]] = {
    "block": ("identifier",),
    "detach": ("identifier", "events"),
    "link": ("a", "b"),
    "separate": ("a", "b"),
}

#: What stands in every decision, beside what its action names.
REMARKS = ("reason", "name", "author", "date")

#: The columns of a CSV file: ``identifier`` and ``a`` are in the first pair.
COLUMNS = ("action", "type", "value", "type_b", "value_b", "events", *REMARKS)

Identifier = tuple[str, str]


@dataclass(frozen=True)
class Decision:
    """One decision of a person.

    Parameters
    ----------
    action : {"block", "detach", "link", "separate"}
        ``block`` an identifier: it links nothing. ``detach`` an identifier from events. ``link`` two
        identifiers: they are one person. ``separate`` two identifiers: they may not share a profile.
    identifier : (str, str or int), optional
        Type and value, for ``block`` and ``detach``. Whole numbers become text.
    a, b : (str, str or int), optional
        The two identifiers of ``link`` and ``separate``.
    events : sequence of str or int
        The ids of the events, for ``detach``.
    reason, name, author : str, optional
        Why, what it is called, and whose decision it is.
    date : date, datetime or str, optional
        When it was taken. It is kept as ISO 8601 text.
    origin : str
        Where it stands, for errors. It is no part of the decision.

    Raises
    ------
    SchemaError
        When the action is unknown, something is missing or too much, or a value is blank.

    Examples
    --------
    >>> Decision("block", identifier=("email", "office@example.org"), reason="a shared mailbox").identifier
    ('email', 'office@example.org')
    """

    action: str
    identifier: Identifier | None = field(default=None, kw_only=True)
    a: Identifier | None = field(default=None, kw_only=True)
    b: Identifier | None = field(default=None, kw_only=True)
    events: tuple[str, ...] = field(default=(), kw_only=True)
    reason: str | None = field(default=None, kw_only=True)
    name: str | None = field(default=None, kw_only=True)
    author: str | None = field(default=None, kw_only=True)
    date: str | None = field(default=None, kw_only=True)
    origin: str = field(default="A decision", kw_only=True, compare=False, repr=False)

    def __post_init__(self) -> None:
        if self.action not in ACTIONS:
            raise SchemaError(
                f"{self.origin} has the action {self.action!r}. There are: {listing(ACTIONS)}."
                f"{did_you_mean(str(self.action), ACTIONS)}"
            )
        needed = ACTIONS[self.action]
        for part in ("identifier", "a", "b"):
            pair = getattr(self, part)
            if (pair is not None) != (part in needed):
                raise SchemaError(
                    f"{self.origin}, {self.action!r}, has {'no' if pair is None else 'an'} {part!r}."
                    f" It names: {listing(needed)}."
                )
            if pair is not None:
                object.__setattr__(self, part, _identifier(pair, part, self.origin))
        object.__setattr__(self, "events", _events(self.events, self.origin))
        if bool(self.events) != ("events" in needed):
            raise SchemaError(
                f"{self.origin}, {self.action!r}, names {'' if self.events else 'no '}events."
                f" It names: {listing(needed)}."
            )
        for part in ("reason", "name", "author"):
            text = getattr(self, part)
            if text is not None and not isinstance(text, str):
                raise SchemaError(
                    f"The {part} of {_inside(self.origin)} is text, not {type(text).__name__}."
                )
            object.__setattr__(self, part, text if text and text.strip() else None)
        object.__setattr__(self, "date", _date(self.date, self.origin))

    @property
    def identifiers(self) -> tuple[Identifier, ...]:
        """The identifiers that it names, one or two."""
        return tuple(pair for pair in (self.identifier, self.a, self.b) if pair is not None)

    def to_dict(self) -> dict[str, Any]:
        """Give it as a table of a TOML file, with only what is there."""
        table: dict[str, Any] = {"action": self.action}
        for part in ("identifier", "a", "b", "events", *REMARKS):
            value = getattr(self, part)
            if value:
                table[part] = list(value) if isinstance(value, tuple) else value
        return table


def _inside(origin: str) -> str:
    """An origin in the middle of a sentence."""
    return origin[:1].lower() + origin[1:]


def _text(value: Any) -> str | None:
    """A value as the one text that it has everywhere in the graph; None if it is none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, numbers.Integral):
        return str(int(value))
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value if isinstance(value, str) else None


def _identifier(pair: Any, part: str, origin: str) -> Identifier:
    if isinstance(pair, str) or not isinstance(pair, Sequence) or len(pair) != 2:
        raise SchemaError(f"The {part!r} of {_inside(origin)} is a type and a value, as a list.")
    kind, value = pair[0], _text(pair[1])
    if not isinstance(kind, str) or not kind:
        raise SchemaError(f"The {part!r} of {_inside(origin)} begins with the name of a type.")
    if value is None:
        raise SchemaError(
            f"The value of the {part!r} of {_inside(origin)} is text or a whole number, not"
            f" {type(pair[1]).__name__}."
        )
    if not value.strip():
        raise SchemaError(f"The value of the {part!r} of {_inside(origin)} is blank.")
    return kind, value


def _events(given: Any, origin: str) -> tuple[str, ...]:
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise SchemaError(f"The events of {_inside(origin)} are a list of their ids.")
    texts = tuple(_text(one) for one in given)
    if not all(text is not None and text.strip() for text in texts):
        raise SchemaError(
            f"The events of {_inside(origin)} are ids, each a text that is not blank or a whole number."
        )
    return tuple(text for text in texts if text is not None)


def _date(given: Any, origin: str) -> str | None:
    if given is None or given == "":
        return None
    if isinstance(given, dt.date):
        return given.isoformat()
    try:
        dt.datetime.fromisoformat(given)
    except (TypeError, ValueError):
        raise SchemaError(
            f"The date of {_inside(origin)} is a date, or a text such as '2026-05-17'."
        ) from None
    return str(given)


# ------------------------------------------------------------------------------------------- reading


def read_decisions(given: Any, where: str = "the schema") -> tuple[Decision, ...]:
    """Read decisions, in their order.

    Parameters
    ----------
    given : path, or a list of Decision or dict
        A file that ends in ``.toml`` (``[[decision]]`` tables) or ``.csv`` (the columns :data:`COLUMNS`, of which
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
    check_keys(table, ("action", "identifier", "a", "b", "events", *REMARKS), _inside(origin))
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
