"""The rows of an evaluation with all answers, seen by one metric and one pair of systems."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ValidationError

from ftstudio_ext.core.errors import InvalidInput
from ftstudio_ext.core.templates import nearest_name
from ftstudio_ext.jobs.rundir import RunDir
from ftstudio_ext.schema.evaluation_results import AskedRow, EvaluationRow, Metrics, ScoredRow
from ftstudio_ext.schema.jobs import JobDetail
from ftstudio_ext.schema.scorers import MetricInfo

Sort = Literal["row", "score", "difference", "length"]
EPSILON = 1e-12
Line = TypeVar("Line", bound=BaseModel)


class RowsView:
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
        self.metric = one_of("metric", metric, list(infos)) or (
            metrics.primary_metric if metrics else ""
        )
        self.system = (
            one_of("system", system, systems) or best or (systems[-1] if systems else None)
        )
        chosen = one_of("baseline", baseline, systems)
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


def for_people(row: EvaluationRow) -> EvaluationRow:
    """Without what only statistics need."""
    answers = {key: a.model_copy(update={"stats": {}}) for key, a in row.answers.items()}
    return row.model_copy(update={"answers": answers})


def read_lines(path: Path, model: type[Line]) -> Sequence[Line]:
    """The whole lines of a file; kept in memory until it changes."""
    try:
        stat = path.stat()
    except FileNotFoundError:
        return ()
    return _read_lines(path, model, stat.st_mtime_ns, stat.st_size)  # type: ignore[return-value]


@lru_cache(maxsize=8)
def _read_lines(path: Path, model: type[Line], _mtime_ns: int, _size: int) -> tuple[Line, ...]:
    found = []
    for line in path.read_bytes().splitlines(keepends=True):
        if line.endswith(b"\n"):
            try:
                found.append(model.model_validate_json(line))
            except ValidationError:
                continue
    return tuple(found)


def matches(row: EvaluationRow, split: str | None, category: str | None, q: str | None) -> bool:
    """Whether a row is asked for, by its split, its category, and words in any of its texts."""
    if split and row.split != split:
        return False
    if category is not None and row.category != category:
        return False
    if not q:
        return True
    texts = [row.prompt, row.expected, *(answer.text for answer in row.answers.values())]
    return any(q.casefold() in text.casefold() for text in texts)


def one_of(field: str, value: str | None, known: list[str]) -> str | None:
    """`value`, if the evaluation has it; raises InvalidInput otherwise."""
    if value is not None and value not in known:
        near = nearest_name(value, known)
        raise InvalidInput(
            f"This evaluation has no {field} “{value}”.",
            field=field,
            remedy=f"Did you mean “{near}”?" if near else f"It has: {', '.join(known)}.",
        )
    return value
