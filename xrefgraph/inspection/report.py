"""The report: one page for a whole graph, which needs nothing else and can be sent to others."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from xrefgraph.drawings import reached
from xrefgraph.errors import SchemaError, counted, did_you_mean
from xrefgraph.files import check_folder, save_text
from xrefgraph.graph import XrefGraph
from xrefgraph.inspection import reporting
from xrefgraph.inspection.ambiguities import Ambiguities, ambiguities
from xrefgraph.inspection.draw.layout.masking import MASKS, SharedMask, hidden_by
from xrefgraph.inspection.health import Health, health
from xrefgraph.inspection.masking import masked
from xrefgraph.inspection.measures.alarms import percent
from xrefgraph.inspection.reporting import sections
from xrefgraph.inspection.reporting.cases import FEWER, NODES, case, page_parts, shell
from xrefgraph.inspection.reporting.markup import said
from xrefgraph.inspection.subjects import asked_number, asked_store
from xrefgraph.inspection.suspects import suspects

log = logging.getLogger(__name__)

#: What the page may do: run the script that stands in it, and nothing that comes from elsewhere.
POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'"

#: So large a report gets at most, in bytes.
LARGEST = 5_000_000

#: So many suspects are listed.
SUSPECTS = 20

#: What the header says of each mask.
SAID = {
    None: "Values are shown as they are: this page holds personal data if the graph does.",
    "partial": "Values are masked: of long ones the two first and the two last characters are shown, and those that look alike then are numbered.",
    "hash": "Values are masked: a keyed hash stands for each.",
}


def report(
    graph: XrefGraph,
    path: str | Path,
    *,
    mask: str | None = "partial",
    most: int = 10,
    title: str | None = None,
) -> Path:
    """Write a report of a whole graph: one page that needs nothing else.

    Parameters
    ----------
    graph : XrefGraph
        It is not changed.
    path : path
        The file. It is replaced when the new one is whole. Its folder has to be there.
    mask : {"partial", "hash"} or None
        How values are masked; None shows them.
    most : int
        How many of the worst conflicts can be opened in place.
    title : str, optional
        What stands on top.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    SchemaError
        When there is no such mask, or ``most`` is no whole number from 0 on.
    StoreError
        When it cannot be written. What was there before is still there.

    Notes
    -----
    The page says how the graph is as a whole (:func:`health`), which conflicts there are (:func:`ambiguities`), each of the worst with the
    evidence, what may be decided, and the page of its profiles (:func:`xrefgraph.view`); which identifiers are suspected (:func:`suspects`); how
    large the profiles are, what was refused, and by which rules and decisions the graph was built. It loads nothing from
    elsewhere, and is under 5 MB: of conflicts that would make it larger there is no graph, and it says so. The same graph gives the same
    bytes.

    Cost: that of the three questions; for ten million events about as long as the build.

    Examples
    --------
    >>> import tempfile, xrefgraph as xg
    >>> rows = [{"db_id": 1, "mail": "ann@example.org"}, {"mail": "ann@example.org", "device": "kiosk"}]
    >>> graph = xg.build(rows, anchor="db_id", identifiers=["mail", "device"])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     text = report(graph, f"{folder}/report.html").read_text()
    >>> "ann@example.org" in text, "an…rg" in text or "No alarm" in text
    (False, True)
    """
    asked_number("most", most)
    if mask is not None and mask not in MASKS:
        raise SchemaError(
            f"mask is 'partial', 'hash' or None, not {mask!r}.{did_you_mean(str(mask), MASKS)}"
        )
    if title is not None and not isinstance(title, str):
        raise SchemaError(f"title is text, not {type(title).__name__}.")
    check_folder(path, "a report")  # before the work, and not after it
    began = time.perf_counter()
    written = save_text(report_html(graph, mask=mask, most=most, title=title), path, "a report")
    log.info("report in %.1f s", time.perf_counter() - began)
    return written


def report_html(
    graph: XrefGraph,
    *,
    mask: str | None = "partial",
    most: int = 10,
    title: str | None = None,
    largest: int = LARGEST,
) -> str:
    """Give the report as text: see :func:`report`.

    Parameters
    ----------
    largest : int
        How many bytes it has at most.
    """
    store = asked_store(graph)
    shared = None if mask is None else SharedMask(mask, store)
    hide = hidden_by(shared, store)
    raw = ambiguities(graph, limit=most)
    found, conflicts = masked(health(graph), hide), masked(raw, hide)
    listed = masked(suspects(graph, limit=SUSPECTS), hide)
    decisions = masked(list(store.schema.decisions), hide)
    idle = [one in graph.idle_decisions for one in store.schema.decisions]
    pictures = reached("xrefgraph.inspection.draw.pictures:health_pictures")(found)
    plots = "".join(f"<figure>{one}</figure>" for one in pictures)
    parts = [
        (
            "health",
            "Health",
            sections.statuses(found) + sections.alarms(found) + f'<div class="plots">{plots}</div>',
        ),
        ("conflicts", "Conflicts", sections.queue(conflicts) + "\0"),
        ("suspects", "Suspects", sections.suspected(listed)),
        (
            "sizes",
            "Sizes",
            sections.sizes(found) + "<h3>By type, strongest first</h3>" + sections.types(found),
        ),
        ("refused", "Refused", sections.refused(found)),
        ("rules", "Rules", sections.rules(store.schema, decisions, idle)),
    ]
    page = _page(title or "A report of a graph", _size(found), mask, parts)
    before, after = page.split("\0")
    room = largest - len((before + after).encode()) - len(shell().text.encode()) - 2_000
    return before + _cases(raw, conflicts, shared, room) + after


def _size(found: Health) -> str:
    if not found.events:
        return "The graph has no events."
    text = f"{counted(found.events, 'event')} and {counted(found.identifiers, 'identifier')} in {counted(found.profiles, 'profile')}"
    if found.anchor is None:
        return f"{text}; there is no anchor in the schema."
    return f"{text}; {percent(found.anchored)} of the events have an anchor ({found.anchor})."


def _page(title: str, size: str, mask: str | None, parts: Sequence[tuple[str, str, str]]) -> str:
    """The page around the cases, which stand where the null character is."""
    links = "".join(f'<li><a href="#{name}">{head}</a></li>' for name, head, _ in parts)
    body = "\n".join(
        f'<section aria-labelledby="{name}"><h2 id="{name}">{head}</h2>{content}</section>'
        for name, head, content in parts
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{said(title, 200)} - xrefgraph</title>\n<style>{_own('report.css')}</style></head>\n"
        f'<body><header><h1>{said(title, 200)}</h1><p>{said(size)}</p><p class="mask">{SAID[mask]}</p>'
        f'<nav aria-label="Sections"><ul>{links}</ul></nav></header>\n<main>{body}</main>\n'
        "<footer>Written by xrefgraph. Nothing here knows the truth: each of these is a place to look at.</footer>\n"
        f"<script>{_own('report.js')}</script></body></html>\n"
    )


def _own(name: str) -> str:
    return resources.files(reporting).joinpath(name).read_text("utf-8")


def _cases(raw: Ambiguities, conflicts: Ambiguities, mask: Any, room: int) -> str:
    """The cases that open in place, worst first; where the page would get too large, without their graphs, and then not at all."""
    if not conflicts.conflicts:
        return ""
    parts, without = [], 0
    for place, (asked, shown) in enumerate(zip(raw.conflicts, conflicts.conflicts, strict=True), 1):
        text, has_page = _fitting(place, asked, shown, mask, room)
        size = len(text.encode())
        if size > room:
            left = counted(len(conflicts.conflicts) - place + 1, "more conflict")
            parts.append(
                f'<p class="more">+{left} cannot be opened here: the report would get too large.</p>'
            )
            break
        without += not has_page
        room -= size
        parts.append(text)
    if without:
        told = f"{counted(without, 'conflict')} without a graph, which would make the report too large."
        parts.append(f'<p class="more">{told}</p>')
    own = f'<script type="application/json" id="shell">{shell().text}</script>'
    return f"<h3>The worst of them, to be opened</h3>{''.join(parts)}{own}"


def _fitting(place: int, asked: Any, shown: Any, mask: Any, room: int) -> tuple[str, bool]:
    """A case with its page, or with a smaller one, or without."""
    for nodes in (NODES, FEWER):
        text = case(place, shown, page_parts(asked, mask, nodes))
        if len(text.encode()) <= room:
            return text, True
    nothing = "There is no graph of it here: the report would get too large. In Python: xg.view(xg.ambiguities(graph)[...])."
    return case(place, shown, None, nothing), False
