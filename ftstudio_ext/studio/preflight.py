"""Preflight of a training run: counts and checks, computed from what the server knows already.

Counts need nothing but records. The prompt's checks read a sample of rows in the data helper,
which remembers its answers, so that it answers as people type.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ftstudio_ext.core import steps
from ftstudio_ext.core.errors import InvalidInput, StudioError
from ftstudio_ext.core.sampling import Parts, parts
from ftstudio_ext.core.threads import in_thread
from ftstudio_ext.core.validation import problems
from ftstudio_ext.schema.checks import Check
from ftstudio_ext.schema.datasets import Dataset
from ftstudio_ext.schema.preflight import (
    Preflight,
    PreflightRequest,
    RowCounts,
    StepCounts,
)
from ftstudio_ext.schema.training import TrainSpec

from .previews import training_checks
from .training import Found

if TYPE_CHECKING:
    from .studio import Studio

FEW_STEPS = 20
SAMPLE = 200
LONGEST_CHECK_S = 30
SMALL_TEST_PART = 30


async def preflight(studio: Studio, request: PreflightRequest) -> Preflight:
    """What a specification would do."""
    invalid = problems(TrainSpec, request.spec)
    if invalid:
        return Preflight(ready=False, checks=[_blocking(error) for error in invalid])
    spec = TrainSpec.model_validate(request.spec)
    found = await in_thread(studio.training.look_up, spec, request.resources)
    drawn = await in_thread(_draw, found, spec)
    answer = await in_thread(_counted, studio, request, spec, found, drawn)
    if drawn is not None and drawn.train.rows:
        answer.checks += await _prompt_checks(studio, spec, found, drawn)
        answer.ready = not any(check.level == "blocking" for check in answer.checks)
    return answer


async def _prompt_checks(
    studio: Studio, spec: TrainSpec, found: Found, drawn: Parts
) -> list[Check]:
    """What the prompt makes of the rows to train on. A helper that is slow or gone keeps nobody
    from training: the run checks its rows once more."""
    if not (found.dataset and found.prompt and found.model):
        return []
    rows = _sampled(drawn.train.rows)
    call = training_checks(
        studio,
        found.dataset,
        drawn.train.split,
        rows,
        found.prompt,
        found.model,
        spec.max_length,
        spec.loss_on,
    )
    try:
        checks, checked = await asyncio.wait_for(call, LONGEST_CHECK_S)
    except InvalidInput as error:
        return [_blocking(error)]
    except (StudioError, TimeoutError) as error:
        why = error.message if isinstance(error, StudioError) else "It takes too long."
        return [
            Check(
                level="info",
                code="prompt_not_checked",
                message=f"The prompt could not be checked with the model's tokenizer. {why}",
                field="prompt",
                remedy="Look at the prompt's tokens before you start.",
            )
        ]
    shown = f" (looked at {checked.rows:,} of {len(drawn.train):,} training rows)"
    for check in checks:
        if check.rows and len(drawn.train) > checked.rows:
            check.message += shown
    return checks


def _sampled(rows: Sequence[int]) -> list[int]:
    """A few rows spread over all; the same ones each time."""
    drawn = random.Random("ftstudio preflight").sample(range(len(rows)), min(SAMPLE, len(rows)))
    return sorted(rows[place] for place in drawn)


def _counted(
    studio: Studio, request: PreflightRequest, spec: TrainSpec, found: Found, drawn: Parts | None
) -> Preflight:
    """Everything that needs no look at the data. Blocks for the first probe of an interpreter."""
    with found.check():
        studio.reservations.check_free(spec.name, "name")
    answer = Preflight(
        ready=not found.problems, checks=[_blocking(error) for error in found.problems]
    )
    if drawn is not None:
        answer.rows = _row_counts(drawn)
        answer.steps = _step_counts(spec, len(drawn.train), _device_kind(studio, request))
        answer.checks += _advice(spec, answer.rows, answer.steps)
    if found.dataset is not None and found.prompt is not None:
        answer.checks += studio.profiles.checks(found.dataset, found.prompt)
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
