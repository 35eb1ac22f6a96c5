"""How likely a model finds given completions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch

from ftstudio_ext.core.tokenization import completion_ids

from .decoding import BASE, Ask, mixing, pad_token
from .resident_model import ResidentModel


def completion_probabilities(
    resident: ResidentModel, asks: Sequence[Ask], completions: Sequence[str]
) -> list[float | None]:
    """The probability that a model goes on with this text, for each ask by its own adapter: the
    product over the completion's tokens, its end not counted. None for an empty completion."""
    answers = [list(ids) for ids in completion_ids(resident.tokenizer, list(completions))]
    longest = max(map(len, answers))
    adapters = [ask.adapter for ask in asks]
    prompts = [ask.prompt for ask in asks]
    if len(set(adapters)) > 1:
        options = {"adapter_names": [adapter or BASE for adapter in adapters]}
        logits = _logits(resident, resident.model, prompts, answers, longest, options)
    else:
        with resident.using(adapters[0]) as model:
            logits = _logits(resident, model, prompts, answers, longest, {})
    return [_product(logits[row], ids) for row, ids in enumerate(answers)]


def _logits(
    resident: ResidentModel,
    model: Any,
    prompts: Sequence[list[int]],
    answers: Sequence[list[int]],
    longest: int,
    options: dict[str, Any],
) -> Any:
    """Of the last `longest + 1` positions; padding stands on the left, so all rows end together."""
    rows = [prompt + answer for prompt, answer in zip(prompts, answers, strict=True)]
    width, pad = max(map(len, rows)), pad_token(resident.tokenizer)
    ids = torch.tensor([[pad] * (width - len(row)) + row for row in rows], device=model.device)
    mask = torch.tensor(
        [[0] * (width - len(row)) + [1] * len(row) for row in rows], device=model.device
    )
    places = (mask.cumsum(-1) - 1).clamp(min=0)
    with torch.inference_mode(), mixing(model):
        return model(
            input_ids=ids,
            attention_mask=mask,
            position_ids=places,
            logits_to_keep=longest + 1,
            use_cache=False,
            **options,
        ).logits


def _product(logits: Any, answer: list[int]) -> float | None:
    if not answer:
        return None
    chances = torch.log_softmax(logits[-len(answer) - 1 : -1].float(), dim=-1)
    picked = chances.gather(-1, torch.tensor(answer, device=chances.device).unsqueeze(-1))
    return math.exp(float(picked.sum()))
