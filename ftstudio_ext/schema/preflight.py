"""Preflight: what a training run would do and what stands in its way, before it is launched."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from .checks import Check
from .common import StoredModel, StudioModel
from .jobs import Resources


class PreflightRequest(StudioModel):
    """A training specification as far as it is filled in."""

    spec: dict[str, Any]
    resources: Resources = Field(default_factory=Resources)


class RowCounts(StoredModel):
    """Rows of each part, and which of the dataset's splits they come from."""

    train: int
    validation: int
    test: int
    train_split: str | None = None
    validation_split: str | None = None
    test_split: str | None = None


class StepCounts(StoredModel):
    """How the run is cut into optimizer steps (an upper bound: rows that turn out longer than
    `max_length` are left out)."""

    steps_per_epoch: int
    total_steps: int
    epochs: float
    effective_batch_size: int
    per_device_batch_size: int
    accumulation_steps: int


class Preflight(StoredModel):
    """The answer: what will happen, and every check that did not pass."""

    ready: bool
    checks: list[Check]
    rows: RowCounts | None = None
    steps: StepCounts | None = None
