"""An answer without the values that it is about: for pages and reports that others will read."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import Any, TypeVar

import numpy as np

from xrefgraph.database import literal
from xrefgraph.decisions import REMARKS, Decision
from xrefgraph.inspection.ambiguities import Ambiguity
from xrefgraph.inspection.barriers.near import NearMiss
from xrefgraph.inspection.barriers.refusals import Reason
from xrefgraph.inspection.barriers.ways import Hop, Stop
from xrefgraph.inspection.blast_radius import BlastRadius
from xrefgraph.inspection.changes.comparison import Cause, Change, Comparison, Example
from xrefgraph.inspection.cuts.separation import Separation
from xrefgraph.inspection.draw.layout.masking import Hide, ToldApart, masked_id, masked_node
from xrefgraph.inspection.evaluate import MixedProfile, SpreadPerson
from xrefgraph.inspection.evidence.evidence_path import Step
from xrefgraph.inspection.history import History
from xrefgraph.inspection.measures.alarms import Alarm
from xrefgraph.inspection.measures.sizes import (
    BusyIdentifier,
    LargeProfile,
    OverLimit,
    TypeMeasures,
)
from xrefgraph.inspection.merging.merges import Merge
from xrefgraph.inspection.stability import Moved
from xrefgraph.inspection.subjects import Subject
from xrefgraph.inspection.suspects import Suspect
from xrefgraph.inspection.what_if.consequences import Part
from xrefgraph.inspection.why import Why
from xrefgraph.networks import EventNode, IdentifierNode
from xrefgraph.store import Store

Asked = TypeVar("Asked")

#: What stands for what somebody wrote into a decision: it may name anybody.
REMARK = "…"

#: Which fields hold values, by the class, and how: a ``value``; the ``id`` of a profile; a ``pair`` of type and value; a
#: ``decision``; a ``remark`` in one; the ``facts`` of a reason; or a ``sentence`` in which values stand. All texts that are not here are
#: the words of the package, the names of types, policies and sources, and the ids of events.
VALUES: Mapping[type, Mapping[str, str]] = {
    Alarm: {"what": "sentence", "advice": "sentence"},
    Ambiguity: {"profiles": "id"},
    BlastRadius: {"holders": "id"},
    BusyIdentifier: {"value": "value"},
    Cause: {"what": "sentence", "identifier": "pair", "between": "id", "reason": "sentence"},
    History: {"profile_id": "id", "nothing": "sentence"},
    Hop: {"reason": "sentence", "decision": "decision"},
    LargeProfile: {"profile_id": "id"},
    Merge: {"decision": "decision"},
    MixedProfile: {"profile_id": "id", "largest": "value"},
    Moved: {"before": "id", "after": "id"},
    NearMiss: {"sentence": "sentence", "advice": "sentence", "decision": "decision"},
    OverLimit: {"largest": "id"},
    Part: {"profile_id": "id", "anchors": "value", "others": "id"},
    Reason: {"sentence": "sentence", "decision": "decision", "facts": "facts"},
    Separation: {"_said": "sentence"},
    SpreadPerson: {"person": "value", "largest": "id"},
    Step: {"reason": "remark"},
    Stop: {"profile_id": "id"},
    Subject: {"profile_id": "id"},
    Suspect: {"value": "value", "profile_id": "id"},
    Why: {"profiles": "id", "_unlinked": "sentence"},
}

#: Values of so many characters are masked wherever they stand in a sentence; shorter ones behind the name of their type, and in lists in
#: brackets, so that "a decision" stays "a decision".
TELLING = 5


def masked(answer: Asked, hide: Hide) -> Asked:
    """Give an answer in which all values of identifiers are masked, for those who may not read them.

    Parameters
    ----------
    answer : Answer, or a part of one
        It is not changed.
    hide : callable
        What gives the text that is shown for a value: see :func:`~xrefgraph.inspection.draw.layout.masking.hidden_by`. Values that it shows
        alike are numbered, in the order in which they are met, so that two people never look like one.

    Returns
    -------
    the same kind of answer
        Its ``summary``, ``rows()`` and ``to_dict()`` hold no value of the graph. Values in sentences are masked where they stand, and
        what people wrote into decisions (reasons, names, authors) is left out: it may name anybody. Ids of events, names of
        sources and types, times and counts stay. It does not know its graph any more, so that nothing is drawn of it unmasked; and its
        decisions are to be read, and not to be carried out.

    Notes
    -----
    Cost: what the answer holds; and, where sentences were written when it was asked for (:func:`~xrefgraph.why_not`), a look at all values of
    the graph for those that stand in them.

    Examples
    --------
    >>> import xrefgraph as xg
    >>> from xrefgraph.inspection.draw.layout.masking import partly
    >>> rows = [{"db_id": 1001, "mail": "ann@example.org"}, {"mail": "ann@example.org", "cookie": "x"}]
    >>> with xg.build(rows, anchor="db_id", identifiers=["mail", "cookie"]) as graph:
    ...     found = masked(xg.paths(graph, "db_id:1001", "cookie:x"), partly)
    >>> print(found.summary)
    1 path from db_id 1… to cookie …, of 2 steps: db_id 1… - mail an…rg (1 event) - cookie … (1 event).
    """
    if hide is str:
        return answer
    known = _Known()
    known.learn(answer)
    origin = getattr(answer, "__dict__", {}).get("_origin")
    if origin is not None and known.sentences:
        known.learn(origin.store.schema.decisions)
        known.pairs.update(_named_in(origin.store, known.sentences))
    apart = hide if isinstance(hide, ToldApart) else ToldApart(hide)
    found: Asked = _Masking(apart, known).of(answer)
    return found


def _named_in(store: Store, sentences: Iterable[str]) -> list[tuple[str, str]]:
    """The values of a graph that stand in sentences: behind the name of their type, or in a list in brackets."""
    names = ", ".join(literal(name) for name in store.schema.names)
    name = f"[{names}][type + 1]"
    found: list[tuple[str, str]] = store.database.rows(
        f"SELECT DISTINCT {name}, text FROM store.value WHERE text <> ''"
        f" AND (contains($1, {name} || ' ' || text) OR contains($1, {name} || ':' || text)"
        " OR ((contains($1, '(' || text) OR contains($1, ', ' || text)) AND (contains($1, text || ',') OR contains($1, text || ')'))))",
        ["\n".join(sorted(sentences))],
    )
    return found


@dataclass
class _Known:
    """The values that an answer names, what people wrote into its decisions, and its sentences.

    Parameters
    ----------
    pairs : set of (str, str)
        Types and values.
    remarks, sentences : set of str
    """

    pairs: set[tuple[str, str]] = field(default_factory=set)
    remarks: set[str] = field(default_factory=set)
    sentences: set[str] = field(default_factory=set)

    def learn(self, what: Any, how: str = "") -> None:
        """Note what there is in a part of an answer; how is the kind of its texts, as in :data:`VALUES`."""
        if isinstance(what, str):
            self._text(what, how)
        elif isinstance(what, IdentifierNode):
            self.pairs.add((what.type, what.value))
            self.learn(what.owner, "id")
        elif isinstance(what, Decision):
            self._decision(what.to_dict())
        elif isinstance(what, Mapping):
            if how == "decision":
                self._decision(what)
            elif how == "facts":
                self._facts(what)
            else:
                for part in what.values():
                    self.learn(part, how)
        elif is_dataclass(what) and not isinstance(what, EventNode):
            self._fields(what)
        elif isinstance(what, tuple | list) and how == "pair":
            self.pairs.add((str(what[0]), str(what[1])))
        elif isinstance(what, tuple | list | set | frozenset):
            for part in what:
                self.learn(part, how)

    def _text(self, text: str, how: str) -> None:
        if how == "id":
            kind, _, value = text.partition(":")
            self.pairs.add((kind, value))
        elif how == "remark":
            self.remarks.add(text)
        elif how == "sentence":
            self.sentences.add(text)

    def _fields(self, what: Any) -> None:
        kinds = VALUES.get(type(what), {})
        for one in fields(what):
            self.learn(getattr(what, one.name), kinds.get(one.name, ""))
        if isinstance(what, Suspect):
            self.pairs.add((what.type, what.value))
        if isinstance(what, TypeMeasures):
            self.pairs.update((what.type, busy.value) for busy in what.busiest)

    def _decision(self, decision: Mapping[str, Any]) -> None:
        for part in ("identifier", "a", "b"):
            if decision.get(part):
                self.learn(decision[part], "pair")
        for part in REMARKS:
            if part != "date" and decision.get(part):
                self.remarks.add(str(decision[part]))

    def _facts(self, facts: Mapping[str, Any]) -> None:
        self.pairs.update((str(facts["type"]), str(value)) for value in facts.get("values", ()))
        for cell in facts.get("carried", ()):
            self.pairs.add((cell["type"], cell["value"]))
        self.learn(list(facts.get("apart", ())))
        self.learn(list(facts.get("owned", ())), "sentence")


@dataclass(frozen=True)
class _Masking:
    """What masks the parts of one answer."""

    hide: Hide
    known: _Known

    def of(self, what: Any, how: str = "") -> Any:
        """Give a part of an answer masked; how is the kind of its texts, as in :data:`VALUES`."""
        if isinstance(what, str):
            return self._text(what, how)
        if what is None or isinstance(what, EventNode | dt.date | dt.timedelta | np.generic):
            return what
        if isinstance(what, IdentifierNode):
            return masked_node(what, self.hide)
        if isinstance(what, Decision):
            return Decision(**self._decision(what.to_dict()))
        if isinstance(what, Comparison):
            return self._comparison(what)
        if is_dataclass(what):
            return self._fields(what)
        if isinstance(what, Mapping):
            if how == "decision":
                return self._decision(what)
            if how == "facts":
                return {name: self._fact(name, part) for name, part in what.items()}
            return {name: self.of(part, how) for name, part in what.items()}
        if isinstance(what, tuple | list) and how == "pair":
            return type(what)((what[0], self.hide(str(what[1]))))
        if isinstance(what, tuple | list | set | frozenset):
            return type(what)(self.of(part, how) for part in what)
        return what

    def _text(self, text: str, how: str) -> str:
        if how == "id":
            return masked_id(text, self.hide)
        if how == "value":
            return self.hide(text)
        if how == "remark":
            return REMARK
        return self._sentence(text) if how == "sentence" else text

    def _fields(self, what: Any) -> Any:
        kinds = VALUES.get(type(what), {})
        found = {
            one.name: self.of(getattr(what, one.name), kinds.get(one.name, ""))
            for one in fields(what)
        }
        if isinstance(what, Alarm) and what.name == "largest_profile":
            found["where"] = masked_id(what.where, self.hide)
        return replace(what, **found)

    def _decision(self, decision: Mapping[str, Any]) -> dict[str, Any]:
        found = dict(decision)
        for part in ("identifier", "a", "b"):
            if found.get(part):
                found[part] = self.of(found[part], "pair")
        return found | {part: REMARK for part in REMARKS if part != "date" and found.get(part)}

    def _fact(self, name: str, fact: Any) -> Any:
        if name == "values":
            return [None if one is None else self.hide(str(one)) for one in fact]
        if name == "carried":
            return [cell | {"value": self.hide(cell["value"])} for cell in fact]
        return self.of(fact, "sentence" if name in ("owned", "reason") else "")

    def _comparison(self, what: Comparison) -> Comparison:
        """Mask what is different: of identifiers the keys are values, and of anchors what was and is."""
        parts: dict[str, Any] = {
            name: {
                change: self._change(found, name) for change, found in getattr(what, name).items()
            }
            for name in ("profiles", "events", "identifiers", "anchors")
        }
        return replace(what, **parts, causes=self.of(what.causes))

    def _change(self, found: Change, name: str) -> Change:
        side = "value" if name == "anchors" else "id"
        examples = tuple(
            Example(
                self.of(one.key, "pair" if name == "identifiers" else ""),
                self.of(one.before, side),
                self.of(one.after, side),
                one.left_off,
                self.of(one.causes),
            )
            for one in found.examples
        )
        return replace(found, examples=examples)

    def _sentence(self, text: str) -> str:
        """Mask what stands in a sentence: values behind their type, telling ones anywhere, and what people wrote."""
        if text in self.known.remarks:
            return REMARK
        said = sorted(self._standing(text), key=lambda one: (-len(one[0]), one[:3]))
        if not said:
            return text
        found = re.compile("|".join(pattern for _, pattern, _, _ in said))
        parts = {whole: (before, value) for whole, _, before, value in said}

        def shown(hit: re.Match[str]) -> str:
            before, value = parts[hit.group()]
            if value is None:
                return f"{before}{REMARK}"
            return f"{before}{self.hide(value)}{hit.group()[len(before) + len(value) :]}"

        return found.sub(shown, text)

    def _standing(self, text: str) -> Iterator[tuple[str, str, str, str | None]]:
        """What stands in a sentence: all of it, the pattern of where it does, what of it stays in front, and the value (None for a remark)."""
        types = {kind for kind, _ in self.known.pairs}
        for kind, value in sorted(self.known.pairs):
            if value and value in text:
                for sign in (" ", ":"):
                    whole = f"{kind}{sign}{value}"
                    yield whole, _alone(whole), f"{kind}{sign}", value
                if len(value) >= TELLING and value not in types:
                    yield value, _alone(value), "", value
                else:
                    listed = rf"(?:(?<=\()|(?<=, )){re.escape(value)}(?=[,)])"
                    yield value, listed, "", value
            written = repr(value)
            if value and f"({kind!r}, {written}" in text:  # as Python writes the two
                front = f"({kind!r}, {written[0]}"
                yield (
                    f"({kind!r}, {written}",
                    re.escape(f"({kind!r}, {written}"),
                    front,
                    written[1:-1],
                )
        for remark in self.known.remarks:
            if remark in text:
                for sign in ("(", ", ", "; "):
                    yield f"{sign}{remark}", _alone(f"{sign}{remark}"), sign, None


def _alone(text: str) -> str:
    """The pattern of a text that is no part of a longer word."""
    before = r"(?<!\w)" if re.match(r"\w", text) else ""
    after = r"(?!\w)" if re.search(r"\w\Z", text) else ""
    return f"{before}{re.escape(text)}{after}"
