"""Names of adapters are claimed by one job at a time, and freed when nothing came of it."""

from __future__ import annotations

import errno

import pytest

from ftstudio_ext.core.errors import Conflict
from ftstudio_ext.studio.reservations import Reservations


@pytest.fixture
def reservations(tmp_path):
    return Reservations(tmp_path / "adapters")


def test_a_name_belongs_to_the_first_job(reservations):
    path = reservations.reserve("sql", "job-1", "name")
    assert path.is_dir() and reservations.reserve("sql", "job-1", "name") == path
    with pytest.raises(Conflict, match="sql"):
        reservations.reserve("sql", "job-2", "name")


def test_case_does_not_make_another_name(reservations):
    reservations.reserve("sql", "job-1", "name")
    with pytest.raises(Conflict):
        reservations.reserve("SQL", "job-2", "name")


def test_a_released_name_is_free_again(reservations):
    path = reservations.reserve("sql", "job-1", "name")
    reservations.release("sql", "job-2")
    assert path.exists(), "only its owner may release it"
    reservations.release("sql", "job-1")
    assert not path.exists() and reservations.all() == {}
    reservations.reserve("sql", "job-2", "name")


def test_a_finished_adapter_stays_when_its_job_is_over(reservations):
    path = reservations.reserve("sql", "job-1", "name")
    (path / "adapter_config.json").write_text("{}")
    reservations.release("sql", "job-1")
    assert path.exists() and reservations.owner("sql") is None
    with pytest.raises(Conflict):
        reservations.reserve("sql", "job-2", "name")


def test_an_empty_folder_left_by_a_crash_can_be_claimed(reservations, tmp_path):
    (tmp_path / "adapters" / "sql").mkdir(parents=True)
    assert reservations.reserve("sql", "job-1", "name").is_dir()


def test_a_reservation_that_cannot_be_written_leaves_no_folder(reservations, tmp_path, monkeypatch):
    def full(*_args):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("ftstudio_ext.studio.reservations.write_json_atomic", full)
    with pytest.raises(OSError, match="No space"):
        reservations.reserve("sql", "job-1", "name")
    assert not (tmp_path / "adapters" / "sql").exists()
