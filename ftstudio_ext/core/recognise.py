"""Formats in which people publish training data, told from the columns and some rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ftstudio_ext.schema.datasets import Column, Conversation, Recognised, RecognisedFormat

from .conversations import COLUMNS, is_sharegpt, turns_of

_PAIRS = (
    ("prompt", "completion"),
    ("prompt", "response"),
    ("input", "output"),
    ("instruction", "response"),
    ("instruction", "output"),
    ("inputs", "targets"),
)
_QUESTIONS = (("question", "answer"), ("query", "answer"), ("question", "answers"))


def recognise(columns: Sequence[Column], rows: Sequence[Mapping[str, Any]]) -> Recognised | None:
    """The format of a dataset, or None. Whole conversations come before everything else, since
    templates cannot use them as they are."""
    names = {column.name.casefold(): column.name for column in columns}
    talks = [column.name for column in columns if _holds_conversations(column.name, rows)]
    if {"chosen", "rejected"} <= names.keys():
        return _preference(names, talks)
    if talks:
        return _conversation(talks[0], rows)
    if {"user", "assistant"} <= names.keys():
        roles = {role: names[role] for role in COLUMNS if role in names}
        return _made(
            "turns",
            "Conversations as columns",
            roles,
            "The user's turn is the prompt, after system and earlier turns where there are any; "
            "the assistant's is learned.",
        )
    if {"instruction", "output"} <= names.keys() and "input" in names:
        return _made(
            "alpaca",
            "Alpaca",
            {role: names[role] for role in ("instruction", "input", "output")},
            "Instruction and, in some rows, an input become the prompt; the output is learned.",
        )
    for left, right in _PAIRS:
        if left in names and right in names:
            return _made(
                "prompt_completion",
                "Prompt and completion",
                {"prompt": names[left], "completion": names[right]},
                f"`{names[left]}` is the prompt as it is, `{names[right]}` is learned.",
            )
    for left, right in _QUESTIONS:
        if left in names and right in names:
            return _made(
                "question_answer",
                "Questions and answers",
                {"prompt": names[left], "completion": names[right]},
                f"`{names[left]}` is asked, `{names[right]}` is learned.",
            )
    return None


def _preference(names: dict[str, str], talks: list[str]) -> Recognised:
    chosen, rejected = names["chosen"], names["rejected"]
    roles = {"chosen": chosen, "rejected": rejected}
    if "prompt" in names:
        roles["prompt"] = names["prompt"]
    nested = chosen in talks
    return _made(
        "preference",
        "Preference pairs",
        roles,
        f"`{chosen}` is the better answer and is learned; `{rejected}` is not used, since "
        "training here is supervised.",
        Conversation(column=chosen) if nested else None,
    )


def _conversation(column: str, rows: Sequence[Mapping[str, Any]]) -> Recognised:
    values = [row.get(column) for row in rows if row.get(column)]
    sharegpt = bool(values) and is_sharegpt(values[0])
    kind: RecognisedFormat = "sharegpt" if sharegpt else "messages"
    return _made(
        kind,
        "ShareGPT conversations" if sharegpt else "Messages",
        {"conversation": column},
        f"Each row of `{column}` is a conversation. It is imported as the columns system, history "
        "(earlier turns), user and assistant, of which assistant is learned.",
        Conversation(column=column),
    )


def _holds_conversations(name: str, rows: Sequence[Mapping[str, Any]]) -> bool:
    values = [row.get(name) for row in rows if row.get(name) not in (None, "", [])]
    found = [turns for value in values if (turns := turns_of(value))]
    answered = [turns for turns in found if any(turn.role == "assistant" for turn in turns)]
    return bool(values) and len(found) > 0.8 * len(values) and bool(answered)


def _made(
    kind: RecognisedFormat,
    label: str,
    roles: dict[str, str],
    message: str,
    conversation: Conversation | None = None,
) -> Recognised:
    return Recognised(
        format=kind, label=label, message=message, roles=roles, conversation=conversation
    )
