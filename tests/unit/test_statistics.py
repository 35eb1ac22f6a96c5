"""Intervals are the published ones, and sane at the edges."""

from __future__ import annotations

import pytest

from ftstudio_ext.core.statistics import percentile, wilson


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
