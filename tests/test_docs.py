"""The documents are whole: each public name has a page, no link leads nowhere, and no page is an orphan.

`make docs` builds them, with warnings as errors; this is what can be seen without building. Their examples run as tests of
their own.
"""

import dataclasses
import importlib.util
import inspect
import json
import re
import runpy
from pathlib import Path
from types import ModuleType, SimpleNamespace

import matplotlib as mpl
import pytest
import typer

import xrefgraph
from xrefgraph.cli.program import app
from xrefgraph.policy import POLICIES
from xrefgraph.presets import PRESETS

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"

#: What a build makes. It is not there before, and may be left from an earlier one.
MADE = ("_build", "notebooks", "reference/api")


def written() -> list[Path]:
    """The documents that people write."""
    made = [DOCS / folder for folder in MADE]
    return [
        path
        for path in sorted(DOCS.rglob("*.md"))
        if not any(path.is_relative_to(folder) for folder in made)
    ]


PAGES = written()


def names(paths: list[Path]) -> list[str]:
    return [path.relative_to(ROOT).as_posix() for path in paths]


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def prose(path: Path) -> str:
    """A document without its blocks of code, in which brackets mean something else."""
    return re.sub(r"^```.*?^```", "", text_of(path), flags=re.MULTILINE | re.DOTALL)


def links(path: Path) -> list[str]:
    """The places that a document links to, but for those on the web."""
    without = re.sub(r"`[^`\n]*`", lambda code: "x" * len(code[0]), prose(path))
    found = re.findall(r"\]\(([^)\s]+)\)", without)
    return [one for one in found if not re.match(r"[a-z]+:", one)]


def slugs(path: Path) -> set[str]:
    """The anchors of the headings, as a code host and Sphinx make them."""
    headings = re.findall(r"^#{1,6} +(.+)$", prose(path), flags=re.MULTILINE)
    plain = [re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings]
    return {heading.replace(" ", "-") for heading in plain}


def entries(path: Path) -> list[str]:
    """What the toctrees of a document list."""
    blocks = re.findall(
        r"^```\{toctree\}\n(.*?)^```", text_of(path), flags=re.MULTILINE | re.DOTALL
    )
    lines = [line.strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if line and not line.startswith(":")]


def extension(name: str) -> ModuleType:
    """One of the parts that build the documents."""
    place = importlib.util.spec_from_file_location(name, DOCS / "_extensions" / f"{name}.py")
    assert place is not None
    assert place.loader is not None
    module = importlib.util.module_from_spec(place)
    place.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def public_names() -> ModuleType:
    """What makes the pages of public names."""
    return extension("public_names")


# ------------------------------------------------------------------------------------ public names


@pytest.fixture(scope="module")
def made(public_names: ModuleType) -> dict[str, str]:
    found: dict[str, str] = public_names.pages(DOCS)
    return found


def test_each_public_name_has_a_page_of_its_own(
    public_names: ModuleType, made: dict[str, str]
) -> None:
    for name in xrefgraph.__all__:
        page = made[public_names.page_name(name, getattr(xrefgraph, name))]
        assert page.startswith(f"# {name}\n")
        assert re.search(rf"^\.\. auto\w+:: (xrefgraph\.)?{name}$", page, flags=re.MULTILINE)
    assert len(made) == len(xrefgraph.__all__) + 1  # and the index


def test_no_two_pages_differ_in_capitals_alone(made: dict[str, str]) -> None:
    """`Why` and `why` are one file on some machines."""
    assert len({name.lower() for name in made}) == len(made)


def test_the_index_lists_each_public_name_once_and_nothing_else(made: dict[str, str]) -> None:
    listed = re.findall(r"^   (?!:)(\w+)$", made["index"], flags=re.MULTILINE)
    assert sorted(listed) == sorted(xrefgraph.__all__)
    places = re.findall(r"^(?:classes|functions|modules)/\w+$", made["index"], flags=re.MULTILINE)
    assert sorted(places) == sorted(set(made) - {"index"})


