"""The store: one TinyDB file that outlives crashes, full disks and second servers."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from tinydb import TinyDB
from tinydb.table import Table

from ftstudio_ext.core.errors import StudioError, Unavailable
from ftstudio_ext.core.files import TEMPORARY_PREFIX
from ftstudio_ext.schema.common import Record
from ftstudio_ext.schema.errors import ErrorInfo

from .backups import Backups
from .collection import Collection
from .locks import WriteLock, why_read_only
from .migrations import (
    MIGRATIONS,
    Migration,
    check_order,
    latest_version,
    set_version,
    version_of,
)
from .recovery import Recovery
from .storage import AtomicStorage, write_failed

log = logging.getLogger(__name__)

R = TypeVar("R", bound=Record)

LOCK_FOLDER = ".run"
BACKUP_FOLDER = "backups"
TEMPORARY_IS_OLD_S = 60


class _Table(Table):
    """Keyed by our own ids: TinyDB's running numbers would clash between two servers."""

    document_id_class = str  # type: ignore[assignment]


class _TinyDB(TinyDB):
    table_class = _Table


class Database:
    """Opens `path`; makes it, mends it and brings it to the newest schema version as need be.

    Always opens: where the file cannot be written safely it is `read_only`, for the reason in
    `read_only_reason`. All methods are synchronous and safe for threads.
    """

    def __init__(
        self,
        path: Path,
        *,
        migrations: Sequence[Migration] = MIGRATIONS,
        lock_timeout_s: float = 10,
    ) -> None:
        check_order(migrations)
        self.path = Path(path).resolve()
        self._migrations = migrations
        self._notices: list[ErrorInfo] = []
        runtime = self.path.parent / LOCK_FOLDER
        self._backups = Backups(self.path.parent / BACKUP_FOLDER, self.path.stem)
        self._storage = AtomicStorage(
            self.path,
            WriteLock(runtime / f"{self.path.name}.lock", lock_timeout_s),
            Recovery(self.path, self._backups, self.tell).mend,
            self._backups.latest,
        )
        self._tinydb = _TinyDB(storage=lambda: self._storage)
        self.read_only_reason = why_read_only(runtime)
        self._prepared = False
        if not self.read_only:
            self._prepare_or_explain()

    @property
    def read_only(self) -> bool:
        """Whether every write is refused."""
        return self.read_only_reason is not None

    @property
    def notices(self) -> list[ErrorInfo]:
        """What happened to the store that people should know, the oldest first."""
        return list(self._notices)

    def tell(self, notice: ErrorInfo) -> None:
        """Add to `notices`, once."""
        if notice not in self._notices:
            log.error("%s", notice.message)
            self._notices.append(notice)

    def collection(self, name: str, model: type[R]) -> Collection[R]:
        """The documents of the table `name`, as instances of `model`."""
        return Collection(self, self._tinydb.table(name, cache_size=0), model)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Changes of several collections that belong together: all of them are saved when the
        block ends, none when it raises. Raises `Unavailable` when nothing can be written."""
        if self.read_only:
            raise self._refusal()
        self._prepare()
        with self._storage.transaction():
            self._refuse_newer()
            self._backups.daily(self._storage.content())
            yield

    def _prepare_or_explain(self) -> None:
        """At start, a full disk or a busy lock is told; the next write tries again."""
        try:
            self._prepare()
        except StudioError as error:
            if not self.read_only:
                self.tell(error.info())

    def _prepare(self) -> None:
        """Mend, sweep and migrate, once."""
        if self._prepared:
            return
        with self._storage.transaction():
            _sweep(self.path.parent)
            _sweep(self._backups.folder)
            tables = self._storage.read()
            if not tables:
                set_version(tables, latest_version(self._migrations))
                self._storage.write(tables)
            self._refuse_newer()
        for step in self._migrations:
            self._migrate(step)
        self._prepared = True

    def _migrate(self, step: Migration) -> None:
        with self._storage.transaction():
            tables = self._storage.read()
            if version_of(tables) >= step.to_version:
                return  # done before, or by another server just now
            backup = self._backup_before(step)
            try:
                step.apply(tables)
            except Exception as error:
                log.exception("Migration to version %s: %s", step.to_version, step.about)
                raise self._give_up_writing(
                    f"{self.path.name} could not be brought to version {step.to_version} "
                    f"({step.about}): {error}. It is unchanged; a backup is {backup.name}."
                ) from error
            set_version(tables, step.to_version)
            self._storage.write(tables)

    def _backup_before(self, step: Migration) -> Path:
        try:
            return self._backups.before_migration(self._storage.content(), step.to_version)
        except OSError as error:
            raise write_failed(self._backups.folder, error) from error

    def _refuse_newer(self) -> None:
        """Another server may have brought the file to a version that this one cannot write."""
        found, known = version_of(self._storage.read()), latest_version(self._migrations)
        if found > known:
            raise self._give_up_writing(
                f"{self.path.name} was written by a newer Fine-tuning Studio (version {found} of "
                f"its schema; this one knows {known}). Upgrade this one to make changes."
            )

    def _give_up_writing(self, reason: str) -> Unavailable:
        self.read_only_reason = reason
        return self._refusal()

    def _refusal(self) -> Unavailable:
        return Unavailable(
            f"Nothing can be changed: {self.read_only_reason}",
            code="read_only",
            remedy="Existing entries can be used as before.",
        )


def _sweep(folder: Path) -> None:
    """Remove temporary files that a killed writer left; young ones may be another's in use."""
    for path in folder.glob(f"{TEMPORARY_PREFIX}*"):
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > TEMPORARY_IS_OLD_S:
                path.unlink()
