"""Routes of presets."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from pydantic import Field
from tornado import web

from ftstudio_ext.schema.common import Page
from ftstudio_ext.schema.presets import Preset, PresetCreate, PresetKind, PresetPatch

from .base import StudioHandler
from .operation import DeleteQuery, ListQuery, operation


class PresetQuery(ListQuery):
    """Which presets."""

    kind: PresetKind | None = Field(None, description="One kind only.")


class PresetsHandler(StudioHandler):
    """`presets`"""

    @operation("List presets, built-in ones first", query=PresetQuery, answer=Page[Preset])
    @web.authenticated
    @authorized
    async def get(self) -> None:
        query = self.query_as(PresetQuery)
        self.answer(await self.call(self.studio.presets.list, **query.model_dump()))

    @operation("Save a preset", body=PresetCreate, answer=Preset, status=201)
    @web.authenticated
    @authorized
    async def post(self) -> None:
        request = self.body_as(PresetCreate)
        self.answer(await self.call(self.studio.presets.create, request), 201)


class PresetHandler(StudioHandler):
    """`presets/{id}`"""

    @operation("One preset", answer=Preset)
    @web.authenticated
    @authorized
    async def get(self, key: str) -> None:
        self.answer(await self.call(self.studio.presets.get, key))

    @operation("Change a preset", body=PresetPatch, answer=Preset, if_match=True)
    @web.authenticated
    @authorized
    async def patch(self, key: str) -> None:
        change = self.body_as(PresetPatch)
        self.answer(await self.call(self.studio.presets.patch, key, change, self.if_match()))

    @operation("Delete a preset", query=DeleteQuery, status=204)
    @web.authenticated
    @authorized
    async def delete(self, key: str) -> None:
        await self.call(self.studio.presets.delete, key, self.query_as(DeleteQuery).cascade)
        self.no_content()
