"""A dataset on disk: `<split>.arrow` stream files and `dataset.json`, written aside and renamed
into place when whole, so that a dataset's folder is complete or not there."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from ftstudio_ext.core.errors import Conflict, InvalidInput
from ftstudio_ext.core.files import STAGING_PREFIX, fsync_dir, sweep_unlocked, write_json_atomic
from ftstudio_ext.schema.datasets import Column, Dataset, Split

from .readers.arrow_types import Clash, cast_batch, common_schema, depth, type_name

IMPORTED_FIELDS = (
    "columns", "splits", "rows", "bytes", "content_hash", "source_revision", "source_files",
    "notes",
)  # fmt: skip
MAX_DEPTH = 60
RECORD_FILE = "dataset.json"
SPLIT_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")


class SplitWriter:
    """Writes one split. Batches may widen the schema on the way: each time a new piece begins,
    and `finish` joins the pieces in the final schema."""

    def __init__(self, folder: Path, name: str) -> None:
        self.name = name
        self.rows = 0
        self.path = folder / f"{name}.arrow"
        self._pieces: list[Path] = []
        self._schema: pa.Schema | None = None
        self._sink: pa.RecordBatchStreamWriter | None = None

    def write(self, batch: pa.RecordBatch) -> None:
        """Append a batch."""
        if self._sink is None or self._schema is None or not batch.schema.equals(self._schema):
            self._begin(batch.schema)
        assert self._sink is not None
        self._sink.write_batch(batch)
        self.rows += batch.num_rows

    def _begin(self, schema: pa.Schema) -> None:
        _check_depth(self.name, schema)
        self.close()
        piece = self.path.with_suffix(f".{len(self._pieces)}.piece")
        self._pieces.append(piece)
        self._schema = schema
        self._sink = pa.ipc.new_stream(str(piece), schema)

    def close(self) -> None:
        """Close the piece being written."""
        if self._sink is not None:
            self._sink.close()
            self._sink = None

    def finish(self, schema: pa.Schema) -> Split:
        """Make the split's one file, durable, in the final schema."""
        self.close()
        if len(self._pieces) == 1 and self._schema is not None and self._schema.equals(schema):
            self._pieces[0].rename(self.path)
        else:
            with pa.ipc.new_stream(str(self.path), schema) as sink:
                for piece in self._pieces:
                    for batch in _batches(piece):
                        sink.write_batch(cast_batch(batch, schema))
                    piece.unlink()
        _fsync(self.path)
        return Split(
            name=self.name,
            rows=self.rows,
            file=self.path.name,
            bytes=self.path.stat().st_size,
        )


def _check_depth(split: str, schema: pa.Schema) -> None:
    """Arrow files hold types of up to 64 levels."""
    for field in schema:
        if depth(field.type) > MAX_DEPTH:
            raise InvalidInput(
                f"Column {field.name!r} of split {split!r} is nested more than {MAX_DEPTH} levels "
                "deep.",
                field="source.path",
                remedy="Write the inner levels as text, for example with json.dumps.",
            )


def _batches(piece: Path) -> Iterator[pa.RecordBatch]:
    with pa.OSFile(str(piece)) as source, pa.ipc.open_stream(source) as stream:
        yield from stream


def _fsync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def staging(dest_dir: Path) -> Iterator[Path]:
    """A folder beside `dest_dir` that becomes it when the block ends well, and vanishes when it
    does not. Folders that killed imports left are swept. Raises Conflict when it exists."""
    if dest_dir.exists():
        raise Conflict(
            f"The folder {dest_dir.name} of this dataset exists already.",
            remedy="Import it under a new name, or delete the old dataset first.",
        )
    dest_dir.parent.mkdir(parents=True, exist_ok=True)
    sweep_unlocked(dest_dir.parent, STAGING_PREFIX)
    folder = Path(tempfile.mkdtemp(prefix=STAGING_PREFIX, dir=dest_dir.parent))
    lock = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield folder
        folder.chmod(0o777 & ~_umask())
        fsync_dir(folder)
        folder.rename(dest_dir)
        fsync_dir(dest_dir.parent)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    finally:
        os.close(lock)


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def check_split_names(names: Iterable[str]) -> None:
    """Split names are file names too."""
    for name in names:
        if not SPLIT_NAME.match(name):
            raise InvalidInput(
                f"{name!r} cannot be the name of a split.",
                field="source.path",
                remedy="Use letters, digits, dots, dashes and underscores, such as `train`.",
            )


