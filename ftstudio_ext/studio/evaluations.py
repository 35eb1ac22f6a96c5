"""Evaluation jobs: the form people fill in becomes one resolved specification."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ftstudio_ext.core.errors import InvalidInput, StudioError
from ftstudio_ext.core.examples import check_prompt
from ftstudio_ext.core.templates import nearest_name
from ftstudio_ext.core.validation import parse
from ftstudio_ext.schema.adapters import Adapter
from ftstudio_ext.schema.datasets import Dataset
from ftstudio_ext.schema.evaluations import EvaluateSpec, ResolvedEvaluation, ResolvedSystems
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
        studio = self._studio
        dataset = studio.datasets.referred(spec.dataset, "dataset")
        prompt = studio.prompts.referred(spec.prompt, "prompt")
        systems = self._systems(spec.base_model, spec.adapters)
        more = [
            self._systems(other.base_model, other.adapters, f"more_systems.{number}.")
            for number, other in enumerate(spec.more_systems)
        ]
        _check_columns(spec, prompt, dataset)
        for split in spec.splits or []:
            studio.datasets.split(dataset, split, "splits")
        return ResolvedEvaluation(
            base_model=systems.base_model,
            adapters=systems.adapters,
            more_systems=more,
            dataset=dataset,
            dataset_dir=str(studio.datasets.directory(dataset)),
            prompt=prompt,
            scorer_files=list(studio.scorers.agreed(spec.scorer_files)),
            tracking=studio.settings.tracking() if spec.mlflow.enabled else None,
        )

    def _systems(self, base_model: str, adapters: list[str], prefix: str = "") -> ResolvedSystems:
        model = self._studio.models.referred(base_model, f"{prefix}base_model")
        found = [self._adapter(name, model, f"{prefix}adapters") for name in adapters]
        return ResolvedSystems(base_model=model, adapters=found)

    def _adapter(self, name: str, model: BaseModelRecord, field: str) -> Adapter:
        adapters = self._studio.adapters
        names = lambda: [adapter.name for adapter in adapters.all()]  # noqa: E731
        adapter = reference(adapters.get, name, field, "adapter", names)
        if adapter.base_model_id not in (None, model.id):
            trained_on = adapter.manifest.base_model.get("name", "another base model")
            raise InvalidInput(
                f"The adapter “{adapter.name}” belongs to {trained_on}, not to “{model.name}”.",
                field=field,
                remedy="Choose its own base model, or leave this adapter out.",
            )
        if not (Path(adapter.path) / "adapter_config.json").is_file():
            raise InvalidInput(
                f"The folder of the adapter “{adapter.name}” is incomplete: {adapter.path}.",
                field=field,
                remedy="Train it again, or import it from a whole copy.",
            )
        return adapter


def _check_columns(spec: EvaluateSpec, prompt: Prompt, dataset: Dataset) -> None:
    columns = [column.name for column in dataset.columns]
    try:
        check_prompt(prompt, columns)
    except InvalidInput as error:
        error.field = "prompt"
        raise
    named = [("category_column", spec.category_column)]
    named += [(f"carry_columns.{at}", name) for at, name in enumerate(spec.carry_columns)]
    if spec.sql:
        named += [("sql.schema_column", spec.sql.schema_column)]
        named += [("sql.rows_column", spec.sql.rows_column)]
    for field, name in named:
        if name is not None and name not in columns:
            nearest = nearest_name(name, columns)
            raise InvalidInput(
                f"The dataset “{dataset.name}” has no column “{name}”.",
                field=field,
                remedy=f"Did you mean “{nearest}”?"
                if nearest
                else f"The columns are: {', '.join(columns)}.",
            )
