"""Base models: known by their facts, found again, deleted with care."""

from __future__ import annotations

import os


async def test_a_local_model_is_known_by_its_facts(api, model):
    assert model["facts"]["architecture"] == "LlamaForCausalLM"
    assert model["facts"]["parameters"] > 0 and model["facts"]["context_length"]
    assert model["source"]["path"] == "models/tiny"
    assert (await api.get("models"))["items"][0]["id"] == model["id"]


async def test_the_same_request_twice_makes_one_model(api, model):
    source = {"source": "directory", "path": "models/tiny"}
    body = {"source": source, "request_id": "once"}
    first, second = await api.post("models", body), await api.post("models", body)
    assert first == second and first["name"] == "tiny-2"


async def test_a_folder_without_a_model_is_refused(api):
    (api.root / "empty").mkdir()
    body = {"source": {"source": "directory", "path": "empty"}}
    answer = await api.refused("POST", "models", body)
    assert answer.status == 422 and answer.error["remedy"]
    assert (await api.get("models"))["total"] == 0


async def test_a_hub_model_without_the_hub_is_unavailable_for_now(api, monkeypatch):
    monkeypatch.setitem(os.environ, "HF_ENDPOINT", "http://127.0.0.1:9")
    body = {"source": {"source": "hub", "repo_id": "nobody/nothing"}}
    answer = await api.refused("POST", "models", body)
    assert answer.status == 503 and answer.error["remedy"]


async def test_a_model_is_renamed_and_taken_off_the_list(api, model):
    renamed = await api.ok("PATCH", "models/tiny", {"name": "small"})
    assert renamed["id"] == model["id"]
    assert (await api.request("DELETE", "models/small")).status == 204
    assert (api.root / "models" / "tiny" / "config.json").exists()
