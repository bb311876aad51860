"""Why two are one profile: everything that is said is in the input, and says what is claimed."""

import datetime as dt
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import xrefgraph as xg
from tests.worlds import TYPES, rows, times
from xrefgraph.policy import POLICIES

KIOSK = [
    {"id": "e1", "at": "2026-02-12", "db_id": "U1001", "email": "a.smith@example.org"},
    {"id": "e2", "at": "2026-02-13", "db_id": "U1002", "email": "b.smith@example.org"},
    {"id": "e401", "at": "2026-02-20", "device": "kiosk-77", "email": "a.smith@example.org"},
    {"id": "e402", "at": "2026-02-21", "device": "kiosk-77", "email": "b.smith@example.org"},
    {"id": "e403", "at": "2026-02-28", "device": "kiosk-77", "email": "a.smith@example.org"},
    {"id": "e404", "at": "2026-03-21", "device": "kiosk-77", "email": "b.smith@example.org"},
    {"id": "loose", "email": "null"},
    {"id": "odd", "db_id": ["U1001", "U1002"], "cookie": "q"},
    {"id": "far", "device": "elsewhere"},
]
RANKED = ["db_id", "email", "cookie", "device"]


def kiosk(policy: str = "keep", **options: Any) -> xg.XrefGraph:
    schema = xg.Schema(RANKED, anchor="db_id", conflicts=policy, **options)
    return xg.build(KIOSK, schema, event_id="id", time="at")


def event(name: str) -> xg.EventNode:
    return xg.EventNode("source_1", name)


def test_the_sentence_names_the_culprit_its_events_and_when() -> None:
    with kiosk() as graph:
        found = xg.why(graph, "db_id:U1001", "db_id:U1002")
        assert found.summary == (
            "db_id U1001 and db_id U1002 are one profile because device kiosk-77 occurs with email a.smith@example.org"
            " (2 events) and with email b.smith@example.org (2 events); first joined by event e402 of source_1 on 2026-02-21."
            " Every path passes device kiosk-77; without it, 3 events stay with db_id U1001"
            " and 3 with db_id U1002."
        )
        assert found.match_key == "+device +email -db_id"
        assert found.independent_paths == 1
        assert found.weakest is not None
        assert found.weakest.node == xg.IdentifierNode("device", "kiosk-77")
        assert found.weakest.steps == (1, 2)
        assert found.first_met == xg.Meeting(event("e402"), dt.datetime(2026, 2, 21))  # noqa: DTZ001
        assert found.path is not None
        assert [step.events for step in found.path.steps] == [1, 2, 2, 1]
        assert found.path.steps[1].examples == (event("e401"), event("e403"))
        assert found.path.steps[1].last == dt.datetime(2026, 2, 28)  # noqa: DTZ001
        assert found.passed_in_all == 5


def test_an_event_that_joins_two_large_halves_by_a_slip_is_the_weakest_link() -> None:
    mine = [{"email": "ann@example.org", "cookie": f"a{n}"} for n in range(9)]
    theirs = [{"device": "phone", "cookie": f"b{n}"} for n in range(9)]
    slip = {"id": "slip", "email": "ann@example.org", "device": "phone"}
    with xg.build(
        [*mine, *theirs, slip], identifiers=["email", "cookie", "device"], event_id="id"
    ) as graph:
        found = xg.why(graph, "cookie:a3", "cookie:b3")
        assert found.weakest is not None
        assert found.weakest.node == event("slip")
        assert (found.weakest.before, found.weakest.after) == (9, 9)
        assert (
            "event slip of source_1 carries both email ann@example.org and device phone"
            in found.summary
        )


def test_events_may_be_asked_for() -> None:
    with kiosk() as graph:
        found = xg.why(graph, event("e401"), event("e402"))
        assert found.path is not None
        assert [step.kind for step in found.path.steps] == ["carries", "carries"]
        assert found.path.nodes == (
            event("e401"),
            xg.IdentifierNode("device", "kiosk-77"),
            event("e402"),
        )
        both = xg.why(graph, event("e401"), event("e403"))
        assert both.independent_paths == 2
        own = xg.why(graph, event("e401"), "device:kiosk-77")
        assert own.path is not None
        assert own.path.length == 1
        assert "event e401 of source_1 carries device kiosk-77" in own.summary


