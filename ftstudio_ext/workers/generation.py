"""Models for inference, and answers from them in batches.

Only for processes that never train: loading leaves bitsandbytes' fast path on, which repacks
4-bit weights into a layout without gradients.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ftstudio_ext.core.errors import InvalidInput
from ftstudio_ext.schema.generation import GenerationSettings

from .training_settings import compute_dtype


@dataclass(frozen=True)
class Answer:
    """What a model wrote. `stopped`: it ended by itself, not at the limit. `seconds` is this
    answer's share of its batch."""

    text: str
    stopped: bool
    new_tokens: int
    seconds: float


def load_base(folder: Path, precision: str) -> Any:
    """The base model for inference: `4-bit` (NF4, double quantization), `8-bit` (LLM.int8),
    `16-bit` or `32-bit`. One that is stored quantized loads as it is."""
    import torch
    from transformers import AutoModelForCausalLM

    from .model_files import check_folder, quantized_with

    stored = quantized_with(check_folder(folder))
    model = AutoModelForCausalLM.from_pretrained(
        folder,
        dtype=torch.float32 if precision == "32-bit" else compute_dtype(),
        quantization_config=None if stored else _quantization(precision),
        device_map={"": 0} if torch.cuda.is_available() else {"": "cpu"},
        use_safetensors=True,
        local_files_only=True,
        trust_remote_code=False,
    )
    return model.eval()


def _quantization(precision: str) -> Any:
    from transformers import BitsAndBytesConfig

    if precision == "8-bit":
        return BitsAndBytesConfig(load_in_8bit=True)
    if precision != "4-bit":
        return None
    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=compute_dtype(),
    )


def add_adapters(model: Any, folders: dict[str, Path]) -> Any:
    """The model with several adapters, by key; raises InvalidInput when one does not fit."""
    from peft import PeftModel

    for key, folder in folders.items():
        try:
            if isinstance(model, PeftModel):
                model.load_adapter(str(folder), adapter_name=key)
            else:
                model = PeftModel.from_pretrained(model, str(folder), adapter_name=key)
        except (RuntimeError, ValueError, OSError) as error:
            first = str(error).strip().splitlines()[0]
            raise InvalidInput(
                f"The adapter in {folder} could not be loaded onto this base model: {first}",
                field="adapters",
                remedy="Choose the base model that it was trained on; if its files are damaged, "
                "import or train it again.",
                code="adapter_does_not_fit",
            ) from error
    return model.eval()


def using(model: Any, adapter: str | None) -> AbstractContextManager[Any]:
    """A context in which `adapter` is active; None: the base model alone."""
    if adapter is not None:
        model.set_adapter(adapter)
        return nullcontext()
    found: AbstractContextManager[Any] = (
        model.disable_adapter() if hasattr(model, "disable_adapter") else nullcontext()
    )
    return found


def by_length(lengths: Sequence[int], batch_size: int) -> Iterator[list[int]]:
    """Positions in batches of similar length, the longest first: memory fails early or never."""
    order = sorted(range(len(lengths)), key=lambda position: -lengths[position])
    for start in range(0, len(order), batch_size):
        yield order[start : start + batch_size]


