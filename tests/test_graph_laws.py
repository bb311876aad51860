"""What must always hold of a graph as it is built: the laws of the rules of linking, for every policy."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

import xrefgraph as xg
from tests.test_reference import colliding
from tests.test_stored_tables import built, policies, with_refused
from tests.worlds import all_tables


def unordered(graph: xg.XrefGraph) -> dict[str, Any]:
    """All tables, without their order, and without what an example is taken of."""
    return {
        name: sorted(
            str({key: value for key, value in row.items() if not key.startswith("example_")})
            for row in rows
        )
        for name, rows in all_tables(graph).items()
    }


@given(policies, st.data())
def test_the_order_of_rows_changes_nothing_or_nothing_when_times_are_distinct(
    policy: str, data: st.DataObject
) -> None:
    case = with_refused(data.draw(colliding(policy)))
    if policy not in {"keep", "isolate", "strongest"}:
        for number, event in enumerate(case["events"]):
            event["time"] = number
    shuffled = {**case, "events": data.draw(st.permutations(case["events"]))}
    with built(case) as one, built(shuffled) as other:
        assert unordered(one) == unordered(other)


@given(policies, st.data())
def test_renaming_values_renames_the_answer(policy: str, data: st.DataObject) -> None:
    case = data.draw(colliding(policy))

    def renamed(pair: Any) -> list[str]:
        return [pair[0], f"new{pair[1]}"]  # the order of the values stays

    other = {
        **case,
        "events": [
            {**event, "identifiers": [renamed(pair) for pair in event["identifiers"]]}
            for event in case["events"]
        ],
        "decisions": [
            {key: renamed(it) if key in ("a", "b", "identifier") else it for key, it in one.items()}
            for one in case["decisions"]
        ],
    }
    with built(case) as before, built(other) as after:
        for name, rows in all_tables(before).items():
            found = getattr(after, name).rows()
            assert [without_values(row) for row in found] == [without_values(row) for row in rows]
            for row, new in zip(rows, found, strict=True):
                if row.get("profile_id") is not None:
                    kind, _, value = row["profile_id"].partition(":")
                    assert new["profile_id"] == f"{kind}:new{value}"


def without_values(row: dict[str, Any]) -> dict[str, Any]:
    named = ("profile_id", "anchor", "value", "via_value", "value_a", "value_b")
    return {key: it is None if key in named else it for key, it in row.items()}


@given(st.data())
def test_a_blocked_value_never_joins_profiles_that_were_apart(data: st.DataObject) -> None:
    case = data.draw(colliding("keep"))
    with built(case) as before:
        rows = [row for row in before.identifiers.rows() if row["profile_id"]]
        own = {(row["type"], row["value"]): row["profile_id"] for row in rows}
        one = data.draw(st.sampled_from(sorted(own) or [(before.schema.names[0], "none")]))
    block = {"action": "block", "identifier": list(one)}
    with built({**case, "decisions": [*case["decisions"], block]}) as after:
        for profile in after.profiles.rows():
            held = after.identifiers.filter(
                "profile_id = " + "'" + profile["profile_id"].replace("'", "''") + "'"
            )
            assert len({own[row["type"], row["value"]] for row in held.rows()}) == 1
