"""Adapter folders that people have edited, broken or filled by hand hide and harm no others."""

from __future__ import annotations

import io
import json
import os
import zipfile

import pytest

from .conftest import write_adapter_folder

GOOD = {"id": "ad_hand", "name": "by hand", "origin": "trained"}
DEEP = "[" * 100_000

# What stands in ftstudio.json, and in adapter_config.json; whether the adapter is still listed.
BROKEN = {
    "cut short": ("{", "{}", False),
    "no object": ("[]", "{}", False),
    "empty": ("", "{}", False),
    "nested too deeply": (DEEP, "{}", False),
    "a name of half a character": ({**GOOD, "name": "\ud800"}, "{}", False),
    "half a character within": ({**GOOD, "dataset": {"name": "\ud800"}}, "{}", False),
    "a time that is none in UTC": ({**GOOD, "created_at": "0001-01-01T00:00:00+14:00"}, "{}", False),
    "ids that are no text": ({**GOOD, "base_model": {"id": 5}, "dataset": {"id": [1]}}, "{}", True),
    "a broken configuration": (GOOD, "{", True),
    "a deep configuration": (GOOD, DEEP, True),
    "half a character in the configuration": (GOOD, '{"x": "\\ud800"}', True),
}  # fmt: skip


@pytest.fixture
async def adapters(api):
    """The folder of the adapters, with a whole one in it."""
    write_adapter_folder(api.root / "mine")
    await api.post("adapters", {"source": {"source": "directory", "path": "mine"}})
    return api.root / "ftstudio" / "adapters"


def put(folder, manifest=GOOD, config="{}"):
    write_adapter_folder(folder)
    text = manifest if isinstance(manifest, str) else json.dumps(manifest)
    (folder / "ftstudio.json").write_text(text)
    (folder / "adapter_config.json").write_text(config)


@pytest.mark.parametrize("manifest, config, listed", BROKEN.values(), ids=BROKEN.keys())
async def test_a_broken_folder_does_not_hide_the_others(api, adapters, manifest, config, listed):
    put(adapters / "hand", manifest, config)
    for _ in range(2):
        names = {adapter["name"] for adapter in (await api.get("adapters"))["items"]}
        assert names == ({"mine", "by hand"} if listed else {"mine"})


async def test_a_mended_folder_is_back_at_once(api, adapters):
    put(adapters / "hand", "{")
    assert (await api.get("adapters"))["total"] == 1
    (adapters / "hand" / "ftstudio.json").write_text(json.dumps(GOOD))
    assert (await api.get("adapters"))["total"] == 2


async def test_pipes_in_place_of_files_keep_nobody_waiting(api, adapters):
    for name in ("ftstudio.json", "adapter_config.json"):
        put(adapters / name)
        (adapters / name / name).unlink()
        os.mkfifo(adapters / name / name)
    assert {a["name"] for a in (await api.get("adapters"))["items"]} == {"mine", "by hand"}


@pytest.mark.parametrize("name", ['quo"te\nbreak', "grün 😀"])
async def test_a_folder_of_any_name_is_downloaded(api, adapters, name):
    put(adapters / name)
    (adapters / name / "passwords").symlink_to("/etc/passwd")
    os.mkfifo(adapters / name / "pipe")
    answer = await api.request("GET", "adapters/ad_hand/download")
    assert answer.status == 200, answer.raw
    names = zipfile.ZipFile(io.BytesIO(answer.raw)).namelist()
    assert [n.rsplit("/")[-1] for n in names] == [
        "adapter_config.json",
        "adapter_model.safetensors",
        "ftstudio.json",
    ]


async def test_a_linked_folder_is_unlinked_not_emptied(api, adapters):
    put(api.root / "elsewhere")
    (adapters / "link").symlink_to(api.root / "elsewhere")
    assert (await api.request("DELETE", "adapters/ad_hand")).status == 204
    assert (api.root / "elsewhere" / "ftstudio.json").exists()
    assert [path.name for path in adapters.iterdir() if path.name != ".reserved"] == ["mine"]


@pytest.mark.parametrize("base", ['"a\\u0000b"', "5", '"' + "x/" * 5000 + '"', '"loop"'])
async def test_any_name_of_a_base_model_can_be_imported(api, model, base, monkeypatch):
    monkeypatch.chdir(api.root)
    (api.root / "loop").symlink_to("loop")
    write_adapter_folder(api.root / "mine")
    config = f'{{"peft_type": "LORA", "r": 4, "base_model_name_or_path": {base}}}'
    (api.root / "mine" / "adapter_config.json").write_text(config)
    adapter = await api.post("adapters", {"source": {"source": "directory", "path": "mine"}})
    assert adapter["base_model_id"] is None
