"""Storage: what the workspace and the caches hold, what uses it, and cleaning up."""

from __future__ import annotations

import contextlib
import secrets
import shutil
import threading
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ftstudio_ext.core.errors import Conflict, Forbidden, NotFound
from ftstudio_ext.jobs.queue import queue_lock
from ftstudio_ext.schema.common import now
from ftstudio_ext.schema.errors import ErrorInfo
from ftstudio_ext.schema.storage import (
    Storage,
    StorageClean,
    StorageCleaned,
    StorageDisk,
    StorageGroup,
    StorageItem,
    StorageKind,
    StorageUse,
)

from .caches import cache_folders, cached_items, merged
from .folders import DELETED
from .storage_found import Found
from .storage_needs import read_needs
from .storage_workspace import adapter_items, dataset_items, job_items, other_items

if TYPE_CHECKING:
    from .studio import Studio

KEEP_S = 30.0
LEAST_FREE = 2 * 1024**3
MOST_FREE = 20 * 1024**3
FREE_SHARE = 0.05
QUOTA_SHARE = 0.9
GB = 1e9

Holds = Literal["workspace", "model_cache", "dataset_cache"]


class StorageView:
    """Looking walks the disk, hence blocks; the last look is good for half a minute."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._looking = threading.Lock()
        self._last: tuple[float, datetime, list[Found]] | None = None

    # --- looking ---------------------------------------------------------------------------

    def look(
        self,
        kind: StorageKind | None = None,
        q: str | None = None,
        limit: int = 50,
        offset: int = 0,
        refresh: bool = False,
    ) -> Storage:
        scanned_at, everything = self._found(refresh)
        items = [one.item for one in everything]
        words = (q or "").casefold().split()
        matching = [
            item
            for item in items
            if kind in (None, item.kind) and all(word in item.name.casefold() for word in words)
        ]
        matching.sort(key=lambda item: (-item.size_bytes, item.id))
        size_bytes = sum(item.size_bytes for item in items)
        disks = self.disks()
        return Storage(
            scanned_at=scanned_at,
            size_bytes=size_bytes,
            cleanable_bytes=sum(item.cleanable_bytes for item in items),
            quota_bytes=self._studio.settings.storage_quota_bytes or None,
            groups=_groups(items),
            disks=disks,
            warnings=[*disk_warnings(disks), *self._quota_warnings(size_bytes)],
            items=matching[offset : offset + limit],
            total=len(matching),
        )

    def disks(self) -> list[StorageDisk]:
        """The disks that the workspace and the caches lie on, each once."""
        hub, datasets = cache_folders(merged(self._studio.settings.worker_env))
        places: tuple[tuple[Holds, Path], ...] = (
            ("workspace", self._studio.settings.workspace),
            ("model_cache", hub),
            ("dataset_cache", datasets),
        )
        disks: dict[int, StorageDisk] = {}
        for holds, path in places:
            there = _existing(path)
            device = there.stat().st_dev
            if device in disks:
                disks[device].holds.append(holds)
                continue
            usage = shutil.disk_usage(there)
            disks[device] = StorageDisk(
                path=str(there), holds=[holds], total_bytes=usage.total, free_bytes=usage.free
            )
        return list(disks.values())

    def _found(self, refresh: bool = False) -> tuple[datetime, list[Found]]:
        with self._looking:
            if self._last is None or refresh or time.monotonic() - self._last[0] > KEEP_S:
                self._last = (time.monotonic(), now(), self._scan())
            return self._last[1:]

    def _scan(self) -> list[Found]:
        studio = self._studio
        jobs = studio.job_service.list(limit=1_000_000, offset=0).items
        needs = read_needs(studio, jobs)
        made = {
            adapter.job_id: StorageUse(kind="adapter", id=adapter.id, name=adapter.name)
            for adapter in studio.adapters.all()
            if adapter.job_id
        }
        return [
            *job_items(jobs, needs, made),
            *adapter_items(studio, needs),
            *dataset_items(studio, needs),
            *other_items(studio, needs),
            *cached_items(merged(studio.settings.worker_env), needs),
        ]

    def _quota_warnings(self, size_bytes: int) -> list[ErrorInfo]:
        quota = self._studio.settings.storage_quota_bytes
        if not quota or size_bytes < QUOTA_SHARE * quota:
            return []
        return [
            ErrorInfo(
                code="quota_nearly_full",
                message=f"The workspace and the caches hold {size_bytes / GB:.1f} GB of the "
                f"{quota / GB:.1f} GB that are allowed.",
                remedy="Clean up what is not needed, or delete jobs and adapters.",
            )
        ]

    # --- cleaning --------------------------------------------------------------------------

    def clean(self, request: StorageClean) -> StorageCleaned:
        """Remove what the items say goes. All or nothing is refused; what goes is renamed under
        the queue's lock, so that no job starts with half of it."""
        wanted = list(dict.fromkeys(request.items))
        with queue_lock(self._studio.settings.workspace):
            chosen = _chosen(self._found(refresh=True)[1], wanted)
            graves = [grave for one in chosen for path in one.goes if (grave := _bury(path))]
        for grave in graves:
            _remove(grave)
        with self._looking:
            self._last = None
        freed = sum(one.item.cleanable_bytes for one in chosen)
        return StorageCleaned(items=wanted, freed_bytes=freed)


