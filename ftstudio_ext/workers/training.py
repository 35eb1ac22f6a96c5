"""The trainer of a run: stock TRL SFTTrainer with our callbacks, and the tracking around it."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from trl import SFTTrainer

from ftstudio_ext.core.examples import stop_ids
from ftstudio_ext.core.steps import StepPlan
from ftstudio_ext.jobs.worker import Stopped, WorkerRun
from ftstudio_ext.schema.training import ResolvedTraining, TrainSpec

from . import model_loading, samples, training_settings
from .best import Best, take_best
from .flow import Flow, SeededOrder, tokens_seen_at
from .metrics import Metrics
from .probe import Probe
from .reporting import Reporter
from .tracking import Tracker
from .training_data import TrainingData


class Training:
    """One attempt's trainer; `run_trainer` trains, the rest tells about it."""

    def __init__(
        self,
        run: WorkerRun,
        spec: TrainSpec,
        resolved: ResolvedTraining,
        reporter: Reporter,
        model: Any,
        tokenizer: Any,
        data: TrainingData,
        steps: StepPlan,
    ) -> None:
        self.run, self.spec, self.resolved, self.reporter = run, spec, resolved, reporter
        self.model, self.tokenizer, self.data, self.steps = model, tokenizer, data, steps
        self.artifacts: list[Path] = []
        self.peft_model: Any = None
        self.tracker: Tracker
        self._metrics: Metrics | None = None
        self._evaluate = data.validation is not None and len(data.validation) > 0
        self._keep_best = self._evaluate and spec.evaluation.keep_best
        self._best: dict[str, float] = {}
        self._last_step = steps.total_steps

    @contextlib.contextmanager
    def tracked(self, id_file: Path) -> Iterator[None]:
        """Everything inside is one MLflow run, ended with what came of it."""
        self.tracker = Tracker(
            self.resolved.tracking,
            run_name=self.spec.name,
            params=parameters(self.spec, self.resolved, self.steps),
            tags={"ftstudio.job_id": self.run.spec.id, "ftstudio.type": "train"},
            id_file=id_file,
            on_problem=self._tracking_problem,
        ).start()
        try:
            yield
        except Stopped:
            self.tracker.finish("KILLED", timeout_s=10)
            raise
        except BaseException:
            self.tracker.finish("FAILED", timeout_s=10)
            raise
        self.tracker.finish("FINISHED", artifacts=self.artifacts)

    def run_trainer(self, resume_from: Path | None, max_length: int) -> None:
        """Train to the last step; raises Stopped when people ended it before, with a checkpoint."""
        compact = model_loading.score_labelled_positions_only()
        trainer = SFTTrainer(
            model=self.model,
            args=training_settings.sft_config(self.spec, self.steps, self.run.checkpoints_dir),
            train_dataset=self.data.train,
            eval_dataset=self.data.validation if self._evaluate else None,
            processing_class=self.tokenizer,
            peft_config=training_settings.lora_config(self.spec),
        )
        trained = model_loading.adapters_in_float32(trainer.model)
        model_loading.keep_weights_trainable(trainer.model)
        self.peft_model = trainer.model
        flow = self._add_callbacks(trainer, max_length, tokens_seen_at(resume_from))
        print(
            f"training {trained:,} parameters for {self.steps.total_steps:,} steps of "
            f"{self.steps.per_device_batch_size} x {self.steps.accumulation_steps} rows"
            + (" (loss on labelled positions only)" if compact else ""),
            flush=True,
        )
        self.reporter.phase("checking memory" if self.spec.probe else "training")
        trainer.train(resume_from_checkpoint=str(resume_from) if resume_from else None)
        if flow.stopped:
            raise Stopped
        if self._keep_best:
            best = take_best(trainer.model, trainer.state, self.run.checkpoints_dir, self.reporter)
            self._best = {} if best is None else {"eval_loss": best}
        self._last_step = trainer.state.global_step

    def final_metrics(self) -> dict[str, float]:
        """The last value of each metric, for the manifest."""
        last = (dict(self._metrics.last) if self._metrics else {}) | self._best
        names = ("loss", "eval_loss", "tokens_seen")
        kept = {name: last[name] for name in names if name in last}
        if "eval_loss" in kept and kept["eval_loss"] < 20:
            kept["eval_perplexity"] = math.exp(kept["eval_loss"])
        return kept | {"steps": float(self._last_step)}

    def mlflow_run_id(self) -> str | None:
        """For the manifest; None when MLflow does not answer."""
        return self.tracker.wait_for_run()

    def _add_callbacks(self, trainer: Any, max_length: int, tokens_before: int) -> Flow:
        flow = Flow(self.reporter, self.spec, self.steps, self._evaluate)
        flow.tokens_seen = tokens_before
        self._metrics = Metrics(self.reporter, self.tracker, self.steps, flow, tokens_before)
        callbacks: list[Any] = [SeededOrder(self.spec.seed), self._metrics]
        if self.spec.probe:
            validation = self.data.validation if self._evaluate else None
            callbacks.insert(0, Probe(trainer, self.reporter, self.steps, validation))
        if self._evaluate and (self.spec.evaluation.samples or self.spec.evaluation.scored_rows):
            rows = samples.choose(
                self.resolved, self.spec, self.data.parts.validation, self.tokenizer
            )
            stops = stop_ids(self.tokenizer, self.resolved.prompt)
            callbacks.append(
                samples.Samples(
                    self.reporter,
                    self.tokenizer,
                    rows,
                    max_length,
                    stops,
                    self.spec,
                    self._metrics.report,
                    self.resolved.prompt.task,
                )
            )
        callbacks.append(flow)
        if self._keep_best:
            callbacks.append(Best(self.reporter, self.spec))
        for callback in callbacks:
            trainer.add_callback(callback)
        return flow

    def _tracking_problem(self, message: str) -> None:
        self.reporter.warning(
            "tracking_failed",
            f"MLflow does not take the run's numbers: {message}",
            "Training goes on, and the job keeps all of them; check the tracking address.",
        )


def parameters(spec: TrainSpec, resolved: ResolvedTraining, steps: StepPlan) -> dict[str, Any]:
    """The handful of parameters that tell two runs apart."""
    return {
        "method": spec.method,
        "base_model": resolved.base_model.name,
        "dataset": resolved.dataset.name,
        "prompt": resolved.prompt.name,
        "rows": steps.rows,
        "steps": steps.total_steps,
        "effective_batch_size": steps.effective_batch_size,
        "per_device_batch_size": steps.per_device_batch_size,
        "learning_rate": spec.learning_rate,
        "scheduler": spec.optimizer.scheduler,
        "optimizer": spec.optimizer.name,
        "max_length": spec.max_length,
        "loss_on": spec.loss_on,
        "lora_r": spec.lora.r,
        "lora_alpha": spec.lora.alpha,
        "lora_dropout": spec.lora.dropout,
        "target_modules": spec.lora.target_modules,
        "seed": spec.seed,
    }
