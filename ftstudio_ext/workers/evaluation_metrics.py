"""What the rows of an evaluation add up to: estimates, paired comparisons, verdicts."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from ftstudio_ext.core.statistics import holm, mcnemar, paired_difference, wilson
from ftstudio_ext.core.verdicts import judged
from ftstudio_ext.schema.evaluation_results import (
    ALL_SPLITS,
    Estimate,
    PairedComparison,
    Score,
    ScoredRow,
    SystemInfo,
)
from ftstudio_ext.schema.scorers import MetricInfo

from .evaluation_scoring import Bench
from .resampling import Resampling, Total, mean_matrix, mean_total

Place = tuple[str, int]
EPSILON = 1e-12
FEWEST_FOR_INTERVALS = 2
SIGN_FLIPS = "paired permutation test"


class Summary:
    """All rows by system and place; every system has answered every place."""

    def __init__(
        self,
        bench: Bench,
        systems: Sequence[SystemInfo],
        rows: dict[str, dict[Place, ScoredRow]],
        seed: int,
    ) -> None:
        self.bench, self.systems, self.rows, self.seed = bench, list(systems), rows, seed
        self.places = list(rows[systems[0].key])
        self.splits = list(dict.fromkeys(split for split, _ in self.places))
        self._draws: dict[int, Resampling] = {}

    def scores(self, split: str) -> list[Score]:
        return [self._score(system, split) for system in self.systems]

    def _score(self, system: SystemInfo, split: str) -> Score:
        rows = self.of(system.key, split)
        return Score(
            system=system.key,
            label=system.label,
            adapter_id=system.adapter_id,
            shots=system.shots,
            split=split,
            rows=len(rows),
            metrics={info.key: self.estimate(info, rows) for info in self.bench.metrics},
            new_tokens=sum(row.new_tokens for row in rows),
            seconds=sum(row.seconds for row in rows),
        )

    def of(self, system: str, split: str = ALL_SPLITS) -> list[ScoredRow]:
        """A system's rows, in the order of the questions."""
        return [
            self.rows[system][place] for place in self.places if split in (ALL_SPLITS, place[0])
        ]

    # --- one system --------------------------------------------------------------------------

    def estimate(self, info: MetricInfo, rows: Sequence[ScoredRow]) -> Estimate:
        """A metric of some rows, with its interval."""
        rows = [row for row in rows if _counts(info, row)]
        if not rows:
            return Estimate()
        if info.kind == "share":
            right = sum(row.scores[info.key] == 1 for row in rows)
            low, high = wilson(right, len(rows))
            share = right / len(rows)
            return Estimate(value=share, low=low, high=high, n=len(rows), successes=right)
        stats, total = self._statistics(info, rows)
        found = Estimate(value=float(total(stats.sum(0))), n=len(rows))
        if info.tested and len(rows) >= FEWEST_FOR_INTERVALS:
            found.low, found.high = self._drawn(len(rows)).interval(stats, total)
        return found

    def _statistics(self, info: MetricInfo, rows: Sequence[ScoredRow]) -> tuple[Any, Total]:
        """What the metric is computed from, shape (rows, k), and how."""
        if not info.corpus:
            return mean_matrix([row.scores[info.key] for row in rows]), mean_total
        scorer = self.bench.scorer_of(info.key)
        return scorer.matrix(info.key, rows), lambda sums: scorer.total(info.key, sums)

    def _drawn(self, n: int) -> Resampling:
        return self._draws.setdefault(n, Resampling(n, self.seed))

    # --- two systems -------------------------------------------------------------------------

    @cached_property
    def baseline(self) -> str | None:
        """The strongest base system by the primary metric, of equals the one that saw more solved
        examples: it knows the format. Without any, the first system."""
        shots = {system.key: system.shots for system in self.systems if system.adapter is None}
        bases = list(shots)
        if not bases:
            return self.systems[0].key if len(self.systems) > 1 else None
        info = next(i for i in self.bench.metrics if i.key == self.bench.primary)
        sign = -1 if info.better == "lower" else 1
        values = {key: self.estimate(info, self.of(key)).value for key in bases}
        known = [key for key in bases if values[key] is not None]
        if not known:
            return bases[0]
        return max(known, key=lambda key: (sign * (values[key] or 0), shots[key]))

    def comparisons(self) -> list[PairedComparison]:
        """Everyone with the baseline, and each adapter with its own base as well, by each metric,
        on each split and on all rows."""
        splits = [ALL_SPLITS, *(self.splits if len(self.splits) > 1 else [])]
        found = []
        for split in splits:
            for info in (info for info in self.bench.metrics if info.tested):
                for baseline, others in self._pairs().items():
                    found += self._compared(baseline, others, split, info)
        return found

    def _pairs(self) -> dict[str, list[str]]:
        """{baseline: who is compared with it}."""
        pairs: dict[str, list[str]] = {}
        if self.baseline:
            pairs[self.baseline] = [s.key for s in self.systems if s.key != self.baseline]
        for base in self.systems:
            if base.adapter is None and base.key != self.baseline:
                own = [s for s in self.systems if s.adapter and s.base_model == base.base_model]
                pairs[base.key] = [system.key for system in own]
        return pairs

    def _compared(
        self, baseline: str, others: Sequence[str], split: str, info: MetricInfo
    ) -> list[PairedComparison]:
        """The others with one baseline, corrected for their number."""
        found = [self._pair(other, baseline, split, info) for other in others]
        tested = [c for c in found if c.p_value is not None]
        for c, p in zip(tested, holm([c.p_value or 0 for c in tested]), strict=True):
            c.p_adjusted = p
        labels = {system.key: system.label for system in self.systems}
        return [judged(c, info, labels[c.system], labels[baseline]) for c in found]

    def _pair(self, system: str, baseline: str, split: str, info: MetricInfo) -> PairedComparison:
        pairs = [
            (mine, base)
            for mine, base in zip(self.of(system, split), self.of(baseline, split), strict=True)
            if _counts(info, mine) and _counts(info, base)
        ]
        found = PairedComparison(
            system=system, baseline=baseline, split=split, metric=info.key, n=len(pairs)
        )
        if not pairs:
            return found
        _count_outcomes(found, info, pairs)
        if info.kind == "share":
            _compare_shares(found, info.key, pairs)
        else:
            self._compare_numbers(found, info, pairs)
        return found

    def _compare_numbers(
        self,
        found: PairedComparison,
        info: MetricInfo,
        pairs: list[tuple[ScoredRow, ScoredRow]],
    ) -> None:
        (mine, total), (base, _) = (
            self._statistics(info, [pair[side] for pair in pairs]) for side in (0, 1)
        )
        found.value, found.baseline_value = float(total(mine.sum(0))), float(total(base.sum(0)))
        found.difference = found.value - found.baseline_value
        if len(pairs) >= FEWEST_FOR_INTERVALS:
            draws = self._drawn(len(pairs))
            found.low, found.high = draws.difference(mine, base, total)
            found.p_value = draws.p_value(mine, base, total)
            found.test = SIGN_FLIPS

    def verdicts(self, comparisons: Sequence[PairedComparison]) -> list[PairedComparison]:
        """The adapters (without any, everyone) against the baseline, the best first."""
        info = next(i for i in self.bench.metrics if i.key == self.bench.primary)
        sign = -1 if info.better == "lower" else 1
        adapters = {system.key for system in self.systems if system.adapter}
        found = [
            c
            for c in comparisons
            if c.split == ALL_SPLITS and c.metric == info.key and c.baseline == self.baseline
        ]
        chosen = [c for c in found if c.system in adapters] or found
        return sorted(chosen, key=lambda c: -sign * (c.difference or 0))


