"""Reading JSON rows from text piece by piece, with their place for messages."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from .base import MAX_ROW_BYTES
from .problems import refuse

_CHUNK = 1 << 20
_BLANK = re.compile(r"[ \t\r\n]*")
_BOM = "\ufeff"
_KINDS = {dict: "an object", list: "a list", str: "text", bool: "true or false", int: "a number", float: "a number", type(None): "null"}  # fmt: skip
_LINES_REMEDY = "Write one JSON object a line, with the columns as keys."


class Row(NamedTuple):
    """One row: its number from 1, the line where it begins, the byte where it ends."""

    number: int
    line: int
    end: int
    value: dict[str, Any]


def starts_with(path: Path) -> str:
    """The first character that is not blank."""
    with path.open("rb") as file:
        while chunk := file.read(4096):
            if text := chunk.removeprefix(b"\xef\xbb\xbf").lstrip():
                return chr(text[0])
    return ""


def read_lines(path: Path, shown: str, named_so: bool) -> Iterator[Row]:
    """One object a line; blank lines are passed over. `named_so`: the file claims to be JSON
    lines, so that a single object is one row and not a mistake."""
    number = end = 0
    with path.open("rb") as file:
        for line_number, raw in enumerate(iter(lambda: file.readline(MAX_ROW_BYTES), b""), 1):
            if len(raw) >= MAX_ROW_BYTES and not raw.endswith(b"\n"):
                _too_long(shown, f"line {line_number:,}")
            end += len(raw)
            text = raw.decode("utf-8-sig" if line_number == 1 else "utf-8").strip(" \t\r\n")
            if not text:
                continue
            number += 1
            try:
                value = json.loads(text)
            except (ValueError, RecursionError) as error:
                _broken_line(shown, line_number, text, error, path)
            if not isinstance(value, dict):
                _not_object(shown, f"Row {number:,} (line {line_number:,})", value)
            if number == 1 and not named_so and not _more(file):
                _single_object(shown, value)
            yield Row(number, line_number, end, value)


def _more(file: Any) -> bool:
    """Whether something but blanks follows; the position stays."""
    at = file.tell()
    found = any(chunk.strip() for chunk in iter(lambda: file.read(_CHUNK), b""))
    file.seek(at)
    return found


def _broken_line(shown: str, line: int, text: str, error: Exception, path: Path) -> None:
    _nul(shown, line, text)
    reason, column = _reason(error)
    if line == 1:
        whole = _whole(path)
        if isinstance(whole, dict):
            _single_object(shown, whole)
        if text == "{":
            refuse(
                f"{shown}: line 1 holds only the beginning of an object.",
                f"{_LINES_REMEDY} Or make the file one list of objects: [{{…}}, {{…}}].",
            )
    refuse(f"{shown}: line {line:,} is not valid JSON: {reason} at column {column}.", _LINES_REMEDY)


def _whole(path: Path) -> Any:
    """The file as one JSON value, when it is one and small enough to look."""
    if path.stat().st_size > MAX_ROW_BYTES:
        return None
    try:
        return json.loads(path.read_bytes().decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None


def read_list(path: Path, shown: str, named_so: bool) -> Iterator[Row]:
    """The objects of one JSON list, decoded one by one."""
    text = _Text(path, shown)
    text.expect("[")
    number = 0
    while True:
        mark = text.peek()
        if mark == "]":
            text.take(1)
            break
        if number:
            if mark != ",":
                text.fail(f"a comma or ] is missing after row {number:,}")
            text.take(1)
            if text.peek() == "]":
                text.fail(f"there is a comma after the last row ({number:,})")
        number += 1
        line = text.line
        value = text.value(number)
        if not isinstance(value, dict):
            _not_object(shown, f"Row {number:,} (line {line:,})", value)
        yield Row(number, line, text.read_bytes, value)
    if text.peek():
        text.fail("there is more text after the list's closing ]")


class _Text:
    """A window on the file's text that grows to the value being read and forgets what was."""

    def __init__(self, path: Path, shown: str) -> None:
        self._file = path.open("rb")
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self._shown = shown
        self._window = ""
        self._at = 0
        self._ended = False
        self._decode = json.JSONDecoder().raw_decode
        self.line = 1
        self.read_bytes = 0

    def peek(self) -> str:
        """The next character that is not blank, "" at the end."""
        while True:
            blank = _BLANK.match(self._window, self._at)
            self.take((blank.end() if blank else self._at) - self._at)
            if self._at < len(self._window):
                return self._window[self._at]
            if not self._grow(_CHUNK):
                return ""

    def take(self, count: int) -> None:
        """Go on by so many characters."""
        self.line += self._window.count("\n", self._at, self._at + count)
        self._at += count

    def expect(self, character: str) -> None:
        if self.peek() != character:
            self.fail(f"{character} is missing")
        self.take(1)

    def value(self, number: int) -> Any:
        """The JSON value here, for row `number`."""
        self.peek()
        grow = _CHUNK
        while True:
            try:
                value, end = self._decode(self._window, self._at)
                break
            except RecursionError as error:
                self.fail(f"row {number:,}: {_reason(error)[0]}")
            except json.JSONDecodeError as error:
                if self._may_be_cut(error) and self._grow(grow):
                    grow = min(grow * 2, MAX_ROW_BYTES)
                    continue
                self._broken(error, number)
        self.take(end - self._at)
        return value

    def _may_be_cut(self, error: json.JSONDecodeError) -> bool:
        unfinished = error.msg.startswith("Unterminated string")
        return unfinished or error.pos > len(self._window) - 16

    def _broken(self, error: json.JSONDecodeError, number: int) -> None:
        nul = self._window.find("\0", self._at)
        if 0 <= nul <= error.pos + 1:
            _nul(self._shown, self.line + self._window.count("\n", self._at, nul), "\0")
        line = self.line + self._window.count("\n", self._at, error.pos)
        column = error.pos - self._window.rfind("\n", 0, error.pos)
        if self._ended and error.pos >= len(self._window.rstrip()) - 1:
            refuse(
                f"{self._shown} ends in the middle of row {number:,} (line {line:,}).",
                "It was cut short: check that it was written or uploaded completely.",
            )
        self.line = line
        self.fail(f"row {number:,}: {_reason(error)[0]} at column {column}")

    def fail(self, what: str) -> None:
        if self._ended and self._at >= len(self._window.rstrip()):
            refuse(
                f"{self._shown} ends before its list of rows does (line {self.line:,}): {what}.",
                "It was cut short: check that it was written or uploaded completely.",
            )
        refuse(
            f"{self._shown}: line {self.line:,} is not valid JSON: {what}.",
            "Write one list of objects: [{…}, {…}], with the columns as keys.",
        )

    def _grow(self, size: int) -> bool:
        if self._ended:
            return False
        if len(self._window) - self._at > MAX_ROW_BYTES:
            _too_long(self._shown, f"the row at line {self.line:,}")
        chunk = self._file.read(size)
        self._ended = not chunk
        if self._ended:
            self._file.close()
        self.read_bytes += len(chunk)
        self._window = self._window[self._at :] + self._decoder.decode(chunk, final=not chunk)
        self._at = 0
        return True


