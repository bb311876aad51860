"""What the rules of linking say must always hold, under `keep`."""

import random
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

import xrefgraph as xg
from tests.worlds import (
    TYPES,
    all_tables,
    components,
    numbered,
    profiles_of,
    rows,
    times,
    values_of,
)
from xrefgraph import events as events_module

SCHEMA = xg.Schema(
    [xg.IdentifierType(name, deny_defaults=False) for name in TYPES],
    anchor="db_id",
    conflicts="keep",
)


def source(events: list[dict[str, Any]], name: str) -> xg.Source:
    return xg.Source(events, identifiers=TYPES, event_id="id", name=name)


def renamed(events: list[dict[str, Any]], name: str) -> xg.Source:
    """The same events under other column names, lists split over two columns."""
    columns = {"user": "db_id", "visitor": "cookie", "mail_1": "email"}
    told: list[dict[str, Any]] = []
    for event in events:
        row: dict[str, Any] = {new: event.get(old) for new, old in columns.items()} | {
            "number": event["id"]
        }
        if isinstance(row["mail_1"], list) and row["mail_1"]:
            row["mail_2"], row["mail_1"] = row["mail_1"][-1], row["mail_1"][:-1]
        told.append(row)
    mapping = {"db_id": "user", "cookie": "visitor", "email": ["mail_1", "mail_2"]}
    return xg.Source(told, identifiers=mapping, event_id="number", name=name)


@contextmanager
def in_memory(first: list[dict[str, Any]], second: list[dict[str, Any]]) -> Iterator[xg.XrefGraph]:
    with xg.build([source(first, "first"), renamed(second, "second")], SCHEMA) as graph:
        yield graph


@contextmanager
def saved(first: list[dict[str, Any]], second: list[dict[str, Any]]) -> Iterator[xg.XrefGraph]:
    with tempfile.TemporaryDirectory() as folder, in_memory(first, second) as graph:
        graph.save(Path(folder, "graph.xref"))
        with xg.open(Path(folder, "graph.xref")) as opened:
            yield opened


