"""The flow of a run, as callbacks of the stock Trainer: the order of the rows, when to evaluate,
when to save, when to stop. All of it follows from the step number, so that a resumed run does
at each step what an uninterrupted one would have done."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from transformers import TrainerCallback

from ftstudio_ext.core.steps import StepPlan
from ftstudio_ext.jobs import checkpoints
from ftstudio_ext.schema.training import TrainSpec

from .reporting import Reporter

TOKENS_FILE = "ftstudio_tokens.json"
"""In each checkpoint: how many tokens the run had seen, which the Trainer does not keep."""


class SeededOrder(TrainerCallback):
    """Draw each epoch's order of rows from seed and epoch alone.

    The Trainer's length-grouped sampler draws from torch's global generator, whose state in the
    middle of a later epoch is not what it was at that epoch's start: a resumed run would repeat
    some rows and skip others.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def on_epoch_begin(
        self, args: Any, state: Any, control: Any, train_dataloader: Any = None, **kwargs: Any
    ) -> None:
        import torch

        sampler = getattr(getattr(train_dataloader, "batch_sampler", None), "sampler", None)
        if sampler is not None and hasattr(sampler, "generator"):
            epoch = int(state.epoch or 0)
            sampler.generator = torch.Generator().manual_seed(
                (self.seed + 1_000_003 * epoch) % 2**63
            )


class Flow(TrainerCallback):
    """Evaluate, save and stop. `stopped` tells that people ended the run before its last step."""

    def __init__(
        self, reporter: Reporter, spec: TrainSpec, steps: StepPlan, evaluate: bool
    ) -> None:
        self.reporter = reporter
        self.settings = spec.checkpoints
        self.steps = steps
        self.stopped = False
        self.tokens_seen = 0
        self.saved_path: Path | None = None
        self._evaluate_every = evaluation_interval(spec, steps) if evaluate else None
        self._saved_at = time.monotonic()

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self._saved_at = time.monotonic()

    def on_step_end(
        self, args: Any, state: Any, control: Any, model: Any = None, **kwargs: Any
    ) -> None:
        step, last = state.global_step, state.global_step >= self.steps.total_steps
        asked = self.reporter.run.control()
        if self._evaluate_every and (step % self._evaluate_every == 0 or last):
            control.should_evaluate = True
            self.reporter.phase("evaluating")
        if asked in ("stop", "stop_and_save"):
            self.stopped = True
            control.should_training_stop = True
        if asked in ("stop_and_save", "checkpoint_now") or last or self._save_is_due(step):
            self.reporter.run.check_room(first_checkpoint_bytes(model))
            control.should_save = control.should_log = True  # so that both begin anew together

    def on_evaluate(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self.reporter.phase("training")

    def on_save(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Seal what the Trainer has written: from now on it is a checkpoint to resume from."""
        folder = Path(args.output_dir) / f"checkpoint-{state.global_step}"
        (folder / TOKENS_FILE).write_text(json.dumps({"tokens_seen": self.tokens_seen}))
        checkpoints.seal(folder)
        self.saved_path = folder
        self._saved_at = time.monotonic()
        self.reporter.emit(kind="checkpoint", step=state.global_step, path=str(folder))

    def _save_is_due(self, step: int) -> bool:
        if self.settings.every_steps and step % self.settings.every_steps == 0:
            return True
        return time.monotonic() - self._saved_at >= self.settings.every_minutes * 60


def evaluation_interval(spec: TrainSpec, steps: StepPlan) -> int | None:
    """Steps between two evaluations; the last step is always evaluated too."""
    if spec.evaluation.strategy == "steps":
        return spec.evaluation.steps
    return steps.steps_per_epoch if spec.evaluation.strategy == "epoch" else None


def first_checkpoint_bytes(model: Any) -> int:
    """About what a checkpoint takes: the trained weights and two moments of the optimizer each."""
    trained = (weights for weights in model.parameters() if weights.requires_grad)
    return 3 * sum(weights.numel() * weights.element_size() for weights in trained)


def tokens_seen_at(checkpoint: Path | None) -> int:
    """The count that the run had reached at a checkpoint."""
    if checkpoint is None:
        return 0
    try:
        return int(json.loads((checkpoint / TOKENS_FILE).read_text())["tokens_seen"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0
