"""What is to be drawn: the profiles that something is about, and between whom they are divided."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from xrefgraph.drawings import Drawable
from xrefgraph.errors import SchemaError, XrefGraphError, counted
from xrefgraph.graph import XrefGraph
from xrefgraph.inspection.evidence.collapse import Collapsed, read_collapsed
from xrefgraph.inspection.evidence.ends import as_ends
from xrefgraph.inspection.evidence.owners import owners_of
from xrefgraph.inspection.subjects import Subject
from xrefgraph.store import Store

#: So many owners get a side of their own; a picture of more says nothing.
MOST_OWNERS = 8


@dataclass(frozen=True)
class Drawn:
    """One or several profiles that are drawn together, read in.

    Parameters
    ----------
    store : Store
        The graph.
    found : Collapsed
        The profiles. Links that were cut are in it with ``kept`` False.
    profiles : tuple of int
        Their numbers.
    owners : tuple of int
        The places of those between whom they are divided; eight at most.
    owner_count : int
        How many there are.
    ends : tuple of Subject
        What was asked for, where it was two.
    """

    store: Store
    found: Collapsed
    profiles: tuple[int, ...]
    owners: tuple[int, ...]
    owner_count: int
    ends: tuple[Subject, ...] = ()

    @property
    def linked(self) -> Collapsed:
        """The profiles with all their links, also those that were cut."""
        return replace(self.found, kept=self.found.events[self.found.link_group] > 0)


def drawn_of(asked: Any) -> Drawn:
    """Read what is to be drawn.

    Parameters
    ----------
    asked : Profile, or an answer about profiles
        Between two that were asked for (``why``, ``paths``, ``separate``), the two are the owners; else the anchors are, or, without an
        anchor, several values of the strongest unique type.

    Raises
    ------
    XrefGraphError
        When it is about no profile, or no longer knows its graph.
    SchemaError
        When it is nothing that can be drawn.
    """
    if isinstance(asked, XrefGraph):
        raise SchemaError(
            "A whole graph has no such drawing: draw a profile, as graph.profile(...), or an answer, such as xg.why(graph, a, b)."
        )
    if not isinstance(asked, Drawable):
        raise SchemaError(
            f"What is drawn is a profile, as graph.profile(...), or an answer, such as xg.why(graph, a, b), not a {type(asked).__name__}."
        )
    origin = asked.origin
    subjects: tuple[Subject, ...] = origin.subjects
    numbers = {one.profile for one in subjects if one.profile is not None}
    profiles = tuple(sorted(origin.profiles or numbers))
    if not profiles:
        raise XrefGraphError(
            f"This {type(asked).__name__} is about no profile, so there is nothing to draw. {_why_none(asked)}"
        )
    found = read_collapsed(origin.store, profiles)
    ends = _two(subjects)
    if ends:
        found, places = as_ends(origin.store, found, ends)
        return Drawn(origin.store, found, profiles, tuple(places), 2, ends)
    owners = owners_of(origin.store, found)
    # Of many, those that carry most.
    most = sorted(owners, key=lambda place: (-found.carried[place], place))[:MOST_OWNERS]
    return Drawn(origin.store, found, profiles, tuple(sorted(most)), len(owners))


def _two(subjects: tuple[Subject, ...]) -> tuple[Subject, ...]:
    """What was asked for, if it is two things that are in profiles."""
    if len(subjects) != 2 or subjects[0].is_same(subjects[1]):
        return ()
    return subjects if all(one.profile is not None for one in subjects) else ()


def _why_none(asked: Any) -> str:
    return str(getattr(asked, "summary", ""))[:500]


def size_of(drawn: Drawn) -> str:
    """Say how large it is: ``404 events, 130 identifiers, 2 db_ids``."""
    found = drawn.found
    own = found.rank >= 0
    said = [
        counted(int(found.events.sum()), "event"),
        counted(int(np.count_nonzero(own)), "identifier"),
    ]
    return ", ".join(said)
