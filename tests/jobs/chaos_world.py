"""What the chaos test acts on: servers and jobs as real processes, and a look at all of them."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import select
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from ftstudio_ext.jobs import identity, protocol
from ftstudio_ext.schema.jobs import JobSpec, Resources
from tests.notebook.server import JupyterServer

from .conftest import PYTHONPATH

MARK = "CHAOS_RUN"
ANSWER_S = 30.0


class Server:
    """A stand-in for a Jupyter server: `programs/server.py`, spoken to by lines of JSON."""

    def __init__(self, workspace: Path, environ: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "server", str(workspace), "0.1"],
            env=environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._buffer = b""
        self._read(ANSWER_S)

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def send(self, **request: Any) -> None:
        assert self.process.stdin is not None
        with contextlib.suppress(OSError):
            self.process.stdin.write(json.dumps(request).encode() + b"\n")
            self.process.stdin.flush()

    def answer(self, seconds: float = ANSWER_S) -> dict[str, Any]:
        """{} from a server that has been killed."""
        line = self._read(seconds)
        return dict(json.loads(line)) if line else {}

    def ask(self, **request: Any) -> dict[str, Any]:
        self.send(**request)
        return self.answer()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            if stream:
                with contextlib.suppress(OSError):
                    stream.close()

    def _read(self, seconds: float) -> bytes:
        assert self.process.stdout is not None
        limit = time.monotonic() + seconds
        while b"\n" not in self._buffer:
            ready, _, _ = select.select([self.process.stdout], [], [], 0.5)
            piece = os.read(self.process.stdout.fileno(), 65536) if ready else None
            if piece == b"":
                return b""
            self._buffer += piece or b""
            if time.monotonic() > limit:
                raise AssertionError(f"a server did not answer within {seconds} s")
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line


@dataclass(frozen=True)
class Process:
    """A process of some attempt."""

    pid: int
    ticks: int
    token: str
    kind: str  # supervisor, worker, child


class Jupyter:
    """A real Jupyter server on the same workspace, spoken to over HTTP."""

    def __init__(self, folder: Path) -> None:
        self._server = JupyterServer(folder)
        self.root = self._server.root

    @property
    def alive(self) -> bool:
        process = self._server.process
        return process is not None and process.poll() is None

    def start(self) -> None:
        self._server.start()

    def kill(self) -> None:
        self._server.kill()

    def ask(self, verb: str, path: str, body: Any = None) -> dict[str, Any]:
        """The JSON of the answer; an error must be one in words."""
        answer = httpx.request(
            verb,
            f"{self._server.url}ftstudio/api/{path}",
            headers={"Authorization": f"token {self._server.token}"},
            json=body,
            timeout=60,
        )
        found = dict(answer.json()) if answer.content else {}
        assert answer.status_code < 500 or answer.status_code == 503, answer.text
        assert answer.is_success or found["error"]["message"], answer.text
        return found


@dataclass
class Asked:
    """A job that a server has acknowledged."""

    name: str
    steps: int
    hurt: bool = False  # its disk was full or read-only: events may be missing


@dataclass
class World:
    """One workspace, the servers on it, and what has been done to it."""

    workspace: Path
    servers: list[Server] = field(default_factory=list)
    acknowledged: dict[str, Asked] = field(default_factory=dict)
    deleting: set[str] = field(default_factory=set)
    torn: Counter[str] = field(default_factory=Counter)
    clock_s: float = 0
    jupyter: Jupyter | None = None
    mark: str = field(default_factory=lambda: secrets.token_hex(8))

    def start_server(self) -> Server:
        environ = {
            **os.environ,
            "PYTHONPATH": PYTHONPATH,
            "PYTHONDONTWRITEBYTECODE": "1",
            MARK: self.mark,
            "CHAOS_CLOCK_S": str(self.clock_s) if self.clock_s else "",
        }
        server = Server(self.workspace, environ)
        self.servers.append(server)
        return server

    @property
    def served(self) -> bool:
        """Whether some server looks after the jobs."""
        return bool(self.servers) or (self.jupyter is not None and self.jupyter.alive)

    def kill_servers(self) -> None:
        if self.jupyter and self.jupyter.alive:
            self.jupyter.kill()
        for server in self.servers:
            server.kill()
        self.servers.clear()

    def spec(self, name: str, steps: int) -> JobSpec:
        return JobSpec(
            id="",
            type="train",
            name=name,
            request_id=name,
            module="chaos_worker",
            python=sys.executable,
            pythonpath=PYTHONPATH,
            resources=Resources(),
            spec={"name": name, "steps": steps, "save_every": 5, "seconds": 0.02},
        )

    def states(self) -> dict[str, dict[str, Any]]:
        """Every job's state file."""
        found = {}
        for run_dir in protocol.run_dirs(self.workspace):
            if (state := protocol.read_object(run_dir / "state.json")) is not None:
                found[run_dir.name] = state
        return found

    def attempt(self, job: str, number: int) -> dict[str, Any]:
        path = protocol.attempt_file(self.run_dir(job), number)
        return protocol.read_object(path) or {}

    def run_dir(self, job: str) -> Path:
        return protocol.jobs_dir(self.workspace) / job

    def tokens(self) -> dict[str, str]:
        """Attempt token → job, of all attempts."""
        found = {}
        for run_dir in protocol.run_dirs(self.workspace):
            for path in (run_dir / "attempts").glob("*.json"):
                if path.stem.isdecimal() and (record := protocol.read_object(path)):
                    found[str(record.get("token"))] = run_dir.name
        return found

    def processes(self) -> list[Process]:
        """All living processes of attempts in this workspace."""
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdecimal() and (process := self._look_at(int(entry.name))):
                found.append(process)
        return found

    def _look_at(self, pid: int) -> Process | None:
        folder = Path("/proc") / str(pid)
        try:
            environ = dict(
                item.split("=", 1)
                for item in (folder / "environ").read_text(errors="replace").split("\0")
                if "=" in item
            )
            command = (folder / "cmdline").read_text(errors="replace")
        except OSError:
            return None
        ticks = identity.start_ticks(pid)
        token = environ.get(protocol.TOKEN_VARIABLE)
        if environ.get(MARK) != self.mark or not token or ticks is None:
            return None
        kind = "child"
        if "ftstudio_ext.jobs.supervisor" in command:
            kind = "supervisor"
        elif "chaos_worker" in command:
            kind = "worker"
        return Process(pid, ticks, token, kind)

    def kill(self, processes: list[Process]) -> None:
        """kill -9, to exactly these."""
        for process in processes:
            if identity.start_ticks(process.pid) == process.ticks:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process.pid, signal.SIGKILL)

    def kill_jobs(self) -> None:
        """Every process of every attempt, until none is left."""
        while left := self.processes():
            self.kill(left)
            time.sleep(0.01)
