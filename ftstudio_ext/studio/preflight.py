"""Preflight of a training run: counts and checks, computed from what the server knows already.

Nothing is read from the dataset and nothing is loaded, so it answers as people type.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftstudio_ext.core import steps
from ftstudio_ext.core.errors import StudioError
from ftstudio_ext.core.sampling import Parts, parts
from ftstudio_ext.core.validation import problems
from ftstudio_ext.schema.datasets import Dataset
from ftstudio_ext.schema.preflight import (
    Check,
    Preflight,
    PreflightRequest,
    RowCounts,
    StepCounts,
)
from ftstudio_ext.schema.training import TrainSpec

from .training import Found

if TYPE_CHECKING:
    from .studio import Studio

FEW_STEPS = 20
SMALL_TEST_PART = 30


def preflight(studio: Studio, request: PreflightRequest) -> Preflight:
    """What a specification would do. Blocks for the first probe of an interpreter."""
    invalid = problems(TrainSpec, request.spec)
    if invalid:
        return Preflight(ready=False, checks=[_blocking(error) for error in invalid])
    spec = TrainSpec.model_validate(request.spec)
    found = studio.training.look_up(spec, request.resources)
    drawn = _draw(found, spec)
    with found.check():
        studio.reservations.check_free(spec.name, "name")
    answer = Preflight(
        ready=not found.problems, checks=[_blocking(error) for error in found.problems]
    )
    if drawn is not None:
        answer.rows = _row_counts(drawn)
        answer.steps = _step_counts(spec, len(drawn.train), _device_kind(studio, request))
        answer.checks += _advice(spec, answer.rows, answer.steps)
    return answer


def _draw(found: Found, spec: TrainSpec) -> Parts | None:
    """The rows of each part, drawn as the worker will draw them."""
    dataset: Dataset | None = found.dataset
    if dataset is None:
        return None
    with found.check():
        splits = {split.name: split.rows for split in dataset.splits}
        return parts(splits, spec.data, spec.seed)
    return None


def _row_counts(drawn: Parts) -> RowCounts:
    return RowCounts(
        **drawn.counts(),
        train_split=drawn.train.split,
        validation_split=drawn.validation.split,
        test_split=drawn.test.split,
    )


def _step_counts(spec: TrainSpec, rows: int, device: str) -> StepCounts:
    plan = steps.plan(
        rows,
        spec.effective_batch_size,
        epochs=spec.epochs,
        max_steps=spec.max_steps,
        per_device_batch_size=spec.per_device_batch_size,
        device=device,
    )
    return StepCounts(
        steps_per_epoch=plan.steps_per_epoch,
        total_steps=plan.total_steps,
        epochs=plan.epochs,
        effective_batch_size=plan.effective_batch_size,
        per_device_batch_size=plan.per_device_batch_size,
        accumulation_steps=plan.accumulation_steps,
    )


def _device_kind(studio: Studio, request: PreflightRequest) -> str:
    if request.resources.device == "cpu":
        return "cpu"
    devices = studio.launcher.resources()
    return "cuda" if any(device.kind == "cuda" for device in devices) else "cpu"


def _advice(spec: TrainSpec, rows: RowCounts, counted: StepCounts) -> list[Check]:
    """What does not stop a run, but may make it worth less."""
    advice = []
    if counted.total_steps < FEW_STEPS:
        advice.append(
            _warning(
                "few_steps",
                f"The run has only {counted.total_steps} optimizer steps.",
                "epochs" if spec.max_steps is None else "max_steps",
                "Train for more epochs, or make the effective batch size smaller.",
            )
        )
    if rows.validation == 0 and spec.evaluation.strategy != "off":
        advice.append(
            _warning(
                "no_validation_rows",
                "There are no validation rows, so the run is not judged while it trains.",
                "data.validation_fraction",
                "Set the validation fraction above 0.",
            )
        )
    if rows.test < SMALL_TEST_PART:
        advice.append(
            _warning(
                "few_test_rows",
                f"Only {rows.test} rows are kept for testing: too few to prove an improvement.",
                "data.test_fraction",
                "Set the test fraction higher, or import more rows.",
            )
        )
    return advice


def _blocking(error: StudioError) -> Check:
    return Check(
        level="blocking",
        code=error.code,
        message=error.message,
        field=error.field,
        remedy=error.remedy,
    )


def _warning(code: str, message: str, field: str, remedy: str) -> Check:
    return Check(level="warning", code=code, message=message, field=field, remedy=remedy)
