"""The words of `%ftstudio evaluate` become the fields of an evaluation."""

from __future__ import annotations

import pytest

from ftstudio_ext.notebook.arguments import Usage, comparison_from, evaluation_from, parse


def test_the_words_of_an_evaluation() -> None:
    given = parse("evaluate mine other --rows 5 --base-shots 0 4 --set sql.schema_column=ctx")
    assert given.adapters == ["mine", "other"] and not given.watch
    sql = {"schema_column": "ctx"}
    assert evaluation_from(given) == {"rows": 5, "base_shots": [0, 4], "sql": sql}


def test_a_setting_without_a_value_is_refused() -> None:
    with pytest.raises(Usage) as refusal:
        evaluation_from(parse("evaluate mine --set rows"))
    assert "sql.schema_column=context" in str(refusal.value.remedy)


def test_the_words_of_a_comparison() -> None:
    given = parse("compare mine --question 'How many?' --expected 3 --temperature 0.5")
    asked = {"question": "How many?", "expected": "3", "generation": {"temperature": 0.5}}
    assert given.adapters == ["mine"] and comparison_from(given) == asked
    given = parse("compare --base-model tiny --dataset d --prompt p --rows 3")
    rows = {"base_model": "tiny", "dataset": "d", "prompt": "p", "rows": 3}
    assert comparison_from(given) == rows
    with pytest.raises(Usage):
        comparison_from(parse("compare mine --question x --dataset d"))
