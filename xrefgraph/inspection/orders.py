"""Other orders in which the same events may come: shuffled, or in batches."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from xrefgraph.database import Database
from xrefgraph.restored import Order

#: Into how many batches the rows of a source are cut at most.
BATCHES = 10


def other_order(sources: int, places: Mapping[int, int], seed: int) -> tuple[Order, int]:
    """Give another order of the events.

    Parameters
    ----------
    sources : int
        How many sources there are.
    places : mapping of int to int
        From the number of a source that has events to one more than the largest position in it.
    seed : int
        Even for a shuffle, odd for batches.

    Returns
    -------
    (Order, int)
        And how many batches there are, 0 of a shuffle.
    """
    random = np.random.default_rng(seed)
    turned = tuple(int(number) for number in random.permutation(sources))
    if seed % 2 == 0:
        # Among a few places a Feistel network has few permutations: these are ordered by places in a wide one.
        bits = max(16, (max(places.values(), default=1).bit_length() + 1) // 2)
        return Order(turned, _shuffled(bits, seed)), 0
    batches, cases = 0, []
    for source, size in sorted(places.items()):
        count = min(int(random.integers(2, BATCHES, endpoint=True)), size)
        batches += count
        cuts = np.sort(random.choice(size, count, replace=False))[1:]
        place = random.permutation(count)
        while count > 1 and (np.diff(place) > 0).all():  # the order that they came in
            place = random.permutation(count)
        which = [f"WHEN e.position < {cut} THEN {n}" for cut, n in zip(cuts, place, strict=False)]
        cases.append(f"WHEN {source} THEN CASE {' '.join(which)} WHEN true THEN {place[-1]} END")
    batch = f"CASE e.source {' '.join(cases)} END"
    return Order(turned, f"((({batch})::BIGINT << 40) + e.position)"), batches


def _shuffled(bits: int, seed: int) -> str:
    """The SQL of a place among ``4 ** bits``: a permutation of them, another one in each source."""
    mask = (1 << bits) - 1
    left, right = f"(e.position >> {bits})", f"(e.position & {mask})"
    for step in range(4):
        mixed = f"(hash({right}, e.source, {seed}, {step}) & {mask}::UBIGINT)::BIGINT"
        left, right = right, f"xor({left}, {mixed})"
    return f"(({left} << {bits}) | {right})"


def came_in(database: Database, order: Order) -> tuple[tuple[int, int], ...]:
    """The events in an order, each by where it stands in the graph: for a few events."""
    numbers = " ".join(f"WHEN {old} THEN {new}" for new, old in enumerate(order.sources))
    return tuple(
        database.rows(
            f"SELECT e.source, e.position FROM store.event e ORDER BY CASE e.source {numbers} END, {order.position}"
        )
    )
