"""What lies on the disk is told in full, and only what nothing needs can be cleaned."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest
from traitlets.config import Config

from ftstudio_ext.jobs import checkpoints, protocol

from .conftest import Api, write_adapter_folder

REPO = "org/kept-model"


@pytest.fixture
def jp_server_config(tmp_path: Path) -> Config:
    return Config(
        {
            "ServerApp": {"jpserver_extensions": {"ftstudio_ext": True}},
            "FineTuningStudio": {"cache_dir": str(tmp_path / "cache")},
        }
    )


def make_job(
    workspace: Path, name: str, state: str, steps: tuple[int, ...], **resolved: Any
) -> Path:
    """A run directory as a job has left it, with sealed checkpoints of 1,000 bytes and more."""
    run_dir = workspace / "jobs" / f"job-{name}"
    for folder in ("attempts", "control", "checkpoints", "result"):
        (run_dir / folder).mkdir(parents=True)
    spec = {"id": run_dir.name, "type": "train", "name": name, "request_id": name, "module": "x"}
    spec |= {"python": "x", "pythonpath": "x", "spec": {}, "resolved": resolved}
    (run_dir / "spec.json").write_text(json.dumps(spec))
    (run_dir / "user.json").write_text(json.dumps({"name": name}))
    (run_dir / "state.json").write_text(json.dumps({"state": "queued", "attempt": 1}))
    protocol.write_state(run_dir, state=state)
    for step in steps:
        folder = run_dir / "checkpoints" / f"checkpoint-{step}"
        folder.mkdir()
        (folder / "weights").write_bytes(bytes(1000))
        (folder / "trainer_state.json").write_text(json.dumps({"best_global_step": 20}))
        checkpoints.seal(folder)
    return run_dir


def left(run_dir: Path) -> list[str]:
    return sorted(path.name for path in (run_dir / "checkpoints").iterdir())


def make_cached(cache: Path, folder: str, content: bytes = bytes(5000)) -> Path:
    """A repository as the hub's cache keeps it: a blob, and a link to it."""
    home = cache / "hub" / folder
    (home / "blobs").mkdir(parents=True)
    (home / "blobs" / "abc").write_bytes(content)
    (home / "snapshots" / "c0ffee").mkdir(parents=True)
    (home / "snapshots" / "c0ffee" / "model.safetensors").symlink_to("../../blobs/abc")
    return home


async def items(api: Api, **query: Any) -> dict[str, dict[str, Any]]:
    answer = await api.get("storage", limit=500, refresh="true", **query)
    return {item["id"]: item for item in answer["items"]}


@pytest.fixture
async def workspace(api: Api) -> Path:
    return Path((await api.get("status"))["workspace"])


async def test_checkpoints_that_a_job_may_need_stay(api: Api, workspace: Path) -> None:
    steps = (10, 20, 30, 40)
    done = make_job(workspace, "done", "succeeded", steps)
    failed = make_job(workspace, "failed", "failed", steps)
    running = make_job(workspace, "held", "held", steps)
    found = await items(api)
    assert found["job:job-done"]["cleanable_bytes"] > 2000
    assert found["job:job-held"]["cleanable_bytes"] == 0
    assert found["job:job-held"]["kept"]
    cleaned = await api.post("storage/clean", {"items": ["job:job-done", "job:job-failed"]})
    assert cleaned["freed_bytes"] > 3000
    assert left(done) == ["checkpoint-20", "checkpoint-40"]  # the best and the last
    assert left(failed) == ["checkpoint-20", "checkpoint-30", "checkpoint-40"]
    assert left(running) == [f"checkpoint-{step}" for step in steps]
    again = await api.refused("POST", "storage/clean", {"items": ["job:job-done"]})
    assert again.status == 409


async def test_a_resumable_job_keeps_two_checkpoints_that_are_whole(
    api: Api, workspace: Path
) -> None:
    lost = make_job(workspace, "lost", "lost", (30, 40, 50, 60))
    (lost / "checkpoints" / "checkpoint-60" / "weights").write_bytes(b"torn")
    (lost / "checkpoints" / "checkpoint-70").mkdir()
    await api.post("storage/clean", {"items": ["job:job-lost"]})
    assert left(lost) == ["checkpoint-40", "checkpoint-50"]


