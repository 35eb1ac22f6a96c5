"""Routes of datasets."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from pydantic import Field
from tornado import web

from ftstudio_ext.schema.common import Page, StudioModel
from ftstudio_ext.schema.datasets import (
    Dataset,
    DatasetCreate,
    DatasetPatch,
    Peek,
    PeekRequest,
    ReimportRequest,
    RowsPage,
)

from .base import StudioHandler
from .operation import DeleteQuery, ListQuery, operation


class DatasetsHandler(StudioHandler):
    """`datasets`"""

    @operation("List datasets", query=ListQuery, answer=Page[Dataset])
    @web.authenticated
    @authorized
    async def get(self) -> None:
        query = self.query_as(ListQuery)
        self.answer(await self.call(self.studio.datasets.list, **query.model_dump()))

    @operation(
        "Import a dataset: small files at once, large ones and those of the hub by a job",
        body=DatasetCreate,
        answer=Dataset,
        status=201,
    )
    @web.authenticated
    @authorized
    async def post(self) -> None:
        request = self.body_as(DatasetCreate)
        self.answer(await self.call(self.studio.datasets.create, request), 201)


class DatasetHandler(StudioHandler):
    """`datasets/{id}`"""

    @operation(
        "One dataset: columns, splits, sizes, whether its source has changed", answer=Dataset
    )
    @web.authenticated
    @authorized
    async def get(self, key: str) -> None:
        self.answer(await self.call(self.studio.datasets.shown, key))

    @operation("Rename a dataset", body=DatasetPatch, answer=Dataset, if_match=True)
    @web.authenticated
    @authorized
    async def patch(self, key: str) -> None:
        change = self.body_as(DatasetPatch)
        self.answer(await self.call(self.studio.datasets.patch, key, change, self.if_match()))

    @operation("Delete a dataset and its imported copy", query=DeleteQuery, status=204)
    @web.authenticated
    @authorized
    async def delete(self, key: str) -> None:
        query = self.query_as(DeleteQuery)
        await self.call(self.studio.datasets.delete, key, query.cascade)
        self.no_content()


class PeekHandler(StudioHandler):
    """`datasets/peek`"""

    @operation(
        "Look into files before they are imported: columns, first rows, splits",
        body=PeekRequest,
        answer=Peek,
    )
    @web.authenticated
    @authorized
    async def post(self) -> None:
        request = self.body_as(PeekRequest)
        self.answer(await self.call(self.studio.datasets.peek, request))


class ReimportHandler(StudioHandler):
    """`datasets/{id}/reimport`"""

    @operation(
        "Import the source again, as a new dataset",
        body=ReimportRequest,
        answer=Dataset,
        status=201,
    )
    @web.authenticated
    @authorized
    async def post(self, key: str) -> None:
        request = self.body_as(ReimportRequest)
        self.answer(await self.call(self.studio.datasets.reimport, key, request), 201)


class RowsQuery(StudioModel):
    """Which rows."""

    split: str | None = Field(None, description="`train`, or the first, when absent.")
    offset: int = Field(0, ge=0, description="The first row, counted from 0.")
    limit: int = Field(50, ge=1, le=500, description="Rows on this page.")
    q: str | None = Field(
        None, max_length=200, description="Only rows with this text in a column; any letter case."
    )


class DatasetRowsHandler(StudioHandler):
    """`datasets/{id}/rows`"""

    @operation(
        "Rows of one split, by random access or by what they say", query=RowsQuery, answer=RowsPage
    )
    @web.authenticated
    @authorized
    async def get(self, key: str) -> None:
        query = self.query_as(RowsQuery)
        self.answer(await self.call(self.studio.datasets.rows, key, **query.model_dump()))
