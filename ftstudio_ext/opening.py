"""Opens the studio when it is first needed, keeps one watch over its jobs, closes both."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ftstudio_ext.core.threads import in_thread
from ftstudio_ext.studio.settings import Settings

if TYPE_CHECKING:  # imported when the studio opens, so that the server starts without them
    from ftstudio_ext.jobs.launchers import Launcher
    from ftstudio_ext.schema.jobs import JobHint
    from ftstudio_ext.studio.studio import Studio
    from ftstudio_ext.studio.watch import Watch

log = logging.getLogger(__name__)


@dataclass
class Opening:
    """A Jupyter server starts no slower for a studio that nobody uses, and makes no folder."""

    settings: Settings
    launcher_class: type[Launcher]
    helper_idle_timeout_s: float
    reconcile_interval_s: float
    auto_resume: bool
    on_hint: Callable[[JobHint], None]
    on_look: Callable[[int], None]
    inference_idle_timeout_s: float = 900
    launcher_options: dict[str, Any] = field(default_factory=dict)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _studio: Studio | None = None
    _watch: Watch | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _closed: bool = False

    @property
    def active_jobs(self) -> int:
        """Jobs at work or next in the queue, as of the last look."""
        return self._watch.busy if self._watch else 0

    async def studio(self) -> Studio:
        """The open studio. Raises Unavailable when its workspace cannot be used."""
        if self._studio is None:
            async with self._lock:
                if self._studio is None:
                    loop = asyncio.get_running_loop()
                    self._studio = await in_thread(self._open, loop)
                    self._start_watch(self._studio)
        elif not await in_thread(self.settings.workspace.is_dir):
            raise self._gone()
        return self._studio

    def _gone(self) -> Exception:
        from ftstudio_ext.core.errors import Unavailable

        return Unavailable(
            f"The workspace {self.settings.workspace} is gone.",
            code="no_workspace",
            remedy="Put the folder back (perhaps a disk is not mounted), or restart the server "
            "to begin with an empty one.",
        )

    def reopen_in_background(self) -> None:
        """Open a workspace that is there already, since jobs may run in it."""
        if (self.settings.workspace / "jobs").is_dir():
            self._spawn(self._reopen())

    async def close(self) -> None:
        """End the watch and the helper processes. Jobs go on."""
        self._closed = True
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._studio:
            await self._studio.helpers.close()

    def _start_watch(self, studio: Studio) -> None:
        from ftstudio_ext.studio.watch import Watch

        self._watch = Watch(studio, self.reconcile_interval_s, on_look=self.on_look)
        self._spawn(self._watch.run())

    async def _reopen(self) -> None:
        """Try until it works: what cannot be used now (a full disk) may be usable in a minute,
        and jobs wait for it."""
        from ftstudio_ext.core.errors import Unavailable

        said = None
        while self._studio is None:
            try:
                await self.studio()
            except Unavailable as error:
                if error.message != said:
                    said = error.message
                    log.warning("Fine-tuning Studio: %s %s", error.message, error.remedy or "")
                await asyncio.sleep(self.reconcile_interval_s)

    def _spawn(self, work) -> None:  # type: ignore[no-untyped-def]
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _open(self, loop: asyncio.AbstractEventLoop) -> Studio:
        from ftstudio_ext.core.errors import Unavailable

        workspace = self.settings.workspace
        try:
            workspace.mkdir(parents=True, exist_ok=True)
            return self._build(loop)
        except OSError as error:
            raise Unavailable(
                f"The workspace {workspace} cannot be used: {error.strerror or error}.",
                code="no_workspace",
                remedy="Have the setting FineTuningStudio.workspace_dir name a folder that this "
                "server may write to.",
            ) from error

    def _build(self, loop: asyncio.AbstractEventLoop) -> Studio:
        from ftstudio_ext.jobs import environment
        from ftstudio_ext.jobs.helpers import HelperHost, runtime_dir
        from ftstudio_ext.jobs.interpreter import ensure_worker_copy
        from ftstudio_ext.jobs.service import JobService
        from ftstudio_ext.studio.studio import Studio

        launcher = self._launcher()
        job_service = JobService(self.settings.workspace, launcher, auto_resume=self.auto_resume)
        helpers = HelperHost(
            runtime_dir=runtime_dir(self.settings.workspace),
            python=self.settings.python,
            pythonpath=str(ensure_worker_copy(self.settings.workspace)),
            env=environment.clean(os.environ) | environment.secrets() | self.settings.worker_env,
            idle_timeout_s=self.helper_idle_timeout_s,
            idle_timeouts_s={"inference": self.inference_idle_timeout_s},
        )

        def post(hint: JobHint) -> None:
            if not self._closed:
                loop.call_soon_threadsafe(self._posted, hint)

        return Studio(
            self.settings,
            launcher=launcher,
            job_service=job_service,
            helpers=helpers,
            on_hint=post,
        )

    def _launcher(self) -> Launcher:
        from ftstudio_ext.core.errors import Unavailable

        try:
            return self.launcher_class(**self.launcher_options)
        except (TypeError, ValueError) as error:
            raise Unavailable(
                f"{self.launcher_class.__name__} cannot be used with these options: {error}",
                code="wrong_launcher_options",
                remedy="Correct the setting FineTuningStudio.launcher_options.",
            ) from error

    def _posted(self, hint: JobHint) -> None:
        if self._watch and hint.kind in ("submitted", "changed"):
            self._watch.wake()
        with contextlib.suppress(RuntimeError):  # the event logger is closed at shutdown
            self.on_hint(hint)
