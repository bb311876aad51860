"""What ``build`` is told in short, written out: a schema and its sources."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from xrefgraph.errors import SchemaError
from xrefgraph.schema import IdentifierType, Schema
from xrefgraph.sources import Source


def declared(
    sources: Any,
    schema: Schema | None,
    anchor: str | None,
    identifiers: Any,
    event_id: str | None,
    time: str | None,
) -> tuple[Schema, list[Source]]:
    """The schema and the sources, of what was given in short."""
    short = {"anchor": anchor, "identifiers": identifiers}
    if schema is not None and any(value is not None for value in short.values()):
        raise SchemaError("Give a schema, or anchor and identifiers, but not both.")
    several = _several(sources)
    if schema is None:
        mapping = _mapping(identifiers)
        if isinstance(sources, Source):
            mapping = mapping or {name: list(columns) for name, columns in sources.columns.items()}
        elif several and all(isinstance(one, Source) for one in sources):
            for one in sources:
                mapping = (
                    mapping | {name: name for name in one.columns if name not in mapping}
                    if identifiers is None
                    else mapping
                )
        names = ([anchor] if anchor else []) + [name for name in mapping if name != anchor]
        if not names:
            raise SchemaError(
                "Say which columns are identifiers: build(..., anchor='db_id', identifiers=['cookie'])."
            )
        schema = Schema([IdentifierType(name) for name in names], anchor=anchor)
        columns: Any = {anchor: anchor} | mapping if anchor else mapping
    else:
        if not isinstance(schema, Schema):
            raise SchemaError(f"schema is a Schema, not a {type(schema).__name__}.")
        columns = {name: name for name in schema.names}
    listed = []
    for one in sources if several else [sources]:
        if isinstance(one, Source):
            if event_id is not None or time is not None:
                raise SchemaError("A Source names its own columns: give it event_id and time.")
            listed.append(one)
        else:
            listed.append(Source(one, identifiers=columns, event_id=event_id, time=time))
    return schema, listed


def _several(sources: Any) -> bool:
    """Whether this is a list of sources, and not a list of rows."""
    if not isinstance(sources, list | tuple) or not sources:
        return False
    return not all(isinstance(one, Mapping) for one in sources)


def _mapping(identifiers: Any) -> dict[str, Any]:
    if identifiers is None:
        return {}
    if isinstance(identifiers, str):
        return {identifiers: identifiers}
    return (
        dict(identifiers)
        if isinstance(identifiers, Mapping)
        else {name: name for name in identifiers}
    )
