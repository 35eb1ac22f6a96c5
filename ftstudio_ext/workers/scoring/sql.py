"""SQL: whether it parses, says the same, and returns the same."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ftstudio_ext.core.answers import Look
from ftstudio_ext.core.errors import InvalidInput
from ftstudio_ext.core.sql_execution import Outcome, asks_for_order, execute, same_result
from ftstudio_ext.schema.evaluations import EvaluateSpec, SqlExecution

from .base import Example, Judged, Scorer, share

KEPT_RESULTS = 4096
LONGEST_PARSED = 20_000
"""Characters: sqlglot takes time and depth that grow with the text, and models run on."""


@dataclass(frozen=True)
class Verdict:
    """`correct` is None when the expected answer itself cannot be executed, or returns nothing:
    so does nearly every query on empty tables."""

    correct: bool | None
    error: str | None = None


class SqlText(Scorer):
    """Judged without running anything."""

    name = "sql"
    title = "SQL, not executed"
    description = "Parsed by sqlglot: valid SQL, and the same query but for spelling."
    metrics = (
        share("sql_valid", "Valid SQL", "sqlglot can parse it."),
        share("sql_equal", "Same SQL", "Equal after normalization: case, quotes, spelling."),
    )
    requires = ("sqlglot",)

    def __init__(self, spec: EvaluateSpec) -> None:
        super().__init__(spec)
        self._plain: dict[str, str | None] = {}

    @classmethod
    def fits(cls, look: Look, spec: EvaluateSpec | None = None) -> str | None:
        return look.reason if look.kind == "sql" else "SQL is executed" if _asked(spec) else None

    def prepare(self, expected: Sequence[str]) -> None:
        self._plain = {text: plain_query(text)[0] for text in expected}

    def score(self, example: Example) -> Judged:
        wanted = self._plain.get(example.expected)
        plain, problem = plain_query(example.answer)
        equal = None if wanted is None else float(plain == wanted)
        scores = {"sql_valid": float(plain is not None), "sql_equal": equal}
        return Judged(scores, note=problem)


class SqlResult(Scorer):
    """Judged by what it returns from the row's own database."""

    name = "sql_execution"
    title = "SQL, executed"
    description = "Both queries run in an SQLite database in memory and return the same."
    metrics = (share("execution_accuracy", "Execution accuracy", description),)
    fields = ("sql",)

    def __init__(self, spec: EvaluateSpec) -> None:
        super().__init__(spec)
        if spec.sql is None:
            raise InvalidInput(
                "The scorer “sql_execution” does not know where the database comes from.",
                field="sql",
                remedy="Name the column with the CREATE TABLE statements, or leave it out.",
            )
        self._settings = spec.sql
        self._expected: OrderedDict[tuple[str, str], Outcome] = OrderedDict()

    @classmethod
    def fits(cls, look: Look, spec: EvaluateSpec | None = None) -> str | None:
        if _asked(spec):
            return "SQL is executed"
        if spec is None and look.kind == "sql" and look.schema_column:
            return f"the column “{look.schema_column}” has CREATE TABLE statements"
        return None

    def score(self, example: Example) -> Judged:
        verdict = self.judge(example.row, example.expected, example.answer)
        correct = None if verdict.correct is None else float(verdict.correct)
        return Judged({"execution_accuracy": correct}, note=verdict.error)

    def judge(self, row: dict[str, Any], expected: str, answer: str) -> Verdict:
        """Run both queries on the row's database and compare what they return."""
        schema = schema_of(self._settings, row)
        wanted = self._wanted(schema, expected)
        if wanted.rows is None:
            return Verdict(None, f"the expected answer cannot be executed: {wanted.error}")
        if not wanted.rows:
            return Verdict(None, "the expected answer returns nothing, which proves nothing")
        got = execute(schema, answer, self._settings.time_limit_s)
        if got.rows is None:
            return Verdict(False, got.error)
        same = same_result(wanted.rows, got.rows, asks_for_order(expected))
        return Verdict(same, None if same else _difference(wanted.rows, got.rows))

    def _wanted(self, schema: str, query: str) -> Outcome:
        """The expected result, once for all systems."""
        key = (schema, query)
        if key not in self._expected:
            self._expected[key] = execute(schema, query, self._settings.time_limit_s)
            if len(self._expected) > KEPT_RESULTS:
                self._expected.popitem(last=False)
        return self._expected[key]


def schema_of(settings: SqlExecution, row: dict[str, Any]) -> str:
    """The statements that build a row's database."""
    schema = str(row.get(settings.schema_column) or "")
    if settings.rows_column:
        schema = f"{schema}\n{row.get(settings.rows_column) or ''}"
    return schema


def plain_query(text: str) -> tuple[str | None, str | None]:
    """(the query in one spelling, None), or (None, why it is no SQL)."""
    import sqlglot
    from sqlglot.errors import SqlglotError
    from sqlglot.optimizer.normalize_identifiers import normalize_identifiers

    if not text.strip():
        return None, "there is no SQL"
    if len(text) > LONGEST_PARSED:
        return None, f"is longer than {LONGEST_PARSED} characters"
    try:
        parsed = sqlglot.parse_one(text.strip().rstrip(";"), read="sqlite")
        if isinstance(parsed, sqlglot.exp.Alias | sqlglot.exp.Column | sqlglot.exp.Command):
            return None, "is no statement"
        for identifier in parsed.find_all(sqlglot.exp.Identifier):
            identifier.set("quoted", False)
        plain = normalize_identifiers(parsed, dialect="sqlite")
        return plain.sql(dialect="sqlite", comments=False), None
    except SqlglotError as error:
        return None, _first_line(error)
    except RecursionError:
        return None, "is nested too deeply"
    except Exception as error:  # a parser fed with a model's text must not end the evaluation
        return None, f"{type(error).__name__}: {_first_line(error)}"


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:200] if lines else type(error).__name__


def _difference(wanted: Sequence[Any], got: Sequence[Any]) -> str:
    if len(wanted) != len(got):
        return f"returns {len(got)} rows instead of {len(wanted)}"
    if wanted and got and len(wanted[0]) != len(got[0]):
        return f"returns {len(got[0])} columns instead of {len(wanted[0])}"
    return "returns other values"


def _asked(spec: EvaluateSpec | None) -> bool:
    return spec is not None and spec.sql is not None
