"""Resident helpers, seen from the server: heavy imports stay out of it, and are paid once.

A helper is `python -m ftstudio_ext.workers.<name> <socket>`. It is started by the first call,
ends when it has been idle for a while or when this process ends, and is started again by the
next call after a crash. `helper_server` is its other half and describes the messages.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import itertools
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ftstudio_ext.core.errors import Unavailable

from . import environment
from .helper_link import Helper, OnProgress, last_line
from .outcome import missing_package
from .runtime import private, runtime_dir, sweep

__all__ = ["HelperHost", "runtime_dir"]

START_TIMEOUT_S = 60.0
LONGEST_LINE_BYTES = 256 * 1024 * 1024


class HelperHost:
    """Starts, calls and ends the helpers of one server. Belongs to one event loop.

    `env` is the helpers' whole environment; this process's own, without its secrets and what
    belongs to the server alone, where absent.
    """

    def __init__(
        self,
        runtime_dir: Path,
        python: str,
        pythonpath: str | Path,
        env: Mapping[str, str] | None = None,
        idle_timeout_s: float = 600.0,
        idle_timeouts_s: Mapping[str, float] | None = None,
    ) -> None:
        self.runtime_dir = Path(runtime_dir)
        self.python = python
        base = environment.clean(os.environ) | environment.secrets() if env is None else dict(env)
        self.env = {**base, "PYTHONPATH": str(pythonpath), "PYTHONUNBUFFERED": "1"}
        self.idle_timeout_s = idle_timeout_s
        self.idle_timeouts_s = dict(idle_timeouts_s or {})
        self._helpers: dict[str, Helper] = {}
        self._starting: dict[str, asyncio.Lock] = {}

    async def call(
        self,
        helper: str,
        verb: str,
        params: dict[str, Any],
        timeout_s: float | None = 60.0,
        on_progress: OnProgress | None = None,
        instance: str = "",
        cancel_grace_s: float | None = None,
    ) -> Any:
        """The verb's result. A helper may run several times over, once for each `instance`.
        Raises the StudioError that the verb raised, or Unavailable when
        the helper cannot start, crashes, or takes longer than `timeout_s` (None: no limit).
        Cancelling the awaiting task cancels the verb; a helper that does not heed this within
        `cancel_grace_s` is given up."""
        resident = await self._resident(helper, instance)
        return await resident.call(verb, params, timeout_s, on_progress, cancel_grace_s)

    async def close(self) -> None:
        """End all helpers."""
        helpers = list(self._helpers.values())
        self._helpers.clear()
        await asyncio.gather(*(helper.end() for helper in helpers))

    def pid(self, helper: str, instance: str = "") -> int | None:
        """The process of a helper that is up now."""
        resident = self.up(helper, instance)
        return resident.process.pid if resident else None

    def up(self, helper: str, instance: str = "") -> Helper | None:
        """The helper, when it is up now; asking does not keep it from falling asleep."""
        resident = self._helpers.get(_key(helper, instance))
        return resident if resident and resident.usable else None

    async def end(self, helper: str, instance: str = "") -> bool:
        """End a helper, also one that is just starting; calls that it works on fail. False when
        it was not up."""
        key = _key(helper, instance)
        async with self._starting.setdefault(key, asyncio.Lock()):
            resident = self._helpers.pop(key, None)
        if resident is None or not resident.usable:
            return False
        await resident.end()
        return True

    def idle_timeout_of(self, helper: str) -> float:
        """Seconds without a call after which a helper ends."""
        return self.idle_timeouts_s.get(helper, self.idle_timeout_s)

    async def _resident(self, name: str, instance: str) -> Helper:
        key = _key(name, instance)
        async with self._starting.setdefault(key, asyncio.Lock()):
            resident = self._helpers.get(key)
            if resident is None or not resident.usable:
                resident = await _start(self, name, instance)
                self._helpers[key] = resident
            resident.keep()
            return resident


def _key(helper: str, instance: str) -> str:
    return f"{helper} {instance}" if instance else helper


_numbers = itertools.count(1)


async def _start(host: HelperHost, name: str, instance: str) -> Helper:
    private(host.runtime_dir)
    sweep(host.runtime_dir)
    path = host.runtime_dir / f"{name}-{os.getpid()}-{next(_numbers)}.sock"
    which = f"-{hashlib.sha256(instance.encode()).hexdigest()[:8]}" if instance else ""
    log = host.runtime_dir / f"{name}-{os.getpid()}{which}.log"
    module = name if "." in name else f"ftstudio_ext.workers.{name}"
    try:
        with log.open("wb") as output:
            process = await asyncio.create_subprocess_exec(
                *(host.python, "-P", "-m", module, str(path)),
                cwd=host.runtime_dir,
                env=host.env,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
    except OSError as error:
        raise Unavailable(
            f"The {name} helper cannot be started: {host.python}: {error.strerror}.",
            remedy="Choose another Python for the job, or set FineTuningStudio.python.",
        ) from error
    try:
        reader, writer = await asyncio.wait_for(_connect(path, process), START_TIMEOUT_S)
    except BaseException as error:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        if isinstance(error, OSError | TimeoutError):
            raise _not_started(name, host.python, log) from error
        raise
    return Helper(name, process, reader, writer, log, host.idle_timeout_of(name))


async def _connect(
    path: Path, process: asyncio.subprocess.Process
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    while True:
        with contextlib.suppress(FileNotFoundError, ConnectionRefusedError):
            return await asyncio.open_unix_connection(str(path), limit=LONGEST_LINE_BYTES)
        if process.returncode is not None:
            raise OSError("it ended")
        await asyncio.sleep(0.02)


def _not_started(name: str, python: str, log: Path) -> Unavailable:
    last = last_line(log)
    missing = missing_package(last, python)
    remedy = missing["remedy"] if missing else f"Its log is {log}."
    return Unavailable(f"The {name} helper did not start: {last}", remedy=remedy)
