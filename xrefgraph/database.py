"""One DuckDB database, and one statement at a time on it.

Everything that speaks SQL goes through :class:`Database`. It fetches every result to its end (DuckDB 2.0
refuses the next statement until then), keeps what it spills in a folder of its own, and turns DuckDB's
errors, which quote values, into errors that do not.
"""

from __future__ import annotations

import contextlib
import copy
import itertools
import logging
import re
import shutil
import tempfile
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

import duckdb
import numpy as np
import numpy.typing as npt

from xrefgraph.errors import GraphClosedError, SourceError, StoreError, XrefGraphError

log = logging.getLogger(__name__)

Arrays = dict[str, npt.NDArray[Any]]


def quoted(name: str) -> str:
    """Quote a name for SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Quote a text for SQL."""
    # A NUL ends the statement for DuckDB's parser, so it is put together from parts.
    return "'" + text.replace("'", "''").replace("\0", "' || chr(0) || '") + "'"


class _SpillFolder:
    """A temporary folder that is removed when nobody holds it any more."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="xrefgraph-"))
        weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)


class _Attached:
    """A database in memory that is attached to another one, until nobody holds it any more.

    ``below`` is what its own tables are made of: it stays as long.
    """

    def __init__(self, root: duckdb.DuckDBPyConnection, name: str, below: _Attached | None) -> None:
        self.below = below
        root.execute(f"ATTACH ':memory:' AS {name} (READ_WRITE)").fetchall()
        gone = weakref.finalize(self, lambda: root.execute(f"DETACH {name}").fetchall())
        gone.atexit = False


#: The numbers of databases that stand beside others.
_BESIDE = itertools.count(1)


class Database:
    """A DuckDB database, in memory or in a file.

    Parameters
    ----------
    path : path, optional
        The file. Without it, memory.
    read_only : bool
        Whether the file is opened for reading only.
    memory_limit : str, optional
        What DuckDB may hold in memory, such as ``"500MB"``; the rest spills to disk.
    threads : int, optional
        How many threads DuckDB uses.

    Raises
    ------
    StoreError
        When the file cannot be opened.
    """

    def __init__(
        self,
        path: str | Path | None = None,
        *,
        read_only: bool = False,
        memory_limit: str | None = None,
        threads: int | None = None,
    ) -> None:
        self.path = None if path is None else Path(path)
        self.read_only = read_only
        self._numbers = itertools.count(1)
        #: Counts how often the numbers of a graph's tables were given anew.
        self.generation = 0
        self._spill: _SpillFolder | None = _SpillFolder()
        try:
            # A connection closes its cursors when it is closed: this one is, when the last that shares it is.
            self._root: duckdb.DuckDBPyConnection | None = duckdb.connect(
                ":memory:" if path is None else str(path), read_only=read_only
            )
            self._attached: _Attached | None = None
            self._connection: duckdb.DuckDBPyConnection | None = self._root.cursor()
            self._configure(memory_limit, threads)
        except (duckdb.Error, XrefGraphError, OSError, TypeError) as error:
            self._spill = None
            if isinstance(error, XrefGraphError):
                raise
            raise StoreError(
                f"{path or 'A database in memory'} could not be opened: {_first_line(error)}"
            ) from None

    def _configure(self, memory_limit: str | None, threads: int | None) -> None:
        self.run("SET temp_directory = " + literal(str(self.spill_folder)))
        self._prepare()
        if memory_limit is not None:
            try:
                self.run("SET memory_limit = " + literal(str(memory_limit)))
            except XrefGraphError:
                raise XrefGraphError(
                    f"memory_limit is a size such as '500MB' or '4GB', not {memory_limit!r}."
                ) from None
        if threads is not None:
            if type(threads) is not int or threads < 1:
                raise XrefGraphError(f"threads is a whole number from 1 on, not {threads!r}.")
            self.run(f"SET threads = {threads}")

    def _prepare(self) -> None:
        """Set what each connection has for itself."""
        self.run("SET TimeZone = 'UTC'")
        # The small side of each join is written at the right, and is to stay there.
        self.run("SET disabled_optimizers = 'join_order,build_side_probe_side'")
        self.run("SET enable_progress_bar = false")
        # What is lent as objects is text. DuckDB need not guess that from a sample, and some versions fail where all of it is missing.
        self.run("SET pandas_analyze_sample = 0")

    @property
    def spill_folder(self) -> Path:
        """A folder that lives as long as the database, and those beside it."""
        if self._spill is None:
            raise GraphClosedError("The graph is closed. Build it, or open its file, again.")
        return self._spill.path

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """The DuckDB connection.

        Raises
        ------
        GraphClosedError
            After :meth:`close`.
        """
        if self._connection is None:
            raise GraphClosedError("The graph is closed. Build it, or open its file, again.")
        return self._connection

    def next_number(self) -> int:
        """Give a number that no other temporary table of this database has."""
        return next(self._numbers)

    @property
    def closed(self) -> bool:
        """Whether :meth:`close` was called."""
        return self._connection is None

    def close(self) -> None:
        """Close the database and remove what it spilled."""
        if self._connection is not None:
            self._connection.close()
            self._connection = self._attached = self._root = None
            self._spill = None

    def beside(self) -> tuple[Database, str]:
        """Give an empty database in memory that can read the tables of this one, and the name of this one in its SQL.

        It lives on when this one is closed.
        """
        catalog = str(self.row("SELECT current_database()")[0])
        other = copy.copy(self)
        other.path, other.read_only = None, False
        name = f"beside_{next(_BESIDE)}"
        if self._root is not None:  # it is closed otherwise, and has said so
            other._attached = _Attached(self._root, name, self._attached)  # noqa: SLF001  (the same class)
            other._connection = self._root.cursor()  # noqa: SLF001  (the same class)
        other.run(f"USE {name}")
        other._prepare()  # noqa: SLF001  (the same class)
        return other, quoted(catalog)

    def fetch(
        self,
        sql: str,
        fetch: Callable[[duckdb.DuckDBPyConnection], Any],
        parameters: Sequence[Any] | None = None,
    ) -> Any:
        """Run a statement and fetch its whole result in the form that the caller wants."""
        return self._guarded(
            lambda connection: fetch(
                connection.execute(sql, parameters) if parameters else connection.execute(sql)
            )
        )

    def _guarded(self, work: Callable[[duckdb.DuckDBPyConnection], Any]) -> Any:
        """Do something with the connection; its errors become ours, and it can be used afterwards."""
        connection = self.connection
        try:
            return work(connection)
        except (duckdb.Error, UnicodeDecodeError) as error:
            self._settle()
            _raise(error)
        except RuntimeError as error:
            self._settle()
            # An interrupted statement ends as RuntimeError in some versions.
            if "interrupt" in str(error).lower():
                raise KeyboardInterrupt from None
            raise

    def _settle(self) -> None:
        """Drop what a failed statement left, so that the next one can run."""
        if self._connection is not None and hasattr(self._connection, "abort"):
            with contextlib.suppress(duckdb.Error):
                self._connection.abort()

    def run(self, sql: str, parameters: Sequence[Any] | None = None) -> None:
        """Run a statement for its effect."""
        self.fetch(sql, lambda result: result.fetchall(), parameters)

    def rows(self, sql: str, parameters: Sequence[Any] | None = None) -> list[tuple[Any, ...]]:
        """Give the rows of a query as tuples."""
        result: list[tuple[Any, ...]] = self.fetch(
            sql, lambda result: result.fetchall(), parameters
        )
        return result

    def row(self, sql: str, parameters: Sequence[Any] | None = None) -> tuple[Any, ...]:
        """Give the first row of a query that has one."""
        return self.rows(sql, parameters)[0]

    def arrays(self, sql: str) -> Arrays:
        """Give the columns of a query, none of which has a null, as numpy arrays."""
        columns: Mapping[str, Any] = self.fetch(sql, lambda result: result.fetchnumpy())
        return {name: np.ma.getdata(column) for name, column in columns.items()}

    def arrow(self, sql: str) -> Any:
        """Give a query as an Arrow table."""
        # A relation hands its rows over; a result of execute() would be copied once more.
        return self._guarded(lambda connection: connection.sql(sql).to_arrow_table())

    def columns(self, sql: str) -> dict[str, str]:
        """Give the names of the columns of a query, with their types, without running it."""
        return {str(row[0]): str(row[1]) for row in self.rows(f"DESCRIBE {sql}")}

    @contextlib.contextmanager
    def registered(self, **columns: npt.NDArray[Any]) -> Iterator[str]:
        """Lend arrays of one length to SQL, as a table of the name that is given."""
        self.connection.register("lent_arrays", columns)
        try:
            yield "lent_arrays"
        finally:
            self.connection.unregister("lent_arrays")


def _first_line(error: BaseException) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__


#: Errors about the words of a query, which are known before any row is read.
_OF_THE_QUERY = (duckdb.ParserException, duckdb.BinderException, duckdb.CatalogException)


def _raise(error: Exception) -> NoReturn:
    """Raise the error of ours for one of DuckDB's; never with its text where that may quote a value."""
    text = str(error)
    if isinstance(error, duckdb.InterruptException):
        raise KeyboardInterrupt from None
    if "CSV Error" in text:
        raise SourceError(_csv_fault(text)) from None
    if isinstance(error, UnicodeDecodeError) or re.search(r"utf-?8|unicode", text, re.IGNORECASE):
        raise SourceError("A value is not UTF-8 text. Convert the source to UTF-8.") from None
    if isinstance(
        error,
        duckdb.ConversionException | duckdb.OutOfRangeException | duckdb.TypeMismatchException,
    ):
        kind = re.search(r"to (?:type )?([A-Z0-9_]+)", _unquoted(_first_line(error)))
        raise XrefGraphError(
            f"A value cannot be converted{' to ' + kind[1] if kind else ''}.", detail=text
        ) from None
    if isinstance(error, duckdb.OutOfMemoryException):
        raise StoreError(
            "DuckDB ran out of memory, or of room on disk to spill to. Raise memory_limit, or free some disk. "
            + _first_line(error)
        ) from None
    if isinstance(error, duckdb.IOException | duckdb.HTTPException | duckdb.PermissionException):
        raise StoreError(f"A file could not be read or written: {_first_line(error)}") from None
    # A full disk may show as a commit that failed, and a damaged file as invalid input.
    if re.search(
        r"Could not write file|No space left|magic bytes|parquet file", text, re.IGNORECASE
    ):
        raise StoreError(
            f"A file could not be read or written ({type(error).__name__}).", detail=text
        ) from None
    raise XrefGraphError(f"DuckDB: {_without_values(error)}", detail=text) from None


