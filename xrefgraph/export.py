"""The result as a dict, and as a file a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from xrefgraph.database import Database, literal
from xrefgraph.errors import SchemaError, StoreError, XrefGraphError, did_you_mean, listing
from xrefgraph.events import StagedSource
from xrefgraph.files import beside
from xrefgraph.hygiene import native

FORMATS = {
    "parquet": "FORMAT parquet, DICTIONARY_SIZE_LIMIT 10000",
    "csv": "FORMAT csv, HEADER",
    "json": "FORMAT json",
}


class Natives:
    """Gives ids and anchors back as they came in.

    Parameters
    ----------
    database : Database
        Asked once for each source whose columns of text may be integers.
    sources : sequence of StagedSource
        The sources.
    events : str
        A query of the events table.
    """

    def __init__(
        self, database: Database, sources: Sequence[StagedSource], events: str, anchor: str | None
    ) -> None:
        self._sources = {source.name: source for source in sources}
        self.kinds: dict[tuple[str, str], str] = {}
        for source in sources:
            for role, declared in (("event_id", source.id_kind), ("anchor", source.anchor_kind)):
                kind = declared
                if declared == "infer":
                    column, where = (
                        ("event_id", "event_id[1] <> '#'")
                        if role == "event_id"
                        else ("via_value", f"via_type = {literal(str(anchor))}")
                    )
                    integers = database.row(
                        f"SELECT coalesce(bool_and(regexp_full_match({column}, '0|-?[1-9][0-9]*')), false) FROM ({events})"
                        f" WHERE source = {literal(source.name)} AND {where}"
                    )[0]
                    kind = "integer" if integers else "text"
                self.kinds[source.name, role] = kind

    def __call__(self, role: str, source: str, text: str) -> Any:
        """Give the id (role ``event_id``) or ``anchor`` back as its source had it."""
        odd = self._sources[source].exceptions.get(role, {})
        return native(text, odd.get(text, self.kinds[source, role]))


def nested_dict(
    database: Database,
    events: str,
    sources: Sequence[StagedSource],
    anchor: str | None,
    shape: str,
) -> dict[str, Any]:
    """Give ``{anchor type: {anchor value: {type: {value: [events]}}}}``.

    Parameters
    ----------
    database : Database
        Where the query runs.
    events : str
        A query of the events table, in input order.
    sources : sequence of StagedSource
        The sources, which know what ids and anchors were read from.
    anchor : str or None
        The anchor type.
    shape : {"ids", "keys", "records"}
        What stands for an event: its id, (source, id), or its row as a dict.
    """
    if anchor is None:
        raise SchemaError(
            "to_dict() lists events under their anchor, and the schema has none: Schema(..., anchor='db_id')."
        )
    if shape not in ("ids", "keys", "records"):
        raise SchemaError(
            f"events is 'ids', 'keys' or 'records', not {shape!r}.{did_you_mean(str(shape), ['ids', 'keys', 'records'])}"
        )
    as_came = Natives(database, sources, events, anchor)
    is_anchor = f"via_type::VARCHAR = {literal(anchor)}"
    first_seen: dict[str, str] = {}
    if len({as_came.kinds[source.name, "anchor"] for source in sources}) > 1 or any(
        s.exceptions for s in sources
    ):
        for source, value in database.rows(
            f"SELECT source, via_value FROM ({events}) WHERE {is_anchor}"
        ):
            first_seen.setdefault(value, source)
    default = sources[0].name if sources else ""
    found: dict[Any, Any] = {}

    def fetch(result: Any) -> None:
        names = [column[0] for column in result.description]
        for row in result.fetchall():
            record = dict(zip(names, row, strict=True))
            source, event_id = (
                record["source"],
                as_came("event_id", record["source"], record["event_id"]),
            )
            event = {
                "ids": event_id,
                "keys": (source, event_id),
                "records": {**record, "event_id": event_id},
            }[shape]
            value = as_came("anchor", first_seen.get(record["anchor"], default), record["anchor"])
            if shape == "records":
                event["anchor"] = value
            of_type = found.setdefault(value, {}).setdefault(record["via_type"], {})
            of_type.setdefault(record["via_value"], []).append(event)

    database.fetch(
        f"SELECT * FROM ({events}) WHERE status = 'anchored' AND NOT ({is_anchor})", fetch
    )
    return {anchor: found}


def check_format(form: str) -> None:
    """See that a format is known."""
    if form not in FORMATS:
        raise XrefGraphError(
            f"format is one of {listing(FORMATS)}, not {form!r}.{did_you_mean(str(form), FORMATS)}"
        )


def write_tables(
    database: Database, tables: Mapping[str, str], folder: str | Path, form: str
) -> list[Path]:
    """Write a file a table. A reader sees a file whole, or not at all.

    Parameters
    ----------
    database : Database
        Where the queries run.
    tables : mapping of str to str
        The query of each table.
    folder : path
        Made if it is not there. Other files in it are left alone.
    form : {"parquet", "csv", "json"}
        The format.

    Returns
    -------
    list of Path

    Raises
    ------
    StoreError
        When a file cannot be written, such as on a full disk. What was there before is still there.
    """
    check_format(form)
    target = Path(folder)
    if target.exists() and not target.is_dir():
        raise StoreError(f"{str(folder)!r} is a file; the results need a folder.", path=str(folder))
    with beside(target) as temporary:
        for name, query in tables.items():
            path = temporary / f"{name}.{form}"
            database.run(f"COPY ({query}) TO {literal(str(path))} ({FORMATS[form]})")
        try:
            target.mkdir(parents=True, exist_ok=True)
            for name in tables:
                (temporary / f"{name}.{form}").replace(target / f"{name}.{form}")
        except OSError as error:
            raise StoreError(
                f"{str(folder)!r} cannot be written: {error.strerror}.", path=str(folder)
            ) from None
    return [target / f"{name}.{form}" for name in tables]
