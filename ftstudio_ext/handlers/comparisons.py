"""Routes of comparisons."""

from __future__ import annotations

import json
from typing import Literal

from jupyter_server.auth.decorator import authorized
from pydantic import Field
from tornado import web
from tornado.iostream import StreamClosedError

from ftstudio_ext.schema.code import Code, CodeFormat
from ftstudio_ext.schema.common import Page, StudioModel
from ftstudio_ext.schema.comparison_logs import LogComparisonRequest
from ftstudio_ext.schema.comparisons import (
    CompareExample,
    CompareRequest,
    Comparison,
    ComparisonPatch,
    ComparisonSummary,
    ExampleRequest,
)
from ftstudio_ext.schema.jobs import JobDetail
from ftstudio_ext.studio.comparison_run import ComparisonRun

from .base import StudioHandler
from .operation import ListQuery, operation

NDJSON = "application/x-ndjson"


class ExportQuery(StudioModel):
    """As what to export."""

    format: Literal["csv", "json"] = Field("csv", description="csv: a line for each answer.")


class ComparisonsHandler(StudioHandler):
    """`comparisons`"""

    _run: ComparisonRun | None = None

    @operation("List comparisons", query=ListQuery, answer=Page[ComparisonSummary])
    @web.authenticated
    @authorized
    async def get(self) -> None:
        query = self.query_as(ListQuery)
        self.answer(await self.call(self.studio.comparisons.list, **query.model_dump()))

    @operation(
        "Ask in all columns; answers stream as one JSON object a line, the first with the id; "
        "closing the connection cancels",
        body=CompareRequest,
        content_type=NDJSON,
    )
    @web.authenticated
    @authorized
    async def post(self) -> None:
        request = self.body_as(CompareRequest)
        self._run = await self.studio.comparisons.start(request)
        self.set_header("Content-Type", NDJSON)
        self.set_header("X-Accel-Buffering", "no")
        try:
            async for event in self._run.events():
                events = [event, *self._run.waiting()]
                self.write("".join(json.dumps(e, ensure_ascii=False) + "\n" for e in events))
                await self.flush()
        except StreamClosedError:
            self._run.cancel()
            return
        self.finish(set_content_type=NDJSON)

    def on_connection_close(self) -> None:
        """Nobody reads the answers any more."""
        super().on_connection_close()
        if self._run:
            self._run.cancel()


class ComparisonHandler(StudioHandler):
    """`comparisons/{id}`"""

    @operation("A comparison with its answers", answer=Comparison)
    @web.authenticated
    @authorized
    async def get(self, key: str) -> None:
        self.answer(await self.call(self.studio.comparisons.get, key))

    @operation(
        "Rename a comparison, or replace its votes",
        body=ComparisonPatch,
        answer=ComparisonSummary,
        if_match=True,
    )
    @web.authenticated
    @authorized
    async def patch(self, key: str) -> None:
        change = self.body_as(ComparisonPatch)
        self.answer(await self.call(self.studio.comparisons.patch, key, change, self.if_match()))

    @operation("Delete a comparison and its answers", status=204)
    @web.authenticated
    @authorized
    async def delete(self, key: str) -> None:
        await self.call(self.studio.comparisons.delete, key)
        self.no_content()


class ComparisonCancelHandler(StudioHandler):
    """`comparisons/{id}/cancel`"""

    @operation("Stop answering; what is there is kept", status=204)
    @web.authenticated
    @authorized
    async def post(self, key: str) -> None:
        self.studio.comparisons.cancel(key)
        self.no_content()


class ComparisonCodeQuery(StudioModel):
    """Which kind of code."""

    format: CodeFormat = Field("client", description="client, and magic where it can say it.")


class ComparisonCodeHandler(StudioHandler):
    """`comparisons/{id}/code`"""

    @operation("A comparison as code", query=ComparisonCodeQuery, answer=Code)
    @web.authenticated
    @authorized
    async def get(self, key: str) -> None:
        query = self.query_as(ComparisonCodeQuery)
        self.answer(await self.call(self.studio.code.of_comparison, key, query.format))


class ComparisonMlflowHandler(StudioHandler):
    """`comparisons/{id}/mlflow`"""

    @operation(
        "Log a comparison to MLflow, with its answers and the votes so far; a light job",
        body=LogComparisonRequest,
        answer=JobDetail,
        status=201,
    )
    @web.authenticated
    @authorized
    async def post(self, key: str) -> None:
        request = self.body_as(LogComparisonRequest)
        self.answer(await self.call(self.studio.comparison_logs.log, key, request), 201)


class ComparisonExportHandler(StudioHandler):
    """`comparisons/{id}/export`"""

    @operation("A comparison as a file", query=ExportQuery, content_type="text/csv")
    @web.authenticated
    @authorized
    async def get(self, key: str) -> None:
        query = self.query_as(ExportQuery)
        name, text = await self.call(self.studio.comparisons.export, key, query.format)
        kind = "text/csv; charset=UTF-8" if query.format == "csv" else "application/json"
        self.set_header("Content-Disposition", f'attachment; filename="{name}"')
        self.finish(text, set_content_type=kind)


class ComparisonExampleHandler(StudioHandler):
    """`comparisons/example`"""

    @operation(
        "A row as a question; a random one that no adapter has seen by default",
        body=ExampleRequest,
        answer=CompareExample,
    )
    @web.authenticated
    @authorized
    async def post(self) -> None:
        request = self.body_as(ExampleRequest)
        self.answer(await self.call(self.studio.comparisons.example, request))
