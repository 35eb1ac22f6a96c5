"""Import files into a dataset's folder, batch by batch."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
from pydantic import TypeAdapter

from ftstudio_ext.core.errors import StudioError
from ftstudio_ext.jobs.outcome import disk_full, is_disk_full
from ftstudio_ext.schema.datasets import Conversation, Dataset, LocalSource

from .data_changes import Changes
from .data_files import SplitWriter, join_schemas, result_of, staging, write_record
from .data_sources import Part, Sources, fingerprints, gather
from .readers import Reader
from .readers.problems import refuse

PROGRESS_INTERVAL_S = 0.25
_SOURCE: TypeAdapter[LocalSource] = TypeAdapter(LocalSource)


class Context(Protocol):
    """What a helper gives to a running verb (see jobs/helper_server.py)."""

    @property
    def cancelled(self) -> bool:
        """Whether nobody waits for the answer any more."""

    def progress(self, **fields: Any) -> None:
        """Tell the caller how far it is."""


def source_of(params: dict[str, Any]) -> LocalSource:
    """The source that a request names; a file when it does not say."""
    return _SOURCE.validate_python({"source": "file", **params["source"]})


def changes_of(params: dict[str, Any]) -> Changes:
    """The changes that a request asks for."""
    asked = params.get("conversation")
    return Changes(params.get("columns"), Conversation.model_validate(asked) if asked else None)


def import_files(params: dict[str, Any], context: Context) -> dict[str, Any]:
    """Verb `import`.

    Takes source (a LocalSource), dest_dir (absolute; must not exist), dataset_id, and optionally
    name, columns, conversation, record (more fields of the record), and what `gather` takes.
    Answers what `result_of` has. Leaves nothing on failure.
    """
    return result_of(import_dataset(params, context))


def import_dataset(params: dict[str, Any], context: Context) -> Dataset:
    """As `import_files`, with the whole record."""
    folder = Path(params["dest_dir"]).parent
    try:
        return _import(params, context)
    except OSError as error:
        if is_disk_full(error, folder):
            remedy = "Free some space there, then import again; nothing was left behind."
            raise StudioError(**{**disk_full(folder), "remedy": remedy}) from None
        raise StudioError(
            f"The dataset's folder cannot be written: {error.strerror or error}.",
            code="not_written",
            remedy="Check the permissions and the disk of the workspace.",
        ) from None


def _import(params: dict[str, Any], context: Context) -> Dataset:
    source, changes = source_of(params), changes_of(params)
    with staging(Path(params["dest_dir"])) as folder:
        unpacked = folder / "unpacked"
        unpacked.mkdir()
        sources = gather(source, params, unpacked)
        readers = {part: part.reader(sources.format) for part in sources.parts}
        seen = fingerprints(sources.originals)
        progress = _Progress(context, list(readers.values()))
        writers = []
        for split, parts in sources.by_split().items():
            writers.append(writer := SplitWriter(folder, split))
            _copy({part: readers[part] for part in parts}, writer, changes, progress)
        shutil.rmtree(unpacked)
        schema = _joined(sources, readers, changes)
        splits = []
        for writer in writers:
            progress.tell("writing")
            splits.append(writer.finish(schema))
        dataset = write_record(
            folder,
            dataset_id=params["dataset_id"],
            name=params.get("name") or params["dataset_id"],
            source=source.model_dump(),
            schema=schema,
            splits=splits,
            source_files=seen,
            notes=changes.notes(),
            **params.get("record", {}),
        )
        progress.tell("writing")
    return dataset


def _joined(sources: Sources, readers: dict[Part, Reader], changes: Changes) -> pa.Schema:
    """The one schema of the dataset, after all changes."""
    schemas = {
        _place(part, sources): changes.schema(reader.schema) for part, reader in readers.items()
    }
    joined = join_schemas(schemas, all(reader.as_text for reader in readers.values()))
    return changes.without_empty(joined)


def _place(part: Part, sources: Sources) -> str:
    """Where a schema is from, in a message about another that does not fit it."""
    alone = len(sources.by_split()[part.split]) == 1
    return f"split {part.split!r}" if alone else f"the file {part.shown!r}"


def _copy(
    readers: dict[Part, Reader], writer: SplitWriter, changes: Changes, progress: _Progress
) -> None:
    """All files of a split, one behind the other."""
    try:
        for part, reader in readers.items():
            before = writer.rows
            for batch in reader.batches():
                progress.rows += batch.num_rows
                changed = changes.batch(batch)
                if changed.num_rows:
                    writer.write(changed)
                progress.tell("reading")
            if not reader.schema.names or (writer.rows == before and not changes.unanswered):
                refuse(f"{part.shown} holds no rows.", "Choose a file with at least one row.")
    finally:
        writer.close()
    if not writer.rows:
        refuse(
            f"No conversation in split {writer.name!r} has a question and an answer.",
            "Choose another column, or import without `conversation`.",
        )


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
