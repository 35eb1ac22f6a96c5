"""Import job: writes our Arrow copy of a dataset of the Hugging Face hub, or of large files.

`resolved` in spec.json: `dataset` (the Dataset record), `dataset_dir` (absolute, not yet there)
and, for files, `import` (see workers/data_import.py). The folder appears whole, with `dataset.json`, as the
last act. Code from the hub is never run.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")

from ftstudio_ext.core.errors import InvalidInput, StudioError
from ftstudio_ext.core.files import read_json
from ftstudio_ext.jobs.protocol import EXIT_STOPPED
from ftstudio_ext.jobs.worker import Stopped, WorkerRun, main
from ftstudio_ext.schema.datasets import Dataset, HubSource

from .data_changes import Changes
from .data_files import (
    RECORD_FILE,
    SplitWriter,
    check_split_names,
    join_schemas,
    result_of,
    staging,
    write_record,
)
from .data_import import import_dataset
from .hub_dataset import bring, chosen, plain_batches


def work(run: WorkerRun) -> None:
    """One attempt."""
    wanted = Dataset.model_validate(run.spec.resolved["dataset"])
    destination = Path(run.spec.resolved["dataset_dir"])
    if (destination / RECORD_FILE).exists():  # an earlier attempt ended right after its last act
        made = Dataset.model_validate(read_json(destination / RECORD_FILE))
    elif isinstance(wanted.source, HubSource):
        run.phase("downloading")
        with _Watch(run, wanted.source.repo_id):
            commit, splits = bring(run, wanted.source)
        run.phase("saving")
        made = save(run, wanted, commit, splits, destination)
    else:
        made = read_files(run)
    run.emit(kind="result", data=result_of(made))


def read_files(run: WorkerRun) -> Dataset:
    """Import local files, from the beginning in each attempt: a half-read one leaves nothing."""
    try:
        return import_dataset(run.spec.resolved["import"], _Listener(run))
    except StudioError as error:
        if error.code == "cancelled":
            raise Stopped from None
        raise


class _Listener:
    """The job as the caller of an import: progress in bytes, a stop is a cancellation."""

    def __init__(self, run: WorkerRun) -> None:
        self._run = run
        self._began = time.monotonic()
        self._phase = ""

    @property
    def cancelled(self) -> bool:
        return self._run.control() in ("stop", "stop_and_save")

    def progress(self, **fields: Any) -> None:
        """Takes phase, bytes and total_bytes."""
        done, total = fields["bytes"], fields["total_bytes"]
        took = time.monotonic() - self._began
        eta_s = took * (total - done) / done if done and took > 2 else None
        name = "loading" if fields["phase"] == "reading" else "saving"
        if name != self._phase:
            self._run.phase(name)
            self._phase = name
        self._run.progress(step=done, total_steps=total, unit="bytes", eta_s=eta_s)


def save(
    run: WorkerRun, wanted: Dataset, commit: str | None, splits: dict[str, Any], destination: Path
) -> Dataset:
    """Write the dataset's folder. Raises Stopped when asked to."""
    splits = chosen(wanted.source, splits)
    check_split_names(splits)
    splits = {name: split for name, split in splits.items() if split.num_rows}
    if not splits:
        raise InvalidInput(
            f"{wanted.source.repo_id} holds no rows.",  # type: ignore[union-attr]
            field="source.repo_id",
            remedy="Choose another config or revision.",
        )
    total = sum(split.num_rows for split in splits.values())
    changes = Changes(wanted.column_changes, wanted.conversation)
    with staging(destination) as folder:
        writers, schemas, done = {}, {}, 0
        for name, split in splits.items():
            writers[name] = SplitWriter(folder, name)
            for batch in plain_batches(split):
                if run.control() in ("stop", "stop_and_save"):
                    raise Stopped
                schemas[f"split {name!r}"] = changes.schema(batch.schema)
                writers[name].write(changes.batch(batch))
                done += batch.num_rows
                run.progress(step=done, total_steps=total, unit="rows")
        schema = changes.without_empty(join_schemas(schemas, text_columns=False))
        return write_record(
            folder,
            dataset_id=wanted.id,
            name=wanted.name,
            source=wanted.source.model_dump(),
            schema=schema,
            splits=[writer.finish(schema) for writer in writers.values()],
            source_revision=commit,
            notes=changes.notes(),
            column_changes=wanted.column_changes,
            conversation=wanted.conversation,
            job_id=wanted.job_id,
        )


class _Watch:
    """While libraries download: counts the bytes that have come, keeps the heartbeat going, and
    ends the process when asked to. What was downloaded stays in the libraries' cache, where the
    next attempt finds it."""

    def __init__(self, run: WorkerRun, repo_id: str) -> None:
        self._run = run
        self._blobs = _blobs(repo_id)
        self._before = _size(self._blobs)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self._tell()

    def _look(self) -> None:
        while not self._over.wait(0.5):
            if self._run.control() in ("stop", "stop_and_save"):
                os._exit(EXIT_STOPPED)
            self._tell()

    def _tell(self) -> None:
        come = max(0, _size(self._blobs) - self._before)
        self._run.progress(step=come, total_steps=None, unit="bytes")


def _blobs(repo_id: str) -> Path:
    """Where the hub's library puts the files of a dataset while they come."""
    from huggingface_hub import constants
    from huggingface_hub.file_download import repo_folder_name

    name = repo_folder_name(repo_id=repo_id, repo_type="dataset")
    return Path(constants.HF_HUB_CACHE, name, "blobs")


def _size(folder: Path) -> int:
    total = 0
    with contextlib.suppress(OSError):
        for entry in os.scandir(folder):
            with contextlib.suppress(OSError):  # renamed at its end
                total += entry.stat().st_size
    return total


if __name__ == "__main__":
    main(work)
