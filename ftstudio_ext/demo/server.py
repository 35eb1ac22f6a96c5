"""A Jupyter server of the demo's own, and its REST interface."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx

from ftstudio_ext.core.errors import StudioError, Unavailable

START_LIMIT_S = 60


class DemoServer:
    """`jupyter server` on a free port, with a token, in a folder. It can be killed and started
    again on the same port; what runs in the studio goes on."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log_file = folder / "jupyter-server.log"
        self.port = _free_port()
        self._token = secrets.token_hex(16)
        self._process: subprocess.Popen[bytes] | None = None
        self._client = httpx.Client(
            base_url=f"http://127.0.0.1:{self.port}/ftstudio/api/",
            headers={"Authorization": f"token {self._token}"},
            timeout=120,
            trust_env=False,
        )

    @property
    def pid(self) -> int:
        return self._process.pid if self._process else 0

    def start(self) -> float:
        """Start it and wait until the studio answers; how many seconds that took."""
        started = time.monotonic()
        with self.log_file.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "jupyter_server", *self._options()],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=os.environ | {"JUPYTER_TOKEN": self._token},
            )
        while time.monotonic() - started < START_LIMIT_S:
            if self._process.poll() is not None:
                break
            try:
                self.get("status")
                return time.monotonic() - started
            except httpx.TransportError:
                time.sleep(0.1)
        raise Unavailable(
            "The Jupyter server did not start.", remedy=f"Its log says why: {self.log_file}"
        )

    def kill(self) -> None:
        """SIGKILL: no chance to say goodbye to anything."""
        if self._process:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()

    def stop(self) -> None:
        """An orderly end."""
        if self._process and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                self.kill()
        self._client.close()

    def get(self, path: str, **query: Any) -> Any:
        return self._request("GET", path, params=query)

    def post(self, path: str, body: dict[str, Any]) -> Any:
        return self._request("POST", path, json=body)

    def find(self, collection: str, name: str) -> Any | None:
        """The record of that name, or None."""
        items = self.get(collection, q=name, limit=500)["items"]
        return next((item for item in items if item["name"] == name), None)

    def _request(self, verb: str, path: str, **content: Any) -> Any:
        answer = self._client.request(verb, path, **content)
        if answer.is_success:
            return answer.json()
        if answer.status_code == 404 and path == "status":
            raise Unavailable(
                "The Jupyter server runs without the studio's extension.",
                remedy=f'Install it beside this Python: {sys.executable} -m pip install "ftstudio-ext[train]" '
                "(in a clone: make demo).",
            )
        try:
            error = answer.json()["error"]
        except (ValueError, KeyError, TypeError):
            raise Unavailable(
                f"The Jupyter server answered {answer.status_code} to {verb} {path}.",
                remedy=f"Its log says more: {self.log_file}",
            ) from None
        raise StudioError(error["message"], remedy=error.get("remedy"), code=error.get("code"))

    def _options(self) -> list[str]:
        options = [
            f"--ServerApp.port={self.port}",
            "--ServerApp.port_retries=0",
            "--ServerApp.ip=127.0.0.1",
            "--ServerApp.open_browser=False",
            f"--ServerApp.root_dir={self.folder}",
            "--ServerApp.jpserver_extensions=ftstudio_ext=True",
        ]
        return options + ["--allow-root"] * (hasattr(os, "geteuid") and os.geteuid() == 0)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
