"""Every error is one of ours, says what to do, pickles, and keeps values to itself."""

import copy
import inspect
import pickle

import pytest

import xrefgraph as xg
from xrefgraph import errors
from xrefgraph.errors import counted, did_you_mean

EVERY = [
    one
    for _, one in inspect.getmembers(errors, inspect.isclass)
    if issubclass(one, xg.XrefGraphError)
]


@pytest.mark.parametrize("kind", EVERY)
def test_an_error_pickles_and_copies_with_its_facts(kind: type[xg.XrefGraphError]) -> None:
    error = kind("2 rows are odd.", source="visits", count=2)
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):  # noqa: S301
        assert type(again) is kind
        assert (str(again), again.source, again.count, again.facts) == (
            "2 rows are odd.",
            "visits",
            2,
            {"source": "visits", "count": 2},
        )


@pytest.mark.parametrize(
    ("kind", "builtin"),
    [
        (xg.SchemaError, ValueError),
        (xg.SourceError, ValueError),
        (xg.DuplicateEventError, xg.SourceError),
        (xg.SourceChangedError, xg.SourceError),
        (xg.UnknownError, LookupError),
        (xg.StoreError, OSError),
        (xg.GraphClosedError, ValueError),
    ],
)
def test_an_error_is_also_a_builtin_that_people_catch(
    kind: type[Exception], builtin: type[Exception]
) -> None:
    assert issubclass(kind, builtin)
    assert issubclass(kind, xg.XrefGraphError)


def test_what_is_no_fact_is_no_attribute() -> None:
    with pytest.raises(AttributeError):
        _ = xg.SchemaError("x").row


def test_the_nearest_word_is_offered_whatever_its_case() -> None:
    assert did_you_mean("Cookie_ID", ["db_id", "COOKIE"]) == " Did you mean 'COOKIE'?"
    assert did_you_mean("page", ["db_id"]) == ""


def test_numbers_agree_with_their_nouns() -> None:
    assert [counted(n, "row") for n in (0, 1, 5000)] == ["0 rows", "1 row", "5,000 rows"]
    assert counted(2, "identity", "identities") == "2 identities"
