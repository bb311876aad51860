"""From labels to a partition: named parts, the links that are cut, and what each cut keeps apart."""

from __future__ import annotations

import numpy as np

from xrefgraph.linking.conflicts import cut_links, kept_apart
from xrefgraph.linking.evidence import (
    Cuts,
    Evidence,
    Ints,
    Longs,
    Partition,
    Rules,
    smallest_members,
)


def make_partition(evidence: Evidence, rules: Rules, label: Ints | Longs) -> Partition:
    """Make the partition in which identifiers of one label are a part.

    Parameters
    ----------
    evidence : Evidence
        What was partitioned.
    rules : Rules
        Why.
    label : int[identifiers]
        Any numbers from 0 on, not many times more than there are identifiers.

    Returns
    -------
    Partition
        An identifier is contested where one of its links is cut.

    Notes
    -----
    A cut names what its two parts may not hold together. Two parts that could be one are apart only where
    `first_claim` dropped a weaker identifier along with the one that did not fit, or a user's own policy
    says so. Such a cut names what the first cut of its set keeps apart.
    """
    part_of = smallest_members(label)
    cut = np.flatnonzero(cut_links(evidence, part_of))
    sets, identifier = evidence.link_set[cut], evidence.set_identifier[cut]
    a, b = kept_apart(part_of, part_of[evidence.strongest[sets]], part_of[identifier], rules)
    _, first, place = np.unique(sets, return_index=True, return_inverse=True)
    innocent = a < 0
    a[innocent], b[innocent] = a[first[place]][innocent], b[first[place]][innocent]
    contested = np.zeros(evidence.identifiers, bool)
    contested[identifier] = True
    return Partition(part_of, contested, Cuts(sets, identifier, a, b))
