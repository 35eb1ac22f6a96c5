"""What a model and its LoRA layers take in training, measured by a dry run without weights.

The real modules are built on the meta device, with one and with two layers, and their forward
pass runs on tensors without memory. What autograd would keep for the backward pass is counted;
the difference of the two is one layer. So any architecture that transformers knows is covered,
with the LoRA layers as PEFT builds them and the casts that mixed precision makes.
"""

from __future__ import annotations

import copy
from typing import Any

from ftstudio_ext.core.errors import InvalidInput
from ftstudio_ext.schema.memory import MemoryProfile
from ftstudio_ext.schema.training import TrainSpec

ATTENTION = "ftstudio_dry_run"
BATCH, LENGTH = 2, 1024
"""Tokens of the dry run: many, so that what does not grow with them does not count. All the rest
does, as attention keeps no
square matrix."""


def profile(place: dict[str, Any], spec: TrainSpec) -> MemoryProfile:
    """`place`: arguments of `from_pretrained`. Seconds for the first call (imports), about half a
    second for each further one."""
    import transformers

    config = transformers.AutoConfig.from_pretrained(**place, trust_remote_code=False)
    try:
        whole = _model(config, spec, None)
        kept = [_kept(_model(config, spec, layers)) for layers in (1, 2)]
    except (ValueError, TypeError, NotImplementedError, AttributeError, RuntimeError) as error:
        first = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise InvalidInput(
            f"The memory of this model cannot be estimated: {first}",
            field="base_model",
            remedy="Train with a small batch first, and watch the memory chart.",
            code="no_memory_estimate",
        ) from error
    tokens = BATCH * LENGTH
    text = config.get_text_config()
    return MemoryProfile(
        layers=int(text.num_hidden_layers),
        hidden_size=int(text.hidden_size),
        vocab_size=int(text.vocab_size),
        layer_bytes=(kept[1] - kept[0]) // tokens,
        first_layer_bytes=kept[0] // tokens,
        **_parameters(whole),
    )


def _model(config: Any, spec: TrainSpec, layers: int | None) -> Any:
    """The model with its LoRA layers, on the meta device; with so many layers, or all."""
    import torch
    from peft import get_peft_model
    from transformers import AttentionInterface, AutoModelForCausalLM

    from .training_settings import lora_config

    AttentionInterface.register(ATTENTION, _attention)
    cut = copy.deepcopy(config)
    text = cut.get_text_config()
    if layers is not None:
        text.num_hidden_layers = layers
        if getattr(text, "layer_types", None):
            text.layer_types = text.layer_types[:layers]
    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(
            cut, dtype=torch.bfloat16, attn_implementation=ATTENTION
        )
        return get_peft_model(model, lora_config(spec)).train()


def _parameters(model: Any) -> dict[str, int]:
    import torch

    base = model.get_base_model()
    output = base.get_output_embeddings()
    linear = {
        module.weight: module.weight.numel()
        for name, module in base.named_modules()
        if isinstance(module, torch.nn.Linear) and module is not output and "lora_" not in name
    }
    trainable = sum(p.numel() for p in model.parameters() if p.requires_grad)
    everything = sum(p.numel() for p in model.parameters())
    return {
        "linear_parameters": sum(linear.values()),
        "other_parameters": everything - trainable - sum(linear.values()),
        "largest_linear": max(linear.values(), default=0),
        "trainable_parameters": trainable,
    }


def _kept(model: Any) -> int:
    """Bytes that a forward pass under mixed precision keeps for the backward pass, weights
    aside."""
    import torch
    from torch._subclasses.fake_tensor import FakeTensorMode

    backbone = model.get_base_model().base_model
    with FakeTensorMode(), _unpacked_rows():
        state = {name: _like(tensor) for name, tensor in backbone.named_parameters()}
        state |= {name: _like(tensor) for name, tensor in backbone.named_buffers()}
        own = {tensor.untyped_storage()._cdata for tensor in state.values()}
        seen: dict[int, Any] = {}

        def keep(tensor: Any) -> Any:
            storage = tensor.untyped_storage()
            if storage._cdata not in own:
                seen[storage._cdata] = storage  # held, so that no other takes its place
            return tensor

        ids = torch.zeros(BATCH, LENGTH, dtype=torch.long)
        with (
            torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor),
            torch.autocast("cpu", dtype=torch.bfloat16),
        ):
            torch.func.functional_call(
                backbone, state, kwargs={"input_ids": ids, "use_cache": False}
            )
        return sum(storage.nbytes() for storage in seen.values())


def _like(tensor: Any) -> Any:
    """A tensor without memory that looks like another; what is trained is in float32."""
    import torch

    return torch.empty(
        tensor.shape,
        dtype=torch.float32 if tensor.requires_grad else tensor.dtype,
        requires_grad=tensor.requires_grad,
    )


class _unpacked_rows:
    """transformers looks into the positions for packed rows, and there is nothing to look into.
    A private name: where it is gone, there is nothing to replace."""

    def __enter__(self) -> None:
        from transformers import masking_utils

        self._found = getattr(masking_utils, "find_packed_sequence_indices", None)
        if self._found:
            masking_utils.find_packed_sequence_indices = lambda position_ids: None

    def __exit__(self, *_: object) -> None:
        from transformers import masking_utils

        if self._found:
            masking_utils.find_packed_sequence_indices = self._found


def _attention(
    module: Any, query: Any, key: Any, value: Any, attention_mask: Any = None, **_: Any
) -> tuple[Any, None]:
    """Keeps what memory-efficient attention keeps: its inputs, its output, and one number a row
    (Dao et al. 2022, arXiv:2205.14135). A padding mask makes keys and values as many as queries.
    """
    repeats = query.shape[1] // key.shape[1]
    if repeats > 1:
        key, value = key.repeat_interleave(repeats, 1), value.repeat_interleave(repeats, 1)
    return _efficient().apply(query, key, value).transpose(1, 2).contiguous(), None


def _efficient() -> Any:
    import torch

    class Efficient(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, query: Any, key: Any, value: Any) -> Any:
            out = torch.empty_like(query)
            row_sums = query.new_empty(query.shape[:-1], dtype=torch.float32)
            ctx.save_for_backward(query, key, value, out, row_sums)
            return out

        @staticmethod
        def backward(ctx: Any, gradient: Any) -> Any:
            return gradient, None, None

    return Efficient
