"""Where events come from: what the user declares of a source."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

from xrefgraph.configuration import check_keys, check_present, read_toml
from xrefgraph.errors import SchemaError, did_you_mean, listing


@dataclass(frozen=True)
class Source:
    """Where events come from, and which of its columns are what.

    Parameters
    ----------
    data : path, glob, list of dict, frame, Arrow table or stream, or DuckDB relation
        CSV, JSON lines and Parquet are told by the ending of the path. In dicts, a missing key and None
        are absent, and a list is several values.
    identifiers : mapping, or sequence of str
        From identifier type to its column, or to several columns. A sequence of names maps each to the
        column of that name.
    event_id : str, optional
        The column of the event id. Events without one are numbered ``#1``, ``#2``, ...
    time : str, optional
        The column of the time: timestamps, dates, ISO 8601 text, or seconds or milliseconds since 1970.
    name : str, optional
        The name of the source; else it is named after its file, or ``source_1``, ``source_2``, ...

    Raises
    ------
    SchemaError
        When the mapping is empty or is not one.

    Examples
    --------
    >>> Source("users.csv", identifiers={"db_id": "id", "cookie": "partner_cookie"}).identifiers
    {'db_id': ('id',), 'cookie': ('partner_cookie',)}
    """

    data: Any
    identifiers: Mapping[str, str | Sequence[str]] | Sequence[str] = field(kw_only=True)
    event_id: str | None = field(default=None, kw_only=True)
    time: str | None = field(default=None, kw_only=True)
    name: str | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        given = self.identifiers
        if isinstance(given, str) or not isinstance(given, Iterable):
            raise SchemaError(
                "The identifiers of a source are a dict from type to column, or a list of names."
            )
        mapping = dict(given) if isinstance(given, Mapping) else {name: name for name in given}
        columns: dict[str, tuple[str, ...]] = {}
        for name, column in mapping.items():
            several = (column,) if isinstance(column, str) else tuple(column)
            if not several or not all(isinstance(c, str) and c for c in (name, *several)):
                raise SchemaError(
                    f"The identifier type {name!r} of a source needs the name of its column."
                )
            columns[name] = several
        if not columns:
            raise SchemaError(
                "A source needs at least one identifier, such as identifiers={'cookie': 'cookie_id'}."
            )
        for what in ("event_id", "time", "name"):
            if getattr(self, what) is not None and not isinstance(getattr(self, what), str):
                raise SchemaError(
                    f"The {what} of a source is the name of one column (for name: a name), as text."
                )
        object.__setattr__(self, "identifiers", columns)

    @property
    def columns(self) -> dict[str, tuple[str, ...]]:
        """The columns of each identifier type."""
        return cast("dict[str, tuple[str, ...]]", self.identifiers)  # __post_init__ made it one

    @classmethod
    def from_toml(cls, path: str | Path, replace_paths: Sequence[str | Path] = ()) -> list[Source]:
        """Read the ``[[source]]`` tables of a TOML file.

        Parameters
        ----------
        path : path
            The file. Relative paths in it are relative to its folder.
        replace_paths : sequence of path
            Files that take the place of the ``path`` of the sources of the same name.

        Returns
        -------
        list of Source
            In the order of the file.

        Raises
        ------
        SchemaError
            When a table names something that does not exist, or a file belongs to no source.
        """
        where = Path(path).name
        sources: list[Source] = []
        for table in read_toml(path).get("source", []):
            check_keys(
                table,
                ("path", "name", "event_id", "time", "identifiers"),
                f"a [[source]] of {where}",
            )
            check_present(table, ["path", "identifiers"], f"A [[source]] of {where}")
            rest = {key: value for key, value in table.items() if key != "path"}
            data = Path(path).parent / table["path"]
            sources.append(cls(str(data), **{"name": source_name(data), **rest}))
        for given in replace_paths:
            name = source_name(given)
            found = [n for n, source in enumerate(sources) if source.name == name]
            if not found:
                names = [str(source.name) for source in sources]
                raise SchemaError(
                    f"{Path(given).name} would be the source {name!r}, but {where} has no [[source]] of that name."
                    f" It has: {listing(names) or 'none'}.{did_you_mean(str(name), names)}"
                )
            sources[found[0]] = replace(sources[found[0]], data=str(given))
        return sources


def source_name(path: str | Path) -> str | None:
    """The name that a file gives its source: without folder and endings. A glob names its folder.

    Examples
    --------
    >>> source_name("data/visits.csv.gz"), source_name("data/visits/*.parquet")
    ('visits', 'visits')
    """
    for part in (Path(path), Path(path).parent):
        if not re.search(r"[*?\[]", part.name):
            return part.name.split(".")[0] or part.name or None
    return None
