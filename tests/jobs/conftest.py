from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ftstudio_ext.jobs import identity, protocol
from ftstudio_ext.jobs.service import JobService
from ftstudio_ext.schema.jobs import JobSpec, Resources

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = Path(__file__).parent / "programs"
PYTHONPATH = f"{ROOT}{os.pathsep}{PROGRAMS}"


def make_spec(name: str = "job", request_id: str | None = None, **wanted: Any) -> JobSpec:
    """A job that runs `programs/stepper.py` (or `module`) with the given settings."""
    return JobSpec(
        id="",
        type=wanted.pop("type", "train"),
        name=name,
        request_id=request_id or name,
        slot=wanted.pop("slot", "heavy"),
        module=wanted.pop("module", "stepper"),
        python=wanted.pop("python", sys.executable),
        pythonpath=wanted.pop("pythonpath", PYTHONPATH),
        env=wanted.pop("env", {}),
        resources=wanted.pop("resources", Resources()),
        spec=wanted,
    )


def wait_until(done: Callable[[], Any], seconds: float = 20.0) -> Any:
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        if found := done():
            return found
        time.sleep(0.02)
    raise AssertionError(f"not so after {seconds} s")


def wait_for(service: JobService, id: str, *states: str) -> Any:
    """The job once it is in one of the states; final states by default."""
    wanted = states or tuple(protocol.FINAL)
    try:
        wait_until(lambda: service.get(id).state in wanted)
    except AssertionError:
        job = service.get(id)
        raise AssertionError(f"{job.state}: {job.reason}\n{service.log(id).text}") from None
    return service.get(id)


def wait_for_steps(service: JobService, id: str, steps: int = 1) -> None:
    """Until the job's current attempt has made some steps."""

    def made() -> bool:
        number = service.get(id).attempt
        events = service.events(id).events
        return sum(e.kind == "metric" and e.attempt == number for e in events) >= steps

    wait_until(made)


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


def forge_running(service: JobService, name: str, steps: int = 1, **place: str) -> str:
    """A job that says it runs in some other place; nothing of it lives here."""
    job = service.submit(make_spec(name, steps=steps), hold=True)
    supervisor = {**identity.place(), "pid": 1, "start_ticks": 1, **place}
    run_dir = Path(job.run_dir)
    (run_dir / "user.json").write_text(json.dumps({"name": name}))
    protocol.update_attempt(run_dir, 1, token="none", supervisor=supervisor)
    protocol.write_state(
        run_dir, state="running", attempt=1, reason=None, started_at=protocol.now_text()
    )
    return job.id


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Path]:
    """A workspace of which no process outlives the test."""
    folder = tmp_path / "ftstudio"
    folder.mkdir()
    yield folder
    for run_dir in protocol.run_dirs(folder):
        if protocol.read_state(run_dir)["state"] not in protocol.FINAL:
            protocol.write_state(run_dir, state="stopped")
    for run_dir in protocol.run_dirs(folder):
        for path in (run_dir / "attempts").glob("*.json"):
            token = (protocol.read_object(path) or {}).get("token")
            if token:
                identity.end_processes(token, grace_s=0)


@pytest.fixture
def service(workspace: Path) -> JobService:
    return JobService(workspace)


@pytest.fixture
def patient(workspace: Path) -> JobService:
    """A service that leaves lost jobs as they are."""
    return JobService(workspace, auto_resume=False)