class Writer:
    """Writes answers in batches.

    `prefix`: tokens in front of every prompt (few-shot examples), read once for all batches.
    `stop_text`: also ends an answer, and is not part of it.
    """

    def __init__(
        self,
        model: Any,
        tokenizer: Any,
        settings: GenerationSettings,
        prefix: Sequence[int] = (),
        stop_text: str | None = None,
    ) -> None:
        self._model = model
        self._tokenizer = tokenizer
        self._prefix = list(prefix)
        self._prefix_cache: Any = None
        self._stop_text = stop_text
        self._pad = tokenizer.pad_token_id
        if self._pad is None:
            self._pad = tokenizer.eos_token_id
        self._ends = end_tokens(model, tokenizer)
        self._config = _generation_config(settings, self._ends, self._pad)

    def write(
        self, prompts: list[list[int]], adapters: Sequence[str | None] | None = None
    ) -> list[Answer]:
        """One answer for each prompt (its tokens). With `adapters`, one for each prompt (None:
        the base model alone), all are written in one mixed batch, whatever adapter is active;
        the model must hold them, and PEFT be able to mix them (plain LoRA: yes, DoRA: no)."""
        import torch

        started = time.perf_counter()
        mixed: dict[str, Any] = {}
        if adapters is not None and hasattr(self._model, "peft_config"):
            if self._prefix:
                raise ValueError("a prefix is read by one model: it has no mixed batches")
            mixed = {"adapter_names": [adapter or "__base__" for adapter in adapters]}
        ids, mask = self._padded(prompts)
        width = ids.shape[1]
        stopping = [_StopText(self._tokenizer, self._stop_text, width)] if self._stop_text else []
        with torch.inference_mode():
            written = self._model.generate(
                input_ids=ids,
                attention_mask=mask,
                generation_config=self._config,
                stopping_criteria=stopping,
                **self._cached_prefix(len(prompts)),
                **mixed,
            )
        share = (time.perf_counter() - started) / len(prompts)
        return [self._answer(row, share) for row in written[:, width:].tolist()]

    def _padded(self, prompts: list[list[int]]) -> tuple[Any, Any]:
        """Prefix, padding, prompt; positions skip the padding, which the mask hides."""
        import torch

        width = max(map(len, prompts))
        rows, masks = [], []
        for prompt in prompts:
            gap = width - len(prompt)
            rows.append([*self._prefix, *[self._pad] * gap, *prompt])
            masks.append([1] * len(self._prefix) + [0] * gap + [1] * len(prompt))
        device = self._model.device
        return torch.tensor(rows, device=device), torch.tensor(masks, device=device)

    def _cached_prefix(self, batch_size: int) -> dict[str, Any]:
        import copy

        import torch
        from transformers import DynamicCache

        if not self._prefix:
            return {}
        if self._prefix_cache is None:
            ids = torch.tensor([self._prefix], device=self._model.device)
            cache = DynamicCache(config=self._model.config)
            with torch.inference_mode():
                self._model(input_ids=ids, past_key_values=cache, use_cache=True, logits_to_keep=1)
            self._prefix_cache = cache
        mine = copy.deepcopy(self._prefix_cache)
        mine.batch_repeat_interleave(batch_size)
        return {"past_key_values": mine}

    def _answer(self, ids: list[int], seconds: float) -> Answer:
        end = next((at for at, token in enumerate(ids) if token in self._ends), None)
        written = ids if end is None else ids[:end]
        text = self._tokenizer.decode(written, skip_special_tokens=True)
        stopped = end is not None
        if self._stop_text and self._stop_text in text:
            text, stopped = text.split(self._stop_text)[0], True
        return Answer(text, stopped, len(written) + (end is not None), seconds)


def end_tokens(model: Any, tokenizer: Any) -> list[int]:
    """The tokens that end an answer: the tokenizer's, and those that the model itself names."""
    own = model.generation_config.eos_token_id
    listed = own if isinstance(own, list) else [own]
    return sorted({token for token in [*listed, tokenizer.eos_token_id] if token is not None})


class _StopText:
    """A stopping criterion for each row: its latest text contains the stop text."""

    def __init__(self, tokenizer: Any, stop_text: str, start: int) -> None:
        self._decode: Callable[..., list[str]] = tokenizer.batch_decode
        self._stop_text = stop_text
        self._start = start

    def __call__(self, input_ids: Any, scores: Any, **_: Any) -> Any:
        import torch

        start = max(self._start, input_ids.shape[1] - len(self._stop_text) - 2)
        latest = self._decode(input_ids[:, start:])
        return torch.tensor([self._stop_text in text for text in latest], device=input_ids.device)


def _generation_config(settings: GenerationSettings, ends: list[int], pad: int) -> Any:
    from transformers import GenerationConfig

    sampling: dict[str, Any] = {"do_sample": False}
    if settings.temperature > 0:
        sampling = {
            "do_sample": True,
            "temperature": settings.temperature,
            "top_p": settings.top_p,
            "top_k": settings.top_k,
        }
    owned = {"max_new_tokens", "eos_token_id", "pad_token_id", *sampling}
    clash = sorted(owned & set(settings.advanced))
    unknown = sorted(key for key in settings.advanced if not hasattr(GenerationConfig(), key))
    if clash or unknown:
        word = "set elsewhere in the form" if clash else "unknown to GenerationConfig"
        raise InvalidInput(
            f"The advanced generation fields {', '.join(clash or unknown)} are {word}.",
            field="generation.advanced",
            remedy="Leave them out.",
        )
    return GenerationConfig(
        max_new_tokens=settings.max_new_tokens,
        repetition_penalty=settings.repetition_penalty,
        eos_token_id=ends,
        pad_token_id=pad,
        use_cache=True,
        **sampling,
        **settings.advanced,
    )
