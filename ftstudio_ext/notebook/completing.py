"""What Tab offers behind `%ftstudio`: commands, their options, and the names of what they need."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from typing import Any

from .arguments import Parser
from .client import Studio
from .errors import StudioApiError

Names = Callable[[Studio], Iterable[Any]]

_LISTS: dict[str, Names] = {
    "job": lambda studio: studio.jobs,
    "adapter": lambda studio: studio.adapters,
    "adapters": lambda studio: studio.adapters,
    "base_model": lambda studio: studio.models,
    "dataset": lambda studio: studio.datasets,
    "prompt": lambda studio: studio.prompts,
}
"""By the name that a command gives its argument or option."""


def candidates(parser: Parser, words: list[str], studio: Callable[[], Studio]) -> list[str]:
    """Words that may stand next; `words` are those before the cursor's, without the magic."""
    commands = _commands(parser)
    if not words:
        return list(commands)
    command = commands.get(words[0])
    if command is None:
        return []
    option = _option(command, words[-1])
    if option is not None and option.nargs != 0:
        return _values(option, studio)
    offered = [text for action in command._actions for text in action.option_strings]
    for action in command._actions:
        if not action.option_strings:
            offered += _values(action, studio)
    return offered


def _commands(parser: Parser) -> dict[str, Parser]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    return {}


def _option(command: Parser, word: str) -> argparse.Action | None:
    return next((one for one in command._actions if word in one.option_strings), None)


def _values(action: argparse.Action, studio: Callable[[], Studio]) -> list[str]:
    if action.choices:
        return [str(choice) for choice in action.choices]
    if (names := _LISTS.get(action.dest)) is None:
        return []
    try:
        return [_quoted(item.name) for item in names(studio())]
    except StudioApiError:  # no server: Tab has nothing to say
        return []


def _quoted(name: str) -> str:
    return f"'{name}'" if " " in name else name