def join_schemas(schemas: dict[str, pa.Schema], text_columns: bool) -> pa.Schema:
    """The one schema of all files; keys say where each is from, such as "split 'train'".
    `text_columns`: the cells are text still, so that columns whose types differ (as in CSV files)
    can be text."""
    splits = iter(schemas.items())
    first, joined = next(splits)
    for name, schema in splits:
        _check_same_columns(first, joined, name, schema)
        if text_columns:
            schema = _text_where_different(joined, schema)
            joined = _text_where_different(schema, joined)
        try:
            joined = common_schema(joined, schema)
        except Clash as clash:
            raise InvalidInput(
                f"Column {clash.path!r} is {type_name(clash.left)} in {first} and "
                f"{type_name(clash.right)} in {name}.",
                field="source.path",
                remedy="Write the column in the same type in both files.",
            ) from None
    return joined


def _check_same_columns(first: str, joined: pa.Schema, name: str, schema: pa.Schema) -> None:
    for here, there, absent in (
        (first, name, set(joined.names) - set(schema.names)),
        (name, first, set(schema.names) - set(joined.names)),
    ):
        if absent:
            columns = ", ".join(map(repr, sorted(absent)))
            raise InvalidInput(
                f"{here[0].upper()}{here[1:]} has the columns {columns}, which {there} lacks.",
                field="source.path",
                remedy="Give all files the same columns, or import them as two datasets.",
            )


def _text_where_different(left: pa.Schema, right: pa.Schema) -> pa.Schema:
    """`right`, with text for the columns whose types no common type holds."""
    fields = []
    for field in right:
        try:
            common_schema(pa.schema([left.field(field.name)]), pa.schema([field]))
            fields.append(field)
        except Clash:
            fields.append(pa.field(field.name, pa.string()))
    return pa.schema(fields)


def columns_of(schema: pa.Schema) -> list[Column]:
    """The columns with their types in words."""
    return [Column(name=field.name, type=type_name(field.type)) for field in schema]


def content_hash(files: Iterable[Path]) -> str:
    """SHA-256 over all split files, their names included."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(f"{file.name}\0{file.stat().st_size}\0".encode())
        with file.open("rb") as opened:
            while chunk := opened.read(1 << 20):
                digest.update(chunk)
    return digest.hexdigest()


def write_record(
    folder: Path,
    *,
    dataset_id: str,
    name: str,
    source: dict[str, Any],
    schema: pa.Schema,
    splits: list[Split],
    source_revision: str | None = None,
    **more: Any,
) -> Dataset:
    """Write `dataset.json`: the record, from which the index can be rebuilt. `more` are other
    fields of the record."""
    dataset = Dataset.model_validate(
        {
            "id": dataset_id,
            "name": name,
            "source": source,
            "columns": columns_of(schema),
            "splits": splits,
            "rows": sum(split.rows for split in splits),
            "bytes": sum(split.bytes for split in splits),
            "content_hash": content_hash(folder / split.file for split in splits),
            "source_revision": source_revision,
            **more,
        }
    )
    write_json_atomic(folder / RECORD_FILE, dataset)
    return dataset


def result_of(dataset: Dataset) -> dict[str, Any]:
    """What an import hands back."""
    return dataset.model_dump(mode="json", include=set(IMPORTED_FIELDS))
