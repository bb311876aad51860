"""The worst conflicts, each to be opened in place: what is suspected, what may be decided, and the page of the profiles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from xrefgraph.errors import counted
from xrefgraph.inspection.ambiguities import Ambiguity
from xrefgraph.inspection.cuts.culprits import Fix
from xrefgraph.inspection.evidence.evidence_path import Step
from xrefgraph.inspection.reporting.markup import number, said, table, value
from xrefgraph.inspection.reporting.sections import owners_of
from xrefgraph.inspection.subjects import name_of
from xrefgraph.inspection.viewer.contents import contents_of
from xrefgraph.inspection.viewer.page import json_text, page_of, script_text, style_text

#: So many nodes are drawn on the page of a case, and so many where there is less room.
NODES, FEWER = 400, 120


@dataclass(frozen=True)
class Shell:
    """What the pages of all cases have in common, written into the report once.

    Parameters
    ----------
    style, script : str
    """

    style: str
    script: str

    @property
    def text(self) -> str:
        """The shell as JSON that may stand in a script."""
        return json_text({"style": self.style, "script": self.script})


def shell() -> Shell:
    """Give what all pages have in common."""
    return Shell(style_text(), script_text())


def page_parts(asked: Any, mask: Any, nodes: int = NODES) -> str:
    """Give the page of a case without what all pages have in common, as JSON: its data, and the text around it in pieces.

    Parameters
    ----------
    asked : Ambiguity
        What the page is about; not masked, so that it knows its graph.
    mask : str or None
        How values are masked.
    nodes : int
        How many nodes are drawn at most.

    Notes
    -----
    The page is ``before[0] + style + before[1] + data + after[0] + script + after[1]``, where the data is JSON in which ``<`` is escaped.
    """
    contents = contents_of(asked, mask=mask, nodes=nodes)
    before, after = page_of(contents).split(json_text(contents), 1)
    return json_text(
        {
            "before": before.split(style_text(), 1),
            "after": after.split(script_text(), 1),
            "data": contents,
        }
    )


def case(place: int, one: Ambiguity, page: str | None, nothing: str = "") -> str:
    """Give a case that opens in place.

    Parameters
    ----------
    place : int
        Which it is, from 1.
    one : Ambiguity
        Masked.
    page : str or None
        What :func:`page_parts` gives.
    nothing : str
        Why there is no page, where there is none.
    """
    graph = (
        f'<div class="page" data-case="{place}"><noscript><p>The graph needs the script in this page, which does not run here.'
        f'</p></noscript></div><script type="application/json" id="page-{place}">{page}</script>'
        if page is not None
        else f'<p class="more">{said(nothing)}</p>'
    )
    profiles = ", ".join(value(name) for name in one.profiles)
    left = one.profiles_in_all - len(one.profiles)
    more = f" and {left:,} more" if left > 0 else ""
    return (
        f'<details class="case" id="case-{place}"><summary><b>{place}.</b> {owners_of(one)}: '
        f"{counted(one.at_stake, 'event')} at stake</summary>"
        f"<p>{said(one.text)}.</p><p><small>{'Profile' if one.profiles_in_all == 1 else 'Profiles'}: {profiles}{more}</small></p>"
        f"{_evidence(one)}{_fixes(one.fixes)}{graph}</details>"
    )


def _evidence(one: Ambiguity) -> str:
    """With what each suspect occurs on either side, and five events that say so."""
    rows = []
    for culprit in one.culprits:
        name = f"{said(culprit.node.type)} {value(culprit.node.value)}"
        reasons = "; ".join(said(reason) for reason in culprit.reasons)
        for n, step in enumerate(culprit.sides):
            far = step.b if step.a == culprit.node else step.a
            first = f"<strong>{name}</strong><br><small>{reasons}</small>" if n == 0 else name
            rows.append(
                f"<tr><td>{first}</td><td>{value(name_of(far))}</td>{number(step.events)}<td>{_when(step)}</td>"
                f"<td>{_such_as(step)}</td></tr>"
            )
    if not rows:
        return "<p>No value is suspected: see the profiles.</p>"
    head = ("suspected", "occurs with", "events", "from, to", "such as")
    return f"<h4>What joins them</h4>{table(head, rows, 'What joins them')}"


def _when(step: Step) -> str:
    days = [f"{one:%Y-%m-%d}" for one in (step.first, step.last) if one is not None]
    return ", ".join(dict.fromkeys(days)) or (
        "a decision" if step.kind == "decision" else "no time"
    )


def _such_as(step: Step) -> str:
    events = ", ".join(value(f"{one.source}:{one.event_id}") for one in step.examples)
    more = step.events - len(step.examples)
    return events + (f" (+{more:,} more)" if more > 0 and events else "")


def _fixes(fixes: Sequence[Fix]) -> str:
    if not fixes:
        return ""
    rows = []
    for one in fixes:
        pairs = [pair for decision in one.decisions for pair in decision.identifiers]
        named = list(dict.fromkeys(pairs))
        about = ", ".join(f"{said(kind)} {value(text)}" for kind, text in named[:3])
        rest = f" and {counted(len(named) - 3, 'other')}" if named[3:] else ""
        cost = one.cost
        pieces = len(cost.pieces) + cost.pieces_left_off
        settled = (
            "settles it"
            if cost.conflict_solved
            else "a conflict is left"
            if cost.conflict_left
            else ""
        )
        rows.append(
            f"<tr><td><b>{said(one.action)}</b></td><td>{about}{rest}</td>{number(pieces)}{number(cost.events_changing_hands)}"
            f"{number(cost.events_left_anonymous + cost.events_left_without_identifier)}<td>{settled}</td></tr>"
        )
    head = (
        "decision",
        "about",
        "profiles that change",
        "events that change hands",
        "left to nobody",
        "",
    )
    return f"<h4>What may be decided</h4>{table(head, rows, 'What may be decided')}"
