"""What a drawing says in words: what it is about, how large that is, and what is suspected."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np

from xrefgraph.errors import counted
from xrefgraph.inspection.answers import series
from xrefgraph.inspection.draw.layout.labels import plural, printable, shortened
from xrefgraph.inspection.draw.layout.scene import Row, Scene, Suspicion

#: Values in sentences are cut to so many characters; so many of several are named.
LONG, NAMED = 32, 3


def shown_name(row: Row, anchor: str | None = None) -> str:
    """Name a row in a sentence: by its type and value; of the anchor's type the value is enough."""
    value = printable(shortened(row.text, LONG))
    if row.node is None or (anchor is not None and row.kind == anchor):
        return value
    return f"{printable(shortened(row.kind, LONG))} {value}"


def named_series(names: Sequence[str], count: int) -> str:
    """Put some names of so many into a row: ``A, B and 2 others``."""
    most = NAMED if count <= NAMED else NAMED - 1
    told = list(names[:most])
    if count > len(told):
        told.append(counted(count - len(told), "other"))
    return series(told)


def title_of(scene: Scene) -> str:
    """Say what a scene is about, as a title."""
    owners = [shown_name(scene.rows[row], scene.anchor) for row in scene.owners]
    if len(owners) > 1:
        who = named_series(owners, max(scene.owner_count, len(owners)))
        if len(scene.profile_ids) > 1:
            return f"What do {who} share, and where are they kept apart?"
        return f"Why are {who} one profile?"
    if len(scene.profile_ids) > 1:
        return named_series(_ids(scene), len(scene.profile_ids))
    return f"Profile {_ids(scene)[0]}"


def _ids(scene: Scene) -> list[str]:
    return [printable(shortened(one, LONG)) for one in scene.profile_ids]


def sizes_of(scene: Scene) -> str:
    """Say how large a scene is: ``404 events, 130 identifiers, 2 db_ids``."""
    said = [counted(scene.events, "event"), counted(scene.identifiers, "identifier")]
    kinds = {scene.rows[row].kind for row in scene.owners}
    if len(kinds) == 1 and scene.owner_count > 1:
        kind = printable(shortened(kinds.pop(), LONG))
        if kind != "event":
            said.append(counted(scene.owner_count, kind, plural(kind)))
    if len(scene.profile_ids) > 1:
        said.append(counted(len(scene.profile_ids), "profile"))
    return ", ".join(said)


def facts_of(scene: Scene) -> str:
    """Say how large a scene is, and what is suspected of joining its owners."""
    said = [f"{sizes_of(scene)}.", *suspected(scene)]
    cut = sum(len(column.cut) > 0 for column in scene.columns)
    if cut:
        said.append(f"Links of {counted(cut, 'event group')} were cut.")
    return " ".join(said)


def suspected(scene: Scene) -> list[str]:
    """Say what is suspected of joining owners, in sentences; one for all pairs that the same value joins."""
    by_cause: dict[tuple[tuple[int, ...], tuple[int, ...]], list[Suspicion]] = {}
    for one in scene.suspicions:
        if one.rows or one.columns:
            by_cause.setdefault((one.rows, one.columns), []).append(one)
    told = []
    for (rows, columns), some in list(by_cause.items())[:NAMED]:
        them = dict.fromkeys(row for one in some for row in one.pair)
        whom = "them"
        if len(them) < len(scene.owners):
            names = [shown_name(scene.rows[row], scene.anchor) for row in sorted(them)]
            whom = named_series(names, len(names))
        every = all(one.every_route for one in some)
        told.append(_joins(scene, rows, columns, whom, every=every))
    more = len(by_cause) - len(told)
    if more:
        told.append(f"{counted(more, 'more weak place')} between others.")
    return told


