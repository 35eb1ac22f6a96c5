"""Routes of training, beside its jobs."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from tornado import web

from ftstudio_ext.schema.code import Code, CodeRequest
from ftstudio_ext.schema.memory import MemoryAnswer
from ftstudio_ext.schema.preflight import Preflight, PreflightRequest

from .base import StudioHandler
from .operation import operation


class PreflightHandler(StudioHandler):
    """`training/preflight`"""

    @operation(
        "What a training run would do, and every check", body=PreflightRequest, answer=Preflight
    )
    @web.authenticated
    @authorized
    async def post(self) -> None:
        request = self.body_as(PreflightRequest)
        self.answer(await self.call(self.studio.preflight, request))


class MemoryHandler(StudioHandler):
    """`training/memory`"""

    @operation(
        "Memory of a training run by part, and what makes it fit",
        body=PreflightRequest,
        answer=MemoryAnswer,
    )
    @web.authenticated
    @authorized
    async def post(self) -> None:
        request = self.body_as(PreflightRequest)
        self.answer(await self.studio.memory.estimate(request))


class TrainingCodeHandler(StudioHandler):
    """`training/code`"""

    @operation("A training form as code", body=CodeRequest, answer=Code)
    @web.authenticated
    @authorized
    async def post(self) -> None:
        request = self.body_as(CodeRequest)
        self.answer(await self.call(self.studio.code.of_draft, request))
