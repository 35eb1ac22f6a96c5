"""Checks of chat mode: what a chat template does with a prompt's messages."""

from __future__ import annotations

from typing import Any

from ftstudio_ext.schema.checks import Check, Fix
from ftstudio_ext.schema.prompts import PromptContent

from . import chat
from .errors import StudioError


def chat_checks(prompt: PromptContent, tokenizer: Any) -> list[Check]:
    """What the chat template does."""
    if prompt.mode == "text":
        return []
    found = []
    form = chat.chat_format(tokenizer, prompt)
    if prompt.chat_template and chat.has_template(tokenizer):
        found.append(
            Check(
                level="warning",
                code="own_chat_template",
                message="The base model has a chat template of its own, which it was trained "
                f"with; this prompt uses “{prompt.chat_template}”.",
                field="chat_template",
                remedy="Use the model's own, unless you have a reason.",
                fix=Fix(
                    kind="set_prompt_field",
                    field="chat_template",
                    value=None,
                    label="Use the model's own chat template",
                ),
            )
        )
    if form.before.strip():
        found.append(
            Check(
                level="info",
                code="no_generation_prompt",
                message=f"The chat template puts “{form.before.strip()}” in front of an answer but "
                "not behind a question: the model learns to write it.",
                field="chat_template",
                remedy="A built-in chat template avoids it.",
            )
        )
    if form.opening is not None:
        found.append(
            Check(
                level="warning",
                code="other_opening",
                message=f"The chat template ends a question with “{form.opening}”, but writes "
                "finished answers without it: the model is one that thinks first. It learns to "
                "answer right behind it, without thinking.",
                field="chat_template",
                remedy="If it should go on thinking, put the thoughts into the answer's column. "
                "A built-in chat template avoids the question.",
            )
        )
    if form.end != tokenizer.eos_token_id:
        token = tokenizer.convert_ids_to_tokens(form.end)
        found.append(
            Check(
                level="info",
                code="turn_end",
                message=f"The chat template ends an answer with “{token}”, not with the "
                f"tokenizer's “{tokenizer.eos_token}”. It is learned, and answers stop at it.",
                field="chat_template",
                remedy="Nothing needs to be done; the adapter's tokenizer names it.",
            )
        )
    return found


def refused(prompt: PromptContent, error: StudioError) -> Check:
    """A prompt that cannot be tokenized at all, as a finding."""
    fix = None
    if error.code.startswith(("no_chat_template", "chat_template")) and not prompt.chat_template:
        fix = Fix(
            kind="set_prompt_field",
            field="chat_template",
            value="chatml",
            label="Use the ChatML template",
        )
    return Check(
        level="blocking",
        code=error.code,
        message=error.message,
        field=error.field,
        remedy=error.remedy,
        fix=fix,
    )
