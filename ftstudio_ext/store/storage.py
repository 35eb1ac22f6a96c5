"""The file behind TinyDB: replaced as a whole or not at all, shared by several servers."""

from __future__ import annotations

import errno
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import orjson
from tinydb.storages import Storage

from ftstudio_ext.core.errors import StudioError, Unavailable
from ftstudio_ext.core.files import write_bytes_atomic

from .locks import WriteLock
from .migrations import Tables

log = logging.getLogger(__name__)

Signature = tuple[int, int, int]
"""Inode, time of change and size: differs after each replacement."""

Saved = Callable[[bytes], None]


class Mend(Protocol):
    """Answers good bytes in place of a damaged file; `on_disk` under the write lock only."""

    def __call__(self, reason: str, last_good: bytes | None, *, on_disk: bool) -> bytes: ...


class Damaged(Exception):
    """The file is missing or holds something else than tables of documents."""


def parse(raw: bytes) -> Tables:
    """The tables in `raw`; raises `Damaged`."""
    try:
        tables = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        reason = "it is empty" if not raw.strip() else f"it is not whole JSON ({error})"
        raise Damaged(reason) from error
    if not (
        isinstance(tables, dict)
        and all(isinstance(table, dict) for table in tables.values())
        and all(isinstance(doc, dict) for table in tables.values() for doc in table.values())
    ):
        raise Damaged("it does not hold tables of documents")
    return tables


class AtomicStorage(Storage):
    """Keeps the bytes of the file in memory and parses them anew for each reader, so that no
    reader can change what another one sees.

    Writes happen in a `transaction` only: it holds the lock between processes, begins with what
    the file holds by then, and replaces the file once, at its end. Safe for threads.
    """

    def __init__(self, path: Path, lock: WriteLock, mend: Mend, saved: Saved) -> None:
        """`saved` is called with the new content after each replacement, under the lock."""
        self._path = path
        self._lock = lock
        self._mend = mend
        self._saved = saved
        self._writing = threading.RLock()  # held for a whole transaction
        self._reading = threading.Lock()  # guards the two fields below
        self._bytes: bytes | None = None
        self._signature: Signature | None = None
        self._draft: Tables | None = None  # of the transaction under way
        self._draft_changed = False
        self._draft_owner = 0  # the thread that may see the draft

    def read(self) -> Tables:
        """The tables; within a transaction, with the changes made in it so far."""
        if self._draft is not None and self._draft_owner == threading.get_ident():
            return self._draft
        with self._reading:
            self._refresh()
            assert self._bytes is not None
            raw = self._bytes
        return parse(raw)

    def write(self, data: Tables) -> None:
        """Called by TinyDB after each change; the file is replaced when the transaction ends."""
        if self._draft is None or self._draft_owner != threading.get_ident():
            raise RuntimeError("writes belong in a transaction")
        self._draft = data
        self._draft_changed = True

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All changes made inside reach the disk together when it ends; none of them when it
        raises. One inside another belongs to the outer one."""
        with self._writing:
            if self._draft is not None:
                yield
                return
            with self._lock.held():
                with self._reading:
                    self._draft = self._reload()
                self._draft_owner = threading.get_ident()
                try:
                    yield
                    if self._draft_changed:
                        self._commit(orjson.dumps(self._draft))
                finally:
                    self._draft, self._draft_changed, self._draft_owner = None, False, 0

    def content(self) -> bytes:
        """The bytes of the file as they were last read or written."""
        assert self._bytes is not None
        return self._bytes

    def _refresh(self) -> None:
        """Read the file if it changed. What was good before outlives a damaged file; the next
        transaction, which holds the lock, mends it."""
        found = self._stat()
        if self._bytes is not None and found == self._signature:
            return
        self._signature = found
        try:
            raw = self._path.read_bytes()
            parse(raw)
        except (Damaged, OSError) as error:
            if self._bytes is None:
                self._bytes = self._mend(_reason(error), None, on_disk=False)
            else:
                log.warning("%s: %s; going on with what was read before", self._path, error)
        else:
            self._bytes = raw

    def _reload(self) -> Tables:
        """What the file holds now, mended if need be; under the lock between processes."""
        try:
            raw = self._path.read_bytes()
            tables = parse(raw)
        except (Damaged, FileNotFoundError) as error:
            raw = self._mend(_reason(error), self._bytes, on_disk=True)
            tables = parse(raw)
        except OSError as error:
            raise write_failed(self._path, error) from error
        self._bytes, self._signature = raw, self._stat()
        return tables

    def _commit(self, raw: bytes) -> None:
        try:
            write_bytes_atomic(self._path, raw)
        except OSError as error:
            raise write_failed(self._path, error) from error
        with self._reading:
            self._bytes, self._signature = raw, self._stat()
        self._saved(raw)

    def _stat(self) -> Signature | None:
        try:
            stat = self._path.stat()
        except OSError:
            return None
        return stat.st_ino, stat.st_mtime_ns, stat.st_size


def write_failed(path: Path, error: OSError) -> StudioError:
    """What people are told when the file cannot be replaced; the old one is still in place."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Unavailable(
            f"The disk that holds {path.parent} is full; the change was not saved.",
            code="disk_full",
            remedy="Free some space, for example by deleting old runs, then try again.",
        )
    return Unavailable(
        f"{path} could not be saved: {error.strerror or error}.",
        code="not_saved",
        remedy="See to it that the workspace folder is there and can be written to.",
    )


def _reason(error: Exception) -> str:
    return "it is missing" if isinstance(error, FileNotFoundError) else str(error)
