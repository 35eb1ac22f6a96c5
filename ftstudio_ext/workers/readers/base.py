"""What every reader of a file is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

BATCH_ROWS = 1_000
BATCH_BYTES = 16 << 20
MAX_ROW_BYTES = 64 << 20


class Reader(ABC):
    """One file, read once from start to end.

    `batches` yields batches of at most BATCH_ROWS rows; their schema may widen on the way (see
    `arrow_types.common_schema`), and `schema` is right once the last one was taken.
    """

    as_text = False
    """Whether batches hold all cells as text, to be cast to `schema` afterwards."""

    def __init__(self, path: Path, shown: str) -> None:
        self.path = path
        self.shown = shown
        self.size_bytes = path.stat().st_size
        self.position_bytes = 0
        self.schema: pa.Schema = pa.schema([])

    def count(self) -> int | None:
        """Rows in the file, where its format tells without reading it."""
        return None

    @abstractmethod
    def batches(self) -> Iterator[pa.RecordBatch]:
        """Raises InvalidInput where the file is broken."""
