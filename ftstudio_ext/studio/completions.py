"""Answers in OpenAI's shapes: any base model or adapter of the studio, for programs that speak
that API."""

from __future__ import annotations

import asyncio
import itertools
import secrets
import time
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ftstudio_ext.core.errors import InvalidInput, NotFound, StudioError
from ftstudio_ext.core.templates import nearest_name
from ftstudio_ext.core.threads import in_thread
from ftstudio_ext.schema.adapters import Adapter
from ftstudio_ext.schema.generation import GenerationSettings
from ftstudio_ext.schema.models import BaseModelRecord
from ftstudio_ext.schema.openai import ChatRequest, CompletionRequest

from .answerers import LoadedAdapter, loaded_adapter, precision_for
from .comparison_questions import chat_content

if TYPE_CHECKING:
    from .studio import Studio

Event = dict[str, Any]
Request = CompletionRequest | ChatRequest
_REASONS = {"end": "stop", "limit": "length"}


@dataclass
class Choice:
    """One answer, as far as it is written. `question`: which prompt it is for; `prompt`: its text,
    empty for a chat or for tokens."""

    question: int
    prompt: str
    text: str = ""
    reason: str | None = None
    prompt_tokens: int = 0
    tokens: int = 0


@dataclass
class Writing:
    """A request that is being answered: a task, its events and its choices. Raises the error of
    an answer that cannot be written."""

    id: str
    created: int
    model: str
    choices: list[Choice]
    work: asyncio.Task[None]
    events: asyncio.Queue[Event | None] = field(default_factory=asyncio.Queue)

    async def pieces(self) -> AsyncIterator[tuple[int, str, str | None]]:
        """(choice, more text, reason once it is complete)."""
        while (event := await self.events.get()) is not None:
            if event["event"] == "error":
                self.cancel()
                raise _error(event["error"])
            place = event["answer"]["row"] if "answer" in event else 0
            choice = self.choices[place]
            if event["event"] == "token":
                choice.text += event["text"]
                yield place, event["text"], None
            elif event["event"] == "done":
                metrics = event["metrics"]
                choice.prompt_tokens, choice.tokens = metrics["prompt_tokens"], metrics["tokens"]
                choice.reason = _REASONS.get(metrics["stop_reason"], "stop")
                yield place, "", choice.reason
        await self.work

    def cancel(self) -> None:
        """Nobody waits any more."""
        self.work.cancel()

    def usage(self) -> dict[str, int]:
        """Tokens read and written; a prompt counts once, however many answers it has."""
        read = sum(
            next(group).prompt_tokens
            for _, group in itertools.groupby(self.choices, key=lambda choice: choice.question)
        )
        written = sum(choice.tokens for choice in self.choices)
        return {
            "prompt_tokens": read,
            "completion_tokens": written,
            "total_tokens": read + written,
        }


class Completions:
    """Base models and adapters, by name."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio

    def models(self) -> list[dict[str, Any]]:
        """Everything that can be asked: base models, then adapters with the base that they need."""
        bases = self._studio.models.list(limit=500).items
        known = {base.id: base.name for base in bases}
        found = [_listed(base.name, base.created_at.timestamp()) for base in bases]
        return found + [
            _listed(one.name, one.created_at.timestamp(), known[one.base_model_id])
            for one in self._studio.adapters.all()
            if one.base_model_id in known
        ]

    def model(self, name: str) -> dict[str, Any]:
        """One of `models`; raises NotFound."""
        listed = self.models()
        for one in listed:
            if one["id"].casefold() == name.casefold():
                return one
        near = nearest_name(name, [one["id"] for one in listed])
        raise NotFound(
            f"There is no base model or adapter “{name}”.",
            field="model",
            code="model_not_found",
            remedy=f"Did you mean “{near}”?" if near else "See /models.",
        )

    async def begin(self, request: Request) -> Writing:
        """Start to answer; errors of the request are raised here, those of the model by
        `Writing.pieces`."""
        base, adapter, loaded = await in_thread(self._resolved, request.model)
        questions = _questions(request, adapter)
        settings = _settings(request)
        asks: list[dict[str, Any]] = [
            {
                "answer": {"column": 0, "row": number, "setting": 0},
                "adapter": loaded.key if loaded else None,
                "question": number // request.n,
                "settings": settings[number % request.n].model_dump(mode="json"),
                "stops": request.stop,
            }
            for number in range(len(questions) * request.n)
        ]
        events: asyncio.Queue[Event | None] = asyncio.Queue()
        work = self._studio.inference.answer(
            base,
            precision_for(request.precision, [adapter] if adapter else []),
            [loaded] if loaded else [],
            {"questions": questions, "asks": asks},
            lambda some: _put(events, some),
        )
        task = asyncio.get_running_loop().create_task(work)
        task.add_done_callback(lambda _: events.put_nowait(None))
        texts = [str(question.get("text") or "") for question in questions]
        return Writing(
            id=f"cmpl-{secrets.token_hex(12)}",
            created=int(time.time()),
            model=request.model,
            choices=[Choice(ask["question"], texts[ask["question"]]) for ask in asks],
            work=task,
            events=events,
        )

    def _resolved(self, name: str) -> tuple[BaseModelRecord, Adapter | None, LoadedAdapter | None]:
        try:
            return self._studio.models.get(name), None, None
        except NotFound:
            pass
        try:
            adapter = self._studio.adapters.get(name)
        except NotFound:
            self.model(name)  # says what there is
            raise
        if adapter.base_model_id is None:
            raise InvalidInput(
                f"The base model of the adapter “{adapter.name}” is not known here.",
                field="model",
                remedy="Import its base model, then import the adapter again with it.",
            )
        workspace = self._studio.settings.workspace
        loaded = loaded_adapter(workspace, adapter, None, "model")
        return self._studio.models.get(adapter.base_model_id), adapter, loaded


def _questions(request: Request, adapter: Adapter | None) -> list[dict[str, Any]]:
    if isinstance(request, CompletionRequest):
        return [
            {"text": given} if isinstance(given, str) else {"tokens": given}
            for given in request.prompts()
        ]
    trained_with = adapter.manifest.prompt.get("chat_template") if adapter else None
    return [{"content": chat_content(request.messages, trained_with), "values": {}}]


def _settings(request: Request) -> list[GenerationSettings]:
    """One for each of the `n` answers to a prompt, each with a seed of its own."""
    if isinstance(request, ChatRequest):
        limit = request.max_completion_tokens or request.max_tokens or 65_536
    else:
        limit = request.max_tokens
    seed = secrets.randbelow(2**31) if request.seed is None else request.seed % 2**31
    return [
        GenerationSettings(
            max_new_tokens=limit,
            temperature=request.temperature,
            top_p=request.top_p,
            seed=seed + number,
        )
        for number in range(request.n)
    ]


def _put(events: asyncio.Queue[Event | None], some: Iterable[Event]) -> None:
    for event in some:
        if event["event"] in ("token", "done", "error"):
            events.put_nowait(event)


def _error(words: dict[str, Any]) -> StudioError:
    """Errors of an answer are the caller's: a prompt too long, no chat template."""
    return InvalidInput(
        words["message"], field=words.get("field"), remedy=words.get("remedy"), code=words["code"]
    )


def _listed(name: str, created: float, parent: str | None = None) -> dict[str, Any]:
    found = {"id": name, "object": "model", "created": int(created), "owned_by": "ftstudio"}
    return {**found, "root": parent or name, "parent": parent}
