"""Training jobs: the form people fill in becomes one resolved specification, checked before
anything is launched."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ftstudio_ext.core import advanced, templates
from ftstudio_ext.core.errors import InvalidInput, StudioError, Unavailable
from ftstudio_ext.core.validation import parse
from ftstudio_ext.jobs.interpreter import probe
from ftstudio_ext.schema.datasets import Dataset
from ftstudio_ext.schema.jobs import JobCreate, JobDetail, JobSpec
from ftstudio_ext.schema.models import BaseModelRecord
from ftstudio_ext.schema.prompts import Prompt
from ftstudio_ext.schema.training import ResolvedTraining, TrainSpec
from ftstudio_ext.store.ids import new_id

from .kinds import JobKind

if TYPE_CHECKING:
    from .studio import Studio

_PREFIX = "spec"


class Training(JobKind):
    """Jobs of the type `train`."""

    module = "ftstudio_ext.workers.train"

    def __init__(self, studio: Studio) -> None:
        self._studio = studio

    def prepare(self, request: JobCreate, job_id: str) -> JobSpec:
        spec = parse(TrainSpec, request.spec, prefix=_PREFIX)
        self._check_advanced(spec)
        dataset = self._studio.datasets.referred(spec.dataset, f"{_PREFIX}.dataset")
        prompt = self._studio.prompts.referred(spec.prompt, f"{_PREFIX}.prompt")
        model = self._studio.models.referred(spec.base_model, f"{_PREFIX}.base_model")
        self._check_columns(prompt, dataset)
        self._check_split(spec, dataset)
        self._check_model(spec, model)
        output_dir = self._output_dir(spec)
        job = self._studio.jobs.specification(self, request, job_id, spec.name)
        self._check_stack(job.python)
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

    def _check_advanced(self, spec: TrainSpec) -> None:
        try:
            advanced.check_spec(spec)
        except StudioError as error:
            error.field = f"{_PREFIX}.{error.field}"
            raise

    def _check_columns(self, prompt: Prompt, dataset: Dataset) -> None:
        columns = [column.name for column in dataset.columns]
        for template in (prompt.prompt_template, prompt.completion_template):
            try:
                templates.check(template, columns)
            except InvalidInput as error:
                raise InvalidInput(
                    f"The prompt “{prompt.name}” does not fit the dataset “{dataset.name}”: "
                    f"{error.message}",
                    field=f"{_PREFIX}.prompt",
                    remedy=f"Choose a prompt made for this dataset. {error.remedy or ''}".strip(),
                ) from None

    def _check_split(self, spec: TrainSpec, dataset: Dataset) -> None:
        if spec.data.split is not None:
            self._studio.datasets.split(dataset, spec.data.split, f"{_PREFIX}.data.split")

    def _check_model(self, spec: TrainSpec, model: BaseModelRecord) -> None:
        if model.path and not Path(model.path).is_dir():
            raise InvalidInput(
                f"The folder of the base model “{model.name}” is gone: {model.path}.",
                field=f"{_PREFIX}.base_model",
                remedy="Put it back, or import the model again from where it is now.",
            )
        longest = model.facts.context_length
        if longest and spec.max_length > longest:
            raise InvalidInput(
                f"'max_length' is {spec.max_length}, but “{model.name}” reads at most {longest} "
                "tokens.",
                field=f"{_PREFIX}.max_length",
                remedy=f"Set it to {longest} or less.",
            )

    def _output_dir(self, spec: TrainSpec) -> Path | None:
        if spec.output_dir is None:
            return None
        field = f"{_PREFIX}.output_dir"
        path = self._studio.paths.resolve(spec.output_dir, field)
        if path.is_file():
            raise InvalidInput(
                f"“{spec.output_dir}” is a file.", field=field, remedy="Name a folder."
            )
        if path.is_relative_to(self._studio.settings.workspace):
            raise InvalidInput(
                f"“{spec.output_dir}” lies inside the studio's own workspace.",
                field=field,
                remedy="Name a folder elsewhere; the adapter is kept in the workspace anyway.",
            )
        return path

    def _check_stack(self, python: str) -> None:
        """Refuse before launch when the interpreter cannot train; say the command that mends it."""
        found = probe(python)
        if not found.ok:
            error = found.error
            raise Unavailable(
                error.message if error else f"Python at {python} cannot train models.",
                field="resources.python",
                code=error.code if error else "no_training_stack",
                remedy=(error.remedy if error else None)
                or f'Run: {python} -m pip install "ftstudio-ext[train]"',
            )
