"""The rows of a dataset in batches that are freed once they are used. The files are read, not
mapped: mapped pages would count as this process's memory."""

from __future__ import annotations

import bisect
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from ftstudio_ext.core.errors import InvalidInput, NotFound
from ftstudio_ext.schema.datasets import Dataset, Split

ROWS_AT_ONCE = 16_000
BYTES_AT_ONCE = 4 << 20
HELD_OUT = ("test", "validation", "valid", "val", "dev", "eval")


@dataclass(frozen=True)
class Piece:
    """Some rows of one split; `first` is the number of the first one in the split, `place` that
    among all rows of the dataset."""

    split: int
    first: int
    place: int
    batch: pa.RecordBatch


class Source:
    """The files of a dataset. Splits are ordered from what is trained on to what is held out, so
    that of two equal rows the one to keep is always the one in the later split."""

    def __init__(self, dataset: Dataset, folder: Path) -> None:
        self.dataset = dataset
        self.folder = folder
        self.splits: list[Split] = sorted(dataset.splits, key=_held_out)
        self._mapped: list[tuple[int, pa.RecordBatch]] | None = None
        self.rows = sum(split.rows for split in self.splits)
        self.starts = [
            sum(split.rows for split in self.splits[:number]) for number in range(len(self.splits))
        ]

    def schema(self) -> pa.Schema:
        with self._open(self.splits[0]) as stream:
            return stream.schema

    def pieces(self, columns: list[str] | None = None) -> Iterator[Piece]:
        """All rows, split by split; with these columns only."""
        for number, split in enumerate(self.splits):
            first = 0
            for batch in self._batches(split, columns):
                yield Piece(number, first, self.starts[number] + first, batch)
                first += batch.num_rows

    def place_of(self, place: int) -> tuple[int, int]:
        """(number of the split, row in it) of a row of the dataset."""
        number = bisect.bisect_right(self.starts, place) - 1
        return number, place - self.starts[number]

    def take(self, places: np.ndarray[Any, Any], columns: list[str]) -> pa.Table:
        """Some rows, in the order asked for; their pages alone are touched."""
        order = np.argsort(places, kind="stable")
        ordered = places[order]
        found = []
        for start, batch in self._mapped_batches():
            low, high = np.searchsorted(ordered, [start, start + batch.num_rows])
            if low < high:
                found.append(batch.select(columns).take(pa.array(ordered[low:high] - start)))
        back = np.empty(len(order), np.int64)
        back[order] = np.arange(len(order))
        return pa.Table.from_batches(found).take(pa.array(back))

    def _batches(self, split: Split, columns: list[str] | None) -> Iterator[pa.RecordBatch]:
        """Batches of some thousand rows; those in the file hold a thousand each."""
        waiting: list[pa.RecordBatch] = []
        rows = size = 0
        with self._open(split) as stream:
            for batch in self._read(stream, split):
                chosen = batch.select(columns) if columns is not None else batch
                waiting.append(chosen)
                rows, size = rows + chosen.num_rows, size + chosen.nbytes
                if rows >= ROWS_AT_ONCE or size >= BYTES_AT_ONCE:
                    yield pa.concat_batches(waiting)
                    waiting, rows, size = [], 0, 0
        if waiting:
            yield pa.concat_batches(waiting)

    def _open(self, split: Split, mapped: bool = False) -> pa.RecordBatchStreamReader:
        path = str(self.folder / split.file)
        try:
            return pa.ipc.open_stream(pa.memory_map(path) if mapped else pa.OSFile(path))
        except FileNotFoundError:
            raise NotFound(
                f"The dataset's file {split.file} is not there any more.",
                field="dataset",
                remedy="Delete the dataset and import it again.",
            ) from None
        except (pa.ArrowException, OSError) as error:
            raise _damaged(split, error) from None

    def _read(self, stream: pa.RecordBatchStreamReader, split: Split) -> Iterator[pa.RecordBatch]:
        try:
            yield from stream
        except (pa.ArrowException, OSError) as error:
            raise _damaged(split, error) from None

    def _mapped_batches(self) -> list[tuple[int, pa.RecordBatch]]:
        """(place of the first row, batch) of all splits, over mapped files."""
        if self._mapped is None:
            self._mapped, place = [], 0
            for split in self.splits:
                with self._open(split, mapped=True) as stream:
                    for batch in self._read(stream, split):
                        self._mapped.append((place, batch))
                        place += batch.num_rows
        return self._mapped


def _held_out(split: Split) -> int:
    """0 for what is trained on, then validation, then test."""
    name = split.name.lower()
    if name.startswith("test"):
        return 2
    return 1 if name.startswith(HELD_OUT) else 0


def _damaged(split: Split, error: Exception) -> InvalidInput:
    return InvalidInput(
        f"The dataset's file {split.file} is damaged: {error}.",
        field="dataset",
        remedy="Delete the dataset and import it again.",
    )
