"""What people decided about single identifiers.

What the decisions come to, with each value in the form that it has in the graph, is in :mod:`xrefgraph.verdicts`; the files in which they stand are
read and written in :mod:`xrefgraph.decision_files`.
"""

from __future__ import annotations

import datetime as dt
import numbers
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from xrefgraph.errors import SchemaError, did_you_mean, listing

#: What can be decided, and what each has to name.
ACTIONS: Mapping[str, tuple[str, ...]] = {
    "block": ("identifier",),
    "detach": ("identifier", "events"),
    "link": ("a", "b"),
    "separate": ("a", "b"),
}

#: What stands in every decision, beside what its action names.
REMARKS = ("reason", "name", "author", "date")

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
                    f"The {part} of {inside(self.origin)} is text, not {type(text).__name__}."
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


def inside(origin: str) -> str:
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
        raise SchemaError(f"The {part!r} of {inside(origin)} is a type and a value, as a list.")
    kind, value = pair[0], _text(pair[1])
    if not isinstance(kind, str) or not kind:
        raise SchemaError(f"The {part!r} of {inside(origin)} begins with the name of a type.")
    if value is None:
        raise SchemaError(
            f"The value of the {part!r} of {inside(origin)} is text or a whole number, not"
            f" {type(pair[1]).__name__}."
        )
    if not value.strip():
        raise SchemaError(f"The value of the {part!r} of {inside(origin)} is blank.")
    return kind, value


def _events(given: Any, origin: str) -> tuple[str, ...]:
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise SchemaError(f"The events of {inside(origin)} are a list of their ids.")
    texts = tuple(_text(one) for one in given)
    if not all(text is not None and text.strip() for text in texts):
        raise SchemaError(
            f"The events of {inside(origin)} are ids, each a text that is not blank or a whole number."
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
            f"The date of {inside(origin)} is a date, or a text such as '2026-05-17'."
        ) from None
    return str(given)
