"""Adapters as versions of models in MLflow's model registry: a light job each."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from ftstudio_ext.core.errors import InvalidInput
from ftstudio_ext.core.validation import parse
from ftstudio_ext.schema.jobs import JobCreate, JobDetail, JobSpec, SlotClass
from ftstudio_ext.schema.registrations import RegisterRequest, RegisterSpec, ResolvedRegistration

from .kinds import JobKind
from .machine import check_stack
from .records import reference

if TYPE_CHECKING:
    from .studio import Studio

_PREFIX = "spec"


class Registrations(JobKind):
    """Jobs of the type `register`."""

    module = "ftstudio_ext.workers.register"
    slot: ClassVar[SlotClass] = "light"

    def __init__(self, studio: Studio) -> None:
        self._studio = studio

    def register(self, adapter: str, request: RegisterRequest) -> JobDetail:
        """Submit the registration of an adapter."""
        found = self._studio.adapters.get(adapter)
        spec = request.model_dump(exclude={"request_id"}, exclude_none=True)
        return self._studio.jobs.create(
            JobCreate(
                type="register",
                spec={"adapter": found.id, **spec},
                request_id=request.request_id,
            )
        )

    def prepare(self, request: JobCreate, job_id: str) -> JobSpec:
        spec = parse(RegisterSpec, request.spec, prefix=_PREFIX)
        adapters = self._studio.adapters
        names = lambda: [adapter.name for adapter in adapters.all()]  # noqa: E731
        adapter = reference(adapters.get, spec.adapter, f"{_PREFIX}.adapter", "adapter", names)
        if not (Path(adapter.path) / "adapter_config.json").is_file():
            raise InvalidInput(
                f"The folder of the adapter “{adapter.name}” is incomplete: {adapter.path}.",
                field=f"{_PREFIX}.adapter",
                remedy="Train it again, or import it from a whole copy.",
            )
        job = self._studio.jobs.specification(self, request, job_id, f"register {adapter.name}")
        check_stack(job.python)
        job.spec = spec.model_dump(mode="json")
        job.resolved = ResolvedRegistration(
            adapter=adapter, tracking=self._studio.settings.tracking()
        ).model_dump(mode="json")
        return job

    def renamed(self, spec: dict[str, object], name: str) -> dict[str, object]:
        """A registration has no name of its own."""
        return spec
