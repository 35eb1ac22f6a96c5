"""A run does not depend on the server: killed in the middle and started again, the server shows
the same run going on, with its whole chart."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.notebook.server import JupyterServer

from .conftest import write_colours
from .test_jobs import request

STEPS = 80


class Client:
    """The API of whichever server runs now; each start has another port and token."""

    def __init__(self, server: JupyterServer) -> None:
        self._server = server

    def __call__(self, verb: str, path: str, body: Any = None) -> Any:
        answer = httpx.request(
            verb,
            f"{self._server.url}ftstudio/api/{path}",
            headers={"Authorization": f"token {self._server.token}"},
            json=body,
            timeout=60,
        )
        assert answer.status_code < 300, answer.text
        return answer.json()


@pytest.fixture
def server(tmp_path, tiny_model):
    server = JupyterServer(tmp_path)
    write_colours(server.root / "colours.jsonl")
    shutil.copytree(tiny_model, server.root / "tiny")
    yield server.start()
    server.stop()


def prepare(call: Client) -> None:
    call("POST", "datasets", {"source": {"source": "file", "path": "colours.jsonl"}})
    call("POST", "models", {"source": {"source": "directory", "path": "tiny"}})
    templates = {"prompt_template": "Q: {question}\n", "completion_template": "{answer}"}
    call("POST", "prompts", {"name": "say it", "dataset": "colours", **templates})


def losses(call: Client, job_id: str) -> list[int]:
    events = call("GET", f"jobs/{job_id}/events")["events"]
    return [e["step"] for e in events if e["kind"] == "metric" and "loss" in e["values"]]


def wait_until(holds: Any, limit_s: float = 120) -> None:
    deadline = time.monotonic() + limit_s
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.mark.train
def test_a_run_goes_on_when_the_server_is_killed(server: JupyterServer, tmp_path: Path) -> None:
    call = Client(server)
    prepare(call)
    job = call("POST", "jobs", request(hold=False, max_steps=STEPS, epochs=STEPS))["id"]
    wait_until(lambda: len(losses(call, job)) >= 3)

    server.kill()
    server.start()
    found = call("GET", f"jobs/{job}")
    assert (found["state"], found["attempt"]) == ("running", 1), found["reason"]
    before = len(losses(call, job))
    wait_until(lambda: len(losses(call, job)) > before)

    wait_until(lambda: call("GET", f"jobs/{job}")["state"] not in ("running", "stopping"))
    assert call("GET", f"jobs/{job}")["state"] == "succeeded"
    assert losses(call, job) == list(range(1, STEPS + 1)), "no point of the chart is missing"
    assert call("GET", "adapters")["items"][0]["job_id"] == job
