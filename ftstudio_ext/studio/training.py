"""Training jobs: the form people fill in becomes one resolved specification, checked before
anything is launched."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ftstudio_ext.core import advanced
from ftstudio_ext.core.errors import InvalidInput, StudioError
from ftstudio_ext.core.examples import check_prompt
from ftstudio_ext.core.validation import parse
from ftstudio_ext.schema.datasets import Dataset
from ftstudio_ext.schema.jobs import JobCreate, JobDetail, JobSpec, Resources
from ftstudio_ext.schema.models import BaseModelRecord
from ftstudio_ext.schema.prompts import Prompt
from ftstudio_ext.schema.training import ResolvedTraining, TrainSpec
from ftstudio_ext.store.ids import new_id

from .kinds import JobKind
from .machine import check_resources, check_stack

if TYPE_CHECKING:
    from .studio import Studio

_PREFIX = "spec"


@dataclass
class Found:
    """What a specification's names stand for, as far as they stand for anything."""

    dataset: Dataset | None = None
    prompt: Prompt | None = None
    model: BaseModelRecord | None = None
    output_dir: Path | None = None
    problems: list[StudioError] = field(default_factory=list)

    @contextmanager
    def check(self) -> Iterator[None]:
        """Collect the problem that comes up inside."""
        try:
            yield
        except StudioError as error:
            self.problems.append(error)

    def whole(self) -> tuple[Dataset, Prompt, BaseModelRecord, Path | None]:
        """All of it; only where there are no problems."""
        if self.dataset is None or self.prompt is None or self.model is None:
            raise ValueError("asked for objects that were not found")
        return self.dataset, self.prompt, self.model, self.output_dir


class Training(JobKind):
    """Jobs of the type `train`."""

    module = "ftstudio_ext.workers.train"

    def __init__(self, studio: Studio) -> None:
        self._studio = studio

    def prepare(self, request: JobCreate, job_id: str) -> JobSpec:
        spec = parse(TrainSpec, request.spec, prefix=_PREFIX)
        found = self.look_up(spec, request.resources)
        if found.problems:
            raise _below_spec(found.problems[0])
        dataset, prompt, model, output_dir = found.whole()
        job = self._studio.jobs.specification(self, request, job_id, spec.name)
        adapter_id = new_id("ad")
        adapter_dir = self._studio.reservations.reserve(spec.name, job_id, f"{_PREFIX}.name")
        job.spec = spec.model_dump(mode="json")
        job.resolved = ResolvedTraining(
            base_model=model,
            dataset=dataset,
            dataset_dir=str(self._studio.datasets.directory(dataset)),
            prompt=prompt,
            adapter_id=adapter_id,
            adapter_dir=str(adapter_dir),
            output_dir=str(output_dir) if output_dir else None,
            tracking=self._studio.settings.tracking(),
        ).model_dump(mode="json")
        return job

    # --- the adapter's folder: reserved from submission to the end --------------------------

    def abandoned(self, spec: JobSpec) -> None:
        self._studio.reservations.release(Path(spec.resolved["adapter_dir"]).name, spec.id)

    def ended(self, job: JobDetail) -> None:
        if adapter_dir := job.resolved.get("adapter_dir"):
            self._studio.reservations.release(Path(adapter_dir).name, job.id)

    def before_resume(self, job: JobDetail) -> None:
        if adapter_dir := job.resolved.get("adapter_dir"):
            self._studio.reservations.reserve(Path(adapter_dir).name, job.id, "name")

    # --- checks ----------------------------------------------------------------------------

    def look_up(self, spec: TrainSpec, resources: Resources) -> Found:
        """Resolve every name of a specification and check what the server can; all problems are
        collected, so that a form can show them at once."""
        found = Found()
        studio = self._studio
        with found.check():
            found.dataset = studio.datasets.referred(spec.dataset, "dataset")
        with found.check():
            found.prompt = studio.prompts.referred(spec.prompt, "prompt")
        with found.check():
            found.model = studio.models.referred(spec.base_model, "base_model")
            self._check_model(spec, found.model)
        if found.dataset and found.prompt:
            with found.check():
                self._check_columns(found.prompt, found.dataset)
        if found.dataset and spec.data.split is not None:
            with found.check():
                studio.datasets.split(found.dataset, spec.data.split, "data.split")
        with found.check():
            advanced.check_spec(spec)
        with found.check():
            found.output_dir = self._output_dir(spec)
        with found.check():
            check_resources(resources, studio.launcher.resources())
        with found.check():
            check_stack(resources.python or studio.settings.python)
        return found

    def _check_columns(self, prompt: Prompt, dataset: Dataset) -> None:
        columns = [column.name for column in dataset.columns]
        try:
            check_prompt(prompt, columns)
        except InvalidInput as error:
            raise InvalidInput(
                f"The prompt “{prompt.name}” does not fit the dataset “{dataset.name}”: "
                f"{error.message}",
                field="prompt",
                remedy=f"Choose a prompt made for this dataset. {error.remedy or ''}".strip(),
            ) from None

    def _check_model(self, spec: TrainSpec, model: BaseModelRecord) -> None:
        if model.path and not Path(model.path).is_dir():
            raise InvalidInput(
                f"The folder of the base model “{model.name}” is gone: {model.path}.",
                field="base_model",
                remedy="Put it back, or import the model again from where it is now.",
            )
        longest = model.facts.context_length
        if longest and spec.max_length > longest:
            raise InvalidInput(
                f"'max_length' is {spec.max_length}, but “{model.name}” reads at most {longest} "
                "tokens.",
                field="max_length",
                remedy=f"Set it to {longest} or less.",
            )

    def _output_dir(self, spec: TrainSpec) -> Path | None:
        if spec.output_dir is None:
            return None
        path = self._studio.paths.resolve(spec.output_dir, "output_dir")
        there = next(folder for folder in (path, *path.parents) if folder.exists())
        if not there.is_dir():
            raise InvalidInput(
                f"“{self._studio.paths.relative(there)}” is a file.",
                field="output_dir",
                remedy="Name a folder.",
            )
        if not os.access(there, os.W_OK | os.X_OK):
            raise InvalidInput(
                f"“{spec.output_dir}” cannot be written: “{there}” is read-only.",
                field="output_dir",
                remedy="Name a folder that this server may write to.",
            )
        if path.is_relative_to(self._studio.settings.workspace):
            raise InvalidInput(
                f"“{spec.output_dir}” lies inside the studio's own workspace.",
                field="output_dir",
                remedy="Name a folder elsewhere; the adapter is kept in the workspace anyway.",
            )
        return path


def _below_spec(error: StudioError) -> StudioError:
    """The error with its field as a request for a job names it."""
    if error.field and not error.field.startswith("resources"):
        error.field = f"{_PREFIX}.{error.field}"
    return error
