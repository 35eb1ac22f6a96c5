"""Readers: a file of any supported format as Arrow batches, without holding it in memory."""

from __future__ import annotations

from pathlib import Path

from ftstudio_ext.schema.datasets import FileFormat

from .base import Reader
from .columnar import ArrowReader, ParquetReader
from .delimited import DelimitedReader
from .json_rows import JsonReader
from .sniff import sniff

__all__ = ["Reader", "open_reader"]


def open_reader(path: Path, format_name: FileFormat | None, shown: str) -> Reader:
    """The reader for a file. `shown` is the path as the person wrote it, for messages.

    Raises NotFound or InvalidInput (field `source.path`).
    """
    found = sniff(path, format_name, shown)
    if found in ("csv", "tsv"):
        return DelimitedReader(path, shown, delimiter="\t" if found == "tsv" else None)
    if found in ("json", "jsonl"):
        return JsonReader(path, shown, lines=found == "jsonl")
    return ParquetReader(path, shown) if found == "parquet" else ArrowReader(path, shown)
