"""Routes of the dataset doctor."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from tornado import web

from ftstudio_ext.schema.datasets import Dataset
from ftstudio_ext.schema.jobs import JobDetail
from ftstudio_ext.schema.profiles import ApplyRequest, DatasetProfile, ProfileRequest

from .base import StudioHandler
from .operation import operation


class DatasetProfileHandler(StudioHandler):
    """`datasets/{id}/profile`"""

    @operation("What the doctor has found, and the job that looks", answer=DatasetProfile)
    @web.authenticated
    @authorized
    async def get(self, key: str) -> None:
        self.answer(await self.call(self.studio.profiles.get, key))

    @operation("Examine a dataset: a light job", body=ProfileRequest, answer=JobDetail, status=201)
    @web.authenticated
    @authorized
    async def post(self, key: str) -> None:
        request = self.body_as(ProfileRequest)
        self.answer(await self.call(self.studio.profiles.start, key, request), 201)


class DatasetApplyHandler(StudioHandler):
    """`datasets/{id}/apply`"""

    @operation(
        "Make a cleaned copy by remedies of the findings: a light job",
        body=ApplyRequest,
        answer=Dataset,
        status=201,
    )
    @web.authenticated
    @authorized
    async def post(self, key: str) -> None:
        request = self.body_as(ApplyRequest)
        self.answer(await self.call(self.studio.cleaning.apply, key, request), 201)
