"""What the user declares about conflicts: the policy that settles them, and its options."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from xrefgraph.configuration import check_keys
from xrefgraph.durations import duration, duration_text
from xrefgraph.errors import SchemaError, did_you_mean, listing

#: The policies that can be named, with their options and what these are when nobody says.
POLICIES: Mapping[str, Mapping[str, Any]] = {
    "keep": {},
    "isolate": {},
    "first_claim": {},
    "last_touch": {"newest_event_first": False},
    "strongest": {},
    "over_time": {"claim_back": True},
}

#: The policy of a schema that names none.
DEFAULT_POLICY = "isolate"


@dataclass(frozen=True, init=False)
class Policy:
    """How conflicts are settled: what becomes of a profile that holds two values of a unique type.

    Parameters
    ----------
    name : str or callable
        ``keep`` splits nothing; ``isolate`` sets apart what two people share; ``first_claim`` and
        ``last_touch`` give it to the first or the last who had it, ``strongest`` to whom most events speak
        for; ``over_time`` to each while it was theirs. Or a function of your own.
    **options
        Of ``last_touch``: ``newest_event_first`` (False), which puts the joins of the newest event ahead of all
        others. Of ``over_time``: ``claim_back`` (True), whether events before the first claim go to the first
        claimant; a span of time says how long before it at most: a timedelta, a number of seconds, or a
        text such as ``"30 days"``, ``"12 hours"``, ``"PT12H"``.

    Raises
    ------
    SchemaError
        When there is no such policy or option, or an option is not of its kind.

    Notes
    -----
    ``options`` has every option of the policy, and ``claim_back`` as a bool or a timedelta. For a function
    ``name`` is ``"callable"`` and ``function`` is it.

    Examples
    --------
    >>> Policy("last_touch", newest_event_first=True)
    Policy('last_touch', newest_event_first=True)
    >>> Policy("over_time", claim_back="30 days").options
    {'claim_back': datetime.timedelta(days=30)}
    """

    name: str
    options: dict[str, Any]
    function: Callable[[Any], Any] | None

    def __init__(self, name: str | Callable[[Any], Any], **options: Any) -> None:
        function = None
        if callable(name):
            function, name = name, "callable"
        elif not isinstance(name, str) or name not in POLICIES:
            raise SchemaError(
                f"There is no conflict policy {name!r}. There are: {listing(POLICIES)}, and any function."
                f"{did_you_mean(str(name), POLICIES)}"
            )
        defaults = POLICIES.get(name, {})
        _check_options(name, options, defaults)
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "options", {**defaults, **options})
        object.__setattr__(self, "function", function)
        if "claim_back" in options:
            self.options["claim_back"] = _claim_back(options["claim_back"])

    def __repr__(self) -> str:
        what = repr(self.name) if self.function is None else repr(self.function)
        given = [f", {key}={value!r}" for key, value in self._told().items()]
        return f"Policy({what}{''.join(given)})"

    def _told(self) -> dict[str, Any]:
        """Give the options that are not the default."""
        defaults = POLICIES.get(self.name, {})
        # `is`: the span of no time equals False, and is not it.
        return {key: value for key, value in self.options.items() if value is not defaults[key]}

    @classmethod
    def from_dict(cls, table: Any, where: str) -> Policy:
        """Make a policy of the ``[conflicts]`` of a TOML file."""
        if not isinstance(table, Mapping):
            raise SchemaError(
                f"[conflicts] of {where} is a table with a `policy` and its options, not {type(table).__name__}."
            )
        name = table.get("policy", DEFAULT_POLICY)
        if name in POLICIES:
            check_keys(table, ["policy", *POLICIES[name]], f"[conflicts] of {where}")
        return cls(name, **{key: value for key, value in table.items() if key != "policy"})

    def to_dict(self) -> dict[str, Any]:
        """Give the ``[conflicts]`` of a TOML file.

        Raises
        ------
        SchemaError
            When the policy is a function, which no file can hold.
        """
        if self.function is not None:
            raise SchemaError("The conflict policy is a function, which no file can hold.")
        told = {
            key: duration_text(value) if isinstance(value, dt.timedelta) else value
            for key, value in self._told().items()
        }
        return {"policy": self.name, **told}


def _check_options(name: str, options: Mapping[str, Any], known: Mapping[str, Any]) -> None:
    for key, value in options.items():
        if key not in known:
            has = f"It has: {listing(known)}." if known else "It has none."
            owner = [other for other, theirs in POLICIES.items() if key in theirs]
            hint = f" {owner[0]!r} has it." if owner else did_you_mean(key, known)
            raise SchemaError(f"The policy {name!r} has no option {key!r}. {has}{hint}")
        if key == "newest_event_first" and not isinstance(value, bool):
            raise SchemaError(
                f"newest_event_first of the policy {name!r} is true or false, not {value!r}."
            )


def _claim_back(given: Any) -> bool | dt.timedelta:
    return given if isinstance(given, bool) else duration(given, "claim_back")
