"""Configuration files: TOML as tables, and tables as TOML. What a table means is the business of others.

Functions on plain dicts: they know no schema and no source, so that these can be read from a file, and written
into one, without a cycle.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tomli_w

from xrefgraph.errors import SchemaError, StoreError, did_you_mean, listing

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def read_toml(path: str | Path) -> dict[str, Any]:
    """Read a TOML file.

    Raises
    ------
    StoreError
        When there is no such file.
    SchemaError
        When it is not TOML.
    """
    try:
        return tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise StoreError(f"There is no file {str(path)!r}.", path=str(path)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SchemaError(f"{Path(path).name} is not a TOML file: {error}") from None


def check_keys(table: Mapping[str, Any], known: Sequence[str], where: str) -> None:
    """See that a table has no key that nobody knows, and offer the nearest that there is."""
    for key in table:
        if key not in known:
            raise SchemaError(
                f"There is no {key!r} in {where}. It may have: {listing(known)}.{did_you_mean(key, known)}"
            )


def check_present(table: Mapping[str, Any], needed: Sequence[str], where: str) -> None:
    """See that a table has the keys without which it says nothing."""
    for key in needed:
        if key not in table:
            raise SchemaError(f"{where} has no {key}.")


def set_fields(declared: DataclassInstance) -> dict[str, Any]:
    """Give what was declared as a table, with only what is not the default.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> @dataclass
    ... class Shelf:
    ...     name: str
    ...     colours: tuple[str, ...] = ()
    ...     wide: bool = False
    >>> set_fields(Shelf("books", ("red",)))
    {'name': 'books', 'colours': ['red']}
    """
    table: dict[str, Any] = {}
    for one in fields(declared):
        value = getattr(declared, one.name)
        default = one.default_factory() if one.default_factory is not MISSING else one.default
        if value != default:
            table[one.name] = list(value) if isinstance(value, tuple) else value
    return table


def write_toml(data: Mapping[str, Any]) -> str:
    """Give tables as the text of a TOML file; a list of tables is written as ``[[name]]``.

    Examples
    --------
    >>> print(write_toml({"anchor": "db_id", "type": [{"name": "cookie", "shared_with": {"db_id": 1}}]}))
    anchor = "db_id"
    <BLANKLINE>
    [[type]]
    name = "cookie"
    <BLANKLINE>
    [type.shared_with]
    db_id = 1
    <BLANKLINE>
    """
    lists = {
        name: value
        for name, value in data.items()
        if isinstance(value, list) and all(isinstance(one, Mapping) for one in value)
    }
    single = {name: value for name, value in data.items() if name not in lists}
    # Put together, since the library writes short tables into one line.
    tables = [_one_of(name, table) for name, several in lists.items() for table in several]
    return "\n".join([*([tomli_w.dumps(single)] if single else []), *tables])


def _one_of(name: str, table: Mapping[str, Any]) -> str:
    inner = {key: value for key, value in table.items() if isinstance(value, Mapping)}
    plain = {key: value for key, value in table.items() if key not in inner}
    # Within [[name]], a table of its own is [name.key].
    below = f"\n{tomli_w.dumps({name: inner})}" if inner else ""
    return f"[[{name}]]\n{tomli_w.dumps(plain)}{below}"
