"""Log a comparison to MLflow: a run with who answered, every answer as a table, and the votes.

Run as `python -m ftstudio_ext.workers.log_comparison <run dir> <attempt>`.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from ftstudio_ext.core.errors import StudioError, Unavailable
from ftstudio_ext.core.files import write_json_atomic
from ftstudio_ext.jobs.worker import WorkerRun, main
from ftstudio_ext.schema.comparison_logs import ResolvedComparisonLog
from ftstudio_ext.schema.comparisons import Answer, Comparison
from ftstudio_ext.schema.evaluation_results import MlflowLink

from .reporting import Reporter
from .tracking import connect, experiment_id

LONGEST_PARAM = 500
TABLE_FILE = "comparison_answers.json"


def log_comparison(run: WorkerRun) -> None:
    """The whole job."""
    resolved = ResolvedComparisonLog.model_validate(run.spec.resolved)
    with Reporter(run) as reporter:
        reporter.phase("saving")
        try:
            link = _log(run, resolved)
        except StudioError:
            raise
        except Exception as error:  # MLflow's clients raise what their stores raise
            words = " ".join(str(error).split())[:300] or type(error).__name__
            raise Unavailable(
                f"The comparison could not be logged to MLflow: {words}",
                remedy="Look whether the tracking server can be reached, then resume.",
                code="mlflow",
            ) from error
        write_json_atomic(run.result_dir / "mlflow.json", link)
        folder = Path(resolved.link_file).parent
        if folder.is_dir():  # the comparison may have been deleted meanwhile
            write_json_atomic(Path(resolved.link_file), link)
        reporter.emit(kind="result", data=link.model_dump(mode="json"))


def _log(run: WorkerRun, resolved: ResolvedComparisonLog) -> MlflowLink:
    from mlflow.entities import Metric, Param

    comparison = resolved.comparison
    client, _ = connect(resolved.tracking)
    experiment = experiment_id(client, resolved.tracking)
    tags = {
        "ftstudio.job_id": run.spec.id,
        "ftstudio.kind": "comparison",
        "ftstudio.comparison_id": comparison.id,
    }
    run_id = client.create_run(experiment, run_name=comparison.name, tags=tags).info.run_id
    at = int(time.time() * 1000)
    client.log_batch(
        run_id,
        params=[Param(key, value[:LONGEST_PARAM]) for key, value in _params(comparison).items()],
        metrics=[Metric(key, value, at, 0) for key, value in _metrics(comparison).items()],
    )
    client.log_table(run_id, _table(comparison), TABLE_FILE)
    client.log_dict(run_id, comparison.model_dump(mode="json"), "comparison.json")
    client.set_terminated(run_id, status="FINISHED")
    return MlflowLink(
        tracking_uri=resolved.tracking.tracking_uri, experiment_id=experiment, run_id=run_id
    )


def _params(comparison: Comparison) -> dict[str, str]:
    facts = {
        "columns": ", ".join(column.label for column in comparison.columns),
        "dataset": comparison.dataset_name,
        "prompt": comparison.prompt_name,
        "questions": comparison.rows,
        "precision": comparison.precision,
    }
    return {key: str(value) for key, value in facts.items() if value not in (None, "")}


def _metrics(comparison: Comparison) -> dict[str, float]:
    """For each column: votes, and the shares of right answers where those are known."""
    found: dict[str, float] = {}
    for place, column in enumerate(comparison.columns):
        name = _metric_name(column.label) or f"column {place + 1}"
        if comparison.votes:
            votes = sum(vote.column == place for vote in comparison.votes)
            found[f"{name}/votes"] = float(votes)
        answers = [one for one in comparison.answers if one.answer.column == place]
        for key, values in _judged(answers).items():
            if values:
                found[f"{name}/{key}/mean"] = sum(values) / len(values)
    return found


def _judged(answers: list[Answer]) -> dict[str, list[float]]:
    known: dict[str, list[bool | float | None]] = {
        "exact_match": [one.metrics.exact for one in answers],
        "normalized_match": [one.metrics.normalized for one in answers],
        "task_passed": [one.metrics.task.passed if one.metrics.task else None for one in answers],
        "tokens_per_s": [one.metrics.tokens_per_s for one in answers],
    }
    return {key: [float(v) for v in values if v is not None] for key, values in known.items()}


def _table(comparison: Comparison) -> dict[str, list[Any]]:
    """A line for each answer."""
    votes = {(vote.row, vote.setting): vote.column for vote in comparison.votes}
    table: dict[str, list[Any]] = {}
    for one in comparison.answers:
        key, metrics = one.answer, one.metrics
        asked = comparison.questions[key.row]
        voted = (key.row, key.setting) in votes
        line = {
            "question": key.row,
            "split": asked.split,
            "row": asked.row,
            "column": comparison.columns[key.column].label,
            "setting": key.setting,
            "prompt": asked.prompts[key.column] if asked.prompts else asked.prompt,
            "expected": asked.expected,
            "answer": one.text,
            "exact": metrics.exact,
            "normalized": metrics.normalized,
            "stop_reason": metrics.stop_reason,
            "tokens": metrics.tokens,
            "seconds": metrics.seconds,
            "error": one.error.message if one.error else None,
            "better": votes[(key.row, key.setting)] == key.column if voted else None,
        }
        for name, cell in line.items():
            table.setdefault(name, []).append(cell)
    return table


def _metric_name(label: str) -> str:
    """A label as part of a metric's name."""
    return "".join(c for c in label if c.isalnum() or c in "_-. ").strip()


if __name__ == "__main__":
    main(log_comparison)
