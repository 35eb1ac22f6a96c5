"""MLflow's own page behind Jupyter's login, by jupyter-server-proxy, started by the first request.

MLflow itself knows neither users nor our host name. So everything that writes must come from a
page of this very server (MLflow has no tokens against forged requests), and what people have
logged as artifacts is shown in a sandbox.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlparse

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from jupyter_server.utils import ensure_async
from tornado import web

from ftstudio_ext.core.errors import Unavailable
from ftstudio_ext.studio import mlflow_page

from .base import StudioHandler

OUR_HOST = "localhost"
_READING = {"GET", "HEAD", "OPTIONS"}
_ARTIFACTS = ("get-artifact", "get-trace-artifact", "get-logged-model-artifact", "mlflow-artifacts")


def tornado_routes() -> Sequence[tuple[Any, ...]]:
    """The page's addresses; without jupyter-server-proxy, an answer that says so."""
    address = f"/{mlflow_page.PAGE}"
    try:
        handler, arguments = _proxy()
    except ImportError:
        return [(rf"{address}(?:/.*)?", MissingProxyHandler)]
    return [(rf"{address}(/.*)", handler, arguments), (address, AddSlashHandler)]


def _proxy() -> tuple[type, dict[str, Any]]:
    from jupyter_server_proxy.config import ServerProcess

    process = ServerProcess(
        name=mlflow_page.PAGE,
        command=lambda unix_socket: ["-"],  # the handler knows: it has the studio's settings
        unix_socket=True,
        timeout=mlflow_page.START_TIMEOUT_S,
        rewrite_response=sandboxed,
        launcher_entry={"enabled": False},
    )
    base, arguments = process.make_proxy_handler()

    class MlflowPageHandler(base):  # type: ignore[misc, valid-type]
        """The page, and the API that it speaks to."""

        def get_cmd(self) -> list[str]:
            return mlflow_page.command(self.settings["ftstudio"].settings, self.unix_socket)

        def get_env(self) -> dict[str, str]:
            return mlflow_page.environment(self.settings["ftstudio"].settings)

        async def prepare(self, *args: Any, **kwargs: Any) -> None:
            await super().prepare(*args, **kwargs)
            reading = self.request.method in _READING
            if not self.current_user:
                return  # on the way to the login page
            allowed = self.authorizer.is_authorized(
                self, self.current_user, "read" if reading else "write", StudioHandler.auth_resource
            )
            if not await ensure_async(allowed):
                raise web.HTTPError(403)
            if not reading:
                self._refuse_foreign_writes()

        def _refuse_foreign_writes(self) -> None:
            """A request with a token proves that its sender has it; one with a cookie may come
            from any page that the browser shows."""
            if getattr(self, "token_authenticated", False):
                return
            origin = self.request.headers.get("Origin", "")
            if urlparse(origin).netloc.lower() != self.request.host.lower() and not (
                origin and self.check_origin(origin)
            ):
                raise web.HTTPError(403, "Changes must come from a page of this server.")

        def get_request_headers_override(self) -> dict[str, str]:
            """MLflow knows its local name only. Where a request comes from has been seen to."""
            found = {"Host": OUR_HOST}
            if "Origin" in self.request.headers:
                found["Origin"] = f"http://{OUR_HOST}"
            return found

        def proxy_request_headers(self) -> Any:
            """What proves one's identity to Jupyter is none of MLflow's business."""
            headers = super().proxy_request_headers()
            for name in ("Cookie", "Authorization"):
                if name in headers:
                    del headers[name]
            return headers

    return MlflowPageHandler, arguments


def sandboxed(response: Any, path: str) -> None:
    """Files that somebody has logged may hold scripts: they run without our origin."""
    if any(name in path for name in _ARTIFACTS):
        response.headers["Content-Security-Policy"] = "sandbox"


class AddSlashHandler(APIHandler):
    """Relative addresses need the slash."""

    auth_resource = "ftstudio"

    @web.authenticated
    @authorized
    async def get(self) -> None:
        self.redirect(f"{self.request.path}/")


class MissingProxyHandler(StudioHandler):
    """Says what to install."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        raise Unavailable(
            "MLflow's page needs jupyter-server-proxy beside the Jupyter server.",
            code="missing_package",
            remedy="Run: pip install jupyter-server-proxy, then restart the Jupyter server.",
        )