def _chosen(everything: list[Found], wanted: Sequence[str]) -> list[Found]:
    known = {one.item.id: one for one in everything}
    for id in wanted:
        if id not in known:
            raise NotFound(f"There is nothing called “{id}” to clean.", field="items")
        item = known[id].item
        if not known[id].goes:
            users = ", ".join(use.name for use in item.used_by[:5])
            raise Conflict(
                f"“{item.name}” cannot be cleaned: {item.kept}"
                + (f" Used by {users}." if users else ""),
                field="items",
                code="in_use" if users else "nothing_to_clean",
                remedy="Leave it out, and clean the others.",
            )
    return [known[id] for id in wanted]


def _bury(path: Path) -> Path | None:
    """Rename what goes, so that nobody uses half of it; None where it has gone already."""
    if path.name.startswith(DELETED):
        return path
    grave = path.with_name(f"{DELETED}{secrets.token_hex(3)}-{path.name}")
    try:
        path.rename(grave)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Forbidden(
            f"{path} cannot be removed: {error.strerror}.", remedy="Check the rights of its folder."
        ) from error
    return grave


def _remove(grave: Path) -> None:
    if grave.is_dir() and not grave.is_symlink():
        shutil.rmtree(grave, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            grave.unlink()


def disk_warnings(disks: Sequence[StorageDisk]) -> list[ErrorInfo]:
    """A run that fills the disk ends; better to know before."""
    found = []
    for disk in disks:
        if disk.free_bytes < max(LEAST_FREE, min(MOST_FREE, FREE_SHARE * disk.total_bytes)):
            names = {"workspace": "workspace", "model_cache": "models", "dataset_cache": "datasets"}
            what = " and the ".join(names[holds] for holds in disk.holds)
            found.append(
                ErrorInfo(
                    code="disk_nearly_full",
                    message=f"Only {disk.free_bytes / GB:.1f} GB of {disk.total_bytes / GB:.0f} GB "
                    f"are free on the disk of the {what}.",
                    remedy="Clean up what is not needed, or delete jobs and adapters.",
                )
            )
    return found


def _groups(items: Sequence[StorageItem]) -> list[StorageGroup]:
    groups: dict[StorageKind, StorageGroup] = {}
    for item in items:
        group = groups.setdefault(
            item.kind, StorageGroup(kind=item.kind, count=0, size_bytes=0, cleanable_bytes=0)
        )
        group.count += 1
        group.size_bytes += item.size_bytes
        group.cleanable_bytes += item.cleanable_bytes
    return sorted(groups.values(), key=lambda group: -group.size_bytes)


def _existing(path: Path) -> Path:
    """The folder, or the nearest above it that is there: a cache is made with the first download."""
    while not path.exists() and path != path.parent:
        path = path.parent
    return path
