"""A small job of the tests: steps, reports, saves, stops, fails or dies as its spec says."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

from ftstudio_ext.core.errors import InvalidInput
from ftstudio_ext.jobs import checkpoints
from ftstudio_ext.jobs.worker import Stopped, WorkerRun, main


def save(run: WorkerRun, step: int) -> None:
    size = run.spec.spec.get("bytes", 0)
    run.check_room(size)
    folder = run.checkpoints_dir / f"checkpoint-{step}"
    folder.mkdir(exist_ok=True)
    (folder / "weights").write_text(str(step) + " " * size)
    checkpoints.seal(folder)
    run.emit(kind="checkpoint", step=step, path=str(folder))


def step_once(run: WorkerRun, step: int, wanted: dict) -> None:
    run.emit(kind="metric", step=step, values={"loss": 1 / step})
    run.progress(step=step, loss=1 / step)
    if step % wanted.get("save_every", 10**9) == 0:
        save(run, step)
    verb = run.control()
    if verb == "stop_and_save" and not wanted.get("deaf"):
        save(run, step)
        raise Stopped
    time.sleep(wanted.get("seconds", 0.02))


def fail(wanted: dict) -> None:
    how = wanted.get("fail")
    if how == "studio":
        raise InvalidInput("The row is odd.", field="row", remedy="Mend the row.")
    if how == "disk":
        with open("/dev/full", "w") as file:  # noqa: PTH123
            file.write("x")
    if how == "signal":
        os.kill(os.getpid(), signal.SIGSEGV)
    if how == "import":
        import a_package_that_nobody_has  # noqa: F401
    if how == "exit":
        sys.exit(3)
    if how:
        raise RuntimeError(how)


def work(run: WorkerRun) -> None:
    wanted = run.spec.spec
    if wanted.get("deaf"):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if wanted.get("child"):
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        (run.result_dir / "child").write_text(str(child.pid))
    good = checkpoints.newest_good(run.checkpoints_dir)
    first = checkpoints.step_of(good) if good else 0
    if run.attempt > 1:
        run.emit(kind="resumed", from_step=first)
        run.record(resumed_from_step=first)
    total = wanted.get("steps", 3)
    run.phase("training")
    run.progress(total_steps=total)
    for step in range(first + 1, total + 1):
        step_once(run, step, wanted)
    fail(wanted)
    (run.result_dir / "environment").write_text(
        "\n".join(f"{name}={value}" for name, value in sorted(os.environ.items()))
    )


if __name__ == "__main__":
    main(work)
