"""Plain functions as scorers: `def score_politeness(expected, answer, row): return 0.5`."""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable
from typing import Any

from .base import Example, Scorer, number

PREFIX = "score_"


def function_scorers(module: types.ModuleType) -> list[type[Scorer]]:
    """A scorer for each function `score_<name>` of a module. It is given those of `expected`,
    `answer`, `row`, `prompt` and `text` that it has as arguments, and returns a number or a bool;
    more is better."""
    return [
        _scorer(name.removeprefix(PREFIX), thing)
        for name, thing in vars(module).items()
        if name.startswith(PREFIX) and inspect.isfunction(thing)
    ]


def _scorer(key: str, function: Callable[..., Any]) -> type[Scorer]:
    wanted = [name for name in inspect.signature(function).parameters]
    words = key.replace("_", " ").capitalize()
    info = number(key, words, inspect.getdoc(function) or "", better="higher")

    def score(self: Scorer, example: Example) -> dict[str, float | None]:
        result = function(**{name: getattr(example, name) for name in wanted})
        return {key: None if result is None else float(result)}

    return type(
        f"Function_{key}",
        (Scorer,),
        {
            "name": key,
            "title": words,
            "description": info.description,
            "metrics": (info,),
            "score": score,
        },
    )
