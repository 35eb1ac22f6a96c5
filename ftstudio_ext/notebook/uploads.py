"""Tables of a notebook as files for the studio: pandas, polars, pyarrow, `datasets`, lists of dicts.

None of these libraries is imported here: what is not there cannot be handed in.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import StudioApiError

if TYPE_CHECKING:
    from .client import Studio

PIECE_BYTES = 8 << 20
"""Sent at once to a server on another machine."""
UPLOAD_TIMEOUT_S = 300


def is_table(source: Any) -> bool:
    """Whether `source` holds rows itself, rather than saying where they are."""
    if isinstance(source, Mapping):  # {split: table}, which a DatasetDict is too
        return bool(source) and all(is_table(part) for part in source.values())
    if isinstance(source, list):
        return bool(source) and all(isinstance(row, Mapping) for row in source)
    return _library(source) in ("pandas", "polars", "datasets", "pyarrow")


@contextlib.contextmanager
def uploaded(studio: Studio, source: Any, name: str) -> Iterator[dict[str, Any]]:
    """The source as files where the server may import and delete them, as a `source` of the REST
    API. They are gone afterwards, also when the import fails."""
    folder = f"{studio.status().uploads_path}/{secrets.token_hex(6)}"
    parts = dict(source) if isinstance(source, Mapping) else {"train": source}
    local = _local(studio, folder)
    if local is not None:
        local.mkdir(parents=True)
        try:
            files = _write(parts, local, name)
            yield {"source": "file", "path": _named(files, folder)}
        finally:
            shutil.rmtree(local, ignore_errors=True)
        return
    with tempfile.TemporaryDirectory() as temporary:
        files = _write(parts, Path(temporary), name)
        try:
            _send(studio, files, folder)
            yield {"source": "file", "path": _named(files, folder)}
        finally:
            _forget(studio, folder, files)


def _named(files: dict[str, Path], folder: str) -> dict[str, str]:
    return {split: f"{folder}/{path.name}" for split, path in files.items()}


def _local(studio: Studio, folder: str) -> Path | None:
    """The folder as this process sees it; None where the server's disk is not ours."""
    root = studio.connection.address.root_dir
    if not root or not Path(root).is_dir() or not os.access(root, os.W_OK):
        return None
    return Path(root, folder)


# --- writing ----------------------------------------------------------------------------------


def _write(parts: dict[str, Any], folder: Path, name: str) -> dict[str, Path]:
    """One file for each split; the first one's name proposes the dataset's."""
    files: dict[str, Path] = {}
    for split, table in parts.items():
        stem = f"{name}-{split}" if files else name
        files[str(split)] = _write_one(table, folder / stem)
    return files


def _write_one(table: Any, path: Path) -> Path:
    parquet = path.with_name(f"{path.name}.parquet")
    library = _library(table)
    if library == "pandas":
        return _write_pandas(table, path, parquet)
    if library == "datasets":
        _labels_in_words(table).to_parquet(str(parquet))
    elif library == "polars":
        (table.collect() if hasattr(table, "collect") else table).write_parquet(str(parquet))
    elif library == "pyarrow":
        import pyarrow.parquet

        pyarrow.parquet.write_table(table, str(parquet))
    else:
        return _write_rows(table, path.with_name(f"{path.name}.jsonl"))
    return parquet


def _write_pandas(frame: Any, path: Path, parquet: Path) -> Path:
    """An index with a name is a column; one that only counts is not."""
    if any(name is not None for name in frame.index.names):
        frame = frame.reset_index()
    frame = frame.rename(columns=str)
    try:
        frame.to_parquet(str(parquet), index=False)
    except ImportError:  # neither pyarrow nor fastparquet in this kernel
        lines = path.with_name(f"{path.name}.jsonl")
        frame.to_json(
            str(lines), orient="records", lines=True, force_ascii=False, date_format="iso"
        )
        return lines
    except Exception as error:  # columns of mixed types
        raise StudioApiError(
            f"This table cannot be written: {error}",
            code="invalid_input",
            field="source",
            remedy="Give each column one type, for example frame[column].astype(str).",
        ) from None
    return parquet


def _write_rows(rows: list[Mapping[str, Any]], path: Path) -> Path:
    try:
        with path.open("w", encoding="utf-8") as file:
            for row in rows:
                file.write(json.dumps(dict(row), ensure_ascii=False) + "\n")
    except (TypeError, ValueError) as error:
        raise StudioApiError(
            f"These rows cannot be written as JSON: {error}.",
            code="invalid_input",
            field="source",
            remedy="Use text, numbers, true and false, lists and dicts, or a pandas data frame.",
        ) from None
    return path


def _labels_in_words(table: Any) -> Any:
    """Class labels become their names: a model learns words, not the numbers of a list."""
    for name, feature in table.features.items():
        if type(feature).__name__ == "ClassLabel" and feature.names:
            words = [feature.names[n] if n is not None and n >= 0 else None for n in table[name]]
            table = table.remove_columns(name).add_column(name, words)
    return table


# --- sending to another machine -----------------------------------------------------------------


def _send(studio: Studio, files: dict[str, Path], folder: str) -> None:
    """By Jupyter's own contents API, in pieces."""
    above, parts = "", folder.split("/")
    for part in parts:
        above = f"{above}/{part}".strip("/")
        _contents(studio, "PUT", above, {"type": "directory"})
    for path in files.values():
        last = max(0, path.stat().st_size - 1) // PIECE_BYTES + 1
        with path.open("rb") as file:
            for number in range(1, last + 1):
                piece = base64.b64encode(file.read(PIECE_BYTES)).decode()
                body: dict[str, Any] = {"type": "file", "format": "base64", "content": piece}
                if last > 1:
                    body["chunk"] = number if number < last else -1
                _contents(studio, "PUT", f"{folder}/{path.name}", body)


def _forget(studio: Studio, folder: str, files: dict[str, Path]) -> None:
    """What the import has not deleted itself, since it failed."""
    for address in (*(f"{folder}/{path.name}" for path in files.values()), folder):
        with contextlib.suppress(StudioApiError):
            _contents(studio, "DELETE", address)


def _contents(studio: Studio, verb: str, path: str, body: dict[str, Any] | None = None) -> None:
    studio.connection.request(
        verb, *path.split("/"), body=body, timeout_s=UPLOAD_TIMEOUT_S, below="api/contents/"
    )


def _library(value: Any) -> str:
    return type(value).__module__.partition(".")[0]
