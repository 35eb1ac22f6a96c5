"""One row as tokens: the one way in which training, the token view and inference read text.

    prompt     tokenized as for inference, special tokens in front included
    completion tokenized apart, without special tokens, as it stands behind other text;
               then the end of sequence, or the end of turn of a chat template
    labels     the completion's tokens; -100 (ignored by the loss) on the prompt, unless the
               loss counts all tokens

Tokenizing the two apart means that no token spans the seam, so that what the model is given at
inference is exactly what it saw in training, and that every completion ends with the end of
sequence. Nothing is ever cut: a row over `max_length` is marked `too_long`.

The tokenizer is one of transformers', or anything that is called like one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ftstudio_ext.core.errors import InvalidInput

IGNORED = -100
_ANCHOR = "\n"

LossOn = Literal["completion", "all"]


@dataclass(frozen=True)
class TokenizedRow:
    """`input_ids` and `labels` have the same length; the first `prompt_tokens` are the prompt's."""

    input_ids: list[int]
    labels: list[int]
    prompt_tokens: int
    completion_tokens: int
    too_long: bool

    def __len__(self) -> int:
        return len(self.input_ids)

    @property
    def learned_tokens(self) -> int:
        """Tokens that the loss looks at; the first of a row is predicted from nothing."""
        return sum(label != IGNORED for label in self.labels[1:])

    @property
    def outcome(self) -> Literal["used", "too_long", "nothing_to_learn"]:
        """What training does with the row."""
        if self.too_long:
            return "too_long"
        return "used" if self.learned_tokens else "nothing_to_learn"


def tokenize_row(
    tokenizer: Any,
    prompt_text: str,
    completion_text: str,
    max_length: int,
    loss_on: LossOn = "completion",
) -> TokenizedRow:
    """One row; raises InvalidInput when the tokenizer has no end-of-sequence token."""
    return tokenize_rows(tokenizer, [prompt_text], [completion_text], max_length, loss_on)[0]


def tokenize_rows(
    tokenizer: Any,
    prompts: Sequence[str],
    completions: Sequence[str],
    max_length: int,
    loss_on: LossOn = "completion",
) -> list[TokenizedRow]:
    """Many rows by two calls of the tokenizer; the same result as one by one."""
    if not prompts:
        return []
    end = end_of_sequence(tokenizer)
    answers = completion_ids(tokenizer, completions)
    return join_rows(prompt_ids(tokenizer, prompts), answers, end, max_length, loss_on)


def join_rows(
    prompts: Sequence[list[int]],
    completions: Sequence[list[int]],
    end: int,
    max_length: int,
    loss_on: LossOn,
) -> list[TokenizedRow]:
    """Rows of tokens that are known already; `end` is put behind each completion."""
    return [
        _row(prompt, _ended(list(answer), end), max_length, loss_on)
        for prompt, answer in zip(prompts, completions, strict=True)
    ]


def prompt_ids(tokenizer: Any, prompts: Sequence[str]) -> list[list[int]]:
    """The tokens that a model is given to answer the prompts, in training and at inference."""
    begin = getattr(tokenizer, "bos_token_id", None)
    end = getattr(tokenizer, "eos_token_id", None)
    return [_opened(list(ids), begin, end) for ids in tokenizer(list(prompts))["input_ids"]]


def completion_ids(tokenizer: Any, completions: Sequence[str]) -> list[list[int]]:
    """The tokens of completions as they stand behind a prompt.

    Tokenizers in the manner of Llama 2 and Mistral put a space in front of every text. Behind
    other text there is none: `SELECT` must not become `▁SELECT`, nor ` SELECT` two spaces. So
    they get a line break to stand behind, whose tokens are cut off again.
    """
    plain = [
        list(ids) for ids in tokenizer(list(completions), add_special_tokens=False)["input_ids"]
    ]
    if not _adds_space(tokenizer):
        return plain
    behind = tokenizer(_ANCHOR, add_special_tokens=False)["input_ids"]
    texts = [_ANCHOR + completion for completion in completions]
    anchored = tokenizer(texts, add_special_tokens=False)["input_ids"]
    return [
        list(ids[len(behind) :]) if list(ids[: len(behind)]) == list(behind) else alone
        for ids, alone in zip(anchored, plain, strict=True)
    ]


def _adds_space(tokenizer: Any) -> bool:
    alone, behind, break_only = tokenizer(["a", f"{_ANCHOR}a", _ANCHOR], add_special_tokens=False)[
        "input_ids"
    ]
    return list(behind[: len(break_only)]) == list(break_only) and list(
        behind[len(break_only) :]
    ) != list(alone)


def end_of_sequence(tokenizer: Any) -> int:
    """The token that a model writes when its answer is complete."""
    end = getattr(tokenizer, "eos_token_id", None)
    if end is None:
        raise InvalidInput(
            "The base model's tokenizer has no end-of-sequence token, so an adapter could not "
            "learn where an answer ends.",
            field="base_model",
            remedy="Set eos_token in the model's tokenizer_config.json, or choose another model.",
            code="no_end_of_sequence",
        )
    return int(end)


def _row(prompt: list[int], answer: list[int], max_length: int, loss_on: LossOn) -> TokenizedRow:
    ids = prompt + answer
    labels = list(ids) if loss_on == "all" else [IGNORED] * len(prompt) + answer
    return TokenizedRow(
        input_ids=ids,
        labels=labels,
        prompt_tokens=len(prompt),
        completion_tokens=len(answer),
        too_long=len(ids) > max_length,
    )


def _opened(ids: list[int], begin: int | None, end: int | None) -> list[int]:
    """A prompt begins once, even where its text spells out the beginning-of-sequence token, and
    it does not end: some tokenizers put an end of sequence behind every text."""
    while begin is not None and begin != end and ids[:2] == [begin, begin]:
        del ids[0]
    while end is not None and end != begin and ids and ids[-1] == end:
        del ids[-1]
    return ids


def _ended(ids: list[int], end: int) -> list[int]:
    return ids if ids and ids[-1] == end else [*ids, end]
