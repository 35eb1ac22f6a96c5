"""A real Jupyter server in a process of its own, which tests may kill and start again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).parents[2]


class JupyterServer:
    """One root directory; each start gives it another port and another token, as in life."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "root"
        self.runtime = folder / "runtime"
        self.home = folder / "home"
        for path in (self.root, self.runtime, self.home):
            path.mkdir(parents=True)
        self.log = folder / "server.log"
        self.process: subprocess.Popen[bytes] | None = None
        self.info: dict[str, Any] = {}

    @property
    def environment(self) -> dict[str, str]:
        """What makes a process see this server and no other."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("JUPYTER", "JPY_", "MLFLOW_"))
        }
        return kept | {
            "HOME": str(self.home),
            "JUPYTER_RUNTIME_DIR": str(self.runtime),
            "JUPYTER_NO_CONFIG": "1",
            "PYTHONPATH": str(REPOSITORY),
            "HF_HUB_OFFLINE": "1",
            "OMP_NUM_THREADS": "1",  # the model is tiny, and others work on these cores
        }

    @property
    def url(self) -> str:
        return str(self.info["url"])

    @property
    def token(self) -> str:
        return str(self.info["token"])

    def start(self) -> JupyterServer:
        command = [
            sys.executable,
            "-m",
            "jupyter_server",
            "--ServerApp.jpserver_extensions={'ftstudio_ext': True}",
            f"--ServerApp.root_dir={self.root}",
            "--FineTuningStudio.reconcile_interval_s=1",
            "--ip=127.0.0.1",
            "--port=0",
            "--no-browser",
            "--allow-root",
        ]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, env=self.environment, stdout=log, stderr=log, cwd=self.root
            )
        self.info = self._announced()
        return self

    def kill(self) -> None:
        """As the out-of-memory killer does it."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def _end(self, sent: signal.Signals) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(sent)
            self.process.wait(timeout=30)

    def _announced(self) -> dict[str, Any]:
        """What the server says of itself once it listens."""
        assert self.process
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            path = self.runtime / f"jpserver-{self.process.pid}.json"
            if path.exists() and (text := path.read_text()):
                info: dict[str, Any] = json.loads(text)
                return info
            assert self.process.poll() is None, self.log.read_text()[-3000:]
            time.sleep(0.1)
        raise AssertionError(self.log.read_text()[-3000:])
