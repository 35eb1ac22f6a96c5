"""A full disk ends a run as failed, with its last whole checkpoint kept, and it resumes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ftstudio_ext.jobs import checkpoints
from ftstudio_ext.jobs.service import JobService
from tests.small_disk import fill, small_disk

from .conftest import make_spec, wait_for, wait_for_steps


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk", "6m") as folder:
        yield folder


def test_a_full_disk_fails_the_job_which_resumes_once_there_is_room(disk: Path) -> None:
    service = JobService(disk / "ftstudio")
    job = service.submit(make_spec("full", steps=1, module="filler"))
    done = wait_for(service, job.id)
    assert (done.state, done.error.code) == ("failed", "disk_full"), done.reason
    assert "space" in done.error.remedy
    (Path(done.run_dir) / "result/big").unlink()
    service.resume(job.id)
    assert wait_for(service, job.id).state == "succeeded"


def test_without_room_for_a_checkpoint_none_is_begun_and_the_last_one_stays(disk: Path) -> None:
    service = JobService(disk / "ftstudio")
    spec = make_spec("narrow", steps=20, save_every=5, bytes=1_000_000, seconds=0.1)
    job = service.submit(spec)
    wait_for_steps(service, job.id, 6)
    ballast = fill(disk, leave_bytes=1_500_000)
    done = wait_for(service, job.id)
    assert (done.state, done.error.code) == ("failed", "disk_full"), done.reason
    assert "MB free; the next checkpoint needs about 2.1 MB" in done.reason
    folder = service.run_dir(job.id).checkpoints_dir
    assert [path.name for path in folder.iterdir()] == ["checkpoint-5"]
    assert checkpoints.verify(folder / "checkpoint-5") and done.resume_step == 5
    ballast.unlink()
    service.resume(job.id)
    again = wait_for(service, job.id)
    assert again.state == "succeeded" and again.attempts[1].resumed_from_step == 5
