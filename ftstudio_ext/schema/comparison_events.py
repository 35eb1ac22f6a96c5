"""The stream of `POST comparisons`: one of these a line."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from .common import StoredModel
from .comparisons import AnswerKey, AnswerMetrics, Comparison, ComparisonState
from .errors import ErrorInfo


class ComparisonOpened(StoredModel):
    """The first line: who will answer what. `comparison.answers` is empty."""

    event: Literal["comparison"] = "comparison"
    id: str
    comparison: Comparison


class AnswerStarted(StoredModel):
    """The model reads the question now; the answer's clock starts."""

    event: Literal["started"] = "started"
    answer: AnswerKey


class AnswerDelta(StoredModel):
    """More of an answer: append `text`."""

    event: Literal["token"] = "token"
    answer: AnswerKey
    text: str
    tokens: int = Field(description="Tokens so far.")
    seconds: float = Field(description="Since the answer's start.")


class AnswerDone(StoredModel):
    """An answer is complete; `text` is all of it."""

    event: Literal["done"] = "done"
    answer: AnswerKey
    text: str
    metrics: AnswerMetrics


class CompareNotice(StoredModel):
    """Something to know: `loading`, `loaded`, `switching`, `one_by_one`, `waiting`, `evicted`,
    `adapters_dropped`."""

    event: Literal["notice"] = "notice"
    code: str
    message: str
    columns: list[int] | None = Field(None, description="The columns that it concerns.")


class CompareError(StoredModel):
    """An answer (or all of them, without `answer`) could not be written."""

    event: Literal["error"] = "error"
    error: ErrorInfo
    answer: AnswerKey | None = None


class ComparisonEnd(StoredModel):
    """The last line."""

    event: Literal["end"] = "end"
    state: ComparisonState
    seconds: float
    saved: bool
