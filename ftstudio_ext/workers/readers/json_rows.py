"""JSON: one object a line, or one list of objects; typed over the whole file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from .arrow_types import MAX_FIELDS, Clash, common_schema, count_fields
from .base import BATCH_BYTES, BATCH_ROWS, Reader
from .json_clash import explain
from .json_text import Row, read_lines, read_list, starts_with
from .problems import check_names, not_utf8, refuse


class JsonReader(Reader):
    """Rows from a JSON text. Keys that a row lacks are null in it."""

    def __init__(self, path: Path, shown: str, lines: bool) -> None:
        super().__init__(path, shown)
        self._lines = lines
        self._rows_read = 0

    def batches(self) -> Iterator[pa.RecordBatch]:
        rows: list[dict[str, Any]] = []
        began_at = 0
        for row in self.rows():
            rows.append(row.value)
            self._rows_read = row.number
            self.position_bytes = row.end
            if len(rows) >= BATCH_ROWS or row.end - began_at >= BATCH_BYTES:
                yield self._batch(rows)
                rows, began_at = [], row.end
        if rows:
            yield self._batch(rows)
        self.position_bytes = self.size_bytes
        if self._rows_read and not self.schema.names:
            refuse(f"{self.shown} holds only empty objects.", "Write the columns as keys.")

    def rows(self) -> Iterator[Row]:
        """The rows from the start of the file, each time it is called."""
        # A list in a .jsonl file, or lines in a .json file: people mix the two names up.
        as_list = starts_with(self.path) == "["
        reader = read_list if as_list else read_lines
        try:
            yield from reader(self.path, self.shown, self._lines)
        except UnicodeDecodeError:
            raise not_utf8(self.path, self.shown) from None

    def _batch(self, rows: list[dict[str, Any]]) -> pa.RecordBatch:
        names = list(dict.fromkeys(name for row in rows for name in row))
        check_names(names, self.shown, "its objects")
        try:
            arrays = [_array([row.get(name) for row in rows]) for name in names]
            batch = pa.RecordBatch.from_arrays(arrays, names=names)
            self.schema = common_schema(self.schema, batch.schema)
        except (pa.ArrowException, Clash, OverflowError, UnicodeEncodeError, TypeError) as error:
            raise explain(self.rows(), self.shown, error) from None
        self._check_width()
        return batch

    def _check_width(self) -> None:
        if count_fields(self.schema) <= MAX_FIELDS:
            return
        widest = max(self.schema, key=lambda field: count_fields(field.type))
        refuse(
            f"{self.shown} has more than {MAX_FIELDS:,} different keys; most of them are in "
            f"{widest.name!r}. Keys that differ from row to row cannot be columns.",
            "Write such an object as a list of {key, value} objects, or as text.",
        )


def _array(values: list[Any]) -> pa.Array:
    try:
        array = pa.array(values)
    except pa.ArrowInvalid:
        # Integers beyond 2^53 beside floats: as floats, like other mixed numbers.
        if not all(value is None or type(value) in (int, float) for value in values):
            raise
        return pa.array([None if value is None else float(value) for value in values])
    if pa.types.is_floating(array.type) and any(
        value is True or value is False for value in values
    ):
        raise TypeError("true or false beside numbers")
    if pa.types.is_integer(array.type) and array.type != pa.int64():
        array = array.cast(pa.int64())
    return array
