"""Load base model and tokenizer for training, with the guards that training in 4 bits needs."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ftstudio_ext.core.errors import InvalidInput
from ftstudio_ext.core.padding import choose_pad_token
from ftstudio_ext.core.tokenization import end_of_sequence
from ftstudio_ext.schema.training import TrainSpec

from . import model_files, tokenizers
from .training_settings import compute_dtype, quantization_config


def load_tokenizer(folder: Path) -> Any:
    """The tokenizer, with a pad token that needs no new row in the embeddings."""
    tokenizer = tokenizers.load_tokenizer(folder)
    end_of_sequence(tokenizer)
    tokenizer.padding_side = "right"
    return tokenizer


def load_model(folder: Path, spec: TrainSpec, config: dict[str, Any]) -> Any:
    """The base model: in 4 bits for qlora, in 16 bits for lora; from safetensors only."""
    import torch
    from transformers import AutoModelForCausalLM

    quantization = quantization_config(spec)
    stored = model_files.quantized_with(config)
    if stored is not None and quantization is not None:
        if stored != "bitsandbytes":
            raise InvalidInput(
                f"The base model's weights are quantized already, with {stored}.",
                field="base_model",
                remedy="Choose the original model, or set the method to LoRA.",
                code="already_quantized",
            )
        quantization = None
    model = AutoModelForCausalLM.from_pretrained(
        folder,
        dtype=compute_dtype(),
        quantization_config=quantization,
        device_map={"": 0} if torch.cuda.is_available() else {"": "cpu"},
        use_safetensors=True,
        local_files_only=True,
        trust_remote_code=False,
    )
    keep_weights_trainable(model)
    return model


def keep_weights_trainable(model: Any) -> int:
    """Stop bitsandbytes from repacking 4-bit weights on CPUs with AVX512-BF16; how many layers.

    The first forward pass in eval mode would replace each weight by an inference-only layout
    without gradients, and nothing undoes it: training after an evaluation would go on with
    wrong gradients, in silence.
    """
    layers = [module for module in model.modules() if hasattr(module, "support_avx512bf16_for_cpu")]
    for layer in layers:
        layer.support_avx512bf16_for_cpu = False
    return len(layers)


def fit_pad_token(tokenizer: Any, model: Any) -> None:
    """Pad with a token that the model has a row for; see core/padding.py."""
    rows = model.get_input_embeddings().weight.shape[0]
    special = {str(token): number for number, token in tokenizer.added_tokens_decoder.items()}
    for name in ("pad_token", "unk_token", "eos_token"):  # those of slow tokenizers may be missing
        if (token := getattr(tokenizer, name)) is not None:
            special[token] = tokenizer.convert_tokens_to_ids(token)
    tokenizer.pad_token = choose_pad_token(
        special, tokenizer.pad_token, tokenizer.unk_token, tokenizer.eos_token, rows
    )


def check_target_modules(model: Any, spec: TrainSpec) -> None:
    """Every module asked for must be there: PEFT would leave out a wrong one in silence."""
    targets = spec.lora.target_modules
    names = linear_module_names(model)
    field = "lora.target_modules"
    if isinstance(targets, str):
        if targets == "all-linear" or _any_matches(targets, model):
            return
        raise InvalidInput(
            f"No module of the model matches {targets!r}.",
            field=field,
            remedy=f"Use 'all-linear', or a list of: {', '.join(names)}.",
            code="unknown_target_modules",
        )
    missing = [target for target in targets if not _ends_a_name(target, model)]
    if missing or not targets:
        shown = ", ".join(repr(target) for target in missing) or "an empty list"
        near = difflib.get_close_matches(missing[0], names, n=1) if missing else []
        hint = f"Did you mean {near[0]!r}? " if near else ""
        raise InvalidInput(
            f"The model has no module named {shown}.",
            field=field,
            remedy=f"{hint}Its linear modules are: {', '.join(names)}; 'all-linear' takes them all.",
            code="unknown_target_modules",
        )
    _refuse_output_layer(targets, field)


def linear_module_names(model: Any) -> list[str]:
    """Last names of the linear layers (4-bit ones too), without the output layer."""
    import torch

    output = model.get_output_embeddings()
    return sorted(
        {
            name.rsplit(".", 1)[-1]
            for name, module in model.named_modules()
            if isinstance(module, torch.nn.Linear) and module is not output
        }
    )


def adapters_in_float32(model: Any) -> int:
    """Cast what is trained to float32; how many numbers that are.

    On a 4-bit base TRL makes adapters in bfloat16 but loads them from a checkpoint in float32,
    so that a resumed run would drift away from an uninterrupted one.
    """
    import torch

    count = 0
    for parameter in model.parameters():
        if parameter.requires_grad:
            parameter.data = parameter.data.to(torch.float32)
            count += parameter.numel()
    return count


def score_labelled_positions_only() -> bool:
    """Let TRL's fused loss skip the positions without labels on CPU too; whether it took.

    TRL does it with Triton only, for the sake of devices that compile for each shape; on CPU the
    loss is the same and a step up to four times cheaper. This is a private name of TRL: where it
    is gone, the stock path is used.
    """
    import torch
    import trl.trainer.utils as trl_utils

    if torch.cuda.is_available() or not callable(getattr(trl_utils, "_use_triton", None)):
        return False
    trl_utils._use_triton = lambda device: True
    return True


def _refuse_output_layer(targets: Iterable[str], field: str) -> None:
    if any(target.rsplit(".", 1)[-1] == "lm_head" for target in targets):
        raise InvalidInput(
            "The output layer 'lm_head' cannot have an adapter: TRL computes the loss from its "
            "weights directly.",
            field=field,
            remedy="Remove 'lm_head' from the target modules.",
            code="unsupported_target_modules",
        )


def _ends_a_name(target: str, model: Any) -> bool:
    return any(
        name == target or name.endswith(f".{target}") for name, _module in model.named_modules()
    )


def _any_matches(pattern: str, model: Any) -> bool:
    try:
        return any(re.fullmatch(pattern, name) for name, _module in model.named_modules())
    except re.error:
        return False
