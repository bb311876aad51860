"""Rows that have one event id: repeats are counted once, contradictions are an error or a choice."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from xrefgraph.database import Database
from xrefgraph.errors import DuplicateEventError, SchemaError, counted, did_you_mean, listing
from xrefgraph.events import Staged
from xrefgraph.hygiene import blank_sql
from xrefgraph.schema import Schema
from xrefgraph.values import read_values

log = logging.getLogger(__name__)

CHOICES = ("error", "first", "last", "merge")


def check_choice(on_duplicate: str) -> None:
    """See that ``on_duplicate`` is one of its values."""
    if on_duplicate not in CHOICES:
        raise SchemaError(
            f"on_duplicate is one of {listing(CHOICES)}, not {on_duplicate!r}.{did_you_mean(str(on_duplicate), CHOICES)}"
        )


def have_repeats(database: Database, staged: Staged) -> bool:
    """Whether two rows of one source have the same event id.

    Integers that lie close together are marked in a bitmap; of all others, the 64-bit hashes are sorted, and
    only if two are equal the ids themselves are compared. Cost: one pass over the ids, 8 bytes an id.
    """
    if staged.rows < 2:
        return False
    if staged.integer_ids and len(staged.sources) == 1:
        low, high, count = database.row("SELECT min(event_id), max(event_id), count(*) FROM staged")
        if high - low < 16 * count + 1024:
            return bool(
                database.row(
                    f"SELECT bit_count(bitstring_agg(event_id, {low}, {high})) FROM staged"
                )[0]
                < count
            )
    several = len(staged.sources) > 1
    hashes = database.arrays(
        f"SELECT {'hash(event_id, source)' if several else 'hash(event_id)'} AS h FROM staged"
    )["h"]
    if not _some_equal(hashes):
        return False
    del hashes
    distinct = "SELECT count(*) FROM (SELECT DISTINCT source, event_id FROM staged)"
    return bool(database.row(distinct)[0] < staged.rows)


def _some_equal(hashes: npt.NDArray[np.uint64]) -> bool:
    """Whether two hashes are equal: sorted in two halves, side by side, since numpy sorts in one thread."""
    low = hashes < np.uint64(1 << 63)

    def repeats(half: npt.NDArray[np.uint64]) -> bool:
        half.sort()
        return bool((half[1:] == half[:-1]).any())

    with ThreadPoolExecutor(2) as pool:
        return any(list(pool.map(repeats, (hashes[low], hashes[~low]))))


def settle_repeats(
    database: Database, staged: Staged, schema: Schema, on_duplicate: str
) -> tuple[Staged, int]:
    """Make ``staged`` hold one row for each event.

    A repeat with the same identifiers (after normalising) is dropped; the event keeps its earliest time. With
    other identifiers it is an error, or what ``on_duplicate`` says. The rows are copied, so the cost is that
    of reading all sources once more.

    Returns
    -------
    (Staged, int)
        What is staged now, and how many rows were dropped.

    Raises
    ------
    DuplicateEventError
        When an event has several rows with different identifiers, and nobody said what to do.
    """
    ranks = range(len(schema.names))
    database.run(
        "CREATE TEMP TABLE repeated AS SELECT source, event_id FROM staged GROUP BY ALL HAVING count(*) > 1"
    )
    database.run(
        "CREATE TEMP TABLE repeats AS SELECT staged.* FROM staged JOIN repeated USING (source, event_id)"
    )
    _compare(database, staged, schema)
    others = database.rows(
        "SELECT source, event_id, min(position), max(position), count(*) FROM repeats JOIN carried USING (source, position)"
        " GROUP BY source, event_id HAVING count(DISTINCT carried) > 1 ORDER BY source, min(position)"
    )
    if others and on_duplicate == "error":
        source, event_id, first, last, _ = others[0]
        name = staged.sources[source].name
        rows = sum(other[4] for other in others)
        raise DuplicateEventError(
            f"{rows:,} of {counted(staged.rows, 'event')} of {name!r} have an event_id that another event has too"
            f" (first: {str(event_id)!r}, rows {first + 1:,} and {last + 1:,}), with other identifiers. Correct them, or"
            " say what to do: on_duplicate='first', 'last', or 'merge'.",
            source=name,
            event_id=str(event_id),
            rows=(first + 1, last + 1),
            count=rows,
        )
    best = "max" if on_duplicate == "last" else "min"
    # `first` and `last` are a row as it is; a repeat that says the same is the event at its earliest time.
    whole = on_duplicate in ("first", "last")
    time = f"arg_{best}_null(time, position)" if whole else "min(time)"
    raws = []
    for rank in ranks:
        if on_duplicate == "merge" and others:
            raws.append(_merged(rank, several=rank in staged.several))
        else:
            raws.append(f"arg_{best}_null(raw_{rank}, position) AS raw_{rank}")
    kept = [f"arg_{best}_null(kept_{n}, position) AS kept_{n}" for n in range(len(staged.kept))]
    one = f"SELECT source, {best}(position) AS position, event_id, {time} AS time, {', '.join([*raws, *kept])} FROM repeats GROUP BY source, event_id"
    rest = "SELECT * FROM staged ANTI JOIN repeated USING (source, event_id)"
    if on_duplicate == "merge" and others:
        lists = ", ".join(
            f"CASE WHEN raw_{rank} IS NOT NULL THEN [raw_{rank}] END AS raw_{rank}"
            for rank in ranks
            if rank not in staged.several
        )
        rest = f"SELECT * REPLACE ({lists}) FROM ({rest})" if lists else rest
    database.run(
        f"CREATE TEMP TABLE settled_events AS SELECT * FROM (({rest}) UNION ALL BY NAME ({one})) ORDER BY source, position"
    )
    dropped = staged.rows - int(database.row("SELECT count(*) FROM settled_events")[0])
    database.run("CREATE OR REPLACE TEMP VIEW staged AS SELECT * FROM settled_events")
    for table in ("repeated", "repeats", "carried"):
        database.run(f"DROP TABLE {table}")
    log.info("%s", counted(dropped, "repeated row"))
    several = frozenset(ranks) if on_duplicate == "merge" and others else staged.several
    return replace(staged, several=several), dropped


def _merged(rank: int, *, several: bool) -> str:
    values = f"flatten(list(raw_{rank}))" if several else f"list(raw_{rank})"
    kept = f"list_filter({values}, lambda x: x IS NOT NULL AND NOT ({blank_sql('x')}))"
    return f"nullif(list_sort(list_distinct({kept})), []) AS raw_{rank}"


def _compare(database: Database, staged: Staged, schema: Schema) -> None:
    """Make ``carried``: what each repeated row carries, after normalising, as one list to compare."""
    parts: list[str] = []
    for rank, kind in enumerate(schema.ranked):
        cell = f"unnest(raw_{rank})" if rank in staged.several else f"raw_{rank}"
        database.run(
            f"CREATE TEMP TABLE cells_{rank} AS SELECT source, position, {cell} AS raw FROM repeats WHERE raw_{rank} IS NOT NULL"
        )
        plain = read_values(
            database, f"SELECT DISTINCT raw FROM cells_{rank}", kind, f"read_{rank}"
        )
        # Refused values are compared as they are: they are on the event's row all the same.
        text = "raw" if plain else "coalesce(text, raw)"
        known = "" if plain else " WHERE text IS NOT NULL OR reason IS NOT NULL"
        parts.append(
            f"SELECT source, position, {rank} AS rank, {text} AS text FROM cells_{rank} JOIN read_{rank} USING (raw){known}"
        )
    texts = " UNION ALL ".join(parts)
    database.run(
        "CREATE TEMP TABLE carried AS SELECT repeats.source, repeats.position,"
        " coalesce(list(DISTINCT rank || ':' || text ORDER BY rank || ':' || text) FILTER (text IS NOT NULL), []) AS carried"
        f" FROM repeats LEFT JOIN ({texts}) USING (source, position) GROUP BY ALL"
    )
    for rank in range(len(schema.ranked)):
        database.run(f"DROP TABLE cells_{rank}")
        database.run(f"DROP TABLE read_{rank}")
