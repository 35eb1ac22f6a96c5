"""Clean job: a copy of a dataset without the rows and columns that the doctor's remedies name.

`resolved` in spec.json is a ResolvedCleaning. The folder of the copy appears whole, with
`dataset.json`, as the last act; the dataset that it is made from is only read.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from ftstudio_ext.core.errors import Conflict, InvalidInput
from ftstudio_ext.core.files import read_json
from ftstudio_ext.jobs.worker import Stopped, WorkerRun, main
from ftstudio_ext.schema.datasets import Dataset
from ftstudio_ext.schema.profiles import CleanSpec, DataFix, ResolvedCleaning

from .data_files import RECORD_FILE, SplitWriter, result_of, staging, write_record
from .profiling.marks import read_marks
from .profiling.reading import Source
from .readers.base import BATCH_ROWS

ROW_FIXES = ("drop_rows", "dedupe", "drop_leaked")


def work(run: WorkerRun) -> None:
    """One attempt."""
    spec = CleanSpec.model_validate(run.spec.spec)
    resolved = ResolvedCleaning.model_validate(run.spec.resolved)
    destination = Path(resolved.dataset_dir)
    if (destination / RECORD_FILE).exists():  # an earlier attempt ended right after its last act
        made = Dataset.model_validate(read_json(destination / RECORD_FILE))
    else:
        run.phase("saving")
        made = clean(run, spec.fixes, resolved, destination)
    run.emit(kind="result", data=result_of(made))


def clean(
    run: WorkerRun, fixes: list[DataFix], resolved: ResolvedCleaning, destination: Path
) -> Dataset:
    """Write the copy. Raises Stopped when asked to."""
    source = Source(Dataset.model_validate(resolved.origin), Path(resolved.origin_dir))
    wanted = Dataset.model_validate(resolved.dataset)
    gone = rows_to_drop(fixes, resolved.marks)
    dropped = {name for fix in fixes if fix.kind == "drop_columns" for name in fix.columns}
    schema = source.schema()
    columns = [name for name in schema.names if name not in dropped]
    _check_something_stays(source, gone, columns)
    kept = pa.schema([schema.field(name) for name in columns])
    with staging(destination) as folder:
        writers = _copy(run, source, folder, gone, columns)
        return write_record(
            folder,
            dataset_id=wanted.id,
            name=wanted.name,
            source=wanted.source.model_dump(),
            schema=kept,
            splits=[
                writers[s.name].finish(kept) for s in source.dataset.splits if s.name in writers
            ],
        )


def rows_to_drop(fixes: list[DataFix], marks: str | None) -> dict[str, np.ndarray[Any, Any]]:
    """{split: rows} of the findings that are remedied by dropping rows."""
    findings = {str(fix.finding) for fix in fixes if fix.kind in ROW_FIXES}
    try:
        return read_marks(Path(marks), findings) if findings and marks else {}
    except FileNotFoundError:
        raise Conflict(
            "The dataset was examined again before this copy was made.",
            field="fixes",
            remedy="Look at its new findings, and choose remedies anew.",
        ) from None


def _check_something_stays(source: Source, gone: dict[str, Any], columns: list[str]) -> None:
    if not columns or sum(map(len, gone.values())) >= source.rows:
        raise InvalidInput(
            f"Nothing would be left of “{source.dataset.name}”.",
            field="fixes",
            remedy="Choose fewer remedies.",
        )


def _copy(
    run: WorkerRun, source: Source, folder: Path, gone: dict[str, Any], columns: list[str]
) -> dict[str, SplitWriter]:
    """Splits that lose all their rows are left out."""
    writers: dict[str, SplitWriter] = {}
    for piece in source.pieces(columns):
        if run.control() in ("stop", "stop_and_save"):
            raise Stopped
        name = source.splits[piece.split].name
        batch = _without(piece.batch, gone.get(name), piece.first)
        if batch.num_rows:
            writer = writers.setdefault(name, SplitWriter(folder, name))
            for start in range(0, batch.num_rows, BATCH_ROWS):
                writer.write(batch.slice(start, BATCH_ROWS))
        run.progress(step=piece.place + piece.batch.num_rows, total_steps=source.rows)
    return writers


def _without(
    batch: pa.RecordBatch, gone: np.ndarray[Any, Any] | None, first: int
) -> pa.RecordBatch:
    if gone is None:
        return batch
    low, high = np.searchsorted(gone, [first, first + batch.num_rows])
    if low == high:
        return batch
    stays = np.ones(batch.num_rows, bool)
    stays[gone[low:high] - first] = False
    return batch.filter(pa.array(stays))


if __name__ == "__main__":
    main(work)
