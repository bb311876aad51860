"""Where ``.plot()`` and ``.view()`` reach up to the drawings: by name, when they are called, since drawing loads a lot."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any, Self

from xrefgraph.errors import GraphClosedError, XrefGraphError

#: Which function draws what: from the name of the class to ``module:function``.
DRAWINGS: dict[str, str] = {
    "Ambiguities": "xrefgraph.inspection.draw.queues:plot_ambiguities",
    "Ambiguity": "xrefgraph.inspection.draw.profile:plot_profile",
    "BlastRadius": "xrefgraph.inspection.draw.changes:plot_blast_radius",
    "Comparison": "xrefgraph.inspection.draw.changes:plot_comparison",
    "Evaluation": "xrefgraph.inspection.draw.scores:plot_evaluation",
    "Health": "xrefgraph.inspection.draw.health:plot_health",
    "History": "xrefgraph.inspection.draw.merges:plot_merges",
    "Paths": "xrefgraph.inspection.draw.path:plot_path",
    "Profile": "xrefgraph.inspection.draw.profile:plot_profile",
    "Separation": "xrefgraph.inspection.draw.matrix:plot_matrix",
    "Stability": "xrefgraph.inspection.draw.scores:plot_stability",
    "Suspects": "xrefgraph.inspection.draw.queues:plot_suspects",
    "Why": "xrefgraph.inspection.draw.why:plot_why",
    "WhyNot": "xrefgraph.inspection.draw.barrier:plot_why_not",
}

#: What makes the page.
VIEWER = "xrefgraph.inspection.viewer.view:view"


@dataclass(frozen=True)
class Origin:
    """What a question was asked of, so that its answer can be drawn.

    Parameters
    ----------
    store : Store
        The tables of the graph.
    generation : int
        Of the database, when it was asked: a rebuild in place numbers profiles anew.
    subjects : tuple of Subject
        What was asked for.
    profiles : tuple of int
        The numbers of the profiles that the answer is about, where it names none of its own.
    """

    store: Any
    generation: int
    subjects: tuple[Any, ...] = ()
    profiles: tuple[int, ...] = ()


class Drawable:
    """What can be drawn: it knows the graph that it is about, besides its own facts.

    Subclasses are frozen dataclasses. The graph is no field of theirs: it is not compared, printed or pickled.
    """

    def asked_of(self, store: Any, *subjects: Any, profiles: tuple[int, ...] = ()) -> Self:
        """Note what was asked, and of which graph; the same object is given back."""
        origin = Origin(store, store.database.generation, subjects, profiles)
        object.__setattr__(self, "_origin", origin)
        return self

    @property
    def origin(self) -> Origin:
        """What was asked, and of which graph.

        Raises
        ------
        XrefGraphError
            When it was made by no question to a graph.
        GraphClosedError
            When the graph was rebuilt in place since.
        """
        origin: Origin | None = self.__dict__.get("_origin")
        name = type(self).__name__
        if origin is None:
            raise XrefGraphError(
                f"This {name} does not know its graph any more: it was copied or read from elsewhere. Ask the graph again."
            )
        if origin.store.database.generation != origin.generation:
            raise GraphClosedError(
                f"This {name} was asked for before its graph was rebuilt in place. Ask the graph again."
            )
        return origin

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "_origin"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)

    def plot(self, **options: Any) -> Any:
        """Draw it: see ``plot_profile`` and the other drawings for the options.

        Raises
        ------
        XrefGraphError
            When there is no drawing of its kind.
        """
        name = DRAWINGS.get(type(self).__name__)
        if name is None:
            raise XrefGraphError(f"There is no drawing of a {type(self).__name__}.")
        return reached(name)(self, **options)

    def view(self, **options: Any) -> Any:
        """Make the page on which it can be looked at closely: see :func:`xrefgraph.view`."""
        return reached(VIEWER)(self, **options)


def reached(name: str) -> Any:
    """Give a function by ``module:function``, and load what it needs."""
    module, _, function = name.partition(":")
    return getattr(importlib.import_module(module), function)
