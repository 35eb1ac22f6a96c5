"""Imports from the hub: a light job brings the files, and its outcome becomes the dataset's.

The job writes `dataset.json` into the dataset's folder as its last act. `settle` takes it from
there whenever somebody looks, so that an import completes although the server was restarted."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from ftstudio_ext.core.errors import Conflict, InvalidInput, NotFound, StudioError
from ftstudio_ext.core.files import STAGING_PREFIX, read_json, sweep_unlocked
from ftstudio_ext.core.validation import parse
from ftstudio_ext.schema.datasets import Dataset, DatasetCreate, HubSource
from ftstudio_ext.schema.jobs import FINAL_STATES, JobCreate, JobDetail, JobSpec

from .datasets import MANIFEST
from .folders import discard, sweep, visible
from .kinds import JobKind
from .machine import check_resources, check_stack
from .records import derived_id, free_name

if TYPE_CHECKING:
    from .studio import Studio

log = logging.getLogger(__name__)

_NEEDED = ("datasets", "pydantic")
_FROM_THE_IMPORT = {"columns", "splits", "rows", "bytes", "content_hash", "source_revision"}


class Imports(JobKind):
    """Jobs of the type `import`, and the datasets that they make."""

    module = "ftstudio_ext.workers.import_dataset"
    slot = "light"

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._records = studio.database.collection("datasets", Dataset)

    # --- a job's life ----------------------------------------------------------------------

    def prepare(self, request: JobCreate, job_id: str) -> JobSpec:
        wanted = parse(DatasetCreate, request.spec, prefix="spec")
        if not isinstance(wanted.source, HubSource):
            raise InvalidInput(
                "Files are imported at once, not by a job.",
                field="spec.source",
                remedy="POST this source to datasets instead.",
            )
        datasets = self._studio.datasets
        dataset = Dataset(
            id=derived_id("ds", request.request_id),
            name=datasets.name_for(wanted, wanted.source.repo_id.rsplit("/", 1)[-1]),
            source=wanted.source,
            state="importing",
            job_id=job_id,
        )
        spec = self._studio.jobs.specification(self, request, job_id, f"Import {dataset.name}")
        check_resources(request.resources, self._studio.launcher.resources())
        check_stack(spec.python, _NEEDED)
        spec.spec = wanted.model_dump(mode="json", exclude={"request_id"})
        spec.resolved = {
            "dataset": dataset.model_dump(mode="json"),
            "dataset_dir": str(datasets.directory(dataset)),
        }
        self._records.insert(dataset)
        return spec

    def abandoned(self, spec: JobSpec) -> None:
        self._records.delete(spec.resolved["dataset"]["id"])

    def ended(self, job: JobDetail) -> None:
        self.settle()

    def before_resume(self, job: JobDetail) -> None:
        dataset_id = job.resolved["dataset"]["id"]
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
        if job is not None and job.state not in FINAL_STATES:
            return
        if manifest.exists() and (job is None or job.state == "succeeded"):
            found = Dataset.model_validate(read_json(manifest)).model_dump(include=_FROM_THE_IMPORT)
            self._records.update(dataset.id, {**found, "state": "ready", "error": None})
            return
        discard(self._studio.datasets.directory(dataset))
        self._records.update(dataset.id, {"state": "failed", "error": _why(job)})

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


def _why(job: JobDetail | None) -> str:
    if job is None:
        return "Its import job has been deleted before it ended."
    if job.error:
        return job.error.message
    return {"stopped": "The import was stopped.", "lost": "The import process vanished."}.get(
        job.state, "The import ended without a dataset."
    )
