"""Small cases of events that went wrong, to play with: what was linked that should not be, and what puts it right.

Each is made up, but happens everywhere: a device that many share, a telephone number that changed its owner, a value that was typed
where there was none, a couple under one roof. A case is a folder of this package with the files of its sources (each with
columns of its own), ``xref.toml`` which declares them, ``remedy.toml`` which puts it right, ``truth.csv`` which knows whose each
event truly is, and ``story.md`` which says what happened.

>>> import xrefgraph as xg
>>> xg.examples.names()
('household', 'placeholder_value', 'recycled_phone', 'shared_device')
>>> case = xg.examples.load("shared_device")
>>> graph = case.build()
>>> graph
<XrefGraph: 100 events, 26 identifiers, 4 profiles, 28 events anchored, 67 ambiguous>
>>> xg.ambiguities(graph)[0].culprit
IdentifierNode(type='device', value='kiosk-77', owner=None)
>>> graph.close()
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from xrefgraph.configuration import read_toml
from xrefgraph.errors import UnknownError, did_you_mean, listing
from xrefgraph.graph import XrefGraph, build
from xrefgraph.schema import Schema
from xrefgraph.sources import Source

__all__ = ["Case", "load", "names"]

#: The files of a case, beside those of its sources.
DECLARED, REMEDY, STORY, TRUTH = "xref.toml", "remedy.toml", "story.md", "truth.csv"


@dataclass(frozen=True, repr=False)
class Case:
    """A failure in a can; made by :func:`load`.

    Iterating it gives the sources and the schema, which are what :func:`xrefgraph.build` wants: ``xg.build(*case)``.

    Parameters
    ----------
    name : str
        The name of its folder.
    title : str
        What it is, in a few words.
    story : str
        What happened, and what to look for, in a few sentences.
    sources : list of Source
        The events: files of the package, each with its own names of columns.
    schema : Schema
        As somebody might declare it who knows nothing of the failure yet. Its policy is ``keep``, so that the failure shows.
    remedy : Schema
        The same with what puts it right: decisions, or another policy.
    truth : Path
        A file for :func:`xrefgraph.evaluate`: ``source``, ``event_id``, ``person``; no person where nobody can know.

    Examples
    --------
    >>> import xrefgraph as xg
    >>> case = xg.examples.load("shared_device")
    >>> case
    <Case shared_device: A kiosk in a shop>
    >>> [source.name for source in case.sources], case.schema.names
    (['customers', 'web_visits', 'kiosk_log'], ('customer_id', 'email', 'phone', 'cookie', 'device'))
    >>> with xg.build(*case) as before, before.rebuild(case.remedy) as after:
    ...     for graph in (before, after):
    ...         found = xg.evaluate(graph, case.truth)
    ...         print(found.wrong_pairs, found.missed_pairs)
    1134 0
    0 0
    """

    name: str
    title: str
    story: str
    sources: list[Source]
    schema: Schema
    remedy: Schema
    truth: Path

    @property
    def folder(self) -> Path:
        """The folder with its files; to be copied, not to be changed."""
        return self.truth.parent

    def __repr__(self) -> str:
        return f"<Case {self.name}: {self.title}>"

    def build(self, **options: Any) -> XrefGraph:
        """Build the graph of its events, with the failure in it.

        Parameters
        ----------
        **options
            Of :func:`xrefgraph.build`, such as ``keep_columns`` or ``database``.

        Returns
        -------
        XrefGraph
        """
        return build(self.sources, self.schema, **options)

    def __iter__(self) -> Iterator[Any]:
        """Give the sources and the schema, for ``xg.build(*case)``."""
        yield self.sources
        yield self.schema


def names() -> tuple[str, ...]:
    """Give the names of the cases that :func:`load` knows, by the alphabet.

    Examples
    --------
    >>> names()
    ('household', 'placeholder_value', 'recycled_phone', 'shared_device')
    """
    return tuple(sorted(path.parent.name for path in _home().glob(f"*/{STORY}")))


def load(name: str) -> Case:
    """Load a case.

    Parameters
    ----------
    name : str
        One of :func:`names`.

    Returns
    -------
    Case

    Raises
    ------
    UnknownError
        When there is no such case.

    Examples
    --------
    >>> print(load("household").story)
    Gwen and Hugo are a couple, each with a membership, an address and a telephone of their own. They share a television ...
    >>> load("sharde_device")
    Traceback (most recent call last):
    xrefgraph.errors.UnknownError: There is no example 'sharde_device'. There are: household, placeholder_value, recycled_phone,
    shared_device. Did you mean 'shared_device'?
    """
    if name not in names():
        raise UnknownError(
            f"There is no example {name!r}. There are: {listing(names())}.{did_you_mean(str(name), names())}"
        )
    folder = _home() / name
    title, _, story = (folder / STORY).read_text(encoding="utf-8").partition("\n")
    return Case(
        name=name,
        title=title.lstrip("# "),
        story=" ".join(story.split()),
        sources=Source.from_toml(folder / DECLARED),
        schema=Schema.from_toml(folder / DECLARED),
        # What it says takes the place of what was declared.
        remedy=Schema.from_dict(
            {**read_toml(folder / DECLARED), **read_toml(folder / REMEDY)}, REMEDY
        ),
        truth=folder / TRUTH,
    )


def _home() -> Path:
    return Path(str(resources.files(__name__)))
