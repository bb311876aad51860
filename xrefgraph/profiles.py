"""Labels -> who is who: the profiles, and what each set of events has of them."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from xrefgraph.errors import counted
from xrefgraph.identifiers import Flags, Incidence, Ints, Sets
from xrefgraph.linking.components import raw_profiles
from xrefgraph.linking.policies import POLICIES
from xrefgraph.schema import Schema

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
        Whether a profile has an anchor; two values of a unique type; more values of a type than its limit.
    """

    profile_of: Ints
    strongest: Ints
    anchored: Flags
    ambiguous: Flags
    over_limit: Flags

    @property
    def status(self) -> Statuses:
        """The status of the events of each profile: uint8[profiles], an index of :data:`STATUSES`."""
        status = np.where(self.anchored, np.uint8(ANCHORED), np.uint8(ANONYMOUS))
        status[self.ambiguous] = AMBIGUOUS
        return status


def link(incidence: Incidence, schema: Schema) -> Labels:
    """Link sets and identifiers into profiles, and say what each is.

    Parameters
    ----------
    incidence : Incidence
        The bipartite graph.
    schema : Schema
        Its types and its policy.

    Returns
    -------
    Labels
    """
    profile_of, strongest = raw_profiles(
        incidence.link_strongest, incidence.link_identifier, incidence.bounds[-1], incidence.held
    )
    profile_of = POLICIES[schema.policy.name](profile_of)
    anchored, ambiguous, over_limit = _judge(profile_of, strongest, incidence.bounds, schema)
    log.info(
        "linked: %s, %s, %s ambiguous",
        counted(int(incidence.held.sum()), "identifier"),
        counted(len(strongest), "profile"),
        f"{ambiguous.sum():,}",
    )
    return Labels(profile_of, strongest, anchored, ambiguous, over_limit)


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


def _judge(
    profile_of: Ints, strongest: Ints, bounds: tuple[int, ...], schema: Schema
) -> tuple[Flags, Flags, Flags]:
    """Which profiles have an anchor, two values of a unique type, or more values than a limit."""
    anchored, ambiguous, over_limit = (np.zeros(len(strongest), bool) for _ in range(3))
    for rank, kind in enumerate(schema.ranked):
        if not kind.unique and kind.limit is None:
            continue
        own = profile_of[bounds[rank] : bounds[rank + 1]]
        values = np.bincount(own[own >= 0], minlength=len(strongest))
        if kind.name == schema.anchor:
            anchored = values > 0
        if kind.unique:
            ambiguous |= values > 1
        if kind.limit is not None:
            over_limit |= values > kind.limit
    return anchored, ambiguous, over_limit
