"""Judge SQL by its result."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ftstudio_ext.core.sql_execution import Outcome, asks_for_order, execute, same_result
from ftstudio_ext.schema.evaluations import SqlExecution


@dataclass(frozen=True)
class Verdict:
    """`correct` is None when the expected answer itself cannot be executed."""

    correct: bool | None
    error: str | None = None


def judge(settings: SqlExecution, row: dict[str, Any], expected: str, answer: str) -> Verdict:
    """Run both queries on the row's database and compare what they return."""
    schema = str(row.get(settings.schema_column) or "")
    if settings.rows_column:
        schema = f"{schema}\n{row.get(settings.rows_column) or ''}"
    wanted = _expected(schema, expected, settings.time_limit_s)
    if wanted.rows is None:
        return Verdict(None, f"the expected answer cannot be executed: {wanted.error}")
    got = execute(schema, answer, settings.time_limit_s)
    if got.rows is None:
        return Verdict(False, got.error)
    return Verdict(same_result(wanted.rows, got.rows, asks_for_order(expected)))


@lru_cache(maxsize=4096)
def _expected(schema: str, query: str, time_limit_s: float) -> Outcome:
    """The expected result, once for all systems."""
    return execute(schema, query, time_limit_s)