def test_a_decision_is_a_step_and_its_reason_is_told() -> None:
    link = {
        "action": "link",
        "a": ["device", "elsewhere"],
        "b": ["device", "kiosk-77"],
        "reason": "moved",
    }
    with kiosk(decisions=[link]) as graph:
        found = xg.why(graph, "device:elsewhere", "device:kiosk-77")
        assert found.path is not None
        assert (found.path.steps[0].kind, found.path.steps[0].reason) == ("decision", "moved")
        assert found.first_met is None
        assert "a decision links them (moved)" in found.summary
        far = xg.why(graph, event("far"), "email:a.smith@example.org")
        assert [step.kind for step in far.path.steps] == ["carries", "decision", "events"]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("a", "b", "said"),
    [
        ("db_id:U1001", "db_id:U1001", "asked for twice"),
        ("db_id:U1001", "device:elsewhere", "in two profiles"),
        ("db_id:U1001", "email:null", "email null is in no profile (junk)"),
        (event("odd"), "db_id:U1001", "vent odd of source_1 is in no profile (contradictory)"),
        (event("loose"), event("odd"), "it carries no identifier that links"),
        (event("loose"), event("loose"), "it is in no profile"),
    ],
)
def test_what_cannot_be_explained_is_said_in_words(a: Any, b: Any, said: str) -> None:
    with kiosk() as graph:
        found = xg.why(graph, a, b)
        assert said in found.summary
        assert (found.path, found.independent_paths, found.rows()) == (None, 0, [])
        assert list(found.to_frame().columns)[:3] == ["from", "to", "by"]
        assert json.loads(json.dumps(found.to_dict()))["path"] is None


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("device:Kiosk-77", "other capitals"),
        ("device:kiosk-78", "differs in a single character"),
        ("cookie:kiosk-77", "It occurs as device"),
        ("device:nothing of the kind", "graph.identifiers"),
        ("device: ", "blank"),
        (event("e5"), "no event with this id"),
        (xg.EventNode("source_2", "e1"), "Did you mean 'source_1'?"),
    ],
)
def test_what_does_not_occur_is_an_error_that_says_what_is_near(asked: Any, said: str) -> None:
    with kiosk() as graph:
        with pytest.raises(xg.UnknownError, match=said) as caught:
            xg.why(graph, "db_id:U1001", asked)
        assert "smith" not in str(caught.value)
        assert "kiosk-77" not in str(caught.value)


def test_what_is_no_identifier_is_an_error() -> None:
    with kiosk() as graph:
        for odd in (17, None, ("a", "b", "c"), "db_id", {"db_id": 1}):
            with pytest.raises(xg.SchemaError):
                xg.why(graph, odd, "db_id:U1001")  # type: ignore[arg-type]
        with pytest.raises(xg.SchemaError, match="Did you mean 'device'"):
            xg.why(graph, "devise:x", "db_id:U1001")


def test_hostile_text_is_text_in_a_page() -> None:
    hostile = "<script>alert('x')</script>\u202e\n" + "y" * 10_000
    with xg.build([{"x": [hostile, "b"]}, {"x": ["b", "c"]}], identifiers=["x"]) as graph:
        found = xg.why(graph, ("x", hostile), "x:c")
        page = found._repr_html_()
        assert "<script" not in page
        assert len(page) < 20_000


def test_the_owner_at_a_time_is_asked_for_with_at() -> None:
    events = [
        {"at": "2026-01-01", "db_id": 1, "cookie": "x"},
        {"at": "2026-02-01", "db_id": 2, "cookie": "x"},
        {"at": "2026-02-02", "cookie": "x"},
    ]
    schema = xg.Schema(["db_id", "cookie"], anchor="db_id", conflicts="over_time")
    with xg.build(events, schema, time="at") as graph:
        assert xg.why(graph, "db_id:2", "cookie:x").linked
        assert not xg.why(graph, "db_id:1", "cookie:x").linked
        assert xg.why(graph, "db_id:1", "cookie:x", at="2026-01-15").linked
        assert xg.why(graph, "db_id:1", xg.IdentifierNode("cookie", "x", "db_id:1")).linked


