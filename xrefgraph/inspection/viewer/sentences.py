"""What a page says first: the answer in a sentence, and the evidence path, with values hidden where they are to be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from xrefgraph.errors import counted
from xrefgraph.inspection.answers import Answer, series
from xrefgraph.inspection.barriers.ways import Route
from xrefgraph.inspection.draw.layout.labels import plural
from xrefgraph.inspection.draw.layout.masking import Hide
from xrefgraph.inspection.draw.layout.scene import Scene
from xrefgraph.inspection.evidence.evidence_path import Node, Path
from xrefgraph.inspection.paths import Paths
from xrefgraph.inspection.subjects import Subject
from xrefgraph.inspection.why import Why, why_between
from xrefgraph.inspection.why_not import WhyNot

#: So many owners are named in a sentence, and so many paths are told.
NAMED, TOLD_PATHS = 3, 5
#: So many steps of a path are told: more than anybody reads.
TOLD_STEPS = 60


@dataclass(frozen=True)
class Leg:
    """A step of a path as a page has it.

    Parameters
    ----------
    a, b : IdentifierNode or EventNode
        From where to where.
    by : str
        What joins the two, in words.
    events : int
        How many events.
    first, last : datetime or None
        When they were.
    examples : tuple of EventNode
        Some of them.
    sources : tuple of str
        Their sources.
    is_weak : bool
        Whether the path would break here first.
    is_cut : bool
        Whether it is no link any more.
    """

    a: Node
    b: Node
    by: str
    events: int = 0
    first: Any = None
    last: Any = None
    examples: tuple[Any, ...] = ()
    sources: tuple[str, ...] = ()
    is_weak: bool = False
    is_cut: bool = False


def why_of(asked: Any, scene: Scene) -> Why | None:
    """Give why the two that a scene is about are one profile: what was asked for, or the first two owners that met."""
    if isinstance(asked, Why):
        return asked
    drawn = scene.drawn
    if len(drawn.profiles) != 1 or not scene.suspicions:
        return None
    if drawn.ends:
        one, other = drawn.ends
    else:
        rows = [scene.rows[n] for n in scene.suspicions[0].pair]
        one, other = (
            Subject(row.node, scene.profile_ids[0], number=row.number, profile=drawn.profiles[0])
            for row in rows
            if row.node is not None
        )
    return why_between(drawn.store, one, other)


@dataclass(frozen=True)
class Words:
    """Whom a profile is divided between, in a sentence.

    Parameters
    ----------
    count : int
        How many they are.
    kind : str
        Their type; of several its plural.
    values : tuple of str
        Some of them.
    """

    count: int
    kind: str
    values: tuple[str, ...]

    def told(self, hide: Hide) -> str:
        """Say it."""
        if not self.values:
            return f"This profile is anonymous: it holds no {self.kind}."
        if self.count == 1:
            return f"This profile holds one {self.kind}, {hide(self.values[0])}: nothing says that it is more than one person."
        more = self.count - len(self.values)
        some = series([*map(hide, self.values), *([f"{more:,} more"] if more else [])])
        return f"This profile holds {self.count:,} {self.kind}: {some}."


def sentences_of(asked: Any, scene: Scene, why: Why | None) -> list[Any]:
    """Give what is said first: answers that say it themselves, and words."""
    if isinstance(asked, Answer):
        return [asked]
    said: list[Any] = [asked] if hasattr(asked, "text") else []
    if len(scene.profile_ids) > 1:
        return said
    if scene.owner_count < 2:
        kind = scene.anchor
        anchor = next((row.text for row in scene.rows if row.is_anchor), None)
        return (
            [*said, Words(int(anchor is not None), kind, (anchor,) if anchor else ())]
            if kind
            else said
        )
    owners = [scene.rows[n] for n in scene.owners]
    names = tuple(row.text for row in owners[:NAMED])
    words = Words(scene.owner_count, plural(owners[0].kind), names)
    return [*said, words, *([why] if why else [])]


def size_of(scene: Scene) -> str:
    """Say how large it is: ``404 events, 130 identifiers, 2 db_ids``."""
    said = [counted(scene.events, "event"), counted(scene.identifiers, "identifier")]
    if scene.anchor is not None:
        rank = scene.types.index(scene.anchor)
        anchors = int((scene.drawn.found.rank == rank).sum())
        said.append(counted(anchors, scene.anchor, plural(scene.anchor)))
    if len(scene.profile_ids) > 1:
        said.append(counted(len(scene.profile_ids), "profile"))
    return ", ".join(said)


def paths_of(asked: Any, why: Why | None) -> list[tuple[list[Leg], int]]:
    """Give the paths that are told, each as its steps, and how many steps of it are left out."""
    if isinstance(asked, WhyNot):
        return [] if asked.path is None else [_crossing(asked.path)]
    if isinstance(asked, Paths):
        return [_legs(one, ()) for one in asked.paths[:TOLD_PATHS]]
    if why is None or why.path is None:
        return []
    return [_legs(why.path, () if why.weakest is None else why.weakest.steps)]


def _legs(path: Path, weak: tuple[int, ...]) -> tuple[list[Leg], int]:
    by = {"decision": "a decision", "carries": "it carries it", "events": ""}
    legs = [
        Leg(
            one.a,
            one.b,
            by[one.kind] or counted(one.events, "event"),
            one.events,
            one.first,
            one.last,
            one.examples,
            one.sources,
            is_weak=n in weak,
        )
        for n, one in enumerate(path.steps[:TOLD_STEPS])
    ]
    return legs, path.length - len(legs)


def _crossing(route: Route) -> tuple[list[Leg], int]:
    by = {
        "kept": "carries",
        "linked": "a decision",
        "cut": "cut by the policy",
        "detached": "detached by a decision",
        "changed_hands": "changed hands",
        "left_out": "more stops",
    }
    legs = [
        Leg(
            a.node,
            b.node,
            by[hop.kind],
            a.events if hasattr(a.node, "event_id") else b.events,
            a.time or b.time,
            is_weak=hop.is_crossing,
            is_cut=hop.is_crossing,
        )
        for a, hop, b in zip(route.stops, route.hops, route.stops[1:], strict=False)
    ]
    return legs[:TOLD_STEPS], max(len(legs) - TOLD_STEPS, 0)
