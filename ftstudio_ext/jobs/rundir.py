"""The run directory of one job, read through the vocabulary's models. Server and worker use it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ftstudio_ext.core.errors import NotFound
from ftstudio_ext.core.files import read_json
from ftstudio_ext.schema.jobs import (
    Attempt,
    Event,
    EventsPage,
    JobSpec,
    LogPage,
    Progress,
    StateFile,
    UserSettings,
)

from . import protocol

CHUNK_BYTES = 1024 * 1024
LOG_PAGE_BYTES = 512 * 1024
LONGEST_LINE_BYTES = 64 * 1024 * 1024


class RunDir:
    """Readers never block and never see half a file; absent parts are None or empty."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self.id = self.path.name

    @property
    def checkpoints_dir(self) -> Path:
        return self.path / "checkpoints"

    @property
    def result_dir(self) -> Path:
        return self.path / "result"

    def spec(self) -> JobSpec:
        try:
            return JobSpec.model_validate(read_json(self.path / "spec.json"))
        except FileNotFoundError:
            raise NotFound(f"There is no job {self.id!r}.") from None

    def user(self) -> UserSettings:
        record = protocol.read_object(self.path / "user.json")
        return UserSettings.model_validate(record or {"name": self.id})

    def state(self) -> StateFile:
        return StateFile.model_validate(protocol.read_state(self.path))

    def progress(self) -> Progress | None:
        record = protocol.read_object(self.path / "progress.json")
        return Progress.model_validate(record) if record else None

    def attempts(self) -> list[Attempt]:
        """All attempts, oldest first, each with what its worker has recorded of itself."""
        folder = self.path / "attempts"
        numbers = sorted(
            int(entry.stem) for entry in folder.glob("*.json") if entry.stem.isdecimal()
        )
        return [found for number in numbers if (found := self.attempt(number))]

    def attempt(self, number: int) -> Attempt | None:
        record = protocol.read_object(protocol.attempt_file(self.path, number))
        if record is None:
            return None
        said = protocol.read_object(protocol.worker_record_file(self.path, number))
        engine = protocol.read_object(protocol.engine_file(self.path, number)) or {}
        of_engine = {"engine": engine.get("engine"), "engine_job": engine.get("job_id")}
        return Attempt.model_validate(record | (said or {}) | of_engine)

    def events(self, after: int = 0, limit: int = 2000) -> EventsPage:
        """Whole events from byte `after` on; a line still being written waits for the next call.

        Lines that a crash tore are skipped: their bytes count, their content does not.
        """
        data, start, size = _whole_lines(self.path / "events.jsonl", after, limit)
        events: list[Event] = []
        position = start
        for line in data.splitlines(keepends=True):
            if len(events) == limit:
                break
            position += len(line)
            if event := _parse(line):
                events.append(event)
        complete = position == start + len(data)
        more = not complete or (bool(data) and position < size)
        return EventsPage(events=events, position=position, more=more)

    def log(self, after: int | None = None, tail: int | None = None) -> LogPage:
        """A piece of `log.txt`: from byte `after` on, or the last `tail` lines (default 200).

        A piece ends at the end of a line, a carriage return (progress bars) counting as one;
        it holds at most 512 KiB, so ask again with `after=position` until `position == size`.
        """
        try:
            with (self.path / "log.txt").open("rb") as file:
                size = os.fstat(file.fileno()).st_size
                if after is None:
                    return _tail(file, size, 200 if tail is None else tail)
                start = min(max(after, 0), size)
                file.seek(start)
                data = file.read(LOG_PAGE_BYTES)
        except FileNotFoundError:
            return LogPage(text="", position=0, size=0)
        end = max(data.rfind(b"\n"), data.rfind(b"\r")) + 1
        if end == 0 and len(data) == LOG_PAGE_BYTES:
            end = len(data)
        return LogPage(text=_text(data[:end]), position=start + end, size=size)


def _whole_lines(path: Path, after: int, limit: int) -> tuple[bytes, int, int]:
    """(whole lines from `after` on, where they start, size of the file)."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return b"", 0, 0
    with file:
        size = os.fstat(file.fileno()).st_size
        start = min(max(after, 0), size)
        if start:
            file.seek(start - 1)
            if file.read(1) != b"\n":  # not the start of a line: go to the next one
                start += len(file.readline())
        file.seek(start)
        data = file.read(CHUNK_BYTES)
        while b"\n" not in data and len(data) < LONGEST_LINE_BYTES:
            piece = file.read(CHUNK_BYTES)
            if not piece:
                break
            data += piece
    return data[: data.rfind(b"\n") + 1], start, size


def _parse(line: bytes) -> Event | None:
    try:
        return Event.model_validate_json(line)
    except (ValidationError, ValueError):
        return None


def _tail(file: Any, size: int, lines: int) -> LogPage:
    start = max(0, size - LOG_PAGE_BYTES)
    file.seek(start)
    data: bytes = file.read(size - start)
    wanted = data.splitlines(keepends=True)[-lines:] if lines > 0 else []
    return LogPage(text=_text(b"".join(wanted)), position=start + len(data), size=size)


def _text(data: bytes) -> str:
    return data.decode("utf-8", errors="replace")
