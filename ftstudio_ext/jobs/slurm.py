"""Slurm as the launcher of heavy jobs: the same run directory and worker, through `sbatch`.

Slurm's word is taken for pending, running and vanished only; how an attempt ended stands in its
run directory. Light jobs (imports, profiles) run on the server's machine as ever, since compute
nodes often have no way to the hub. The workspace must lie on a file system, with locks, that
server and nodes share. Standard library only.
"""

from __future__ import annotations

import hashlib
import shlex
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ftstudio_ext.core.errors import Unavailable

from . import engines, protocol
from .launchers import Launch, Launcher, LaunchPostponed, LocalLauncher, Verdict
from .slurm_commands import Queue, QueuedJob, SlurmSilent, ask, sbatch, tell

if TYPE_CHECKING:
    from ftstudio_ext.schema.status import Device

ENGINE = "slurm"
WITHDRAW_S = 5.0
RESOURCES_S = 30.0
OPTIONS = {
    "partition": "--partition={}",
    "gres": "--gres={}",
    "time_minutes": "--time={}",
    "memory_mb": "--mem={}M",
    "cpus": "--cpus-per-task={}",
    "nodes": "--nodes={}",
}


class SlurmLauncher(Launcher):
    """`defaults` are SlurmResources as a dictionary, for jobs that do not say; `arguments` more
    options of sbatch, such as `--account=…`; `save_before_s` how long before its time limit a job
    is told to save; `gpu_memory_gb` what a GPU of the cluster has, which Slurm cannot tell."""

    engine = ENGINE
    local_slots = frozenset({"light"})

    def __init__(
        self,
        defaults: dict[str, Any] | None = None,
        arguments: Sequence[str] = (),
        save_before_s: int = 300,
        gpu_memory_gb: float | None = None,
        vanished_after_s: float = 10.0,
    ) -> None:
        self._defaults = _checked(defaults or {})
        self._arguments = list(arguments)
        self._save_before_s = save_before_s
        self._gpu_memory_gb = gpu_memory_gb
        self._vanished_after_s = vanished_after_s
        self._local = LocalLauncher(self.local_slots)
        self._queue = Queue()
        self._missing: dict[str, float] = {}
        self._devices: tuple[float, list[Device]] | None = None

    # --- attempts --------------------------------------------------------------------------

    def submit(self, launch: Launch) -> None:
        if launch.spec.get("slot") in self.local_slots:
            self._local.submit(launch)
            return
        job_id = sbatch(self._options(launch), _script(launch), _environment(launch))
        self._queue.forget()
        engines.note(launch.run_dir, launch.attempt, engine=ENGINE, job_id=job_id)

    def _options(self, launch: Launch) -> list[str]:
        resources = launch.spec.get("resources") or {}
        asked = {name: value for name, value in (resources.get(ENGINE) or {}).items() if value}
        wanted = {**self._defaults, **asked}
        if resources.get("device") == "cpu" and "gres" not in asked:
            wanted.pop("gres", None)
        return [
            f"--job-name={launch.spec.get('name')}",
            f"--comment={_comment(launch.run_dir, launch.token)}",
            f"--chdir={launch.run_dir}",
            "--output=log.txt",
            "--open-mode=append",
            "--requeue",
            "--export=ALL",
            f"--signal=B:USR1@{self._save_before_s}",
            *(OPTIONS[name].format(value) for name, value in wanted.items()),
            *self._arguments,
        ]

    def poll(self, run_dir: Path, attempt: dict[str, Any]) -> Verdict:
        state = protocol.read_state(run_dir)
        if state.get("engine") != ENGINE:
            return self._local.poll(run_dir, attempt)
        try:
            job = self._find(run_dir, attempt)
        except SlurmSilent:
            return "unreachable"
        if job is None:
            return self._missed(str(attempt.get("token")))
        self._missing.pop(str(attempt.get("token")), None)
        engines.note(
            run_dir,
            int(attempt["attempt"]),
            engine=ENGINE,
            job_id=job.id,
            waits_for=job.waits_for(),
        )
        return "requeued" if job.waits and state["state"] in protocol.ACTIVE else "alive"

    def _missed(self, token: str) -> Verdict:
        """A job that squeue no longer lists may have written its last state on a node whose
        files are seen here a little later."""
        first = self._missing.setdefault(token, time.monotonic())
        return "gone" if time.monotonic() - first >= self._vanished_after_s else "alive"

    def cancel(self, run_dir: Path, attempt: dict[str, Any]) -> bool:
        number = int(attempt["attempt"])
        if engines.read(run_dir, number) is None:
            return self._local.cancel(run_dir, attempt)
        try:
            job = self._find(run_dir, attempt, now=True)
            if job is not None:
                tell("scancel", job.id)
                job = self._wait(run_dir, attempt, lambda job: False)
        except SlurmSilent as silence:
            raise LaunchPostponed("Slurm does not answer, so it waits here.") from silence
        if job is not None:
            raise LaunchPostponed("Slurm is still ending its last attempt.")
        return True

    # --- waiting ---------------------------------------------------------------------------

    def withdraw(self, run_dir: Path, attempt: int) -> bool:
        record = _record(run_dir, attempt)
        with _answers():
            job = self._find(run_dir, record, now=True)
            if job is not None and job.waits:
                tell("scancel", "--state=PENDING", job.id)
                job = self._wait(run_dir, record, lambda job: not job.waits)
        return job is None

    def hold(self, run_dir: Path, attempt: int, hold: bool) -> bool:
        record = _record(run_dir, attempt)
        with _answers():
            job = self._find(run_dir, record, now=True)
            if job is not None:
                tell("scontrol", "uhold" if hold else "release", job.id)
                job = self._find(run_dir, record, now=True)
        if job is None or not job.waits:
            return not hold
        engines.note(run_dir, attempt, waits_for=job.waits_for())
        return True

    def _wait(self, run_dir: Path, attempt: dict[str, Any], done: Any) -> QueuedJob | None:
        """Until the job is gone, or `done`; what is left of it."""
        limit = time.monotonic() + WITHDRAW_S
        while (job := self._find(run_dir, attempt, now=True)) is not None:
            if done(job) or time.monotonic() > limit:
                return job
            time.sleep(0.1)
        return None

    def _find(
        self, run_dir: Path, attempt: dict[str, Any], *, now: bool = False
    ) -> QueuedJob | None:
        return self._queue.find(_comment(run_dir, str(attempt.get("token"))), now=now)

    # --- devices ---------------------------------------------------------------------------

    def resources(self) -> list[Device]:
        if self._devices is None or time.monotonic() - self._devices[0] > RESOURCES_S:
            self._devices = (time.monotonic(), self._read_devices())
        return self._devices[1]

    def _read_devices(self) -> list[Device]:
        """The largest node, and a GPU where the operator has told its memory."""
        from ftstudio_ext.schema.status import Device

        try:
            lines = ask("sinfo", "--Node", "--noheader", "--format=%m|%e").splitlines()
        except SlurmSilent:
            return self._local.resources()
        nodes = [[int(text) if text.isdecimal() else 0 for text in x.split("|")] for x in lines]
        total, free = max(nodes, default=[0, 0])
        found = [
            Device(
                id="cpu",
                kind="cpu",
                name=f"Slurm, {len(nodes)} node{'s' if len(nodes) != 1 else ''}",
                memory_total_bytes=total << 20,
                memory_free_bytes=(free or total) << 20,
            )
        ]
        if self._gpu_memory_gb:
            size = int(self._gpu_memory_gb * 1e9)
            gpu = Device(
                id="slurm-gpu",
                kind="cuda",
                name="A GPU of the cluster",
                memory_total_bytes=size,
                memory_free_bytes=size,
            )
            found.insert(0, gpu)
        return found


