"""Files that appear whole or not at all.

What is written is made in a folder beside its place, and moved there when it is done. A reader never sees half
of it, and whatever fails leaves what was there before.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from xrefgraph.database import Database, literal
from xrefgraph.errors import StoreError, did_you_mean


@contextlib.contextmanager
def beside(target: Path) -> Iterator[Path]:
    """Lend a folder on the same disk as the target, which is removed afterwards, whatever happened."""
    try:
        parent = target.absolute().parent
        parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(
            tempfile.mkdtemp(prefix=f".{re.sub(r'[^A-Za-z0-9_.-]', '_', target.name)}-", dir=parent)
        )
    except OSError as error:
        raise StoreError(
            f"{str(target)!r} cannot be written: {error.strerror}.", path=str(target)
        ) from None
    try:
        yield temporary
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def check_replaceable(path: Path) -> None:
    """See that nothing but an earlier graph would be replaced."""
    if _exists(path) and path.is_dir():
        raise StoreError(f"{str(path)!r} is a folder; a graph is one file.", path=str(path))
    if path.exists() and path.stat().st_size and not is_graph(path):
        raise StoreError(
            f"{str(path)!r} is there, and is no graph: it is left as it is. Choose another name.",
            path=str(path),
        )


def check_graph(path: Path) -> None:
    """See that there is a graph to open."""
    if not _exists(path):
        near = sorted(map(str, path.absolute().parent.glob(f"*{path.suffix}")))[:50]
        raise StoreError(
            f"There is no file {str(path)!r}.{did_you_mean(str(path), near)}", path=str(path)
        )
    if path.is_dir():
        raise StoreError(f"{str(path)!r} is a folder; a graph is one file.", path=str(path))
    if not is_graph(path):
        raise StoreError(f"{str(path)!r} is no graph of xrefgraph.", path=str(path))


def _exists(path: Path) -> bool:
    """Whether there is something of this name; a name may be such that nothing can have it."""
    try:
        return path.exists()
    except OSError as error:
        raise StoreError(
            f"{str(path)[:80]!r} … cannot be a file: {error.strerror}.", path=str(path)
        ) from None


def is_graph(path: Path) -> bool:
    """Whether a file begins as one of DuckDB, which every graph is."""
    try:
        with path.open("rb") as file:
            return file.read(12)[8:] == b"DUCK"
    except OSError as error:
        raise StoreError(
            f"{str(path)!r} cannot be read: {error.strerror}.", path=str(path)
        ) from None


def replace(file: Path, target: Path) -> None:
    """Put a file that is done in its place, in the place of what was there."""
    try:
        file.replace(target)
    except OSError as error:
        raise StoreError(
            f"{str(target)!r} cannot be written: {error.strerror}.", path=str(target)
        ) from None


def check_folder(path: str | Path, what: str) -> Path:
    """See that a file may be written here: its folder is there, and it is none itself.

    Raises
    ------
    StoreError
        When not.
    """
    if not isinstance(path, str | os.PathLike):
        raise StoreError(
            f"{what.capitalize()} is written to a path, as text or a Path, not to a {type(path).__name__}."
        )
    target = Path(path)
    if _exists(target) and target.is_dir():
        raise StoreError(f"{str(path)!r} is a folder; {what} is one file.", path=str(path))
    folder = target.absolute().parent
    if not folder.is_dir():
        raise StoreError(
            f"{str(path)!r} cannot be written: there is no folder {str(folder)!r}.", path=str(path)
        )
    return target


def save_text(text: str, path: str | Path, what: str) -> Path:
    """Write a text to a file, in the place of what was there: a reader sees it whole, or not at all.

    Parameters
    ----------
    text : str
    path : path
        The file, in a folder that is there.
    what : str
        What it is, for errors: ``a report``.

    Raises
    ------
    StoreError
        When it cannot be written. What was there before is still there.
    """
    target = check_folder(path, what)
    with beside(target) as temporary:
        try:
            (temporary / "text").write_bytes(text.encode("utf-8", "surrogatepass"))
        except OSError as error:
            raise StoreError(
                f"{str(path)!r} cannot be written: {error.strerror}.", path=str(path)
            ) from None
        replace(temporary / "text", target)
    return target


def save_store(database: Database, path: Path) -> None:
    """Copy the tables of a graph into a file of their own."""
    check_replaceable(path)
    with beside(path) as temporary:
        file = temporary / "graph"
        database.run(f"ATTACH {literal(str(file))} AS saved (READ_WRITE)")
        try:
            database.run("CREATE SCHEMA saved.store")
            for (name,) in database.rows(
                "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'store' AND database_name = current_database()"
            ):
                database.run(f"CREATE TABLE saved.store.{name} AS SELECT * FROM store.{name}")
        finally:
            database.run("DETACH saved")
        replace(file, path)
