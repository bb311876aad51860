"""The page as a widget, where Python is to know what was selected and what was blocked (extra ``widget``)."""

from __future__ import annotations

from functools import cache
from typing import Any

from xrefgraph.errors import XrefGraphError
from xrefgraph.inspection.viewer.contents import NODES, contents_of
from xrefgraph.inspection.viewer.page import json_text, script_text, style_text
from xrefgraph.networks import EventNode, IdentifierNode

#: Behind the script of the page: what a notebook calls, and what goes to and fro.
_BRIDGE = """
export default {
  render({model, el}) {
    const root = document.createElement("div");
    el.append(root);
    const page = mountXrefgraph(root, JSON.parse(model.get("page")), {
      onSelected: node => { model.set("selected", node); model.save_changes(); },
      onBlocked: rows => { model.set("blocked", rows); model.save_changes(); },
    });
    const follow = () => page.setBlocked(model.get("blocked"));
    const show = () => page.select(model.get("selected"));
    model.on("change:blocked", follow);
    model.on("change:selected", show);
    follow();
    if (model.get("selected") >= 0) show();
    return () => { model.off("change:blocked", follow); model.off("change:selected", show); page.close(); };
  },
};
"""


def widget(asked: Any, *, mask: Any = None, nodes: int = NODES) -> Any:
    """Make a widget of the page: what is selected and blocked in it is known to Python.

    Parameters
    ----------
    asked, mask, nodes
        As in :func:`xrefgraph.view`.

    Returns
    -------
    anywidget.AnyWidget
        With the traits ``selected`` (the number of the node: of a row, or behind them of a column; -1 for none) and ``blocked`` (the
        numbers of rows), which may be observed and set; and the properties ``selected_node``
        (:class:`IdentifierNode`, the oldest :class:`EventNode` of alike events, or None), ``blocked_identifiers`` and ``decisions``, which
        :func:`xrefgraph.write_decisions` writes.

    Raises
    ------
    XrefGraphError
        When anywidget is not installed.
    SchemaError
        As in :func:`xrefgraph.view`.
    """
    contents = contents_of(asked, mask=mask, nodes=nodes)
    return _widget_class()(contents, asked.origin.store.source_names)


@cache
def _widget_class() -> Any:
    try:
        import anywidget
        import traitlets  # noqa: PLC0415  (it comes with it)
    except ImportError:
        raise XrefGraphError(
            "A widget needs anywidget, which is not installed: pip install 'xrefgraph[widget]'. xg.view(...) shows the same page without it."
        ) from None

    class XrefGraphWidget(anywidget.AnyWidget):  # type: ignore[misc,unused-ignore]
        """The page of a profile, which tells Python what was selected and blocked."""

        _esm = script_text() + _BRIDGE
        _css = style_text()
        page = traitlets.Unicode().tag(sync=True)
        selected = traitlets.Int(-1).tag(sync=True)
        blocked = traitlets.List(traitlets.Int()).tag(sync=True)

        def __init__(self, contents: dict[str, Any], sources: list[str]) -> None:
            self._contents, self._sources = contents, sources
            super().__init__(page=json_text(contents))

        @property
        def selected_node(self) -> IdentifierNode | EventNode | None:
            """What is selected; of alike events the oldest one."""
            rows, columns = self._contents["rows"], self._contents["columns"]
            if not 0 <= self.selected < len(rows) + len(columns):
                return None
            if self.selected < len(rows):
                row = rows[self.selected]
                if row["type"] >= 0 and row["one"]:
                    return IdentifierNode(
                        self._contents["types"][row["type"]]["name"], row["value"]
                    )
                events = row["oldest"] if row["one"] else []
            else:
                events = columns[self.selected - len(rows)]["oldest"]
            return EventNode(self._sources[events[0][0]], events[0][1]) if events else None

        @property
        def blocked_identifiers(self) -> tuple[IdentifierNode, ...]:
            """What is blocked, in the order of the page."""
            rows = self._contents["rows"]
            return tuple(
                IdentifierNode(self._contents["types"][rows[n]["type"]]["name"], rows[n]["value"])
                for n in sorted(set(self.blocked))
                if 0 <= n < len(rows) and rows[n]["one"] and rows[n]["type"] >= 0
            )

        @property
        def decisions(self) -> list[dict[str, Any]]:
            """The blocked values as decisions.

            Raises
            ------
            XrefGraphError
                When values are masked.
            """
            if self._contents["mask"] is not None:
                raise XrefGraphError(
                    "Decisions need the values, and this page shows them masked: make one with mask=None."
                )
            return [
                {"action": "block", "identifier": [one.type, one.value]}
                for one in self.blocked_identifiers
            ]

    return XrefGraphWidget
