"""The log-probability of given answers: one pass, nothing is written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

MOST_LOGITS = 64_000_000
"""At once: a vocabulary of 150,000 makes them the largest thing in memory."""


def completion_logprobs(
    model: Any, tokenizer: Any, prompts: Sequence[list[int]], completions: Sequence[list[int]]
) -> list[tuple[float, int]]:
    """(sum of the log-probabilities, number of tokens) of each completion behind its prompt."""
    longest = max(map(len, completions), default=0) + 1
    rows = max(1, MOST_LOGITS // (longest * model.config.vocab_size))
    found = []
    for start in range(0, len(prompts), rows):
        end = start + rows
        found += _at_once(model, tokenizer, prompts[start:end], completions[start:end])
    return found


def _at_once(
    model: Any, tokenizer: Any, prompts: Sequence[list[int]], completions: Sequence[list[int]]
) -> list[tuple[float, int]]:
    import torch

    whole = [[*prompt, *answer] for prompt, answer in zip(prompts, completions, strict=True)]
    width, longest = max(map(len, whole)), max(map(len, completions))
    pad = tokenizer.pad_token_id if tokenizer.pad_token_id is not None else tokenizer.eos_token_id
    ids = torch.tensor([[pad] * (width - len(row)) + row for row in whole], device=model.device)
    mask = torch.tensor(
        [[0] * (width - len(row)) + [1] * len(row) for row in whole], device=model.device
    )
    positions = (mask.cumsum(-1) - 1).clamp(min=0)
    with torch.inference_mode():
        logits = model(
            input_ids=ids,
            attention_mask=mask,
            position_ids=positions,
            use_cache=False,
            logits_to_keep=longest + 1,
        ).logits[:, :-1]
        found = logits.float().log_softmax(-1)
        targets = ids[:, -longest:]
        chosen = found.gather(-1, targets[..., None])[..., 0]
    return [
        (float(row[-len(answer) :].sum()) if answer else 0.0, len(answer))
        for row, answer in zip(chosen.cpu(), completions, strict=True)
    ]
