"""A job's life: submitted once, run to an honest end, stopped, resumed, removed."""

from __future__ import annotations

import itertools
import sys
import threading
from pathlib import Path

import pytest

from ftstudio_ext.core.curve import curve
from ftstudio_ext.core.errors import Conflict, NotFound
from ftstudio_ext.jobs import identity, protocol
from ftstudio_ext.jobs.service import JobService, job_id_for
from ftstudio_ext.schema.jobs import JobPatch

from .conftest import kill, make_spec, wait_for, wait_for_steps, wait_until


def test_job_runs_to_its_end_and_tells_its_story(service: JobService) -> None:
    job = service.submit(make_spec("story", steps=5, save_every=5))
    done = wait_for(service, job.id)
    assert (done.state, done.attempt, done.error) == ("succeeded", 1, None)
    assert done.progress.step == 5 and len(done.progress.sparkline) == 5
    assert done.last_checkpoint_step == 5 and not done.can_resume
    assert done.attempts[0].exit_code == 0 and done.attempts[0].outcome == "succeeded"
    kinds = [event.kind for event in service.events(job.id).events]
    assert kinds == ["phase", *["metric"] * 5, "checkpoint"]
    assert "--- attempt 1" in service.log(job.id).text


def test_the_same_request_makes_one_job(service: JobService) -> None:
    results: list[str] = []
    spec = make_spec("twice", steps=2)
    threads = [
        threading.Thread(target=lambda: results.append(service.submit(spec).id)) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(results) == {job_id_for("twice")} and len(results) == 4
    assert wait_for(service, results[0]).attempt == 1
    assert service.list().total == 1
    assert service.submit(spec).state == "succeeded"
    assert not list(protocol.jobs_dir(service.workspace).glob(".staging-*"))


def test_jobs_start_first_in_first_out_with_a_light_slot_beside(service: JobService) -> None:
    heavy = [service.submit(make_spec(f"h{n}", steps=15)) for n in range(3)]
    light = [service.submit(make_spec(f"l{n}", slot="light", type="import")) for n in range(2)]
    jobs = {job.id: job for job in service.list().items}
    assert [jobs[job.id].queue_position for job in heavy] == [None, 1, 2]
    assert jobs[light[0].id].state != "queued"
    done = [wait_for(service, job.id) for job in heavy]
    for earlier, later in itertools.pairwise(done):
        assert earlier.finished_at <= later.started_at
    assert wait_for(service, light[1].id).finished_at < done[2].finished_at


def test_hold_release_and_priority_move_waiting_jobs(service: JobService) -> None:
    running = service.submit(make_spec("running", steps=400))
    held = service.submit(make_spec("held", steps=1), hold=True)
    late = service.submit(make_spec("late", steps=1))
    urgent = service.submit(make_spec("urgent", steps=1))
    assert held.state == "held"
    assert service.patch(urgent.id, JobPatch(priority=5)).queue_position == 1
    assert service.patch(late.id, JobPatch(hold=True)).state == "held"
    with pytest.raises(Conflict, match="only a waiting job"):
        service.patch(running.id, JobPatch(hold=True))
    service.stop(running.id, save=False)
    wait_for(service, urgent.id, "succeeded")
    assert service.get(held.id).state == service.get(late.id).state == "held"
    assert service.patch(held.id, JobPatch(hold=False, name="freed")).name == "freed"
    assert wait_for(service, "freed").state == "succeeded"


@pytest.mark.parametrize("save", [True, False])
def test_waiting_job_stops_at_once_and_twice(service: JobService, save: bool) -> None:
    service.submit(make_spec("first", steps=400))
    second = service.submit(make_spec("second", steps=1))
    assert service.stop(second.id, save).state == "stopped"
    again = service.stop(second.id, save)
    assert (again.state, again.attempt) == ("stopped", 0)
    assert again.reason == "Stopped before it started."


def test_running_job_stops_with_a_checkpoint(service: JobService) -> None:
    job = service.submit(make_spec("saving", steps=1000))
    wait_for_steps(service, job.id, 3)
    service.stop(job.id, save=True)
    service.stop(job.id, save=True)
    done = wait_for(service, job.id)
    assert done.state == "stopped" and done.can_resume
    assert done.resume_step and done.resume_step >= 3
    assert done.attempts[0].exit_code == protocol.EXIT_STOPPED


def test_running_job_stops_at_once_with_all_its_processes(service: JobService) -> None:
    job = service.submit(make_spec("parent", steps=1000, child=True, deaf=True))
    wait_for_steps(service, job.id)
    child = int((service.run_dir(job.id).result_dir / "child").read_text())
    assert service.stop(job.id, save=True).state == "stopping"
    service.stop(job.id, save=False)  # it does not heed: the second stop ends it
    service.stop(job.id, save=False)
    done = wait_for(service, job.id)
    assert (done.state, done.reason) == ("stopped", "Stopped on request, at once.")
    assert identity.start_ticks(child) is None
    assert service.stop(job.id).state == "stopped"


def test_starting_job_stops(service: JobService, tmp_path: Path) -> None:
    slow = tmp_path / "python"
    slow.write_text(f'#!/bin/sh\nsleep 0.7\nexec {sys.executable} "$@"\n')
    slow.chmod(0o755)
    submitting = threading.Thread(
        target=service.submit, args=(make_spec("slow", python=str(slow), steps=400),)
    )
    submitting.start()
    id = job_id_for("slow")
    wait_until(lambda: (protocol.jobs_dir(service.workspace) / id / "state.json").exists())
    wait_for(service, id, "starting")
    service.stop(id, save=False)
    submitting.join()
    assert wait_for(service, id).state == "stopped"


def test_resume_goes_on_from_the_newest_whole_checkpoint(service: JobService) -> None:
    job = service.submit(make_spec("again", steps=12, save_every=4, fail="of no use"))
    failed = wait_for(service, job.id)
    assert failed.state == "failed" and failed.resume_step == 12
    (Path(failed.run_dir) / "checkpoints/checkpoint-12/weights").write_text("xx")
    service.resume(job.id)
    again = wait_for(service, job.id)
    assert again.attempt == 2 and again.attempts[1].resumed_from_step == 8
    points = [e for e in curve(service.events(job.id).events) if e.kind == "metric"]
    assert [(e.attempt, e.step) for e in points] == [
        *((1, step) for step in range(1, 9)),
        *((2, step) for step in range(9, 13)),
    ]


def test_finished_or_running_jobs_are_not_resumed(service: JobService) -> None:
    job = service.submit(make_spec("short", steps=1))
    wait_for(service, job.id, "succeeded")
    with pytest.raises(Conflict, match="is succeeded"):
        service.resume(job.id)


def test_delete_refuses_what_runs_and_removes_the_rest(service: JobService) -> None:
    job = service.submit(make_spec("doomed", steps=1000))
    with pytest.raises(Conflict, match="job is"):
        service.delete(job.id)
    service.stop(job.id, save=False)
    wait_for(service, job.id)
    service.delete("doomed")
    assert not Path(job.run_dir).exists() and service.list().total == 0
    with pytest.raises(NotFound):
        service.get(job.id)


@pytest.mark.parametrize(
    ("fail", "code", "words"),
    [
        ("studio", "invalid_input", "The row is odd."),
        ("disk", "disk_full", "is full"),
        ("signal", "crashed", "SIGSEGV"),
        ("import", "missing_package", "a_package_that_nobody_has"),
        ("exit", "worker_error", "exit code 3"),
        ("a plain mistake", "worker_error", "RuntimeError: a plain mistake"),
    ],
)
def test_failures_end_in_words(service: JobService, fail: str, code: str, words: str) -> None:
    done = wait_for(service, service.submit(make_spec("bad", steps=1, fail=fail)).id)
    assert done.state == "failed" and done.can_resume
    assert done.error.code == code and words in done.error.message and done.error.remedy
    assert done.reason == done.error.message


def test_a_worker_that_cannot_be_imported_names_the_package(service: JobService) -> None:
    done = wait_for(service, service.submit(make_spec("none", module="no_such_worker")).id)
    assert (done.state, done.error.code) == ("failed", "missing_package")
    assert "no_such_worker" in done.error.message


@pytest.mark.parametrize("what", ["missing", "old"])
def test_an_interpreter_that_cannot_start_fails_the_job_and_the_next_one_runs(
    service: JobService, tmp_path: Path, what: str
) -> None:
    python = tmp_path / "python"
    if what == "old":
        python.write_text("#!/bin/sh\necho 'Unknown option: -P' >&2\nexit 2\n")
        python.chmod(0o755)
    bad = service.submit(make_spec("bad", python=str(python)))
    good = service.submit(make_spec("good", steps=1))
    done = service.get(bad.id)
    assert (done.state, done.error.code) == ("failed", "launch_failed")
    assert str(python) in done.error.message
    assert wait_for(service, good.id).state == "succeeded"


def test_a_vanished_package_copy_is_said(service: JobService, tmp_path: Path) -> None:
    job = service.submit(make_spec("gone", pythonpath=str(tmp_path / "nowhere")))
    assert job.state == "failed" and "copy of the package" in job.error.message


def test_a_worker_killed_by_the_system_says_memory(service: JobService) -> None:
    job = service.submit(make_spec("eaten", steps=1000))
    wait_for_steps(service, job.id)
    kill(service.get(job.id).attempts[0].worker.pid)
    done = wait_for(service, job.id)
    assert (done.state, done.error.code) == ("failed", "killed")
    assert "SIGKILL" in done.error.message and "memory" in done.error.message
    assert done.attempts[0].signal == "SIGKILL" and done.attempts[0].exit_code is None


def test_nothing_secret_is_among_the_arguments_of_a_job(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_s3cret")
    service = JobService(workspace)
    job = service.submit(make_spec("token", steps=400))
    wait_for_steps(service, job.id)
    attempt = service.get(job.id).attempts[-1]
    for process in (attempt.supervisor, attempt.worker):
        proc = Path(f"/proc/{process.pid}")
        assert b"hf_s3cret" in (proc / "environ").read_bytes()
        assert b"s3cret" not in (proc / "cmdline").read_bytes()
    service.stop(job.id, save=False)
    wait_for(service, job.id)
