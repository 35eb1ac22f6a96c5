"""Bootstrap intervals and permutation tests, for means of rows and for metrics of all rows
together. Everything is drawn from a seed; the same draws serve all metrics and systems."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Total = Callable[[Any], Any]
"""From summed statistics, shape (…, k), to the metric, shape (…)."""

RESAMPLES = 2_000
PERMUTATIONS = 10_000
MOST_DRAWN = 20_000_000
"""Numbers kept for each kind of draw: for very many rows there are fewer draws."""
FEWEST = 500
ALL_SIGNS_UP_TO = 13
"""Rows up to which every one of the 2 ** n assignments is tried: an exact test."""
AT_ONCE = 1_000_000


def mean_total(sums: Any) -> Any:
    """A mean, from sums of (value, 1)."""
    sums = np.asarray(sums)
    return sums[..., 0] / np.maximum(sums[..., 1], 1e-12)


def mean_matrix(values: list[float | None]) -> Array:
    """The statistics of a mean: rows without a value count for nothing."""
    return np.array([(0.0, 0.0) if v is None else (v, 1.0) for v in values], dtype=float)


class Resampling:
    """Draws for `n` rows."""

    def __init__(self, n: int, seed: int) -> None:
        self.n, self.seed = n, seed

    @cached_property
    def _counts(self) -> NDArray[np.uint16]:
        """(resamples, n): how often each row is in each resample."""
        rng = np.random.default_rng([self.seed, self.n, 1])
        draws = int(np.clip(MOST_DRAWN // self.n, FEWEST, RESAMPLES))
        equal = np.full(self.n, 1 / self.n)
        return rng.multinomial(self.n, equal, size=draws).astype(np.uint16)

    @cached_property
    def _swaps(self) -> NDArray[np.uint8]:
        """(permutations, n): 1 where two systems change places."""
        if self.n <= ALL_SIGNS_UP_TO:
            numbers = np.arange(2**self.n)[:, None]
            return (numbers >> np.arange(self.n) & 1).astype(np.uint8)
        rng = np.random.default_rng([self.seed, self.n, 2])
        draws = int(np.clip(MOST_DRAWN // self.n, FEWEST, PERMUTATIONS))
        return rng.integers(0, 2, size=(draws, self.n), dtype=np.uint8)

    def interval(self, stats: Array, total: Total) -> tuple[float, float]:
        """95 % percentile bootstrap interval (Efron 1979) of a metric."""
        return _bounds(total(_product(self._counts, stats)))

    def difference(self, mine: Array, base: Array, total: Total) -> tuple[float, float]:
        """95 % interval of the difference, both resampled by the same rows."""
        ours = total(_product(self._counts, mine))
        return _bounds(ours - total(_product(self._counts, base)))

    def p_value(self, mine: Array, base: Array, total: Total) -> float:
        """Two-sided p-value of the paired permutation test (approximate randomization, Noreen
        1989): were the systems the same, exchanging their answers row by row would change
        nothing; how often is the difference then as large as the one seen?"""
        seen = abs(total(mine.sum(0)) - total(base.sum(0)))
        moved = _product(self._swaps, base - mine)
        drawn = np.abs(total(mine.sum(0) + moved) - total(base.sum(0) - moved))
        as_large = int((drawn >= seen - 1e-9 * max(1.0, float(seen))).sum())
        if self.n <= ALL_SIGNS_UP_TO:
            return as_large / len(drawn)
        return (as_large + 1) / (len(drawn) + 1)


def _product(draws: NDArray[Any], stats: Array) -> Array:
    """draws @ stats in double precision, a piece at a time."""
    step = max(1, AT_ONCE // max(draws.shape[1], 1))
    pieces = [
        draws[start : start + step].astype(float) @ stats for start in range(0, len(draws), step)
    ]
    return np.concatenate(pieces)


def _bounds(values: Any) -> tuple[float, float]:
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)
