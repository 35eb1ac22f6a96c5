"""Scorers that compare the answer with the expected text, character by character and word by word."""

from __future__ import annotations

import re
import string
from collections import Counter

from ftstudio_ext.core.answers import Look
from ftstudio_ext.schema.evaluations import EvaluateSpec

from .base import Example, Scorer, number, share
from .texts import exact_match, exact_sql_match

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)


class Exact(Scorer):
    """Equal texts."""

    name = "exact"
    title = "Exact match"
    description = "Equal but for white space; SQL also but for letter case outside quotes."
    metrics = (share("exact_match", "Exact match", description),)
    _sql = False

    @classmethod
    def fits(cls, look: Look, spec: EvaluateSpec | None = None) -> str | None:
        return "always worth knowing"

    def prepare(self, expected: list[str]) -> None:  # type: ignore[override]
        from ftstudio_ext.core.answers import look

        self._sql = self.spec.sql is not None or look(expected).kind == "sql"

    def score(self, example: Example) -> dict[str, float | None]:
        same = exact_sql_match if self._sql else exact_match
        return {"exact_match": float(same(example.expected, example.answer))}


class Normalized(Scorer):
    """Equal words, as SQuAD counts them (Rajpurkar et al. 2016, arXiv:1606.05250)."""

    name = "normalized"
    title = "Normalized match"
    description = "Equal but for letter case, punctuation, articles and white space."
    metrics = (share("normalized_match", "Normalized match", description),)

    @classmethod
    def fits(cls, look: Look, spec: EvaluateSpec | None = None) -> str | None:
        return look.reason if look.kind in ("short", "text", "label") else None

    def score(self, example: Example) -> dict[str, float | None]:
        same = normalized(example.expected) == normalized(example.answer)
        return {"normalized_match": float(same)}


class TokenF1(Scorer):
    """Shared words, as SQuAD counts them."""

    name = "token_f1"
    title = "Token F1"
    description = "Harmonic mean of precision and recall of the normalized words."
    metrics = (number("token_f1", "Token F1", description, percent=True, better="higher"),)

    @classmethod
    def fits(cls, look: Look, spec: EvaluateSpec | None = None) -> str | None:
        return look.reason if look.kind in ("short", "text", "sql") else None

    def score(self, example: Example) -> dict[str, float | None]:
        return {"token_f1": token_f1(example.expected, example.answer)}


class Edit(Scorer):
    """Characters to change."""

    name = "edit"
    title = "Edit similarity"
    description = "1 − Levenshtein distance / length of the longer text."
    metrics = (number("edit_similarity", "Edit similarity", description, better="higher"),)

    @classmethod
    def fits(cls, look: Look, spec: EvaluateSpec | None = None) -> str | None:
        return look.reason if look.kind in ("short", "text", "sql", "json") else None

    def score(self, example: Example) -> dict[str, float | None]:
        longest = max(len(example.expected), len(example.answer))
        distance = edit_distance(example.expected, example.answer)
        return {"edit_similarity": 1 - distance / longest if longest else 1.0}


class Length(Scorer):
    """Too long or too short."""

    name = "length"
    title = "Length ratio"
    description = "Characters of the answer / characters of the expected answer; 1 is as long."
    metrics = (number("length_ratio", "Length ratio", description),)

    @classmethod
    def fits(cls, look: Look, spec: EvaluateSpec | None = None) -> str | None:
        return "shows answers that run on or break off" if look.kind != "label" else None

    def score(self, example: Example) -> dict[str, float | None]:
        expected = len(example.expected.strip())
        return {"length_ratio": len(example.answer.strip()) / expected if expected else None}


def normalized(text: str) -> str:
    """Lower case, without punctuation, articles and double spaces.

    >>> normalized("The  Answer, is: 42!")
    'answer is 42'
    """
    plain = text.lower().translate(_PUNCTUATION)
    return " ".join(_ARTICLES.sub(" ", plain).split())


def token_f1(expected: str, answer: str) -> float:
    """Of the normalized words; 1 where both have none."""
    left, right = normalized(expected).split(), normalized(answer).split()
    if not left or not right:
        return float(left == right)
    shared = sum((Counter(left) & Counter(right)).values())
    return 2 * shared / (len(left) + len(right))


def edit_distance(left: str, right: str) -> int:
    """Levenshtein distance, by bit vectors of the left text's length (Myers 1999 as simplified by
    Hyyrö 2001): one pass over the right text."""
    if not left:
        return len(right)
    where: dict[str, int] = {}
    for at, character in enumerate(left):
        where[character] = where.get(character, 0) | 1 << at
    everything, last = (1 << len(left)) - 1, 1 << (len(left) - 1)
    plus, minus, distance = everything, 0, len(left)
    for character in right:
        match = where.get(character, 0)
        vertical = match | minus
        diagonal = (((match & plus) + plus) ^ plus) | match
        up = minus | ~(diagonal | plus) & everything
        down = plus & diagonal
        distance += bool(up & last) - bool(down & last)
        up = (up << 1 | 1) & everything
        down = down << 1 & everything
        plus = down | ~(vertical | up) & everything
        minus = up & vertical
    return distance