@contextmanager
def in_place(first: list[dict[str, Any]], second: list[dict[str, Any]]) -> Iterator[xg.XrefGraph]:
    """Parquet files that stay where they are, as large ones do."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(events_module, "ROWS_IN_PLACE", 0)
        sources = []
        for name, events in (("first", first), ("second", second)):
            columns = {
                kind: pa.array(
                    [values_of(event.get(kind)) or None for event in events], pa.list_(pa.string())
                )
                for kind in TYPES
            }
            columns["id"] = pa.array([event["id"] for event in events], pa.int64())
            pq.write_table(pa.table(columns), Path(folder, f"{name}.parquet"))
            sources.append(
                xg.Source(Path(folder, f"{name}.parquet"), identifiers=TYPES, event_id="id")
            )
        with xg.build(sources, SCHEMA) as graph:
            assert not (first or second) or graph._building is None or graph._building.in_place
            yield graph


WAYS = pytest.mark.parametrize("way", [in_memory, saved, in_place])


@WAYS
@given(rows, rows)
def test_profiles_are_the_connected_components_of_networkx(
    way: Callable[..., Any], some: list[dict[str, Any]], others: list[dict[str, Any]]
) -> None:
    first, second = numbered(some), numbered(others, len(some) + 1)
    with way(first, second) as graph:
        expected = components(first + second, unique=["db_id"])
        assert profiles_of(graph) == expected
        assert len(graph.profiles) == len(expected)
        together = graph.to_networkx()
        nodes = {
            frozenset(
                int(n.event_id) if isinstance(n, xg.EventNode) else (n.type, n.value)
                for n in component
            )
            for component in map(frozenset, xg_components(together))
        }
        assert nodes == expected
        assert profiles_of(graph) == expected  # the question before made other tables of it


def xg_components(graph: Any) -> Any:
    import networkx as nx  # noqa: PLC0415

    return nx.connected_components(graph)


@given(rows, rows)
def test_every_event_is_there_once_and_in_at_most_one_profile(
    some: list[dict[str, Any]], others: list[dict[str, Any]]
) -> None:
    first, second = numbered(some), numbered(others)
    with in_memory(first, second) as graph:
        keys = Counter((row["source"], row["event_id"]) for row in graph.events.rows())
        assert keys == Counter(
            [("first", str(e["id"])) for e in first] + [("second", str(e["id"])) for e in second]
        )
        assert sum(row["events"] for row in graph.profiles.rows()) == sum(
            row["profile_id"] is not None for row in graph.events.rows()
        )
        for row in graph.events.rows():
            assert (row["profile_id"] is None) == (
                row["status"] in ("contradictory", "no_identifier")
            )
            assert (row["anchor"] is not None) == (row["status"] == "anchored")


@given(rows, st.data())
def test_the_order_of_the_rows_changes_nothing(
    some: list[dict[str, Any]], data: st.DataObject
) -> None:
    given_rows = [{**event, "time": data.draw(times)} for event in numbered(some)]
    shuffled = list(given_rows)
    random.Random(data.draw(st.integers(0, 99))).shuffle(shuffled)  # noqa: S311
    tables = []
    for order in (given_rows, shuffled):
        with xg.build(
            xg.Source(order, identifiers=TYPES, event_id="id", time="time", name="it"), SCHEMA
        ) as graph:
            found = all_tables(graph)
        found["events"].sort(key=lambda row: int(row["event_id"]))
        for row in found["rejected"]:
            del row["example_event_id"]  # the first in the order
        tables.append(found)
    assert tables[0] == tables[1]


@given(rows)
def test_an_event_that_shares_nothing_changes_no_other_profile(some: list[dict[str, Any]]) -> None:
    before = numbered(some)
    lonely = {"id": 1000, "db_id": "lonely", "cookie": ["alone", "single"]}
    tables = []
    for events in (before, [lonely, *before]):
        with xg.build(source(events, "it"), SCHEMA) as graph:
            tables.append(
                {
                    name: [r for r in table if "lonely" not in str(r.get("profile_id"))]
                    for name, table in all_tables(graph).items()
                }
            )
    assert tables[0] == tables[1]


@given(rows, st.permutations(["m", "n", "o", "p", "q", "r", "s"]))
def test_renaming_values_renames_the_answer(some: list[dict[str, Any]], names: list[str]) -> None:
    from tests.worlds import VALUES  # noqa: PLC0415

    new = dict(zip(VALUES, names, strict=True))
    before = numbered(some)
    after = [
        {
            key: [new[v] for v in values_of(cell)] if key != "id" else cell
            for key, cell in event.items()
        }
        for event in before
    ]
    with xg.build(source(before, "it"), SCHEMA) as graph:
        plain, status = profiles_of(graph), [row["status"] for row in graph.events.rows()]
    with xg.build(source(after, "it"), SCHEMA) as graph:
        assert [row["status"] for row in graph.events.rows()] == status
        told = profiles_of(graph)
    assert told == {
        frozenset(one if isinstance(one, int) else (one[0], new[one[1]]) for one in members)
        for members in plain
    }


@given(rows)
def test_a_profile_is_named_by_its_strongest_identifier(some: list[dict[str, Any]]) -> None:
    with xg.build(source(numbered(some), "it"), SCHEMA) as graph:
        of_profile: dict[str, list[tuple[int, str]]] = {}
        for row in graph.identifiers.rows():
            if row["profile_id"] is not None:
                of_profile.setdefault(row["profile_id"], []).append(
                    (TYPES.index(row["type"]), row["value"])
                )
        for name, identifiers in of_profile.items():
            rank, value = min(identifiers)
            assert name == f"{TYPES[rank]}:{value}"
        assert [row["profile_id"] for row in graph.profiles.rows()] == sorted(
            of_profile,
            key=lambda name: (TYPES.index(name.partition(":")[0]), name.partition(":")[2]),
        )


@given(st.lists(st.sampled_from(["a", "b", "é", "~", "!", "", " ", "\u00a0", None]), max_size=8))
def test_a_blank_event_id_is_made_wherever_the_events_are(ids: list[str | None]) -> None:
    events = [{"cookie": f"c{number}", "id": one} for number, one in enumerate(ids)]
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(events_module, "ROWS_IN_PLACE", 0)
        path = Path(folder, "it.parquet")
        pq.write_table(
            pa.table(
                {
                    "cookie": pa.array([one["cookie"] for one in events], pa.string()),
                    "id": pa.array(ids, pa.string()),
                }
            ),
            path,
        )
        with (
            xg.build(
                str(path), identifiers=["cookie"], event_id="id", on_duplicate="merge"
            ) as in_place,
            xg.build(
                xg.Source(events, identifiers=["cookie"], event_id="id", name="it"),
                xg.Schema(["cookie"]),
                on_duplicate="merge",
            ) as given_as_dicts,
        ):
            assert all_tables(in_place) == all_tables(given_as_dicts)
