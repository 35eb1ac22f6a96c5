"""The models that are in memory for answering."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from .common import StoredModel, StudioModel

InferencePrecision = Literal["auto", "4-bit", "8-bit", "16-bit", "32-bit"]

MOST_ADAPTERS = 16


class WarmRequest(StudioModel):
    """Load a base model ahead of the first question."""

    base_model: str
    adapters: list[str] = Field([], max_length=MOST_ADAPTERS)
    precision: InferencePrecision = "auto"


class StopInferenceRequest(StudioModel):
    """End the process of a base model; of all of them when absent."""

    base_model: str | None = None


class LoadedModel(StoredModel):
    """A resident inference process."""

    base_model_id: str
    base_model_name: str
    precision: str
    state: Literal["starting", "loading", "ready", "busy"]
    adapters: list[str] = Field([], description="Names of the adapters in memory.")
    device: str | None = None
    memory_bytes: int | None = None
    idle_s: float = 0.0
    idle_timeout_s: float
    pid: int | None = None


class InferenceStatus(StoredModel):
    """What is loaded for inference."""

    models: list[LoadedModel] = []
    idle_timeout_s: float
    blocked: str | None = Field(None, description="Why nothing can be loaded now.")
