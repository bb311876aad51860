"""How large a linking matrix is, and where its rows and columns stand: as large as there is room for."""

from __future__ import annotations

from dataclasses import dataclass

from xrefgraph.inspection.draw.canvas import label_width, shown_text, text_width
from xrefgraph.inspection.draw.layout.arranging import fitted
from xrefgraph.inspection.draw.layout.scene import Row, Scene
from xrefgraph.inspection.draw.layout.words import facts_of, title_of
from xrefgraph.inspection.draw.legend import FACTS, SPARE, STEP, TITLE, foot_lines, head_lines
from xrefgraph.inspection.draw.styles import WHITE, Look, glyphs, look_of_row, mixed, text_on

#: Heights and widths in points: of a row, of a column, of what is around them.
ROW, PITCH, EDGE = 17.0, 13.5, 10.0
#: A column is not wider than this, however much room there is.
MOST_PITCH = 26.0
#: Rows are not drawn lower than this, nor columns narrower.
LEAST_ROW, LEAST_PITCH = 8.5, 4.5
#: How large the numbers above the columns are written.
COUNT = 6.0
#: Above narrower columns there is no room for them.
LEAST_NUMBERED = 6.5


def size_of(scene: Scene, *, own: bool = True, legend: bool = True) -> tuple[float, float]:
    """How large a matrix likes to be, in points; one of its own has a title."""
    labels = max((_wide(row, scene, 8.0, 28) for row in scene.rows), default=0)
    width = labels + aside(scene) + 2 * EDGE + max(len(scene.columns), 1) * PITCH + 12
    facts = min(text_width(facts_of(scene), FACTS) / SPARE, 560.0)
    width = max(
        width,
        300.0,
        facts + 2 * EDGE + 4,
        min(text_width(title_of(scene), TITLE, "bold") / SPARE, 560.0) + 2 * EDGE,
    )
    top, bottom = _around(scene, (width, 10_000.0), PITCH, own=own, legend=legend)
    return width, top + bottom + ROW * len(scene.rows)


@dataclass(frozen=True)
class Frame:
    """Where everything stands, in points from the upper left corner."""

    scene: Scene
    width: float
    height: float
    rows: int
    row: float
    pitch: float
    size: float
    characters: int
    left: float
    top: float
    title: tuple[tuple[str, bool], ...]
    foot: tuple[str, ...]
    legend: bool
    numbers: bool

    def x(self, column: float) -> float:
        """The middle of a column."""
        return self.left + (column + 0.5) * self.pitch

    def y(self, row: float) -> float:
        """The middle of a row."""
        return self.top + (row + 0.5) * self.row


def framed(scene: Scene, width: float, height: float, *, own: bool, legend: bool) -> Frame:
    """Choose sizes so that everything has room, and leave off what has none."""
    everything = scene
    legend = legend and (own or height > 150 or height >= size_of(scene, own=False)[1] - 1)
    numbers = own or height > 120
    room, columns, left_off, pitch = len(scene.rows), len(scene.columns), 0, PITCH
    row, size, characters, left, top = ROW, 8.0, 28, 0.0, 0.0
    # What is left off is said, and what is said takes room, too.
    for _ in range(3):
        scene, left_off = fitted(everything, room, columns)
        top, bottom = _around(
            scene,
            (width, height),
            pitch if numbers else 0.0,
            own=own,
            legend=legend,
            left_off=left_off,
        )
        room = max(min(int((height - top - bottom) / LEAST_ROW), room), 2)
        row = min(ROW, max((height - top - bottom) / max(min(len(scene.rows), room), 1), 3.0))
        size = min(8.0, row * 0.47)
        characters = 28
        while characters > 5 and _labels(scene, size, characters) > 0.4 * width:
            characters -= 1
        left = EDGE + _labels(scene, size, characters) + aside(scene) + 6
        columns = max(min(int((width - left - EDGE) / LEAST_PITCH), columns), 1)
        pitch = min(MOST_PITCH, (width - left - EDGE) / max(min(len(scene.columns), columns), 1))
        if len(scene.rows) <= room and len(scene.columns) <= columns:
            break
    return Frame(
        scene,
        width,
        height,
        room,
        row,
        pitch,
        size,
        characters,
        left,
        top,
        tuple(head_lines(scene, width - 2 * EDGE)) if own else (),
        tuple(foot_lines(scene, left_off, (width - 2 * EDGE, height))),
        legend,
        numbers and pitch >= LEAST_NUMBERED,
    )


def _labels(scene: Scene, size: float, characters: int) -> float:
    return max((_wide(row, scene, size, characters) for row in scene.rows), default=0.0)


def _around(
    scene: Scene,
    size: tuple[float, float],
    pitch: float,
    *,
    own: bool,
    legend: bool,
    left_off: int = 0,
) -> tuple[float, float]:
    """How much room is needed above the rows, and below them."""
    width, height = size
    top = EDGE / 2
    if own:
        top += STEP * len(head_lines(scene, width - 2 * EDGE)) + 6
    top += _count_height(scene, pitch)
    bottom = EDGE / 2 + 11 * len(foot_lines(scene, left_off, (width - 2 * EDGE, height)))
    if legend:
        bottom += 18
    return top, bottom


def aside(scene: Scene) -> float:
    """The room between the labels and the columns: for brackets, and for whose each row is."""
    brackets = 6.0 * min(len(scene.decided), 4)
    return brackets + (12.0 if len(scene.owners) > 2 else 0.0)


def counts(scene: Scene) -> list[str]:
    """What stands above each column: ``×37``; nothing above a single event."""
    return [f"×{one.events:,}" if one.events != 1 else "" for one in scene.columns]


def _count_height(scene: Scene, pitch: float) -> float:
    """The room for how many events each column has: they stand upright where they are wider than it."""
    widest = max((text_width(text, COUNT) for text in counts(scene)), default=0.0)
    if not widest or pitch < LEAST_NUMBERED:
        return 4.0
    return 12.0 if widest <= pitch - 0.5 else widest + 6


def look_of(row: Row, scene: Scene) -> Look:
    """How a label looks; a row for several is pale, so that it is not taken for one identifier."""
    look = look_of_row(row, scene)
    if row.node is not None:
        return look
    face = mixed(look.face, WHITE, 0.65)
    return Look(look.glyph, face, text_on(face), face, 0.0, bold=False)


def label_text(row: Row, scene: Scene, characters: int) -> str:
    """What stands on a label: the letter of the type, and the value."""
    glyph = glyphs(scene.types, scene.anchor).get(row.kind, "")
    value = shown_text(row.text, characters)
    return f"{glyph} {value}" if glyph else value


def _wide(row: Row, scene: Scene, size: float, characters: int) -> float:
    weight = "bold" if look_of(row, scene).bold else "normal"
    return label_width(label_text(row, scene, characters), size, weight, pad_of(size))


def pad_of(size: float) -> float:
    """The room around the text of a label."""
    return size * 0.31
