"""The worker's side of the run directory: what a job process reads, and how it reports.

from ftstudio_ext.jobs.worker import WorkerRun, main

def work(run: WorkerRun) -> None:
    run.phase("training")
    ...

if __name__ == "__main__":
    main(work)
"""

from __future__ import annotations

import contextlib
import math
import os
import shutil
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, NoReturn

from ftstudio_ext.core.errors import StudioError
from ftstudio_ext.core.files import write_json_atomic
from ftstudio_ext.schema.common import now
from ftstudio_ext.schema.errors import ErrorInfo
from ftstudio_ext.schema.jobs import Event, JobSpec, Progress

from . import checkpoints, protocol
from .outcome import NEARLY_FULL_BYTES, disk_full, is_disk_full, missing_package
from .rundir import RunDir

Verb = Literal["stop", "stop_and_save", "checkpoint_now"]
PROGRESS_INTERVAL_S = 1.0
SPARKLINE_POINTS = 32


class Stopped(Exception):
    """Raise it after saving to end the attempt as stopped on request."""


class WorkerRun:
    """One attempt, seen from inside. Reporting never raises: it must not stop the work."""

    def __init__(self, run_dir: str | os.PathLike[str], attempt: int) -> None:
        self.run = RunDir(run_dir)
        self.attempt = attempt
        self.spec: JobSpec = self.run.spec()
        self.result_dir: Path = self.run.result_dir
        self.checkpoints_dir: Path = self.run.checkpoints_dir
        self._progress = Progress(attempt=attempt)
        self._written_at = -math.inf
        self._sparkline = Sparkline()
        self._record: dict[str, Any] = {}

    @classmethod
    def from_argv(cls) -> WorkerRun:
        """From the command line `python -m <module> <run dir> <attempt>`."""
        return cls(Path(sys.argv[1]).absolute(), int(sys.argv[2]))

    def emit(self, **event_fields: Any) -> None:
        """Append one event, e.g. `emit(kind="metric", step=3, values={"loss": 1.2})`."""
        try:
            event = Event(attempt=self.attempt, **_finite(event_fields))
            line = event.model_dump_json(exclude_none=True).encode() + b"\n"
            append_line(self.run.path / "events.jsonl", line)
        except Exception as error:
            _complain("an event", error)

    def progress(self, **fields: Any) -> None:
        """Write `progress.json`, at most once a second; a new phase is written at once.

        Takes phase, step, total_steps, epoch, eta_s, loss; fields not given keep their value.
        """
        try:
            force = "phase" in fields and fields["phase"] != self._progress.phase
            self._progress = Progress.model_validate(self._progress.model_dump() | fields)
            if fields.get("loss") is not None:
                self._sparkline.add(fields["loss"])
            finished = fields.get("step") is not None and (
                self._progress.step == self._progress.total_steps
            )
            if force or finished or time.monotonic() - self._written_at >= PROGRESS_INTERVAL_S:
                self.flush_progress()
        except Exception as error:
            _complain("progress", error)

    def flush_progress(self) -> None:
        """Write `progress.json` now."""
        update = {"heartbeat": now(), "sparkline": self._sparkline.points()}
        self._progress = self._progress.model_copy(update=update)
        self._written_at = time.monotonic()
        with contextlib.suppress(OSError):
            write_json_atomic(self.run.path / "progress.json", self._progress, sync=False)

    def phase(self, name: str) -> None:
        """Say what the job does now, as an event and in its progress."""
        self.emit(kind="phase", phase=name)
        self.progress(phase=name)

    def control(self) -> Verb | None:
        """What was asked of this attempt; cheap enough for every step.

        `stop` outranks `stop_and_save`; `checkpoint_now` is told once.
        """
        verbs: tuple[Verb, ...] = ("stop", "stop_and_save", "checkpoint_now")
        for verb in verbs:
            path = protocol.control_file(self.run.path, self.attempt, verb)
            if path.exists():
                if verb == "checkpoint_now":
                    path.unlink(missing_ok=True)
                return verb
        return None

    def record(self, **fields: Any) -> None:
        """Record facts of the attempt: versions, device, resumed_from_step."""
        try:
            self._record.update(fields)
            path = protocol.worker_record_file(self.run.path, self.attempt)
            protocol.write_with_reserve(self.run.path, path, self._record)
        except Exception as error:
            _complain("facts of the attempt", error)

    def check_room(self, first_estimate_bytes: int = 0) -> None:
        """Raise a `disk_full` StudioError unless a checkpoint will fit on the disk.

        For use before each one, so that none is left half-written: it is expected to be as large
        as the newest sealed one, or as estimated while there is none.
        """
        expected = checkpoints.expected_bytes(self.checkpoints_dir) or first_estimate_bytes
        needed = expected + expected // 20 + NEARLY_FULL_BYTES
        free = shutil.disk_usage(self.run.path).free
        if free < needed:
            raise StudioError(
                f"The disk has {_megabytes(free)} free; the next checkpoint needs about "
                f"{_megabytes(needed)}. It was not begun.",
                code="disk_full",
                remedy="Free some space, then resume: the last whole checkpoint is kept.",
            )

    def fail(self, error: ErrorInfo) -> None:
        """Say why this attempt fails; exit with a non-zero code afterwards."""
        path = protocol.error_file(self.run.path, self.attempt)
        with contextlib.suppress(OSError):
            protocol.write_with_reserve(self.run.path, path, error.model_dump())


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"


