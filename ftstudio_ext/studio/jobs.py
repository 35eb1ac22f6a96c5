"""Jobs: submission by kind, and what people do with them. The run directories are the truth and
JobService keeps them; here names are resolved and outcomes are taken up."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ftstudio_ext.core.errors import Conflict, InvalidInput, NotFound
from ftstudio_ext.jobs.interpreter import ensure_worker_copy
from ftstudio_ext.jobs.service import job_id_for
from ftstudio_ext.schema.common import Page
from ftstudio_ext.schema.jobs import (
    FINAL_STATES,
    DuplicateRequest,
    EventsPage,
    Job,
    JobCreate,
    JobDetail,
    JobPatch,
    JobSpec,
    LogPage,
)

from .kinds import JobKind
from .records import clean_name, free_name

if TYPE_CHECKING:
    from .studio import Studio


class Jobs:
    """The jobs of a workspace, of all kinds."""

    def __init__(self, studio: Studio, kinds: dict[str, JobKind]) -> None:
        self._studio = studio
        self._service = studio.job_service
        self._submitting = threading.Lock()
        self.kinds = kinds

    # --- reading ---------------------------------------------------------------------------

    def list(
        self,
        type: str | None = None,
        state: str | None = None,
        q: str | None = None,
        limit: int = 50,
        offset: int = 0,
    ) -> Page[Job]:
        return self._service.list(type=type, state=state, q=q, limit=limit, offset=offset)

    def get(self, job_id: str) -> JobDetail:
        """By id, or by the name of exactly one job."""
        return self._service.get(job_id)

    def events(self, job_id: str, after: int = 0, limit: int = 2000) -> EventsPage:
        return self._service.events(job_id, after, limit)

    def log(self, job_id: str, after: int | None = None, tail: int | None = None) -> LogPage:
        return self._service.log(job_id, after, tail)

    def id_of(self, id_or_name: str) -> str:
        """A job's id; raises NotFound, or Conflict when several jobs have this name."""
        return self._service.run_dir(id_or_name).id

    # --- submitting ------------------------------------------------------------------------

    def create(self, request: JobCreate) -> JobDetail:
        """Submit a job. The same request id again answers with the job that it made."""
        kind = self.kinds.get(request.type)
        if kind is None:
            raise InvalidInput(
                f"This server cannot run jobs of the type “{request.type}”.",
                field="type",
                remedy=f"Use one of: {', '.join(self.kinds)}.",
            )
        job_id = job_id_for(request.request_id)
        with self._submitting:
            try:
                return self._service.get(job_id)
            except NotFound:
                spec = kind.prepare(request, job_id)
            try:
                self._service.submit(spec, hold=request.hold)
            except BaseException:
                kind.abandoned(spec)
                raise
        self._studio.hint(job_id, "submitted")
        return self._service.get(job_id)

    def specification(self, kind: JobKind, request: JobCreate, job_id: str, name: str) -> JobSpec:
        """A specification with everything that is the same for all kinds."""
        settings = self._studio.settings
        if request.resources.slurm and self._studio.launcher.engine != "slurm":
            raise InvalidInput(
                "The jobs of this server do not run under Slurm.",
                field="resources.slurm",
                remedy="Leave it out, or have the operator set FineTuningStudio.launcher_class.",
            )
        return JobSpec(
            id=job_id,
            type=request.type,
            name=name,
            request_id=request.request_id,
            slot=kind.slot,
            module=kind.module,
            python=request.resources.python or settings.python,
            pythonpath=str(ensure_worker_copy(settings.workspace)),
            env={**settings.tracking_environment(), **settings.worker_env},
            resources=request.resources,
            spec=request.spec,
        )

    def duplicate(self, job_id: str, request: DuplicateRequest) -> JobDetail:
        """Submit the same specification again, under a free name and with changes."""
        job = self.get(job_id)
        taken = {other.name.casefold() for other in self._all()}
        name = request.name or free_name(
            clean_name(job.name, spaces=False), lambda n: n.casefold() in taken
        )
        spec = self.kinds[job.type].renamed({**job.spec, **request.changes}, name)
        return self.create(
            JobCreate(
                type=job.type,
                spec=spec,
                request_id=request.request_id,
                resources=request.resources or job.resources,
                hold=request.hold,
            )
        )

    # --- changing --------------------------------------------------------------------------

    def patch(self, job_id: str, change: JobPatch) -> JobDetail:
        return self._told(self._service.patch, self.id_of(job_id), change)

    def stop(self, job_id: str, save: bool = True) -> JobDetail:
        return self._told(self._service.stop, self.id_of(job_id), save)

    def resume(self, job_id: str) -> JobDetail:
        job = self.get(job_id)
        if job.can_resume and (kind := self.kinds.get(job.type)):
            kind.before_resume(job)
        return self._told(self._service.resume, job.id)

    def delete(self, job_id: str) -> None:
        """Delete the run directory of a job that is not at work; what it has made (its adapter)
        stays, what it had reserved becomes free."""
        job = self.get(job_id)
        if job.state in FINAL_STATES:
            self.ended(job)
        self._service.delete(job.id)
        if job.state not in FINAL_STATES:
            self.ended(job)
        self._studio.hint(job.id, "deleted")

    def ended(self, job: JobDetail) -> None:
        """Take up the outcome of a job that has reached a final state."""
        if kind := self.kinds.get(job.type):
            kind.ended(job)

    # --- used by ---------------------------------------------------------------------------

    def unfinished(self) -> Sequence[JobDetail]:
        """Jobs that have not reached a final state."""
        return [self._service.get(job.id) for job in self._all() if job.state not in FINAL_STATES]

    def refuse_if_used(self, noun: str, object_id: str, name: str) -> None:
        """Raise Conflict when an unfinished job works on an object; no cascade ends jobs."""
        users = [job.name for job in self.unfinished() if object_id in _ids(job.resolved, noun)]
        if users:
            raise Conflict(
                f"The {noun.replace('_', ' ')} “{name}” is in use by the job "
                f"{', '.join(users[:5])}.",
                code="in_use",
                remedy="Stop the job, or wait for its end, then delete.",
            )

    def _all(self) -> Sequence[Job]:
        return self._service.list(limit=10_000, offset=0).items

    def _told(self, action: Callable[..., Any], job_id: str, *args: Any) -> JobDetail:
        action(job_id, *args)
        self._studio.hint(job_id, "changed")
        return self._service.get(job_id)


def _ids(resolved: dict[str, Any], noun: str) -> set[str]:
    """The ids of all objects of a kind that a resolved specification names: one record under the
    noun, several under its plural, or an id alone."""
    records = [resolved.get(noun), *(resolved.get(f"{noun}s") or [])]
    found = {record["id"] for record in records if isinstance(record, dict) and "id" in record}
    if alone := resolved.get(f"{noun}_id"):
        found.add(alone)
    return found
