"""Parquet and Arrow files: typed already, read batch by batch."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet as pq

from .arrow_types import cast_batch, plain_type, type_name
from .base import BATCH_ROWS, Reader
from .problems import bad_file, check_names, refuse

_DAMAGED = "It may be cut short or damaged: check its size, and write or copy it again."


class ParquetReader(Reader):
    """A Parquet file."""

    def count(self) -> int | None:
        try:
            return int(pq.read_metadata(self.path).num_rows)
        except (pa.ArrowException, OSError) as error:
            raise _unreadable(self.shown, "Parquet", error) from None

    def batches(self) -> Iterator[pa.RecordBatch]:
        try:
            with pq.ParquetFile(self.path, memory_map=True) as file:
                self.schema = plain_schema(file.schema_arrow, self.shown)
                total = max(1, file.metadata.num_rows)
                done = 0
                for batch in file.iter_batches(batch_size=BATCH_ROWS, use_threads=False):
                    done += batch.num_rows
                    self.position_bytes = self.size_bytes * done // total
                    yield cast_batch(batch, self.schema)
        except (pa.ArrowException, OSError) as error:
            raise _unreadable(self.shown, "Parquet", error) from None


class ArrowReader(Reader):
    """An Arrow IPC file (Feather version 2) or stream."""

    def batches(self) -> Iterator[pa.RecordBatch]:
        try:
            with pa.memory_map(str(self.path)) as source:
                yield from self._batches(source)
        except (pa.ArrowException, OSError) as error:
            raise _unreadable(self.shown, "Arrow", error) from None

    def _batches(self, source: pa.NativeFile) -> Iterator[pa.RecordBatch]:
        is_file = source.read(6) == b"ARROW1"
        source.seek(0)
        if is_file:
            opened = pa.ipc.open_file(source)
            parts = (opened.get_batch(index) for index in range(opened.num_record_batches))
        else:
            opened = pa.ipc.open_stream(source)
            parts = iter(opened)
        self.schema = plain_schema(opened.schema, self.shown)
        for part in parts:
            part.validate()
            for start in range(0, part.num_rows, BATCH_ROWS):
                yield cast_batch(part.slice(start, BATCH_ROWS), self.schema)
            self.position_bytes = source.tell() if not is_file else self.position_bytes


def plain_schema(schema: pa.Schema, shown: str) -> pa.Schema:
    """The schema with plain types and without metadata. Raises InvalidInput."""
    check_names(schema.names, shown, "its schema")
    if not schema.names:
        refuse(f"{shown} has no columns.", "Choose a file with columns and rows.")
    fields = []
    for field in schema:
        plain = plain_type(field.type)
        if plain is None:
            refuse(
                f"{shown}: the column {field.name!r} has the type {type_name(field.type)}, "
                "which cannot be imported.",
                "Write the column as text, numbers, lists or structs.",
            )
        fields.append((field.name, plain))
    return pa.schema(fields)


def _unreadable(shown: str, what: str, error: Exception) -> Exception:
    detail = " ".join(str(error).split())[:200].rstrip(".")
    return bad_file(
        f"{shown} cannot be read as a {what} file: {detail}.".replace("a Arrow", "an Arrow"),
        _DAMAGED,
    )
