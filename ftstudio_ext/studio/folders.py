"""Folders of the workspace that come and go as a whole."""

from __future__ import annotations

import contextlib
import secrets
import shutil
import stat
import time
from collections.abc import Iterator
from pathlib import Path

DELETED = ".deleted-"
STALE_S = 600


def discard(folder: Path) -> None:
    """Delete a folder so that no half of it is ever seen: it is renamed first, and a crash in
    between leaves what `sweep` removes."""
    grave = folder.with_name(f"{DELETED}{secrets.token_hex(3)}-{folder.name}")
    try:
        folder.rename(grave)
    except FileNotFoundError:
        return
    _remove(grave)


def _remove(folder: Path) -> None:
    """A link is removed, never followed."""
    if folder.is_symlink():
        folder.unlink(missing_ok=True)
    else:
        shutil.rmtree(folder, ignore_errors=True)


def sweep(parent: Path, *staging_prefixes: str) -> None:
    """Remove what crashes have left: half-deleted folders, and staging folders that nobody has
    written to for ten minutes."""
    for folder in _hidden(parent):
        deleted = folder.name.startswith(DELETED)
        staged = folder.name.startswith(staging_prefixes) if staging_prefixes else False
        if deleted or (staged and time.time() - _last_write(folder) > STALE_S):
            _remove(folder)


def visible(parent: Path) -> Iterator[Path]:
    """The folders directly below `parent` that are whole."""
    if not parent.is_dir():
        return
    for folder in sorted(parent.iterdir()):
        if not folder.name.startswith(".") and folder.is_dir():
            yield folder


def size_bytes(folder: Path) -> int:
    """Bytes of all files in a folder."""
    total = 0
    for path in folder.rglob("*"):
        with contextlib.suppress(FileNotFoundError):  # it is being replaced
            facts = path.lstat()
            total += facts.st_size if stat.S_ISREG(facts.st_mode) else 0
    return total


def _hidden(parent: Path) -> list[Path]:
    return [path for path in parent.glob(".*") if path.is_dir()] if parent.is_dir() else []


def _last_write(folder: Path) -> float:
    try:
        return max((path.stat().st_mtime for path in [folder, *folder.rglob("*")]), default=0)
    except FileNotFoundError:
        return time.time()
