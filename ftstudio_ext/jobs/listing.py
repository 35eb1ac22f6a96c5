"""Jobs as clients see them, put together from the files of their run directories.

Thousands of finished jobs are cheap: what was read once is read again only when one of its
files was replaced.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ftstudio_ext.core.errors import StudioError
from ftstudio_ext.schema.common import Page
from ftstudio_ext.schema.jobs import FINAL_STATES, Job, JobDetail, JobSpec

from . import checkpoints, engines, identity, protocol, queue
from .rundir import RunDir

WATCHED = ("state.json", "user.json", "checkpoints", "spec.json", "progress.json")
WATCHED_WHEN_FINAL = WATCHED[:3]
Mark = tuple[tuple[int, int], ...]


class Listing:
    """The jobs of a workspace; `job` and `page` may be called from several threads."""

    def __init__(self, workspace: Path) -> None:
        self.workspace = workspace
        self._cache: dict[str, tuple[Mark, Job]] = {}

    def all(self) -> list[Job]:
        """Newest first, with their places in the queue."""
        folders = list(protocol.run_paths(self.workspace))
        found = [job for folder in folders if (job := self.job(folder))]
        self._forget(set(folders))
        found.sort(key=lambda job: (job.created_at, job.id), reverse=True)
        return _with_positions(found)

    def job(self, folder: str) -> Job | None:
        """One job, or None where the folder holds none that can be read."""
        known = self._cache.get(folder)
        if known is None or known[0] != _mark(folder, len(known[0])):
            known = self._read(folder)
            if known is None:
                return None
            self._cache[folder] = known
        return known[1] if known[1].state in FINAL_STATES else self._as_it_waits(known[1])

    def _read(self, folder: str) -> tuple[Mark, Job] | None:
        """A job and the mark by which a change of its files shows: what has ended writes no
        progress any more. Read after the mark, so that a change in between shows as well."""
        mark = _mark(folder, len(WATCHED))
        try:
            job = make_job(RunDir(folder))
        except (OSError, ValidationError, ValueError, StudioError):
            return None
        return mark[: len(WATCHED_WHEN_FINAL)] if job.state in FINAL_STATES else mark, job

    def _as_it_waits(self, job: Job) -> Job:
        folder = Path(job.run_dir)
        if job.engine and job.state in protocol.WAITING:
            why = engines.waits_for(folder, job.attempt)
            return job.model_copy(update={"reason": why or job.reason})
        if job.state in protocol.ACTIVE and (reason := unreachable(folder, job.attempt)):
            return job.model_copy(update={"reason": reason})
        return job

    def detail(self, folder: Path) -> JobDetail | None:
        """One job with its specification, its attempts and its place in the queue."""
        job = self.job(str(folder))
        if job is None:
            return None
        if job.state == "queued":
            job = next((other for other in self.all() if other.id == job.id), job)
        run = RunDir(folder)
        spec = run.spec()
        return JobDetail(
            **job.model_dump(),
            spec=spec.spec,
            resolved=spec.resolved,
            resources=spec.resources,
            attempts=run.attempts(),
        )

    def _forget(self, present: set[str]) -> None:
        for folder in [folder for folder in list(self._cache) if folder not in present]:
            self._cache.pop(folder, None)


def make_job(run: RunDir) -> Job:
    spec, user, state = run.spec(), run.user(), run.state()
    step = checkpoints.newest_sealed_step(run.checkpoints_dir)
    resumable = state.state in FINAL_STATES and state.state != "succeeded"
    return Job(
        id=run.id,
        type=spec.type,
        name=user.name,
        state=state.state,
        reason=state.reason,
        attempt=state.attempt,
        error=state.error,
        priority=user.priority,
        hold=user.hold,
        engine=state.engine,
        created_at=state.created_at,
        started_at=state.started_at,
        finished_at=state.finished_at,
        updated_at=state.updated_at,
        progress=run.progress(),
        can_resume=resumable,
        resume_step=step if resumable else None,
        last_checkpoint_step=step,
        run_dir=str(run.path),
        **_names(spec),
    )


def _names(spec: JobSpec) -> dict[str, Any]:
    """Display names from the resolved records, whatever the type of the job."""
    names: dict[str, Any] = {}
    for key in ("base_model", "dataset", "prompt"):
        record = spec.resolved.get(key)
        name = record.get("name") if isinstance(record, dict) else record
        names[key] = name if isinstance(name, str) else None
    record = spec.resolved.get("dataset")
    names["dataset_id"] = record.get("id") if isinstance(record, dict) else None
    adapter = spec.resolved.get("adapter_id")
    return names | {"adapter_id": adapter if isinstance(adapter, str) else None}


def _with_positions(jobs: list[Job]) -> list[Job]:
    """Number the queue within each slot class (1 is next), and say what each job waits for."""
    by_id = {job.id: job for job in jobs}
    if not any(job.state == "queued" for job in jobs):
        return jobs
    workspace = Path(jobs[0].run_dir).parent.parent
    ahead: dict[str, list[str]] = {}
    places: dict[str, int] = {}
    for job in jobs:
        if job.engine or job.state not in protocol.ACTIVE:
            continue
        if not unreachable(Path(job.run_dir), job.attempt):
            ahead.setdefault(queue.slot_of(Path(job.run_dir)), []).append(job.name)
    changes: dict[str, dict[str, Any]] = {}
    for run_dir, _ in queue.waiting(workspace):
        if (waiting := by_id.get(run_dir.name)) and waiting.state == "queued":
            slot = queue.slot_of(run_dir)
            before = ahead.setdefault(slot, [])
            places[slot] = places.get(slot, 0) + 1
            reason = " ".join(part for part in (waiting.reason, _waits_for(before)) if part)
            changes[waiting.id] = {"queue_position": places[slot], "reason": reason or None}
            before.append(waiting.name)
    return [job.model_copy(update=changes.get(job.id, {})) for job in jobs]


def _waits_for(before: list[str]) -> str:
    """The words for the jobs that come before one in its slot."""
    if len(before) <= 2:
        return f"Waits for {' and '.join(before)}." if before else ""
    return f"Waits for {before[0]} and {len(before) - 1} others."


def page(
    jobs: Iterable[Job],
    *,
    type: str | None = None,
    state: str | None = None,
    q: str | None = None,
    limit: int = 50,
    offset: int = 0,
) -> Page[Job]:
    """Filter and cut; `type` and `state` may list several values, separated by commas."""
    types, states = _values(type), _values(state)
    words = (q or "").casefold().split()
    found = [
        job
        for job in jobs
        if (not types or job.type in types)
        and (not states or job.state in states)
        and all(word in _text(job) for word in words)
    ]
    return Page[Job](items=found[offset : offset + limit], total=len(found))


def _values(text: str | None) -> set[str]:
    return {part.strip() for part in (text or "").split(",") if part.strip()}


def _text(job: Job) -> str:
    parts = (job.name, job.id, job.type, job.state, job.base_model, job.dataset, job.prompt)
    return " ".join(part for part in parts if part).casefold()


def unreachable(folder: Path, attempt: int) -> str | None:
    """The words for a job of another machine, of which nothing can be said from here."""
    if protocol.engine_file(folder, attempt).exists():
        return None  # its engine knows
    record = protocol.read_object(protocol.attempt_file(folder, attempt)) or {}
    supervisor = record.get("supervisor")
    here = identity.place()["host"]
    if not supervisor or identity.same_kernel(supervisor) or supervisor.get("host") == here:
        return None
    beat = heartbeat(folder)
    last = beat.isoformat(timespec="seconds") if beat else "never"
    return f"Out of reach: it was started on {supervisor.get('host')}; last heartbeat {last}."


def heartbeat(folder: Path) -> datetime | None:
    """When the worker last gave a sign of life, by its progress file's time."""
    try:
        seconds = (folder / "progress.json").stat().st_mtime
    except OSError:
        return None
    return datetime.fromtimestamp(seconds, UTC)


def _mark(folder: str, count: int) -> Mark:
    """Of the first `count` watched files."""
    marks = []
    for name in WATCHED[:count]:
        try:
            facts = os.stat(f"{folder}/{name}")  # noqa: PTH116 - thousands of them
            marks.append((facts.st_ino, facts.st_mtime_ns))
        except OSError:
            marks.append((0, 0))
    return tuple(marks)
