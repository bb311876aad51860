"""The way between two profiles as a strip: where it crosses from one into the other, and what cut it there."""

from __future__ import annotations

from xrefgraph.inspection.barriers.between import cutter
from xrefgraph.inspection.barriers.ways import Hop, Route, Stop
from xrefgraph.inspection.draw.layout.masking import Hide, masked_id, masked_node
from xrefgraph.inspection.draw.layout.strip import Bead, shown_places
from xrefgraph.inspection.draw.layout.words import span_text
from xrefgraph.inspection.subjects import name_of
from xrefgraph.networks import EventNode


def beads_of_route(
    route: Route, hide: Hide = str, most: int = 24, *, masked: bool = False
) -> list[Bead]:
    """Put the way from one profile into another on a strip.

    Parameters
    ----------
    route : Route
        The way.
    hide : callable
        What masks values.
    most : int
        Of more stops than these the ends and the crossings are drawn, and between them how many are not.
    masked : bool
        Whether what people and policies wrote as a reason is left out, since it may name a value.
    """
    needed = {n + k for n, hop in enumerate(route.hops) if hop.is_crossing for k in (0, 1)}
    shown = shown_places(len(route.stops), needed, most)
    beads: list[Bead] = []
    last = -1
    for n in shown:
        gap = n - last - 1
        if gap:
            beads.append(_gap(gap, first=not beads))
            hop = Hop("kept")
        else:
            hop = route.hops[n - 1] if n else Hop("")
        if hop.kind == "left_out":
            beads.append(_gap(hop.left_out, first=False))
            hop = Hop("kept")
        beads.append(
            _stop(route.stops[n], hop, hide, masked=masked, end=n in (0, len(route.stops) - 1))
        )
        last = n
    return beads


def _gap(count: int, *, first: bool) -> Bead:
    text = "1 more stop" if count == 1 else f"{count:,} more stops"
    return Bead("gap", text, link="" if first else "kept")


def _stop(stop: Stop, hop: Hop, hide: Hide, *, masked: bool, end: bool) -> Bead:
    link = {"": "", "kept": "kept", "linked": "decided", "changed_hands": "changed"}.get(
        hop.kind, "cut"
    )
    owner = masked_id(stop.profile_id, hide)
    words = said_of(hop, hide, masked=masked)
    if isinstance(stop.node, EventNode):
        below = [one for one in (span_text(stop.time, stop.time), stop.node.source) if one]
        if stop.events > 1:
            below.insert(0, f"such as {stop.node.event_id}")
            return Bead(
                "events",
                f"×{stop.events:,}",
                "events",
                tuple(below),
                link,
                link_words=words,
                owner=owner,
            )
        return Bead(
            "event",
            stop.node.event_id,
            "event",
            tuple(below),
            link,
            link_words=words,
            owner=owner,
            end=end,
        )
    node = masked_node(stop.node, hide)
    return Bead(
        "value",
        getattr(node, "value", ""),
        stop.node.type,
        (),
        link,
        link_words=words,
        owner=owner,
        end=end,
    )


def said_of(hop: Hop, hide: Hide, *, masked: bool) -> str:
    """Say what cut a link, and why: ``cut by isolate (two values of db_id): keeps db_id 1 and db_id 2 apart``."""
    why = f" ({hop.reason})" if hop.reason and not masked else ""
    if hop.kind == "changed_hands":
        return f"changed hands{why}"
    if hop.kind == "linked":
        return f"linked by a decision{why}"
    if hop.kind not in ("cut", "detached"):
        return ""
    by = "detached by a decision" if hop.kind == "detached" else f"cut by {cutter(str(hop.rule))}"
    apart = " and ".join(name_of(masked_node(node, hide)) for node in hop.apart)
    return f"{by}{why}" + (f": keeps {apart} apart" if apart else "")
