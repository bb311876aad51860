"""Values as text in a drawing: shortened in the middle, and with nothing in them that does more than stand there."""

from __future__ import annotations

import unicodedata

#: Characters that are shown by themselves though they are neither letters nor signs.
_PLAIN = {" "}


def printable(text: str) -> str:
    r"""Give a text in which each character that has no look of its own is written out.

    Line breaks, control characters, marks of direction and of no width would change the look of what is around them.

    Examples
    --------
    >>> printable("a\nb\u202ec")
    'a\\nb\\u202ec'
    >>> printable("né ☕")
    'né ☕'
    """
    if text.isprintable():
        return text
    return "".join(one if one in _PLAIN or one.isprintable() else _written(one) for one in text)


def _written(character: str) -> str:
    known = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}
    code = ord(character)
    if character in known:
        return known[character]
    if unicodedata.category(character) == "Zs":
        return " "
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def shortened(text: str, most: int = 28) -> str:
    """Shorten a text in its middle: what tells values apart is at their ends.

    Examples
    --------
    >>> shortened("anna.maria.schmidt@mail.example.org", 20)
    'anna.mari…xample.org'
    """
    if len(text) <= most:
        return text
    front = max((most - 1) // 2, 1)
    back = most - 1 - front
    return f"{text[:front]}…{text[len(text) - back :] if back else ''}"


def plural(name: str) -> str:
    """Give the plural of the name of a type.

    Examples
    --------
    >>> plural("cookie"), plural("city"), plural("address")
    ('cookies', 'cities', 'addresses')
    """
    if name.endswith(("s", "x", "z", "ch", "sh")):
        return f"{name}es"
    if name.endswith("y") and name[-2:-1] not in "aeiou":
        return f"{name[:-1]}ies"
    return f"{name}s"
