"""The stages of a build, one after the other: from sources to a linked graph."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from xrefgraph.building import Building
from xrefgraph.database import Database
from xrefgraph.duplicates import have_repeats, settle_repeats
from xrefgraph.events import Staged, stage
from xrefgraph.identifiers import number_identifiers
from xrefgraph.profiles import link
from xrefgraph.progress import Steps
from xrefgraph.restrictions import mark_detached, restrict
from xrefgraph.schema import Schema
from xrefgraph.sources import Source
from xrefgraph.verdicts import Verdicts, verdicts


@dataclass(frozen=True)
class Options:
    """The options of a build that only its stages look at.

    Parameters
    ----------
    keep : sequence of str
        Columns to carry into the events table.
    on_duplicate : str
        What to do when rows with one event id carry different identifiers.
    progress : bool
        Whether to show a progress bar.
    """

    keep: Sequence[str]
    on_duplicate: str
    progress: bool


@dataclass(frozen=True)
class Built:
    """What the stages leave.

    Parameters
    ----------
    building : Building
        The tables that are made when somebody asks for them.
    staged : Staged
        All events, each once.
    repeated : int
        How many rows said the same as an earlier one.
    """

    building: Building
    staged: Staged
    repeated: int


def link_sources(
    database: Database, schema: Schema, sources: list[Source], options: Options
) -> Built:
    """Read, check, group and link the events of all sources.

    Raises
    ------
    SchemaError
        When decisions contradict each other: before anything is read.
    """
    decided = verdicts(schema)
    with Steps(4, shown=options.progress) as step:
        step("read")
        staged = stage(database, sources, schema, options.keep)
        step("check ids")
        repeated = 0
        if have_repeats(database, staged):
            staged, repeated = settle_repeats(database, staged, schema, options.on_duplicate)
        building = link_staged(database, schema, staged, decided, step)
    return Built(building, staged, repeated)


def link_staged(
    database: Database,
    schema: Schema,
    staged: Staged,
    decided: Verdicts,
    step: Callable[[str], None] = lambda _: None,
) -> Building:
    """Group and link the events that are staged."""
    staged = mark_detached(database, staged, decided)
    step("group")
    incidence = number_identifiers(database, staged, schema)
    incidence, restrictions = restrict(database, incidence, schema, decided)
    step("link")
    labels = link(database, staged, incidence, schema, restrictions)
    staged.check_files()
    return Building(database, schema, staged, incidence, restrictions, labels)
