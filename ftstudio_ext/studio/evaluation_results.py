"""What evaluations have found, read from their run directories."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ftstudio_ext.core.errors import Conflict, InvalidInput, NotFound
from ftstudio_ext.core.files import read_json
from ftstudio_ext.jobs.rundir import RunDir
from ftstudio_ext.schema.common import Page
from ftstudio_ext.schema.evaluation_results import (
    Evaluation,
    EvaluationAgainst,
    EvaluationRow,
    EvaluationRowsPage,
    EvaluationSummary,
    Metrics,
    MlflowLink,
    Outcome,
)
from ftstudio_ext.schema.jobs import Job, JobDetail

from .evaluation_against import Judged, against
from .evaluation_rows import RowsView, Sort, for_people, matches
from .mlflow_page import link, noted

if TYPE_CHECKING:
    from .studio import Studio

MLFLOW_FILE = "mlflow.json"
"""In the run directory of trainings, in its `result/` of evaluations."""


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
        view = RowsView(job, _metrics(job), metric, system, baseline)
        found = [row for row in view.rows() if matches(row, split, category, q)]
        counts = {
            name: sum(row.outcome == name for row in found) for name in ("win", "loss", "tie")
        }
        if outcome:
            found = [row for row in found if row.outcome == outcome]
        found.sort(key=view.sort_key(sort, descending))
        return EvaluationRowsPage(
            items=[for_people(row) for row in found[offset : offset + limit]],
            total=len(found),
            metric=view.metric,
            system=view.system,
            baseline=view.baseline,
            wins=counts["win"],
            losses=counts["loss"],
            ties=counts["tie"],
        )

    def against(
        self, job_id: str, others: str, metric: str | None = None, system: str | None = None
    ) -> EvaluationAgainst:
        """Systems of other evaluations (ids with commas between) against one of this."""
        ids = filter(None, map(str.strip, others.split(",")))
        first, *more = (self._judged(key) for key in dict.fromkeys([job_id, *ids]))
        return against(first, more, metric, system)

    def _judged(self, job_id: str) -> Judged:
        evaluation = self.get(job_id)
        return Judged(self._job(job_id), require_metrics(evaluation))

    def all_rows(self, job_id: str) -> Sequence[EvaluationRow]:
        """Every row, in the dataset's order: for exports."""
        job = self._job(job_id)
        return [for_people(row) for row in RowsView(job, _metrics(job), None, None, None).rows()]

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
        known = noted(run.result_dir / MLFLOW_FILE) or noted(run.path / MLFLOW_FILE)
        if known is None:
            return None
        best = metrics.verdicts[0].system if metrics and metrics.verdicts else None
        return link(known, metrics.baseline if metrics else None, best)


def require_metrics(evaluation: Evaluation) -> Metrics:
    """Its numbers; raises Conflict while there are none."""
    if evaluation.metrics is None:
        raise Conflict(
            f"The evaluation “{evaluation.name}” has no result: it is {evaluation.state}.",
            code="no_result",
            remedy="Wait for its end, or resume it.",
        )
    return evaluation.metrics


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
