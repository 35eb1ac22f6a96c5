"""The one place where errors become HTTP: status and body."""

from __future__ import annotations

import errno
import logging
import secrets
from http.client import responses

from tornado.web import HTTPError

from ftstudio_ext.core.errors import (
    Conflict,
    Forbidden,
    InvalidInput,
    NotFound,
    StudioError,
    Unavailable,
)
from ftstudio_ext.schema.errors import ErrorBody, ErrorInfo

STATUS: list[tuple[type[StudioError], int]] = [
    (InvalidInput, 422),
    (Forbidden, 403),
    (NotFound, 404),
    (Conflict, 409),
    (Unavailable, 503),
]
_OF_CODE = {"disk_full": 507, "helper_error": 500, "not_written": 503}


class BadRequest(StudioError):
    """The request itself cannot be read: not JSON, not an object, a garbled header. HTTP 400."""

    code = "bad_request"


def translate(
    error: BaseException | None, status: int, log: logging.Logger
) -> tuple[int, ErrorInfo]:
    """Status and body for an exception; `status` counts where the exception says nothing."""
    if isinstance(error, StudioError):
        return status_of(error), error.info()
    if isinstance(error, HTTPError):
        return error.status_code, _of_http(error)
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return 507, ErrorInfo(
            code="disk_full",
            message="The disk is full, so nothing was saved.",
            remedy="Free some space (old runs and checkpoints are the largest), then try again.",
        )
    if error is None:
        return status, ErrorInfo(code="error", message=f"{responses.get(status, 'Error')}.")
    return 500, _unexpected(error, log)


def status_of(error: StudioError) -> int:
    """The HTTP status of a studio error: by its class, where its code does not say more."""
    if error.code in _OF_CODE:
        return _OF_CODE[error.code]
    return next((status for kind, status in STATUS if isinstance(error, kind)), 400)


def body(info: ErrorInfo) -> str:
    """The answer's JSON; absent fields are left out."""
    return ErrorBody(error=info).model_dump_json(exclude_none=True)


def _of_http(error: HTTPError) -> ErrorInfo:
    """Tornado's and Jupyter's own refusals: no token, no XSRF cookie, no such method."""
    status = error.status_code
    said = error.log_message or ""
    code, message, remedy = {
        400: (
            "bad_request",
            said or "The request cannot be read.",
            "Send the address and its parameters as UTF-8, and JSON as the body.",
        ),
        401: ("forbidden", "Log in first.", "Send the server's token, or log in."),
        403: (
            "forbidden",
            said or "You may not do this here.",
            "Send the server's token (Authorization: token …); a browser also needs the XSRF cookie.",
        ),
        404: ("not_found", said or "There is nothing at this address.", "See openapi.json."),
        405: (
            "method_not_allowed",
            "This address does not know this method.",
            "See openapi.json for the methods of each address.",
        ),
    }.get(status, ("error", said or f"{responses.get(status, 'Error')}.", None))
    return ErrorInfo(code=code, message=message, remedy=remedy)


def _unexpected(error: BaseException, log: logging.Logger) -> ErrorInfo:
    """A fault of ours: the traceback goes to the log under an id, the id to the caller."""
    number = secrets.token_hex(4)
    log.error("Unexpected error %s in Fine-tuning Studio", number, exc_info=error)
    return ErrorInfo(
        code="internal",
        message=f"Something went wrong in the server (error id {number}).",
        remedy=f"Look for {number} in the server's log, and report it with the lines below it.",
    )
