"""What of a training form differs from its defaults, and what of that a script carries out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ftstudio_ext.schema.training import TrainSpec

CARRIED_OUT = frozenset(
    [
        "name",
        "base_model",
        "dataset",
        "prompt",
        "method",
        "max_length",
        "effective_batch_size",
        "per_device_batch_size",
        "epochs",
        "max_steps",
        "learning_rate",
        "loss_on",
        "gradient_checkpointing",
        "seed",
        "log_every_steps",
        "data.split",
        "data.fraction",
        "data.validation_fraction",
        "data.test_fraction",
        "lora.r",
        "lora.alpha",
        "lora.dropout",
        "lora.target_modules",
        "lora.advanced",
        "quantization.quant_type",
        "quantization.double_quant",
        "quantization.advanced",
        "optimizer.name",
        "optimizer.weight_decay",
        "optimizer.warmup_ratio",
        "optimizer.scheduler",
        "optimizer.max_grad_norm",
        "optimizer.advanced",
        "evaluation.strategy",
        "evaluation.steps",
        "evaluation.keep_best",
        "evaluation.patience",
    ]
)
"""Fields of the form that the script knows."""
WITHOUT_EFFECT = frozenset(
    [
        "probe",
        "output_dir",
        "evaluation.samples",
        "evaluation.scored_rows",
        "checkpoints.every_steps",
        "checkpoints.every_minutes",
        "checkpoints.keep",
    ]
)
"""Fields that change nothing about what is learned."""


def without_defaults(spec: TrainSpec) -> dict[str, Any]:
    """The form's fields that differ from their defaults."""
    made = spec.model_dump(mode="json", exclude_defaults=True)
    return {name: value for name, value in made.items() if value != {}}


def not_carried_out(spec: TrainSpec) -> list[str]:
    """Dotted names of the fields in use that a script does nothing about."""
    return sorted(set(_paths(without_defaults(spec))) - CARRIED_OUT - WITHOUT_EFFECT)


def _paths(values: Mapping[str, Any], above: str = "") -> Iterator[str]:
    for name, value in values.items():
        if isinstance(value, dict) and name != "advanced":
            yield from _paths(value, f"{above}{name}.")
        else:
            yield f"{above}{name}"
