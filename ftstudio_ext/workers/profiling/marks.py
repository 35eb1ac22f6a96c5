"""Which rows each finding is about: an Arrow file beside the profile, from which `clean` knows
what to drop, so that what was shown is what is done."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from ftstudio_ext.core.files import write_bytes_atomic

from .reading import Source

Array = np.ndarray[Any, Any]


class Marks:
    """Rows by finding, as places among all rows of the dataset."""

    def __init__(self) -> None:
        self.places: dict[str, Array] = {}
        self.same_as: dict[str, Array] = {}

    def add(self, finding: str, places: Array, same_as: Array | None = None) -> int:
        """Mark rows, with the rows that they repeat; how many they are."""
        if len(places):
            order = np.argsort(places, kind="stable")
            self.places[finding] = places[order]
            if same_as is not None:
                self.same_as[finding] = same_as[order]
        return len(places)

    def write(self, path: Path, source: Source) -> None:
        """Columns finding, split, row."""
        names = pa.array([split.name for split in source.splits])
        sink = pa.BufferOutputStream()
        schema = pa.schema([("finding", pa.string()), ("split", pa.string()), ("row", pa.int64())])
        with pa.ipc.new_stream(sink, schema) as stream:
            for finding, places in self.places.items():
                splits, rows = split_rows(source, places)
                columns = [pa.repeat(finding, len(places)), names.take(splits), pa.array(rows)]
                stream.write_batch(pa.record_batch(columns, schema=schema))
        write_bytes_atomic(path, sink.getvalue().to_pybytes())


def split_rows(source: Source, places: Array) -> tuple[pa.Array, Array]:
    """(numbers of the splits, rows in them) of places."""
    starts = np.asarray(source.starts)
    numbers = np.searchsorted(starts, places, side="right") - 1
    return pa.array(numbers), places - starts[numbers]


def read_marks(path: Path, findings: set[str]) -> dict[str, Array]:
    """{split: rows, sorted, each once} that these findings are about."""
    found: dict[str, list[Array]] = {}
    with pa.OSFile(str(path)) as file, pa.ipc.open_stream(file) as stream:
        for batch in stream:
            if not batch.num_rows or batch.column("finding")[0].as_py() not in findings:
                continue
            rows, splits = np.asarray(batch.column("row")), batch.column("split")
            for name in splits.unique().to_pylist():
                mine = np.asarray(pa.compute.equal(splits, name))
                found.setdefault(name, []).append(rows[mine])
    return {name: np.unique(np.concatenate(rows)) for name, rows in found.items()}
