"""Advisory locks that the kernel frees when their holders die. Standard library only.

`flock` belongs to the open file: a child that inherits the descriptor holds the lock too, so an
attempt's lock is held for as long as anything of that attempt lives.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import tempfile
import time
from pathlib import Path
from types import TracebackType

_UNSUPPORTED = (errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOLCK)


class LockUnsupported(OSError):
    """The file system has no locks."""


class LockTimeout(OSError):
    """Somebody else held the lock for too long."""


class FileLock:
    """A lock on a file of its own, exclusive by default; also excludes other threads of this
    process."""

    def __init__(self, path: str | os.PathLike[str], timeout_s: float | None = None) -> None:
        self.path = Path(path)
        self.timeout_s = timeout_s
        self.fd: int | None = None

    def try_acquire(self, *, shared: bool = False) -> bool:
        """Take the lock if it is free; never waits."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except OSError as error:
            os.close(handle)
            if error.errno in _UNSUPPORTED:
                raise LockUnsupported(error.errno, f"no locks on {self.path.parent}") from error
            if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
                return False
            raise
        self.fd = handle
        return True

    def acquire(self) -> None:
        """Wait for the lock, at most `timeout_s` seconds where given."""
        limit = None if self.timeout_s is None else time.monotonic() + self.timeout_s
        pause = 0.002
        while not self.try_acquire():
            if limit is not None and time.monotonic() >= limit:
                raise LockTimeout(errno.ETIMEDOUT, f"{self.path} stays locked")
            time.sleep(pause)
            pause = min(pause * 1.5, 0.05)

    def close(self) -> None:
        """Let go; children that inherited the descriptor go on holding the lock."""
        if self.fd is not None:
            with contextlib.suppress(OSError):
                os.close(self.fd)
            self.fd = None

    def __enter__(self) -> FileLock:
        self.acquire()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def is_free(path: str | os.PathLike[str]) -> bool:
    """Whether nobody holds the lock at `path`; a lock file that is not there is free."""
    if not Path(path).exists():
        return True
    lock = FileLock(path)
    free = lock.try_acquire()
    lock.close()
    return free


def supported(folder: str | os.PathLike[str]) -> bool:
    """Whether a folder's file system really excludes a second holder."""
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".tmp-lock-") as file:
        first, second = FileLock(file.name), FileLock(file.name)
        try:
            return first.try_acquire() and not second.try_acquire()
        except OSError:
            return False
        finally:
            first.close()
            second.close()
