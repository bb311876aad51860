"""Values that nobody is to read: shortened to their ends, or a keyed hash instead of them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from xrefgraph.errors import SchemaError, did_you_mean
from xrefgraph.inspection.draw.layout.scene import Scene
from xrefgraph.inspection.evidence.evidence_path import Node
from xrefgraph.networks import IdentifierNode
from xrefgraph.store import Store

#: What gives the text that is shown for a value.
Hide = Callable[[str], str]
#: The ways to mask values.
MASKS = ("partial", "hash")


def hidden_by(mask: Any, store: Store) -> Hide:
    """Give the function that masks values.

    Parameters
    ----------
    mask : {"partial", "hash"} or None
        ``partial`` keeps the two first and the two last characters of a long value; ``hash`` shows eight hexadecimal digits, the
        same ones for the same value of the same graph; None shows all.
    store : Store
        The graph.

    Raises
    ------
    SchemaError
        When there is no such mask.

    Notes
    -----
    The key of the hash is made of all values in the graph: who does not have them all cannot try phone numbers until one fits.
    Making it reads all values, a second for several millions.
    """
    if mask is None:
        return str
    if mask == "partial":
        return partly
    if mask == "hash":
        key = key_of(store)
        return lambda value: hashlib.blake2b(
            value.encode("utf-8", "surrogatepass"), key=key, digest_size=4
        ).hexdigest()
    raise SchemaError(
        f"mask is 'partial', 'hash' or None, not {mask!r}.{did_you_mean(str(mask), MASKS)}"
    )


def partly(value: str) -> str:
    """Keep the ends of a long value.

    Examples
    --------
    >>> partly("ann@example.org"), partly("kiosk"), partly("abc")
    ('an…rg', 'k…', '…')
    """
    if len(value) >= 8:
        return f"{value[:2]}…{value[-2:]}"
    return f"{value[:1]}…" if len(value) >= 4 else "…"


def key_of(store: Store) -> bytes:
    """Make a key of all values in a graph: the same for the same values."""
    total, mixed, count = store.database.row(
        "SELECT sum(hash(type, text)::HUGEINT), bit_xor(hash(text, type)), count(*) FROM store.value"
    )
    return hashlib.blake2b(f"{total} {mixed} {count}".encode(), digest_size=32).digest()


def masked_node(node: Node, hide: Hide) -> Node:
    """Give a node whose value is masked; an event is no value and stays as it is."""
    if isinstance(node, IdentifierNode):
        owner = None if node.owner is None else masked_id(node.owner, hide)
        return IdentifierNode(node.type, hide(node.value), owner)
    return node


def masked_id(profile_id: str, hide: Hide) -> str:
    """Mask the value in the id of a profile, ``type:value``."""
    kind, _, value = profile_id.partition(":")
    return f"{kind}:{hide(value)}"


def masked_scene(scene: Scene, hide: Hide) -> Scene:
    """Give a scene in which all values are masked."""
    return replace(
        scene,
        profile_ids=tuple(masked_id(one, hide) for one in scene.profile_ids),
        rows=tuple(
            row if row.node is None else replace(row, node=masked_node(row.node, hide))
            for row in scene.rows
        ),
    )
