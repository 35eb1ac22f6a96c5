"""Jobs under a real Slurm: the same run directories and workers, started by another engine."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ftstudio_ext.core.errors import Conflict
from ftstudio_ext.jobs import identity, protocol
from ftstudio_ext.jobs.service import JobService
from ftstudio_ext.jobs.slurm import SlurmLauncher
from ftstudio_ext.schema.jobs import JobPatch, Resources
from ftstudio_ext.schema.slurm import SlurmResources

from .conftest import kill, make_spec, wait_for, wait_for_steps, wait_until
from .programs.chaos_worker import state_after
from .slurm_cluster import cluster

GPU = Resources(slurm=SlurmResources(gres="gpu:1", memory_mb=100, time_minutes=10))


@pytest.fixture(scope="module")
def slurm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with cluster(tmp_path_factory.mktemp("slurm")) as conf:
        yield conf


SETTINGS = {"partition": "short", "memory_mb": 50, "cpus": 1}


@pytest.fixture
def service(workspace: Path, slurm: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[JobService]:
    monkeypatch.setenv("SLURM_CONF", str(slurm))
    yield JobService(workspace, SlurmLauncher(SETTINGS, vanished_after_s=0.5))
    subprocess.run(["scancel", "--me", "--full", "--signal=KILL"], check=False)
    subprocess.run(["scancel", "--me"], check=False)


def looking(service: JobService, id: str, *states: str) -> Any:
    """As `wait_for`, with a server that looks after the jobs."""

    def there() -> bool:
        service.reconcile()
        return service.get(id).state in (states or protocol.FINAL)

    try:
        wait_until(there, 40)
    except AssertionError:
        job = service.get(id)
        raise AssertionError(f"{job.state}: {job.reason}\n{service.log(id).text}") from None
    return service.get(id)


def chaos(name: str, steps: int, seconds: float = 0.05, **more: Any) -> Any:
    """A job whose result is right only when every resume was."""
    settings = {"steps": steps, "seconds": seconds, "save_every": 5}
    spec = make_spec(name, module="chaos_worker", **settings, **more)
    return spec.model_copy(update={"spec": {**spec.spec, "name": name}})


def squeue(what: str) -> list[str]:
    done = subprocess.run(["squeue", "--noheader", f"--format={what}"], capture_output=True)
    return done.stdout.decode().split()


def spare_the_wait(job: str) -> None:
    """Slurm lets a requeued job wait for two minutes, until its credential has expired."""
    command = ["scontrol", "update", f"JobId={job}", "StartTime=now"]
    wait_until(lambda: "PENDING" in squeue("%T"))
    wait_until(lambda: subprocess.run(command, capture_output=True).returncode == 0)


def in_slurm(service: JobService, id: str) -> str:
    found = service.get(id).attempts[-1].engine_job
    assert found
    return found


def test_gpus_are_shared_out_and_the_third_job_says_why_it_waits(service: JobService) -> None:
    first = service.submit(chaos("first", 2000, resources=GPU))
    second = service.submit(chaos("second", 2000, resources=GPU))
    third = service.submit(chaos("third", 10, resources=GPU))
    for job in (first, second):
        wait_for(service, job.id, "running")
    assert looking(service, third.id, "queued").engine == "slurm"
    wait_until(
        lambda: service.reconcile() or "free resources" in (service.get(third.id).reason or "")
    )
    assert service.get(third.id).queue_position is None

    held = service.patch(third.id, JobPatch(hold=True))
    assert (held.state, held.reason) == ("held", "Held in Slurm.")
    with pytest.raises(Conflict, match="running"):
        service.patch(first.id, JobPatch(hold=True))
    service.stop(first.id, save=True)
    assert wait_for(service, first.id).state == "stopped"
    assert service.get(first.id).resume_step  # it has saved
    assert service.get(third.id).state == "held"
    service.patch(third.id, JobPatch(hold=False))
    done = looking(service, third.id)
    assert done.state == "succeeded", service.log(third.id).text
    assert (Path(done.run_dir) / "result" / "final").read_text() == state_after("third", 10)

    fourth = service.submit(chaos("fourth", 10, resources=GPU))
    fifth = service.submit(chaos("fifth", 10, resources=GPU))
    assert service.stop(fifth.id).state in ("stopped", "queued", "running", "starting")
    assert looking(service, fifth.id).state == "stopped"
    assert looking(service, fourth.id).state == "succeeded"
    service.stop(second.id, save=False)
    assert wait_for(service, second.id).state == "stopped"


def test_a_job_near_its_time_limit_saves_and_goes_on_by_itself(service: JobService) -> None:
    job = service.submit(chaos("limited", 30))
    wait_for(service, job.id, "running")
    wait_for_steps(service, job.id, 12)
    # what Slurm sends when less than `save_before_s` is left
    subprocess.run(["scancel", "--batch", "--signal=USR1", in_slurm(service, job.id)], check=True)
    waiting = looking(service, job.id, "queued")
    assert waiting.attempts[0].reason == "Its time limit was near."
    assert waiting.engine == "slurm" and waiting.attempt == 1
    spare_the_wait(in_slurm(service, job.id))
    done = looking(service, job.id)
    assert (done.state, done.attempt) == ("succeeded", 2)
    assert done.attempts[1].resumed_from_step >= 12
    assert done.attempts[1].engine_job == done.attempts[0].engine_job
    assert (Path(done.run_dir) / "result" / "final").read_text() == state_after("limited", 30)


@pytest.mark.long
def test_slurm_s_own_signal_comes_in_time_to_save(service: JobService, workspace: Path) -> None:
    hasty = JobService(workspace, SlurmLauncher(SETTINGS, save_before_s=45))
    minute = Resources(slurm=SlurmResources(time_minutes=1))
    job = hasty.submit(chaos("a minute", 3000, resources=minute))
    wait_until(
        lambda: hasty.get(job.id).state == "queued" and hasty.get(job.id).attempts[0].outcome, 90
    )
    waiting = hasty.get(job.id)
    assert (waiting.attempts[0].outcome, waiting.engine) == ("stopped", "slurm")
    assert waiting.last_checkpoint_step
    spare_the_wait(in_slurm(hasty, job.id))
    wait_until(lambda: hasty.get(job.id).attempt == 2)
    wait_for_steps(hasty, job.id)
    assert hasty.get(job.id).attempts[1].resumed_from_step == waiting.last_checkpoint_step
    hasty.stop(job.id, save=False)
    assert wait_for(hasty, job.id).state == "stopped"


def test_a_job_that_vanishes_from_slurm_is_resumed_from_its_checkpoint(
    service: JobService,
) -> None:
    job = service.submit(chaos("vanished", 30))
    wait_for(service, job.id, "running")
    wait_for_steps(service, job.id, 12)
    killed = in_slurm(service, job.id)
    for pid in identity.processes_with_token(service.get(job.id).attempts[-1].token):
        kill(pid)
    done = looking(service, job.id)
    assert (done.state, done.attempt) == ("succeeded", 2)
    assert done.attempts[0].outcome == "lost" and "left Slurm" in (done.attempts[0].reason or "")
    assert done.attempts[1].engine_job != killed
    assert (Path(done.run_dir) / "result" / "final").read_text() == state_after("vanished", 30)


def test_what_is_cancelled_in_slurm_is_stopped_and_what_it_refuses_fails(
    service: JobService,
) -> None:
    wanted = Resources(slurm=SlurmResources(partition="nowhere"))
    refused = service.submit(chaos("refused", 5, resources=wanted))
    assert service.get(refused.id).state == "failed"
    assert service.get(refused.id).error.code == "slurm_refused"

    never = Resources(slurm=SlurmResources(time_minutes=600))
    job = service.submit(chaos("too long", 5, resources=never))
    wait_until(lambda: service.reconcile() or "more time" in (service.get(job.id).reason or ""))
    subprocess.run(["scancel", in_slurm(service, job.id)], check=True)
    stopped = looking(service, job.id)
    assert (stopped.state, stopped.reason) == (
        "stopped",
        "It was cancelled in Slurm before it began.",
    )
    resumed = service.resume(job.id)
    assert resumed.state == "queued"
    service.delete(job.id)
    assert in_none(job.id)


def in_none(job_id: str) -> bool:
    return not any(job_id in comment for comment in squeue("%k"))


def test_light_jobs_stay_on_the_server_and_no_node_runs_our_queue(service: JobService) -> None:
    light = service.submit(make_spec("light", slot="light", type="import", steps=1))
    assert wait_for(service, light.id).engine is None
    first = service.submit(make_spec("first", steps=1))
    held = service.submit(make_spec("later", steps=1), hold=True)
    assert wait_for(service, first.id).state == "succeeded"
    state = Path(held.run_dir) / "state.json"
    (state.parent / "user.json").write_text('{"name": "later"}')
    protocol.write_state(state.parent, state="queued")  # and nobody runs a step
    before = state.read_bytes()
    time.sleep(0.5)
    assert state.read_bytes() == before
    assert looking(service, held.id).state == "succeeded"


def test_the_environment_brings_secrets_and_slurm_s_gpu(
    service: JobService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_s3cret")
    job = service.submit(make_spec("gpu", steps=400, seconds=0.05, resources=GPU))
    wait_for(service, job.id, "running")
    worker = wait_until(lambda: service.get(job.id).attempts[-1].worker)
    environ = Path(f"/proc/{worker.pid}/environ").read_bytes().split(b"\0")
    assert b"HF_TOKEN=hf_s3cret" in environ and b"CUDA_VISIBLE_DEVICES=0" in environ
    shown = subprocess.run(["scontrol", "show", "job"], capture_output=True).stdout
    assert b"s3cret" not in shown
    for path in Path(job.run_dir).rglob("*"):
        assert not path.is_file() or b"s3cret" not in path.read_bytes(), path
    service.stop(job.id, save=False)
    wait_for(service, job.id)


def test_jobs_wait_while_slurm_is_silent(
    service: JobService, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = workspace / "bin"
    folder.mkdir()
    (folder / "python3").symlink_to(shutil.which("python3") or "")
    with monkeypatch.context() as patch:
        patch.setenv("PATH", str(folder))
        silent = JobService(workspace, SlurmLauncher())
        job = silent.submit(make_spec("patient", steps=1))
        assert silent.get(job.id).state == "queued"
        assert "does not answer" in (silent.get(job.id).reason or "")
    again = JobService(workspace, service.launcher)
    assert looking(again, job.id).state == "succeeded"


def test_the_operator_s_mistakes_are_refused() -> None:
    with pytest.raises(ValueError, match="partitions"):
        SlurmLauncher(defaults={"partitions": "short"})
    with pytest.raises(ValueError, match="gres"):
        SlurmLauncher(defaults={"gres": "gpu:1 --uid=0"})


def test_what_the_cluster_has_is_told(service: JobService) -> None:
    devices = SlurmLauncher(gpu_memory_gb=80).resources()
    assert [device.id for device in devices] == ["slurm-gpu", "cpu"]
    assert devices[0].memory_free_bytes == 80_000_000_000
    assert devices[1].memory_total_bytes == 1000 << 20