def _reason(error: Exception) -> tuple[str, int]:
    """What is wrong and in which column, from the decoder's own words."""
    if isinstance(error, json.JSONDecodeError):
        return error.msg[:1].lower() + error.msg[1:], error.colno
    if isinstance(error, RecursionError):
        return "it is nested too deeply", 1
    return str(error), 1  # integers of thousands of digits


def _nul(shown: str, line: int, text: str) -> None:
    if "\0" in text:
        refuse(
            f"{shown} has a NUL byte (0x00) in line {line:,}.",
            "It is not plain text, or was damaged; write the file anew, or remove the byte, "
            "for example with `tr -d '\\000'`.",
        )


def _too_long(shown: str, where: str) -> None:
    refuse(
        f"{shown}: {where} is longer than {MAX_ROW_BYTES >> 20} MiB.",
        f"{_LINES_REMEDY} Shorten very long texts, or use Parquet.",
    )


def _not_object(shown: str, where: str, value: Any) -> None:
    refuse(f"{shown}: {where} is {_KINDS[type(value)]}, not an object.", _LINES_REMEDY)


def _single_object(shown: str, value: dict[str, Any]) -> None:
    """A JSON object where a list of rows should be: say how to get at the rows in it."""
    lists = {key: item for key, item in value.items() if isinstance(item, list)}
    rows = [key for key, item in lists.items() if item and isinstance(item[0], dict)]
    remedy = "Write a list of objects: [{…}, {…}], or one object a line (.jsonl)."
    if rows:
        remedy = (
            f"The rows seem to be in {', '.join(map(repr, rows))}: save that list alone, one "
            "file for each split."
        )
    elif lists and len(lists) == len(value) and len({len(item) for item in lists.values()}) == 1:
        remedy = (
            "It holds one list for each column: turn them into rows, for example with "
            "`pandas.DataFrame(...).to_json(path, orient='records', lines=True)`."
        )
    refuse(f"{shown} holds one JSON object, not a list of rows.", remedy)
