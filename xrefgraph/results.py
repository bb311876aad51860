"""A folder of results, read back: each file as something that SQL can select from."""

from __future__ import annotations

import glob
from collections.abc import Sequence
from pathlib import Path

from xrefgraph.database import literal
from xrefgraph.errors import StoreError
from xrefgraph.export import FORMATS


def results_format(folder: Path) -> str:
    """Give the format of the results in a folder, the newest where there are several.

    Raises
    ------
    StoreError
        When there are none.
    """
    formats = [form for form in FORMATS if (folder / f"identifiers.{form}").is_file()]
    if not formats:
        raise StoreError(
            f"{str(folder)!r} holds no results: there is no identifiers.parquet, .csv or .json in it.",
            path=str(folder),
        )
    return max(formats, key=lambda form: (folder / f"identifiers.{form}").stat().st_mtime)


def scan_results(path: Path, columns: Sequence[str]) -> str:
    """Give the SQL that reads a file of results.

    Parameters
    ----------
    path : path
        Parquet, CSV or JSON lines, by its ending.
    columns : sequence of str
        The columns that are read. All are text: a file must not make a number of "007".

    Raises
    ------
    StoreError
        When there is no such file.
    """
    if not path.is_file():
        raise StoreError(
            f"{str(path.parent)!r} has no {path.name}, which belongs to the results.",
            path=str(path),
        )
    file = literal(glob.escape(str(path)))
    if path.suffix == ".csv":
        form = "all_varchar = true, header = true, delim = ',', quote = '\"', escape = '\"', max_line_size = 100000000"
        return f"read_csv({file}, {form})"
    if path.suffix == ".json":
        typed = ", ".join(f"{name}: 'VARCHAR'" for name in columns)
        form = (
            f"format = 'newline_delimited', columns = {{{typed}}}, maximum_object_size = 100000000"
        )
        return f"read_json({file}, {form})"
    return f"(SELECT {', '.join(f'{name}::VARCHAR AS {name}' for name in columns)} FROM read_parquet({file}))"