class Sparkline:
    """A series thinned to at most 32 points by averaging neighbours, however long it grows."""

    def __init__(self, size: int = SPARKLINE_POINTS) -> None:
        self._size = size
        self._width = 1
        self._means: list[float] = []
        self._pending: list[float] = []

    def add(self, value: float) -> None:
        if not math.isfinite(value):
            return
        self._pending.append(value)
        if len(self._pending) < self._width:
            return
        self._means.append(sum(self._pending) / len(self._pending))
        self._pending = []
        if len(self._means) == self._size:
            pairs = zip(self._means[::2], self._means[1::2], strict=True)
            self._means = [(left + right) / 2 for left, right in pairs]
            self._width *= 2

    def points(self) -> list[float]:
        last = [sum(self._pending) / len(self._pending)] if self._pending else []
        return self._means + last


def main(work: Callable[[WorkerRun], Any]) -> NoReturn:
    """Run a worker function to an honest end: every failure gets its words and its exit code."""
    run = WorkerRun.from_argv()
    try:
        work(run)
    except Stopped:
        code = protocol.EXIT_STOPPED
    except Exception as error:
        traceback.print_exc()
        run.fail(describe(error, run.run.path))
        code = 1
    else:
        code = 0
    run.flush_progress()
    sys.stdout.flush()
    sys.exit(code)


def describe(error: BaseException, folder: Path) -> ErrorInfo:
    """The words for a failure: a full disk and the studio's own errors are recognised."""
    if isinstance(error, StudioError):
        return error.info()
    if is_disk_full(error, folder):
        return ErrorInfo(**disk_full(folder))
    if isinstance(error, ModuleNotFoundError) and (
        missing := missing_package(str(error), sys.executable)
    ):
        return ErrorInfo(**missing)
    if isinstance(error, MemoryError):
        return ErrorInfo(
            code="out_of_memory",
            message="The machine's memory ran out.",
            remedy="Use a smaller batch, shorter sequences or a smaller model, then resume.",
        )
    text = " ".join(str(error).split())[:500]
    return ErrorInfo(
        code="worker_error",
        message=f"{type(error).__name__}: {text}" if text else type(error).__name__,
        remedy="The log has the full traceback.",
    )


def _finite(fields: dict[str, Any]) -> dict[str, Any]:
    """JSON has no NaN: such values leave `values`, their names go to `data.not_finite`."""
    values = fields.get("values")
    if not values:
        return fields
    odd = [name for name, value in values.items() if not math.isfinite(value)]
    if not odd:
        return fields
    kept = {name: value for name, value in values.items() if name not in odd}
    return fields | {"values": kept, "data": (fields.get("data") or {}) | {"not_finite": odd}}


def append_line(path: Path, line: bytes) -> None:
    """Append one whole line; a torn line that a crash left is first closed by a newline."""
    handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        size = os.fstat(handle).st_size
        if size and os.pread(handle, 1, size - 1) != b"\n":
            line = b"\n" + line
        os.write(handle, line)
    finally:
        os.close(handle)


def _complain(what: str, error: Exception) -> None:
    with contextlib.suppress(OSError):
        print(f"could not write {what}: {error}", file=sys.stderr, flush=True)
