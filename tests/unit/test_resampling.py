"""Bootstrap and permutation tests give known values, repeat themselves, and keep their promises."""

from __future__ import annotations

import math

import pytest

np = pytest.importorskip("numpy")

from ftstudio_ext.workers.resampling import Resampling, mean_matrix, mean_total  # noqa: E402


def test_the_bootstrap_of_a_mean_is_that_of_the_normal_theory() -> None:
    values = list(np.random.default_rng(1).normal(10, 3, 400))
    stats = mean_matrix(values)
    low, high = Resampling(400, seed=1).interval(stats, mean_total)
    error = 1.96 * np.std(values) / math.sqrt(400)
    assert low == pytest.approx(np.mean(values) - error, abs=0.05)
    assert high == pytest.approx(np.mean(values) + error, abs=0.05)


def test_rows_without_a_value_count_for_nothing() -> None:
    stats = mean_matrix([1.0, None, 3.0, None])
    assert mean_total(stats.sum(0)) == 2.0
    low, high = Resampling(4, seed=1).interval(stats, mean_total)
    assert 0 <= low <= high <= 3


def test_the_same_seed_draws_the_same() -> None:
    stats = mean_matrix([float(n % 7) for n in range(50)])
    first, second = (Resampling(50, seed).interval(stats, mean_total) for seed in (5, 5))
    assert first == second != Resampling(50, 6).interval(stats, mean_total)


def test_few_rows_are_tested_exactly() -> None:
    # Differences 1, 2, 3: of the 8 signs only +++ and --- are as far from zero.
    mine, base = mean_matrix([2.0, 4.0, 6.0]), mean_matrix([1.0, 2.0, 3.0])
    assert Resampling(3, seed=1).p_value(mine, base, mean_total) == 2 / 8
    assert Resampling(3, seed=1).p_value(mine, mine, mean_total) == 1


def test_the_permutation_test_agrees_with_scipys() -> None:
    stats = pytest.importorskip("scipy.stats")
    rng = np.random.default_rng(3)
    base = rng.normal(0, 1, 40)
    mine = base + rng.normal(0.25, 0.8, 40)
    scipys = stats.permutation_test(
        (mine, base),
        lambda x, y, axis: np.mean(x - y, axis=axis),
        permutation_type="samples",
        vectorized=True,
        n_resamples=20_000,
        rng=np.random.default_rng(1),
    ).pvalue
    ours = Resampling(40, 1).p_value(mean_matrix(list(mine)), mean_matrix(list(base)), mean_total)
    assert ours == pytest.approx(scipys, abs=0.015)


def test_systems_that_do_not_differ_are_found_to_differ_as_often_as_promised() -> None:
    rng = np.random.default_rng(11)
    found = 0
    draws = Resampling(30, seed=2)
    for _ in range(300):
        mine, base = (mean_matrix(list(rng.normal(0, 1, 30))) for _ in "ab")
        found += draws.p_value(mine, base, mean_total) < 0.05
    assert found / 300 < 0.09


def test_very_many_rows_fit_into_memory() -> None:
    rows = 30_000
    stats = mean_matrix([float(n % 10) for n in range(rows)])
    low, high = Resampling(rows, seed=1).interval(stats, mean_total)
    assert low < 4.5 < high and high - low < 0.15
