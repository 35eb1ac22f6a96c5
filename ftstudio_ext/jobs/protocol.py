"""The run directory in plain words: where each file lies, and how the shared ones are written.

Standard library only, because the supervisor and the scheduling step must work in any
interpreter. `rundir.RunDir` is the same directory seen through pydantic models.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ftstudio_ext.core.files import read_json, write_json_atomic

FINAL = frozenset({"succeeded", "failed", "stopped", "lost"})
ACTIVE = frozenset({"starting", "running", "stopping"})
WAITING = frozenset({"queued", "held"})

EXIT_STOPPED = 10
"""A worker ends with this code when it has saved and stopped on request."""

STOP, STOP_AND_SAVE, CHECKPOINT_NOW = "stop", "stop_and_save", "checkpoint_now"

TOKEN_VARIABLE = "FTSTUDIO_ATTEMPT_TOKEN"
"""Every process of an attempt carries the attempt's token under this name."""

RESERVE = ".reserve"
RESERVE_BYTES = 64 * 1024
JOB_ID = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]{0,95}$")


def jobs_dir(workspace: Path) -> Path:
    return workspace / "jobs"


def private_dir(workspace: Path) -> Path:
    """`.run`: locks, worker copies; made on first use, for its owner only."""
    path = workspace / ".run"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def attempt_file(run_dir: Path, attempt: int) -> Path:
    return run_dir / "attempts" / f"{attempt}.json"


def attempt_lock(run_dir: Path, attempt: int) -> Path:
    return run_dir / "attempts" / f"{attempt}.lock"


def error_file(run_dir: Path, attempt: int) -> Path:
    return run_dir / "attempts" / f"{attempt}.error.json"


def worker_record_file(run_dir: Path, attempt: int) -> Path:
    """What the worker says about its attempt; the supervisor owns `<n>.json` itself."""
    return run_dir / "attempts" / f"{attempt}.worker.json"


def engine_file(run_dir: Path, attempt: int) -> Path:
    """What the server knows of an attempt that an engine with a queue of its own runs: which
    engine, its id there, and why it waits. Nobody but the server writes it."""
    return run_dir / "attempts" / f"{attempt}.engine.json"


def control_file(run_dir: Path, attempt: int, verb: str) -> Path:
    return run_dir / "control" / f"{attempt}.{verb}"


def now_text() -> str:
    return datetime.now(UTC).isoformat()


def run_dirs(workspace: Path) -> Iterator[Path]:
    """The run directories of a workspace; staging folders start with a dot and do not count."""
    yield from map(Path, run_paths(workspace))


def run_paths(workspace: Path) -> Iterator[str]:
    """As `run_dirs`, for those who look at thousands of them several times a second."""
    with contextlib.suppress(FileNotFoundError), os.scandir(jobs_dir(workspace)) as entries:
        for entry in entries:
            if not entry.name.startswith(".") and entry.is_dir(follow_symlinks=False):
                yield entry.path


def read_object(path: Path) -> dict[str, Any] | None:
    """A JSON object, or None when the file is missing or is none."""
    try:
        value = read_json(path)
    except (OSError, ValueError):
        return None
    return value if isinstance(value, dict) else None


def read_state(run_dir: Path) -> dict[str, Any]:
    """`state.json`; an unreadable one is a lost job, said as such."""
    state = read_object(run_dir / "state.json")
    if state is None or "state" not in state:
        return {"state": "lost", "reason": "Its state file cannot be read.", "attempt": 0}
    return state


def write_state(run_dir: Path, **changes: Any) -> dict[str, Any]:
    """Change fields of `state.json`, freeing the reserve file when the disk is full."""
    state = read_state(run_dir) | changes | {"updated_at": now_text()}
    write_with_reserve(run_dir, run_dir / "state.json", state)
    return state


def update_attempt(run_dir: Path, attempt: int, **changes: Any) -> dict[str, Any]:
    """Change fields of `attempts/<n>.json`."""
    path = attempt_file(run_dir, attempt)
    record = (read_object(path) or {"attempt": attempt, "token": ""}) | changes
    write_with_reserve(run_dir, path, record)
    return record


def write_with_reserve(run_dir: Path, path: Path, value: Any) -> None:
    """Write a small file that must not fail: on a full disk the reserve makes room for it."""
    try:
        write_json_atomic(path, value)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        with contextlib.suppress(OSError):
            (run_dir / RESERVE).unlink()
        write_json_atomic(path, value)


def make_reserve(run_dir: Path) -> None:
    """Set room aside for the last states of a run; without room there is no reserve."""
    path = run_dir / RESERVE
    if path.exists():
        return
    with contextlib.suppress(OSError), path.open("wb") as file:
        file.write(os.urandom(RESERVE_BYTES))


def drop_reserve(run_dir: Path) -> None:
    """A job that has ended needs none; a resume makes it anew."""
    with contextlib.suppress(OSError):
        (run_dir / RESERVE).unlink()
