"""Run the notebooks again, and store what they show: ``make notebooks``, or in an environment with the extra ``test``

    python -m notebooks                     all of them
    python -m notebooks 3_wrong_merges      some

What is stored are the texts, the code and the outputs, and nothing of the machine or the day: no times of execution, no versions.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

HERE = Path(__file__).resolve().parent
NOTEBOOKS = sorted(HERE.glob("[0-9]*_*.ipynb"))
Notebook = Any  # nbformat has no types

METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
#: What a cell may keep of its metadata: the rest is about the program in which somebody last looked at it.
KEPT = ("tags",)


def read(path: Path) -> Notebook:
    """Read a notebook, as version 4."""
    return nbformat.read(path, as_version=4)


def run(notebook: Notebook, parameters: dict[str, Any] | None = None) -> Notebook:
    """Execute a copy of a notebook in an empty folder, with this xrefgraph.

    Parameters
    ----------
    notebook : Notebook
        The notebook; it stays as it is.
    parameters : dict, optional
        Names and values that take the place of those in the cell that has the tag ``parameters``.

    Returns
    -------
    Notebook
        The copy with its outputs.

    Raises
    ------
    nbclient.exceptions.CellExecutionError
        When a cell raises; the last one has an assertion.
    """
    copy = nbformat.from_dict(notebook)
    if parameters:
        place = next(
            n for n, cell in enumerate(copy.cells) if "parameters" in cell.metadata.get("tags", ())
        )
        lines = [f"{name} = {value!r}" for name, value in parameters.items()]
        copy.cells.insert(place + 1, nbformat.v4.new_code_cell("\n".join(lines)))
    with tempfile.TemporaryDirectory() as folder:
        paths = [str(HERE.parent), *filter(None, [os.environ.get("PYTHONPATH")])]
        client = NotebookClient(
            copy,
            timeout=600,
            kernel_name="python3",
            record_timing=False,
            resources={"metadata": {"path": folder}},
        )
        client.execute(
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join(paths),
                "IPYTHONDIR": str(Path(folder) / ".ipython"),
                "MPLBACKEND": "module://matplotlib_inline.backend_inline",
            }
        )
    return copy


def stripped(notebook: Notebook) -> Notebook:
    """Give a copy without what is of the machine, the day, or the program it was last looked at in."""
    copy = nbformat.from_dict(notebook)
    copy.metadata = nbformat.from_dict(METADATA)
    copy.nbformat, copy.nbformat_minor = 4, 5
    executed = 0
    for number, cell in enumerate(copy.cells, 1):
        cell.id = f"cell-{number}"
        cell.metadata = nbformat.from_dict(
            {key: value for key, value in cell.metadata.items() if key in KEPT}
        )
        if cell.cell_type == "code":
            executed += 1
            cell.execution_count = executed
            for output in cell.outputs:
                if "execution_count" in output:
                    output.execution_count = executed
    return copy


def main(names: list[str]) -> None:
    """Run some notebooks, or all, and store them."""
    chosen = [path for path in NOTEBOOKS if not names or path.stem in names]
    unknown = set(names) - {path.stem for path in chosen}
    if unknown:
        known = ", ".join(path.stem for path in NOTEBOOKS)
        sys.exit(f"There is no notebook {min(unknown)!r}. There are: {known}.")
    for path in chosen:
        began = time.monotonic()
        nbformat.write(stripped(run(read(path))), path)
        size = path.stat().st_size / 1000
        print(f"{path.stem}: {time.monotonic() - began:.0f} s, {size:,.0f} kB")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m notebooks", description=__doc__)
    parser.add_argument(
        "name", nargs="*", help="a notebook without its ending; all, if none is named"
    )
    main(parser.parse_args().name)
