"""The notebooks run, answer their question, and are stored with what they show and with nothing of a machine."""

import ast
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("nbclient", reason="the notebooks need nbclient (extra `test`)")
pytest.importorskip("ipykernel", reason="the notebooks need ipykernel (extra `test`)")

from notebooks.__main__ import HERE, NOTEBOOKS, main, read, run, stripped

#: How many events the last notebook has here. What is stored in it is of ten million.
EVENTS = int(os.environ.get("XREFGRAPH_NOTEBOOK_EVENTS", "200_000"))
#: On another Python it is the interpreter that may differ, and one notebook is enough to see it.
SMOKE = os.environ.get("XREFGRAPH_HYPOTHESIS") == "smoke"
NAMES = [path.stem for path in NOTEBOOKS]
GIT, MANY = "5_who_is_who_in_a_git_repository", "6_ten_million_events"

every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=NAMES)
needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not here")


def code_cells(notebook: Any) -> list[Any]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def texts(cell: Any) -> list[str]:
    """What a cell shows, but for its pictures and for what they are called where none can be shown."""
    shown = []
    for output in cell.outputs:
        if output.output_type == "stream":
            shown.append(output.text)
        elif "image/png" not in output.data:
            shown.append(output.data["text/plain"])
            # Of a page its sentences: its script may be a newer one.
            shown.append(output.data.get("text/html", "").partition("<iframe")[0])
    return shown


def pictures(cell: Any) -> int:
    return sum("image/png" in output.get("data", {}) for output in cell.outputs)


def test_there_are_six_and_the_readme_names_them_all() -> None:
    assert [name[:2] for name in NAMES] == [f"{n}_" for n in range(1, 7)]
    readme = (HERE / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"\((\w+)\.ipynb\)", readme) == NAMES


def test_a_notebook_that_is_not_there_is_told_with_those_that_are() -> None:
    with pytest.raises(SystemExit, match=r"no notebook '7_none'\. There are: 1_first_profiles, "):
        main(["7_none"])


@every_notebook
def test_a_notebook_has_a_question_and_ends_in_an_assertion(path: Path) -> None:
    notebook = read(path)
    assert notebook.cells[0].source.startswith("# ")
    assert isinstance(ast.parse(notebook.cells[-1].source).body[-1], ast.Assert)


@every_notebook
def test_what_a_notebook_shows_is_stored_in_it(path: Path) -> None:
    drawn = 0
    for cell in code_cells(read(path)):
        assert not [output for output in cell.outputs if output.output_type == "error"]
        draws = re.search(
            r"^ *(?:\w+ = )?(?:xg\.plot_\w+|draw)\(|plt\.subplots|\.plot\(\)",
            cell.source,
            re.MULTILINE,
        )
        if draws and not re.search(r"^def draw", cell.source, re.MULTILINE):
            assert pictures(cell) == 1, cell.source
            drawn += 1
        last = ast.parse(cell.source.replace("%", "")).body[-1]
        if isinstance(last, ast.Expr) and not cell.source.endswith(";"):
            assert cell.outputs, cell.source
    assert drawn > 1


@every_notebook
def test_nothing_of_a_machine_or_a_person_is_stored(path: Path) -> None:
    notebook = read(path)
    assert stripped(notebook) == notebook, "store it with: make notebooks"
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            output.get("data", {}).pop("image/png", None)
    told = json.dumps(notebook, ensure_ascii=False)
    assert str(HERE.parent) not in told
    assert not re.findall(
        r"(?<![\w:/.<])(?:/(?:home|tmp|root|usr|var|private|opt|Users|work)/|[A-Z]:\\\\)", told
    )
    mails = set(re.findall(r"[\w.+-]+@([\w-]+(?:\.[\w-]+)+)", told.lower()))
    assert mails <= {"example.org"}
    assert path.stat().st_size < 1_500_000


