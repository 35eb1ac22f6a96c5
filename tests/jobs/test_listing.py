"""Lists of jobs: filtered, paged, and cheap however many have finished."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ftstudio_ext.core.errors import Conflict, NotFound
from ftstudio_ext.core.files import write_json_atomic
from ftstudio_ext.jobs import listing, protocol
from ftstudio_ext.jobs.service import JobService
from ftstudio_ext.schema.jobs import JobPatch, StateFile, UserSettings

from .conftest import make_spec


def finished(workspace: Path, number: int, state: str = "succeeded") -> str:
    name = f"run {number:04}"
    run_dir = protocol.jobs_dir(workspace) / f"job-{number:04}"
    run_dir.mkdir()
    resolved = {"base_model": {"name": "tiny"}, "adapter_id": f"a{number}"}
    spec = make_spec(name).model_copy(update={"id": run_dir.name, "resolved": resolved})
    write_json_atomic(run_dir / "spec.json", spec, sync=False)
    write_json_atomic(run_dir / "user.json", UserSettings(name=name), sync=False)
    write_json_atomic(run_dir / "state.json", StateFile(state=state, attempt=1), sync=False)
    return run_dir.name


def test_thousands_of_finished_jobs_are_read_once(
    service: JobService, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(1000):
        finished(service.workspace, number)
    page = service.list(limit=10, offset=5)
    assert page.total == 1000 and page.items[0].name == "run 0994"
    made: list[str] = []
    real = listing.make_job
    monkeypatch.setattr(listing, "make_job", lambda run: made.append(run.id) or real(run))
    service.list()
    assert made == []
    service.patch("job-0003", JobPatch(name="renamed"))
    assert service.list(q="renamed").items[0].id == "job-0003"
    assert made == ["job-0003"]
    service.delete("job-0003")
    assert service.list().total == 999


def test_lists_are_filtered_by_type_state_and_words(service: JobService) -> None:
    finished(service.workspace, 1)
    finished(service.workspace, 2, "failed")
    assert [job.id for job in service.list(state="failed,lost").items] == ["job-0002"]
    assert service.list(type="evaluate").total == 0
    assert service.list(q="TINY 0001").items[0].adapter_id == "a1"
    assert service.list(q="nothing").items == []


def test_a_job_is_found_by_its_name_when_only_one_has_it(service: JobService) -> None:
    first, second = finished(service.workspace, 1), finished(service.workspace, 2)
    assert service.get("run 0001").id == first
    service.patch(second, JobPatch(name="run 0001"))
    with pytest.raises(Conflict, match="2 jobs are named"):
        service.get("run 0001")
    for bad in ("..", "../jobs/job-0001", "", "no such job"):
        with pytest.raises(NotFound):
            service.get(bad)


def test_folders_that_are_no_jobs_are_left_alone(service: JobService) -> None:
    (protocol.jobs_dir(service.workspace) / "notes").mkdir()
    broken = protocol.jobs_dir(service.workspace) / finished(service.workspace, 1)
    (broken / "spec.json").write_text("{")
    assert service.list().total == 0 and service.schedule() == []


@pytest.mark.parametrize("name", ["spec.json", "state.json", "user.json", "progress.json"])
def test_a_job_folder_broken_by_hand_hides_no_other_and_keeps_nobody_waiting(
    service: JobService, name: str
) -> None:
    finished(service.workspace, 1)
    for number, spoil in ((2, lambda path: path.write_text("[" * 100_000)), (3, os.mkfifo)):
        path = protocol.jobs_dir(service.workspace) / finished(service.workspace, number) / name
        path.unlink(missing_ok=True)
        spoil(path)
    assert "job-0001" in {job.id for job in service.list().items}
    service.schedule()
