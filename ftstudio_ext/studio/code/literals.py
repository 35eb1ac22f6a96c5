"""Values as Python literals, and prompt templates as Python functions."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from ftstudio_ext.core import templates

INDENT = "    "
WIDTH = 92


def literal(value: Any, indent: str = "") -> str:
    """The value as Python source; lists and dicts over several lines where they are long."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, dict):
        items = [
            f"{literal(str(key))}: {literal(item, indent + INDENT)}" for key, item in value.items()
        ]
        return _enclosed("{", items, "}", indent)
    if isinstance(value, list | tuple):
        return _enclosed("[", [literal(item, indent + INDENT) for item in value], "]", indent)
    return repr(value)


def keywords(values: Mapping[str, Any], comments: Mapping[str, str] | None = None) -> list[str]:
    """`name=value,` a line each, with a comment where there is one."""
    said = comments or {}
    lines = []
    for name, value in values.items():
        lines += f"{name}={literal(value)},".split("\n")
        if name in said:
            lines[-1] += f"  # {said[name]}"
    return lines


def function(name: str, explanation: str, template: str) -> str:
    """A function from a row to the text that the template makes of it."""
    return (
        f'def {name}(row):\n{INDENT}"""{explanation}"""\n'
        f"{INDENT}return {_expression(template, INDENT)}"
    )


def messages_function(name: str, explanation: str, messages: Iterable[tuple[str, str]]) -> str:
    """A function from a row to the turns of a conversation; `messages` are (role, template)."""
    lines = [f"def {name}(row):", f'{INDENT}"""{explanation}"""', f"{INDENT}return ["]
    inner = INDENT * 2
    for role, template in messages:
        text = _expression(template, inner + INDENT)
        lines += [
            f"{inner}{{",
            f'{inner}{INDENT}"role": {literal(role)},',
            f'{inner}{INDENT}"content": {text},',
            f"{inner}}},",
        ]
    return "\n".join([*lines, f"{INDENT}]"])


def _enclosed(opening: str, items: list[str], closing: str, indent: str) -> str:
    short = f"{opening}{', '.join(items)}{closing}"
    if len(short) + len(indent) <= WIDTH and "\n" not in short:
        return short
    lines = "".join(f"{indent}{INDENT}{item},\n" for item in items)
    return f"{opening}\n{lines}{indent}{closing}"


def _expression(template: str, indent: str) -> str:
    """What makes the template's text of `row`; a line for each line of text."""
    terms = _terms(templates.parse(template))
    if len(terms) <= 1:
        return terms[0] if terms else '""'
    lines = [f"{indent}{INDENT}{terms[0]}", *(f"{indent}{INDENT}+ {term}" for term in terms[1:])]
    return "\n".join(["(", *lines, f"{indent})"])


def _terms(parts: Iterable[templates.Part]) -> list[str]:
    terms: list[str] = []
    said = ""
    for part in parts:
        if isinstance(part, str):
            said += part
            continue
        terms += _lines(said)
        said = ""
        value = f"text(row[{literal(part.name)}])"
        if isinstance(part, templates.Section):
            inside = " + ".join(_terms(part.parts)) or '""'
            value = f'({inside} if {value}.strip() else "")'
        terms.append(value)
    return terms + _lines(said)


def _lines(text: str) -> list[str]:
    return [literal(line) for line in text.splitlines(keepends=True)]
