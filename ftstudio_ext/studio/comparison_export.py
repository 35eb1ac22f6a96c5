"""A comparison as a file for people and other programs."""

from __future__ import annotations

import csv
import io
from typing import Any, Literal

from ftstudio_ext.schema.comparisons import Answer, Comparison

from .records import clean_name

Format = Literal["csv", "json"]

_METRICS = (
    "tokens",
    "first_token_s",
    "tokens_per_s",
    "seconds",
    "stop_reason",
    "exact",
    "normalized",
    "similarity",
    "expected_probability",
)
_HEAD = (
    "question", "split", "row", "column", "base_model", "adapter", "checkpoint", "setting",
    "temperature", "seed", "prompt", "expected", "answer", *_METRICS, "task", "task_passed",
    "task_message", "error", "better", "blind",
)  # fmt: skip


def exported(comparison: Comparison, format: Format) -> tuple[str, str]:
    """(file name, text): CSV has a line for each answer, JSON is the comparison as it is."""
    name = f"{clean_name(comparison.name, spaces=False)}.{format}"
    if format == "json":
        return name, comparison.model_dump_json(indent=1) + "\n"
    out = io.StringIO()
    writer = csv.DictWriter(out, _HEAD, lineterminator="\r\n")  # RFC 4180
    writer.writeheader()
    for answer in comparison.answers:
        writer.writerow({key: _harmless(value) for key, value in _line(comparison, answer).items()})
    return name, out.getvalue()


def _line(comparison: Comparison, answer: Answer) -> dict[str, Any]:
    key, metrics = answer.answer, answer.metrics
    column, question = comparison.columns[key.column], comparison.questions[key.row]
    settings = column.generation or comparison.generation[key.setting]
    votes = [v for v in comparison.votes if (v.row, v.setting) == (key.row, key.setting)]
    vote = votes[-1] if votes else None
    return {
        "question": key.row,
        "split": question.split,
        "row": question.row,
        "column": column.label,
        "base_model": column.base_model_name,
        "adapter": column.adapter_name,
        "checkpoint": column.checkpoint,
        "setting": key.setting,
        "temperature": settings.temperature,
        "seed": settings.seed,
        "prompt": question.prompts[key.column] if question.prompts else question.prompt,
        "expected": question.expected,
        "answer": answer.text,
        **{name: getattr(metrics, name) for name in _METRICS},
        "task": metrics.task.kind if metrics.task else None,
        "task_passed": metrics.task.passed if metrics.task else None,
        "task_message": metrics.task.message if metrics.task else None,
        "error": answer.error.message if answer.error else None,
        "better": None if vote is None else vote.column == key.column,
        "blind": vote.blind if vote else None,
    }


def _harmless(value: Any) -> Any:
    """Spreadsheets run text that begins like a formula: models may write any text."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{value}"
    return value
