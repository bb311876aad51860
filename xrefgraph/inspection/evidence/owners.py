"""Whose a profile is: the identifiers that stand for one person each."""

from __future__ import annotations

import numpy as np

from xrefgraph.inspection.evidence.collapse import Collapsed
from xrefgraph.store import Store


def owners_of(store: Store, found: Collapsed) -> list[int]:
    """Give the places of the anchors; without an anchor in the schema, of the strongest unique type of several values."""
    for rank, kind in enumerate(store.schema.ranked):
        if kind.unique:
            owners = np.flatnonzero(found.rank == rank).tolist()
            if len(owners) > 1 or kind.name == store.schema.anchor:
                return owners
    return []
