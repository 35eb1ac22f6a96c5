"""Imports of folders, zips, conversations and uploads: looked at first, changed on the way, kept
in step with their source."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import zipfile
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

from ftstudio_ext.schema.datasets import Dataset, HubSource

from .conftest import write_colours

MESSAGES = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "Hi"},
    {"role": "assistant", "content": "Hello"},
    {"role": "user", "content": "2+2?"},
    {"role": "assistant", "content": "4"},
]


def lines(path, *rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def folder(path, **more):
    return {"source": "directory", "path": path, **more}


async def settled(api, dataset):
    for _ in range(600):
        if dataset["state"] != "importing":
            return dataset
        await asyncio.sleep(0.05)
        dataset = await api.get(f"datasets/{dataset['id']}")
    raise AssertionError(dataset)


def make_folder(root):
    for n in range(2):
        write_colours(root / "data" / "sql" / f"train-0000{n}-of-00002.jsonl", 10)
    write_colours(root / "data" / "sql" / "dev" / "part.jsonl", 4)
    write_colours(root / "data" / "sql" / "test.jsonl", 3)
    (root / "data" / "sql" / "README.md").write_text("# SQL")
    (root / "data" / "sql" / "dataset_info.json").write_text("{}")


async def test_a_folder_is_seen_before_it_is_imported(api):
    make_folder(api.root)
    seen = await api.post("datasets/peek", {"source": folder("data/sql"), "limit": 2})
    assert (seen["format"], seen["name"], seen["as_job"]) == ("jsonl", "sql", False)
    assert [(s["name"], len(s["files"])) for s in seen["splits"]] == [("train", 2), ("validation", 1), ("test", 1)]  # fmt: skip
    assert seen["ignored"] == ["README.md", "dataset_info.json"]
    assert [c["type"] for c in seen["columns"]] == ["int64", "string", "string"]
    assert len(seen["rows"]) == 2 and seen["recognised"]["format"] == "question_answer"
    assert (await api.get("datasets"))["total"] == 0, "a look keeps nothing"

    body = {"source": folder("data/sql"), "columns": {"answer": "colour", "id": None}}
    dataset = await api.post("datasets", body)
    assert {s["name"]: s["rows"] for s in dataset["splits"]} == {"train": 20, "validation": 4, "test": 3}  # fmt: skip
    assert [c["name"] for c in dataset["columns"]] == ["question", "colour"]
    assert dataset["column_changes"] == {"answer": "colour", "id": None}
    assert len(dataset["source_files"]) == 4


async def test_a_zip_is_a_folder(api):
    make_folder(api.root)
    with zipfile.ZipFile(api.root / "sql.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for path in (api.root / "data").rglob("*"):
            archive.write(path, path.relative_to(api.root / "data"))
        archive.writestr("__MACOSX/._test.jsonl", "junk")
    for source in (folder("sql.zip"), {"source": "file", "path": "sql.zip"}):
        seen = await api.post("datasets/peek", {"source": source})
        assert [len(split["files"]) for split in seen["splits"]] == [2, 1, 1]
        dataset = await api.post("datasets", {"source": source})
        assert (dataset["rows"], len(dataset["splits"])) == (27, 3)
        assert [file["path"] for file in dataset["source_files"]] == ["sql.zip"]
    kept = api.root / "ftstudio" / "datasets" / dataset["id"]
    assert {path.name for path in kept.iterdir()} == {"dataset.json", "train.arrow", "validation.arrow", "test.arrow"}  # fmt: skip


async def test_arrow_files_and_streams_and_several_files_a_split(api):
    table = pa.table({"a": [1, 2], "b": ["x", "y"]})
    with pa.ipc.new_file(str(api.root / "f.feather"), table.schema) as writer:
        writer.write_table(table)
    with pa.ipc.new_stream(str(api.root / "s.arrow"), table.schema) as writer:
        writer.write_table(table)
    (api.root / "t.csv").write_text("a,b\n3,z\n")
    source = {"source": "file", "path": {"train": ["f.feather", "s.arrow"], "test": "t.csv"}}
    dataset = await api.post("datasets", {"source": source})
    assert {s["name"]: s["rows"] for s in dataset["splits"]} == {"train": 4, "test": 1}
    assert dataset["source"]["path"] == {"train": ["f.feather", "s.arrow"], "test": "t.csv"}
    rows = await api.get(f"datasets/{dataset['id']}/rows", split="test")
    assert rows["rows"] == [{"a": 3, "b": "z"}]


async def test_conversations_become_columns_of_text(api):
    unanswered = [{"role": "user", "content": "?"}]
    lines(
        api.root / "chat.jsonl",
        {"id": 1, "messages": MESSAGES},
        {"id": 2, "messages": MESSAGES[1:3]},
        {"id": 3, "messages": unanswered},
    )
    source = {"source": "file", "path": "chat.jsonl"}
    seen = (await api.post("datasets/peek", {"source": source}))["recognised"]
    assert (seen["format"], seen["conversation"]["column"]) == ("messages", "messages")
    shown = await api.post("datasets/peek", {"source": source, "conversation": seen["conversation"]})  # fmt: skip
    assert [c["name"] for c in shown["columns"]] == ["id", "system", "history", "user", "assistant"]

    last = await api.post("datasets", {"source": source, "conversation": seen["conversation"]})
    rows = (await api.get(f"datasets/{last['id']}/rows"))["rows"]
    assert rows[0] == {
        "id": 1, "system": "Be brief.", "history": "User: Hi\nAssistant: Hello", "user": "2+2?", "assistant": "4",
    }  # fmt: skip
    assert len(rows) == 2 and last["notes"] == ["1 conversation without a question and an answer was left out."]  # fmt: skip
    each = {"column": "messages", "answers": "each"}
    every = await api.post("datasets", {"source": source, "conversation": each, "columns": {"id": None}})  # fmt: skip
    assert every["rows"] == 3


async def test_sharegpt_without_system_or_history_has_no_such_columns(api):
    talk = [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Hello"}]
    lines(api.root / "s.jsonl", {"conversations": talk}, {"conversations": talk})
    source = {"source": "file", "path": "s.jsonl"}
    seen = (await api.post("datasets/peek", {"source": source}))["recognised"]
    assert seen["format"] == "sharegpt"
    dataset = await api.post("datasets", {"source": source, "conversation": seen["conversation"]})
    assert [c["name"] for c in dataset["columns"]] == ["user", "assistant"]


async def test_a_changed_source_is_noticed_and_can_be_imported_again(api, colours):
    path = api.root / "data" / "colours.jsonl"
    assert (await api.get("datasets/colours"))["source_changed"] is False
    os.utime(path, (1, 1))
    assert (await api.get("datasets/colours"))["source_changed"] is False, "touched, not changed"
    write_colours(path, 31)
    seen = await api.get("datasets/colours")
    assert seen["source_changed"] and "data/colours.jsonl has changed" in seen["source_note"]
    assert "Import it again" in seen["source_note"]
    again = await api.post("datasets/colours/reimport")
    assert (again["name"], again["rows"], again["id"] != colours["id"]) == ("colours-2", 31, True)
    assert (await api.get("datasets/colours-2"))["source_changed"] is False
    path.unlink()
    assert "not there any more" in (await api.get("datasets/colours"))["source_note"]
    answer = await api.refused("POST", "datasets/colours/reimport")
    assert answer.status == 422 and "data/colours.jsonl" in answer.error["message"]


async def test_new_files_in_a_folder_are_noticed(api):
    make_folder(api.root)
    dataset = await api.post("datasets", {"source": folder("data/sql")})
    write_colours(api.root / "data" / "sql" / "train-more.jsonl", 1)
    note = (await api.get(f"datasets/{dataset['id']}"))["source_note"]
    assert "data/sql/train-more.jsonl is new" in note


class TestUploads:
    """As the browser does it: the contents API first, then an import by path."""

    async def upload(self, jp_fetch, name, data):
        for part in ("ftstudio", "ftstudio/uploads", "ftstudio/uploads/u1"):
            await jp_fetch("api/contents", part, method="PUT", body='{"type": "directory"}')
        body = {"type": "file", "format": "base64", "content": base64.b64encode(data).decode()}
        path = f"ftstudio/uploads/u1/{name}"
        await jp_fetch("api/contents", path, method="PUT", body=json.dumps(body))
        return path

    async def test_they_leave_nothing_behind(self, api, jp_fetch):
        assert (await api.get("status"))["uploads_path"] == "ftstudio/uploads"
        path = await self.upload(jp_fetch, "new.csv", b"a,b\n1,x\n")
        source = {"source": "file", "path": path}
        await api.post("datasets/peek", {"source": source})
        dataset = await api.post("datasets", {"source": source, "delete_source": True})
        assert (dataset["name"], dataset["rows"], dataset["uploaded"]) == ("new", 1, True)
        assert list((api.root / "ftstudio" / "uploads").iterdir()) == []
        assert (await api.get("datasets/new"))["source_changed"] is None
        answer = await api.refused("POST", "datasets/new/reimport")
        assert answer.status == 409 and "Upload" in answer.error["remedy"]

    async def test_a_refused_one_can_be_tried_again(self, api, jp_fetch):
        path = await self.upload(jp_fetch, "new.txt", b"a,b\n1,x\n")
        body = {"source": {"source": "file", "path": path}, "delete_source": True}
        await api.refused("POST", "datasets", body)
        body["source"]["format"] = "csv"
        assert (await api.post("datasets", body))["rows"] == 1

    async def test_nothing_else_is_deleted(self, api, colours):
        source = {"source": "file", "path": "data/colours.jsonl"}
        answer = await api.refused("POST", "datasets", {"source": source, "delete_source": True})
        assert (answer.status, answer.error["field"]) == (422, "delete_source")
        assert (api.root / "data" / "colours.jsonl").exists()

    async def test_forgotten_ones_are_swept(self, api, jp_fetch):
        path = api.root / await self.upload(jp_fetch, "old.csv", b"a\n1\n")
        young = api.root / "ftstudio" / "uploads" / "young.csv"
        young.write_text("a\n")
        os.utime(path, (1, 1))
        app = next(iter(api.serverapp.extension_manager.extension_apps["ftstudio_ext"]))
        studio = await app.opening.studio()
        await asyncio.to_thread(studio.reconcile)
        while path.parent.exists():  # the watch may sweep at the same time, in a thread of its own
            await asyncio.sleep(0.05)
        assert young.exists()


class TestLargeFiles:
    """Large is one byte here."""

    @pytest.fixture
    def jp_server_config(self, jp_server_config):
        jp_server_config.FineTuningStudio.import_job_bytes = 1
        return jp_server_config

    async def test_they_are_imported_by_a_job_that_counts_bytes(self, api):
        write_colours(api.root / "big.jsonl", 5_000)
        source = {"source": "file", "path": "big.jsonl"}
        seen = await api.post("datasets/peek", {"source": source})
        assert seen["as_job"] and seen["bytes"] == (api.root / "big.jsonl").stat().st_size
        body = {"source": source, "columns": {"id": None}, "request_id": "once"}
        begun = await api.post("datasets", body)
        assert begun["state"] == "importing" and begun["job_id"]
        assert (await api.post("datasets", body))["id"] == begun["id"]
        dataset = await settled(api, begun)
        assert (dataset["state"], dataset["rows"]) == ("ready", 5_000), dataset["error"]
        assert [c["name"] for c in dataset["columns"]] == ["question", "answer"]
        assert dataset["source_changed"] is False
        progress = (await api.get(f"jobs/{begun['job_id']}"))["progress"]
        assert (progress["unit"], progress["total_steps"]) == ("bytes", seen["bytes"])

    async def test_a_stopped_one_leaves_nothing_and_can_be_resumed(self, api):
        write_colours(api.root / "big.jsonl", 2_000)
        spec = {"name": "later", "source": {"source": "file", "path": "big.jsonl"}}
        job = await api.post("jobs", {"type": "import", "request_id": "r", "hold": True, "spec": spec})  # fmt: skip
        await api.post(f"jobs/{job['id']}/stop", {})
        stopped = await settled(api, await api.get("datasets/later"))
        assert (stopped["state"], stopped["error"]) == ("failed", "The import was stopped.")
        folders = api.root / "ftstudio" / "datasets"
        assert not folders.exists() or list(folders.iterdir()) == []
        await api.post(f"jobs/{job['id']}/resume")
        assert (await settled(api, await api.get("datasets/later")))["rows"] == 2_000

    async def test_a_broken_one_says_why_and_leaves_nothing(self, api):
        (api.root / "x.csv").write_text("a,b\n" + "1,2\n" * 3_000 + "1\n")
        begun = await api.post("datasets", {"source": {"source": "file", "path": "x.csv"}})
        failed = await settled(api, begun)
        assert failed["state"] == "failed" and "row 3,001" in failed["error"]
        assert list((api.root / "ftstudio" / "datasets").iterdir()) == []


async def test_a_dataset_whose_job_is_about_to_be_submitted_is_not_taken_for_a_failure(api):
    """The record is there a moment before the job; one that never got its job has failed."""
    studio = await api.serverapp.web_app.settings["ftstudio"].studio()
    records = studio.database.collection("datasets", Dataset)
    waiting = {"source": HubSource(repo_id="a/b"), "state": "importing", "job_id": "job-nowhere"}
    records.insert(Dataset(id="ds_soon", name="soon", **waiting))
    long_ago = datetime.now(UTC) - timedelta(minutes=10)
    records.insert(Dataset(id="ds_never", name="never", created_at=long_ago, **waiting))
    assert (await api.get("datasets/soon"))["state"] == "importing"
    assert (await api.get("datasets/never"))["state"] == "failed"
