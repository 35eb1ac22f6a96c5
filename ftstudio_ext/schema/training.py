"""Training: the form that people fill in, and the resolved specification that a job runs."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from .common import Slug, StoredModel, StudioModel, ui
from .datasets import Dataset
from .models import BaseModelRecord
from .prompts import Prompt


class DataSettings(StudioModel):
    """Which rows train, choose and test. Everything is drawn from `seed`."""

    split: str | None = Field(
        None,
        description="Split to train on; `train`, or the only one, when absent.",
        json_schema_extra=ui("data", order=1),
    )
    fraction: float = Field(
        1.0,
        gt=0,
        le=1,
        title="Fraction of training rows",
        description="Part of the training rows to use, drawn at random; 1 uses all of them.",
        json_schema_extra=ui("data", order=2),
    )
    validation_fraction: float = Field(
        0.05,
        ge=0,
        lt=1,
        title="Validation fraction",
        description="Rows set aside to judge the run, where the dataset has no validation split.",
        json_schema_extra=ui("data", order=3, advanced=True),
    )
    test_fraction: float = Field(
        0.1,
        ge=0,
        lt=1,
        title="Test fraction",
        description="Rows that training never sees, where the dataset has no test split.",
        json_schema_extra=ui("data", order=4, advanced=True),
    )

    @model_validator(mode="after")
    def _leave_rows_to_train(self) -> DataSettings:
        if self.validation_fraction + self.test_fraction >= 1:
            raise ValueError(
                "validation_fraction and test_fraction together must stay below 1, "
                "so that rows are left to train on"
            )
        return self


class LoraSettings(StudioModel):
    """Low-rank adaptation (Hu et al. 2021, arXiv:2106.09685); fields as in PEFT's LoraConfig."""

    r: int = Field(
        16,
        ge=1,
        le=1024,
        title="Rank",
        description="Size of the low-rank update; 8 to 64 is usual, more learns more and costs more.",
        json_schema_extra=ui("lora", order=1),
    )
    alpha: int = Field(
        32,
        ge=1,
        title="Alpha",
        description="The update is scaled by alpha / rank; twice the rank is usual.",
        json_schema_extra=ui("lora", order=2),
    )
    dropout: float = Field(0.05, ge=0, lt=1, title="Dropout", json_schema_extra=ui("lora", order=3))
    target_modules: str | list[str] = Field(
        "all-linear",
        title="Target modules",
        description="`all-linear` (recommended by QLoRA), or a list of module names.",
        json_schema_extra=ui("lora", order=4, advanced=True),
    )
    advanced: dict[str, Any] = Field(
        {},
        title="More LoraConfig fields",
        json_schema_extra=ui("lora", order=9, advanced=True, widget="json"),
    )

    @field_validator("target_modules")
    @classmethod
    def _names_some(cls, value: str | list[str]) -> str | list[str]:
        names = [value] if isinstance(value, str) else value
        if not names or not all(name.strip() for name in names):
            raise ValueError("target_modules must name at least one module, or be 'all-linear'")
        return value


class QuantizationSettings(StudioModel):
    """4-bit base weights (QLoRA: Dettmers et al. 2023, arXiv:2305.14314)."""

    quant_type: Literal["nf4", "fp4"] = Field(
        "nf4", title="4-bit type", json_schema_extra=ui("quantization", order=1, advanced=True)
    )
    double_quant: bool = Field(
        True,
        title="Double quantization",
        description="Quantizes the quantization constants too; saves about 0.4 bits a parameter.",
        json_schema_extra=ui("quantization", order=2, advanced=True),
    )
    advanced: dict[str, Any] = Field(
        {},
        title="More BitsAndBytesConfig fields",
        json_schema_extra=ui("quantization", order=9, advanced=True, widget="json"),
    )


