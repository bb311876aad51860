"""The presets declare what the conformance cases of their products declare."""

import json
from pathlib import Path
from typing import Any

import pytest

import xrefgraph as xg
from xrefgraph.presets import PRESETS


def cases(group: str) -> list[dict[str, Any]]:
    path = Path(__file__).with_name("conformance") / f"{group}.json"
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return found


def declared(case: dict[str, Any]) -> xg.Schema:
    """The schema of a case."""
    defaults = case["schema"]["deny_defaults"]
    kinds = [
        xg.IdentifierType(
            table["type"],
            deny_defaults=defaults,
            **{key: value for key, value in table.items() if key != "type"},
        )
        for table in case["schema"]["types"]
    ]
    policy = dict(case["policy"])
    return xg.Schema(
        kinds,
        anchor=case["schema"]["anchor"],
        conflicts=xg.Policy(policy.pop("name"), **policy),
        decisions=case.get("decisions", ()),
    )


def names(case: dict[str, Any]) -> list[str]:
    return [table["type"] for table in case["schema"]["types"]]


def parametrized(group: str, *, but: str = "") -> pytest.MarkDecorator:
    some = [case for case in cases(group) if case["id"] not in but.split()]
    return pytest.mark.parametrize("case", some, ids=[case["id"] for case in some])


@parametrized("segment", but="S19")
def test_segment_has_one_user_and_five_of_everything_else(case: dict[str, Any]) -> None:
    made = xg.preset("segment", identifiers=names(case)[1:], deny_defaults=False)
    assert made == declared(case)


def test_the_defaults_of_segment_are_those_of_its_cases() -> None:
    (case,) = (case for case in cases("segment") if case["id"] == "S01")
    assert xg.preset("segment", deny_defaults=False) == declared(case)
    # One case sets a limit of its own.
    (case,) = (case for case in cases("segment") if case["id"] == "S19")
    email = xg.IdentifierType("email", limit=2, deny_defaults=False)
    made = xg.preset("segment", identifiers=[email, "anonymous_id"], deny_defaults=False)
    assert made == declared(case)


# A48 is there to show what happens without the newest event.
@parametrized("adobe", but="A48")
def test_adobe_ranks_namespaces_of_which_some_are_unique(case: dict[str, Any]) -> None:
    anchor = case["schema"]["anchor"]
    others = [table for table in case["schema"]["types"] if table["type"] != anchor]
    made = xg.preset(
        "adobe",
        anchor=anchor,
        identifiers=[table["type"] for table in others],
        unique=[table["type"] for table in others if table.get("unique")],
    )
    assert made == declared(case)


def test_the_defaults_of_adobe_are_those_of_its_first_case() -> None:
    assert xg.preset("adobe") == declared(cases("adobe")[0])


# R11b is under another policy, to show what a separation does.
@parametrized("rudderstack", but="R11b")
def test_rudderstack_splits_nothing_and_sets_shared_values_aside(case: dict[str, Any]) -> None:
    want = declared(case)
    made = xg.preset(
        "rudderstack",
        identifiers=[kind if kind.accept or kind.deny else kind.name for kind in want.ranked],
        shared_with={kind.name: kind.shared_with for kind in want.ranked if kind.shared_with},
    )
    assert (made.types, made.policy, made.anchor) == (want.types, want.policy, None)


# N10 restates another product of the house: stitching in dbt.
@parametrized("snowplow", but="N10")
def test_snowplow_sets_apart_what_two_users_share(case: dict[str, Any]) -> None:
    assert xg.preset("snowplow", identifiers=names(case)[1:]) == declared(case)


def test_the_defaults_of_snowplow_and_mixpanel_are_those_of_their_cases() -> None:
    assert xg.preset("snowplow") == declared(cases("snowplow")[0])
    of_mixpanel = [case for case in cases("analytics") if "simplified API" in case["source"]]
    assert of_mixpanel
    for case in of_mixpanel:
        assert xg.preset("mixpanel") == declared(case)


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_takes_names_of_your_own_and_is_written_as_toml(name: str, tmp_path: Path) -> None:
    options: dict[str, Any] = {"identifiers": ["mail", "cookie"], "deny_defaults": True}
    if name != "rudderstack":
        options["anchor"] = "db_id"
    schema = xg.preset(name, **options)
    assert schema.names[-2:] == ("mail", "cookie")
    assert all(kind.deny_defaults for kind in schema.ranked)
    (tmp_path / "xref.toml").write_text(schema.to_toml())
    assert xg.Schema.from_toml(tmp_path / "xref.toml") == schema
    for part in ("It mirrors:", "It does not mirror:", "Restates:"):
        assert part in str(PRESETS[name].__doc__)


@pytest.mark.parametrize(
    ("make", "part"),
    [
        (lambda: xg.preset("segmnt"), "Did you mean 'segment'"),
        (lambda: xg.preset("segment", ancor="x"), "Did you mean 'anchor'"),
        (lambda: xg.preset("rudderstack", anchor="x"), "no option 'anchor'"),
        (lambda: xg.preset("segment", identifiers="email"), "list of names"),
        (lambda: xg.preset("adobe", unique=["ECD"]), "Did you mean 'ECID'"),
        (lambda: xg.preset("rudderstack", shared_with={"emial": {}}), "Did you mean 'email'"),
    ],
)
def test_unknown_presets_and_options_are_refused(make: Any, part: str) -> None:
    with pytest.raises(xg.XrefGraphError) as caught:
        make()
    assert part in str(caught.value)
