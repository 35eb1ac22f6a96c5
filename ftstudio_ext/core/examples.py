"""The one way in which a row becomes what a model reads and learns.

Training, evaluation, inference and the token view all come through here, so that what is shown
is what is learned, and what is asked is what was trained on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ftstudio_ext.schema.prompts import PromptContent

from . import chat, templates
from .errors import InvalidInput
from .tokenization import (
    LossOn,
    TokenizedRow,
    completion_ids,
    end_of_sequence,
    join_rows,
    prompt_ids,
)

Row = Mapping[str, Any]
BETWEEN_EXAMPLES = "\n\n"
"""Behind a solved example, in text mode."""


def placeholders_of(prompt: PromptContent) -> list[str]:
    """The columns that the prompt asks for, each once, in order of appearance."""
    names = (n for _f, template in _templates(prompt) for n in templates.placeholders(template))
    return list(dict.fromkeys(names))


def prompt_templates(prompt: PromptContent) -> list[tuple[str, str]]:
    """(field, template) of what the model reads."""
    return _templates(prompt)[:-1]


def completion_placeholders(prompt: PromptContent) -> list[str]:
    """The columns that the answer is made of."""
    return templates.placeholders(_templates(prompt)[-1][1])


def check_prompt(prompt: PromptContent, columns: Sequence[str], prefix: str = "") -> None:
    """Raise InvalidInput unless the prompt is whole and asks for known columns only. `prefix`
    stands before the names of fields, as `prompt.`"""
    if prompt.mode == "chat":
        _check_messages(prompt, prefix)
    for field, template in _templates(prompt):
        if not template:
            raise InvalidInput(
                f"'{prefix}{field}' is missing.",
                field=f"{prefix}{field}",
                remedy="Write both: what the model reads, and what it should answer.",
            )
        templates.check(template, columns, f"{prefix}{field}")
    _check_examples(prompt, f"{prefix}examples")


def expected_completion(prompt: PromptContent, row: Row) -> str:
    """The text that the model should answer."""
    _field, template = _templates(prompt)[-1]
    return templates.render(template, row)


def prompt_text(
    prompt: PromptContent, row: Row, shots: Sequence[Row] = (), tokenizer: Any = None
) -> str:
    """The text that the model is given. In chat mode it takes the tokenizer's chat template;
    without a tokenizer it is a plain transcript."""
    solved = _solved(prompt, shots)
    if prompt.mode == "chat":
        turns = chat.conversation(prompt.messages, row, solved)[:-1]
        if tokenizer is None:
            return chat.transcript(turns)
        template = chat.chat_format(tokenizer, prompt).template
        return chat.apply(tokenizer, template, [turns], question=True)[0]
    before = "".join(
        templates.render(prompt.prompt_template, shot)
        + templates.render(prompt.completion_template, shot)
        + BETWEEN_EXAMPLES
        for shot in solved
    )
    return before + templates.render(prompt.prompt_template, row)


def messages_of(prompt: PromptContent, row: Row) -> list[chat.Turn]:
    """Chat mode: the conversation with the row's values, solved examples and answer included."""
    return chat.conversation(prompt.messages, row, _solved(prompt))


def encode_prompts(
    tokenizer: Any, prompt: PromptContent, rows: Sequence[Row], shots: Sequence[Row] = ()
) -> list[list[int]]:
    """The tokens that a model is given to answer each row. `shots`: further solved rows in front
    of it, behind the prompt's own."""
    if not rows:
        return []
    if prompt.mode == "text":
        return prompt_ids(tokenizer, [prompt_text(prompt, row, shots) for row in rows])
    return _chat_prompts(tokenizer, prompt, rows, chat.chat_format(tokenizer, prompt), shots)