def test_a_question_leads_to_the_page_that_tells_of_its_answer(made: dict[str, str]) -> None:
    told = {path.stem for path in (DOCS / "reference" / "inspection").glob("*.md")} - {"README"}
    assert told <= {name.replace("_", "-") for name in xrefgraph.__all__}
    for page in told:
        assert f"(../../inspection/{page}.md)" in made[f"functions/{page.replace('-', '_')}"]


def test_a_name_that_is_made_public_gets_its_page(
    public_names: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    def new_question() -> None:
        """Ask something new."""

    new_question.__module__ = "xrefgraph.inspection.new_question"
    monkeypatch.setattr(xrefgraph, "new_question", new_question, raising=False)
    monkeypatch.setattr(xrefgraph, "__all__", [*xrefgraph.__all__, "new_question"])
    found = public_names.pages(DOCS)
    assert ".. autofunction:: new_question" in found["functions/new_question"]
    questions = found["index"].partition("## Questions to a graph")[2].partition("\n## ")[0]
    assert "   new_question\n" in questions


# ------------------------------------------------------------------------------- the ways to a page


@pytest.mark.parametrize(
    "path", [ROOT / "README.md", *PAGES], ids=names([ROOT / "README.md", *PAGES])
)
def test_each_link_leads_to_a_file_and_a_heading_that_are_there(
    path: Path, made: dict[str, str]
) -> None:
    for link in links(path):
        place, _, heading = link.partition("#")
        target = (path.parent / place).resolve() if place else path
        if target.is_relative_to(DOCS / "reference" / "api"):
            assert target.relative_to(DOCS / "reference" / "api").with_suffix("").as_posix() in made
            continue
        assert target.exists(), f"{link} leads to no file"
        if heading:
            assert heading in slugs(target), f"{link} leads to no heading"


def test_the_tables_of_contents_lead_to_every_page_once() -> None:
    seen = ["index"]
    for name in seen:  # it grows
        path = DOCS / f"{name}.md"
        if name in ("notebooks/index", "reference/api/index"):
            continue  # made by the build, along with their contents
        assert path.exists(), f"a table of contents lists {name}, which is not there"
        found = [(path.parent / entry).resolve() for entry in entries(path)]
        seen += [one.relative_to(DOCS).as_posix() for one in found]
    assert len(seen) == len(set(seen))
    there = {path.relative_to(DOCS).with_suffix("").as_posix() for path in PAGES}
    assert set(seen) - {"notebooks/index", "reference/api/index"} == there


def test_notebooks_become_pages_and_links_between_them_and_documents_hold(tmp_path: Path) -> None:
    pages = extension("notebook_pages")
    for folder in ("docs", "notebooks"):
        (tmp_path / folder).mkdir()
    for name in ("1_one.ipynb", "2_two.ipynb", "README.md"):
        (tmp_path / "notebooks" / name).write_text(
            "# Some\n\n[one](1_one.ipynb)\n", encoding="utf-8"
        )
    pages.copy_notebooks(SimpleNamespace(srcdir=str(tmp_path / "docs")))
    (tmp_path / "notebooks" / "1_one.ipynb").unlink()
    pages.copy_notebooks(SimpleNamespace(srcdir=str(tmp_path / "docs")))
    copied = sorted(path.name for path in (tmp_path / "docs" / "notebooks").iterdir())
    assert copied == ["2_two.ipynb", "index.md"]
    assert entries(tmp_path / "docs" / "notebooks" / "index.md") == ["2_two"]
    for page, link, turned in (
        ("how-to/x", "../../notebooks/2_two.ipynb", "../notebooks/2_two.ipynb"),
        ("index", "../notebooks/README.md", "notebooks/index.md"),
        ("notebooks/2_two", "../docs/how-to/x.md", "../how-to/x.md"),
        ("notebooks/2_two", "1_one.ipynb", "1_one.ipynb"),
    ):
        source = [f"See [this]({link})."]
        pages.turn_links(None, page, source)
        assert source == [f"See [this]({turned})."]


def test_what_a_page_would_load_from_the_network_is_seen() -> None:
    offline = extension("offline")
    for bad in (
        '<script src="https://cdn.example.org/x.js"></script>',
        '<script async="async" src="//cdn.example.org/x.js"></script>',
        "<img alt='' src='http://example.org/x.png'>",
        '<link href="https://example.org/x.css" rel="stylesheet" />',
        "@import url(https://example.org/x.css);",
    ):
        assert offline.LOADED.search(bad), bad
    for good in (
        '<a href="https://example.org">there</a>',
        '<script src="_static/x.js"></script>',
        '<link rel="canonical" href="https://example.org/">',
        "&lt;script src=&quot;https://example.org&quot;",
    ):
        assert not offline.LOADED.search(good), good


@pytest.mark.parametrize("path", PAGES, ids=names(PAGES))
def test_a_page_with_cells_says_that_they_are_run(path: Path) -> None:
    """Without the words at its top, its cells would be shown and not run, and no picture drawn."""
    if "```{code-cell}" in text_of(path):
        assert text_of(path).startswith(
            "---\nfile_format: mystnb\nkernelspec:\n  name: python3\n---\n"
        )


@pytest.mark.parametrize("path", PAGES, ids=names(PAGES))
def test_a_page_keeps_no_picture(path: Path) -> None:
    """Pictures are drawn by the build, so none is older than the package."""
    assert not re.search(r"!\[|<img|data:image|\{(image|figure)\}", text_of(path))


# ---------------------------------------------------------------------------------------- contents

GUIDES = {
    "identifier-types",
    "over-merges",
    "shared-devices",
    "mask-personal-data",
    "from-pandas-and-networkx",
    "from-pygrouper",
    "from-splink",
    "scale-up",
}


def test_every_guide_is_there_and_ends_with_what_to_look_at() -> None:
    assert {path.stem for path in (DOCS / "how-to").glob("*.md")} == GUIDES | {"index"}
    for name in GUIDES:
        headings = re.findall(
            r"^## (.+)$", prose(DOCS / "how-to" / f"{name}.md"), flags=re.MULTILINE
        )
        assert headings[-1] == "What to look at", name


def test_the_concepts_draw_each_policy() -> None:
    text = text_of(DOCS / "concepts" / "policies.md")
    for name in POLICIES:
        assert f"\n## {name}:" in text
        assert f'draw("{name}")\n' in text


def test_the_reference_shows_each_drawing() -> None:
    text = text_of(DOCS / "reference" / "drawings.md")
    drawings = {name for name in xrefgraph.__all__ if name.startswith("plot_")}
    assert set(re.findall(r"^## (plot_\w+)$", text, flags=re.MULTILINE)) == drawings
    for name in drawings:
        assert f"[`{name}`](#{name})" in text
        shown = section(DOCS / "reference" / "drawings.md", name)
        assert re.search(r"^```\{code-cell\}\n(.|\n)*plot", shown, flags=re.MULTILINE), name


def test_the_reference_has_each_preset() -> None:
    assert re.search(
        rf"^   :members: {', '.join(PRESETS)}$",
        text_of(DOCS / "reference" / "presets.md"),
        re.MULTILINE,
    )


#: The cases that stand behind the rows of the table of products.
CASES = {
    "RudderStack Profiles, as it comes": "R06",
    "Adobe Experience Platform, without linking rules": "K01",
    "Adobe, with identity graph linking rules": "K02",
    "Segment Unify": "S05",
    "Mixpanel, Simplified ID Merge": "M03",
    "PostHog": "H01",
    "Snowplow Identities": "N03",
    "Hightouch, with a limit of one user id": "G01",
    "RudderStack, with a cardinality rule": "R03",
    "the usual SQL, such as Snowplow's stitching in dbt": "N10",
}


def test_the_table_of_products_says_what_the_conformance_cases_say() -> None:
    cases = {
        case["id"]: case
        for path in (ROOT / "tests" / "conformance").glob("*.json")
        for case in json.loads(text_of(path))
    }
    rows = re.findall(
        r"^\| ([^|]+) \| [^|]+ \| [^|]+ \| [^|]+ \| ([^|]+) \|$",
        section(DOCS / "concepts" / "vendors.md", "What they say that they do"),
        flags=re.MULTILINE,
    )
    here = dict(rows[1:])
    assert here.keys() == CASES.keys()
    for product, name in CASES.items():
        case = cases[name]
        shared = any("shared_with" in kind for kind in case["schema"]["types"])
        told = "shared_with" if shared else case["policy"]["name"]
        assert here[product].startswith(f"`{told}`"), product
        assert ("newest event first" in here[product]) == case["policy"].get(
            "newest_event_first", False
        )


def section(path: Path, heading: str) -> str:
    """The text under a heading of the second level."""
    _, found, rest = text_of(path).partition(f"\n## {heading}\n")
    assert found, f"{path.name} has no heading {heading}"
    return rest.partition("\n## ")[0]


def test_the_page_of_the_command_line_has_each_command_with_each_option_and_no_other() -> None:
    path = DOCS / "reference" / "command-line.md"
    commands = getattr(typer.main.get_command(app), "commands")  # noqa: B009  (it is a group)
    options = {
        name: {one for parameter in command.params for one in parameter.opts if one[:2] == "--"}
        for name, command in commands.items()
    }
    for_all, *headings = re.findall(r"^## (.+)$", text_of(path), flags=re.MULTILINE)
    assert sorted(name for heading in headings for name in heading.split(", ")) == sorted(commands)
    everywhere = set(re.findall(r"`(--[\w-]+)`", section(path, for_all)))
    for heading in headings:
        said = set(re.findall(r"--[\w-]+", section(path, heading)))
        for name in heading.split(", "):
            assert options[name] <= said | everywhere, name
    every = {one for some in options.values() for one in some} | {"--help", "--version"}
    assert set(re.findall(r"--[\w-]+", prose(path).replace("|---", ""))) <= every


def test_the_page_of_the_toml_file_has_each_key() -> None:
    path = DOCS / "reference" / "toml.md"
    for heading, fields in {
        "`[[type]]`": {one.name for one in dataclasses.fields(xrefgraph.IdentifierType)},
        "`[[source]]`": {one.name for one in dataclasses.fields(xrefgraph.Source)} - {"data"}
        | {"path"},
        "`[[decision]]`": {one.name for one in dataclasses.fields(xrefgraph.Decision)}
        - {"action", "origin"},
    }.items():
        first_cells = re.findall(r"^\| (`[^|]+) \|", section(path, heading), flags=re.MULTILINE)
        assert {name for cell in first_cells for name in re.findall(r"`(\w+)`", cell)} == fields, (
            heading
        )


def test_no_docstring_of_a_public_name_is_missing() -> None:
    for name in xrefgraph.__all__:
        text = inspect.getdoc(getattr(xrefgraph, name)) or ""
        assert len(text) > 20, name


def test_the_picture_of_the_readme_is_what_the_call_draws(tmp_path: Path) -> None:
    stored = ROOT / "docs" / "pictures" / "why.svg"
    made_by = f"Matplotlib v{mpl.__version__},"
    if made_by not in stored.read_text("utf-8"):
        pytest.skip(
            "the picture was drawn by another version of matplotlib, which may differ in its bytes"
        )
    draw = runpy.run_path(str(stored.with_name("why.py")))["draw"]
    draw(tmp_path / "why.svg")
    assert (tmp_path / "why.svg").read_bytes() == stored.read_bytes(), "python docs/pictures/why.py"
