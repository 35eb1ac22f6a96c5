"""Launchers start attempts and know what became of them. `LocalLauncher` is the default.

Standard library only: supervisors launch the next job with this too.
"""

from __future__ import annotations

import subprocess
import time
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from . import identity, locks, protocol

if TYPE_CHECKING:
    from ftstudio_ext.schema.status import Device

Verdict = Literal["alive", "orphaned", "gone", "unreachable", "requeued"]
"""alive: its supervisor lives. orphaned: the supervisor is gone, other processes of the attempt
live. gone: nothing lives. unreachable: it ran elsewhere, nothing can be said from here. requeued:
its engine has taken it back into its queue."""

SIGN_ON_S = 20.0
CANCEL_GRACE_S = 2.0
STILL_HEARD_OF_S = 120.0


class LaunchPostponed(Exception):
    """An engine does not answer now: the job stays in our queue, with these words as the reason."""


class LaunchFailed(Exception):
    """An attempt could not be started; the job ends as failed with these words."""

    def __init__(self, message: str, remedy: str, code: str = "launch_failed") -> None:
        super().__init__(message)
        self.error = {"code": code, "message": message, "remedy": remedy}


@dataclass(frozen=True)
class Launch:
    """Everything an attempt starts from. `lock` is the attempt's lock, already held."""

    workspace: Path
    run_dir: Path
    attempt: int
    token: str
    spec: dict[str, Any]
    env: dict[str, str] = field(repr=False)
    lock: locks.FileLock


class Launcher(ABC):
    """What a launcher has to offer. Methods may block; they are called under the queue lock."""

    engine: str | None = None
    """The name of an engine with a queue of its own: jobs go to it at submission."""

    local_slots: frozenset[str] = frozenset({"heavy", "light"})
    """The slots whose jobs wait in our queue and run on this machine, whatever the engine does."""

    @abstractmethod
    def submit(self, launch: Launch) -> None:
        """Start an attempt so that it outlives this process; raises LaunchFailed."""

    @abstractmethod
    def poll(self, run_dir: Path, attempt: dict[str, Any]) -> Verdict:
        """What is left of an attempt that has no final state yet."""

    @abstractmethod
    def cancel(self, run_dir: Path, attempt: dict[str, Any]) -> bool:
        """End at once whatever is left of an attempt; whether nothing is left."""

    @abstractmethod
    def resources(self) -> list[Device]:
        """The devices that jobs of this launcher can ask for."""

    def withdraw(self, run_dir: Path, attempt: int) -> bool:
        """Take an attempt out of the engine's queue; False when it has begun there."""
        return True

    def hold(self, run_dir: Path, attempt: int, hold: bool) -> bool:
        """Hold an attempt in the engine's queue, or release it; False when it has begun there."""
        return True


class LocalLauncher(Launcher):
    """Detached processes on this machine, one supervisor an attempt, in a session of its own."""

    def __init__(self, local_slots: frozenset[str] | None = None) -> None:
        self._children: list[subprocess.Popen[bytes]] = []
        if local_slots is not None:
            self.local_slots = local_slots

    def submit(self, launch: Launch) -> None:
        self._reap()
        child = self._start(launch)
        self._children.append(child)
        limit = time.monotonic() + SIGN_ON_S
        while time.monotonic() < limit and not self._signed_on(launch):
            if child.poll() is not None and not self._signed_on(launch):
                raise LaunchFailed(
                    f"{launch.spec['python']} could not start the job: "
                    f"{_last_line(launch.run_dir / 'log.txt')}",
                    "Choose a Python of version 3.11 or later that has the training stack.",
                )
            time.sleep(0.01)

    def _start(self, launch: Launch) -> subprocess.Popen[bytes]:
        python = str(launch.spec["python"])
        if launch.lock.fd is None:
            raise ValueError("the attempt's lock must be held")
        command = [python, "-P", "-m", "ftstudio_ext.jobs.supervisor", str(launch.run_dir)]
        command += [str(launch.attempt), str(launch.lock.fd)]
        try:
            with (launch.run_dir / "log.txt").open("ab") as log:
                return subprocess.Popen(
                    command,
                    cwd=launch.run_dir,
                    env=launch.env,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                    pass_fds=(launch.lock.fd,),
                )
        except (FileNotFoundError, PermissionError, OSError) as error:
            if Path(python).exists() and isinstance(error, FileNotFoundError):
                raise LaunchFailed(f"The run directory is gone: {launch.run_dir}", "") from error
            raise LaunchFailed(
                f"The interpreter {python} cannot be run: {error.strerror}.",
                "Set FineTuningStudio.python to one that is there, then run it again.",
            ) from error

    def _signed_on(self, launch: Launch) -> bool:
        path = protocol.attempt_file(launch.run_dir, launch.attempt)
        return bool((protocol.read_object(path) or {}).get("supervisor"))

    def _reap(self) -> None:
        """Collect supervisors that ended, so that none stays behind as a zombie."""
        self._children = [child for child in self._children if child.poll() is None]

    def poll(self, run_dir: Path, attempt: dict[str, Any]) -> Verdict:
        self._reap()
        if protocol.engine_file(run_dir, attempt["attempt"]).exists():
            return "unreachable"  # only its engine knows
        held = not locks.is_free(protocol.attempt_lock(run_dir, attempt["attempt"]))
        supervisor = attempt.get("supervisor")
        if supervisor is None:
            return "alive" if held else "gone"
        if identity.same_process_table(supervisor):
            if identity.alive(supervisor):
                return "alive"
            left = held or bool(identity.processes_with_token(attempt["token"]))
            return "orphaned" if left else "gone"
        if held:
            return "alive"
        if identity.same_kernel(supervisor):
            return "gone"
        same_host = supervisor.get("host") == identity.place()["host"]
        return "gone" if same_host and not _heard_of_lately(run_dir) else "unreachable"

    def cancel(self, run_dir: Path, attempt: dict[str, Any]) -> bool:
        return identity.end_processes(attempt["token"], CANCEL_GRACE_S)

    def resources(self) -> list[Device]:
        from .devices import devices

        return devices()


def _heard_of_lately(run_dir: Path) -> bool:
    """Whether the worker reported within two minutes: a machine that merely shares our name (a
    container on another node) may still run it, and a resume would make two of it."""
    try:
        age_s = time.time() - (run_dir / "progress.json").stat().st_mtime
    except OSError:
        return False
    return abs(age_s) < STILL_HEARD_OF_S


def _last_line(log: Path) -> str:
    try:
        lines = log.read_text(errors="replace").strip().splitlines()
    except OSError:
        return "it wrote no log"
    return lines[-1].strip()[:300] if lines else "it wrote no log"