def _without_values(error: Exception) -> str:
    """Say what kind of error of DuckDB's it is, and of a query what is wrong with it; never a value."""
    said = type(error).__name__
    if isinstance(error, _OF_THE_QUERY):
        reason = _unquoted(_first_line(error).partition(": ")[2])
        said = f"{said}: {reason.partition(':')[0].strip()}"
    return f"{said}. Its own words, which may quote a value, are in the attribute `detail`."


def _unquoted(text: str) -> str:
    """Give a text without what is quoted in it, from the first to the last quote: a value may hold quotes."""
    return re.sub(r"""["'`].*["'`]|["'`].*""", "…", text)


def _csv_fault(text: str) -> str:
    """What DuckDB says of a CSV file, without the line that it quotes."""
    line = re.search(r"CSV Error on Line: (\d+)", text)
    what = re.search(
        r"(Expected Number of Columns: \d+ Found: \d+|Invalid unicode|Unterminated quote"
        r"|Maximum line size of \d+ bytes exceeded|unexpected end of file|not utf-8 encoded)",
        text,
        re.IGNORECASE,
    )
    reason = (
        what[1]
        if what
        else "it is not a CSV file that can be read (its separator or quoting is unclear)"
    )
    return f"CSV: {f'line {line[1]}: ' if line else ''}{reason}. Mend the file, or read it in another way."
