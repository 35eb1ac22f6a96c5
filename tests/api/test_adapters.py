"""Adapters: the folder is the truth; imports are copies; names change, folders stay."""

from __future__ import annotations

import asyncio
import io
import json
import zipfile

import pytest

from .conftest import write_adapter_folder


@pytest.fixture
async def adapter(api):
    write_adapter_folder(api.root / "mine")
    return await api.post("adapters", {"source": {"source": "directory", "path": "mine"}})


async def test_an_imported_adapter_is_a_copy_with_a_manifest(api, adapter):
    folder = api.root / "ftstudio" / "adapters" / "mine"
    assert adapter["path"] == str(folder) and adapter["config"]["r"] == 4
    assert adapter["manifest"]["origin"] == "imported"
    assert adapter["manifest"]["base_model"]["name"] == "org/base"
    assert json.loads((folder / "ftstudio.json").read_text())["id"] == adapter["id"]
    assert (await api.get("adapters/mine"))["id"] == adapter["id"]


async def test_an_adapter_finds_its_base_model(api, model):
    write_adapter_folder(api.root / "mine", base=str(api.root / "models" / "tiny"))
    source = {"source": "directory", "path": "mine"}
    adapter = await api.post("adapters", {"source": source})
    assert adapter["base_model_id"] == model["id"]
    assert (await api.get("adapters", base_model="tiny"))["total"] == 1
    answer = await api.refused("DELETE", "models/tiny")
    assert answer.status == 409 and "mine" in answer.error["message"]
    wrong = {"source": source, "base_model": "tyni"}
    assert "tiny" in (await api.refused("POST", "adapters", wrong)).error["remedy"]


async def test_a_folder_put_into_the_workspace_is_an_adapter_at_once(api, adapter):
    there = api.root / "ftstudio" / "adapters"
    manifest = {**adapter["manifest"], "id": "ad_other", "name": "by hand"}
    write_adapter_folder(there / "byhand")
    (there / "byhand" / "ftstudio.json").write_text(json.dumps(manifest))
    assert {a["name"] for a in (await api.get("adapters"))["items"]} == {"mine", "by hand"}


async def test_renaming_keeps_the_folder(api, adapter):
    renamed = await api.request("PATCH", "adapters/mine", {"name": "better"}, {"If-Match": "1"})
    assert renamed.json["path"] == adapter["path"] and renamed.json["revision"] == 2
    stale = await api.request("PATCH", "adapters/better", {"name": "best"}, {"If-Match": "1"})
    assert stale.status == 409


async def test_the_download_is_the_whole_folder(api, adapter):
    answer = await api.request("GET", "adapters/mine/download")
    assert answer.headers["Content-Type"] == "application/zip"
    archive = zipfile.ZipFile(io.BytesIO(answer.raw))
    assert archive.testzip() is None
    source = api.root / "mine" / "adapter_model.safetensors"
    assert archive.read("mine/adapter_model.safetensors") == source.read_bytes()
    assert "mine/ftstudio.json" in archive.namelist()


async def test_links_and_foreign_files_are_not_copied(api):
    write_adapter_folder(api.root / "mine")
    (api.root / "mine" / "evil.py").write_text("import os")
    (api.root / "mine" / "tokenizer.json").symlink_to("/etc/hostname")
    adapter = await api.post("adapters", {"source": {"source": "directory", "path": "mine"}})
    copied = {p.name for p in (api.root / "ftstudio" / "adapters" / "mine").iterdir()}
    assert copied == {"adapter_config.json", "adapter_model.safetensors", "ftstudio.json"}
    assert adapter["size_bytes"] > 0


async def test_a_deleted_adapter_is_gone_with_its_folder(api, adapter):
    assert (await api.request("DELETE", "adapters/mine")).status == 204
    assert (await api.get("adapters"))["total"] == 0
    assert [p for p in (api.root / "ftstudio" / "adapters").iterdir()] == []


async def test_a_folder_that_is_no_adapter_leaves_nothing(api):
    (api.root / "empty").mkdir()
    body = {"source": {"source": "directory", "path": "empty"}}
    assert (await api.refused("POST", "adapters", body)).status == 422
    assert (await api.get("adapters"))["total"] == 0


async def test_a_download_that_is_cancelled_is_no_fault_of_ours(api, adapter, jp_http_port, caplog):
    with (api.root / "ftstudio" / "adapters" / "mine" / "big.txt").open("wb") as file:
        file.truncate(200_000_000)
    reader, writer = await asyncio.open_connection("localhost", jp_http_port)
    address = f"{api.serverapp.base_url}ftstudio/api/adapters/mine/download"
    writer.write(
        f"GET {address} HTTP/1.1\r\nHost: localhost\r\n"
        f"Authorization: token {api.serverapp.identity_provider.token}\r\n\r\n".encode()
    )
    assert b"200 OK" in await reader.readline()
    writer.transport.abort()
    await asyncio.sleep(0.5)
    assert (await api.get("adapters"))["total"] == 1
    assert "Unexpected error" not in caplog.text
