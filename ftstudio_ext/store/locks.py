"""The lock that lets two servers share one file, and the probe that tells whether it can."""

from __future__ import annotations

import errno
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, SoftFileLock, Timeout

from ftstudio_ext.core.errors import Unavailable

from .ids import new_id

_POLL_S = 0.01


class WriteLock:
    """A lock between processes, held for one write at a time. Not for two threads of one process:
    callers hold a thread lock of their own around it."""

    def __init__(self, path: Path, timeout_s: float) -> None:
        self._path = path
        self._timeout_s = timeout_s
        self._lock = FileLock(path, poll_interval=_POLL_S, thread_local=False)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Raises `Unavailable` when another process does not let go of it in time."""
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock.acquire(timeout=self._timeout_s)
        except Timeout as error:
            raise Unavailable(
                f"Another server has been writing to this workspace for {self._timeout_s:g} s.",
                code="busy",
                remedy="Try again; if it goes on, look for a second Jupyter server that hangs.",
            ) from error
        except OSError as error:
            raise Unavailable(
                f"The lock file {self._path} cannot be used: {error.strerror or error}.",
                code="no_lock",
                remedy="See to it that the workspace folder is there and can be written to.",
            ) from error
        try:
            yield
        finally:
            self._lock.release()


def why_read_only(folder: Path) -> str | None:
    """Why nothing can be written safely in `folder`; None when all is well. Tried, not guessed:
    makes a file, locks it, and looks whether a second lock on it is refused."""
    probe = folder / f"{new_id('probe')}.lock"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe.touch()
        return None if _locks_exclude(probe) else _NO_LOCKS.format(folder=folder)
    except OSError as error:
        if error.errno in (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP):
            return _NO_LOCKS.format(folder=folder)
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return None  # writes will say so themselves, and work again once there is room
        return f"The folder {folder} cannot be written to: {error.strerror or error}."
    finally:
        with suppress(OSError):  # a read-only folder, where it was never made
            probe.unlink(missing_ok=True)


_NO_LOCKS = (
    "File locks do not work in the folder {folder} (some network file systems have none), "
    "so that two servers could overwrite each other's entries."
)


def _locks_exclude(path: Path) -> bool:
    first, second = FileLock(path), FileLock(path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # filelock warns when it falls back to a mere marker file
        with first.acquire(timeout=0):
            if isinstance(first, SoftFileLock):
                return False
            try:
                with second.acquire(timeout=0):
                    return False
            except Timeout:
                return True