@every_notebook
def test_links_between_notebooks_lead_somewhere(path: Path) -> None:
    for cell in read(path).cells:
        if cell.cell_type == "markdown":
            for link in re.findall(r"\]\(([^)#:]+)\)", cell.source):
                assert (HERE / link).exists(), link


@needs_git
@every_notebook
def test_a_notebook_runs_and_shows_what_is_stored(path: Path) -> None:
    if SMOKE and path.stem != NAMES[0]:
        pytest.skip("one notebook is enough on another Python (XREFGRAPH_HYPOTHESIS=smoke)")
    stored = read(path)
    made = run(stored, {"events": EVENTS} if path.stem == MANY else None)
    if path.stem == MANY:  # its numbers are those of ten million events
        return
    for one, other in zip(code_cells(made), code_cells(stored), strict=True):
        assert texts(one) == texts(other), one.source
    # With older matplotlib the first picture comes a cell later, so they are counted in all.
    assert sum(map(pictures, code_cells(made))) == sum(map(pictures, code_cells(stored)))


def test_ten_million_events_took_less_than_two_minutes_when_they_were_stored() -> None:
    last = "".join(texts(read(HERE / f"{MANY}.ipynb").cells[-1]))
    ((events, seconds),) = re.findall(r"([\d,]+) events: (\d+) s altogether", last)
    assert events == "10,000,000"
    assert int(seconds) < 120


@needs_git
@pytest.mark.skipif(
    SMOKE, reason="one notebook is enough on another Python (XREFGRAPH_HYPOTHESIS=smoke)"
)
@pytest.mark.parametrize(
    ("name", "blocked"),
    [
        ("networkx", {("email", "2dd7909ca087beef"): "a service that merges for many"}),
        ("ipython", {}),
    ],
)
def test_who_is_who_in_real_logs(
    name: str, blocked: dict[tuple[str, str], str], shared_data: Path
) -> None:
    signatures = shared_data / "git_signatures" / f"{name}.csv.gz"
    made = run(read(HERE / f"{GIT}.ipynb"), {"signatures": str(signatures), "blocked": blocked})
    told = "".join(text for cell in code_cells(made) for text in texts(cell))
    before, after = (float(one) for one in re.findall(r"F1\s(\d\.\d+)", told))
    assert after >= before
    assert after > 0.98


@needs_git
@pytest.mark.skipif(
    SMOKE, reason="one notebook is enough on another Python (XREFGRAPH_HYPOTHESIS=smoke)"
)
def test_a_repository_of_ones_own_is_read(tmp_path: Path) -> None:
    """The names and the addresses are those of nobody; what else a log may hold does no harm."""
    repository = tmp_path / "a repository"
    repository.mkdir()
    commits = [
        ("Zoë Ånd", "zoe@example.org"),
        ("Zoë Ånd", "z@example.org"),
        ("onerror=alert(1) &amp;", "x@example.org"),
        ("$x^2$ \u202eabc", "rtl@example.org"),
        ("quote \"'", "zoe@example.org"),
    ]
    lines = []
    for number, (name, mail) in enumerate(commits):
        lines += [
            "commit refs/heads/main",
            *(
                f"{role} {name} <{mail}> {1_770_000_000 + number} +0100"
                for role in ("author", "committer")
            ),
        ]
        lines += ["data 1", "x", "M 644 inline file", "data 2", f"{number}\n"]
    subprocess.run(["git", "init", "-q", "--bare", "."], cwd=repository, check=True)
    subprocess.run(["git", "symbolic-ref", "HEAD", "refs/heads/main"], cwd=repository, check=True)
    subprocess.run(
        ["git", "fast-import", "--quiet"],
        cwd=repository,
        input="\n".join(lines).encode(),
        check=True,
    )
    made = run(read(HERE / f"{GIT}.ipynb"), {"repository": str(repository), "blocked": {}})
    told = "".join(text for cell in code_cells(made) for text in texts(cell))
    assert "<XrefGraph: 10 events, 8 identifiers, 3 profiles" in told
    assert "onerror=alert(1) &amp;amp;" in told
