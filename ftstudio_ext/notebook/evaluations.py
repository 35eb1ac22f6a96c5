"""Evaluations in a notebook: started like a run, read as a verdict, tables and DataFrames."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ftstudio_ext.schema.evaluation_results import (
    Estimate,
    Evaluation,
    EvaluationRow,
    EvaluationRowsPage,
    Metrics,
    PairedComparison,
)
from ftstudio_ext.schema.jobs import JobDetail
from ftstudio_ext.schema.scorers import MetricInfo

from . import display
from .connection import field_of
from .errors import StudioApiError
from .job import JobHandle
from .listing import key_of, new_request_id
from .specs import free_name, spec_of
from .tables import Table, Text

if TYPE_CHECKING:
    from .client import Studio
    from .widgets import EvaluationTable

ROWS_AT_ONCE = 200
LONGEST_NAME = 72


class EvaluationHandle(JobHandle):
    """An evaluation: a job, and what it has found."""

    def result(self, wait: bool = True) -> EvaluationResult:
        """What it has found; waits for the end unless told otherwise."""
        if wait:
            self.wait()
        answer = Evaluation.model_validate(self._studio.connection.get("evaluations", self.id))
        if answer.metrics is None:
            raise StudioApiError(
                f"The evaluation “{self.name}” has no result: it is {answer.state}.",
                code="no_result",
                remedy="Wait for its end with .wait().",
            )
        return EvaluationResult(self._studio, answer, answer.metrics)


class EvaluationResult:
    """The verdict of an evaluation, and everything behind it."""

    def __init__(self, studio: Studio, evaluation: Evaluation, metrics: Metrics) -> None:
        self._studio = studio
        self.evaluation = evaluation
        self.metrics = metrics

    @property
    def verdict(self) -> str:
        """One sentence: is the adapter better?"""
        return self.metrics.verdict

    @property
    def comparisons(self) -> list[PairedComparison]:
        """Every paired comparison: difference, interval, p-value, wins, losses and ties."""
        return self.metrics.comparisons

    def estimate(self, metric: str, system: str | None = None) -> Estimate:
        """A metric with its interval, on all rows; of the best adapter, or of the system with this
        key, label or adapter name."""
        wanted = system or (self.metrics.verdicts[0].system if self.metrics.verdicts else None)
        for score in self.metrics.overall:
            if wanted in (None, score.system, score.label):
                if metric in score.metrics:
                    return score.metrics[metric]
                known = ", ".join(score.metrics)
                raise StudioApiError(
                    f"There is no metric “{metric}”.",
                    code="not_found",
                    remedy=f"There are: {known}.",
                )
        labels = ", ".join(score.label for score in self.metrics.overall)
        raise StudioApiError(
            f"“{system}” did not answer.", code="not_found", remedy=f"These did: {labels}."
        )

    def rows(self, limit: int | None = None, **query: Any) -> list[EvaluationRow]:
        """Rows with the answers of all systems. `query`: metric, system, baseline, outcome (win,
        loss, tie), split, category, q, sort (row, score, difference, length), descending."""
        found: list[EvaluationRow] = []
        for page in self._pages(query):
            found += page.items
            if limit is not None and len(found) >= limit:
                return found[:limit]
        return found

    def page(self, *, offset: int = 0, limit: int = 20, **query: Any) -> EvaluationRowsPage:
        """Some rows, with how many there are; `query` as for `rows`."""
        answer = self._studio.connection.get(
            *("evaluations", self.evaluation.job_id, "rows"),
            **{key: value for key, value in query.items() if value is not None},
            limit=limit,
            offset=offset,
        )
        return EvaluationRowsPage.model_validate(answer)

    def browse(self) -> EvaluationTable:
        """The rows in this cell, to filter, sort and leaf through."""
        from .widgets import EvaluationTable

        return EvaluationTable(self)

    def _pages(self, query: dict[str, Any]) -> Iterator[EvaluationRowsPage]:
        offset, total = 0, 1
        while offset < total:
            page = self.page(offset=offset, limit=ROWS_AT_ONCE, **query)
            yield page
            offset, total = offset + ROWS_AT_ONCE, page.total

    def frame(self, **query: Any) -> Any:
        """The rows as a pandas DataFrame: a line a row and system, a column a metric."""
        import pandas

        labels = {system.key: system.label for system in self.metrics.systems}
        return pandas.DataFrame(
            {
                "split": row.split,
                "row": row.row,
                "system": labels.get(key, key),
                "prompt": row.prompt,
                "expected": row.expected,
                "answer": answer.answer,
                "category": row.category,
                **answer.scores,
                **row.values,
            }
            for row in self.rows(**query)
            for key, answer in row.answers.items()
        )

    def summary(self) -> Table:
        """The metrics of all systems, with 95 % intervals."""
        scores = self.metrics.overall
        return Table(
            self.metrics.infos,
            headers=["metric", *(score.label for score in scores)],
            cells=lambda info: [
                info.title,
                *(estimate_text(score.metrics.get(info.key), info) for score in scores),
            ],
            caption="In brackets 95 % intervals.",
        )

    def report(self, format: Literal["md", "csv", "json"] = "md") -> Text:
        """The evaluation as a file's text."""
        found = self._studio.connection.get(
            "evaluations", self.evaluation.job_id, "report", format=format
        )
        return Text(found if isinstance(found, str) else json.dumps(found, indent=1))

    def __repr__(self) -> str:
        return f"{self.verdict}\n\n{self.summary()!r}"

    def _repr_html_(self) -> str:
        notes = "".join(display.problem(note, level="info") for note in self.metrics.notes)
        verdict = display.Html(f"<p>{display.strong(self.verdict)}</p>")
        return display.Html(verdict + self.summary()._repr_html_() + notes)


