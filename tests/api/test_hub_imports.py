"""Datasets from the hub: a light job brings them, and its outcome becomes the dataset's."""

from __future__ import annotations

import asyncio
import json

import pytest

from ftstudio_ext.handlers.events import JOB_EVENT
from tests.workers.stand_in_hub import COMMIT, Hub, Repo, serving

HUB = {"source": "hub", "repo_id": "org/sql"}


@pytest.fixture
def hub():
    rows = b'{"question": "all?", "sql": "SELECT *"}\n' * 12
    talk = json.dumps([{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Yo"}])
    lines = [f'{{"id": {n}, "messages": {talk}}}\n'.encode() for n in range(300)]
    whole, part = b"".join(lines), b"".join(lines[:100])
    chats = {"train.jsonl": whole, "test.jsonl": part, "validation.jsonl": whole}
    made = Hub(datasets={"org/sql": Repo({"train.jsonl": rows}), "org/chats": Repo(chats)})
    made.elsewhere = 5_000  # as large files of the hub are
    with serving(made) as hub:
        yield hub


@pytest.fixture
def jp_server_config(jp_server_config, hub, tmp_path):
    jp_server_config.FineTuningStudio.job_environment = {
        "HF_ENDPOINT": hub.url,
        "HF_HOME": str(tmp_path / "hf"),
        "HF_HUB_OFFLINE": "0",
    }
    return jp_server_config


async def until_settled(api, name):
    for _ in range(400):
        dataset = await api.get(f"datasets/{name}")
        if dataset["state"] != "importing":
            return dataset
        await asyncio.sleep(0.1)
    raise AssertionError(dataset)


async def test_a_hub_dataset_is_brought_by_a_job_and_pinned(api):
    hints = []

    async def listen(logger, schema_id, data):
        hints.append(data)

    api.serverapp.event_logger.add_listener(schema_id=JOB_EVENT, listener=listen)
    body = {"source": HUB, "request_id": "once"}
    first = await api.post("datasets", body)
    assert (first["name"], first["state"]) == ("sql", "importing") and first["job_id"]
    assert (await api.post("datasets", body))["id"] == first["id"]
    assert (await api.refused("GET", "datasets/sql/rows")).status == 409

    dataset = await until_settled(api, "sql")
    assert dataset["state"] == "ready", dataset["error"]
    assert (dataset["rows"], dataset["source_revision"]) == (12, COMMIT)
    assert (await api.get("datasets/sql/rows", limit=1))["rows"][0]["sql"] == "SELECT *"
    jobs = await api.get("jobs", type="import")
    assert jobs["total"] == 1 and jobs["items"][0]["id"] == first["job_id"]

    await asyncio.sleep(0.7)
    mine = [hint for hint in hints if hint["job_id"] == first["job_id"]]
    assert mine[0]["kind"] == "submitted" and mine[-1]["state"] == "succeeded"
    assert all(set(hint) == {"job_id", "kind", "state", "position"} for hint in mine)


async def test_splits_are_chosen_and_conversations_become_columns(api, hub):
    body = {
        "source": {"source": "hub", "repo_id": "org/chats", "splits": ["train", "test"]},
        "columns": {"id": None, "assistant": "answer"},
        "conversation": {"column": "messages"},
    }
    begun = await api.post("datasets", body)
    dataset = await until_settled(api, begun["id"])
    assert dataset["state"] == "ready", dataset["error"]
    assert [(split["name"], split["rows"]) for split in dataset["splits"]] == [
        ("train", 300),
        ("test", 100),
    ]
    assert [column["name"] for column in dataset["columns"]] == ["user", "answer"]
    assert any("/elsewhere/" in asked for asked in hub.asked), "large files come from elsewhere"

    body["source"]["splits"] = ["tset"]
    failed = await until_settled(api, (await api.post("datasets", body))["id"])
    assert failed["state"] == "failed" and "no split 'tset'" in failed["error"]


async def test_a_failed_import_says_why_and_does_not_keep_its_name(api, hub):
    wrong = {**HUB, "repo_id": "org/missing"}
    await api.post("datasets", {"name": "mine", "source": wrong})
    dataset = await until_settled(api, "mine")
    assert dataset["state"] == "failed" and "org/missing" in dataset["error"]
    folders = api.root / "ftstudio" / "datasets"
    assert not folders.exists() or list(folders.iterdir()) == []
    answer = await api.refused("POST", "prompts/suggest", {"dataset": "mine"})
    assert answer.status == 409 and "org/missing" in answer.error["remedy"]

    again = await api.post("datasets", {"name": "mine", "source": HUB})
    assert (await until_settled(api, "mine"))["state"] == "ready"
    assert again["id"] != dataset["id"]


async def test_a_stopped_import_can_be_resumed(api):
    body = {
        "type": "import",
        "request_id": "r",
        "hold": True,
        "spec": {"name": "later", "source": HUB},
    }
    job = await api.post("jobs", body)
    await api.post(f"jobs/{job['id']}/stop", {})
    assert (await until_settled(api, "later"))["error"] == "The import was stopped."
    await api.post(f"jobs/{job['id']}/resume")
    dataset = await until_settled(api, "later")
    assert (dataset["state"], dataset["rows"]) == ("ready", 12), dataset["error"]


async def test_running_jobs_keep_an_idle_server_alive(api):
    app = next(iter(api.serverapp.extension_manager.extension_apps["ftstudio_ext"]))
    assert not app.current_activity()
    job = await api.post("jobs", {"type": "import", "request_id": "r", "spec": {"source": HUB}})
    for _ in range(100):
        if app.current_activity():
            break
        await asyncio.sleep(0.02)
    assert app.current_activity() == {"jobs": 1}
    assert "ftstudio_last_activity" in api.serverapp.web_app.settings
    await until_settled(api, job["resolved"]["dataset"]["id"])
    await asyncio.sleep(1.2)
    assert not app.current_activity()
