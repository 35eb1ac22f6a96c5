"""Runs whose processes vanish go on by themselves; those that people stopped do not."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ftstudio_ext.core.curve import curve
from ftstudio_ext.jobs import identity, protocol, recovery
from ftstudio_ext.jobs.service import JobService

from .conftest import (
    PYTHONPATH,
    forge_running,
    kill,
    make_spec,
    wait_for,
    wait_for_steps,
    wait_until,
)


def kill_everything(service: JobService, id: str) -> None:
    """kill -9 to every process of the current attempt, the supervisor first; returns when they are
    gone for good: a dying process holds its locks a moment longer than its environment."""
    attempt = service.get(id).attempts[-1]
    kill(attempt.supervisor.pid)
    wait_until(lambda: not identity.alive(attempt.supervisor.model_dump()))
    for pid in identity.processes_with_token(attempt.token):
        kill(pid)
    wait_until(lambda: not identity.processes_with_token(attempt.token))
    if attempt.worker:
        wait_until(lambda: not identity.alive(attempt.worker.model_dump()))


def test_after_every_process_was_killed_a_server_alone_finishes_the_run(workspace: Path) -> None:
    command = [sys.executable, "-m", "server", str(workspace), "0.1"]
    env = {**os.environ, "PYTHONPATH": PYTHONPATH}
    service = JobService(workspace)
    job = service.submit(make_spec("survivor", steps=40, save_every=5))
    waiting = service.submit(make_spec("next", steps=1))
    wait_for_steps(service, job.id, 12)
    kill_everything(service, job.id)

    with subprocess.Popen(
        command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as server:
        done = wait_for(service, job.id, "succeeded")
        wait_for(service, waiting.id, "succeeded")
        server.kill()
    assert done.attempt == 2 and done.attempts[0].outcome == "lost"
    assert done.attempts[1].resumed_from_step >= 10
    points = [e.step for e in curve(service.events(job.id).events) if e.kind == "metric"]
    assert points == list(range(1, 41))


def test_a_resumed_job_says_so_and_keeps_its_place(service: JobService) -> None:
    job = service.submit(make_spec("first", steps=1000, save_every=3))
    other = service.submit(make_spec("second", steps=1))
    wait_for_steps(service, job.id, 4)
    kill_everything(service, job.id)
    assert service.reconcile() == [job.id]
    again = wait_for(service, job.id, "running")
    assert again.attempt == 2 and again.reason == recovery.RESUMED
    assert again.attempts[0].reason == "All its processes were killed at once."
    assert service.get(other.id).reason == "Waits for first."
    service.stop(job.id, save=False)
    wait_for(service, other.id, "succeeded")


def test_three_resumes_without_a_new_checkpoint_are_enough(service: JobService) -> None:
    job = service.submit(make_spec("doomed", steps=1000))
    for attempt in (1, 2, 3, 4):
        wait_until(lambda attempt=attempt: service.get(job.id).attempt == attempt)
        wait_for(service, job.id, "running")
        kill_everything(service, job.id)
        service.reconcile()
    lost = service.get(job.id)
    assert (lost.state, lost.error.code) == ("lost", "lost")
    assert "3 times in a row" in lost.reason and "no new checkpoint" in lost.reason
    assert service.reconcile() == []
    service.resume(job.id)
    wait_for(service, job.id, "running")
    kill_everything(service, job.id)
    service.reconcile()
    assert service.get(job.id).reason == recovery.RESUMED, "people began the count anew"


def test_a_new_checkpoint_begins_the_count_anew(service: JobService) -> None:
    job = service.submit(make_spec("steady", steps=1000, save_every=2))
    for attempt in range(1, 6):
        wait_until(lambda attempt=attempt: service.get(job.id).attempt == attempt)
        wait_for_steps(service, job.id, 4)
        kill_everything(service, job.id)
        service.reconcile()
    assert service.get(job.id).state in protocol.ACTIVE


def test_an_operator_can_have_lost_jobs_wait_for_people(workspace: Path) -> None:
    service = JobService(workspace, auto_resume=False)
    job = service.submit(make_spec("patient", steps=1000))
    wait_for_steps(service, job.id)
    kill_everything(service, job.id)
    service.reconcile()
    assert service.get(job.id).state == "lost"
    JobService(workspace).reconcile()
    assert service.get(job.id).state == "lost", "what is lost already stays so"


@pytest.mark.parametrize("save", [True, False])
def test_a_job_that_was_asked_to_stop_is_not_resumed(service: JobService, save: bool) -> None:
    job = service.submit(make_spec("deaf", steps=1000, deaf=True))
    wait_for_steps(service, job.id)
    service.stop(job.id, save=save)
    kill_everything(service, job.id)
    service.reconcile()
    lost = service.get(job.id)
    assert lost.state == "lost" and "asked to stop" in lost.reason


def test_stopping_a_vanished_job_does_not_resume_it(service: JobService) -> None:
    job = service.submit(make_spec("gone", steps=1000))
    wait_for_steps(service, job.id)
    kill_everything(service, job.id)
    assert service.stop(job.id).state == "lost"
    assert service.reconcile() == []


@pytest.mark.parametrize("place", [{"boot_id": "another"}, {"pid_namespace": "another"}])
def test_the_end_of_a_machine_or_container_is_no_end_of_a_run(
    service: JobService, place: dict[str, str]
) -> None:
    id = forge_running(service, "moved", steps=2, **place)
    assert service.reconcile() == [id]
    done = wait_for(service, id, "succeeded")
    assert done.attempt == 2 and done.attempts[0].outcome == "lost"


def test_another_machine_of_our_name_that_still_reports_is_left_alone(
    service: JobService,
) -> None:
    id = forge_running(service, "namesake", steps=2, boot_id="another")
    progress = service.run_dir(id).path / "progress.json"
    progress.write_text('{"step": 1}')
    assert service.reconcile() == [] and service.get(id).state == "running"
    long_ago = time.time() - 600
    os.utime(progress, (long_ago, long_ago))
    assert service.reconcile() == [id]
    wait_for(service, id, "succeeded")


def test_a_kill_between_the_two_writes_of_a_loss_still_resumes(service: JobService) -> None:
    id = forge_running(service, "halfway", steps=2, boot_id="another")
    run_dir = service.run_dir(id).path
    protocol.update_attempt(run_dir, 1, outcome="lost", reason="The machine was restarted.")
    assert service.reconcile() == [id]
    assert wait_for(service, id, "succeeded").attempts[0].reason == "The machine was restarted."


def test_one_job_that_cannot_be_written_does_not_hold_up_the_others(
    service: JobService, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = forge_running(service, "bad", boot_id="another")
    good = forge_running(service, "good", steps=2, boot_id="another")
    write = protocol.write_json_atomic

    def refuse(path: Path, value: object, **how: bool) -> None:
        if bad in str(path):
            raise PermissionError(13, "Permission denied")
        write(path, value, **how)

    with monkeypatch.context() as patch:
        patch.setattr(protocol, "write_json_atomic", refuse)
        assert service.reconcile() == [good]
    wait_for(service, good, "succeeded")
