"""Run SQL that nobody has checked, in an SQLite database in memory, and compare results.

The SQL comes from models and from datasets. Nothing of it may touch files or other databases
(an authorizer refuses ATTACH, PRAGMA and extensions), run on (a deadline), or grow (limits on
rows, strings and memory). A query may only read.
"""

from __future__ import annotations

import re
import sqlite3
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from typing import Any

MAX_ROWS = 10_000
MAX_LENGTH_BYTES = 200_000
MAX_RESULT_BYTES = 16 * 1024**2
"""Of all texts in a result together: SQLite's own limits end where its rows become ours."""
MAX_MEMORY_BYTES = 64 * 1024**2
_STEPS_BETWEEN_CHECKS = 2_000
_WIDE = re.compile(r"%[^a-zA-Z%]*(\*|\d{4})")

_READING = {
    sqlite3.SQLITE_SELECT,
    sqlite3.SQLITE_READ,
    sqlite3.SQLITE_FUNCTION,
    sqlite3.SQLITE_RECURSIVE,
}
_BUILDING = _READING | {
    sqlite3.SQLITE_CREATE_TABLE,
    sqlite3.SQLITE_CREATE_INDEX,
    sqlite3.SQLITE_CREATE_VIEW,
    sqlite3.SQLITE_INSERT,
    sqlite3.SQLITE_UPDATE,
    sqlite3.SQLITE_DELETE,
    sqlite3.SQLITE_DROP_TABLE,
    sqlite3.SQLITE_ALTER_TABLE,
    sqlite3.SQLITE_TRANSACTION,
    sqlite3.SQLITE_REINDEX,
}
_FORBIDDEN_FUNCTIONS = {"load_extension", "readfile", "writefile", "edit", "fts3_tokenizer"}

Row = tuple[Any, ...]


@dataclass(frozen=True)
class Outcome:
    """The rows of a query, or why there are none."""

    rows: list[Row] | None
    error: str | None = None


def execute(schema: str, query: str, time_limit_s: float = 2.0) -> Outcome:
    """Build a database from the statements of `schema`, then run the one query on it."""
    if not query.strip():
        return Outcome(None, "there is no SQL")
    with closing(sqlite3.connect(":memory:")) as database:
        _limit(database, time_limit_s)
        try:
            database.set_authorizer(_authorizer(_BUILDING))
            database.executescript(schema)
            database.commit()
            database.set_authorizer(_authorizer(_READING))
            rows, size = _fetch(database.execute(query))
        except (sqlite3.Error, sqlite3.Warning, ValueError, OverflowError) as error:
            return Outcome(None, _words(error, time_limit_s))
        except MemoryError:
            return Outcome(None, f"needs more than {MAX_MEMORY_BYTES // 1024**2} MB")
    if len(rows) > MAX_ROWS:
        return Outcome(None, f"returns more than {MAX_ROWS} rows")
    if size > MAX_RESULT_BYTES:
        return Outcome(None, f"returns more than {MAX_RESULT_BYTES // 1024**2} MB")
    return Outcome(rows)


def _fetch(cursor: sqlite3.Cursor) -> tuple[list[Row], int]:
    """(the rows, and about how many bytes they hold), until either is too much."""
    rows: list[Row] = []
    size = 0
    for row in cursor:
        rows.append(row)
        size += sum(len(cell) for cell in row if isinstance(cell, str | bytes))
        if len(rows) > MAX_ROWS or size > MAX_RESULT_BYTES:
            break
    return rows, size


def same_result(expected: list[Row], got: list[Row], ordered: bool) -> bool:
    """Whether two results are the same; the order of rows counts only when it was asked for."""
    left, right = ([tuple(map(_comparable, row)) for row in rows] for rows in (expected, got))
    return left == right if ordered else Counter(left) == Counter(right)


def asks_for_order(query: str) -> bool:
    """Whether the outermost query has an ORDER BY."""
    depth, outermost = 0, []
    for character in _without_literals(query):
        depth += (character == "(") - (character == ")")
        outermost.append(character if depth == 0 else " ")
    return re.search(r"\border\s+by\b", "".join(outermost), re.IGNORECASE) is not None


def _limit(database: sqlite3.Connection, time_limit_s: float) -> None:
    database.execute(f"PRAGMA hard_heap_limit = {MAX_MEMORY_BYTES}")
    database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_LENGTH_BYTES)
    database.setlimit(sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 200)
    database.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    database.setlimit(sqlite3.SQLITE_LIMIT_WORKER_THREADS, 0)
    for name in ("printf", "format"):
        database.create_function(name, -1, _printf, deterministic=True)
    deadline = time.monotonic() + time_limit_s
    database.set_progress_handler(lambda: time.monotonic() > deadline, _STEPS_BETWEEN_CHECKS)


def _printf(template: Any = None, *values: Any) -> Any:
    """SQLite's own, but for widths that would keep it busy without a look at the deadline."""
    if isinstance(template, str) and _WIDE.search(template):
        raise ValueError("too wide")
    marks = ", ".join("?" * (len(values) + 1))
    with closing(sqlite3.connect(":memory:")) as plain:
        return plain.execute(f"SELECT printf({marks})", (template, *values)).fetchone()[0]


def _authorizer(allowed: set[int]) -> Any:
    def decide(action: int, first: str | None, second: str | None, *_: str | None) -> int:
        if action not in allowed:
            return sqlite3.SQLITE_DENY
        if action == sqlite3.SQLITE_FUNCTION and (second or "").lower() in _FORBIDDEN_FUNCTIONS:
            return sqlite3.SQLITE_DENY
        return sqlite3.SQLITE_OK

    return decide


def _words(error: BaseException, time_limit_s: float) -> str:
    text = str(error)
    if text == "interrupted":
        return f"takes longer than {time_limit_s:g} s"
    if "not authorized" in text or "prohibited" in text:
        return "may only read"
    return text


def _comparable(value: Any) -> Any:
    """Sums and means depend on the order of rows in their last digits; 3 and 3.0 are equal."""
    return float(f"{value:.9g}") if isinstance(value, float) else value


def _without_literals(query: str) -> str:
    """The query with comments and quoted text blanked out."""
    pattern = r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/"
    return re.sub(pattern, " ", query, flags=re.DOTALL)
