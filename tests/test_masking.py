"""No value of the graph is left in a masked answer, whatever was asked."""

from __future__ import annotations

import dataclasses
import itertools
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import xrefgraph as xg
from tests import worlds
from xrefgraph.inspection.draw.layout.masking import ToldApart, hidden_by, partly
from xrefgraph.inspection.masking import VALUES, masked

POLICIES = ("keep", "isolate", "last_touch", "over_time")

#: The values of a small world, each as a word that stands nowhere by chance.
TOKENS = {
    value: f"{'qxz' * 7}{chr(97 + n)}{chr(110 + n)}q" for n, value in enumerate(worlds.VALUES)
}


def telling(cell: Any) -> Any:
    """A cell with unmistakable values."""
    if isinstance(cell, list):
        return [telling(one) for one in cell]
    return TOKENS.get(cell, cell)


def built(rows: list[dict[str, Any]], policy: str, decisions: Any = ()) -> xg.XrefGraph:
    events = [
        {key: telling(cell) for key, cell in row.items()}
        | {"event": f"e{n}", "at": f"2026-01-{n:02}"}
        for n, row in enumerate(rows, 1)
    ]
    source = xg.Source(
        events, identifiers=list(worlds.TYPES), event_id="event", time="at", name="visits"
    )
    types = [xg.IdentifierType(name, limit=1) for name in worlds.TYPES]
    return xg.build(
        source, xg.Schema(types, anchor="db_id", conflicts=policy, decisions=list(decisions))
    )


def answers(graph: xg.XrefGraph) -> Iterator[Any]:
    """Every answer that there is about a graph."""
    some = [f"{one['type']}:{one['value']}" for one in graph.identifiers.rows()]
    some += [
        f"{one['type']}:{one['value']}" for one in graph.rejected.rows() if one["value"].strip()
    ]
    asked: list[Any] = sorted(set(some))[:2]
    asked += [xg.EventNode("visits", one["event_id"]) for one in graph.events.rows()[:1]]
    for one in asked:
        yield xg.how(graph, one)
        if isinstance(one, str):
            yield xg.blast_radius(graph, one)
    for one, other in itertools.combinations(asked, 2):
        for ask in (xg.why, xg.why_not, xg.separate, xg.paths):
            yield ask(graph, one, other)
    yield xg.ambiguities(graph)
    yield from xg.ambiguities(graph)
    yield xg.health(graph, xg.Thresholds(links=1, minimum=1, people=1, largest=0, over_limit=0))
    yield xg.suspects(graph)
    yield xg.check_stability(graph, 2)
    persons = {one["event_id"]: f"{'zqx' * 7}{one['event_id']}" for one in graph.events.rows()}
    yield xg.evaluate(graph, persons)
    with graph.rebuild(xg.Schema(list(worlds.TYPES), anchor="db_id", conflicts="isolate")) as other:
        yield xg.compare(graph, other)


def texts_of(answer: Any) -> str:
    """All that an answer says."""
    if not hasattr(answer, "to_dict"):  # a part of one
        return f"{answer.text} {answer!r}"
    said = [answer.summary, repr(answer), str(answer), json.dumps(answer.to_dict())]
    said += [repr(answer.rows()), answer._repr_html_()]
    return " ".join(said)


@given(worlds.rows, st.sampled_from(POLICIES), st.booleans(), st.sampled_from(["partial", "hash"]))
def test_no_value_of_the_graph_is_left_in_any_answer(
    rows: list[dict[str, Any]], policy: str, decided: bool, mask: str
) -> None:
    a, b = TOKENS["a"], TOKENS["9"]
    remark = f"{a} is {TOKENS['b b']}'s aunt"
    decisions = [
        {"action": "block", "identifier": ["email", a], "reason": remark, "author": b},
        {"action": "link", "a": ["cookie", b], "b": ["email", b], "reason": remark},
        {"action": "separate", "a": ["cookie", a], "b": ["cookie", b], "reason": remark},
        {
            "action": "detach",
            "identifier": ["cookie", TOKENS["10"]],
            "events": ["e1"],
            "name": remark,
        },
    ]
    with built(rows, policy, decisions if decided else ()) as graph:
        for answer in answers(graph):
            said = texts_of(masked(answer, hidden_by(mask, graph.store)))
            assert not re.search("qxzqxz|zqxzqx|aunt", said), (type(answer), said)


@given(worlds.rows)
def test_without_a_mask_an_answer_is_given_back_as_it_is(rows: list[dict[str, Any]]) -> None:
    with built(rows, "keep") as graph:
        found = xg.ambiguities(graph)
        assert masked(found, hidden_by(None, graph.store)) is found


#: What the package writes into the decisions that it proposes: it is left out like what people write.
REMARKS = r'"reason": "(joins|to part|two people|one person)[^"]*"'


