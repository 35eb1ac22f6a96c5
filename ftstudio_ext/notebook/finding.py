"""Which server a notebook belongs to: its address and token, from what Jupyter leaves behind.

Only `jupyter_core` is needed, which every kernel has; `jupyter_server` would take a second to
import and need not be in the kernel's environment at all."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from .errors import NotConnected

WILDCARDS = ("", "*", "0.0.0.0", "::", "[::]")


@dataclass(frozen=True)
class Address:
    """Where a server answers."""

    url: str
    token: str | None = None
    root_dir: str | None = None
    socket: str | None = None
    local: bool = False
    given: bool = False

    def same_place(self, other: Address) -> bool:
        """Whether `other` can be this server after a restart: same folder, same base URL."""
        return bool(
            self.root_dir
            and self.root_dir == other.root_dir
            and urlsplit(self.url).path == urlsplit(other.url).path
        )


def find(url: str | None = None, token: str | None = None) -> Address:
    """The server that is meant, or NotConnected with what to do. A token that is given here wins;
    one from the environment is used where the server's own is not known."""
    known = os.environ.get("JUPYTER_TOKEN") or os.environ.get("JUPYTERHUB_API_TOKEN")
    if url or (url := os.environ.get("JUPYTER_SERVER_URL")):
        return _named(url, token, known)
    found = _parent()
    if found is None and (hub_url := os.environ.get("JUPYTERHUB_SERVICE_URL")):
        found = Address(_reachable(hub_url), local=True)
    if found is None:
        running = list(running_servers())
        if len(running) != 1:
            raise _none_found(running)
        found = running[0]
    return replace(found, token=token or found.token or known)


def again(lost: Address) -> Address | None:
    """The same server after a restart, with its new port and token; None when it is not there."""
    if lost.given:
        return None
    return next((found for found in running_servers() if lost.same_place(found)), None)


def running_servers() -> Iterator[Address]:
    """Servers of this user on this machine, from the files in Jupyter's runtime folder."""
    for info in _infos():
        yield _of_info(info)


def _infos() -> Iterator[dict[str, Any]]:
    from jupyter_core.paths import jupyter_runtime_dir

    for path in sorted(Path(jupyter_runtime_dir()).glob("jpserver-*.json")):
        try:
            info = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):  # gone, or being written
            continue
        if isinstance(info, dict) and "url" in info and _alive(info.get("pid")):
            yield info


def _of_info(info: dict[str, Any]) -> Address:
    return Address(
        url=_reachable(info["url"], info.get("hostname")),
        token=info.get("token") or None,
        root_dir=info.get("root_dir"),
        socket=info.get("sock") or None,
        local=True,
    )


def _parent() -> Address | None:
    """The server that has started this kernel."""
    parent = os.environ.get("JPY_PARENT_PID")
    return next((_of_info(info) for info in _infos() if str(info.get("pid")) == parent), None)


def _named(url: str, token: str | None, known: str | None) -> Address:
    """An address that somebody gave. Its token: as given, as it stands in the address, as the
    environment has it, or that of the running server with this address."""
    given = urlsplit(url)
    if given.scheme not in ("http", "https") or not given.netloc:
        raise NotConnected(
            f"“{url}” is not the address of a Jupyter server.",
            field="url",
            remedy="Give it as http://localhost:8888/, with the base URL if there is one.",
        )
    path = _without_page(given.path)
    token = token or parse_qs(given.query).get("token", [None])[0] or known
    if token is None:
        place = (given.port, path)
        for server in running_servers():
            if place == (urlsplit(server.url).port, urlsplit(server.url).path):
                token = server.token
    return Address(given._replace(query="", fragment="", path=path).geturl(), token, given=True)


def _without_page(path: str) -> str:
    """The base URL of an address copied from the browser, which ends in a page of Jupyter's."""
    for page in ("/lab", "/tree", "/doc", "/notebooks"):
        head, found, tail = path.partition(page)
        if found and (not tail or tail.startswith("/")):
            return f"{head}/"
    return path if path.endswith("/") else f"{path}/"


def _reachable(url: str, hostname: str | None = None) -> str:
    """A server that listens on every interface is reached through this one."""
    parts = urlsplit(url)
    if hostname in WILDCARDS or parts.hostname in WILDCARDS:
        port = f":{parts.port}" if parts.port else ""
        parts = parts._replace(netloc=f"127.0.0.1{port}")
    path = parts.path if parts.path.endswith("/") else f"{parts.path}/"
    return parts._replace(path=path).geturl()


def _alive(pid: Any) -> bool:
    import psutil

    return isinstance(pid, int) and psutil.pid_exists(pid)


def _none_found(running: list[Address]) -> NotConnected:
    if running:
        urls = ", ".join(server.url for server in running)
        return NotConnected(
            f"Several Jupyter servers are running, and none of them started this process: {urls}.",
            remedy=f'Say which one: Studio(url="{running[0].url}").',
        )
    return NotConnected(
        "No running Jupyter server was found.",
        remedy="Open this notebook in JupyterLab, or name the server: "
        'Studio(url="http://localhost:8888/", token="…").',
    )
