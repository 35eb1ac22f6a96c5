"""Watches the run directories of jobs, so that browsers hear of changes without asking and
outcomes are taken up when a job ends. Only looks at file times and sizes; reads what changed."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ftstudio_ext.core.errors import StudioError
from ftstudio_ext.core.threads import in_thread
from ftstudio_ext.jobs.protocol import run_paths
from ftstudio_ext.jobs.rundir import RunDir
from ftstudio_ext.schema.jobs import ACTIVE_STATES, FINAL_STATES, JobState

from .studio import Studio

log = logging.getLogger(__name__)

TICK_S = 0.5
IDLE_TICK_S = 3.0
LONG_OVER_S = 3600.0
"""What has ended longer ago is no news to a server that starts: browsers ask for the list anyway."""
PAUSE_S = 0.001
"""Between thousands of such jobs, so that requests are answered meanwhile."""
_BUSY = ACTIVE_STATES | {"queued"}


@dataclass
class _Seen:
    """What the last look has found of one job."""

    state_stamp: int
    state: JobState
    progress_stamp: int = 0
    position: int = 0


class Watch:
    """One background task of the server."""

    def __init__(
        self,
        studio: Studio,
        reconcile_interval_s: float = 10,
        on_look: Callable[[int], None] = lambda active: None,
    ) -> None:
        self._studio = studio
        self._on_look = on_look
        self._interval_s = reconcile_interval_s
        self._seen: dict[str, _Seen] = {}
        self._reconciled = 0.0
        self._wake = asyncio.Event()

    @property
    def busy(self) -> int:
        """Jobs at work or next in the queue, as of the last look; held ones do not count."""
        return sum(seen.state in _BUSY for seen in self._seen.values())

    def wake(self) -> None:
        """Look now: a job was submitted or changed. On the event loop only."""
        self._wake.set()

    async def run(self) -> None:
        """Look again and again, until cancelled. Nothing that goes wrong ends it."""
        while True:
            try:
                await in_thread(self.look)
                self._on_look(self.busy)
            except Exception:
                log.exception("Looking after the jobs failed; trying again")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), TICK_S if self.busy else IDLE_TICK_S)
                await asyncio.sleep(0.05)  # several changes at once are one look
            self._wake.clear()

    def look(self) -> None:
        """One round: at most one hint for each job."""
        self._reconcile_now_and_then()
        paths = run_paths(self._studio.settings.workspace)
        found = {path.rsplit("/", 1)[1]: path for path in paths}
        for gone in self._seen.keys() - found.keys():
            del self._seen[gone]
            self._studio.hint(gone, "deleted")
        for job_id, path in found.items():
            try:
                self._look_at(job_id, path)
            except (OSError, ValueError, StudioError) as error:
                log.debug("Job %s cannot be read now: %s", job_id, error)

    def _reconcile_now_and_then(self) -> None:
        every = self._interval_s if self.busy else 12 * self._interval_s
        if time.monotonic() - self._reconciled > every:
            self._studio.reconcile()
            self._reconciled = time.monotonic()

    def _look_at(self, job_id: str, folder: str) -> None:
        stamp = os.stat(f"{folder}/state.json").st_mtime_ns  # noqa: PTH116 - thousands of them
        seen = self._seen.get(job_id)
        if seen is None or seen.state_stamp != stamp:
            path = Path(folder)
            state = RunDir(path).state().state
            self._seen[job_id] = _Seen(stamp, state, *_sizes(path))
            long_over = state in FINAL_STATES and time.time() - stamp / 1e9 > LONG_OVER_S
            if seen.state != state if seen else not long_over:
                self._studio.hint(job_id, "state", state)
            if state in FINAL_STATES:
                self._studio.jobs.ended(self._studio.job_service.get(job_id))
            if long_over:
                time.sleep(PAUSE_S)
        elif seen.state not in FINAL_STATES:
            progress, position = _sizes(Path(folder))
            if (progress, position) != (seen.progress_stamp, seen.position):
                kind = "events" if position != seen.position else "progress"
                seen.progress_stamp, seen.position = progress, position
                self._studio.hint(job_id, kind, seen.state, position=position)


def _sizes(path: Path) -> tuple[int, int]:
    """Time of the progress file, length of the events file; 0 where there is none."""
    return _stat(path / "progress.json")[0], _stat(path / "events.jsonl")[1]


def _stat(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except FileNotFoundError:
        return 0, 0
    return found.st_mtime_ns, found.st_size
