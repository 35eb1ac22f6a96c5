"""Routes of prompts."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from pydantic import Field
from tornado import web

from ftstudio_ext.schema.common import Page
from ftstudio_ext.schema.prompts import (
    Examples,
    ExamplesRequest,
    Preview,
    PreviewRequest,
    Prompt,
    PromptCreate,
    PromptPatch,
    Suggestion,
    SuggestRequest,
)

from .base import StudioHandler
from .operation import DeleteQuery, ListQuery, operation


class PromptQuery(ListQuery):
    """Which prompts."""

    dataset: str | None = Field(None, description="Id or name of a dataset.")


class PromptsHandler(StudioHandler):
    """`prompts`"""

    @operation("List prompts", query=PromptQuery, answer=Page[Prompt])
    @web.authenticated
    @authorized
    async def get(self) -> None:
        query = self.query_as(PromptQuery)
        self.answer(await self.call(self.studio.prompts.list, **query.model_dump()))

    @operation("Save a prompt", body=PromptCreate, answer=Prompt, status=201)
    @web.authenticated
    @authorized
    async def post(self) -> None:
        request = self.body_as(PromptCreate)
        self.answer(await self.call(self.studio.prompts.create, request), 201)


class PromptHandler(StudioHandler):
    """`prompts/{id}`"""

    @operation("One prompt", answer=Prompt)
    @web.authenticated
    @authorized
    async def get(self, key: str) -> None:
        self.answer(await self.call(self.studio.prompts.get, key))

    @operation("Change a prompt", body=PromptPatch, answer=Prompt, if_match=True)
    @web.authenticated
    @authorized
    async def patch(self, key: str) -> None:
        change = self.body_as(PromptPatch)
        self.answer(await self.call(self.studio.prompts.patch, key, change, self.if_match()))

    @operation("Delete a prompt; runs keep their copy", query=DeleteQuery, status=204)
    @web.authenticated
    @authorized
    async def delete(self, key: str) -> None:
        query = self.query_as(DeleteQuery)
        await self.call(self.studio.prompts.delete, key, query.cascade)
        self.no_content()


class SuggestHandler(StudioHandler):
    """`prompts/suggest`"""

    @operation("Templates that fit a dataset", body=SuggestRequest, answer=Suggestion)
    @web.authenticated
    @authorized
    async def post(self) -> None:
        request = self.body_as(SuggestRequest)
        self.answer(await self.call(self.studio.prompts.suggest, request))


class ExamplesHandler(StudioHandler):
    """`prompts/examples`"""

    @operation("Solved rows to stand in a prompt", body=ExamplesRequest, answer=Examples)
    @web.authenticated
    @authorized
    async def post(self) -> None:
        request = self.body_as(ExamplesRequest)
        self.answer(await self.call(self.studio.prompts.examples, request))


class PreviewHandler(StudioHandler):
    """`prompts/preview`"""

    @operation(
        "Rows rendered, as tokens, and checked; a random row by default",
        body=PreviewRequest,
        answer=Preview,
    )
    @web.authenticated
    @authorized
    async def post(self) -> None:
        request = self.body_as(PreviewRequest)
        self.answer(await self.call(self.studio.prompts.preview, request))
