"""Drawings: matplotlib is loaded when the first one is asked for, and only here.

Below them, in :mod:`xrefgraph.inspection.draw.layout`, stands what is drawn, as data.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xrefgraph.drawings import reached

if TYPE_CHECKING:
    from xrefgraph.inspection.draw.changes import plot_comparison
    from xrefgraph.inspection.draw.health import plot_health
    from xrefgraph.inspection.draw.matrix import plot_matrix
    from xrefgraph.inspection.draw.merges import plot_merges
    from xrefgraph.inspection.draw.node_link import plot_graph
    from xrefgraph.inspection.draw.path import plot_path
    from xrefgraph.inspection.draw.profile import plot_profile
    from xrefgraph.inspection.draw.territories import plot_territories
    from xrefgraph.inspection.draw.timeline import plot_timeline
    from xrefgraph.inspection.draw.why import plot_why

#: The file of each drawing.
PLOTS = {
    "plot_comparison": "changes",
    "plot_graph": "node_link",
    "plot_health": "health",
    "plot_matrix": "matrix",
    "plot_merges": "merges",
    "plot_path": "path",
    "plot_profile": "profile",
    "plot_territories": "territories",
    "plot_timeline": "timeline",
    "plot_why": "why",
}

__all__ = [
    "plot_comparison",
    "plot_graph",
    "plot_health",
    "plot_matrix",
    "plot_merges",
    "plot_path",
    "plot_profile",
    "plot_territories",
    "plot_timeline",
    "plot_why",
]


def __getattr__(name: str) -> Any:
    if name in PLOTS:
        return reached(f"{__name__}.{PLOTS[name]}:{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
