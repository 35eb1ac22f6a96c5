"""The statistics of evaluations that need no arrays; standard library only. Resampling is in
`workers/resampling.py`."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from itertools import product
from operator import mul
from statistics import NormalDist

SIGNIFICANT = 0.05
WORK = 2_000_000
"""Numbers drawn at most for a bootstrap or a permutation test: half a second."""
ALL_SIGNS_UP_TO = 13
"""Rows up to which every one of the 2 ** n assignments is tried: an exact test."""


def wilson(successes: int, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """Interval of a share (Wilson 1927). Unlike the textbook one it stays within 0 and 1 and is
    honest about 0 of n: `wilson(0, 60)` is (0, 0.06).

    >>> [round(bound, 3) for bound in wilson(30, 60)]
    [0.377, 0.623]
    """
    if n == 0:
        return 0.0, 1.0
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    share = successes / n
    scale = 1 + z * z / n
    centre = (share + z * z / (2 * n)) / scale
    half = z / scale * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    low = 0.0 if successes == 0 else centre - half
    high = 1.0 if successes == n else centre + half
    return low, high


def paired_difference(
    both: int, wins: int, losses: int, neither: int, confidence: float = 0.95
) -> tuple[float, float]:
    """Interval of the difference between two shares of the same rows (Newcombe 1998, Statistics in
    Medicine 17:2635, method 10): from both shares' Wilson intervals and their correlation.

    `wins` and `losses` are the rows that only the first, and only the second, has right.
    """
    n = both + wins + losses + neither
    if n == 0:
        return -1.0, 1.0
    first, second = (both + wins) / n, (both + losses) / n
    low1, high1 = wilson(both + wins, n, confidence)
    low2, high2 = wilson(both + losses, n, confidence)
    phi = _correlation(both, wins, losses, neither)
    down1, up1, down2, up2 = first - low1, high1 - first, second - low2, high2 - second
    below = down1**2 - 2 * phi * down1 * up2 + up2**2
    above = up1**2 - 2 * phi * up1 * down2 + down2**2
    difference = first - second
    return difference - math.sqrt(max(below, 0)), difference + math.sqrt(max(above, 0))


def _correlation(both: int, wins: int, losses: int, neither: int) -> float:
    """Phi of the two by two table, with Newcombe's correction for continuity."""
    margins = (both + wins) * (losses + neither) * (both + losses) * (wins + neither)
    if margins == 0:
        return 0.0
    n = both + wins + losses + neither
    top = both * neither - wins * losses
    if top > 0:
        top = max(top - n / 2, 0)  # type: ignore[assignment]
    return top / math.sqrt(margins)


def mcnemar(wins: int, losses: int) -> float:
    """Two-sided p-value of the exact McNemar test: were wins and losses equally likely, how often
    would they be as uneven as this or more? Also the sign test.

    >>> mcnemar(10, 0)
    0.001953125
    """
    n = wins + losses
    if n == 0:
        return 1.0
    least = min(wins, losses)
    tail = sum(math.comb(n, k) for k in range(least + 1)) / 2**n
    return float(min(1.0, 2 * tail))


def bootstrap_mean(values: Sequence[float], seed: int = 0) -> tuple[float, float]:
    """95 % percentile bootstrap interval of a mean (Efron 1979), of 2,000 resamples; fewer of
    many values. As `workers/resampling.py`, for those who have no arrays."""
    n = len(values)
    rng = random.Random(f"{seed} bootstrap")
    resamples = max(200, min(2_000, WORK // n))
    means = sorted(math.fsum(rng.choices(values, k=n)) / n for _ in range(resamples))
    last = len(means) - 1
    return means[round(0.025 * last)], means[round(0.975 * last)]


def sign_flips(differences: Sequence[float], seed: int = 0) -> float:
    """Two-sided p-value of the paired permutation test: were two systems the same, exchanging
    their answers row by row would change nothing; how often is the sum then as large as the one
    seen? All exchanges of up to 13 rows, else 10,000 drawn ones; fewer of many rows."""
    n = len(differences)
    seen = abs(math.fsum(differences))
    least = seen - 1e-9 * max(1.0, seen)
    if n <= ALL_SIGNS_UP_TO:
        sums = [sum(map(mul, signs, differences)) for signs in product((1, -1), repeat=n)]
        return sum(abs(value) >= least for value in sums) / len(sums)
    rng = random.Random(f"{seed} signs")
    draws = max(500, min(10_000, WORK // n))
    as_large = sum(
        abs(sum(map(mul, rng.choices((1, -1), k=n), differences))) >= least for _ in range(draws)
    )
    return (as_large + 1) / (draws + 1)


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjusted for asking several times (Holm 1979): at most 5 % of all families of true null
    hypotheses lose one.

    >>> [round(p, 3) for p in holm([0.01, 0.04, 0.03])]
    [0.03, 0.06, 0.06]
    """
    order = sorted(range(len(p_values)), key=lambda place: p_values[place])
    adjusted = [0.0] * len(p_values)
    highest = 0.0
    for rank, place in enumerate(order):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[place]))
        adjusted[place] = highest
    return adjusted


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` of the values do not exceed (nearest rank)."""
    if not values:
        raise ValueError("no values")
    rank = math.ceil(share * len(values))
    return sorted(values)[max(rank, 1) - 1]
