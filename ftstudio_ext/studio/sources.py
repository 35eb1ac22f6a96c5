"""Local sources of datasets: what people may read, how large it is, whether it has changed since."""

from __future__ import annotations

import hashlib
import os
import shutil
import time
import zipfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ftstudio_ext.core.errors import InvalidInput
from ftstudio_ext.core.formats import arrange
from ftstudio_ext.schema.datasets import Dataset, DirectorySource, FileSource, LocalSource

from .folders import discard

if TYPE_CHECKING:
    from .studio import Studio

FIELD = "source.path"
FORGOTTEN_S = 24 * 3600
IMPORT_AGAIN = "Import it again to have the new content; this dataset stays as it is."


@dataclass
class Resolved:
    """A source with every path checked. `params` are what the workers need of it; `size_bytes`
    is what they will read, hence of a zip what it unpacks to."""

    shown: LocalSource
    paths: list[Path]
    size_bytes: int
    proposed_name: str
    params: dict[str, Any]


def resolve(studio: Studio, source: LocalSource) -> Resolved:
    """Check every path of a source; blocks for the disk. Raises InvalidInput or Forbidden."""
    if isinstance(source, FileSource) and not _is_packed(source):
        return _files(studio, source)
    path = source.path
    assert isinstance(path, str)
    return _folder(studio, DirectorySource(path=path, format=source.format))


def _is_packed(source: FileSource) -> bool:
    """A zip of data files is a folder, however people call it."""
    return isinstance(source.path, str) and source.path.lower().endswith(".zip")


def _files(studio: Studio, source: FileSource) -> Resolved:
    policy = studio.paths
    found: dict[str, list[Path]] = {}
    shown: dict[str, str | list[str]] = {}
    for split, paths in _named(source).items():
        field = f"{FIELD}.{split}" if isinstance(source.path, dict) else FIELD
        alone = isinstance(paths, str)
        found[split] = [
            policy.existing_file(path, field if alone else f"{field}.{number}")
            for number, path in enumerate([paths] if isinstance(paths, str) else paths)
        ]
        names = [policy.relative(path) for path in found[split]]
        shown[split] = names[0] if alone else names
    kept = source.model_copy(
        update={"path": shown if isinstance(source.path, dict) else shown["train"]}
    )
    flat = [path for paths in found.values() for path in paths]
    return _checked(studio, kept, flat, flat[0].stem, {})


def _named(source: FileSource) -> dict[str, str | list[str]]:
    """{split: path or paths}; every split with at least one."""
    if isinstance(source.path, str):
        return {"train": source.path}
    if not source.path or any(not paths for paths in source.path.values()):
        raise InvalidInput(
            "'source.path' names no file.",
            field=FIELD,
            remedy="Give a path, or {split: path} with at least one file for each split.",
        )
    return dict(source.path)


def _folder(studio: Studio, source: DirectorySource) -> Resolved:
    policy = studio.paths
    path = policy.resolve(source.path, FIELD)
    if path.is_file():
        if path.suffix.lower() != ".zip":
            raise InvalidInput(
                f"'{source.path}' is a file, not a folder or a zip of one.",
                field=FIELD,
                remedy="Import it as a file: source “file”.",
            )
        policy.existing_file(source.path, FIELD)
        kept = source.model_copy(update={"path": policy.relative(path)})
        params = {"max_bytes": studio.settings.max_import_bytes}
        resolved = _checked(studio, kept, [path], path.stem, params)
        resolved.size_bytes = max(resolved.size_bytes, _unpacked_bytes(path))
        return resolved
    policy.existing_directory(source.path, FIELD)
    kept = source.model_copy(update={"path": policy.relative(path)})
    present = _walk(path)
    found = arrange(present, source.format, kept.path)
    names = [name for taken in found.splits.values() for name in taken]
    files = [policy.resolve(str(path / name), FIELD) for name in names]
    return _checked(studio, kept, files, path.name, {"files": present})


def _unpacked_bytes(path: Path) -> int:
    try:
        with zipfile.ZipFile(path) as archive:
            return sum(member.file_size for member in archive.infolist())
    except (zipfile.BadZipFile, OSError, NotImplementedError):
        return 0  # the worker says what is wrong with it


def _walk(folder: Path) -> list[str]:
    """Names of the files below a folder; links to folders are not followed."""
    found = []
    for parent, _, names in os.walk(folder):
        inside = Path(parent).relative_to(folder)
        found += [(inside / name).as_posix() for name in names]
    return found


def _checked(
    studio: Studio, shown: LocalSource, paths: list[Path], name: str, params: dict[str, Any]
) -> Resolved:
    size, limit = sum(path.stat().st_size for path in paths), studio.settings.max_import_bytes
    if size > limit:
        raise InvalidInput(
            f"The files have {size / 1e9:.3g} GB; the limit here is {limit / 1e9:.3g} GB.",
            field=FIELD,
            remedy="Import a part of them, or have FineTuningStudio.max_import_bytes raised.",
        )
    root = {"source": shown.model_dump(mode="json"), "root_dir": str(studio.paths.root)}
    return Resolved(shown, paths, size, name, {**root, **params})


