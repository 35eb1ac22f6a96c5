"""Routes of adapters."""

from __future__ import annotations

from pathlib import Path

from jupyter_server.auth.decorator import authorized
from pydantic import Field
from tornado import web
from tornado.iostream import StreamClosedError

from ftstudio_ext.core.threads import in_thread
from ftstudio_ext.schema.adapters import Adapter, AdapterCreate, AdapterPatch
from ftstudio_ext.schema.common import Page
from ftstudio_ext.schema.exports import ExportRequest
from ftstudio_ext.schema.jobs import JobDetail
from ftstudio_ext.schema.registrations import RegisterRequest

from .archives import disposition, zip_chunks
from .base import StudioHandler
from .operation import DeleteQuery, ListQuery, operation


class AdapterQuery(ListQuery):
    """Which adapters."""

    base_model: str | None = Field(None, description="Id or name of a base model.")


class AdaptersHandler(StudioHandler):
    """`adapters`"""

    @operation("List adapters", query=AdapterQuery, answer=Page[Adapter])
    @web.authenticated
    @authorized
    async def get(self) -> None:
        query = self.query_as(AdapterQuery)
        self.answer(await self.call(self.studio.adapters.list, **query.model_dump()))

    @operation("Import an adapter", body=AdapterCreate, answer=Adapter, status=201)
    @web.authenticated
    @authorized
    async def post(self) -> None:
        request = self.body_as(AdapterCreate)
        self.answer(await self.call(self.studio.adapters.create, request), 201)


class AdapterHandler(StudioHandler):
    """`adapters/{id}`"""

    @operation("One adapter", answer=Adapter)
    @web.authenticated
    @authorized
    async def get(self, key: str) -> None:
        self.answer(await self.call(self.studio.adapters.get, key))

    @operation(
        "Rename an adapter; its folder stays", body=AdapterPatch, answer=Adapter, if_match=True
    )
    @web.authenticated
    @authorized
    async def patch(self, key: str) -> None:
        change = self.body_as(AdapterPatch)
        self.answer(await self.call(self.studio.adapters.patch, key, change, self.if_match()))

    @operation("Delete an adapter and its files", query=DeleteQuery, status=204)
    @web.authenticated
    @authorized
    async def delete(self, key: str) -> None:
        query = self.query_as(DeleteQuery)
        await self.call(self.studio.adapters.delete, key, query.cascade)
        self.no_content()


class AdapterDownloadHandler(StudioHandler):
    """`adapters/{id}/download`"""

    @operation("An adapter's folder as a zip archive", content_type="application/zip")
    @web.authenticated
    @authorized
    async def get(self, key: str) -> None:
        adapter = await self.call(self.studio.adapters.get, key)
        folder = Path(adapter.path)
        self.set_header("Content-Type", "application/zip")
        self.set_header("Content-Disposition", disposition(folder))
        chunks = zip_chunks(folder)
        try:
            while (chunk := await in_thread(next, chunks, None)) is not None:
                self.write(chunk)
                await self.flush()
        except StreamClosedError:
            return  # the browser has cancelled the download
        self.finish(set_content_type="application/zip")


class AdapterExportHandler(StudioHandler):
    """`adapters/{id}/export`"""

    @operation(
        "Export an adapter, merged into its base model or alone; a job",
        body=ExportRequest,
        answer=JobDetail,
        status=201,
    )
    @web.authenticated
    @authorized
    async def post(self, key: str) -> None:
        request = self.body_as(ExportRequest)
        self.answer(await self.call(self.studio.exports.export, key, request), 201)


class AdapterRegisterHandler(StudioHandler):
    """`adapters/{id}/register`"""

    @operation(
        "Register an adapter as a version of a model in MLflow; a light job",
        body=RegisterRequest,
        answer=JobDetail,
        status=201,
    )
    @web.authenticated
    @authorized
    async def post(self, key: str) -> None:
        request = self.body_as(RegisterRequest)
        self.answer(await self.call(self.studio.registrations.register, key, request), 201)
