"""How good `suspects` is, on real data with true persons that lies beside the project.

For example: python -m tests.benchmarks.truth

The identifiers that several true persons share are what is to be found. Recall at k is the share of them among the first k, of k shared ones;
average precision looks at the whole order. Beside `suspects` stand plain orders: by the events that carry an identifier, by
the distinct identifiers that it meets, and by the values of the strongest type that it meets. Then what the profiles are worth (pairwise
precision, recall and F1 against the truth): as built, with what `suspects` puts above its threshold blocked, and with
exactly the shared identifiers blocked. All under the policy `keep`, with no value refused.
"""

from __future__ import annotations

import csv
import gzip
import itertools
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xrefgraph as xg

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
Identifier = tuple[str, str]
#: As many as there may be: the whole order is judged.
EVERYTHING = 10_000_000


@dataclass(frozen=True)
class World:
    """Real events with a true person each, and which identifiers several persons share.

    Attributes
    ----------
    name : str
        What the tables call it.
    types : sequence of str
        Strongest first.
    events : list of dict
        With an ``id`` and the identifiers.
    persons : list of str
        The true person of each event, by its place; blank where nobody knows.
    shared : set of (type, value)
        What several persons share.
    judged : list of int
        The places of the events that the profiles are judged by.
    """

    name: str
    types: Sequence[str]
    events: list[dict[str, Any]]
    persons: list[str]
    shared: set[Identifier]
    judged: list[int]


