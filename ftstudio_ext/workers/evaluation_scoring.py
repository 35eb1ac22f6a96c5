"""Judging: what of a text is the answer, and what all chosen scorers say of it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from ftstudio_ext.core.answers import Look, look
from ftstudio_ext.core.errors import InvalidInput
from ftstudio_ext.schema.evaluation_results import ScoredRow
from ftstudio_ext.schema.evaluations import EvaluateSpec, ResolvedEvaluation
from ftstudio_ext.schema.scorers import MetricInfo

from .evaluation_rows import Question
from .evaluation_systems import System
from .generation import Answer
from .scoring.base import Example, Judged, Scorer
from .scoring.registry import Registry, infos, primary
from .scoring.texts import sql_answer, strip_fences

Complain = Callable[[str, str, str], None]
"""(code, message, remedy): a warning of the job."""


class Bench:
    """The scorers of one evaluation. One that fails is named once, and its rows have no value:
    a scorer never ends an evaluation."""

    def __init__(
        self,
        spec: EvaluateSpec,
        resolved: ResolvedEvaluation,
        asked: Sequence[Question],
        complain: Complain,
    ) -> None:
        self._complain = complain
        expected = [question.expected for question in asked]
        self.look: Look = look(expected, task=resolved.prompt.task)
        registry = Registry(resolved.scorer_files)
        for problem in registry.problems:
            complain("scorer_not_loaded", problem, "Mend or remove its package.")
        self.scorers: list[Scorer] = registry.chosen(spec, self.look)
        self.metrics: list[MetricInfo] = _metrics(self.scorers)
        keys = [info.key for info in self.metrics]
        self.primary = primary(self.look, keys, spec.primary_metric)
        self._sql = spec.sql is not None or self.look.kind == "sql"
        for scorer in self.scorers:
            scorer.prepare(expected)

    @property
    def needs_likelihood(self) -> bool:
        return any(scorer.needs_likelihood for scorer in self.scorers)

    def scorer_of(self, metric: str) -> Scorer:
        """The scorer that a metric comes from."""
        owner = next(info.scorer for info in self.metrics if info.key == metric)
        return next(scorer for scorer in self.scorers if scorer.name == owner)

    def judge(
        self,
        system: System,
        question: Question,
        answer: Answer,
        likelihood: tuple[float, int] | None = None,
    ) -> ScoredRow:
        """One answer by all scorers. `likelihood`: the expected answer's log-probability and
        tokens."""
        started = time.perf_counter()
        judged = sql_answer(answer.text) if self._sql else strip_fences(answer.text)
        example = Example(
            expected=question.expected,
            answer=judged,
            text=answer.text,
            prompt=question.prompt,
            row=question.values,
            stopped=answer.stopped,
            new_tokens=answer.new_tokens,
            seconds=answer.seconds,
        )
        if likelihood:
            example = replace(
                example, expected_logprob=likelihood[0], expected_tokens=likelihood[1]
            )
        row = ScoredRow(
            system=system.key,
            split=question.split,
            row=question.row,
            text=answer.text,
            answer=judged,
            stopped=answer.stopped,
            new_tokens=answer.new_tokens,
            seconds=answer.seconds,
        )
        for scorer in self.scorers:
            _take(row, scorer, self._ask(scorer, example))
        row.scoring_s = time.perf_counter() - started
        return row

    def _ask(self, scorer: Scorer, example: Example) -> Judged:
        nothing: dict[str, float | None] = {info.key: None for info in scorer.metrics}
        try:
            said = scorer.score(example)
            found = said if isinstance(said, Judged) else Judged(dict(said))
            scores = nothing | {key: _number(found.scores[key]) for key in found.scores}
        except Exception as error:  # other people's code
            words = f"{type(error).__name__}: {error}"
            self._complain(
                f"scorer_failed_{scorer.name}",
                f"The scorer “{scorer.name}” failed on a row: {words}.",
                "Such rows have no value by it.",
            )
            return Judged(nothing, note=f"failed: {words}"[:500])
        return replace(found, scores=scores)


def _take(row: ScoredRow, scorer: Scorer, judged: Judged) -> None:
    known = {info.key for info in scorer.metrics}
    row.scores |= {key: value for key, value in judged.scores.items() if key in known}
    row.stats |= judged.stats
    if judged.note:
        row.notes[scorer.name] = judged.note
    if judged.labels:
        row.labels = list(judged.labels)


def _number(value: Any) -> float | None:
    """A finite number, or no value."""
    if value is None:
        return None
    found = float(value)
    return found if math.isfinite(found) else None


def _metrics(scorers: Sequence[Scorer]) -> list[MetricInfo]:
    """All metrics; raises InvalidInput when two scorers claim one."""
    found: dict[str, MetricInfo] = {}
    for scorer in scorers:
        for info in infos(scorer):
            if info.key in found:
                raise InvalidInput(
                    f"The scorers “{found[info.key].scorer}” and “{scorer.name}” both give the "
                    f"metric “{info.key}”.",
                    field="scorers",
                    remedy="Leave one out, or rename its metric.",
                )
            found[info.key] = info
    return list(found.values())
