"""The promise of the whole product: kill every process of it in the middle of a training run,
start only the server again, and the run finishes by itself."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ftstudio_ext.jobs.protocol import FINAL
from tests.notebook.server import JupyterServer

from .conftest import write_colours
from .test_jobs import request
from .test_server_kill import Client, losses, prepare, wait_until

STEPS = 120


@pytest.fixture
def server(tmp_path: Path, tiny_model: Path) -> Iterator[JupyterServer]:
    server = JupyterServer(tmp_path)
    write_colours(server.root / "colours.jsonl")
    shutil.copytree(tiny_model, server.root / "tiny")
    yield server.start()
    kill_all(server)


def processes(server: JupyterServer) -> Iterator[int]:
    """The server, and whatever was started by it: they share a home that nobody else has."""
    wanted = f"HOME={server.home}".encode()
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if wanted in (folder / "environ").read_bytes().split(b"\0"):
                yield int(folder.name)


def kill_all(server: JupyterServer) -> int:
    """kill -9 until nothing is left; how many there were."""
    killed = set()
    while left := list(processes(server)):
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        killed.update(left)
        time.sleep(0.02)
    return len(killed)


@pytest.mark.train
def test_a_run_finishes_after_all_was_killed_and_a_server_started(
    server: JupyterServer,
) -> None:
    call = Client(server)
    prepare(call)
    wanted = {"max_steps": STEPS, "epochs": STEPS, "checkpoints": {"every_steps": 10}}
    job = call("POST", "jobs", request(hold=False, **wanted))["id"]
    wait_until(lambda: call("GET", f"jobs/{job}")["last_checkpoint_step"])
    assert call("GET", f"jobs/{job}")["state"] == "running"
    assert kill_all(server) >= 3, "at least the server, a supervisor and a worker"
    assert server.process and server.process.wait(10) == -signal.SIGKILL

    server.start()
    wait_until(lambda: call("GET", f"jobs/{job}")["state"] in FINAL)
    done = call("GET", f"jobs/{job}")
    assert done["state"] == "succeeded", done["error"]
    first, second = done["attempts"]
    assert first["outcome"] == "lost" and second["resumed_from_step"] >= 10
    assert set(losses(call, job)) == set(range(1, STEPS + 1))
    assert call("GET", "adapters")["items"][0]["job_id"] == job
