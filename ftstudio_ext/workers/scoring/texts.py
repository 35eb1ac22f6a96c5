"""What of a model's text is judged, and whether it equals the expected answer."""

from __future__ import annotations

import re

_FENCE = re.compile(r"```[a-zA-Z]*[ \t]*\n?(.*?)(?:```|$)", re.DOTALL)
_SQL_START = re.compile(r"\b(select|with)\b", re.IGNORECASE)
_SQL_END = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"|(;)|(\n\s*\n)")


def strip_fences(text: str) -> str:
    """The inside of the first Markdown code block, or the whole text when there is none."""
    found = _FENCE.search(text)
    return (found.group(1) if found else text).strip()


def sql_answer(text: str) -> str:
    """The first SQL query in a text: models without training like to talk around it.

    >>> sql_answer("Sure! ```sql\\nSELECT 1; SELECT 2;\\n```")
    'SELECT 1;'
    """
    inside = strip_fences(text)
    start = _SQL_START.search(inside)
    if start is None:
        return inside
    query = inside[start.start() :]
    for found in _SQL_END.finditer(query):
        if found.group(1):
            return query[: found.end()]
        if found.group(2):
            return query[: found.start()].rstrip()
    return query.strip()


def exact_match(expected: str, answer: str) -> bool:
    """Equal but for white space around and between words."""
    return expected.split() == answer.split()


def exact_sql_match(expected: str, answer: str) -> bool:
    """Equal but for white space, a final semicolon, and letter case outside quotes."""
    return _plain_sql(expected) == _plain_sql(answer)


def _plain_sql(query: str) -> str:
    pieces = re.split(r"('(?:[^']|'')*'|\"[^\"]*\")", query.strip().rstrip(";"))
    plain = "".join(
        piece if index % 2 else re.sub(r"\s+", " ", piece).lower()
        for index, piece in enumerate(pieces)
    )
    return re.sub(r"\s*([(),])\s*", r"\1", plain).strip()
