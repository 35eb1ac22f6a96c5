"""Comparisons as runs in MLflow: a light job each."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ftstudio_ext.core.validation import parse
from ftstudio_ext.schema.comparison_logs import (
    LogComparisonRequest,
    LogComparisonSpec,
    ResolvedComparisonLog,
)
from ftstudio_ext.schema.jobs import JobCreate, JobDetail, JobSpec, SlotClass

from .kinds import JobKind
from .machine import check_stack
from .records import reference

if TYPE_CHECKING:
    from .studio import Studio

_PREFIX = "spec"


class ComparisonLogs(JobKind):
    """Jobs of the type `log_comparison`."""

    module = "ftstudio_ext.workers.log_comparison"
    slot: ClassVar[SlotClass] = "light"

    def __init__(self, studio: Studio) -> None:
        self._studio = studio

    def log(self, comparison: str, request: LogComparisonRequest) -> JobDetail:
        """Submit the logging of a comparison that is kept."""
        found = self._studio.comparisons.get(comparison)
        return self._studio.jobs.create(
            JobCreate(
                type="log_comparison",
                spec={"comparison": found.id},
                request_id=request.request_id,
            )
        )

    def prepare(self, request: JobCreate, job_id: str) -> JobSpec:
        spec = parse(LogComparisonSpec, request.spec, prefix=_PREFIX)
        comparisons = self._studio.comparisons
        found = reference(
            comparisons.get,
            spec.comparison,
            f"{_PREFIX}.comparison",
            "comparison",
            lambda: [one.name for one in comparisons.list().items],
        )
        job = self._studio.jobs.specification(self, request, job_id, f"log {found.name}")
        check_stack(job.python)
        job.spec = spec.model_dump(mode="json")
        job.resolved = ResolvedComparisonLog(
            comparison=found,
            link_file=str(comparisons.link_file(found.id)),
            tracking=self._studio.settings.tracking(),
        ).model_dump(mode="json")
        return job

    def renamed(self, spec: dict[str, object], name: str) -> dict[str, object]:
        """It has no name of its own."""
        return spec