def _compare_shares(
    found: PairedComparison, key: str, pairs: list[tuple[ScoredRow, ScoredRow]]
) -> None:
    """By the rows that only one has right."""
    right = [(mine.scores[key] == 1, base.scores[key] == 1) for mine, base in pairs]
    both, wins = right.count((True, True)), right.count((True, False))
    losses, neither = right.count((False, True)), right.count((False, False))
    found.value, found.baseline_value = (both + wins) / len(pairs), (both + losses) / len(pairs)
    found.difference = (wins - losses) / len(pairs)
    found.low, found.high = paired_difference(both, wins, losses, neither)
    found.p_value, found.test = mcnemar(wins, losses), "exact McNemar test"


def _count_outcomes(
    found: PairedComparison, info: MetricInfo, pairs: list[tuple[ScoredRow, ScoredRow]]
) -> None:
    """Rows on which the system is better and worse; `number`s without a direction have none."""
    sign = {"higher": 1, "lower": -1}.get(info.better or "", 0)
    if not info.per_row or sign == 0:
        found.ties = len(pairs)
        return
    turned = [
        sign * ((mine.scores[info.key] or 0) - (base.scores[info.key] or 0)) for mine, base in pairs
    ]
    found.wins = sum(difference > EPSILON for difference in turned)
    found.losses = sum(difference < -EPSILON for difference in turned)
    found.ties = len(pairs) - found.wins - found.losses


def _counts(info: MetricInfo, row: ScoredRow) -> bool:
    """Whether a row can be judged by a metric."""
    if info.corpus:
        return info.key in row.stats
    return row.scores.get(info.key) is not None
