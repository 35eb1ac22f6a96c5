"""Typed errors of the logic. HTTP statuses are given in `handlers`, sentences for people here."""

from __future__ import annotations

from ftstudio_ext.schema.errors import ErrorInfo

LONGEST = 1000
"""Characters of a message: values that people sent are quoted, and may be of any length."""


class StudioError(Exception):
    """A failure that a person can act on."""

    code = "error"

    def __init__(
        self,
        message: str,
        *,
        field: str | None = None,
        remedy: str | None = None,
        code: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message if len(message) <= LONGEST else f"{message[: LONGEST - 1]}…"
        self.field = field
        self.remedy = remedy
        self.code = code or type(self).code

    def info(self) -> ErrorInfo:
        """The error as clients see it."""
        return ErrorInfo(code=self.code, message=self.message, field=self.field, remedy=self.remedy)


class InvalidInput(StudioError):
    """The caller's value does not do: names field, value and what to do. HTTP 422."""

    code = "invalid_input"


class Forbidden(StudioError):
    """The caller may not have this, for example a path outside the root. HTTP 403."""

    code = "forbidden"


class NotFound(StudioError):
    """No such object. HTTP 404."""

    code = "not_found"


class Conflict(StudioError):
    """It clashes with what is there: a taken name, a stale revision, something in use. HTTP 409."""

    code = "conflict"


class Unavailable(StudioError):
    """Something outside is missing for now: the hub, the training stack, a helper. HTTP 503."""

    code = "unavailable"
