"""What all handlers share: parsing, answering, errors. No logic here or in any other handler."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from jupyter_server.base.handlers import APIHandler
from pydantic import BaseModel
from tornado.web import Finish

from ftstudio_ext._version import __version__
from ftstudio_ext.core.errors import StudioError
from ftstudio_ext.core.threads import in_thread
from ftstudio_ext.core.validation import parse

from . import errors

if TYPE_CHECKING:
    from ftstudio_ext.studio.studio import Studio

Model = TypeVar("Model", bound=BaseModel)
Result = TypeVar("Result")

MAX_DIGITS = 18
VERSION_HEADER = "X-FtStudio-Version"


class StudioHandler(APIHandler):
    """Base of every route. Each verb carries, in this order, `@operation(…)` (for OpenAPI),
    `@web.authenticated` and `@authorized`, on its own: `authorized` remembers the resource of
    its first call, so verbs are not inherited."""

    auth_resource = "ftstudio"

    studio: Studio

    async def prepare(self) -> None:  # type: ignore[override]
        """The workspace is opened, and made where it is new, by the first request of a user."""
        await super().prepare()
        if self.current_user:
            self.studio = await self.settings["ftstudio"].studio()

    def set_default_headers(self) -> None:
        super().set_default_headers()
        self.set_header(VERSION_HEADER, __version__)
        self.set_header("Cache-Control", "no-store")

    # --- parsing ---------------------------------------------------------------------------

    def body_as(self, model: type[Model]) -> Model:
        """The request's JSON body as a `model`."""
        raw = self.request.body
        try:
            data = json.loads(raw) if raw.strip() else {}
        except (ValueError, RecursionError) as error:
            raise errors.BadRequest(
                f"The body is not JSON: {error}.", remedy="Send a JSON object, encoded as UTF-8."
            ) from None
        if not isinstance(data, dict):
            raise errors.BadRequest(
                f"The body is a JSON {_json_kind(data)}, not an object.", remedy="Send {…}."
            )
        return parse(model, data)

    def query_as(self, model: type[Model]) -> Model:
        """The query's arguments as a `model`; arguments that it does not know (Jupyter's own:
        token, no_track_activity) are left alone."""
        known = {
            name: self.get_query_argument(name)
            for name in model.model_fields
            if self.get_query_argument(name, None) is not None
        }
        return parse(model, known)

    def if_match(self) -> int | None:
        """The revision that the client has seen, from If-Match; None when it does not say."""
        raw = self.request.headers.get("If-Match", "").strip()
        if raw in ("", "*"):
            return None
        number = raw.removeprefix("W/").strip('"')
        if not number.isdecimal() or len(number) > MAX_DIGITS:
            raise errors.BadRequest(
                f"If-Match is {raw[:40]!r}, which is not a revision.",
                field="If-Match",
                remedy='Send the revision of the object, for example If-Match: "3".',
            )
        return int(number)

    # --- doing and answering -----------------------------------------------------------------

    async def call(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Run the studio's logic: coroutines here, everything else in a thread, so that a slow
        disk never stops the event loop."""
        if inspect.iscoroutinefunction(function):
            return await function(*args, **kwargs)
        return await in_thread(function, *args, **kwargs)

    def answer(self, result: BaseModel | dict[str, Any], status: int = 200) -> None:
        """Finish with JSON."""
        self.set_status(status)
        if isinstance(result, BaseModel):
            if isinstance(revision := getattr(result, "revision", None), int):
                self.set_header("ETag", f'"{revision}"')
            self.finish(result.model_dump_json())
        else:
            self.finish(json.dumps(result))

    def compute_etag(self) -> None:
        """ETag carries the revision where there is one; never a hash of the body."""
        return None

    def no_content(self) -> None:
        """Finish a DELETE."""
        self.set_status(204)
        self.finish()

    # --- errors: everything that goes wrong comes through these two -----------------------------

    def send_error(self, status_code: int = 500, **kwargs: Any) -> None:
        """Find the error's own status before tornado clears the answer."""
        raised = (kwargs.get("exc_info") or (None, None))[1]
        status_code, info = errors.translate(raised, status_code, self.log)
        super().send_error(status_code, info=info, **kwargs)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        self.finish(errors.body(kwargs["info"]))

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        """Callers' mistakes are no events for the log; our own faults are logged with their id."""
        if isinstance(value, StudioError):
            self.log.debug("%s: %s", value.code, value.message)
        elif isinstance(value, Finish):
            super().log_exception(typ, value, tb)


def _json_kind(data: Any) -> str:
    if data is None:
        return "null"
    kinds = {list: "list", str: "string", bool: "boolean", int: "number", float: "number"}
    return kinds.get(type(data), "value")
