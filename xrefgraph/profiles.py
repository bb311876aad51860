"""Labels -> who is who: the profiles, and what each set of events has of them."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from xrefgraph.database import Database
from xrefgraph.errors import counted
from xrefgraph.events import Staged
from xrefgraph.identifiers import Flags, Incidence, Ints, Sets
from xrefgraph.linking.evidence import distinct
from xrefgraph.restrictions import Restrictions
from xrefgraph.schema import Schema
from xrefgraph.settling import Settled, settle_conflicts

log = logging.getLogger(__name__)

Statuses = npt.NDArray[np.uint8]

#: The status of an event, by number.
STATUSES = ("anchored", "anonymous", "ambiguous", "contradictory", "no_identifier")
ANCHORED, ANONYMOUS, AMBIGUOUS, CONTRADICTORY, NO_IDENTIFIER = range(5)


@dataclass(frozen=True)
class Labels:
    """Who is who, as arrays.

    Parameters
    ----------
    profile_of : int32[values]
        The profile of each identifier, -1 for none. Profiles are numbered by their strongest identifier.
    strongest : int32[profiles]
        The identifier that names a profile.
    anchored, ambiguous, over_limit : bool[profiles]
        Whether a profile has an anchor; two values of a unique type, or a separated pair; more values of a type
        than its limit.
    settled : Settled
        What the policy did.
    """

    profile_of: Ints
    strongest: Ints
    anchored: Flags
    ambiguous: Flags
    over_limit: Flags
    settled: Settled

    @property
    def status(self) -> Statuses:
        """The status of the events of each profile: uint8[profiles], an index of :data:`STATUSES`."""
        status = np.where(self.anchored, np.uint8(ANCHORED), np.uint8(ANONYMOUS))
        status[self.ambiguous] = AMBIGUOUS
        return status


def link(
    database: Database,
    staged: Staged,
    incidence: Incidence,
    schema: Schema,
    restrictions: Restrictions,
) -> Labels:
    """Link sets and identifiers into profiles, and say what each is.

    Parameters
    ----------
    database, staged
        Where the events are: a policy may ask for their times.
    incidence : Incidence
        The bipartite graph.
    schema : Schema
        Its types and its policy.
    restrictions : Restrictions
        What people decided.

    Returns
    -------
    Labels
    """
    settled = settle_conflicts(database, staged, incidence, schema, restrictions)
    profiles = len(settled.names)
    anchored, over_limit = np.zeros(profiles, bool), np.zeros(profiles, bool)
    if schema.anchor is not None:
        anchors = settled.profile_of[: incidence.bounds[1]]
        anchored[anchors[anchors >= 0]] = True
    for rank, kind in enumerate(schema.ranked):
        if kind.limit is not None:
            own = _profiles_of_values(settled, *incidence.bounds[rank : rank + 2])
            over_limit |= np.bincount(own, minlength=profiles) > kind.limit
    log.info(
        "linked: %s, %s, %s ambiguous, %s",
        counted(int(incidence.held.sum()), "identifier"),
        counted(profiles, "profile"),
        f"{settled.ambiguous.sum():,}",
        counted(int(settled.contested.sum()), "contested identifier"),
    )
    return Labels(
        settled.profile_of, settled.names, anchored, settled.ambiguous, over_limit, settled
    )


def _profiles_of_values(settled: Settled, low: int, high: int) -> Ints:
    """The profiles of the identifiers from ``low`` up to ``high``: one for each profile that one is in."""
    profile_of = settled.profile_of[low:high]
    held = profile_of >= 0
    if settled.owned is None:
        return profile_of[held]
    own = (settled.owned.identifier >= low) & (settled.owned.identifier < high)
    held[settled.owned.identifier[own] - low] = False
    pairs = settled.owned.profile[own].astype(np.int64) << 32 | settled.owned.identifier[own]
    return np.concatenate([profile_of[held], (distinct(pairs) >> 32).astype(np.int32)])


def memberships(settled: Settled) -> tuple[Ints, Ints]:
    """Give every identifier and profile that it is in, by profile and then by identifier: each pair once.

    An identifier that changed hands is in the profile of each of its owners.
    """
    held = np.flatnonzero(settled.profile_of >= 0).astype(np.int32)
    pairs = settled.profile_of[held].astype(np.int64) << 32 | held
    if settled.owned is not None:
        # Its owners are all there; where it stands by itself is one of them, or nobody.
        owned = np.zeros(len(settled.profile_of), bool)
        owned[settled.owned.identifier] = True
        more = settled.owned.profile.astype(np.int64) << 32 | settled.owned.identifier
        pairs = np.concatenate([pairs[~owned[held]], more])
        pairs = distinct(pairs)
    else:
        pairs.sort()
    return (pairs & 0x7FFFFFFF).astype(np.int32), (pairs >> 32).astype(np.int32)


def label_sets(labels: Labels, sets: Sets) -> tuple[Ints, Statuses]:
    """Give each set of events its profile (-1 for none), and its events their status.

    Returns
    -------
    (int32[sets], uint8[sets])
    """
    carries = sets.strongest >= 0
    profile = np.full(len(carries), -1, np.int32)
    belongs = carries & ~sets.contradictory
    profile[belongs] = labels.profile_of[sets.strongest[belongs]]
    status = np.full(len(profile), NO_IDENTIFIER, np.uint8)
    status[belongs] = labels.status[profile[belongs]]
    status[sets.contradictory] = CONTRADICTORY
    return profile, status