def encode_examples(
    tokenizer: Any,
    prompt: PromptContent,
    rows: Sequence[Row],
    max_length: int,
    loss_on: LossOn = "completion",
) -> list[TokenizedRow]:
    """Prompt, completion and end of each row, with the labels that training uses."""
    if not rows:
        return []
    answers = [expected_completion(prompt, row) for row in rows]
    if prompt.mode == "text":
        end = end_of_sequence(tokenizer)
        prompts = encode_prompts(tokenizer, prompt, rows)
    else:
        form = chat.chat_format(tokenizer, prompt)
        end = form.end
        prompts = _chat_prompts(tokenizer, prompt, rows, form)
        answers = [form.before + answer + form.after for answer in answers]
    return join_rows(prompts, completion_ids(tokenizer, answers), end, max_length, loss_on)


def stop_ids(tokenizer: Any, prompt: PromptContent) -> list[int]:
    """The tokens at which an answer ends, the one that training teaches first."""
    if prompt.mode == "text":
        return [end_of_sequence(tokenizer)]
    learned = chat.chat_format(tokenizer, prompt).end
    own = getattr(tokenizer, "eos_token_id", None)
    return [learned] if own in (None, learned) else [learned, int(own)]


def fit_tokenizer(tokenizer: Any, prompt: PromptContent) -> None:
    """Make a tokenizer say by itself what training has taught, for everyone who loads it with
    the adapter: the built-in chat template, and the token that ends an answer."""
    if prompt.mode == "text":
        return
    form = chat.chat_format(tokenizer, prompt)
    if form.template is not None:
        tokenizer.chat_template = form.template
    if form.end != tokenizer.eos_token_id:
        tokenizer.eos_token = tokenizer.convert_ids_to_tokens(form.end)


def without_examples(prompt: PromptContent, split: str | None, rows: Sequence[int]) -> list[int]:
    """The rows of a split that do not stand, solved, in the prompt itself."""
    shown = {example.row for example in prompt.examples if example.split == split}
    return [row for row in rows if row not in shown]


def _chat_prompts(
    tokenizer: Any,
    prompt: PromptContent,
    rows: Sequence[Row],
    form: chat.ChatFormat,
    shots: Sequence[Row] = (),
) -> list[list[int]]:
    """The template writes the special tokens, so the tokenizer adds none."""
    solved = _solved(prompt, shots)
    asked = [chat.conversation(prompt.messages, row, solved)[:-1] for row in rows]
    texts = chat.apply(tokenizer, form.template, asked, question=True)
    return [list(ids) for ids in tokenizer(texts, add_special_tokens=False)["input_ids"]]


def _solved(prompt: PromptContent, shots: Sequence[Row] = ()) -> list[Row]:
    return [*(example.values for example in prompt.examples), *shots]


def _templates(prompt: PromptContent) -> list[tuple[str, str]]:
    """The templates with the names of their fields; the last one is the completion's."""
    if prompt.mode == "text":
        return [
            ("prompt_template", prompt.prompt_template),
            ("completion_template", prompt.completion_template),
        ]
    return [
        (f"messages.{place}.content", message.content)
        for place, message in enumerate(prompt.messages)
    ]


def _check_examples(prompt: PromptContent, field: str) -> None:
    """Raise InvalidInput unless each solved example has a value for every placeholder."""
    names = placeholders_of(prompt)
    for place, example in enumerate(prompt.examples, 1):
        missing = [name for name in names if name not in example.values]
        if missing:
            raise InvalidInput(
                f"Solved example {place} has no value for “{missing[0]}”.",
                field=field,
                remedy="Draw the examples again, or take them out.",
            )


def _check_messages(prompt: PromptContent, prefix: str) -> None:
    """Raise InvalidInput unless the messages are a conversation that ends with an answer."""
    roles = [message.role for message in prompt.messages]
    field = f"{prefix}messages"
    if not roles or roles[-1] != "assistant" or "user" not in roles:
        raise InvalidInput(
            "A chat prompt needs a message of the user, and the assistant's answer as the last one.",
            field=field,
            remedy="Add a user message with what the model is asked, and behind it an assistant "
            "message with what it should answer.",
        )
    if "system" in roles[next(at for at, role in enumerate(roles) if role != "system") :]:
        raise InvalidInput(
            "A system message stands behind other messages.",
            field=field,
            remedy="Put system messages first.",
        )
