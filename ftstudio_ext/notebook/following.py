"""Following a job from afar: one look after another, through restarts of the server."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ftstudio_ext.schema.jobs import FINAL_STATES, JobDetail

from . import formats
from .errors import NotConnected

if TYPE_CHECKING:
    from .job import JobHandle

LONGEST_PAUSE_S = 10.0
PATIENCE_S = 900.0
"""How long a server may be away before following gives up; the job goes on all the same."""
FINAL_WORDS = ("no_studio", "certificate")
"""Trying again does not help against these."""


@dataclass(frozen=True)
class Look:
    """What was seen: the job, or why the server did not answer."""

    job: JobDetail
    away: NotConnected | None = None

    @property
    def ended(self) -> bool:
        return self.away is None and self.job.state in FINAL_STATES


def follow(
    handle: JobHandle,
    *,
    interval_s: float = 1.0,
    patience_s: float = PATIENCE_S,
    pause: Callable[[float], object] = time.sleep,
) -> Iterator[Look]:
    """Looks until the job has ended. While the server is away each look says so, with longer and
    longer pauses; raises NotConnected when it stays away for `patience_s`."""
    away_since: float | None = None
    pause_s = interval_s
    while True:
        try:
            handle.refresh()
            away_since, pause_s = None, interval_s
            look = Look(handle.job)
        except NotConnected as error:
            now = time.monotonic()
            away_since = away_since or now
            if error.code in FINAL_WORDS or now - away_since > _patience(error, patience_s):
                raise _given_up(handle, error, now - away_since) from None
            look = Look(handle.job, away=error)
            pause_s = min(pause_s * 1.5, LONGEST_PAUSE_S)
        yield look
        if look.ended:
            return
        pause(pause_s)


def headline(look: Look) -> str:
    """One line: what the job is doing, with the latest loss and the time left."""
    job = look.job
    if look.away:
        return "the server does not answer, trying again; the run goes on"
    progress = job.progress
    if job.state in ("queued", "held"):
        place = f", number {job.queue_position} in line" if job.queue_position else ""
        return f"{job.state}{place}. {job.reason or ''}".rstrip(". ")
    parts = [job.state if job.state != "running" or not progress else progress.phase or "running"]
    if progress and progress.loss is not None:
        parts.append(f"loss {formats.number(progress.loss)}")
    if progress and progress.eta_s and job.state == "running":
        parts.append(f"{formats.duration(progress.eta_s)} left")
    return " · ".join(parts)


def share(job: JobDetail) -> float:
    """How much of the steps is done, from 0 to 1."""
    progress = job.progress
    if job.state == "succeeded":
        return 1.0
    if not progress or not progress.total_steps:
        return 0.0
    return min(1.0, progress.step / progress.total_steps)


def _patience(error: NotConnected, patience_s: float) -> float:
    """A token that is refused may be one from before a restart, but not for long."""
    return min(patience_s, 30.0) if error.code == "forbidden" else patience_s


def _given_up(handle: JobHandle, error: NotConnected, seconds: float) -> NotConnected:
    if error.code in FINAL_WORDS or error.code == "forbidden":
        return error
    return NotConnected(
        f"The server has not answered for {formats.duration(seconds)}; the run “{handle.name}” "
        "goes on without it.",
        remedy="Start Jupyter again, then wait again.",
    )
