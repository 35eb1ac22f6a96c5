"""One batch of answers, written token by token: each with its own clock, limit, end, sampling and,
where the model holds several adapters, its own adapter."""

from __future__ import annotations

import contextlib
import functools
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import torch
from transformers import GenerationConfig, StoppingCriteria

from ftstudio_ext.schema.generation import GenerationSettings

from .picking import Picker, beams, shared_fields
from .streamed_text import StreamedText

BASE = "__base__"
"""PEFT's name for the base model alone in a mixed batch."""

Reason = Literal["end", "limit", "cancelled"]


@dataclass
class Ask:
    """One answer to write, and how far it is. `limit`: the most tokens it may have; `adapter`:
    its name in the model, None for the base model alone; `tag` is the caller's."""

    tag: Any
    prompt: list[int]
    settings: GenerationSettings
    ends: tuple[int, ...]
    limit: int
    adapter: str | None = None
    stops: tuple[str, ...] = ()
    tokens: list[int] = field(default_factory=list)
    text: str = ""
    first_token_s: float | None = None
    seconds: float = 0.0
    reason: Reason | None = None

    def reset(self) -> None:
        """Back to an unanswered question."""
        self.tokens, self.text = [], ""
        self.first_token_s, self.seconds, self.reason = None, 0.0, None


@dataclass(frozen=True)
class Listener:
    """Who wants to know. `pieces` gets, after each step, the asks with their new text; `done` an
    ask that is complete; `cancelled` is looked at before each token."""

    pieces: Callable[[list[tuple[Ask, str]]], None]
    done: Callable[[Ask], None]
    cancelled: Callable[[], bool]


def batch_key(ask: Ask) -> str:
    """Asks may share a batch when these are the same."""
    return repr((ask.ends, sorted(shared_fields(ask.settings).items(), key=str)))


def write(
    model: Any, tokenizer: Any, asks: Sequence[Ask], listener: Listener, mixed: bool = False
) -> None:
    """Answer all `asks` in one batch. With `mixed`, each with its own adapter; else with whatever
    is active in the model."""
    ids, mask, padding = padded(asks, pad_token(tokenizer), model.device)
    settings = [ask.settings for ask in asks]
    pen = _Pen(tokenizer, asks, listener, ids.shape[1])
    many = beams(settings[0])
    options: dict[str, Any] = {"num_beams": many} if many > 1 else {}
    if many == 1:
        options["stopping_criteria"] = [pen]
        picker = Picker(settings, padding)
        options["logits_processor"] = [picker] if picker.needed else None
    if mixed:
        options["adapter_names"] = [ask.adapter or BASE for ask in asks]
    with torch.inference_mode(), mixing(model):
        written = model.generate(
            input_ids=ids,
            attention_mask=mask,
            generation_config=_config(asks, tokenizer, many),
            **options,
        )
    if many > 1:
        pen.take_whole(written[:, ids.shape[1] :].tolist())


@contextlib.contextmanager
def mixing(model: Any) -> Iterator[None]:
    """Around calls with `adapter_names`: when such a call fails, PEFT leaves its hooks in the
    layers, and all later ones would get the adapters of the failed batch."""
    try:
        yield
    except BaseException:
        for module in model.modules():
            hooks = module._forward_pre_hooks
            for key in [k for k, hook in hooks.items() if _injects_adapters(hook)]:
                del hooks[key]
                module._forward_pre_hooks_with_kwargs.pop(key, None)
        raise


def _injects_adapters(hook: Any) -> bool:
    return isinstance(hook, functools.partial) and "adapter_names" in hook.keywords


def padded(asks: Sequence[Ask], pad: int, device: Any) -> tuple[Any, Any, list[int]]:
    """Prompts as one block with the padding on the left, its mask, and the padding's lengths."""
    width = max(len(ask.prompt) for ask in asks)
    gaps = [width - len(ask.prompt) for ask in asks]
    rows = [[pad] * gap + ask.prompt for gap, ask in zip(gaps, asks, strict=True)]
    masks = [[0] * gap + [1] * (width - gap) for gap in gaps]
    return torch.tensor(rows, device=device), torch.tensor(masks, device=device), gaps


def pad_token(tokenizer: Any) -> int:
    """Any token does: padding is masked."""
    found = tokenizer.pad_token_id
    return int(tokenizer.eos_token_id if found is None else found)


def _config(asks: Sequence[Ask], tokenizer: Any, many: int) -> Any:
    """Greedy to transformers: `Picker` has put each row's choice on top. What the model's own
    generation_config sets (a temperature, a penalty) must not slip in."""
    first = asks[0].settings
    return GenerationConfig(
        **{
            **shared_fields(first),
            "max_new_tokens": max(ask.limit for ask in asks),
            "eos_token_id": list(asks[0].ends),
            "pad_token_id": pad_token(tokenizer),
            "do_sample": False,
            "temperature": 1.0,
            "top_p": 1.0,
            "top_k": 50,
            "repetition_penalty": first.repetition_penalty if many > 1 else 1.0,
            "use_cache": shared_fields(first).get("use_cache", True),
        }
    )


class _Pen(StoppingCriteria):
    """Sees each token as it is picked, and says which answers are complete."""

    def __init__(self, tokenizer: Any, asks: Sequence[Ask], listener: Listener, start: int) -> None:
        self._asks, self._listener, self._start = asks, listener, start
        self._texts = [StreamedText(tokenizer, ask.stops) for ask in asks]
        self._began = time.perf_counter()

    def __call__(self, input_ids: Any, scores: Any, **_: Any) -> Any:
        now = time.perf_counter() - self._began
        stop = self._listener.cancelled()
        pieces = []
        for ask, text, token in zip(
            self._asks, self._texts, input_ids[:, -1].tolist(), strict=True
        ):
            if ask.reason is None:
                piece = self._take(ask, text, token, now)
                if stop and ask.reason is None:
                    ask.reason = "cancelled"
                if ask.reason:
                    piece += text.end()
                ask.text = text.text
                if piece:
                    pieces.append((ask, piece))
                if ask.reason:
                    pieces = self._hand_over(ask, pieces)
        if pieces:
            self._listener.pieces(pieces)
        done = [ask.reason is not None for ask in self._asks]
        return torch.tensor(done, device=input_ids.device)

    def take_whole(self, rows: list[list[int]]) -> None:
        """Answers that came at once, as beam search gives them."""
        now = time.perf_counter() - self._began
        for ask, text, row in zip(self._asks, self._texts, rows, strict=True):
            for token in row:
                if ask.reason is None:
                    self._take(ask, text, token, now)
            ask.reason = ask.reason or "limit"
            text.end()
            ask.text = text.text
            self._hand_over(ask, [(ask, ask.text)])

    def _hand_over(self, ask: Ask, pieces: list[tuple[Ask, str]]) -> list[tuple[Ask, str]]:
        """Its last piece of text comes before the word that it is complete."""
        if pieces:
            self._listener.pieces(pieces)
        self._listener.done(ask)
        return []

    def _take(self, ask: Ask, text: StreamedText, token: int, now: float) -> str:
        ask.tokens.append(token)
        ask.seconds = now
        if ask.first_token_s is None:
            ask.first_token_s = now
        if token in ask.ends:
            ask.reason = "end"
            return ""
        piece = text.add(token)
        if text.stopped:
            ask.reason = "end"
        elif len(ask.tokens) >= ask.limit:
            ask.reason = "limit"
        return piece
