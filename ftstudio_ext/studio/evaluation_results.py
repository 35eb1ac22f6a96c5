"""What evaluations have found, read from their run directories."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from pydantic import BaseModel, ValidationError

from ftstudio_ext.core.errors import Conflict, InvalidInput, NotFound
from ftstudio_ext.core.files import read_json
from ftstudio_ext.core.templates import nearest_name
from ftstudio_ext.jobs.rundir import RunDir
from ftstudio_ext.schema.common import Page
from ftstudio_ext.schema.evaluation_results import (
    AskedRow,
    Evaluation,
    EvaluationRow,
    EvaluationRowsPage,
    EvaluationSummary,
    Metrics,
    MlflowLink,
    Outcome,
    ScoredRow,
)
from ftstudio_ext.schema.jobs import Job, JobDetail
from ftstudio_ext.schema.scorers import MetricInfo

from .mlflow_page import link

if TYPE_CHECKING:
    from .studio import Studio

Sort = Literal["row", "score", "difference", "length"]
EPSILON = 1e-12
MLFLOW_FILE = "mlflow.json"
"""In the run directory of trainings, in its `result/` of evaluations."""
Line = TypeVar("Line", bound=BaseModel)


class EvaluationResults:
    """Lists, numbers and rows of evaluation jobs, of finished and of running ones."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio

    def list(self, q: str | None = None, limit: int = 50, offset: int = 0) -> Page[Any]:
        """Newest first."""
        jobs = self._studio.jobs.list(type="evaluate", q=q, limit=limit, offset=offset)
        items = [self._summary(job) for job in jobs.items]
        return Page[EvaluationSummary](items=items, total=jobs.total)

    def get(self, job_id: str) -> Evaluation:
        job = self._job(job_id)
        metrics = _metrics(job)
        return Evaluation(
            **_summary_fields(job, job.spec, metrics),
            metrics=metrics,
            mlflow=self._link(job, metrics),
        )

    def rows(
        self,
        job_id: str,
        *,
        metric: str | None = None,
        system: str | None = None,
        baseline: str | None = None,
        outcome: Outcome | None = None,
        split: str | None = None,
        category: str | None = None,
        q: str | None = None,
        sort: Sort = "row",
        descending: bool = False,
        limit: int = 50,
        offset: int = 0,
    ) -> EvaluationRowsPage:
        """Rows with all answers: filtered by words, split, category and outcome, then sorted.

        Without a system and a baseline: the best other system against the strongest base.
        """
        job = self._job(job_id)
        view = _View(job, _metrics(job), metric, system, baseline)
        found = [row for row in view.rows() if _matches(row, split, category, q)]
        counts = {
            name: sum(row.outcome == name for row in found) for name in ("win", "loss", "tie")
        }
        if outcome:
            found = [row for row in found if row.outcome == outcome]
        found.sort(key=view.sort_key(sort, descending))
        return EvaluationRowsPage(
            items=found[offset : offset + limit],
            total=len(found),
            metric=view.metric,
            system=view.system,
            baseline=view.baseline,
            wins=counts["win"],
            losses=counts["loss"],
            ties=counts["tie"],
        )

    def all_rows(self, job_id: str) -> Sequence[EvaluationRow]:
        """Every row, in the dataset's order: for exports."""
        job = self._job(job_id)
        return _View(job, _metrics(job), None, None, None).rows()

    def mlflow(self, job_id: str) -> MlflowLink:
        """Where MLflow shows a job, of whatever type; raises NotFound while it has no run."""
        job = self._studio.jobs.get(job_id)
        found = self._link(job, _metrics(job) if job.type == "evaluate" else None)
        if found is None:
            raise NotFound(
                f"The job “{job.name}” has no run in MLflow.",
                code="no_mlflow_run",
                remedy="Runs appear there once the job has begun its work; see its log for "
                "warnings about MLflow.",
            )
        return found

    def _job(self, job_id: str) -> JobDetail:
        job = self._studio.jobs.get(job_id)
        if job.type != "evaluate":
            raise InvalidInput(
                f"“{job.name}” is no evaluation: its type is “{job.type}”.",
                field="id",
                remedy="GET evaluations lists the evaluations.",
            )
        return job

    def _summary(self, job: Job) -> EvaluationSummary:
        spec = RunDir(job.run_dir).spec().spec
        return EvaluationSummary(**_summary_fields(job, spec, _metrics(job)))

    def _link(self, job: JobDetail, metrics: Metrics | None) -> MlflowLink | None:
        run = RunDir(job.run_dir)
        known = _kept(run.result_dir / MLFLOW_FILE) or _kept(run.path / MLFLOW_FILE)
        if known is None:
            return None
        best = metrics.verdicts[0].system if metrics and metrics.verdicts else None
        return link(known, metrics.baseline if metrics else None, best)


