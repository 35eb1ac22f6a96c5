"""Nothing that the store has acknowledged is lost: to kills, full disks, second servers."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ftstudio_ext.core.errors import NotFound, StudioError
from ftstudio_ext.schema.presets import Preset
from ftstudio_ext.store.database import Database

from .store_writers import insert_and_count, new_preset, write_forever

KILLS = 60

# Each process starts within milliseconds from a server that has the store imported already.
processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload(["tests.unit.store_writers"])


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 512 KiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("mounting a small disk needs root and the right to mount")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_killed_writer_loses_nothing_acknowledged(tmp_path):
    path, acknowledged = tmp_path / "studio.json", tmp_path / "acknowledged"
    rng = random.Random(0)
    for round_ in range(KILLS):
        before = acknowledged.stat().st_size if acknowledged.exists() else 0
        writer = processes.Process(target=write_forever, args=(path, acknowledged, round_))
        writer.start()
        while not acknowledged.exists() or acknowledged.stat().st_size == before:
            assert writer.is_alive()
            time.sleep(0.001)
        time.sleep(rng.uniform(0, 0.06))
        writer.kill()
        writer.join()
        check_acknowledged(path, acknowledged)


def check_acknowledged(path: Path, acknowledged: Path) -> None:
    """Saved records are there, at the acknowledged revision or a later one; deleted ones are
    gone; and the file never needed mending."""
    database = Database(path)
    assert database.notices == []
    presets = database.collection("presets", Preset)
    found = {preset.id: preset.revision for preset in presets.find()}
    expected: dict[str, tuple[str, int]] = {}
    for line in acknowledged.read_text().splitlines():
        verb, preset_id, revision = json.loads(line)
        expected[preset_id] = (verb, revision)
    for preset_id, (verb, revision) in expected.items():
        if verb == "saved":
            assert found[preset_id] >= revision
        elif verb == "deleted":
            assert preset_id not in found


def test_two_servers_on_one_file_lose_nothing(tmp_path):
    path, count = tmp_path / "studio.json", 60
    presets = Database(path).collection("presets", Preset)
    presets.insert(new_preset(name="counter").model_copy(update={"config": {"value": 0}}))
    writers = [
        processes.Process(target=insert_and_count, args=(path, f"writer {n}", count))
        for n in range(3)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
        assert writer.exitcode == 0
    assert presets.get("counter").config["value"] == 3 * count
    names = {preset.name for preset in presets.find()}
    assert names == {f"writer {n} {i}" for n in range(3) for i in range(count)} | {"counter"}


def test_threads_of_one_server_lose_nothing(tmp_path):
    database = Database(tmp_path / "studio.json")
    presets = database.collection("presets", Preset)

    def insert(thread: int) -> None:
        for number in range(20):
            presets.insert(new_preset(name=f"{thread}-{number}"))
            presets.list(limit=5)

    threads = [threading.Thread(target=insert, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert presets.list().total == 120


def test_a_server_sees_what_another_one_writes(tmp_path):
    one, two = (Database(tmp_path / "studio.json") for _ in range(2))
    here, there = one.collection("presets", Preset), two.collection("presets", Preset)
    saved = here.insert(new_preset(name="p"))
    assert there.get("p") == saved
    changed = there.update("p", {"description": "theirs"}, revision=1)
    assert here.get("p") == changed
    here.delete("p")
    with pytest.raises(NotFound):
        there.get("p")


def test_a_full_disk_is_said_and_the_old_file_stays(small_disk):
    path = small_disk / "studio.json"
    database = Database(path)
    presets = database.collection("presets", Preset)
    saved = [presets.insert(new_preset("x" * 20_000)).id]
    ballast = small_disk / "ballast"
    fill(ballast)

    with pytest.raises(StudioError, match="is full") as caught:
        while True:
            saved.append(presets.insert(new_preset("x" * 20_000)).id)
    assert caught.value.code == "disk_full"
    assert caught.value.remedy
    assert {preset.id for preset in presets.find()} == set(saved)

    while_full = Database(path)
    assert not any(notice.code == "recovered" for notice in while_full.notices)
    assert {p.id for p in while_full.collection("presets", Preset).find()} == set(saved)
    assert not list(small_disk.glob(".tmp-*")), "no half-written file is left behind"

    ballast.unlink()
    saved.append(presets.insert(new_preset(name="after")).id)
    saved.append(while_full.collection("presets", Preset).insert(new_preset(name="too")).id)
    assert {preset.id for preset in Database(path).collection("presets", Preset).find()} == set(
        saved
    )


def test_a_store_that_begins_on_a_full_disk_works_once_there_is_room(small_disk):
    ballast = small_disk / "ballast"
    fill(ballast)
    database = Database(small_disk / "studio.json")
    presets = database.collection("presets", Preset)
    assert presets.list().total == 0
    with pytest.raises(StudioError) as caught:
        presets.insert(new_preset("x" * 20_000))
    assert caught.value.code == "disk_full"
    ballast.unlink()
    presets.insert(new_preset(name="p"))
    assert Database(database.path).collection("presets", Preset).get("p")


def fill(path: Path) -> None:
    with pytest.raises(OSError), path.open("wb", buffering=0) as file:
        while True:
            file.write(b"x" * 4096)
