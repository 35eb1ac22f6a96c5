"""One helper process that is up: the connection to it, and the calls it is working on."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ftstudio_ext.core.errors import (
    Conflict,
    Forbidden,
    InvalidInput,
    NotFound,
    StudioError,
    Unavailable,
)

from .outcome import signal_name

CANCEL_GRACE_S = 5.0
_KINDS = {kind.code: kind for kind in (InvalidInput, Forbidden, NotFound, Conflict, Unavailable)}

OnProgress = Callable[[dict[str, Any]], None]
log = logging.getLogger(__name__)


class _Call:
    def __init__(self, on_progress: OnProgress | None, grace_s: float | None = None) -> None:
        self.grace_s = grace_s
        self.answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.on_progress = on_progress


class Helper:
    """A helper process that is up, and the calls it is working on."""

    def __init__(
        self,
        name: str,
        process: asyncio.subprocess.Process,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        log: Path,
        idle_timeout_s: float,
    ) -> None:
        self.name, self.process, self.log = name, process, log
        self.usable = True
        self._reader, self._writer = reader, writer
        self._idle_timeout_s = idle_timeout_s
        self._calls: dict[int, _Call] = {}
        self._ids = itertools.count(1)
        self._idle: asyncio.TimerHandle | None = None
        self._rested_at = time.monotonic()
        self._tasks: set[asyncio.Task[None]] = set()
        self._spawn(self._read())

    @property
    def busy(self) -> bool:
        """Whether it works on a call."""
        return bool(self._calls)

    @property
    def idle_s(self) -> float:
        """Seconds since it last had something to do."""
        return 0.0 if self._calls else time.monotonic() - self._rested_at

    async def call(
        self,
        verb: str,
        params: dict[str, Any],
        timeout_s: float | None,
        progress: OnProgress | None,
        cancel_grace_s: float | None = None,
    ) -> Any:
        self.keep()
        id, call = next(self._ids), _Call(progress, cancel_grace_s)
        self._calls[id] = call
        try:
            self._send({"id": id, "verb": verb, "params": params})
            return await asyncio.wait_for(asyncio.shield(call.answer), timeout_s)
        except TimeoutError:
            self._abandon(id)
            raise Unavailable(
                f"The {self.name} helper took longer than {timeout_s:g} s for {verb!r}.",
                code="timeout",
                remedy="Try again, or with less at once.",
            ) from None
        except asyncio.CancelledError:
            self._abandon(id)
            raise
        finally:
            if call.answer.done():
                self._calls.pop(id, None)
            self._rest()

    def keep(self) -> None:
        """Not idle: somebody is about to call."""
        if self._idle:
            self._idle.cancel()
            self._idle = None

    async def end(self) -> None:
        """Hang up, which ends the process; kill it where it does not listen."""
        self.usable = False
        self.keep()
        self._writer.close()
        try:
            await asyncio.wait_for(self.process.wait(), CANCEL_GRACE_S)
        except TimeoutError:
            self._kill()
            await self.process.wait()

    def _rest(self) -> None:
        self.keep()
        if not self._calls and self.usable:
            self._rested_at = time.monotonic()
            loop = asyncio.get_running_loop()
            self._idle = loop.call_later(self._idle_timeout_s, self._fall_asleep)

    def _fall_asleep(self) -> None:
        self.usable = False
        self._spawn(self.end())

    def _abandon(self, id: int) -> None:
        """Cancel a call; a helper that does not heed it gets a successor, and ends when the
        other calls it works on are done."""
        self._send({"cancel": id})
        self._spawn(self._give_up(id))

    async def _give_up(self, id: int) -> None:
        call = self._calls.get(id)
        if call is None:
            return
        done, _ = await asyncio.wait([call.answer], timeout=call.grace_s or CANCEL_GRACE_S)
        self._calls.pop(id, None)
        if done:
            call.answer.exception()  # nobody else will look at it
            self._rest()
            return
        self.usable = False
        call.answer.cancel()
        if others := [other.answer for other in self._calls.values()]:
            await asyncio.wait(others)
        self._kill()

    def _kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()

    def _send(self, message: dict[str, Any]) -> None:
        with contextlib.suppress(OSError, RuntimeError):  # a closed connection is _read's matter
            self._writer.write(json.dumps(message).encode() + b"\n")

    async def _read(self) -> None:
        try:
            while line := await self._reader.readline():
                self._take(json.loads(line))
        except (OSError, ValueError) as error:
            log.warning("%s helper: %s", self.name, error)
        self.usable = False
        self.keep()
        self._writer.close()
        self._fail_all(await self._epitaph())

    def _take(self, message: dict[str, Any]) -> None:
        call = self._calls.get(message["id"])
        if call is None or call.answer.done():
            return
        if "progress" in message:
            if call.on_progress:
                call.on_progress(message["progress"])
        elif "error" in message:
            call.answer.set_exception(_error(message["error"]))
        else:
            call.answer.set_result(message["result"])

    async def _epitaph(self) -> Unavailable:
        code: int | None = None
        with contextlib.suppress(TimeoutError):
            code = await asyncio.wait_for(self.process.wait(), CANCEL_GRACE_S)
        if code is None:
            self._kill()
        name = signal_name(code) if code else None
        how = f" ({name})" if name else f": {last_line(self.log)}" if code else ""
        memory = " most likely because memory ran out" if name == "SIGKILL" else ""
        return Unavailable(
            f"The {self.name} helper ended in the middle of its work{how}{memory}.",
            remedy="Try again: it starts anew by itself.",
        )

    def _fail_all(self, error: Unavailable) -> None:
        for call in self._calls.values():
            if not call.answer.done():
                call.answer.set_exception(error)

    def _spawn(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _error(words: dict[str, Any]) -> StudioError:
    kind = _KINDS.get(str(words.get("kind")), StudioError)
    return kind(
        str(words.get("message")),
        field=words.get("field"),
        remedy=words.get("remedy"),
        code=words.get("code"),
    )


def last_line(log: Path) -> str:
    with contextlib.suppress(OSError):
        lines = log.read_text(errors="replace").strip().splitlines()
        if lines:
            return lines[-1].strip()[:400]
    return "it said nothing."
