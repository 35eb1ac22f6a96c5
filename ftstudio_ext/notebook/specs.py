"""From keyword arguments to a training specification, and a name for it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from .errors import StudioApiError
from .listing import key_of

REFERENCES = ("base_model", "dataset", "prompt")
NOISE = frozenset({"the", "a", "instruct", "chat", "base", "hf", "v0"})
LONGEST_NAME = 64


def spec_of(fields: Mapping[str, Any]) -> dict[str, Any]:
    """A specification: objects become their ids, and `lora__r=8` or `"lora.r": 8` is
    `lora={"r": 8}`. Fields that are None are left out."""
    spec: dict[str, Any] = {}
    for key, value in fields.items():
        if value is None:
            continue
        *above, last = key.replace("__", ".").split(".")
        inner = spec
        for name in above:
            inner = inner.setdefault(name, {})
            if not isinstance(inner, dict):
                raise StudioApiError(
                    f"'{key}' is given, but '{name}' is {inner!r} already.",
                    code="invalid_input",
                    field=key,
                    remedy="Give one of them.",
                )
        value = key_of(value) if key in REFERENCES else value
        if isinstance(value, Mapping) and isinstance(inner.get(last), dict):
            inner[last] = {**value, **inner[last]}
        else:
            inner[last] = dict(value) if isinstance(value, Mapping) else value
    return spec


def proposed_name(dataset: str, model: str, taken: Iterable[str]) -> str:
    """A free name, from what is learned and what learns it."""
    parts = [part for part in (_slug(dataset), _slug(model)) if part]
    return free_name("-".join(parts)[:LONGEST_NAME], taken) if parts else ""


def free_name(name: str, taken: Iterable[str]) -> str:
    """The name itself, or with the first number behind it that makes it free."""
    used = {other.casefold() for other in taken}
    stem = re.sub(r"-\d+$", "", name) or name
    number, free = 2, name
    while free.casefold() in used:
        free = f"{stem}-{number}"
        number += 1
    return free


def _slug(text: str) -> str:
    words = re.split(r"[^A-Za-z0-9.]+", text.rsplit("/", 1)[-1])
    return "-".join(word for word in words if word and word.lower() not in NOISE).strip(".")
