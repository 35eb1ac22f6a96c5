"""What must be true after each event, whatever was killed. Each rule returns what breaks it."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from ftstudio_ext.core.curve import curve
from ftstudio_ext.jobs import checkpoints, identity, protocol
from ftstudio_ext.jobs.rundir import RunDir

from .chaos_world import World
from .conftest import PROGRAMS

sys.path.insert(0, str(PROGRAMS))
from chaos_worker import state_after

GRACE_S = 20.0
"""How long reconciling may take on a busy machine; a state is wrong when it stays so."""


def check(world: World) -> None:
    """Raise AssertionError unless all rules hold, those about processes within the grace."""
    broken = missing(world) + torn_files(world) + wrong_checkpoints(world) + overlapping(world)
    assert not broken, broken
    limit = time.monotonic() + GRACE_S
    while broken := wrong_states(world) + orphans(world) if world.served else []:
        assert time.monotonic() < limit, broken
        time.sleep(0.05)


def missing(world: World) -> list[str]:
    """No acknowledged job is missing."""
    states = world.states()
    return [
        f"{job} ({asked.name}) is missing"
        for job, asked in world.acknowledged.items()
        if job not in states
    ]


def wrong_states(world: World) -> list[str]:
    """An active job has a living supervisor; any other has no process at all."""
    broken = []
    job_of, processes = world.tokens(), world.processes()
    busy = {job_of.get(process.token) for process in processes}
    supervised = {process.token for process in processes if process.kind == "supervisor"}
    for job, state in world.states().items():
        attempt = world.attempt(job, int(state["attempt"]))
        if state["state"] in protocol.ACTIVE:
            if attempt.get("token") not in supervised:
                broken.append(f"{job} is {state['state']}, but its supervisor is gone")
        elif job in busy:
            broken.append(f"{job} is {state['state']}, but has living processes")
    return broken


def orphans(world: World) -> list[str]:
    """Every process belongs to the current attempt of an active job."""
    states, current = world.states(), set()
    for job, state in states.items():
        if state["state"] in protocol.ACTIVE:
            current.add(world.attempt(job, int(state["attempt"])).get("token"))
    return [
        f"{process} is an orphan" for process in world.processes() if process.token not in current
    ]


def overlapping(world: World) -> list[str]:
    """The one heavy slot never holds two workers at a time."""
    workers = [process for process in world.processes() if process.kind == "worker"]
    alive = [one for one in workers if identity.start_ticks(one.pid) == one.ticks]
    tokens = {one.token for one in alive}
    return [f"two attempts work at once: {alive}"] if len(tokens) > 1 else []


def torn_files(world: World) -> list[str]:
    """JSON files are whole, and so are all lines of events but those that were torn on purpose."""
    broken = []
    for run_dir in protocol.run_dirs(world.workspace):
        for path in (*run_dir.glob("*.json"), *(run_dir / "attempts").glob("*.json")):
            if not _is_json(path):
                broken.append(f"{path} is not whole")
        try:
            lines = (run_dir / "events.jsonl").read_bytes().split(b"\n")[:-1]
        except OSError:
            continue
        bad = sum(1 for line in lines if line and not _parses(line))
        if bad > world.torn[run_dir.name]:
            broken.append(f"{run_dir.name}: {bad} torn events, {world.torn[run_dir.name]} expected")
    return broken


def _is_json(path: Path) -> bool:
    try:
        return _parses(path.read_bytes())
    except FileNotFoundError:
        return True


def _parses(data: bytes) -> bool:
    try:
        json.loads(data)
    except ValueError:
        return False
    return True


def wrong_checkpoints(world: World) -> list[str]:
    """Whatever counts as good holds exactly what its step made."""
    broken = []
    for job in world.states():
        spec = protocol.read_object(world.run_dir(job) / "spec.json") or {}
        for path in (world.run_dir(job) / "checkpoints").glob("checkpoint-*"):
            if not checkpoints.verify(path):
                continue
            try:
                value = (path / "state").read_text()
            except FileNotFoundError:
                continue  # the worker has just removed it, as an old one
            if value != state_after(spec["name"], checkpoints.step_of(path) or 0):
                broken.append(f"{path} counts as good and is not")
    return broken


def wrong_results(world: World) -> list[str]:
    """A job that succeeded has the result, and the curve, of an uninterrupted one."""
    broken = []
    for job, asked in world.acknowledged.items():
        run = RunDir(world.run_dir(job))
        if run.state().state != "succeeded":
            broken.append(f"{job} ended as {run.state().state}: {run.state().reason}")
            continue
        if (run.result_dir / "final").read_text() != state_after(asked.name, asked.steps):
            broken.append(f"{job} has a wrong result")
        points = [event.step for event in curve(_events(run)) if event.kind == "metric"]
        if points != list(range(1, asked.steps + 1)) and not asked.hurt:
            broken.append(f"{job} has a broken curve: {points}")
    return broken


def _events(run: RunDir) -> list:
    events, position, more = [], 0, True
    while more:
        page = run.events(position, limit=50)
        events, position, more = events + page.events, page.position, page.more
    return events
