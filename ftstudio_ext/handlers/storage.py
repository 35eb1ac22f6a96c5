"""Routes of what lies on the disk."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from pydantic import Field
from tornado import web

from ftstudio_ext.schema.storage import Storage, StorageClean, StorageCleaned, StorageKind

from .base import StudioHandler
from .operation import ListQuery, operation


class StorageQuery(ListQuery):
    """Which items."""

    kind: StorageKind | None = Field(None, description="One kind only.")
    refresh: bool = Field(False, description="Look at the disk now, not up to 30 seconds ago.")


class StorageHandler(StudioHandler):
    """`storage`"""

    @operation("What the workspace and the caches hold", query=StorageQuery, answer=Storage)
    @web.authenticated
    @authorized
    async def get(self) -> None:
        query = self.query_as(StorageQuery)
        self.answer(await self.call(self.studio.storage.look, **query.model_dump()))


class StorageCleanHandler(StudioHandler):
    """`storage/clean`"""

    @operation(
        "Remove old checkpoints, left-overs and unused caches",
        body=StorageClean,
        answer=StorageCleaned,
    )
    @web.authenticated
    @authorized
    async def post(self) -> None:
        request = self.body_as(StorageClean)
        self.answer(await self.call(self.studio.storage.clean, request))
