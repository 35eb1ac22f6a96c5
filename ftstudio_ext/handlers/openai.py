"""An endpoint in OpenAI's shapes below `ftstudio/v1`, under Jupyter's authentication: the API key
is the server's token."""

from __future__ import annotations

import json
from typing import Any

from jupyter_server.auth.decorator import authorized
from tornado import web
from tornado.iostream import StreamClosedError

from ftstudio_ext.core.errors import NotFound, StudioError
from ftstudio_ext.schema.errors import ErrorInfo
from ftstudio_ext.schema.openai import ChatRequest, CompletionRequest
from ftstudio_ext.studio.completions import Request, Writing

from .base import StudioHandler

V1 = "/ftstudio/v1"


class OpenAIHandler(StudioHandler):
    """Errors as OpenAI's clients know them."""

    writing: Writing | None = None

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        info: ErrorInfo = kwargs["info"]
        if status_code == 403 and not self.current_user:
            status_code, info.code = 401, "invalid_api_key"
            info.message = "The API key is not the token of this Jupyter server."
        self.set_status(400 if status_code == 422 else status_code)
        self.finish(json.dumps(error_body(info, status_code)))

    def on_connection_close(self) -> None:
        """Nobody reads the answer any more."""
        super().on_connection_close()
        if self.writing:
            self.writing.cancel()

    async def answer_request(self, request: Request, chat: bool) -> None:
        """Whole, or piece by piece as server-sent events."""
        self.writing = await self.studio.completions.begin(request)
        if request.stream:
            await self._stream(request, self.writing, chat)
            return
        async for _ in self.writing.pieces():
            pass
        echo = getattr(request, "echo", False)
        choices = [
            _whole(place, (choice.prompt if echo else "") + choice.text, choice.reason, chat)
            for place, choice in enumerate(self.writing.choices)
        ]
        kind = "chat.completion" if chat else "text_completion"
        body = _envelope(self.writing, kind, choices)
        self.finish(json.dumps({**body, "usage": self.writing.usage()}))

    async def _stream(self, request: Request, writing: Writing, chat: bool) -> None:
        """Errors before the first piece are ordinary answers, later ones a piece of their own."""
        self.set_header("Content-Type", "text/event-stream")
        self.set_header("X-Accel-Buffering", "no")
        kind = "chat.completion.chunk" if chat else "text_completion"
        begun: set[int] = set()
        try:
            async for place, text, reason in writing.pieces():
                if place not in begun and getattr(request, "echo", False):
                    text = writing.choices[place].prompt + text
                choice = _piece(place, text, reason, chat, first=place not in begun)
                begun.add(place)
                await self._send(_envelope(writing, kind, [choice]))
            if request.stream_options.include_usage:
                await self._send({**_envelope(writing, kind, []), "usage": writing.usage()})
            await self._send("[DONE]")
        except StudioError as error:
            if not begun:
                raise
            await self._send(error_body(error.info(), 500))
        except StreamClosedError:
            writing.cancel()
            return
        self.finish(set_content_type="text/event-stream")

    async def _send(self, data: dict[str, Any] | str) -> None:
        text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
        self.write(f"data: {text}\n\n")
        await self.flush()


class ModelsHandler(OpenAIHandler):
    """`models`"""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        models = await self.call(self.studio.completions.models)
        self.finish(json.dumps({"object": "list", "data": models}))


class ModelHandler(OpenAIHandler):
    """`models/{name}`"""

    @web.authenticated
    @authorized
    async def get(self, name: str) -> None:
        self.finish(json.dumps(await self.call(self.studio.completions.model, name)))


class CompletionsHandler(OpenAIHandler):
    """`completions`"""

    @web.authenticated
    @authorized
    async def post(self) -> None:
        await self.answer_request(self.body_as(CompletionRequest), chat=False)


class ChatCompletionsHandler(OpenAIHandler):
    """`chat/completions`"""

    @web.authenticated
    @authorized
    async def post(self) -> None:
        await self.answer_request(self.body_as(ChatRequest), chat=True)


class UnknownHandler(OpenAIHandler):
    """All other addresses."""

    @web.authenticated
    @authorized
    async def get(self, path: str) -> None:
        self._refuse(path)

    @web.authenticated
    @authorized
    async def post(self, path: str) -> None:
        self._refuse(path)

    def _refuse(self, path: str) -> None:
        raise NotFound(
            f"There is nothing at /v1/{path}.",
            remedy="This server has models, completions and chat/completions.",
        )


def error_body(info: ErrorInfo, status: int) -> dict[str, Any]:
    """An error as OpenAI's clients parse it; the remedy is part of the message."""
    kind = "server_error" if status >= 500 else "invalid_request_error"
    message = f"{info.message} {info.remedy}" if info.remedy else info.message
    return {"error": {"message": message, "type": kind, "param": info.field, "code": info.code}}


def _envelope(writing: Writing, kind: str, choices: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": writing.id,
        "object": kind,
        "created": writing.created,
        "model": writing.model,
        "choices": choices,
    }


def _whole(place: int, text: str, reason: str | None, chat: bool) -> dict[str, Any]:
    if chat:
        said: dict[str, Any] = {"message": {"role": "assistant", "content": text, "refusal": None}}
    else:
        said = {"text": text}
    return {"index": place, **said, "logprobs": None, "finish_reason": reason}


def _piece(place: int, text: str, reason: str | None, chat: bool, first: bool) -> dict[str, Any]:
    if not chat:
        return {"index": place, "text": text, "logprobs": None, "finish_reason": reason}
    delta: dict[str, Any] = {"role": "assistant"} if first else {}
    if text or first:
        delta["content"] = text
    return {"index": place, "delta": delta, "logprobs": None, "finish_reason": reason}


def tornado_routes() -> list[tuple[str, type[OpenAIHandler]]]:
    """Everything below `ftstudio/v1`."""
    return [
        (f"{V1}/models/?", ModelsHandler),
        (f"{V1}/models/(.+)", ModelHandler),
        (f"{V1}/completions/?", CompletionsHandler),
        (f"{V1}/chat/completions/?", ChatCompletionsHandler),
        (f"{V1}/(.*)", UnknownHandler),
    ]
