"""Conversations: messages as a chat template renders them, and the token that ends an answer.

The template is the model's own, or a built-in one for base models that have none. What an answer
looks like inside it (what the template writes in front of it, behind it, and the token that ends
it) is learned by rendering a conversation with a known answer: many templates end turns with a
token other than the tokenizer's end of sequence, and a model that never learns it never stops.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ftstudio_ext.schema.prompts import Message, PromptContent

from . import templates
from .errors import InvalidInput
from .tokenization import end_of_sequence

Turn = dict[str, str]
"""{role, content}, as chat templates take it."""

# Assistant turns end with the tokenizer's own end of sequence: a token that the base model knows.
_CHATML = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + "
    "message['content'] }}{% if message['role'] == 'assistant' %}{{ eos_token }}{% else %}"
    "{{ '<|im_end|>' }}{% endif %}{{ '\\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)
_HEADINGS = (
    "{% for message in messages %}{{ '### ' + message['role'] | capitalize + ':\\n' + "
    "message['content'] }}{% if message['role'] == 'assistant' %}{{ eos_token }}{% endif %}"
    "{{ '\\n\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '### Assistant:\\n' }}{% endif %}"
)
BUILT_IN = {"chatml": _CHATML, "headings": _HEADINGS}

# What some models' templates ask for. Dates and thinking would make prompts differ by day and tool.
_ARGUMENTS = {"enable_thinking": False, "date_string": "26 Jul 2024"}
_ANSWER = "ftstudio0answer0"


@dataclass(frozen=True)
class ChatFormat:
    """How a chat template writes the last answer.

    `before` and `after`: what it puts around the answer's text, up to the end; `end`: the id of
    the token that ends the turn. `template`: None for the tokenizer's own. `opening`: the last
    line of a question, where the template writes it otherwise once the answer is there (models
    that are asked to think first).
    """

    template: str | None
    before: str
    after: str
    end: int
    opening: str | None = None


def chat_format(tokenizer: Any, prompt: PromptContent) -> ChatFormat:
    """The format of the prompt's conversations; raises InvalidInput when the tokenizer has no
    chat template, or its template refuses such a conversation."""
    template = _template(tokenizer, prompt)
    turns = [{"role": message.role, "content": "x"} for message in prompt.messages]
    turns[-1]["content"] = _ANSWER
    asked = apply(tokenizer, template, [turns[:-1]], question=True)[0]
    whole = apply(tokenizer, template, [turns], question=False)[0]
    head, found, tail = whole.rpartition(_ANSWER)
    if not found:
        raise InvalidInput(
            "The chat template leaves the assistant's last message out.",
            field="messages",
            remedy="Set the prompt to text mode, or choose a built-in chat template.",
            code="chat_template_broken",
        )
    end, after = _end(tokenizer, tail)
    if not head.startswith(asked):
        return ChatFormat(template, "", after, end, opening=asked.strip().rpartition("\n")[2])
    return ChatFormat(template, head.removeprefix(asked), after, end)


def built_in(name: str, tokenizer: Any) -> str:
    """A built-in template, with the beginning of sequence where the tokenizer puts one."""
    begins = tokenizer("a")["input_ids"][:1] == [getattr(tokenizer, "bos_token_id", None)]
    return ("{{ bos_token }}" if begins else "") + BUILT_IN[name]


def has_template(tokenizer: Any) -> bool:
    """Whether the tokenizer brings a chat template."""
    return bool(getattr(tokenizer, "chat_template", None))


def apply(
    tokenizer: Any, template: str | None, conversations: Sequence[Sequence[Turn]], question: bool
) -> list[str]:
    """The conversations as text; with `question`, up to where the assistant begins to write."""
    try:
        return list(
            tokenizer.apply_chat_template(
                [list(turns) for turns in conversations],
                chat_template=template,
                tokenize=False,
                add_generation_prompt=question,
                **_ARGUMENTS,
            )
        )
    except Exception as error:  # a template is a program, and fails in as many ways
        raise InvalidInput(
            f"The chat template refuses this conversation: {error}",
            field="messages",
            remedy="Many templates know no system message, or want user and assistant to take "
            "turns: change the messages, or choose a built-in chat template.",
            code="chat_template_refuses",
        ) from error


def conversation(
    messages: Sequence[Message], row: Mapping[str, Any], shots: Sequence[Mapping[str, Any]] = ()
) -> list[Turn]:
    """The messages with the row's values: system messages once, then the solved examples as
    turns of their own, then the row's."""
    opening = [message for message in messages if message.role == "system"]
    turns = [message for message in messages if message.role != "system"]
    said = rendered(opening, row)
    for shot in shots:
        said += rendered(turns, shot)
    return said + rendered(turns, row)


def rendered(messages: Sequence[Message], row: Mapping[str, Any]) -> list[Turn]:
    """Each message with the row's values in place."""
    return [
        {"role": message.role, "content": templates.render(message.content, row)}
        for message in messages
    ]


def transcript(turns: Sequence[Turn]) -> str:
    """A conversation for people to read, where there is no template to render it."""
    return "".join(f"{turn['role'].capitalize()}: {turn['content']}\n\n" for turn in turns)


def _template(tokenizer: Any, prompt: PromptContent) -> str | None:
    if prompt.chat_template:
        return built_in(prompt.chat_template, tokenizer)
    if has_template(tokenizer):
        return None
    raise InvalidInput(
        "The base model has no chat template, so nothing says how it reads messages.",
        field="chat_template",
        remedy="Choose a built-in chat template for this prompt, or set the prompt to text mode.",
        code="no_chat_template",
    )


def _end(tokenizer: Any, tail: str) -> tuple[int, str]:
    """The first special token behind the answer, and the text in front of it; the end of
    sequence where the template writes none."""
    known = {str(token): number for token, number in tokenizer.get_added_vocab().items()}
    if tokenizer.eos_token is not None:
        known[tokenizer.eos_token] = tokenizer.eos_token_id
    places = [(tail.find(token), -len(token), token) for token in known if token in tail]
    if not places:
        return end_of_sequence(tokenizer), ""
    at, _length, token = min(places)
    return known[token], tail[:at]
