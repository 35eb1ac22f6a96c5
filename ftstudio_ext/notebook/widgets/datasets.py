"""Datasets in a notebook: import one, and look at its rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import ipywidgets

from ftstudio_ext.schema.datasets import RowsPage

from .. import display, formats
from ..listing import key_of
from ..tables import short
from .panel import Panel, options_of

if TYPE_CHECKING:
    from ..client import Studio

PAGE = 10


class DatasetBrowser(Panel):
    """Choose a dataset, leaf through its rows and search them; or import one from a path."""

    def __init__(self, studio: Studio, dataset: Any = None) -> None:
        self.studio = studio
        self.offset = 0
        self.page: RowsPage | None = None
        self.path = ipywidgets.Text(placeholder="data/train.jsonl, or hub:owner/name")
        self.import_button = ipywidgets.Button(description="Import", button_style="primary")
        self.dataset = ipywidgets.Dropdown(description="Dataset")
        self.split = ipywidgets.Dropdown(description="Split")
        self.search = ipywidgets.Text(placeholder="Search the rows", continuous_update=True)
        self.back_button = ipywidgets.Button(description="Back", disabled=True)
        self.next_button = ipywidgets.Button(description="Next", disabled=True)
        self.rows = ipywidgets.HTML()
        super().__init__(
            [
                ipywidgets.HBox([self.path, self.import_button]),
                ipywidgets.HBox([self.dataset, self.split, self.search]),
                self.rows,
                ipywidgets.HBox([self.back_button, self.next_button]),
            ]
        )
        self.reload()
        if dataset is not None:
            self.dataset.value = self.studio.datasets[key_of(dataset)].id
        self._offer_splits()
        self.import_button.on_click(lambda _: self.begin(self._import))
        self.back_button.on_click(lambda _: self._leaf(-PAGE))
        self.next_button.on_click(lambda _: self._leaf(PAGE))
        self.dataset.observe(lambda _: self._chosen(), "value")
        for control in (self.split, self.search):
            control.observe(lambda _: self._leaf(-self.offset), "value")
        self.later(self._look)

    def reload(self) -> None:
        """Look again for datasets."""
        self._datasets = {item.id: item for item in self.studio.datasets if item.state == "ready"}
        chosen = self.dataset.value
        self.dataset.options = options_of(self._datasets.values(), "choose …")
        if chosen in self._datasets:
            self.dataset.value = chosen

    def _chosen(self) -> None:
        self._offer_splits()
        self._leaf(-self.offset)

    def _offer_splits(self) -> None:
        found = self._datasets.get(self.dataset.value)
        names = [split.name for split in found.splits] if found else []
        self.split.options = names
        self.split.value = names[0] if names else None

    def _leaf(self, by: int) -> None:
        self.offset = max(0, self.offset + by)
        self.later(self._look)

    def _look(self) -> Callable[[], None]:
        dataset = self._datasets.get(self.dataset.value)
        if dataset is None:
            return lambda: self._show_nothing()
        query = {"split": self.split.value, "offset": self.offset, "limit": PAGE}
        if words := self.search.value.strip():
            query["q"] = words
        page = RowsPage.model_validate(
            self.studio.connection.get("datasets", dataset.id, "rows", **query)
        )
        return lambda: self._show(dataset, page)

    def _show_nothing(self) -> None:
        self.page = None
        self.rows.value = display.soft("Choose a dataset, or import one.")
        self.back_button.disabled = self.next_button.disabled = True

    def _show(self, dataset: Any, page: RowsPage) -> None:
        self.page = page
        names = [column.name for column in dataset.columns]
        last = page.offset + len(page.rows)
        self.rows.value = display.table(
            names,
            [[short(row.get(name)) for name in names] for row in page.rows],
            caption=f"rows {page.offset + 1:,} to {last:,} of {formats.number(page.total)}"
            if page.rows
            else "No rows.",
        )
        self.back_button.disabled = page.offset == 0
        self.next_button.disabled = last >= (page.total or 0)

    def _import(self) -> None:
        if not self.path.value.strip():
            self.say("Nothing to import.", "Write a path, or hub:owner/name.")
            return
        self.say("Importing …")
        made = self.studio.datasets.add(self.path.value.strip())
        self.path.value = ""
        self.reload()
        self.dataset.value = made.id
        self.say(f"“{made.name}” has {formats.number(made.rows)} rows.")
