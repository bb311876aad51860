"""Schemas that do as known products say that they do.

Each restates what the product's public documentation says of its default behaviour, in our words; none is a claim about
how the product behaves today. The cases in ``tests/conformance`` have worked examples of each.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from xrefgraph.errors import SchemaError, UnknownError, did_you_mean, listing
from xrefgraph.policy import Policy
from xrefgraph.schema import IdentifierType, Schema

Types = Sequence[str | IdentifierType]


def segment(
    *,
    anchor: str = "user_id",
    identifiers: Types = ("email", "anonymous_id"),
    limit: int = 5,
    deny_defaults: bool = True,
) -> Schema:
    """Do as Segment Unify's identity resolution: merge protection by priority and limits.

    It mirrors: one ``user_id`` per profile; at most five values of every other type; and, where an event would breach
    a limit, the event loses its weakest identifier until it does not (our policy ``first_claim``).

    It does not mirror: limits per period (here they are for ever), and Segment's own list of blocked values, in
    the place of which ours is used. Segment ranks all types but ``user_id`` and ``email`` by the alphabet; here the order
    of ``identifiers`` counts.

    Restates: Segment's documentation, Unify, "Identity resolution": overview, settings, external ids.

    Parameters
    ----------
    anchor : str
        The type that is the user.
    identifiers : sequence of str or IdentifierType
        The other types, strongest first. An :class:`IdentifierType` is taken as it is.
    limit : int
        How many values of each of them a profile may have.
    deny_defaults : bool
        Whether our list of junk values is used.
    """
    return Schema(
        _types([anchor], deny_defaults=deny_defaults)
        + _types(identifiers, deny_defaults=deny_defaults, limit=limit),
        anchor=anchor,
        conflicts=Policy("first_claim"),
    )


def adobe(
    *,
    anchor: str | None = "CRMID",
    identifiers: Types = ("ECID",),
    unique: Sequence[str] = (),
    deny_defaults: bool = False,
) -> Schema:
    """Do as the identity graph linking rules of Adobe Experience Platform.

    It mirrors: namespaces by priority, of which some are unique; where a graph would hold two values of a unique one,
    links of higher priority stay before those of lower, and newer before older; and the newest event with two
    identities or more is never taken apart (our ``last_touch`` with ``newest_event_first``).

    It does not mirror: the limit of 50 identities in a graph, the deletion of old ones, and data sets whose
    records have no time.

    Restates: Adobe Experience Platform's documentation, Identity Service, "Identity graph linking rules":
    the identity optimization algorithm, namespace priority, graph configurations, troubleshooting.

    Parameters
    ----------
    anchor : str or None
        The namespace that is the person. None where there are several, as in B2B and B2C.
    identifiers : sequence of str or IdentifierType
        The other namespaces, in order of priority.
    unique : sequence of str
        Which of them are unique too.
    deny_defaults : bool
        Whether our list of junk values is used.
    """
    kinds = _types(identifiers, deny_defaults=deny_defaults)
    for name in unique:
        if name not in [kind.name for kind in kinds]:
            raise SchemaError(
                f"unique names the type {name!r}, which is not among the identifiers."
                f"{did_you_mean(str(name), [kind.name for kind in kinds])}"
            )
    kinds = [replace(kind, unique=True) if kind.name in unique else kind for kind in kinds]
    first = [] if anchor is None else _types([anchor], deny_defaults=deny_defaults)
    policy = Policy("last_touch", newest_event_first=True)
    return Schema(first + kinds, anchor=anchor, conflicts=policy)


def rudderstack(
    *,
    identifiers: Types = ("user_id", "email", "anonymous_id"),
    shared_with: Mapping[str, Mapping[str, int]] | None = None,
    deny_defaults: bool = False,
) -> Schema:
    """Do as the id stitcher of RudderStack Profiles: everything that is connected is one profile.

    It mirrors: the id graph, whose components are the profiles and which splits none (our ``keep``); cardinality rules,
    by which a value that meets too many values of another type is set aside (our ``shared_with``). Filters are
    ``accept`` and ``deny`` of the types; exclusion and inclusion rules are decisions.

    It does not mirror: the main id that RudderStack makes up for each profile (ours is named by its strongest
    identifier), and that a value which was set aside stays there as a profile of its own.

    Restates: RudderStack's documentation, Profiles, "Identity stitching": id types, cardinality rules, inclusion and
    exclusion rules.

    Parameters
    ----------
    identifiers : sequence of str or IdentifierType
        The id types, strongest first.
    shared_with : mapping of str to mapping
        The cardinality rules: ``{"email": {"user_id": 1}}`` sets an email aside that meets more than one user.
    deny_defaults : bool
        Whether our list of junk values is used.
    """
    kinds = _types(identifiers, deny_defaults=deny_defaults)
    rules = shared_with or {}
    for name in rules:
        if name not in [kind.name for kind in kinds]:
            raise SchemaError(
                f"shared_with names the type {name!r}, which is not among the identifiers."
                f"{did_you_mean(str(name), [kind.name for kind in kinds])}"
            )
    kinds = [
        replace(kind, shared_with=rules[kind.name]) if kind.name in rules else kind
        for kind in kinds
    ]
    return Schema(kinds, conflicts=Policy("keep"))


def snowplow(
    *,
    anchor: str = "user_id",
    identifiers: Types = ("cookie", "idfv"),
    deny_defaults: bool = False,
) -> Schema:
    """Do as Snowplow Identities: one unique identifier, and what two users share is set apart.

    It mirrors: the user id is unique; devices and cookies link anonymous events to the user who logs in on them; where
    a second user comes, no two users are merged, and logged-in events stay with their users (our ``isolate``).

    It does not mirror: that Snowplow lists a shared identifier with both users; here it is with neither.

    Restates: Snowplow's documentation, "Identities": concepts, identifiers, merges.

    Parameters
    ----------
    anchor : str
        The unique identifier.
    identifiers : sequence of str or IdentifierType
        The others, strongest first.
    deny_defaults : bool
        Whether our list of junk values is used.
    """
    return Schema(
        _types(
            [anchor, *_types(identifiers, deny_defaults=deny_defaults)], deny_defaults=deny_defaults
        ),
        anchor=anchor,
        conflicts=Policy("isolate"),
    )


def mixpanel(
    *,
    anchor: str = "user",
    identifiers: Types = ("device",),
    deny_defaults: bool = False,
) -> Schema:
    """Do as Mixpanel's Simplified ID Merge: a device is the user's who came first.

    It mirrors: an identity cluster has one user id and any number of device ids; a device that belongs to a user is not
    taken by another (our ``first_claim``).

    It does not mirror: the Original ID Merge, in which two user ids can be merged (that is the policy ``keep``
    without an anchor).

    Restates: Mixpanel's documentation, "Identity management": identifying users, the Simplified API.

    Parameters
    ----------
    anchor : str
        The type that is the user.
    identifiers : sequence of str or IdentifierType
        The types of devices, strongest first.
    deny_defaults : bool
        Whether our list of junk values is used.
    """
    return Schema(
        _types(
            [anchor, *_types(identifiers, deny_defaults=deny_defaults)], deny_defaults=deny_defaults
        ),
        anchor=anchor,
        conflicts=Policy("first_claim"),
    )


#: The presets by name.
PRESETS: Mapping[str, Callable[..., Schema]] = {
    one.__name__: one for one in (segment, adobe, rudderstack, snowplow, mixpanel)
}


def preset(name: str, **options: Any) -> Schema:
    """Make a schema that does as a known product says that it does.

    Parameters
    ----------
    name : {"segment", "adobe", "rudderstack", "snowplow", "mixpanel"}
        The product. The function of this name in :mod:`xrefgraph.presets` says what is mirrored, and what is not.
    **options
        Names of your own types, and more: ``anchor``, ``identifiers``, ``deny_defaults``, and what the product
        knows besides.

    Returns
    -------
    Schema
        To be used as it is, or with more decisions and types by :func:`dataclasses.replace`.

    Raises
    ------
    UnknownError
        When there is no such preset.
    SchemaError
        When it has no such option.

    Examples
    --------
    >>> schema = preset("segment", anchor="db_id", identifiers=["email", "cookie"])
    >>> schema.names, schema.policy
    (('db_id', 'email', 'cookie'), Policy('first_claim'))
    """
    if name not in PRESETS:
        raise UnknownError(
            f"There is no preset {name!r}. There are: {listing(PRESETS)}.{did_you_mean(str(name), PRESETS)}"
        )
    known = inspect.signature(PRESETS[name]).parameters
    for option in options:
        if option not in known:
            raise SchemaError(
                f"The preset {name!r} has no option {option!r}. It has: {listing(known)}.{did_you_mean(option, known)}"
            )
    return PRESETS[name](**options)


def _types(given: Types, *, deny_defaults: bool, limit: int | None = None) -> list[IdentifierType]:
    """Types of names; what is a type already is left as it is."""
    if isinstance(given, str) or not isinstance(given, Sequence):
        raise SchemaError("identifiers is a list of names or IdentifierTypes, strongest first.")
    return [
        one
        if isinstance(one, IdentifierType)
        else IdentifierType(one, limit=limit, deny_defaults=deny_defaults)
        for one in given
    ]
