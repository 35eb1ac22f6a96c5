"""A store that cannot be written safely can still be read, and says why."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ftstudio_ext.core.errors import Unavailable
from ftstudio_ext.schema.presets import Preset
from ftstudio_ext.store.database import Database

from .store_writers import new_preset


@pytest.fixture
def locked_folder(tmp_path: Path) -> Iterator[Path]:
    """A folder with a store of one preset, which cannot be written to. For root, whom modes do
    not stop, it is a disk mounted read-only."""
    folder = tmp_path / "workspace"
    folder.mkdir()
    root = os.geteuid() == 0
    if root and subprocess.run(["mount", "-t", "tmpfs", "tmpfs", folder]).returncode != 0:
        pytest.skip("root without the right to mount: no folder can be made read-only")
    Database(folder / "studio.json").collection("presets", Preset).insert(new_preset(name="p"))
    if root:
        subprocess.run(["mount", "-o", "remount,ro", folder], check=True)
    else:
        for part in (folder / ".run", folder):
            part.chmod(0o555)
    yield folder
    if root:
        subprocess.run(["umount", folder], check=True)
    else:
        for part in (folder, folder / ".run"):
            part.chmod(0o755)


def test_a_folder_that_cannot_be_written_is_read_only_and_says_so(locked_folder):
    database = Database(locked_folder / "studio.json")
    presets = database.collection("presets", Preset)
    assert database.read_only
    assert "cannot be written" in database.read_only_reason
    assert presets.get("p").name == "p"
    for write in (
        lambda: presets.insert(new_preset(name="q")),
        lambda: presets.update("p", {"description": "d"}),
        lambda: presets.delete("p"),
    ):
        with pytest.raises(Unavailable, match="Nothing can be changed") as caught:
            write()
        assert caught.value.code == "read_only"
    assert presets.list().total == 1


def test_a_damaged_file_in_a_read_only_folder_is_read_from_its_backup(locked_folder):
    if os.geteuid() != 0:
        (locked_folder / "studio.json").write_bytes(b"{")
    else:
        subprocess.run(["mount", "-o", "remount,rw", locked_folder], check=True)
        (locked_folder / "studio.json").write_bytes(b"{")
        subprocess.run(["mount", "-o", "remount,ro", locked_folder], check=True)
    database = Database(locked_folder / "studio.json")
    assert database.collection("presets", Preset).get("p").name == "p"
    assert [notice.code for notice in database.notices] == ["recovered"]


def test_a_busy_lock_is_said_instead_of_waiting_for_ever(tmp_path):
    one = Database(tmp_path / "studio.json")
    two = Database(tmp_path / "studio.json", lock_timeout_s=0.1)
    with one.transaction(), pytest.raises(Unavailable, match="Another server") as caught:
        two.collection("presets", Preset).insert(new_preset(name="p"))
    assert caught.value.code == "busy"
    two.collection("presets", Preset).insert(new_preset(name="p"))
