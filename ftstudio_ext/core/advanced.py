"""The "advanced" JSON of a training form: which library fields the studio keeps for itself.

Everything else goes to the library as it is; the worker checks the remaining names against the
installed library before it loads a model. Pure names, so that the server can refuse early.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

from ftstudio_ext.core.errors import InvalidInput
from ftstudio_ext.schema.training import TrainSpec

LORA = "lora.advanced"
QUANTIZATION = "quantization.advanced"
SFT = "optimizer.advanced"

LIBRARY_CLASS = {LORA: "LoraConfig", QUANTIZATION: "BitsAndBytesConfig", SFT: "SFTConfig"}

FORM_FIELDS: dict[str, dict[str, str]] = {
    LORA: {
        "r": "lora.r",
        "lora_alpha": "lora.alpha",
        "lora_dropout": "lora.dropout",
        "target_modules": "lora.target_modules",
    },
    QUANTIZATION: {
        "bnb_4bit_quant_type": "quantization.quant_type",
        "bnb_4bit_use_double_quant": "quantization.double_quant",
    },
    SFT: {
        "learning_rate": "learning_rate",
        "num_train_epochs": "epochs",
        "max_steps": "max_steps",
        "max_length": "max_length",
        "per_device_train_batch_size": "per_device_batch_size",
        "gradient_accumulation_steps": "effective_batch_size",
        "gradient_checkpointing": "gradient_checkpointing",
        "activation_checkpointing": "gradient_checkpointing",
        "weight_decay": "optimizer.weight_decay",
        "max_grad_norm": "optimizer.max_grad_norm",
        "seed": "seed",
        "data_seed": "seed",
        "logging_steps": "log_every_steps",
        "eval_strategy": "evaluation.strategy",
        "eval_steps": "evaluation.steps",
        "save_steps": "checkpoints.every_steps",
        "save_total_limit": "checkpoints.keep",
        "completion_only_loss": "loss_on",
    },
}
"""Fields that the form has already: a second value would leave open which one counts."""

_OUTPUT = "the studio decides where the run's files go"
_HUB = "jobs never push to a hub"
_FLOW = "the studio saves, evaluates and logs so that a run can go on after anything"
_TOKENS = "the studio renders and tokenizes the rows itself"
_LAUNCH = "the studio decides how and where the job runs"
_CODE = "code from model repositories is never run"

OWNED: dict[str, dict[str, str]] = {
    LORA: {
        "base_model_name_or_path": "the base model is chosen in the form",
        "revision": "the base model is chosen in the form",
        "task_type": "it is always CAUSAL_LM",
        "peft_type": "it is always LORA",
        "inference_mode": "training needs it off",
        "auto_mapping": "the base model is chosen in the form",
        "peft_version": "the installed version writes it",
    },
    QUANTIZATION: {
        "load_in_4bit": "the method decides it",
        "load_in_8bit": "the method decides it",
    },
    SFT: {
        **dict.fromkeys(("output_dir", "logging_dir", "overwrite_output_dir", "run_name"), _OUTPUT),
        **dict.fromkeys(("report_to", "project", "trackio_space_id", "disable_tqdm"), _FLOW),
        **dict.fromkeys(
            (
                "push_to_hub",
                "hub_model_id",
                "hub_strategy",
                "hub_token",
                "hub_private_repo",
                "hub_always_push",
                "hub_revision",
            ),
            _HUB,
        ),
        **dict.fromkeys(
            (
                "do_train",
                "do_eval",
                "do_predict",
                "eval_on_start",
                "eval_delay",
                "logging_strategy",
                "logging_first_step",
                "logging_nan_inf_filter",
                "save_strategy",
                "save_on_each_node",
                "save_only_model",
                "enable_jit_checkpoint",
                "load_best_model_at_end",
                "metric_for_best_model",
                "greater_is_better",
                "resume_from_checkpoint",
                "restore_callback_states_from_checkpoint",
                "ignore_data_skip",
                "auto_find_batch_size",
                "remove_unused_columns",
                "prediction_loss_only",
                "batch_eval_metrics",
                "train_sampling_strategy",
                "length_column_name",
            ),
            _FLOW,
        ),
        **dict.fromkeys(
            (
                "dataset_text_field",
                "dataset_kwargs",
                "dataset_num_proc",
                "shuffle_dataset",
                "chat_template_path",
                "eos_token",
                "pad_token",
                "truncation_mode",
                "packing",
                "packing_strategy",
                "eval_packing",
                "padding_free",
                "assistant_only_loss",
            ),
            _TOKENS,
        ),
        **dict.fromkeys(
            (
                "deepspeed",
                "fsdp",
                "fsdp_config",
                "accelerator_config",
                "parallelism_config",
                "use_cpu",
                "local_rank",
                "ddp_backend",
                "full_determinism",
            ),
            _LAUNCH,
        ),
        "model_init_kwargs": "the base model is chosen in the form",
        "trust_remote_code": _CODE,
    },
}
"""Fields that the studio owns, and why."""

RENAMED: dict[str, str] = {
    "max_seq_length": "max_length",
    "tokenizer": "processing_class",
    "evaluation_strategy": "eval_strategy",
    "group_by_length": "train_sampling_strategy",
    "warmup_ratio": "warmup_steps (a number below 1 is a ratio)",
    "no_cuda": "use_cpu",
    "use_liger_kernel": "model_init_kwargs",
    "alpha": "lora_alpha",
    "rank": "r",
    "dropout": "lora_dropout",
}
"""Names of earlier versions, and what they are called now."""


def check_spec(spec: TrainSpec) -> None:
    """Refuse what the studio owns or the form has already, in all three advanced fields."""
    for field, advanced in advanced_of(spec).items():
        check_owned(field, advanced)


def advanced_of(spec: TrainSpec) -> dict[str, dict[str, Any]]:
    """{field: the advanced JSON in it}."""
    return {
        LORA: spec.lora.advanced,
        QUANTIZATION: spec.quantization.advanced,
        SFT: spec.optimizer.advanced,
    }


def check_owned(field: str, advanced: Mapping[str, Any]) -> None:
    """Raise InvalidInput for the first name that is not the caller's to set."""
    library = LIBRARY_CLASS[field]
    for name in advanced:
        if (form_field := FORM_FIELDS[field].get(name)) is not None:
            raise InvalidInput(
                f"{name!r} of {library} is a field of the form.",
                field=f"{field}.{name}",
                remedy=f"Set '{form_field}' instead.",
            )
        if (reason := OWNED[field].get(name)) is not None:
            raise InvalidInput(
                f"{name!r} of {library} cannot be set: {reason}.",
                field=f"{field}.{name}",
                remedy=f"Remove {name!r} from the advanced fields.",
            )


def check_known(field: str, advanced: Mapping[str, Any], known: Iterable[str]) -> None:
    """Raise InvalidInput for the first name that the installed library does not have."""
    names = sorted(known)
    for name in advanced:
        if name not in names:
            raise InvalidInput(
                f"{LIBRARY_CLASS[field]} has no field {name!r}.",
                field=f"{field}.{name}",
                remedy=_unknown_remedy(field, name, names),
            )


def _unknown_remedy(field: str, name: str, known: list[str]) -> str:
    if (now_called := RENAMED.get(name)) is not None:
        form_field = FORM_FIELDS[field].get(now_called.split(" ")[0])
        if form_field is not None:
            return f"It is called {now_called!r} now; set '{form_field}' in the form."
        return f"It is called {now_called} now."
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    return f"Did you mean {near[0]!r}?" if near else f"Remove {name!r}."
