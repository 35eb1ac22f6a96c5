"""Copies of the store's file: of its latest state, of each day, and before each migration."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from ftstudio_ext.core.files import write_bytes_atomic

log = logging.getLogger(__name__)

KEEP_DAILY = 5
KEEP_BEFORE_MIGRATION = 3


class Backups:
    """The folder of backups of one file. Every method is called with the write lock held."""

    def __init__(self, folder: Path, stem: str) -> None:
        self.folder = folder
        self._stem = stem

    def latest(self, data: bytes) -> None:
        """Keep what was just saved, so that a file damaged later loses nothing. Not synced to
        the disk: after a power cut it is the file itself that holds."""
        try:
            self._write(self.folder / f"{self._stem}-latest.json", data, sync=False)
        except OSError as error:
            log.warning("No copy of the latest state of %s: %s", self._stem, error)

    def daily(self, data: bytes) -> None:
        """Keep the state that a day began with, unless that is done. A backup that fails is
        logged: it must not stop the write that it precedes."""
        path = self.folder / f"{self._stem}-{datetime.now(UTC):%Y-%m-%d}.json"
        try:
            if not path.exists():
                self._write(path, data)
                self._prune(f"{self._stem}-????-??-??.json", KEEP_DAILY)
        except OSError as error:
            log.warning("No daily backup of %s: %s", self._stem, error)

    def before_migration(self, data: bytes, to_version: int) -> Path:
        """Keep `data` before it is migrated. Raises OSError: no migration without a backup."""
        stamp = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
        path = self.folder / f"{self._stem}-before-v{to_version}-{stamp}.json"
        self._write(path, data)
        self._prune(f"{self._stem}-before-v*.json", KEEP_BEFORE_MIGRATION)
        return path

    def newest_first(self) -> Iterator[Path]:
        """All backups, the newest first."""
        return iter(self._newest_first(f"{self._stem}-*.json"))

    def _newest_first(self, pattern: str) -> list[Path]:
        found = self.folder.glob(pattern)
        return sorted(found, key=lambda path: path.stat().st_mtime_ns, reverse=True)

    def _write(self, path: Path, data: bytes, *, sync: bool = True) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        write_bytes_atomic(path, data, sync=sync)

    def _prune(self, pattern: str, keep: int) -> None:
        for old in self._newest_first(pattern)[keep:]:
            old.unlink(missing_ok=True)