class OptimizerSettings(StudioModel):
    """How the adapter's weights move."""

    name: Literal["adamw_torch", "adamw_8bit", "paged_adamw_8bit", "paged_adamw_32bit"] = Field(
        "adamw_torch",
        title="Optimizer",
        json_schema_extra=ui("optimizer", order=1, advanced=True),
    )
    weight_decay: float = Field(
        0.0, ge=0, title="Weight decay", json_schema_extra=ui("optimizer", order=2, advanced=True)
    )
    warmup_ratio: float = Field(
        0.03,
        ge=0,
        lt=1,
        title="Warm-up",
        description="Part of all steps over which the learning rate rises from zero.",
        json_schema_extra=ui("optimizer", order=3, advanced=True),
    )
    scheduler: Literal["cosine", "linear", "constant", "constant_with_warmup"] = Field(
        "cosine",
        title="Learning-rate schedule",
        json_schema_extra=ui("optimizer", order=4, advanced=True),
    )
    max_grad_norm: float = Field(
        1.0,
        gt=0,
        title="Gradient clipping",
        json_schema_extra=ui("optimizer", order=5, advanced=True),
    )
    advanced: dict[str, Any] = Field(
        {},
        title="More SFTConfig fields",
        json_schema_extra=ui("optimizer", order=9, advanced=True, widget="json"),
    )


class EvaluationSettings(StudioModel):
    """Loss on validation rows while training runs."""

    strategy: Literal["off", "steps", "epoch"] = Field(
        "epoch", title="Evaluate", json_schema_extra=ui("evaluation", order=1)
    )
    steps: int = Field(
        50,
        ge=1,
        title="Evaluate every",
        json_schema_extra=ui("evaluation", order=2, unit="steps", advanced=True),
    )
    samples: int = Field(
        2,
        ge=0,
        le=8,
        title="Sample generations",
        description="Answers written on fixed validation rows at each evaluation.",
        json_schema_extra=ui("evaluation", order=3, advanced=True),
    )
    scored_rows: int = Field(
        0,
        ge=0,
        le=64,
        title="Scored answers",
        description="At each evaluation, so many answers on fixed validation rows are also judged "
        "by the scorers that fit; costs an answer's time each.",
        json_schema_extra=ui("evaluation", order=8, advanced=True),
    )

    keep_best: bool = Field(
        True,
        title="Keep the best",
        description="The adapter is that of the evaluation with the lowest validation loss, not "
        "that of the last step.",
        json_schema_extra=ui("evaluation", order=4, advanced=True),
    )
    patience: int | None = Field(
        None,
        ge=1,
        title="Stop early after",
        description="Ends the run after so many evaluations without a lower validation loss.",
        json_schema_extra=ui("evaluation", order=5, unit="evaluations", advanced=True),
    )

    @model_validator(mode="after")
    def _patience_needs_evaluations(self) -> EvaluationSettings:
        if self.patience is not None and (self.strategy == "off" or not self.keep_best):
            raise ValueError(
                "patience needs evaluations and keep_best: it compares with the best evaluation"
            )
        return self


class CheckpointSettings(StudioModel):
    """When the run's state is kept, so that it can go on after anything."""

    every_steps: int | None = Field(
        None,
        ge=1,
        title="Checkpoint every",
        description="When absent, by time alone.",
        json_schema_extra=ui("checkpoints", order=1, unit="steps", advanced=True),
    )
    every_minutes: float = Field(
        10,
        gt=0,
        title="Checkpoint at least every",
        json_schema_extra=ui("checkpoints", order=2, unit="minutes", advanced=True),
    )
    keep: int = Field(
        2,
        ge=2,
        title="Checkpoints kept",
        description="At least two, so that a damaged one is never the only one.",
        json_schema_extra=ui("checkpoints", order=3, advanced=True),
    )


