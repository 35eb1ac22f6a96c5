"""What jobs survive, and what is said of those that did not."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from ftstudio_ext.jobs import identity, protocol, queue
from ftstudio_ext.jobs.launchers import LocalLauncher
from ftstudio_ext.jobs.service import JobService
from ftstudio_ext.schema.jobs import JobSpec

from .conftest import (
    PYTHONPATH,
    forge_running,
    kill,
    make_spec,
    wait_for,
    wait_for_steps,
    wait_until,
)


def submit_and_kill(workspace: Path, *specs: JobSpec, **environ: str) -> None:
    """Submit from another process, as a server would, and kill that process without warning."""
    lines = json.dumps([spec.model_dump(mode="json") for spec in specs])
    server = subprocess.Popen(
        [sys.executable, "-m", "submitter", str(workspace), lines],
        env={**os.environ, "PYTHONPATH": PYTHONPATH, **environ},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    with server.stdout:
        assert server.stdout.readline() == "submitted\n"
        server.kill()
        server.wait()


def read(workspace: Path, spec: JobSpec) -> dict:
    return protocol.read_state(protocol.jobs_dir(workspace) / queue_id(spec))


def queue_id(spec: JobSpec) -> str:
    from ftstudio_ext.jobs.service import job_id_for

    return job_id_for(spec.request_id)


def test_job_survives_a_kill_of_its_server(workspace: Path) -> None:
    spec = make_spec("survivor", steps=20)
    submit_and_kill(workspace, spec)
    service = JobService(workspace)  # the server, started again
    job = service.get(queue_id(spec))
    assert job.state in protocol.ACTIVE and service.active() == 1
    assert wait_for(service, job.id).state == "succeeded"
    assert sum(e.kind == "metric" for e in service.events(job.id).events) == 20


def test_queue_goes_on_while_no_server_is_alive(workspace: Path) -> None:
    specs = [make_spec("a", steps=1000), make_spec("b", steps=2), make_spec("c", steps=2)]
    submit_and_kill(workspace, *specs)
    first = protocol.jobs_dir(workspace) / queue_id(specs[0])
    record = wait_until(
        lambda: (protocol.read_object(protocol.attempt_file(first, 1)) or {}).get("worker")
    )
    kill(record["pid"])
    wait_until(lambda: all(read(workspace, spec)["state"] in protocol.FINAL for spec in specs))
    assert [read(workspace, spec)["state"] for spec in specs] == [
        "failed",
        "succeeded",
        "succeeded",
    ]
    assert "SIGKILL" in read(workspace, specs[0])["error"]["message"]


def test_environment_comes_from_the_recorded_base_not_from_who_runs_the_step(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = {"FROM_SERVER": "yes", "HF_TOKEN": "hf_secret", "JPY_API_TOKEN": "x"}
    first, second = make_spec("a", steps=30, env={"OF_JOB_A": "1"}), make_spec("b", steps=1)
    submit_and_kill(workspace, first, second, **server)
    run_dir = protocol.jobs_dir(workspace) / queue_id(second)
    wait_until(lambda: read(workspace, second)["state"] == "succeeded")
    lines = (run_dir / "result/environment").read_text().splitlines()
    assert "FROM_SERVER=yes" in lines and "HF_TOKEN=hf_secret" in lines
    assert not any(line.startswith(("OF_JOB_A=", "JPY_API_TOKEN=")) for line in lines)
    assert "CUDA_DEVICE_ORDER=PCI_BUS_ID" in lines
    by_the_job = run_dir / "result/environment"  # which writes down all it sees
    files = [path for path in workspace.rglob("*") if path.is_file() and path != by_the_job]
    files.remove(by_the_job.parent.parent.parent / queue_id(first) / "result/environment")
    assert not [path for path in files if b"hf_secret" in path.read_bytes()]
    assert (workspace / ".run/environment.json").stat().st_mode & 0o077 == 0
    assert (workspace / ".run").stat().st_mode & 0o077 == 0
    assert run_dir.stat().st_mode & 0o777 == 0o700

    monkeypatch.setenv("OF_THE_RUNNER", "1")
    third = make_spec("c", steps=1)
    service = JobService(workspace, environ={"PATH": os.defpath, "FROM_SERVER": "second"})
    wait_for(service, service.submit(third).id, "succeeded")
    lines = (service.run_dir("c").result_dir / "environment").read_text().splitlines()
    assert "FROM_SERVER=second" in lines and "OF_THE_RUNNER=1" not in lines


def test_killed_supervisor_means_lost_and_its_worker_is_ended(patient: JobService) -> None:
    service = patient
    job = service.submit(make_spec("orphan", steps=1000, save_every=5, child=True))
    wait_for_steps(service, job.id, 6)
    attempt = service.get(job.id).attempts[0]
    child = int((service.run_dir(job.id).result_dir / "child").read_text())
    kill(attempt.supervisor.pid)
    wait_until(lambda: identity.start_ticks(attempt.supervisor.pid) is None)
    assert identity.start_ticks(attempt.worker.pid) is not None
    assert service.reconcile() == [job.id]
    lost = service.get(job.id)
    assert (lost.state, lost.error.code) == ("lost", "lost") and "supervisor" in lost.reason
    assert identity.start_ticks(attempt.worker.pid) is None
    assert identity.start_ticks(child) is None
    assert service.resume(job.id).state in ("starting", "running")
    wait_for_steps(service, job.id)
    assert service.get(job.id).attempts[1].resumed_from_step >= 5
    service.stop(job.id, save=False)
    assert wait_for(service, job.id).state == "stopped"


def test_all_processes_killed_at_once_means_lost(patient: JobService) -> None:
    service = patient
    job = service.submit(make_spec("wiped", steps=1000))
    waiting = service.submit(make_spec("next", steps=1))
    wait_for_steps(service, job.id)
    attempt = service.get(job.id).attempts[0]
    kill(attempt.supervisor.pid)
    kill(attempt.worker.pid)
    wait_until(lambda: service.schedule() == [waiting.id])
    assert service.get(job.id).state == "lost"
    assert wait_for(service, waiting.id).state == "succeeded"


def test_a_reused_pid_is_neither_believed_nor_killed(patient: JobService) -> None:
    service = patient
    job = service.submit(make_spec("reused", steps=1000))
    wait_for_steps(service, job.id)
    run_dir = Path(job.run_dir)
    attempt = service.get(job.id).attempts[0]
    kill(attempt.supervisor.pid)
    kill(attempt.worker.pid)
    with subprocess.Popen(["sleep", "600"], start_new_session=True) as stranger:
        forged = {**identity.place(), "pid": stranger.pid, "start_ticks": 1}
        wait_until(lambda: identity.start_ticks(attempt.supervisor.pid) is None)
        protocol.update_attempt(run_dir, 1, supervisor=forged, worker=forged)
        wait_until(lambda: service.reconcile() == [job.id])
        assert service.get(job.id).state == "lost"
        assert stranger.poll() is None
        stranger.kill()


def test_a_machine_that_was_restarted_lost_its_jobs(patient: JobService) -> None:
    service = patient
    id = forge_running(service, "before", boot_id="another")
    assert service.reconcile() == [id]
    assert "restarted" in service.get(id).reason


def test_a_job_on_another_machine_is_out_of_reach_not_lost(service: JobService) -> None:
    id = forge_running(service, "far", boot_id="another", host="elsewhere")
    assert service.reconcile() == []
    job = service.get(id)
    assert job.state == "running" and "elsewhere" in job.reason and "heartbeat" in job.reason
    near = service.submit(make_spec("near", steps=1))
    assert wait_for(service, near.id).state == "succeeded"  # it takes none of our slots
    long_ago = "2020-01-01T00:00:00+00:00"
    protocol.write_state(Path(job.run_dir), started_at=long_ago)
    assert service.stop(id).state == "lost"


def test_an_interrupted_start_is_queued_again(service: JobService) -> None:
    job = service.submit(make_spec("cut", steps=1), hold=True)
    protocol.update_attempt(Path(job.run_dir), 1, token="none")
    protocol.write_state(Path(job.run_dir), state="starting", attempt=1)
    assert service.schedule() == []  # back in the queue, and held there
    protocol.write_state(Path(job.run_dir), state="starting", attempt=1)
    (Path(job.run_dir) / "user.json").write_text('{"name": "cut"}')
    assert service.schedule() == [job.id]
    assert wait_for(service, job.id).attempt == 2


def test_a_verdict_outlives_a_supervisor_killed_before_it_could_say_it(
    service: JobService,
) -> None:
    job = service.submit(make_spec("verdict", steps=1, fail="studio"))
    wait_for(service, job.id, "failed")
    protocol.write_state(Path(job.run_dir), state="running", reason=None, error=None)
    wait_until(lambda: service.reconcile() == [job.id])
    done = service.get(job.id)
    assert (done.state, done.error.message) == ("failed", "The row is odd.")
    assert done.attempts[0].error == done.error


def test_a_stale_attempt_token_starts_nothing(service: JobService) -> None:
    job = service.submit(make_spec("stale", steps=1))
    wait_for(service, job.id)
    before = service.events(job.id).position
    command = [sys.executable, "-m", "ftstudio_ext.jobs.supervisor", job.run_dir, "1", "-1"]
    env = {**os.environ, "PYTHONPATH": PYTHONPATH, protocol.TOKEN_VARIABLE: "old"}
    assert subprocess.run(command, env=env, check=False).returncode == 0
    assert service.events(job.id).position == before


def test_a_system_that_shuts_down_lets_the_job_save(service: JobService) -> None:
    job = service.submit(make_spec("evening", steps=1000))
    wait_for_steps(service, job.id)
    os.kill(service.get(job.id).attempts[0].supervisor.pid, signal.SIGTERM)
    done = wait_for(service, job.id)
    assert done.state == "stopped" and "SIGTERM" in done.reason and done.resume_step


def test_a_removed_run_directory_ends_its_processes(service: JobService) -> None:
    import shutil

    job = service.submit(make_spec("removed", steps=1000))
    wait_for_steps(service, job.id)
    worker = service.get(job.id).attempts[0].worker.pid
    Path(job.run_dir).rename(service.workspace / "aside")
    shutil.rmtree(service.workspace / "aside", ignore_errors=True)
    wait_until(lambda: identity.start_ticks(worker) is None)
    assert service.list().total == 0


def test_the_supervisor_needs_the_standard_library_only() -> None:
    code = (
        "import sys, ftstudio_ext.jobs.supervisor;"
        "print([name for name in ('pydantic', 'psutil', 'tinydb') if name in sys.modules])"
    )
    env = {**os.environ, "PYTHONPATH": PYTHONPATH}
    found = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True)
    assert found.stdout.strip() == "[]", found.stderr


def test_nothing_is_left_in_between_after_random_kills(workspace: Path) -> None:
    """Kill servers, supervisors and workers at random: every job gets a final state, the queue
    never stands still, and no process stays."""
    seeded = random.Random(7)
    service = JobService(workspace)
    ids = [service.submit(make_spec(f"k{n}", steps=25, save_every=5)).id for n in range(6)]
    limit = time.monotonic() + 40
    while any(service.get(id).state not in protocol.FINAL for id in ids):
        assert time.monotonic() < limit
        time.sleep(seeded.uniform(0.05, 0.3))
        for job in service.list(state="starting,running").items:
            attempts = service.get(job.id).attempts
            victims = [p for p in (attempts[-1].supervisor, attempts[-1].worker) if p]
            if victims and seeded.random() < 0.5:
                victim = seeded.choice(victims)
                if identity.alive(victim.model_dump()):
                    kill(victim.pid)
        threading.Thread(target=queue.step, args=(workspace, LocalLauncher())).start()
    tokens = [a.token for id in ids for a in service.get(id).attempts]
    wait_until(lambda: not any(identity.processes_with_token(token) for token in tokens))


@pytest.mark.long
def test_submission_killed_at_any_moment_makes_each_job_once_or_not_at_all(
    workspace: Path,
) -> None:
    """Servers that submit the same requests are killed at random moments, sixty times."""
    seeded = random.Random(11)
    specs = [make_spec(f"s{n}", steps=3) for n in range(8)]
    lines = json.dumps([spec.model_dump(mode="json") for spec in specs])
    command = [sys.executable, "-m", "submitter", str(workspace), lines]
    for _ in range(60):
        server = subprocess.Popen(
            command, env={**os.environ, "PYTHONPATH": PYTHONPATH}, stdout=subprocess.DEVNULL
        )
        time.sleep(seeded.uniform(0.2, 1.2))
        server.kill()
        server.wait()
    service = JobService(workspace)
    for spec in specs:
        service.submit(spec)
    wait_until(lambda: service.list(state="queued,starting,running").total == 0, 60)
    jobs = service.list().items
    assert len(jobs) == len(specs)
    assert {job.state for job in jobs} == {"succeeded"}
