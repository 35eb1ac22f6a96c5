"""The best checkpoint, by validation loss, and the end of a run that gets no better.

What was best stands in the Trainer's own state, hence in every checkpoint, so that a resumed run
knows it. The Trainer keeps the best checkpoint among those it rotates.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from transformers import TrainerCallback

from ftstudio_ext.jobs import checkpoints
from ftstudio_ext.schema.training import TrainSpec

from .flow import first_checkpoint_bytes
from .reporting import Reporter


class Best(TrainerCallback):
    """Saves at each new lowest validation loss; `patience` evaluations without one end the run."""

    def __init__(self, reporter: Reporter, spec: TrainSpec) -> None:
        self.reporter = reporter
        self.patience = spec.evaluation.patience
        self.stopped_early = False

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        if control.should_evaluate:  # may save: losses are averaged from the last save on
            control.should_log = True

    def on_evaluate(
        self,
        args: Any,
        state: Any,
        control: Any,
        metrics: dict[str, float] | None = None,
        model: Any = None,
        **kwargs: Any,
    ) -> None:
        loss = (metrics or {}).get("eval_loss", math.nan)
        if math.isfinite(loss) and (state.best_metric is None or loss < state.best_metric):
            self.reporter.run.check_room(first_checkpoint_bytes(model))
            state.best_metric, state.best_global_step = loss, state.global_step
            state.best_model_checkpoint = _folder(args.output_dir, state.global_step)
            control.should_save = True
        elif self.patience and evaluations_since_best(state) >= self.patience:
            self._stop(state, control)

    def _stop(self, state: Any, control: Any) -> None:
        control.should_training_stop = True
        if state.global_step < state.max_steps and not self.stopped_early:
            self.stopped_early = True
            self.reporter.warning(
                "stopped_early",
                f"The validation loss has not become lower since step {state.best_global_step}: "
                f"the run ended at step {state.global_step} of {state.max_steps}.",
                f"The adapter is that of step {state.best_global_step}.",
                state.global_step,
            )


def evaluations_since_best(state: Any) -> int:
    """Evaluations after the best one, across interruptions."""
    best = state.best_global_step or 0
    return sum("eval_loss" in entry and entry["step"] > best for entry in state.log_history)


def take_best(model: Any, state: Any, output_dir: Path, reporter: Reporter) -> float | None:
    """Give the model the weights of the best checkpoint, where that is not the last step; its
    validation loss when it was done."""
    step = state.best_global_step
    if not step or step >= state.global_step:
        return None
    folder = Path(_folder(output_dir, step))
    if (damage := checkpoints.problem(folder)) is not None:
        reporter.warning(
            "best_checkpoint_lost",
            f"{damage} So the adapter is that of the last step, {state.global_step}.",
            f"Its validation loss was higher than the {state.best_metric:.4g} of step {step}.",
        )
        return None
    from peft import load_peft_weights, set_peft_model_state_dict

    set_peft_model_state_dict(model, load_peft_weights(str(folder), device="cpu"))
    loss = float(state.best_metric)
    reporter.emit(kind="result", step=step, message="best", values={"eval_loss": loss})
    return loss


def _folder(output_dir: str | Path, step: int) -> str:
    return str(Path(output_dir) / f"checkpoint-{step}")