class TrainSpec(StudioModel):
    """A training run as people ask for it. Ids or unique names stand for objects."""

    name: Slug = Field(
        title="Name",
        description="Names the run and its adapter; also the adapter's folder.",
        json_schema_extra=ui("basics", order=1),
    )
    base_model: str = Field(
        title="Base model", json_schema_extra=ui("basics", order=2, widget="model")
    )
    dataset: str = Field(title="Dataset", json_schema_extra=ui("basics", order=3, widget="dataset"))
    prompt: str = Field(title="Prompt", json_schema_extra=ui("basics", order=4, widget="prompt"))
    method: Literal["qlora", "lora"] = Field(
        "qlora",
        title="Method",
        description="QLoRA keeps the base model in 4 bits; LoRA in 16 bits.",
        json_schema_extra=ui("training", order=1),
    )
    max_length: int = Field(
        1024,
        ge=8,
        le=1_048_576,
        title="Max sequence length",
        description="Longer examples are left out and counted, never cut in silence.",
        json_schema_extra=ui("training", order=2, unit="tokens"),
    )
    effective_batch_size: int = Field(
        8,
        ge=1,
        le=65_536,
        title="Effective batch size",
        description="Examples per optimizer step; split by accumulation where memory asks for it.",
        json_schema_extra=ui("training", order=3, unit="examples"),
    )
    per_device_batch_size: int | None = Field(
        None,
        ge=1,
        title="Batch size per device",
        description="Derived when absent; must divide the effective batch size.",
        json_schema_extra=ui("training", order=4, unit="examples", advanced=True),
    )
    epochs: float = Field(
        1, gt=0, le=1000, title="Epochs", json_schema_extra=ui("training", order=5)
    )
    max_steps: int | None = Field(
        None,
        ge=1,
        title="Max steps",
        description="Ends the run after this many optimizer steps; overrides epochs.",
        json_schema_extra=ui("training", order=6, unit="steps", advanced=True),
    )
    learning_rate: float = Field(
        2e-4,
        gt=0,
        lt=1,
        title="Learning rate",
        description="1e-4 to 1e-3 is usual for adapters; 2e-4 is a good start.",
        json_schema_extra=ui("training", order=7),
    )
    loss_on: Literal["completion", "all"] = Field(
        "completion",
        title="Learn from",
        description="Completion: the loss counts the answer only. All: the prompt too.",
        json_schema_extra=ui("training", order=8, advanced=True),
    )
    gradient_checkpointing: bool = Field(
        False,
        title="Gradient checkpointing",
        description="Less memory for about 1.4 times the computation.",
        json_schema_extra=ui("training", order=9, advanced=True),
    )
    probe: bool = Field(
        True,
        title="Check memory first",
        description="Tries the longest batch before the first step, so that running out of memory "
        "shows within seconds. Changes nothing about the result.",
        json_schema_extra=ui("training", order=13, advanced=True),
    )
    seed: int = Field(
        42, ge=0, lt=2**32, title="Seed", json_schema_extra=ui("training", order=10, advanced=True)
    )
    log_every_steps: int = Field(
        1,
        ge=1,
        title="Log every",
        json_schema_extra=ui("training", order=11, unit="steps", advanced=True),
    )
    output_dir: str | None = Field(
        None,
        title="Output directory",
        description="A folder below the server's root that also gets a copy of the adapter.",
        json_schema_extra=ui("training", order=12, advanced=True, widget="path"),
    )
    data: DataSettings = Field(default_factory=DataSettings, title="Data")
    evaluation: EvaluationSettings = Field(default_factory=EvaluationSettings, title="Evaluation")
    checkpoints: CheckpointSettings = Field(default_factory=CheckpointSettings, title="Checkpoints")
    lora: LoraSettings = Field(default_factory=LoraSettings, title="LoRA")
    quantization: QuantizationSettings = Field(
        default_factory=QuantizationSettings, title="Quantization"
    )
    optimizer: OptimizerSettings = Field(default_factory=OptimizerSettings, title="Optimizer")

    @model_validator(mode="after")
    def _batch_divides(self) -> TrainSpec:
        per_device = self.per_device_batch_size
        if per_device and self.effective_batch_size % per_device:
            raise ValueError(
                f"per_device_batch_size ({per_device}) must divide "
                f"effective_batch_size ({self.effective_batch_size})"
            )
        return self


class Tracking(StoredModel):
    """Where the run's numbers go in MLflow."""

    tracking_uri: str
    experiment: str
    artifact_location: str | None = None


class ResolvedTraining(StoredModel):
    """`resolved` in the spec.json of a training job: every name looked up once, so that the
    worker needs neither the store nor the server."""

    base_model: BaseModelRecord
    dataset: Dataset
    dataset_dir: str = Field(description="Absolute folder with the dataset's Arrow files.")
    prompt: Prompt
    adapter_id: str
    adapter_dir: str = Field(description="Absolute; reserved at submission.")
    output_dir: str | None = Field(None, description="Absolute.")
    tracking: Tracking
