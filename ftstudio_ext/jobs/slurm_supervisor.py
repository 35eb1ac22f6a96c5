"""The supervisor of an attempt under Slurm: `python -m ftstudio_ext.jobs.slurm_supervisor <dir>`.

Slurm runs the batch script again when a node fails, a job of more weight takes its place, or we
ask for it because the time limit is near (SIGUSR1): each is another attempt of the same job.
A compute node never runs a step of the queue. Standard library only.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from ftstudio_ext.core.files import write_json_atomic

from . import protocol, recovery
from .locks import FileLock
from .slurm_commands import last_line
from .supervisor import Supervisor, run

TIME_LIMIT = "SIGUSR1"
LOCK_WAIT_S = 60.0
WAITS_AGAIN = "Saved before its time limit; goes on when Slurm starts it again."


class SlurmSupervisor(Supervisor):
    """Finds out by itself which attempt it is."""

    def __init__(self, run_dir: Path) -> None:
        super().__init__(run_dir, attempt=0, lock_fd=-1)
        self.job_id = os.environ.get("SLURM_JOB_ID", "")
        self.restarts = int(os.environ.get("SLURM_RESTART_COUNT") or 0)

    def sign_on(self) -> bool:
        """Begin the attempt that was submitted or, where Slurm starts the job again, another."""
        number = int(protocol.read_state(self.run_dir).get("attempt") or 0)
        lock = FileLock(protocol.attempt_lock(self.run_dir, number), LOCK_WAIT_S)
        try:
            lock.acquire()  # the server holds it until it has written everything down
        except OSError:
            return False
        try:
            if not self._begin(number):
                return False
        finally:
            lock.close()
        return super().sign_on()

    def _begin(self, number: int) -> bool:
        """Say that it starts; False when this job is not wanted any more."""
        state = protocol.read_state(self.run_dir)
        record = protocol.read_object(protocol.attempt_file(self.run_dir, number)) or {}
        if state.get("attempt") != number or not self.token or record.get("token") != self.token:
            return False
        if state["state"] in protocol.FINAL and not self._taken_from_us(state, number):
            return False
        self.attempt = number
        started = protocol.now_text()
        if record.get("supervisor") is not None:
            self._next_attempt(record)
        protocol.update_attempt(self.run_dir, self.attempt, token=self.token, started_at=started)
        protocol.write_state(
            self.run_dir,
            state="starting",
            reason=None,
            error=None,
            attempt=self.attempt,
            started_at=started,
            finished_at=None,
        )
        return True

    def _taken_from_us(self, state: dict[str, Any], number: int) -> bool:
        """Slurm starts a job again that it had ended itself; people's stop is for good."""
        again = self.restarts > 0 and state["state"] in ("stopped", "lost")
        return again and not recovery.was_to_stop(self.run_dir, number)

    def _next_attempt(self, record: dict[str, Any]) -> None:
        if record.get("outcome") is None:
            why = "Slurm ended it and started it again, for example since its node failed."
            protocol.update_attempt(
                self.run_dir,
                self.attempt,
                outcome="lost",
                reason=why,
                finished_at=protocol.now_text(),
            )
        self.attempt += 1
        engine = {"engine": "slurm", "job_id": self.job_id}
        write_json_atomic(protocol.engine_file(self.run_dir, self.attempt), engine)
        python = record.get("python")
        protocol.update_attempt(self.run_dir, self.attempt, token=self.token, python=python)

    def sign_off(self, found: dict[str, Any]) -> None:
        """As ever; a job that saved because its time was over waits for Slurm to start it again."""
        if self.signalled != TIME_LIMIT or found["state"] != "stopped" or self._people_asked():
            super().sign_off(found)
            return
        state = protocol.read_state(self.run_dir)
        step, tries = recovery.tries_so_far(self.run_dir, state)
        if tries >= recovery.TRIES_WITHOUT_PROGRESS:
            reason = f"Its time limit was reached {tries} times in a row without a new checkpoint."
            super().sign_off({**found, "reason": f"{reason} Resume it with more time."})
            return
        finished = protocol.now_text()
        reason = "Its time limit was near."
        protocol.update_attempt(
            self.run_dir, self.attempt, outcome="stopped", reason=reason, finished_at=finished
        )
        protocol.write_state(
            self.run_dir,
            state="queued",
            reason=WAITS_AGAIN,
            automatic_resumes=tries + 1,
            automatic_resume_step=step,
        )
        os.close(self.lock_fd)
        self._requeue(found)

    def _people_asked(self) -> bool:
        return recovery.was_to_stop(self.run_dir, self.attempt)

    def _requeue(self, found: dict[str, Any]) -> None:
        """Slurm ends this process once it has agreed."""
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        asked = subprocess.run(
            ["scontrol", "requeue", self.job_id], capture_output=True, text=True, check=False
        )
        if asked.returncode == 0:
            time.sleep(60)
            return
        said = last_line(asked.stderr)
        print(f"scontrol requeue: {said}", flush=True)
        reason = f"Saved before its time limit, but Slurm would not start it again: {said}."
        finished = protocol.now_text()
        protocol.write_state(
            self.run_dir, state="stopped", reason=reason, error=None, finished_at=finished
        )


def main() -> int:
    supervisor = SlurmSupervisor(Path(sys.argv[1]))
    signal.signal(signal.SIGUSR1, supervisor.on_signal)
    run(supervisor)
    return 0


if __name__ == "__main__":
    sys.exit(main())
