"""Presets: built-in ones that cannot be changed, and one's own, checked by their kind."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("kind", ["lora", "quantization", "training", "generation"])
async def test_each_kind_has_a_default(api, kind):
    items = (await api.get("presets", kind=kind))["items"]
    assert items and all(item["builtin"] for item in items)


async def test_a_preset_is_saved_changed_and_deleted(api):
    body = {"name": "mine", "kind": "lora", "config": {"r": 4}}
    made = await api.post("presets", body)
    assert made["config"] == {"r": 4}
    changed = await api.ok("PATCH", "presets/mine", {"config": {"r": 2}, "description": "tiny"})
    assert (changed["config"], changed["revision"]) == ({"r": 2}, 2)
    assert (await api.request("DELETE", "presets/mine")).status == 204


async def test_a_preset_is_checked_by_the_model_of_its_kind(api):
    body = {"name": "bad", "kind": "lora", "config": {"r": 0}}
    assert (await api.refused("POST", "presets", body)).error["field"] == "config.r"
    body = {"name": "bad", "kind": "training", "config": {"dataset": "mine"}}
    assert (await api.refused("POST", "presets", body)).error["field"] == "config.dataset"


@pytest.mark.parametrize("verb", ["PATCH", "DELETE"])
async def test_built_in_presets_stay(api, verb):
    answer = await api.refused(
        verb, "presets/builtin-lora-default", {} if verb == "PATCH" else None
    )
    assert answer.status == 409 and "copy" in answer.error["remedy"]
