"""Kinds of jobs: how a request becomes a specification, and what its end means. A new kind is a
subclass of JobKind, registered in `Studio.__init__`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from ftstudio_ext.schema.jobs import JobCreate, JobDetail, JobSpec, SlotClass


class JobKind(ABC):
    """All methods are called in a thread, one submission at a time."""

    module: ClassVar[str]
    slot: ClassVar[SlotClass] = "heavy"

    @abstractmethod
    def prepare(self, request: JobCreate, job_id: str) -> JobSpec:
        """Check the request, resolve every name, and reserve what the job will make. Called once
        for each new request id."""

    def abandoned(self, spec: JobSpec) -> None:
        """The submission failed after `prepare`: free what it has reserved."""
        return None

    def ended(self, job: JobDetail) -> None:
        """The job has reached a final state. May be called more than once for the same end, and
        after a server restart."""
        return None

    def before_resume(self, job: JobDetail) -> None:
        """Reserve again what `ended` has freed; raise Conflict when it is gone."""
        return None

    def renamed(self, spec: dict[str, object], name: str) -> dict[str, object]:
        """The specification of a copy under another name."""
        return {**spec, "name": name}
