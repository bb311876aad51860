"""All that a page shows, as plain lists and texts that JSON has: with values hidden where they are to be."""

from __future__ import annotations

from typing import Any

from xrefgraph.errors import SchemaError, did_you_mean
from xrefgraph.inspection.answers import Answer
from xrefgraph.inspection.draw.layout.composing import scene_of
from xrefgraph.inspection.draw.layout.labels import plural, printable, shortened
from xrefgraph.inspection.draw.layout.masking import (
    MASKS,
    Hide,
    hidden_by,
    masked_id,
    masked_node,
)
from xrefgraph.inspection.draw.layout.scene import Column, Row, Scene
from xrefgraph.inspection.draw.layout.stress import apart, node_positions
from xrefgraph.inspection.draw.layout.subject import drawn_of
from xrefgraph.inspection.draw.styles import (
    EVENT,
    SIDES,
    glyphs,
    side_colour,
    text_on,
    type_colours,
)
from xrefgraph.inspection.evidence.looks import look_of
from xrefgraph.inspection.masking import masked
from xrefgraph.inspection.subjects import name_of
from xrefgraph.inspection.viewer.lumps import lumps_of
from xrefgraph.inspection.viewer.moments import Moments, moments_of, told_time
from xrefgraph.inspection.viewer.sentences import (
    Leg,
    Words,
    paths_of,
    sentences_of,
    size_of,
    why_of,
)
from xrefgraph.inspection.viewer.witnesses import (
    Witnesses,
    carried_elsewhere,
    told_events,
    witnesses_of,
)
from xrefgraph.networks import IdentifierNode

#: So many nodes are drawn at most. Of a profile that has more, fewer are drawn: so many that they can still be told apart.
NODES, FOLDED = 1_500, 450
#: Of a sentence that is longer, values are shortened to so many characters.
LONG, IN_SENTENCE = 1_200, 60


def contents_of(asked: Any, *, mask: Any = None, nodes: int = NODES) -> dict[str, Any]:
    """Prepare what a page shows.

    Parameters
    ----------
    asked : Profile, or an answer about profiles
        What the page is about.
    mask : {"partial", "hash"} or None
        How values are hidden. They are hidden here, before anything is written.
    nodes : int
        How many nodes are drawn at most.

    Returns
    -------
    dict
        Of plain lists, texts and numbers. Rows and columns are named by their places.
    """
    checked(mask, nodes)
    scene = page_scene(asked, nodes)
    hide = hidden_by(mask, scene.drawn.store)
    why = why_of(asked, scene)
    moments, seen = moments_of(scene), witnesses_of(scene)
    places = apart(node_positions(scene)).round(3)
    lumps = lumps_of(scene)
    elsewhere = carried_elsewhere(scene)
    rows = [
        _row(row, n, scene, hide, seen[n])
        | {"first_step": moments.first_of_row[n], "others": elsewhere.get(n, 0)}
        for n, row in enumerate(scene.rows)
    ]
    columns = [
        _column(one, scene, seen[n + len(rows)]) | {"bins": moments.of_column[n]}
        for n, one in enumerate(scene.columns)
    ]
    for node, (x, y) in zip([*rows, *columns], places.tolist(), strict=True):
        node |= {"x": x, "y": y}
    return {
        "title": ", ".join(
            printable(shortened(masked_id(one, hide), 80)) for one in scene.profile_ids[:3]
        ),
        "profiles": len(scene.profile_ids),
        "kind": type(asked).__name__,
        "size": size_of(scene),
        "sentences": [_said(one, hide) for one in sentences_of(asked, scene, why)],
        "mask": mask,
        "folding": scene.folding,
        "types": _types(scene),
        "rows": rows,
        "columns": columns,
        "owners": list(scene.owners),
        "owner_count": scene.owner_count,
        "sides": [
            side_colour(n, n / max(len(scene.owners) - 1, 1), len(scene.owners))
            for n in range(len(scene.owners))
        ],
        "pieces": list(SIDES),
        "suspicions": [
            {"pair": one.pair, "rows": one.rows, "columns": one.columns, "every": one.every_route}
            for one in scene.suspicions
        ],
        "pairs_left_off": scene.pairs_left_off,
        "decided": [list(pair) for pair in scene.decided],
        "lumps": [
            [one.rows, one.alike, one.events, one.identifiers, one.anchors] for one in lumps.lumps
        ],
        "joined": lumps.joined,
        "lumps_of_row": [[n, lumps.of_row[n]] for n in sorted(lumps.of_row)],
        "lumps_of_column": lumps.of_column,
        "paths": _paths(asked, why, scene, hide),
        "sources": [printable(one) for one in scene.drawn.store.source_names],
        "time": _time(moments),
    }


def checked(mask: Any, nodes: Any) -> None:
    """See that there is such a mask, and that so many nodes can be drawn.

    Raises
    ------
    SchemaError
        When not.
    """
    if type(nodes) is not int or not 100 <= nodes <= NODES:
        raise SchemaError(f"nodes is a whole number from 100 to {NODES:,}, not {nodes!r}.")
    if mask is not None and mask not in MASKS:
        raise SchemaError(
            f"mask is 'partial', 'hash' or None, not {mask!r}.{did_you_mean(str(mask), MASKS)}"
        )


