"""What is judged of a model's text, and how."""

from __future__ import annotations

import pytest

from ftstudio_ext.schema.evaluations import EvaluateSpec
from ftstudio_ext.workers.scoring.sql import SqlResult, Verdict
from ftstudio_ext.workers.scoring.texts import (
    exact_match,
    exact_sql_match,
    sql_answer,
    strip_fences,
)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("SELECT 1;", "SELECT 1;"),
        ("Sure! Here it is:\n```sql\nSELECT 1;\n```\nThis selects 1.", "SELECT 1;"),
        ("```\nSELECT 1", "SELECT 1"),
        ("The query is SELECT a FROM t; and it works", "SELECT a FROM t;"),
        ("SELECT a FROM t WHERE b = ';'; SELECT 2", "SELECT a FROM t WHERE b = ';';"),
        ("SELECT a\nFROM t\n\nExplanation: …", "SELECT a\nFROM t"),
        ("with n as (select 1) select * from n", "with n as (select 1) select * from n"),
        ("no query at all", "no query at all"),
        ("", ""),
    ],
)
def test_the_query_is_found_in_what_a_chatty_model_writes(text: str, answer: str) -> None:
    assert sql_answer(text) == answer


def test_fences_are_stripped() -> None:
    assert strip_fences("```python\nx = 1\n```") == "x = 1"
    assert strip_fences(" plain ") == "plain"


def test_exact_match_ignores_white_space_only() -> None:
    assert exact_match("a  b\n", "a b")
    assert not exact_match("a b", "A b")


def test_exact_sql_match_ignores_case_outside_quotes() -> None:
    assert exact_sql_match("SELECT COUNT(*) FROM T;", "select count( * )\nfrom t")
    assert not exact_sql_match("SELECT 'Paris'", "SELECT 'paris'")


ROW = {"sql_context": "CREATE TABLE t (a INT);", "rows": "INSERT INTO t VALUES (1), (2);"}
SPEC = {"name": "e", "base_model": "m", "dataset": "d", "prompt": "p"}


def judge(expected: str, answer: str) -> Verdict:
    spec = EvaluateSpec.model_validate(SPEC | {"sql": {"rows_column": "rows"}})
    return SqlResult(spec).judge(ROW, expected, answer)


def test_different_sql_with_the_same_result_is_right() -> None:
    verdict = judge("SELECT a FROM t WHERE a > 1", "SELECT MAX(a) FROM t")
    assert verdict.correct is True


def test_wrong_and_broken_answers_are_wrong() -> None:
    assert judge("SELECT a FROM t", "SELECT 1").correct is False
    broken = judge("SELECT a FROM t", "SELECT b FROM t")
    assert broken.correct is False and "no such column" in str(broken.error)


def test_an_expected_answer_without_rows_judges_nobody() -> None:
    assert judge("SELECT a FROM t WHERE a > 9", "SELECT a FROM t WHERE 0").correct is None


def test_an_expected_answer_that_cannot_run_judges_nobody() -> None:
    assert judge("SELECT nothing", "SELECT 1").correct is None