def _joins(
    scene: Scene, rows: Sequence[int], columns: Sequence[int], whom: str, *, every: bool
) -> str:
    if rows:
        what = named_series([shown_name(scene.rows[row]) for row in rows], len(rows))
        events = carriers(scene, rows)
    else:
        shown = [scene.columns[n] for n in columns if n >= 0]
        events = sum(one.events for one in shown)
        what = "one event" if events == 1 else f"{events:,} alike events"
    share = f"{events:,} of {counted(scene.events, 'event')}"
    if every:
        return f"Every way between {whom} passes {what} ({share})."
    if len(rows) > 1:
        return f"{what} together are the weakest place between {whom} ({share})."
    return f"{what} is the weakest place between {whom} ({share})."


def carriers(scene: Scene, rows: Sequence[int]) -> int:
    """Count the events that carry one of some rows: each once, and those of links that were cut with them."""
    found = scene.drawn.linked
    links = np.isin(scene.row_of_identifier[found.link], list(rows)) & found.kept
    return int(found.events[np.unique(found.link_group[links])].sum())


def omitted(scene: Scene, left_off: int, labels: int = 0) -> tuple[str, str]:
    """Say what is put together and what is not drawn: in full, and in short; empty where everything is drawn.

    Parameters
    ----------
    scene : Scene
        As it is drawn.
    left_off : int
        How many identifiers it lacks, for want of room.
    labels : int
        How many labels are not drawn.
    """
    said = [scene.folding] if scene.folding else []
    short = []
    if left_off:
        said.append(f"+{counted(left_off, 'identifier')} not drawn, for want of room")
        short.append(f"+{counted(left_off, 'identifier')}")
    if scene.hidden_events:
        short.append(f"+{counted(scene.hidden_events, 'event')}")
    if labels:
        said.append(f"+{counted(labels, 'label')} not drawn")
        short.append(f"+{counted(labels, 'label')}")
    if scene.pairs_left_off:
        said.append(f"{counted(scene.pairs_left_off, 'more meeting')} of owners not looked at")
    return "; ".join(said), f"{', '.join(short)} not drawn" if short else ""


def reasons_of(scene: Scene, row: int) -> tuple[str, ...]:
    """Say in a few words, and in fewer, why a row is suspected: ``joins U1001 and U1002: every way passes it``."""
    some = [one for one in scene.suspicions if row in one.rows]
    them = sorted({end for one in some for end in one.pair})
    names = [shown_name(scene.rows[end], scene.anchor) for end in them]
    kinds = sorted({scene.rows[end].kind for end in them})
    # Of what was cut it is said what it would do.
    joins = "joins" if len(scene.profile_ids) == 1 else "would join"
    short = f"{joins} {counted(len(them), 'owner')}"
    if len(kinds) == 1:
        kind = printable(shortened(kinds[0], LONG))
        short = f"{joins} {counted(len(them), kind, plural(kind))}"
    alone = all(len(one.rows) == 1 for one in some)
    if alone and all(one.every_route for one in some):
        why = ": every way passes it"
    elif alone:
        why = ": the weakest place"
    else:
        why = f", with {counted(max(len(one.rows) for one in some) - 1, 'other')}"
    long = f"{joins} {named_series(names, len(names))}"
    return f"{long}{why}", f"{short}{why}", short


def span_text(first: dt.datetime | None, last: dt.datetime | None) -> str:
    """Say when something was, as short as it can be said: ``14-15 Mar 2026``; nothing where there is no time.

    Examples
    --------
    >>> span_text(dt.datetime(2026, 3, 14), dt.datetime(2026, 3, 15))
    '14–15 Mar 2026'
    >>> span_text(dt.datetime(2026, 3, 14, 8), dt.datetime(2026, 3, 14, 9))
    '14 Mar 2026'
    >>> span_text(dt.datetime(2025, 12, 31), dt.datetime(2026, 1, 2))
    '31 Dec 2025 – 2 Jan 2026'
    """
    if first is None or last is None:
        return ""
    begin, end = first.date(), last.date()
    if begin == end:
        return _day(end)
    if begin.year != end.year:
        return f"{_day(begin)} – {_day(end)}"
    if begin.month != end.month:
        return f"{begin.day} {_MONTHS[begin.month - 1]} – {_day(end)}"
    return f"{begin.day}–{_day(end)}"


#: Whatever language the machine speaks.
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _day(day: dt.date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
