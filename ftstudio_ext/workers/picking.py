"""How the next token is picked, for each answer of a batch by its own settings and its own seed.

Sampling by the largest of `log-probability + Gumbel noise` draws from the same distribution as
torch.multinomial (Gumbel 1954), but with the noise from one generator an answer: the same question
with the same settings gives the same answer, whatever else is in the batch and however the
batch was cut. (In 16 bits and below, rounding still depends a little on the batch.)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from transformers import GenerationConfig, LogitsProcessor
from transformers.generation import logits_process as hf

from ftstudio_ext.core.errors import InvalidInput
from ftstudio_ext.schema.generation import GenerationSettings

_WARPERS: dict[str, Any] = {
    "min_p": hf.MinPLogitsWarper,
    "typical_p": hf.TypicalLogitsWarper,
    "epsilon_cutoff": hf.EpsilonLogitsWarper,
    "eta_cutoff": lambda value: hf.EtaLogitsWarper(value, device="cpu"),
}
"""Advanced fields that shape sampling, hence are a row's own matter."""

_OWNED = {
    **dict.fromkeys(
        ("max_new_tokens", "temperature", "top_p", "top_k", "repetition_penalty"),
        "set elsewhere in the form",
    ),
    **dict.fromkeys(
        ("do_sample", "eos_token_id", "pad_token_id", "max_length", "max_time", "stop_strings"),
        "set by the studio",
    ),
    **dict.fromkeys(
        (
            "num_return_sequences",
            "return_dict_in_generate",
            "output_attentions",
            "output_hidden_states",
            "output_scores",
            "output_logits",
            "prompt_lookup_num_tokens",
            "assistant_early_exit",
        ),
        "not possible here",
    ),
}


def check_settings(settings: GenerationSettings) -> None:
    """Raise InvalidInput for advanced fields that clash with ours, or that do not exist."""
    known = GenerationConfig()
    for name in settings.advanced:
        why = _OWNED.get(name) or (None if hasattr(known, name) else "unknown to GenerationConfig")
        if why:
            raise InvalidInput(
                f"The advanced generation field {name} is {why}.",
                field="generation.advanced",
                remedy="Leave it out.",
            )
    if beams(settings) > 1 and settings.temperature > 0:
        raise InvalidInput(
            "Beam search always takes the likeliest answers, so it has no temperature.",
            field="generation.temperature",
            remedy="Set the temperature to 0, or leave num_beams out.",
        )


def beams(settings: GenerationSettings) -> int:
    """The number of beams, 1 without beam search."""
    return int(settings.advanced.get("num_beams") or 1)


def shared_fields(settings: GenerationSettings) -> dict[str, Any]:
    """The advanced fields that hold for a whole batch; answers share one only where these are
    the same."""
    return {key: value for key, value in settings.advanced.items() if key not in _WARPERS}


class Picker(LogitsProcessor):
    """Makes the token that greedy decoding takes the one that each row's settings pick.

    `padding`: how many tokens stand in front of each row's prompt, which no penalty may count.
    """

    def __init__(self, settings: Sequence[GenerationSettings], padding: Sequence[int]) -> None:
        self._rows = [
            (row, padding[row], _processors(one), _generator(one))
            for row, one in enumerate(settings)
            if one.temperature > 0 or one.repetition_penalty != 1
        ]

    @property
    def needed(self) -> bool:
        """False when all rows are plainly greedy."""
        return bool(self._rows)

    def __call__(self, input_ids: Any, scores: Any) -> Any:
        scores = scores.clone()
        for row, padding, processors, generator in self._rows:
            read, chances = input_ids[row : row + 1, padding:], scores[row : row + 1]
            for processor in processors:
                chances = processor(read, chances)
            if generator is not None:
                drawn = torch.rand(chances.shape[-1], generator=generator).clamp_min_(1e-20)
                chances = chances - torch.log(-torch.log(drawn)).to(chances)
            scores[row] = chances[0]
        return scores


def _generator(settings: GenerationSettings) -> Any:
    if settings.temperature == 0:
        return None
    return torch.Generator().manual_seed(settings.seed)


def _processors(settings: GenerationSettings) -> list[Any]:
    """In transformers' order: penalties, temperature, then what cuts tokens off."""
    found: list[Any] = []
    if settings.repetition_penalty != 1:
        found.append(hf.RepetitionPenaltyLogitsProcessor(settings.repetition_penalty))
    if settings.temperature == 0:
        return found
    found.append(hf.TemperatureLogitsWarper(float(settings.temperature)))
    if settings.top_k:
        found.append(hf.TopKLogitsWarper(settings.top_k))
    if settings.top_p < 1:
        found.append(hf.TopPLogitsWarper(settings.top_p))
    for name, make in _WARPERS.items():
        if settings.advanced.get(name):
            found.append(make(settings.advanced[name]))
    return found