class _View:
    """The rows of one evaluation, seen by one metric and one pair of systems."""

    def __init__(
        self,
        job: JobDetail,
        metrics: Metrics | None,
        metric: str | None,
        system: str | None,
        baseline: str | None,
    ) -> None:
        self._dir = RunDir(job.run_dir).result_dir
        self._scored = read_lines(self._dir / "rows.jsonl", ScoredRow)
        infos = {info.key: info for info in metrics.infos} if metrics else {}
        systems = list(dict.fromkeys(row.system for row in self._scored))
        best = metrics.verdicts[0].system if metrics and metrics.verdicts else None
        self.metric = _one_of("metric", metric, list(infos)) or (
            metrics.primary_metric if metrics else ""
        )
        self.system = (
            _one_of("system", system, systems) or best or (systems[-1] if systems else None)
        )
        chosen = _one_of("baseline", baseline, systems)
        self.baseline = chosen or (metrics.baseline if metrics else None)
        info = infos.get(self.metric, MetricInfo(key=self.metric, title=self.metric))
        self._sign = {"higher": 1, "lower": -1}.get(info.better or "", 0)

    def rows(self) -> list[EvaluationRow]:
        answers: dict[tuple[str, int], dict[str, ScoredRow]] = {}
        for scored in self._scored:
            answers.setdefault((scored.split, scored.row), {})[scored.system] = scored
        asked = read_lines(self._dir / "questions.jsonl", AskedRow)
        return [
            self._row(question, answers.get((question.split, question.row), {}))
            for question in asked
        ]

    def _row(self, asked: AskedRow, answers: dict[str, ScoredRow]) -> EvaluationRow:
        row = EvaluationRow(
            split=asked.split,
            row=asked.row,
            prompt=asked.prompt,
            expected=asked.expected,
            category=asked.category,
            values=asked.values,
            answers=answers,
        )
        mine, base = self._value(row, self.system), self._value(row, self.baseline)
        if mine is None or base is None or self._sign == 0 or self.system == self.baseline:
            return row
        row.difference = mine - base
        row.outcome = "tie" if abs(mine - base) < EPSILON else "win" if mine > base else "loss"
        return row

    def _value(self, row: EvaluationRow, system: str | None) -> float | None:
        """The system's score, turned so that more is better."""
        answer = row.answers.get(system or "")
        value = answer.scores.get(self.metric) if answer else None
        return None if value is None else value * (self._sign or 1)

    def sort_key(self, sort: Sort, descending: bool) -> Callable[[EvaluationRow], Any]:
        """Rows without a value come last, whichever the direction."""
        turn = -1 if descending else 1

        def key(row: EvaluationRow) -> Any:
            value: float | None
            if sort == "score":
                value = self._value(row, self.system)
            elif sort == "difference":
                value = row.difference
            else:
                value = len(row.expected) if sort == "length" else 0
            if sort == "row":
                return (row.split, turn * row.row)
            return (value is None, turn * (value or 0), row.split, row.row)

        return key


def read_lines(path: Path, model: type[Line]) -> Sequence[Line]:
    """The whole lines of a file; kept in memory until it changes."""
    try:
        stat = path.stat()
    except FileNotFoundError:
        return ()
    return _read_lines(path, model, stat.st_mtime_ns, stat.st_size)  # type: ignore[return-value]


@lru_cache(maxsize=4)
def _read_lines(path: Path, model: type[Line], _mtime_ns: int, _size: int) -> tuple[Line, ...]:
    found = []
    for line in path.read_bytes().splitlines(keepends=True):
        if line.endswith(b"\n"):
            try:
                found.append(model.model_validate_json(line))
            except ValidationError:
                continue
    return tuple(found)


def require_metrics(evaluation: Evaluation) -> Metrics:
    """Its numbers; raises Conflict while there are none."""
    if evaluation.metrics is None:
        raise Conflict(
            f"The evaluation “{evaluation.name}” has no result: it is {evaluation.state}.",
            code="no_result",
            remedy="Wait for its end, or resume it.",
        )
    return evaluation.metrics


def _kept(path: Path) -> MlflowLink | None:
    """What a worker has noted of its runs."""
    try:
        return MlflowLink.model_validate(read_json(path))
    except (OSError, ValueError):
        return None


def _metrics(job: Job) -> Metrics | None:
    """Its numbers, kept in memory until the file changes; not to be changed."""
    path = RunDir(job.run_dir).result_dir / "metrics.json"
    try:
        stat = path.stat()
        return _read_metrics(path, stat.st_mtime_ns, stat.st_size)
    except (OSError, ValueError):
        return None


@lru_cache(maxsize=64)
def _read_metrics(path: Path, _mtime_ns: int, _size: int) -> Metrics:
    return Metrics.model_validate(read_json(path))


def _summary_fields(job: Job, spec: dict[str, Any], metrics: Metrics | None) -> dict[str, Any]:
    fields = job.model_dump(include=set(EvaluationSummary.model_fields) & set(Job.model_fields))
    more = spec.get("more_systems") or []
    names = [*(spec.get("adapters") or []), *(a for other in more for a in other["adapters"])]
    fields |= {"job_id": job.id, "adapters": names}
    if metrics:
        labels = [system.adapter for system in metrics.systems if system.adapter]
        fields |= {
            "adapters": labels or names,
            "rows": max((score.rows for score in metrics.overall), default=None),
            "verdict": metrics.verdict or None,
            "outcome": metrics.verdicts[0].verdict if metrics.verdicts else None,
        }
    return fields


def _matches(row: EvaluationRow, split: str | None, category: str | None, q: str | None) -> bool:
    if split and row.split != split:
        return False
    if category is not None and row.category != category:
        return False
    if not q:
        return True
    texts = [row.prompt, row.expected, *(answer.text for answer in row.answers.values())]
    return any(q.casefold() in text.casefold() for text in texts)


def _one_of(field: str, value: str | None, known: list[str]) -> str | None:
    if value is not None and value not in known:
        near = nearest_name(value, known)
        raise InvalidInput(
            f"This evaluation has no {field} “{value}”.",
            field=field,
            remedy=f"Did you mean “{near}”?" if near else f"It has: {', '.join(known)}.",
        )
    return value
