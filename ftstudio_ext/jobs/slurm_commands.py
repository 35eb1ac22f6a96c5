"""Slurm's commands: sbatch, squeue, scancel, scontrol, sinfo. Standard library only."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass

from .launchers import LaunchFailed, LaunchPostponed

COMMAND_TIMEOUT_S = 30.0
SNAPSHOT_S = 2.0
WAITING = frozenset({"PENDING", "REQUEUED", "REQUEUE_HOLD", "REQUEUE_FED", "SPECIAL_EXIT"})

_SILENT = re.compile(r"contact slurm controller|timed out|refused|resolve|backup controller", re.I)
_REASONS = {
    "Resources": "Waits in Slurm for free resources.",
    "Priority": "Waits in Slurm behind jobs of higher priority.",
    "None": "Waits in Slurm.",
    "JobHeldUser": "Held in Slurm.",
    "JobHeldAdmin": "Held in Slurm by an administrator.",
    "BeginTime": "Slurm starts it in a moment.",
    "PartitionTimeLimit": "It asks for more time than the partition allows, so Slurm never starts "
    "it: duplicate it with a shorter time.",
    "PartitionNodeLimit": "It asks for more nodes than the partition has, so Slurm never starts it.",
    "PartitionDown": "The partition is down.",
    "PartitionInactive": "The partition is not active.",
    "BadConstraints": "No node has what it asks for, so Slurm never starts it.",
    "Licenses": "Waits in Slurm for a licence.",
    "Reservation": "Waits in Slurm for its reservation.",
}


class SlurmSilent(Exception):
    """Slurm's controller does not answer, or its commands are not here."""


@dataclass(frozen=True)
class QueuedJob:
    """A line of squeue."""

    id: str
    state: str
    reason: str

    @property
    def waits(self) -> bool:
        return self.state in WAITING

    def waits_for(self) -> str | None:
        """Why it is not running, in words."""
        if not self.waits:
            return None
        reason = self.reason.strip("()").split(",")[0]
        if reason.startswith(("QOS", "Assoc")):
            return f"Waits in Slurm: a limit of your account is reached ({reason})."
        return _REASONS.get(reason) or f"Waits in Slurm ({reason})."


class Queue:
    """The jobs of this user in Slurm, by their comments; one look is good for two seconds."""

    def __init__(self) -> None:
        self._jobs: dict[str, QueuedJob] = {}
        self._looked = float("-inf")

    def find(self, comment: str, *, now: bool = False) -> QueuedJob | None:
        """The job with a comment. Raises SlurmSilent."""
        if now or time.monotonic() - self._looked > SNAPSHOT_S:
            self._jobs = self._read()
            self._looked = time.monotonic()
        return self._jobs.get(comment)

    def forget(self) -> None:
        """Look again the next time: something was submitted."""
        self._looked = float("-inf")

    def _read(self) -> dict[str, QueuedJob]:
        found = {}
        for line in ask("squeue", "--me", "--noheader", "--format=%i|%T|%r|%k").splitlines():
            id, state, reason, comment = line.split("|", 3)
            found[comment.strip()] = QueuedJob(id.strip(), state.strip(), reason.strip())
        return found


def ask(*command: str) -> str:
    """What a command of Slurm says. Raises SlurmSilent."""
    done = _run(command)
    if done.returncode:
        raise SlurmSilent(last_line(done.stderr) or f"{command[0]} failed")
    return done.stdout


def tell(*command: str) -> bool:
    """Have Slurm do something; whether it did. Raises SlurmSilent when nobody answers."""
    done = _run(command)
    if done.returncode and _SILENT.search(done.stderr):
        raise SlurmSilent(last_line(done.stderr))
    return done.returncode == 0


def sbatch(options: list[str], script: str, env: Mapping[str, str]) -> str:
    """Submit a script; returns Slurm's id. Raises LaunchFailed or LaunchPostponed."""
    try:
        done = _run(("sbatch", "--parsable", *options), script=script, env=env)
    except SlurmSilent as silence:
        raise LaunchPostponed(f"Slurm does not answer, so it waits here: {silence}.") from silence
    if done.returncode == 0:
        return last_line(done.stdout).split(";")[0]
    said = last_line(done.stderr).removeprefix("sbatch: error: ")
    if _SILENT.search(done.stderr):
        raise LaunchPostponed(f"Slurm does not answer, so it waits here: {said}.")
    raise LaunchFailed(
        f"Slurm refused it: {said}.",
        "Duplicate it with another partition, time, memory or other resources.",
        code="slurm_refused",
    )


def _run(
    command: tuple[str, ...], script: str | None = None, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            command,
            input=script,
            env=env,
            stdin=subprocess.DEVNULL if script is None else None,
            capture_output=True,
            text=True,
            timeout=COMMAND_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SlurmSilent(f"{command[0]} cannot be run: {error}") from error


def last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1].strip()[:300] if lines else ""