def start(
    studio: Studio,
    *,
    name: str | None,
    adapters: Sequence[Any],
    base_model: Any,
    dataset: Any,
    prompt: Any,
    scorer_files: Sequence[str | Path],
    resources: dict[str, Any] | None,
    hold: bool,
    fields: dict[str, Any],
) -> EvaluationHandle:
    """Submit an evaluation; what is not given is taken from the first adapter."""
    spec = spec_of({"base_model": base_model, "dataset": dataset, "prompt": prompt, **fields})
    spec["adapters"] = [key_of(adapter) for adapter in adapters]
    if adapters:
        manifest = studio.adapters[spec["adapters"][0]].manifest
        for noun in ("base_model", "dataset", "prompt"):
            if noun not in spec and (known := getattr(manifest, noun).get("id")):
                spec[noun] = known
    if scorer_files:
        spec["scorer_files"] = [_agreed(studio, file) for file in scorer_files]
    taken = [job.name for job in studio.jobs]
    spec["name"] = name or free_name(_proposed(studio, spec), taken)
    body = {
        "type": "evaluate",
        "spec": spec,
        "request_id": new_request_id(),
        "resources": resources or {},
        "hold": hold,
    }
    try:
        answer = studio.connection.post("jobs", body=body)
    except StudioApiError as error:
        raise field_of(error, "spec") from None
    return EvaluationHandle(studio, JobDetail.model_validate(answer))


def _proposed(studio: Studio, spec: dict[str, Any]) -> str:
    names = [studio.adapters[key].name for key in spec["adapters"][:2]]
    return " and ".join(names)[:LONGEST_NAME] + " against base" if names else "base model"


def _agreed(studio: Studio, file: str | Path) -> dict[str, str]:
    """Whoever names a file in code of their own agrees to what it holds now."""
    path = studio.server_path(file)
    local = Path(file).expanduser()
    if local.is_file():
        return {"path": path, "sha256": hashlib.sha256(local.read_bytes()).hexdigest()}
    seen = studio.connection.get("evaluations", "scorer-file", file=path)
    return {"path": path, "sha256": seen["sha256"]}


def estimate_text(estimate: Estimate | None, info: MetricInfo) -> str:
    """`47 % [35, 59]`, or `0.471 [0.352, 0.593]`."""
    if estimate is None or estimate.value is None:
        return "–"
    scale, digits = (100, 0) if info.percent else (1, 3)
    value = f"{scale * estimate.value:.{digits}f}{' %' if info.percent else ''}"
    if estimate.low is None or estimate.high is None:
        return value
    return f"{value} [{scale * estimate.low:.{digits}f}, {scale * estimate.high:.{digits}f}]"
