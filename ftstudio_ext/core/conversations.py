"""Conversations: lists of messages, in the two shapes in which people publish them, as rows of text.

OpenAI's `messages` are [{role, content}], ShareGPT's `conversations` are [{from, value}].
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

COLUMNS = ("system", "history", "user", "assistant")
_ROLES = {
    "human": "user", "user": "user", "prompter": "user", "instruction": "user",
    "gpt": "assistant", "assistant": "assistant", "bot": "assistant", "chatgpt": "assistant",
    "bing": "assistant", "bard": "assistant", "model": "assistant", "ai": "assistant",
    "system": "system", "developer": "system",
    "tool": "tool", "function": "tool", "observation": "tool", "function_call": "assistant",
}  # fmt: skip
_ROLE_KEYS, _TEXT_KEYS = ("role", "from"), ("content", "value", "text")


class Turn(NamedTuple):
    """One message; `role` is user, assistant, system, tool, or what else was written."""

    role: str
    text: str


def turns_of(value: Any) -> list[Turn] | None:
    """The messages in a cell; None when it holds none. A cell of text may hold their JSON."""
    if isinstance(value, str):
        if not value.lstrip().startswith("["):
            return None
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return None
    if not isinstance(value, list) or not value:
        return None
    turns = [_turn(message) for message in value]
    return None if any(turn is None for turn in turns) else [turn for turn in turns if turn]


def rows_of(turns: list[Turn], answers: str) -> Iterator[dict[str, str | None]]:
    """{system, history, user, assistant} for the last answer, or for each of them (`answers` is
    `last` or `each`). An answer without a question before it is passed over."""
    system = "\n".join(turn.text for turn in turns if turn.role == "system") or None
    talk = [turn for turn in turns if turn.role != "system" and turn.text.strip()]
    rows = []
    for at, turn in enumerate(talk):
        if turn.role != "assistant" or at == 0:
            continue
        asked = talk[at - 1]
        earlier = talk[: at - 1]
        history = "\n".join(f"{turn.role.capitalize()}: {turn.text}" for turn in earlier)
        rows.append(
            {
                "system": system,
                "history": history or None,
                "user": asked.text,
                "assistant": turn.text,
            }
        )
    yield from rows if answers == "each" else rows[-1:]


def is_sharegpt(value: Any) -> bool:
    """Whether the messages have `from` and `value` (and not `role` and `content`)."""
    if isinstance(value, str):
        return '"from"' in value
    return isinstance(value, list) and bool(value) and "from" in value[0]


def _turn(message: Any) -> Turn | None:
    if not isinstance(message, dict):
        return None
    role = next((message[key] for key in _ROLE_KEYS if isinstance(message.get(key), str)), None)
    if role is None or not any(key in message for key in _TEXT_KEYS):
        return None
    content = next((message[key] for key in _TEXT_KEYS if message.get(key) is not None), "")
    return Turn(_ROLES.get(role.lower(), role.lower()), _text(content))


def _text(content: Any) -> str:
    """A message's text; of a message in parts, its texts (images have none)."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "\n".join(
            part["text"]
            for part in content
            if isinstance(part, dict) and isinstance(part.get("text"), str)
        )
    return json.dumps(content, ensure_ascii=False)
