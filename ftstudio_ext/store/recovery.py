"""A damaged store: set aside, and the best good copy put in its place."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from ftstudio_ext.core.files import write_bytes_atomic
from ftstudio_ext.schema.errors import ErrorInfo

from .backups import Backups
from .storage import Damaged, parse, write_failed

log = logging.getLogger(__name__)

_EMPTY = b"{}"


class Recovery:
    """Finds good bytes for the file of one store, and tells people what happened."""

    def __init__(self, path: Path, backups: Backups, tell: Callable[[ErrorInfo], None]) -> None:
        self._path = path
        self._backups = backups
        self._tell = tell

    def mend(self, reason: str, last_good: bytes | None, *, on_disk: bool) -> bytes:
        """Good bytes in place of the file, which is damaged or missing: those that this process
        read last, else the newest backup that holds, else an empty store. With `on_disk` (and
        the write lock) they also replace the file. A store that never was is no damage."""
        good, origin = (last_good, "what was in memory") if last_good else self._from_backup()
        missing = not self._path.exists()
        if missing and good is None:
            return _EMPTY
        aside = self._set_aside() if on_disk and not missing else None
        if on_disk:
            self._put_back(good or _EMPTY)
        self._tell(self._notice(reason, aside, origin if good else None))
        return good or _EMPTY

    def _from_backup(self) -> tuple[bytes | None, str]:
        for path in self._backups.newest_first():
            try:
                raw = path.read_bytes()
                parse(raw)
            except (Damaged, OSError) as error:
                log.warning("Backup %s does not hold: %s", path, error)
                continue
            made = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            return raw, f"the backup of {made:%Y-%m-%d %H:%M} UTC"
        return None, ""

    def _set_aside(self) -> Path | None:
        stamp = f"{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}"
        aside = self._path.with_name(f"{self._path.name}.corrupt-{stamp}")
        try:
            return self._path.rename(aside)
        except OSError as error:
            raise write_failed(self._path, error) from error

    def _put_back(self, good: bytes) -> None:
        try:
            write_bytes_atomic(self._path, good)
        except OSError as error:
            raise write_failed(self._path, error) from error

    def _notice(self, reason: str, aside: Path | None, origin: str | None) -> ErrorInfo:
        name = self._path.name
        kept = f" It was kept as {aside.name}." if aside else ""
        if origin:
            taken = f"Took {origin} instead; changes made after that, if any, are missing."
        else:
            taken = (
                "There was no good backup, so that the list of datasets, models, prompts and "
                "presets begins empty."
            )
        return ErrorInfo(
            code="recovered",
            message=f"{name} could not be read: {reason}.{kept} {taken}",
            remedy="Adapters, runs and imported data are files of their own and not affected. To "
            f"begin anew on purpose, delete {name} and the folder {self._backups.folder.name}.",
        )
