"""One answer against the expected completion: the same measures as an evaluation takes, and the
task's own verdict."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from ftstudio_ext.core.answers import look, looks_like_json, looks_like_sql
from ftstudio_ext.core.differences import differences
from ftstudio_ext.core.sql_execution import asks_for_order, execute, same_result
from ftstudio_ext.schema.comparisons import TaskMetric

from .scoring.matching import edit_distance, normalized
from .scoring.texts import exact_match, exact_sql_match, sql_answer, strip_fences

LABEL_WORDS = 3
LONGEST_LABEL = 40
LONGEST_EDIT = 5_000
"""Characters; beyond, how near two texts are is not told."""


@dataclass(frozen=True)
class Expected:
    """What would be right, the row it comes from, and the kind of task it makes."""

    text: str
    values: dict[str, Any]
    task: TaskMetric

    @property
    def kind(self) -> str:
        """`none`, `sql`, `json` or `label`: as declared, or by the look of the expected text."""
        if self.task.kind != "auto":
            return self.task.kind
        if looks_like_json(self.text):
            return "json"
        if looks_like_sql(self.text):
            return "sql" if self.schema() else "none"
        plain = self.text.strip()
        short = len(plain.split()) <= LABEL_WORDS and len(plain) <= LONGEST_LABEL
        return "label" if plain and short else "none"

    def schema(self) -> str:
        """The statements that make the row's database; empty where there are none."""
        given = self.task.sql
        found = look([self.text], [self.values]) if self.values else None
        schema = given.schema_column if given else found and found.schema_column
        rows = given.rows_column if given else found and found.rows_column
        texts = [str(self.values.get(name) or "") for name in (schema, rows) if name]
        return "\n".join(texts).strip()


def score(expected: Expected, text: str) -> dict[str, Any]:
    """The fields of AnswerMetrics that need an expected completion."""
    answer = strip_fences(text)
    same = exact_sql_match if looks_like_sql(expected.text) else exact_match
    return {
        "exact": same(expected.text, answer),
        "normalized": normalized(expected.text) == normalized(answer),
        "similarity": _similarity(expected.text.strip(), text.strip()),
        "diff": differences(expected.text, text),
        "task": _task(expected, text),
    }


def _similarity(expected: str, answer: str) -> float | None:
    longest = max(len(expected), len(answer))
    if longest > LONGEST_EDIT:
        return None
    return 1 - edit_distance(expected, answer) / longest if longest else 1.0


def _task(expected: Expected, text: str) -> dict[str, Any] | None:
    kind = expected.kind
    if kind == "none":
        return None
    judge = {"sql": _sql, "json": _json, "label": _label}[kind]
    passed, message = judge(expected, text)
    return {"kind": kind, "passed": passed, "message": message}


def _label(expected: Expected, text: str) -> tuple[bool, str]:
    first = next(iter(strip_fences(text).splitlines()), "")
    if normalized(first) == normalized(expected.text):
        return True, "The right label."
    return False, "Another label."


def _json(expected: Expected, text: str) -> tuple[bool, str]:
    try:
        found = json.loads(strip_fences(text))
    except (ValueError, RecursionError) as error:
        return False, f"Not JSON: {error}."
    if not looks_like_json(expected.text):
        return True, "Valid JSON."
    if found == json.loads(expected.text):
        return True, "Valid JSON with the expected values."
    return False, "Valid JSON with other values."


def _sql(expected: Expected, text: str) -> tuple[bool | None, str]:
    schema, limit = expected.schema(), expected.task.sql.time_limit_s if expected.task.sql else 2.0
    if not schema:
        return None, "The row has no column with CREATE TABLE statements to run it on."
    query = sql_answer(text)
    got = execute(schema, query, limit)
    if got.rows is None:
        return False, f"It cannot be run: {got.error}."
    wanted = execute(schema, sql_answer(expected.text), limit)
    if wanted.rows is None:
        return None, f"The expected query itself cannot be run: {wanted.error}."
    if not same_result(wanted.rows, got.rows, asks_for_order(expected.text)):
        return False, "It runs, with another result."
    if not wanted.rows:
        return True, "It runs, and both results are empty: that proves little."
    return True, "It runs, with the same result."
