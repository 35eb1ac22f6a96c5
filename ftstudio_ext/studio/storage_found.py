"""What the storage view is made of: a measured folder, and what a clean-up of it may remove."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from ftstudio_ext.schema.storage import StorageItem, StorageKind, StorageUse


@dataclass(frozen=True)
class Size:
    """Bytes of all files below a folder, and when the newest was written."""

    size_bytes: int = 0
    modified_s: float = 0.0

    def __add__(self, other: Size) -> Size:
        newest = max(self.modified_s, other.modified_s)
        return Size(self.size_bytes + other.size_bytes, newest)


@dataclass(frozen=True)
class Found:
    """An item of the view, and the paths that go when it is cleaned."""

    item: StorageItem
    goes: tuple[Path, ...] = field(default=())


def measure(*paths: Path) -> Size:
    """Links are not followed: the hub's cache would count its blobs twice."""
    return sum((_measure(path) for path in paths), Size())


def _measure(path: Path) -> Size:
    size_bytes, modified_s = 0, 0.0
    for facts in _files(path):
        size_bytes += facts.st_size
        modified_s = max(modified_s, facts.st_mtime)
    return Size(size_bytes, modified_s)


def _files(path: Path) -> Iterator[os.stat_result]:
    with contextlib.suppress(OSError):  # it is being replaced, or may not be read
        if not path.is_dir() or path.is_symlink():
            yield path.lstat()
            return
    folders = [str(path)]
    while folders:
        with contextlib.suppress(OSError), os.scandir(folders.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
                elif entry.is_file(follow_symlinks=False):
                    with contextlib.suppress(OSError):
                        yield entry.stat(follow_symlinks=False)


def found(
    id: str,
    kind: StorageKind,
    name: str,
    path: Path,
    size: Size | None = None,
    *,
    object_id: str | None = None,
    used_by: Iterable[StorageUse] = (),
    goes: Iterable[Path] = (),
    cleans: str | None = None,
    kept: str | None = None,
) -> Found:
    """An item; it is cleanable when something `goes`."""
    size = measure(path) if size is None else size
    goes = tuple(goes)
    modified = datetime.fromtimestamp(size.modified_s, UTC) if size.modified_s else None
    item = StorageItem(
        id=id,
        kind=kind,
        name=name,
        path=str(path),
        size_bytes=size.size_bytes,
        object_id=object_id,
        modified_at=modified,
        used_by=list(used_by),
        cleanable_bytes=measure(*goes).size_bytes if goes else 0,
        cleans=cleans if goes else None,
        kept=None if goes else kept,
    )
    return Found(item, goes)


def entries(folder: Path) -> list[Path]:
    """What lies directly in a folder, hidden things too; nothing where it cannot be read."""
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []
