"""The stored form changes step by step, each after a backup, and never half."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

from ftstudio_ext.core.errors import Unavailable
from ftstudio_ext.schema.presets import Preset
from ftstudio_ext.store.database import Database
from ftstudio_ext.store.migrations import MIGRATIONS, Migration, check_order

from .store_writers import new_preset


def describe_all(tables):
    for document in tables["presets"].values():
        document["description"] = "step 2"


def append_step(tables):
    for document in tables["presets"].values():
        document["description"] += ", step 3"


def fail(tables):
    describe_all(tables)
    raise ValueError("no such column")


TWO = Migration(2, "describe all presets", describe_all)
THREE = Migration(3, "note the third step", append_step)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A store of the first version with one preset."""
    database = Database(tmp_path / "studio.json", migrations=())
    database.collection("presets", Preset).insert(new_preset(name="p"))
    return database.path


def description(database: Database) -> str:
    return database.collection("presets", Preset).get("p").description


def stored_version(path: Path) -> int:
    return json.loads(path.read_text())["_meta"]["schema"]["version"]


def test_steps_are_taken_in_order_and_once(path):
    assert description(Database(path, migrations=(TWO, THREE))) == "step 2, step 3"
    assert description(Database(path, migrations=(TWO, THREE))) == "step 2, step 3"
    assert stored_version(path) == 3


def test_a_store_may_fall_several_versions_behind(path):
    Database(path, migrations=(TWO,))
    assert description(Database(path, migrations=(TWO, THREE))) == "step 2, step 3"


def test_a_new_store_begins_at_the_newest_version(tmp_path):
    Database(tmp_path / "studio.json", migrations=(TWO, THREE))
    assert stored_version(tmp_path / "studio.json") == 3


def test_a_backup_is_made_before_each_step(path):
    before = path.read_bytes()
    Database(path, migrations=(TWO, THREE))
    two, three = sorted((path.parent / "backups").glob("studio-before-v*.json"))
    assert two.read_bytes() == before
    assert stored_version(three) == 2


def test_a_failing_step_changes_nothing_and_is_explained(path, caplog):
    before = path.read_bytes()
    database = Database(path, migrations=(Migration(2, "describe all presets", fail),))
    assert path.read_bytes() == before
    assert "describe all presets" in database.read_only_reason
    assert "no such column" in database.read_only_reason
    assert description(database) == ""
    with pytest.raises(Unavailable):
        database.collection("presets", Preset).delete("p")


def test_a_file_of_a_newer_version_is_read_only(path):
    Database(path, migrations=(TWO, THREE))
    older = Database(path, migrations=(TWO,))
    assert "newer" in older.read_only_reason
    assert description(older) == "step 2, step 3"


def test_a_running_server_stops_writing_once_another_one_has_migrated(path):
    older = Database(path, migrations=())
    Database(path, migrations=(TWO,))
    with pytest.raises(Unavailable, match="newer"):
        older.collection("presets", Preset).delete("p")
    assert older.read_only
    assert description(older) == "step 2"


def test_two_servers_that_start_at_once_migrate_once(path):
    starts = [
        threading.Thread(target=Database, args=(path,), kwargs={"migrations": (TWO, THREE)})
        for _ in range(4)
    ]
    for start in starts:
        start.start()
    for start in starts:
        start.join()
    assert description(Database(path, migrations=(TWO, THREE))) == "step 2, step 3"


def test_our_own_steps_are_in_order():
    check_order(MIGRATIONS)
    with pytest.raises(ValueError):
        check_order((THREE,))
