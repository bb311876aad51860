"""Policies of the user's own: what they are asked, what they may answer, and what is said of nonsense."""

import itertools
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import xrefgraph as xg
from tests.test_reference import colliding, rows_of, schema_of
from tests.test_stored_tables import built, with_refused
from tests.worlds import all_tables
from xrefgraph import EventNode, IdentifierNode

SECRET = "secret-value-of-a-person"  # noqa: S105  (an identifier)
ROWS = [
    {"db_id": SECRET, "cookie": "x", "id": 1},
    {"db_id": 2, "cookie": "x", "id": 2},
    {"cookie": "x", "id": 3},
    {"db_id": 2, "cookie": "y", "id": 4},
    {"db_id": 9, "cookie": "z", "id": 5},
]


def schema(policy: Any) -> xg.Schema:
    return xg.Schema(["db_id", "cookie"], anchor="db_id", conflicts=policy)


def build(policy: Any, **options: Any) -> xg.XrefGraph:
    return xg.build(ROWS, schema(policy), event_id="id", **options)


def each(conflict: Any) -> Any:
    return [[one] for one in conflict.identifiers]


def failing_part(conflict: Any) -> Iterator[Any]:
    yield conflict.identifiers[0]
    raise ValueError(SECRET)


class Unreadable:
    def __iter__(self) -> Iterator[Any]:
        raise RuntimeError(SECRET)


@pytest.mark.parametrize(
    ("policy", "part"),
    [
        (lambda _: None, "neither a partition.*NoneType"),
        (lambda _: 3, "neither a partition.*int"),
        (lambda _: SECRET, "neither a partition.*str"),
        (lambda _: b"abc", "neither a partition.*bytes"),
        (lambda _: [], "two values of a unique type"),
        (lambda _: {SECRET: 1}, "neither a partition"),
        (lambda _: [SECRET, 3], "neither a partition"),
        (lambda c: int(c.identifiers[1].value), "it raised ValueError"),
        (lambda c: c.links + 1, "it raised TypeError"),
        (lambda c: [failing_part(c)], "it raised ValueError"),
        (lambda _: Unreadable(), "it raised RuntimeError"),
        (lambda _: [Unreadable()], "it raised RuntimeError"),
        (lambda c: [list(c.identifiers)], "two values of a unique type"),
        (lambda c: [c.identifiers[:1]], "loses 3 of 4"),
        (lambda c: [*each(c), c.identifiers[:1]], "twice"),
        (lambda c: [*each(c), [IdentifierNode("cookie", "z")]], "not asked about"),
        (lambda c: [*each(c), [IdentifierNode("cookie", [1])]], "not asked about"),  # type: ignore[arg-type]
        (lambda c: [*each(c), [[SECRET]]], "not asked about"),
        (lambda c: [c.identifiers[::2], c.identifiers[1::2]], "do not hold a part together"),
        (lambda c: list(c.links), "from its strongest identifier"),
        (lambda _: [(EventNode("source_1", "5"), IdentifierNode("cookie", "z"))], "1 link that"),
        (lambda _: [(EventNode("source_1", [1]), IdentifierNode("cookie", "x"))], "1 link that"),  # type: ignore[arg-type]
        (lambda c: [(c.events[0], [1])], "1 link that"),
        (lambda c: [c.links[0], c.identifiers[:1]], "neither a partition"),
        (lambda c: [c.links[-1]], "two values of a unique type"),
    ],
    ids=itertools.count(),
)
def test_nonsense_is_named_without_values_and_nothing_is_done(
    policy: Callable[[Any], Any], part: str, tmp_path: Path
) -> None:
    with build("isolate", database=tmp_path / "g.xref") as graph:
        before = all_tables(graph)
        for attempt in (
            lambda: build(policy),
            lambda: graph.rebuild(schema(policy)),
            lambda: graph.rebuild(schema(policy), in_place=True),
        ):
            with pytest.raises(xg.XrefGraphError, match=part) as caught:
                attempt()
            assert SECRET not in str(caught.value)
            assert caught.value.profile == "db_id:2"
            assert pickle.loads(pickle.dumps(caught.value)).profile == "db_id:2"  # noqa: S301  (our own bytes)
            assert (all_tables(graph), graph.schema.policy.name) == (before, "isolate")


@pytest.mark.parametrize(
    "policy",
    [
        each,
        lambda c: (part for part in each(c)),
        lambda c: ((one for one in part) for part in each(c)),
        lambda c: {frozenset(part) for part in each(c)},
        lambda c: [[], *each(c), []],
        lambda c: [[(one.type, one.value)] for one in c.identifiers],
        lambda c: [[IdentifierNode(one.type, one.value, "me")] for one in c.identifiers],
        lambda c: (c.graph.clear(), each(c))[1],
        lambda c: [(e, i) for e, i in c.links if i.type == "cookie" and c.graph.degree(e) > 1],
    ],
    ids=itertools.count(),
)
def test_a_partition_or_links_in_any_shape_are_taken(policy: Callable[[Any], Any]) -> None:
    with build(policy) as graph, build(each) as plain:
        assert all_tables(graph) == all_tables(plain)
        assert [row["profile_id"] for row in graph.events.rows()] == [
            f"db_id:{SECRET}",
            "db_id:2",
            "cookie:x",
            "db_id:2",
            "db_id:9",
        ]
        whys = {
            row["event_id"]: (row["reason"], row["value_a"], row["value_b"])
            for row in graph.cuts.rows()
        }
        # No rule asks for these cuts: each part could be one with the other.
        said = "the function keeps them apart"
        assert whys == {
            "1": (said, SECRET, "x"),
            "2": (said, "2", "x"),
            "4": (said, "2", "y"),
        }
        assert len(graph.cuts) == graph.counts["cuts"]


@given(st.sampled_from(["isolate", "first_claim", "last_touch", "strongest"]), st.data())
def test_a_function_that_says_what_a_policy_says_gives_what_it_gives(
    name: str, data: st.DataObject
) -> None:
    case = with_refused(data.draw(colliding(name)))
    with built(case) as graph:
        wanted = all_tables(graph)
    profile_of = {(one["type"], one["value"]): one["profile_id"] for one in wanted["identifiers"]}

    def repeat(conflict: Any) -> Any:
        assert conflict.values
        assert set(conflict.values) <= set(conflict.identifiers)
        assert set(conflict.graph) == {*conflict.events, *conflict.identifiers} - lonely(conflict)
        parts: dict[str, list[Any]] = {}
        for one in conflict.identifiers:
            parts.setdefault(profile_of[one.type, one.value], []).append(one)
        return list(parts.values())

    kinds = schema_of(case)
    own = xg.Schema(
        kinds.types, anchor=kinds.anchor, conflicts=repeat, decisions=list(kinds.decisions)
    )
    with xg.build(rows_of(case, own), own, on_duplicate="merge") as graph:
        found = all_tables(graph)
        assert graph.counts["cuts"] == len(found["cuts"])
    for table in ("events", "profiles", "rejected"):
        assert found[table] == wanted[table]
    for row in found["cuts"]:
        assert row["rule"] in ("callable", "detach")
        if row["rule"] == "callable":
            assert None not in (row["reason"], row["value_a"], row["value_b"])
    keys = ("event_id", "type", "value")
    assert [[row[key] for key in keys] for row in found["cuts"]] == [
        [row[key] for key in keys] for row in wanted["cuts"]
    ]


def lonely(conflict: Any) -> set[Any]:
    """The identifiers that no event carries any more: a decision detached them, and another links them."""
    return set(conflict.identifiers) - {one for _, one in conflict.links}
