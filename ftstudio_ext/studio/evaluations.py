"""Evaluation jobs: the form people fill in becomes one resolved specification."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ftstudio_ext.core import templates
from ftstudio_ext.core.errors import InvalidInput, StudioError
from ftstudio_ext.core.validation import parse
from ftstudio_ext.schema.adapters import Adapter
from ftstudio_ext.schema.datasets import Dataset
from ftstudio_ext.schema.evaluations import EvaluateSpec, ResolvedEvaluation
from ftstudio_ext.schema.jobs import JobCreate, JobSpec
from ftstudio_ext.schema.models import BaseModelRecord
from ftstudio_ext.schema.prompts import Prompt

from .kinds import JobKind
from .machine import check_resources, check_stack
from .records import reference

if TYPE_CHECKING:
    from .studio import Studio

_PREFIX = "spec"


class Evaluations(JobKind):
    """Jobs of the type `evaluate`."""

    module = "ftstudio_ext.workers.evaluate"

    def __init__(self, studio: Studio) -> None:
        self._studio = studio

    def prepare(self, request: JobCreate, job_id: str) -> JobSpec:
        spec = parse(EvaluateSpec, request.spec, prefix=_PREFIX)
        try:
            resolved = self.resolve(spec)
        except StudioError as error:
            error.field = f"{_PREFIX}.{error.field}" if error.field else _PREFIX
            raise
        job = self._studio.jobs.specification(self, request, job_id, spec.name)
        check_resources(request.resources, self._studio.launcher.resources())
        check_stack(job.python)
        job.spec = spec.model_dump(mode="json")
        job.resolved = resolved.model_dump(mode="json")
        return job

    def resolve(self, spec: EvaluateSpec) -> ResolvedEvaluation:
        """Look up every name, and check what can be checked without reading rows."""
        dataset = self._studio.datasets.referred(spec.dataset, "dataset")
        prompt = self._studio.prompts.referred(spec.prompt, "prompt")
        model = self._studio.models.referred(spec.base_model, "base_model")
        adapters = [self._adapter(name, model) for name in spec.adapters]
        _check_columns(spec, prompt, dataset)
        for split in spec.splits or []:
            self._studio.datasets.split(dataset, split, "splits")
        return ResolvedEvaluation(
            base_model=model,
            adapters=adapters,
            dataset=dataset,
            dataset_dir=str(self._studio.datasets.directory(dataset)),
            prompt=prompt,
        )

    def _adapter(self, name: str, model: BaseModelRecord) -> Adapter:
        adapters = self._studio.adapters
        names = lambda: [adapter.name for adapter in adapters.all()]  # noqa: E731
        adapter = reference(adapters.get, name, "adapters", "adapter", names)
        if adapter.base_model_id not in (None, model.id):
            trained_on = adapter.manifest.base_model.get("name", "another base model")
            raise InvalidInput(
                f"The adapter “{adapter.name}” belongs to {trained_on}, not to “{model.name}”.",
                field="adapters",
                remedy="Choose its own base model, or leave this adapter out.",
            )
        if not (Path(adapter.path) / "adapter_config.json").is_file():
            raise InvalidInput(
                f"The folder of the adapter “{adapter.name}” is incomplete: {adapter.path}.",
                field="adapters",
                remedy="Train it again, or import it from a whole copy.",
            )
        return adapter


def _check_columns(spec: EvaluateSpec, prompt: Prompt, dataset: Dataset) -> None:
    columns = [column.name for column in dataset.columns]
    for template in (prompt.prompt_template, prompt.completion_template):
        templates.check(template, columns, "prompt")
    if spec.sql is None:
        return
    for field, name in (
        ("schema_column", spec.sql.schema_column),
        ("rows_column", spec.sql.rows_column),
    ):
        if name is not None and name not in columns:
            nearest = templates.nearest_name(name, columns)
            raise InvalidInput(
                f"The dataset “{dataset.name}” has no column “{name}”.",
                field=f"sql.{field}",
                remedy=f"Did you mean “{nearest}”?"
                if nearest
                else f"The columns are: {', '.join(columns)}.",
            )
