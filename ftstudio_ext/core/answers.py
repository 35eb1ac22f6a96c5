"""What kind of answers a dataset expects: JSON, SQL, labels, short or long text."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ftstudio_ext.schema.prompts import PromptTask

Kind = Literal["json", "sql", "label", "short", "text"]

MOST_LABELS = 50
LONGEST_LABEL = 60
ROWS_PER_LABEL = 3
SHORT_WORDS = 12
_NEARLY_ALL = 0.9
_SQL = re.compile(
    r"^\s*(?:select\b.*\bfrom\b|select\s+[\w(*'\"-]|with\s+\w+.*\bas\s*\(|insert\s+into\b|"
    r"update\s+\S+\s+set\b|delete\s+from\b|create\s+(?:table|view|index)\b)",
    re.IGNORECASE | re.DOTALL,
)
_DDL = re.compile(r"\bcreate\s+table\b", re.IGNORECASE)
_INSERT = re.compile(r"\binsert\s+into\b", re.IGNORECASE)


@dataclass(frozen=True)
class Look:
    """The kind of the expected answers, why, and the columns that SQL could be executed with."""

    kind: Kind
    reason: str
    schema_column: str | None = None
    rows_column: str | None = None


def look(
    expected: Sequence[str], rows: Sequence[dict[str, Any]] = (), task: PromptTask = "auto"
) -> Look:
    """What the prompt declares; else judged by sampled rows: their rendered answers, and all
    their columns."""
    if task != "auto":
        columns = _sql_columns(rows) if task == "sql" else (None, None)
        return Look(task, "the prompt says so", *columns)
    answers = [text.strip() for text in expected if text.strip()]
    if not answers:
        return Look("text", "the expected answers are empty")
    if _share(answers, looks_like_json):
        return Look("json", "the expected answers are JSON")
    if _share(answers, looks_like_sql):
        schema, inserts = _sql_columns(rows)
        return Look("sql", "the expected answers are SQL", schema, inserts)
    labels = {text.casefold() for text in answers}
    if (
        len(labels) <= MOST_LABELS
        and len(answers) >= ROWS_PER_LABEL * len(labels)
        and max(map(len, answers)) <= LONGEST_LABEL
    ):
        return Look("label", f"the expected answers are {len(labels)} labels that repeat")
    words = sorted(len(text.split()) for text in answers)[len(answers) // 2]
    if words <= SHORT_WORDS:
        return Look("short", f"half of the expected answers have {words} words or fewer")
    return Look("text", "the expected answers are longer texts")


def looks_like_json(text: str) -> bool:
    """An object or a list; a bare number or word is text."""
    if not text.lstrip().startswith(("{", "[")):
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def looks_like_sql(text: str) -> bool:
    """Begins as a statement does."""
    return _SQL.match(text) is not None


def _share(answers: Sequence[str], test: Any) -> bool:
    return sum(bool(test(text)) for text in answers) >= _NEARLY_ALL * len(answers)


def _sql_columns(rows: Sequence[dict[str, Any]]) -> tuple[str | None, str | None]:
    """(column with CREATE TABLE, another one with INSERT), where nearly all rows have them."""
    if not rows:
        return None, None
    schema = inserts = None
    for name in rows[0]:
        texts = [str(row.get(name) or "") for row in rows]
        if schema is None and _share(texts, _DDL.search):
            schema = name
        elif inserts is None and _share(texts, _INSERT.search):
            inserts = name
    return schema, inserts if schema else None
