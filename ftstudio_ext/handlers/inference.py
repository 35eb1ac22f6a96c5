"""Routes of the models that are in memory for answering."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from tornado import web

from ftstudio_ext.schema.inference import InferenceStatus, StopInferenceRequest, WarmRequest

from .base import StudioHandler
from .operation import operation


class InferenceStatusHandler(StudioHandler):
    """`inference/status`"""

    @operation("The base models and adapters in memory", answer=InferenceStatus)
    @web.authenticated
    @authorized
    async def get(self) -> None:
        self.answer(await self.call(self.studio.inference.full_status))


class InferenceWarmHandler(StudioHandler):
    """`inference/warm`"""

    @operation(
        "Begin to load a base model ahead of the first question",
        body=WarmRequest,
        answer=InferenceStatus,
    )
    @web.authenticated
    @authorized
    async def post(self) -> None:
        request = self.body_as(WarmRequest)
        self.answer(await self.call(self.studio.inference.warm, request))


class InferenceStopHandler(StudioHandler):
    """`inference/stop`"""

    @operation(
        "Free the memory of one base model, or of all",
        body=StopInferenceRequest,
        answer=InferenceStatus,
    )
    @web.authenticated
    @authorized
    async def post(self) -> None:
        request = self.body_as(StopInferenceRequest)
        self.answer(await self.call(self.studio.inference.stop, request))
