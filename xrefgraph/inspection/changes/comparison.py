"""What is different between two results: counts, a few examples of each, and how they look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from xrefgraph.decisions import Decision, Identifier
from xrefgraph.errors import counted
from xrefgraph.inspection.answers import Answer, plain
from xrefgraph.markup import grid, shortened, shown, size, told

#: What can become of each; the first of each is what nobody has to look at.
CHANGES: Mapping[str, tuple[str, ...]] = {
    "profiles": ("unchanged", "changed", "split", "merged", "reshaped", "retired", "created"),
    "events": ("stayed", "moved", "removed", "added"),
    "identifiers": ("stayed", "moved", "removed", "added"),
    "anchors": ("kept", "replaced", "gained", "lost"),
}

#: What the things of each kind have in front of their profiles, in an example.
KEYS: Mapping[str, tuple[str, ...]] = {
    "profiles": (),
    "events": ("source", "event_id"),
    "identifiers": ("type", "value"),
    "anchors": ("source", "event_id"),
}


#: A page shows so many characters of an example or a cause.
SHOWN_TEXT = 120
#: And so many causes.
SHOWN_CAUSES = 25

#: What a sentence says the causes of, and how many of each.
TOLD, CAUSES = ("split", "merged", "reshaped"), 3


@dataclass(frozen=True, kw_only=True)
class Cause:
    """Why some profiles are not what they were.

    Parameters
    ----------
    change : str
        What became of them: a key of ``Comparison.profiles``.
    what : str
        The cause in words: ``block of device kiosk-77``, ``isolate: two values of db_id``, ``events that are new``.
    kind : str
        ``block``, ``detach``, ``link``, ``separate``: a decision that one side has. ``cut``: the policy cuts on one side. ``hands``: an
        identifier that changes hands. ``over_shared``, ``refused``: values that link nothing on one side. ``type``, ``read``: a type that
        one side has not, or reads otherwise. ``events``, ``data``, ``contradictory``: events that are on one side only, carry other
        values there, or contradict themselves there.
    groups : int
        How many groups of profiles it is a cause of. A group may have several.
    event : (str, str), optional
        Source and id of an event for example: the first that carries both, where this is known.
    identifier : (str, str), optional
        Type and value that link them, or that are cut, at this event.
    between : tuple of str
        What is linked by it, or kept apart, as ``type:value``.
    rule, reason : str, optional
        What the table ``cuts`` or ``rejected`` says.
    decision : Decision, optional
        The decision, where the rules are known.
    """

    change: str
    what: str
    kind: str
    groups: int
    event: tuple[str, str] | None = None
    identifier: Identifier | None = None
    between: tuple[str, ...] = ()
    rule: str | None = None
    reason: str | None = None
    decision: Decision | None = None

    def __str__(self) -> str:
        at = "" if self.event is None else f" (event {self.event[1]} of {self.event[0]})"
        because = self.decision.reason if self.decision is not None else None
        return f"{self.what}{f', {because!r}' if because else ''}{at}"


@dataclass(frozen=True)
class Example:
    """One of those that changed.

    Parameters
    ----------
    key : tuple of str
        The source and id of an event, the type and value of an identifier; of profiles nothing.
    before, after : tuple of str
        The profiles; where the anchors of events are compared, the anchors. At most ten of each side.
    left_off : int
        How many more there are, on both sides together.
    causes : tuple of Cause
        Of profiles: why. Empty where it cannot be told.
    """

    key: tuple[str, ...]
    before: tuple[str, ...]
    after: tuple[str, ...]
    left_off: int = 0
    causes: tuple[Cause, ...] = field(default=(), repr=False, compare=False)


@dataclass(frozen=True)
class Change:
    """How many changed in one way.

    Parameters
    ----------
    before, after : int
        How many there are of them on each side: 1 profile that is split into 3 counts 1 and 3.
    examples : tuple of Example
        A few of them, smallest first; none of those that did not change.
    """

    before: int
    after: int
    examples: tuple[Example, ...] = ()


@dataclass(frozen=True, repr=False)
class Comparison(Answer):
    """What is different between two results; made by :func:`compare`, which says what each word means.

    Parameters
    ----------
    profiles : mapping of str to Change
        ``unchanged``, ``changed``, ``split``, ``merged``, ``reshaped``, ``retired``, ``created``. Each profile
        counts once, so the sums are all profiles before, and all after.
    events, identifiers : mapping of str to Change
        ``stayed``, ``moved``, ``removed``, ``added``; the sums are all of them, too.
    anchors : mapping of str to Change
        Of the events that are in both: those whose anchor was ``kept``, ``replaced`` by another one,
        ``gained`` or ``lost``.
    causes : tuple of Cause
        Why profiles are not what they were: by what became of them, then those of most groups first. Two comparisons are equal if they
        say the same of what became of what; folders tell fewer causes than graphs.
    not_told : mapping of str to int
        Of how many groups of profiles no cause is told, by what became of them.
    """

    profiles: Mapping[str, Change]
    events: Mapping[str, Change]
    identifiers: Mapping[str, Change]
    anchors: Mapping[str, Change]
    causes: tuple[Cause, ...] = field(default=(), compare=False)
    not_told: Mapping[str, int] = field(default_factory=dict, compare=False)

    @property
    def is_same(self) -> bool:
        """Whether both have the same events and identifiers in the same profiles, and no event another anchor."""
        return all(
            change == CHANGES[what][0] or found.before == found.after == 0
            for what, change, found in self._changes()
        )

    @property
    def summary(self) -> str:
        """What is different, in plain sentences.

        Examples
        --------
        >>> import xrefgraph as xg
        >>> rows = [{"db_id": 1, "mail": "ann@example.org"}, {"cookie": "a", "mail": "ann@example.org"}]
        >>> before = xg.build(rows, anchor="db_id", identifiers=["cookie"])
        >>> after = xg.build(rows, anchor="db_id", identifiers=["mail", "cookie"])
        >>> print(xg.compare(before, after).summary)
        2 profiles before, 1 after: 2 merged into 1. Of the 2 events in both, 1 moved; of the 2 identifiers
        in both, 1 moved; 1 event gained an anchor. Merged by the type mail that is new (1).
        """
        before, after = (
            sum(getattr(change, side) for change in self.profiles.values())
            for side in ("before", "after")
        )
        told = [_told(name, change) for name, change in self.profiles.items()]
        became = ", ".join(text for text in told if text) or "nothing to compare"
        found = f"{counted(before, 'profile')} before, {after:,} after: {became}. {self._moves()}"
        return f"{found} {why}" if (why := self._why()) else found

    def _why(self) -> str:
        sentences = []
        for change in TOLD:
            causes = [one for one in self.causes if one.change == change]
            if not causes:
                continue
            told = [f"{one.what} ({one.groups:,})" for one in causes[:CAUSES]]
            if causes[CAUSES:]:
                told.append(f"+{counted(len(causes[CAUSES:]), 'other cause')}")
            rest = self.not_told.get(change, 0)
            more = f"; no cause is told of {rest:,}" if rest else ""
            sentences.append(f"{change.capitalize()} by {', '.join(told)}{more}.")
        return " ".join(sentences)

    def _moves(self) -> str:
        parts = []
        for noun, changes in (("event", self.events), ("identifier", self.identifiers)):
            both = changes["stayed"].before + changes["moved"].before
            if both:
                moved = f"{changes['moved'].before:,}" if changes["moved"].before else "none"
                parts.append(f"of the {counted(both, noun)} in both, {moved} moved")
            elif changes["removed"].before and changes["added"].after:
                same = "source and id" if noun == "event" else "type and value"
                parts.append(f"no {noun} is in both (they are told apart by {same})")
        for name, one, several in (
            ("replaced", "got another anchor", "got another anchor"),
            ("gained", "gained an anchor", "gained an anchor"),
            ("lost", "lost its anchor", "lost their anchor"),
        ):
            number = max(self.anchors[name].before, self.anchors[name].after)
            if number:
                parts.append(f"{counted(number, 'event')} {one if number == 1 else several}")
        text = "; ".join(parts) or "there are no events"
        return f"{text[0].upper()}{text[1:]}."

    def _changes(self) -> list[tuple[str, str, Change]]:
        return [
            (what, change, getattr(self, what)[change])
            for what, changes in CHANGES.items()
            for change in changes
        ]

    def to_dict(self) -> dict[str, Any]:
        """Give everything as plain dicts, lists, numbers and texts, as JSON has them."""
        found: dict[str, Any] = {"summary": self.summary}
        for what, change, counts in self._changes():
            examples = [_as_dict(what, example) for example in counts.examples]
            found.setdefault(what, {})[change] = {
                "before": counts.before,
                "after": counts.after,
                "examples": examples,
            }
        found["causes"] = plain(self.causes)
        found["not_told"] = plain(self.not_told)
        return found

    @property
    def columns(self) -> Sequence[str]:
        """The names of the columns of :meth:`to_frame`."""
        return ("what", "change", "before", "after")

    def rows(self) -> list[dict[str, Any]]:
        """Give the counts as rows: ``what``, ``change``, ``before``, ``after``."""
        return [
            {"what": what, "change": change, "before": counts.before, "after": counts.after}
            for what, change, counts in self._changes()
        ]

    def _repr_html_(self) -> str:
        rows = [
            (what, change, counts.before, counts.after, _such_as(counts.examples))
            for what, change, counts in self._changes()
            if counts.before or counts.after
        ]
        table = grid(
            ("what", "change", "before", "after", "such as"),
            rows,
            len(rows),
            room=9_000,
            cell=SHOWN_TEXT,
        )
        items, room = [], 5_000
        for one in self.causes[:SHOWN_CAUSES]:
            item = f"<li>{shown(f'{one.change} ({one.groups:,}): {one}', SHOWN_TEXT)}</li>"
            room -= size(item)
            if room < 0:
                break
            items.append(item)
        more = len(self.causes) - len(items)
        items += [f"<li>+{more:,} more</li>"] if more > 0 else []
        why = f"<ul>{''.join(items)}</ul>" if items else ""
        return told(self.summary) + table + why


def _such_as(examples: Sequence[Example]) -> str:
    """The first of some examples, and how many more are listed."""
    more = f" (and {len(examples) - 1:,} more)" if examples[1:] else ""
    return f"{shortened(example_text(examples[0]), SHOWN_TEXT - 20)}{more}" if examples else ""


def _told(name: str, change: Change) -> str:
    """A count of profiles as a part of a sentence; nothing where there are none."""
    if not (change.before or change.after):
        return ""
    if name in ("split", "merged", "reshaped"):
        return f"{change.before:,} {name} into {change.after:,}"
    return f"{change.before or change.after:,} {name}"


def _as_dict(what: str, example: Example) -> dict[str, Any]:
    table: dict[str, Any] = dict(zip(KEYS[what], example.key, strict=True))
    table |= {
        "before": list(example.before),
        "after": list(example.after),
        "left_off": example.left_off,
    }
    return table | ({"causes": plain(example.causes)} if what == "profiles" else {})


def example_text(example: Example) -> str:
    """Give an example as a line of text: ``cookie:x: db_id:1 -> db_id:1, db_id:2``."""
    key = f"{':'.join(example.key)}: " if example.key else ""
    more = f" (+{example.left_off:,} more)" if example.left_off else ""
    return f"{key}{_side(example.before)} -> {_side(example.after)}{more}"


def _side(names: Sequence[str]) -> str:
    return ", ".join(names) or "nobody"