class _answers:
    """Silence of Slurm, in words for people."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: BaseException | None, traceback: Any) -> None:
        if isinstance(error, SlurmSilent):
            raise Unavailable(
                f"Slurm does not answer: {error}.", remedy="Try again in a minute."
            ) from error


def _checked(defaults: dict[str, Any]) -> dict[str, Any]:
    """The operator's defaults without what is not set; raises ValueError for wrong ones."""
    from ftstudio_ext.schema.slurm import SlurmResources

    return SlurmResources.model_validate(defaults).model_dump(exclude_none=True)


def _record(run_dir: Path, attempt: int) -> dict[str, Any]:
    return protocol.read_object(protocol.attempt_file(run_dir, attempt)) or {}


def _comment(run_dir: Path, token: str) -> str:
    """By this we know the job in Slurm again, also where its id was never written down."""
    return f"ftstudio {run_dir.name} {hashlib.sha256(token.encode()).hexdigest()[:16]}"


def _script(launch: Launch) -> str:
    """`exec`, so that Slurm's signals reach the supervisor."""
    command = [str(launch.spec["python"]), "-P", "-m", "ftstudio_ext.jobs.slurm_supervisor"]
    return f"#!/bin/sh\nexec {shlex.join([*command, str(launch.run_dir)])}\n"


def _environment(launch: Launch) -> dict[str, str]:
    """Secrets are among it, hence never an argument. Which GPUs a job sees is Slurm's to say, and
    a server that itself runs under Slurm passes nothing of its own job on."""
    env = {
        name: value
        for name, value in launch.env.items()
        if not name.startswith(("SLURM_", "SBATCH_")) or name == "SLURM_CONF"
    }
    if env.get("CUDA_VISIBLE_DEVICES"):
        del env["CUDA_VISIBLE_DEVICES"]
    return env
