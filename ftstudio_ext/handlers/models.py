"""Routes of base models."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from tornado import web

from ftstudio_ext.schema.common import Page
from ftstudio_ext.schema.models import BaseModelCreate, BaseModelPatch, BaseModelRecord

from .base import StudioHandler
from .operation import DeleteQuery, ListQuery, operation


class ModelsHandler(StudioHandler):
    """`models`"""

    @operation("List base models", query=ListQuery, answer=Page[BaseModelRecord])
    @web.authenticated
    @authorized
    async def get(self) -> None:
        query = self.query_as(ListQuery)
        self.answer(await self.call(self.studio.models.listed, **query.model_dump()))

    @operation("Import a base model", body=BaseModelCreate, answer=BaseModelRecord, status=201)
    @web.authenticated
    @authorized
    async def post(self) -> None:
        request = self.body_as(BaseModelCreate)
        self.answer(await self.call(self.studio.models.create, request), 201)


class ModelHandler(StudioHandler):
    """`models/{id}`"""

    @operation("One base model", answer=BaseModelRecord)
    @web.authenticated
    @authorized
    async def get(self, key: str) -> None:
        self.answer(await self.call(self.studio.models.shown, key))

    @operation("Rename a base model", body=BaseModelPatch, answer=BaseModelRecord, if_match=True)
    @web.authenticated
    @authorized
    async def patch(self, key: str) -> None:
        change = self.body_as(BaseModelPatch)
        self.answer(await self.call(self.studio.models.patch, key, change, self.if_match()))

    @operation("Take a base model off the list; its files stay", query=DeleteQuery, status=204)
    @web.authenticated
    @authorized
    async def delete(self, key: str) -> None:
        query = self.query_as(DeleteQuery)
        await self.call(self.studio.models.delete, key, query.cascade)
        self.no_content()
