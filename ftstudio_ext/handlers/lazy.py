"""Routes that are imported by the first request for them: a Jupyter server whose user never
opens the studio does not wait for the vocabulary and its validators at its start."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tornado import httputil
from tornado.routing import Router
from tornado.web import Application


class LazyRoutes(Router):
    """Stands before the real routes in the application's list, and adds them once.

    `pattern` is that of their addresses below the base URL, `load` imports and returns them.
    """

    SUPPORTED_METHODS: tuple[str, ...] = ()
    """None of its own: Jupyter asks all targets for them, to see that verbs are authenticated."""

    def __init__(
        self,
        application: Application,
        pattern: str,
        load: Callable[[], Sequence[tuple[Any, ...]]],
    ) -> None:
        self._application = application
        self._base_url = application.settings["base_url"].rstrip("/")
        self._load = load
        self._added = False
        self.pattern = f"{self._base_url}{pattern}"

    def find_handler(self, request: httputil.HTTPServerRequest, **kwargs: Any) -> Any:
        """None once the routes are there, so that the application looks further down its list."""
        if self._added:
            return None
        self._added = True
        rules = [(f"{self._base_url}{pattern}", *rest) for pattern, *rest in self._load()]
        self._application.add_handlers(".*$", rules)
        return self._application.find_handler(request, **kwargs)


def api() -> Sequence[tuple[Any, ...]]:
    """Everything below `ftstudio/api`."""
    from .routes import tornado_routes

    return tornado_routes()


def openai() -> Sequence[tuple[Any, ...]]:
    """Everything below `ftstudio/v1`."""
    from .openai import tornado_routes

    return tornado_routes()


def mlflow_page() -> Sequence[tuple[Any, ...]]:
    """MLflow's own page."""
    from .mlflow_page import tornado_routes

    return tornado_routes()
