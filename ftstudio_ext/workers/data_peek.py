"""A look into files before they are imported: columns, first rows, splits, what it seems to be."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pyarrow as pa

from ftstudio_ext.core.recognise import recognise
from ftstudio_ext.core.values import json_safe
from ftstudio_ext.schema.datasets import FileFormat

from .data_changes import Changes
from .data_files import columns_of
from .data_import import changes_of, source_of
from .data_sources import Part, Sources, gather
from .readers import Reader
from .readers.arrow_types import cast_batch
from .readers.problems import refuse
from .readers.sniff import sniff

RECOGNISED_ROWS = 50
MAX_BYTES = 8 << 20
"""Of the rows in one answer."""


def peek(params: dict[str, Any], _context: Any = None) -> dict[str, Any]:
    """Verb `peek`: {source, conversation?, limit} and what `gather` takes → {format, splits,
    ignored, columns, rows, recognised, bytes}. Nothing is kept; of a zip only the first file of
    each split is unpacked, into a temporary folder."""
    with tempfile.TemporaryDirectory(prefix="ftstudio-peek-") as folder:
        sources = gather(source_of(params), {**params, "first_only": True}, Path(folder))
        changes = changes_of(params)
        reader = sources.parts[0].reader(sources.format)
        plain, changed = _first(reader, changes)
        for split, parts in sources.by_split().items():
            if parts[0] is not sources.parts[0]:
                _check_columns(sources.parts[0], plain, split, parts[0], sources)
        found = recognise(columns_of(plain.schema), _rows(plain.slice(0, RECOGNISED_ROWS)))
        rows = _rows(changed.slice(0, int(params.get("limit") or 20)))
        return {
            "format": _format(sources),
            "splits": _splits(sources),
            "ignored": sources.ignored,
            "columns": [column.model_dump() for column in columns_of(changed.schema)],
            "rows": rows,
            "recognised": found.model_dump() if found else None,
            "bytes": sources.size_bytes,
        }


def _first(reader: Reader, changes: Changes) -> tuple[pa.RecordBatch, pa.RecordBatch]:
    """The first rows as they are, and with the changes."""
    batch = next(iter(reader.batches()), None)
    if batch is None:
        refuse(f"{reader.shown} holds no rows.", "Choose a file with at least one row.")
    changed = changes.batch(batch)
    schema = changes.schema(reader.schema)
    return cast_batch(batch, reader.schema), cast_batch(changed, schema)


def _check_columns(
    first: Part, plain: pa.RecordBatch, split: str, part: Part, sources: Sources
) -> None:
    """Say now what the import would say: that splits have other columns."""
    other = next(iter(part.reader(sources.format).batches()), None)
    if other is None:
        refuse(f"{part.shown} holds no rows.", "Choose a file with at least one row.")
    for here, there, absent in (
        (first.split, split, set(plain.schema.names) - set(other.schema.names)),
        (split, first.split, set(other.schema.names) - set(plain.schema.names)),
    ):
        if absent and _format(sources) not in ("json", "jsonl"):  # keys may come later there
            columns = ", ".join(map(repr, sorted(absent)))
            refuse(
                f"Split {here!r} has the columns {columns}, which split {there!r} lacks.",
                "Give all splits the same columns, or import the files as two datasets.",
            )


def _format(sources: Sources) -> FileFormat:
    first = sources.parts[0]
    return sources.format or sniff(first.path, None, first.shown)


def _splits(sources: Sources) -> list[dict[str, Any]]:
    found = []
    for split, parts in sources.by_split().items():
        names = sources.names.get(split) or [part.shown for part in parts]
        counts = [part.reader(sources.format).count() for part in parts]
        whole = len(names) == len(parts) and None not in counts
        found.append(
            {
                "name": split,
                "files": names[:100],
                "bytes": sum(part.path.stat().st_size for part in parts),
                "rows": sum(count or 0 for count in counts) if whole else None,
            }
        )
    return found


def _rows(batch: pa.RecordBatch) -> list[dict[str, Any]]:
    """As many of the rows as one answer holds, at least one."""
    if batch.nbytes > MAX_BYTES:
        batch = batch.slice(0, max(1, batch.num_rows * MAX_BYTES // batch.nbytes))
    return [json_safe(row) for row in batch.to_pylist()]
