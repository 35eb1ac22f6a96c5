"""Import files into a dataset's folder, batch by batch."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, Protocol

from ftstudio_ext.core.errors import StudioError
from ftstudio_ext.jobs.outcome import disk_full, is_disk_full
from ftstudio_ext.schema.datasets import FileSource

from .data_files import (
    SplitWriter,
    check_split_names,
    join_schemas,
    result_of,
    staging,
    write_record,
)
from .readers import Reader, open_reader
from .readers.problems import refuse

PROGRESS_INTERVAL_S = 0.25


class Context(Protocol):
    """What a helper gives to a running verb (see jobs/helper_server.py)."""

    cancelled: bool

    def progress(self, **fields: Any) -> None:
        """Tell the caller how far it is."""


def import_files(params: dict[str, Any], context: Context) -> dict[str, Any]:
    """Verb `import`.

    Takes source (a FileSource), dest_dir (absolute; must not exist), dataset_id, and optionally
    name and root_dir (absolute; what relative paths of the source are relative to). Answers
    columns, splits, rows, bytes, content_hash, source_revision. Leaves nothing on failure.
    """
    try:
        return _import_files(params, context)
    except OSError as error:
        folder = Path(params["dest_dir"]).parent
        if is_disk_full(error, folder):
            remedy = "Free some space there, then import again; nothing was left behind."
            raise StudioError(**{**disk_full(folder), "remedy": remedy}) from None
        raise StudioError(
            f"The dataset's folder cannot be written: {error.strerror or error}.",
            code="not_written",
            remedy="Check the permissions and the disk of the workspace.",
        ) from None


def _import_files(params: dict[str, Any], context: Context) -> dict[str, Any]:
    source = FileSource.model_validate(params["source"])
    root = Path(params.get("root_dir") or "/")
    paths = source.path if isinstance(source.path, dict) else {"train": source.path}
    check_split_names(paths)
    readers = {
        split: open_reader(root / path, source.format, path) for split, path in paths.items()
    }
    progress = _Progress(context, list(readers.values()))
    with staging(Path(params["dest_dir"])) as folder:
        writers = {split: _copy(reader, SplitWriter(folder, split), progress)
                   for split, reader in readers.items()}  # fmt: skip
        schemas = {split: reader.schema for split, reader in readers.items()}
        schema = join_schemas(schemas, all(reader.as_text for reader in readers.values()))
        splits = []
        for writer in writers.values():
            progress.tell("writing")
            splits.append(writer.finish(schema))
        dataset = write_record(
            folder,
            dataset_id=params["dataset_id"],
            name=params.get("name") or params["dataset_id"],
            source=source.model_dump(),
            schema=schema,
            splits=splits,
        )
        progress.tell("writing")
    return result_of(dataset)


def _copy(reader: Reader, writer: SplitWriter, progress: _Progress) -> SplitWriter:
    try:
        for batch in reader.batches():
            writer.write(batch)
            progress.rows += batch.num_rows
            progress.tell("reading")
    finally:
        writer.close()
    if not writer.rows:
        refuse(f"{reader.shown} holds no rows.", "Choose a file with at least one row.")
    return writer


class _Progress:
    """Tells how far an import is, a few times a second, and ends it when it is cancelled."""

    def __init__(self, context: Context, readers: list[Reader]) -> None:
        self._context = context
        self._readers = readers
        self._total = sum(reader.size_bytes for reader in readers)
        self._told_at = 0.0
        self.rows = 0

    def tell(self, phase: str) -> None:
        """Raises StudioError (code `cancelled`) when the caller has cancelled."""
        if self._context.cancelled:
            raise StudioError("The import was cancelled.", code="cancelled")
        if time.monotonic() - self._told_at >= PROGRESS_INTERVAL_S:
            self._told_at = time.monotonic()
            done = sum(reader.position_bytes for reader in self._readers)
            self._context.progress(phase=phase, bytes=done, total_bytes=self._total, rows=self.rows)
