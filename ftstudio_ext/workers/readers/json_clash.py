"""Why JSON values do not fit into columns: found by a second, slower look at the rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ftstudio_ext.core.errors import InvalidInput

from .json_text import Row
from .problems import bad_file

_KINDS = {bool: "true or false", int: "a number", float: "a number", str: "text", list: "a list", dict: "an object"}  # fmt: skip


def explain(rows: Iterator[Row], shown: str, error: Exception) -> InvalidInput:
    """The first value that cannot stand in its column, with its row and what came before."""
    first: dict[str, tuple[str, Row]] = {}
    for row in rows:
        for path, value in _leaves(row.value, ""):
            where = f"{shown}: column {path!r}, row {row.number:,} (line {row.line:,})"
            if isinstance(value, int) and not -(2**63) <= value < 2**63:
                digits = f"{value:.3e}" if abs(value) < 10**300 else "it"
                return bad_file(
                    f"{where} has a whole number that does not fit 64 bits ({digits}).",
                    "Write such numbers as text, in double quotes.",
                )
            if isinstance(value, str) and not _encodable(value):
                return bad_file(
                    f"{where} has half of a surrogate pair (\\ud800 to \\udfff), which is no "
                    "character.",
                    "Remove it, or write the whole character.",
                )
            kind = _KINDS[type(value)]
            known, before = first.setdefault(path, (kind, row))
            if known != kind:
                return _mixed(shown, path, (known, before), (kind, row))
    detail = " ".join(str(error).split())[:300]
    return bad_file(
        f"{shown} has values that cannot stand in one column: {detail}.",
        "Give every column one type of values.",
    )


def _mixed(shown: str, path: str, before: tuple[str, Row], after: tuple[str, Row]) -> InvalidInput:
    kinds = {before[0], after[0]}
    remedy = "Give the column one type"
    if "text" in kinds and kinds & {"a number", "true or false"}:
        remedy += ", for example by writing all its values as text, in double quotes"
    elif "a list" in kinds:
        remedy += ", for example by writing single values as lists of one"
    return bad_file(
        f"{shown}: column {path!r} mixes types: row {before[1].number:,} "
        f"(line {before[1].line:,}) has {before[0]}, row {after[1].number:,} "
        f"(line {after[1].line:,}) has {after[0]}.",
        f"{remedy}.",
    )


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Every value in a row that is not null, with its path: `answers.text[]`."""
    if value is None:
        return
    if path:
        yield path, value
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _leaves(item, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for item in value:
            yield from _leaves(item, f"{path}[]")


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
