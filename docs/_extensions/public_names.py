"""A page for each public name: what `xrefgraph.__all__` lists, in groups by what it is.

Nothing is listed by hand, so a name that becomes public has its page in the next build, and one that goes takes it along.
"""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import TYPE_CHECKING, Any

import xrefgraph
from xrefgraph.inspection.answers import Answer

if TYPE_CHECKING:
    from docutils import nodes
    from docutils.nodes import Element
    from sphinx.addnodes import pending_xref
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

#: The groups in the order of the index, and what it says of each.
GROUPS = {
    "What you declare": "Which identifiers there are, where events come from, and what becomes of conflicts.",
    "The graph": "What is built of it, and what people hold in their hand.",
    "Questions to a graph": "Each gives an answer in words and in data.",
    "Pictures and pages": "Drawings for a notebook or a file, the page to click through, and the report.",
    "Answers": "What the questions give back. They are made by these, not by you.",
    "Parts of answers": "The facts that answers consist of.",
    "Errors": "All of them are an `XrefGraphError`.",
    "Data to try": "Small cases that ship with the package.",
}
DECLARED = {"schema", "sources", "policy", "decisions", "decision_files", "presets", "own_policy"}


def group_of(thing: Any) -> str:
    """The group of what a public name stands for, by where it is written and what it is."""
    if inspect.ismodule(thing):
        return "Data to try"
    if isinstance(thing, type) and issubclass(thing, BaseException):
        return "Errors"
    stage, _, inner = thing.__module__.removeprefix("xrefgraph.").partition(".")
    if stage in DECLARED:
        return "What you declare"
    if stage != "inspection":
        return "The graph"
    if inner.startswith(("draw", "viewer")):
        return "Pictures and pages"
    if not isinstance(thing, type):
        return "Questions to a graph"
    return "Answers" if issubclass(thing, Answer) else "Parts of answers"


def page_name(name: str, thing: Any) -> str:
    """The place of a name's page. `why` and `Why` are two, also where file names do not tell capitals from others."""
    if inspect.ismodule(thing):
        return f"modules/{name}"
    return f"classes/{name}" if isinstance(thing, type) else f"functions/{name}"


def directive(name: str, thing: Any) -> str:
    """What Sphinx shall take out of the docstrings."""
    if inspect.ismodule(thing):
        return f".. automodule:: xrefgraph.{name}\n   :members:\n"
    if not isinstance(thing, type):
        return f".. currentmodule:: xrefgraph\n\n.. autofunction:: {name}\n"
    lines = [".. currentmodule:: xrefgraph\n", f".. autoclass:: {name}", "   :members:"]
    parents = [one for one in thing.__mro__[1:-1] if one is not object]
    if parents and all(one.__module__.startswith("xrefgraph") for one in parents):
        lines.append("   :inherited-members:")  # what Python's own classes bring along says nothing
    return "\n".join(lines) + "\n"


def pages(docs: Path) -> dict[str, str]:
    """Give the text of each page by its place: one for each public name, and the index."""
    things = {name: getattr(xrefgraph, name) for name in xrefgraph.__all__}
    found: dict[str, str] = {}
    members: dict[str, list[str]] = {title: [] for title in GROUPS}
    for name, thing in sorted(things.items(), key=lambda one: (one[0].lower(), one[0])):
        members[group_of(thing)].append(name)
        text = f"# {name}\n\n```{{eval-rst}}\n{directive(name, thing)}```\n"
        told = docs / "reference" / "inspection" / f"{name.replace('_', '-')}.md"
        if told.exists():
            text += (
                f"\nWhat its answer says, with examples: [{name}](../../inspection/{told.name}).\n"
            )
        found[page_name(name, thing)] = text
    parts = ["# Public names\n", "Everything that `import xrefgraph as xg` gives.\n"]
    for title, words in GROUPS.items():
        if not members[title]:
            continue
        entries = "\n".join(f"   {name}" for name in members[title])
        places = "\n".join(page_name(name, things[name]) for name in members[title])
        parts += [
            f"## {title}\n",
            f"{words}\n",
            f"```{{eval-rst}}\n.. currentmodule:: xrefgraph\n\n.. autosummary::\n   :nosignatures:\n\n{entries}\n```\n",
            f"```{{toctree}}\n:hidden:\n:maxdepth: 1\n\n{places}\n```\n",
        ]
    return found | {"index": "\n".join(parts)}


def write_pages(app: Sphinx) -> None:
    """Write the pages that changed, and remove those of names that are gone."""
    docs = Path(app.srcdir)
    folder = docs / "reference" / "api"
    wanted = {folder / f"{name}.md": text for name, text in pages(docs).items()}
    for path in sorted(folder.rglob("*.md")):
        if path not in wanted:
            path.unlink()
    for path, text in wanted.items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")


def resolve_short(
    app: Sphinx, env: BuildEnvironment, node: pending_xref, text: Element
) -> nodes.reference | None:
    """Find a public name that a docstring calls by its short name, in whichever file it is written."""
    name = node.get("reftarget", "").removeprefix("xrefgraph.")
    if node.get("refdomain") != "py" or name not in xrefgraph.__all__:
        return None
    domain = env.get_domain("py")
    return domain.resolve_xref(
        env, node["refdoc"], app.builder, "obj", f"xrefgraph.{name}", node, text
    )


def check_names(app: Sphinx, error: Exception | None) -> None:
    """See that each public name is documented in what was built."""
    if error is not None:
        return
    known = {name for name, *_ in app.env.get_domain("py").get_objects()}
    missing = [name for name in xrefgraph.__all__ if f"xrefgraph.{name}" not in known]
    if missing:
        raise RuntimeError(f"{len(missing)} public names are on no page: {', '.join(missing)}.")


def setup(app: Sphinx) -> dict[str, bool]:
    """Hook it in."""
    app.connect("builder-inited", write_pages)
    app.connect("missing-reference", resolve_short)
    app.connect("build-finished", check_names)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
