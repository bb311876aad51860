"""An answer to `why` in which all values are masked, so that its sentence can be shown."""

from __future__ import annotations

from dataclasses import replace

from xrefgraph.inspection.draw.layout.masking import Hide, masked_id, masked_node
from xrefgraph.inspection.evidence.evidence_path import Path
from xrefgraph.inspection.why import Why


def masked_why(why: Why, hide: Hide) -> Why:
    """Give the answer with masked values; it no longer knows its graph."""
    weak = why.weakest
    if weak is not None and weak.node is not None:
        weak = replace(weak, node=masked_node(weak.node, hide))
    one, other = (None if one is None else masked_id(one, hide) for one in why.profiles)
    return replace(
        why,
        a=masked_node(why.a, hide),
        b=masked_node(why.b, hide),
        profiles=(one, other),
        path=None if why.path is None else masked_path(why.path, hide),
        weakest=weak,
        passed=tuple(masked_node(node, hide) for node in why.passed),
    )


def masked_path(path: Path, hide: Hide) -> Path:
    """Give a path with masked values. What stands in a decision is left out, since a person may have written a value there."""
    return replace(
        path,
        steps=tuple(
            replace(step, a=masked_node(step.a, hide), b=masked_node(step.b, hide), reason=None)
            for step in path.steps
        ),
    )
