"""An evaluation in a notebook: the verdict, the numbers, and its rows to leaf through."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import ipywidgets

from ftstudio_ext.schema.evaluation_results import EvaluationRowsPage

from .. import display
from .panel import Panel

if TYPE_CHECKING:
    from ..evaluations import EvaluationResult

PAGE = 5
OUTCOMES = [("all rows", None), ("wins", "win"), ("losses", "loss"), ("ties", "tie")]
SORTS = [("in order", "row"), ("by score", "score"), ("by difference", "difference")]


class EvaluationTable(Panel):
    """Filter by wins and losses, sort, search; every answer beside the expected one."""

    def __init__(self, result: EvaluationResult) -> None:
        self.result = result
        self.offset = 0
        self.page: EvaluationRowsPage | None = None
        metrics = result.metrics
        infos = [(info.title, info.key) for info in metrics.infos if info.per_row]
        self.metric = ipywidgets.Dropdown(description="Metric", options=infos)
        if metrics.primary_metric in dict((key, title) for title, key in infos):
            self.metric.value = metrics.primary_metric
        self.outcome = ipywidgets.Dropdown(description="Show", options=OUTCOMES)
        self.sort = ipywidgets.Dropdown(description="Sorted", options=SORTS)
        self.search = ipywidgets.Text(placeholder="Search prompts and answers")
        self.back_button = ipywidgets.Button(description="Back", disabled=True)
        self.next_button = ipywidgets.Button(description="Next", disabled=True)
        self.rows = ipywidgets.HTML()
        super().__init__(
            [
                ipywidgets.HTML(result._repr_html_()),
                ipywidgets.HBox([self.metric, self.outcome, self.sort, self.search]),
                self.rows,
                ipywidgets.HBox([self.back_button, self.next_button]),
            ]
        )
        self.back_button.on_click(lambda _: self._leaf(-PAGE))
        self.next_button.on_click(lambda _: self._leaf(PAGE))
        for control in (self.metric, self.outcome, self.sort, self.search):
            control.observe(lambda _: self._leaf(-self.offset), "value")
        self.later(self._look)

    def _leaf(self, by: int) -> None:
        self.offset = max(0, self.offset + by)
        self.later(self._look)

    def _look(self) -> Callable[[], None]:
        query: dict[str, Any] = {
            "metric": self.metric.value,
            "outcome": self.outcome.value,
            "sort": self.sort.value,
            "q": self.search.value.strip() or None,
        }
        page = self.result.page(offset=self.offset, limit=PAGE, **query)
        return lambda: self._show(page)

    def _show(self, page: EvaluationRowsPage) -> None:
        self.page = page
        systems = self.result.metrics.systems
        rows = []
        for row in page.items:
            cells: list[object] = [
                display.code(row.prompt, lines=8),
                display.code(row.expected, lines=8),
            ]
            cells += [self._cell(row.answers.get(system.key)) for system in systems]
            rows.append(cells)
        last = self.offset + len(rows)
        caption = f"rows {self.offset + 1:,} to {last:,} of {page.total:,}" if rows else "No rows."
        headers = ["prompt", "expected", *(system.label for system in systems)]
        self.rows.value = display.table(headers, rows, caption=caption)
        self.back_button.disabled = self.offset == 0
        self.next_button.disabled = last >= page.total

    def _cell(self, answer: Any) -> object:
        if answer is None:
            return "–"
        score = answer.scores.get(self.metric.value)
        said = display.code(answer.answer, lines=8)
        return display.Html(said + display.soft("" if score is None else f"{score:g}"))
