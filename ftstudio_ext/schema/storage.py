"""What lies on the disk: in the workspace and in the caches, how large, and what uses it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from .common import StoredModel, StudioModel, Timestamp
from .errors import ErrorInfo

StorageKind = Literal[
    "job",
    "adapter",
    "dataset",
    "export",
    "upload",
    "tracking",
    "model_cache",
    "dataset_cache",
    "cache",
    "leftover",
    "other",
]


class StorageUse(StoredModel):
    """What needs an item."""

    kind: Literal["job", "adapter", "base_model", "dataset"]
    id: str
    name: str


class StorageItem(StoredModel):
    """A folder or file, and what a clean-up of it would give back."""

    id: str = Field(description="For `storage/clean`; it names the same thing in the next answer.")
    kind: StorageKind
    name: str
    path: str = Field(description="Absolute.")
    size_bytes: int
    object_id: str | None = Field(None, description="Id of the job, adapter or dataset it is.")
    modified_at: Timestamp | None = Field(None, description="When something last wrote into it.")
    used_by: list[StorageUse] = []
    cleanable_bytes: int = Field(
        0, description="What a clean-up gives back; 0 where there is none."
    )
    cleans: str | None = Field(None, description="What a clean-up removes, and what that means.")
    kept: str | None = Field(None, description="Why there is nothing to clean, in words.")


class StorageGroup(StoredModel):
    """All items of a kind."""

    kind: StorageKind
    count: int
    size_bytes: int
    cleanable_bytes: int


class StorageDisk(StoredModel):
    """A disk that the workspace or a cache lies on."""

    path: str = Field(description="The folder on it that was asked about.")
    holds: list[Literal["workspace", "model_cache", "dataset_cache"]]
    total_bytes: int
    free_bytes: int


class Storage(StoredModel):
    """The answer of `GET storage`: sums over everything, and one page of the items, largest
    first."""

    scanned_at: Timestamp
    size_bytes: int
    cleanable_bytes: int
    quota_bytes: int | None = Field(None, description="What the operator allows, if anything.")
    groups: list[StorageGroup] = Field(
        description="Largest first; kinds of which there are none are left out."
    )
    disks: list[StorageDisk]
    warnings: list[ErrorInfo] = Field([], description="A disk or the quota is nearly full.")
    items: list[StorageItem]
    total: int = Field(description="Items that match, on all pages.")


class StorageClean(StudioModel):
    """Clean some items; each must say that it is cleanable."""

    items: list[str] = Field(min_length=1, max_length=1000, description="Their ids.")


class StorageCleaned(StoredModel):
    """What a clean-up has done."""

    items: list[str]
    freed_bytes: int
