"""Jobs that wait in the queue of an engine (Slurm): what becomes of them before they begin.

From the moment an attempt is handed over, its supervisor on some node may begin at any time. It
begins under the attempt's lock, so whoever changes the state of a waiting job takes that lock
first, or has taken the attempt out of the engine's queue. Standard library only.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ftstudio_ext.core.files import write_json_atomic

from . import protocol
from .launchers import Launcher
from .locks import FileLock

State = dict[str, Any]


def read(run_dir: Path, attempt: int) -> State | None:
    """What is known of an attempt in an engine; None where it runs on this machine."""
    return protocol.read_object(protocol.engine_file(run_dir, attempt))


def note(run_dir: Path, attempt: int, **changes: Any) -> None:
    """Record what the engine says of an attempt; only the server does."""
    known = read(run_dir, attempt) or {}
    if any(known.get(name) != value for name, value in changes.items()):
        write_json_atomic(protocol.engine_file(run_dir, attempt), known | changes)


def waits_for(run_dir: Path, attempt: int) -> str | None:
    """Why the engine has not begun it yet, in words."""
    return (read(run_dir, attempt) or {}).get("waits_for")


def withdrawn(run_dir: Path, launcher: Launcher) -> bool:
    """Whether a waiting job will not begin by itself any more: it is taken out of the engine's
    queue where it waits in one. Call under the queue lock."""
    state = protocol.read_state(run_dir)
    return not state.get("engine") or launcher.withdraw(run_dir, int(state["attempt"]))


def hold(run_dir: Path, attempt: int, launcher: Launcher, wanted: bool) -> None:
    """Hold a job in the engine's queue, or release it. Raises Conflict when it has begun."""
    from ftstudio_ext.core.errors import Conflict

    if not launcher.hold(run_dir, attempt, wanted):
        raise Conflict(
            "The job has just started; only a waiting job can be held.",
            field="hold",
            remedy="Stop it instead; it can be resumed later.",
        )


def settle_waiting(run_dir: Path, launcher: Launcher) -> bool:
    """Find jobs that the engine no longer has though they never began; whether one changed.

    With an id they were cancelled there. Without one the server was killed while it handed the
    job over, and it is handed over again.
    """
    number = int(protocol.read_state(run_dir)["attempt"])
    attempt = protocol.read_object(protocol.attempt_file(run_dir, number))
    if launcher.poll(run_dir, attempt or {"attempt": number, "token": ""}) != "gone":
        return False
    with untouched(run_dir, number) as state:
        if state is None or state["state"] not in protocol.WAITING or not state.get("engine"):
            return False
        if read(run_dir, number) is None:
            protocol.write_state(run_dir, state="queued", engine=None, reason=None)
        else:
            reason = "It was cancelled in Slurm before it began."
            finished = protocol.now_text()
            protocol.write_state(run_dir, state="stopped", reason=reason, finished_at=finished)
    return True


def settle_requeued(run_dir: Path, number: int) -> bool:
    """The engine has taken a job back into its queue (its node failed): say that it waits."""
    with untouched(run_dir, number) as state:
        if state is None or state["state"] not in protocol.ACTIVE:
            return False
        why = "Slurm has taken it back into its queue; it goes on from its newest checkpoint."
        protocol.write_state(run_dir, state="queued", reason=why)
    return True


@contextmanager
def untouched(run_dir: Path, number: int) -> Iterator[State | None]:
    """The state, which no supervisor of this attempt changes meanwhile; None where one lives, or
    where the job has gone on to another attempt."""
    lock = FileLock(protocol.attempt_lock(run_dir, number))
    if not lock.try_acquire():
        yield None
        return
    try:
        state = protocol.read_state(run_dir)
        yield state if int(state.get("attempt") or 0) == number else None
    finally:
        lock.close()
