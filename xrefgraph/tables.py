"""Table: a thin lazy view of a query on the graph."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, overload

from xrefgraph.database import Database, quoted
from xrefgraph.errors import UnknownError, XrefGraphError, counted, did_you_mean, listing
from xrefgraph.markup import COLUMNS, ROWS, grid, shown

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow


class Table:
    """Rows of the graph, read when they are asked for.

    A table holds no data: it is a query. Asking for the rows in any form runs it. Times are instants in
    UTC, without a zone attached; ids and values are text.

    Parameters
    ----------
    database : Database
        Where the query runs.
    query : str, or a function that gives it
        A ``SELECT``. A function is asked each time, since the tables behind a graph change.
    name : str
        What the rows are, for the representation.

    Examples
    --------
    >>> import xrefgraph as xg
    >>> graph = xg.build([{"db_id": 1, "cookie": "a"}, {"cookie": "a", "id": 7}],
    ...                  anchor="db_id", identifiers=["cookie"], event_id="id")
    >>> len(graph.events)
    2
    >>> graph.events.filter("event_id = '7'").rows()[0]["profile_id"]
    'db_id:1'
    """

    def __init__(
        self, database: Database, query: str | Callable[[], str], name: str = "table"
    ) -> None:
        self._database = database
        self._ask = query
        self._name = name

    @property
    def query(self) -> str:
        """The SQL that gives the rows."""
        return self._ask if isinstance(self._ask, str) else self._ask()

    @property
    def columns(self) -> list[str]:
        """The names of the columns."""
        return list(self._database.columns(self.query))

    def __len__(self) -> int:
        count: int = self._database.row(f"SELECT count(*) FROM ({self.query})")[0]
        return count

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self.rows())

    @overload
    def __getitem__(self, key: int) -> dict[str, Any]: ...
    @overload
    def __getitem__(self, key: str) -> list[Any]: ...
    def __getitem__(self, key: int | str) -> dict[str, Any] | list[Any]:
        if isinstance(key, str):
            if key not in self.columns:
                raise UnknownError(
                    f"There is no column {key!r}. There are: {listing(self.columns)}."
                    f"{did_you_mean(key, self.columns)}"
                )
            return [
                row[0] for row in self._database.rows(f"SELECT {quoted(key)} FROM ({self.query})")
            ]
        return self.rows()[key]

    def filter(self, condition: str) -> Table:
        """Keep the rows for which a SQL condition holds.

        Parameters
        ----------
        condition : str
            A condition on the columns, such as ``"status = 'ambiguous'"``.

        Returns
        -------
        Table
            Lazy, like this one.

        Raises
        ------
        XrefGraphError
            When the condition is no SQL, or names a column that does not exist.
        """

        def query() -> str:
            return f"SELECT * FROM ({self.query}) WHERE {condition}"

        self._database.columns(query())  # says at once what is wrong with the condition
        return Table(self._database, query, self._name)

    def rows(self) -> list[dict[str, Any]]:
        """Give the rows as dicts."""

        def fetch(result: Any) -> list[dict[str, Any]]:
            names = [column[0] for column in result.description]
            return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

        rows: list[dict[str, Any]] = self._database.fetch(self.query, fetch)
        return rows

    def df(self) -> pandas.DataFrame:
        """Give the rows as a pandas frame (extra ``pandas``)."""
        require("pandas")
        frame: pandas.DataFrame = self._database.fetch(self.query, lambda result: result.df())
        return frame

    def pl(self) -> polars.DataFrame:
        """Give the rows as a polars frame (extra ``polars``)."""
        require("polars")
        import polars

        frame: polars.DataFrame = polars.DataFrame(self.arrow())
        return frame

    def arrow(self) -> pyarrow.Table:
        """Give the rows as an Arrow table (extra ``arrow``)."""
        require("pyarrow")
        return self._database.arrow(self.query)

    def __repr__(self) -> str:
        return f"<Table {self._name}>"

    def _repr_html_(self) -> str:
        if self._database.closed:
            return f"<p>{shown(self._name)}: the graph is closed.</p>"
        # As many rows and columns as are shown are read, however many there are.
        columns = self.columns
        wanted = ", ".join(quoted(name) for name in columns[:COLUMNS])
        rows = self._database.rows(f"SELECT {wanted} FROM ({self.query}) LIMIT {ROWS}")
        total = len(self)
        return grid(columns, rows, total, caption=f"{self._name}: {counted(total, 'row')}")


def require(module: str) -> None:
    """See that a package is installed that only some forms of a result need; say how to get it if not."""
    try:
        importlib.import_module(module)
    except ImportError:
        extra = {"pyarrow": "arrow"}.get(module, module)
        raise XrefGraphError(
            f"This needs {module}, which is not installed: pip install 'xrefgraph[{extra}]'."
        ) from None
