"""A verdict says what was found, and no more."""

from __future__ import annotations

from typing import Any

import pytest

from ftstudio_ext.core.verdicts import judged
from ftstudio_ext.schema.evaluation_results import PairedComparison
from ftstudio_ext.schema.scorers import MetricInfo

EXACT = MetricInfo(key="exact_match", title="Exact match", percent=True, better="higher")
LENGTH = MetricInfo(key="length_ratio", title="Length ratio")
LOSS = MetricInfo(key="perplexity", title="Perplexity", better="lower")


def compared(info: MetricInfo = EXACT, **fields: Any) -> PairedComparison:
    known: dict[str, Any] = {
        "system": "a",
        "baseline": "b",
        "split": "all",
        "metric": info.key,
        "n": 60,
        "difference": 0.233,
        "low": 0.11,
        "high": 0.352,
        "p_value": 0.0004,
        "p_adjusted": 0.0004,
        "wins": 41,
        "losses": 19,
        "test": "exact McNemar test",
    }
    return judged(PairedComparison(**known | fields), info, "mine", "base, zero-shot")


def test_a_shown_difference_is_said_with_counts_points_and_interval() -> None:
    found = compared()
    assert found.verdict == "better"
    assert found.sentence == (
        "“mine” is better than “base, zero-shot” on 41 of 60 rows, +23 points exact match, "
        "95 % interval 11 to 35 (p < 0.001, exact McNemar test)."
    )


@pytest.mark.parametrize(
    "doubt",
    [{"low": -0.01}, {"p_adjusted": 0.06}, {"low": 0.0}, {"p_adjusted": None}],
    ids=["interval holds zero", "p too large", "interval touches zero", "no test"],
)
def test_doubt_means_that_no_difference_is_shown(doubt: dict[str, Any]) -> None:
    found = compared(**doubt)
    assert found.verdict == "none"
    assert found.sentence.startswith("No difference shown between “mine” and “base, zero-shot”")
    assert "better on 41 and worse on 19 of 60 rows" in found.sentence


def test_worse_is_said_as_plainly() -> None:
    found = compared(difference=-0.2, low=-0.3, high=-0.1, wins=3, losses=15)
    assert found.verdict == "worse" and "worse than “base, zero-shot” on 15 of 60" in found.sentence
    assert "−20 points" in found.sentence and "interval −30 to −10" in found.sentence


def test_less_is_better_where_it_is() -> None:
    found = compared(LOSS, difference=-2.5, low=-3, high=-2)
    assert found.verdict == "better" and "−2.5 perplexity" in found.sentence


def test_without_a_direction_nobody_is_better() -> None:
    found = compared(LENGTH, wins=0, losses=0)
    assert found.verdict == "different" and "differs from" in found.sentence


def test_equal_answers_are_no_difference() -> None:
    found = compared(difference=0, low=-0.06, high=0.06, p_adjusted=1, wins=0, losses=0)
    assert found.sentence == (
        "No difference shown: “mine” and “base, zero-shot” score the same on all 60 rows "
        "by exact match."
    )
