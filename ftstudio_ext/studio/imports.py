"""Imports: small files at once in the data helper, large ones and the hub's by a light job.

A job writes `dataset.json` into the dataset's folder as its last act. `settle` takes it from
there whenever somebody looks, so that an import completes although the server was restarted."""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ftstudio_ext.core.errors import Conflict, NotFound, StudioError
from ftstudio_ext.core.files import STAGING_PREFIX, read_json, sweep_unlocked
from ftstudio_ext.core.threads import in_thread
from ftstudio_ext.core.validation import parse
from ftstudio_ext.schema.datasets import (
    Dataset,
    DatasetCreate,
    DatasetSource,
    DerivedSource,
    HubSource,
    LocalSource,
)
from ftstudio_ext.schema.jobs import FINAL_STATES, JobCreate, JobDetail, JobSpec

from .datasets import MANIFEST
from .folders import discard, sweep, visible
from .kinds import JobKind
from .machine import check_resources, check_stack
from .records import derived_id, free_name, prefixed
from .sources import Resolved, check_uploaded, discard_uploads, resolve, sweep_uploads

if TYPE_CHECKING:
    from .studio import Studio

log = logging.getLogger(__name__)

RESUME_S = 60
SUBMISSION_S = 60
_NEEDED = ("datasets", "pydantic")
_NEEDED_FOR_FILES = ("pyarrow", "pydantic")
_FROM_THE_IMPORT = {
    "columns", "splits", "rows", "bytes", "content_hash", "source_revision", "source_files",
    "notes",
}  # fmt: skip


