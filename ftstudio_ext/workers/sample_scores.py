"""An evaluation's scorers on a few fixed validation rows while training runs."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

from ftstudio_ext.core.answers import look
from ftstudio_ext.schema.evaluation_results import ScoredRow
from ftstudio_ext.schema.evaluations import EvaluateSpec
from ftstudio_ext.schema.prompts import PromptTask
from ftstudio_ext.schema.training import TrainSpec

from .scoring.base import Example, Judged, Scorer
from .scoring.registry import Registry
from .scoring.texts import sql_answer, strip_fences

LEFT_OUT = ("speed", "stops", "length")
"""They say little about a few answers that are cut short."""
PREFIX = "sample_"


class SampleScores:
    """The scorers that fit the prompt's task, or the rows' expected answers."""

    def __init__(self, spec: TrainSpec, expected: Sequence[str], task: PromptTask = "auto") -> None:
        found = look(expected, task=task)
        named = {"base_model": spec.base_model, "dataset": spec.dataset, "prompt": spec.prompt}
        asked = EvaluateSpec(name="samples", **named)
        chosen = Registry(installed=False).chosen(asked, found)
        self._sql = found.kind == "sql"
        self._scorers: list[Scorer] = [s for s in chosen if s.name not in LEFT_OUT]
        for scorer in self._scorers:
            scorer.prepare(expected)

    def of(self, answers: Sequence[tuple[str, str]]) -> dict[str, float]:
        """{`sample_<metric>`: value} of (expected, written) texts."""
        values: dict[str, float] = {}
        for scorer in self._scorers:
            rows = [self._judge(scorer, *answer) for answer in answers]
            for info in scorer.metrics:
                if info.corpus:
                    found = float(scorer.total(info.key, scorer.matrix(info.key, rows).sum(0)))
                    values[PREFIX + info.key] = found
                    continue
                known = [v for row in rows if (v := row.scores.get(info.key)) is not None]
                if known:
                    values[PREFIX + info.key] = fmean(known)
        return values

    def _judge(self, scorer: Scorer, expected: str, written: str) -> ScoredRow:
        answer = sql_answer(written) if self._sql else strip_fences(written)
        said = scorer.score(Example(expected=expected, answer=answer, text=written))
        found = said if isinstance(said, Judged) else Judged(said)
        return ScoredRow(
            system="",
            split="",
            row=0,
            text=written,
            answer=answer,
            scores=found.scores,
            stats=found.stats,
            labels=list(found.labels) if found.labels else None,
            stopped=True,
            new_tokens=0,
            seconds=0,
        )
