"""The check before training: the longest batch, once forward and backward, and one batch of the
evaluation. Running out of memory here costs seconds; hours into the run it would cost hours.

It leaves no trace: gradients are dropped, random generators stand where they stood, and no
weight moves. What it has measured gives the first estimate of the time to go.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from transformers import TrainerCallback

from ftstudio_ext.core.steps import StepPlan

from .environment import memory_bytes
from .failures import ProbeFailed
from .reporting import Reporter


class Probe(TrainerCallback):
    """Runs when the trainer has everything in place, and before its first step."""

    def __init__(self, trainer: Any, reporter: Reporter, steps: StepPlan, validation: Any) -> None:
        self.trainer = trainer
        self.reporter = reporter
        self.steps = steps
        self.validation = validation

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        trainer, rows = self.trainer, self.steps.per_device_batch_size
        with _untouched_generators():
            batch = _longest(trainer, trainer.train_dataset, rows)
            shape = (batch["input_ids"].shape[0], batch["input_ids"].shape[1])
            began = time.perf_counter()
            try:
                _learn(trainer, batch)
                seconds = time.perf_counter() - began
                if self.validation is not None:
                    _judge(trainer, _longest(trainer, self.validation, rows))
            except (RuntimeError, MemoryError) as error:
                raise ProbeFailed(error, shape) from error
        self._report(seconds, shape, state.global_step)
        self.reporter.check_stop()
        self.reporter.phase("training")

    def _report(self, seconds: float, shape: tuple[int, int], step: int) -> None:
        left = self.steps.total_steps - step
        at_most = seconds * self.steps.accumulation_steps * left
        memory = memory_bytes()
        self.reporter.progress(step=step, total_steps=self.steps.total_steps, eta_s=at_most)
        self.reporter.emit(
            kind="result",
            message="probe",
            data={"rows": shape[0], "tokens": shape[1], "seconds": round(seconds, 3), **memory},
        )
        print(
            f"the longest batch ({shape[0]} rows of {shape[1]:,} tokens) fits; "
            f"it took {seconds:.1f} s",
            flush=True,
        )


def _longest(trainer: Any, dataset: Any, rows: int) -> dict[str, Any]:
    """The longest rows as one batch, where the model is."""
    import pyarrow.compute as pc

    table = dataset.with_format("arrow")[:]
    lengths = pc.list_value_length(table["input_ids"]).to_pylist()
    places = sorted(range(len(lengths)), key=lambda place: -lengths[place])[:rows]
    batch = trainer.data_collator([dataset[place] for place in places])
    found: dict[str, Any] = trainer._prepare_inputs(dict(batch))
    return found


def _learn(trainer: Any, batch: dict[str, Any]) -> None:
    """Forward and backward, as a step does it; the gradients are dropped."""
    model = trainer.model_wrapped
    try:
        _loss(model, batch).backward()
    finally:
        model.zero_grad(set_to_none=True)


def _judge(trainer: Any, batch: dict[str, Any]) -> None:
    import torch

    model = trainer.model_wrapped
    model.eval()
    try:
        with torch.no_grad():
            _loss(model, batch)
    finally:
        model.train()


def _loss(model: Any, batch: dict[str, Any]) -> Any:
    """The trainer's own loss, without its counts."""
    found = model(**batch, use_cache=False, fused_lm_head=True)
    return -found.log_probs.sum()


@contextmanager
def _untouched_generators() -> Iterator[None]:
    """Dropout draws from torch's generators: afterwards they stand where they stood."""
    import torch

    devices: Sequence[int] = range(torch.cuda.device_count()) if torch.cuda.is_available() else ()
    with torch.random.fork_rng(devices=list(devices)):
        yield
    if devices:
        torch.cuda.empty_cache()
