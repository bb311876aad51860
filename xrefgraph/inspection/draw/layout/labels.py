"""Values as text in a drawing: shortened in the middle, and with nothing in them that does more than stand there."""

from __future__ import annotations

from xrefgraph.markup import printable, shortened

__all__ = ["plural", "printable", "shortened"]


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