async def test_caches_tell_what_uses_them(api: Api, workspace: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    unused = make_cached(cache, "models--org--unused")
    needed = make_cached(cache, "models--org--kept-model")
    busy = make_cached(cache, "models--org--busy")
    (busy / "blobs" / "def.incomplete").write_bytes(b"half")
    model = {"id": "bm_1", "name": "kept", "source": {"source": "hub", "repo_id": REPO}}
    make_job(workspace, "stopped", "stopped", (), base_model=model)
    found = await items(api, kind="model_cache")
    assert found["model_cache:models--org--unused"]["size_bytes"] == 5000  # links are not counted
    assert found["model_cache:models--org--kept-model"]["used_by"] == [
        {"kind": "job", "id": "job-stopped", "name": "stopped"}
    ]
    for folder in ("kept-model", "busy"):
        await api.refused(
            "POST", "storage/clean", {"items": [f"model_cache:models--org--{folder}"]}
        )
    both = ["model_cache:models--org--unused", "model_cache:models--org--kept-model"]
    refused = await api.refused("POST", "storage/clean", {"items": both})
    assert refused.error["code"] == "in_use" and unused.is_dir()
    await api.post("storage/clean", {"items": both[:1]})
    assert not unused.exists() and needed.is_dir() and busy.is_dir()


async def test_a_dataset_s_download_may_go_while_its_copy_stays(
    api: Api, colours: dict[str, Any], workspace: Path, tmp_path: Path
) -> None:
    prepared = tmp_path / "cache" / "datasets" / "org___rows" / "default"
    prepared.mkdir(parents=True)
    (prepared / "rows.arrow").write_bytes(bytes(700))
    found = await items(api)
    assert found[f"dataset:{colours['id']}"]["cleanable_bytes"] == 0
    assert found["dataset_cache:org___rows"]["cleanable_bytes"] == 700
    await api.post("storage/clean", {"items": ["dataset_cache:org___rows"]})
    assert not prepared.exists()


async def test_left_overs_go_only_when_nobody_writes_to_them(api: Api, workspace: Path) -> None:
    (workspace / "adapters").mkdir(exist_ok=True)
    for name in (".half-old", ".half-new"):  # of no kind that goes by itself
        (workspace / "adapters" / name).mkdir()
        (workspace / "adapters" / name / "part").write_bytes(bytes(50))
    old = workspace / "adapters" / ".half-old"
    for path in (old / "part", old):
        os.utime(path, (time.time() - 7200,) * 2)
    found = await items(api, kind="leftover")
    assert found["leftover:adapters/.half-old"]["cleanable_bytes"] == 50
    assert found["leftover:adapters/.half-new"]["cleanable_bytes"] == 0
    await api.post("storage/clean", {"items": ["leftover:adapters/.half-old"]})
    assert not old.exists()


async def test_adapters_and_the_sum_of_everything(api: Api, workspace: Path) -> None:
    write_adapter_folder(api.root / "peft")
    await api.post("adapters", {"name": "mine", "source": {"source": "directory", "path": "peft"}})
    answer = await api.get("storage", limit=1, refresh="true")
    assert len(answer["items"]) == 1 and answer["total"] > 1
    assert answer["size_bytes"] == sum(group["size_bytes"] for group in answer["groups"])
    assert {"adapter", "other"} <= {group["kind"] for group in answer["groups"]}
    assert answer["disks"][0]["holds"][0] == "workspace"
    missing = await api.refused("POST", "storage/clean", {"items": ["job:none"]})
    assert missing.status == 404


async def test_people_are_warned_before_the_quota_is_hit(api: Api, workspace: Path) -> None:
    studio = await api.serverapp.web_app.settings["ftstudio"].studio()
    (workspace / "mlartifacts").mkdir()
    (workspace / "mlartifacts" / "big").write_bytes(bytes(95_000))
    before = [warning["code"] for warning in (await api.get("storage"))["warnings"]]
    object.__setattr__(studio.settings, "storage_quota_bytes", 100_000)
    after = [warning["code"] for warning in (await api.get("storage", refresh="true"))["warnings"]]
    assert "quota_nearly_full" not in before and "quota_nearly_full" in after


async def test_jobs_and_helpers_use_the_operator_s_cache(api: Api, tmp_path: Path) -> None:
    studio = await api.serverapp.web_app.settings["ftstudio"].studio()
    env = studio.settings.worker_env
    assert env["HF_HUB_CACHE"] == str(tmp_path / "cache" / "hub")
    assert env["HF_DATASETS_CACHE"] == str(tmp_path / "cache" / "datasets")
    assert "HF_HOME" not in env  # the token stays where it is
