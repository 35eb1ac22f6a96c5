"""Files that are whole or not there at all: temporary file in the same folder, fsync, rename.

Standard library only: the supervisor of a job imports this without pydantic.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import secrets
import shutil
import stat
import time
from pathlib import Path
from typing import Any

STAGING_PREFIX = ".staging-"
"""A folder that is being filled, under a lock, and renamed when it is whole."""

TEMPORARY_PREFIX = ".tmp-"
"""Left-over temporary files start with this; whoever owns a folder may sweep old ones."""


def write_bytes_atomic(
    path: str | os.PathLike[str], data: bytes, *, sync: bool = True, mode: int = 0o644
) -> None:
    """Replace `path` by `data`; a reader sees the old or the new file, never a part of one.

    With `sync=False` the file may be empty after a power cut (not after a kill): for files
    that are only hints. A failure (such as a full disk) leaves the old file as it was.
    """
    target = Path(path)
    temporary = target.parent / f"{TEMPORARY_PREFIX}{secrets.token_hex(8)}"
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)  # heeds the umask
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            if sync:
                os.fsync(file.fileno())
        temporary.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    if sync:
        fsync_dir(target.parent)


def write_json_atomic(
    path: str | os.PathLike[str], model_or_obj: Any, *, sync: bool = True, mode: int = 0o644
) -> None:
    """`write_bytes_atomic` of a pydantic model or of anything `json` can write."""
    if hasattr(model_or_obj, "model_dump_json"):
        text = model_or_obj.model_dump_json(indent=1)
    else:
        text = json.dumps(model_or_obj, indent=1, ensure_ascii=False, allow_nan=False)
    write_bytes_atomic(path, text.encode() + b"\n", sync=sync, mode=mode)


def read_json(path: str | os.PathLike[str]) -> Any:
    """The JSON value in `path`. Raises FileNotFoundError, or ValueError when it is not JSON."""
    try:
        return json.loads(read_file(path))
    except RecursionError:
        raise ValueError(f"{path} is nested too deeply") from None


def read_file(path: str | os.PathLike[str]) -> bytes:
    """The content of a regular file. Raises OSError for anything else, where reading could wait
    forever: a pipe that nobody writes to, an endless device."""
    with open(path, "rb", opener=_open_regular) as file:
        return file.read()


def _open_regular(path: str, flags: int) -> int:
    handle = os.open(path, flags | os.O_NONBLOCK)
    if stat.S_ISREG(os.fstat(handle).st_mode):
        return handle
    os.close(handle)
    raise OSError(errno.EINVAL, "It is not a regular file", path)


def fsync_dir(path: str | os.PathLike[str]) -> None:
    """Make renames in a folder durable; file systems that cannot are left alone."""
    with contextlib.suppress(OSError):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def sweep_unlocked(parent: Path, prefix: str, older_than_s: float = 10.0) -> None:
    """Remove folders that nobody holds a lock on: who filled them was killed. New ones are left
    alone, as their owner may be about to take the lock."""
    limit = time.time() - older_than_s
    for folder in parent.glob(f"{prefix}*"):
        with contextlib.suppress(OSError):
            if folder.stat().st_mtime > limit:
                continue
            lock = os.open(folder, os.O_RDONLY)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(lock)


def sweep_temporary(folder: Path, older_than_s: float = 60.0) -> None:
    """Remove the temporary files that killed writers have left below a folder."""
    limit = time.time() - older_than_s
    for path in folder.rglob(f"{TEMPORARY_PREFIX}*"):
        with contextlib.suppress(OSError):
            if path.stat().st_mtime < limit:
                path.unlink()
