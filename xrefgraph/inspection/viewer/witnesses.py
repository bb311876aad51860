"""Who says so: the oldest events of each node of a page, and how many other profiles carry each value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from xrefgraph.inspection.draw.layout.labels import printable
from xrefgraph.inspection.draw.layout.scene import Scene
from xrefgraph.inspection.evidence.collapse import instant, micros
from xrefgraph.inspection.viewer.moments import told_time
from xrefgraph.linking.evidence import NO_TIME, spans

#: So many events are named of each node.
NAMED = 5


@dataclass(frozen=True)
class Witnesses:
    """The oldest events of a node.

    Parameters
    ----------
    events : tuple of (int, str, int)
        Source by its number, id, and time in microseconds (``NO_TIME`` for none); the oldest first.
    sources : tuple of int
        All sources of its events.
    """

    events: tuple[tuple[int, str, int], ...] = ()
    sources: tuple[int, ...] = ()


def witnesses_of(scene: Scene) -> list[Witnesses]:
    """Give the oldest events of each row, and behind them of each column.

    Notes
    -----
    Cost: one look at the events of the profile, each once for every row that it carries.
    """
    found, database = scene.drawn.found, scene.drawn.store.database
    rows = len(scene.rows)
    row = np.asarray(scene.row_of_identifier)[found.link[found.kept]].astype(np.int64)
    column = np.asarray(scene.column_of_group)
    shown = np.flatnonzero(column >= 0)
    group = np.concatenate([found.link_group[found.kept], shown]).astype(np.int64)
    node = np.concatenate([row, column[shown] + rows]).astype(np.int64)
    size = rows + len(scene.columns)
    keys = np.unique(group * size + node)
    group, node = keys // size, keys % size
    # Each group with its sets.
    order = np.argsort(found.set_group, kind="stable")
    start = np.searchsorted(found.set_group[order], np.arange(found.groups + 1))
    position, place = spans(start.astype(np.int64), group)
    sets, of = found.sets[order[position]], node[place]
    events = [one for one in scene.drawn.ends if one.is_event]
    gone = ", ".join(f"({one.source}, {one.position})" for one in events)
    without = f" AND (source, position) NOT IN ({gone})" if gone else ""
    seen: dict[int, Witnesses] = {}
    if len(sets):
        with database.registered(set_number=sets, node=of.astype(np.int32)) as lent:
            few = database.rows(
                "SELECT node, list_sort(list(DISTINCT source)),"
                f" min({{'time': coalesce(epoch_us(time), {NO_TIME + 1} - 1), 'source': source, 'position': position,"
                f" 'id': event_id::VARCHAR}}, {NAMED})"
                f" FROM (SELECT * FROM store.event WHERE set_number BETWEEN {sets.min()} AND {sets.max()}{without}) e"
                f" JOIN {lent} l USING (set_number) GROUP BY node"
            )
        seen = {
            n: Witnesses(
                tuple((one["source"], one["id"], one["time"]) for one in oldest), tuple(sources)
            )
            for n, sources, oldest in few
        }
    for place_of_event, one in enumerate(events, found.groups - len(events)):
        alone = Witnesses(
            ((int(one.source or 0), getattr(one.node, "event_id", ""), micros(one.time)),),
            (int(one.source or 0),),
        )
        span = slice(found.start[place_of_event], found.start[place_of_event + 1])
        carried = np.asarray(scene.row_of_identifier)[found.link[span][found.kept[span]]].tolist()
        for n in {
            *carried,
            int(column[place_of_event]) + rows if column[place_of_event] >= 0 else -1,
        } - {-1}:
            seen[n] = _with(seen.get(n, Witnesses()), alone)
    return [seen.get(n, Witnesses()) for n in range(size)]


def _with(some: Witnesses, more: Witnesses) -> Witnesses:
    # Of events at one time, that of the earlier source comes first.
    events = sorted({*some.events, *more.events}, key=lambda one: (one[2], one[0], one[1]))
    return Witnesses(tuple(events[:NAMED]), tuple(sorted({*some.sources, *more.sources})))


def carried_elsewhere(scene: Scene) -> dict[int, int]:
    """Say of each row of a single value how many profiles carry it that are not drawn: those with events that carry it, or whose it was.

    Notes
    -----
    Cost: a scan of all links for the values that are drawn.
    """
    drawn, database = scene.drawn, scene.drawn.store.database
    row_of = {one.number: n for n, one in enumerate(scene.rows) if one.number >= 0}
    if not row_of:
        return {}
    numbers = np.array(sorted(row_of), np.int32)
    with database.registered(identifier=numbers) as lent:
        values = database.arrays(
            f"SELECT no, identifier FROM store.value SEMI JOIN {lent} USING (identifier) ORDER BY no"
        )
    here = ", ".join(map(str, drawn.profiles))
    with database.registered(no=values["no"], whose=values["identifier"]) as lent:
        rows = database.rows(
            "SELECT whose, count(DISTINCT profile) FROM"
            f" (SELECT whose, s.profile FROM (SELECT set_number, whose FROM store.link JOIN {lent} USING (no))"
            "  JOIN store.eventset s USING (set_number)"
            f"  UNION SELECT whose, m.profile FROM store.member m JOIN {lent} USING (no))"
            f" WHERE profile IS NOT NULL AND profile NOT IN ({here}) GROUP BY whose"
        )
    return {row_of[number]: count for number, count in rows}


def told_events(events: Witnesses) -> list[list[Any]]:
    """Give events as a page has them: source, id, time in words; and the id as it is shown, where that is another text."""
    return [
        [
            source,
            event_id,
            told_time(instant(at)),
            *([text] if (text := printable(event_id)) != event_id else []),
        ]
        for source, event_id, at in events.events
    ]
