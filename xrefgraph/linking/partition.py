"""From labels to a partition: named parts, the links that are cut, and what each cut keeps apart.

A partition that a user's own policy made is checked against the laws that hold for every policy.
"""

from __future__ import annotations

import numpy as np

from xrefgraph.linking.components import smallest_connected
from xrefgraph.linking.conflicts import cut_links, find_conflicts, kept_apart
from xrefgraph.linking.evidence import (
    Cuts,
    Evidence,
    Flags,
    Ints,
    Longs,
    Partition,
    Rules,
    among,
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


class PartitionError(ValueError):
    """A partition that breaks a law.

    Attributes
    ----------
    profile : int or None
        The raw profile in which it does first, as `Evidence.raw_of` numbers it.
    """

    def __init__(self, message: str, profile: int | None = None) -> None:
        super().__init__(message, profile)
        self.profile = profile

    def __str__(self) -> str:
        """Say what is wrong."""
        return str(self.args[0])


def from_partition(evidence: Evidence, rules: Rules, part_of: Ints | Longs) -> Partition:
    """Check the partition that somebody else made.

    Parameters
    ----------
    evidence : Evidence
        What was partitioned.
    rules : Rules
        What may not share a profile. Limits are not enforced.
    part_of : int[identifiers]
        Any labels; identifiers of one label are a part. A negative one is none.

    Returns
    -------
    Partition
        The same, with its cuts. An event goes with its strongest identifier, so with its anchor if it carries one.

    Raises
    ------
    PartitionError
        If an identifier is in no part, linked identifiers are in two, a part holds what may not be together, or
        the links that are left do not hold a part together.

    Examples
    --------
    One set carries identifiers 0 and 1; nothing holds 2 and 0 together:

    >>> evidence = Evidence(np.zeros(3, np.int32), np.array([0, 2, 4]),
    ...     np.array([0, 1, 1, 2], np.int32), np.ones(2, np.int64))
    >>> from_partition(evidence, Rules((0, 1, 3)), np.array([5, 7, 7])).part_of
    array([0, 1, 1], dtype=int32)
    >>> from_partition(evidence, Rules((0, 1, 3)), np.array([5, 7, 5]))
    Traceback (most recent call last):
    xrefgraph.linking.partition.PartitionError: Raw profile 0: the links that the policy keeps do not hold ...
    """
    if len(part_of) != evidence.identifiers:
        raise PartitionError(
            f"The policy gave {len(part_of):,} labels for {evidence.identifiers:,} identifiers."
        )
    refuse(
        evidence, part_of < 0, "the policy put an identifier in no part. Give each identifier one."
    )
    _, label = np.unique(part_of, return_inverse=True)
    found = smallest_members(label)
    everything = np.arange(evidence.identifiers, dtype=np.int32)
    refuse(
        evidence,
        found[rules.nodes(everything)] != found,
        "the policy put identifiers that a decision links in two parts. Keep them together.",
    )
    conflict = find_conflicts(found, evidence.identifiers, rules, limits=False)
    refuse(
        evidence,
        conflict[found],
        "a part of the policy holds two values of a unique type, or a separated pair. Put them in two parts.",
    )
    held = joined(evidence, rules, ~cut_links(evidence, found))
    refuse(
        evidence,
        held != found,
        "the links that the policy keeps do not hold a part together. An event keeps its strongest identifier, "
        "and those that are in one part with it: make parts of what such events join.",
    )
    return make_partition(evidence, rules, label)


def from_cuts(evidence: Evidence, rules: Rules, sets: Ints, identifier: Ints) -> Partition:
    """Check the cuts that somebody else made, and give the partition that they lead to.

    Parameters
    ----------
    evidence : Evidence
        What was cut.
    rules : Rules
        What may not share a profile. Limits are not enforced.
    sets, identifier : int[cuts]
        The links to cut, in any order. A cut that does not set the identifier apart, since other links hold
        it in the same part, is none.

    Returns
    -------
    Partition
        What the other links hold together.

    Raises
    ------
    PartitionError
        If there is no such link; if an event would lose its strongest identifier, by which it belongs to its profile (an
        anchor, if it carries one); and as `from_partition`.
    """
    size = evidence.identifiers
    key = evidence.link_set.astype(np.int64) * size + evidence.set_identifier
    wanted = np.asarray(sets, np.int64) * size + identifier
    missing = np.flatnonzero(~among(wanted, np.sort(key)))
    if len(missing):
        raise PartitionError(
            f"{len(missing):,} of {len(wanted):,} links that the policy cut are no links "
            f"(first: number {missing[0]} of its list)."
        )
    is_cut = among(key, np.sort(wanted))
    own = np.zeros(size, bool)
    own[evidence.strongest[is_cut[evidence.set_start[:-1]]]] = True
    refuse(
        evidence,
        own,
        "the policy cut an event from its strongest identifier, by which it belongs to its profile. Cut its other "
        "links instead.",
    )
    return from_partition(evidence, rules, joined(evidence, rules, ~is_cut))


def joined(evidence: Evidence, rules: Rules, kept: Flags) -> Ints:
    """Give the parts that some of the links hold together, with what is linked: int32[identifiers]."""
    size = evidence.identifiers
    nodes = rules.nodes(np.arange(size, dtype=np.int32))
    strongest = nodes[evidence.strongest[evidence.link_set[kept]]]
    ends = nodes[evidence.set_identifier[kept]], strongest
    label = smallest_connected(ends[0], ends[1], size)
    return smallest_members(label[nodes])


def refuse(evidence: Evidence, wrong: Flags, why: str) -> None:
    """Raise if anything is wrong with an identifier; say in how many raw profiles, and which is the first."""
    profiles = np.unique(evidence.raw_of[wrong])
    if len(profiles):
        first = int(profiles[0])
        more = f" (and {len(profiles) - 1:,} more)" if len(profiles) > 1 else ""
        raise PartitionError(f"Raw profile {first}{more}: {why}", first)
