"""The server starts whatever has become of the file, and says what it did."""

from __future__ import annotations

import errno
import os
import time
from datetime import datetime
from pathlib import Path

import pytest

from ftstudio_ext.schema.presets import Preset
from ftstudio_ext.store import backups
from ftstudio_ext.store.database import Database

from .store_writers import new_preset

DAMAGE = {
    "emptied": lambda raw: b"",
    "cut to one byte": lambda raw: raw[:1],
    "cut in half": lambda raw: raw[: len(raw) // 2],
    "cut by one byte": lambda raw: raw[:-1],
    "zeroed": lambda raw: bytes(len(raw)),
    "another JSON": lambda raw: b'["not", "ours"]',
    "no documents": lambda raw: b'{"presets": {"pre_1": 1}}',
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A store of three presets."""
    presets = Database(tmp_path / "studio.json").collection("presets", Preset)
    for number in range(3):
        presets.insert(new_preset(name=f"preset {number}"))
    return tmp_path / "studio.json"


def names(database: Database) -> list[str]:
    return sorted(p.name for p in database.collection("presets", Preset).find())


ALL = ["preset 0", "preset 1", "preset 2"]


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_file_is_set_aside_and_nothing_is_lost(path, damage):
    bad = damage(path.read_bytes())
    path.write_bytes(bad)
    database = Database(path)
    assert names(database) == ALL
    [aside] = path.parent.glob("studio.json.corrupt-*")
    assert aside.read_bytes() == bad
    [notice] = database.notices
    assert notice.code == "recovered" and aside.name in notice.message and notice.remedy
    database.collection("presets", Preset).insert(new_preset(name="preset 3"))
    assert names(Database(path)) == [*ALL, "preset 3"]
    assert Database(path).notices == []


def test_a_file_damaged_under_a_running_server_is_mended_from_memory(path):
    database = Database(path)
    assert names(database) == ALL
    path.write_bytes(path.read_bytes()[:50])
    assert names(database) == ALL, "readers go on with what was good"
    database.collection("presets", Preset).insert(new_preset(name="preset 3"))
    assert [notice.code for notice in database.notices] == ["recovered"]
    assert names(Database(path)) == [*ALL, "preset 3"]


def test_a_file_deleted_under_a_running_server_comes_back(path):
    database = Database(path)
    path.unlink()
    assert names(database) == ALL
    database.collection("presets", Preset).insert(new_preset(name="preset 3"))
    assert names(Database(path)) == [*ALL, "preset 3"]


def test_an_older_backup_is_taken_when_the_newest_is_damaged_too(path):
    day = path.parent / "backups" / "studio-2026-01-01.json"
    day.write_bytes(path.read_bytes())
    os.utime(day, (0, 0))
    for newer in set(day.parent.iterdir()) - {day}:
        newer.write_bytes(b"{")
    path.write_bytes(b"{")
    database = Database(path)
    assert names(database) == ALL
    assert "1970-01-01" in database.notices[0].message, "it says from when the backup is"


def test_without_any_backup_the_store_begins_empty_and_says_so(path):
    for backup in (path.parent / "backups").iterdir():
        backup.unlink()
    path.write_bytes(b"{")
    database = Database(path)
    assert names(database) == []
    assert "begins empty" in database.notices[0].message
    database.collection("presets", Preset).insert(new_preset(name="new"))
    assert names(Database(path)) == ["new"]


def test_a_fresh_workspace_is_no_damage(tmp_path):
    database = Database(tmp_path / "new folder" / "studio.json")
    assert names(database) == [] and database.notices == []
    assert not list(tmp_path.rglob("*.corrupt-*"))


def test_one_backup_a_day_is_kept_for_the_last_days(path, monkeypatch):
    folder = path.parent / "backups"
    first_day = 1_767_225_600  # 2026-01-01
    for day in range(8):
        now = first_day + day * 86_400
        with monkeypatch.context() as patch:
            patch.setattr(backups, "datetime", FrozenDate(now))
            for change in range(3):
                database = Database(path)
                presets = database.collection("presets", Preset)
                presets.insert(new_preset(name=f"day {day} change {change}"))
        os.utime(folder / f"studio-2026-01-0{day + 1}.json", (now, now))
    # The copy that the fixture made today is the newest of all.
    daily = sorted(p.name for p in folder.glob("studio-????-??-??.json"))
    assert daily[:-1] == [f"studio-2026-01-0{day}.json" for day in (5, 6, 7, 8)]
    assert len(daily) == backups.KEEP_DAILY
    (folder / "studio-latest.json").unlink()
    (folder / daily[-1]).unlink()
    path.write_bytes(b"")
    restored = names(Database(path))
    assert "day 6 change 2" in restored and "day 7 change 0" not in restored


class FrozenDate:
    """Stands in for `datetime`, which cannot be patched itself."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def now(self, zone):
        return datetime.fromtimestamp(self._seconds, zone)


def test_left_over_temporary_files_are_swept_at_start(path):
    old, young = path.parent / ".tmp-old", path.parent / ".tmp-young"
    for left_over in (old, young):
        left_over.write_bytes(b"half a fi")
    hour_ago = time.time() - 3600
    os.utime(old, (hour_ago, hour_ago))
    Database(path)
    assert not old.exists()
    assert young.exists(), "it may be another writer's, in use"


def test_where_file_locks_do_not_work_the_store_is_read_only(path, monkeypatch):
    def no_locks(*_):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.flock", no_locks)
    database = Database(path)
    assert database.read_only
    assert "File locks do not work" in database.read_only_reason
    assert names(database) == ALL
