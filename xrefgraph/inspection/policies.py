"""What each conflict policy makes of the same events."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from xrefgraph.database import Database
from xrefgraph.errors import SchemaError
from xrefgraph.graph import XrefGraph, build
from xrefgraph.policy import POLICIES, Policy
from xrefgraph.schema import Schema
from xrefgraph.tables import Table


def compare_policies(
    sources: Any,
    schema: Schema,
    policies: Iterable[str | Policy | Callable[[Any], Any]] = tuple(POLICIES),
    **options: Any,
) -> Table:
    """Link the same events under several conflict policies, and count what each makes of them.

    Parameters
    ----------
    sources : Source, list of Source, or what a source may be
        As for :func:`build`.
    schema : Schema
        Its own policy does not count, unless it is in ``policies``.
    policies : iterable of str, Policy or callable
        Which; without it, all that have a name.
    **options
        Of :func:`build`, such as ``on_duplicate`` or ``memory_limit``.

    Returns
    -------
    Table
        A row a policy, in their order: ``policy``, ``profiles``, the ``anchored``, ``ambiguous`` and ``anonymous``
        events, ``cuts`` (links that were cut), and ``contested`` identifiers.

    Raises
    ------
    SchemaError
        When a policy does not exist, or there is none; before anything is read.

    Notes
    -----
    Cost: a build, and for each policy a rebuild, one after the other. The sources are read once.

    Examples
    --------
    >>> import xrefgraph as xg
    >>> rows = [{"db_id": 1, "cookie": "a"}, {"db_id": 2, "cookie": "a"}, {"cookie": "a"}]
    >>> xg.compare_policies(rows, xg.Schema(["db_id", "cookie"], anchor="db_id"), ["keep"]).rows()
    [{'policy': 'keep', 'profiles': 1, 'anchored': 0, 'ambiguous': 3, 'anonymous': 0, 'cuts': 0, 'contested': 0}]
    """
    if not isinstance(schema, Schema):
        raise SchemaError(f"schema is a Schema, not a {type(schema).__name__}.")
    schemas = [replace(schema, conflicts=one) for one in _listed(policies)]
    database = Database()
    database.run(
        "CREATE TABLE policy (policy VARCHAR, profiles BIGINT, anchored BIGINT, ambiguous BIGINT, anonymous BIGINT,"
        " cuts BIGINT, contested BIGINT)"
    )
    with build(sources, schemas[0], **options) as first:
        for one in schemas:
            with first.rebuild(one) as graph:
                database.run("INSERT INTO policy VALUES ($1, $2, $3, $4, $5, $6, $7)", _row(graph))
    return Table(database, "SELECT * FROM policy ORDER BY rowid", "policies")


def _listed(policies: Any) -> list[Policy]:
    if isinstance(policies, str | Policy) or not isinstance(policies, Iterable):
        raise SchemaError("policies is a list: of names of policies, of Policy, or of functions.")
    listed = [one if isinstance(one, Policy) else Policy(one) for one in policies]
    if not listed:
        raise SchemaError("There is no policy to compare: name at least one.")
    return listed


def _row(graph: XrefGraph) -> list[Any]:
    counts = graph.counts
    contested = graph.sql(
        "SELECT count(*) AS n FROM (SELECT DISTINCT type, value FROM identifiers WHERE status = 'contested')"
    )
    return [
        _called(graph.schema.policy),
        *(counts[name] for name in ("profiles", "anchored", "ambiguous", "anonymous", "cuts")),
        contested[0]["n"],
    ]


def _called(policy: Policy) -> str:
    """A policy as a word: its name, and behind it the options that somebody chose."""
    if policy.function is not None:
        return getattr(policy.function, "__name__", "a function")
    told = [f"{key}={value}" for key, value in policy.to_dict().items() if key != "policy"]
    return f"{policy.name} ({', '.join(told)})" if told else policy.name
