"""How lengths are spread, in bounded memory: exact up to 4,096, then to 11 binary digits, that
is within 0.05 %."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from ftstudio_ext.schema.profiles import Histogram, Quantiles

EXACT_DIGITS = 12
BINS = 32
_STEPS = (1, 2, 5)


class Lengths:
    """Counts whole numbers from 0 on."""

    def __init__(self) -> None:
        self._counts: Counter[int] = Counter()
        self.total = 0
        self._sum = 0
        self._min: int | None = None
        self.max = 0

    def add(
        self, lengths: np.ndarray[Any, Any], counts: np.ndarray[Any, Any] | None = None
    ) -> None:
        """Count lengths, each as often as `counts` says."""
        if counts is None:
            counts = np.ones(len(lengths), np.int64)
        present = counts > 0
        lengths, counts = lengths[present].astype(np.int64), counts[present]
        if not len(lengths):
            return
        self.total += int(counts.sum())
        self._sum += int((lengths * counts).sum())
        least = int(lengths.min())
        self._min = least if self._min is None else min(self._min, least)
        self.max = max(self.max, int(lengths.max()))
        kept, places = np.unique(_rounded(lengths), return_inverse=True)
        for length, count in zip(
            kept.tolist(), np.bincount(places, weights=counts).tolist(), strict=True
        ):
            self._counts[length] += int(count)

    def quantile(self, share: float) -> int:
        """The smallest length that at least this share of all does not exceed."""
        wanted, seen = share * self.total, 0
        for length in sorted(self._counts):
            seen += self._counts[length]
            if seen >= wanted:
                return min(self.max, length)
        return self.max

    def above(self, limit: int) -> int:
        """How many are longer than `limit`."""
        return sum(count for length, count in self._counts.items() if length > limit)

    def quantiles(self) -> Quantiles | None:
        """None when nothing was counted."""
        if not self.total:
            return None
        return Quantiles(
            min=self._min or 0,
            p25=self.quantile(0.25),
            p50=self.quantile(0.5),
            p75=self.quantile(0.75),
            p95=self.quantile(0.95),
            p99=self.quantile(0.99),
            max=self.max,
            mean=round(self._sum / self.total, 1),
        )

    def histogram(self) -> Histogram:
        """Up to 32 bins of a round width, from 0 on; one bin for the longest 1 % where they would
        stretch it."""
        longest = self.max
        cut = self.quantile(0.99)
        end = cut if longest > 2 * cut else longest
        width = _round_up((end + 1) / BINS)
        edges = list(range(0, end + width, width))
        if len(edges) < 2:
            edges.append(edges[0] + width)
        counts = [0] * (len(edges) - 1)
        for length, count in self._counts.items():
            counts[min(length // width, len(counts) - 1)] += count
        if longest >= edges[-1]:
            beyond = self.above(edges[-1] - 1)
            counts[-1] -= beyond
            edges.append(longest)
            counts.append(beyond)
        return Histogram(edges=[float(edge) for edge in edges], counts=counts)


def _rounded(lengths: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Rounded down to EXACT_DIGITS binary digits."""
    digits = np.frexp(np.maximum(lengths, 1).astype(np.float64))[1].astype(np.int64)
    shift = np.maximum(digits - EXACT_DIGITS, 0)
    return (lengths >> shift) << shift


def _round_up(width: float) -> int:
    """1, 2, 5, 10, 20, 50, …"""
    power = 1
    while True:
        for step in _STEPS:
            if step * power >= width:
                return step * power
        power *= 10
