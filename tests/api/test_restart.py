"""A second server on the same workspace finds everything that the first one has left."""

from __future__ import annotations

import fcntl
import json
import os

import pytest

from ftstudio_ext.app import FineTuningStudio
from ftstudio_ext.opening import Opening

from .conftest import write_adapter_folder
from .test_jobs import request


async def second_server(api):
    """The studio as a server started anew on this workspace builds it."""
    app = next(iter(api.serverapp.extension_manager.extension_apps["ftstudio_ext"]))
    assert isinstance(app, FineTuningStudio)
    first = app.opening
    again = Opening(
        first.settings, first.launcher_class, 600, 10, True, lambda hint: None, lambda active: None
    )
    return again, await again.studio()


@pytest.fixture
async def everything(api, colours, prompt, model):
    write_adapter_folder(api.root / "mine")
    await api.post("adapters", {"source": {"source": "directory", "path": "mine"}})
    await api.post("presets", {"name": "mine", "kind": "lora", "config": {"r": 4}})
    await api.post("jobs", request())


async def test_a_restarted_server_finds_everything_again(api, everything):
    opening, studio = await second_server(api)
    studio.reconcile()
    assert studio.datasets.get("colours").rows == 30
    assert studio.prompts.get("say it") and studio.models.get("tiny")
    assert studio.adapters.get("mine").config["r"] == 4
    assert studio.presets.get("mine").config == {"r": 4}
    assert studio.jobs.get("run").state == "held"
    assert studio.reservations.owner("run") == studio.jobs.get("run").id
    assert (await studio.datasets.rows("colours", limit=1)).total == 30
    await opening.close()


async def test_a_lost_index_is_rebuilt_from_the_folders(api, colours):
    (api.root / "ftstudio" / "studio.json").write_text(json.dumps({"_meta": {}}))
    opening, studio = await second_server(api)
    studio.reconcile()
    found = studio.datasets.get("colours")
    assert (found.id, found.rows, found.splits[0].file) == (colours["id"], 30, "train.arrow")
    await opening.close()


async def test_a_reservation_whose_job_is_gone_is_freed(api, everything):
    import shutil

    job = await api.get("jobs/run")
    shutil.rmtree(job["run_dir"])
    opening, studio = await second_server(api)
    studio.reconcile()
    assert studio.reservations.all() == {}
    assert not (api.root / "ftstudio" / "adapters" / "run").exists()
    await opening.close()


async def test_nothing_is_made_before_the_studio_is_used(api):
    assert not (api.root / "ftstudio").exists()
    await api.get("status")
    assert (api.root / "ftstudio").is_dir()


async def test_what_a_killed_import_has_left_is_swept_and_a_running_one_is_not(api, colours):
    folder = api.root / "ftstudio" / "datasets"
    for name in (".staging-killed", ".staging-alive"):
        (folder / name).mkdir()
        (folder / name / "train.0.piece").touch()
        os.utime(folder / name, (0, 0))
    held = os.open(folder / ".staging-alive", os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    opening, studio = await second_server(api)
    studio.reconcile()
    assert {path.name for path in folder.iterdir()} == {colours["id"], ".staging-alive"}
    os.close(held)
    await opening.close()
