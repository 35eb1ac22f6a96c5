"""An evaluation, from its specification to its table.

A base model (with and without solved examples in its prompt) and adapters answer the same rows.
The base is loaded once, adapters are switched. Answers are kept batch by batch, so that a
resumed evaluation asks only what is missing. Run as `python -m ftstudio_ext.workers.evaluate
<run dir> <attempt>`.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from ftstudio_ext.core.examples import encode_prompts
from ftstudio_ext.core.files import write_json_atomic
from ftstudio_ext.core.statistics import percentile
from ftstudio_ext.core.tokenization import prompt_ids
from ftstudio_ext.jobs.worker import WorkerRun, main
from ftstudio_ext.schema.evaluations import (
    EvaluateSpec,
    Metrics,
    ResolvedEvaluation,
    Score,
    ScoredRow,
)
from ftstudio_ext.schema.generation import GenerationSettings

from . import environment, evaluation_rows
from .evaluation_results import RowsFile, rate, summarize
from .evaluation_rows import Question
from .generation import Answer, Writer, add_adapters, by_length, load_base, using
from .reporting import Reporter
from .scoring.sql import judge
from .scoring.texts import exact_match, exact_sql_match, sql_answer, strip_fences

SEPARATOR = "\n\n"
"""Between solved examples; a base model that writes it has finished its answer."""
ROOM_TOKENS = 8
"""Beyond the 99th percentile of the expected answers, so that none but the longest is cut."""


@dataclass(frozen=True)
class System:
    """Somebody who answers: the base model after so many examples, or an adapter."""

    key: str
    label: str
    adapter: str | None = None
    adapter_id: str | None = None
    shots: int = 0


def evaluate(run: WorkerRun) -> None:
    """The whole job."""
    spec = EvaluateSpec.model_validate(run.spec.spec)
    resolved = ResolvedEvaluation.model_validate(run.spec.resolved)
    environment.prepare(run.spec.resources.device)
    with Reporter(run) as reporter:
        reporter.phase("tokenizing")
        chosen = evaluation_rows.choose(resolved, spec)
        for message in evaluation_rows.refuse_training_rows(resolved, spec, chosen):
            reporter.warning("training_rows", message, "Read its score with that in mind.")
        asked = [q for part in chosen for q in evaluation_rows.questions(resolved, spec, part)]
        shots = evaluation_rows.shots(resolved, spec, chosen)
        with RowsFile(run.result_dir / "rows.jsonl") as rows:
            _Evaluation(run, reporter, spec, resolved, asked, shots, rows).go()


class _Evaluation:
    """What the steps of one evaluation share."""

    def __init__(
        self,
        run: WorkerRun,
        reporter: Reporter,
        spec: EvaluateSpec,
        resolved: ResolvedEvaluation,
        asked: list[Question],
        shots: list[Question],
        rows: RowsFile,
    ) -> None:
        self.run, self.reporter, self.spec, self.resolved = run, reporter, spec, resolved
        self.asked, self.shots, self.rows = asked, shots, rows
        self.systems = systems(spec, resolved)
        self.precision = precision(spec, resolved)
        self.total = len(self.systems) * len(asked)
        self.started = time.monotonic()
        self.before = len(rows.rows)

    def go(self) -> None:
        self.reporter.phase("loading")
        model, tokenizer = self._load()
        settings = self.spec.generation or greedy(tokenizer, self.asked)
        self.run.record(versions=environment.package_versions(), device=environment.device_name())
        if self.before:
            self.reporter.emit(kind="resumed", from_step=self.before)
        self.reporter.phase("evaluating")
        self._report_progress()
        for system in self.systems:
            with using(model, system.adapter):
                self._answer_all(
                    system, self._writer(model, tokenizer, settings, system), tokenizer
                )
        self.reporter.phase("saving")
        self._finish(settings)

    def _load(self) -> tuple[Any, Any]:
        from . import model_files
        from .model_loading import fit_pad_token, load_tokenizer

        environment.set_threads()
        folder = model_files.local_folder(self.resolved.base_model)
        model_files.check_folder(folder)
        tokenizer = load_tokenizer(folder)
        model = load_base(folder, self.precision)
        fit_pad_token(tokenizer, model)
        folders = {
            system.adapter: adapter_folder(self.resolved, system.adapter)
            for system in self.systems
            if system.adapter
        }
        return add_adapters(model, folders), tokenizer

    def _writer(
        self, model: Any, tokenizer: Any, settings: GenerationSettings, system: System
    ) -> Writer:
        if not system.shots:
            return Writer(model, tokenizer, settings)
        solved = "".join(q.prompt + q.expected + SEPARATOR for q in self.shots[: system.shots])
        prefix = prompt_ids(tokenizer, [solved])[0]
        return Writer(model, tokenizer, settings, prefix, stop_text=SEPARATOR)

    def _answer_all(self, system: System, writer: Writer, tokenizer: Any) -> None:
        missing = [q for q in self.asked if (system.key, q.split, q.row) not in self.rows.rows]
        prompts = encode_prompts(tokenizer, self.resolved.prompt, [q.values for q in missing])
        for batch in by_length(list(map(len, prompts)), self.spec.batch_size):
            self.reporter.check_stop()
            answers = writer.write([prompts[position] for position in batch])
            pairs = zip((missing[position] for position in batch), answers, strict=True)
            self.rows.add([self._scored(system, *pair) for pair in pairs])
            self._report_progress()
        self._show(system)

    def _scored(self, system: System, question: Question, answer: Answer) -> ScoredRow:
        sql = self.spec.sql
        judged = sql_answer(answer.text) if sql else strip_fences(answer.text)
        same = exact_sql_match if sql else exact_match
        verdict = judge(sql, question.values, question.expected, judged) if sql else None
        return ScoredRow(
            system=system.key,
            split=question.split,
            row=question.row,
            expected=question.expected,
            text=answer.text,
            answer=judged,
            exact_match=same(question.expected, judged),
            execution=verdict.correct if verdict else None,
            error=verdict.error if verdict else None,
            stopped=answer.stopped,
            new_tokens=answer.new_tokens,
            seconds=answer.seconds,
        )

    def _report_progress(self) -> None:
        done = len(self.rows.rows)
        here = done - self.before
        spent = time.monotonic() - self.started
        eta = spent / here * (self.total - done) if here else None
        self.reporter.progress(step=done, total_steps=self.total, eta_s=eta)

    def _show(self, system: System) -> None:
        """The first question of each split with its answer, for people to read."""
        firsts = {question.split: question for question in reversed(self.asked)}
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

    def _finish(self, settings: GenerationSettings) -> None:
        scores = [
            self._score(system, split)
            for system in self.systems
            for split in dict.fromkeys(question.split for question in self.asked)
        ]
        metrics = Metrics(
            scores=scores,
            precision=self.precision,
            device=environment.device_name(),
            max_new_tokens=settings.max_new_tokens,
            batch_size=self.spec.batch_size,
            seconds=sum(score.seconds for score in scores),
        )
        write_json_atomic(self.run.result_dir / "metrics.json", metrics)
        self.reporter.emit(kind="result", data=metrics.model_dump(mode="json"))

    def _score(self, system: System, split: str) -> Score:
        nothing = rate([])
        score = Score(
            system=system.key,
            label=system.label,
            adapter_id=system.adapter_id,
            shots=system.shots,
            split=split,
            rows=0,
            exact_match=nothing,
            stopped=nothing,
            seconds=0,
        )
        mine = [
            self.rows.rows[(system.key, q.split, q.row)] for q in self.asked if q.split == split
        ]
        return summarize(score, mine, executed=self.spec.sql is not None)


def systems(spec: EvaluateSpec, resolved: ResolvedEvaluation) -> list[System]:
    """Who answers, in the order of the table."""
    base = [
        System(f"base-{n}", f"base, {n}-shot" if n else "base, zero-shot", shots=n)
        for n in spec.base_shots
    ]
    adapters = [
        System(f"adapter-{a.id}", a.name, adapter=f"adapter_{place}", adapter_id=a.id)
        for place, a in enumerate(resolved.adapters)
    ]
    return base + adapters


def precision(spec: EvaluateSpec, resolved: ResolvedEvaluation) -> str:
    """`4-bit` or `16-bit`; by default as the first adapter was trained."""
    if spec.precision != "auto":
        return spec.precision
    trained = resolved.adapters[0].manifest.method if resolved.adapters else None
    return "4-bit" if trained == "qlora" else "16-bit"


def greedy(tokenizer: Any, asked: list[Question]) -> GenerationSettings:
    """The likeliest answer, with room for all but the longest 1 % of the expected ones."""
    expected = tokenizer([q.expected for q in asked], add_special_tokens=False)["input_ids"]
    room = int(percentile([len(ids) + 1 for ids in expected], 0.99)) + ROOM_TOKENS
    return GenerationSettings(max_new_tokens=room)


def adapter_folder(resolved: ResolvedEvaluation, key: str) -> Any:
    """The folder of the adapter that `systems` has given this key."""
    from pathlib import Path

    return Path(resolved.adapters[int(key.rsplit("_", 1)[1])].path)


if __name__ == "__main__":
    main(evaluate)
