"""The one shape in which every error reaches a person."""

from __future__ import annotations

from .common import StoredModel


class ErrorInfo(StoredModel):
    """A failure in words: a stable code, what happened, and what to do."""

    code: str
    message: str
    field: str | None = None
    remedy: str | None = None


class ErrorBody(StoredModel):
    """The body of every HTTP answer of status 400 and above."""

    error: ErrorInfo
