"""What a column holds, judged by its name, its type and sampled rows."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

from ftstudio_ext.schema.datasets import Column

from .templates import text_of

Kind = Literal["text", "number", "bool", "nested", "binary", "other"]

_IDENTIFIER_WORDS = frozenset({"id", "ids", "uuid", "guid", "idx", "key", "hash", "rowid"})
_IDENTIFIER_NAMES = frozenset({"index", "row", "number", "unnamed0"})
_SHORT = 40
_SQL = re.compile(r"\s*(select|with|insert|update|delete|create|alter|drop)\b", re.IGNORECASE)
_SQL_SCHEMA = re.compile(r"\bcreate\s+table\b", re.IGNORECASE)
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_A-Za-z]+")


@dataclass(frozen=True)
class Facts:
    """One column as a suggestion sees it; shares and flags are those of the sample."""

    name: str
    kind: Kind
    words: tuple[str, ...]
    empty_share: float
    constant: bool
    label: bool
    identifier: bool
    sql: bool
    sql_schema: bool
    unusable: str | None

    @property
    def usable(self) -> bool:
        """Whether a template can and should use it."""
        return self.unusable is None

    @property
    def last_word(self) -> str:
        """The noun of the name: `prompt` of `sql_prompt`."""
        return self.words[-1] if self.words else ""


def look(column: Column, rows: list[dict[str, Any]]) -> Facts:
    """The facts of one column."""
    texts = [text_of(row.get(column.name)) for row in rows]
    filled = [text for text in texts if text.strip()]
    distinct = len(set(filled))
    kind = _kind(column.type)
    words = _words(column.name)
    return Facts(
        name=column.name,
        kind=kind,
        words=words,
        empty_share=1 - len(filled) / len(texts) if texts else 0.0,
        constant=len(filled) > 1 and distinct == 1,
        label=len(filled) >= 8
        and distinct <= max(2, len(filled) // 4)
        and max(map(len, filled)) <= _SHORT,
        identifier=_identifier(kind, words, filled, distinct),
        sql=_mostly(_SQL.match, filled),
        sql_schema=_mostly(_SQL_SCHEMA.search, filled),
        unusable=_unusable(column.name, kind, len(texts) > 0 and not filled),
    )


def _mostly(test: Callable[[str], Any], texts: list[str]) -> bool:
    return bool(texts) and sum(bool(test(text)) for text in texts) > len(texts) / 2


def _words(name: str) -> tuple[str, ...]:
    """`sqlPrompt`, `sql_prompt`, `SQL prompt` → (sql, prompt); `sentence1` stays one word."""
    words: list[str] = []
    for match in _WORD.finditer(name):
        word, joined = match.group().lower(), match.start() and name[match.start() - 1].isalpha()
        if word.isdigit() and words and joined:
            words[-1] += word
        else:
            words.append(word)
    return tuple(words)


def _kind(type_name: str) -> Kind:
    kinds: list[tuple[Kind, tuple[str, ...]]] = [
        ("text", ("string", "large_string", "null")),
        ("nested", ("list", "struct", "large_list", "fixed_size_list", "map")),
        ("number", ("int", "uint", "float", "double", "decimal", "half")),
        ("bool", ("bool",)),
        ("binary", ("binary", "large_binary", "fixed_size_binary")),
    ]
    return next((kind for kind, starts in kinds if type_name.startswith(starts)), "other")


def is_identifier_name(name: str) -> bool:
    """Whether a column's name says that it tells rows apart: `id`, `rowId`, `uuid`, `index`."""
    return _identifier_words(_words(name))


def _identifier_words(words: tuple[str, ...]) -> bool:
    return bool(words) and (words[-1] in _IDENTIFIER_WORDS or "".join(words) in _IDENTIFIER_NAMES)


def _identifier(kind: Kind, words: tuple[str, ...], filled: list[str], distinct: int) -> bool:
    if kind not in ("text", "number"):
        return False
    tokens = all(len(text) <= _SHORT and not re.search(r"\s", text) for text in filled)
    if _identifier_words(words):
        return tokens
    return not words or (
        kind == "number"
        and len(filled) >= 8
        and distinct == len(filled)
        and all(text.isdigit() for text in filled)
        and _counts(filled)
    )


def _counts(filled: list[str]) -> bool:
    """Whether the numbers go up by one each: a row number that got saved along."""
    numbers = [int(text) for text in filled]
    return all(later - earlier == 1 for earlier, later in pairwise(numbers))


def _unusable(name: str, kind: Kind, empty: bool) -> str | None:
    if "{" in name or "}" in name or "\n" in name:
        return "its name holds braces or a line break, which a placeholder cannot"
    if kind == "binary":
        return "it holds binary data"
    if empty:
        return "it is empty in every sampled row"
    return None
