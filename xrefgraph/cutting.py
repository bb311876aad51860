"""The links that were cut, event by event: by which rule, why, and what they keep apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from xrefgraph.database import Database, literal
from xrefgraph.identifiers import Ints
from xrefgraph.restrictions import Restrictions
from xrefgraph.schema import Schema
from xrefgraph.settling import Settled


def store_cuts(
    database: Database,
    schema: Schema,
    settled: Settled,
    restrictions: Restrictions,
    bounds: tuple[int, ...],
    set_keys: tuple[str, npt.NDArray[np.uint64]] | None,
) -> None:
    """Make ``store.cut``: a row for each event and identifier whose link was cut, in input order.

    Columns: source, position and event_id; no, the identifier; rule; reason; a and b, which the cut keeps apart.

    Parameters
    ----------
    database, schema, settled, restrictions, bounds
        What the stages of the build gave; the view ``staged`` is there.
    set_keys : (str, uint64[sets]), optional
        What :func:`xrefgraph.identifiers.set_keys` gives; needed where all events of a set lose a link.
    """
    database.run(
        "CREATE TEMP TABLE cut_link (source SMALLINT, position BIGINT, key UBIGINT, no INTEGER, rule VARCHAR, reason VARCHAR,"
        " a INTEGER, b INTEGER)"
    )
    cuts, single = settled.cuts, settled.cut_events
    where: dict[str, Any] = {} if single is None else vars(single)
    if single is None and set_keys is not None:
        where = {"key": set_keys[1][cuts.at]}
    if len(cuts):
        place = "NULL, NULL, key" if single is None else "source, position, NULL"
        reasons = _reasons(schema, settled, restrictions, bounds)
        with database.registered(
            **where, no=cuts.identifier, why=reasons, a=cuts.a, b=cuts.b
        ) as lent:
            database.run(
                f"INSERT INTO cut_link SELECT {place}, no, {literal(schema.policy.name)}, {_reason_sql(schema)},"
                f" CASE WHEN a >= 0 THEN a END, CASE WHEN b >= 0 THEN b END FROM {lent}"
            )
    detached = restrictions.detached
    if len(detached) and set_keys is not None:
        with database.registered(
            key=set_keys[1][detached >> 32],
            no=(detached & 0x7FFFFFFF).astype(np.int32),
            said=np.array([one or "" for one in restrictions.reasons], dtype=object),
        ) as lent:
            database.run(
                f"INSERT INTO cut_link SELECT NULL, NULL, key, no, 'detach', nullif(said::VARCHAR, ''), NULL, NULL FROM {lent}"
            )
    found = []
    if set_keys is not None:
        keyed = f"SELECT *, {set_keys[0]} AS key FROM staged"
        found.append(_at_events(keyed, "e.key = c.key"))
    if single is not None or not found:
        by_place = "e.position = c.position AND e.source = c.source"
        found.append(_at_events("SELECT * FROM staged", by_place))
    # Where nothing is cut, no event need be read.
    query = " UNION ALL ".join(found) + ("" if len(cuts) or len(detached) else " LIMIT 0")
    database.run(
        f"CREATE TABLE store.cut AS SELECT * FROM ({query}) ORDER BY source, position, no, rule"
    )
    database.run("DROP TABLE cut_link")


def _at_events(events: str, condition: str) -> str:
    return (
        "SELECT e.source, e.position, e.event_id::VARCHAR AS event_id, c.no, c.rule, c.reason, c.a, c.b"
        f" FROM ({events}) e JOIN cut_link c ON {condition}"
    )


def _reasons(
    schema: Schema, settled: Settled, restrictions: Restrictions, bounds: tuple[int, ...]
) -> Ints:
    """Why each cut was made: the rank of the type of which there would be too many, -1 for a decision, or one past the ranks."""
    cuts = settled.cuts
    rank = (np.searchsorted(bounds, cuts.a, side="right") - 1).astype(np.int32)
    if len(restrictions.separated):
        low, high = np.minimum(cuts.a, cuts.b), np.maximum(cuts.a, cuts.b)
        pair = low.astype(np.int64) << 32 | high
        decided = restrictions.separated[:, 0].astype(np.int64) << 32 | restrictions.separated[:, 1]
        rank[np.isin(pair, decided)] = -1
    rank[settled.chosen] = len(schema.names)
    return rank


def _reason_sql(schema: Schema) -> str:
    reasons: list[str] = []
    for kind in schema.ranked:
        unique = kind.unique or kind.limit is None
        reasons.append(
            f"two values of {kind.name}"
            if unique
            else f"more than {kind.limit} values of {kind.name}"
        )
    reasons.append("the function keeps them apart")
    return _case("why", [(-1, "a decision keeps them apart"), *enumerate(reasons)])


def _case(number: str, texts: Sequence[tuple[int, str]]) -> str:
    return f"CASE {number} {' '.join(f'WHEN {n} THEN {literal(text)}' for n, text in texts)} END"
