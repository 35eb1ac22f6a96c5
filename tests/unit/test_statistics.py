"""Intervals are the published ones, and sane at the edges."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from ftstudio_ext.core.statistics import (
    bootstrap_mean,
    holm,
    mcnemar,
    paired_difference,
    percentile,
    sign_flips,
    wilson,
)


def test_wilson_gives_the_textbook_interval() -> None:
    # Newcombe (1998), table I: 81 of 263, and 15 of 148.
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(15, 148) == pytest.approx((0.0624, 0.1605), abs=5e-5)


def test_wilson_stays_between_0_and_1() -> None:
    assert wilson(0, 60)[0] == 0 and 0.05 < wilson(0, 60)[1] < 0.07
    assert wilson(60, 60)[1] == 1 and 0.93 < wilson(60, 60)[0] < 0.95
    assert wilson(0, 0) == (0, 1)


def test_percentile_is_one_of_the_values() -> None:
    assert percentile([5, 1, 3], 0.5) == 3
    assert percentile(list(range(1, 101)), 0.99) == 99
    assert percentile([7], 0.99) == 7
    with pytest.raises(ValueError):
        percentile([], 0.5)


def test_mcnemar_is_the_exact_binomial_test() -> None:
    # 10 discordant rows, all one way: 2 / 2**10. 6 against 2: 2 * (1 + 8 + 28) / 256.
    assert mcnemar(10, 0) == mcnemar(0, 10) == pytest.approx(2 / 1024)
    assert mcnemar(6, 2) == pytest.approx(74 / 256)
    assert mcnemar(0, 0) == mcnemar(3, 3) == 1


def test_mcnemar_and_holm_agree_with_scipy() -> None:
    stats = pytest.importorskip("scipy.stats")
    for wins, losses in ((41, 19), (5, 5), (1, 8), (120, 80)):
        exact = stats.binomtest(wins, wins + losses).pvalue
        assert mcnemar(wins, losses) == pytest.approx(exact)


def test_a_bootstrapped_mean_has_the_interval_of_the_normal_theory() -> None:
    rng = random.Random(1)
    values = [rng.gauss(10, 3) for _ in range(400)]
    mean = sum(values) / 400
    low, high = bootstrap_mean(values)
    assert (mean - low, high - mean) == pytest.approx((1.96 * 3 / 20, 1.96 * 3 / 20), rel=0.15)
    assert bootstrap_mean(values) == (low, high), "the same each time"
    assert bootstrap_mean([2.0, 2.0]) == (2, 2)


def test_exchanged_signs_are_counted_exactly_for_few_rows_and_drawn_for_many() -> None:
    assert sign_flips([1.0] * 5) == pytest.approx(2 / 32)
    assert sign_flips([1.0, -1.0]) == 1
    rng = random.Random(2)
    assert sign_flips([rng.gauss(0.5, 1) for _ in range(200)]) < 0.001
    assert sign_flips([rng.gauss(0, 1) for _ in range(200)]) > 0.05


def test_holm_multiplies_the_smallest_most_and_keeps_the_order() -> None:
    # Holm (1979): sorted 0.005, 0.011, 0.02, 0.04 → times 4, 3, 2, 1, never falling.
    assert holm([0.02, 0.005, 0.04, 0.011]) == pytest.approx([0.04, 0.02, 0.04, 0.033])
    assert holm([0.6, 0.9]) == [1.0, 1.0]
    assert holm([0.03]) == [0.03]
    assert holm([]) == []


def test_the_interval_of_a_paired_difference_holds_what_it_promises() -> None:
    """Of many drawn experiments, about 95 % of the intervals hold the true difference."""
    rng = random.Random(7)
    chances, truth, held = [0.25, 0.25, 0.1, 0.4], 0.15, 0  # both, wins, losses, neither
    for _ in range(600):
        drawn = Counter(rng.choices(range(4), chances, k=60))
        low, high = paired_difference(*(drawn[kind] for kind in range(4)))
        held += low <= truth <= high
    assert 0.92 < held / 600 < 0.985


def test_the_interval_of_a_paired_difference_is_sane_at_the_edges() -> None:
    low, high = paired_difference(0, 0, 0, 60)
    assert low == -high and 0.05 < high < 0.07, "no difference seen is not none for certain"
    low, high = paired_difference(10, 14, 0, 36)
    assert 0 < low < 14 / 60 < high < 1
    mirrored = paired_difference(10, 0, 14, 36)
    assert mirrored == pytest.approx((-high, -low))
    assert paired_difference(0, 0, 0, 0) == (-1, 1)
