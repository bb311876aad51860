"""A policy and its options: checked when declared, and the same in TOML."""

import datetime as dt
import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import xrefgraph as xg
from xrefgraph.durations import duration, duration_text
from xrefgraph.policy import DEFAULT_POLICY, POLICIES

spans = st.timedeltas(dt.timedelta(), dt.timedelta.max)
policies = st.one_of(
    st.builds(xg.Policy, st.sampled_from(sorted(POLICIES))),
    st.builds(xg.Policy, st.just("last_touch"), newest_event_first=st.booleans()),
    st.builds(xg.Policy, st.just("over_time"), claim_back=st.one_of(st.booleans(), spans)),
)


@given(spans)
def test_a_span_of_time_comes_back_from_its_text(span: dt.timedelta) -> None:
    assert duration(duration_text(span), "it") == span


@given(policies)
def test_a_policy_comes_back_from_toml(policy: xg.Policy) -> None:
    schema = xg.Schema(["a"], conflicts=policy)
    again = xg.Schema.from_dict(tomllib.loads(schema.to_toml()))
    assert again == schema
    assert again.policy.options == policy.options
    # A span of no time equals False, and is not the same.
    assert [type(value) for value in again.policy.options.values()] == [
        type(value) for value in policy.options.values()
    ]


@given(policies)
def test_a_policy_is_shown_as_it_is_written(policy: xg.Policy) -> None:
    assert eval(repr(policy), {"Policy": xg.Policy, "datetime": dt}) == policy  # noqa: S307


@pytest.mark.parametrize(
    ("written", "span"),
    [
        ("30 days", dt.timedelta(30)),
        ("1 day", dt.timedelta(1)),
        ("12 hours", dt.timedelta(hours=12)),
        ("2 Weeks, 1 day and 30 minutes", dt.timedelta(15, minutes=30)),
        ("1.5 hours", dt.timedelta(minutes=90)),
        ("PT12H", dt.timedelta(hours=12)),
        ("p1dt2h3m4.5s", dt.timedelta(1, 4.5, hours=2, minutes=3)),
        ("P2W", dt.timedelta(14)),
        (90, dt.timedelta(seconds=90)),
        (0.5, dt.timedelta(milliseconds=500)),
        (dt.timedelta(3), dt.timedelta(3)),
    ],
)
def test_a_span_is_read_as_people_write_it(written: Any, span: dt.timedelta) -> None:
    assert xg.Policy("over_time", claim_back=written).options == {"claim_back": span}


@pytest.mark.parametrize(
    "written",
    [
        *("", "P", "PT", "soon", "days", "30", "1 month", "P1M", "P1Y", "1 day ago", "-1 day", "1 day 2"),
        *(-1, float("nan"), float("inf"), 1e300, None, [1], dt.timedelta(-1), "9" * 30 + " days"),
    ],
)  # fmt: skip
def test_what_is_no_span_of_time_is_refused(written: Any) -> None:
    with pytest.raises(xg.SchemaError, match="claim_back is a span of time"):
        xg.Policy("over_time", claim_back=written)


@pytest.mark.parametrize(
    ("make", "part"),
    [
        (lambda: xg.Policy("lasttouch"), "Did you mean 'last_touch'"),
        (lambda: xg.Policy("kep"), "Did you mean 'keep'"),
        (lambda: xg.Policy("callable"), "There is no conflict policy"),
        (lambda: xg.Policy(None), "no conflict policy None"),  # type: ignore[arg-type]
        (lambda: xg.Policy("keep", fast=True), "no option 'fast'. It has none."),
        (
            lambda: xg.Policy("last_touch", newest_first=True),
            "Did you mean 'newest_event_first'",
        ),
        (lambda: xg.Policy("last_touch", newest_event_first=1), "true or false"),
        (lambda: xg.Policy("isolate", claim_back=True), "'over_time' has it"),
        (lambda: xg.Policy(len, fast=True), "no option 'fast'"),
        (lambda: xg.Schema(["a"], conflicts="ovr_time"), "Did you mean 'over_time'"),
        (
            lambda: xg.Schema.from_dict({"conflicts": {"policy": "over_time", "claimback": 1}}),
            "Did you mean 'claim_back'",
        ),
        (lambda: xg.Schema.from_dict({"conflicts": "keep"}), "is a table"),
    ],
)
def test_unknown_policies_and_options_are_refused(make: Any, part: str) -> None:
    with pytest.raises(xg.SchemaError) as caught:
        make()
    assert part in str(caught.value)


def test_a_policy_that_is_a_function_cannot_be_written() -> None:
    def settle(conflict: Any) -> Any:
        return conflict

    schema = xg.Schema(["a"], conflicts=settle)
    assert (schema.policy.name, schema.policy.function) == ("callable", settle)
    assert schema.functions == ("conflicts",)
    assert schema == xg.Schema(["a"], conflicts=xg.Policy(settle))
    with pytest.raises(xg.SchemaError, match="policy is a function, which no file can hold"):
        schema.to_toml()


def test_a_schema_that_names_no_policy_has_the_default() -> None:
    assert xg.Schema(["a"]).policy == xg.Policy(DEFAULT_POLICY)
    assert xg.Schema.from_dict({"type": [{"name": "a"}]}).policy == xg.Policy(DEFAULT_POLICY)