@given(
    rows, st.sampled_from(sorted(POLICIES)), st.booleans(), st.lists(times, max_size=12), st.data()
)
def test_two_are_linked_exactly_when_their_profiles_are_equal_and_what_is_cited_is_true(
    events: Any, policy: str, linked: bool, moments: Any, data: st.DataObject
) -> None:
    events = [
        {**one, "id": n, "at": moments[n] if n < len(moments) else None}
        for n, one in enumerate(events)
    ]
    decisions = [{"action": "link", "a": ["cookie", "a"], "b": ["email", "10"], "reason": "r"}]
    schema = xg.Schema(
        TYPES, anchor="db_id", conflicts=policy, decisions=decisions if linked else []
    )
    with xg.build(events, schema, event_id="id", time="at") as graph:
        plain = graph.to_networkx()
        profile_of = {("e", one["event_id"]): one["profile_id"] for one in graph.events}
        known = sorted(
            {(one["type"], one["value"]) for one in graph.identifiers if one["profile_id"]}
        )
        asked = [event(str(one["id"])) for one in events] + known
        if len(asked) < 2:
            return
        a, b = data.draw(st.sampled_from(asked)), data.draw(st.sampled_from(asked))
        found = xg.why(graph, a, b)
        ids = [
            profile_of["e", one.event_id]
            if isinstance(one, xg.EventNode)
            else graph.profile(":".join(one)).id
            for one in (a, b)
        ]
        assert found.linked == (ids[0] is not None and ids[0] == ids[1])
        json.dumps(found.to_dict())
        if found.path is None:
            return
        graph_of = graph.profile(str(ids[0])).graph
        carried = {
            one: {(n.type, n.value) for n in graph_of[one]}
            for one in graph_of
            if isinstance(one, xg.EventNode)
        }
        for step in found.path.steps:
            ends = {(n.type, n.value) for n in (step.a, step.b) if isinstance(n, xg.IdentifierNode)}
            mine = {one for one, values in carried.items() if ends <= values}
            if step.kind == "decision":
                assert (linked, step.reason, ends) == (
                    True,
                    "r",
                    {("cookie", "a"), ("email", "10")},
                )
            elif step.kind == "events":
                assert step.events == len(mine)
                assert set(step.examples) <= mine
                moments_of = [plain.nodes[one]["time"] for one in mine if plain.nodes[one]["time"]]
                assert (step.first, step.last) == (
                    (min(moments_of), max(moments_of)) if moments_of else (None, None)
                )
            else:
                assert set(step.examples) <= mine
        assert found.path.nodes[0] == found.a
        assert found.path.nodes[-1] == found.b
        if found.first_met is not None:
            assert found.first_met.event in graph_of
        # One thing that all paths pass, or one that joins the two directly: by Menger.
        alone = [step for step in found.path.steps if step.events <= 1]
        if found.independent_paths == 1:
            assert found.passed or found.path.length == 1 or alone
        else:
            assert not found.passed


def test_paths_avoid_what_they_are_told_to() -> None:
    with kiosk() as graph:
        assert len(xg.paths(graph, "db_id:U1001", "db_id:U1002").paths) == 1
        assert not xg.paths(graph, "db_id:U1001", "db_id:U1002", avoid="device:kiosk-77").paths
        assert xg.paths(graph, "db_id:U1001", "db_id:U1002", avoid=[event("e402")]).paths
        without = xg.paths(
            graph, "db_id:U1001", "db_id:U1002", avoid=[event("e402"), event("e404")]
        )
        assert without.summary == (
            "Without event e402 of source_1 and event e404 of source_1, no path leads from db_id U1001 to db_id U1002."
        )
        assert not xg.paths(graph, "db_id:U1001", "device:elsewhere").paths
        for wrong in (0, -1, True, "3"):
            with pytest.raises(xg.SchemaError, match="k is a whole number"):
                xg.paths(graph, "db_id:U1001", "db_id:U1002", k=wrong)  # type: ignore[arg-type]
        with pytest.raises(xg.SchemaError, match="cannot be avoided"):
            xg.paths(graph, "db_id:U1001", "db_id:U1002", avoid=["db_id:U1001"])