def worlds() -> Iterator[World]:
    """Give all of them."""
    for name in ("networkx", "ipython"):
        with gzip.open(DATA / "git_signatures" / f"{name}.csv.gz", "rt", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        for types in (["email", "name"], ["name", "email"]):
            events = [{one: row[f"{one}_h"] or None for one in types} for row in rows]
            persons = [row["truth_person"] for row in rows]
            yield world(f"{name} ({', '.join(types)})", types, events, persons, once=True)
    with (DATA / "congress" / "terms.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    persons = [row["bioguide"] for row in rows]
    for types in (
        ["phone", "url"],
        ["url", "contact_form", "rss_url", "phone", "fax", "office", "address"],
    ):
        events = [{one: row[one] or None for one in types} for row in rows]
        yield world(f"congress ({len(types)} types)", types, events, persons)
    yield senzing()


def world(
    name: str,
    types: Sequence[str],
    events: list[dict[str, Any]],
    persons: list[str],
    *,
    once: bool = False,
) -> World:
    """Number the events, and find what several persons share; ``once`` judges each distinct event of a person once."""
    owners: dict[Identifier, set[str]] = defaultdict(set)
    first: dict[tuple[Any, ...], int] = {}
    for place, (event, person) in enumerate(zip(events, persons, strict=True)):
        first.setdefault((*event.values(), person), place)
        for kind, value in event.items():
            if value and person:
                owners[kind, value].add(person)
        event["id"] = place
    shared = {one for one, found in owners.items() if len(found) > 1}
    judged = sorted(first.values()) if once else list(range(len(events)))
    return World(name, types, events, persons, shared, [n for n in judged if persons[n]])


def senzing() -> World:
    """Read customers, a watch list and reference records."""
    folder = DATA / "senzing_truthset"
    with (folder / "actual_truthset_key.csv").open(encoding="utf-8") as file:
        key = {
            (row["DATA_SOURCE"], row["RECORD_ID"]): row["CLUSTER_ID"]
            for row in csv.DictReader(file)
        }
    columns = {
        "SSN_NUMBER": str.strip,
        "PASSPORT_NUMBER": str.strip,
        "DRIVERS_LICENSE_NUMBER": str.strip,
        "TAX_ID_NUMBER": str.strip,
        "LEI_NUMBER": str.strip,
        "EMAIL_ADDRESS": lambda text: text.strip().lower(),
        "PHONE_NUMBER": lambda text: re.sub(r"\D", "", text)[-10:],
    }
    events, persons = [], []
    for source in ("customers", "watchlist", "reference"):
        with (folder / f"{source}.csv").open(encoding="utf-8") as file:
            for row in csv.DictReader(file):
                events.append(
                    {one: read(row.get(one) or "") or None for one, read in columns.items()}
                )
                persons.append(key[row["DATA_SOURCE"], row["RECORD_ID"]])
    return world("Senzing", tuple(columns), events, persons)


# ------------------------------------------------------------------------------------------- orders


def plain_orders(one: World) -> dict[str, list[Identifier]]:
    """The plain orders, each with the largest first, and of equals the first by type and value."""
    events: Counter[Identifier] = Counter()
    met: dict[Identifier, set[Identifier]] = defaultdict(set)
    for event in one.events:
        carried = [(kind, str(event[kind])) for kind in one.types if event[kind]]
        events.update(carried)
        for a, b in itertools.permutations(carried, 2):
            met[a].add(b)
    anchors = {this: sum(kind == one.types[0] for kind, _ in met[this]) for this in events}
    sizes = {
        "events": dict(events),
        "identifiers met": {this: len(met[this]) for this in events},
        "anchors met": anchors,
    }
    return {
        name: sorted(size, key=lambda this: (-size[this], this)) for name, size in sizes.items()
    }


def recall_at_k(order: Sequence[Identifier], shared: set[Identifier]) -> float:
    """The share of what is shared among the first k."""
    return len(set(order[: len(shared)]) & shared) / len(shared)


def average_precision(order: Sequence[Identifier], shared: set[Identifier]) -> float:
    """The mean, over what is shared, of the precision where it stands; nothing for what is not in the order."""
    found, total = 0, 0.0
    for place, this in enumerate(order, 1):
        if this in shared:
            found += 1
            total += found / place
    return total / len(shared)


# --------------------------------------------------------------------------------------------- judged


def schema(one: World, blocked: Sequence[Identifier] = ()) -> xg.Schema:
    """Plain components, but for what is blocked."""
    types = [xg.IdentifierType(name, deny_defaults=False) for name in one.types]
    decisions = [{"action": "block", "identifier": list(this)} for this in blocked]
    return xg.Schema(types, conflicts="keep", decisions=decisions)


def worth(graph: xg.XrefGraph, one: World) -> str:
    """Pairwise precision, recall and F1."""
    truth = [{"event_id": str(n), "person": one.persons[n]} for n in one.judged]
    found = xg.evaluate(graph, truth).pairwise
    return " / ".join(f"{part or 0:.3f}" for part in (found.precision, found.recall, found.f1))


def main() -> None:
    """Judge all, and print tables in Markdown."""
    if not DATA.is_dir():
        sys.exit("The real data is not here.")
    names = ["`suspects`", "events", "identifiers met", "anchors met"]
    scores: dict[str, list[tuple[float, float]]] = {name: [] for name in names}
    found, judged = [], []
    for one in worlds():
        with xg.build(one.events, schema(one), event_id="id") as graph:
            answer = xg.suspects(graph, limit=EVERYTHING)
            order = [(this.type, this.value) for this in answer.suspects]
            above = [
                (this.type, this.value)
                for this in answer.suspects
                if this.score >= answer.threshold
            ]
            built = worth(graph, one)
            with graph.rebuild(schema(one, above)) as after:
                blocked = worth(after, one)
            with graph.rebuild(schema(one, sorted(one.shared))) as after:
                ceiling = worth(after, one)
        judged.append(f"| {one.name} | {built} | {blocked} | {len(above):,} | {ceiling} |")
        if not one.shared:
            continue
        orders = {"`suspects`": order, **plain_orders(one)}
        cells = []
        for name in names:
            pair = (
                recall_at_k(orders[name], one.shared),
                average_precision(orders[name], one.shared),
            )
            scores[name].append(pair)
            cells.append(f"{pair[0]:.2f} / {pair[1]:.2f}")
        found.append(f"| {one.name} | {len(one.shared)} | {' | '.join(cells)} |")
    means = [
        " / ".join(f"{sum(part) / len(part):.2f}" for part in zip(*scores[name], strict=True))
        for name in names
    ]
    print("Recall at k / average precision:\n")
    print(f"| | shared identifiers | {' | '.join(names)} |\n|---|---:|{'---:|' * len(names)}")
    print("\n".join([*found, f"| mean | | {' | '.join(means)} |"]))
    print("\nPairwise precision / recall / F1 of the profiles:\n")
    print(
        "| | as built | suspects blocked | how many | shared ones blocked |\n|---|---:|---:|---:|---:|"
    )
    print("\n".join(judged))


if __name__ == "__main__":
    main()
