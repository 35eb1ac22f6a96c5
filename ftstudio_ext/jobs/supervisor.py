"""The supervisor of one attempt: `python -m ftstudio_ext.jobs.supervisor <run dir> <n> <fd>`.

It lives in a session of its own and holds the attempt's lock; it starts the worker, passes on
requests to stop, waits, writes down how it ended, and starts whatever is next in the queue.
While it lives nobody else writes `state.json`. Standard library only.
"""

from __future__ import annotations

import contextlib
import errno
import os
import select
import signal
import subprocess
import sys
import time
import traceback
from pathlib import Path
from typing import Any

from ftstudio_ext.core.files import sweep_temporary

from . import identity, protocol, queue, recovery
from .launchers import LocalLauncher
from .locks import FileLock
from .outcome import disk_full, is_disk_full, outcome, signal_name

WATCH_INTERVAL_S = 0.2
STOP_GRACE_S = 5.0
FINAL_WRITE_TRIES = 30
QUEUE_TIMEOUT_S = 600.0
WORKER_OOM_SCORE = "500"
"""When memory runs out the kernel shall take the worker, not a server or its supervisor."""


class Supervisor:
    def __init__(self, run_dir: Path, attempt: int, lock_fd: int) -> None:
        self.run_dir = run_dir
        self.attempt = attempt
        self.lock_fd = lock_fd
        self.token = os.environ.get(protocol.TOKEN_VARIABLE, "")
        self.spec = protocol.read_object(run_dir / "spec.json") or {}
        self.worker: subprocess.Popen[bytes] | None = None
        self.asked: str | None = None
        self.signalled: str | None = None

    def sign_on(self) -> bool:
        """Record who we are; False when this attempt is no longer the current one."""
        state = protocol.read_state(self.run_dir)
        path = protocol.attempt_file(self.run_dir, self.attempt)
        record = protocol.read_object(path) or {}
        current = state["state"] in protocol.ACTIVE and state["attempt"] == self.attempt
        if not current or not self.token or record.get("token") != self.token:
            return False
        if self.lock_fd < 0 and not self._take_lock():
            return False
        protocol.make_reserve(self.run_dir)
        sweep_temporary(self.run_dir)
        me = identity.identify(os.getpid())
        protocol.update_attempt(self.run_dir, self.attempt, supervisor=me)
        print(f"--- attempt {self.attempt}, {protocol.now_text()}", flush=True)
        return True

    def _take_lock(self) -> bool:
        """An engine that starts us elsewhere cannot hand over a descriptor."""
        lock = FileLock(protocol.attempt_lock(self.run_dir, self.attempt))
        taken = lock.try_acquire()
        self.lock_fd = -1 if lock.fd is None else lock.fd
        return taken

    def on_signal(self, number: int, frame: Any) -> None:
        """A machine that shuts down, or an engine at its time limit: save what there is."""
        self.signalled = signal.Signals(number).name

    def attend(self) -> dict[str, Any]:
        """From the worker's start to its end; returns {state, reason, error}."""
        if self._request():
            return _stopped("Stopped before it began.")
        try:
            self.worker = self._start_worker()
        except OSError as error:
            return _failed(f"The worker could not be started: {error}.", "Check the interpreter.")
        self._note_worker(self.worker.pid)
        exit_code = self._watch(self.worker)
        identity.end_processes(self.token, grace_s=1.0)  # what the worker may have left behind
        self._note_exit(exit_code)
        return self._judge(exit_code)

    def _start_worker(self) -> subprocess.Popen[bytes]:
        command = [self.spec["python"], "-P", "-m", self.spec["module"]]
        return subprocess.Popen(
            [*command, str(self.run_dir), str(self.attempt)],
            cwd=self.run_dir,
            stdin=subprocess.DEVNULL,
            process_group=0,
            pass_fds=(self.lock_fd,),
        )

    def _note_worker(self, pid: int) -> None:
        with contextlib.suppress(OSError):
            (identity.PROC / str(pid) / "oom_score_adj").write_text(WORKER_OOM_SCORE)
        worker = identity.identify(pid)
        with contextlib.suppress(OSError):
            protocol.update_attempt(self.run_dir, self.attempt, worker=worker)
            protocol.write_state(self.run_dir, state="running")

    def _watch(self, worker: subprocess.Popen[bytes]) -> int:
        with _ended(worker.pid) as wait:
            while worker.poll() is None:
                wait(WATCH_INTERVAL_S)
                self._heed(worker)
        return worker.returncode

    def _heed(self, worker: subprocess.Popen[bytes]) -> None:
        """Act on a new request: a worker saves by itself, but is ended from here."""
        if not self.run_dir.exists():  # somebody removed the folder: nothing can be kept
            self._end(worker)
            return
        request = self._request()
        if request == self.asked or request is None:
            return
        self.asked = request
        if request == protocol.STOP:
            self._note_stopping("Ending its processes.")
            self._end(worker)
        else:
            self._note_stopping("Saving a checkpoint, then stopping.")

    def _request(self) -> str | None:
        if self.signalled and self.asked is None:
            path = protocol.control_file(self.run_dir, self.attempt, protocol.STOP_AND_SAVE)
            with contextlib.suppress(OSError):
                path.parent.mkdir(exist_ok=True)
                path.write_text(self.signalled)  # people's requests are empty files
        for verb in (protocol.STOP, protocol.STOP_AND_SAVE):
            if protocol.control_file(self.run_dir, self.attempt, verb).exists():
                return verb
        return None

    def _note_stopping(self, reason: str) -> None:
        with contextlib.suppress(OSError):
            protocol.write_state(self.run_dir, state="stopping", reason=reason)

    def _end(self, worker: subprocess.Popen[bytes]) -> None:
        """SIGTERM to the worker's group, a grace, then SIGKILL; its other descendants follow."""
        for number, seconds in ((signal.SIGTERM, STOP_GRACE_S), (signal.SIGKILL, 10.0)):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(worker.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                worker.wait(seconds)
                return

    def _note_exit(self, exit_code: int) -> None:
        name = signal_name(exit_code)
        with contextlib.suppress(OSError):
            protocol.update_attempt(
                self.run_dir,
                self.attempt,
                exit_code=None if name else exit_code,
                signal=name,
            )

    def _judge(self, exit_code: int) -> dict[str, Any]:
        found = outcome(
            exit_code,
            stop=self._request(),
            error=protocol.read_object(protocol.error_file(self.run_dir, self.attempt)),
            log=self.run_dir / "log.txt",
            python=str(self.spec.get("python")),
        )
        if self.signalled and (found["state"] == "stopped" or signal_name(exit_code) == "SIGTERM"):
            found = _stopped(f"Stopped because the system asked for it ({self.signalled}).")
        return found

    def sign_off(self, found: dict[str, Any]) -> None:
        """The last word on this attempt, then let go of its lock.

        The attempt's own file comes first: whoever finds us killed in between ends the job as
        it says.
        """
        finished = protocol.now_text()
        verdict = {"outcome": found["state"], "reason": found["reason"], "error": found["error"]}
        for _ in range(FINAL_WRITE_TRIES):
            try:
                protocol.update_attempt(self.run_dir, self.attempt, **verdict, finished_at=finished)
                protocol.write_state(self.run_dir, **found, finished_at=finished)
                protocol.drop_reserve(self.run_dir)
                break
            except OSError as error:
                print(f"cannot write the final state: {error}", file=sys.stderr, flush=True)
                if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                    break
                time.sleep(2)
        with contextlib.suppress(OSError):
            os.close(self.lock_fd)


class _ended:
    """Sleep until a child ends or the time is over: by pidfd where there is one."""

    def __init__(self, pid: int) -> None:
        self._fd: int | None = None
        with contextlib.suppress(OSError, AttributeError):
            self._fd = os.pidfd_open(pid)

    def __enter__(self) -> Any:
        return self._wait

    def _wait(self, seconds: float) -> None:
        if self._fd is None:
            time.sleep(min(seconds, 0.05))
        else:
            select.select([self._fd], [], [], seconds)

    def __exit__(self, *reason: object) -> None:
        if self._fd is not None:
            os.close(self._fd)


def _stopped(reason: str) -> dict[str, Any]:
    return {"state": "stopped", "reason": reason, "error": None}


def _failed(message: str, remedy: str) -> dict[str, Any]:
    error = {"code": "supervisor_error", "message": message, "remedy": remedy}
    return {"state": "failed", "reason": message, "error": error}


def run(supervisor: Supervisor) -> bool:
    """One attempt, from its beginning to the last word on it; False when it is not wanted."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, supervisor.on_signal)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    if not supervisor.sign_on():
        return False
    try:
        found = supervisor.attend()
    except Exception as error:
        traceback.print_exc()
        if is_disk_full(error, supervisor.run_dir):
            full = disk_full(supervisor.run_dir)
            found = {"state": "failed", "reason": full["message"], "error": full}
        else:
            found = _failed(f"The supervisor failed: {error!r}.", "The log has the traceback.")
        identity.end_processes(supervisor.token, grace_s=STOP_GRACE_S)
    supervisor.sign_off(found)
    return True


def main() -> int:
    run_dir, attempt, lock_fd = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    if not run(Supervisor(run_dir, attempt, lock_fd)):
        return 0
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    workspace = run_dir.parent.parent
    if protocol.jobs_dir(workspace).is_dir():
        launcher = LocalLauncher(recovery.local_slots(workspace))
        queue.step(workspace, launcher, timeout_s=QUEUE_TIMEOUT_S)
    return 0


if __name__ == "__main__":
    sys.exit(main())
