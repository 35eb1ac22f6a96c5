"""The words of `%ftstudio evaluate` become the fields of an evaluation."""

from __future__ import annotations

import pytest

from ftstudio_ext.notebook.arguments import Usage, evaluation_from, parse


def test_the_words_of_an_evaluation() -> None:
    given = parse("evaluate mine other --rows 5 --base-shots 0 4 --set sql.schema_column=ctx")
    assert given.adapters == ["mine", "other"] and not given.watch
    sql = {"schema_column": "ctx"}
    assert evaluation_from(given) == {"rows": 5, "base_shots": [0, 4], "sql": sql}


def test_a_setting_without_a_value_is_refused() -> None:
    with pytest.raises(Usage) as refusal:
        evaluation_from(parse("evaluate mine --set rows"))
    assert "sql.schema_column=context" in str(refusal.value.remedy)