class Imports(JobKind):
    """Jobs of the type `import`, and the datasets that they make."""

    module = "ftstudio_ext.workers.import_dataset"
    slot = "light"

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._records = studio.database.collection("datasets", Dataset)
        self._resuming: dict[str, tuple[datetime, float]] = {}

    # --- beginning -------------------------------------------------------------------------

    async def begin(self, dataset_id: str, request_id: str, request: DatasetCreate) -> Dataset:
        """Import at once, or submit a job that does."""
        if isinstance(request.source, HubSource):
            return await self._submitted(dataset_id, request_id, request)
        resolved = await in_thread(self._resolved, request, request.source)
        if resolved.size_bytes >= self._studio.settings.import_job_bytes:
            return await self._submitted(dataset_id, request_id, request)
        return await self._at_once(dataset_id, request, resolved)

    def _resolved(self, request: DatasetCreate, source: LocalSource) -> Resolved:
        resolved = resolve(self._studio, source)
        if request.delete_source:
            check_uploaded(self._studio, resolved)
        return resolved

    async def _submitted(self, dataset_id: str, request_id: str, request: DatasetCreate) -> Dataset:
        spec = request.model_dump(mode="json", exclude={"request_id"})
        create = JobCreate(type="import", spec=spec, request_id=request_id)
        await in_thread(self._studio.jobs.create, create)
        return await in_thread(self._records.get, dataset_id)

    async def _at_once(
        self, dataset_id: str, request: DatasetCreate, resolved: Resolved
    ) -> Dataset:
        """The helper writes a staging folder and renames it: a failed import leaves nothing."""
        datasets = self._studio.datasets
        name = await in_thread(datasets.name_for, request, resolved.proposed_name)
        dataset = _record(dataset_id, name, request, resolved.shown)
        await in_thread(discard, datasets.directory(dataset))  # of a crash before the insert
        facts = await self._studio.helpers.call(
            "data",
            "import",
            _parameters(dataset, resolved, datasets.directory(dataset)),
            timeout_s=self._studio.settings.import_timeout_s,
        )
        made = Dataset.model_validate({**dataset.model_dump(), **facts})
        kept = await in_thread(datasets.keep, made, request.name is None)
        if kept.uploaded:
            await in_thread(discard_uploads, self._studio, kept)
        return kept

    # --- a job's life ----------------------------------------------------------------------

    def prepare(self, request: JobCreate, job_id: str) -> JobSpec:
        wanted = parse(DatasetCreate, request.spec, prefix="spec")
        datasets, dataset_id = self._studio.datasets, derived_id("ds", request.request_id)
        shown: DatasetSource = wanted.source
        resolved = None
        if isinstance(shown, HubSource):
            proposed = shown.repo_id.rsplit("/", 1)[-1]
        else:
            with prefixed("spec"):
                resolved = self._resolved(wanted, shown)
            proposed, shown = resolved.proposed_name, resolved.shown
        dataset = _record(dataset_id, datasets.name_for(wanted, proposed), wanted, shown)
        dataset.state, dataset.job_id = "importing", job_id
        spec = self._studio.jobs.specification(self, request, job_id, f"Import {dataset.name}")
        check_resources(request.resources, self._studio.launcher.resources())
        check_stack(spec.python, _NEEDED if resolved is None else _NEEDED_FOR_FILES)
        spec.spec = wanted.model_dump(mode="json", exclude={"request_id"})
        spec.resolved = {
            "dataset": dataset.model_dump(mode="json"),
            "dataset_dir": str(datasets.directory(dataset)),
        }
        if resolved is not None:
            spec.resolved["import"] = _parameters(dataset, resolved, datasets.directory(dataset))
        self._records.insert(dataset)
        return spec

    def abandoned(self, spec: JobSpec) -> None:
        self._records.delete(spec.resolved["dataset"]["id"])

    def ended(self, job: JobDetail) -> None:
        self.settle()

    def before_resume(self, job: JobDetail) -> None:
        """The old end must not be taken for a new one until the job is queued again."""
        dataset_id = job.resolved["dataset"]["id"]
        self._resuming[dataset_id] = (job.updated_at, time.monotonic())
        try:
            self._records.update(dataset_id, {"state": "importing", "error": None})
        except NotFound:
            raise Conflict(
                "The dataset that this job was importing has been deleted.",
                remedy="Import it again from the datasets list.",
            ) from None

    # --- outcomes --------------------------------------------------------------------------

    def settle(self) -> None:
        """Give every importing dataset whose job has ended its outcome."""
        for dataset in self._records.find(state="importing"):
            try:
                self._settle(dataset)
            except (NotFound, Conflict):
                pass  # deleted or settled by somebody else in this moment
            except (OSError, ValueError) as error:
                log.warning("The import of %s cannot be settled yet: %s", dataset.name, error)

    def _settle(self, dataset: Dataset) -> None:
        manifest = self._studio.datasets.directory(dataset) / MANIFEST
        job = self._job(dataset)
        if job is None and not manifest.exists() and _is_new(dataset):
            return
        if job is not None and (job.state not in FINAL_STATES or self._resumes(dataset, job)):
            return
        if manifest.exists() and (job is None or job.state == "succeeded"):
            made = Dataset.model_validate(read_json(manifest))
            found = made.model_dump(include=_FROM_THE_IMPORT)
            if isinstance(made.source, DerivedSource) and job and job.spec.get("copy_prompts"):
                self._studio.cleaning.copy_prompts(made)
            self._records.update(dataset.id, {**found, "state": "ready", "error": None})
            if dataset.uploaded:
                discard_uploads(self._studio, dataset)
            return
        discard(self._studio.datasets.directory(dataset))
        self._records.update(dataset.id, {"state": "failed", "error": _why(job)})

    def _resumes(self, dataset: Dataset, job: JobDetail) -> bool:
        """Whether this end is the one that is being resumed from. A resume takes moments; one
        that was refused is forgotten."""
        ended_at, since = self._resuming.get(dataset.id, (None, 0.0))
        return job.updated_at == ended_at and time.monotonic() - since < RESUME_S

    def _job(self, dataset: Dataset) -> JobDetail | None:
        try:
            return self._studio.job_service.get(dataset.job_id or "")
        except NotFound:
            return None

    # --- after a crash ---------------------------------------------------------------------

    def reconcile(self) -> None:
        """Sweep what crashes have left, settle, and index folders that the index has lost."""
        folder = self._studio.settings.datasets_dir
        sweep(folder)
        sweep_unlocked(folder, STAGING_PREFIX)
        sweep_uploads(self._studio)
        self.settle()
        known = {dataset.id: dataset.name.casefold() for dataset in self._records.find()}
        for path in visible(folder):
            if path.name in known or not (path / MANIFEST).exists():
                continue
            try:
                dataset = Dataset.model_validate(read_json(path / MANIFEST))
                names = set(known.values())
                dataset.id = path.name
                dataset.name = free_name(dataset.name, lambda name: name.casefold() in names)  # noqa: B023
                self._records.insert(dataset)
                log.info("Found the dataset %s again from its folder", dataset.name)
            except (OSError, ValueError, StudioError) as error:
                log.warning("The folder %s holds no readable dataset: %s", path, error)


def _record(dataset_id: str, name: str, request: DatasetCreate, shown: DatasetSource) -> Dataset:
    return Dataset(
        id=dataset_id,
        name=name,
        source=shown,
        column_changes=request.columns,
        conversation=request.conversation,
        uploaded=request.delete_source,
    )


def _parameters(dataset: Dataset, resolved: Resolved, directory: Path) -> dict[str, Any]:
    """What the worker takes: see workers/data_import.py."""
    conversation = dataset.conversation and dataset.conversation.model_dump()
    record = {
        "column_changes": dataset.column_changes,
        "conversation": conversation,
        "uploaded": dataset.uploaded,
        "job_id": dataset.job_id,
    }
    return {
        **resolved.params,
        "dest_dir": str(directory),
        "dataset_id": dataset.id,
        "name": dataset.name,
        "columns": dataset.column_changes,
        "conversation": conversation,
        "record": record,
    }


def _why(job: JobDetail | None) -> str:
    if job is None:
        return "Its import job has been deleted before it ended."
    if job.error:
        return job.error.message
    return {"stopped": "The import was stopped.", "lost": "The import process vanished."}.get(
        job.state, "The import ended without a dataset."
    )


def _is_new(dataset: Dataset) -> bool:
    """Whether its job may be about to be submitted: the record is there a moment before the job."""
    return (datetime.now(UTC) - dataset.created_at).total_seconds() < SUBMISSION_S
