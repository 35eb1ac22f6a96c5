"""Answers with a form: JSON, and what a regular expression describes."""

from __future__ import annotations

import json
import re
from typing import Any

from ftstudio_ext.core.answers import Look
from ftstudio_ext.core.errors import InvalidInput
from ftstudio_ext.schema.evaluations import EvaluateSpec

from .base import Example, Judged, Scorer, number, share

_ABSENT = object()
LONGEST_SEARCHED = 20_000
"""Characters that a pattern is tried on: patterns can be slow on long texts."""


class Json(Scorer):
    """JSON by its content, not by its spelling."""

    name = "json"
    title = "JSON"
    description = "Whether the answer is JSON, and how many of the expected fields it has right."
    metrics = (
        share("json_valid", "Valid JSON", "The answer, code fences aside, is JSON."),
        share("json_match", "Same JSON", "Equal values; order and spelling do not count."),
        number(
            "json_fields",
            "JSON fields",
            "Part of the expected fields, nested ones included, that have the expected value.",
            percent=True,
            better="higher",
        ),
    )
    fields = ("json_fields",)

    @classmethod
    def fits(cls, look: Look, spec: EvaluateSpec | None = None) -> str | None:
        return look.reason if look.kind == "json" else None

    def score(self, example: Example) -> Judged:
        valid = _load(example.answer) is not _ABSENT
        answer, expected = first_json(example.answer), _load(example.expected)
        if expected is _ABSENT:
            note = "the expected answer is no JSON"
            scores = {"json_valid": float(valid), "json_match": None, "json_fields": None}
            return Judged(scores, note=note)
        wanted = _leaves(expected, self.spec.json_fields)
        given = _leaves(answer, self.spec.json_fields) if answer is not _ABSENT else {}
        right = sum(_same(given.get(path, _ABSENT), value) for path, value in wanted.items())
        whole = answer is not _ABSENT and (
            given == wanted if self.spec.json_fields else _same(answer, expected)
        )
        scores = {
            "json_valid": float(valid),
            "json_match": float(whole),
            "json_fields": right / len(wanted) if wanted else float(whole),
        }
        return Judged(scores, note=None if whole else _difference(wanted, given, answer))


class Pattern(Scorer):
    """A regular expression of the user's."""

    name = "regex"
    title = "Pattern"
    description = "Whether the pattern is found in the answer."
    metrics = (share("regex_match", "Pattern found", description),)
    fields = ("regex",)

    def __init__(self, spec: EvaluateSpec) -> None:
        super().__init__(spec)
        if not spec.regex:
            raise InvalidInput(
                "The scorer “regex” has no pattern.",
                field="regex",
                remedy="Give a regular expression, or leave the scorer out.",
            )
        try:
            self._pattern = re.compile(spec.regex)
        except re.error as error:
            raise InvalidInput(
                f"The pattern is no regular expression: {error}.",
                field="regex",
                remedy="Mend it; put a backslash before characters that are meant as such.",
            ) from None

    @classmethod
    def fits(cls, look: Look, spec: EvaluateSpec | None = None) -> str | None:
        return "a pattern is given" if spec and spec.regex else None

    def score(self, example: Example) -> dict[str, float | None]:
        found = self._pattern.search(example.answer[:LONGEST_SEARCHED])
        return {"regex_match": float(found is not None)}


def first_json(text: str) -> Any:
    """The first object or list in a text: models like to talk around it."""
    decoder = json.JSONDecoder()
    for start in re.finditer(r"[\[{]", text):
        try:
            return decoder.raw_decode(text, start.start())[0]
        except (ValueError, RecursionError):
            continue
    return _load(text)


def _load(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return _ABSENT


def _leaves(value: Any, only: list[str], path: str = "") -> dict[str, Any]:
    """{path: value} of everything that is no container; of the named top fields only."""
    if isinstance(value, dict) and value:
        found: dict[str, Any] = {}
        for key, inner in value.items():
            if path or not only or key in only:
                found |= _leaves(inner, only, f"{path}.{key}" if path else str(key))
        return found
    if isinstance(value, list) and value:
        return {
            key: leaf
            for at, inner in enumerate(value)
            for key, leaf in _leaves(inner, only, f"{path}[{at}]").items()
        }
    return {path: value}


def _same(left: Any, right: Any) -> bool:
    """Equal; 1 and 1.0 are, 1 and true are not."""
    if isinstance(left, bool) is not isinstance(right, bool):
        return False
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(_same(left[k], right[k]) for k in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(_same, left, right))
    return bool(left == right)


def _difference(wanted: dict[str, Any], given: dict[str, Any], answer: Any) -> str:
    if answer is _ABSENT:
        return "no JSON"
    wrong = [path for path, value in wanted.items() if not _same(given.get(path, _ABSENT), value)]
    more = [path for path in given if path not in wanted]
    words = [f"differs in {', '.join(wrong[:5])}"] if wrong else []
    words += [f"has {', '.join(more[:5])} besides"] if more else []
    return "; ".join(words) or "differs"
