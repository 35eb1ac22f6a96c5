"""CSV and TSV: read as text, with a type for each column that holds for the whole file."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.compute as pc

from .base import BATCH_BYTES, BATCH_ROWS, MAX_ROW_BYTES, Reader
from .problems import bad_file, check_names, not_utf8, refuse

# Numbers as programs write them. Leading zeros (007), plus signs and more than 18 digits
# stay text: they are codes, and as numbers would not come back as they were.
_INTEGER = r"^-?(0|[1-9][0-9]{0,17})$"
_FLOAT = r"^-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,17})?([eE][+-]?[0-9]{1,3})?$"
_BOOL = r"^(true|false|True|False|TRUE|FALSE)$"
_TYPES = {"null": pa.null(), "int": pa.int64(), "float": pa.float64(), "bool": pa.bool_()}
_DELIMITERS = ",;\t|"


class DelimitedReader(Reader):
    """A file with a header line. Empty cells are null; blank lines are passed over."""

    as_text = True

    def __init__(self, path: Path, shown: str, delimiter: str | None) -> None:
        super().__init__(path, shown)
        self._delimiter = delimiter
        self._kinds: list[str] = []
        self._line = 1
        self._record_line = 1

    def batches(self) -> Iterator[pa.RecordBatch]:
        csv.field_size_limit(MAX_ROW_BYTES)
        with self.path.open("rb") as raw, TextIOWrapper(raw, "utf-8-sig", newline="") as file:
            try:
                yield from self._batches(file, raw)
            except UnicodeDecodeError:
                raise not_utf8(self.path, self.shown) from None
            except csv.Error as error:
                raise self._broken(error) from None
        self.position_bytes = self.size_bytes

    def _batches(self, file: TextIOWrapper, raw: BinaryIO) -> Iterator[pa.RecordBatch]:
        lines = self._lines(file)
        first = next((line for line in lines if line.strip()), "")
        self._record_line = self._line
        delimiter = self._delimiter or _find_delimiter(first)
        records = csv.reader(_chain(first, lines), delimiter=delimiter, strict=True)
        names = [name.strip() for name in next(records, [])]
        check_names(names, self.shown, "its header")
        self._kinds = ["null"] * len(names)
        rows: list[list[str]] = []
        held = number = 0
        for record in self._numbered(records):
            if not record:
                continue
            number += 1
            if len(record) != len(names):
                self._ragged(number, record, names, delimiter)
            rows.append(record)
            held += sum(map(len, record))
            if len(rows) >= BATCH_ROWS or held >= BATCH_BYTES:
                self.position_bytes = raw.tell()
                yield self._batch(names, rows)
                rows, held = [], 0
        if rows:
            yield self._batch(names, rows)
        if not number:
            refuse(
                f"{self.shown} has a header and no rows.",
                "Check that it was written completely.",
            )

    def _lines(self, file: TextIOWrapper) -> Iterator[str]:
        self._line = 0
        while line := file.readline(MAX_ROW_BYTES):
            self._line += 1
            if "\0" in line:
                refuse(
                    f"{self.shown} has a NUL byte (0x00) in line {self._line:,}.",
                    "It is not plain text, or was damaged; write the file anew, or remove the "
                    "byte, for example with `tr -d '\\000'`.",
                )
            if len(line) >= MAX_ROW_BYTES and not line.endswith(("\n", "\r")):
                refuse(
                    f"{self.shown}: line {self._line:,} is longer than {MAX_ROW_BYTES >> 20} MiB.",
                    "Check that lines end in line breaks; shorten the texts, or use Parquet.",
                )
            yield line

    def _numbered(self, records: Iterator[list[str]]) -> Iterator[list[str]]:
        """The records, with the line where each begins noted for messages."""
        while True:
            self._record_line = self._line + 1
            try:
                record = next(records)
            except StopIteration:
                return
            yield record

    def _ragged(self, number: int, record: list[str], names: list[str], delimiter: str) -> None:
        named = {"\t": "tab", ",": "comma"}.get(delimiter, repr(delimiter))
        refuse(
            f"{self.shown}: row {number:,} (line {self._record_line:,}) has {len(record)} "
            f"{'column' if len(record) == 1 else 'columns'}, the header has {len(names)}.",
            "Quote values that hold the delimiter "
            f"({named}) or line breaks with double quotes, and give every row all columns.",
        )

    def _broken(self, error: csv.Error) -> Exception:
        text, line = str(error), self._record_line
        if "unexpected end of data" in text or "field larger than field limit" in text:
            return bad_file(
                f"{self.shown}: the double quote opened in the row at line {line:,} is never closed.",
                'Close it, and write a double quote inside a quoted value as "".',
            )
        if "expected after" in text:
            return bad_file(
                f"{self.shown}: in the row at line {line:,} a quoted value goes on after its "
                "closing double quote.",
                'Write a double quote inside a quoted value as "".',
            )
        return bad_file(
            f"{self.shown}: the row at line {line:,} cannot be read ({text}).",
            "Write the file anew, with values quoted by double quotes.",
        )

    def _batch(self, names: list[str], rows: list[list[str]]) -> pa.RecordBatch:
        arrays = []
        for position, cells in enumerate(zip(*rows, strict=True)):
            array = pa.array([cell or None for cell in cells], type=pa.string())
            self._kinds[position] = _kind_with(self._kinds[position], array)
            arrays.append(array)
        kinds = (_TYPES.get(kind, pa.string()) for kind in self._kinds)
        self.schema = pa.schema(list(zip(names, kinds, strict=True)))
        return pa.RecordBatch.from_arrays(arrays, names=names)


def _find_delimiter(header: str) -> str:
    """The comma, unless the header has none and one of ; tab | instead."""
    if "," in header:
        return ","
    return max(_DELIMITERS, key=header.count) if any(map(header.count, _DELIMITERS)) else ","


def _chain(first: str, lines: Iterator[str]) -> Iterator[str]:
    if first:
        yield first
    yield from lines


def _kind_with(kind: str, cells: pa.Array) -> str:
    """The kind that holds the cells so far and these."""
    if kind == "text" or cells.null_count == len(cells):
        return kind

    def all_match(pattern: str) -> bool:
        return pc.all(pc.match_substring_regex(cells, pattern)).as_py()

    if kind in ("null", "int") and all_match(_INTEGER):
        return "int"
    if kind in ("null", "int", "float") and all_match(_FLOAT):
        return "float"
    if kind in ("null", "bool") and all_match(_BOOL):
        return "bool"
    return "text"
