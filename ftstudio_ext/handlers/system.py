"""Routes about the studio itself: status, schemas of forms, OpenAPI, and everything unknown."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from jupyter_server.utils import ensure_async
from tornado import web

from ftstudio_ext.core.errors import NotFound
from ftstudio_ext.core.templates import nearest_name
from ftstudio_ext.schema.common import FormSchema, Page, StoredModel
from ftstudio_ext.schema.status import Interpreter, Status
from ftstudio_ext.studio.interpreters import interpreters

from .base import StudioHandler
from .forms import FORMS
from .operation import operation


class StatusHandler(StudioHandler):
    """`status`"""

    @operation("Version, machine, workspace, jobs at work", answer=Status)
    @web.authenticated
    @authorized
    async def get(self) -> None:
        self.answer(await self.call(self.studio.status))


class InterpretersHandler(StudioHandler):
    """`interpreters`"""

    @operation(
        "The Pythons that jobs can run in: the server's setting, and those of installed kernels",
        answer=Page[Interpreter],
    )
    @web.authenticated
    @authorized
    async def get(self) -> None:
        kernels = await ensure_async(self.kernel_spec_manager.get_all_specs())
        found = await self.call(interpreters, self.studio.settings.python, kernels)
        self.answer(Page[Interpreter](items=found, total=len(found)))


class SchemaNames(StoredModel):
    """The forms that have a schema."""

    items: list[str]
    total: int


class SchemasHandler(StudioHandler):
    """`schemas`"""

    @operation("The forms that have a JSON Schema", answer=SchemaNames)
    @web.authenticated
    @authorized
    async def get(self) -> None:
        self.answer(SchemaNames(items=sorted(FORMS), total=len(FORMS)))


class SchemaHandler(StudioHandler):
    """`schemas/{name}`"""

    @operation("JSON Schema of a form, with UI hints", content_type="application/schema+json")
    @web.authenticated
    @authorized
    async def get(self, name: str) -> None:
        if name not in FORMS:
            near = nearest_name(name, FORMS)
            raise NotFound(
                f"There is no form “{name}”.",
                remedy=f"Did you mean “{near}”?" if near else "GET schemas lists them.",
            )
        self.answer(FORMS[name].model_json_schema(schema_generator=FormSchema))


class OpenApiHandler(StudioHandler):
    """`openapi.json`"""

    @operation("This description", content_type="application/json")
    @web.authenticated
    @authorized
    async def get(self) -> None:
        from .openapi import document
        from .routes import ROUTES

        self.answer(await self.call(document, ROUTES))


class UnknownHandler(StudioHandler):
    """Any other address below the API."""

    @web.authenticated
    @authorized
    async def get(self, address: str) -> None:
        raise self._unknown(address)

    @web.authenticated
    @authorized
    async def post(self, address: str) -> None:
        raise self._unknown(address)

    @web.authenticated
    @authorized
    async def put(self, address: str) -> None:
        raise self._unknown(address)

    @web.authenticated
    @authorized
    async def patch(self, address: str) -> None:
        raise self._unknown(address)

    @web.authenticated
    @authorized
    async def delete(self, address: str) -> None:
        raise self._unknown(address)

    def _unknown(self, address: str) -> NotFound:
        return NotFound(
            f"There is nothing at “{address}”.", remedy="openapi.json lists all addresses."
        )
