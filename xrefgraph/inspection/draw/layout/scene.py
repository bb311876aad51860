"""A profile as it is drawn: rows of identifiers, columns of alike events, in order, with what is suspected."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

import numpy.typing as npt

from xrefgraph.errors import counted
from xrefgraph.inspection.draw.layout.labels import plural
from xrefgraph.inspection.draw.layout.subject import Drawn
from xrefgraph.inspection.evidence.evidence_path import Node


@dataclass(frozen=True)
class Row:
    """An identifier as it is drawn, or several that are drawn as one.

    Parameters
    ----------
    node : IdentifierNode, EventNode or None
        The identifier; an event where somebody asked for one; None for several.
    kind : str
        The name of the type; ``event`` for an event.
    rank : int
        The rank of the type in the schema; -1 for an event.
    count : int
        For how many identifiers it stands.
    events : int
        How many events carry it, in the whole profile; of several, how many links they have.
    owner : int or None
        On whose side it is: a place in ``Scene.owners``.
    order : float
        Where it stands between the first owner (0) and the last (1).
    ambiguity : float
        0 where it is clearly its owner's, 1 where it is as near to another one.
    is_owner, is_anchor, is_culprit, on_route : bool
        Whether it is one of those between whom the profile is divided; of the anchor's type; suspected of joining two of them;
        on one of the shortest ways between two of them.
    first, last : datetime or None
        When it was seen.
    number : int
        Of an identifier, its number in the store; -1 for others.
    """

    node: Node | None
    kind: str
    rank: int
    count: int
    events: int
    owner: int | None
    order: float
    ambiguity: float
    is_owner: bool = False
    is_anchor: bool = False
    is_culprit: bool = False
    on_route: bool = False
    first: dt.datetime | None = None
    last: dt.datetime | None = None
    number: int = field(default=-1, repr=False)

    @property
    def text(self) -> str:
        """The value; of several, how many there are: ``54 other cookies``."""
        if self.node is None:
            return f"{self.count:,} other {plural(self.kind)}"
        return getattr(self.node, "value", "") or getattr(self.node, "event_id", "")


@dataclass(frozen=True)
class Column:
    """Alike events as they are drawn.

    Parameters
    ----------
    rows : tuple of int
        What they carry: places in ``Scene.rows``, ascending.
    cut : tuple of int
        Those of them from which the policy cut the events.
    events : int
        How many events they are.
    groups : int
        How many different sets of identifiers they carried before rows were put together.
    owner : int or None
        On whose side they are.
    order : float
        Where they stand between the first owner and the last.
    first, last : datetime or None
        When they were.
    is_culprit : bool
        Whether such an event is suspected of joining two owners.
    """

    rows: tuple[int, ...]
    cut: tuple[int, ...]
    events: int
    groups: int
    owner: int | None
    order: float
    first: dt.datetime | None
    last: dt.datetime | None
    is_culprit: bool = False


@dataclass(frozen=True)
class Suspicion:
    """What most likely joins two owners.

    Parameters
    ----------
    pair : (int, int)
        The rows of the two.
    rows, columns : tuple of int
        The rows, or the columns, that are suspected.
    every_route : bool
        Whether every way between the two passes it.
    """

    pair: tuple[int, int]
    rows: tuple[int, ...]
    columns: tuple[int, ...]
    every_route: bool


@dataclass(frozen=True)
class Scene:
    """One or several profiles as they are drawn.

    Parameters
    ----------
    profile_ids : tuple of str
        The profiles.
    types : tuple of str
        All types of the schema, strongest first: their colours go by this.
    anchor : str or None
        The type of the anchor.
    rows : tuple of Row
        In the order in which they are drawn.
    columns : tuple of Column
        In the order in which they are drawn.
    owners : tuple of int
        The rows of those between whom the profile is divided, in their order.
    owner_count : int
        How many there are; more than eight get no side of their own.
    suspicions : tuple of Suspicion
        What joins them, in the order in which they met.
    decided : tuple of (int, int)
        Rows that a decision links.
    events, identifiers, groups : int
        How many there are in all.
    folded : int
        How many identifiers stand in rows for several.
    hidden_columns, hidden_events : int
        How many columns are not drawn, and how many events these have.
    pairs_left_off : int
        How many pairs of owners were not looked at for what joins them.
    """

    profile_ids: tuple[str, ...]
    types: tuple[str, ...]
    anchor: str | None
    rows: tuple[Row, ...]
    columns: tuple[Column, ...]
    owners: tuple[int, ...]
    owner_count: int
    suspicions: tuple[Suspicion, ...]
    decided: tuple[tuple[int, int], ...]
    events: int
    identifiers: int
    groups: int
    folded: int
    hidden_columns: int
    hidden_events: int
    pairs_left_off: int
    drawn: Drawn = field(repr=False, compare=False)
    column_of_group: npt.NDArray[Any] = field(repr=False, compare=False)

    @property
    def culprits(self) -> tuple[int, ...]:
        """The rows that are suspected, the first pair's first."""
        return tuple(dict.fromkeys(row for one in self.suspicions for row in one.rows))

    @property
    def folding(self) -> str:
        """What is put together, and what is not drawn, in words; empty where everything is drawn."""
        said = []
        if self.folded:
            several = sum(row.node is None for row in self.rows)
            said.append(
                f"{self.identifiers:,} identifiers shown as {counted(len(self.rows), 'row')}:"
                f" {self.folded:,} stand in {counted(several, 'row')} for several"
            )
        if self.hidden_columns:
            groups = counted(self.hidden_columns, "more event group")
            said.append(f"+{groups} ({counted(self.hidden_events, 'event')}) not drawn")
        if self.owner_count > len(self.owners) > 1:
            said.append(
                f"{len(self.owners)} of {self.owner_count:,} owners have a side of their own"
            )
        return "; ".join(said)
