"""How the documents are built: `make docs`. Nothing is read from the network, and a warning is an error."""

import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
BUILD = HERE / "_build"
sys.path[:0] = [str(HERE / "_extensions"), str(ROOT)]

import numpydoc.xref  # noqa: E402

import xrefgraph  # noqa: E402

project = "xrefgraph"
author = "xrefgraph developers"
project_copyright = author
version = release = xrefgraph.__version__

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "numpydoc",
    # ours
    "public_names",
    "notebook_pages",
    "examples",
    "pictures",
    "offline",
]
root_doc = "index"
exclude_patterns = ["_build", "_extensions", "**/.ipynb_checkpoints"]

# ------------------------------------------------------------------------------------------ links

nitpicky = True
nitpick_ignore_regex = [
    # What other projects document: without a network, there is nothing that says where.
    (
        r"py:.*",
        r"(collections|dataclasses|datetime|duckdb|matplotlib|networkx|numpy|pandas|pathlib|polars|pyarrow|re|typing)\..*",
    ),
    # Docstrings point to the inside of the package for those who read its source: it has no pages.
    (r"py:.*", r"xrefgraph\.[a-z_]+\..*"),
]
if os.environ.get("XREFGRAPH_INTERSPHINX"):
    extensions.append("sphinx.ext.intersphinx")
    intersphinx_mapping = {
        "python": ("https://docs.python.org/3", None),
        "networkx": ("https://networkx.org/documentation/stable", None),
        "numpy": ("https://numpy.org/doc/stable", None),
        "pandas": ("https://pandas.pydata.org/docs", None),
    }
else:
    numpydoc.xref.DEFAULT_LINKS.clear()  # `int`, `tuple`, ...: links into Python's own documents

# --------------------------------------------------------------------------------------- Markdown

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
suppress_warnings: list[str] = []

# ----------------------------------------------------------------------------- cells of code, run

# Every cell is run at every build, whatever an earlier build kept: no picture shows what the package drew before a change.
nb_execution_mode = "force"
nb_execution_raise_on_error = (
    False  # a warning tells of it, and is an error: so all are told, and not the first alone
)
nb_execution_in_temp = True
nb_execution_timeout = 120
nb_execution_show_tb = True
nb_execution_excludepatterns = ["notebooks/*"]  # the tests run these; here they show what they keep
nb_merge_streams = True
nb_code_prompt_show = "Show the code"
nb_code_prompt_hide = "Hide the code"
nb_ipywidgets_js: dict[str, dict[str, str]] = {}  # these would come from the network

# Kernels run this interpreter and this checkout, with settings of their own, and read none of the user's.
os.environ["JUPYTER_PREFER_ENV_PATH"] = "1"
os.environ["PYTHONPATH"] = os.pathsep.join(
    part for part in (str(ROOT), os.environ.get("PYTHONPATH", "")) if part
)
os.environ["IPYTHONDIR"] = str(BUILD / "ipython")
kernel = BUILD / "ipython" / "profile_default" / "ipython_kernel_config.py"
kernel.parent.mkdir(parents=True, exist_ok=True)
kernel.write_text(
    "c = get_config()\n"
    "c.InlineBackend.figure_formats = {'retina'}\n"
    "c.IPKernelApp.log_level = 'ERROR'  # it warns that it can be listened to, on this machine\n",
    encoding="utf-8",
)

# ------------------------------------------------------------------------------------- docstrings

autodoc_member_order = "bysource"
toc_object_entries_show_parents = "hide"
autodoc_typehints = "none"  # the docstrings have the types, in words
autosummary_generate = False  # the pages of public names are made by `public_names`
numpydoc_show_class_members = False  # autodoc lists them
numpydoc_class_members_toctree = False
numpydoc_xref_param_type = True
numpydoc_xref_ignore = "all"  # types are words: only those of ours are links
numpydoc_xref_aliases = {
    name: f"xrefgraph.{name}"
    for name in xrefgraph.__all__
    if isinstance(getattr(xrefgraph, name), type) and name != "Path"  # mostly pathlib's
}

# ------------------------------------------------------------------------------------------- HTML

html_theme = "pydata_sphinx_theme"
html_title = "xrefgraph"
html_sidebars = {"index": [], "tutorial": []}  # they have no pages below them
html_static_path = ["_static"]
html_css_files = ["wide.css"]
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
html_last_updated_fmt = None
html_context = {"default_mode": "auto"}  # light or dark, as the reader's machine is
html_theme_options = {
    "logo": {"text": "xrefgraph"},
    "navigation_with_keys": False,
    "show_toc_level": 2,
    "footer_start": [],
    "footer_end": [],
    "secondary_sidebar_items": ["page-toc"],
}
