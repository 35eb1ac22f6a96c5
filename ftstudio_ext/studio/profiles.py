"""Profiles: what the dataset doctor has found. The profile lies in the dataset's folder, made by a
light job, and counts only while it describes the very content that the dataset has."""

from __future__ import annotations

import logging
from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from ftstudio_ext.core.errors import InvalidInput
from ftstudio_ext.core.examples import check_prompt, placeholders_of
from ftstudio_ext.core.files import read_json
from ftstudio_ext.core.threads import in_thread
from ftstudio_ext.core.validation import parse
from ftstudio_ext.schema.checks import Check
from ftstudio_ext.schema.datasets import Dataset
from ftstudio_ext.schema.jobs import FINAL_STATES, Job, JobCreate, JobDetail, JobSpec, SlotClass
from ftstudio_ext.schema.profiles import (
    DatasetProfile,
    Profile,
    ProfileRequest,
    ProfileSpec,
    ResolvedProfile,
)
from ftstudio_ext.schema.prompts import Prompt
from ftstudio_ext.store.ids import new_id

from .kinds import JobKind
from .machine import check_resources, check_stack

if TYPE_CHECKING:
    from .studio import Studio

log = logging.getLogger(__name__)

PROFILE_FILE = "profile.json"
_PREFIX = "spec"
_NEEDED = ("numpy", "pyarrow", "pydantic")
_KEPT = 128
_CHECKED_ANYWAY = ("too_long", "mostly_empty_column", "constant_column")
_Mark = tuple[int, int]


class Profiles(JobKind):
    """Jobs of the type `profile`, and what they have found."""

    module = "ftstudio_ext.workers.profile"
    slot: ClassVar[SlotClass] = "light"

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._read: OrderedDict[Path, tuple[_Mark, Profile]] = OrderedDict()

    # --- reading ---------------------------------------------------------------------------

    def get(self, id_or_name: str) -> DatasetProfile:
        """The newest profile, and the newest job that makes one."""
        dataset = self._studio.datasets.get(id_or_name)
        return DatasetProfile(
            dataset_id=dataset.id, profile=self.of(dataset), job=self._newest_job(dataset)
        )

    def of(self, dataset: Dataset) -> Profile | None:
        """What was found in this content; None when it was never examined."""
        path = self._studio.datasets.directory(dataset) / PROFILE_FILE
        try:
            profile = self._load(path)
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            log.warning("The profile of %s cannot be read: %s", dataset.name, error)
            return None
        return profile if profile.content_hash == dataset.content_hash else None

    def counted(self, dataset: Dataset) -> Dataset:
        """The dataset with the number of its findings."""
        profile = self.of(dataset) if dataset.state == "ready" else None
        count = None if profile is None else len(profile.findings)
        return dataset.model_copy(update={"findings": count})

    def checks(self, dataset: Dataset, prompt: Prompt) -> list[Check]:
        """What training with this prompt should know of what was found. Left out is what the
        prompt's own checks tell, and what concerns columns that it does not ask for."""
        profile = self.of(dataset)
        if profile is None:
            return []
        used = {None, *placeholders_of(prompt)}
        told = [f for f in profile.findings if f.column in used and f.code not in _CHECKED_ANYWAY]
        return [
            Check(
                level=finding.level,
                code=f"data_{finding.code}",
                message=finding.message,
                field="dataset",
                remedy=f"{finding.remedy} The dataset's tab does it in one click."
                if finding.fix
                else finding.remedy,
            )
            for finding in told
        ]

    def _load(self, path: Path) -> Profile:
        stat = path.stat()
        mark = (stat.st_mtime_ns, stat.st_ino)
        known = self._read.get(path)
        if known is None or known[0] != mark:
            known = (mark, Profile.model_validate(read_json(path)))
            self._read[path] = known
            while len(self._read) > _KEPT:
                self._read.popitem(last=False)
        return known[1]

    def _newest_job(self, dataset: Dataset) -> Job | None:
        jobs = self._studio.job_service.list(type="profile", limit=1_000, offset=0).items
        return next((job for job in jobs if job.dataset_id == dataset.id), None)

    # --- examining -------------------------------------------------------------------------

    async def start(self, id_or_name: str, request: ProfileRequest) -> JobDetail:
        """Submit the job; the one at work already, where it does the same."""
        spec = {"dataset": id_or_name, **request.model_dump(exclude={"request_id"})}
        return await in_thread(self._start, spec, request.request_id)

    def _start(self, spec: dict[str, Any], request_id: str | None) -> JobDetail:
        if request_id is None:
            dataset = self._studio.datasets.get(spec["dataset"])
            job = self._newest_job(dataset)
            if job is not None and job.state not in FINAL_STATES:
                detail = self._studio.jobs.get(job.id)
                if detail.spec == self._wanted(ProfileSpec.model_validate(spec), "")[0]:
                    return detail
        create = JobCreate(type="profile", spec=spec, request_id=request_id or new_id("request"))
        try:
            return self._studio.jobs.create(create)
        except InvalidInput as error:
            if error.field:
                error.field = error.field.removeprefix(f"{_PREFIX}.")
            raise

    def prepare(self, request: JobCreate, job_id: str) -> JobSpec:
        wanted, resolved = self._wanted(
            parse(ProfileSpec, request.spec, prefix=_PREFIX), f"{_PREFIX}."
        )
        name = f"Examine {resolved.dataset['name']}"
        spec = self._studio.jobs.specification(self, request, job_id, name)
        check_resources(request.resources, self._studio.launcher.resources())
        needed = (*_NEEDED, "transformers") if resolved.base_model else _NEEDED
        check_stack(spec.python, needed)
        spec.spec = wanted
        spec.resolved = resolved.model_dump(mode="json")
        return spec

    def _wanted(self, spec: ProfileSpec, prefix: str) -> tuple[dict[str, Any], ResolvedProfile]:
        """(the specification with ids for names, what they stand for)."""
        studio = self._studio
        dataset = studio.datasets.referred(spec.dataset, f"{prefix}dataset")
        resolved = ResolvedProfile(
            dataset=dataset.model_dump(mode="json"),
            dataset_dir=str(studio.datasets.directory(dataset)),
        )
        ids: dict[str, Any] = {"dataset": dataset.id}
        if spec.prompt is not None:
            prompt = studio.prompts.referred(spec.prompt, f"{prefix}prompt")
            self._check_fits(prompt, dataset, f"{prefix}prompt")
            resolved.prompt, ids["prompt"] = prompt.model_dump(mode="json"), prompt.id
        if spec.model is not None:
            if spec.prompt is None:
                raise InvalidInput(
                    "Tokens are counted for a base model and a prompt together.",
                    field=f"{prefix}prompt",
                    remedy="Name a prompt too, or leave the model out.",
                )
            model = studio.models.referred(spec.model, f"{prefix}model")
            resolved.base_model, ids["model"] = model.model_dump(mode="json"), model.id
        return {**spec.model_dump(mode="json"), **ids}, resolved

    def _check_fits(self, prompt: Prompt, dataset: Dataset, field: str) -> None:
        try:
            check_prompt(prompt, [column.name for column in dataset.columns])
        except InvalidInput as error:
            raise InvalidInput(
                f"The prompt “{prompt.name}” does not fit the dataset “{dataset.name}”: "
                f"{error.message}",
                field=field,
                remedy="Choose a prompt made for this dataset.",
            ) from None
