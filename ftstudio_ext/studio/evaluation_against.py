"""Systems of several evaluations against one of them, on the rows that both were asked."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from ftstudio_ext.core.statistics import (
    bootstrap_mean,
    holm,
    mcnemar,
    paired_difference,
    sign_flips,
)
from ftstudio_ext.core.verdicts import judged
from ftstudio_ext.jobs.rundir import RunDir
from ftstudio_ext.schema.evaluation_results import (
    ALL_SPLITS,
    AskedRow,
    EvaluationAgainst,
    Metrics,
    OtherEvaluation,
    PairedComparison,
    ScoredRow,
    SystemInfo,
)
from ftstudio_ext.schema.jobs import JobDetail
from ftstudio_ext.schema.scorers import MetricInfo

from .evaluation_rows import EPSILON, one_of, read_lines

Place = tuple[str, int]
Pair = tuple[ScoredRow, ScoredRow]


class Judged:
    """A finished evaluation with its rows, read when they are needed."""

    def __init__(self, job: JobDetail, metrics: Metrics) -> None:
        self.job, self.metrics = job, metrics
        self._dir = RunDir(job.run_dir).result_dir
        resolved = job.resolved or {}
        dataset = resolved.get("dataset") or {}
        self.dataset = dataset.get("content_hash") or dataset.get("id")
        self.prompt = (resolved.get("prompt") or {}).get("id")
        self.systems = {system.key: system for system in metrics.systems}
        self.infos = {info.key: info for info in metrics.infos}

    @cached_property
    def expected(self) -> dict[Place, str]:
        asked = read_lines(self._dir / "questions.jsonl", AskedRow)
        return {(row.split, row.row): row.expected for row in asked}

    @cached_property
    def rows(self) -> dict[str, dict[Place, ScoredRow]]:
        found: dict[str, dict[Place, ScoredRow]] = {}
        for row in read_lines(self._dir / "rows.jsonl", ScoredRow):
            found.setdefault(row.system, {})[(row.split, row.row)] = row
        return found


def against(
    first: Judged, others: Sequence[Judged], metric: str | None, system: str | None
) -> EvaluationAgainst:
    """Each system of the others against one of the first, by one metric, with Holm's correction
    over all of them."""
    best = first.metrics.verdicts[0].system if first.metrics.verdicts else None
    chosen = one_of("system", system, list(first.systems)) or best or next(iter(first.systems))
    key = one_of("metric", metric, list(first.infos)) or first.metrics.primary_metric
    info, reference = first.infos[key], first.systems[chosen]
    found = [_other(first, other, reference, info) for other in others]
    _correct(found, others, info, reference)
    return EvaluationAgainst(metric=key, system=reference.key, label=reference.label, others=found)


def _other(
    first: Judged, other: Judged, reference: SystemInfo, info: MetricInfo
) -> OtherEvaluation:
    places = [p for p, text in first.expected.items() if other.expected.get(p) == text]
    same = first.dataset == other.dataset
    found = OtherEvaluation(
        job_id=other.job.id,
        name=other.job.name,
        rows=len(other.expected),
        shared_rows=len(places) if same else 0,
        other_prompt=first.prompt != other.prompt,
    )
    found.problem = _problem(found, other, info, same)
    if found.problem is None:
        mine = first.rows.get(reference.key, {})
        for key, system in other.systems.items():
            theirs = other.rows.get(key, {})
            pairs = [(theirs[p], mine[p]) for p in places if p in theirs and p in mine]
            if not _is_same(system, reference, pairs):
                found.comparisons.append(_compared(key, reference.key, info, pairs))
    return found


def _problem(
    found: OtherEvaluation, other: Judged, info: MetricInfo, same_dataset: bool
) -> str | None:
    """Why nothing can be tested, in a sentence."""
    if not same_dataset:
        return f"“{found.name}” asked rows of another dataset: no difference is tested."
    if not found.shared_rows:
        return f"“{found.name}” asked none of these rows: no difference is tested."
    if info.key not in other.infos:
        return f"“{found.name}” was not judged by {info.title}: choose another metric."
    if info.corpus or not info.tested:
        return (
            f"{info.title} has no value of its own for each row that could be paired: "
            "choose another metric."
        )
    return None


def _is_same(system: SystemInfo, reference: SystemInfo, pairs: Sequence[Pair]) -> bool:
    """Whether both evaluations asked the same system, which answered the same."""
    identity = {"base_model", "adapter_id", "shots"}
    alike = system.model_dump(include=identity) == reference.model_dump(include=identity)
    return alike and all(theirs.text == mine.text for theirs, mine in pairs)


def _compared(
    system: str, baseline: str, info: MetricInfo, pairs: Sequence[Pair]
) -> PairedComparison:
    values = [
        (theirs, mine)
        for a, b in pairs
        if (theirs := a.scores.get(info.key)) is not None
        and (mine := b.scores.get(info.key)) is not None
    ]
    found = PairedComparison(
        system=system, baseline=baseline, split=ALL_SPLITS, metric=info.key, n=len(values)
    )
    if not values:
        return found
    differences = [theirs - mine for theirs, mine in values]
    sign = -1 if info.better == "lower" else 1
    found.value = sum(theirs for theirs, _ in values) / len(values)
    found.baseline_value = sum(mine for _, mine in values) / len(values)
    found.difference = found.value - found.baseline_value
    found.wins = sum(sign * d > EPSILON for d in differences)
    found.losses = sum(sign * d < -EPSILON for d in differences)
    found.ties = len(values) - found.wins - found.losses
    return found.model_copy(update=_tested(info, values, differences))


def _tested(
    info: MetricInfo, values: Sequence[tuple[float, float]], differences: Sequence[float]
) -> dict[str, Any]:
    """Interval, p-value and the test's name."""
    if info.kind == "share":
        right = [(theirs == 1, mine == 1) for theirs, mine in values]
        kinds = ((True, True), (True, False), (False, True), (False, False))
        both, wins, losses, neither = (right.count(kind) for kind in kinds)
        low, high = paired_difference(both, wins, losses, neither)
        return {
            "low": low,
            "high": high,
            "p_value": mcnemar(wins, losses),
            "test": "exact McNemar test",
        }
    if len(values) < 2:
        return {}
    low, high = bootstrap_mean(differences)
    return {
        "low": low,
        "high": high,
        "p_value": sign_flips(differences),
        "test": "paired permutation test",
    }


def _correct(
    found: Sequence[OtherEvaluation],
    others: Sequence[Judged],
    info: MetricInfo,
    reference: SystemInfo,
) -> None:
    """Fill in the corrected p-values, and what each comparison says in words."""
    tested = [c for one in found for c in one.comparisons if c.p_value is not None]
    for c, p in zip(tested, holm([c.p_value or 0 for c in tested]), strict=True):
        c.p_adjusted = p
    for one, other in zip(found, others, strict=True):
        one.comparisons = [
            judged(c, info, f"{other.systems[c.system].label} ({one.name})", reference.label)
            for c in one.comparisons
        ]
