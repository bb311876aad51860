"""Every exception of the package, drawn as a tree.

::

    XrefGraphError
    ├── SchemaError (ValueError)         what the user declared contradicts itself
    ├── SourceError (ValueError)         what a source holds cannot be read as declared
    │   ├── DuplicateEventError          one event id, different identifiers
    │   └── SourceChangedError           a file changed while, or after, it was read
    ├── UnknownError (LookupError)       no such profile, identifier, event or option
    ├── StoreError (OSError)             a file could not be read or written
    └── GraphClosedError (ValueError)    the graph was closed

An error says what is wrong, how many, where first, and what to do. Identifier values are personal
data: a message names sources, columns, rows, event ids and types; values are only in ``facts``.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any, Self


class XrefGraphError(Exception):
    """The base of every error of this package.

    Parameters
    ----------
    message : str
        What is wrong, how many, where first, and what to do.
    **facts : object
        The same as data. Each is an attribute of the error.

    Examples
    --------
    >>> error = XrefGraphError("2 rows of 'visits' are odd.", source="visits", count=2)
    >>> error.source, error.count
    ('visits', 2)
    """

    def __init__(self, message: str, **facts: Any) -> None:
        super().__init__(message)
        self.message = message
        self.facts = facts
        self.__dict__.update(facts)

    def __str__(self) -> str:
        return self.message

    def __getattr__(self, name: str) -> Any:
        # Only reached for what is not there: tells type checkers that facts are attributes.
        raise AttributeError(name)

    def __reduce__(self) -> tuple[Any, ...]:
        # The default would call the class with the message alone, and lose the facts.
        return _restore, (type(self), self.message, self.facts)


def _restore(kind: type[XrefGraphError], message: str, facts: dict[str, Any]) -> XrefGraphError:
    return kind(message, **facts)


class SchemaError(XrefGraphError, ValueError):
    """What the user declared contradicts itself, or asks for something that does not exist."""


class SourceError(XrefGraphError, ValueError):
    """A source does not hold what was declared, or cannot be read as declared."""


class DuplicateEventError(SourceError):
    """Several rows have one event id, but not the same identifiers."""


class SourceChangedError(SourceError):
    """A file that is read in place is not the file that was read before."""


class UnknownError(XrefGraphError, LookupError):
    """There is no such profile, identifier, event or option."""


class StoreError(XrefGraphError, OSError):
    """A file or folder could not be read or written."""

    def __new__(cls, *args: Any, **_facts: Any) -> Self:
        """Build the error; the facts go to ``__init__`` only."""
        # OSError builds itself in __new__, and would refuse the keyword arguments.
        return super().__new__(cls, *args)


class GraphClosedError(XrefGraphError, ValueError):
    """The graph was closed: its tables are gone."""


def did_you_mean(word: str, choices: Iterable[str]) -> str:
    """Offer the nearest of the known words, as a sentence to put behind a message.

    Parameters
    ----------
    word : str
        What was given. Never an identifier value.
    choices : iterable of str
        What there is.

    Returns
    -------
    str
        ``" Did you mean 'cookie'?"``, or nothing where no word is near.

    Examples
    --------
    >>> did_you_mean("cookie_id", ["db_id", "cookie", "event_id"])
    " Did you mean 'cookie'?"
    """
    known = {choice.casefold(): choice for choice in choices}
    near = difflib.get_close_matches(str(word).casefold(), known, n=1, cutoff=0.6)
    return f" Did you mean {known[near[0]]!r}?" if near else ""


def listing(names: Iterable[str], most: int = 20) -> str:
    """Names for a message: the first of them, and how many more there are."""
    every = list(names)
    shown = ", ".join(every[:most])
    return shown if len(every) <= most else f"{shown}, and {len(every) - most:,} more"


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """A number with its noun: ``counted(1, "row") == "1 row"``, ``"5,000 rows"``."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"
