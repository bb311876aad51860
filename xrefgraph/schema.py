"""What the user declares: identifier types, and the schema that ranks them.

Plain frozen dataclasses, checked when they are made, and the same in a TOML file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from xrefgraph.configuration import check_keys, check_present, read_toml, set_fields, write_toml
from xrefgraph.decision_files import read_decisions
from xrefgraph.decisions import Decision
from xrefgraph.errors import SchemaError, did_you_mean, listing
from xrefgraph.patterns import check_pattern
from xrefgraph.policy import DEFAULT_POLICY, Policy

#: The normalisers that have a name. What they do stands in :mod:`xrefgraph.hygiene`.
NORMALIZERS = ("strip", "lower", "digits", "alnum", "email", "phone")

Normalizer = str | Callable[[str], str | None]


@dataclass(frozen=True)
class IdentifierType:
    """A kind of identifier, such as ``cookie``, and what its values may be.

    Parameters
    ----------
    name : str
        The name of the type. It has no colon, since ``"cookie:x"`` is type and value.
    unique : bool
        Whether a profile has at most one value of this type. The anchor is always unique.
    limit : int, optional
        How many values of this type a profile may have. ``first_claim``, ``last_touch`` and ``strongest`` see
        to it; the other policies report it.
    normalize : str, callable, or a sequence of these, optional
        How a value is brought into its normal form: ``strip``, ``lower``, ``digits``, ``alnum``,
        ``email``, ``phone``, a function from text to text, or several in order.
    accept : str, optional
        A regular expression that a value must match as a whole.
    deny : sequence of str
        Values that are refused (normalised too).
    deny_patterns : sequence of str
        Regular expressions; a value in which one is found is refused.
    deny_defaults : bool
        Whether the built-in junk values (``null``, ``unknown``, ``0``, ...) are refused.
    shared_with : mapping of str to int
        ``{"db_id": 1}`` sets a value aside that meets more than one ``db_id`` in the whole input. It names another type.
    trust : float
        How much one event weighs as evidence, beside other types: for `why` and `separate`, which say where a profile is thin.

    Raises
    ------
    SchemaError
        When a part contradicts itself or cannot be used.

    Notes
    -----
    Patterns use the common ground of Python's ``re`` and RE2: no look-around, no back-references.

    Examples
    --------
    >>> IdentifierType("email", normalize="email", deny=["office@example.org"]).deny
    ('office@example.org',)
    """

    name: str
    unique: bool = field(default=False, kw_only=True)
    limit: int | None = field(default=None, kw_only=True)
    normalize: Normalizer | Sequence[Normalizer] | None = field(default=None, kw_only=True)
    accept: str | None = field(default=None, kw_only=True)
    deny: Sequence[Any] = field(default=(), kw_only=True)
    deny_patterns: Sequence[str] = field(default=(), kw_only=True)
    deny_defaults: bool = field(default=True, kw_only=True)
    shared_with: Mapping[str, int] = field(default_factory=dict, kw_only=True)
    trust: float = field(default=1.0, kw_only=True)

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name.strip():
            raise SchemaError(f"The name of an identifier type is text, not {self.name!r}.")
        if ":" in self.name:
            raise SchemaError(
                f"The identifier type {self.name!r} has a colon in its name; in 'type:value' the first colon"
                " ends the type. Choose a name without one."
            )
        for name in ("deny", "deny_patterns"):
            given = getattr(self, name)
            if isinstance(given, str) or not isinstance(given, Iterable):
                raise SchemaError(f"{name} of {self.name!r} is a list, not {type(given).__name__}.")
            object.__setattr__(self, name, tuple(given))
        if self.limit is not None and (type(self.limit) is not int or self.limit < 1):
            raise SchemaError(
                f"The limit of {self.name!r} is a whole number from 1 on, not {self.limit!r}."
            )
        if (
            isinstance(self.trust, bool)
            or not isinstance(self.trust, int | float)
            or not 0 < self.trust < 1e9
        ):
            raise SchemaError(
                f"The trust of {self.name!r} is a number above 0, not {self.trust!r}."
            )
        for step in self.normalizers:
            if not callable(step) and step not in NORMALIZERS:
                raise SchemaError(
                    f"The type {self.name!r} asks for the normaliser {step!r}, which does not exist. There are:"
                    f" {listing(NORMALIZERS)}, and any function.{did_you_mean(str(step), NORMALIZERS)}"
                )
        for name, patterns in (("accept", [self.accept]), ("deny_patterns", self.deny_patterns)):
            for pattern in patterns:
                if pattern is not None:
                    check_pattern(pattern, f"{name} of {self.name!r}")
        if not isinstance(self.shared_with, Mapping) or any(
            type(most) is not int or most < 1 for most in self.shared_with.values()
        ):
            raise SchemaError(
                f"shared_with of {self.name!r} maps a type to a whole number from 1 on."
            )
        if self.name in self.shared_with:
            raise SchemaError(
                f"shared_with of {self.name!r} names {self.name!r} itself; it is about the values of another type."
            )
        object.__setattr__(self, "shared_with", dict(self.shared_with))

    @property
    def normalizers(self) -> tuple[Normalizer, ...]:
        """The steps of ``normalize``, in order."""
        if self.normalize is None:
            return ()
        if isinstance(self.normalize, str) or callable(self.normalize):
            return (self.normalize,)
        if not isinstance(self.normalize, Iterable):
            raise SchemaError(
                f"normalize of {self.name!r} is a name, a function, or a list of these."
            )
        return tuple(self.normalize)


@dataclass(frozen=True)
class Schema:
    """The identifier types, strongest first, and how conflicts are settled.

    Parameters
    ----------
    types : sequence of str or IdentifierType
        Strongest first. The rank decides which identifier an event belongs by.
    anchor : str, optional
        The type that is your own id. It is unique, and the strongest: the first of ``types``.
    conflicts : str, Policy or callable
        What happens to a profile that holds two values of a unique type: the name of a policy, a
        :class:`Policy` with its options, or a function. It is kept as a :class:`Policy`.
    decisions : path, or sequence of dict or Decision
        What people decided about single identifiers: a file (see :func:`read_decisions`), or the decisions
        themselves. They are read at once, and kept as :class:`Decision`.

    Raises
    ------
    SchemaError
        A type declared twice, an anchor that is not the first type, an unknown policy, a decision on a type
        that is not declared.
    StoreError
        When there is no file of decisions.

    Examples
    --------
    >>> schema = Schema(["db_id", IdentifierType("email", normalize="email"), "cookie"], anchor="db_id")
    >>> schema.names
    ('db_id', 'email', 'cookie')
    """

    types: Sequence[str | IdentifierType]
    anchor: str | None = field(default=None, kw_only=True)
    conflicts: str | Policy | Callable[[Any], Any] = field(default=DEFAULT_POLICY, kw_only=True)
    decisions: Any = field(default=(), kw_only=True)

    def __post_init__(self) -> None:
        if isinstance(self.types, str | IdentifierType) or not isinstance(self.types, Iterable):
            raise SchemaError(
                "The types of a schema are a list of names or IdentifierTypes, strongest first."
            )
        types = tuple(t if isinstance(t, IdentifierType) else IdentifierType(t) for t in self.types)
        names = [t.name for t in types]
        if not types:
            raise SchemaError("A schema needs at least one identifier type.")
        for name in names:
            if names.count(name) > 1:
                raise SchemaError(f"The identifier type {name!r} is declared twice.")
        if self.anchor is not None:
            if self.anchor not in names:
                raise SchemaError(
                    f"The anchor {self.anchor!r} is not among the types: {listing(names)}."
                    f"{did_you_mean(str(self.anchor), names)}"
                )
            if self.anchor != names[0]:
                raise SchemaError(
                    f"The anchor {self.anchor!r} is the strongest type, so it comes first; the first is {names[0]!r}."
                )
            types = (replace(types[0], unique=True), *types[1:])
        for t in types:
            for other in t.shared_with:
                if other not in names:
                    raise SchemaError(
                        f"shared_with of {t.name!r} names the type {other!r}, which is not declared."
                        f"{did_you_mean(other, names)}"
                    )
        decisions = read_decisions(self.decisions)
        _check_declared(decisions, names)
        object.__setattr__(self, "types", types)
        object.__setattr__(self, "decisions", decisions)
        if not isinstance(self.conflicts, Policy):
            object.__setattr__(self, "conflicts", Policy(self.conflicts))

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the types, strongest first."""
        return tuple(t.name for t in self.ranked)

    @property
    def ranked(self) -> tuple[IdentifierType, ...]:
        """The types as :class:`IdentifierType`, strongest first."""
        return tuple(t for t in self.types if isinstance(t, IdentifierType))

    @property
    def policy(self) -> Policy:
        """The conflict policy, with its options."""
        return self.conflicts if isinstance(self.conflicts, Policy) else Policy(self.conflicts)

    @property
    def functions(self) -> tuple[str, ...]:
        """What of the schema is a function, which no file can hold: names of types, and ``conflicts``."""
        kinds = [t.name for t in self.ranked if any(callable(step) for step in t.normalizers)]
        return (*kinds, "conflicts") if self.policy.function is not None else tuple(kinds)

    def rank(self, name: str) -> int:
        """The rank of a type, 0 for the strongest.

        Raises
        ------
        SchemaError
            When there is no such type.
        """
        if name not in self.names:
            raise SchemaError(
                f"There is no identifier type {name!r}. There are: {listing(self.names)}."
                f"{did_you_mean(name, self.names)}"
            )
        return self.names.index(name)

    @classmethod
    def from_toml(cls, path: str | Path) -> Schema:
        """Read the schema of a TOML file.

        Parameters
        ----------
        path : path
            A file with ``anchor``, ``[[type]]``, and perhaps ``[conflicts]``, and either ``decisions``, a
            file of them, which is looked for in the folder of this one, or ``[[decision]]``. Its ``[[source]]``
            tables are read by :meth:`Source.from_toml`.

        Raises
        ------
        SchemaError
            When the file is no TOML, or names something that does not exist.
        """
        data = read_toml(path)
        if isinstance(data.get("decisions"), str):
            data["decisions"] = str(Path(path).parent / data["decisions"])
        return cls.from_dict(data, str(Path(path).name))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], where: str = "the schema") -> Schema:
        """Make a schema of the parsed form of a TOML file."""
        check_keys(data, ("anchor", "type", "source", "conflicts", "decisions", "decision"), where)
        types = []
        for table in data.get("type", []):
            check_keys(table, [f.name for f in fields(IdentifierType)], f"a [[type]] of {where}")
            check_present(table, ["name"], f"A [[type]] of {where}")
            types.append(IdentifierType(**table))
        decisions = data.get("decisions", ())
        if "decision" in data:
            if "decisions" in data:
                raise SchemaError(
                    f"{where} has both `decisions` and [[decision]]: give one of them."
                )
            decisions = read_decisions(data["decision"], where)
        elif "decisions" in data and not isinstance(decisions, str):
            raise SchemaError(
                f"`decisions` of {where} is the name of a file; the decisions themselves are written as [[decision]]."
            )
        return cls(
            types,
            anchor=data.get("anchor"),
            conflicts=Policy.from_dict(data.get("conflicts", {}), where),
            decisions=decisions,
        )

    def to_dict(self) -> dict[str, Any]:
        """Give the parsed form of the TOML file, with only what is not the default.

        The decisions are in it, wherever they were read from.

        Raises
        ------
        SchemaError
            When a normaliser or the policy is a function, which no file can hold.
        """
        data: dict[str, Any] = {} if self.anchor is None else {"anchor": self.anchor}
        data["conflicts"] = self.policy.to_dict()
        data["type"] = []
        for kind in self.ranked:
            if any(callable(step) for step in kind.normalizers):
                raise SchemaError(
                    f"The type {kind.name!r} has a function as its normaliser, which no file can hold."
                )
            # The anchor is unique without saying so.
            told = replace(kind, unique=False) if kind.name == self.anchor else kind
            data["type"].append(set_fields(told))
        if self.decisions:
            data["decision"] = [decision.to_dict() for decision in self.decisions]
        return data

    def to_toml(self) -> str:
        """Write the schema as TOML text.

        Examples
        --------
        >>> print(Schema(["db_id", "cookie"], anchor="db_id").to_toml())
        anchor = "db_id"
        <BLANKLINE>
        [conflicts]
        policy = "isolate"
        <BLANKLINE>
        [[type]]
        name = "db_id"
        <BLANKLINE>
        [[type]]
        name = "cookie"
        <BLANKLINE>
        """
        return write_toml(self.to_dict())


def _check_declared(decisions: Sequence[Decision], names: Sequence[str]) -> None:
    for decision in decisions:
        for kind, _ in decision.identifiers:
            if kind not in names:
                raise SchemaError(
                    f"{decision.origin} names the type {kind!r}, which is not declared. Declared are:"
                    f" {listing(names)}.{did_you_mean(kind, names)}"
                )
