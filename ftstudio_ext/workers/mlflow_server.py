"""MLflow's own server, behind Jupyter: `python -m ftstudio_ext.workers.mlflow_server <socket>`.

It listens on a Unix socket only, whose folder only its owner may enter: a port of this machine
would have no authentication at all. It ends with the Jupyter server that started it, however that
one ends. Training and evaluation never log through it.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from types import FrameType

from . import tracking_store
from .tracking_store import sqlite_file

GRACE_S = 5.0
_OPTIONS = ("--workers", "1", "--uvicorn-opts")
_SETTINGS = {
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_SQLALCHEMYSTORE_POOLCLASS": "NullPool",
}
"""Job execution would mean thirteen more processes and 2 GB."""


def main(socket: str) -> int:
    """Serve until told to end, or until the starter is gone."""
    starter = os.getppid()
    os.environ.update(_SETTINGS)
    uri = os.environ.pop("MLFLOW_TRACKING_URI")
    _make_store(uri)
    os.environ["MLFLOW_BACKEND_STORE_URI"] = uri
    server = subprocess.Popen(
        [sys.executable, "-m", "mlflow", "server", *_OPTIONS, f"--uds {socket}"],
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGINT, _leave)
    try:
        while server.poll() is None and os.getppid() == starter:
            time.sleep(0.5)
    finally:
        _end(server)
    return server.returncode or 0


def _make_store(uri: str) -> None:
    """In a process of its own: this one stays without MLflow, and small."""
    path = sqlite_file(uri)
    if path is not None and not path.exists():
        code = f"from {tracking_store.__name__} import make_store; make_store({uri!r})"
        subprocess.run([sys.executable, "-c", code], stdin=subprocess.DEVNULL, check=True)


def _leave(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


def _end(server: subprocess.Popen[bytes]) -> None:
    """The server with all its processes."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(GRACE_S)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
