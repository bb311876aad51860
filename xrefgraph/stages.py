"""The stages of a build, one after the other: from sources to a linked graph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xrefgraph.building import Building
from xrefgraph.database import Database
from xrefgraph.duplicates import have_repeats, settle_repeats
from xrefgraph.errors import SchemaError, listing
from xrefgraph.events import Staged, stage
from xrefgraph.identifiers import number_identifiers
from xrefgraph.linking.policies import POLICIES
from xrefgraph.profiles import link
from xrefgraph.progress import Steps
from xrefgraph.schema import Schema
from xrefgraph.sources import Source
from xrefgraph.verdicts import verdicts


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


def check_supported(schema: Schema) -> None:
    """See that everything that is declared can be done, and that the decisions do not contradict each other.

    Raises
    ------
    SchemaError
        Before anything is read.
    """
    if schema.policy.name not in POLICIES:
        raise SchemaError(
            f"The conflict policy {schema.policy.name!r} comes with a later version. There is: {listing(POLICIES)}."
        )
    if any(kind.shared_with for kind in schema.ranked):
        raise SchemaError("shared_with is not supported by this version.")
    verdicts(schema)
    if schema.decisions:
        raise SchemaError("decisions are not supported by this version.")


def link_sources(
    database: Database, schema: Schema, sources: list[Source], options: Options
) -> Built:
    """Read, check, group and link the events of all sources."""
    with Steps(4, shown=options.progress) as step:
        step("read")
        staged = stage(database, sources, schema, options.keep)
        step("check ids")
        repeated = 0
        if have_repeats(database, staged):
            staged, repeated = settle_repeats(database, staged, schema, options.on_duplicate)
        step("group")
        incidence = number_identifiers(database, staged, schema)
        step("link")
        labels = link(incidence, schema)
        staged.check_files()
    building = Building(database, schema, staged, incidence, labels)
    return Built(building, staged, repeated)
