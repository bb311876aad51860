"""Near misses: identifiers of two profiles that would be one, were they written alike."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from xrefgraph.hygiene import denied_values, normalize, refusal
from xrefgraph.inspection.subjects import name_of
from xrefgraph.linking.evidence import Longs
from xrefgraph.networks import IdentifierNode
from xrefgraph.schema import IdentifierType, Schema

#: What may be near, the most telling first.
KINDS = ("case_or_spaces", "punctuation", "country_code", "mail", "other_type", "one_edit")

#: So many near misses are listed at most. Compared are at most so many values of each side; for one edit, of at most so many
#: characters; and of each kind so many pairs that have something in common.
MOST_LISTED, MOST_VALUES, MOST_LENGTH, MOST_PAIRS = 50, 200_000, 200, 100_000

#: What is shorter is near something by chance.
_TELLING = 4

#: Where more than one in so many values differs from one of the other side in a digit alone, the values are numbered.
_RARE = 20

_DIALLED = re.compile(r"[0-9 +()./\-]+")

#: So many digits make a telephone number, and so many may stand in front of the shorter of two.
_DIGITS, _PREFIX = range(7, 16), 4

#: The normalisers that are tried.
_TRIED: tuple[tuple[str, ...], ...] = (
    *(("strip",), ("lower",), ("email",), ("strip", "lower"), ("phone",), ("digits",), ("alnum",)),
    ("alnum", "lower"),
)

#: The base of the hash of a text, a polynomial modulo 2**64: odd, so that it has an inverse.
_BASE = 0x9E3779B97F4A7C15

Hashes = npt.NDArray[np.uint64]


@dataclass(frozen=True)
class Value:
    """An identifier of a profile.

    Parameters
    ----------
    rank : int
        The rank of its type.
    text : str
        Its value.
    events : int
        How many events carry it.
    """

    rank: int
    text: str
    events: int


@dataclass(frozen=True)
class NearMiss:
    """Two identifiers, one of each profile, that would be one were they written alike.

    Parameters
    ----------
    kind : str
        ``case_or_spaces``: equal but for capitals and white space. ``punctuation``: equal but for what is no letter and no
        digit. ``country_code``: a telephone number with and without its country code. ``mail``: a mail address with and
        without dots or a tag in front of the ``@``. ``other_type``: one text in two types. ``one_edit``: one character more,
        less, or another one, or two neighbours swapped; capitals and white space aside. Numbers of a unique type are not
        compared so: the next one is always near.
    a, b : IdentifierNode
        The identifier on a's side, and the one on b's.
    events_a, events_b : int
        How many events carry each.
    sentence : str
        How they differ.
    advice : str
        What would make them one.
    normalize : str or list of str or None
        What the ``normalize`` of the type would have to be, where normalisers with a name do it.
    decision : dict
        The ``link`` decision that joins these two alone.
    """

    kind: str
    a: IdentifierNode
    b: IdentifierNode
    events_a: int
    events_b: int
    sentence: str
    advice: str
    normalize: str | list[str] | None
    decision: dict[str, Any]


@dataclass(frozen=True)
class NearMisses:
    """What a comparison found.

    Parameters
    ----------
    found : tuple of NearMiss
        The most telling first: by kind, then by the events of the rarer one. At most fifty.
    count : int
        How many there are.
    left_out : mapping of str to int
        What was not compared: ``values`` beyond 200,000 of a side; ``long`` ones of more than 200 characters, for one edit;
        ``pairs`` that have something in common beyond 100,000 of a kind; ``numbered`` ones that differ in a digit alone, in a
        unique type or where there are many of them: they are neighbours of each other, and no typing errors.
    """

    found: tuple[NearMiss, ...] = ()
    count: int = 0
    left_out: Mapping[str, int] = field(default_factory=dict)


def near_misses(schema: Schema, mine: Sequence[Value], theirs: Sequence[Value]) -> NearMisses:
    """Find the identifiers of two profiles that are nearly the same.

    Parameters
    ----------
    schema : Schema
        The types.
    mine, theirs : sequence of Value
        The identifiers of each, strongest first. What is in both is left out.

    Returns
    -------
    NearMisses

    Notes
    -----
    Values are compared by keys (folded text; letters and digits; the last digits; the address without its tag), so no two are
    looked at that have nothing in common. Texts that are one edit apart have a text in common when up to one character of each
    is left out (Garbe, *SymSpell*, 2012); all of these are hashed at once. Cost: linear in the characters.

    Examples
    --------
    >>> found = near_misses(Schema(["email"]), [Value(0, "Max@example.org", 1)], [Value(0, "max@example.org", 2)])
    >>> print(found.found[0].sentence, found.found[0].advice)
    email Max@example.org and email max@example.org are equal but for capitals. normalize='lower' on email would make them
    one; a link decision joins these two alone.
    """
    common = {(one.rank, one.text) for one in mine} & {(one.rank, one.text) for one in theirs}
    left_out: dict[str, int] = defaultdict(int)
    sides: list[list[Value]] = []
    for side in (mine, theirs):
        own = [one for one in side if (one.rank, one.text) not in common]
        left_out["values"] += max(0, len(own) - MOST_VALUES)
        sides.append(own[:MOST_VALUES])
    here, there = sides
    folded = [["".join(one.text.split()).casefold() for one in side] for side in sides]
    unique = frozenset(rank for rank, kind in enumerate(schema.ranked) if kind.unique)

    # Each pair is of the first kind that it is found as.
    kind_of: dict[tuple[int, int], str] = {}
    for kind in KINDS[:-1]:
        mine_by, theirs_by = (
            _keys(kind, side, texts, unique) for side, texts in zip(sides, folded, strict=True)
        )
        for i, j in _meeting(mine_by, theirs_by, left_out):
            if _is_near(kind, here[i], there[j]):
                kind_of.setdefault((i, j), kind)
    for pair in _one_edit(sides, folded, unique, left_out):
        kind_of.setdefault(pair, KINDS[-1])

    def telling(pair: tuple[int, int]) -> tuple[Any, ...]:
        a, b = here[pair[0]], there[pair[1]]
        numbers = kind_of[pair] == KINDS[-1] and _edit(*_texts(folded, pair))[1]
        return KINDS.index(kind_of[pair]), numbers, -min(a.events, b.events), *_order(a), *_order(b)

    listed = sorted(kind_of, key=telling)[:MOST_LISTED]
    return NearMisses(
        tuple(_told(schema, kind_of[i, j], here[i], there[j]) for i, j in listed),
        len(kind_of),
        {what: count for what, count in left_out.items() if count},
    )


def _order(one: Value) -> tuple[int, str]:
    return one.rank, one.text


def _texts(folded: Sequence[Sequence[str]], pair: tuple[int, int]) -> tuple[str, str]:
    return folded[0][pair[0]], folded[1][pair[1]]


# --------------------------------------------------------------------------------------------- keys


def _keys(
    kind: str, values: Sequence[Value], folded: Sequence[str], unique: frozenset[int]
) -> list[Hashable | None]:
    """What values of a kind have in common; None for a value that is none of the kind."""
    if kind == "case_or_spaces":
        return [(one.rank, text) for one, text in zip(values, folded, strict=True)]
    if kind == "other_type":
        return [text if len(text) >= _TELLING else None for text in folded]
    found: list[Hashable | None] = []
    for one, text in zip(values, folded, strict=True):
        key: str | None = None
        if kind == "punctuation":
            plain = text if text.isalnum() else "".join(c for c in text if c.isalnum())
            key = plain if len(plain) >= _TELLING - 1 else None
        elif kind == "country_code":
            digits = _national(one.text) if one.rank not in unique else ""
            key = digits[-_DIGITS.start :] or None
        elif "@" in text:
            name, _, domain = text.rpartition("@")
            name = name.partition("+")[0].replace(".", "")
            key = f"{name}@{domain}" if name else None
        found.append(None if key is None else (one.rank, key))
    return found


def _national(text: str) -> str:
    """The digits of what looks like a telephone number, without zeros in front; empty for anything else."""
    if text[:1] not in "+(0123456789" or not _DIALLED.fullmatch(text):
        return ""
    digits = re.sub(r"[^0-9]", "", text).lstrip("0")
    return digits if len(digits) in _DIGITS else ""


def _is_near(kind: str, a: Value, b: Value) -> bool:
    """Whether two that have their key in common are what they look like."""
    if kind == "other_type":
        return a.rank != b.rank
    if kind == "country_code":
        short, long = sorted((_national(a.text), _national(b.text)), key=len)
        return long.endswith(short) and len(long) - len(short) <= _PREFIX
    return True


def _meeting(
    mine: Sequence[Hashable | None], theirs: Sequence[Hashable | None], left_out: dict[str, int]
) -> Iterator[tuple[int, int]]:
    """The pairs that have a key in common, those of the rarest keys first; what is beyond the most is counted."""
    wanted = set(theirs) - {None}
    here, there = defaultdict[Hashable, list[int]](list), defaultdict[Hashable, list[int]](list)
    for n, key in enumerate(mine):
        if key in wanted:
            here[key].append(n)
    for n, key in enumerate(theirs):
        if key in here:
            there[key].append(n)
    left = MOST_PAIRS
    for key in sorted(there, key=lambda key: (len(here[key]) * len(there[key]), here[key][0])):
        count = len(here[key]) * len(there[key])
        if count > left:
            left_out["pairs"] += count
            continue
        left -= count
        yield from ((i, j) for i in here[key] for j in there[key])


# ----------------------------------------------------------------------------------------- one edit


def _one_edit(
    sides: Sequence[Sequence[Value]],
    folded: Sequence[Sequence[str]],
    unique: frozenset[int],
    left_out: dict[str, int],
) -> Iterator[tuple[int, int]]:
    """The pairs of one type whose folded texts are one edit apart."""
    ranks = {one.rank for one in sides[0]} & {one.rank for one in sides[1]}
    for rank in sorted(ranks):
        rows = []
        for side, texts in zip(sides, folded, strict=True):
            own = [n for n, one in enumerate(side) if one.rank == rank]
            left_out["long"] += sum(len(texts[n]) > MOST_LENGTH for n in own)
            rows.append(
                [
                    n
                    for n in own
                    if _TELLING <= len(texts[n]) <= MOST_LENGTH
                    and not (rank in unique and texts[n].isdecimal())
                ]
            )
        if not all(rows):
            continue
        here, there = (
            _left_out_one([texts[n] for n in own]) for texts, own in zip(folded, rows, strict=True)
        )
        edits: tuple[list[tuple[int, int]], list[tuple[int, int]]] = ([], [])
        for i, j in _same_hash(here, there, left_out):
            pair = rows[0][i], rows[1][j]
            near, in_digits = _edit(*_texts(folded, pair))
            if near:
                edits[in_digits].append(pair)
        yield from edits[0]
        # Typing errors are rare: where many values differ from others in a digit, they are numbered.
        if rank not in unique and len(edits[1]) <= max(3, min(map(len, rows)) // _RARE):
            yield from edits[1]
        else:
            left_out["numbered"] += len(edits[1])


def _left_out_one(texts: Sequence[str]) -> tuple[Hashes, Longs]:
    """The hashes of texts, and of each with any one character left out; with the text that each is of."""
    length = np.array([len(text) for text in texts], np.int64)
    begin = np.concatenate([[0], np.cumsum(length)])
    codes = np.frombuffer("".join(texts).encode("utf-32-le"), np.uint32).astype(np.uint64)
    of = np.repeat(np.arange(len(texts)), length)
    powers = np.full(int(length.max(initial=0)) + 1, _BASE, np.uint64)
    powers[0] = 1
    powers = np.cumprod(powers)
    place = np.arange(len(codes)) - begin[of]
    summed = np.concatenate([np.zeros(1, np.uint64), np.cumsum((codes + 1) * powers[place])])
    first, last = summed[begin[:-1]], summed[begin[1:]]
    inverse = np.uint64(pow(_BASE, -1, 2**64))
    # What stands behind the character moves one to the front.
    without = (summed[:-1] - first[of]) + (last[of] - summed[1:]) * inverse
    return np.concatenate([last - first, without]), np.concatenate([np.arange(len(texts)), of])


def _same_hash(
    mine: tuple[Hashes, Longs], theirs: tuple[Hashes, Longs], left_out: dict[str, int]
) -> Iterator[tuple[int, int]]:
    """The pairs that have a hash in common, those of the rarest hashes first; what is beyond the most is counted."""
    # Most hashes meet nothing: a table of their last bits says so for nine of ten, and only the others are sorted.
    bits = np.uint64((1 << 24) - 1)
    some = []
    for own, other in ((mine, theirs), (theirs, mine)):
        there = np.zeros(int(bits) + 1, bool)
        there[other[0] & bits] = True
        rows = np.flatnonzero(there[own[0] & bits])
        rows = rows[np.argsort(own[0][rows], kind="stable")]
        some.append((own[0][rows], own[1][rows]))
    (hash_a, of_a), (hash_b, of_b) = some
    keys = hash_a[np.append(True, hash_a[1:] != hash_a[:-1])] if len(hash_a) else hash_a
    edges = [
        [np.searchsorted(hashes, keys, side=side) for side in ("left", "right")]
        for hashes in (hash_a, hash_b)
    ]
    counts = np.prod([end - begin for begin, end in edges], axis=0)
    order = np.argsort(counts, kind="stable")
    order = order[counts[order] > 0]
    taken = np.cumsum(counts[order]) <= MOST_PAIRS
    left_out["pairs"] += int(counts[order][~taken].sum())
    seen: set[tuple[int, int]] = set()
    for key in order[taken].tolist():
        lists = [
            owner[begin[key] : end[key]].tolist()
            for (begin, end), owner in zip(edges, (of_a, of_b), strict=True)
        ]
        seen.update((i, j) for i in lists[0] for j in lists[1])
    yield from sorted(seen)


def _edit(a: str, b: str) -> tuple[bool, bool]:
    """Whether two texts are one edit apart (Damerau and Levenshtein), and whether it is an edit of digits."""
    short, long = sorted((a, b), key=len)
    if len(long) - len(short) > 1 or a == b:
        return False, False
    front = next((n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), len(short))
    rest_a, rest_b = a[front:], b[front:]
    if len(a) == len(b):
        is_one = rest_a[1:] == rest_b[1:]
        is_swap = rest_a[:2] == rest_b[1::-1] and rest_a[2:] == rest_b[2:]
        changed = rest_a[: 1 + is_swap] + rest_b[: 1 + is_swap]
        return is_one or is_swap, changed.isdecimal()
    longer, shorter = (rest_a, rest_b) if len(a) > len(b) else (rest_b, rest_a)
    return longer[1:] == shorter, longer[:1].isdecimal()


# -------------------------------------------------------------------------------------------- words


def _told(schema: Schema, kind: str, a: Value, b: Value) -> NearMiss:
    one, other = (IdentifierNode(schema.names[value.rank], value.text) for value in (a, b))
    steps = _normalizers(schema.ranked[a.rank], a.text, b.text) if a.rank == b.rank else None
    return NearMiss(
        kind,
        one,
        other,
        a.events,
        b.events,
        f"{name_of(one)} and {name_of(other)} {_how(kind, a.text, b.text)}.",
        _advice(kind, one.type, other.type, steps),
        steps,
        {"action": "link", "a": [one.type, a.text], "b": [other.type, b.text]},
    )


def _how(kind: str, a: str, b: str) -> str:
    if kind == "case_or_spaces":
        if a.casefold() == b.casefold():
            return "are equal but for capitals"
        blanks = "".join(a.split()) == "".join(b.split())
        return f"are equal but for {'white space' if blanks else 'capitals and white space'}"
    return {
        "punctuation": "have the same letters and digits, and differ in punctuation",
        "country_code": "are one telephone number but for what stands in front, such as a country code",
        "mail": "are one mail address but for dots or a tag in front of the @",
        "other_type": "are one text in two types",
        "one_edit": "differ in one character, or in two that are swapped",
    }[kind]


def _normalizers(kind: IdentifierType, a: str, b: str) -> str | list[str] | None:
    """What ``normalize`` would have to be for two values to be one."""
    letters = "".join(c for c in a + b if c.isalnum())
    denied = denied_values(kind)
    for steps in _TRIED:
        if (
            ("email" in steps and not ("@" in a and "@" in b))
            or ("phone" in steps and not (_national(a) and _national(b)))
            or ("digits" in steps and not letters.isdecimal())
        ):
            continue
        (one, refused), (other, _) = normalize(a, steps), normalize(b, steps)
        if one == other and refused is None and refusal(one, kind, denied) is None:
            names = [step if isinstance(step, str) else step.__name__ for step in kind.normalizers]
            every = [*names, *steps]
            return every[0] if len(every) == 1 else every
    return None


def _advice(kind: str, name: str, other: str, steps: str | list[str] | None) -> str:
    if steps is not None:
        told = f"normalize={steps!r} on {name} would make them one"
    elif kind == "other_type":
        told = f"If {name} and {other} are the same thing, declare them as one type"
    elif kind == "one_edit":
        return "If it is a typing error, a link decision joins the two."
    else:
        what = {
            "country_code": "puts the country code in front",
            "mail": "leaves out dots and tags",
        }.get(kind, "writes both alike")
        told = f"A function of your own as normalize on {name}, which {what}, would make them one"
    return f"{told}; a link decision joins these two alone."
