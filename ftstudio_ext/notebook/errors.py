"""What can go wrong in a notebook, in words: a cell shows them without a traceback."""

from __future__ import annotations

from ftstudio_ext.core.errors import StudioError
from ftstudio_ext.schema.errors import ErrorInfo


class StudioApiError(StudioError):
    """A refusal or a failure, with `code`, `message`, `field` and `remedy`."""

    code = "error"

    @classmethod
    def of(cls, info: ErrorInfo) -> StudioApiError:
        """The error that a server has sent."""
        kind = NotFoundError if info.code == "not_found" else cls
        return kind(info.message, field=info.field, remedy=info.remedy, code=info.code)

    def __str__(self) -> str:
        return " ".join(filter(None, [self.message, self.remedy]))

    def _render_traceback_(self) -> list[str]:
        """IPython asks for this instead of showing where in our code the error was raised."""
        return [self.message, *([f"→ {self.remedy}"] if self.remedy else [])]


class NotFoundError(StudioApiError, KeyError):
    """There is nothing of that name."""

    code = "not_found"


class NotConnected(StudioApiError):
    """No server was found, or the server does not answer."""

    code = "not_connected"


class JobFailed(StudioApiError):
    """The job that was waited for has failed or vanished."""

    code = "job_failed"


class WaitInterrupted(KeyboardInterrupt):
    """Waiting was interrupted; the job goes on."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        return self.message

    def _render_traceback_(self) -> list[str]:
        return [self.message]
