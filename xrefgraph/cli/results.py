"""A profile, read back from where it was written: a folder of results, or a graph in a file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from xrefgraph.database import Database
from xrefgraph.errors import UnknownError, did_you_mean, listing
from xrefgraph.graph import open as open_graph
from xrefgraph.results import results_format, scan_results


@dataclass(frozen=True)
class Shown:
    """A profile as it is printed: all its identifiers, and the first of its events."""

    id: str
    anchors: tuple[str, ...]
    ambiguous: bool
    identifiers: list[tuple[str, str]]
    events: list[tuple[Any, ...]]
    all_events: int


def of_graph(path: Path, kind: str, value: str, limit: int) -> Shown:
    """Read the profile of an identifier, with ``limit`` of its events, from a graph in a file."""
    with open_graph(path, read_only=True) as graph:
        profile = graph.profile(f"{kind}:{value}")
        # The graph has the times; it holds the links as well, which is why it is not asked for huge profiles.
        nodes = profile.graph.nodes if len(profile.events) < 100_000 else {}
        events = [
            (event.source, event.event_id, nodes[event]["time"] if event in nodes else None)
            for event in profile.events[:limit]
        ]
        return Shown(
            profile.id,
            profile.anchors,
            profile.is_ambiguous,
            list(profile.identifiers),
            events,
            len(profile.events),
        )


#: The columns that are read of each table of a results folder.
_READ = {
    "identifiers": ("type", "value", "profile_id", "status"),
    "profiles": ("profile_id", "anchor", "events", "ambiguous"),
    "events": ("source", "event_id", "time", "profile_id"),
}


def of_folder(folder: Path, kind: str, value: str, limit: int) -> Shown:
    """Read the same from a folder of results, by the values as they stand in it."""
    form = results_format(folder)
    database = Database()
    try:
        tables = {
            name: scan_results(folder / f"{name}.{form}", columns)
            for name, columns in _READ.items()
        }
        rows = database.rows(
            f"SELECT profile_id FROM {tables['identifiers']} WHERE type = $1 AND value = $2"
            " ORDER BY profile_id NULLS LAST",
            [kind, value],
        )
        if not rows or rows[0][0] is None:
            _say_unknown(database, tables["identifiers"], kind, refused=bool(rows), folder=folder)
        profile_id = rows[0][0]

        def of_profile(columns: str, table: str, most: str = "") -> list[tuple[Any, ...]]:
            query = f"SELECT {columns} FROM {tables[table]} WHERE profile_id = $1 {most}"
            return database.rows(query, [profile_id])

        identifiers = of_profile("type, value", "identifiers")
        ((count, ambiguous),) = of_profile("events, ambiguous", "profiles")
        events = of_profile("source, event_id, time", "events", f"LIMIT {limit}")
        # A profile with an anchor is named after it, which tells the type of the anchor.
        anchored = database.rows(
            f"SELECT profile_id FROM {tables['profiles']} WHERE anchor IS NOT NULL LIMIT 1"
        )
    finally:
        database.close()
    anchor = anchored[0][0].partition(":")[0] if anchored else None
    anchors = tuple(text for name, text in identifiers if name == anchor)
    return Shown(
        profile_id,
        anchors,
        ambiguous == "true",
        [(k, v) for k, v in identifiers],
        events,
        int(count),
    )


def _say_unknown(
    database: Database, identifiers: str, kind: str, *, refused: bool, folder: Path
) -> NoReturn:
    if refused:
        raise UnknownError(
            f"This {kind} links nothing: it was refused, or stands in contradictory events only."
            " See the table rejected."
        )
    types = [
        row[0] for row in database.rows(f"SELECT DISTINCT type FROM {identifiers} ORDER BY type")
    ]
    if kind not in types:
        raise UnknownError(
            f"{str(folder)!r} has no identifier type {kind!r}. It has: {listing(types) or 'none'}."
            f"{did_you_mean(kind, types)}"
        )
    raise UnknownError(
        f"No profile in {str(folder)!r} has this {kind}. It may not occur, or be spelled in another way."
    )
