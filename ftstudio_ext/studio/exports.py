"""Exports of adapters: a job each, and a folder below `exports/` of the workspace."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from ftstudio_ext.core.errors import Conflict, InvalidInput
from ftstudio_ext.core.validation import parse
from ftstudio_ext.schema.adapters import Adapter
from ftstudio_ext.schema.exports import ExportRequest, ExportSpec, ResolvedExport
from ftstudio_ext.schema.jobs import JobCreate, JobDetail, JobSpec
from ftstudio_ext.schema.models import BaseModelRecord

from .kinds import JobKind
from .machine import check_stack
from .records import reference

if TYPE_CHECKING:
    from .studio import Studio

_PREFIX = "spec"
_ROOM = 1.1
"""Of the base model's size: a merged model takes as much, and a tokenizer."""


class Exports(JobKind):
    """Jobs of the type `export`."""

    module = "ftstudio_ext.workers.export"

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._folder = studio.settings.workspace / "exports"

    def export(self, adapter: str, request: ExportRequest) -> JobDetail:
        """Submit the export of an adapter."""
        found = self._studio.adapters.get(adapter)
        spec = request.model_dump(exclude={"request_id"}, exclude_none=True)
        return self._studio.jobs.create(
            JobCreate(
                type="export",
                spec={"adapter": found.id, **spec},
                request_id=request.request_id,
            )
        )

    def prepare(self, request: JobCreate, job_id: str) -> JobSpec:
        spec = parse(ExportSpec, request.spec, prefix=_PREFIX)
        adapters = self._studio.adapters
        names = lambda: [adapter.name for adapter in adapters.all()]  # noqa: E731
        adapter = reference(adapters.get, spec.adapter, f"{_PREFIX}.adapter", "adapter", names)
        folder = Path(adapter.path)
        if not (folder / "adapter_config.json").is_file():
            raise InvalidInput(
                f"The folder of the adapter “{adapter.name}” is incomplete: {adapter.path}.",
                field=f"{_PREFIX}.adapter",
                remedy="Train it again, or import it from a whole copy.",
            )
        merged = spec.format == "merged"
        model = self._base_model(adapter) if merged else None
        spec.name = spec.name or f"{folder.name}-{spec.format}"
        place = self._free_place(spec.name)
        self._check_room(adapter, model)
        job = self._studio.jobs.specification(self, request, job_id, f"export {adapter.name}")
        if not merged:
            job.slot = "light"
        check_stack(job.python)
        job.spec = spec.model_dump(mode="json")
        job.resolved = ResolvedExport(
            adapter=adapter, base_model=model, export_dir=str(place)
        ).model_dump(mode="json")
        return job

    def renamed(self, spec: dict[str, object], name: str) -> dict[str, object]:
        """A copy goes into a folder of that name."""
        return {**spec, "name": name}

    def _base_model(self, adapter: Adapter) -> BaseModelRecord:
        """What it is merged into; must still be there."""
        if adapter.base_model_id is None:
            raise InvalidInput(
                f"The base model of “{adapter.name}” is not known here.",
                field=f"{_PREFIX}.adapter",
                remedy="Import the base model, then the adapter again with it; or export the "
                "adapter alone.",
            )
        return self._studio.models.referred(adapter.base_model_id, f"{_PREFIX}.adapter")

    def _free_place(self, name: str) -> Path:
        place = self._folder / name
        if place.exists():
            raise Conflict(
                f"There is an export “{name}” already.",
                field=f"{_PREFIX}.name",
                remedy="Choose another name, or delete that folder first.",
            )
        return place

    def _check_room(self, adapter: Adapter, model: BaseModelRecord | None) -> None:
        needed = adapter.size_bytes + (model.facts.size_bytes or 0 if model else 0)
        free = shutil.disk_usage(self._studio.settings.workspace).free
        if needed * _ROOM > free:
            raise Conflict(
                f"The export needs about {needed * _ROOM / 2**30:.1f} GiB, and "
                f"{free / 2**30:.1f} GiB of the disk are free.",
                code="disk_full",
                remedy="Free some space, or export the adapter alone.",
            )
