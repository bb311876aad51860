"""How right the profiles are, and whether they stay what they are in another order of the rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes

from xrefgraph.errors import counted
from xrefgraph.inspection.draw.asking import answer_to_draw
from xrefgraph.inspection.draw.blocks import (
    Bar,
    Block,
    Part,
    bars,
    drawn_in,
    heading,
    legend,
    paragraph,
    stacked,
)
from xrefgraph.inspection.draw.styles import CULPRIT, CULPRIT_BAND, FIRST, LAST, LINE, QUIET, WHITE
from xrefgraph.inspection.evaluate import Evaluation, Score
from xrefgraph.inspection.stability import Stability, check_stability

#: How wide a drawing of its own is, in points; how many of the worst it names, and how many rounds.
WIDTH, WORST, ROUNDS = 560.0, 5, 20


def plot_evaluation(
    asked: Any, *, ax: Axes | None = None, mask: Any = None, most: int = WORST
) -> Axes:
    """Draw how right the profiles are: precision, recall and F1, of pairs and by B-cubed; and where they are most wrong.

    Parameters
    ----------
    asked : Evaluation
        What :func:`xrefgraph.evaluate` gives.
    ax : Axes, optional
        Where to draw. Smaller and with fewer rows where there is little room.
    mask : {"partial"}, optional
        How values and the names of persons are masked.
    most : int
        How many of the worst profiles, and of the worst persons, are named at most.

    Returns
    -------
    Axes

    Examples
    --------
    >>> import xrefgraph as xg
    >>> rows = [{"id": 1, "mail": "a"}, {"id": 2, "mail": "a"}, {"id": 3, "mail": "b"}]
    >>> graph = xg.build(rows, identifiers=["mail"], event_id="id")
    >>> ax = xg.evaluate(graph, {1: "ann", 2: "ann", 3: "ann"}).plot()
    >>> [text.get_text() for text in ax.texts if text.get_gid() == "pairwise:1:text"]
    ['0.3333']
    """
    found = answer_to_draw(asked, Evaluation, mask)
    return drawn_in(lambda width, rows: _evaluated(found, width, rows), ax, WIDTH, max(1, most))


def _evaluated(found: Evaluation, width: float, most: int) -> Block:
    parts = [paragraph(found.summary, width, size=9)]
    if found.judged:
        together = found.right_pairs + found.wrong_pairs
        true = found.right_pairs + found.missed_pairs
        parts += [
            heading(
                "Pairs",
                width,
                f"{found.right_pairs:,} right of {together:,} found, and of {true:,} true ones",
            ),
            _scores(found.pairwise, width, "pairwise"),
            heading("B-cubed", width, f"the mean over {counted(found.judged, found.by[:-1])}"),
            _scores(found.bcubed, width, "bcubed"),
        ]
        parts += _worst(found, width, most)
    return stacked(parts, 7)


def _scores(score: Score, width: float, gid: str) -> Block:
    rows = [
        Bar(
            name,
            (Part(value, colour), Part(1 - value, WHITE, rim=LINE)) if value is not None else (),
            "there is none" if value is None else f"{value:.4f}",
        )
        for name, value, colour in (
            ("precision", score.precision, FIRST),
            ("recall", score.recall, LAST),
            ("F1", score.f1, "#444444"),
        )
    ]
    return bars(rows, width, longest=1.0, gid=gid)


def _worst(found: Evaluation, width: float, most: int) -> list[Block]:
    mixed = [
        Bar(one.profile_id, (Part(one.wrong_pairs, CULPRIT),),
            f"{counted(one.wrong_pairs, 'wrong pair')}, {counted(one.persons, 'person')}")
        for one in found.mixed[:most]
    ]  # fmt: skip
    spread = [
        Bar(one.person, (Part(one.missed_pairs, CULPRIT),),
            f"{counted(one.missed_pairs, 'missed pair')}, {counted(one.profiles, 'profile')}")
        for one in found.spread[:most]
    ]  # fmt: skip
    blocks: list[Block] = []
    for told, rows, count in (
        ("Profiles that hold several persons", mixed, found.mixed_profiles),
        ("Persons that are spread over several profiles", spread, found.spread_persons),
    ):
        if rows:
            more = f"the worst of {count:,}" if count > len(rows) else "all of them"
            blocks += [heading(told, width, more), bars(rows, width, gid="culprit")]
    return blocks


# ------------------------------------------------------------------------------------------- stability


def plot_stability(
    asked: Any, *, ax: Axes | None = None, mask: Any = None, most: int = ROUNDS
) -> Axes:
    """Draw how much moves when the rows come in other orders: a bar for each round.

    Parameters
    ----------
    asked : Stability or XrefGraph
        What :func:`xrefgraph.check_stability` gives; or a graph, which is asked then.
    ax : Axes, optional
        Where to draw. Smaller and with fewer rows where there is little room.
    mask : {"partial", "hash"}, optional
        How values are masked.
    most : int
        How many rounds are drawn at most, those with most moved first; the others are counted.

    Returns
    -------
    Axes

    Examples
    --------
    >>> import xrefgraph as xg
    >>> rows = [{"id": n, "db_id": n, "cookie": "x"} for n in range(3)]
    >>> ax = xg.check_stability(xg.build(rows, anchor="db_id", identifiers=["cookie"], event_id="id"), 2).plot()
    >>> any("stable" in text.get_text() for text in ax.texts)
    True
    """
    found = answer_to_draw(asked, Stability, mask, check_stability)
    rows = max(1, min(most, len(found.rounds)))
    return drawn_in(lambda width, left: _stable(found, width, left), ax, WIDTH, rows)


def _stable(found: Stability, width: float, most: int) -> Block:
    moving = sorted(
        (one for one in found.rounds if not one.stable),
        key=lambda one: (-one.events - one.identifiers, one.seed),
    )
    parts = [paragraph(found.summary, width, size=9)]
    if not moving:
        return stacked(parts)
    looks: Sequence[tuple[Part, str]] = (
        (Part(0, CULPRIT), "events that moved"),
        (Part(0, CULPRIT_BAND, rim=CULPRIT, hatch="////"), "identifiers that moved"),
    )
    rows = [
        Bar(
            f"seed {one.seed}, {one.kind}",
            (
                Part(one.events, CULPRIT),
                Part(one.identifiers, CULPRIT_BAND, rim=CULPRIT, hatch="////"),
            ),
            f"{counted(one.events, 'event')}, {counted(one.identifiers, 'identifier')}",
            (f"such as {one.examples[0]}",) if one.examples and n == 0 else (),
        )
        for n, one in enumerate(moving[:most])
    ]
    parts += [legend(looks, width), bars(rows, width, gid="culprit")]
    left = len(moving) - len(rows)
    rest = [f"+{counted(left, 'more round')} in which something moved"] if left else []
    still = len(found.rounds) - len(moving)
    rest += [f"in {counted(still, 'round')} nothing moved"] if still else []
    if rest:
        parts.append(paragraph("; ".join(rest), width, size=8, colour=QUIET, gid="more"))
    return stacked(parts, 7)
