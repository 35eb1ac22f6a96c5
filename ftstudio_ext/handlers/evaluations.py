"""Routes of evaluations' results and scorers; the jobs themselves are submitted as any other."""

from __future__ import annotations

from typing import Literal

from jupyter_server.auth.decorator import authorized
from pydantic import Field
from tornado import web

from ftstudio_ext.schema.common import Page, StudioModel
from ftstudio_ext.schema.evaluation_results import (
    Evaluation,
    EvaluationAgainst,
    EvaluationRowsPage,
    EvaluationSummary,
    Outcome,
)
from ftstudio_ext.schema.scorers import ScorerFileView, ScorerList

from .base import StudioHandler
from .operation import ListQuery, operation


class EvaluationsHandler(StudioHandler):
    """`evaluations`"""

    @operation(
        "List evaluations with their verdicts, newest first",
        query=ListQuery,
        answer=Page[EvaluationSummary],
    )
    @web.authenticated
    @authorized
    async def get(self) -> None:
        query = self.query_as(ListQuery)
        self.answer(await self.call(self.studio.evaluation_results.list, **query.model_dump()))


class EvaluationHandler(StudioHandler):
    """`evaluations/{id}`"""

    @operation("One evaluation: metrics, comparisons, verdicts, plots", answer=Evaluation)
    @web.authenticated
    @authorized
    async def get(self, key: str) -> None:
        self.answer(await self.call(self.studio.evaluation_results.get, key))


class EvaluationRowsQuery(ListQuery):
    """Which rows, judged by what, in which order."""

    q: str | None = Field(None, max_length=200, description="Text of the prompt or an answer.")
    metric: str | None = Field(None, description="The primary metric when absent.")
    system: str | None = Field(None, description="The best adapter when absent.")
    baseline: str | None = Field(None, description="The strongest base system when absent.")
    outcome: Outcome | None = Field(None, description="Only wins, losses or ties.")
    split: str | None = None
    category: str | None = None
    sort: Literal["row", "score", "difference", "length"] = Field(
        "row",
        description="`score` and `difference` are turned so that more is better: the worst come "
        "first. `length` is the expected answer's.",
    )
    descending: bool = False


class EvaluationRowsHandler(StudioHandler):
    """`evaluations/{id}/rows`"""

    @operation(
        "Rows with the answers of all systems",
        query=EvaluationRowsQuery,
        answer=EvaluationRowsPage,
    )
    @web.authenticated
    @authorized
    async def get(self, key: str) -> None:
        query = self.query_as(EvaluationRowsQuery)
        found = await self.call(self.studio.evaluation_results.rows, key, **query.model_dump())
        self.answer(found)


class AgainstQuery(StudioModel):
    """With whom, and by what."""

    others: str = Field(
        min_length=1, max_length=1000, description="Ids of other evaluations, commas between them."
    )
    metric: str | None = Field(None, description="The primary metric when absent.")
    system: str | None = Field(
        None, description="Of this evaluation; the best adapter when absent."
    )


class EvaluationAgainstHandler(StudioHandler):
    """`evaluations/{id}/against`"""

    @operation(
        "Systems of other evaluations against one of this, on the rows that both were asked",
        query=AgainstQuery,
        answer=EvaluationAgainst,
    )
    @web.authenticated
    @authorized
    async def get(self, key: str) -> None:
        query = self.query_as(AgainstQuery)
        found = await self.call(self.studio.evaluation_results.against, key, **query.model_dump())
        self.answer(found)


class ReportQuery(StudioModel):
    """How the report is written."""

    format: Literal["md", "csv", "json"] = Field(
        "md", description="A report in Markdown, the rows as CSV, or everything as JSON."
    )


_CONTENT = {"md": "text/markdown", "csv": "text/csv", "json": "application/json"}


class EvaluationReportHandler(StudioHandler):
    """`evaluations/{id}/report`"""

    @operation(
        "An evaluation as a file to keep",
        query=ReportQuery,
        content_type="application/octet-stream",
    )
    @web.authenticated
    @authorized
    async def get(self, key: str) -> None:
        query = self.query_as(ReportQuery)
        name, text = await self.call(self.studio.evaluation_report, key, query.format)
        self.set_header("Content-Disposition", f'attachment; filename="{name}"')
        self.finish(text, set_content_type=f"{_CONTENT[query.format]}; charset=UTF-8")


class ScorersQuery(StudioModel):
    """The data to choose scorers for."""

    dataset: str | None = Field(None, description="Id or name; with it `prompt` is needed.")
    prompt: str | None = Field(None, description="Id or name.")


class ScorersHandler(StudioHandler):
    """`evaluations/scorers`"""

    @operation(
        "All scorers; with a dataset and a prompt, those that fit are marked",
        query=ScorersQuery,
        answer=ScorerList,
    )
    @web.authenticated
    @authorized
    async def get(self) -> None:
        query = self.query_as(ScorersQuery)
        self.answer(await self.call(self.studio.scorers.list, **query.model_dump()))


class ScorerFileQuery(StudioModel):
    """Which file."""

    file: str = Field(description="Its path below the server's root directory.")


class ScorerFileHandler(StudioHandler):
    """`evaluations/scorer-file`"""

    @operation(
        "A Python file with scorers, to be read before agreeing to run it",
        query=ScorerFileQuery,
        answer=ScorerFileView,
    )
    @web.authenticated
    @authorized
    async def get(self) -> None:
        query = self.query_as(ScorerFileQuery)
        self.answer(await self.call(self.studio.scorers.file, query.file))
