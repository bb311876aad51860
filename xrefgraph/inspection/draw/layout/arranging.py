"""A scene in another order, or with less in it: by type, by time, or as much as there is room for."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from xrefgraph.errors import SchemaError, did_you_mean
from xrefgraph.inspection.draw.layout.composing import COLUMNS, ROWS, USED, scene_of
from xrefgraph.inspection.draw.layout.scene import Column, Row, Scene, Suspicion

#: The orders in which rows and columns may stand.
ORDERS = ("potential", "type", "time")


def scene_within(asked: Any, rows: int = ROWS, columns: int = COLUMNS) -> Scene:
    """Prepare what is drawn with no more rows than these, if owners, suspects and the shortest ways leave room for it.

    Parameters
    ----------
    asked : Profile, an answer about profiles, Drawn, or Scene
        What is drawn. A scene is given back as it is.
    rows, columns : int
        As for :func:`~xrefgraph.inspection.draw.layout.composing.scene_of`. Of many owners fewer of the most used identifiers of each side are
        kept, but at least one.
    """
    scene = scene_of(asked, rows=rows, columns=columns, used=USED)
    sides = max(len(scene.owners), 1)
    over = len(scene.rows) - max(rows, 1)
    if isinstance(asked, Scene) or over <= 0 or sides < 2:
        return scene
    used = max(USED - math.ceil(over / sides), 1)
    return scene_of(scene.drawn, rows=rows, columns=columns, used=used)


def reordered(scene: Scene, order: str) -> Scene:
    """Put the rows and the columns of a scene into another order.

    Parameters
    ----------
    scene : Scene
        What is drawn.
    order : {"potential", "type", "time"}
        ``potential`` is that of the scene: from owner to owner. ``type``: strongest type first. ``time``: what was seen first comes
        first, and what has no time last.

    Raises
    ------
    SchemaError
        When there is no such order.
    """
    if order not in ORDERS:
        raise SchemaError(
            f"order is {', '.join(map(repr, ORDERS[:-1]))} or {ORDERS[-1]!r}, not {order!r}.{did_you_mean(str(order), ORDERS)}"
        )
    if order == "potential":
        return scene
    rows, columns = range(len(scene.rows)), range(len(scene.columns))
    if order == "time":
        return arranged(
            scene,
            sorted(rows, key=lambda n: (_moment(scene.rows[n]), n)),
            sorted(columns, key=lambda n: (_moment(scene.columns[n]), n)),
        )
    # An event that was asked for has no type: it comes last.
    last = len(scene.types)
    by_type = sorted(
        rows, key=lambda n: (last if scene.rows[n].rank < 0 else scene.rows[n].rank, n)
    )
    place = {row: n for n, row in enumerate(by_type)}
    carried = {n: sorted(place[row] for row in scene.columns[n].rows) for n in columns}
    return arranged(scene, by_type, sorted(columns, key=lambda n: (carried[n], n)))


def _moment(one: Row | Column) -> tuple[bool, Any]:
    return one.first is None, one.first or 0


def fitted(scene: Scene, rows: int, columns: int) -> tuple[Scene, int]:
    """Leave off what there is no room for.

    Parameters
    ----------
    scene : Scene
        What is drawn.
    rows, columns : int
        How many there is room for; two rows and a column are always kept.

    Returns
    -------
    scene, left_off
        The scene, and how many identifiers stand in the rows that it lacks. Owners and what is suspected stay to the last, then what lies
        on the shortest ways, then what most events carry. Columns of which no two rows are left come last, and what is left off is counted
        in the scene.
    """
    rows, columns = max(rows, 2), max(columns, 1)
    kept = list(range(len(scene.rows)))
    if len(kept) > rows:

        def need(n: int) -> tuple[Any, ...]:
            row = scene.rows[n]
            several = row.node is None
            return (
                not row.is_culprit,
                not row.is_owner,
                not row.on_route,
                several,
                -row.events,
                n,
            )

        kept = sorted(sorted(kept, key=need)[:rows])
    there = set(kept)
    shown = [n for n, one in enumerate(scene.columns) if there.intersection(one.rows)]
    if len(shown) > columns:
        culprits = set(scene.culprits)

        def use(n: int) -> tuple[Any, ...]:
            one = scene.columns[n]
            bad = not (one.is_culprit or culprits.intersection(one.rows))
            alone = len(there.intersection(one.rows)) < min(2, len(one.rows))
            return bad, alone, -one.events, n

        shown = sorted(sorted(shown, key=use)[:columns])
    gone = sum(row.count for n, row in enumerate(scene.rows) if n not in there)
    return arranged(scene, kept, shown), gone


def arranged(scene: Scene, rows: Sequence[int], columns: Sequence[int]) -> Scene:
    """Give the scene with these rows and columns of it, in this order.

    Parameters
    ----------
    scene : Scene
        What is drawn.
    rows, columns : sequence of int
        Their places in it, each once. Columns that are not among them are counted as not drawn.
    """
    place = {row: n for n, row in enumerate(rows)}
    of_column = np.full(len(scene.columns) + 1, -1, np.int64)
    of_column[list(columns)] = np.arange(len(columns))
    of_row = np.full(len(scene.rows) + 1, -1, np.int64)
    of_row[list(rows)] = np.arange(len(rows))
    gone = set(range(len(scene.columns))).difference(columns)

    def still(some: Sequence[int]) -> tuple[int, ...]:
        return tuple(place[one] for one in some if one in place)

    # An owner without a row has no side.
    left = [n for n, row in enumerate(scene.owners) if row in place]
    side = {old: new for new, old in enumerate(left)}

    def owner(old: int | None) -> int | None:
        return None if old is None else side.get(old)

    return replace(
        scene,
        rows=tuple(replace(scene.rows[one], owner=owner(scene.rows[one].owner)) for one in rows),
        columns=tuple(
            replace(
                scene.columns[one],
                owner=owner(scene.columns[one].owner),
                rows=tuple(sorted(still(scene.columns[one].rows))),
                cut=tuple(sorted(still(scene.columns[one].cut))),
            )
            for one in columns
        ),
        owners=still(scene.owners),
        suspicions=tuple(
            Suspicion(
                still(one.pair),  # type: ignore[arg-type]  # owners are left off last of all
                still(one.rows),
                tuple(int(of_column[n]) for n in one.columns if n >= 0),
                one.every_route,
            )
            for one in scene.suspicions
            if len(still(one.pair)) == 2
        ),
        decided=tuple(
            sorted((min(pair), max(pair)) for one in scene.decided if len(pair := still(one)) == 2)
        ),
        folded=sum(scene.rows[one].count for one in rows if scene.rows[one].node is None),
        hidden_columns=scene.hidden_columns + len(gone),
        hidden_events=scene.hidden_events + sum(scene.columns[one].events for one in gone),
        column_of_group=of_column[scene.column_of_group],
        row_of_identifier=of_row[scene.row_of_identifier],
    )