# --- uploads --------------------------------------------------------------------------------


def check_uploaded(studio: Studio, resolved: Resolved) -> None:
    """Refuse to delete anything but uploads. Raises InvalidInput."""
    uploads = studio.settings.uploads_dir
    outside = [path for path in resolved.paths if not path.is_relative_to(uploads)]
    if outside:
        raise InvalidInput(
            f"'{studio.paths.relative(outside[0])}' is no upload, so it is not deleted.",
            field="delete_source",
            remedy=f"Upload to {studio.paths.relative(uploads)}, or leave delete_source out.",
        )


def discard_uploads(studio: Studio, dataset: Dataset) -> None:
    """Delete the uploaded files that a dataset was made from, and folders left empty by that."""
    uploads = studio.settings.uploads_dir
    for text in _paths_of(dataset.source):
        path = (studio.paths.root / text).resolve()
        if not path.is_relative_to(uploads) or path == uploads:
            continue
        if path.is_dir():
            discard(path)
        else:
            path.unlink(missing_ok=True)
        _remove_empty(path.parent, uploads)


def sweep_uploads(studio: Studio) -> None:
    """Delete uploads that nobody has imported within a day, and folders left empty by that."""
    uploads = studio.settings.uploads_dir
    if not uploads.is_dir() or uploads.is_symlink():
        return
    for parent, _, names in os.walk(uploads, topdown=False):
        for name in names:
            path = Path(parent, name)
            with suppress(FileNotFoundError):  # another server, or an import, was faster
                if time.time() - path.lstat().st_mtime > FORGOTTEN_S:
                    path.unlink()
                    _remove_empty(path.parent, uploads)


def _remove_empty(folder: Path, uploads: Path) -> None:
    """Remove folders without files, up to the uploads folder itself; what the contents API keeps
    beside a file (`.ipynb_checkpoints`) is none of people's."""
    for parent in (folder, *folder.parents):
        shutil.rmtree(parent / ".ipynb_checkpoints", ignore_errors=True)
        try:
            if parent == uploads or any(parent.iterdir()):
                return
            parent.rmdir()
        except OSError:  # another sweep removed it, or an upload has just put a file into it
            return


def _paths_of(source: Any) -> list[str]:
    path = getattr(source, "path", None)
    if isinstance(path, dict):
        return [
            one for paths in path.values() for one in ([paths] if isinstance(paths, str) else paths)
        ]
    return [path] if path else []


# --- changes --------------------------------------------------------------------------------


def note_changes(studio: Studio, dataset: Dataset) -> Dataset:
    """The dataset with `source_changed` and `source_note`; blocks for the disk."""
    if not dataset.source_files or dataset.uploaded:
        return dataset
    missing, changed = [], []
    for file in dataset.source_files:
        path = studio.paths.root / file.path
        try:
            facts = path.stat()
        except OSError:
            missing.append(file.path)
            continue
        if (facts.st_size, facts.st_mtime_ns) == (file.size, file.modified_ns):
            continue
        same_size = facts.st_size == file.size and file.sha256 is not None
        if not same_size or _sha256(path) != file.sha256:
            changed.append(file.path)
    added = _added(studio, dataset)
    note = _note(changed, missing, added)
    return dataset.model_copy(update={"source_changed": note is not None, "source_note": note})


def _added(studio: Studio, dataset: Dataset) -> list[str]:
    """Files of data that a folder has now and had not."""
    source = dataset.source
    if not isinstance(source, DirectorySource) or source.path.lower().endswith(".zip"):
        return []
    folder = studio.paths.root / source.path
    try:
        found = arrange(_walk(folder), source.format, source.path)
    except (InvalidInput, OSError):
        return []
    known = {file.path for file in dataset.source_files}
    names = (f"{source.path}/{name}" for taken in found.splits.values() for name in taken)
    return [name for name in names if name not in known]


def _note(changed: list[str], missing: list[str], added: list[str]) -> str | None:
    said = []
    for names, one, many in (
        (changed, "has changed", "have changed"),
        (added, "is new", "are new"),
        (missing, "is not there any more", "are not there any more"),
    ):
        if names:
            what = names[0] if len(names) == 1 else f"{len(names)} files ({names[0]}, …)"
            said.append(f"{what} {one if len(names) == 1 else many}")
    if not said:
        return None
    sentence = "; ".join(said)
    if missing and not changed and not added:
        return f"Since the import: {sentence}. This dataset is a copy and stays as it is."
    return f"Since the import: {sentence}. {IMPORT_AGAIN}"


def _sha256(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None
