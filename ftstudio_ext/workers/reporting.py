"""What a run says while it works: phases, progress, metrics, samples, warnings, a heartbeat."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Any

from ftstudio_ext.jobs.worker import Stopped, WorkerRun

HEARTBEAT_INTERVAL_S = 5.0


class Reporter:
    """A `WorkerRun` that may be used from several threads, with a heartbeat while it is open.

    Long phases (loading a large model, tokenizing many rows) report nothing by themselves; the
    heartbeat tells a slow run from a dead one.
    """

    def __init__(self, run: WorkerRun) -> None:
        self.run = run
        self.last_phase = ""
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._warned: set[str] = set()
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)

    def __enter__(self) -> Reporter:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join(timeout=HEARTBEAT_INTERVAL_S)

    def phase(self, name: str) -> None:
        if name != self.last_phase:
            self.last_phase = name
            with self._lock:
                self.run.phase(name)

    def check_stop(self) -> None:
        """Raise Stopped when people asked for it; for moments at which nothing is to be saved."""
        if self.run.control() in ("stop", "stop_and_save"):
            raise Stopped

    def progress(self, **fields: Any) -> None:
        with self._lock:
            self.run.progress(**fields)

    def metric(self, step: int, epoch: float | None, values: dict[str, float]) -> None:
        self.emit(kind="metric", step=step, epoch=epoch, values=values)

    def warning(self, code: str, message: str, remedy: str, step: int | None = None) -> None:
        """Say it once an attempt: the same warning at each step would bury everything else."""
        if code not in self._warned:
            self._warned.add(code)
            print(f"warning: {message} {remedy}", flush=True)
            self.emit(kind="warning", step=step, code=code, message=message, remedy=remedy)

    def emit(self, **fields: Any) -> None:
        with self._lock:
            self.run.emit(**fields)

    def _beat(self) -> None:
        while not self._ended.wait(HEARTBEAT_INTERVAL_S):
            self.progress()
