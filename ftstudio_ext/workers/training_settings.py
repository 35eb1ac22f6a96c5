"""From the form's fields to the libraries' configurations: LoraConfig, BitsAndBytesConfig,
SFTConfig. Each advanced field is checked here, before anything is loaded."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_type_hints

from pydantic import (
    ConfigDict,
    PydanticUndefinedAnnotation,
    PydanticUserError,
    TypeAdapter,
    ValidationError,
)

from ftstudio_ext.core import advanced
from ftstudio_ext.core.errors import InvalidInput
from ftstudio_ext.core.steps import StepPlan
from ftstudio_ext.schema.training import TrainSpec


def validate(spec: TrainSpec, scratch: Path) -> None:
    """Build every configuration once, for a run of one step; raises InvalidInput."""
    one_step = StepPlan(1, 1, 1, 1, 1, 1, 1.0)
    lora_config(spec)
    quantization_config(spec)
    sft_config(spec, one_step, scratch)


def lora_config(spec: TrainSpec) -> Any:
    """PEFT's LoraConfig."""
    from peft import LoraConfig

    return _built(
        advanced.LORA,
        LoraConfig,
        {
            "r": spec.lora.r,
            "lora_alpha": spec.lora.alpha,
            "lora_dropout": spec.lora.dropout,
            "target_modules": spec.lora.target_modules,
            "task_type": "CAUSAL_LM",
        },
        spec.lora.advanced,
    )


def quantization_config(spec: TrainSpec) -> Any:
    """transformers' BitsAndBytesConfig, or None for method lora."""
    from transformers import BitsAndBytesConfig

    given = spec.quantization.advanced
    if spec.method != "qlora":
        advanced.check_owned(advanced.QUANTIZATION, given)
        return None
    return _built(
        advanced.QUANTIZATION,
        BitsAndBytesConfig,
        {
            "load_in_4bit": True,
            "bnb_4bit_quant_type": spec.quantization.quant_type,
            "bnb_4bit_use_double_quant": spec.quantization.double_quant,
            "bnb_4bit_compute_dtype": compute_dtype(),
        },
        given,
    )


def sft_config(spec: TrainSpec, steps: StepPlan, checkpoints: Path) -> Any:
    """TRL's SFTConfig. Saving and evaluating are left to our callback (see `flow.py`)."""
    import torch
    from trl import SFTConfig

    half = compute_dtype()
    owned = {
        "output_dir": str(checkpoints),
        "max_steps": steps.total_steps,
        "per_device_train_batch_size": steps.per_device_batch_size,
        "per_device_eval_batch_size": steps.per_device_batch_size,
        "gradient_accumulation_steps": steps.accumulation_steps,
        "learning_rate": spec.learning_rate,
        "weight_decay": spec.optimizer.weight_decay,
        "max_grad_norm": spec.optimizer.max_grad_norm,
        "seed": spec.seed,
        "gradient_checkpointing": spec.gradient_checkpointing,
        "logging_steps": spec.log_every_steps,
        "logging_nan_inf_filter": False,
        "eval_strategy": "no",
        "save_strategy": "no",
        "save_total_limit": spec.checkpoints.keep,
        "report_to": "none",
        "disable_tqdm": True,
        "bf16": half == torch.bfloat16,
        "fp16": half == torch.float16,
        "use_cpu": not torch.cuda.is_available(),
        "dataloader_pin_memory": torch.cuda.is_available(),
        "train_sampling_strategy": "group_by_length",
        # The rows come tokenized, none over the limit: nothing is left to prepare or to cut.
        "max_length": None,
        "dataset_kwargs": {"skip_prepare_dataset": True},
        "packing": False,
    }
    suggested = {
        "optim": spec.optimizer.name,
        "lr_scheduler_type": spec.optimizer.scheduler,
        "warmup_steps": spec.optimizer.warmup_ratio,  # a number below 1 is a ratio
    }
    return _built(advanced.SFT, SFTConfig, owned, spec.optimizer.advanced, suggested)


def compute_dtype() -> Any:
    """bfloat16, except on GPUs without it."""
    import torch

    if torch.cuda.is_available() and not torch.cuda.is_bf16_supported(including_emulation=False):
        return torch.float16
    return torch.bfloat16


def _built(
    field: str,
    config_class: Callable[..., Any],
    owned: dict[str, Any],
    given: dict[str, Any],
    suggested: dict[str, Any] | None = None,
) -> Any:
    """`config_class` of the studio's values and the advanced ones, which may replace `suggested`."""
    advanced.check_owned(field, given)
    advanced.check_known(field, given, _field_names(config_class))
    _check_values(field, config_class, given)
    try:
        return config_class(**{**(suggested or {}), **given, **owned})
    except (TypeError, ValueError, ImportError, AttributeError, KeyError) as error:
        if not given:
            raise
        raise InvalidInput(
            f"{advanced.LIBRARY_CLASS[field]} does not accept the advanced fields: {error}",
            field=field,
            remedy=f"Check the values of {', '.join(sorted(given))}.",
        ) from error


def _check_values(field: str, config_class: Any, given: dict[str, Any]) -> None:
    """Compare values with the types that the library declares: it does not look at all of them
    itself, and some fail only after minutes of loading."""
    try:
        declared = get_type_hints(config_class)
    except (NameError, TypeError):
        return
    for name, value in given.items():
        try:
            check = TypeAdapter(
                declared.get(name, Any), config=ConfigDict(arbitrary_types_allowed=True)
            )
        except (PydanticUserError, PydanticUndefinedAnnotation, TypeError):
            check = None  # a type like LoftQConfig: the library has to look itself
        try:
            if check is not None:
                check.validate_python(value)
        except ValidationError as error:
            told = "; ".join(dict.fromkeys(found["msg"] for found in error.errors()))
            raise InvalidInput(
                f"{advanced.LIBRARY_CLASS[field]} does not accept {value!r} for {name!r}.",
                field=f"{field}.{name}",
                remedy=f"{told[:300]}.",
            ) from None


def _field_names(config_class: Callable[..., Any]) -> set[str]:
    kinds = (inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    found = inspect.signature(config_class).parameters.values()
    return {parameter.name for parameter in found if parameter.kind in kinds}
