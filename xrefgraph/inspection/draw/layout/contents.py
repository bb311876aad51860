"""What a profile holds, as a few lines: to put two of them side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from xrefgraph.errors import counted
from xrefgraph.inspection.draw.layout.folding import spans_of
from xrefgraph.inspection.draw.layout.labels import plural, printable, shortened
from xrefgraph.inspection.draw.layout.masking import Hide, masked_id
from xrefgraph.inspection.draw.layout.words import span_text
from xrefgraph.inspection.evidence.collapse import instant, read_collapsed
from xrefgraph.inspection.subjects import profile_ids
from xrefgraph.lookup import named_values
from xrefgraph.store import Store

#: So many values of each type are named: those that most events carry.
NAMED = 3


@dataclass(frozen=True)
class Contents:
    """What a profile holds.

    Parameters
    ----------
    profile_id : str
        Its id.
    sizes : str
        How many events and identifiers it has, and from when to when.
    kinds : tuple of (str, str)
        Of each type that it holds, strongest first: the name, and values of it; of more than three, how many others there are.
    """

    profile_id: str
    sizes: str
    kinds: tuple[tuple[str, str], ...]


def contents_of(store: Store, profile: int, hide: Hide = str) -> Contents:
    """Read what a profile holds.

    Parameters
    ----------
    store : Store
        The graph.
    profile : int
        The number of the profile.
    hide : callable
        What masks values.

    Notes
    -----
    Cost: what the profile holds.
    """
    found = read_collapsed(store, [profile])
    (profile_id,) = profile_ids(store, [profile]).values()
    first, last = spans_of(found.first, found.last, np.zeros(found.groups, np.int64), 1)
    when = span_text(instant(int(first[0])), instant(int(last[0])))
    said = [
        counted(int(found.events.sum()), "event"),
        counted(found.identifiers, "identifier"),
        *([when] if when else []),
    ]
    order = np.lexsort((np.arange(found.identifiers), -found.carried, found.rank))
    ranks, begin, count = np.unique(found.rank[order], return_index=True, return_counts=True)
    some: list[Any] = [
        order[one : one + min(number, NAMED)].tolist()
        for one, number in zip(begin.tolist(), count.tolist(), strict=True)
    ]
    numbers = [int(found.identifier[place]) for places in some for place in places]
    named = named_values(store.database, store.schema, numbers)
    kinds = []
    for rank, places, number in zip(ranks.tolist(), some, count.tolist(), strict=True):
        values = [hide(named[int(found.identifier[place])][1]) for place in places]
        told = ", ".join(printable(shortened(one, 24)) for one in values)
        more = number - len(places)
        name = store.schema.names[rank]
        kinds.append(
            (
                name if number == 1 else plural(name),
                told + (f" and {counted(more, 'other')}" if more else ""),
            )
        )
    return Contents(masked_id(profile_id, hide), ", ".join(said), tuple(kinds))
