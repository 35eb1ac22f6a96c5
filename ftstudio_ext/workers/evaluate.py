"""An evaluation, from its specification to its verdict.

Base models (with and without solved examples in their prompt) and adapters answer the same rows.
Each base is loaded once. Answers are judged and kept batch by batch, so that a resumed evaluation
asks only what is missing. Run as `python -m ftstudio_ext.workers.evaluate <run dir> <attempt>`.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from ftstudio_ext.core.files import write_json_atomic
from ftstudio_ext.jobs.worker import WorkerRun, main
from ftstudio_ext.schema.evaluation_results import ALL_SPLITS, Metrics, ScoredRow, Timing
from ftstudio_ext.schema.evaluations import EvaluateSpec, ResolvedEvaluation

from . import environment, evaluation_rows
from .evaluation_answers import Answering, Task
from .evaluation_metrics import Summary
from .evaluation_notes import notes
from .evaluation_plots import plots
from .evaluation_results import RowsFile, write_questions
from .evaluation_scoring import Bench
from .evaluation_systems import Group, System, groups
from .evaluation_tracking import track
from .reporting import Reporter


def evaluate(run: WorkerRun) -> None:
    """The whole job."""
    spec = EvaluateSpec.model_validate(run.spec.spec)
    resolved = ResolvedEvaluation.model_validate(run.spec.resolved)
    environment.prepare(run.spec.resources.device)
    with Reporter(run) as reporter:
        reporter.phase("tokenizing")
        chosen = evaluation_rows.choose(resolved, spec)
        known = evaluation_rows.refuse_training_rows(resolved, spec, chosen)
        for message in known:
            reporter.warning("training_rows", message, "Read its score with that in mind.")
        asked = [q for part in chosen for q in evaluation_rows.questions(resolved, spec, part)]
        shots = evaluation_rows.shots(resolved, spec, chosen)
        bench = Bench(spec, resolved, asked, reporter.warning)
        with RowsFile(run.result_dir / "rows.jsonl") as rows:
            evaluation = _Evaluation(run, reporter, groups(spec, resolved), rows)
            evaluation.go(Task(spec, resolved, asked, shots, bench, rows, evaluation.progressed))
            evaluation.finish(known)


class _Evaluation:
    """What the steps of one evaluation share."""

    def __init__(
        self, run: WorkerRun, reporter: Reporter, parts: list[Group], rows: RowsFile
    ) -> None:
        self.run, self.reporter, self.groups, self.rows = run, reporter, parts, rows
        self.systems: list[System] = [system for part in parts for system in part.systems]
        self.started = time.monotonic()
        self.before = len(rows.rows)
        self.total = 0
        self.longest = 0
        self.expected_tokens: list[int] = []

    def go(self, task: Task) -> None:
        """All answers."""
        self.task = task
        self.total = len(self.systems) * len(task.asked)
        if self.before:
            self.reporter.emit(kind="resumed", from_step=self.before)
        for part in self.groups:
            self.reporter.phase("loading")
            environment.set_threads()
            answering = Answering(task, part)
            self.run.record(
                versions=environment.package_versions(), device=environment.device_name()
            )
            self.reporter.phase("evaluating")
            if part is self.groups[0]:
                self._keep_questions(answering)
                self.started = time.monotonic()
            self.longest = max(self.longest, answering.settings.max_new_tokens)
            answering.answer_all()
            for system in part.systems:
                self._show(system)
            del answering
            environment.free_memory()  # before the next base is loaded

    def _keep_questions(self, answering: Answering) -> None:
        """Lengths are counted by the first base's tokenizer."""
        self.expected_tokens = [len(tokens) for tokens in answering.expected]
        write_questions(
            self.run.result_dir / "questions.jsonl",
            [
                evaluation_rows.asked_row(question, self.task.spec, len(prompt))
                for question, prompt in zip(self.task.asked, answering.prompts, strict=True)
            ],
        )

    def progressed(self) -> None:
        """Between batches: progress, and the place to stop."""
        self.reporter.check_stop()
        done = len(self.rows.rows)
        here = done - self.before
        spent = time.monotonic() - self.started
        eta = spent / here * (self.total - done) if here else None
        self.reporter.progress(step=done, total_steps=self.total, eta_s=eta)

    def _show(self, system: System) -> None:
        """The first question of each split with its answer, for people to read."""
        firsts = {question.split: question for question in reversed(self.task.asked)}
        for split, question in firsts.items():
            row = self.rows.rows[(system.key, split, question.row)]
            self.reporter.emit(
                kind="sample",
                row=question.row,
                prompt=question.prompt,
                expected=question.expected,
                text=row.text,
                data={"system": system.label, "split": split},
            )

    def finish(self, warnings: Sequence[str]) -> None:
        """Numbers, then MLflow; the numbers are on disk before MLflow is asked."""
        self.reporter.phase("saving")
        metrics = self._metrics(warnings)
        path = self.run.result_dir / "metrics.json"
        write_json_atomic(path, metrics)
        metrics.timing.logging = track(self.run, self.reporter, self.task, metrics)
        write_json_atomic(path, metrics)
        self.reporter.emit(
            kind="result", data=metrics.model_dump(mode="json", exclude={"plots", "comparisons"})
        )

    def _metrics(self, warnings: Sequence[str]) -> Metrics:
        started = time.perf_counter()
        rows: dict[str, dict[tuple[str, int], ScoredRow]] = {
            system.key: {q.place: self.rows.rows[(system.key, *q.place)] for q in self.task.asked}
            for system in self.systems
        }
        infos = [system.info for system in self.systems]
        summary = Summary(self.task.bench, infos, rows, self.task.spec.seed)
        comparisons = summary.comparisons()
        verdicts = summary.verdicts(comparisons)
        scored = [row for mine in rows.values() for row in mine.values()]
        generation = sum(row.seconds for row in scored)
        metrics = Metrics(
            infos=self.task.bench.metrics,
            primary_metric=self.task.bench.primary,
            systems=infos,
            splits=summary.splits,
            scores=_by_system([summary.scores(split) for split in summary.splits]),
            overall=summary.scores(ALL_SPLITS),
            comparisons=comparisons,
            baseline=summary.baseline,
            verdict=verdicts[0].sentence if verdicts else "",
            verdicts=verdicts,
            plots=plots(summary, self.task.asked, self.expected_tokens),
            notes=[*warnings, *notes(summary, self.task.spec)],
            precision=self.groups[0].precision,
            device=environment.device_name(),
            max_new_tokens=self.longest,
            batch_size=self.task.spec.batch_size,
            seconds=generation,
            timing=Timing(generation=generation, scoring=sum(row.scoring_s for row in scored)),
        )
        metrics.timing.statistics = time.perf_counter() - started
        return metrics


def _by_system(by_split: Sequence[Sequence]) -> list:  # type: ignore[type-arg]
    """Scores by split in the order of the table: a system's splits together."""
    return [score for mine in zip(*by_split, strict=True) for score in mine]


if __name__ == "__main__":
    main(evaluate)
