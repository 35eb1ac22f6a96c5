"""Routes of jobs."""

from __future__ import annotations

from typing import Annotated, get_args

from jupyter_server.auth.decorator import authorized
from pydantic import AfterValidator, Field
from tornado import web

from ftstudio_ext.schema.code import Code, CodeFormat
from ftstudio_ext.schema.common import Page, StudioModel
from ftstudio_ext.schema.evaluation_results import MlflowLink
from ftstudio_ext.schema.jobs import (
    DuplicateRequest,
    EventsPage,
    Job,
    JobCreate,
    JobDetail,
    JobPatch,
    JobState,
    JobType,
    LogPage,
    StopRequest,
)

from .base import StudioHandler
from .operation import ListQuery, operation


def _states(text: str) -> str:
    for state in text.split(","):
        if state not in get_args(JobState):
            raise ValueError(
                f"there is no state '{state}'; the states are {', '.join(get_args(JobState))}"
            )
    return text


class JobQuery(ListQuery):
    """Which jobs."""

    type: JobType | None = Field(None, description="One type only.")
    state: Annotated[str, AfterValidator(_states)] | None = Field(
        None, description="One state, or several with commas between them."
    )


class JobsHandler(StudioHandler):
    """`jobs`"""

    @operation("List jobs, newest first", query=JobQuery, answer=Page[Job])
    @web.authenticated
    @authorized
    async def get(self) -> None:
        query = self.query_as(JobQuery)
        self.answer(await self.call(self.studio.jobs.list, **query.model_dump()))

    @operation("Submit a job", body=JobCreate, answer=JobDetail, status=201)
    @web.authenticated
    @authorized
    async def post(self) -> None:
        request = self.body_as(JobCreate)
        self.answer(await self.call(self.studio.jobs.create, request), 201)


class JobHandler(StudioHandler):
    """`jobs/{id}`"""

    @operation("One job, with its specification and attempts", answer=JobDetail)
    @web.authenticated
    @authorized
    async def get(self, key: str) -> None:
        self.answer(await self.call(self.studio.jobs.get, key))

    @operation("Change a job's name, priority or hold", body=JobPatch, answer=JobDetail)
    @web.authenticated
    @authorized
    async def patch(self, key: str) -> None:
        change = self.body_as(JobPatch)
        self.answer(await self.call(self.studio.jobs.patch, key, change))

    @operation("Delete an ended job's run directory; its adapter stays", status=204)
    @web.authenticated
    @authorized
    async def delete(self, key: str) -> None:
        await self.call(self.studio.jobs.delete, key)
        self.no_content()


class JobStopHandler(StudioHandler):
    """`jobs/{id}/stop`"""

    @operation("Stop a job, saving a checkpoint or at once", body=StopRequest, answer=JobDetail)
    @web.authenticated
    @authorized
    async def post(self, key: str) -> None:
        request = self.body_as(StopRequest)
        self.answer(await self.call(self.studio.jobs.stop, key, request.save))


class JobResumeHandler(StudioHandler):
    """`jobs/{id}/resume`"""

    @operation("Go on from the newest good checkpoint", answer=JobDetail)
    @web.authenticated
    @authorized
    async def post(self, key: str) -> None:
        self.answer(await self.call(self.studio.jobs.resume, key))


class JobDuplicateHandler(StudioHandler):
    """`jobs/{id}/duplicate`"""

    @operation(
        "Submit a job's specification again", body=DuplicateRequest, answer=JobDetail, status=201
    )
    @web.authenticated
    @authorized
    async def post(self, key: str) -> None:
        request = self.body_as(DuplicateRequest)
        self.answer(await self.call(self.studio.jobs.duplicate, key, request), 201)


class EventsQuery(StudioModel):
    """Which events."""

    after: int = Field(0, ge=0, description="Byte position; 0 is the beginning.")
    limit: int = Field(2000, ge=1, le=10_000, description="Events at most.")


class JobEventsHandler(StudioHandler):
    """`jobs/{id}/events`"""

    @operation("Events from a byte position on", query=EventsQuery, answer=EventsPage)
    @web.authenticated
    @authorized
    async def get(self, key: str) -> None:
        query = self.query_as(EventsQuery)
        self.answer(await self.call(self.studio.jobs.events, key, **query.model_dump()))


class LogQuery(StudioModel):
    """Which part of the log."""

    after: int | None = Field(None, ge=0, description="From this byte position on, or …")
    tail: int | None = Field(None, ge=0, le=10_000, description="… the last lines.")


class JobLogHandler(StudioHandler):
    """`jobs/{id}/log`"""

    @operation("A piece of the log", query=LogQuery, answer=LogPage)
    @web.authenticated
    @authorized
    async def get(self, key: str) -> None:
        query = self.query_as(LogQuery)
        self.answer(await self.call(self.studio.jobs.log, key, **query.model_dump()))


class CodeQuery(StudioModel):
    """Which kind of code."""

    format: CodeFormat = Field("magic", description="As a cell, a call, a file, a script, …")


class JobCodeHandler(StudioHandler):
    """`jobs/{id}/code`"""

    @operation("A training or evaluation job as code", query=CodeQuery, answer=Code)
    @web.authenticated
    @authorized
    async def get(self, key: str) -> None:
        query = self.query_as(CodeQuery)
        self.answer(await self.call(self.studio.code.of_job, key, query.format))


class JobMlflowHandler(StudioHandler):
    """`jobs/{id}/mlflow`"""

    @operation("Where MLflow shows the job's run", answer=MlflowLink)
    @web.authenticated
    @authorized
    async def get(self, key: str) -> None:
        self.answer(await self.call(self.studio.evaluation_results.mlflow, key))
