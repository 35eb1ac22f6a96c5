"""The one way in which a row becomes what a model reads and learns.

Training, evaluation, inference and the token view all come through here, so that what is shown
is what is learned, and what is asked is what was trained on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ftstudio_ext.schema.prompts import PromptContent

from . import templates
from .errors import InvalidInput
from .tokenization import LossOn, TokenizedRow, prompt_ids, tokenize_rows

Row = Mapping[str, Any]
BETWEEN_EXAMPLES = "\n\n"
"""Behind a solved example, in text mode."""


def placeholders_of(prompt: PromptContent) -> list[str]:
    """The columns that the prompt asks for, each once, in order of appearance."""
    names = (n for _f, template in _templates(prompt) for n in templates.placeholders(template))
    return list(dict.fromkeys(names))


def check_prompt(prompt: PromptContent, columns: Sequence[str], prefix: str = "") -> None:
    """Raise InvalidInput unless the prompt is whole and asks for known columns only. `prefix`
    stands before the names of fields, as `prompt.`"""
    for field, template in _templates(prompt):
        if not template:
            raise InvalidInput(
                f"'{prefix}{field}' is missing.",
                field=f"{prefix}{field}",
                remedy="Write both templates: what the model reads, and what it should answer.",
            )
        templates.check(template, columns, f"{prefix}{field}")


def expected_completion(prompt: PromptContent, row: Row) -> str:
    """The text that the model should answer."""
    return templates.render(prompt.completion_template, row)


def prompt_text(
    prompt: PromptContent, row: Row, shots: Sequence[Row] = (), tokenizer: Any = None
) -> str:
    """The text that the model is given. In chat mode it takes the tokenizer's chat template;
    without a tokenizer it is a plain transcript."""
    solved = [example.values for example in prompt.examples] + list(shots)
    before = "".join(
        templates.render(prompt.prompt_template, shot)
        + templates.render(prompt.completion_template, shot)
        + BETWEEN_EXAMPLES
        for shot in solved
    )
    return before + templates.render(prompt.prompt_template, row)


def encode_prompts(
    tokenizer: Any, prompt: PromptContent, rows: Sequence[Row], shots: Sequence[Row] = ()
) -> list[list[int]]:
    """The tokens that a model is given to answer each row. `shots`: further solved rows in front
    of it, behind the prompt's own."""
    return prompt_ids(tokenizer, [prompt_text(prompt, row, shots) for row in rows]) if rows else []


def encode_examples(
    tokenizer: Any,
    prompt: PromptContent,
    rows: Sequence[Row],
    max_length: int,
    loss_on: LossOn = "completion",
) -> list[TokenizedRow]:
    """Prompt, completion and end of each row, with the labels that training uses."""
    texts = [prompt_text(prompt, row) for row in rows]
    answers = [expected_completion(prompt, row) for row in rows]
    return tokenize_rows(tokenizer, texts, answers, max_length, loss_on)


def stop_ids(tokenizer: Any, prompt: PromptContent) -> list[int]:
    """The tokens at which an answer ends, the one that training teaches first."""
    return [tokenizer.eos_token_id]


def _templates(prompt: PromptContent) -> list[tuple[str, str]]:
    """The templates with the names of their fields."""
    return [
        ("prompt_template", prompt.prompt_template),
        ("completion_template", prompt.completion_template),
    ]
