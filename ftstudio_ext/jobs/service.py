"""Everything that can be done to jobs, as the server does it. All methods may block."""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from ftstudio_ext.core.errors import Conflict, Forbidden, InvalidInput, NotFound, Unavailable
from ftstudio_ext.core.files import fsync_dir, write_json_atomic
from ftstudio_ext.schema.common import Page, now
from ftstudio_ext.schema.jobs import (
    EventsPage,
    Job,
    JobDetail,
    JobPatch,
    JobSpec,
    LogPage,
    StateFile,
    UserSettings,
)

from . import checkpoints, engines, environment, listing, protocol, queue, recovery
from .launchers import Launcher, LocalLauncher
from .locks import LockTimeout, LockUnsupported
from .rundir import RunDir
from .workercopy import sweep_copies

STOP_NOTICE_S = 1.0
STALE_HEARTBEAT_S = 120.0
Ids = list[str]


def job_id_for(request_id: str) -> str:
    """The id of the job that a request makes, however often it is sent."""
    return "job-" + hashlib.sha256(request_id.encode()).hexdigest()[:16]


class JobService:
    """The jobs of one workspace. `environ` is recorded as the base of all jobs' environments,
    `auto_resume` as the rule for jobs whose processes vanish; both hold for supervisors too."""

    def __init__(
        self,
        workspace: Path,
        launcher: Launcher | None = None,
        environ: Mapping[str, str] | None = None,
        auto_resume: bool = True,
    ) -> None:
        self.workspace = Path(workspace).absolute()
        self.launcher = launcher or LocalLauncher()
        self._listing = listing.Listing(self.workspace)
        protocol.jobs_dir(self.workspace).mkdir(parents=True, exist_ok=True)
        environment.record_base(self.workspace, os.environ if environ is None else environ)
        slots = self.launcher.local_slots
        recovery.record_rules(self.workspace, auto_resume=auto_resume, local_slots=slots)
        sweep_copies(self.workspace)

    # -- looking ---------------------------------------------------------------------------------

    def list(
        self,
        type: str | None = None,
        state: str | None = None,
        q: str | None = None,
        limit: int = 50,
        offset: int = 0,
    ) -> Page[Job]:
        """Newest first; `type` and `state` may name several, separated by commas."""
        jobs = self._listing.all()
        return listing.page(jobs, type=type, state=state, q=q, limit=limit, offset=offset)

    def get(self, id: str) -> JobDetail:
        """A job by id, or by name when only one job has it."""
        detail = self._listing.detail(self.run_dir(id).path)
        if detail is None:
            raise NotFound(f"There is no job {id!r}.")
        return detail

    def run_dir(self, id: str) -> RunDir:
        """The run directory of a job; raises NotFound."""
        if protocol.JOB_ID.match(id):
            path = protocol.jobs_dir(self.workspace) / id
            if (path / "spec.json").is_file():
                return RunDir(path)
        named = [job for job in self._listing.all() if job.name == id]
        if len(named) > 1:
            raise Conflict(f"{len(named)} jobs are named {id!r}.", remedy="Use the job's id.")
        if not named:
            raise NotFound(f"There is no job {id!r}.")
        return RunDir(named[0].run_dir)

    def events(self, id: str, after: int = 0, limit: int = 2000) -> EventsPage:
        return self.run_dir(id).events(after, limit)

    def log(self, id: str, after: int | None = None, tail: int | None = None) -> LogPage:
        return self.run_dir(id).log(after, tail)

    def active(self) -> int:
        """How many jobs are starting, running or stopping."""
        return sum(job.state in protocol.ACTIVE for job in self._listing.all())

    # -- submitting ------------------------------------------------------------------------------

    def submit(self, spec: JobSpec, hold: bool = False) -> Job:
        """Make a job and start it when its slot is free. The same `request_id` makes it once."""
        target = protocol.jobs_dir(self.workspace) / job_id_for(spec.request_id)
        if not (target / "spec.json").exists():
            with _file_errors():
                self._commit(spec.model_copy(update={"id": target.name}), target, hold)
            self.schedule()
        return self._job(target)

    def _commit(self, spec: JobSpec, target: Path, hold: bool) -> None:
        """Write a complete folder beside the others, then rename it: the job exists or not."""
        staging = target.parent / f".staging-{target.name}-{secrets.token_hex(4)}"
        moment = now()
        state = StateFile(state="held" if hold else "queued", created_at=moment, queued_at=moment)
        try:
            staging.mkdir(mode=0o700, parents=True)  # its rows and answers are its owner's alone
            for name in ("attempts", "control", "checkpoints", "result"):
                (staging / name).mkdir(parents=True)
            write_json_atomic(staging / "spec.json", spec)
            write_json_atomic(staging / "user.json", UserSettings(name=spec.name, hold=hold))
            write_json_atomic(staging / "state.json", state)
            (staging / "log.txt").touch()
            protocol.make_reserve(staging)
            staging.rename(target)
            fsync_dir(target.parent)
        except OSError:
            if not (target / "spec.json").exists():  # otherwise the same request was quicker
                raise
        finally:
            shutil.rmtree(staging, ignore_errors=True)

    # -- changing --------------------------------------------------------------------------------

    def patch(self, id: str, patch: JobPatch) -> Job:
        """Rename, hold or release, or move in the queue."""
        run = self.run_dir(id)
        with self._locked():
            state, user = run.state(), run.user()
            changes = patch.model_dump(exclude_none=True)
            if patch.hold and state.state not in protocol.WAITING:
                raise Conflict(
                    f"The job is {state.state}; only a waiting job can be held.",
                    field="hold",
                    remedy="Stop it instead; it can be resumed later.",
                )
            if patch.hold is not None and state.state in protocol.WAITING and state.engine:
                engines.hold(run.path, state.attempt, self.launcher, patch.hold)
            write_json_atomic(run.path / "user.json", user.model_copy(update=changes))
            if patch.hold is True and state.state == "queued":
                protocol.write_state(run.path, state="held", reason="Held on request.")
            elif patch.hold is False and state.state == "held":
                protocol.write_state(run.path, state="queued", reason=None)
        self.schedule()
        return self._job(run.path)

    def stop(self, id: str, save: bool = True) -> Job:
        """Ask a job to stop, with a checkpoint or at once. Asking again changes nothing, except
        that `save=False` hastens an earlier `save=True`; a finished job stays as it is."""
        run = self.run_dir(id)
        with self._locked():
            if run.state().state in protocol.ACTIVE:
                recovery.settle(run.path, self.launcher)
            state = run.state()
            if state.state in protocol.WAITING and engines.withdrawn(run.path, self.launcher):
                self._stop_waiting(run, state)
            elif state.state not in protocol.FINAL and not self._give_up(run, state):
                verb = protocol.STOP_AND_SAVE if save else protocol.STOP
                control = protocol.control_file(run.path, state.attempt, verb)
                control.parent.mkdir(exist_ok=True)
                control.touch()
        self._wait_for_notice(run)
        return self._job(run.path)

    def _stop_waiting(self, run: RunDir, state: StateFile) -> None:
        reason = "Stopped before it started." if state.attempt == 0 else "Stopped while waiting."
        protocol.write_state(
            run.path, state="stopped", reason=reason, finished_at=protocol.now_text()
        )

    def _give_up(self, run: RunDir, state: StateFile) -> bool:
        """A job of another machine that gives no sign of life is lost when somebody says so."""
        reason = listing.unreachable(run.path, state.attempt)
        beat = listing.heartbeat(run.path) or state.started_at or state.created_at
        if reason is None or (datetime.now(UTC) - beat).total_seconds() < STALE_HEARTBEAT_S:
            return False
        recovery.declare_lost(run.path, state.attempt, reason)
        return True

    def _wait_for_notice(self, run: RunDir) -> None:
        """Answer with what the stop has led to, where that takes less than a second."""
        limit = time.monotonic() + STOP_NOTICE_S
        while run.state().state in ("starting", "running") and time.monotonic() < limit:
            time.sleep(0.02)

    def resume(self, id: str) -> Job:
        """Queue another attempt, which goes on from the newest checkpoint whose seal holds."""
        run = self.run_dir(id)
        with self._locked():
            state = run.state()
            if state.state in protocol.ACTIVE and recovery.settle(run.path, self.launcher):
                state = run.state()
            if state.state not in ("failed", "stopped", "lost"):
                raise Conflict(
                    f"The job is {state.state}; only a failed, stopped or lost job is resumed.",
                    remedy="Duplicate it to run it again from the start.",
                )
            protocol.make_reserve(run.path)
            step = checkpoints.newest_sealed_step(run.checkpoints_dir)
            reason = f"Resumes from step {step}." if step else "Starts over: no whole checkpoint."
            write_json_atomic(run.path / "user.json", run.user().model_copy(update={"hold": False}))
            protocol.write_state(
                run.path,
                state="queued",
                reason=reason,
                error=None,
                finished_at=None,
                queued_at=protocol.now_text(),
                engine=None,
                automatic_resumes=0,
            )
        self.schedule()
        return self._job(run.path)

    def delete(self, id: str) -> None:
        """Remove a job's run directory; what it has made elsewhere (an adapter) stays."""
        run = self.run_dir(id)
        with self._locked():
            if run.state().state in protocol.ACTIVE:
                recovery.settle(run.path, self.launcher)
            if (state := run.state().state) in protocol.ACTIVE:
                raise Conflict(f"The job is {state}.", remedy="Stop it first, then delete it.")
            if state in protocol.WAITING and not engines.withdrawn(run.path, self.launcher):
                raise Conflict("The job has just started.", remedy="Stop it first, then delete it.")
            trash = run.path.parent / f".trash-{run.id}-{secrets.token_hex(4)}"
            run.path.rename(trash)
        shutil.rmtree(trash, ignore_errors=True)

    # -- the queue -------------------------------------------------------------------------------

    def reconcile(self) -> Ids:
        """Give jobs that ended without a word their true state, and start what waited for their
        slots; returns the ids that changed. For the start of a server and every few seconds."""
        with self._locked():
            changed = queue.reconcile(self.workspace, self.launcher)
            queue.start_waiting(self.workspace, self.launcher)
            return changed

    def schedule(self) -> Ids:
        """Reconcile and start whatever has a free slot; returns the ids of the jobs started."""
        with _file_errors():
            return queue.step(self.workspace, self.launcher)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with _file_errors(), queue.queue_lock(self.workspace):
            yield

    def _job(self, path: Path) -> Job:
        job = next((job for job in self._listing.all() if job.run_dir == str(path)), None)
        if job is None:
            raise NotFound(f"There is no job {path.name!r}.")
        return job


@contextmanager
def _file_errors() -> Iterator[None]:
    """What the file system refuses, in words."""
    try:
        yield
    except LockUnsupported as error:
        raise InvalidInput(
            "The workspace is on a file system without locks, so no job can run in it.",
            field="workspace_dir",
            remedy="Choose a workspace on a local disk.",
        ) from error
    except LockTimeout as error:
        raise Unavailable(
            "The queue is busy in another process.", remedy="Try again in a minute."
        ) from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise Unavailable(
                "The disk of the workspace is full.",
                code="disk_full",
                remedy="Free some space, then try again.",
            ) from error
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise Forbidden(
                f"The workspace cannot be written: {error.strerror} ({error.filename}).",
                remedy="Check the rights of the workspace folder.",
            ) from error
        raise
