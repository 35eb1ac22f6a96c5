"""Step arithmetic: from rows and examples per optimizer step to batches and steps.

Counted as transformers' Trainer counts: the last batch of an epoch may be smaller, and a
fractional number of epochs is rounded up to whole optimizer steps.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

LARGEST_DERIVED_BATCH = {"cpu": 8, "cuda": 4}
"""Rows per forward pass, when people do not say: larger ones gain little and cost memory."""


@dataclass(frozen=True)
class StepPlan:
    """How a run is cut into steps; `effective_batch_size` = per device × accumulation."""

    rows: int
    effective_batch_size: int
    per_device_batch_size: int
    accumulation_steps: int
    steps_per_epoch: int
    total_steps: int
    epochs: float

    @property
    def examples(self) -> int:
        """Rows that the whole run looks at, repetitions counted."""
        whole, rest = divmod(self.total_steps, self.steps_per_epoch)
        return whole * self.rows + min(rest * self.effective_batch_size, self.rows)


def batch_per_device(effective: int, wanted: int | None = None, device: str = "cpu") -> int:
    """`wanted`, or the largest divisor of `effective` that the device takes comfortably."""
    if wanted is not None:
        if effective % wanted:
            raise ValueError(f"{wanted} does not divide the effective batch size {effective}")
        return wanted
    largest = LARGEST_DERIVED_BATCH.get(device, LARGEST_DERIVED_BATCH["cuda"])
    return next(size for size in range(min(effective, largest), 0, -1) if effective % size == 0)


def plan(
    rows: int,
    effective_batch_size: int,
    *,
    epochs: float = 1,
    max_steps: int | None = None,
    per_device_batch_size: int | None = None,
    device: str = "cpu",
) -> StepPlan:
    """The steps of a run over `rows` training rows (at least one)."""
    if rows < 1:
        raise ValueError("there are no rows to train on")
    per_device = batch_per_device(effective_batch_size, per_device_batch_size, device)
    accumulation = effective_batch_size // per_device
    steps_per_epoch = math.ceil(math.ceil(rows / per_device) / accumulation)
    total = max_steps if max_steps is not None else math.ceil(epochs * steps_per_epoch)
    return StepPlan(
        rows=rows,
        effective_batch_size=effective_batch_size,
        per_device_batch_size=per_device,
        accumulation_steps=accumulation,
        steps_per_epoch=steps_per_epoch,
        total_steps=total,
        epochs=total / steps_per_epoch,
    )
