"""What the user declares is checked when it is declared, and is the same in TOML."""

import dataclasses
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import xrefgraph as xg

names = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters=":"), min_size=1, max_size=5
).filter(lambda text: text.strip())
kinds = st.builds(
    xg.IdentifierType,
    names,
    unique=st.booleans(),
    limit=st.one_of(st.none(), st.integers(1, 9)),
    normalize=st.one_of(
        st.none(),
        st.sampled_from(["strip", "lower", "email"]),
        st.lists(st.sampled_from(["digits", "alnum", "phone"]), min_size=1, max_size=2),
    ),
    accept=st.one_of(st.none(), st.sampled_from(["[a-z]+", r"\d*"])),
    deny=st.lists(st.one_of(names, st.integers()), max_size=2),
    deny_patterns=st.lists(st.sampled_from(["^x", "é"]), max_size=2),
    deny_defaults=st.booleans(),
    trust=st.floats(0.1, 9),
)


@given(
    st.lists(kinds, min_size=1, max_size=3, unique_by=lambda kind: kind.name),
    st.booleans(),
    st.integers(0, 9),
)
def test_a_schema_comes_back_from_toml(
    types: list[xg.IdentifierType], anchored: bool, most: int
) -> None:
    if most:
        others = {kind.name: most for kind in types[:-1]}
        types[-1] = dataclasses.replace(types[-1], shared_with=others)
    schema = xg.Schema(types, anchor=types[0].name if anchored else None)
    assert xg.Schema.from_dict(tomllib.loads(schema.to_toml())) == schema


def test_the_anchor_is_unique() -> None:
    assert xg.Schema(["db_id"], anchor="db_id").ranked[0].unique


@pytest.mark.parametrize(
    ("make", "part"),
    [
        (lambda: xg.IdentifierType("a:b"), "colon"),
        (lambda: xg.IdentifierType(""), "name"),
        (lambda: xg.IdentifierType("a", limit=0), "limit"),
        (lambda: xg.IdentifierType("a", normalize="lowr"), "Did you mean 'lower'"),
        (lambda: xg.IdentifierType("a", normalize=7), "normalize"),  # type: ignore[arg-type]
        (lambda: xg.IdentifierType("a", deny="x"), "list"),
        (lambda: xg.IdentifierType("a", accept="(?=x)"), "look-around"),
        (lambda: xg.IdentifierType("a", deny_patterns=[r"(x)\1"]), "back-references"),
        (lambda: xg.IdentifierType("a", accept="("), "regular expression"),
        (lambda: xg.IdentifierType("a", trust=0), "trust"),
        (lambda: xg.IdentifierType("a", shared_with={"b": 0}), "shared_with"),
        (lambda: xg.Schema([]), "at least one"),
        (lambda: xg.Schema("cookie"), "list of names"),
        (lambda: xg.IdentifierType("a", shared_with={"a": 1}), "itself"),
        (lambda: xg.IdentifierType("a", shared_with=["b"]), "maps a type"),  # type: ignore[arg-type]
        (
            lambda: xg.Schema([xg.IdentifierType("a", shared_with={"cooky": 1}), "cookie"]),
            "Did you mean 'cookie'",
        ),
        (lambda: xg.Schema(["a"], conflicts="kep"), "Did you mean 'keep'"),
        (lambda: xg.Source([], identifiers={}), "at least one identifier"),
        (lambda: xg.Source([], identifiers="cookie"), "or a list of names"),
        (lambda: xg.Source([], identifiers={"cookie": []}), "name of its column"),
        (lambda: xg.build([{"a": 1}]), "which columns are identifiers"),
        (lambda: xg.build([{"a": 1}], xg.Schema(["a"]), anchor="a"), "not both"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_contradicts_itself_is_a_clear_error(make: Any, part: str) -> None:
    with pytest.raises(xg.SchemaError) as caught:
        make()
    assert part in str(caught.value)


def test_a_toml_file_holds_schema_and_sources(tmp_path: Path) -> None:
    (tmp_path / "visits.csv").write_text("who,cid\n1,a\n")
    config = tmp_path / "xref.toml"
    config.write_text(
        'anchor = "db_id"\n[[type]]\nname = "db_id"\n[[type]]\nname = "cookie"\nnormalize = ["strip", "lower"]\n'
        '[[source]]\npath = "visits.csv"\n[source.identifiers]\ndb_id = "who"\ncookie = "cid"\n'
    )
    schema, sources = xg.Schema.from_toml(config), xg.Source.from_toml(config)
    with xg.build(sources, schema) as graph:
        assert (graph.events["source"], graph.events["anchor"]) == (["visits"], ["1"])
    with pytest.raises(xg.SchemaError, match="Did you mean 'visits'"):
        xg.Source.from_toml(config, replace_paths=["visit.csv"])
    for text, part in (
        ("anchr = 1", "Did you mean 'anchor'"),
        ("[[type]]\n", "no name"),
        ("a = ", "not a TOML file"),
        ("[[type]]\nname='a'\nlimt=1", "Did you mean 'limit'"),
    ):
        config.write_text(text)
        with pytest.raises(xg.SchemaError, match=part):
            xg.Schema.from_toml(config)
    with pytest.raises(xg.StoreError, match="no file"):
        xg.Schema.from_toml(tmp_path / "none.toml")
