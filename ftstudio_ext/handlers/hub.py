"""Routes of the Hugging Face hub."""

from __future__ import annotations

from typing import Literal

from jupyter_server.auth.decorator import authorized
from pydantic import Field
from tornado import web

from ftstudio_ext.core.validation import parse
from ftstudio_ext.schema.common import StudioModel
from ftstudio_ext.schema.hub import (
    HubDatasetInfo,
    HubDatasetPage,
    HubModelInfo,
    HubModelPage,
    HubToken,
    HubTokenPut,
)

from .base import StudioHandler
from .operation import operation


class HubSearchQuery(StudioModel):
    """What to search for, page by page."""

    q: str | None = Field(None, max_length=200, description="Words of the name.")
    limit: int = Field(20, ge=1, le=100, description="Items on this page.")
    cursor: str | None = Field(None, max_length=2000, description="`next` of the page before.")
    sort: Literal["downloads", "likes", "updated"] = Field(
        "downloads", description="Descending, by this."
    )


class RevisionQuery(StudioModel):
    """Which version."""

    revision: str | None = Field(
        None, pattern=r"^[A-Za-z0-9._/-]{1,200}$", description="Branch, tag or commit."
    )


class TokenQuery(StudioModel):
    """Whether to ask the hub."""

    test: bool = Field(False, description="Ask the hub whether it is good, and whose it is.")


class RepoName(StudioModel):
    """The name of a repository in an address."""

    repo_id: str = Field(pattern=r"^[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)?$", max_length=200)


class HubDatasetsHandler(StudioHandler):
    """`hub/datasets`"""

    @operation("Search datasets on the hub", query=HubSearchQuery, answer=HubDatasetPage)
    @web.authenticated
    @authorized
    async def get(self) -> None:
        query = self.query_as(HubSearchQuery)
        self.answer(await self.call(self.studio.hub.datasets, **query.model_dump()))


class HubModelsHandler(StudioHandler):
    """`hub/models`"""

    @operation("Search models on the hub", query=HubSearchQuery, answer=HubModelPage)
    @web.authenticated
    @authorized
    async def get(self) -> None:
        query = self.query_as(HubSearchQuery)
        self.answer(await self.call(self.studio.hub.models, **query.model_dump()))


class HubDatasetHandler(StudioHandler):
    """`hub/datasets/{repo_id}`"""

    @operation(
        "One dataset of the hub: subsets, splits, columns, access",
        query=RevisionQuery,
        answer=HubDatasetInfo,
    )
    @web.authenticated
    @authorized
    async def get(self, repo_id: str) -> None:
        query, name = self.query_as(RevisionQuery), parse(RepoName, {"repo_id": repo_id})
        self.answer(await self.call(self.studio.hub.dataset, name.repo_id, query.revision))


class HubModelHandler(StudioHandler):
    """`hub/models/{repo_id}`"""

    @operation(
        "One model of the hub: facts, size in memory, access",
        query=RevisionQuery,
        answer=HubModelInfo,
    )
    @web.authenticated
    @authorized
    async def get(self, repo_id: str) -> None:
        query, name = self.query_as(RevisionQuery), parse(RepoName, {"repo_id": repo_id})
        self.answer(await self.call(self.studio.hub.model, name.repo_id, query.revision))


class HubTokenHandler(StudioHandler):
    """`hub/token`"""

    @operation("The state of the hub token, never the token", query=TokenQuery, answer=HubToken)
    @web.authenticated
    @authorized
    async def get(self) -> None:
        query = self.query_as(TokenQuery)
        self.answer(await self.call(self.studio.hub.token, query.test))

    @operation("Test a hub token and keep it if it is good", body=HubTokenPut, answer=HubToken)
    @web.authenticated
    @authorized
    async def put(self) -> None:
        request = self.body_as(HubTokenPut)
        self.answer(await self.call(self.studio.hub.set_token, request))

    @operation("Forget the stored hub token", status=204)
    @web.authenticated
    @authorized
    async def delete(self) -> None:
        await self.call(self.studio.hub.forget_token)
        self.no_content()
