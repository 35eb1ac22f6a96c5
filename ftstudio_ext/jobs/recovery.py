"""What became of jobs whose supervisors are gone, and how lost ones go on by themselves.

Everything here happens under the queue lock. Standard library only.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ftstudio_ext.core.files import write_json_atomic

from . import checkpoints, engines, protocol
from .identity import same_kernel, same_process_table
from .launchers import Launcher

TRIES_WITHOUT_PROGRESS = 3
"""Automatic resumes in a row without a new whole checkpoint, after which a job stays lost."""

RESUMED = "Resumed by itself: its processes had vanished."

State = dict[str, Any]


def record_rules(workspace: Path, *, auto_resume: bool, local_slots: Iterable[str]) -> None:
    """Keep the operator's settings where supervisors find them: they run the queue too."""
    path = protocol.private_dir(workspace) / "queue.json"
    rules = {"auto_resume": auto_resume, "local_slots": sorted(local_slots)}
    if protocol.read_object(path) != rules:
        write_json_atomic(path, rules)


def auto_resume(workspace: Path) -> bool:
    """Whether lost jobs resume by themselves; they do unless an operator said no."""
    return _rules(workspace).get("auto_resume") is not False


def local_slots(workspace: Path) -> frozenset[str] | None:
    """The slots whose jobs a supervisor may start; all of them where nothing is recorded."""
    slots = _rules(workspace).get("local_slots")
    return frozenset(map(str, slots)) if isinstance(slots, list) else None


def _rules(workspace: Path) -> State:
    return protocol.read_object(workspace / ".run" / "queue.json") or {}


def settle(run_dir: Path, launcher: Launcher, *, resume: bool = False) -> bool:
    """Give one job that ended without a word its true state; whether its state changed.

    With `resume`, a lost job is queued again in the same write.
    """
    state = protocol.read_state(run_dir)
    number = int(state.get("attempt") or 0)
    attempt = protocol.read_object(protocol.attempt_file(run_dir, number))
    attempt = attempt or {"attempt": number, "token": ""}
    verdict = launcher.poll(run_dir, attempt)
    if verdict in ("alive", "unreachable"):
        return False
    if verdict == "requeued":
        return engines.settle_requeued(run_dir, number)
    if verdict == "orphaned":
        launcher.cancel(run_dir, attempt)
    # nothing of the attempt writes any more: what the file says now is its last word
    state = protocol.read_state(run_dir)
    if state["state"] not in protocol.ACTIVE:
        return False
    attempt = protocol.read_object(protocol.attempt_file(run_dir, number)) or attempt
    if attempt.get("outcome") in protocol.FINAL - {"lost"}:
        _take_up_verdict(run_dir, attempt)
    elif attempt.get("supervisor") is None:
        why = "Its start was interrupted."
        protocol.write_state(run_dir, state="queued", reason=why, engine=None)
    else:
        engine = protocol.read_object(protocol.engine_file(run_dir, number))
        orphaned = verdict == "orphaned"
        why = attempt.get("reason") or _why_lost(attempt, orphaned, engine)
        _vanished(run_dir, state, attempt, why, resume)
    return True


def declare_lost(run_dir: Path, number: int, message: str) -> None:
    """The processes are gone and nobody saw the end."""
    error = {
        "code": "lost",
        "message": message,
        "remedy": "Resume it to go on from its last whole checkpoint.",
    }
    finished = _note_lost(run_dir, number, message)
    protocol.write_state(run_dir, state="lost", reason=message, error=error, finished_at=finished)


def _vanished(run_dir: Path, state: State, attempt: State, why: str, resume: bool) -> None:
    """Lost, or queued once more: unless it was to stop anyway, or dies again and again."""
    number = int(attempt["attempt"])
    step, tries = tries_so_far(run_dir, state)
    if not resume:
        declare_lost(run_dir, number, why)
    elif was_to_stop(run_dir, number):
        declare_lost(run_dir, number, f"{why} It had been asked to stop, so it stays as it is.")
    elif tries >= TRIES_WITHOUT_PROGRESS:
        message = f"{why} It was resumed {tries} times in a row and came to no new checkpoint."
        declare_lost(run_dir, number, message)
    else:
        _note_lost(run_dir, number, why)
        protocol.write_state(
            run_dir,
            state="queued",
            reason=RESUMED,
            engine=None,
            automatic_resumes=tries + 1,
            automatic_resume_step=step,
        )


def tries_so_far(run_dir: Path, state: State) -> tuple[int, int]:
    """(step of the newest whole checkpoint, automatic resumes in a row without a newer one)."""
    step = checkpoints.newest_sealed_step(run_dir / "checkpoints") or 0
    newer = step > int(state.get("automatic_resume_step") or 0)
    return step, 0 if newer else int(state.get("automatic_resumes") or 0)


def was_to_stop(run_dir: Path, attempt: int) -> bool:
    """Whether people asked for a stop; a request of the system's names its signal."""
    for verb in (protocol.STOP, protocol.STOP_AND_SAVE):
        with contextlib.suppress(OSError):
            if protocol.control_file(run_dir, attempt, verb).stat().st_size == 0:
                return True
    return False


def _note_lost(run_dir: Path, number: int, why: str) -> str:
    """The attempt's own record of its end; returns when that was found."""
    finished = protocol.now_text()
    with contextlib.suppress(OSError):
        protocol.update_attempt(run_dir, number, outcome="lost", reason=why, finished_at=finished)
    return finished


def _take_up_verdict(run_dir: Path, attempt: State) -> None:
    """The supervisor had judged the attempt and was killed before it could say so."""
    protocol.write_state(
        run_dir,
        state=attempt["outcome"],
        reason=attempt.get("reason"),
        error=attempt.get("error"),
        finished_at=attempt.get("finished_at"),
    )


def _why_lost(attempt: State, orphaned: bool, engine: State | None = None) -> str:
    supervisor = attempt["supervisor"]
    if engine:
        return "It has left Slurm without a word: cancelled there, or its node has failed."
    if orphaned:
        return "Its supervisor was killed; the processes that were left of it have been ended."
    if not same_kernel(supervisor):
        return "The machine was restarted while it ran."
    if not same_process_table(supervisor):
        return "The container it ran in has ended."
    return "All its processes were killed at once."