@given(worlds.rows, st.sampled_from(["keep", "isolate", "over_time"]))
def test_a_mask_changes_values_and_nothing_else(rows: list[dict[str, Any]], policy: str) -> None:
    """With a mask that only writes values otherwise, all that an answer says can be written back."""
    back = {f"VALUE{chr(65 + n)}": value for n, value in enumerate(TOKENS.values())}
    there = {value: name for name, value in back.items()}
    with built(rows, policy) as graph:
        for answer in answers(graph):
            if isinstance(answer, xg.Evaluation | xg.Ambiguity):
                continue  # the one names persons, the other is a part of an answer
            hidden = masked(answer, lambda value: there.get(value, value))
            said = json.dumps(hidden.to_dict(), ensure_ascii=False)
            said = re.sub("VALUE[A-Z]", lambda hit: back[hit.group()], said)
            meant = json.dumps(answer.to_dict(), ensure_ascii=False)
            assert said == re.sub(REMARKS, '"reason": "…"', meant)


def test_values_that_look_alike_under_the_mask_are_told_apart() -> None:
    rows = [
        {"db_id": "U1001", "mail": "ann@example.org"},
        {"db_id": "U1002", "mail": "anton@example.org"},
        {"mail": ["ann@example.org", "anton@example.org"]},
    ]
    with xg.build(rows, anchor="db_id", identifiers=["mail"]).rebuild(
        xg.Schema(["db_id", "mail"], anchor="db_id", conflicts="keep")
    ) as graph:
        found = masked(xg.paths(graph, "db_id:U1001", "db_id:U1002"), partly)
    assert found.summary.startswith(
        "1 path from db_id U… to db_id U…·2, of 3 steps: db_id U… - mail an…rg (1 event) - mail an…rg·2"
    )


def test_a_masked_answer_does_not_know_its_graph_so_nothing_is_drawn_unmasked() -> None:
    with worlds.build_basic() as graph:
        found = masked(xg.why(graph, "db_id:123", "cookie:nice_page_visitor"), partly)
        with pytest.raises(xg.XrefGraphError, match="does not know its graph"):
            _ = found.origin


def test_short_values_are_masked_behind_their_type_and_words_stay() -> None:
    """A value "a" or "1" is masked where it is one, and not in "a decision" or "1 event"."""
    rows = [
        {"db_id": 1, "cookie": "a"},
        {"db_id": 2, "cookie": "event"},
        {"cookie": ["a", "event"]},
    ]
    with xg.build(rows, anchor="db_id", identifiers=["cookie"]) as graph:
        found = masked(xg.why_not(graph, "db_id:1", "db_id:2"), partly)
    assert found.summary == (
        "db_id … and db_id …·2 are two profiles: cookie e… leads from one to the other, and isolate cut it at event #3 of source_1"
        " (two values of db_id)."
    )
    with xg.build(
        [{"id": "e1", "db_id": ["a", "2"]}], anchor="db_id", identifiers=["db_id"], event_id="id"
    ) as graph:
        history = masked(xg.how(graph, "db_id:a"), partly)
    assert history.summary == (
        "db_id … is carried by 1 event that contradicts itself, and by no other: event e1 of source_1 carries 2 values of db_id (…·2, …)."
    )


def test_of_alarms_the_values_are_masked_that_they_name() -> None:
    rows = [{"db_id": f"person{n}", "device": "kiosk'77"} for n in range(200)]
    with xg.build(rows, anchor="db_id", identifiers=["device"]).rebuild(
        xg.Schema(["db_id", "device"], anchor="db_id", conflicts="keep")
    ) as graph:
        found = masked(xg.health(graph, xg.Thresholds(links=100)), partly)
    said = {one.name: f"{one.where} {one.what} {one.advice}" for one in found.alarms}
    assert "db_id:p…" in said["largest_profile"]
    assert "device ki…77 meets 200 other" in said["links"]
    assert "xg.blast_radius(graph, ('device', \"ki…77\"))" in said["links"]
    assert "kiosk" not in repr(said)


def test_a_mask_tells_apart_in_the_order_in_which_it_meets_values() -> None:
    hide = ToldApart(lambda _: "x")
    assert [hide(one) for one in "abab"] == ["x", "x·2", "x", "x·2"]


def test_every_text_of_every_answer_is_known_as_a_value_or_as_a_word() -> None:
    """A new field of an answer that holds texts has to be put into one of the two."""
    kinds = "action anchor author by change conflict evidence grain kind name period policy rule status type type_a type_b"
    words = "impossible match_key meets normalize not_compared not_told reasons sources statuses text types where"
    of_events = "event event_id events key reason source"  # the reason of a refusal
    known = set(f"{kinds} {words} {of_events}".split())
    answers_of = [
        one
        for name in xg.__all__
        if not name.startswith("plot_")
        and dataclasses.is_dataclass(one := getattr(xg, name))
        and isinstance(one, type)
    ]
    parts = [one for one in answers_of if one.__module__.startswith("xrefgraph.inspection")]
    parts += [one for one in VALUES if one not in parts]
    unknown = [
        f"{one.__name__}.{part.name}"
        for one in parts
        for part in dataclasses.fields(one)
        if re.search(r"\bstr\b|\bAny\b", str(part.type))
        and part.name not in VALUES.get(one, {})
        and part.name not in known
        and one not in (xg.Example, xg.Comparison, xg.View)  # masked by what they are about
    ]
    assert unknown == []
