"""What a run measures: at each logged step a metric event, progress with an estimate of the time
left, and a warning where the numbers say that something is wrong."""

from __future__ import annotations

import math
import statistics
import time
from collections import deque
from typing import Any

from transformers import TrainerCallback

from ftstudio_ext.core.errors import StudioError
from ftstudio_ext.core.steps import StepPlan

from .environment import memory_bytes
from .flow import Flow
from .reporting import Reporter
from .tracking import Tracker

TRAIN_VALUES = ("loss", "learning_rate", "grad_norm", "mean_token_accuracy")
EVAL_VALUES = ("eval_loss", "eval_mean_token_accuracy")
EXPLODING = 50.0
"""A gradient norm this many times over the median of the last steps is worth a warning."""


class Diverged(StudioError):
    """The loss is no number any more; neither are the weights."""

    code = "diverged"


class Metrics(TrainerCallback):
    """Reports what the Trainer logs. `last` holds the newest value of each metric."""

    def __init__(
        self, reporter: Reporter, tracker: Tracker, steps: StepPlan, flow: Flow, tokens_before: int
    ) -> None:
        self.reporter = reporter
        self.tracker = tracker
        self.steps = steps
        self.flow = flow
        self.last: dict[str, float] = {}
        self._tokens_before = tokens_before
        self._tokens_logged = 0.0
        self._busy_s = 0.0
        self._step_began = 0.0
        self._health = Health(reporter)
        self._clock = Clock(steps.total_steps)

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self._clock.start(state.global_step)
        self.reporter.progress(step=state.global_step, total_steps=self.steps.total_steps)

    def on_step_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self._step_began = time.perf_counter()

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self._busy_s += time.perf_counter() - self._step_began
        step = state.global_step
        self.reporter.progress(step=step, epoch=state.epoch, eta_s=self._clock.eta_s(step))

    def on_log(
        self,
        args: Any,
        state: Any,
        control: Any,
        logs: dict[str, float] | None = None,
        **kwargs: Any,
    ) -> None:
        logs = logs or {}
        step = state.global_step
        if "eval_loss" in logs:
            self.report(
                step, state.epoch, {name: logs[name] for name in EVAL_VALUES if name in logs}
            )
        elif "loss" in logs:
            values = {name: float(logs[name]) for name in TRAIN_VALUES if name in logs}
            values |= self._throughput(float(logs.get("num_tokens", 0))) | memory_bytes()
            self.report(step, state.epoch, values)
            self.reporter.progress(step=step, loss=values["loss"])
            self._health.check(step, values, args.learning_rate)

    def report(self, step: int, epoch: float | None, values: dict[str, float]) -> None:
        """Values of a step: to the job's events and to MLflow."""
        self.last |= {name: value for name, value in values.items() if math.isfinite(value)}
        self.reporter.metric(step, epoch, values)
        self.tracker.log(step, values)

    def _throughput(self, tokens: float) -> dict[str, float]:
        """Tokens a second while training: evaluations and checkpoints are not counted."""
        fresh, busy_s = tokens - self._tokens_logged, self._busy_s
        self._tokens_logged, self._busy_s = tokens, 0.0
        self.flow.tokens_seen = self._tokens_before + int(tokens)
        values = {"tokens_seen": float(self.flow.tokens_seen)}
        if busy_s > 0 and fresh > 0:
            values["tokens_per_s"] = fresh / busy_s
        return values


class Clock:
    """Time left, from the pace of this attempt, evaluations and checkpoints included."""

    def __init__(self, total_steps: int) -> None:
        self.total_steps = total_steps
        self._began_at, self._began_step = time.monotonic(), 0

    def start(self, step: int) -> None:
        self._began_at, self._began_step = time.monotonic(), step

    def eta_s(self, step: int) -> float | None:
        done = step - self._began_step
        if done <= 0:
            return None
        pace = (time.monotonic() - self._began_at) / done
        return round(pace * max(self.total_steps - step, 0), 1)


class Health:
    """Says when numbers are wrong: no number, an exploding gradient, a loss stuck at zero."""

    def __init__(self, reporter: Reporter) -> None:
        self.reporter = reporter
        self._norms: deque[float] = deque(maxlen=50)
        self._zeros = 0

    def check(self, step: int, values: dict[str, float], learning_rate: float) -> None:
        """Raises Diverged when the loss is not finite: no later step could mend it."""
        loss = values["loss"]
        lower = f"Lower the learning rate (now {learning_rate:g}), for example to a third of it"
        if not math.isfinite(loss):
            raise Diverged(
                f"The loss became {loss} at step {step}: the run has diverged.",
                field="learning_rate",
                remedy=f"{lower}, and start a new run.",
            )
        self._check_norm(step, values.get("grad_norm"), lower)
        self._zeros = self._zeros + 1 if loss < 1e-6 else 0
        if self._zeros == 5:
            self.reporter.warning(
                "loss_zero",
                f"The loss has been zero for five logged steps, up to step {step}.",
                "Look at a rendered example: perhaps the completion is always the same, or stands "
                "in the prompt already.",
                step,
            )

    def _check_norm(self, step: int, norm: float | None, remedy: str) -> None:
        if norm is None:
            return
        usual = statistics.median(self._norms) if len(self._norms) >= 10 else None
        if not math.isfinite(norm) or (usual and norm > EXPLODING * usual):
            self.reporter.warning(
                "exploding_gradient",
                f"The gradient norm jumped to {norm:.3g} at step {step}"
                + (f" (usually {usual:.3g})." if usual else "."),
                f"If the loss does not recover: {remedy[0].lower()}{remedy[1:]}.",
                step,
            )
        if math.isfinite(norm):
            self._norms.append(norm)