def page_scene(asked: Any, nodes: int) -> Scene:
    """Prepare the scene of a page: everything by itself while there is room, and far fewer nodes where there is not."""
    drawn = drawn_of(asked)
    found = drawn.found
    if found.identifiers + found.groups <= nodes:
        return scene_of(drawn, rows=found.identifiers, columns=max(found.groups, 1))
    room = min(nodes, FOLDED)
    if found.identifiers <= room // 3:
        return scene_of(drawn, rows=found.identifiers, columns=room - found.identifiers)
    sides = max(len(drawn.owners), 1)
    scene = scene_of(drawn, rows=0, columns=room, used=max(room // 4 // sides, 1))
    if len(scene.rows) + len(scene.columns) > room:
        scene = scene_of(
            drawn, rows=0, columns=max(room - len(scene.rows), 1), used=max(room // 4 // sides, 1)
        )
    return scene


def _types(scene: Scene) -> list[dict[str, Any]]:
    colours, marks = type_colours(scene.types, scene.anchor), glyphs(scene.types, scene.anchor)
    drawn = {row.rank for row in scene.rows}
    return [
        {
            "name": printable(name),
            "plural": printable(plural(name)),
            "colour": colours[name],
            "text": text_on(colours[name]),
            "glyph": marks[name],
            "drawn": rank in drawn,
        }
        for rank, name in enumerate(scene.types)
    ]


def _row(row: Row, place: int, scene: Scene, hide: Hide, seen: Witnesses) -> dict[str, Any]:
    node = row.node
    value = row.text if node is None or not isinstance(node, IdentifierNode) else hide(row.text)
    found = {
        "type": row.rank,
        "value": value,
        "count": row.count,
        "events": row.events,
        "owner": -1 if row.owner is None else row.owner,
        "one": node is not None,
        "anchor": row.is_anchor,
        "is_owner": row.is_owner or place in scene.owners,
        "culprit": row.is_culprit,
        "route": row.on_route,
        "first": told_time(row.first),
        "last": told_time(row.last),
        "oldest": told_events(seen),
        "sources": seen.sources,
    }
    if printable(value) != value:
        found["shown"] = printable(value)
    if isinstance(node, IdentifierNode) and (look := look_of(node.type, node.value)):
        found["look"] = look
    return found


def _column(one: Column, scene: Scene, seen: Witnesses) -> dict[str, Any]:
    colour = (
        side_colour(one.owner, one.order, len(scene.owners)) if one.owner is not None else EVENT
    )
    return {
        "rows": one.rows,
        "cut": one.cut,
        "events": one.events,
        "groups": one.groups,
        "owner": -1 if one.owner is None else one.owner,
        "colour": colour,
        "culprit": one.is_culprit,
        "first": told_time(one.first),
        "last": told_time(one.last),
        "oldest": told_events(seen),
        "sources": seen.sources,
    }


def _paths(asked: Any, why: Any, scene: Scene, hide: Hide) -> list[dict[str, Any]]:
    row_of = {row.node: n for n, row in enumerate(scene.rows) if row.node is not None}
    return [
        {"legs": [_leg(one, row_of, hide) for one in legs], "left_out": left}
        for legs, left in paths_of(asked, why)
    ]


def _leg(one: Leg, row_of: dict[Any, int], hide: Hide) -> dict[str, Any]:
    def end(node: Any) -> dict[str, Any]:
        plain = IdentifierNode(node.type, node.value) if isinstance(node, IdentifierNode) else node
        shown = name_of(masked_node(plain, hide))
        return {"row": row_of.get(plain, -1), "name": printable(shortened(shown, 90))}

    return {
        "a": end(one.a),
        "b": end(one.b),
        "by": one.by,
        "first": told_time(one.first),
        "last": told_time(one.last),
        "such": [printable(f"{event.event_id} of {event.source}") for event in one.examples],
        "weak": one.is_weak,
        "cut": one.is_cut,
    }


def _time(moments: Moments) -> dict[str, Any]:
    return {
        "labels": moments.labels,
        "places": moments.places,
        "begins": moments.begins,
        "ends": moments.ends,
        "lanes": moments.of_owner,
        "untimed": moments.untimed,
        "meetings": [
            {
                "rows": one.rows,
                "event": printable(f"{one.event.event_id} of {one.event.source}"),
                "time": told_time(one.time),
                "step": one.step,
            }
            for one in moments.meetings
        ],
    }


# ---------------------------------------------------------------------------------------------- hiding


def _said(one: Any, hide: Hide) -> str:
    """A sentence in which values are hidden, and very long ones shortened."""
    if isinstance(one, Words):
        return printable(one.told(lambda value: shortened(hide(value), IN_SENTENCE)))
    text = _sentence(one if hide is str else masked(one, hide))
    if len(text) > LONG:
        text = _sentence(masked(one, lambda value: shortened(printable(hide(value)), IN_SENTENCE)))
    return printable(shortened(text, LONG))


def _sentence(one: Any) -> str:
    return str(one.summary if isinstance(one, Answer) else one.text)
