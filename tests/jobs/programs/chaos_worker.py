"""A worker whose every step depends on all steps before it, so that a wrong resume shows.

Its state after step n is a hash over the job's name and 1 … n. Checkpoints are written in place
and slowly, as trainers write them; a child process lives beside it, as data loaders do.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import time
from pathlib import Path

from ftstudio_ext.core.errors import StudioError
from ftstudio_ext.core.files import write_bytes_atomic
from ftstudio_ext.jobs import checkpoints
from ftstudio_ext.jobs.worker import Stopped, WorkerRun, main


def state_after(name: str, steps: int) -> str:
    """The one right state."""
    value = name
    for step in range(1, steps + 1):
        value = advance(value, step)
    return value


def advance(value: str, step: int) -> str:
    return hashlib.sha256(f"{value} {step}".encode()).hexdigest()


def save(run: WorkerRun, step: int, value: str) -> None:
    run.check_room(40_000)
    folder = run.checkpoints_dir / f"checkpoint-{step}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    with (folder / "optimizer").open("wb", buffering=0) as file:
        for _ in range(4):
            file.write(value.encode() * 100)
            time.sleep(0.01)
    with (folder / "state").open("w", buffering=1) as text:
        text.write(value[:20])
        text.flush()
        time.sleep(0.01)
        text.write(value[20:])
    checkpoints.seal(folder)
    run.emit(kind="checkpoint", step=step, path=str(folder))
    kept = sorted(run.checkpoints_dir.glob("checkpoint-*"), key=checkpoints.step_of)
    for old in kept[:-2]:
        shutil.rmtree(old, ignore_errors=True)


def begin(run: WorkerRun) -> tuple[int, str]:
    """Step and state to go on from; refuses a checkpoint that holds anything else."""
    name = run.spec.spec["name"]
    good = checkpoints.newest_good(run.checkpoints_dir)
    step = checkpoints.step_of(good) or 0 if good else 0
    value = (good / "state").read_text() if good else name
    if value != state_after(name, step):
        raise StudioError(f"{good} is not what step {step} made.", code="wrong_checkpoint")
    for path in run.checkpoints_dir.glob("checkpoint-*"):
        if (checkpoints.step_of(path) or 0) > step:
            shutil.rmtree(path, ignore_errors=True)
    if run.attempt > 1:
        run.emit(kind="resumed", from_step=step)
        run.record(resumed_from_step=step)
    return step, value


def work(run: WorkerRun) -> None:
    wanted = run.spec.spec
    child = subprocess.Popen(["sleep", "600"])
    first, value = begin(run)
    run.phase("training")
    run.progress(total_steps=wanted["steps"])
    for step in range(first + 1, wanted["steps"] + 1):
        time.sleep(wanted["seconds"])
        value = advance(value, step)
        run.emit(kind="metric", step=step, values={"loss": 1 / step})
        run.progress(step=step, loss=1 / step)
        asked = run.control()
        if step % wanted["save_every"] == 0 or asked == "stop_and_save":
            save(run, step, value)
        if asked == "stop_and_save":
            child.kill()
            raise Stopped
    child.kill()
    write_bytes_atomic(Path(run.result_dir) / "final", value.encode())


if __name__ == "__main__":
    main(work)
