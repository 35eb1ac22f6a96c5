"""The routes, imported by the first request below the API: a Jupyter server whose user never
opens the studio does not wait for the vocabulary and its validators at its start."""

from __future__ import annotations

from typing import Any

from tornado import httputil
from tornado.routing import Router
from tornado.web import Application


class LazyRoutes(Router):
    """Stands before the real routes in the application's list, and adds them once."""

    SUPPORTED_METHODS: tuple[str, ...] = ()
    """None of its own: Jupyter asks all targets for them, to see that verbs are authenticated."""

    def __init__(self, application: Application, base_url: str) -> None:
        self._application = application
        self._base_url = base_url.rstrip("/")
        self._added = False

    @property
    def pattern(self) -> str:
        """Every address of the API."""
        return rf"{self._base_url}/ftstudio/api/.*"

    def find_handler(self, request: httputil.HTTPServerRequest, **kwargs: Any) -> Any:
        """None once the routes are there, so that the application looks further down its list."""
        if self._added:
            return None
        self._added = True
        from .routes import tornado_routes

        rules = [(f"{self._base_url}{pattern}", handler) for pattern, handler in tornado_routes()]
        self._application.add_handlers(".*$", rules)
        return self._application.find_handler(request, **kwargs)
