"""The queue: which job starts next, and what became of those whose supervisors are gone.

Durable and without a daemon: it is the states of the run directories, under one lock. Servers
run a step when something changes, supervisors when their job ends, so queued jobs go on starting
while no server is alive. Standard library only.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
import time
from pathlib import Path
from typing import Any

from . import engines, environment, protocol, recovery
from .launchers import Launch, Launcher, LaunchFailed, LaunchPostponed
from .locks import FileLock
from .outcome import disk_full

SLOTS = {"heavy": 1, "light": 1}
LOCK_TIMEOUT_S = 60.0
STALE_STAGING_S = 3600.0

State = dict[str, Any]


def queue_lock(workspace: Path, timeout_s: float = LOCK_TIMEOUT_S) -> FileLock:
    """The lock under which waiting jobs change: launch, hold, stop, resume, delete."""
    return FileLock(protocol.private_dir(workspace) / "queue.lock", timeout_s)


def step(workspace: Path, launcher: Launcher, timeout_s: float = LOCK_TIMEOUT_S) -> list[str]:
    """Reconcile, then start whatever has a free slot; returns the ids of the jobs started."""
    with queue_lock(workspace, timeout_s):
        reconcile(workspace, launcher)
        return start_waiting(workspace, launcher)


def reconcile(workspace: Path, launcher: Launcher) -> list[str]:
    """Give jobs that ended without a word their true state. Call under the queue lock.

    Lost ones are queued again where the operator has not forbidden it. Returns the ids whose
    state changed; a job that cannot be written now is left for the next step.
    """
    _sweep(workspace)
    resume = recovery.auto_resume(workspace)
    changed = []
    for run_dir, state in _states(workspace):
        if state["state"] in protocol.ACTIVE:
            with contextlib.suppress(OSError):
                if recovery.settle(run_dir, launcher, resume=resume):
                    changed.append(run_dir.name)
        elif state["state"] in protocol.WAITING and state.get("engine"):
            with contextlib.suppress(OSError):
                if engines.settle_waiting(run_dir, launcher):
                    changed.append(run_dir.name)
    return changed


def waiting(workspace: Path) -> list[tuple[Path, State]]:
    """Queued jobs in the order in which they start: priority, then first in, first out."""
    return _in_order(_states(workspace))


def _in_order(states: list[tuple[Path, State]]) -> list[tuple[Path, State]]:
    found = []
    for run_dir, state in states:
        if state["state"] == "queued" and not state.get("engine"):
            user = protocol.read_object(run_dir / "user.json") or {}
            if not user.get("hold"):
                key = (-int(user.get("priority") or 0), _queued_at(state), run_dir.name)
                found.append((key, run_dir, state))
    return [(run_dir, state) for _, run_dir, state in sorted(found, key=lambda item: item[0])]


def slot_of(run_dir: Path) -> str:
    spec = protocol.read_object(run_dir / "spec.json") or {}
    slot = spec.get("slot", "heavy")
    return slot if slot in SLOTS else "heavy"


def _queued_at(state: State) -> str:
    return str(state.get("queued_at") or state.get("created_at") or "")


def start_waiting(workspace: Path, launcher: Launcher) -> list[str]:
    """Fill the free slots; call under the queue lock. Returns the ids of the jobs started."""
    free = SLOTS.copy()
    states = _states(workspace)
    for run_dir, state in states:
        if state["state"] in protocol.ACTIVE and not _elsewhere(run_dir, state, launcher):
            free[slot_of(run_dir)] -= 1
    started = []
    for run_dir, state in _in_order(states):
        slot = slot_of(run_dir)
        local = slot in launcher.local_slots
        if not (free[slot] > 0 if local else launcher.engine):
            continue
        if _launch(workspace, run_dir, state, launcher):
            free[slot] -= 1
            started.append(run_dir.name)
    return started


def _elsewhere(run_dir: Path, state: State, launcher: Launcher) -> bool:
    """A job on another machine, or in an engine, takes none of our slots."""
    if state.get("engine"):
        return True
    attempt = protocol.read_object(protocol.attempt_file(run_dir, int(state["attempt"])))
    return attempt is not None and launcher.poll(run_dir, attempt) == "unreachable"


def _launch(workspace: Path, run_dir: Path, state: State, launcher: Launcher) -> bool:
    """Start the next attempt of a queued job; a job that cannot start fails with the reason."""
    try:
        _end_earlier(run_dir, int(state["attempt"]), launcher)
        _launch_attempt(workspace, run_dir, int(state["attempt"]) + 1, launcher)
    except LaunchFailed as failure:
        _fail(run_dir, failure.error)
    except LaunchPostponed as later:
        protocol.write_state(run_dir, state="queued", reason=str(later), engine=None)
    except OSError as error:
        _fail(run_dir, _os_error(run_dir, error))
    else:
        return True
    return False


def _end_earlier(run_dir: Path, attempt: int, launcher: Launcher) -> None:
    """Nothing of an earlier attempt may write into the run directory of a new one."""
    record = protocol.read_object(protocol.attempt_file(run_dir, attempt))
    if record and not launcher.cancel(run_dir, record):
        raise LaunchFailed(
            "Processes of its last attempt are still there and cannot be ended.",
            "They are stuck in the system; restart the machine, then resume.",
        )


def _launch_attempt(workspace: Path, run_dir: Path, number: int, launcher: Launcher) -> None:
    spec = protocol.read_object(run_dir / "spec.json")
    if spec is None:
        raise LaunchFailed("Its spec.json cannot be read.", "Duplicate a job that can be read.")
    _check_code(spec)
    token = secrets.token_hex(16)
    lock = FileLock(protocol.attempt_lock(run_dir, number))
    if not lock.try_acquire():
        raise LaunchFailed("Its attempt is locked by another process.", "Resume it later.")
    try:
        started = protocol.now_text()
        protocol.update_attempt(
            run_dir, number, token=token, python=spec["python"], started_at=started
        )
        engine = None if slot_of(run_dir) in launcher.local_slots else launcher.engine
        protocol.write_state(
            run_dir,
            state="queued" if engine else "starting",
            engine=engine,
            attempt=number,
            error=None,
            started_at=None if engine else started,
            finished_at=None,
        )
        env = environment.job_environment(workspace, spec, token)
        launcher.submit(Launch(workspace, run_dir, number, token, spec, env, lock))
    finally:
        lock.close()


def _check_code(spec: State) -> None:
    folders = str(spec.get("pythonpath", "")).split(":")
    if not any((Path(folder) / "ftstudio_ext" / "jobs").is_dir() for folder in folders if folder):
        raise LaunchFailed(
            "The copy of the package that it was to run from is gone.",
            "Duplicate the job: a new one runs from the installed version.",
        )


def _fail(run_dir: Path, error: dict[str, str]) -> None:
    finished = protocol.now_text()
    with contextlib.suppress(OSError):  # left as it is, the next step tries again
        protocol.write_state(
            run_dir, state="failed", reason=error["message"], error=error, finished_at=finished
        )


def _os_error(run_dir: Path, error: OSError) -> dict[str, str]:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return disk_full(run_dir)
    return {
        "code": "launch_failed",
        "message": f"It could not be started: {error.strerror or error} ({error.filename}).",
        "remedy": "Check the rights of the workspace folder, then resume.",
    }


_cache: dict[Path, tuple[tuple[int, int], State]] = {}


def _states(workspace: Path) -> list[tuple[Path, State]]:
    """All jobs with their states; a state file is parsed again only when it was replaced."""
    found = []
    for run_dir in protocol.run_dirs(workspace):
        try:
            facts = os.stat(f"{run_dir}/state.json")  # noqa: PTH116 - thousands of them
        except OSError:
            continue
        mark = (facts.st_ino, facts.st_mtime_ns)
        known = _cache.get(run_dir)
        if known is None or known[0] != mark:
            known = (mark, protocol.read_state(run_dir))
            _cache[run_dir] = known
        found.append((run_dir, known[1]))
    return found


def _sweep(workspace: Path) -> None:
    """Remove what a killed submission or deletion has left."""
    limit = time.time() - STALE_STAGING_S
    with contextlib.suppress(OSError):
        for path in protocol.jobs_dir(workspace).glob(".*-*"):
            trash = path.name.startswith(".trash-")
            if trash or (path.name.startswith(".staging-") and path.stat().st_mtime < limit):
                shutil.rmtree(path, ignore_errors=True)
