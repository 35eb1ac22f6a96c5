"""An evaluation in MLflow: a run for each system below one parent, so that MLflow's own pages
can compare them. MLflow being slow, full or gone never fails the evaluation.
"""

from __future__ import annotations

import contextlib
import time
from pathlib import Path
from typing import Any

from ftstudio_ext.core.files import read_json, write_json_atomic
from ftstudio_ext.jobs.worker import Stopped, WorkerRun
from ftstudio_ext.schema.evaluation_results import (
    ALL_SPLITS,
    Metrics,
    MlflowLink,
    Score,
    SystemInfo,
)
from ftstudio_ext.schema.training import Tracking

from .evaluation_answers import Task
from .evaluation_traces import trace_sample, traced_places
from .reporting import Reporter
from .tracking import connect, experiment_id

LONGEST_PARAM = 500


def track(run: WorkerRun, reporter: Reporter, task: Task, metrics: Metrics) -> float:
    """Log everything; returns the seconds it took. Problems become a warning of the job."""
    tracking = task.resolved.tracking
    if tracking is None or not task.spec.mlflow.enabled:
        return 0.0
    started = time.perf_counter()
    try:
        _Log(run, reporter, task, metrics, tracking).go()
    except Stopped:
        raise
    except Exception as error:  # whatever MLflow raises, the evaluation is done
        words = " ".join(str(error).split())[:300] or type(error).__name__
        reporter.warning(
            "mlflow",
            f"The evaluation could not be logged to MLflow: {words}.",
            "Its results are complete here.",
        )
    return time.perf_counter() - started


class _Log:
    """One evaluation's runs."""

    def __init__(
        self,
        run: WorkerRun,
        reporter: Reporter,
        task: Task,
        metrics: Metrics,
        tracking: Tracking,
    ) -> None:
        self.run, self.reporter, self.task, self.metrics = run, reporter, task, metrics
        self.tracking = tracking
        self.file: Path = run.result_dir / "mlflow.json"
        self.client, self.uri = connect(tracking)
        self.experiment = experiment_id(self.client, tracking)

    def go(self) -> None:
        self._forget_earlier()
        parent = self._start(self.task.spec.name, {"ftstudio.kind": "evaluation"}, self._params())
        link = MlflowLink(
            tracking_uri=self.tracking.tracking_uri,
            experiment_id=self.experiment,
            run_id=parent,
        )
        write_json_atomic(self.file, link)
        for system, score in zip(self.metrics.systems, self.metrics.overall, strict=True):
            self.reporter.check_stop()
            link.runs[system.key] = self._log_system(parent, system, score)
            write_json_atomic(self.file, link)
        self._log_verdict(parent)
        self.client.set_terminated(parent, status="FINISHED")

    def _forget_earlier(self) -> None:
        """The unfinished runs of an attempt that was killed here."""
        try:
            earlier = MlflowLink.model_validate(read_json(self.file))
        except (OSError, ValueError):
            return
        for run_id in [earlier.run_id, *earlier.runs.values()]:
            with contextlib.suppress(Exception):
                self.client.delete_run(run_id)

    def _start(self, name: str, tags: dict[str, str], params: dict[str, Any]) -> str:
        from mlflow.entities import Param

        tags = {"ftstudio.job_id": self.run.spec.id, **tags}
        made = self.client.create_run(self.experiment, run_name=name, tags=tags)
        given = [Param(key, str(value)[:LONGEST_PARAM]) for key, value in params.items()]
        self.client.log_batch(made.info.run_id, params=given)
        return str(made.info.run_id)

    def _params(self) -> dict[str, Any]:
        """What matters, and no more."""
        spec, resolved = self.task.spec, self.task.resolved
        return {
            "dataset": resolved.dataset.name,
            "dataset_hash": resolved.dataset.content_hash or "",
            "prompt": resolved.prompt.name,
            "splits": ", ".join(self.metrics.splits),
            "rows": len(self.task.asked),
            "seed": spec.seed,
            "precision": self.metrics.precision,
            "max_new_tokens": self.metrics.max_new_tokens,
            "primary_metric": self.metrics.primary_metric,
        }

    def _log_system(self, parent: str, system: SystemInfo, score: Score) -> str:
        params = {
            "base_model": system.base_model,
            "adapter": system.adapter or "",
            "shots": system.shots,
            **self._params(),
        }
        tags = {"mlflow.parentRunId": parent, "ftstudio.system": system.key}
        run_id = self._start(system.label, tags, params)
        self.client.log_inputs(run_id, datasets=[self._dataset()])
        rows = traced_places(self.task, self.metrics)
        if rows:
            trace_sample(self.uri, self.experiment, run_id, self.task, self.metrics, system, rows)
        self.client.log_batch(run_id, metrics=_metrics(score))
        self.client.log_table(run_id, self._table(system.key), "evaluation_results.json")
        self.client.set_terminated(run_id, status="FINISHED")
        return run_id

    def _dataset(self) -> Any:
        from mlflow.entities import Dataset, DatasetInput, InputTag

        dataset = self.task.resolved.dataset
        return DatasetInput(
            Dataset(
                name=dataset.name,
                digest=(dataset.content_hash or dataset.id)[:36],
                source_type="local",
                source=self.task.resolved.dataset_dir,
                profile=f'{{"num_rows": {len(self.task.asked)}}}',
            ),
            tags=[InputTag("mlflow.data.context", "evaluation")],
        )

    def _table(self, system: str) -> dict[str, list[Any]]:
        """Every row, by column."""
        keys = [info.key for info in self.metrics.infos if info.per_row]
        names = ("split", "row", "prompt", "expected", "answer", "text", "seconds", *keys)
        table: dict[str, list[Any]] = {name: [] for name in names}
        for question in self.task.asked:
            row = self.task.rows.rows[(system, *question.place)]
            cells = [question.split, question.row, question.prompt, question.expected]
            cells += [row.answer, row.text, row.seconds, *(row.scores.get(key) for key in keys)]
            for name, cell in zip(names, cells, strict=True):
                table[name].append(cell)
        return table

    def _log_verdict(self, parent: str) -> None:
        """The differences as metrics of the parent, the sentences as its description."""
        from mlflow.entities import Metric

        at = int(time.time() * 1000)
        labels = {system.key: system.label for system in self.metrics.systems}
        values = {
            f"{_name(labels[c.system])}/{c.metric}/difference": c.difference
            for c in self.metrics.comparisons
            if c.split == ALL_SPLITS and c.baseline == self.metrics.baseline
        }
        given = [Metric(k, float(v), at, 0) for k, v in values.items() if v is not None]
        self.client.log_batch(parent, metrics=given)
        note = "\n\n".join([c.sentence for c in self.metrics.verdicts] + self.metrics.notes)
        if note:
            self.client.set_tag(parent, "mlflow.note.content", note)
        self.client.log_artifact(parent, str(self.run.result_dir / "metrics.json"))


def _metrics(score: Score) -> list[Any]:
    """`exact_match/mean` with the bounds of its interval."""
    from mlflow.entities import Metric

    at = int(time.time() * 1000)
    found = []
    for key, estimate in score.metrics.items():
        for name, value in (
            ("mean", estimate.value),
            ("low", estimate.low),
            ("high", estimate.high),
        ):
            if value is not None:
                found.append(Metric(f"{key}/{name}", float(value), at, 1))
    return found


def _name(label: str) -> str:
    """A label as part of a metric's name."""
    return "".join(c for c in label if c.isalnum() or c in "_-. ")
