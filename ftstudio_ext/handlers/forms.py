"""The models that people fill in, by name: each has a JSON Schema at `schemas/{name}`."""

from __future__ import annotations

from pydantic import BaseModel

from ftstudio_ext.schema.adapters import AdapterCreate
from ftstudio_ext.schema.datasets import DatasetCreate
from ftstudio_ext.schema.evaluations import EvaluateSpec
from ftstudio_ext.schema.generation import GenerationSettings
from ftstudio_ext.schema.jobs import JobCreate, Resources
from ftstudio_ext.schema.models import BaseModelCreate
from ftstudio_ext.schema.presets import PresetCreate
from ftstudio_ext.schema.prompts import PromptCreate
from ftstudio_ext.schema.registrations import RegisterSpec
from ftstudio_ext.schema.training import (
    CheckpointSettings,
    DataSettings,
    EvaluationSettings,
    LoraSettings,
    OptimizerSettings,
    QuantizationSettings,
    TrainSpec,
)

FORMS: dict[str, type[BaseModel]] = {
    model.__name__: model
    for model in (
        AdapterCreate,
        BaseModelCreate,
        CheckpointSettings,
        DataSettings,
        DatasetCreate,
        EvaluateSpec,
        EvaluationSettings,
        GenerationSettings,
        JobCreate,
        LoraSettings,
        OptimizerSettings,
        PresetCreate,
        PromptCreate,
        QuantizationSettings,
        RegisterSpec,
        Resources,
        TrainSpec,
    )
}
