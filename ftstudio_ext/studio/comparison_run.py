"""A comparison that is being answered: a task of its own, whose events anybody may follow."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from ftstudio_ext.core.errors import StudioError
from ftstudio_ext.schema.comparison_events import CompareError, ComparisonEnd, ComparisonOpened
from ftstudio_ext.schema.comparisons import (
    Answer,
    AnswerKey,
    AnswerMetrics,
    Comparison,
    ComparisonState,
)
from ftstudio_ext.schema.errors import ErrorInfo

from .comparison_plan import Plan, Round
from .inference import Inference

log = logging.getLogger(__name__)

Event = dict[str, Any]
_Key = tuple[int, int, int]
Save = Callable[[Comparison], Awaitable[bool]]


class ComparisonRun:
    """Starts at once. Events are kept for the one who follows; answers are gathered in
    `comparison`, which `save` gets at the end, however it ends."""

    def __init__(self, plan: Plan, inference: Inference, save: Save) -> None:
        self.comparison = plan.comparison
        self._plan, self._inference, self._save = plan, inference, save
        self._answers: dict[_Key, Answer] = {}
        self._events: asyncio.Queue[Event | None] = asyncio.Queue()
        self._began = time.monotonic()
        self._cancelled = False
        opened = ComparisonOpened(id=plan.comparison.id, comparison=plan.comparison)
        self._events.put_nowait(opened.model_dump(mode="json"))
        self._work = asyncio.get_running_loop().create_task(self._answer_all())
        self._end = asyncio.get_running_loop().create_task(self._finish())

    async def events(self) -> AsyncIterator[Event]:
        """All events in order, the last one `end`. For one reader."""
        while (event := await self._events.get()) is not None:
            yield event

    def waiting(self) -> list[Event]:
        """Events that are there already, without waiting for more."""
        found = []
        while not self._events.empty():
            event = self._events.get_nowait()
            if event is None:
                self._events.put_nowait(None)
                break
            found.append(event)
        return found

    def cancel(self) -> None:
        """Stop within a token; what is there is kept."""
        if not self._work.done():
            self._cancelled = True
            self._work.cancel()

    def so_far(self) -> Comparison:
        """The comparison with the answers that are there."""
        answers = [self._answers[key] for key in sorted(self._answers)]
        return self.comparison.model_copy(update={"answers": answers})

    async def done(self) -> Comparison:
        """The comparison with all its answers."""
        await asyncio.shield(self._end)
        return self.comparison

    # --- at work -------------------------------------------------------------------------------

    async def _answer_all(self) -> None:
        for one in self._plan.rounds:
            try:
                await self._inference.answer(
                    one.model, one.precision, one.adapters, one.work, self._take
                )
            except StudioError as error:
                self._fail(one, error.info())

    async def _finish(self) -> None:
        try:
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.wait([self._work])
                if not self._work.cancelled() and (error := self._work.exception()):
                    log.error("A comparison ended in an error", exc_info=error)
                    told = ErrorInfo(code="internal", message=f"{type(error).__name__}: {error}")
                    for one in self._plan.rounds:
                        self._fail(one, told)
            await self._close()
        finally:
            self._events.put_nowait(None)

    async def _close(self) -> None:
        self._complete_cancelled()
        found = self.comparison
        found.state, found.error = self._outcome()
        found.seconds = round(time.monotonic() - self._began, 3)
        found.answers = [self._answers[key] for key in sorted(self._answers)]
        saved = False
        try:
            saved = await self._save(found)
        except (StudioError, OSError) as error:
            told = error.info() if isinstance(error, StudioError) else _not_saved(error)
            self._events.put_nowait(CompareError(error=told).model_dump(mode="json"))
        end = ComparisonEnd(state=found.state, seconds=found.seconds, saved=saved)
        self._events.put_nowait(end.model_dump(mode="json"))

    def _outcome(self) -> tuple[ComparisonState, ErrorInfo | None]:
        if self._cancelled:
            return "cancelled", None
        errors = [answer.error for answer in self._answers.values() if answer.error]
        written = len(self._answers) - len(errors)
        return ("done" if written or not errors else "failed"), (errors[0] if errors else None)

    def _take(self, events: list[Event]) -> None:
        """Relay what the helper tells, and gather the answers from it."""
        if self._cancelled:
            return
        for event in events:
            if event["event"] != "notice":
                self._gather(event)
            self._events.put_nowait(event)

    def _gather(self, event: Event) -> None:
        key = _key(event["answer"])
        if event["event"] == "started":
            self._answers[key] = Answer(
                answer=AnswerKey.model_validate(event["answer"]),
                metrics=AnswerMetrics(stop_reason="cancelled"),
            )
        elif event["event"] == "token":
            answer = self._answers[key]
            answer.text += event["text"]
            answer.metrics.tokens, answer.metrics.seconds = event["tokens"], event["seconds"]
            if answer.metrics.first_token_s is None:
                answer.metrics.first_token_s = event["seconds"]
        else:
            self._answers[key] = Answer.model_validate(event)

    def _complete_cancelled(self) -> None:
        """Answers in the middle of their text are told as they stand."""
        if not self._cancelled:
            return
        for answer in self._answers.values():
            if answer.error is None and answer.metrics.stop_reason == "cancelled":
                done = {"event": "done", **answer.model_dump(mode="json", exclude={"error"})}
                self._events.put_nowait(done)

    def _fail(self, one: Round, error: ErrorInfo) -> None:
        """What this round has not answered carries its error."""
        for ask in one.work["asks"]:
            known = self._answers.get(_key(ask["answer"]))
            if known and (known.error or known.metrics.stop_reason != "cancelled"):
                continue
            answer = known or Answer(answer=AnswerKey.model_validate(ask["answer"]))
            answer.error = error
            answer.metrics.stop_reason = "error"
            self._answers[_key(ask["answer"])] = answer
            told = CompareError(error=error, answer=answer.answer)
            self._events.put_nowait(told.model_dump(mode="json"))


def _key(answer: dict[str, Any]) -> _Key:
    return answer["row"], answer["setting"], answer["column"]


def _not_saved(error: OSError) -> ErrorInfo:
    return ErrorInfo(
        code="not_written",
        message=f"The comparison could not be saved: {error.strerror or error}.",
        remedy="Free some space in the workspace, then ask again.",
    )
